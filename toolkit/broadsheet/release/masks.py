"""What of a release goes with the records that are withdrawn, found before anything is written."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from broadsheet.batches import Row, to_rows
from broadsheet.contract import RECORD_CONFIGS
from broadsheet.export import read_quarantine
from broadsheet.release.opened import grouped
from broadsheet.release.residue import Residue
from broadsheet.release.select import Selection
from broadsheet.text import join_body

MASK: Final = "▇"
"""Stands for every character that is no white space, so that all offsets stay; no mask of privacy is it."""
WITHDRAWN: Final = "withdrawn"
"""Outcome of a segment whose text is masked."""
_SEGMENT: Final = ("page_id", "start", "end", "role", "article", "parts", "outcome", "record_id", "canonical_id")
_CLAIMS_KEPT: Final = frozenset({"url", "language", "site"})


@dataclass
class Plan:
    """What is withdrawn, and where it stands."""

    canonical: set[str]
    """The records of the release that go."""
    ids: set[str] = field(default_factory=set)
    """These, and all that they stand for."""
    segments: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Starts of the segments to mask, by page."""
    mains: set[str] = field(default_factory=set)
    """Pages whose main article goes, and with it what they claim of it."""
    texts: list[str] = field(default_factory=list)
    """Every text that goes, as each page has it."""
    n_appearances: int = 0
    """Appearances of valid records among them."""
    rejected: set[tuple[str, int]] = field(default_factory=set)
    """Rejected records that go, too, since they hold a run: page and start."""
    claiming: set[str] = field(default_factory=set)
    """Pages that stay and claim something with a run of them."""
    quoting: set[str] = field(default_factory=set)
    """Kept records of which a repeat holds a run."""
    quotations: dict[str, Row] = field(default_factory=dict)
    """Kept records that hold a run, by id: `id`, `config`, `title`, `runs`."""


def plan(tables: Selection, canonical: Collection[str]) -> tuple[Plan, Residue]:
    """What goes with some records of a release, and the runs of words that must be nowhere else.

    Memory: the segments and pages on which they stand; of all others a batch.

    Raises: ReleaseError where a file of the release is damaged.
    """
    found = Plan(set(canonical), set(canonical))
    members = [*tables.rows(["segments"], {"canonical_id": found.canonical}, _SEGMENT)]
    for row in members:
        found.ids.add(row["record_id"])
        found.segments[row["page_id"]].add(row["start"])
        if row["role"] == "main":
            found.mains.add(row["page_id"])
    rows = tables.rows(["pages"], {"page_id": found.segments}, ["page_id", "text"])
    texts = {row["page_id"]: row["text"] for row in rows}
    found.texts = [row["text"] for row in tables.rows(RECORD_CONFIGS, {"id": found.canonical}, ["text"])]
    for _, group in grouped(members):
        found.n_appearances += 1
        if texts[group[0]["page_id"]] is None:
            continue  # a build without page texts
        spans = [(p["start"], p["end"]) for row in group for p in row["parts"] if p["part"] == "body"]
        found.texts.append(join_body(texts[group[0]["page_id"]], spans))
    residue = Residue(found.texts)
    _look_at_quarantine(tables, found, residue)
    _look_at_pages(tables, found, residue)
    _look_at_records(tables, found, residue)
    return found, residue


def _look_at_quarantine(tables: Selection, found: Plan, residue: Residue) -> None:
    """Rejected records with a run go, and with them their segments."""
    for row in read_quarantine(tables.release):
        if row["page_id"] is not None and residue.count_in(quoted(row)):
            found.rejected.add((row["page_id"], row["start"]))
    pages = {page_id for page_id, _ in found.rejected}
    for page_id, segments in _by_page(tables, pages).items():
        firsts: dict[Any, int] = {}
        for row in segments:
            key = row["article"] if row["article"] is not None else ("start", row["start"])
            first = firsts.setdefault(key, row["start"])
            if row["outcome"] == "quarantine" and (page_id, first) in found.rejected:
                found.segments[page_id].add(row["start"])


def quoted(row: Row) -> str:
    """All text of a row of the quarantine."""
    raw = row["raw"] or ""
    try:
        value: Any = json.loads(raw)
    except ValueError:
        return raw
    return "\n".join(str(inner) for inner in value.values()) if isinstance(value, dict) else raw


def _by_page(tables: Selection, pages: Collection[str]) -> dict[str, list[Row]]:
    by_page: defaultdict[str, list[Row]] = defaultdict(list)
    for row in tables.rows(["segments"], {"page_id": pages}, _SEGMENT):
        by_page[row["page_id"]].append(row)
    return by_page


def _look_at_pages(tables: Selection, found: Plan, residue: Residue) -> None:
    """Masks what is no kept record and holds a run, also where it goes on in the segment behind."""
    suspects: dict[str, str] = {}
    for batch in tables.batches(["pages"], ["page_id", "text", "claims"]):
        columns = (batch.column(name).to_pylist() for name in ("page_id", "text", "claims"))
        for id_, text, claims in zip(*columns, strict=True):
            if residue.may_be_in(text or ""):
                suspects[id_] = text
            if any(residue.count_in(claim["value"]) for claim in claims):
                found.claiming.add(id_)
    for page_id, segments in _by_page(tables, suspects).items():
        _look_at_segments(suspects[page_id], segments, found, residue)
    for page_id in [page_id for page_id, starts in found.segments.items() if not starts]:
        del found.segments[page_id]


