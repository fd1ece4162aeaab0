"""The commands that leave the texts out of a release, and put them back."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broadsheet.cli.options import AS_JSON, KEY, PAGES, QUIET, RELEASE
from broadsheet.cli.report import WIDTH, n, print_json, shown
from broadsheet.errors import CallError

if TYPE_CHECKING:
    from broadsheet.build import Built
    from broadsheet.config import Config
    from broadsheet.release.hydrate import Hydrated
    from broadsheet.release.keys import Key
    from broadsheet.release.verify import Verdict
    from broadsheet.share import Shared

_SHOWN = 20
"""Things of each kind that did not match which are shown."""


def _key(file: Path | None) -> "Key | None":
    from broadsheet.release.keys import private

    return private(file) if file else None


@click.command()
@RELEASE
@click.option("--out", type=click.Path(path_type=Path), help="Folder of all datasets; by default that of RELEASE.")
@click.option("--name", help="Name of the dataset without texts.", show_default="that of RELEASE, with -standoff")
@KEY
@QUIET
@AS_JSON
def dehydrate(release: Path, out: Path | None, name: str | None, key: Path | None, quiet: bool, as_json: bool) -> None:
    """Publish RELEASE without its texts, titles and names: OUT/NAME/VERSION.

    It holds where everything stands, what became of it and how it is related, numbers and hashes. `hydrate` puts the
    texts back from captures of the same pages. Hashes of texts under 10 words are keyed.
    """
    from broadsheet import share

    made = share.dehydrate(release, out=out, name=name, key=_key(key))
    if as_json:
        print_json(_told(made))
    elif not quiet:
        click.echo(f"{'released' if made.published else 'unchanged':<{WIDTH}}{made.path}")


@click.command()
@RELEASE
@PAGES
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("hydrated"),
    show_default=True,
    help="Folder of all datasets.",
)
@KEY
@QUIET
@AS_JSON
def hydrate(release: Path, pages: tuple[str, ...], out: Path, key: Path | None, quiet: bool, as_json: bool) -> None:
    """Put the texts of the standoff release RELEASE back, from your own captures of its pages.

    With all pages this gives the release that it was made from, OUT/NAME/VERSION, byte for byte where the captures are
    the same. Where pages are missing, their records are looked for by their words in your other captures, and the
    release stays a standoff release with the texts that were found. Exit code 1 when it is not as it was.
    """
    from broadsheet import share

    if not pages:
        raise CallError("name your captures of the pages with --pages")
    made, found = share.hydrate(release, pages, out=out, key=_key(key))
    if as_json:
        print_json(_told(made) | _reported(found))
    elif not quiet:
        for head, line in _lines(made, found):
            click.echo(f"{head:<{WIDTH}}{line}")
    if not found.same_rows:
        sys.exit(1)


def _told(made: "Shared") -> dict[str, Any]:
    digest = made.manifest["logical_digest"]
    return {"path": str(made.path), "published": made.published, "logical_digest": digest}


def _reported(found: "Hydrated") -> dict[str, Any]:
    report = found.report
    return {
        "same_rows": found.same_rows,
        "same_bytes": found.same_bytes,
        "n_pages": report.n_pages,
        "missing": report.missing,
        "elsewhere": report.elsewhere,
        "differing": report.differing,
    }


def _lines(made: "Shared", found: "Hydrated") -> Sequence[tuple[str, str]]:
    report = found.report
    is_same = "every byte" if found.same_bytes else "every row, not every byte" if found.same_rows else "not as it was"
    lines = [("pages", f"{report.n_pages:,} of {report.n_pages + len(report.missing):,} have their text again")]
    lines += _block("missing", [f"{p['page_id'][:12]}   {shown(', '.join(p['places']))}" for p in report.missing])
    if report.elsewhere:
        n_exact = sum(report.elsewhere.values())
        exact, others = f"{n_exact:,} to the letter", f"{len(report.elsewhere) - n_exact:,} word for word"
        lines.append(("elsewhere", f"{n(len(report.elsewhere), 'record')} found in other captures: {exact}, {others}"))
    lines += _block("differing", [shown(fault, 1000) for fault in report.differing])
    return [*lines, ("released" if made.published else "unchanged", f"{made.path}   {is_same}")]


def _block(head: str, told: Sequence[str]) -> list[tuple[str, str]]:
    more = [f"and {len(told) - _SHOWN:,} more; --json shows all"] if len(told) > _SHOWN else []
    return [(head if i == 0 else "", line) for i, line in enumerate([*told[:_SHOWN], *more])]


def build_standoff(
    inputs: Sequence[Path | str], settings: "Config", out: Path, key: Path | None, how: Mapping[str, Any]
) -> "tuple[Built, Path]":
    """What `build --standoff` does; the build, and the path of the release without texts."""
    from broadsheet import share
    from broadsheet.build import Event

    told: dict[str, Any] = {}

    def report(event: Event) -> None:
        if event.stage == "released":  # of the release with texts, which goes again
            told.update(event.facts or {})
        else:
            how["report"](event)

    built, made = share.build_standoff(inputs, settings, out=out, key=_key(key), **{**how, "report": report})
    how["report"](Event("released", facts=told | {"path": str(made.path), "published": made.published}))
    return built, made.path


def verify_with(release: Path, pages: Sequence[str], key: Path | None, **how: Any) -> "list[Verdict]":
    """What `verify --pages` finds."""
    from broadsheet import share

    return share.verify(release, pages, key=_key(key), **how)
