"""Newcomers joined to what was published: which of them fold, which stand, which must be held out of the release.

Nothing that was published changes: published records are the first canonicals, and their stories keep their splits.
A newcomer that would tie records of two splits together is held: it can be in neither.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from broadsheet.repeats.bodies import Ints
from broadsheet.repeats.compare import compare
from broadsheet.repeats.fold import Evidence, evidence_of
from broadsheet.repeats.star import Star
from broadsheet.repeats.table import columns_of
from broadsheet.repeats.texts import Texts, grouped

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Settled:
    """What is decided of the base's records, the first rows of the table."""

    story: Sequence[int]
    """Number of each record's story: of stories that are tied together, one."""
    split: Sequence[str]
    canonical: Ints
    """The row that stands for each: where it is another, its text ties stories, but nothing folds into it."""


@dataclass(frozen=True, slots=True)
class Grown:
    """What became of the rows of a table that begins with the base's."""

    canonical: Ints
    """Row of each newcomer's canonical; of all others, their own."""
    relation: npt.NDArray[np.int8]
    """The code of the relation to it; -1 of those that fold into nothing."""
    story: Ints
    """A number for each row, equal for those of one story; the base's stories that newcomers tie together are one."""
    held: dict[int, tuple[int, int]]
    """Rows that are held, each with two rows of different splits that it would tie together."""
    evidence: Evidence
    """Comparisons with newcomers."""
    n_candidates: int
    path: str


def grow_table(
    records: pa.Table, base: Settled, hubs: Sequence[Sequence[int]], *, threshold: Fraction, scope: str
) -> Grown:
    """What becomes of the newcomers in a table as `fold_table` takes it, whose first rows are the base's.

    The base's rows must be `published`. `hubs` are rows that belong to one story, whatever their texts. Which
    newcomers are held follows the total order of folding: each that would tie two splits together, given those before
    it. Memory: see `fold_table`; the base's texts are not compared with one another.

    Raises: ValueError like `fold_table`.
    """
    columns = columns_of(records, (), threshold, scope)
    n_base = len(base.story)
    is_base = np.arange(len(records)) < n_base
    compared = compare(columns.bodies, min(threshold, Fraction(1, 2)), is_base=is_base)
    groups = grouped(columns, compared)
    texts = Texts(columns, compared, groups)
    are_over = texts.are_over(threshold)
    over = texts.pairs[are_over]
    stories = _Stories(base, len(records))
    stories.add_texts(texts, over.tolist())
    stories.add_hubs(hubs)
    for row in groups.order.tolist():
        if row >= n_base:
            stories.take_in(row)
    apart = set(stories.held) | set(np.flatnonzero(base.canonical != np.arange(n_base)).tolist())
    rows = texts.rows
    numbers = {i for i, row in enumerate(rows.tolist()) if row in apart}
    found, relations = Star(columns, texts, scope).fold(over, numbers)
    canonical, relation = np.arange(len(records)), np.full(len(records), -1, np.int8)
    canonical[rows], relation[rows] = rows[found], relations
    stands_for = canonical.copy()
    stands_for[:n_base] = base.canonical
    evidence = evidence_of(texts, are_over, found, stands_for)
    return Grown(
        canonical,
        relation,
        stories.numbers(),
        stories.held,
        evidence.take((evidence.a >= n_base) | (evidence.b >= n_base)),
        len(compared.pairs),
        compared.path,
    )


class _Stories:
    """Stories as they grow: each is a tree of rows, and has a split if it has records of the base."""

    def __init__(self, base: Settled, n_rows: int) -> None:
        self._above = list(range(n_rows))
        self._split: list[str | None] = [*base.split, *[None] * (n_rows - len(base.split))]
        self._n_base = len(base.story)
        self.held: dict[int, tuple[int, int]] = {}
        first: dict[int, int] = {}
        for row, story in enumerate(base.story):
            self._above[row] = first.setdefault(story, row)
        # What a newcomer is tied to goes through nodes: texts of equal words, and hubs. Of each is known which rows
        # that are in are there, one a story; and of texts, the nodes over the threshold.
        self._inside: list[list[int]] = []
        self._partners: list[list[int]] = []
        self._nodes: dict[int, list[int]] = {}

    def add_texts(self, texts: Texts, over: Iterable[Sequence[int]]) -> None:
        """Adds texts, and the pairs of them that are over the threshold."""
        rows = texts.rows.tolist()
        for members in texts.members:
            self._add([rows[i] for i in members])
        for i, j in over:
            self._partners[i].append(j)
            self._partners[j].append(i)

    def add_hubs(self, hubs: Iterable[Sequence[int]]) -> None:
        """Adds groups of rows that belong to one story."""
        for rows in hubs:
            self._add(rows)

    def _add(self, rows: Sequence[int]) -> None:
        node = len(self._inside)
        self._partners.append([node])
        known = {self._root(row): row for row in sorted(rows, reverse=True) if row < self._n_base}
        self._inside.append(sorted(known.values()))
        for row in rows:
            if row >= self._n_base:
                self._nodes.setdefault(row, []).append(node)

    def _root(self, row: int) -> int:
        while self._above[row] != row:
            self._above[row] = self._above[self._above[row]]
            row = self._above[row]
        return row

    def take_in(self, row: int) -> None:
        """Puts a newcomer into the story of all that it is tied to, or holds it where these are of two splits."""
        own = self._nodes.get(row, [])
        tied = {other for node in own for partner in self._partners[node] for other in self._inside[partner]}
        of_split: dict[str, int] = {}
        for other in sorted(tied):
            split = self._split[self._root(other)]
            if split is not None:
                of_split.setdefault(split, other)
        if len(of_split) > 1:
            first, second, *_ = (of_split[split] for split in sorted(of_split))
            self.held[row] = (first, second)
            return
        for other in tied:
            one, two = sorted((self._root(other), self._root(row)))
            self._above[two] = one  # a row of the base, which has a split, where there is one
        for node in own:
            if not self._inside[node]:
                self._inside[node] = [row]

    def numbers(self) -> Ints:
        """The smallest row of each row's story."""
        return np.array([self._root(row) for row in range(len(self._above))], np.int64)
