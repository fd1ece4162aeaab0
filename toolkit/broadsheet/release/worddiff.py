"""Two texts compared word by word, as few places with a little around them: what a reader needs to see."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from broadsheet.text import UNSPACED, collapse, words

AROUND: Final = 5
"""Words that are shown before and after a place."""
LONG: Final = 24
"""Words of a run from which only its two ends are shown."""
MOST_PLACES: Final = 8
MOST_WORDS: Final = 50_000
"""Words of each text that are compared."""
_MOST_CELLS: Final = 250_000
"""Words of one gap times words of the other, above which the gap is taken for replaced as a whole."""
_SHINGLE: Final = 3

Op = Literal["equal", "delete", "insert"]


@dataclass(frozen=True, slots=True)
class Run:
    """A run of words, as it is spelled."""

    op: Op
    text: str
    """White space is one space each; of a long run the two ends, with " … " between them."""
    n_words: int
    """How many words it has, those that are left out too."""
    spaced: bool
    """True where white space stands before it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in which the texts differ, with the words around it."""

    begins: bool
    """True where nothing stands before it in either text."""
    ends: bool
    """True where nothing follows in either text."""
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """How the second text differs from the first; places in their order."""

    basis: Literal["words", "signs", "none"]
    """What differs: words; only signs, case or Unicode forms, the words being equal; or nothing but white space."""
    n_equal: int
    """Words that both have."""
    n_deleted: int
    """Words of the first text alone."""
    n_inserted: int
    """Words of the second text alone."""
    n_places: int
    places: tuple[Place, ...]
    """The first of them."""
    n_uncompared: int
    """Words at the ends of both texts that are beyond what is compared."""


@dataclass(frozen=True, slots=True)
class _Token:
    key: tuple[str, ...]
    start: int
    end: int


_TOKEN: Final = re.compile(
    "[{0}][\u0300-\u036f\u3099\u309a]*|[^\\s{0}]+".format("".join(f"{chr(a)}-{chr(b)}" for a, b in UNSPACED))
)


def compare(first: str, second: str) -> Diff:
    """What differs between two texts. Time and memory: about linear in their words.

    Words are those by which repeats are found (`text.words`); a token without any, such as a dash, belongs to the
    word before it. Where all words are equal, the spelling is compared.
    """
    sides = (_tokens(first), _tokens(second))
    basis: Literal["words", "signs", "none"] = "words"
    found, other = ([word for token in side for word in token.key] for side in sides)
    if found == other:
        basis = "none" if collapse(first) == collapse(second) else "signs"
        if basis == "signs":
            sides = (_spelled(first), _spelled(second))
    n_uncompared = sum(max(0, len(side) - MOST_WORDS) for side in sides)
    a, b = (side[:MOST_WORDS] for side in sides)
    edits = list(opcodes([token.key for token in a], [token.key for token in b]))
    groups = list(_places(edits))
    return Diff(
        basis=basis,
        n_equal=sum(end - start for op, start, end, _, _ in edits if op == "equal"),
        n_deleted=sum(end - start for op, start, end, _, _ in edits if op != "equal"),
        n_inserted=sum(end - start for op, _, _, start, end in edits if op != "equal"),
        n_places=len(groups),
        places=tuple(_place(group, (first, second), sides) for group in groups[:MOST_PLACES]),
        n_uncompared=n_uncompared,
    )


def _tokens(text: str) -> list[_Token]:
    """The tokens of a text with their words; what has none belongs to the token before, or to the first."""
    found: list[_Token] = []
    start = None
    for match in _TOKEN.finditer(text):
        key = tuple(words(match.group()))
        if key:
            found.append(_Token(key, match.start() if start is None else start, match.end()))
            start = None
        elif found:
            found[-1] = _Token(found[-1].key, found[-1].start, match.end())
        elif start is None:
            start = match.start()
    return found


def _spelled(text: str) -> list[_Token]:
    return [_Token((collapse(match.group()),), match.start(), match.end()) for match in _TOKEN.finditer(text)]


Edit = tuple[str, int, int, int, int]


def opcodes(a: Sequence[Hashable], b: Sequence[Hashable]) -> Iterator[Edit]:
    """What makes `b` of `a`, like `difflib.SequenceMatcher.get_opcodes`, with `replace` for every change.

    Runs that stand once in each are found first and cut the rest into gaps, so that long texts stay cheap; a gap that
    is large on both sides counts as replaced.
    """
    i = j = 0
    run: tuple[int, int, int] | None = None
    for block in [*_blocks(a, b), (len(a), len(b), 0)]:
        if run and (block[0], block[1]) == (run[0] + run[2], run[1] + run[2]) and block[2]:
            run = (run[0], run[1], run[2] + block[2])
            continue
        if run:
            yield "equal", run[0], run[0] + run[2], run[1], run[1] + run[2]
            i, j = run[0] + run[2], run[1] + run[2]
        if (i, j) != (block[0], block[1]):
            yield "replace", i, block[0], j, block[1]
        run = block
        i, j = block[0], block[1]


def _blocks(a: Sequence[Hashable], b: Sequence[Hashable]) -> Iterator[tuple[int, int, int]]:
    """Runs that both have (start in each, length > 0), in order."""
    n = min(len(a), len(b))
    head = next((k for k in range(n) if a[k] != b[k]), n)
    tail = next((k for k in range(n - head) if a[-1 - k] != b[-1 - k]), n - head)
    if head:
        yield 0, 0, head
    i, j, end_a, end_b = head, head, len(a) - tail, len(b) - tail
    for x, y in [*_anchors(a, b, (head, end_a), (head, end_b)), (end_a, end_b)]:
        if x < i or y < j:
            continue
        if 0 < (x - i) * (y - j) <= _MOST_CELLS:
            matcher = SequenceMatcher(None, a[i:x], b[j:y], autojunk=False)
            yield from ((i + p, j + q, size) for p, q, size in matcher.get_matching_blocks() if size)
        if x < end_a:
            yield x, y, 1
        i, j = x + 1, y + 1
    if tail:
        yield end_a, end_b, tail


def _anchors(
    a: Sequence[Hashable], b: Sequence[Hashable], in_a: tuple[int, int], in_b: tuple[int, int]
) -> list[tuple[int, int]]:
    """Words at the same places of shingles that stand once in each side, rising in both."""
    places = [_once(text, *bounds) for text, bounds in ((a, in_a), (b, in_b))]
    shared = ((i, places[1][key]) for key, i in places[0].items() if key in places[1])
    # By the first place, the second falling: so of pairs with one first place no two are in a rising run.
    pairs = sorted({(i + k, j + k) for i, j in shared for k in range(_SHINGLE)}, key=lambda pair: (pair[0], -pair[1]))
    # The longest run that rises in both (patience sorting).
    ends: list[int] = []
    last: list[int] = []
    before: list[int | None] = [None] * len(pairs)
    for at, (_, j) in enumerate(pairs):
        k = bisect_left(ends, j)
        before[at] = last[k - 1] if k else None
        ends[k : k + 1], last[k : k + 1] = [j], [at]
    found = []
    way = last[-1] if last else None
    while way is not None:
        found.append(pairs[way])
        way = before[way]
    return found[::-1]


def _once(text: Sequence[Hashable], start: int, end: int) -> dict[tuple[Hashable, ...], int]:
    keys = [tuple(text[i : i + _SHINGLE]) for i in range(start, end - _SHINGLE + 1)]
    counts = Counter(keys)
    return {key: start + i for i, key in enumerate(keys) if counts[key] == 1}


def _places(edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """The edits in groups that are shown together, equal words at their ends cut to what is shown."""
    group: list[Edit] = []
    for at, (op, i, i_end, j, j_end) in enumerate(edits):
        if op != "equal":
            group.append((op, i, i_end, j, j_end))
            continue
        far = i_end - i > 2 * AROUND
        if group and (far or at == len(edits) - 1):
            n = min(AROUND, i_end - i)
            yield [*group, (op, i, i + n, j, j + n)]
            group = []
        if at < len(edits) - 1:
            n = i_end - i if group else min(AROUND, i_end - i)
            group.append((op, i_end - n, i_end, j_end - n, j_end))
    if any(edit[0] != "equal" for edit in group):
        yield group


def _place(group: Sequence[Edit], texts: tuple[str, str], tokens: tuple[Sequence[_Token], Sequence[_Token]]) -> Place:
    runs = []
    for op, *bounds in group:
        spans = (bounds[0], bounds[1]), (bounds[2], bounds[3])
        names: tuple[tuple[Op, int], ...] = (("equal", 0),) if op == "equal" else (("delete", 0), ("insert", 1))
        for name, side in names:
            if spans[side][0] < spans[side][1]:
                # What both have may stand at the very beginning of one and behind a space in the other.
                spaced = any(
                    _is_spaced(texts[k], tokens[k], spans[k][0]) for k in ((0, 1) if op == "equal" else (side,))
                )
                runs.append(_run(name, texts[side], tokens[side], spans[side], spaced))
    first, last = group[0], group[-1]
    begins = not first[1] and not first[3]
    ends = last[2] == len(tokens[0]) and last[4] == len(tokens[1])
    return Place(begins, ends, tuple(runs))


def _is_spaced(text: str, tokens: Sequence[_Token], i: int) -> bool:
    return tokens[i].start > 0 and text[tokens[i].start - 1].isspace()


def _run(op: Op, text: str, tokens: Sequence[_Token], span: tuple[int, int], spaced: bool) -> Run:
    start, end = span
    n = end - start

    def of(i: int, j: int) -> str:
        return " ".join(text[tokens[i].start : tokens[j - 1].end].split())

    third = LONG // 3
    shown = of(start, end) if n <= LONG else f"{of(start, start + third)} … {of(end - third, end)}"
    return Run(op, shown, n, spaced)
