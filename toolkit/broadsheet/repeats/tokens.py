"""The compiled tokeniser: the words of `broadsheet.text.words` as 64-bit hashes, from UTF-8."""

import numpy as np

from broadsheet.repeats.alphabet import (
    CLASS_BIT,
    DECIMAL,
    FLAG_BIT,
    FOLDED_CLASS_BIT,
    IN_PYTHON,
    RAISED,
    SIZE_BIT,
    UNSPACED,
)
from broadsheet.repeats.jit import kernel, load8, store8, trailing_zeros

PADDING = 24
"""Bytes that a work buffer has beside the text: one before it, the rest behind."""

_SEPARATOR, _LETTER, _DIGIT, _SIGN, _POINT, _JOINER, _HAT, _UNSPACED = range(8)


def _classes() -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    table = np.full(256, _SEPARATOR, np.uint8)
    table[0x80:] = table[ord("a") : ord("z") + 1] = _LETTER
    table[ord("0") : ord("9") + 1] = _DIGIT
    table[[ord("+"), ord("-")]] = _SIGN
    table[ord(".")] = _POINT
    table[[ord(","), ord(":"), ord("'")]] = _JOINER
    table[ord("^")] = _HAT
    table[UNSPACED] = _UNSPACED
    return table


_CLASS = _classes()
_APOSTROPHE, _COMMA = ord("'"), ord(",")


def each(byte: int) -> np.uint64:
    """Eight of the same byte."""
    return np.uint64(int.from_bytes(bytes([byte] * 8)))


# Eight bytes at once: adding to each ASCII byte sets its highest bit where it is at least …
HIGH = each(0x80)
_LOW = each(1)
_FROM_UPPER_A, _BEYOND_UPPER_Z = each(0x80 - ord("A")), each(0x7F - ord("Z"))
_FROM_A, _BEYOND_Z = each(0x80 - ord("a")), each(0x7F - ord("z"))
_FROM_0, _BEYOND_9 = each(0x80 - ord("0")), each(0x7F - ord("9"))

# Odd constants without pattern: digits of pi in hexadecimal.
_SEED, _M1, _M2 = np.uint64(0x243F6A8885A308D3), np.uint64(0x13198A2E03707345), np.uint64(0xA4093822299F31D1)
_U0, _U1, _U2, _U8, _U29, _U32 = (np.uint64(n) for n in (0, 1, 2, 8, 29, 32))


@kernel
def pages_met(data, starts, ends, met):
    """Sets in `met` (bool[4352]) the pages of 256 code points of which some text data[start:end] has one."""
    for k in range(len(starts)):
        i, end = starts[k], ends[k]
        while i < end:
            if i + 8 <= end and load8(data, i) & HIGH == _U0:
                i += 8
            elif data[i] < 0x80:
                i += 1
            else:
                code, size = decode(data, i, end)
                if size:
                    met[code >> 8] = True
                i += max(size, 1)


@kernel
def decode(data, i, end):
    """The code point that begins at data[i] and its bytes; (0, 0) where none does."""
    lead = np.int64(data[i])
    size = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if lead < 0xC2 or lead > 0xF4 or i + size > end:
        return 0, 0
    code = lead & (0xFF >> (size + 1))
    for k in range(1, size):
        code = code << 6 | (np.int64(data[i + k]) & 0x3F)
    return (code, size) if code <= 0x10FFFF else (0, 0)


