"""What the figures on a line say of dates and clock times."""

from __future__ import annotations

from typing import Final

import numpy as np

from broadsheet.segment import chars
from broadsheet.segment.chars import DIGIT
from broadsheet.segment.lines import Bools, Ints, Lines

SHORT: Final = 20
"""Words up to which a line can be a date, a head or an item rather than a paragraph."""


class _Numbers:
    """The runs of digits of all lines, and what they say of dates and clock times: one flag a line."""

    def __init__(self, lines: Lines) -> None:
        n = len(lines)
        kinds, codes = lines.kinds, lines.codes
        at = np.flatnonzero(kinds == DIGIT)
        self.some = np.zeros(n, np.bool_)
        self.year, self.day, self.numeric, self.clock, self.small = (np.zeros(n, np.bool_) for _ in range(5))
        if not len(at):
            return
        starts = at[np.append(True, np.diff(at) != 1)]
        ends = at[np.append(np.diff(at) != 1, True)] + 1
        size = ends - starts
        digit = chars.values(codes[at]).astype(np.int64)
        row = np.searchsorted(at, starts)
        value = np.zeros(len(starts), np.int64)
        for step in range(4):
            more = size > step
            value = np.where(more, value * 10 + digit[np.minimum(row + step, len(digit) - 1)], value)
        value[size > 4] = 10_000
        line = np.searchsorted(lines.starts, starts, "right") - 1
        self.some[line] = True
        after = codes[np.minimum(ends, len(codes) - 1)]
        year = (size == 4) & (value >= 1900) & (value < 2100)
        self.year[line[year]] = True
        day = (size <= 2) & (value >= 1) & (value <= 31)
        self.day[line[day]] = True
        self.small[line[(size <= 2) & (value <= 60)]] = True
        self.numeric[line[year & (after == 0x5E74)]] = True
        joined = np.append(starts[1:] == ends[:-1] + 1, False)
        if len(starts) > 1:
            clock = joined[:-1] & (size[:-1] <= 2) & (value[:-1] < 25) & (size[1:] == 2) & (value[1:] < 60)
            clock &= np.isin(after[:-1], (58, 104, 72, 0xFF1A))
            self.clock[line[:-1][clock]] = True
        if len(starts) > 2:
            apart = np.isin(after, (45, 46, 47))
            three = joined[:-2] & joined[1:-1] & apart[:-2] & apart[1:-1]
            ends_year = (size[:-2] <= 2) & (size[1:-1] <= 2) & ((size[2:] == 2) | year[2:])
            begins_year = year[:-2] & (size[1:-1] <= 2) & (size[2:] <= 2)
            self.numeric[line[:-2][three & (ends_year | begins_year)]] = True


def date_bins(lines: Lines) -> tuple[Ints, Bools]:
    """The bin of `date`, and which lines carry a date or a clock time and are short."""
    numbers = _Numbers(lines)
    short = lines.words <= SHORT
    date = numbers.numeric | (numbers.year & numbers.day)
    found = np.where(numbers.some, 1, 0)
    found = np.where(numbers.small & (lines.words <= 5), 6, found)
    found = np.where(numbers.year, 2, found)
    found = np.where(numbers.clock, 4, found)
    found = np.where(date, np.where(numbers.clock, 5, 3), found)
    found = np.where(short, found, 7)
    return found, short & (date | numbers.clock)
