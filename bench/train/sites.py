"""Labelled, made-up web sites to train a page segmenter offline: `site` makes the pages of one.

python bench/train/sites.py FOLDER [SEED [PAGE]]    prints a made page's text with labels
"""

import random
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from resiliparse.extract.html2text import extract_plain_text

sys.path.insert(0, str(Path(__file__).parent))

from markup import Leaf, Page
from pieces import Pieces, load_pieces
from posts import Post
from regions import Template, put_article, put_behind, put_lines, put_notice, put_related, put_sidebar, put_teaser
from scripts import SCRIPTS, Script

__all__ = ["LABELS", "Leaf", "Made", "Pieces", "check", "load_pieces", "site"]

LABELS: Final = (
    "boilerplate", "title", "dek", "byline", "head_meta", "lead", "body", "subhead", "item", "prompt", "end",
    "teaser_title", "teaser_meta", "excerpt", "speaker", "stamp", "text", "unsigned", "interlude",
)  # fmt: skip
_MARK: Final = re.compile(r"^(?:[-*•·–]|\d{1,3}\.)(?=\s)\s*")
_HEAD: Final = ("title", "dek", "byline", "head_meta")
_SKIPPED: Final = 3


@dataclass(frozen=True)
class Made:
    """A made page."""

    html: str
    text: str
    leaves: list[Leaf]
    text_leaves: list[int]
    """Of each line of `text` that is not blank: its leaf."""
    article: list[int]
    """Of each leaf: its article on the page, in order of appearance; -1 where it is of none."""
    main: int
    """The page's own article; -1 on listings."""
    kind: str
    script: str


def _key(text: str) -> str:
    return "".join(text.split())


def align(text: str, leaves: list[Leaf]) -> list[int] | None:
    """The leaf of each line of an extracted text that is not blank; None where they do not match."""
    keys = [_key(leaf.text) for leaf in leaves]
    made: list[int] = []
    at = 0
    for line in text.split("\n"):
        if not line.strip():
            continue
        for key in (_key(line), _key(_MARK.sub("", line.strip()))):
            found = next(
                (at + n for n in range(_SKIPPED + 1) if at + n < len(keys) and key.startswith(keys[at + n])), None
            )
            if found is None:
                continue
            end, rest = found, key
            while rest and end < len(keys) and rest.startswith(keys[end]):
                rest = rest[len(keys[end]) :]
                end += 1
            if not rest:
                made.append(max(range(found, end), key=lambda n: len(keys[n])))
                at = end
                break
        else:
            return None
    return made if at >= len(keys) - _SKIPPED else None


