"""Checks of what a release holds: files, rows, ledger, offsets, formats, numbers."""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from broadsheet import __version__, describe, measure, read
from broadsheet.batches import Row
from broadsheet.contract import (
    LEDGER_CONFIGS,
    RECORD_CONFIGS,
    SCHEMAS,
    Error,
    capture_of,
    claimed_time,
    record_id,
    schema,
    schema_path,
)
from broadsheet.export.arrow import FOLDER
from broadsheet.export.quarantine import REJECTED
from broadsheet.release import manifest as seal
from broadsheet.release import tables
from broadsheet.release.masked import wrong_masks
from broadsheet.release.masks import WITHDRAWN, n_withdrawn_in, unmasked
from broadsheet.release.opened import LEFT_OUT, Opened, UncheckableError, same_text
from broadsheet.release.unique import wrong_parents
from broadsheet.release.unpublished import unexplained, wrong_held
from broadsheet.release.versions import order
from broadsheet.text import source_of

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


def traceable(release: Opened) -> Iterator[str]:
    """Ids, places and texts that do not agree."""
    yield from _wrong_outcomes(release)
    yield from _wrong_ids(release)
    yield from _wrong_captures(release)
    yield from _wrong_texts(release)
    release.require_texts()
    yield from wrong_parents(release)


def _wrong_outcomes(release: Opened) -> Iterator[str]:
    homes = set()
    folds = {(pair[x], pair[y]): pair["relation"] for pair in release.pairs for x, y in ("ab", "ba")}
    for page_id, segments in release.segments.items():
        for row in segments:
            at = f"segment {page_id[:12]}:{row['start']}"
            has_record = row["outcome"] in {"canonical", "occurrence"}
            if (row["outcome"] == "held") != (row["record_id"] is not None and row["canonical_id"] is None):
                yield f"{at}: outcome {row['outcome']} does not fit its record"
            if has_record != (row["record_id"] is not None and row["canonical_id"] is not None):
                yield f"{at}: outcome {row['outcome']} does not fit its record"
            elif has_record and row["canonical_id"] not in release.records:
                yield f"{at}: record {row['canonical_id']} is not there"
            is_boilerplate = row["outcome"] == "boilerplate"
            if is_boilerplate != (row["role"] == "boilerplate") and row["outcome"] != WITHDRAWN:
                yield f"{at}: role {row['role']} does not fit outcome {row['outcome']}"
            if row["outcome"] == "canonical":
                homes.add((row["record_id"], page_id))
            same = row["record_id"] == row["canonical_id"]
            expected = "exact" if same else folds.get((row["record_id"], row["canonical_id"]))
            if row["relation"] != (expected if row["outcome"] == "occurrence" else None):
                yield f"{at}: its relation is {expected}, not {row['relation']}"
    for id_, row in release.records.items():
        if (id_, row["page_id"]) not in homes:
            yield f"record {id_}: no segment of page {row['page_id'][:12]} is it"


def _wrong_ids(release: Opened) -> Iterator[str]:
    scope, version = release.manifest["configuration"]["repeats"]["scope"], release.manifest["version"]
    unknown, privacy = _unknown(release), release.privacy
    for id_, row in release.records.items():
        if id_ in unknown:
            continue
        # What was dropped decided the id as well.
        is_told = privacy.get("comment_authors") != "drop" or row["kind"] != "comment"
        if is_told and record_id(row, scope) != id_:
            yield f"record {id_}: its content has the id {record_id(row, scope)}"
        if release.contract.content_digest(row) != row["content_digest"]:
            yield f"record {id_}: content_digest is not that of its content"
    for id_, row in release.records.items():
        if not (release.manifest["base"] or "withdrawn" in release.manifest) and row["first_version"] != version:
            yield f"record {id_}: first appeared in {row['first_version']}, but no release came before {version}"
    for id_, page in release.pages.items():
        if any(row["outcome"] == WITHDRAWN for row in release.segments.get(id_, ())):
            yield from unmasked(page, release.segments[id_])
            continue
        raw = None if privacy else _bytes_of(page)
        if raw is None:
            continue
        if hashlib.sha256(raw).hexdigest() != id_ or len(raw) != page["n_bytes"]:
            yield f"page {id_[:12]}: its text is not that of the bytes with this id"
        elif page["raw_base64"] is not None and not _reads_so(release, page, raw):
            yield f"page {id_[:12]}: its bytes give another text or other claims"


