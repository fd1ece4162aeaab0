"""The user's own record schema and ours as one: what both ask, under the names of both."""

from collections.abc import Mapping
from typing import Any, Final

from broadsheet.contract.profile import check_keywords, kinds_of, members_of, plain
from broadsheet.contract.references import ReferenceFault, inlined, joined, pointer
from broadsheet.contract.schemas import schema
from broadsheet.errors import CallError

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
    try:
        theirs = inlined(_without_ours(own))
    except ReferenceFault as fault:
        raise CallError(str(fault)) from None
    faults = [*_top_faults(theirs), *check_keywords(theirs)]
    if isinstance(theirs.get("properties", {}), Mapping):
        faults += _name_faults(theirs)
        if not faults:
            faults += _type_faults(theirs)
    if faults:
        raise CallError("\n".join(faults))
    properties = dict(_RECORD["properties"])
    for name, value in theirs.get("properties", {}).items():
        properties[name] = _both(properties[name], value) if name in properties else value
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


def _top_faults(theirs: Schema) -> list[str]:
    faults = []
    if theirs.get("$schema", DIALECT).rstrip("#") != DIALECT:
        faults.append(f"/$schema: {theirs['$schema']!r}: the profile is of draft 2020-12: {DIALECT}")
    if theirs.get("type", "object") != "object":
        faults.append(f"/type: {theirs['type']!r}: a record is an object")
    if isinstance(theirs.get("additionalProperties"), Mapping):
        faults.append("/additionalProperties: a schema for all other properties gives them no columns; name them")
    return faults


def _name_faults(theirs: Schema) -> list[str]:
    folded = {name.casefold(): name for name in _ROW | _OURS}
    faults = []
    for name in theirs.get("properties", {}):
        at = pointer("properties", name)
        if name in _ROW - _OURS:
            faults.append(f"{at}: is a column that releases have; choose another name")
        elif name not in _OURS and name.casefold() in folded:
            faults.append(f"{at}: differs from our {folded[name.casefold()]!r} in case alone; choose another name")
    return faults


def _type_faults(theirs: Schema) -> list[str]:
    """Where types are missing, or those of our properties would change."""
    try:
        own = {name: value for name, value in theirs.get("properties", {}).items() if name not in _OURS}
        members_of({"properties": own, "required": theirs.get("required", ())})
    except CallError as error:
        return str(error).splitlines()
    faults = []
    for name, value in theirs.get("properties", {}).items():
        if name in _OURS:
            ours, said = _RECORD["properties"][name], plain(value)
            kinds = kinds_of(said) if isinstance(said, Mapping) else []
            at = pointer("properties", name)
            if kinds and not set() < set(kinds) - {"null"} <= set(kinds_of(ours)):
                faults.append(f"{at}/type: {' or '.join(kinds)}: ours is {kinds_of(ours)[0]}, and stays it")
            if "format" in ours and isinstance(said, Mapping) and said.get("format", ours["format"]) != ours["format"]:
                faults.append(f"{at}/format: {said['format']!r}: ours is {ours['format']!r}, and stays it")
    return faults


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
