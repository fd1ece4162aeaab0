"""`broadsheet clean` removes what dead builds left, and nothing else."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sites import ARTICLE, build_pages, make_pages, snapshot

from broadsheet.cli import main
from broadsheet.release import withdraw
from broadsheet.release.lock import held

WORK = ".work-0.2.0-0123456789abcdef-1"


def clean(*arguments: str | Path) -> tuple[int, str]:
    ran = CliRunner().invoke(main, ["clean", *map(str, arguments)])
    return ran.exit_code, ran.output


def test_only_work_folders_of_dead_builds_go(tmp_path: Path) -> None:
    """Of a release, a dead build's folder, a running one's and a user's own hidden things only the dead one's goes."""
    release = build_pages(make_pages(tmp_path / "in", {"1.txt": ARTICLE}), tmp_path / "dist").path
    dataset = release.parent
    dead = make_pages(dataset / WORK, {"read/0.arrow": b"12345", "done/x.json": b"123"})
    running = make_pages(dataset / WORK.replace("0.2.0", "auto"), {"a": b"1"})
    make_pages(dataset / ".work-mine", {"a": b"1"})
    (dataset / WORK.replace("-1", "-2")).symlink_to(release)
    before = snapshot(tmp_path / "dist")
    with held(dataset / ".lock-auto", "build of site auto"):
        assert clean(tmp_path / "dist", "--dry-run")[0] == 0
        assert dead.is_dir() and running.is_dir()
        code, output = clean(tmp_path / "dist")
    assert code == 0
    assert f"removed   {dead}   8 bytes" in output and "freed     8 bytes" in output
    assert f"kept      {running}   another build of site auto is running" in output
    after = snapshot(tmp_path / "dist")
    gone = {path for path in before if path not in after}
    assert gone == {path for path in before if WORK in Path(path).parts}
    assert (dataset / ".work-mine").is_dir()
    assert clean(dataset) == (0, f"removed   {running}   1 bytes\nfreed     1 bytes\n")
    assert clean(dataset) == (0, "freed     0 bytes\n")


LEFT = {
    ".full-site": (".lock-full-site", "another build of site is running", {"site/0.1.0/manifest.json": b"{}"}),
    "site/.copy-0.3.0": (".lock-copy-0.3.0", "another publication of site 0.3.0 is running", {"data/x": b"12"}),
    "site/.new-0.3.0": (".lock-0.3.0", "another publication of site 0.3.0 is running", {"release/x": b"12"}),
    "site/.new-withdrawal": (".lock-auto", "another withdrawal from site is running", {"release/x": b"12"}),
}
"""What can be left, the lock of who uses it, who that is, and what lies in it."""


@pytest.mark.parametrize("name", LEFT)
def test_everything_that_can_be_left_goes_unless_it_is_in_use(tmp_path: Path, name: str) -> None:
    """Full releases of standoff builds, copies from another disk, publications and withdrawals that were killed."""
    lock, who, files = LEFT[name]
    folder = make_pages(tmp_path / name, files)
    n_bytes = sum(len(content) for content in files.values())
    with held(folder.parent / lock, "test"):
        code, output = clean(tmp_path)
        assert code == 0 and output.startswith(f"kept      {folder}   {who} (pid") and "freed     0 bytes" in output
    assert folder.is_dir()
    assert clean(tmp_path) == (0, f"removed   {folder}   {n_bytes} bytes\nfreed     {n_bytes} bytes\n")
    assert not folder.exists()


@pytest.mark.parametrize(
    "name", [".full-site", ".full-other", "site/.new-things", "site/.new-0.3.0", "site/.copy-mine", "site/.purged-it"]
)
def test_hidden_folders_of_a_users_own_stay(tmp_path: Path, name: str) -> None:
    """What is named alike, but holds something else or is no version, is not touched."""
    folder = make_pages(tmp_path / name, {"notes/mine.txt": b"1"})
    assert clean(tmp_path) == (0, "freed     0 bytes\n")
    assert (folder / "notes/mine.txt").read_bytes() == b"1"


def test_a_version_that_is_purged_goes_once_the_index_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before the index was written, the purge is not forgotten: clean leaves it, and purge goes on with it."""
    site = make_pages(tmp_path / "in", {"1.txt": ARTICLE})
    dataset = build_pages(site, tmp_path / "dist").path.parent
    build_pages(make_pages(site, {"2.txt": ARTICLE.replace("eleven", "twelve")}), tmp_path / "dist", version="0.2.0")
    left = dataset / ".purged-0.1.0"
    digest = json.loads((dataset / "0.1.0/manifest.json").read_text("utf-8"))["logical_digest"]

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(withdraw, "purged", killed)
        with pytest.raises(KeyboardInterrupt):
            withdraw.purge(dataset, ["0.1.0"], reason="asked for")
    assert "its removal is not in the index yet; withdraw --purge goes on with it" in clean(dataset)[1]
    assert left.is_dir()
    with monkeypatch.context() as patch:
        patch.setattr(withdraw.shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            withdraw.purge(dataset, ["0.1.0"], reason="asked for")
    (entry,) = json.loads((dataset / "index.json").read_text("utf-8"))["purged"]
    assert (entry["version"], entry["logical_digest"], entry["reason"]) == ("0.1.0", digest, "asked for")
    assert f"removed   {left}" in clean(dataset)[1]
    assert sorted(path.name for path in dataset.iterdir()) == ["0.2.0", "index.json"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A wrong path is a wrong call."""
    code, output = clean(tmp_path / "x")
    assert code == 2
    assert "x is no folder; name the one that `broadsheet build` was given with --out or --work-dir" in output
