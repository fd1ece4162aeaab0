"""Completing a standoff release: the release that it was made from, in a folder that is not yet published."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broadsheet import describe
from broadsheet.contract import Contract
from broadsheet.errors import ReleaseError
from broadsheet.release import changes
from broadsheet.release import manifest as seal
from broadsheet.release.diff import diff
from broadsheet.release.keys import Key
from broadsheet.release.opened import LEFT_OUT, Opened
from broadsheet.release.restore import Captures, Matched, Report, Restored
from broadsheet.release.sealed import sealed, write_quarantine, write_tables
from broadsheet.release.sides import Side


@dataclass(frozen=True, slots=True)
class Hydrated:
    """What was made of a standoff release and captures."""

    manifest: Mapping[str, Any]
    report: Report
    same_rows: bool
    """True where every row is that of the release that it was made from."""
    same_bytes: bool
    """True where every file is."""
    key: Key | None
    """What short texts are hashed with, where it is at hand."""


def hydrate(opened: Opened, captures: Captures, staged: Path, work: Path, *, key: Key | None, beside: Path) -> Hydrated:
    """Writes and seals the release with its texts into `staged`; where pages are missing, a standoff release with some.

    `beside` is the folder in which a version before would lie, by which CHANGES.md is written.

    Memory: the rows of the release and the captures.

    Raises: ReleaseError where it is no standoff release, or not one page of it is among the captures.
    """
    if not opened.is_standoff:
        raise ReleaseError(f"{opened.path}: is no standoff release; its texts are in it")
    if opened.lacks_quarantine:
        raise ReleaseError(f"{opened.path}: {LEFT_OUT}; fetch it whole")
    report = Report()
    matched = Matched(opened, captures, key)
    restored = Restored(matched, report)
    if not restored.records and opened.records:
        raise ReleaseError(f"{opened.path}: none of its {len(opened.pages):,} pages is among your captures")
    is_whole = report.is_whole and len(restored.pages) == len(opened.pages)
    contract = restored.contract if is_whole else opened.contract
    tables = list(restored.tables())
    manifest = restored.manifest() if is_whole else restored.partial()
    rows = write_tables(staged, contract, manifest["configuration"]["export"]["formats"], tables, work)
    write_quarantine(staged, restored.quarantine())
    manifest |= {"tables": rows, "logical_digest": seal.logical_digest(rows)}
    compared = _compared(staged, manifest, contract, beside, report)
    sealed(staged, manifest, contract, compared)
    of = opened.manifest["standoff"]
    sums = hashlib.sha256((staged / seal.SUMS).read_bytes()).hexdigest()
    same_rows = manifest["logical_digest"] == of["logical_digest"]
    return Hydrated(manifest, report, same_rows, sums == of["sums"], matched.key)


def _compared(
    staged: Path, manifest: Mapping[str, Any], contract: Contract, beside: Path, report: Report
) -> changes.Comparison:
    """What the release says of the version before, which must be at hand to say it again."""
    stated = manifest["changes"]
    if stated is None:
        return changes.NONE
    try:
        old = Side.of(beside / stated["since"])
        if old.manifest["logical_digest"] == stated["logical_digest"]:
            found = diff(old, Side.staged(staged, manifest, contract), limit=changes.LIMIT)
            return changes.Comparison.of(old, found)
    except ReleaseError:
        pass
    report.differing.append(f"{describe.CHANGES}: version {stated['since']} is not in {beside}, so it is empty")
    return changes.Comparison(stated, None, "")
