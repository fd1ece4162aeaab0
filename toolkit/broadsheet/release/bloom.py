"""Bloom filters of Parquet files: whether a row group may have a value in a column that the rows are not sorted by.

As Apache Parquet's format defines them: split blocks of 256 bits, one for each value, in which it has a bit in each of
eight words; the hash is XXH64 with seed 0. pyarrow writes such filters and tells where they lie, but does not ask them.
"""

import os
from collections.abc import Iterable
from typing import Final

import pyarrow.parquet as pq
import xxhash

_SALT: Final = (
    0x47B6137B, 0x44974D91, 0x8824AD5B, 0xA2B7289D, 0x705495C7, 0x2DF1424B, 0x9EFC4947, 0x5C6BFB31,
)  # fmt: skip
_WORDS: Final = len(_SALT)
_BLOCK_BYTES: Final = 4 * _WORDS
_UINT32: Final = 0xFFFFFFFF

Key = tuple[int, int]
"""The upper half of a value's hash, which chooses its block, and its bits in the block."""


def key_of(value: str) -> Key:
    """What a filter is asked for, of a text."""
    upper, lower = divmod(xxhash.xxh64_intdigest(value.encode()), 1 << 32)
    mask = 0
    for i, salt in enumerate(_SALT):
        mask |= 1 << (32 * i + ((lower * salt & _UINT32) >> 27))
    return upper, mask


def may_hold(descriptor: int, chunk: pq.ColumnChunkMetaData, keys: Iterable[Key]) -> bool:
    """False where none of the values stand in a column of a row group; true, too, where it has no filter.

    Reads a block a value from the open file. Raises: OSError where the file is shorter than it says.
    """
    size = chunk.bloom_filter_length
    if not size:
        return True
    # The header's length is not told, but of the whole all that is no power of two is the header's.
    n_bytes = 1 << (size.bit_length() - 1)
    start, n_blocks = chunk.bloom_filter_offset + size - n_bytes, n_bytes // _BLOCK_BYTES
    for upper, mask in keys:
        at = start + (upper * n_blocks >> 32) * _BLOCK_BYTES
        block = os.pread(descriptor, _BLOCK_BYTES, at)
        if len(block) < _BLOCK_BYTES:
            raise OSError("a Bloom filter lies behind its end")
        if mask & ~int.from_bytes(block, "little") == 0:
            return True
    return False
