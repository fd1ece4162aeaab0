"""The words that the measures of naming count: a small lexicon of our own, or a user's in its place."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

Lexicon = Mapping[str, Any]
KINDS: Final = ("name", "report", "topic")
"""Terms for the same actors or deeds, by family; verbs that report speech, by class; words of a topic, by topic."""


@cache
def ours() -> Lexicon:
    """The lexicon of the project: `language`, and by kind, family and term the forms that count."""
    return tomllib.loads((resources.files("broadsheet.measure") / "lexicon.toml").read_text("utf-8"))


def rows(lexicon: Lexicon) -> list[tuple[str, str, str, str, str]]:
    """Kind, family, term, form (in lower case) and language, a row a form; of a form given twice the first counts."""
    found: dict[str, tuple[str, str, str, str, str]] = {}
    for kind in KINDS:
        for family, terms in lexicon.get(kind, {}).items():
            for term, forms in terms.items():
                for form in (" ".join(form.lower().split()) for form in forms):
                    found.setdefault(form, (kind, family, term.replace("_", " "), form, lexicon["language"]))
    return list(found.values())
