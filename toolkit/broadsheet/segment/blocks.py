"""A page's text as blocks, the units that get a role, with what their form shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from broadsheet.segment.language import is_function_word

STOPS = frozenset(".!?…。！？｡؟۔।॥።։‽")
"""Sentence-final marks of many scripts."""
_CLOSERS = "\"'”’»›）)]】」』〉》*_ "
_LONG_WORDS = 12
_SHORT_CHARS = 200
_MARKER = re.compile(r"(?:[•◦▪▫‣⁃·○●■□►▶»*+\-–—]|(\d{1,4})[.)])[ \t\xa0]+(?=\S)")
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_INNER_STOP = re.compile(r"[.!?][\"'”’»)]* +\S|[。！？؟۔।](?=.)")
_CLOCK = re.compile(r"(?<!\d)[012]?\d[:h.][0-5]\d(?!\d|[.,]\d)")
_DATE = re.compile(
    r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d"
    r"|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}|(?:19|20)\d\d ?年)"
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DAY = re.compile(r"(?<!\d)[0-3]?\d(?!\d)")
_NAME_END = re.compile(r"\d|[|·•/(（]| [-–—] ")
_SIDE_BY_SIDE = re.compile(r"\S(?: {3,}|\t+|\u3000| ?[|·•»›] ?)(?=\S)")
_CODE_STARTS = ("#", ">>>", "$ ", "//", "<", "{", "}")
_DIGITS = re.compile(r"\d+")
_SYMBOLS = re.compile(r"[{}<>=;\\|$@#^~\[\]/_]|\(\)|\w\(")


@dataclass(slots=True)
class Line:
    """One visible line: its bounds in the page, its indent in columns, and the blank lines before it."""

    start: int
    text_start: int
    text_end: int
    indent: int
    gap: int
    text: str
    words: float
    marker: int
    stop: bool


@dataclass(slots=True)
class Block:
    """One or more lines that belong together, and their form.

    `words` counts half a word for a code point of a script without spaces. `lower` is the share of
    lower-case words, or -1 where the script has no case. `name` is how much the text looks like a
    byline, 0 to 2. `excess` is how many more blank lines stand before than between this page's
    paragraphs, `rise` how many more than in the text that follows. `owner` is the index of the list
    item that the block is indented under, or -1. `heads`: an item with text under it; `speaks`: short
    enough for an author line; `template`: its last word ends other such items. `repeats` counts equal
    lines of the page, `twins` dated lines that begin alike, `same_shape` short lines with a clock time.
    """

    lines: list[Line]
    words: float
    stop: bool
    ellipsis: bool
    colon: bool
    inner: bool
    lower: float
    dated: bool
    clock: bool
    name: float
    symbols: bool
    repeats: int = 1
    excess: int = 0
    next_excess: int = 0
    rise: int = 0
    owner: int = -1
    speaks: bool = False
    template: bool = False
    same_shape: int = 0
    next_name: float = 0.0
    next_dated: bool = False
    first: bool = False
    tail: str = ""
    twins: int = 0
    menu: bool = False
    heads: bool = False
    next_words: float = 0.0

    @property
    def start(self) -> int:
        """Code point at which the first line begins, indent included."""
        return self.lines[0].start

    @property
    def indent(self) -> int:
        """Columns of white space before the first line's text."""
        return self.lines[0].indent

    @property
    def marker(self) -> int:
        """Code points of the bullet or number that begins the block, 0 without one."""
        return self.lines[0].marker

    @property
    def text(self) -> str:
        """The lines' visible text, joined by one space."""
        return self.lines[0].text if len(self.lines) == 1 else " ".join(line.text for line in self.lines)


def count_words(text: str) -> float:
    """Words of a text; a code point of a script without spaces counts as half a word."""
    n = float(len(text.split()))
    if not text.isascii():
        unspaced = len(_UNSPACED.findall(text))
        if unspaced:
            n = max(n - unspaced, 0.0) if unspaced < n else 1.0
            n += unspaced / 2
    return n


def ends_sentence(text: str) -> bool:
    """Whether a text ends in a sentence-final mark, closing quotes and brackets aside."""
    tail = text[-12:].rstrip(_CLOSERS)
    return bool(tail) and tail[-1] in STOPS


