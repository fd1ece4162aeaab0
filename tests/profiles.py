"""Schemas of records that users may bring, each with records that are valid under it: Hypothesis strategies.

`own_schemas` draws schemas inside the profile, `schemas_with_records` schemas with records, and `owns` both with what
was known when they were made: which properties there are, and which Arrow types they have by the profile's table. The
types are noted while a schema is made, so they do not come from the code under test.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote

import pyarrow as pa
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from broadsheet.contract import schema

Json = Any
Schema = dict[str, Any]
Record = dict[str, Any]


class Part(NamedTuple):
    """A schema of one value, and what is known of it."""

    schema: Schema
    values: st.SearchStrategy[Json]
    """Valid values, null apart."""
    type: pa.DataType
    nullable: bool = False
    """Whether null is valid, too."""


class Property(NamedTuple):
    """A property of an object."""

    name: str
    part: Part
    is_required: bool

    @property
    def field(self) -> pa.Field:
        """The column or field that holds it."""
        return pa.field(self.name, self.part.type, nullable=self.part.nullable or not self.is_required)


class Own(NamedTuple):
    """A user's own schema, and what is known of it."""

    schema: Schema
    properties: tuple[Property, ...]
    """Those that are not ours, in their order."""
    records: st.SearchStrategy[Record]
    """Records that are valid under it, each with a text."""


def valid_values(part: Part) -> st.SearchStrategy[Json]:
    """Every value that is valid under the part's schema, null where it lets null in."""
    return st.none() | part.values if part.nullable else part.values


def fields_of(own: Own) -> pa.Schema:
    """The columns of the user's own properties, by the profile's table."""
    return pa.schema([property_.field for property_ in own.properties])


def reference(own: Schema) -> Draft202012Validator:
    """The reference implementation, which asserts formats: it knows nothing of ours."""
    return Draft202012Validator(own, format_checker=Draft202012Validator.FORMAT_CHECKER)


CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXT = st.text(CHARACTERS, max_size=8)
PATTERNS: Mapping[str, st.SearchStrategy[str]] = {
    "^[a-z]{2,4}$": st.text("abcxyz", min_size=2, max_size=4),
    "[0-9]": st.tuples(TEXT, st.sampled_from("059"), TEXT).map("".join),
    "^(a+)+b?$": st.integers(1, 30).map(lambda n: "a" * n + "b"),
    "^\u00e9|^\u05d0": TEXT.map(lambda text: f"\u05d0{text}"),
}
"""Patterns of one meaning in every dialect, with texts that match them."""
FORMATS: Mapping[str, tuple[str, ...]] = {
    "uri": ("https://a.example/x?y#z", "urn:a:b"),
    "iri": ("https://\u00e4.example/\u00fc",),
    "uri-reference": ("/a/b", "#x", ""),
    "iri-reference": ("\u00fc",),
    "uri-template": ("/a/{b}",),
    "email": ("a@b.example",),
    "idn-email": ("\u00e4@b.example",),
    "hostname": ("www.a.example",),
    "idn-hostname": ("www.\u00e4.example",),
    "ipv4": ("127.0.0.1",),
    "ipv6": ("::1", "2001:db8::1"),
    "uuid": ("123e4567-e89b-12d3-a456-426614174000",),
    "time": ("10:00:00Z", "10:00:00.5+01:00"),
    "duration": ("P1D", "PT5M", "P1Y2M"),
    "json-pointer": ("", "/a~1b"),
    "relative-json-pointer": ("0", "1/a"),
    "regex": ("^a$", "a|b"),
}
"""The formats that stay strings, with texts that have them."""
_NAMES = (
    "rating", "Tags", "two words", "with.dots", "with-dashes", "with/slash", "with~tilde", "100%", "\u00fcber",
    "\u05ea\u05d2", "\u540d\u524d", "name", "type", "dtype", "list", "struct", "_type", "key", "value", "element",
    "$ref", "properties", "id_",
)  # fmt: skip
_OURS = {*schema("record")["properties"], *schema("release#record")["properties"]}
NAMES = st.sampled_from(_NAMES) | st.text(
    st.characters(categories=["L", "N"], max_codepoint=0xFFFF), min_size=1, max_size=5
)
"""Names that properties may have, some of them ours."""


