"""Which files are read, what is known about them beforehand, and how they are cut into slices."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from broadsheet.contract import utc
from broadsheet.errors import CallError, InputError

METADATA_FILE: Final = "pages.jsonl"
"""A file of this name at the root of an input folder describes the pages beside it and is no input itself."""
SLICE_BYTES: Final = 8 << 20
RECORD_ENDINGS: Final = (".jsonl", ".ndjson")
PAGE_ENDINGS: Final = (".txt",)


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read: where it is, what releases call it, and what metadata say about it."""

    path: str
    name: str
    n_bytes: int
    metadata: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def holds_records(self) -> bool:
        """True where the file's lines are records of the user's own, false where the file is a page."""
        return self.name.lower().endswith(RECORD_ENDINGS)

    def to_json(self) -> dict[str, Any]:
        """The input as engines pass it to tasks."""
        return {"path": self.path, "name": self.name, "metadata": dict(self.metadata)}


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be read, in the order of the names, and what in the given folders will not."""

    inputs: Sequence[Input]
    skipped: Mapping[str, int]
    """Files left alone, counted by ending: no format that is read, or hidden."""
    unused_metadata: int
    """Lines of the metadata file that name no file that is read."""

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
        """How many buckets tasks exchange their rows in: one per 32 MiB of input."""
        return 1 + sum(item.n_bytes for item in self.inputs) // (32 << 20)


def plan(paths: Sequence[Path], *, metadata: Path | None = None, root: Path | None = None) -> Plan:
    """What the files and folders in `paths` hold for reading, whatever their order.

    Names are relative to `root`, by default the deepest folder that holds all paths.

    Raises: CallError where a path does not exist or the metadata are wrong; InputError where nothing can be read.
    """
    missing = [str(path) for path in paths if not path.exists()]
    if missing or not paths:
        raise CallError(
            f"no such file or folder: {', '.join(missing)}" if missing else "no input: name files or folders"
        )
    resolved = sorted({path.resolve() for path in paths})
    base = (root or _common_folder(resolved)).resolve()
    found: dict[Path, None] = {}
    skipped: Counter[str] = Counter()
    for path in resolved:
        _collect(path, found, skipped)
    known = _metadata(metadata, resolved)
    names = {path: Path(os.path.relpath(path, base)).as_posix() for path in found}
    inputs = [Input(str(path), name, _size(path), known.pop(path, {})) for path, name in names.items()]
    if not inputs:
        there = ", ".join(f"{n} {ending}" for ending, n in sorted(skipped.items())) or "nothing"
        raise InputError(
            f"{', '.join(map(str, paths))}: no pages: expected .txt pages or .jsonl records, found {there}"
        )
    return Plan(sorted(inputs, key=lambda i: i.name), dict(sorted(skipped.items())), len(known))


def _common_folder(paths: Sequence[Path]) -> Path:
    folders = [path if path.is_dir() else path.parent for path in paths]
    return Path(os.path.commonpath(folders))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # reading will say why


def _collect(path: Path, found: dict[Path, None], skipped: Counter[str]) -> None:
    """Adds a named file whatever its ending, and of a folder every file that a reader is known for."""
    if not path.is_dir():
        found[path] = None
        return
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            file = Path(folder, name)
            if file == path / METADATA_FILE or name == "dataset.toml":
                continue
            if not name.startswith(".") and name.lower().endswith(PAGE_ENDINGS + RECORD_ENDINGS):
                found[file] = None
            else:
                skipped["hidden" if name.startswith(".") else file.suffix or "without ending"] += 1


def _metadata(metadata: Path | None, paths: Sequence[Path]) -> dict[Path, dict[str, str | None]]:
    files = [metadata] if metadata else [p / METADATA_FILE for p in paths if (p / METADATA_FILE).is_file()]
    known: dict[Path, dict[str, str | None]] = {}
    faults: list[str] = []
    for file in files:
        try:
            lines = file.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise CallError(f"{file}: cannot be read as metadata: {error}") from None
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                known[(file.parent / row["path"]).resolve()] = _checked(row)
            except (ValueError, TypeError, KeyError) as error:
                faults.append(f"{file}:{number}: {_fault(error)}")
    if faults:
        raise CallError("\n".join(faults))
    return known


def _fault(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON: {error}"
    return f"lacks {error}" if isinstance(error, KeyError) else str(error)


def _checked(row: Mapping[str, Any]) -> dict[str, str | None]:
    allowed = ("path", "url", "source", "captured")
    unknown = [name for name in row if name not in allowed]
    if unknown:
        raise ValueError(f"unknown {', '.join(unknown)}; known are {', '.join(allowed)}")
    wrong = [name for name in allowed if not isinstance(row.get(name), str | None)]
    if wrong:
        raise ValueError(f"{', '.join(wrong)} must be text")
    captured = row.get("captured")
    return {
        "url": row.get("url"),
        "source": row.get("source"),
        "captured": utc(captured) if captured else None,
    }


def names(inputs: Iterable[Input]) -> list[str]:
    """The inputs' names, in their order."""
    return [item.name for item in inputs]
