"""Publishing: a finished folder appears under its version by one rename, or not at all."""

import errno
import functools
import json
import os
import shutil
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from broadsheet.batches import commit, to_disk
from broadsheet.errors import ReleaseError
from broadsheet.export.quarantine import read_quarantine
from broadsheet.release import tables
from broadsheet.release.lock import BusyError, held
from broadsheet.release.manifest import MANIFEST, SUMS, load, sum_faults

INDEX: Final = "index.json"
INDEX_LOCK: Final = ".lock-index"
INDEX_WAIT_S: Final = 60
"""Writing an index takes a moment: who holds it for so long was stopped."""


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a publication."""

    new: bool
    """False where the version was there already with equal content."""
    identical: bool
    """False where it was there already, and its files of rows hold the same in other bytes."""
    unlisted: list[str]
    """Folders beside it that look like versions, but whose manifest is damaged."""


def move(staged: Path, target: Path, rename: Callable[[Path, Path], None] = os.rename) -> None:
    """Gives the folder `staged` the name `target` by one rename; from another file system by one of a copy beside it.

    Raises: OSError, BusyError where it could not be done; nothing has appeared then.
    """
    try:
        rename(staged, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy = target.with_name(f".copy-{target.name}")
        with held(target.with_name(f".lock-copy-{target.name}"), f"publication of {target}"):
            try:
                shutil.rmtree(copy, ignore_errors=True)
                _copy(staged, copy)
                sync(copy)
                rename(copy, target)
            finally:
                shutil.rmtree(copy, ignore_errors=True)


def _copy(folder: Path, copy: Path) -> None:
    """Copies a folder of files and folders; unlike the library's own, with the first failure as the system tells it."""
    for path in sorted((folder, *folder.rglob("*"))):
        if path.is_dir():
            (copy / path.relative_to(folder)).mkdir()
        else:
            shutil.copyfile(path, copy / path.relative_to(folder))


def publish(staged: Path, target: Path, rename: Callable[[Path, Path], None] = move) -> Published:
    """Publishes the sealed folder `staged` as `target` and lists it in the index.

    Raises: ReleaseError when the version is there with other content or damaged, when something that is no release
    has its place, or when the index could not be written, which the message tells apart; OSError when nothing was
    published.
    """
    if os.path.lexists(target) and not (target / MANIFEST).is_file():
        raise ReleaseError(f"{target} is there and is no release; move it away, or pass another --version")
    if not target.exists():
        _sync_or_drop(staged)
        try:
            rename(staged, target)
        except OSError:
            if not target.exists():
                raise
        else:
            return Published(new=True, identical=True, unlisted=_list(target))
    differing = _differing(staged, target)
    if differing and not _holds_the_same(staged, target, differing):
        raise ReleaseError(f"{target} exists with other content: releases are never rewritten; pass a new --version")
    damage = next(sum_faults(target), None)
    if damage:
        raise ReleaseError(f"{target} is there, but damaged: {damage}; move it away and build again")
    return Published(new=False, identical=not differing, unlisted=_list(target))


_COMPRESSED: Final = (".parquet", ".arrow", ".gz")
"""Files whose bytes another kind of processor may write in another way."""


def _holds_the_same(staged: Path, target: Path, differing: set[str]) -> bool:
    """Whether what differs are only the bytes in which `target` keeps equal rows."""
    if not all(path.endswith(_COMPRESSED) for path in differing):
        return False
    try:
        kept = all(
            found == table["logical_digest"]
            for table in load(staged)["tables"]
            for found in tables.digests(target, table).values()
        )
        return kept and all(one == other for one, other in zip_longest(*map(read_quarantine, (staged, target))))
    except (OSError, EOFError, ValueError, zlib.error):  # damaged, which is not the same
        return False


def _differing(one: Path, other: Path) -> set[str]:
    """The files that only one of two sealed folders has, or that are not equal, by their checksums."""
    found = []
    for folder in (one, other):
        try:
            found.append(set((folder / SUMS).read_text("utf-8").splitlines()))
        except (FileNotFoundError, UnicodeDecodeError):
            return {SUMS}
    return {line.partition("  ")[2] for line in found[0] ^ found[1]}


