"""The segmenter knows no phrase of any site: what prompts, sites and sections are called hardly matters."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from sites import ROOT

from broadsheet.segment import Page, segment_pages
from broadsheet.segment.language import is_function_word

RENAMED = str.maketrans(
    "aeioubcdfghjklmnpqrstvwxyzAEIOUBCDFGHJKLMNPQRSTVWXYZ",
    "eioauzbcdfghjklmnpqrstvwxyEIOAUZBCDFGHJKLMNPQRSTVWXY",
)
"""Every word becomes another one of its length and case, equal words equal ones."""
WORD = re.compile(r"[^\W\d_]+")
Run = tuple[int, int, set[str]]
"""Start, end, and the roles that are right there."""


def _other(word: re.Match[str]) -> str:
    """Another word for each but the small ones, which any wording has."""
    return word[0] if is_function_word(word[0]) else word[0].translate(RENAMED)


def _renamed(text: str, runs: Iterable[Run]) -> str:
    """The text with all that only `boilerplate` fits under other names."""
    for start, end, roles in runs:
        if roles == {"boilerplate"}:
            text = text[:start] + WORD.sub(_other, text[start:end]) + text[end:]
    return text


def _right(texts: list[str], runs: list[list[Run]], sites: list[str] | None) -> float:
    """The share of characters in the right role."""
    right = total = 0
    for text, of, cut in zip(texts, runs, segment_pages([Page(text) for text in texts], sites), strict=True):
        roles = [segment.role for segment in cut for _ in range(segment.start, segment.end)]
        for start, end, allowed in of:
            visible = [i for i in range(start, end) if not text[i].isspace()]
            total += len(visible)
            right += sum(roles[i] in allowed for i in visible)
    return right / total


def _compare(texts: list[str], runs: list[list[Run]], sites: list[str] | None) -> None:
    renamed = [_renamed(text, of) for text, of in zip(texts, runs, strict=True)]
    assert sum(a != b for a, b in zip(texts, renamed, strict=True)) > len(texts) / 2
    before, after = _right(texts, runs, sites), _right(renamed, runs, sites)
    assert after >= before - 0.01, f"{before:.4f} before, {after:.4f} after"


def test_other_names_on_the_example_site() -> None:
    """With every prompt, site name and section label renamed, at most one character in a hundred more is wrong."""
    site = ROOT / "examples" / "harbour"
    runs: dict[str, list[Run]] = {}
    for line in (site / "truth.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        runs.setdefault(row["page"], []).append((row["start"], row["end"], {row["role"]}))
    urls = {row["path"]: row["url"] for row in map(json.loads, (site / "pages.jsonl").read_text("utf-8").splitlines())}
    texts = [(site / page).read_bytes().decode() for page in runs]
    _compare(texts, list(runs.values()), [(urls[page] or "//").split("/")[2] for page in runs])


@pytest.mark.shared
def test_other_names_on_real_pages(shared: Path) -> None:
    """The same of the labelled real pages."""
    lines: dict[str, list[dict[str, object]]] = {}
    for line in (shared / "gold" / "lines.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        lines.setdefault(row["file"], []).append(row)
    texts, runs = [], []
    for name, rows in lines.items():
        text = (shared / "seeds" / name).read_bytes().decode()
        starts = [0, *(i + 1 for i, char in enumerate(text) if char == "\n"), len(text) + 1]
        found: list[Run] = []
        for row in rows:
            n = int(str(row["line"]))
            found.append((starts[n - 1], starts[n] - 1, {str(row["role"]), *map(str, row.get("alt_roles") or [])}))  # type: ignore[call-overload]
        texts.append(text)
        runs.append(found)
    _compare(texts, runs, None)
