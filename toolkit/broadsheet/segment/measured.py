"""Pages measured many at once: their lines, what these show, and what each state scores for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from broadsheet.segment.consensus import Votes, heard, places_of, votes_of
from broadsheet.segment.decode import Scores, beliefs
from broadsheet.segment.form import form_of, prose_of
from broadsheet.segment.language import Words
from broadsheet.segment.lines import Bools, Hashes, Ints, Lines, lines_of
from broadsheet.segment.markup import markup_of, trees_of
from broadsheet.segment.page import Page
from broadsheet.segment.repetition import Keys, repetition_of
from broadsheet.segment.tree import Trees
from broadsheet.segment.weights import Weights

BATCH_CHARS: Final = 1 << 20
"""Code points that are measured together."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """The lines of some pages as they were weighed before: what is needed to read them without measuring them again."""

    scores: Scores
    """Of each state at each line, `int32[n, states]`."""
    borders: Ints
    """The kind of the border before each line, `int64[n]`."""
    places: Hashes
    """The keys under which lines are voted on (`consensus.places_of`), `uint64[2, n]`."""


class Measured:
    """What is known of the lines of some pages of one kind, before they are read."""

    def __init__(self, pages: Sequence[Page], sites: Hashes, table: Keys | None, known: Weighed | None = None) -> None:
        """`sites`: `uint64[pages]`; without a table each page is taken alone. `known`: these pages as weighed before.

        Raises: ValueError where what is known is of other pages.
        """
        self.pages = pages
        self.kind = "html" if pages and len(pages[0].blocks) else "text"
        self.lines: Lines = lines_of([page.text for page in pages])
        self._sites, self._table, self._known = sites, table, known
        if known and len(known.scores) != len(self.lines):
            raise ValueError(f"{len(known.scores)} lines were weighed of pages that have {len(self.lines)}")
        self.heard: Scores | None = None
        """What other pages say for the states of each line, `int32[n, states]`."""

    @cached_property
    def words(self) -> Words:
        """The words of the pages."""
        return Words(self.lines.codes, self.lines.kinds, self.lines.token_starts, self.lines.token_ends)

    @cached_property
    def prose(self) -> Bools:
        """Which lines read as somebody's sentences."""
        return prose_of(self.lines)

    @cached_property
    def _markup(self) -> tuple[Trees, Ints] | None:
        return trees_of(self.pages, self.lines, self.prose) if self.kind == "html" else None

    @property
    def trees(self) -> Trees | None:
        """The elements around the lines; None for bare text."""
        return self._markup and self._markup[0]

    @property
    def block(self) -> Ints:
        """The block of each line; for bare text there is none."""
        return self._markup[1] if self._markup else np.zeros(0, np.int64)

    @cached_property
    def _features(self) -> tuple[npt.NDArray[np.uint16], Ints]:
        form, borders = form_of(self.lines, self.words)
        bins = [form, repetition_of(self.lines, self._sites, self._table)]
        if self._markup:
            markup, borders = markup_of(*self._markup)
            bins.append(markup)
        return np.concatenate(bins), borders

    @property
    def bins(self) -> npt.NDArray[np.uint16]:
        """What each line shows, `uint16[features, n]`."""
        return self._features[0]

    @property
    def borders(self) -> Ints:
        """The kind of the border before each line."""
        return self._known.borders if self._known else self._features[1]

    @cached_property
    def places(self) -> Hashes:
        """The keys under which lines are voted on (`consensus.places_of`)."""
        if self._known:
            return self._known.places
        assert self._table is not None, "only pages of a crawl are voted on"
        return places_of(self.lines, self.prose, self._sites, self._table)

    def scores(self, model: Weights) -> Scores:
        """What each state scores at each line, `int32[n, states]`: by what the line shows, and by what others say."""
        scores = self._known.scores if self._known else model.scores(self.bins)
        return scores if self.heard is None else scores + self.heard

    def weighed(self, model: Weights) -> tuple[Votes, Weighed]:
        """How these pages, each read by itself, read the lines that repeat; and all of it, to be read again."""
        found = Weighed(model.scores(self.bins), self.borders, self.places)
        return votes_of(found.places, beliefs(found.scores, found.borders, model.moves, self.lines.bounds)), found

    def hear(self, votes: Votes) -> None:
        """Lets the pages of the crawl speak."""
        self.heard = heard(self.places, votes)


def batches(pages: Sequence[Page]) -> list[list[int]]:
    """Indices of pages that are measured together: of one kind, and of some size in all."""
    found: list[list[int]] = []
    for is_html in (False, True):
        held: list[int] = []
        size = 0
        for i, page in enumerate(pages):
            if (len(page.blocks) > 0) != is_html:
                continue
            if held and size + len(page.text) > BATCH_CHARS:
                found.append(held)
                held, size = [], 0
            held.append(i)
            size += len(page.text)
        if held:
            found.append(held)
    return found
