"""Times the build of a generated crawl, stage by stage, as ratios to a floor measured in the same run.

The floor reads the same files and writes the same rows as Parquet with pyarrow and as JSON lines with zlib-ng, and
does nothing else. CPU seconds of one process; the first argument is the number of pages.
"""

import gzip
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import crawl
import pyarrow.parquet as pq

from broadsheet import config
from broadsheet.build import Event, build
from broadsheet.export.jsonl import GzipLines


def measure(n_pages: int) -> dict[str, Any]:
    """CPU seconds per stage and of the floor, for a crawl of `n_pages`."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        n_bytes = crawl.write(folder / "crawl", n_pages)
        stages: dict[str, float] = {}
        last = time.process_time()

        def watch(event: Event) -> None:
            nonlocal last
            now = time.process_time()
            stages[event.stage] = stages.get(event.stage, 0) + now - last
            last = now

        started = time.process_time()
        built = build(
            [folder / "crawl"], config.load(None, {"name": "bench"}), out=folder / "dist", n_workers=1, report=watch
        )
        total = time.process_time() - started
        floor = _floor(folder / "crawl", built.path, folder / "floor", built.manifest["tables"])
    return {
        "pages": n_pages,
        "mb": round(n_bytes / 1e6, 2),
        "cpu_s": {name: round(seconds, 2) for name, seconds in stages.items()},
        "total_cpu_s": round(total, 2),
        "floor_cpu_s": round(floor, 2),
        "ratio_to_floor": round(total / floor, 1),
        "mb_per_cpu_s": round(n_bytes / 1e6 / total, 2),
    }


def _floor(pages: Path, release: Path, out: Path, tables: list[dict[str, Any]]) -> float:
    """CPU seconds for reading the pages and writing the release's rows again, which are in memory beforehand."""
    held = [(t, pq.read_table([release / path for path in t["files"]["parquet"]])) for t in tables]
    lines = [
        (t, b"".join(gzip.decompress((release / path).read_bytes()) for path in t["files"]["jsonl"]).splitlines(True))
        for t in tables
    ]
    out.mkdir()
    started = time.process_time()
    for path in sorted(pages.rglob("*.txt")):
        path.read_text("utf-8")
    for table, data in held:
        pq.write_table(
            data, out / f"{table['config']}-{table['split']}.parquet", compression="zstd", write_page_index=True,
            use_content_defined_chunking=True,
        )  # fmt: skip
    for table, rows in lines:
        file = GzipLines(out / f"{table['config']}-{table['split']}.jsonl.gz")
        for row in rows:
            file.write(row)
        file.close()
    return time.process_time() - started


if __name__ == "__main__":
    sizes = [int(argument) for argument in sys.argv[1:]] or [200, 800]
    for size in sizes:
        print(json.dumps(measure(size)), flush=True)