def lines_of(text: str) -> Iterator[Line]:
    """The visible lines of a page, split at line feeds only."""
    offset = gap = 0
    for raw in text.split("\n"):
        bare = raw.strip()
        if not bare:
            gap += 1
        else:
            lead = len(raw) - len(raw.lstrip())
            indent = lead + 3 * raw.count("\t", 0, lead)
            marked = _MARKER.match(bare)
            begin = offset + lead
            yield Line(
                offset, begin, begin + len(bare), indent, gap, bare,
                count_words(bare), marked.end() if marked else 0, ends_sentence(bare),
            )  # fmt: skip
            gap = 0
        offset += len(raw) + 1


def usual_gap(lines: list[Line]) -> int:
    """Blank lines that this page puts between two paragraphs: the commonest gap between long lines."""
    between = Counter(
        after.gap for before, after in pairwise(lines) if before.words >= _LONG_WORDS and after.words >= _LONG_WORDS
    )
    if not between:
        return 1 if any(line.gap for line in lines[1:]) else 0
    return min(between, key=lambda gap: (-between[gap], gap))


def _is_prose(line: Line) -> bool:
    return line.words >= _LONG_WORDS or (line.stop and line.words >= 6)


def _continues(before: Line, line: Line) -> bool:
    """Whether a line is the next row of a hard-wrapped paragraph."""
    return (
        not line.marker
        and not before.stop
        and line.indent <= before.indent + before.marker
        and 45 <= len(before.text) <= 120
        and line.text[:1].islower()
    )


def _code_end(lines: list[Line], i: int) -> int:
    """Where a listing that begins at line `i` ends: attached lines, half of them rich in signs; else `i`."""
    if i and not lines[i].gap:
        return i
    j = i + 1
    while j < len(lines) and not lines[j].gap:
        j += 1
    if j - i < 3:
        return i
    rich = sum(_is_symbolic(line.text[:200]) for line in lines[i:j])
    return j if rich * 2 >= j - i else i


def _group(lines: list[Line]) -> Iterator[list[Line]]:
    """Runs of lines that get one role together.

    Attached lines of different nature are kept apart; the inside of a long attached run of short lines
    (a menu, code, verse) is one block, its edges stay single, since a title, a byline or a prompt may
    stand there.
    """
    i, n = 0, len(lines)
    while i < n:
        j = _code_end(lines, i)
        if j > i:
            yield lines[i:j]
            i = j
            continue
        j = i + 1
        if _is_prose(lines[i]) or lines[i].marker:
            while j < n and not lines[j].gap and _continues(lines[j - 1], lines[j]):
                j += 1
            yield lines[i:j]
            i = j
            continue
        while j < n and not lines[j].gap and not lines[j].marker and not _is_prose(lines[j]):
            j += 1
        head = 1 if i and not lines[i].gap else 0
        tail = 3 if j < n and not lines[j].gap and not lines[j].marker else 0
        if j - i - head - tail >= 6:
            yield from ([line] for line in lines[i : i + head])
            yield lines[i + head : j - tail]
            yield from ([line] for line in lines[j - tail : j])
        else:
            yield from ([line] for line in lines[i:j])
        i = j


def name_likeness(text: str) -> float:
    """How much a short text looks like a byline: 0 no, 1 perhaps, 1.5 a bare name, 2 a lead-in and a name."""
    if len(text) > 90:
        return 0.0
    cut = _NAME_END.search(text, 1)
    name = (text[: cut.start()] if cut else text).rstrip(" ,:;.-–—")
    tokens = name.split()
    if "," in name:
        before_comma = name[: name.index(",")].split()
        tokens = before_comma if len(before_comma) > 1 else tokens
    if not 1 <= len(tokens) <= 8:
        return 0.0
    if text.lower() == text.upper():
        return 0.8 if 1 < len(tokens) <= 4 or 2 <= len(text) <= 8 else 0.0
    if any(token[-1] in ".!?…:;" and len(token) > 3 for token in tokens[:-1]) or text[-1] in "!?…:":
        return 0.0
    lead = 0
    while lead < min(3, len(tokens)) and (not tokens[lead][0].isupper() or is_function_word(tokens[lead])):
        lead += 1
    if lead == 0 and len(tokens) > 3 and len(tokens[1]) <= 4 and is_function_word(tokens[1]):
        lead = 2
    named = tokens[lead:]
    big = sum(token[0].isupper() for token in named)
    if any(not token[0].isupper() and len(token) > 3 for token in named) or not 1 <= big <= 6:
        return 0.0
    if lead and 2 <= big <= 4:
        return 2.0
    return 1.5 if 2 <= big <= 4 and lead == 0 else 0.6


