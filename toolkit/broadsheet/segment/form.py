"""What the form of a line and of its neighbours shows, as small whole numbers: the bins that a model weighs.

Every feature is a column of bins, `uint16[n]`; `FEATURES` names them with the meaning of each bin, which is what an
explanation prints. Nothing here knows a language beyond its commonest function words, nor any phrase.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from broadsheet.segment import chars
from broadsheet.segment.around import (
    after,
    among,
    at,
    before,
    densest_run,
    of_page,
    outline,
    shared,
    stretch,
    to_prose,
    window,
)
from broadsheet.segment.chars import (
    BAR,
    BULLET,
    CLOSE,
    COLON,
    COMMA,
    DASH,
    DIGIT,
    ELLIPSIS,
    LETTER,
    LOWER,
    MARK,
    OPEN,
    QUERY,
    QUOTE,
    RIGHTS,
    SIGN,
    STOP,
    UPPER,
    WIDE,
)
from broadsheet.segment.dates import SHORT, date_bins
from broadsheet.segment.language import Words
from broadsheet.segment.lines import Bools, Ints, Lines
from broadsheet.segment.words import WordsOfLines, name_bins

Columns = dict[str, Ints]

_LENGTHS: Final = (1, 2, 3, 4, 6, 8, 11, 15, 20, 30, 50, 80)
_COARSE: Final = (3, 7, 12, 25)
_LONG: Final = 12
"""Words from which a line counts as prose when the page's usual gap is looked for."""


def _names(edges: tuple[float, ...], unit: str = "") -> list[str]:
    middle = [f"{a:g} to {b:g}{unit}" for a, b in pairwise(edges)]
    return [f"to {edges[0]:g}{unit}", *middle, f"over {edges[-1]:g}{unit}"]


_ENDS: Final = ["a sentence's stop", "? or !", "an ellipsis", "a colon", "a comma or semicolon", "a bracket or quote",
                "a digit", "a letter", "another sign"]  # fmt: skip
_BEGINS: Final = ["a small letter", "a capital", "a letter without case", "a digit", "a quote or bracket", "a bullet",
                  "a number as marker", "an arrow or bar", "another sign"]  # fmt: skip
_DATES: Final = ["no number", "a number", "a year", "a date", "a clock time", "date and clock time",
                 "few words with a small number", "long line"]  # fmt: skip
_LIKE_NAMES: Final = ["nothing like a name", "a bare name", "a lead-in and a name", "one capitalised word",
                      "a name and more", "few words without case", "a lead-in, a name and more"]  # fmt: skip
