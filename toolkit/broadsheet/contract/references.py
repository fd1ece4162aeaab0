"""References of a JSON Schema, put in their places: what comes out says the same and holds no `$ref`."""

from collections.abc import Mapping
from typing import Any, Final

Json = Any
MAX_SCHEMAS: Final = 10_000
"""Subschemas that a schema may have when its references are in place: a few lines can name billions."""
MAX_NESTING: Final = 32
"""Deepest nesting of subschemas."""
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
        "contentMediaType", "contentEncoding",
    }
)  # fmt: skip
"""Keywords that ask nothing of a value; so do all that begin with `x-`."""
_CONTAINERS: Final = ("$defs", "definitions")


class ReferenceFault(ValueError):  # noqa: N818 - a fault of the user's schema, told with others
    """A reference, or a nesting, that is refused; `pointer` says where."""

    def __init__(self, at: str, what: str) -> None:
        super().__init__(f"{at or '(top level)'}: {what}")


def inlined(document: Mapping[str, Json]) -> dict[str, Json]:
    """The schema with each local `$ref` replaced by what it names, and without the containers of such.

    What stands beside a `$ref` goes before what it names, if it only describes; where both ask something under one
    keyword, the schema that is named stands in `allOf`.

    Raises: ReferenceFault for a reference that is not local, leads nowhere or in a circle, and for too much nesting.
    """
    found: dict[str, Json] = _Inliner(document).schema(document, "", ())
    return found


def pointer(*steps: str | int) -> str:
    """A JSON Pointer (RFC 6901, section 3).

    >>> pointer("properties", "a/b", 0)
    '/properties/a~1b/0'
    """
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


class _Inliner:
    def __init__(self, document: Mapping[str, Json]) -> None:
        self._document = document
        self._n_schemas = 0

    def schema(self, schema: Json, at: str, chain: tuple[str, ...]) -> Json:
        """The schema at a place, reached through a chain of references."""
        if not isinstance(schema, Mapping):
            return schema
        self._n_schemas += 1
        if self._n_schemas > MAX_SCHEMAS:
            raise ReferenceFault(at, f"more than {MAX_SCHEMAS:,} subschemas, with references in place")
        if at.count("/") > 2 * MAX_NESTING:
            raise ReferenceFault(at, f"nested deeper than {MAX_NESTING}")
        whole = {
            keyword: self._inside(keyword, value, at, chain)
            for keyword, value in schema.items()
            if keyword not in _CONTAINERS and keyword != "$ref"
        }
        if "$ref" not in schema:
            return whole
        reference = schema["$ref"]
        if reference in chain:
            raise ReferenceFault(at, f"{reference} leads in a circle")
        target = self.schema(self._target(reference, at), at, (*chain, reference))
        if not isinstance(target, Mapping):
            return {"allOf": [target], **whole}
        return joined(target, whole)

    def _inside(self, keyword: str, value: Json, at: str, chain: tuple[str, ...]) -> Json:
        if keyword in MAPS and isinstance(value, Mapping):
            return {name: self.schema(inner, at + pointer(keyword, name), chain) for name, inner in value.items()}
        if keyword in LISTS and isinstance(value, list):
            return [self.schema(inner, at + pointer(keyword, i), chain) for i, inner in enumerate(value)]
        return self.schema(value, at + pointer(keyword), chain) if keyword in SINGLE else value

    def _target(self, reference: Json, at: str) -> Json:
        where = f"{at}/$ref"
        if not isinstance(reference, str) or not reference.startswith("#"):
            raise ReferenceFault(where, f"{reference!r}: only local references (`#/…`) are followed")
        value: Json = self._document
        try:
            for step in reference[1:].split("/")[1:]:
                step = step.replace("~1", "/").replace("~0", "~")
                value = value[int(step) if isinstance(value, list) else step]
        except (LookupError, ValueError, TypeError):
            raise ReferenceFault(where, f"{reference!r}: nothing stands there") from None
        return value


def joined(one: Mapping[str, Json], other: Mapping[str, Json]) -> dict[str, Json]:
    """A schema for what is valid under both; descriptions are those of `other`, where it has some."""
    clash = {
        keyword
        for keyword in one.keys() & other.keys()
        if one[keyword] != other[keyword] and keyword not in ANNOTATIONS and not keyword.startswith("x-")
    }
    if not clash:
        return {**one, **other}
    said = {keyword: other[keyword] for keyword in other if keyword in ANNOTATIONS}
    asked = {keyword: value for keyword, value in other.items() if keyword not in ANNOTATIONS}
    return {**one, **said, "allOf": [*one.get("allOf", ()), asked]}
