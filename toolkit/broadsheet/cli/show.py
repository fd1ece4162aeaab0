"""`broadsheet show`: pages with their segments as one HTML page to look at.

The text is never changed: who takes the elements of class `run` in order, and for each `b` with a `data-code` the code
point that it names, has the page's text again. Roles are told by words and by the kind of rule at the side, never by
colour alone.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any, Final

from broadsheet import __version__
from broadsheet.cli.report import n

Row = Mapping[str, Any]
Page = Sequence[Row]
UNSURE: Final = 0.7
"""Segments of less confidence are marked."""
ROLES: Final = {
    "main": "the page's main article",
    "sidebar": "another article",
    "teaser": "a title with an excerpt",
    "comment": "what a reader wrote",
    "boilerplate": "everything else",
}
PARTS: Final = ("title", "dek", "byline", "body", "meta")
_NESTED: Final = 6
"""Levels of a thread that are set in."""
_FIRST_WORDS: Final = 60
"""Characters by which a segment without title is listed."""
_MEANT: Final = frozenset("\n\t")
_ASCII: Final = (
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO", "SI", "DLE",
    "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
)  # fmt: skip
_NAMES: Final = {
    0x7F: "DEL", 0x200B: "ZWSP", 0x202A: "LRE", 0x202B: "RLE", 0x202C: "PDF", 0x202D: "LRO", 0x202E: "RLO",
    0x2028: "LSEP", 0x2029: "PSEP", 0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI", 0xFEFF: "BOM",
}  # fmt: skip
"""Format characters that can turn the text around or hide in it; joiners and marks of direction do their work."""


def document(rows: Iterable[Row]) -> str:
    """The HTML page that shows segments: rows of `schema/segment.schema.json` whose texts are their runs, in order.

    Equal rows give equal text.
    """
    pages = _pages(rows)
    several = len(pages) > 1
    title = f"{len(pages):,} pages" if several else pages[0][0]["page"] if pages else "No visible text"
    body = [f"<h1>{_bdi(title)}</h1>", _legend(pages)]
    if several:
        links = (f'<li><a href="#p{k}">{_bdi(page[0]["page"])}</a></li>' for k, page in enumerate(pages, 1))
        body += ['<nav class="pages" aria-label="Pages"><ol>', *links, "</ol></nav>"]
    for k, page in enumerate(pages, 1):
        body += _page(page, k, several)
    return _FRAME.format(title=_attribute(title), version=escape(__version__), style=_STYLE, body="\n".join(body))


def _pages(rows: Iterable[Row]) -> Sequence[Page]:
    """The rows of each page; a page that was captured twice under one path comes twice."""
    pages: list[list[Row]] = []
    for _, group in groupby(rows, lambda row: (row["page"], row["page_id"])):
        for row in group:
            if row["start"] == 0:
                pages.append([])
            pages[-1].append(row)
    return pages


def _legend(pages: Sequence[Page]) -> str:
    """A table of the roles with their numbers, and the parts as they are set."""
    segments = Counter(row["role"] for page in pages for row in page)
    chars: Counter[str] = Counter()
    for page in pages:
        for row in page:
            chars[row["role"]] += len(row["text"])
    whole = max(1, chars.total())
    lines = [
        f'<tr class="{role}"><th scope="row"><span class="role">{role}</span></th><td>{meaning}</td>'
        f"<td>{segments[role]:,}</td><td>{chars[role]:,}</td><td>{chars[role] / whole:.1%}</td></tr>"
        for role, meaning in ROLES.items()
    ]
    unsure = sum(row["confidence"] < UNSURE for page in pages for row in page)
    parts = " ".join(f'<span class="{part}">{part}</span>' for part in PARTS)
    return "\n".join(
        [
            '<table class="legend"><caption>Roles</caption>',
            '<thead><tr><th scope="col">role</th><th scope="col">what it is</th><th scope="col">segments</th>'
            '<th scope="col">characters</th><th scope="col">share</th></tr></thead>',
            "<tbody>",
            *lines,
            "</tbody>",
            f'<tfoot><tr><th scope="row">all</th><td></td><td>{segments.total():,}</td>'
            f"<td>{chars.total():,}</td><td></td></tr></tfoot>",
            "</table>",
            f'<p class="parts">Parts: {parts}. {_UNSURE} marks {n(unsure, "segment")} '
            f"of a confidence under {UNSURE}.</p>",
        ]
    )


_UNSURE: Final = '<strong class="unsure">unsure</strong>'


def _page(page: Page, k: int, several: bool) -> list[str]:
    """A page: its contents, and its segments as sections."""
    first = page[0]
    n_chars = page[-1]["end"]
    head = [f'<h2 id="p{k}">{_bdi(first["page"])}</h2>'] if several else []
    facts = f"{n(len(page), 'segment')}, {n(n_chars, 'character')}; page <code>{escape(first['page_id'][:16])}…</code>"
    comments = {row["position"]: row["start"] for row in page if row["role"] == "comment"}
    level = 3 if several else 2
    return [
        '<article class="page">',
        *head,
        f'<p class="facts">{facts}</p>',
        '<div class="columns">',
        f'<nav class="contents" aria-label="Contents of {_attribute(first["page"])}"><ol>',
        *(_entry(row, k) for row in page),
        "</ol></nav>",
        '<div class="segments">',
        *(_segment(row, k, level, comments) for row in page),
        "</div>",
        "</div>",
        "</article>",
    ]


def _anchor(k: int, start: int) -> str:
    return f"p{k}-{start}"


def _entry(row: Row, k: int) -> str:
    """A segment in the contents."""
    flag = f" {_UNSURE}" if row["confidence"] < UNSURE else ""
    return (
        f'<li class="{row["role"]}"><a href="#{_anchor(k, row["start"])}"><span class="role">{_called(row)}</span> '
        f"{_bdi(_named(row))}</a>{flag}</li>"
    )


def _called(row: Row) -> str:
    """The role with the number that tells apart what has it."""
    number = row["article"] if row["article"] is not None else row["position"]
    return str(row["role"]) if number is None else f"{row['role']} {number}"


def _named(row: Row) -> str:
    """What a segment is listed by: its title, else its author, else its first words."""
    name = row["title"] or (row["role"] == "comment" and row["author"]) or " ".join(row["text"].split())
    return name if len(name) <= _FIRST_WORDS else f"{name[: _FIRST_WORDS - 1].rstrip()}…"


def _segment(row: Row, k: int, level: int, comments: Mapping[int, int]) -> str:
    """A segment with its head line."""
    anchor = _anchor(k, row["start"])
    deep = f" depth-{min(row['depth'], _NESTED)}" if row["depth"] else ""
    title = f" {_bdi(row['title'])}" if row["title"] else ""
    return (
        f'<section class="segment {row["role"]}{deep}" id="{anchor}" aria-labelledby="{anchor}-head">\n'
        f'<h{level} id="{anchor}-head"><a href="#{anchor}" class="role">{_called(row)}</a>{title}</h{level}>\n'
        f'<p class="facts">{" · ".join(_facts(row, k, comments))}</p>\n'
        f'<div class="run" dir="auto">{_run(row)}</div>\n'
        "</section>"
    )


def _facts(row: Row, k: int, comments: Mapping[int, int]) -> list[str]:
    """What is known of a segment, as HTML."""
    facts = [f"by {_bdi(row['author'])}"] if row["author"] else []
    if row["depth"] is not None:
        facts.append(f"depth {row['depth']}")
    parent = row["reply_to"]
    if parent is not None and parent in comments:
        facts.append(f'replies to <a href="#{_anchor(k, comments[parent])}">comment {parent}</a>')
    elif parent is not None:
        facts.append(f"replies to comment {parent}")
    script = f" ({escape(row['script'])})" if row["script"] else ""
    facts.append(f"language {escape(row['language'])}{script}")
    flag = f"{_UNSURE} " if row["confidence"] < UNSURE else ""
    facts.append(f"{flag}confidence {row['confidence']:.2f}")
    if row["truncated"]:
        facts.append("breaks off")
    facts.append(f"characters {row['start']:,} to {row['end']:,}")
    return facts


def _run(row: Row) -> str:
    """The text of a segment, its parts marked."""
    text, start = row["text"], row["start"]
    return "".join(
        _visible(text[part["start"] - start : part["end"] - start])
        if part["part"] == "space"
        else f'<span class="{part["part"]}">{_visible(text[part["start"] - start : part["end"] - start])}</span>'
        for part in row["parts"]
    )


def _bdi(text: str) -> str:
    return f"<bdi>{_visible(text)}</bdi>"


def _visible(text: str) -> str:
    """The text as HTML; what controls instead of being seen is named, with its code point."""
    return "".join(_marked(char) if _is_hidden(char) else escape(char, quote=False) for char in text)


def _attribute(text: str) -> str:
    """The text for where no elements can be: what controls is named in brackets."""
    return escape("".join(f"[{_label(char)}]" if _is_hidden(char) else char for char in text))


def _is_hidden(char: str) -> bool:
    """Whether the character controls instead of being seen, or may not stand in HTML."""
    if " " <= char <= "~":
        return False
    code = ord(char)
    is_none = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
    return (unicodedata.category(char) in ("Cc", "Cs") and char not in _MEANT) or code in _NAMES or is_none


def _label(char: str) -> str:
    code = ord(char)
    return _ASCII[code] if code < len(_ASCII) else _NAMES.get(code) or f"U+{code:04X}"


def _marked(char: str) -> str:
    return f'<b class="control" data-code="{ord(char):x}" title="U+{ord(char):04X}">{_label(char)}</b>'


_STYLE: Final = """\
:root {
  color-scheme: light dark;
  --ink: #1a1a1a; --soft: #555; --paper: #fff; --line: #ccc; --flag: #8a1c00;
  --main: #0072b2; --main-tint: #eaf4fb; --sidebar: #a86400; --sidebar-tint: #fdf3e1;
  --teaser: #00795a; --teaser-tint: #e6f5f0; --comment: #a8467f; --comment-tint: #fbeef5;
  --boilerplate: #767676; --boilerplate-tint: #f4f4f4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e8e8e8; --soft: #b0b0b0; --paper: #16181a; --line: #44484c; --flag: #ffb59e;
    --main: #56b4e9; --main-tint: #14283a; --sidebar: #e69f00; --sidebar-tint: #33270f;
    --teaser: #2fc39b; --teaser-tint: #102e26; --comment: #e08fbd; --comment-tint: #351f2c;
    --boilerplate: #8c8c8c; --boilerplate-tint: #212325;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem 1.25rem 4rem; max-width: 84rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, "Noto Sans", "Noto Sans Arabic", "Noto Sans CJK JP", sans-serif; }
h1 { font-size: 1.4rem; } h2, h3 { font-size: 1rem; margin: 0; }
h1, h2, h3 { line-height: 1.3; overflow-wrap: anywhere; }
.page > h2 { font-size: 1.2rem; margin-top: 2.5rem; padding-top: 1rem; border-top: 2px solid var(--line); }
a { color: inherit; }
.facts, .parts, footer { color: var(--soft); font-size: .85rem; margin: .15rem 0 .5rem; }
.legend { border-spacing: 0; font-size: .9rem; }
.legend caption { text-align: start; font-weight: 600; }
.legend th, .legend td { padding: .25rem .9rem .25rem 0; text-align: start; font-weight: inherit; }
.legend td:nth-child(n+3), .legend th[scope=col]:nth-child(n+3) { text-align: end;
  font-variant-numeric: tabular-nums; }
.legend tbody th { padding-inline-start: .5rem; border-inline-start: 6px var(--rule) var(--edge); }
.legend thead { color: var(--soft); } .legend tfoot > tr > * { border-top: 1px solid var(--line); }
.main, .sidebar, .teaser, .comment { --edge: var(--role); }
.main { --role: var(--main); --tint: var(--main-tint); --rule: solid; }
.sidebar { --role: var(--sidebar); --tint: var(--sidebar-tint); --rule: double; }
.teaser { --role: var(--teaser); --tint: var(--teaser-tint); --rule: dashed; }
.comment { --role: var(--comment); --tint: var(--comment-tint); --rule: dotted; }
.boilerplate { --role: var(--boilerplate); --tint: var(--boilerplate-tint); --rule: solid; --edge: transparent; }
.role { display: inline-block; padding: 0 .45rem; border: 1.5px solid var(--role); border-radius: .25rem;
  background: var(--tint); color: var(--ink); font-size: .8rem; font-weight: 600; line-height: 1.4;
  text-decoration: none; white-space: nowrap; }
.unsure { padding: 0 .3rem; border: 1px dashed var(--flag); border-radius: .25rem; color: var(--flag);
  font-size: .75rem; font-weight: 600; white-space: nowrap; }
.unsure::before { content: "\\26A0\\FE0E\\A0"; }
.contents ol, .pages ol { margin: 0 0 1rem; padding: 0; list-style: none; font-size: .85rem; }
.pages ol { columns: 16rem; }
.contents li { margin: .3rem 0; overflow-wrap: anywhere; }
.contents a, .pages a { text-decoration: none; } .contents a:hover, .pages a:hover { text-decoration: underline; }
.segment { margin: 0 0 1rem; padding: .5rem .9rem .6rem; border-inline-start: 6px var(--rule) var(--edge);
  border-radius: .2rem; background: var(--tint); scroll-margin-top: .5rem; }
.segment:target { outline: 2px solid var(--role); }
.depth-1 { margin-inline-start: 1.5rem; } .depth-2 { margin-inline-start: 3rem; }
.depth-3 { margin-inline-start: 4.5rem; } .depth-4 { margin-inline-start: 6rem; }
.depth-5 { margin-inline-start: 7.5rem; } .depth-6 { margin-inline-start: 9rem; }
.run { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; text-align: start; tab-size: 4; }
.segments { max-width: 50rem; }
.title { font-weight: 700; } .dek { font-style: italic; } .byline { font-variant-caps: small-caps; }
.byline { letter-spacing: .02em; } .meta { color: var(--soft); font-size: .9em; }
.control { padding: 0 .15em; border: 1px solid var(--flag); border-radius: .2em; color: var(--flag);
  font: 600 .75em/1 ui-monospace, monospace; unicode-bidi: isolate; }
.control[data-code="d"] { border-color: transparent; color: var(--soft); }
footer { margin-top: 3rem; }
@media (min-width: 60rem) {
  .columns { display: grid; grid-template-columns: 17rem minmax(0, 1fr); gap: 2rem; align-items: start; }
  .contents { position: sticky; top: 0; max-height: 100vh; overflow-y: auto; padding: .5rem .25rem .5rem 0; }
}
@media print {
  :root { --ink: #000; --soft: #444; --paper: #fff; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  .columns { display: block; }
  .contents { position: static; max-height: none; }
  .segment { background: none; } .segment h2, .segment h3, .segment .facts { break-after: avoid; }
  a { text-decoration: none; }
}"""
_FRAME: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title} – segments</title>
<style>
{style}
</style>
</head>
<body>
{body}
<footer>Made by Broadsheet {version}.</footer>
</body>
</html>
"""
