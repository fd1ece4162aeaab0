"""What an archived record is: a page, or content that is none, and why."""

import hashlib
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, NamedTuple

from broadsheet.contract import instant, utc
from broadsheet.read import http
from broadsheet.read.arc import Head
from broadsheet.read.found import Content, Item, LimitError, Rejected, Skipped, Warned

_HASHES: Final[dict[str, Callable[[bytes | memoryview], Any]]] = {
    "md5": partial(hashlib.md5, usedforsecurity=False),
    "sha1": partial(hashlib.sha1, usedforsecurity=False),
    "sha256": hashlib.sha256,
    "sha512": hashlib.sha512,
}
_BASE32: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHIJKLMNOPQRSTUV")
KINDS: Final = frozenset(("response", "resource", "conversion"))
"""What may be a page."""
_PARTIAL: Final = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d)?)?)?Z?")
_PATTERN: Final = "0000-01-01T00:00:00Z"


class Record(NamedTuple):
    """A record that may be a page, as it lies in the content that was read."""

    head: Head
    fields: dict[bytes, bytes]
    data: bytes
    start: int
    """Where its block begins in `data`, and `stop` where it ends."""
    stop: int
    offset: int
    n_bytes: int
    """What it takes, with head and the line ends behind it."""


def items(record: Record, page_bytes: int) -> Iterator[Item]:
    """The record as an item, and warnings about it before."""
    head = record.head
    type_ = http.media_type(record.fields.get(b"content-type", b""))
    if head.kind == "response" and (head.arc or type_ in (b"application/http", b"")):
        return _response(record, page_bytes)
    return _plain(record)


def _plain(record: Record) -> Iterator[Item]:
    """The item of a block that is the content itself."""
    head = record.head
    raw = record.data[record.start : record.stop]
    format_ = http.format_of(record.fields.get(b"content-type", b""), raw)
    if format_ is None or (head.kind == "conversion" and format_ != "txt"):
        yield Skipped(_type(record.fields.get(b"content-type", b"")), record.n_bytes)
        return
    for name in (b"warc-block-digest", b"warc-payload-digest"):
        yield from _checked(record, name, raw)
    yield from _page(record, raw, format_, record.fields.get(b"content-type", b""))


def _response(record: Record, page_bytes: int) -> Iterator[Item]:
    """The item of a block that is an HTTP response."""
    head, data = record.head, record.data
    status, body_at, fields = http.parse(data, record.start, record.stop)
    if status is None:
        if head.arc:
            yield from _plain(record)  # what is not HTTP has no headers there
        else:
            yield _rejected(record, "header", "the response does not begin with an HTTP status line")
        return
    if status != 200:
        yield Skipped(f"status {status}", record.n_bytes)
        return
    type_ = fields.get(b"content-type", b"")
    # Most of a crawl that is no page is told by its type, before anything is copied.
    if http.media_type(type_) and not http.format_of(type_, b""):
        yield Skipped(_type(type_), record.n_bytes)
        return
    entity = data[body_at : record.stop]
    body = decoded = http.Body(entity)
    if len(fields) > 1 or not type_:
        try:
            body, decoded = _decoded(body, fields, page_bytes)
        except http.CodingError as error:
            skipped = Skipped(str(error), record.n_bytes)
            yield skipped if error.unknown else _rejected(record, "content-encoding", str(error))
            return
        except LimitError as error:
            yield _rejected(record, error.code, str(error))
            return
    format_ = http.format_of(type_, decoded.raw)
    if format_ is None:
        yield Skipped(_type(type_), record.n_bytes)
        return
    for warning in (*body.warnings, *decoded.warnings):
        yield Warned(record.offset, warning)
    if b"warc-block-digest" in record.fields:
        yield from _checked(record, b"warc-block-digest", memoryview(data)[record.start : record.stop])
    yield from _checked(record, b"warc-payload-digest", entity, body.raw)
    yield from _page(record, decoded.raw, format_, type_)


def _decoded(body: http.Body, fields: dict[bytes, bytes], page_bytes: int) -> tuple[http.Body, http.Body]:
    """The body without chunked framing, and without any coding. Raises: CodingError, LimitError."""
    transfer = fields.get(b"transfer-encoding", b"").lower()
    if b"chunked" in transfer:
        body = http.unchunk(body.raw)
    codings = fields.get(b"content-encoding", b"") + b"," + transfer.replace(b"chunked", b"")
    return body, http.decoded(body.raw, codings, page_bytes)


def _page(record: Record, raw: bytes, format_: str, type_: bytes) -> Iterator[Item]:
    if cause := record.fields.get(b"warc-truncated"):
        yield Warned(record.offset, f"truncated by the crawler: {_text(cause)}")
    date = record.fields.get(b"warc-date", b"")
    captured = _time(_text(date))
    if captured is None and date:
        yield Warned(record.offset, f"its date {_text(date)!r} is no time")
    yield Content(
        raw=raw,
        format=format_,
        n_bytes=record.n_bytes,
        offset=record.offset,
        url=_text(record.fields.get(b"warc-target-uri", b"").strip(b"<>")) or None,
        captured=captured,
        charset=http.charset(type_),
    )


def _rejected(record: Record, code: str, message: str) -> Rejected:
    start = record.start - record.head.size
    raw = record.data[start : start + record.n_bytes]
    return Rejected(code, message, raw, record.n_bytes, offset=record.offset)


def _checked(record: Record, name: bytes, *contents: bytes | memoryview) -> Iterator[Warned]:
    """A warning where a digest is that of none of the contents.

    Of a chunked body both forms are in use: WARC 1.1, 5.9 says the payload, and many writers took what was sent.
    """
    given = record.fields.get(name)
    if not given:
        return
    label, _, value = _text(given).partition(":")
    hash_ = _HASHES.get(label.strip().lower().replace("-", ""))
    expected = value.strip().rstrip("=")
    if not hash_:
        return
    for number, content in enumerate(contents):
        if not number or content is not contents[0]:
            digest: bytes = hash_(content).digest()
            if _is_written(expected, digest):
                return
    what = "block" if name == b"warc-block-digest" else "payload"
    yield Warned(record.offset, f"{what} digest does not match {_text(given)}")


def _is_written(text: str, digest: bytes) -> bool:
    """Whether the text is the digest, in base 16 or 32.

    Python reads numbers of base 32 with other digits, and much faster than `base64` does.
    """
    if len(text) == 2 * len(digest):
        return text.lower() == digest.hex()
    try:
        number = int(text.upper().encode("ascii", "replace").translate(_BASE32), 32)
    except ValueError:
        return False
    n_spare = 5 * len(text) - 8 * len(digest)
    return 0 <= n_spare < 5 and number == int.from_bytes(digest, "big") << n_spare


def _time(text: str) -> str | None:
    """A capture's time as rows hold it; of a date without time of day, its beginning (WARC 1.1, 5.4 allows that)."""
    try:
        if _PARTIAL.fullmatch(text):
            text = text.rstrip("Z")
            text += _PATTERN[len(text) :]
        elif text and not text.endswith("Z"):
            return instant(text) or instant(f"{text}Z")  # without a zone it is UTC, wherever this machine stands
        return utc(text)
    except (ValueError, OverflowError):
        return None


def _type(value: bytes) -> str:
    return f"type {_text(http.media_type(value)) or 'unknown'}"


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
