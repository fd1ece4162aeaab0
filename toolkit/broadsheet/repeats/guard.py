"""The guard: does one of two nearly equal texts say something else? Figures, dates, negations, no more."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from broadsheet.repeats.signs import Sign, signs
from broadsheet.text import collapse, sentences

# What counts as a change, in the order in which it is reported, and the name under which it is.
_KINDS = {"number": "number", "date": "date", "unit": "number"}

_MAX_NEGATION_WORDS = 4  # a negation that comes with a longer insertion belongs to what was inserted
_WRAPPED_CHARS = 50  # a line of that length that ends without an end mark was wrapped, not ended
_DATELINE_WORDS = 12

_MAX_SENTENCES = 64  # a word in more sentences than that does not help to align them
_MAX_EVIDENCE_WORDS = 6

Words = list[Sign]
Mask = frozenset[str]


def guard(a_text: str, b_text: str) -> str | None:
    """Evidence that two repeats differ in what they say, such as `number: 12 | 48`; None if they do not.

    The sentences of both texts are aligned one to one: equal ones first, then those equal but for numbers,
    dates and negations, then by the words they share. Inside an aligned pair the guard fires when a number
    stands against another (`number`, also for currency and per cent signs), a date word or numeric date
    against another (`date`), or when a negation is on one side of an edit only (`negation`). A number, date
    or negation whose sentence or clause is missing on the other side never fires it, nor do clock times, nor
    a dateline at the very start of a text.

    `a_text` is the shorter text, if one is; the sides of the evidence are A and B in this order.
    """
    if a_text == b_text:
        return None
    a, b = _sentences(a_text), _sentences(b_text)
    cut = bool(re.search(r"(?:…|\.\.\.)[\])\s]*\Z", a_text))
    for left, right in _aligned(a, b):
        fired = _difference(_merged(a, left), _merged(b, right), cut and left[-1] == len(a) - 1)
        if fired:
            return fired
    return None


cached_signs = lru_cache(maxsize=1 << 14)(signs)
"""The signs of a sentence: copies have most of theirs in common."""


@lru_cache(maxsize=1 << 12)
def _sentences(text: str) -> Sequence[Words]:
    return [found for sentence in raw_sentences(text) if (found := cached_signs(sentence))]


@lru_cache(maxsize=1 << 10)
def raw_sentences(text: str) -> list[str]:
    """The sentences of a text as the guard cuts them: without a dateline, wrapped lines joined."""
    body = text[_dateline_chars(text) :]
    lines = re.split(r"(?<=\n)", body)
    flowing = "".join(
        line[:-1] + " " if len(line) > _WRAPPED_CHARS and re.search(r"[^\W_]\s*\n\Z|[,;-]\s*\n\Z", line) else line
        for line in lines
    )
    return sentences(flowing)


_DATELINE = re.compile(
    r"\s*(?:【(?P<a>[^】\n]{1,60})】|\[(?P<b>[^\]\n]{1,60})\]|[（(](?P<c>[^）)\n]{1,60})[）)]"
    r"|(?P<dashed>[^\n]{1,100}?)(?:\s*[—–]|\s--?\s)|(?P<line>[^\n]{1,100})\n)\s*"
)


def _dateline_chars(text: str) -> int:
    """How many characters of a text are place, date and agency before it begins; 0 if it begins at once."""
    end = 0
    while (match := _DATELINE.match(text, end)) and end < 200:
        found = next(group for group in match.groups() if group is not None)
        if not _is_dateline(found, must_be_dated=match.lastgroup == "line"):
            break
        end = match.end()
    return end


def _is_dateline(text: str, *, must_be_dated: bool) -> bool:
    plain = re.sub(r"[（(][^）)]*[）)]", " ", text)
    names = re.findall(r"\w+", plain)
    found = signs(plain)
    is_dated = any(sign.kind == "date" for sign in found)
    numbers = [sign.value for sign in found if sign.kind == "number"]
    if not names or len(found) > _DATELINE_WORDS or (must_be_dated and not is_dated):
        return False
    if any(sign.kind in ("negation", "unit") for sign in found) or (numbers and not is_dated) or len(numbers) > 2:
        return False
    if any(not (n.isdecimal() and (int(n) <= 31 or len(n) == 4)) for n in numbers):
        return False
    if len(names[0]) <= 2 and names[0].istitle():
        return False  # "On 12 March - …" begins a sentence
    dates = {sign.word for sign in found if sign.kind == "date"}
    return not any(name.islower() and len(name) > 3 and name.casefold() not in dates for name in names)


def _aligned(a: Sequence[Words], b: Sequence[Words]) -> Iterator[tuple[list[int], list[int]]]:
    """Which sentences of A stand against which of B: no equal ones; those equal but for values first.

    One to one, lazily; then a sentence without a partner joins a neighbour whose partner contains it, since
    one text may have a full stop where the other has none.
    """
    verbatim = _equal([_verbatim(s) for s in a], [_verbatim(s) for s in b])
    left = sorted(set(range(len(a))) - verbatim.keys())
    right = sorted(set(range(len(b))) - set(verbatim.values()))
    masked_a, masked_b = {i: _masked(a[i]) for i in left}, {j: _masked(b[j]) for j in right}
    found = _equal(list(masked_a.values()), list(masked_b.values()))
    pairs = {left[i]: right[j] for i, j in found.items()}
    yield from (([i], [j]) for i, j in pairs.items())
    masks_a = {i: frozenset(masked) for i, masked in masked_a.items()}
    masks_b = {j: frozenset(masked) for j, masked in masked_b.items()}
    taken = set(pairs.values())
    rest_b = {j: mask for j, mask in masks_b.items() if j not in taken}
    pairs |= _overlapping({i: mask for i, mask in masks_a.items() if i not in pairs}, rest_b)
    owners = {j: i for i, j in pairs.items()}
    more_a = _neighbours(masks_a, pairs, masks_b)
    more_b = _neighbours(masks_b, owners, masks_a)
    for i, j in sorted(pairs.items()):
        if j in rest_b or more_a[i] or more_b[j]:
            yield sorted([i, *more_a[i]]), sorted([j, *more_b[j]])


def _verbatim(sentence: Words) -> tuple[str, ...]:
    return tuple(sign.word for sign in sentence)


def _masked(sentence: Words) -> tuple[str, ...]:
    """The words of a sentence without what may change: no negations or units, values by their kind only."""
    kept = (sign for sign in sentence if sign.kind not in ("negation", "unit"))
    return tuple(f"#{sign.kind}" if sign.kind else sign.word for sign in kept)


def _equal(a: Sequence[tuple[str, ...]], b: Sequence[tuple[str, ...]]) -> dict[int, int]:
    """Pairs of equal members, first with first, second with second."""
    places = defaultdict(list)
    for j in reversed(range(len(b))):
        places[b[j]].append(j)
    return {i: places[key].pop() for i, key in enumerate(a) if places.get(key)}


def _overlapping(a: dict[int, Mask], b: dict[int, Mask]) -> dict[int, int]:
    """Pairs that share half of their words, or three quarters of the shorter one's; most similar first."""
    having = defaultdict(list)
    for j, mask in b.items():
        for word in mask:
            having[word].append(j)
    scored = []
    for i, mask in a.items():
        counts = Counter(
            j for word in mask if len(having.get(word, ())) <= _MAX_SENTENCES for j in having.get(word, ())
        )
        for j in counts:
            n_shared, n_min, n_sum = len(mask & b[j]), min(len(mask), len(b[j])), len(mask) + len(b[j])
            if 4 * n_shared >= n_sum or (n_min >= 3 and 4 * n_shared >= 3 * n_min):
                scored.append((-2 * n_shared / n_sum, abs(i - j), i, j))
    pairs: dict[int, int] = {}
    taken = set()
    for _, _, i, j in sorted(scored):
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return pairs


