"""The profile: the user's own schema becomes types, records go into rows and come back, and what is outside is refused.

What the reference implementation (`jsonschema`) calls valid, and the profile's table written again, decide.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema_rs as rs
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from profiles import NAMES, Own, canonical_time, fields_of, own_schemas, owns, reference

from broadsheet.batches import cut, from_rows, to_rows
from broadsheet.contract import OWN_FIELDS, Contract, canonical_json, features
from broadsheet.contract.references import Fault, inlined
from broadsheet.contract.values import record_value
from broadsheet.errors import CallError
from broadsheet.export import write_shard
from broadsheet.lines import json_line

Json = Any
Row = dict[str, Any]

FOUND = {"capture": {"url": None, "source": None, "captured": None}, "language": "en", "script": None}
RELEASED = {"id": "0" * 32, "kind": "article", "page_id": "0" * 64, "story": "0" * 32, "split": "train"}
RELEASED |= {"first_version": "0.1.0", "content_digest": "0" * 64}


def row_of(contract: Contract, record: Mapping[str, Json]) -> Row:
    """The row of a record that must be valid, as a release has it."""
    text = canonical_json(record)
    checked = orjson.loads(text)
    assert contract.check(checked, text) == []
    row = RELEASED | contract.row_of(checked, FOUND)
    return {name: row[name] for name in contract.columns("articles").names}


def written(path: Path, contract: Contract, rows: list[Row]) -> pa.Table:
    """What Parquet holds of the rows, written as releases are, with JSON lines as each row alone has them."""
    columns = contract.columns("articles")
    lines = write_shard({"parquet": path}, cut(rows, columns), columns)
    assert b"".join(piece.data for piece in lines) == b"".join(map(json_line, rows))
    return pq.read_table(path)


def record_of(contract: Contract, row: Row) -> dict[str, Json]:
    """The record that a row stands for: its text, its title and the user's own properties."""
    kept = {name: contract.members[name] for name in ("text", "title", *contract.extras)}
    found = {name: record_value(member.type, row[name]) for name, member in kept.items()}
    return {
        name: value
        for name, value in found.items()
        if value is not None or (kept[name].is_required and kept[name].type.nullable)
    }


def normal(value: Json, type_: pa.DataType) -> Json:
    """A value in the one spelling of its times and numbers, and without nulls that stand for absence."""
    if value is None or pa.types.is_string(type_) or pa.types.is_boolean(type_) or pa.types.is_date(type_):
        return value
    if pa.types.is_timestamp(type_):
        return canonical_time(value)
    if pa.types.is_integer(type_):
        return int(value)
    if pa.types.is_floating(type_):
        return float(value)
    if pa.types.is_struct(type_):
        return {name: normal(item, type_.field(name).type) for name, item in value.items() if item is not None}
    if isinstance(value, dict):
        return {key: normal(item, type_.value_type.field("value").type) for key, item in value.items()}
    return [normal(item, type_.value_type) for item in value]


def normal_record(own: Own, record: Mapping[str, Json]) -> dict[str, Json]:
    """A whole record so."""
    ours = [pa.field(name, pa.string()) for name in ("text", "title")]
    return normal(record, pa.struct([*fields_of(own), *ours]))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Own, list[dict[str, Json]]]:
    """A schema of the user's own, with one to three records that are valid under it."""
    own = draw(owns())
    return own, draw(st.lists(own.records, min_size=1, max_size=3))


@settings(max_examples=150)
@given(cases())
def test_records_become_rows_and_come_back(
    tmp_path_factory: pytest.TempPathFactory, case: tuple[Own, list[dict[str, Json]]]
) -> None:
    """A valid record has a row, which Parquet and JSON lines hold unchanged, and from which it comes back as it was."""
    own, records = case
    contract = Contract.extending(own.schema)
    rows = [row_of(contract, record) for record in records]
    columns = contract.columns("articles")
    table = written(tmp_path_factory.getbasetemp() / "rows.parquet", contract, rows)
    assert table.schema.equals(columns)
    assert [row for batch in table.to_batches() for row in to_rows(batch)] == rows
    assert to_rows(from_rows(rows, columns)) == rows
    assert [json.loads(json_line(row)) for row in rows] == rows
    for record, row in zip(records, rows, strict=True):
        back = record_of(contract, row)
        reference(own.schema).validate(record)
        reference(own.schema).validate(back)
        assert normal_record(own, back) == normal_record(own, record)
        assert row_of(contract, back) == row


@settings(max_examples=100)
@given(cases())
def test_rows_are_as_the_row_schema_says(case: tuple[Own, list[dict[str, Json]]]) -> None:
    """Every row is valid under the schema that a release ships for it, which is valid JSON Schema itself."""
    own, records = case
    contract = Contract.extending(own.schema)
    rows = reference(dict(contract.row_schema("articles")))
    rows.check_schema(rows.schema)
    for record in records:
        rows.validate(json.loads(json_line(row_of(contract, record))))


