"""The tasks of segmentation: buckets of pages to what repeats on their sites, and to segments and records."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from broadsheet.batches import CANDIDATES, read_batches, write_batches
from broadsheet.segment.repetition import Keys, merged
from broadsheet.segment.stage import SEGMENTS, candidates, repetition, segment

KEYS: Final = pa.schema([("key", pa.uint64()), ("n_pages", pa.int64()), ("n_chars", pa.int64())])
"""A key of lines, the pages that have it, and their longest such line (`repetition.Keys`)."""


def count_repetition(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits the keys of one bucket's pages, a batch a range of keys.

    Spec: pages, n_buckets (of keys), out. Result: the file.
    Memory: the keys of one bucket, 24 bytes each, some three a line.
    """
    keys = _added_up(repetition(read_batches([spec["pages"]])))
    n = spec["n_buckets"]
    bounds = [-(-(i << 64) // n) for i in range(1, n)]
    cuts = [0, *np.searchsorted(keys.keys, np.array(bounds, np.uint64)).tolist(), len(keys.keys)]
    batches = (_to_batch(keys, a, b) for a, b in pairwise(cuts))
    return {"keys": write_batches(Path(spec["out"]), batches, KEYS).to_json()}


def merge_repetition(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits the keys of one range that two pages or more have, with the counts of all pages.

    Spec: files (of `count_repetition`), bucket, out. Result: the file.
    Memory: the keys of one range.
    """
    keys = _added_up(map(_of_batch, read_batches(spec["files"], spec["bucket"])), least=2)
    return {"repeated": write_batches(Path(spec["out"]), [_to_batch(keys, 0, len(keys.keys))], KEYS).to_json()}


def segment_pages(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits the segments of one bucket's pages, and the records before validation.

    Spec: pages, repeated (files of `merge_repetition` in the order of their ranges; none where nothing can repeat),
    out_segments, out_candidates. Result: the two files, and the numbers of segments by role and of candidate records.
    Memory: the segments of one bucket, and 24 bytes for each key that repeats anywhere.
    """
    table = table_of(spec["repeated"])
    segments, records = [], []
    roles: Counter[str] = Counter()
    for pages in read_batches([spec["pages"]]):
        for batch in segment([pages], table):
            roles.update(batch.column("role").to_pylist())
            segments.append(batch)
            records.append(candidates(pages, batch))
    return {
        "segments": write_batches(Path(spec["out_segments"]), segments, SEGMENTS).to_json(),
        "candidates": write_batches(Path(spec["out_candidates"]), records, CANDIDATES).to_json(),
        "roles": dict(roles),
        "n_candidates": sum(batch.num_rows for batch in records),
    }


def _added_up(parts: Iterable[Keys], *, least: int = 1) -> Keys:
    """The keys of all parts; of none there are none."""
    return merged([Keys(np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.int64)), *parts], least=least)


def table_of(files: Iterable[Sequence[str]]) -> Keys | None:
    """The counts that files of `merge_repetition` hold, in the order of their ranges; None of no file.

    Those of one file lie where it is mapped.
    """
    parts = [_of_batch(batch) for batch in read_batches(files)]
    if len(parts) < 2:
        return parts[0] if parts else None
    columns = zip(*((part.keys, part.n_pages, part.n_chars) for part in parts), strict=True)
    return Keys(*(np.concatenate(column) for column in columns))


def _to_batch(keys: Keys, start: int, end: int) -> pa.RecordBatch:
    """Some of the keys as a batch of `KEYS`; `pa.array` would import pandas."""
    columns = (keys.keys, keys.n_pages, keys.n_chars)
    arrays = [
        pa.Array.from_buffers(field.type, end - start, [None, pa.py_buffer(np.ascontiguousarray(values[start:end]))])
        for field, values in zip(KEYS, columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=KEYS)


def _of_batch(batch: pa.RecordBatch) -> Keys:
    """A batch of `KEYS` as arrays over its own memory."""

    def values(i: int, kind: type[np.generic]) -> npt.NDArray[Any]:
        array = batch.column(i)
        buffer = array.buffers()[1]
        return np.frombuffer(buffer, kind, len(array), array.offset * 8) if len(array) else np.zeros(0, kind)

    return Keys(values(0, np.uint64), values(1, np.int64), values(2, np.int64))
