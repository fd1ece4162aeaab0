"""What the scores of `bench/gate.py` share: the labelled pages beside the repository, their scorers, one segmenter."""

import importlib.util
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from broadsheet.read.decode import decode
from broadsheet.read.found import Limits
from broadsheet.read.html import render
from broadsheet.segment import Page, Segment, segment_pages
from broadsheet.text import join_body

__all__ = ["ROOT", "SHARED", "Figures", "Page", "bodies", "json_lines", "page_of", "scorer", "segment_pages"]

ROOT: Final = Path(__file__).resolve().parents[1]
SHARED: Final = ROOT.parent / "shared"


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured on one corpus: figures with a floor, figures only shown, and lines for `--verbose`."""

    floored: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)
    details: list[str] = field(default_factory=list)


def json_lines(text: str) -> Iterator[dict[str, Any]]:
    """The rows of JSON Lines."""
    return (json.loads(line) for line in text.split("\n") if line)


def scorer(name: str) -> ModuleType:
    """The scorer of this name that lies with the labelled pages; nothing is written beside it."""
    spec = importlib.util.spec_from_file_location(name, SHARED / "eval" / f"{name}.py")
    assert spec and spec.loader, "a path to a .py file has a loader"
    module = importlib.util.module_from_spec(spec)
    kept, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = kept
    return module


def html_of(raw: bytes) -> str:
    """A page's HTML, decoded as a build does without headers."""
    return decode(raw, html=True).text


def page_of(html: str) -> Page:
    """A page's rendering with its structure."""
    rendered = render(html, Limits())
    titles, authors = ([v for name, v, _ in rendered.claims if name == asked] for asked in ("title", "author"))
    return Page(rendered.text, rendered.elements, rendered.blocks, titles, authors)


def bodies(text: str, segments: Iterable[Segment]) -> str:
    """The body text of segments as one record's text."""
    parts = (part for segment in segments for part in segment.parts)
    return join_body(text, [(part.start, part.end) for part in parts if part.part == "body"])
