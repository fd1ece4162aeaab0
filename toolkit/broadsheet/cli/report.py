"""What the commands print: a line a stage, progress on a terminal, JSON for machines."""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from broadsheet.cli.progress import WIDTH as WIDTH  # noqa: PLC0414  other commands have it from here
from broadsheet.cli.progress import Progress
from broadsheet.cli.signals import heed
from broadsheet.errors import ReleaseError

MAX_RULES: Final = 10
"""Rules of rejected records that are shown; `--json` and the manifest have all."""
_NAMES: Final = 5
"""Sources and records that a warning names."""
_TITLE_CHARS: Final = 60


class Reporter:
    """Prints the events of a build as they come; with `as_json` one object at the end instead."""

    def __init__(self, *, quiet: bool = False, as_json: bool = False, progress: bool = False) -> None:
        """Progress is shown where standard error is a terminal, and elsewhere only when it is asked for."""
        self._lines = not quiet and not as_json
        self._json = as_json
        terminal = sys.stderr.isatty()
        self._progress = Progress(terminal=terminal) if progress or (self._lines and terminal) else None
        self._stages: dict[str, Any] = {}

    def __call__(self, event: Any) -> None:
        """Takes one event (`broadsheet.build.Event`)."""
        heed()
        if event.facts is None:
            if self._progress:
                self._progress(event)
            return
        self._stages[event.stage] = event.facts
        if self._progress:
            self._progress.clear()
        if self._lines:
            try:
                for line in _SENTENCES[event.stage](event.facts):
                    click.echo(line)
            except BrokenPipeError:
                forget_output()  # whoever read our lines has gone; the work goes on

    def end(self, outcome: Mapping[str, Any]) -> None:
        """Prints the JSON object, where one is wanted: the outcome and the facts of all stages."""
        if self._json:
            print_json({**outcome, "stages": self._stages})


def forget_output() -> None:
    """Sends what is still printed nowhere, since its reader has gone, as `head` does."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def flush_output() -> None:
    """Brings out what was printed while a failure can still be told.

    Raises: BrokenPipeError when the reader has gone; ReleaseError when the output cannot take it.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        forget_output()
        raise
    except OSError as error:
        forget_output()
        raise ReleaseError(f"standard output: cannot be written: {error.strerror}") from None


def print_json(value: Any) -> None:
    """Prints a value as JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _line(head: str, text: str) -> str:
    return f"{head:<{WIDTH}}{text}"


def shown(text: str, most: int = 300) -> str:
    """The text as a terminal may get it: no control characters, no more than `most` characters."""
    text = text if len(text) <= most else f"{text[: most - 1]}…"
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def n(count: int, one: str, many: str | None = None) -> str:
    """The number with its noun.

    >>> n(1, "page"), n(1200, "page")
    ('1 page', '1,200 pages')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _read(facts: Mapping[str, Any]) -> list[str]:
    twice = facts["captures"] - facts["pages"]
    found = [n(facts["pages"], "page")] if facts["pages"] or not facts["records"] else []
    found += [n(facts["records"], "record")] if facts["records"] else []
    lines = [
        _line(
            "read",
            f"{', '.join(found)}  from {n(facts['files'], 'file')}, {n(facts['bytes'], 'byte')}"
            + (f"; {n(twice, 'capture')} of a page that was read already" if twice else ""),
        )
    ]
    if facts["failed"]:
        lines.append(_line("", f"{n(len(facts['failed']), 'file')} could not be read, or not whole"))
    if facts["empty"]:
        lines.append(_line("", f"{n(facts['empty'], 'page')} without visible text"))
    if facts["passed_over"]:
        kinds = ", ".join(f"{count:,} {reason}" for reason, count in list(facts["passed_over"].items())[:10])
        lines.append(_line("", f"passed over in archives: {kinds}"))
    if facts["warnings"]:
        lines.append(_line("", f"{n(facts['warnings'], 'record')} read with a warning (see the manifest)"))
    if facts["skipped"]:
        kinds = ", ".join(f"{count} {ending}" for ending, count in facts["skipped"].items())
        lines.append(_line("", f"skipped, as no reader is known for them: {kinds}"))
    if facts["unused_metadata"]:
        lines.append(
            _line(
                "",
                f"metadata: {n(facts['unused_metadata'], 'line names', 'lines name')} no file that was read",
            )
        )
    return lines


def _segments(facts: Mapping[str, Any]) -> list[str]:
    names = (
        ("main", "main"),
        ("sidebar", "sidebar"),
        ("teaser", "teasers"),
        ("comment", "comments"),
        ("boilerplate", "boilerplate"),
    )
    if not facts["segments"]:
        return []
    return [
        _line(
            "segments",
            f"{facts['segments']:,}: " + ", ".join(f"{facts.get(k, 0):,} {name}" for k, name in names),
        )
    ]


