"""What the markup around a line shows, as bins for the model: tags, words of classes and ids, links, and the tree."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from broadsheet.segment.lines import Bools, Ints, Lines
from broadsheet.segment.page import Page
from broadsheet.segment.tree import Trees
from broadsheet.segment.vocabulary import BIT, FLAGS, VOCABULARY

_COMMENT: Final = BIT["comment"]
_EXCERPT: Final = BIT["excerpt"]
_NAMED: Final = functools.reduce(int.__or__, (BIT[name] for name in VOCABULARY))
_NO_LETTERS: Final = re.compile(r"[\W_]+")
_SMALL: Final = bytes(range(256)).lower()
_NO_ASCII_LETTERS: Final = bytes(code for code in range(128) if not chr(code).isalnum())
_OWN_TAGS: Final = (
    "p", "h1", "h2", "h3", "h4", "h5", "li", "td", "blockquote", "pre", "div", "section", "article", "figcaption", "dt",
    "header", "footer", "other",
)  # fmt: skip
_TAG_BIN: Final = {
    **{tag: i for i, tag in enumerate(_OWN_TAGS)}, "h6": 5, "th": 7, "dd": 6, "address": 15, "main": 11, "aside": 11,
    "tr": 7, "ul": 6, "ol": 6, "nav": 15, "body": 10, "center": 10,
}  # fmt: skip
_CLAIMED_WORDS: Final = 30
"""Longer blocks are not compared with what the page claims."""
_PART: Final = 12
"""Letters and digits beyond which a part of a title can be taken for it."""
_FAR: Final = 6
"""Steps through the tree that are counted."""
_NEAR: Final = 4
"""Blocks behind a heading where prose is looked for."""
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


@functools.lru_cache(maxsize=1 << 14)
def plain_of(text: str) -> str:
    """The letters and digits of a text without case, by which titles and names are compared."""
    if text.isascii():  # as most is, and is told so in a fifth of the time
        return text.encode().translate(_SMALL, _NO_ASCII_LETTERS).decode()
    return _NO_LETTERS.sub("", text.casefold())


def _steps(trees: Trees) -> Ints:
    """The bin of the way from each block to the next one: elements to leave and to enter."""
    a, b = trees.at[:-1].copy(), trees.at[1:].copy()
    steps = np.zeros(len(a), np.int64)
    going = np.flatnonzero((a != b) & (trees.page_of_block[:-1] == trees.page_of_block[1:]))
    for _ in range(_FAR):
        left, entered = a[going], b[going]
        leaves = trees.depths[left] >= trees.depths[entered]
        a[going] = np.where(leaves, trees.parents[left], left)
        b[going] = np.where(leaves, entered, trees.parents[entered])
        steps[going] += 1
        going = going[(a[going] != b[going]) & (a[going] >= 0) & (b[going] >= 0)]
    return np.searchsorted((2, 3, 5), steps) + 1


def _of_tree(trees: Trees) -> Columns:
    """Where the blocks stand in the tree, and in what."""
    at, container, page = trees.at, trees.container, trees.page_of_block
    tag = trees.sorts.values(_TAG_BIN, 17)[at]
    share = trees.linked / trees.sizes
    links = np.where(trees.linked == 0, 0, 1 + np.searchsorted((0.1, 0.3, 0.6, 0.9), share, "right"))
    before, behind = np.full((2, len(at)), 5)
    before[1:] = behind[:-1] = _steps(trees)
    before[trees.block_bounds[:-1]] = behind[trees.block_bounds[1:] - 1] = 5
    ratio = trees.prose[container] / np.where(trees.most == 0, 1.0, trees.most)[page]
    rich = np.where(ratio == 0, 0, 1 + np.searchsorted((0.05, 0.2, 0.5, 0.9), ratio, "right"))
    richest = trees.richest[page]
    above = trees.above(richest)
    in_richest = (richest <= at) & (at <= trees.ends[richest])
    around = (container <= richest) & (richest <= trees.ends[container])
    beside = (above <= at) & (at <= trees.ends[above]) & (above >= 0)
    item, rows = trees.item[at], np.arange(len(at))
    edge = (trees.first[item] == rows) + 2 * (trees.last[item] == rows)
    n_articles = np.diff(np.append(0, np.cumsum(trees.sorts.having({"article"})))[trees.bounds])
    return {
        "tag": tag,
        "links": links,
        "depth of lists": np.minimum(trees.lists, 3),
        "steps from the block before": before,
        "steps to the block after": behind,
        "prose of its container": rich,
        "richest container": np.select([in_richest, around, beside], [1, 2, 3], 0),
        "one of several alike": trees.alike[at],
        "begins one of several alike": np.where(item >= 0, edge, 0),
        "heading and prose": _headings(trees, tag),
        "articles of the page": np.minimum(n_articles, 3)[page],
        "tag and links": tag * 3 + (links > 2) + (links > 4),
    }


def _headings(trees: Trees, tag: Ints) -> Ints:
    """The bin of `heading and prose` of each block."""
    heads = np.flatnonzero((tag >= 1) & (tag <= 5))
    behind = trees.block_bounds[1:][trees.page_of_block[heads]]
    is_near, is_beside = np.zeros((2, len(heads)), np.bool_)
    for step in range(1, _NEAR + 1):
        there = np.minimum(heads + step, len(tag) - 1)
        is_prose = (heads + step < behind) & trees.is_prose[there]
        is_near |= is_prose
        is_beside |= is_prose & (trees.container[there] == trees.container[heads])
    found = np.zeros(len(tag), np.int64)
    found[heads] = np.where(is_beside, 1, np.where(is_near, 2, 3))
    return found


def _of_claims(trees: Trees) -> Columns:
    """Which short blocks show what their page claims to be titled, or whom to be written by."""
    title, author = np.zeros((2, len(trees.at)), np.int64)
    short = np.flatnonzero(trees.block_words <= _CLAIMED_WORDS)
    cuts = np.searchsorted(short, trees.block_bounds)
    for k, page in enumerate(trees.pages):
        titles, authors = (
            [plain for plain in map(plain_of, of) if len(plain) > 3] for of in (page.titles, page.authors)
        )
        if titles or authors:
            own = short[cuts[k] : cuts[k + 1]]
            places = page.blocks[own - trees.block_bounds[k], :2].tolist()
            shown = [plain_of(page.text[start:end]) for start, end in places]
            title[own] = _title_bins(titles, shown)
            author[own] = [1 + any(claimed in plain for claimed in authors) if authors else 0 for plain in shown]
    return {"claimed title": title, "claimed author": author}


def _title_bins(titles: Sequence[str], shown: Sequence[str]) -> list[int]:
    """The bin of `claimed title` of each of a page's texts, all of them as `plain_of` has them."""
    whole, long = set(titles), [title for title in titles if len(title) > _PART]
    found = []
    seen = False
    for plain in shown:
        is_long = len(plain) > _PART
        title = 0
        if plain in whole or (is_long and any(claimed.startswith(plain) for claimed in titles)):
            title, seen = (3 if seen else 2), True
        elif is_long and any(claimed in plain for claimed in long):
            title = 1
        found.append(title)
    return found


