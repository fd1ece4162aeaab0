"""The rows of a release: each record, segment and page with what was decided about it. Only here rows are selected."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from broadsheet.batches import Row, cut, from_rows, read_batches, stream_rows, to_rows, write_batches
from broadsheet.columns import column, texts_of
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


def _decisions(file: Sequence[str], ids: Collection[str]) -> dict[str, Row]:
    """The decisions on some records."""
    wanted = texts_of(column(sorted(ids), pa.string()))
    found: dict[str, Row] = {}
    for batch in read_batches([file]):
        known = texts_of(batch.column("id"))
        at = np.searchsorted(known, wanted)
        rows = at[known[np.minimum(at, len(known) - 1)] == wanted] if len(known) else at[:0]
        found |= {row["id"]: row for row in to_rows(batch.take(column(rows.tolist(), pa.int64())))}
    return found


def _drops(spec: Mapping[str, Any]) -> bool:
    """Whether the authors of comments, which decided about repeats, go now."""
    return (spec.get("privacy") or {}).get("comment_authors") == "drop"


def _record_row(unique: Row, fate: Row, version: str, contract: Contract, *, drops: bool) -> Row:
    row: Row = json.loads(unique["record"])
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
    settled = {(row["page_id"], row["start"]): row for row in stream_rows(read_batches([spec["settled"]]))}
    fates = _decisions(spec["decisions"], {row["record_id"] for row in settled.values()} - {None})
    page_type, segment_type = (arrow_schema(schema(f"release#{name}")) for name in ("page", "segment"))
    counts: dict[str, dict[str, list[int]]] = {"outcome": {}, "role": {}}

    def segments() -> Iterator[Row]:
        for row in stream_rows(read_batches([spec["segments"]])):
            decided = _outcome(row, settled.get((row["page_id"], row["start"])), fates)
            for name, by_value in counts.items():
                count = by_value.setdefault({**row, **decided}[name], [0, 0])
                count[0] += 1
                count[1] += row["end"] - row["start"]
            yield row | decided

    masks: Counter[str] = Counter()

    def pages() -> Iterator[Row]:
        for row in stream_rows(read_batches([spec["pages"]])):
            if spec.get("privacy"):
                if _drops(spec) and row["given"] is not None:
                    row["given"] = without_author(row["given"])
                masks.update(masks_in(row["given"] or row["text"]))
            yield _page_row(row, spec["page_texts"])

    return {
        "pages": write_batches(Path(spec["out_pages"]), cut(pages(), page_type, 256), page_type).to_json(),
        "segments": write_batches(Path(spec["out_segments"]), cut(segments(), segment_type), segment_type).to_json(),
        **counts,
        "masks": dict(masks),
    }


def _outcome(row: Row, settled: Row | None, fates: Mapping[str, Row]) -> Row:
    """What became of a segment: boilerplate has no record, quarantined records no id, held ones no canonical record."""
    none = {"record_id": None, "canonical_id": None, "relation": None}
    if settled is None:
        return none | {"outcome": "boilerplate"}
    id_ = settled["record_id"]
    if id_ is None:
        return none | {"outcome": "quarantine"}
    fate = fates[id_]
    if fate["canonical_id"] is None:
        return none | {"outcome": "held", "record_id": id_}
    home = (row["page_id"], settled["first"]) == (fate["page_id"], fate["start"])
    if home and fate["canonical_id"] == id_:
        return {"outcome": "canonical", "record_id": id_, "canonical_id": id_, "relation": None}
    relation = fate["relation"] or "exact"  # another appearance of a canonical record: one id is one text
    return {
        "outcome": "occurrence",
        "record_id": id_,
        "canonical_id": fate["canonical_id"],
        "relation": relation,
    }


def _page_row(row: Row, page_texts: bool) -> Row:
    shown = row if page_texts else row | {"text": None, "given": None, "raw_base64": None}
    return shown | {"n_chars": len(row["text"])}