_FAR: Final = (0, 1, 2, 3, 6, 12, 25, 50)
KINDS: Final = ("long prose", "prose", "a name", "a date", "an item", "a title", "few words", "nothing")
"""What a line is like, in one word: the coarsest view of it, for what stands around a line."""
_GAPS: Final = ("usual gap", "larger gap", "large gap")
_NEAR: Final = [f"{i} lines" for i in range(4)]
FEATURES: Final[dict[str, list[str]]] = {
    "words": _names(_LENGTHS, " words"),
    "ends in": _ENDS,
    "begins with": _BEGINS,
    "small words": ["no case", "under 15 %", "under 35 %", "under 55 %", "under 75 %", "75 % or more"],
    "sentences inside": ["0", "1", "2", "3 or more"],
    "commas": ["0", "1", "2", "3 or more"],
    "blank lines before": ["fewer than usual", "as usual", "1 more", "2 more", "3 more", "4 more", "first line"],
    "blank lines after": ["fewer than usual", "as usual", "1 more", "2 more", "3 more", "4 more", "last line"],
    "blank lines before and after": [f"{a}, {b}" for a in (0, 1, "more") for b in (0, 1, "more")],
    "more blank lines before than after": ["fewer", "equal", "1 more", "2 or more"],
    "date": _DATES,
    "name": _LIKE_NAMES,
    "name and words": [f"{a}; {b}" for a in _LIKE_NAMES for b in _names(_COARSE)],
    "marker": [
        "none", "bullet", "number", "indented under an item", "item with text under it", "text under such an item"
    ],
    "indent": ["none", "1 to 3", "4 to 7", "8 or more"],
    "equal lines on the page": [f"{a}, {b}" for a in ("short", "long") for b in ("1", "2", "3 or 4", "5 or more")],
    "signs of code": ["none", "under 2 %", "under 6 %", "more"],
    "parts side by side": ["1", "2", "3", "4 or more", "a rights sign"],
    "function words": ["none known on the page", "0", "under 15 %", "under 30 %", "under 45 %", "more"],
    "densest run": ["outside", "inside", "first", "last", "1 before", "2 or 3 before", "4 to 6 before", "1 after",
                    "2 or 3 after", "4 to 6 after"],
    "prose before and after": [f"{a}, {b}" for a in range(4) for b in range(4)],
    "prose within eight": [*_NEAR, "4 or more"],
    "place among the prose": ["no prose on the page", "before it", "within it", "behind it"],
    "prose lines of the page": ["0", "1", "2", "3 to 5", "6 to 15", "more"],
    "words here and next": [f"{a}; then {b}" for a in _names(_COARSE) for b in _names(_COARSE)],
    "words before and here": [f"{a}; after {b}" for a in _names(_COARSE) for b in _names(_COARSE)],
    "dated short lines of the page": [
        f"{a}, {b}" for a in ("undated", "dated") for b in ("0", "1", "2", "3 to 5", "more")
    ],
    "date on the neighbours": ["neither", "before", "after", "both"],
    "last word shared": ["long line", "1", "2 or 3", "4 or more"],
    "first word shared": ["long line", "1", "2 or 3", "4 or more"],
    "ends and next words": [f"{a}; then {b}" for a in _ENDS for b in _names(_COARSE)],
    "ends and words": [f"{a}; {b}" for a in _ENDS for b in _names(_COARSE)],
    "end of the line before": [*_ENDS, "first line"],
    "marker before and after": [
        f"{a}, {b}" for a in ("none", "marker", "indented") for b in ("none", "marker", "indented")
    ],
    "marker and words": [f"{a}; {b}" for a in ("none", "bullet", "number") for b in _names(_COARSE)],
    "share of the page's longest run": ["none", "under 10 %", "under 30 %", "under 70 %", "more"],
    "end of the line after": [*_ENDS, "last line"],
    "name before": [*_LIKE_NAMES, "first line"],
    "name after": [*_LIKE_NAMES, "last line"],
    "prose lines that follow": [*_NEAR, "4 to 7", "more"],
    "prose lines that precede": [*_NEAR, "4 to 7", "more"],
    "larger gaps of the page": [
        f"{a} more; {b}" for a in ("0", "1", "2 or") for b in ("0", "1 or 2", "3 to 8", "over 8")
    ],
    "lines to the nearest prose": _names(_FAR),
    "kind, with those around": [f"{a} | {b} | {c}" for a in KINDS for b in KINDS for c in KINDS],
    "kind, with those that follow": [f"{a} | {b} | {c}" for a in KINDS for b in KINDS for c in KINDS],
    "kinds and gap before": [f"{a} | {g} | {b}" for a in KINDS for g in _GAPS for b in KINDS],
    "kinds and gap after": [f"{a} | {g} | {b}" for a in KINDS for g in _GAPS for b in KINDS],
    "kind and prose that follows": [f"{a}; {n}" for a in KINDS for n in range(5)],
    "kind and prose that precedes": [f"{a}; {n}" for a in KINDS for n in range(5)],
    "shape shared": ["long line", "1", "2", "3 to 5", "more"],
}  # fmt: skip


def _usual_gaps(lines: Lines) -> Ints:
    """Blank lines that each page puts between two paragraphs: the commonest gap between long lines, `int64[pages]`."""
    n_pages = len(lines.bounds) - 1
    long = lines.words >= _LONG
    between = np.flatnonzero(long[1:] & long[:-1] & (lines.page[1:] == lines.page[:-1])) + 1
    counts = np.bincount(lines.page[between] * 8 + np.minimum(lines.gap[between], 7), minlength=n_pages * 8)
    table = counts.reshape(-1, 8)
    any_gap = np.zeros(n_pages, np.int64)
    inner = np.ones(len(lines), np.bool_)
    inner[lines.begins] = False
    any_gap[lines.page[inner & (lines.gap > 0)]] = 1
    return np.where(table.any(axis=1), table.argmax(axis=1), any_gap)


def _end_bins(lines: Lines) -> Ints:
    kind = lines.kinds[lines.final].astype(np.int64)
    last_kind = lines.kinds[lines.last]
    table = np.full(chars.N_KINDS, 8)
    table[[STOP, QUERY, ELLIPSIS, COLON, COMMA, CLOSE, QUOTE, DIGIT]] = [0, 1, 2, 3, 4, 5, 5, 6]
    table[[LOWER, UPPER, LETTER, WIDE, MARK]] = 7
    found = table[kind]
    dots = (lines.codes[lines.final] == 46) & (lines.codes[np.maximum(lines.final - 1, 0)] == 46)
    found = np.where(dots & (lines.final > lines.first), 2, found)
    bracketed = (found == 7) & ((last_kind == CLOSE) | (last_kind == QUOTE))
    return np.where(bracketed, 5, found)


