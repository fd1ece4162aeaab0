"""Locks between processes of one machine: a file beside what is locked, which the kernel frees when its holder dies."""

import contextlib
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from broadsheet.errors import ReleaseError


class BusyError(ReleaseError):
    """Somebody else holds the lock; wait until they have ended."""


@contextlib.contextmanager
def held(path: Path, what: str, wait_s: float = 0) -> Iterator[None]:
    """Holds the lock `path`, which appears for as long as that takes; of a process that was killed it may be left.

    Raises: BusyError, naming who holds it, where it is not free within `wait_s`; OSError where locks cannot be had.
    """
    until = time.monotonic() + wait_s
    while (descriptor := _take(path)) is None:
        if time.monotonic() >= until:
            raise BusyError(f"another {what} is running{_holder(path)}; wait until it has ended")
        time.sleep(0.02)
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()} {socket.gethostname()}\n".encode())
        yield
    finally:
        # Still held: who has opened the file meanwhile sees below that it is gone.
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(descriptor)


def _take(path: Path) -> int | None:
    """The open file, locked; None where somebody else has it. Worker processes do not inherit it."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), path.lstat()):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        except FileNotFoundError:
            pass  # its holder has just gone, and the file with it
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _holder(path: Path) -> str:
    """Who says in the file that they hold it; they may have taken it this moment."""
    for _ in range(10):
        with contextlib.suppress(OSError, UnicodeDecodeError):
            pid, _, host = path.read_text("utf-8").strip().partition(" ")
            if pid.isdecimal():
                return f" (pid {pid})" if host == socket.gethostname() else f" (pid {pid} on {host})"
        time.sleep(0.01)
    return ""
