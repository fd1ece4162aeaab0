"""JSON documents of records: an array of them, one alone, or several one after the other, read in bounded memory."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import orjson

from broadsheet.read.compression import chunks
from broadsheet.read.found import Damaged, Item, Rejected, Skipped, Source
from broadsheet.read.jsonl import MARK
from broadsheet.read.records import Fields, read_record

_GAP = re.compile(rb"[ \t\r\n,]*+")
# Up to a bracket, a string that is not at its end here, or one of very many. Before Python 3.11.5 a possessive group
# that fails halfway loses its place, so strings are repeated greedily: no more than what that remembers of each allows.
_INSIDE = re.compile(rb'[^"\[\]{}]*+(?:"(?:[^"\\]++|\\.)*+"[^"\[\]{}]*+){0,1000}', re.DOTALL)
_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_WORD = re.compile(rb'[^",\[\]{}]*+')
_OPEN, _CLOSE = b"{[", b"}]"
_ARRAY, _END, _QUOTE = b'[]"'


def looks_like(head: bytes) -> str:
    """`json` where the first bytes of a file are a document of JSON, else `jsonl`; some 64 KiB are enough.

    A document begins with a bracket, and goes on after its first line, or with a brace, and none of its lines is a
    whole object. What is neither is `jsonl`, of which every line is judged alone.
    """
    lines = head.removeprefix(MARK).lstrip(b" \t\r\n").split(b"\n")
    if lines[0].startswith(b"["):
        return "jsonl" if _is_json(lines[0]) and any(map(bytes.strip, lines[1:])) else "json"
    if lines[0].startswith(b"{") and len(lines) > 1:
        return (
            "jsonl" if any(_is_json(line) for line in lines[:-1] if line[:1] == b"{" and line[1:2] != b"}") else "json"
        )
    return "jsonl"


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


class Element(NamedTuple):
    """The bytes of an element; None where it is too long to hold. `n_bytes` counts what stands before it, too."""

    raw: bytes | None
    n_bytes: int


def read_json(source: Source, fields: Fields) -> Iterator[Item]:
    """The records of the document's array, or those that stand one after the other; `line` is an element's number.

    White space and commas separate elements. What else stands between them is `Rejected`, and so is what a document
    that breaks off, or a damaged one, ends with: behind damage nothing tells where an element begins. An element with
    a bracket too few takes what follows for its own. Memory: a chunk and one element.
    """
    most = source.limits.line_bytes
    cutter = _Cutter(most)
    number = n_lost = 0
    reason: str | None = None
    for chunk in chunks(source):
        if isinstance(chunk, Damaged):
            yield chunk
            reason = "behind damage nothing tells where a record begins"
            continue
        if reason:
            n_lost += len(chunk.data)
            continue
        for element in cutter.feed(chunk.data):
            number += 1
            yield _item(element, number, most, fields)
    number += 1
    if cutter.kind == "word":
        yield _item(cutter.taken(), number, most, fields)
        number += 1
    is_cut, rest = cutter.is_open, cutter.taken()
    if is_cut and (rest.n_bytes or not reason):
        yield Rejected("syntax", "the document breaks off here", rest.raw, rest.n_bytes, number)
        number += 1
    elif rest.n_bytes:
        yield Skipped("structure", rest.n_bytes, is_record=False)
    if reason and n_lost:
        yield Rejected("syntax", reason, None, n_lost, number)


def _item(element: Element, number: int, most: int, fields: Fields) -> Item:
    if element.raw is None:
        return Rejected("size", f"an element of over {most} bytes", None, element.n_bytes, number)
    return read_record(element.raw, number, element.n_bytes, fields)


class _Cutter:
    """Where elements begin and end, in a document that comes in pieces."""

    def __init__(self, most: int) -> None:
        self.kind = ""
        """Of the element that has begun: `brackets`, `string` or `word`."""
        self._most = most
        self._in_array = False
        self._depth = 0
        self._in_string = self._is_escaped = False
        self._held: list[bytes] = []
        self._n_held = self._n_before = self._n_fed = 0

    @property
    def is_open(self) -> bool:
        """Whether the document's array, or an element, has begun and not ended."""
        return self._in_array or bool(self.kind)

    def feed(self, data: bytes) -> Iterator[Element]:
        """The elements that end in these bytes."""
        if not self._n_fed and data.startswith(MARK):
            data, self._n_before = data[len(MARK) :], len(MARK)
        self._n_fed += 1
        at = 0
        while at < len(data):
            if not self.kind:
                at = self._enter(data, at)
            if self.kind:
                end = self._through(data, at)
                self._hold(data[at:end])
                at = end
                if not self.kind:
                    yield self.taken()

    def taken(self) -> Element:
        """What is held of an element, with the bytes before it; nothing is held afterwards."""
        raw = b"".join(self._held) if self._n_held <= self._most else None
        element = Element(raw, self._n_before + self._n_held)
        self._held, self._n_held, self._n_before, self.kind = [], 0, 0, ""
        return element

    def _hold(self, piece: bytes) -> None:
        self._n_held += len(piece)
        if self._n_held > self._most:
            self._held = []
        else:
            self._held.append(piece)

    def _enter(self, data: bytes, at: int) -> int:
        """Where the next element begins, whose kind it sets; or where none has begun yet."""
        begin = _end(_GAP, data, at)
        first = data[begin] if begin < len(data) else None
        if first == (_END if self._in_array else _ARRAY):
            self._in_array = not self._in_array
            begin += 1
        elif first is not None:
            self.kind = "brackets" if first in _OPEN else "string" if first == _QUOTE else "word"
            self._depth, self._in_string, self._is_escaped = 0, False, False
        self._n_before += begin - at
        return begin

    def _through(self, data: bytes, at: int) -> int:
        """Where the element ends, which then has no kind; or the end of the data."""
        if self.kind == "word":
            # A bracket that closes nothing stands alone.
            end = at + 1 if not self._n_held and data[at] in _CLOSE else _end(_WORD, data, at)
            if end < len(data) or data[end - 1] in _CLOSE:
                self.kind = ""
            return end
        if self.kind == "string" and not self._n_held:
            self._in_string = True
            at += 1
        while at < len(data):
            if not self._in_string:
                at = _end(_INSIDE, data, at)
                if at == len(data):
                    break
                at = self._bracket(data, at)
            else:
                at = self._string(data, at)
            if not self._depth and not self._in_string:
                self.kind = ""
                break
        return at

    def _bracket(self, data: bytes, at: int) -> int:
        if data[at] == _QUOTE:
            self._in_string = True
        else:
            self._depth += 1 if data[at] in _OPEN else -1
        return at + 1

    def _string(self, data: bytes, at: int) -> int:
        """Behind the string's end, or the end of the data."""
        if self._is_escaped:
            self._is_escaped = False
            at += 1
        at = _end(_STRING, data, at)
        if at < len(data):
            # Else it is a backslash, the last byte of the data.
            self._in_string = data[at] != _QUOTE
            self._is_escaped = self._in_string
            at += 1
        return at


def _end(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    """Where the pattern, which always matches, ends."""
    match = pattern.match(data, at)
    return match.end() if match else at
