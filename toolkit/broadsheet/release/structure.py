"""Checks of what a release holds: files, rows, ledger, formats, numbers."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from broadsheet import __version__, describe, measure
from broadsheet.batches import Row
from broadsheet.contract import (
    LEDGER_CONFIGS,
    RECORD_CONFIGS,
    SCHEMAS,
    schema,
    schema_path,
)
from broadsheet.export.arrow import FOLDER
from broadsheet.export.quarantine import REJECTED
from broadsheet.release import manifest as seal
from broadsheet.release import tables
from broadsheet.release.masked import wrong_masks
from broadsheet.release.masks import n_withdrawn_in
from broadsheet.release.opened import LEFT_OUT, Opened, UncheckableError
from broadsheet.release.unpublished import unexplained, wrong_held
from broadsheet.release.versions import order

KEYS = {"segment": ("page_id", "start"), "pair": ("a", "b"), "page": ("page_id",), "record": ("id",)}
"""What the rows of each kind are ordered by, each key once."""


def checksums(release: Opened) -> Iterator[str]:
    """Files that are not as they were sealed."""
    missing = f"{REJECTED}: missing" if release.lacks_quarantine else None
    yield from (fault for fault in seal.sum_faults(release.path) if fault != missing)
    if missing:
        raise UncheckableError(LEFT_OUT)


def files(release: Opened) -> Iterator[str]:
    """Files that a release does not have, or lacks: what no check reads may not look like a part of it."""
    named = {path for table in release.manifest["tables"] for paths in table["files"].values() for path in paths}
    expected = named | {seal.MANIFEST, seal.SUMS, seal.MEASURES}
    expected |= set(describe.document_names(release.manifest["configuration"]))
    expected |= {f"schema/{schema_path(name).name}" for name in SCHEMAS}
    if release.manifest["ledger"]["n_rejected"] + release.manifest["ledger"]["n_unreadable"]:
        expected |= set() if release.lacks_quarantine else {REJECTED}
    formats = release.manifest["configuration"]["export"]["formats"]
    for table in release.manifest["tables"]:
        if "arrow" in formats:
            expected |= _arrow_files(release, table)
        if set(table["files"]) != {"parquet", *formats} - {"arrow"}:
            yield f"{table['config']}/{table['split']}: is not in the formats that the configuration names"
    there = set(seal.files(release.path))
    yield from (f"{path}: belongs to no release" for path in sorted(there - expected - {seal.SIGNATURE}))
    yield from (f"{path}: missing" for path in sorted(expected - there))


def _arrow_files(release: Opened, table: Row) -> set[str]:
    folder = f"{FOLDER}/{table['config']}/{table['split']}"
    state = json.loads((release.path / folder / "state.json").read_text("utf-8"))
    names = ["state.json", "dataset_info.json", *(file["filename"] for file in state["_data_files"])]
    return {f"{folder}/{name}" for name in names} | {f"{FOLDER}/{table['config']}/dataset_dict.json"}


def rows(release: Opened) -> Iterator[str]:
    """Rows that are not valid, stand twice or out of order."""
    contract = release.contract
    seen: dict[str, set[str]] = {}
    for table in release.manifest["tables"]:
        yield from tables.schema_faults(release.path, table, contract)
        check = release.checker(contract.row_schema(table["config"]))
        kind = LEDGER_CONFIGS.get(table["config"], "record")
        before: tuple[Any, ...] = ()
        firsts = set(accumulate(table.get("runs", ()), initial=0))
        keys = set()
        for number, row in enumerate(tables.rows(release.path, table)):
            at = f"{table['config']}/{table['split']} row {number}"
            yield from (f"{at}: {fault}" for fault in check(row))
            key = tuple(row[name] for name in KEYS[kind])
            # What each release added is sorted for itself, so that it is in shards of its own.
            if (key <= before and number not in firsts) or key in keys:
                yield f"{at}: stands twice or out of order"
            before = key
            keys.add(key)
            if kind == "record" and row["id"] in seen.setdefault(kind, set()):
                yield f"{at}: record {row['id']} is in another table, too"
            seen.setdefault(kind, set()).add(str(key[0]))
        yield from _wrong_runs(release, table)
    if contract.digest != release.manifest["record_schema"]:
        yield f"schema/{schema_path('record').name}: is not the schema that the manifest names"
    if not schema("record")["properties"].keys() <= contract.members.keys():
        yield f"schema/{schema_path('record').name}: lacks properties of ours"
    if release.manifest["versions"]["broadsheet"] == __version__:
        for name, document in contract.documents().items():
            file = release.path / "schema" / schema_path(name).name
            if json.loads(file.read_text("utf-8")) != document:
                yield f"schema/{file.name}: is not the schema in force"
    rejection = release.checker(schema("release#rejection"))
    for number, row in enumerate(release.rejections):
        yield from (f"quarantine row {number}: {fault}" for fault in rejection(row))
        if row["schema"] != release.manifest["record_schema"]:
            yield f"quarantine row {number}: was not rejected by the schema that the manifest names"
    places = [(row["path"], row["line"] or 0, row["offset"] or 0) for row in release.rejections]
    if places != sorted(places):
        yield "quarantine: its rows are not in the order of their places"
    yield from _texts_that_are_not(release)


def _wrong_runs(release: Opened, table: Row) -> Iterator[str]:
    """What does not agree between a table and the runs of rows that came with each release."""
    at, runs = f"{table['config']}/{table['split']}", table.get("runs", [table["n_rows"]])
    if sum(runs) != table["n_rows"] or (len(runs) > 1 and release.manifest["base"] is None):
        yield f"{at}: {runs} rows did not come with so many releases"
    if table["config"] in RECORD_CONFIGS:
        found = [row["first_version"] for row in tables.rows(release.path, table)]
        ends = list(accumulate(runs))
        came = [set(found[end - n : end]) for n, end in zip(runs, ends, strict=True)]
        names = [min(run, default="") for run in came]
        if any(len(run) > 1 for run in came) or names != sorted(set(names), key=order):
            yield f"{at}: its rows are not in the order of the versions in which they first appeared"


def _texts_that_are_not(release: Opened) -> Iterator[str]:
    """How many pages of a standoff release have their text again, where the manifest says something else."""
    if release.is_standoff:
        n_there = sum(page["text"] is not None for page in release.pages.values())
        if n_there != release.manifest["standoff"]["n_restored"]:
            yield f"{n_there} pages have a text, not {release.manifest['standoff']['n_restored']}"


def nothing_lost(release: Opened) -> Iterator[str]:
    """Characters, segments and records that are in no place or in two."""
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
    found = {
        **counts,
        "n_pages": len(release.pages),
        "n_captures": sum(len(page["captures"]) for page in release.pages.values()),
        "n_chars": sum(page["n_chars"] for page in release.pages.values()),
        "n_valid": len(release.groups),
        "n_unique": len(release.canonical),
        "n_canonical": len(release.records),
        "n_folded": len(release.canonical) - len(release.records) - len(release.held),
        **({"n_held": len(release.held)} if release.manifest["base"] or release.held else {}),
        **({"n_withdrawn": n_withdrawn} if (n_withdrawn := n_withdrawn_in(release.segments)) else {}),
    }
    if "n_withdrawn" in ledger and not n_withdrawn:
        yield f"ledger: {ledger['n_withdrawn']} records were withdrawn, but no segment was"
    yield from (f"ledger: {name} is {n}, not {ledger.get(name)}" for name, n in found.items() if n != ledger.get(name))
    yield from wrong_held(release)
    yield from wrong_masks(release)
    yield from _unnamed(release)
    yield from unexplained(release)
    if release.rejections:
        release.require_texts()


def _unnamed(release: Opened) -> Iterator[str]:
    """Properties of valid records that the schema does not name, where the manifest counts others."""
    found: Counter[str] = Counter()
    for page_id, page in release.pages.items():
        if page["format"] == "record" and page["given"] is None:
            return
        if page["given"] is not None and release.segments[page_id][0]["outcome"] != "quarantine":
            found.update(json.loads(page["given"]).keys() - release.contract.members.keys())
    if found != release.manifest["inputs"]["unknown_properties"]:
        yield f"properties that the schema does not name are {dict(found)}, not those of the manifest"


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


def formats(release: Opened) -> Iterator[str]:
    """Tables whose rows differ between formats or from the manifest."""
    for table in release.manifest["tables"]:
        for name, found in tables.digests(release.path, table).items():
            if found != table["logical_digest"]:
                yield f"{table['config']}/{table['split']}: the rows in {name} are not those of the manifest"
        n_rows = sum(1 for _ in tables.rows(release.path, table))
        if n_rows != table["n_rows"]:
            yield f"{table['config']}/{table['split']}: {n_rows} rows, not {table['n_rows']}"
        if table["config"] in RECORD_CONFIGS:
            wrong = [row["id"] for row in tables.rows(release.path, table) if not _belongs(row, table)]
            yield from (f"record {id_}: does not belong to {table['config']}/{table['split']}" for id_ in wrong)
    if seal.logical_digest(release.manifest["tables"]) != release.manifest["logical_digest"]:
        yield "the manifest's logical digest is not that of its tables"


def _belongs(row: Row, table: Row) -> bool:
    return (row["split"], row["kind"]) == (table["split"], RECORD_CONFIGS[table["config"]])


def numbers(release: Opened) -> Iterator[str]:
    """Figures that their queries do not give, and documents that are not what figures and manifest give."""
    stored = json.loads((release.path / seal.MEASURES).read_text("utf-8"))
    found = json.loads(measure.to_json(measure.measure(release.path, release.manifest)))
    for name in sorted(stored.keys() | found.keys()):
        if stored.get(name) != found.get(name):
            yield f"{seal.MEASURES}: {name} is not what its query gives"
    written = release.manifest["versions"]["broadsheet"]
    if written != __version__:
        raise UncheckableError(f"documents were written by version {written}; this is {__version__}")
    facts = describe.Facts.of(release.path, release.manifest, found, release.contract)
    for path, text in describe.documents(facts).items():
        if not (release.path / path).exists() or (release.path / path).read_text("utf-8") != text:
            yield f"{path}: is not what the manifest and the measures give"
