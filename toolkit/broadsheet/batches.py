"""Record batches: from rows and back, to files and back.

Tasks exchange data through Arrow IPC files, one batch per bucket, written under a temporary name and renamed; who
reads one states the digest that the writer reported. It is XXH3, which is told in a sixth of the time of SHA-256, and
whose 128 bits show damage as surely; files of a release, which strangers will check, are known by their SHA-256.
"""

import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from xxhash import xxh3_128

from broadsheet.bucket_sums import read_bucket, sums_of, write_sums
from broadsheet.columns import column, values_of
from broadsheet.errors import ReleaseError

Row = dict[str, Any]

BATCH_ROWS: Final = 1024
"""Rows per batch in streams that this module cuts; no result depends on it."""


def _schema(**types: pa.DataType) -> pa.Schema:
    return pa.schema(list(types.items()))


_TEXT, _INT = pa.string(), pa.int64()
_CAPTURE: Final = pa.struct(_schema(path=_TEXT, line=_INT, offset=_INT, url=_TEXT, source=_TEXT, captured=_TEXT))
_APPEARANCE: Final = pa.struct(_schema(page_id=_TEXT, start=_INT, role=_TEXT))

CANDIDATES: Final = _schema(
    page_id=_TEXT, start=_INT, starts=pa.list_(_INT), capture=_CAPTURE, language=_TEXT, script=_TEXT, record=_TEXT
)
"""A record before validation: its page, where its first segment and all its segments start, the page's first
capture, the language and script that were found, and the record as canonical JSON."""
SETTLED: Final = _schema(page_id=_TEXT, start=_INT, first=_INT, record_id=_TEXT)
"""A segment that validation settled: the start of its record's first segment, and the record, null if rejected."""
INSTANCES: Final = _schema(id=_TEXT, record=_TEXT, page_id=_TEXT, start=_INT)
"""A valid record as one page has it: its id, it as JSON, the page and the start of its first segment there."""
UNIQUE: Final = INSTANCES.append(pa.field("appearances", pa.list_(_APPEARANCE))).append(
    pa.field("names", pa.list_(_TEXT))
)
"""A record once, as its home page has it, with all its appearances, and the ids and addresses that it came with."""
FATES: Final = _schema(
    id=_TEXT,
    kind=_TEXT,
    canonical_id=_TEXT,
    relation=_TEXT,
    story=_TEXT,
    parent_id=_TEXT,
    page_id=_TEXT,
    start=_INT,
)
"""What became of each unique record; page_id and start are those of its home."""
DECISIONS: Final = FATES.append(pa.field("split", _TEXT))
"""Fates with the split of the record's story."""


