"""Runs of words: whether what is written holds some of what it must not."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from broadsheet.text import words

TEXT_RUN: Final = 5
"""Words in a row of a page's text of which a standoff release has none."""


class Runs:
    """Every run of `n` words in some texts. Memory: some 100 bytes a run."""

    def __init__(self, texts: Iterable[str], n: int) -> None:
        self.n = n
        self._marks: set[int] = set()  # of one process: Python's hashes differ between them
        for text in texts:
            self._marks.update(hash(run) for run in runs_of(words(text), n))

    def __len__(self) -> int:
        return len(self._marks)

    def first_in(self, text: str) -> str | None:
        """The first of the runs that a text has, None where it has none."""
        return next((run for run in runs_of(words(text), self.n) if hash(run) in self._marks), None)

    def count_in(self, text: str) -> int:
        """How many runs of a text are among these."""
        return sum(hash(run) in self._marks for run in runs_of(words(text), self.n)) if self._marks else 0


def runs_of(found: list[str], n: int) -> Iterator[str]:
    """The runs of `n` words, one at each word that has as many behind it."""
    return (" ".join(found[i : i + n]) for i in range(len(found) - n + 1))


def texts_in(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """Every text inside a JSON value, keys too, with its JSON Pointer."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield at, name
            yield from texts_in(inner, f"{at}/{name}")
    elif isinstance(value, list | tuple):
        for i, inner in enumerate(value):
            yield from texts_in(inner, f"{at}/{i}")
