"""Repeats folded in a star: which record stands for which, the evidence of each decision, the stories."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from broadsheet.repeats.bodies import Ints
from broadsheet.repeats.compare import NO_LIMITS, Compared, Limits, compare
from broadsheet.repeats.records import Folded, Item, Pair
from broadsheet.repeats.star import Star, components
from broadsheet.repeats.table import Columns, columns_of, table_of
from broadsheet.repeats.texts import EMBEDDED, EXACT, NONE, RELATIONS, UPDATE, Texts, grouped

RULE = "1"
"""Version of the definitions of words, relations, guard and folding."""

_NEAR_MISS = Fraction(1, 2)
_THRESHOLD = Fraction(7, 10)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Comparisons that are evidence, as arrays, sorted by the ids of A and B: what `Pair` says of each."""

    a: Ints
    """Rows."""
    b: Ints
    relation: npt.NDArray[np.int8]
    """Codes, as `RELATIONS` has them."""
    shared: Ints
    n_a: Ints
    n_b: Ints
    is_fold: npt.NDArray[np.bool_]
    guard: list[str | None]

    def take(self, which: npt.NDArray[np.bool_]) -> "Evidence":
        """Those comparisons that `which` marks."""
        return Evidence(
            a=self.a[which],
            b=self.b[which],
            relation=self.relation[which],
            shared=self.shared[which],
            n_a=self.n_a[which],
            n_b=self.n_b[which],
            is_fold=self.is_fold[which],
            guard=[fired for fired, kept in zip(self.guard, which.tolist(), strict=True) if kept],
        )

    def pairs(self, ids: Sequence[str]) -> Iterator[Pair]:
        """The comparisons one by one, lazily; `ids` are those of the rows."""
        arrays = (self.a, self.b, self.relation, self.shared, self.n_a, self.n_b, self.is_fold)
        rows = zip(*(array.tolist() for array in arrays), self.guard, strict=True)
        for a, b, relation, shared, n_a, n_b, is_fold, fired in rows:
            decision = "fold" if is_fold else "keep"
            yield Pair(ids[a], ids[b], RELATIONS[relation], shared, n_a, n_b, fired, decision)


@dataclass(frozen=True, slots=True)
class FoldedTable:
    """What became of the records of a table, by row."""

    canonical: Ints
    """Row of each record's canonical: its own, if it is one."""
    relation: npt.NDArray[np.int8]
    """The code of the relation to it; -1 of those that are canonical."""
    story: Ints
    """Row of each record's story: of the smallest id in it."""
    evidence: Evidence
    counts: dict[str, int]
    """`n_candidates`: pairs of texts, different in their words, of which one has half of the other's shingles or more:
    all that folding and near misses are decided over, many for low-entropy text. `largest_cluster` and
    `largest_story`: records of the largest ones."""
    folded_share: dict[str, float]
    """Share of each source's records that fold into others, by source; sources of which none do are left out."""
    path: str
    """How texts were compared: `plain`, `compiled`, or `no-numba`: plain, though with Numba it would be faster."""


def fold(
    items: Iterable[Item],
    ties: Iterable[tuple[str, str]] = (),
    *,
    threshold: Fraction = _THRESHOLD,
    scope: str = "global",
) -> Folded:
    """Canonicals, evidence and stories of all records; the order of `items` and `ties` does not matter.

    `ties` are pairs of record ids that belong to one story whatever their texts (a reply, a page and its
    comments). In scope `per-source` a record folds only into one of the same source. Everything is held in
    memory: see `fold_table`.

    Raises: ValueError if an id stands twice, a tie names an id that is not among the items, or a kind, role,
    scope or threshold is unknown or out of range; the message lists all that are wrong.
    """
    records = list(items)
    ids = [item.id for item in records]
    row = {id_: i for i, id_ in enumerate(ids)}
    known, faults = [], []
    for a, b in ties:
        if a in row and b in row:
            known.append((row[a], row[b]))
        else:
            faults.append(f"tie {a} {b}: not among the records")
    columns = columns_of(table_of(records), faults, threshold, scope)
    tied = np.array(known, np.int64).reshape(-1, 2)
    folded = fold_columns(columns, tied, threshold=threshold, scope=scope, limits=NO_LIMITS)
    relations = [RELATIONS[code] if code >= 0 else None for code in folded.relation.tolist()]
    canonicals = [(ids[i], name) for i, name in zip(folded.canonical.tolist(), relations, strict=True)]
    return Folded(
        pairs=list(folded.evidence.pairs(ids)),
        canonical=dict(zip(ids, canonicals, strict=True)),
        story={id_: ids[i] for id_, i in zip(ids, folded.story.tolist(), strict=True)},
        n_candidates=folded.counts["n_candidates"],
    )


