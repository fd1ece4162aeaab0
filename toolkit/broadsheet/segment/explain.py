"""Why each line of a page was read as it was: the evidence, in numbers that add up to the lead of its reading.

A reading is chosen for the whole page at once, so a line's lead has two sources: what the line itself shows, a number a
feature, and how well the reading goes with those of the lines around it. Both are differences between the chosen
reading and its rival: the best one of the page that gives this line another family (see `decode.Reading`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from broadsheet.segment.assemble import segments_of
from broadsheet.segment.consensus import Crawl
from broadsheet.segment.decode import Scores
from broadsheet.segment.lines import Ints
from broadsheet.segment.measured import Measured
from broadsheet.segment.page import Page
from broadsheet.segment.pages import crawl_of, measure, read_batch, read_lines
from broadsheet.segment.stage import pages_of, sites_of
from broadsheet.segment.states import ENDS, FAMILY, NEVER, STARTS, STATES
from broadsheet.segment.weights import KINDS, Weights, weights

LINE: Final = "line"
ORDER: Final = "order"
NEIGHBOURS: Final = "neighbours"
_GAPS: Final = {
    "text": ("without a gap", "across the usual gap", "across a larger gap"),
    "html": ("within a block", "within an element", "across a few elements", "across many elements"),
}
"""What stands between two lines, by kind of border."""


class Evidence(NamedTuple):
    """One thing that speaks for a reading, or against it."""

    points: int
    """Hundredths of a natural logarithm of odds (`weights.SCALE`); negative where it speaks for the rival."""
    about: str
    """What was looked at: a feature of the line, or how it goes with its neighbours."""
    found: str
    """What was found there."""
    source: str = LINE
    """Where it was looked for: `line`, `order` (which reading follows which) or `neighbours` (how they are read)."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A visible line with its reading and all the evidence for it; places are code points of the page."""

    number: int
    """The line's number on the page, from 1, empty lines counted."""
    start: int
    end: int
    state: str
    settled: str
    """The state that it got in the end: another one where the whole page or the tree speaks for it (`settle`)."""
    role: str
    article: int | None
    rival: str
    """The state that the best reading of the page with another family gives to this line."""
    margin: int
    """By how much the reading leads, in the unit of `Evidence.points`."""
    evidence: tuple[Evidence, ...]
    """All of it, what weighs most first; the points add up to the margin."""


def explain_pages(
    pages: Sequence[Page], sites: Sequence[str] | None = None, *,
    crawl: Crawl | None = None, model: Callable[[str], Weights] = weights,
) -> list[list[Explained]]:  # fmt: skip
    """The visible lines of each page, explained; read exactly as `pages.segment_pages` reads them.

    With `sites`, a name a page, what repeats across the pages of each site is evidence: in the crawl, or else in these
    pages. Without, each page is read alone.
    """
    if sites is not None and crawl is None:
        crawl = crawl_of(pages, sites, model=model)
    found: list[list[Explained]] = [[] for _ in pages]
    for chosen, measured in measure(pages, sites, crawl):
        explained = _explain_batch(measured, model(measured.kind))
        for i, lines in zip(chosen, explained, strict=True):
            found[i] = lines
    return found


def explain_rows(batch: pa.RecordBatch, crawl: Crawl | None) -> Iterator[tuple[str, str, list[Explained] | None]]:
    """The id, text and explained lines of each page row, read exactly as `stage.segment` reads them. Rows: n and n.

    The lines are None for a record of the user's own, which is one segment whatever its lines are like.
    """
    ids, texts, given = (batch.column(name).to_pylist() for name in ("page_id", "text", "given"))
    own = [i for i, record in enumerate(given) if record is None]
    pages, sites = pages_of(batch), sites_of(batch)
    chosen = [sites[i] for i in own] if crawl else None
    explained = iter(explain_pages([pages[i] for i in own], chosen, crawl=crawl))
    for id_, text, record in zip(ids, texts, given, strict=True):
        yield id_, text, next(explained) if record is None else None


