"""Decompression that survives damage: what can be had of every member is given, and every stored byte accounted for."""

import sys
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from zlib_ng import zlib_ng

from broadsheet.read.found import Damaged, Source

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CHUNK_BYTES: Final = 1 << 20
"""Most bytes of one chunk."""
FREE_BYTES: Final = 64 << 20
"""What a file may become before its ratio is looked at."""
_AT_LEAST: Final = 1 << 12
_PIECE: Final = 1 << 14  # more would cost small members a copy of what follows them
_ZSTD_BLOCK: Final = 1 << 17
_BLOCK: Final = 1 << 18
_LOOK: Final = 1 << 16
_GZIP: Final = b"\x1f\x8b\x08"
_CUT: Final = "breaks off"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_SKIPPABLE: Final = b"\x2a\x4d\x18"  # after a byte from 0x50 to 0x5f
_DICTIONARY: Final = b"\x5d" + _SKIPPABLE
_MAX_DICTIONARY: Final = 16 << 20
_MAX_TRIES: Final = 10_000
"""How often in one file what looks like a member may turn out to be none, before the rest is given up."""
_ERRORS: Final[Any] = (zlib_ng.error, zstd.ZstdError)  # Any: the first is wrongly typed as an exception, not a class

Steps = Iterator[tuple[int, bytes, bool]]
"""The offset up to which a member was fed, what came out, and whether it is at its end."""


class Chunk(NamedTuple):
    """Decompressed bytes and where they are from."""

    data: bytes
    """At most `CHUNK_BYTES`."""
    offset: int
    """Stored offset of the member (gzip) or frame (zstd); of the data itself where nothing is compressed."""
    first: bool
    """It begins a member or frame; where nothing is compressed, the part."""


def compression_of(head: bytes) -> str:
    """`gzip`, `zstd` or `none`, by the first bytes of a file (4 suffice)."""
    if head.startswith(_GZIP):
        return "gzip"
    return "zstd" if head.startswith(_ZSTD) or _is_skippable(head) else "none"


def _is_skippable(head: bytes) -> bool:
    return head[1:4] == _SKIPPABLE and head[0] & 0xF0 == 0x50


def chunks(source: Source) -> Iterator[Chunk | Damaged]:
    """What the source's file holds from `source.start` on, in order, with the damage where it lies.

    Members (gzip) and frames (zstd) that begin before `source.end` are read whole. Where nothing is compressed,
    reading goes on behind `source.end` to the end of the file: whoever knows where a record ends stops there.
    A `Damaged` breaks the content: what follows begins a member (`first`), and may have lost what stood before it.
    It may be of no bytes, where a member breaks off that gave all it had.
    Memory: about 2 MiB, and for zstd the frame's window (at most 128 MiB).
    """
    return iter(Expansion(source))


