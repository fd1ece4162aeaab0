"""The two releases that are compared, and what differs between them apart from their records."""

import contextlib
import filecmp
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa

from broadsheet import strict
from broadsheet.contract import LEDGER_CONFIGS, Contract, schema_path
from broadsheet.contract import diff as schemas
from broadsheet.errors import CallError, ReleaseError
from broadsheet.release import manifest as seal
from broadsheet.release.opened import shipped_contract
from broadsheet.release.select import Selection

PLACE: Final = ("role", "url", "source", "captured", "page_id", "story", "parent_id")
"""Columns that say where a record was found and what it is tied to: `content_digest` does not cover them."""
_DECIDED: Final = frozenset({*PLACE, "id", "kind", "split", "first_version", "content_digest"})
"""Columns of a record that are none of its own fields."""
_OTHERS: Final = ("ledger", "rejections", "repeats", "certificate", "large_stories")
"""Parts of the manifest that are compared as a whole."""


@dataclass(frozen=True)
class Side:
    """One of the two releases."""

    path: Path
    manifest: Mapping[str, Any]
    contract: Contract
    rows: Mapping[str, Any]
    """The schemas of its rows, by the name of the row."""

    @classmethod
    def of(cls, path: Path) -> "Side":
        """A published release.

        Raises: ReleaseError where the folder is no release.
        """
        manifest = seal.load(path)
        contract = shipped_contract(path, standoff="standoff" in manifest)
        file = path / "schema" / schema_path("release").name
        try:
            rows: dict[str, Any] = strict.loads(seal.text_of(file).encode())["$defs"]
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise ReleaseError(f"{file}: is damaged: {error}; run `broadsheet verify`") from None
        return cls(path, manifest, contract, rows)

    @classmethod
    def staged(cls, path: Path, manifest: Mapping[str, Any], contract: Contract) -> "Side":
        """A release that is being built: its tables are there."""
        return cls(path, manifest, contract, contract.release["$defs"])

    @cached_property
    def tables(self) -> Selection:
        """Its rows."""
        return Selection(self.path, self.manifest)

    @cached_property
    def own(self) -> Mapping[str, pa.DataType]:
        """The types of the records' own fields, by name."""
        return {field.name: field.type for field in self.contract.columns("articles") if field.name not in _DECIDED}

    def n_rows(self, config: str) -> int:
        """The rows of a config, as the manifest counts them."""
        return sum(table["n_rows"] for table in self.manifest["tables"] if table["config"] == config)


def same_files(old: Side, new: Side, config: str) -> set[Path]:
    """Files of a config of both releases that hold the same bytes, and so the same rows: shards that stayed."""
    found: set[Path] = set()
    tables = (table for table in new.manifest["tables"] if table["config"] == config)
    splits = {table["split"]: table["files"]["parquet"] for table in tables}
    for table in old.manifest["tables"]:
        if table["config"] == config:
            for pair in zip(table["files"]["parquet"], splits.get(table["split"], ()), strict=False):
                one, other = old.path / pair[0], new.path / pair[1]
                with contextlib.suppress(OSError):  # who reads it says what is wrong with it
                    if filecmp.cmp(one, other, shallow=False):
                        found |= {one, other}
    return found


class Setting(NamedTuple):
    """Something named that differs."""

    name: str
    old: Any
    new: Any


def schema_changes(old: Side, new: Side) -> Iterator[tuple[str, schemas.Change]]:
    """What changed in the schemas of records and of rows, each change once."""
    seen = set()
    pairs = [("record", old.contract.record, new.contract.record)]
    pairs += [(f"rows/{name}", old.rows[name], new.rows[name]) for name in ("record", *LEDGER_CONFIGS.values())]
    for of, before, after in pairs:
        try:
            changes = schemas.diff(before, after) if before != after else []
        except (CallError, LookupError, TypeError) as error:
            raise ReleaseError(f"{old.path}, {new.path}: their schemas cannot be compared: {error}") from None
        for change in changes:
            key = of in {"record", "rows/record"}, change.pointer, change.kind
            if key not in seen:
                yield of, change
            seen.add(key)


def ledger(old: Side, new: Side, config: str) -> dict[str, Any]:
    """How a table of the ledger differs; no version stands in its rows."""
    digests = [
        [table["logical_digest"] for table in side.manifest["tables"] if table["config"] == config]
        for side in (old, new)
    ]
    return {"config": config, "old": old.n_rows(config), "new": new.n_rows(config), "equal": digests[0] == digests[1]}


def settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Setting]:
    """What differs between two configurations, by its path; a version is none of it."""
    before, after = (dict(_flat(values)) for values in (old, new))
    names = sorted((before.keys() | after.keys()) - {"version"})
    return [Setting(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]


def _flat(values: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{at}{name}.")
        else:
            yield f"{at}{name}", value


def others(old: Side, new: Side) -> Iterator[str]:
    """Parts of the manifest that differ in what nothing else here tells."""
    held = [(side.manifest["base"] or {}).get("held", []) for side in (old, new)]
    if held[0] != held[1]:
        yield "base.held"
    yield from (name for name in _OTHERS if old.manifest[name] != new.manifest[name])
    for name in ("skipped", "unknown_properties"):
        if old.manifest["inputs"][name] != new.manifest["inputs"][name]:
            yield f"inputs.{name}"
    if json.dumps(old.contract.record) != json.dumps(new.contract.record):  # the order of properties is that of columns
        yield "record_schema"


def inputs(old: Side, new: Side) -> Counter[str]:
    """How many files were added, removed and changed, by path."""
    before, after = (_by_path(side.manifest["inputs"]["files"]) for side in (old, new))
    counts = Counter(added=len(after.keys() - before.keys()), removed=len(before.keys() - after.keys()))
    counts["changed"] = sum(before[path] != after[path] for path in before.keys() & after.keys())
    return counts


def _by_path(files: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Files by path: a release that goes on from another may have read two of one path."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for file in files:
        found.setdefault(file["path"], []).append(file)
    return found
