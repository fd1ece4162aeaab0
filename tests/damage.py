"""Releases damaged on purpose and sealed again, so that a promise fails and not the checksums."""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from broadsheet import describe, measure
from broadsheet.batches import cut, write_batches
from broadsheet.export import stated, write_table
from broadsheet.release import manifest as seal
from broadsheet.release import tables
from broadsheet.release.opened import Opened

Row = dict[str, Any]
Rows = list[Row]


class Damaged:
    """A copy of a release whose rows and manifest may be changed; `reseal` makes all that follows from them anew."""

    def __init__(self, release: Path, folder: Path) -> None:
        self.path = folder / release.name
        shutil.copytree(release, self.path)
        shutil.rmtree(self.path / "arrow", ignore_errors=True)
        self.manifest = seal.load(self.path)
        self.manifest["configuration"]["export"]["formats"] = ["parquet", "jsonl"]
        self.contract = Opened(self.path, self.manifest).contract

    def rows(self, *configs: str) -> Rows:
        """The rows of the configs."""
        return tables.all_rows(self.path, self.manifest["tables"], *configs)

    def change(self, config: str, change: Callable[[Rows], Rows | None]) -> None:
        """Rewrites each table of a config in all its formats, with the rows that `change` returns or has changed."""
        for number, table in enumerate(self.manifest["tables"]):
            if table["config"] == config:
                rows = list(tables.rows(self.path, table))
                changed = change(rows)
                self._rewrite(number, rows if changed is None else changed)

    def move(self, id_: str, split: str) -> None:
        """Moves an article into another split, in row and table."""
        moved = next(row for row in self.rows("articles") if row["id"] == id_) | {"split": split}
        for number, table in enumerate(self.manifest["tables"]):
            if table["config"] == "articles":
                rows = [row for row in tables.rows(self.path, table) if row["id"] != id_]
                rows += [moved] if table["split"] == split else []
                self._rewrite(number, sorted(rows, key=lambda row: row["id"]))

    def _rewrite(self, number: int, rows: Rows) -> None:
        table = self.manifest["tables"][number]
        for path in (path for files in table["files"].values() for path in files):
            (self.path / path).unlink()
        schema = self.contract.columns(table["config"])
        file = write_batches(self.path.parent / "rows.arrow", cut(rows, schema), schema).to_json()
        spec = {"config": table["config"], "split": table["split"], "files": [file], "bucket": None}
        spec["contract"] = self.contract.to_json()
        made = write_table(spec | {"root": str(self.path), "formats": sorted(table["files"])})
        self.manifest["tables"][number] = stated(made)

    def lines(self, path: str, change: Callable[[list[bytes]], list[bytes]]) -> None:
        """Rewrites a file of gzipped lines."""
        file = self.path / path
        lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
        file.write_bytes(gzip.compress(b"".join(change(lines))))

    def text(self, path: str, old: str, new: str) -> None:
        """Replaces text in a document, once; it must be there."""
        text = (self.path / path).read_text("utf-8")
        assert old in text
        (self.path / path).write_text(text.replace(old, new, 1), "utf-8")

    def reseal(self, *, documents: bool = True) -> Path:
        """The release with logical digest, measures, documents, manifest and checksums as its rows now give them."""
        self.manifest["logical_digest"] = seal.logical_digest(self.manifest["tables"])
        (self.path / seal.MANIFEST).write_text(seal.to_json(self.manifest), "utf-8")
        if documents:
            measures = measure.measure(self.path, self.manifest)
            (self.path / seal.MEASURES).write_text(measure.to_json(measures), "utf-8")
            facts = describe.Facts.of(self.path, self.manifest, json.loads(measure.to_json(measures)), self.contract)
            documents = describe.documents(facts)
            if self.manifest["changes"] is None:
                documents[describe.CHANGES] = describe.changes(facts, None)
            for path, text in documents.items():
                (self.path / path).write_text(text, "utf-8")
        seal.write_sums(self.path)
        return self.path
