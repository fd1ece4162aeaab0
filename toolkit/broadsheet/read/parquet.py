"""Parquet: a record a row. Nothing of a row stands in the file in one piece, so that files are accounted for by rows.

The rows of all items, `Rejected` among them, and of the row groups that are `Damaged` add up to the file's; the
`n_bytes` of an item are those of its canonical JSON.
"""

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import accumulate, pairwise
from typing import Any, BinaryIO, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from broadsheet.contract.profile import Type
from broadsheet.read.found import Damaged, Given, Item, Rejected, Source
from broadsheet.read.records import EPOCH, Fields, UnreadableFile, given, time_form
from broadsheet.strict import MAX_DEPTH, UnreadableError, canonical

BATCH_BYTES: Final = 1 << 20
"""About how much one batch holds: what fits into a processor's cache is read fastest."""
_BATCH_ROWS: Final = 4096
_BUFFER_BYTES: Final = 1 << 20
_PER_SECOND: Final = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}

Cells = Callable[[pa.Array], list[Any]]
"""Makes JSON values of an array. Raises: UnreadableError where one of them is none."""


def row_groups(file: BinaryIO) -> list[tuple[int, int]]:
    """Rows and uncompressed bytes of each row group, in order.

    Raises: UnreadableFile where the footer cannot be read.
    """
    metadata = _open(file).metadata
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    return [(group.num_rows, group.total_byte_size) for group in groups]


