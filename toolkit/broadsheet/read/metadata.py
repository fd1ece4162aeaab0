"""What is known of pages beforehand: a JSON Lines file with a path a line."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from broadsheet.contract import utc
from broadsheet.errors import CallError
from broadsheet.strict import UnreadableError, loads

FILE: Final = "pages.jsonl"
"""A file of this name in an input folder describes the pages beside and below it and is no input itself."""
_KEYS: Final = ("path", "url", "source", "captured")

Known = dict[str, dict[str, str | None]]
Resolve = Callable[[str], str]


def load(files: Sequence[Path]) -> Known:
    """What the files say, by the page's key: url, source and captured, each of which may be None.

    Raises: CallError with every faulty line of all files.
    """
    known: Known = {}
    faults: list[str] = []
    resolve = cache(os.path.realpath)
    for file in files:
        try:
            lines = file.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
        except (OSError, ValueError) as error:
            raise CallError(f"{file}: cannot be read as metadata: {getattr(error, 'strerror', error)}") from None
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = loads(line)
                _check(row)
                path = key(os.path.join(file.parent, row["path"]), resolve)  # noqa: PTH118
                if path in known:
                    raise UnreadableError("duplicate", f"{row['path']} was described before")
                known[path] = {
                    "url": row.get("url"),
                    "source": row.get("source"),
                    "captured": _time(row.get("captured")),
                }
            except ValueError as error:
                faults.append(f"{file}:{number}: {error}")
    if faults:
        raise CallError("\n".join(faults))
    return known


def key(path: str, resolve: Resolve = os.path.realpath) -> str:
    """What a page is known by: its folder, whatever links lead there, and its own name, be it a link.

    Who asks for many of a folder may say how it is resolved, so that it is done once.
    """
    folder, name = os.path.split(path)
    if name in {"", "."}:
        folder, name = os.path.split(str(Path(path)))
    return os.path.join(resolve(folder), name)  # noqa: PTH118  text, since there may be millions


def _time(text: str | None) -> str | None:
    try:
        return utc(text) if text else None
    except ValueError as error:
        raise ValueError(f"captured: {error}") from None


def _check(row: Mapping[str, Any]) -> None:
    unknown = [name for name in row if name not in _KEYS]
    if unknown:
        raise ValueError(f"unknown {', '.join(unknown)}; known are {', '.join(_KEYS)}")
    if "path" not in row:
        raise ValueError("lacks 'path'")
    wrong = [name for name in _KEYS if row.get(name) is not None and not (isinstance(row[name], str) and row[name])]
    if wrong or row["path"] is None or "\0" in row["path"]:
        raise ValueError(f"{', '.join(wrong) or 'path'} must be text that is not empty")
