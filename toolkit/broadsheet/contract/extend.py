"""The user's own record schema and ours as one: what both ask, under the names of both."""

import json
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from broadsheet import strict
from broadsheet.contract.checks import compiled, errors_of
from broadsheet.contract.profile import KEYWORDS, compiled_members, direct, is_nullable, keyword_faults, kinds_of, plain
from broadsheet.contract.references import Fault, inlined, joined, pointer
from broadsheet.contract.schemas import schema
from broadsheet.errors import CallError

if TYPE_CHECKING:
    from jsonschema_rs import Validator

Json = Any
Schema = Mapping[str, Json]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_ROW: Final = frozenset(schema("release#record")["properties"])
_RECORD: Final = schema("record")
_OURS: Final = frozenset(_RECORD["properties"])


def extended(own: Json) -> dict[str, Json]:
    """The record schema with the user's own properties behind ours, and what theirs asks of ours.

    It holds no references. Raises: CallError with everything that is wrong with theirs, a line each.
    """
    if not isinstance(own, Mapping):
        raise CallError("(top level): a schema of records is a JSON object")
    faults: list[Fault] = []
    own = _without_ours(_as_json(own))
    faults += _metaschema_faults(own)
    theirs = inlined(own, faults)
    faults += [*_top_faults(theirs), *keyword_faults(theirs)]
    if isinstance(theirs.get("properties", {}), Mapping):
        faults += [*_name_faults(theirs), *_type_faults(theirs, {fault.at for fault in faults})]
    if faults:
        raise CallError("\n".join(dict.fromkeys(map(str, faults))))
    properties = dict(_RECORD["properties"])
    for name, value in theirs.get("properties", {}).items():
        properties[name] = _both(properties[name], value) if name in properties else direct(value)
    for name in _OURS.intersection(theirs.get("required", ())):
        if not is_nullable(plain(theirs.get("properties", {}).get(name, {}))):
            properties[name] = _without_null(properties[name])
    whole = {**theirs, "$schema": DIALECT, "type": "object", "properties": properties}
    whole["required"] = [*dict.fromkeys([*_RECORD["required"], *theirs.get("required", ())])]
    for name in ("title", "description"):
        whole.setdefault(name, _RECORD[name])
    order = dict.fromkeys(["$schema", "$id", "title", "description", "type", "properties", "required", *whole])
    return {name: whole[name] for name in order if name in whole}


def _without_ours(own: Schema) -> dict[str, Json]:
    """Theirs without a reference to ours: it extends ours whether it says so or not."""
    ours = {"$ref": _RECORD["$id"]}
    rest = {keyword: value for keyword, value in own.items() if (keyword, value) != ("$ref", _RECORD["$id"])}
    if isinstance(rest.get("allOf"), list) and ours in rest["allOf"]:
        rest["allOf"] = [branch for branch in rest["allOf"] if branch != ours]
        if not rest["allOf"]:
            del rest["allOf"]
    return rest


def _as_json(own: Schema) -> dict[str, Json]:
    """A copy that is JSON through and through. Raises: CallError where there is none."""
    try:
        return strict.loads(json.dumps(own).encode())
    except (ValueError, TypeError, RecursionError) as error:
        faults: list[Fault] = []
        inlined(_without_ours(own), faults)
        deep = [fault for fault in faults if "nested" in fault.what]
        raise CallError("\n".join(map(str, deep or [Fault("", f"no JSON that schemas hold: {error}")]))) from None


_TYPES: Final = f"a type is one or several of {', '.join(sorted([*KEYWORDS, 'null']))}"


def _metaschema_faults(own: Schema) -> Iterator[Fault]:
    """Where it is no JSON Schema at all, the first fault of each place."""
    for error in {error["pointer"]: error for error in reversed(errors_of(_metaschema(), own))}.values():
        # Patterns are told of in other words, and references may be written without percent signs.
        if error["keyword"] != "format" or error["pointer"] == "/$id":
            what = error["message"]
            if error["keyword"] == "anyOf" and error["pointer"].endswith("/type"):
                what = f"{what.partition(' is not valid under')[0]}: {_TYPES}"
            yield Fault(error["pointer"], what)


@cache
def _metaschema() -> "Validator":
    return compiled({"$ref": DIALECT, "properties": {"$id": {"format": "uri-reference"}}})


