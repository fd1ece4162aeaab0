"""The commands. Errors become messages here and nowhere else; a bug keeps its traceback."""

import functools
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import click

from broadsheet import __version__
from broadsheet.cli.clean import clean
from broadsheet.cli.datasheet import datasheet
from broadsheet.cli.options import AS_JSON, BLOCKLIST, KEY, PAGES, PROGRESS, QUIET, RELEASE
from broadsheet.cli.push import push as push_command
from broadsheet.cli.report import (
    Reporter,
    flush_output,
    forget_output,
    print_inspection,
    print_json,
    print_verdicts,
    shown,
)
from broadsheet.cli.schema import schema as schema_group
from broadsheet.cli.share import dehydrate, hydrate
from broadsheet.cli.sign import sign as sign_command
from broadsheet.cli.signals import listen
from broadsheet.cli.withdraw import withdraw
from broadsheet.errors import BroadsheetError, CallError

Command = TypeVar("Command", bound=Callable[..., Any])

PATHS = click.argument("paths", nargs=-1)
WORKERS = click.option(
    "--workers",
    type=click.IntRange(min=1),
    show_default="number of processors, or 1 for small inputs",
    help="Processes to use; the result does not depend on it.",
)


def _limited(what: str) -> Callable[[Command], Command]:
    """The option that says how much of something is shown."""
    return click.option(
        "--limit",
        type=click.IntRange(min=0),
        default=20,
        show_default=True,
        help=f"Most {what} to show, 0 for all; they are always counted.",
    )


CONFIG = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="A dataset.toml; by default that in the folder given.",
)
SCHEMA = click.option(
    "--schema",
    type=click.Path(path_type=Path),
    help="A JSON Schema of your own that extends ours (see `broadsheet schema`).",
)
MAX_REJECTED = click.option(
    "--max-rejected", metavar="LIMIT", help="Most rejected records that pass: a number, or a share such as 1%."
)

READING = (
    click.option("--files-from", metavar="FILE", help="A list of further paths, patterns and URLs, one a line."),
    click.option(
        "--format",
        "format_",
        type=click.Choice(["txt", "html", "warc", "jsonl", "json", "csv", "parquet"]),
        help="Read all files as this, whatever their names and contents say.",
    ),
    click.option("--text-field", metavar="NAME", help="Your field that holds a record's text."),
    click.option("--id-field", metavar="NAME", help="Your field that holds a record's id."),
    click.option("--field", "fields", metavar="OURS=YOURS", multiple=True, help="Any other field of your records."),
    click.option("--strict", is_flag=True, help="Stop at the first thing that cannot be read."),
)


def _reading(command: Any) -> Any:
    """The options of reading, as one parameter `reading`."""

    @functools.wraps(command)
    def wrapped(**given: Any) -> Any:
        fields = _fields(given.pop("fields"), {name: given.pop(f"{name}_field") for name in ("text", "id")})
        found = {"format": given.pop("format_"), "fields": fields or None}
        given["paths"] = _Paths(given["paths"], given.pop("files_from"))
        return command(reading={name: value for name, value in found.items() if value}, **given)

    for option in reversed(READING):
        wrapped = option(wrapped)
    return wrapped


ENGINE: Final = (
    WORKERS,
    click.option(
        "--engine",
        type=click.Choice(["local", "ray"]),
        default="local",
        show_default=True,
        help="Where tasks run: in processes of this machine, or on a Ray cluster, whose machines must see the same "
        "files under the same paths. The result does not depend on it.",
    ),
    click.option("--address", help="The Ray cluster: auto or HOST:PORT; by default one of its own is started."),
    click.option(
        "--memory",
        metavar="SIZE",
        show_default="half of the machine's",
        help="What all processes on a machine should hold, such as 2GB; the result does not depend on it.",
    ),
    click.option(
        "--work-dir",
        metavar="FOLDER",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder for the work files, such as one on a faster disk; by default they lie beside the release.",
    ),
)


