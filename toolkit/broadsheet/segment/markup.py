"""What the markup around a line shows, as bins for the model: tags, words of classes and ids, links, and the tree."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from broadsheet.segment.lines import Ints, Lines
from broadsheet.segment.vocabulary import BIT, FLAGS, VOCABULARY, flags_of

_COMMENT: Final = BIT["comment"]
_EXCERPT: Final = BIT["excerpt"]
_NAMED: Final = functools.reduce(int.__or__, (BIT[name] for name in VOCABULARY))
_NO_LETTERS: Final = re.compile(r"[\W_]+")
_DIGITS: Final = re.compile(r"\d+")
_OWN_TAGS: Final = (
    "p", "h1", "h2", "h3", "h4", "h5", "li", "td", "blockquote", "pre", "div", "section", "article", "figcaption", "dt",
    "header", "footer", "other",
)  # fmt: skip
_TAG_BIN: Final = {
    **{tag: i for i, tag in enumerate(_OWN_TAGS)}, "h6": 5, "th": 7, "dd": 6, "address": 15, "main": 11, "aside": 11,
    "tr": 7, "ul": 6, "ol": 6, "nav": 15, "body": 10, "center": 10,
}  # fmt: skip
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_NEVER_ITEMS: Final = _HEADINGS | {"p", "td", "tr", "th", "pre", "html", "body"}
_LEAVES: Final = _HEADINGS | {"p", "li", "blockquote", "pre", "td", "dd", "dt", "figcaption", "tr"}
_INNER: Final = frozenset(("ul", "ol", "li", "blockquote", "p", "tbody", "table", "tr", "figure", "dl"))
_MOST: Final = 0.95
"""An element that holds this share of a page's words says nothing of its parts."""
_CLAIMED_WORDS: Final = 30
"""Longer blocks are not compared with what the page claims."""
Columns = dict[str, Ints]

