"""Segmentation of many pages at once: measured, weighed and decoded together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice, pairwise, repeat
from typing import Any, Final

import numpy as np

from broadsheet.segment.assemble import Plan, assembled, plan_of
from broadsheet.segment.consensus import Crawl, Votes, empty
from broadsheet.segment.consensus import merged as added_up
from broadsheet.segment.decode import Reading, Scores, decode
from broadsheet.segment.lines import Hashes, Ints, lines_of
from broadsheet.segment.measured import Measured, Weighed, batches
from broadsheet.segment.model import Segment
from broadsheet.segment.page import Page
from broadsheet.segment.repetition import Keys, keys_of, merged, site_hash
from broadsheet.segment.sections import join_sections
from broadsheet.segment.settle import Line, settle_markup, settle_text
from broadsheet.segment.states import INDEX, STATES
from broadsheet.segment.tree import Signature
from broadsheet.segment.weights import Weights, weights

GRANT: Final = 1000
"""What a page without any text is granted for the first line of one, in the unit of the weights."""
_LEAD: Final = INDEX["lead"]
_ITEMS: Final = [INDEX[state] for state in ("teaser_title", "speaker", "unsigned")]
"""Readings that begin what comes in numbers: a single one is no list and no thread."""


def count(pages: Sequence[Page], sites: Sequence[str]) -> Keys:
    """The keys of some pages for the count of repetition; `repetition.merged` adds them up with those of others."""
    hashes = site_hashes(sites)
    found = [keys_of(lines_of([pages[i].text for i in chosen]), hashes[chosen]) for chosen in batches(pages)]
    return merged(found or [keys_of(lines_of([]), hashes)])


def site_hashes(sites: Sequence[str]) -> Hashes:
    """The number of each site, `uint64[n]`."""
    return np.fromiter((site_hash(site) for site in sites), np.uint64, len(sites))


def vote(
    pages: Sequence[Page], sites: Sequence[str], table: Keys, *, model: Callable[[str], Weights] = weights
) -> tuple[Votes, list[Weighed]]:
    """How some pages read the lines that repeat; `consensus.merged` adds it up with what others say.

    `table`: the keys of all pages that two pages or more have. With them come the pages as they were weighed, a value
    a batch that is measured together: `segment_pages` need not measure them again.
    """
    hashes = site_hashes(sites)
    measured = (Measured([pages[i] for i in chosen], hashes[chosen], table) for chosen in batches(pages))
    found = [each.weighed(model(each.kind)) for each in measured]
    return added_up([empty(), *(votes for votes, _ in found)]), [weighed for _, weighed in found]


def crawl_of(pages: Sequence[Page], sites: Sequence[str], *, model: Callable[[str], Weights] = weights) -> Crawl:
    """What these pages are known by, if they are all there are."""
    table = merged([count(pages, sites)], least=2)
    return Crawl(table, vote(pages, sites, table, model=model)[0])


def measure(
    pages: Sequence[Page], sites: Sequence[str] | None, crawl: Crawl | None, known: Iterator[Weighed] | None = None
) -> Iterator[tuple[list[int], Measured]]:
    """The pages in batches, measured, each with the indices of its pages; of a crawl with what it says.

    Without `sites` or a crawl each page is taken alone. `known`: the same pages as `vote` weighed them.
    """
    hashes = site_hashes(sites if sites is not None else [""] * len(pages))
    table = crawl.keys if crawl else None
    for chosen in batches(pages):
        measured = Measured([pages[i] for i in chosen], hashes[chosen], table, next(known) if known else None)
        if crawl:
            measured.hear(crawl.votes)
        yield chosen, measured


def segment_pages(
    pages: Sequence[Page], sites: Sequence[str] | None = None, *,
    crawl: Crawl | None = None, model: Callable[[str], Weights] = weights, known: Iterator[Weighed] | None = None,
) -> list[list[Segment]]:  # fmt: skip
    """The segments of each page, in order; they tile its text.

    With `sites`, a name a page, what repeats across the pages of each site is evidence: in the crawl, or else in these
    pages. Without, each page is read alone. `known`: the same pages as `vote` weighed them for this crawl.
    """
    if sites is not None and crawl is None:
        crawl = crawl_of(pages, sites, model=model)
    found: list[list[Segment]] = [[] for _ in pages]
    for chosen, measured in measure(pages, sites, crawl, known):
        _, reading = read_batch(measured, model(measured.kind))
        read = read_lines(measured, reading)
        plans = [plan_of(pages[i].text, lines, pages[i].titles) for i, lines in zip(chosen, read, strict=True)]
        languages = _languages(measured, plans)
        for i, plan in zip(chosen, plans, strict=True):
            found[i] = assembled(plan, list(islice(languages, len(plan.samples()))))
    return found


def _languages(measured: Measured, plans: Sequence[Plan]) -> Iterator[tuple[str, str | None]]:
    """Language and script of all samples of some pages."""
    samples = [
        (origin + start, origin + end)
        for plan, origin in zip(plans, measured.lines.page_starts.tolist(), strict=True)
        for start, end in plan.samples()
    ]
    places = np.array(samples, np.int64).reshape(-1, 2)
    return iter(measured.words.tell(places[:, 0], places[:, 1]))


def read_batch(measured: Measured, model: Weights) -> tuple[Scores, Reading]:
    """The scores of all lines, `int32[n, states]`, and the best reading.

    A page on which no text is found, and at most one teaser or comment, though somebody's sentences stand there, is
    read a second time with a grant for a text: few lines of a short page can speak for one.
    """
    scores = measured.scores(model)
    bounds = measured.lines.bounds
    reading = decode(scores, measured.borders, model.moves, bounds)
    leads, items, prose = (
        np.bincount(measured.lines.page, of, len(measured.pages))
        for of in (reading.states == _LEAD, np.isin(reading.states, _ITEMS), measured.prose)
    )
    again = np.flatnonzero((leads == 0) & (items < 2) & (prose > 0)).tolist()
    scores = scores.copy() if again else scores  # they may be somebody else's
    for k in again:
        a, b = int(bounds[k]), int(bounds[k + 1])
        scores[a:b, _LEAD] += GRANT
        once_more = decode(scores[a:b], measured.borders[a:b], model.moves, np.array([0, b - a]))
        reading.states[a:b], reading.margins[a:b] = once_more
    return scores, reading


def segment_text(text: str) -> list[Segment]:
    """The segments of a page's bare text, in order; they tile it."""
    return segment_pages([Page(text)])[0]