def _top_faults(theirs: Schema) -> Iterator[Fault]:
    dialect = theirs.get("$schema", DIALECT)
    if isinstance(dialect, str) and dialect.rstrip("#") != DIALECT:
        yield Fault("/$schema", f"{dialect!r}: the profile is of draft 2020-12: {DIALECT}")
    if theirs.get("type", "object") != "object":
        yield Fault("/type", f"{theirs['type']!r}: a record is an object")
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        if isinstance(theirs.get(keyword), Mapping):
            yield Fault(pointer(keyword), "a schema for all other properties gives them no columns; name them")
    named = {*_OURS, *_object(theirs, "properties")}
    branches = theirs.get("allOf", ())
    for number, branch in enumerate(branches if isinstance(branches, list) else ()):
        for name in _object(branch, "properties"):
            if name not in named:
                at = pointer("allOf", number, "properties", name)
                yield Fault(at, "gets no column here; name it in the `properties` of the top level")


def _object(schema: Json, keyword: str) -> Mapping[str, Json]:
    """The object under a keyword; none where there is another value."""
    value = schema.get(keyword) if isinstance(schema, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _name_faults(theirs: Schema) -> Iterator[Fault]:
    folded = {name.casefold(): name for name in _ROW | _OURS}
    for name in theirs.get("properties", {}):
        at = pointer("properties", name)
        if name in _ROW - _OURS:
            yield Fault(at, "is a column that releases have; choose another name")
        elif name not in _OURS and name.casefold() in folded:
            yield Fault(at, f"differs from our {folded[name.casefold()]!r} in case alone; choose another name")


def _type_faults(theirs: Schema, broken: Collection[str]) -> list[Fault]:
    """Where types are missing, or those of our properties would change; apart from properties with other faults."""
    faults: list[Fault] = []
    sound = {
        name: value
        for name, value in theirs.get("properties", {}).items()
        if _metaschema().is_valid(value) and not any(_is_within(at, pointer("properties", name)) for at in broken)
    }
    own = {name: value for name, value in sound.items() if name not in _OURS}
    compiled_members({"properties": own}, faults)
    for name, value in sound.items():
        if name in _OURS:
            faults += _changes(_RECORD["properties"][name], value, pointer("properties", name))
    return faults


def _is_within(at: str, outer: str) -> bool:
    return at == outer or at.startswith(f"{outer}/")


def _changes(ours: Schema, theirs: Json, at: str) -> Iterator[Fault]:
    """How theirs would change the type of a property of ours."""
    said = plain(theirs)
    if not isinstance(said, Mapping):
        return
    kinds, format_ = kinds_of(said), said.get("format")
    if kinds and not set() < set(kinds) - {"null"} <= set(kinds_of(ours)):
        yield Fault(f"{at}/type", f"{' or '.join(kinds)}: ours is {kinds_of(ours)[0]}, and stays it")
    if format_ and format_ != ours.get("format") and ("format" in ours or format_ in {"date", "date-time"}):
        yield Fault(f"{at}/format", f"{format_!r}: ours is {ours.get('format', 'any string')}, and stays it")


_TIGHTER: Final = {
    **dict.fromkeys(("minLength", "minimum", "exclusiveMinimum"), max),
    **dict.fromkeys(("maxLength", "maximum", "exclusiveMaximum"), min),
}


def _both(ours: Schema, theirs: Json) -> Json:
    """A property of ours with what theirs asks beside; nulls are left to ours, since null is absent."""
    if not isinstance(theirs, Mapping):
        return {**ours, "allOf": [theirs]}
    asked = {keyword: value for keyword, value in theirs.items() if keyword != "type"}
    for keyword, tighter in _TIGHTER.items():
        if keyword in ours and keyword in asked:
            asked[keyword] = tighter(ours[keyword], asked[keyword])
            ours = {**ours, keyword: asked[keyword]}
    return joined(ours, asked)


def _without_null(ours: Schema) -> dict[str, Json]:
    """A property of ours that theirs asks for: null is absent, so that it may be null no more."""
    values = {"enum": [value for value in ours["enum"] if value is not None]} if "enum" in ours else {}
    (kind,) = {*kinds_of(ours)} - {"null"}
    return {**ours, "type": kind, **values}
