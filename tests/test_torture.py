"""Builds that are killed again and again, at any moment, publish the whole release or nothing, and go on."""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sites import ARTICLE, build_pages, make_pages, sums

from broadsheet.release.manifest import sum_faults

N_KILLS = int(os.environ.get("TORTURE", "20"))
SEED = int(os.environ.get("TORTURE_SEED", "1"))
PAGES = {f"{i}.txt": ARTICLE.replace("eleven", f"{i + 2}0") for i in range(3)} | {"r.jsonl": '{"text": ""}\n'}
MOMENTS = ("clock", "clock", "clock", "staged", "published")
"""When to kill: so long after the work folder came; when the staged folder is sealed; when the version is there."""


def hidden(dataset: Path) -> list[Path]:
    return [path for path in dataset.glob(".*") if path.exists()]


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
        self.seconds = 0.0
        """How long a build takes from its work folder's coming to its end."""
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
        left = max((len(list(path.glob("done/*.json"))) for path in hidden(dataset)), default=0)
        process = self.start(out)
        began = self.waited(process, lambda: any(path.name.startswith(".work-") for path in hidden(dataset)))
        told, error = process.communicate()
        self.seconds = max(self.seconds, time.monotonic() - began)
        assert process.returncode == 0, error
        resumed = json.loads(told)["stages"]["resumed"]["done"]
        assert bool(resumed) == bool(left)
        self.resumed += bool(resumed)
        assert check(dataset, self._expected)
        assert sorted(path.name for path in dataset.iterdir()) == ["0.1.0", "index.json"]

    def waited(self, process: "subprocess.Popen[bytes]", seen: Callable[[], bool]) -> float:
        """When something was first seen, or the process had ended."""
        while process.poll() is None and not seen():
            time.sleep(0.0005)
        return time.monotonic()

    def kill(self, out: Path, moment: str, place: float, workers: int) -> bool:
        """Kills a build at a moment, of which `place` in [0, 1) says the rest; whether a version is visible then."""
        dataset = out / "site"
        process = self.start(out, workers)
        if moment == "published":
            self.waited(process, (dataset / "0.1.0").exists)
            time.sleep(place * 0.01)
        elif moment == "staged":
            self.waited(process, lambda: any(path.exists() for path in dataset.glob(".work-*/release/SHA256SUMS")))
            time.sleep(place * 0.05)
        else:
            self.waited(process, lambda: any(path.name.startswith(".work-") for path in hidden(dataset)))
            time.sleep(place * self.seconds)
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
    out, n_outs, done = tmp_path / "0", 0, Counter[int]()
    while sum(builds.kills.values()) - builds.kills["too late"] < N_KILLS:
        moment = random_.choice(MOMENTS)
        is_there = builds.kill(out, moment, random_.random(), workers=random_.choice((1, 1, 1, 1, 1, 2)))
        done[max((len(list(path.glob("done/*.json"))) for path in hidden(out / "site")), default=-1)] += 1
        if is_there or random_.random() < 0.1:
            builds.finish(out)
            n_outs += 1
            out = tmp_path / f"{n_outs}"
    builds.finish(out)
    assert {"clock", "staged", "published"} <= set(builds.kills)
    print(f"kills {dict(builds.kills)}, by finished tasks {dict(sorted(done.items()))}")
    print(f"{n_outs + 1} releases, {builds.resumed} of them resumed; a build takes {builds.seconds:.2f} s")
