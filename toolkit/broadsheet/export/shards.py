"""One shard of a table, in each format; where row groups and shards end depends on the rows alone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from broadsheet.export.jsonl import GzipLines
from broadsheet.lines import Lines, json_lines

SHARD_BYTES: Final = 256 << 20
GROUP_BYTES: Final = 16 << 20
"""JSON bytes from which a shard and a row group end. A group's Arrow bytes are about its JSON bytes: far under the
100 MB that `datasets` and the Hub's viewer ask for, because who looks up a single row must read its group."""

_LOOKED_UP: Final = frozenset(["record_id", "canonical_id", "b", "story", "given_id"])
"""Columns by which single rows are looked for, in tables that are sorted by others."""
_WRONG_PLACES: Final = 0.05
"""Share of the row groups that a Bloom filter lets be read in vain: a byte a row."""


def write_shard(paths: Mapping[str, Path], batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[Lines]:
    """Writes one shard in the formats of `paths`, which name the file of each; its JSON lines come back. Lazy.

    Memory: a row group.
    """
    return write_pieces(paths, _pieces(batches, schema), schema)


def write_pieces(paths: Mapping[str, Path], pieces: Iterable["Piece"], schema: pa.Schema) -> Iterator[Lines]:
    """The same of pieces that `shards` gave."""
    for path in paths.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    writers = [WRITERS[name](path, schema) for name, path in paths.items()]
    for piece in pieces:
        for writer in writers:
            writer.add(piece)
        yield piece.lines
    for writer in writers:
        writer.close()


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of one row group, and their JSON lines."""

    rows: pa.RecordBatch
    lines: Lines
    ends_group: bool


def shards(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[Iterator[Piece]]:
    """The pieces of each shard. Where groups and shards end depends on the rows alone, not on batches.

    Lazy: a shard must be used up before the next is asked for; holds one piece.
    """
    pieces = _pieces(batches, schema)
    for first in pieces:
        yield _shard(chain([first], pieces))


def _shard(pieces: Iterator[Piece]) -> Iterator[Piece]:
    size = 0
    for piece in pieces:
        size += len(piece.lines.data)
        yield piece
        if piece.ends_group and size >= SHARD_BYTES:
            return


def _pieces(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[Piece]:
    """The rows in pieces, of which none belongs to two groups. Lazy."""
    size = 0
    for batch in batches:
        for part, lines in json_lines(batch.select(schema.names)):
            start = 0
            while start < len(lines):
                before = int(lines.ends[start - 1]) if start else 0
                full = int(np.searchsorted(lines.ends, before + GROUP_BYTES - size))  # the line that fills the group
                stop = min(full + 1, len(lines))
                piece = Piece(part.slice(start, stop - start), lines.part(start, stop), ends_group=full < len(lines))
                size = 0 if piece.ends_group else size + len(piece.lines.data)
                start = stop
                yield piece


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return pa.Table.from_batches(batches).combine_chunks().to_batches()[0]


def parquet_writer(path: Path, schema: pa.Schema, group_rows: int) -> pq.ParquetWriter:
    """A writer of a release's Parquet, whose row groups have about so many rows.

    The settings are what the Hub and its viewer read best; Bloom filters let a single row be found by what the rows are
    not sorted by.
    """
    filtered = {name: {"ndv": group_rows, "fpp": _WRONG_PLACES} for name in schema.names if name in _LOOKED_UP}
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        write_page_index=True,
        write_page_checksum=True,
        use_content_defined_chunking=True,
        bloom_filter_options=filtered or None,
    )


class _Parquet:
    """One Parquet file, a row group a group; holds one, as slices of the batches that it is from."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path, self._schema = path, schema
        self._held: list[pa.RecordBatch] = []
        self._writer: pq.ParquetWriter | None = None

    def add(self, piece: Piece) -> None:
        self._held.append(piece.rows)
        if piece.ends_group:
            self._write()

    def _write(self) -> None:
        rows, self._held = _joined(self._held), []
        # A filter's size must be known before the first row: a shard's groups are about as large as its first.
        self._writer = self._writer or parquet_writer(self._path, self._schema, rows.num_rows)
        self._writer.write_batch(rows, row_group_size=rows.num_rows)

    def close(self) -> None:
        if self._held:
            self._write()
        (self._writer or parquet_writer(self._path, self._schema, 1)).close()


class _Jsonl:
    """One gzipped file of JSON lines."""

    def __init__(self, path: Path, _schema: pa.Schema) -> None:
        self._lines = GzipLines(path)

    def add(self, piece: Piece) -> None:
        self._lines.write_lines(piece.lines)

    def close(self) -> None:
        self._lines.close()


WRITERS: Final[Mapping[str, type[_Parquet] | type[_Jsonl]]] = {"parquet": _Parquet, "jsonl": _Jsonl}
"""What writes a shard, by format."""
