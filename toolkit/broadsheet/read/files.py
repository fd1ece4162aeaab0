"""Which files are read, and how they are cut into slices."""

import os
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from broadsheet.config import FILE as CONFIG_FILE
from broadsheet.errors import CallError, InputError
from broadsheet.read import metadata as described

SLICE_BYTES: Final = 8 << 20
BUCKET_BYTES: Final = 32 << 20
RECORD_ENDINGS: Final = (".jsonl", ".ndjson")
PAGE_ENDINGS: Final = (".txt",)


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read: where it is, what releases call it, and what metadata say about it."""

    path: str
    name: str
    n_bytes: int
    metadata: Mapping[str, str | None] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The input as engines pass it to tasks."""
        return {"path": self.path, "name": self.name, "metadata": dict(self.metadata)}


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be read, in the order of the names, and what in the given folders will not."""

    inputs: Sequence[Input]
    skipped: Mapping[str, int]
    """Files left alone, counted by ending: hidden, or of no format that is read."""
    failed: Mapping[str, str]
    """Files and folders that cannot be read, by name, with the reason."""
    unused_metadata: int
    """Lines of metadata that name no page that is read."""

    def slices(self) -> list[list[Input]]:
        """The inputs in runs of about `SLICE_BYTES`, which depend on the inputs only."""
        slices: list[list[Input]] = []
        size = 0
        for item in self.inputs:
            if not slices or size + item.n_bytes > SLICE_BYTES:
                slices.append([])
                size = 0
            slices[-1].append(item)
            size += item.n_bytes
        return slices

    def n_buckets(self) -> int:
        """How many buckets tasks exchange their rows in: one per `BUCKET_BYTES` of input."""
        return 1 + sum(item.n_bytes for item in self.inputs) // BUCKET_BYTES


def plan(
    paths: Sequence[Path],
    *,
    metadata: Path | None = None,
    root: Path | None = None,
    exclude: Collection[Path] = (),
) -> Plan:
    """What the files and folders in `paths` hold for reading, whatever their order.

    Names are relative to `root`, by default the deepest folder that holds all paths. Folders are searched for what
    is below them, save releases and what `exclude` names: a build must not read what builds have written.

    Raises: CallError where a path does not exist or the metadata are wrong; InputError where nothing can be read.
    """
    resolved = _checked(paths)
    inside = {above for path in resolved for above in (path, *path.parents)}
    found = _Found({path.resolve() for path in (*exclude, *([metadata] if metadata else []))} - inside)
    for path in resolved:
        found.collect(path)
    known = described.load([metadata] if metadata else sorted(found.metadata))
    base = (root or _common_folder(resolved)).resolve()
    inputs = []
    failed = {_name(path, base): reason for path, reason in found.failed.items()}
    for path in found.files:
        name = _name(path, base)
        if name.isascii() or name == os.path.relpath(path, base):
            # Records say themselves where they are from.
            metadata_of = {} if name.lower().endswith(RECORD_ENDINGS) else known.pop(_real(path), {})
            inputs.append(Input(str(path), name, _size(path), metadata_of))
        else:
            failed[name] = "has a name that is no UTF-8; rename the file"
    if not inputs and not failed:
        there = ", ".join(f"{n} {ending}" for ending, n in sorted(found.skipped.items())) or "nothing"
        where = ", ".join(map(str, paths))
        raise InputError(f"{where}: no pages: expected .txt pages or .jsonl records, found {there}")
    return Plan(
        inputs=sorted(inputs, key=lambda i: i.name),
        skipped=dict(sorted(found.skipped.items())),
        failed=failed,
        unused_metadata=len(known),
    )


def _checked(paths: Sequence[Path]) -> list[Path]:
    """The paths, resolved, each once and in order."""
    faults = [f"no such file or folder: {path}" for path in paths if not os.path.lexists(path)]
    faults += [
        f"{path} is a configuration, not a page: pass it with --config" for path in paths if path.name == CONFIG_FILE
    ]
    if faults or not paths:
        raise CallError("\n".join(faults) or "no input: name files or folders")
    try:
        return sorted({path.resolve() for path in paths})
    except (OSError, RuntimeError) as error:
        raise CallError(f"cannot be followed: {error}") from None


def _common_folder(paths: Sequence[Path]) -> Path:
    folders = [path if path.is_dir() else path.parent for path in paths]
    return Path(os.path.commonpath(folders))


def _name(path: Path, base: Path) -> str:
    """The path below the base, with escapes for bytes that are no UTF-8."""
    return _text(Path(os.path.relpath(path, base)).as_posix())


def _text(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a circle of links; reading will say so
        return path


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # reading will say why


class _Found:
    """Files found in folders; those left alone, by ending; what could not be read; and metadata."""

    def __init__(self, exclude: Collection[Path]) -> None:
        self.files: dict[Path, None] = {}
        self.skipped: Counter[str] = Counter()
        self.failed: dict[Path, str] = {}
        self.metadata: list[Path] = []
        self._exclude = exclude

    def collect(self, path: Path) -> None:
        """Adds a named file whatever its ending, and of a folder every file that a reader is known for."""
        if not path.is_dir():
            self.files[path] = None
            return

        def fail(error: OSError) -> None:
            self.failed[Path(error.filename)] = f"cannot be read: {error.strerror}"

        for folder, folders, files in os.walk(path, onerror=fail):
            here = Path(folder)
            if here in self._exclude or {"manifest.json", "SHA256SUMS"} <= set(files):
                folders.clear()
                continue
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if name == described.FILE:
                    self.metadata.append(here / name)
                elif name != CONFIG_FILE:
                    self._add(here / name)

    def _add(self, file: Path) -> None:
        if file in self._exclude:
            return
        name = file.name
        if not name.startswith(".") and name.lower().endswith(PAGE_ENDINGS + RECORD_ENDINGS):
            self.files[file] = None
        else:
            self.skipped["hidden" if name.startswith(".") else _text(file.suffix) or "without ending"] += 1
