"""Digests of each bucket of an exchanged file, beside it, so that who reads one bucket need not hash all the others.

Without them every reader of a bucket would read every file whole: bytes that grow by the square of the input. They
decide nothing alone: what they do not vouch for is checked by the digest of the whole file.

The file `<name>.sums` holds the digest (XXH3) of the whole file, that of what stands before its first batch (the
schema), and that length; then of each batch its start, end and digest.
"""

import struct
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import pyarrow as pa
from xxhash import xxh3_128_digest

_HEAD: Final = struct.Struct("<16s16sQ")
_BATCH: Final = struct.Struct("<QQ16s")
_MAGIC_BYTES: Final = 8
"""An Arrow file begins with its name, padded; then comes what a stream begins with."""


def sums_of(path: Path, ends: Sequence[int]) -> bytes:
    """What is told of a written file whose batches end at `ends`, but for the digest of the whole."""
    told = []
    with pa.OSFile(str(path)) as source:
        source.seek(_MAGIC_BYTES)
        pa.ipc.read_message(source)  # the schema
        n_head = source.tell()
    with path.open("rb") as file:
        head = file.read(n_head)
        for start, end in pairwise([n_head, *ends]):
            told.append(_BATCH.pack(start, end, xxh3_128_digest(file.read(end - start))))
    return _HEAD.pack(b"", xxh3_128_digest(head), len(head)) + b"".join(told)


def write_sums(path: Path, digest: str, sums: bytes) -> None:
    """Writes them beside the file with that digest; half written, or of another file, they vouch for nothing.

    What has the name goes first: it may be a link to somewhere.
    """
    beside = _beside(path)
    beside.unlink(missing_ok=True)
    beside.write_bytes(bytes.fromhex(digest) + sums[16:])


def read_bucket(path: Path, digest: str, bucket: int) -> pa.RecordBatch | None:
    """The batch, where it is what was written into the file with that digest; None where that cannot be told.

    Memory-mapped: holds what the caller keeps.
    """
    try:
        with _beside(path).open("rb") as file:
            whole, of_head, n_head = _HEAD.unpack(file.read(_HEAD.size))
            file.seek(_HEAD.size + bucket * _BATCH.size)
            start, end, of_batch = _BATCH.unpack(file.read(_BATCH.size))
    except (OSError, struct.error):
        return None
    if whole.hex() != digest:
        return None
    with pa.memory_map(str(path)) as source:
        if not n_head <= start <= end <= source.size():
            return None
        head = source.read_buffer(n_head)
        source.seek(start)
        batch = source.read_buffer(end - start)
    if (xxh3_128_digest(head), xxh3_128_digest(batch)) != (of_head, of_batch):
        return None
    return pa.ipc.read_record_batch(batch, pa.ipc.read_schema(head.slice(_MAGIC_BYTES)))


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.sums")
