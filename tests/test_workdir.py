"""With `--work-dir` a build works elsewhere, and nothing else about it differs."""

import errno
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from sites import ARTICLE, make_pages, sums
from test_resume import PAGES, Stop, Stopped

from broadsheet import build as way
from broadsheet import config, share
from broadsheet.cli import main
from broadsheet.errors import ReleaseError
from broadsheet.release import publish
from broadsheet.release.lock import held


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of a few pages."""
    return make_pages(tmp_path / "in", PAGES)


def build(site: Path, out: Path, report: Stop | None = None, **how: Path) -> way.Built:
    return way.build([site], config.load(None, {"name": "site"}), out=out, n_workers=1, report=report or Stop(), **how)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("stage", ["read", "segments", "export"])
def test_an_interrupted_build_goes_on_from_there(site: Path, tmp_path: Path, stage: str) -> None:
    """The work lies in that folder alone, is found there again, and goes; the bytes are those of any build."""
    expected = sums(build(site, tmp_path / "plain").path)
    out, elsewhere = tmp_path / "out", tmp_path / "scratch" / "work"
    with pytest.raises(Stopped):
        build(site, out, Stop(stage=stage), work_dir=elsewhere)
    assert names(out / "site") == []
    (left,) = (elsewhere / "site").iterdir()
    assert left.name.startswith(".work-0.1.0-")
    events = Stop()
    assert sums(build(site, out, events, work_dir=elsewhere).path) == expected
    assert events.facts["resumed"]["done"] > 0
    assert (names(out / "site"), names(elsewhere / "site")) == (["0.1.0", "index.json"], [])


def test_clean_knows_it(site: Path, tmp_path: Path) -> None:
    """`broadsheet clean` of that folder removes what was left there, and not while a build is at it."""
    elsewhere = tmp_path / "work"
    with pytest.raises(Stopped):
        build(site, tmp_path / "out", Stop(stage="split"), work_dir=elsewhere)
    with held(elsewhere / "site" / ".lock-0.1.0", "build"):
        assert "kept" in CliRunner().invoke(main, ["clean", str(elsewhere)]).output
        assert names(elsewhere / "site")[-1].startswith(".work-")
    assert "removed" in CliRunner().invoke(main, ["clean", str(elsewhere)]).output
    assert names(elsewhere / "site") == []


def test_two_builds_do_not_share_a_work_folder(site: Path, tmp_path: Path) -> None:
    """Of two builds of one name and version into different places the second is refused while the first runs."""
    elsewhere = tmp_path / "work"

    class Second(Stop):
        def __call__(self, event: object) -> None:
            if not self.n:
                self.n = 1
                with pytest.raises(ReleaseError, match=r"another build of .* with this --work-dir is running"):
                    build(site, tmp_path / "second", work_dir=elsewhere)

    events = Second()
    assert build(site, tmp_path / "first", events, work_dir=elsewhere).published
    assert events.n == 1
    assert build(site, tmp_path / "second", work_dir=elsewhere).published


def test_the_folder_of_the_datasets_may_be_it(site: Path, tmp_path: Path) -> None:
    """Given twice, by whatever path, the folder is one."""
    (tmp_path / "out").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "out")
    assert build(site, tmp_path / "out", work_dir=tmp_path / "link").published


def test_what_lies_in_it_is_no_input(site: Path, tmp_path: Path) -> None:
    """A folder of work files among the pages is not read."""
    expected = sums(build(site, tmp_path / "plain").path)
    make_pages(site / "scratch", {"notes.txt": ARTICLE.replace("bridge", "mill")})
    assert sums(build(site, tmp_path / "out", work_dir=site / "scratch").path) == expected


def other_file_system(source: Path, target: Path) -> None:
    """What the system says of a rename between file systems, of which each test has but one."""
    if source.parent != target.parent:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(source), None, str(target))
    source.rename(target)


def test_from_another_file_system_a_release_appears_by_one_rename(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is copied beside its place, hidden, brought to the disk, and given its name; no copy is left."""
    staged = make_pages(tmp_path / "work" / "release", {"data/a": "a", "b": "b"})
    target = tmp_path / "out" / "0.1.0"
    target.parent.mkdir()
    make_pages(target.with_name(".copy-0.1.0"), {"old": "of a build that was killed"})
    seen, synced = [], []
    monkeypatch.setattr(publish, "sync", synced.append)

    def rename(source: Path, to: Path) -> None:
        seen.append((source.name, names(target.parent), [*synced]))
        other_file_system(source, to)

    publish.move(staged, target, rename)
    copy = target.with_name(".copy-0.1.0")
    assert seen == [("release", [".copy-0.1.0"], []), (copy.name, [".copy-0.1.0", ".lock-copy-0.1.0"], [copy])]
    assert sorted(p.relative_to(target).as_posix() for p in target.rglob("*")) == ["b", "data", "data/a"]
    assert (names(target.parent), (target / "data/a").read_text()) == (["0.1.0"], "a")


def test_a_copy_that_fails_shows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk is full in the middle of copying, nothing appears, and the half copy is gone."""
    staged = make_pages(tmp_path / "work" / "release", {"a": "a", "b": "b"})
    target = tmp_path / "out" / "0.1.0"
    target.parent.mkdir()

    def full(_folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(publish, "sync", full)
    with pytest.raises(OSError, match="No space left"):
        publish.move(staged, target, other_file_system)
    assert names(target.parent) == []
    assert names(staged) == ["a", "b"]


def test_a_folder_that_cannot_be_made_is_named(site: Path, tmp_path: Path) -> None:
    """The message names the path and the option."""
    (tmp_path / "file").write_text("x", "utf-8")
    where = ["--out", str(tmp_path / "out"), "--work-dir", str(tmp_path / "file/x")]
    args = ["build", str(site), "--name", "site", *where]
    ran = CliRunner().invoke(main, args)
    assert ran.exit_code == 1
    assert f"{tmp_path / 'file/x/site'}: cannot be written: Not a directory" in ran.output
    assert "name another place with --work-dir" in ran.output


def test_a_standoff_release_is_made_there_too(site: Path, tmp_path: Path) -> None:
    """The release with texts, which is not published, never lies beside the one without."""
    seen: list[str] = []

    def watch(_event: object) -> None:
        seen.extend(path.name for path in (tmp_path / "out").rglob("*"))

    settings = config.load(None, {"name": "site"})
    how = {"work_dir": tmp_path / "work", "report": watch, "n_workers": 1}
    _, made = share.build_standoff([site], settings, out=tmp_path / "out", **how)
    assert made.published
    assert not [name for name in seen if name.startswith((".full-", ".work-"))]
    assert not (tmp_path / "work" / ".full-site").exists()
