"""The rows of a release: each record, segment and page with what was decided about it. Only here rows are selected."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from broadsheet.batches import SETTLED, Row, from_rows, read_batches, stream_rows, write_batches
from broadsheet.columns import column, texts_of, values_of
from broadsheet.contract import (
    LEDGER_CONFIGS,
    LEDGER_SPLIT,
    RECORD_CONFIGS,
    Contract,
    arrow_schema,
    schema,
)
from broadsheet.privacy import masks_in, without_author


def table_names(splits: Sequence[str]) -> list[tuple[str, str]]:
    """Every (config, split) that a release may have, in the order in which assembled files hold the record tables."""
    records = [(config, split) for config in RECORD_CONFIGS for split in splits]
    return records + [(config, LEDGER_SPLIT) for config in LEDGER_CONFIGS]


def assemble_records(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits the canonical records of one bucket as release rows, a batch a (config, split), in order of ids.

    Spec: unique, contract, decisions, bucket, splits, version, privacy, out. Result: the file.
    """
    fates = {row["id"]: row for row in stream_rows(read_batches([spec["decisions"]], spec["bucket"]))}
    contract = Contract.of(spec["contract"])
    drops = _drops(spec)
    row_type = contract.columns("articles")
    tables: dict[tuple[str, str], list[Row]] = {
        (config, split): [] for config in RECORD_CONFIGS for split in spec["splits"]
    }
    config_of = {kind: config for config, kind in RECORD_CONFIGS.items()}
    for unique in stream_rows(read_batches([spec["unique"]])):
        fate = fates[unique["id"]]
        if fate["canonical_id"] == unique["id"] and fate["page_id"] is not None:  # else it was published
            row = _record_row(unique, fate, spec["version"], contract, drops=drops)
            tables[config_of[fate["kind"]], fate["split"]].append(row)
    batches = (from_rows(rows, row_type) for rows in tables.values())
    return {"rows": write_batches(Path(spec["out"]), batches, row_type).to_json()}


_FATE: Final = ("canonical_id", "relation", "page_id", "start")
"""What segments are told of a record: what stands for it, how, and where its home is."""


def _decisions(file: Sequence[str], ids: Collection[str]) -> dict[str, tuple[Any, ...]]:
    """The decisions on some records, as `_FATE` has them."""
    wanted = texts_of(column(sorted(ids), pa.string()))
    found: dict[str, tuple[Any, ...]] = {}
    for batch in read_batches([file]):
        known = texts_of(batch.column("id"))
        at = np.searchsorted(known, wanted)
        rows = at[known[np.minimum(at, len(known) - 1)] == wanted] if len(known) else at[:0]
        of = batch.select(["id", *_FATE]).take(column(rows.tolist(), pa.int64()))
        found |= zip(values_of(of.column("id")), zip(*map(values_of, of.columns[1:]), strict=True), strict=True)
    return found


def _drops(spec: Mapping[str, Any]) -> bool:
    """Whether the authors of comments, which decided about repeats, go now."""
    return (spec.get("privacy") or {}).get("comment_authors") == "drop"


def _record_row(unique: Row, fate: Row, version: str, contract: Contract, *, drops: bool) -> Row:
    row: Row = orjson.loads(unique["record"])
    if drops and fate["kind"] == "comment":
        row["author"] = None
    row |= {name: fate[name] for name in ("id", "kind", "parent_id", "page_id", "story", "split")}
    row |= {"first_version": version}
    return row | {"content_digest": contract.content_digest(row)}


