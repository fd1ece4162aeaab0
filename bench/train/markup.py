"""The page as it grows: its HTML and its bare text at once, in one site's look."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Final

_WP: Final = {
    "page": "site", "header": "site-header", "nav": "menu", "main": "site-main content-area", "article": "post hentry",
    "title": "entry-title", "content": "entry-content", "meta": "entry-meta", "byline": "entry-meta vcard",
    "date": "posted-on", "dek": "entry-subtitle", "sidebar": "widget-area", "widget": "widget",
    "widget_title": "widget-title", "comments": "comments-area", "comments_title": "comments-title",
    "thread": "comment-list", "comment": "comment", "speaker": "comment-author vcard", "stamp": "comment-metadata",
    "said": "comment-content", "replies": "children", "reply": "reply", "form": "comment-respond",
    "related": "jp-relatedposts", "share": "sharedaddy sd-sharing", "tags": "tags-links", "footer": "site-footer",
    "teaser": "post hentry", "teaser_title": "entry-title", "excerpt": "entry-summary", "more": "more-link",
    "bio": "author-info", "ping": "pingback", "pinged": "comment-body", "prompt": "wp-block-group",
    "end": "entry-footer", "quote": "wp-block-quote", "caption": "wp-caption-text", "pull": "wp-block-pullquote",
    "head": "entry-header", "wrap": "wrap",
}  # fmt: skip
_BLOG: Final = {
    **_WP, "page": "content", "main": "blog-posts", "article": "post", "title": "post-title", "content": "post-body",
    "meta": "post-header-line", "byline": "post-author", "date": "date-header", "sidebar": "column-right",
    "comments_title": "comments-header", "thread": "comments-block", "comment": "comment-thread",
    "speaker": "comment-header", "stamp": "comment-timestamp", "said": "comment-body", "replies": "comment-replies",
    "end": "post-footer", "share": "post-share-buttons", "tags": "post-labels", "related": "related-posts",
    "teaser": "post", "teaser_title": "post-title", "excerpt": "post-snippet", "more": "jump-link", "head": "head",
    "bio": "profile", "prompt": "box",
}  # fmt: skip
_SYNONYMS: Final = {
    "page": "page site wrapper container layout root", "header": "header masthead top banner branding",
    "nav": "nav menu navigation navbar links", "main": "main content primary center body maincol",
    "article": "article post story entry news node item", "title": "title headline heading hed entry-title",
    "content": "content body text entry story article copy", "meta": "meta info details data infoline",
    "byline": "byline author writer credit by", "date": "date time published timestamp",
    "dek": "dek standfirst intro subtitle lede description summary", "sidebar": "sidebar aside rail secondary right",
    "widget": "widget block box module panel", "widget_title": "title heading header label",
    "comments": "comments discussion responses replies forum", "comments_title": "title count heading",
    "thread": "list thread items stream", "comment": "comment reply response post message",
    "speaker": "author user name nick poster", "stamp": "date time meta when", "said": "text body content message",
    "replies": "children replies nested answers", "reply": "reply actions tools respond", "form": "form respond write",
    "related": "related more recommended also readnext", "share": "share social sharing buttons",
    "tags": "tags topics keywords labels", "footer": "footer colophon bottom foot", "head": "head header top",
    "teaser": "teaser card excerpt summary promo item", "teaser_title": "title headline heading link",
    "excerpt": "excerpt summary text teaser description", "more": "more readmore continue link",
    "bio": "bio authorbox about-author profile", "prompt": "promo subscribe newsletter inline-box cta ad",
    "end": "source credit foot via signature", "quote": "quote blockquote", "caption": "caption legend",
    "pull": "pullquote highlight", "ping": "pingback trackback ping", "pinged": "body comment text",
    "wrap": "wrap inner row col",
}  # fmt: skip
_NOISE: Final = ("clearfix", "mb-2", "col-8", "js-item", "u-flow", "left", "box", "large", "wide", "active")


def _bem(region: str, base: str, rng: random.Random, shape: int, prefix: str) -> str:
    block = {"speaker": "comment", "stamp": "comment", "said": "comment", "excerpt": "card", "title": "article",
             "teaser_title": "card", "content": "article", "byline": "article"}.get(region, prefix)  # fmt: skip
    shapes = (base, f"{prefix}-{base}", f"{block}__{base}", f"{block}{base.capitalize()}", f"{block}_{base}",
              f"{block}-{base}")  # fmt: skip
    made = shapes[shape]
    return f"{made} {rng.choice(_NOISE)}" if rng.random() < 0.2 else made


class Look:
    """Tags and classes of one site."""

    def __init__(self, rng: random.Random) -> None:
        self.mode = rng.choices(["wp", "blog", "compose", "hash", "none", "mislead"], [20, 12, 40, 10, 10, 8])[0]
        self.table = rng.random() < 0.08
        self.semantic = rng.random() < (0.9 if self.mode == "none" else 0.5)
        prefix, shape = rng.choice(["c", "site", "tt", "news", "el", "my", "x", "main"]), rng.randrange(6)
        self.classes: dict[str, str] = {}
        if self.mode in ("wp", "blog"):
            self.classes = dict(_WP if self.mode == "wp" else _BLOG)
        elif self.mode != "none":
            for region, words in _SYNONYMS.items():
                self.classes[region] = _bem(region, rng.choice(words.split()), rng, shape, prefix)
        if self.mode == "hash":
            self.classes = {region: f"css-{rng.randrange(1 << 30):x}" for region in self.classes}
        if self.mode == "mislead":
            swaps = [
                "main",
                "widget",
                "sidebar",
                "related",
                "article",
                "teaser",
                "content",
                "excerpt",
                "header",
                "said",
            ]
            mixed = rng.sample(swaps, len(swaps))
            old = dict(self.classes)
            self.classes |= {a: old[b] for a, b in zip(swaps, mixed, strict=True)}
        for region in [*self.classes]:
            if self.mode == "compose" and rng.random() < 0.12:
                del self.classes[region]
        self.use_id = rng.random() < 0.5
        self.title = rng.choice(["h1", "h1", "h1", "h2", "h2", "h3", "div", "strong"])
        self.list_title = rng.choice(["h2", "h2", "h3", "h3", "h4", "div", self.title])
        self.para = rng.choices(["p", "div"], [92, 8])[0]
        self.label = rng.choice(["h3", "h4", "h2", "div", "strong", "p"])

    def attrs(self, region: str) -> str:
        """The attributes of a region's element."""
        name = self.classes.get(region)
        if not name:
            return ""
        if self.use_id and region in ("page", "header", "main", "sidebar", "comments", "footer"):
            return f' id="{name.split()[0]}"'
        return f' class="{name}"'

    def tag(self, region: str) -> str:
        """The tag of a region's element."""
        own = {"header": "header", "nav": "nav", "main": "main", "article": "article", "sidebar": "aside",
               "footer": "footer", "comments": "section", "related": "section", "head": "header", "bio": "aside",
               "teaser": "article"}  # fmt: skip
        return own.get(region, "div") if self.semantic else "div"


