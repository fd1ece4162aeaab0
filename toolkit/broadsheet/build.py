"""The whole way, from files to a published release. Only this module knows the order of the steps."""

import contextlib
import errno
import importlib.metadata
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from broadsheet import __version__, config, describe, engine, read
from broadsheet.contract import RECORD_CONFIGS, Contract
from broadsheet.errors import BroadsheetError, CallError, ReleaseError
from broadsheet.export import REJECTED
from broadsheet.growing import Growing
from broadsheet.measure import refuse_topic
from broadsheet.memory import Budget, few_collections
from broadsheet.privacy import Masker, Privacy
from broadsheet.release import changes, signing, work
from broadsheet.release import manifest as seal
from broadsheet.release.base import Base
from broadsheet.release.blocklist import Blocklist
from broadsheet.release.lock import held
from broadsheet.release.publish import publish
from broadsheet.release.sealed import sealed
from broadsheet.release.sides import Side
from broadsheet.release.versions import AUTO
from broadsheet.release.withdraw import keep_out, of_dataset
from broadsheet.repeats import RULE
from broadsheet.segment import SEGMENTER
from broadsheet.split import shares
from broadsheet.steps import Event, Report, Results, Steps, total

__all__ = ["Built", "Event", "Report", "build", "limit", "read_as"]


@dataclass(frozen=True, slots=True)
class Built:
    """The outcome of a build."""

    path: Path
    published: bool
    """False where the version was there already with equal content."""
    manifest: Mapping[str, Any]
    failed: Results
    """Files that could not be read (`path`, `error`); the release holds the others."""


def silent(event: Event) -> None:
    """Reports nothing."""


DEFAULT_READING = read.Reading()


