"""The signs of a sentence, compiled: those of `signs`, as numbers, where nothing in it is read in a special way."""

import numpy as np

from broadsheet.repeats.compiled_body import letter_at
from broadsheet.repeats.digests import hash_words
from broadsheet.repeats.jit import kernel, load8, trailing_zeros
from broadsheet.repeats.letters import BEFORE_DIGIT, BEHIND_DIGIT, LETTER, NUMERIC, SPACE, SPECIAL
from broadsheet.repeats.signs import JOINING, KNOWN, sign_of
from broadsheet.repeats.tokens import (
    HIGH,
    PADDING,
    are_byte,
    are_digits,
    each,
    fold_text,
    has_letters_only,
    hash_bytes,
    next_word,
)

KINDS = ("", "number", "code", "date", "unit", "negation", "one")
"""The kinds of signs by their codes."""
NUMBER, CODE, DATE, UNIT, NEGATION, ONE = range(1, 7)
_JOINS = 7  # a word that only `signs` can read, such as one of which it may make one sign with the next

WORD, KIND, VALUE, AT, SIZE = range(5)
"""The rows of signs, int64[5, n]: hashes of the word and of what it says, its kind, and the word's place in a pool."""

_PLAIN, _WITH_UNITS, _SPECIAL = range(3)
_POUND, _EURO = 0xA3, 0x20AC
_NONE, _EVEN, _DOLLARS = np.uint64(0), each(0xFE), each(ord("$"))  # the next one is %
_A, _H, _M, _P, _U = (ord(letter) for letter in "ahmpu")


def lexicon() -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int, int], np.dtype[np.int64]]]:
    """An open table of the hashes of all known words, int64[m], and of each its kind and value, int64[m, 2]."""
    known = sorted(KNOWN | JOINING)
    found = [sign_of(word) for word in known]
    hashes = hash_words(known).view(np.int64).tolist()
    values = hash_words([sign.value for sign in found]).view(np.int64).tolist()
    table = np.zeros(4096, np.int64)
    told = np.zeros((len(table), 2), np.int64)
    for word, sign, hash_, value in zip(known, found, hashes, values, strict=True):
        at = hash_ & (len(table) - 1)
        while table[at]:
            at = (at + 1) & (len(table) - 1)
        table[at] = hash_
        told[at] = _JOINS if word in JOINING else KINDS.index(sign.kind), value
    return table, told


@kernel
def read_signs(buffer, span, tables, room, out):
    """Writes the signs of a sentence to `out`; -1 in place of their number where `signs` must.

    `tables` are the alphabet, the letters and the lexicon. `room` are the signs and bytes that are there before; what
    they are then comes back, too. `out` are signs, and the pool, uint8[m], to which the words go.
    """
    start, end = span
    n_signs, n_bytes = room
    found, pool = out
    what = _looked_over(buffer, start, end, tables[1])
    if what == _SPECIAL:
        return -1, n_signs, n_bytes
    first, i = n_signs, start
    while i < end:
        stop, size = _next_unit(buffer, i, end) if what == _WITH_UNITS else (end, 0)
        if stop > i:
            n_signs, n_bytes = _read_words(buffer, (i, stop), tables, (n_signs, n_bytes), out)
            if n_signs < 0:
                return -1, first, n_bytes
        if size:
            if n_signs >= found.shape[1] or n_bytes + size + 8 > len(pool):
                return -1, first, n_bytes
            for k in range(size):
                pool[n_bytes + k] = buffer[stop + k]
            _add_sign(found, n_signs, pool, n_bytes, n_bytes + size)
            found[KIND, n_signs] = UNIT
            n_bytes += size
            n_signs += 1
        i = stop + size
    return n_signs - first, n_signs, n_bytes


@kernel
def _add_sign(found, n, pool, start, end):
    """Writes a word as a sign that says itself."""
    found[WORD, n] = found[VALUE, n] = np.int64(hash_bytes(pool, start, end))
    found[AT, n], found[SIZE, n] = start, end - start


@kernel
def _looked_over(buffer, start, end, letters):
    """Whether a sentence has something that `signs` may read otherwise than word by word, or units at least."""
    pages, bits = letters
    what = _PLAIN
    i = start
    while i < end:
        eight = load8(buffer, i)
        stops = (eight | are_digits(eight) | are_byte(eight & _EVEN, _DOLLARS)) & HIGH
        if stops == _NONE:
            i += 8
            continue
        i += trailing_zeros(stops) >> 3
        if i >= end:
            break
        byte = np.int64(buffer[np.uintp(i)])
        if byte >= 0x80:
            known, size = letter_at(buffer, i, end, pages, bits)
            if known & SPECIAL or (known & BEFORE_DIGIT and i + size < end and _is_digit(buffer[i + size])):
                return _SPECIAL
            if byte == 0xC2 or byte == 0xE2:
                what = max(what, _unit(buffer, i, size, start))
            i += size
        elif 48 <= byte <= 57:
            while i < end and _is_digit(buffer[i]):
                i += 1
            if _goes_on(buffer, i, end, letters):
                return _SPECIAL
        else:
            what = max(what, _unit(buffer, i, 1, start))
            i += 1
        if what == _SPECIAL:
            return _SPECIAL
    return what


