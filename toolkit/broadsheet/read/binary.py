"""What is no text: files whose first bytes say so."""

import codecs
from typing import Final

import numpy as np

from broadsheet.read.decode import MARKS, wide_encoding

_MAGIC: Final = (
    (0, b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"GIF8", "a GIF image"),
    (8, b"WEBP", "a WebP image"),
    (0, b"II*\0", "a TIFF image"),
    (4, b"ftyp", "an MP4 film"),
    (0, b"%PDF-", "a PDF document"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Microsoft Office document"),
    (0, b"PK\3\4", "a ZIP archive (as office documents and e-books are)"),
    (0, b"\x1f\x8b\x08", "a gzip file"),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (0, b"BZh", "a bzip2 file"),
    (0, b"\xfd7zXZ\0", "an XZ file"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\7", "a RAR archive"),
    (0, b"\x7fELF", "an ELF program"),
    (0, b"MZ", "a Windows program"),
    (0, b"SQLite format 3\0", "an SQLite database"),
    (0, b"PAR1", "a Parquet file"),
    (0, b"ARROW1\0\0", "an Arrow file"),
)
_SPACE: Final = 32
_CONTROLS: Final = bytes(c for c in range(_SPACE) if c not in b"\t\n\v\f\r\x1b")


def binary_kind(head: bytes) -> str | None:
    """What the first bytes of a content (64 KiB or more of them) show it to be, in words; None for text.

    Signatures that are ASCII only count before a NUL, as text may begin with them. Without one it is "binary data"
    where over a tenth of the first 64 KiB are control characters that no text uses, or over a thousandth are NULs and
    it is no UTF-8 (compressed data is just about at the tenth). UTF-16 and UTF-32 that `decode` knows are text.
    """
    if any(head.startswith(mark) for mark, _ in MARKS):
        return None
    for at, magic, kind in _MAGIC:
        if head.startswith(magic, at) and (not magic.isascii() or magic == b"%PDF-" or 0 in head[: 1 << 12]):
            return kind
    head = head[: 1 << 16]
    n_low = np.count_nonzero(np.frombuffer(head, np.uint8) < _SPACE)  # mostly few, which is told soonest
    n_controls = len(head) - len(head.translate(None, _CONTROLS)) if 10 * n_low > len(head) else 0
    n_nul = head.count(0) if 0 in head else 0
    is_binary = 10 * n_controls > len(head) or (1000 * n_nul > len(head) and not _begins_as_utf8(head))
    return "binary data" if is_binary and not wide_encoding(head) else None


def _begins_as_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
