"""Writes what the documentation shows from what the program does: `--check` says what is stale and exits with 1.

Blocks between `<!-- begin:NAME -->` and `<!-- end:NAME -->` in the files below are generated, and so is all of
DATASHEET.md, which is the datasheet of the release in dist/ of five real pages.
"""

import gzip
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from broadsheet.cli import main
from broadsheet.contract import SCHEMAS, profile, schema
from broadsheet.release.verify import CHECKS

ROOT: Final = Path(__file__).resolve().parents[1]
SITE: Final = "examples/harbour"
ALMANAC: Final = "examples/almanac"
RELEASE: Final = "dist/harbour/0.1.0"
REAL: Final = "dist/aleppo-standoff/0.1.0"
"""Of real pages, which are not in the repository: it is read as it stands there; tests/test_dist.py builds it again."""


def run(folder: Path, *commands: str) -> str:
    """The commands with what they print, as a reader would see them."""
    shown = []
    for command in commands:
        words = [sys.executable, "-m", *command.split()]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)
        shown.append(f"$ {command}\n{done.stdout}")
    return "```console\n" + "".join(shown) + "```"


def rejection(folder: Path) -> str:
    """A record of the almanac's quarantine, as JSON with line ends."""
    lines = gzip.decompress((folder / "dist/almanac/0.1.0/quarantine/rejected.jsonl.gz").read_bytes()).splitlines()
    found = next(row for row in map(json.loads, lines) if row["line"] == 7)
    return "```json\n" + json.dumps(found, ensure_ascii=False, indent=1) + "\n```"


def fewer(folder: Path) -> str:
    """What differs where the next version of the example site is built without one of its pages."""
    site = folder / "fewer"
    shutil.copytree(folder / SITE, site)
    (site / "pages" / "07-storm-boats.txt").unlink()
    run(folder, "broadsheet build fewer --version auto --quiet")
    return run(folder, f"broadsheet diff {RELEASE} 1.0.0 --limit 3")


def grown(folder: Path) -> str:
    """How the example site grows: a release without two of its pages, and the next one from all of them."""
    early = folder / "early"
    shutil.copytree(folder / SITE, early)
    for name in ("07-storm-boats.txt", "17-mudflat-birds.txt"):
        (early / "pages" / name).unlink()
    run(folder, "broadsheet build early --out grown --quiet")
    return run(folder, f"broadsheet build {SITE} --base grown/harbour/0.1.0 --version auto --out grown")


def commands() -> str:
    """The help of every command."""
    return "\n\n".join(f"## `{name}`\n\n```text\n{text}\n```" for name, text in _helps())


