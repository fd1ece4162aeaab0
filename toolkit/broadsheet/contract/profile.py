"""The profile: the JSON Schema 2020-12 whose values Arrow and Hugging Face can hold, and the types that follow from it.

| JSON Schema | Arrow | Hugging Face |
|---|---|---|
| string, with or without `enum`, `pattern`, any format but two | string | string |
| string, format date-time | timestamp[us, UTC] | timestamp[us, tz=UTC] |
| string, format date | date32 | date32 |
| integer, by its `minimum` and `maximum` | int16, int32, else int64 | int16, int32, int64 |
| number, boolean | float64, bool | float64, bool |
| array with `items` | list | list |
| object with `properties` and `additionalProperties: false` | struct | list of fields |
| object with a schema for all values as `additionalProperties` | list of structs of key and value | list of such |
| null in `type` or `enum`; `anyOf` or `oneOf` a type and null | nullable | - |
| local `$ref` that leads in no circle; `allOf` of one | as what it names | as what it names |

Every value has one type, null apart; `enum` and `const` tell it, too. `allOf`, `anyOf`, `oneOf`, `not`, `if`, `then`,
`else`, `contains` and `dependentSchemas` may ask more of a value, but never decide its type. An optional property may
be null wherever it may be absent: the two are one. A keyword that is not known is refused, as is a format without a
checker; names that begin with `x-` are yours.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from broadsheet.contract.checks import compiled
from broadsheet.contract.references import ANNOTATIONS, LISTS, MAPS, SINGLE, Fault, joined, pointer
from broadsheet.errors import CallError

Json = Any
Schema = Mapping[str, Json]

FORMATS: Final = frozenset(
    {
        "date", "date-time", "duration", "email", "hostname", "idn-email", "idn-hostname", "ipv4", "ipv6", "iri",
        "iri-reference", "json-pointer", "regex", "relative-json-pointer", "time", "uri", "uri-reference",
        "uri-template", "uuid",
    }
)  # fmt: skip
"""The formats that are checked."""

_ANY: Final = frozenset({"type", "enum", "const", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"})
_NUMERIC: Final = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
KEYWORDS: Final[Mapping[str, frozenset[str]]] = {
    "string": frozenset({"minLength", "maxLength", "pattern", "format"}),
    "integer": _NUMERIC,
    "number": _NUMERIC,
    "boolean": frozenset(),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains"}),
    "object": frozenset(
        {
            "properties", "required", "additionalProperties", "unevaluatedProperties", "propertyNames", "minProperties",
            "maxProperties", "dependentRequired", "dependentSchemas",
        }
    ),
}  # fmt: skip
"""The keywords that ask something of a value of each type."""
KNOWN: Final = (ANNOTATIONS - {"$schema", "$id"}).union(_ANY, *KEYWORDS.values())
_TOP: Final = frozenset({"$schema", "$id"})


class Type(NamedTuple):
    """The one type of a value."""

    kind: str
    """`string`, `instant`, `date`, `integer`, `number`, `boolean`, `list`, `map` or `struct`."""
    nullable: bool = False
    bits: int = 64
    """Of an integer: 16, 32 or 64."""
    item: "Type | None" = None
    """Of a list's elements, or a map's values."""
    members: "tuple[Member, ...]" = ()
    """Of a struct."""


class Member(NamedTuple):
    """A property of an object."""

    name: str
    type: Type
    is_required: bool

    @property
    def nullable(self) -> bool:
        """Whether its column may hold nulls."""
        return self.type.nullable or not self.is_required


def members_of(schema: Schema) -> tuple[Member, ...]:
    """The properties of an object's schema without references, in their order.

    Raises: CallError with everything that lies outside the profile, a line each, with its JSON Pointer.
    """
    faults: list[Fault] = []
    if isinstance(schema.get("properties"), Mapping):
        found = compiled_members(schema, faults)
    else:
        found = ()
        faults.append(Fault("", "no `properties`: a record is an object with named properties"))
    if faults:
        raise CallError("\n".join(map(str, faults)))
    return found


def compiled_members(schema: Schema, faults: list[Fault]) -> tuple[Member, ...]:
    """The properties of an object's schema without references; what is outside the profile is added to `faults`."""
    return tuple(_Compiler(faults).members(schema, ""))


