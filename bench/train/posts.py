"""Articles of a made site, cut from real ones and written in the site's script."""

import math
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Final

from pieces import Piece, Pieces, sentences
from scripts import Script

KINDS: Final = {"plain": 62, "short": 10, "list": 6, "code": 6, "interview": 6, "recipe": 6, "poem": 3, "long": 12,
                "sections": 9, "faq": 4}  # fmt: skip


@dataclass
class Post:
    """An article: the same wherever it stands on the site."""

    title: str
    dek: str
    author: str
    date: str
    category: str
    tags: list[str]
    paras: list[tuple[str, str]]
    """(kind, text); kinds: body subhead item row button quote caption pull code poem note; lines of code and poem share
    one text, parted by line feeds."""
    end: str
    headless: bool
    excerpt: str = ""


def _plain(piece: Piece, rng: random.Random, low: int, high: int) -> list[tuple[str, str]]:
    starts = [n for n, (kind, text) in enumerate(piece.paras) if kind == "body" and len(text) > 60]
    at = rng.choice(starts[: max(1, len(starts) * 2 // 3)]) if rng.random() < 0.6 else starts[0]
    rest = piece.paras[at:]
    if rng.random() < 0.7:  # as news is written: hardly a list, few subheads
        kept = {"body", "subhead"} if rng.random() < 0.5 else {"body"}
        rest = [para for para in rest if para[0] in kept]
    made = rest[: round(math.exp(rng.uniform(math.log(low), math.log(high))))]
    while made[-1][0] == "subhead":
        made = made[:-1]
    return made


def _short(piece: Piece, rng: random.Random) -> list[tuple[str, str]]:
    text = rng.choice([text for kind, text in piece.paras if kind == "body"])
    words, made = rng.randint(10, 40), ""
    for part in sentences(text):
        if made and len(f"{made} {part}".split()) > words:
            break
        made = f"{made} {part}".strip()
    return [("body", made)]


def _shaped(kind: str, piece: Piece, rng: random.Random, words: list[str]) -> list[tuple[str, str]]:
    """Articles that are mostly lists, code, questions, verse."""
    bodies = [text for k, text in piece.paras if k == "body"]
    parts = [s for text in bodies for s in sentences(text) if 12 < len(s) < 220] or bodies
    rng.shuffle(bodies)
    rng.shuffle(parts)
    body, part = cycle(bodies), cycle(parts)
    lead = ("body", next(body))
    pick = lambda n: " ".join(rng.choice(words) for _ in range(n))  # noqa: E731
    if kind == "list":
        made = [lead]
        for _ in range(rng.randint(1, 5)):
            made.append(("subhead", pick(rng.randint(1, 5)).capitalize()))
            made += [("item", next(part) if rng.random() < 0.6 else pick(3)) for _ in range(rng.randint(2, 7))]
        return made
    if kind == "recipe":
        units = [
            f"{rng.randint(1, 500)} {u} {pick(rng.randint(1, 3))}"
            for u in rng.choices(["g", "ml", "tsp", "", "cup"], k=6)
        ]
        made = [lead, ("subhead", pick(1).capitalize()), *(("item", " ".join(u.split())) for u in units)]
        made.append(("subhead", pick(2).capitalize()))
        return made + [(rng.choice(["item", "body"]), next(part)) for _ in range(rng.randint(2, 6))]
    if kind == "interview":
        who, other = rng.choice(["Q", pick(1).capitalize()]), rng.choice(["A", pick(1).capitalize()])
        made = [lead]
        for _ in range(rng.randint(3, 8)):
            made.append(("body", f"{who}: {next(part).rstrip('.!?')}?"))
            made.append(("body", f"{other}: {next(body)}"))
        return made
    if kind in ("sections", "faq"):
        return [lead, *_sections(kind, rng, pick, body, part)]
    if kind == "poem":

        def verse() -> str:
            return "\n".join(pick(rng.randint(3, 8)).capitalize() for _ in range(rng.randint(2, 5)))

        verses = [("poem", verse()) for _ in range(rng.randint(1, 4))]
        return [lead, *verses] if rng.random() < 0.7 else [*verses, lead]
    made = [lead]
    for _ in range(rng.randint(1, 5)):
        made.append(("code", "\n".join(code(rng, words, rng.choice([1, 1, 2, 3, 4, 6, 10, 20, 40])))))
        made += [("body", next(body)) for _ in range(rng.choice([0, 1, 1, 2, 3]))]
    return made


def _sections(
    kind: str, rng: random.Random, pick: Callable[[int], str], body: Iterator[str], part: Iterator[str]
) -> list[tuple[str, str]]:
    """One article of many short sections: what is ranked, compared or asked, each with its facts, prose and button."""
    numbered, rated = rng.random() < 0.3, rng.choice([0, 0, 1, 2, 3])
    lists, buttons, long = rng.random() < 0.4, rng.random() < 0.35, rng.random() < 0.4
    facts = [pick(rng.randint(1, 2)).capitalize() for _ in range(rated)]
    made: list[tuple[str, str]] = []
    for n in range(1, rng.randint(4, 14)):
        head = pick(rng.randint(1, 4)).title() if rng.random() < 0.7 else f"{pick(rng.randint(3, 8)).capitalize()}"
        if kind == "faq":
            head = f"{next(part).rstrip('.!?,')[:90]}?"
        made.append(("subhead", f"{n}. {head}" if numbered else head))
        if kind == "faq":
            made += [("body", next(body)) for _ in range(rng.choice([1, 1, 1, 2]))]
            continue
        for fact in facts:
            values = [f"{rng.randint(1, 99)} / {pick(1)}", f"{rng.randint(1, 4)}.{rng.randint(0, 9)}/5", "☆☆☆☆"]
            value = rng.choice([*values, f"${rng.randint(1, 900)}", pick(2).title()])
            made.append(("row", f"{fact}:\t{value}" if rng.random() < 0.7 else f"{value}"))
        if buttons and rng.random() < 0.5:
            made.append(("button", pick(rng.randint(1, 3)).title()))
        made += [("body", next(body) if long else next(part)) for _ in range(rng.choice([1, 1, 2, 3]))]
        for _ in range(rng.choice([1, 2]) if lists else 0):
            made.append(("subhead", pick(rng.randint(1, 2)).capitalize()))
            made += [("item", pick(rng.randint(1, 5))) for _ in range(rng.randint(2, 6))]
        if buttons:
            made.append(("button", pick(rng.randint(1, 3)).title()))
    while made[-1][0] in ("button", "subhead"):
        made.pop()
    return made


def code(rng: random.Random, words: list[str], n: int) -> list[str]:
    """So many lines of a listing, or of what a program prints."""
    pick = lambda: rng.choice(words)  # noqa: E731
    if rng.random() < 0.25:  # output: columns, numbers, rules
        rule = rng.choice("-=*") * rng.randint(20, 70)
        made = [f"{pick()} {' '.join(str(rng.randint(0, 9999)) for _ in range(rng.randint(1, 5)))}" for _ in range(n)]
        made[0 :: max(2, n // 3)] = [rule] * len(made[0 :: max(2, n // 3)])
        return made
    made, depth = [], 0
    for _ in range(n):
        a, b, c = pick(), pick(), pick()
        line = rng.choice([
            f"{a}_{b} = {c}({rng.randint(0, 99)})", f"def {a}({b}):", f"return {a}.{b}", f"$ {a} --{b} {c}",
            f"if ({a} > {b}) {{", "}", f"import {a}", f'<{a} {b}="{c}">', f"{a}: {b}", f"// {a} {b} {c}",
            f"# {a} {b} {c} {pick()} {pick()}", f"print '{a} {b} {c}'", f">>> {a}.{b}", f"for {a} in {b}:",
            f"{a} {b} {c};", f"from {a} import {b}", f"[{a}, {b}, {c}]", f"sudo {a} install {b}",
            f"{a}.{b}({c}, '{pick()}')", f'"""{a} {b}"""',
            f"    {a} += {rng.randint(1, 9)}", f"[{a}] {b}: {c}", "else:", "try:", "});",
        ])  # fmt: skip
        made.append("  " * depth + line)
        depth = min(depth + line.endswith((":", "{")), 4) if rng.random() < 0.7 else 0
    return made


def _decorated(paras: list[tuple[str, str]], rng: random.Random, others: list[str]) -> list[tuple[str, str]]:
    """With pull quotes, block quotes, captions, table rows and footnotes here and there."""
    made = list(paras)
    bodies = [text for kind, text in paras if kind == "body"]
    if len(bodies) > 2:
        if rng.random() < 0.15:
            parts = [s for s in sentences(rng.choice(bodies)) if 30 < len(s) < 200]
            made[2:2] = [("pull", parts[0])] if parts else []
        if rng.random() < 0.1 and others:
            made.insert(rng.randint(1, len(made)), ("quote", rng.choice(others)))
        if rng.random() < 0.2:
            caption = sentences(rng.choice(bodies))[0]
            made.insert(rng.randint(1, len(made)), ("caption", caption[:120].strip()))
        if rng.random() < 0.08:
            at = rng.randint(1, len(made))
            made[at:at] = [
                ("row", f"{' '.join(rng.choice(bodies).split()[:2])}\t{rng.randint(1, 9999)}") for _ in range(4)
            ]
        if rng.random() < 0.1:
            notes = [f"[{n}] {sentences(rng.choice(bodies))[0]}" for n in range(1, rng.randint(2, 5))]
            made += [("note", note) for note in notes]
    return made


def excerpt(paras: list[tuple[str, str]], style: str, n_chars: int, rng: random.Random, *, spaced: bool) -> str:
    """What a teaser shows of an article: its first sentences, or its beginning cut short."""
    text = next((text for kind, text in paras if kind == "body"), paras[0][1].split("\n")[0])
    if style == "whole":
        parts = re.split(r"(?<=[.!?।。？！])\s*(?=\S)", text)
        return ("" if not spaced else " ").join(parts[: rng.choice([1, 1, 2])])[:400].strip()
    cut = text[:n_chars]
    if len(text) <= n_chars:
        return text
    return (cut.rpartition(" ")[0] if spaced and " " in cut else cut).rstrip(" ,;:") + style


def _ending(rng: random.Random, author: str, phrase: Callable[[str], str]) -> str:
    shape = rng.random()
    if shape < 0.82:
        return ""
    return rng.choice([f"{phrase('via')} {phrase('word').capitalize()}",
                       f"{phrase('source')}: {phrase('word').capitalize()}",
                       f"— {author}", author, f"({author})",
                       f"{phrase('source')}: {author} / {phrase('word')}"])  # fmt: skip


def make_posts(
    pieces: Pieces,
    script: Script,
    rng: random.Random,
    phrase: Callable[[str], str],
    makers: tuple[Callable[[], str], ...],
) -> list[Post]:
    """The articles of one site; `makers` make an author, a date and a category."""
    author, date, category = makers
    mix = dict(KINDS)
    if rng.random() < 0.12:
        mix["short"] = 300
    if rng.random() < 0.1:
        mix[rng.choice(["list", "code", "code", "interview", "recipe", "poem", "sections", "sections", "faq"])] = 150
    posts: list[Post] = []
    seen: dict[str, list[str]] = {}
    ends = rng.random() < 0.5
    with_dek, terse, dateline = rng.random(), rng.random() < 0.5, rng.random() < 0.15
    for piece in rng.sample(pieces.articles, rng.randint(8, 20)):
        kind = rng.choices(list(mix), list(mix.values()))[0]
        if kind in ("plain", "long"):
            paras = _plain(piece, rng, *((2, 24) if kind == "plain" else (15, 50)))
        else:
            paras = _short(piece, rng) if kind == "short" else _shaped(kind, piece, rng, pieces.words)
        name = author()
        if dateline and paras[0][0] == "body":
            place, sign = rng.choice(pieces.words), rng.choice([" – ", " — ", " (", ", ", " - "])
            place = place.upper() if len(piece.title) % 2 else place.capitalize()
            paras[0] = ("body", f"{place}{sign}{phrase('word')}) {paras[0][1]}" if sign == " (" else
                        f"{place}{sign}{paras[0][1]}")  # fmt: skip
        paras = _decorated(paras, rng, seen.get(name, []))
        seen.setdefault(name, []).extend(text for k, text in paras if k == "body" and len(text) > 80)
        written = [(k, t if k == "code" else "\n".join(_written(script, x) for x in t.split("\n"))) for k, t in paras]
        title = piece.title if rng.random() < 0.7 else " ".join(piece.title.split()[: rng.randint(2, 5)])
        dek = next((s for k, t in piece.paras[::-1] if k == "body" for s in sentences(t) if 40 < len(s) < 250), "")
        if dek and terse:
            dek = " ".join(dek.split()[: rng.randint(5, 14)]).rstrip(" ,;:.") + rng.choice(["", "", "."])
        posts.append(Post(
            title=script.write(title), dek=script.write(dek) if dek and rng.random() < with_dek else "", author=name,
            date=date(), category=category(), tags=[phrase("word") for _ in range(rng.randint(1, 6))], paras=written,
            end=_ending(rng, name, phrase) if ends else "", headless=rng.random() < 0.05,
        ))  # fmt: skip
    return posts


def _written(script: Script, text: str) -> str:
    return "\t".join(script.write(cell) for cell in text.split("\t"))