@settings(max_examples=25)
@given(cases())
def test_datasets_loads_the_rows(
    tmp_path_factory: pytest.TempPathFactory, case: tuple[Own, list[dict[str, Json]]]
) -> None:
    """`datasets` loads the Parquet file with the features that the card states, and gives the same rows."""
    import datasets

    own, records = case
    contract = Contract.extending(own.schema)
    folder = tmp_path_factory.mktemp("datasets")
    table = written(folder / "rows.parquet", contract, [row_of(contract, record) for record in records])
    stated = datasets.Features._from_yaml_list(features(contract.columns("articles")))
    found = datasets.load_dataset(
        "parquet", data_files=str(folder / "rows.parquet"), features=stated, split="train", cache_dir=str(folder)
    )
    assert found.features == stated
    assert found.to_list() == table.to_pylist()
    assert shapes(found.features.arrow_schema) == shapes(table.schema)


def shapes(found: pa.Schema) -> Json:
    """Names and types of columns, without what `datasets` does not keep: nullability and what elements are called."""
    return {field.name: shape(field.type) for field in found}


def shape(type_: pa.DataType) -> Json:
    if pa.types.is_list(type_):
        return [shape(type_.value_type)]
    return {field.name: shape(field.type) for field in type_.fields} if pa.types.is_struct(type_) else str(type_)


@settings(max_examples=150)
@given(owns())
def test_columns_are_as_the_table_says(own: Own) -> None:
    """Ours come first and are unchanged; then the user's own follow in their order, typed by the profile's table."""
    ours = Contract.of(None).columns("articles")
    found = Contract.extending(own.schema).columns("articles")
    assert found.equals(pa.schema([*ours, *fields_of(own)]))


