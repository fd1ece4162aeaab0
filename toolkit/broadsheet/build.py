"""The whole way, from files to a published release. Only this module knows the order of the steps."""

import contextlib
import errno
import importlib.metadata
import json
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from broadsheet import __version__, config, describe, engine, measure, read
from broadsheet.batches import Row, commit, json_line
from broadsheet.contract import RECORD_CONFIGS, Contract, schema, schema_path
from broadsheet.errors import BroadsheetError, CallError, ReleaseError
from broadsheet.release import changes, work
from broadsheet.release import manifest as seal
from broadsheet.release.lock import held
from broadsheet.release.publish import publish
from broadsheet.release.sides import Side
from broadsheet.release.versions import AUTO
from broadsheet.repeats import RULE
from broadsheet.segment import SEGMENTER
from broadsheet.segment.explain import Explained
from broadsheet.split import shares
from broadsheet.steps import Event, Report, Results, Steps, total

__all__ = ["Built", "Event", "Report", "build", "segment_files", "validate_files", "write_segments"]


@dataclass(frozen=True, slots=True)
class Built:
    """The outcome of a build."""

    path: Path
    published: bool
    """False where the version was there already with equal content."""
    manifest: Mapping[str, Any]
    failed: Results
    """Files that could not be read (`path`, `error`); the release holds the others."""


def _silent(event: Event) -> None:
    """Reports nothing."""


DEFAULT_READING = read.Reading()


def build(  # noqa: PLR0913  each says one thing, and all but two by name
    inputs: Sequence[Path | str],
    settings: config.Config,
    *,
    out: Path = Path("dist"),
    n_workers: int | None = None,
    strict: bool = False,
    fresh: bool = False,
    report: Report = _silent,
) -> Built:
    """Builds and publishes the release `out/<name>/<version>` from files, folders, patterns and URLs.

    The version `auto` is the smallest that the rules allow after those that are there (`release.versions`).
    Without inputs, those that the configuration names are read. What cannot be read is reported and left out; with
    `strict` nothing is published then. The number of worker processes never changes the
    result; by default it is that of the processors, or one where the input is small. Workers import the calling
    script anew, so a script must call this below `if __name__ == "__main__":`.

    A build that was killed, interrupted or failed by the system leaves its finished tasks in a hidden folder beside the
    release, and the next one of equal inputs and configuration goes on from them; with `fresh` it begins anew.

    Raises: CallError for a wrong call; InputError where there is nothing to read, or `strict` something that cannot
    be; ReleaseError where nothing was published: no valid record, more rejected ones than
    the configuration lets pass, the version is too small for what changed or exists with other content, another
    build of it is running, or the
    output cannot be written.
    """
    describe.refuse_open(settings.values)
    shares(settings["split"])
    limit(settings.get("max_rejected") or 0)
    reading = read_as(settings, strict=strict)
    found = _plan(inputs, settings, [out, *_schema_file(settings)])
    dataset = out / settings["name"]
    if not _is_text(dataset):
        raise CallError(f"{str(out)!r}: the output's path must be UTF-8")
    identity = work.identity(inputs=found.to_json(), reading=reading.to_json(), settings=_deciding(settings))
    asked = settings["version"]
    with _writing(dataset if asked == AUTO else dataset / asked):
        work.make_folder(dataset)
        with (
            held(dataset / f".lock-{asked}", f"build of {settings['name']} {asked}"),
            work.workplace(dataset / asked, identity, fresh=fresh) as kept,
        ):
            steps = Steps(found, kept.work, kept.engine(_engine(found, n_workers)), report)
            manifest = _stage(steps, settings, reading, dataset)
            target = dataset / manifest["version"]
            published = publish(kept.work / "release", target)
    steps.tell("resumed", done=kept.resumed.done, tasks=kept.resumed.tasks)
    rows = dict.fromkeys(RECORD_CONFIGS, 0)
    for table in manifest["tables"]:
        if table["config"] in rows:
            rows[table["config"]] += table["n_rows"]
    steps.tell("released", path=str(target), published=published.new, rows=rows, unlisted=published.unlisted)
    return Built(target, published.new, manifest, steps.failed)


