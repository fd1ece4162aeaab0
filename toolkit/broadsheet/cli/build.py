"""`broadsheet build`: the whole way, from files to a published release."""

from pathlib import Path
from typing import Any

import click

from broadsheet.cli.inputs import (
    CONFIG,
    MAX_REJECTED,
    PATHS,
    SCHEMA,
    Paths,
    engine_options,
    fail_for,
    reading_options,
    settled,
)
from broadsheet.cli.options import AS_JSON, BLOCKLIST, KEY, PROGRESS, QUIET
from broadsheet.cli.report import Reporter


@click.command()  # one option a parameter is how click passes them
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
@reading_options
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
@engine_options
@PROGRESS
@QUIET
@AS_JSON
def build(  # noqa: PLR0913, PLR0917
    paths: Paths,
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
    settings, inputs = settled(paths, config_file, overrides)
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
    fail_for(built.failed)
