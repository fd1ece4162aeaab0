"""References of a JSON Schema, put in their places: what comes out says the same and holds no `$ref`."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

Json = Any
MAX_SCHEMAS: Final = 10_000
"""Subschemas that a schema may have when its references are in place: a few lines can name billions."""
MAX_NESTING: Final = 32
"""Deepest nesting of subschemas."""
MAX_CHAIN: Final = 64
"""Most references that are followed from one to the next."""
LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
"""Keywords whose value is a list of schemas."""
MAPS: Final = ("properties", "patternProperties", "dependentSchemas")
"""Keywords whose value is an object of schemas."""
SINGLE: Final = (
    "not", "if", "then", "else", "items", "contains", "propertyNames", "additionalProperties", "unevaluatedProperties",
    "unevaluatedItems", "contentSchema",
)  # fmt: skip
"""Keywords whose value is a schema."""
ANNOTATIONS: Final = frozenset(
    {
        "title", "description", "$comment", "examples", "default", "deprecated", "readOnly", "writeOnly",
        "contentMediaType", "contentEncoding", "$schema", "$id",
    }
)  # fmt: skip
"""Keywords that ask nothing of a value; so do all that begin with `x-`."""
_CONTAINERS: Final = ("$defs", "definitions")


class Fault(NamedTuple):
    """What is wrong in a schema, and where."""

    at: str
    """JSON Pointer."""
    what: str

    def __str__(self) -> str:
        """The fault in one line."""
        line = f"{self.at or '(top level)'}: {self.what}"
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)


class _TooManyError(ValueError):
    """More subschemas than `MAX_SCHEMAS`."""


def inlined(document: Mapping[str, Json], faults: list[Fault]) -> dict[str, Json]:
    """The schema with each local `$ref` replaced by what it names, and without the containers of such.

    What stands beside a `$ref` goes before what it names, if it only describes; where both ask something under one
    keyword, the schema that is named stands first, and the other in `allOf`.

    A reference that is not local, leads nowhere or in a circle, and too much nesting, are added to `faults`; `true`
    stands in their places.
    """
    inliner = _Inliner(document, faults)
    try:
        found: dict[str, Json] = inliner.schema(document, "", ())
    except _TooManyError as error:
        faults.append(Fault(str(error), f"more than {MAX_SCHEMAS:,} subschemas, with references in place"))
        return {}
    return found if isinstance(found, dict) else {}


def pointer(*steps: str | int) -> str:
    """A JSON Pointer (RFC 6901, section 3).

    >>> pointer("properties", "a/b", 0)
    '/properties/a~1b/0'
    """
    return "".join([f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps])


class _Inliner:
    def __init__(self, document: Mapping[str, Json], faults: list[Fault]) -> None:
        self._document = document
        self._faults = faults
        self._n_schemas = 0

    def _fault(self, at: str, what: str) -> bool:
        self._faults.append(Fault(at, what))
        return True

    def schema(self, schema: Json, at: str, chain: tuple[str, ...]) -> Json:
        """The schema at a place, reached through a chain of references."""
        if not isinstance(schema, Mapping):
            return schema
        self._n_schemas += 1
        if self._n_schemas > MAX_SCHEMAS:
            raise _TooManyError(at)
        if at.count("/") > 2 * MAX_NESTING:
            return self._fault(at, f"nested deeper than {MAX_NESTING}")
        whole = {
            keyword: self._inside(keyword, value, at, chain)
            for keyword, value in schema.items()
            if keyword not in _CONTAINERS and keyword != "$ref"
        }
        if "$ref" not in schema:
            return whole
        reference = schema["$ref"]
        target = self._target(reference, f"{at}/$ref", chain)
        if isinstance(target, Mapping):
            target = self.schema(target, at, (*chain, reference))
        if not isinstance(target, Mapping):
            return {"allOf": [target], **whole}
        return joined(target, whole)

    def _inside(self, keyword: str, value: Json, at: str, chain: tuple[str, ...]) -> Json:
        if keyword in MAPS and isinstance(value, Mapping):
            return {name: self.schema(inner, at + pointer(keyword, name), chain) for name, inner in value.items()}
        if keyword in LISTS and isinstance(value, list):
            return [self.schema(inner, at + pointer(keyword, i), chain) for i, inner in enumerate(value)]
        return self.schema(value, at + pointer(keyword), chain) if keyword in SINGLE else value

    def _target(self, reference: Json, at: str, chain: tuple[str, ...]) -> Json:
        """What a reference names; true where it is refused."""
        if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
            return self._fault(at, f"{reference!r}: only local references (`#/…`) are followed")
        if reference in chain:
            return self._fault(at, f"{reference} leads in a circle")
        if len(chain) >= MAX_CHAIN:
            return self._fault(at, f"{reference}: more than {MAX_CHAIN} references, from one to the next")
        value: Json = self._document
        try:
            # Inside a URI a pointer is percent-encoded (RFC 6901, section 6).
            for step in unquote(reference[1:], errors="strict").split("/")[1:]:
                step = step.replace("~1", "/").replace("~0", "~")
                value = value[_index(step) if isinstance(value, list) else step]
        except (LookupError, ValueError, TypeError):
            return self._fault(at, f"{reference!r}: nothing stands there")
        return value


def _index(step: str) -> int:
    if not (step.isascii() and step.isdigit()):
        raise ValueError(f"{step!r} is no index of a list")
    return int(step)


_TOGETHER: Final = (
    frozenset({"properties", "patternProperties", "additionalProperties"}),
    frozenset({"contains", "minContains", "maxContains"}),
    frozenset({"if", "then", "else"}),
)
"""Keywords that only mean something beside each other."""
_EVALUATING: Final = _TOGETHER[0] | {"allOf", "anyOf", "oneOf", "if", "dependentSchemas"}
"""Keywords that decide what `unevaluatedProperties` beside them is asked of."""


def joined(one: Mapping[str, Json], other: Mapping[str, Json]) -> dict[str, Json]:
    """A schema for what is valid under both; descriptions are those of `other`, where it has some.

    `unevaluatedProperties` in `other` takes account of `one`, as beside a reference, but not the other way around.
    """
    said = {keyword: value for keyword, value in other.items() if is_annotation(keyword)}
    asked = {keyword: value for keyword, value in other.items() if not is_annotation(keyword)}
    open_ = "unevaluatedProperties"
    if open_ in one and (_EVALUATING & asked.keys() or asked.get(open_, one[open_]) != one[open_]):
        return {**said, "allOf": [dict(one), asked]}
    groups = (*_TOGETHER, *(frozenset({keyword}) for keyword in one.keys() & asked.keys()))
    if not any(_clash(_only(one, group), _only(asked, group)) for group in groups):
        return {**one, **other}
    outer = {open_: asked.pop(open_)} if open_ in asked else {}
    return {**one, **said, **outer, "allOf": [*one.get("allOf", ()), asked]}


def is_annotation(keyword: str) -> bool:
    """Whether a keyword asks nothing of a value."""
    return keyword in ANNOTATIONS or keyword.startswith("x-")


def _only(schema: Mapping[str, Json], keywords: frozenset[str]) -> dict[str, Json]:
    return {keyword: schema[keyword] for keyword in keywords if keyword in schema}


def _clash(one: Mapping[str, Json], other: Mapping[str, Json]) -> bool:
    return bool(one and other and one != other)
