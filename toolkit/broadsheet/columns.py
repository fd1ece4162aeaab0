"""Arrow arrays from Python values, column by column.

`pyarrow.array` would do, but it imports pandas on its first call, which takes longer than a small build.
"""

from array import array as machine_values
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from typing import Any, Final

import pyarrow as pa


def column(values: Sequence[Any], type_: pa.DataType) -> pa.Array:
    """The values, each of which may be None, as an array of the type; times and dates are text, texts may be UTF-8.

    Types: those of `contract.arrow_schema`. A struct's values are mappings, of which absent keys
    are null, or all of them tuples of its fields.

    Raises: OverflowError where a number is beyond its type or the texts are 2 GiB and more; TypeError for values of
    another type.
    """
    if pa.types.is_string(type_):
        return _strings(values)
    if pa.types.is_temporal(type_):
        return _strings(values).cast(type_)
    if pa.types.is_list(type_):
        lengths = [0 if value is None else len(value) for value in values]
        inner = column(list(chain.from_iterable(value for value in values if value)), type_.value_type)
        return pa.Array.from_buffers(type_, len(values), [_validity(values), _offsets(lengths)], children=[inner])
    if pa.types.is_struct(type_):
        children = [
            column(inner, field.type) for inner, field in zip(_members(values, type_), type_.fields, strict=True)
        ]
        return pa.Array.from_buffers(type_, len(values), [_validity(values)], children=children)
    if pa.types.is_boolean(type_):
        return _numbers(values, "b", pa.int8()).cast(type_)
    return _numbers(values, _CODES[type_], type_)


def _members(values: Sequence[Any], type_: pa.DataType) -> Iterable[Sequence[Any]]:
    """The values of each field of a struct."""
    if values and type(values[0]) is tuple and None not in values:
        return zip(*values, strict=True)
    return [[None if value is None else value.get(field.name) for value in values] for field in type_.fields]


def repeated(value: Any, n: int, type_: pa.DataType) -> pa.Array:
    """`n` times the same value."""
    one = column([value], type_)
    return one.take(_numbers([0] * n, "q", pa.int64()))


_CODES: Final = {pa.int16(): "h", pa.int32(): "i", pa.int64(): "q", pa.float64(): "d"}


def _strings(values: Sequence[str | bytes | None]) -> pa.Array:
    texts = [value.encode() if isinstance(value, str) else value or b"" for value in values]
    buffers = [_validity(values), _offsets(map(len, texts)), pa.py_buffer(b"".join(texts))]
    return pa.Array.from_buffers(pa.string(), len(values), buffers)


def _numbers(values: Sequence[Any], code: str, type_: pa.DataType) -> pa.Array:
    filled = machine_values(code, [0 if value is None else value for value in values])
    return pa.Array.from_buffers(type_, len(values), [_validity(values), pa.py_buffer(filled)])


def _offsets(lengths: Iterable[int]) -> pa.Buffer:
    return pa.py_buffer(machine_values("i", accumulate(lengths, initial=0)))


def _validity(values: Sequence[Any]) -> pa.Buffer | None:
    """The bitmap of the values that are there; None where all are."""
    if None not in values:
        return None
    there = machine_values("b", [value is not None for value in values])
    return pa.Array.from_buffers(pa.int8(), len(values), [None, pa.py_buffer(there)]).cast(pa.bool_()).buffers()[1]
