"""A cheap look at two texts that tells of some pairs that the guard cannot fire on them."""

from collections import Counter
from collections.abc import Set
from functools import lru_cache

from broadsheet.repeats.guard import cached_signs, raw_sentences


def says_the_same(a_text: str, b_text: str) -> bool:
    """True only where `guard(a_text, b_text)` is None; where False, it may or may not be.

    Sentences that both texts have, letter by letter and as often, stand against each other in the guard, or against
    such of the same words. So what fires is in the others. There the guard needs two different numbers, dates or units,
    one on each side, or a negation: without that there is nothing to fire. Numbers and dates are taken together, since
    a word like 1.2.2030 can be either.
    """
    if a_text == b_text:
        return True
    a, b = _counted(a_text), _counted(b_text)
    said_a, said_b = _said(a, b), _said(b, a)
    if any(kind == "negation" for kind, _ in said_a | said_b):
        return False
    return not any(_may_differ(said_a, said_b, kind) for kind in ("value", "unit"))


def _may_differ(a: Set[tuple[str, str]], b: Set[tuple[str, str]], kind: str) -> bool:
    """True where one of A can stand against another of B."""
    mine, yours = ({value for name, value in said if name == kind} for said in (a, b))
    return bool(mine and yours) and len(mine | yours) > 1


@lru_cache(maxsize=1 << 10)
def _counted(text: str) -> Counter[str]:
    return Counter(raw_sentences(text))


def _said(mine: Counter[str], yours: Counter[str]) -> set[tuple[str, str]]:
    """Kinds and values of what the sentences say that I have more often than you."""
    found: set[tuple[str, str]] = set()
    for sentence, n in mine.items():
        if n > yours.get(sentence, 0):
            found |= _said_in(sentence)
    return found


@lru_cache(maxsize=1 << 14)
def _said_in(sentence: str) -> frozenset[tuple[str, str]]:
    found = set()
    for sign in cached_signs(sentence):
        if sign.kind:
            kind = "value" if sign.kind in ("number", "date") else sign.kind
            found.add((kind, sign.value))
            if sum(map(sign.word.count, "./-")) > 1:
                found.add((kind, f"{sign.word} as a date"))  # two values, of which one cannot know which is meant
    return frozenset(found)