TIME, DATE = {"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}
INT = {"type": "integer"}
CLOSED = {"type": "object", "properties": {"a": {"type": "string"}, "b": DATE}, "required": ["a"]}
CLOSED |= {"additionalProperties": False}


def element(type_: pa.DataType, nullable: bool = False) -> pa.DataType:
    return pa.list_(pa.field("element", type_, nullable=nullable))


def entries(type_: pa.DataType, nullable: bool = False) -> pa.DataType:
    key, value = pa.field("key", pa.string(), nullable=False), pa.field("value", type_, nullable=nullable)
    return element(pa.struct([key, value]))


STRUCT = pa.struct([pa.field("a", pa.string(), nullable=False), pa.field("b", pa.date32())])


@pytest.mark.parametrize(
    ("said", "type_", "nullable", "feature"),
    [
        ({"type": "string"}, pa.string(), False, {"dtype": "string"}),
        ({"type": "string", "format": "uri"}, pa.string(), False, {"dtype": "string"}),
        ({"enum": ["a", "b"]}, pa.string(), False, {"dtype": "string"}),
        ({"enum": ["a", None]}, pa.string(), True, {"dtype": "string"}),
        ({"type": ["string", "null"], "enum": ["a"]}, pa.string(), False, {"dtype": "string"}),
        (TIME, pa.timestamp("us", tz="UTC"), False, {"dtype": "timestamp[us, tz=UTC]"}),
        (DATE, pa.date32(), False, {"dtype": "date32"}),
        (INT, pa.int64(), False, {"dtype": "int64"}),
        (INT | {"minimum": 0, "maximum": 2**31 - 1}, pa.int32(), False, {"dtype": "int32"}),
        (INT | {"exclusiveMinimum": -1, "maximum": 9}, pa.int16(), False, {"dtype": "int16"}),
        ({"const": 5}, pa.int64(), False, {"dtype": "int64"}),
        ({"type": "number"}, pa.float64(), False, {"dtype": "float64"}),
        ({"type": ["boolean", "null"]}, pa.bool_(), True, {"dtype": "bool"}),
        ({"type": "array", "items": TIME}, element(pa.timestamp("us", tz="UTC")), False,
         {"list": "timestamp[us, tz=UTC]"}),
        ({"type": "array", "items": {"type": "array", "items": {"type": ["number", "null"]}}},
         element(element(pa.float64(), nullable=True)), False, {"list": {"list": "float64"}}),
        (CLOSED, STRUCT, False, {"struct": [{"name": "a", "dtype": "string"}, {"name": "b", "dtype": "date32"}]}),
        ({"type": "array", "items": CLOSED}, element(STRUCT), False,
         {"list": [{"name": "a", "dtype": "string"}, {"name": "b", "dtype": "date32"}]}),
        ({"type": "object", "additionalProperties": INT}, entries(pa.int64()), False,
         {"list": [{"name": "key", "dtype": "string"}, {"name": "value", "dtype": "int64"}]}),
        ({"type": "object", "additionalProperties": {"anyOf": [DATE, {"type": "null"}]}},
         entries(pa.date32(), nullable=True), False,
         {"list": [{"name": "key", "dtype": "string"}, {"name": "value", "dtype": "date32"}]}),
        ({"oneOf": [{"type": "null"}, CLOSED]}, STRUCT, True,
         {"struct": [{"name": "a", "dtype": "string"}, {"name": "b", "dtype": "date32"}]}),
        ({"$ref": "#/$defs/two%20words"}, pa.int16(), False, {"dtype": "int16"}),
        ({"allOf": [{"$ref": "#/$defs/two%20words"}], "maximum": 1}, pa.int16(), False, {"dtype": "int16"}),
    ],
)  # fmt: skip
def test_the_table(said: Json, type_: pa.DataType, nullable: bool, feature: Json) -> None:
    """Each line of the profile's table: the Arrow type, whether it is nullable, and the feature."""
    defs = {"two words": INT | {"minimum": 1, "maximum": 5}}
    contract = Contract.extending({"$defs": defs, "properties": {"x": said}, "required": ["x"]})
    columns = contract.columns("articles")
    assert columns.field("x").equals(pa.field("x", type_, nullable=nullable))
    assert features(columns)[-1] == {"name": "x", **feature}
    optional = Contract.extending({"$defs": defs, "properties": {"x": said}}).columns("articles")
    assert optional.field("x").equals(pa.field("x", type_, nullable=True))


def nested(n: int, inner: Json) -> Json:
    """The schema in so many lists."""
    for _ in range(n):
        inner = {"type": "array", "items": inner}
    return inner


def laughs(n: int) -> Json:
    """A schema of a few lines, in which each definition names the next one ten times."""
    defs = {
        f"d{i}": {
            "type": "object",
            "properties": {f"p{j}": {"$ref": f"#/$defs/d{i + 1}"} for j in range(10)},
            "additionalProperties": False,
        }
        for i in range(n)
    }
    return {"$defs": {**defs, f"d{n}": {"type": "string"}}, "properties": {"x": {"$ref": "#/$defs/d0"}}}


def chained(n: int) -> Json:
    """A schema whose definitions only name the next one."""
    defs = {f"d{i}": {"$ref": f"#/$defs/d{i + 1}"} for i in range(n)}
    return {"$defs": {**defs, f"d{n}": {"type": "string"}}, "properties": {"x": {"$ref": "#/$defs/d0"}}}


def x(said: Json, **others: Json) -> Json:
    """A schema of records with one property `x`."""
    return {"properties": {"x": said}, **others}


TREE = {"type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}}, "additionalProperties": False}
OUTSIDE: list[tuple[Json, str]] = [
    (x({"type": "string", "maxlength": 5}), "/properties/x/maxlength"),
    (x({"type": "string", "format": "phone"}), "/properties/x/format"),
    (x({"type": "string", "not": {"format": "phone"}}), "/properties/x/not/format"),
    (x({"type": "string"}, requird=["x"]), "/requird"),
    (x({"type": "string"}, **{"if": {"properties": {"x": {"cons": 1}}}}), "/if/properties/x/cons"),
    (x({"type": "array", "prefixItems": [INT], "items": INT}), "/properties/x/prefixItems"),
    (x(CLOSED | {"patternProperties": {"a": INT}}), "/properties/x/patternProperties"),
    (x({"type": "string"}, patternProperties={"a": INT}), "/patternProperties"),
    (x({"type": ["string", "integer"]}), "/properties/x"),
    (x({"type": "null"}), "/properties/x"),
    (x({"anyOf": [INT, {"type": "string"}]}), "/properties/x"),
    (x({"enum": ["a", 1]}), "/properties/x"),
    (x({"const": None}), "/properties/x"),
    (x({}), "/properties/x"),
    (x({"description": "Anything."}), "/properties/x"),
    (x(True), "/properties/x"),
    (x({"allOf": [True]}), "/properties/x"),
    (x({"type": "array", "items": False}), "/properties/x/items"),
    (x({"type": "object"}), "/properties/x"),
    (x({"type": "object", "properties": {}, "additionalProperties": False}), "/properties/x"),
    (x({"type": "object", "properties": {"a": INT}}), "/properties/x"),
    (x({"type": "object", "properties": {"a": INT}, "additionalProperties": INT}), "/properties/x"),
    (x({"type": "object", "properties": {"a": INT}, "additionalProperties": True, "unevaluatedProperties": False}),
     "/properties/x"),
    (x({"type": "object", "properties": {"a": INT}, "unevaluatedProperties": False,
        "anyOf": [{"properties": {"b": INT}}]}), "/properties/x"),
    (x({"$ref": "#/$defs/d", "additionalProperties": False}, **{"$defs": {"d": {"type": "object", "properties":
        {"a": INT}}}}), "/properties/x"),
    (x({"type": "array"}), "/properties/x"),
    (x({"type": "integer", "minLength": 1}), "/properties/x/minLength"),
    (x({"type": "array", "items": INT, "unevaluatedItems": False}), "/properties/x/unevaluatedItems"),
    (x({"$ref": "http://a.example/schema.json"}), "/properties/x/$ref"),
    (x({"$ref": "file:///etc/passwd"}), "/properties/x/$ref"),
    (x({"$ref": "other.json#/$defs/a"}), "/properties/x/$ref"),
    (x({"$ref": "#/$defs/none"}), "/properties/x/$ref"),
    (x({"$ref": "#/$defs/a/0"}, **{"$defs": {"a": [INT]}}), "/$defs/a"),
    (x({"$ref": "#/required/-1"}, required=["x"]), "/properties/x/$ref"),
    (x({"$ref": "#anchor"}, **{"$defs": {"a": {"$anchor": "anchor", "type": "string"}}}), "/properties/x/$ref"),
    (x({"$ref": "urn:broadsheet:schema:record:1"}), "/properties/x/$ref"),
    (x({"$dynamicRef": "#/$defs/a"}, **{"$defs": {"a": INT}}), "/properties/x/$dynamicRef"),
    (x({"$ref": "#/properties/x"}), "/properties/x/$ref"),
    (x({"$ref": "#"}), "/properties/x/properties/x/$ref"),
    (x({"$ref": "#/$defs/a"}, **{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}),
     "/properties/x/$ref"),
    (x({"$ref": "#/$defs/tree"}, **{"$defs": {"tree": TREE}}), "/properties/x/properties/left/$ref"),
    (laughs(9), "/properties/x"),
    (chained(5_000), "/properties/x/$ref"),
    (x(nested(200, {"type": "string"})), "/properties/x/items"),
    (x({"type": "string", "default": nested(5_000, 1)}), "(top level)"),
    (x({"type": "string", "pattern": "(?=a)b"}), "/properties/x/pattern"),
    (x({"type": "string", "pattern": "(?<!a)b"}), "/properties/x/pattern"),
    (x({"type": "string", "pattern": "(a)\\1"}), "/properties/x/pattern"),
    (x({"type": "string", "pattern": "(a"}), "/properties/x/pattern"),
    (x({"type": "object", "additionalProperties": INT, "propertyNames": {"pattern": "(?=a)"}}),
     "/properties/x/propertyNames/pattern"),
    ({"properties": {"split": {"type": "string"}}}, "/properties/split"),
    ({"properties": {"story": {"type": "string"}}}, "/properties/story"),
    ({"properties": {"given_id": {"type": "string"}}}, "/properties/given_id"),
    ({"properties": {"Title": {"type": "string"}}}, "/properties/Title"),
    ({"properties": {"SPLIT": {"type": "string"}}}, "/properties/SPLIT"),
    ({"properties": {"tag": INT, "Tag": INT}}, "/properties/Tag"),
    (x({"type": "object", "properties": {"a": INT, "A": INT}, "additionalProperties": False}),
     "/properties/x/properties/A"),
    ({"properties": {"": INT}}, "/properties/"),
    ({"properties": {"a\0b": INT}}, "/properties/a"),
    ({"properties": {"a\nb": INT}}, "/properties/a"),
    ({"properties": {" a": INT}}, "/properties/ a"),
    ({"properties": {"a" * 256: INT}}, f"/properties/{'a' * 256}"),
    ({"properties": {"text": INT}}, "/properties/text"),
    ({"properties": {"title": {"enum": [1, 2]}}}, "/properties/title"),
    ({"properties": {"position": {"type": "string"}}}, "/properties/position"),
    ({"properties": {"title": {"type": "array", "items": INT}}}, "/properties/title"),
    ({"properties": {"published": DATE}}, "/properties/published/format"),
    ({"properties": {"title": TIME}}, "/properties/title/format"),
    ({"properties": {"url": {"anyOf": [DATE, {"type": "null"}]}}}, "/properties/url/format"),
    ({"$schema": "http://json-schema.org/draft-07/schema#"}, "/$schema"),
    ({"$schema": 5}, "/$schema"),
    ({"$id": "http://["}, "/$id"),
    ({"$id": 5}, "/$id"),
    ({"type": ["object", "null"]}, "/type"),
    ({"type": "array", "items": INT}, "/type"),
    ({"additionalProperties": INT}, "/additionalProperties"),
    ({"unevaluatedProperties": INT}, "/unevaluatedProperties"),
    (x({"type": "string", "minLength": -1}), "/properties/x/minLength"),
    (x({"type": "string", "minLength": "1"}), "/properties/x/minLength"),
    (x(INT | {"minimum": "1"}), "/properties/x/minimum"),
    (x(INT | {"multipleOf": 0}), "/properties/x/multipleOf"),
    (x(5), "/properties/x"),
    (x(None), "/properties/x"),
    (x({"type": "text"}), "/properties/x/type"),
    (x({"type": []}), "/properties/x/type"),
    (x({"type": 5}), "/properties/x/type"),
    (x({"type": [["string"]]}), "/properties/x/type"),
    (x({"type": "string"}, required="x"), "/required"),
    (x({"type": "string"}, required=5), "/required"),
    (x(CLOSED | {"required": [["a"]]}), "/properties/x/required"),
    ({"properties": ["x"]}, "/properties"),
    ({"properties": 5}, "/properties"),
    (x({"enum": "a"}), "/properties/x/enum"),
    (x({"type": "string", "enum": 5}), "/properties/x/enum"),
    (x({"type": "string", "format": 5}), "/properties/x/format"),
    (x({"type": "string", "format": ["date"]}), "/properties/x/format"),
    (x({"$ref": 5}), "/properties/x/$ref"),
    (x({"$ref": ["#"]}), "/properties/x/$ref"),
    (x({"allOf": 5}), "/properties/x/allOf"),
    (x({"allOf": []}), "/properties/x/allOf"),
    (x({"anyOf": {"type": "string"}}), "/properties/x/anyOf"),
    ({"allOf": 5}, "/allOf"),
    ({"$defs": 5}, "/$defs"),
    ({"$defs": {"a": {"type": "strin"}}}, "/$defs/a/type"),
    (x({"type": "string", "description": 5}), "/properties/x/description"),
    (x({"type": "string", "description": "\ud800"}), "(top level)"),
    (x(INT | {"maximum": 2**64}), "(top level)"),
    (x({"type": "number", "maximum": float("inf")}), "(top level)"),
    ([], "(top level)"),
    ([x(INT)], "(top level)"),
    (True, "(top level)"),
    (None, "(top level)"),
    ("{}", "(top level)"),
]  # fmt: skip


@pytest.mark.parametrize(("own", "at"), OUTSIDE, ids=[f"{i}-{at[:40]}" for i, (_, at) in enumerate(OUTSIDE)])
def test_what_is_outside_the_profile_is_refused(own: Json, at: str) -> None:
    """A schema outside the profile is refused, and the message names the place by its JSON Pointer."""
    with pytest.raises(CallError) as refused:
        Contract.extending(own)
    lines = str(refused.value).splitlines()
    assert [line for line in lines if line.startswith(at)], lines
    assert all(line.startswith(("/", "(top level): ")) and ": " in line for line in lines), lines


def test_all_faults_are_named_at_once() -> None:
    """A schema with many faults is refused once, with a line for each, in whatever stage it is found."""
    faulty = {
        "typo": 1,
        "type": "array",
        "$schema": "http://json-schema.org/draft-07/schema#",
        "additionalProperties": {"type": "string"},
        "properties": {
            "a": {"type": ["string", "integer"]},
            "b": {"type": "string", "format": "phone"},
            "c": {"$ref": "#/nowhere"},
            "d": {"$ref": "#/properties/d"},
            "e": {"type": "string", "minLength": -1},
            "f": {"type": "string", "pattern": "(?=a)"},
            "g": {"type": "object", "properties": {"h": {"type": "array"}, "i": {}}},
            "split": {"type": "string"},
            "Title": {"type": "string"},
            "position": {"type": "string"},
            "published": {"format": "date"},
        },
    }
    with pytest.raises(CallError) as refused:
        Contract.extending(faulty)
    lines = str(refused.value).splitlines()
    assert len(set(lines)) == len(lines)
    assert {line.partition(": ")[0] for line in lines} == {
        "/typo", "/type", "/$schema", "/additionalProperties", "/properties/a", "/properties/b/format",
        "/properties/c/$ref", "/properties/d/$ref", "/properties/e/minLength", "/properties/f/pattern",
        "/properties/g", "/properties/g/properties/h", "/properties/g/properties/i", "/properties/split",
        "/properties/Title", "/properties/position/type", "/properties/published/format",
    }  # fmt: skip


KEYWORDS = st.sampled_from(
    [
        "type", "properties", "required", "items", "enum", "const", "format", "pattern", "minLength", "maxLength",
        "minimum", "maximum", "multipleOf", "minItems", "maxItems", "contains", "minContains", "uniqueItems", "$ref",
        "$defs", "definitions", "$schema", "$id", "$anchor", "allOf", "anyOf", "oneOf", "not", "if", "then", "else",
        "additionalProperties", "unevaluatedProperties", "patternProperties", "propertyNames", "prefixItems",
        "dependentRequired", "dependentSchemas", "minProperties", "maxProperties", "exclusiveMinimum", "title",
        "description", "default", "examples", "deprecated", "x-note", "text", "published", "position", "role",
    ]
)  # fmt: skip
WORDS = st.sampled_from(
    [
        "string", "integer", "number", "boolean", "array", "object", "null", "date", "date-time", "uri", "#",
        "#/$defs/a", "#/properties/a", "#/properties", "#/allOf/0", "a", "text", "(?=a)", "^a$", "(", "",
        "urn:broadsheet:schema:record:1", "https://json-schema.org/draft/2020-12/schema", "\ud800", "\0",
    ]
)  # fmt: skip
KEYS = KEYWORDS | NAMES | st.text(max_size=3)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYWORDS | NAMES | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


def refused_or_compiled(own: Json) -> None:
    """Compiles what can be compiled, as far as columns and documents; all else is a CallError."""
    before = deepcopy(own)
    try:
        contract = Contract.extending(own)
    except CallError as error:
        assert str(error)
        return
    assert repr(own) == repr(before)
    columns = contract.columns("articles")
    assert columns.names == [*Contract.of(None).columns("articles").names, *contract.extras]
    assert len(features(columns)) == len(columns)
    assert len(contract.digest) == 64
    rs.meta.validate(contract.release)
    contract.check({"text": "x", "x": {"a": [None, 1]}}, "")


@settings(max_examples=400)
@given(ANYTHING | st.dictionaries(KEYWORDS, ANYTHING, max_size=5) | ANYTHING.map(lambda said: {"properties": said}))
def test_any_json_is_compiled_or_refused(own: Json) -> None:
    """Whatever JSON is given as a schema gives a contract or a CallError, and is left as it was."""
    refused_or_compiled(own)


@st.composite
def damaged(draw: st.DrawFn) -> Json:
    """A schema inside the profile in which one to three places hold anything, or one keyword more."""
    own = deepcopy(draw(own_schemas()))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(list(places(own))))
        if isinstance(place, dict):
            keys = KEYWORDS | st.sampled_from(sorted(place)) if place else KEYWORDS
            place[draw(keys)] = draw(ANYTHING)
        elif place:
            place[draw(st.integers(0, len(place) - 1))] = draw(ANYTHING)
    return own


def places(value: Json) -> Iterator[Json]:
    """All objects and lists in a value."""
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from places(inner)


@settings(max_examples=300)
@given(damaged())
def test_damaged_schemas_are_compiled_or_refused(own: Json) -> None:
    """A schema in the profile with a few places changed at random gives a contract or a CallError, nothing else."""
    refused_or_compiled(own)


NAMED = st.sampled_from(["a", "b", "c"])
PARTS = st.recursive(
    st.sampled_from(
        [{"type": "integer"}, {"minimum": 1}, {"maxProperties": 1}, {"$ref": "#/$defs/p"}, True, False, {}]
    ),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "$ref": st.sampled_from(["#/$defs/p", "#/$defs/q", "#/$defs/q/properties/a"]),
            "properties": st.dictionaries(NAMED, inner, max_size=2),
            "additionalProperties": inner,
            "unevaluatedProperties": st.just(False),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "if": inner,
            "then": inner,
            "else": inner,
            "not": inner,
            "minimum": st.integers(0, 2),
            "required": st.lists(NAMED, max_size=1),
        },
    ),
    max_leaves=6,
)
VALUES = st.recursive(
    st.integers(0, 2) | st.none(), lambda inner: st.dictionaries(NAMED, inner, max_size=3), max_leaves=4
)


