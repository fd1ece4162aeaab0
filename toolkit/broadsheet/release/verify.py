"""Verification: what a release promises, recomputed from its own files. Nothing in it is taken on trust."""

import json
import stat
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from broadsheet import __version__, describe, measure
from broadsheet.batches import Row
from broadsheet.contract import KINDS, RECORD_CONFIGS, content_digest, record_id, row_schema, schema, validator
from broadsheet.export import read_quarantine
from broadsheet.export.arrow import FOLDER
from broadsheet.release import manifest as seal
from broadsheet.release import tables
from broadsheet.repeats import RULE, SHORT_WORDS, Item, fold, guard, over_threshold, relation, shingles
from broadsheet.text import collapse, join_body, words

KEPT: Final = "kept"
BROKEN: Final = "broken"
UNCHECKABLE: Final = "uncheckable"
MAX_FAULTS: Final = 20
"""Faults named per promise; the others are counted."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One promise, whether it is kept, and why not."""

    promise: str
    verdict: str
    faults: tuple[str, ...] = ()


class _UncheckableError(Exception):
    """The release lacks what a check needs; the message says what."""


def verify(release: Path) -> list[Verdict]:
    """A verdict for each promise of a release folder. Memory: its rows.

    Raises: ReleaseError where the folder is no release.
    """
    import duckdb

    # A damaged file may break any assumption of the checks: that, too, is a broken promise.
    damages = (OSError, EOFError, LookupError, AttributeError, TypeError, ValueError, zlib.error, duckdb.Error)
    opened = _Release(release, seal.load(release))
    odd = [path for path in seal.files(release) if not stat.S_ISREG((release / path).lstat().st_mode)]
    if odd:
        # Opening a pipe or a device could keep the checks for ever.
        first, *others = _CHECKS
        named = tuple(f"{path}: is no regular file" for path in odd)
        return [Verdict(first, BROKEN, named), *(Verdict(promise, UNCHECKABLE, named) for promise in others)]
    verdicts = []
    for promise, check in _CHECKS.items():
        try:
            faults = list(check(opened))
        except _UncheckableError as reason:
            verdicts.append(Verdict(promise, UNCHECKABLE, (str(reason),)))
            continue
        except damages as error:
            faults = [f"cannot be checked: {type(error).__name__}: {error}"]
        shown = faults[:MAX_FAULTS] + ([f"and {len(faults) - MAX_FAULTS} more"] if len(faults) > MAX_FAULTS else [])
        verdicts.append(Verdict(promise, BROKEN if faults else KEPT, tuple(shown)))
    return verdicts


class _Release:
    """A release as checks see it; tables are read once, on demand."""

    def __init__(self, path: Path, manifest: Mapping[str, Any]) -> None:
        self.path, self.manifest = path, manifest

    def rows(self, *configs: str) -> list[Row]:
        return tables.all_rows(self.path, self.manifest["tables"], *configs)

    @cached_property
    def records(self) -> dict[str, Row]:
        return {row["id"]: row for row in self.rows(*RECORD_CONFIGS)}

    @cached_property
    def segments(self) -> dict[str, list[Row]]:
        by_page = defaultdict(list)
        for row in self.rows("segments"):
            by_page[row["page_id"]].append(row)
        return dict(by_page)

    @cached_property
    def pages(self) -> dict[str, Row]:
        return {row["page_id"]: row for row in self.rows("pages")}

    @cached_property
    def pairs(self) -> list[Row]:
        return self.rows("pairs")

    @cached_property
    def rejections(self) -> list[Row]:
        return list(read_quarantine(self.path))

    @cached_property
    def appearances(self) -> list[Row]:
        """Every appearance of a record: its id, page, segments and text."""
        found: dict[tuple[str, str, int], list[Row]] = {}
        for page_id, segments in self.segments.items():
            for row in segments:
                if row["record_id"] is not None:
                    key = (
                        page_id,
                        row["record_id"],
                        -1 - row["article"] if row["article"] is not None else row["start"],
                    )
                    found.setdefault(key, []).append(row)
        return [
            {"id": id_, "page_id": page_id, "segments": members, "text": self._text(page_id, members)}
            for (page_id, id_, _), members in found.items()
        ]

    def _text(self, page_id: str, segments: list[Row]) -> str:
        text = self.pages[page_id]["text"]
        if text is None:
            raise _UncheckableError("the release holds no page texts")
        spans = [(p["start"], p["end"]) for row in segments for p in row["parts"] if p["part"] == "body"]
        return join_body(text, spans)

    @cached_property
    def items(self) -> dict[str, Item]:
        """Every unique record for the join: canonical ones in full, folded ones as far as the ledger knows them."""
        items = {id_: _canonical_item(row) for id_, row in self.records.items()}
        for appearance in self.appearances:
            first = appearance["segments"][0]
            items.setdefault(
                appearance["id"],
                Item(
                    id=appearance["id"],
                    kind=KINDS[first["role"]],
                    role=first["role"],
                    text=appearance["text"],
                    truncated=appearance["segments"][-1]["truncated"],
                ),
            )
        return items


