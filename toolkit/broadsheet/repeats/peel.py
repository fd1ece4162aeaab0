"""Shingles that stand in one text only, dropped range by range: for more of them than there are counters."""

import numpy as np

from broadsheet.repeats.jit import kernel
from broadsheet.repeats.relate import COMMONEST

_1, _64 = np.uint64(1), np.uint64(64)


@kernel
def count_range(hashes, counting, dealt):
    """Counts the hashes of one range of 2 ** `bits`, each in the four bits that its next bits name.

    `counting` are the counters and the shift that leaves a hash's own one, `dealt` a key, bits and the range's number:
    ranges and counters go by the hash times the key, an odd number, and with another one other hashes meet.
    """
    counters, shift = counting
    key, bits, number = dealt
    for found in hashes:
        mixed = found * key
        if mixed >> (_64 - bits) != number:
            continue
        slot = (mixed << bits) >> shift
        at, half = np.uintp(slot >> _1), (slot & _1) * np.uint64(4)
        known = counters[at]
        if (known >> np.uint8(half)) & 15 < COMMONEST:
            counters[at] = known + np.uint8(_1 << half)


@kernel
def drop_range(bounds, hashes, counting, dealt):
    """Drops, in place, the hashes of the range that were counted once; the number of those left comes back."""
    counters, shift = counting
    key, bits, number = dealt
    to = 0
    for i in range(len(bounds) - 1):
        start, end = bounds[i], bounds[i + 1]
        bounds[i] = to
        for k in range(start, end):
            found = hashes[k]
            mixed = found * key
            hashes[to] = found
            slot = (mixed << bits) >> shift
            known = (counters[np.uintp(slot >> _1)] >> np.uint8((slot & _1) * np.uint64(4))) & 15
            to += (mixed >> (_64 - bits) != number) | (known > 1)
    bounds[len(bounds) - 1] = to
    return to
