"""What commands that read take: paths, how they are read, by which configuration, and where tasks run."""

import functools
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from broadsheet.cli.report import shown
from broadsheet.errors import CallError

PATHS = click.argument("paths", nargs=-1)
WORKERS = click.option(
    "--workers",
    type=click.IntRange(min=1),
    show_default="number of processors, or 1 for small inputs",
    help="Processes to use; the result does not depend on it.",
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


def reading_options(command: Any) -> Any:
    """The options of reading, as one parameter `reading`."""

    @functools.wraps(command)
    def wrapped(**given: Any) -> Any:
        fields = _fields(given.pop("fields"), {name: given.pop(f"{name}_field") for name in ("text", "id")})
        found = {"format": given.pop("format_"), "fields": fields or None}
        given["paths"] = Paths(given["paths"], given.pop("files_from"))
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


def engine_options(command: Any) -> Any:
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


class Paths(NamedTuple):
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


def settled(paths: Paths, config_file: Path | None, overrides: dict[str, Any]) -> tuple[Any, tuple[str, ...]]:
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


def fail_for(failed: Any) -> None:
    """Names the files that could not be read, and ends with exit code 1 where there are any."""
    for file in failed:
        click.echo(f"Error: {shown(file['path'])}: {shown(file['error'], 1000)}; fix or drop the file", err=True)
    if failed:
        sys.exit(1)
