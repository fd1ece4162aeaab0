"""Validation of records and rows, by the million: jsonschema-rs decides, and lists what is wrong.

It asserts formats, matches patterns in linear time and fetches nothing. Values must be JSON that `strict` lets pass: no
deeper than it allows, since the engine recurses, and without lone surrogates.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from broadsheet.contract.references import pointer
from broadsheet.errors import CallError

if TYPE_CHECKING:
    from jsonschema_rs import Validator

Json = Any
Error = dict[str, str]
MESSAGE_CHARS: Final = 300
"""Longest message kept: messages quote the value, which may be a whole text."""


def compiled(schema: Mapping[str, Json]) -> "Validator":
    """The validator of a schema.

    Raises: CallError naming the path where it is no JSON Schema, or a pattern that cannot be matched in linear time.
    """
    import jsonschema_rs as rs

    try:
        return rs.Draft202012Validator(
            dict(schema),
            validate_formats=True,
            ignore_unknown_formats=False,
            pattern_options=rs.RegexOptions(),
            retriever=_refuse,
        )
    except rs.ValidationError as error:
        at = pointer(*error.instance_path) or "(top level)"
        if at.endswith("/pattern"):
            raise CallError(f"{at}: {error.message}; look-around and back-references are not in the profile") from None
        raise CallError(f"{at}: {error.message}") from None


def _refuse(uri: str) -> Json:
    raise ValueError(f"{uri} is not fetched: references are local")


def errors_of(validator: "Validator", value: Json) -> list[Error]:
    """Every error of a value; none means valid. In the order of pointer, keyword and message."""
    if validator.is_valid(value):
        return []
    found: Iterable[Error] = (
        error_at(pointer(*e.instance_path), e.kind.name, e.message, pointer(*e.schema_path))
        for e in validator.iter_errors(value)
    )
    return sorted(found, key=lambda e: (e["pointer"], e["keyword"], e["message"]))


def error_at(at: str, keyword: str, message: str, schema_path: str = "") -> Error:
    """An error as quarantine holds it: the message cut at `MESSAGE_CHARS`."""
    short = message if len(message) <= MESSAGE_CHARS else f"{message[: MESSAGE_CHARS - 1]}…"
    return {"pointer": at, "keyword": keyword, "message": short, "schema_path": schema_path}


def checks(schema: Mapping[str, Json]) -> Callable[[Json], list[Error]]:
    """What finds the errors of values against a schema.

    Raises: CallError where that is none.
    """
    validator = compiled(schema)
    return lambda value: errors_of(validator, value)
