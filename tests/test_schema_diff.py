"""Schema evolution: what is called compatible loses no record and no column, and every change is told by its kind."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import product
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from profiles import own_schemas, schemas_with_records

from broadsheet.contract import Contract, schema
from broadsheet.contract.checks import compiled
from broadsheet.contract.diff import Change, diff, is_breaking, message
from broadsheet.errors import CallError

Json = Any
Schema = dict[str, Any]
BREAKING = {"added-required", "removed", "renamed", "retyped", "tightened", "altered"}
STRING, NULLABLE, INTEGER = {"type": "string"}, {"type": ["string", "null"]}, {"type": "integer"}
LONG = {"type": "string", "minLength": 3}
OTHERS_SHUT: Schema = {"additionalProperties": False}


def whole(properties: Schema, *required: str, **rest: Json) -> Schema:
    """A user's own schema."""
    return {"properties": properties, "required": [*required], **rest}


def struct(properties: Schema, *required: str, **rest: Json) -> Schema:
    """The schema of a closed object."""
    return {"type": "object", "additionalProperties": False, **whole(properties, *required, **rest)}


def found(old: Schema, new: Schema) -> list[Change]:
    """The changes from one user's own schema to another."""
    return diff(Contract.extending(old).record, Contract.extending(new).record)


def told(changes: list[Change]) -> list[str]:
    """Kinds and pointers."""
    return [f"{change.kind} {change.pointer}" for change in changes]