def _names(n: int, but: Iterable[str] = ()) -> st.SearchStrategy[list[str]]:
    """At least `n` names, no two of which differ in case alone."""
    taken = {name.casefold() for name in but}
    free = NAMES.filter(lambda name: name.casefold() not in taken)
    return st.lists(free, min_size=n, max_size=n + 3, unique_by=str.casefold)


def times() -> st.SearchStrategy[str]:
    """Instants as RFC 3339 lets them be written: any offset, up to nine digits of a second, small letters."""
    return st.builds(
        _spelled,
        st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31)).map(lambda time: time.replace(microsecond=0)),
        st.none() | st.text("0123456789", min_size=1, max_size=9),
        st.sampled_from(["Z", "z"]) | st.integers(-23 * 60 - 59, 23 * 60 + 59),
        st.sampled_from("Tt"),
    )


def _spelled(time: datetime, digits: str | None, offset: str | int, between: str) -> str:
    text = time.isoformat().replace("T", between) + (f".{digits}" if digits else "")
    if isinstance(offset, str):
        return text + offset
    hours, minutes = divmod(abs(offset), 60)
    return f"{text}{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"


def canonical_time(text: str) -> str:
    """An instant as rows hold it, worked out from its parts: in UTC, with six digits of a second or none."""
    head, rest = text[:19].upper(), text[19:]
    digits = rest[1:].partition("+")[0].partition("-")[0].rstrip("Zz") if rest.startswith(".") else ""
    offset = rest[len(digits) + 1 if digits else 0 :]
    shift = timedelta() if offset in "Zz" else timedelta(hours=int(offset[1:3]), minutes=int(offset[4:]))
    time = datetime.fromisoformat(head) + (shift if offset.startswith("-") else -shift)
    micros = int(f"{digits:0<6}"[:6])
    return f"{time.replace(tzinfo=UTC, microsecond=micros).isoformat().removesuffix('+00:00')}Z"


@st.composite
def _strings(draw: st.DrawFn, _made: "_Made", _depth: int) -> Part:
    """A string: free, bounded, one of some, of a pattern, or of a format."""
    text = draw(TEXT)
    some = draw(st.lists(TEXT, min_size=1, max_size=3, unique=True))
    pattern = draw(st.sampled_from(sorted(PATTERNS)))
    format_ = draw(st.sampled_from(sorted(FORMATS)))
    found, values = draw(
        st.sampled_from(
            [
                ({"type": "string"}, TEXT),
                ({"type": "string", "minLength": 2, "maxLength": 5}, st.text(CHARACTERS, min_size=2, max_size=5)),
                ({"type": "string", "enum": some}, st.sampled_from(some)),
                ({"enum": some}, st.sampled_from(some)),
                ({"const": text}, st.just(text)),
                ({"type": "string", "pattern": pattern}, PATTERNS[pattern]),
                ({"type": "string", "format": format_}, st.sampled_from(FORMATS[format_])),
            ]
        )
    )
    return Part(found, values, pa.string())


@st.composite
def _times(draw: st.DrawFn, _made: "_Made", _depth: int) -> Part:
    """A point in time, or a date."""
    if draw(st.booleans()):
        return Part({"type": "string", "format": "date-time"}, times(), pa.timestamp("us", tz="UTC"))
    return Part({"type": "string", "format": "date"}, st.dates().map(lambda day: day.isoformat()), pa.date32())


_LONG = 2**63
_BOUNDS: tuple[tuple[Schema, int, int, pa.DataType], ...] = (
    ({}, -_LONG, _LONG - 1, pa.int64()),
    ({"minimum": 0}, 0, _LONG - 1, pa.int64()),
    ({"maximum": 9}, -_LONG, 9, pa.int64()),
    ({"minimum": -_LONG, "maximum": _LONG - 1}, -_LONG, _LONG - 1, pa.int64()),
    ({"minimum": -(2**31), "maximum": 2**31}, -(2**31), 2**31, pa.int64()),
    ({"minimum": -(2**31) - 1, "maximum": 0}, -(2**31) - 1, 0, pa.int64()),
    ({"minimum": -(2**31), "maximum": 2**31 - 1}, -(2**31), 2**31 - 1, pa.int32()),
    ({"minimum": -(2**15) - 1, "maximum": 0}, -(2**15) - 1, 0, pa.int32()),
    ({"minimum": 0, "maximum": 2**15}, 0, 2**15, pa.int32()),
    ({"minimum": -(2**15), "maximum": 2**15 - 1}, -(2**15), 2**15 - 1, pa.int16()),
    ({"minimum": 1, "maximum": 5}, 1, 5, pa.int16()),
    ({"minimum": 0.5, "maximum": 5.5}, 1, 5, pa.int16()),
    ({"exclusiveMinimum": 0, "exclusiveMaximum": 100}, 1, 99, pa.int16()),
    ({"exclusiveMinimum": 0, "minimum": -9, "maximum": 2**31 - 1}, 1, 2**31 - 1, pa.int32()),
)
"""Bounds of integers, with the smallest and the largest, and the type."""


