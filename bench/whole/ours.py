"""One build in a process of its own, by tasks; prints what it took as JSON.

    python ours.py INPUT OUT [many]

With `many`, repeats are folded by many tasks, as in builds too large for one.
One worker, which is this process, so that CPU seconds and memory are of the task alone. What no task takes (planning,
documents, checksums, publishing) is the driver's.
"""

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from meter import Cost, Meter

started = time.process_time()

from broadsheet import config, memory  # noqa: E402  their import is part of what is told
from broadsheet.build import build  # noqa: E402

imported_s = time.process_time() - started


def main() -> None:
    """Builds and tells."""
    source, out = map(Path, sys.argv[1:3])
    if sys.argv[3:] == ["many"]:
        memory.FOLD_BYTES = 0
    meter = Meter()
    with meter.watch("whole") as whole:
        built = build([source], config.load(None, {"name": "bench"}), out=out, run=meter.run())
    meter.costs.pop("whole")
    driver = Cost(peak_mb=whole.peak_mb)
    for name in ("wall_s", "cpu_s", "read_mb", "written_mb"):
        setattr(driver, name, getattr(whole, name) - sum(getattr(cost, name) for cost in meter.costs.values()))
    costs = {name: asdict(cost) for name, cost in meter.costs.items()} | {"driver": asdict(driver)}
    ledger = built.manifest["ledger"]
    whole.peak_mb = max(cost["peak_mb"] for cost in costs.values())
    whole.shuffled_mb = sum(cost["shuffled_mb"] for cost in costs.values())
    release_mb = sum(path.stat().st_size for path in built.path.rglob("*") if path.is_file()) / 1e6
    told = {
        "path": str(built.path),
        "logical_digest": built.manifest["logical_digest"],
        "n_records": ledger["n_candidates"],
        "n_canonical": ledger["n_canonical"],
        "release_mb": release_mb,
        "import_cpu_s": imported_s,
        "whole": asdict(whole),
        "tasks": costs,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
