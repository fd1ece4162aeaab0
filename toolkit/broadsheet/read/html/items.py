"""Lists and table rows that are open while a page is laid out."""

import re
from typing import Final

from selectolax.lexbor import LexborNode

_INTEGER: Final = re.compile(r"[ \t\n\f\r]*([+-]?[0-9]{1,9})")


class OpenList:
    """An open list: the marker and number of its current item, and what parts that from what is before it."""

    __slots__ = ("gap", "marker", "number", "ordered", "step")

    def __init__(self, node: LexborNode | None) -> None:
        self.ordered = node is not None and node.tag == "ol"
        self.marker = ""
        self.gap = 1
        self.number = self.step = 1
        if node is not None and self.ordered:
            given = node.attributes
            if "reversed" in given:
                self.step = -1
                self.number = sum(child.tag == "li" for child in node.iter())
            self.number = _integer(given.get("start"), self.number)

    def begin(self, node: LexborNode, gap: int) -> None:
        """An item begins."""
        self.gap = gap
        self.marker = "• "
        if self.ordered:
            number = _integer(node.attributes.get("value"), self.number)
            self.marker = f"{number}. "
            self.number = number + self.step


class OpenRow:
    """An open row: its first block, that of its current cell, and whether all cells so far are single lines."""

    __slots__ = ("cell", "first", "flat", "gap")

    def __init__(self, first: int, gap: int) -> None:
        self.first = self.cell = first
        self.gap = gap
        self.flat = True


def _integer(value: str | None, default: int) -> int:
    found = _INTEGER.match(value or "")
    return int(found[1]) if found else default
