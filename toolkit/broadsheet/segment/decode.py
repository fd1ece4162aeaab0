"""The best reading of whole pages: a Viterbi search over their lines, in whole numbers, many pages abreast."""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from broadsheet.segment.lines import Ints
from broadsheet.segment.states import ENDS, FAMILIES, FAMILY, MOVES, NEVER, STARTS, STATES

Scores = npt.NDArray[np.int32]
_N: Final = len(STATES)
_COLUMNS: Final = tuple(np.array([i for i, f in enumerate(FAMILY) if f == family]) for family in FAMILIES)

_EVEN: Final = 32
"""After so many steps the best sum is set to 0 again, lest numbers overflow."""
_ABREAST: Final = 512
"""Lines of one page whose ways back are looked for at once."""


class Reading(NamedTuple):
    """A state for each line, and how clear its family is."""

    states: npt.NDArray[np.uint8]
    """`uint8[n]`, indices of `STATES`."""
    margins: Scores
    """`int32[n]`: by how much the page's best reading surpasses the best one that gives this line another family."""


def decode(scores: Scores, borders: Ints, moves: Scores, bounds: Ints) -> Reading:
    """The states with the largest sum of scores and moves over each page; ties go to the earlier state.

    `scores`: `int32[n, states]`; `borders`: kinds of the border before each line; `moves`: `int32[borders, states,
    states]`, from and to; `bounds`: the first line of each page, and n. Linear in the lines; memory: four times the
    scores.
    """
    plan, at = _planned(scores, borders, moves, bounds)
    n = len(scores)
    forward, onward = plan.forward(), plan.onward()
    states, margins = np.empty(n, np.uint8), np.empty(n, np.int32)
    states[at] = plan.trace(forward, onward)
    forward += onward
    by_family = np.stack([forward[:, columns].max(axis=1) for columns in _COLUMNS], axis=1)
    by_family.partition(len(FAMILIES) - 2, axis=1)
    margins[at] = by_family[:, -1] - by_family[:, -2]
    return Reading(states, margins)


def beliefs(scores: Scores, borders: Ints, moves: Scores, bounds: Ints) -> Scores:
    """How far the best reading of the page with each state at each line falls behind the best one, `int32[n, states]`.

    Takes what `decode` takes.
    """
    plan, at = _planned(scores, borders, moves, bounds)
    found = np.empty_like(scores)
    total = plan.forward()
    total += plan.onward()
    found[at] = total - total.max(axis=1, keepdims=True)
    return found


def _planned(scores: Scores, borders: Ints, moves: Scores, bounds: Ints) -> tuple[_Plan, Ints]:
    """The lines in the order of their steps, and the place of each in the order of the pages."""
    n = len(scores)
    sizes = np.diff(bounds)
    order = np.argsort(-sizes, kind="stable")
    firsts, sizes = bounds[:-1][order], sizes[order]
    longest = int(sizes[0]) if len(sizes) else 0
    # Lines in the order of their steps: the first lines of all pages, the longest page first, then the second ones.
    active = np.searchsorted(-sizes, -np.arange(longest), "left")
    steps = np.append(0, np.cumsum(active)).tolist()
    step_of = np.repeat(np.arange(longest), active)
    at = firsts[np.arange(n) - np.asarray(steps)[step_of]] + step_of
    return _Plan(scores[at], borders[at], moves, steps), at


