"""The releases that this repository ships."""

from pathlib import Path

from sites import ROOT, config, sums

from broadsheet import share
from broadsheet.release.verify import BROKEN, KEPT, verify

BARE = ROOT / "dist" / "aleppo-standoff" / "0.1.0"
SETTINGS = ROOT / "examples" / "aleppo" / "dataset.toml"


def test_the_release_without_texts_keeps_what_it_promises() -> None:
    """No promise is broken; what needs the pages is uncheckable here."""
    assert BROKEN not in {verdict.verdict for verdict in verify(BARE)}


def test_the_release_without_texts_is_built_anew_with_equal_bytes(shared: Path, tmp_path: Path) -> None:
    """The same pages give the same bytes; `make dist` is to be called where they do not."""
    _, made = share.build_standoff([shared / "seeds"], config.load(SETTINGS), out=tmp_path)
    assert sums(made.path) == sums(BARE), "the program gives another release now: run `make dist` and commit it"


def test_the_pages_complete_the_release_without_texts(shared: Path, tmp_path: Path) -> None:
    """It becomes the release that it was made from, byte for byte, and that keeps every promise."""
    made, found = share.hydrate(BARE, [shared / "seeds"], out=tmp_path)
    assert found.same_bytes
    assert {verdict.verdict for verdict in verify(made.path)} == {KEPT}
    assert {verdict.verdict for verdict in share.verify(BARE, [shared / "seeds"])} == {KEPT}