@settings(max_examples=500)
@given(PARTS, PARTS, PARTS, st.lists(VALUES, max_size=6))
def test_a_schema_says_the_same_with_its_references_in_place(one: Json, p: Json, q: Json, values: list[Json]) -> None:
    """What references are replaced by, and joined with, lets exactly the same values pass as the references did."""
    own = {"$defs": {"p": p, "q": {"properties": {"a": {"minimum": 1}}, "not": q}}, "allOf": [one]}
    faults: list[Fault] = []
    found = inlined(own, faults)
    assume(not faults)
    assert "$ref" not in json.dumps(found)
    for value in values:
        assert reference(found).is_valid(value) == reference(own).is_valid(value)


def errors(contract: Contract, record: dict[str, Json]) -> list[tuple[str, str]]:
    """Pointer and keyword of each error of a record, which stays as it is."""
    text = canonical_json(record)
    return [(error["pointer"], error["keyword"]) for error in contract.check(orjson.loads(text), text)]


@given(owns())
def test_what_ours_asks_stays_asked(own: Own) -> None:
    """Under any schema of the user's own a record without a text, or with an empty or a blank one, is refused."""
    contract = Contract.extending(own.schema)
    assert ("", "required") in errors(contract, {})
    assert ("/text", "pattern") in errors(contract, {"text": "  "})
    assert ("/text", "type") in errors(contract, {"text": 5})
    assert ("/published", "format") in errors(contract, {"text": "xy", "published": "yesterday"})
    assert ("/role", "enum") in errors(contract, {"text": "xy", "role": "boilerplate"})


