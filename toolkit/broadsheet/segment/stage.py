"""Segmentation as stages: pages to segments that tile them, and segments to the records that they become."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, repeat
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from broadsheet.batches import CANDIDATES, Row, from_rows, to_rows
from broadsheet.columns import column, offsets_of, values_of
from broadsheet.contract import KINDS, arrow_schema, capture_of, claimed_time, page_id, schema
from broadsheet.segment.consensus import Crawl, Votes
from broadsheet.segment.language import detect_all
from broadsheet.segment.measured import Weighed
from broadsheet.segment.model import Part, Segment
from broadsheet.segment.page import Page, blocks_of, elements_of
from broadsheet.segment.pages import count, segment_pages, vote
from broadsheet.segment.repetition import Keys
from broadsheet.strict import canonical
from broadsheet.text import address, join_body, source_of

Span = tuple[int, int]

SEGMENTS: Final = arrow_schema(schema("segment"), without=("page", "text"))
_TOLD: Final = (
    "page_id", "start", "role", "article", "title", "dek", "byline", "author", "truncated", "position", "depth",
    "reply_to", "language", "script",
)  # fmt: skip
"""What records are made of, beside the places of their bodies."""


def segment(
    batches: Iterable[pa.RecordBatch], crawl: Crawl | None = None, known: Iterator[Weighed] | None = None
) -> Iterator[pa.RecordBatch]:
    """Segments of the pages, in the pages' order. Rows: n and any number; each page's segments tile its text.

    With a crawl (`repetition`, `readings`), what repeats on other pages of a page's site is evidence. `known`: how
    `readings` weighed the same pages, in its order. A record of the user's own is one segment, even without text.
    """
    for batch in batches:
        pages = _without_records(batch)
        cut = iter(segment_pages(pages_of(pages), sites_of(pages) if crawl else None, crawl=crawl, known=known))
        given = to_rows(batch.select(["given", "text"]))
        told = detect_all(row["text"] for row in given if row["given"] is not None)
        found = [[_given_segment(row, *next(told))] if row["given"] is not None else next(cut) for row in given]
        ids = batch.column("page_id").to_pylist()
        yield _batch([id_ for id_, of in zip(ids, found, strict=True) for _ in of], [s for of in found for s in of])


def repetition(batches: Iterable[pa.RecordBatch]) -> Iterator[Keys]:
    """What the pages of each batch show to the count of repetition, to be added up by `repetition.merged`."""
    for batch in batches:
        pages = _without_records(batch)
        yield count([Page(text) for text in pages.column("text").to_pylist()], sites_of(pages))


def readings(batches: Iterable[pa.RecordBatch], table: Keys) -> Iterator[tuple[Votes, list[Weighed]]]:
    """How the pages of each batch read the lines that repeat, to be added up by `consensus.merged`; and as weighed.

    `table`: the added up counts, of keys that two pages or more have.
    """
    for batch in batches:
        pages = _without_records(batch)
        yield vote(pages_of(pages), sites_of(pages), table)


def _without_records(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The rows of pages: what repeats in records of the user's own is no evidence."""
    is_page = pc.is_null(batch.column("given"))
    return batch if pc.all(is_page, min_count=0).as_py() else batch.filter(is_page)


def pages_of(batch: pa.RecordBatch) -> list[Page]:
    """What segmentation reads of page rows. Rows: n and n."""
    texts, claims = batch.column("text").to_pylist(), _structs(batch.column("claims"), ("name", "value"))
    elements, blocks = elements_of(batch.column("elements")), blocks_of(batch.column("blocks"))
    return [
        Page(text, elements, blocks, *([c["value"] for c in claims if c["name"] == name] for name in _CLAIMED))
        for text, elements, blocks, claims in zip(texts, elements, blocks, claims, strict=True)
    ]


_CLAIMED: Final = ("title", "author")


def _structs(values: pa.Array, names: Sequence[str]) -> list[list[Row]]:
    """Some fields of the structs in each row's list. Rows: n and n."""
    inner = values.flatten()
    rows = iter(zip(*(pc.struct_field(inner, name).to_pylist() for name in names), strict=True))
    sizes = pc.list_value_length(values).to_pylist()
    return [[dict(zip(names, row, strict=True)) for row in islice(rows, n or 0)] for n in sizes]


def sites_of(batch: pa.RecordBatch) -> list[str]:
    """The site of each page row, by name: within it repetition is evidence. Rows: n and n."""
    named = ("claims", "name", "value"), ("captures", "path", "line", "offset", "url", "source")
    claims, captures = (_structs(batch.column(name), fields) for name, *fields in named)
    return [_site(capture_of({"claims": a, "captures": b})) for a, b in zip(claims, captures, strict=True)]


def _site(capture: Row) -> str:
    """The host of the page's address, else its source, else the folder of its first capture, or the file around it."""
    host = source_of(capture["url"]) if capture["url"] else None
    is_inside = capture["line"] is not None or capture["offset"] is not None
    place: str = capture["path"] if is_inside else capture["path"].rpartition("/")[0]
    return host or capture["source"] or place


