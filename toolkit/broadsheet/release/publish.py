"""Publishing: a finished folder appears under its version by one rename, or not at all."""

import functools
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from broadsheet.batches import commit
from broadsheet.errors import ReleaseError
from broadsheet.release.manifest import MANIFEST, SUMS, load, sum_faults

INDEX: Final = "index.json"


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a publication."""

    new: bool
    """False where the version was there already with equal content."""
    unlisted: list[str]
    """Folders beside it that look like versions, but whose manifest is damaged."""


def publish(staged: Path, target: Path, rename: Callable[[Path, Path], None] = os.rename) -> Published:
    """Publishes the sealed folder `staged` as `target`, on the same file system, and lists it in the index.

    Raises: ReleaseError when the version is there with other content or damaged, when something that is no release
    has its place, or when the index could not be written, which the message tells apart; OSError when nothing was
    published.
    """
    if os.path.lexists(target) and not (target / MANIFEST).is_file():
        raise ReleaseError(f"{target} is there and is no release; move it away, or pass another --version")
    if not target.exists():
        sync(staged)
        try:
            rename(staged, target)
        except OSError:
            if not target.exists():
                raise
        else:
            _sync(target.parent)
            return Published(new=True, unlisted=_list(target))
    if not _equal(staged, target):
        raise ReleaseError(f"{target} exists with other content: releases are never rewritten; pass a new --version")
    damage = next(sum_faults(target), None)
    if damage:
        raise ReleaseError(f"{target} is there, but damaged: {damage}; move it away and build again")
    return Published(new=False, unlisted=_list(target))


def _equal(one: Path, other: Path) -> bool:
    try:
        return (one / SUMS).read_bytes() == (other / SUMS).read_bytes()
    except FileNotFoundError:
        return False


def sync(folder: Path) -> None:
    """Brings all files and folders below `folder` to the disk, so that a rename cannot outrun them."""
    for path in (folder, *folder.rglob("*")):
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _list(target: Path) -> list[str]:
    """Writes the index of all versions beside the one just published, from what is there.

    Versions whose manifest is damaged are left out, since they are not this build's to judge; their names come back.
    """
    dataset = target.parent
    index = dataset / INDEX
    text, unlisted = _index(dataset)
    try:
        # Looked at again once it is written: another build may have published meanwhile, and written before.
        while not index.exists() or index.read_text("utf-8") != text:
            commit(index, functools.partial(_write, text=text))
            text, unlisted = _index(dataset)
    except (OSError, UnicodeDecodeError) as error:
        raise ReleaseError(
            f"{target} is published, but {index} could not be written: {getattr(error, 'strerror', error)}; "
            "mend that and build again"
        ) from None
    return sorted(unlisted)


def _index(dataset: Path) -> tuple[str, list[str]]:
    """The index of the versions that are there, as text, and the names of those that are damaged."""
    unlisted = []
    entries: list[dict[str, Any]] = []
    for path in dataset.glob(f"*/{MANIFEST}"):
        if not path.parent.name.startswith("."):
            try:
                manifest = load(path.parent)
            except ReleaseError:
                unlisted.append(path.parent.name)
            else:
                entries.append({key: manifest[key] for key in ("version", "logical_digest", "base", "changes")})
    entries.sort(key=lambda entry: [int(n) for n in entry["version"].split(".")])
    return json.dumps({"name": dataset.name, "versions": entries}, indent=1) + "\n", unlisted


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
