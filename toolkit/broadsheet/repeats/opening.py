"""How two texts begin: a run in common may be chance where every second text begins "In the town of"."""

from collections.abc import Sequence

_HEAD_WORDS = 40
_LATE_WORDS = 24  # a dateline may stand before either text


def begin_alike(a_words: Sequence[str], b_words: Sequence[str]) -> bool:
    """Whether half of the distinct shingles of A's first 40 words stand in B's first 64."""
    a, b = a_words[:_HEAD_WORDS], b_words[: _HEAD_WORDS + _LATE_WORDS]
    heads = [set(zip(words, words[1:], words[2:], strict=False)) for words in (a, b)]
    return 2 * len(heads[0] & heads[1]) >= len(heads[0])
