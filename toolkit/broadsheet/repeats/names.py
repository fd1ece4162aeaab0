"""Names that stand against other names in two nearly equal texts: looked for where a script has case, no promise."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from broadsheet.repeats.align import aligned, unpaired
from broadsheet.repeats.body import body_of
from broadsheet.repeats.lexicon import DATES

_MAX_NAME_WORDS = 3
_WORD = re.compile(r"[^\W_][\w'’-]*")


def changed_names(a_text: str, b_text: str) -> str | None:
    """The first name of A that stands against another in B, such as `Ada Moor | Bo Quill`; None if none is found.

    A name is a run of up to three capitalised words of which one is not the first of its sentence; a month or
    weekday is none. In languages that write nouns with capitals, nouns are found, too.
    """
    a, b = body_of(a_text), body_of(b_text)
    left, right = unpaired(a.raw, b.raw)
    for old, new in aligned({i: a.sentence(i) for i in left}, {j: b.sentence(j) for j in right}):
        found = _replaced(
            _WORD.findall(" ".join(a.raw[i] for i in old)), _WORD.findall(" ".join(b.raw[j] for j in new))
        )
        if found:
            return found
    return None


def _replaced(a: Sequence[str], b: Sequence[str]) -> str | None:
    edits = SequenceMatcher(None, [w.casefold() for w in a], [w.casefold() for w in b], autojunk=False).get_opcodes()
    for tag, start_a, end_a, start_b, end_b in edits:
        gone, come = a[start_a:end_a], b[start_b:end_b]
        if tag == "replace" and end_a > 1 and end_b > 1 and _is_name(gone) and _is_name(come):
            return f"{' '.join(gone)} | {' '.join(come)}"
    return None


def _is_name(words: Sequence[str]) -> bool:
    return len(words) <= _MAX_NAME_WORDS and all(_is_capitalised(word) for word in words)


def _is_capitalised(word: str) -> bool:
    return word[0].isupper() and not word.isupper() and word.casefold() not in DATES