def fold_table(
    records: pa.Table,
    ties: Ints | None = None,
    *,
    threshold: Fraction = _THRESHOLD,
    scope: str = "global",
    n_threads: int | None = None,
    memory_bytes: int | None = None,
) -> FoldedTable:
    """What `fold` says of the records of a table, as arrays over its rows.

    Columns are those of `Item`: `id` and `text`, and where there are such, `kind` (else article), `role` (else
    main), `title`, `truncated`, `source`, `captured`, `thread`, `author`, `parent` and `published`; others are not
    looked at. `ties` are pairs of rows, int64[n, 2]. `memory_bytes` is what the comparison may hold beside the table;
    with Numba, from 4 MB of text on. Below that, and without it, it is 50 times the size of the texts. No result
    depends on it, or on the number of threads.

    Raises: ValueError like `fold`, and where a column or value is missing.
    """
    tied = np.empty((0, 2), np.int64) if ties is None else np.asarray(ties, np.int64).reshape(-1, 2)
    beyond = tied[((tied < 0) | (tied >= len(records))).any(axis=1)].tolist()
    faults = [f"tie {a} {b}: not among the {len(records)} records" for a, b in beyond]
    columns = columns_of(records, faults, threshold, scope)
    return fold_columns(columns, tied, threshold=threshold, scope=scope, limits=Limits(n_threads, memory_bytes))


def fold_columns(columns: Columns, ties: Ints, *, threshold: Fraction, scope: str, limits: Limits) -> FoldedTable:
    """What `fold_table` says, of columns that are known to be right."""
    compared = compare(columns.bodies, compared_from(threshold), limits=limits)
    return fold_compared(columns, compared, ties, threshold=threshold, scope=scope)


def compared_from(threshold: Fraction) -> Fraction:
    """The threshold from which pairs are compared: that of near misses, if it is the lower one."""
    return min(threshold, _NEAR_MISS)


def fold_compared(columns: Columns, compared: Compared, ties: Ints, *, threshold: Fraction, scope: str) -> FoldedTable:
    """What `fold_table` says, of columns whose texts were compared."""
    texts = Texts(columns, compared, grouped(columns, compared))
    are_over = texts.are_over(threshold)
    over = texts.pairs[are_over]
    canonical, relations = Star(columns, texts, scope).fold(over)
    rows = texts.rows
    canonical_row = np.arange(len(columns.rank))
    canonical_row[rows] = rows[canonical]
    evidence = evidence_of(texts, are_over, canonical, canonical_row)
    relation = np.full(len(columns.rank), -1, np.int8)
    relation[rows] = relations
    story = _stories(columns, np.concatenate([rows[_alike(texts)], rows[_firsts(texts)[over]], ties]))
    counts = {
        "n_candidates": len(compared.pairs),
        "largest_cluster": int(np.bincount(canonical_row, minlength=1).max()),
        "largest_story": int(np.bincount(story, minlength=1).max()),
    }
    return FoldedTable(
        canonical_row, relation, story, evidence, counts, _folded_share(columns, relation), compared.path
    )


def _folded_share(columns: Columns, relation: npt.NDArray[np.int8]) -> dict[str, float]:
    known = columns.source >= 0
    n_all = np.bincount(columns.source[known], minlength=len(columns.sources))
    n_folded = np.bincount(columns.source[known & (relation >= 0)], minlength=len(columns.sources))
    names = columns.sources.to_pylist()
    return shares(*(dict(zip(names, counts.tolist(), strict=True)) for counts in (n_folded, n_all)))


def shares(n_folded: Mapping[str, int], n_all: Mapping[str, int]) -> dict[str, float]:
    """The share of each source's records that fold, by source; sources of which none does are left out."""
    return {name: round(n / n_all[name], 6) for name, n in sorted(n_folded.items()) if n}


