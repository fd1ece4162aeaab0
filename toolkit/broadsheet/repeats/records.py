"""What folding takes and gives, as plain values."""

from dataclasses import dataclass

KINDS = ("article", "comment", "teaser")
ROLES = {"main": 0, "sidebar": 1, "teaser": 2, "comment": 3}
"""The roles, in the order in which records of one length are preferred."""


@dataclass(frozen=True, slots=True)
class Item:
    """What folding needs to know of one record."""

    id: str
    kind: str
    """`article`, `comment` or `teaser`."""
    role: str
    """`main`, `sidebar`, `teaser` or `comment`."""
    text: str
    """The body, without the title."""
    title: str | None = None
    """No part of the text, but the guard reads it, too."""
    truncated: bool = False
    source: str | None = None
    captured: str | None = None
    """The earliest capture, RFC 3339 in UTC; None sorts last."""
    thread: str | None = None
    """Of comments. None is an unknown thread, equal to no other."""
    author: str | None = None
    parent: str | None = None
    """Record id of the comment that this one answers."""
    published: bool = False
    """In a base release: sorts first and folds into nothing."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One comparison that is evidence. Containment is shared / n_a."""

    a: str
    """Record id of the shorter text: fewer words, then fewer distinct shingles, then the smaller id."""
    b: str
    relation: str
    """`exact`, `near`, `trimmed`, `embedded`, `update`; `none` for a near miss."""
    shared: int
    """Distinct shingles in common; words, if the texts are under 10 words (and so equal)."""
    n_a: int
    n_b: int
    guard: str | None
    """Evidence such as `number: 12 | 48`, A first; the relation is `update` exactly when there is some."""
    decision: str
    """`fold` (one of the two is the canonical of the other) or `keep`."""


@dataclass(frozen=True, slots=True)
class Folded:
    """What became of the records."""

    pairs: list[Pair]
    """Sorted by (a, b). Of records with equal words only the first in the order is compared with other texts;
    each of the others has a pair with that first one, and one with its canonical."""
    canonical: dict[str, tuple[str, str | None]]
    """Id of each record: id of its canonical and relation to it; itself and None if it is one."""
    story: dict[str, str]
    """Id of each record: smallest id of its story."""
    n_candidates: int = 0
    """Pairs of texts of which one has half of the other's shingles or more: many for low-entropy text."""