def _also_as_floats(whole: st.SearchStrategy[int]) -> st.SearchStrategy[int | float]:
    """JSON Schema takes 1.0 for an integer."""
    return whole | whole.filter(lambda n: abs(n) <= 2**53).map(float)


@st.composite
def _integers(draw: st.DrawFn, _made: "_Made", _depth: int) -> Part:
    """An integer: of any bounds, a multiple, or one of some."""
    bounds, low, high, type_ = draw(st.sampled_from(_BOUNDS))
    step = draw(st.integers(2, 9))
    some = draw(st.lists(st.integers(-999, 999), min_size=1, max_size=3, unique=True))
    multiples = st.integers(-(10**6), 10**6).map(lambda n: n * step)
    return draw(
        st.sampled_from(
            [
                Part({"type": "integer", **bounds}, _also_as_floats(st.integers(low, high)), type_),
                Part({"type": "integer", "multipleOf": step}, _also_as_floats(multiples), pa.int64()),
                Part({"enum": some}, _also_as_floats(st.sampled_from(some)), pa.int64()),
                Part({"type": "integer", "const": some[0]}, _also_as_floats(st.just(some[0])), pa.int64()),
            ]
        )
    )


@st.composite
def _numbers(draw: st.DrawFn, _made: "_Made", _depth: int) -> Part:
    """A number: of any bounds, or one of some."""
    low, size = draw(st.integers(-99, 99)), draw(st.integers(1, 99))
    finite = st.floats(allow_nan=False, allow_infinity=False)
    values = draw(
        st.sampled_from(
            [
                ({"type": "number"}, finite | st.integers(-(2**53), 2**53)),
                ({"type": "number", "minimum": low, "maximum": low + size}, st.floats(low, low + size)),
                (
                    {"type": "number", "exclusiveMinimum": low, "exclusiveMaximum": low + size},
                    st.floats(low, low + size, exclude_min=True, exclude_max=True),
                ),
                ({"enum": [low + 0.5, low + 0.25]}, st.sampled_from([low + 0.5, low + 0.25])),
                ({"const": low + 0.5}, st.just(low + 0.5)),
                ({"type": "number", "multipleOf": 0.5}, st.integers(-99, 99).map(lambda n: n / 2)),
            ]
        )
    )
    return Part(*values, pa.float64())


def _booleans(_made: "_Made", _depth: int) -> st.SearchStrategy[Part]:
    """True or false."""
    some = (
        ({"type": "boolean"}, st.booleans()),
        ({"enum": [True, False]}, st.booleans()),
        ({"const": True}, st.just(True)),
    )
    return st.sampled_from([Part(*one, pa.bool_()) for one in some])


@st.composite
def _arrays(draw: st.DrawFn, made: "_Made", depth: int) -> Part:
    """A list of anything."""
    item = draw(_parts(made, depth - 1))
    found = {"type": "array", "items": item.schema}
    low, high, is_unique = 0, 3, False
    if draw(st.booleans()):
        low, high = 1, 2
        found |= {"minItems": 1, "maxItems": 2}
    if item.type in (pa.string(), pa.int16(), pa.int32(), pa.int64()) and not item.nullable:
        # Few values are valid under an `enum` or a `const`.
        is_unique = low == 0 and draw(st.booleans())
        found |= {"uniqueItems": is_unique}
    if draw(st.booleans()):
        found |= {"contains": True, "minContains": 0, "maxContains": 9}
    values = st.lists(valid_values(item), min_size=low, max_size=high)
    if is_unique:
        values = values.map(lambda given: list(dict.fromkeys(given)))
    return Part(found, values, pa.list_(pa.field("element", item.type, nullable=item.nullable)))


