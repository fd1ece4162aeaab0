"""Made-up prose of several kinds in seven languages, whose words know what they say.

A template is a line of chunks. `{N}` and its like become figures, dates and names, `{n}` and its like ordinary words,
and `<pos|neg>` stands in its first form until it is turned. What is not ordinary is never touched by an edit.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, NamedTuple

from tongues import TONGUES, Tongue

from broadsheet.repeats import Item

Value = Callable[[random.Random, Tongue], str]


class Token(NamedTuple):
    """One word, or a value of several, with the punctuation around it."""

    before: str
    core: str
    after: str
    kind: str
    """As in `VALUES`; or `negation`, `fixed` for what else is never edited, empty for an ordinary word."""
    turned: str = ""
    """The other form of a negation."""

    @property
    def text(self) -> str:
        return self.before + self.core + self.after


Sentence = list[Token]


@dataclass(frozen=True)
class Prose:
    """A text: its paragraphs, and what it is written in."""

    tongue: str
    paragraphs: list[list[Sentence]]

    @property
    def text(self) -> str:
        """The text as a page would show it."""
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The paragraphs as text."""
        space = TONGUES[self.tongue].space
        return [
            space.join(space.join(token.text for token in sentence if token.text) for sentence in paragraph)
            for paragraph in self.paragraphs
        ]

    def sentences(self) -> list[Sentence]:
        """All sentences in order."""
        return [sentence for paragraph in self.paragraphs for sentence in paragraph]

    def changed(self, old: Token, new: Token) -> "Prose":
        """The same text with one token, which is found by identity, in another form."""
        paragraphs = [
            [[new if token is old else token for token in sentence] for sentence in paragraph]
            for paragraph in self.paragraphs
        ]
        return replace(self, paragraphs=paragraphs)

    def edited(self, edit: Callable[[Sentence], Sentence]) -> "Prose":
        """The same text with every sentence edited."""
        return replace(self, paragraphs=[[edit(sentence) for sentence in p] for p in self.paragraphs])


def _figure(rng: random.Random, tongue: Tongue) -> str:
    number = rng.choice((rng.randint(3, 29), rng.randint(30, 999), rng.randint(1000, 89_999)))
    return f"{number:,}".replace(",", tongue.thousands) if number > 9999 else str(number)


def _decimal(rng: random.Random, tongue: Tongue) -> str:
    return f"{rng.randint(1, 99)}{tongue.point}{rng.randint(1, 9)}"


def _made_up(rng: random.Random, tongue: Tongue) -> str:
    return rng.choice(tongue.beginnings) + rng.choice(tongue.endings)


def _numeric_date(rng: random.Random, tongue: Tongue) -> str:
    return tongue.numeric_date.format(d=rng.randint(1, 28), m=rng.randint(1, 12), y=rng.randint(1990, 2039))


VALUES: Final[dict[str, tuple[str, Value]]] = {
    "N": ("number", _figure),
    "K": ("word", lambda rng, tongue: rng.choice(tongue.number_words)),
    "F": ("decimal", _decimal),
    "T": ("sign", lambda rng, tongue: "−" + str(rng.randint(2, 38))),
    "S": ("superscript", lambda rng, tongue: "10" + rng.choice("²³⁴⁵⁶⁷⁸⁹")),
    "M": ("currency", lambda rng, tongue: rng.choice("$€£¥") + str(rng.randint(2, 950))),
    "C": ("percent", lambda rng, tongue: str(rng.randint(2, 98)) + rng.choice("%‰")),
    "D": ("day", lambda rng, tongue: str(rng.randint(1, 28))),
    "B": ("month", lambda rng, tongue: rng.choice(tongue.months)),
    "W": ("weekday", lambda rng, tongue: rng.choice(tongue.weekdays)),
    "Y": ("year", lambda rng, tongue: str(rng.randint(1961, 2039))),
    "Z": ("numeric date", _numeric_date),
    "H": ("clock", lambda rng, tongue: f"{rng.randint(6, 23)}:{rng.randint(0, 59):02}"),
    "P": ("name", lambda rng, tongue: f"{rng.choice(tongue.given)} {_made_up(rng, tongue)}".strip()),
    "L": ("name", _made_up),
}
_ORDINARY: Final = {"n": "nouns", "a": "adjectives", "v": "verbs", "d": "adverbs"}