class _Site:
    """One site: makes its pages."""

    def __init__(self, pieces: Pieces, rng: random.Random, n_pages: int) -> None:
        self.script = Script("english" if rng.random() < 0.5 else rng.choice(SCRIPTS), rng)
        self.rng, self.tpl = rng, Template(pieces, self.script, rng)
        self.extracted = rng.random() < 0.35
        self.glue = rng.choice(["\n", "\n", ""])
        self.order = rng.choice([["menu", "main", "side"], ["menu", "side", "main"], ["main", "side", "menu"],
                                 ["menu", "main", "side"], ["main", "menu", "side"], ["menu", "main"]])  # fmt: skip
        self.comments_first = rng.random() < 0.5
        few = [post for post in self.tpl.posts if len(post.paras) <= 6] or self.tpl.posts[:1]
        few = few if rng.random() < 0.5 else self.tpl.posts
        self.aside = rng.sample(few, min(len(few), rng.choice([0, 0, 1, 3, 5, 8])))
        self.n_aside = rng.randint(1, 4)
        self.everywhere = n_pages <= 8
        self.side_teasers = rng.sample(self.tpl.posts, rng.choice([0, 0, 0, 2, 4]))
        # Templates whose names say nothing are made by programs, which mostly load comments later, if at all.
        self.chatty = rng.random() < (0.2 if self.tpl.look.mode in ("hash", "none", "mislead") else 0.75)
        self.related = rng.random() < 0.6
        self.listing = rng.choice(["full", "teasers", "teasers", "mixed"])
        self.turn = rng.sample(self.tpl.posts, len(self.tpl.posts))

    def _single(self, page: Page, post: Post) -> int:
        tpl, rng = self.tpl, self.rng
        number = put_article(page, post, tpl, "main")
        put_behind(page, post, tpl)
        others = [other for other in tpl.posts if other is not post]
        parts: list[Callable[[], None]] = [partial(put_notice, page, lines) for lines in tpl.furniture.notices[:1]]
        if self.chatty:
            parts.append(lambda: tpl.thread.put(page, rng.choice([0, 1, 1, 2, 3, 5, 8, 12, 15]), post.title))
        if self.related:
            n = min(len(others), rng.choice([0, 0, 2, 3, 4, 10]))
            parts.append(lambda: put_related(page, tpl, rng.sample(others, n)))
        for put in parts if self.comments_first else parts[::-1]:
            put()
        return number

    def _listing(self, page: Page) -> None:
        tpl, rng = self.tpl, self.rng
        posts = rng.sample(tpl.posts, min(len(tpl.posts), rng.randint(3, 12)))
        if rng.random() < 0.4:
            page.gap(1)
            page.add("boilerplate", rng.choice(tpl.furniture.categories), "h1", "widget_title")
        full = {"full": len(posts), "teasers": 0, "mixed": len(posts) // 2}[self.listing]
        for at, post in enumerate(posts):
            if at < full:
                put_article(page, post, tpl, "list")
            else:
                put_teaser(page, post, tpl, at)
        put_lines(page, tpl.furniture.some("page", 2), tpl, "nav", inline=tpl.menu_inline)

    def _menu(self, page: Page) -> None:
        tpl = self.tpl
        with page.box(page.look.tag("header"), "header"):
            page.add("boilerplate", tpl.furniture.site, "div", "nav", html="")
            if tpl.furniture.cookie:
                page.add("boilerplate", tpl.furniture.cookie, "p")
            put_lines(page, tpl.furniture.menu, tpl, "nav", inline=tpl.menu_inline)

    def _footer(self, page: Page) -> None:
        with page.box(page.look.tag("footer"), "footer"):
            put_lines(page, self.tpl.furniture.footer, self.tpl, "nav", inline=self.tpl.menu_inline)
            for text in self.tpl.furniture.legal:
                page.gap(1)
                page.add("boilerplate", text, "p")

    def page(self, n: int) -> Made:
        """The n-th page."""
        look, single = self.tpl.look, self.rng.random() < 0.6
        page, main = Page(look, self.tpl.layout, self.rng), -1
        post = self.turn[n % len(self.turn)]
        with page.box("table" if look.table else "div", "page"):
            for region in [*self.order, "footer"]:
                page.raw("<tr><td>" if look.table else "")
                if region == "menu":
                    self._menu(page)
                elif region == "footer":
                    self._footer(page)
                elif region == "side":
                    own = {id(post)} if single else set()
                    aside, teasers = (
                        [p for p in posts if id(p) not in own] for posts in (self.aside, self.side_teasers)
                    )
                    aside = self.rng.sample(aside, min(len(aside), self.n_aside))
                    # On larger sites no article stands beside most others: only what belongs to the site does.
                    aside = [other for other in aside if self.everywhere or self.rng.random() < 0.45]
                    put_sidebar(page, self.tpl, aside, teasers)
                else:
                    with page.box(look.tag("main"), "main"):
                        if single:
                            main = self._single(page, post)
                        else:
                            self._listing(page)
                page.raw("</td></tr>" if look.table else "")
        html = page.html(f"{post.title if single else ''} {self.tpl.furniture.site}".strip(), self.glue)
        text, lines = page.text()
        if self.extracted:
            other = extract_plain_text(html, preserve_formatting=True, main_content=False, links=False)
            found = align(other, page.leaves)
            if found is not None:
                text, lines = other, found
        kind = "single" if single else "listing"
        return Made(html, text, page.leaves, lines, page.article, main, kind, self.script.name)


def site(pieces: Pieces, rng: random.Random, n_pages: int) -> list[Made]:
    """The pages of one made site."""
    made = _Site(pieces, rng, n_pages)
    return [made.page(n) for n in range(n_pages)]


def check(made: Made) -> list[str]:
    """What is wrong with a made page."""
    faults = [f"label {leaf.label}" for leaf in made.leaves if leaf.label not in LABELS]
    faults += [f"leaf {leaf}" for leaf in made.leaves if leaf.text != " ".join(leaf.text.split()) or not leaf.text]
    lines = [line for line in made.text.split("\n") if line.strip()]
    if len(lines) != len(made.text_leaves) or len(made.leaves) != len(made.article):
        faults.append(f"{len(lines)} lines, {len(made.text_leaves)} leaves")
    for line, at in zip(lines, made.text_leaves, strict=False):
        if _key(made.leaves[at].text) not in _key(line):
            faults.append(f"line {line!r} is not {made.leaves[at].text!r}")
    if made.text_leaves != sorted(made.text_leaves):
        faults.append("lines out of order")
    if len(set(made.text_leaves)) < 0.9 * len({n for n, leaf in enumerate(made.leaves) if leaf.label != "boilerplate"}):
        faults.append("leaves that no line shows")
    return faults + _structure(made)


def _structure(made: Made) -> list[str]:
    faults, last = [], -1
    seen: dict[int, list[str]] = {}
    before = "boilerplate"
    for leaf, number in zip(made.leaves, made.article, strict=True):
        label = leaf.label
        if (number >= 0) != (label in _HEAD or label in ("lead", "body", "subhead", "item", "end")):
            faults.append(f"{label} in article {number}")
        if number >= 0:
            if number not in seen and (number != last + 1 or label not in ("title", "lead")):
                faults.append(f"article {number} begins with {label}")
            last = max(last, number)
            seen.setdefault(number, []).append(label)
        if label in ("text", "stamp") and before not in ("speaker", "stamp", "text", "unsigned"):
            faults.append(f"{label} behind {before}")
        if label == "excerpt" and before not in ("teaser_title", "teaser_meta", "excerpt"):
            faults.append(f"excerpt behind {before}")
        before = label
    for number, labels in seen.items():
        at = labels.index("lead") if "lead" in labels else -1
        if at < 0 or labels.count("lead") > 1 or any(label in _HEAD for label in labels[at:]) or "body" in labels[:at]:
            faults.append(f"article {number}: {labels[:6]}")
    return [*faults, *([f"main {made.main}"] if (made.kind == "single") != (made.main in seen) else [])]


if __name__ == "__main__":
    seed, which = (int(arg) for arg in (*sys.argv[2:], "1", "0")[:2])
    shown = site(load_pieces(Path(sys.argv[1])), random.Random(seed), which + 1)[which]
    left = iter(shown.text_leaves)
    print(f"{shown.kind} {shown.script} main {shown.main}")
    for line in shown.text.split("\n"):
        leaf = next(left) if line.strip() else -1
        print(f"{shown.leaves[leaf].label:>12} {shown.article[leaf]:>3} {line[:150]}" if leaf >= 0 else "")
    print(check(shown))
