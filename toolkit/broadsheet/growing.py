"""The steps of a build that goes on from a release: only what is new is read, cut, folded and written."""

from collections.abc import Mapping
from typing import Any

from broadsheet import engine, read
from broadsheet.memory import Budget
from broadsheet.release.base import Base
from broadsheet.release.published import known_pages, published_records
from broadsheet.repeats.grow_task import grow_records
from broadsheet.split import split_records
from broadsheet.steps import Report, Steps, total


class Growing(Steps):
    """Steps over what is new, beside what a base decided."""

    def __init__(
        self, found: read.Plan, work: Any, run: engine.Engine, report: Report, base: Base, budget: Budget | None = None
    ) -> None:
        """Takes what `Steps` takes, and the base; its files in the plan are not read."""
        left, self.n_same_files = base.unread(found)
        super().__init__(left, work, run, report, budget)
        self.base = base
        self.n_again = 0
        self._folder = {"base": str(base.path), "tables": list(base.tables), "digest": base.digest}

    def read(self, reading: read.Reading, *, check: bool = False) -> None:
        """Files to pages, but for pages of the base."""
        self.known = self._run("base", known_pages, [{**self._folder, "out": self._file("known")}])[0]["known"]
        super().read(reading, check=check)
        self.n_again = sum(file.get("n_again", 0) for file in self.files)
        self.tell("base", version=self.base.manifest["version"], pages=self.n_again, files=self.n_same_files)

    def fold(self, threshold: float, scope: str) -> None:
        """Valid records to unique ones, and these to what stands for what, after what was published."""
        names = ("comment" in cut["roles"] for cut in self.cut)
        spec = {**self._folder, "out": self._file("base"), "out_names": self._file("names"), "with_names": any(names)}
        published = self._run("base", published_records, [spec])[0]
        rules = {"tied": dict(self.base.tied), "threshold": str(threshold), "scope": scope}
        self._merge()
        self._fold(grow_records, published | rules)

    def split(self, shares: Mapping[str, float]) -> None:
        """Fates to decisions: `divided`. What is held is named with the splits that it would have tied together."""
        spec = {
            "fates": self.folded["fates"],
            "pairs": self.folded["pairs"],
            "shares": dict(shares),
            "n_buckets": self.n_buckets,
            "out": self._file("decisions"),
            "base": {
                "large": self.base.manifest["large_stories"],
                "n_canonical": self.base.n_canonical,
                "continued": self.folded["continued"],
            },
        }
        self.divided = self._run("split", split_records, [spec])[0]
        if self.folded["held"]:
            self.tell("held", n=len(self.folded["held"]), held=self.folded["held"])

    def _base_table(self, config: str, split: str) -> dict[str, Any] | None:
        table = self.base.table(config, split)
        return table and {**table, "digest": self.base.digest}

    def ledger(self) -> dict[str, Any]:
        """Where everything went, of the base and what is new."""
        own = super().ledger()
        own["n_canonical"] -= self.base.n_canonical
        own |= {"n_unique": self.folded["n_new"], "n_held": len(self.folded["held"])}
        return self.base.with_ledger(own)

    def write_rejected(self, file: Any) -> None:
        """Every rejected record of the base and of what is new."""
        self._write_rejected(file, [self.base.rejections(self.work / "rejected" / "base.arrow")])

    def is_empty(self) -> bool:
        """True where nothing that was read is new."""
        return not total(self.pages, "n_pages") and not total(self.files, "n_rejected")

    def found(self) -> dict[str, Any]:
        """What the manifest tells of the base and of what is new."""
        own, base = super().found(), self.base
        return own | {
            "inputs": base.with_inputs(own["inputs"]),
            "rejections": base.with_counts("rejections", own["rejections"]),
            "repeats": base.with_counts("repeats", own["repeats"]),
            "certificate": {name: n + base.manifest["certificate"][name] for name, n in own["certificate"].items()},
            "base": base.lineage(self.folded, self.n_again),
        }