class _Plan:
    """Lines in the order of their steps, and the moves that are possible as flat arrays.

    Where only the longest page goes on, its lines are taken one by one with as little work as can be.
    """

    def __init__(self, scores: Scores, borders: Ints, moves: Scores, steps: list[int]) -> None:
        """`steps`: where each step's lines begin, and n; its lines are of the first pages of the step before."""
        self.scores, self.borders, self.moves, self.steps = scores, borders, moves, steps
        alone = 0
        while alone < len(steps) - 2 and steps[-1 - alone] - steps[-2 - alone] == 1:
            alone += 1
        self.shared = len(steps) - 1 - alone
        """The first step, after the first of all, that has only one line; so do all that follow."""
        self.lone = len(scores) - alone

    def _before(self, lone: int) -> int:
        """The line before one that is alone in its step: the first one of the step before."""
        return lone - 1 if lone > self.lone else self.steps[self.shared - 1]

    def forward(self) -> Scores:
        """The best sum that ends in each state at each line, but for what is equal for all states."""
        sources, firsts = _sorted_moves(by_target=True)
        moves = self.moves[:, sources, _repeated(firsts, len(sources))]
        found = np.empty_like(self.scores)
        row = np.where([s in STARTS for s in range(_N)], 0, NEVER).astype(np.int32)
        for step, (a, b) in enumerate(pairwise(self.steps[: self.shared + 1])):
            if step:
                reached = row[: b - a].take(sources, axis=1)
                reached += moves.take(self.borders[a:b], axis=0)
                row = np.maximum.reduceat(reached, firsts, axis=1)
            row = row + self.scores[a:b]
            if not step % _EVEN:
                row -= row.max(axis=1, keepdims=True)
            found[a:b] = row
        reached = np.empty(len(sources), np.int32)
        for a in range(self.lone, len(found), _EVEN):
            here = slice(a, a + _EVEN)
            row = found[self._before(a)]
            row = row - row.max()
            for gain, score, out in zip(
                moves.take(self.borders[here], axis=0), self.scores[here], found[here], strict=True
            ):
                row.take(sources, out=reached, mode="clip")
                reached += gain
                np.maximum.reduceat(reached, firsts, out=out)
                out += score
                row = out
        return found

    def onward(self) -> Scores:
        """The best sum from behind each line to the page's end, for each state there, but for what is equal for all."""
        targets, firsts = _sorted_moves(by_target=False)
        moves = self.moves[:, _repeated(firsts, len(targets)), targets]
        found = np.empty_like(self.scores)
        ends = np.where([s in ENDS for s in range(_N)], 0, NEVER).astype(np.int32)
        if self.lone < len(found):
            self._onward_alone(found, ends, moves, targets, firsts)
        c = min(self.lone + 1, len(found))
        for step in range(self.shared - 1, -1, -1):
            a, b = self.steps[step : step + 2]
            row = found[a:b]
            longer = c - b
            row[longer:] = ends
            if longer:
                reached = (found[b:c] + self.scores[b:c]).take(targets, axis=1)
                reached += moves.take(self.borders[b:c], axis=0)
                np.maximum.reduceat(reached, firsts, axis=1, out=row[:longer])
                if not step % _EVEN:
                    row[:longer] -= row[:longer].max(axis=1, keepdims=True)
            c = b
        return found

    def _onward_alone(self, found: Scores, ends: Scores, moves: Scores, targets: Ints, firsts: Ints) -> None:
        found[-1] = ends
        reached = np.empty(len(targets), np.int32)
        for b in range(len(found) - 1, self.lone, -_EVEN):
            a = max(b - _EVEN, self.lone)
            behind = slice(a + 1, b + 1)
            row = found[b] - found[b].max()
            gains = moves.take(self.borders[behind], axis=0)
            for gain, score, out in zip(gains[::-1], self.scores[behind][::-1], found[a:b][::-1], strict=True):
                (row + score).take(targets, out=reached, mode="clip")
                reached += gain
                np.maximum.reduceat(reached, firsts, out=out)
                row = out

    def trace(self, forward: Scores, onward: Scores) -> npt.NDArray[np.uint8]:
        """The states of the best reading, from behind."""
        found = np.empty(len(forward), np.uint8)
        by_target = np.ascontiguousarray(self.moves.transpose(0, 2, 1))
        if self.lone < len(found):
            state = int((forward[-1] + onward[-1]).argmax())
            for b in range(len(found), self.lone, -_ABREAST):
                a = max(b - _ABREAST, self.lone)
                before = np.append(self._before(a), np.arange(a, b - 1))
                back = (forward[before, None, :] + by_target[self.borders[a:b]]).argmax(axis=2).tolist()
                states = [state]
                for row in reversed(back):
                    states.append(row[states[-1]])
                state = states.pop()
                found[a:b] = states[::-1]
        c = min(self.lone + 1, len(found))
        for step in range(self.shared - 1, -1, -1):
            a, b = self.steps[step : step + 2]
            longer = c - b
            if longer:
                to = by_target[self.borders[b:c], found[b:c]]
                found[a : a + longer] = (forward[a : a + longer] + to).argmax(axis=1)
            if a + longer < b:
                found[a + longer : b] = (forward[a + longer : b] + onward[a + longer : b]).argmax(axis=1)
            c = b
        return found


def _repeated(firsts: Ints, n: int) -> Ints:
    """The index of the group of each of n values, from where the groups begin."""
    return np.repeat(np.arange(len(firsts)), np.diff(np.append(firsts, n)))


def _sorted_moves(*, by_target: bool) -> tuple[Ints, Ints]:
    """The other state of each possible move, those of one target (or source) together; and where each one's begin."""
    pairs = sorted((b, a) if by_target else (a, b) for a, b in MOVES)
    own = np.array([state for state, _ in pairs])
    return np.array([other for _, other in pairs]), np.searchsorted(own, np.arange(_N))
