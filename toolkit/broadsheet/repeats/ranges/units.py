"""Whole stories, folded: records come to their unit with all that folding looks at; what became of them goes back."""

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from broadsheet.batches import FATES, Row, by_bucket, from_rows, read_batches, stream_rows, write_batches
from broadsheet.columns import array_of, column, numbers_of
from broadsheet.contract import arrow_schema, schema
from broadsheet.repeats.bodies import Bodies, Ints
from broadsheet.repeats.compare import Compared
from broadsheet.repeats.digests import Digester
from broadsheet.repeats.fold import fold_compared
from broadsheet.repeats.ranges import exchange
from broadsheet.repeats.ranges.meet import PAIRS
from broadsheet.repeats.ranges.stories import TIED
from broadsheet.repeats.records import KINDS
from broadsheet.repeats.relate import OPENING_WORDS
from broadsheet.repeats.stored import KIND_CODES, Ids, items_of, texts_of_buckets
from broadsheet.repeats.table import Columns, codes_of
from broadsheet.repeats.task import Outcome, crowds, decisions_of, pair_rows

_ITEM: Final = ("id", "role", "truncated", "source", "captured")
_NUMBERS: Final = ("who", "story", "equal", "same", "thread", "author", "parent", "n_words", "n_shingles")
_TEXTS: Final = pa.schema([("text", pa.string()), ("title", pa.string())])
_FOLDED: Final = pa.schema([field for field in FATES if field.name not in ("page_id", "start")])


def deal_records(spec: dict[str, Any]) -> dict[str, Any]:
    """Deals a bucket's records that have others in their story to units, and its pairs.

    Spec: stored, digests, pairs (the bucket's own), tied (of `tie_records`), number (the bucket's), n (of units),
    out_records, out_pairs. Result: the two files, a batch a unit. Texts and titles go with those only that are compared
    with others.
    Memory: the texts of the bucket.
    """
    tied = exchange.joined(exchange.gather([spec["tied"]], spec["number"]), TIED)
    items, digests = items_of(spec["stored"]), exchange.read(spec["digests"])
    bodies, titles = texts_of_buckets([(items, spec["stored"])])
    at = exchange.places(tied["who"])
    known = tied | {name: digests[name][at] for name in ("n_words", "n_shingles")}
    order, bounds = exchange.dealt(tied["unit"], spec["n"])

    def batch(which: Ints) -> pa.RecordBatch:
        taken = items.select(_ITEM).take(array_of(at[which]))
        read = [(at[k], bool(tied["has_partner"][k])) for k in which.tolist()]
        texts = [
            column([of.raw(place) if of and compared else b"" for place, compared in read], pa.string())
            for of in (bodies, titles)
        ]
        numbers = [array_of(known[name][which]) for name in _NUMBERS]
        names = [*_ITEM, *_NUMBERS, *_TEXTS.names]
        return pa.RecordBatch.from_arrays([*taken.columns, *numbers, *texts], names)

    pairs = exchange.read(spec["pairs"])
    unit = np.full(len(items), -1, np.int64)
    unit[at] = tied["unit"]
    batches = (batch(order[start:end]) for start, end in pairwise(bounds))
    return {
        "records": write_batches(Path(spec["out_records"]), batches, batch(order[:0]).schema).to_json(),
        "pairs": exchange.deal(spec["out_pairs"], pairs, unit[exchange.places(pairs["b"])], spec["n"]),
    }


