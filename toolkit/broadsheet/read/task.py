"""The tasks of reading: slices of files to pages by bucket, and pages by bucket to one page a content."""

import base64
import hashlib
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from broadsheet.batches import Row, by_bucket, cut, read_batches, stream_rows, write_batches
from broadsheet.contract import arrow_schema, canonical_json, digest, page_id, schema, utc
from broadsheet.read.decode import decode
from broadsheet.read.files import RECORD_ENDINGS
from broadsheet.read.strict import UnreadableError, loads
from broadsheet.text import source_of

MAX_PAGE_BYTES: Final = 256 << 20


def read_slice(spec: dict[str, Any]) -> dict[str, Any]:
    """Reads a slice's files and commits their pages by bucket, one capture a row, and the lines that are no records.

    Spec: inputs (`Input.to_json`), n_buckets, out, rejected. Result: the two files, and a report per file.
    """
    pages: list[Row] = []
    rejected: list[Row] = []
    reports = []
    for item in spec["inputs"]:
        report, rows, bad = _read_file(item)
        reports.append(report)
        pages += rows
        rejected += bad
    page_schema = arrow_schema(schema("page"))
    buckets = by_bucket(pages, "page_id", spec["n_buckets"], page_schema)
    rejection = arrow_schema(schema("release#rejection"))
    return {
        "pages": write_batches(Path(spec["out"]), buckets, page_schema).to_json(),
        "rejected": write_batches(Path(spec["rejected"]), cut(rejected, rejection), rejection).to_json(),
        "files": reports,
    }


def _read_file(item: dict[str, Any]) -> tuple[dict[str, Any], list[Row], list[Row]]:
    report: dict[str, Any] = {
        "path": item["name"],
        "n_bytes": 0,
        "sha256": None,
        "n_pages": 0,
        "n_rejected": 0,
        "error": None,
    }
    holds_records = item["name"].lower().endswith(RECORD_ENDINGS)
    try:
        raw = _bytes(Path(item["path"]), None if holds_records else MAX_PAGE_BYTES)
    except OSError as error:
        return report | {"error": f"cannot be read: {error.strerror or error}"}, [], []
    report |= {"n_bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    if holds_records:
        rows, bad = _records(item["name"], raw)
        return report | {"n_pages": len(rows), "n_rejected": len(bad)}, rows, bad
    decoded = decode(raw)
    if decoded is None:
        return report | {"error": "is not text"}, [], []
    metadata = item["metadata"]
    url = metadata.get("url")
    row = {
        "page_id": page_id(raw),
        "format": "txt",
        "encoding": decoded.encoding,
        "n_bytes": len(raw),
        "n_replaced": decoded.n_replaced,
        "text": decoded.text,
        "given": None,
        "captures": [
            {
                "path": item["name"],
                "line": None,
                "url": url,
                "source": (source_of(url) if url else None) or metadata.get("source"),
                "captured": metadata.get("captured"),
            }
        ],
    }
    return report | {"n_pages": 1}, [row], []


def _bytes(path: Path, most: int | None) -> bytes:
    """The bytes of a regular file: reading a pipe could wait for ever, a device never end.

    Raises: OSError where it is none, is larger than `most`, or cannot be read.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError("it is no regular file")
    if most is not None and found.st_size > most:
        raise OSError(f"{found.st_size} bytes; a page has at most {most}")
    return path.read_bytes()


def _records(name: str, raw: bytes) -> tuple[list[Row], list[Row]]:
    """The pages of a JSONL file's records, a page a record, and its lines that are none; blank lines are neither."""
    pages, rejected = [], []
    schema_digest = digest(schema("record"))
    for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            pages.append(_page_of(name, number, loads(line)))
        except UnreadableError as error:
            rejected.append(_rejection(name, number, line, error, schema_digest))
    return pages, rejected


def _page_of(name: str, number: int, record: dict[str, Any]) -> Row:
    given = canonical_json(record)
    text = record.get("text")
    url, captured, source = (_text(record.get(key)) for key in ("url", "captured", "source"))
    return {
        "page_id": page_id(given.encode()),
        "format": "record",
        "encoding": "utf-8",
        "n_bytes": len(given.encode()),
        "n_replaced": 0,
        "text": text if isinstance(text, str) else "",
        "given": given,
        "captures": [
            {
                "path": name,
                "line": number,
                "url": url,
                "source": (source_of(url) if url else None) or source,
                "captured": _utc(captured),
            }
        ],
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _utc(value: str | None) -> str | None:
    """The time, or None where it is none; validation of the record then says so."""
    try:
        return utc(value) if value else None
    except ValueError:
        return None


def _rejection(name: str, number: int, line: bytes, error: UnreadableError, schema_digest: str) -> Row:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    return {
        "path": name,
        "line": number,
        "page_id": None,
        "start": None,
        "raw": text,
        "raw_base64": base64.b64encode(line).decode() if text is None else None,
        "errors": [{"pointer": "", "keyword": error.code, "message": str(error), "schema_path": ""}],
        "schema": schema_digest,
    }


def merge_pages(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits one bucket's pages in the order of their ids, each once, with all its captures.

    Spec: files (of `read_slice`), bucket, out. Result: the file, and counts of pages, captures and code points.
    """
    merged: dict[str, Row] = {}
    for row in stream_rows(read_batches(spec["files"], spec["bucket"])):
        known = merged.setdefault(row["page_id"], row)
        if known is not row:
            known["captures"] += row["captures"]
    for row in merged.values():
        row["captures"] = _ordered(row["captures"])
    page_schema = arrow_schema(schema("page"))
    rows = [merged[key] for key in sorted(merged)]
    return {
        "pages": write_batches(Path(spec["out"]), _pages(rows, page_schema), page_schema).to_json(),
        "n_pages": len(rows),
        "n_captures": sum(len(row["captures"]) for row in rows),
        "n_chars": sum(len(row["text"]) for row in rows),
    }


def _pages(rows: Iterable[Row], page_schema: Any) -> Iterator[Any]:
    yield from cut(rows, page_schema, 256)


def _ordered(captures: list[Row]) -> list[Row]:
    """The captures, each once: dated before undated, earliest first, then by URL, path and line."""

    def key(c: Row) -> tuple[bool, str, bool, str, str, str, int]:
        return (
            c["captured"] is None,
            c["captured"] or "",
            c["url"] is None,
            c["url"] or "",
            c["source"] or "",
            c["path"],
            c["line"] or 0,
        )

    return [dict(c) for c in sorted({tuple(c.items()): c for c in captures}.values(), key=key)]
