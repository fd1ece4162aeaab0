"""The runners: whose script runs in which environment, and which distributions' versions are told."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from measure import surroundings

HERE: Final = Path(__file__).parent
ENVIRONMENTS: Final = HERE.parents[1] / "build" / "peers"


@dataclass(frozen=True, slots=True)
class Runner:
    """One contestant."""

    name: str
    script: str
    environment: str
    """Folder in build/peers; empty for the one that this runs in."""
    distribution: str
    arguments: tuple[str, ...] = ()
    path: str = ""
    """The folder of what is not installed there."""

    @property
    def python(self) -> Path:
        """The interpreter that runs it."""
        return ENVIRONMENTS / self.environment / "bin" / "python" if self.environment else Path(sys.executable)

    def command(self, source: Path, target: Path) -> list[str]:
        """The command that reads one file and writes another."""
        return [str(self.python), str(HERE / "runners" / self.script), str(source), str(target), *self.arguments]

    def variables(self) -> dict[str, str]:
        """The environment's variables: nothing of ours is on a peer's path, and nobody asks the network."""
        return surroundings(self.path or ("" if self.environment else os.environ.get("PYTHONPATH", "")))

    def version(self) -> str:
        """The distribution and its version, as installed."""
        code = f"from importlib.metadata import version; print(version({self.distribution!r}))"
        found = subprocess.run([self.python, "-c", code], capture_output=True, text=True, check=False)
        return f"{self.distribution} {found.stdout.strip() or '(from this folder)'}"


OURS: Final = Runner("ours", "ours.py", "ours", "broadsheet", path=str(HERE.parents[1] / "toolkit"))
"""What an installation of `broadsheet[fast]` has of what it needs, without the tools of this checkout."""
EXACT: Final = Runner("exact", "exact.py", "", "orjson")
"""The baseline, and the filter put before the others."""
PEERS: Final = (
    Runner("daft", "daft_run.py", "daft", "daft"),
    Runner("gaoya", "gaoya_run.py", "gaoya", "gaoya"),
    Runner("rensa", "rensa_run.py", "rensa", "rensa"),
    Runner("datasketch", "datasketch_run.py", "datasketch", "datasketch"),
    Runner("text-dedup", "textdedup_run.py", "textdedup", "text-dedup"),
    Runner("datatrove-plain", "datatrove_run.py", "datatrove", "datatrove", ("plain",)),
    Runner("datatrove", "datatrove_run.py", "datatrove", "datatrove"),
)
