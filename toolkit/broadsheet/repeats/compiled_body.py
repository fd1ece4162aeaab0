"""The sentences of a text's body, compiled: those of `body_sentences`, as places in its bytes.

`letters` are pages and bits as `Letters` has them, with all pages that the text needs.
"""

import numpy as np

from broadsheet.repeats.body import DATELINE_CHARS, WRAPPED_CHARS
from broadsheet.repeats.jit import kernel, load8, store8, trailing_zeros
from broadsheet.repeats.letters import (
    CLOSER,
    CLOSES,
    DECIMAL,
    ENDS,
    LETTER_OR_DIGIT,
    LINE,
    LOWER,
    MARK,
    ONE_WORD,
    SPACE,
    STOP,
)
from broadsheet.repeats.tokens import HIGH, PADDING, are_byte, are_digits, decode, each, hash_bytes

START, END, HASH = range(3)
"""The rows of sentences, int64[3, n]: their places in the flowing text, and a hash of their bytes."""

_FEED, _BLANK, _POINT, _COMMA, _UNDERSCORE = 10, 32, ord("."), ord(","), ord("_")
_OPENERS = np.array([ord(char) for char in "【[(（"], np.int64)
_SEED, _M1 = np.uint64(0x9216D5D98979FB1B), np.uint64(0xD1310BA698DFB5AC)
_U29, _NONE = np.uint64(29), np.uint64(0)
_FEEDS, _POINTS, _CALLS, _ASKS = each(_FEED), each(_POINT), each(ord("!")), each(ord("?"))
_UNDER_BLANK = each(0x80 - _BLANK)


def _pauses() -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    table = np.zeros(256, np.uint8)
    table[0x80:] = 1
    table[[ord(char) for char in ".!?\r\n\v\f\x1c\x1d\x1e"]] = 1
    return table


_PAUSE = _pauses()  # the bytes with which what may end a sentence begins


@kernel
def _may_pause(eight):
    """Marks, of eight bytes, the first that may be in `_PAUSE`; others behind it perhaps, too."""
    points = are_byte(eight, _POINTS) | are_byte(eight, _CALLS) | are_byte(eight, _ASKS)
    return (eight | ~(eight + _UNDER_BLANK) | points) & HIGH


@kernel
def letter_at(data, i, end, pages, bits):
    """The bits of the character at data[i], and how many bytes it has; bits of -1 if its page is not there.

    `pages` and `bits` are not in one tuple here, since to take that apart would count references for each character.
    """
    byte = np.int64(data[i])
    if byte < 0x80:
        return np.int64(bits[0, byte]), 1
    code, size = decode(data, i, end)
    page = np.int64(pages[code >> 8])
    return (np.int64(bits[page, code & 0xFF]) if page >= 0 else -1), max(size, 1)


@kernel
def _before(data, i):
    """Where the character starts that ends at `i`."""
    i -= 1
    while i > 0 and data[i] & 0xC0 == 0x80:
        i -= 1
    return i


@kernel
def pages_lack(data, start, end, letters, met):
    """Whether a text has pages of code points that the letters lack; sets these in `met`."""
    pages, _ = letters
    lack, i = False, start
    while i < end:
        if i + 8 <= end and load8(data, i) & HIGH == _NONE:
            i += 8
        elif data[i] < 0x80:
            i += 1
        else:
            code, size = decode(data, i, end)
            if pages[code >> 8] < 0:
                met[code >> 8] = lack = True
            i += max(size, 1)
    return lack


@kernel
def may_have_dateline(data, start, end, letters):
    """False where a text begins at once, without a dateline: no bracket, no short line, no dash near its beginning."""
    pages, bits = letters
    if start == end:
        return False
    known, size = letter_at(data, start, end, pages, bits)
    code = np.int64(data[start]) if size == 1 else decode(data, start, end)[0]
    if known & SPACE:
        return True
    for opener in _OPENERS:
        if code == opener:
            return True
    was_space, i, n = False, start, 0
    while i < end and (n <= DATELINE_CHARS or was_space):
        known, size = letter_at(data, i, end, pages, bits)
        code = np.int64(data[i]) if size == 1 else decode(data, i, end)[0]
        if code == _FEED or code == 0x2014 or code == 0x2013 or (code == 45 and was_space):
            return True
        was_space = known & SPACE != 0
        i += size
        n += 1
    return False