@pytest.mark.parametrize(
    ("asked", "record", "error"),
    [
        ({"properties": {"text": {"minLength": 5}}}, {"text": "four"}, ("/text", "minLength")),
        ({"properties": {"text": {"minLength": 0}}}, {"text": ""}, ("/text", "minLength")),
        ({"properties": {"text": {"maxLength": 3}}}, {"text": "four"}, ("/text", "maxLength")),
        ({"properties": {"text": {"pattern": "^x"}}}, {"text": "four"}, ("/text", "pattern")),
        ({"properties": {"role": {"enum": ["main"]}}}, {"text": "x", "role": "teaser"}, ("/role", "enum")),
        ({"properties": {"position": {"maximum": 9}}}, {"text": "x", "position": 10}, ("/position", "maximum")),
        ({"properties": {"position": {"minimum": -9}}}, {"text": "x", "position": -1}, ("/position", "minimum")),
        ({"properties": {"url": {"format": "uri"}}}, {"text": "x", "url": "no uri"}, ("/url", "format")),
        ({"properties": {"title": {"$ref": "#/$defs/t"}}, "$defs": {"t": {"maxLength": 3}}},
         {"text": "x", "title": "four"}, ("/title", "maxLength")),
        ({"required": ["title"]}, {"text": "x"}, ("", "required")),
        ({"required": ["title"]}, {"text": "x", "title": None}, ("", "required")),
        ({"required": ["role"]}, {"text": "x", "role": None}, ("", "required")),
        ({"properties": {"title": {"type": "string"}}, "required": ["title"]}, {"text": "x", "title": None},
         ("", "required")),
        ({"additionalProperties": False}, {"text": "x", "more": 1}, ("", "additionalProperties")),
        ({"dependentRequired": {"title": ["author"]}}, {"text": "x", "title": "y"}, ("", "required")),
        ({"if": {"required": ["title"]}, "then": {"required": ["author"]}}, {"text": "x", "title": "y"},
         ("", "required")),
        ({"not": {"required": ["title"]}}, {"text": "x", "title": "y"}, ("", "not")),
        ({"allOf": [{"$ref": "urn:broadsheet:schema:record:1"}, {"required": ["title"]}]}, {"text": "x"},
         ("", "required")),
    ],
)  # fmt: skip
def test_theirs_tightens_ours(asked: Json, record: dict[str, Json], error: tuple[str, str]) -> None:
    """What a user's own schema asks of our properties is asked beside what ours asks; neither loosens the other."""
    full = {"text": "xxxxx", "title": "y", "author": "z", "role": "main", "url": "urn:a", "position": 1}
    contract = Contract.extending(asked)
    assert error in errors(contract, record)
    assert errors(contract, full) == [] or "maxLength" in error or "pattern" in error or "not" in error
    assert contract.columns("articles").equals(Contract.of(None).columns("articles"))


