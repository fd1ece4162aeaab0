"""Arrow arrays from Python values and back, column by column.

`pyarrow.array` would do, but it imports pandas on its first call, which takes longer than a small build; and
`to_pylist` goes value by value where lists and structs can be taken apart whole.
"""

from array import array as machine_values
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain, pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
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
        offsets = _offsets((0 if value is None else len(value) for value in values), len(values))
        inner = column(list(chain.from_iterable(value for value in values if value)), type_.value_type)
        return pa.Array.from_buffers(type_, len(values), [_validity(values), offsets], children=[inner])
    if pa.types.is_struct(type_):
        children = [
            column(inner, field.type) for inner, field in zip(_members(values, type_), type_.fields, strict=True)
        ]
        return pa.Array.from_buffers(type_, len(values), [_validity(values)], children=children)
    if pa.types.is_boolean(type_):
        return _numbers(values, "b", pa.int8()).cast(type_)
    return _numbers(values, _CODES[type_], type_)


def array_of(values: npt.NDArray[Any]) -> pa.Array:
    """Numbers of NumPy as an array, without copying."""
    held = np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(held.dtype), len(held), [None, pa.py_buffer(held)])


def _members(values: Sequence[Any], type_: pa.DataType) -> Iterable[Sequence[Any]]:
    """The values of each field of a struct."""
    if values and isinstance(values[0], tuple) and None not in values:
        return zip(*values, strict=True)
    inside_null = [None if field.nullable else _blank(field.type) for field in type_.fields]
    return [
        [blank if value is None else value.get(name) for value in values]
        for name, blank in zip([field.name for field in type_.fields], inside_null, strict=True)
    ]


def _blank(type_: pa.DataType) -> Any:
    """What a field that is never null holds where its struct is: nobody sees it, but Parquet's writer refuses nulls."""
    if pa.types.is_list(type_):
        return []
    if pa.types.is_struct(type_):
        return {field.name: _blank(field.type) for field in type_.fields if not field.nullable}
    if pa.types.is_string(type_):
        return ""
    if pa.types.is_temporal(type_):
        return "1970-01-01" if pa.types.is_date(type_) else "1970-01-01T00:00:00Z"
    return 0


def values_of(array: pa.Array) -> list[Any]:
    """The values of an array, with times as RFC 3339 text in UTC, and dates as such text: what `column` takes.

    Raises: ValueError where a time lies outside of the years 1 to 9999.
    """
    type_ = array.type
    if pa.types.is_list(type_):
        offsets = offsets_of(array)
        inner = values_of(array.values.slice(offsets[0], offsets[-1] - offsets[0]))
        found: list[Any] = [inner[start:end] for start, end in pairwise((offsets - offsets[0]).tolist())]
    elif pa.types.is_struct(type_):
        names = [field.name for field in type_]
        members = zip(*map(values_of, array.flatten()), strict=True)
        found = [dict(zip(names, row, strict=True)) for row in members] if names else [{} for _ in range(len(array))]
    elif pa.types.is_temporal(type_):
        return times_of(array)
    elif array.null_count or not len(array) or not pa.types.is_signed_integer(type_):
        return array.to_pylist()  # type: ignore[no-any-return]
    else:
        return numbers_of(array).tolist()  # type: ignore[no-any-return]
    if array.null_count:
        found = [value if there else None for value, there in zip(found, array.is_valid().to_pylist(), strict=True)]
    return found


def numbers_of(array: pa.Array | pa.ChunkedArray, null: int = 0) -> npt.NDArray[np.int64]:
    """A column of numbers as int64[n], with `null` for nulls. NumPy would ask Arrow, which imports pandas to answer."""
    chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    return np.concatenate([np.empty(0, np.int64), *(_whole(chunk, null) for chunk in chunks if len(chunk))])


def _whole(chunk: pa.Array, null: int) -> npt.NDArray[np.int64]:
    if chunk.null_count == len(chunk):
        return np.full(len(chunk), null, np.int64)
    cast = chunk.cast(pa.int64())
    found = np.frombuffer(cast.buffers()[1], np.int64)[cast.offset :][: len(cast)]
    return np.where(is_null(chunk), null, found) if chunk.null_count else found


