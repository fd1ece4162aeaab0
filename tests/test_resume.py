"""A build that was interrupted goes on where it stopped, and believes nothing that is not as it was left."""

import json
import os
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sites import ARTICLE, ROOT, make_pages, sums

from broadsheet import build as way
from broadsheet import config
from broadsheet.batches import commit
from broadsheet.engine import Engine, Kept, WorkerLostError, local
from broadsheet.errors import ReleaseError
from broadsheet.read import storage
from broadsheet.release import work
from broadsheet.steps import Event

PAGES = {f"{i}.txt": ARTICLE.replace("eleven", f"{i + 2}0") for i in range(2)} | {"r.jsonl": '{"text": ""}\n'}

# Tasks

RUNS: list[int] = []


def doubled(spec: dict[str, Any]) -> dict[str, Any]:
    """A task: commits twice the number, and tells of it."""
    RUNS.append(spec["n"])

    def write(path: Path) -> None:
        path.write_text(str(2 * spec["n"]), "utf-8")

    return {"file": commit(Path(spec["out"]), write).to_json(), "keys": {"b": 1, "a": (spec["n"], None, 0.1)}}


def other(spec: dict[str, Any]) -> dict[str, Any]:
    """Another task of equal specs."""
    return doubled(spec)


def kept(folder: Path, identity: str = "x", run: Engine = local(1), **checks: Any) -> Engine:  # noqa: B008
    return Kept(folder, identity, {doubled: checks["check"]} if checks else {}).engine(run)


def specs(folder: Path, n: int = 3) -> list[dict[str, Any]]:
    return [{"n": i, "out": str(folder / "out" / f"{i}.txt")} for i in range(n)]


@pytest.fixture(autouse=True)
def _no_runs() -> None:
    RUNS.clear()


def test_tasks_that_are_done_are_not_run_again(tmp_path: Path) -> None:
    """Only what is new is run; results are the same, in order, and progress counts all."""
    one, told = tmp_path / "one", []
    first = kept(one)(doubled, specs(one, 2))
    assert first[1] == {"file": first[1]["file"], "keys": {"b": 1, "a": [1, None, 0.1]}}
    assert list(first[1]["keys"]) == ["b", "a"]
    again = kept(one)(doubled, specs(one, 4), lambda done, total: told.append((done, total)))
    assert (again[:2], RUNS) == (first, [0, 1, 2, 3])
    assert told == [(2, 4), (3, 4), (4, 4)]


def test_the_work_folder_may_move(tmp_path: Path) -> None:
    """Results hold for the folder wherever it lies, whatever it is called, and name the files where they are now."""
    one, two = tmp_path / 'the "öne"', tmp_path / "elsewhere" / "two"
    kept(one)(doubled, specs(one))
    two.parent.mkdir()
    one.rename(two)
    found = kept(two)(doubled, specs(two))
    assert RUNS == [0, 1, 2]
    assert [Path(result["file"][0]).read_text("utf-8") for result in found] == ["0", "2", "4"]


def flip(file: Path) -> None:
    """Changes one byte and nothing else that one can look at from outside."""
    content, state = bytearray(file.read_bytes()), file.stat()
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def link(file: Path) -> None:
    """Puts a link to an equal file into the place."""
    file.rename(file.with_name("aside"))
    file.symlink_to(file.with_name("aside"))


DAMAGES: list[Callable[[Path], object]] = [flip, cut, link, Path.unlink]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("which", ["out/1.txt", "done"])
def test_files_and_results_that_are_not_intact_are_made_anew(
    tmp_path: Path, which: str, damage: Callable[[Path], object]
) -> None:
    """A byte changed, cut off or missing in a task's file or in what it told: it is run again, and no other."""
    first = kept(tmp_path)(doubled, specs(tmp_path))
    if which == "done" and damage is link:
        pytest.skip("what a link leads to has a digest of its own")
    record = next(f for f in (tmp_path / "done").iterdir() if "1.txt" in f.read_text("utf-8"))
    damage(record if which == "done" else tmp_path / which)
    assert kept(tmp_path)(doubled, specs(tmp_path)) == first
    assert RUNS == [0, 1, 2, 1]


