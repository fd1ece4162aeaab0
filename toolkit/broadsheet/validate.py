"""Validation: every record against the JSON Schema; what fails is kept with all its reasons."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from broadsheet.batches import (
    ERROR,
    INSTANCES,
    SETTLED,
    Row,
    Stage,
    by_bucket,
    cut,
    from_rows,
    read_batches,
    stream_rows,
    to_rows,
    write_batches,
)
from broadsheet.contract import arrow_schema, canonical_json, digest, normalised, record_id, schema, validator

MESSAGE_CHARS: Final = 300
"""Longest message kept: messages quote the value, which may be a whole text."""

Check = Callable[[Any], list[dict[str, str]]]


def checker(name: str = "record") -> Check:
    """A function from a value to the list of its errors against the schema `name`; none means valid.

    Errors are sorted by pointer and keyword, so that the list does not depend on the engine.
    """
    checks = validator(name)

    def errors(value: Any) -> list[dict[str, str]]:
        found = (
            {
                "pointer": _pointer(error.absolute_path),
                "keyword": str(error.validator),
                "message": _short(error.message),
                "schema_path": _pointer(error.absolute_schema_path),
            }
            for error in checks.iter_errors(value)
        )
        return sorted(found, key=lambda e: (e["pointer"], e["keyword"], e["message"]))

    return errors


def _pointer(path: Iterable[str | int]) -> str:
    """The path as a JSON Pointer (RFC 6901, section 3)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def _short(message: str) -> str:
    return message if len(message) <= MESSAGE_CHARS else f"{message[: MESSAGE_CHARS - 1]}…"


def validate(check: Check) -> Stage:
    """A stage that adds to batches with a column `record` (JSON) the column `errors`. Rows: n and n."""

    def stage(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            target = batch.schema.append(pa.field("errors", pa.list_(ERROR)))
            rows = [row | {"errors": check(json.loads(row["record"]))} for row in to_rows(batch)]
            yield from_rows(rows, target)

    return stage


def validate_records(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits one bucket's valid records by their own buckets, the rejected ones, and each segment's record.

    Spec: candidates, n_buckets, scope (of ids), out_records, out_rejected, out_settled. Result: the three files, and
    counts: valid, rejected, reasons (`<pointer>: <keyword>`) and the properties that the schema does not name.
    """
    instances: list[Row] = []
    rejected: list[Row] = []
    settled: list[Row] = []
    reasons: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for row in stream_rows(validate(checker())(read_batches([spec["candidates"]]))):
        record = json.loads(row["record"])
        unknown.update(name for name in record if name not in schema("record")["properties"])
        id_ = None
        if row["errors"]:
            rejected.append(_rejection(row))
            reasons.update({f"{e['pointer']}: {e['keyword']}" for e in row["errors"]})
        else:
            own = normalised(record, row)
            id_ = record_id(own, spec["scope"])
            where = {"page_id": row["page_id"], "start": row["start"]}
            instances.append({"id": id_, "record": canonical_json(own), **where})
        settled += [
            {"page_id": row["page_id"], "start": start, "first": row["start"], "record_id": id_}
            for start in row["starts"]
        ]
    rejection = arrow_schema(schema("release#rejection"))
    buckets = by_bucket(instances, "id", spec["n_buckets"], INSTANCES)
    return {
        "records": write_batches(Path(spec["out_records"]), buckets, INSTANCES).to_json(),
        "rejected": write_batches(Path(spec["out_rejected"]), cut(rejected, rejection), rejection).to_json(),
        "settled": write_batches(Path(spec["out_settled"]), cut(settled, SETTLED), SETTLED).to_json(),
        "n_valid": len(instances),
        "n_rejected": len(rejected),
        "reasons": dict(reasons),
        "unknown": dict(unknown),
    }


def _rejection(row: Row) -> Row:
    return {
        "path": row["capture"]["path"],
        "line": row["capture"]["line"],
        "offset": row["capture"]["offset"],
        "page_id": row["page_id"],
        "start": row["start"],
        "raw": row["record"],
        "raw_base64": None,
        "errors": row["errors"],
        "schema": digest(schema("record")),
    }
