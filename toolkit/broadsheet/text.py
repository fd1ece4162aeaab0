"""Low-level functions of text that every stage shares: words, bodies, sentences, sources.

Only the standard library is imported, and no table is built before the first text that is not ASCII needs it.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

# Scripts written without spaces, as ranges of code points: here one code point is one word.
UNSPACED = (
    (0x0E00, 0x0E7F),  # Thai
    (0x0E80, 0x0EFF),  # Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # Han radicals
    (0x3005, 0x3007),  # Han iteration mark, closing mark and zero
    (0x3021, 0x3029),  # Hangzhou numerals
    (0x3038, 0x303B),  # more of them, and the vertical iteration mark
    (0x3041, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),  # small Katakana
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),  # Han
    (0xA9E0, 0xA9FF),  # Myanmar
    (0xAA60, 0xAA7F),  # Myanmar
    (0xF900, 0xFAFF),  # Han, compatibility
    (0x1AFF0, 0x1B16F),  # Kana supplements
    (0x20000, 0x3FFFD),  # Han
)

# Combining marks of no particular script. One of these does not begin a word; marks of one script (the vowel
# signs of Hindi or Arabic) count as letters, so that they stay in the word in which they stand.
_FREE_MARKS = ((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))

_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"

# What a code point becomes before the words are cut, where the general rule would make it something else.
_EXCEPTIONS = {
    **dict.fromkeys("\u2018\u2019\u201b\u02bc\uff07", "'"),  # apostrophes
    **dict.fromkeys("\u2212\ufe63\uff0d", "-"),  # minus signs; en and em dashes are punctuation
    **dict.fromkeys("\ufe62\uff0b", "+"),
    "\u066b": ".",  # Arabic decimal separator
    "\u066c": ",",  # Arabic thousands separator
    "\uff0e": ".",
    "\uff1a": ":",
    "\u0640": "",  # tatweel stretches a line and means nothing
    **dict(zip(_SUPERSCRIPTS, "0123456789", strict=True)),
    **dict(zip(_SUBSCRIPTS, "0123456789", strict=True)),
}

_KEPT_ASCII = "+-.,:'^"


class _Alphabet(dict[int, str]):
    """A table for `str.translate` that is filled as code points are met.

    What it yields holds letters with their marks, ASCII digits, spaces, and the signs of `_KEPT_ASCII`;
    nothing else.
    """

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_char(chr(code))
        return folded


def _fold_char(char: str) -> str:
    if char in _EXCEPTIONS:
        return _EXCEPTIONS[char]
    if char.isascii():
        return char.lower() if char.isalnum() or char in _KEPT_ASCII else " "
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Cf" or 0xFE00 <= ord(char) <= 0xFE0F or 0xE0100 <= ord(char) <= 0xE01EF:
        return ""
    if category in ("Cs", "Co", "Cn"):
        return " "
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", char).casefold())
    if category == "No" and "\u2044" in plain:
        # 5½ must not become 51⁄2: a fraction is a number of its own.
        return f" {unicodedata.numeric(char):.4g} "
    if category in ("No", "Nl"):
        return f" {char if plain == char else _fold_plain(plain)} "
    if category[0] in "LM":
        return char if plain == char else _fold_plain(plain)
    return f" {_fold_plain(plain)} " if plain != char and any(map(str.isalnum, plain)) else " "


def _fold_plain(plain: str) -> str:
    return "".join(_EXCEPTIONS.get(c, c) if c.isalpha() or unicodedata.combining(c) else _fold_char(c) for c in plain)


def translate_char(char: str) -> str:
    """What a code point becomes before words are cut, by itself: letters, marks, ASCII digits, signs and spaces."""
    return _ALPHABET[ord(char)]


def is_unspaced(char: str) -> bool:
    """True for a code point that is a word of its own."""
    return any(first <= ord(char) <= last for first, last in UNSPACED)


def is_free_mark(char: str) -> bool:
    """True for a combining mark of no particular script, which does not begin a word."""
    return any(first <= ord(char) <= last for first, last in _FREE_MARKS)


def is_raised(char: str) -> bool:
    """True for what is read as an exponent or an index behind a digit."""
    return char in _SUPERSCRIPTS + _SUBSCRIPTS + "⁺⁻"


def _ranges(table: Iterable[tuple[int, int]]) -> str:
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in table)


def _pattern(letter: str, word: str, before_sign: str, before_point: str) -> str:
    """The expression of words: classes of the first and further letters, contexts of a sign and a point."""
    piece = f"{letter}{word}*"
    number = (
        rf"(?:{before_sign}[+-](?=\.?[0-9]))?(?:{before_point}\.(?=[0-9]))?"
        r"[0-9]+(?:[.,:'][0-9]+)*(?:\^[+-]?[0-9]+)?"
    )
    return f"{piece}(?:'{piece})*|{number}"


_ASCII_WORD = re.compile(_pattern("[a-z]", "[a-z0-9]", "(?<![a-z0-9+-])", "(?<![a-z0-9.,])"))
_ASCII_NUMERIC = re.compile("[0-9']")
_ASCII_ALPHABET = "".join(c if c.isalnum() or c in _KEPT_ASCII else " " for c in map(chr, range(128)))
_ASCII_LETTERS = "".join(c if c.isalpha() else " " for c in map(chr, range(128)))
_U, _M, _S = _ranges(UNSPACED), _ranges(_FREE_MARKS), r"+\-.,:'^ "
_ANY_WORD = re.compile(
    f"[{_U}][{_M}]*|" + _pattern(f"[^0-9{_S}{_U}{_M}]", f"[^{_S}{_U}]", rf"(?<![^.,:'^ {_U}])", rf"(?<![^+\-:'^ {_U}])")
)
_RAISED = re.compile(rf"(?<=\d)(?:([⁺⁻]?)([{_SUPERSCRIPTS}]+)|([{_SUBSCRIPTS}]+))")
_ALPHABET = _Alphabet()


def _mark_raised(match: re.Match[str]) -> str:
    sign, raised, lowered = match.groups()
    if raised is None:
        return " " + "".join(_EXCEPTIONS[c] for c in lowered)
    return "^" + {"": "", "⁺": "+", "⁻": "-"}[sign] + "".join(_EXCEPTIONS[c] for c in raised)


def words(text: str) -> list[str]:
    """The words of a text, in order: what two texts are compared by.

    Numbers are recognised before anything is normalised. A number keeps a sign (`+`, `-`, U+2212, written
    `-`) that follows neither a word character (of a script with spaces) nor another sign, the separators `. ,
    : '` between its digits as they were written (`18:30` is one word, `1 000` two), a leading point (`.5`),
    and superscripts (`5²` is `5^2`, not `52`; a subscript after a digit is a word of its own). Digits of any
    script become ASCII digits; a fraction sign is its decimal value. Digits after letters belong to the word
    (`f16`), letters after digits begin a new one.

    Then NFKC and case folding. Format characters and tatweel vanish; punctuation and symbols only separate.
    An apostrophe between letters is kept and written `'`, whichever sign was used: don’t equals don't and not
    dont. Marks belong to the word in which they stand. In the scripts of `UNSPACED` each code point is a
    word.

    Never raises, and `words(collapse(text)) == words(text)`.

    >>> words("Don’t pay −5.20 for the F16 at 18:30, 5km off")
    ["don't", 'pay', '-5.20', 'for', 'the', 'f16', 'at', '18:30', '5', 'km', 'off']
    """
    if text.isascii():
        folded = text.lower()
        if not _ASCII_NUMERIC.search(folded):
            return folded.translate(_ASCII_LETTERS).split()
        return _cut(folded.translate(_ASCII_ALPHABET), _ASCII_WORD)
    marked = _RAISED.sub(_mark_raised, unicodedata.normalize("NFC", text))
    return _cut(unicodedata.normalize("NFC", marked.translate(_ALPHABET)), _ANY_WORD)


def _cut(folded: str, pattern: re.Pattern[str]) -> list[str]:
    """The words of a folded text: no space matters to a word, so that most are cut without the pattern."""
    found: list[str] = []
    for piece in folded.split():
        if piece.isascii() and piece.isalpha():
            found.append(piece)
        else:
            found += pattern.findall(piece)
    return found


def collapse(text: str) -> str:
    """The text in NFC, each run of white space one space, none at the ends: what identities are hashed from.

    Case, punctuation, symbols and format characters stay. Idempotent.
    """
    if text.isascii():  # several times as fast as to make a text of each word
        ascii_ = text.encode("ascii").translate(_ASCII_SPACES)
        while b"  " in ascii_:
            ascii_ = ascii_.replace(b"  ", b" ")
        return ascii_.strip(b" ").decode("ascii")
    return " ".join(unicodedata.normalize("NFC", text).split())


_ASCII_SPACES: Final = bytes(ord(" ") if chr(code).isspace() else code for code in range(256))
"""Of bytes beyond ASCII it says nothing."""


def join_body(page_text: str, spans: Iterable[tuple[int, int]]) -> str:
    r"""The slices of a page's text joined by `\n`: the one way in which a record's text is made.

    `spans` are (start, end) in code points, end exclusive, in the order in which they are to stand.
    """
    return "\n".join(page_text[start:end] for start, end in spans)


CLOSERS = "\"'”’»›)\\]）］」』】"
LINE_ENDS = r"\r\n\v\f\x1c-\x1e\x85\u2028\u2029"
END_MARKS = r"。！？｡؟۔।॥։።\u037e"
# What may end a sentence comes first, as one class: so all that stands between is skipped at once.
_BREAK = re.compile(
    rf"[{LINE_ENDS}{END_MARKS}.!?…]"
    rf"(?:(?<=[{LINE_ENDS}])[{LINE_ENDS}]*|(?<=[{END_MARKS}])[{CLOSERS}]*|(?<=[.!?…])[.!?…]*[{CLOSERS}]*(?=\s|$))"
)
# A full stop after one letter or at most two digits is taken for an initial or an ordinal: "J. Doe", "3.
# Mai".
_NO_BREAK = re.compile(r"(?:^|[^\w.])(?:[^\W\d_]|\d{1,2})\.\Z")


def sentences(text: str) -> list[str]:
    """The sentences of a text, in order, without the white space around them; none is empty.

    A sentence ends at a line break, at an end mark of a script that has its own (。 ؟ ۔ । and others), and at
    . ! ? … before white space: hence never inside a number. Nothing but white space is lost. No list of
    abbreviations is used, so "Dr. Doe" is cut after "Dr.".
    """
    found = []
    start = 0
    for match in _BREAK.finditer(text):
        end = match.end()
        is_initial = (
            match.group() == "."
            and not text[end - 3 : end - 1].isalpha()  # nearly always it is, which is found out sooner than by search
            and _NO_BREAK.search(text, max(start, end - 4), end)
        )
        if is_initial:
            continue
        found.append(text[start:end].strip())
        start = end
    found.append(text[start:].strip())
    return [sentence for sentence in found if sentence]


_PLAIN_HOST: Final = re.compile(r"https?://([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?:[/?#]|\Z)")
"""Hosts that can be read without parting the URL, which takes ten times as long."""


def source_of(url: str) -> str | None:
    """The host of a URL in lower case without `www.`, port and user; None if none can be read."""
    plain = _PLAIN_HOST.match(url)
    try:
        host = plain[1] if plain else (urlsplit(url).hostname or "").strip().rstrip(".")
    except ValueError:
        return None
    bare = host.removeprefix("www.")
    return (bare if "." in bare else host) or None


def address(url: str) -> str:
    """What a URL points to, whatever the scheme, a leading "www.", a trailing slash or the place on the page.

    Text that is no URL with a host comes back as it is.

    >>> address("https://www.courier.example/2026/ferry/#comments")
    'courier.example/2026/ferry'
    """
    host = source_of(url)
    if host is None:
        return url
    rest = url.partition("#")[0].partition("//")[2]
    path = rest[min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest)) :]
    return host + path.rstrip("/")
