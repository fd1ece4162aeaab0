"""`broadsheet datasheet`: which of its questions are answered."""

from collections import Counter
from pathlib import Path

import click

from broadsheet.cli.report import n, print_json, shown


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option("--open", "only_open", is_flag=True, help="List only the questions that are open.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of lines.")
def datasheet(path: Path, only_open: bool, as_json: bool) -> None:
    """List the datasheet's questions and how far they are answered, in a release or a folder with a dataset.toml.

    Answers stand in datasheet.toml beside it (`broadsheet init` writes one, with help). `unknown` and `not_applicable`
    are answers when a reason stands beside them. In a release an answer is open again when a figure that it watches
    (`seen`) has moved by over a tenth, and a figure that was typed by hand is named.
    """
    from broadsheet.release.questions import state

    found = state(path)
    listed = [row for row in found if row["status"].startswith("open")] if only_open else found
    if as_json:
        print_json({"questions": listed})
        return
    for row in listed:
        click.echo(f"{row['status']:<15}{row['id']:<5}{row['question']}")
        for fault in row["faults"]:
            click.echo(f"{'':<20}{shown(fault, 200)}")
    counts = Counter(row["status"] for row in found)
    told = ", ".join(f"{number} {status.replace('_', ' ')}" for status, number in sorted(counts.items()))
    click.echo(f"{n(len(found), 'question')}: {told}")