def build(  # noqa: PLR0913  each says one thing, and all but two by name
    inputs: Sequence[Path | str],
    settings: config.Config,
    *,
    out: Path = Path("dist"),
    n_workers: int | None = None,
    run: engine.Engine | None = None,
    strict: bool = False,
    sign: Path | None = None,
    fresh: bool = False,
    base: Path | None = None,
    blocklist: Path | None = None,
    memory: str | int | None = None,
    work_dir: Path | None = None,
    report: Report = silent,
) -> Built:
    """Builds and publishes the release `out/<name>/<version>` from files, folders, patterns and URLs.

    The version `auto` is the smallest that the rules allow after those that are there (`release.versions`).
    Without inputs, those that the configuration names are read. What cannot be read is reported and left out; with
    `strict` nothing is published then. The number of worker processes never changes the result; by default it is that
    of the processors, or one where the input is small. `run` is an engine to use instead. Workers import the calling
    script anew, so a script must call this below `if __name__ == "__main__":`.

    `memory` is what all processes together should hold (`2GB`; bytes), by default half of what this machine or its
    control group allows. How finely the work is cut, how many processes run and what is put on disk follow from it, and
    no result does (`memory.Budget`).

    With `base`, a release of the same name and rules, its records, pages and splits stay as they are, and only what is
    new is added; pages that it has are not read again. Where nothing is new and the version is `auto`, that release
    comes back.

    A build that was killed, interrupted or failed by the system leaves its finished tasks in a hidden folder beside the
    release, or in `work_dir`, and the next one of equal inputs and configuration that is given the same goes on from
    them; with `fresh` it begins anew.
    With `sign`, an SSH key, the release is signed before it appears; one that is there already and has no signature
    gets one beside it (`release.signing`).

    What was withdrawn before (`release.withdraw`) stays out, as the blocklist says, by default that beside the dataset.

    Raises: CallError for a wrong call; InputError where there is nothing to read, or `strict` something that cannot
    be; ReleaseError where nothing was published: no valid record, more rejected ones than
    the configuration lets pass, the version is too small for what changed or exists with other content, another
    build of it is running, or the
    output cannot be written.
    """
    describe.refuse_open(settings.values)
    budget = Budget.of(memory)
    shares(settings["split"])
    limit(settings.get("max_rejected") or 0)
    reading = read_as(settings, strict=strict)
    found = planned(inputs, settings, [out, *([work_dir] if work_dir else []), *own_files(settings)])
    if reading.privacy:
        Masker(reading.privacy).check_names([*(item.name for item in found.inputs), *found.failed])
        if base:
            raise CallError("--base cannot tell whether its release was masked with the same key; build whole")
    dataset = out / settings["name"]
    if not _is_text(dataset):
        raise CallError(f"{str(out)!r}: the output's path must be UTF-8")
    if sign:
        signing.sign(b"", sign)  # what cannot be signed is told before hours of work, not behind them
    asked = settings["version"]
    before = Base.open(base, _configured(settings), _rules(), reading.contract) if base else None
    blocked = of_dataset(dataset, blocklist)
    if before and (len(blocked) or "withdrawn" in before.manifest):
        raise CallError(
            "--base cannot go on where records were withdrawn: what stays as it is could hold them; build whole, which "
            "leaves them out"
        )
    decides = {"base": before.digest} if before else {}
    decides |= {"key": reading.privacy.fingerprint()} if reading.privacy else {}
    identity = work.identity(inputs=found.to_json(), reading=reading.to_json(), settings=_deciding(settings), **decides)
    with few_collections(), writing(dataset if asked == AUTO else dataset / asked, work_dir=work_dir):
        work.make_folder(dataset)
        with (
            held(dataset / f".lock-{asked}", f"build of {settings['name']} {asked}"),
            work.workplace(dataset / asked, identity, fresh=fresh, work_dir=work_dir) as kept,
        ):
            budget = budget.among(workers_for(found, n_workers))
            where = run if run and not found.is_bound() else engine.local(budget.n_workers)
            way = (found, kept.work, kept.engine(where), report)
            steps = Growing(*way, before, budget) if before else Steps(*way, budget)
            steps.read(reading)
            if isinstance(steps, Growing) and steps.is_empty() and asked == AUTO:
                return _unchanged(steps, steps.base)
            manifest = _stage(steps, settings, reading, dataset, blocked)
            target = dataset / manifest["version"]
            if sign:
                signing.write_signature(kept.work / "release", sign)
            published = publish(kept.work / "release", target)
            if sign and not signing.signatures(target):
                signing.sign_release(target, sign)
    steps.tell("resumed", done=kept.resumed.done, tasks=kept.resumed.tasks)
    rows = dict.fromkeys(RECORD_CONFIGS, 0)
    for table in manifest["tables"]:
        if table["config"] in rows:
            rows[table["config"]] += table["n_rows"]
    there = {"published": published.new, "identical": published.identical, "unlisted": published.unlisted}
    steps.tell("released", path=str(target), rows=rows, **there)
    return Built(target, published.new, manifest, steps.failed)


def read_as(settings: config.Config, *, strict: bool = False) -> read.Reading:
    """How the settings want files to be read, and what records are to be.

    Raises: CallError with everything that is wrong with the user's own schema.
    """
    files = schema_file(settings)
    contract = Contract.load(files[0]) if files else Contract.of(None)
    refuse_topic(settings.get("topic"), contract)
    privacy = Privacy.of(settings.get("privacy"), settings.folder)
    return read.Reading.of(settings.get("input") or {}, contract=contract, privacy=privacy, strict=strict)


def schema_file(settings: config.Config) -> list[Path]:
    """The user's own schema, if there is one: no input, though it may lie among the records."""
    return [settings.folder / settings["schema"]] if settings.get("schema") else []


def own_files(settings: config.Config) -> list[Path]:
    """What belongs to the configuration, and is no input wherever it lies: a schema, a key."""
    key = (settings.get("privacy") or {}).get("key_file")
    return [*schema_file(settings), *([settings.folder / key] if key else [])]


_LIMIT = re.compile(r"([0-9]{1,18})|([0-9]{1,18}(?:\.[0-9]{1,18})?)%")


def limit(text: str | int) -> Callable[[int, int], bool]:
    """What tells whether so many rejected of so many records are more than a number, or a share such as `1%`.

    Raises: CallError where the text is neither.
    """
    match = _LIMIT.fullmatch(str(text))
    if not match:
        raise CallError(f"{str(text)[:40]!r} is no limit of rejected records: expected a number, or a share such as 1%")
    if match[1]:
        most = int(match[1])
        return lambda rejected, _of: rejected > most
    share = Fraction(match[2]) / 100
    return lambda rejected, of: rejected > share * of


