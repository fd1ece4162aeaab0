"""Validation: every record against the contract; what fails is kept with all its reasons."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from broadsheet.batches import (
    INSTANCES,
    SETTLED,
    Row,
    by_bucket,
    cut,
    from_tuples,
    read_batches,
    stream_rows,
    write_batches,
)
from broadsheet.contract import Contract, Error, Example, Tally, arrow_schema, record_id, schema
from broadsheet.privacy import without_author
from broadsheet.strict import canonical


def checked(candidates: Iterable[Row], contract: Contract) -> Iterator[tuple[Row, dict[str, Any], list[Error]]]:
    """Each candidate with its record and the errors of that; without errors, the record holds a row's values. Lazy."""
    for row in candidates:
        record = orjson.loads(row["record"])
        yield row, record, contract.check(record, row["record"])


def validate_records(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits one bucket's valid records by their own buckets, the rejected ones, and each segment's record.

    Spec: candidates, contract, n_buckets, scope (of ids), privacy, out_records, out_rejected, out_settled. Result:
    the three files, and counts: valid, rejected, these by rule and by file (`Tally`), and the properties that the
    schema does not name.
    """
    contract = Contract.of(spec["contract"])
    drops = (spec.get("privacy") or {}).get("comment_authors") == "drop"
    instances: list[Row] = []
    rejected: list[Row] = []
    settled: list[tuple[str, int, int, str | None]] = []
    tally = Tally()
    unknown: Counter[str] = Counter()
    for row, record, errors in checked(stream_rows(read_batches([spec["candidates"]])), contract):
        id_ = None
        if errors:
            shown = without_author(row["record"]) if drops else row["record"]
            rejected.append(_rejection(row, errors, contract.digest, shown))
            where = row["capture"]
            example = Example(where["path"], where["line"] or 0, where["offset"] or 0, "")
            tally.add(example, [(contract.rule(error), error["message"]) for error in errors])
        else:
            unknown.update(record.keys() - contract.members.keys())
            own = contract.row_of(record, row)
            id_ = record_id(own, spec["scope"])
            where = {"page_id": row["page_id"], "start": row["start"]}
            instances.append({"id": id_, "record": canonical(own), **where})
        page, first = row["page_id"], row["start"]
        settled += [(page, start, first, id_) for start in row["starts"]]
    rejection = arrow_schema(schema("release#rejection"))
    n_valid = len(instances)
    buckets = by_bucket(instances, "id", spec["n_buckets"], INSTANCES)
    return {
        "records": write_batches(Path(spec["out_records"]), buckets, INSTANCES).to_json(),
        "rejected": write_batches(Path(spec["out_rejected"]), cut(rejected, rejection), rejection).to_json(),
        "settled": write_batches(Path(spec["out_settled"]), [from_tuples(settled, SETTLED)], SETTLED).to_json(),
        "n_valid": n_valid,
        "n_rejected": len(rejected),
        "tally": tally.to_json(),
        "unknown": dict(unknown),
    }


def _rejection(row: Row, errors: list[dict[str, str]], digest: str, raw: str) -> Row:
    return {
        "path": row["capture"]["path"],
        "line": row["capture"]["line"],
        "offset": row["capture"]["offset"],
        "page_id": row["page_id"],
        "start": row["start"],
        "raw": raw,
        "raw_base64": None,
        "errors": errors,
        "schema": digest,
    }
