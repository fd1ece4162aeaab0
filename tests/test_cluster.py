"""On Ray a build gives the bytes that it gives here, whoever of the cluster is killed; `make test-ray`."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sites import ARTICLE, make_pages, sums

from broadsheet import build as way
from broadsheet import config
from broadsheet.engine import Engine, local, on_ray
from broadsheet.engine.cluster import STORE_BYTES
from broadsheet.engine.local import Progress, Result, Spec, Task
from broadsheet.errors import ReleaseError

ray = pytest.importorskip("ray", reason="Ray is not installed here; `make test-ray` has an environment with it")

WORDS = ("eleven", "twelve", "thirty", "ninety", "sixty", "eighty")
PAGES = {f"{i:02}/{word}.txt": f"{ARTICLE.replace('eleven', word)}\n\n{i}" for i in range(5) for word in WORDS}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages that repeat each other."""
    return make_pages(tmp_path_factory.mktemp("site"), PAGES)


@pytest.fixture(autouse=True)
def _many_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small slices and buckets, so that each stage has several tasks; and workers that can import this module."""
    from broadsheet import memory
    from broadsheet.read import files

    monkeypatch.setenv("RAY_memory_monitor_refresh_ms", "0")  # what else fills this machine is no fault of the tests
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), *sys.path]))
    monkeypatch.setattr(files, "SLICE_BYTES", 20_000)
    monkeypatch.setattr(memory, "BUCKET_BYTES", 10_000)
    monkeypatch.setattr(memory, "FOLD_BYTES", 0)


@pytest.fixture(scope="module")
def expected(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """The checksums of the release as this process alone builds it, folding in one task."""
    found: list[str] = []

    def get() -> str:
        if not found:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("broadsheet.memory.FOLD_BYTES", 1 << 30)
                found.append(sums(built(site, tmp_path_factory.mktemp("expected"), local(1))))
        return found[0]

    return get


def built(site: Path, out: Path, run: Engine, *, seed: int | None = None) -> Path:
    """The release, of the input in its order or in one that the seed gives."""
    inputs = sorted(site.iterdir())
    if seed is not None:
        random.Random(seed).shuffle(inputs)
        assert inputs != sorted(inputs)
    return way.build(inputs, config.load(None, {"name": "site"}), out=out, run=run).path


@contextmanager
def cluster(n_workers: int) -> Iterator[Engine]:
    """A cluster of this machine, with an engine on it."""
    engine = on_ray(n_workers=n_workers)
    try:
        yield engine
    finally:
        ray.shutdown()


@dataclass(frozen=True, slots=True)
class Once:
    """A task that the first time, at each of the stages named, kills the process in which it runs, half done.

    It is killed when it has written its first file, under a temporary name, and is about to rename it.
    """

    task: Task
    stages: tuple[str, ...]
    folder: str

    def __call__(self, spec: Spec) -> Result:
        name = getattr(self.task, "task", self.task).__name__
        mark = Path(self.folder, name)
        if name in self.stages:
            try:
                mark.touch(exist_ok=False)
            except FileExistsError:
                return self.task(spec)
            os.rename = os.replace = self._killed
        return self.task(spec)

    def _killed(self, source: Path, target: Path) -> None:
        Path(self.folder, f"{getattr(self.task, 'task', self.task).__name__}.half").write_text(str(source), "utf-8")
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("n_workers", [2, 3])
def test_any_engine_and_number_of_workers_gives_the_same_bytes(
    site: Path, tmp_path: Path, expected: Callable[[], str], n_workers: int
) -> None:
    """Local processes and Ray, with two and three workers, the input in its order and in others."""
    assert sums(built(site, tmp_path / "local", local(n_workers))) == expected()
    assert sums(built(site, tmp_path / "shuffled", local(1), seed=n_workers)) == expected()
    with cluster(n_workers) as engine:
        assert sums(built(site, tmp_path / "ray", engine)) == expected()
        assert sums(built(site, tmp_path / "both", engine, seed=n_workers)) == expected()


def test_killed_workers_change_nothing(site: Path, tmp_path: Path, expected: Callable[[], str]) -> None:
    """Workers that are killed in the midst of mapping, of merging, of folding and of writing are made up for."""
    folding = (
        "digest_records",
        "count_range",
        "select_probes",
        "meet_range",
        "verify_pairs",
        "tie_records",
        "fold_unit",
    )
    several = {"read_slice", "merge_pages", "segment_pages", *folding} - {"tie_records"}
    stages = ("read_slice", "merge_pages", "segment_pages", *folding, "write_table")

    with cluster(2) as engine:

        def run(task: Task, specs: Sequence[Spec], progress: Progress | None = None) -> list[Result]:
            name = getattr(task, "task", task).__name__
            assert name not in several or len(specs) > 1
            return engine(Once(task, stages, str(tmp_path)), specs, progress)

        path = built(site, tmp_path / "out", run)
    halves = {stage: Path((tmp_path / f"{stage}.half").read_text("utf-8")) for stage in stages}
    assert all(path.name.startswith(".") for path in halves.values())  # none had got its name
    assert sums(path) == expected()


def test_a_killed_machine_changes_nothing(site: Path, tmp_path: Path, expected: Callable[[], str]) -> None:
    """Of three machines two are killed, with what they were doing, at the first result of two stages."""
    from ray.cluster_utils import Cluster

    each = {"num_cpus": 1, "object_store_memory": STORE_BYTES}
    machines = Cluster(initialize_head=True, head_node_args=each)
    nodes = [machines.add_node(**each) for _ in range(2)]
    try:
        engine = on_ray(machines.address)
        at = {"segment_pages", "meet_range"}

        def run(task: Task, specs: Sequence[Spec], progress: Progress | None = None) -> list[Result]:
            name = getattr(task, "task", task).__name__

            def watch(done: int, total: int) -> None:
                if name in at:
                    at.remove(name)
                    machines.remove_node(nodes.pop(), allow_graceful=False)
                if progress:
                    progress(done, total)

            return engine(task, specs, watch)

        path = built(site, tmp_path, run)
    finally:
        ray.shutdown()
        machines.shutdown()
    assert not at and not nodes
    assert sums(path) == expected()


def test_a_build_killed_on_a_cluster_goes_on(site: Path, tmp_path: Path, expected: Callable[[], str]) -> None:
    """Killed with tasks done, the next build on Ray does the others, and the bytes are those of an undisturbed."""
    code = (
        "import sys; from pathlib import Path; from broadsheet import memory; from broadsheet.read import files\n"
        "import test_cluster as t; from broadsheet.engine import on_ray\n"
        "files.SLICE_BYTES, memory.BUCKET_BYTES, memory.FOLD_BYTES = 20_000, 10_000, 0\n"
        "t.built(Path(sys.argv[1]), Path(sys.argv[2]), on_ray(n_workers=2))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(site), str(tmp_path)])
    done = 0
    while process.poll() is None and done < 15:
        time.sleep(0.02)
        done = sum(1 for _ in tmp_path.glob("site/.work-*/done/*.json"))
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert not (tmp_path / "site" / "0.1.0").exists()
    told: dict[str, Any] = {}

    def report(event: way.Event) -> None:
        if event.stage == "resumed":
            told.update(event.facts or {})

    with cluster(2) as engine:
        inputs = sorted(site.iterdir())
        path = way.build(inputs, config.load(None, {"name": "site"}), out=tmp_path, run=engine, report=report).path
    assert told["done"] >= 15
    assert sums(path) == expected()


def fails(spec: Spec) -> Result:
    raise ReleaseError(f"number {spec['n']} fails")


def test_errors_are_those_of_the_task(tmp_path: Path) -> None:
    """What a task raises comes back as itself, and without Ray's own tale of it; results come in order."""
    with cluster(2) as engine:
        with pytest.raises(ReleaseError, match=r"^number 1 fails$"):
            engine(fails, [{"n": 1}])
        seen: list[tuple[int, int]] = []
        results = engine(doubled, [{"n": n} for n in range(20)], lambda done, total: seen.append((done, total)))
        assert [result["n"] for result in results] == list(range(0, 40, 2))
        assert seen == [(n + 1, 20) for n in range(20)]


def doubled(spec: Spec) -> Result:
    return {"n": 2 * spec["n"]}
