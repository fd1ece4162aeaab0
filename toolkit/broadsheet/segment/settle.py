"""Readings of lines that a whole page, or the tree of its markup, speaks for more clearly than a chain of lines can."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest
from typing import Final, NamedTuple

from broadsheet.segment.states import ARTICLE, BODY, COMMENT, HEAD, TEASER
from broadsheet.segment.tree import Signature, Tree

_WHOLE: Final = 3
"""So many paragraphs that do not break off are no excerpt."""
_WHOLE_WORDS: Final = 60
_EXCERPT_WORDS: Final = 200
_LISTING: Final = 6
"""A page with so many short teasers is a list of them; some are longer there."""
_HEADS: Final = frozenset({"speaker", "unsigned"})
_MOSTLY: Final = 4
"""How many times more of a thread's text must be indented than not, before what is not leaves it."""
_BYLINE_WORDS: Final = 6
_PARAGRAPH_WORDS: Final = 16
_SIGNED: Final = frozenset({"byline", "head_meta"})


class Line(NamedTuple):
    """A visible line of one page with its reading; places are code points of the page."""

    line_start: int
    start: int
    end: int
    marker: int
    level: int
    """How far it is indented, or how deep it stands in the tree of the markup."""
    words: float
    state: str
    margin: int
    numbered: bool = False
    container: Signature | None = None
    """Of the element whose content the line is; None for bare text."""


def settle_text(lines: Sequence[Line]) -> list[Line]:
    """The lines of bare text, with readings that the whole page speaks for.

    What reads as a teaser, but goes on for paragraphs without breaking off, is an article. A paragraph behind a byline
    begins the text. In a thread whose comments
    begin with markers of one indent every such marker begins one; where most of them are signed, a few words over a
    text are a name, too; and what is indented less than these belongs to none, where nearly all else is indented more.
    """
    settled = list(lines)
    states = {line.state for line in lines}
    teasers = list(_teasers(settled)) if "teaser_title" in states else []
    whole = [(a, b) for a, b in teasers if _is_whole([line for line in settled[a:b] if line.state == "excerpt"])]
    if len(teasers) - len(whole) < _LISTING:
        for a, b in whole:
            settled[a:b] = as_article(settled[a:b])
    if "dek" in states:
        _settle_deks(settled)
    if not states & {"speaker", "unsigned"}:
        return settled
    return _settle_thread(settled)


def _settle_deks(lines: list[Line]) -> None:
    """Behind a byline or a date a paragraph begins the text: as a dek it would be missing there."""
    for i in range(1, len(lines)):
        if lines[i].state == "dek" and lines[i].words >= _PARAGRAPH_WORDS and lines[i - 1].state in _SIGNED:
            lines[i] = lines[i]._replace(state="lead")
            lead = next((k for k in range(i + 1, len(lines)) if lines[k].state not in HEAD), len(lines))
            lines[i + 1 : lead] = [line._replace(state="item") for line in lines[i + 1 : lead]]
            if lead < len(lines) and lines[lead].state == "lead":
                lines[lead] = lines[lead]._replace(state="body")


def _settle_thread(lines: list[Line]) -> list[Line]:
    heads = Counter((line.level, line.numbered) for line in lines if line.state in _HEADS and line.marker)
    outer = min((level for (level, _), n in heads.items() if n > 1), default=0)
    texts = [line.level for line in lines if line.state == "text" and not line.marker]
    is_indented = _MOSTLY * sum(level < outer for level in texts) < sum(level > outer for level in texts)
    n_signed = sum(line.state == "speaker" for line in lines)
    is_signed = 2 * n_signed > sum(heads.values())
    settled = []
    for line, following in zip_longest(lines, lines[1:]):
        if line.state == "text" and line.marker and heads[line.level, line.numbered] > 1:
            line = line._replace(state="unsigned")
        if is_signed and line.state == "unsigned" and line.words <= _BYLINE_WORDS and _is_said(following):
            line = line._replace(state="speaker")
        if line.state == "text" and not line.marker and line.level < outer and is_indented:
            line = line._replace(state="boilerplate")
        settled.append(line)
    return settled


