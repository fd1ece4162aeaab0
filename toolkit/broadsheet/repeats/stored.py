"""Unique records as files that folding reads in bounded memory: columns of numbers, marks, and texts that stay."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from broadsheet.batches import Row, commit, cut, from_rows, read_batches, require_intact, write_batches
from broadsheet.columns import array_of, numbers_of, texts_of
from broadsheet.contract import KINDS as KIND_OF
from broadsheet.repeats import threads
from broadsheet.repeats.bodies import Bodies, Ints, StoredPart
from broadsheet.repeats.records import KINDS, ROLES
from broadsheet.repeats.table import Columns, codes_of
from broadsheet.text import address

_TEXT, _INT = pa.string(), pa.int64()
ITEMS: Final = pa.schema(
    [
        ("id", _TEXT),
        ("role", pa.int16()),
        ("truncated", pa.bool_()),
        ("source", _TEXT),
        ("captured", _TEXT),
        ("text_bytes", _INT),
        ("title_bytes", _INT),
        ("position", _INT),
        ("reply_to", _INT),
    ]
)
"""What folding reads of a record, in the order of ids: its role as `ROLES` has it, and how many bytes of the file of
texts are its own, first those of its text, then those of its title."""
MARKS: Final = pa.schema([("number", _INT), ("what", pa.int16()), ("first", _INT), ("second", _INT)])
"""What records have in common with others: the record's place in its bucket, what it is (`threads`), and 128 bits of
the value's hash."""
_PART_BYTES: Final = 1 << 20  # as much as a thread of the join takes at a time


class Writer:
    """Takes the records of a bucket in the order of their ids. Holds them."""

    def __init__(self) -> None:
        self._items: list[Row] = []
        self._marks: list[Row] = []
        self._texts: list[bytes] = []

    def add(self, record: Row, unique: Row) -> None:
        """Takes a record and its row of `UNIQUE`."""
        text, title = (_utf8(record[name]) for name in ("text", "title"))
        self._texts += [text or b"", title or b""]
        sizes = {"text_bytes": len(text or b""), "title_bytes": None if title is None else len(title)}
        known = {name: record[name] for name in ("truncated", "source", "captured", "position", "reply_to")}
        number = len(self._items)
        self._items.append({"id": unique["id"], "role": ROLES[record["role"]], **known, **sizes})
        for what, value in _marks(record, unique):
            first, second = struct.unpack("<qq", blake2b(value.encode("utf-8", "replace"), digest_size=16).digest())
            self._marks.append({"number": number, "what": what, "first": first, "second": second})

    def commit(self, items: Path, marks: Path, texts: Path) -> dict[str, Any]:
        """Commits the three files."""

        def write(path: Path) -> None:
            with path.open("wb") as file:
                file.writelines(self._texts)

        return {
            "items": write_batches(items, [from_rows(self._items, ITEMS)], ITEMS).to_json(),
            "marks": write_batches(marks, cut(self._marks, MARKS), MARKS).to_json(),
            "texts": commit(texts, write).to_json(),
        }


def _utf8(text: str | None) -> bytes | None:
    """Lone surrogates, which are in no word, become question marks."""
    return None if text is None else text.encode("utf-8", "replace")


def _marks(record: Row, unique: Row) -> Iterator[tuple[int, str]]:
    mains = [appearance["page_id"] for appearance in unique["appearances"] if appearance["role"] == "main"]
    yield from ((threads.MAIN, page) for page in mains)
    if mains:
        yield from ((threads.NAME, name) for name in unique["names"])
    if record["role"] == "comment":
        yield threads.HOME, unique["page_id"]
        yield from ((threads.PAGE, appearance["page_id"]) for appearance in unique["appearances"])
        if record["thread"] is not None:
            yield threads.THREAD, record["thread"]
            yield threads.ADDRESS, address(record["thread"])
        if record["author"] is not None:
            yield threads.AUTHOR, record["author"]