def workers_for(found: read.Plan, asked: int | None) -> int:
    """How many processes to use; starting them takes longer than what a single slice of input needs."""
    if asked is None:
        asked = (os.cpu_count() or 1) if found.n_bytes() > read.SLICE_BYTES else 1
    return 1 if found.is_bound() else asked


@contextlib.contextmanager
def writing(
    target: Path, consequence: str = "nothing was published", where: str = "--out", work_dir: Path | None = None
) -> Iterator[None]:
    """Says of failures of the system that the output could not be written, what follows from it, and what to do.

    Inputs are read inside tasks, which report what they cannot read: what fails otherwise is the output.
    """
    try:
        yield
    except OSError as error:
        if isinstance(error, BroadsheetError | BrokenPipeError):
            raise
        if work_dir and str(error.filename).startswith(str(work_dir)):
            where = "--work-dir"
        what_to_do = "make room" if error.errno in (errno.ENOSPC, errno.EDQUOT) else f"name another place with {where}"
        notes = "".join(f"; {note}" for note in getattr(error, "__notes__", ()))
        raise ReleaseError(
            f"{error.filename or target}: cannot be written: {_reason(error)}; {consequence}; {what_to_do}{notes}"
        ) from error


def _is_text(path: Path) -> bool:
    """True where the path is UTF-8: a byte that is none would fail in every library that is given the path."""
    return not any("\ud800" <= char <= "\udfff" for char in str(path))


def _reason(error: OSError) -> str:
    """What the system says; Arrow's errors hold its number but not its words."""
    return os.strerror(error.errno) if error.errno else str(error)


def _unchanged(steps: Steps, base: Base) -> Built:
    """The outcome of a build that found nothing new to its base."""
    steps.tell("unchanged", path=str(base.path), version=base.manifest["version"])
    return Built(base.path, published=False, manifest=base.manifest, failed=steps.failed)


def _stage(
    steps: Steps, settings: config.Config, reading: read.Reading, dataset: Path, blocked: Blocklist
) -> dict[str, Any]:
    """Makes the release, sealed but not yet published, in the folder `release` of the work folder; its manifest.

    What differs from the version before it decides its own number.
    """
    base = steps.base if isinstance(steps, Growing) else None
    steps.segment()
    facts = steps.validate(settings["repeats"]["scope"])
    most = settings.get("max_rejected")
    if most is not None and limit(most)(facts["rejected"], facts["valid"] + facts["rejected"]):
        hint = "`broadsheet validate --rejected FILE` writes them out"
        raise ReleaseError(f"{_rejections(facts)}; that is over the limit, and nothing was published; {hint}")
    if not total(steps.valid, "n_valid") and not base:
        raise ReleaseError(f"nothing to release: no valid record in {_why_nothing(steps)}; nothing was published")
    steps.fold(**settings["repeats"])
    steps.split(settings["split"])
    staged = steps.work / "release"
    staged.mkdir(exist_ok=True)
    steps.assemble_pages(settings["export"]["page_texts"])
    steps.export_ledger(staged, settings["export"]["formats"])
    there = changes.there(dataset, base.path if base else None)
    assumed = changes.assumed(there, settings["version"])
    folder, manifest = _kept_out(steps, _with_records(steps, settings, assumed), blocked)
    found = Side.staged(folder, manifest, reading.contract)
    version, comparison = changes.decide(found, dataset, there, settings["version"])
    if version != assumed:
        folder, manifest = _kept_out(steps, _with_records(steps, settings, version), blocked)
    manifest["changes"] = comparison.stated
    if comparison.stated:
        steps.tell("changes", version=version, **comparison.stated)
    if folder != staged:
        before = steps.ledger()["n_canonical"]
        steps.tell("kept out", records=before - manifest["ledger"]["n_canonical"])
        shutil.rmtree(staged)
        folder.rename(staged)
        steps.digests.clear()
    else:
        steps.complete(staged, settings["export"]["formats"])
    sealed(staged, manifest, reading.contract, comparison, steps.measure(staged, manifest), steps.digests)
    return manifest


