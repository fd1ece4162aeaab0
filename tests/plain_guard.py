"""The guard as it was written first, without shortcuts: what the quick one must say, too.

How sentences are aligned and set aside is written again; what is decided of two that differ is the guard's own.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from broadsheet.repeats.align import _equal, _neighbours
from broadsheet.repeats.body import body_sentences, is_ended
from broadsheet.repeats.guard import _changed, _counted, _equal_ends, _exchanged, _negated
from broadsheet.repeats.signs import Sign, signs

_MAX_SENTENCES = 64  # a word in more sentences than that does not help to align them
_VALUES = frozenset(("number", "code", "date"))

Words = Sequence[Sign]
Sentences = Mapping[int, Words]
"""Some sentences of a text by their places in it."""

Mask = frozenset[str]


def aligned(a: Sentences, b: Sentences) -> Iterator[tuple[list[int], list[int]]]:
    """Places of sentences that stand against each other: first those equal but for values, then by shared words.

    One to one, lazily; then a sentence without a partner joins a neighbour whose partner contains it, since
    one text may have a full stop where the other has none.
    """
    left, right = list(a), list(b)
    masked_a, masked_b = {i: masked(a[i]) for i in left}, {j: masked(b[j]) for j in right}
    found = _equal(list(masked_a.values()), list(masked_b.values()))
    pairs = {left[i]: right[j] for i, j in found.items()}
    yield from (([i], [j]) for i, j in pairs.items())
    masks_a = {i: frozenset(found) for i, found in masked_a.items()}
    masks_b = {j: frozenset(found) for j, found in masked_b.items()}
    taken = set(pairs.values())
    rest_b = {j: mask for j, mask in masks_b.items() if j not in taken}
    pairs |= _overlapping({i: mask for i, mask in masks_a.items() if i not in pairs}, rest_b)
    owners = {j: i for i, j in pairs.items()}
    more_a = _neighbours(masks_a, pairs, masks_b)
    more_b = _neighbours(masks_b, owners, masks_a)
    for i, j in sorted(pairs.items()):
        if j in rest_b or more_a[i] or more_b[j]:
            yield sorted([i, *more_a[i]]), sorted([j, *more_b[j]])


def verbatim(sentence: Words) -> tuple[str, ...]:
    """The words of a sentence."""
    return tuple(sign.word for sign in sentence)


def masked(sentence: Words) -> tuple[str, ...]:
    """The words of a sentence without what may change: no negations or units, values by their kind only."""
    kept = (sign for sign in sentence if sign.kind not in ("negation", "unit"))
    return tuple(f"#{sign.kind}" if sign.kind in _VALUES else sign.word for sign in kept)


def unpaired(a: Sequence[Hashable], b: Sequence[Hashable]) -> tuple[list[int], list[int]]:
    """Places of what is left of two rows when equal members are paired, first with first."""
    pairs = _equal(a, b)
    taken = set(pairs.values())
    return [i for i in range(len(a)) if i not in pairs], [j for j in range(len(b)) if j not in taken]


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


# What counts as a change, in the order in which it is reported, and the name under which it is.
_KINDS = {"number": "number", "code": "number", "date": "date", "unit": "number"}

_MAX_NEGATION_WORDS = 4  # a negation that comes with a longer insertion belongs to what was inserted
_MAX_ONE_WORDS = 3  # "one man" against "two men"
_MIN_REPEATED_WORDS = 6
_MAX_EVIDENCE_WORDS = 6


def plain_guard(a_text: str, b_text: str) -> str | None:
    """What `broadsheet.repeats.guard` says of two texts."""
    if a_text == b_text:
        return None
    a_raw, b_raw = body_sentences(a_text), body_sentences(b_text)
    a, b = _unequal(a_raw, b_raw)
    if not a and not b:
        return None
    if _can_differ(a.values(), b.values()):
        whole = _beginnings(a, b, a_raw, len(b_raw)), _beginnings(b, a, b_raw, len(a_raw))
        a, b = ({i: s for i, s in side.items() if i not in gone} for side, gone in zip((a, b), whole, strict=True))
        for left, right in aligned(a, b):
            cut = _ELLIPSIS.search(a_raw[left[-1]]) is not None
            fired = _difference(_merged(a, left), _merged(b, right), cut)
            if fired:
                return fired
    return _repeated(a_raw, [b_raw[j] for j in b])


_ELLIPSIS = re.compile(r"(?:…|\.\.\.)[\])\s]*\Z")


def _unequal(a_raw: Sequence[str], b_raw: Sequence[str]) -> tuple[Sentences, Sentences]:
    """The sentences of both texts without those that stand in both, word by word and as often."""
    left, right = unpaired(a_raw, b_raw)
    a = {i: found for i in left if (found := signs(a_raw[i]))}
    b = {j: found for j in right if (found := signs(b_raw[j]))}
    kept_a, kept_b = unpaired([verbatim(s) for s in a.values()], [verbatim(s) for s in b.values()])
    numbers_a, numbers_b = list(a), list(b)
    return {numbers_a[i]: a[numbers_a[i]] for i in kept_a}, {numbers_b[j]: b[numbers_b[j]] for j in kept_b}


def _can_differ(a: Iterable[Words], b: Iterable[Words]) -> bool:
    """Whether any sentence of A could differ from any of B: whether both have values, or one a negation."""
    kinds_a, kinds_b = ({sign.kind for sentence in side for sign in sentence} for side in (a, b))
    if "negation" in kinds_a | kinds_b or kinds_a & kinds_b & _KINDS.keys():
        return True
    return ("number" in kinds_a and "one" in kinds_b) or ("one" in kinds_a and "number" in kinds_b)


def _beginnings(a: Sentences, b: Sentences, a_raw: Sequence[str], n_b: int) -> set[int]:
    """Places of sentences of A that break off and up to there are equal to a sentence of B."""
    found = set()
    for i in a:
        dotted = _ELLIPSIS.search(a_raw[i]) is not None
        breaks_off = dotted or (i == len(a_raw) - 1 and not is_ended(a_raw[i]))
        if breaks_off and any(_begins(a[i], whole, dotted=dotted, is_last=j == n_b - 1) for j, whole in b.items()):
            found.add(i)
    return found


def _begins(cut: Words, whole: Words, *, dotted: bool, is_last: bool) -> bool:
    """Whether a sentence was made by a cut from another one, perhaps inside a word.

    Without dots it is only if the other goes on behind the cut: by a word where a figure is cut, else by
    more than a negation would take.
    """
    n = len(cut)
    if n > len(whole) or verbatim(cut[:-1]) != verbatim(whole[: n - 1]):
        return False
    old, new = cut[-1], whole[n - 1]
    if not new.word.startswith(old.word):
        return False
    if dotted:
        return True
    if old.word != new.word and (old.kind or new.kind):
        return len(whole) > n
    return not is_last or len(whole) - n > _MAX_NEGATION_WORDS or all(s.kind != "negation" for s in whole[n:])


def _repeated(a_raw: Sequence[str], added: Sequence[str]) -> str | None:
    """Evidence in sentences that were added: one that repeats a sentence of A but for one figure.

    Only where A has one such sentence, since in a list there are many.
    """
    if not added:
        return None
    places = Counter(_figureless(raw) for raw in a_raw)
    for raw in added:
        if places[_figureless(raw)] == 1:
            old, new = signs(next(other for other in a_raw if _figureless(other) == _figureless(raw))), signs(raw)
            n_changed = sum(left.value != right.value for left, right in zip(old, new, strict=False))
            if len(old) >= _MIN_REPEATED_WORDS and n_changed == 1 and (fired := _changed(old, new)):
                return fired
    return None


def _figureless(sentence: str) -> str:
    return re.sub(r"\d[\d.,]*", "0", sentence)


def _merged(text: Sentences, which: Iterable[int]) -> Words:
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
    edits = SequenceMatcher(None, verbatim(old), verbatim(new), autojunk=False).get_opcodes()
    for tag, start_a, end_a, start_b, end_b in edits:
        if tag == "equal":
            continue
        gone, come = old[start_a:end_a], new[start_b:end_b]
        fired = _changed(gone, come) or _counted(gone, come)
        if not fired and not (cut and last == 0 and end_a == len(old)):
            fired = _negated(gone, come)
        if fired:
            return fired
    return _exchanged(old, new)
