"""How one text stands to another, from their words alone: shingles, relations, length classes."""

from bisect import bisect_right
from collections.abc import Sequence

from broadsheet.repeats.opening import begin_alike

Shingle = tuple[str, str, str]

SHORT_WORDS = 10
"""Texts of fewer words are repeats only when their words are equal."""

_SLACK_WORDS = 12  # how late the common beginning may start: a dateline stands before it
_RUN_WORDS = 5  # how many words it must have in a row


def shingles(words: Sequence[str]) -> set[Shingle]:
    """The distinct word 3-grams of a text; empty below three words."""
    return set(zip(words, words[1:], words[2:], strict=False))


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
    if 4 * len(b_words) <= 5 * len(a_words):
        return "near"
    return "trimmed" if _opening(a_words) & _opening(b_words) and begin_alike(a_words, b_words) else "embedded"


def _opening(words: Sequence[str]) -> set[tuple[str, ...]]:
    last = min(_SLACK_WORDS, len(words) - _RUN_WORDS)
    return {tuple(words[i : i + _RUN_WORDS]) for i in range(last + 1)}


def _ladder(n_classes: int) -> list[int]:
    bounds = [1]
    while len(bounds) < n_classes:
        bounds.append(max(bounds[-1] + 1, bounds[-1] * 5 // 4))
    return bounds


_LADDER = _ladder(160)  # up to 10**14 words


def length_class(n_words: int) -> int:
    """The step of 25 % on which a length stands: a text more than a quarter longer stands on a higher one."""
    return bisect_right(_LADDER, n_words)
