"""What sentences and their signs ask of a character, as bits, each from the one definition of it."""

import re
import sys

import numpy as np
import numpy.typing as npt

from broadsheet.repeats.body import END_CLOSERS, ENDED_MARKS
from broadsheet.repeats.signs import BEGINS, FORMAT
from broadsheet.text import CLOSERS, END_MARKS, LINE_ENDS, is_unspaced

SPACE, LOWER, LETTER_OR_DIGIT, LETTER, DECIMAL, NUMERIC, LINE, MARK = (1 << i for i in range(8))
"""White space; small; `isalnum`; `isalpha`; a decimal digit; another numeral; ends a line; ends a sentence at once."""
STOP, CLOSER, SPECIAL, BEHIND_DIGIT, BEFORE_DIGIT, ONE_WORD, ENDS, CLOSES = (1 << i for i in range(8, 16))
"""Ends a sentence before a space; closes one; begins what only `signs` can read; and so does it behind a digit, or
before one; is a word of its own; an end mark of `is_ended`, and what may stand behind it."""

_OF_CLASS = (
    (LINE, LINE_ENDS),
    (MARK, END_MARKS),
    (STOP, ".!?…"),
    (CLOSER, CLOSERS),
    (BEHIND_DIGIT, "\uff1a時时點点월"),
    (BEFORE_DIGIT, "\u2012\u2013ス"),
    (ENDS, ENDED_MARKS),
    (CLOSES, END_CLOSERS),
)
_CLASSES = [(bit, re.compile(f"[{members}]")) for bit, members in _OF_CLASS]
_READ_ANYWHERE = frozenset("0123456789+-$%€£")  # `signs` reads them specially only in some company, or as units
_SPECIAL = re.compile(BEGINS, re.IGNORECASE)


def bits_of(char: str) -> int:
    """All that holds of a character."""
    found = SPACE * char.isspace() | LOWER * char.islower() | LETTER_OR_DIGIT * char.isalnum()
    found |= LETTER * char.isalpha() | DECIMAL * char.isdecimal() | ONE_WORD * is_unspaced(char)
    found |= NUMERIC * (not char.isdecimal() and (char.isdigit() or char.isnumeric()))
    if (char not in _READ_ANYWHERE and _SPECIAL.match(char)) or FORMAT.match(char):
        found |= SPECIAL
    for bit, members in _CLASSES:
        if members.match(char):
            found |= bit
    return found


_PAGE = 256  # code points that are looked up together, as the tokeniser has it


class Letters:
    """The bits of the code points that texts hold, page by page as they are met; about 0.5 KB a page.

    `pages` is int32[4352]: the number of a page of 256 code points among `bits`, uint16[n, 256], or -1.
    """

    def __init__(self) -> None:
        self.pages = np.full((sys.maxunicode + 1) // _PAGE, -1, np.int32)
        self.pages[0] = 0
        self.bits = _bits_of_page(0)

    def cover(self, met: npt.NDArray[np.bool_]) -> None:
        """Adds the pages of which `met` is true."""
        for page in np.flatnonzero(met & (self.pages < 0)).tolist():
            self.pages[page] = len(self.bits)
            self.bits = np.concatenate([self.bits, _bits_of_page(page)])


def _bits_of_page(page: int) -> npt.NDArray[np.uint16]:
    return np.array([[bits_of(chr(page * _PAGE + i)) for i in range(_PAGE)]], np.uint16)
