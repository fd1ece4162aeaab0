"""How one text stands to another, from their words alone: shingles, relations, length classes."""

from bisect import bisect_right
from collections.abc import Hashable, Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Shingle = tuple[str, str, str]

SHORT_WORDS = 10
"""Texts of fewer words are repeats only when their words are equal."""

COMMONEST = 15
"""In how many texts a shingle stands is counted to here: counters have four bits."""

EXTRA_PROBES = 8
"""How often more than once a text must be met before it is counted in full: a few more lookups, many fewer counts."""

_SLACK_WORDS = 12  # how late the common beginning may start: a dateline stands before it
_RUN_WORDS = 5  # how many words it must have in a row

_HEAD_WORDS = 40
OPENING_WORDS = _HEAD_WORDS + 24
"""By how many of its first words it is known whether a text begins where another does."""


def shingles(words: Sequence[str]) -> set[Shingle]:
    """The distinct word 3-grams of a text; empty below three words."""
    return set(zip(words, words[1:], words[2:], strict=False))


def needed(n_shingles: npt.NDArray[np.int64], threshold: Fraction) -> npt.NDArray[np.int64]:
    """How many of its shingles each text must share: exact, whatever the threshold's denominator."""
    sizes, which = np.unique(n_shingles, return_inverse=True)
    needs = [-(-n * threshold.numerator // threshold.denominator) for n in sizes.tolist()]
    return np.array(needs, np.int64)[which]


def extra_probes(need: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """How often more than once a text must be met, at most, of which so many shingles are needed."""
    return np.minimum(EXTRA_PROBES, need - 1)


def relation(a_words: Sequence[str], b_words: Sequence[str]) -> str:
    """`exact`, `near`, `trimmed` or `embedded`: how A stands to B, given that the pair is over the threshold.

    A is the shorter. `near`: B has at most a quarter more words. `trimmed`: A begins where B begins, which is
    that some run of 5 words begins within the first 13 words of both (so either may open with a dateline of a
    dozen words) and half of A's first words stand where B begins. Takes neither the threshold nor the guard into
    account.

    Raises: ValueError if A has more words than B.
    """
    if len(a_words) > len(b_words):
        raise ValueError(f"A has {len(a_words)} words and B {len(b_words)}: pass the shorter text first")
    if list(a_words) == list(b_words):
        return "exact"
    if is_near(len(a_words), len(b_words)):
        return "near"
    return "trimmed" if begin_alike(a_words[:OPENING_WORDS], b_words[:OPENING_WORDS]) else "embedded"


def is_near(n_a: int, n_b: int) -> bool:
    """True where a text of `n_b` words has at most a quarter more than one of `n_a`."""
    return 4 * n_b <= 5 * n_a


def begin_alike(a_opening: Sequence[Hashable], b_opening: Sequence[Hashable]) -> bool:
    """True where A begins where B begins, by their first words, in any form in which equal ones are equal.

    A run in common may be chance where every second text begins "In the town of": so half of A's first shingles, too,
    must stand where B begins, before which there may be a dateline.
    """
    if _runs(a_opening).isdisjoint(_runs(b_opening)):
        return False
    heads = [set(zip(words, words[1:], words[2:], strict=False)) for words in (a_opening[:_HEAD_WORDS], b_opening)]
    return 2 * len(heads[0] & heads[1]) >= len(heads[0])


def _runs(opening: Sequence[Hashable]) -> set[tuple[Hashable, ...]]:
    words = opening[: _SLACK_WORDS + _RUN_WORDS]
    return {tuple(words[i : i + _RUN_WORDS]) for i in range(len(words) - _RUN_WORDS + 1)}


def _ladder(n_classes: int) -> list[int]:
    bounds = [1]
    while len(bounds) < n_classes:
        bounds.append(max(bounds[-1] + 1, bounds[-1] * 5 // 4))
    return bounds


_LADDER = _ladder(160)  # up to 10**14 words


def length_classes(n_words: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The length class of each number of words."""
    return np.searchsorted(_LADDER, n_words, "right")


def length_class(n_words: int) -> int:
    """The step of 25 % on which a length stands: a text more than a quarter longer stands on a higher one."""
    return bisect_right(_LADDER, n_words)