_DEGREES: Final = ["no", "itself", "near", "itself, near", "far", "itself, far", "near, far", "itself, near, far"]
_DISTANCE: Final = ["same block", "same parent", "to 3 steps", "4 or 5 steps", "6 or more", "border of the page"]
FEATURES: Final[dict[str, list[str]]] = {
    "tag": list(_OWN_TAGS),
    "links": ["none", "under 10 %", "under 30 %", "under 60 %", "under 90 %", "all"],
    "depth of lists": ["0", "1", "2", "3 or more"],
    "steps from the block before": _DISTANCE,
    "steps to the block after": _DISTANCE,
    "prose of its container": ["none", "under 5 %", "under 20 %", "under 50 %", "under 90 %", "the most of all"],
    "richest container": ["outside", "inside", "around it", "in its parent"],
    "one of several alike": ["no", *(f"{n}, {w}" for n in ("3 to 5", "more") for w in ("short", "middling", "long"))],
    "begins one of several alike": ["no", "yes", "ends it", "is it"],
    "claimed title": ["no", "in part", "yes", "again"],
    "claimed author": ["none claimed", "no", "yes"],
    "heading and prose": ["no heading", "prose beside it", "prose near it", "no prose near"],
    "articles of the page": ["0", "1", "2", "3 or more"],
    "tag and links": [f"{tag}; {links}" for tag in _OWN_TAGS for links in ("under 30 %", "under 90 %", "all")],
    "comments": [
        "named so", "inside what is named so", "elsewhere on the page", "nowhere on the page", "nothing is named"
    ],
    "excerpts": [
        "named so", "inside what is named so", "elsewhere on the page", "nowhere on the page", "nothing is named"
    ],
    **{f"named {name}": _DEGREES for name in FLAGS},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """What segmentation reads of a page: its text, and for HTML the markup around it (`read.html.Rendered`)."""

    text: str
    elements: Sequence[tuple[int | None, str, str]] = ()
    blocks: Sequence[tuple[int, int, int, int, int]] = ()
    titles: Sequence[str] = ()
    """What the page claims to be titled."""
    authors: Sequence[str] = ()
    """Whom the page claims to be written by."""


@functools.lru_cache(maxsize=1 << 16)
def _shape(names: str) -> str:
    return _DIGITS.sub("0", names.split(" ", 1)[0]) if names else ""


def plain_of(text: str) -> str:
    """The letters and digits of a text without case, by which titles and names are compared."""
    return _NO_LETTERS.sub("", text.casefold())


class Tree:
    """The elements of one page, with what each holds."""

    def __init__(self, page: Page, words: Sequence[float], is_prose: Sequence[bool]) -> None:
        """Takes, a value a block, its words and whether it is prose."""
        self.page, self.block_words = page, words
        elements, blocks = page.elements, page.blocks
        n = len(elements)
        self.parents = [-1 if parent is None else parent for parent, _, _ in elements]
        self.depths = [0] * n
        for i, parent in enumerate(self.parents):
            if parent >= 0:
                self.depths[i] = self.depths[parent] + 1
        held = [0.0] * n
        first, last = [len(blocks)] * n, [-1] * n
        for j, block in enumerate(blocks):
            at = block[2]
            held[at] += words[j]
            first[at] = min(first[at], j)
            last[at] = j
        for i in range(n - 1, 0, -1):
            parent = self.parents[i]
            if parent >= 0:
                held[parent] += held[i]
                first[parent] = min(first[parent], first[i])
                last[parent] = max(last[parent], last[i])
        self.words, self.first, self.last = held, first, last
        self.ends = list(range(n))
        """The last element within each: elements stand in the order in which they begin."""
        for i in range(n - 1, 0, -1):
            parent = self.parents[i]
            if parent >= 0 and self.ends[i] > self.ends[parent]:
                self.ends[parent] = self.ends[i]
        self._count_alike()
        self._find_flags(sum(words))
        self._find_richest(words, is_prose)

    def _count_alike(self) -> None:
        """`item`: of each element the nearest one around it (or itself) that is one of three or more alike, else -1."""
        elements, parents = self.page.elements, self.parents
        keys = [(parents[i], tag, _shape(names)) for i, (_, tag, names) in enumerate(elements)]
        counts = Counter(keys)
        total: dict[tuple[int, str, str], float] = {}
        for key, words in zip(keys, self.words, strict=True):
            total[key] = total.get(key, 0.0) + words
        self.item = [-1] * len(elements)
        self.alike = [0] * len(elements)
        for i, key in enumerate(keys):
            n = counts[key]
            if n >= 3 and key[1] not in _NEVER_ITEMS:
                mean = total[key] / n
                self.item[i] = i
                self.alike[i] = 1 + 3 * (n > 5) + (0 if mean < 15 else 1 if mean < 80 else 2)
            elif parents[i] >= 0:
                self.item[i] = self.item[parents[i]]
                self.alike[i] = self.alike[parents[i]]

    def _find_flags(self, total: float) -> None:
        n = len(self.parents)
        own, near, far = [0] * n, [0] * n, [0] * n
        for i, (parent, (_, tag, names)) in enumerate(zip(self.parents, self.page.elements, strict=True)):
            if self.words[i] < _MOST * total or self.last[i] - self.first[i] < 3:
                own[i] = flags_of(tag, names)
            if parent >= 0:
                second = self.parents[parent]
                near[i] = own[parent]
                if second >= 0:
                    near[i] |= own[second]
                    third = self.parents[second]
                    if third >= 0:
                        far[i] = far[third] | near[third] | own[third]
        self.near = near
        self.far = far
        self.own = own

    def _find_richest(self, words: Sequence[float], is_prose: Sequence[bool]) -> None:
        """`prose`: the words of prose right inside each element, and half of those one element further in."""
        self.prose = [0.0] * len(self.parents)
        self._find_holders()
        for at, n, prose in zip(self.container, words, is_prose, strict=True):
            if prose and at >= 0:
                self.prose[at] += n
                above = self.parents[at]
                if above >= 0:
                    self.prose[above] += n / 2
        self.richest = max(range(len(self.prose)), key=lambda i: (self.prose[i], -i), default=-1)

    def _find_holders(self) -> None:
        """`container`: the element whose content each block is: its own, or what holds it if that is a paragraph."""
        outer = list(range(len(self.parents)))
        """Each element, or the nearest one around it that is neither a list nor the like."""
        holders = outer.copy()
        for i, (parent, (_, tag, _)) in enumerate(zip(self.parents, self.page.elements, strict=True)):
            if parent >= 0:
                if tag in _INNER:
                    outer[i] = outer[parent]
                if tag in _LEAVES:
                    holders[i] = outer[parent]
        self.container = [holders[block[2]] for block in self.page.blocks]

    def signature(self, at: int) -> tuple[int, str, str]:
        """Depth, tag and names of an element: what elements with like content have in common."""
        return self.depths[at], self.page.elements[at][1], self.page.elements[at][2]

    def steps(self, a: int, b: int) -> int:
        """Elements to leave and to enter on the way from one to the other."""
        n = 0
        parents, depths = self.parents, self.depths
        while a != b and n < 12:
            if depths[a] >= depths[b]:
                a = parents[a]
            else:
                b = parents[b]
            n += 1
            if a < 0 or b < 0:
                break
        return n

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


def _distance_bin(steps: int) -> int:
    return 1 if steps <= 2 else 2 if steps == 3 else 3 if steps <= 5 else 4


def _of_tree(tree: Tree, blocks: Ints, is_prose: Sequence[bool]) -> Columns:
    """Where the blocks stand in the tree, and in what."""
    start, end, at, linked, depth = blocks.T
    of_elements = np.array([_TAG_BIN.get(tag, 17) for _, tag, _ in tree.page.elements], np.int64)
    tag = of_elements[at]
    links = np.where(linked == 0, 0, 1 + np.searchsorted((0.1, 0.3, 0.6, 0.9), linked / (end - start), "right"))
    elements = at.tolist()
    before = [5, *(_distance_bin(tree.steps(a, b)) for a, b in pairwise(elements))]
    container = np.array(tree.container, np.int64)
    ratio = np.array(tree.prose)[container] / (max(tree.prose, default=0.0) or 1.0)
    rich = np.where(ratio == 0, 0, 1 + np.searchsorted((0.05, 0.2, 0.5, 0.9), ratio, "right"))
    ends, richest = np.array(tree.ends, np.int64), tree.richest
    above = tree.parents[richest]
    in_richest = (richest <= at) & (at <= ends[richest])
    around = (container <= richest) & (richest <= ends[container])
    beside = (above <= at) & (at <= ends[above]) & (above >= 0)
    item = np.array(tree.item, np.int64)[at]
    j = np.arange(len(at))
    edge = (np.array(tree.first, np.int64)[item] == j) + 2 * (np.array(tree.last, np.int64)[item] == j)
    n_articles = min(sum(tag == "article" for _, tag, _ in tree.page.elements), 3)
    return {
        "tag": tag,
        "links": links,
        "depth of lists": np.minimum(depth, 3),
        "steps from the block before": np.array(before),
        "steps to the block after": np.array([*before[1:], 5]),
        "prose of its container": rich,
        "richest container": np.select([in_richest, around, beside], [1, 2, 3], 0),
        "one of several alike": np.array(tree.alike, np.int64)[at],
        "begins one of several alike": np.where(item >= 0, edge, 0),
        "heading and prose": np.array(_headings(tree, tag.tolist(), is_prose)),
        "articles of the page": np.full(len(at), n_articles),
        "tag and links": tag * 3 + (links > 2) + (links > 4),
    }


def _headings(tree: Tree, tags: Sequence[int], is_prose: Sequence[bool]) -> list[int]:
    """The bin of `heading and prose` of each block."""
    found = [0] * len(tags)
    container = tree.container
    for j, tag in enumerate(tags):
        if 1 <= tag <= 5:
            near = [k for k in range(j + 1, min(j + 5, len(tags))) if is_prose[k]]
            found[j] = 3 if not near else 1 if any(container[k] == container[j] for k in near) else 2
    return found


def _of_claims(page: Page, words: Sequence[float], shown: Sequence[str]) -> Columns:
    """Which short blocks show what the page claims to be titled, or whom to be written by."""
    titles = [plain for plain in map(plain_of, page.titles) if len(plain) > 3]
    authors = [plain for plain in map(plain_of, page.authors) if len(plain) > 3]
    title, author = [0] * len(shown), [0] * len(shown)
    seen = False
    for j, text in enumerate(shown if titles or authors else ()):
        if words[j] > _CLAIMED_WORDS:
            continue
        plain = plain_of(text)
        if len(plain) > 3:
            if any(plain == claimed or (len(plain) > 12 and claimed.startswith(plain)) for claimed in titles):
                title[j], seen = (3 if seen else 2), True
            elif any(len(claimed) > 12 and claimed in plain for claimed in titles):
                title[j] = 1
        author[j] = 1 + any(claimed in plain for claimed in authors) if authors else 0
    return {"claimed title": np.array(title), "claimed author": np.array(author)}


def _of_names(tree: Tree, at: Ints) -> Columns:
    """What the templates call the elements of the blocks and those around them."""
    own, near, far = (np.array(flags, np.int64)[at] for flags in (tree.own, tree.near, tree.far))
    seen = functools.reduce(int.__or__, tree.own, 0)
    columns = {
        f"named {name}": (own >> i & 1) + 2 * (near >> i & 1) + 4 * (far >> i & 1) for i, name in enumerate(FLAGS)
    }
    for name, bit in (("comments", _COMMENT), ("excerpts", _EXCERPT)):
        elsewhere = 2 if seen & bit else 3 if (seen & _NAMED).bit_count() >= 4 else 4
        columns[name] = np.select([(own | near) & bit != 0, far & bit != 0], [0, 1], elsewhere)
    return columns


def _block_bins(tree: Tree, words: Sequence[float], is_prose: Sequence[bool]) -> npt.NDArray[np.uint16]:
    """The bins of each block, `uint16[features, blocks]`."""
    page = tree.page
    blocks = np.array(page.blocks, np.int64).reshape(-1, 5)
    found = np.zeros((len(FEATURES), len(blocks)), np.uint16)
    if not len(blocks):
        return found
    shown = [page.text[start:end] for start, end, *_ in page.blocks]
    columns = _of_tree(tree, blocks, is_prose) | _of_claims(page, words, shown) | _of_names(tree, blocks[:, 2])
    assert columns.keys() == FEATURES.keys(), "every feature is computed, and no other"
    for row, name in zip(found, FEATURES, strict=True):
        row[:] = columns[name]
    return found


def markup_of(
    pages: Sequence[Page], lines: Lines, prose: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.uint16], Ints, list[Tree], Ints]:
    """The bins of `FEATURES`, `uint16[features, n]`; the border before each line; each page's tree; each line's block.

    The border is 0 within a block, 1 between blocks of one parent, 2 for a few steps through the tree, 3 for more or
    where one of several alike elements begins.
    """
    bins, borders, trees, owners = [], [], [], []
    for k, page in enumerate(pages):
        a, b = int(lines.bounds[k]), int(lines.bounds[k + 1])
        starts = np.array([block[0] for block in page.blocks], np.int64)
        at = lines.first[a:b] - lines.page_starts[k]
        block = np.maximum(np.searchsorted(starts, at, "right") - 1, 0)
        n = len(page.blocks)
        words = np.bincount(block, lines.words[a:b], n).tolist() if n else []
        is_prose = (np.bincount(block, prose[a:b], n) > 0).tolist() if n else []
        linked = [2 * links > end - start for start, end, _, links, _ in page.blocks]
        is_prose = [p and not q for p, q in zip(is_prose, linked, strict=True)]
        tree = Tree(page, words, is_prose)
        bins_of_blocks = _block_bins(tree, words, is_prose)
        found = bins_of_blocks[:, block] if n else np.zeros((len(FEATURES), b - a), np.uint16)
        same = np.zeros(b - a, np.bool_)
        same[1:] = block[1:] == block[:-1]
        found[3][same] = 0
        found[4][np.append(same[1:], False)] = 0
        border = np.select([found[3] == 0, found[3] == 1, found[3] <= 3], [0, 1, 2], 3)
        border[(found[8] & 1 == 1) & ~same] = 3
        bins.append(found)
        borders.append(border)
        trees.append(tree)
        owners.append(block)
    if not bins:
        return np.zeros((len(FEATURES), 0), np.uint16), np.zeros(0, np.int64), [], np.zeros(0, np.int64)
    return np.concatenate(bins, axis=1), np.concatenate(borders), trees, np.concatenate(owners)
