"""Writes the regions of a page: articles, teasers, threads of comments and what stands around them."""

import random
from contextlib import nullcontext
from dataclasses import replace
from html import escape
from itertools import groupby
from typing import Final

from furniture import Furniture
from markup import Layout, Look, Page, anchor
from pieces import Pieces
from posts import Post, excerpt, make_posts
from scripts import Script, dates, full_name
from thread import Thread

_GROUPED: Final = {"item": "ul", "row": "table"}
_LABELS: Final = {
    **dict.fromkeys(("item", "row", "caption", "pull", "code", "poem"), "item"),
    "subhead": "subhead",
    "button": "prompt",
}


class Template:
    """All that the pages of one site have in common."""

    def __init__(self, pieces: Pieces, script: Script, rng: random.Random) -> None:
        self.pieces, self.script, self.rng = pieces, script, rng
        self.spaced = script.name not in ("han", "thai")
        self.look, self.layout, self.furniture = Look(rng), Layout.of(rng), Furniture(pieces, script, rng)
        self.phrase = self.furniture.phrase
        self.lead, self.date = script.lead(rng), dates(script, rng, pieces.words, clock=0.2)
        authors = [full_name(script, rng) for _ in range(rng.choice([1, 1, 2, 5, 8]))]
        makers = (lambda: rng.choice(authors), self.date, lambda: rng.choice(self.furniture.categories))
        self.posts = make_posts(pieces, script, rng, self.phrase, makers)
        self.cut = rng.choice(["…", "...", " […]", " [...]", "…", "whole", "whole", " …"])
        self.n_cut = rng.randint(60, 300) if self.spaced else rng.randint(25, 90)
        numbered_titles = rng.random() < 0.06
        for post in self.posts:
            post.title += f" {rng.randint(1, 99)}" if numbered_titles else ""
            post.excerpt = excerpt(post.paras, self.cut, self.n_cut, rng, spaced=self.spaced)
        self.head = [part for part in rng.sample(["dek", "byline", "meta"], 3) if rng.random() < 0.75]
        self.byline = rng.choice(["plain", "plain", "dated", "dated", "dated", "split"])
        self.sep = rng.choice([" | ", " · ", ", ", " — ", " / ", " • ", " - ", "  "]).replace("  ", " ")
        self.date_header, self.kicker = rng.random() < 0.1, rng.random() < 0.12
        self.posted = rng.random() < (0.2 if "byline" in self.head else 0.45)
        self.posted_form = rng.randrange(6)
        self.posted_meta = rng.random() < 0.25
        self.whole_paras = rng.choice([0, 0, 0, 0, 0, 0, 1, 1, 2, 3])
        self.closing = [part for part in ("prompt", "more") if rng.random() < 0.3]
        self.turned = rng.choice([(), (), ("← ", "→ "), ("« ", "» "), ("",  ""),
                                  tuple(f"{self.phrase('page', new=True)}: " for _ in range(2))])  # fmt: skip
        self.attributed = rng.random() < 0.15
        self.counted = rng.random() < 0.4
        self.metas = rng.sample(["date", "category", "read", "count"], rng.randint(1, 3))
        self.merged = rng.random() < 0.6
        self.teaser_meta = rng.choice(["before", "after", "none", "both", "after"])
        self.more, self.more_inline = rng.random() < 0.5, rng.random() < 0.15
        self.menu_inline = rng.random() < 0.25
        self.labelled, self.tight = rng.random() < 0.55, rng.random() < 0.3
        self.side_cut = rng.choice([0, 0, 0, 0, 2, 3])
        self.teaser_list = rng.choice(["", "", "", "", "bullets", "numbers"])
        self.ranked = rng.random() < 0.4
        self.linked_subheads = rng.random() < 0.15
        self.of = rng.choice(["", "", "", "", ", ", " / ", f" {self.phrase('in', new=True)} "])
        self.of += self.furniture.words(1, 3).title() if self.of else ""
        self.thread = Thread(self)

    def metas_of(self, post: Post) -> list[str]:
        """The parts of a meta line."""
        made = {"date": post.date, "category": post.category,
                "read": f"{len(post.title) % 14 + 1} {self.phrase('read')}",
                "count": f"{len(post.excerpt) % 40} {self.phrase('comments')}"}  # fmt: skip
        return [made[name] for name in self.metas]


