"""From what readers yield to the rows of pages: decoding, rendering, and the ids."""

import base64
import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from broadsheet.columns import column, repeated
from broadsheet.contract import arrow_schema, page_id, schema
from broadsheet.privacy import Masker
from broadsheet.read.binary import binary_kind
from broadsheet.read.decode import decode, text_in
from broadsheet.read.found import Content, Given, LimitError, Limits, Rejected, Skipped
from broadsheet.read.html import PARSER, render
from broadsheet.read.records import body_of, place_of
from broadsheet.text import source_of

PAGE: Final = arrow_schema(schema("page"))
FOUND: Final = pa.schema(
    [
        *(field for field in PAGE if field.name != "captures"),
        pa.field("capture", PAGE.field("captures").type.value_type, nullable=False),
    ]
)
"""A page as one slice found it: the columns of a page with one capture instead of all."""


@dataclass(frozen=True, slots=True)
class Place:
    """The file that a page is from, and what metadata say of it."""

    name: str
    metadata: Mapping[str, str | None]
    masker: Masker | None = None


def page_of(found: Content, place: Place, limits: Limits, *, keep_bytes: bool) -> tuple[Any, ...] | Rejected | Skipped:
    """The row (`FOUND`, in the order of its columns) of a raw content; or why it is no page.

    The content of an archive's record that is no text is skipped, whatever its headers say.
    """
    # A file's own beginning was looked at when its format was told.
    kind = binary_kind(found.raw[: 1 << 16]) if found.offset is not None else None
    if kind:
        return Skipped(f"type text, but is {kind}", found.n_bytes)
    decoded = decode(found.raw, html=found.format == "html", declared=found.charset)
    text, evidence = decoded.text, _NO_EVIDENCE
    if found.format == "html":
        try:
            rendered = render(decoded.text, limits)
        except LimitError as error:
            return Rejected(error.code, str(error), found.raw, found.n_bytes, offset=found.offset)
        text, evidence = rendered.text, (rendered.elements, rendered.blocks, rendered.claims)
    url = found.url or place.metadata.get("url")
    source = (source_of(url) if url else None) or place.metadata.get("source")
    masker = place.masker
    if masker:
        host, url = source, masker.address(url) if url else None
        text, source = masker.text(text, host), masker.text(source) if source else None
        evidence = (*evidence[:2], masker.claims(evidence[2], host))
    capture = (
        place.name,
        None,
        found.offset,
        url,
        source,
        found.captured or place.metadata.get("captured"),
    )
    return (
        masker.page_id(found.raw) if masker else page_id(found.raw),
        found.format,
        decoded.encoding,
        decoded.decided_by,
        len(found.raw),
        decoded.n_replaced,
        text,
        None,
        base64.b64encode(found.raw).decode() if keep_bytes else None,
        *evidence,
        capture,
    )


_NO_EVIDENCE: Final[tuple[Any, ...]] = ([], [], [])


def text_of(raw: bytes, format_: str, encoding: str, limits: Limits) -> tuple[str, list[dict[str, str]]]:
    """The text and the claims of a page's bytes, by the encoding that was decided; what `verify` reads again."""
    text = text_in(raw, encoding)
    if format_ != "html":
        return text, []
    rendered = render(text, limits)
    return rendered.text, [dict(zip(("name", "value", "where"), claim, strict=True)) for claim in rendered.claims]


def html_parser() -> str:
    """The library that parses HTML, with its version."""
    return f"{PARSER} {importlib.metadata.version(PARSER)}"


def batch_of_records(records: Sequence[tuple[str, str, Given]]) -> pa.RecordBatch:
    """A batch of `FOUND` from records of the user's own, each with its page id and the name of its file.

    Column by column and not row by row: files of records are the largest that there are.
    """
    n = len(records)
    found = [record for _, _, record in records]
    names = [name for _, name, _ in records]
    capture = FOUND.field("capture").type
    fields = {field.name: field.type for field in capture.fields}
    said = zip(*(place_of(record.value) for record in found), strict=True)
    names_said = zip(("url", "source", "captured"), said, strict=True)
    place = {name: column(values, fields[name]) for name, values in names_said}
    place |= {"line": column([record.line for record in found], fields["line"])}
    place |= {"offset": repeated(None, n, fields["offset"])}
    is_one = names.count(names[0]) == n
    place |= {"path": repeated(names[0], n, fields["path"]) if is_one else column(names, fields["path"])}
    made = {
        "page_id": column([id_ for id_, _, _ in records], pa.string()),
        "n_bytes": column([len(record.record) for record in found], pa.int64()),
        "text": column([body_of(record.value) for record in found], pa.string()),
        "given": column([record.record for record in found], pa.string()),
        "capture": pa.StructArray.from_arrays([place[field.name] for field in capture.fields], fields=capture.fields),
    }
    same = {"format": "record", "encoding": "utf-8", "decided_by": "given", "n_replaced": 0}
    for field in FOUND:
        if field.name not in made:
            empty: Any = [] if pa.types.is_list(field.type) else same.get(field.name)
            made[field.name] = repeated(empty, n, field.type)
    return pa.RecordBatch.from_arrays([made[name] for name in FOUND.names], schema=FOUND)
