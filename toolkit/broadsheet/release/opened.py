"""A release as its checks see it: tables read once, and what can be worked out from them."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from broadsheet import strict
from broadsheet.batches import Row
from broadsheet.contract import KINDS, RECORD_CONFIGS, Contract, checks, reference_checks, schema_path
from broadsheet.errors import ReleaseError
from broadsheet.export import read_quarantine
from broadsheet.export.quarantine import REJECTED
from broadsheet.release import manifest as seal
from broadsheet.release import tables
from broadsheet.repeats import Item
from broadsheet.text import collapse, join_body

LEFT_OUT: Final = f"{REJECTED} was sealed and is not here: it is left out where a release is pushed without it"
"""What is said where the quarantine is missing, and only that."""


class UncheckableError(Exception):
    """The release lacks what a check needs; the message says what."""


def shipped_contract(release: Path, *, standoff: bool = False) -> Contract:
    """What records had to be, as a release's own schema says; with `standoff`, what the rows of such a release are.

    Raises: ReleaseError where that is missing or damaged.
    """
    file = release / "schema" / schema_path("record").name
    try:
        contract = Contract.of(strict.loads(seal.text_of(file).encode()))
        return contract.standoff() if standoff else contract
    except OSError as error:
        raise ReleaseError(f"{file}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # CallError, too, which is a ValueError
        raise ReleaseError(f"{file}: is damaged: {error}") from None


class Opened:
    """A release folder and its manifest; tables are read on demand and kept."""

    def __init__(self, path: Path, manifest: Mapping[str, Any], *, reference: bool = False) -> None:
        """Reads nothing yet. With `reference`, rows get a second opinion."""
        self.path, self.manifest = path, manifest
        self._engines = [checks, reference_checks] if reference else [checks]

    def checker(self, schema: Mapping[str, Any]) -> Callable[[Row], Iterator[str]]:
        """What finds the faults of rows by a schema."""
        engines = [engine(schema) for engine in self._engines]
        return lambda row: (f"{e['pointer']}: {e['message']}" for engine in engines for e in engine(row))

    def rows(self, *configs: str) -> list[Row]:
        """All rows of the configs, in their order."""
        return tables.all_rows(self.path, self.manifest["tables"], *configs)

    @cached_property
    def contract(self) -> Contract:
        """What records had to be, as the release's own schema says.

        Raises: ReleaseError where that is damaged.
        """
        return shipped_contract(self.path, standoff=self.is_standoff)

    @property
    def is_standoff(self) -> bool:
        """True for a release without texts, or with some of them put back."""
        return "standoff" in self.manifest

    @property
    def privacy(self) -> Mapping[str, Any]:
        """The settings of privacy that were in force; empty where nothing was hidden.

        Ids of pages are keyed then, and cannot be recomputed from the release.
        """
        return (self.manifest["configuration"].get("privacy") or {}) if "masks" in self.manifest else {}

    @cached_property
    def records(self) -> dict[str, Row]:
        """The record rows by id."""
        return {row["id"]: row for row in self.rows(*RECORD_CONFIGS)}

    @cached_property
    def segments(self) -> dict[str, list[Row]]:
        """The segment rows by page, in their order."""
        by_page = defaultdict(list)
        for row in self.rows("segments"):
            by_page[row["page_id"]].append(row)
        return dict(by_page)

    @cached_property
    def pages(self) -> dict[str, Row]:
        """The page rows by id."""
        return {row["page_id"]: row for row in self.rows("pages")}

    @cached_property
    def pairs(self) -> list[Row]:
        """The pair rows."""
        return self.rows("pairs")

    @cached_property
    def lacks_quarantine(self) -> bool:
        """True where the release was sealed with a quarantine that is not here: `push` leaves it out unless asked."""
        return seal.lacks(self.path, REJECTED)

    @cached_property
    def rejections(self) -> list[Row]:
        """The rows of the quarantine. Raises: UncheckableError where it was left out."""
        if self.lacks_quarantine:
            raise UncheckableError(LEFT_OUT)
        return list(read_quarantine(self.path))

    @cached_property
    def groups(self) -> list[tuple[str, list[Row]]]:
        """Every appearance of a record: its id, and the segments of one page that make it."""
        return grouped(row for segments in self.segments.values() for row in segments)

    @cached_property
    def canonical(self) -> dict[str, str | None]:
        """The canonical record's id of every record that appears; None of a held one."""
        return {id_: members[0]["canonical_id"] for id_, members in self.groups}

    @cached_property
    def held(self) -> set[str]:
        """The ids of records that are held out of all splits."""
        return {id_ for id_, target in self.canonical.items() if target is None}

    @cached_property
    def alone(self) -> list[Item]:
        """The canonical records for the join, those that the base published as such."""
        version = self.manifest["version"] if self.manifest["base"] else None
        rows = self.records.values()
        return [replace(self.item(row), published=version not in {None, row["first_version"]}) for row in rows]

    @cached_property
    def appearances(self) -> list[Row]:
        """The groups with what the page texts give: id, page, segments, title and text.

        Of a standoff release those whose texts are there.

        Raises: UncheckableError where the release holds no page texts.
        """
        at_hand = [(id_, members, self.pages[members[0]["page_id"]]) for id_, members in self.groups]
        return [appearance(*one) for one in at_hand if not self.is_standoff or one[-1]["text"] is not None]

    def require_texts(self) -> None:
        """Raises: UncheckableError where pages of a standoff release have no text."""
        n_missing = sum(page["text"] is None for page in self.pages.values()) if self.is_standoff else 0
        if n_missing:
            raise UncheckableError(
                f"a standoff release: {n_missing:,} of {len(self.pages):,} pages are without their text; "
                "check it with --pages"
            )

    def item(self, row: Row) -> Item:
        """A record row for the join. Where the authors of comments were dropped, each is taken for another person.

        For so it cannot be told which of them one person wrote, and those of two never fold.
        """
        is_dropped = row["kind"] == "comment" and self.privacy.get("comment_authors") == "drop"
        return canonical_item(row | {"author": row["id"]} if is_dropped else row)

    @cached_property
    def items(self) -> dict[str, Item]:
        """Every record for the join: canonical ones in full, folded ones as far as their pages know them."""
        items = {id_: self.item(row) for id_, row in self.records.items()}
        for appearance in self.appearances:
            first, last = appearance["segments"][0], appearance["segments"][-1]
            item = Item(
                id=appearance["id"],
                kind=KINDS[first["role"]],
                role=first["role"],
                text=appearance["text"],
                title=appearance["title"],
                truncated=last["truncated"],
            )
            items.setdefault(item.id, item)
        return items


