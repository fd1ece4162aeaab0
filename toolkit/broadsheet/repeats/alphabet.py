"""Tables for a compiled tokeniser: what each code point becomes, from the one definition in `broadsheet.text`."""

import sys
import unicodedata
from functools import cache
from threading import Lock

import numpy as np
import numpy.typing as npt

from broadsheet.text import is_free_mark, is_raised, is_unspaced, translate_char

PAGE = 256
"""Code points that are looked up together."""

UNSPACED = 0xFE
"""The byte, in no UTF-8, that stands before each code point that is a word of its own."""

# A code point's entry, from its lowest bit: 28 bits where its folded bytes start in the pool, 8 how many they are,
# 8 its canonical combining class, 8 that of what it becomes, then the flags.
SIZE_BIT, CLASS_BIT, FOLDED_CLASS_BIT, FLAG_BIT = 28, 36, 44, 52
IN_PYTHON, DECIMAL, RAISED = 1, 2, 4
"""Flags: texts that have it go through `words`; it is a decimal digit; `words` reads it otherwise behind a digit."""

_MAX_BYTES = 255


class Alphabet:
    """What code points become, as arrays that grow by the pages that texts hold. Thread-safe.

    `pages` is int32[4352]: the number of a page of 256 code points among `entries`, uint64[n, 256], or -1. `pool`
    is uint8[n_bytes]: the folded forms in UTF-8. About 3 KB a page.
    """

    def __init__(self) -> None:
        self.pages = np.full((sys.maxunicode + 1) // PAGE, -1, np.int32)
        self.entries = np.zeros((1, PAGE), np.uint64)
        self.pool = np.frombuffer(bytes(1), np.uint8)  # of the kind that `_add` makes: each kind is compiled for itself
        self._lock = Lock()

    def cover(
        self, met: npt.NDArray[np.bool_]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint64], npt.NDArray[np.uint8]]:
        """The arrays `pages`, `entries` and `pool`, with all pages of which `met` is true."""
        with self._lock:
            wanted = np.flatnonzero(met & (self.pages < 0))
            if len(wanted):
                self._add(wanted.tolist())
            return self.pages, self.entries, self.pool

    def _add(self, wanted: list[int]) -> None:
        pool = bytearray(self.pool.tobytes())
        added = np.array([[_entry(page * PAGE + i, pool) for i in range(PAGE)] for page in wanted], np.uint64)
        # Who is reading the old arrays goes on with them: pages are replaced and never written to.
        pages = self.pages.copy()
        pages[wanted] = np.arange(len(self.entries), len(self.entries) + len(wanted))
        self.entries = np.concatenate([self.entries, added])
        self.pool = np.frombuffer(bytes(pool), np.uint8)
        self.pages = pages


def _entry(code: int, pool: bytearray) -> int:
    char = chr(code)
    folded = translate_char(char)
    encoded = b"".join(bytes([UNSPACED] * is_unspaced(c)) + c.encode() for c in folded)
    classes = [unicodedata.combining(c) for c in folded]
    flags = DECIMAL * char.isdecimal() + RAISED * is_raised(char)
    if (
        len(encoded) > _MAX_BYTES
        or not all(map(_stays, char + folded))
        or any(map(is_free_mark, folded))
        or (len(folded) > 1 and any(classes))
    ):
        return (flags | IN_PYTHON) << FLAG_BIT
    start = len(pool)
    pool += encoded
    folded_class = classes[0] if classes else 0
    return (
        start
        | len(encoded) << SIZE_BIT
        | unicodedata.combining(char) << CLASS_BIT
        | folded_class << FOLDED_CLASS_BIT
        | flags << FLAG_BIT
    )


def _stays(char: str) -> bool:
    """True where NFC leaves a code point alone, whatever stands before it (NFC_Quick_Check is Yes: UAX #15, 9.1)."""
    return unicodedata.is_normalized("NFC", char) and ord(char) not in _seconds()


@cache
def _seconds() -> frozenset[int]:
    """The code points that can merge with one before them."""
    found = {*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)}  # Hangul is composed by arithmetic
    every = [chr(code) for code in range(0xC0, 0x20000)]  # behind these planes there are ideographs and tags only
    apart = unicodedata.normalize("NFD", "\n".join(every)).split("\n")  # all at once: few are made of others
    for char in (char for char, parts in zip(every, apart, strict=True) if parts != char):
        parts = unicodedata.decomposition(char).split()
        if len(parts) == 2 and parts[0][0] != "<":
            first, second = (int(part, 16) for part in parts)
            if unicodedata.normalize("NFC", chr(first) + chr(second)) == char:
                found.add(second)
    return frozenset(found)
