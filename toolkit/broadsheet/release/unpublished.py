"""Checks of what a release holds and no table of records has: the quarantine, and records that are held."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator

from broadsheet.batches import Row
from broadsheet.release.opened import Opened


def wrong_held(release: Opened) -> Iterator[str]:
    """Records that are held without a reason, or named as held and not."""
    told = {held["id"]: held["ties"] for held in (release.manifest["base"] or {}).get("held", ())}
    yield from (
        f"record {id_}: is held, but the manifest does not say why" for id_ in sorted(release.held - told.keys())
    )
    for id_, ends in told.items():
        if id_ not in release.held:
            yield f"record {id_}: is named as held, but no segment is"
        there = [release.records.get(end["id"], {}).get("split") for end in ends]
        if there != [end["split"] for end in ends] or len(set(there)) < 2:
            yield f"record {id_}: is held, but does not tie two splits of the release together"


def unexplained(release: Opened) -> Iterator[str]:
    """What the quarantine lacks or has too much: each rejected record is there whole, with its reasons."""
    n_rejected = sum(row["page_id"] is not None for row in release.rejections)
    counted = {"n_rejected": n_rejected, "n_unreadable": len(release.rejections) - n_rejected}
    ledger = release.manifest["ledger"]
    yield from (f"ledger: {name} is {n}, not {ledger[name]}" for name, n in counted.items() if n != ledger[name])
    for row in release.rejections:
        contents = [row.get(name) for name in ("raw", "raw_base64") if row.get(name) is not None]
        if not row.get("errors") or len(contents) not in _contents_expected(release, row):
            yield f"quarantine: {row.get('path')}:{row.get('line')} lacks its content or its reasons"
        elif contents and row["page_id"]:
            yield from _wrong_rejections(release, row)
    reasons: Counter[str] = Counter()
    invalid: Counter[str] = Counter()
    for row in release.rejections:
        errors = row["errors"] if row["page_id"] else row["errors"][:1]
        reasons.update({release.contract.rule(error) for error in errors})
        invalid[row["path"]] += row["page_id"] is not None
    if reasons != release.manifest["rejections"]:
        yield f"quarantine: the reasons are {dict(reasons)}, not {release.manifest['rejections']}"
    yield from _miscounted(release, invalid)
    explained = {(row["page_id"], row["start"]) for row in release.rejections}
    for page_id, segments in release.segments.items():
        firsts: dict[tuple[str, int], int] = {}
        for row in segments:
            if row["outcome"] == "quarantine":
                key = ("start", row["start"]) if row["article"] is None else ("article", row["article"])
                firsts.setdefault(key, row["start"])
        for start in firsts.values():
            if (page_id, start) not in explained:
                yield f"segment {page_id[:12]}:{start}: is in quarantine, where no reason is given"


def _contents_expected(release: Opened, row: Row) -> set[int]:
    """How many contents a rejected record may have: none where a limit forbade to keep it, or a standoff release."""
    not_kept = row["page_id"] is None and "not-kept" in [error["keyword"] for error in row["errors"]]
    return {0, 1} if release.is_standoff else {0 if not_kept else 1}


def _miscounted(release: Opened, invalid: Counter[str]) -> Iterator[str]:
    """Input files whose invalid records are not as many as the quarantine has."""
    told: Counter[str] = Counter()
    for file in release.manifest["inputs"]["files"]:
        told[file["path"]] += file["n_invalid"]
    for path, n in told.items():
        if n != invalid[path]:
            yield f"input {path}: {invalid[path]} records are invalid, not {n}"


def _wrong_rejections(release: Opened, row: Row) -> Iterator[str]:
    """What does not agree between a rejected record, its page, and the rules that it is said to break."""
    at, page = f"quarantine: {row['path']}:{row['line']}", release.pages.get(row["page_id"])
    if page is None:
        yield f"{at}: page {row['page_id'][:12]} is not there"
        return
    place = {name: row[name] for name in ("path", "line", "offset")}
    if not any(place.items() <= capture.items() for capture in page["captures"]):
        yield f"{at}: page {row['page_id'][:12]} was not captured there"
    raw = row["raw"].encode()
    if page["format"] == "record" and not release.privacy and hashlib.sha256(raw).hexdigest() != row["page_id"]:
        yield f"{at}: its content is not that of page {row['page_id'][:12]}"
    found = {release.contract.rule(error) for error in release.contract.check(json.loads(raw), row["raw"])}
    if found != {release.contract.rule(error) for error in row["errors"]}:
        yield f"{at}: it breaks other rules than its reasons say"