def _kept_out(steps: Steps, manifest: dict[str, Any], blocked: Blocklist) -> tuple[Path, dict[str, Any]]:
    """The folder and the manifest of a release without what was withdrawn before."""
    staged, kept = steps.work / "release", steps.work / "kept"
    shutil.rmtree(kept, ignore_errors=True)
    if not len(blocked):
        return staged, manifest
    steps.write_rejected(staged / REJECTED)
    made = keep_out(staged, manifest, steps.contract, blocked, kept)
    return (kept, made) if made else (staged, manifest)


def _with_records(steps: Steps, settings: config.Config, version: str) -> dict[str, Any]:
    """Writes the tables of records, in whose rows the version stands; the manifest."""
    splits = sorted(settings["split"])
    steps.assemble_records(splits, version)
    steps.export_records(steps.work / "release", splits, settings["export"]["formats"])
    configured = _configured(settings) | {"version": version}
    privacy = configured.get("privacy") if steps.privacy else None
    return seal.compose(settings=configured, versions=_rules(privacy), **steps.found())


def _why_nothing(steps: Steps) -> str:
    """What was found instead of a valid record, with each file that could not be read."""
    roles = sum((Counter(cut["roles"]) for cut in steps.cut), Counter[str]())
    parts = [
        f"pages: {total(steps.pages, 'n_pages')}",
        f"segments: {roles.total()}, boilerplate: {roles['boilerplate']}",
        f"rejected records: {steps.tally.files.total()}",
        *(f"{file['path']}: {file['error']}" for file in steps.failed),
    ]
    return ", ".join(parts)


def _rejections(facts: Mapping[str, Any]) -> str:
    """How many records were rejected, and the commonest rules that they break."""
    rules = ", ".join(f"{rule['n']:,} × {rule['rule']}" for rule in facts["rules"][:5])
    return f"{facts['rejected']:,} of {facts['valid'] + facts['rejected']:,} records were rejected: {rules}"


def _rules(privacy: Mapping[str, Any] | None = None) -> dict[str, str]:
    """The versions that decide the bytes."""
    plans = ["phonenumberslite"] if privacy and "phone" in privacy.get("masks", ()) else []
    installed = {name: importlib.metadata.version(name) for name in ("pyarrow", "zlib-ng", "duckdb", *plans)}
    return {
        "broadsheet": __version__,
        "renderer": read.RENDERER,
        "segmenter": SEGMENTER,
        "repeats": RULE,
        "html_parser": read.html_parser(),
        **{name.replace("-", "_"): version for name, version in installed.items()},
    }


def _public(value: Any) -> Any:
    """A configuration without the passwords that its URLs may hold."""
    if isinstance(value, Mapping):
        return {name: _public(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_public(inner) for inner in value]
    return read.public(value) if isinstance(value, str) else value


def _deciding(settings: config.Config) -> dict[str, Any]:
    """The configuration but for the limit, which decides whether there is a release and nothing in it."""
    return {name: value for name, value in settings.values.items() if name != "max_rejected"}


def _configured(settings: config.Config) -> dict[str, Any]:
    """What of a configuration decides the release: a schema is named, wherever it lies, and a limit decides nothing."""
    values: dict[str, Any] = _public(_deciding(settings))
    if "privacy" in values:  # where its key lies decides nothing
        values["privacy"] = {k: v for k, v in values["privacy"].items() if not k.startswith("key_")}
    return values | ({"schema": Path(values["schema"]).name} if "schema" in values else {})


def planned(inputs: Sequence[Path | str], settings: config.Config, exclude: Collection[Path]) -> read.Plan:
    """What will be read: the inputs named, or else those of the configuration."""
    given = settings.get("input") or {}
    described = settings.folder / given["metadata"] if "metadata" in given else None
    if inputs:
        return read.plan(inputs, described=described, exclude=exclude, format_=given.get("format"))
    if "paths" not in given and "files_from" not in given:
        raise CallError(f"no input: name files or folders, or set `input.paths` in {config.FILE}")
    folder = str(settings.folder)
    paths = [read.below(folder, path) for path in given.get("paths", ())]
    if "files_from" in given:
        paths += read.listed(read.below(folder, given["files_from"]))
    return read.plan(paths, described=described, root=settings.folder, exclude=exclude, format_=given.get("format"))
