"""The tasks of reading: slices of files to pages by bucket, and pages by bucket to one page a content."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import pyarrow as pa
import pyarrow.compute as pc

from broadsheet.batches import Row, read_batches, stream_rows, write_batches
from broadsheet.columns import column
from broadsheet.contract import Contract, Example, Tally
from broadsheet.errors import InputError
from broadsheet.privacy import Masker
from broadsheet.read import formats, storage
from broadsheet.read.binary import binary_kind
from broadsheet.read.files import Input
from broadsheet.read.found import (
    Content,
    Damaged,
    Given,
    Item,
    Limits,
    Lines,
    Overrun,
    Rejected,
    Skipped,
    Source,
    Warned,
)
from broadsheet.read.pages import FOUND, PAGE, Place, page_of
from broadsheet.read.records import Fields, UnreadableFile
from broadsheet.read.sink import Sink
from broadsheet.read.whole import read_unpacked, read_whole

MAX_NAMED: Final = 100
"""Damages and warnings that a report names of one file; it counts all."""


def read_slice(spec: dict[str, Any]) -> dict[str, Any]:
    """Reads a slice's files and commits their pages by bucket, one capture a row, and the records that are none.

    Spec: inputs (`Input.to_json`), n_buckets, out, rejected, format, fields, limits, keep_bytes, contract, privacy,
    strict; with `check`, records are checked and become no pages; pages with an id in the file `known` (of `KNOWN`) are
    only counted. Result: the files of pages and of rejections, a report per file, how many records are valid, which
    properties of theirs the schema does not name, and the rejections by rule (`Tally`).
    Memory: `HELD_BYTES` of content and one record, however large the files.

    Raises: InputError where `strict` and something cannot be read.
    """
    sink = Sink(spec)
    reports = [_read_file(item, spec, sink) for item in spec["inputs"]]
    sink.commit()
    tally = sink.tally
    for report in reports:
        report.row["n_invalid"] = tally.files[report.row["path"]]
    for report in reports:
        tally.merge(report.tally)
    return {
        "pages": sink.pages,
        "rejected": sink.rejected,
        "files": [report.row for report in reports],
        "n_valid": sink.n_valid,
        "unknown": dict(sink.unknown),
        "tally": tally.to_json(),
    }


def _read_file(item: Row, spec: Row, sink: Sink) -> "_Report":
    """The report of one file, or of the part of it that is read here."""
    contract = Contract.of(spec.get("contract"))
    masker = Masker.of(spec.get("privacy"))
    report = _Report(item["name"], strict=spec["strict"], start=item["start"], masker=masker)
    try:
        with storage.opened(item["path"]) as opened:
            before = storage.state_of(opened)
            n_bytes = opened.seek(0, 2)
            opened.seek(0)
            hashed = None if spec.get("check") else _Hashed(opened)
            file = cast(BinaryIO, hashed or opened)
            compression, head = formats.head_of(file, n_bytes)
            format_ = spec["format"] or formats.format_of(head, item["name"])
            report.row |= {"n_bytes": n_bytes, "format": format_, "compression": compression}
            kind = binary_kind(head) if format_ in ("txt", "html") else None
            if kind:
                report.fail(f"is {kind}, not text")
            else:
                limits = Limits(**spec["limits"])
                fields = Fields(spec["fields"], contract)
                source = Source(file, n_bytes, compression, item["start"], item["end"], limits)
                place = Place(item["name"], item["metadata"], masker)
                for found in read_items(source, format_, fields):
                    content = _content_of(found)
                    if content is not None and sink.knows(content):
                        report.known(found)
                    elif isinstance(found, Given):
                        sink.record(found, place.name)
                        report.read(found.n_bytes)
                    else:
                        report.add(_placed(found, place, limits, sink, keep_bytes=spec["keep_bytes"]))
            if hashed and item["start"] == 0:  # one part of each file says what all of it is
                report.row["sha256"] = hashed.digest()
            _check_unchanged(opened, before, item["name"])
    except InputError:
        raise
    except UnreadableFile as error:
        report.fail(str(error))
    except OSError as error:
        report.fail(f"cannot be read: {storage.public(error.strerror or str(error))}")
    return report


def _content_of(found: Item) -> bytes | None:
    """The bytes by which a page or record goes."""
    match found:
        case Given():
            return found.record
        case Content():
            return found.raw
    return None


def _check_unchanged(file: BinaryIO, before: tuple[int, int] | None, name: str) -> None:
    """Raises: InputError where a file is not what it was: what was read of it is neither, and may be committed."""
    if storage.state_of(file) != before:
        raise InputError(f"{name}: changed while it was read; nothing was done; read a copy of it")


def is_unchanged(spec: dict[str, Any], result: dict[str, Any]) -> bool:
    """True where the files of a slice that was read still hold what was read.

    By the hash of the whole file, which the report of its first part has; of other parts the caller knows that neither
    size nor times of their file changed. What has a URL, or could not be read, is to be read again.
    """
    for item, row in zip(spec["inputs"], result["files"], strict=True):
        if storage.is_url(item["path"]) or row["error"] is not None:
            return False
        if row["sha256"] is not None:
            try:
                with storage.opened(item["path"]) as file:
                    if _Hashed(file).digest() != row["sha256"]:
                        return False
            except OSError:
                return False
    return True


def read_items(source: Source, format_: str, fields: Fields) -> Iterator[Item]:
    """What a file of a format holds. Each reader is imported when it is first needed."""
    match format_:
        case "warc":
            from broadsheet.read.warc import read_warc

            return read_warc(source)
        case "jsonl":
            from broadsheet.read.jsonl import read_jsonl

            return read_jsonl(source, fields)
        case "json":
            from broadsheet.read.json_array import read_json

            return read_json(source, fields)
        case "csv":
            from broadsheet.read.delimited import read_delimited

            return read_delimited(source, fields)
        case "parquet":
            from broadsheet.read.parquet import read_parquet

            return read_unpacked(source, partial(read_parquet, fields=fields))
    return read_whole(source, format_)


def _placed(found: Item, place: Place, limits: Limits, sink: Sink, *, keep_bytes: bool) -> Item:
    """Puts pages and rejections into the sink; what an item has become comes back."""
    if isinstance(found, Content):
        page = page_of(found, place, limits, keep_bytes=keep_bytes)
        if not isinstance(page, Rejected | Skipped):
            sink.page(page, len(found.raw))
            return found
        found = page
    if isinstance(found, Rejected):
        sink.refuse(found, place.name, found.n_bytes if found.raw else 0)
    return found


def report(name: str) -> Row:
    """The manifest's row for a file of which nothing was read."""
    return {
        "path": name,
        "format": None,
        "compression": None,
        "n_bytes": 0,
        "sha256": None,
        "n_pages": 0,
        "n_rejected": 0,
        "n_invalid": 0,
        "skipped": {},
        "content": {"read": 0, "rejected": 0, "skipped": 0},
        "n_damaged": 0,
        "n_damaged_bytes": 0,
        "damaged": [],
        "n_warnings": 0,
        "warnings": [],
        "error": None,
    }


