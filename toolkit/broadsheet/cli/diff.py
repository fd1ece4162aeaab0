"""`broadsheet diff`: what differs between two releases, as lines for people."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

from broadsheet.cli.report import WIDTH, counted, n, shown

_KINDS: Final = ("removed", "folded", "changed", "moved", "added", "unfolded", "relocated")


def print_difference(found: Mapping[str, Any]) -> None:
    """Prints a difference as JSON has it (`release.changes.compare`)."""
    for line in lines(found):
        click.echo(line)


def beside(path: Path, other: Path) -> Path:
    """The folder that is meant, where one names a version beside another release by its number alone."""
    return other.resolve().parent / path if not path.exists() and len(path.parts) == 1 and other.is_dir() else path


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The difference for people: what it asks for and why, records, schema, shifts, ledger, configuration."""
    old, new = found["old"], found["new"]
    yield f"{old['name']} {old['version']} → {new['name']} {new['version']}   step: {found['level']}"
    yield from _block("why", [f"{reason['level']:<7}{shown(reason['what'], 1000)}" for reason in found["reasons"]])
    yield from _block("records", [_config(row) for row in found["records"] if row["old"] or row["new"]])
    for kind in _KINDS:
        yield from _block(kind, _listed(found, kind))
    fields = [f"{kind}: {_numbers(of)}" for kind, of in found["fields"].items() if of]
    yield from _block("fields", fields)
    yield from _block("schema", [_change(change) for change in found["schema"]])
    yield from _block("shifts", _shifts(found))
    yield from _block(
        "ledger", [f"{t['config']:<10}{t['old']:,} → {t['new']:,}" for t in found["ledger"] if not t["equal"]]
    )
    yield from _block("settings", [_setting(entry) for entry in (*found["configuration"], *found["versions"])])
    yield from _block("inputs", [_numbers(found["inputs"])] if any(found["inputs"].values()) else [])


def _block(head: str, told: list[str]) -> Iterator[str]:
    for i, line in enumerate(told):
        yield f"{head if i == 0 else '':<{WIDTH}}{line}"


def _config(row: Mapping[str, Any]) -> str:
    return f"{row['config']:<10}{row['old']:,} → {row['new']:,}   {row['common']:,} in both   {counted(row)}"


def _numbers(of: Mapping[str, int]) -> str:
    return ", ".join(f"{shown(name, 60)} {count:,}" for name, count in of.items() if count)


def _listed(found: Mapping[str, Any], kind: str) -> list[str]:
    told = []
    for row in found[kind]:
        more = ""
        if "canonical_id" in row:
            more = f"   {row['relation']}, {'into' if kind == 'folded' else 'out of'} {row['canonical_id']}"
        elif "from" in row:
            more = f"   from {shown(row['from'])}"
        elif "fields" in row:
            more = f"   {shown(', '.join(row['fields']))}"
        title = f"   {shown(' '.join(row['title'].split()), 60)}" if row["title"] else ""
        told.append(f"{row['id']}   {row['config']:<10}{shown(row['split'])}{more}{title}")
    n_more = found["counts"][kind] - len(told)
    return [*told, f"and {n_more:,} more; --limit 0 shows all"] if told and n_more else told


def _change(change: Mapping[str, Any]) -> str:
    return f"{'breaking' if change['breaking'] else 'compatible':<12}{change['of']}: {shown(change['message'], 500)}"


def _shifts(found: Mapping[str, Any]) -> list[str]:
    from broadsheet.describe.changes import percent

    told = [
        f"{s['by']:<10}{shown(s['value'], 40):<24} {s['old']:>9,} → {s['new']:>9,}   "
        f"{percent(s['old_share']):>7} → {percent(s['new_share']):>7}"
        for s in found["shifts"]
    ]
    n_more = found["n_shifts"] - len(told)
    return [*told, f"and {n(n_more, 'value')} more"] if told and n_more else told


def _setting(entry: Mapping[str, Any]) -> str:
    old, new = (_value(entry[side]) for side in ("old", "new"))
    return f"{shown(entry['name'], 100)}: {old} → {new}"


def _value(value: Any) -> str:
    if value is None:
        return "none"
    return shown(" ".join(value.split()) if isinstance(value, str) else json.dumps(value, ensure_ascii=False), 80)
