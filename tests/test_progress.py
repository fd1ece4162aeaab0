"""What is told of how far a command is, by a made-up clock."""

import doctest
import io
import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from sites import ARTICLE, make_pages

from broadsheet.cli import main, progress
from broadsheet.cli.progress import Progress
from broadsheet.cli.report import Reporter
from broadsheet.engine import Kept, local
from broadsheet.steps import Event


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def told(capsys: pytest.CaptureFixture[str], *events: tuple[float, Event], terminal: bool = True) -> list[str]:
    """What stands on the terminal, or in the log, after events at these times."""
    clock = Clock()
    show = Progress(terminal=terminal, clock=clock)
    lines = []
    for at, event in events:
        clock.now = 1000 + at
        show(event)
        lines.append(capsys.readouterr().err.removeprefix("\r").rstrip("\n"))
    return lines


def tasks(stage: str, done: int, total: int) -> Event:
    return Event(stage, done, total)


def test_rate_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    """Both follow from what was done since the step was first heard of; at the end only what was done is told."""
    assert told(
        capsys, (0, tasks("valid", 0, 8)), (10, tasks("valid", 2, 8)), (60, tasks("valid", 6, 8)),
        (70, tasks("valid", 8, 8)),
    ) == [
        "valid     0 of 8 tasks",
        "valid     2 of 8 tasks   12.0 tasks/min   0:30 left",
        "valid     6 of 8 tasks   6.0 tasks/min   0:20 left",
        "valid     8 of 8 tasks",
    ]  # fmt: skip


def test_bytes_are_told_in_megabytes(capsys: pytest.CaptureFixture[str]) -> None:
    """Reading is told in what it reads."""
    assert told(
        capsys, (0, Event("read", 0, 30_000_000, "bytes")), (2, Event("read", 10_000_000, 30_000_000, "bytes"))
    )[-1] == ("read      10 of 30 MB   5.0 MB/s   0:04 left")


def test_what_was_done_before_counts_for_no_rate(capsys: pytest.CaptureFixture[str]) -> None:
    """A build that goes on has 90 of 100 tasks at once, and the others take their time."""
    lines = told(capsys, (0, tasks("valid", 90, 100)), (50, tasks("valid", 95, 100)))
    assert lines == ["valid     90 of 100 tasks", "valid     95 of 100 tasks   6.0 tasks/min   0:50 left"]


def test_nothing_is_foretold_where_nothing_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    """Not of a single task, not in the first second, not before anything was done since the first word."""
    assert told(
        capsys, (0, tasks("repeats", 0, 1)), (500, tasks("repeats", 1, 1)), (500, tasks("export", 1, 9)),
        (500.5, tasks("export", 2, 9)),
    ) == [
        "repeats   1 task, whose end is not known before",
        "repeats   1 task",
        "export    1 of 9 tasks",
        "export    2 of 9 tasks",
    ]  # fmt: skip


def test_each_step_has_a_rate_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    """Rows of tasks follow each other under one name: the second begins anew, also where it has as many tasks."""
    lines = told(
        capsys, (0, tasks("segments", 0, 4)), (4, tasks("segments", 4, 4)), (4, tasks("segments", 0, 4)),
        (44, tasks("segments", 1, 4)),
    )  # fmt: skip
    assert lines[2:] == ["segments  0 of 4 tasks", "segments  1 of 4 tasks   1.5 tasks/min   2:00 left"]


def test_a_log_gets_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody sees a line written over, lines are ten seconds apart and hold nothing for terminals."""
    events = [(n, tasks("valid", n, 100)) for n in range(25)]
    lines = [line for line in told(capsys, *events, terminal=False) if line]
    assert lines == [
        "valid     0 of 100 tasks",
        "valid     10 of 100 tasks   1.0 tasks/s   1:30 left",
        "valid     20 of 100 tasks   1.0 tasks/s   1:20 left",
    ]


class Terminal(io.StringIO):
    """Standard error that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("terminal", "options", "shown"),
    [
        (True, {}, True),
        (True, {"quiet": True}, False),
        (True, {"as_json": True}, False),
        (False, {}, False),
        (False, {"progress": True}, True),
        (False, {"progress": True, "quiet": True}, True),
    ],
)
def test_progress_is_for_terminals_and_for_who_asks(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, options: dict[str, bool], shown: bool
) -> None:
    """On a terminal unless it is to be quiet, elsewhere only when asked for."""
    errors = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stderr", errors)
    Reporter(**options)(Event("read", 1, 2))
    assert bool(errors.getvalue()) is shown


def test_a_build_tells_when_asked(tmp_path: Path) -> None:
    """On standard error; standard output, and JSON on it, is as ever."""
    make_pages(tmp_path / "in", {"1.txt": ARTICLE})
    args = ["build", str(tmp_path / "in"), "--name", "site", "--out", str(tmp_path / "out"), "--json"]
    ran = CliRunner().invoke(main, [*args, "--progress"])
    assert ran.stderr.startswith("read      0 of 0 MB\n")
    assert json.loads(ran.stdout)["published"]
    assert CliRunner().invoke(main, args).stderr == ""


def test_a_step_is_told_of_when_it_begins(tmp_path: Path) -> None:
    """So that the first task's time is in the rate; a step without tasks is not told of."""
    seen: list[tuple[int, int]] = []
    run = Kept(tmp_path, "x").engine(local(1))
    run(echoed, [{"n": 1}, {"n": 2}], lambda done, total: seen.append((done, total)))
    run(echoed, [], lambda done, total: seen.append((done, total)))
    assert seen == [(0, 2), (1, 2), (2, 2)]


def echoed(spec: dict[str, int]) -> dict[str, int]:
    """A task that tells its spec."""
    return spec


def test_the_examples_are_true() -> None:
    """Those in the module's docstrings."""
    found = doctest.testmod(progress)
    assert found.failed == 0 < found.attempted