def read_as(settings: config.Config, *, strict: bool = False) -> read.Reading:
    """How the settings want files to be read, and what records are to be.

    Raises: CallError with everything that is wrong with the user's own schema.
    """
    files = _schema_file(settings)
    contract = Contract.load(files[0]) if files else Contract.of(None)
    return read.Reading.of(settings.get("input") or {}, contract=contract, strict=strict)


def _schema_file(settings: config.Config) -> list[Path]:
    """The user's own schema, if there is one: no input, though it may lie among the records."""
    return [settings.folder / settings["schema"]] if settings.get("schema") else []


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


def _engine(found: read.Plan, n_workers: int | None) -> engine.Engine:
    """The engine; starting processes takes longer than what a single slice of input needs."""
    if n_workers is None:
        n_workers = (os.cpu_count() or 1) if found.n_bytes() > read.SLICE_BYTES else 1
    return engine.local(1 if found.is_bound() else n_workers)


@contextlib.contextmanager
def _writing(target: Path, consequence: str = "nothing was published", where: str = "--out") -> Iterator[None]:
    """Says of failures of the system that the output could not be written, what follows from it, and what to do.

    Inputs are read inside tasks, which report what they cannot read: what fails otherwise is the output.
    """
    try:
        yield
    except OSError as error:
        if isinstance(error, BroadsheetError | BrokenPipeError):
            raise
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


def _stage(steps: Steps, settings: config.Config, reading: read.Reading, dataset: Path) -> dict[str, Any]:
    """Makes the release, sealed but not yet published, in the folder `release` of the work folder; its manifest.

    What differs from the version before it decides its own number.
    """
    steps.read(reading)
    steps.segment()
    facts = steps.validate(settings["repeats"]["scope"])
    most = settings.get("max_rejected")
    if most is not None and limit(most)(facts["rejected"], facts["valid"] + facts["rejected"]):
        hint = "`broadsheet validate --rejected FILE` writes them out"
        raise ReleaseError(f"{_rejections(facts)}; that is over the limit, and nothing was published; {hint}")
    if not total(steps.valid, "n_valid"):
        raise ReleaseError(f"nothing to release: no valid record in {_why_nothing(steps)}; nothing was published")
    steps.fold(**settings["repeats"])
    steps.split(settings["split"])
    staged = steps.work / "release"
    staged.mkdir(exist_ok=True)
    steps.assemble_pages(settings["export"]["page_texts"])
    steps.export_ledger(staged, settings["export"]["formats"])
    assumed = changes.assumed(dataset, settings["version"])
    manifest = _with_records(steps, settings, assumed)
    found = Side.staged(staged, manifest, reading.contract)
    version, comparison = changes.decide(found, dataset, settings["version"])
    if version != assumed:
        manifest = _with_records(steps, settings, version)
    manifest["changes"] = comparison.stated
    if comparison.stated:
        steps.tell("changes", version=version, **comparison.stated)
    steps.complete(staged, settings["export"]["formats"])
    _describe(staged, manifest, reading.contract, comparison)
    seal.write_sums(staged)
    return manifest


def _with_records(steps: Steps, settings: config.Config, version: str) -> dict[str, Any]:
    """Writes the tables of records, in whose rows the version stands; the manifest."""
    splits = sorted(settings["split"])
    steps.assemble_records(splits, version)
    steps.export_records(steps.work / "release", splits, settings["export"]["formats"])
    return _manifest(steps, _configured(settings) | {"version": version})


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


def _manifest(steps: Steps, configured: Mapping[str, Any]) -> dict[str, Any]:
    installed = {name: importlib.metadata.version(name) for name in ("pyarrow", "zlib-ng", "duckdb")}
    return seal.compose(
        settings=configured,
        versions={
            "broadsheet": __version__,
            "renderer": read.RENDERER,
            "segmenter": SEGMENTER,
            "repeats": RULE,
            "html_parser": read.html_parser(),
            **{name.replace("-", "_"): version for name, version in installed.items()},
        },
        inputs={
            "files": sorted(steps.files, key=lambda file: str(file["path"])),
            "skipped": dict(steps.plan.skipped),
            "unknown_properties": steps.unknown(),
        },
        ledger=steps.ledger(),
        record_schema=steps.contract.digest,
        rejections={rule: n for rule, (n, _) in sorted(steps.tally.rules.items())},
        repeats={name: n for name, n in steps.folded["counts"].items() if n},
        folded_share=steps.folded["folded_share"],
        large_stories=steps.divided["large_stories"],
        certificate=steps.divided["certificate"],
        tables=steps.tables,
    )


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
    return values | ({"schema": Path(values["schema"]).name} if "schema" in values else {})