def _explain_batch(measured: Measured, model: Weights) -> list[list[Explained]]:
    scores, reading = read_batch(measured, model)
    bounds = measured.lines.bounds
    found = []
    for k, (page, lines) in enumerate(zip(measured.pages, read_lines(measured, reading), strict=True)):
        a, b = int(bounds[k]), int(bounds[k + 1])
        ways = _Ways(scores[a:b], measured.borders[a:b], model.moves)
        states = reading.states[a:b].tolist()
        segments = iter(segments_of(page.text, lines, page.titles))
        segment = next(segments, None)
        explained = []
        number, cursor = 1, 0
        for i, line in enumerate(lines):
            while segment and line.start >= segment.end:
                segment = next(segments, None)
            number, cursor = number + page.text.count("\n", cursor, line.line_start), line.line_start
            rival = ways.rival(i, states[i])
            evidence = _of_line(measured, model, a + i, (states[i], rival))
            granted = int(scores[a + i, states[i]] - scores[a + i, rival]) - sum(one.points for one in evidence)
            if granted:
                evidence.append(Evidence(granted, "page on which nothing else is found", "a text"))
            evidence += _of_neighbours(ways, i, states, rival, _GAPS[measured.kind])
            evidence.sort(key=lambda one: (-abs(one.points), -one.points, one.about, one.found))
            explained.append(
                Explained(
                    number, line.start, line.end, STATES[states[i]], line.state,
                    segment.role if segment else "boilerplate", segment.article if segment else None,
                    STATES[rival], line.margin, tuple(evidence),
                )
            )  # fmt: skip
        found.append(explained)
    return found


class _Ways:
    """How well each state of each line of a page goes with the best readings of the lines before and after it."""

    def __init__(self, scores: Scores, borders: Ints, moves: Scores) -> None:
        """Takes what `decode` takes, of one page."""
        self.scores = scores.astype(np.int64)
        self.borders, self.moves = borders, moves.astype(np.int64)
        n = len(scores)
        self.arriving = np.zeros_like(self.scores)
        self.onward = np.zeros_like(self.scores)
        for state in range(len(STATES) if n else 0):
            self.arriving[0, state] = 0 if state in STARTS else NEVER
            self.onward[-1, state] = 0 if state in ENDS else NEVER
        for i in range(1, n):
            self.arriving[i] = self._into(i).max(axis=0)
        for i in range(n - 2, -1, -1):
            self.onward[i] = self._out_of(i).max(axis=1)

    def _into(self, i: int) -> Ints:
        """The best sum up to line `i` without its own score, `int64[states before, states]`."""
        found: Ints = (self.arriving[i - 1] + self.scores[i - 1])[:, None] + self.moves[self.borders[i]]
        return found

    def _out_of(self, i: int) -> Ints:
        """The best sum behind line `i`, `int64[states, states after]`."""
        found: Ints = self.moves[self.borders[i + 1]] + (self.onward[i + 1] + self.scores[i + 1])[None, :]
        return found

    def rival(self, i: int, state: int) -> int:
        """The state of another family with which the page reads best, at line `i`."""
        total = self.arriving[i] + self.scores[i] + self.onward[i]
        others = [s for s in range(len(STATES)) if FAMILY[s] != FAMILY[state]]
        return max(others, key=lambda s: (total[s], -s))

    def before(self, i: int, state: int) -> tuple[int, int, int]:
        """The best state of the line before one with this state, the move from it, and all before the move."""
        best = int(self._into(i)[:, state].argmax())
        move = int(self.moves[self.borders[i], best, state])
        return best, move, int(self.arriving[i, state]) - move

    def after(self, i: int, state: int) -> tuple[int, int, int]:
        """The best state of the line after one with this state, the move to it, and all behind the move."""
        best = int(self._out_of(i)[state].argmax())
        move = int(self.moves[self.borders[i + 1], state, best])
        return best, move, int(self.onward[i, state]) - move


