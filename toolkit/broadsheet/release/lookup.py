"""Which record of a release is meant by what a user has at hand: an id or its beginning, an address, a path."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from broadsheet.batches import Row
from broadsheet.contract import RECORD_CONFIGS
from broadsheet.errors import CallError, ReleaseError
from broadsheet.release.select import Selection
from broadsheet.text import address, source_of

LEAST_DIGITS: Final = 6
MOST_NAMED: Final = 20
"""Candidates that a message lists."""

By = Literal["id", "prefix", "given_id", "page", "url", "path"]
_SEGMENT: Final = ("page_id", "start", "end", "role", "outcome", "record_id", "canonical_id")


@dataclass(frozen=True, slots=True)
class Found:
    """The one record that is meant."""

    id: str
    by: By
    """What it was named by: `page` is a page's id, and a page stands for its main article or its only record."""
    n_others: int = 0
    """Other records on the page that was named."""


def find(tables: Selection, name: str, held: Collection[str] = ()) -> Found:
    """The record that `name` means, by an id of it or the place of a page on which it is; some may be held back.

    An id is its own, the beginning of that, or the one that a record of the user's own came with; a place is a page's
    id, address or path, or the end of its path.

    Raises: CallError for a beginning that is too short; ReleaseError where no record, or more than one, is meant, with
    the candidates.
    """
    digits = name.strip().rstrip("…").lower()
    if re.fullmatch(rf"[0-9a-f]{{{LEAST_DIGITS},32}}", digits):
        is_whole = len(digits) == 32
        ids = _whole(tables, digits) if is_whole else _beginning(tables, digits, held)
        if ids:
            return _only(tables, name, ids, "id" if is_whole else "prefix")
    given = {row["id"] for row in tables.rows(RECORD_CONFIGS, {"given_id": [name]}, ["id", "given_id"])}
    if given:
        return _only(tables, name, given, "given_id")
    by, pages = _pages(tables, name, digits)
    if pages:
        return _on_pages(tables, name, by, pages)
    if re.fullmatch(r"[0-9a-f]+", digits) and len(digits) < LEAST_DIGITS:
        raise CallError(f"{name!r}: an id's beginning must have {LEAST_DIGITS} digits or more, so that it means one")
    raise ReleaseError(
        f"{tables.release}: no record, page address or path is {name!r}; ids are in the column `id` of the records and "
        "`record_id` of the segments, addresses and paths in the captures of the pages"
    )


def _whole(tables: Selection, id_: str) -> set[str]:
    """The id, if it is that of a record; rows of segments have that of each."""
    found = tables.rows(["segments"], {"record_id": [id_]}, ["record_id"])
    return {row["record_id"] for row in found}


def _beginning(tables: Selection, digits: str, held: Collection[str]) -> set[str]:
    """The ids that begin so. A record has a row, or was folded, for which a pair gives the reason, or is held back."""
    found = {id_ for id_ in held if id_.startswith(digits)}
    for configs, column in ((RECORD_CONFIGS, "id"), (["pairs"], "a"), (["pairs"], "b")):
        found |= tables.starting(configs, column, digits)
    return found


def _pages(tables: Selection, name: str, digits: str) -> tuple[By, set[str]]:
    """The pages that are meant, and by what: id, address, whole path, or the end of a path."""
    if re.fullmatch(r"[0-9a-f]{64}", digits):
        return "page", {row["page_id"] for row in tables.rows(["pages"], {"page_id": [digits]}, ["page_id"])}
    place = address(name)
    host = source_of(name)
    if host is not None:
        rows = tables.captured("url", place.removeprefix(host))
        return "url", {row["page_id"] for row in rows if any(address(c["url"] or "") == place for c in row["captures"])}
    paths = [(row["page_id"], c["path"]) for row in tables.captured("path", name) for c in row["captures"]]
    whole = {id_ for id_, path in paths if path == name}
    return "path", whole or {id_ for id_, path in paths if name and path.endswith(f"/{name}")}


def _on_pages(tables: Selection, name: str, by: By, pages: set[str]) -> Found:
    """The main article of the pages, or their only record."""
    rows = list(tables.rows(["segments"], {"page_id": pages}, _SEGMENT))
    records = {row["record_id"]: row for row in rows if row["record_id"] is not None}
    if not records:
        outcomes = ", ".join(f"{n} {outcome}" for outcome, n in sorted(Counter(row["outcome"] for row in rows).items()))
        raise ReleaseError(f"{tables.release}: on page {name} is no record ({outcomes or 'no segments'})")
    mains = {id_: row for id_, row in records.items() if row["role"] == "main"}
    chosen = mains or records
    targets = {row["canonical_id"] or row["record_id"] for row in chosen.values()}
    if len(chosen) > 1 and len(targets) > 1:
        raise _ambiguous(tables, name, chosen)
    id_ = next(iter(chosen)) if len(chosen) == 1 else next(iter(targets))
    return Found(id_, by, len(records.keys() - chosen.keys()))


def _only(tables: Selection, name: str, ids: set[str], by: By) -> Found:
    if len(ids) == 1:
        return Found(next(iter(ids)), by)
    raise _ambiguous(tables, name, ids)


def _ambiguous(tables: Selection, name: str, ids: Iterable[str]) -> ReleaseError:
    """The error that lists the records that may be meant."""
    named = sorted(ids)[:MOST_NAMED]
    n_all = len(set(ids))
    places: dict[str, Row] = {}
    for row in tables.rows(["segments"], {"record_id": named}, _SEGMENT):
        places.setdefault(row["record_id"], row)
    targets = {row["canonical_id"] or row["record_id"] for row in places.values()} | set(named)
    columns = ["id", "title"]
    titles = {row["id"]: row["title"] for row in tables.rows(RECORD_CONFIGS, {"id": targets}, columns)}
    lines = []
    for id_ in named:
        place = places.get(id_)
        target = (place and place["canonical_id"]) or id_
        role = place["role"] if place else "record"
        folded = f"   folded into {target}" if target != id_ else ""
        lines.append(f"\n  {id_}   {role:<8}  {_plain(titles.get(target))}{folded}")
    more = f"\n  and {n_all - len(named):,} more" if n_all > len(named) else ""
    return ReleaseError(
        f"{tables.release}: {name!r} may mean {n_all:,} records; name one by its id:{''.join(lines)}{more}"
    )


def _plain(title: str | None) -> str:
    """A title as a message may hold it."""
    text = " ".join((title or "(no title)").split())
    text = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return text if len(text) <= 60 else f"{text[:59]}…"
