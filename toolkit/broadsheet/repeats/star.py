"""The star: which record stands for which, over records that have partners, numbered in their total order."""

from collections.abc import Container, Sequence

import numpy as np

from broadsheet.repeats.bodies import Ints
from broadsheet.repeats.records import KINDS, ROLES
from broadsheet.repeats.table import Columns
from broadsheet.repeats.texts import ARTICLE, COMMENT, EXACT, TRIMMED, Texts

_TEASERS = {KINDS.index("teaser")}, {ROLES["teaser"]}


class Star:
    """Folds the records of `texts` in scope `global` or `per-source`."""

    def __init__(self, columns: Columns, texts: Texts, scope: str) -> None:
        rows = texts.rows
        self._texts, self._scope = texts, scope
        self._kind: list[int] = columns.kind[rows].tolist()
        self._role: list[int] = columns.role[rows].tolist()
        self._truncated: list[bool] = columns.truncated[rows].tolist()
        self._published: list[bool] = columns.published[rows].tolist()
        self._source: list[int] = columns.source[rows].tolist()
        self._thread: list[int] = columns.thread[rows].tolist()
        self._author: list[int] = columns.author[rows].tolist()
        self._parent: list[int] = columns.parent[rows].tolist()
        self._depths = depths(columns.parent, rows)

    def fold(self, over: Ints, apart: Container[int] = frozenset()) -> tuple[list[int], list[int]]:
        """The canonical of each record, and the code of the relation to it, -1 of those that are canonical.

        `over` are the pairs of groups over the threshold, int64[n, 2]. Records that stand `apart` fold into nothing,
        and nothing folds into them. Replies come after what they answer, since they fold only where these do.
        """
        texts = self._texts
        partners, bounds = _partners(over, len(texts.members))
        is_found = np.zeros(len(texts.members), np.bool_)
        rows = texts.rows.tolist()
        canonical_row: dict[int, int] = {}
        # Of the canonicals of a text only those that a record may fold into are looked at: a phrase under which a
        # thousand strangers have signed has a thousand canonicals.
        found: dict[tuple[int, tuple[int, ...]], list[int]] = {}
        canonical, relations = list(range(len(rows))), [-1] * len(rows)
        for i in sorted(range(len(rows)), key=self._depths.__getitem__):
            parent = self._parent[i]
            key = self._key(i, canonical_row.get(parent, parent))
            if i in apart:
                key = None
            best = None
            if key is not None and not self._published[i]:
                group = texts.group[i]
                best = self._equal(i, found.get((group, key), ()))
                if best is None and bounds[group] < bounds[group + 1]:
                    beside = partners[bounds[group] : bounds[group + 1]]
                    beside = beside[is_found[beside]]
                    best = self._best(i, [c for g in beside.tolist() for c in found.get((g, key), ())])
            if best is not None:
                canonical[i], relations[i] = best
            elif key is not None:
                found.setdefault((texts.group[i], key), []).append(i)
                is_found[texts.group[i]] = True
            canonical_row[rows[i]] = rows[canonical[i]]
        return canonical, relations

    def _key(self, i: int, parent: int) -> tuple[int, ...] | None:
        """What two records must have in common to fold into each other; None if the record folds into nothing.

        `parent` is the canonical of the comment that this one answers.
        """
        source = self._source[i] if self._scope == "per-source" else -1
        if self._kind[i] != COMMENT:
            return (source,)
        return None if self._thread[i] < 0 else (source, self._thread[i], self._author[i], parent)

    def _equal(self, i: int, canonicals: Sequence[int]) -> tuple[int, int] | None:
        """The canonical of equal words into which a record folds: the first in the order, before all others."""
        for other in canonicals if len(canonicals) < 2 else sorted(canonicals):
            if self._texts.guard(i, other) is None:
                return other, EXACT
        return None

    def _best(self, i: int, canonicals: Sequence[int]) -> tuple[int, int] | None:
        """The canonical of other words into which a record folds: by relation, then containment, then the order."""
        options = []
        for other in canonicals:
            relation = self._texts.relation(i, other)
            if relation < TRIMMED or (relation == TRIMMED and self._may_trim(i, other)):
                options.append((relation, other))
        if len(options) > 1:
            options.sort(key=lambda option: (option[0], -self._texts.containment(i, option[1]), option[1]))
        for relation, other in options:
            if self._texts.guard(i, other) is None:
                return other, relation
        return None

    def _may_trim(self, i: int, other: int) -> bool:
        if self._texts.oriented(i, other)[0] != i:
            return False  # a longer newcomer is no cut-off copy of a published record
        is_teaser = self._kind[other] in _TEASERS[0] or self._role[other] in _TEASERS[1]
        return self._kind[i] != ARTICLE or not (self._truncated[other] or is_teaser)


def _partners(pairs: Ints, n: int) -> tuple[Ints, list[int]]:
    """The partners of each of `n` numbers, one number's behind those of the one before, and their bounds."""
    both = np.concatenate([pairs, pairs[:, ::-1]])
    of = both[np.argsort(both[:, 0], kind="stable")]
    return of[:, 1], np.searchsorted(of[:, 0], np.arange(n + 1)).tolist()


def depths(parents: Ints, order: Ints) -> list[int]:
    """How deep each row of `order` stands in its thread, by the rows of all parents; a circle ends where it began."""
    found: dict[int, int] = {}
    for start in order[parents[order] >= 0].tolist():
        way = []
        at = start
        while 0 <= at < len(parents) and at not in found:
            found[at] = 0
            way.append(at)
            at = int(parents[at])
        above = found[at] if 0 <= at < len(parents) else -1
        for row in reversed(way):
            above += 1
            found[row] = above
    return [found.get(row, 0) for row in order.tolist()]


def components(n: int, edges: Ints) -> Ints:
    """The smallest number of the connected component of each of `n` numbers; `edges` are int64[m, 2].

    Roots are hooked to smaller ones, all at once, so that half of those that can be are gone after each round.
    """
    root = np.arange(n)
    while len(edges):
        ends = np.sort(root[edges], axis=1)
        edges = ends[ends[:, 0] != ends[:, 1]]
        np.minimum.at(root, edges[:, 1], edges[:, 0])
        while (above := root[root]).tobytes() != root.tobytes():
            root = above
    return root
