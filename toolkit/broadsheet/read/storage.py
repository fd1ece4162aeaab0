"""Where inputs lie: files of this machine, and whatever fsspec opens by a URL."""

import glob
import os
import re
import stat
import tempfile
from collections.abc import Callable
from typing import Any, BinaryIO, Final, cast

from broadsheet.errors import CallError

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:::[A-Za-z0-9+.-]+)*://")
_USER: Final = re.compile(r"(?<=://)[^\s@]*:[^\s]*@|(?<=http://)[^\s/]*@|(?<=https://)[^\s/]*@")
_SECRET: Final = re.compile(
    r"([?&;][^\s=&]*(?:sig|token|key|secret|pass|cred|auth)[^\s=&]*=)[^\s&#\"']*", re.IGNORECASE
)
_STREAMED: Final = ("http://", "https://")


def is_url(path: str) -> bool:
    """True for what fsspec opens, such as `s3://bucket/crawl` or `memory://pages`; a Windows drive is none."""
    return bool(_SCHEME.match(path))


def is_streamed(path: str) -> bool:
    """True for URLs of which parts cannot be relied on: servers may know neither sizes nor ranges."""
    return path.startswith(_STREAMED) or "::" in path


def is_local_to_process(path: str) -> bool:
    """True for what other processes cannot see."""
    return path.startswith("memory://")


def is_pattern(path: str) -> bool:
    """True where a path holds `*`, `?` or `[`, and no file has just that name; in web addresses only `*` is one."""
    if path.startswith(_STREAMED):
        return "*" in path
    return bool(re.search(r"[*?[]", path)) and (is_url(path) or not os.path.lexists(path))


def public(text: str) -> str:
    """A path or message as a release may show it: URLs in it without passwords, keys and signatures.

    >>> public("https://key:secret@host.example/a.txt?page=2&X-Signature=1f")
    'https://host.example/a.txt?page=2&X-Signature='
    """
    return _SECRET.sub(r"\1", _USER.sub("", text)) if "://" in text else text


def expand(pattern: str) -> list[str]:
    """The files and folders that a pattern names, in order; `**` crosses folders."""
    if not is_url(pattern):
        return sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207  Path.glob refuses absolute patterns
    first = min(pattern.find(sign) for sign in "*?[" if sign in pattern)
    root = pattern[:first].rpartition("/")[0]
    found = _calling(pattern, lambda fs, path: (fs.glob(path), path))
    stripped = found[1][: min(found[1].find(sign) for sign in "*?[" if sign in found[1])].rpartition("/")[0]
    return sorted(_full(root, stripped, name) for name in found[0])


def below(url: str) -> list[tuple[str, int]]:
    """The files at or below a URL, with their sizes in bytes (0 where nobody knows), in order.

    A web address is one file: what a server lists may be anything.

    Raises: CallError where there is none, or the storage cannot be reached.
    """
    if is_streamed(url):
        return [(url, int(_calling(url, lambda fs, path: fs.info(path).get("size")) or 0))]

    def find(fs: Any, path: str) -> list[tuple[str, int]]:
        found = fs.find(path, detail=True)
        return [(_full(url, path, name), int(info.get("size") or 0)) for name, info in found.items()]

    files = _calling(url, find)
    if not files:
        raise CallError(f"no such file or folder: {public(url)}")
    return sorted(files)


def _full(url: str, stripped: str, name: str) -> str:
    """The URL of a file below `url`, by its name and that of `url` in the file system."""
    return url.rstrip("/") + "/" * (name != stripped) + name[len(stripped) :].lstrip("/")


def opened(path: str) -> BinaryIO:
    """The file, open for reading bytes; it can seek. All that goes wrong later is an OSError, too.

    Raises: OSError where it cannot be read, or is a device or a pipe: reading one could wait for ever.
    """
    if is_streamed(path):
        return _copied(path)
    if is_url(path):
        return cast(BinaryIO, _Guarded(_remote(path, lambda fs, name: fs.open(name, "rb"))))
    if not stat.S_ISREG(_stat(path).st_mode):
        raise OSError("it is no regular file")
    return open(path, "rb")  # noqa: PTH123  a `Path` takes longer than to open a file


def _stat(path: str) -> os.stat_result:
    return os.stat(path)  # noqa: PTH116  likewise


def size_of(path: str) -> int:
    """Bytes of a file; 0 where it cannot be asked: reading it will say why."""
    try:
        return _stat(path).st_size
    except OSError:
        return 0


def state_of(file: BinaryIO) -> tuple[int, int] | None:
    """Size and time of the last change of an open file of this machine; None for others, which do not tell."""
    try:
        found = os.fstat(file.fileno())
    except (OSError, AttributeError):
        return None
    return found.st_size, found.st_mtime_ns


def last_change(path: str) -> list[int] | None:
    """Size, times of the last change of content and of anything, and number of a file; None for what does not tell.

    The second time cannot be set, so a file with an old time put in another's place shows.
    """
    try:
        found = _stat(path)
    except (OSError, ValueError):
        return None
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


class _Guarded:
    """A file of some storage, whose errors are OSErrors whatever library raises them."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._file, name)
        return _guarded(found) if callable(found) else found

    def __enter__(self) -> "_Guarded":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _guarded(call: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(*given: Any) -> Any:
        try:
            return call(*given)
        except OSError as error:
            raise OSError(public(error.strerror or str(error))) from error
        except Exception as error:  # each storage's library raises classes of its own, which we do not import
            raise OSError(public(f"{type(error).__name__}: {error}")) from error

    return guarded


def _copied(url: str) -> BinaryIO:
    """A copy of a remote file, on disk for as long as it is open."""
    copy = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    try:
        with cast(BinaryIO, _Guarded(_remote(url, lambda fs, name: fs.open(name, "rb", block_size=0)))) as source:
            while data := source.read(1 << 20):
                copy.write(data)
    except BaseException:
        copy.close()
        raise
    copy.seek(0)
    return cast(BinaryIO, copy)


def _remote(url: str, call: Callable[[Any, str], Any]) -> Any:
    """What `call` makes of the file system and path of a URL; its errors, whatever library raises them, as OSError."""
    from fsspec.core import url_to_fs

    return _guarded(lambda: call(*url_to_fs(url)))()


def _calling(url: str, call: Callable[[Any, str], Any]) -> Any:
    """`_remote` for what the caller named: failing is then a wrong call."""
    try:
        return _remote(url, call)
    except OSError as error:
        raise CallError(f"{public(url)}: cannot be reached: {error.strerror or error}") from None


def lines(path: str) -> list[str]:
    """The lines of a list of paths, without empty ones and comments (`#`).

    Raises: CallError where it cannot be read, is no UTF-8, or lists nothing.
    """
    try:
        with opened(path) as file:
            text = file.read().decode("utf-8-sig")
    except OSError as error:
        raise CallError(f"{public(path)}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise CallError(f"{public(path)}: byte {error.start} is no UTF-8") from None
    found = [line for line in map(str.strip, text.split("\n")) if line and not line.startswith("#")]
    if not found:
        raise CallError(f"{public(path)}: lists no paths")
    return found
