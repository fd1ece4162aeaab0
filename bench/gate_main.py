"""Scores the main text of the labelled pages of many sites, each page alone, as HTML and as bare text."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from gate_pages import SHARED, Figures, Page, bodies, html_of, json_lines, page_of, scorer, segment_pages

WCXB: Final = SHARED / "pages" / "wcxb-dev"
KINDS: Final = {"article": "articles", "forum": "forums"}
TRAFILATURA: Final = """
import json, sys, trafilatura
for line in sys.stdin:
    html = json.loads(line)
    texts = [trafilatura.extract(html, include_comments=with_comments) or "" for with_comments in (False, True)]
    print(json.dumps(texts), flush=True)
"""
"""Reads JSON strings of HTML, a line each, and writes the main text without and with comments."""

Row = tuple[Any, ...]
"""As the scorer has it: dataset, type, id, then precision, recall and F1 of the bag of words, then of shingles."""


def files() -> list[Path]:
    """The files of the corpus."""
    return [*(WCXB / "html").glob("*.html.gz"), WCXB / "gold.jsonl"]


@cache
def _gold() -> list[dict[str, Any]]:
    """The labelled pages."""
    return list(json_lines((WCXB / "gold.jsonl").read_text("utf-8")))


@cache
def _html() -> list[str]:
    """The decoded HTML of each page, in the order of the labels."""
    return [html_of(gzip.decompress((WCXB / "html" / f"{row['id']}.html.gz").read_bytes())) for row in _gold()]


@cache
def _rendered() -> list[Page]:
    """Each page as it is rendered, with its structure."""
    return [page_of(html) for html in _html()]


def score_html() -> Figures:
    """Figures with the evidence of the HTML, and those of trafilatura on the same pages where it can be had."""
    pages = _rendered()
    cut = segment_pages(pages)
    main = _main_texts(pages, cut)
    spoken = [
        bodies(page.text, [s for s in segments if s.role in ("main", "comment")])
        for page, segments in zip(pages, cut, strict=True)
    ]
    ours = _rows(main)
    shown = _spread(ours) | {"forums_f1_with_comments": _means(_rows(spoken))["forums_f1"]}
    theirs = _trafilatura()
    if theirs:
        shown |= {f"trafilatura_{name}": value for name, value in _means(theirs[0]).items()}
        shown |= {f"trafilatura_{name}_comments": value for name, value in _means(theirs[1]).items()}
    else:
        print("wcxb_html no trafilatura to compare with: set TRAFILATURA_PYTHON to a Python that has it")
    return Figures(_means(ours), shown, _details(ours, main, theirs[0] if theirs else None))


def score_txt() -> Figures:
    """Figures on bare text: as Resiliparse writes it, and as this project renders it, without the evidence."""
    from resiliparse.extract.html2text import extract_plain_text

    plain = [Page(extract_plain_text(html, preserve_formatting=True, main_content=False)) for html in _html()]
    own = [Page(page.text) for page in _rendered()]
    main = _main_texts(plain, segment_pages(plain))
    rows, own_rows = _rows(main), _rows(_main_texts(own, segment_pages(own)))
    figures = _means(rows) | {f"rendered_{name}": value for name, value in _means(own_rows).items()}
    shown = _spread(rows) | {f"rendered_{name}": value for name, value in _spread(own_rows).items()}
    return Figures(figures, shown, _details(rows, main, own_rows))


def _main_texts(pages: Sequence[Page], cut: Sequence[Any]) -> list[str]:
    """The body text of role main of each page."""
    return [
        bodies(page.text, [segment for segment in segments if segment.role == "main"])
        for page, segments in zip(pages, cut, strict=True)
    ]


def _rows(texts: Sequence[str]) -> list[Row]:
    """The scorer's row of each page, in the order of the labels."""
    predicted = {row["id"]: text for row, text in zip(_gold(), texts, strict=True)}
    return list(scorer("eval_main").evaluate(_gold(), predicted))


def _mean(rows: Sequence[Row], kind: str, column: int) -> float:
    values: list[float] = [row[column] for row in rows if row[1] == kind]
    return round(sum(values) / len(values), 4)


def _means(rows: Sequence[Row]) -> dict[str, float]:
    """Mean F1 of articles and of forums."""
    return {f"{name}_f1": _mean(rows, kind, 5) for kind, name in KINDS.items()}


def _spread(rows: Sequence[Row]) -> dict[str, float]:
    """Mean precision and recall, and how many pages are below an F1 of one half."""
    found: dict[str, float] = {}
    for kind, name in KINDS.items():
        found |= {f"{name}_p": _mean(rows, kind, 3), f"{name}_r": _mean(rows, kind, 4)}
        found[f"{name}_below_half"] = sum(row[1] == kind and row[5] < 0.5 for row in rows)
    return found


def _details(rows: Sequence[Row], texts: Sequence[str], other: Sequence[Row] | None) -> list[str]:
    """A line a page, worst first, with the F1 of what it is compared with and the text's beginning."""
    lines = []
    for i, (_, kind, page, precision, recall, f1, *_) in enumerate(rows):
        against = f"other {other[i][5]:.3f} " if other else ""
        beginning = " ".join(texts[i].split())[:60]
        line = f"{page} {kind:<8}F1 {f1:.3f} P {precision:.3f} R {recall:.3f} {against} {beginning}"
        lines.append((kind, f1, line))
    return [line for _, _, line in sorted(lines)]


@cache
def _trafilatura() -> tuple[list[Row], list[Row]] | None:
    """Rows of trafilatura's text without and with comments; None where no Python that has it is known."""
    python = os.environ.get("TRAFILATURA_PYTHON", sys.executable)
    asked = subprocess.run([python, "-c", "import trafilatura"], capture_output=True, check=False)
    if asked.returncode:
        return None
    lines = "".join(json.dumps(html) + "\n" for html in _html())
    command = [python, "-c", TRAFILATURA]
    done = subprocess.run(
        command, input=lines, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True
    )
    texts = [json.loads(line) for line in done.stdout.splitlines()]
    return _rows([text for text, _ in texts]), _rows([text for _, text in texts])
