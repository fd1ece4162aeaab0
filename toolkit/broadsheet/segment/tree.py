"""The elements around the lines of pages with markup: how they are nested, and what each of them holds.

The elements of a batch of pages lie in one row, a page behind the other, in the order in which they begin. So those of
a page stand together, and what holds an element stands before it. What is handed down, or added up, goes from one depth
to the next with all elements of that depth at once: an element costs no Python.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from broadsheet.segment.lines import Bools, Ints
from broadsheet.segment.page import Page, Sort
from broadsheet.segment.vocabulary import BIT, flags_of

Floats = npt.NDArray[np.float64]
Signature = tuple[int, str, str]
"""Depth, tag and names of an element: what elements with like content have in common."""

_DIGITS: Final = re.compile(r"\d+")
HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_NEVER_ITEMS: Final = {*HEADINGS, "p", "td", "tr", "th", "pre", "html", "body"}
_LEAVES: Final = {*HEADINGS, "p", "li", "blockquote", "pre", "td", "dd", "dt", "figcaption", "tr"}
_INNER: Final = frozenset(("ul", "ol", "li", "blockquote", "p", "tbody", "table", "tr", "figure", "dl"))
_MOST: Final = 0.95
"""An element that holds this share of a page's words says nothing of its parts."""
_NEARLY_ALL: Final = 0.8
_LINKED: Final = 0.3
_TEXT_WORDS: Final = 10
_ALIKE: Final = 3
"""So many children of one element with one tag and like names are alike."""


@functools.lru_cache(maxsize=1 << 16)
def _shape(names: str) -> str:
    return _DIGITS.sub("0", names.split(" ", 1)[0]) if names else ""


class _Sorts:
    """What elements are by tag and names alone: most of a site's elements are of the same few sorts."""

    def __init__(self, pages: Sequence[Page]) -> None:
        sorts: dict[Sort, int] = {}
        numbers: dict[int, Ints] = {}  # those of what pages know together
        found = []
        for page in pages:
            known = page.elements.known
            if id(known) not in numbers:
                numbers[id(known)] = np.array([sorts.setdefault(sort, len(sorts)) for sort in known], np.int64)
            found.append(numbers[id(known)][page.elements.sorts])
        self.of = np.concatenate(found)
        """The sort of each element."""
        self.known = list(sorts)
        """Tag and names of each sort."""
        self.tags = [tag for tag, _ in sorts]
        """The tag of each sort."""
        shapes: dict[tuple[str, str], int] = {}
        shaped = [shapes.setdefault((tag, _shape(names)), len(shapes)) for tag, names in sorts]
        self.shapes = np.array(shaped, np.int64)[self.of]
        """The number of each element's tag and shape of names."""
        self.n_shapes = len(shapes)
        self.flags = np.array([flags_of(tag, names) for tag, names in sorts], np.int64)[self.of]

    def having(self, tags: frozenset[str] | set[str]) -> Bools:
        """Which elements have one of these tags."""
        return np.array([tag in tags for tag in self.tags], np.bool_)[self.of]

    def values(self, of_tags: dict[str, int], other: int) -> Ints:
        """The number of each element's tag."""
        return np.array([of_tags.get(tag, other) for tag in self.tags], np.int64)[self.of]


