"""The properties of a schema as a Markdown table."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from broadsheet.describe.facts import escape

_SAID: Final = frozenset(
    {
        "title", "description", "$comment", "examples", "default", "type", "format", "properties", "items", "required",
        "additionalProperties", "anyOf", "allOf", "oneOf",
    }
)  # fmt: skip
_CODE: Final = "`{}`"


def fields_table(schema: Mapping[str, Any], *, ours: bool = False) -> str:
    """A row a property: name, type, what is asked of its values, and what it means.

    Nested properties are named by their path. Descriptions that are `ours` may hold Markdown.
    """
    rows = ["| property | type | constraints | meaning |", "|---|---|---|---|"]
    for path, value in _paths(schema, ""):
        meaning = value.get("description", "")
        asked = ", ".join(_asked(value))
        rows.append(f"| {_code(path)} | {_kind(value)} | {asked} | {meaning if ours else escape(meaning)} |")
    return "\n".join(rows)


def _paths(schema: Mapping[str, Any], below: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, value in schema["properties"].items():
        yield f"{below}{name}", value
        inner, path = value, f"{below}{name}"
        while isinstance(inner.get("items"), Mapping):
            inner, path = inner["items"], f"{path}[]"
        if "properties" in inner:
            yield from _paths(inner, f"{path}.")


def _kind(value: Mapping[str, Any]) -> str:
    """The type in words: `string or null`, `array of integer`."""
    for keyword in ("anyOf", "oneOf", "allOf"):
        if "type" not in value and keyword in value:
            return " or ".join(_kind(branch) for branch in value[keyword])
    kinds = value.get("type", "any")
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    named = [value.get("format", kind) if kind == "string" else kind for kind in kinds]
    if isinstance(value.get("items"), Mapping):
        named = [f"array of {_kind(value['items'])}" if kind == "array" else kind for kind in named]
    if isinstance(value.get("additionalProperties"), Mapping):
        named = [f"object of {_kind(value['additionalProperties'])}" if kind == "object" else kind for kind in named]
    return " or ".join(named)


def _asked(value: Mapping[str, Any]) -> Iterator[str]:
    """What is asked of values, each as keyword and value."""
    for keyword, asked in value.items():
        if keyword not in _SAID and not keyword.startswith("x-"):
            yield f"{keyword} {_code(json.dumps(asked, ensure_ascii=False))}"


def _code(text: str) -> str:
    """The text as code, or as text where code cannot hold it."""
    return escape(text) if "`" in text or "|" in text else _CODE.format(text)
