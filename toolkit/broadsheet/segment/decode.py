"""The best reading of a whole page: a Viterbi search over its blocks."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import NamedTuple

from broadsheet.segment.blocks import Block
from broadsheet.segment.rules import ARTICLE, COMMENT, MOVES, OPEN_ENDS, STARTS, STATES, TEASER, score

_NEVER = -1e9
_INDEX = {name: i for i, name in enumerate(STATES)}
_N = len(STATES)
_FAMILY = tuple(
    "article" if s in ARTICLE else "teaser" if s in TEASER else "comment" if s in COMMENT else "boilerplate"
    for s in STATES
)


def _costs(article_bonus: float) -> tuple[tuple[tuple[int, float], ...], ...]:
    """For each state, what may stand before it, and at what cost."""
    return tuple(
        tuple(
            (
                _INDEX[before],
                costs[state] + (article_bonus if state in ("title", "lead") and before not in ARTICLE else 0.0),
            )
            for before, costs in MOVES.items()
            if state in costs
        )
        for state in STATES
    )


class Reading(NamedTuple):
    """A state for each block, and the forward scores of the search, `float32[n, states]`.

    24 to 100 bytes a block.
    """

    states: list[str]
    forward: array[float]

    def confidence(self, block: int) -> float:
        """How clearly the state's family wins at a block: 0.5 for a tie, towards 1 the clearer.

        The logistic of a quarter of the lead that the page up to this block, read this way, has over the same
        text read with another family here.
        """
        row = self.forward[block * _N : (block + 1) * _N]
        family = _FAMILY[_INDEX[self.states[block]]]
        own = max(value for value, kind in zip(row, _FAMILY, strict=True) if kind == family)
        other = max(value for value, kind in zip(row, _FAMILY, strict=True) if kind != family)
        lead = min(max((own - other) / 4, -20.0), 20.0)
        return round(1 / (1 + math.exp(-lead)), 3)


def decode(blocks: Sequence[Block], *, article_bonus: float = 0.0) -> Reading:
    """The states with the largest sum of scores and costs over the whole page; ties go to the earlier state.

    `article_bonus` cheapens the start of an article. Linear in the blocks.
    """
    forward: array[float] = array("f")
    back = bytearray()
    moves = _costs(article_bonus)
    row = [STARTS.get(state, _NEVER) for state in STATES]
    for state in ("title", "lead"):
        row[_INDEX[state]] += article_bonus
    for i, block in enumerate(blocks):
        new = []
        scores = score(block)
        for before_state, emitted in zip(moves, scores, strict=True):
            best, at = _NEVER, 0
            for before, cost in before_state:
                value = row[before] + cost
                if value > best:
                    best, at = value, before
            new.append(best + emitted)
            back.append(at)
        if i == 0:
            new = [start + emitted for start, emitted in zip(row, scores, strict=True)]
        top = max(new)
        row = [value - top for value in new]
        forward.extend(row)
    if not blocks:
        return Reading([], forward)
    closing = [_NEVER if STATES[s] in OPEN_ENDS else row[s] for s in range(_N)]
    at = max(range(_N), key=lambda s: (closing[s], -s))
    states = [at]
    for i in range(len(blocks) - 1, 0, -1):
        at = back[i * _N + at]
        states.append(at)
    return Reading([STATES[s] for s in reversed(states)], forward)
