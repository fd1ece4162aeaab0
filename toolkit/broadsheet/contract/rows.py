"""The schema of a property's values in rows, from that in records."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from broadsheet.contract.profile import is_nullable, kinds_of, plain, with_null
from broadsheet.contract.references import is_annotation
from broadsheet.contract.schemas import schema as named

Json = Any

_NUMERIC: Final = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_KEPT: Final[Mapping[str, frozenset[str]]] = {
    "string": frozenset({"enum", "const", "minLength", "maxLength", "pattern", "format"}),
    "integer": _NUMERIC | {"enum", "const"},
    "number": _NUMERIC | {"enum", "const"},
    "boolean": frozenset({"enum", "const"}),
    "array": frozenset({"minItems", "maxItems"}),
    "object": frozenset(),
}
"""What still holds of each value in a row. Conditions do not: there all properties of an object are present."""


def row_schema_of(schema: Mapping[str, Json], nullable: bool) -> dict[str, Json]:
    """What rows hold of a property whose schema is in the profile."""
    schema = plain(schema)
    (kind,) = (kind for kind in kinds_of(schema) if kind != "null")
    kept = _KEPT[kind] if schema.get("format") != "date-time" else frozenset({"format"})
    row = {keyword: value for keyword, value in schema.items() if is_annotation(keyword)}
    row.pop("default", None)
    row |= {"type": kind} | {keyword: value for keyword, value in schema.items() if keyword in kept}
    if kind == "array":
        row["items"] = _inside(schema["items"])
    elif kind == "object" and schema.get("properties"):
        required = schema.get("required", ())
        row |= _closed(
            {
                name: row_schema_of(value, is_nullable(plain(value)) or name not in required)
                for name, value in schema["properties"].items()
            }
        )
    elif kind == "object":
        sizes = {"minProperties": "minItems", "maxProperties": "maxItems"}
        row |= {"type": "array"} | {ours: schema[theirs] for theirs, ours in sizes.items() if theirs in schema}
        entry = {"key": {"type": "string"}, "value": _inside(schema["additionalProperties"])}
        row["items"] = {"type": "object"} | _closed(entry)
    return with_null(row) if nullable else row


def _inside(schema: Mapping[str, Json]) -> dict[str, Json]:
    """The schema of an element or a value."""
    return row_schema_of(schema, is_nullable(plain(schema)))


def _closed(properties: Mapping[str, Json]) -> dict[str, Json]:
    return {"properties": dict(properties), "required": list(properties), "additionalProperties": False}


@cache
def standoff_release() -> Mapping[str, Json]:
    """The schema of a standoff release's rows: records whose text may be null, and columns in its stead."""
    ours = named("release")
    defs = dict(ours["$defs"])
    for name in ("record", "segment"):
        row, more = defs[name], defs.pop(f"standoff_{name}")
        defs[name] = {
            **row,
            "properties": {**row["properties"], **more["properties"]},
            "required": [*row["required"], *more["required"]],
        }
    text = defs["record"]["properties"]["text"]
    defs["record"]["properties"]["text"] = {**text, "type": ["string", "null"]}
    return {**ours, "$defs": defs}