def _begin_bins(lines: Lines) -> Ints:
    kind = lines.kinds[lines.first]
    table = np.full(chars.N_KINDS, 8)
    table[[LOWER, UPPER, LETTER, WIDE, DIGIT, OPEN, QUOTE, BULLET, DASH, BAR]] = [0, 1, 2, 2, 3, 4, 4, 5, 5, 7]
    found = table[kind]
    return np.where(lines.numbered, 6, found)


def _prose(lines: Lines, end: Ints, inner: Ints) -> Bools:
    prose = (lines.words >= 9) & ((end <= 3) | (end == 5) | (lines.words >= 25))
    found: Bools = prose | (lines.words >= 6) & (end <= 1) & (inner >= 1)
    return found


def _kinds(lines: Lines, prose: Bools, dated: Bools, name: Ints, end: Ints) -> Ints:
    """The index into `KINDS` of each line."""
    title = (lines.words > 3) & (lines.words <= 20) & ~np.isin(end, (0, 3))
    named = np.isin(name, (1, 2, 6)) & (lines.words <= 10)
    return np.select([prose & (lines.words >= 25), prose, dated, lines.marker > 0, named, title], [0, 1, 3, 4, 2, 5], 6)


def prose_of(lines: Lines) -> Bools:
    """Which lines read as somebody's sentences."""
    end = _end_bins(lines)
    return _prose(lines, end, _inner(lines, end))


def _inner(lines: Lines, end: Ints) -> Ints:
    """Ends of sentences within each line."""
    return lines.count(STOP) + lines.count(QUERY) - (end <= 1)


class _View:
    """What several features are made of, a value a line."""

    def __init__(self, lines: Lines, words: Words) -> None:
        self.lines = lines
        self.words = WordsOfLines(lines, words)
        self.coarse = at(_COARSE, lines.words)
        self.end, self.begin = _end_bins(lines), _begin_bins(lines)
        self.inner = _inner(lines, self.end)
        self.date, self.dated = date_bins(lines)
        self.name = name_bins(lines, self.words, self.end)
        self.marker = outline(lines)
        self.listed = np.array([0, 1, 1, 2, 1, 2])[self.marker]
        """Outside of lists, with a marker, or indented under one."""
        self.excess = lines.gap - _usual_gaps(lines)[lines.page]
        """Blank lines before it beyond the usual."""
        self.gap = np.clip(self.excess + 1, 0, 5)
        self.gap[lines.begins] = 6
        self.prose = _prose(lines, self.end, self.inner)
        self.follow, self.precede = (stretch(self.prose, lines, ahead=ahead) for ahead in (True, False))
        self.kind = _kinds(lines, self.prose, self.dated, self.name, self.end)


def _of_line(view: _View) -> Columns:
    """What a line shows by itself."""
    lines, words, coarse, end = view.lines, view.words, view.coarse, view.end
    cased = words.big + words.low
    small = np.where(cased * 2 >= np.maximum(lines.tokens, 1), words.low / np.maximum(cased, 1), -1.0)
    total, function = (np.append(0, np.cumsum(values)) for values in (lines.tokens, words.function))
    on_page = (of[lines.bounds[1:]] - of[lines.bounds[:-1]] for of in (function, total))
    known = np.greater(next(on_page), 0.02 * next(on_page))[lines.page]
    function_share = 2 + at((0.15, 0.3, 0.45), words.function / np.maximum(lines.tokens, 1))
    signs = lines.count(SIGN)
    return {
        "words": at(_LENGTHS, lines.words),
        "ends in": end,
        "begins with": view.begin,
        "small words": np.where(small < 0, 0, 1 + at((0.1499, 0.3499, 0.5499, 0.7499), small)),
        "sentences inside": np.clip(view.inner, 0, 3),
        "commas": np.minimum(lines.count(COMMA), 3),
        "date": view.date,
        "name": view.name,
        "name and words": view.name * 5 + coarse,
        "marker": view.marker,
        "indent": at((0, 3, 7), lines.indent),
        "signs of code": np.where(signs == 0, 0, 1 + at((0.02, 0.06), signs / np.maximum(lines.chars, 1))),
        "parts side by side": np.where(lines.count(RIGHTS) > 0, 4, np.minimum(lines.count(BAR), 3)),
        "function words": np.where(~known, 0, np.where(words.function == 0, 1, function_share)),
        "ends and words": end * 5 + coarse,
        "marker and words": np.where(lines.marker == 0, 0, 1 + lines.numbered) * 5 + coarse,
    }


def _of_gaps(view: _View) -> Columns:
    """The blank lines before and behind."""
    lines, gap, excess = view.lines, view.gap, view.excess
    larger = excess > 0
    larger[lines.begins] = False
    return {
        "blank lines before": gap,
        "blank lines after": after(np.where(gap == 6, 5, gap), lines, 6),
        "blank lines before and after": np.minimum(lines.gap, 2) * 3 + np.minimum(after(lines.gap, lines, 2), 2),
        "more blank lines before than after": np.clip(lines.gap - after(lines.gap, lines, 9) + 1, 0, 3),
        "larger gaps of the page": np.clip(excess, 0, 2) * 4 + at((0, 2, 8), of_page(larger, lines)),
    }


