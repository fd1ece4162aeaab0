"""The command that takes records out of a dataset."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broadsheet.cli.options import AS_JSON, BLOCKLIST, QUIET
from broadsheet.cli.report import WIDTH, n, print_json, shown
from broadsheet.errors import CallError

if TYPE_CHECKING:
    from broadsheet.release.withdraw import Withdrawn

_SHOWN = 20
"""Quotations that are shown."""


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--id", "ids", multiple=True, metavar="ID", help="A record, or a repeat of one.")
@click.option("--url", "urls", multiple=True, metavar="URL", help="The main article of the page with this address.")
@click.option("--author", "authors", multiple=True, metavar="NAME", help="Every record by this author.")
@click.option("--reason", required=True, help="Why, for index.json; let it tell nothing of the record.")
@click.option("--date", metavar="YYYY-MM-DD", help="When, for index.json; the clock is never asked.")
@click.option(
    "--version", default="auto", show_default=True, help="Version without them; a MAJOR step above the latest at least."
)
@BLOCKLIST
@click.option("--purge", multiple=True, metavar="VERSION", help="An old version to remove whole; index.json says so.")
@QUIET
@AS_JSON
def withdraw(  # noqa: PLR0913, PLR0917  one option a parameter is how click passes them
    dataset: Path,
    ids: tuple[str, ...],
    urls: tuple[str, ...],
    authors: tuple[str, ...],
    reason: str,
    date: str | None,
    version: str,
    blocklist: Path | None,
    purge: tuple[str, ...],
    quiet: bool,
    as_json: bool,
) -> None:
    """Publish the next version of DATASET, the folder of all its versions, without some records and their repeats.

    Their text is masked wherever it stands on a page. Kept records that quote 13 words in a row of it are listed: it
    is for you to decide whether they go, too. A private list of keyed hashes keeps what was withdrawn out of later
    builds. Versions are never changed: old ones still hold the records until you --purge them.
    """
    from broadsheet.release.withdraw import Wanted
    from broadsheet.release.withdraw import purge as remove
    from broadsheet.release.withdraw import withdraw as take_out

    _require_date(date)
    wanted = Wanted(ids, urls, authors)
    found = None
    if ids or urls or authors or not purge:
        found = take_out(dataset, wanted, reason=reason, date=date, version=version, blocklist=blocklist)
    remove(dataset, purge, reason=reason, date=date)
    if as_json:
        print_json({**(_json(found, purge) if found else {}), "purged": list(purge)})
    elif not quiet:
        for head, line in _lines(found, purge):
            click.echo(f"{head:<{WIDTH}}{line}")


def _require_date(date: str | None) -> None:
    try:
        is_date = date is None or datetime.date.fromisoformat(date).isoformat() == date
    except ValueError:
        is_date = False
    if not is_date:
        raise CallError(f"--date {date}: is no date; expected one such as 2026-03-14")


def _json(found: "Withdrawn", purged: tuple[str, ...]) -> dict[str, Any]:
    return {
        "path": str(found.path),
        "published": found.published,
        "records": found.records,
        "n_pages": found.n_pages,
        "quotations": found.quotations,
        "still": [version for version in found.still if version not in purged],
    }


def _lines(found: "Withdrawn | None", purged: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if found:
        for i, row in enumerate(found.records):
            yield "withdrawn" if i == 0 else "", f"{row['id']}   {row['kind']}   {n(row['repeats'], 'repeat')}"
        yield "masked", f"on {n(found.n_pages, 'page')}"
        for i, row in enumerate(found.quotations[:_SHOWN]):
            title = f"   {shown(' '.join(row['title'].split()), 60)}" if row["title"] else ""
            yield "decide" if i == 0 else "", f"{row['id']}   {row['config']}   quotes it in {row['runs']} runs{title}"
        if len(found.quotations) > _SHOWN:
            yield "", f"and {len(found.quotations) - _SHOWN:,} more; --json shows all"
        yield "released", str(found.path)
        still = [version for version in found.still if version not in purged]
        if still:
            yield "still in", f"{', '.join(still)}; --purge removes a version whole"
    if purged:
        yield "purged", ", ".join(purged)