def fold_unit(spec: dict[str, Any]) -> dict[str, Any]:
    """Folds the stories of a unit; commits pairs and outcomes, dealt to buckets by their ids.

    Spec: records, pairs (of all buckets), number (the unit's), threshold (as text), scope, n (of buckets), n_records
    (of all), out_pairs, out_fates. Result: the two files, counts, how many of each source's records fold, and crowds,
    as `fold_records`.
    Memory: the texts of the unit that are compared, and about 1 kB a record.
    """
    records = pa.Table.from_batches(read_batches(spec["records"], spec["number"]))
    pairs = exchange.joined(exchange.gather(spec["pairs"], spec["number"]), PAIRS)
    numbers = {name: numbers_of(records.column(name)) for name in _NUMBERS}
    columns, compared = _columns(records, numbers), _compared(records, numbers, pairs)
    story = np.searchsorted(numbers["who"], numbers["story"])
    ties = np.stack([np.arange(len(story)), story], axis=1)
    threshold = Fraction(spec["threshold"])
    folded = fold_compared(columns, compared, ties, threshold=threshold, scope=spec["scope"])
    ids, pair_schema, n_buckets = Ids(records.column("id").chunks), arrow_schema(schema("release#pair")), spec["n"]
    outcome = Outcome(ids, columns, folded)
    rows = list(pair_rows(folded.evidence, ids)), outcome.rows(slice(0, len(ids)))
    sources = columns.sources.to_pylist()
    of_folded = Counter(columns.source[(folded.relation >= 0) & (columns.source >= 0)].tolist())
    return {
        "pairs": write_batches(
            Path(spec["out_pairs"]), by_bucket(rows[0], "a", n_buckets, pair_schema), pair_schema
        ).to_json(),
        "fates": write_batches(
            Path(spec["out_fates"]), by_bucket(rows[1], "id", n_buckets, _FOLDED), _FOLDED
        ).to_json(),
        "counts": folded.counts | decisions_of(folded.evidence),
        "sources": {sources[code]: n for code, n in sorted(of_folded.items())},
        "crowds": crowds(folded, ids, columns, spec["n_records"]),
    }


def _columns(records: pa.Table, numbers: dict[str, Ints]) -> Columns:
    who, parent = numbers["who"], numbers["parent"]
    role = numbers_of(records.column("role"))
    source, sources = codes_of(records.column("source"))
    return Columns(
        rank=np.arange(len(who)),
        bodies=Bodies.of(records.column("text")),
        titles=Bodies.of(records.column("title")),
        kind=KIND_CODES[role],
        role=role,
        truncated=numbers_of(records.column("truncated").cast(pa.int8())).astype(np.bool_),
        published=np.zeros(len(who), np.bool_),
        captured=records.column("captured"),
        source=source,
        sources=sources,
        thread=numbers["thread"],
        author=numbers["author"],
        parent=np.where(parent >= 0, np.searchsorted(who, parent), -1),  # who is answered is of the same story
    )


def _compared(records: pa.Table, numbers: dict[str, Ints], pairs: dict[str, Ints]) -> Compared:
    bodies = Bodies.of(records.column("text"))
    found = np.stack([*(np.searchsorted(numbers["who"], pairs[name]) for name in "ab"), pairs["shared"]], axis=1)
    return Compared(
        same=_first_rows(numbers["same"]),
        equal=_first_rows(numbers["equal"]),
        n_words=numbers["n_words"],
        n_shingles=numbers["n_shingles"],
        pairs=found[np.lexsort((found[:, 1], found[:, 0]))],
        path="compiled",
        openings=lambda rows: Digester().openings(bodies, rows, OPENING_WORDS),
    )


def _first_rows(codes: Ints) -> Ints:
    """The first row of each row's code."""
    _, firsts, of = np.unique(codes, return_index=True, return_inverse=True)
    return firsts[of]


def settle_fates(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits what became of a bucket's records, and the pairs that they are the first of.

    Spec: unique, stored (the bucket's own), pairs, fates (files of all units), number (the bucket's), out_pairs,
    out_fates. Result: the two files, and how many records each source has.
    Memory: the bucket's rows.
    """
    outcomes = {row["id"]: row for row in stream_rows(read_batches(spec["fates"], spec["number"]))}
    items = items_of(spec["stored"])
    kinds = [KINDS[code] for code in KIND_CODES[numbers_of(items.column("role"))].tolist()]
    fates: list[Row] = []
    for batch in read_batches([spec["unique"]]):
        for id_, page_id, start in zip(
            *(batch.column(name).to_pylist() for name in ("id", "page_id", "start")), strict=True
        ):
            alone = {"id": id_, "kind": kinds[len(fates)], "canonical_id": id_, "story": id_}
            fates.append(outcomes.get(id_, alone) | {"page_id": page_id, "start": start})
    pair_schema = arrow_schema(schema("release#pair"))
    pairs = sorted(stream_rows(read_batches(spec["pairs"], spec["number"])), key=_pair)
    return {
        "pairs": write_batches(Path(spec["out_pairs"]), [from_rows(pairs, pair_schema)], pair_schema).to_json(),
        "fates": write_batches(Path(spec["out_fates"]), [from_rows(fates, FATES)], FATES).to_json(),
        "sources": Counter(source for source in items.column("source").to_pylist() if source is not None),
    }


def _pair(row: Row) -> tuple[str, str]:
    return row["a"], row["b"]