def _helps() -> Iterator[tuple[str, str]]:
    def of(command: click.Command, name: str) -> str:
        with click.Context(command, info_name=name, terminal_width=100, max_content_width=100) as context:
            return command.get_help(context)

    def below(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
        yield name, of(command, name)
        for inner, of_it in sorted(getattr(command, "commands", {}).items()):
            yield from below(of_it, f"{name} {inner}")

    yield from below(main, "broadsheet")


def schemas() -> str:
    """The properties of every schema."""
    parts = []
    for name in SCHEMAS:
        top = schema(name)
        parts.append(f"## {top['title']} (`schema/{name}.schema.json`)\n\n{top['description']}\n")
        for definition in [top] if "properties" in top else top["$defs"].values():
            if definition is not top:
                parts.append(f"### {definition['title']}\n\n{definition['description']}\n")
            parts.append(_table(definition["properties"]) + "\n")
    return "\n".join(parts)


def _table(properties: Mapping[str, Any]) -> str:
    rows = ["| property | type | meaning |", "|---|---|---|"]
    for name, value in properties.items():
        kind = value.get("type", "")
        kind = kind if isinstance(kind, str) else " or ".join(kind)
        rows.append(f"| `{name}` | {value.get('format', kind)} | {value['description']} |")
    return "\n".join(rows)


def damages() -> str:
    """The damages that the tests do to a sealed release, and the promises that each breaks."""
    sys.path.insert(0, str(ROOT / "tests"))
    from damages import DAMAGES, EDITS  # noqa: PLC0415  not of the package

    rows = ["| damage, sealed again | broken promises |", "|---|---|"]
    for mark, cases in (("", DAMAGES), ("¹", EDITS)):
        for damage, promises in cases:
            named = [check.partition(":")[0] for check in CHECKS if check.partition(":")[0] in promises]
            rows.append(f"| {damage.__name__.replace('_', ' ')}{mark} | {'; '.join(named)} |")
    return "\n".join(rows)


def scaling() -> Mapping[str, str]:
    """The tables that the last kept benchmark gives."""
    sys.path.insert(0, str(ROOT / "bench" / "whole"))
    import kept  # noqa: PLC0415  not of the package
    import model  # noqa: PLC0415

    found = kept.last()
    if found is None:
        sys.exit("bench/results holds no result: make bench-keep")
    return model.tables(found[1])


def blocks(folder: Path) -> Mapping[str, Mapping[str, Callable[[], str]]]:
    """By file and block, how the block is made; `folder` holds the example site and takes the release."""
    return {
        "README.md": {
            "build": lambda: run(folder, f"broadsheet build {SITE}"),
            "verify": lambda: run(folder, f"broadsheet verify {RELEASE}"),
            "inspect": lambda: run(folder, f"broadsheet inspect {RELEASE}"),
            "trace": lambda: run(folder, f"broadsheet trace {RELEASE} 07-storm-boats.txt --limit 1"),
            "diff": lambda: fewer(folder),
            "grow": lambda: grown(folder),
        },
        "docs/cli.md": {"commands": commands},
        "docs/contract.md": {
            "profile": str(profile.__doc__).partition("\n\n")[2].strip,
            "types": lambda: run(folder, f"broadsheet schema --schema {ALMANAC}/record.schema.json --to arrow"),
            "validate": lambda: run(folder, f"broadsheet validate {ALMANAC}"),
            "readmit": lambda: run(
                folder,
                f"broadsheet build {ALMANAC} --quiet",
                f"broadsheet readmit dist/almanac/0.1.0 --schema {ALMANAC}/loose.schema.json",
            ),
            "diff": lambda: run(
                folder,
                f"broadsheet schema diff {ALMANAC}/record.schema.json {ALMANAC}/loose.schema.json",
            ),
            "rejection": lambda: rejection(folder),
        },
        "docs/schemas.md": {"schemas": schemas},
        "docs/verify.md": {"damages": damages},
        "docs/scaling.md": {name: partial(scaling().__getitem__, name) for name in ("ratios", "constants", "sizes")},
    }


def filled(text: str, makers: Mapping[str, Callable[[], str]]) -> str:
    """The text with its blocks made anew."""
    for name, make in makers.items():
        pattern = re.compile(rf"(<!-- begin:{name} -->\n).*?(\n<!-- end:{name} -->)", re.DOTALL)
        made = make()
        text, n = pattern.subn(lambda match, made=made: match[1] + made + match[2], text)
        if n != 1:
            sys.exit(f"block {name}: expected once, found {n} times")
    return text


def write(check: bool) -> int:
    """Writes all generated parts, or with `check` only names those that are stale; the exit code."""
    stale = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for site in (SITE, ALMANAC):
            shutil.copytree(ROOT / site, folder / site)
        made = {name: filled((ROOT / name).read_text("utf-8"), makers) for name, makers in blocks(folder).items()}
        made["DATASHEET.md"] = (ROOT / REAL / "DATASHEET.md").read_text("utf-8")
    for name, text in made.items():
        file = ROOT / name
        if not file.exists() or file.read_text("utf-8") != text:
            stale.append(name)
            if not check:
                file.write_text(text, "utf-8")
    if check and stale:
        print(f"stale, run `make docs`: {', '.join(stale)}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(write("--check" in sys.argv[1:]))
