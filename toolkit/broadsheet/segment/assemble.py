"""From a state for each line to segments with their parts and what they say of themselves."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Final

from broadsheet.segment.facts import attribution_of, dates_in
from broadsheet.segment.language import SAMPLE_CHARS, detect
from broadsheet.segment.markup import plain_of
from broadsheet.segment.model import Part, Segment
from broadsheet.segment.settle import Line
from broadsheet.segment.states import FAMILY, HEAD, STATES
from broadsheet.segment.threads import author_of, places, speakers

_INTERRUPTION: Final = 15
"""Lines that may stand between two parts of one article."""
FIRST_ARTICLE: Final = 1.8
"""How many times its words the first article of a page counts when the main one is chosen."""
_PART: Final = {
    "title": "title", "dek": "dek", "byline": "byline", "head_meta": "meta", "lead": "body", "body": "body",
    "subhead": "body", "item": "body", "end": "meta", "teaser_title": "title", "teaser_meta": "meta", "excerpt": "body",
    "speaker": "byline", "stamp": "meta", "text": "body", "unsigned": "body", "interlude": "meta",
    "boilerplate": "meta", "prompt": "meta",
}  # fmt: skip
_FAMILY: Final = dict(zip(STATES, FAMILY, strict=True))
_DATED: Final = HEAD | {"end", "teaser_meta", "speaker", "stamp"}
"""States of the lines that say when a text was published."""
_TOLD: Final = 1000
"""Code points by which the language of a segment is told."""
_STEEPNESS: Final = 250.0
_TITLE_BREAK: Final = re.compile(r"\s+[|–—·•:»«-]+\s+")
"""What stands between an article's title and the site's name where a page claims both in one."""


@dataclass(slots=True)
class _Run:
    """Lines `first` to `last` (exclusive), which become one segment."""

    family: str
    first: int
    last: int
    article: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A page whose lines are parted into runs, before it is told what language each is in."""

    text: str
    lines: Sequence[Line]
    runs: Sequence[_Run]
    main: int | None
    """The number of the main article."""
    bounds: Sequence[int]
    """Where each run begins, and the text's length."""

    def samples(self) -> list[tuple[int, int]]:
        """The places whose language is to be told: of each run; and of the page, which speaks where no article does."""
        found = [(start, min(end, start + _TOLD)) for start, end in pairwise(self.bounds)]
        if self.lines and self.main is None:
            found.append((0, min(len(self.text), SAMPLE_CHARS)))
        return found


def _goes_on(lines: Sequence[Line], runs: Sequence[_Run], i: int) -> bool:
    """Whether text without a head continues the article before it, behind a few lines of something else.

    With markup it must stand in an element like that of the article's text.
    """
    for run in reversed(runs):
        if run.family == "comment" or (i - run.last > _INTERRUPTION and lines[i].container is None):
            return False
        if run.family == "article":
            return run.last < i and lines[i].container == lines[run.last - 1].container
    return False


def _runs(lines: Sequence[Line]) -> list[_Run]:
    runs: list[_Run] = []
    article = -1
    before = ""
    n_titles = sum(line.state == "title" and (not i or lines[i - 1].state != "title") for i, line in enumerate(lines))
    alone = n_titles == 1  # all text without a head then belongs to the article with the title
    for i, line in enumerate(lines):
        state = line.state
        family = _FAMILY[state]
        fresh = not runs or family != runs[-1].family
        if family == "article":
            begins = state == "title" and before != "title"
            if state == "lead" and before not in HEAD:
                begins = article < 0 if alone else not _goes_on(lines, runs, i)
            article += begins
            fresh = fresh or begins
        elif family == "teaser":
            fresh = fresh or (state == "teaser_title" and before != "teaser_title")
        elif family == "comment":
            fresh = fresh or state == "unsigned" or (state == "speaker" and before not in ("speaker", "stamp"))
        if fresh:
            runs.append(_Run(family, i, i + 1, article if family == "article" else None))
        else:
            runs[-1].last = i + 1
        before = state
    return runs


def _main_article(text: str, lines: Sequence[Line], runs: Sequence[_Run], titles: Sequence[str]) -> int | None:
    """The number of the main article: by words, the first one favoured, among those that the page is claimed to be."""
    words: dict[int, float] = {}
    claimed = {form for title in titles for form in _forms(title)}
    named = set()
    for run in runs:
        if run.article is not None:
            own = lines[run.first : run.last]
            words[run.article] = words.get(run.article, 0.0) + sum(line.words for line in own)
            title = " ".join(text[line.start : line.end] for line in own if line.state == "title") if claimed else ""
            if title and plain_of(title) in claimed:
                named.add(run.article)
    return min(named or words, key=lambda a: (-words[a] * (FIRST_ARTICLE if a == 0 else 1), a), default=None)


def _forms(title: str) -> Iterator[str]:
    """What a claimed title may be on the page: all of it, or without the site's name before or behind it."""
    breaks = list(_TITLE_BREAK.finditer(title))
    pieces = [title, *(title[: found.start()] for found in breaks), *(title[found.end() :] for found in breaks)]
    yield from filter(None, map(plain_of, pieces))


