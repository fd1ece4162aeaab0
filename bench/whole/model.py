"""What a kept result says of larger crawls: costs by the gigabyte, and what follows for 100 GB, 10 TB and a month.

    python bench/whole/model.py [VERSION]

Prints Markdown, which docs/scaling.md holds. Everything follows from the result but the figures of this file: what the
crawls are, which tasks are one, and what a machine is.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent))

import kept

ONE_TASK: Final = ("tie_records", "split_records", "measure_release")
"""Tasks that see all records."""
A_TABLE: Final = "write_table"
"""Which of a table's tasks makes and hashes all of its lines; its shards but the first are tasks of their own."""
LINES_S: Final = 5.0
"""CPU seconds of that alone, by the gigabyte, of the table that has the most lines, `segments`; measured apart."""
EXCHANGES: Final = 15
"""Times that all buckets of all buckets are read one by one: keys, votes, records, and twelve files in folding; beside
the buckets of all slices, once."""
DRIVER: Final = "driver"
"""What the calling process does itself."""
SLICE_GB: Final = 8 * 1.048576e-3
BUCKET_GB: Final = 32 * 1.048576e-3
MACHINES: Final = 16
CORES: Final = 32
PROCESSORS: Final = MACHINES * CORES
CRAWLS: Final = (("100 GB", 100.0), ("10 TB", 10_000.0), ("a month of Common Crawl", 21_000.0))
"""Gigabytes of bare text; a month's crawl taken as 2.6 billion pages of 8 kB."""


@dataclass(frozen=True, slots=True)
class Model:
    """Costs of builds from bare text: of the largest that is kept, and how they grow up to it."""

    small: Mapping[str, Any]
    large: Mapping[str, Any]
    us_a_batch: float
    """Microseconds of CPU to read one batch of an exchanged file."""

    def a_gb(self, task: str, what: str) -> float:
        """A cost of a task by the gigabyte of input."""
        return float(self.cost(task)[what]) / (self.large["mb"] / 1e3)

    def cost(self, task: str) -> Mapping[str, Any]:
        """What a task took in the larger build."""
        found: Mapping[str, Any] = self.large["tasks"][task]
        return found

    def growth_mb_a_gb(self, task: str) -> float:
        """Megabytes by which what a task holds grows with each gigabyte of input."""
        grown = self.cost(task)["held_mb"] - self.small["tasks"][task]["held_mb"]
        return max(0.0, float(grown) / ((self.large["mb"] - self.small["mb"]) / 1e3))

    @property
    def shared(self) -> list[str]:
        """The tasks of which there are many."""
        return [task for task in self.large["tasks"] if task not in (*ONE_TASK, DRIVER)]


def model(result: Mapping[str, Any]) -> Model:
    """The model of the two largest builds from bare text whose repeats are folded by many tasks."""
    runs = sorted(
        (run for name, run in result["builds"].items() if name.startswith("many-")), key=lambda run: run["mb"]
    )
    return Model(runs[-2], runs[-1], result["exchange"]["us_a_batch"])


def constants(of: Model) -> Iterator[str]:
    """A line a task: what a gigabyte of bare text takes."""
    yield "| task | of which there are | CPU s | read GB | written GB | exchanged GB | holds MB | grows by MB/GB |"
    yield "|---|---|---|---|---|---|---|---|"
    for task, cost in of.large["tasks"].items():
        numbers = dict.fromkeys(ONE_TASK, "one") | {A_TABLE: "one a shard", DRIVER: "the caller"}
        numbers["write_part"] = "one a shard but the first"
        number = numbers.get(task, "one a slice" if task == "read_slice" else "one a bucket")
        gigabytes = [of.a_gb(task, what) / 1e3 for what in ("read_mb", "written_mb", "shuffled_mb")]
        cells = [f"{of.a_gb(task, 'cpu_s'):,.0f}", *(f"{gb:.2f}" for gb in gigabytes)]
        yield f"| `{task}` | {number} | {' | '.join(cells)} | {cost['held_mb']:,.0f} | {of.growth_mb_a_gb(task):,.0f} |"
    whole = of.large["whole"]
    per_gb = [whole[what] / of.large["mb"] for what in ("read_mb", "written_mb", "shuffled_mb")]
    cells = [f"{whole['cpu_s'] / (of.large['mb'] / 1e3):,.0f}", *(f"{gb:.2f}" for gb in per_gb)]
    yield f"| all | | {' | '.join(cells)} | | |"


