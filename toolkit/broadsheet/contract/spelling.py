"""Schemas in the one spelling that all have which ask the same: what is equal there differs in nothing but form."""

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from broadsheet.contract.ids import canonical_json
from broadsheet.contract.profile import kinds_of, plain
from broadsheet.contract.references import LISTS, MAPS, SINGLE, is_annotation

Json = Any
Schema = Mapping[str, Json]

LIMITS: Final = ((1, "minimum", "exclusiveMinimum"), (-1, "maximum", "exclusiveMaximum"))
"""The keywords that bound a number on either side; times the sign, the greater bound asks more."""
COMBINED: Final = frozenset({"allOf", "anyOf", "oneOf", "not", "if"})
"""Keywords that ask something of a value of any type, null among them."""
_SEEN: Final = COMBINED | {"dependentSchemas"}
"""Keywords that tell `unevaluatedProperties` beside them what was evaluated."""
_IDLE: Final[Mapping[str, Json]] = {
    "minLength": (0,), "minItems": (0,), "minProperties": (0,), "minContains": (1,), "uniqueItems": (False,),
    "required": ([],), "dependentRequired": ({},), "dependentSchemas": ({},),
    **dict.fromkeys(("then", "else", "propertyNames", "additionalProperties", "unevaluatedProperties"), (True, {})),
}  # fmt: skip
"""Values of keywords that ask nothing."""
_NULL: Final = {"type": "null"}


class Limit(NamedTuple):
    """A bound of numbers. The greater of two asks more."""

    order: tuple[float, bool]
    keyword: str


def limit_of(schema: Schema, sign: int, *keywords: str) -> Limit | None:
    """The narrower of the inclusive and the exclusive bound on one side."""
    found = []
    for is_exclusive, keyword in zip((False, True), keywords, strict=True):
        if keyword in schema:
            value = sign * schema[keyword]
            if {*kinds_of(schema)} - {"null"} == {"integer"}:
                found.append(Limit((math.floor(value) + 1 if is_exclusive else math.ceil(value), False), keyword))
            else:
                found.append(Limit((value, is_exclusive), keyword))
    return max(found, default=None)


def allowed(schema: Schema) -> dict[str, Json] | None:
    """The values, apart from null, in `enum` and `const`, by what makes them equal; None where there is neither."""
    if "enum" not in schema and "const" not in schema:
        return None
    values = {key_of(value): value for value in schema.get("enum", [schema.get("const")]) if value is not None}
    return {key: value for key, value in values.items() if "const" not in schema or key == key_of(schema["const"])}


def takes_null(schema: Schema) -> bool:
    """Whether null is valid by `type`, `enum` and `const`."""
    return (
        "null" in kinds_of({"type": "null", **schema})
        and None in schema.get("enum", [None])
        and schema.get("const") is None
    )


def asked(schema: Json, is_bare: bool = True) -> Json:
    """A schema in the one spelling that all have which ask the same; if bare, without annotations."""
    if not isinstance(schema, Mapping):
        return {} if schema is True else schema
    schema = _tidy(plain(schema) if _is_plain(schema) else schema)
    found = {
        keyword: said(keyword, value, is_bare)
        for keyword, value in schema.items()
        if not (is_bare and is_note(keyword))
    }
    for sign, *keywords in LIMITS:
        if limit := limit_of(schema, sign, *keywords):
            found = {keyword: value for keyword, value in found.items() if keyword not in keywords}
            found[keywords[0]] = limit.order
    values = allowed(schema)
    if values is not None:
        found.pop("const", None)
        found["enum"] = [takes_null(schema), *sorted(values)]
    if "type" in schema:
        found["type"] = sorted({*kinds_of(schema)} - (set() if takes_null(schema) else {"null"}))
    return found


def said(keyword: str, value: Json, is_bare: bool) -> Json:
    """What stands under a keyword, in one spelling."""
    if keyword in SINGLE:
        return asked(value, is_bare)
    if keyword in MAPS:
        return {name: asked(inner, is_bare) for name, inner in value.items()}
    if keyword in LISTS:
        return sorted((asked(inner, is_bare) for inner in value), key=key_of)
    if keyword == "required":
        return sorted({*value})
    if keyword == "dependentRequired":
        return {name: sorted({*needed}) for name, needed in value.items() if needed}
    return value


def key_of(value: Json) -> str:
    """What is equal of two values where JSON Schema takes them for one: 1 and 1.0 are, 1 and true are not."""
    return canonical_json(_whole(value))


def _whole(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {key: _whole(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def is_note(keyword: str) -> bool:
    """Whether a keyword asks nothing of any value."""
    return is_annotation(keyword) or keyword in {"$schema", "$id"}


def _tidy(schema: Schema) -> Schema:
    """The schema without keywords that ask nothing where they stand."""
    found = {keyword: value for keyword, value in schema.items() if value not in _IDLE.get(keyword, ())}
    gone: set[str] = set()
    if "if" not in found or not {"then", "else"} & found.keys():
        gone |= {"if", "then", "else"}
    if "contains" not in found or (found.get("minContains") == 0 and "maxContains" not in found):
        gone |= {"contains", "minContains", "maxContains"}
    if "additionalProperties" in schema:
        gone.add("unevaluatedProperties")
    elif "unevaluatedProperties" in found and not _SEEN & found.keys():
        found["additionalProperties"] = found.pop("unevaluatedProperties")
    return {keyword: value for keyword, value in found.items() if keyword not in gone}


def folded(schema: Schema) -> Schema:
    """The schema with its type in `type`; it stands in `allOf`, too, where it asks something else than that tells."""
    found = plain(schema)
    if not _is_plain(schema):
        found = {**found, "allOf": [*found.get("allOf", ()), schema]}
    return _tidy(found)


def _is_plain(schema: Json) -> bool:
    """Whether what `plain` makes of a schema asks the same.

    Where null stands beside a schema with conditions, these are asked of null, too, once null is in the type; and where
    `oneOf` lets null in twice, it is shut out.
    """
    if not isinstance(schema, Mapping) or "type" in schema:
        return True
    if len(schema.get("allOf", ())) == 1:
        return _is_plain(schema["allOf"][0])
    for keyword in ("anyOf", "oneOf"):
        inner = [branch for branch in schema.get(keyword, ()) if branch != _NULL]
        if len(inner) == 1 < len(schema[keyword]):
            told = plain(inner[0])
            is_twice = keyword == "oneOf" and takes_null(told)
            return _is_plain(inner[0]) and COMBINED.isdisjoint(told) and not is_twice
    return True
