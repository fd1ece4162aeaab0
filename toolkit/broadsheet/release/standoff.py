"""Standoff releases: where everything stands and what became of it, without a text, a title or a name."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import pyarrow as pa

from broadsheet.batches import Row
from broadsheet.contract import LEDGER_CONFIGS, RECORD_CONFIGS, Contract, canonical_json
from broadsheet.errors import ReleaseError
from broadsheet.release import manifest as seal
from broadsheet.release import tables
from broadsheet.release.keys import Key, derived
from broadsheet.release.opened import Opened, UncheckableError
from broadsheet.release.runs import TEXT_RUN, Runs, texts_in
from broadsheet.release.sealed import Table
from broadsheet.release.structure import KEYS
from broadsheet.release.told import FACTS, Words, is_host
from broadsheet.segment.recut import records_again
from broadsheet.text import words

SHORT_WORDS: Final = 10
"""Words under which a hash of a text is keyed: who knows it could find the text by trying."""
HIDDEN: Final = ("title", "dek", "byline", "author", "text", "given_id")
"""Columns of records that are null in a standoff release."""
NOT_TOLD: Final = "not told"
"""Stands for a message of the program that may quote what it speaks of."""


@dataclass(frozen=True)
class Dehydrated:
    """The rows and the manifest of a standoff release; `manifest` lacks its tables still."""

    manifest: dict[str, Any]
    tables: list[Table]
    quarantine: list[Row]
    texts: Runs
    """What must not be in it."""


def require_texts(opened: Opened) -> None:
    """Raises: ReleaseError where a release has no texts, or is damaged."""
    if opened.manifest.get("standoff"):
        raise ReleaseError(f"{opened.path}: is a standoff release already")
    if not opened.manifest["configuration"]["export"]["page_texts"]:
        raise ReleaseError(f"{opened.path}: holds no page texts, which offsets refer to; build it with them")
    if "masks" in opened.manifest:
        raise ReleaseError(f"{opened.path}: is masked (privacy), so nobody's own pages complete it; share it as it is")
    if opened.manifest["base"]:
        raise ReleaseError(
            f"{opened.path}: goes on from version {opened.manifest['base']['version']} (--base), and which rows came "
            "with which version is not kept without texts; build it whole"
        )
    damage = next(seal.sum_faults(opened.path), None)
    if damage:
        raise ReleaseError(f"{opened.path}: is damaged: {damage}; run `broadsheet verify`")


def dehydrate(opened: Opened, name: str, key: Key | None = None) -> Dehydrated:
    """A release without its texts, under another name; by default its key follows from the texts.

    Memory: the rows of the release.

    Raises: ReleaseError where it has no texts, is damaged, or they are too few for a key.
    """
    require_texts(opened)
    source = Source(opened)
    texts = _texts(opened)
    hide = Hiding(source, texts, key or derived((p["given"] or p["text"], n) for p, n in source.pages_with_words()))
    found: list[Table] = []
    for table in opened.manifest["tables"]:
        rows = [hide.row(table["config"], row) for row in tables.rows(opened.path, table)]
        order = KEYS[LEDGER_CONFIGS.get(table["config"], "record")]
        found.append((table["config"], table["split"], sorted(rows, key=lambda row: [row[n] for n in order])))
    return Dehydrated(hide.manifest(name), found, [*map(hide.rejection, opened.rejections)], texts)


def _texts(opened: Opened) -> Runs:
    """What may be in no file."""
    texts = [page["text"] for page in opened.pages.values()]
    given = [json.loads(page["given"]) for page in opened.pages.values() if page["given"] is not None]
    texts += [text for record in given for name in record.keys() - FACTS for _, text in texts_in(record[name])]
    return Runs(texts, TEXT_RUN)


def require_no_text(made: Dehydrated, tables_made: Iterable[Mapping[str, Any]]) -> None:
    """Raises: ReleaseError where a value of the rows or the manifest holds a run of words of the pages."""
    rows: list[tuple[str, Any]] = [(f"{config}/{split}", row) for config, split, of in made.tables for row in of]
    rows += [("quarantine", row) for row in made.quarantine]
    for where, value in [*rows, (seal.MANIFEST, {**made.manifest, "tables": list(tables_made)})]:
        for at, text in texts_in(value):
            run = made.texts.first_in(text)
            if run:
                raise ReleaseError(
                    f"{where}{at}: would hold “{run}”, {TEXT_RUN} words in a row of a page, so nothing was published; "
                    "where they stand in dataset.toml, say it in other words"
                )


class Source:
    """What is to be known of a release's pages before they are hidden."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.n_words: dict[str, int] = {}
        """Of the text of each record that appears, by its id."""
        self.told: dict[str, Words] = {}
        """By page."""
        for id_, page in opened.pages.items():
            named: list[str | None] = []
            segments = opened.segments.get(id_, [])
            ids = {row["start"]: row["record_id"] for row in segments}
            for candidate in records_again(page, segments):
                record = json.loads(candidate["record"])
                if ids[candidate["start"]] is not None:
                    self.n_words[ids[candidate["start"]]] = len(words(record["text"]))
                named += [
                    value for n in ("title", "dek", "byline", "author") if isinstance(value := record.get(n), str)
                ]
            self.told[id_] = Words(page, named)

    @cached_property
    def page_words(self) -> dict[str, int]:
        """Words of each page."""
        return {id_: len(words(page["text"])) for id_, page in self.opened.pages.items()}

    def pages_with_words(self) -> Iterator[tuple[Row, int]]:
        """Each page with the number of its words."""
        return ((page, self.page_words[id_]) for id_, page in self.opened.pages.items())