# One property `a`, optional: its schema before and after, and what changes, by pointers below it.
VALUES: list[tuple[str, Schema, Schema, list[str]]] = [
    ("equal", STRING, {"type": "string"}, []),
    ("order of keys", {"type": "string", "minLength": 1}, {"minLength": 1, "type": "string"}, []),
    ("list of one type", STRING, {"type": ["string"]}, []),
    ("null by anyOf", {"type": "array", "items": {"anyOf": [STRING, {"type": "null"}]}},
     {"type": "array", "items": {"type": ["null", "string"]}}, []),
    ("allOf of one", {"allOf": [LONG]}, LONG, []),
    ("const for enum of one", {"const": "x"}, {"enum": ["x"]}, []),
    ("type left to enum", {"enum": ["x", "y"]}, {"type": "string", "enum": ["y", "x"]}, []),
    ("1 is 1.0", {"type": "number", "const": 1}, {"type": "number", "enum": [1.0]}, []),
    ("what asks nothing", STRING, {"type": "string", "minLength": 0, "then": {"minLength": 1}}, []),
    ("what asks nothing of a list", {"type": "array", "items": STRING},
     {"type": "array", "items": STRING, "uniqueItems": False, "minContains": 3, "contains": {}, "maxItems": 5}
     | {"contains": {"const": "x"}, "minContains": 0}, ["tightened /maxItems"]),
    ("null of what may be absent", STRING, NULLABLE, []),
    ("null in the enum of what may be absent", {"enum": ["x"]}, {"enum": ["x", None]}, []),
    ("longer", {"type": "string", "minLength": 1}, {"type": "string", "minLength": 5}, ["tightened /minLength"]),
    ("shorter", {"type": "string", "maxLength": 9}, {"type": "string", "maxLength": 5}, ["tightened /maxLength"]),
    ("lower bound dropped", {"type": "string", "minLength": 1}, STRING, ["loosened /minLength"]),
    ("upper bound added", STRING, {"type": "string", "maxLength": 1}, ["tightened /maxLength"]),
    ("numbers in numbers", {"type": "number", "minimum": 9}, {"type": "number", "minimum": 10}, ["tightened /minimum"]),
    ("exclusive for inclusive", {"type": "number", "minimum": 1}, {"type": "number", "exclusiveMinimum": 1},
     ["tightened /exclusiveMinimum"]),
    ("inclusive for exclusive", {"type": "number", "exclusiveMaximum": 1}, {"type": "number", "maximum": 1},
     ["loosened /maximum"]),
    ("exclusive, but further out", {"type": "number", "maximum": 1}, {"type": "number", "exclusiveMaximum": 1.5},
     ["loosened /exclusiveMaximum"]),
    ("the narrower of two", {"type": "number", "minimum": 1}, {"type": "number", "minimum": 1, "exclusiveMinimum": 0},
     []),
    ("exclusive bound of an integer", {"type": "integer", "minimum": 1}, {"type": "integer", "exclusiveMinimum": 0},
     []),
    ("fractional bound of an integer", {"type": "integer", "maximum": 4}, {"type": "integer", "maximum": 4.5}, []),
    ("wider integer", {"type": "integer", "minimum": 0, "maximum": 9},
     {"type": "integer", "minimum": 0, "maximum": 99999},
     ["retyped ", "loosened /maximum"]),
    ("widest integer", {"type": "integer", "minimum": 0, "maximum": 9}, {"type": "integer", "minimum": 0},
     ["retyped ", "loosened /maximum"]),
    ("another type", STRING, INTEGER, ["retyped "]),
    ("number for integer", INTEGER, {"type": "number"}, ["retyped "]),
    ("a day is no text", STRING, {"type": "string", "format": "date"}, ["retyped "]),
    ("a time is no day", {"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}, ["retyped "]),
    ("a struct is no map", struct({"b": STRING}), {"type": "object", "additionalProperties": STRING}, ["retyped "]),
    ("format added", STRING, {"type": "string", "format": "uri"}, ["tightened /format"]),
    ("format dropped", {"type": "string", "format": "uri"}, STRING, ["loosened /format"]),
    ("another format", {"type": "string", "format": "uri"}, {"type": "string", "format": "iri"}, ["altered /format"]),
    ("pattern added", STRING, {"type": "string", "pattern": "x"}, ["tightened /pattern"]),
    ("another pattern", {"type": "string", "pattern": "y"}, {"type": "string", "pattern": "x"}, ["altered /pattern"]),
    ("enum added", STRING, {"type": "string", "enum": ["x"]}, ["tightened /enum"]),
    ("enum dropped", {"type": "string", "const": "x"}, STRING, ["loosened /const"]),
    ("values added", {"enum": ["x"]}, {"enum": ["x", "y"]}, ["loosened /enum"]),
    ("values dropped", {"enum": ["x", "y"]}, {"const": "y"}, ["tightened /const"]),
    ("values changed", {"enum": ["x", "y"]}, {"enum": ["x", "z"]}, ["tightened /enum", "loosened /enum"]),
    ("true is not 1", {"type": "boolean", "enum": [True, 1]}, {"type": "boolean", "enum": [True]}, ["tightened /enum"]),
    ("a divisor", {"type": "integer", "multipleOf": 6}, {"type": "integer", "multipleOf": 3}, ["loosened /multipleOf"]),
    ("a multiple", {"type": "number", "multipleOf": 0.1}, {"type": "number", "multipleOf": 0.3},
     ["tightened /multipleOf"]),
    ("neither", {"type": "integer", "multipleOf": 6}, {"type": "integer", "multipleOf": 4}, ["altered /multipleOf"]),
    ("any integer", INTEGER, {"type": "integer", "multipleOf": 0.5}, []),
    ("described", STRING, {"type": "string", "description": "x", "x-y": 1},
     ["described /description", "described /x-y"]),
    ("a condition described", {**STRING, "not": {"const": "x"}}, {**STRING, "not": {"const": "x", "title": "X"}},
     ["described /not"]),
    ("a condition spelled otherwise", {**STRING, "not": {"const": "x"}}, {**STRING, "not": {"enum": ["x"]}}, []),
    ("condition added", STRING, {"type": "string", "not": {"const": "x"}}, ["tightened /not"]),
    ("condition dropped", {"type": "string", "anyOf": [LONG, {"const": "x"}]}, STRING, ["loosened /anyOf"]),
    ("condition changed", {"type": "string", "not": {"const": "x"}}, {"type": "string", "not": {"const": "y"}},
     ["altered /not"]),
    ("what follows changed", {**STRING, "if": {"const": "x"}, "then": {"minLength": 1}},
     {**STRING, "if": {"const": "x"}, "then": {"minLength": 2}}, ["altered /then"]),
    ("what follows dropped", {**STRING, "if": {"const": "x"}, "then": {"minLength": 1}},
     {**STRING, "if": {"const": "x"}}, ["loosened /if", "loosened /then"]),
    ("member added", {**STRING, "allOf": [{"maxLength": 9}]}, {**STRING, "allOf": [LONG, {"maxLength": 9}]},
     ["tightened /allOf/0"]),
    ("member dropped", {**STRING, "allOf": [LONG, {"maxLength": 9}]}, {**STRING, "allOf": [LONG]},
     ["loosened /allOf/1"]),
    ("members moved", {**STRING, "allOf": [LONG, {"maxLength": 9}]}, {**STRING, "allOf": [{"maxLength": 9}, LONG]}, []),
    ("what allOf of one hides", {"allOf": [LONG], "minLength": 2},
     {"allOf": [{**STRING, "minLength": 4}], "minLength": 2}, ["tightened /minLength"]),
    ("elements", {"type": "array", "items": LONG}, {"type": "array", "items": STRING}, ["loosened /items/minLength"]),
    ("null among elements", {"type": "array", "items": NULLABLE}, {"type": "array", "items": STRING},
     ["tightened /items/type"]),
    ("elements of another type", {"type": "array", "items": STRING}, {"type": "array", "items": INTEGER},
     ["retyped /items"]),
    ("unique", {"type": "array", "items": STRING}, {"type": "array", "items": STRING, "uniqueItems": True},
     ["tightened /uniqueItems"]),
    ("contains", {"type": "array", "items": STRING, "contains": LONG, "minContains": 2},
     {"type": "array", "items": STRING},
     ["loosened /contains"]),
    ("how many it contains", {"type": "array", "items": STRING, "contains": LONG},
     {"type": "array", "items": STRING, "contains": LONG, "minContains": 2, "maxContains": 3},
     ["tightened /minContains", "tightened /maxContains"]),
    ("values of a map", {"type": "object", "additionalProperties": STRING},
     {"type": "object", "additionalProperties": LONG, "propertyNames": {"maxLength": 9}},
     ["tightened /propertyNames", "tightened /additionalProperties/minLength"]),
    ("keys of a map", {"type": "object", "additionalProperties": STRING, "required": ["x"]},
     {"type": "object", "additionalProperties": STRING, "required": ["y"]},
     ["tightened /required", "loosened /required"]),
    ("inside", struct({"b": STRING}), struct({"b": LONG, "c": STRING}),
     ["tightened /properties/b/minLength", "added /properties/c"]),
    ("deep inside", {"type": "array", "items": struct({"b/c": {"type": "array", "items": LONG}})},
     {"type": "array", "items": struct({"b/c": {"type": "array", "items": STRING}})},
     ["loosened /items/properties/b~1c/items/minLength"]),
    ("closed otherwise", struct({"b": STRING}),
     {"type": "object", "properties": {"b": STRING}, "unevaluatedProperties": False}, []),
]  # fmt: skip
# Whole schemas.
RECORDS: list[tuple[str, Schema, Schema, list[str]]] = [
    ("added", whole({}), whole({"a": STRING}), ["added /properties/a"]),
    ("added, required", whole({}), whole({"a": STRING}, "a"), ["added-required /properties/a"]),
    ("added, required, but null", whole({}), whole({"a": NULLABLE}, "a"), ["added /properties/a"]),
    ("added, required, but null, and seen", whole({}), whole({"a": NULLABLE}, "a", maxProperties=9),
     ["tightened /maxProperties", "added-required /properties/a"]),
    ("removed", whole({"a": STRING, "b": INTEGER}), whole({"b": INTEGER}), ["removed /properties/a"]),
    ("order of properties", whole({"a": STRING, "b": LONG}, "a", "b"), whole({"b": LONG, "a": STRING}, "b", "a"), []),
    ("renamed", whole({"a": STRING}), whole({"b": {**STRING, "title": "B"}}), ["renamed /properties/a"]),
    ("renamed among others", whole({"a": LONG, "c": INTEGER}), whole({"b": LONG, "d": STRING}),
     ["renamed /properties/a", "removed /properties/c", "added /properties/d"]),
    ("too common to be renamed", whole({"a": STRING, "c": INTEGER}), whole({"b": STRING}),
     ["removed /properties/a", "removed /properties/c", "added /properties/b"]),
    ("renamed to one of two", whole({"a": LONG}), whole({"b": LONG, "c": LONG}),
     ["removed /properties/a", "added /properties/b", "added /properties/c"]),
    ("renamed and required", whole({"a": LONG}), whole({"b": LONG}, "b"),
     ["removed /properties/a", "added-required /properties/b"]),
    ("renamed inside", whole({"a": struct({"b": LONG})}), whole({"a": struct({"c": LONG})}),
     ["renamed /properties/a/properties/b"]),
    ("required", whole({"a": STRING}), whole({"a": STRING}, "a"), ["tightened /properties/a"]),
    ("optional", whole({"a": STRING}, "a"), whole({"a": STRING}), ["loosened /properties/a"]),
    ("null let in", whole({"a": STRING}, "a"), whole({"a": NULLABLE}, "a"), ["loosened /properties/a/type"]),
    ("null banned", whole({"a": {"enum": ["x", None]}}, "a"), whole({"a": {"enum": ["x"]}}, "a"),
     ["tightened /properties/a/type"]),
    ("null is as good as absent", whole({"a": NULLABLE}, "a"), whole({"a": NULLABLE}), []),
    ("absent is as good as null", whole({"a": NULLABLE}), whole({"a": NULLABLE}, "a"), []),
    ("null is not absent where seen", whole({"a": NULLABLE}, "a", minProperties=2),
     whole({"a": STRING}, minProperties=2),
     ["altered /properties/a"]),
    ("null that may be banned", whole({"a": NULLABLE}), whole({"a": {**NULLABLE, "not": {"const": None}}}, "a"),
     ["tightened /properties/a", "tightened /properties/a/not"]),
    ("ours required", whole({}), whole({"title": {}}, "title"), ["tightened /properties/title"]),
    ("ours longer", whole({"title": {"minLength": 1}}), whole({"title": {"minLength": 5}}),
     ["tightened /properties/title/minLength"]),
    ("required unnamed", whole({}), whole({}, "z"), ["tightened /required"]),
    ("others shut out", whole({}), whole({}, **OTHERS_SHUT), ["tightened /additionalProperties"]),
    ("others let in", whole({}, **OTHERS_SHUT), whole({}, additionalProperties=True),
     ["loosened /additionalProperties"]),
    ("needs", whole({"a": STRING}), whole({"a": STRING}, dependentRequired={"a": ["title"]}),
     ["tightened /dependentRequired"]),
    ("needs others", whole({"a": STRING}, dependentRequired={"a": ["title", "url"]}),
     whole({"a": STRING}, dependentRequired={"a": ["title", "dek"]}), ["altered /dependentRequired"]),
    ("needs in another order", whole({"a": STRING}, dependentRequired={"a": ["title", "url"], "url": []}),
     whole({"a": STRING}, dependentRequired={"a": ["url", "title"]}), []),
    ("needs no more", whole({"a": STRING}, dependentSchemas={"a": {"required": ["url"]}}), whole({"a": STRING}),
     ["loosened /dependentSchemas"]),
    ("retitled", whole({}, title="A"), whole({}, title="B", **{"$id": "urn:x"}),
     ["described /title", "described /$id"]),
    ("null let in twice", whole({"a": {"oneOf": [STRING, {"type": "null"}]}}, "a"),
     whole({"a": {"oneOf": [NULLABLE, {"type": "null"}]}}, "a"), ["tightened /properties/a/allOf/0"]),
    ("a reference or not", whole({"a": {"$ref": "#/$defs/a"}}, **{"$defs": {"a": LONG}}), whole({"a": LONG}), []),
]  # fmt: skip


def below(expected: str) -> str:
    kind, _, at = expected.partition(" ")
    return f"{kind} /properties/a{at}"


TABLE = [
    *(
        pytest.param(whole({"a": old}), whole({"a": new}), [*map(below, all_)], id=id_)
        for id_, old, new, all_ in VALUES
    ),
    *(pytest.param(old, new, expected, id=id_) for id_, old, new, expected in RECORDS),
]


@pytest.mark.parametrize(("old", "new", "expected"), TABLE)
def test_changes_by_example(old: Schema, new: Schema, expected: list[str]) -> None:
    """Each change is found once, with its kind and its place, and breaks by its kind alone."""
    changes = found(old, new)
    assert sorted(told(changes)) == sorted(expected)
    assert [change.breaking for change in changes] == [change.kind in BREAKING for change in changes]
    assert is_breaking(changes) == any(change.kind in BREAKING for change in changes)


OPPOSITE = {"loosened": "tightened", "tightened": "loosened"}


@pytest.mark.parametrize(("old", "new", "expected"), TABLE)
def test_the_other_way_round(old: Schema, new: Schema, expected: list[str]) -> None:
    """What is loosened one way is tightened the other, and no change stays none."""
    back = told(found(new, old))
    assert (back == []) == (expected == [])
    if all(one.split()[0] in OPPOSITE and "/allOf/" not in one for one in expected):
        # The pointer names the keyword that stands there now.
        assert sorted(one.split()[0] for one in back) == sorted(OPPOSITE[one.split()[0]] for one in expected)
    for kind in ("altered", "retyped", "described"):
        count = sum(one.startswith(kind) for one in expected)
        assert sum(one.startswith(kind) for one in back) == count


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Change("/properties/title/minLength", "tightened", 1, 5), "/properties/title/minLength: tightened: 1 → 5"),
        (Change("/properties/a/maxItems", "loosened", 5), "/properties/a/maxItems: loosened: 5 → none"),
        (Change("/properties/a/pattern", "tightened", None, '"'), '/properties/a/pattern: tightened: none → "'),
        (Change("/properties/a/enum", "tightened", ["x"]), '/properties/a/enum: tightened: no longer ["x"]'),
        (Change("/properties/a/enum", "loosened", None, ["é", 1]), '/properties/a/enum: loosened: also ["é", 1]'),
        (Change("/properties/a", "renamed", "a", "b"), "/properties/a: renamed: a → b"),
        (Change("/properties/a", "removed", {"type": "string"}), '/properties/a: removed: {"type": "string"}'),
        (Change("/properties/a", "added", None, STRING), '/properties/a: added: {"type": "string"}'),
        (Change("/properties/a", "retyped", "string", "date"), "/properties/a: retyped: string → date"),
        (
            Change("/properties/a", "retyped", "int16", "int32"),
            "/properties/a: retyped: int16 → int32: a column of integers is as wide as their bounds ask",
        ),
        (Change("/description", "described", "x" * 61, "y" * 60), f"/description: described: {'x' * 59}… → {'y' * 60}"),
        (Change("/x-\n", "described", "a\nb\u2028", None), "/x-\\n: described: a\\nb\\u2028 → none"),
    ],
)
def test_messages(change: Change, expected: str) -> None:
    """A message is one line that says where, what, and from what to what."""
    assert message(change) == expected
    assert len(message(change).splitlines()) == 1