@kernel
def fold_text(data, start, end, alphabet, buffer):
    """Writes the folded text to buffer[1:1 + n] and comes back with n; -1 where `words` must do it.

    The bytes around it are made separators. `buffer` needs room for the folded text and PADDING more.
    """
    pages, entries, pool = alphabet
    buffer[0] = 32
    i, to = start, 1
    last_class, last_folded, after_digit = np.int64(0), np.int64(0), False
    limit = len(buffer) - PADDING + 1
    while i < end:
        if i + 8 <= end:
            eight = load8(data, i)
            if eight & HIGH == _U0:
                if to + 8 > limit:
                    return -1
                upper = (eight + _FROM_UPPER_A) & ~(eight + _BEYOND_UPPER_Z) & HIGH
                store8(buffer, to, eight + (upper >> _U2))
                i, to = i + 8, to + 8
                last_class, last_folded = 0, 0
                after_digit = 48 <= data[i - 1] <= 57
                continue
        byte = np.int64(data[i])
        if byte < 0x80:
            if to >= limit:
                return -1
            buffer[to] = byte + 32 if 65 <= byte <= 90 else byte
            i, to = i + 1, to + 1
            last_class, last_folded = 0, 0
            after_digit = 48 <= byte <= 57
            continue
        code, size = decode(data, i, end)
        page = np.int64(pages[code >> 8])
        entry = np.int64(entries[page, code & 0xFF]) if page >= 0 else np.int64(0)
        flags = entry >> FLAG_BIT
        mark, folded, n = (entry >> CLASS_BIT) & 0xFF, (entry >> FOLDED_CLASS_BIT) & 0xFF, (entry >> SIZE_BIT) & 0xFF
        if size == 0 or page < 0 or flags & IN_PYTHON or (flags & RAISED and after_digit) or to + n > limit:
            return -1
        if (mark and last_class > mark) or (n and folded and last_folded > folded):
            return -1  # marks out of order: NFC would sort them
        at = entry & ((1 << SIZE_BIT) - 1)
        for k in range(n):
            buffer[to + k] = pool[at + k]
        i, to = i + size, to + n
        last_class, after_digit = mark, flags & DECIMAL != 0
        if n:
            last_folded = folded
    for k in range(to, to + PADDING - 1):
        buffer[k] = 0
    return to - 1


@kernel
def _finish(found):
    found = found * _M1
    found ^= found >> _U32
    found *= _M2
    return found ^ (found >> _U29)


@kernel
def _letters(eight):
    return (eight + _FROM_A) & ~(eight + _BEYOND_Z)


@kernel
def are_digits(eight):
    """Marks digits in the highest bit of each of eight bytes; right up to the first that is not ASCII."""
    return (eight + _FROM_0) & ~(eight + _BEYOND_9)


@kernel
def are_byte(eight, wanted):
    """Marks, in the highest bit, which of eight bytes are `wanted`, eight of a byte; right up to the first that is."""
    other = eight ^ wanted
    return (other - _LOW) & ~other & HIGH


@kernel
def hash_bytes(buffer, start, end):
    """A 64-bit hash of buffer[start:end]; eight more bytes must be readable. One to one up to eight bytes."""
    found = _SEED ^ (np.uint64(end - start) * _M2)
    i = start
    while i + 8 < end:
        found = (found ^ load8(buffer, i)) * _M1
        found ^= found >> _U29
        i += 8
    last = load8(buffer, i) & (~_U0 >> (np.uint64(64) - _U8 * np.uint64(end - i)))
    return _finish(found ^ last)


@kernel
def _piece_end(buffer, i):
    """Where the letters and digits from `i` on end."""
    while True:
        eight = load8(buffer, i)
        if eight & HIGH != _U0:
            while _CLASS[buffer[i]] == _LETTER or _CLASS[buffer[i]] == _DIGIT:
                i += 1
            return i
        stops = ~(_letters(eight) | are_digits(eight)) & HIGH
        if stops != _U0:
            return i + (trailing_zeros(stops) >> 3)
        i += 8


@kernel
def _number_end(buffer, i):
    """Where the number ends that has a digit at `i`."""
    while True:
        while _CLASS[buffer[i]] == _DIGIT:
            i += 1
        kind = _CLASS[buffer[i]]
        if (kind != _POINT and kind != _JOINER) or _CLASS[buffer[i + 1]] != _DIGIT:
            break
        i += 1
    if _CLASS[buffer[i]] == _HAT:
        k = i + 2 if _CLASS[buffer[i + 1]] == _SIGN else i + 1
        if _CLASS[buffer[k]] == _DIGIT:
            i = k
            while _CLASS[buffer[i]] == _DIGIT:
                i += 1
    return i


