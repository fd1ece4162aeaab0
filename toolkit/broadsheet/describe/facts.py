"""What the documents are written from, and how values are put into Markdown without becoming markup."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from broadsheet.batches import file_sha256
from broadsheet.contract import Contract

_MARKUP: Final = re.compile(r"([\\`*_{}\[\]()#+!|~$])")

_LINKS: Final = re.compile(r"https?:|www\.|@", re.IGNORECASE)
"""What Markdown on the Hub and elsewhere makes a link of, though nobody marked one."""
_STARTS: Final = re.compile(r"^((?=[-=])|\d+(?=\.))")
"""What at the start of a line makes a list, a rule or a headline."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a release when its documents are written: no more than the release itself holds."""

    manifest: Mapping[str, Any]
    measures: Mapping[str, Any]
    contract: Contract
    sealed: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """SHA-256 and size in bytes of the Parquet files, by path."""

    @classmethod
    def of(
        cls,
        root: Path,
        manifest: Mapping[str, Any],
        measures: Mapping[str, Any],
        contract: Contract,
        known: Mapping[str, str] | None = None,
    ) -> "Facts":
        """The facts of the release in the folder `root`; `known` are digests of its files by path."""
        known = known or {}
        paths = [path for table in manifest["tables"] for path in table["files"]["parquet"]]
        sealed = {path: (known.get(path) or file_sha256(root / path), (root / path).stat().st_size) for path in paths}
        return cls(manifest, measures, contract, sealed)

    @property
    def config(self) -> Mapping[str, Any]:
        """The configuration with all defaults."""
        value: Mapping[str, Any] = self.manifest["configuration"]
        return value

    @property
    def title(self) -> str:
        """The name for people."""
        return str(self.config.get("title") or self.config["name"])

    @property
    def tables(self) -> Sequence[Mapping[str, Any]]:
        """The tables that have rows."""
        value: Sequence[Mapping[str, Any]] = self.manifest["tables"]
        return value

    @property
    def configs(self) -> list[str]:
        """The configs that have rows, in order."""
        return list(dict.fromkeys(table["config"] for table in self.tables))

    @property
    def hidden(self) -> list[str]:
        """What privacy hides, a sentence each; never that nothing is left."""
        if "masks" not in self.manifest:
            return []
        privacy = self.config["privacy"]
        n_of = self.manifest["masks"]
        kinds = [kind for kind in _KINDS if kind in n_of or kind in privacy.get("masks", ())]
        counts = ", ".join(f"{n_of.get(kind, 0)} {_KINDS[kind]}" for kind in kinds)
        sentences = (
            [f"Masked in the texts of pages and records: at least {counts}. Others may be left."] if kinds else []
        )
        become = {"pseudonym": "pseudonyms, keyed hashes that differ from site to site", "drop": "left out"}
        authors = become.get(privacy.get("comment_authors", "keep"))
        if authors:
            sentences.append(f"The authors of comments are {authors}; texts may still name them.")
        return sentences

    @property
    def damages(self) -> list[str]:
        """What went wrong or was left out while building, a sentence each."""
        files, ledger = self.manifest["inputs"]["files"], self.manifest["ledger"]
        failed = sum(1 for file in files if file["error"])
        kept = ledger["n_rejected"] + ledger["n_unreadable"]
        damaged = sum(1 for file in files if file["n_damaged"] and not file["error"])
        notes = []
        if failed:
            notes.append(f"{failed} of {len(files)} input files could not be read; manifest.json names them.")
        if damaged:
            notes.append(
                f"{damaged} of {len(files)} input files are damaged and were read in part; manifest.json says where."
            )
        if kept:
            notes.append(f"{kept} records were rejected; they are in quarantine/ with their reasons.")
        held = self.manifest["base"]["held"] if self.manifest["base"] else []
        if held:
            notes.append(
                f"{len(held)} records that came after the first version are in no split, since each would have tied "
                "two together; manifest.json names them."
            )
        return notes + self.hidden

    @property
    def notes(self) -> list[str]:
        """What went wrong or was left out while building, and the stories that no hash placed, a sentence each."""
        return self.damages + [
            f"A story of {n} records was too large to be placed by hash and is whole in one split: {story}."
            for story, n in self.manifest["large_stories"].items()
        ]

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of a measure, by column."""
        found = self.measures[name]
        return [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]


_KINDS: Final = {
    "comment_author": "names of people who comment",
    "email": "e-mail addresses",
    "handle": "names behind @",
    "ip": "IP addresses",
    "phone": "phone numbers",
}


def escape(value: object) -> str:
    """The value as Markdown text on one line: no markup, no HTML, no table bars."""
    text = " ".join(str(value).split())
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _LINKS.sub(lambda match: match[0].replace(":", "&#58;").replace(".", "&#46;").replace("@", "&#64;"), text)
    return _STARTS.sub(r"\1\\", _MARKUP.sub(r"\\\1", text))


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; numbers are aligned to the right."""
    number = [all(isinstance(row[i], int | float | None) for row in rows) for i in range(len(columns))]
    lines = [
        "| " + " | ".join(escape(c.replace("_", " ")) for c in columns) + " |",
        "|" + "|".join("--:" if n else "---" for n in number) + "|",
    ]
    lines += [
        "| " + " | ".join(escape(value) if isinstance(value, str) else str(shown(value)) for value in row) + " |"
        for row in rows
    ]
    return "\n".join(lines)


def shown(value: object) -> object:
    """A value as tables have it; what is not shown is a dash."""
    return "–" if value is None else value


def count_text(found: Mapping[str, Any]) -> str:
    """How many a measure looked at, and how many of them lack what it measures."""
    lacking = "" if found["missing"] is None else f"; {found['missing']} of them without it"
    return f"n = {found['n']}{lacking}"


def no_rows(found: Mapping[str, Any]) -> str:
    """What is said of a measure without rows."""
    return f"Left out: {found['left_out']}." if "left_out" in found else "No rows."


def measure_table(facts: Facts, name: str) -> str:
    """The result of one measure as a table, with what it may and may not claim, and its query."""
    found = facts.measures[name]
    persons = f" Of persons: {found['persons']}." if found["persons"] else ""
    head = f"**{found['title']}** ({found['unit']}; {count_text(found)})"
    claims = (
        f"Of {found['denominator']}; from {found['source']}. "
        f"May say {found['may']}. May not say {found['may_not']}.{persons}"
    )
    body = table(found["columns"], found["rows"]) if found["rows"] else f"*{no_rows(found)}*"
    then = f"\n-- then {found['then']}()" if found["then"] else ""
    return f"{head}\n\n{claims}\n\n{body}\n\n```sql\n-- {name}\n{found['query']}{then}\n```\n"