def test_what_decides_a_result_decides_whether_it_is_taken(tmp_path: Path) -> None:
    """Another identity, task or spec, or something read elsewhere that has changed: run again."""
    run = specs(tmp_path, 1)
    kept(tmp_path)(doubled, run)
    for engine, task, spec in [
        (kept(tmp_path, "y"), doubled, run[0]),
        (kept(tmp_path), other, run[0]),
        (kept(tmp_path), doubled, run[0] | {"more": True}),
        (kept(tmp_path, check=lambda _spec, _result: False), doubled, run[0]),
    ]:
        RUNS.clear()
        engine(task, [spec])
        assert RUNS == [0]
    RUNS.clear()
    kept(tmp_path, check=lambda spec, result: spec["n"] == 0 and "file" in result)(doubled, run)
    assert RUNS == []


def test_results_of_worker_processes_are_kept_by_them(tmp_path: Path) -> None:
    """What processes have finished is there for whoever comes next, also where their parent never heard of it."""
    first = kept(tmp_path, run=local(2))(doubled, specs(tmp_path))
    assert kept(tmp_path)(doubled, specs(tmp_path)) == first
    assert RUNS == []


# Builds


class Stopped(KeyboardInterrupt):
    """Ctrl-C at a moment that a test chooses."""


class Stop:
    """Takes the events of a build and stops it at the n-th; what was told comes with `facts`."""

    def __init__(self, at: int | None = None, stage: str = "") -> None:
        self.at, self.stage, self.n, self.facts = at, stage, 0, dict[str, Any]()

    def __call__(self, event: Event) -> None:
        self.n += 1
        if event.facts is not None:
            self.facts[event.stage] = event.facts
        if self.n == self.at or (event.stage == self.stage and event.done == event.total):
            raise Stopped


def build(site: Path, out: Path, report: Stop | None = None, **more: Any) -> way.Built:
    n_workers, fresh = more.pop("n_workers", 1), more.pop("fresh", False)
    settings = config.load(None, {"name": "site", **more})
    return way.build([site], settings, out=out, n_workers=n_workers, fresh=fresh, report=report or Stop())


