"""The decompressed content of an archive as one stream: looked ahead in, passed over, gone back in."""

from collections.abc import Callable
from typing import NamedTuple

from broadsheet.read.compression import Chunk, Expansion
from broadsheet.read.found import Damaged, Source


class Place(NamedTuple):
    """A place in the content that can be gone back to."""

    offset: int
    """Stored offset of the member; of the place itself where nothing is compressed."""
    n_into: int
    """Decompressed bytes from there to the place."""
    n_out: int
    """Decompressed bytes of the part before the member."""


class Stream:
    """Content from `data[pos]` on. `grow` may forget what lies before `pos`, and moves the rest to the front.

    Where stored bytes are damaged the content breaks: nothing grows over `damage` before it is taken.
    Memory: what is asked of `grow`, and one chunk.
    """

    def __init__(self, source: Source, begins: Callable[[bytes], bool]) -> None:
        self.data = b""
        self.pos = 0
        self.damage: Damaged | None = None
        self._source = source
        self._expansion = Expansion(source, begins)
        self._events = iter(self._expansion)
        self._is_plain = source.compression == "none"
        self._members: list[tuple[int, int, int]] = [(0, source.start, 0)]  # index in data, stored offset, n_out

    def grow(self, n: int, *, beyond: bool = True) -> int:
        """How many bytes there are from `pos` on: `n` or more, fewer only where content ends or breaks.

        `beyond`: a record may be read on behind the end of the part.
        """
        have = len(self.data) - self.pos
        if have >= n:
            return have
        self._forget()
        parts = [self.data] if have else []
        while have < n and (chunk := self._next(beyond=beyond)):
            if chunk.first or self._is_plain:
                self._members.append((have, chunk.offset, self._expansion.n_out - len(chunk.data)))
            parts.append(chunk.data)
            have += len(chunk.data)
        self.data = parts[0] if len(parts) == 1 else b"".join(parts)
        return have

    def take_damage(self) -> Damaged | None:
        """The damage at which the content broke; it goes on behind it."""
        damage, self.damage = self.damage, None
        return damage

    def drop(self, n: int) -> int:
        """Passes over `n` bytes without holding them; how many there were."""
        left = n
        while left:
            step = min(left, len(self.data) - self.pos)
            self.pos += step
            left -= step
            if left and not self.grow(1):
                break
        return n - left

    def place(self) -> Place:
        """Where `pos` is; at the end of what is held, that is behind it in its member."""
        index, offset, n_out = self._members[0]
        for member in self._members[1:]:
            if member[0] > self.pos:
                break
            index, offset, n_out = member
        n_into = self.pos - index
        return Place(offset + n_into, 0, n_out) if self._is_plain else Place(offset, n_into, n_out)

    def back(self, place: Place) -> None:
        """Goes to a place, the content of which is decompressed again."""
        self._expansion.back(place.offset, place.n_out)
        self._events = iter(self._expansion)
        self.damage = None
        self.data, self.pos, self._members = b"", 0, [(0, place.offset, place.n_out)]
        self.drop(place.n_into)

    def part_ends(self) -> int:
        """How many bytes after `pos` the part ends; what is held, if the end lies behind it."""
        have = len(self.data) - self.pos
        if self._source.end < 0:
            return have
        if self._is_plain:
            return min(have, self._source.end - self.place().offset)
        ends = (index for index, offset, _ in self._members if offset >= self._source.end and index >= self.pos)
        return next(ends, have + self.pos) - self.pos

    def passed(self) -> int | None:
        """Where the part was left, if it is at its end; a stored offset that is `end` unless the cut was wrong.

        Within a member that begins behind the end, that is an offset behind the member's.
        """
        end = self._source.end
        if self.pos < len(self.data):
            if end < 0:
                return None
            offset, n_into, _ = self.place()
            return offset + bool(n_into) if end <= offset else None
        if self.damage or self.grow(1, beyond=False):
            return None if self.damage else self.passed()
        return None if self.damage else self._expansion.at

    def _forget(self) -> None:
        """Makes `pos` the first byte."""
        pos, self.pos = self.pos, 0
        if pos:
            self.data = self.data[pos:]
            members = [(index - pos, offset, n_out) for index, offset, n_out in self._members]
            while len(members) > 1 and members[1][0] <= 0:
                del members[0]
            self._members = members

    def _next(self, *, beyond: bool) -> Chunk | None:
        while not self.damage:
            event = next(self._events, None)
            if isinstance(event, Damaged):
                self.damage = event
            elif event:
                return event
            elif beyond and self._expansion.extend():
                self._events = iter(self._expansion)
            else:
                break
        return None