def sizes(of: Model) -> Iterator[str]:
    """A line a quantity, a column a crawl."""
    yield f"| | {' | '.join(name for name, _ in CRAWLS)} |"
    yield "|---" * (len(CRAWLS) + 1) + "|"
    written = of.large["whole"]["written_mb"] / of.large["mb"]
    rows = (
        ("slices of 8 MB", lambda gb: f"{gb / SLICE_GB:,.0f}"),
        ("buckets of 32 MB", lambda gb: f"{gb / BUCKET_GB:,.0f}"),
        ("CPU hours of the tasks that are many", lambda gb: _hours(gb * _sum(of, of.shared))),
        (f"… on {MACHINES} machines of {CORES} processors", lambda gb: _hours(gb * _sum(of, of.shared) / PROCESSORS)),
        ("hours of `tie_records`, one task", lambda gb: _hours(gb * _sum(of, ["tie_records"]))),
        ("hours of `split_records`, one task", lambda gb: _hours(gb * _sum(of, ["split_records"]))),
        ("hours of `measure_release`, one task", lambda gb: _hours(gb * _sum(of, ["measure_release"]))),
        ("hours of making the lines of `segments`, one task", lambda gb: _hours(gb * LINES_S)),
        ("hours of the caller", lambda gb: _hours(gb * _sum(of, [DRIVER]))),
        ("memory of `tie_records`, GB", lambda gb: f"{gb * of.growth_mb_a_gb('tie_records') / 1e3:,.0f}"),
        ("memory of `split_records`, GB", lambda gb: f"{gb * of.growth_mb_a_gb('split_records') / 1e3:,.0f}"),
        ("written to the work folder and the release, GB", lambda gb: f"{gb * written:,.0f}"),
        (f"batches that are read in {EXCHANGES + 1} exchanges", lambda gb: f"{_batches(gb):,.0f}"),
        ("CPU hours of reading them", lambda gb: _hours(_batches(gb) * of.us_a_batch / 1e6)),
    )  # fmt: skip
    for name, cell in rows:
        yield f"| {name} | {' | '.join(cell(gb) for _, gb in CRAWLS)} |"


def _batches(gigabytes: float) -> float:
    n_slices, n_buckets = gigabytes / SLICE_GB, gigabytes / BUCKET_GB
    return n_buckets * (n_slices + EXCHANGES * n_buckets)


def _sum(of: Model, tasks: list[str]) -> float:
    return sum(of.a_gb(task, "cpu_s") for task in tasks)


def _hours(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours:,.0f}" if hours >= 10 else f"{hours:.1f}" if hours >= 0.1 else f"{hours:.2f}"


_INPUT: Final = {"many": "text, folded by many tasks"}


def ratios(result: Mapping[str, Any]) -> Iterator[str]:
    """A line a build and a chain: how they stand to what they are measured by."""
    yield "| input | pages | MB | CPU s | MB/CPU s | peak MB | times the floor | exports alone, times the floor |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, run in sorted(result["builds"].items(), key=lambda item: (item[0].partition("-")[0], item[1]["mb"])):
        cpu = run["whole"]["cpu_s"]
        kind = name.partition("-")[0]
        yield (
            f"| {_INPUT.get(kind, kind)} | {run['n_pages']:,} | {run['mb']:,.1f} | {cpu:,.1f} | "
            f"{run['mb'] / cpu:.2f} | {run['whole']['peak_mb']:,.0f} | {run['ratio']:.1f} | {run['export_ratio']:.1f} |"
        )
    if result.get("peers"):
        yield ""
        yield "| chain | pages a CPU second | ours | ours is |"
        yield "|---|---|---|---|"
    for peer in result.get("peers", {}).values():
        speeds = (peer["n_pages"] / peer["cpu_s"], peer["n_pages"] / peer["ours_cpu_s"])
        yield f"| {peer['versions']} | {speeds[0]:,.0f} | {speeds[1]:,.0f} | {peer['times']:.1f} × as fast |"


def tables(result: Mapping[str, Any]) -> Mapping[str, str]:
    """The tables of docs/scaling.md by name."""
    of = model(result)
    return {
        "ratios": "\n".join(ratios(result)),
        "constants": "\n".join(constants(of)),
        "sizes": "\n".join(sizes(of)),
    }


def main() -> None:
    """Prints the tables of a kept result, by default the last."""
    if len(sys.argv) > 1:
        kept_file = kept.RESULTS / f"{sys.argv[1]}.json"
        result = kept.load(kept_file)
    else:
        found = kept.last()
        if found is None:
            sys.exit("nothing is kept: make bench-keep")
        result = found[1]
    print("\n\n".join(tables(result).values()))


if __name__ == "__main__":
    main()