def put_lines(page: Page, lines: list[str], tpl: Template, region: str, *, inline: bool = False) -> None:
    """A menu or another list of short links, as boilerplate."""
    if not lines:
        return
    page.gap(1)
    if inline:
        sep = tpl.sep if tpl.sep.strip(" ,") else " | "
        page.add("boilerplate", sep.join(lines), "div", region, html=sep.join(anchor(line) for line in lines))
        page.gap(1)
        return
    style = page.layout.menu
    listed = page.look.semantic or style == "bullets"
    with page.box(page.look.tag("nav") if region == "nav" else "div", region), page.box("ul" if listed else "div"):
        for at, line in enumerate(lines):
            ranked = region == "related" and tpl.ranked
            page.marker = f"{at + 1}. " if ranked else page.layout.bullet if style == "bullets" else ""
            page.add("boilerplate", line, "li" if listed else "div", html=anchor(line))
            page.indent, page.marker = 0, ""
            if at and style in ("pipes", "spaces") and len(line) < 40:
                page.beside(line, " | " if style == "pipes" else "  ")
    page.gap(1)


def put_notice(page: Page, lines: list[str]) -> None:
    """An advertisement between other things."""
    page.gap(1)
    with page.box("div", "prompt"):
        for line in lines:
            page.add("boilerplate", line, page.rng.choice(["p", "div"]))
            page.gap(page.rng.choice([0, 0, 1]))
    page.gap(1)


