"""What a place tells: whether an address or path gives away a title, a name or a run of a page's text."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from broadsheet.batches import Row
from broadsheet.text import source_of, words

_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_SIGNS = re.compile(r"[_\W]+")
_ENDING = re.compile(r"(?:\.[a-z0-9]{1,5}){1,2}$", re.IGNORECASE)
_LEAST_LETTERS = 3
FACTS = frozenset({"url", "source", "language", "script", "role", "captured", "published", "thread"})
"""Fields of a record of the user's own that are no text, title or name."""


def is_host(source: str) -> bool:
    """True for the name of a host, which a source of any other kind may not be."""
    return _HOST.fullmatch(source) is not None


class Words:
    """The words of one page that its addresses and paths may not have."""

    def __init__(self, page: Row, named: list[str | None]) -> None:
        """`named`: titles, standfirsts, bylines and authors of what is on the page."""
        said = [*named, *(claim["value"] for claim in page["claims"] if claim["name"] not in {"url", "language"})]
        if page["given"] is not None:
            given = json.loads(page["given"])
            said += [text for name, value in given.items() if name not in {"text", *FACTS} for text in _texts(value)]
        self._named = {word for text in said if text for word in _long(words(text))}
        self._pairs = set(pairwise(words(page["text"])))

    def are_in(self, place: str) -> bool:
        """True where the path of an address or file may tell what is on the page.

        It has a word of a title or name, or two words in a row of the text; or a step of it has two words, as a title
        in another language would. The host of an address is no part of its path: sources are told.
        """
        path = place
        if source_of(place) is not None:
            path = place.partition("//")[2].partition("/")[2]
        path = unquote(path)
        if any(sum(map(_is_word, words(_plain(step)))) > 1 for step in _ENDING.sub("", path).split("/")):
            return True
        found = words(_plain(path))
        return not self._named.isdisjoint(_long(found)) or any(
            pair in self._pairs for pair in pairwise(found) if any(map(_is_long, pair))
        )


def _plain(path: str) -> str:
    return _SIGNS.sub(" ", path)


def _is_word(word: str) -> bool:
    return word.isalpha() and (len(word) >= _LEAST_LETTERS or not word.isascii())


def _is_long(word: str) -> bool:
    return (len(word) >= _LEAST_LETTERS and not word[0].isdigit()) or not word.isascii()


def _long(found: list[str]) -> Iterator[str]:
    return filter(_is_long, found)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
