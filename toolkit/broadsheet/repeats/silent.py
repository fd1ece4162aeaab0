"""A cheap look at two texts that tells of most pairs that the guard cannot fire on them."""

from collections import Counter
from functools import lru_cache

from broadsheet.repeats.guard import raw_sentences
from broadsheet.repeats.signs import signs

_VALUES = frozenset({"number", "date"})


def says_the_same(a_text: str, b_text: str) -> bool:
    """True only where `guard(a_text, b_text)` is None; where False, it may or may not be.

    Sentences that both texts have, letter by letter and as often, stand against each other in the guard, or against
    such of the same words. So what fires is in the others. There the guard needs a number against a number, a date
    against a date, a unit against a unit, or a negation on one side: without values on both sides, units on both, or
    any negation there is nothing to fire. Numbers and dates are taken together, since equal words can be either.
    """
    if a_text == b_text:
        return True
    a, b = _counted(a_text), _counted(b_text)
    kinds_a, kinds_b = _kinds(a, b), _kinds(b, a)
    if "negation" in kinds_a or "negation" in kinds_b:
        return False
    return not (kinds_a & kinds_b)


@lru_cache(maxsize=1 << 10)
def _counted(text: str) -> Counter[str]:
    return Counter(raw_sentences(text))


def _kinds(mine: Counter[str], yours: Counter[str]) -> set[str]:
    """`value`, `unit` and `negation`, as far as a sentence has such that I have more often than you."""
    found: set[str] = set()
    for sentence, n in mine.items():
        if n > yours.get(sentence, 0):
            found |= _kinds_of(sentence)
    return found


@lru_cache(maxsize=1 << 14)
def _kinds_of(sentence: str) -> frozenset[str]:
    kinds = {sign.kind for sign in signs(sentence)} - {""}
    return frozenset("value" if kind in _VALUES else kind for kind in kinds)
