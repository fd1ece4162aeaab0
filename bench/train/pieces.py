"""Raw material of made web sites: articles, talk and boilerplate of real pages, read at run time."""

import gzip
import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from resiliparse.extract.html2text import extract_plain_text

_STOP = re.compile(r"[.!?:;…]['\"”’)\]]*$")
_SENTENCE = re.compile(r"(?<=[.!?])['\"”’)]*\s+(?=[A-Z\"“‘'])")
_MARKER = re.compile(r"^(?:[-*•·▪◦–]|\d{1,2}[.)])\s+")
_TALK = re.compile(r"(?![A-Z][a-z]+ \d+, \d{4})[A-Za-z][\w'’,.-]+ [a-zA-Z'’]+ [a-zA-Z'’]+")
_LEGAL = re.compile(
    r"cookie|newsletter|subscri|e-?mail|privacy|sign up|rights reserved|policy|terms|inbox|account|browser|"
    r"javascript|copyright|©|affiliat|commission|contact us|advert|log in|register|trademark|©|spam|consent",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Piece:
    """An article of a real page: paragraphs as (kind, text), kinds `body`, `subhead` and `item`."""

    title: str
    paras: list[tuple[str, str]]


@dataclass(frozen=True)
class Pieces:
    """What sites are made of."""

    articles: list[Piece] = field(default_factory=list)
    talk: list[str] = field(default_factory=list)
    """Paragraphs that people wrote in forums."""
    runs: list[list[str]] = field(default_factory=list)
    """Runs of short lines of real boilerplate."""
    prompts: list[str] = field(default_factory=list)
    """Prose-like lines of real boilerplate."""
    words: list[str] = field(default_factory=list)
    """Words in lower case, as often as they stand in the titles and subheads."""


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph."""
    return [part for part in _SENTENCE.split(text) if part.strip()]


def squeeze(text: str) -> str:
    """The text with each run of white space as one space, without zero-width characters."""
    return " ".join(re.sub("[\u200b-\u200f\u2028-\u202f\ufeff\u00ad\ufffc]", "", text).split())


def _paras(main_text: str, title: str) -> list[tuple[str, str]]:
    lines = [squeeze(line) for line in main_text.split("\n")]
    lines = [line for line in lines if len(line) > 2 and line != title]
    paras = []
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        bare = _MARKER.sub("", line)
        short = len(bare) <= 90 and (not _STOP.search(bare) or (bare[-1] == "?" and len(bare) < 60))
        if bare != line or bare[0] in "|{}<>@`/$":
            paras.append(("item", bare))
        elif short and len(after) > len(bare) + 20 and not _MARKER.match(after):
            paras.append(("subhead", bare.lstrip("# ")))
        elif short or len(bare) < 25:
            paras.append(("item", bare))
        else:
            paras.append(("body", bare))
    return [(kind, text) for kind, text in paras if text.strip() and len(text) < 3000]


def _boilerplate(html: str, main_text: str, title: str) -> tuple[list[list[str]], list[str]]:
    """Runs of short lines, and prose-like lines, of the first and last lines of a page that its gold text lacks."""
    gold = re.sub(r"\W+", "", main_text.lower())
    text = extract_plain_text(html, preserve_formatting=True, main_content=False, links=False)
    lines = [_MARKER.sub("", squeeze(line)) for line in text.split("\n")]
    lines = [line for line in lines if re.search(r"\w", line) and line != title]
    keys = [re.sub(r"\W+", "", line.lower()) for line in lines]
    known = [n for n, key in enumerate(keys) if len(key) > 25 and key in gold]
    if not known:
        return [], []
    head, tail = max(0, min(known[0] - 5, 60)), max(known[-1] + 8, len(lines) - 60)
    runs, prompts = [], []
    for part in (lines[:head], lines[tail:]):
        run: list[str] = []
        for line in part:
            if len(line) <= 60 and len(line.split()) <= 8:
                run.append(line)
                continue
            if 60 < len(line) < 400 and _LEGAL.search(line) and " says" not in line:
                prompts.append(line)
            runs.append(run)
            run = []
        runs.append(run)
    return [run[at : at + 24] for run in runs for at in range(0, len(run), 24) if len(run[at : at + 24]) > 1], prompts


def load_pieces(folder: Path, *, without: Collection[str] = ()) -> Pieces:
    """The pieces of a folder with `gold.jsonl` and `html/ID.html.gz`, some pages left out."""
    pieces = Pieces()
    for row in (json.loads(line) for line in (folder / "gold.jsonl").read_text("utf-8").splitlines()):
        if row["id"] in without:
            continue
        title = squeeze(re.split(r"\s[|–—-]\s", row["title"] or "")[0])
        main_text = row["main_text"]
        html = gzip.decompress((folder / "html" / f"{row['id']}.html.gz").read_bytes()).decode("utf-8", "replace")
        if row["type"] == "forum":
            lines = [squeeze(line) for line in main_text.split("\n")]
            pieces.talk.extend(line for line in lines if len(line) < 1300 and _TALK.match(line) and "()" not in line)
            continue
        paras = _paras(main_text, row["title"] or "")
        if title and sum(kind == "body" for kind, _ in paras) >= 3:
            pieces.articles.append(Piece(title, paras))
            shown = " ".join([title, *(text for kind, text in paras if kind == "subhead")])
            pieces.words.extend(word.lower() for word in re.findall(r"[A-Za-z]{3,12}", shown))
        runs, prompts = _boilerplate(html, main_text, row["title"] or "")
        pieces.runs.extend(runs)
        pieces.prompts.extend(prompts)
    return pieces
