"""Tables of a release written by hand, so that what a measure finds in them can be counted on paper."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from broadsheet.contract import Contract
from broadsheet.measure import measure

Row = dict[str, Any]


def article(number: int, **given: Any) -> Row:
    """A record row of an article; what is not given is empty."""
    id_ = f"{number * 0x9E3779B1 % 2**32:08x}{number:024x}"
    row = {"id": id_, "kind": "article", "role": "main", "text": "Nothing.", "language": "en", "truncated": False}
    return row | {"page_id": id_ * 2, "story": id_, "split": "train", "script": "Latn"} | given


def segment(number: int, start: int, end: int, **given: Any) -> Row:
    """A segment of the page of the article of that number, which it makes."""
    row = article(number)
    made = {"page_id": row["page_id"], "start": start, "end": end, "role": "main", "outcome": "canonical"}
    made |= {"record_id": row["id"], "canonical_id": row["id"], "confidence": 0.9, "truncated": False, "language": "en"}
    return made | {"parts": [{"part": "body", "start": start, "end": end}]} | given


def page(number: int, text: str, source: str | None = None, **given: Any) -> Row:
    """The page of the article of that number."""
    capture = {"path": "x", "line": None, "offset": None, "url": None, "source": source, "captured": None}
    made = {"page_id": article(number)["page_id"], "format": "txt", "encoding": "utf-8", "decided_by": "utf-8"}
    made |= {"n_bytes": len(text), "n_replaced": 0, "n_chars": len(text), "text": text, "claims": []}
    return made | {"captures": [capture]} | given


def own_contract(properties: Row) -> Contract:
    """The contract of a schema of the user's own with these properties."""
    return Contract.extending({"type": "object", "properties": properties})


def measured(
    folder: Path, configuration: Row | None = None, contract: Contract | None = None, **tables: Sequence[Row]
) -> dict[str, Any]:
    """What the measures find in the tables given, by name of measure."""
    contract = contract or Contract.of(None)
    manifest: Row = {"tables": [], "rejections": {}, "configuration": configuration or {}}
    for config, rows in tables.items():
        schema = pa.schema([field.with_nullable(True) for field in contract.columns(config)])
        path = folder / "data" / config / "train-00000-of-00001.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = {field.name: pa.array([row.get(field.name) for row in rows], field.type) for field in schema}
        pq.write_table(pa.table(columns, schema=schema), path)
        manifest["tables"].append({"config": config})
    return measure(folder, manifest)


def rows_of(found: dict[str, Any], name: str) -> list[Row]:
    """The rows of a measure by column."""
    return [dict(zip(found[name]["columns"], row, strict=True)) for row in found[name]["rows"]]