@st.composite
def _maps(draw: st.DrawFn, made: "_Made", depth: int) -> Part:
    """An object with any keys, whose values have one schema."""
    item = draw(_parts(made, depth - 1))
    found = {"type": "object", "additionalProperties": item.schema}
    keys, low = TEXT, 0
    if draw(st.booleans()):
        found |= {"propertyNames": {"pattern": "^[a-z]{2,4}$", "maxLength": 9}}
        keys = PATTERNS["^[a-z]{2,4}$"]
    if draw(st.booleans()):
        low = 1
        found |= {"minProperties": 1, "maxProperties": 3}
    values = st.dictionaries(keys, valid_values(item), min_size=low, max_size=3)
    entry = [pa.field("key", pa.string(), nullable=False), pa.field("value", item.type, nullable=item.nullable)]
    return Part(found, values, pa.list_(pa.field("element", pa.struct(entry), nullable=False)))


@st.composite
def _structs(draw: st.DrawFn, made: "_Made", depth: int) -> Part:
    """A closed object."""
    properties = tuple(
        Property(name, draw(_parts(made, depth - 1)), draw(st.booleans())) for name in draw(_names(1))[:3]
    )
    found, values = draw(_objects(properties))
    found |= draw(st.sampled_from([{"additionalProperties": False}, {"unevaluatedProperties": False}]))
    return Part({"type": "object", **found}, values, pa.struct([property_.field for property_ in properties]))


@st.composite
def _objects(draw: st.DrawFn, properties: tuple[Property, ...]) -> tuple[Schema, st.SearchStrategy[Record]]:
    """What an object of the properties asks, and its values; sometimes some of them need, or shut out, another."""
    found: Schema = {"properties": {name: part.schema for name, part, _ in properties}}
    if required := [property_.name for property_ in properties if property_.is_required]:
        found["required"] = draw(st.permutations(required))
    needs = shuts = ()
    if len(properties) > 1 and draw(st.booleans()):
        one, other = draw(st.permutations(properties))[:2]
        both = {"required": [one.name, other.name]}
        how = draw(st.sampled_from(["dependentRequired", "if", "dependentSchemas", "not", "anyOf"]))
        if how in ("not", "anyOf") and not other.is_required:
            shuts = (one, other)
            free = [{"not": {"required": [one.name]}}, {"not": {"required": [other.name]}}]
            found |= {"not": both} if how == "not" else {"anyOf": free}
        elif how not in ("not", "anyOf"):
            needs = (one, other)
            names = {"required": [one.name]}, {"required": [other.name]}
            found |= {
                "dependentRequired": {"dependentRequired": {one.name: [other.name]}},
                "dependentSchemas": {"dependentSchemas": {one.name: names[1]}},
                "if": {"if": names[0], "then": names[1], "else": True},
            }[how]
    return found, _filled(properties, needs, shuts)


@st.composite
def _filled(
    draw: st.DrawFn, properties: tuple[Property, ...], needs: tuple[Property, ...], shuts: tuple[Property, ...]
) -> Record:
    """An object of the properties, in which the first of `needs` comes with the second, and of `shuts` without it."""
    required = {name: valid_values(part) for name, part, is_required in properties if is_required}
    optional = {name: valid_values(part) for name, part, is_required in properties if not is_required}
    value = draw(st.fixed_dictionaries(required, optional=optional))
    if needs and needs[0].name in value and (value.get(needs[1].name) is None and not needs[1].is_required):
        value[needs[1].name] = draw(needs[1].part.values)
    if shuts and shuts[0].name in value:
        value.pop(shuts[1].name, None)
    return value


class _Made:
    """The `$defs` of a schema that is being made."""

    def __init__(self) -> None:
        self.parts: dict[str, Part] = {}

    def keep(self, part: Part, name: str) -> Part:
        """The part by its reference."""
        name = f"{name}{len(self.parts)}"
        self.parts[name] = part
        step = quote(name.replace("~", "~0").replace("/", "~1"), safe="")
        return part._replace(schema={"$ref": f"#/$defs/{step}"})


_DEF_NAMES = ("part", "two words", "a/b", "a~b", "\u00fc", "100%")
_Maker = Callable[[_Made, int], st.SearchStrategy[Part]]
_LEAVES: tuple[_Maker, ...] = (_strings, _times, _integers, _numbers, _booleans)
_BRANCHES: tuple[_Maker, ...] = (_arrays, _structs, _maps)