@kernel
def flow(data, start, end, letters, buffer):
    """Copies a text to `buffer`, blanks for the ends of lines that were wrapped, and comes back with its bytes.

    -1 where a line that was wrapped goes on in a script without spaces, so that there would be no blank. Zeros
    follow the text: `buffer` needs room for PADDING more bytes.
    """
    pages, bits = letters
    n, k = end - start, 0
    while k + 8 <= n:
        store8(buffer, k, load8(data, start + k))
        k += 8
    while k < n:
        buffer[k] = data[start + k]
        k += 1
    buffer[n : n + PADDING] = 0
    line, i = 0, 0
    while i < n:
        feeds = are_byte(load8(buffer, i), _FEEDS)
        if feeds == _NONE:
            i += 8
            continue
        i += trailing_zeros(feeds) >> 3
        if i + 1 < n and buffer[i + 1] != _FEED and _is_wrapped(buffer, line, i, n, letters):
            if letter_at(buffer, i + 1, n, pages, bits)[0] & ONE_WORD:
                return -1
            buffer[i] = _BLANK
        line = i = i + 1
    return n


@kernel
def _is_wrapped(buffer, line, end, n, letters):
    """Whether the line buffer[line:end] goes on behind its end."""
    pages, bits = letters
    i = end
    known = SPACE
    while i > line and known & SPACE:
        i = _before(buffer, i)
        known, _ = letter_at(buffer, i, end, pages, bits)
    last = buffer[i]
    if end == line or not (known & LETTER_OR_DIGIT or last == 44 or last == 59 or last == 45):
        return False
    n_chars = 0
    for k in range(line, end):
        n_chars += buffer[k] & 0xC0 != 0x80
    if n_chars > WRAPPED_CHARS:
        return True
    i = end + 1
    while i < n and buffer[i] != _FEED:
        known, size = letter_at(buffer, i, n, pages, bits)
        if not known & SPACE:
            return known & LOWER != 0
        i += size
    return False


@kernel
def cut_sentences(buffer, n, letters, found):
    """Writes the sentences of a flowing text buffer[:n] to `found` and comes back with their number."""
    pages, bits = letters
    n_found, start, i = 0, 0, 0
    while i < n:
        pauses = _may_pause(load8(buffer, i))
        if pauses == _NONE:
            i += 8
            continue
        i += trailing_zeros(pauses) >> 3
        if _PAUSE[np.uintp(buffer[np.uintp(i)])] == 0:
            i += 1
            continue
        known, size = letter_at(buffer, i, n, pages, bits)
        end = i + size
        if known & LINE:
            while end < n and letter_at(buffer, end, n, pages, bits)[0] & LINE:
                end += letter_at(buffer, end, n, pages, bits)[1]
        elif known & MARK:
            end = _behind(buffer, end, n, letters, CLOSER)
        elif known & STOP:
            end = _behind(buffer, _behind(buffer, end, n, letters, STOP), n, letters, CLOSER)
            if end < n and not letter_at(buffer, end, n, pages, bits)[0] & SPACE:
                i += size
                continue
            if end == i + 1 and buffer[i] == _POINT and _is_initial(buffer, start, i, letters):
                i = end
                continue
        else:
            i = end
            continue
        n_found += _add_sentence(buffer, start, end, letters, found, n_found)
        start = i = end
    return n_found + _add_sentence(buffer, start, n, letters, found, n_found)


@kernel
def _behind(buffer, i, n, letters, bit):
    """Where the characters of a class end that stand from `i` on."""
    pages, bits = letters
    while i < n:
        known, size = letter_at(buffer, i, n, pages, bits)
        if not known & bit:
            break
        i += size
    return i


