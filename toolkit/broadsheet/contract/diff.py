"""What a new version of a record schema changes, and whether what was built on the old one still holds.

A change is *compatible* if every record that was valid under the old schema is valid under the new one and every column
keeps its name and type; otherwise it is *breaking*:

| kind | what changed | |
|---|---|---|
| `added` | a property that records need not have | compatible |
| `loosened` | more is valid | compatible |
| `described` | annotations alone | compatible |
| `added-required` | a property that records must have | breaking |
| `removed`, `renamed` | a property, and so a column | breaking |
| `retyped` | a column's type; also the width of an integer, which follows from its bounds | breaking |
| `tightened` | less is valid | breaking |
| `altered` | what is valid; which way cannot be told | breaking |

Records are taken as released, with named properties only: a record that came with a property which the old schema did
not name, and which was left out, may break what the new one asks of it. A column keeps its type where all that is named
inside it does: a struct may gain properties, and nulls may be let in.

Null and absent are one (`values.stripped`). Of an optional property, null in its type says nothing; a property that is
required and may be null is as good as optional, and a change between the two is none. But where an object around it has
a condition that can tell them apart (such as `minProperties` or `if`), it is `altered`; and where a condition of its
own may ban null, it counts as required. Elements of lists and values of maps are never absent: there null counts.

One thing spelled otherwise (the order of keys; `anyOf` with null or a list of types; `const` or `enum` of one value; an
integer's exclusive bounds; a keyword that asks nothing, as `minLength: 0`) is no change.
"""

import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final, Literal, NamedTuple

from broadsheet.contract.profile import Member, Type, kinds_of, members_of
from broadsheet.contract.references import pointer
from broadsheet.contract.spelling import (
    COMBINED,
    LIMITS,
    allowed,
    asked,
    folded,
    is_note,
    key_of,
    limit_of,
    said,
    takes_null,
)

Json = Any
Schema = Mapping[str, Json]
Kind = Literal[
    "added", "added-required", "removed", "renamed", "retyped", "loosened", "tightened", "altered", "described"
]  # fmt: skip
COMPATIBLE: Final[frozenset[Kind]] = frozenset({"added", "loosened", "described"})
"""The kinds of change that break nothing."""
SHOWN_CHARS: Final = 60
"""Longest value in a message."""


class Change(NamedTuple):
    """A difference between two schemas."""

    pointer: str
    """JSON Pointer of the property or the keyword: in the new schema, or in the old one where it went."""
    kind: Kind
    old: Json = None
    """What stood there; None for nothing. Of a list that lost or gained values: those alone that went."""
    new: Json = None
    """What stands there now; None for nothing. Of a list that lost or gained values: those alone that came."""

    @property
    def breaking(self) -> bool:
        """Whether valid records or columns may be lost by it."""
        return self.kind not in COMPATIBLE


def diff(old: Schema, new: Schema) -> list[Change]:
    """What differs between two record schemas in force, as `Contract.record` has them; the order of keys never does.

    Raises: CallError where one of them is outside the profile.
    """
    types = Type("struct", members=members_of(old)), Type("struct", members=members_of(new))
    return [*_value(_Pair("", folded(old), folded(new), types))]


def is_breaking(changes: Iterable[Change]) -> bool:
    """Whether one of the changes breaks what was built on the old schema."""
    return any(change.breaking for change in changes)


def message(change: Change) -> str:
    """The change in one line, values cut at `SHOWN_CHARS`.

    >>> message(Change("/properties/title/minLength", "tightened", 1, 5))
    '/properties/title/minLength: tightened: 1 → 5'
    """
    old, new = _shown(change.old), _shown(change.new)
    match change.kind:
        case "added" | "added-required":
            what = new
        case "removed":
            what = old
        case "loosened" if change.old is None:
            what = f"also {new}"
        case "tightened" if change.new is None:
            what = f"no longer {old}"
        case "retyped" if {old, new} <= {"int16", "int32", "int64"}:
            what = f"{old} → {new}: a column of integers is as wide as their bounds ask"
        case _:
            what = f"{old} → {new}"
    return f"{_printable(change.pointer)}: {change.kind}: {what}"


def _shown(value: Json) -> str:
    if value is None:
        return "none"
    text = _printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 1]}…"


def _printable(text: str) -> str:
    return text if text.isprintable() else json.dumps(text)[1:-1]


class _Pair(NamedTuple):
    """One place in both schemas."""

    at: str
    old: Schema
    new: Schema
    types: tuple[Type, Type]
    is_watched: bool = False
    """Whether a condition on an object around it can tell null from absent."""

    def inside(self, at: str, old: Json, new: Json, types: tuple[Type, Type]) -> "_Pair":
        """A place inside."""
        return _Pair(self.at + at, folded(old), folded(new), types, self.is_watched)


_WATCHING: Final = frozenset(
    {
        "minProperties", "maxProperties", "propertyNames", "dependentRequired", "dependentSchemas", "enum", "const",
        "contains", "allOf", "anyOf", "oneOf", "not", "if",
    }
)  # fmt: skip
_NAMES: Final = {"instant": "timestamp", "number": "float64", "boolean": "bool"}


