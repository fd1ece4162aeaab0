"""JSON as a release can hold it: what parsers let pass and other tools then choke on is refused with a code."""

import json
from typing import Any, Final

MAX_DEPTH: Final = 64
MAX_LINE_BYTES: Final = 64 << 20


class UnreadableError(ValueError):
    """A line that is no record; `code` says in one word what is wrong."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def loads(line: bytes) -> dict[str, Any]:
    """The JSON object in a line of UTF-8.

    Raises: UnreadableError with the code `size`, `encoding`, `syntax`, `depth`, `number` (NaN, infinities, integers
    beyond 64 bits), `duplicate-key`, `surrogate` or `not-an-object`.

    >>> loads(b'{"text": "x"}')
    {'text': 'x'}
    """
    if len(line) > MAX_LINE_BYTES:
        raise UnreadableError("size", f"{len(line)} bytes in a line; at most {MAX_LINE_BYTES}")
    try:
        text = line.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_int
        )
        _check(value, 0)
    except UnicodeDecodeError as error:
        raise UnreadableError("encoding", f"byte {error.start} is no UTF-8") from None
    except json.JSONDecodeError as error:
        raise UnreadableError("syntax", f"no JSON at character {error.pos}: {error.msg}") from None
    except RecursionError:
        raise UnreadableError("depth", f"nested deeper than {MAX_DEPTH}") from None
    if not isinstance(value, dict):
        raise UnreadableError("not-an-object", f"expected an object, found {type(value).__name__}")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        raise UnreadableError("duplicate-key", f"key given twice: {', '.join(map(repr, twice))}")
    return value


def _constant(name: str) -> float:
    raise UnreadableError("number", f"{name} is no JSON number")


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise UnreadableError("number", f"{text[:40]} is beyond a 64-bit float")
    return value


def _int(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= int(text) < 2**63:
        raise UnreadableError("number", f"{text[:40]} is beyond a 64-bit integer")
    return int(text)


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise UnreadableError("depth", f"nested deeper than {MAX_DEPTH}")
    if isinstance(value, str):
        if any("\ud800" <= c <= "\udfff" for c in value):
            raise UnreadableError("surrogate", "a lone surrogate is no character")
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check(key, depth + 1)
            _check(item, depth + 1)