def stopped(site: Path, out: Path, at: int | None = None, stage: str = "", **more: Any) -> Path:
    """The work folder of a build that was stopped."""
    with pytest.raises(Stopped):
        build(site, out, Stop(at, stage), **more)
    (found,) = (out / "site").iterdir()
    assert found.name.startswith(".work-0.1.0-")
    return found


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of a few pages."""
    return make_pages(tmp_path / "in", PAGES)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """The checksums of a build that nothing disturbed, and the number of its events."""
    folder, events = tmp_path_factory.mktemp("whole"), Stop()
    built = build(make_pages(folder / "in", PAGES), folder / "out", events)
    assert events.facts["resumed"]["done"] == 0 < events.facts["resumed"]["tasks"]
    yield sums(built.path), events.n


def test_a_build_stopped_anywhere_goes_on_to_the_same_bytes(site: Path, tmp_path: Path, whole: tuple[str, int]) -> None:
    """Stopped at each of its events, a build leaves a hidden folder; the next one does only the rest, and clears up."""
    expected, n_events = whole
    done = -1
    for at in range(1, n_events - 1):  # the last two come when all is published
        out = tmp_path / f"{at}"
        stopped(site, out, at)
        events = Stop()
        assert sums(build(site, out, events).path) == expected
        assert events.facts["resumed"]["done"] >= done
        done = events.facts["resumed"]["done"]
        assert sorted(path.name for path in (out / "site").iterdir()) == ["0.1.0", "index.json"]
    assert done == events.facts["resumed"]["tasks"]


def test_a_build_may_be_stopped_again_and_again(site: Path, tmp_path: Path, whole: tuple[str, int]) -> None:
    """Each attempt adds what it has done, whoever does it with how many workers, in one folder."""
    names = {stopped(site, tmp_path / "out", stage=s, n_workers=n).name for s, n in [("read", 1), ("segments", 2)]}
    names |= {stopped(site, tmp_path / "out", stage="split").name}
    assert len({name.rpartition("-")[0] for name in names}) == 1 and len(names) == 3
    assert sums(build(site, tmp_path / "out").path) == whole[0]


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_lies_in_the_work_folder_is_looked_at(
    site: Path, tmp_path: Path, whole: tuple[str, int], damage: Callable[[Path], object]
) -> None:
    """Whatever happened to the files of an interrupted build, the next one makes the bytes of an undisturbed one."""
    folder = stopped(site, tmp_path / "out", whole[1] - 2)
    for file in [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "done"]:
        damage(file)
    assert sums(build(site, tmp_path / "out").path) == whole[0]


def test_nothing_foreign_is_published(site: Path, tmp_path: Path, whole: tuple[str, int]) -> None:
    """Files, folders and links that lie in the staged folder and belong to no task are no part of the release."""
    staged = stopped(site, tmp_path / "out", whole[1] - 2) / "release"
    make_pages(
        staged,
        {"README.md": "old", ".articles-train-0.parquet.1": "", "arrow/x/y": "", "data/z": "z", "schema/old.json": ""},
    )
    (staged / "empty").mkdir()
    (staged / "link").symlink_to(tmp_path)
    built = build(site, tmp_path / "out")
    assert sums(built.path) == whole[0]
    assert not [path for path in built.path.rglob("*") if path.name in ("empty", "link", "arrow", "z", "old.json")]
    assert (tmp_path / "in").is_dir()


@pytest.mark.parametrize("change", ["size", "same size", "same times", "new file"])
def test_inputs_that_changed_meanwhile_are_noticed(site: Path, tmp_path: Path, change: str) -> None:
    """A page changed between the attempts is read anew, also where size and time of change are made to look equal."""
    stopped(site, tmp_path / "out", stage="split")
    file, state = site / "0.txt", (site / "0.txt").stat()
    text = file.read_text("utf-8")
    file.write_text(text + "And so on.\n" if change == "size" else text.replace("week", "year"), "utf-8")
    if change == "same times":
        os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    if change == "new file":
        make_pages(site, {"0.txt": text, "3.txt": ARTICLE.replace("harbour", "mill")})
    assert sums(build(site, tmp_path / "out").path) == sums(build(site, tmp_path / "fresh").path)


def test_inputs_are_compared_by_content(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system that tells nothing of a change, the content still does."""
    monkeypatch.setattr(storage, "last_change", lambda _path: None)
    stopped(site, tmp_path / "out", stage="split")
    file = site / "0.txt"
    file.write_text(file.read_text("utf-8").replace("week", "year"), "utf-8")
    events = Stop()
    assert sums(build(site, tmp_path / "out", events).path) == sums(build(site, tmp_path / "fresh").path)
    assert events.facts["resumed"]["done"] == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"title": "Another"},
        {"split": {"a": 0.5, "b": 0.5}},
        {"repeats": {"threshold": 0.9}},
        {"export": {"formats": ["parquet"]}},
        {"export": {"page_texts": False}},
        {"input": {"keep_bytes": True}},
    ],
)
def test_another_configuration_begins_anew(site: Path, tmp_path: Path, settings: dict[str, Any]) -> None:
    """What was done under other settings is not taken, not even when its folder is given the new one's name."""
    expected = sums(build(site, tmp_path / "fresh", **settings).path)
    left = stopped(site, tmp_path / "out", stage="export")
    with pytest.raises(Stopped):
        build(site, tmp_path / "out", Stop(1), **settings)
    (named,) = (path for path in (tmp_path / "out/site").iterdir() if path != left)
    shutil.rmtree(named)
    left.rename(named)
    events = Stop()
    assert sums(build(site, tmp_path / "out", events, **settings).path) == expected
    assert events.facts["resumed"]["done"] == 0
    assert sorted(path.name for path in (tmp_path / "out/site").iterdir()) == ["0.1.0", "index.json"]