def _parts(text: str, lines: Sequence[Line], start: int, end: int) -> tuple[Part, ...]:
    parts: list[Part] = []
    cursor = start
    for _, first, last, marker, _, _, state, _, _, _ in lines:
        if first > cursor:
            parts.append(_part(("space", cursor, first)))
        cursor = first
        if marker and state in ("speaker", "unsigned"):
            behind = first + marker
            sign_end = first + len(text[first:behind].rstrip())
            parts += [Part("meta", cursor, sign_end), Part("space", sign_end, behind)]
            cursor = behind
        parts.append(_part((_PART[state], cursor, last)))
        cursor = last
    if end > cursor:
        parts.append(Part("space", cursor, end))
    return tuple(parts)


_part: Final[Callable[[tuple[str, int, int]], Part]] = partial(tuple.__new__, Part)
"""A part of its values, in two thirds of the time that `Part` takes."""


def _comment_facts(
    text: str, lines: Sequence[Line], runs: Sequence[_Run]
) -> dict[int, tuple[int, int, int | None, str | None]]:
    """For each comment's run, by its first line: position, depth, parent's position and author."""
    firsts = [run.first for run in runs if run.family == "comment"]
    if not firsts:
        return {}
    spots = places([lines[i].level for i in firsts])
    heads = [
        text[lines[i].start + lines[i].marker : lines[i].end] if lines[i].state == "speaker" else None for i in firsts
    ]
    authors = speakers(heads)
    return {
        first: (position, spot.depth, spot.reply_to, author)
        for position, (first, spot, author) in enumerate(zip(firsts, spots, authors, strict=True))
    }


def confidence(margins: Sequence[int]) -> float:
    """How clearly the family of a run wins, 0.5 to 1: the logistic of its lines' middle margin."""
    middle = sorted(margins)[len(margins) // 2]
    return round(1 / (1 + math.exp(-min(middle / _STEEPNESS, 20.0))), 3)


def _attribution(text: str, lines: Sequence[Line]) -> str | None:
    """The line of an article's run that names its source."""
    ends = [(line.start, line.end) for line in lines if line.state == "end"]
    bylines = [(line.start, line.end) for line in lines if line.state == "byline"]
    heads = [(line.start, line.end) for line in lines if line.state == "head_meta"]
    return attribution_of(text, ends, [*heads, *bylines[1:]])


def plan_of(text: str, lines: Sequence[Line], titles: Sequence[str] = ()) -> Plan:
    """The runs of a page.

    `titles`: what the page claims to be titled; the article with such a title is the main one.
    """
    runs = _runs(lines)
    bounds = [0, *(lines[run.first].line_start for run in runs[1:]), len(text)] if lines else []
    return Plan(text, lines, runs, _main_article(text, lines, runs, titles), bounds)


def segments_of(text: str, lines: Sequence[Line], titles: Sequence[str] = ()) -> list[Segment]:
    """The segments of a page, in order; they tile its text. Every line's body is a `body` part of its own."""
    plan = plan_of(text, lines, titles)
    return assembled(plan, [detect(text[start:end]) for start, end in plan.samples()])


def assembled(plan: Plan, languages: Sequence[tuple[str, str | None]]) -> list[Segment]:
    """The segments of a page as `segments_of` gives them; with language and script of each of the plan's samples."""
    text, lines = plan.text, plan.lines
    if not text:
        return []
    if not lines:
        return [Segment(0, len(text), "boilerplate", None, (Part("space", 0, len(text)),), confidence=1.0)]
    comments = _comment_facts(text, lines, plan.runs)
    of_main = (told for run, told in zip(plan.runs, languages, strict=False) if run.article == plan.main)
    page_language = next(of_main) if plan.main is not None else languages[-1]
    segments = []
    for run, (start, end), (language, script) in zip(plan.runs, pairwise(plan.bounds), languages, strict=False):
        own = lines[run.first : run.last]
        parts = _parts(text, own, start, end)
        role, is_article = run.family, run.article is not None
        if is_article:
            role = "main" if run.article == plan.main else "sidebar"
        shown: dict[str, list[str]] = {"title": [], "dek": [], "byline": []}
        tail = ""
        for part, first, behind in parts if role != "boilerplate" else ():
            if part == "body":
                tail = text[max(first, behind - 8) : behind]
            elif part in shown:
                shown[part].append(text[first:behind])
        bylines = shown["byline"]
        position, depth, reply_to = None, None, None
        if role == "comment":
            position, depth, reply_to, author = comments[run.first]
        else:
            author = next(filter(None, map(author_of, bylines)), None) if bylines else None
        if language == "und" and script == page_language[1]:
            language = page_language[0]
        segments.append(
            Segment(
                start, end, role, run.article, parts,
                title=" ".join(shown["title"]) or None, dek=" ".join(shown["dek"]) or None,
                byline=bylines[0] if bylines else None, author=author,
                depth=depth, position=position, reply_to=reply_to, language=language, script=script,
                attribution=_attribution(text, own) if is_article else None,
                dates=tuple(d for line in own if line.state in _DATED for d in dates_in(text, line.start, line.end)),
                truncated=role != "comment" and ("…" in tail or "..." in tail),
                confidence=confidence([line.margin for line in own]),
            )
        )  # fmt: skip
    return segments
