"""Times whole builds of generated crawls, task by task, against floors and chains of other libraries in the same run.

    python bench/whole/run.py [--pages N,N] [--kinds text,html,records] [--rounds N] [--peers] [--keep | --check]

README.md beside this file says what is measured and how.
"""

import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import inputs
import kept
from chains import CHAINS, installed, surroundings

HERE: Final = Path(__file__).parent
OUT: Final = inputs.WORK / f"out-{os.getpid()}"
INPUTS: Final = {"many": "text"}
"""The input of what is no form of input, but another way of folding."""
GOALS: Final = {"text": 8.0, "records": 4.0}
"""Most times the floor's CPU seconds, by what is read."""
EXPORT_GOAL: Final = 1.2
WRITE: Final = ("write_table", "write_part")
"""The tasks that write tables; the second only where one has several shards."""
GROWTH_GOAL: Final = 1.1
PEER_GOALS: Final = {"datatrove": 5.0, "gaoya": 3.0}
"""Least times the peers' pages a CPU second."""


def told(script: str, *arguments: Path | str, python: Path | str = sys.executable) -> dict[str, Any]:
    """What a script of this folder printed last, as JSON. Raises: SystemExit with its errors where it failed."""
    path = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    command = [str(python), str(HERE / script), *map(str, arguments)]
    done = subprocess.run(command, env=surroundings(path), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{script}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def built(kind: str, n_pages: int, rounds: int) -> dict[str, Any]:
    """The build of a crawl in one form and its floor: the costs of the round whose CPU seconds are the median."""
    folder = inputs.made(INPUTS.get(kind, kind), n_pages)
    facts = json.loads((folder / "facts.json").read_text("utf-8"))
    runs = []
    for _ in range(rounds):
        shutil.rmtree(OUT, ignore_errors=True)
        OUT.mkdir(parents=True)
        ours = told("ours.py", folder / "in", OUT / "dist", *([kind] if kind in INPUTS else []))
        floor = told("floor.py", folder / "in", Path(ours["path"]), OUT / "floor")
        runs.append((ours, floor))
    shutil.rmtree(OUT)
    if len({ours["logical_digest"] for ours, _ in runs}) != 1:
        sys.exit(f"{kind}-{n_pages}: builds of the same input gave different rows")
    runs.sort(key=lambda run: run[0]["whole"]["cpu_s"])
    ours, floor = runs[(rounds - 1) // 2]
    write_s = floor["parquet_cpu_s"] + floor["jsonl_cpu_s"]
    return {
        "n_pages": n_pages,
        "n_records": ours["n_records"],
        "n_canonical": ours["n_canonical"],
        "mb": facts["n_bytes"] / 1e6,
        "release_mb": ours["release_mb"],
        "rounds": rounds,
        "import_cpu_s": ours["import_cpu_s"],
        "whole": ours["whole"],
        "tasks": ours["tasks"],
        "floor": floor,
        "ratio": ours["whole"]["cpu_s"] / (floor["read_cpu_s"] + write_s),
        "export_ratio": sum(ours["tasks"][name]["cpu_s"] for name in WRITE if name in ours["tasks"]) / write_s,
    }


def table(name: str, run: Mapping[str, Any]) -> Iterator[str]:
    """The costs of a build, a line a task."""
    yield (
        f"{name}: {run['n_pages']:,} pages, {run['mb']:,.1f} MB, {run['n_records']:,} records, of which "
        f"{run['n_canonical']:,} are released in {run['release_mb']:,.1f} MB"
        + (f"; median of {run['rounds']} rounds" if run["rounds"] > 1 else "; one round")
    )
    yield f"  {'':<18}{'tasks':>6}{'CPU s':>9}{'MB/CPU s':>10}{'rec/CPU s':>11}{'wall s':>9}{'MB/s':>8}{'peak MB':>9}"
    for task, cost in [*run["tasks"].items(), ("whole", run["whole"])]:
        cpu, wall = max(cost["cpu_s"], 1e-3), max(cost["wall_s"], 1e-3)
        yield (
            f"  {task:<18}{cost['n_tasks'] or '':>6}{cpu:>9.2f}{run['mb'] / cpu:>10,.1f}"
            f"{run['n_records'] / cpu:>11,.0f}"
            f"{wall:>9.2f}{run['mb'] / wall:>8,.1f}{cost['peak_mb']:>9,.0f}"
        )
    floor = run["floor"]
    yield (
        f"  floor: {floor['read_cpu_s']:.2f} s to read, {floor['parquet_cpu_s']:.2f} s Parquet, "
        f"{floor['jsonl_cpu_s']:.2f} s JSON lines (ISA-L level {floor['gzip_level']}: {floor['jsonl_mb']:,.1f} MB, "
        f"ours {floor['jsonl_mb_ours']:,.1f} MB)"
    )
    goal = GOALS.get(name.partition("-")[0])
    yield f"  {_judged('all, times the floor', run['ratio'], goal)}"
    yield f"  {_judged('exports alone, times the floor', run['export_ratio'], EXPORT_GOAL)}"


def _judged(what: str, value: float, goal: float | None, *, at_least: bool = False) -> str:
    if goal is None:
        return f"{what}: {value:.2f}"
    met = value >= goal if at_least else value <= goal
    return f"{what}: {value:.2f}   goal: {'at least' if at_least else 'at most'} {goal:g}, {'met' if met else 'MISSED'}"


def growth(builds: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """By which power of the pages CPU seconds grow between the sizes of one form, whole and by task."""
    kinds: dict[str, list[Mapping[str, Any]]] = {}
    for name, run in builds.items():
        kinds.setdefault(name.partition("-")[0], []).append(run)
    for kind, runs in kinds.items():
        for small, large in pairwise(runs):
            yield _judged(
                f"{kind}, {small['n_pages']:,} to {large['n_pages']:,} pages, growth exponent",
                exponent(small, large, small["whole"]["cpu_s"], large["whole"]["cpu_s"]),
                GROWTH_GOAL,
            )
            steep = [
                f"{task} {power:.2f}"
                for task, cost in large["tasks"].items()
                if task in small["tasks"]
                and cost["cpu_s"] > 0.02 * large["whole"]["cpu_s"]
                and (power := exponent(small, large, small["tasks"][task]["cpu_s"], cost["cpu_s"])) > GROWTH_GOAL
            ]
            if steep:
                yield f"  steeper than that: {', '.join(steep)}"


def exponent(small: Mapping[str, Any], large: Mapping[str, Any], small_s: float, large_s: float) -> float:
    """The slope between two sizes on logarithmic scales."""
    return math.log(max(large_s, 1e-3) / max(small_s, 1e-3)) / math.log(large["n_pages"] / small["n_pages"])


def compared(n_pages: int, rounds: int) -> dict[str, Any]:
    """Our build and the chains of others on the same web pages, in turn; medians."""
    folder = inputs.made("html", n_pages)
    seconds: dict[str, list[float]] = {}
    facts: dict[str, Any] = {}
    chains = {name: chain for name, chain in CHAINS.items() if installed(name)}
    missing = sorted(CHAINS.keys() - chains.keys())
    if missing:
        print(f"not installed, left out: {', '.join(missing)} (make bench-peers)")
    for _ in range(rounds):
        for name in ["ours", *chains]:
            shutil.rmtree(OUT, ignore_errors=True)
            OUT.mkdir(parents=True)
            if name == "ours":
                ours = told("ours.py", folder / "in", OUT / "dist")
                facts[name] = {"n_kept": ours["n_canonical"]}
                seconds.setdefault(name, []).append(ours["whole"]["cpu_s"] + ours["import_cpu_s"])
            else:
                facts[name] = chains[name].run(folder / "in", OUT)
                seconds.setdefault(name, []).append(facts[name]["cpu_s"])
    shutil.rmtree(OUT)
    mine = statistics.median(seconds.pop("ours"))
    return {
        name: {**facts[name], "cpu_s": (cpu := statistics.median(found)), "ours_cpu_s": mine, "times": cpu / mine}
        | {"n_pages": n_pages, "rounds": rounds, "versions": chains[name].versions()}
        for name, found in seconds.items()
    }


def peer_lines(peers: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """A line a chain."""
    for name, peer in peers.items():
        yield (
            f"{name}: {peer['n_pages'] / peer['cpu_s']:,.1f} pages a CPU second ({peer['versions']}; keeps "
            f"{peer['n_kept']:,} articles), ours {peer['n_pages'] / peer['ours_cpu_s']:,.1f}"
        )
        yield f"  {_judged('ours, times its speed', peer['times'], PEER_GOALS[name], at_least=True)}"


def main() -> None:
    """Measures, prints, and keeps or checks."""
    parser = argparse.ArgumentParser(description="Time whole builds of generated crawls.")
    parser.add_argument("--pages", default="2000,20000", help="numbers of pages, with commas between them")
    parser.add_argument(
        "--kinds",
        default="text,many,html,records",
        help="forms of the input: text, html, records; many is text whose repeats are folded by many tasks",
    )
    parser.add_argument("--rounds", type=int, default=3, help="rounds of sizes up to 2,000 pages, and of the peers")
    parser.add_argument(
        "--peers", action="store_true", help="compare with chains of other libraries, from 2,000 web pages"
    )
    parser.add_argument("--keep", action="store_true", help="keep what was measured as this version's result")
    parser.add_argument(
        "--check", action="store_true", help="fail where a ratio fell by over 20 %% since the last kept"
    )
    given = parser.parse_args()
    builds: dict[str, Any] = {}
    told("warm.py")
    for kind in filter(None, given.kinds.split(",")):
        for n_pages in sorted(int(text) for text in given.pages.split(",") if text):
            name = f"{kind}-{n_pages}"
            builds[name] = built(kind, n_pages, given.rounds if n_pages <= 2000 else 1)
            _print(table(name, builds[name]))
    _print(growth(builds))
    result = {"builds": builds, "peers": compared(2000, given.rounds) if given.peers else {}}
    if builds:
        result["exchange"] = told("exchange.py")
        _print([f"one batch of an exchange: {result['exchange']['us_a_batch']:,.0f} µs of CPU to read"])
    _print(peer_lines(result["peers"]))
    if given.keep:
        from broadsheet import __version__

        print(f"kept in {kept.keep(result, __version__).relative_to(HERE.parents[1])}")
    if given.check:
        _check(result)


def _check(result: Mapping[str, Any]) -> None:
    found = kept.last()
    if found is None:
        sys.exit("nothing is kept to compare with: make bench-keep")
    version, before = found
    lines = list(kept.fallen(result, before))
    n_both = len(kept.speeds(result).keys() & kept.speeds(before).keys())
    print(f"{n_both} ratios compared with those kept of {version}; {len(lines)} fell by over {kept.TOLERANCE:.0%}")
    if lines or not n_both:
        sys.exit("\n".join(lines) or "no ratio is in both")


def _print(lines: Iterator[str] | Sequence[str]) -> None:
    for line in lines:
        print(line, flush=True)
    print(flush=True)


if __name__ == "__main__":
    main()