def _unknown(release: Opened) -> set[str]:
    """Records of a standoff release whose text is not there, or not as it was."""
    if not release.is_standoff:
        return set()
    missing = {id_ for id_, row in release.records.items() if row["text"] is None}
    return missing | {*release.manifest["standoff"]["approximate"]}


def _reads_so(release: Opened, page: Row, raw: bytes) -> bool:
    """True where the bytes give the page's text and claims, or where another version made these."""
    versions = release.manifest["versions"]
    if (versions["renderer"], versions["html_parser"]) != (read.RENDERER, read.html_parser()):
        return True
    limits = read.Reading.of(release.manifest["configuration"].get("input") or {}).limits
    text, claims = read.text_of(raw, page["format"], page["encoding"], limits)
    return (text, claims) == (page["text"], page["claims"])


def _bytes_of(page: Row) -> bytes | None:
    """The bytes of a page, where the release tells them."""
    if page["raw_base64"] is not None:
        return base64.b64decode(page["raw_base64"])
    if page["given"] is not None:
        return str(page["given"]).encode()
    if page["format"] != "txt" or page["text"] is None or page["n_replaced"]:
        return None
    return read.encode(page["text"], page["encoding"]) if read.is_one_to_one(page["encoding"]) else None


def _wrong_captures(release: Opened) -> Iterator[str]:
    known: dict[str, list[Row]] = {}  # what is gone on from may have read another file under a name
    for file in release.manifest["inputs"]["files"]:
        known.setdefault(file["path"], []).append(file)
    found: Counter[str] = Counter()
    for id_, page in release.pages.items():
        for capture in page["captures"]:
            found[capture["path"]] += 1
            files = known.get(capture["path"], [])
            if not files:
                yield f"page {id_[:12]}: was captured from {capture['path']}, which is no input"
            elif not release.privacy and not any(
                file["sha256"] == id_ or not _is_page(file, capture) for file in files
            ):
                yield f"page {id_[:12]}: is not what {capture['path']} held"
            host = source_of(capture["url"]) if capture["url"] else None
            if host and capture["source"] != host:
                yield f"page {id_[:12]}: the source of {capture['url']} is not {capture['source']}"
    for path, files in known.items():
        n_pages = sum(file["n_pages"] for file in files)
        if found[path] != n_pages:
            yield f"input {path}: {found[path]} pages, not {n_pages}"


def _is_page(file: Row, capture: Row) -> bool:
    """True where a capture is a whole file, byte for byte."""
    return file["compression"] == "none" and capture["line"] is None and capture["offset"] is None


def _wrong_texts(release: Opened) -> Iterator[str]:
    unknown = _unknown(release)
    for appearance in release.appearances:
        record, page = release.records.get(appearance["id"]), release.pages[appearance["page_id"]]
        if record is None or record["id"] in unknown:
            continue
        if not same_text(appearance["text"], record["text"]) or not same_text(appearance["title"], record["title"]):
            yield f"record {record['id']}: has another title or text on page {page['page_id'][:12]}"
        first = appearance["segments"][0]
        errors = _errors(release, appearance, page)
        yield from (f"record {record['id']}: {error['pointer']}: {error['message']}" for error in errors)
        if first["outcome"] == "canonical" and not errors:
            expected = _expected(release, appearance, first, page)
            wrong = [name for name, value in expected.items() if record[name] != value]
            if wrong:
                yield f"record {record['id']}: {', '.join(wrong)} are not what its page says"


def _errors(release: Opened, appearance: Row, page: Row) -> list[Error]:
    """What is wrong with a record of the user's own; it holds a row's values from then on."""
    return release.contract.check(appearance["given"], page["given"]) if page["given"] is not None else []


def _expected(release: Opened, appearance: Row, first: Row, page: Row) -> Row:
    """The fields of a record that its page decides; of a record of the user's own, all own ones."""
    found = {"capture": capture_of(page), "language": first["language"], "script": first["script"]}
    if page["given"] is not None:
        own = release.contract.row_of(appearance["given"], found)
        return {name: value for name, value in own.items() if name not in {"reply_to", "parent_id"}}
    place = {name: found["capture"][name] for name in ("url", "source", "captured")}
    cut = {name: first[name] for name in ("role", "language", "script", "position", "depth")}
    ending = appearance["segments"][-1]["truncated"]
    is_first = first["role"] == "main" and first["article"] == 0
    published = claimed_time(page, "published") if is_first else None
    return {
        "text": appearance["text"],
        **appearance["given"],
        "truncated": ending,
        "published": published,
        **place,
        **cut,
    }


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