def test_ours_may_be_named_or_not() -> None:
    """A schema that refers to ours, directly or in `allOf`, is the one that does not."""
    theirs = {"properties": {"x": {"type": "string"}}}
    ours = {"$ref": "urn:broadsheet:schema:record:1"}
    plain = Contract.extending(theirs)
    assert Contract.extending({**theirs, **ours}).record == plain.record
    assert Contract.extending({**theirs, "allOf": [ours]}).record == plain.record


def test_descriptions_reach_the_rows() -> None:
    """What a schema says of a property, at any depth and through references, stands in the schema of rows, too."""
    word = {"description": "A word.", "type": "string", "minLength": 2}
    tags = {"description": "Words.", "type": "array", "items": {"$ref": "#/$defs/word"}, "uniqueItems": True}
    port = {"type": "object", "properties": {"a": {"$ref": "#/$defs/word", "description": "Its name."}}}
    own = {
        "title": "Reports",
        "description": "Of a harbour.",
        "$defs": {"word": word},
        "properties": {"tags": tags, "port": {**port, "additionalProperties": False, "x-unit": "m"}},
    }
    contract = Contract.extending(own)
    found = contract.row_schema("articles")
    assert (contract.record["title"], contract.record["description"]) == ("Reports", "Of a harbour.")
    assert contract.documents()["release"]["$defs"]["record"] == found
    assert found["properties"]["tags"] == {"description": "Words.", "type": ["array", "null"], "items": word}
    name = {**word, "description": "Its name.", "type": ["string", "null"]}
    closed = {"properties": {"a": name}, "required": ["a"], "additionalProperties": False}
    assert found["properties"]["port"] == {"type": ["object", "null"], "x-unit": "m", **closed}
    assert found["required"][-2:] == ["tags", "port"]


