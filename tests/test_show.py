"""`broadsheet show`: one HTML page that holds the whole text, harmless, and the same whenever it is written."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from reading import json_lines
from sites import ARTICLE, HARBOUR, TEXTS, make_pages

from broadsheet.cli import main
from broadsheet.cli.show import ROLES, UNSURE, document
from broadsheet.partway import MAX_SHOWN
from broadsheet.segment import segment_text

VOID = {"meta", "br", "link", "img", "hr", "input"}
HOSTILE = """Evil </div><script>alert(1)</script> page

<b onclick="x">bold</b> &amp; &lt; "quoted" 'too' \x00 \x1b[31m \u202e gnp.exe \ufeff\ufffe \x85 \u2028

تخطَّ إلى المحتوى\r
"""


class Shown(HTMLParser):
    """What a document holds: elements in order, and the text of every run as `cli.show` says to take it back."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.runs: list[str] = []
        self.words = ""
        self._open: list[tuple[str, bool, bool]] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert len(given) == len(attrs)
        self.elements.append((tag, given))
        _, in_run, in_control = self._open[-1] if self._open else ("", False, False)
        if given.get("class") == "run":
            assert not in_run
            self.runs.append("")
            in_run = True
        if in_run and given.get("class") == "control":
            self.runs[-1] += chr(int(str(given["data-code"]), 16))
            in_control = True
        if tag not in VOID:
            self._open.append((tag, in_run, in_control))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        _, in_run, in_control = self._open[-1] if self._open else ("", False, False)
        self.words += data
        if in_run and not in_control:
            self.runs[-1] += data


def rows_of(text: str, page: str = "a.txt") -> list[dict[str, Any]]:
    """The rows that `broadsheet segment --text run` writes of a page."""
    return [
        {
            "page": page,
            "page_id": "ab" * 32,
            **segment._asdict(),
            "parts": [{"part": part.part, "start": part.start, "end": part.end} for part in segment.parts],
            "text": text[segment.start : segment.end],
        }
        for segment in segment_text(text)
    ]


def check_harmless(shown: Shown) -> None:
    """No script, no handler, nothing that is fetched, no id twice, no link to nowhere."""
    ids = [given["id"] for _, given in shown.elements if "id" in given]
    assert len(ids) == len(set(ids))
    for tag, attributes in shown.elements:
        assert tag not in {"script", "link", "img", "iframe", "object", "base", "form"}
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name not in {"src", "style", "srcset", "action"}
            if name == "href":
                assert str(value).startswith("#")
            if name in {"href", "aria-labelledby"}:
                assert str(value).removeprefix("#") in ids


@given(TEXTS)
def test_the_text_of_the_page_is_in_it(text: str) -> None:
    """Every segment's text stands in the document once, character by character, and nothing that it says does harm."""
    rows = rows_of(text)
    html = document(rows)
    shown = Shown(html)
    assert shown.runs == [row["text"] for row in rows]
    assert "".join(shown.runs) == text
    check_harmless(shown)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe]", html)


def test_hostile_text_is_shown_and_not_obeyed() -> None:
    """Markup, overrides of direction and control characters, in text and page name, are named or escaped."""
    html = document(rows_of(HOSTILE, page='<script>x</script>"><b>\u202e.txt'))
    shown = Shown(html)
    assert "".join(shown.runs) == HOSTILE
    check_harmless(shown)
    assert "<script" not in html
    assert [str(given["data-code"]) for tag, given in shown.elements if tag == "b"].count("202e") >= 2
    assert html.startswith("<!DOCTYPE html>\n")
    for name in ("NUL", "ESC", "RLO", "BOM", "U+FFFE", "U+0085", "LSEP", "CR"):
        assert f">{name}</b>" in html