_CHUNK = re.compile(
    r"(?P<before>[^\w{<]*)(?:\{(?P<slot>\w)\}(?P<after_slot>.*)|<(?P<pos>[^|]*)\|(?P<neg>[^>]*)>(?P<after_form>.*)"
    r"|(?P<core>[^{<]*?)(?P<after>\W*))\Z"
)


def fill(template: str, rng: random.Random, tongue: Tongue) -> Sentence:
    """A sentence made from a template."""
    return [_token(chunk, rng, tongue) for chunk in template.replace("}{", "} {").split()]


def _token(chunk: str, rng: random.Random, tongue: Tongue) -> Token:
    match = _CHUNK.match(chunk)
    assert match, chunk
    before, slot, after_slot, positive, negative, after_form, core, after = match.groups()
    after = after or after_slot or after_form or ""
    if slot in VALUES:
        kind, value = VALUES[slot]
        return Token(before, value(rng, tongue), after, kind)
    if slot:
        return Token(before, rng.choice(getattr(tongue, _ORDINARY[slot])), after, "")
    if positive is not None:
        return Token(before, positive.replace("_", " "), after, "negation", negative.replace("_", " "))
    return Token(before.removesuffix("="), core, after, "fixed" if before.endswith("=") else "")


def n_units(sentence: Sentence, tongue: str) -> int:
    """How many words a sentence has; of a script without spaces, a third of its characters."""
    if TONGUES[tongue].space:
        return sum(len(token.text.split()) for token in sentence)
    return -(-sum(len(token.text) for token in sentence) // 3)


@cache
def kinds(tongue: str) -> dict[str, list[str]]:
    """The templates of a language by the kind of prose."""
    blocks = re.split(r"^# (\w+)\n", TONGUES[tongue].templates, flags=re.MULTILINE)[1:]
    return {kind: block.split("\n")[:-1] for kind, block in zip(blocks[::2], blocks[1::2], strict=True)}


def write(rng: random.Random, n_words: int, tongue: str = "en", *, having: Sequence[str] = ()) -> Prose:
    """A text of about that many words, of one or two kinds of prose, having a value of one of the kinds named."""
    pools = kinds(tongue)
    chosen = [line for kind in rng.sample(sorted(pools), min(len(pools), 1 + n_words // 150)) for line in pools[kind]]
    left: list[str] = []
    sentences: list[Sentence] = []
    if having:
        fits = [line for lines in pools.values() for line in lines if _has(line, having)]
        sentences.append(fill(rng.choice(fits), rng, TONGUES[tongue]))
    n = sum(n_units(sentence, tongue) for sentence in sentences)
    while n < n_words - 4:
        left = left or rng.sample(chosen, len(chosen))
        sentences.append(fill(left.pop(), rng, TONGUES[tongue]))
        n += n_units(sentences[-1], tongue)
    rng.shuffle(sentences)
    return Prose(tongue, _paragraphs(rng, sentences))


def _has(line: str, having: Sequence[str]) -> bool:
    return any("<" in line if kind == "negation" else f"{{{kind}}}" in line for kind in having)


def _paragraphs(rng: random.Random, sentences: list[Sentence]) -> list[list[Sentence]]:
    paragraphs = []
    while sentences:
        n = rng.randint(1, 4)
        paragraphs.append(sentences[:n])
        sentences = sentences[n:]
    return paragraphs


@dataclass(frozen=True)
class Case:
    """Two records, and what they were made from."""

    n_words: int
    tongue: str
    a: Item
    b: Item


Make = Callable[[str, int, str], Case | None]
"""Makes the pair of a seed, about that long, in a language; None where there is none."""


def article(number: int, text: str) -> Item:
    """An article as a record."""
    return Item(id=f"{number:032x}", kind="article", role="main", text=text)