def assemble_pages(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits one bucket's pages and their segments as release rows, in order of page id and start.

    Spec: pages, segments, settled, decisions, page_texts, privacy, out_pages, out_segments. Result: the two files, the
    numbers of segments and code points by outcome and by role, and of masks by kind.
    """
    page_type, segment_type = (arrow_schema(schema(f"release#{name}")) for name in ("page", "segment"))
    outcomes = _Outcomes(spec)
    masks: Counter[str] = Counter()
    pages = (
        _pages(batch, spec, page_type, masks if spec.get("privacy") else None)
        for batch in read_batches([spec["pages"]])
    )
    segments = (outcomes.joined(batch, segment_type) for batch in read_batches([spec["segments"]]))
    return {
        "pages": write_batches(Path(spec["out_pages"]), pages, page_type).to_json(),
        "segments": write_batches(Path(spec["out_segments"]), segments, segment_type).to_json(),
        **outcomes.counts,
        "masks": dict(masks),
    }


class _Outcomes:
    """What became of the segments of one bucket, and how many there were."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self._settled: dict[tuple[str, int], tuple[str | None, int]] = {}
        """By page and start: the record, null if it is in quarantine, and where its first segment starts."""
        for batch in read_batches([spec["settled"]]):
            pages, starts, firsts, ids = (values_of(batch.column(name)) for name in SETTLED.names)
            self._settled |= zip(zip(pages, starts, strict=True), zip(ids, firsts, strict=True), strict=True)
        self._fates = _decisions(spec["decisions"], {id_ for id_, _ in self._settled.values() if id_ is not None})
        self.counts: dict[str, dict[str, list[int]]] = {"outcome": {}, "role": {}}
        """The numbers of segments and of code points, by outcome and by role."""

    def joined(self, batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
        """The segments with what became of them. Rows: n and n."""
        pages, starts, ends, roles = (values_of(batch.column(name)) for name in ("page_id", "start", "end", "role"))
        outcomes = [self._of(page, start) for page, start in zip(pages, starts, strict=True)]
        for outcome, role, start, end in zip(outcomes, roles, starts, ends, strict=True):
            for name, value in (("outcome", outcome[0]), ("role", role)):
                count = self.counts[name].setdefault(value, [0, 0])
                count[0] += 1
                count[1] += end - start
        decided = dict(zip(_OUTCOME, zip(*outcomes, strict=True), strict=False))  # none where there are no rows
        columns = [
            column(decided.get(field.name, ()), field.type) if field.name in _OUTCOME else batch.column(field.name)
            for field in schema
        ]
        return pa.RecordBatch.from_arrays(columns, schema=schema)

    def _of(self, page_id: str, start: int) -> tuple[str, str | None, str | None, str | None]:
        """The outcome of a segment, its record, what stands for that, and how.

        Boilerplate has no record, quarantined records no id, held ones no canonical record.
        """
        id_, first = self._settled.get((page_id, start), (None, None))
        if id_ is None:
            return ("boilerplate" if first is None else "quarantine"), None, None, None
        canonical, relation, *home = self._fates[id_]
        if canonical is None:
            return "held", id_, None, None
        if canonical == id_ and home == [page_id, first]:
            return "canonical", id_, id_, None
        return "occurrence", id_, canonical, relation or "exact"  # another appearance of a record: one id is one text


_OUTCOME: Final = ("outcome", "record_id", "canonical_id", "relation")


def _pages(
    batch: pa.RecordBatch, spec: Mapping[str, Any], schema: pa.Schema, masks: Counter[str] | None
) -> pa.RecordBatch:
    """The pages as release rows, counted masks apart; without their texts unless these are wanted. Rows: n and n."""
    texts, given = batch.column("text"), batch.column("given")
    columns = {name: batch.column(name) for name in batch.schema.names}
    columns["n_chars"] = pc.utf8_length(texts).cast(pa.int64())
    if masks is not None:
        records = given.to_pylist()
        if _drops(spec):
            records = [record and without_author(record) for record in records]
            columns["given"] = column(records, pa.string())
        for record, text in zip(records, texts.to_pylist(), strict=True):
            masks.update(masks_in(record or text))
    if not spec["page_texts"]:
        columns |= {name: pa.nulls(batch.num_rows, pa.string()) for name in ("text", "given", "raw_base64")}
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)
