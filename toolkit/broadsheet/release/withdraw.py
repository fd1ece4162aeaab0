"""Withdrawal: a new version without a record and its repeats, and old versions that are removed whole."""

import contextlib
import json
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from broadsheet.batches import Row, to_disk
from broadsheet.contract import RECORD_CONFIGS, Contract
from broadsheet.errors import CallError, ReleaseError
from broadsheet.release import changes, signing, versions
from broadsheet.release import manifest as seal
from broadsheet.release.blocklist import Blocklist
from broadsheet.release.lock import held
from broadsheet.release.masks import Plan, left_in, plan
from broadsheet.release.opened import shipped_contract
from broadsheet.release.publish import publish, purged, purged_versions
from broadsheet.release.residue import RUN, Residue
from broadsheet.release.sealed import sealed
from broadsheet.release.select import Selection
from broadsheet.release.sides import Side
from broadsheet.release.versions import AUTO
from broadsheet.release.without import write_without
from broadsheet.text import address, collapse, source_of

KEPT_OUT: Final = "a copy of what was withdrawn before"
"""Why a record is not in a build whose id was in no version."""
_TABLES: Final = frozenset({"data", "jsonl", "arrow"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records are to be withdrawn."""

    ids: Sequence[str] = ()
    urls: Sequence[str] = ()
    authors: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What became of a withdrawal."""

    path: Path
    version: str
    published: bool
    records: list[Row]
    """The records that went: `id`, `config`, and how many others they stood for (`repeats`)."""
    n_pages: int
    """Pages in whose text something is masked."""
    quotations: list[Row]
    """Kept records that hold 13 words in a row of them: `id`, `config`, `title`, `runs`."""
    still: list[str] = field(default_factory=list)
    """Earlier versions that still hold them."""


def withdraw(
    dataset: Path,
    wanted: Wanted,
    *,
    reason: str,
    date: str | None = None,
    version: str = AUTO,
    blocklist: Path | None = None,
) -> Withdrawn:
    """Publishes the next version of a dataset, without some records and all that they stand for.

    Their text is masked wherever it stands on a page; a rejected record that holds 13 words in a row of it goes, too.
    Of kept records those that do are listed, for a person to decide. The blocklist, beside the dataset where none is
    named, keeps them out of later builds.

    Memory: the pages on which they stand, and 100 bytes a word of theirs.

    Raises: CallError for a wrong call; ReleaseError where nothing was published: no such record, the latest version is
    damaged or without texts, the version is too small, or another file holds a run.
    """
    if not reason.strip():
        raise CallError("say why with --reason: it stands in index.json, so let it tell nothing of the record")
    latest = latest_of(dataset)
    manifest = seal.load(latest)
    damage = next(seal.sum_faults(latest), None)
    if damage:
        raise ReleaseError(f"{latest}: is damaged: {damage}; run `broadsheet verify`")
    if "standoff" in manifest or not manifest["configuration"]["export"]["page_texts"]:
        raise ReleaseError(f"{latest}: is without texts; withdraw from the release with them, and dehydrate that")
    if manifest["base"]:
        raise ReleaseError(
            f"{latest}: goes on from version {manifest['base']['version']} (--base), and promises to hold all of it "
            "as it was; build it whole as a new version, and withdraw from that"
        )
    contract = shipped_contract(latest)
    tables = Selection(latest, manifest)
    chosen = choose(tables, wanted)
    with held(dataset / f".lock-{AUTO}", f"withdrawal from {dataset.name}"):
        found, residue = plan(tables, chosen)
        staged = dataset / ".new-withdrawal" / "release"
        shutil.rmtree(staged.parent, ignore_errors=True)
        staged.parent.mkdir(0o700)
        staged.mkdir()
        try:
            made = _staged(latest, manifest, contract, found, residue, staged)
            tombstones = [{"id": id_, "reason": reason, "date": date} for id_ in sorted(found.ids)]
            number = _seal(staged, made, contract, dataset, version, tombstones)
            _require_gone(staged, residue, {*found.quotations})
            marks: dict[str, Any] = {"ids": sorted(found.ids), "spared": sorted(found.quotations)}
            marks |= {"since": number, "reason": reason, "date": date}
            Blocklist.at(blocklist or beside(dataset)).add(found.texts, marks)
            published = publish(staged, dataset / number)
        finally:
            shutil.rmtree(staged.parent, ignore_errors=True)
    return Withdrawn(
        dataset / number,
        number,
        published.new,
        _told(tables, chosen),
        len(found.segments),
        sorted(found.quotations.values(), key=lambda row: (-row["runs"], row["id"])),
        [old for old in versions.beside(dataset) if old != number and _holds(dataset / old, found.canonical)],
    )


def beside(dataset: Path) -> Path:
    """Where the blocklist of a dataset is, unless another is named: beside its folder, which is published."""
    return dataset.resolve().parent / f".blocklist-{dataset.resolve().name}.json"


def of_dataset(dataset: Path, blocklist: Path | None = None) -> Blocklist:
    """The blocklist of a dataset, of which records may have been withdrawn.

    Raises: CallError where some were, and it is not there; or where it is none.
    """
    file = blocklist or beside(dataset)
    there = versions.beside(dataset)
    if not file.exists():
        withdrawn = None
        with contextlib.suppress(ReleaseError):  # a damaged version is told of elsewhere
            withdrawn = seal.load(dataset / there[-1]).get("withdrawn") if there else None
        if withdrawn or blocklist:
            raise CallError(f"{file}: is not there, and what was withdrawn would come back; name it with --blocklist")
    return Blocklist.at(file)


def latest_of(dataset: Path) -> Path:
    """The latest version of a dataset.

    Raises: ReleaseError where there is none.
    """
    there = versions.beside(dataset)
    if not there:
        raise ReleaseError(f"{dataset}: holds no version of a dataset; name the folder of all its versions")
    return dataset / there[-1]


def choose(tables: Selection, wanted: Wanted) -> set[str]:
    """The records of a release that are to be withdrawn, each with all its repeats.

    An id may be that of a repeat. An address means the main articles of its pages, or the records of a user's own
    that came with it; an author all records with that name, in any case.

    Raises: ReleaseError naming what means no record.
    """
    found: set[str] = set()
    missing: list[str] = []
    for id_ in wanted.ids:
        rows = tables.rows(["segments"], {"record_id": [id_]}, ["canonical_id"])
        targets = {row["canonical_id"] for row in rows}
        found |= targets
        missing += [] if targets else [f"no record has the id {id_}"]
    for url in wanted.urls:
        targets = _at(tables, url)
        found |= targets
        missing += [] if targets else [f"no main article has the address {url}"]
    for author in wanted.authors:
        name = collapse(author).casefold()
        targets = {
            id_
            for batch in tables.batches(RECORD_CONFIGS, ["id", "author"])
            for id_, by in zip(*(batch.column(n).to_pylist() for n in ("id", "author")), strict=True)
            if by is not None and collapse(by).casefold() == name
        }
        found |= targets
        missing += [] if targets else [f"no record has the author {author!r}"]
    if missing:
        raise ReleaseError(f"{tables.release}: {'; '.join(missing)}; nothing was published")
    if not found:
        raise CallError("name what is to be withdrawn with --id, --url or --author")
    return found


def _at(tables: Selection, url: str) -> set[str]:
    place, host = address(url), source_of(url)
    rows = tables.captured("url", place.removeprefix(host or ""))
    pages = {row["page_id"] for row in rows if any(address(c["url"] or "") == place for c in row["captures"])}
    names = ["role", "canonical_id", "page_id"]
    segments = [row for row in tables.rows(["segments"], {"page_id": pages}, names) if row["canonical_id"] is not None]
    formats = tables.rows(["pages"], {"page_id": pages}, ["page_id", "format"])
    records = {row["page_id"] for row in formats if row["format"] == "record"}
    return {row["canonical_id"] for row in segments if row["role"] == "main" or row["page_id"] in records}


def _staged(
    latest: Path, manifest: Mapping[str, Any], contract: Contract, found: Plan, residue: Residue, staged: Path
) -> dict[str, Any]:
    made = write_without(latest, manifest, contract, found, residue, staged)
    if not any(table["config"] in RECORD_CONFIGS for table in made.tables):
        raise ReleaseError(f"{latest}: no record would be left; remove the dataset instead")
    digest = seal.logical_digest(made.tables)
    return {**manifest, **made.manifest, "tables": made.tables, "logical_digest": digest}


def _seal(
    staged: Path,
    manifest: dict[str, Any],
    contract: Contract,
    dataset: Path,
    asked: str,
    tombstones: Sequence[Mapping[str, Any]],
) -> str:
    """Decides the version, and writes all that follows from the tables; the version."""
    earlier = changes.there(dataset)
    manifest |= {"version": changes.assumed(earlier, asked)}
    version, comparison = changes.decide(Side.staged(staged, manifest, contract), dataset, earlier, asked)
    known = [*manifest.get("withdrawn", ()), *({**one, "since": version} for one in tombstones)]
    order = ("id", "since", "reason", "date")
    manifest |= {
        "version": version,
        "configuration": {**manifest["configuration"], "version": version},
        "changes": comparison.stated,
        "withdrawn": sorted(({name: one[name] for name in order} for one in known), key=lambda one: str(one["id"])),
    }
    sealed(staged, manifest, contract, comparison)
    return version


def _require_gone(staged: Path, residue: Residue, quoting: Collection[str]) -> None:
    """Raises: ReleaseError where a file that is no table holds a run of what was withdrawn."""
    for path in seal.files(staged):
        is_table = Path(path).parts[0] in _TABLES or path.endswith(".gz")
        if not is_table and residue.count_in((staged / path).read_text("utf-8")):
            raise ReleaseError(f"{path}: would hold {RUN} words in a row of what is withdrawn; nothing was published")
    manifest = json.loads((staged / seal.MANIFEST).read_text("utf-8"))
    left = left_in(Selection(staged, manifest), residue, quoting)
    if left:
        raise ReleaseError(f"{left}: would hold {RUN} words in a row of what is withdrawn; nothing was published")


def keep_out(
    staged: Path, manifest: Mapping[str, Any], contract: Contract, blocked: Blocklist, target: Path
) -> dict[str, Any] | None:
    """Writes a release that is being built into `target` without what was withdrawn before; its manifest.

    None where nothing in it was, and nothing is written then. Its tables and quarantine are there; what follows from
    them is not.

    Raises: ReleaseError where no record would be left.
    """
    tables = Selection(staged, manifest)
    chosen = {
        id_
        for batch in tables.batches(RECORD_CONFIGS, ["id", "text"])
        for id_, text in zip(*(batch.column(name).to_pylist() for name in ("id", "text")), strict=True)
        if blocked.matches(id_, text)
    }
    known = blocked.tombstones()
    if not chosen:
        return None
    found, residue = plan(tables, chosen)
    made = _staged(staged, manifest, contract, found, residue, target)
    told = {one["id"] for one in known}
    new = [{"id": id_, "since": manifest["version"], "reason": KEPT_OUT, "date": None} for id_ in found.ids - told]
    return {**made, "withdrawn": sorted([*known, *new], key=lambda one: str(one["id"]))}


def _told(tables: Selection, chosen: Collection[str]) -> list[Row]:
    repeats: dict[str, set[str]] = {id_: set() for id_ in chosen}
    for row in tables.rows(["segments"], {"canonical_id": chosen}, ["record_id", "canonical_id"]):
        repeats[row["canonical_id"]].add(row["record_id"])
    kinds = {row["id"]: row["kind"] for row in tables.rows(RECORD_CONFIGS, {"id": chosen}, ["id", "kind"])}
    return [{"id": id_, "kind": kinds[id_], "repeats": len(repeats[id_]) - 1} for id_ in sorted(chosen)]


def _holds(release: Path, ids: Collection[str]) -> bool:
    try:
        tables = Selection(release, seal.load(release))
        return any(True for _ in tables.rows(["segments"], {"record_id": ids}, ["record_id"]))
    except ReleaseError:
        return True  # what cannot be read may hold it


def purge(dataset: Path, named: Sequence[str], *, reason: str, date: str | None = None) -> None:
    """Removes versions of a dataset whole, and says so in its index; none is changed. What was interrupted goes on.

    Raises: CallError where one is not there, or is the latest; BusyError where a withdrawal is running.
    """
    if not named:
        return
    there = versions.beside(dataset)
    for version in named:
        if unfinished(_gone(dataset, version)):
            continue
        if version not in there:
            raise CallError(f"{dataset}: has no version {version}; there are {', '.join(there)}")
        if version == there[-1]:
            raise CallError(f"{dataset / version}: is the latest version, which is not purged; withdraw from it first")
    with held(dataset / f".lock-{AUTO}", f"withdrawal from {dataset.name}"):
        for version in named:
            gone = _gone(dataset, version)
            if not unfinished(gone):
                shutil.rmtree(gone, ignore_errors=True)
                (dataset / version).rename(gone)
                to_disk(dataset)
            purged(dataset, {"version": version, "logical_digest": _digest(gone), "reason": reason, "date": date})
            shutil.rmtree(gone)
            signing.beside(dataset / version).unlink(missing_ok=True)


def _gone(dataset: Path, version: str) -> Path:
    """Where a version lies while it is removed."""
    return dataset / f".purged-{version}"


def unfinished(path: Path) -> bool:
    """Whether the folder is a version that is being removed whole, and the index of its dataset does not say so yet."""
    version = path.name.removeprefix(_gone(path.parent, "").name)
    return version != path.name and path.is_dir() and version not in purged_versions(path.parent)


def _digest(release: Path) -> str | None:
    try:
        return str(seal.load(release)["logical_digest"])
    except ReleaseError:
        return None
