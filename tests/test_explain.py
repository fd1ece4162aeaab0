"""`broadsheet segment --explain`: every line once, and evidence whose numbers are those that decided."""

import json
import re
import shutil
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from reading import json_lines
from sites import ARTICLE, HARBOUR, LINES, TEXTS, make_pages

from broadsheet.cli import main
from broadsheet.read.found import Limits
from broadsheet.read.html import render
from broadsheet.segment import Page, segment_pages
from broadsheet.segment.explain import Explained, explain_pages
from broadsheet.segment.measured import Measured
from broadsheet.segment.pages import read_batch, site_hashes
from broadsheet.segment.states import ENDS, FAMILY, INDEX, STARTS, STATES
from broadsheet.segment.weights import Weights, weights

MARKED_UP = """<nav class="menu"><a href="/a">News</a></nav><article><h1>Mill opens again</h1>
<p class="byline">By Hanna Voss</p><p>The mill at Orrin turned on Monday for the first time in ten years, and the town,
which had paid for it, came to look at the wheel.</p></article><section class="comments"><ol><li class="comment">
<cite>Emil</cite><p>I remember the old wheel, and it was never this loud when I was young.</p></li></ol></section>"""


@cache
def crawl() -> list[Page]:
    """The pages of the example site and one with markup."""
    rendered = render(MARKED_UP, Limits())
    texts = [file.read_bytes().decode() for file in sorted((HARBOUR / "pages").glob("*.txt"))]
    return [*map(Page, texts), Page(rendered.text, rendered.elements, rendered.blocks)]


def check_sums(lines: list[Explained]) -> None:
    """All evidence of a line, added up, is its lead."""
    for line in lines:
        assert sum(one.points for one in line.evidence) == line.margin >= 0, line
        assert 0 not in [one.points for one in line.evidence]
        assert FAMILY[INDEX[line.state]] != FAMILY[INDEX[line.rival]]


@given(TEXTS)
def test_every_visible_line_is_explained_once(text: str) -> None:
    """The lines that hold more than white space, each once, in order, by their numbers on the page."""
    lines = explain_pages([Page(text)])[0]
    visible = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    assert [(line.number, text[line.start : line.end]) for line in lines] == visible
    check_sums(lines)


@pytest.mark.parametrize("sites", [None, ["a"] * 25], ids=["alone", "crawl"])
def test_the_evidence_adds_up_to_the_lead(sites: list[str] | None) -> None:
    """On real pages too, alone and with what repeats on their site, and on pages with markup."""
    explained = explain_pages(crawl(), sites)
    assert len(explained) == 25
    for lines in explained:
        assert lines
        check_sums(lines)
    evidence = [one for lines in explained for line in lines for one in line.evidence]
    spread = {one.found for one in evidence if one.about == "pages of the site with the line"}
    assert (spread <= {"unknown"}) == (sites is None)
    assert any(one.about.startswith("markup speaks of") for one in evidence)


@pytest.mark.parametrize("sites", [None, ["a"] * 25], ids=["alone", "crawl"])
def test_what_is_explained_is_what_is_cut(sites: list[str] | None) -> None:
    """Role and article of each line are those of the segment that holds it."""
    for lines, segments in zip(explain_pages(crawl(), sites), segment_pages(crawl(), sites), strict=True):
        for line in lines:
            segment = next(s for s in segments if s.start <= line.start < s.end)
            assert (line.role, line.article) == (segment.role, segment.article)


def best(scores: list[list[int]], borders: list[int], model: Weights, at: int, states: set[int]) -> int:
    """The largest sum of scores and moves over a page whose line `at` has one of the states; moves from the tables."""
    row = {s: scores[0][s] for s in range(len(STATES)) if s in STARTS and (at != 0 or s in states)}
    for i in range(1, len(scores)):
        moves = model.moves[borders[i]].tolist()
        row = {
            s: max(value + moves[before][s] for before, value in row.items()) + scores[i][s]
            for s in range(len(STATES))
            if at != i or s in states
        }
    return max(value for s, value in row.items() if s in ENDS)


@given(st.lists(LINES, min_size=1, max_size=6).map("\n".join))
def test_the_lead_is_what_the_tables_say(text: str) -> None:
    """A search by another way, over the tables of weights, finds the same leads, states and rivals."""
    lines = explain_pages([Page(text)])[0]
    model = weights("text")
    measured = Measured([Page(text)], site_hashes([""]), None)
    scores, borders = read_batch(measured, model)[0].tolist(), measured.borders.tolist()
    for i, line in enumerate(lines):
        state, rival = INDEX[line.state], INDEX[line.rival]
        others = {s for s in range(len(STATES)) if FAMILY[s] != FAMILY[state]}
        chosen = best(scores, borders, model, i, {state})
        assert chosen == best(scores, borders, model, i, set(range(len(STATES))))
        assert (
            chosen - line.margin == best(scores, borders, model, i, others) == best(scores, borders, model, i, {rival})
        )
        own = sum(one.points for one in line.evidence if one.source == "line")
        assert own == scores[i][state] - scores[i][rival]