def _neighbours(masks: dict[int, Mask], partners: dict[int, int], others: dict[int, Mask]) -> dict[int, list[int]]:
    """For each aligned sentence the ones beside it that have no partner and stand in its partner too."""
    joined = defaultdict(list)
    for i, mask in masks.items():
        if i in partners or len(mask) < 2:
            continue
        for near in (i - 1, i + 1):
            if near in partners and 4 * len(mask & others[partners[near]]) >= 3 * len(mask):
                joined[near].append(i)
                break
    return defaultdict(list, joined)


def _merged(text: Sequence[Words], which: Iterable[int]) -> Words:
    return [sign for i in which for sign in text[i]]


def _difference(a: Words, b: Words, cut: bool) -> str | None:
    """What changed between two aligned sentences; `cut`: A breaks off at its end, perhaps inside a word."""
    if cut and a and any(sign.word != a[-1].word and sign.word.startswith(a[-1].word) for sign in b):
        a = a[:-1]
    fired = _changed(a, b)
    if fired:
        return fired
    first, last = _equal_ends(a, b)
    old, new = a[first : len(a) - last], b[first : len(b) - last]
    edits = SequenceMatcher(None, _verbatim(old), _verbatim(new), autojunk=False).get_opcodes()
    for tag, start_a, end_a, start_b, end_b in edits:
        if tag == "equal":
            continue
        gone, come = old[start_a:end_a], new[start_b:end_b]
        fired = _changed(gone, come)
        if not fired and not (cut and last == 0 and end_a == len(old)):
            fired = _negated(gone, come)
        if fired:
            return fired
    return None


def _equal_ends(a: Words, b: Words) -> tuple[int, int]:
    """How many words two sentences have in common at their beginning, and behind that at their end."""
    n = min(len(a), len(b))
    first = next((i for i in range(n) if a[i].word != b[i].word), n)
    last = next((i for i in range(n - first) if a[-1 - i].word != b[-1 - i].word), n - first)
    return first, last


def _changed(old: Words, new: Words) -> str | None:
    for kind, name in _KINDS.items():
        before = Counter(sign.value for sign in old if sign.kind == kind)
        after = Counter(sign.value for sign in new if sign.kind == kind)
        gone, come = before - after, after - before
        if gone and come:
            return _evidence(name, [s for s in old if s.value in gone], [s for s in new if s.value in come])
    return None


def _negated(old: Words, new: Words) -> str | None:
    before = [sign for sign in old if sign.kind == "negation"]
    after = [sign for sign in new if sign.kind == "negation"]
    if bool(before) == bool(after) or abs(len(old) - len(new)) > _MAX_NEGATION_WORDS:
        return None
    return _evidence("negation", before, after)


def _evidence(name: str, old: Words, new: Words) -> str:
    left, right = (" ".join(sign.word for sign in side[:_MAX_EVIDENCE_WORDS]) for side in (old, new))
    return collapse(f"{name}: {left} | {right}")