def sync(folder: Path) -> None:
    """Brings all files and folders below `folder` to the disk, so that a rename cannot outrun them."""
    for path in (folder, *folder.rglob("*")):
        to_disk(path)


def _sync_or_drop(staged: Path) -> None:
    """Syncs the folder, or removes it: after a failure the system may call lost what it next says is on the disk.

    Source: Rebello et al., Can Applications Recover from fsync Failures?, USENIX ATC 2020.
    """
    try:
        sync(staged)
    except OSError:
        shutil.rmtree(staged, ignore_errors=True)
        raise


def _list(target: Path) -> list[str]:
    """Brings the release's name to the disk, and writes the index of all versions beside it, from what is there.

    Versions whose manifest is damaged are left out, since they are not this build's to judge; their names come back.
    """
    dataset = target.parent
    index = dataset / INDEX
    try:
        to_disk(dataset)
        # What is there is looked at under the lock, so that of two builds the last to write has seen both.
        with held(dataset / INDEX_LOCK, f"build that writes {index}", INDEX_WAIT_S):
            for left in dataset.glob(f".{INDEX}.*"):  # of builds that were killed while they wrote it
                left.unlink()
            text, unlisted = _index(dataset)
            if not index.exists() or index.read_text("utf-8") != text:
                commit(index, functools.partial(_write, text=text), durable=True)
    except (OSError, UnicodeDecodeError, BusyError) as error:
        raise ReleaseError(
            f"{target} is published, but {index} could not be written: {getattr(error, 'strerror', error)}; "
            "mend that and build again"
        ) from None
    return sorted(unlisted)


def purged(dataset: Path, entry: Mapping[str, Any]) -> None:
    """Says in the index of a dataset that a version was removed whole: `version`, `logical_digest`, `reason`, `date`.

    Raises: OSError, BusyError where the index cannot be written.
    """
    index = dataset / INDEX
    with held(dataset / INDEX_LOCK, f"build that writes {index}", INDEX_WAIT_S):
        text, _ = _index(dataset, entry)
        commit(index, functools.partial(_write, text=text), durable=True)


def purged_versions(dataset: Path) -> list[str]:
    """The versions that the index of a dataset says were removed whole.

    Raises: OSError where the index cannot be read.
    """
    return [entry["version"] for entry in _known(dataset / INDEX)]


def _known(index: Path) -> list[dict[str, Any]]:
    """The versions that an index says were removed: it alone knows them."""
    try:
        found: list[dict[str, Any]] = json.loads(index.read_text("utf-8")).get("purged", [])
    except FileNotFoundError:
        return []
    except (ValueError, AttributeError) as error:
        raise OSError(f"is damaged, and may say which versions were removed: {error}") from None
    return found


def _index(dataset: Path, gone: Mapping[str, Any] | None = None) -> tuple[str, list[str]]:
    """The index of the versions that are there, as text, and the names of those that are damaged.

    It says, too, which records were withdrawn and which versions removed; `gone` is one that was just now.
    """
    unlisted = []
    entries: list[dict[str, Any]] = []
    withdrawn: dict[str, dict[str, Any]] = {}
    for path in dataset.glob(f"*/{MANIFEST}"):
        if not path.parent.name.startswith("."):
            try:
                manifest = load(path.parent)
            except ReleaseError:
                unlisted.append(path.parent.name)
            else:
                entry = {key: manifest[key] for key in ("version", "logical_digest", "base", "changes")}
                if manifest["base"]:
                    entry["base"] = {key: manifest["base"][key] for key in ("version", "logical_digest")}
                entries.append(entry)
                withdrawn |= {one["id"]: one for one in manifest.get("withdrawn", ())}
    entries.sort(key=lambda entry: [int(n) for n in entry["version"].split(".")])
    told: dict[str, Any] = {"name": dataset.name, "versions": entries}
    if withdrawn:
        told["withdrawn"] = [withdrawn[id_] for id_ in sorted(withdrawn)]
    removed = [*_known(dataset / INDEX), *([dict(gone)] if gone else [])]
    if removed:
        told["purged"] = removed
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n", unlisted


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
