"""The task of folding newcomers into a base: unique records and what was published to what becomes of the new ones."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from broadsheet.batches import FATES, Row, cut, read_batches, stream_rows, write_batches
from broadsheet.columns import column, is_null, numbers_of
from broadsheet.contract import KINDS, arrow_schema, schema
from broadsheet.repeats.grow import Grown, Settled, grow_table
from broadsheet.repeats.parents import parents_of
from broadsheet.repeats.records import Item
from broadsheet.repeats.table import table_of
from broadsheet.repeats.task import CROWD, decisions_of, pair_rows
from broadsheet.repeats.texts import RELATIONS
from broadsheet.text import address

_TEXT: Final = pa.string()
_ITEM: Final = ("id", "kind", "role", "title", "text", "source", "captured", "thread", "author", "parent")
BASE_RECORDS: Final = pa.schema(
    [
        *(pa.field(name, _TEXT) for name in _ITEM),
        pa.field("truncated", pa.bool_()),
        pa.field("position", pa.int64()),
        *(pa.field(name, _TEXT) for name in ("canonical_id", "relation", "story", "split")),
    ]
)
"""A record of the base: its own columns, what stands for it (null for held ones, whose text is null, too), and story
and split of that."""
BASE_NAMES: Final = pa.schema([("address", _TEXT), ("id", _TEXT)])
"""An address under which a main article of the base was found, and the article."""


def grow_records(spec: dict[str, Any]) -> dict[str, Any]:
    """Folds unique records of new pages into those of a base, and commits the new pairs and what became of them.

    Spec: files (of `UNIQUE`), base (of `BASE_RECORDS`: canonical records first, held ones last), names (of
    `BASE_NAMES`), tied (the base's stories that are tied to another, by name), threshold (as text), scope, pairs,
    fates. Result: the two files, counts, which records are held and why, which stories are tied now, which of the
    base's stories have new records, and as `fold_records`. Fates have the base's records, too, where a new page or
    pair has them; these have no page of their own there, and held ones no canonical record.
    Memory: all records.
    """
    base = _Base(pa.Table.from_batches(read_batches([spec["base"]]), BASE_RECORDS), spec["tied"])
    rows = list(stream_rows(read_batches(spec["files"])))
    records = {row["id"]: json.loads(row["record"]) for row in rows}
    new = [id_ for id_ in records if id_ not in base.row and id_ not in base.held]
    number = base.row | {id_: i for i, id_ in enumerate(new, len(base.row))}
    names = stream_rows(read_batches([spec["names"]]) if spec["names"] else ())
    ties = _Ties(rows, records, base, names)
    items = [_item(id_, records[id_], base.stands_for(ties.parents.get(id_))) for id_ in new]
    table = pa.concat_tables([base.items(), table_of(items)])
    settled = Settled(base.components, base.split, base.canonical)
    hubs = [[number[id_] for id_ in hub if id_ in number] for hub in ties.hubs()]
    grown = grow_table(table, settled, hubs, threshold=Fraction(spec["threshold"]), scope=spec["scope"])
    outcome = _Outcome(base, grown, [*base.row, *new])
    pair_schema = arrow_schema(schema("release#pair"))
    fates = sorted([*outcome.of_newcomers(rows, records, ties.parents), *outcome.of_base(records)], key=_id)
    return {
        "pairs": [
            write_batches(
                Path(spec["pairs"]), cut(pair_rows(grown.evidence, outcome.ids), pair_schema), pair_schema
            ).to_json()
        ],
        "fates": [write_batches(Path(spec["fates"]), cut(fates, FATES), FATES).to_json()],
        "counts": outcome.counts(),
        "folded_share": outcome.folded_share(table),
        "crowds": outcome.crowds(table),
        "path": grown.path,
        "held": outcome.held(),
        "n_new": len(new),
        "n_again": len(records) - len(new),
        "tied": outcome.tied,
        "continued": sorted(outcome.continued),
    }


def _item(id_: str, record: Row, parent: str | None) -> Item:
    """A unique record as folding takes it."""
    names = ("role", "text", "title", "truncated", "source", "captured", "thread", "author")
    return Item(id=id_, kind=KINDS[record["role"]], parent=parent, **{name: record[name] for name in names})


def _id(row: Row) -> str:
    id_: str = row["id"]
    return id_


class _Base:
    """The records of a base: rows of those that are in it, and the held ones."""

    def __init__(self, table: pa.Table, tied: Mapping[str, str]) -> None:
        is_held = is_null(table.column("canonical_id"))
        self.held: set[str] = set(table.column("id").filter(_mask(is_held)).to_pylist())
        self.table = table.filter(_mask(~is_held))
        ids = self.table.column("id")
        self.ids: list[str] = ids.to_pylist()
        self.row: dict[str, int] = {id_: i for i, id_ in enumerate(self.ids)}
        self.canonical = numbers_of(pc.index_in(self.table.column("canonical_id"), value_set=ids.combine_chunks()))
        self.is_folded = self.canonical != np.arange(len(self.ids))
        self.story: list[str] = self.table.column("story").to_pylist()
        self.split: list[str] = self.table.column("split").to_pylist()
        known: dict[str, int] = {}
        self.components = [known.setdefault(tied.get(story, story), len(known)) for story in self.story]

    def items(self) -> pa.Table:
        """The records as folding takes them."""
        published = column([True] * len(self.ids), pa.bool_())
        names = [*_ITEM[:4], *_ITEM[5:], "truncated"]
        table = self.table.select(names).append_column("published", published)
        return table.append_column("text", self.table.column("text")).select(table_of([]).column_names)

    def stands_for(self, id_: str | None) -> str | None:
        """The record that stands for one of the base; of others, themselves; None for a held one."""
        if id_ in self.row:
            return self.ids[int(self.canonical[self.row[id_]])]
        return None if id_ in self.held else id_


def _mask(flags: Any) -> pa.Array:
    return column(flags.tolist(), pa.bool_())


class _Ties:
    """What belongs to one story whatever its text: a comment and its parent, its thread, its page's main article."""

    def __init__(self, rows: Sequence[Row], records: Mapping[str, Row], base: _Base, names: Iterable[Row]) -> None:
        self._rows, self._records = rows, records
        comments = [row for row in rows if records[row["id"]]["role"] == "comment"]
        threads = {records[row["id"]]["thread"] for row in comments} - {None}
        self._threads: dict[str, list[str]] = {thread: [] for thread in sorted(threads)}
        for row in comments:
            if records[row["id"]]["thread"] is not None:
                self._threads[records[row["id"]]["thread"]].append(row["id"])
        published = list(self._published(base, records))
        for row in published:
            self._threads[row["thread"]].append(row["id"])
        self._name(names)
        known = {**records, **{row["id"]: {**row, "role": "comment", "reply_to": None} for row in published}}
        answered = [{"id": row["id"], "page_id": None, "appearances": []} for row in published]
        self.parents = parents_of([*rows, *answered], known)

    def _published(self, base: _Base, records: Mapping[str, Row]) -> Iterator[Row]:
        """Comments of the base in threads that new pages go on with, but for those that stand there again."""
        if self._threads:
            threads = base.table.column("thread")
            among = pc.is_in(threads, value_set=column(list(self._threads), pa.string()))
            found = base.table.select(["id", "thread", "position"]).filter(among).to_pylist()
            yield from (row for row in found if row["id"] not in records)

    def _name(self, names: Iterable[Row]) -> None:
        """Adds to each thread the main articles that it is named after."""
        named: dict[str, set[str]] = defaultdict(set)
        for row in self._rows if self._threads else ():
            if any(appearance["role"] == "main" for appearance in row["appearances"]):
                for name in row["names"]:
                    named[name].add(row["id"])
        for row in names:
            named[row["address"]].add(row["id"])
        for thread, ids in self._threads.items():
            ids += sorted(named.get(address(thread), ()))

    def hubs(self) -> Iterator[Sequence[str]]:
        """Records that belong to one story, whatever their texts."""
        yield from self.parents.items()
        yield from self._threads.values()
        pages: dict[str, dict[str, list[str]]] = {}
        for row in self._rows:
            for appearance in row["appearances"]:
                if appearance["role"] in {"main", "comment"}:
                    roles = pages.setdefault(appearance["page_id"], {"main": [], "comment": []})
                    roles[appearance["role"]].append(row["id"])
        yield from (roles["main"] + roles["comment"] for roles in pages.values() if roles["main"] and roles["comment"])


class _Outcome:
    """What became of all rows, by their ids."""

    def __init__(self, base: _Base, grown: Grown, ids: list[str]) -> None:
        self.base, self.grown, self.ids = base, grown, ids
        n_base = len(base.ids)
        stories = grown.story.tolist()
        of_base: dict[int, set[str]] = defaultdict(set)
        for number, name in zip(stories, base.story, strict=False):
            of_base[number].add(name)
        self._names = {number: min(names) for number, names in of_base.items()}
        self.tied: dict[str, str] = {
            name: self._names[number] for number, names in of_base.items() for name in sorted(names - {min(names)})
        }
        """The base's stories that records tie to others, and the smallest of those."""
        self.continued: set[str] = set()
        """Stories of the base that have new records."""
        for row in range(n_base, len(ids)):
            if row not in grown.held:
                if stories[row] in of_base:
                    self.continued.add(self._names[stories[row]])
                elif grown.canonical[row] == row:
                    self._names[stories[row]] = min(self._names.get(stories[row], ids[row]), ids[row])
        self._stories = stories

    def of_newcomers(
        self, rows: Sequence[Row], records: Mapping[str, Row], parents: Mapping[str, str]
    ) -> Iterator[Row]:
        """What became of each new record; held ones have no canonical record and no story."""
        number = {id_: i for i, id_ in enumerate(self.ids)}
        for unique in rows:
            row = number.get(unique["id"], -1)
            if row < len(self.base.ids):
                continue
            fate = {"id": unique["id"], "kind": KINDS[records[unique["id"]]["role"]]}
            if row in self.grown.held:
                yield fate
                continue
            canonical = int(self.grown.canonical[row])
            relation = int(self.grown.relation[row])
            yield fate | {
                "canonical_id": self.ids[canonical],
                "relation": RELATIONS[relation] if relation >= 0 else None,
                "story": self._names[self._stories[row]],
                "parent_id": self._answered(parents.get(unique["id"]), number),
                "page_id": unique["page_id"],
                "start": unique["start"],
            }

    def _answered(self, parent: str | None, number: Mapping[str, int]) -> str | None:
        """The record that stands for a parent; None where that is held."""
        id_ = self.base.stands_for(parent)
        row = number.get(id_, -1) if id_ else -1
        return None if row < 0 or row in self.grown.held else self.ids[int(self.grown.canonical[row])]

    def of_base(self, records: Mapping[str, Row]) -> Iterator[Row]:
        """What was decided of the base's records that are on new pages or in new pairs."""
        yield from ({"id": id_, "kind": KINDS[records[id_]["role"]]} for id_ in sorted(self.base.held & records.keys()))
        ends = {*self.grown.evidence.a.tolist(), *self.grown.evidence.b.tolist()}
        rows = {row for row in ends if row < len(self.base.ids)}
        rows |= {self.base.row[id_] for id_ in records if id_ in self.base.row}
        decided = self.base.table.select(["id", "kind", "canonical_id", "relation", "story"])
        yield from decided.take(column(sorted(rows), pa.int64())).to_pylist()

    def _clusters(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """How many records each row stands for."""
        canonical = self.grown.canonical.copy()
        canonical[: len(self.base.ids)] = self.base.canonical
        canonical = np.delete(canonical, list(self.grown.held))
        return np.bincount(canonical, minlength=len(self.ids))

    def counts(self) -> dict[str, int]:
        """The counts of `fold_records`: pairs are the new ones; clusters and stories those of base and newcomers."""
        story = np.delete(self.grown.story, list(self.grown.held))
        return {
            "n_candidates": self.grown.n_candidates,
            "largest_cluster": int(self._clusters().max(initial=0)),
            "largest_story": int(np.bincount(story, minlength=1).max()),
            **decisions_of(self.grown.evidence),
        }

    def folded_share(self, table: pa.Table) -> dict[str, float]:
        """Share of each source's records, of base and newcomers, that fold into others."""
        folds = self.grown.relation >= 0
        folds[: len(self.base.ids)] = self.base.is_folded
        sources = table.column("source").to_pylist()
        n_all = Counter(sources)
        n_folded = Counter(source for source, fold in zip(sources, folds.tolist(), strict=True) if fold and source)
        return {source: round(n / n_all[source], 6) for source, n in sorted(n_folded.items())}

    def crowds(self, table: pa.Table) -> list[dict[str, Any]]:
        """The records that stand for over 1 % of all, and for ten or more, newcomers among them."""
        n_of = self._clusters()
        joined = set(self.grown.canonical[len(self.base.ids) :].tolist())
        rows = np.flatnonzero((n_of * 100 > len(self.ids)) & (n_of >= CROWD)).tolist()
        titles = table.column("title")
        found = [
            {"id": self.ids[row], "title": titles[row].as_py(), "n": int(n_of[row])} for row in rows if row in joined
        ]
        return sorted(found, key=lambda crowd: (-crowd["n"], crowd["id"]))

    def held(self) -> list[dict[str, Any]]:
        """The records that are held, by id, each with two, in different splits, that it would tie together."""
        found = [
            {"id": self.ids[row], "ties": [self._end(end) for end in ends]} for row, ends in self.grown.held.items()
        ]
        return sorted(found, key=lambda held: str(held["id"]))

    def _end(self, row: int) -> dict[str, str]:
        """The record that stands for a row of a story of the base, and its split."""
        n_base = len(self.base.ids)
        canonical = int(self.base.canonical[row] if row < n_base else self.grown.canonical[row])
        return {"id": self.ids[canonical], "split": self.base.split[self._stories[row]]}