def _canonical_item(row: Row) -> Item:
    names = ("id", "kind", "role", "text", "truncated", "source", "captured", "thread", "author")
    return Item(parent=row["parent_id"], **{name: row[name] for name in names})


def _checksums(release: _Release) -> Iterator[str]:
    yield from seal.sum_faults(release.path)


def _files(release: _Release) -> Iterator[str]:
    """Every file is one that a release has: data that no table names would be read by tools and checked by none."""
    named = {path for table in release.manifest["tables"] for files in table["files"].values() for path in files}
    for path in seal.files(release.path):
        top = path.partition("/")[0]
        if top in ("data", "jsonl") and path not in named and path != "jsonl/README.md":
            yield f"{path}: belongs to no table of the manifest"
    folders = {f"{table['config']}/{table['split']}" for table in release.manifest["tables"]}
    for file in (release.path / FOLDER).glob("*/*/*"):
        if file.parent.relative_to(release.path / FOLDER).as_posix() not in folders:
            yield f"{file.relative_to(release.path).as_posix()}: belongs to no table of the manifest"
    yield from (f"{path}: missing" for path in sorted(named) if not (release.path / path).exists())


def _valid(release: _Release) -> Iterator[str]:
    for error in validator("manifest").iter_errors(release.manifest):
        yield f"{seal.MANIFEST}: {error.json_path}: {error.message[:200]}"
    from jsonschema import Draft202012Validator

    for table in release.manifest["tables"]:
        yield from tables.schema_faults(release.path, table)
        check = Draft202012Validator(row_schema(table["config"]), format_checker=Draft202012Validator.FORMAT_CHECKER)
        for number, row in enumerate(tables.rows(release.path, table)):
            for error in check.iter_errors(row):
                yield f"{table['config']}/{table['split']} row {number}: {error.json_path}: {error.message[:200]}"
    rejection = Draft202012Validator(schema("release#rejection"))
    for number, row in enumerate(release.rejections):
        for error in rejection.iter_errors(row):
            yield f"quarantine row {number}: {error.json_path}: {error.message[:200]}"


def _nothing_lost(release: _Release) -> Iterator[str]:
    ledger = release.manifest["ledger"]
    yield from seal.ledger_faults(release.manifest["inputs"], ledger)
    counts: dict[str, dict[str, list[int]]] = {"outcome": {}, "role": {}}
    for page_id, page in release.pages.items():
        segments = release.segments.get(page_id, [])
        yield from _untiled(f"page {page_id[:12]}", segments, 0, page["n_chars"], page["format"] == "record")
        if page["text"] is not None and len(page["text"]) != page["n_chars"]:
            yield f"page {page_id[:12]}: has {len(page['text'])} code points, not {page['n_chars']}"
        for row in segments:
            yield from _untiled(f"segment {page_id[:12]}:{row['start']}", row["parts"], row["start"], row["end"], True)
            for name, by_value in counts.items():
                count = by_value.setdefault(row[name], [0, 0])
                count[0] += 1
                count[1] += row["end"] - row["start"]
    yield from (f"segments of page {id_[:12]}, which is not there" for id_ in release.segments.keys() - release.pages)
    for name, found in counts.items():
        if found != ledger[name]:
            yield f"ledger: {name} is {found}, not {ledger[name]}"
    if len(release.pages) != ledger["n_pages"]:
        yield f"ledger: {len(release.pages)} pages, not {ledger['n_pages']}"
    if len(release.records) != ledger["n_canonical"]:
        yield f"ledger: {len(release.records)} records, not {ledger['n_canonical']}"
    yield from _unexplained(release)


def _unexplained(release: _Release) -> Iterator[str]:
    """What the quarantine lacks or has too much: each rejected record is there whole, with its reasons."""
    ledger = release.manifest["ledger"]
    expected = ledger["n_rejected"] + ledger["n_unreadable"]
    if len(release.rejections) != expected:
        yield f"quarantine: {len(release.rejections)} rejections, not {expected}"
    for row in release.rejections:
        if not row.get("errors") or (row.get("raw") is None) == (row.get("raw_base64") is None):
            yield f"quarantine: {row.get('path')}:{row.get('line')} lacks its content or its reasons"
    explained = {(row.get("page_id"), row.get("start")) for row in release.rejections}
    for page_id, segments in release.segments.items():
        firsts: dict[tuple[str, int], int] = {}
        for row in segments:
            if row["outcome"] == "quarantine":
                key = ("start", row["start"]) if row["article"] is None else ("article", row["article"])
                firsts.setdefault(key, row["start"])
        for start in firsts.values():
            if (page_id, start) not in explained:
                yield f"segment {page_id[:12]}:{start}: is in quarantine, where no reason is given"


