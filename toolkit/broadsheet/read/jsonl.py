"""JSON Lines: a record a line, read in parts that begin and end where lines do."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, Literal, NamedTuple, overload

from broadsheet.read.compression import chunks
from broadsheet.read.found import Damaged, Item, Lines, Rejected, Skipped, Source
from broadsheet.read.records import Fields, read_record

MARK: Final = b"\xef\xbb\xbf"
"""The byte order mark that some programs write before UTF-8."""


class TooLong(NamedTuple):
    """A line that was passed over, and its bytes."""

    n_bytes: int


class Blank(NamedTuple):
    """A run of lines of nothing but white space."""

    n_lines: int
    n_bytes: int


def read_jsonl(source: Source, fields: Fields) -> Iterator[Item]:
    """The records whose lines begin in the part, then `Lines`; lines are counted within the part.

    A line that is no record is `Rejected` and stops no other. Damage ends the line before it and begins a new one:
    what is left of either is no record, and is kept as what it is. Memory: two chunks and one line.
    """
    most = source.limits.line_bytes
    number = n_blank = 0
    for line in split_lines(part(source), most, blank_runs=True):
        if isinstance(line, bytes):
            number += 1
            raw = line[len(MARK) :] if number == 1 and not source.start and line.startswith(MARK) else line
            item = read_record(raw, number, len(line), fields)
            if isinstance(item, Rejected):
                if not raw.strip():
                    n_blank += len(line)
                    continue
                item = item._replace(raw=raw.removesuffix(b"\n"))
            yield item
        elif isinstance(line, Blank):
            number += line.n_lines
            n_blank += line.n_bytes
        elif isinstance(line, TooLong):
            number += 1
            yield Rejected("size", f"{line.n_bytes} bytes in a line; at most {most}", None, line.n_bytes, number)
        else:
            yield line
    if n_blank:
        yield Skipped("blank", n_blank, is_record=False)
    yield Lines(number)


def part(source: Source) -> Iterator[bytes | Damaged]:
    """The content of the lines that begin in the part, in pieces; of a compressed file, all of it.

    The part ends with the first line feed at or behind the byte before `end`, and the one before it ended likewise: so
    that the parts tile the file wherever it was cut.
    """
    is_plain = source.compression == "none"
    at = max(source.start - 1, 0) if is_plain else source.start
    begun = not at and not source.start
    last = source.end - 1 if is_plain and source.end >= 0 else None
    if not is_plain:
        begun = True
    elif last is not None and last < source.start:
        return
    for chunk in chunks(replace(source, start=at)):
        if isinstance(chunk, Damaged):
            yield chunk
            continue
        data, offset = chunk.data, chunk.offset
        if not begun:
            feed = data.find(b"\n")
            if feed < 0:
                continue
            begun = True
            data, offset = data[feed + 1 :], offset + feed + 1
            if last is not None and offset > last:
                return
        if last is not None and offset + len(data) > last:
            feed = data.find(b"\n", max(last - offset, 0))
            if feed >= 0:
                yield data[: feed + 1]
                return
        yield data


@overload
def split_lines(pieces: Iterable[bytes | Damaged], most: int) -> Iterator[bytes | TooLong | Damaged]: ...


@overload
def split_lines(
    pieces: Iterable[bytes | Damaged], most: int, *, blank_runs: Literal[True]
) -> Iterator[bytes | TooLong | Blank | Damaged]: ...


def split_lines(
    pieces: Iterable[bytes | Damaged], most: int, *, blank_runs: bool = False
) -> Iterator[bytes | TooLong | Blank | Damaged]:
    """The lines, each with its line feed; those of more than `most` bytes are passed over and not held.

    With `blank_runs`, pieces of only blank lines come as what they are: bombs of line feeds are made of these.
    The content before and behind a `Damaged` is no line together.
    """
    held: list[bytes] = []
    n_held = 0
    for piece in pieces:
        if isinstance(piece, Damaged):
            if n_held:
                yield b"".join(held) if held else TooLong(n_held)
                held, n_held = [], 0
            yield piece
            continue
        begin = 0
        if n_held:
            begin = piece.find(b"\n") + 1
            rest = piece[:begin] if begin else piece
            n_held += len(rest)
            held.append(rest)
            # Without its line feed; of a line that was too long before, nothing is held.
            if len(held) == 1 or n_held - (begin > 0) > most:
                held = []
            if not begin:
                continue
            yield b"".join(held) if held else TooLong(n_held)
        end = piece.rfind(b"\n") + 1
        lines = piece[begin:end]
        if blank_runs and end - begin > 2 and end - begin <= most and lines.isspace():
            yield Blank(lines.count(b"\n"), len(lines))
        else:
            for line in io.BytesIO(lines):
                yield line if len(line) - 1 <= most else TooLong(len(line))
        held, n_held = [piece[end:]], len(piece) - end
        if n_held > most:
            held = []
    if n_held:
        yield b"".join(held) if held else TooLong(n_held)
