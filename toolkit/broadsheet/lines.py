"""JSON lines: of rows, and of record batches as a whole, with the same bytes."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from math import isfinite
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from broadsheet.columns import offsets_of, times_of

SLICE_BYTES: Final = 2 << 20
"""Arrow bytes of which lines are made at once, if they are more than one row."""


def json_line(row: Mapping[str, Any]) -> bytes:
    """The row as one JSON line: keys in the row's order, no white space, UTF-8, with the line feed.

    The logical digest of a table is the SHA-256 of these lines in order.
    """
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of rows that follow each other, in one piece."""

    data: memoryview
    ends: npt.NDArray[np.int64]
    """Where each line ends in `data`, behind its line feed: `int64[n]`, not empty."""

    def __len__(self) -> int:
        """The number of lines."""
        return len(self.ends)

    def part(self, start: int, stop: int) -> "Lines":
        """Some of the lines. No copy."""
        first = int(self.ends[start - 1]) if start else 0
        return Lines(self.data[first : int(self.ends[stop - 1])], self.ends[start:stop] - first)


def json_lines(batch: pa.RecordBatch) -> Iterator[tuple[pa.RecordBatch, Lines]]:
    """Slices of the batch, one after another, each with its rows as `json_line` writes them. Lazy.

    Memory: several times `SLICE_BYTES`, or one row.

    Raises: ValueError where a time lies outside of the years 1 to 9999, or a number is not finite.
    """
    if batch.num_rows > 1 and batch.nbytes > SLICE_BYTES:
        half = batch.num_rows // 2
        yield from json_lines(batch.slice(0, half))
        yield from json_lines(batch.slice(half))
    elif batch.num_rows:
        schema = batch.schema
        found = _objects(schema.names, batch.columns, batch.num_rows, b"}\n")
        offsets = offsets_of(found)
        data = memoryview(found.buffers()[2])[int(offsets[0]) : int(offsets[-1])]
        yield batch, Lines(data, offsets[1:] - offsets[0])


_BYTES: Final = pa.large_binary()
"""Control characters are six bytes each in JSON, so that the largest texts may come near to 2 GB."""


def _of_bytes(values: Iterable[bytes]) -> pa.Array:
    """Values of bytes as an array."""
    found = list(values)
    offsets = np.zeros(len(found) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, found), np.int64, len(found)), out=offsets[1:])
    return pa.Array.from_buffers(_BYTES, len(found), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(found))])


def _fixed(value: bytes) -> pa.Scalar:
    return _of_bytes([value])[0]  # `pyarrow.scalar` would import pandas


_NOTHING: Final = _fixed(b"")
_NULL: Final = _fixed(b"null")
_QUOTE: Final = _fixed(b'"')


def _objects(names: Sequence[str], columns: Sequence[pa.Array], n: int, end: bytes) -> pa.Array:
    """`n` objects with these members. Columns that are null all through are part of what stands between."""
    pieces: list[pa.Array | pa.Scalar] = []
    between = b"{"
    for name, values in zip(names, columns, strict=True):
        between += orjson.dumps(name) + b":"
        if values.null_count == len(values):
            between += b"null,"
        else:
            pieces += [_fixed(between), _spelled(values)]
            between = b","
    pieces.append(_fixed(between.removesuffix(b",") + end))
    if len(pieces) == 1:
        return _of_bytes(repeat(pieces[0].as_py(), n))
    return pc.binary_join_element_wise(*pieces, _NOTHING)


def _spelled(values: pa.Array) -> pa.Array:
    """Each value as JSON, in bytes; of structs that are null, what they hold does not matter."""
    type_ = values.type
    if pa.types.is_string(type_) or pa.types.is_large_string(type_):
        found = _strings(values)
    elif pa.types.is_list(type_):
        found = _lists(values)
    elif pa.types.is_struct(type_):
        found = _objects([field.name for field in type_], values.flatten(), len(values), b"}")
    elif pa.types.is_temporal(type_):
        found = _of_bytes(b'"%s"' % time.encode() if time else b"" for time in times_of(values))
    elif pa.types.is_floating(type_):
        found = _of_bytes(map(_float, values.to_pylist()))
    else:
        found = values.cast(pa.string()).cast(_BYTES)  # integers and truth
    return pc.if_else(values.is_valid(), found, _NULL) if values.null_count else found


def _float(value: float | None) -> bytes:
    """As Python spells it, which orjson does not where there is an exponent."""
    if value is None:
        return b""
    if not isfinite(value):
        raise ValueError(f"{value} is no JSON number")
    return repr(value).encode()


def _strings(texts: pa.Array) -> pa.Array:
    """Mostly nothing is to be escaped, as in ids and names; that is seen of all of them at once."""
    offsets = offsets_of(texts)
    start, end = int(offsets[0]), int(offsets[-1])
    data = memoryview(texts.buffers()[2])[start:end] if end > start else b""
    whole = orjson.dumps(str(data, "utf-8"))
    if len(whole) > end - start + len(b'""'):
        return _of_bytes(map(orjson.dumps, texts.to_pylist()))
    within = offsets.astype(np.int64) - (start - 1)
    bare = pa.Array.from_buffers(_BYTES, len(texts), [None, pa.py_buffer(within), pa.py_buffer(whole)])
    return pc.binary_join_element_wise(_QUOTE, bare, _QUOTE, _NOTHING)


def _lists(lists: pa.Array) -> pa.Array:
    offsets = offsets_of(lists)
    start = int(offsets[0])
    inner = lists.values.slice(start, int(offsets[-1]) - start)
    items = _spelled(inner)
    buffers = [None, pa.py_buffer(offsets - np.int32(start))]
    nested = pa.Array.from_buffers(pa.list_(_BYTES), len(lists), buffers, children=[items])
    return pc.binary_join_element_wise(_fixed(b"["), pc.binary_join(nested, _fixed(b",")), _fixed(b"]"), _NOTHING)