def _untiled(what: str, runs: list[Row], start: int, end: int, may_be_empty: bool) -> Iterator[str]:
    """Where the runs do not tile [start, end)."""
    for run in runs:
        if run["start"] != start:
            yield f"{what}: a run starts at {run['start']}, not at {start}"
        if run["end"] < run["start"] or (run["end"] == run["start"] and not may_be_empty):
            yield f"{what}: the run at {run['start']} is empty"
        start = run["end"]
    if start != end:
        yield f"{what}: its runs end at {start}, not at {end}"


def _traceable(release: _Release) -> Iterator[str]:
    yield from _wrong_outcomes(release)
    yield from _wrong_texts(release)


def _wrong_outcomes(release: _Release) -> Iterator[str]:
    homes = set()
    for page_id, segments in release.segments.items():
        for row in segments:
            at = f"segment {page_id[:12]}:{row['start']}"
            has_record = row["outcome"] in ("canonical", "occurrence")
            if has_record != (row["record_id"] is not None and row["canonical_id"] is not None):
                yield f"{at}: outcome {row['outcome']} does not fit its record"
            elif has_record and row["canonical_id"] not in release.records:
                yield f"{at}: record {row['canonical_id']} is not there"
            if row["outcome"] == "canonical":
                homes.add((row["record_id"], page_id))
    for id_, row in release.records.items():
        if (id_, row["page_id"]) not in homes:
            yield f"record {id_}: no segment of page {row['page_id'][:12]} is it"
        if record_id(row) != id_:
            yield f"record {id_}: its content has the id {record_id(row)}"
        if content_digest(row) != row["content_digest"]:
            yield f"record {id_}: content_digest is not that of its content"


def _wrong_texts(release: _Release) -> Iterator[str]:
    for appearance in release.appearances:
        record = release.records.get(appearance["id"])
        if record is None:
            continue
        home = any(segment["outcome"] == "canonical" for segment in appearance["segments"])
        if home and appearance["text"] != record["text"]:
            yield f"record {record['id']}: its text is not what its offsets give"
        if collapse(appearance["text"]) != collapse(record["text"]):
            yield f"record {record['id']}: has another text on page {appearance['page_id'][:12]}"


def _folds(release: _Release) -> Iterator[str]:
    settings = release.manifest["configuration"]["repeats"]
    threshold, items = Fraction(str(settings["threshold"])), release.items
    if release.manifest["versions"]["repeats"] != RULE:
        raise _UncheckableError(f"decided by rules {release.manifest['versions']['repeats']}; this program has {RULE}")
    canonical = {a["id"]: a["segments"][0]["canonical_id"] for a in release.appearances}
    folds = {tuple(sorted((p["a"], p["b"]))) for p in release.pairs if p["decision"] == "fold"}
    for id_, target in canonical.items():
        if id_ != target and tuple(sorted((id_, target))) not in folds:
            yield f"record {id_}: folded into {target}, with which it was not compared"
    for pair in release.pairs:
        if pair["a"] not in items or pair["b"] not in items:
            yield f"pair {pair['a']} {pair['b']}: a record of it appears nowhere"
            continue
        yield from _pair_faults(pair, items, canonical, threshold)
    alone = fold(map(_canonical_item, release.records.values()), threshold=threshold, scope=settings["scope"])
    for id_, (target, name) in alone.canonical.items():
        if target != id_:
            yield f"record {id_}: is a repeat ({name}) of {target}, and both are in the release"


def _pair_faults(
    pair: Row, items: Mapping[str, Item], canonical: Mapping[str, str], threshold: Fraction
) -> Iterator[str]:
    """What is wrong with one row of the evidence, recomputed from the two texts."""
    at = f"pair {pair['a']} {pair['b']}"
    a, b = items[pair["a"]], items[pair["b"]]
    a_words, b_words = words(a.text), words(b.text)
    in_a, in_b = shingles(a_words), shingles(b_words)
    if len(a_words) < SHORT_WORDS:
        shared, n_a, n_b = len(a_words) * (a_words == b_words), len(a_words), len(b_words)
    else:
        shared, n_a, n_b = len(in_a & in_b), len(in_a), len(in_b)
    if (shared, n_a, n_b) != (pair["shared"], pair["n_a"], pair["n_b"]):
        yield f"{at}: shares {shared} of {n_a} and {n_b}, not {pair['shared']} of {pair['n_a']} and {pair['n_b']}"
        return
    if pair["containment"] != round(shared / n_a, 6):
        yield f"{at}: containment is {shared / n_a:.6f}, not {pair['containment']}"
    name = relation(a_words, b_words) if Fraction(shared, n_a) >= threshold else "none"
    fired = guard(a.text, b.text) if name in ("exact", "near", "trimmed") else None
    name = "update" if fired else name
    if (name, fired) != (pair["relation"], pair["guard"]):
        yield f"{at}: is {name} ({fired}), not {pair['relation']} ({pair['guard']})"
    if pair["decision"] == "fold":
        if name not in ("exact", "near", "trimmed"):
            yield f"{at}: was folded although it is {name}"
        if pair["b"] != canonical.get(pair["a"]) and pair["a"] != canonical.get(pair["b"]):
            yield f"{at}: was folded, but neither is the canonical of the other"
        if (a.kind == "comment") != (b.kind == "comment"):
            yield f"{at}: a comment was folded with what is none"