def _look_at_segments(text: str, segments: Sequence[Row], found: Plan, residue: Residue) -> None:
    """The same of the segments of one page."""

    def runs(first: Row, last: Row) -> int:
        return residue.runs.count_in(text[first["start"] : last["end"]])

    starts = found.segments[segments[0]["page_id"]]
    for row in segments:
        if row["start"] not in starts and runs(row, row):
            if row["record_id"] is None:
                starts.add(row["start"])
            else:
                found.quoting.add(row["canonical_id"])
    for one, two in pairwise(segments):
        is_across = not starts & {one["start"], two["start"]} and runs(one, two)
        if is_across and not any(runs(row, row) for row in (one, two)):
            starts.update(row["start"] for row in (one, two) if row["record_id"] is None)


def _look_at_records(tables: Selection, found: Plan, residue: Residue) -> None:
    """Lists the kept records that hold a run."""
    for config in RECORD_CONFIGS:
        names = ["id", "title", "dek", "text"]
        for batch in tables.batches([config], names):
            for id_, title, dek, text in zip(*(batch.column(name).to_pylist() for name in names), strict=True):
                n_runs = 0 if id_ in found.canonical else sum(residue.count_in(t) for t in (title, dek, text) if t)
                if n_runs or id_ in found.quoting:
                    found.quotations[id_] = {"id": id_, "config": config, "title": title, "runs": n_runs}


def left_in(tables: Selection, residue: Residue, quoting: Collection[str]) -> str | None:
    """The first page, record or rejected record of a release that holds a run, though it is none of those listed."""
    suspects: dict[str, str] = {}
    for batch in tables.batches(["pages"], ["page_id", "text", "claims"]):
        for row in to_rows(batch):
            if any(residue.count_in(claim["value"]) for claim in row["claims"]):
                return f"page {row['page_id']}"
            if residue.count_in(row["text"]):
                suspects[row["page_id"]] = row["text"]
    for page_id, segments in _by_page(tables, suspects).items():
        spans = [(row["start"], row["end"]) for row in segments if row["canonical_id"] in quoting]
        if residue.count_in(masked(suspects[page_id], spans)):
            return f"page {page_id}"
    for batch in tables.batches(RECORD_CONFIGS, ["id", "title", "dek", "text"]):
        for row in to_rows(batch):
            if row["id"] not in quoting and any(residue.count_in(row[n]) for n in ("title", "dek", "text") if row[n]):
                return f"record {row['id']}"
    left = (row["path"] for row in read_quarantine(tables.release) if residue.count_in(quoted(row)))
    return next((f"quarantine: {path}" for path in left), None)


def masked(text: str, spans: Collection[tuple[int, int]]) -> str:
    """The text with every character of the spans masked that is no white space; as long as it was."""
    parts, at = [], 0
    for start, end in sorted(spans):
        parts += [text[at:start], "".join(char if char.isspace() else MASK for char in text[start:end])]
        at = end
    return "".join([*parts, text[at:]])


def masked_page(page: Row, spans: Collection[tuple[int, int]], is_main: bool) -> Row:
    """A row of a page with its spans masked; bytes, the whole record, and what it claims of a main article go."""
    claims = page["claims"] if not is_main else [one for one in page["claims"] if one["name"] in _CLAIMS_KEPT]
    text = page["text"] if page["text"] is None else masked(page["text"], spans)
    return {**page, "text": text, "given": None, "raw_base64": None, "claims": claims}


def as_published(page: Row, segments: Collection[Row]) -> Row:
    """A page as a release has it that knows of its segments which were withdrawn."""
    gone = [row for row in segments if row["outcome"] == WITHDRAWN]
    if not gone:
        return page
    spans = [(row["start"], row["end"]) for row in gone]
    return masked_page(page, spans, any(row["role"] == "main" for row in gone))


def unmasked(page: Row, segments: Collection[Row]) -> Iterator[str]:
    """What is to be seen of the withdrawn segments of a page."""
    at, text = page["page_id"][:12], page["text"] or ""
    if page["raw_base64"] is not None or page["given"] is not None:
        yield f"page {at}: holds the bytes of what was withdrawn"
    for row in segments:
        if row["outcome"] == WITHDRAWN and any(c != MASK and not c.isspace() for c in text[row["start"] : row["end"]]):
            yield f"segment {at}:{row['start']}: was withdrawn, and is not masked"


def n_withdrawn_in(segments: Mapping[str, Collection[Row]]) -> int:
    """Withdrawn records, each as often as it appeared, by the segments of all pages; masked boilerplate was none."""
    found = set()
    for page_id, rows in segments.items():
        for row in rows:
            if row["outcome"] == WITHDRAWN and row["role"] != "boilerplate":
                found.add((page_id, "start", row["start"]) if row["article"] is None else (page_id, row["article"]))
    return len(found)


def spans_of(segments: Mapping[str, set[int]], rows: Collection[Row]) -> dict[str, list[tuple[int, int]]]:
    """Where the segments lie, by page."""
    spans: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        if row["start"] in segments.get(row["page_id"], ()):
            spans[row["page_id"]].append((row["start"], row["end"]))
    return spans
