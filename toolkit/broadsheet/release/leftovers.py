"""What builds that never ended left beside the releases, and how it goes."""

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

_WORK: Final = re.compile(r"\.work-(.+)-[0-9a-f]{16}-[0-9]+")


@dataclass(frozen=True, slots=True)
class Leftover:
    """A work folder: which version was built in it, its size, and whether it is in use."""

    path: Path
    version: str
    n_bytes: int
    busy: str | None = None
    """Who uses it; such a folder stays."""


def clean(out: Path, *, dry_run: bool = False) -> Iterator[Leftover]:
    """Removes the work folders of all datasets in `out`, or of the dataset that `out` is, by their paths.

    Those of builds that are running stay. With `dry_run` all stay. Lazy.

    Raises: CallError where there is no such folder; ReleaseError where a work folder cannot be removed.
    """
    if not out.is_dir():
        raise CallError(f"{out} is no folder; name the one that `broadsheet build --out` wrote to")
    for path in sorted([*out.glob(".work-*"), *out.glob("*/.work-*")]):
        match = _WORK.fullmatch(path.name)
        if match is None or not stat.S_ISDIR(path.lstat().st_mode):
            continue
        found = Leftover(path, match[1], _size(path))
        try:
            with held(path.parent / f".lock-{found.version}", f"build of {path.parent.name} {found.version}"):
                if not dry_run:
                    shutil.rmtree(path)
        except BusyError as error:
            found = Leftover(path, found.version, found.n_bytes, str(error))
        except OSError as error:
            raise ReleaseError(f"{path}: cannot be removed: {error.strerror or error}") from None
        yield found


def _size(folder: Path) -> int:
    """Bytes of the files below a folder; links are followed nowhere."""
    found = (Path(at, name) for at, _, names in os.walk(folder) for name in names)
    return sum(path.lstat().st_size for path in found)