def _describe(staged: Path, manifest: Mapping[str, Any], contract: Contract, compared: changes.Comparison) -> None:
    """Writes the measures, the documents, the manifest and the schemas."""
    measures = measure.measure(staged, manifest)
    facts = describe.Facts.of(staged, manifest, measures, contract)
    describe.refuse_stale(facts)
    documents = describe.documents(facts) | {describe.CHANGES: compared.document(facts)}
    documents |= {seal.MEASURES: measure.to_json(measures), seal.MANIFEST: seal.to_json(manifest)}
    for path, text in documents.items():
        (staged / path).write_text(text, "utf-8")
    (staged / "schema").mkdir()
    for name, document in contract.documents().items():
        target = staged / "schema" / schema_path(name).name
        if document is schema(name):
            shutil.copyfile(schema_path(name), target)
        else:
            target.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _plan(inputs: Sequence[Path | str], settings: config.Config, exclude: Collection[Path]) -> read.Plan:
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


@contextlib.contextmanager
def _partway(found: read.Plan, n_workers: int | None, report: Report) -> Iterator[Steps]:
    """The steps over what was planned, in a work folder that goes when they are done."""
    with (
        _writing(Path(tempfile.gettempdir()), "nothing was done", "TMPDIR"),
        tempfile.TemporaryDirectory(prefix="broadsheet-") as folder,
    ):
        yield Steps(found, Path(folder), _engine(found, n_workers), report)


def spare(out: Path, used: Iterable[Path], option: str) -> None:
    """Raises: CallError where the output is one of the files that are read, which it would replace."""
    for path in used if os.path.lexists(out) else ():
        with contextlib.suppress(OSError):  # what cannot be found is told where it is read or written
            if path.samefile(out):
                raise CallError(f"{out} is read here, and would be replaced; name another place with {option}")


def segment_files(
    inputs: Sequence[Path | str],
    write: Callable[[bytes], object],
    *,
    reading: read.Reading = DEFAULT_READING,
    n_workers: int | None = None,
    report: Report = _silent,
    runs: bool = False,
) -> Results:
    """Cuts pages into segments and writes a JSON line for each (`schema/segment.schema.json`).

    A segment's text is that of its record, and of boilerplate the run itself; with `runs` it is the run itself of all,
    so that the texts of a page, joined, are the page's. The files that could not be read (`path`, `error`) come back.

    Raises: CallError, InputError; ReleaseError where work files or lines cannot be written.
    """
    found = read.plan(inputs, format_=reading.format)
    with _partway(found, n_workers, report) as steps:
        return _write_segments(steps, write, reading, runs=runs)


def _write_segments(steps: Steps, write: Callable[[bytes], object], reading: read.Reading, *, runs: bool) -> Results:
    steps.read(reading)
    steps.segment()
    for row in steps.segment_rows(runs=runs):
        write(json_line(row))
    return steps.failed


def write_segments(
    inputs: Sequence[Path | str],
    out: Path,
    *,
    reading: read.Reading = DEFAULT_READING,
    n_workers: int | None = None,
    report: Report = _silent,
    runs: bool = False,
) -> Results:
    """Like `segment_files`, into the file `out`, which appears when it is whole, and is not read itself.

    A device or pipe is written into as it is.

    Raises: CallError, InputError; ReleaseError where it cannot be written.
    """
    failed: Results = []
    target = out.resolve()
    found = read.plan(inputs, exclude=[target], format_=reading.format)
    spare(target, [Path(item.path) for item in found.inputs], "--out")

    def write(path: Path) -> None:
        with path.open("wb") as file, _partway(found, n_workers, report) as steps:
            failed.extend(_write_segments(steps, file.write, reading, runs=runs))

    with _writing(out, "nothing was written"):
        _put(target, write)
    return failed


