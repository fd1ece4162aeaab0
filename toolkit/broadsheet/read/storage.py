"""Where inputs lie: files of this machine, and whatever fsspec opens by a URL."""

import glob
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, cast
from urllib.parse import urlsplit, urlunsplit

from broadsheet.errors import CallError

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:::[a-z0-9+.-]+)*://")
_MAGIC: Final = re.compile(r"[*?[]")


def is_url(path: str) -> bool:
    """True for what fsspec opens, such as `s3://bucket/crawl` or `memory://pages`; a Windows drive is none."""
    return bool(_SCHEME.match(path))


def is_pattern(path: str) -> bool:
    """True where a path holds `*`, `?` or `[`, and no file has just that name."""
    return bool(_MAGIC.search(path)) and (is_url(path) or not os.path.lexists(path))


def expand(pattern: str) -> list[str]:
    """The files and folders that a pattern names, in order; `**` crosses folders."""
    if not is_url(pattern):
        return sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207  Path.glob refuses absolute patterns
    return sorted(_full(pattern, found) for found in _calling(pattern, lambda fs, path: fs.glob(path)))


def below(url: str) -> list[tuple[str, int]]:
    """The files at or below a URL, with their sizes in bytes, in order.

    Raises: CallError where there is none, or the storage cannot be reached.
    """

    def find(fs: Any, path: str) -> list[tuple[str, int]]:
        found = fs.find(path, detail=True)
        sizes = [(name, info.get("size")) for name, info in found.items()]
        return [(_full(url, name), fs.size(name) if size is None else size) for name, size in sizes]

    found = _calling(url, find)
    if not found:
        raise CallError(f"no such file or folder: {public(url)}")
    return sorted(found)


def public(path: str) -> str:
    """The path as a release may show it: without a user and password."""
    if not is_url(path):
        return path
    parts = urlsplit(path)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def opened(path: str) -> BinaryIO:
    """The file, open for reading bytes; it can seek.

    Raises: OSError where it cannot be read, or is a device or a pipe: reading one could wait for ever.
    """
    if is_url(path):
        return cast(BinaryIO, _remote(path, lambda fs, name: fs.open(name, "rb")))
    if not stat.S_ISREG(Path(path).stat().st_mode):
        raise OSError("it is no regular file")
    return Path(path).open("rb")


def size_of(path: str) -> int:
    """Bytes of a file; 0 where it cannot be asked: reading it will say why."""
    try:
        return int(_remote(path, lambda fs, name: fs.size(name)) or 0) if is_url(path) else Path(path).stat().st_size
    except OSError:
        return 0


def _remote(url: str, call: Callable[[Any, str], Any]) -> Any:
    """What `call` makes of the file system and path of a URL; its errors, whatever library raises them, as OSError."""
    from fsspec.core import url_to_fs

    try:
        return call(*url_to_fs(url))
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


def _calling(url: str, call: Callable[[Any, str], Any]) -> Any:
    """`_remote` for what the caller named: failing is then a wrong call."""
    try:
        return _remote(url, call)
    except OSError as error:
        raise CallError(f"{public(url)}: cannot be reached: {error.strerror or error}") from None


def _full(url: str, name: str) -> str:
    """The URL of a file that the file system of `url` lists as `name`."""
    if is_url(name):
        return name
    scheme = url[: url.index("://") + 3]
    rest = name.lstrip("/") if scheme != "file://" else name
    return scheme + rest


def lines(path: str) -> Iterator[str]:
    """The lines of a list of paths, without empty ones and comments (`#`).

    Raises: CallError where it cannot be read or is no UTF-8.
    """
    try:
        with opened(path) as file:
            text = file.read().decode("utf-8-sig")
    except OSError as error:
        raise CallError(f"{public(path)}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise CallError(f"{public(path)}: byte {error.start} is no UTF-8") from None
    for line in map(str.strip, text.splitlines()):
        if line and not line.startswith("#"):
            yield line