def run(*arguments: object) -> Any:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


HEAD = re.compile(r"^ *(\d+)  (\S.*?) {2,}(\S+(?: \d+)?) +([+-]\d+\.\d\d) over (\w+(?: \w+)?) *(.*)$")
PIECE = re.compile(r"^ {6} *([+-]\d+\.\d\d)  \S")


def test_the_command_prints_what_adds_up() -> None:
    """Each visible line with its lead, and under it evidence whose figures, as printed, add up to that lead."""
    page = HARBOUR / "pages" / "09-school-roof.txt"
    ran = run("segment", page, "--explain")
    assert ran.exit_code == 0
    first, *rest = ran.stdout.splitlines()
    assert first == "09-school-roof.txt"
    numbers, left = [], 0
    for line in filter(None, rest):
        head, piece = HEAD.match(line), PIECE.match(line)
        assert bool(head) != bool(piece), line
        if head:
            assert left == 0
            numbers.append(int(head[1]))
            left = round(float(head[4]) * 100)
        elif piece:
            left -= round(float(piece[1]) * 100)
    assert left == 0
    assert numbers == [i for i, line in enumerate(page.read_text("utf-8").split("\n"), 1) if line.strip()]


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else not unicodedata.combining(char) for char in line)


def test_no_line_is_wider_than_a_terminal() -> None:
    """100 columns hold every line, whatever script the page is in."""
    ran = run("segment", HARBOUR / "pages", "--explain")
    assert ran.exit_code == 0
    assert max(map(columns, ran.stdout.splitlines())) <= 100


def test_the_command_explains_what_the_command_cuts(tmp_path: Path) -> None:
    """Over a crawl both use the same evidence of repetition: roles and articles agree line by line, and that counts."""
    pages = tmp_path / "crawl" / "news"
    shutil.copytree(HARBOUR / "pages", pages)
    ran = run("segment", pages.parent, "--explain")
    cut = [json.loads(line) for line in run("segment", pages.parent, "--text", "run").stdout.splitlines()]
    roles: dict[str, list[str]] = {}
    for row in cut:
        name = row["role"] if row["article"] is None else f"{row['role']} {row['article']}"
        roles.setdefault(row["page"], []).extend([name] * len([x for x in row["text"].split("\n") if x.strip()]))
    explained: dict[str, list[str]] = {}
    at: list[str] = []
    for line in ran.stdout.splitlines():
        if line in roles:
            at = explained.setdefault(line, [])
        elif head := HEAD.match(line):
            at.append(head[3])
    assert explained == roles
    alone = run("segment", pages / "01-bridge-reopens.txt", "--explain").stdout
    assert alone.partition("\n")[2] not in ran.stdout


def test_records_and_empty_pages_are_told(tmp_path: Path) -> None:
    """A record is not read line by line; a page without text says so; control characters do not reach a terminal."""
    folder = make_pages(
        tmp_path, {"a.jsonl": json_lines([{"text": "A crane fell."}]), "b.txt": b"  \n", "c.txt": b"\x1b[31mred\n"}
    )
    ran = run("segment", folder, "--explain")
    assert ran.exit_code == 0
    assert ran.stdout.split("\n\n")[:2] == [
        "a.jsonl\n      a record of your own: one segment, whatever its lines are like",
        "b.txt\n      no visible text",
    ]
    assert "\\x1b[31mred" in ran.stdout
    assert "\x1b" not in ran.stdout


def test_wrong_calls_and_unreadable_files(tmp_path: Path) -> None:
    """2 for options that contradict, 1 for a file that is no page, whose good neighbours are explained all the same."""
    folder = make_pages(tmp_path, {"a.txt": ARTICLE, "b.txt": b"%PDF-1.4\n\x00\x01\x02"})
    for option in (["--out", tmp_path / "x"], ["--text", "run"]):
        ran = run("segment", folder, "--explain", *option)
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert "--explain" in ran.stderr
    ran = run("segment", folder, "--explain")
    assert ran.exit_code == 1
    assert ran.stdout.startswith("a.txt\n   1  ")
    assert "b.txt" in ran.stderr
