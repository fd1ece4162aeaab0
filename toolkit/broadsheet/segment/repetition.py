"""Which lines of a site stand on how many of its pages, and with which neighbours.

A first pass over a crawl notes keys of each page: of every line, of every two lines that follow one another, and of
every long line's beginning. Counting them is a commutative fold; only what stands on two pages or more is kept. The
second pass turns the counts into evidence: a line on most pages is boilerplate; lines that always stand together are
one thing; where the same line has other neighbours on another page, something begins or ends; and a line that breaks
off where another page's line goes on is an excerpt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt

from broadsheet.segment.lines import Hashes, Ints, Lines, mixed

_COARSE: Final = (3, 7, 12, 25)
_SIZES: Final = [f"{n} words" for n in ("to 3", "to 7", "to 12", "to 25", "more")]
_SPREAD: Final = ["unknown", "1 page", "2 pages", "3 to 5 pages", "more", "over 20 %", "over 60 %"]
_TIES: Final = ["unknown", "stands on one page only", "always together", "mostly together", "elsewhere with others"]
FEATURES: Final[dict[str, list[str]]] = {
    "pages of the site with the line": _SPREAD,
    "such pages and words": [f"{a}; {b}" for a in _SPREAD for b in _SIZES],
    "such pages here and before": [f"{a}; before {b}" for a in _SPREAD for b in _SPREAD],
    "such pages here and after": [f"{a}; after {b}" for a in _SPREAD for b in _SPREAD],
    "tie to the line before": _TIES,
    "tie to the line after": _TIES,
    "begins like a line of another page": ["unknown", "no", "as the longest", "and is shorter"],
    "begins like another, and before": [f"{a}; before {b}" for a in range(4) for b in range(4)],
}
_PAIR: Final = np.uint64(0x2545F4914F6CDD1D)
_BEGINNING: Final = np.uint64(0x5851F42D4C957F2D)
_SITE: Final = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Keys:
    """What pages show of themselves to the count: sorted distinct keys, the pages with each, the longest such line."""

    keys: Hashes
    n_pages: Ints
    n_chars: Ints
    """Visible code points of the longest line with the key, where the key is of a line's beginning; else 0."""


def site_hash(name: str) -> int:
    """The number by which a site goes in keys."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


def _line_keys(lines: Lines, sites: Hashes) -> tuple[Hashes, Hashes, Hashes]:
    """Keys of each line, of it with the line before (0 for a page's first), and of its beginning (0 for none)."""
    site = sites[lines.page]
    own = lines.hashes ^ site
    previous = np.roll(own, 1)
    pair = mixed(own * _PAIR ^ previous)
    begins = lines.begins
    pair[begins] = 0
    beginning = np.where(lines.prefixes != 0, mixed(lines.prefixes * _BEGINNING ^ site), np.uint64(0))
    return own, pair, beginning


def keys_of(lines: Lines, sites: Hashes) -> Keys:
    """The keys of some pages, each page counted once for each; and for every site a key that counts its pages.

    `sites`: `uint64[pages]`, by `site_hash`.
    """
    own, pair, beginning = _line_keys(lines, sites)
    keys = np.concatenate((own, pair, beginning, mixed(sites * _SITE)))
    pages = np.concatenate((np.tile(lines.page, 3), np.arange(len(sites))))
    n_chars = np.concatenate((np.zeros(2 * len(lines), np.int64), lines.chars, np.zeros(len(sites), np.int64)))
    kept = keys != 0
    keys, pages, n_chars = keys[kept], pages[kept], n_chars[kept]
    order = np.lexsort((-n_chars, pages, keys))
    keys, pages, n_chars = keys[order], pages[order], n_chars[order]
    new = np.append(True, (keys[1:] != keys[:-1]) | (pages[1:] != pages[:-1])) if len(keys) else np.zeros(0, np.bool_)
    return merged([Keys(keys[new], np.ones(int(new.sum()), np.int64), n_chars[new])])


def merged(parts: Sequence[Keys], *, least: int = 1) -> Keys:
    """The keys of all parts, their pages added up; only those of `least` pages or more."""
    keys = np.concatenate([part.keys for part in parts])
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    if not len(keys):
        return Keys(keys, np.zeros(0, np.int64), np.zeros(0, np.int64))
    firsts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    n_pages = np.add.reduceat(np.concatenate([part.n_pages for part in parts])[order], firsts)
    n_chars = np.maximum.reduceat(np.concatenate([part.n_chars for part in parts])[order], firsts)
    kept = n_pages >= least
    return Keys(keys[firsts][kept], n_pages[kept], n_chars[kept])


def pages_with(table: Keys, keys: Hashes) -> Ints:
    """The pages that have each key; 1 for what the table has not kept."""
    return _look_up(table, keys)[0]


def _look_up(table: Keys, keys: Hashes) -> tuple[Ints, Ints]:
    """Pages and longest line of each key; 1 and 0 for what the table has not kept."""
    if not len(table.keys):
        return np.ones(len(keys), np.int64), np.zeros(len(keys), np.int64)
    at = np.minimum(np.searchsorted(table.keys, keys), len(table.keys) - 1)
    found = table.keys[at] == keys
    return np.where(found, table.n_pages[at], 1), np.where(found, table.n_chars[at], 0)


def repetition_of(lines: Lines, sites: Hashes, table: Keys | None) -> npt.NDArray[np.uint16]:
    """The bins of `FEATURES`, `uint16[features, n]`; all 0 without a table and on sites of one page."""
    n = len(lines)
    if table is None:
        return np.zeros((len(FEATURES), n), np.uint16)
    own, pair, beginning = _line_keys(lines, sites)
    of_site = _look_up(table, mixed(sites * _SITE))[0][lines.page]
    pages, together = _look_up(table, own)[0], _look_up(table, pair)[0]
    likes, longest = _look_up(table, beginning)
    share = pages / of_site
    spread = np.select(
        [pages == 1, (share > 0.6) & (pages > 5), (share > 0.2) & (pages > 5), pages == 2, pages <= 5],
        [1, 6, 5, 2, 3],
        4,
    )
    before = np.roll(pages, 1)
    tie = np.select(
        [pages == 1, (together == pages) & (before == pages), together * 2 > pages, together > 1], [1, 2, 3, 3], 4
    )
    begins = lines.begins
    ends = lines.ends
    tie[begins] = np.where(pages[begins] == 1, 1, 4)
    after_pages, after_together = np.roll(pages, -1), np.roll(together, -1)
    tie_after = np.select(
        [
            pages == 1,
            (after_together == pages) & (after_pages == pages),
            after_together * 2 > pages,
            after_together > 1,
        ],
        [1, 2, 3, 3],
        4,
    )
    tie_after[ends] = np.where(pages[ends] == 1, 1, 4)
    like = np.where(beginning == 0, 1, np.where(likes <= pages, 1, np.where(longest > lines.chars, 3, 2)))
    prior, later, prior_like = np.roll(spread, 1), np.roll(spread, -1), np.roll(like, 1)
    prior[begins], later[ends], prior_like[begins] = 0, 0, 0
    size = np.searchsorted(np.asarray(_COARSE), lines.words, "left")
    columns = np.stack(
        [spread, spread * 5 + size, spread * 7 + prior, spread * 7 + later, tie, tie_after, like, like * 4 + prior_like]
    )
    columns[:, of_site < 2] = 0
    return columns.astype(np.uint16)