def _of_line(measured: Measured, model: Weights, row: int, pair: tuple[int, int]) -> list[Evidence]:
    """What each feature of a line adds to the first state of the pair more than to the second."""
    state, rival = pair
    found = []
    columns = measured.bins[:, row].tolist()
    for (name, bins), at, table in zip(KINDS[measured.kind], columns, model.tables, strict=True):
        points = int(table[at, state]) - int(table[at, rival])
        if points:
            found.append(Evidence(points, *_in_words(name, bins[at])))
    if measured.heard is not None:
        points = int(measured.heard[row, state]) - int(measured.heard[row, rival])
        shown = f"more often {_name(state if points > 0 else rival)}"
        if points:
            found.append(Evidence(points, "the site's pages with the line at this place", shown))
    return found


def _of_neighbours(ways: _Ways, i: int, states: Sequence[int], rival: int, gaps: Sequence[str]) -> list[Evidence]:
    """What the lines before and after add to the reading of line `i` more than to its rival."""
    found = []
    sides = [(True, i)] if i else []
    sides += [(False, i + 1)] if i + 1 < len(states) else []
    for is_before, at in sides:
        look = ways.before if is_before else ways.after
        beside, move, rest = look(i, states[i])
        other, rival_move, rival_rest = look(i, rival)
        if move != rival_move:
            first, second = (
                ((beside, states[i]), (other, rival)) if is_before else ((states[i], beside), (rival, other))
            )
            shown = f"{' then '.join(map(_name, first))}, not {' then '.join(map(_name, second))}"
            found.append(Evidence(move - rival_move, f"order {gaps[int(ways.borders[at])]}", shown, ORDER))
        if rest != rival_rest:
            shown = f"{_name(beside)}, not {_name(other)}" if beside != other else f"{_name(beside)} either way"
            about = "the line before it read as" if is_before else "the line after it read as"
            found.append(Evidence(rest - rival_rest, about, shown, NEIGHBOURS))
    return found


def _name(state: int) -> str:
    return STATES[state].replace("_", " ")


_LIKE: Final = {"0": "unknown", "1": "no", "2": "as the longest", "3": "and is shorter"}
_PLAIN: Final = {
    "small words": "words that begin small",
    "densest run": "the page's densest run of text",
    "prose before and after": "lines of prose among the three before, and after",
    "prose within eight": "prose within eight lines before and after",
    "function words": "commonest words of a language",
    "blank lines before and after": "blank lines before, and after",
    "ends and words": "ends in; words",
    "ends and next words": "ends in; words of the next line",
    "name and words": "name; words",
    "marker and words": "marker; words",
    "tag and links": "tag; share of links",
    "last word shared": "short lines of the page with its last word",
    "first word shared": "short lines of the page with its first word",
    "shape shared": "short lines of the page with its shape",
    "parts side by side": "parts side by side on the line",
    "dated short lines of the page": "dated or not; dated short lines of the page",
    "equal lines on the page": "length; equal lines on the page",
    "larger gaps of the page": "blank lines more than usual; such gaps on the page",
    "marker before and after": "marker of the line before, and after",
    "such pages and words": "pages of the site with the line; words",
    "such pages here and before": "pages of the site with the line, and with the one before",
    "such pages here and after": "pages of the site with the line, and with the one after",
    "begins like another, and before": "begins like a line of another page, and the one before",
    "kind, with those around": "kind of line before | here | after",
    "kind, with those that follow": "kind of line here | next | after that",
    "kinds and gap before": "kind of line before | gap | here",
    "kinds and gap after": "kind of line here | gap | after",
    "richest container": "the element with the most prose",
    "one of several alike": "one of several alike elements; their length",
    "begins one of several alike": "begins one of several alike elements",
    "claimed title": "is the title that the page claims",
    "claimed author": "names the author that the page claims",
    "comments": "classes and ids that speak of comments",
    "excerpts": "classes and ids that speak of excerpts",
}
"""Features whose own names are too short for who has not read how they are measured."""


def _in_words(name: str, found: str) -> tuple[str, str]:
    """A feature and what it found, for people."""
    if name == "begins like another, and before":
        here, _, before = found.partition("; before ")
        found = f"{_LIKE.get(here, here)}; before: {_LIKE.get(before, before)}"
    if name.startswith("named "):
        return f"markup speaks of “{name[6:]}”", found
    return _PLAIN.get(name, name), found
