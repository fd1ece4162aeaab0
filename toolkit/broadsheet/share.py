"""Sharing what may be shared: releases without their texts, and the texts put back from a user's own captures."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broadsheet import build as way
from broadsheet import config, read
from broadsheet.batches import read_batches, stream_rows
from broadsheet.errors import CallError
from broadsheet.export import REJECTED, read_quarantine
from broadsheet.partway import reading_pages
from broadsheet.release import changes, signing, standoff
from broadsheet.release import manifest as seal
from broadsheet.release import verify as checks
from broadsheet.release.hydrate import Hydrated
from broadsheet.release.hydrate import hydrate as put_back
from broadsheet.release.keys import Key
from broadsheet.release.lock import held
from broadsheet.release.opened import Opened
from broadsheet.release.publish import publish
from broadsheet.release.restore import Captures
from broadsheet.release.sealed import sealed, write_quarantine, write_tables
from broadsheet.release.sides import Side
from broadsheet.release.verify import Verdict
from broadsheet.release.withdraw import beside
from broadsheet.release.work import make_folder

SUFFIX = "-standoff"
"""Behind the name of a dataset whose texts are left out."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A release that was made of another."""

    path: Path
    published: bool
    """False where the version was there already with equal content."""
    manifest: dict[str, Any]


def dehydrate(release: Path, *, out: Path | None = None, name: str | None = None, key: Key | None = None) -> Shared:
    """Publishes a release without its texts, titles and names, as `out/<name>/<version>`.

    By default beside the dataset, with `-standoff` behind its name. Without a key, short texts are hashed with one that
    follows from the texts of all pages.

    Raises: ReleaseError where nothing was published: the folder is no release, has no texts or is damaged; a value
    would hold five words in a row of a page; or the version is there with other content, or too small.
    """
    manifest = seal.load(release)
    opened = Opened(release, manifest)
    name = name or f"{manifest['name']}{SUFFIX}"
    if name == manifest["name"]:
        raise CallError(f"{name}: is the name of the dataset with its texts; pass another --name")
    made = standoff.dehydrate(opened, name, key)
    contract = opened.contract.standoff()
    above = release.parent.parent if len(release.parts) > 2 else release.resolve().parent.parent
    dataset = (out or above) / name
    version = manifest["version"]
    with _publishing(dataset, version) as folder:
        staged = folder / "release"
        staged.mkdir()
        formats = manifest["configuration"]["export"]["formats"]
        rows = write_tables(staged, contract, formats, made.tables, folder)
        write_quarantine(staged, made.quarantine)
        standoff.require_no_text(made, rows)
        found = {**made.manifest, "tables": rows, "logical_digest": seal.logical_digest(rows)}
        side = Side.staged(staged, found, contract)
        _, comparison = changes.decide(side, dataset, changes.there(dataset), version)
        found["changes"] = comparison.stated
        sealed(staged, found, contract, comparison)
        published = publish(staged, dataset / version)
    return Shared(dataset / version, published.new, found)


