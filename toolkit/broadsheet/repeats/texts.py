"""Records in their total order, grouped by equal words and joined, and what is known of those with partners."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from broadsheet.columns import array_of, numbers_of
from broadsheet.repeats import relate
from broadsheet.repeats.bodies import Bodies, Ints
from broadsheet.repeats.compare import Compared
from broadsheet.repeats.guard import guard
from broadsheet.repeats.records import KINDS, Item
from broadsheet.repeats.table import Columns

RELATIONS = ("exact", "near", "trimmed", "embedded", "update", "none")
"""The relations by their codes."""
EXACT, NEAR, TRIMMED, EMBEDDED, UPDATE, NONE = range(6)

COMMENT, ARTICLE = KINDS.index("comment"), KINDS.index("article")


Judge = Callable[[Bodies, int, int], str | None]

_COMPILED_PAIRS = 1000
"""From how many pairs of texts on the compiled guard pays for its start."""


def guard_records(a: Item, b: Item) -> str | None:
    """The guard's evidence on two records: on their texts, else on their titles, where both have one."""
    fired = guard(a.text, b.text)
    if fired is None and a.title and b.title:
        fired = guard(a.title, b.title)
        return fired and f"title {fired}"
    return fired


def _judge(compared: Compared) -> Judge:
    """The guard between two rows of a column, A first, by whichever path is faster."""
    if compared.path == "compiled" and len(compared.pairs) >= _COMPILED_PAIRS:
        from broadsheet.repeats.compiled_guard import CompiledGuard

        return CompiledGuard().guard
    return lambda bodies, a, b: guard(bodies.text(a), bodies.text(b))


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows that are compared as one, since their words are equal."""

    group: Ints
    """The group of each row."""
    n_shingles: Ints
    """Of each group: distinct shingles; words, if those are fewer than 10."""
    pairs: Ints
    """Group of A, group of B, shared: int64[n, 3], as `Compared.pairs`."""
    order: Ints
    """The rows in their total order: what stands first is canonical for what follows."""


def grouped(columns: Columns, compared: Compared) -> Groups:
    """The rows in order and in groups."""
    n_words, equal = compared.n_words, compared.equal
    group = groups_of(columns.kind, (columns.thread, columns.author), n_words, equal)
    n_shingles = np.zeros(int(group.max(initial=-1)) + 1, np.int64)
    n_shingles[group] = np.where(n_words < relate.SHORT_WORDS, n_words, compared.n_shingles[equal])
    pairs = compared.pairs.copy()
    pairs[:, :2] = group[pairs[:, :2]]
    return Groups(group, n_shingles, pairs, _order(columns, n_words))


def groups_of(kind: Ints, said_by: tuple[Ints, Ints], n_words: Ints, equal: Ints) -> Ints:
    """The group of each row; `said_by` are codes of threads and authors.

    Rows without words are alone. So are short comments of no known thread, and others are with those of one thread and
    author: "Well said!" must not tie all stories together.
    """
    n = len(n_words)
    thread, author = said_by
    is_short = (kind == COMMENT) & (n_words < relate.SHORT_WORDS)
    of = thread * (n + 1) + author + 1
    _, said = np.unique(np.where(is_short, of, 0), return_inverse=True)
    keys = equal * (n + 2) + np.where(is_short, said + 1, 0)
    is_alone = (n_words == 0) | (is_short & (thread < 0))
    keys[is_alone] = -1 - np.flatnonzero(is_alone)
    return np.unique(keys, return_inverse=True)[1]


def _order(columns: Columns, n_words: Ints) -> Ints:
    table = pa.table(
        {
            "published": array_of((~columns.published).astype(np.int8)),
            "length": array_of(-relate.length_classes(n_words)),
            "truncated": array_of(columns.truncated.astype(np.int8)),
            "role": array_of(columns.role),
            "captured": columns.captured,
            "id": array_of(columns.rank),
        }
    )
    # No time of capture sorts last, as Arrow has it.
    keys = [(name, "ascending") for name in table.column_names]
    return numbers_of(pc.sort_indices(table, sort_keys=keys))


class Texts:
    """The records that have a partner, numbered in their total order, with all that is known of their texts.

    A partner is a record of equal words, or of a text in a pair. `pairs` are these by their groups, the smaller number
    first, sorted: int64[n, 2]. Relations and guards are computed once, on demand. About 500 bytes a record, and 32 a
    pair.
    """

    def __init__(self, columns: Columns, compared: Compared, groups: Groups) -> None:
        sizes = np.bincount(groups.group, minlength=len(groups.n_shingles))
        has_partner = sizes > 1
        has_partner[groups.pairs[:, :2].ravel()] = True
        self.rows = groups.order[has_partner[groups.group[groups.order]]]
        self._columns, self._rows = columns, self.rows.tolist()
        kept = np.flatnonzero(has_partner)
        compact = np.full(len(sizes), -1, np.int64)
        compact[kept] = np.arange(len(kept))
        self.group: list[int] = compact[groups.group[self.rows]].tolist()
        self.members: list[list[int]] = [[] for _ in kept]
        for i, group in enumerate(self.group):
            self.members[group].append(i)
        self.n_shingles: list[int] = groups.n_shingles[kept].tolist()
        self.n_words: list[int] = compared.n_words[self.rows[[members[0] for members in self.members]]].tolist()
        self.rank: list[int] = columns.rank[self.rows].tolist()
        self._places = self._places_by_size()
        self._by_size: list[int] = self._places.tolist()
        # Of low-entropy text there are very many pairs: they stay arrays.
        pairs = np.sort(compact[groups.pairs[:, :2]], axis=1)
        order = np.lexsort((pairs[:, 1], pairs[:, 0]))
        self.pairs, self._shared = pairs[order], groups.pairs[order, 2]
        self._keys = self._key(self.pairs)
        self._openings = self._read_openings(compared, self.pairs)
        self._relations: dict[tuple[int, int], int] = {}
        self._same: list[int] = compared.same[self.rows].tolist()
        self._title = _coded(columns.titles, self._rows) if columns.titles else [0] * len(self._rows)
        self._judge = _judge(compared)
        self._guards: dict[tuple[int, ...], str | None] = {}

    def _read_openings(self, compared: Compared, pairs: Ints) -> dict[int, list[int]]:
        """The first words of the groups in pairs that are not near."""
        n_words = np.array(self.n_words, np.int64)
        lengths = np.sort(n_words[pairs], axis=1) if len(pairs) else pairs
        far = np.unique(pairs[4 * lengths[:, 1] > 5 * lengths[:, 0]])
        firsts = self.rows[[self.members[group][0] for group in far.tolist()]]
        found = compared.openings(firsts).tolist() if len(far) else []
        return {group: row[: self.n_words[group]] for group, row in zip(far.tolist(), found, strict=True)}

    def _key(self, pairs: Ints) -> Ints:
        """A number for each pair of groups, in their order."""
        return pairs[:, 0] * len(self.members) + pairs[:, 1]

    def are_over(self, threshold: Fraction) -> npt.NDArray[np.bool_]:
        """Which of `pairs` are over a threshold."""
        firsts = np.array([members[0] for members in self.members], np.int64)
        shorter = np.array(self.group, np.int64)[self.all_oriented(firsts[self.pairs])[:, 0]]
        needs = relate.needed(np.array(self.n_shingles, np.int64), threshold)
        found: npt.NDArray[np.bool_] = self._shared >= needs[shorter]
        return found

    def _places_by_size(self) -> Ints:
        """The place of each record among all, sorted by words, distinct shingles, then id."""
        of = np.array(self.group, np.int64)
        n_words, n_shingles = (np.array(counts, np.int64)[of] for counts in (self.n_words, self.n_shingles))
        places = np.empty(len(of), np.int64)
        places[np.lexsort((np.array(self.rank, np.int64), n_shingles, n_words))] = np.arange(len(of))
        return places

    def oriented(self, i: int, j: int) -> tuple[int, int]:
        """A and B: the shorter record first, by words, distinct shingles, then id."""
        return (i, j) if self._by_size[i] < self._by_size[j] else (j, i)

    def all_oriented(self, pairs: Ints) -> Ints:
        """The same of many pairs: int64[n, 2]."""
        is_turned = self._places[pairs[:, 0]] > self._places[pairs[:, 1]]
        return np.where(is_turned[:, np.newaxis], pairs[:, ::-1], pairs)

    def are_same(self, pairs: Ints) -> npt.NDArray[np.bool_]:
        """Which pairs have the same texts, and the same titles where both have one."""
        (a, b), (one, other) = (np.array(codes, np.int64)[pairs].T for codes in (self._same, self._title))
        found: npt.NDArray[np.bool_] = (a == b) & ((one == other) | (one == 0) | (other == 0))
        return found

    def all_sizes(self, pairs: Ints) -> Ints:
        """What `sizes` says of many pairs, A first: int64[n, 3]."""
        groups = np.array(self.group, np.int64)[pairs]
        n_shingles = np.array(self.n_shingles, np.int64)[groups]
        shared = n_shingles[:, 0].copy()
        others = np.flatnonzero(groups[:, 0] != groups[:, 1])
        shared[others] = self._shared[np.searchsorted(self._keys, self._key(np.sort(groups[others], axis=1)))]
        return np.column_stack([shared, n_shingles])

    def sizes(self, i: int, j: int) -> tuple[int, int, int]:
        """Shared, n_a and n_b of A and B, whose groups are equal or in a pair."""
        a, b = self.group[i], self.group[j]
        n_a = self.n_shingles[a]
        if a == b:
            return n_a, n_a, n_a
        place = np.searchsorted(self._keys, min(a, b) * len(self.members) + max(a, b))
        return int(self._shared[place]), n_a, self.n_shingles[b]

    def containment(self, i: int, j: int) -> Fraction:
        """Containment of the shorter of two records in the other; their groups are equal or in a pair."""
        shared, n_a, _ = self.sizes(*self.oriented(i, j))
        return Fraction(shared, n_a)

    def relation(self, i: int, j: int) -> int:
        """The relation of two records, by their words alone."""
        a, b = (self.group[each] for each in self.oriented(i, j))
        if a == b:
            return EXACT
        if (a, b) not in self._relations:
            if relate.is_near(self.n_words[a], self.n_words[b]):
                found = NEAR
            else:
                found = TRIMMED if relate.begin_alike(self._openings[a], self._openings[b]) else EMBEDDED
            self._relations[a, b] = found
        return self._relations[a, b]

    def guard(self, i: int, j: int) -> str | None:
        """The guard's evidence on two records."""
        i, j = self.oriented(i, j)
        titles = self._title[i], self._title[j]
        if not all(titles):
            titles = 0, 0
        key = (self._same[i], self._same[j], *titles)
        if key[0] == key[1] and key[2] == key[3]:
            return None
        if key not in self._guards:
            rows = self._rows[i], self._rows[j]
            fired = self._judge(self._columns.bodies, *rows)
            if fired is None and self._columns.titles and titles[0] != titles[1]:
                fired = self._judge(self._columns.titles, *rows)
                fired = fired and f"title {fired}"
            self._guards[key] = fired
        return self._guards[key]


def _coded(texts: Bodies, rows: Sequence[int]) -> list[int]:
    """Numbers of texts, equal where these are; 0 for those that are empty."""
    codes: dict[bytes, int] = {b"": 0}
    return [codes.setdefault(texts.raw(row), len(codes)) for row in rows]
