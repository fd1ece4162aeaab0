"""How a site's other pages read the same lines: what a crawl knows beside how often a line stands there.

The same line beside the same paragraph is the same thing on every page. So after the count of repetition all pages are
read once, each by itself, and every repeated line notes how far each state falls behind the page's best reading. The
mean over all pages then speaks for a state when the pages are read again: where a sidebar begins and ends, and that its
headline is one, comes out alike wherever it stands. Adding up is commutative, and only whole numbers are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from broadsheet.segment.decode import Scores
from broadsheet.segment.lines import Bools, Hashes, Ints, Lines, mixed
from broadsheet.segment.repetition import Keys, pages_with
from broadsheet.segment.states import STATES

FLOOR: Final = -400
"""No state falls further behind than this, in the unit of the weights: one page alone cannot rule anything out."""
SHARE: Final = 2
"""The mean is divided by this before it speaks."""
_BEFORE: Final = np.uint64(0x2545F4914F6CDD1D)
_AFTER: Final = np.uint64(0x9E6C63D0876A9A47)


@dataclass(frozen=True, slots=True)
class Votes:
    """Sorted distinct keys of lines in their places, the lines with each, and sums of how far states fell behind."""

    keys: Hashes
    n_lines: Ints
    behind: Ints
    """`int64[n, states]`, 0 for the best state of every page."""


@dataclass(frozen=True, slots=True)
class Crawl:
    """What is known of all pages together."""

    keys: Keys
    votes: Votes


def empty() -> Votes:
    """No votes."""
    return Votes(np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros((0, len(STATES)), np.int64))


def places_of(lines: Lines, is_prose: Bools, sites: Hashes, table: Keys) -> Hashes:
    """The keys of each repeated line with the paragraph before it and with the one behind it, `uint64[2, n]`.

    0 where there is no such paragraph on the page, or the line stands on no other page of its site.
    """
    n = len(lines)
    if not n:
        return np.zeros((2, 0), np.uint64)
    own = lines.hashes ^ sites[lines.page]
    at = np.arange(n)
    before = np.append(-1, np.maximum.accumulate(np.where(is_prose, at, -1))[:-1])
    behind = np.append(np.minimum.accumulate(np.where(is_prose, at, n)[::-1])[::-1][1:], n)
    repeats = pages_with(table, own) > 1
    found = np.zeros((2, n), np.uint64)
    for row, other, sign in ((found[0], before, _BEFORE), (found[1], behind, _AFTER)):
        inside = np.clip(other, 0, n - 1)
        is_there = repeats & (other == inside) & (lines.page[inside] == lines.page)
        row[is_there] = mixed(own[is_there] * sign ^ own[inside[is_there]])
    return found


def votes_of(places: Hashes, beliefs: Scores) -> Votes:
    """What some pages say: `places` by `places_of`, `beliefs` by `decode.beliefs`."""
    at = np.flatnonzero(places.ravel())
    behind = np.maximum(beliefs, FLOOR).astype(np.int64)[at % places.shape[1]] if len(at) else empty().behind
    return merged([Votes(places.ravel()[at], np.ones(len(at), np.int64), behind)])


def merged(parts: Sequence[Votes], *, least: int = 1) -> Votes:
    """The votes of all parts added up; only those of `least` lines or more."""
    keys = np.concatenate([part.keys for part in parts])
    if not len(keys):
        return empty()
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    firsts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    n_lines = np.add.reduceat(np.concatenate([part.n_lines for part in parts])[order], firsts)
    behind = np.add.reduceat(np.concatenate([part.behind for part in parts])[order], firsts, axis=0)
    kept = n_lines >= least
    return Votes(keys[firsts][kept], n_lines[kept], behind[kept])


def heard(places: Hashes, votes: Votes) -> Scores:
    """What the votes add to the scores of each line's states, `int32[n, states]`; nothing where a line is in no other.

    `places` by `places_of`.
    """
    found = np.zeros((places.shape[1], len(STATES)), np.int32)
    if not len(votes.keys):
        return found
    for keys in places:
        at = np.minimum(np.searchsorted(votes.keys, keys), len(votes.keys) - 1)
        is_there = (votes.keys[at] == keys) & (votes.n_lines[at] > 1)
        at = at[is_there]
        found[is_there] += (votes.behind[at] // (SHARE * votes.n_lines[at])[:, None]).astype(np.int32)
    return found
