"""Publishing: a finished folder appears under its version by one rename, or not at all."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from broadsheet.batches import commit
from broadsheet.errors import ReleaseError
from broadsheet.release.manifest import MANIFEST, SUMS, load

INDEX: Final = "index.json"


def publish(staged: Path, target: Path, rename: Callable[[Path, Path], None] = os.rename) -> bool:
    """Publishes the sealed folder `staged` as `target`, on the same file system, and lists it in the index.

    True when it appeared, false when the version was there already with equal content.

    Raises: ReleaseError when the version is there with other content; nothing changes then.
    """
    if not target.exists():
        sync(staged)
        try:
            rename(staged, target)
        except OSError:
            if not target.exists():
                raise
        else:
            _sync(target.parent)
            _list(target.parent)
            return True
    if not _equal(staged, target):
        raise ReleaseError(f"{target} exists with other content: releases are never rewritten; pass a new --version")
    _list(target.parent)
    return False


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


def _list(dataset: Path) -> None:
    """Writes the index of all versions of a dataset from what is there."""
    versions = sorted(p.parent for p in dataset.glob(f"*/{MANIFEST}") if not p.parent.name.startswith("."))
    entries: list[dict[str, Any]] = [
        {
            "version": manifest["version"],
            "logical_digest": manifest["logical_digest"],
            "base": manifest["base"],
        }
        for manifest in map(load, versions)
    ]
    entries.sort(key=lambda entry: [int(n) for n in entry["version"].split(".")])
    text = json.dumps({"name": dataset.name, "versions": entries}, indent=1) + "\n"
    if not (dataset / INDEX).exists() or (dataset / INDEX).read_text("utf-8") != text:
        commit(dataset / INDEX, lambda path: _write(path, text))


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