def test_what_is_outside_the_profile_is_refused() -> None:
    """A schema without types is no schema in force."""
    with pytest.raises(CallError, match="/properties/a: no type"):
        diff(schema("record"), {"properties": {"a": {}}})


# What follows are laws.


@given(own_schemas())
@settings(max_examples=100)
def test_no_schema_differs_from_itself(own: Schema) -> None:
    """Nothing changes where nothing changed, whatever the order of keys."""
    record = Contract.extending(own).record
    assert diff(record, deepcopy(record)) == []
    assert diff(record, reordered(record)) == []


def reordered(value: Json) -> Json:
    """The value with the keys of its objects the other way round."""
    if isinstance(value, Mapping):
        return {key: reordered(value[key]) for key in reversed(value)}
    return [reordered(inner) for inner in value] if isinstance(value, list) else value


def is_valid(contract: Contract, record: Mapping[str, Json]) -> bool:
    return contract.check(deepcopy(dict(record)), json.dumps(record)) == []


def kept(old: pa.DataType, new: pa.DataType) -> bool:
    """Whether all that is named in a type has the same type in another; nulls may be let in, but never be shut out."""
    if pa.types.is_struct(old) and pa.types.is_struct(new):
        return all(new.get_field_index(f.name) >= 0 and keeps(f, new.field(f.name)) for f in old)
    if pa.types.is_list(old) and pa.types.is_list(new):
        return keeps(old.value_field, new.value_field)
    return bool(old == new)


