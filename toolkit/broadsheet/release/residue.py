"""Whether texts hold runs of words of others: a quick look first that misses none, then word by word."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from broadsheet.release.runs import Runs
from broadsheet.text import translate_char, words

RUN: Final = 13
"""Words in a row that make a quotation."""
_MOST_ANCHORS: Final = 200
"""From so many words to look for on, cutting every text into words is as quick."""
_LAST: Final = 0x1FFFF


class Residue:
    """The runs of 13 words of some texts, to be looked for in many others. Memory: some 500 bytes a run."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.runs = Runs(texts, RUN)
        anchors = _anchors(words(text) for text in texts)
        self._anchors = anchors if anchors is not None and len(anchors) <= _MOST_ANCHORS else None

    def may_be_in(self, text: str) -> bool:
        """False only where a text has none of the runs: of each it lacks a word."""
        if not self.runs:
            return False
        if self._anchors is None or (not text.isascii() and _odd().search(text)):
            return True
        lower = text.lower()
        return any(
            anchor in lower and any(all(word in lower for word in others) for others in runs)
            for anchor, runs in self._anchors.items()
        )

    def count_in(self, text: str) -> int:
        """How many runs of a text are among these."""
        return self.runs.count_in(text) if self.may_be_in(text) else 0


def _anchors(texts: Iterable[list[str]]) -> dict[str, list[tuple[str, ...]]] | None:
    """The words of plain letters in each run, the longest first, by the longest one; None where a run has none."""
    found: defaultdict[str, dict[tuple[str, ...], None]] = defaultdict(dict)
    for text in texts:
        for i in range(len(text) - RUN + 1):
            plain = {word for word in text[i : i + RUN] if word.isascii() and word.isalpha()}
            if not plain:
                return None
            longest, *others = sorted(plain, key=lambda word: (-len(word), word))
            found[longest][tuple(others)] = None
    return {anchor: [*runs] for anchor, runs in found.items()}


@cache
def _odd() -> re.Pattern[str]:
    """Any character that vanishes between letters, or becomes plain letters, when words are cut."""
    odd = []
    for code in range(0x80, _LAST + 1):
        folded = translate_char(chr(code))
        if not folded or any(char.isascii() and char.isalpha() for char in folded):
            odd.append(chr(code))
    return re.compile(f"[{re.escape(''.join(odd))}]")
