"""JSON as a release can hold it: what parsers let pass and other tools then choke on is refused with a code."""

import json
from math import isfinite
from typing import Any, Final

import orjson

MAX_DEPTH: Final = 64
"""Deepest nesting of a record's JSON."""
MAX_LINE_BYTES: Final = 64 << 20
_SCALARS: Final = frozenset({str, int, bool, type(None)})
_SURE: Final = frozenset({str, bool, type(None)})
_SHORTEST_MEMBER: Final = 5
"""Bytes of `"":0,`."""


class UnreadableError(ValueError):
    """A line that is no record; `code` says in one word what is wrong."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def loads(line: bytes, most: int = MAX_LINE_BYTES) -> dict[str, Any]:
    """The JSON object in a line of UTF-8 of at most so many bytes.

    Raises: UnreadableError with the code `size`, `encoding`, `syntax`, `depth`, `not-finite` (NaN, infinities),
    `big-integer` (beyond 64 bits), `duplicate-key`, `surrogate` or `not-an-object`.

    >>> loads(b'{"text": "x"}')
    {'text': 'x'}
    """
    if len(line) > most:
        raise UnreadableError("size", f"{len(line)} bytes in a line; at most {most}")
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


def parsed(line: bytes, long: str = "text") -> tuple[dict[str, Any], bytes]:
    """What `loads` gives for a line of any length, and its canonical JSON in UTF-8; mostly four times as fast.

    `long` names the property whose value makes up most of the line; it only decides the speed.

    Raises: UnreadableError as `loads` does.

    >>> parsed(b'{"text": "x", "id": "a"}')
    ({'text': 'x', 'id': 'a'}, b'{"id":"a","text":"x"}')
    """
    found = _proven(line, long)
    if found is not None:
        return found
    record = loads(line, len(line))
    return record, canonical(record)


def canonical(value: Any) -> bytes:
    """`contract.canonical_json` of a value such as `loads` gives or holds, in UTF-8.

    orjson spells strings, integers and literals as `json` does; floats are spelled by Python itself.

    Raises: TypeError where it is of another type or not finite, or an integer is beyond 64 bits.
    """
    items = value.values() if type(value) is dict else value if type(value) is list else (value,)
    if not _SCALARS.issuperset(map(type, items)):
        value = _spelled(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _spelled(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        return {key: item if type(item) in _SCALARS else _spelled(item) for key, item in value.items()}
    if kind is list:
        return [item if type(item) in _SCALARS else _spelled(item) for item in value]
    if kind is float and isfinite(value):
        return orjson.Fragment(repr(value))
    if kind in _SCALARS:
        return value
    raise TypeError(f"{kind.__name__} is no JSON")


def _proven(line: bytes, long: str) -> tuple[dict[str, Any], bytes] | None:
    """What orjson reads, where that is certainly what `loads` gives; None where `loads` must decide.

    orjson holds RFC 8259 and refuses what is no UTF-8, lone surrogates and infinities. What it lets pass is looked for
    here: repeated keys, integers beyond 64 bits, which it makes floats, and depth.
    """
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if type(record) is not dict:
        return None
    kinds = set(map(type, record.values()))
    if kinds <= _SURE:
        out = orjson.dumps(record, option=orjson.OPT_SORT_KEYS)
        if len(line) - len(out) < _SHORTEST_MEMBER:
            return record, out
    elif all(_is_sure(value, 1) for value in record.values() if type(value) not in _SURE):
        out = canonical(record)
    else:
        return None
    # Floats apart, nothing is shorter than its canonical form: a line that is hardly longer has no member more.
    if len(line) - len(out) < _SHORTEST_MEMBER and kinds <= _SCALARS:
        return record, out
    return (record, out) if _has_no_more_members(line, out, long, record.get(long)) else None


def _is_sure(value: Any, depth: int) -> bool:
    """Whether the value was certainly read as `loads` reads it, repeated keys apart."""
    kind = type(value)
    if kind is int:
        return bool(-(2**63) <= value < 2**63)
    if kind is float:
        # An integer beyond 64 bits became a float that is not in here.
        return bool(0 < abs(value) < 2**63)
    if kind is dict or kind is list:
        inner = value.values() if kind is dict else value
        return depth < MAX_DEPTH and all(_is_sure(item, depth + 1) for item in inner if type(item) not in _SURE)
    return True


def _has_no_more_members(line: bytes, out: bytes, long: str, text: Any) -> bool:
    r"""Whether no key of the line stands twice in one object, of which `out`, its canonical JSON, kept one.

    Each member has a colon of its own. Colons in strings are written as they are in `out`, and in the line, too, if it
    holds no `\u003a`. So both have equally many where no member is missing, and else the line has more.

    Bytes that are equal in both need no counting: the value of `long`, as far as it stands alike in both. It may hide
    no `\u003a` either: it begins with a quotation mark, so that it has whole runs of backslashes, whose number decides
    whether the last begins an escape; in the line as in `out`, which has none. The last bytes are looked at with what
    follows.
    """
    key = b'"%s"' % long.encode()
    start, start_out = line.find(b'"', line.find(key) + len(key)), out.find(b'"', out.find(key) + len(key))
    n = len(text) if type(text) is str else 0
    if n > 99 and min(start, start_out) >= 0 and line[start : start + n] == out[start_out : start_out + n]:
        line = line[:start] + line[start + n - 6 :]
        out = out[:start_out] + out[start_out + n - 6 :]
    return line.count(b":") == out.count(b":") and b"\\u003" not in line


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        raise UnreadableError("duplicate-key", f"key given twice: {', '.join(map(repr, twice))}")
    return value


def _constant(name: str) -> float:
    raise UnreadableError("not-finite", f"{name} is no JSON number")


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise UnreadableError("not-finite", f"{text[:40]} is beyond a 64-bit float")
    return value


def _int(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= int(text) < 2**63:
        raise UnreadableError("big-integer", f"{text[:40]} is beyond a 64-bit integer")
    return int(text)


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise UnreadableError("depth", f"nested deeper than {MAX_DEPTH}")
    if isinstance(value, str):
        if not value.isascii() and has_surrogate(value):
            raise UnreadableError("surrogate", "a lone surrogate is no character")
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check(key, depth + 1)
            _check(item, depth + 1)


def has_surrogate(text: str) -> bool:
    """Whether the text holds a lone surrogate, which is no character and cannot be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
