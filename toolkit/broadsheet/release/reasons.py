"""Why two records were folded or kept apart, in a sentence: said of the evidence, never beyond it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from broadsheet.batches import Row
from broadsheet.repeats import SHORT_WORDS, changed_names
from broadsheet.text import words

_SHOWN: Final = 6
"""Digits by which a record is named within a sentence."""
_BEGINNING_CHARS: Final = 60
_CHANGED: Final = {"number": "one figure stands against another", "date": "one date stands against another"}


@dataclass(frozen=True, slots=True)
class Content:
    """A record as far as a release tells it; one that was folded has what its page's text gives."""

    id: str
    kind: str
    role: str
    canonical_id: str
    title: str | None
    text: str | None
    """None where the release holds no page texts."""
    row: Row
    """The row of its canonical record; of a held one, that it `is_held`."""


def why(pair: Row, a: Content, b: Content, settings: Mapping[str, Any]) -> str:
    """Why a pair was folded or kept; `a` and `b` are its two records, `settings` those of repeats."""
    if pair["decision"] == "fold":
        return f"{_folded(pair)}{_names(pair, a, b)}"
    if pair["relation"] == "update":
        return _update(pair)
    if pair["relation"] == "embedded":
        return (
            f"{_triples(pair)}, but the one does not begin where the other begins: {_short(pair['a'])} stands inside "
            "a longer text, as a quotation or a part of a digest does."
        )
    if pair["relation"] == "none":
        share, needed = f"{pair['containment']:.1%}", f"{settings['threshold']:.0%}"
        return f"{_triples(pair)}, or {share}: a near miss, since {needed} are needed."
    return f"{_triples(pair)}, but {_not_folded(pair, a, b, settings['scope'])}."


def _folded(pair: Row) -> str:
    if pair["relation"] == "exact":
        return "Both have the same words."
    if pair["relation"] == "near":
        return f"{_triples(pair)}, and the longer has at most a quarter more words."
    return f"{_triples(pair)}, and begin where it begins: {_short(pair['a'])} is a shortened copy."


def _names(pair: Row, a: Content, b: Content) -> str:
    """A name that may have changed between two texts that were folded: looked for, and no reason to keep them apart."""
    found = changed_names(a.text, b.text) if pair["relation"] != "exact" and a.text and b.text else None
    if not found:
        return ""
    left, _, right = found.partition(" | ")
    return f" A name may have changed, which decides nothing: “{left}” in {_short(a.id)}, “{right}” in {_short(b.id)}."


def _triples(pair: Row) -> str:
    """How much of A is in B. Texts of few words are compared whole."""
    if pair["shared"] == pair["n_a"] == pair["n_b"] < SHORT_WORDS:
        return f"All words of {_short(pair['a'])} and {_short(pair['b'])} are equal"
    share = f"All {pair['n_a']:,}" if pair["shared"] == pair["n_a"] else f"{pair['shared']:,} of the {pair['n_a']:,}"
    return f"{share} word triples of {_short(pair['a'])} stand in {_short(pair['b'])}"


def _update(pair: Row) -> str:
    """What the guard found, in words: `title number: 3 | 4` is what it says."""
    place, _, evidence = pair["guard"].partition(": ")
    kind = place.removeprefix("title ")
    told = _CHANGED.get(kind, "one side has a negation and the other has none")
    told = told[0].upper() + told[1:] if place == kind else f"In the titles, {told}"
    if not evidence:  # a standoff release, which quotes nothing
        return f"{told}; so both are kept."
    left, _, right = f" {evidence} ".partition(" | ")
    sides = ((left.strip(), pair["a"]), (right.strip(), pair["b"]))
    named = (f"“{side}” in {_short(id_)}" if side else f"none in {_short(id_)}" for side, id_ in sides)
    return f"{told}: {', '.join(named)}; so both are kept."


def _not_folded(pair: Row, a: Content, b: Content, scope: str) -> str:
    """Why a pair that could fold by its texts alone did not."""
    held = [f"{_short(one.id)} is held out of all splits" for one in (a, b) if one.row.get("is_held")]
    if held:
        return " and ".join(held)
    moved = [
        f"{_short(one.id)} was folded into {_short(one.canonical_id)}" for one in (a, b) if one.canonical_id != one.id
    ]
    if moved:
        return f"{' and '.join(moved)}, and a record is folded once only"
    if a.kind != b.kind and "comment" in {a.kind, b.kind}:
        return "a comment is never folded with what is none"
    if a.kind == b.kind == "comment":
        return _comments(a.row, b.row)
    if scope == "per-source" and a.row["source"] != b.row["source"]:
        return f"their sources are {a.row['source']} and {b.row['source']}, and this build folds within one source only"
    if pair["relation"] == "trimmed" and a.kind == "article" and (b.row["truncated"] or "teaser" in {b.kind, b.role}):
        return f"the longer, {_short(b.id)}, is itself cut off or a teaser, and no article is folded into one of those"
    return "the order of the records made both stand for themselves"


def _comments(a: Row, b: Row) -> str:
    if a["thread"] is None or b["thread"] is None:
        return "a comment whose thread is not known is folded into none"
    for name, told in (("thread", "threads"), ("author", "authors")):
        if a[name] != b[name]:
            return f"they are comments of two {told}"
    return "they are comments that answer different comments"


def _short(id_: str) -> str:
    return id_[:_SHOWN]


def n_words(text: str) -> int:
    """The number of words of a text, as repeats are found by."""
    return len(words(text))


def beginning(text: str | None) -> str:
    """The first characters of a text, white space collapsed, by which one knows it again."""
    first = " ".join((text or "")[: 4 * _BEGINNING_CHARS].split())
    return first if len(first) <= _BEGINNING_CHARS else f"{first[: _BEGINNING_CHARS - 1].rstrip()}…"
