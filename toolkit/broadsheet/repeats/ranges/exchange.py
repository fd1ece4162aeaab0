"""Arrays of numbers, dealt to files of one batch a bucket, and read again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from broadsheet.batches import read_batches, write_batches
from broadsheet.columns import array_of
from broadsheet.repeats.bodies import Ints

Array = npt.NDArray[Any]
Arrays = Mapping[str, Array]

PLACE_BITS: Final = 32


def addresses(bucket: int, places: Ints) -> Ints:
    """The addresses of records of a bucket."""
    return (bucket << PLACE_BITS) + places


def buckets(found: Ints) -> Ints:
    """The buckets of records, by their addresses."""
    return found >> PLACE_BITS


def places(found: Ints) -> Ints:
    """The places of records in their buckets."""
    return found & ((1 << PLACE_BITS) - 1)


def ranges(hashes: npt.NDArray[np.uint64], n_ranges: int) -> Ints:
    """The range of each hash, 0 to n_ranges - 1: equal ranges of its upper 32 bits."""
    return ((hashes >> np.uint64(32)) * np.uint64(n_ranges) >> np.uint64(32)).astype(np.int64)


def batch_of(arrays: Arrays) -> pa.RecordBatch:
    """One batch of arrays of one length."""
    return pa.RecordBatch.from_arrays([array_of(array) for array in arrays.values()], list(arrays))


def arrays_of(batch: pa.RecordBatch) -> dict[str, Array]:
    """The columns of a batch without nulls, without copying."""
    found = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        type_ = column.type.to_pandas_dtype()
        found[name] = np.frombuffer(column.buffers()[1] or b"", type_)[column.offset :][: len(column)]
    return found


def write(path: str, arrays: Arrays) -> list[str]:
    """Commits a file of one batch; comes back as engines pass it."""
    batch = batch_of(arrays)
    return write_batches(Path(path), [batch], batch.schema).to_json()


def write_each(path: str, found: Iterable[Arrays]) -> list[str]:
    """Commits a file of a batch for each of one or more groups of arrays, lazily; all have the types of the first."""
    batches = map(batch_of, found)
    first = next(batches)
    return write_batches(Path(path), chain([first], batches), first.schema).to_json()


def deal(path: str, arrays: Arrays, to: Ints, n: int) -> list[str]:
    """Commits a file of `n` batches: each row goes to the batch that `to` says, in its order."""
    order, bounds = dealt(to, n)
    each = (order[start:end] for start, end in pairwise(bounds))
    return write_each(path, ({name: array[which] for name, array in arrays.items()} for which in each))


def dealt(to: Ints, n: int) -> tuple[Ints, list[int]]:
    """The order that puts rows of one batch together, and the bounds of the `n` batches in it."""
    # Of small numbers NumPy sorts by digits, which is many times as fast.
    order = np.argsort(to.astype(np.uint16) if n <= 1 << 16 else to, kind="stable")
    return order, [0, *np.cumsum(np.bincount(to, minlength=n)).tolist()]


def read(file: Sequence[str]) -> dict[str, Array]:
    """The arrays of a file of one batch."""
    (batch,) = read_batches([file])
    return arrays_of(batch)


def gather(files: Iterable[Sequence[str]], bucket: int) -> Iterator[dict[str, Array]]:
    """The arrays of one batch of each file, lazily."""
    return map(arrays_of, read_batches(files, bucket))


def joined(found: Iterable[Arrays], empty: Mapping[str, type]) -> dict[str, Array]:
    """The arrays of several batches, one behind the other; `empty` gives the types where there is none."""
    held = [{name: np.empty(0, type_) for name, type_ in empty.items()}, *found]
    return {name: np.concatenate([each[name] for each in held]) for name in empty}