def _valid(facts: Mapping[str, Any]) -> list[str]:
    rejected = facts["rejected"]
    lines = [
        _line("valid", f"{facts['valid']:,} of {n(facts['valid'] + rejected, 'record')}   (quarantine: {rejected:,})"),
        *_rules(facts["rules"]),
    ]
    if len(facts["files"]) > 1:
        files = [f"{shown(path, 60)} {count:,}" for path, count in list(facts["files"].items())[:5]]
        more = f", and {len(facts['files']) - 5:,} more" if len(facts["files"]) > 5 else ""
        lines.append(_line("", f"in {n(len(facts['files']), 'file')}: {', '.join(files)}{more}"))
    if facts["unknown_properties"]:
        names = ", ".join(
            f"{shown(name, 60)} ({count:,})" for name, count in list(facts["unknown_properties"].items())[:10]
        )
        lines.append(_line("", f"left out, as the schema does not name them: {names}"))
    return lines


def _rules(rules: Sequence[Mapping[str, Any]]) -> list[str]:
    """The commonest rules that records break, with an example each."""
    wide = max((len(f"{rule['n']:,}") for rule in rules[:MAX_RULES]), default=0)
    lines = [_line("", f"{rule['n']:>{wide},} × {_rule(rule)}") for rule in rules[:MAX_RULES]]
    if len(rules) > MAX_RULES:
        lines.append(_line("", f"and {n(len(rules) - MAX_RULES, 'rule')} more"))
    return lines


def _rule(rule: Mapping[str, Any]) -> str:
    """The rule, what it says of the first record that breaks it, and where that is."""
    # The empty pointer is the whole record.
    name = f"(record){rule['rule']}" if rule["rule"].startswith(":") else rule["rule"]
    place = f":{rule['line']}" if rule["line"] else f" at byte {rule['offset']}" if rule["offset"] else ""
    return f"{shown(name, 80)}   e.g. {shown(rule['path'], 60)}{place}: {shown(rule['message'], 100)}"


def _repeats(facts: Mapping[str, Any]) -> list[str]:
    folded = [f"{facts[f'folded_{k}']:,} {k}" for k in ("exact", "near", "trimmed")]
    total = facts["repeated"] + sum(facts[f"folded_{k}"] for k in ("exact", "near", "trimmed"))
    verbatim = f"{facts['repeated']:,} verbatim, " if facts["repeated"] else ""
    slow = "compared in plain Python; many times faster with Numba: pip install 'broadsheet[fast]'"
    return [
        _line(
            "repeats",
            f"{total:,} folded: {verbatim}{', '.join(folded)}; "
            f"{n(facts['kept_update'], 'update')} and {facts['kept_embedded']:,} embedded kept apart",
        ),
        *([_line("", slow)] if facts["path"] == "no-numba" else []),
        *(_line("", text) for text in _suspicious(facts)),
    ]


def _suspicious(facts: Mapping[str, Any]) -> list[str]:
    """Warnings of what folds more than is usual: by mistake a template may have been taken for a text."""
    emptied = [f"{source} ({share:.0%})" for source, share in facts["folded_share"].items() if share > 0.5]
    crowds = [f"{crowd['id']}{_titled(crowd['title'])} ({crowd['n']:,})" for crowd in facts["crowds"]]
    found = []
    if emptied:
        found.append(f"warning: over half of the records of {_some(emptied)} repeat others")
    if crowds:
        found.append(f"warning: over 1 % of all records are one: {_some(crowds)}")
    return found


def _titled(title: str | None) -> str:
    return f" “{title[:_TITLE_CHARS]}”" if title else ""


def _some(names: Sequence[str]) -> str:
    """The first few of many names."""
    more = f" and {len(names) - _NAMES:,} more" if len(names) > _NAMES else ""
    return ", ".join(names[:_NAMES]) + more


def counted(facts: Mapping[str, Any]) -> str:
    """The records that became something, in numbers.

    >>> counted({"added": 2, "removed": 0, "changed": 1, "moved": 0, "folded": 0, "unfolded": 0, "relocated": 0})
    '2 added, 1 changed'
    """
    kinds = ("added", "removed", "changed", "moved", "folded", "unfolded", "relocated")
    return ", ".join(f"{facts[kind]:,} {kind}" for kind in kinds if facts[kind]) or "no record differs"


def _changes(facts: Mapping[str, Any]) -> list[str]:
    return [_line("changes", f"since {facts['since']}: {counted(facts)}   (step: {facts['level']})")]


