"""The releases that the repository holds are those that the program makes."""

import json
import platform
from pathlib import Path

from sites import HARBOUR, ROOT, sums

from broadsheet import build as way
from broadsheet import config, share
from broadsheet.release.manifest import sum_faults
from broadsheet.release.verify import BROKEN, KEPT, verify

KEPT_RELEASE = ROOT / "dist" / "harbour" / "0.1.0"
BARE = ROOT / "dist" / "aleppo-standoff" / "0.1.0"
SETTINGS = ROOT / "examples" / "aleppo" / config.FILE


def is_again(made: Path, kept: Path) -> None:
    """A release has equal bytes, or on another kind of processor equal rows; see `make dist`.

    The bytes in the repository were written on x86-64.
    """
    one, other = (json.loads((path / "manifest.json").read_bytes()) for path in (kept, made))
    if platform.machine() in ("x86_64", "AMD64"):
        assert other == one
        assert sums(made) == sums(kept)
    for manifest in (one, other):
        manifest.get("standoff", {}).pop("sums", None)
    assert other == one
    index = Path(kept.parent.name) / "index.json"
    assert (made.parent.parent / index).read_bytes() == (ROOT / "dist" / index).read_bytes()


def test_the_release_in_the_repository_is_built_again(tmp_path: Path) -> None:
    """Built anew from the example site it is the same."""
    is_again(way.build([], config.load(HARBOUR / config.FILE), out=tmp_path).path, KEPT_RELEASE)


def test_the_release_in_the_repository_is_whole() -> None:
    """It is as it was sealed, in all formats, and keeps every promise."""
    assert list(sum_faults(KEPT_RELEASE)) == []
    assert {path.name for path in KEPT_RELEASE.iterdir()} >= {"data", "jsonl", "arrow", "README.md", "DATASHEET.md"}
    assert {verdict.verdict for verdict in verify(KEPT_RELEASE)} == {KEPT}


def test_the_release_without_texts_keeps_what_it_promises() -> None:
    """No promise is broken; what needs the pages is uncheckable here."""
    assert BROKEN not in {verdict.verdict for verdict in verify(BARE)}


def test_the_release_without_texts_is_built_again(shared: Path, tmp_path: Path) -> None:
    """The same pages give the same bytes; `make dist` is to be called where they do not."""
    _, made = share.build_standoff([shared / "seeds"], config.load(SETTINGS), out=tmp_path)
    is_again(made.path, BARE)


def test_the_pages_complete_the_release_without_texts(shared: Path, tmp_path: Path) -> None:
    """It becomes the release that it was made from, byte for byte, and that keeps every promise."""
    made, found = share.hydrate(BARE, [shared / "seeds"], out=tmp_path)
    assert found.same_bytes
    assert {verdict.verdict for verdict in verify(made.path)} == {KEPT}
    assert {verdict.verdict for verdict in share.verify(BARE, [shared / "seeds"])} == {KEPT}