def keeps(old: pa.Field, new: pa.Field) -> bool:
    return kept(old.type, new.type) and (new.nullable or not old.nullable)


def said(contract: Contract) -> Schema:
    """What a failure shows of a contract."""
    own = {name: contract.record["properties"][name] for name in contract.extras}
    return {
        name: value for name, value in contract.record.items() if name not in ("$schema", "title", "description")
    } | {"properties": own}


def check_soundness(old: Contract, new: Contract, records: list[dict[str, Json]]) -> None:
    """States what the classes of changes promise."""
    changes = diff(old.record, new.record)
    # As released: with named properties only.
    released = [{name: value for name, value in record.items() if name in old.members} for record in records]
    before = [record for record in released if is_valid(old, record)]
    if not is_breaking(changes):
        columns, now = old.columns("articles"), new.columns("articles")
        assert [name for name in columns.names if name not in now.names] == []
        assert [f.name for f in columns if not keeps(f, now.field(f.name))] == []
        assert [record for record in before if not is_valid(new, record)] == [], (
            f"{told(changes)}: {said(old)} → {said(new)}"
        )
    if {change.kind for change in changes} <= {"described"}:
        assert [record for record in released if is_valid(new, record)] == before
        assert sorted(old.members) == sorted(new.members)


# A small world: schemas of one property with few keywords and small numbers, and all values that they could tell apart.