def anchor(text: str) -> str:
    """The text as a link."""
    return f'<a href="/{sum(map(ord, text)) % 9973}">{escape(text, quote=False)}</a>'


@dataclass(frozen=True)
class Layout:
    """How one site's pages are laid out as bare text; gaps are blank lines."""

    para: int
    before: int
    after: int
    heading: int
    bullet: str
    indent: int
    menu: str
    thread: str
    step: int
    said: int
    noise: float

    @classmethod
    def of(cls, rng: random.Random) -> "Layout":
        """A layout at random."""
        para = rng.choices([0, 1, 2], [15, 75, 10])[0]
        return cls(
            para=para, before=rng.choices([0, 1, 2, 3, 4, 5, 6], [3, 20, 32, 20, 10, 10, 5])[0],
            after=rng.choices([0, 1, 2, 3, 4], [15, 47, 18, 12, 8])[0], heading=rng.choices([0, para], [30, 70])[0],
            bullet=rng.choice(["• ", "- ", "* ", "· ", "• ", "– "]), indent=rng.choice([0, 0, 2, 4]),
            menu=rng.choice(["bullets", "lines", "pipes", "spaces"]),
            thread=rng.choice(["bullets", "numbers", "flat", "flat", "indent"]), step=rng.choice([2, 3, 4]),
            said=rng.choice([0, 1, 1]), noise=rng.choice([0, 0, 0, 0, 0.05]),
        )  # fmt: skip