@settings(max_examples=150)
@given(cases())
def test_a_contract_sent_is_the_same_contract(case: tuple[Own, list[dict[str, Json]]]) -> None:
    """A contract that went through JSON has the same digest, columns, schemas and verdicts, its order included."""
    own, records = case
    contract = Contract.extending(own.schema)
    sent = Contract.of(json.loads(json.dumps(contract.to_json())))
    assert sent.digest == contract.digest
    assert list(sent.members.items()) == list(contract.members.items())
    assert sent.columns("articles").equals(contract.columns("articles"))
    assert json.dumps(sent.documents()) == json.dumps(contract.documents())
    for record in records:
        assert row_of(sent, record) == row_of(contract, record)
    assert Contract.of(None).to_json() is None


@settings(max_examples=40)
@given(cases())
def test_content_digests_cover_the_extras(case: tuple[Own, list[dict[str, Json]]]) -> None:
    """Another value of any of the user's own properties is another content digest, and no column of ours besides."""
    own, (record, *_) = case
    contract = Contract.extending(own.schema)
    row = row_of(contract, record)
    before = contract.content_digest(row)
    for name in row:
        is_own = name in OWN_FIELDS or name in contract.extras
        assert (contract.content_digest(row | {name: {"another": row[name]}}) != before) == is_own


@settings(max_examples=150)
@given(cases())
def test_null_is_absent(case: tuple[Own, list[dict[str, Json]]]) -> None:
    """A record with nulls for optional properties, or without the nulls that it has, has the same row, at any depth."""
    own, (record, *_) = case
    contract = Contract.extending(own.schema)
    part = pa.struct([*fields_of(own), *Contract.of(None).rows])
    row = row_of(contract, record)
    assert row_of(contract, without_nulls(record, part)) == row
    assert row_of(contract, with_nulls(record, part)) == row


