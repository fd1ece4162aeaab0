"""The tables of a release as it lies on disk, in each of its formats."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from broadsheet.batches import Row, to_rows
from broadsheet.contract import RECORD_CONFIGS, Contract
from broadsheet.export.arrow import FOLDER, read_arrow
from broadsheet.export.tables import lines_there
from broadsheet.lines import json_lines

Table = Mapping[str, Any]


def rows(release: Path, table: Table) -> Iterator[Row]:
    """The rows of a table from its Parquet files, in order; holds one batch."""
    for path in table["files"]["parquet"]:
        with pq.ParquetFile(release / path) as file:
            for batch in file.iter_batches(1024, use_threads=False):
                yield from to_rows(batch)


def all_rows(release: Path, tables: Sequence[Table], *configs: str) -> list[Row]:
    """The rows of the configs, in the order of the tables."""
    return [row for table in tables if table["config"] in configs for row in rows(release, table)]


def records(release: Path, tables: Sequence[Table]) -> list[Row]:
    """All record rows."""
    return all_rows(release, tables, *RECORD_CONFIGS)


def digests(release: Path, table: Table) -> dict[str, str]:
    """The logical digest of a table as each format on disk gives it."""
    found = {name: _sha256(lines_there(release, {name: of})) for name, of in table["files"].items()}
    if (release / FOLDER).exists():
        batches = read_arrow(release, table["config"], table["split"]).to_batches()
        found["arrow"] = _sha256(lines.data for batch in batches for _, lines in json_lines(batch))
    return found


def _sha256(pieces: Iterable[bytes | memoryview]) -> str:
    digest = hashlib.sha256()
    for data in pieces:
        digest.update(data)
    return digest.hexdigest()


def schema_faults(release: Path, table: Table, contract: Contract) -> list[str]:
    """How the Parquet files of a table differ from the schema that the contract gives it."""
    expected = contract.columns(table["config"])
    faults = []
    for path in table["files"]["parquet"]:
        found = pq.read_schema(release / path)
        if not found.equals(expected):
            faults.append(f"{path}: columns are not those of the contract")
        if found.metadata and b"huggingface" in found.metadata:
            faults.append(f"{path}: holds metadata that older versions of `datasets` cannot read")
    return faults