def _is_said(line: Line | None) -> bool:
    return line is not None and line.state == "text" and not line.marker


def _teasers(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """First line and end of each teaser."""
    first = -1
    for i, line in enumerate(lines):
        begins = line.state == "teaser_title" and (i == 0 or lines[i - 1].state != "teaser_title")
        if first >= 0 and (begins or line.state not in TEASER):
            yield first, i
            first = -1
        if begins:
            first = i
    if first >= 0:
        yield first, len(lines)


def _is_whole(body: Sequence[Line]) -> bool:
    return len(body) >= _WHOLE and sum(line.words for line in body) >= _WHOLE_WORDS


def as_article(teaser: Sequence[Line]) -> list[Line]:
    """The lines of a teaser as those of an article."""
    states = []
    for line in teaser:
        if line.state == "teaser_title":
            states.append("title")
        elif line.state == "excerpt":
            states.append("body" if "lead" in states else "lead")
        else:
            states.append("end" if "lead" in states else "byline" if line.words <= _BYLINE_WORDS else "head_meta")
    # What stood between paragraphs cannot end the article there.
    ends = max(i for i, state in enumerate(states) if state in ("lead", "body"))
    states = ["item" if state == "end" and i < ends else state for i, state in enumerate(states)]
    return [line._replace(state=state) for line, state in zip(teaser, states, strict=True)]


def settle_markup(lines: Sequence[Line], tree: Tree, blocks: Sequence[int]) -> list[Line]:
    """The lines of a page with markup, with readings that its tree speaks for; `blocks`: the block of each line.

    What stands in the element that holds one comment's head and text is that comment's. A short article whose text
    stands in what the template calls an excerpt is a teaser, however many paragraphs it shows.
    """
    settled = list(lines)
    _settle_comments(settled, tree, blocks)
    _settle_excerpts(settled, tree, blocks)
    return settled


def _settle_comments(lines: list[Line], tree: Tree, blocks: Sequence[int]) -> None:
    heads = [
        i for i, line in enumerate(lines) if line.state == "speaker" and (not i or lines[i - 1].state != "speaker")
    ]
    of_heads = [blocks[i] for i in heads]
    if len(heads) < 2:  # a lone one is no thread, and may as well be a kicker over an article
        return
    for head, following in pairwise([*heads, len(lines)]):
        first = next((i for i in range(head + 1, following) if lines[i].state == "text"), None)
        if first is None:
            continue
        around = tree.common(tree.at[blocks[head]], tree.at[blocks[first]])
        if around < 0 or bisect_right(of_heads, tree.last[around]) - bisect_left(of_heads, tree.first[around]) > 1:
            continue
        inside = [i for i in range(first, following) if blocks[i] <= tree.last[around]]
        if any(lines[i].state == "title" for i in inside):
            continue
        last = max(i for i in inside if lines[i].state not in ("boilerplate", "interlude", "stamp"))
        for i in inside:
            if i <= last and lines[i].state not in COMMENT:
                lines[i] = lines[i]._replace(state="text")


def _settle_excerpts(lines: list[Line], tree: Tree, blocks: Sequence[int]) -> None:
    first = -1
    for i in range(len(lines) + 1):
        state = lines[i].state if i < len(lines) else "boilerplate"
        begins = state == "title" and (i == 0 or lines[i - 1].state != "title")
        if first >= 0 and (begins or state not in ARTICLE):
            own = lines[first:i]
            body = [k for k in range(first, i) if lines[k].state in BODY]
            called = [tree.is_called("excerpt", tree.at[blocks[k]]) for k in body]
            if body and all(called) and sum(lines[k].words for k in body) <= _EXCERPT_WORDS:
                states = {"title": "teaser_title", "end": "teaser_meta"} | dict.fromkeys(BODY, "excerpt")
                lines[first:i] = [line._replace(state=states.get(line.state, "teaser_meta")) for line in own]
            first = -1
        if begins:
            first = i
