"""Description: the documents of a release, all from the configuration, the tables and the measures."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from broadsheet.describe.answers import answers, by_hand, questions, refuse_open, refuse_stale, reopened
from broadsheet.describe.card import card, jsonl_card
from broadsheet.describe.changes import changes, changes_text
from broadsheet.describe.citation import bibtex, citation, datacite, license_text
from broadsheet.describe.croissant import croissant
from broadsheet.describe.datasheet import datasheet
from broadsheet.describe.facts import Facts
from broadsheet.describe.page import page

__all__ = [
    "CHANGES",
    "Facts",
    "answers",
    "by_hand",
    "changes",
    "changes_text",
    "document_names",
    "documents",
    "questions",
    "refuse_open",
    "refuse_stale",
    "reopened",
]


CHANGES: Final = "CHANGES.md"
"""The one document that tells of two releases: `changes` writes it."""


def documents(facts: Facts) -> dict[str, str]:
    """The documents of a release by path, the same whenever they are written: `verify` writes them again.

    All but CHANGES.md, which needs the version before, too.
    """
    return {path: _WRITERS[path](facts) for path in _names(facts.config)}


def document_names(config: Mapping[str, Any]) -> list[str]:
    """The paths of all documents of a release."""
    return [*_names(config), CHANGES]


def _names(config: Mapping[str, Any]) -> list[str]:
    """The paths of what `documents` writes. Nobody can be cited where no author is named."""
    unwritten = set() if config.get("authors") else {"CITATION.cff", "CITATION.bib", "datacite.json"}
    if not config.get("released"):
        unwritten.add("datacite.json")  # it asks for a year
    if "jsonl" not in config["export"]["formats"]:
        unwritten.add("jsonl/README.md")
    return [path for path in _WRITERS if path not in unwritten]


_WRITERS: Final[Mapping[str, Callable[[Facts], str]]] = {
    "README.md": card,
    "DATASHEET.md": datasheet,
    "datasheet.html": page,
    "CITATION.cff": citation,
    "CITATION.bib": bibtex,
    "datacite.json": datacite,
    "croissant.json": croissant,
    "LICENSE": license_text,
    "jsonl/README.md": jsonl_card,
}
