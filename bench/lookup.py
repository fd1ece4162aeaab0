"""How long `trace` takes to look a record up in a large release.

    python bench/lookup.py [--records 1000000] [--keep FOLDER]

The release is that of the example site, copied as often as needed with other ids, addresses, paths and orders of words
(page texts are left as they are: they are not searched), and written with the settings of every release. Each lookup is
a process of its own, with the files in the system's cache; the figures are the medians of five.
"""

import argparse
import hashlib
import json
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from broadsheet.contract import RECORD_CONFIGS
from broadsheet.export.shards import GROUP_BYTES, parquet_writer

ROOT: Final = Path(__file__).resolve().parents[1]
EXAMPLE: Final = ROOT / "dist" / "harbour" / "0.1.0"
IDS: Final = frozenset(
    ["id", "page_id", "record_id", "canonical_id", "parent_id", "story", "a", "b", "thread", "content_digest"]
)
ORDER: Final = {"segments": ["page_id", "start"], "pairs": ["a", "b"], "pages": ["page_id"]}
N_RUNS: Final = 5


def changed(column: pa.Array, change: Callable[[str], str]) -> pa.Array:
    """The column with every text in it changed, at whatever depth."""
    if pa.types.is_list(column.type):
        inner = changed(column.values, change)
        return pa.ListArray.from_arrays(column.offsets, inner, type=column.type, mask=column.is_null())
    if pa.types.is_struct(column.type):
        inner = [
            changed(column.field(i), change) if f.name in {"url", "path"} else column.field(i)
            for i, f in enumerate(column.type)
        ]
        return pa.StructArray.from_arrays(inner, fields=list(column.type), mask=column.is_null())
    if not pa.types.is_string(column.type):
        return column
    known = {text: None if text is None else change(text) for text in pc.unique(column).to_pylist()}
    return pa.array([known[text] for text in column.to_pylist()], pa.string())


def copy_of(table: pa.Table, number: int) -> pa.Table:
    """The table with ids and addresses of its own. Ids of one value stay those of one value."""
    digits, rng = str(number), random.Random(number)

    def other_id(text: str) -> str:
        made = hashlib.sha256(f"{number}:{text}".encode()).hexdigest()
        return made[: len(text)] if len(text) in {32, 64} else text + digits

    columns = []
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        if name in IDS:
            column = changed(column, other_id)
        elif name in {"url", "captures"}:
            column = changed(column, lambda text: f"{text}-{digits}")
        elif name == "text" and "split" in table.column_names:
            column = changed(column, lambda text: " ".join(rng.sample(words := text.split(), len(words))))
        columns.append(column)
    return pa.Table.from_arrays(columns, schema=table.schema)


def inflate(target: Path, n_records: int) -> int:
    """Writes a release of at least so many records; their number."""
    manifest = json.loads((EXAMPLE / "manifest.json").read_text("utf-8"))
    n_own = sum(table["n_rows"] for table in manifest["tables"] if table["config"] in RECORD_CONFIGS)
    n_copies = -(-n_records // n_own)
    for table in manifest["tables"]:
        (name,) = table["files"]["parquet"]
        one = pq.read_table(EXAMPLE / name)
        whole = pa.concat_tables(copy_of(one, number) for number in range(n_copies)).combine_chunks()
        whole = whole.take(pc.sort_indices(whole, [(key, "ascending") for key in ORDER.get(table["config"], ["id"])]))
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        group_rows = GROUP_BYTES * table["n_rows"] // table["n_bytes"]
        with parquet_writer(target / name, whole.schema, group_rows) as writer:
            writer.write_table(whole, row_group_size=group_rows)
        table["n_rows"] = len(whole)
    (target / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    shutil.copytree(EXAMPLE / "schema", target / "schema")
    return n_copies * n_own


def lookups(release: Path) -> Iterator[tuple[str, str]]:
    """What is looked up, by kind: an id, the beginning of one, a folded id, an address, a path."""
    segments = pq.ParquetFile(next((release / "data" / "segments").iterdir()))
    rows = segments.read_row_group(segments.num_row_groups // 2, columns=["record_id", "canonical_id"]).to_pylist()
    own = next(row for row in rows if row["record_id"] and row["record_id"] == row["canonical_id"])
    folded = next(row for row in rows if row["record_id"] and row["record_id"] != row["canonical_id"])
    pages = pq.ParquetFile(next((release / "data" / "pages").iterdir()))
    captures = pages.read_row_group(pages.num_row_groups // 2, columns=["captures"]).column(0).to_pylist()
    capture = next(of[0] for of in captures if of[0]["url"])
    yield "id", own["record_id"]
    yield "beginning of an id", own["record_id"][:12]
    yield "id of a folded record", folded["record_id"]
    yield "address", capture["url"]
    yield "path", capture["path"]


def measured(release: Path, name: str) -> tuple[float, float]:
    """Wall and CPU seconds of a lookup as a process."""
    command = [sys.executable, "-m", "broadsheet", "trace", str(release), name]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode and "may mean" not in done.stderr and "is no record" not in done.stderr:
        sys.exit(done.stderr)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(argv: Any = None) -> None:
    """Prints a line a lookup."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="where to keep the release, or to take it from")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as temporary:
        release = arguments.keep or Path(temporary) / "release"
        if not (release / "manifest.json").exists():
            release.mkdir(parents=True)
            inflate(release, arguments.records)
        manifest = json.loads((release / "manifest.json").read_text("utf-8"))
        n_rows = {table["config"]: 0 for table in manifest["tables"]}
        for table in manifest["tables"]:
            n_rows[table["config"]] += table["n_rows"]
        print(", ".join(f"{n:,} {config}" for config, n in n_rows.items()))
        print(f"{'lookup':<24} {'wall s':>8} {'CPU s':>8}")
        for kind, name in lookups(release):
            runs = [measured(release, name) for _ in range(N_RUNS)]
            wall, cpu = (statistics.median(values) for values in zip(*runs, strict=True))
            print(f"{kind:<24} {wall:8.2f} {cpu:8.2f}")


if __name__ == "__main__":
    main()
