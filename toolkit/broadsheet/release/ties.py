"""Why records belong to one story: the ties between them, and the way from one record to each of the others."""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from broadsheet.batches import Row
from broadsheet.contract import RECORD_CONFIGS
from broadsheet.release.reasons import beginning
from broadsheet.release.select import Selection
from broadsheet.text import address

MOST: Final = 5_000
"""Records of a story up to which the way to each is looked for; of a larger story, only among those that are shown."""

By = Literal["reply", "pair", "page", "thread", "address", "unknown"]
_RECORD: Final = (
    "id", "kind", "role", "title", "split", "parent_id", "thread", "given_id", "url", "page_id", "story",
)  # fmt: skip

_SEGMENT: Final = (
    "page_id", "start", "end", "role", "article", "outcome", "record_id", "canonical_id", "relation", "language",
    "confidence",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """Another record of a story, and why it is in it."""

    id: str
    kind: str
    title: str | None
    begins: str
    """How its text begins."""
    split: str
    by: By
    """The last tie of the shortest way to it: it answers, or is answered by, a comment (`reply`); a pair over the
    threshold (`pair`); a comment and the main article of its page (`page`); two comments of a thread (`thread`); a
    thread and the article that it is named after (`address`)."""
    to: str | None
    """The record that it is tied to: the traced one, or one between the two."""
    pair: tuple[str, str, str] | None
    """Of a tie by pair: a, b and relation; they, or what they were folded into, are the two."""


@dataclass(frozen=True, slots=True)
class _Tie:
    other: str
    by: By
    pair: tuple[str, str, str] | None = None


class Story:
    """The records of a story that are looked at, and the segments in which they stand.

    Memory: the story's rows without texts, up to `MOST` of them, and their segments and pairs.
    """

    def __init__(self, tables: Selection, story: str, id_: str, limit: int) -> None:
        """Looks for the other records that belong to the story of `id_`; `limit` of them will be shown."""
        self._tables, self._id, self._limit = tables, id_, limit
        self.n_others = 0
        self.rows: dict[str, Row] = {}
        most = max(MOST, limit)
        for row in tables.rows(RECORD_CONFIGS, {"story": [story]}, _RECORD):
            self.n_others += row["id"] != id_
            if len(self.rows) <= most or row["id"] == id_:
                self.rows[row["id"]] = row
        if self.n_others > most:
            self.rows = {key: self.rows[key] for key in [*sorted(self.rows.keys() - {id_})[:limit], id_]}
        self.segments = list(tables.rows(["segments"], {"canonical_id": self.rows}, _SEGMENT))
        """Those of the records and of what was folded into them."""

    def members(self) -> list[Member]:
        """The first of the others: the closest first, then by id."""
        others = self.rows.keys() - {self._id}
        if not others:
            return []
        ways = _ways(self._tables, self, self._id)
        far = len(self.rows)
        order = sorted(others, key=lambda other: (ways[other][0] if other in ways else far, other))[: self._limit]
        found = self._tables.rows(RECORD_CONFIGS, {"id": order}, ["id", "text"])
        texts = {row["id"]: row["text"] for row in found}
        return [_member(self.rows[other] | {"text": texts[other]}, ways.get(other)) for other in order]


def _member(row: Row, way: tuple[int, str, _Tie] | None) -> Member:
    own = (row["id"], row["kind"], row["title"], beginning(row["text"]), row["split"])
    return Member(*own, way[2].by, way[1], way[2].pair) if way else Member(*own, "unknown", None, None)


def _ways(tables: Selection, story: Story, id_: str) -> dict[str, tuple[int, str, _Tie]]:
    """By id, how many ties away a record is, the record before it on the way, and the last tie."""
    ties = _Ties(tables, story)
    found: dict[str, tuple[int, str, _Tie]] = {}
    steps = {id_: 0}
    left = deque([id_])
    while left:
        here = left.popleft()
        for tie in ties.of(here):
            if tie.other not in steps:
                steps[tie.other] = steps[here] + 1
                found[tie.other] = (steps[tie.other], here, tie)
                left.append(tie.other)
    return found


class _Ties:
    """The ties among records, by record; those of a thread or page are listed once, however many it has."""

    def __init__(self, tables: Selection, story: Story) -> None:
        self._rows = rows = story.rows
        self._replies: dict[str, list[str]] = defaultdict(list)
        self._threads: dict[str, list[str]] = defaultdict(list)
        self._mains: dict[str, set[str]] = defaultdict(set)
        self._pages: dict[str, set[str]] = defaultdict(set)
        self._comments: dict[str, set[str]] = defaultdict(set)
        for id_, row in rows.items():
            if row["parent_id"] in rows:
                self._replies[id_].append(row["parent_id"])
                self._replies[row["parent_id"]].append(id_)
            if row["thread"] is not None and row["kind"] == "comment":
                self._threads[row["thread"]].append(id_)
        canonical = {row["record_id"]: row["canonical_id"] for row in story.segments}
        for row in story.segments:
            if row["role"] in {"main", "comment"}:
                self._pages[row["canonical_id"]].add(row["page_id"])
                (self._mains if row["role"] == "main" else self._comments)[row["page_id"]].add(row["canonical_id"])
        self._pairs = _pairs(tables, canonical)
        self._named = self._names(tables) if self._threads else {}
        self._commented: dict[str, list[str]] = defaultdict(list)
        for thread, comments in self._threads.items():
            for id_ in self._named.get(address(thread), ()):
                self._commented[id_] += comments
        self._listed: set[str] = set()

    def _names(self, tables: Selection) -> dict[str, set[str]]:
        """The main articles that an address or an id of the user's own names."""
        found: dict[str, set[str]] = defaultdict(set)
        for id_, row in self._rows.items():
            if row["role"] == "main":
                for name in (row["given_id"], address(row["url"] or "")):
                    if name:
                        found[name].add(id_)
        for page in tables.rows(["pages"], {"page_id": self._mains}, ["page_id", "captures"]):
            for url in filter(None, (capture["url"] for capture in page["captures"])):
                found[address(url)] |= self._mains[page["page_id"]]
        return found

    def of(self, id_: str) -> Iterator[_Tie]:
        """The ties of a record, replies first; a thread that was listed before is not listed again."""
        yield from (_Tie(other, "reply") for other in sorted(self._replies[id_]))
        yield from self._pairs[id_]
        row = self._rows[id_]
        for page in sorted(self._pages[id_]):
            if id_ in self._mains[page]:
                yield from (_Tie(other, "page") for other in sorted(self._comments[page]))
            if id_ in self._comments[page]:
                yield from (_Tie(other, "page") for other in sorted(self._mains[page]))
        thread = row["thread"] if row["kind"] == "comment" else None
        if thread is not None:
            yield from (_Tie(other, "address") for other in sorted(self._named.get(address(thread), ())))
            if thread not in self._listed:
                self._listed.add(thread)
                yield from (_Tie(other, "thread") for other in sorted(self._threads[thread]))
        yield from (_Tie(other, "address") for other in self._commented[id_])


def _pairs(tables: Selection, canonical: Mapping[str, str]) -> Mapping[str, list[_Tie]]:
    """The ties by pairs over the threshold, of records and what was folded into them."""
    found: dict[str, list[_Tie]] = defaultdict(list)
    for row in tables.rows(["pairs"], {"a": canonical, "b": canonical}, ["a", "b", "relation"]):
        if row["relation"] == "none":
            continue
        x, y = canonical.get(row["a"]), canonical.get(row["b"])
        if x and y and x != y:
            for one, other in ((x, y), (y, x)):
                found[one].append(_Tie(other, "pair", (row["a"], row["b"], row["relation"])))
    for one, ties in found.items():
        # A pair of the two themselves says more than one of what was folded into them.
        ties.sort(
            key=lambda tie: (tie.other, {one, tie.other} != {*tie.pair[:2]}, tie.pair) if tie.pair else (tie.other,)
        )
    return found
