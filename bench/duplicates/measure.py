"""What one command takes: wall and CPU seconds and peak memory of it and of all that it starts. Linux only."""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SUBREAPER: Final = 36
_POLL_S: Final = 0.2
_FIRST_POLLS: Final = 20
"""Looks that follow each other four times as fast, so that a short run is seen, too."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took; `failed` says why it has no result, and is empty if it has one."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    failed: str = ""


def surroundings(path: str = "") -> dict[str, str]:
    """The environment's variables of whatever is measured; `path` is where it finds what is not installed.

    Nobody asks the network, or has the chance of hashes. Bytecode is kept, as `pip` leaves it with what it installs,
    and NumPy starts no threads that spin, as on our command line: for all alike.
    """
    variables = os.environ | {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "PYTHONHASHSEED": "0"}
    variables |= {"OPENBLAS_NUM_THREADS": "1"}
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH"):
        variables.pop(name, None)
    return variables | ({"PYTHONPATH": path} if path else {})


def adopt_orphans() -> None:
    """From now on this process inherits what its descendants leave running, so that their CPU seconds are counted.

    Servers from which `multiprocessing` forks its workers end after the process that started them.
    """
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what runs is ended with this process


def run(command: Sequence[str], environment: Mapping[str, str], limit_s: float) -> Cost:
    """Runs a command alone, its output thrown away but for the end of an error.

    The memory is the resident set: the sum over all living processes of the command five times a second, or the
    high-water mark of one process, whichever is more. Pages that processes share are counted once for each.
    """
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, env=dict(environment), stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
        )
        watch = _Watch(process.pid, limit_s)
        watch.start()
        try:
            status, cpu_s = _wait(process.pid)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        wall_s = time.perf_counter() - started
        process.returncode = status
        watch.ended.set()
        watch.join()
        if watch.too_slow:
            return Cost(wall_s, cpu_s, watch.peak_mb, f"over {limit_s:,.0f} s")
        if status:
            errors.seek(0)
            last = errors.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
            return Cost(wall_s, cpu_s, watch.peak_mb, last or f"exit {status}")
    return Cost(wall_s, cpu_s, watch.peak_mb)


def _wait(pid: int) -> tuple[int, float]:
    """Exit code of the process, and CPU seconds of it and of what it has left."""
    _, status, used = os.wait4(pid, 0)
    cpu_s = used.ru_utime + used.ru_stime
    while True:
        try:
            _, _, used = os.wait4(-1, 0)
        except ChildProcessError:
            return os.waitstatus_to_exitcode(status), cpu_s
        cpu_s += used.ru_utime + used.ru_stime


class _Watch(threading.Thread):
    """Looks at the memory of all processes of a session, and ends them at the limit."""

    def __init__(self, pid: int, limit_s: float) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._until = time.monotonic() + limit_s
        self.ended = threading.Event()
        self.peak_mb = 0.0
        self.too_slow = False

    def run(self) -> None:
        n_polls = 0
        while not self.ended.wait(_POLL_S if n_polls > _FIRST_POLLS else _POLL_S / 4):
            n_polls += 1
            resident, marks = 0, [0]
            for pid in _session(self._pid):
                now, mark = _memory(pid)
                resident += now
                marks.append(mark)
            self.peak_mb = max(self.peak_mb, resident * 1024 / 1e6, max(marks) * 1024 / 1e6)
            if time.monotonic() > self._until:
                self.too_slow = True
                os.killpg(self._pid, signal.SIGKILL)  # its own session, which has the number of its first process
                return


def _session(number: int) -> list[int]:
    """The processes of a session."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[3]) == number:
            found.append(int(path.parent.name))
    return found


def _memory(pid: int) -> tuple[int, int]:
    """Resident set of a process and its high-water mark, in units of 1,024 bytes."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0, 0
    parts = (line.partition(":") for line in lines if line.startswith("Vm"))
    sizes = {name: int(value.split()[0]) for name, _, value in parts}
    return sizes.get("VmRSS", 0), sizes.get("VmHWM", 0)