def _of_names(trees: Trees) -> Columns:
    """What the templates call the elements of the blocks and those around them."""
    own, near, far = (flags[trees.at] for flags in (trees.own, trees.near, trees.far))
    seen = np.bitwise_or.reduceat(trees.own, trees.bounds[:-1]).tolist()
    columns = {
        f"named {name}": (own >> i & 1) + 2 * (near >> i & 1) + 4 * (far >> i & 1) for i, name in enumerate(FLAGS)
    }
    for name, bit in (("comments", _COMMENT), ("excerpts", _EXCERPT)):
        elsewhere = np.array([2 if of & bit else 3 if (of & _NAMED).bit_count() >= 4 else 4 for of in seen])
        columns[name] = np.select([(own | near) & bit != 0, far & bit != 0], [0, 1], elsewhere[trees.page_of_block])
    return columns


def trees_of(pages: Sequence[Page], lines: Lines, prose: Bools) -> tuple[Trees, Ints]:
    """The elements of some pages that have markup, and the block of each line.

    `prose`: of each line, whether it reads as somebody's sentences; so does a block, unless half of it is links.
    """
    sizes = [len(page.blocks) for page in pages]
    bases = np.cumsum([0, *sizes])
    starts = np.concatenate([page.blocks[:, 0] for page in pages])
    starts += np.repeat(lines.page_starts, sizes)
    block = np.maximum(np.searchsorted(starts, lines.first, "right") - 1, bases[lines.page])
    words = np.bincount(block, lines.words, len(starts)).astype(np.float64)
    is_prose = np.bincount(block, prose, len(starts)) > 0
    return Trees(pages, words, is_prose), block


def markup_of(trees: Trees, block: Ints) -> tuple[npt.NDArray[np.uint16], Ints]:
    """The bins of `FEATURES`, `uint16[features, n]`, and the border before each line; `block`: that of each line.

    The border is 0 within a block, 1 between blocks of one parent, 2 for a few steps through the tree, 3 for more or
    where one of several alike elements begins.
    """
    columns = _of_tree(trees) | _of_claims(trees) | _of_names(trees)
    assert columns.keys() == FEATURES.keys(), "every feature is computed, and no other"
    found = np.empty((len(FEATURES), len(block)), np.uint16)
    rows = dict(zip(FEATURES, found, strict=True))
    for name, row in rows.items():
        row[:] = columns[name].astype(np.uint16)[block]
    same = np.append(False, block[1:] == block[:-1])[: len(block)]
    before, behind = rows["steps from the block before"], rows["steps to the block after"]
    before[same] = 0
    behind[:-1][same[1:]] = 0
    border = np.select([before == 0, before == 1, before <= 3], [0, 1, 2], 3)
    border[(rows["begins one of several alike"] & 1 == 1) & ~same] = 3
    return found, border
