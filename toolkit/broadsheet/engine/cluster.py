"""The Ray engine: tasks on the machines of a cluster, which see the same files under the same paths.

Only Ray's tasks are used: no actors, no data sets, and nothing but specs and results goes through its object store. A
task that is lost with its worker or its machine is run again, which is right, since tasks only commit files.
"""

import os
from collections import deque
from collections.abc import Sequence
from typing import Any, Final

from broadsheet.engine.local import Engine, Progress, Result, Spec, Task, WorkerLostError, called, silent
from broadsheet.errors import CallError, ReleaseError

RETRIES: Final = 5
"""How often a task is run again whose worker or machine was lost."""
STORE_BYTES: Final = 100 << 20
"""What the object store of a cluster of its own may take: specs and results are small, and Ray would take a third of
the memory."""
AHEAD: Final = 4
"""Tasks a processor that are handed over at once: enough that none waits, few enough that the driver stays small."""


def on_ray(address: str | None = None, n_workers: int | None = None) -> Engine:
    """An engine on the Ray cluster at `address` (`auto`, `HOST:PORT`), or on one of its own on this machine.

    Inputs, work folder and output must lie on storage that all machines see under the same paths, and Python,
    this package and its dependencies must be the same on all. A cluster of its own has `n_workers` processors, by
    default this machine's, and ends with this process; of another's, `n_workers` limits the tasks that run at once.

    Raises: CallError where Ray is not installed; ReleaseError where the cluster cannot be reached.
    """
    try:
        import ray
    except ImportError:
        raise CallError("the engine ray needs Ray: pip install 'broadsheet[ray]'") from None
    if not ray.is_initialized():
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody
        os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
        own: dict[str, Any] = {}
        if not address:
            own = {"num_cpus": n_workers, "include_dashboard": False, "object_store_memory": STORE_BYTES}
        try:
            ray.init(address=address or "local", log_to_driver=False, logging_level="ERROR", **own)
        except (ConnectionError, OSError, RuntimeError, ValueError) as error:
            raise ReleaseError(f"the Ray cluster {address or ''} cannot be reached: {error}") from None

    def run(task: Task, specs: Sequence[Spec], progress: Progress | None = None) -> list[Result]:
        tell = progress or silent
        if not specs:
            return []
        # A function of one module, so that it is exported once and not once a task.
        remote = ray.remote(num_cpus=1, max_retries=RETRIES)(called)
        n_cpus = int(ray.cluster_resources().get("CPU", 1))
        most = min(n_workers, n_cpus) if n_workers else AHEAD * n_cpus
        results: list[Result | None] = [None] * len(specs)
        left = deque(enumerate(specs))
        running: dict[Any, int] = {}
        try:
            while left or running:
                while left and len(running) < most:
                    number, spec = left.popleft()
                    running[remote.remote(task, spec)] = number
                (ready, *_), _ = ray.wait(list(running), num_returns=1)
                results[running.pop(ready)] = ray.get(ready)
                tell(len(specs) - len(left) - len(running), len(specs))
        except ray.exceptions.RayError as error:
            cause = error.cause if isinstance(error, ray.exceptions.RayTaskError) else error
            if not isinstance(cause, ray.exceptions.RayError):
                raise cause from None
            reason = str(cause).partition("\n")[0]
            raise WorkerLostError(
                f"a task was lost on the Ray cluster, {RETRIES} times again, or could not begin there: {reason}; "
                "nothing was published; build again, which goes on from what was done"
            ) from None
        # What runs when one fails is let run: of a task that ends as it is cancelled Ray ends the caller (Ray 2.60).
        return [result for result in results if result is not None]

    return run
