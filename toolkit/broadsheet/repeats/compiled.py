"""The exact join over Arrow columns, compiled: which texts have equal words, and which contain which."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from broadsheet.repeats import kernels, peel
from broadsheet.repeats.bodies import Bodies, Ints, Part, StoredPart
from broadsheet.repeats.digests import Digester, Hashes, Work, own_pages, spread
from broadsheet.repeats.relate import COMMONEST, SHORT_WORDS, extra_probes, needed
from broadsheet.repeats.shelf import Shelf, Slot

MEMORY_BYTES = 1 << 30
"""What the join holds beside the texts at most, about, if nobody says otherwise."""

_UNIT_BYTES = 1 << 20  # what a thread takes at a time: fits its cache, and takes much longer than the call
_KEYS = tuple(np.uint64(key) for key in (1, 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93))
"""By which hashes are dealt to ranges and counters: those that one deal takes for common another tells apart."""
_MANY_PROBES = 1 << 14


@dataclass(slots=True)
class Unit:
    """Distinct texts of one part: their rows and numbers, the bounds of their shingles, and where these are kept."""

    rows: Ints
    numbers: Ints
    bounds: Ints
    slot: Slot
    n_probes: Ints
    """By how many of its shingles, the first ones, each text is looked for; known once these are selected."""
    extras: Ints
    """How many of these must be met beyond the first."""


@dataclass(frozen=True, slots=True)
class Digests:
    """What is known of each text by itself, as arrays over rows."""

    same: Ints
    """The same row for all rows of the same bytes, one of them."""
    equal: Ints
    """The same row for all rows of equal words, one of them."""
    n_words: Ints
    n_shingles: Ints
    """Distinct ones, of rows that stand for their equals and have 10 words or more; else 0."""


@dataclass(frozen=True, slots=True)
class Probing:
    """The texts that may be contained in others, with what they are looked for by."""

    numbers: Ints
    bounds: Ints
    probe_bounds: Ints
    hashes: Hashes
    needs: Ints
    extras: Ints


def _index_bytes(n_hashes: int, n_probes: int) -> int:
    """What the texts of a round take: hashes; of a probe its hash, the next one's number and its text; a table."""
    return 8 * n_hashes + 16 * n_probes + 4 * int(kernels.power_of_two(2 * n_probes))


