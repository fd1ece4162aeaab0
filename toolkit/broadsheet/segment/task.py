"""The tasks of segmentation: buckets of pages to what repeats on their sites, and to segments and records."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, repeat
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from broadsheet.batches import CANDIDATES, read_batches, write_batches
from broadsheet.contract import arrow_schema, schema
from broadsheet.privacy import Masker
from broadsheet.segment import consensus
from broadsheet.segment.consensus import Crawl, Votes
from broadsheet.segment.measured import Weighed
from broadsheet.segment.names import without_names
from broadsheet.segment.repetition import Keys, merged
from broadsheet.segment.stage import SEGMENTS, candidates, readings, repetition, segment
from broadsheet.segment.states import STATES

KEYS: Final = pa.schema([("key", pa.uint64()), ("n_pages", pa.int64()), ("n_chars", pa.int64())])
"""A key of lines, the pages that have it, and their longest such line (`repetition.Keys`)."""
VOTES: Final = pa.schema([("key", pa.uint64()), ("n_lines", pa.int64()), ("behind", pa.list_(pa.int64(), len(STATES)))])
"""A key of lines in a place, the lines that have it, and how far each state falls behind there (`consensus.Votes`)."""
WEIGHED: Final = pa.schema(
    [
        ("scores", pa.list_(pa.int32(), len(STATES))), ("border", pa.int64()),
        ("before", pa.uint64()), ("behind", pa.uint64()),
    ]
)  # fmt: skip
"""A line of the pages as they were weighed (`measured.Weighed`)."""
Column = npt.NDArray[Any]


def count_repetition(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits the keys of one bucket's pages, a batch a range of keys.

    Spec: pages, n_buckets (of keys), out. Result: the file.
    Memory: the keys of one bucket, 24 bytes each, some three a line.
    """
    keys = _all_keys(repetition(read_batches([spec["pages"]])))
    batches = _ranges(_columns(keys), KEYS, spec["n_buckets"])
    return {"keys": write_batches(Path(spec["out"]), batches, KEYS).to_json()}