NULL = {"type": "null"}
SMALL = st.integers(0, 3)
BOUNDS = {
    name: st.sampled_from([-2, -1, 0, 0.5, 1, 2, 1.5])
    for name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
}
NUMERIC = {**BOUNDS, "multipleOf": st.sampled_from([0.1, 0.3, 0.5, 1, 2, 3])}
FEW = st.sampled_from(
    [{"const": 1}, {"minimum": 1}, {"maximum": 2}, {"type": "null"}, {"minLength": 2}, {"const": "a"}]
)
CONDITIONS = {
    "not": FEW,
    "allOf": st.lists(FEW, min_size=1, max_size=2),
    "anyOf": st.lists(FEW, min_size=1, max_size=2),
    "if": FEW,
    "then": FEW,
    "else": FEW,
}


def some_of(values: list[Json]) -> st.SearchStrategy[list[Json]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique_by=json.dumps)


WORDS = ["", "a", "ab", "abc", "b"]
KEYWORDS: dict[str, dict[str, st.SearchStrategy[Json]]] = {
    "string": {
        "minLength": SMALL, "maxLength": SMALL, "pattern": st.sampled_from(["a", "^b"]),
        "format": st.sampled_from(["uri-reference", "email"]), "enum": some_of([*WORDS]),
        "const": st.sampled_from(WORDS), **CONDITIONS,
    },
    "integer": {**NUMERIC, "enum": some_of([-1, 0, 1, 2]), "const": st.sampled_from([1, 1.0]), **CONDITIONS},
    "number": {**NUMERIC, "enum": some_of([-1, 0, 1.5]), **CONDITIONS},
    "array": {
        "minItems": SMALL, "maxItems": SMALL, "uniqueItems": st.booleans(), "contains": FEW, "minContains": SMALL,
        "maxContains": SMALL, "enum": some_of([[], [1], [1, 1]]),
    },
    "map": {
        "minProperties": SMALL, "maxProperties": SMALL, "propertyNames": st.sampled_from([{"minLength": 2}, True, {}]),
        "required": some_of(["a", "bc"]), "dependentRequired": st.sampled_from([{"a": ["bc"]}, {"a": []}, {}]),
    },
    "struct": {
        "minProperties": SMALL, "maxProperties": SMALL, "propertyNames": st.sampled_from([{"minLength": 2}, True]),
        "required": some_of(["a", "bc"]), "dependentRequired": st.sampled_from([{"a": ["bc"]}, {"bc": ["a"]}]),
        "not": st.sampled_from([{"required": ["a"]}, {"required": ["bc"]}]),
    },
}  # fmt: skip
NUMBERS = [None, *range(-3, 7), -0.5, 0.3, 0.5, 0.6, 1.0, 1.5]
ONES = [None, 0, 1, 2]
WORLD: dict[str, list[Json]] = {
    "string": [None, *WORDS, "a@b.example"],
    "integer": NUMBERS,
    "number": NUMBERS,
    "array": [None, [], *([a] for a in ONES), *([a, b] for a in ONES for b in ONES), [1, 2, 0], [1, 1, 1]],
    "map": [None, {}, *({"a": a} for a in ONES), *({"bc": a} for a in ONES), {"a": 1, "bc": 2, "d": 0}]
    + [{"a": a, "bc": b} for a in ONES for b in ONES],
    "struct": [None, {}, *({"a": a} for a in ONES), *({"bc": a} for a in ONES), {"a": 1, "bc": 2, "d": 0}]
    + [{"a": a, "bc": b} for a in ONES for b in ONES],
}


