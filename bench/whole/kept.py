"""What is kept of measurements, a file a version of the program, and whether new ones fall behind the last kept.

A speed is a share: that of the floor's, or how many times a peer's. Shares of one run hold on other machines, too, as
seconds do not; 20 % is what they waver by there.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

RESULTS: Final = Path(__file__).parents[1] / "results"
TOLERANCE: Final = 0.2

Result = dict[str, Any]


def version_key(path: Path) -> list[int]:
    """Versions in their order, `0.10.0` behind `0.9.0`."""
    return [int(part) if part.isdecimal() else -1 for part in path.stem.split(".")]


def last(folder: Path = RESULTS) -> tuple[str, Result] | None:
    """The name and the content of the newest version's result; None where none is kept."""
    found = sorted(folder.glob("*.json"), key=version_key)
    return (found[-1].stem, load(found[-1])) if found else None


def load(path: Path) -> Result:
    """A kept result."""
    found: Result = json.loads(path.read_text("utf-8"))
    return found


def keep(result: Result, version: str, folder: Path = RESULTS) -> Path:
    """Writes a result as that version's; what it does not hold stays as it was kept."""
    path = folder / f"{version}.json"
    before = load(path) if path.exists() else {}
    both = {name: before.get(name, {}) | result.get(name, {}) for name in sorted({*before, *result})}
    folder.mkdir(exist_ok=True)
    path.write_text(json.dumps(both, indent=1) + "\n", "utf-8")
    return path


def speeds(result: Mapping[str, Any]) -> dict[str, float]:
    """By name the shares that may not fall: of the floor's speed, and multiples of the peers' speeds."""
    found = {}
    for name, run in result.get("builds", {}).items():
        found[f"{name}, all"] = 1 / run["ratio"]
        found[f"{name}, exports"] = 1 / run["export_ratio"]
    for name, peer in result.get("peers", {}).items():
        found[f"pages a CPU second against {name}"] = peer["times"]
    return found


def fallen(new: Mapping[str, Any], kept: Mapping[str, Any]) -> Iterator[str]:
    """A line for each speed that both have and that fell by more than `TOLERANCE`."""
    before = speeds(kept)
    for name, speed in speeds(new).items():
        if name in before and speed < (1 - TOLERANCE) * before[name]:
            yield f"{name}: {speed:.3f}, was {before[name]:.3f}: {speed / before[name] - 1:+.0%}"
