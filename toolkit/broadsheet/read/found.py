"""What readers yield of a file, and what they are given: a reader is a generator over one `Source`.

The `n_bytes` of all items of a file, save `Damaged`, add up to its content: the bytes after decompression. Those of
`Damaged` are bytes as they are stored, which gave no content.
"""

from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading refuses, each by a code of its own; against input that was made to exhaust a machine."""

    page_bytes: int = 64 << 20
    """Largest content of one page (`page-size`)."""
    line_bytes: int = 64 << 20
    """Longest line, row or array element of records (`size`)."""
    expanded_bytes: int = 1 << 40
    """Most bytes that one compressed file may become (`expanded`)."""
    ratio: int = 500
    """Most times that one compressed file may grow, beyond the first 64 MiB (`ratio`)."""
    dom_depth: int = 512
    """Deepest nesting of elements in a page's HTML (`dom-depth`)."""
    dom_tags: int = 500_000
    """Most tags in a page's HTML (`dom-tags`): with the depth it bounds the time of parsing, which no clock does."""


@dataclass(frozen=True, slots=True)
class Source:
    """An open file, or the part of it that one task reads.

    `start` and `end` are stored bytes (row groups of Parquet). What begins in the part belongs to it, also where it
    ends behind it.
    """

    file: BinaryIO
    n_bytes: int
    compression: str = "none"
    """`none`, `gzip` or `zstd`."""
    start: int = 0
    end: int = -1
    """-1 is the end of the file."""
    limits: Limits = field(default_factory=Limits)


class LimitError(ValueError):
    """A content that a limit refuses; `code` is the limit's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Content(NamedTuple):
    """A raw content that becomes a page, with what its container says of it."""

    raw: bytes
    format: str
    """`html` or `txt`."""
    n_bytes: int
    """Bytes of content that it took, headers included."""
    offset: int | None = None
    """Stored byte at which its record begins in an archive; None where the file is the page."""
    url: str | None = None
    captured: str | None = None
    """RFC 3339 in UTC."""
    charset: str | None = None
    """The charset that the HTTP headers declare."""


class Given(NamedTuple):
    """A record of the user's own."""

    value: dict[str, Any]
    """The record under our names, without null properties."""
    record: bytes
    """Its canonical JSON in UTF-8 (`contract.canonical_json`)."""
    line: int
    """Line or row, from 1; of a part of a JSONL file, counted within the part."""
    n_bytes: int


class Rejected(NamedTuple):
    """A record that cannot be read: data for the quarantine."""

    code: str
    message: str
    raw: bytes | None
    """The record as it stands; None where it is too large to keep."""
    n_bytes: int
    line: int | None = None
    offset: int | None = None


class Skipped(NamedTuple):
    """Content that is well and no page: a request, a picture, blank lines (which are no record)."""

    reason: str
    n_bytes: int
    is_record: bool = True


class Damaged(NamedTuple):
    """Stored bytes that could not be decompressed, or that nobody may (`reason` names the limit)."""

    offset: int
    n_bytes: int
    reason: str


class Warned(NamedTuple):
    """Something about a content that was read nevertheless, such as a digest that does not match."""

    offset: int
    reason: str


class Lines(NamedTuple):
    """How many lines began in this part; a JSONL reader's last item."""

    n: int


class Overrun(NamedTuple):
    """The part did not end where a record begins: the cut was wrong, and the file must be read in one piece."""

    offset: int


Item = Content | Given | Rejected | Skipped | Damaged | Warned | Lines | Overrun
