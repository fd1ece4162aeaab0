"""The manifest and the checksums: what seals a release."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from broadsheet.batches import file_sha256
from broadsheet.contract import digest
from broadsheet.errors import ReleaseError

MANIFEST: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"
MEASURES: Final = "measures.json"


def load(release: Path) -> dict[str, Any]:
    """The manifest of a release.

    Raises: ReleaseError where the folder is no release.
    """
    try:
        value: dict[str, Any] = json.loads((release / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{release}: no release: {MANIFEST} cannot be read ({error})") from None
    return value


def compose(
    *,
    settings: Mapping[str, Any],
    inputs: Mapping[str, Any],
    ledger: Mapping[str, Any],
    certificate: Mapping[str, int],
    tables: list[Any],
    **found: Any,
) -> dict[str, Any]:
    """The manifest of a release without a base, from its configuration, ledger, tables and what else was found.

    Raises: ReleaseError where the ledger does not add up or a repeat lies across splits: nothing may be published then.
    """
    faults = ledger_faults(inputs, ledger)
    if certificate["n_across"]:
        raise ReleaseError(f"{certificate['n_across']} pairs of repeats lie across splits; nothing was published")
    if faults:
        raise ReleaseError(f"the ledger does not add up: {'; '.join(faults)}; nothing was published")
    return {
        "name": settings["name"],
        "version": settings["version"],
        "base": None,
        "configuration": dict(settings),
        "inputs": dict(inputs),
        **found,
        "ledger": dict(ledger),
        "certificate": dict(certificate),
        "tables": tables,
        "logical_digest": logical_digest(tables),
    }


def to_json(manifest: Mapping[str, Any]) -> str:
    """The manifest as its file holds it."""
    return json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"


def logical_digest(tables: list[Any]) -> str:
    """The digest of all rows of a release, from those of its tables."""
    return digest({f"{t['config']}/{t['split']}": t["logical_digest"] for t in tables})


def ledger_faults(inputs: Mapping[str, Any], ledger: Mapping[str, Any]) -> list[str]:
    """What does not add up between a ledger and its inputs, and in itself; nothing lost means nothing here."""
    sums = {
        "captures": (ledger["n_captures"], sum(file["n_pages"] for file in inputs["files"])),
        "lines that are no records": (
            ledger["n_unreadable"],
            sum(file["n_rejected"] for file in inputs["files"]),
        ),
        "code points by outcome": (sum(c for _, c in ledger["outcome"].values()), ledger["n_chars"]),
        "code points by role": (sum(c for _, c in ledger["role"].values()), ledger["n_chars"]),
        "valid and rejected records": (ledger["n_valid"] + ledger["n_rejected"], ledger["n_candidates"]),
        "canonical and folded records": (ledger["n_canonical"] + ledger["n_folded"], ledger["n_unique"]),
        "segments by role": (
            sum(n for n, _ in ledger["role"].values()),
            sum(n for n, _ in ledger["outcome"].values()),
        ),
    }
    return [f"{what} are {found}, not {expected}" for what, (found, expected) in sums.items() if found != expected]


def write_sums(release: Path) -> None:
    """Writes SHA256SUMS over all files of a release but itself, in the form that `sha256sum --check` reads."""
    lines = [f"{file_sha256(release / path)}  {path}\n" for path in files(release) if path != SUMS]
    (release / SUMS).write_text("".join(lines), "utf-8")


def files(release: Path) -> list[str]:
    """Paths of all files of a release, relative to it, in the order of their bytes."""
    found = (p.relative_to(release).as_posix() for p in release.rglob("*") if not p.is_dir())
    return sorted(found, key=lambda path: path.encode())