def merge_repetition(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits the keys of one range that two pages or more have, with the counts of all pages.

    Spec: files (of `count_repetition`), bucket, out. Result: the file.
    Memory: the keys of one range.
    """
    keys = _all_keys(map(_keys_of, read_batches(spec["files"], spec["bucket"])), least=2)
    return {"repeated": write_batches(Path(spec["out"]), _ranges(_columns(keys), KEYS, 1), KEYS).to_json()}


def vote_on_lines(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits how one bucket's pages read the lines that repeat, a batch a range of keys, and the lines as weighed.

    Spec: pages, own (the bucket's file of `count_repetition`), repeated (files of `merge_repetition`, in the order of
    their ranges), n_buckets (of keys), out, out_weighed. Result: the two files.
    Memory: 24 bytes for each key of the bucket, 168 for each of its repeated lines.
    """
    table = keys_of(spec["repeated"], spec["own"])
    found: list[Votes] = []

    def weighed() -> Iterator[pa.RecordBatch]:
        for votes, lines in readings(read_batches([spec["pages"]]), table):
            found.append(votes)
            for of in lines:
                yield _batch((of.scores, of.borders, *of.places), WEIGHED)

    file = write_batches(Path(spec["out_weighed"]), weighed(), WEIGHED)
    batches = _ranges(_columns(_all_votes(found)), VOTES, spec["n_buckets"])
    return {"votes": write_batches(Path(spec["out"]), batches, VOTES).to_json(), "weighed": file.to_json()}


def merge_votes(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits the votes on one range of keys, of all pages, where there are two or more.

    Spec: files (of `vote_on_lines`), bucket, out. Result: the file.
    Memory: the votes of one range.
    """
    votes = _all_votes(map(_votes_of, read_batches(spec["files"], spec["bucket"])), least=2)
    return {"voted": write_batches(Path(spec["out"]), _ranges(_columns(votes), VOTES, 1), VOTES).to_json()}


def segment_pages(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits the segments of one bucket's pages, and the records before validation.

    Spec: pages, repeated and votes (files of `merge_repetition` and `merge_votes`, in the order of their ranges; none
    where nothing can repeat), own_repeated and own_votes (the bucket's files from which these were merged), weighed
    (the bucket's file of `vote_on_lines`), privacy, out_pages, out_segments, out_candidates. Result: the two files;
    that of the pages, a new one where names may be hidden in it; and the numbers of segments by role and of candidate
    records.
    Memory: the segments of one bucket; 24 bytes for each of its keys, 168 for each of its lines in a place.
    """
    crawl = crawl_of(spec["repeated"], spec["votes"], spec.get("own_repeated"), spec.get("own_votes"))
    known = map(_weighed_of, read_batches([spec["weighed"]])) if crawl else None
    masker = Masker.of(spec.get("privacy"))
    segments, records, hidden = [], [], []
    roles: Counter[str] = Counter()
    for pages in read_batches([spec["pages"]]):
        for batch in segment([pages], crawl, known):
            if masker:
                pages, batch = without_names(pages, batch, masker)
                hidden.append(pages)
            roles.update(batch.column("role").to_pylist())
            segments.append(batch)
            records.append(candidates(pages, batch))
    return {
        "pages": write_batches(Path(spec["out_pages"]), hidden, arrow_schema(schema("page"))).to_json()
        if masker
        else spec["pages"],
        "segments": write_batches(Path(spec["out_segments"]), segments, SEGMENTS).to_json(),
        "candidates": write_batches(Path(spec["out_candidates"]), records, CANDIDATES).to_json(),
        "roles": dict(roles),
        "n_candidates": sum(batch.num_rows for batch in records),
    }


def crawl_of(
    repeated: Sequence[Sequence[str]],
    votes: Sequence[Sequence[str]],
    own_repeated: Sequence[str] | None = None,
    own_votes: Sequence[str] | None = None,
) -> Crawl | None:
    """What files of `merge_repetition` and `merge_votes` hold, in the order of their ranges; None of no file.

    With a bucket's own files, only what is known of these: of nothing else its pages will ask.
    """
    if not repeated:
        return None
    parts = map(_votes_of, read_batches(votes))
    columns = map(
        _columns, map(_among, parts, map(_votes_of, read_batches([own_votes])) if own_votes else repeat(None))
    )
    return Crawl(keys_of(repeated, own_repeated), Votes(*_joined(columns)))


def keys_of(files: Iterable[Sequence[str]], own: Sequence[str] | None = None) -> Keys:
    """The counts that files of `merge_repetition` hold, in the order of their ranges; those of a bucket's own keys.

    Those of one file lie where it is mapped.
    """
    parts = map(_keys_of, read_batches(files))
    columns = map(_columns, map(_among, parts, map(_keys_of, read_batches([own])) if own else repeat(None)))
    return Keys(*_joined(columns))


Known = TypeVar("Known", Keys, Votes)


def _among(part: Known, own: Keys | Votes | None) -> Known:
    """What is known of one range, for the keys of a bucket alone."""
    if own is None:
        return part
    at = np.searchsorted(part.keys, own.keys)
    at = at[part.keys[np.minimum(at, len(part.keys) - 1)] == own.keys] if len(part.keys) else at[:0]
    return type(part)(*(column[at] for column in _columns(part)))


def _joined(parts: Iterable[tuple[Column, Column, Column]]) -> Iterator[Column]:
    """The columns of all parts, one behind the other."""
    for column in zip(*parts, strict=True):
        yield column[0] if len(column) == 1 else np.concatenate(column)


def _columns(of: Keys | Votes) -> tuple[Column, Column, Column]:
    return (of.keys, of.n_pages, of.n_chars) if isinstance(of, Keys) else (of.keys, of.n_lines, of.behind)


def _all_keys(parts: Iterable[Keys], *, least: int = 1) -> Keys:
    """The keys of all parts; of none there are none."""
    return merged([Keys(np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.int64)), *parts], least=least)


def _all_votes(parts: Iterable[Votes], *, least: int = 1) -> Votes:
    return consensus.merged([consensus.empty(), *parts], least=least)


def _ranges(columns: tuple[Column, Column, Column], schema: pa.Schema, n: int) -> Iterator[pa.RecordBatch]:
    """Columns that begin with sorted keys as `n` batches, each of the keys of one range; every range is as wide."""
    bounds = [-(-(i << 64) // n) for i in range(1, n)]
    cuts = [0, *np.searchsorted(columns[0], np.array(bounds, np.uint64)).tolist(), len(columns[0])]
    for start, end in pairwise(cuts):
        yield _batch(tuple(values[start:end] for values in columns), schema)


def _batch(columns: Iterable[Column], schema: pa.Schema) -> pa.RecordBatch:
    arrays = [_to_arrow(values, field.type) for field, values in zip(schema, columns, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _to_arrow(values: Column, kind: pa.DataType) -> pa.Array:
    """An array over the values' own memory; `pa.array` would import pandas."""
    flat = np.ascontiguousarray(values).ravel()
    inner = kind.value_type if pa.types.is_fixed_size_list(kind) else kind
    array = pa.Array.from_buffers(inner, len(flat), [None, pa.py_buffer(flat)])
    return array if inner is kind else pa.FixedSizeListArray.from_arrays(array, type=kind)


def _of_arrow(array: pa.Array, kind: type[Any]) -> Column:
    """The values of an array where they lie."""
    inner = array.flatten() if pa.types.is_fixed_size_list(array.type) else array
    n = len(inner)
    flat = (
        np.frombuffer(inner.buffers()[1], kind, n, inner.offset * np.dtype(kind).itemsize) if n else np.zeros(0, kind)
    )
    return flat if inner is array else flat.reshape(len(array), array.type.list_size)


def _keys_of(batch: pa.RecordBatch) -> Keys:
    """A batch of `KEYS` as arrays over its own memory."""
    return Keys(*(_of_arrow(column, kind) for column, kind in zip(batch.columns, _KINDS, strict=True)))


def _votes_of(batch: pa.RecordBatch) -> Votes:
    """A batch of `VOTES` as arrays over its own memory."""
    return Votes(*(_of_arrow(column, kind) for column, kind in zip(batch.columns, _KINDS, strict=True)))


def _weighed_of(batch: pa.RecordBatch) -> Weighed:
    """A batch of `WEIGHED` as arrays, the scores over its own memory."""
    scores, borders, *places = (_of_arrow(column, kind) for column, kind in zip(batch.columns, _WEIGHED, strict=True))
    return Weighed(scores, borders, np.stack(places))


_WEIGHED: Final = (np.int32, np.int64, np.uint64, np.uint64)
_KINDS: Final = (np.uint64, np.int64, np.int64)
