"""Chains of other libraries, as users put them together today: pages to articles to unique ones to a data set.

Each is a row of scripts with an environment of its own (`make bench-peers`), whose seconds are those of all of them and
of every process that they start.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[2] / "duplicates"))

import measure
from measure import surroundings
from peers import ENVIRONMENTS

__all__ = ["CHAINS", "Chain", "installed", "surroundings"]

SCRIPTS: Final = Path(__file__).parent
DUPLICATES: Final = SCRIPTS.parents[1] / "duplicates" / "runners"
LIMIT_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Chain:
    """The scripts of one chain, and what is told of them."""

    name: str
    steps: Sequence[tuple[Path, str, str]]
    """Script, and the names of what it reads and writes; `in` is the folder of pages."""
    distributions: Sequence[str]

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        return ENVIRONMENTS / f"chain-{self.name}" / "bin" / "python"

    def run(self, source: Path, out: Path) -> dict[str, Any]:
        """CPU seconds by step, peak memory and the number of articles kept. Raises: SystemExit where a step fails."""
        variables = surroundings() | {"HF_HOME": str(out / "home")}
        measure.adopt_orphans()
        seconds: dict[str, float] = {}
        peak_mb = 0.0
        for script, read, write in self.steps:
            command = [str(self.python), str(script), str(source if read == "in" else out / read), str(out / write)]
            cost = measure.run(command, variables, LIMIT_S)
            if cost.failed:
                sys.exit(f"{self.name}: {script.name}: {cost.failed}")
            seconds[script.stem] = cost.cpu_s
            peak_mb = max(peak_mb, cost.peak_mb)
        n_kept = json.loads((out / self.steps[-1][2] / "facts.json").read_text("utf-8"))["n_rows"]
        return {"cpu_s": sum(seconds.values()), "steps_cpu_s": seconds, "peak_mb": peak_mb, "n_kept": n_kept}

    def versions(self) -> str:
        """Its libraries as installed."""
        code = "import sys, importlib.metadata as m; print(*(f'{n} {m.version(n)}' for n in sys.argv[1:]), sep=', ')"
        command = [str(self.python), "-c", code, *self.distributions]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _chain(name: str, *distributions: str) -> Chain:
    steps = (
        (SCRIPTS / "extract.py", "in", "articles.jsonl"),
        (DUPLICATES / f"{name}_run.py", "articles.jsonl", "unique.jsonl"),
        (SCRIPTS / "export.py", "unique.jsonl", "dataset"),
    )
    return Chain(name, steps, ("trafilatura", name, *distributions, "datasets"))


CHAINS: Final = {name: _chain(name) for name in ("datatrove", "gaoya")}


def installed(name: str) -> bool:
    """Whether the environment of a chain is there."""
    return CHAINS[name].python.exists()