class _Report:
    """What became of one file, as its items come."""

    def __init__(self, name: str, *, strict: bool, start: int, masker: Masker | None) -> None:
        self._strict = strict
        self._masked = masker.text if masker else str
        self.tally = Tally()
        self._part = f" of the part at byte {start}" if start else ""
        self.row = report(name) | {"n_lines": 0, "overrun": False}

    def fail(self, reason: str) -> None:
        self.row["error"] = reason = self._masked(reason)
        self._stop(reason)

    def _stop(self, reason: str) -> None:
        if self._strict:
            raise InputError(f"{self.row['path']}: {reason}; nothing was done, since reading is strict")

    def read(self, n_bytes: int) -> None:
        self.row["n_pages"] += 1
        self.row["content"]["read"] += n_bytes

    def known(self, found: Item) -> None:
        """Counts a page that was published: its bytes are read, but it is no page of this file."""
        self.row["n_again"] = self.row.get("n_again", 0) + 1
        self.row["content"]["read"] += found.n_bytes if isinstance(found, Content | Given) else 0

    def add(self, found: Item) -> None:
        row = self.row
        match found:
            case Content():
                self.read(found.n_bytes)
            case Rejected():
                row["n_rejected"] += 1
                row["content"]["rejected"] += found.n_bytes
                example = Example(row["path"], found.line or 0, found.offset or 0, "")
                message = self._masked(found.message)
                self.tally.add(example, [(f": {found.code}", message)])
                at = f"line {found.line}{self._part}" if found.line else f"byte {found.offset or 0}"
                self._stop(f"{at}: {found.code}: {message}")
            case Skipped():
                count = row["skipped"].setdefault(found.reason, [0, 0])
                count[0] += found.is_record
                count[1] += found.n_bytes
                row["content"]["skipped"] += found.n_bytes
            case Damaged():
                row["n_damaged"] += 1
                row["n_damaged_bytes"] += found.n_bytes
                if len(row["damaged"]) < MAX_NAMED:
                    row["damaged"].append(found._asdict())
                self._stop(f"byte {found.offset}: {found.reason}")
            case Warned():
                row["n_warnings"] += 1
                if len(row["warnings"]) < MAX_NAMED:
                    row["warnings"].append(found._replace(reason=self._masked(found.reason))._asdict())
            case Lines():
                row["n_lines"] = found.n
            case Overrun():
                row["overrun"] = True