@st.composite
def _parts(draw: st.DrawFn, made: _Made, depth: int) -> Part:
    """A schema of one value, in any spelling."""
    maker = draw(st.sampled_from(_LEAVES + _BRANCHES if depth > 0 else _LEAVES))
    part = draw(maker(made, depth))
    part = _named(draw, part, made)
    if draw(st.booleans()):
        part = _with_null(draw, part)
        part = _named(draw, part, made)
    return part


def _named(draw: st.DrawFn, part: Part, made: _Made) -> Part:
    """The part as it is, described, as a reference to it with and without more beside, or as `allOf` of it."""
    said = draw(st.sampled_from([{}, {"description": "What it is."}, {"title": "It", "x-note": [1]}]))
    match draw(st.sampled_from(["as it is", "as it is", "reference", "beside", "allOf"])):
        case "reference":
            return made.keep(part, draw(st.sampled_from(_DEF_NAMES)))
        case "beside":
            named = made.keep(part, draw(st.sampled_from(_DEF_NAMES)))
            more = draw(st.sampled_from([{}, {"not": {"const": {"no": "such"}}}]))
            return named._replace(schema={**named.schema, **said, **more})
        case "allOf":
            return part._replace(schema={"allOf": [part.schema], **said})
    return part._replace(schema={**part.schema, **said})


def _with_null(draw: st.DrawFn, part: Part) -> Part:
    """The part, of which null is valid, too, in one of the spellings that say so."""
    found, null = part.schema, {"type": "null"}
    spellings: list[Schema] = [{keyword: branches} for keyword in ("anyOf", "oneOf") for branches in _both(found, null)]
    if not part.nullable and isinstance(found.get("type"), str) and "const" not in found:
        allowed = {"enum": [*found["enum"], None]} if "enum" in found else {}
        spellings += [{**found, "type": kinds, **allowed} for kinds in _both(found["type"], "null")]
    elif not part.nullable and "enum" in found:
        spellings += [{**found, "enum": [*found["enum"], None]}, {**found, "enum": [None, *found["enum"]]}]
    if part.nullable:
        return part
    return part._replace(schema=draw(st.sampled_from(spellings)), nullable=True)


def _both(one: Json, other: Json) -> tuple[list[Json], list[Json]]:
    return [one, other], [other, one]


@st.composite
def owns(draw: st.DrawFn, max_depth: int = 2) -> Own:
    """A schema of the user's own inside the profile, with what is known of it; at most four properties, or none."""
    made = _Made()
    names = draw(_names(0, _OURS))
    properties = tuple(Property(name, draw(_parts(made, max_depth)), draw(st.booleans())) for name in names)
    found, records = draw(_objects(properties))
    ours = draw(st.sampled_from([{}, {}, {"text": {"minLength": 2}}, {"title": {"type": "string", "maxLength": 9}}]))
    found["properties"] |= {name: dict(asked) for name, asked in ours.items()}
    said = draw(st.sampled_from([{}, {"type": "object"}, {"$schema": Draft202012Validator.META_SCHEMA["$id"]}]))
    whole: Schema = {**said, **found}
    if draw(st.booleans()):
        whole["$id"] = "urn:example:records"
    if made.parts:
        whole["$defs"] = {name: part.schema for name, part in made.parts.items()}
    return Own(whole, properties, _with_ours(records))


@st.composite
def _with_ours(draw: st.DrawFn, records: st.SearchStrategy[Record]) -> Record:
    """A record with a text, and sometimes a title."""
    record = draw(records)
    record["text"] = f"x{draw(TEXT)}y"
    if draw(st.booleans()):
        record["title"] = draw(TEXT)
    return record


def own_schemas(max_depth: int = 2) -> st.SearchStrategy[Schema]:
    """Schemas of the user's own inside the profile: every kind, spelling of null, reference and name."""
    return owns(max_depth).map(lambda own: own.schema)


@st.composite
def schemas_with_records(draw: st.DrawFn, max_depth: int = 2) -> tuple[Schema, list[Record]]:
    """Schemas of the user's own, each with up to three records that are valid under it."""
    own = draw(owns(max_depth))
    return own.schema, draw(st.lists(own.records, max_size=3))
