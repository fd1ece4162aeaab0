"""The guard: does one of two nearly equal texts say something else? Figures, dates, negations, no more."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from broadsheet.repeats.align import Sentences, aligned, unpaired
from broadsheet.repeats.body import Body, body_of, figureless, is_ended
from broadsheet.repeats.signs import VALUES, Sentence, Sign, masked
from broadsheet.text import collapse

# What counts as a change, in the order in which it is reported, and the name under which it is.
_KINDS = {"number": "number", "code": "number", "date": "date", "unit": "number"}

MAX_NEGATION_WORDS = 4  # a negation that comes with a longer insertion belongs to what was inserted
_MAX_ONE_WORDS = 3  # "one man" against "two men"
_MIN_REPEATED_WORDS = 6
_MAX_EVIDENCE_WORDS = 6

Words = Sequence[Sign]


def guard(a_text: str, b_text: str) -> str | None:
    """Evidence that two repeats differ in what they say, such as `number: 12 | 48`; None if they do not.

    The sentences of both texts are aligned one to one: equal ones first, then those equal but for numbers,
    dates and negations, then by the words they share. Inside an aligned pair the guard fires when a number
    stands against another (`number`, also for currency and per cent signs), a date word or numeric date
    against another (`date`), or when a negation is on one side of an edit only (`negation`). A number, date
    or negation whose sentence or clause is missing on the other side never fires it, nor do clock times, nor
    a dateline at the very start of a text, nor what a cut has left of a sentence. A sentence that was added
    is aligned only if it repeats another one word by word with other figures.

    `a_text` is the shorter text, if one is; the sides of the evidence are A and B in this order.
    """
    if a_text == b_text:
        return None
    a_body, b_body = body_of(a_text), body_of(b_text)
    left, right = unpaired(a_body.raw, b_body.raw)
    a, b = _sentences(a_body, left), _sentences(b_body, right)
    if not _can_differ(a.values(), b.values()):
        figured = [j for j in b if b_body.has_figure(j)]
        return _repeated(a_body, [b_body.raw[j] for j in figured if j in _unequal(a, b)[1]]) if figured else None
    a, b = _unequal(a, b)
    whole = _beginnings(a, b, a_body.raw, len(b_body.raw)), _beginnings(b, a, b_body.raw, len(a_body.raw))
    a, b = ({i: s for i, s in side.items() if i not in gone} for side, gone in zip((a, b), whole, strict=True))
    if _can_differ(a.values(), b.values()):
        for olds, news in aligned(a, b):
            old, new = [a[i] for i in olds], [b[j] for j in news]
            if not _can_differ(old, new):
                continue
            cut = is_cut(a_body.raw[olds[-1]])
            fired = difference(merged(old), merged(new), cut)
            if fired:
                return fired
    return _repeated(a_body, [b_body.raw[j] for j in b if b_body.has_figure(j)])


_ELLIPSIS = re.compile(r"(?:…|\.\.\.)[\])\s]*\Z")


def is_cut(sentence: str) -> bool:
    """Whether a sentence ends in dots, which a cut has left."""
    return _ELLIPSIS.search(sentence) is not None


def _sentences(body: Body, which: Iterable[int]) -> Sentences:
    """Those of some sentences that have words."""
    return {i: found for i in which if (found := body.sentence(i)).words}


def _unequal(a: Sentences, b: Sentences) -> tuple[Sentences, Sentences]:
    """The sentences of two texts without those that stand in both, word by word and as often."""
    left, right = list(a), list(b)
    kept_a, kept_b = unpaired([a[i].words for i in left], [b[j].words for j in right])
    return {left[i]: a[left[i]] for i in kept_a}, {right[j]: b[right[j]] for j in kept_b}


def _can_differ(a: Iterable[Sentence], b: Iterable[Sentence]) -> bool:
    """Whether sentences of A could say something else than some of B, whichever are aligned.

    They cannot where there is no negation, no kind of which both have values but for one and the same, and no number
    that could stand against "one". Nor can any part of them.
    """
    told_a, told_b = ([sentence for sentence in side if sentence.kinds] for side in (a, b))
    kinds_a: frozenset[str] = frozenset().union(*[sentence.kinds for sentence in told_a])
    kinds_b: frozenset[str] = frozenset().union(*[sentence.kinds for sentence in told_b])
    if "negation" in kinds_a or "negation" in kinds_b:
        return True
    if ("number" in kinds_a and "one" in kinds_b) or ("one" in kinds_a and "number" in kinds_b):
        return True
    both = kinds_a & kinds_b & VALUES
    if not both:
        return False
    found = {(sign.kind, sign.value) for sentence in (*told_a, *told_b) for sign in sentence.signs if sign.kind in both}
    return len(found) > len(both)


def _beginnings(a: Sentences, b: Sentences, a_raw: Sequence[str], n_b: int) -> set[int]:
    """Places of sentences of A that break off and up to there are equal to a sentence of B."""
    found = set()
    for i in a:
        dotted = is_cut(a_raw[i])
        breaks_off = dotted or (i == len(a_raw) - 1 and not is_ended(a_raw[i]))
        if breaks_off and any(_begins(a[i], whole, dotted=dotted, is_last=j == n_b - 1) for j, whole in b.items()):
            found.add(i)
    return found


def _begins(cut: Sentence, whole: Sentence, *, dotted: bool, is_last: bool) -> bool:
    """Whether a sentence was made by a cut from another one, perhaps inside a word.

    Without dots it is only if the other goes on behind the cut: by a word where a figure is cut, else by
    more than a negation would take.
    """
    n, n_whole = len(cut.words), len(whole.words)
    if n > n_whole or cut.words[:-1] != whole.words[: n - 1]:
        return False
    old, new = cut.signs[-1], whole.signs[n - 1]
    if not new.word.startswith(old.word):
        return False
    if dotted:
        return True
    if old.word != new.word and (old.kind or new.kind):
        return n_whole > n
    return not is_last or n_whole - n > MAX_NEGATION_WORDS or all(s.kind != "negation" for s in whole.signs[n:])


def _repeated(a: Body, added: Sequence[str]) -> str | None:
    """Evidence in sentences with figures that were added: one that repeats a sentence of A but for one figure.

    Only where A has one such sentence, since in a list there are many.
    """
    for raw in added:
        if a.figureless[figureless(raw)] == 1:
            repeated = next(i for i, other in enumerate(a.raw) if figureless(other) == figureless(raw))
            fired = refigured(a.sentence(repeated).signs, Sentence(raw).signs)
            if fired:
                return fired
    return None


def refigured(old: Words, new: Words) -> str | None:
    """Evidence that of two sentences equal but for figures one has another figure, and only one."""
    n_changed = sum(left.value != right.value for left, right in zip(old, new, strict=False))
    return _changed(old, new) if len(old) >= _MIN_REPEATED_WORDS and n_changed == 1 else None


def merged(sentences: Sequence[Sentence]) -> Words:
    """The signs of some sentences in one."""
    return sentences[0].signs if len(sentences) == 1 else [sign for each in sentences for sign in each.signs]


def _words(found: Words) -> list[str]:
    return [sign.word for sign in found]


def difference(a: Words, b: Words, cut: bool) -> str | None:
    """What changed between two aligned sentences; `cut`: A breaks off at its end, perhaps inside a word."""
    if cut and a and any(sign.word != a[-1].word and sign.word.startswith(a[-1].word) for sign in b):
        a = a[:-1]
    fired = _changed(a, b)
    if fired:
        return fired
    first, last = _equal_ends(a, b)
    old, new = a[first : len(a) - last], b[first : len(b) - last]
    edits = SequenceMatcher(None, _words(old), _words(new), autojunk=False).get_opcodes()
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


def _equal_ends(a: Words, b: Words) -> tuple[int, int]:
    """How many words two sentences have in common at their beginning, and behind that at their end."""
    n = min(len(a), len(b))
    first = next((i for i in range(n) if a[i].word != b[i].word), n)
    last = next((i for i in range(n - first) if a[-1 - i].word != b[-1 - i].word), n - first)
    return first, last


def _changed(old: Words, new: Words) -> str | None:
    """Evidence that values of one kind are gone and others have come."""
    for kind, name in _KINDS.items():
        before = [sign.value for sign in old if sign.kind == kind]
        after = before and [sign.value for sign in new if sign.kind == kind]
        if not after or before == after:
            continue
        gone: Iterable[str] = Counter(before) - Counter(after)
        come: Iterable[str] = Counter(after) - Counter(before)
        if kind == "code":
            gone, come = _numbered_alike(gone, come)
        if gone and come:
            return _evidence(name, [s for s in old if s.value in gone], [s for s in new if s.value in come])
    return None


def _numbered_alike(gone: Iterable[str], come: Iterable[str]) -> tuple[set[str], set[str]]:
    """Codes of the same letters, such as f16 and f35: others may be words misread."""
    letters = {_letters(code) for code in gone} & {_letters(code) for code in come}
    left, right = ({code for code in side if _letters(code) in letters} for side in (gone, come))
    return left, right


def _letters(code: str) -> str:
    return code.rstrip("0123456789")


def _counted(old: Words, new: Words) -> str | None:
    """Evidence that a few words with "one" or an article stand against a few with another number."""
    if max(len(old), len(new)) > _MAX_ONE_WORDS:
        return None
    before, after = ([s for s in side if s.kind in ("one", "number")] for side in (old, new))
    values = [{"1" if s.kind == "one" else s.value for s in side} for side in (before, after)]
    if {s.kind for s in before} == {s.kind for s in after} or not before or not after or values[0] & values[1]:
        return None
    return _evidence("number", before, after)


def _exchanged(old: Words, new: Words) -> str | None:
    """Evidence that two values stand in each other's place, among words that stay."""
    for kind, name in _KINDS.items():
        before, after = ([s.value for s in side if s.kind == kind] for side in (old, new))
        if before == after or Counter(before) != Counter(after):
            continue
        blocks = SequenceMatcher(None, masked(old), masked(new), autojunk=False).get_matching_blocks()
        a, b = ([s for s in side if s.kind not in ("negation", "unit")] for side in (old, new))
        for start_a, start_b, size in blocks:
            for left, right in zip(a[start_a : start_a + size], b[start_b : start_b + size], strict=True):
                if left.kind == kind and left.value != right.value:
                    return _evidence(name, [left], [right])
    return None


def _negated(old: Words, new: Words) -> str | None:
    before = [sign for sign in old if sign.kind == "negation"]
    after = [sign for sign in new if sign.kind == "negation"]
    if bool(before) == bool(after) or abs(len(old) - len(new)) > MAX_NEGATION_WORDS:
        return None
    return _evidence("negation", before, after)


def _evidence(name: str, old: Words, new: Words) -> str:
    left, right = (" ".join(sign.word for sign in side[:_MAX_EVIDENCE_WORDS]) for side in (old, new))
    return collapse(f"{name}: {left} | {right}")
