"""The tasks of folding: instances to unique records, and unique records to what stands for what."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from broadsheet.batches import FATES, UNIQUE, Row, cut, read_batches, stream_rows, write_batches
from broadsheet.contract import KINDS, arrow_schema, schema
from broadsheet.repeats.fold import RULE, Evidence, FoldedTable, fold_table
from broadsheet.repeats.records import ROLES, Item
from broadsheet.repeats.table import table_of
from broadsheet.repeats.texts import RELATIONS
from broadsheet.text import address

_PIECE_ROWS = 4096
CROWD = 10
"""Of few records any that repeats stands for a large share."""


def unique_records(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits one bucket's records in the order of their ids, each once, as its best appearance has it.

    Spec: files (of `INSTANCES`), bucket, out. Result: the file, and the numbers of instances and records.
    """
    groups: dict[str, list[Row]] = {}
    for row in stream_rows(read_batches(spec["files"], spec["bucket"])):
        groups.setdefault(row["id"], []).append(row)
    rows = (_merged(groups[key]) for key in sorted(groups))
    return {
        "unique": write_batches(Path(spec["out"]), cut(rows, UNIQUE), UNIQUE).to_json(),
        "n_instances": sum(map(len, groups.values())),
        "n_records": len(groups),
    }


def _merged(instances: Sequence[Row]) -> Row:
    records = [json.loads(row["record"]) for row in instances]
    appearances = [
        {"page_id": row["page_id"], "start": row["start"], "role": record["role"]}
        for row, record in zip(instances, records, strict=True)
    ]
    best = best_of([record | row for row, record in zip(instances, records, strict=True)])
    names = {record["given_id"] for record in records} | {address(record["url"] or "") for record in records}
    return {name: best[name] for name in instances[0]} | {
        "appearances": sorted(appearances, key=lambda a: (a["page_id"], a["start"])),
        "names": sorted(name for name in names if name),
    }


def best_of(instances: Sequence[Row]) -> Row:
    """The instance of a record that stands for it: complete, in the best role, captured first, of the smallest page."""

    def order(row: Row) -> tuple[bool, int, bool, str, str, int]:
        captured = row["captured"]
        return row["truncated"], ROLES[row["role"]], captured is None, captured or "", row["page_id"], row["start"]

    return min(instances, key=order)


def fold_records(spec: dict[str, Any]) -> dict[str, Any]:
    """Folds all unique records and commits the pairs that were compared and what became of each record.

    Spec: files (of `UNIQUE`), threshold (as text), scope, pairs, fates. Result: the two files, counts, the share of
    each source that folds, which records stand for very many, and how texts were compared.
    Memory: every text once, in Arrow, and all else of the records.
    """
    rows = list(stream_rows(read_batches(spec["files"])))
    records = {row["id"]: json.loads(row.pop("record")) for row in rows}
    parents = parents_of(rows, records)
    table = _table(records, parents)
    number = {id_: i for i, id_ in enumerate(records)}
    ties = np.array([(number[a], number[b]) for a, b in _ties(rows, records, parents)], np.int64).reshape(-1, 2)
    folded = fold_table(table, ties, threshold=Fraction(spec["threshold"]), scope=spec["scope"])
    pair_schema = arrow_schema(schema("release#pair"))
    ids = list(records)
    fates = _fates(rows, records, folded, parents)
    return {
        "pairs": write_batches(
            Path(spec["pairs"]), cut(pair_rows(folded.evidence, ids), pair_schema), pair_schema
        ).to_json(),
        "fates": write_batches(Path(spec["fates"]), cut(fates, FATES), FATES).to_json(),
        "counts": _counts(folded),
        "folded_share": folded.folded_share,
        "crowds": _crowds(folded, ids, records),
        "path": folded.path,
    }


def _crowds(folded: FoldedTable, ids: Sequence[str], records: Mapping[str, Row]) -> list[dict[str, Any]]:
    """The records that stand for over 1 % of all, and for ten or more: `id`, `title` and `n`, the largest first."""
    n_of = np.bincount(folded.canonical, minlength=1)
    rows = np.flatnonzero((n_of * 100 > len(ids)) & (n_of >= CROWD)).tolist()
    found = [{"id": ids[row], "title": records[ids[row]]["title"], "n": int(n_of[row])} for row in rows]
    return sorted(found, key=lambda crowd: (-crowd["n"], crowd["id"]))


def _table(records: Mapping[str, Row], parents: Mapping[str, str]) -> pa.Table:
    """The records as folding takes them; their texts are taken out of them, piece by piece."""
    ids, made = list(records), [table_of([])]
    for start in range(0, len(ids), _PIECE_ROWS):
        piece = ids[start : start + _PIECE_ROWS]
        made.append(table_of([item_of(id_, records[id_], parents.get(id_)) for id_ in piece]))
        for id_ in piece:
            del records[id_]["text"]
    return pa.concat_tables(made)


def item_of(id_: str, record: Row, parent: str | None) -> Item:
    """A unique record as folding takes it."""
    names = ("role", "text", "title", "truncated", "source", "captured", "thread", "author")
    return Item(id=id_, kind=KINDS[record["role"]], parent=parent, **{name: record[name] for name in names})