def keyword_faults(schema: Json, at: str = "", others: frozenset[str] = _TOP) -> Iterator[Fault]:
    """What a schema without references, and all in it, says outside the profile: keywords, formats and patterns."""
    if not isinstance(schema, Mapping):
        return
    for keyword, value in schema.items():
        where = at + pointer(keyword)
        if keyword not in KNOWN and keyword not in others and not keyword.startswith("x-"):
            near = get_close_matches(keyword, sorted(KNOWN | others), 1, 0.75)
            yield Fault(where, f"is not in the profile{f'; is {near[0]!r} meant?' if near else ''}")
        elif keyword == "format" and isinstance(value, str) and value not in FORMATS:
            yield Fault(where, f"{value!r} has no checker; known are {', '.join(sorted(FORMATS))}")
        elif keyword == "pattern" and isinstance(value, str) and not _is_pattern(value):
            yield Fault(where, f"{value!r} is no pattern of the profile, which has no look-around or back-references")
        elif keyword in MAPS and isinstance(value, Mapping):
            for name, inner in value.items():
                yield from keyword_faults(inner, where + pointer(name), frozenset())
        elif keyword in LISTS and isinstance(value, list):
            for number, inner in enumerate(value):
                yield from keyword_faults(inner, where + pointer(number), frozenset())
        elif keyword in SINGLE:
            yield from keyword_faults(value, where, frozenset())


def _is_pattern(text: str) -> bool:
    try:
        compiled({"pattern": text})
    except CallError:
        return False
    return True


def plain(schema: Json) -> Json:
    """The schema with its type in `type` where it says it otherwise.

    `allOf` of one schema, and `anyOf` or `oneOf` of a schema and null, become that schema; the types of the values in
    `enum` and `const` are spelled out.
    """
    if not isinstance(schema, Mapping) or "type" in schema:
        return schema
    rest, inner = dict(schema), None
    if len(schema.get("allOf", ())) == 1:
        inner = plain(rest.pop("allOf")[0])
    elif (keyword := _optional(schema)) is not None:
        (branch,) = (branch for branch in rest.pop(keyword) if branch != _NULL)
        inner = plain(branch)
        if isinstance(inner, Mapping) and "type" in inner:
            inner = with_null(inner)
    if isinstance(inner, Mapping) and "type" in inner:
        return joined(inner, rest)
    values = schema["enum"] if "enum" in schema else [schema["const"]] if "const" in schema else []
    kinds = dict.fromkeys(_KINDS.get(type(value), "object") for value in values)
    return {**schema, "type": [*kinds]} if kinds else schema


def direct(schema: Json) -> Json:
    """The schema, in which `anyOf` or `oneOf` a type and null is that type or null, all the way down.

    It says the same; but the engine tries no branches, and its errors point at what is wrong, not at the choice.
    """
    if not isinstance(schema, Mapping):
        return schema
    inner = {key: direct(schema[key]) for key in ("items", "additionalProperties") if key in schema}
    if "properties" in schema:
        inner["properties"] = {name: direct(value) for name, value in schema["properties"].items()}
    found = {**schema, **inner}
    keyword = _optional(found)
    if keyword is None or "type" in found:
        return found
    (branch,) = (branch for branch in found[keyword] if branch != _NULL)
    branch = direct(branch)
    simple = isinstance(branch, Mapping) and "type" in branch and _CONDITIONS.isdisjoint(branch)
    return plain({**found, keyword: [branch, _NULL]}) if simple and "null" not in kinds_of(branch) else found


_CONDITIONS: Final = frozenset({"allOf", "anyOf", "oneOf", "not", "if"})
_NULL: Final = {"type": "null"}
_KINDS: Final = {
    str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null", list: "array",
}  # fmt: skip


def _optional(schema: Schema) -> str | None:
    """The keyword that lets null stand beside one schema."""
    for keyword in ("anyOf", "oneOf"):
        branches = schema.get(keyword, ())
        if len(branches) == 2 and sum(branch == _NULL for branch in branches) == 1:
            return keyword
    return None


def with_null(schema: Schema) -> dict[str, Json]:
    """The schema, which says its type, with null in that and in its values; conditions are left as they are."""
    allowed = {**schema, "type": list(dict.fromkeys([*kinds_of(schema), "null"]))}
    if "const" in allowed:
        allowed["enum"] = [allowed.pop("const")]
    if "enum" in allowed and None not in allowed["enum"]:
        allowed["enum"] = [*allowed["enum"], None]
    return allowed


