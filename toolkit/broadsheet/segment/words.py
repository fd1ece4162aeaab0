"""What the words of a line are: capitalised, small, function words, and whether they look like a name."""

from __future__ import annotations

import numpy as np

from broadsheet.segment.chars import LOWER, UPPER
from broadsheet.segment.language import Words
from broadsheet.segment.lines import Ints, Lines


class WordsOfLines:
    """What the tokens of each line are."""

    def __init__(self, lines: Lines, words: Words) -> None:
        head, function = words.head, words.function
        size = lines.token_ends - lines.token_starts
        low = head == LOWER
        first = lines.token_from[:-1]
        self.big = lines.tokens_with(head == UPPER)
        self.low = lines.tokens_with(low)
        self.function = lines.tokens_with(function)
        # In names only small particles may be in lower case.
        self.heavy = lines.tokens_with(low & (size > 3) & ~function)
        self.plain = lines.tokens_with(words.plain)
        self.lead = low[first] | function[first]
        """Whether the line begins with a small letter or a function word."""
        last = lines.token_from[1:] - 1
        behind_marker = np.minimum(first + (lines.marker > 0), len(size) - 1)
        self.first_hash, self.last_hash = words.hashes[behind_marker], words.hashes[last]


def name_bins(lines: Lines, words: WordsOfLines, end: Ints) -> Ints:
    """The bin of `name`; `end`: the bins of what each line ends in."""
    rest = lines.tokens - (lines.marker > 0) - words.plain > 0
    ok = (lines.words <= 14) & ~np.isin(end, (1, 2)) & (words.heavy == 0) & (words.big >= 1) & (words.big <= 6)
    few = ok & (words.plain <= 6)
    found = np.zeros(len(lines), np.int64)
    found = np.where(ok & (words.big >= 2), 4, found)
    found = np.where(ok & words.lead, 6, found)
    found = np.where(few & ~rest & (words.plain == 1), 3, found)
    found = np.where(few & ~rest & (words.big >= 2) & (words.big <= 4), 1, found)
    found = np.where(few & ~rest & words.lead & (words.big <= 4), 2, found)
    caseless = (words.big == 0) & (words.low == 0)
    return np.where(caseless & (lines.words <= 4) & ~np.isin(end, (0, 1, 2)), 5, found)