@dataclass
class Hiding:
    """What makes the rows of a standoff release of those of a release."""

    source: Source
    texts: Runs
    key: Key
    places: dict[str, str] = field(init=False)
    """What stands for each path; that itself where it tells nothing."""

    def __post_init__(self) -> None:
        opened = self.source.opened
        self._contract = opened.contract
        self._kept = _numeric(opened.contract)
        self._words_of_file: Counter[str] = Counter()
        told: defaultdict[str, list[Words]] = defaultdict(list)
        for id_, page in opened.pages.items():
            for capture in page["captures"]:
                self._words_of_file[capture["path"]] += self.source.page_words[id_]
                told[capture["path"]].append(self.source.told[id_])
        self.places = {}
        for file in opened.manifest["inputs"]["files"]:
            path = file["path"]
            hidden = path not in told or self.texts.first_in(path) or any(of.are_in(path) for of in told[path])
            self.places[path] = f"path-{self.key.token(path, 16)}" if hidden else path

    def id_(self, id_: str | None) -> str | None:
        """A record's id, keyed where its text is short."""
        is_short = id_ is not None and self.source.n_words.get(id_, 0) < SHORT_WORDS
        return self.key.token(id_) if id_ is not None and is_short else id_

    def page(self, id_: str | None) -> str | None:
        """A page's id, keyed where its text is short."""
        is_short = id_ is not None and self.source.page_words.get(id_, 0) < SHORT_WORDS
        return self.key.token(id_, 64) if id_ is not None and is_short else id_

    def publisher(self, source: str | None) -> str | None:
        """A source: hosts stay."""
        return source if source is None or is_host(source) else f"source-{self.key.token(source, 16)}"

    def url(self, url: str | None, page_id: str) -> str | None:
        """An address, where it tells nothing that the page's text does."""
        if url is None or not (self.texts.first_in(url) or self.source.told[page_id].are_in(url)):
            return url
        return f"url-{self.key.token(url, 16)}"

    def row(self, config: str, row: Row) -> Row:
        """A row of a config."""
        made: Row = getattr(self, f"_{LEDGER_CONFIGS.get(config, 'record')}")(row)
        return made

    def _record(self, row: Row) -> Row:
        n_words = len(words(row["text"]))
        thread = row["thread"]
        return {
            **row,
            **dict.fromkeys(HIDDEN),
            **{name: row[name] if name in self._kept else None for name in self._contract.extras},
            **{name: self.id_(row[name]) for name in ("id", "parent_id", "story")},
            "page_id": self.page(row["page_id"]),
            "url": self.url(row["url"], row["page_id"]),
            "source": self.publisher(row["source"]),
            "thread": None if thread is None else self.key.token(thread),
            "content_digest": self.key.token(row["content_digest"], 64)
            if n_words < SHORT_WORDS
            else row["content_digest"],
            "n_chars": len(row["text"]),
            "n_words": n_words,
        }

    def _segment(self, row: Row) -> Row:
        text = self.source.opened.pages[row["page_id"]]["text"]
        return {
            **row,
            **{name: self.id_(row[name]) for name in ("record_id", "canonical_id")},
            "page_id": self.page(row["page_id"]),
            **anchored(text, row),
        }

    def _pair(self, row: Row) -> Row:
        guard = row["guard"]
        return {**row, **{name: self.id_(row[name]) for name in "ab"}, "guard": guard and guard.partition(":")[0]}

    def _page(self, row: Row) -> Row:
        captures = [
            {
                **capture,
                "path": self.places[capture["path"]],
                "url": self.url(capture["url"], row["page_id"]),
                "source": self.publisher(capture["source"]),
            }
            for capture in row["captures"]
        ]
        hidden = {"text": None, "given": None, "raw_base64": None, "claims": [], "captures": captures}
        return {**row, "page_id": self.page(row["page_id"]), **hidden}

    def rejection(self, row: Row) -> Row:
        """A row of the quarantine: where it stood and which rules it breaks."""
        errors = [
            {**error, "message": NOT_TOLD, "pointer": self._contract.rule(error).rpartition(": ")[0]}
            for error in row["errors"]
        ]
        path = self.places[row["path"]]
        return {
            **row,
            "path": path,
            "page_id": self.page(row["page_id"]),
            "raw": None,
            "raw_base64": None,
            "errors": errors,
        }

    def manifest(self, name: str) -> dict[str, Any]:
        """The manifest, but for what the tables decide."""
        full = self.source.opened.manifest
        configuration = full["configuration"]
        inputs = full["inputs"]
        files = sorted((self._file(file) for file in inputs["files"]), key=lambda file: str(file["path"]))
        standoff = {
            "name": full["name"],
            "logical_digest": full["logical_digest"],
            "sums": hashlib.sha256((self.source.opened.path / seal.SUMS).read_bytes()).hexdigest(),
            "changes": full["changes"],
            "key": self.key.kind,
            "key_check": self.key.check,
            "n_restored": 0,
            "approximate": [],
        }
        made = {
            **full,
            "name": name,
            "changes": None,
            "configuration": {
                **configuration,
                "name": name,
                "export": {**configuration["export"], "page_texts": False},
            },
            "inputs": {**inputs, "files": files},
            "large_stories": {str(self.id_(id_)): n for id_, n in full["large_stories"].items()},
            "standoff": standoff,
        }
        if "withdrawn" in full:
            made["withdrawn"] = [{**one, "id": self.id_(one["id"])} for one in full["withdrawn"]]
        if "folded_share" in full:
            made["folded_share"] = {str(self.publisher(source)): n for source, n in full["folded_share"].items()}
        return made

    def _file(self, file: Row) -> Row:
        path, sha256 = file["path"], file["sha256"]
        if sha256 is not None and self._words_of_file[path] < SHORT_WORDS:
            sha256 = self.key.token(sha256, 64)
        damaged, warnings = ([{**one, "reason": NOT_TOLD} for one in file[n]] for n in ("damaged", "warnings"))
        error = None if file["error"] is None else NOT_TOLD
        return {
            **file,
            "path": self.places[path],
            "sha256": sha256,
            "damaged": damaged,
            "warnings": warnings,
            "error": error,
        }


