"""What segmentation reads of a page: its text, and for HTML the markup around it, in columns."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from broadsheet.columns import numbers_of
from broadsheet.segment.lines import Ints

Sort = tuple[str, str]
"""What an element is by itself: its tag, and the words of its class and id."""


@dataclass(frozen=True, slots=True)
class Elements:
    """The block-level elements of a page that hold visible text, in the order in which they begin."""

    parents: Ints
    """The element around each, -1 for the outermost."""
    sorts: Ints
    """What each is by itself, an index of `known`."""
    known: Sequence[Sort]
    """Shared by pages that were read together, since most elements of a site are of the same few sorts."""

    @classmethod
    def of(cls, rows: Sequence[tuple[int | None, str, str]]) -> Elements:
        """From rows as `read.html.Rendered` has them."""
        known: dict[Sort, int] = {}
        sorts = [known.setdefault((tag, names), len(known)) for _, tag, names in rows]
        parents = [-1 if parent is None else parent for parent, _, _ in rows]
        return cls(np.array(parents, np.int64), np.array(sorts, np.int64), list(known))

    def __len__(self) -> int:
        """Number of elements."""
        return len(self.parents)

    def sort(self, at: int) -> Sort:
        """What one of them is by itself."""
        return self.known[int(self.sorts[at])]


_NO_ELEMENTS = Elements.of([])
_NO_BLOCKS = np.zeros((0, 5), np.int64)


class Page:
    """What segmentation reads of a page; elements and blocks may be rows as `read.html.Rendered` has them."""

    __slots__ = ("authors", "blocks", "elements", "text", "titles")

    def __init__(
        self,
        text: str,
        elements: Elements | Sequence[tuple[int | None, str, str]] = _NO_ELEMENTS,
        blocks: Ints | Sequence[tuple[int, int, int, int, int]] = _NO_BLOCKS,
        titles: Sequence[str] = (),
        authors: Sequence[str] = (),
    ) -> None:
        """`titles`, `authors`: what the page claims to be titled, and whom to be written by."""
        self.text = text
        self.elements = elements if isinstance(elements, Elements) else Elements.of(elements)
        self.blocks: Ints = np.asarray(blocks, np.int64).reshape(-1, 5)
        """`int64[n, 5]`: start, end, index of the element, code points in links, lists around it."""
        self.titles, self.authors = titles, authors


def elements_of(column: pa.Array) -> Iterator[Elements]:
    """The elements of each page, from the column of page rows. Rows: n and n."""
    parents, *texts = column.flatten().flatten()
    inside = numbers_of(parents, -1)
    (tags, known_tags), (names, known_names) = map(_numbered, texts)
    pairs, sorts = np.unique(tags * len(known_names) + names, return_inverse=True)
    known = [(known_tags[i], known_names[j]) for i, j in zip(*np.divmod(pairs, max(len(known_names), 1)), strict=True)]
    for own in _runs(column):
        yield Elements(inside[own], sorts[own], known)


def blocks_of(column: pa.Array) -> Iterator[Ints]:
    """The blocks of each page, `int64[n, 5]`, from the column of page rows. Rows: n and n."""
    blocks = np.stack([numbers_of(values) for values in column.flatten().flatten()], axis=1)
    for own in _runs(column):
        yield blocks[own]


def _numbered(texts: pa.Array) -> tuple[Ints, list[str]]:
    """The number of each text among those that differ, and these."""
    found = texts.dictionary_encode()
    return numbers_of(found.indices), found.dictionary.to_pylist()


def _runs(lists: pa.Array) -> Iterator[slice]:
    """Where the values of each list are among those of all."""
    ends = np.cumsum([0, *(n or 0 for n in pc.list_value_length(lists).to_pylist())]).tolist()
    return itertools.starmap(slice, itertools.pairwise(ends))