def _of_neighbours(view: _View) -> Columns:
    """The lines right before and behind."""
    lines, coarse, end, listed = view.lines, view.coarse, view.end, view.listed
    dated, kind = view.dated.astype(np.int64), view.kind
    prior, later, wide = before(kind, lines, 7), after(kind, lines, 7), np.clip(view.excess, 0, 2)
    return {
        "words here and next": coarse * 5 + after(coarse, lines, 0),
        "words before and here": coarse * 5 + before(coarse, lines, 0),
        "date on the neighbours": before(dated, lines, 0) + 2 * after(dated, lines, 0),
        "ends and next words": end * 5 + after(coarse, lines, 0),
        "end of the line before": before(end, lines, 9),
        "marker before and after": before(listed, lines, 0) * 3 + after(listed, lines, 0),
        "end of the line after": after(end, lines, 9),
        "name before": before(view.name, lines, 7),
        "name after": after(view.name, lines, 7),
        "kind, with those around": (prior * 8 + kind) * 8 + later,
        "kind, with those that follow": (kind * 8 + later) * 8 + after(later, lines, 7),
        "kinds and gap before": (prior * 3 + wide) * 8 + kind,
        "kinds and gap after": (kind * 3 + after(wide, lines, 2)) * 8 + later,
    }


def _of_prose(view: _View) -> Columns:
    """The prose near it and on its page."""
    lines, prose, kind = view.lines, view.prose, view.kind
    before3, after3 = (np.minimum(window(prose, lines, 3, ahead=ahead), 3) for ahead in (False, True))
    near = window(prose, lines, 8, ahead=True) + window(prose, lines, 8, ahead=False)
    run, share = densest_run(lines, np.where(prose, 1.0, 0.6) * lines.words - 10.0)
    nearest = np.minimum(to_prose(prose, lines, ahead=True), to_prose(prose, lines, ahead=False))
    return {
        "densest run": run,
        "prose before and after": before3 * 4 + after3,
        "prose within eight": np.minimum(near, 4),
        "place among the prose": among(prose, lines),
        "prose lines of the page": at((0, 1, 2, 5, 15), of_page(prose, lines)),
        "share of the page's longest run": share,
        "prose lines that follow": at((0, 1, 2, 3, 7), view.follow),
        "prose lines that precede": at((0, 1, 2, 3, 7), view.precede),
        "lines to the nearest prose": at(_FAR, np.where(prose, 0, nearest)),
        "kind and prose that follows": kind * 5 + at((0, 1, 2, 5), view.follow),
        "kind and prose that precedes": kind * 5 + at((0, 1, 2, 5), view.precede),
    }


def _of_likes(view: _View) -> Columns:
    """How many lines of the page are like it."""
    lines, words = view.lines, view.words
    brief = (lines.words <= 8) & (lines.tokens > 1)
    first, last = (shared(keys, brief, lines) for keys in (words.first_hash, words.last_hash))
    shape = (((view.date * 8 + view.begin) * 9 + view.end) * 8 + view.gap) * 8 + view.listed * 2 + (lines.words > 4)
    shaped = shared(shape.astype(np.uint64), lines.words <= SHORT, lines)
    return {
        "equal lines on the page": (lines.words > _LONG) * 4 + at((1, 2, 4), lines.equal),
        "dated short lines of the page": view.dated * 5 + at((0, 1, 2, 5), of_page(view.dated, lines)),
        "last word shared": np.where(last == 0, 0, 1 + at((1, 3), last)),
        "first word shared": np.where(first == 0, 0, 1 + at((1, 3), first)),
        "shape shared": np.where(shaped == 0, 0, 1 + at((1, 2, 5), shaped)),
    }


def form_of(lines: Lines, words: Words) -> tuple[npt.NDArray[np.uint16], Ints]:
    """The bins of `FEATURES`, `uint16[features, n]`, and the border before each line.

    The border is 0 where fewer blank lines than usual part it from the line before, 1 for the usual number, 2 for more.
    """
    view = _View(lines, words)
    columns: Columns = {}
    for part in (_of_line, _of_gaps, _of_neighbours, _of_prose, _of_likes):
        columns |= part(view)
    assert columns.keys() == FEATURES.keys(), "every feature is computed, and no other"
    bins = np.empty((len(FEATURES), len(lines)), np.uint16)
    for row, name in zip(bins, FEATURES, strict=True):
        row[:] = columns[name]
    border = np.clip(view.excess + 1, 0, 2)
    border[lines.begins] = 2
    return bins, border
