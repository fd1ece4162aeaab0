"""Real pages as training samples: lines of the labelled main text, and the lines that cannot be of it."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from broadsheet.read.decode import decode
from broadsheet.read.found import Limits
from broadsheet.read.html import render
from broadsheet.segment import Page

_TOKEN: Final = re.compile(r"\w+")
BODY: Final = frozenset({"body", "subhead", "item"})
OUTSIDE: Final = frozenset(
    {"boilerplate", "teaser_title", "teaser_meta", "excerpt", "speaker", "stamp", "text", "unsigned", "interlude"}
)
_HEAD_LINES: Final = 12
_SHORT_GAP: Final = frozenset({"prompt", "subhead", "item"})
_PROSE: Final = frozenset({"body", "item"})
_LONG_GAP: Final = 12


@dataclass(frozen=True)
class Real:
    """A labelled page: its parsed form, bare text, and what is known of it."""

    id: str
    kind: str
    html: str
    page: Page
    text: str
    gold: dict[str, Any]


def load(folder: Path, kinds: Sequence[str] = ("article",)) -> Iterator[Real]:
    """The labelled pages of these kinds."""
    from resiliparse.extract.html2text import extract_plain_text

    for line in (folder / "gold.jsonl").read_text("utf-8").splitlines():
        gold = json.loads(line)
        if gold["type"] not in kinds:
            continue
        raw = gzip.decompress((folder / "html" / f"{gold['id']}.html.gz").read_bytes())
        html = decode(raw, html=True, declared=None).text
        rendered = render(html, Limits())
        claims = {name: tuple(v for n, v, _ in rendered.claims if n == name) for name in ("title", "author")}
        page = Page(rendered.text, rendered.elements, rendered.blocks, claims["title"], claims["author"])
        text = extract_plain_text(html, preserve_formatting=True, main_content=False)
        yield Real(gold["id"], gold["type"], html, page, text, gold)


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.lower())


def main_lines(shown: Sequence[str], gold: str) -> list[bool]:
    """Which visible lines of a page are of its labelled main text."""
    tokens = _tokens(gold)
    grams = set(zip(tokens, tokens[1:], tokens[2:], strict=False))
    whole = {tuple(_tokens(line)) for line in gold.split("\n")}
    found: list[bool | None] = []
    for line in shown:
        own = _tokens(line)
        if len(own) < 6:
            found.append(tuple(own) in whole if own else None)
            continue
        mine = list(zip(own, own[1:], own[2:], strict=False))
        found.append(sum(gram in grams for gram in mine) >= 0.7 * len(mine))
    # A short line counts only with longer ones near it, as menus repeat subheads; signs alone go with their neighbours.
    long = [i for i, line in enumerate(shown) if found[i] and len(_tokens(line)) >= 6]
    near = set()
    for i in long:
        near.update(range(i - 4, i + 5))
    return [bool(is_main) and (i in near) for i, is_main in enumerate(found)]


def allowed(shown: Sequence[str], gold: dict[str, Any]) -> list[frozenset[str]]:
    """The states that each visible line of a page may have."""
    main = main_lines(shown, gold["main_text"])
    states = [OUTSIDE] * len(shown)
    rows = [i for i, is_main in enumerate(main) if is_main]
    if not rows:
        return states
    first, last = rows[0], rows[-1]
    before = first
    for i in rows:
        n = i - before - 1
        is_long = n > _LONG_GAP
        gap = OUTSIDE | {"prompt", "end"} if is_long else _SHORT_GAP if n <= 2 else frozenset({"prompt"})
        states[before + 1 : i] = [gap] * n
        inner = _PROSE if len(shown[i].split()) >= 15 and shown[i][-1] in '.!?”"' else BODY
        states[i] = inner | {"lead"} if is_long else inner
        before = i
    states[first] = frozenset({"lead"})
    title = _tokens(gold.get("title") or "")
    for i in range(first - 1, max(first - 1 - _HEAD_LINES, -1), -1):
        own = _tokens(shown[i])
        if (
            own
            and title
            and len(own) > 1
            and (own == title or (" ".join(own) in " ".join(title) and len(own) * 2 > len(title)))
        ):
            states[i] = frozenset({"title"})
            author = set(_tokens(gold.get("author") or ""))
            for k in range(i + 1, first):
                states[k] = frozenset({"dek", "byline", "head_meta"})
                if author and author <= set(_tokens(shown[k])):
                    states[k] = frozenset({"byline"})
            break
    for i in range(last + 1, min(last + 3, len(states))):
        states[i] = OUTSIDE | {"end"}
    return states
