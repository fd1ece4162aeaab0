"""How much memory a build may use, and what follows from it. No result does.

The figures are measured (`bench/memory.py`, docs/scaling.md).
"""

import gc
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import pyarrow as pa

from broadsheet.errors import CallError

MIB: Final = 1 << 20
LEAST_BYTES: Final = 300 * MIB
"""Below this nothing can be promised: Python with the libraries takes the most of it."""
_PROCESS_BYTES: Final = 240 * MIB
"""What a process takes that holds no rows: Python, Arrow, NumPy, and once they are needed, Numba and DuckDB."""
_WORKER_BYTES: Final = 140 * MIB
"""The same of a worker process, which loads neither of the two."""
_ROWS_FACTOR: Final = 10
"""Bytes that a task holds for each byte of input whose rows it holds."""
FOLD_BYTES: Final = 1 << 30
"""From how many bytes of texts on many tasks fold them, however much memory there is: two machines are quicker so."""
BUCKET_BYTES: Final = 32 * MIB
"""The most bytes of input whose rows a task holds, however much memory there is."""
_LEAST_BUCKET_BYTES: Final = 4 * MIB

_UNITS: Final = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_SIZE: Final = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) ?([KMGT]?)(i?)B?", re.IGNORECASE)


def size_of(text: str | int) -> int:
    """The bytes of a size such as `2GB`, `512MiB` or `800000000`.

    Raises: CallError where it is none.
    """
    match = _SIZE.fullmatch(str(text).strip())
    if not match or (match[3] and not match[2]):
        raise CallError(f"{str(text)[:40]!r} is no size of memory: expected one such as 800MB, 2GB or 1.5GiB")
    unit = match[2].upper()
    factor = 1 << (10 * " KMGT".index(unit)) if match[3] else _UNITS[unit]
    return int(float(match[1]) * factor)


@dataclass(frozen=True, slots=True)
class Budget:
    """The memory of all processes of a build on one machine, and what each thing in it may have."""

    n_bytes: int
    n_workers: int = 1

    @classmethod
    def of(cls, asked: str | int | None) -> "Budget":
        """The budget asked for; by default half of what the machine, or the group of processes, may have.

        Raises: CallError where it is no size, or too small.
        """
        if asked is None:
            return cls(max(machine_bytes() // 2, LEAST_BYTES))
        n_bytes = size_of(asked)
        if n_bytes < LEAST_BYTES:
            raise CallError(
                f"--memory {asked}: a build needs {LEAST_BYTES // MIB} MiB at least, most of it for Python and the "
                "libraries; give it more"
            )
        return cls(n_bytes)

    def among(self, n_workers: int) -> "Budget":
        """The same for so many processes, or as many of them as there is memory for; one at least."""
        each = _WORKER_BYTES + _ROWS_FACTOR * _LEAST_BUCKET_BYTES
        return replace(self, n_workers=max(1, min(n_workers, self._free // each)))

    def bucket_bytes(self) -> int:
        """Bytes of input whose rows a process may hold at a time."""
        free = self._free if self.n_workers == 1 else self._free // self.n_workers - _WORKER_BYTES
        return min(BUCKET_BYTES, max(_LEAST_BUCKET_BYTES, free // _ROWS_FACTOR))

    def join_bytes(self) -> int:
        """What the comparison of texts may hold, beside what is known of each record: counters, shingles, index."""
        return max(8 * MIB, self._free // 4)

    def fold_bytes(self) -> int:
        """How many bytes of texts one task may fold, which holds up to six times as much."""
        return min(FOLD_BYTES, self._free // 8)

    def measures_bytes(self) -> int:
        """What DuckDB may hold before it writes to disk."""
        return max(100 * MIB, self._free // 2)

    @property
    def _free(self) -> int:
        return self.n_bytes - _PROCESS_BYTES


def give_back() -> None:
    """Gives the system what allocators keep of what was freed: a task's leavings are no use to the next one."""
    pa.default_memory_pool().release_unused()
    trim = _trim()
    if trim:
        trim(0)


@contextmanager
def few_collections() -> Iterator[None]:
    """Lets Python look for cycles a hundred times less often meanwhile.

    Rows are made by the million, and none is part of a cycle: looking for some took a fifth of what segments cost.
    """
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@cache
def _trim() -> Callable[[int], int] | None:
    """What makes the C library give memory back; None where it does so by itself, or cannot be asked."""
    try:
        import ctypes

        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, ImportError, OSError, TypeError):
        return None
    return found


def machine_bytes() -> int:
    """The memory of this machine, or less where a control group limits this process."""
    return min([os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), *_limits()])


def _limits(root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")) -> Iterator[int]:
    """The limits of the control groups around this process, of version 2 and 1; none where there are none."""
    try:
        lines = own.read_text("utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers not in ("", "memory"):
            continue
        top = root / controllers
        name = "memory.limit_in_bytes" if controllers else "memory.max"
        group = top / path.lstrip("/")
        for folder in (group, *group.parents):
            try:
                text = (folder / name).read_text("utf-8").strip()
            except OSError:
                text = ""
            if text.isdecimal():  # else `max`
                yield int(text)
            if folder == top:
                break