def _value(pair: _Pair) -> Iterator[Change]:
    """What changes of a value and inside it, apart from whether it may be null."""
    pair = pair._replace(is_watched=pair.is_watched or bool(_WATCHING & (pair.old.keys() | pair.new.keys())))
    old, new = pair.types
    yield from _notes(pair)
    before, after = (f"int{t.bits}" if t.kind == "integer" else _NAMES.get(t.kind, t.kind) for t in pair.types)
    if before != after:
        yield Change(pair.at, "retyped", before, after)
    if old.kind != new.kind:
        return
    for compare in (_enums, _bounds, _counts, _multiples, _conditions, _branches):
        yield from compare(pair)
    if old.kind == "struct":
        yield from _properties(pair)
    elif old.item and new.item:
        keyword = "items" if old.kind == "list" else "additionalProperties"
        inner = pair.inside(pointer(keyword), pair.old[keyword], pair.new[keyword], (old.item, new.item))
        yield from _nulls(inner, takes_null(inner.old), takes_null(inner.new))
        yield from _value(inner)
    if old.kind in {"struct", "map"}:
        yield from _unnamed(pair)


def _notes(pair: _Pair) -> Iterator[Change]:
    for keyword in {**pair.old, **pair.new}:
        if is_note(keyword) and not _same(pair, keyword):
            yield Change(pair.at + pointer(keyword), "described", pair.old.get(keyword), pair.new.get(keyword))


def _nulls(pair: _Pair, before: bool, after: bool) -> Iterator[Change]:
    """Null let in or banned, where it is not as good as absent."""
    if before != after:
        old, new = (
            [kind, "null"] if takes else kind
            for schema, takes in ((pair.old, before), (pair.new, after))
            for kind in {*kinds_of(schema)} - {"null"}
        )
        yield Change(f"{pair.at}/type", "loosened" if after else "tightened", old, new)


def _properties(pair: _Pair) -> Iterator[Change]:
    before, after = ({member.name: member for member in type_.members} for type_ in pair.types)
    renamed = _renamed(pair, before.keys() - after.keys(), after.keys() - before.keys())
    for name, member in before.items():
        at = pointer("properties", name)
        old, new = pair.old["properties"][name], pair.new["properties"].get(name)
        if name in after:
            inner = pair.inside(at, old, new, (member.type, after[name].type))
            yield from _presence(inner, member, after[name])
            yield from _value(inner)
        elif name in renamed:
            yield Change(pair.at + at, "renamed", name, renamed[name])
        else:
            yield Change(pair.at + at, "removed", old)
    for name, member in after.items():
        if name not in before and name not in renamed.values():
            new = pair.new["properties"][name]
            is_free = member.nullable and (not member.is_required or not (pair.is_watched or _minds_null(new)))
            yield Change(pair.at + pointer("properties", name), "added" if is_free else "added-required", None, new)


def _presence(pair: _Pair, before: Member, after: Member) -> Iterator[Change]:
    """What changes of whether a property must be there, and be more than null."""
    if before.is_required == after.is_required:
        if before.is_required:
            yield from _nulls(pair, before.type.nullable, after.type.nullable)
        return
    old, new = ("required" if member.is_required else "optional" for member in (before, after))
    if before.nullable and after.nullable and pair.is_watched:
        yield Change(pair.at, "altered", old, new)
    elif before.nullable != after.nullable or _minds_null(pair.old if before.is_required else pair.new):
        yield Change(pair.at, "tightened" if after.is_required else "loosened", old, new)


def _minds_null(schema: Schema) -> bool:
    """Whether a schema may ban null although its type lets it in."""
    return bool(COMBINED & folded(schema).keys())


def _renamed(pair: _Pair, gone: Collection[str], came: Collection[str]) -> dict[str, str]:
    """New names by old: of properties with one schema, where one went and one came.

    A schema that asks for no more than a type tells nothing apart: there nothing else may have gone or come.
    """
    is_clear = len(gone) == len(came) == 1
    found: defaultdict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, names in enumerate((gone, came)):
        nullable = {member.name: member.nullable for member in pair.types[side].members}
        for name in names:
            schema = asked((pair.old, pair.new)[side]["properties"][name])
            if is_clear or schema.keys() != {"type"}:
                found[key_of([schema, nullable[name]])][side].append(name)
    return {old[0]: new[0] for old, new in found.values() if len(old) == len(new) == 1}


def _unnamed(pair: _Pair) -> Iterator[Change]:
    """Changes of the names in `required` that are no properties."""
    before, after = (
        sorted({*schema.get("required", ())} - {member.name for member in type_.members})
        for schema, type_ in zip((pair.old, pair.new), pair.types, strict=True)
    )
    if {*after} - {*before}:
        yield Change(f"{pair.at}/required", "tightened", before, after)
    if {*before} - {*after}:
        yield Change(f"{pair.at}/required", "loosened", before, after)


