"""The measures of a release as a task: DuckDB takes all processors of the machine on which it runs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from broadsheet.batches import commit, require_intact
from broadsheet.measure import measure, to_json

ASKED: Final = ("tables", "rejections", "configuration")
"""What measures ask of a manifest."""


def measure_release(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits the measures of a release that is being built.

    Spec: root, manifest (`ASKED`), memory_bytes (what DuckDB may hold), out. Result: measures, the file.
    """
    out = Path(spec["out"])
    out.parent.mkdir(parents=True, exist_ok=True)
    text = to_json(measure(Path(spec["root"]), spec["manifest"], spec["memory_bytes"], out.parent))

    def write(path: Path) -> None:
        path.write_text(text, "utf-8")

    return {"measures": commit(out, write).to_json()}


def read_measures(file: Sequence[str]) -> Mapping[str, Any]:
    """The measures in a committed file, as `measure` gives them."""
    path, digest = file
    require_intact(path, digest)
    measures: Mapping[str, Any] = json.loads(Path(path).read_text("utf-8"))
    return measures
