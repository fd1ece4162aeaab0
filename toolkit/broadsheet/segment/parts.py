"""A page as segments: states of blocks become runs with roles, and lines become parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from broadsheet.segment.blocks import Block, blocks_of
from broadsheet.segment.decode import Reading, decode
from broadsheet.segment.language import detect
from broadsheet.segment.model import Part, Segment
from broadsheet.segment.rules import ARTICLE, COMMENT, TEASER
from broadsheet.segment.threads import author_of, places, speakers

FIRST_ARTICLE = 1.8
"""How many times its words the first article of a page counts when the main one is chosen."""
SHORT_PAGE = 4.0
"""What a page without any article grants one on a second reading, so that a lone paragraph is found."""

_PART = {
    "title": "title", "dek": "dek", "byline": "byline", "head_meta": "meta", "lead": "body", "body": "body",
    "subhead": "body", "item": "body", "teaser_title": "title", "teaser_meta": "meta", "excerpt": "body",
    "speaker": "byline", "stamp": "meta", "text": "body", "loose": "body", "unsigned": "body",
    "interlude": "meta",
    "boilerplate": "meta", "prompt": "meta",
}  # fmt: skip
_HEAD = frozenset({"title", "dek", "byline", "head_meta"})


@dataclass(slots=True)
class _Run:
    """Blocks `first` to `last` (exclusive), which become one segment."""

    family: str
    first: int
    last: int
    article: int | None = None


def segment_text(text: str) -> list[Segment]:
    """The segments of a page's text, in order; they tile it.

    Every line's body is a `body` part of its own. Reads the text alone: the same text gives the same
    segments. Linear in the text, which it holds several times over as lines and blocks.
    """
    if not text:
        return []
    blocks = blocks_of(text)
    if not blocks:
        return [Segment(0, len(text), "boilerplate", None, (Part("space", 0, len(text)),), confidence=1.0)]
    reading = decode(blocks)
    runs = _runs(reading.states)
    if all(run.article is None for run in runs) and sum(run.family == "teaser" for run in runs) < 2:
        reading = decode(blocks, article_bonus=SHORT_PAGE)
        runs = _runs(reading.states)
    return _segments(text, blocks, reading, runs)


def _family(state: str) -> str:
    if state in ARTICLE:
        return "article"
    if state in TEASER:
        return "teaser"
    return "comment" if state in COMMENT else "boilerplate"


def _runs(states: Sequence[str]) -> list[_Run]:
    runs: list[_Run] = []
    article = -1
    before = ""
    for i, state in enumerate(states):
        family = _family(state)
        fresh = not runs or family != runs[-1].family
        if family == "article":
            begins = (state == "title" and before != "title") or (state == "lead" and before not in _HEAD)
            article += begins
            fresh = fresh or begins
        elif family == "teaser":
            fresh = fresh or (state == "teaser_title")
        elif family == "comment":
            fresh = fresh or state in ("speaker", "unsigned")
        if fresh:
            runs.append(_Run(family, i, i + 1, article if family == "article" else None))
        else:
            runs[-1].last = i + 1
        before = state
    return runs


def _main_article(blocks: Sequence[Block], runs: Sequence[_Run]) -> int | None:
    words: dict[int, float] = {}
    for run in runs:
        if run.article is not None:
            n = sum(block.words for block in blocks[run.first : run.last])
            words[run.article] = words.get(run.article, 0.0) + n
    return min(words, key=lambda a: (-words[a] * (FIRST_ARTICLE if a == 0 else 1), a)) if words else None


def _parts(blocks: Sequence[Block], states: Sequence[str], start: int, end: int) -> tuple[Part, ...]:
    parts: list[Part] = []
    cursor = start

    def add(part: str, to: int) -> None:
        nonlocal cursor
        if to > cursor:
            parts.append(Part(part, cursor, to))
            cursor = to

    for block, state in zip(blocks, states, strict=True):
        part = ("byline" if block.name >= 1.5 else "meta") if state == "end" else _PART[state]
        for i, line in enumerate(block.lines):
            add("space", line.text_start)
            if i == 0 and block.marker and state in ("speaker", "unsigned"):
                add("meta", line.text_start + len(line.text[: block.marker].rstrip()))
                add("space", line.text_start + block.marker)
            add(part, line.text_end)
    add("space", end)
    return tuple(parts)


def _field(text: str, parts: Sequence[Part], name: str) -> str | None:
    return " ".join(text[part.start : part.end] for part in parts if part.part == name) or None


def _comment_facts(
    blocks: Sequence[Block], states: Sequence[str], runs: Sequence[_Run]
) -> dict[int, tuple[int, int, int | None, str | None]]:
    """For each comment's run, by its first block: position, depth, parent's position and author."""
    firsts = [run.first for run in runs if run.family == "comment"]
    spots = places([blocks[i].indent for i in firsts])
    authors = speakers([blocks[i] if states[i] == "speaker" else None for i in firsts])
    return {
        first: (position, spot.depth, spot.reply_to, author)
        for position, (first, spot, author) in enumerate(zip(firsts, spots, authors, strict=True))
    }


def _segments(text: str, blocks: Sequence[Block], reading: Reading, runs: Sequence[_Run]) -> list[Segment]:
    main = _main_article(blocks, runs)
    comments = _comment_facts(blocks, reading.states, runs)
    page_language = _page_language(text, blocks, runs, main)
    segments = []
    for i, run in enumerate(runs):
        start = blocks[run.first].start if i else 0
        end = blocks[run.last].start if run.last < len(blocks) else len(text)
        parts = _parts(blocks[run.first : run.last], reading.states[run.first : run.last], start, end)
        role = run.family
        if role == "article":
            role = "main" if run.article == main else "sidebar"
        bylines = [text[part.start : part.end] for part in parts if part.part == "byline"]
        byline = bylines[0] if bylines else None
        author = next(filter(None, map(author_of, bylines)), None)
        position, depth, reply_to = None, None, None
        if role == "comment":
            position, depth, reply_to, author = comments[run.first]
        language, script = detect(text[start:end])
        if language == "und" and script == page_language[1]:
            language = page_language[0]
        last_body = next((part for part in reversed(parts) if part.part == "body"), None)
        tail = text[max(last_body.start, last_body.end - 8) : last_body.end] if last_body else ""
        segments.append(
            Segment(
                start, end, role, run.article, parts,
                title=_field(text, parts, "title"), dek=_field(text, parts, "dek"),
                byline=byline, author=author,
                depth=depth, position=position, reply_to=reply_to, language=language, script=script,
                truncated=role != "comment" and ("…" in tail or "..." in tail),
                confidence=reading.confidence(run.last - 1),
            )
        )  # fmt: skip
    return segments


def _page_language(
    text: str, blocks: Sequence[Block], runs: Sequence[_Run], main: int | None
) -> tuple[str, str | None]:
    """Language and script of the main article, or of the page's beginning: those of its short lines, too."""
    for run in runs:
        if main is not None and run.article == main:
            return detect(text[blocks[run.first].start : blocks[run.last - 1].lines[-1].text_end])
    return detect(text)