def _base(facts: Mapping[str, Any]) -> list[str]:
    known = [n(facts["files"], "file")] if facts["files"] else []
    known += [f"{n(facts['pages'], 'page')} in other files"] if facts["pages"] else []
    return [_line("base", f"{facts['version']}" + (f"   has {' and '.join(known)} of these already" if known else ""))]


def _held(facts: Mapping[str, Any]) -> list[str]:
    lines = [_line("held", f"{n(facts['n'], 'record')} that would tie two splits together, in neither")]
    for held in facts["held"][:_NAMES]:
        ends = " and ".join(f"{end['id']} ({shown(end['split'], 40)})" for end in held["ties"])
        lines.append(_line("", f"{held['id']}: tied to {ends}"))
    if facts["n"] > _NAMES:
        lines.append(_line("", f"and {facts['n'] - _NAMES:,} more; the manifest names them"))
    return lines


def _unchanged(facts: Mapping[str, Any]) -> list[str]:
    return [_line("unchanged", f"{facts['path']}   nothing is new to version {facts['version']}")]


def _resumed(facts: Mapping[str, Any]) -> list[str]:
    if not facts["done"]:
        return []
    return [_line("resumed", f"{facts['done']:,} of {n(facts['tasks'], 'task')} were done already")]


def _kept_out(facts: Mapping[str, Any]) -> list[str]:
    return [
        _line(
            "kept out",
            f"{n(facts['records'], 'record')} that {'was' if facts['records'] == 1 else 'were'} withdrawn before",
        )
    ]


def _released(facts: Mapping[str, Any]) -> list[str]:
    rows = " · ".join(f"{name} {count:,}" for name, count in facts["rows"].items())
    for name in facts["unlisted"]:
        click.echo(f"Warning: {name}: its manifest is damaged; index.json leaves it out", err=True)
    same = "is identical" if facts["identical"] else "holds the same rows, in files that another machine compressed"
    there = "" if facts["published"] else f"   (was there already, and {same})"
    return [
        _line("released", f"{facts['path']}   {rows}{there}"),
        _line("load it", f'datasets.load_dataset("{facts["path"]}")'),
    ]


_SENTENCES: Final[Mapping[str, Callable[[Mapping[str, Any]], list[str]]]] = {
    "read": _read,
    "segments": _segments,
    "valid": _valid,
    "repeats": _repeats,
    "base": _base,
    "held": _held,
    "unchanged": _unchanged,
    "kept out": _kept_out,
    "changes": _changes,
    "resumed": _resumed,
    "released": _released,
}


def print_verdicts(verdicts: Sequence[Any]) -> None:
    """Prints a line a promise, and below it what breaks it."""
    for verdict in verdicts:
        click.echo(f"{verdict.verdict:<{WIDTH + 2}}{verdict.promise}")
        for fault in verdict.faults:
            click.echo(f"{'':<{WIDTH + 2}}- {fault}")


def print_readmission(facts: Mapping[str, Any], out: Path | None) -> None:
    """Prints how many records of a quarantine pass now, and why the others do not."""
    click.echo(_line("readmit", f"{facts['passing']:,} of {n(facts['records'], 'rejected record')} pass now"))
    for line in _rules(facts["rules"]):
        click.echo(line)
    if out:
        click.echo(_line("wrote", f"{shown(str(out))}   {n(facts['passing'], 'record')}"))


def print_inspection(facts: Mapping[str, Any]) -> None:
    """Prints the facts of a release."""
    ledger = facts["ledger"]
    click.echo(f"{facts['name']} {facts['version']}   {facts['path']}   {n(facts['n_bytes'], 'byte')}")
    click.echo(_line("rows", f"sha256:{facts['logical_digest']}"))
    click.echo(
        _line(
            "from",
            f"{n(facts['n_files'], 'file')}, {n(ledger['n_pages'], 'page')}, {n(ledger['n_chars'], 'code point')}",
        )
    )
    for table in facts["tables"]:
        click.echo(
            _line(
                "",
                f"{table['config']:<10}{table['split']:<12}{table['n_rows']:>10,}  {table['logical_digest'][:16]}",
            )
        )
    for name in ("role", "outcome"):
        parts = ", ".join(
            f"{count:,} {value} ({chars / max(1, ledger['n_chars']):.1%})"
            for value, (count, chars) in ledger[name].items()
        )
        click.echo(_line(name, parts))
    steps = {"found": "candidates", "rejected": "rejected", "distinct": "unique", "folded": "folded"}
    counts = [f"{ledger[f'n_{name}']:,} {text}" for text, name in steps.items()]
    click.echo(_line("records", ", ".join([*counts, f"{ledger['n_canonical']:,} released"])))
    for path, error in facts["failed"].items():
        click.echo(_line("failed", f"{path}: {error}"))
