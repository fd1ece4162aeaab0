"""What belongs together whatever its text: comments and what they answer, their threads, the articles of their pages.

Over arrays: what records have in common comes as marks, 128 bits of a hash each.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from broadsheet.columns import numbers_of
from broadsheet.repeats.bodies import Ints

MAIN: Final = 0
"""A page on which the record is a main article."""
NAME: Final = 1
"""An id or address of a record that is a main article somewhere."""
HOME: Final = 2
"""The page of a comment from which its row is taken."""
PAGE: Final = 3
"""A page on which a comment stands."""
THREAD: Final = 4
ADDRESS: Final = 5
"""What a comment's thread is as a name."""
AUTHOR: Final = 6


@dataclass(frozen=True, slots=True)
class Places:
    """Where comments stand in their threads."""

    n: int
    """Of all records."""
    comments: Ints
    """Rows, ascending."""
    position: Ints
    """Of all records; -1 for none."""
    reply_to: Ints


@dataclass(frozen=True, slots=True)
class Threads:
    """What marks say of the records, by row."""

    thread: Ints
    """A code, equal where the values are; -1 for none. Of comments; so are the next two."""
    author: Ints
    parent: Ints
    """The row of the comment that this one answers."""
    ties: Ints
    """Pairs of rows, int64[n, 2]."""


def read(marks: pa.Table, places: Places) -> Threads:
    """The threads of all comments, their parents and their ties."""
    kind = numbers_of(marks.column("what"))
    rows = numbers_of(marks.column("number"))
    codes = _codes(numbers_of(marks.column("first")), numbers_of(marks.column("second")))

    def column(what: int) -> Ints:
        found = np.full(places.n, -1, np.int64)
        which = kind == what
        found[rows[which]] = codes[which]
        return found

    thread = column(THREAD)
    pages = rows[kind == PAGE], codes[kind == PAGE]
    parent = parents(places, thread, column(HOME), pages)
    answers = np.flatnonzero(parent >= 0)
    ties = [
        np.stack([answers, parent[answers]], axis=1),
        _hubs(thread[places.comments], places.comments),
        _around(kind, rows, codes, (MAIN, PAGE)),
        _around(kind, rows, codes, (NAME, ADDRESS)),
    ]
    return Threads(thread, column(AUTHOR), parent, np.concatenate(ties))


def _codes(first: Ints, second: Ints) -> Ints:
    """Numbers, equal where both are."""
    if not len(first):
        return np.empty(0, np.int64)
    order = np.lexsort((second, first))
    new = np.append(False, (np.diff(first[order]) != 0) | (np.diff(second[order]) != 0))
    codes = np.empty(len(first), np.int64)
    codes[order] = np.cumsum(new)
    return codes


def _hubs(codes: Ints, rows: Ints) -> Ints:
    """Ties of each row to the first one of its code; of code -1 none."""
    order = np.lexsort((rows, codes))
    order = order[codes[order] >= 0]
    if not len(order):
        return np.empty((0, 2), np.int64)
    is_first = np.append(True, np.diff(codes[order]) != 0)
    firsts = rows[order][np.maximum.accumulate(np.where(is_first, np.arange(len(order)), 0))]
    others = ~is_first
    return np.stack([rows[order][others], firsts[others]], axis=1)


def _around(kind: Ints, rows: Ints, codes: Ints, whats: tuple[int, int]) -> Ints:
    """Ties of all rows that have a mark in common, where both an article and a comment have it."""
    has = [np.zeros(int(codes.max(initial=0)) + 1, np.bool_) for _ in whats]
    for flags, what in zip(has, whats, strict=True):
        flags[codes[kind == what]] = True
    which = ((kind == whats[0]) | (kind == whats[1])) & (has[0] & has[1])[codes]
    return _hubs(codes[which], rows[which])


def parents(places: Places, thread: Ints, home: Ints, pages: tuple[Ints, Ints]) -> Ints:
    """The row of each comment's parent, or -1: the comment at the position answered, of the same page if possible.

    `pages` are rows of comments and codes of pages on which these stand.
    """
    found = np.full(places.n, -1, np.int64)
    is_placed = (thread >= 0) & (places.position >= 0)
    placed = places.comments[is_placed[places.comments]]
    answering = places.comments[((thread >= 0) & (places.reply_to >= 0))[places.comments]]
    if not len(placed) or not len(answering):
        return found
    spots, asked = _joint((thread[placed], places.position[placed]), (thread[answering], places.reply_to[answering]))
    anywhere = _lowest(spots, placed, asked)
    spot_of = np.full(places.n, -1, np.int64)
    spot_of[placed] = spots
    on = spot_of[pages[0]] >= 0
    here, asked_here = _joint((pages[1][on], spot_of[pages[0][on]]), (home[answering], asked))
    same_page = _lowest(here, pages[0][on], asked_here)
    found[answering] = np.where(same_page >= 0, same_page, anywhere)
    return _without_circles(found)


def _joint(known: tuple[Ints, Ints], asked: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """Codes of pairs of numbers, of known ones and asked ones alike."""
    both = _codes(*(np.concatenate(each) for each in zip(known, asked, strict=True)))
    return both[: len(known[0])], both[len(known[0]) :]


def _lowest(codes: Ints, rows: Ints, asked: Ints) -> Ints:
    """The smallest row of each code that is asked for; -1 where there is none."""
    lowest = np.full(int(max(codes.max(initial=0), asked.max(initial=0))) + 1, np.iinfo(np.int64).max)
    np.minimum.at(lowest, codes, rows)
    found: Ints = lowest[asked]
    found[found == np.iinfo(np.int64).max] = -1
    return found


def _without_circles(found: Ints) -> Ints:
    """The parents of all comments but those that, through others or directly, answer themselves.

    After as many steps upwards as there are rows nobody is anywhere but in a circle, or beyond the top.
    """
    n = len(found)
    at = np.append(np.where(found < 0, n, found), n)
    for _ in range(n.bit_length()):
        at = at[at]
    circled = np.zeros(n + 1, np.bool_)
    circled[at] = True
    return np.where(circled[:n], -1, found)