def build_standoff(
    inputs: Sequence[Path | str], settings: config.Config, *, out: Path, key: Key | None = None, **how: Any
) -> tuple[way.Built, Shared]:
    """Builds a release and publishes it without its texts alone; what `build.build` takes by name is passed on.

    Raises: what `build.build` and `dehydrate` raise.
    """
    if settings["version"] == "auto":
        raise CallError(
            "--standoff needs a version by its number: the release with texts, which decides it, is not kept"
        )
    if how.get("base"):
        raise CallError("--standoff cannot be combined with --base: which rows came with which version needs the texts")
    if settings.get("privacy"):
        raise CallError("--standoff: what [privacy] masks nobody's own pages complete; publish one or the other")
    sign = how.pop("sign", None)
    if sign:
        signing.sign(b"", sign)
    make_folder(out)
    known = beside(out / settings["name"])
    how["blocklist"] = how.get("blocklist") or (known if known.exists() else None)
    place = how.get("work_dir") or out
    make_folder(place)
    folder = place / f".full-{settings['name']}"
    with held(place / f".lock-full-{settings['name']}", f"build of {settings['name']}"):
        built = way.build(inputs, settings, out=folder, **how)
        try:
            made = dehydrate(built.path, out=out, key=key)
            if sign:
                signing.sign_release(made.path, sign)
            return built, made
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def hydrate(
    release: Path, pages: Sequence[Path | str], *, out: Path, key: Key | None = None
) -> tuple[Shared, Hydrated]:
    """Publishes a standoff release with the texts of a user's captures, as `out/<name>/<version>`.

    Where pages are missing it is a standoff release still, under its own name, with the texts that are there.

    Raises: CallError, InputError where the captures cannot be read; ReleaseError where nothing was published.
    """
    opened = Opened(release, seal.load(release))
    captures = captures_of(opened, pages)
    of = opened.manifest.get("standoff") or {}
    with tempfile.TemporaryDirectory(prefix="broadsheet-") as work:
        made = put_back(
            opened, captures, _made(Path(work) / "release"), Path(work), key=key, beside=out / of.get("name", "")
        )
        dataset = out / made.manifest["name"]
        version = made.manifest["version"]
        with _publishing(dataset, version) as folder:
            shutil.copytree(Path(work) / "release", folder / "release")
            published = publish(folder / "release", dataset / version)
    return Shared(dataset / version, published.new, dict(made.manifest)), made


def verify(
    release: Path,
    pages: Sequence[Path | str],
    *,
    key: Key | None = None,
    reference: bool = False,
    **signed: Path | None,
) -> list[Verdict]:
    """A verdict for each promise of a standoff release, with the texts of a user's captures at hand.

    Its texts are put back in a folder for the time being, the release that this gives is verified, and its texts are
    left out again, which must give the same rows. `signed` is what `release.verify` takes of signatures.

    Raises: CallError, InputError where the captures cannot be read; ReleaseError where it is no standoff release, or
    no page of it is there.
    """
    own = checks.verify(release, reference=reference, **signed)
    if any(verdict.verdict == checks.BROKEN for verdict in own):
        return own
    opened = Opened(release, seal.load(release))
    captures = captures_of(opened, pages)
    with tempfile.TemporaryDirectory(prefix="broadsheet-") as folder:
        staged = Path(folder) / "release"
        staged.mkdir()
        made = put_back(opened, captures, staged, Path(folder), key=key, beside=Path(folder))
        completed = checks.verify(staged, reference=reference)
        if "standoff" in made.manifest:
            n_missing = len(made.report.missing)
            reason = f"{n_missing:,} of {len(opened.pages):,} pages are not among your captures"
            return checks.partly(own, completed, reason)
        if made.key is None:
            return checks.combined(own, completed, [], "its key is not at hand; pass --key")
        again = standoff.dehydrate(Opened(staged, dict(made.manifest)), opened.manifest["name"], made.key)
        faults = [*standoff.differing(opened, again)]
        faults += [] if made.same_rows else ["the rows with the texts are not those that it was made from"]
        return checks.combined(own, completed, faults)


def captures_of(opened: Opened, pages: Sequence[Path | str]) -> Captures:
    """A user's captures, read as the configuration of a release says. Memory: the pages."""
    configured = opened.manifest["configuration"].get("input") or {}
    settings = {
        name: value for name, value in configured.items() if name in {"fields", "limits", "keep_bytes", "format"}
    }
    reading = read.Reading.of(settings, contract=opened.contract.full())
    with reading_pages(pages, reading) as steps:
        rejected_file = steps.work / "rejected"
        steps.valid = []
        steps.write_rejected(rejected_file / REJECTED)
        rows = stream_rows(read_batches([page["pages"] for page in steps.pages]))
        found = {row["page_id"]: {n: v for n, v in row.items() if n not in {"elements", "blocks"}} for row in rows}
        return Captures(found, steps.files, [*read_quarantine(rejected_file)])


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@contextmanager
def _publishing(dataset: Path, version: str) -> Iterator[Path]:
    """A folder beside where a release is published, which goes afterwards; under the lock of the version.

    Raises: ReleaseError where it cannot be written.
    """
    with way.writing(dataset / version):
        make_folder(dataset)
        with held(dataset / f".lock-{version}", f"publication of {dataset.name} {version}"):
            folder = dataset / f".new-{version}"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(0o700)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