def is_null(array: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Which values are null: bool[n]."""
    return numbers_of(array.is_null().cast(pa.int8())).astype(np.bool_)


def times_of(array: pa.Array) -> list[str | None]:
    """Times as RFC 3339 text in UTC, and dates as such text.

    Raises: ValueError where one lies outside of the years 1 to 9999.
    """
    type_ = array.type
    # As numbers: to make times of Python's of its own, Arrow imports pandas, which takes long.
    if pa.types.is_date32(type_):
        counts = array.cast(pa.int32()).to_pylist()
        unit, ending = timedelta(days=1), -len("T00:00:00")
    else:
        counts = array.cast(pa.int64()).to_pylist()
        unit, ending = timedelta(microseconds=_MICROSECONDS[type_.unit]), None
    after = "Z" if ending is None else ""
    try:
        return [None if n is None else (_EPOCH + n * unit).isoformat()[:ending] + after for n in counts]
    except OverflowError:
        raise ValueError("a time lies outside of the years 1 to 9999") from None


_EPOCH: Final = datetime(1970, 1, 1)
_MICROSECONDS: Final = {"s": 1_000_000, "ms": 1_000, "us": 1}


def offsets_of(array: pa.Array) -> npt.NDArray[Any]:
    """Where the values of texts, bytes or lists begin and end in what they lie in: `int32[n + 1]`, large ones `int64`.

    No copy, but for an empty array.
    """
    kind = np.int64 if str(array.type).startswith("large") else np.int32
    if not len(array):
        return np.zeros(1, kind)
    return np.frombuffer(array.buffers()[1], kind)[array.offset : array.offset + len(array) + 1]


def texts_of(ids: pa.Array) -> npt.NDArray[np.bytes_]:
    """Texts of one length and no nulls, such as ids, as an array of their bytes over the memory that they lie in."""
    n = len(ids)
    if not n:
        return np.empty(0, "S1")
    _, offsets, data = ids.buffers()
    start, end = np.frombuffer(offsets, np.int32)[[ids.offset, ids.offset + n]].tolist()
    size = (end - start) // n
    return np.frombuffer(data, f"S{size}", n, start)


def repeated(value: Any, n: int, type_: pa.DataType) -> pa.Array:
    """`n` times the same value."""
    one = column([value], type_)
    return one.take(_numbers([0] * n, "q", pa.int64()))


_CODES: Final = {pa.int16(): "h", pa.int32(): "i", pa.int64(): "q", pa.float64(): "d"}


def _strings(values: Sequence[str | bytes | None]) -> pa.Array:
    filled: Sequence[Any] = values
    text = validity = None
    try:
        text = "".join(filled)
    except TypeError:  # some are null, or UTF-8
        n_null = values.count(None)
        if n_null == len(values):
            return pa.nulls(n_null, pa.string())
        if n_null:
            validity = _validity(values)
            filled = [value or "" for value in values]
            with suppress(TypeError):
                text = "".join(filled)
    if text is not None and text.isascii():
        content = text.encode()  # its bytes are its code points, so that lengths are known without encoding each
    else:
        filled = [value.encode() if isinstance(value, str) else value for value in filled]
        content = b"".join(filled)
    return pa.Array.from_buffers(
        pa.string(), len(values), [validity, _offsets(map(len, filled), len(filled)), pa.py_buffer(content)]
    )


def _numbers(values: Sequence[Any], code: str, type_: pa.DataType) -> pa.Array:
    validity = None
    try:
        filled = machine_values(code, values)
    except TypeError:  # some are null
        n_null = values.count(None)
        if n_null == len(values):
            return pa.nulls(n_null, type_)
        validity = _validity(values)
        filled = machine_values(code, [0 if value is None else value for value in values])
    return pa.Array.from_buffers(type_, len(values), [validity, pa.py_buffer(filled)])


def _offsets(lengths: Iterable[int], n: int) -> pa.Buffer:
    """Where each of `n` values begins, and the last one's end. Raises: OverflowError beyond 2 GiB."""
    found = np.zeros(n + 1, np.int64)
    np.cumsum(np.fromiter(lengths, np.int64, n), out=found[1:])
    if found[-1] > _MOST:
        raise OverflowError("the values are 2 GiB and more")
    return pa.py_buffer(found.astype(np.int32))


_MOST: Final = (1 << 31) - 1


def _validity(values: Sequence[Any]) -> pa.Buffer | None:
    """The bitmap of the values that are there; None where all are."""
    if None not in values:
        return None
    there = machine_values("b", [value is not None for value in values])
    return pa.Array.from_buffers(pa.int8(), len(values), [None, pa.py_buffer(there)]).cast(pa.bool_()).buffers()[1]
