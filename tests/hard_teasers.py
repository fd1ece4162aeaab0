"""Excerpts of articles in a collection of articles, in all the ways in which they are cut."""

import random
import re
from dataclasses import replace
from typing import Final

from hard_copies import edits
from prose import article, write
from tongues import TONGUES

from broadsheet.repeats import Item

N_ARTICLES: Final = {"en": 240, "de": 30, "fr": 30, "es": 30, "ru": 30, "ar": 30, "ja": 30}
ENDINGS: Final = ("", "…", " …", " ...", " […]", " [...]", "… Read more", " Read more", "… (more)", " »")
"""What stands behind an excerpt."""


def collection(tongue: str) -> tuple[list[Item], dict[str, str]]:
    """Articles and three excerpts of each; the id of the article by that of the excerpt."""
    rng = random.Random(f"teasers {tongue}")
    # A part of the words at random, so that no two articles have a sentence in common by chance.
    rate = 0.33 if TONGUES[tongue].space else 0.6
    proses = [edits(rng, write(rng, rng.choice((40, 80, 200, 400)), tongue), rate) for _ in range(N_ARTICLES[tongue])]
    articles = [article(i, prose.text) for i, prose in enumerate(proses)]
    teasers = [(_excerpt(rng, whole, tongue, number), whole) for whole in articles for number in range(3)]
    items = [replace(teaser, id=f"{10_000 + i:032x}") for i, (teaser, _) in enumerate(teasers)]
    return [*articles, *items], {item.id: whole.id for item, (_, whole) in zip(items, teasers, strict=True)}


def _excerpt(rng: random.Random, whole: Item, tongue: str, number: int) -> Item:
    """The article's beginning: ten words or few more, up to a third of it, or up to 50 words.

    Of scripts without spaces, where a word is one character, 30 at least. A third is cut inside a word.
    """
    pattern = r"\S+" if TONGUES[tongue].space else r"\S"
    text = whole.text.replace("\n", " ")
    ends = [match.end() for match in re.finditer(pattern, text)]
    least = 9 if TONGUES[tongue].space else 29
    last = rng.choice((ends[least : least + 3], ends[least : len(ends) // 3] or ends[least:], ends[least:50])[number])
    if rng.random() < 0.33:
        last += next((n for n in (3, 2, 1) if text[last : last + n + 1].strip().isalnum() and text[last] == " "), 0)
    return replace(article(0, text[:last] + rng.choice(ENDINGS)), kind="teaser", role="teaser", truncated=True)