def grouped(segments: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """The appearances of records among segment rows: the id of each, and the segments of one page that make it."""
    found: dict[tuple[str, str, int], list[Row]] = {}
    for row in segments:
        if row["record_id"] is not None:
            # The segments of an interrupted article have one number; others stand for themselves.
            own = -1 - row["article"] if row["article"] is not None else row["start"]
            found.setdefault((row["page_id"], row["record_id"], own), []).append(row)
    return [(id_, members) for (_, id_, _), members in found.items()]


def appearance(id_: str, members: list[Row], page: Row) -> Row:
    """An appearance with what the page's text gives: id, page, segments, title and text.

    Raises: UncheckableError where the release holds no page texts.
    """
    text = page["text"]
    if text is None:
        raise UncheckableError("the release holds no page texts")
    spans = [(p["start"], p["end"]) for row in members for p in row["parts"] if p["part"] == "body"]
    if page["given"]:
        given = json.loads(page["given"])
    else:
        cut = {name: _cut(text, members[0], name) for name in ("title", "dek", "byline")}
        # As segmentation has it: a headline or standfirst of several lines is one, of several bylines the first.
        given = {name: " ".join(cut[name]) or None for name in ("title", "dek")}
        given["byline"] = next(iter(cut["byline"]), None)
    return {
        "id": id_,
        "page_id": page["page_id"],
        "segments": members,
        "text": join_body(text, spans),
        "title": given.get("title"),
        "given": given,
    }


def _cut(text: str, segment: Row, name: str) -> list[str]:
    """The texts of the segment's parts of one kind."""
    return [text[p["start"] : p["end"]] for p in segment["parts"] if p["part"] == name]


def canonical_item(row: Row) -> Item:
    """A record row for the join."""
    names = ("id", "kind", "role", "text", "title", "truncated", "source", "captured", "thread", "author")
    return Item(parent=row["parent_id"], **{name: row[name] for name in names})


def same_text(one: str | None, other: str | None) -> bool:
    """True where two texts differ in white space and Unicode form at most."""
    return collapse(one or "") == collapse(other or "")
