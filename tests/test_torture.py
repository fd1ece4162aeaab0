"""Builds that are killed again and again, at any moment, publish the whole release or nothing, and go on."""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path

from sites import ARTICLE, build_pages, make_pages, sums

from broadsheet.release.manifest import sum_faults

N_KILLS = int(os.environ.get("TORTURE", "20"))
SEED = int(os.environ.get("TORTURE_SEED", "1"))
PAGES = {f"{i}.txt": ARTICLE.replace("eleven", f"{i + 2}0") for i in range(3)} | {"r.jsonl": '{"text": ""}\n'}
MOMENTS = ("clock", "task", "task", "task", "staged", "published")
"""When to kill: by the clock from the start; when so many tasks are done; when the staged folder is sealed; when the
version is there; each time a little later. Tasks spread the kills over the work however busy the machine is."""


def hidden(dataset: Path) -> list[Path]:
    return [path for path in dataset.glob(".*") if path.exists()]


def n_done(dataset: Path, but: Collection[Path] = ()) -> int:
    """The number of tasks that are done in the work folder, where one is there; -1 where only others are."""
    found = [path for path in hidden(dataset) if path.name.startswith(".work-") and path not in but]
    return max((len(list(path.glob("done/[0-9a-f]*.json"))) for path in found), default=-1 if but else 0)


def check(dataset: Path, expected: str) -> bool:
    """Whether a version is visible; everything visible is whole, whatever happened before."""
    names = {path.name for path in dataset.glob("*") if not path.name.startswith(".")}
    assert names <= {"0.1.0", "index.json"}
    if "index.json" in names:
        assert [one["version"] for one in json.loads((dataset / "index.json").read_text("utf-8"))["versions"]] == [
            "0.1.0"
        ]
    if "0.1.0" in names:
        assert list(sum_faults(dataset / "0.1.0")) == []
        assert sums(dataset / "0.1.0") == expected
    return "0.1.0" in names


class Builds:
    """Builds of one site as processes of their own, and what became of them."""

    def __init__(self, site: Path, expected: str) -> None:
        self._site, self._expected = site, expected
        self.seconds = 60.0
        """How long the quickest build took."""
        self.n_tasks = 0
        self.kills: Counter[str] = Counter()
        self.resumed = 0

    def start(self, out: Path, workers: int = 1) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "broadsheet", "build", str(self._site), "--name", "site", "--json"]
        command += ["--workers", str(workers), "--out", str(out)]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)

    def finish(self, out: Path) -> None:
        """Builds to the end: the same bytes, and nothing hidden is left. What was done already is not done again."""
        dataset = out / "site"
        left, is_there, began = n_done(dataset), (dataset / "0.1.0").exists(), time.monotonic()
        process = self.start(out)
        told, error = process.communicate()
        self.seconds = min(self.seconds, time.monotonic() - began)
        assert process.returncode == 0, error
        resumed = json.loads(told)["stages"]["resumed"]
        assert resumed["done"] <= left
        # Killed when it had published and was clearing up, it may have left the one without the other.
        assert is_there or bool(resumed["done"]) == bool(left)
        self.resumed += bool(left)
        self.n_tasks = resumed["tasks"]
        assert check(dataset, self._expected)
        assert sorted(path.name for path in dataset.iterdir()) == ["0.1.0", "index.json"]

    def wait(self, process: "subprocess.Popen[bytes]", seen: Callable[[], bool], more_s: float) -> None:
        """Returns so long after something was first seen, or when the process has ended."""
        while process.poll() is None and not seen():
            time.sleep(0.0005)
        time.sleep(more_s)

    def kill(self, out: Path, moment: str, place: float, workers: int) -> bool:
        """Kills a build at a moment, of which `place` in [0, 1) says the rest; whether a version is visible then."""
        dataset = out / "site"
        before, n_before = set(hidden(dataset)), n_done(dataset)
        n_tasks = n_before + int(place * (self.n_tasks + 1 - n_before))
        process = self.start(out, workers)
        if moment == "published":
            self.wait(process, (dataset / "0.1.0").exists, place * 0.01)
        elif moment == "staged":
            sealed = ".work-*/release/SHA256SUMS"
            self.wait(
                process, lambda: any(path.parents[1] not in before for path in dataset.glob(sealed)), place * 0.05
            )
        elif moment == "task":
            self.wait(process, lambda: n_done(dataset, before) >= n_tasks, place * 0.01)
        else:
            self.wait(process, lambda: True, place * self.seconds)
        process.kill()
        process.communicate()
        if process.returncode == 0:
            moment = "too late"
        else:
            assert process.returncode == -9, process.returncode
        self.kills[moment] += 1
        return check(dataset, self._expected)


def test_builds_killed_at_any_moment_go_on_to_the_same_bytes(tmp_path: Path) -> None:
    """After each of many kills all that is visible is whole; the next build goes on, to the bytes of an undisturbed.

    TORTURE says how many kills, TORTURE_SEED when.
    """
    site = make_pages(tmp_path / "in", PAGES)
    builds = Builds(site, sums(build_pages(site, tmp_path / "undisturbed").path))
    builds.finish(tmp_path / "timed")
    random_ = random.Random(SEED)
    out, n_outs, done = tmp_path / "0", 0, Counter[str]()
    # On a busy machine a build may end before the kill arrives, so every moment is tried until it was met.
    while (missing := set(MOMENTS) - set(builds.kills)) or builds.kills.total() - builds.kills["too late"] < N_KILLS:
        assert builds.kills["too late"] < 10 * N_KILLS, f"never in time: {missing}"
        moment = random_.choice([one for one in MOMENTS if one in missing] or MOMENTS)
        is_there = builds.kill(out, moment, random_.random(), workers=random_.choice((1, 1, 1, 1, 1, 2)))
        done["published" if is_there else f"{n_done(out / 'site'):2}"] += 1
        is_done = n_done(out / "site") == builds.n_tasks
        if is_there or random_.random() < (0.4 if is_done else 0.05):
            builds.finish(out)
            n_outs += 1
            out = tmp_path / f"{n_outs}"
    builds.finish(out)
    assert builds.resumed
    print(f"kills {dict(builds.kills)}, by finished tasks {dict(sorted(done.items()))}")
    print(f"{n_outs + 1} releases, {builds.resumed} of them resumed; the quickest took {builds.seconds:.2f} s")
