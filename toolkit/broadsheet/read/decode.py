"""From bytes to text: which encoding was taken and why, and how many bytes it could not read.

The rules, in their order; the first that holds decides (`Decoded.decided_by`):

1. `bom`: a byte order mark.
2. `http`, then `meta` (in the first 4 KiB of HTML: `<meta>`, else `<?xml encoding?>`): a declaration, read as browsers
   do (https://encoding.spec.whatwg.org/#names-and-labels: `iso-8859-1` is windows-1252, `gb2312` is GB 18030), unless
   it is unknown, a trap (UTF-7, HZ, ISO-2022-KR, ISO-2022-CN) or the bytes contradict it:
   - UTF-8 stays UTF-8 as long as characters of several bytes are as many as broken places, or more;
   - windows-1252 over valid UTF-8 is UTF-8 (`utf-8`), and so is anything else over some more of it;
   - windows-1252 with more high bytes than ASCII letters is another script under a server's default;
   - no other may leave over a twentieth of the high bytes unread, and UTF-16 has NULs.
3. `utf-8`: the bytes are valid UTF-8.
4. `detected`: UTF-16 and UTF-32 without a mark by their NULs (before 2); ISO-2022-JP by its escapes (before 3);
   UTF-8 with four times as many characters of several bytes as broken places; else what uchardet (in Resiliparse)
   finds, if it reads the bytes. Few and scattered high letters are windows-1252: no statistics can tell.
5. `fallback`: windows-1252; or the first declaration that was contradicted, under its own name.

The five bytes that windows-1252 leaves undefined are unread here. Browsers make them invisible controls; but they mean
that the encoding was another, and a count says so where a control would hide it.
"""

import codecs
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE: Final = 1 << 17
"""Bytes that a declaration is checked against, and an encoding detected from."""
_PRESCAN: Final = 1 << 12

