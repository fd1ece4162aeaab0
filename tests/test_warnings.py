"""What folds more than is usual is told, by name: a template may have been taken for a text."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from reading import json_lines

from broadsheet.cli import main

WORDS = "boat mill quay lamp rope gull tide sail reed sand net oar bell mast buoy fog crab eel pier dock"


def text(number: int) -> str:
    """A text of its own: no three words in a row are those of another number."""
    return " ".join(f"{word}{number}x" for word in WORDS.split(" "))


@pytest.fixture
def told(tmp_path: Path) -> str:
    """What a build says of 300 records, of which one source repeats one text twelve times in other spellings."""
    records = [{"id": f"r{i}", "text": text(i), "source": "quay.example", "title": f"Story {i}"} for i in range(288)]
    records += [
        {"id": f"c{i}", "text": text(7).replace(" ", ", " * (i == 11) or " ", 1).upper() + "." * i,
         "source": "copy.example", "title": "Seven boats"}
        for i in range(12)
    ]  # fmt: skip
    (tmp_path / "in.jsonl").write_bytes(json_lines(records))
    call = ["build", str(tmp_path / "in.jsonl"), "--name", "x", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, call)
    assert result.exit_code == 0, result.output
    return result.output


def test_sources_and_crowds_are_named(told: str) -> None:
    """A source that loses over half of its records, and a record that stands for over 1 % of all, are named."""
    lines = [line.strip() for line in told.splitlines() if "warning" in line]
    assert lines[0] == "warning: over half of the records of copy.example (92%) repeat others"
    assert lines[1].startswith("warning: over 1 % of all records are one: ")
    assert lines[1].endswith("(13)")
    assert len(lines) == 2


def test_nothing_is_told_of_what_is_usual(tmp_path: Path) -> None:
    """Records that repeat nothing bring no warning."""
    (tmp_path / "in.jsonl").write_bytes(json_lines([{"text": text(i), "source": "quay.example"} for i in range(20)]))
    call = ["build", str(tmp_path / "in.jsonl"), "--name", "x", "--out", str(tmp_path / "out")]
    assert "warning" not in CliRunner().invoke(main, call).output
