"""Everything that a release knows of one record: where it stood, what was folded into it, what was kept apart, and why.

Read from the release's own files, and of these only the rows that concern the record.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from dataclasses import fields as dataclass_fields
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from broadsheet.batches import Row
from broadsheet.contract import KINDS, RECORD_CONFIGS, capture_of
from broadsheet.errors import ReleaseError
from broadsheet.release import manifest as seal
from broadsheet.release.lookup import Found, find
from broadsheet.release.opened import UncheckableError, appearance, grouped, same_text
from broadsheet.release.reasons import Content, beginning, n_words, why
from broadsheet.release.select import Selection
from broadsheet.release.ties import Member, Story
from broadsheet.release.worddiff import Diff, compare

LIMIT: Final = 20
"""Folds, kept pairs and members of the story that are told, of each the first; all are counted."""
_ORDER: Final = {"update": 0, "embedded": 1, "exact": 2, "near": 3, "trimmed": 4, "none": 5}
_OF_RECORD: Final = (
    "title", "author", "language", "url", "source", "published", "captured", "thread", "position", "depth", "parent_id",
    "given_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Traced:
    """The record itself."""

    id: str
    canonical_id: str
    """Itself, or the record that it was folded into."""
    kind: str
    role: str
    split: str
    """Of what stands for it, like the story and the version."""
    story: str
    first_version: str
    fields: Mapping[str, Any]
    """Title, author and so on: of a folded record only what its page tells."""
    begins: str | None
    """How its text begins; None where the release holds no page texts, in which it was."""
    n_words: int | None
    """Words of its text."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """A segment that is the record, or one that was folded into it."""

    record_id: str
    start: int
    end: int
    role: str
    article: int | None
    outcome: str
    relation: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Page:
    """A page on which the record appears: where and when it was found, and the segments, in their order."""

    page_id: str
    format: str
    captures: Sequence[Row]
    segments: Sequence[Appearance]


@dataclass(frozen=True, slots=True)
class Compared:
    """A pair of which one side is the record, or was folded into it."""

    own: str
    """The record's side of the pair: itself, or what was folded into it."""
    other: str
    other_canonical: str
    kind: str
    title: str | None
    begins: str | None
    """Kind, title and beginning of the other side; None where there is none, or no page text that would tell it."""
    pair: Row
    """The row of the table `pairs`."""
    why: str
    title_diff: Diff | None
    """From the own title to the other's; None where they are equal or one is missing."""
    text_diff: Diff | None
    """From the own text to the other's."""
    missing: str | None
    """Why there is no comparison of the texts, where there is none."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What a release knows of a record. Each list has its first entries; the numbers count all."""

    name: str
    version: str
    path: str
    asked: str
    found: Found
    record: Traced
    pages: Sequence[Page]
    """Every page, whatever the limit."""
    n_folds: int
    folds: Sequence[Compared]
    """What was folded into the record; of a folded record, the pair by which it was folded."""
    n_kept: int
    kept: Sequence[Compared]
    """Pairs with records that something else stands for: updates first, near misses last."""
    n_members: int
    members: Sequence[Member]
    """Other records of the story."""

    def to_json(self) -> dict[str, Any]:
        """The facts as JSON has them."""
        return asdict(self)


def trace(release: Path, name: str, *, limit: int = LIMIT) -> Trace:
    """What a release knows of the record that `name` means (`lookup.find`), with `limit` entries of each list.

    Memory: what is told, the rows of the record's segments and pairs, and its story without texts.

    Raises: CallError; ReleaseError where the folder is no release or damaged, or not one record is meant.
    """
    manifest = seal.load(release)
    tables = Selection(release, manifest)
    held = _held(manifest)
    found = find(tables, name, held)
    if found.id in held:
        ends = " and ".join(f"{end['id']} ({end['split']})" for end in held[found.id])
        raise ReleaseError(
            f"{release}: record {found.id} is held out of all splits, since it would tie two of them together: {ends}; "
            "trace these, which name it among what was kept apart"
        )
    try:
        return _Tracing(tables, manifest, found.id, limit).result(name, found)
    except _GoneError as gone:
        raise ReleaseError(f"{release}: is damaged: {gone}; `broadsheet verify {release}` says what else") from None


