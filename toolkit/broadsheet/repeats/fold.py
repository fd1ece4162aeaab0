"""Repeats folded in a star: which record stands for which, the evidence of each decision, the stories."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product

from broadsheet.repeats.records import KINDS, ROLES, Folded, Item, Pair
from broadsheet.repeats.texts import Texts, fold_key

__all__ = ["RULE", "Folded", "Item", "Pair", "fold", "over_threshold"]

RULE = "1"
"""Version of the definitions of words, relations, guard and folding."""

_NEAR_MISS = Fraction(1, 2)
_RANKS = {"exact": 0, "near": 1, "trimmed": 2}
_SCOPES = ("global", "per-source")


def fold(
    items: Iterable[Item],
    ties: Iterable[tuple[str, str]] = (),
    *,
    threshold: Fraction = Fraction(7, 10),
    scope: str = "global",
) -> Folded:
    """Canonicals, evidence and stories of all records; the order of `items` and `ties` does not matter.

    `ties` are pairs of record ids that belong to one story whatever their texts (a reply, a page and its
    comments). In scope `per-source` a record folds only into one of the same source. Everything is held in
    memory, about 50 times the size of the texts.

    Raises: ValueError if an id stands twice, a tie names an id that is not among the items, or a kind, role,
    scope or threshold is unknown or out of range; the message lists all that are wrong.
    """
    records, ties = list(items), list(ties)
    _check(records, ties, threshold, scope)
    texts = Texts(records, min(threshold, _NEAR_MISS))
    over = [key for key in sorted(texts.shared) if texts.containment(*key) >= threshold]
    canonical = _star(texts, over, scope)
    return Folded(
        pairs=_evidence(texts, over, canonical),
        canonical=canonical,
        story=_stories(texts, over, ties),
        n_candidates=texts.n_candidates,
    )


def over_threshold(items: Iterable[Item], threshold: Fraction = Fraction(7, 10)) -> Iterator[tuple[str, str, int, int]]:
    """Every pair over the threshold, of all records with all: (id of A, id of B, shared, n_a).

    By the join alone, without relations, guard or folding: what a leak check recomputes. Texts under 10 words
    are in pairs with their equals only, with their number of words for both counts. Lazy, in an order that
    depends on the records only; quadratic in the number of records with equal words.

    Raises: ValueError like `fold`.
    """
    records = list(items)
    _check(records, [], threshold, "global")
    texts = Texts(records, threshold)
    for group in texts.groups:
        for x, y in combinations(group.members, 2):
            yield min(x.id, y.id), max(x.id, y.id), group.n_shingles, group.n_shingles
    for (i, j), shared in sorted(texts.shared.items()):
        for x, y in product(texts.groups[i].members, texts.groups[j].members):
            a, b = texts.oriented(x, y)
            yield a.id, b.id, shared, texts.group(a).n_shingles


def _check(items: Sequence[Item], ties: Sequence[tuple[str, str]], threshold: Fraction, scope: str) -> None:
    faults = []
    if not 0 < threshold <= 1:
        faults.append(f"threshold {threshold}: expected a fraction above 0, at most 1")
    if scope not in _SCOPES:
        faults.append(f"scope {scope!r}: expected one of {', '.join(_SCOPES)}")
    ids = set()
    for item in items:
        if item.id in ids:
            faults.append(f"record {item.id}: the id stands twice")
        if item.kind not in KINDS:
            faults.append(f"record {item.id}: kind {item.kind!r}: expected one of {', '.join(KINDS)}")
        if item.role not in ROLES:
            faults.append(f"record {item.id}: role {item.role!r}: expected one of {', '.join(ROLES)}")
        ids.add(item.id)
    faults += [f"tie {a} {b}: not among the records" for a, b in ties if a not in ids or b not in ids]
    if faults:
        raise ValueError("; ".join(faults))


def _star(texts: Texts, over: Sequence[tuple[int, int]], scope: str) -> dict[str, tuple[str, str | None]]:
    """The canonical of each record and the relation to it, in the total order of the records.

    Replies come after what they answer, since they fold only where these do.
    """
    partners: list[list[int]] = [[number] for number in range(len(texts.groups))]
    for i, j in over:
        partners[i].append(j)
        partners[j].append(i)
    # Of the canonicals of a text only those that a record may fold into are looked at: a phrase under which a
    # thousand strangers have signed has a thousand canonicals.
    found: dict[tuple[int, tuple[str | None, ...]], list[Item]] = {}
    canonical: dict[str, tuple[str, str | None]] = {}
    for item in _from_the_top(texts.records):
        parent = canonical[item.parent][0] if item.parent in canonical else item.parent
        key = fold_key(item, scope, parent)
        best = None
        if key is not None and not item.published:
            best = _best(texts, item, [c for g in partners[texts.number[item.id]] for c in found.get((g, key), ())])
        canonical[item.id] = best or (item.id, None)
        if key is not None and best is None:
            found.setdefault((texts.number[item.id], key), []).append(item)
    return canonical


def _from_the_top(records: Sequence[Item]) -> list[Item]:
    """The records in their order, but by how deep they stand in their thread; a circle ends where it began."""
    by_id = {item.id: item for item in records}
    depth: dict[str, int] = {}
    for item in records:
        way = []
        at: Item | None = item
        while at is not None and at.id not in depth:
            depth[at.id] = 0
            way.append(at.id)
            at = by_id.get(at.parent) if at.parent else None
        above = depth[at.id] if at else -1
        for id_ in reversed(way):
            above += 1
            depth[id_] = above
    return sorted(records, key=lambda item: depth[item.id])


def _best(texts: Texts, item: Item, canonicals: list[Item]) -> tuple[str, str] | None:
    """The canonical into which a record folds: by relation, then containment, then the order."""
    options = []
    for other in canonicals:
        name = texts.relation(item, other)
        if name in _RANKS and (name != "trimmed" or _may_trim(texts, item, other)):
            containment = texts.containment(texts.number[item.id], texts.number[other.id])
            options.append((_RANKS[name], -containment, texts.position[other.id], name))
    for _, _, position, name in sorted(options):
        other = texts.records[position]
        if texts.guard(item, other) is None:
            return other.id, name
    return None


def _may_trim(texts: Texts, item: Item, other: Item) -> bool:
    if texts.oriented(item, other)[0] is not item:
        return False  # a longer newcomer is no cut-off copy of a published record
    return item.kind != "article" or not (other.truncated or "teaser" in (other.kind, other.role))


def _evidence(
    texts: Texts, over: Iterable[tuple[int, int]], canonical: dict[str, tuple[str, str | None]]
) -> list[Pair]:
    firsts = [group.members[0] for group in texts.groups]
    compared = [(group.members[0], other) for group in texts.groups for other in group.members[1:]]
    compared += [(firsts[i], firsts[j]) for i, j in over]
    by_id = {item.id: item for item in texts.records}
    compared += [(item, by_id[canonical[item.id][0]]) for item in texts.records if canonical[item.id][1]]
    pairs = {}
    for x, y in compared:
        pair = texts.pair(x, y)
        is_fold = canonical[pair.a][0] == pair.b or canonical[pair.b][0] == pair.a
        pairs[pair.a, pair.b] = replace(pair, decision="fold") if is_fold else pair

    kept = [next((item for item in g.members if canonical[item.id][1] is None), None) for g in texts.groups]
    for i, j in texts.shared.keys() - set(over):
        first, second = kept[i], kept[j]
        if first and second:
            miss = texts.near_miss(first, second)
            pairs[miss.a, miss.b] = miss
    return [pairs[key] for key in sorted(pairs)]


def _stories(texts: Texts, over: Iterable[tuple[int, int]], ties: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Smallest id of the connected component of each record."""
    parent = {item.id: item.id for item in texts.records}

    def root(id_: str) -> str:
        while parent[id_] != id_:
            parent[id_] = parent[parent[id_]]
            id_ = parent[id_]
        return id_

    edges = [(group.members[0].id, other.id) for group in texts.groups for other in group.members[1:]]
    edges += [(texts.groups[i].members[0].id, texts.groups[j].members[0].id) for i, j in over]
    for x, y in [*edges, *ties]:
        first, second = sorted((root(x), root(y)))
        parent[second] = first
    return {item.id: root(item.id) for item in texts.records}