class Expansion:
    """The iterator of `chunks`, which also says where reading has arrived, and can go on from another member.

    `at` is the stored offset behind what was given last, `n_out` the number of bytes given.
    """

    def __init__(self, source: Source, begins: Callable[[bytes], bool] = lambda _: True) -> None:
        """`begins` tells whether a member may begin with these bytes; asked where a broken one ran over its start."""
        self.at = source.start
        self._source = source
        self._begins = begins
        self._end = source.n_bytes if source.end < 0 else min(source.end, source.n_bytes)
        self._stop = self._end
        self._spent = False
        self._buffer = b""
        self._base = 0
        self.n_out = 0
        self._most = source.limits.expanded_bytes
        self._tries = 0
        self._magic = _GZIP if source.compression == "gzip" else _ZSTD
        self._steps: Callable[..., Steps] = self._gunzip if source.compression == "gzip" else self._unzstd
        self._dictionary: Any = None

    def __iter__(self) -> Iterator[Chunk | Damaged]:
        if self._source.compression == "none":
            yield from self._plain()
            return
        if self._source.compression == "zstd":
            self._dictionary = self._find_dictionary()
        while self.at < self._stop:
            head = self._view(self.at, 8).tobytes()
            if head.startswith(self._magic):
                yield from self._member()
            elif self._magic == _ZSTD and _is_skippable(head) and self._skip(head):
                continue
            elif self._is_padding():
                self.at = self._source.n_bytes
            else:
                found = self._search(self.at + 1)
                yield self._damaged(self.at, found, f"no {self._source.compression} data")

    def extend(self) -> bool:
        """Whether another iterator would read on behind the end of the part, which it then may."""
        self._stop = self._source.n_bytes
        return self.at < self._stop and not self._spent

    def back(self, at: int, n_out: int) -> None:
        """Makes another iterator read on from the member at `at`, before which `n_out` bytes were given."""
        self.at, self.n_out, self._stop = at, n_out, self._end

    def _plain(self) -> Iterator[Chunk]:
        first = True
        self._source.file.seek(self.at)
        # A buffer is made as large as what is asked for: no more than there should be, and a bit.
        while data := self._source.file.read(min(CHUNK_BYTES, max(self._source.n_bytes - self.at, _AT_LEAST))):
            self.at += len(data)
            yield Chunk(data, self.at - len(data), first)
            first = False

    def _member(self) -> Iterator[Chunk | Damaged]:
        """The chunks of the member that begins at `at`, and its damage; `at` is then where reading goes on."""
        start = since = solid = self.at
        n_out = 0
        reason = _CUT
        try:
            for fed, data, ended in self._steps(start):
                self.n_out += len(data)
                if (self.n_out > FREE_BYTES or self.n_out > self._most) and (limit := self._limit(fed)):
                    self._spent = True
                    yield self._damaged(self.at, max(self.at, self._stop), limit)
                    return
                self.at = fed
                if data:
                    yield Chunk(data, start, not n_out)
                    n_out += len(data)
                    since, solid = solid, fed
                if ended:
                    return
        except _ERRORS as error:
            reason = f"is damaged: {_message(error)}"
        yield from self._salvage(start, (since, solid), n_out, reason)

    def _limit(self, fed: int) -> str | None:
        """Why no more may be decompressed."""
        limits = self._source.limits
        if self.n_out > limits.expanded_bytes:
            return f"expanded: the file becomes more than {limits.expanded_bytes} bytes"
        if self.n_out > max(FREE_BYTES, limits.ratio * (fed - self._source.start)):
            return f"ratio: the file grows more than {limits.ratio} times"
        return None

    def _salvage(self, start: int, last: tuple[int, int], n_out: int, reason: str) -> Iterator[Chunk | Damaged]:
        """What a broken member gives beyond its first `n_out` bytes, and the damage up to the next that is well.

        `last` are the bounds of the last piece that was fed and gave something. The member is decompressed again in
        smaller pieces, since a failing one gives nothing of what came before.
        """
        since, solid = last
        # Up to here all was given: a zstd decoder holds back up to one block of what it was fed.
        held = 0 if self._magic == _GZIP else _ZSTD_BLOCK
        fine = max(start, solid - held)
        whole, size = _trailer(reason)
        good = solid
        if reason != _CUT:
            near = self._last_good(start, fine, 256)
            # What came out before the error may have come from the same piece as the error.
            good = self._last_good(start, max(fine, near - 256), 1)
        bad = max(good - whole, start)
        # A member that lost its end runs on into the next one, which is then found in what was fed already.
        found = bad + size if size and self._is_member(bad + size) else self._search(max(start + 1, since - held), good)
        bad = min(bad, found)
        first = not n_out
        for data in self._again(start, bad, fine, n_out) if bad > fine else ():
            self.n_out += len(data)
            yield Chunk(data, start, first)
            first = False
        doubt = ": its contents are doubtful" if size else ""
        part = "gzip member" if self._magic == _GZIP else "zstd frame"
        yield self._damaged(start if first else bad, found, f"the {part} at {start} {reason}{doubt}")

    def _last_good(self, start: int, fine: int, size: int) -> int:
        """The offset up to which a member can be fed without an error, to `size` bytes, of which `fine` is known."""
        good = fine
        try:
            for fed, _, _ in self._steps(start, self._source.n_bytes, fine, size):
                good = max(good, fed)
        except _ERRORS:
            pass
        return good

    def _again(self, start: int, stop: int, fine: int, n_given: int) -> Iterator[bytes]:
        """What a member gives up to `stop` behind its first `n_given` bytes."""
        held: list[bytes] = []
        n_held = 0
        try:
            for _, data, _ in self._steps(start, stop, fine, 1):
                fresh = data[n_given:]
                n_given = max(0, n_given - len(data))
                if held and n_held + len(fresh) > CHUNK_BYTES:
                    yield b"".join(held)
                    held, n_held = [], 0
                held.append(fresh)
                n_held += len(fresh)
        except _ERRORS:
            pass  # it is known to fail here
        if n_held:
            yield b"".join(held)

    def _damaged(self, start: int, stop: int, reason: str) -> Damaged:
        self.at = stop
        return Damaged(start, stop - start, reason)

    def _search(self, start: int, fed: int = 0) -> int:
        """Where the next member begins at or behind `start`; else where the part ends.

        Before `fed`, only what begins as `begins` says: members hold other compressed files as they are.
        """
        while start < self._stop:
            block = bytes(self._view(start, _BLOCK))[: self._stop - start]
            found = block.find(self._magic)
            while found >= 0:
                if self._is_member(start + found, demanding=start + found < fed):
                    return start + found
                if self._tries > _MAX_TRIES:
                    return self._stop
                found = block.find(self._magic, found + 1)
            start += max(1, len(block) - len(self._magic) + 1)
        return self._stop

    def _is_member(self, at: int, *, demanding: bool = False) -> bool:
        """Whether what stands there is the end of the part, or decompresses."""
        if at in (self._stop, self._source.n_bytes):
            return True
        if bytes(self._view(at, len(self._magic))) != self._magic:
            return False
        self._tries += 1
        head = b""
        try:
            for fed, data, ended in self._steps(at):
                head += data[: 1 << 10]
                if ended or len(data) > _BLOCK or fed >= at + (_LOOK if data else _BLOCK):
                    break
        except _ERRORS:
            return False
        return bool(head) and (self._begins(head) or not demanding)

    def _is_padding(self) -> bool:
        """True where only zeros follow up to the end of the file, as tapes and block devices leave them."""
        at = self.at
        while view := bytes(self._view(at, _BLOCK)):
            if view.strip(b"\0"):
                return False
            at += len(view)
        return True

    def _skip(self, head: bytes) -> bool:
        """Passes over a skippable frame, if it ends within the file."""
        end = self.at + 8 + int.from_bytes(head[4:8], "little")
        if len(head) < 8 or end > self._source.n_bytes:
            return False
        self.at = end
        return True

    def _find_dictionary(self) -> Any:
        """The dictionary that a .warc.zst begins with, itself compressed or not."""
        head = bytes(self._view(0, 8))
        size = int.from_bytes(head[4:8], "little")
        if not head.startswith(_DICTIONARY) or size > _MAX_DICTIONARY:
            return None
        self._source.file.seek(8)
        raw = self._source.file.read(size)
        try:
            if raw.startswith(_ZSTD):
                raw = zstd.ZstdDecompressor().decompress(raw, _MAX_DICTIONARY)
            return zstd.ZstdDict(raw)
        except (zstd.ZstdError, ValueError):
            return None  # every frame will say that it lacks one

    def _view(self, at: int, n: int) -> memoryview:
        """Up to `n` stored bytes (at most `_BLOCK`), fewer only at the end of the file."""
        begin = at - self._base
        if begin < 0 or begin + n > len(self._buffer):
            self._source.file.seek(at)
            self._buffer = self._source.file.read(_BLOCK)
            self._base, begin = at, 0
        return memoryview(self._buffer)[begin : begin + n]

    def _gunzip(self, at: int, stop: int = 1 << 62, fine: int = 1 << 62, size: int = 1) -> Steps:
        """Decompresses the member at `at`, fed up to `stop`; behind `fine` in pieces of `size`."""
        inflate = zlib_ng.decompressobj(wbits=31)
        while True:
            piece = self._view(at, min(_PIECE if at < fine else size, stop - at, max(fine - at, size)))
            data = inflate.decompress(piece, CHUNK_BYTES)
            if inflate.eof:
                yield at + len(piece) - len(inflate.unused_data), data, True
                return
            if not data and not piece:
                return
            at += len(piece) - len(inflate.unconsumed_tail)
            yield at, data, False

    def _unzstd(self, at: int, stop: int = 1 << 62, fine: int = 1 << 62, size: int = 1) -> Steps:
        """Decompresses the frame at `at`, fed up to `stop`; behind `fine` in pieces of `size`."""
        expand = zstd.ZstdDecompressor(self._dictionary)
        while True:
            hungry = expand.needs_input
            n = min(_PIECE if at < fine else size, stop - at, max(fine - at, size)) if hungry else 0
            piece = self._view(at, n)
            data = expand.decompress(piece, CHUNK_BYTES)
            at += len(piece)
            if expand.eof:
                yield at - len(expand.unused_data), data, True
                return
            if hungry and not data and not piece:
                return
            yield at, data, False


def _message(error: Exception) -> str:
    """What went wrong, without the library's frame around it."""
    return str(error).rpartition(": ")[2]


def _trailer(reason: str) -> tuple[int, int]:
    """How many bytes of a member's trailer were well when its check failed, and how many it has; else zeros."""
    if "incorrect length check" in reason:
        return 7, 8
    if "incorrect data check" in reason:
        return 3, 8
    return (3, 4) if "checksum" in reason else (0, 0)
