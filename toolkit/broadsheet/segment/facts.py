"""What the lines around an article say of it: dates as written, and the source that it names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from broadsheet.segment.model import Date

_WORD: Final = r"\b[^\W\d_][^\s\d,.:;/()|\[\]-]{2,20}"
"""A month's name in any language: letters with their marks, three or more."""
_GAP: Final = r"\s{1,4}"
_LINK: Final = rf"(?:[^\W\d_]{{1,3}}\.?{_GAP})?"
"""A small word between day, month and year, as in Spanish."""
_ORDINAL: Final = r"(?:\.|[ºª°]|[^\W\d_]{2}\b)?"
_DATE: Final = "|".join(
    (
        r"\d{4}([-./])\d{1,2}\1\d{1,2}(?=T\d)",
        r"\d{4}([-./])\s?\d{1,2}\2\s?\d{1,2}(?!\d)",
        r"(?P<first>\d{1,2})([-./])\s?(?P<second>\d{1,2})\4\s?(?:\d{4}|\d{2})(?![\d])",
        r"\d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]",
        rf"\d{{1,2}}{_ORDINAL}(?:{_GAP}|-){_LINK}{_WORD}\.?,?(?:{_GAP}|-){_LINK}\d{{4}}(?!\d)",
        rf"{_WORD}\.?{_GAP}\d{{1,2}}{_ORDINAL},?{_GAP}\d{{4}}(?!\d)",
        rf"\d{{4}}\.{_GAP}{_WORD}\.?{_GAP}\d{{1,2}}(?!\d)",
    )
)
_CLOCK: Final = (
    r"(?:(?:T|,?\s{1,4}(?:[-–—|@·•]\s*)?(?:[^\W\d_]{1,3}\s+)?)"
    r"\d{1,2}[:.h]\d{2}(?![.\d])(?::\d{2}(?:\.\d+)?)?(?:\s?[AaPp]\.?[Mm]\b\.?)?(?:Z\b|[+-]\d{2}:?\d{2}\b)?)?"
)
_PATTERN: Final = re.compile(rf"(?<![\d.,/-])(?<!\d:)(?:{_DATE}){_CLOCK}")
_DIGIT: Final = re.compile(r"\d")
_POSSIBLE: Final = re.compile(r"\d(?:\d{3}|[-./]\s?\d{1,2}[-./])")
"""What every date has: a year, or figures parted by signs. Looked for first: a month's name could begin anywhere."""


def dates_in(text: str, start: int, end: int) -> list[Date]:
    """The dates that `text[start:end]` shows, in order, as written, with a clock time that follows.

    A date has day, month and year, in figures or with a month's name in any language; nothing says that it is one of
    the calendar.

    >>> [date.value for date in dates_in("Ann Reed, 3. mai 2019, 14:05 | 2020-01-02", 0, 41)]
    ['3. mai 2019, 14:05', '2020-01-02']
    """
    if not _POSSIBLE.search(text, start, end):
        return []
    return [Date(m[0], m.start(), m.end()) for m in _PATTERN.finditer(text, start, end) if _is_possible(m)]


def _is_possible(match: re.Match[str]) -> bool:
    """False where figures can be no day and month in either order."""
    if match["first"] is None:
        return True
    low, high = sorted((int(match["first"]), int(match["second"])))
    return 1 <= low <= 12 and high <= 31


def attribution_of(text: str, ends: Iterable[tuple[int, int]], heads: Iterable[tuple[int, int]]) -> str | None:
    """The line that names an article's source: the first below it without a date, else the first above without figures.

    `ends` and `heads` are places of lines below and above the body that are no part of it and no byline.
    """
    for start, end in ends:
        if not dates_in(text, start, end):
            return text[start:end]
    for start, end in heads:
        if not _DIGIT.search(text, start, end):
            return text[start:end]
    return None
