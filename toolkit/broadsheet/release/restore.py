"""A standoff release and captures of its pages: the texts put back, where they belong."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from broadsheet.batches import Row
from broadsheet.contract import KINDS, LEDGER_CONFIGS, OWN_FIELDS, Contract, capture_of, record_id
from broadsheet.release import tables
from broadsheet.release.elsewhere import Lines, appearances
from broadsheet.release.keys import Key, derived
from broadsheet.release.masks import as_published
from broadsheet.release.opened import Opened, canonical_item
from broadsheet.release.sealed import Table
from broadsheet.release.standoff import SHORT_WORDS
from broadsheet.release.structure import KEYS
from broadsheet.repeats import Item, guard_records
from broadsheet.segment.recut import records_again
from broadsheet.text import words

_CONTENT = ("format", "encoding", "decided_by", "n_bytes", "n_replaced")
"""What two readings of the same bytes agree in."""


@dataclass(frozen=True, slots=True)
class Captures:
    """What a user has: pages as they were read, the files that they are from, and lines that are no records."""

    pages: Mapping[str, Row]
    files: Sequence[Row]
    rejected: Sequence[Row]


@dataclass
class Report:
    """What was put back, and what was not."""

    n_pages: int = 0
    missing: list[Row] = field(default_factory=list)
    """Pages of which no capture is there: id, and the places in which the release has them."""
    elsewhere: dict[str, bool] = field(default_factory=dict)
    """Records found in captures that differ elsewhere; False where signs or white space of their own differ."""
    differing: list[str] = field(default_factory=list)
    """What is not as it was, though the texts are there."""

    @property
    def is_whole(self) -> bool:
        """True where every page has its text."""
        return not self.missing


def is_hidden(value: str | None, name: str) -> bool:
    """True for what stands for a path, an address or a source in a standoff release."""
    return value is not None and re.fullmatch(rf"{name}-[0-9a-f]{{16}}", value) is not None


class Matched:
    """The pages of a standoff release beside the captures that are at hand."""

    def __init__(self, opened: Opened, captures: Captures, key: Key | None) -> None:
        """Finds the capture of each page: by its hash, or where that is keyed, by its size and place.

        Without a key, one is tried that follows from the texts.
        """
        self.opened, self.captures = opened, captures
        self.of: dict[str, Row] = {id_: captures.pages[id_] for id_ in opened.pages if id_ in captures.pages}
        taken = {*self.of}
        self.spare = {id_: page for id_, page in captures.pages.items() if id_ not in taken}
        check = opened.manifest["standoff"]["key_check"]
        self.key = key if key and key.check == check else None
        left = [id_ for id_ in opened.pages if id_ not in self.of]
        if self.key is None and left:
            self._by_size(left)
        is_derived = opened.manifest["standoff"]["key"] == "derived"
        if self.key is None and is_derived and len(self.of) == len(opened.pages):
            known = (as_published(page, opened.segments.get(id_, ())) for id_, page in self.of.items())
            self.key = _derived(known, check)
        if self.key is not None and left:
            tokens = {self.key.token(id_, 64): id_ for id_ in captures.pages}
            for id_ in left:
                if id_ in tokens:
                    self.of[id_] = captures.pages[tokens[id_]]
        used = {page["page_id"] for page in self.of.values()}
        self.spare = {id_: page for id_, page in captures.pages.items() if id_ not in used}

    def _by_size(self, left: Iterable[str]) -> None:
        """Pages whose hash is keyed by what is told of them, where one capture alone fits."""
        fitting: defaultdict[tuple[Any, ...], list[str]] = defaultdict(list)
        for id_, page in self.spare.items():
            fitting[_looks(page, len(page["text"]))].append(id_)
        for id_ in left:
            page = self.opened.pages[id_]
            found = fitting.get(_looks(page, page["n_chars"]), [])
            if len(found) == 1:
                self.of[id_] = self.captures.pages[found[0]]


def _looks(page: Row, n_chars: int) -> tuple[Any, ...]:
    first = page["captures"][0]
    return (n_chars, first["line"], first["offset"], *(page[name] for name in _CONTENT))


def _derived(pages: Iterable[Row], check: str) -> Key | None:
    found = derived((page["given"] or page["text"], len(words(page["text"]))) for page in pages)
    return found if found.check == check else None


class Restored:
    """The rows of the release that a standoff release was made from, as far as the captures give them."""

    def __init__(self, matched: Matched, report: Report) -> None:
        self.matched, self.opened, self.report = matched, matched.opened, report
        self.contract: Contract = matched.opened.contract.full()
        self.scope = self.opened.manifest["configuration"]["repeats"]["scope"]
        self.paths: dict[str, str] = {}
        self.pages: dict[str, Row] = {}
        """Restored rows of pages, by their ids in the standoff release."""
        self.records: dict[tuple[str, int], Row] = {}
        """Own fields of each record, by the page's id in the standoff release and where it starts there."""
        self.candidates: dict[tuple[str, int], str] = {}
        """The records before validation, as JSON, by the same."""
        self.ids: dict[str, str] = {}
        self._name_files()
        for id_, page in self.opened.pages.items():
            if id_ in matched.of:
                self._restore(id_, page, matched.of[id_])
            else:
                places = [c["url"] or c["path"] for c in page["captures"]]
                report.missing.append({"page_id": id_, "places": places, "n_chars": page["n_chars"]})
        report.n_pages = len(self.pages)
        self._look_elsewhere([page["page_id"] for page in report.missing])

    def _name_files(self) -> None:
        """Finds the path behind each token, where the key is at hand."""
        key = self.matched.key
        if key is not None:
            for path in (file["path"] for file in self.matched.captures.files):
                self.paths[f"path-{key.token(path, 16)}"] = path

    def _restore(self, id_: str, page: Row, found: Row) -> None:
        captures = [self._capture(own, found["captures"], at) for at, own in enumerate(page["captures"])]
        same = ("page_id", "text", "given", "raw_base64", "claims")
        row = {**page, **{name: found[name] for name in same}, "captures": captures}
        differing = [name for name in _CONTENT if page[name] != found[name]]
        if len(found["text"]) != page["n_chars"] or differing:
            how = ", ".join(differing) or "text"
            self.report.differing.append(f"page {id_[:12]}: is read in another way here ({how})")
            return
        segments = self.opened.segments.get(id_, [])
        self.pages[id_] = as_published(row, segments)
        ids = {segment["start"]: segment["record_id"] for segment in segments}
        for candidate in records_again(row, segments):
            at = id_, candidate["start"]
            self.candidates[at] = candidate["record"]
            record = json.loads(candidate["record"])
            if not self.contract.check(record, candidate["record"]):
                own = self.records[at] = self.contract.row_of(record, candidate)
                if ids[candidate["start"]] is not None:
                    self._name(ids[candidate["start"]], own)
                elif self.matched.key is not None:  # what was withdrawn, which the manifest and stories still name
                    id_of = record_id(own, self.scope)
                    self.ids[self.matched.key.token(id_of)] = id_of

    def _name(self, stored: str, own: Row) -> None:
        """Takes the id of a short text for what stands for it; that of another text must be as it is stored."""
        found, key = record_id(own, self.scope), self.matched.key
        is_short = len(words(own["text"])) < SHORT_WORDS
        if is_short and (key is None or key.token(found) == stored):
            self.ids[stored] = found
        elif found != stored:
            self.report.differing.append(f"record {stored}: its text has another id here")

    def _look_elsewhere(self, missing: Sequence[str]) -> None:
        """Looks for the records of pages that are not there in captures that are no page of the release."""
        lines = Lines(self.matched.spare.values()) if missing else None
        for id_ in missing if lines else ():
            page = self.opened.pages[id_]
            for members in appearances(self.opened.segments.get(id_, [])):
                found = lines.find(members) if lines else None
                if found is None:
                    continue
                here, bounds = found
                first = page["captures"][0]
                url = capture_of(here)["url"] if is_hidden(first["url"], "url") else first["url"]
                candidate = next(records_again({**here, "captures": [{**first, "url": url}]}, bounds))
                record = json.loads(candidate["record"])
                if not self.contract.check(record, candidate["record"]):
                    own = self.contract.row_of(record, candidate)
                    self.records[id_, members[0]["start"]] = own
                    known = members[0]["record_id"]
                    self.report.elsewhere[known] = record_id(own, self.scope) == known

    def _capture(self, own: Row, found: Sequence[Row], at: int) -> Row:
        """A capture with its path, address and source: those of the user's own capture, where they are hidden."""
        key = self.matched.key
        here = next((c for c in found if key and own["path"] in {c["path"], f"path-{key.token(c['path'], 16)}"}), None)
        here = here or (found[at] if at < len(found) else found[0])
        made = dict(own)
        for name in ("path", "url", "source"):
            value = own[name]
            if not is_hidden(value, name):
                continue
            if here[name] is not None and (key is None or value == f"{name}-{key.token(here[name], 16)}"):
                made[name] = here[name]
            else:
                self.report.differing.append(f"{name} {value}: is another in your captures")
        if is_hidden(own["path"], "path"):
            self.paths.setdefault(own["path"], made["path"])
        return made

    def id_(self, id_: str | None) -> str | None:
        """The id behind one of the standoff release; that itself where its text is not there."""
        return id_ if id_ is None else self.ids.get(id_, id_)

    def page_id(self, id_: str | None) -> str | None:
        """The same of a page's id."""
        return id_ if id_ is None or id_ not in self.pages else str(self.pages[id_]["page_id"])

    def tables(self) -> Iterator[Table]:
        """The tables of the release. Memory: one table."""
        for table in self.opened.manifest["tables"]:
            kind = LEDGER_CONFIGS.get(table["config"], "record")
            rows = [getattr(self, f"_{kind}")(row) for row in tables.rows(self.opened.path, table)]
            rows.sort(key=lambda row: [row[name] for name in KEYS[kind]])
            yield table["config"], table["split"], rows

    def _record(self, row: Row) -> Row:
        segments = self.opened.segments.get(row["page_id"], [])
        home = next((s for s in segments if (s["record_id"], s["outcome"]) == (row["id"], "canonical")), None)
        own = self.records.get((row["page_id"], home["start"])) if home else None
        ids = {name: self.id_(row[name]) for name in ("id", "parent_id", "story")}
        if row["page_id"] not in self.pages or own is None:
            return self._from_elsewhere({**row, **ids}, own or self._repeated.get(row["id"]), row)
        made = {**row, **{name: own[name] for name in own if name in row and name not in ids}}
        made |= {**ids, "page_id": self.page_id(row["page_id"])}
        made["content_digest"] = self.contract.content_digest(made)
        key = self.matched.key
        digest = made["content_digest"]
        is_known = key is not None or row["n_words"] >= SHORT_WORDS
        if is_known and row["content_digest"] not in {digest, key.token(digest, 64) if key else digest}:
            self.report.differing.append(f"record {row['id']}: has other fields here")
        return made

    def _from_elsewhere(self, made: Row, own: Row | None, row: Row) -> Row:
        """A record whose page is not there, with what it says itself from where else it stands; as it is if nowhere."""
        if own is None:
            return made
        made |= {name: own[name] for name in (*OWN_FIELDS, *self.contract.extras)}
        is_same = self.contract.content_digest(made) == row["content_digest"]
        self.report.elsewhere[row["id"]] = is_same and made["id"] == record_id(own, self.scope)
        return made

    @cached_property
    def _repeated(self) -> dict[str, Row]:
        """Own fields of each record that appears on a page that is there, by its id in the standoff release."""
        return {s["record_id"]: own for s, own in self._with_segments() if s["record_id"] is not None}

    def _with_segments(self) -> Iterator[tuple[Row, Row]]:
        """The first segment of each record that is there, with the record's own fields."""
        for (page_id, start), own in self.records.items():
            yield next(s for s in self.opened.segments[page_id] if s["start"] == start), own

    def _segment(self, row: Row) -> Row:
        ids = {name: self.id_(row[name]) for name in ("record_id", "canonical_id")}
        return {**row, **ids, "page_id": self.page_id(row["page_id"])}

    def _page(self, row: Row) -> Row:
        if row["page_id"] in self.pages:
            return self.pages[row["page_id"]]
        captures = [{**own, "path": self.paths.get(own["path"], own["path"])} for own in row["captures"]]
        return {**row, "captures": captures}

    def _pair(self, row: Row) -> Row:
        made = {**row, **{name: self.id_(row[name]) for name in "ab"}}
        a, b = (self._items.get(row[name]) for name in "ab")
        if row["guard"] is not None and a and b:
            made["guard"] = guard_records(a, b)
        return made

    @cached_property
    def _items(self) -> dict[str, Item]:
        """Every record whose text is there, for comparison, by its id in the standoff release."""
        found: dict[str, Item] = {}
        for segment, own in self._with_segments():
            id_ = segment["record_id"]
            if id_ is not None and id_ not in found:
                found[id_] = canonical_item({**own, "id": id_, "kind": KINDS[segment["role"]], "parent_id": None})
        return found

    def quarantine(self) -> list[Row]:
        """The rejected records, whole where they are at hand."""
        lines = {(r["path"], r["line"], r["offset"]): r for r in self.matched.captures.rejected}
        return [self._rejection(row, lines) for row in self.opened.rejections]

    def _rejection(self, row: Row, lines: Mapping[tuple[Any, ...], Row]) -> Row:
        path = self.paths.get(row["path"], row["path"])
        if row["page_id"] is None:
            found = lines.get((path, row["line"], row["offset"]))
            if found is None:
                self.report.differing.append(f"quarantine {path}:{row['line']}: is not among your captures")
            return found or row
        raw = self.candidates.get((row["page_id"], row["start"]))
        if raw is None:
            return {**row, "path": path}
        errors = self.contract.check(json.loads(raw), raw)
        return {**row, "path": path, "page_id": self.page_id(row["page_id"]), "raw": raw, "errors": errors}

    def partial(self) -> dict[str, Any]:
        """The manifest of a release with some of the texts, but for what its tables decide."""
        made = self.opened.manifest
        files = {file["path"]: file for file in self.matched.captures.files}
        approximate = sorted(id_ for id_, is_exact in self.report.elsewhere.items() if not is_exact)
        return {
            **made,
            "changes": None,
            "inputs": {**made["inputs"], "files": self._files(files)},
            "large_stories": {str(self.id_(id_)): n for id_, n in made["large_stories"].items()},
            "standoff": {**made["standoff"], "n_restored": len(self.pages), "approximate": approximate},
        }

    def manifest(self) -> dict[str, Any]:
        """The manifest of the release with all texts, but for what its tables decide."""
        made = {name: value for name, value in self.opened.manifest.items() if name != "standoff"}
        of = self.opened.manifest["standoff"]
        configuration = made["configuration"]
        export = {**configuration["export"], "page_texts": True}
        named = {"name": of["name"]}
        files = {file["path"]: file for file in self.matched.captures.files}
        made |= {
            **named,
            "changes": of["changes"],
            "configuration": {**configuration, **named, "export": export},
            "inputs": {**made["inputs"], "files": self._files(files)},
            "large_stories": {str(self.id_(id_)): n for id_, n in made["large_stories"].items()},
        }
        if "withdrawn" in made:
            made["withdrawn"] = [{**one, "id": self.id_(one["id"])} for one in made["withdrawn"]]
        if "folded_share" in made:
            sources = self._sources()
            made["folded_share"] = {sources.get(source, source): n for source, n in made["folded_share"].items()}
        return made

    def _files(self, files: Mapping[str, Row]) -> list[Row]:
        found = []
        for own in self.opened.manifest["inputs"]["files"]:
            path = self.paths.get(own["path"], own["path"])
            here = files.get(path)
            if here is None:
                self.report.differing.append(f"input {path}: is not among your files")
                found.append({**own, "path": path})
                continue
            names = ("sha256", "damaged", "warnings", "error")
            found.append({**own, "path": path, **{name: here[name] for name in names}})
        return sorted(found, key=lambda file: str(file["path"]))

    def _sources(self) -> dict[str, str]:
        """The source behind each that is hidden."""
        key, found = self.matched.key, {}
        for own in self.records.values():
            if own["source"] is not None and key is not None:
                found[f"source-{key.token(own['source'], 16)}"] = own["source"]
        for id_, page in self.pages.items():
            for hidden, shown in zip(self.opened.pages[id_]["captures"], page["captures"], strict=True):
                found.setdefault(hidden["source"], shown["source"])
        return found