def shortened(post: Post, n: int, cut: str) -> Post:
    """The article as far as its first paragraphs, the last of them broken off."""
    paras = post.paras[:n]
    kind, text = paras[-1]
    if len(post.paras) <= n or kind != "body" or len(text) < 80:
        return post
    words = text[: len(text) // 2].rpartition(" ")[0] or text[: len(text) // 2]
    sign = cut if cut != "whole" else "…"
    return replace(post, paras=[*paras[:-1], (kind, words.rstrip(" ,;:") + sign)], end="")


def _prose(page: Page, text: str, region: str, label: str = "boilerplate") -> None:
    page.gap(1)
    page.add(label, text, page.look.para, region)
    page.gap(1)


def _head(page: Page, post: Post, tpl: Template, number: int) -> None:
    gap = page.layout.para if page.layout.heading else 0
    for part in tpl.head:
        page.gap(gap)
        if part == "dek" and post.dek:
            page.add("dek", post.dek, page.rng.choice(["p", "div"]), "dek", number=number)
        elif part == "byline":
            lead = f"{tpl.lead} ".lstrip() if tpl.spaced else tpl.lead
            by = f"{lead}{post.author}{tpl.of}"
            link = f"{escape(lead)}{anchor(post.author)}{escape(tpl.of)}"
            if tpl.byline == "dated":
                page.add("byline", f"{by}{tpl.sep}{post.date}", "div", "byline",
                         html=f"{link}{tpl.sep}<time>{escape(post.date)}</time>", number=number)  # fmt: skip
                continue
            page.add("byline", by, "div", "byline", html=link if number % 2 else "", number=number)
            if tpl.byline == "split":
                page.add("head_meta", post.date, "div", "date", number=number)
        elif part == "meta":
            metas = [
                m for m in tpl.metas_of(post) if not (m == post.date and "byline" in tpl.head and tpl.byline != "plain")
            ]
            metas = [_posted(post, tpl)] if tpl.posted_meta else metas
            for meta in [tpl.sep.join(metas)] if tpl.merged and metas else metas:
                page.add("head_meta", meta, "div", "meta", number=number)
    if tpl.attributed and page.rng.random() < 0.7:
        page.gap(gap)
        page.add(
            "head_meta",
            f"{tpl.phrase('via')} {post.tags[0].capitalize()}{page.rng.choice(['…', '', ':'])}",
            "p",
            number=number,
        )


def linked(text: str, rng: random.Random, *, spaced: bool) -> str:
    """HTML of a paragraph; in a quarter of them some words are links."""
    words = text.split(" ")
    if rng.random() > 0.25 or len(words) < 8 or not spaced:
        return escape(text, quote=False)
    at, n = rng.randrange(len(words) - 4), rng.randint(1, 4)
    cut = [escape(" ".join(part), quote=False) for part in (words[:at], words[at : at + n], words[at + n :])]
    tag = rng.choice(["a href='/x'", "a href='/y'", "em", "b"])
    return f"{cut[0]} <{tag}>{cut[1]}</{tag.split()[0]}> {cut[2]}".strip()


def _prompt(page: Page, tpl: Template) -> None:
    """An interruption inside an article."""
    rng = page.rng
    page.gap(1)
    if rng.random() < 0.4:
        with page.box("div", "prompt"):
            for text in rng.choice(tpl.furniture.asks):
                page.add("prompt", text, rng.choice(["p", "div", page.look.label]))
                page.gap(rng.choice([0, 1]))
        page.gap(1)
        return
    with page.box("div", "prompt"):
        if rng.random() < 0.4:
            page.add("prompt", tpl.phrase("ad" if rng.random() < 0.5 else "related"), page.look.label)
        if rng.random() < 0.5 or page.leaves[-1].label != "prompt":
            page.add("prompt", rng.choice(tpl.furniture.prompts), page.look.para)
        for post in rng.sample(tpl.posts, rng.choice([0, 0, 1, 2])):
            page.add("prompt", post.title, "div", html=anchor(post.title))
        if rng.random() < 0.3:
            page.add("prompt", tpl.phrase("more"), "div", html=anchor(tpl.phrase("more")))
    page.gap(1)


def _body(page: Page, post: Post, tpl: Template, number: int, breaks: set[int]) -> None:
    layout, first, at = page.layout, True, 0
    for kind, group in groupby(post.paras, key=lambda para: para[0]):
        texts = [text for _, text in group]
        outer = _GROUPED.get(kind, "")
        page.gap(layout.para)
        if outer:
            page.raw(f"<{outer}>")
        for text in texts:
            if at in breaks and not outer and not first:
                _prompt(page, tpl)
            at += 1
            page.gap(0 if outer or text is texts[0] else layout.para)
            label = _LABELS.get(kind, "body")
            label, first = "lead" if first else label, False
            _para(page, kind, label, text, tpl, number=number)
        if outer:
            page.raw(f"</{outer}>")
        page.gap(layout.heading if kind == "subhead" else layout.para)


def _para(page: Page, kind: str, label: str, text: str, tpl: Template, *, number: int) -> None:
    layout, rng = page.layout, page.rng
    if kind in ("code", "poem"):
        wrap = ("<pre>", "\n", "</pre>") if kind == "code" else ("<p>", "<br>", "</p>")
        lines = text.split("\n")
        if label == "lead":
            page.rows("lead", lines[:1], (wrap[0], "", wrap[2]), number=number)
            lines, label = lines[1:], "item"
        if lines:
            page.rows(label, lines, wrap, number=number)
        return
    if kind == "item":
        page.marker, page.indent = layout.bullet, layout.indent
        page.add(label, text, "li", html=linked(text, rng, spaced=tpl.spaced), number=number)
        page.marker, page.indent = "", 0
    elif kind == "button":
        page.add(label, text, rng.choice(["div", "p"]), html=anchor(text))
    elif kind == "row":
        cells = "".join(f"<td>{escape(cell, quote=False)}</td>" for cell in text.split("\t"))
        page.add(label, text.replace("\t", " "), "tr", html=cells, number=number)
    elif kind == "subhead":
        tag = {"h1": "h2", "h2": "h3", "h3": "h4"}.get(page.look.title, "strong")
        page.add(label, text, tag, html=anchor(text) if tpl.linked_subheads else "", number=number)
    elif kind in ("quote", "pull"):
        with page.box("blockquote" if kind == "quote" else "aside", kind):
            page.add(label, text, "p", number=number)
    elif kind == "caption":
        with page.box("figure"):
            page.raw("<img src='/i.jpg'>")
            page.add(label, text, "figcaption", "caption", number=number)
    else:
        page.add(label, text, page.look.para, html=linked(text, rng, spaced=tpl.spaced), number=number)


def _posted(post: Post, tpl: Template) -> str:
    said, within = tpl.phrase("posted"), tpl.phrase("in")
    lead = tpl.lead or "·"
    return [f"{said} {post.date} {lead} {post.author}", f"{said} {lead} {post.author}{tpl.sep}{post.date}",
            f"{said} {within} {post.category}{tpl.sep}{post.date}",
            f"{post.author} {within} {post.category}, {post.date}",
            f"{said} {within} {post.category} {tpl.phrase('tags')} {' '.join(post.tags)} {tpl.phrase('in')} "
            f"{post.date} {lead} {post.author}",
            f"{said} {post.date} {lead} {post.author}, {within} {post.category}. {tpl.phrase('tags')}: "
            f"{', '.join(post.tags)}",
            ][tpl.posted_form]  # fmt: skip


def put_article(page: Page, post: Post, tpl: Template, where: str) -> int:
    """A complete article (`main`, `side` or `list`); its number on the page."""
    number, look, layout, rng = page.n_articles, page.look, page.layout, page.rng
    page.n_articles += 1
    page.gap(layout.before)
    with page.box(look.tag("article"), "article"):
        if tpl.kicker or (where == "list" and tpl.date_header):
            page.add("boilerplate", post.date if tpl.date_header else post.category, "div", "date")
        if not post.headless:
            with page.box(look.tag("head"), "head"):
                html = anchor(post.title) if where != "main" or rng.random() < 0.1 else ""
                page.add("title", post.title, look.title if where == "main" else look.list_title, "title", html=html,
                         number=number)  # fmt: skip
                _head(page, post, tpl, number)
        page.gap(layout.after)
        n = len(post.paras)
        often = 0.35 if where == "main" else 0.05
        breaks = (
            set(rng.sample(range(1, n), min(n - 1, rng.randint(1, 3)))) if n > 3 and rng.random() < often else set()
        )
        with page.box(rng.choice(["div", "section"]) if look.semantic else "div", "content"):
            _body(page, post, tpl, number, breaks)
        page.gap(layout.para)
        if post.end:
            page.add("end", post.end, "p", "end", number=number)
        if tpl.posted:
            page.add("end", _posted(post, tpl), "div", "end", number=number)
        if where == "list":
            _tail(page, post, tpl)
        for part in tpl.closing if where != "main" or tpl.posted_meta else ():
            page.gap(1)
            text = tpl.furniture.prompts[0] if part == "prompt" else tpl.phrase("more")
            page.add(
                "boilerplate",
                text,
                "div",
                "related" if part == "more" else "widget",
                html=anchor(text) if part == "more" else "",
            )
    page.gap(layout.before if where == "list" else 1)
    return number


def _tail(page: Page, post: Post, tpl: Template) -> None:
    """Tags, share bar and comment count behind an article."""
    if "count" not in tpl.metas and tpl.counted:
        text = f"{len(post.excerpt) % 30} {tpl.phrase('comments')}"
        page.gap(1)
        page.add("boilerplate", text, "div", "meta", html=anchor(text))
    if tpl.kicker or tpl.more:
        tags = f"{tpl.phrase('tags')}: {', '.join(post.tags)}"
        page.add("boilerplate", tags, "div", "tags", html=f"{escape(tags.split(':', maxsplit=1)[0])}: "
                 + ", ".join(anchor(tag) for tag in post.tags) if ":" in tags else "")  # fmt: skip
    if tpl.menu_inline:
        put_lines(page, tpl.furniture.shares, tpl, "share", inline=True)


def put_behind(page: Page, post: Post, tpl: Template) -> None:
    """What follows a single page's article before anything else: tags, share bar, author box."""
    _tail(page, post, tpl)
    if page.rng.random() < 0.5 and not tpl.menu_inline:
        put_lines(page, tpl.furniture.shares, tpl, "share", inline=tpl.menu_inline)
    if tpl.turned and len(tpl.posts) > 2:
        arrows = tpl.turned
        for arrow, other in zip(arrows, page.rng.sample(tpl.posts, 2), strict=True):
            page.gap(1)
            page.add("boilerplate", f"{arrow}{other.title}", "div", "nav", html=anchor(f"{arrow}{other.title}"))
    if page.rng.random() < 0.2:
        page.gap(1)
        with page.box(page.look.tag("bio"), "bio"):
            if page.rng.random() < 0.6:
                page.add("boilerplate", page.rng.choice([tpl.phrase("about"), post.author]), page.look.label)
            page.add("boilerplate", tpl.furniture.bio(post.author), "p")
    page.gap(1)


def put_teaser(page: Page, post: Post, tpl: Template, place: int = 0) -> None:
    """A teaser: linked title, excerpt, and meta lines before or after it; `place`: which one of a list it is."""
    metas = (
        _posted(post, tpl)
        if tpl.posted_meta
        else tpl.sep.join(tpl.metas_of(post))
        if len(post.title) % 5
        else f"{tpl.lead} {post.author}".strip()
    )
    page.gap(page.layout.before)
    with page.box(page.look.tag("teaser"), "teaser"):
        marker = {"bullets": page.layout.bullet, "numbers": f"{place + 1}. "}.get(tpl.teaser_list, "")
        page.marker = marker
        page.add("teaser_title", post.title, page.look.list_title, "teaser_title", html=anchor(post.title))
        if tpl.metas[0] == "read":  # some lists do not hang
            page.indent = 0
        page.gap(page.layout.heading if not marker else 0)
        if tpl.teaser_meta in ("before", "both"):
            page.add("teaser_meta", metas, "div", "meta")
            page.gap(page.layout.para)
        shown = [text for kind, text in post.paras if kind in ("body", "quote")][: tpl.whole_paras] or [post.excerpt]
        with page.box("div" if tpl.whole_paras else page.look.para, "excerpt") if tpl.whole_paras else nullcontext():
            for at, text in enumerate(shown):
                html = escape(text, quote=False)
                if tpl.more and tpl.more_inline and at + 1 == len(shown):
                    text, html = f"{text} {tpl.phrase('more')}", f"{html} {anchor(tpl.phrase('more'))}"
                page.add("excerpt", text, page.look.para, "" if tpl.whole_paras else "excerpt", html=html)
                page.gap(page.layout.para)
        if tpl.teaser_meta == "after":
            page.add("teaser_meta", metas, "div", "meta")
        if tpl.more and not tpl.more_inline:
            page.add("teaser_meta", tpl.phrase("more"), "div", "more", html=anchor(tpl.phrase("more")))
    page.indent, page.marker = 0, ""
    page.gap(page.layout.before)


def put_sidebar(page: Page, tpl: Template, articles: list[Post], teasers: list[Post]) -> None:
    """A side column: widgets, complete articles, teasers and lists of titles."""
    rng, look = page.rng, page.look
    page.gap(2)
    with page.box(look.tag("sidebar"), "sidebar"):
        for head, lines in tpl.furniture.widgets:
            with page.box("div", "widget"):
                page.gap(1)
                page.add("boilerplate", head, look.label, "widget_title")
                put_lines(page, lines, tpl, "nav")
        for head, lines in tpl.furniture.notes:
            with page.box("div", "widget"):
                page.gap(1)
                page.add("boilerplate", head, look.label, "widget_title")
                with page.box(rng.choice(["div", "form"]) if look.semantic else "div", "wrap"):
                    for line in lines:
                        _prose(page, line, rng.choice(["", "widget"]))
        if (articles or teasers) and tpl.labelled:
            page.gap(1)
            page.add("boilerplate", tpl.furniture.label("recent"), look.label, "widget_title")
        for post in articles:
            put_article(page, shortened(post, tpl.side_cut, tpl.cut) if tpl.side_cut else post, tpl, "side")
            if tpl.tight:
                page.gap_at_most(page.layout.para)
        for place, post in enumerate(teasers):
            put_teaser(page, post, tpl, place)
        if rng.random() < 0.5:
            if rng.random() < 0.5:
                page.add("boilerplate", tpl.furniture.label("recent"), look.label, "widget_title")
            put_lines(page, [post.title for post in tpl.posts[:6]], tpl, "related")
        for lines in tpl.furniture.notices:
            put_notice(page, lines)
        if rng.random() < 0.4:
            _prose(page, tpl.furniture.prompts[-1], "widget")
    page.gap(2)


def put_related(page: Page, tpl: Template, teasers: list[Post]) -> None:
    """Related articles: as teasers, or as bare titles."""
    page.gap(1)
    with page.box(page.look.tag("related"), "related"):
        page.add("boilerplate", tpl.furniture.label("related"), page.look.label, "widget_title")
        page.gap(1)
        if teasers:
            for place, post in enumerate(teasers):
                put_teaser(page, post, tpl, place)
        else:
            put_lines(page, [p.title for p in page.rng.sample(tpl.posts, page.rng.randint(2, 6))], tpl, "related")
