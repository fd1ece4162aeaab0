"""Segmentation as stages: pages to segments that tile them, and segments to the records that they become."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import pyarrow as pa

from broadsheet.batches import CANDIDATES, Row, from_rows, to_rows
from broadsheet.contract import KINDS, arrow_schema, canonical_json, capture_of, claimed_time, page_id, schema
from broadsheet.segment.language import detect
from broadsheet.segment.model import Segment
from broadsheet.segment.parts import segment_text
from broadsheet.text import address, join_body

SEGMENTS: Final = arrow_schema(schema("segment"), without=("page", "text"))


def segment(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Segments of the pages, in the pages' order. Rows: n and any number; each page's segments tile its text."""
    for batch in batches:
        rows = [row for page in to_rows(batch) for row in page_segments(page)]
        yield from_rows(rows, SEGMENTS)


def page_segments(page: Row) -> list[Row]:
    """The segment rows of one page row; a record of the user's own is one segment, even without text."""
    if page["given"] is not None:
        return [_given_segment(page)]
    return [{"page_id": page["page_id"], **_row(s)} for s in segment_text(page["text"])]


def _row(segment: Segment) -> Row:
    row: Row = {name: getattr(segment, name) for name in SEGMENTS.names if name not in ("page_id", "parts")}
    return row | {"parts": [{"part": p.part, "start": p.start, "end": p.end} for p in segment.parts]}


def _given_segment(page: Row) -> Row:
    record = _given(page)
    role = record.get("role")
    role = role if isinstance(role, str) and role in KINDS else "main"
    end = len(page["text"])
    language, script = detect(page["text"])
    return {
        "page_id": page["page_id"],
        "start": 0,
        "end": end,
        "role": role,
        "article": 0 if KINDS[role] == "article" else None,
        "parts": [{"part": "body", "start": 0, "end": end}] if end else [],
        **{name: _small(record.get(name)) if role == "comment" else None for name in ("position", "depth", "reply_to")},
        "language": language,
        "script": script,
        "truncated": record.get("truncated") is True,
        "confidence": 1.0,
    }


def _given(page: Row) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(page["given"])
    return value


def _small(value: Any) -> int | None:
    """The place in a thread that a record gives, before anybody has checked it; None where it is none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and value == int(value) and 0 <= value < 2**31 else None


def candidates(pages: pa.RecordBatch, segments: pa.RecordBatch) -> pa.RecordBatch:
    """The records that the segments of the pages become, before validation.

    Rows: one per article, comment and teaser of each page, in the order of their first segments.
    """
    by_page: dict[str, list[Row]] = {}
    for row in to_rows(segments):
        by_page.setdefault(row["page_id"], []).append(row)
    rows = [row for page in to_rows(pages) for row in _of_page(page, by_page.get(page["page_id"], []))]
    return from_rows(rows, CANDIDATES)


def _of_page(page: Row, segments: Sequence[Row]) -> Iterator[Row]:
    groups: dict[tuple[str, int], list[Row]] = {}
    for row in segments:
        if row["role"] == "boilerplate":
            continue
        key = ("article", row["article"]) if row["article"] is not None else ("start", row["start"])
        groups.setdefault(key, []).append(row)
    thread = _thread(page, segments)
    for members in groups.values():
        record = _given(page) if page["given"] is not None else _record(page, members, thread)
        starts = [row["start"] for row in members]
        yield {
            "page_id": page["page_id"],
            "start": starts[0],
            "starts": starts,
            "capture": capture_of(page),
            **{name: members[0][name] for name in ("language", "script")},
            "record": canonical_json(record),
        }


def _record(page: Row, members: Sequence[Row], thread: str) -> dict[str, Any]:
    """One article, comment or teaser as `schema/record.schema.json` wants it."""
    first = members[0]
    capture = capture_of(page)
    spans = [(p["start"], p["end"]) for row in members for p in row["parts"] if p["part"] == "body"]
    record: dict[str, Any] = {name: first[name] for name in ("role", "title", "dek", "byline", "author", "script")}
    record |= {
        "text": join_body(page["text"], spans),
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


def _thread(page: Row, segments: Sequence[Row]) -> str:
    """What a page's comments comment on: its address, else its main article's text, else the page.

    Address and text stay what they are when the page is captured again with more comments.
    """
    addresses = [address(capture["url"]) for capture in page["captures"] if capture["url"]]
    claimed = capture_of(page)["url"]
    if addresses or claimed:
        return min(addresses or [address(claimed)])
    spans = [
        (p["start"], p["end"]) for row in segments if row["role"] == "main" for p in row["parts"] if p["part"] == "body"
    ]
    return page_id(join_body(page["text"], spans).encode()) if spans else str(page["page_id"])
