"""A made-up crawl of any size: pages with a main article, repeated sidebars, teasers, comments and prompts.

Words follow a Zipf law over a made-up vocabulary, so that shingles repeat about as rarely as in real text. The same
seed gives the same files.
"""

import itertools
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

VOCABULARY: Final = 30_000
SYLLABLES: Final = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]


def vocabulary(rng: random.Random) -> list[str]:
    """Distinct made-up words, the commonest first and shortest."""
    words = dict.fromkeys(SYLLABLES)
    while len(words) < VOCABULARY:
        words["".join(rng.choices(SYLLABLES, k=rng.randint(2, 4)))] = None
    return sorted(words, key=len)[:VOCABULARY]


class Writer:
    """Makes sentences and articles."""

    def __init__(self, seed: int) -> None:
        """All that is made depends on the seed."""
        self.rng = random.Random(seed)
        self._words = vocabulary(self.rng)
        self._weights = list(itertools.accumulate(1 / (rank + 2.7) for rank in range(VOCABULARY)))

    def words(self, n: int) -> list[str]:
        """`n` words."""
        return self.rng.choices(self._words, cum_weights=self._weights, k=n)

    def sentence(self) -> str:
        """A sentence of 8 to 24 words, some with a figure."""
        words = self.words(self.rng.randint(8, 24))
        if self.rng.random() < 0.2:
            words.insert(len(words) // 2, str(self.rng.randint(2, 900)))
        return " ".join(words).capitalize() + "."

    def name(self) -> str:
        """A person's name."""
        return " ".join(word.capitalize() for word in self.words(2))

    def article(self, n_paragraphs: int) -> str:
        """Headline, byline and paragraphs, as a text extractor writes them."""
        title = " ".join(self.words(self.rng.randint(5, 9))).capitalize()
        body = [" ".join(self.sentence() for _ in range(self.rng.randint(2, 4))) for _ in range(n_paragraphs)]
        return "\n\n".join([title, f"By {self.name()}\n\n", *body])


def pages(n: int, seed: int = 0) -> list[str]:
    """`n` page texts (`stream`)."""
    return list(stream(n, seed))


def stream(n: int, seed: int = 0) -> Iterator[str]:
    """`n` page texts; about one sidebar in four is new, the others have stood on an earlier page. Holds the sidebars."""
    writer = Writer(seed)
    sidebars: list[str] = []
    for _ in range(n):
        blocks = [writer.article(writer.rng.randint(6, 14))]
        for _ in range(writer.rng.randint(1, 3)):
            if not sidebars or writer.rng.random() < 0.25:
                sidebars.append(writer.article(writer.rng.randint(3, 6)))
            blocks.append(_appearance(writer, sidebars))
        blocks.append("Subscribe to our letter")
        yield "\n\n\n\n".join(blocks) + "\n"


def _appearance(writer: Writer, sidebars: Sequence[str]) -> str:
    """A sidebar as it was, or with its last paragraph cut off."""
    text = writer.rng.choice(sidebars)
    return text if writer.rng.random() < 0.8 else text.rpartition("\n\n")[0]


def write(folder: Path, n: int, seed: int = 0) -> int:
    """Writes `n` pages with metadata into `folder`; the number of bytes of the pages."""
    (folder / "pages").mkdir(parents=True)
    size = 0
    lines = []
    for i, text in enumerate(stream(n, seed)):
        path = folder / "pages" / f"{i:06d}.txt"
        size += path.write_bytes(text.encode())
        captured = f"2026-01-{1 + i % 28:02d}T00:00:00Z"
        lines.append(
            json.dumps({"path": f"pages/{path.name}", "url": f"https://site{i % 7}.example/{i}", "captured": captured})
        )
    (folder / "pages.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return size