def is_nullable(schema: Schema) -> bool:
    """Whether the type and the values of a plain schema let null in."""
    return "null" in kinds_of(schema) and None in schema.get("enum", [None]) and "const" not in schema


def kinds_of(schema: Schema) -> list[str]:
    """The names in `type`."""
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)


class _Compiler:
    """Finds the types; what is outside the profile is noted in `faults` and gets any type."""

    def __init__(self, faults: list[Fault]) -> None:
        self._faults = faults

    def _fault(self, at: str, what: str) -> Type:
        self._faults.append(Fault(at, what))
        return Type("string")

    def members(self, schema: Schema, at: str) -> Iterator[Member]:
        required = schema.get("required", ())
        known: dict[str, str] = {}
        for name, value in schema["properties"].items():
            where = at + pointer("properties", name)
            if not name or not name.isprintable() or name != name.strip() or len(name) > 255:
                self._fault(where, "a name has 1 to 255 printable characters, and no space at its ends")
            if known.setdefault(name.casefold(), name) != name:
                self._fault(where, f"differs from {known[name.casefold()]!r} in case alone: engines take both for one")
            yield Member(name, self._type(value, where), name in required)

    def _type(self, schema: Json, at: str) -> Type:
        schema = plain(schema)
        if not isinstance(schema, Mapping):
            return self._fault(at, "a schema must be an object here, not true or false: it tells the type")
        kinds = [kind for kind in kinds_of(schema) if kind != "null"]
        if len(kinds) != 1 or kinds[0] not in KEYWORDS:
            said = " or ".join(map(str, kinds)) or "no type"
            return self._fault(at, f"{said}: every value must have one type, and may have null beside it")
        (kind,) = kinds
        for keyword in schema:
            if keyword in KNOWN - _ANY - ANNOTATIONS - KEYWORDS[kind]:
                self._fault(at + pointer(keyword), f"asks nothing of type {kind}")
        return self._typed(kind, schema, at)._replace(nullable=is_nullable(schema))

    def _typed(self, kind: str, schema: Schema, at: str) -> Type:
        if kind == "string":
            return Type({"date-time": "instant", "date": "date"}.get(str(schema.get("format")), "string"))
        if kind == "integer":
            return Type("integer", bits=_bits(schema))
        if kind == "array":
            if "items" not in schema:
                return self._fault(at, "an array needs `items`: its elements have one type")
            return Type("list", item=self._type(schema["items"], f"{at}/items"))
        return self._object(schema, at) if kind == "object" else Type(kind)

    def _object(self, schema: Schema, at: str) -> Type:
        others = schema.get("additionalProperties")
        if isinstance(others, Mapping) and not schema.get("properties"):
            return Type("map", item=self._type(others, f"{at}/additionalProperties"))
        if not schema.get("properties"):
            return self._fault(at, "an object needs `properties`, or one schema for all values: `additionalProperties`")
        if not _is_closed(schema):
            self._fault(at, "needs `additionalProperties: false`: a struct has no place for other properties")
        return Type("struct", members=tuple(self.members(schema, at)))


def _is_closed(schema: Schema) -> bool:
    """Whether an object can have the named properties alone."""
    if "additionalProperties" in schema:
        return schema["additionalProperties"] is False
    return schema.get("unevaluatedProperties") is False and not _evaluates(schema)


def _evaluates(schema: Schema) -> bool:
    """Whether a condition may let properties pass `unevaluatedProperties`."""
    branches = [branch for keyword in ("allOf", "anyOf", "oneOf") for branch in schema.get(keyword, ())]
    branches += [schema[keyword] for keyword in ("if", "then", "else") if keyword in schema]
    branches += schema.get("dependentSchemas", {}).values()
    passing = {"properties", "additionalProperties", "unevaluatedProperties"}
    return any(isinstance(b, Mapping) and (not passing.isdisjoint(b) or _evaluates(b)) for b in branches)


def _bits(schema: Schema) -> int:
    """The narrowest of 16, 32 and 64 bits that holds an integer within its bounds; 64 where one bound is missing."""
    lows = [schema[name] for name in ("minimum", "exclusiveMinimum") if name in schema]
    highs = [schema[name] for name in ("maximum", "exclusiveMaximum") if name in schema]
    if not lows or not highs:
        return 64
    low, high = max(lows), min(highs)
    return next((bits for bits in (16, 32) if -(2 ** (bits - 1)) <= low and high < 2 ** (bits - 1)), 64)