def _no_leak(release: _Release) -> Iterator[str]:
    threshold = Fraction(str(release.manifest["configuration"]["repeats"]["threshold"]))
    canonical = {a["id"]: a["segments"][0]["canonical_id"] for a in release.appearances}

    def row_of(id_: str) -> Row:
        return release.records[canonical.get(id_, id_)]

    for a, b, shared, n_a in over_threshold(release.items.values(), threshold):
        one, other = row_of(a), row_of(b)
        if one["split"] != other["split"] and min(len(words(release.items[i].text)) for i in (a, b)) >= SHORT_WORDS:
            yield f"record {a} ({one['split']}) has {shared} of {n_a} shingles in {b} ({other['split']})"
        if one["story"] != other["story"]:
            yield f"records {a} and {b} are alike, but their stories differ"
    tied = sum(pair["relation"] != "none" for pair in release.pairs)
    if release.manifest["certificate"] != {"n_pairs": tied, "n_across": 0}:
        yield f"the certificate is {release.manifest['certificate']}; there are {tied} pairs over the threshold"
    split_of: dict[str, str] = {}
    for id_, row in release.records.items():
        if split_of.setdefault(row["story"], row["split"]) != row["split"]:
            yield f"story {row['story']}: divided between splits"
        parent = release.records.get(row["parent_id"])
        if row["parent_id"] and (parent is None or parent["story"] != row["story"]):
            yield f"record {id_}: answers {row['parent_id']}, which is not in its story"
    for table in release.manifest["tables"]:
        if table["config"] in RECORD_CONFIGS:
            wrong = [row["id"] for row in tables.rows(release.path, table) if row["split"] != table["split"]]
            yield from (f"record {id_}: lies in {table['split']}, but says otherwise" for id_ in wrong)


def _formats(release: _Release) -> Iterator[str]:
    for table in release.manifest["tables"]:
        for name, found in tables.digests(release.path, table).items():
            if found != table["logical_digest"]:
                yield f"{table['config']}/{table['split']}: the rows in {name} are not those of the manifest"
        n_rows = sum(1 for _ in tables.rows(release.path, table))
        if n_rows != table["n_rows"]:
            yield f"{table['config']}/{table['split']}: {n_rows} rows, not {table['n_rows']}"
    if seal.logical_digest(release.manifest["tables"]) != release.manifest["logical_digest"]:
        yield "the manifest's logical digest is not that of its tables"


def _numbers(release: _Release) -> Iterator[str]:
    stored = json.loads((release.path / seal.MEASURES).read_text("utf-8"))
    found = json.loads(measure.to_json(measure.measure(release.path, describe.Facts(release.manifest, {}).configs)))
    for name in sorted(stored.keys() | found.keys()):
        if stored.get(name) != found.get(name):
            yield f"{seal.MEASURES}: {name} is not what its query gives"
    written = release.manifest["versions"]["broadsheet"]
    if written != __version__:
        raise _UncheckableError(f"documents were written by version {written}; this is {__version__}")
    for path, text in describe.documents(describe.Facts(release.manifest, found)).items():
        if not (release.path / path).exists() or (release.path / path).read_text("utf-8") != text:
            yield f"{path}: is not what the manifest and the measures give"


_CHECKS: Final[Mapping[str, Callable[[_Release], Iterator[str]]]] = {
    "checksums: every file is as it was sealed": _checksums,
    "files: every data file belongs to a table": _files,
    "schema: every row is valid": _valid,
    "nothing is lost: segments tile pages, the ledger adds up": _nothing_lost,
    "everything is traceable: ids, offsets and texts agree": _traceable,
    "nothing is folded that differs: every decision holds": _folds,
    "no leak: nothing in one split repeats in another": _no_leak,
    "all formats are equal": _formats,
    "every number can be recomputed": _numbers,
}