@st.composite
def worlds(draw: st.DrawFn, kind: str) -> Schema:
    """A schema of one kind, with up to three keywords beside its type."""
    names = draw(st.lists(st.sampled_from(sorted(KEYWORDS[kind])), max_size=3, unique=True))
    made: Schema = {"type": {"map": "object", "struct": "object"}.get(kind, kind)}
    made |= {name: draw(KEYWORDS[kind][name]) for name in names}
    for name in INSIDE.get(kind, ()):
        made[name] = draw(worlds("number"))
    return made


INSIDE = {"array": ("items",), "map": ("additionalProperties",), "struct": ("a", "bc")}
"""Where a schema of a kind holds others, those of a struct by their names alone until `spelled` puts them in place."""


@st.composite
def neighbours(draw: st.DrawFn, kind: str) -> tuple[Schema, Schema]:
    """Two schemas that differ in a keyword or two, one more or one fewer, or in another value."""
    old = draw(worlds(kind))
    new = deepcopy(old)
    for name in draw(st.lists(st.sampled_from(sorted(KEYWORDS[kind])), min_size=1, max_size=2, unique=True)):
        if new.pop(name, None) is None or draw(st.booleans()):
            new[name] = draw(KEYWORDS[kind][name])
    for name in INSIDE.get(kind, ()):
        if draw(st.booleans()):
            old[name], new[name] = draw(neighbours("number"))
    pair = draw(spelled(kind, old)), draw(spelled(kind, new))
    return pair if draw(st.booleans()) else pair[::-1]


