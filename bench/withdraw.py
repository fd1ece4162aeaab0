"""Times a withdrawal from a generated release: all of it, and what is beyond writing the touched shards anew.

Records of a user's own, one in fifty of which quotes another in full. CPU seconds of one process; the first argument is
the number of records.
"""

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import crawl

from broadsheet import config
from broadsheet.build import build
from broadsheet.release import without
from broadsheet.release.withdraw import Wanted, withdraw

QUOTING = 50


def records(n: int) -> list[dict[str, Any]]:
    """Texts of some 120 words by one of a thousand authors."""
    rng, writer = random.Random(1), crawl.Writer(1)
    found: list[dict[str, Any]] = []
    for i in range(n):
        text = writer.article(2)
        if i % QUOTING == QUOTING - 1:
            text += "\n\n" + found[rng.randrange(i)]["text"]
        found.append({"id": str(i), "text": text, "author": f"Author {rng.randrange(1000)}", "title": f"No {i}"})
    return found


def timed(call: Callable[..., Any], seconds: list[float]) -> Callable[..., Any]:
    """The same call, which adds up its CPU seconds."""

    def wrapped(*arguments: Any) -> Any:
        started = time.process_time()
        made = call(*arguments)
        seconds.append(time.process_time() - started)
        return made

    return wrapped


def measure(n: int, folder: Path) -> dict[str, Any]:
    """CPU seconds of one record's withdrawal, and of an author's."""
    (folder / "r.jsonl").write_text("".join(json.dumps(row) + "\n" for row in records(n)), "utf-8")
    built = build([folder / "r.jsonl"], config.load(None, {"name": "bench"}), out=folder / "dist", n_workers=1)
    shards: list[float] = []
    without._table = timed(without._table, shards)
    told: dict[str, Any] = {"records": built.manifest["ledger"]["n_canonical"]}
    told["mb"] = round(sum(table["n_bytes"] for table in built.manifest["tables"]) / 1e6)
    wants = {"record": Wanted(ids=(an_id(built.path),)), "author": Wanted(authors=("Author 7",))}
    for name, wanted in wants.items():
        shards.clear()
        started = time.process_time()
        found = withdraw(built.path.parent, wanted, reason="measured")
        total = time.process_time() - started
        told[name] = {
            "withdrawn": len(found.records),
            "quotations": len(found.quotations),
            "cpu_s": round(total, 1),
            "shards_cpu_s": round(sum(shards), 1),
            "beyond_cpu_s": round(total - sum(shards), 1),
        }
    told["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return told


def an_id(release: Path) -> str:
    """The id of the first record."""
    import pyarrow.parquet as pq

    return str(pq.read_table(next((release / "data" / "articles").iterdir()), columns=["id"]).column("id")[0])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        print(json.dumps(measure(int(sys.argv[1]) if sys.argv[1:] else 100_000, Path(temporary)), indent=1))