@kernel
def _is_initial(buffer, start, point, letters):
    """Whether the full stop at `point` follows one letter or at most two digits of the sentence from `start` on."""
    pages, bits = letters
    if point == start:
        return False
    first = _before(buffer, point)
    known, _ = letter_at(buffer, first, point, pages, bits)
    if not known & LETTER_OR_DIGIT:
        return False
    if _is_edge(buffer, start, first, letters):
        return True
    if not known & DECIMAL or first == start:
        return False
    second = _before(buffer, first)
    return letter_at(buffer, second, point, pages, bits)[0] & DECIMAL != 0 and _is_edge(buffer, start, second, letters)


@kernel
def _is_edge(buffer, start, i, letters):
    """Whether nothing that belongs to a word stands before `i`: something else, or the beginning of the text."""
    pages, bits = letters
    if i == start:
        return i == 0
    at = _before(buffer, i)
    known, _ = letter_at(buffer, at, i, pages, bits)
    return not (known & LETTER_OR_DIGIT or buffer[at] == _UNDERSCORE or buffer[at] == _POINT)


@kernel
def _add_sentence(buffer, start, end, letters, found, n_found):
    """Writes a sentence without white space around it; 0 if nothing else is there, else 1."""
    pages, bits = letters
    while start < end:
        known, size = letter_at(buffer, start, end, pages, bits)
        if not known & SPACE:
            break
        start += size
    while end > start:
        at = _before(buffer, end)
        if not letter_at(buffer, at, end, pages, bits)[0] & SPACE:
            break
        end = at
    if start == end:
        return 0
    found[START, n_found], found[END, n_found] = start, end
    found[HASH, n_found] = np.int64(hash_bytes(buffer, start, end))
    return 1


@kernel
def is_dotted(buffer, start, end, letters):
    """Whether a sentence ends in dots, which a cut has left."""
    pages, bits = letters
    while end > start:
        at = _before(buffer, end)
        if not (buffer[at] == 93 or buffer[at] == 41 or letter_at(buffer, at, end, pages, bits)[0] & SPACE):
            break
        end = at
    if end - start < 3:
        return False
    a, b, c = buffer[end - 3], buffer[end - 2], buffer[end - 1]
    return (a == _POINT and b == _POINT and c == _POINT) or (a == 0xE2 and b == 0x80 and c == 0xA6)


@kernel
def has_end_mark(buffer, start, end, letters):
    """Whether a sentence has an end mark at its end, as `is_ended`."""
    pages, bits = letters
    while end > start:
        at = _before(buffer, end)
        known, _ = letter_at(buffer, at, end, pages, bits)
        if not known & CLOSES:
            return known & ENDS != 0
        end = at
    return False


@kernel
def next_figure(buffer, i, end, letters):
    """Where the next digit stands from `i` on; `end` if there is none."""
    pages, bits = letters
    while i < end:
        eight = load8(buffer, i)
        stops = (eight | are_digits(eight)) & HIGH
        if stops == _NONE:
            i += 8
            continue
        i += trailing_zeros(stops) >> 3
        if i >= end or buffer[i] < 0x80:
            break
        known, size = letter_at(buffer, i, end, pages, bits)
        if known & DECIMAL:
            break
        i += size
    return min(i, end)


@kernel
def _figure_end(buffer, i, end, letters):
    """Where the figure ends that has a digit at `i`, with the points and commas behind it."""
    pages, bits = letters
    while i < end:
        known, size = letter_at(buffer, i, end, pages, bits)
        if not (known & DECIMAL or buffer[i] == _COMMA or buffer[i] == _POINT):
            break
        i += size
    return i


@kernel
def without_figures(buffer, start, end, letters):
    """A hash of a sentence that has figures, the same in the place of each; and whether it has any, without which 0."""
    i = next_figure(buffer, start, end, letters)
    if i == end:
        return 0, False
    found = _SEED
    while True:
        if start < i:
            found ^= hash_bytes(buffer, start, i)
        found *= _M1
        found ^= found >> _U29
        if i == end:
            return np.int64(found), True
        start = _figure_end(buffer, i, end, letters)
        i = next_figure(buffer, start, end, letters)
