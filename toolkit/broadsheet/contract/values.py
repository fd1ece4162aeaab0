"""Values of records as rows hold them, and back.

In a row every property is there, null where the record has none; times are in UTC and of one form; integers are
integers, also where they came as 1.0; numbers are floats; an object with any keys is a list of keys and values.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from broadsheet.contract.profile import Type
from broadsheet.contract.references import pointer
from broadsheet.contract.times import utc_of

Json = Any


class UnfitError(ValueError):
    """A valid value that its column cannot hold; `pointer` says where in the record."""

    def __init__(self, at: str, message: str) -> None:
        super().__init__(message)
        self.pointer = at


def is_same(type_: Type) -> bool:
    """Whether rows hold each value of the type as it came."""
    if type_.kind == "list":
        assert type_.item
        return is_same(type_.item)
    return type_.kind in {"string", "boolean"}


def has_members(type_: Type) -> bool:
    """Whether values of the type hold objects whose properties may be null or absent."""
    return type_.kind == "struct" or (type_.item is not None and has_members(type_.item))


def stripped(type_: Type, value: Json) -> Json:
    """The value in the one form among those that only differ in null and absent: no null but where one is required."""
    if isinstance(value, list) and type_.kind == "list":
        assert type_.item
        return [stripped(type_.item, inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if type_.kind == "map":
        assert type_.item
        return {key: stripped(type_.item, inner) for key, inner in value.items()}
    members = {member.name: member for member in type_.members}
    found = {
        name: stripped(members[name].type, inner) if name in members else inner
        for name, inner in value.items()
        if inner is not None
    }
    return found | {m.name: None for m in type_.members if m.is_required and m.type.nullable and m.name not in found}


def row_value(type_: Type, value: Json, at: str = "") -> Json:
    """A valid value as rows hold it.

    Raises: UnfitError where the type cannot hold it without changing it.
    """
    if value is None or type_.kind in {"string", "boolean"}:
        return value
    match type_.kind:
        case "integer":
            return _integer(value, at)
        case "number":
            return _number(value, at)
        case "list":
            assert type_.item
            return [row_value(type_.item, inner, f"{at}/{i}") for i, inner in enumerate(value)]
        case "map":
            assert type_.item
            keys = sorted(value)
            return [{"key": key, "value": row_value(type_.item, value[key], at + pointer(key))} for key in keys]
        case "struct":
            return {m.name: row_value(m.type, value.get(m.name), at + pointer(m.name)) for m in type_.members}
    try:
        return utc_of(value) if type_.kind == "instant" else date.fromisoformat(value).isoformat()
    except (ValueError, OverflowError):
        raise UnfitError(at, f"{value!r} is no time that a column can hold") from None


def is_common(instant: str | None) -> bool:
    """Whether a valid date-time is certainly written as rows hold it: in UTC, without a fraction or a leap second."""
    if instant is None or len(instant) != 20:
        return False
    return instant[10] == "T" and instant[17] < "6" and instant[19] == "Z" and instant > "0001"


_INTEGERS: Final = range(-(2**63), 2**63)


def _integer(value: Json, at: str) -> int:
    whole = int(value)
    if whole not in _INTEGERS:
        raise UnfitError(at, f"{value!r} is beyond a 64-bit integer")
    return whole


def _number(value: Json, at: str) -> float:
    number = float(value)
    if number != value:
        raise UnfitError(at, f"{value!r} is not exactly a 64-bit float")
    return number


def record_value(type_: Type, value: Json) -> Json:
    """The value that a row's value stands for: `row_value` the other way, but for the spelling of times and numbers."""
    if value is None:
        return None
    match type_.kind:
        case "list":
            assert type_.item
            return [record_value(type_.item, inner) for inner in value]
        case "map":
            assert type_.item
            return {entry["key"]: record_value(type_.item, entry["value"]) for entry in value}
        case "struct":
            return {
                m.name: record_value(m.type, value[m.name])
                for m in type_.members
                if value[m.name] is not None or (m.is_required and m.type.nullable)
            }
    return value


def nul_pointers(value: Json, at: str = "") -> Iterator[str]:
    """Where a value holds NUL, in keys or in texts."""
    if isinstance(value, str):
        if "\0" in value:
            yield at
    elif isinstance(value, dict):
        for key, inner in value.items():
            if "\0" in key:
                yield at
            yield from nul_pointers(inner, at + pointer(key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from nul_pointers(inner, f"{at}/{number}")
