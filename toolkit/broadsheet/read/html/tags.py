"""What each HTML element does to the text around it: after browsers' default styles.

A kind is an int, since the renderer asks for one at every node: 0 is inline, positive kinds begin and end blocks
(`LINE` and `PARAGRAPH` do nothing else), negative ones are inline and special.
"""

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

INLINE: Final = 0
LINE: Final = 1
"""On lines of its own."""
PARAGRAPH: Final = 2
"""An empty line before and after it."""
DIVISION: Final = 3
"""On lines of its own, and parted by empty lines where it holds more than one block."""
LIST: Final = 4
ITEM: Final = 5
ROW: Final = 6
CELL: Final = 7
KEPT: Final = 8
"""Keeps its white space."""
HIDDEN: Final = -1
BREAK: Final = -2
LINK: Final = -3
UNKNOWN: Final = -5
"""What `odd_kind` must tell."""
PLAIN: Final = frozenset((INLINE, LINE, PARAGRAPH, DIVISION))
"""Kinds of which only the bounds matter."""
BOXED: Final = -4
"""A control within a line: never one word with what stands beside it."""

_NAMES: Final = {
    INLINE: (
        "abbr acronym applet area audio b base basefont bdi bdo bgsound big cite code col colgroup data del dfn em "
        "embed font i img input ins kbd keygen label link map mark math meta meter nobr object optgroup output param "
        "picture q ruby rb rt rtc s samp select slot small source span strike strong sub sup time tt track u var wbr "
        "mi mo mn ms mtext mglyph malignmark foreignobject frame"
    ),
    LINE: (
        "html body address caption dd dt figcaption form frameset legend marquee optgroup summary tbody tfoot thead "
        "hgroup search"
    ),
    PARAGRAPH: (
        "article aside blockquote details dialog dl fieldset figure footer h1 h2 h3 h4 h5 h6 header hr main nav p "
        "section table"
    ),
    DIVISION: "div center noscript",
    LIST: "ul ol menu dir",
    ITEM: "li",
    ROW: "tr",
    CELL: "td th",
    KEPT: "pre listing xmp plaintext textarea",
    HIDDEN: (
        "head title script style template svg iframe datalist option noembed noframes rp "
        "audio canvas video progress meter annotation-xml"
    ),
    BREAK: "br",
    LINK: "a",
    BOXED: "button",
}
_HIDDEN_ODD: Final = frozenset(("annotation",))


def _kinds() -> tuple[dict[int, int], dict[int, str]]:
    """The kind and the name of each element that the parser numbers alike in all documents."""
    parser = LexborHTMLParser("x")
    numbered = {name: parser.create_node(name).tag_id for names in _NAMES.values() for name in names.split()}
    kinds = {numbered[name]: kind for kind, names in _NAMES.items() for name in names.split()}
    return kinds, {number: name for name, number in numbered.items()}


KINDS, NAMES = _kinds()
"""Kind and name by the parser's number; elements that it does not know have a number of the document's."""
TEXT: Final = next(node.tag_id for node in LexborHTMLParser("x").css("body")[0].iter(include_text=True))


def odd_kind(node: LexborNode) -> int:
    """The kind of an element that is not in `KINDS`: inline, as browsers lay out what they do not know."""
    return HIDDEN if node.tag in _HIDDEN_ODD else INLINE


CONCEALED: Final = '[hidden],[popover],dialog:not([open]),[style*="display" i],[style*="visibility" i],a:not([href])'
"""Selects what `conceals` judges, and anchors that are no links."""
_STREAMED: Final = re.compile(r"S:[0-9a-f]+\Z")
"""Ids under which React's server streams content, hidden until a script puts it in its place: often the article."""
_STYLE: Final = re.compile(r"(?:^|;)\s*(display|visibility)\s*:\s*([a-z-]+)", re.IGNORECASE)


def conceals(node: LexborNode) -> bool:
    """Whether the attributes of an element hide it: no style sheet is read, and no script run."""
    given = node.attributes
    if "hidden" in given:
        return _STREAMED.match(given.get("id") or "") is None
    if "popover" in given or (node.tag == "dialog" and "open" not in given):
        return True
    style = {name.lower(): value.lower() for name, value in _STYLE.findall(given.get("style") or "")}
    return style.get("display") == "none" or style.get("visibility") in ("hidden", "collapse")
