"""The visible lines of pages as columns: where they stand, and what they are made of.

All pages of a batch are measured at once, over one array of code points: a line costs no Python. Lines end at line
feeds only.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from broadsheet.segment import chars
from broadsheet.segment.chars import BULLET, CLOSE, DASH, DIGIT, QUOTE, SPACE, WIDE, Codes, Kinds

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Hashes = npt.NDArray[np.uint64]

_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
_INVERSE: Final = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_AT_ONCE: Final = 1 << 15
"""Code points that are hashed at once."""
PREFIX_SIGNS: Final = 32
"""Visible code points by which the beginning of a line is known."""


@dataclass(frozen=True)
class Lines:
    """The visible lines of a batch of pages, in order. Arrays without other note are `int64[n]`, a value a line.

    A token is a run of visible code points; every visible line has one.
    """

    codes: Codes
    """All pages, parted by line feeds."""
    kinds: Kinds
    page_starts: Ints
    """Where each page begins in `codes`."""
    page: Ints
    """Index of the page."""
    bounds: Ints
    """The first line of each page, and n: `int64[pages + 1]`."""
    starts: Ints
    """First code point of the line, white space included."""
    gap: Ints
    """Blank lines before it on its page."""
    token_starts: Ints
    """Where each token begins, in `codes`."""
    token_ends: Ints
    """Behind the last code point of each token."""
    token_from: Ints
    """The first token of each line, and the number of tokens: `int64[n + 1]`."""

    def __len__(self) -> int:
        """Number of lines."""
        return len(self.starts)

    @cached_property
    def first(self) -> Ints:
        """First visible code point."""
        return self.token_starts[self.token_from[:-1]]

    @cached_property
    def last(self) -> Ints:
        """Last visible code point."""
        return self.token_ends[self.token_from[1:] - 1] - 1

    @cached_property
    def begins(self) -> Ints:
        """The first line of each page that has lines."""
        return self.bounds[:-1][self.bounds[1:] > self.bounds[:-1]]

    @cached_property
    def ends(self) -> Ints:
        """The last line of each page that has lines."""
        return self.bounds[1:][self.bounds[1:] > self.bounds[:-1]] - 1

    def tokens_with(self, chosen: Bools) -> Ints:
        """How many of each line's tokens are chosen, from a flag a token."""
        return np.diff(np.searchsorted(np.flatnonzero(chosen), self.token_from))

    @cached_property
    def _signs(self) -> tuple[Ints, Kinds]:
        at = np.flatnonzero(self.kinds > DIGIT)
        return at, self.kinds[at]

    def count(self, kind: int) -> Ints:
        """Code points of a kind of signs, or of `WIDE`, on each line."""
        if kind > DIGIT:
            at, kinds = self._signs
            found = at[kinds == kind]
        else:
            found = np.flatnonzero(self.kinds == kind)
        if not len(found):
            return np.zeros(len(self), np.int64)
        return np.diff(np.searchsorted(found, np.append(self.starts, len(self.codes))))

    @cached_property
    def indent(self) -> Ints:
        """Columns of white space before the text; a tab counts as four."""
        width = self.first - self.starts
        tabs = np.flatnonzero(self.codes == 9)
        if len(tabs):
            width = width + 3 * (np.searchsorted(tabs, self.first) - np.searchsorted(tabs, self.starts))
        return width

    @cached_property
    def marker(self) -> Ints:
        """Code points of the bullet or number that begins the line, with the white space behind it; 0 without one."""
        n = len(self.codes)
        at = self.first
        kind = self.kinds[at]
        size = np.where((kind == BULLET) | (kind == DASH) | (self.codes[at] == 0xB7), 1, 0)
        digits = np.zeros(len(at), np.int64)
        going = kind == DIGIT
        for step in range(1, 5):
            digits += going
            going = going & (self.kinds[np.minimum(at + step, n - 1)] == DIGIT)
        after = np.minimum(at + digits, n - 1)
        closed = (digits > 0) & ~going & ((self.codes[after] == 46) | (self.codes[after] == 41))
        size = np.where(closed, digits + 1, size)
        behind = np.minimum(at + size, n - 1)
        spaced = (size > 0) & (self.kinds[behind] == SPACE) & (behind < self.last)
        for step in range(1, 5):  # the white space behind it
            more = spaced & (self.kinds[np.minimum(behind, n - 1)] == SPACE)
            behind = np.where(more & (step < 5), behind + 1, behind)
        return np.where(spaced, behind - at, 0)

    @cached_property
    def numbered(self) -> Bools:
        """Whether the marker is a number."""
        found: Bools = (self.marker > 0) & (self.kinds[self.first] == DIGIT)
        return found

    @cached_property
    def body(self) -> Ints:
        """First code point behind the marker."""
        return self.first + self.marker

    @cached_property
    def final(self) -> Ints:
        """Last code point that is no closing quote or bracket, as far as three before the end."""
        at = self.last
        for _ in range(3):
            kind = self.kinds[at]
            at = np.where(((kind == CLOSE) | (kind == QUOTE)) & (at > self.first), at - 1, at)
        return at

    @cached_property
    def chars(self) -> Ints:
        """Visible code points."""
        if not len(self):
            return np.zeros(0, np.int64)
        return np.add.reduceat(self.token_ends - self.token_starts, self.token_from[:-1])

    @cached_property
    def tokens(self) -> Ints:
        """Number of tokens."""
        return np.diff(self.token_from)

    @cached_property
    def words(self) -> npt.NDArray[np.float64]:
        """Words; a code point of a script without spaces counts half a word."""
        wide = self.count(WIDE)
        plain = np.where(wide > 0, np.maximum(self.tokens - wide, 0), self.tokens)
        return plain + wide / 2

    @cached_property
    def _visible(self) -> Ints:
        return np.flatnonzero(self.kinds > SPACE)

    @cached_property
    def hashes(self) -> Hashes:
        """A hash of each line's visible code points in lower case: equal text, equal hash."""
        return _hashes(self.codes[self._visible], self.chars)

    @cached_property
    def equal(self) -> Ints:
        """How many lines of its page have the same visible code points in lower case as each, itself included.

        Only lines that agree in length and in both ends are compared as wholes; but NUL at its end does not change a
        line's hash, nor does it count here.
        """
        ends = chars.lowered(self.codes[self.first]).astype(np.int64) << 21 | chars.lowered(self.codes[self.last])
        groups = alike(self.page, self.chars, ends)
        rows = np.flatnonzero((groups > 1) | (0 in self.codes))
        found = np.ones(len(self), np.int64)
        if len(rows):
            sizes = self.last[rows] + 1 - self.first[rows]
            places = np.arange(sizes.sum()) + np.repeat(self.first[rows] - np.cumsum(sizes) + sizes, sizes)
            hashes = _hashes(self.codes[places[self.kinds[places] > SPACE]], self.chars[rows])
            found[rows] = alike(self.page[rows], hashes)
        return found

    @cached_property
    def prefixes(self) -> Hashes:
        """A hash of the first `PREFIX_SIGNS` code points of the text behind the marker; 0 for shorter lines."""
        ends = np.cumsum(self.chars)
        first = self.token_from[:-1]
        marker = np.where(self.marker > 0, self.token_ends[first] - self.token_starts[first], 0)
        at = ends - self.chars + marker
        long = np.flatnonzero(ends - at >= PREFIX_SIGNS + 8)
        found = np.zeros(len(self), np.uint64)
        if len(long):
            places = self._visible[at[long][:, None] + np.arange(PREFIX_SIGNS)]
            found[long] = _hashes(self.codes[places.ravel()], np.full(len(long), PREFIX_SIGNS))
        return found


