"""Texts compared by one of two paths with the same results: compiled where that pays, else plain Python."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from broadsheet.repeats.bodies import Bodies, Ints
from broadsheet.repeats.join import ManyMeetingsError, join
from broadsheet.repeats.relate import OPENING_WORDS, SHORT_WORDS
from broadsheet.text import words

Words = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

COMPILED_BYTES = 4_000_000
"""From how much text on the compiled join pays for its start."""

MOST_MEETINGS = 20_000_000
"""How often probes may meet texts in plain Python, which takes some two seconds; then the compiled join pays, too."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the compiled path may use; no result depends on it."""

    n_threads: int | None = None
    """By default as many as there are processors."""
    memory_bytes: int | None = None
    """Beside the texts and what is known of each."""
    folder: Path | None = None
    """Where to put what does not fit; by default where the system keeps temporary files."""


NO_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Compared:
    """What the words of texts say, as arrays over rows."""

    same: Ints
    """The same row for all rows of the same bytes, one of them."""
    equal: Ints
    """The same row for all rows of equal words, one of them."""
    n_words: Ints
    n_shingles: Ints
    """Distinct ones, of rows that are their own `equal` and have 10 words or more; else 0."""
    pairs: Ints
    """Every pair over the threshold: row of A, row of B, shared; rows that are their own `equal`, A the shorter."""
    path: str
    """`plain`, `compiled`, or `no-numba`: plain although there was much text."""
    openings: Callable[[Ints], Words]
    """The first words of rows as numbers, uint64[n, OPENING_WORDS], 0 behind the last; equal where the words are."""


def compare(
    bodies: Bodies,
    threshold: Fraction,
    *,
    is_base: Flags | None = None,
    limits: Limits = NO_LIMITS,
) -> Compared:
    """The texts, compared, by whichever path is faster and can be gone.

    With `is_base` (of rows), texts of the base are compared with others only, not with one another. The plain path
    holds about 50 times the size of the texts.
    """
    if bodies.n_bytes < COMPILED_BYTES:
        try:
            return plain(bodies, threshold, "plain", is_base, MOST_MEETINGS)
        except ManyMeetingsError:
            pass  # little text, but all alike, so that there is much to compare
    if find_spec("numba") is None:
        return plain(bodies, threshold, "no-numba", is_base)
    return compiled(bodies, threshold, limits, is_base)


def compiled(
    bodies: Bodies,
    threshold: Fraction,
    limits: Limits = NO_LIMITS,
    is_base: Flags | None = None,
) -> Compared:
    """The texts, compared by compiled code."""
    from broadsheet.repeats.compiled import Join

    work = Join(bodies, limits.n_threads, limits.memory_bytes, limits.folder)
    found = work.digest()
    pairs = work.pairs(threshold, None if is_base is None else _all_base(found.equal, is_base))
    return Compared(
        found.same,
        found.equal,
        found.n_words,
        found.n_shingles,
        pairs,
        "compiled",
        lambda rows: work.openings(rows, OPENING_WORDS),
    )


def _all_base(equal: Ints, is_base: Flags) -> Flags:
    """Of rows that stand for their equals, whether all of these are of the base."""
    found = np.ones(len(equal), np.bool_)
    found[equal[~is_base]] = False
    return found


def plain(
    bodies: Bodies,
    threshold: Fraction,
    path: str = "plain",
    is_base: Flags | None = None,
    most_meetings: int | None = None,
) -> Compared:
    """The texts, compared by plain Python. Raises: ManyMeetingsError like `join`."""
    first: dict[tuple[str, ...], int] = {}
    first_same: dict[bytes, int] = {}
    n = len(bodies)
    same, equal, n_words = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    n_shingles = np.zeros(n, np.int64)
    for row in range(n):
        raw = bodies.raw(row)
        known = same[row] = first_same.setdefault(raw, row)
        if known == row:
            found = tuple(words(raw.decode()))
            equal[row], n_words[row] = first.setdefault(found, row), len(found)
        else:
            equal[row], n_words[row] = equal[known], n_words[known]
    texts = {row: found for found, row in first.items()}
    long = [row for row, found in texts.items() if len(found) >= SHORT_WORDS]
    joined = join([texts[row] for row in long], threshold, most_meetings)
    n_shingles[long] = joined.n_shingles
    pairs = []
    for (i, j), shared in joined.shared.items():
        a, b = sorted((long[i], long[j]), key=lambda row: (n_words[row], n_shingles[row]))
        pairs.append((a, b, shared))
    numbers: dict[str, int] = {}

    def openings(rows: Ints) -> Words:
        out = np.zeros((len(rows), OPENING_WORDS), np.uint64)
        for k, row in enumerate(equal[rows].tolist()):
            begin = texts[row][:OPENING_WORDS]
            out[k, : len(begin)] = [numbers.setdefault(word, len(numbers) + 1) for word in begin]
        return out

    shared_by = np.array(sorted(pairs), np.int64).reshape(-1, 3)
    if is_base is not None:
        old = _all_base(equal, is_base)[shared_by[:, :2]]
        shared_by = shared_by[~old.all(axis=1)]
    return Compared(same, equal, n_words, n_shingles, shared_by, path, openings)
