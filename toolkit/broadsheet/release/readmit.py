"""Readmission: the records that a release keeps in quarantine, checked again under another schema."""

import base64
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from broadsheet.batches import Row
from broadsheet.contract import Contract, Error, Example, Tally, checks, error_at, schema
from broadsheet.errors import CallError, ReleaseError
from broadsheet.export import read_quarantine
from broadsheet.export.quarantine import REJECTED
from broadsheet.read import Fields, Rejected, read_record
from broadsheet.release import manifest as seal
from broadsheet.release.opened import LEFT_OUT, shipped_contract


class Retried(NamedTuple):
    """One record of the quarantine, checked again."""

    path: str
    line: int | None
    offset: int | None
    record: bytes | None
    """Its canonical JSON, as input for another build; None where it is no record still."""
    errors: list[Error]
    """Why it would be rejected again; none means that it passes now."""


def readmit(release: Path, contract: Contract | None = None, out: Path | None = None) -> dict[str, Any]:
    """How many records in a release's quarantine pass now, under another contract than the release's or under that.

    Counts: records, passing, and the others by rule, each with its first example; and every record's place with
    whether it passes. Those that pass go into `out`, as JSON lines.

    Raises: CallError where `out` lies in the release; ReleaseError where the folder is no release, or `out` cannot be
    written.
    """
    seal.load(release)  # says what the folder lacks, where it is no release
    if seal.lacks(release, REJECTED):
        raise ReleaseError(f"{release}: {LEFT_OUT}; there is nothing to check again")
    if out and out.resolve().is_relative_to(release.resolve()):
        raise CallError(f"{out} lies in the release, which never changes; name another place with --out")
    contract = contract or shipped_contract(release)
    tally = Tally()
    places: list[Row] = []
    lines: list[bytes] = []
    for one in retried(release, contract):
        places.append({"path": one.path, "line": one.line, "offset": one.offset, "passes": not one.errors})
        if one.errors:
            example = Example(one.path, one.line or 0, one.offset or 0, "")
            tally.add(example, [(contract.rule(error), error["message"]) for error in one.errors])
        elif one.record is not None:
            lines.append(one.record + b"\n")
    if out:
        try:
            out.write_bytes(b"".join(lines))
        except OSError as error:
            raise ReleaseError(f"{out}: cannot be written: {error.strerror}; name another place with --out") from None
    counts = {"records": len(places), "passing": len(lines)}
    return {**counts, "rules": tally.commonest(), "record_schema": contract.digest, "places": places}


def retried(release: Path, contract: Contract) -> Iterator[Retried]:
    """Every record in a release's quarantine, checked again. Lazy.

    Lines that were no records are read again, too: what is refused there changes between versions of this program. Not
    so those of CSV, which mean nothing without their header: these stay refused, for the reason that they were.

    Raises: ReleaseError where the folder is no release.
    """
    manifest = seal.load(release)
    delimited = {file["path"] for file in manifest["inputs"]["files"] if file["format"] == "csv"}
    configured = manifest["configuration"].get("input") or {}
    names = {our: their for our, their in configured.get("fields", {}).items() if our in contract.members}
    theirs, ours = Fields(names, contract), Fields({}, contract)
    check = checks(schema("release#rejection"))
    try:
        for row in read_quarantine(release):
            _require(not check(row))
            if not row["page_id"] and row["path"] in delimited:
                yield Retried(**_place(row), record=None, errors=row["errors"][:1])
                continue
            # What was a record stands in the quarantine under our names already.
            yield _retried(row, contract, ours if row["page_id"] else theirs)
    except (OSError, EOFError, ValueError, RecursionError, zlib.error) as error:
        raise ReleaseError(f"{release}: its quarantine is damaged: {error}") from None


def _require(is_rejection: bool) -> None:
    if not is_rejection:
        raise ValueError("a line of it is no rejection")


def _place(row: Row) -> Row:
    return {name: row[name] for name in ("path", "line", "offset")}


def _retried(row: Row, contract: Contract, fields: Fields) -> Retried:
    place = _place(row)
    raw = row["raw"].encode() if row["raw"] is not None else base64.b64decode(row["raw_base64"] or "")
    if not raw:
        return Retried(**place, record=None, errors=row["errors"][:1])
    found = read_record(raw, row["line"] or 0, len(raw), fields)
    if isinstance(found, Rejected):
        return Retried(**place, record=None, errors=[error_at("", found.code, found.message)])
    return Retried(**place, record=found.record, errors=contract.check(found.value, found.record))
