"""Folding as many tasks, one after the other; see `broadsheet.repeats.ranges` for what each does."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from broadsheet import engine
from broadsheet.repeats.fold import compared_from, shares
from broadsheet.repeats.ranges.digest import count_range, digest_records
from broadsheet.repeats.ranges.meet import gather_candidates, meet_range, select_probes, verify_pairs
from broadsheet.repeats.ranges.stories import tie_records
from broadsheet.repeats.ranges.units import deal_records, fold_unit, settle_fates
from broadsheet.repeats.task import largest_first

Results = list[dict[str, Any]]
Run = Callable[[engine.Task, Iterable[dict[str, Any]]], Results]
Name = Callable[[str, int], str]


class Folding:
    """Unique records, a result a bucket of `unique_records`, to what `fold_records` tells of them."""

    def __init__(self, run: Run, name: Name, unique: Sequence[Mapping[str, Any]]) -> None:
        """Takes what runs tasks, and what names files by kind and number."""
        self._run, self._name = run, name
        self._unique = unique
        self._stored = _files(unique, "stored")
        self._n_records = sum(result["n_records"] for result in unique)

    def _each(self, task: engine.Task, outs: str, own: Mapping[str, Sequence[Any]], **common: Any) -> Results:
        """The results of a task for each bucket or range; of `own` settings each has its own."""
        n = len(self._stored)
        return self._run(
            task,
            (
                {
                    **{name: values[i] for name, values in own.items()},
                    **common,
                    **self._numbered(task, outs, i),
                    "n": n,
                }
                for i in range(n)
            ),
        )

    def _numbered(self, task: engine.Task, outs: str, i: int) -> dict[str, Any]:
        return {"number": i} | {f"out_{name}": self._name(f"{task.__name__}/{name}", i) for name in outs.split()}

    def fold(self, threshold: str, scope: str) -> dict[str, Any]:
        """Counts and files as `fold_records` tells them, but for a file of pairs and one of fates a bucket."""
        compared, equal = self._compared(str(compared_from(Fraction(threshold))))
        told = {"n": len(self._stored), "threshold": threshold, "equal": equal}
        (tied,) = self._run(tie_records, [{**compared, **told, **self._numbered(tie_records, "tied", 0)}])
        dealt = self._each(deal_records, "records pairs", compared, tied=tied["tied"])
        folded = self._each(
            fold_unit,
            "pairs fates",
            {},
            **{name: _files(dealt, name) for name in ("records", "pairs")},
            threshold=threshold,
            scope=scope,
            n_records=self._n_records,
        )
        own = {"stored": self._stored, "unique": _files(self._unique, "unique")}
        outcomes = {name: _files(folded, name) for name in ("pairs", "fates")}
        settled = self._each(settle_fates, "pairs fates", own, **outcomes)
        return {
            **{name: _files(settled, name) for name in ("pairs", "fates")},
            "counts": self._counts(folded, tied["largest_story"]),
            "folded_share": shares(_sum(folded, "sources"), _sum(settled, "sources")),
            "crowds": largest_first(crowd for result in folded for crowd in result["crowds"]),
            "path": "compiled",
        }

    def _compared(self, threshold: str) -> tuple[dict[str, list[Any]], list[Any]]:
        """What is known of each bucket: its records, digests of its texts, and the pairs of these over a threshold.

        And which of all texts are equal.
        """
        stored = {"stored": self._stored}
        digested = self._each(digest_records, "digests words shingles", stored)
        of_all = {name: _files(digested, name) for name in ("words", "shingles")}
        counted = self._each(count_range, "equal levels", {}, **of_all)
        told = {name: _files(counted, name) for name in ("equal", "levels")}
        own = {name: _files(digested, name) for name in ("digests", "shingles")}
        probed = self._each(select_probes, "survivors lookups", own, **told, threshold=threshold)
        met = self._each(meet_range, "met", {}, lookups=_files(probed, "lookups"))
        survivors = {"survivors": _files(probed, "survivors")}
        digests = {"digests": own["digests"]}
        sought = self._each(
            gather_candidates, "candidates sought", digests | survivors, met=_files(met, "met"), threshold=threshold
        )
        candidates = {name: _files(sought, name) for name in ("candidates", "sought")}
        pairs = self._each(verify_pairs, "pairs", survivors, **candidates)
        return stored | digests | {"pairs": _files(pairs, "pairs")}, told["equal"]

    def _counts(self, folded: Results, largest_story: int) -> dict[str, int]:
        largest = max((result["counts"]["largest_cluster"] for result in folded), default=0)
        counts = _sum(folded, "counts")
        return counts | {"largest_cluster": max(largest, min(1, self._n_records)), "largest_story": largest_story}


def _files(results: Iterable[Mapping[str, Any]], name: str) -> list[Any]:
    return [result[name] for result in results]


def _sum(results: Iterable[Mapping[str, Any]], name: str) -> dict[str, int]:
    found: Counter[str] = Counter()
    for result in results:
        found.update(result[name])  # which, unlike a sum, keeps zeros
    return dict(found)