@dataclass(frozen=True)
class Leaf:
    """One visible line of a made page."""

    label: str
    text: str


class Page:
    """A page that grows from top to bottom."""

    def __init__(self, look: Look, layout: Layout, rng: random.Random) -> None:
        self.look, self.layout, self.rng = look, layout, rng
        self.leaves: list[Leaf] = []
        self.article: list[int] = []
        self.n_articles = 0
        self.indent = 0
        self.marker = ""
        self._html: list[str] = []
        self._lines: list[tuple[int, str]] = []  # leaf (-1 for a blank line) and line
        self._gap = 0

    def gap(self, n: int) -> None:
        """At least so many blank lines before the next line."""
        if self.layout.noise and n and self.rng.random() < self.layout.noise:
            n += self.rng.choice([-1, 1])
        self._gap = max(self._gap, n)

    def gap_at_most(self, n: int) -> None:
        """No more than so many blank lines before the next line."""
        self._gap = min(self._gap, n)

    @contextmanager
    def box(self, tag: str, region: str = "") -> Iterator[None]:
        """An element around what is added within."""
        self._html.append(f"<{tag}{self.look.attrs(region)}>")
        yield
        self._html.append(f"</{tag}>")

    def raw(self, html: str) -> None:
        """HTML without visible text."""
        self._html.append(html)

    def add(self, label: str, text: str, tag: str = "p", region: str = "", *, html: str = "", number: int = -1) -> None:
        """One leaf in an element of its own; `html` is the element's content where it is more than the text."""
        inner = html or escape(text, quote=False)
        if tag == "strong":
            tag, inner = "p", f"<strong>{inner}</strong>"
        self._html.append(f"<{tag}{self.look.attrs(region)}>{inner}</{tag}>")
        self._leaf(label, text, number)

    def rows(self, label: str, texts: list[str], wrap: tuple[str, str, str], *, number: int = -1, gap: int = 0) -> None:
        """Leaves that share one element: `wrap` holds what opens, parts and closes them."""
        self._html.append(wrap[0] + wrap[1].join(escape(text, quote=False) for text in texts) + wrap[2])
        for text in texts:
            self.gap(gap)
            self._leaf(label, " ".join(text.split()), number)

    def beside(self, text: str, sep: str) -> None:
        """Puts the last leaf's line of text beside the line before it."""
        at, line = self._lines.pop()
        before, old = self._lines[-1]
        if len(text) > len(self.leaves[before].text):
            before = at
        self._lines[-1] = (before, f"{old}{sep}{line.strip()}")

    def _leaf(self, label: str, text: str, number: int) -> None:
        self._lines.extend([(-1, "")] * (self._gap if self._lines else 0))
        self._gap = 0
        self._lines.append((len(self.leaves), " " * self.indent + self.marker + text))
        if self.marker:
            self.indent += len(self.marker)
            self.marker = ""
        self.leaves.append(Leaf(label, text))
        self.article.append(number)

    def html(self, title: str, glue: str) -> str:
        """The whole page's HTML."""
        body = glue.join(self._html)
        style = "<style>body{margin:0}</style>" if self.look.mode != "none" else ""
        return (
            f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(title)}</title>{style}</head>'
            f"<body>{glue}{body}{glue}</body></html>"
        )

    def text(self) -> tuple[str, list[int]]:
        """The page as bare text, and the leaf of each line that is not blank."""
        return "\n".join(line for _, line in self._lines), [leaf for leaf, _ in self._lines if leaf >= 0]