def test_the_limit_of_rejections_decides_no_result(site: Path, tmp_path: Path, whole: tuple[str, int]) -> None:
    """A build that goes on with another limit has nothing to do again."""
    stopped(site, tmp_path / "out", whole[1] - 2)
    events = Stop()
    assert sums(build(site, tmp_path / "out", events, max_rejected="100").path) == whole[0]
    assert events.facts["resumed"]["done"] == events.facts["resumed"]["tasks"]


def test_fresh_begins_anew(site: Path, tmp_path: Path, whole: tuple[str, int]) -> None:
    """With `fresh` nothing that was left is used, and it is gone before anything else is done."""
    left = stopped(site, tmp_path / "out", stage="split")
    events = Stop()
    new = stopped(site, tmp_path / "out", 1, fresh=True)
    assert new != left or not (new / "split").exists()
    assert sums(build(site, tmp_path / "out", events, fresh=True).path) == whole[0]
    assert events.facts["resumed"]["done"] == 0


def test_a_verdict_leaves_nothing_and_a_mishap_leaves_the_work(site: Path, tmp_path: Path) -> None:
    """A build that may not be published is cleared away; one whose worker was ended from outside can go on."""
    with pytest.raises(ReleaseError, match="over the limit"):
        build(site, tmp_path / "out", max_rejected="0")
    assert list((tmp_path / "out/site").iterdir()) == []

    def lose(event: Event) -> None:
        if event.stage == "split":
            raise WorkerLostError("a worker process was ended")

    with pytest.raises(WorkerLostError):
        way.build([site], config.load(None, {"name": "site"}), out=tmp_path / "out", n_workers=1, report=lose)
    events = Stop()
    build(site, tmp_path / "out", events)
    assert events.facts["resumed"]["done"] > 5


def test_releases_of_other_versions_are_left_alone(site: Path, tmp_path: Path) -> None:
    """What an interrupted build of 0.1.0 left is still there when 0.1.1 and 0.1.10 have been published."""
    left = stopped(site, tmp_path / "out", stage="split")
    for version in ("0.1.1", "0.1.10"):
        build(site, tmp_path / "out", version=version)
    assert left.exists()
    assert build(site, tmp_path / "out").published


def test_all_libraries_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """The identity covers all that the package depends on, the program's own files, and the interpreter."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = {
        "".join(c if c.isalnum() or c in "-._" else " " for c in one).split()[0] for one in project["dependencies"]
    }
    assert named == set(work.LIBRARIES)
    before = work.identity(a=1, b=2)
    assert work.identity(a=1, b=2) == before != work.identity(a=1, b=3)
    for name, value in {"program": lambda: "changed", "_libraries": dict, "_machine": list}.items():
        with monkeypatch.context() as patch:
            patch.setattr(work, name, value)
            assert work.identity(a=1, b=2) != before
    assert json.dumps(work._libraries()).count("null") <= 1


def test_the_command_line_says_what_was_resumed(site: Path, tmp_path: Path, whole: tuple[str, int]) -> None:
    """`build` says how much was done already, and nothing of it otherwise."""
    from click.testing import CliRunner

    from broadsheet.cli import main

    stopped(site, tmp_path / "out", whole[1] - 2)
    args = ["build", str(site), "--name", "site", "--workers", "1", "--out", str(tmp_path / "out")]
    ran = CliRunner().invoke(main, args, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    assert re.search(r"^resumed   ([0-9]+) of \1 tasks were done already$", ran.stdout, re.MULTILINE)
    assert "resumed" not in CliRunner().invoke(main, [*args, "--fresh"]).stdout