def over_threshold(items: Iterable[Item], threshold: Fraction = _THRESHOLD) -> Iterator[tuple[str, str, int, int]]:
    """Every pair over the threshold, of all records with all: (id of A, id of B, shared, n_a).

    By the join alone, without relations, guard or folding: what a leak check recomputes. Texts under 10 words
    are in pairs with their equals only, with their number of words for both counts. Lazy, in an order that
    depends on the records only; quadratic in the number of records with equal words.

    Raises: ValueError like `fold`.
    """
    records = list(items)
    columns = columns_of(table_of(records), (), threshold, "global")
    compared = compare(columns.bodies, threshold)
    texts = Texts(columns, compared, grouped(columns, compared))
    ids = [records[row].id for row in texts.rows.tolist()]
    for group, members in enumerate(texts.members):
        n = texts.n_shingles[group]
        for x, y in combinations(members, 2):
            yield min(ids[x], ids[y]), max(ids[x], ids[y]), n, n
    for i, j in texts.pairs.tolist():
        for x, y in product(texts.members[i], texts.members[j]):
            a, b = texts.oriented(x, y)
            shared, n_a, _ = texts.sizes(a, b)
            yield ids[a], ids[b], shared, n_a


def _alike(texts: Texts) -> Ints:
    """Pairs of records that hold all with equal words together."""
    pairs = [(members[0], other) for members in texts.members for other in members[1:]]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _firsts(texts: Texts) -> Ints:
    """The first record of each text, which stands in pairs with others for all of equal words."""
    return np.array([members[0] for members in texts.members], np.int64)


def evidence_of(texts: Texts, are_over: npt.NDArray[np.bool_], canonical: Sequence[int], stands_for: Ints) -> Evidence:
    """The comparisons that are evidence, of the pairs of texts, of which some are over the threshold, and of folds.

    `canonical` says what each record of `texts` folds into, `stands_for` which row stands for each row of the table.
    Two records for which a third one stands decided nothing together, and are no evidence: of n texts that are all
    alike there are n - 1 folds, but n * (n - 1) / 2 pairs.
    """
    canonicals = np.array(canonical, np.int64)
    folded = np.flatnonzero(canonicals != np.arange(len(canonicals)))
    kept = _kept(texts, stands_for)
    over = _firsts(texts)[texts.pairs[are_over]]
    is_within = _are_within(texts.rows[over], stands_for)
    over[is_within] = kept[texts.pairs[are_over][is_within]]
    alike = _alike(texts)
    compared = [
        alike[~_are_within(texts.rows[alike], stands_for)],
        over[(over >= 0).all(axis=1)],
        np.stack([folded, canonicals[folded]], axis=1),
    ]
    n_judged = sum(map(len, compared))
    missed = kept[texts.pairs[~are_over]]
    compared.append(missed[(missed >= 0).all(axis=1)])
    oriented = texts.all_oriented(np.concatenate(compared))
    _, firsts = np.unique(oriented @ [len(canonicals), 1], return_index=True)
    rank = np.array(texts.rank, np.int64)
    order = firsts[np.lexsort(rank[oriented[firsts]].T[::-1])]
    pairs = oriented[order]
    sizes = texts.all_sizes(pairs)
    relation = np.full(len(pairs), EXACT, np.int8)
    relation[order >= n_judged] = NONE
    guards: list[str | None] = [None] * len(pairs)
    # Equal words still go through the guard: they can differ in currency and per cent signs, which are no words.
    for k in np.flatnonzero((order < n_judged) & ~texts.are_same(pairs)).tolist():
        a, b = pairs[k].tolist()
        found = texts.relation(a, b)
        guards[k] = None if found == EMBEDDED else texts.guard(a, b)
        relation[k] = found if guards[k] is None else UPDATE
    rows = texts.rows[pairs]
    return Evidence(
        a=rows[:, 0],
        b=rows[:, 1],
        relation=relation,
        shared=sizes[:, 0],
        n_a=sizes[:, 1],
        n_b=sizes[:, 2],
        is_fold=(canonicals[pairs[:, 0]] == pairs[:, 1]) | (canonicals[pairs[:, 1]] == pairs[:, 0]),
        guard=guards,
    )


def _are_within(rows: Ints, stands_for: Ints) -> npt.NDArray[np.bool_]:
    """Which pairs of rows, int64[n, 2], have a third row that stands for both."""
    one, other = stands_for[rows].T
    found: npt.NDArray[np.bool_] = (one == other) & (one != rows[:, 0]) & (other != rows[:, 1])
    return found


def _kept(texts: Texts, stands_for: Ints) -> Ints:
    """The first record of each text for which no other stands, or -1."""
    is_kept = (stands_for[texts.rows] == texts.rows).tolist()
    return np.array([next((i for i in members if is_kept[i]), -1) for members in texts.members], np.int64)


def _stories(columns: Columns, edges: Ints) -> Ints:
    """The row of the smallest id of the connected component of each row."""
    smallest = components(len(columns.rank), columns.rank[edges])
    at = np.empty(len(columns.rank), np.int64)
    at[columns.rank] = np.arange(len(columns.rank))
    return at[smallest[columns.rank]]
