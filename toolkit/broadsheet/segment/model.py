"""What segmentation says about a page: segments that tile it, and parts that tile each segment."""

from __future__ import annotations

from typing import NamedTuple

SEGMENTER = "2"
"""Version of the features and weights; a release's manifest names it."""


class Part(NamedTuple):
    """A run of one segment, in code points into the page's text.

    `part` is `title`, `dek`, `byline`, `body`, `meta` or `space`; only `body` parts become a record's text.
    """

    part: str
    start: int
    end: int


class Date(NamedTuple):
    """A date that a page shows: as written, with its place in the page's text."""

    value: str
    start: int
    end: int


class Segment(NamedTuple):
    """A run of the page with one role: `main`, `sidebar`, `teaser`, `comment` or `boilerplate`.

    `article` numbers the articles of the page from 0 in order of appearance and is equal for the parts
    of one interrupted article. `depth`, `position` and `reply_to` belong to comments: nesting from 0,
    index among the page's comments, and the parent's index. `language` is ISO 639-1 or `und`, `script`
    ISO 15924. `confidence` says how clearly the role won (see `decode.Reading`), not how often such a
    role is right. `attribution` is the line that names an article's source, as it stands; `dates` are
    those of the lines around the text, not of the text itself.
    """

    start: int
    end: int
    role: str
    article: int | None
    parts: tuple[Part, ...]
    title: str | None = None
    dek: str | None = None
    byline: str | None = None
    author: str | None = None
    depth: int | None = None
    position: int | None = None
    reply_to: int | None = None
    language: str = "und"
    script: str | None = None
    attribution: str | None = None
    dates: tuple[Date, ...] = ()
    truncated: bool = False
    confidence: float = 0.5
