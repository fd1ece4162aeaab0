"""Checks that everything is traceable: ids, places, captures and texts agree with one another."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator

from broadsheet import read
from broadsheet.batches import Row
from broadsheet.contract import Error, capture_of, claimed_time, record_id
from broadsheet.release.masks import WITHDRAWN, unmasked
from broadsheet.release.opened import Opened, same_text
from broadsheet.release.unique import wrong_parents
from broadsheet.text import source_of


def agree(release: Opened) -> Iterator[str]:
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
