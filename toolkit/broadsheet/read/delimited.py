"""Tables of delimited text, CSV and the like: a record a row, under the names in the header."""

import codecs
import csv
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from broadsheet.read.compression import Chunk, chunks
from broadsheet.read.found import Damaged, Item, Rejected, Skipped, Source, Warned
from broadsheet.read.jsonl import TooLong, split_lines
from broadsheet.read.records import Fields, UnreadableFile, given
from broadsheet.strict import UnreadableError, has_surrogate, loads

DELIMITERS: Final = ",;\t|"
_UTF_16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_EVIDENCE_LINES: Final = 1000
_NO_LIMIT: Final = 2**31 - 1
_QUOTED = re.compile(r'"[^"]*"')
_INTEGER = re.compile(r"(-?\d{1,19})(?:\.0+)?", re.ASCII)
_INT64: Final = range(-(2**63), 2**63)
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}


def read_delimited(source: Source, fields: Fields) -> Iterator[Item]:
    """The records of the rows; `line` is the line in which a row begins, the header's being 1.

    The delimiter is the one of `DELIMITERS` that the header's line has most of. An empty cell is no property: the
    format cannot tell it from none. Cells of integer, number and boolean properties become such, and JSON in those
    of arrays and objects; cells that do not convert stay as they are, so that validation says so. Where a row cannot
    be read, only its first line is rejected: with a quotation mark too few it would take all that follows. Memory: two
    chunks and one row.

    Raises: UnreadableFile where the header does not name every column once.
    """
    encoding = encoding_of(source)
    if encoding == "cp1252":
        yield Warned(0, "no UTF-8: read as windows-1252")
    header: list[tuple[str, str]] = []
    for row in _Rows(source, encoding):
        if not isinstance(row, _Row):
            if not header:
                reason = row.reason if isinstance(row, Damaged) else row.message
                raise UnreadableFile(f"its header cannot be read: {reason}")
            yield row
        elif not row.cells:
            yield Skipped("blank", row.n_bytes, is_record=False)
        elif not header:
            header = _columns(row.cells, fields)
            yield Skipped("header", row.n_bytes, is_record=False)
        else:
            yield _item(row, header, fields)


def encoding_of(source: Source) -> str:
    """`utf-16-le`, `utf-16-be` by a byte order mark, else `utf-8` or `cp1252`: reads the whole file, if it is ASCII.

    It is windows-1252 where more lines are no UTF-8 than there are lines of UTF-8 that are not ASCII, among the first
    thousand of both; a line or two in another encoding make no whole file wrong, but are rejected.
    """
    n_lines = {"utf-8": 0, "cp1252": 0}
    first = True
    for line in split_lines(_pieces(source), source.limits.line_bytes):
        if not isinstance(line, bytes):
            continue
        if first and line[:2] in _UTF_16:
            return _UTF_16[line[:2]]
        first = False
        if not line.isascii():
            n_lines["utf-8" if _is_utf8(line) else "cp1252"] += 1
            if sum(n_lines.values()) == _EVIDENCE_LINES:
                break
    return "cp1252" if n_lines["cp1252"] > n_lines["utf-8"] else "utf-8"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _pieces(source: Source) -> Iterator[bytes | Damaged]:
    return (chunk.data if isinstance(chunk, Chunk) else chunk for chunk in chunks(source))


def _columns(cells: Sequence[str], fields: Fields) -> list[tuple[str, str]]:
    """Name and type of each column."""
    names = [cell.strip() for cell in cells]
    twice = sorted(name for name, n in Counter(names).items() if n > 1 and name)
    if "" in names:
        raise UnreadableFile(
            f"column {names.index('') + 1} has no name; where pandas wrote it, it is the index: pass index=False"
        )
    if twice:
        raise UnreadableFile(f"columns given twice: {', '.join(map(repr, twice))}")
    return [(name, fields.kind(name)) for name in names]


def _item(row: "_Row", header: Sequence[tuple[str, str]], fields: Fields) -> Item:
    if len(row.cells) != len(header):
        message = f"{len(row.cells)} cells where the header has {len(header)}"
        return Rejected("cells", message, row.raw, row.n_bytes, row.line)
    if any(map(has_surrogate, row.cells)):
        return Rejected("surrogate", "a lone surrogate is no character", row.raw, row.n_bytes, row.line)
    record = {
        name: cell if kind == "string" else _converted(cell, kind)
        for (name, kind), cell in zip(header, row.cells, strict=True)
        if cell
    }
    return given(record, row.line, row.n_bytes, fields)


def _converted(cell: str, kind: str) -> Any:
    if kind == "boolean":
        return _TRUTH.get(cell.strip().lower(), cell)
    if kind == "integer":
        # Tables with gaps often write integers as 3.0.
        integer = _INTEGER.fullmatch(cell.strip())
        return int(integer[1]) if integer and int(integer[1]) in _INT64 else cell
    if kind in {"number", "list", "map", "struct"}:
        try:
            return loads(b'{"cell":%s}' % cell.encode())["cell"]
        except UnreadableError:
            pass
    return cell


