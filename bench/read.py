"""Times reading against the libraries below it, in one run and one process: CPU seconds, median of alternating rounds.

    python bench/read.py [FOLDER]

FOLDER may hold HTML pages (.html, .html.gz) to be read instead of made-up ones.
"""

import gzip
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import crawl
import polars as pl
import pyarrow as pa
import pyarrow.json as pa_json
import pyarrow.parquet as pq
import web
from fastwarc.warc import ArchiveIterator, WarcRecordType
from selectolax.lexbor import LexborHTMLParser

from broadsheet.contract import page_id
from broadsheet.read.decode import decode
from broadsheet.read.found import Content, Given, Limits, Source
from broadsheet.read.html import render
from broadsheet.read.pages import Place, batch_of_records, page_of
from broadsheet.read.records import Fields
from broadsheet.read.task import read_items, read_slice

ROUNDS: Final = 5
N_RECORDS: Final = 12_000
N_PAGES: Final = 400
LIMITS: Final = Limits()


def timed(jobs: Mapping[str, Callable[[], Any]]) -> dict[str, float]:
    """Median CPU seconds of each job; the jobs take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            started = time.process_time()
            job()
            seconds[name].append(time.process_time() - started)
    return {name: statistics.median(times) for name, times in seconds.items()}


def items(path: Path, format_: str, compression: str = "none") -> Iterator[Any]:
    """What our reader yields of a file."""
    with path.open("rb") as file:
        yield from read_items(Source(file, path.stat().st_size, compression), format_, Fields({}))


def records_to_arrow(path: Path, format_: str) -> list[pa.RecordBatch]:
    """Page batches of a file of records, as they are before they are cut into buckets and written."""
    batches, held = [], []
    for item in items(path, format_):
        if isinstance(item, Given):
            held.append((page_id(item.record), path.name, item))
            if len(held) == 2048:
                batches.append(batch_of_records(held))
                held = []
    return [*batches, batch_of_records(held)]


def task(path: Path, folder: Path) -> Callable[[], Any]:
    """The whole task of reading a file: hashed, in buckets, committed to disk."""
    spec = {
        "inputs": [{"path": str(path), "name": path.name, "metadata": {}, "start": 0, "end": -1}],
        "n_buckets": 1,
        "out": str(folder / "out.arrow"),
        "rejected": str(folder / "rejected.arrow"),
        "format": None,
        "fields": {},
        "limits": asdict(LIMITS),
        "keep_bytes": False,
        "strict": False,
    }
    return lambda: read_slice(spec)


def write_records(folder: Path) -> tuple[Path, Path]:
    """Article records as JSON lines and as Parquet."""
    writer = crawl.Writer(1)
    rows = [
        {
            "id": f"a{i}",
            "url": f"https://site{i % 7}.example/{i}",
            "title": " ".join(writer.words(7)).capitalize(),
            "text": "\n".join(writer.article(writer.rng.randint(4, 12)).split("\n\n")),
            "author": writer.name(),
            "captured": f"2026-01-{1 + i % 28:02d}T00:00:00Z",
        }
        for i in range(N_RECORDS)
    ]
    lines = folder / "records.jsonl"
    lines.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    table = folder / "records.parquet"
    pq.write_table(pa_json.read_json(lines), table, compression="zstd")
    return lines, table


def bench_jsonl(lines: Path, folder: Path) -> Iterator[str]:
    """JSON lines to Arrow."""
    seconds = timed(
        {
            "pyarrow.json": lambda: pa_json.read_json(lines, pa_json.ReadOptions(use_threads=False)),
            "polars": lambda: pl.read_ndjson(lines),
            "ours: items": lambda: sum(1 for _ in items(lines, "jsonl")),
            "ours: page batches": lambda: records_to_arrow(lines, "jsonl"),
            "ours: whole task": task(lines, folder),
        }
    )
    yield from report("JSONL", lines.stat().st_size, seconds, min(seconds["pyarrow.json"], seconds["polars"]))


def bench_parquet(table: Path, folder: Path, n_bytes: int) -> Iterator[str]:
    """Parquet to pages; sizes are those of the same records as JSON lines."""
    seconds = timed(
        {
            "pyarrow": lambda: pq.read_table(table, use_threads=False),
            "ours: items": lambda: sum(1 for _ in items(table, "parquet")),
            "ours: page batches": lambda: records_to_arrow(table, "parquet"),
            "ours: whole task": task(table, folder),
        }
    )
    yield from report("Parquet", n_bytes, seconds, seconds["pyarrow"])


def bench_html(pages: list[bytes]) -> Iterator[str]:
    """HTML to blocks."""
    texts = [decode(page, html=True).text for page in pages]
    seconds = timed(
        {
            "the parser's own text": lambda: [LexborHTMLParser(text).text() for text in texts],
            "ours: blocks": lambda: [render(text, LIMITS) for text in texts],
        }
    )
    yield from report("HTML", sum(map(len, pages)), seconds, seconds["the parser's own text"])


def bench_warc(pages: list[bytes], folder: Path) -> Iterator[str]:
    """WARC to pages."""
    path = folder / "pages.warc.gz"
    path.write_bytes(web.warc(pages))

    def bare(read: Callable[[str], Any]) -> None:
        with path.open("rb") as file:
            for record in ArchiveIterator(file, record_types=WarcRecordType.response):
                read(record.reader.read().decode("utf-8", "replace"))

    def ours() -> None:
        place = Place("x", {})
        for item in items(path, "warc", "gzip"):
            if isinstance(item, Content):
                page_of(item, place, LIMITS, keep_bytes=False)

    seconds = timed(
        {
            "FastWARC, the parser's own text": lambda: bare(lambda text: LexborHTMLParser(text).text()),
            "FastWARC, our blocks": lambda: bare(lambda text: render(text, LIMITS)),
            "ours: records alone": lambda: sum(1 for _ in items(path, "warc", "gzip")),
            "ours: pages": ours,
            "ours: whole task": task(path, folder),
        }
    )
    floor = seconds["FastWARC, the parser's own text"]
    yield from report("WARC", sum(map(len, pages)), seconds, floor)


def report(title: str, n_bytes: int, seconds: Mapping[str, float], floor: float) -> Iterator[str]:
    """A line a job: CPU seconds, MB per CPU second, and speed as a share of the floor's."""
    yield f"{title}, {n_bytes / 1e6:.1f} MB"
    for name, s in seconds.items():
        yield f"  {name:<36}{s:8.3f} s{n_bytes / 1e6 / s:9.1f} MB/s{floor / s:7.2f}"


def html_pages(folder: Path | None) -> list[bytes]:
    """The pages of a folder, or made-up ones."""
    if folder is None:
        return [web.html(text, number).encode() for number, text in enumerate(crawl.pages(N_PAGES))]
    found = sorted(path for path in folder.rglob("*") if path.name.endswith((".html", ".html.gz")))
    return [gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in found]


def main() -> None:
    """Prints all tables."""
    pages = html_pages(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        lines, table = write_records(folder)
        for part in (
            bench_jsonl(lines, folder),
            bench_parquet(table, folder, lines.stat().st_size),
            bench_html(pages),
            bench_warc(pages, folder),
        ):
            for line in part:
                print(line, flush=True)


if __name__ == "__main__":
    main()
