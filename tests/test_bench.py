"""What is said of measurements: which ratios fell, how costs grow, and what follows for larger crawls."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from sites import ARTICLE, ROOT, make_pages

sys.path.insert(0, str(ROOT / "bench" / "whole"))

import inputs
import kept
import meter
import model
import run

from broadsheet import build as way
from broadsheet import config


def result(ratio: float = 10.0, exports: float = 2.0, times: float = 4.0) -> dict[str, Any]:
    return {
        "builds": {"text-2000": {"ratio": ratio, "export_ratio": exports}},
        "peers": {"chain": {"times": times}},
    }


@pytest.mark.parametrize(
    ("new", "names"),
    [
        (result(), []),
        (result(ratio=12.4, exports=2.4, times=3.3), []),
        (result(ratio=12.6), ["text-2000, all"]),
        (result(exports=2.6), ["text-2000, exports"]),
        (result(times=3.1), ["pages a CPU second against chain"]),
        (result(ratio=5, exports=1, times=9), []),
        ({"builds": {"text-200": {"ratio": 99, "export_ratio": 99}}}, []),
    ],
)
def test_a_ratio_that_falls_by_over_a_fifth_is_told(new: dict[str, Any], names: list[str]) -> None:
    """Speed as a share of the floor's, or as a multiple of a peer's; what was not measured before cannot fall."""
    assert [line.partition(":")[0] for line in kept.fallen(new, result())] == names


def test_the_last_kept_is_that_of_the_newest_version(tmp_path: Path) -> None:
    """By number, not by letter; a second result of a version adds to the first and replaces what is in both."""
    assert kept.last(tmp_path) is None
    for version in ("0.9.0", "0.10.0", "0.2.0"):
        kept.keep(result(ratio=float(version.split(".")[1])), version, tmp_path)
    kept.keep({"builds": {"html-2000": {"ratio": 7, "export_ratio": 3}}}, "0.10.0", tmp_path)
    version, found = kept.last(tmp_path) or ("", {})
    assert version == "0.10.0"
    assert {name: build["ratio"] for name, build in found["builds"].items()} == {"text-2000": 10, "html-2000": 7}
    assert found["peers"] == result()["peers"]


def test_check_fails_where_something_fell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with the ratios that fell, also where nothing can be compared."""
    monkeypatch.setattr(kept, "last", lambda: ("1.0.0", result()))
    run._check(result())
    with pytest.raises(SystemExit, match=r"text-2000, all: 0\.050, was 0\.100: -50%"):
        run._check(result(ratio=20))
    with pytest.raises(SystemExit, match="no ratio is in both"):
        run._check({"builds": {}, "peers": {}})


def costs(n_pages: int, mb: float, **tasks: tuple[float, float]) -> dict[str, Any]:
    """A made-up build, with CPU seconds and what is held by task."""
    none = {"n_tasks": 1, "read_mb": 2 * mb, "written_mb": mb, "shuffled_mb": 0.0, "wall_s": 0.0}
    found = {name: none | {"cpu_s": cpu_s, "held_mb": held_mb} for name, (cpu_s, held_mb) in tasks.items()}
    whole = none | {"cpu_s": sum(cost["cpu_s"] for cost in found.values()), "peak_mb": 1.0}
    return {"n_pages": n_pages, "mb": mb, "tasks": found, "whole": whole, "ratio": 9.0, "export_ratio": 3.0}


def test_the_exponent_of_growth() -> None:
    """Twice the work for twice the pages is 1, four times the work 2; what is steeper than the goal is named."""
    builds = {
        "text-1000": costs(1000, 1, read_slice=(8, 1), fold_records=(2, 1)),
        "text-2000": costs(2000, 2, read_slice=(12, 1), fold_records=(8, 1)),
        "html-1000": costs(1000, 1, read_slice=(1, 1)),
    }
    assert list(run.growth(builds)) == [
        "text, 1,000 to 2,000 pages, growth exponent: 1.00   goal: at most 1.1, met",
        "  steeper than that: fold_records 2.00",
    ]


def test_the_model_follows_from_what_was_measured() -> None:
    """By the gigabyte of the larger build; memory by what it grew between the two."""
    rest = {"split_records": (1, 50), "measure_release": (2, 50), "driver": (1, 9)}
    builds = {
        "many-1000": costs(1000, 500, read_slice=(5, 100), tie_records=(1, 300), **rest),
        "many-2000": costs(2000, 1000, read_slice=(360, 100), tie_records=(36, 800), **rest),
    }
    found = model.model({"builds": builds, "exchange": {"us_a_batch": 100.0}})
    assert (found.a_gb("read_slice", "cpu_s"), found.growth_mb_a_gb("tie_records")) == (360, 1000)
    lines = dict(line[2:].split(" | ", 1) for line in list(model.sizes(found))[2:])
    assert lines["CPU hours of the tasks that are many"].startswith("10 | 1,000 | ")
    assert lines["hours of `tie_records`, one task"].startswith("1.0 | 100 | ")
    # 100 GB are 11,921 slices and 2,980 buckets; a hundred times that is ten thousand times the batches.
    assert lines["batches that are read in 16 exchanges"].startswith("168,753,900 | ")
    assert lines["CPU hours of reading them"].startswith("4.7 | 46,876 | ")
    assert lines["memory of `tie_records`, GB"].startswith("100 | 10,000 | ")


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="Linux tells what a process reads and writes")
def test_a_build_and_its_floor_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In processes of their own; where many tasks are to fold, they do."""
    monkeypatch.setattr(inputs, "WORK", tmp_path)
    monkeypatch.setattr(run, "OUT", tmp_path / "out")
    found = run.built("many", 20, 1)
    assert (found["n_pages"], found["ratio"] > 1, found["export_ratio"] > 0) == (20, True, True)
    assert "fold_records" not in found["tasks"] and found["tasks"]["fold_unit"]["n_tasks"] == 1
    assert found["floor"]["jsonl_mb_ours"] > 0


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="Linux tells what a process reads and writes")
def test_the_meter_sees_all_tasks(tmp_path: Path) -> None:
    """Each task that a build runs has a cost; what it writes is counted, and what is read by bucket is exchanged."""
    site = make_pages(tmp_path / "in", {"1.txt": ARTICLE, "2.txt": ARTICLE.replace("eleven", "twelve")})
    watched = meter.Meter()
    built = way.build([site], config.load(None, {"name": "site"}), out=tmp_path / "out", run=watched.run())
    done = json.dumps(sorted(watched.costs))
    assert {"read_slice", "segment_pages", "fold_records", "write_table"} <= watched.costs.keys(), done
    assert (
        watched.costs["write_table"].written_mb
        > sum(path.stat().st_size for path in built.path.rglob("*.parquet")) / 1e6
    )
    assert watched.costs["write_table"].shuffled_mb > 0 == watched.costs["fold_records"].shuffled_mb
    assert all(cost.n_tasks and cost.peak_mb > 1 for cost in watched.costs.values())
