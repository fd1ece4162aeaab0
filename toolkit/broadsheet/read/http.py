"""HTTP messages as archives hold them: status, media type, and the body without its transfer and content codings."""

import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, Protocol

import brotli
from zlib_ng import zlib_ng

from broadsheet.read.found import LimitError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_STATUS: Final = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})(?!\d)")
_BLANK: Final = re.compile(rb"\n\r?\n")
_FIELDS: Final = (b"content-type", b"content-encoding", b"transfer-encoding")
_VALUE: Final = re.compile(rb"[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)")
_CHARSET: Final = re.compile(rb"(?i)charset[ \t]*=[ \t]*[\"']?([^\s;\"',]{1,64})")
_CHUNK: Final = re.compile(rb"[ \t]*([0-9a-fA-F]{1,15})[ \t]*(?:;[^\r\n]{0,4096})?\r?\n")
_HTML: Final = re.compile(
    rb"(?i)(?:\xef\xbb\xbf)?\s{0,1024}(?:<!--|<\?xml|<!doctype\s+html|<(?:html|head|body|title|meta)\b)"
)
_FORMATS: Final = {b"text/html": "html", b"application/xhtml+xml": "html", b"text/plain": "txt"}
# Servers name these, which change nothing.
_IDENTITY: Final = frozenset((b"", b"identity", b"none", b"utf-8", b"utf8"))
_ERRORS: Final[Any] = (zlib_ng.error, zstd.ZstdError, brotli.error)  # Any: zlib_ng types its class as an instance
_PIECE: Final = 1 << 16
_SMALL: Final = 64
_STEP: Final = 1 << 20
_MAX_MEMBERS: Final = 1000


class Message(NamedTuple):
    """A response's head; the body goes on to the end of the block."""

    status: int | None
    body: int
    """Where the body begins in the data that was parsed."""
    fields: dict[bytes, bytes]
    """Content-Type, Content-Encoding and Transfer-Encoding, names in lower case; repeated ones joined by commas."""


class Body(NamedTuple):
    """What a body is without codings, and what was wrong with them."""

    raw: bytes
    warnings: tuple[str, ...] = ()


class CodingError(ValueError):
    """A content coding that is not known (`unknown`), or of which nothing can be decoded."""

    def __init__(self, message: str, *, unknown: bool = False) -> None:
        super().__init__(message)
        self.unknown = unknown


def parse(data: bytes, start: int, stop: int) -> Message:
    """The response that stands in `data[start:stop]`; its status is None where it does not begin with one."""
    status = _STATUS.match(data, start, stop)
    if not status:
        return Message(None, start, {})
    blank = _BLANK.search(data, start, stop)
    end = blank.end() if blank else stop
    fields: dict[bytes, bytes] = {}
    head = data[start:end]
    lower = head.lower()
    for name in _FIELDS:
        at = lower.find(b"\n" + name)
        while at >= 0:
            at += 1 + len(name)
            if match := _VALUE.match(head, at):
                value = b" ".join(match[1].split())
                # A second Content-Type is an error that browsers settle in favour of the last; codings add up.
                fields[name] = fields[name] + b"," + value if name in fields and name != b"content-type" else value
            at = lower.find(b"\n" + name, at)
    return Message(int(status[1]), end, fields)


def media_type(value: bytes) -> bytes:
    """The bare media type of a Content-Type, in lower case.

    >>> media_type(b"Text/HTML; charset=UTF-8")
    b'text/html'
    """
    return value.partition(b";")[0].partition(b",")[0].strip().lower()


def charset(value: bytes) -> str | None:
    """The charset that a Content-Type declares, as it stands there.

    >>> charset(b'text/html; charset="UTF-8"')
    'UTF-8'
    """
    match = _CHARSET.search(value)
    return match[1].decode("ascii", "ignore") or None if match else None


def format_of(value: bytes, raw: bytes) -> str | None:
    """`html` or `txt` by the Content-Type, and without one by how the content begins; None for anything else."""
    name = media_type(value)
    return _FORMATS.get(name) if name else "html" if is_html(raw) else None


def is_html(raw: bytes) -> bool:
    """True where a content begins as HTML does."""
    return bool(_HTML.match(raw))


def unchunk(body: bytes) -> Body:
    """The body without chunked framing; from where that is broken on, as it stands."""
    parts: list[bytes] = []
    at = 0
    while match := _CHUNK.match(body, at):
        begin, size = match.end(), int(match[1], 16)
        if not size:
            return Body(b"".join(parts))
        end = begin + size
        if end > len(body):
            parts.append(body[begin:])
            return Body(b"".join(parts), ("chunked body ends within a chunk",))
        line = body[end : end + 2]
        if line != b"\r\n" and line[:1] != b"\n":
            break
        parts.append(body[begin:end])
        at = end + (2 if line == b"\r\n" else 1)
    if not parts and body:
        return Body(body, ("said to be chunked and is not",))
    rest = body[at:]
    wrong = "chunked body has a wrong chunk length" if rest else "chunked body ends without its last chunk"
    return Body(b"".join(parts) + rest, (wrong,))


