"""The commands. Errors become messages here and nowhere else; a bug keeps its traceback."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from broadsheet import __version__
from broadsheet.cli.build import build
from broadsheet.cli.clean import clean
from broadsheet.cli.datasheet import datasheet
from broadsheet.cli.inputs import SCHEMA
from broadsheet.cli.options import AS_JSON, KEY, PAGES, QUIET, RELEASE
from broadsheet.cli.partway import segment, show, validate
from broadsheet.cli.push import push as push_command
from broadsheet.cli.report import (
    flush_output,
    forget_output,
    print_inspection,
    print_json,
    print_verdicts,
)
from broadsheet.cli.schema import schema as schema_group
from broadsheet.cli.share import dehydrate, hydrate
from broadsheet.cli.sign import sign as sign_command
from broadsheet.cli.signals import listen
from broadsheet.cli.withdraw import withdraw
from broadsheet.errors import BroadsheetError, CallError

Command = TypeVar("Command", bound=Callable[..., Any])


def _limited(what: str) -> Callable[[Command], Command]:
    """The option that says how much of something is shown."""
    return click.option(
        "--limit",
        type=click.IntRange(min=0),
        default=20,
        show_default=True,
        help=f"Most {what} to show, 0 for all; they are always counted.",
    )


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


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--name", help="Name of the dataset; by default that of the folder.")
def init(folder: Path, name: str | None) -> None:
    """Write a commented dataset.toml into FOLDER, with the datasheet's questions."""
    from broadsheet.cli.init import write_config

    click.echo(f"wrote {write_config(folder, name)}; fill it in, then: broadsheet build {folder}")


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


for command in (
    build,
    clean,
    datasheet,
    dehydrate,
    hydrate,
    push_command,
    schema_group,
    segment,
    show,
    sign_command,
    validate,
    withdraw,
):
    main.add_command(command)