def read_parquet(source: Source, fields: Fields) -> Iterator[Item]:
    """The records of the row groups from `source.start` to `source.end`; `line` is the row's number in the file.

    Timestamps and dates are RFC 3339 in UTC, without a zone they are in it already; where the record schema wants a
    date, they are one, if they are midnights; decimals are text, binary is base64, lists, structs and maps are JSON.
    A row group that cannot be read stops no other.
    Memory: a batch as Arrow and as Python holds it, and a page of each column; never a whole row group.

    Raises: UnreadableFile where the footer cannot be read, or a column is of a type that has no JSON.
    """
    parquet = _open(source.file)
    names, cells = _columns(parquet.schema_arrow, fields)
    metadata = parquet.metadata
    stop = metadata.num_row_groups if source.end < 0 else min(source.end, metadata.num_row_groups)
    line = 1 + sum(metadata.row_group(i).num_rows for i in range(min(source.start, stop)))
    read = _Reader(names, cells, fields, source.limits.line_bytes)
    for i in range(source.start, stop):
        group = metadata.row_group(i)
        end = line + group.num_rows
        n_rows = max(1, min(_BATCH_ROWS, BATCH_BYTES * group.num_rows // max(1, group.total_byte_size)))
        batches = parquet.iter_batches(n_rows, row_groups=[i], use_threads=False)
        while line < end:
            try:
                batch = next(batches)
            except (StopIteration, OSError, pa.ArrowException) as error:
                reason = str(error) or "has fewer rows than it says"
                yield _damaged(group, f"row group {i}, rows {line} to {end - 1}: {reason}")
                break
            yield from read(batch, line)
            line += batch.num_rows
        line = end


def _open(file: BinaryIO) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file, buffer_size=_BUFFER_BYTES, page_checksum_verification=True)
    except (OSError, pa.ArrowException) as error:
        raise UnreadableFile(f"is no whole Parquet file: {error}") from None


def _damaged(group: Any, reason: str) -> Damaged:
    columns = [group.column(i) for i in range(group.num_columns)]
    starts = [min(filter(None, (c.dictionary_page_offset, c.data_page_offset)), default=0) for c in columns]
    return Damaged(min(starts, default=0), sum(c.total_compressed_size for c in columns), reason)


class _Reader:
    """Makes the items of batches."""

    def __init__(self, names: Sequence[str], cells: Sequence[Cells], fields: Fields, most: int) -> None:
        self._names = names
        self._cells = cells
        self._fields = fields
        self._most = most
        self._keeps_names = fields.watched.isdisjoint(names)
        # orjson alone spells these as `canonical` does.
        self._is_flat = all(convert in (_plain, _times, _dates, _texts) for convert in cells)

    def __call__(self, batch: pa.RecordBatch, line: int) -> Iterator[Item]:
        try:
            columns = [convert(column) for convert, column in zip(self._cells, batch.columns, strict=True)]
        except UnreadableError as error:
            if batch.num_rows == 1:
                raw = self._raw(batch)
                yield Rejected(error.code, str(error), raw, len(raw), line)
                return
            half = batch.num_rows // 2
            yield from self(batch.slice(0, half), line)
            yield from self(batch.slice(half), line + half)
            return
        has_nulls = any(column.null_count for column in batch.columns)
        names = self._names
        for number, row in enumerate(zip(*columns, strict=True), line):
            record = dict(zip(names, row, strict=True))
            if has_nulls:
                record = {name: value for name, value in record.items() if value is not None}
            if not self._keeps_names or type(record.get("id")) is int:
                item = given(record, number, 0, self._fields)
                item = item._replace(n_bytes=len(item.record))
            else:
                out = orjson.dumps(record, option=orjson.OPT_SORT_KEYS) if self._is_flat else canonical(record)
                item = Given(record, out, number, len(out))
            if item.n_bytes > self._most:
                message = f"{item.n_bytes} bytes in a row; at most {self._most}"
                yield Rejected("size", message, None, item.n_bytes, number)
            else:
                yield item

    def _raw(self, row: pa.RecordBatch) -> bytes:
        """A row of which something is no JSON, as JSON, with Arrow's own text for that."""
        values = {}
        for name, convert, column in zip(self._names, self._cells, row.columns, strict=True):
            try:
                values[name] = convert(column)[0]
            except UnreadableError:
                values[name] = _shown(column)
        return json.dumps(values, ensure_ascii=False).encode()


def _shown(column: pa.Array) -> str:
    try:
        return str(column.to_string())
    except UnicodeDecodeError:
        is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
        return str(column.cast(pa.large_binary()).to_pylist()[0]) if is_text else "no UTF-8"


def _columns(schema: pa.Schema, fields: Fields) -> tuple[list[str], list[Cells]]:
    twice = sorted(name for name, n in Counter(schema.names).items() if n > 1)
    if twice or not schema.names:
        raise UnreadableFile(f"columns given twice: {', '.join(map(repr, twice))}" if twice else "has no columns")
    return schema.names, [_cells(field.type, field.name, 1, fields.type_of(field.name)) for field in schema]


def _cells(type_: pa.DataType, path: str, depth: int, wanted: Type | None) -> Cells:
    """What makes values of arrays of the type, of which the record schema wants a type, if it names them.

    Raises: UnreadableFile naming the column where the type has no JSON.
    """
    types = pa.types
    if depth > MAX_DEPTH:
        raise UnreadableFile(f"column {path}: nested deeper than {MAX_DEPTH}")
    if isinstance(type_, pa.BaseExtensionType):
        inner = _cells(type_.storage_type, path, depth, wanted)
        return lambda array: inner(array.storage)
    if types.is_dictionary(type_):
        inner = _cells(type_.value_type, path, depth, wanted)
        return lambda array: inner(array.dictionary_decode())
    if types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_):
        return _texts
    if types.is_uint64(type_):
        return _unsigned
    if types.is_integer(type_) or types.is_boolean(type_) or types.is_null(type_):
        return _plain
    if types.is_floating(type_):
        return _floats
    if types.is_timestamp(type_) or types.is_date(type_):
        return _dates if wanted and wanted.kind == "date" else _times
    if types.is_decimal(type_) or types.is_time(type_):
        return lambda array: array.cast(pa.string()).to_pylist()
    if types.is_duration(type_):  # in the column's own unit
        return lambda array: array.cast(pa.int64()).to_pylist()
    if types.is_binary(type_) or types.is_large_binary(type_) or types.is_fixed_size_binary(type_):
        return _base64
    if types.is_binary_view(type_):
        return _base64
    return _nested(type_, path, depth, wanted)


def _nested(type_: pa.DataType, path: str, depth: int, wanted: Type | None) -> Cells:
    types = pa.types
    item = wanted.item if wanted else None
    if types.is_map(type_) and (types.is_string(type_.key_type) or types.is_large_string(type_.key_type)):
        return _maps(_cells(type_.item_type, f"{path}.value", depth + 1, item))
    if types.is_struct(type_):
        names = [field.name for field in type_.fields]
        if len(set(names)) < len(names):
            raise UnreadableFile(f"column {path}: fields given twice")
        members = {member.name: member.type for member in wanted.members} if wanted else {}
        # A struct may hold what the schema has as an object with any keys: then all its fields are of one type.
        inner = [_cells(f.type, f"{path}.{f.name}", depth + 1, members.get(f.name, item)) for f in type_.fields]
        if wanted and wanted.kind == "map" and item and not item.nullable:
            return _without_nulls(_structs(names, inner))
        return _structs(names, inner)
    if types.is_list(type_) or types.is_large_list(type_) or types.is_fixed_size_list(type_):
        return _lists(_cells(type_.value_type, f"{path}[]", depth + 1, item))
    raise UnreadableFile(f"column {path}: type {type_} has no JSON; leave the column out or write it as text")


