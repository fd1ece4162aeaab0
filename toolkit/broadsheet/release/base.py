"""The release that a build goes on from: whether that may be, and what is taken over from it."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from broadsheet import read
from broadsheet.batches import cut, write_batches
from broadsheet.contract import RECORD_CONFIGS, Contract, arrow_schema, schema
from broadsheet.errors import CallError, ReleaseError
from broadsheet.export import read_quarantine
from broadsheet.release import manifest as seal
from broadsheet.release import versions
from broadsheet.release.sides import settings as differences
from broadsheet.release.versions import AUTO

_FREE: Final = frozenset(
    ["name", "version", "title", "description", "license", "released", "authors", "answers", "input", "schema"]
)
"""Parts of a configuration that decide nothing of what was published; the schema is compared by its digest."""
_RULES: Final = ("renderer", "html_parser", "segmenter", "repeats")
"""Versions that decide how pages are read, cut and compared."""


@dataclass(frozen=True)
class Base:
    """A release that is whole, and whose rules are those of the build."""

    path: Path
    manifest: Mapping[str, Any]
    digest: str
    """SHA-256 of its SHA256SUMS: of all that it holds."""

    @classmethod
    def open(cls, path: Path, configured: Mapping[str, Any], rules: Mapping[str, str], contract: Contract) -> "Base":
        """The release at a path, every file of which is as it was sealed.

        `configured` is what decides the new release, `rules` the versions that do.

        Raises: ReleaseError where it is none, or damaged; CallError where it was made by other rules, or the new
        version would not follow it.
        """
        manifest = seal.load(path)
        try:
            damage = next(seal.sum_faults(path), None)
            digest = hashlib.sha256((path / seal.SUMS).read_bytes()).hexdigest()
        except (OSError, ValueError) as error:
            damage = f"{seal.SUMS}: {error}"
        if damage:
            raise ReleaseError(f"{path}: is no base: it is damaged: {damage}; nothing was published")
        faults = [*_other_rules(manifest, configured, rules, contract)]
        if faults:
            raise CallError(
                f"{path}: is no base for this build: {'; '.join(faults)}; make these equal, or build whole, without "
                "--base"
            )
        return cls(path, manifest, digest)

    @property
    def tables(self) -> Sequence[Mapping[str, Any]]:
        """The tables that have rows."""
        tables: Sequence[Mapping[str, Any]] = self.manifest["tables"]
        return tables

    @property
    def n_canonical(self) -> int:
        """How many records it holds."""
        return sum(table["n_rows"] for table in self.tables if table["config"] in RECORD_CONFIGS)

    @cached_property
    def tied(self) -> Mapping[str, str]:
        """Its stories that later records tie to others, and the first of those."""
        return dict((self.manifest["base"] or {}).get("tied_stories", {}))

    def table(self, config: str, split: str) -> dict[str, Any] | None:
        """One of its tables, with the folder that it lies in; None where it has no rows."""
        found = (table for table in self.tables if (table["config"], table["split"]) == (config, split))
        return next(({**table, "root": str(self.path)} for table in found), None)

    def unread(self, plan: read.Plan) -> tuple[read.Plan, int]:
        """What of a plan is not the base's already, file by file, and how many files are.

        A file of the base is one of that name, size and content: each page of it is there. Others are read, and their
        pages known by their ids.
        """
        known: dict[tuple[str, int], set[str]] = {}
        for file in self.manifest["inputs"]["files"]:
            if file["error"] is None and file["sha256"] is not None:
                known.setdefault((file["path"], file["n_bytes"]), set()).add(file["sha256"])
        left = [item for item in plan.inputs if not _holds(item, known.get((item.name, item.n_bytes)))]
        return replace(plan, inputs=left), len(plan.inputs) - len(left)

    def rejections(self, target: Path) -> list[str]:
        """Its quarantine, committed as rows."""
        type_ = arrow_schema(schema("release#rejection"))
        return write_batches(target, cut(read_quarantine(self.path), type_), type_).to_json()

    def with_inputs(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs of both: those of the base, and what was read now."""
        own = self.manifest["inputs"]
        unknown = Counter(own["unknown_properties"]) + Counter(inputs["unknown_properties"])
        return {
            "files": sorted([*own["files"], *inputs["files"]], key=lambda file: str(file["path"])),
            "skipped": dict(sorted({**own["skipped"], **inputs["skipped"]}.items())),
            "unknown_properties": dict(sorted(unknown.items())),
        }

    def with_ledger(self, ledger: Mapping[str, Any]) -> dict[str, Any]:
        """The ledgers of both, added up."""
        own = self.manifest["ledger"]
        added: dict[str, Any] = {}
        for name in ledger.keys() | own.keys():
            one, two = own.get(name, 0), ledger.get(name, 0)
            added[name] = read.merged([one, two]) if isinstance(two, Mapping) else one + two
        return {name: added[name] for name in [*ledger, *(own.keys() - ledger.keys())]}

    def with_counts(self, name: str, counts: Mapping[str, int]) -> dict[str, int]:
        """The counts of both under a name in the manifest, added up; those of what is largest are of both already."""
        own = self.manifest[name]
        return {
            key: counts.get(key, 0) + (0 if key.startswith("largest_") else own.get(key, 0))
            for key in sorted(own.keys() | counts.keys())
        }

    def lineage(self, folded: Mapping[str, Any], n_again: int) -> dict[str, Any]:
        """`base` of the manifest: what was gone on from, what was held, and which of its stories are tied now."""
        earlier = (self.manifest["base"] or {}).get("held", [])
        return {
            "version": self.manifest["version"],
            "logical_digest": self.manifest["logical_digest"],
            "n_pages_again": n_again,
            "held": sorted([*earlier, *folded["held"]], key=lambda held: str(held["id"])),
            "tied_stories": dict(sorted(folded["tied"].items())),
        }


def _holds(item: read.Input, digests: set[str] | None) -> bool:
    if not digests:
        return False
    try:
        return read.sha256_of(item) in digests
    except OSError:  # reading will say what is wrong with it
        return False


def _other_rules(
    manifest: Mapping[str, Any], configured: Mapping[str, Any], rules: Mapping[str, str], contract: Contract
) -> Iterable[str]:
    """Why a release made so is no base for a build configured so."""
    if manifest["name"] != configured["name"]:
        yield f"it is of {manifest['name']}, not of {configured['name']}"
    version = configured["version"]
    if version != AUTO and versions.order(version) <= versions.order(manifest["version"]):
        yield f"version {version} does not follow {manifest['version']}"
    if manifest["record_schema"] != contract.digest:
        yield "its records have another schema"
    for entry in differences(manifest["configuration"], configured):
        if entry.name.partition(".")[0] not in _FREE:
            yield f"{entry.name} is {entry.old!r} there, and {entry.new!r} here"
    for name in _RULES:
        if manifest["versions"][name] != rules[name]:
            yield f"its {name.replace('_', ' ')} is {manifest['versions'][name]}, and {rules[name]} here"
