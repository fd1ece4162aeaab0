"""What stands around each line on its page: the lines before and behind it, the prose near it, and lines like it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from broadsheet.segment.dates import SHORT
from broadsheet.segment.lines import Bools, Hashes, Ints, Lines, alike

Floats = npt.NDArray[np.float64]


def at(edges: tuple[float, ...], values: Floats | Ints) -> Ints:
    """The bin of each value: 0 up to and with the first edge."""
    return np.searchsorted(np.asarray(edges), values, "left")


def before(values: Ints, lines: Lines, fill: int) -> Ints:
    """The value of the line before on the same page."""
    moved = np.roll(values, 1)
    moved[lines.begins] = fill
    return moved


def after(values: Ints, lines: Lines, fill: int) -> Ints:
    """The value of the line behind it on the same page."""
    moved = np.roll(values, -1)
    moved[lines.ends] = fill
    return moved


def outline(lines: Lines) -> Ints:
    """The bin of `marker`: what a line is in the lists of its page, told by indents."""
    found = np.where(lines.marker > 0, np.where(lines.numbered, 2, 1), 0)
    markers, words = lines.marker, lines.words
    candidates = np.unique(lines.page[markers > 0])
    indents = lines.indent if len(candidates) else found
    for page in candidates.tolist():
        first, last = int(lines.bounds[page]), int(lines.bounds[page + 1])
        indent = indents[first:last].tolist()
        marked = (markers[first:last] > 0).tolist()
        short = (words[first:last] <= SHORT).tolist()
        bins = found[first:last].tolist()
        stack: list[int] = []
        for i, columns in enumerate(indent):
            while stack and indent[stack[-1]] >= columns:
                stack.pop()
            if marked[i]:
                stack.append(i)
            elif stack:
                owner = stack[-1]
                if owner == i - 1 and short[owner]:
                    bins[owner] = 4
                bins[i] = 5 if bins[owner] == 4 else 3
        found[first:last] = bins
    return found


def densest_run(lines: Lines, weight: Floats) -> tuple[Ints, Ints]:
    """Where each line stands to the run of its page with the largest sum of weights; and the run's share bins."""
    found = np.zeros(len(lines), np.int64)
    share = np.zeros(len(lines), np.int64)
    sizes = np.diff(lines.bounds)
    scales = np.frexp(sizes)[1]
    for scale in np.unique(scales[sizes > 0]).tolist():  # pages of about one size abreast
        pages = np.flatnonzero(scales == scale)
        first, size = lines.bounds[:-1][pages], sizes[pages]
        columns = np.arange(int(size.max()))
        inside = columns < size[:, None]
        rows = np.where(inside, first[:, None] + columns, 0)
        total = np.zeros((len(pages), len(columns) + 1))
        np.cumsum(np.where(inside, weight[rows], 0.0), axis=1, out=total[:, 1:])
        low = np.minimum.accumulate(total, axis=1)
        gain = total - low
        gain[:, 1:][~inside] = 0.0
        end = gain.argmax(axis=1)
        most = gain.max(axis=1)
        lowest = total == low[np.arange(len(pages)), end][:, None]
        before = np.arange(len(columns) + 1) < end[:, None]
        start = len(columns) - (lowest & before)[:, ::-1].argmax(axis=1)
        has = most > 0
        bins = 1 + at((0.1, 0.3, 0.7), gain[:, 1:] / np.maximum(most, 1.0)[:, None])
        bins[weight[rows] <= 0] = 0
        share[rows[inside & has[:, None]]] = bins[inside & has[:, None]]
        _mark(found, (first + start)[has], (first + end)[has], first[has], (first + size)[has])
    return found, share


def _mark(found: Ints, starts: Ints, ends: Ints, low: Ints, high: Ints) -> None:
    """Writes bins for runs of lines, and for the lines before and behind them as far as their pages reach."""
    sizes = ends - starts
    found[np.arange(sizes.sum()) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)] = 1
    for distance in range(6, 0, -1):
        before, behind = starts - distance, ends - 1 + distance
        step = 0 if distance == 1 else 1 if distance <= 3 else 2
        found[before[before >= low]] = 4 + step
        found[behind[behind < high]] = 7 + step
    found[ends - 1] = 3
    found[starts] = 2


def window(values: Bools, lines: Lines, size: int, *, ahead: bool) -> Ints:
    """The sum of 0/1 values over the `size` lines before or behind each, within its page."""
    total = np.concatenate(([0], np.cumsum(values))).astype(np.int64)
    row = np.arange(len(lines))
    low, high = lines.bounds[lines.page], lines.bounds[lines.page + 1]
    if ahead:
        return total[np.minimum(row + 1 + size, high)] - total[row + 1]
    return total[row] - total[np.maximum(row - size, low)]


def stretch(prose: Bools, lines: Lines, *, ahead: bool) -> Ints:
    """How many lines of prose stand right behind each line, or right before it, on its page."""
    row = np.arange(len(lines))
    if ahead:
        stops = np.where(prose, len(lines), row)
        stops[lines.begins] = np.minimum(stops[lines.begins], len(lines))
        nearest = np.minimum.accumulate(stops[::-1])[::-1]
        nearest = np.append(nearest[1:], len(lines)) if len(lines) else nearest
        return np.minimum(nearest, lines.bounds[lines.page + 1]) - row - 1
    stops = np.where(prose, -1, row)
    nearest = np.maximum.accumulate(stops)
    nearest = np.insert(nearest[:-1], 0, -1) if len(lines) else nearest
    return row - 1 - np.maximum(nearest, lines.bounds[lines.page] - 1)


def to_prose(prose: Bools, lines: Lines, *, ahead: bool) -> Ints:
    """Lines to the next line of prose, or from the last one, on the same page; many where there is none."""
    row = np.arange(len(lines))
    if ahead:
        nearest = np.minimum.accumulate(np.where(prose, row, 1 << 40)[::-1])[::-1]
        return np.where(nearest < lines.bounds[lines.page + 1], nearest - row, 1000)
    nearest = np.maximum.accumulate(np.where(prose, row, -1))
    return np.where(nearest >= lines.bounds[lines.page], row - nearest, 1000)


def shared(keys: Hashes, short: Bools, lines: Lines) -> Ints:
    """How many short lines of its page have each short line's key; 0 for long lines."""
    rows = np.flatnonzero(short)
    found = np.zeros(len(lines), np.int64)
    found[rows] = alike(lines.page[rows], keys[rows])
    return found


def of_page(chosen: Bools, lines: Lines) -> Ints:
    """How many lines of its page are chosen, a value a line."""
    total = np.append(0, np.cumsum(chosen))
    found: Ints = (total[lines.bounds[1:]] - total[lines.bounds[:-1]])[lines.page]
    return found


def among(chosen: Bools, lines: Lines) -> Ints:
    """0 where no line of the page is chosen, 1 before the first such line, 2 from there to the last, 3 behind it."""
    total = np.append(0, np.cumsum(chosen))
    here, of_all = total[:-1] - total[lines.bounds[:-1]][lines.page], of_page(chosen, lines)
    found = np.where((here == 0) & ~chosen, 1, np.where((here == of_all) & ~chosen, 3, 2))
    return np.where(of_all == 0, 0, found)