@kernel
def _word_end(buffer, i, after_unspaced):
    """Where the word ends that begins at buffer[i], which is no separator; `i` where none does."""
    kind, before = _CLASS[buffer[i]], _CLASS[buffer[i - 1]]
    if kind == _LETTER:
        end = _piece_end(buffer, i)
        while buffer[end] == _APOSTROPHE and _CLASS[buffer[end + 1]] == _LETTER:
            end = _piece_end(buffer, end + 1)
        return end
    if kind == _DIGIT:
        return _number_end(buffer, i)
    number = i
    if kind == _SIGN and (after_unspaced or not (before == _LETTER or before == _DIGIT or before == _SIGN)):
        number += 1
        if _CLASS[buffer[number]] == _POINT:
            number += 1
    elif kind == _POINT and (
        after_unspaced or not (before == _LETTER or before == _DIGIT or before == _POINT or buffer[i - 1] == _COMMA)
    ):
        number += 1
    return _number_end(buffer, number) if _CLASS[buffer[number]] == _DIGIT else i


@kernel
def has_letters_only(buffer, start, end):
    """Whether all of buffer[start:end] is small letters of ASCII; eight more bytes must be readable."""
    i = start
    while i < end:
        eight = load8(buffer, i)
        others = (~_letters(eight & ~HIGH) | eight) & HIGH
        if others != _U0 and i + (trailing_zeros(others) >> 3) < end:
            return False
        i += 8
    return True


@kernel
def next_word(buffer, i, end, unspaced_end):
    """The next word of a folded text from `i` on: where it starts and ends, and where the last of a letter alone ended.

    It ends where it starts if there is none before `end`.
    """
    while i < end:
        kind = _CLASS[np.uintp(buffer[np.uintp(i)])]
        if kind == _LETTER:  # as in `cut_words`
            eight = load8(buffer, i)
            if eight & HIGH == _U0:
                stops = ~(_letters(eight) | are_digits(eight)) & HIGH
                if stops != _U0:
                    stop = i + (trailing_zeros(stops) >> 3)
                    if buffer[np.uintp(stop)] != _APOSTROPHE:
                        return i, stop, unspaced_end
        if kind == _UNSPACED:
            lead = buffer[i + 1]
            stop = i + 1 + (2 if lead < 0xE0 else 3 if lead < 0xF0 else 4)
            return i + 1, stop, stop
        if kind != _SEPARATOR:
            stop = _word_end(buffer, i, i == unspaced_end)
            if stop > i:
                return i, stop, unspaced_end
        i += 1
    return end, end, unspaced_end


@kernel
def cut_words(buffer, n_bytes, out):
    """Writes the hashes of the words of a folded text to `out` and comes back with their number.

    There is at most one for each byte.
    """
    n = 0
    i, end, unspaced_end = 1, 1 + n_bytes, 0
    while i < end:
        kind = _CLASS[buffer[np.uintp(i)]]
        if kind == _SEPARATOR:
            i += 1
            continue
        if kind == _LETTER:  # nearly all words end within eight bytes: one load tells where, and is hashed
            eight = load8(buffer, i)
            if eight & HIGH == _U0:
                stops = ~(_letters(eight) | are_digits(eight)) & HIGH
                if stops != _U0:
                    size = trailing_zeros(stops) >> 3
                    if buffer[np.uintp(i + size)] != _APOSTROPHE:
                        found = (_SEED ^ (np.uint64(size) * _M2)) ^ (eight & ((_U1 << (_U8 * np.uint64(size))) - _U1))
                        out[np.uintp(n)] = _finish(found)
                        n += 1
                        i += size
                        continue
        if kind == _UNSPACED:
            lead = buffer[i + 1]
            unspaced_end = i + 1 + (2 if lead < 0xE0 else 3 if lead < 0xF0 else 4)
            out[n] = hash_bytes(buffer, i + 1, unspaced_end)
            n += 1
            i = unspaced_end
        else:
            stop = _word_end(buffer, i, i == unspaced_end)
            if stop > i:
                out[n] = hash_bytes(buffer, i, stop)
                n += 1
                i = stop
            else:
                i += 1
    return n


@kernel
def hash_words(data, offsets, out):
    """Writes the hashes of words given as UTF-8 one behind the other, with PADDING bytes more."""
    for i in range(len(offsets) - 1):
        out[i] = hash_bytes(data, offsets[i], offsets[i + 1])
