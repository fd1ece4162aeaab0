"""CHANGES.md: what became of the records of the version before, and of everything else."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from broadsheet.describe.facts import Facts, escape, table

_KINDS: Final = {
    "removed": "Removed",
    "folded": "Folded: another record stands for them now",
    "changed": "Changed",
    "moved": "Moved to another split",
    "added": "Added",
    "unfolded": "Unfolded: another record stood for them before",
    "relocated": "Relocated: they say the same, but were found elsewhere or are tied to something else",
}
_SHOWN: Final = 100
"""Held records that are listed."""
_SHOWN_CHARS: Final = 80
"""Longest value of a setting that is shown."""


def changes(facts: Facts, found: Mapping[str, Any] | None) -> str:
    """CHANGES.md: `found` is the difference from the version before as JSON, with `level` and `reasons`."""
    when = f" ({facts.config['released']})" if facts.config.get("released") else ""
    head = f"# Changes\n\n## {facts.config['version']}{when}\n"
    if found is not None:
        return f"{head}\n{changes_text(found)}{_held(facts)}"
    counts = [(name, sum(t["n_rows"] for t in facts.tables if t["config"] == name)) for name in facts.configs]
    return (
        f"{head}\nNo earlier version was beside this one when it was built: all records are new.\n\n"
        f"{table(('table', 'rows'), counts)}\n"
    )


def _held(facts: Facts) -> str:
    """The records that are in no split, and why."""
    held = facts.manifest["base"]["held"] if facts.manifest["base"] else []
    lines = [
        f"- `{one['id']}`: tied to " + " and ".join(f"`{end['id']}` ({escape(end['split'])})" for end in one["ties"])
        for one in held[:_SHOWN]
    ]
    lines += [f"- and {len(held) - _SHOWN:,} more; manifest.json names them"] if len(held) > _SHOWN else []
    title = "Held: in no split, since each would have tied two together"
    return f"\n### {title}\n\n" + "\n".join(lines) + "\n" if held else ""


def changes_text(found: Mapping[str, Any]) -> str:
    """The difference between two releases, as Markdown. Ids and no titles: what was withdrawn is not told again."""
    old, new = found["old"], found["new"]
    parts = [
        f"Compared with {escape(old['version'])}: {_STEPS[found['level']]}\n",
        *[f"- {reason['level'].upper()}: {escape(reason['what'])}" for reason in found["reasons"]],
        "" if found["reasons"] else "Nothing but the number differs.",
        "\n### Records\n",
        table(
            ("config", old["version"], new["version"], "in both", *_KINDS),
            [
                (row["config"], row["old"], row["new"], row["common"], *(row[k] for k in _KINDS))
                for row in found["records"]
            ],
        ),
        *_lists(found),
        *_fields(found),
        *_schema(found),
        *_ledger(found),
        *_shifts(found),
        *_settings(found),
        "\nWhich records these are, all of them, says `broadsheet diff OLD NEW --limit 0` on the two releases.",
    ]
    return "\n".join(part for part in parts if part) + "\n"


_STEPS: Final = {
    "none": "equal in everything but the number.",
    "patch": "the same rows; at least a PATCH step.",
    "minor": "nothing was taken away; at least a MINOR step.",
    "major": "what was there is not as it was; a MAJOR step.",
}


def _lists(found: Mapping[str, Any]) -> Iterator[str]:
    for kind, title in _KINDS.items():
        n = found["counts"][kind]
        if n:
            yield f"\n### {title}\n"
            yield from (f"- `{row['id']}` ({escape(row['config'])}, {_told(row, kind)})" for row in found[kind])
            if n > len(found[kind]):
                yield f"- and {n - len(found[kind]):,} more"


def _told(row: Mapping[str, Any], kind: str) -> str:
    split = escape(row["split"])
    match kind:
        case "moved":
            return f"from {escape(row['from'])} to {split}"
        case "folded" | "unfolded":
            return f"{split}; {row['relation']}, {'into' if kind == 'folded' else 'out of'} `{row['canonical_id']}`"
        case "changed" | "relocated":
            return f"{split}; {escape(', '.join(row['fields']))}"
        case _:
            return split


def _fields(found: Mapping[str, Any]) -> Iterator[str]:
    rows = [(kind, name, n) for kind, of in found["fields"].items() for name, n in of.items()]
    if rows:
        yield f"\n### Fields that differ\n\n{table(('records', 'field', 'n'), rows)}"


def _schema(found: Mapping[str, Any]) -> Iterator[str]:
    if found["schema"]:
        yield "\n### Schema\n"
        for change in found["schema"]:
            breaks = "breaking" if change["breaking"] else "compatible"
            yield f"- {breaks}, {change['of']}: {escape(change['message'])}"


def _ledger(found: Mapping[str, Any]) -> Iterator[str]:
    rows = [(row["config"], row["old"], row["new"]) for row in found["ledger"] if not row["equal"]]
    if rows:
        head = ("table", f"rows in {found['old']['version']}", f"in {found['new']['version']}")
        yield f"\n### Ledger\n\n{table(head, rows)}"


def percent(share: float) -> str:
    """A share as people read it.

    >>> percent(0.12345)
    '12.3 %'
    """
    return f"{100 * share:.1f} %"


def _shifts(found: Mapping[str, Any]) -> Iterator[str]:
    if not found["shifts"]:
        return
    rows = [
        (s["by"], s["value"], s["old"], s["new"], percent(s["old_share"]), percent(s["new_share"]))
        for s in found["shifts"]
    ]
    head = ("by", "value", found["old"]["version"], found["new"]["version"], "share before", "share now")
    yield f"\n### Shifts\n\nRecords by what is counted differently, the largest shifts first.\n\n{table(head, rows)}"
    if found["n_shifts"] > len(rows):
        yield f"\nAnd {found['n_shifts'] - len(rows):,} more."


def _settings(found: Mapping[str, Any]) -> Iterator[str]:
    inputs = [f"{n:,} {kind}" for kind, n in found["inputs"].items() if n]
    if found["configuration"] or found["versions"] or inputs:
        yield "\n### Configuration, documentation and inputs\n"
        yield from (_setting(entry) for entry in found["configuration"])
        yield from (_setting(entry) for entry in found["versions"])
        yield f"- input files: {', '.join(inputs)}" if inputs else ""


def _setting(entry: Mapping[str, Any]) -> str:
    return f"- {escape(entry['name'])}: {_value(entry['old'])} → {_value(entry['new'])}"


def _value(value: Any) -> str:
    if value is None:
        return "none"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return escape(text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 1]}…")
