"""The last step to a release that may be published: its measures, documents, manifest, schemas and checksums."""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from broadsheet import describe, measure
from broadsheet.batches import Row, cut, write_batches
from broadsheet.contract import Contract, schema, schema_path
from broadsheet.export import FORMATS, REJECTED, stated, write_arrow, write_table
from broadsheet.export.jsonl import GzipLines
from broadsheet.lines import json_line
from broadsheet.release import changes
from broadsheet.release import manifest as seal

Table = tuple[str, str, Sequence[Row]]
"""A config, a split, and their rows in order."""


def sealed(
    staged: Path,
    manifest: Mapping[str, Any],
    contract: Contract,
    compared: changes.Comparison,
    measures: Mapping[str, Any] | None = None,
    known: Mapping[str, str] | None = None,
) -> None:
    """Writes what follows from the tables in `staged`, and seals the folder; measures are taken where none are given.

    `known` are the digests of files by path, as who wrote them told; other files are read for theirs.
    """
    measures = measures or measure.measure(staged, manifest, work=staged.parent)
    facts = describe.Facts.of(staged, manifest, measures, contract, known)
    describe.refuse_stale(facts)
    documents = describe.documents(facts) | {describe.CHANGES: compared.document(facts)}
    documents |= {seal.MEASURES: measure.to_json(measures), seal.MANIFEST: seal.to_json(manifest)}
    for path, text in documents.items():
        (staged / path).write_text(text, "utf-8")
    (staged / "schema").mkdir()
    for name, document in contract.documents().items():
        target = staged / "schema" / schema_path(name).name
        if json.dumps(document) == json.dumps(schema(name)):  # what a release shipped is ours, but another object
            shutil.copyfile(schema_path(name), target)
        else:
            target.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
    seal.write_sums(staged, known)


def write_tables(
    staged: Path, contract: Contract, formats: Iterable[str], tables: Iterable[Table], work: Path
) -> list[dict[str, Any]]:
    """Writes tables into `staged` as a build does; what the manifest says of those that have rows.

    `work` is a folder for what lies between. Memory: one table.
    """
    formats, written = set(formats), []
    for number, (config, split, rows) in enumerate(tables):
        columns = contract.columns(config)
        file = write_batches(work / f"{number:05d}.arrow", cut(rows, columns), columns)
        spec = {
            "config": config,
            "split": split,
            "root": str(staged),
            "contract": contract.to_json(),
            "files": [file.to_json()],
            "bucket": None,
            # Measures and cards are made from the Parquet files, so these are always there.
            "formats": sorted(FORMATS & {"parquet", *formats}),
        }
        table = write_table(spec)
        Path(file.path).unlink()
        if table["n_rows"]:
            written.append(stated(table))
    if "arrow" in formats:
        write_arrow(staged, written)
    return written


def write_quarantine(staged: Path, rows: Sequence[Row]) -> None:
    """Writes rejected records, in the order of their places, into `staged`; no file where there are none."""
    if rows:
        (staged / REJECTED).parent.mkdir(parents=True, exist_ok=True)
        lines = GzipLines(staged / REJECTED)
        for row in sorted(rows, key=_place):
            lines.write(json_line(row))
        lines.close()


def _place(row: Row) -> tuple[Any, ...]:
    return row["path"], row["line"] or 0, row["offset"] or 0, row["page_id"] or "", row["start"] or 0