def decoded(body: bytes, value: bytes, limit: int) -> Body:
    """The body without the content codings that `value` names, at most `limit` bytes; what can be had of a broken one.

    A body that was decoded by the crawler, which left the header, is taken as it is.

    Raises: CodingError; LimitError (`page-size`).
    """
    warnings: tuple[str, ...] = ()
    for name in reversed([part.strip().lower() for part in value.split(b",")]):
        if name in _IDENTITY:
            continue
        start = _CODINGS.get(name)
        shown = name.decode("ascii", "backslashreplace")
        if not start:
            raise CodingError(f"encoding {shown}", unknown=True)
        if not body:
            break
        raw, error = _expanded(start, body, limit)
        if error and not raw and is_html(body):
            raw, error = body, f"said to be {shown} and is not"
        elif error and not raw:
            raise CodingError(f"nothing of the {shown} content can be decoded: {error}")
        if error:
            warnings += (error if raw is body else f"{shown} content is damaged: {error}",)
        body = raw
    return Body(body, warnings)


class _Decoder(Protocol):
    """What the decoders of all codings do."""

    def feed(self, piece: bytes | memoryview, n: int) -> bytes:
        """What a piece gives, about `n` bytes at most; the piece must be empty while it is not hungry."""

    @property
    def hungry(self) -> bool:
        """Nothing is held back."""

    @property
    def ended(self) -> bool:
        """The content is whole."""


class _Inflate:
    """gzip, of several members too, or deflate."""

    def __init__(self, wbits: int) -> None:
        self._inflate = zlib_ng.decompressobj(wbits)
        self._n_more = _MAX_MEMBERS if wbits == 31 else 0
        self._rest = b""
        self.ended = False

    @property
    def hungry(self) -> bool:
        return not self._rest

    def feed(self, piece: bytes | memoryview, n: int) -> bytes:
        data: bytes = self._inflate.decompress(self._rest or piece, n)
        self._rest = self._inflate.unconsumed_tail
        if self._inflate.eof:
            self._rest = self._inflate.unused_data
            self.ended = not (self._n_more and self._rest.startswith(b"\x1f\x8b"))
            self._inflate = zlib_ng.decompressobj(31)
            self._n_more -= 1
        return data


class _Zstd:
    def __init__(self) -> None:
        self._expand = zstd.ZstdDecompressor()

    @property
    def hungry(self) -> bool:
        return self._expand.needs_input

    @property
    def ended(self) -> bool:
        return self._expand.eof

    def feed(self, piece: bytes | memoryview, n: int) -> bytes:
        return self._expand.decompress(piece, n)


class _Brotli:
    def __init__(self) -> None:
        self._expand = brotli.Decompressor()

    @property
    def hungry(self) -> bool:
        return bool(self._expand.can_accept_more_data())

    @property
    def ended(self) -> bool:
        return bool(self._expand.is_finished())

    def feed(self, piece: bytes | memoryview, n: int) -> bytes:
        return bytes(self._expand.process(bytes(piece), output_buffer_limit=n))


def _deflate(head: bytes) -> _Decoder:
    """A decoder with the frame of zlib or without: servers send both (RFC 9110, 8.4.1.2)."""
    framed = len(head) > 1 and head[0] & 15 == 8 and not (head[0] << 8 | head[1]) % 31
    return _Inflate(15 if framed else -15)


_CODINGS: Final[dict[bytes, Callable[[bytes], _Decoder]]] = {
    b"gzip": lambda _: _Inflate(31),
    b"x-gzip": lambda _: _Inflate(31),
    b"deflate": _deflate,
    b"br": lambda _: _Brotli(),
    b"zstd": lambda _: _Zstd(),
}


def _expanded(start: Callable[[bytes], _Decoder], body: bytes, limit: int) -> tuple[bytes, str | None]:
    """What one coding holds, and what was wrong with it."""
    parts: list[bytes] = []
    try:
        for data in _feed(start(body[:2]), body, _PIECE, limit):
            parts.append(data)  # noqa: PERF402 (what came before an error is kept)
    except _ERRORS:
        # A piece that fails gives nothing of what came before the error in it.
        parts.clear()
        try:
            for data in _feed(start(body[:2]), body, _SMALL, limit):
                parts.append(data)  # noqa: PERF402
        except _ERRORS as error:
            return b"".join(parts), str(error).rpartition(": ")[2]
    except EOFError as error:
        return b"".join(parts), str(error)
    return b"".join(parts), None


def _feed(decoder: _Decoder, body: bytes, size: int, limit: int) -> Iterator[bytes]:
    """What comes out of a body fed in pieces. Raises: EOFError at the end of one that breaks off."""
    view = memoryview(body)
    at = n = 0
    while not decoder.ended:
        piece = view[at : at + size] if decoder.hungry else b""
        at += len(piece)
        ends = decoder.hungry and not piece
        data = decoder.feed(piece, _STEP)
        n += len(data)
        if n > limit:
            raise LimitError("page-size", f"the decoded content is larger than {limit} bytes")
        if data:
            yield data
        elif ends and not decoder.ended:
            raise EOFError("it breaks off")
