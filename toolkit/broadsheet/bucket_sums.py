"""Digests of each bucket of an exchanged file, beside it, so that who reads one bucket need not hash all the others.

Without them every reader of a bucket would read every file whole: bytes that grow by the square of the input. They
decide nothing alone: what they do not vouch for is checked by the digest of the whole file.

The file `<name>.sums` holds the SHA-256 of the whole file, of what stands before its first batch (the schema), and that
length; then of each batch its start, end and SHA-256.
"""

import hashlib
import struct
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import pyarrow as pa

_HEAD: Final = struct.Struct("<32s32sQ")
_BATCH: Final = struct.Struct("<QQ32s")
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
            told.append(_BATCH.pack(start, end, hashlib.sha256(file.read(end - start)).digest()))
    return _HEAD.pack(b"", hashlib.sha256(head).digest(), len(head)) + b"".join(told)


def write_sums(path: Path, sha256: str, sums: bytes) -> None:
    """Writes them beside the file with that digest; half written, or of another file, they vouch for nothing.

    What has the name goes first: it may be a link to somewhere.
    """
    beside = _beside(path)
    beside.unlink(missing_ok=True)
    beside.write_bytes(bytes.fromhex(sha256) + sums[32:])


def read_bucket(path: Path, sha256: str, bucket: int) -> pa.RecordBatch | None:
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
    if whole.hex() != sha256:
        return None
    with pa.memory_map(str(path)) as source:
        if not n_head <= start <= end <= source.size():
            return None
        head = source.read_buffer(n_head)
        source.seek(start)
        batch = source.read_buffer(end - start)
    if (hashlib.sha256(head).digest(), hashlib.sha256(batch).digest()) != (of_head, of_batch):
        return None
    return pa.ipc.read_record_batch(batch, pa.ipc.read_schema(head.slice(_MAGIC_BYTES)))


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.sums")