def _held(manifest: Mapping[str, Any]) -> dict[str, Sequence[Row]]:
    """The records that are held, and what each would tie together."""
    return {held["id"]: held["ties"] for held in (manifest["base"] or {}).get("held", ())}


class _GoneError(Exception):
    """The message says which row a release lacks."""


class _Tracing:
    """The rows that concern one record."""

    def __init__(self, tables: Selection, manifest: Mapping[str, Any], id_: str, limit: int) -> None:
        self._tables, self._manifest, self.id, self._limit = tables, manifest, id_, limit
        self._row = self._canonical_row()
        self.canonical_id: str = self._row["id"]
        self._story = Story(tables, self._row["story"], self.canonical_id, limit)
        stars = [row for row in self._story.segments if row["canonical_id"] == self.canonical_id]
        self.star = {row["record_id"] for row in stars}
        is_canonical = id_ == self.canonical_id
        self.own = self.star if is_canonical else {id_}
        self.segments = stars if is_canonical else [row for row in stars if row["record_id"] == id_]
        if not self.segments:
            raise _GoneError(f"record {id_} appears in no segment")

    def _canonical_row(self) -> Row:
        """The row of the record, or of what stands for it."""
        columns = ["id", "story"]
        found = next(self._tables.rows(RECORD_CONFIGS, {"id": [self.id]}, columns), None)
        if found is None:
            places = self._tables.rows(["segments"], {"record_id": [self.id]}, ["record_id", "canonical_id"])
            target = min((row["canonical_id"] for row in places), default=self.id)
            found = next(self._tables.rows(RECORD_CONFIGS, {"id": [target]}, columns), None)
            if found is None:
                raise _GoneError(f"record {target} is not there")
        return found

    def result(self, asked: str, found: Found) -> Trace:
        """All of it."""
        pairs = list(self._tables.rows(["pairs"], {"a": self.own, "b": self.own}))
        folds = sorted((row for row in pairs if row["decision"] == "fold"), key=_by_sides)
        apart = [row for row in pairs if row["decision"] != "fold"]
        apart.sort(key=lambda row: (_ORDER.get(row["relation"], 9), *_by_sides(row)))
        told = [*folds[: self._limit], *apart[: self._limit]]
        contents = self._contents({row[x] for row in told for x in "ab"} | {self.id, self.canonical_id})
        self._check_folds(folds)
        return Trace(
            name=self._manifest["name"],
            version=self._manifest["version"],
            path=str(self._tables.release),
            asked=asked,
            found=found,
            record=self._traced(contents[self.id]),
            pages=self._pages(),
            n_folds=len(folds),
            folds=[self._compared(row, contents) for row in folds[: self._limit]],
            n_kept=len(apart),
            kept=[self._compared(row, contents) for row in apart[: self._limit]],
            n_members=self._story.n_others,
            members=self._story.members(),
        )

    def _check_folds(self, folds: Iterable[Row]) -> None:
        told = {row[x] for row in folds for x in "ab"}
        untold = min(self.own - told - {self.canonical_id}, default=None)
        if untold:
            raise _GoneError(f"record {untold} was folded into {self.canonical_id}, but no pair of them tells why")

    def _traced(self, content: Content) -> Traced:
        row = content.row
        if self.id == self.canonical_id:
            fields = {name: row[name] for name in _OF_RECORD}
        else:
            capture = capture_of(self._page_rows[self.segments[0]["page_id"]])
            fields = {"title": content.title, "language": self.segments[0]["language"]}
            fields |= {name: capture[name] for name in ("url", "source", "captured")}
        return Traced(
            id=self.id,
            canonical_id=self.canonical_id,
            kind=content.kind,
            role=content.role,
            split=row["split"],
            story=row["story"],
            first_version=row["first_version"],
            fields=fields,
            begins=None if content.text is None else beginning(content.text),
            n_words=None if content.text is None else n_words(content.text),
        )

    @cached_property
    def _page_rows(self) -> dict[str, Row]:
        """The pages on which the record appears, without their texts."""
        ids = {row["page_id"] for row in self.segments}
        columns = ["page_id", "format", "claims", "captures"]
        found = {row["page_id"]: row for row in self._tables.rows(["pages"], {"page_id": ids}, columns)}
        _require("page", ids, found)
        return found

    def _pages(self) -> list[Page]:
        segments: dict[str, list[Appearance]] = {}
        for row in self.segments:
            shown = Appearance(**{field.name: row[field.name] for field in dataclass_fields(Appearance)})
            segments.setdefault(row["page_id"], []).append(shown)
        rows = self._page_rows
        return [Page(id_, rows[id_]["format"], rows[id_]["captures"], found) for id_, found in segments.items()]

    def _contents(self, ids: Collection[str]) -> dict[str, Content]:
        """The records with their texts: those of this release from their rows, folded ones from their pages."""
        rows = {row["id"]: row for row in self._tables.rows(RECORD_CONFIGS, {"id": ids})}
        found = {
            id_: Content(id_, row["kind"], row["role"], id_, row["title"], row["text"], row)
            for id_, row in rows.items()
        }
        rest = set(ids) - rows.keys()
        first: dict[str, list[Row]] = {}
        for id_, group in grouped(self._segments_of(rest)):
            first.setdefault(id_, group)
        _require("the segments of record", rest, first)
        places = {group[0]["page_id"] for group in first.values()}
        columns = ["page_id", "text", "given"]
        pages = {row["page_id"]: row for row in self._tables.rows(["pages"], {"page_id": places}, columns)}
        _require("page", places, pages)
        targets = {group[0]["canonical_id"] for group in first.values()} - {None}
        rows |= {row["id"]: row for row in self._tables.rows(RECORD_CONFIGS, {"id": targets - rows.keys()})}
        _require("record", targets, rows)
        for id_, group in first.items():
            role, target = group[0]["role"], group[0]["canonical_id"]
            try:
                text = appearance(id_, group, pages[group[0]["page_id"]])
            except UncheckableError:
                text = {"title": None, "text": None}
            row = rows[target] if target else {"is_held": True}
            found[id_] = Content(id_, KINDS[role], role, target or id_, text["title"], text["text"], row)
        return found

    def _segments_of(self, ids: Collection[str]) -> Iterator[Row]:
        """The segments of records, whole; of those of the story, whose pages are known, on the first of these."""
        pages: dict[str, str] = {}
        for row in self._story.segments:
            if row["record_id"] in ids:
                pages.setdefault(row["record_id"], row["page_id"])
        # Rows are in the order of pages: finding one reads little, where a record may be anywhere.
        found = self._tables.rows(["segments"], {"page_id": set(pages.values())})
        yield from (row for row in found if pages.get(row["record_id"]) == row["page_id"])
        yield from self._tables.rows(["segments"], {"record_id": set(ids) - pages.keys()})

    def _compared(self, pair: Row, contents: Mapping[str, Content]) -> Compared:
        a, b = contents[pair["a"]], contents[pair["b"]]
        # Of a fold both sides may be the record's own: it itself comes first.
        own, other = (a, b) if pair["a"] == self.id or (pair["a"] in self.own and pair["b"] != self.id) else (b, a)
        untold = min((one.id for one in (a, b) if one.text is None), default=None)
        missing = None if untold is None else f"the release holds no page texts, where the text of {untold} stood"
        titles = own.title is not None and other.title is not None and not same_text(own.title, other.title)
        return Compared(
            own=own.id,
            other=other.id,
            other_canonical=other.canonical_id,
            kind=other.kind,
            title=other.title,
            begins=None if other.text is None else beginning(other.text),
            pair=pair,
            why=why(pair, a, b, self._manifest["configuration"]["repeats"]),
            title_diff=compare(own.title or "", other.title or "") if titles else None,
            text_diff=None if own.text is None or other.text is None else compare(own.text, other.text),
            missing=missing,
        )


def _by_sides(row: Row) -> tuple[str, str]:
    return row["a"], row["b"]


def _require(what: str, ids: Iterable[str], found: Collection[str]) -> None:
    missing = min(set(ids) - set(found), default=None)
    if missing:
        raise _GoneError(f"{what} {missing} is not there")
