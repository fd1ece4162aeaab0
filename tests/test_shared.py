"""The real pages that the project began with, where they lie beside the repository."""

import subprocess
import sys
from pathlib import Path

import pytest
from sites import json_rows, tables

from broadsheet.release.verify import KEPT, verify

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the release."""
    return tmp_path_factory.mktemp("seeds")


def test_real_pages_become_a_release(shared: Path, tmp_path: Path) -> None:
    """The build ends 0, every promise is kept, every character of the five files is in the ledger, and it loads."""
    import datasets

    seeds = shared / "seeds"
    command = ["build", str(seeds), "--name", "seeds", "--out", str(tmp_path)]
    ran = subprocess.run(
        [sys.executable, "-m", "broadsheet", *command], capture_output=True, encoding="utf-8", check=False
    )
    assert ran.returncode == 0, ran.stderr
    release = tmp_path / "seeds" / "0.1.0"
    verdicts = verify(release)
    assert {v.promise: v.faults for v in verdicts if v.verdict != KEPT} == {}
    files = {file.name: file.read_bytes().decode("utf-8") for file in sorted(seeds.glob("*.txt"))}
    assert len(files) == 5
    pages = {capture["path"]: row for row in json_rows(release, "pages") for capture in row["captures"]}
    assert {path: row["text"] for path, row in pages.items()} == files
    segments = json_rows(release, "segments")
    for path, text in files.items():
        of = [row for row in segments if row["page_id"] == pages[path]["page_id"]]
        assert "".join(text[row["start"] : row["end"]] for row in of) == text
    assert {row["role"] for row in segments} == {"main", "sidebar", "teaser", "comment", "boilerplate"}
    for config, split in tables(release):
        found = datasets.load_dataset(str(release), config, split=split)
        assert found.num_rows == len(json_rows(release, config))
