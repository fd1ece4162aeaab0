"""The tasks of folding: instances to unique records, and unique records to what stands for what."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from broadsheet.batches import FATES, UNIQUE, Row, cut, from_rows, read_batches, stream_rows, write_batches
from broadsheet.contract import arrow_schema, schema
from broadsheet.repeats.compare import Limits
from broadsheet.repeats.fold import RULE, Evidence, FoldedTable, fold_columns
from broadsheet.repeats.records import KINDS, ROLES
from broadsheet.repeats.stored import Ids, Stored, Writer
from broadsheet.repeats.table import Columns
from broadsheet.repeats.texts import RELATIONS
from broadsheet.text import address

_ROWS = 256  # of a batch: who reads a few columns of records leaves their texts where they are
CROWD = 10
"""Of few records any that repeats stands for a large share."""


def unique_records(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits one bucket's records in the order of their ids, each once, as its best appearance has it.

    Spec: files (of `INSTANCES`), bucket, out; out_items, out_marks and out_texts, for what folding reads of them.
    Result: the file, those for folding (`stored`), and the numbers of instances and records.
    Memory: the instances of the bucket, and their texts once more.
    """
    groups: dict[str, list[Row]] = {}
    for row in stream_rows(read_batches(spec["files"], spec["bucket"])):
        groups.setdefault(row["id"], []).append(row)
    n_instances, n_records = sum(map(len, groups.values())), len(groups)
    stored = Writer()

    def rows() -> Iterator[Row]:
        for key in sorted(groups):
            best, row = _merged(groups.pop(key))
            stored.add(best, row)
            yield row

    return {
        "unique": write_batches(Path(spec["out"]), cut(rows(), UNIQUE, _ROWS), UNIQUE).to_json(),
        "stored": stored.commit(*(Path(spec[f"out_{name}"]) for name in ("items", "marks", "texts"))),
        "n_instances": n_instances,
        "n_records": n_records,
    }


def _merged(instances: Sequence[Row]) -> tuple[Row, Row]:
    """The best of a record's instances, with its properties, and the row of `UNIQUE`."""
    records = [orjson.loads(row["record"]) | row for row in instances]
    appearances = [{name: record[name] for name in ("page_id", "start", "role")} for record in records]
    best = best_of(records)
    names = {record["given_id"] for record in records} | {address(url) for url in {r["url"] for r in records} if url}
    return best, {name: best[name] for name in instances[0]} | {
        "appearances": sorted(appearances, key=lambda a: (a["page_id"], a["start"])),
        "names": sorted(name for name in names if name),
    }


def best_of(instances: Sequence[Row]) -> Row:
    """The instance of a record that stands for it: complete, in the best role, captured first, of the smallest page."""

    def order(row: Row) -> tuple[bool, int, bool, str, str, int]:
        captured = row["captured"]
        return row["truncated"], ROLES[row["role"]], captured is None, captured or "", row["page_id"], row["start"]

    return min(instances, key=order) if len(instances) > 1 else instances[0]


def fold_records(spec: dict[str, Any]) -> dict[str, Any]:
    """Folds all unique records and commits the pairs that were compared and what became of each record.

    Spec: stored (of `unique_records`), files (of `UNIQUE`), threshold (as text), scope, pairs, fates; memory_bytes,
    which decides nothing. Result: the two, each as a list of one file, counts, the share of each source that folds,
    which records stand for very many, and how texts were compared.
    Memory: about 250 bytes a record, 1 kB more for one that has partners, and `memory_bytes`; texts stay in files.
    """
    stored = Stored.read(spec["stored"])
    work = Path(spec["pairs"]).parent
    work.mkdir(parents=True, exist_ok=True)
    limits = Limits(memory_bytes=spec.get("memory_bytes"), folder=work)
    folded = fold_columns(
        stored.columns, stored.ties, threshold=Fraction(spec["threshold"]), scope=spec["scope"], limits=limits
    )
    ids, pair_schema = Ids(stored.ids), arrow_schema(schema("release#pair"))
    pairs = cut(pair_rows(folded.evidence, ids), pair_schema)
    return {
        "pairs": [write_batches(Path(spec["pairs"]), pairs, pair_schema).to_json()],
        "fates": [
            write_batches(
                Path(spec["fates"]), _fates(spec["files"], Outcome(ids, stored.columns, folded)), FATES
            ).to_json()
        ],
        "counts": folded.counts | decisions_of(folded.evidence),
        "folded_share": folded.folded_share,
        "crowds": crowds(folded, ids, stored.columns, len(ids)),
        "path": folded.path,
    }


def crowds(folded: FoldedTable, ids: Ids, columns: Columns, n_records: int) -> list[dict[str, Any]]:
    """The records that stand for over 1 % of all, and for ten or more: `id`, `title` and `n`, the largest first."""
    n_of = np.bincount(folded.canonical, minlength=1)
    rows = np.flatnonzero((n_of * 100 > n_records) & (n_of >= CROWD)).tolist()
    return largest_first({"id": ids[row], "title": columns.title(row), "n": int(n_of[row])} for row in rows)


def largest_first(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Crowds in their order."""
    return sorted(found, key=lambda crowd: (-crowd["n"], crowd["id"]))


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


class Outcome:
    """What became of records, as rows. A story has the smallest id among its canonical ones, so that it names a row."""

    def __init__(self, ids: Ids, columns: Columns, folded: FoldedTable) -> None:
        n, canonical = len(ids), folded.canonical
        named = np.full(n, n)
        own = np.flatnonzero(canonical == np.arange(n))
        np.minimum.at(named, folded.story[own], own)  # rows are in the order of ids
        self._ids, self._kind, self._relation, self._canonical = ids, columns.kind, folded.relation, canonical
        self._story = named[folded.story]
        self._parent = np.where(columns.parent >= 0, canonical[columns.parent], -1)

    def rows(self, which: slice) -> list[Row]:
        """The rows of `FATES`, but for where the record is."""
        parents = self._parent[which]
        return [
            {
                "id": id_,
                "kind": KINDS[kind],
                "canonical_id": canonical_id,
                "relation": RELATIONS[relation] if relation >= 0 else None,
                "story": story,
                "parent_id": parent_id if has_parent else None,
            }
            for id_, kind, canonical_id, relation, story, parent_id, has_parent in zip(
                self._ids.many(which),
                self._kind[which].tolist(),
                self._ids.many(self._canonical[which]),
                self._relation[which].tolist(),
                self._ids.many(self._story[which]),
                self._ids.many(parents),
                (parents >= 0).tolist(),
                strict=True,
            )
        ]


def _fates(files: Sequence[Sequence[str]], outcome: Outcome) -> Iterator[pa.RecordBatch]:
    start = 0
    for batch in read_batches(files):
        rows = outcome.rows(slice(start, start := start + batch.num_rows))
        places = zip(*(batch.column(name).to_pylist() for name in ("page_id", "start")), strict=True)
        found = zip(rows, places, strict=True)
        yield from_rows([row | {"page_id": page_id, "start": at} for row, (page_id, at) in found], FATES)


def decisions_of(evidence: Evidence) -> dict[str, int]:
    """How many records fold by each relation, and how many pairs are kept apart by each."""
    counts = {f"folded_{name}": 0 for name in ("exact", "near", "trimmed")}
    counts |= {f"kept_{name}": 0 for name in RELATIONS}
    found = Counter(zip(evidence.is_fold.tolist(), evidence.relation.tolist(), strict=True))
    for (is_fold, relation), n in found.items():
        counts[f"{'folded' if is_fold else 'kept'}_{RELATIONS[relation]}"] += n
    return counts
