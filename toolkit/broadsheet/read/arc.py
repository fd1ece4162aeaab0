"""What stands at the head of an archived record: the headers of WARC 0.17 to 1.1, the line of ARC 1 and 2."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

HEAD_BYTES: Final = 1 << 16
"""Longest head that is read."""
_LINE_BYTES: Final = 1 << 14
_ARC: Final = re.compile(
    rb"(?:https?|ftp|gopher|filedesc)://[^\s]{1,4096} "
    rb"[0-9a-fA-F.:]{2,45} \d{14} \S{1,256}(?: \S{1,4096}){0,5} \d{1,18}\r?\n"
)
_SCHEME: Final = re.compile(rb"(?:https?|ftp|gopher|filedesc)\Z")
_FIELD: Final = re.compile(rb"\n([^:\n]+):([^\n]*)")
_FOLD: Final = re.compile(rb"\r?\n[ \t]+")
_BLANK: Final = re.compile(rb"\n\r?\n")
_VERSION: Final = re.compile(rb"WARC/(?:0\.\d+|1\.\d+)[ \t]*\r?\n")
# URLs of ARC files hold spaces now and then, so the line is read from its end.
_LINE: Final = re.compile(
    rb"([A-Za-z][A-Za-z0-9+.-]*:[^\r\n]*?) ([0-9a-fA-F.:]+|-) (\d{8,14}) (\S*)((?: \S+){0,5}?) (\d{1,18})\r?\n"
)


class Head(NamedTuple):
    """What a record says of itself."""

    kind: str
    """The WARC-Type in lower case; of ARC records `response` or `warcinfo`."""
    size: int
    """Bytes of the head."""
    length: int
    """Bytes of the block that follows."""
    raw: bytes = b""
    """The fields of a WARC head."""
    arc: dict[bytes, bytes] | None = None
    """The fields of an ARC head, named as in WARC."""

    def fields(self) -> dict[bytes, bytes]:
        """All fields, names in lower case; of repeated ones the last."""
        return _fields(self.raw) if self.arc is None else self.arc


class HeadError(ValueError):
    """Bytes that are no head of a record; `code` is that of the rejection."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def begins(content: bytes) -> bool:
    """True where the content of a file or member begins as an archive's record does."""
    return bool(_VERSION.match(content) or _LINE.match(content))


def starts(data: bytes, pos: int, stop: int) -> Iterator[int]:
    """Where records may begin, from `pos` on and before `stop`, in order: `head` tells whether one does.

    In time that is linear in the data, whatever it holds.
    """
    while pos < stop:
        version = data.find(b"WARC/", pos, stop + 4)
        while version >= 0 and not _VERSION.match(data, version):
            version = data.find(b"WARC/", version + 1, stop + 4)
        before = version if version >= 0 else stop
        yield from _arc_lines(data, pos, before)
        if version >= 0:
            yield version
        pos = before + 1


def _arc_lines(data: bytes, pos: int, stop: int) -> Iterator[int]:
    at = pos
    while (at := data.find(b"://", at, stop + 11)) >= 0:
        scheme = _SCHEME.search(data, max(pos, at - 8), at)
        if scheme and scheme.start() < stop and _ARC.match(data, scheme.start()):
            yield scheme.start()
        at += 1


def head(data: bytes, pos: int) -> Head:
    """The head that stands in `data` at `pos`; it must be there whole, or `HEAD_BYTES` of it.

    Raises: HeadError, with code `garbage` where no record begins at all, else `header`.
    """
    version = _VERSION.match(data, pos)
    if not version:
        return _arc_head(data, pos)
    blank = _BLANK.search(data, version.end() - 1, pos + HEAD_BYTES)
    if not blank:
        raise HeadError("header", "the header of the record has no end")
    raw = data[version.end() - 1 : blank.start() + 1]
    # Two of three records are passed over by their type alone.
    length, kind = _field(raw, b"\nContent-Length: "), _field(raw, b"\nWARC-Type: ")
    if not length.isdigit() or not kind or len(length) > 18:
        fields = _fields(raw)
        length, kind = fields.get(b"content-length", b""), fields.get(b"warc-type", b"")
    if not length.isdigit() or len(length) > 18:
        given = f"is {_shown(length)}" if length else "is missing"
        raise HeadError("header", f"Content-Length {given}: expected a number of bytes")
    if not kind:
        raise HeadError("header", "WARC-Type is missing")
    if b"WARC/" in raw and any(_VERSION.match(raw, at) for at in starts(raw, 0, len(raw))):
        raise HeadError("header", "the header of the record breaks off where another begins")
    return Head(kind.lower().decode("ascii", "backslashreplace"), blank.end() - pos, int(length), raw)


def _field(raw: bytes, begin: bytes) -> bytes:
    """The field as most writers write it, else nothing."""
    at = raw.find(begin)
    return raw[at + len(begin) : raw.find(b"\n", at + 1)].strip() if at >= 0 else b""


def _fields(raw: bytes) -> dict[bytes, bytes]:
    if b"\n " in raw or b"\n\t" in raw:
        raw = _FOLD.sub(b" ", raw)
    return {name.strip().lower(): value.strip() for name, value in _FIELD.findall(raw)}


def _arc_head(data: bytes, pos: int) -> Head:
    line = _LINE.match(data, pos, pos + _LINE_BYTES)
    if not line:
        start = data[pos : pos + 5]
        code = "header" if start == b"WARC/" else "garbage"
        raise HeadError(code, f"no record begins here, but {_shown(data[pos : pos + 20])}")
    url, _, date, media_type, _, length = line.groups()
    time = b"%b-%b-%bT%b:%b:%bZ" % (date[:4], *(date[at : at + 2] or b"00" for at in (4, 6, 8, 10, 12)))
    fields = {b"warc-target-uri": url, b"warc-date": time, b"content-type": media_type}
    kind = "warcinfo" if url.lower().startswith(b"filedesc:") else "response"
    return Head(kind, line.end() - pos, int(length), arc=fields)


def _shown(raw: bytes) -> str:
    return repr(raw[:40])[1:]
