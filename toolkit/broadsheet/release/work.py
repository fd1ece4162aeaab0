"""Where a release is made: a hidden folder beside it, in which what was interrupted goes on, and what decides that."""

import contextlib
import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
import stat
import sys
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import broadsheet
from broadsheet.batches import commit, to_disk
from broadsheet.contract import SCHEMAS, schema_path
from broadsheet.engine import Kept, WorkerLostError
from broadsheet.errors import BroadsheetError
from broadsheet.read import is_unchanged, read_slice
from broadsheet.release.lock import held

LIBRARIES: Final = (
    "backports.zstd", "brotli", "click", "datasets", "duckdb", "fsspec", "huggingface-hub", "jsonschema",
    "jsonschema-rs", "numpy", "orjson", "phonenumberslite", "pyarrow", "pyyaml", "resiliparse", "rfc3339-validator",
    "selectolax", "xxhash", "zlib-ng",
)  # fmt: skip
"""What the package depends on: any of it may decide a byte."""
_FINER: Final = 8
"""Times as fine as asked that a cut may be: more is no cut of ours (`memory`)."""


def identity(**decides: Any) -> str:
    """A digest of what decides the bytes of a release: what is given, and the program with all that it runs on.

    The order of what is given counts, since that of a configuration does.
    """
    whole = {**decides, "program": program(), "libraries": _libraries(), "machine": _machine()}
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


@cache
def program() -> str:
    """A digest of the package's files: a version stays while a program is worked on, and so may a version's number."""
    package = Path(broadsheet.__file__).parent
    found = {path.relative_to(package).as_posix(): path for path in package.rglob("*") if path.is_file()}
    found |= {f"schema/{name}": schema_path(name) for name in SCHEMAS}
    digest = hashlib.sha256()
    for name, path in sorted(found.items()):
        if "__pycache__" not in name:
            digest.update(f"{name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


@cache
def _libraries() -> dict[str, str | None]:
    found: dict[str, str | None] = dict.fromkeys(LIBRARIES)
    for name in LIBRARIES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def _machine() -> list[str]:
    return [sys.implementation.name, platform.python_version(), platform.machine(), sys.byteorder]


@contextlib.contextmanager
def workplace(target: Path, identity: str, *, fresh: bool = False, work_dir: Path | None = None) -> Iterator[Kept]:
    """The work folder of a release, with what an interrupted build of just that left there.

    It lies beside where the release will be, or in `work_dir`, in a folder with the dataset's name, as that in `out`.

    Its name holds the identity, and a number that grows each time that it is taken up: a process of a dead build that
    still runs writes where nobody looks. It goes when the release is published, and with it those of other builds of
    that version; when the build comes to a verdict against the release; and with `fresh`, before anything. It stays
    when the build is killed or interrupted, or the system fails.

    Callers hold the lock of the version; elsewhere it has a lock of its own.

    Raises: BusyError where another release of that name and version is made in `work_dir`.
    """
    folder = target.parent
    with contextlib.ExitStack() as stack:
        if work_dir:
            folder = work_dir / folder.name
            make_folder(folder)
            if not folder.samefile(target.parent):
                lock = folder / f".lock-{target.name}"
                stack.enter_context(held(lock, f"build of {folder.name} {target.name} with this --work-dir"))
        yield from _taken(folder, target.name, identity, fresh=fresh)


def _taken(folder: Path, version: str, identity: str, *, fresh: bool) -> Iterator[Kept]:
    """The work folder in `folder`; it is kept or goes by what becomes of the build."""
    prefix = f".work-{version}-"
    own = f"{prefix}{identity[:16]}-"
    if fresh:
        _remove(folder, prefix)
    numbers = sorted(int(number) for number in _ends(folder, own) if number.isdecimal())
    work = folder / f"{own}{numbers[-1] + 1 if numbers else 1}"
    if numbers:
        (folder / f"{own}{numbers[-1]}").rename(work)
    else:
        work.mkdir(0o700)
    kept = Kept(work, identity, {read_slice: is_unchanged})
    try:
        yield kept
    except WorkerLostError:
        raise
    except BroadsheetError:
        _remove(folder, own)
        raise
    except OSError as error:
        if kept.resumed.tasks:
            error.add_note(f"what was done is kept in {work}, and the next build goes on from there")
        raise
    _remove(folder, prefix)


def _ends(folder: Path, prefix: str) -> list[str]:
    """What follows the prefix in the names that begin with it."""
    return [name[len(prefix) :] for name in os.listdir(folder) if name.startswith(prefix)]  # noqa: PTH208


def _remove(folder: Path, prefix: str) -> None:
    """Removes the folders whose names begin so, as far as that can be done: nothing hangs on it."""
    with contextlib.suppress(OSError):
        for end in _ends(folder, prefix):
            shutil.rmtree(folder / f"{prefix}{end}", ignore_errors=True)


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, and brings their names to the disk, as far as the system lets that be asked.

    Raises: OSError where it cannot be made.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        with contextlib.suppress(PermissionError):
            to_disk(path.parent)


def kept_buckets(work: Path, asked: int) -> int:
    """How many buckets the work in a folder is cut into: as many as when it was begun, if that is enough.

    What was done is cut like that, and memory decides only how fine the cut must be.
    """
    file = work / "buckets"
    try:
        before = int(file.read_text("utf-8"))
    except (OSError, ValueError):
        before = 0
    if asked <= before <= asked * _FINER:
        return before

    def write(path: Path) -> None:
        path.write_text(str(asked), "utf-8")

    commit(file, write)
    return asked


def keep_only(folder: Path, paths: Collection[str]) -> None:
    """Removes from a folder all but the files at these paths in it; links are followed nowhere."""
    for at, folders, files in os.walk(folder, topdown=False):
        for name in (*files, *folders):
            path = Path(at, name)
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode):
                with contextlib.suppress(OSError):  # something below it is kept
                    path.rmdir()
            elif not stat.S_ISREG(mode) or path.relative_to(folder).as_posix() not in paths:
                path.unlink()
