"""The floor: reads the same input and writes the same tables again with the libraries alone; prints seconds as JSON.

    python floor.py INPUT RELEASE OUT

Parquet by pyarrow with the codec, row groups and options of the release; JSON lines, which are in memory beforehand, by
ISA-L's gzip at the level whose output is closest to the release's. One thread. Nothing is parsed but records, cut,
validated, compared, hashed or brought to the disk.
"""

import gzip
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.json as pa_json
import pyarrow.parquet as pq
from isal import isal_zlib
from meter import resident_mb

MEMBER_BYTES = 1 << 20
ROUNDS = 3


def read(source: Path) -> None:
    """Every file of the input: bytes, and of records columns."""
    for path in sorted(source.rglob("*")):
        if path.suffix == ".jsonl":
            pa_json.read_json(path, pa_json.ReadOptions(use_threads=False))
        elif path.is_file():
            path.read_bytes()


def write_parquet(tables: list[tuple[pa.Table, list[int]]], out: Path) -> None:
    """Each table as a file, with these numbers of rows in its groups."""
    for number, (table, groups) in enumerate(tables):
        options = {"write_page_index": True, "write_page_checksum": True, "use_content_defined_chunking": True}
        with pq.ParquetWriter(out / f"{number}.parquet", table.schema, compression="zstd", **options) as writer:
            start = 0
            for n_rows in groups:
                writer.write_table(table.slice(start, n_rows), row_group_size=n_rows)
                start += n_rows


def write_lines(files: list[bytes], out: Path, level: int) -> int:
    """Each file in gzip members of a megabyte; the number of bytes."""
    n_bytes = 0
    for number, data in enumerate(files):
        with (out / f"{number}.jsonl.gz").open("wb") as file:
            for start in range(0, len(data), MEMBER_BYTES):
                compressor = isal_zlib.compressobj(level, isal_zlib.DEFLATED, 31)
                body = compressor.compress(data[start : start + MEMBER_BYTES]) + compressor.flush()
                n_bytes += file.write(body)
    return n_bytes


def timed(work: Callable[[], Any]) -> float:
    """Median CPU seconds."""
    seconds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return sorted(seconds)[ROUNDS // 2]


def main() -> None:
    """Holds what is to be written, then measures."""
    source, release, out = map(Path, sys.argv[1:])
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    out.mkdir()
    manifest = json.loads((release / "manifest.json").read_text("utf-8"))
    tables, lines, n_ours = [], [], 0
    for table in manifest["tables"]:
        for name in table["files"]["parquet"]:
            with pq.ParquetFile(release / name) as file:
                groups = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
                tables.append((file.read(use_threads=False), groups))
        for name in table["files"]["jsonl"]:
            packed = (release / name).read_bytes()
            n_ours += len(packed)
            lines.append(gzip.decompress(packed))
    sizes = {level: write_lines(lines, out, level) for level in range(4)}
    level = min(sizes, key=lambda level: abs(sizes[level] - n_ours))
    told = {
        "read_cpu_s": timed(lambda: read(source)),
        "parquet_cpu_s": timed(lambda: write_parquet(tables, out)),
        "jsonl_cpu_s": timed(lambda: write_lines(lines, out, level)),
        "gzip_level": level,
        "jsonl_mb": sizes[level] / 1e6,
        "jsonl_mb_ours": n_ours / 1e6,
        "peak_mb": resident_mb("VmHWM"),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