def _engine(command: Any) -> Any:
    """The options of where tasks run, as one parameter `where` of keywords for `build`."""

    @functools.wraps(command)
    def wrapped(engine: str, address: str | None, workers: int | None, **given: Any) -> Any:
        where = {name: given.pop(name) for name in ("memory", "work_dir")} | {"n_workers": workers}
        if engine == "local":
            if address:
                raise CallError("--address belongs to --engine ray")
            return command(where=where, **given)
        from broadsheet.engine import on_ray

        return command(where={**where, "run": on_ray(address, workers)}, **given)

    for option in reversed(ENGINE):
        wrapped = option(wrapped)
    return wrapped


class _Paths(NamedTuple):
    """What is to be read: paths that were named, and a list of further ones."""

    named: tuple[str, ...]
    files_from: str | None

    def all(self) -> tuple[str, ...]:
        """The paths that were named, and those of the list."""
        if self.files_from is None:
            return self.named
        from broadsheet import read

        return (*self.named, *read.listed(self.files_from))


def _fields(pairs: tuple[str, ...], named: Mapping[str, str | None]) -> dict[str, str]:
    """Theirs by ours, from `OURS=YOURS` and from options of their own. Raises: CallError where one is given twice."""
    fields = {ours: theirs for ours, theirs in named.items() if theirs}
    for ours, theirs in map(_pair, pairs):
        if fields.setdefault(ours, theirs) != theirs:
            raise CallError(f"--field {ours}: is {fields[ours]!r} and {theirs!r}; name one field of yours")
    return fields


def _pair(field: str) -> tuple[str, str]:
    ours, equals, theirs = field.partition("=")
    if not (ours and equals and theirs):
        raise CallError(f"--field {field}: expected OURS=YOURS, such as author=writer")
    return ours, theirs


class _Group(click.Group):
    """Turns the library's errors into messages and exit codes: 1 failed, 2 wrong call."""

    def invoke(self, ctx: click.Context) -> Any:
        listen()
        try:
            try:
                return super().invoke(ctx)
            finally:
                flush_output()
        except BroadsheetError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(2 if isinstance(error, CallError) else 1)
        except BrokenPipeError:
            forget_output()
            sys.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="broadsheet")
def main() -> None:
    """From scraped web pages to a dataset release that other people can load, check and cite."""


def _settled(paths: _Paths, config_file: Path | None, overrides: dict[str, Any]) -> tuple[Any, tuple[str, ...]]:
    """The configuration with what the command line puts over it, and the inputs; none where the configuration has them.

    A schema of the command line is relative to where one stands, not to the configuration.
    """
    from broadsheet import config

    found = config_file or config.find(paths.named)
    schema = overrides["schema"]
    settings = config.load(found, overrides | {"schema": str(schema.absolute()) if schema else None})
    own = settings.get("input") or {}
    configured = found and not config_file and paths.files_from is None and ("paths" in own or "files_from" in own)
    return settings, () if configured else paths.all()


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--name", help="Name of the dataset; by default that of the folder.")
def init(folder: Path, name: str | None) -> None:
    """Write a commented dataset.toml into FOLDER, with the datasheet's questions."""
    from broadsheet.cli.init import write_config

    click.echo(f"wrote {write_config(folder, name)}; fill it in, then: broadsheet build {folder}")


