"""What builds, publications and withdrawals that never ended left beside the releases, and how it goes."""

import os
import re
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from broadsheet.errors import CallError, ReleaseError
from broadsheet.release.lock import BusyError, held
from broadsheet.release.versions import AUTO
from broadsheet.release.withdraw import unfinished

_VERSION: Final = r"[0-9]+\.[0-9]+\.[0-9]+"
_KINDS: Final[tuple[tuple[str, str, str], ...]] = (
    (r"\.work-(.+)-[0-9a-f]{16}-[0-9]+", r".lock-\1", r"build of {} \1"),
    (r"\.full-(.+)", r".lock-full-\1", r"build of \1"),
    (rf"\.copy-({_VERSION})", r".lock-copy-\1", r"publication of {} \1"),
    (rf"\.new-({_VERSION})", r".lock-\1", r"publication of {} \1"),
    (r"\.new-withdrawal", f".lock-{AUTO}", "withdrawal from {}"),
    (rf"\.purged-{_VERSION}", f".lock-{AUTO}", "withdrawal from {}"),
)
"""Names of folders, the lock beside each that its user holds, and what that one is doing to the dataset."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A folder that somebody left: its size, and whether it must stay."""

    path: Path
    n_bytes: int
    busy: str | None = None
    """Who uses it, or why else it stays."""


def clean(out: Path, *, dry_run: bool = False) -> Iterator[Leftover]:
    """Removes what was left in `out` and its datasets, or in the dataset or folder of work files that `out` is.

    By path. What is in use stays, and so does a version that is to be removed whole before the index says so. With
    `dry_run` all stays. Lazy.

    Raises: CallError where there is no such folder; ReleaseError where something cannot be removed.
    """
    if not out.is_dir():
        raise CallError(f"{out} is no folder; name the one that `broadsheet build` was given with --out or --work-dir")
    for path in sorted([*out.glob(".*-*"), *out.glob("*/.*-*")]):
        for pattern, lock, use in _KINDS:
            match = re.fullmatch(pattern, path.name)
            if match and _is_ours(path):
                what = match.expand(use).format(path.parent.name)
                yield _removed(path, path.parent / match.expand(lock), what, dry_run=dry_run)


def _is_ours(path: Path) -> bool:
    """Whether a folder of that name holds what we put there, and no user's own things."""
    if not stat.S_ISDIR(path.lstat().st_mode):
        return False
    own = {".full-": {path.name.removeprefix(".full-")}, ".new-": {"release"}}
    return next((set(os.listdir(path)) <= names for of, names in own.items() if path.name.startswith(of)), True)  # noqa: PTH208


def _removed(path: Path, lock: Path, what: str, *, dry_run: bool) -> Leftover:
    n_bytes = _size(path)
    try:
        with held(lock, what):
            if unfinished(path):
                return Leftover(path, n_bytes, "its removal is not in the index yet; withdraw --purge goes on with it")
            if not dry_run:
                shutil.rmtree(path)
    except BusyError as error:
        return Leftover(path, n_bytes, str(error))
    except OSError as error:
        raise ReleaseError(f"{path}: cannot be removed: {error.strerror or error}") from None
    return Leftover(path, n_bytes)


def _size(folder: Path) -> int:
    """Bytes of the files below a folder; links are followed nowhere."""
    found = (Path(at, name) for at, _, names in os.walk(folder) for name in names)
    return sum(path.lstat().st_size for path in found)
