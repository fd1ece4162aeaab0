"""Visible text of an HTML page with its block structure.

The page is parsed as HTML5 by lexbor; its tree is walked once. What is laid out is what a browser without style
sheets and scripts would show: inline elements run together, white space collapses, blocks stand on lines of their own.

- A block is a run of inline content: of a paragraph, a heading, an item, a cell, or of an element that also holds
  blocks. Two `<br>` in a row part blocks, one is a line feed within a block.
- Blocks are parted by one empty line; items, rows and small divisions by a line feed, cells of a row by a tab where
  each holds one line.
- Items begin with `• ` or their number and `. `, which belong to the block; two spaces a level, and what follows in
  an item stands under it. An item whose first content is another list has no marker of its own.
- `<noscript>` is shown, since no script runs: some sites serve all they have in it.
- ASCII white space collapses, the vertical tab included; all other white space stays, save at the ends of a block.
"""

from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from broadsheet.read.found import Limits
from broadsheet.read.html.claims import CLAIMANTS, claims_of
from broadsheet.read.html.guard import check
from broadsheet.read.html.layout import Layout
from broadsheet.read.html.tags import CONCEALED, conceals

PARSER: Final = "selectolax"
"""The distribution that parses."""
RENDERER: Final = "1"
"""Version of what is written for a page; golden files freeze it."""


_SELECTED: Final = f"{CLAIMANTS},{CONCEALED}"
_UNSEEN: Final = frozenset(("link", "meta", "script", "title"))
_CLAIMING: Final = _UNSEEN | {"html", "time"}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page's visible text, its structure, and what it says of itself.

    The blocks are disjoint, in order, none is empty or begins or ends with white space, and between them is only
    white space.
    """

    text: str
    elements: list[tuple[int | None, str, str]]
    """(index of the parent or None, tag, words of class and id in lower case) of each block-level element that holds
    visible text, in document order."""
    blocks: list[tuple[int, int, int, int, int]]
    """(start, end in code points of the text, index of its element, code points within links, depth of lists)."""
    claims: list[tuple[str, str, str]]
    """(name, value, where it stood)."""


def render(html: str, limits: Limits) -> Rendered:
    """The visible text of a decoded page.

    Raises: LimitError where the page holds more tags, or nests deeper, than the limits allow.
    """
    check(html, limits)
    parser = LexborHTMLParser(html, options=LexborDocumentOptions.WO_EVENTS, scripting=False)
    hidden: set[int] = set()
    anchors: set[int] = set()
    claimants: list[LexborNode] = []
    for node in parser.css(_SELECTED):
        tag = node.tag
        if tag in _CLAIMING:
            claimants.append(node)
        if tag not in _UNSEEN and conceals(node):
            hidden.add(node.mem_id)
        elif tag == "a":
            anchors.add(node.mem_id)
    layout = Layout(hidden, anchors, limits.dom_depth)
    if parser.root is not None:
        layout.walk(parser.root)
    text, blocks = layout.text()
    return Rendered(text, layout.elements, blocks, claims_of(claimants))
