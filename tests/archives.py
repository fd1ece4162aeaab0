"""Archives for tests: WARC, WET and ARC files of made-up pages, in every container; and how they are read."""

import base64
import gzip
import hashlib
import io
import sys
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from broadsheet.read.compression import Chunk, chunks
from broadsheet.read.found import Content, Damaged, Item, Limits, Overrun, Rejected, Skipped, Source, Warned
from broadsheet.read.warc import read_warc

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

HTML = (
    b"<!doctype html>\n<title>Page %d</title>\n<p>The ferry to the %d. island left at noon \xe2\x80\x93 on time.</p>\n"
)
URL = "https://www.courier.example/%d"
TIME = "2026-03-14T09:30:00Z"


def page(number: int) -> bytes:
    """HTML that differs from page to page and does not shrink to nothing."""
    noise = b"".join(hashlib.sha256(b"%d %d" % (number, i)).hexdigest().encode() + b"\n" for i in range(20))
    return HTML % (number, number) + noise


def sha1(content: bytes) -> str:
    """A digest as WARC writes it."""
    return "sha1:" + base64.b32encode(hashlib.sha1(content).digest()).decode()


def record(kind: str, block: bytes, *, eol: bytes = b"\r\n", **fields: str | None) -> bytes:
    """A WARC record; fields with underscores for hyphens, None for one that is to be left out."""
    given: dict[str, str | None] = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{hashlib.md5(block).hexdigest()}>",
        "WARC-Date": TIME,
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block)),
    }
    given |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [b"WARC/1.0", *(f"{k}: {v}".encode() for k, v in given.items() if v is not None)]
    return eol.join(lines) + eol * 2 + block + eol * 2


def http(body: bytes, status: str = "200 OK", **fields: str | None) -> bytes:
    """An HTTP response."""
    given = {"Content-Type": "text/html; charset=utf-8"} | {k.replace("_", "-"): v for k, v in fields.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{k}: {v}" for k, v in given.items() if v is not None)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def response(number: int, body: bytes | None = None, **fields: str | None) -> bytes:
    """A response record with digests, as crawlers write it."""
    body = page(number) if body is None else body
    block = http(body)
    digests = {"WARC_Block_Digest": sha1(block), "WARC_Payload_Digest": sha1(body)}
    return record("response", block, WARC_Target_URI=URL % number, **{**digests, **fields})


def six() -> list[bytes]:
    """A small crawl: warcinfo, request, three responses, metadata."""
    return [
        record("warcinfo", b"software: none\r\n", Content_Type="application/warc-fields"),
        record("request", b"GET /1 HTTP/1.1\r\nHost: www.courier.example\r\n\r\n", WARC_Target_URI=URL % 1),
        response(1),
        response(2),
        response(3),
        record("metadata", b"fetchTimeMs: 12\r\n", Content_Type="application/warc-fields"),
    ]


def arc() -> list[bytes]:
    """The same three pages as an ARC file."""
    info = b"1 0 Nobody\nURL IP-address Archive-date Content-type Archive-length\n"
    records = [b"filedesc://made-up.arc 0.0.0.0 20260314093000 text/plain %d\n" % len(info) + info + b"\n"]
    for number in (1, 2, 3):
        block = http(page(number))
        line = f"{URL % number} 192.0.2.1 20260314093000 text/html {len(block)}\n".encode()
        records.append(line + block + b"\n")
    return records


def each_gzip(records: Iterable[bytes]) -> bytes:
    """A member a record."""
    return b"".join(gzip.compress(record, mtime=0) for record in records)


def each_zstd(records: Iterable[bytes]) -> bytes:
    """A frame a record, with checksums."""
    options = {zstd.CompressionParameter.checksum_flag: 1}
    return b"".join(zstd.compress(record, options=options) for record in records)


def zstd_dictionary(records: Iterable[bytes]) -> bytes:
    """As the IIPC's draft of .warc.zst says: a skippable frame with the dictionary, then a frame a record."""
    samples = [page(number) for number in range(200)]
    dictionary = zstd.train_dict(samples, 4096)
    content = zstd.compress(dictionary.dict_content)
    frame = b"\x5d\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content
    return frame + b"".join(zstd.compress(record, zstd_dict=dictionary) for record in records)


def odd_members(records: Iterable[bytes]) -> bytes:
    """Members that begin wherever it happens."""
    content = b"".join(records)
    return b"".join(gzip.compress(content[at : at + 777], mtime=0) for at in range(0, len(content), 777))


CONTAINERS: dict[str, tuple[str, Callable[[list[bytes]], bytes]]] = {
    "plain": ("none", b"".join),
    "gzip a record": ("gzip", each_gzip),
    "gzip a file": ("gzip", lambda records: gzip.compress(b"".join(records), mtime=0)),
    "gzip anyhow": ("gzip", odd_members),
    "gzip padded": ("gzip", lambda records: each_gzip(records) + bytes(5000)),
    "zstd a record": ("zstd", each_zstd),
    "zstd a file": ("zstd", lambda records: each_zstd([b"".join(records)])),
    "zstd skippable": ("zstd", lambda records: b"\x50\x2a\x4d\x18\x03\0\0\0abc" + each_zstd(records)),
    "zstd dictionary": ("zstd", zstd_dictionary),
}


class Read(NamedTuple):
    """All items of a file."""

    items: list[Item]

    def of(self, *kinds: type) -> list[Any]:
        """The items of some kinds."""
        return [item for item in self.items if isinstance(item, kinds)]

    @property
    def urls(self) -> list[str | None]:
        """The addresses of the pages."""
        return [item.url for item in self.of(Content)]

    @property
    def reasons(self) -> list[str]:
        """Why what is no page is none."""
        return [item.reason for item in self.of(Skipped)]

    @property
    def warnings(self) -> list[str]:
        """What was warned of."""
        return [item.reason for item in self.of(Warned)]

    @property
    def codes(self) -> list[str]:
        """The codes of the rejections."""
        return [item.code for item in self.of(Rejected)]


def source(raw: bytes, compression: str, start: int = 0, end: int = -1, limits: Limits | None = None) -> Source:
    """A file in memory."""
    return Source(io.BytesIO(raw), len(raw), compression, start, end, limits or Limits())


def expand(raw: bytes, compression: str, limits: Limits | None = None) -> tuple[bytes, list[Damaged]]:
    """What `chunks` gives; its damage is checked to be in order and in the file."""
    parts: list[bytes] = []
    damage: list[Damaged] = []
    at = 0
    for found in chunks(source(raw, compression, limits=limits)):
        if isinstance(found, Chunk):
            assert 0 < len(found.data) <= 1 << 20
            parts.append(found.data)
        else:
            assert at <= found.offset and found.n_bytes >= 0
            at = found.offset + found.n_bytes
            assert at <= len(raw)
            damage.append(found)
    return b"".join(parts), damage


def read(raw: bytes, compression: str = "none", limits: Limits | None = None) -> Read:
    """All items of a file; the accounting law is checked."""
    found = Read(list(read_warc(source(raw, compression, limits=limits))))
    content, damage = expand(raw, compression, limits)
    assert found.of(Damaged) == damage
    assert sum(i.n_bytes for i in found.items if not isinstance(i, Damaged | Warned | Overrun)) == len(content)
    return found