def _lower_share(text: str) -> float:
    words = text[:600].split()[:60]
    cased = lower = 0
    for word in words:
        first = word[0] if word[0].isalpha() or len(word) == 1 else word[1]
        if first.islower():
            lower += 1
            cased += 1
        elif first.isupper():
            cased += 1
    return lower / cased if cased * 2 > len(words) else -1.0


def _is_symbolic(text: str) -> bool:
    return len(_SYMBOLS.findall(text)) * 25 > len(text) or text.startswith(_CODE_STARTS)


def _block(lines: list[Line]) -> Block:
    last = lines[-1].text
    tail = last[-8:].rstrip(_CLOSERS)
    words = sum(line.words for line in lines)
    text = lines[0].text if len(lines) == 1 else " ".join(line.text for line in lines[:20])
    short = len(lines) == 1 and len(text) <= _SHORT_CHARS and words <= 20
    bare = text[lines[0].marker :] if short else ""
    digits = short and _DIGITS.search(bare) is not None
    return Block(
        lines=lines,
        words=words,
        stop=lines[-1].stop,
        ellipsis="…" in last[-12:] or "..." in last[-12:],
        colon=tail[-1:] in (":", "："),
        inner=_INNER_STOP.search(text, lines[0].marker) is not None,
        lower=_lower_share(text),
        dated=digits and bool(_DATE.search(bare) or (_YEAR.search(bare) and _DAY.search(bare))),
        clock=digits and _CLOCK.search(bare) is not None,
        name=name_likeness(bare) if short else 0.0,
        symbols=_is_symbolic(text[:400]),
        menu="©" in text[:200] or (words <= 40 and len(_SIDE_BY_SIDE.findall(text[:400])) > 1),
        tail=bare[-40:] if short else "",
    )


def _shape(block: Block) -> str:
    """How a dated line begins: its first word, with any number as 0."""
    return _DIGITS.sub("0", block.text[:60].split(None, 1)[0])


def _relate(blocks: list[Block], usual: int) -> None:
    """Fill in what a block's neighbours and its repeats on the page show."""
    seen = Counter(block.text for block in blocks if block.words <= _LONG_WORDS and len(block.lines) == 1)
    shapes = Counter(_shape(block) for block in blocks if block.dated)
    dated_heads = sum(block.clock and block.words <= 12 for block in blocks)
    for i, block in enumerate(blocks):
        block.first = i == 0
        block.excess = block.lines[0].gap - usual if i else 0
        block.same_shape = dated_heads
        if block.dated:
            block.twins = shapes[_shape(block)]
        if block.words <= _LONG_WORDS and len(block.lines) == 1:
            block.repeats = seen[block.text]
        if i:
            before = blocks[i - 1]
            before.next_excess = block.excess
            before.next_words = block.words
            before.next_name = block.name
            before.next_dated = block.dated or block.clock


def _rises(blocks: list[Block]) -> None:
    """Find for each block how many more blank lines stand before it than within the text that follows it."""
    gaps: list[int] = []
    for block in reversed(blocks):
        if len(gaps) == 2:
            block.rise = block.lines[0].gap - min(gaps)
        if block.words >= _LONG_WORDS and block.stop:
            gaps = [block.lines[0].gap, *gaps[:1]]
        elif block.words > 1 and block.lines[0].gap > 3:
            gaps = []


def _outline(blocks: list[Block]) -> None:
    """Find for each block the list item it stands under, and the items that introduce what someone says."""
    stack: list[int] = []
    for i, block in enumerate(blocks):
        while stack and blocks[stack[-1]].indent >= block.indent:
            stack.pop()
        block.owner = stack[-1] if stack else -1
        if block.marker:
            stack.append(i)
    tails: Counter[str] = Counter()
    speaking = []
    for i, block in enumerate(blocks[:-1]):
        after = blocks[i + 1]
        short = block.words <= (18 if block.dated or block.clock else 8)
        block.heads = bool(block.marker) and block.words <= 20 and after.owner == i and not after.marker
        if block.marker and short and not block.inner and after.owner == i and not after.marker:
            block.speaks = not block.stop or block.dated
            if block.speaks:
                words = block.tail.split()
                speaking.append((block, words[-1] if len(words) > 1 else ""))
    tails.update(tail for _, tail in speaking if tail)
    for block, tail in speaking:
        block.template = tails[tail] > 1


def blocks_of(text: str) -> list[Block]:
    """The blocks of a page in order, with their form; empty for a page of only white space."""
    lines = list(lines_of(text))
    blocks = [_block(group) for group in _group(lines)]
    _relate(blocks, usual_gap(lines))
    _rises(blocks)
    _outline(blocks)
    return blocks
