"""Texts in Arrow columns to hashes of their words and shingles, in threads."""

import mmap
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from broadsheet.repeats import kernels, tokens
from broadsheet.repeats.alphabet import Alphabet
from broadsheet.repeats.bodies import Bodies, Ints, Part
from broadsheet.repeats.relate import SHORT_WORDS
from broadsheet.text import words

Hashes = npt.NDArray[np.uint64]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Digested:
    """Some texts, digested, as `kernels.digest_texts` lays them out."""

    n_words: Ints
    first: Hashes
    second: Hashes
    bounds: Ints
    hashes: Hashes
    """Perhaps a view of work space, gone with its next use."""


class Work:
    """The work space of one thread, as large as the longest text that it meets needs."""

    def __init__(self) -> None:
        self.buffer = np.empty(0, np.uint8)
        self.words = np.empty(0, np.uint64)
        self.table = np.empty(16, np.uint64)
        self.out = np.empty(0, np.uint64)
        self.met = np.empty(0, np.int32)
        self.touched = np.empty(0, np.int64)
        self.passed = np.empty(0, np.uint64)
        self.pairs = np.empty((1 << 12, 3), np.int64)

    def fit(self, longest_bytes: int, all_bytes: int) -> None:
        """Makes room for texts, with slack for what grows when it is folded."""
        size = 2 * longest_bytes + 64
        if len(self.words) < size:
            self.buffer = np.empty(size + tokens.PADDING, np.uint8)
            self.words = np.empty(size, np.uint64)
        self.fit_table(size)
        if len(self.out) < all_bytes + 64:
            self.out = np.empty(all_bytes + 64, np.uint64)

    def fit_table(self, n_hashes: int) -> None:
        """Makes room in the table for so many hashes."""
        size = kernels.power_of_two(2 * n_hashes)
        if len(self.table) < size:
            self.table = np.empty(size, np.uint64)

    def fit_met(self, n_texts: int, n_hashes: int) -> None:
        """Makes room for how often each of so many texts is met, all 0, and for the hashes of one that meets them."""
        if len(self.met) < n_texts:
            self.met, self.touched = np.zeros(n_texts, np.int32), np.empty(n_texts, np.int64)
        if len(self.passed) < n_hashes + 1:
            self.passed = np.empty(n_hashes + 1, np.uint64)


def spread(do: Callable[[Work, T], None], tasks: Iterable[T], works: Sequence[Work]) -> None:
    """Does all tasks, a thread for each work space; raises what a task raises."""
    left, lock = iter(tasks), Lock()

    def run(work: Work) -> None:
        while True:
            with lock:
                task = next(left, None)
            if task is None:
                return
            do(work, task)

    if len(works) == 1:
        run(works[0])
        return
    with ThreadPoolExecutor(len(works)) as pool:
        for future in [pool.submit(run, work) for work in works]:
            future.result()


def own_pages(n: int) -> Hashes:
    """Room for hashes in pages of its own, which the system has back when it is dropped.

    What is freed by `malloc` in pieces of a megabyte often stays with the process, between pieces that are in use.
    """
    if not n:
        return np.empty(0, np.uint64)
    # Private: pages that could be shared take longer to get.
    return np.frombuffer(mmap.mmap(-1, 8 * n, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS), np.uint64)


class Digester:
    """Texts to the hashes of their words and shingles."""

    def __init__(self) -> None:
        self._alphabet = Alphabet()

    def _tables(self, part: Part, starts: Ints, ends: Ints) -> tuple[Any, ...]:
        met = np.zeros(len(self._alphabet.pages), np.bool_)
        tokens.pages_met(part.data, starts, ends, met)
        return self._alphabet.cover(met)

    def digest(self, work: Work, part: Part, which: Ints) -> Digested:
        """The digests of some texts of a part, `which` in order."""
        starts, ends = part.starts[which], part.ends[which]
        sizes = ends - starts
        work.fit(int(sizes.max()), int(sizes.sum()))
        n = len(which)
        found = Digested(
            np.empty(n, np.int64), np.empty(n, np.uint64), np.empty(n, np.uint64), np.empty(n + 1, np.int64), work.out
        )
        kernels.digest_texts(
            part.data,
            (starts, ends),
            self._tables(part, starts, ends),
            SHORT_WORDS,
            (work.buffer, work.words, work.table),
            (found.n_words, found.first, found.second, found.bounds, found.hashes),
        )
        left = np.flatnonzero(found.n_words < 0)
        return self._in_python(work, part, which, found, left) if len(left) else found

    def _in_python(self, work: Work, part: Part, which: Ints, found: Digested, left: Ints) -> Digested:
        """The digests with those of the texts `left`, whose words Python cuts."""
        sizes = np.diff(found.bounds)
        added = []
        for i in left.tolist():
            hashes = hash_words(words(_text(part, int(which[i]))))
            n = len(hashes)
            work.fit_table(n)
            shingles = np.empty(n, np.uint64)
            found.first[i], found.second[i], n_shingles = kernels.digest(hashes, n, work.table, shingles)
            found.n_words[i] = n
            sizes[i] = n_shingles if n >= SHORT_WORDS else 0
            added.append(shingles[: sizes[i]])
        pieces, done = [], 0
        for i, shingles in zip(left.tolist(), added, strict=True):
            pieces += [found.hashes[done : found.bounds[i]], shingles]
            done = int(found.bounds[i])
        pieces.append(found.hashes[done : found.bounds[-1]])
        bounds = np.concatenate([[0], np.cumsum(sizes)])
        return Digested(found.n_words, found.first, found.second, bounds, np.concatenate(pieces))

    def openings(self, bodies: Bodies, rows: Ints, n_words: int) -> Hashes:
        """The hashes of the first words of texts, uint64[n, n_words]; 0 behind the last one."""
        out = np.zeros((len(rows), n_words), np.uint64)
        work = Work()
        for stored, places, which in bodies.by_part(rows):
            part = stored.loaded()
            starts, ends = part.starts[which], part.ends[which]
            work.fit(int((ends - starts).max()), 0)
            found = np.zeros((len(which), n_words), np.uint64)
            space = work.buffer, work.words
            done = np.ones(len(which), np.bool_)
            kernels.openings(part.data, (starts, ends), self._tables(part, starts, ends), space, found, done)
            for k in np.flatnonzero(~done).tolist():
                hashes = hash_words(words(_text(part, int(which[k])))[:n_words])
                found[k, : len(hashes)] = hashes
            out[places] = found
        return out


def hash_words(found: Sequence[str]) -> Hashes:
    """The hashes of words, by the function that the compiled tokeniser uses."""
    encoded = [word.encode() for word in found]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    offsets[1:] = np.cumsum([len(word) for word in encoded])
    out = np.empty(len(encoded), np.uint64)
    tokens.hash_words(np.frombuffer(b"".join(encoded) + bytes(tokens.PADDING), np.uint8), offsets, out)
    return out


def _text(part: Part, i: int) -> str:
    return part.data[part.starts[i] : part.ends[i]].tobytes().decode()
