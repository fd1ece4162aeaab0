"""The names of those who comment, on pages and in records: hidden once it is known which lines they head."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from broadsheet.privacy.masker import AUTHOR, MASKED, Masker
from broadsheet.strict import canonical

Row = dict[str, Any]
_MIN_CHARS: Final = 3
"""Shorter names are hidden in the heads of comments alone: elsewhere they are mostly other words."""
_WORD: Final = re.compile(r"\w+")
_HEADS: Final = frozenset({"title", "dek", "byline", "meta"})


def hide_authors(masker: Masker, page_id: str, text: str, host: str | None, segments: Sequence[Row]) -> str:
    """The page's text, as long as it was, without the names of those who comment; the segments are changed in place.

    Names go from the heads of comments, and, as whole words, from comments and boilerplate; articles keep theirs.
    Authors become pseudonyms. Where they are kept, those that a mask covers do all the same, each another one: two
    names under one mask are two persons.
    """
    comments = [row for row in segments if row["role"] == "comment" and row["author"]]
    if masker.settings.comment_authors == "keep":
        for row in comments:
            if MASKED.search(row["author"]):
                row["author"] = _unknown(masker, page_id, row)
        return text
    chars = list(text)
    for row in segments:
        if row["role"] == "comment":
            _hide_head(chars, text, row)
    names = _Names(row["author"] for row in comments)
    for row in segments:
        if row["role"] in ("comment", "boilerplate"):
            for start, end in names.spans(text, row["start"], row["end"]):
                _hide(chars, start, end)
    hidden = "".join(chars)
    for row in segments:
        if row["role"] == "comment":
            _rename(row, hidden)
    for row in comments:
        covered = MASKED.search(row["author"])
        row["author"] = _unknown(masker, page_id, row) if covered else masker.pseudonym(row["author"], host)
    return hidden


class _Names:
    """Names to be found in texts as whole words, in a time that does not grow with their number."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {name for name in names if len(name) >= _MIN_CHARS and not MASKED.search(name)}
        self._lengths: dict[str, set[int]] = {}
        for name in self._names:
            first = _WORD.match(name)
            if first:
                self._lengths.setdefault(first[0], set()).add(len(name))

    def spans(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where the names stand, the longest that begins at each word."""
        for word in _WORD.finditer(text, start, end) if self._names else ():
            at = word.start()
            for length in sorted(self._lengths.get(word[0], ()), reverse=True):
                is_whole = not _WORD.match(text, at + length)
                if at + length <= end and is_whole and text[at : at + length] in self._names:
                    yield at, at + length
                    break


def _unknown(masker: Masker, page_id: str, row: Row) -> str:
    return masker.pseudonym(f"{page_id}:{row['start']}", None)


def _hide_head(chars: list[str], text: str, row: Row) -> None:
    """Hides the author in the head of a comment; where no name is known or found there, the whole byline."""
    found = False
    for part in row["parts"]:
        if row["author"] and part["part"] in _HEADS:
            start = text.find(row["author"], part["start"], part["end"])
            while start >= 0:
                found = True
                _hide(chars, start, start + len(row["author"]))
                start = text.find(row["author"], start + len(row["author"]), part["end"])
    if not found:
        for part in row["parts"]:
            if part["part"] == "byline":
                _hide(chars, part["start"], part["end"])


def _hide(chars: list[str], start: int, end: int) -> None:
    chars[start:end] = AUTHOR * (end - start)


def _rename(row: Row, text: str) -> None:
    """Gives a comment the title, standfirst and byline that its parts now hold."""
    cut: dict[str, list[str]] = {"title": [], "dek": [], "byline": []}
    for part in row["parts"]:
        if part["part"] in cut:
            cut[part["part"]].append(text[part["start"] : part["end"]])
    row |= {name: " ".join(cut[name]) or None for name in ("title", "dek")}
    row["byline"] = next(iter(cut["byline"]), None)


def without_author(record: str) -> str:
    """A record's canonical JSON without the author, where it is a comment, or of no role that there is."""
    value: Mapping[str, Any] = json.loads(record)
    if "author" not in value or value.get("role") in (None, "main", "sidebar", "teaser"):
        return record
    return canonical({name: inner for name, inner in value.items() if name != "author"}).decode()
