"""Pairs that must stay apart, since the second says something else, and those of which nothing is promised."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from hard_copies import dateline, edits, noisy, trimmed, wrapped
from prose import VALUES, Case, Make, Prose, Token, article, fill, write
from tongues import TONGUES

from broadsheet.repeats import Item

Turn = Callable[[random.Random, Token, str], str]
"""Another form of a token, in a language."""


def _other_value(rng: random.Random, token: Token, tongue: str) -> str:
    """Another value of the same kind: quite another one, or one digit changed or more."""
    kind = next(slot for slot, (name, _) in VALUES.items() if name == token.kind)
    digits = [i for i, char in enumerate(token.core) if char in "123456789"]
    near = rng.choice(digits) if digits and rng.random() < 0.6 else None
    while True:
        new = VALUES[kind][1](rng, TONGUES[tongue])
        if near is not None:
            new = token.core[:near] + rng.choice("123456789") + token.core[near + 1 :]
            new += rng.choice(("", "", "0")) if token.kind == "number" else ""
        if new != token.core:
            return new


def _without_point(rng: random.Random, token: Token, tongue: str) -> str:
    point = TONGUES[tongue].point
    whole, tenths = token.core.split(point)
    return rng.choice((whole + tenths, f"{whole}{point}0{tenths}", f"{int(whole) + 1}{point}{tenths}", whole))


def _other_sign(rng: random.Random, token: Token, tongue: str) -> str:
    return rng.choice(("", "+")) + token.core[1:]


def _other_power(rng: random.Random, token: Token, tongue: str) -> str:
    raised = "⁰¹²³⁴⁵⁶⁷⁸⁹"
    other = rng.choice([char for char in raised[2:] if char != token.core[2]])
    return rng.choice(("10" + other, "10" + str(raised.index(token.core[2]))))


def _other_currency(rng: random.Random, token: Token, tongue: str) -> str:
    return rng.choice([sign for sign in "$€£¥₹" if sign != token.core[0]]) + token.core[1:]


def _other_share(rng: random.Random, token: Token, tongue: str) -> str:
    return token.core[:-1] + ("%" if token.core[-1] == "‰" else "‰")


def _turned(rng: random.Random, token: Token, tongue: str) -> str:
    return token.turned


_AFTERWARDS: Final[tuple[Callable[[random.Random, Prose], str], ...]] = (
    lambda rng, prose: prose.text,
    lambda rng, prose: prose.text,
    lambda rng, prose: edits(rng, prose, 0.03).text,
    lambda rng, prose: noisy(rng, prose, 0.02).text,
    lambda rng, prose: dateline(rng, prose.tongue) + prose.text,
    lambda rng, prose: wrapped(rng, prose, 72),
    lambda rng, prose: "\n".join(rng.sample(prose.lines(), len(prose.paragraphs))),
)


def _changed(slots: str, turn: Turn, seed: str, n_words: int, tongue: str) -> Case | None:
    """A text, and a copy with one value changed, half of them changed otherwise too."""
    if slots == "S" and tongue != "en":
        return None
    rng = random.Random(seed)
    prose = write(rng, n_words, tongue, having=slots.split())
    short = (trimmed(rng, prose) if rng.random() < 0.2 else None) or prose
    names = {VALUES[slot][0] for slot in slots.split() if slot in VALUES} or {"negation"}
    places = [t for text in (short, prose) for s in text.sentences() for t in s if t.kind in names]
    token = rng.choice(places)
    if not any(t is token for s in short.sentences() for t in s):
        short = prose
    other = short.changed(token, token._replace(core=turn(rng, token, tongue)))
    texts = [prose.text, rng.choice(_AFTERWARDS)(rng, other)]
    first, second = rng.sample(texts, 2)
    return Case(n_words, tongue, article(1, first), article(2, second))


def _swapped(seed: str, n_words: int, tongue: str) -> Case | None:
    """Two values of one kind in each other's place."""
    rng = random.Random(seed)
    prose = write(rng, max(n_words, 25), tongue, having=["M"])
    tokens = [t for s in prose.sentences() for t in s]
    by_kind = [[t for t in tokens if t.kind == kind] for kind in ("number", "currency", "sign", "decimal", "percent")]
    enough = [places for places in by_kind if len({t.core for t in places}) > 1]
    if not enough:
        return None
    places = rng.choice(enough)
    one = rng.choice(places)
    two = rng.choice([t for t in places if t.core != one.core])
    other = prose.changed(one, one._replace(core=two.core)).changed(two, two._replace(core=one.core))
    return Case(n_words, tongue, article(1, prose.text), article(2, other.text))


