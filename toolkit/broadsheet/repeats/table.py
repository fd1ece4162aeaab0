"""Records as columns: what folding reads of a table, as arrays of numbers, checked."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from broadsheet.columns import column, is_null, numbers_of
from broadsheet.repeats.bodies import Bodies, Ints
from broadsheet.repeats.records import KINDS, ROLES, Item

Flags = npt.NDArray[np.bool_]

_SCOPES = ("global", "per-source")
_MAX_COLUMN_BYTES = 1 << 30  # Arrow's offsets end at 2 GiB


@dataclass(frozen=True, slots=True)
class Columns:
    """Records by row. Codes are equal where the values are; -1 stands for no value."""

    rank: Ints
    """The place of each id among all, sorted."""
    bodies: Bodies
    titles: Bodies | None
    kind: Ints
    """Places in `KINDS`."""
    role: Ints
    """As `ROLES` has them."""
    truncated: Flags
    published: Flags
    captured: pa.ChunkedArray | pa.Array
    """Anything that sorts as the times do; null where there is none."""
    source: Ints
    sources: pa.Array
    """The source of each code."""
    thread: Ints
    author: Ints
    parent: Ints
    """Rows; numbers beyond the rows for ids that are not among the records, equal for equal ones; -1 for none."""

    def title(self, row: int) -> str | None:
        """The title of a record."""
        return (self.titles.text(row) or None) if self.titles else None


def table_of(items: Sequence[Item]) -> pa.Table:
    """The items as a table. Lone surrogates, which are in no word, become question marks."""
    arrays: dict[str, pa.Array | pa.ChunkedArray] = {}
    for name in ("id", "title", "kind", "role", "source", "captured", "thread", "author", "parent"):
        arrays[name] = column([_utf8(getattr(item, name)) for item in items], pa.string())
    for name in ("truncated", "published"):
        arrays[name] = column([getattr(item, name) for item in items], pa.bool_())
    arrays["text"] = _texts([_utf8(item.text) or b"" for item in items])
    return pa.table(arrays)


def _utf8(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "replace")


def _texts(texts: Sequence[bytes]) -> pa.ChunkedArray:
    chunks, start, size = [], 0, 0
    for i, text in enumerate(texts):
        if size + len(text) > _MAX_COLUMN_BYTES and i > start:
            chunks.append(column(texts[start:i], pa.string()))
            start, size = i, 0
        size += len(text)
    return pa.chunked_array([*chunks, column(texts[start:], pa.string())], pa.string())


def columns_of(records: pa.Table, tie_faults: Sequence[str], threshold: Fraction, scope: str) -> Columns:
    """The columns of a table with `id` and `text`, and others of those of `Item`.

    Raises: ValueError, with all that is wrong: with the columns, else with their values, the ties
    (`tie_faults`), threshold or scope.
    """
    missing = [name for name in ("id", "text") if name not in records.column_names]
    if missing:
        raise ValueError(f"the table has no column {' and no column '.join(missing)}: expected at least id and text")
    ids = records.column("id")
    kinds, roles = (_optional(records, name) for name in ("kind", "role"))
    faults = [*_faults(threshold, scope), *_record_faults(records, kinds, roles), *tie_faults]
    if faults:
        raise ValueError("; ".join(faults))
    rank = np.empty(len(ids), np.int64)
    rank[numbers_of(pc.sort_indices(ids))] = np.arange(len(ids))
    titles = _optional(records, "title")
    source, sources = codes_of(_optional(records, "source"))
    captured = _optional(records, "captured")
    return Columns(
        rank=rank,
        bodies=Bodies.of(records.column("text")),
        titles=None if titles.null_count == len(titles) else Bodies.of(titles),
        kind=_places(kinds, KINDS, "article"),
        role=_places(roles, tuple(ROLES), "main"),
        truncated=_flags(records, "truncated"),
        published=_flags(records, "published"),
        captured=captured,
        source=source,
        sources=sources,
        thread=codes_of(_optional(records, "thread"))[0],
        author=codes_of(_optional(records, "author"))[0],
        parent=_parents(ids, _optional(records, "parent")),
    )


def _faults(threshold: Fraction, scope: str) -> Iterable[str]:
    if not 0 < threshold <= 1:
        yield f"threshold {threshold}: expected a fraction above 0, at most 1"
    if scope not in _SCOPES:
        yield f"scope {scope!r}: expected one of {', '.join(_SCOPES)}"


def _record_faults(records: pa.Table, kinds: pa.ChunkedArray, roles: pa.ChunkedArray) -> Iterable[str]:
    ids = records.column("id")
    if ids.null_count:
        yield f"{ids.null_count} records: no id"
    if pc.count_distinct(ids).as_py() < len(ids):
        counted = Counter(ids.to_pylist())
        yield from (f"record {id_}: the id stands twice" for id_, n in counted.items() if n > 1)
    for name, values, known in (("kind", kinds, KINDS), ("role", roles, tuple(ROLES))):
        wrong = pc.and_(values.is_valid(), pc.invert(pc.is_in(values, value_set=column(known, pa.string()))))
        if pc.any(wrong).as_py():
            for id_, value in zip(ids.filter(wrong).to_pylist(), values.filter(wrong).to_pylist(), strict=True):
                yield f"record {id_}: {name} {value!r}: expected one of {', '.join(known)}"
    texts = records.column("text")
    if texts.null_count:
        yield from (f"record {id_}: no text" for id_ in ids.filter(pc.is_null(texts)).to_pylist())


def _optional(records: pa.Table, name: str) -> pa.ChunkedArray:
    """A column of texts, null where the table has none."""
    if name in records.column_names:
        found = records.column(name)
        return found if not pa.types.is_null(found.type) else found.cast(pa.string())
    return pa.chunked_array([pa.nulls(len(records), pa.string())])


def _flags(records: pa.Table, name: str) -> Flags:
    if name not in records.column_names:
        return np.zeros(len(records), np.bool_)
    return numbers_of(records.column(name).cast(pa.int8())).astype(np.bool_)


def _places(values: pa.ChunkedArray, known: Sequence[str], default: str) -> Ints:
    return numbers_of(pc.index_in(values, value_set=column(known, pa.string())), null=known.index(default))


def codes_of(values: pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    """The values as codes, and the value of each code."""
    found = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if isinstance(found, pa.ChunkedArray):  # too large for one array
        found = pa.concat_arrays(chunk.cast(pa.large_string()) for chunk in found.chunks)
    found = found.dictionary_encode()
    return numbers_of(found.indices, null=-1), found.dictionary


def _parents(ids: pa.ChunkedArray, parents: pa.ChunkedArray) -> Ints:
    if parents.null_count == len(parents):
        return np.full(len(ids), -1, np.int64)
    rows = pc.index_in(parents, value_set=ids.combine_chunks() if len(ids.chunks) != 1 else ids.chunk(0))
    unknown = codes_of(parents)[0]
    return np.where(unknown < 0, -1, np.where(is_null(rows), len(ids) + unknown, numbers_of(rows)))