def _hashes(codes: Codes, sizes: Ints) -> Hashes:
    """A hash of each run of code points in lower case; they lie behind one another, none is empty.

    Each code point counts by a power of an odd factor, which is that of its place in its run: the power of its place
    among all that are hashed at once, times the inverse of that of its run's first.
    """
    ends = np.cumsum(sizes)
    longest = int(sizes.max(initial=0))
    powers = _powers(_FACTOR, longest) if longest > _AT_ONCE else _known_powers(_FACTOR)
    inverse = _known_powers(_INVERSE)
    found = np.empty(len(sizes), np.uint64)
    run = first = 0
    while run < len(sizes):  # as many runs at once as the processor's cache holds, which takes a third less time
        stop = max(run + 1, int(np.searchsorted(ends, first + _AT_ONCE, "right")))
        behind = int(ends[stop - 1])
        spread = chars.spread(codes[first:behind])
        spread *= powers[1 : behind - first + 1]
        firsts = ends[run:stop] - sizes[run:stop] - first
        np.add.reduceat(spread, firsts, out=found[run:stop])
        found[run:stop] *= inverse[firsts]
        run, first = stop, behind
    return mixed(found)


def alike(*keys: Ints | Hashes) -> Ints:
    """How many rows agree with each row in all keys, itself included."""
    total = np.zeros(len(keys[0]), np.uint64)
    for key in keys:
        total = mixed(total ^ key.astype(np.uint64)) + _FACTOR
    _, inverse, counts = np.unique(total, return_inverse=True, return_counts=True)
    found: Ints = counts[inverse]
    return found