_LABELS: Final = {
    "utf-8": "utf8 unicode11utf8 unicode20utf8",
    "cp866": "cp866 ibm866 866",
    "iso8859-2": "isolatin2 isoir101 latin2 l2",
    "iso8859-3": "isolatin3 isoir109 latin3 l3",
    "iso8859-4": "isolatin4 isoir110 latin4 l4",
    "iso8859-5": "isolatincyrillic cyrillic isoir144",
    "iso8859-6": "isolatinarabic arabic asmo708 ecma114 isoir127 iso88596e iso88596i",
    "iso8859-7": "isolatingreek greek greek8 ecma118 elot928 isoir126 suneugreek",
    "iso8859-8": "isolatinhebrew hebrew isoir138 visual logical iso88598e iso88598i",
    "iso8859-10": "isolatin6 isoir157 latin6 l6",
    "iso8859-15": "isolatin9 l9 latin9",
    "koi8-r": "koi8r koi8 koi",
    "koi8-u": "koi8u koi8ru",
    "mac-roman": "macintosh mac macroman",
    "mac-cyrillic": "maccyrillic macukrainian",
    "cp874": "dos874 windows874 cp874 tis620 iso885911",
    "cp1252": "ansix341968 ascii usascii cp819 ibm819 isolatin1 isoir100 latin1 l1 iso88591",
    "cp1254": "isolatin5 isoir148 latin5 l5 iso88599",
    "gb18030": "gb18030 gbk gb2312 gb231280 iso58gb231280 isoir58 chinese cp936 ms936 windows936",
    "cp950": "big5 big5hkscs cnbig5 cp950 windows950",
    "euc_jp": "eucjp eucpkdfmtjapanese",
    "iso2022_jp_ext": "iso2022jp",
    "cp932": "shiftjis sjis ms932 mskanji windows31j cp932 windows932",
    "cp949": "euckr isoir149 korean ksc56011987 ksc56011989 ksc5601 windows949 cp949 uhc",
    "utf-16le": "utf16le utf16 ucs2 iso10646ucs2 unicode unicodefeff",
    "utf-16be": "utf16be unicodefffe",
}
"""Codec, and its labels in lower case without punctuation, `x-` and `cs`. Windows and ISO 8859 numbers are added below.

Beside these, `encoding` is one of `MARKS`, `_FULLER`, `utf-32le`, `utf-32be` and `cp850`. `utf-16-le` has a byte order
mark; `utf-16le` (the name that by RFC 2781 forbids one) has none, and so for the others.
"""
_CODECS: Final = (
    {label: codec for codec, labels in _LABELS.items() for label in labels.split()}
    | {f"iso8859{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)}
    | {f"{prefix}125{n}": f"cp125{n}" for prefix in ("cp", "win", "windows") for n in range(9)}
)
_FULLER: Final = {"cp950": "big5hkscs", "euc_jp": "euc_jis_2004", "iso2022_jp_ext": "iso2022_jp_2004"}
"""A codec, and one with more characters that is taken where it leaves fewer bytes unread."""
_RELATIVES: Final = {
    "koi8-r": ("koi8-u", rb"[\xa4\xa6\xa7\xad\xb4\xb6\xb7\xbd]"),
    "iso8859-7": ("cp1253", rb"[\x80-\x9f]"),
    "iso8859-8": ("cp1255", rb"[\x80-\x9f]"),
    "iso8859-13": ("cp1257", rb"[\x80-\x9f]|\A[^\xa1\xa5]*\Z"),
    "iso8859-15": ("cp1252", rb"[\x80-\x9f]"),
    "iso8859-16": ("cp1250", rb""),
    "mac-cyrillic": ("cp1251", rb"\A[^\x80-\x9f]*\Z"),
}
"""A codec that uchardet names, and one with the same letters that is likelier where a byte of the pattern stands."""
_LATIN: Final = frozenset([*(f"cp125{n}" for n in "02478"), "iso8859-2", "iso8859-13", "iso8859-15", "mac-roman"])
_UNHEARD: Final = frozenset(["utf-8", "utf-16le", "utf-16be", "iso8859-3", "iso8859-4", "iso8859-10", "iso8859-14"])
"""What uchardet names mostly wrongly, as it does the DOS code pages, which are no labels."""

_ASCII: Final = bytes(range(128))
_NO_LETTERS: Final = bytes(c for c in range(128) if not chr(c).isalpha()) + (
    b"\x82\x84\x85\x91\x92\x93\x94\x95\x96\x97\x99\xa0\xa9\xab\xae\xb0\xb7\xbb"
)
"""With the punctuation that all Windows encodings have in one place."""
_COMMENT: Final = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_META: Final = re.compile(rb"<meta[\s/]((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(rb"([^\s=/>\"']++)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))")
_CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?\s*([^\s;\"'>]+)", re.IGNORECASE)
_XML: Final = re.compile(rb"\s*<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"'>]+)", re.IGNORECASE)
_MARKUP: Final = re.compile(rb"(?is)<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[^<>]*>")
_IN_WORD: Final = re.compile(r"(?<=[a-z])[^\x00-\x7f](?=[a-z])")
_HIGH_RUN: Final = re.compile(rb"[\x80-\xff]{4}")
_JIS: Final = re.compile(rb"\x1b\$[@B][^\x1b]+\x1b\([BJ]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the Python codec that it was read with and what decided on it, and the number of bytes left unread.

    Each run of bytes that the codec reports as unreadable is one U+FFFD in the text. A mark is not part of the text.
    """

    text: str
    encoding: str
    decided_by: str
    n_replaced: int


def decode(raw: bytes, *, html: bool = False, declared: str | None = None) -> Decoded:
    """The text of a page's bytes, whatever they are, by the rules above. Line ends and Unicode forms stay.

    `declared` is the charset of the HTTP headers; `html` looks for declarations in the page too.
    """
    for mark, encoding in MARKS:
        if raw.startswith(mark):
            return _decoded(raw[len(mark) :], encoding.removesuffix("-sig"), "bom", encoding)
    if raw.find(0, 0, _PRESCAN) >= 0 and (wide := wide_encoding(raw)):
        return _decoded(raw, wide, "http" if declared and codec_of(declared) == wide else "detected")
    text, at = None, 0
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start
    sample = raw if len(raw) <= _SAMPLE else b""
    doubted = "cp1252", "fallback"
    for codec, by in _declarations(raw, html, declared):
        if text is not None and (codec == "utf-8" or _is_rather_utf8(raw, text, codec)):
            return Decoded(text, "utf-8", by if codec == "utf-8" else "utf-8", 0)
        sample = sample or _around(raw, at)
        if _agrees(sample, codec, html):
            return _decoded(raw, _windows(sample, codec, html), by)
        if not codec.startswith("utf-") and doubted[1] == "fallback":
            doubted = codec, by
    if text is not None:
        if raw.find(0x1B, 0, _SAMPLE) >= 0 and _is_jis(raw):
            return _decoded(raw, "iso2022_jp_ext", "detected")
        return Decoded(text, "utf-8", "utf-8", 0)
    sample = sample or _around(raw, at)
    if _is_mostly_utf8(sample, 4):
        return _decoded(raw, "utf-8", "detected")
    found = _detected(sample, html)
    return _decoded(raw, found, "detected") if found else _decoded(raw, *doubted)


def text_in(raw: bytes, encoding: str) -> str:
    """The text that `decode` made of these bytes, by the encoding that it recorded; nothing is decided anew."""
    mark = {name: mark for mark, name in MARKS}.get(encoding, b"")
    return _decoded(raw.removeprefix(mark), encoding.removesuffix("-sig"), "").text


def encode(text: str, encoding: str) -> bytes:
    """The bytes of a text in an encoding that `decode` recorded, with the mark that this implies.

    They are those that the text was made of where nothing was replaced, save that encodings of East Asia write some
    characters in several ways (`round_trips`).

    Raises: LookupError for an encoding that Python does not know; UnicodeEncodeError for text that it cannot hold.
    """
    marks = {name: mark for mark, name in MARKS}
    return marks.get(encoding, b"") + text.encode(encoding.removesuffix("-sig"))


def round_trips(raw: bytes, decoded: Decoded) -> bool:
    """Whether `encode` gives these bytes back. UTF and single-byte encodings do wherever nothing was replaced."""
    try:
        return encode(decoded.text, decoded.encoding) == raw
    except UnicodeEncodeError:
        return False


def is_one_to_one(encoding: str) -> bool:
    """Whether no two runs of bytes are the same text in the encoding: true of UTF and of single-byte encodings."""
    return encoding.startswith("utf") or len(bytes(range(256)).decode(encoding, "replace")) == 256


def codec_of(label: str) -> str | None:
    """The codec that browsers take for a label, as `Decoded.encoding` spells it; None for unknown ones and traps.

    >>> codec_of("ISO-8859-1"), codec_of("x-sjis"), codec_of("utf-7")
    ('cp1252', 'cp932', None)
    """
    known = label.strip(" \t\r\n\f\"'").lower().partition(":")[0]
    while known.startswith("x-"):
        known = known[2:]
    known = re.sub(r"[^a-z0-9]", "", known)
    return _CODECS.get(known) or _CODECS.get(known.removeprefix("cs"))


_unread = threading.local()


def _count(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError), "registered for decoding only"
    _unread.n_bytes += error.end - error.start
    return "\ufffd", error.end


codecs.register_error("broadsheet-count", _count)


def _decoded(raw: bytes, codec: str, by: str, encoding: str | None = None) -> Decoded:
    _unread.n_bytes = 0
    text = raw.decode(codec, "broadsheet-count")
    decoded = Decoded(text, encoding or codec, by, _unread.n_bytes)
    if decoded.n_replaced and codec in _FULLER:
        other = _decoded(raw, _FULLER[codec], by)
        return other if other.n_replaced < decoded.n_replaced else decoded
    return decoded


def _declarations(raw: bytes, html: bool, declared: str | None) -> Iterator[tuple[str, str]]:
    if declared and (codec := codec_of(declared)):
        yield codec, "http"
    if html and (label := _declared_inside(raw[:_PRESCAN])) and (codec := codec_of(label)):
        # A declaration that could be read as ASCII is none of UTF-16.
        yield "utf-8" if codec.startswith("utf-16") else codec, "meta"


def _declared_inside(head: bytes) -> str | None:
    xml = _XML.match(head)
    for tag in _META.finditer(_COMMENT.sub(b"", head)):
        given = {m[1].lower(): m[2] or m[3] or m[4] or b"" for m in _ATTRIBUTE.finditer(tag[1])}
        label = given.get(b"charset")
        if label is None and given.get(b"http-equiv", b"").strip().lower() == b"content-type":
            inner = _CHARSET.search(given.get(b"content", b""))
            label = inner[1] if inner else None
        if label and codec_of(label.decode("latin-1")):
            return label.decode("latin-1")
    return xml[1].decode("latin-1") if xml else None


def _around(raw: bytes, at: int) -> bytes:
    """The sample about the first place that is no UTF-8."""
    start = max(0, min(at - _SAMPLE // 2, len(raw) - _SAMPLE))
    return raw[start : start + _SAMPLE]


def _is_rather_utf8(raw: bytes, text: str, codec: str) -> bool:
    # Eight bytes of other encodings hardly ever are the tails of UTF-8, and nothing else in the page against it.
    return len(raw) - len(text) >= (1 if codec == "cp1252" else 8)


def _is_mostly_utf8(sample: bytes, times: int) -> bool:
    """Whether well-formed characters of several bytes are that many times the broken places, or more."""
    text = sample.decode("utf-8", "replace")
    n_bad = text.count("\ufffd") - sample.count(b"\xef\xbf\xbd")
    n_ascii = len(sample) - len(sample.translate(None, _ASCII))
    return len(text) - n_ascii - n_bad >= times * n_bad


def _agrees(sample: bytes, codec: str, html: bool) -> bool:
    """Whether the bytes can be what the declaration says."""
    if codec == "utf-8":
        return _is_mostly_utf8(sample, 1)
    if codec.startswith("utf-16") and b"\0" not in sample:
        return False
    if codec == "cp1252":
        n_high, n_letters = _high_of(_visible(sample, html))
        return n_high < 20 or 2 * n_high <= n_letters
    return _reads(sample, codec)


def _visible(sample: bytes, html: bool) -> bytes:
    return _MARKUP.sub(b" ", sample) if html else sample


def _high_of(visible: bytes) -> tuple[int, int]:
    """How many letters are bytes over 127 (in most encodings), and how many letters there are."""
    letters = visible.translate(None, _NO_LETTERS)
    return len(letters.translate(None, _ASCII)), len(letters)


def _reads(sample: bytes, codec: str) -> bool:
    """Whether the codec leaves at most a twentieth of the high bytes unread (of all bytes, where they are 7-bit)."""
    n_high = len(sample.translate(None, _ASCII)) or len(sample)
    return 20 * _decoded(sample, codec, "").n_replaced <= n_high


def _windows(sample: bytes, codec: str, html: bool) -> str:
    """The codec, or Windows' relative of it where ISO 8859 has no character and detection finds the relative too."""
    relative = {"iso8859-2": "cp1250", "iso8859-6": "cp1256"}.get(codec) or _RELATIVES.get(codec, ("", b""))[0]
    if codec.startswith("iso8859") and relative and re.search(rb"[\x80-\x9f]", sample):
        return relative if _detected(sample, html) == relative else codec
    return codec


def _detected(sample: bytes, html: bool) -> str | None:
    visible = _visible(sample, html)
    n_high, n_letters = _high_of(visible)
    if (n_high < 3 or 50 * n_high < n_letters) and not _HIGH_RUN.search(visible):
        return _western(visible, "cp1252")
    from resiliparse.parse.encoding import detect_encoding

    name = detect_encoding(visible, max_len=0, html5_compatible=False)
    codec = codec_of(name) if name else None
    if codec in _RELATIVES and re.search(_RELATIVES[codec][1], visible):
        codec = _RELATIVES[codec][0]
    if codec is None or codec in _UNHEARD:
        western = _western(visible, "cp1252")
        codec = western if western != "cp1252" else None
    elif codec in _LATIN:
        codec = _western(visible, codec)
    return codec if codec and _reads(sample, codec) else None


def _western(visible: bytes, codec: str) -> str:
    """The codec, unless one that uchardet does not know puts far more small letters and dashes inside words."""

    def n_in_words(codec: str) -> int:
        found = _IN_WORD.findall(visible.decode(codec, "replace"))
        return sum(c.islower() or c in "’–—…" for c in found)

    best = max(("mac-roman", "cp850"), key=n_in_words)
    return best if n_in_words(best) > 2 * (n_in_words(codec) + 1) else codec


def _is_jis(raw: bytes) -> bool:
    found = _JIS.search(raw[:_SAMPLE])
    return found is not None and _decoded(found[0], "iso2022_jp_ext", "").n_replaced == 0


def wide_encoding(raw: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark, by where its NULs stand, if it is mostly ASCII and long enough to tell."""
    head = raw[: _PRESCAN & ~3]
    for size, codecs_ in ((4, ("utf-32le", "utf-32be")), (2, ("utf-16le", "utf-16be"))):
        n = len(head) // size
        for codec, place in zip(codecs_, (0, size - 1), strict=True):
            n_nul = [head[k::size].count(0) for k in range(size)]
            others = [n_nul[k] for k in range(size) if k != place]
            if n < 16 or 100 * n_nul[place] > n or 2 * min(others) < n:
                continue
            text = head[: n * size].decode(codec, "replace")
            if 100 * sum(not (c.isprintable() or c.isspace()) or c == "\ufffd" for c in text) <= n:
                return codec
    return None