def without_nulls(value: Json, type_: pa.DataType) -> Json:
    """The value without members that are null; those of open maps and of lists stay."""
    return members_changed(value, type_, lambda given, _: {n: item for n, item in given.items() if item is not None})


def with_nulls(value: Json, type_: pa.DataType) -> Json:
    """The value with null for every member that it lacks."""
    return members_changed(value, type_, lambda given, names: dict.fromkeys(names) | given)


def members_changed(value: Json, type_: pa.DataType, change: Callable[[Json, list[str]], Json]) -> Json:
    """The value with the members of all structs changed."""
    if value is None or not pa.types.is_nested(type_):
        return value
    if pa.types.is_struct(type_):
        inner = {name: members_changed(item, type_.field(name).type, change) for name, item in value.items()}
        return change(inner, [field.name for field in type_.fields])
    if isinstance(value, dict):
        item_type = type_.value_type.field("value").type
        return {key: members_changed(item, item_type, change) for key, item in value.items()}
    return [members_changed(item, type_.value_type, change) for item in value]


def test_required_nullables_are_satisfied_by_absence() -> None:
    """A required property that may be null may be left out, at the top and inside, and is null; no other may."""
    inner = {"type": "object", "properties": {"a": {"type": ["string", "null"]}, "b": INT}, "required": ["a", "b"]}
    inner["additionalProperties"] = False
    seen = {"anyOf": [TIME, {"type": "null"}]}
    own = {"properties": {"x": {"type": ["integer", "null"]}, "y": inner, "z": seen}, "required": ["x", "y", "z"]}
    contract = Contract.extending(own)
    row = row_of(contract, {"text": "t", "y": {"b": 1}})
    assert (row["x"], row["y"], row["z"]) == (None, {"a": None, "b": 1}, None)
    assert errors(contract, {"text": "t", "y": {"b": None}}) == [("/y", "required")]
    assert errors(contract, {"text": "t", "y": None}) == [("", "required")]
    back = record_of(contract, row)
    assert back == {"text": "t", "x": None, "y": {"a": None, "b": 1}, "z": None}
    reference(own).validate(back)


ALL_KINDS = {
    "properties": {
        "seen": TIME,
        "n": INT,
        "size": {"type": "number"},
        "word": {"type": "string"},
        "a/b": {"type": "array", "items": {"type": "object", "additionalProperties": TIME}},
        "port": {"type": "object", "properties": {"n~": INT}, "additionalProperties": False},
    }
}


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ({"seen": "2026-06-30T23:59:60Z"}, "/seen"),
        ({"seen": "0001-01-01T00:00:00+10:00"}, "/seen"),
        ({"seen": "9999-12-31T23:00:00-10:00"}, "/seen"),
        ({"n": 1e300}, "/n"),
        ({"n": float(2**63)}, "/n"),
        ({"n": float(-(2**64))}, "/n"),
        ({"size": 2**53 + 1}, "/size"),
        ({"size": -(2**63) + 1}, "/size"),
        ({"a/b": [{}, {"k": "2026-06-30T00:00:00Z", "l/": "2026-06-30T23:59:60Z"}]}, "/a~1b/1/l~1"),
        ({"port": {"n~": 1e300}}, "/port/n~0"),
    ],
)
def test_values_that_no_column_holds_are_errors(value: Json, at: str) -> None:
    """A valid value that its column cannot hold unchanged is an error of its own, at its place; nothing is rounded."""
    assert errors(Contract.extending(ALL_KINDS), {"text": "x", **value}) == [(at, "unfit")]


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ({"text": "a\0b"}, "/text"),
        ({"word": "\0"}, "/word"),
        ({"a/b": [{}, {"k": "2026-06-30T00:00:00Z", "\0": "2026-06-30T00:00:00Z"}]}, "/a~1b/1"),
        ({"more": [{"deep": ["x", "\0"]}]}, "/more/0/deep/1"),
        ({"more": {"\0": 1}}, "/more"),
        ({"\0": 1}, ""),
    ],
)
def test_nul_is_an_error(value: Json, at: str) -> None:
    """NUL in any text or key is an error, at the text or at the object that has the key; its escape in text is none."""
    contract = Contract.extending(ALL_KINDS)
    assert errors(contract, {"text": "x", **value}) == [(at, "nul")]
    assert errors(contract, {"text": "x \\u0000"}) == []


@pytest.mark.parametrize(
    ("at", "rule"),
    [
        ("", ": k"),
        ("/text", "/text: k"),
        ("/a~1b/17", "/a~1b/*: k"),
        ("/a~1b/17/key~0/", "/a~1b/*/*/*: k"),
        ("/port/n~0", "/port/n~0: k"),
        ("/more/0/x", "/more/*/*: k"),
    ],
)
def test_rules_name_no_elements_or_keys(at: str, rule: str) -> None:
    """Errors in different elements of lists, or under different keys of open maps, break one rule."""
    error = {"pointer": at, "keyword": "k", "message": "", "schema_path": ""}
    assert Contract.extending(ALL_KINDS).rule(error) == rule