def _powers(factor: np.uint64, n: int) -> Hashes:
    """The powers of a factor modulo 2^64, from 0 to n."""
    found = np.full(n + 1, factor, np.uint64)
    found[0] = 1
    return np.cumprod(found, dtype=np.uint64)


@functools.cache
def _known_powers(factor: np.uint64) -> Hashes:
    return _powers(factor, _AT_ONCE)


def mixed(hashes: Hashes) -> Hashes:
    """Hashes whose bits depend on all of one another (the finaliser of SplitMix64)."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))


def tokens_of(kinds: Kinds) -> tuple[Ints, Ints]:
    """Where the runs of visible code points begin and end."""
    shown = np.zeros(len(kinds) + 2, np.bool_)
    shown[1:-1] = kinds > SPACE
    edges = np.flatnonzero(shown[1:] != shown[:-1])  # beginnings and ends in turn
    return edges[::2].copy(), edges[1::2].copy()


def lines_of(texts: Sequence[str]) -> Lines:
    """The visible lines of some pages' texts.

    Memory: some 40 bytes a code point while the batch is measured.
    """
    codes = chars.codes_of("\n".join(texts))
    kinds = chars.kinds_of(codes)
    sizes = np.fromiter((len(text) for text in texts), np.int64, len(texts))
    page_starts = np.cumsum(sizes + 1) - 1 - sizes
    token_starts, token_ends = tokens_of(kinds)
    feeds = np.flatnonzero(codes == 10)
    all_starts = np.concatenate(([0], feeds + 1)) if len(texts) else np.zeros(0, np.int64)
    from_all = np.searchsorted(token_starts, np.append(all_starts, len(codes)))
    visible = np.flatnonzero(from_all[1:] > from_all[:-1])
    starts = all_starts[visible]
    page = np.searchsorted(page_starts, starts, "right") - 1
    bounds = np.searchsorted(page, np.arange(len(texts) + 1))
    first_line = np.searchsorted(all_starts, page_starts)
    gap = np.diff(visible, prepend=-1) - 1
    begins = bounds[:-1][bounds[:-1] < bounds[1:]]
    gap[begins] = visible[begins] - first_line[page[begins]]
    token_from = np.append(from_all[visible], len(token_starts))
    return Lines(codes, kinds, page_starts, page, bounds, starts, gap, token_starts, token_ends, token_from)
