"""Description: the documents of a release, all from the configuration, the tables and the measures."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from broadsheet.describe.card import card, jsonl_card
from broadsheet.describe.citation import changes, citation, license_text
from broadsheet.describe.datasheet import datasheet, questions
from broadsheet.describe.facts import Facts

__all__ = ["Facts", "document_names", "documents", "questions"]


def documents(facts: Facts) -> dict[str, str]:
    """All documents of a release by path, the same whenever they are written: `verify` writes them again."""
    return {path: _WRITERS[path](facts) for path in document_names(facts.config)}


def document_names(config: Mapping[str, Any]) -> list[str]:
    """The paths of a release's documents. Nobody can be cited where no author is named."""
    unwritten = set() if config.get("authors") else {"CITATION.cff"}
    if "jsonl" not in config["export"]["formats"]:
        unwritten.add("jsonl/README.md")
    return [path for path in _WRITERS if path not in unwritten]


_WRITERS: Final[Mapping[str, Callable[[Facts], str]]] = {
    "README.md": card,
    "DATASHEET.md": datasheet,
    "CHANGES.md": changes,
    "CITATION.cff": citation,
    "LICENSE": license_text,
    "jsonl/README.md": jsonl_card,
}