class Join:
    """Texts in Arrow columns, joined in two steps: `digest`, then `pairs`.

    Texts of the same bytes are set aside by 128 bits of hash; every other one is cut into words in a kernel, and those
    with equal words are set aside in the same way. Of what is left
    the distinct word 3-grams (64 bits) are counted, each in one of many counters of four bits: two that share a
    counter are only taken for commoner than they are. What a counter says is unique is in no second text; a text that
    has too many such shingles is contained in nothing. The others are looked for by their rarest ones: if A shares
    `need` of its n shingles with B, then among any n - need + 1 + e of them at least 1 + e are B's, so that A is met
    that often when the shingles of B are looked up among the probes of all texts that are shorter. Whatever is met
    that often is counted in full. So no pair is missed, whatever the hashes are. A collision of two shingles in 64
    bits could add to what two texts share: its probability is below n**2 / 2**65 for n distinct shingles, which is
    one in 36 for a thousand million of them, one in 36 million for a million; of two texts, below n**2 / 2**129.

    Memory beside the texts: 80 bytes a row, a byte for about four bytes of text, 8 bytes a shingle. Shingles
    for which `memory_bytes` leaves no room wait in a file in `folder`. Where there is no room for counters of all of
    them, they are counted by ranges of hashes, one after the other, and those in one text only are dropped from each
    range; and so again, by other ranges, with what is left. Texts that may be contained are looked for in as many
    rounds as it takes.
    """

    def __init__(
        self, bodies: Bodies, n_threads: int | None, memory_bytes: int | None, folder: Path | None = None
    ) -> None:
        self._bodies = bodies
        self._memory = memory_bytes or MEMORY_BYTES
        self._works = [Work() for _ in range(n_threads or len(os.sched_getaffinity(0)))]
        self._digester = Digester()
        self._units: list[Unit] = []
        self._lock = Lock()
        self._shelf = Shelf(self._memory // 2, folder)
        wanted = max(16, (bodies.n_bytes // 4).bit_length())
        bits = wanted
        while bits > 16 and 1 << (bits - 1) > self._memory // 4:
            bits -= 1
        self._slot_bits = bits
        self._range_bits = wanted - bits
        # One array for all threads, which take turns: counting takes a tenth of the time of digesting.
        self._counters, self._counting = np.zeros(1 << (bits - 1), np.uint8), Lock()
        n = len(bodies)
        self._first, self._second = np.empty(n, np.uint64), np.empty(n, np.uint64)
        self._bytes = np.empty(n, np.uint64), np.empty(n, np.uint64)
        size = kernels.power_of_two(2 * n)
        self._slots, self._byte_slots = np.full(size, -1, np.int32), np.full(size, -1, np.int32)
        self.digests = Digests(
            np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64), np.zeros(n, np.int64)
        )
        self.n_candidates = 0

    @property
    def _shift(self) -> np.uint64:
        return np.uint64(64 - self._slot_bits)

    def digest(self) -> Digests:
        """What is known of each text by itself."""
        spread(self._digest, self._bodies.cut(_UNIT_BYTES), self._works)
        del self._slots, self._byte_slots, self._bytes
        same, equal, n_words = self.digests.same, self.digests.equal, self.digests.n_words
        again = np.flatnonzero(same != np.arange(len(same)))
        equal[again], n_words[again] = equal[same[again]], n_words[same[again]]
        self._units.sort(key=lambda unit: int(unit.rows[0]))
        n = 0
        for unit in self._units:
            unit.numbers = np.arange(n, n := n + len(unit.rows))
        return self.digests

    def _digest(self, work: Work, task: tuple[Part | StoredPart, int, int]) -> None:
        stored, start, stop = task
        part = stored.loaded()
        rows = np.arange(part.first + start, part.first + stop)
        digests, first, second = self.digests, np.empty(len(rows), np.uint64), np.empty(len(rows), np.uint64)
        kernels.hash_texts(part.data, part.starts[start:stop], part.ends[start:stop], first, second)
        self._bytes[0][rows], self._bytes[1][rows] = first, second
        with self._lock:
            kernels.enroll(rows, self._bytes, self._byte_slots, digests.same)
        rows = rows[digests.same[rows] == rows]
        if not len(rows):
            return
        which = rows - part.first
        found = self._digester.digest(work, part, which)
        digests.n_words[rows], self._first[rows], self._second[rows] = found.n_words, found.first, found.second
        with self._lock:
            kernels.enroll(rows, (self._first, self._second), self._slots, digests.equal)
        new = np.flatnonzero((digests.equal[rows] == rows) & (found.n_words >= SHORT_WORDS))
        if not len(new):
            return
        sizes = np.diff(found.bounds)[new]
        bounds, hashes = np.empty(len(new) + 1, np.int64), own_pages(int(sizes.sum()))
        kernels.pick(found.bounds, new, found.hashes, bounds, hashes)
        digests.n_shingles[rows[new]] = sizes
        if not self._range_bits:
            self._count(hashes)
        unit = Unit(rows[new], new, bounds, self._shelf.put(hashes), new, new)
        with self._lock:
            self._units.append(unit)

    def _count(self, hashes: Hashes) -> None:
        with self._counting:
            kernels.count(hashes, self._counters, self._shift)

    def pairs(self, threshold: Fraction, is_base: npt.NDArray[np.bool_] | None = None) -> Ints:
        """Every pair over the threshold as (row of A, row of B, shared): int64[n, 3], sorted; A is the shorter.

        Rows are those that stand for their equals. With `is_base` (of rows), no pairs of two base texts. Can be
        called once, after `digest`.
        """
        if not self._units:
            return np.empty((0, 3), np.int64)
        rows = np.concatenate([unit.rows for unit in self._units])
        n_shingles = self.digests.n_shingles[rows]
        order = np.lexsort((self._first[rows], n_shingles, self.digests.n_words[rows]))
        ranks = np.empty(len(rows), np.int64)
        ranks[order] = np.arange(len(rows))
        in_base = np.zeros(len(rows), np.bool_) if is_base is None else is_base[rows]
        if self._range_bits:
            self._peel()
            spread(lambda _, unit: self._count(self._shelf.get(unit.slot)), self._units, self._works)
        needs = needed(n_shingles, threshold)
        self._select(self._counted(), needs)
        found = []
        for probing in self._rounds(needs):
            found += self._probe(probing, ranks, in_base)
        self._units = []  # and their shingles, which nobody needs any more
        self._shelf.clear()
        pairs = np.concatenate(found)
        pairs[:, :2] = rows[pairs[:, :2]]
        return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]

    def openings(self, rows: Ints, n_words: int) -> Hashes:
        """The hashes of the first words of texts, uint64[n, n_words]; 0 behind the last one."""
        return self._digester.openings(self._bodies, rows, n_words)

    def _counted(self) -> npt.NDArray[np.uint8]:
        """The counters, as they are; what is counted from here on begins at 0."""
        counters, self._counters = self._counters, np.zeros(len(self._counters), np.uint8)
        return counters

    def _peel(self) -> None:
        """Drops shingles that stand in one text only, as far as counters tell these, from what is kept."""
        for key in _KEYS:
            n = sum(unit.slot.n for unit in self._units)
            bits = max(0, (n - 1).bit_length() - self._slot_bits + 1)
            if not bits:
                return
            for number in range(1 << bits):
                self._peel_range((key, np.uint64(bits), np.uint64(number)))

    def _peel_range(self, dealt: tuple[np.uint64, np.uint64, np.uint64]) -> None:
        def count(_: Work, unit: Unit) -> None:
            hashes = self._shelf.get(unit.slot)
            with self._counting:
                peel.count_range(hashes, (self._counters, self._shift), dealt)

        def drop(_: Work, unit: Unit) -> None:
            hashes = self._shelf.get(unit.slot)
            n_left = peel.drop_range(unit.bounds, hashes, (counters, self._shift), dealt)
            self._shelf.back(unit.slot, hashes[:n_left])

        spread(count, self._units, self._works)
        counters = self._counted()
        spread(drop, self._units, self._works)

    def _select(self, counters: npt.NDArray[np.uint8], needs: Ints) -> None:
        """Drops what no text shares with another, and says of each text by which shingles it is looked for."""

        def select(_: Work, unit: Unit) -> None:
            need = needs[unit.numbers]
            n, longest, hashes = len(need), int(np.diff(unit.bounds).max()), self._shelf.get(unit.slot)
            unit.n_probes, unit.extras = np.empty(n, np.int64), np.empty(n, np.int64)
            space = np.empty(longest, np.uint8), np.empty(longest, np.uint64), np.empty(COMMONEST + 2, np.int64)
            probes = unit.n_probes, unit.extras
            counting = counters, self._shift
            n_left = kernels.select(unit.bounds, hashes, counting, (need, extra_probes(need)), space, probes)
            self._shelf.back(unit.slot, hashes[:n_left])

        spread(select, self._units, self._works)

    def _rounds(self, needs: Ints) -> Iterator[Probing]:
        """The texts that may be contained in others, as many at a time as there is memory for."""
        room = self._memory // 4 + self._shelf.room_bytes
        chosen: list[tuple[Unit, Ints]] = []
        held = np.zeros(2, np.int64)
        for unit in self._units:
            which = np.flatnonzero(unit.n_probes)
            more = np.array([np.diff(unit.bounds)[which].sum(), unit.n_probes.sum()])
            if chosen and _index_bytes(*(held + more).tolist()) > room:
                yield self._together(chosen, needs)
                chosen, held = [], np.zeros(2, np.int64)
            chosen.append((unit, which))
            held += more
        yield self._together(chosen, needs)

    def _together(self, chosen: Sequence[tuple[Unit, Ints]], needs: Ints) -> Probing:
        sizes = np.concatenate([np.diff(unit.bounds)[which] for unit, which in chosen])
        numbers, n_probes, extras = (
            np.concatenate([getattr(unit, name)[which] for unit, which in chosen])
            for name in ("numbers", "n_probes", "extras")
        )
        bounds, probe_bounds = (np.append(0, np.cumsum(each)) for each in (sizes, n_probes))
        hashes = own_pages(int(bounds[-1]))
        done = 0
        for unit, which in chosen:
            start, done = done, done + len(which)
            picked = hashes[bounds[start] : bounds[done]]
            kernels.pick(unit.bounds, which, self._shelf.get(unit.slot), np.empty(len(which) + 1, np.int64), picked)
        return Probing(numbers, bounds, probe_bounds, hashes, needs[numbers], extras)

    def _probe(self, probing: Probing, ranks: Ints, in_base: npt.NDArray[np.bool_]) -> list[Ints]:
        """The pairs (number of A, of B, shared) of the texts of one round with all longer ones."""
        index, filter_ = self._index(probing)
        owners = probing.numbers, probing.bounds, probing.hashes, probing.needs, probing.extras
        found: list[Ints] = [np.empty((0, 3), np.int64)]

        def probe(work: Work, unit: Unit) -> None:
            bounds, hashes = unit.bounds, self._shelf.get(unit.slot)
            work.fit_table(int(np.diff(bounds).max()))
            work.fit_met(len(probing.numbers), int(np.diff(bounds).max()))
            done = 0
            while done < len(unit.numbers):
                done, n, n_compared = kernels.probe(
                    (unit.numbers, bounds, hashes),
                    done,
                    owners,
                    index,
                    filter_,
                    (ranks, in_base, work.met, work.touched, work.passed, work.table, work.pairs),
                )
                with self._lock:
                    found.append(work.pairs[:n].copy())
                    self.n_candidates += n_compared
                if not n and done < len(unit.numbers):
                    work.pairs = np.empty((2 * len(work.pairs), 3), np.int64)

        spread(probe, self._units, self._works)
        return found

    def _index(self, probing: Probing) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        n = int(probing.probe_bounds[-1])
        # A share of the hashes has a share of the table. Of a few hashes one share could get more than it can hold.
        n_shares = 1 << (len(self._works) - 1).bit_length() if n >= _MANY_PROBES else 1
        size = kernels.power_of_two(2 * n)
        index = np.zeros(size, np.int32), np.empty(n, np.uint64), np.empty((n, 2), np.int32)
        filter_ = np.zeros(1 << (self._slot_bits - 3), np.uint8), self._shift
        what = probing.bounds, probing.probe_bounds, probing.hashes

        def build(_: Work, share: int) -> None:
            kernels.build(what, (share, n_shares), index, filter_)

        spread(build, range(n_shares), self._works)
        return (index, n_shares), filter_