def read_lines(measured: Measured, reading: Reading) -> list[list[Line]]:
    """The lines of each page with their readings."""
    lines, trees = measured.lines, measured.trees
    level: Ints = lines.indent
    containers: Iterable[Signature | None] = repeat(None, len(lines))
    if trees is not None:
        level, containers = trees.levels[measured.block], map(trees.signatures().__getitem__, measured.block.tolist())
    origin = lines.page_starts[lines.page]
    places = (lines.starts - origin, lines.first - origin, lines.last + (1 - origin), lines.marker, level, lines.words)
    rows = zip(
        *(column.tolist() for column in places), map(STATES.__getitem__, reading.states.tolist()),
        reading.margins.tolist(), lines.numbered.tolist(), containers, strict=True,
    )  # fmt: skip
    found = list(map(_line, rows))
    return [_settled(measured, page, found[a:b]) for page, (a, b) in enumerate(pairwise(lines.bounds.tolist()))]


_line: Final[Callable[[tuple[Any, ...]], Line]] = partial(tuple.__new__, Line)
"""A line of its values: half of what it costs to name them, at every line of a crawl."""


def _settled(measured: Measured, page: int, lines: list[Line]) -> list[Line]:
    """The lines of one page, with readings that the page or its tree speaks for."""
    trees = measured.trees
    if trees is None:
        return settle_text(lines)
    blocks = (measured.block[slice(*measured.lines.bounds[page : page + 2])] - trees.block_bounds[page]).tolist()
    tree = trees.tree(page)
    return join_sections(settle_markup(lines, tree, blocks), tree, blocks)
