"""What every runner of a library does alike: read lines, cut words, write the lines that stay.

Imports nothing but the standard library and orjson, since it runs in each peer's own environment.
"""

import re
import sys
from collections.abc import Iterable
from itertools import compress
from pathlib import Path

import orjson

_WORD = re.compile(r"\w+")


def arguments() -> tuple[Path, Path]:
    """The file to read and the file to write."""
    return Path(sys.argv[1]), Path(sys.argv[2])


def read(path: Path) -> tuple[list[bytes], list[str]]:
    """The lines as they stand, and the text of each."""
    lines = path.read_bytes().splitlines(keepends=True)
    return lines, [orjson.loads(line)["text"] for line in lines]


def write(path: Path, lines: list[bytes], keep: Iterable[object]) -> None:
    """The lines whose member of `keep` is true."""
    with path.open("wb") as file:
        file.writelines(compress(lines, keep))


def shingles(text: str) -> list[str]:
    """The word 3-grams of the lower-cased text; the text itself if it has fewer words."""
    words = _WORD.findall(text.lower())
    return [" ".join(three) for three in zip(words, words[1:], words[2:], strict=False)] or [" ".join(words)]


class Sets:
    """Disjoint sets of rows; the first row of each set stands for it."""

    def __init__(self, n: int) -> None:
        self._parent = list(range(n))

    def find(self, row: int) -> int:
        """The first row of the set."""
        parent = self._parent
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    def join(self, a: int, b: int) -> None:
        """Makes one set of two."""
        first, second = sorted((self.find(a), self.find(b)))
        self._parent[second] = first

    def keep(self) -> list[bool]:
        """Whether each row is the first of its set."""
        return [parent == row for row, parent in enumerate(self._parent)]
