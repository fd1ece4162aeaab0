"""Refuses pages whose parsing would take much time or memory, before they are parsed.

An HTML5 parser takes time that grows with the square of some lengths: of the nesting, of the attributes of one tag,
and of formatting elements that are never closed, since each paragraph opens them anew. Small pages cannot hurt, and
are only counted; the tags of large ones are followed with the rules by which the parser opens and closes elements.
These are told in short: the parser's own stack decides, and the walk over the tree measures its true depth.
"""

import re
from typing import Final

from broadsheet.read.found import LimitError, Limits

_SMALL_TAGS: Final = 2_800
"""So few tags can neither nest nor reopen to more than 2 million elements."""
_FEW_TAGS: Final = 20_000
"""So few tags can nest as they like, for half a second."""
_REOPENED: Final = 2_000_000
_SMALL_CHARS: Final = 400_000
"""So few characters can hold the attributes of one tag, for five seconds."""
_ATTRIBUTES: Final = 30_000
_NAMES: Final = 50_000
_STEPS: Final = 20_000_000


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


_FORMATTING: Final = _set("a b big code em font i nobr s small strike strong tt u")
_VOID: Final = _set(
    "area base basefont bgsound br col embed frame hr image img input keygen link meta param source track wbr"
)
_INLINE: Final = _FORMATTING | _set(
    "abbr acronym area audio bdi bdo br button canvas cite data del dfn embed image img input ins kbd label map mark "
    "math meter object output progress q ruby samp select span sub sup svg textarea time var video wbr"
)
_RAW: Final = _set("iframe noembed noframes script style textarea title xmp")
_MARKERS: Final = _set("applet caption marquee object table td template th html math svg")
"""Elements behind which neither end tags nor formatting are looked for."""
_CLOSED_BY: Final = {
    "li": ("li",),
    "dd": ("dd", "dt"),
    "dt": ("dd", "dt"),
    "td": ("td", "th"),
    "th": ("td", "th"),
    "tr": ("tr",),
    "tbody": ("tbody", "thead", "tfoot"),
    "thead": ("tbody", "thead", "tfoot"),
    "tfoot": ("tbody", "thead", "tfoot"),
    "option": ("option",),
    "optgroup": ("option", "optgroup"),
    "button": ("button",),
    "a": ("a",),
    "nobr": ("nobr",),
    "body": ("body",),
    "html": ("html",),
}
"""What a start tag ends, of the elements that are open."""
_TABLE_PARTS: Final = _set("caption tbody td tfoot th thead tr")
_TABLE: Final = frozenset(("table", "template"))
_P_SCOPE: Final = _MARKERS | {"button"}
_ITEM_SCOPE: Final = _MARKERS | {"ul", "ol", "menu", "dl"}
_HEADINGS: Final = _set("h1 h2 h3 h4 h5 h6")
_EQUAL: Final = 3
"""Of equal formatting elements no more are opened anew."""
_TOKEN: Final = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    r"|<(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*+)"
    r"""(?P<rest>(?:[^>"'=]++|=\s*+(?:"[^"]*+"|'[^']*+')|["'=])*+)(?:>|\Z)""",
    re.DOTALL,
)
_OPENING: Final = re.compile("<[a-zA-Z]")
_TAG: Final = re.compile(r"""<[a-zA-Z/](?:[^>"'=]++|=\s*+(?:"[^"]*+"|'[^']*+')|["'=])*+""")
_FORMATTING_TAG: Final = re.compile(
    "<(?:[bisuBISU]|[eE][mM]|[tT][tT]|[bB][iI][gG]|[fF][oO][nN][tT]|[cC][oO][dD][eE]|[nN][oO][bB][rR]"
    "|[sS](?:[mM][aA][lL][lL]|[tT][rR](?:[oO][nN][gG]|[iI][kK][eE])))[\\s>/]"
)
"""All but links, of which one at most is opened anew."""
_ATTRIBUTE: Final = re.compile(r"""([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']++))?""")


def check(html: str, limits: Limits) -> None:
    """Nothing, for a page that may be parsed.

    Raises: LimitError where it may not.
    """
    n = html.count("<")
    if n <= min(_FEW_TAGS, limits.dom_tags):
        calm = n <= _SMALL_TAGS or n * len(_FORMATTING_TAG.findall(html)) <= _REOPENED
        if calm and (len(html) <= _SMALL_CHARS or sum(map(len, _TAG.findall(html))) <= _SMALL_CHARS):
            return
    if n > limits.dom_tags and len(_OPENING.findall(html)) > limits.dom_tags:
        raise LimitError("dom-tags", f"more than {limits.dom_tags} tags")
    _Weigher(limits).weigh(html)


