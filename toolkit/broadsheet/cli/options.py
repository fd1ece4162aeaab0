"""Arguments and options that commands of several modules have."""

from pathlib import Path

import click

RELEASE = click.argument("release", type=click.Path(path_type=Path))
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of lines.")
QUIET = click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
PROGRESS = click.option(
    "--progress",
    is_flag=True,
    help="Tell on standard error how far it is, also where that is no terminal: then a line every 10 seconds.",
)
KEY = click.option(
    "--key",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A secret of 16 bytes or more, to hash short texts of standoff releases with; else it follows from the texts.",
)
PAGES = click.option(
    "--pages",
    metavar="PATH",
    multiple=True,
    help="Your captures of the pages of a standoff release: a file, folder, pattern or URL; several may be named.",
)
BLOCKLIST = click.option(
    "--blocklist",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The private list of what was withdrawn.",
    show_default=".blocklist-NAME.json beside the dataset",
)