def from_rows(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    """One batch of the rows, whose times are RFC 3339 text; properties that a row lacks are null.

    Rows: n and n.
    """
    # Names once and not once a row: Arrow makes a new text whenever it is asked for one.
    types = zip(schema.names, schema.types, strict=True)
    columns = [column([row.get(name) for row in rows], type_) for name, type_ in types]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def from_tuples(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    """One batch of rows that hold the schema's columns in its order. Rows: n and n."""
    columns: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else ([] for _ in schema)
    made = [column(values, type_) for values, type_ in zip(columns, schema.types, strict=True)]
    return pa.RecordBatch.from_arrays(made, schema=schema)


def to_rows(batch: pa.RecordBatch | pa.Table) -> list[Row]:
    """The rows of a batch or table, with times as RFC 3339 text in UTC, and dates as such text.

    Raises: ValueError where a time lies outside of the years 1 to 9999.
    """
    if isinstance(batch, pa.Table):
        return [row for part in batch.to_batches() for row in to_rows(part)]
    names = batch.schema.names
    return [dict(zip(names, row, strict=True)) for row in zip(*map(values_of, batch.columns), strict=True)]


def cut(rows: Iterable[Row], schema: pa.Schema, size: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
    """Batches of at most `size` rows, lazily; holds one batch in memory."""
    held: list[Row] = []
    for row in rows:
        held.append(row)
        if len(held) == size:
            yield from_rows(held, schema)
            held = []
    if held:
        yield from_rows(held, schema)


def stream_rows(batches: Iterable[pa.RecordBatch]) -> Iterator[Row]:
    """The rows of a stream of batches, lazily; holds one batch in memory."""
    for batch in batches:
        yield from to_rows(batch)


@dataclass(frozen=True, slots=True)
class File:
    """A committed file: where, and what its reader must find there."""

    path: str
    digest: str
    """In hex: SHA-256 of a release's own files, else XXH3."""

    def to_json(self) -> list[str]:
        """The file as engines pass it between tasks."""
        return [self.path, self.digest]


_TOKEN: Final = secrets.token_hex(4)


def process_name() -> str:
    """What no other process that may write into the same folder is called, on whatever machine it runs."""
    return f"{os.getpid()}-{_TOKEN}"


def commit(path: Path, write: Callable[[Path], None], *, durable: bool = False) -> File:
    """The file that `write` wrote, renamed into place when whole; none appears half written.

    With `durable` it outlasts a power cut, too: it and its folder are brought to the disk. Files that tasks exchange
    need not be, since who reads one looks whether it is what was written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{process_name()}")
    try:
        write(temporary)
        digest = _file_xxh3(temporary)
        if durable:
            to_disk(temporary)
        temporary.replace(path)
        if durable:
            to_disk(path.parent)
    finally:
        temporary.unlink(missing_ok=True)
    return File(str(path), digest)


def to_disk(path: Path) -> None:
    """Brings a file's content, or a folder's entries, from the system's memory to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some file systems bring folders to the disk of themselves, and say that they are not to be asked.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP) or not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(error.errno, os.strerror(error.errno or 0), str(path)) from None
    finally:
        os.close(descriptor)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex; holds one buffer in memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _file_xxh3(path: Path) -> str:
    """XXH3 of a file's bytes, 128 bits in hex; holds one buffer in memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, xxh3_128).hexdigest()


def is_intact(path: Path, digest: str) -> bool:
    """Whether a file has the digest that `File` tells of it."""
    return (file_sha256(path) if len(digest) == _SHA256_CHARS else _file_xxh3(path)) == digest


_SHA256_CHARS: Final = 64


def write_batches(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> File:
    """A committed Arrow IPC file of the batches, a batch a bucket, in their order.

    Of several batches each has a digest of its own (`bucket_sums`). No schema of ours has dictionaries, which would
    stand between the batches.
    """
    ends: list[int] = []
    sums = b""

    def write(temporary: Path) -> None:
        nonlocal sums
        with pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
                ends.append(sink.tell())
        if len(ends) > 1:
            sums = sums_of(temporary, ends)

    file = commit(path, write)
    if sums:
        write_sums(path, file.digest, sums)
    return file


def read_batches(
    files: Iterable[Sequence[str]], bucket: int | None = None, *, first: int = 0, mapped: bool = True
) -> Iterator[pa.RecordBatch]:
    """The batches of committed files (`File.to_json`), one file after another; with `bucket`, that batch of each.

    Of all batches, those of the first file before the one of number `first` are passed over.

    Memory-mapped: holds what the caller keeps, and the pages of that one's file; without `mapped` only the former, of
    files that are read whole.

    Raises: ReleaseError where a file, or of one in buckets the batch, is not what its writer committed.
    """
    for path, digest in files:
        batch = None if bucket is None else read_bucket(Path(path), digest, bucket)
        if batch is not None:
            yield batch
            continue
        require_intact(path, digest)
        with pa.memory_map(path) if mapped else pa.OSFile(path) as source:
            reader = pa.ipc.open_file(source)
            for i in range(first, reader.num_record_batches) if bucket is None else (bucket,):
                yield reader.get_batch(i)
        first = 0


def require_intact(path: str, digest: str) -> None:
    """Raises: ReleaseError where a committed file is not what its writer committed.

    A process hashes each file once, while its size, times and place stay: who merges buckets asks for every file as
    often as there are buckets, which would be the square of the corpus.
    """
    state = Path(path).stat()
    _require_hash(path, digest, (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns))


@lru_cache(maxsize=1 << 16)
def _require_hash(path: str, digest: str, _state: tuple[int, ...]) -> None:
    if not is_intact(Path(path), digest):
        raise ReleaseError(f"{path}: changed since it was written; build again")


def bucket_of(id_: str, n_buckets: int) -> int:
    """The bucket, 0 to n_buckets - 1, of an id in hex: equal ranges, so that buckets in order hold ids in order."""
    return int(id_[:8], 16) * n_buckets >> 32


def by_bucket(rows: list[Row], key: str, n_buckets: int, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """One batch per bucket of the rows' `key`, in order. Takes the rows out of the list; holds all of them at first."""
    held: list[list[Row]] = [[] for _ in range(n_buckets)]
    for row in rows:
        held[bucket_of(row[key], n_buckets)].append(row)
    rows.clear()
    for bucket in held:
        yield from_rows(bucket, schema)
        bucket.clear()
