"""Which files are read, and how they are cut into slices."""

import glob
import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from broadsheet.config import FILES as CONFIG_FILES
from broadsheet.errors import CallError, InputError
from broadsheet.read import formats, metadata, storage

SLICE_BYTES: Final = 8 << 20
_GROWTH: Final = 4
"""Times that compressed files are taken to grow, when buckets are counted."""


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read, or a part of it: where it is, what releases call it, and what metadata say about it."""

    path: str
    """A path of this machine or a URL."""
    name: str
    n_bytes: int
    metadata: Mapping[str, str | None] = field(default_factory=dict)
    start: int = 0
    end: int = -1
    """The part, as `Source` has it; -1 is the end of the file."""
    n_parts: int = 1
    """How many parts the file was cut into."""

    @property
    def share(self) -> int:
        """Bytes of the file that this part stands for, about."""
        return self.n_bytes // self.n_parts

    def to_json(self) -> dict[str, Any]:
        """The input as engines pass it to tasks."""
        return {name: getattr(self, name) for name in ("path", "name", "start", "end")} | {
            "metadata": dict(self.metadata)
        }


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

    def slices(self, format_: str | None = None) -> list[list[Input]]:
        """The inputs in runs of about `SLICE_BYTES`, which depend on the inputs only.

        A larger file is cut, where its format allows that.
        """
        slices: list[list[Input]] = []
        size = 0
        for item in self.inputs:
            if item.n_bytes > SLICE_BYTES:
                slices += [[part] for part in _parts(item, format_)]
                size = SLICE_BYTES + 1  # nothing joins it, not even an empty file
                continue
            if not slices or size + item.n_bytes > SLICE_BYTES:
                slices.append([])
                size = 0
            slices[-1].append(item)
            size += item.n_bytes
        return slices

    def to_json(self) -> list[Any]:
        """What was planned: the inputs with the state of their files, and what is left out."""
        states = [[item.to_json(), item.n_bytes, storage.last_change(item.path)] for item in self.inputs]
        return [states, dict(self.skipped), dict(self.failed), self.unused_metadata]

    def n_bytes(self) -> int:
        """Bytes of all inputs, as they are stored."""
        return sum(item.n_bytes for item in self.inputs)

    def is_bound(self) -> bool:
        """True where an input can be seen by this process only."""
        return any(storage.is_local_to_process(item.path) for item in self.inputs)

    def n_buckets(self, bucket_bytes: int) -> int:
        """How many buckets tasks exchange their rows in: one per `bucket_bytes` of input."""
        sizes = (item.n_bytes * (_GROWTH if _grows(item.name) else 1) for item in self.inputs)
        return 1 + sum(sizes) // bucket_bytes


def _grows(name: str) -> bool:
    return formats.is_compressed(name) or formats.named(name) == "parquet"


def _parts(item: Input, format_: str | None) -> list[Input]:
    """A large file in parts that can be read each for itself; the file where it has no such parts."""
    if storage.is_streamed(item.path):
        return [item]
    try:
        with storage.opened(item.path) as file:
            compression, head = formats.head_of(file, item.n_bytes)
            bounds = _bounds(file, item.n_bytes, compression, format_ or formats.format_of(head, item.name))
    except (OSError, ValueError):  # reading will say what is wrong with it
        return [item]
    ends = [*bounds[1:], -1]
    n_parts = len(bounds)
    return [replace(item, start=start, end=end, n_parts=n_parts) for start, end in zip(bounds, ends, strict=True)]


def _bounds(file: Any, n_bytes: int, compression: str, format_: str) -> list[int]:
    """Where the parts of a file begin."""
    if format_ == "jsonl" and compression == "none":
        return list(range(0, n_bytes, SLICE_BYTES))
    if format_ == "warc":
        from broadsheet.read.warc import cuts

        return cuts(file, compression, n_bytes, SLICE_BYTES)
    if format_ == "parquet" and compression == "none":
        from broadsheet.read.parquet import row_groups

        bounds, size = [0], 0
        for number, (_, group_bytes) in enumerate(row_groups(file)):
            if size and size + group_bytes > SLICE_BYTES * _GROWTH:
                bounds.append(number)
                size = 0
            size += group_bytes
        return bounds
    return [0]


def plan(
    paths: Sequence[Path | str],
    *,
    described: Path | None = None,
    root: Path | None = None,
    exclude: Collection[Path] = (),
    format_: str | None = None,
) -> Plan:
    """What the files and folders in `paths` hold for reading, whatever their order.

    A path may be a pattern or a URL. Names are relative to `root`, by default the deepest folder that holds all
    paths; those of URLs are the URLs. Folders are searched for what is below them, save releases and what `exclude`
    names: a build must not read what builds have written. `described` is a file of metadata; `format_` is what all
    files will be read as.

    Raises: CallError where a path does not exist or the metadata are wrong; InputError where nothing can be read.
    """
    given = list(map(str, paths))
    expanded = _expanded(given)
    here = _checked([Path(path) for path in expanded if not storage.is_url(path)], given)
    inside = {above for path in map(_real, here) for above in (path, *path.parents)}
    found = _Found({_real(path) for path in (*exclude, *([described] if described else []))} - inside)
    for path in here:
        found.collect(path)
    known = metadata.load([described] if described else sorted(found.metadata))
    resolve = cache(os.path.realpath)
    inputs = _remote_inputs([path for path in expanded if storage.is_url(path)], found.skipped)
    base = Path(os.path.abspath(root)) if root else _common_folder(here)  # noqa: PTH100  links keep their names
    failed = {_name(path, base): reason for path, reason in found.failed.items()}
    for path in found.files:
        name = _name(path, base)
        if not name.isascii() and name != os.path.relpath(path, base):
            failed[name] = "has a name that is no UTF-8; rename the file"
            continue
        # Records say themselves where they are from.
        own = (format_ or formats.named(name)) in formats.RECORD_FORMATS
        about = {} if own or not known else known.pop(metadata.key(str(path), resolve), {})
        inputs.append(Input(str(path), name, storage.size_of(str(path)), about))
    if not inputs and not failed:
        raise InputError(_nothing(given, found.skipped))
    return Plan(
        inputs=sorted(inputs, key=lambda i: i.name),
        skipped={ending: n for ending, n in sorted(found.skipped.items()) if n},
        failed=failed,
        unused_metadata=len(known),
    )


def _nothing(given: Sequence[str], skipped: Mapping[str, int]) -> str:
    there = ", ".join(f"{n} {ending}" for ending, n in sorted(skipped.items()) if n) or "nothing"
    endings = " ".join(formats.ENDINGS)
    where = ", ".join(map(storage.public, given))
    return f"{where}: no pages: expected files of {endings}, plain or with .gz or .zst, found {there}"


def listed(file: str) -> list[str]:
    """The paths in a list of files, folders, patterns and URLs, one a line, which are relative to the list's folder.

    Raises: CallError where it cannot be read, is no UTF-8, or lists nothing.
    """
    folder = file.rpartition("/")[0] if storage.is_url(file) else str(Path(file).parent)
    return [below(folder, path) for path in storage.lines(file)]


def below(folder: str, path: str) -> str:
    """A path, pattern or URL that was given relative to a folder."""
    if storage.is_url(path):
        return path
    if storage.is_url(folder):
        return f"{folder}/{path}"
    joined = str(Path(folder) / path)
    return str(Path(glob.escape(folder)) / path) if storage.is_pattern(joined) else joined


def _expanded(paths: Iterable[str]) -> list[str]:
    """The paths with what patterns stand for.

    Raises: CallError for a pattern that nothing matches.
    """
    found: list[str] = []
    for path in paths:
        if not storage.is_pattern(path):
            found.append(path)
            continue
        matches = [match for match in storage.expand(path) if Path(match).name not in CONFIG_FILES]
        if not matches:
            raise CallError(f"{storage.public(path)}: no file or folder matches")
        found += matches
    return found


def _remote_inputs(urls: Sequence[str], skipped: Counter[str]) -> list[Input]:
    """The files at and below the URLs, each once; as in folders, only those of a known format, save those named."""
    found: dict[str, Input] = {}
    for url in urls:
        for path, n_bytes in storage.below(url):
            name = storage.public(path)
            if path.rstrip("/") == url.rstrip("/") or formats.named(name):
                same = next((item.path for item in found.values() if item.name == name), path)
                if same != path:
                    raise CallError(f"{name}: two URLs differ only in what is secret; name one of them")
                found[path] = Input(path, name, n_bytes)
            else:
                skipped[Path(name).suffix or "without ending"] += 1
    return list(found.values())


def _checked(paths: Sequence[Path], given: Sequence[str]) -> list[Path]:
    """The paths, resolved, each once and in order."""
    faults = [f"no such file or folder: {path}" for path in paths if not os.path.lexists(path)]
    faults += [
        f"{path} is a configuration, not a page: pass it with --config" for path in paths if path.name in CONFIG_FILES
    ]
    if faults or not given:
        raise CallError("\n".join(faults) or "no input: name files or folders")
    return sorted({Path(os.path.abspath(path)) for path in paths})  # noqa: PTH100  a link is read under its own name


def _common_folder(paths: Sequence[Path]) -> Path:
    folders = [path if os.path.isdir(path) else path.parent for path in paths]  # noqa: PTH112  never raises
    return Path(os.path.commonpath(folders)) if folders else Path()


def _name(path: Path, base: Path) -> str:
    """The path below the base, with escapes for bytes that are no UTF-8."""
    full, above = str(path), f"{base}/"
    return _text(full[len(above) :] if full.startswith(above) else os.path.relpath(path, base))


def _text(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a circle of links; reading will say so
        return path


class _Found:
    """Files found in folders; those left alone, by ending; what could not be read; and metadata."""

    def __init__(self, exclude: Collection[Path]) -> None:
        self.files: dict[Path, None] = {}
        self.skipped: Counter[str] = Counter()
        self.failed: dict[Path, str] = {}
        self.metadata: list[Path] = []
        self._exclude = exclude
        self._excluded = {path.name for path in exclude}

    def collect(self, path: Path) -> None:
        """Adds a named file whatever its ending, and of a folder every file that a reader is known for."""
        if not os.path.isdir(path):  # noqa: PTH112  Path.is_dir raises where a link leads into a closed folder
            self.files[path] = None
            return

        def fail(error: OSError) -> None:
            self.failed[Path(error.filename)] = f"cannot be read: {error.strerror}"

        for folder, folders, files in os.walk(path, onerror=fail):
            here = Path(folder)
            real = _real(here)
            if real in self._exclude or {"manifest.json", "SHA256SUMS"} <= set(files):
                folders.clear()
                continue
            self.skipped["hidden folders"] += sum(name.startswith(".") for name in folders)
            self.skipped["linked folders"] += sum((here / name).is_symlink() for name in folders)
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if name == metadata.FILE:
                    self.metadata.append(here / name)
                elif name not in CONFIG_FILES:
                    self._add(here / name, real)

    def _add(self, file: Path, real: Path) -> None:
        """Adds a file of the folder that `real` is, without the links to it."""
        name = file.name
        is_link = os.path.islink(file)  # noqa: PTH114  never raises
        if (is_link or name in self._excluded) and (_real(file) if is_link else real / name) in self._exclude:
            return
        if not name.startswith(".") and formats.named(name):
            self.files[file] = None
        else:
            self.skipped["hidden" if name.startswith(".") else _text(file.suffix) or "without ending"] += 1