@main.command()  # one option a parameter is how click passes them
@PATHS
@CONFIG
@click.option("--name", help="Name of the dataset.")
@click.option(
    "--version", help="Version of the release, such as 1.2.0; or auto, the smallest that what changed allows."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("dist"),
    show_default=True,
    help="Folder of all datasets.",
)
@click.option("--formats", help="Comma-separated: parquet, jsonl, arrow.")
@click.option("--keep-bytes", is_flag=True, help="Keep the pages' original bytes in the `pages` table.")
@SCHEMA
@MAX_REJECTED
@_reading
@click.option(
    "--base",
    metavar="RELEASE",
    type=click.Path(path_type=Path),
    help="A release to go on from: what it holds stays as it is, and only what is new is added.",
)
@click.option("--sign", metavar="KEY", type=click.Path(path_type=Path), help="Sign the release with an SSH key.")
@click.option("--final", is_flag=True, help="Refuse a release whose datasheet has open questions.")
@click.option("--fresh", is_flag=True, help="Begin anew, and forget what an interrupted build has left.")
@click.option("--standoff", is_flag=True, help="Publish it without texts, titles and names, as NAME-standoff.")
@KEY
@BLOCKLIST
@_engine
@PROGRESS
@QUIET
@AS_JSON
def build(  # noqa: PLR0913, PLR0917
    paths: _Paths,
    reading: dict[str, Any],
    config_file: Path | None,
    name: str | None,
    version: str | None,
    out: Path,
    formats: str | None,
    keep_bytes: bool,
    schema: Path | None,
    max_rejected: str | None,
    strict: bool,
    base: Path | None,
    sign: Path | None,
    final: bool,
    fresh: bool,
    standoff: bool,
    key: Path | None,
    blocklist: Path | None,
    where: dict[str, Any],
    progress: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Build the release OUT/NAME/VERSION from PATHS: files, folders, patterns and URLs.

    Pages are .txt, .html, .warc, .wet and .arc, records .jsonl, .json, .csv and .parquet; each plain, .gz or .zst.

    A folder with a dataset.toml says itself what is to be read. Exit code 1 when a file could not be read whole; the
    release then holds what could. With more rejected records than --max-rejected nothing is published.

    A build that was killed, interrupted, or failed for want of room goes on where it stopped when it is called again.
    """
    from broadsheet import build as way

    overrides: dict[str, Any] = {"name": name, "version": version, "max_rejected": max_rejected, "schema": schema}
    overrides["final"] = final or None
    if reading or keep_bytes:
        overrides["input"] = reading | ({"keep_bytes": True} if keep_bytes else {})
    if formats is not None:
        overrides["export"] = {"formats": [part.strip() for part in formats.split(",")]}
    settings, inputs = _settled(paths, config_file, overrides)
    reporter = Reporter(quiet=quiet, as_json=as_json, progress=progress)
    how: dict[str, Any] = {"strict": strict, "sign": sign, "fresh": fresh, "base": base, "blocklist": blocklist}
    how |= {"report": reporter, **where}
    if standoff:
        from broadsheet.cli.share import build_standoff

        built, path = build_standoff(inputs, settings, out, key, how)
    else:
        built = way.build(inputs, settings, out=out, **how)
        path = built.path
    reporter.end(
        {
            "path": str(path),
            "published": built.published,
            "logical_digest": built.manifest["logical_digest"],
            "ledger": built.manifest["ledger"],
            "failed": built.failed,
        }
    )
    _fail_for(built.failed)


@main.command()
@PATHS
@click.option("--out", type=click.Path(path_type=Path), help="File to write; by default to standard output.")
@click.option(
    "--text",
    type=click.Choice(["body", "run"]),
    default="body",
    show_default=True,
    help="What `text` is: the body as a record has it, or the whole run, with title, byline and white space.",
)
@click.option("--explain", is_flag=True, help="Print instead, for people, why each line of the pages is read as it is.")
@_reading
@WORKERS
@QUIET
def segment(  # noqa: PLR0913, PLR0917
    paths: _Paths,
    reading: dict[str, Any],
    out: Path | None,
    text: str,
    explain: bool,
    strict: bool,
    workers: int | None,
    quiet: bool,
) -> None:
    """Cut the pages in PATHS into segments, a JSON object a line.

    Each has its place (`page`, `start` and `end` in code points), role, title, byline and `text`. What repeats on the
    other pages of a site is evidence: cut its pages together. Boilerplate has its whole run as text; with --text run
    every segment has, and the texts of a page, joined, are the page's text.
    """
    from broadsheet import partway
    from broadsheet.read import Reading

    if explain and (out is not None or text != "body"):
        raise CallError("--explain prints for people; leave out --out and --text, or --explain")
    reporter = Reporter(quiet=quiet or out is None)
    how = Reading.of(reading, strict=strict)
    if explain:
        from broadsheet.cli.explain import print_explanation

        failed = partway.explain_files(paths.all(), print_explanation, reading=how, n_workers=workers, report=reporter)
    elif out is None:
        failed = partway.segment_files(
            paths.all(), sys.stdout.buffer.write, reading=how, n_workers=workers, report=reporter, runs=text == "run"
        )
    else:
        failed = partway.write_segments(
            paths.all(), out, reading=how, n_workers=workers, report=reporter, runs=text == "run"
        )
    reporter.end({})
    _fail_for(failed)


@main.command()
@PATHS
@click.option(
    "--html",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: one page without scripts that needs no other file.",
)
@_reading
@WORKERS
@QUIET
def show(paths: _Paths, reading: dict[str, Any], html: Path, strict: bool, workers: int | None, quiet: bool) -> None:
    """Show the pages in PATHS, cut into segments, as one HTML page to look at: at most 50.

    The whole text of each page stands in it, coloured and labelled by role, with title, author, place in a thread,
    language and confidence of each segment.
    """
    from broadsheet import partway
    from broadsheet.cli.show import document
    from broadsheet.read import Reading

    reporter = Reporter(quiet=quiet)
    how = Reading.of(reading, strict=strict)
    failed = partway.write_shown(paths.all(), html, document, reading=how, n_workers=workers, report=reporter)
    reporter.end({})
    _fail_for(failed)


@main.command()
@PATHS
@CONFIG
@SCHEMA
@MAX_REJECTED
@click.option(
    "--rejected",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write the rejected records into, with all reasons: JSON lines, gzipped if it ends in .gz.",
)
@_reading
@WORKERS
@QUIET
@AS_JSON
def validate(  # noqa: PLR0913, PLR0917
    paths: _Paths,
    reading: dict[str, Any],
    config_file: Path | None,
    schema: Path | None,
    max_rejected: str | None,
    rejected: Path | None,
    strict: bool,
    workers: int | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Check records, or the records that pages become, against the schema, without building.

    A folder with a dataset.toml says itself what is to be read, and by which schema. Each line counts, where a build
    counts equal records once. Exit code 1 on rejections, or on more than --max-rejected.
    """
    from broadsheet import build as way
    from broadsheet import partway

    overrides = {"name": "unnamed", "input": reading or None, "schema": schema}  # what is not built needs no name
    settings, inputs = _settled(paths, config_file, overrides)
    most = settings.get("max_rejected") if max_rejected is None else max_rejected
    is_over = way.limit(0 if most is None else most)
    reporter = Reporter(quiet=quiet, as_json=as_json)
    how = way.read_as(settings, strict=strict)
    found = partway.validate_files(inputs, settings, reading=how, rejected=rejected, n_workers=workers, report=reporter)
    reporter.end(found)
    _fail_for(found["failed"])
    if is_over(found["rejected"], found["valid"] + found["rejected"]):
        sys.exit(1)


@main.command()
@RELEASE
@SCHEMA
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="JSON lines of the records that pass.")
@QUIET
@AS_JSON
def readmit(release: Path, schema: Path | None, out: Path | None, quiet: bool, as_json: bool) -> None:
    """Check the records in the quarantine of RELEASE again, and say which pass now.

    By default with the schema of the release, else with --schema. The next version holds them when it is built with
    that schema from the same input, or from --out where the input is no more at hand.
    """
    from broadsheet.cli.report import print_readmission
    from broadsheet.contract import Contract
    from broadsheet.partway import spare
    from broadsheet.release.readmit import readmit as retry

    if schema and out:
        spare(out, [schema], "--out")
    found = retry(release, Contract.load(schema) if schema else None, out)
    if as_json:
        print_json(found)
    elif not quiet:
        print_readmission(found, out)