@kernel
def _is_digit(byte):
    return 48 <= byte <= 57


@kernel
def _is_unit(buffer, i, size):
    """Whether one of $ % £ € stands there, of which that is the number of bytes."""
    if size == 1:
        return buffer[i] == 36 or buffer[i] == 37
    if size == 2:
        return buffer[i] == 0xC2 and buffer[i + 1] == _POUND
    return size == 3 and buffer[i] == 0xE2 and buffer[i + 1] == 0x82 and buffer[i + 2] == 0xAC


@kernel
def _unit(buffer, i, size, start):
    """What a unit that may stand at buffer[i] makes of the sentence: a sign before it would belong to it."""
    if not _is_unit(buffer, i, size):
        return _PLAIN
    return _SPECIAL if i > start and (buffer[i - 1] == 43 or buffer[i - 1] == 45) else _WITH_UNITS


@kernel
def _next_unit(buffer, i, end):
    """Where the next unit stands from `i` on, and its bytes; `end` and 0 if there is none."""
    while i < end:
        byte = buffer[i]
        size = 1 if byte < 0xC0 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
        if _is_unit(buffer, i, size):
            return i, size
        i += size
    return end, 0


@kernel
def _goes_on(buffer, i, end, letters):
    """Whether a clock time, a score or a date may go on behind the digits that end at `i`."""
    pages, bits = letters
    if i >= end:
        return False
    byte = buffer[i]
    if byte == 58:
        return True
    if byte == 45 or byte == 46 or byte == 47:
        k = i + 1
        while k < end and _is_digit(buffer[k]):
            k += 1
        return k > i + 1 and k + 1 < end and buffer[k] == byte and _is_digit(buffer[k + 1])
    known, size = letter_at(buffer, i, end, pages, bits)
    if known & BEHIND_DIGIT:
        return True
    if known & SPACE:
        i += size
    if i >= end:
        return False
    letter = buffer[i] | 32
    following = np.int64(buffer[i + 1]) if i + 1 < end else 0
    if letter == _A or letter == _P:
        return following == 46 or following | 32 == _M
    if letter == _U:
        return following | 32 == _H
    return letter == _H and (_is_digit(following) or following <= 32 or following >= 0x80)


@kernel
def _read_words(buffer, span, tables, room, out):
    """Writes the words of a part of a sentence as signs; what signs and bytes are there then comes back."""
    alphabet, (pages, bits), (table, known) = tables
    n, n_bytes = room
    found, pool = out
    n_folded = fold_text(buffer, span[0], span[1], alphabet, pool[n_bytes:])
    if n_folded < 0 or n + n_folded > found.shape[1]:
        return -1, n_bytes
    i, stop = n_bytes + 1, n_bytes + 1 + n_folded
    unspaced_end = 0
    while i < stop:
        at, i, unspaced_end = next_word(pool, i, stop, unspaced_end)
        if at < i:
            _add_sign(found, n, pool, at, i)
            slot = _slot(table, found[WORD, n])
            if table[slot] != 0:
                found[KIND, n], found[VALUE, n] = known[slot, 0], known[slot, 1]
            elif has_letters_only(pool, at, i):
                found[KIND, n] = 0
            else:
                found[KIND, n] = _kind_of_unknown(pool, at, i, pages, bits)
            if found[KIND, n] == _JOINS:
                return -1, n_bytes
            n += 1
    return n, stop + PADDING


@kernel
def _slot(table, word):
    """Where a word is in an open table, or would be."""
    at = word & (len(table) - 1)
    while table[at] != 0 and table[at] != word:
        at = (at + 1) & (len(table) - 1)
    return at


@kernel
def _kind_of_unknown(pool, start, end, pages, bits):
    """The kind of a word that is in no table, as `sign_of` has it, or the one of words that only `signs` can read."""
    has_digit, digits_end_it, has_apostrophe = False, True, False
    i = start
    while i < end:
        byte, size = np.int64(pool[np.uintp(i)]), 1
        if byte >= 0x80:
            known, size = letter_at(pool, i, end, pages, bits)
            if known < 0 or known & NUMERIC or (i == start and not known & LETTER):
                return _JOINS
        if _is_digit(byte):
            has_digit = True
        elif has_digit:
            digits_end_it = False
        has_apostrophe |= byte == 39
        i += size
    if has_apostrophe and _is_short_not(pool, start, end):
        return NEGATION
    if not has_digit:
        return 0
    first = pool[start]
    if not (97 <= first <= 122 or first >= 0x80):
        return NUMBER
    return CODE if digits_end_it else 0


@kernel
def _is_short_not(pool, start, end):
    """Whether a word ends in "n't" or begins with "n'"."""
    n = end - start
    if pool[start] == 110 and pool[start + 1] == 39:
        return True
    return n >= 3 and pool[end - 3] == 110 and pool[end - 2] == 39 and pool[end - 1] == 116
