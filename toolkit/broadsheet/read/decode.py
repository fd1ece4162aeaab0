"""From bytes to text: what encoding was taken, and how many characters stand for bytes that it does not cover."""

import codecs
from dataclasses import dataclass
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS: Final = bytes(c for c in range(32) if c not in b"\t\n\v\f\r\x1b")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding it was decoded with, and the number of replacement characters put in.

    `utf-8-sig` is UTF-8 with a byte order mark; UTF-16 and UTF-32 are read only with one.
    """

    text: str
    encoding: str
    n_replaced: int


def decode(raw: bytes) -> Decoded | None:
    """The text of a page's bytes: by byte order mark, else UTF-8, else windows-1252; None where they are no text.

    Line ends and Unicode forms stay as they are; the mark itself is not part of the text.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _decoded(raw[len(mark) :], encoding.removesuffix("-sig"), encoding)
    try:
        return Decoded(raw.decode("utf-8"), "utf-8", 0) if not _is_binary(raw) else None
    except UnicodeDecodeError:
        # Old pages that are not UTF-8 are mostly windows-1252, of which text holds no NUL; UTF-16 does.
        return _decoded(raw, "cp1252", "cp1252") if b"\0" not in raw else None


def _decoded(raw: bytes, codec: str, encoding: str) -> Decoded:
    text = raw.decode(codec, errors="replace")
    given = raw.count("\ufffd".encode(codec)) if codec.startswith("utf") else 0
    return Decoded(text, encoding, max(0, text.count("\ufffd") - given))


def encode(text: str, encoding: str) -> bytes:
    """The bytes that `decode` made the text of, where nothing was replaced; with the mark that the encoding implies.

    Raises: LookupError for an encoding that `decode` never gives; UnicodeEncodeError for text that it cannot hold.
    """
    marks = {name: mark for mark, name in _MARKS}
    return marks.get(encoding, b"") + text.encode(encoding.removesuffix("-sig"))


def _is_binary(raw: bytes) -> bool:
    """True where over a tenth of the first 64 KiB are control characters that no text uses."""
    head = raw[: 1 << 16]
    return len(head) - len(head.translate(None, _CONTROLS)) > len(head) // 10