def _batch(ids: Sequence[str], segments: Sequence[Segment]) -> pa.RecordBatch:
    """A batch of `SEGMENTS` from segments and the ids of their pages. Rows: n and n."""
    columns = zip(*segments, strict=True) if segments else repeat((), len(Segment._fields))
    values = {"page_id": ids} | dict(zip(Segment._fields, columns, strict=True))
    arrays = [column(values[field.name], field.type) for field in SEGMENTS]
    return pa.RecordBatch.from_arrays(arrays, schema=SEGMENTS)


def _given_segment(page: Row, language: str, script: str | None) -> Segment:
    record = _given(page)
    role = record.get("role")
    role = role if isinstance(role, str) and role in KINDS else "main"
    end = len(page["text"])
    place = record if role == "comment" else {}
    return Segment(
        0,
        end,
        role,
        0 if KINDS[role] == "article" else None,
        (Part("body", 0, end),) if end else (),
        position=_small(place.get("position")),
        depth=_small(place.get("depth")),
        reply_to=_small(place.get("reply_to")),
        language=language,
        script=script,
        truncated=record.get("truncated") is True,
        confidence=1.0,
    )


def _given(page: Row) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(page["given"])
    return value


def _small(value: Any) -> int | None:
    """The place in a thread that a record gives, before anybody has checked it; None where it is none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and value == int(value) and 0 <= value < 2**31 else None


def spans_of(segment: Row) -> list[Span]:
    """The places of a segment's body parts, start and end, which become the text of a record."""
    return [(part["start"], part["end"]) for part in segment["parts"] if part["part"] == "body"]


def _all_spans(parts: pa.Array) -> list[list[Span]]:
    """`spans_of` each segment, from the column of their parts. Rows: n and n."""
    places = zip(*map(values_of, parts.flatten().flatten()), strict=True)
    return [
        [(start, end) for part, start, end in islice(places, n) if part == "body"]
        for n in np.diff(offsets_of(parts)).tolist()
    ]


def body_of(text: str, segments: Iterable[Row]) -> str:
    """The text of the record that some segments of a page's text become: their body parts."""
    return join_body(text, (span for row in segments for span in spans_of(row)))


def candidates(pages: pa.RecordBatch, segments: pa.RecordBatch) -> pa.RecordBatch:
    """The records that the segments of the pages become, before validation.

    Rows: one per article, comment and teaser of each page, in the order of their first segments.
    """
    by_page: dict[str, list[Row]] = {}
    is_told = column([role != "boilerplate" for role in segments.column("role").to_pylist()], pa.bool_())
    told = segments.filter(is_told)
    for row, spans in zip(to_rows(told.select(_TOLD)), _all_spans(told.column("parts")), strict=True):
        row["body"] = spans
        by_page.setdefault(row["page_id"], []).append(row)
    rows = [
        row
        for page in to_rows(pages.select(["page_id", "text", "given", "claims", "captures"]))
        for row in records_on(page, by_page.get(page["page_id"], []))
    ]
    return from_rows(rows, CANDIDATES)


def records_on(page: Row, segments: Sequence[Row]) -> Iterator[Row]:
    """The records (`CANDIDATES`) that the segments of one page become, in the order of their first segments.

    Segments: what they say of themselves, and `body`, the places of their body parts (`spans_of`).
    """
    groups: dict[tuple[str, int], list[Row]] = {}
    for row in segments:
        if row["role"] == "boilerplate":
            continue
        key = ("article", row["article"]) if row["article"] is not None else ("start", row["start"])
        groups.setdefault(key, []).append(row)
    capture = capture_of(page)
    is_given = page["given"] is not None
    has_thread = not is_given and any(row["role"] == "comment" for row in segments)
    thread = _thread(page, capture["url"], segments) if has_thread else ""
    for members in groups.values():
        record = _given(page) if is_given else _record(page, capture, members, thread)
        starts = [row["start"] for row in members]
        yield {
            "page_id": page["page_id"],
            "start": starts[0],
            "starts": starts,
            "capture": capture,
            **{name: members[0][name] for name in ("language", "script")},
            "record": canonical(record).decode(),
        }


def _body(text: str, segments: Iterable[Row]) -> str:
    return join_body(text, (span for row in segments for span in row["body"]))


def _record(page: Row, capture: Row, members: Sequence[Row], thread: str) -> dict[str, Any]:
    """One article, comment or teaser as `schema/record.schema.json` wants it."""
    first = members[0]
    record: dict[str, Any] = {name: first[name] for name in ("role", "title", "dek", "byline", "author", "script")}
    record |= {
        "text": _body(page["text"], members),
        "language": first["language"],
        "truncated": members[-1]["truncated"],
        "published": claimed_time(page, "published") if first["role"] == "main" and first["article"] == 0 else None,
        "url": capture["url"],
        "source": capture["source"],
        "captured": capture["captured"],
    }
    if first["role"] == "comment":
        record |= {name: first[name] for name in ("position", "depth", "reply_to")} | {"thread": thread}
    return record


def _thread(page: Row, claimed: str | None, segments: Sequence[Row]) -> str:
    """What a page's comments comment on: its address, else its main article's text, else the page.

    Address and text stay what they are when the page is captured again with more comments.
    """
    addresses = [address(capture["url"]) for capture in page["captures"] if capture["url"]]
    addresses = addresses or ([address(claimed)] if claimed else [])
    if addresses:
        return min(addresses)
    text = _body(page["text"], (row for row in segments if row["role"] == "main"))
    return page_id(text.encode()) if text else str(page["page_id"])