def sha256_of(item: Input) -> str | None:
    """SHA-256 of a file's bytes; None of what has a URL, which would be fetched twice. Raises: OSError."""
    if storage.is_url(item.path):
        return None
    with storage.opened(item.path) as file:
        return _Hashed(file).digest()


class _Hashed:
    """A file that is hashed on the way, as far as it is read in order; `digest` reads the rest."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()
        self._done = 0

    def read(self, size: int = -1) -> bytes:
        at = self._file.tell()
        data = self._file.read(size)
        if at <= self._done < at + len(data):
            self._sha256.update(data if at == self._done else data[self._done - at :])
            self._done = at + len(data)
        return data

    def digest(self) -> str:
        self._file.seek(self._done)
        while self.read(1 << 16):
            pass
        return self._sha256.hexdigest()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def merge_pages(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits one bucket's pages in the order of their ids, each once, with all its captures.

    Spec: files (of `read_slice`), bases (lines before each file's part), bucket, out. Result: the file, and counts
    of pages, captures, code points and pages without visible text.
    """
    found = list(read_batches(spec["files"], spec["bucket"]))
    table = pa.Table.from_batches(found, schema=FOUND)
    bases = [base for base, batch in zip(spec["bases"], found, strict=True) for _ in range(batch.num_rows)]
    captures = [row["capture"] for row in stream_rows(batch.select(["capture"]) for batch in found)]
    for capture, base in zip(captures, bases, strict=True):
        if base:
            capture["line"] += base
    rows: dict[str, list[int]] = {}
    for number, id_ in enumerate(table.column("page_id").to_pylist()):
        rows.setdefault(id_, []).append(number)
    ids = sorted(rows)
    of_pages = [sorted((captures[number] for number in rows[id_]), key=_order) for id_ in ids]
    pages = _representatives(table, [rows[id_] for id_ in ids], captures)
    columns = [column(of_pages, field.type) if field.name == "captures" else pages.column(field.name) for field in PAGE]
    whole = pa.Table.from_arrays(columns, schema=PAGE)
    texts = whole.column("text")
    return {
        "pages": write_batches(Path(spec["out"]), whole.to_batches(256), PAGE).to_json(),
        "n_pages": whole.num_rows,
        "n_captures": len(captures),
        "n_chars": pc.sum(pc.utf8_length(texts)).as_py() or 0,
        # A comparison with a Python value would import pandas.
        "n_empty": pc.sum(pc.invert(pc.cast(pc.utf8_length(pc.utf8_trim_whitespace(texts)), "bool"))).as_py() or 0,
    }


def _representatives(table: pa.Table, groups: Iterable[Sequence[int]], captures: Sequence[Row]) -> pa.Table:
    """One row of each group: equal bytes may have been read as several formats, or by several declarations."""
    names = ("format", "encoding", "decided_by")
    kinds = list(zip(*(table.column(name).to_pylist() for name in names), strict=True))
    picked = [min(group, key=lambda i: (kinds[i], _order(captures[i]))) for group in groups]
    return table.take(column(picked, pa.int64())).combine_chunks()


def _order(capture: Row) -> tuple[bool, str, bool, str, str, str, int, int]:
    """Dated before undated, earliest first, then by URL, path and place."""
    return (
        capture["captured"] is None,
        capture["captured"] or "",
        capture["url"] is None,
        capture["url"] or "",
        capture["source"] or "",
        capture["path"],
        capture["line"] or 0,
        capture["offset"] or 0,
    )