def _plain(array: pa.Array) -> list[Any]:
    values: list[Any] = array.to_pylist()
    return values


def _texts(array: pa.Array) -> list[Any]:
    try:
        return _plain(array)
    except UnicodeDecodeError:
        raise UnreadableError("encoding", "a text is no UTF-8") from None


def _unsigned(array: pa.Array) -> list[Any]:
    values = _plain(array)
    if any(value is not None and value >= 2**63 for value in values):
        raise UnreadableError("big-integer", "an integer is beyond a 64-bit integer")
    return values


def _floats(array: pa.Array) -> list[Any]:
    array = array.cast(pa.float64())
    if not pc.all(pc.is_finite(array), min_count=0).as_py():
        raise UnreadableError("not-finite", "a float is not finite, which is no JSON number")
    return _plain(array)


def _base64(array: pa.Array) -> list[Any]:
    return [None if value is None else base64.b64encode(value).decode() for value in _plain(array)]


def _times(array: pa.Array) -> list[Any]:
    """RFC 3339 in UTC; counts that no calendar of four-digit years has stay integers."""
    if pa.types.is_date(array.type):
        array = array.cast(pa.timestamp("ms" if pa.types.is_date64(array.type) else "s"))
    unit = array.type.unit
    counts = array.view(pa.int64())
    try:
        texts = counts.view(pa.timestamp(unit)).cast(pa.timestamp("s")).cast(pa.string()).to_pylist()
    except pa.ArrowInvalid:  # there are fractions of seconds
        texts = [""]
    if all(text is None or (len(text) == 19 and text > "0001") for text in texts):
        return [text and f"{text[:10]}T{text[11:]}Z" for text in texts]
    return [None if count is None else _time(count, _PER_SECOND[unit]) for count in counts.to_pylist()]


def _dates(array: pa.Array) -> list[Any]:
    """Dates as such; what is no midnight stays a time, so that validation says so."""
    texts = _times(array)
    return [text[:10] if type(text) is str and text.endswith("T00:00:00Z") else text for text in texts]


def _time(count: int, per_second: int) -> str | int:
    try:
        return time_form(EPOCH + timedelta(microseconds=count * 10**6 // per_second))
    except OverflowError:
        return count


def _lists(inner: Cells) -> Cells:
    def cells(array: pa.Array) -> list[Any]:
        # What null lists and the rest of a sliced array hold is not looked at.
        values = inner(array.flatten())
        lengths = pc.list_value_length(array).to_pylist()
        bounds = pairwise(accumulate((n or 0 for n in lengths), initial=0))
        return [None if n is None else values[a:b] for n, (a, b) in zip(lengths, bounds, strict=True)]

    return cells


def _structs(names: Sequence[str], inner: Sequence[Cells]) -> Cells:
    def cells(array: pa.Array) -> list[Any]:
        # Flattened, a null struct is one of nulls.
        columns = [convert(column) for convert, column in zip(inner, array.flatten(), strict=True)]
        rows = zip(*columns, strict=True) if columns else iter([()] * len(array))
        there = array.is_valid().to_pylist()
        return [dict(zip(names, row, strict=True)) if valid else None for valid, row in zip(there, rows, strict=True)]

    return cells


def _without_nulls(objects: Cells) -> Cells:
    """Objects with any keys, stored as structs: there a key that one of them has is null in all others.

    Where the schema lets values be null, such a key cannot be told from one that is there, and stays.
    """

    def cells(array: pa.Array) -> list[Any]:
        return [value and {key: inner for key, inner in value.items() if inner is not None} for value in objects(array)]

    return cells


def _maps(inner: Cells) -> Cells:
    def pairs(array: pa.Array) -> list[Any]:
        keys, values = array.flatten()
        return list(zip(_texts(keys), inner(values), strict=True))

    lists = _lists(pairs)

    def cells(array: pa.Array) -> list[Any]:
        entry = pa.struct([("key", array.type.key_type), ("value", array.type.item_type)])
        return [None if found is None else _object(found) for found in lists(array.cast(pa.list_(entry)))]

    return cells


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise UnreadableError("duplicate-key", "a map has a key twice")
    return value