_FORMS: Final = {
    "result": (
        "{L} beat {L} {K} to {K} on {W} in front of {N} spectators. {P} scored first after {N} minutes, and {P} "
        "made it two before the break. The next match of the league is against {L} on {D} {B}, and tickets cost "
        "{M} at the gate."
    ),
    "weather": (
        "Weather for {L} on {W}: mostly cloudy with a light wind from the sea and some rain in the afternoon. The "
        "highest temperature is {T} degrees, the lowest {T} degrees, and {F} millimetres of rain are expected "
        "before the night."
    ),
    "prices": (
        "Prices at the fish market of {L} on {W}, each for a kilogram as the hall reported them: herring {M}, cod "
        "{M}, plaice {M}, crab {M}. Sales came to {N} crates, which is {C} of what was landed at the quay in the "
        "week before."
    ),
    "obituary": (
        "{P} died on {D} {B} in {L} at the age of {N} after a short illness. Friends and family will meet in the "
        "chapel at the old harbour on {W}, and the coffee afterwards is served in the house of the rowing club. "
        "No flowers, please."
    ),
}


def _form(name: str, seed: str, n_words: int, tongue: str) -> Case | None:
    """Two texts of one form with other facts; longer ones repeat it for other places."""
    if tongue != "en" or n_words > 300:
        return None
    rng = random.Random(seed)
    n = max(1, n_words // 50)
    texts = [
        "\n".join(Prose("en", [[fill(_FORMS[name], rng, TONGUES["en"])]]).text for _ in range(n)) for _ in range(2)
    ]
    return Case(n_words, "en", article(1, texts[0]), article(2, texts[1]))


def _scores(seed: str, n_words: int, tongue: str) -> Case | None:
    """Two tables of scores of one league, most of them equal."""
    if tongue != "en":
        return None
    rng = random.Random(seed)
    sign = rng.choice((":", "-", "–", " to "))
    names = [fill("{L}", rng, TONGUES["en"])[0].core for _ in range(2 * max(3, n_words // 5))]
    halves = rng.random() < 0.3

    def score() -> str:
        if halves:
            return f"{rng.randint(19, 34)}:{rng.randint(19, 34)} ({rng.randint(8, 15)}:{rng.randint(8, 15)})"
        return f"{rng.randint(0, 9)}{sign}{rng.randint(0, 9)}"

    rows = [f"{a} – {b} {score()}" for a, b in zip(names[::2], names[1::2], strict=True)]
    i = rng.randrange(len(rows))
    n_last = 2 if halves else 3 if sign == " to " else 1
    changed = [*rows[:i], rows[i].rsplit(" ", n_last)[0] + " " + score(), *rows[i + 1 :]]
    if changed == rows:
        return None
    return Case(n_words, "en", article(1, "\n".join(rows)), article(2, "\n".join(changed)))


def _listing(seed: str, n_words: int, tongue: str) -> Case | None:
    """Two lists of offers of the same goods, of which one has another price, size or day."""
    rng = random.Random(seed)
    t = TONGUES[tongue]
    goods = [rng.choice(t.nouns) for _ in range(max(4, n_words // 5))]
    rows = [(f"{name}: {rng.randint(2, 99)} m²,", f"€{rng.randint(2, 99)}", rng.choice(t.weekdays)) for name in goods]
    i, j = rng.randrange(len(rows)), rng.randrange(3)
    row = list(rows[i])
    row[j] = (
        rng.choice((row[0].replace("²", "³"), row[0].replace(" m", "1 m"))),
        row[1] + "0",
        rng.choice([day for day in t.weekdays if day != row[2]]),
    )[j]
    texts = ["\n".join(map(" ".join, r)) for r in (rows, [*rows[:i], row, *rows[i + 1 :]])]
    return Case(n_words, tongue, article(1, texts[0]), article(2, texts[1]))


def _calendar(seed: str, n_words: int, tongue: str) -> Case | None:
    """Two lists of events, of which one has another day or month."""
    if tongue != "en":
        return None
    rng = random.Random(seed)
    row = rng.choice(("{L} Hall, {D} {B}", "{W}, {D} {B}: {L}", "{D} {B} {Y} – {P}"))
    rows = [fill(row, rng, TONGUES[tongue]) for _ in range(max(4, n_words // 5))]
    prose = Prose(tongue, [[sentence] for sentence in rows])
    token = rng.choice([t for sentence in rows for t in sentence if t.kind in ("day", "month", "weekday", "year")])
    other = prose.changed(token, token._replace(core=_other_value(rng, token, tongue)))
    return Case(n_words, tongue, article(1, prose.text), article(2, other.text))


def _quoting(seed: str, n_words: int, tongue: str) -> Case:
    """Two articles of which half is the same quotation."""
    rng = random.Random(seed)
    quoted = f'"{write(rng, n_words // 2, tongue).text}"'
    texts = [f"{write(rng, max(12, n_words // 2), tongue).text}\n{quoted}" for _ in range(2)]
    return Case(n_words, tongue, article(1, texts[0]), article(2, texts[1]))


def _quoted(seed: str, n_words: int, tongue: str) -> Case:
    """An article, and a comment of no more than a quotation from its middle."""
    rng = random.Random(seed)
    quoted = write(rng, n_words, tongue).text
    text = "\n".join((write(rng, 25, tongue).text, quoted, write(rng, 25, tongue).text))
    comment = replace(article(1, quoted), kind="comment", role="comment", thread="harbour", author="Ada")
    return Case(n_words, tongue, comment, article(2, text))


def _digest(place: Sequence[int], seed: str, n_words: int, tongue: str) -> Case:
    """An article, and a digest of the beginnings of five, in which it is late, or the first."""
    rng = random.Random(seed)
    texts = [write(rng, n_words, tongue) for _ in range(5)]
    chosen = texts[rng.choice(place)].text
    beginnings = [" ".join(text.text.split(" ")[:40]) if tongue != "ja" else text.text[:80] for text in texts]
    return Case(n_words, tongue, article(1, chosen), article(2, " …\n".join(beginnings)))


_REMARKS: Final = """
Well said, {P}!
I agree with {P} about the {n}.
Nobody asked the people of {L}.
The {n} was {a} anyway.
Why not {W}?
My {a} {n} costs {M}.
Please {v} the {n}.
So {a}, so {a}.
""".strip().split("\n")


def _comment(number: int, text: str, **values: str | None) -> Item:
    item = replace(article(number, text), kind="comment", role="comment", thread="harbour", author="Ada")
    return replace(item, **values)  # type: ignore[arg-type]


def _short_comments(seed: str, n_words: int, tongue: str) -> Case | None:
    """Two short comments by one person in one thread that are alike and not the same."""
    if tongue != "en" or n_words > 50:
        return None
    rng = random.Random(seed)
    line = rng.choice(_REMARKS)
    one, two = ("".join(t.text + " " for t in fill(line, rng, TONGUES["en"])) for _ in range(2))
    return Case(n_words, "en", _comment(1, one), _comment(2, two)) if one != two else None


def _equal_comments(what: str, seed: str, n_words: int, tongue: str) -> Case:
    """The same comment by two people, in two threads, or in one that is unknown."""
    rng = random.Random(seed)
    text = write(rng, n_words, tongue).text if rng.random() < 0.5 else rng.choice(_REMARKS[2:3] + _REMARKS[4:5])
    other: str | None = rng.choice(("Bo", "quay"))
    if what == "thread" and rng.random() < 0.2:
        other = None
    return Case(n_words, tongue, _comment(1, text), _comment(2, text, **{what: other}))


def _updated(seed: str, n_words: int, tongue: str) -> Case:
    """A text, and one with a figure changed and a paragraph added."""
    rng = random.Random(seed)
    prose = write(rng, n_words, tongue, having=["N"])
    token = rng.choice([t for s in prose.sentences() for t in s if t.kind == "number"])
    other = prose.changed(token, token._replace(core=_other_value(rng, token, tongue)))
    added = write(rng, rng.choice((12, 25, n_words)), tongue).paragraphs
    at = rng.choice((0, len(other.paragraphs)))
    longer = replace(other, paragraphs=[*other.paragraphs[:at], *added, *other.paragraphs[at:]])
    return Case(n_words, tongue, article(1, prose.text), article(2, longer.text))


def _contradicted(seed: str, n_words: int, tongue: str) -> Case:
    """A text, and the same with a paragraph that repeats one of its sentences with another figure."""
    rng = random.Random(seed)
    prose = write(rng, n_words, tongue, having=["N"])
    sentence, token = rng.choice([(s, t) for s in prose.sentences() for t in s if t.kind == "number"])
    new = token._replace(core=_other_value(rng, token, tongue))
    added = [[*write(rng, 12, tongue).sentences(), [new if t is token else t for t in sentence]]]
    longer = replace(prose, paragraphs=[*prose.paragraphs, *added])
    return Case(n_words, tongue, article(1, prose.text), article(2, longer.text))


_VALUES: Final[dict[str, tuple[str, Turn]]] = {
    "figure changed": ("N", _other_value),
    "number word changed": ("K", _other_value),
    "decimal changed": ("F", _without_point),
    "sign changed": ("T", _other_sign),
    "superscript changed": ("S", _other_power),
    "currency changed": ("M", _other_currency),
    "per cent sign changed": ("C", _other_share),
    "day changed": ("D", _other_value),
    "month changed": ("B", _other_value),
    "weekday changed": ("W", _other_value),
    "year changed": ("Y", _other_value),
    "numeric date changed": ("Z", _other_value),
    "negation added or removed": ("negation", _turned),
}

NOT_PROMISED: Final = ("name changed", "digest that begins with the article", "contradicted in an added paragraph")

APART: Final[dict[str, Make]] = (
    {name: partial(_changed, slots, turn) for name, (slots, turn) in _VALUES.items()}
    | {"two figures exchanged": _swapped, "figure changed, paragraph added": _updated}
    | {f"other facts in one form: {name}": partial(_form, name) for name in _FORMS}
    | {
        "scores": _scores,
        "listing": _listing,
        "calendar": _calendar,
        "long quotation in both": _quoting,
        "quotation alone": _quoted,
        "digest": partial(_digest, range(2, 5)),
        "short comments": _short_comments,
        "equal comments by two people": partial(_equal_comments, "author"),
        "equal comments in two threads": partial(_equal_comments, "thread"),
        "name changed": partial(_changed, "P L", _other_value),
        "digest that begins with the article": partial(_digest, [0]),
        "contradicted in an added paragraph": _contradicted,
    }
)
