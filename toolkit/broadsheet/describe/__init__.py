"""Description: the documents of a release, all from the configuration, the tables and the measures."""

from broadsheet.describe.card import card, jsonl_card
from broadsheet.describe.citation import changes, citation, license_text
from broadsheet.describe.datasheet import datasheet, questions
from broadsheet.describe.facts import Facts

__all__ = ["Facts", "documents", "questions"]


def documents(facts: Facts) -> dict[str, str]:
    """All documents of a release by path, the same whenever they are written: `verify` writes them again."""
    has_jsonl = "jsonl" in facts.config["export"]["formats"]
    texts: dict[str, str | None] = {
        "README.md": card(facts),
        "DATASHEET.md": datasheet(facts),
        "CHANGES.md": changes(facts),
        "CITATION.cff": citation(facts),
        "LICENSE": license_text(facts),
        "jsonl/README.md": jsonl_card(facts) if has_jsonl else None,
    }
    return {path: text for path, text in texts.items() if text is not None}
