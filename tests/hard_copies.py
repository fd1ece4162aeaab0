"""Copies that should fold, each made from a text of made-up prose by one kind of change."""

import random
import re
import textwrap
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import accumulate
from typing import Final

from prose import Case, Make, Prose, Sentence, Token, article, fill, n_units, write
from tongues import TONGUES

Change = Callable[[random.Random, Prose], str | None]
"""Makes a copy; None where the text is too short for it."""


def edits(rng: random.Random, prose: Prose, rate: float) -> Prose:
    """The text with that share of its words (at least one) replaced, dropped or inserted."""
    tongue = TONGUES[prose.tongue]
    ordinary = [*tongue.nouns, *tongue.adjectives, *tongue.verbs, *tongue.adverbs]
    places = [token for sentence in prose.sentences() for token in sentence if not token.kind]
    n_words = sum(n_units(sentence, prose.tongue) for sentence in prose.sentences())
    chosen = {id(token) for token in rng.sample(places, min(len(places), max(1, round(rate * n_words))))}

    def edited(sentence: Sentence) -> Sentence:
        return [new for token in sentence for new in (_edit(rng, token, ordinary) if id(token) in chosen else (token,))]

    return prose.edited(edited)


def _edit(rng: random.Random, token: Token, ordinary: list[str]) -> list[Token]:
    way = rng.choice(("replace", "drop", "insert"))
    if way == "insert":
        return [Token("", rng.choice(ordinary), "", ""), token]
    if way == "drop" and not (token.before or token.after):
        return []
    return [token._replace(core=rng.choice(ordinary))]


def _ends(prose: Prose) -> list[int]:
    """Where a text can be cut between words, at its tenth word at the earliest."""
    pattern = r"\S+" if TONGUES[prose.tongue].space else r"\S"
    return [match.end() for match in re.finditer(pattern, prose.text)][9:-1]