@st.composite
def spelled(draw: st.DrawFn, kind: str, made: Schema) -> Schema:
    """A schema as it is, with null, as `allOf` of itself, or with another bound beside that."""
    if kind == "struct":
        inner = {name: made[name] for name in INSIDE["struct"]}
        shut = draw(st.sampled_from(["additionalProperties", "unevaluatedProperties"]))
        rest = {name: value for name, value in made.items() if name not in inner}
        if shut == "unevaluatedProperties" and "not" in rest:
            shut = "additionalProperties"
        made = {**rest, "properties": inner, shut: False}
    null: Schema = {**made, "type": [made["type"], "null"]}
    if "enum" in made and "const" not in made and draw(st.booleans()):
        null["enum"] = [*made["enum"], None]
    beside: Schema = {"string": {"minLength": 2}, "number": {"minimum": 1}, "array": {"minItems": 1}}.get(kind, {})
    ways = [made, made, null, {"anyOf": [made, NULL]}, {"oneOf": [NULL, made]}, {"allOf": [made]}]
    return draw(st.sampled_from([*ways, {"allOf": [made], **beside}]))


@pytest.mark.parametrize("kind", sorted(KEYWORDS))
@settings(max_examples=120)
@given(data=st.data())
def test_nothing_is_lost_in_a_small_world(kind: str, data: st.DataObject) -> None:
    """Of all small values, none that was valid is lost by a compatible change, and none comes or goes by no change."""
    old, new = data.draw(neighbours(kind))
    around: list[Schema] = [{}, {}, {"minProperties": 2}, {"maxProperties": 1}, {"dependentRequired": {"a": ["title"]}}]
    rest = data.draw(st.sampled_from(around))
    required = st.sampled_from([[], ["a"]])
    before = whole({"a": old}, *data.draw(required), **rest)
    after = whole({"a": new}, *data.draw(required), **rest)
    contracts = []
    for own in (before, after):
        try:
            contracts.append(Contract.extending(own))
        except CallError:
            assume(False)
    records: list[dict[str, Json]] = [{"text": "x"}, *({"text": "x", "a": value} for value in WORLD[kind])]
    check_soundness(contracts[0], contracts[1], [*records, {"text": "x", "title": "y", "a": WORLD[kind][1]}])


RULERS: list[Schema] = [
    {},
    *({name: value} for name in BOUNDS for value in (0, 0.5, 1)),
    *({"multipleOf": value} for value in (0.1, 0.3, 0.5, 1, 2, 3)),
    *({"minimum": 0, "exclusiveMinimum": value} for value in (-1, 0, 1)),
    *({"enum": values} for values in ([0], [1, 3], [0.5, 1.0])),
]


@pytest.mark.parametrize("kind", ["integer", "number"])
def test_numbers_are_compared_as_the_engine_does(kind: str) -> None:
    """Of any two bounds, multiples or lists of values: `loosened` loses no number, `tightened` lets none in."""
    numbers = [n / 10 for n in range(-20, 61)]
    kinds = {"type": kind}
    valid = [{n for n in numbers if compiled({**kinds, **ruler}).is_valid(n)} for ruler in RULERS]
    for (old, before), (new, after) in product(zip(RULERS, valid, strict=True), repeat=2):
        changes = diff({"properties": {"a": {**kinds, **old}}}, {"properties": {"a": {**kinds, **new}}})
        found = {change.kind for change in changes}
        assert before <= after or not found <= {"loosened"}, (old, new)
        assert after <= before or not found <= {"tightened"}, (old, new)


# The wide world: any schema of the profile, changed at random.


def places(value: Json, at: tuple[str, ...] = ()) -> Iterator[Schema]:
    """The schemas that may be changed: of the record, of the user's own properties, and all inside these."""
    if not isinstance(value, dict):
        return
    yield value
    for name, inner in value.get("properties", {}).items():
        if at or name not in schema("record")["properties"]:
            yield from places(inner, (*at, name))
    for keyword in ("items", "additionalProperties", "not", "if", "then", "contains"):
        yield from places(value.get(keyword), (*at, keyword))
    for keyword in ("allOf", "anyOf", "oneOf"):
        for inner in value.get(keyword, ()):
            yield from places(inner, (*at, keyword))


