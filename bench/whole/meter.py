"""What each task of a build takes: an engine that runs tasks in this process and looks at the process around them.

Linux only: memory is the high-water mark of the resident set, which is set back before each row of tasks.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from broadsheet.engine import Engine, Progress, Task, local

_DIGEST_CHARS: Final = (32, 64)


@dataclass(slots=True)
class Cost:
    """The sums over tasks, and the largest peak."""

    n_tasks: int = 0
    wall_s: float = 0
    cpu_s: float = 0
    peak_mb: float = 0
    held_mb: float = 0
    """The most by which the resident set rose above what it was before."""
    read_mb: float = 0
    """Bytes asked of the system, whether they came from a disk or its cache."""
    written_mb: float = 0
    shuffled_mb: float = 0
    """Bytes of files of which each task reads its bucket only: what every machine must get from every other."""


class Meter:
    """Costs by the name of the task; `run` is the engine that they are taken by."""

    def __init__(self) -> None:
        self.costs: dict[str, Cost] = {}
        self._one = local(1)

    def run(self) -> Engine:
        """The engine."""

        def metered(task: Task, specs: Sequence[dict[str, Any]], progress: Progress | None = None) -> list[Any]:
            name = getattr(task, "task", task).__name__
            with self.watch(name) as cost:
                results = self._one(task, specs, progress)
            cost.n_tasks += len(specs)
            cost.shuffled_mb += sum(Path(path).stat().st_size for path in _shuffled(specs)) / 1e6
            return results

        return metered

    @contextlib.contextmanager
    def watch(self, name: str) -> Any:
        """Adds what is taken meanwhile to the cost of that name."""
        cost = self.costs.setdefault(name, Cost())
        reset_peak()
        resident = resident_mb("VmRSS")
        before, wall, cpu = transferred(), time.perf_counter(), time.process_time()
        yield cost
        cost.wall_s += time.perf_counter() - wall
        cost.cpu_s += time.process_time() - cpu
        cost.peak_mb = max(cost.peak_mb, peak := resident_mb("VmHWM"))
        cost.held_mb = max(cost.held_mb, peak - resident)
        after = transferred()
        cost.read_mb += (after["rchar"] - before["rchar"]) / 1e6
        cost.written_mb += (after["wchar"] - before["wchar"]) / 1e6


def _shuffled(specs: Sequence[Mapping[str, Any]]) -> set[str]:
    """The files that several tasks are given, each of which is told the number of its bucket."""
    numbered = [spec for spec in specs if spec.get("bucket", spec.get("number")) is not None]
    given = Counter(path for spec in numbered for path in set(_files(spec)))
    return {path for path, n in given.items() if n > 1}


def _files(value: Any) -> Iterator[str]:
    """The committed files that a spec names."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        if len(value) == 2 and all(isinstance(part, str) for part in value) and len(value[1]) in _DIGEST_CHARS:
            yield value[0]
        else:
            for inner in value:
                yield from _files(inner)


def transferred() -> dict[str, int]:
    """Bytes that this process has read and written by calls to the system (`rchar`, `wchar`)."""
    lines = Path("/proc/self/io").read_text("ascii").splitlines()
    return {name: int(value) for name, value in (line.split(": ") for line in lines)}


def reset_peak() -> None:
    """Sets the high-water mark back to what is resident now, where the system lets it."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")


def resident_mb(name: str) -> float:
    """The resident set, `VmRSS`, or its high-water mark, `VmHWM`."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024 / 1e6
