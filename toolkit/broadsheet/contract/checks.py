"""Validation: jsonschema-rs decides, and lists what is wrong.

It asserts formats, matches patterns in linear time and fetches nothing. Values must be JSON that `strict` lets pass: no
deeper than it allows, since the engine recurses, and without lone surrogates.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from broadsheet.contract.references import pointer
from broadsheet.contract.schemas import schema
from broadsheet.errors import CallError

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError, Validator

Json = Any
Error = dict[str, str]
MESSAGE_CHARS: Final = 300
"""Longest message kept: messages quote the value, which may be a whole text."""
MAX_COPIED: Final = 1_000_000
"""Most that the errors of one value may copy of it, as `_weight` counts it; the engine makes all errors at once."""
_ERROR: Final = 8
"""What an error takes apart from its copy, in that unit: about 1.5 kB."""
_FEW: Final = 32
"""Errors that an object may have beside those of its keys; more come from schemas alone."""


def compiled(schema: Mapping[str, Json]) -> "Validator":
    """The validator of a schema.

    Raises: CallError with everything in it that is no JSON Schema, a line each, with its path; and for a pattern that
    is none of ECMA 262, or cannot be matched in linear time.
    """
    import jsonschema_rs as rs

    faults = dict.fromkeys(_fault(e.instance_path, e.message) for e in _meta().iter_errors(dict(schema)))
    if faults:
        raise CallError("\n".join(faults))
    try:
        return rs.Draft202012Validator(
            dict(schema),
            validate_formats=True,
            ignore_unknown_formats=False,
            pattern_options=rs.RegexOptions(),
            retriever=_refuse,
        )
    except rs.ValidationError as error:
        raise CallError(_fault(error.instance_path, error.message)) from None


@cache
def _meta() -> "Validator":
    """The validator of schemas, which asserts formats: engines take patterns that are none elsewhere, as `(?i)a`."""
    import jsonschema_rs as rs

    return rs.Draft202012Validator({"$ref": "https://json-schema.org/draft/2020-12/schema"}, validate_formats=True)


def _fault(path: Sequence[str | int], message: str) -> str:
    at = pointer(*path) or "(top level)"
    if at.endswith("/pattern"):
        message = f"{_short(message)}, of ECMA 262 without look-around and back-references"
    return f"{at}: {_short(message)}"


@cache
def validator(name: str) -> "Validator":
    """The validator of one of the schemas under `schema/`, such as `config` or `release#rejection`."""
    return compiled(schema(name))


def _refuse(uri: str) -> Json:
    raise ValueError(f"{uri} is not fetched: references are local")


def errors_of(validator: "Validator", value: Json) -> list[Error]:
    """Every error of a value; none means valid. In the order of pointer, keyword and message.

    Of a value of over `MAX_COPIED` that is the first error alone. Memory: about 200 bytes for each of `MAX_COPIED`.
    """
    import jsonschema_rs as rs

    if validator.is_valid(value):
        return []
    errors: Iterable[rs.ValidationError]
    if isinstance(value, dict | list) and _weight(value)[1] > MAX_COPIED:
        try:
            validator.validate(value)
        except rs.ValidationError as first:
            errors = [first]
    else:
        errors = validator.iter_errors(value)
    found = (error_at(_place(value, e), e.kind.name, e.message, pointer(*e.schema_path)) for e in errors)
    return in_order(found)


def in_order(errors: Iterable[Error]) -> list[Error]:
    """The errors by pointer, keyword and message, so that their order does not depend on that of a record's keys."""
    found = list(errors)
    return sorted(found, key=itemgetter("pointer", "keyword", "message")) if len(found) > 1 else found


def _place(value: Json, error: "ValidationError") -> str:
    """Where in a value an error is: the engine leaves empty keys out of its paths, and gives 1 for `01` and `+1`.

    Of keys that are then alike, with equal values, it is the first.
    """
    path, inner = error.instance_path, value
    for step in path:
        if isinstance(inner, dict) and (isinstance(step, int) or "" in inner):
            break
        inner = inner[step]
    else:
        if not isinstance(inner, dict) or "" not in inner:
            return pointer(*path)
    places = (steps for steps, inner in _walks(value, path) if inner == error.instance)
    return pointer(*min(places, default=path))


def _walks(value: Json, path: Sequence[Any]) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    """Whatever a path of the engine's may mean: steps, and the value that they lead to."""
    steps: Iterable[Any] = path[:1]
    if isinstance(value, dict):
        if "" in value:
            yield from ((("", *rest), inner) for rest, inner in _walks(value[""], path))
        if path and isinstance(path[0], int):
            number = str(path[0])
            steps = [key for key in value if key.removeprefix("+").lstrip("0").rjust(1, "0") == number]
    if not path:
        yield (), value
    elif isinstance(value, dict | list):
        for step in steps:
            with suppress(LookupError, TypeError):
                yield from (((step, *rest), inner) for rest, inner in _walks(value[step], path[1:]))


def _weight(value: dict[str, Json] | list[Json]) -> tuple[int, int]:
    """How large an object or array is, and how much its errors may copy: each holds the value that it is of.

    The unit is a number, or 16 characters. An object has at most as many errors of its own as keys, and a few more.
    Once either is over `MAX_COPIED`, nothing more is counted.
    """
    weight, copied = 1, _ERROR
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, str):
            weight += 1 + len(item) // 16
            copied += _ERROR
        elif isinstance(item, dict | list):
            own, inner = _weight(item)
            weight += own
            copied += inner
        else:
            weight += 1
            copied += _ERROR
        if weight > MAX_COPIED or copied > MAX_COPIED:
            return weight, max(weight, copied)
    if isinstance(value, dict):
        weight += sum(map(len, value)) // 16
        copied += (weight + _ERROR) * (len(value) + _FEW)
    return weight, copied + weight


def error_at(at: str, keyword: str, message: str, schema_path: str = "") -> Error:
    """An error as quarantine holds it: the message cut at `MESSAGE_CHARS`."""
    return {"pointer": at, "keyword": keyword, "message": _short(message), "schema_path": schema_path}


def _short(message: str) -> str:
    return message if len(message) <= MESSAGE_CHARS else f"{message[: MESSAGE_CHARS - 1]}…"


def checks(schema: Mapping[str, Json]) -> Callable[[Json], list[Error]]:
    """What finds the errors of values against a schema.

    Raises: CallError where that is none.
    """
    validator = compiled(schema)
    return lambda value: errors_of(validator, value)