@main.command()
@RELEASE
@click.option("--reference", is_flag=True, help="Check rows by the reference implementation of JSON Schema, too.")
@click.option(
    "--signer",
    metavar="ALLOWED_SIGNERS",
    type=click.Path(path_type=Path),
    help="Ask for a signature by one of these, too: lines of a name and an SSH public key.",
)
@click.option(
    "--signature",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The signature; by default SHA256SUMS.sig in RELEASE, or VERSION.sig beside it.",
)
@PAGES
@KEY
@QUIET
@AS_JSON
def verify(  # noqa: PLR0913, PLR0917
    release: Path,
    reference: bool,
    signer: Path | None,
    signature: Path | None,
    pages: tuple[str, ...],
    key: Path | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Recompute everything that RELEASE promises: a line a promise; exit code 1 when one is broken.

    What a standoff release promises of its texts needs the pages: --pages.
    """
    from broadsheet.release import verify as checks

    if signature and not signer:
        raise CallError("--signature says where, but not by whom; name the allowed signers with --signer")
    how: dict[str, Any] = {"reference": reference, "signers": signer, "signature": signature}
    if pages:
        from broadsheet.cli.share import verify_with

        verdicts = verify_with(release, pages, key, **how)
    else:
        verdicts = checks.verify(release, **how)
    if as_json:
        print_json([{"promise": v.promise, "verdict": v.verdict, "faults": v.faults} for v in verdicts])
    elif not quiet:
        print_verdicts(verdicts)
    if any(v.verdict == checks.BROKEN for v in verdicts):
        sys.exit(1)


@main.command()
@RELEASE
@AS_JSON
def inspect(release: Path, as_json: bool) -> None:
    """Show what is in RELEASE."""
    from broadsheet.release.inspect import inspect as look

    (print_json if as_json else print_inspection)(look(release))


@main.command()
@RELEASE
@click.argument("record", metavar="ID")
@_limited("folds, pairs kept apart and records of the story")
@AS_JSON
def trace(release: Path, record: str, limit: int, as_json: bool) -> None:
    """Show where the record ID of RELEASE appeared, what was folded into it, what was kept apart, and why.

    ID is a record's id or its first 6 digits or more, the id that a record of your own came with, or the address or
    path of a page, which stands for its main article. Texts are compared word by word: [-…-] stands in the record
    alone, {+…+} in the other. Exit code 1 when no record is meant, or more than one.
    """
    from broadsheet.cli.trace import print_trace
    from broadsheet.release.trace import trace as look

    found = look(release, record, limit=limit or sys.maxsize)
    if as_json:
        print_json(found.to_json())
    else:
        print_trace(found)


@main.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@_limited("records of each kind and most shifts")
@click.option("--markdown", is_flag=True, help="Print what CHANGES.md would say.")
@click.option("--exit-code", is_flag=True, help="End with 1 where the two differ in more than the version.")
@AS_JSON
def diff(old: Path, new: Path, limit: int, markdown: bool, exit_code: bool, as_json: bool) -> None:
    """Show what became of the records of the release OLD in the release NEW, and what else differs.

    Records are compared by id: added, removed, changed (with the fields), moved between splits, folded into others,
    unfolded, relocated (found elsewhere). Then schemas, shares by source, language, role and month, the ledger and the
    configuration. `step` is the step between the two versions that all this asks for, at least. Of two versions beside
    each other one may be named by its number alone.
    """
    from broadsheet.cli.diff import beside, print_difference
    from broadsheet.describe import changes_text
    from broadsheet.release.changes import compare

    if markdown and as_json:
        raise CallError("--markdown and --json are two forms of the same; name one")
    found = compare(beside(old, new), beside(new, old), limit=limit or sys.maxsize)
    if as_json:
        print_json(found)
    elif markdown:
        click.echo(changes_text(found), nl=False)
    else:
        print_difference(found)
    if exit_code and found["level"] != "none":
        sys.exit(1)


for command in (clean, datasheet, dehydrate, hydrate, push_command, schema_group, sign_command, withdraw):
    main.add_command(command)


def _fail_for(failed: Any) -> None:
    """Names the files that could not be read, and ends with exit code 1 where there are any."""
    for file in failed:
        click.echo(f"Error: {shown(file['path'])}: {shown(file['error'], 1000)}; fix or drop the file", err=True)
    if failed:
        sys.exit(1)
