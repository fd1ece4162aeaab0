"""What was published, as tasks read it: the ids of a base's pages, and its records with what was decided of them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from broadsheet.batches import Row, cut, stream_rows, to_rows, write_batches
from broadsheet.contract import KINDS, RECORD_CONFIGS, capture_of
from broadsheet.errors import ReleaseError
from broadsheet.read import KNOWN
from broadsheet.release.opened import UncheckableError, appearance, grouped
from broadsheet.release.select import Selection
from broadsheet.repeats.grow_task import BASE_NAMES, BASE_RECORDS
from broadsheet.text import address

_OF_RECORD: Final = (
    "id", "kind", "role", "title", "text", "source", "captured", "thread", "author", "parent_id", "truncated",
    "position", "story", "split",
)  # fmt: skip
_OF_SEGMENT: Final = (
    "page_id", "start", "role", "article", "parts", "record_id", "canonical_id", "relation", "truncated",
    "position",
)  # fmt: skip


def known_pages(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits the ids of a base's pages, sorted. Memory: the ids.

    Spec: base (its folder), tables (as its manifest names them), out. Result: the file.
    """
    tables = Selection(Path(spec["base"]), spec)
    ids = sorted(id_ for batch in tables.batches(["pages"], ["page_id"]) for id_ in batch.column(0).to_pylist())
    rows = ({"page_id": id_} for id_ in ids)
    return {"known": write_batches(Path(spec["out"]), cut(rows, KNOWN), KNOWN).to_json()}


def published_records(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits a base's records, as `repeats.grow_task.BASE_RECORDS` has them, and where its main articles were found.

    Spec: base (its folder), tables (as its manifest names them), with_names (whether the addresses are wanted), out,
    out_names. Result: the files `base` and `names`, the latter null where it is not wanted. Memory: the records.

    Raises: ReleaseError where the texts of folded records are needed, which are in the pages', and these are not there.
    """
    tables = Selection(Path(spec["base"]), spec)
    canonical = pa.Table.from_batches(map(_canonical, tables.batches(RECORD_CONFIGS, _OF_RECORD)), BASE_RECORDS)
    names_of = ("id", "story", "split", "thread")
    decided = {id_: of for id_, *of in zip(*(canonical.column(name).to_pylist() for name in names_of), strict=True)}
    others = cut(_others(tables, decided), BASE_RECORDS)
    batches = [*canonical.to_batches(), *others]
    names = None
    if spec["with_names"]:
        names = write_batches(Path(spec["out_names"]), cut(_names(tables), BASE_NAMES), BASE_NAMES).to_json()
    return {"base": write_batches(Path(spec["out"]), batches, BASE_RECORDS).to_json(), "names": names}


def _canonical(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Rows of records as `BASE_RECORDS`. Rows: n and n."""
    of = {"canonical_id": "id", "parent": "parent_id"}
    columns = []
    for field in BASE_RECORDS:
        if field.name == "relation":
            columns.append(pa.nulls(batch.num_rows, field.type))
        elif field.name == "captured":
            naive = batch.column("captured").cast(pa.timestamp("us"))
            columns.append(pc.strftime(naive, format="%Y-%m-%dT%H:%M:%SZ", locale="C"))
        else:
            columns.append(batch.column(of.get(field.name, field.name)).cast(field.type))
    return pa.RecordBatch.from_arrays(columns, schema=BASE_RECORDS)


def _others(tables: Selection, decided: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    """The folded records, with texts as their pages have them, and behind them those that are held."""
    segments = []
    held: dict[str, str] = {}
    for batch in tables.batches(["segments"], _OF_SEGMENT):
        ids, targets = batch.column("record_id"), batch.column("canonical_id")
        segments += to_rows(batch.filter(pc.not_equal(ids, targets)))
        is_held = pc.and_(pc.is_null(targets), pc.is_valid(ids))
        held |= {
            row["record_id"]: row["role"] for row in batch.filter(is_held).select(["record_id", "role"]).to_pylist()
        }
    first: dict[str, list[Row]] = {}
    for id_, members in grouped(segments):
        first.setdefault(id_, members)
    yield from _folded(tables, first, decided)
    yield from (
        {"id": id_, "kind": KINDS[role], "role": role, "truncated": False} for id_, role in sorted(held.items())
    )


def _folded(
    tables: Selection, first: Mapping[str, Sequence[Row]], decided: Mapping[str, Sequence[str]]
) -> Iterator[Row]:
    """A row for each folded record, from the first place where it stands: comments fold within their thread only."""
    on_page: dict[str, list[str]] = {}
    for id_, members in first.items():
        on_page.setdefault(members[0]["page_id"], []).append(id_)
    names = ["page_id", "text", "given", "claims", "captures"]
    for page in tables.rows(["pages"], {"page_id": on_page}, names):
        for id_ in on_page[page["page_id"]]:
            members = list(first[id_])
            try:
                found = appearance(id_, members, page)
            except UncheckableError as error:
                raise ReleaseError(
                    f"{tables.release}: is no base: {error}, with which newcomers must be compared; nothing was "
                    "published; build whole, without --base"
                ) from None
            target = members[0]["canonical_id"]
            story, split, thread = decided[target]
            yield {
                "id": id_,
                "kind": KINDS[members[0]["role"]],
                "role": members[0]["role"],
                "title": found["title"],
                "text": found["text"],
                "source": capture_of(page)["source"],
                "truncated": members[-1]["truncated"],
                "canonical_id": target,
                "relation": members[0]["relation"],
                "thread": thread if members[0]["role"] == "comment" else None,
                "position": members[0]["position"],
                "story": story,
                "split": split,
            }


def _names(tables: Selection) -> Iterator[Row]:
    """The addresses under which main articles were found, in order."""
    found: set[tuple[str, str]] = set()
    at: dict[str, list[str]] = {}
    for row in stream_rows(tables.batches(["pages"], ["page_id", "captures", "claims"])):
        url = capture_of(row)["url"]
        if url:
            at.setdefault(row["page_id"], []).append(address(url))
    for batch in tables.batches(["segments"], ["page_id", "role", "canonical_id"]):
        for row in batch.to_pylist():
            if row["role"] == "main" and row["canonical_id"] is not None:
                found.update((name, row["canonical_id"]) for name in at.get(row["page_id"], ()))
    for row in stream_rows(tables.batches(RECORD_CONFIGS, ["id", "role", "url", "given_id"])):
        if row["role"] == "main":
            named = (row["given_id"], row["url"] and address(row["url"]))
            found.update((name, row["id"]) for name in named if name)
    yield from ({"address": name, "id": id_} for name, id_ in sorted(found))
