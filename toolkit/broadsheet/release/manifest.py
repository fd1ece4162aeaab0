"""The manifest and the checksums: what seals a release."""

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from broadsheet.batches import file_sha256
from broadsheet.contract import checks, digest, schema
from broadsheet.errors import ReleaseError

MANIFEST: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"
SIGNATURE: Final = f"{SUMS}.sig"
"""A signature over the checksums (`signing`), which cover everything but themselves and it."""
_OUTSIDE: Final = frozenset({SUMS, SIGNATURE})
MEASURES: Final = "measures.json"


def load(release: Path) -> dict[str, Any]:
    """The manifest of a release.

    Raises: ReleaseError where the folder is no release.
    """
    try:
        value: dict[str, Any] = orjson.loads(text_of(release / MANIFEST))
    except OSError as error:
        raise ReleaseError(f"{release}: no release: {MANIFEST}: {error.strerror or error}{_hint(release)}") from None
    except ValueError as error:
        raise ReleaseError(f"{release}: no release: {MANIFEST} is no JSON: {error}") from None
    for fault in checks(schema("manifest"))(value)[:1]:
        raise ReleaseError(f"{release}: no release: {MANIFEST}: {fault['pointer']}: {fault['message']}")
    for table in value["tables"]:
        for path in (Path(path) for files in table["files"].values() for path in files):
            if path.is_absolute() or ".." in path.parts:
                raise ReleaseError(f"{release}: no release: {MANIFEST} names {path}, which lies outside")
    return value


def text_of(file: Path) -> str:
    """The text of a regular file; a pipe or device could keep its reader for ever. Raises: OSError, ValueError."""
    if not stat.S_ISREG(file.stat().st_mode):
        raise OSError("is no regular file")
    return file.read_text("utf-8")


def _hint(folder: Path) -> str:
    """The versions to name, where a folder of versions was named instead."""
    versions = sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}") if path.parent.name[:1] != ".")
    return f"; name one of its versions: {', '.join(versions)}" if versions else ""


def compose(  # noqa: PLR0913  each is named
    *,
    settings: Mapping[str, Any],
    versions: Mapping[str, Any],
    inputs: Mapping[str, Any],
    ledger: Mapping[str, Any],
    certificate: Mapping[str, int],
    tables: list[Any],
    base: Mapping[str, Any] | None = None,
    **found: Any,
) -> dict[str, Any]:
    """The manifest of a release, from its configuration, ledger, tables and what else was found; also of its `base`.

    It tells of no version before; `changes.Comparison` does, once that is known.

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
        "base": base,
        "changes": None,
        "configuration": dict(settings),
        "versions": dict(versions),
        "inputs": dict(inputs),
        **found,
        "ledger": dict(ledger),
        "certificate": dict(certificate),
        "tables": tables,
        "logical_digest": logical_digest(tables),
    }


def to_json(manifest: Mapping[str, Any]) -> str:
    """The manifest as its file holds it. With thousands of input files `json` takes seconds to indent it."""
    return orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def logical_digest(tables: list[Any]) -> str:
    """The digest of all rows of a release, from those of its tables."""
    return digest({f"{t['config']}/{t['split']}": t["logical_digest"] for t in tables})


def ledger_faults(inputs: Mapping[str, Any], ledger: Mapping[str, Any]) -> list[str]:
    """What does not add up between a ledger and its inputs, and in itself; nothing lost means nothing here."""
    sums = {
        "captures": (ledger["n_captures"], sum(file["n_pages"] for file in inputs["files"])),
        "records that could not be read": (
            ledger["n_unreadable"],
            sum(file["n_rejected"] for file in inputs["files"]),
        ),
        "code points by outcome": (sum(c for _, c in ledger["outcome"].values()), ledger["n_chars"]),
        "code points by role": (sum(c for _, c in ledger["role"].values()), ledger["n_chars"]),
        "valid, rejected and withdrawn records": (
            ledger["n_valid"] + ledger["n_rejected"] + ledger.get("n_withdrawn", 0),
            ledger["n_candidates"],
        ),
        "canonical, folded and held records": (
            ledger["n_canonical"] + ledger["n_folded"] + ledger.get("n_held", 0),
            ledger["n_unique"],
        ),
        "segments by role": (
            sum(n for n, _ in ledger["role"].values()),
            sum(n for n, _ in ledger["outcome"].values()),
        ),
    }
    for file in inputs["files"]:
        if file["compression"] == "none" and file["format"] != "parquet" and file["error"] is None:
            found = sum(file["content"].values()) + file["n_damaged_bytes"]
            sums[f"bytes of {file['path']}, read and failed,"] = (found, file["n_bytes"])
    return [f"{what} are {found}, not {expected}" for what, (found, expected) in sums.items() if found != expected]


def write_sums(release: Path, known: Mapping[str, str] | None = None) -> None:
    """Writes SHA256SUMS over all files of a release but itself and a signature, as `sha256sum --check` reads it.

    `known` are digests of files by path, as who wrote them told: what is damaged since then is found by them.
    """
    known = known or {}
    sealed = (path for path in files(release) if path not in _OUTSIDE)
    lines = [f"{known.get(path) or file_sha256(release / path)}  {path}\n" for path in sealed]
    (release / SUMS).write_text("".join(lines), "utf-8")


def sums(release: Path) -> dict[str, str]:
    """SHA-256 by path, as SHA256SUMS has them."""
    lines = (release / SUMS).read_text("utf-8").splitlines()
    return {path: sha256 for sha256, _, path in (line.partition("  ") for line in lines)}


def lacks(release: Path, path: str) -> bool:
    """True where a file was sealed with a release and is not there."""
    try:
        return path in sums(release) and not (release / path).exists()
    except (OSError, ValueError):
        return False


def sum_faults(release: Path) -> Iterator[str]:
    """Files that are missing, not listed, or not as SHA256SUMS has them. Lazy; none means as sealed."""
    listed = sums(release)
    there = set(files(release)) - _OUTSIDE
    yield from (f"{path}: missing" for path in sorted(listed.keys() - there))
    yield from (f"{path}: not in {SUMS}" for path in sorted(there - listed.keys()))
    for path in sorted(there & listed.keys()):
        if file_sha256(release / path) != listed[path]:
            yield f"{path}: content changed"


def sealed(release: Path, *, but: str | None = None) -> bytes:
    """The bytes of SHA256SUMS of a release whose files are as it says; the file `but` may be missing.

    Raises: ReleaseError where the folder is no release, or a file is not as it was sealed.
    """
    load(release)
    try:
        fault = next((fault for fault in sum_faults(release) if fault != f"{but}: missing"), None)
        content = (release / SUMS).read_bytes()
    except (OSError, ValueError) as error:
        fault = f"{SUMS}: {error}"
    if fault:
        raise ReleaseError(f"{release} is not as it was sealed: {fault}; nothing was done; see: broadsheet verify")
    return content


def files(release: Path) -> list[str]:
    """Paths of all files of a release, relative to it, in the order of their bytes."""
    found = (p.relative_to(release).as_posix() for p in release.rglob("*") if not p.is_dir())
    return sorted(found, key=lambda path: path.encode())
