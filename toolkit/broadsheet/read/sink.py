"""Where what is read goes: pages and records by bucket into files, or records into checks; and what is refused."""

import base64
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import orjson
import pyarrow as pa

from broadsheet.batches import Row, bucket_of, cut, from_tuples, read_batches, write_batches
from broadsheet.contract import Contract, Example, Tally, arrow_schema, page_id, schema
from broadsheet.privacy import Masker, without_author
from broadsheet.read.found import Given, Rejected
from broadsheet.read.pages import FOUND, batch_of_records
from broadsheet.read.records import place_of
from broadsheet.strict import canonical

HELD_BYTES: Final = 16 << 20
"""Content that a task holds before it commits a file."""
_REJECTION: Final = arrow_schema(schema("release#rejection"))
KNOWN: Final = pa.schema([("page_id", pa.string())])
"""The ids of pages that were published."""


class Sink:
    """Takes pages, records and rejections, and commits them when they have become large.

    Where the spec says `check`, records become no pages: they are checked at once, and the valid ones are counted.
    """

    def __init__(self, spec: Row) -> None:
        self.pages: list[list[str]] = []
        self.rejected: list[list[str]] = []
        self.n_valid = 0
        self.unknown: Counter[str] = Counter()
        """Properties of valid records that the schema does not name, with the number of records that have them."""
        self.tally = Tally()
        """The records that checks rejected."""
        self._spec = spec
        self._pages: list[tuple[Any, ...]] = []
        self._records: list[tuple[str, str, Given]] = []
        self._refused: list[Row] = []
        self._contract = Contract.of(spec.get("contract"))
        self._masker = Masker.of(spec.get("privacy"))
        self._known = frozenset(self._contract.members)
        self._checks = spec.get("check", False)
        self._published = published(spec.get("known"))
        self._n_bytes = 0

    def page(self, row: tuple[Any, ...], n_bytes: int) -> None:
        """Takes a row of `FOUND`."""
        self._pages.append(row)
        self._held(n_bytes)

    def knows(self, content: bytes) -> bool:
        """True where a page of these bytes was published: it is not read again."""
        return bool(self._published) and page_id(content) in self._published

    def record(self, found: Given, name: str) -> None:
        """Takes a record from the file of that name."""
        masker = self._masker
        id_ = masker.page_id(found.record) if masker else page_id(found.record)
        if masker:
            value = masker.record(found.value, place_of(found.value)[1])
            found = found._replace(value=value, record=canonical(value))
        if not self._checks:
            self._records.append((id_, name, found))
            self._held(len(found.record))
        elif self._contract.check(found.value, found.record):
            self._reject(found, name, id_)
        else:
            self.n_valid += 1
            if not self._known.issuperset(found.value):
                self.unknown.update(found.value.keys() - self._known)

    def _reject(self, found: Given, name: str, id_: str) -> None:
        # Messages quote values: by the canonical record they are those of a build, in whatever order its keys came.
        errors = self._contract.check(orjson.loads(found.record), found.record)
        rules = [(self._contract.rule(error), error["message"]) for error in errors]
        self.tally.add(Example(name, found.line, 0, ""), rules)
        place = {"path": name, "line": found.line, "offset": None, "page_id": id_, "start": 0}
        raw = found.record.decode()
        if self._masker and self._masker.settings.comment_authors == "drop":
            raw = without_author(raw)
        content = {"raw": raw, "raw_base64": None}
        self._refused.append(place | content | {"errors": errors, "schema": self._contract.digest})
        self._held(len(found.record))

    def refuse(self, found: Rejected, name: str, n_bytes: int) -> None:
        """Takes what cannot be read as a record."""
        self._refused.append(_rejection(found, name, self._contract.digest, self._masker))
        self._held(n_bytes)

    def _held(self, n_bytes: int) -> None:
        self._n_bytes += n_bytes
        if self._n_bytes >= HELD_BYTES:
            self.commit()

    def commit(self) -> None:
        """Writes what is held into files of its own."""
        number = len(self.pages)
        pages = write_batches(_numbered(self._spec["out"], number), self._buckets(), FOUND)
        refused = cut(self._refused, _REJECTION)
        rejected = write_batches(_numbered(self._spec["rejected"], number), refused, _REJECTION)
        self.pages.append(pages.to_json())
        self.rejected.append(rejected.to_json())
        self._pages, self._records, self._refused, self._n_bytes = [], [], [], 0

    def _buckets(self) -> Iterator[pa.RecordBatch]:
        """A batch a bucket, in the order of the buckets."""
        n = self._spec["n_buckets"]
        for pages, records in zip(_by_bucket(self._pages, n), _by_bucket(self._records, n), strict=True):
            made = [from_tuples(pages, FOUND)] if pages or not records else []
            made += [batch_of_records(records)] if records else []
            (batch,) = made if len(made) == 1 else pa.Table.from_batches(made).combine_chunks().to_batches()
            yield batch


def published(file: Sequence[str] | None) -> frozenset[str]:
    """The ids in a committed file of `KNOWN`; none without one. Memory: 130 bytes an id."""
    batches = read_batches([file]) if file else ()
    return frozenset(id_ for batch in batches for id_ in batch.column(0).to_pylist())


def _numbered(path: str, number: int) -> Path:
    """The path of a task's file; most tasks have but one."""
    return Path(path).with_suffix(f".{number}.arrow" if number else ".arrow")


def _by_bucket(rows: Sequence[tuple[Any, ...]], n_buckets: int) -> list[list[Any]]:
    """The rows by the bucket of the page id that each begins with."""
    held: list[list[Any]] = [[] for _ in range(n_buckets)]
    for row in rows:
        held[bucket_of(row[0], n_buckets)].append(row)
    return held


_NOT_KEPT: Final = {
    "pointer": "",
    "keyword": "not-kept",
    "message": "its content is not kept here: it is over a limit, or stands around damage",
    "schema_path": "",
}


_NOT_MASKED: Final = _NOT_KEPT | {"message": "its content is not kept here: what cannot be read cannot be masked"}


def _rejection(found: Rejected, name: str, digest: str, masker: Masker | None) -> Row:
    text = None
    if found.raw is not None:
        try:
            text = found.raw.decode("utf-8")
        except UnicodeDecodeError:
            text = None
    message = masker.text(found.message) if masker else found.message
    not_kept = _NOT_KEPT
    if masker and found.raw is not None:
        # Who wrote a comment cannot be told in what is no record, nor what else is where it is no text.
        is_masked = text is not None and found.line is not None and masker.settings.comment_authors == "keep"
        text = masker.json_text(text) if is_masked and text is not None else None
        found = found._replace(raw=text.encode() if text is not None else None)
        not_kept = _NOT_MASKED
    return {
        "path": name,
        "line": found.line,
        "offset": found.offset,
        "page_id": None,
        "start": None,
        "raw": text,
        "raw_base64": base64.b64encode(found.raw).decode() if text is None and found.raw is not None else None,
        "errors": [
            {"pointer": "", "keyword": found.code, "message": message, "schema_path": ""},
            *([] if found.raw is not None else [not_kept]),
        ],
        "schema": digest,
    }