def run(*arguments: object) -> Any:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_the_example_site_in_one_document(tmp_path: Path) -> None:
    """All pages with their texts, each under its path; counts by role are right; twice the same bytes."""
    out = tmp_path / "site.html"
    ran = run("show", HARBOUR / "pages", "--html", out)
    assert ran.exit_code == 0, ran.output
    html = out.read_text("utf-8")
    shown = Shown(html)
    files = sorted((HARBOUR / "pages").iterdir())
    assert "".join(shown.runs) == "".join(file.read_bytes().decode() for file in files)
    assert all(f"<bdi>{file.name}</bdi></h2>" in html for file in files)
    check_harmless(shown)
    sections = [given["class"] for tag, given in shown.elements if tag == "section"]
    assert len(sections) == len(shown.runs)
    for role in ROLES:
        mine = [run for name, run in zip(sections, shown.runs, strict=True) if str(name).split()[1] == role]
        row = re.search(rf'<tr class="{role}">.*?<td>([\d,]+)</td><td>([\d,]+)</td>', html)
        assert row
        assert (row[1], row[2]) == (f"{len(mine):,}", f"{sum(map(len, mine)):,}")
    run("show", HARBOUR / "pages", "--html", tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == out.read_bytes()


def test_what_is_said_of_each_segment() -> None:
    """Role, article, title, author, thread, language, doubt and place, with the parts told apart."""
    base = {"page": "a.txt", "page_id": "0" * 64, "language": "en", "script": "Latn", "truncated": False}
    none = dict.fromkeys(("article", "title", "author", "depth", "position", "reply_to"))
    part = {"part": "title", "start": 0, "end": 4}
    rows = [
        base | none | {
            "start": 0, "end": 5, "role": "main", "article": 0, "title": "Mill", "author": "Hanna Voss",
            "text": "Mill\n", "confidence": 0.99, "parts": [part, {"part": "space", "start": 4, "end": 5}],
        },
        base | none | {
            "start": 5, "end": 7, "role": "comment", "depth": 0, "position": 0, "text": "Ah", "confidence": UNSURE,
            "parts": [{"part": "body", "start": 5, "end": 7}],
        },
        base | none | {
            "start": 7, "end": 9, "role": "comment", "depth": 1, "position": 1, "reply_to": 0, "author": "Dora",
            "text": "Oh", "confidence": 0.69, "truncated": True, "parts": [{"part": "body", "start": 7, "end": 9}],
        },
    ]  # fmt: skip
    html = document(rows)
    main_, first, second = re.findall(r"<section.*?</section>", html, re.DOTALL)
    assert '<a href="#p1-0" class="role">main 0</a> <bdi>Mill</bdi></h2>' in main_
    assert "by <bdi>Hanna Voss</bdi> · language en (Latn) · confidence 0.99 · characters 0 to 5</p>" in main_
    assert '<div class="run" dir="auto"><span class="title">Mill</span>\n</div>' in main_
    assert "depth 0 · language en" in first
    assert "unsure" not in first
    assert 'class="segment comment depth-1" id="p1-7"' in second
    assert 'depth 1 · replies to <a href="#p1-5">comment 0</a> · language en (Latn) · ' in second
    assert '<strong class="unsure">unsure</strong> confidence 0.69 · breaks off · characters 7 to 9</p>' in second


def test_wrong_calls_write_nothing(tmp_path: Path) -> None:
    """2 for a target that is read or is a folder, for no target, and for too many pages; files stay as they were."""
    pages = make_pages(tmp_path / "in", {"a.txt": ARTICLE, "b.html": "<p>Mill</p>"})
    before = {file: file.read_bytes() for file in pages.iterdir()}
    for target in (pages / "a.txt", tmp_path / "in", pages):
        ran = run("show", pages / "a.txt", "--html", target)
        assert ran.exit_code == 2, ran.output
        assert target.name in ran.stderr
    assert run("show", pages).exit_code == 2
    many = make_pages(tmp_path / "many", {f"{i}.txt": f"{ARTICLE} {i}" for i in range(MAX_SHOWN + 1)})
    ran = run("show", many, "--html", tmp_path / "x.html")
    assert ran.exit_code == 2
    assert f"at most {MAX_SHOWN}" in ran.stderr
    assert before == {file: file.read_bytes() for file in pages.iterdir()}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "many"]


def test_files_that_are_no_pages(tmp_path: Path) -> None:
    """Exit code 1 and a message; alone they leave no document behind, beside pages they are left out."""
    folder = make_pages(tmp_path / "in", {"a.txt": ARTICLE, "b.txt": b"%PDF-1.4\n\x00\x01\x02"})
    out = tmp_path / "x.html"
    ran = run("show", folder / "b.txt", "--html", out)
    assert (ran.exit_code, out.exists()) == (1, False)
    assert "b.txt" in ran.stderr
    ran = run("show", folder, "--html", out)
    assert ran.exit_code == 1
    assert "".join(Shown(out.read_text("utf-8")).runs) == ARTICLE
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    ran = run("show", folder / "a.txt", "--html", tmp_path / "a.txt" / "x.html", "-q")
    assert ran.exit_code == 0


def test_the_document_is_not_read_again(tmp_path: Path) -> None:
    """Written into the folder that is shown, it is no page of it the next time; then the bytes are equal."""
    folder = make_pages(tmp_path, {"a.txt": ARTICLE})
    out = folder / "out.html"
    assert run("show", folder, "--html", out).exit_code == 0
    first = out.read_bytes()
    assert run("show", folder, "--html", out).exit_code == 0
    assert out.read_bytes() == first


@pytest.mark.parametrize("text", ["", "  \n"])
def test_pages_without_text(tmp_path: Path, text: str) -> None:
    """A document is written all the same."""
    folder = make_pages(tmp_path / "in", {"a.txt": text})
    assert run("show", folder, "--html", tmp_path / "x.html").exit_code == 0
    assert "".join(Shown((tmp_path / "x.html").read_text("utf-8")).runs) == text


def test_records_are_shown(tmp_path: Path) -> None:
    """A record of the user's own is a page of one segment; several of one file are pages of one path."""
    records = [
        {"text": "A crane fell."},
        {"text": "Well said.", "role": "comment", "thread": "x"},
        {"text": "A third."},
    ]
    folder = make_pages(tmp_path / "in", {"a.jsonl": json_lines(records)})
    assert run("show", folder, "--html", tmp_path / "x.html").exit_code == 0
    assert Shown((tmp_path / "x.html").read_text("utf-8")).runs == [str(record["text"]) for record in records]