class Trees:
    """The elements and blocks of some pages, numbered through; arrays without other note have a value an element."""

    def __init__(self, pages: Sequence[Page], words: Floats, is_prose: Bools) -> None:
        """Takes, a value a block of all pages, its words and whether somebody's sentences stand in it."""
        self.pages, self.block_words = pages, words
        self.sorts = _Sorts(pages)
        self.bounds = _bounds(len(page.elements) for page in pages)
        """The first element of each page, and the number of all."""
        self.block_bounds = _bounds(len(page.blocks) for page in pages)
        """The first block of each page, and the number of all."""
        self.page_of_block = np.repeat(np.arange(len(pages)), np.diff(self.block_bounds))
        columns = np.ascontiguousarray(np.concatenate([page.blocks for page in pages]).T)
        starts, ends, at, self.linked, self.lists = columns
        self.sizes = ends - starts
        """Code points of each block; of these in links, and the lists around it: `linked`, `lists`."""
        self.is_prose = is_prose & (2 * self.linked <= self.sizes)
        self.at = at + self.bounds[self.page_of_block]
        """The element of each block."""
        self._page = page = np.repeat(np.arange(len(pages)), np.diff(self.bounds))
        inside = np.concatenate([page.elements.parents for page in pages])
        self.parents = np.where(inside < 0, -1, inside + self.bounds[page])
        """-1 for the outermost element of a page."""
        self._add_up(_sums(self.page_of_block, words, len(pages))[page])
        self._count_alike(page)
        self._find_holders()
        self._find_richest()
        self._find_content()

    @cached_property
    def depths(self) -> Ints:
        """Elements around each."""
        found = np.zeros(len(self.parents), np.int64)
        inner = np.flatnonzero(self.parents >= 0)
        around = self.parents[inner]
        while len(inner):
            found[inner] += 1
            around = self.parents[around]
            inner, around = inner[around >= 0], around[around >= 0]
        return found

    @cached_property
    def _levels(self) -> list[Ints]:
        """The elements of each depth from 1 on, in order."""
        order = np.argsort(self.depths, kind="stable")
        return np.split(order, np.cumsum(np.bincount(self.depths)))[1:-1] if len(order) else []

    def _handed_down(self, values: Any, chosen: Bools) -> Any:
        """The values of elements, where chosen those of the element around each instead."""
        found = values.copy()
        for level in self._levels:
            taken = level[chosen[level]]
            found[taken] = found[self.parents[taken]]
        return found

    def _add_up(self, on_page: Floats) -> None:
        """`words`, `first` and `last` (block) of what each element holds, `own` flags, and `near` and `far` ones."""
        n, n_blocks = len(self.parents), len(self.at)
        self.words = _sums(self.at, self.block_words, n)
        self.first, self.last = np.full(n, n_blocks), np.full(n, -1)
        rows = np.arange(n_blocks)
        np.minimum.at(self.first, self.at, rows)
        np.maximum.at(self.last, self.at, rows)
        self.ends = np.arange(n)
        """The last element within each."""
        for level in reversed(self._levels):
            around = self.parents[level]
            firsts = np.flatnonzero(np.append(True, around[1:] != around[:-1]))
            to = around[firsts]
            self.words[to] += np.add.reduceat(self.words[level], firsts)
            self.first[to] = np.minimum(self.first[to], np.minimum.reduceat(self.first[level], firsts))
            self.last[to] = np.maximum(self.last[to], np.maximum.reduceat(self.last[level], firsts))
            self.ends[to] = np.maximum.reduceat(self.ends[level], firsts)
        speaks = (self.words < _MOST * on_page) | (self.last - self.first < 3)
        self.own = np.where(speaks, self.sorts.flags, 0)
        around = self.own.copy()
        for level in self._levels:
            around[level] |= around[self.parents[level]]
        second = self.above(self.parents)
        self.near = self.of(self.parents, self.own, 0) | self.of(second, self.own, 0)
        """Flags of the two elements around each."""
        self.far = self.of(self.above(second), around, 0)
        """Flags of all elements around these."""

    def of(self, at: Ints, values: Any, none: int) -> Any:
        """The values of some elements; of none (-1) what stands for it."""
        return np.where(at < 0, none, values[at])

    def above(self, at: Ints) -> Ints:
        """The element around each; around none (-1) is none."""
        found: Ints = self.of(at, self.parents, -1)
        return found

    def _count_alike(self, page: Ints) -> None:
        """`item`: of each element the nearest one around it (or itself) that is one of several alike, else -1."""
        around = np.where(self.parents < 0, -1 - page, self.parents)  # the outermost of two pages are not alike
        _, group, counts = np.unique(
            around * self.sorts.n_shapes + self.sorts.shapes, return_inverse=True, return_counts=True
        )
        n = counts[group]
        mean = np.bincount(group, self.words, len(counts))[group] / n
        is_item = (n >= _ALIKE) & ~self.sorts.having(_NEVER_ITEMS)
        rows = np.arange(len(n))
        self.item = self._handed_down(np.where(is_item, rows, -1), ~is_item)
        size = np.searchsorted((15, 80), mean, "right")
        self.alike = self.of(self.item, 1 + 3 * (n > 5) + size, 0)
        """How many are alike and how long they are: the bin of `one of several alike`."""

    def _find_holders(self) -> None:
        """`container`, of each block: the element whose content it is: its own, or what holds it if it is a paragraph.

        What holds a paragraph is the nearest element around it that is neither a list nor the like.
        """
        rows, has_parent = np.arange(len(self.parents)), self.parents >= 0
        outer = self._handed_down(rows, has_parent & self.sorts.having(_INNER))
        holders = np.where(has_parent & self.sorts.having(_LEAVES), outer[self.parents], rows)
        self.container = holders[self.at]

    def _find_richest(self) -> None:
        """`prose`: the words of prose right inside each element, and half of those one element further in.

        `richest`: of each page the element with most of it, the first of equals.
        """
        n = len(self.parents)
        at, words = self.container[self.is_prose], self.block_words[self.is_prose]
        self.prose = _sums(at, words, n)
        above = self.parents[at]
        self.prose += _sums(above[above >= 0], words[above >= 0] / 2, n)
        self.most = np.maximum.reduceat(self.prose, self.bounds[:-1])
        """The prose of the richest element of each page."""
        is_most = np.flatnonzero(self.prose == np.repeat(self.most, np.diff(self.bounds)))
        self.richest = is_most[np.searchsorted(is_most, self.bounds[:-1])]

    def _find_content(self) -> None:
        """`content`: of each page the innermost element that holds nearly all of its text, but for comments; else -1.

        `rank`, of each block: 1 to 6 in a heading, else 0. `is_link`: whether much of it is links.
        """
        ranks = self.sorts.values({tag: int(tag[1]) for tag in HEADINGS}, 0)
        self.rank, around = ranks[self.at], self.at
        for _ in range(2):
            around = self.above(around)
            self.rank = np.where(self.rank == 0, self.of(around, ranks, 0), self.rank)
        self.is_link = self.linked > _LINKED * self.sizes
        is_comment = (self.own | self.near | self.far)[self.at] & BIT["comment"] != 0
        is_text = (self.block_words >= _TEXT_WORDS) & ~is_comment & ~self.is_link
        text = np.append(0.0, np.cumsum(np.where(is_text, self.block_words, 0.0)))
        held = np.where(self.last < 0, 0.0, text[self.last + 1] - text[np.minimum(self.first, len(self.at))])
        on_page = np.diff(text[self.block_bounds])
        holds = (held >= _NEARLY_ALL * on_page[self._page]) & (on_page > 0)[self._page]
        # Elements stand in the order in which they begin: the last one that holds so much is the innermost.
        self.content = np.maximum.reduceat(np.where(holds, np.arange(len(held)), -1), self.bounds[:-1])

    @property
    def levels(self) -> Ints:
        """How deep each block stands: the depth of the item that its element belongs to, or else of that."""
        item = self.item[self.at]
        found: Ints = self.depths[np.where(item >= 0, item, self.at)]
        return found

    def signatures(self) -> list[Signature]:
        """Of each block that of the element whose content it is."""
        n = len(self.sorts.known)
        codes, which = np.unique(self.depths[self.container] * n + self.sorts.of[self.container], return_inverse=True)
        known = [(code // n, *self.sorts.known[code % n]) for code in codes.tolist()]
        return [known[i] for i in which.tolist()]

    def tree(self, k: int) -> Tree:
        """The elements of one page."""
        elements, blocks = slice(*self.bounds[k : k + 2]), slice(*self.block_bounds[k : k + 2])
        content = max(int(self.content[k] - self.bounds[k]), -1)
        columns = (*(column[elements] for column in self._of_elements), *(column[blocks] for column in self._of_blocks))
        return Tree(self.pages[k], content, *columns)

    @cached_property
    def _of_elements(self) -> list[list[Any]]:
        """What `tree` tells of elements, of all pages, with places as they are on each page."""
        base, block, behind = (bounds[self._page] for bounds in (self.bounds, self.block_bounds, self.block_bounds[1:]))
        columns = (
            np.maximum(self.parents - base, -1), self.depths, np.maximum(self.item - base, -1),
            np.minimum(self.first, behind) - block, np.maximum(self.last - block, -1), self.own, self.near, self.far,
        )  # fmt: skip
        return [column.tolist() for column in columns]

    @cached_property
    def _of_blocks(self) -> list[list[Any]]:
        """The same of blocks."""
        base = self.bounds[self.page_of_block]
        return [column.tolist() for column in (self.at - base, self.container - base, self.rank, self.is_link)]


def _sums(groups: Ints, values: Floats, n: int) -> Floats:
    """The values of each of `n` groups added up."""
    return np.bincount(groups, values, n).astype(np.float64)


def _bounds(sizes: Iterable[int]) -> Ints:
    return np.cumsum([0, *sizes])


@dataclass(frozen=True, slots=True)
class Tree:
    """The elements of one page, for what looks at single lines; lists without other note have a value an element."""

    page: Page
    content: int
    """The innermost element that holds nearly all of the page's text, but for comments; -1 for none."""
    parents: Sequence[int]
    """-1 for the outermost."""
    depths: Sequence[int]
    item: Sequence[int]
    """The nearest element around each, or itself, that is one of several alike; -1 for none."""
    first: Sequence[int]
    """The first block that it holds; the number of all where it holds none."""
    last: Sequence[int]
    """The last block that it holds; -1 where it holds none."""
    own: Sequence[int]
    """What the template calls it: flags, a bit each (`vocabulary`)."""
    near: Sequence[int]
    far: Sequence[int]
    at: Sequence[int]
    """Of each block its element."""
    container: Sequence[int]
    """Of each block the element whose content it is."""
    rank: Sequence[int]
    """Of each block: 1 to 6 in a heading, else 0."""
    is_link: Sequence[bool]
    """Of each block, whether much of it is links."""

    def is_called(self, flag: str, at: int) -> bool:
        """Whether the template names an element, or those close around it, with one of a flag's words."""
        return bool((self.own[at] | self.near[at]) & BIT[flag])

    def common(self, a: int, b: int) -> int:
        """The innermost element that holds both, or -1."""
        while a != b and a >= 0 and b >= 0:
            if self.depths[a] >= self.depths[b]:
                a = self.parents[a]
            else:
                b = self.parents[b]
        return a if a == b else -1
