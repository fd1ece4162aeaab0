"""Where tasks run. One verb: `run(task, specs)` gives the results in the order of the specs.

A task is an importable function from a JSON-able spec to a JSON-able result, which reads the files named in its spec
and commits the files named there; no data passes through the engine. So every engine gives the same bytes, and with
`Kept` what was interrupted goes on where it stopped.
"""

from broadsheet.engine.cluster import on_ray
from broadsheet.engine.local import Engine, Progress, Task, WorkerLostError, local
from broadsheet.engine.resume import MEMORY, Kept, Resumed

__all__ = ["MEMORY", "Engine", "Kept", "Progress", "Resumed", "Task", "WorkerLostError", "local", "on_ray"]
