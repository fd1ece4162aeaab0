"""Threads of comments, as one site shows them."""

import random
from typing import TYPE_CHECKING

from markup import Page, anchor
from pieces import sentences
from posts import code as listing
from scripts import dates, handle

if TYPE_CHECKING:
    from regions import Template


class Thread:
    """How one site shows comments."""

    def __init__(self, tpl: "Template") -> None:
        rng, script, words = tpl.rng, tpl.script, tpl.pieces.words
        self.tpl, self.verb = tpl, script.verb(rng, words)
        self.shape = rng.choice(["verb", "verb", "wrote", "name", "name", "dot", "date", "hash", "paren", "stamp",
                                 "stamp",
                                 "none", "none", "badge"])  # fmt: skip
        self.stamped = rng.random() < 0.5
        self.joins = [script.write(rng.choice(["on", "at", "am", "of"])) for _ in range(2)]
        self.date = dates(script, rng, words, clock=0.7)
        if rng.random() < 0.2:
            self.date = lambda: f"{rng.randint(1, 59)} {tpl.phrase('ago')}"
        self.reply = rng.choice(["", "", "one", "two", "name"])
        self.kind = "ol" if self.shape == "none" else rng.choice(["ol", "ul", "div", "div"])
        self.listed = self.shape == "none"
        self.deep = rng.random() < 0.6
        self.talkers = [handle(script, rng) for _ in range(rng.randint(4, 25))]
        self.count = 0
        self.named, self.hinted = rng.random() < 0.3, rng.random() < 0.7

    def said(self, rng: random.Random) -> list[str]:
        """The lines of one comment."""
        pieces, tpl = self.tpl.pieces, self.tpl
        if rng.random() < 0.5:
            texts = [rng.choice(pieces.talk) for _ in range(rng.choice([1, 1, 1, 2, 3, 4, 5]))]
        else:
            bodies = [t for k, t in rng.choice(pieces.articles).paras if k == "body"]
            texts = [
                " ".join(sentences(rng.choice(bodies))[: rng.randint(1, 3)]) for _ in range(rng.choice([1, 1, 2, 3]))
            ]
        if rng.random() < 0.15:
            texts = [" ".join(texts[0].split()[: rng.randint(2, 6)]) + rng.choice(["!", ".", "", "?", "…", " :)"])]
        written = [tpl.script.write(text) for text in texts]
        if rng.random() < 0.12:
            code = [" ".join(line.split()) for line in listing(rng, pieces.words, rng.choice([1, 2, 3, 5, 8, 15]))]
            at = rng.randint(0, len(written))
            written[at:at] = code if at else [f"{written[0].split()[0]}:", *code]
        return written

    def head(self, name: str, n: int) -> list[tuple[str, str]]:
        """The labelled head lines of a comment."""
        date, (on, at) = self.date(), self.joins
        one = {
            "verb": f"{name} {self.verb}",
            "wrote": f"{name} {self.verb} {on} {date}",
            "dot": f"{name} · {date}",
            "date": f"{date}{self.tpl.sep}{name}",
            "hash": f"#{n} {name}",
            "paren": f"{name} ({date})",
        }.get(self.shape, name)
        extra = {"stamp": [date], "badge": [f"{n * 37} {self.tpl.phrase('joined')}", date]}.get(self.shape, [])
        if self.shape in ("verb", "hash", "name") and self.stamped:
            extra = [f"{on} {date}" if at < on else date]
        return [("speaker", one), *(("stamp", text) for text in extra)]

    def put(self, page: Page, n: int, about: str = "") -> None:
        """A thread of so many comments."""
        rng = page.rng
        page.gap(2)
        self.count = 0
        with page.box(page.look.tag("comments"), "comments"):
            title = f"{n} {self.tpl.phrase('comments')}" if rng.random() < 0.7 else self.tpl.phrase("comments")
            if about and self.named:
                title = f"{title} {self.joins[0]} “{about}”"
            page.add("boilerplate", title, page.look.label, "comments_title")
            page.gap(1)
            self._level(page, rng, n, 0)
            page.gap(1)
            if rng.random() < 0.7:
                self._form(page)
        page.gap(2)

    def _form(self, page: Page) -> None:
        """What asks for a comment."""
        furniture = self.tpl.furniture
        with page.box("div", "form"), page.box(page.rng.choice(["form", "div"]), "form"):
            page.add("boilerplate", self.tpl.phrase("leave"), page.look.label, "form")
            if self.hinted:
                page.add("boilerplate", furniture.hint, "p", "form")
            for field in furniture.fields:
                page.add("boilerplate", field, page.rng.choice(["p", "div", "label"]), "form")
            for text in furniture.asked:
                page.gap(1)
                page.add("boilerplate", text, page.rng.choice(["p", "div"]), "form")

    def _level(self, page: Page, rng: random.Random, n: int, depth: int) -> None:
        outer = page.indent
        with page.box(self.kind, "replies" if depth else "thread"):
            number = 0
            pings = rng.randint(0, 3) if self.tpl.furniture.pings and not depth else 0
            for _ in range(pings):
                number += 1
                self._ping(page, rng, number)
            page.indent = outer
            while n > 0:
                number += 1
                below = rng.randint(1, min(3, n - 1)) if self.deep and depth < 3 and n > 1 and rng.random() < 0.3 else 0
                with page.box("li" if self.kind != "div" else "div", "comment"):
                    style = (
                        "bullets" if self.listed and page.layout.thread in ("flat", "indent") else page.layout.thread
                    )
                    page.indent = (
                        outer if style == "flat" else outer + page.layout.step * (depth > 0 or style != "indent")
                    )
                    page.marker = {"bullets": page.layout.bullet, "numbers": f"{number}. "}.get(style, "")
                    self._comment(page, rng)
                    if below:
                        self._level(page, rng, below, depth + 1)
                page.indent = outer
                n -= 1 + below

    def _ping(self, page: Page, rng: random.Random, number: int) -> None:
        """What another site's link leaves among the comments: no comment."""
        other = self.tpl.script.write(rng.choice(self.tpl.pieces.articles).title)
        text = f"{self.tpl.phrase('posted')}: {other} {rng.choice(['|', '«', '-'])} {self.tpl.furniture.site}"
        page.gap(1)
        layout = page.layout
        with page.box("li" if self.kind != "div" else "div", "ping"), page.box("div", "pinged"):
            page.marker = {"bullets": layout.bullet, "numbers": f"{number}. "}.get(layout.thread, "")
            page.indent += layout.step if layout.thread != "flat" else 0
            page.add("boilerplate", text, "div", html=anchor(text))
            page.marker = ""

    def _comment(self, page: Page, rng: random.Random) -> None:
        self.count += 1
        n = self.count
        name = rng.choice(self.talkers)
        page.gap(1)
        if self.shape != "none":
            with page.box("header" if page.look.semantic else "div", "speaker"):
                for label, text in self.head(name, n):
                    page.add(
                        label, text, "div", "stamp" if label == "stamp" else "", html=anchor(text) if n % 3 else ""
                    )
        page.gap(page.layout.said)
        with page.box("div", "said"):
            for at, line in enumerate(self.said(rng)):
                page.add("unsigned" if not at and self.shape == "none" else "text", line, "p")
                page.gap(page.layout.said)
        if self.reply and self.shape != "none":
            text = self.tpl.phrase("reply")
            text = {"two": f"{text} {n % 9}", "name": f"{text} {name}"}.get(self.reply, text)
            page.gap(page.layout.said)
            page.add("interlude", text, "div", "reply", html=anchor(text))