def _put(target: Path, write: Callable[[Path], None]) -> None:
    """Writes a file that appears when it is whole; a device or pipe is written into as it is."""
    if target.exists() and not target.is_file():
        write(target)
    else:
        commit(target, write)


def explain_files(
    inputs: Sequence[Path | str],
    tell: Callable[[str, str, Sequence[Explained] | None], object],
    *,
    reading: read.Reading = DEFAULT_READING,
    n_workers: int | None = None,
    report: Report = _silent,
) -> Results:
    """Tells of each page its path, its text and why each visible line is read as it is (`segment.explain`).

    The lines are None for a record of the user's own. The files that could not be read (`path`, `error`) come back.

    Raises: CallError, InputError; ReleaseError where work files cannot be written.
    """
    found = read.plan(inputs, format_=reading.format)
    with _partway(found, n_workers, report) as steps:
        steps.read(reading)
        for path, text, lines in steps.explained():
            tell(path, text, lines)
        return steps.failed


MAX_SHOWN: Final = 50
"""Pages that one document shows."""


def write_shown(
    inputs: Sequence[Path | str],
    out: Path,
    show: Callable[[Iterable[Row]], str],
    *,
    reading: read.Reading = DEFAULT_READING,
    n_workers: int | None = None,
    report: Report = _silent,
) -> Results:
    """Writes into `out` the document that `show` makes of the rows of all segments, whose texts are their runs.

    It appears when it is whole; where no page could be read, none does. The files that could not be read (`path`,
    `error`) come back.

    Raises: CallError, also where there are more than `MAX_SHOWN` pages or `out` is a file that is read; InputError;
    ReleaseError where it cannot be written.
    """
    target = out.resolve()
    found = read.plan(inputs, exclude=[target], format_=reading.format)
    spare(target, [Path(item.path) for item in found.inputs], "--html")
    with _partway(found, n_workers, report) as steps:
        steps.read(reading)
        n_pages = total(steps.pages, "n_captures")
        if n_pages > MAX_SHOWN:
            raise CallError(f"{n_pages:,} pages: at most {MAX_SHOWN} can be shown in one document; name fewer files")
        if n_pages:
            steps.segment()
            document = show(steps.segment_rows(runs=True)).encode()

            def write(path: Path) -> None:
                path.write_bytes(document)

            with _writing(out, "nothing was written", "--html"):
                _put(target, write)
        return steps.failed


def validate_files(
    inputs: Sequence[Path | str],
    settings: config.Config | None = None,
    *,
    reading: read.Reading | None = None,
    rejected: Path | None = None,
    n_workers: int | None = None,
    report: Report = _silent,
) -> dict[str, Any]:
    """What validation finds in records, or in those that pages become, without building.

    Counts: valid, rejected, of these unreadable; the rejected ones by rule (each with its first example) and by file;
    and the files that could not be read. How to read, and what records are to be, says `reading`, by default as the
    settings have it. `rejected` names a file of JSON lines for the rejected records, gzipped if it ends in `.gz`.

    Raises: CallError, also where `rejected` is a file that is read; InputError; ReleaseError where it cannot be
    written.
    """
    exclude = [rejected] if rejected else []
    if settings is not None:
        reading = reading or read_as(settings)
        found = _plan(inputs, settings, [*exclude, *_schema_file(settings)])
    else:
        reading = reading or DEFAULT_READING
        found = read.plan(inputs, exclude=exclude, format_=reading.format)
    if rejected:
        own = [settings.folder / config.FILE, *_schema_file(settings)] if settings else []
        spare(rejected, [*(Path(item.path) for item in found.inputs), *own], "--rejected")
    with _partway(found, n_workers, report) as steps:
        steps.read(reading, check=True)
        steps.segment()
        counts = steps.validate()
        if rejected:
            with _writing(rejected, "nothing was written", "--rejected"):
                if not counts["rejected"] and rejected.is_file():
                    rejected.unlink()  # what another run left there would be taken for this one's
                steps.write_rejected(rejected)
        return {**counts, "record_schema": reading.contract.digest, "failed": steps.failed}
