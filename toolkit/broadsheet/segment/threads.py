"""Who wrote a comment or an article, and which comment answers which, as far as form tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from broadsheet.segment.language import is_function_word

_AFTER_NAME = re.compile(r"[|·•(（\[]| [-–—] |,|\d{1,4}[-./: ]|\b\d{1,2}[:h]\d\d|\b(?:19|20)\d\d\b|\b\d+ ")
_EDGES = " \t\xa0,:;：，、-–—"


class Place(NamedTuple):
    """Where a comment stands in its thread: nesting from 0, and the parent's position or None."""

    depth: int
    reply_to: int | None


def places(indents: Sequence[int]) -> list[Place]:
    """The place of each comment, from the indents of their heads, in order.

    The parent is the nearest earlier comment with a smaller indent.

    >>> places([2, 2, 4, 6, 2])
    [Place(0, None), Place(0, None), Place(1, 1), Place(2, 2), Place(0, None)]
    """
    found: list[Place] = []
    open_comments: list[int] = []
    for position, indent in enumerate(indents):
        while open_comments and indents[open_comments[-1]] >= indent:
            open_comments.pop()
        found.append(Place(len(open_comments), open_comments[-1] if open_comments else None))
        open_comments.append(position)
    return found


def _before_date(text: str) -> str:
    cut = _AFTER_NAME.search(text, 1)
    return _trim(text[: cut.start()] if cut else text)


def _trim(name: str) -> str:
    """The name without marks at its edges; the full stop of an initial stays."""
    name = name.strip(_EDGES)
    return name.rstrip(".") if name.endswith(".") and len(name.split()[-1]) > 2 else name


def speakers(heads: Sequence[str | None]) -> list[str | None]:
    """The author that each comment's head names, its marker aside; None for a comment without a head.

    A last word in lower case is taken for the site's own ("Ann writes", "Ann schrieb") when it ends
    several heads after different names, or when a capitalised name stands before it.
    """
    names = [None if head is None else _before_date(head) for head in heads]
    before: dict[str, set[str]] = {}
    for name in names:
        if name and " " in name:
            rest, last = name.rsplit(None, 1)
            before.setdefault(last, set()).add(rest)
    authors: list[str | None] = []
    for name in names:
        if name and " " in name:
            rest, last = name.rsplit(None, 1)
            if last[0].islower() and (len(before[last]) > 1 or rest[0].isupper()):
                name = _trim(rest)
        authors.append(name or None)
    return authors


def author_of(byline: str) -> str | None:
    """The name read out of an article's byline; None when form shows none.

    >>> author_of("By Ann Reed, 12 May 2020")
    'Ann Reed'
    >>> author_of("Text und Bilder von Karl Meier")
    'Karl Meier'
    """
    tokens = _before_date(byline).split()
    if not any(token[0].isupper() for token in tokens):
        cased = any(char.islower() for char in byline)
        return None if cased or not tokens else " ".join(tokens)
    leads = [i for i, token in enumerate(tokens[:-1]) if is_function_word(token) and i < 4]
    capitals = [i for i, token in enumerate(tokens) if token[0].isupper() and not is_function_word(token)]
    if not capitals:
        return None
    start = capitals[0]
    if leads and leads[0] <= 1 and (start < leads[0] or leads[0] == 0) and not _is_particle(tokens, leads[0]):
        start = min((i for i in capitals if i > leads[0]), default=start)
    for i in leads[1:]:
        if tokens[i].islower() and i - 1 not in capitals:
            start = min((c for c in capitals if c > i), default=start)
    return _trim(" ".join(tokens[start:])) or None


def _is_particle(tokens: Sequence[str], i: int) -> bool:
    """Whether a small word stands inside a name (Ludwig van Beethoven) rather than before it."""
    return i == 1 and tokens[0][0].isupper() and len(tokens) <= 3 and len(tokens[i]) <= 3 and i + 2 == len(tokens)
