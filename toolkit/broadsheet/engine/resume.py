"""Tasks that are not run again: what each told is kept beside its files, and believed where these are intact.

A task that is done leaves `done/<key>.json` in the work folder. The key is a digest of what decides its result: the
task, its spec, and the identity of the whole work, in which its caller puts whatever else does. Paths in the work
folder stand for themselves in it, so that the folder may lie, and be called, as it likes.
"""

import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from broadsheet.batches import commit, is_intact
from broadsheet.engine.local import Engine, Progress, Result, Spec, Task, silent

Check = Callable[[Spec, Result], bool]
"""Says whether what a task read outside of the work folder is still what it was."""

DONE: Final = "done"
MEMORY: Final = "memory_bytes"
"""What a spec calls the memory that a task may use: it decides nothing, so a task that had another is done, too."""
_IN_WORK: Final = "in the work folder"


@dataclass(slots=True)
class Resumed:
    """How many tasks there were, and how many of them were done already."""

    done: int = 0
    tasks: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A work folder whose finished tasks are kept, and what they belong to."""

    work: Path
    identity: str
    checks: Mapping[Task, Check] = field(default_factory=dict)
    """By tasks that read what lies outside of the work folder."""
    resumed: Resumed = field(default_factory=Resumed)

    def engine(self, run: Engine) -> Engine:
        """An engine that runs on another what is not done yet. Results are what JSON makes of them."""

        def kept(task: Task, specs: Sequence[Spec], progress: Progress | None = None) -> list[Result]:
            tell = progress or silent
            recorded = Recorded(task, str(self.work), self.identity)
            results = [self._found(recorded, spec) for spec in specs]
            left = [i for i, result in enumerate(results) if result is None]
            n_found = len(specs) - len(left)
            self.resumed.done += n_found
            self.resumed.tasks += len(specs)
            if specs:
                tell(n_found, len(specs))
            new = run(recorded, [specs[i] for i in left], lambda done, _: tell(n_found + done, len(specs)))
            for i, result in zip(left, new, strict=True):
                results[i] = result
            return [result for result in results if result is not None]

        return kept

    def _found(self, recorded: "Recorded", spec: Spec) -> Result | None:
        result = recorded.found(spec)
        check = self.checks.get(recorded.task)
        return result if result is not None and (check is None or check(spec, result)) else None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A task that keeps what it told, once its files are whole; itself a task."""

    task: Task
    work: str
    identity: str

    def __call__(self, spec: Spec) -> Result:
        """Runs the task, and keeps its result."""
        told = _shortened(self.task(spec), self.work)
        files = [[*file, self._path(file[0]).stat().st_size] for file in _files(told)]
        body = json.dumps({"result": told, "files": files})
        text = f"{hashlib.sha256(body.encode()).hexdigest()}\n{body}"

        def write(path: Path) -> None:
            path.write_text(text, "utf-8")

        commit(self._record(spec), write)
        result: Result = self._parsed(body)["result"]
        return result

    def found(self, spec: Spec) -> Result | None:
        """What the task told when it was run with an equal spec; None unless that and its files are as they were."""
        try:
            sha256, _, body = self._record(spec).read_text("utf-8").partition("\n")
            if hashlib.sha256(body.encode()).hexdigest() != sha256:
                return None
            record = self._parsed(body)
            if not all(self._is_intact(*file) for file in record["files"]):
                return None
        except (OSError, ValueError):
            return None
        result: Result = record["result"]
        return result

    def _parsed(self, body: str) -> dict[str, Any]:
        """A record, with the paths that `_shortened` marked in the work folder, wherever that lies now."""
        record: dict[str, Any] = json.loads(body, object_hook=self._restored)
        return record

    def _restored(self, value: dict[str, Any]) -> Any:
        return str(Path(self.work, value[_IN_WORK])) if value.keys() == {_IN_WORK} else value

    def _is_intact(self, path: str, digest: str, n_bytes: int) -> bool:
        file = self._path(path)
        state = file.lstat()
        return stat.S_ISREG(state.st_mode) and state.st_size == n_bytes and is_intact(file, digest)

    def _path(self, inside: str) -> Path:
        return Path(self.work, inside)

    def _record(self, spec: Spec) -> Path:
        name = f"{self.task.__module__}.{getattr(self.task, '__qualname__', '')}"
        given = {key: value for key, value in spec.items() if key != MEMORY}
        decides = json.dumps([self.identity, name, _shortened(given, self.work)])  # in its order, which may decide, too
        return Path(self.work, DONE, f"{hashlib.sha256(decides.encode()).hexdigest()}.json")


def _shortened(told: Mapping[str, Any], work: str) -> dict[str, Any]:
    """A spec or result with paths that lie in the work folder relative to it, and marked as such.

    A slice names thousands of inputs and no such path beside: values are looked through that have the folder's name.
    """
    mark = json.dumps(work)[1:-1]
    return {key: _marked(value, work) if mark in json.dumps(value) else value for key, value in told.items()}


def _marked(value: Any, work: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _marked(inner, work) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(inner, work) for inner in value]
    if isinstance(value, str) and value.startswith(f"{work}{os.sep}"):
        return {_IN_WORK: value[len(work) + 1 :]}
    return value


def _files(value: Any) -> Iterator[list[str]]:
    """The files in a shortened result (`batches.File.to_json`), as path in the work folder and digest."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _files(inner)
    elif isinstance(value, list):
        if len(value) == 2 and isinstance(value[0], Mapping) and value[0].keys() == {_IN_WORK}:
            yield [value[0][_IN_WORK], value[1]]
        else:
            for inner in value:
                yield from _files(inner)
