"""Texts as bytes where they lie, in an Arrow column or a file: nothing is copied or decoded before it is asked for."""

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from broadsheet.columns import is_null, numbers_of

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """The texts of rows `first`, `first` + 1 … : text i is data[starts[i]:ends[i]]."""

    first: int
    data: npt.NDArray[np.uint8]
    starts: Ints
    ends: Ints

    def loaded(self) -> "Part":
        """The part with its bytes in memory."""
        return self

    def raw(self, i: int) -> bytes:
        """The UTF-8 of text i."""
        return self.data[self.starts[i] : self.ends[i]].tobytes()

    def span(self, i: int) -> tuple[npt.NDArray[np.uint8], int, int]:
        """Bytes in which text i stands, and from where to where."""
        return self.data, int(self.starts[i]), int(self.ends[i])


@dataclass(frozen=True, slots=True)
class StoredPart:
    """Like `Part`, of texts in a file: text i is what lies there from `at` + starts[i] to `at` + ends[i]."""

    first: int
    path: str
    at: int
    n_bytes: int
    """Bytes of all texts of the part, and of what lies between them."""
    starts: Ints
    ends: Ints

    def loaded(self) -> Part:
        """The part with its bytes in memory, as long as the caller keeps it."""
        return Part(self.first, _bytes_of(self._read(0, self.n_bytes)), self.starts, self.ends)

    def raw(self, i: int) -> bytes:
        """The UTF-8 of text i, which alone is read."""
        return self._read(int(self.starts[i]), int(self.ends[i]))

    def span(self, i: int) -> tuple[npt.NDArray[np.uint8], int, int]:
        """Bytes in which text i stands, alone, and from where to where."""
        data = _bytes_of(self.raw(i))
        return data, 0, len(data)

    def _read(self, start: int, end: int) -> bytes:
        with open(self.path, "rb", buffering=0) as file:  # noqa: PTH123 - once a text
            return os.pread(file.fileno(), end - start, self.at + start)


class Bodies:
    """Texts by row, in parts. Holds 16 bytes a text, and what the parts hold."""

    def __init__(self, parts: Sequence[Part | StoredPart]) -> None:
        self.parts = parts
        self._firsts = [part.first for part in parts]
        self.n_bytes = sum(int((part.ends - part.starts).sum()) for part in parts)

    @classmethod
    def of(cls, column: pa.Array | pa.ChunkedArray) -> "Bodies":
        """The texts of a column of `string` or `large_string`; other types of strings are copied to these.

        A dictionary of such strings holds each distinct text once. Holds the column.
        """
        parts = []
        first = 0
        for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
            if len(chunk):
                parts.append(_part(chunk, first))
            first += len(chunk)
        return cls(parts)

    def __len__(self) -> int:
        return self.parts[-1].first + len(self.parts[-1].starts) if self.parts else 0

    def find(self, row: int) -> tuple[Part | StoredPart, int]:
        """The part in which a row is, and its number there."""
        part = self.parts[bisect_right(self._firsts, row) - 1]
        return part, row - part.first

    def by_part(self, rows: Ints) -> Iterator[tuple[Part | StoredPart, Ints, Ints]]:
        """Of each part that has some of the rows: where they stand among these, and their numbers in the part."""
        owners = np.searchsorted(self._firsts, rows, "right") - 1
        for number in np.unique(owners).tolist():
            places = np.flatnonzero(owners == number)
            yield self.parts[number], places, rows[places] - self.parts[number].first

    def raw(self, row: int) -> bytes:
        """The UTF-8 of one text."""
        part, i = self.find(row)
        return part.raw(i)

    def span(self, row: int) -> tuple[npt.NDArray[np.uint8], int, int]:
        """Bytes in which one text stands, and from where to where."""
        part, i = self.find(row)
        return part.span(i)

    def text(self, row: int) -> str:
        """One text."""
        return self.raw(row).decode()

    def cut(self, size_bytes: int) -> Iterator[tuple[Part | StoredPart, int, int]]:
        """Runs of rows, as (part, start, stop) within the part, each of `size_bytes` or of one longer text."""
        for part in self.parts:
            sizes = np.cumsum(part.ends - part.starts)
            start, done = 0, 0
            while start < len(sizes):
                stop = max(start + 1, int(np.searchsorted(sizes, done + size_bytes, "right")))
                yield part, start, stop
                start, done = stop, int(sizes[stop - 1])


def _part(chunk: pa.Array, first: int) -> Part:
    if pa.types.is_dictionary(chunk.type):
        distinct = _part(chunk.dictionary, first)
        indices = numbers_of(chunk.indices)
        starts, ends = distinct.starts[indices], distinct.ends[indices]
        return Part(first, distinct.data, starts, np.where(is_null(chunk), starts, ends) if chunk.null_count else ends)
    if not (pa.types.is_string(chunk.type) or pa.types.is_large_string(chunk.type)):
        chunk = chunk.cast(pa.large_string())
    _, offsets, data = chunk.buffers()
    type_ = np.int64 if pa.types.is_large_string(chunk.type) else np.int32
    bounds = np.frombuffer(offsets, type_)[chunk.offset : chunk.offset + len(chunk) + 1].astype(np.int64)
    held = _bytes_of(data or b"")
    starts, ends = bounds[:-1], bounds[1:]
    if chunk.null_count:
        ends = np.where(is_null(chunk), starts, ends)
    return Part(first, held, starts, ends)


def _bytes_of(buffer: pa.Buffer | bytes) -> npt.NDArray[np.uint8]:
    """A buffer as an array that nobody writes to: one kind of array to a kernel, whoever owns it."""
    held = np.frombuffer(buffer, np.uint8)
    held.flags.writeable = False
    return held
