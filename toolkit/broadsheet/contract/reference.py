"""The second opinion: `jsonschema`, the reference implementation, for who would check the checker.

It is some hundred times slower than the engine that decides, and asserts the formats that it has checkers for.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from broadsheet.contract.checks import Error, compiled, error_at
from broadsheet.contract.references import pointer

if TYPE_CHECKING:
    from jsonschema import ValidationError

Json = Any


def reference_checks(schema: Mapping[str, Json]) -> Callable[[Json], list[Error]]:
    """What finds the errors of values against a schema, as `checks.checks` does, by the reference implementation.

    Patterns alone are matched by our engine: Python's dialect is another one, and may take for ever.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
    from referencing import Registry

    # `extend` has no types.
    with_patterns: type[Draft202012Validator] = extend(Draft202012Validator, {"pattern": _pattern_errors})  # type: ignore[no-untyped-call]
    validator = with_patterns(schema, registry=Registry(), format_checker=Draft202012Validator.FORMAT_CHECKER)

    def errors(value: Json) -> list[Error]:
        return [
            error_at(pointer(*e.absolute_path), str(e.validator), e.message, pointer(*e.absolute_schema_path))
            for e in validator.iter_errors(value)
        ]

    return errors


@cache
def _pattern(pattern: str) -> Callable[[Json], bool]:
    return compiled({"pattern": pattern}).is_valid


def _pattern_errors(_validator: Json, pattern: str, value: Json, _schema: Json) -> "Iterator[ValidationError]":
    from jsonschema import ValidationError

    if isinstance(value, str) and not _pattern(pattern)(value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")
