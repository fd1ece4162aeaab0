"""Compares the removal of repeats with other libraries, in one run: time, memory, and what is right and wrong.

    python bench/duplicates/run.py [--pages N] [--peers NAME,NAME] [--repeat N] [--limit SECONDS]
    python bench/duplicates/run.py --growth
    python bench/duplicates/run.py --worst

Peers need their environments (`make peers`); one without is left out and named. See README.md beside this file.
"""

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import corpus
import measure
from measure import Cost
from peers import EXACT, OURS, PEERS, Runner
from score import PARTS, Score, Truth, kept_rows, score

WORK: Final = Path(__file__).parents[2] / "build" / "duplicates"
GROWTH: Final = (10_000, 100_000, 1_000_000, 4_000_000)
WORST: Final = (5_000, 20_000, 100_000)
SHARED: Final = {"below containment 0.7": 0.66, "Jaccard about 0.65": 0.79}
"""Share of the template in the texts of the worst case, by how any two of them stand to each other."""


@dataclass(slots=True)
class Result:
    """All runs of one runner on one file."""

    runner: Runner
    costs: list[Cost] = field(default_factory=list)
    score: Score | None = None

    @property
    def failed(self) -> str:
        """Why there is no result, if there is none."""
        return next((cost.failed for cost in self.costs if cost.failed), "")

    def wall_s(self) -> float:
        """Median of the wall seconds."""
        return statistics.median(cost.wall_s for cost in self.costs)

    def cpu_s(self) -> float:
        """Median of the CPU seconds."""
        return statistics.median(cost.cpu_s for cost in self.costs)

    def peak_mb(self) -> float:
        """Largest peak."""
        return max(cost.peak_mb for cost in self.costs)


def once(result: Result, source: Path, limit_s: float, truth: Truth | None = None) -> None:
    """Runs a runner once more, unless it has failed before, and scores its first result."""
    if result.failed:
        return
    target = WORK / "out" / f"{result.runner.name}.jsonl"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    cost = measure.run(result.runner.command(source, target), result.runner.variables(), limit_s)
    result.costs.append(cost)
    note = cost.failed or f"{cost.wall_s:.2f} s wall, {cost.cpu_s:.2f} s CPU, {cost.peak_mb:,.0f} MB"
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {source.parent.name}/{source.name} {result.runner.name}: {note}\n")
    if not cost.failed and truth is not None and result.score is None:
        result.score = score(truth, kept_rows(target, len(truth.family)))


def made(name: str, records: Callable[[], Iterable[corpus.Record]]) -> tuple[Path, Truth]:
    """The folder of a corpus, written unless it is there, and its truth."""
    folder = WORK / name.replace(",", "").replace(" ", "-")
    facts = folder / "facts.json"
    if not facts.exists() or json.loads(facts.read_text("utf-8"))["made_by"] != corpus.version():
        corpus.write(records(), folder)
    return folder, Truth.of(folder)


def compare(n_pages: int, runners: Sequence[Runner], repeat: int, limit_s: float) -> Iterator[str]:
    """The comparison on articles, as they come and with the filter before it."""
    folder, truth = made(f"articles-{n_pages}", lambda: corpus.articles(n_pages))
    source, filtered = folder / "records.jsonl", folder / "filtered.jsonl"
    plain = {runner.name: Result(runner) for runner in (EXACT, *runners)}
    behind = {runner.name: Result(runner) for runner in runners}
    measure.run(EXACT.command(source, filtered), EXACT.variables(), limit_s)
    for number in range(repeat):
        for name in _turned(list(plain), number):
            once(plain[name], source, limit_s, truth)
            if name in behind:
                once(behind[name], filtered, limit_s, truth)
    (WORK / f"articles-{n_pages}.json").write_text(
        json.dumps({"as it comes": _held(plain), "behind the filter": _held(behind)}, indent=1), "utf-8"
    )
    facts = json.loads((folder / "facts.json").read_text("utf-8"))
    yield (
        f"{facts['n_records']:,} records of {n_pages:,} pages, {facts['n_bytes'] / 1e6:,.1f} MB, "
        f"{facts['n_repeated']:,} byte-identical to an earlier one, {facts['n_families']:,} families; "
        f"medians of {repeat}"
    )
    yield ""
    yield from _speed(plain, behind)
    yield ""
    yield from _quality(plain, behind)


