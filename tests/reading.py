"""What tests read files with, and how they make the same content in every format and compression."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from broadsheet.batches import read_batches, stream_rows
from broadsheet.engine import local
from broadsheet.read import Reading, plan
from broadsheet.read.compression import zstd
from broadsheet.steps import Steps

Row = dict[str, Any]

COMPRESSIONS: Mapping[str, Callable[[bytes], bytes]] = {
    "": lambda raw: raw,
    ".gz": lambda raw: gzip.compress(raw, 6, mtime=0),
    ".zst": lambda raw: zstd.compress(raw, 3),
}


class Read:
    """What reading found: pages, reports by path, rejections, and the paths that failed."""

    def __init__(self, paths: Sequence[Path | str], work: Path, **reading: Any) -> None:
        work.mkdir(parents=True)
        self.steps = Steps(plan(paths), work, local(1), lambda _event: None)
        self.steps.read(Reading(**reading))
        self.pages: list[Row] = list(stream_rows(read_batches([page["pages"] for page in self.steps.pages])))
        self.files = {file["path"]: file for file in self.steps.files}
        rejected = [file for result in self.steps.slices for file in result["rejected"]]
        self.rejected: list[Row] = list(stream_rows(read_batches(rejected)))
        self.failed = {file["path"]: file["error"] for file in self.steps.failed}

    def contents(self) -> list[Row]:
        """The pages without where they were found, by id."""
        return [{name: value for name, value in page.items() if name != "captures"} for page in self.pages]


def warc_record(content: bytes, *, url: str, kind: str = "response", http: str = "text/html; charset=utf-8") -> bytes:
    """One WARC record of a page that was fetched on the Ides of March."""
    block = content
    type_ = "text/plain"
    if kind == "response":
        type_ = "application/http; msgtype=response"
        block = f"HTTP/1.1 200 OK\r\nContent-Type: {http}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2026-03-15T12:00:00Z\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{abs(hash((url, content))) % 10**12:012d}>\r\n"
        f"Content-Type: {type_}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def arc_record(content: bytes, *, url: str) -> bytes:
    """One ARC record of a page that was fetched on the Ides of March."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + content
    return f"{url} 192.0.2.1 20260315120000 text/html {len(block)}\n".encode() + block + b"\n"


ARC_HEAD = b"filedesc://made.arc 0.0.0.0 20260315120000 text/plain 12\n1 0 Made-Up\n\n"


def parquet(rows: Sequence[Row]) -> bytes:
    """The rows as a Parquet file of several row groups."""
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), out, row_group_size=2)
    return out.getvalue()


def csv_text(rows: Sequence[Row]) -> bytes:
    """The rows as a CSV file."""
    out = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def json_lines(rows: Sequence[Row]) -> bytes:
    """The rows as JSON lines."""
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
