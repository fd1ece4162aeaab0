"""Which format a file is of: its content decides where its name lies, and the caller before both."""

import re
from typing import BinaryIO, Final

from broadsheet.read.compression import Chunk, chunks, compression_of
from broadsheet.read.found import Limits, Source

ENDINGS: Final = {
    ".txt": "txt",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".warc": "warc",
    ".wet": "warc",
    ".wat": "warc",
    ".arc": "warc",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
}
"""Formats by the ending of the name; `warc` stands for all web archives."""
FORMATS: Final = tuple(dict.fromkeys(ENDINGS.values()))
RECORD_FORMATS: Final = frozenset({"jsonl", "json", "csv", "parquet"})
"""Formats of records of the user's own, which say themselves where they are from."""
HEAD_BYTES: Final = 1 << 16
_COMPRESSED: Final = (".gz", ".zst", ".zstd")
# Each piece can be read in one way only: of many comments and no tag none is tried twice.
_HTML: Final = re.compile(
    rb"(?:\s|<!--(?>.*?-->)|<\?xml(?>.*?\?>))*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_ARCHIVE: Final = re.compile(rb"WARC/\d\.\d+\r?\n|filedesc://\S+ \S+ \d+ ")
_OBJECT: Final = re.compile(rb"\s*(?:\[\s*)?\{\s*\"[^\"]*\"\s*:")


def named(name: str) -> str | None:
    """The format that a file's name promises, compressed or not; None for one that we do not know.

    >>> named("crawl/part-0.warc.gz"), named("photo.jpg")
    ('warc', None)
    """
    stem, suffix = _cut(name.lower().rstrip("/").rpartition("/")[2])
    return ENDINGS.get(_cut(stem)[1] if suffix in _COMPRESSED else suffix)


def _cut(name: str) -> tuple[str, str]:
    """`stem` and `suffix` of a `Path` of that name alone, many times as fast: a crawl may be a million files."""
    at = name.rfind(".")
    return (name[:at], name[at:]) if 0 < at < len(name) - 1 else (name, "")


def is_compressed(name: str) -> bool:
    """True where the name promises compression."""
    return name.lower().endswith(_COMPRESSED)


def head_of(file: BinaryIO, n_bytes: int) -> tuple[str, bytes]:
    """How a file is compressed, and the beginning of its content, as far as it can be had."""
    head = file.read(HEAD_BYTES)
    compression = compression_of(head)
    if compression == "none":
        while len(head) < HEAD_BYTES and (more := file.read(HEAD_BYTES - len(head))):
            head += more
        file.seek(0)
        return compression, head
    found: list[bytes] = []
    for item in chunks(Source(file, n_bytes, compression, limits=Limits())):
        if isinstance(item, Chunk):
            found.append(item.data)
        if sum(map(len, found)) >= HEAD_BYTES or not isinstance(item, Chunk):
            break
    file.seek(0)
    return compression, b"".join(found)[:HEAD_BYTES]


def format_of(head: bytes, name: str) -> str:
    """The format of a file by the beginning of its content, and by its name where that does not tell."""
    from broadsheet.read.json_array import looks_like

    promised = named(name)
    if head.startswith(b"PAR1") and any(byte < 9 for byte in head[4:64]):
        return "parquet"
    if _ARCHIVE.match(head):
        return "warc"
    bare = head.removeprefix(b"\xef\xbb\xbf")
    if promised == "json" or (promised is None and _OBJECT.match(bare)):
        return looks_like(bare)
    if promised != "csv" and _HTML.match(bare):
        return "html"
    return promised or "txt"
