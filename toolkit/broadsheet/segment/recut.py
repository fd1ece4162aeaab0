"""Records made again from a page's text and the bounds that were published, without cutting the page anew."""

from collections.abc import Iterator, Sequence
from typing import Any

from broadsheet.batches import Row
from broadsheet.segment.stage import records_on, spans_of
from broadsheet.segment.threads import author_of, speakers


def records_again(page: Row, segments: Sequence[Row]) -> Iterator[Row]:
    """The records of a page as segmentation made them, before validation, in the order of their first segments.

    Segments: the page's, as a release holds them. Each record comes with `starts`, which say where its segments are.
    """
    told = segments if page["given"] is not None else _told(page["text"], segments)
    return records_on(page, told)


def _told(text: str, segments: Sequence[Row]) -> list[Row]:
    """The segments with what they say of themselves: title, standfirst, byline and author."""
    comments = [row for row in segments if row["role"] == "comment"]
    authors = dict(zip((row["start"] for row in comments), speakers([_head(text, r) for r in comments]), strict=True))
    return [{**row, **_said(text, row, authors)} for row in segments]


def _said(text: str, segment: Row, authors: dict[int, str | None]) -> dict[str, Any]:
    shown: dict[str, list[str]] = {"title": [], "dek": [], "byline": []}
    for part in segment["parts"] if segment["role"] != "boilerplate" else ():
        if part["part"] in shown:
            shown[part["part"]].append(text[part["start"] : part["end"]])
    bylines = shown["byline"]
    if segment["role"] == "comment":
        author = authors[segment["start"]]
    else:
        author = next(filter(None, map(author_of, bylines)), None)
    return {
        "title": " ".join(shown["title"]) or None,
        "dek": " ".join(shown["dek"]) or None,
        "byline": bylines[0] if bylines else None,
        "author": author,
        "body": spans_of(segment),
    }


def _head(text: str, comment: Row) -> str | None:
    """The line that names a comment's author, where the comment begins with one; a marker may stand before it."""
    parts = [part for part in comment["parts"] if part["part"] != "space"]
    if len(parts) > 1 and parts[0]["part"] == "meta" and "\n" not in text[parts[0]["start"] : parts[1]["start"]]:
        parts = parts[1:]
    if parts and parts[0]["part"] == "byline":
        return text[parts[0]["start"] : parts[0]["end"]]
    return None