def cut(rng: random.Random, prose: Prose, endings: str = "", *, inside: bool = False) -> str | None:
    """The text's beginning, with one of the endings, which are separated by lines."""
    ends = _ends(prose)
    if not ends:
        return None
    end = ends[rng.randrange(len(ends) // 4, len(ends))]
    if inside:
        end -= rng.choice([i for i in (1, 2, 3) if prose.text[end - 1 - i : end].isalnum()] or [0])
    return prose.text[:end] + rng.choice(endings.split("\n"))


def trimmed(rng: random.Random, prose: Prose) -> Prose | None:
    """The text without its last paragraphs, or its last sentences if it has one."""
    parts = prose.paragraphs if len(prose.paragraphs) > 1 else [[sentence] for sentence in prose.paragraphs[0]]
    sizes = list(accumulate(sum(n_units(s, prose.tongue) for s in part) for part in parts))
    enough = [i for i, n in enumerate(sizes, 1) if n >= max(12, sizes[-1] // 3)][:-1]
    if not enough:
        return None
    kept = parts[: rng.choice(enough)]
    return replace(prose, paragraphs=kept if len(prose.paragraphs) > 1 else [[s for part in kept for s in part]])


def dateline(rng: random.Random, tongue: str) -> str:
    """Place, date and agency, as they stand before a text."""
    template = rng.choice(TONGUES[tongue].datelines)
    space = TONGUES[tongue].space
    line = space.join(token.text for token in fill(template, rng, TONGUES[tongue]))
    return line + (space if template.endswith(" ") else "\n")


def _trim_and_dateline(rng: random.Random, prose: Prose) -> str | None:
    short = trimmed(rng, prose)
    return short and dateline(rng, prose.tongue) + short.text


_PREFIXES: Final = {
    "en": "Exclusive: \nFrom our own staff\nWatch: \nNews in brief – \nSubscribers only: \nListen to this article\n",
    "de": "Exklusiv: \nAus der Redaktion\n", "fr": "Exclusif : \nNotre rédaction\n", "es": "Exclusiva: \n",
    "ru": "Только у нас: \n", "ar": "خاص: \n", "ja": "独自：\n",
}  # fmt: skip
_SUFFIXES: Final = {
    "en": "This article first appeared in the Sandmouth Courier.\nPhoto: Ada Moor\n© 2031 Quaynews\nRead also: The "
    "garden that nobody owns\nFollow us for more news from the coast.\nReporting by Bo Quill; editing by Ida Fenn",
    "de": "Foto: Ada Moor\n© 2031 Küstenblatt", "fr": "Photo : Ada Moor\nLire aussi : Le jardin de personne",
    "es": "Foto: Ada Moor\nSíganos", "ru": "Фото: Ада Мор\nЧитайте также", "ar": "صورة: آدا", "ja": "写真：アダ",
}  # fmt: skip


def _affixed(rng: random.Random, prose: Prose, *, prefix: bool = False, suffix: bool = False) -> str:
    before = rng.choice(_PREFIXES[prose.tongue].split("\n")[:-1])
    before += "" if before.endswith((" ", "：")) else "\n"
    after = "\n" + rng.choice(_SUFFIXES[prose.tongue].split("\n"))
    return before * prefix + prose.text + after * suffix


def _reordered(rng: random.Random, prose: Prose) -> str | None:
    lines = prose.lines()
    moved = rng.sample(lines, len(lines))
    return "\n".join(moved) if moved != lines else None


_CONFUSIONS: Final = (
    "rn m,m rn,e c,c e,h b,u n,n u,cl d,d cl,a o,i j,t f,ü u,ä a,é e,ß B,ñ n,"
    "и н,н и,о с,ш щ,п л,ب ت,ف ق,ر ز,は ば,の め,シ ツ"
)
_DIGITS: Final = "l 1,o 0,s 5,i 1,B 8,з 3,о 0,ا 1,一 1,ロ 0"


def noisy(rng: random.Random, prose: Prose, rate: float, table: str = _CONFUSIONS) -> Prose:
    """The text with that share of its words misread by a character."""
    pairs = [entry.split(" ") for entry in table.split(",")]
    places = [
        token
        for sentence in prose.sentences()
        for token in sentence
        if not token.kind and any(old in token.core for old, _ in pairs)
    ]
    n_words = sum(n_units(sentence, prose.tongue) for sentence in prose.sentences())
    chosen = {id(token) for token in rng.sample(places, min(len(places), max(1, round(rate * n_words))))}

    def misread(token: Token) -> Token:
        old, new = rng.choice([pair for pair in pairs if pair[0] in token.core])
        return token._replace(core=token.core.replace(old, new, 1))

    return prose.edited(lambda sentence: [misread(t) if id(t) in chosen else t for t in sentence])


def wrapped(rng: random.Random, prose: Prose, width: int) -> str:
    """The text in lines of about that many characters, as in mail."""
    lines = [
        textwrap.wrap(line, width + rng.randint(-4, 4), break_long_words=prose.tongue == "ja", break_on_hyphens=False)
        for line in prose.lines()
    ]
    return "\n\n".join("\n".join(line) for line in lines)


def _spaced(rng: random.Random, prose: Prose) -> str:
    return re.sub(r" |(?<=。)", lambda m: rng.choice((" ", "  ", "\u00a0", " \t")), prose.text).replace("\n", "\n\n  ")


def _punctuated(rng: random.Random, prose: Prose) -> str:
    swaps = {",": ("", " –", ";", ","), ";": (",",), "–": ("—", "-"), "، ": ("",), "、": ("", "，")}
    return re.sub(
        r"(?<!\d)[,;–،、]|(?<=\D)\.(?=\n)",
        lambda m: rng.choice(swaps.get(m.group(), ("!", "…", "."))),
        prose.text,
    )


def _quoted(rng: random.Random, prose: Prose) -> str:
    left, right = rng.choice(("“”", "„“", "«»", "»«", "‘’"))
    text = re.sub(r'"([^"\n]*)"', rf"{left}\1{right}", prose.text)
    text = text.replace("'", rng.choice("’ʼ'"))
    return text if text != prose.text else f"{left}{text}{right}"


def _cased(rng: random.Random, prose: Prose) -> str:
    return prose.text.upper() if rng.random() < 0.5 else prose.text.title().replace("'S", "'s")


def _composed(rng: random.Random, prose: Prose) -> str:
    form = rng.choice(("NFD", "NFC"))
    text = unicodedata.normalize(form, prose.text)
    return re.sub(r"(?<=[^\W\d]{3})(?=[^\W\d]{3})", lambda m: rng.choice(("", "", "", "\u00ad", "\u200b")), text)


_CHANGES: Final[dict[str, Change]] = {
    **{
        f"words edited: {rate} %": lambda rng, prose, rate=rate: edits(rng, prose, rate / 100).text  # type: ignore[misc]
        for rate in (1, 2, 3, 5, 8)
    },
    "cut between words": cut,
    "cut, with …": partial(cut, endings="…\n …\n...\n ..."),
    "cut, with […]": partial(cut, endings=" […]\n [...]\n (…)"),
    "cut inside a word": partial(cut, inside=True),
    "cut inside a word, with …": partial(cut, endings="…\n...", inside=True),
    "cut, with “read more”": partial(cut, endings="… Read more\n Read more\n… Weiterlesen\n… Lire la suite\n [Читать]"),
    "last paragraphs missing": lambda rng, prose: (short := trimmed(rng, prose)) and short.text,
    "dateline added": lambda rng, prose: dateline(rng, prose.tongue) + prose.text,
    "last paragraphs missing, dateline added": _trim_and_dateline,
    "prefix added": partial(_affixed, prefix=True),
    "suffix added": partial(_affixed, suffix=True),
    "prefix and suffix added": partial(_affixed, prefix=True, suffix=True),
    "paragraphs reordered": _reordered,
    "characters misread: 2 % of words": lambda rng, prose: noisy(rng, prose, 0.02).text,
    "characters misread: 5 % of words": lambda rng, prose: noisy(rng, prose, 0.05).text,
    "letters misread as digits: 2 % of words": lambda rng, prose: noisy(rng, prose, 0.02, _DIGITS).text,
    "white space": _spaced,
    "lines of 72 characters": partial(wrapped, width=72),
    "lines of 40 characters": partial(wrapped, width=40),
    "punctuation": _punctuated,
    "quotation marks": _quoted,
    "case": _cased,
    "soft hyphens, decomposed letters": _composed,
}


def _copy(change: Change, seed: str, n_words: int, tongue: str) -> Case | None:
    rng = random.Random(seed)
    prose = write(rng, n_words, tongue)
    text = change(rng, prose)
    return Case(n_words, tongue, article(1, prose.text), article(2, text)) if text else None


def _other_dateline(seed: str, n_words: int, tongue: str) -> Case:
    rng = random.Random(seed)
    text = write(rng, n_words, tongue).text
    a, b = (article(i, dateline(rng, tongue) + text) for i in (1, 2))
    return Case(n_words, tongue, a, b)


def _both_edited(seed: str, n_words: int, tongue: str) -> Case:
    rng = random.Random(seed)
    prose = write(rng, n_words, tongue)
    a, b = (article(i, edits(rng, prose, 0.02).text) for i in (1, 2))
    return Case(n_words, tongue, a, b)


def _both_misread(seed: str, n_words: int, tongue: str) -> Case:
    rng = random.Random(seed)
    prose = write(rng, n_words, tongue)
    a, b = (article(i, noisy(rng, prose, 0.02, _DIGITS).text) for i in (1, 2))
    return Case(n_words, tongue, a, b)


COPIES: Final[dict[str, Make]] = {name: partial(_copy, change) for name, change in _CHANGES.items()} | {
    "dateline changed": _other_dateline,
    "words edited in both: 2 %": _both_edited,
    "letters misread as digits in both: 2 % of words": _both_misread,
}