class _Weigher:
    """Follows the tags of a page as far as its depth and number of elements ask for."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._stack: list[tuple[str, str]] = []  # name, and the whole tag of formatting elements, else ""
        self._opened: dict[str, int] = {}
        self._lost: list[list[tuple[str, str]]] = [[]]  # formatting to open anew, by marker
        self._names: set[str] = set()
        self._merged = self._n = self._n_ends = self._steps = 0

    def weigh(self, html: str) -> None:
        """Reads the tags of a page.

        Raises: LimitError for too many or too deep ones.
        """
        at = 0
        while found := _TOKEN.search(html, at):
            if self._lost[-1] and not html[at : found.start()].isspace() and found.start() > at:
                self._reopen()
            at = found.end()
            name = found["name"]
            if name is None:
                continue
            name = name.lower()
            self._count_names(name, found["rest"])
            if found["end"]:
                self._n_ends += 1
                if self._n_ends > self._limits.dom_tags:
                    raise LimitError("dom-tags", f"more than {self._limits.dom_tags} end tags")
                self._end(name)
                continue
            self._start(name, found[0])
            if name in _RAW and not self._opened.get("svg") and not self._opened.get("math"):
                closing = re.compile(f"</{name}", re.IGNORECASE).search(html, at)
                at = closing.start() if closing else len(html)
            elif name == "plaintext":
                return

    def _count_names(self, name: str, rest: str) -> None:
        """Counts the attributes of a tag, and all names so far that differ."""
        names = [match[1] for match in _ATTRIBUTE.finditer(rest)] if rest else []
        self._names.add(name)
        self._names.update(names)
        if name in ("body", "html"):
            self._merged += len(names)
        if max(len(names), self._merged) > _ATTRIBUTES:
            raise LimitError("dom-tags", f"a tag has more than {_ATTRIBUTES} attributes")
        if len(self._names) > _NAMES:
            raise LimitError("dom-tags", f"tags and attributes have more than {_NAMES} different names")

    def _add(self, entry: tuple[str, str]) -> None:
        self._n += 1
        if self._n > self._limits.dom_tags:
            raise LimitError(
                "dom-tags", f"more than {self._limits.dom_tags} tags, with those that stand for elements opened anew"
            )
        if entry[0] in _VOID:
            return
        self._stack.append(entry)
        self._opened[entry[0]] = self._opened.get(entry[0], 0) + 1
        if entry[0] in _MARKERS:
            self._lost.append([])
        if len(self._stack) > self._limits.dom_depth:
            raise LimitError("dom-depth", f"elements are nested deeper than {self._limits.dom_depth}")

    def _reopen(self) -> None:
        lost, self._lost[-1] = self._lost[-1], []
        for entry in lost:
            self._add(entry)

    def _find(self, names: tuple[str, ...], stops: frozenset[str]) -> int:
        """Where the innermost open element of these names stands in the stack, or -1."""
        if not any(self._opened.get(name) for name in names):
            return -1
        for at in range(len(self._stack) - 1, -1, -1):
            self._steps += 1
            name = self._stack[at][0]
            if name in names:
                if self._steps > _STEPS:
                    raise LimitError("dom-depth", "elements are closed across too many others")
                return at
            if name in stops:
                return -1
        return -1

    def _pop(self, at: int) -> None:
        """Closes all elements from this place of the stack on; formatting among them is opened anew later."""
        lost: list[tuple[str, str]] = []
        while len(self._stack) > at:
            name, tag = self._stack.pop()
            self._opened[name] -= 1
            if name in _MARKERS:
                lost.clear()
                self._lost.pop()
            elif tag:
                lost.append((name, tag))
        if lost:
            lost.reverse()
            equal: dict[tuple[str, str], int] = {}
            for entry in [*self._lost[-1], *lost]:
                equal[entry] = equal.get(entry, 0) + 1
            kept = [entry for entry in [*self._lost[-1], *lost] if equal[entry] <= _EQUAL]
            for entry, n in equal.items():
                if n > _EQUAL:
                    kept.extend([entry] * _EQUAL)
            self._lost[-1] = kept

    def _start(self, name: str, tag: str) -> None:
        if name == "form" and self._opened.get("form"):
            return
        if name in _INLINE:
            if self._lost[-1]:
                self._reopen()
        elif name not in _TABLE_PARTS:
            at = self._find(("p",), _P_SCOPE)
            if at >= 0:
                self._pop(at)
            if name in _HEADINGS and self._stack and self._stack[-1][0] in _HEADINGS:
                self._pop(len(self._stack) - 1)
        closed = _CLOSED_BY.get(name, ())
        stops = _TABLE if name in _TABLE_PARTS else _ITEM_SCOPE
        while closed and (at := self._find(closed, stops)) >= 0:
            if name in _FORMATTING:
                self._close(at)
            else:
                self._pop(at)
        self._add((name, tag if name in _FORMATTING else ""))

    def _close(self, at: int) -> None:
        """Closes one formatting element; what was opened in it stays open."""
        name, _ = self._stack.pop(at)
        self._opened[name] -= 1

    def _end(self, name: str) -> None:
        if name in _FORMATTING:
            for i in range(len(self._lost[-1]) - 1, -1, -1):
                if self._lost[-1][i][0] == name:
                    del self._lost[-1][i]
                    return
        at = self._find((name,), _TABLE if name in _TABLE_PARTS else _MARKERS - {name})
        if at >= 0 and name in _FORMATTING:
            self._close(at)
        elif at >= 0:
            self._pop(at)