@dataclass(frozen=True, slots=True)
class Stored:
    """The records of all buckets, in the order of their ids, so that a row is its id's rank."""

    ids: Sequence[pa.Array]
    columns: Columns
    ties: Ints
    """Pairs of rows that belong to one story whatever their texts."""

    @classmethod
    def read(cls, buckets: Iterable[Row]) -> "Stored":
        """What `Writer.commit` told of each bucket. About 150 bytes a record; texts stay where they are."""
        read = [(items_of(bucket), bucket) for bucket in buckets]
        items = pa.Table.from_batches([batch for batch, _ in read], ITEMS)
        n = len(items)
        role = numbers_of(items.column("role"))
        found = threads_of(read)
        bodies, titles = texts_of_buckets(read)
        source, sources = codes_of(items.column("source"))
        columns = Columns(
            rank=np.arange(n),
            bodies=bodies,
            titles=titles,
            kind=KIND_CODES[role],
            role=role,
            truncated=numbers_of(items.column("truncated").cast(pa.int8())).astype(np.bool_),
            published=np.zeros(n, np.bool_),
            captured=_ranked(items.column("captured")),
            source=source,
            sources=sources,
            thread=found.thread,
            author=found.author,
            parent=found.parent,
        )
        return cls(items.column("id").chunks, columns, found.ties)


KIND_CODES: Final = np.array([KINDS.index(KIND_OF[name]) for name in ROLES], np.int64)
"""The place in `KINDS` of the kind of each role."""

Read = Iterable[tuple[pa.RecordBatch, Row]]
"""Buckets with their items."""


class Ids(Sequence[str]):
    """Ids by row, all of one length; holds their bytes."""

    def __init__(self, chunks: Sequence[pa.Array]) -> None:
        self._ids = np.concatenate([np.empty(0, "S1"), *map(texts_of, chunks)])

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, row: Any) -> Any:
        return self._ids[row].decode()

    def many(self, rows: Ints | slice) -> list[str]:
        """The ids of several rows."""
        return [id_.decode() for id_ in self._ids[rows].tolist()]


def items_of(bucket: Row) -> pa.RecordBatch:
    """What folding reads of each record of a bucket, but for its texts: `ITEMS`."""
    (batch,) = read_batches([bucket["items"]])
    return batch


def threads_of(read: Read) -> threads.Threads:
    """What marks say of the records of all buckets."""
    read = list(read)
    role, position, reply_to = (
        np.concatenate([np.empty(0, np.int64), *(numbers_of(batch.column(name), -1) for batch, _ in read)])
        for name in ("role", "position", "reply_to")
    )
    comments = np.flatnonzero(role == ROLES["comment"])
    marks = pa.Table.from_batches([], MARKS)
    if len(comments):  # else nothing is tied, and no mark is asked for
        marks = pa.concat_tables(_shifted(read))
    return threads.read(marks, threads.Places(len(role), comments, position, reply_to))


def _shifted(read: Read) -> Iterator[pa.Table]:
    """The marks of each bucket, numbered by rows of all."""
    first = 0
    for batch, bucket in read:
        marks = pa.Table.from_batches(read_batches([bucket["marks"]]), MARKS)
        # A scalar of Arrow's would import pandas, which takes longer than all this.
        rows = numbers_of(marks.column("number")) + first
        yield marks.set_column(0, "number", array_of(rows))
        first += batch.num_rows


def texts_of_buckets(read: Read) -> tuple[Bodies, Bodies | None]:
    """The texts and the titles of all records; no titles where no record has one."""
    bodies: list[StoredPart] = []
    titles: list[StoredPart] = []
    first, n_titles = 0, 0
    for batch, bucket in read:
        path, sha256 = bucket["texts"]
        require_intact(path, sha256)
        sizes = [numbers_of(batch.column(name)) for name in ("text_bytes", "title_bytes")]
        n_titles += batch.num_rows - batch.column("title_bytes").null_count
        ends = np.cumsum(sizes[0] + sizes[1])
        start = 0
        while start < len(ends):
            at = int(ends[start - 1]) if start else 0
            stop = max(start + 1, int(np.searchsorted(ends, at + _PART_BYTES, "right")))
            behind = ends[start:stop] - at
            between = behind - sizes[1][start:stop]
            where = first + start, path, at, int(behind[-1])
            bodies.append(StoredPart(*where, between - sizes[0][start:stop], between))
            titles.append(StoredPart(*where, between, behind))
            start = stop
        first += len(ends)
    return Bodies(bodies), Bodies(titles) if n_titles else None


def _ranked(texts: pa.ChunkedArray) -> pa.Array:
    """The place of each text among all, sorted; null for nulls."""
    codes, distinct = codes_of(texts)
    rank = np.empty(len(distinct) + 1, np.int64)
    rank[numbers_of(pc.sort_indices(distinct))] = np.arange(len(distinct))
    ranked = rank[codes]  # of -1, for nulls, it is the last one
    return pc.if_else(texts.combine_chunks().is_valid(), array_of(ranked), pa.nulls(len(codes), _INT))
