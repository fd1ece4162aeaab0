"""The trained weights, and the scores that they give: a sum of whole numbers, a table look-up a feature."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from broadsheet.segment import form, markup, repetition
from broadsheet.segment.decode import Scores
from broadsheet.segment.states import MOVES, NEVER, STATES

_JOINT_ROWS: Final = 2048
"""The most rows of a joint table: larger ones leave the processor's cache, and are no quicker."""
SCALE: Final = 100
"""Weights are hundredths of a natural logarithm of odds."""
BORDERS: Final = {"text": 3, "html": 4}
KINDS: Final = {
    "text": (*form.FEATURES.items(), *repetition.FEATURES.items()),
    "html": (*form.FEATURES.items(), *repetition.FEATURES.items(), *markup.FEATURES.items()),
}
"""For each kind of page: its features in order, with the meaning of their bins."""


@dataclass(frozen=True)
class Weights:
    """The weights of one kind of page."""

    tables: Sequence[Scores]
    """A table a feature: `int32[bins, states]`."""
    moves: Scores
    """`int32[borders, states, states]`."""

    def scores(self, bins: npt.NDArray[np.uint16]) -> Scores:
        """The score of each state at each line, `int32[n, states]`, from `uint16[features, n]`."""
        total = np.zeros((bins.shape[1], len(STATES)), np.int32)
        columns = iter(bins)
        for table, sizes in self._joint:
            at = next(columns).astype(np.int64)
            for size in sizes[1:]:
                at *= size
                at += next(columns)
            total += table.take(at, axis=0)
        return total

    @cached_property
    def _joint(self) -> list[tuple[Scores, list[int]]]:
        """The tables of features that follow each other as one, with a row for all their bins together.

        A look-up for several features instead of one for each. With them come the numbers of their bins.
        """
        found: list[tuple[Scores, list[int]]] = []
        for table in self.tables:
            before, sizes = found[-1] if found else (table[:0], [])
            if sizes and len(before) * len(table) <= _JOINT_ROWS:
                found[-1] = (before[:, None] + table).reshape(-1, len(STATES)), [*sizes, len(table)]
            else:
                found.append((table, [len(table)]))
        return found


@functools.cache
def weights(kind: str) -> Weights:
    """The weights for `text` or `html` pages."""
    file = resources.files("broadsheet.segment") / f"{kind}.weights.json"
    return from_json(kind, json.loads(file.read_text("utf-8")))


def from_json(kind: str, data: dict[str, Any]) -> Weights:
    """The weights as the JSON file holds them: per feature and bin, the states that it speaks for or against."""
    tables = [np.array(data["features"][name], np.int32) for name, _ in KINDS[kind]]
    moves = np.full((BORDERS[kind], len(STATES), len(STATES)), NEVER, np.int32)
    for border, rows in enumerate(data["moves"]):
        for (a, b), value in zip(sorted(MOVES), rows, strict=True):
            moves[border, a, b] = value
    return Weights(tables, moves)