def parents_of(rows: Iterable[Row], records: Mapping[str, Row]) -> dict[str, str]:
    """The parent's id by the id of the comment: the comment at the position answered, of the same page if possible."""
    at: dict[tuple[str | None, str, int], str] = {}
    comments = [row for row in rows if records[row["id"]]["role"] == "comment"]
    for row in comments:
        record = records[row["id"]]
        if record["thread"] is None or record["position"] is None:
            continue
        pages = [a["page_id"] for a in row["appearances"]]
        for page in (None, *pages):
            key = (page, record["thread"], record["position"])
            at[key] = min(at.get(key, row["id"]), row["id"])
    parents = {}
    for row in comments:
        record = records[row["id"]]
        if record["thread"] is not None and record["reply_to"] is not None:
            where = record["thread"], record["reply_to"]
            parent = at.get((row["page_id"], *where)) or at.get((None, *where))
            if parent:
                parents[row["id"]] = parent
    return _without_circles(parents)


def _without_circles(parents: dict[str, str]) -> dict[str, str]:
    """The parents of all comments but those that, through others or directly, answer themselves."""
    seen: set[str] = set()
    circled: set[str] = set()
    for start in parents:
        way: list[str] = []
        at = start
        while at in parents and at not in seen:
            seen.add(at)
            way.append(at)
            at = parents[at]
        if at in way:
            circled.update(way[way.index(at) :])
    return {id_: parent for id_, parent in parents.items() if id_ not in circled}


def _ties(rows: Sequence[Row], records: dict[str, Row], parents: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The ties beside likeness: a comment to its parent, to its thread, and to the main article of its page."""
    yield from parents.items()
    mains: dict[str, list[str]] = {}
    named: dict[str, list[str]] = {}
    for row in rows:
        if any(appearance["role"] == "main" for appearance in row["appearances"]):
            for name in row["names"]:
                named.setdefault(name, []).append(row["id"])
        for appearance in row["appearances"]:
            if appearance["role"] == "main":
                mains.setdefault(appearance["page_id"], []).append(row["id"])
    threads: dict[str, str] = {}
    for row in rows:
        record = records[row["id"]]
        if record["role"] != "comment":
            continue
        if record["thread"] is not None:
            yield row["id"], threads.setdefault(record["thread"], row["id"])
            yield from ((row["id"], main) for main in named.get(address(record["thread"]), ()))
        for appearance in row["appearances"]:
            yield from ((row["id"], main) for main in mains.get(appearance["page_id"], ()))


def pair_rows(evidence: Evidence, ids: Sequence[str]) -> Iterator[Row]:
    """The comparisons as rows of a release; `ids` are those of the rows that were folded."""
    for pair in evidence.pairs(ids):
        yield {
            "a": pair.a,
            "b": pair.b,
            "relation": pair.relation,
            "shared": pair.shared,
            "n_a": pair.n_a,
            "n_b": pair.n_b,
            "containment": round(pair.shared / pair.n_a, 6),
            "guard": pair.guard,
            "decision": pair.decision,
            "rule": RULE,
        }


def _fates(
    rows: Sequence[Row], records: Mapping[str, Row], folded: FoldedTable, parents: Mapping[str, str]
) -> Iterator[Row]:
    """What became of each record. A story has the smallest id among its canonical ones, so that it names a row."""
    ids = list(records)
    canonical, stories = folded.canonical.tolist(), folded.story.tolist()
    named: dict[int, str] = {}
    for i, id_ in enumerate(ids):
        if canonical[i] == i:
            named[stories[i]] = min(named.get(stories[i], id_), id_)
    canonical_id = {id_: ids[i] for id_, i in zip(ids, canonical, strict=True)}
    for i, (row, relation) in enumerate(zip(rows, folded.relation.tolist(), strict=True)):
        parent = parents.get(row["id"])
        yield {
            "id": row["id"],
            "kind": KINDS[records[row["id"]]["role"]],
            "canonical_id": canonical_id[row["id"]],
            "relation": RELATIONS[relation] if relation >= 0 else None,
            "story": named[stories[i]],
            "parent_id": canonical_id[parent] if parent else None,
            "page_id": row["page_id"],
            "start": row["start"],
        }


def _counts(folded: FoldedTable) -> dict[str, int]:
    """How many records fold by each relation, how many pairs are kept apart by each, and what else was counted."""
    return folded.counts | decisions_of(folded.evidence)


def decisions_of(evidence: Evidence) -> dict[str, int]:
    """How many records fold by each relation, and how many pairs are kept apart by each."""
    counts = {f"folded_{name}": 0 for name in ("exact", "near", "trimmed")}
    counts |= {f"kept_{name}": 0 for name in RELATIONS}
    found = Counter(zip(evidence.is_fold.tolist(), evidence.relation.tolist(), strict=True))
    for (is_fold, relation), n in found.items():
        counts[f"{'folded' if is_fold else 'kept'}_{RELATIONS[relation]}"] += n
    return counts