def mutate(draw: st.DrawFn, place: Schema) -> None:
    """Changes one thing in a schema, often to something near."""
    how = draw(st.sampled_from(["bound", "bound", "drop", "enum", "null", "type", "annotate", "nest", "condition"]))
    if "properties" in place and draw(st.booleans()):
        mutate_properties(draw, place)
    elif how == "bound":
        bounds = [name for name in place if name.startswith(("min", "max", "exclusive", "multiple"))]
        is_known = bool(bounds) and draw(st.booleans())
        if is_known:
            name = draw(st.sampled_from(bounds))
            place[name] = max(place[name] + draw(st.sampled_from([-1, 1, 5])), int("imum" not in name))
        else:
            kind = next((kind for kind in KEYWORDS if kind in place.get("type", ())), "string")
            name = draw(st.sampled_from(sorted(KEYWORDS[kind])))
            place[name] = draw(KEYWORDS[kind][name])
    elif how == "drop":
        keywords = [name for name in place if name not in ("type", "properties", "items", "required")]
        if keywords:
            del place[draw(st.sampled_from(sorted(keywords)))]
    elif how == "enum" and isinstance(place.get("enum"), list):
        place["enum"] = draw(st.sampled_from([place["enum"][1:] or ["x"], [*place["enum"], "y"], place["enum"][::-1]]))
    elif how == "null" and "type" in place:
        kinds = [place["type"]] if isinstance(place["type"], str) else place["type"]
        place["type"] = [kind for kind in kinds if kind != "null"] if "null" in kinds else [*kinds, "null"]
    elif how == "type":
        place["type"] = draw(st.sampled_from(["string", "integer", "number", "boolean"]))
    elif how == "annotate":
        place[draw(st.sampled_from(["title", "x-note"]))] = draw(st.sampled_from(["one", "other"]))
    elif how == "nest":
        inner = dict(place)
        place.clear()
        place |= draw(
            st.sampled_from([{"allOf": [inner]}, {"type": "array", "items": inner}, struct({"inner": inner}), inner])
        )
    elif how == "condition":
        name = draw(st.sampled_from(sorted(CONDITIONS)))
        place[name] = draw(CONDITIONS[name])


def mutate_properties(draw: st.DrawFn, place: Schema) -> None:
    """Adds, drops, renames, or requires a property, or requires one no more."""
    properties = place["properties"]
    names = [name for name in properties if "inner" in properties or name not in schema("record")["properties"]]
    how = draw(st.sampled_from(["add", "drop", "rename", "require", "require"]))
    required = place.setdefault("required", [])
    if how == "add" or not names:
        properties["new"] = draw(st.sampled_from([STRING, NULLABLE, INTEGER]))
        return
    name = draw(st.sampled_from(names))
    if how == "drop" and len(properties) > 1:
        del properties[name]
    elif how == "rename":
        properties["renamed"] = properties.pop(name)
    elif how == "require" and name in required:
        required.remove(name)
    elif how == "require":
        required.append(name)


@st.composite
def evolutions(draw: st.DrawFn) -> tuple[Contract, Contract, list[dict[str, Json]]]:
    """A contract, the same one or two changes later, and records that were valid."""
    own, records = draw(schemas_with_records())
    old = Contract.extending(own)
    new = old
    for _ in range(draw(st.integers(1, 2))):
        record = deepcopy(dict(new.record))
        mutate(draw, draw(st.sampled_from([*places(record)])))
        try:
            new = Contract(record) if record.get("type") == "object" else new
        except CallError:
            continue
    return old, new, records


@given(evolutions())
@settings(max_examples=300)
def test_a_compatible_change_loses_nothing(evolution: tuple[Contract, Contract, list[dict[str, Json]]]) -> None:
    """Where no change breaks, valid records stay valid and columns stay; with annotations alone, nothing changes."""
    old, new, records = evolution
    check_soundness(old, new, records)
    check_soundness(new, old, records)


@given(evolutions())
@settings(max_examples=150)
def test_loosened_one_way_is_tightened_the_other(
    evolution: tuple[Contract, Contract, list[dict[str, Json]]],
) -> None:
    """Both ways tell of the same places; what can be told either way has the opposite kind on the way back."""
    old, new, _ = evolution
    there, back = (diff(one.record, other.record) for one, other in ((old, new), (new, old)))
    opposite = {**OPPOSITE, "added": "removed", "added-required": "removed"}
    kinds = sorted({"added-required": "added"}.get(change.kind, change.kind) for change in back)
    turned = [opposite.get(change.kind, change.kind) for change in there]
    turned = ["added" if change.kind == "removed" else kind for change, kind in zip(there, turned, strict=True)]
    assert sorted(turned) == kinds
    for changes in (there, back):
        assert all(len(message(change).splitlines()) == 1 for change in changes)
