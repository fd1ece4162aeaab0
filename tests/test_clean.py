"""`broadsheet clean` removes what dead builds left, and nothing else."""

from pathlib import Path

from click.testing import CliRunner
from sites import ARTICLE, build_pages, make_pages, snapshot

from broadsheet.cli import main
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


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A wrong path is a wrong call."""
    code, output = clean(tmp_path / "x")
    assert code == 2
    assert "x is no folder; name the one that `broadsheet build --out` wrote to" in output
