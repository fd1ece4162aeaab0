"""Code points as arrays, and what kind of sign each is."""

from __future__ import annotations

import unicodedata
from typing import Final

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]
Kinds = npt.NDArray[np.uint8]

(
    FEED, SPACE, LOWER, UPPER, LETTER, WIDE, DIGIT, STOP, QUERY, ELLIPSIS, COMMA, COLON, OPEN, CLOSE, QUOTE, BULLET,
    DASH, BAR, SIGN, MARK, OTHER, RIGHTS,
) = range(22)  # fmt: skip
"""Kinds of code points: `LETTER` has no case, `WIDE` is of a script without spaces, `SIGN` is one that code uses."""
N_KINDS: Final = 22
_UNKNOWN: Final = 255
_POINTS: Final = 0x110000

_LISTED: Final = {
    FEED: "\n", STOP: ".。．｡۔।॥።։", QUERY: "!?！？؟‽", ELLIPSIS: "…⋯", COMMA: ",،、，;؛；", COLON: ":：",
    QUOTE: "\"'", BULLET: "•◦▪▫‣⁃●○■□►▶", DASH: "-–—−―*+", BAR: "|·»›→←↑↓«‹/＞＜❯❮▸▾▼▲¦", RIGHTS: "©®™℗",
    SIGN: "{}<>=\\$^~_`#@&%[]",
}  # fmt: skip
_UNSPACED: Final = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)  # fmt: skip
_OF_CATEGORY: Final = {
    "Ll": LOWER, "Lu": UPPER, "Lt": UPPER, "Lo": LETTER, "Lm": LETTER, "Nd": DIGIT, "Ps": OPEN, "Pi": OPEN,
    "Pe": CLOSE, "Pf": CLOSE, "Mn": MARK, "Mc": MARK, "Me": MARK,
}  # fmt: skip

_KIND: Final = np.full(_POINTS, _UNKNOWN, np.uint8)
_LOWERED: Final = np.zeros(_POINTS, np.uint32)
_VALUE: Final = np.zeros(_POINTS, np.uint8)
_SPREAD: Final = np.zeros(_POINTS, np.uint64)
_FACTOR: Final = np.uint64(0xD1B54A32D192ED03)


def _kind(char: str) -> int:
    for kind, listed in _LISTED.items():
        if char in listed:
            return kind
    if char.isspace():
        return SPACE
    kind = _OF_CATEGORY.get(unicodedata.category(char), OTHER)
    if kind in (LETTER, MARK) and any(first <= ord(char) <= last for first, last in _UNSPACED):
        return WIDE
    return kind


def _learn(points: list[int]) -> None:
    for point in points:
        char = chr(point)
        _LOWERED[point] = ord(char.lower()[0])
        _VALUE[point] = unicodedata.decimal(char, 0)
        _KIND[point] = _kind(char)
    spread = _LOWERED[points].astype(np.uint64) * _FACTOR
    _SPREAD[points] = spread ^ spread >> np.uint64(29)


_learn(list(range(0x250)))
_FIRST_KINDS: Final = _KIND[:256].tobytes()
_FIRST_LOWERED: Final = _LOWERED[:256].astype(np.uint8).tobytes()
"""Of the code points that fit a byte, which are looked up many times faster; in lower case they still fit."""


def codes_of(text: str) -> Codes:
    """The code points of a text, `uint32[n]`."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def kinds_of(codes: Codes) -> Kinds:
    """The kind of each code point; the tables learn what they meet for the first time."""
    kinds = _translated(codes, _FIRST_KINDS)
    large = np.flatnonzero(codes > 0xFF)
    if len(large):
        some = codes[large]
        found = _KIND.take(some, mode="clip")
        new = found == _UNKNOWN
        if new.any():
            _learn(np.unique(some[new]).tolist())
            found = _KIND.take(some, mode="clip")
        kinds[large] = found
    return kinds


def _translated(codes: Codes, table: bytes) -> Kinds:
    return np.frombuffer(bytearray(codes.astype(np.uint8).tobytes().translate(table)), np.uint8)


def is_sign(kinds: Kinds) -> npt.NDArray[np.bool_]:
    """Which visible code points are neither letters nor digits nor marks, by their kinds."""
    found: npt.NDArray[np.bool_] = (kinds > DIGIT) & (kinds != MARK)
    return found


def lowered(codes: Codes) -> Codes:
    """Each code point in lower case (its first, where it has several); of what `kinds_of` has met."""
    return _LOWERED.take(codes, mode="clip")  # code points are within the table: this way it is three times as quick


def spread(codes: Codes) -> npt.NDArray[np.uint64]:
    """A number of 64 bits for each code point in lower case, 0 for NUL alone; of what `kinds_of` has met."""
    return _SPREAD.take(codes, mode="clip")


def planes(codes: Codes) -> list[Kinds]:
    """The lowest bytes of all code points in lower case, then the next ones, as far as some are not 0.

    Behind each there are eight 0 more.
    """
    found = [_translated(codes, _FIRST_LOWERED)]
    large = np.flatnonzero(codes > 0xFF)
    if len(large):
        low = lowered(codes[large])
        found[0][large] = low.astype(np.uint8)
        for shift in (8, 16) if low.max() > 0xFFFF else (8,):
            plane = np.zeros(len(codes), np.uint8)
            plane[large] = (low >> np.uint32(shift)).astype(np.uint8)
            found.append(plane)
    return [np.concatenate((plane, np.zeros(8, np.uint8))) for plane in found]


def values(codes: Codes) -> npt.NDArray[np.uint8]:
    """The decimal value of each digit; of what `kinds_of` has met."""
    found: npt.NDArray[np.uint8] = _VALUE[codes]
    return found
