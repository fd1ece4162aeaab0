"""Articles of many short sections, which a chain of lines takes for many articles, teasers or comments.

Rankings, comparisons and answers have a heading, a few facts and a paragraph over and over, as lists of articles have.
What tells them apart is the tree: the headings of sections are no links, rank below the page's title, and stand in the
same content as what follows the title.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from broadsheet.segment.markup import plain_of
from broadsheet.segment.settle import Line, as_article
from broadsheet.segment.states import ARTICLE, COMMENT, HEAD, TEASER
from broadsheet.segment.tree import Tree
from broadsheet.segment.vocabulary import BIT

_HEADS: Final = frozenset({"title", "teaser_title", "speaker", "unsigned"})
_TITLES: Final = frozenset({"title", "teaser_title", "boilerplate"})
_SIGNED: Final = frozenset({"byline", "stamp"})
"""Readings of lines that only an article or a comment of its own has."""
_AS_SECTION: Final = {
    "title": "subhead", "dek": "body", "byline": "item", "head_meta": "item", "lead": "body", "end": "item",
    "teaser_title": "subhead", "teaser_meta": "item", "excerpt": "body", "speaker": "subhead", "stamp": "item",
    "text": "body", "unsigned": "subhead", "interlude": "item", "boilerplate": "prompt",
}  # fmt: skip
_APART: Final = BIT["related"] | BIT["comment"] | BIT["ping"]
_APART_TAGS: Final = frozenset({"aside", "nav", "footer", "form"})
"""What the template calls by one of these words or tags is no part of an article."""
_AMONG: Final = 3
"""What stands in one element with so many of an article's paragraphs stands among them."""
_BEFORE: Final = 15
"""What holds more blocks before the page's title than that is not its content but the page."""


def join_sections(lines: Sequence[Line], tree: Tree, blocks: Sequence[int]) -> list[Line]:
    """The lines of a page with markup, with sections of the page's own article as such; `blocks`: that of each line."""
    own = _Own.of(lines, tree, blocks)
    if own is None:
        return list(lines)
    found = list(lines)
    if found[own.title].state == "title":
        last = _end(found, own.title)
    elif found[own.title].state == "teaser_title":
        last = _end(found, own.title)
        if not any(line.state == "excerpt" for line in found[own.title : last]):
            return found
        found[own.title : last] = as_article(found[own.title : last])
    else:
        found[own.title] = found[own.title]._replace(state="title")
        last = own.title + 1
    behind = _joined(found, own, last)
    if behind == last and lines[own.title].state == "boilerplate":
        return list(lines)
    _fill(found, own.title, behind, tree, blocks)
    return found


def _joined(found: list[Line], own: _Own, last: int) -> int:
    """Joins the sections that follow to the article, which ends before line `last`; the line behind all of them."""
    at = last
    while at < len(found):
        is_lead = found[at].state == "lead" and found[at - 1].state not in HEAD
        if not is_lead and found[at].state not in _HEADS:
            at += 1
            continue
        end = _end(found, at)
        # Text without a head may begin with a list of links to what follows.
        shown = max(range(at, end), key=lambda i: found[i].words) if is_lead else at
        if own.holds(shown, is_signed=any(line.state in _SIGNED for line in found[at:end])):
            found[last:end] = [line._replace(state=_AS_SECTION.get(line.state, line.state)) for line in found[last:end]]
            last = end
        elif found[at].state == "title":
            break  # another article: what follows it is not told from its own sections
        at = end
    return last


def _fill(found: list[Line], first: int, last: int, tree: Tree, blocks: Sequence[int]) -> None:
    """Gives the article what stands among its paragraphs, side by side with them, and is no link."""
    beside = Counter(tree.container[blocks[i]] for i in range(first, last) if found[i].state in ("lead", "body"))
    for i in range(first + 1, last):
        is_open = found[i].state in ("prompt", "boilerplate") and not tree.is_link[blocks[i]]
        if is_open and beside[tree.container[blocks[i]]] >= _AMONG:
            found[i] = found[i]._replace(state="item")


def _end(lines: Sequence[Line], first: int) -> int:
    """The line behind the article, teaser or comment that begins with this one."""
    state = lines[first].state
    family = ARTICLE if state in ARTICLE else TEASER if state in TEASER else COMMENT
    end = first + 1
    while end < len(lines) and lines[end].state in family | {"prompt"}:
        if lines[end].state in _HEADS and lines[end - 1].state != lines[end].state:
            break
        end += 1
    return end


class _Own:
    """The page's own article: the line of its title, and where its content lies."""

    def __init__(self, title: int, tree: Tree, blocks: Sequence[int]) -> None:
        self.title, self._tree, self._blocks = title, tree, blocks
        self._rank = tree.rank[blocks[title]]

    @classmethod
    def of(cls, lines: Sequence[Line], tree: Tree, blocks: Sequence[int]) -> _Own | None:
        """That article: of the heading that the page claims for a title, or else of its first one of the first rank.

        A page's only heading of the first rank may have been read as boilerplate. None where there is no such heading,
        or what holds most of the page's text holds its head, too.
        """
        claimed = [plain for plain in map(plain_of, tree.page.titles) if len(plain) > 3]
        heads = [i for i in range(len(lines)) if tree.rank[blocks[i]] and not tree.is_link[blocks[i]]]
        read = [i for i in heads if lines[i].state in ("title", "teaser_title")]
        first = [i for i in heads if tree.rank[blocks[i]] == 1 and lines[i].state in _TITLES]
        shown = {i: plain_of(tree.page.text[lines[i].start : lines[i].end]) for i in read}
        named = [i for i in read if len(shown[i]) > 3 and any(title.startswith(shown[i]) for title in claimed)]
        title = next(iter([*named, *(i for i in read if i in first), *(first if len(first) == 1 else [])]), None)
        if title is None or tree.content < 0 or blocks[title] - tree.first[tree.content] > _BEFORE:
            return None
        return cls(title, tree, blocks)

    def holds(self, i: int, *, is_signed: bool) -> bool:
        """Whether a line is of a section of its own: under a heading below its title in rank, or by its tag no heading.

        What somebody signed is an article of its own, if its head is a heading.
        """
        tree, at = self._tree, self._tree.at[self._blocks[i]]
        rank = tree.rank[self._blocks[i]]
        if tree.is_link[self._blocks[i]] or (rank and (rank <= self._rank or is_signed)):
            return False
        while at not in (tree.content, -1):
            if tree.own[at] & _APART or tree.page.elements.sort(at)[0] in _APART_TAGS:
                return False
            at = tree.parents[at]
        return at == tree.content