def anchored(text: str, segment: Row) -> Row:
    """What a segment is found by where it stands elsewhere: its words, part by part."""
    none: Row = {"part_words": [], "anchor": None, "words_digest": None}
    if segment["role"] == "boilerplate":
        return none
    parts = [words(text[part["start"] : part["end"]]) for part in segment["parts"]]
    first = next((part for part in parts if len(part) >= SHORT_WORDS), None)
    return {
        "part_words": [*map(len, parts)],
        "anchor": None if first is None else mark(first),
        "words_digest": None if first is None else mark([word for part in parts for word in part]),
    }


def mark(found: list[str]) -> str:
    """The hash of words in a row."""
    return hashlib.sha256(" ".join(found).encode()).hexdigest()[:32]


def _numeric(contract: Contract) -> set[str]:
    """The user's own fields that hold numbers, dates and the like alone."""
    columns = contract.columns("articles")
    return {name for name in contract.extras if _is_numeric(columns.field(name).type)}


def _is_numeric(type_: pa.DataType) -> bool:
    if pa.types.is_list(type_):
        return _is_numeric(type_.value_type)
    if pa.types.is_struct(type_):
        return all(_is_numeric(inner.type) for inner in type_.fields)
    return not pa.types.is_string(type_)


def hidden_faults(opened: Opened) -> Iterator[str]:
    """What a standoff release holds of its pages, as far as that is told without them."""
    if opened.manifest["standoff"]["n_restored"] or opened.manifest["standoff"]["approximate"]:
        raise UncheckableError("some of the texts were put back into it")
    hidden = (*HIDDEN, *(name for name in opened.contract.extras if name not in _numeric(opened.contract)))
    for row in opened.rows(*RECORD_CONFIGS):
        shown = [name for name in hidden if row[name] is not None]
        if row["source"] is not None and not is_host(row["source"]) and not row["source"].startswith("source-"):
            shown.append("source")
        if shown:
            yield f"record {row['id']}: shows its {', '.join(shown)}"
    for row in opened.rows("pages"):
        if row["claims"] or any(row[name] is not None for name in ("text", "given", "raw_base64")):
            yield f"page {row['page_id'][:12]}: shows its text or what it claims"
    for row in opened.pairs:
        if row["guard"] is not None and ":" in row["guard"]:
            yield f"pair {row['a']} {row['b']}: shows what differs"
    for row in opened.rejections:
        said = {row["raw"], row["raw_base64"], *(error["message"] for error in row["errors"])} - {None, NOT_TOLD}
        if said:
            yield f"quarantine: {row['path']}:{row['line']} shows its content"


def differing(opened: Opened, made: Dehydrated) -> Iterator[str]:
    """Where a standoff release is not what the release with its texts gives."""
    there = {(t["config"], t["split"]): t for t in opened.manifest["tables"]}
    for config, split, rows in made.tables:
        table = there.pop((config, split), None)
        if table is None or [*tables.rows(opened.path, table)] != [{n: row[n] for n in row} for row in rows]:
            yield f"{config}/{split}: is not what the texts give"
    yield from (f"{config}/{split}: is not among what the texts give" for config, split in there)
    if sorted(map(canonical_json, opened.rejections)) != sorted(map(canonical_json, made.quarantine)):
        yield "quarantine: is not what the texts give"
    for name in ("configuration", "inputs", "large_stories", "standoff", "folded_share"):
        if opened.manifest.get(name) != made.manifest.get(name):
            yield f"{seal.MANIFEST}: {name} is not what the texts give"
