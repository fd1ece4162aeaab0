"""`broadsheet segment`, `show` and `validate`: a part of the way, without a release."""

import sys
from pathlib import Path
from typing import Any

import click

from broadsheet.cli.inputs import (
    CONFIG,
    MAX_REJECTED,
    PATHS,
    SCHEMA,
    WORKERS,
    Paths,
    fail_for,
    reading_options,
    settled,
)
from broadsheet.cli.options import AS_JSON, QUIET
from broadsheet.cli.report import Reporter
from broadsheet.errors import CallError


@click.command()
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
@reading_options
@WORKERS
@QUIET
def segment(  # noqa: PLR0913, PLR0917
    paths: Paths,
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
    fail_for(failed)


@click.command()
@PATHS
@click.option(
    "--html",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: one page without scripts that needs no other file.",
)
@reading_options
@WORKERS
@QUIET
def show(paths: Paths, reading: dict[str, Any], html: Path, strict: bool, workers: int | None, quiet: bool) -> None:
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
    fail_for(failed)


@click.command()
@PATHS
@CONFIG
@SCHEMA
@MAX_REJECTED
@click.option(
    "--rejected",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write the rejected records into, with all reasons: JSON lines, gzipped if it ends in .gz.",
)
@reading_options
@WORKERS
@QUIET
@AS_JSON
def validate(  # noqa: PLR0913, PLR0917
    paths: Paths,
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
    settings, inputs = settled(paths, config_file, overrides)
    most = settings.get("max_rejected") if max_rejected is None else max_rejected
    is_over = way.limit(0 if most is None else most)
    reporter = Reporter(quiet=quiet, as_json=as_json)
    how = way.read_as(settings, strict=strict)
    found = partway.validate_files(inputs, settings, reading=how, rejected=rejected, n_workers=workers, report=reporter)
    reporter.end(found)
    fail_for(found["failed"])
    if is_over(found["rejected"], found["valid"] + found["rejected"]):
        sys.exit(1)
