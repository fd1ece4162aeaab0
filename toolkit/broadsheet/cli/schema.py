"""`broadsheet schema`: prints the schemas in force, checks and converts those of users, and compares them."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from broadsheet.errors import CallError

FORMS = ("json", "arrow", "features", "markdown")
CONFIGS = ("articles", "comments", "teasers", "segments", "pairs", "pages")


@click.group(invoke_without_command=True)
@click.option("--schema", "file", type=click.Path(path_type=Path), help="A JSON Schema of your own that extends ours.")
@click.option("--to", type=click.Choice(FORMS), default="json", show_default=True, help="What to convert it to.")
@click.option(
    "--rows", type=click.Choice(CONFIGS), help="The rows of a release's table, instead of the records that come in."
)
@click.pass_context
def schema(context: click.Context, file: Path | None, to: str, rows: str | None) -> None:
    """Print the schema of records, ours or extended by yours, or what follows from it.

    `arrow` are the types of Parquet columns, `features` the YAML of Hugging Face, `markdown` a table for people.
    """
    if context.invoked_subcommand:
        if file or rows or context.get_parameter_source("to") is not ParameterSource.DEFAULT:
            raise CallError(f"--schema, --to and --rows do not go with `{context.invoked_subcommand}`; leave them out")
        return
    from broadsheet.contract import Contract

    contract = Contract.load(file) if file else Contract.of(None)
    click.echo(_converted(contract, to, rows))


def _converted(contract: Any, to: str, rows: str | None) -> str:
    document = contract.row_schema(rows) if rows else contract.record
    if to == "json":
        return json.dumps(document, ensure_ascii=False, indent=2)
    if to == "markdown":
        from broadsheet.describe.fields import fields_table

        return fields_table(document)
    types = contract.columns(rows) if rows else contract.rows
    if to == "arrow":
        return "\n".join(f"{field.name}: {field.type}{'' if field.nullable else ' not null'}" for field in types)
    import yaml

    from broadsheet.contract import features

    return str(yaml.safe_dump(features(types), allow_unicode=True, sort_keys=False)).rstrip()


@schema.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Say whether FILES are schemas that can extend ours: every fault, with its place; exit code 1 on any."""
    from broadsheet.contract import Contract

    failed = False
    for file in files:
        try:
            contract = Contract.load(file)
        except CallError as error:
            click.echo(error, err=True)
            failed = True
        else:
            names = ", ".join(contract.extras) or "none"
            click.echo(f"{file}: can extend ours; properties of its own: {names}")
    if failed:
        sys.exit(1)


@schema.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of lines.")
def diff(old: Path, new: Path, as_json: bool) -> None:
    """Say what changed between OLD and NEW, each a schema of your own or a release; exit code 1 on breaking changes.

    A change is compatible if all that was valid is valid still, and every column keeps its name and type.
    """
    from broadsheet.contract import diff as compare

    changes = compare.diff(_in_force(old).record, _in_force(new).record)
    if as_json:
        found = [{"breaking": change.breaking, **change._asdict()} for change in changes]
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        for change in changes:
            click.echo(f"{'breaking' if change.breaking else 'compatible':<12}{compare.message(change)}")
        if not changes:
            click.echo("no change")
    if compare.is_breaking(changes):
        sys.exit(1)


def _in_force(path: Path) -> Any:
    """The contract that a schema of the user's own, or a release, stands for."""
    from broadsheet.contract import Contract
    from broadsheet.release.opened import shipped_contract

    return shipped_contract(path) if path.is_dir() else Contract.load(path)