def _turned(names: list[str], number: int) -> list[str]:
    """The names in turn, each round beginning with another."""
    at = number % len(names)
    return names[at:] + names[:at]


def _held(results: dict[str, Result]) -> dict[str, object]:
    return {
        name: {"costs": [asdict(cost) for cost in r.costs], "score": asdict(r.score) if r.score else None}
        for name, r in results.items()
    }


def _speed(plain: dict[str, Result], behind: dict[str, Result]) -> Iterator[str]:
    """Seconds and memory; `×` is how many times ours the value is, ours always as it comes."""
    ours = plain.get(OURS.name)
    base = ours if ours and not ours.failed else None
    yield (
        "| | wall s | × ours | CPU s | × ours | peak MB | with the filter: wall s | × ours | CPU s | × ours | peak MB |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    filter_ = plain[EXACT.name]
    for name, result in plain.items():
        if result.failed:
            yield f"| {name} | {result.failed} | | | | | {_behind(behind.get(name), filter_, base)} |"
            continue
        wall, cpu = result.wall_s(), result.cpu_s()
        yield (
            f"| {name} | {wall:.2f} | {_times(wall, base.wall_s() if base else None)} | {cpu:.2f} | "
            f"{_times(cpu, base.cpu_s() if base else None)} | {result.peak_mb():,.0f} | "
            f"{_behind(behind.get(name), filter_, base)} |"
        )


def _behind(result: Result | None, filter_: Result, base: Result | None) -> str:
    if result is None:
        return " | | | | "
    if result.failed or filter_.failed:
        return f"{result.failed or filter_.failed} | | | | "
    wall, cpu = result.wall_s() + filter_.wall_s(), result.cpu_s() + filter_.cpu_s()
    peak = max(result.peak_mb(), filter_.peak_mb())
    return (
        f"{wall:.2f} | {_times(wall, base.wall_s() if base else None)} | {cpu:.2f} | "
        f"{_times(cpu, base.cpu_s() if base else None)} | {peak:,.0f}"
    )


def _times(value: float, ours: float | None) -> str:
    return f"{value / ours:.2f}" if ours else "–"


def _quality(plain: dict[str, Result], behind: dict[str, Result]) -> Iterator[str]:
    """Recall and wrong removals, in all and by kind."""
    lures = (*corpus.LURES, "other")
    head = ["", "kept", "recall", "precision", *(f"recall: {part}" for part in PARTS), "wrong"]
    head += [*(f"wrong: {lure}" for lure in lures), "left shortened"]
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    rows = [(name, result.score) for name, result in plain.items()]
    rows += [(f"{name}, with the filter", result.score) for name, result in behind.items()]
    for name, found in rows:
        if found is None:
            continue
        cells = [name, f"{found.n_kept:,}", f"{found.recall:.4f}", f"{found.precision:.4f}"]
        cells += [f"{found.recall_by_kind[part]:.3f}" if part in found.recall_by_kind else "" for part in PARTS]
        cells += [str(found.wrong), *(str(found.wrong_by_kind[lure]) for lure in lures), str(found.shortened)]
        yield f"| {' | '.join(cells)} |"


def ladder(
    title: str,
    sizes: Sequence[int],
    records: Callable[[int], Iterable[corpus.Record]],
    runners: Sequence[Runner],
    arguments: argparse.Namespace,
) -> Iterator[str]:
    """One kind of text at growing sizes: seconds, memory, and by which power of the size they grow.

    A runner that would take longer than the limit at the next size, if it grew in proportion, stops there.
    """
    results: dict[str, dict[int, Result]] = {runner.name: {} for runner in runners}
    for before, size in zip((0, *sizes), sizes, strict=False):
        able = [
            runner
            for runner in runners
            if not before or _able(results[runner.name].get(before), size / before, arguments.limit)
        ]
        if not able:
            break
        folder, truth = made(f"{title}-{size}", lambda size=size: records(size))  # type: ignore[misc]
        for number in range(arguments.repeat):
            for name in _turned([runner.name for runner in able], number):
                runner = next(r for r in able if r.name == name)
                result = results[name].setdefault(size, Result(runner))
                once(result, folder / "records.jsonl", arguments.limit, truth)
    (WORK / f"{title.replace(',', '').replace(' ', '-')}.json").write_text(
        json.dumps({name: _held({str(n): r for n, r in found.items()}) for name, found in results.items()}, indent=1)
    )
    yield f"{title}: wall s / CPU s / peak MB (kept, recall); exponents of wall and CPU from the second size on"
    yield ""
    yield f"| | {' | '.join(f'{size:,}' for size in sizes)} | wall | CPU |"
    yield "|---" * (len(sizes) + 3) + "|"
    for name, found in results.items():
        cells = [_cell(found.get(size)) for size in sizes]
        done = [(size, result) for size, result in found.items() if not result.failed and size > sizes[0]]
        cells += [
            _exponent([(size, result.wall_s()) for size, result in done]),
            _exponent([(size, result.cpu_s()) for size, result in done]),
        ]
        yield f"| {name} | {' | '.join(cells)} |"


def _able(result: Result | None, growth: float, limit_s: float) -> bool:
    return result is not None and not result.failed and result.wall_s() * growth <= limit_s


def _cell(result: Result | None) -> str:
    if result is None:
        return "–"
    if result.failed or result.score is None:
        return result.failed
    return (
        f"{result.wall_s():.2f} / {result.cpu_s():.2f} / {result.peak_mb():,.0f} "
        f"({result.score.n_kept:,}, {result.score.recall:.3f})"
    )


def _exponent(points: Sequence[tuple[int, float]]) -> str:
    """Slope of the least squares through the logarithms."""
    if len(points) < 2:
        return "–"
    slope = statistics.linear_regression(
        [math.log(size) for size, _ in points], [math.log(seconds) for _, seconds in points]
    ).slope
    return f"{slope:.2f}"


def chosen(names: str | None) -> tuple[list[Runner], list[str]]:
    """The runners that are asked for and installed, ours first; and what is told of the others.

    Raises: SystemExit if a name is unknown.
    """
    known = {runner.name: runner for runner in (OURS, *PEERS)}
    wanted = list(known) if names is None else [name for name in names.split(",") if name]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        sys.exit(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
    missing = [name for name in wanted if not known[name].python.exists()]
    notes = [f"not installed, left out: {', '.join(missing)} (make peers)"] if missing else []
    return [known[name] for name in wanted if name not in missing], notes


def main() -> None:
    """Prints the tables that are asked for."""
    parser = argparse.ArgumentParser(description="Compare the removal of repeats with other libraries.")
    parser.add_argument("--pages", type=int, default=2000, help="pages of the corpus of articles")
    parser.add_argument("--peers", help="names of runners, with commas between them; all by default")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each, in turn")
    parser.add_argument("--limit", type=float, default=300, help="seconds after which a run is ended")
    parser.add_argument("--growth", action="store_true", help="short texts, 10,000 to 4,000,000")
    parser.add_argument("--worst", action="store_true", help="texts that share a template and a pool of phrases")
    parser.add_argument("--most", type=int, default=GROWTH[-1], help="largest number of texts with --growth, --worst")
    arguments = parser.parse_args()
    runners, notes = chosen(arguments.peers)
    measure.adopt_orphans()
    parts: list[Iterator[str]] = []
    if arguments.growth:
        sizes = [size for size in GROWTH if size <= arguments.most]
        parts.append(ladder("comments", sizes, corpus.comments, [EXACT, *runners], arguments))
    if arguments.worst:
        sizes = [size for size in WORST if size <= arguments.most]
        parts += [
            ladder(f"alike, {name}", sizes, lambda n, share=share: corpus.alike(n, share), runners, arguments)  # type: ignore[misc]
            for name, share in SHARED.items()
        ]
    if not parts:
        parts.append(compare(arguments.pages, runners, arguments.repeat, arguments.limit))
    for part in parts:
        for line in part:
            print(line, flush=True)
        print(flush=True)
    print("; ".join(dict.fromkeys(runner.version() for runner in (EXACT, *runners))))
    print("\n".join(notes))


if __name__ == "__main__":
    main()
