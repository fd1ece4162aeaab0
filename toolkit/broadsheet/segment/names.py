"""Pages and their segments without the names of those who comment, where privacy asks for that."""

import pyarrow as pa
import pyarrow.compute as pc

from broadsheet.batches import Row, from_rows, to_rows
from broadsheet.columns import column
from broadsheet.contract import capture_of
from broadsheet.privacy import Masker, hide_authors


def without_names(
    pages: pa.RecordBatch, segments: pa.RecordBatch, masker: Masker
) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Both with the names hidden that `privacy.hide_authors` hides. Rows: n and n; texts keep their lengths."""
    signed = pc.is_valid(pc.filter(segments.column("author"), _equal(segments.column("role"), "comment")))
    if not pc.any(signed, min_count=0).as_py():
        return pages, segments
    rows = to_rows(segments)
    by_page: dict[str, list[Row]] = {}
    for row in rows:
        by_page.setdefault(row["page_id"], []).append(row)
    texts: list[str] = pages.column("text").to_pylist()
    places = to_rows(pages.select(["page_id", "given", "claims", "captures"]))
    for i, page in enumerate(places):
        if page["given"] is None:  # names in records were hidden when these were read
            of = by_page.get(page["page_id"], [])
            texts[i] = hide_authors(masker, page["page_id"], texts[i], capture_of(page)["source"], of)
    at = pages.schema.get_field_index("text")
    shown = pages.set_column(at, pages.schema.field(at), column(texts, pa.string()))
    return shown, from_rows(rows, segments.schema)


def _equal(values: pa.Array, text: str) -> pa.Array:
    """Where the values are the text; a comparison with a Python value would import pandas."""
    return pc.equal(values, column([text] * len(values), pa.string()))