def _enums(pair: _Pair) -> Iterator[Change]:
    old, new = allowed(pair.old), allowed(pair.new)
    if old is None and new is None:
        return
    found = [keyword for schema in (pair.new, pair.old) for keyword in ("enum", "const") if keyword in schema]
    at = f"{pair.at}/{found[0]}"
    if old is None or new is None:
        before, after = (None if values is None else [*values.values()] for values in (old, new))
        yield Change(at, "tightened" if old is None else "loosened", before, after)
        return
    gone = [value for key, value in old.items() if key not in new]
    came = [value for key, value in new.items() if key not in old]
    if gone:
        yield Change(at, "tightened", gone)
    if came:
        yield Change(at, "loosened", None, came)


def _bounds(pair: _Pair) -> Iterator[Change]:
    for side in LIMITS:
        old, new = limit_of(pair.old, *side), limit_of(pair.new, *side)
        if old and new and old.order != new.order:
            before, after = pair.old[old.keyword], pair.new[new.keyword]
            if old.keyword != new.keyword:
                before, after = {old.keyword: before}, {new.keyword: after}
            kind: Kind = "tightened" if new.order > old.order else "loosened"
            yield Change(f"{pair.at}/{new.keyword}", kind, before, after)
        elif new and not old:
            yield Change(f"{pair.at}/{new.keyword}", "tightened", None, pair.new[new.keyword])
        elif old and not new:
            yield Change(f"{pair.at}/{old.keyword}", "loosened", pair.old[old.keyword])


_COUNTS: Final = {
    "minLength": 0, "minItems": 0, "minProperties": 0, "minContains": 1, "uniqueItems": False, "maxLength": math.inf,
    "maxItems": math.inf, "maxProperties": math.inf, "maxContains": math.inf,
}  # fmt: skip
"""Keywords with a number that asks more the greater it is, or from `max` on the smaller; and what absent ones ask."""


def _counts(pair: _Pair) -> Iterator[Change]:
    for keyword, absent in _COUNTS.items():
        old, new = pair.old.get(keyword, absent), pair.new.get(keyword, absent)
        # A `contains` that went or came tells all.
        if old == new or (keyword.endswith("Contains") and ("contains" in pair.old) != ("contains" in pair.new)):
            continue
        kind: Kind = "tightened" if (new > old) != keyword.startswith("max") else "loosened"
        before, after = (None if count == absent != 1 else count for count in (old, new))
        yield Change(f"{pair.at}/{keyword}", kind, before, after)


def _multiples(pair: _Pair) -> Iterator[Change]:
    old, new = pair.old.get("multipleOf"), pair.new.get("multipleOf")
    # Of an integer, nothing is asked where 1 is a multiple.
    of = 1 if pair.types[0].kind == "integer" else 0
    before, after = (None if n is None else Fraction(str(n)) for n in (old, new))
    before, after = (None if n is None or (of and of % n == 0) else n for n in (before, after))
    if before != after:
        kind: Kind = "altered"
        if after is None or (before is not None and before % after == 0):
            kind = "loosened"
        elif before is None or after % before == 0:
            kind = "tightened"
        yield Change(f"{pair.at}/multipleOf", kind, old, new)


_CONDITIONS: Final = (
    "pattern", "format", "contains", "propertyNames", "additionalProperties", "unevaluatedProperties",
    "dependentRequired", "dependentSchemas", "if", "then", "else", "anyOf", "oneOf", "not",
)  # fmt: skip
"""Keywords of which it is only told whether they changed."""


def _conditions(pair: _Pair) -> Iterator[Change]:
    for keyword in _CONDITIONS:
        if (keyword == "additionalProperties" and pair.types[0].kind == "map") or _same(pair, keyword):
            continue
        kind: Kind = "altered"
        if keyword not in pair.old or keyword not in pair.new:
            kind = "tightened" if keyword in pair.new else "loosened"
        elif _same(pair, keyword, is_bare=True):
            kind = "described"
        yield Change(f"{pair.at}/{keyword}", kind, pair.old.get(keyword), pair.new.get(keyword))


def _branches(pair: _Pair) -> Iterator[Change]:
    """Schemas in `allOf` that went or came, wherever they stand."""
    old, new = (
        {key_of(asked(inner)): (pair.at + pointer("allOf", number), inner) for number, inner in enumerate(inners)}
        for inners in (pair.old.get("allOf", ()), pair.new.get("allOf", ()))
    )
    for key, (at, inner) in old.items():
        if key not in new:
            yield Change(at, "loosened", inner)
        elif key_of(asked(inner, is_bare=False)) != key_of(asked(new[key][1], is_bare=False)):
            yield Change(new[key][0], "described", inner, new[key][1])
    for key, (at, inner) in new.items():
        if key not in old:
            yield Change(at, "tightened", None, inner)


def _same(pair: _Pair, keyword: str, is_bare: bool = False) -> bool:
    """Whether a keyword is absent on both sides, or says the same on both; if bare, annotations inside do not count."""
    sides = ([said(keyword, side[keyword], is_bare)] if keyword in side else [] for side in (pair.old, pair.new))
    return len({key_of(side) for side in sides}) == 1
