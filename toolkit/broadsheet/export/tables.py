"""A table of a release in its formats: shards of Parquet and of JSON lines, cut by size alone."""

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from zlib_ng import gzip_ng

from broadsheet.batches import File, file_sha256, process_name, read_batches
from broadsheet.contract import Contract
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

PATTERNS: Final = {"parquet": "data/{config}/{shard}.parquet", "jsonl": "jsonl/{config}/{shard}.jsonl.gz"}
"""Where each format's shards lie in a release; a shard is `<split>-00000-of-00001`."""


def write_table(spec: dict[str, Any]) -> dict[str, Any]:
    """Writes the shards of one table into a release that is being built.

    Spec: config, split, contract, files, bucket (batch of each file, or null for all), formats, root; base, a table of
    another release with the folder that it lies in (`root`), whose shards are taken over as they are, before the new
    ones. Result: config, split, numbers of rows and of bytes of their JSON lines, the logical digest (SHA-256 of these
    lines), the paths by format, and the files as committed (`written`); no files where no rows are; where rows were
    added to a base's, also the number of rows that came with each release (`runs`).
    """
    root, config, split = Path(spec["root"]), spec["config"], spec["split"]
    schema = Contract.of(spec["contract"]).columns(config)
    batches = read_batches(spec["files"], spec["bucket"], mapped=False)
    base = spec.get("base")
    digest: Any = None
    n_rows = n_bytes = 0
    written: list[dict[str, Path]] = []
    for shard in _shards(batches, schema):
        # A process that lives on when its build has died must not write into what the next build writes.
        paths = {name: root / f".{config}-{split}-{len(written)}.{name}.{process_name()}" for name in spec["formats"]}
        writers = [_WRITERS[name](path, schema) for name, path in paths.items()]
        digest = digest or _begun(base)
        for piece in shard:
            digest.update(piece.lines.data)
            for writer in writers:
                writer.add(piece)
            n_bytes += len(piece.lines.data)
            n_rows += len(piece.lines)
        for writer in writers:
            writer.close()
        written.append(paths)
    placed = _place(root, config, split, written, _copied(base, root, spec["formats"]))
    found = {
        "n_rows": n_rows,
        "n_bytes": n_bytes,
        "logical_digest": digest.hexdigest() if digest else hashlib.sha256().hexdigest(),
    }
    return {
        "config": config,
        "split": split,
        **(_added(base, found) if base else found),
        "files": placed,
        "written": [
            File(str(root / path), file_sha256(root / path)).to_json() for paths in placed.values() for path in paths
        ],
    }


def _begun(base: Mapping[str, Any] | None) -> Any:
    """The digest of the base's rows, to go on with."""
    digest = hashlib.sha256()
    for data in lines_there(Path(base["root"]), base["files"]) if base else ():
        digest.update(data)
    return digest


def lines_there(root: Path, files: Mapping[str, Sequence[str]]) -> Iterator[bytes | memoryview]:
    """The JSON lines of shards that lie below `root`, in pieces; they are made where the release has none. Lazy."""
    if "jsonl" in files:
        for path in files["jsonl"]:
            with gzip_ng.open(root / path) as file:
                while data := file.read(1 << 20):
                    yield data
        return
    for path in files["parquet"]:
        with pq.ParquetFile(root / path) as parquet:
            for batch in parquet.iter_batches(1024, use_threads=False):
                for _, lines in json_lines(batch):
                    yield lines.data


def _copied(base: Mapping[str, Any] | None, root: Path, formats: Iterable[str]) -> list[dict[str, Path]]:
    """Copies of a base's shards, under names that nobody sees: nothing that was published may be shared and changed."""
    if not base:
        return []
    copies: list[dict[str, Path]] = []
    for i in range(len(base["files"]["parquet"])):
        paths = {name: root / f".{base['config']}-{base['split']}-base-{i}.{name}.{process_name()}" for name in formats}
        for name, path in paths.items():
            shutil.copyfile(Path(base["root"]) / base["files"][name][i], path)
        copies.append(paths)
    return copies


def _added(base: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of a base's table with new rows behind its own."""
    if not found["n_rows"]:
        return {name: base[name] for name in (*found, "runs") if name in base}
    runs = [*base.get("runs", [base["n_rows"]]), found["n_rows"]]
    sums = {name: base[name] + found[name] for name in ("n_rows", "n_bytes")}
    return {**found, **sums, "runs": runs}


def _place(
    root: Path, config: str, split: str, written: list[dict[str, Path]], before: Sequence[dict[str, Path]]
) -> dict[str, list[str]]:
    """Gives the shards their names, which hold their number."""
    placed: dict[str, list[str]] = {}
    shards = [*before, *written]
    for i, paths in enumerate(shards):
        for name, path in paths.items():
            shard = f"{split}-{i:05d}-of-{len(shards):05d}"
            target = PATTERNS[name].format(config=config, shard=shard)
            (root / target).parent.mkdir(parents=True, exist_ok=True)
            path.rename(root / target)
            placed.setdefault(name, []).append(target)
    return placed


def write_shard(paths: Mapping[str, Path], batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[Lines]:
    """Writes one shard in the formats of `paths`, which name the file of each; its JSON lines come back. Lazy.

    Memory: a row group.
    """
    for path in paths.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    writers = [_WRITERS[name](path, schema) for name, path in paths.items()]
    for piece in _pieces(batches, schema):
        for writer in writers:
            writer.add(piece)
        yield piece.lines
    for writer in writers:
        writer.close()


@dataclass(frozen=True, slots=True)
class _Piece:
    """Rows of one row group, and their JSON lines."""

    rows: pa.RecordBatch
    lines: Lines
    ends_group: bool


def _shards(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[Iterator[_Piece]]:
    """The pieces of each shard. Where groups and shards end depends on the rows alone, not on batches.

    Lazy: a shard must be used up before the next is asked for; holds one piece.
    """
    pieces = _pieces(batches, schema)
    for first in pieces:
        yield _shard(chain([first], pieces))


def _shard(pieces: Iterator[_Piece]) -> Iterator[_Piece]:
    size = 0
    for piece in pieces:
        size += len(piece.lines.data)
        yield piece
        if piece.ends_group and size >= SHARD_BYTES:
            return


def _pieces(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[_Piece]:
    """The rows in pieces, of which none belongs to two groups. Lazy."""
    size = 0
    for batch in batches:
        for part, lines in json_lines(batch.select(schema.names)):
            start = 0
            while start < len(lines):
                before = int(lines.ends[start - 1]) if start else 0
                full = int(np.searchsorted(lines.ends, before + GROUP_BYTES - size))  # the line that fills the group
                stop = min(full + 1, len(lines))
                piece = _Piece(part.slice(start, stop - start), lines.part(start, stop), ends_group=full < len(lines))
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

    def add(self, piece: _Piece) -> None:
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

    def add(self, piece: _Piece) -> None:
        self._lines.write_lines(piece.lines)

    def close(self) -> None:
        self._lines.close()


_WRITERS: Final[Mapping[str, type[_Parquet] | type[_Jsonl]]] = {"parquet": _Parquet, "jsonl": _Jsonl}
FORMATS: Final = frozenset(_WRITERS)
"""The formats that `write_table` writes."""
