"""The records of one folding in their total order, grouped by equal words and joined."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from broadsheet.repeats import relate
from broadsheet.repeats.guard import guard
from broadsheet.repeats.join import join
from broadsheet.repeats.records import ROLES, Item, Pair
from broadsheet.text import words


@dataclass(slots=True)
class Group:
    """Records compared as one, since their words are equal; in the order, so the first stands for all."""

    words: list[str]
    members: list[Item]
    n_shingles: int = 0
    """Distinct shingles; words, if those are fewer than 10."""


def fold_key(item: Item, scope: str, parent: str | None) -> tuple[str | None, ...] | None:
    """What two records must have in common to fold into each other; None if the record folds into nothing.

    `parent` is the canonical of the comment that this one answers.
    """
    source = item.source if scope == "per-source" else None
    if item.kind != "comment":
        return ("text", source)
    return None if item.thread is None else ("comment", source, item.thread, item.author, parent)


def _equal_key(item: Item, found: list[str]) -> Hashable:
    if not found:
        return item.id
    if len(found) >= relate.SHORT_WORDS or item.kind != "comment":
        return tuple(found)
    # "Well said!" must not tie all stories together.
    return item.id if item.thread is None else (tuple(found), item.thread, item.author)


def _order(item: Item, n_words: int) -> tuple[object, ...]:
    """The total order: what stands first is canonical for what follows."""
    return (
        not item.published,
        -relate.length_class(n_words),
        item.truncated,
        ROLES[item.role],
        item.captured is None,
        item.captured or "",
        item.id,
    )


def guard_records(a: Item, b: Item) -> str | None:
    """The guard's evidence on two records: on their texts, else on their titles, where both have one."""
    fired = guard(a.text, b.text)
    if fired is None and a.title and b.title:
        fired = guard(a.title, b.title)
        return fired and f"title {fired}"
    return fired


class Texts:
    """The records with all that is known of their texts; relations and guards are computed once, on demand.

    `shared` holds the distinct common shingles of each pair of groups (i, j), i < j, with containment >=
    `least`.
    """

    def __init__(self, items: Iterable[Item], least: Fraction) -> None:
        found = {item.id: (item, words(item.text)) for item in items}
        ordered = sorted(found.values(), key=lambda entry: _order(entry[0], len(entry[1])))
        self.records = [item for item, _ in ordered]
        self.position = {item.id: i for i, item in enumerate(self.records)}
        numbers: dict[Hashable, int] = {}
        self.groups: list[Group] = []
        self.number: dict[str, int] = {}
        for item, text in ordered:
            number = numbers.setdefault(_equal_key(item, text), len(numbers))
            if number == len(self.groups):
                self.groups.append(Group(text, [], len(text)))
            self.groups[number].members.append(item)
            self.number[item.id] = number
        long = [i for i, group in enumerate(self.groups) if len(group.words) >= relate.SHORT_WORDS]
        joined = join([self.groups[i].words for i in long], least)
        for i, n_shingles in zip(long, joined.n_shingles, strict=True):
            self.groups[i].n_shingles = n_shingles
        self.shared = {(long[i], long[j]): n for (i, j), n in joined.shared.items()}
        self.n_candidates = joined.n_candidates
        self._relations: dict[tuple[int, int], str] = {}
        self._guards: dict[tuple[str | None, ...], str | None] = {}

    def group(self, item: Item) -> Group:
        """The group of a record."""
        return self.groups[self.number[item.id]]

    def _size(self, item: Item) -> tuple[int, int, str]:
        group = self.group(item)
        return len(group.words), group.n_shingles, item.id

    def oriented(self, x: Item, y: Item) -> tuple[Item, Item]:
        """A and B: the shorter record first, by words, distinct shingles, then id."""
        return (x, y) if self._size(x) < self._size(y) else (y, x)

    def containment(self, i: int, j: int) -> Fraction:
        """Containment of the shorter of two groups in the other; they are equal or joined."""
        if i == j:
            return Fraction(1)
        a, b = self.groups[i], self.groups[j]
        n_a = min((len(a.words), a.n_shingles), (len(b.words), b.n_shingles))[1]
        return Fraction(self.shared[min(i, j), max(i, j)], n_a)

    def relation(self, x: Item, y: Item) -> str:
        """The relation of two records by their words alone."""
        a, b = (self.number[item.id] for item in self.oriented(x, y))
        if (a, b) not in self._relations:
            self._relations[a, b] = relate.relation(self.groups[a].words, self.groups[b].words)
        return self._relations[a, b]

    def guard(self, x: Item, y: Item) -> str | None:
        """The guard's evidence on two records."""
        a, b = self.oriented(x, y)
        key = (a.text, b.text, a.title, b.title)
        if key not in self._guards:
            self._guards[key] = guard_records(a, b)
        return self._guards[key]

    def pair(self, x: Item, y: Item) -> Pair:
        """The evidence on two records over the threshold, with the decision `keep`."""
        name = self.relation(x, y)
        # Equal words still go through the guard: they can differ in currency and per cent signs, which are no
        # words.
        fired = None if name == "embedded" else self.guard(x, y)
        return self._pair(x, y, name if fired is None else "update", fired)

    def near_miss(self, x: Item, y: Item) -> Pair:
        """The evidence on two records that are under the threshold."""
        return self._pair(x, y, "none", None)

    def _pair(self, x: Item, y: Item, name: str, fired: str | None) -> Pair:
        a, b = self.oriented(x, y)
        i, j = self.number[a.id], self.number[b.id]
        n_a = self.groups[i].n_shingles
        shared = n_a if i == j else self.shared[min(i, j), max(i, j)]
        return Pair(a.id, b.id, name, shared, n_a, self.groups[j].n_shingles, fired, "keep")
