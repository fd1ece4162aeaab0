"""Records found by their words in captures that are not the bytes of their page: line by line, whatever is around."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from broadsheet.batches import Row
from broadsheet.release.standoff import SHORT_WORDS, mark
from broadsheet.text import words


class _Line(NamedTuple):
    """A line of a capture that has words: its place without the white space around it."""

    start: int
    end: int
    words: list[str]


class Lines:
    """The lines of captures, to look for segments in. Memory: their words, and a hash a longer line."""

    def __init__(self, pages: Iterable[Row]) -> None:
        self._pages: list[tuple[Row, list[_Line]]] = []
        self._at: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for page in pages:
            if page["given"] is not None:
                continue
            lines = [*_lines(page["text"])]
            for number, line in enumerate(lines):
                if len(line.words) >= SHORT_WORDS:
                    self._at[mark(line.words)].append((len(self._pages), number))
            self._pages.append((page, lines))

    def find(self, members: Sequence[Row]) -> tuple[Row, list[Row]] | None:
        """The first capture that has all words of the segments of one record, and the segments with their bounds there.

        A segment without a line of 10 words is not looked for.
        """
        for number, _ in self._at.get(members[0]["anchor"] or "", ()):
            found = [bound for bound in (self._bound(row, number) for row in members) if bound is not None]
            if len(found) == len(members):
                return self._pages[number][0], found
        return None

    def _bound(self, segment: Row, number: int) -> Row | None:
        """The segment with its bounds in one of the captures."""
        page, lines = self._pages[number]
        places = (at for n, at in self._at.get(segment["anchor"] or "", ()) if n == number)
        return next(filter(None, (_bound(segment, page["text"], lines, at) for at in places)), None)


def appearances(segments: Iterable[Row]) -> list[list[Row]]:
    """The segments of each record on one page."""
    found: dict[tuple[str, int], list[Row]] = {}
    for row in segments:
        if row["record_id"] is not None:
            key = ("start", row["start"]) if row["article"] is None else ("article", row["article"])
            found.setdefault(key, []).append(row)
    return [*found.values()]


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        found = words(bare)
        if found:
            first = start + len(line) - len(line.lstrip())
            yield _Line(first, first + len(bare), found)
        start += len(line)


def _bound(segment: Row, text: str, lines: Sequence[_Line], anchor: int) -> Row | None:
    """The segment with its bounds in a text whose line `anchor` is its first longer one; None where others differ."""
    counts = [n for n in segment["part_words"] if n]
    kinds = [part["part"] for part, n in zip(segment["parts"], segment["part_words"], strict=True) if n]
    before = sum(counts[: next(i for i, n in enumerate(counts) if n >= SHORT_WORDS)])
    at = anchor
    while before > 0 and at > 0:
        at -= 1
        before -= len(lines[at].words)
    parts: list[Row] = []
    said: list[str] = []
    while before == 0 and counts and at < len(lines):
        line = lines[at]
        n = 1
        while n < len(counts) and sum(counts[:n]) < len(line.words):
            n += 1
        if sum(counts[:n]) != len(line.words):
            return None
        parts += _cut(text, line, kinds[:n], counts[:n])
        said += line.words
        counts, kinds, at = counts[n:], kinds[n:], at + 1
    if before or counts or mark(said) != segment["words_digest"]:
        return None
    return {**segment, "start": parts[0]["start"], "end": parts[-1]["end"], "parts": parts}


def _cut(text: str, line: _Line, kinds: Sequence[str], counts: Sequence[int]) -> Iterator[Row]:
    """The parts of a line, which white space parts."""
    start = line.start
    for kind, n in zip(kinds[:-1], counts[:-1], strict=True):
        end = start
        while end < line.end and (len(words(text[start:end])) < n or not text[end].isspace()):
            end += 1
        yield {"part": kind, "start": start, "end": end}
        start = end + len(text[end : line.end]) - len(text[end : line.end].lstrip())
    yield {"part": kinds[-1], "start": start, "end": line.end}
