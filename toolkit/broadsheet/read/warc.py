"""WARC and ARC archives to items: every record, what stands between records, and where files may be cut."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from broadsheet.read.arc import HEAD_BYTES, Head, HeadError, begins, head, starts
from broadsheet.read.capture import KINDS, Record, items
from broadsheet.read.compression import Chunk, chunks
from broadsheet.read.found import Damaged, Item, Overrun, Rejected, Skipped, Source, Warned
from broadsheet.read.stream import Stream

_AFTER: Final = re.compile(rb"(?:\r?\n){0,2}")
_BLANKS: Final = re.compile(rb"[\r\n]+")
_MEMBER: Final = re.compile(rb"\x1f\x8b\x08[\0-\x1f]")
_LOOK: Final = 1 << 18
_PATIENCE: Final = 1 << 30
"""How many bytes of records that end elsewhere than they say are searched again, beyond eight times the content."""
_SEARCH: Final = 16 << 20
"""How far behind the wished place a cut is looked for."""
_ASTRAY: Final = "the record does not end where its Content-Length says"


def read_warc(source: Source) -> Iterator[Item]:
    """The items of a WARC or ARC file, or of those records that begin in a part of it.

    Where reading does not end exactly at `source.end`, though no damage forced it to look for the next record, the
    last item is an `Overrun`.
    Memory: one record of at most `page_bytes`, about three times, and 2 MiB.
    """
    return iter(_Reader(source))


class _Reader:
    """Reads records one after the other; where one is not well, it looks for the next."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._limit = source.limits.page_bytes
        self._stream = Stream(source, begins)
        self._n_passed = 0
        self._n_wasted = 0

    def __iter__(self) -> Iterator[Item]:
        stream = self._stream
        while (left := stream.passed()) is None:
            if stream.grow(1, beyond=False):
                yield from self._next()
            elif damage := stream.take_damage():
                yield damage
        if self._source.end >= 0 and left != min(self._source.end, self._source.n_bytes):
            yield Overrun(left)

    def _next(self) -> Iterator[Item]:
        """The items of what stands at the stream's place, which moves behind it."""
        stream = self._stream
        offset = stream.place().offset
        if stream.data[stream.pos] in b"\r\n":
            yield self._blank_lines()
            return
        try:
            found = self._head(0)
        except HeadError as error:
            yield self._rejected(error.code, str(error), offset, 1)
            return
        size = found.size + found.length
        if found.length > self._limit:
            yield self._passed_over(found, offset)
            return
        have = stream.grow(size + 4)
        n_after = self._after(size, have) if have >= size else -1
        if n_after < 0:
            inside = self._inside(found, min(size, have))
            if inside >= 0 or have < size:
                yield self._taken("truncated", _ASTRAY, offset, inside if inside >= 0 else have)
                return
            yield Warned(offset, _ASTRAY)
            n_after = len(_AFTER.match(stream.data, stream.pos + size)[0])  # type: ignore[index]  # matches nothing too
        start = stream.pos + found.size
        data, stop = stream.data, stream.pos + size
        size += n_after
        stream.pos += size
        self._n_passed += size
        if found.kind in KINDS:
            yield from items(Record(found, found.fields(), data, start, stop, offset, size), self._limit)
        else:
            yield Skipped(found.kind, size)

    def _head(self, at: int) -> Head:
        """The head that begins `at` bytes behind the stream's place. Raises: HeadError."""
        stream = self._stream
        try:
            return head(stream.data, stream.pos + at)
        except HeadError:
            # Where what is held ends within the head, the whole of it says more.
            have = len(stream.data) - stream.pos
            if have >= at + HEAD_BYTES or stream.grow(at + HEAD_BYTES) == have:
                raise
            return head(stream.data, stream.pos + at)

    def _after(self, size: int, have: int) -> int:
        """How many bytes of line ends follow a record of `size` bytes; -1 where it cannot end there."""
        stream = self._stream
        at = stream.pos + size
        after = _AFTER.match(stream.data, at, stream.pos + min(have, size + 4))
        n = len(after[0]) if after else 0
        n_lines = stream.data.count(b"\n", at, at + n)
        if n_lines == 2 or size + n == stream.grow(size + n + 1):
            return n
        try:
            self._head(size + n)
        except HeadError:
            return -1
        return n

    def _blank_lines(self) -> Skipped:
        stream = self._stream
        n = 0
        while stream.grow(1, beyond=False) and (blanks := _BLANKS.match(stream.data, stream.pos)):
            n += len(blanks[0])
            stream.pos = blanks.end()
        self._n_passed += n
        return Skipped("blank lines", n, is_record=False)

    def _inside(self, found: Head, stop: int) -> int:
        """Where in a record that does not end as it says the next one begins, or the part ends; else -1."""
        self._n_wasted += stop
        if self._n_wasted > _PATIENCE + 8 * self._n_passed:
            return -1
        at = self._start(found.size, stop)
        ends = self._stream.part_ends()
        return ends if ends < stop and not 0 <= at <= ends else at

    def _start(self, at: int, stop: int) -> int:
        """Where between `at` and `stop`, counted from the stream's place, a record begins; else -1."""
        stream = self._stream
        data = b""
        while data is not stream.data:  # looking at a head may have moved what is held
            data = stream.data
            for place in starts(data, stream.pos + at, stream.pos + stop):
                begin = place - stream.pos
                try:
                    self._head(begin)
                except HeadError:
                    at = begin + 1
                    if data is not stream.data:
                        break
                else:
                    return begin
        return -1

    def _taken(self, code: str, message: str, offset: int, n: int) -> Rejected:
        """The next `n` bytes, all of which are held."""
        stream = self._stream
        raw = stream.data[stream.pos : stream.pos + n]
        stream.pos += n
        self._n_passed += n
        return Rejected(code, message, raw if n <= self._limit else None, n, offset=offset)

    def _rejected(self, code: str, message: str, offset: int, at: int) -> Rejected:
        """All up to the next record that begins `at` bytes on or later, or where content breaks or the part ends."""
        stream = self._stream
        n_dropped = 0
        while True:
            asked = max(at + _LOOK, min(2 * at, self._limit + 2 * _LOOK))
            have = stream.grow(asked, beyond=False)
            ends = stream.part_ends()
            found = self._start(at, min(have, ends))
            if found < 0 and ends < have:
                found = ends
            elif found < 0 and have < asked:
                found = have
            if found >= 0:
                break
            at = max(at, have - _LOOK // 2)  # a head may have begun here; ARC's lines are longer than WARC's
            if n_dropped or at > self._limit:
                stream.pos += at
                n_dropped += at
                at = 0
        if not n_dropped:
            return self._taken(code, message, offset, found)
        stream.pos += found
        self._n_passed += n_dropped + found
        return Rejected(code, message, None, n_dropped + found, offset=offset)

    def _passed_over(self, found: Head, offset: int) -> Rejected:
        """A record that is too large to be held."""
        stream = self._stream
        size = found.size + found.length
        if self._source.compression == "none" and offset + size > self._source.n_bytes:
            return self._rejected("truncated", _ASTRAY, offset, found.size)
        place = stream.place()
        n = stream.drop(size)
        n_after = self._after(0, stream.grow(4)) if n == size else -1
        if n_after < 0:
            self._n_wasted += n
            if self._n_wasted <= _PATIENCE + 8 * self._n_passed:
                stream.back(place)
                return self._rejected("truncated", _ASTRAY, offset, found.size)
            n_after = 0
        stream.pos += n_after
        self._n_passed += n + n_after
        message = f"the record has {found.length} bytes: more than {self._limit} are not read"
        return Rejected("page-size", message, None, n + n_after, offset=offset)


def cuts(file: BinaryIO, compression: str, n_bytes: int, size: int) -> list[int]:
    """Offsets at which an archive may be cut into parts of about `size` stored bytes; the first is 0.

    Each later one is where the first record begins behind a multiple of `size`, looked for in 16 MiB. What is
    archived within a record may look like one: `read_warc` says so (`Overrun`). Files of zstd, and of gzip that is
    not one member a record, are not cut.
    """
    if compression == "zstd":
        return [0]
    found = [0]
    for wished in range(size, n_bytes, size):
        if wished > found[-1]:
            at = _cut(file, compression, n_bytes, wished)
            if at is not None:
                found.append(at)
    return found


def _cut(file: BinaryIO, compression: str, n_bytes: int, wished: int) -> int | None:
    at = wished
    while at < min(n_bytes, wished + _SEARCH):
        file.seek(at)
        block = file.read(_LOOK)
        # What begins in the second half is met again whole.
        half = _LOOK // 2 if len(block) == _LOOK else len(block)
        is_gzip = compression == "gzip"
        for begin in (m.start() for m in _MEMBER.finditer(block)) if is_gzip else starts(block, 0, len(block)):
            if begin < half and _is_cut(file, compression, n_bytes, at + begin):
                return at + begin
        at += half
    return None


def _is_cut(file: BinaryIO, compression: str, n_bytes: int, at: int) -> bool:
    """Whether a record begins there."""
    begin = b""
    for chunk in chunks(Source(file, n_bytes, compression, start=at)):
        if isinstance(chunk, Chunk):
            begin += chunk.data[:HEAD_BYTES]
        if isinstance(chunk, Damaged) or len(begin) >= HEAD_BYTES:
            break
    try:
        head(begin, 0)
    except HeadError:
        return False
    return True
