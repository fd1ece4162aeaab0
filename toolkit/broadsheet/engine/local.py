"""The local engine: in this process where one task is all there is, else in worker processes."""

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any, Protocol

from broadsheet.errors import ReleaseError
from broadsheet.memory import few_collections, give_back

Spec = dict[str, Any]
Result = dict[str, Any]
Task = Callable[[Spec], Result]
Progress = Callable[[int, int], None]
"""Called with the number of finished tasks and of all tasks."""


class Engine(Protocol):
    """Runs tasks; see the package for what tasks are."""

    def __call__(self, task: Task, specs: Sequence[Spec], progress: Progress | None = None) -> list[Result]:
        """The results of `task` for the specs, in their order."""
        ...


class WorkerLostError(ReleaseError):
    """A worker process was ended from outside: what it did was right, and may be tried again."""


def _serve() -> None:
    """Lets the parent alone answer Ctrl-C, which a terminal sends to all; and goes when the parent is no more.

    A pool's workers wait for tasks, even where nobody is left to send them, and would end those that they have.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(parent: int) -> None:
    multiprocessing.connection.wait([parent])
    os._exit(1)


def silent(_done: int, _total: int) -> None:
    """Tells nobody."""


def called(task: Task, spec: Spec) -> Result:
    """Runs a task; what it let go of is given back to the system."""
    with few_collections():
        result = task(spec)
    give_back()
    return result


def local(n_workers: int = 1) -> Engine:
    """An engine on this machine with up to `n_workers` processes.

    Workers are spawned, not forked: threads of Arrow and DuckDB do not survive a fork.
    """

    def run(task: Task, specs: Sequence[Spec], progress: Progress | None = None) -> list[Result]:
        tell = progress or silent
        results: list[Result] = []
        if n_workers <= 1 or len(specs) <= 1:
            for spec in specs:
                results.append(called(task, spec))
                tell(len(results), len(specs))
            return results
        context = multiprocessing.get_context("spawn")
        n = min(n_workers, len(specs))
        try:
            with ProcessPoolExecutor(n, mp_context=context, initializer=_serve) as pool:
                for result in pool.map(partial(called, task), specs):
                    results.append(result)
                    tell(len(results), len(specs))
        except BrokenProcessPool:
            raise WorkerLostError(
                "a worker process was ended from outside, mostly for want of memory, or never began, as in a script "
                'without `if __name__ == "__main__":`; nothing was published; try --workers 1'
            ) from None
        return results

    return run