class _Row(NamedTuple):
    cells: list[str]
    raw: bytes
    """Without the line feed at its end."""
    n_bytes: int
    line: int


class _Stop(Exception):  # noqa: N818 - no error, but where a row must end
    """Here is no line that could belong to the row before; what is here waits to be taken."""


class _Rows:
    """The rows, and what is none; also the lines as `csv.reader` wants them, which are taken back if it fails."""

    def __init__(self, source: Source, encoding: str) -> None:
        self._encoding = encoding
        self._feed = "\n".encode(encoding)
        self._most = source.limits.line_bytes
        pieces = _pieces(source)
        self._lines = (
            _utf_16_lines(pieces, encoding, self._most)
            if encoding.startswith("utf-16")
            else split_lines(pieces, self._most)
        )
        self._waiting: deque[bytes | TooLong | Damaged] = deque()
        self._taken: list[bytes] = []
        self._n_taken = 0
        self._number = 1

    def __iter__(self) -> Iterator[_Row | Rejected | Damaged]:
        first = next(self._lines, None)
        if first is None:
            return
        self._waiting.append(first)
        if csv.field_size_limit() < _NO_LIMIT:
            # The limit is the process's own and too small for texts; a row's size is checked before it gets there.
            csv.field_size_limit(_NO_LIMIT)
        delimiter = self._delimiter(first)
        reader = None
        while True:
            # After an error it may take itself for exhausted.
            reader = reader or csv.reader(iter(self.take, None), delimiter=delimiter, strict=True)
            self._taken, self._n_taken = [], 0
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (_Stop, UnicodeDecodeError, csv.Error) as error:
                reader = None
                yield self._rejected(error) if self._taken else self._other()
            else:
                raw = b"".join(self._taken)
                yield _Row(cells, raw.removesuffix(self._feed), len(raw), self._number)
                self._number += len(self._taken)

    def take(self) -> str:
        """The next line, decoded.

        Raises: StopIteration at the end; _Stop, UnicodeDecodeError, csv.Error where a row cannot have it.
        """
        line = self._waiting.popleft() if self._waiting else next(self._lines)
        if not isinstance(line, bytes) or (self._taken and self._n_taken + len(line) > self._most):
            self._waiting.appendleft(line)
            raise _Stop("a quotation mark is not closed")
        self._taken.append(line)
        self._n_taken += len(line)
        text = line.decode(self._encoding, "surrogatepass" if self._encoding.startswith("utf-16") else "strict")
        if "\0" in text:
            raise csv.Error("the character NUL")
        return text.removeprefix("\ufeff") if self._number == 1 and len(self._taken) == 1 else text

    def _delimiter(self, first: bytes | TooLong | Damaged) -> str:
        text = first.decode(self._encoding, "replace") if isinstance(first, bytes) else ""
        bare = _QUOTED.sub("", text)
        return max(DELIMITERS, key=bare.count)

    def _rejected(self, error: Exception) -> Rejected:
        """The first line of a row that cannot be read; the others wait to be read anew."""
        raw, *others = self._taken
        self._waiting.extendleft(reversed(others))
        self._number += 1
        code, message = "syntax", str(error)
        if isinstance(error, UnicodeDecodeError):
            code, message = "encoding", f"byte {error.start} is no {self._encoding}"
        return Rejected(code, message, raw.removesuffix(self._feed), len(raw), self._number - 1)

    def _other(self) -> Rejected | Damaged:
        found = self._waiting.popleft()
        if isinstance(found, TooLong):
            self._number += 1
            message = f"{found.n_bytes} bytes in a line; at most {self._most}"
            return Rejected("size", message, None, found.n_bytes, self._number - 1)
        assert isinstance(found, Damaged)
        return found


def _utf_16_lines(pieces: Iterable[bytes | Damaged], encoding: str, most: int) -> Iterator[bytes | TooLong | Damaged]:
    """`split_lines` of UTF-16, in which the byte of a line feed may be half of another character."""
    to_feed = re.compile(b"(?:..)*?" + re.escape("\n".encode(encoding)), re.DOTALL)
    held = b""
    n_dropped = scanned = 0
    for piece in pieces:
        if isinstance(piece, Damaged):
            if held or n_dropped:
                yield TooLong(n_dropped + len(held)) if n_dropped else held
            held, n_dropped, scanned = b"", 0, 0
            yield piece
            continue
        held += piece
        begin = 0
        while match := to_feed.match(held, scanned):
            line = held[begin : match.end()]
            yield TooLong(n_dropped + len(line)) if n_dropped or len(line) - 2 > most else line
            n_dropped = 0
            begin = scanned = match.end()
        held = held[begin:]
        scanned = len(held) & ~1
        if len(held) > most:
            held, n_dropped, scanned = held[scanned:], n_dropped + scanned, 0
    if held or n_dropped:
        yield TooLong(n_dropped + len(held)) if n_dropped else held
