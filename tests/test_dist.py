"""The release that the repository holds is the one that the program makes."""

import json
import platform
from pathlib import Path

from sites import HARBOUR, ROOT, sums

from broadsheet import build as way
from broadsheet import config
from broadsheet.release.manifest import sum_faults
from broadsheet.release.verify import KEPT, verify

KEPT_RELEASE = ROOT / "dist" / "harbour" / "0.1.0"


def test_the_release_in_the_repository_is_built_again(tmp_path: Path) -> None:
    """Built anew from the example site it has equal bytes, or on another kind of processor equal rows; see `make dist`.

    The bytes in the repository were written on x86-64.
    """
    built = way.build([], config.load(HARBOUR / config.FILE), out=tmp_path)
    kept, made = (json.loads((path / "manifest.json").read_bytes()) for path in (KEPT_RELEASE, built.path))
    assert made == kept
    if platform.machine() in ("x86_64", "AMD64"):
        assert sums(built.path) == sums(KEPT_RELEASE)
    index = Path("harbour") / "index.json"
    assert (tmp_path / index).read_bytes() == (ROOT / "dist" / index).read_bytes()


def test_the_release_in_the_repository_is_whole() -> None:
    """It is as it was sealed, in all formats, and keeps every promise."""
    assert list(sum_faults(KEPT_RELEASE)) == []
    assert {path.name for path in KEPT_RELEASE.iterdir()} >= {"data", "jsonl", "arrow", "README.md", "DATASHEET.md"}
    assert {verdict.verdict for verdict in verify(KEPT_RELEASE)} == {KEPT}
