"""Lays the nodes of a page out as lines: one walk over the tree, without recursion."""

import functools
from typing import Final

from selectolax.lexbor import LexborNode

from broadsheet.read.found import LimitError
from broadsheet.read.html.items import OpenList, OpenRow
from broadsheet.read.html.tags import (
    BOXED,
    BREAK,
    CELL,
    DIVISION,
    HIDDEN,
    ITEM,
    KEPT,
    KINDS,
    LINE,
    LINK,
    LIST,
    NAMES,
    PARAGRAPH,
    PLAIN,
    ROW,
    TEXT,
    UNKNOWN,
    odd_kind,
)

_WORDS_CHARS: Final = 200
_READ_CHARS: Final = 4 * _WORDS_CHARS
_MAX_INDENT: Final = 20
_FEED: Final = "\0"
"""A `<br>` in a run; the parser lets no NUL through."""
_BESIDE, _NEXT, _APART = 0, 1, 2
_GAPS: Final = ("\t", "\n", "\n\n")


def _collapsed(text: str) -> str:
    """The text with each run of ASCII white space as one space, and no white space at its ends."""
    text = text.strip()
    if "\n" in text or "  " in text or "\t" in text or "\r" in text or "\f" in text or "\v" in text:
        return b" ".join(text.encode().split()).decode()
    return text


@functools.lru_cache(maxsize=4096)
def _words(classes: str, name: str) -> str:
    """The words of an element's class and id, as far as they are kept."""
    words = " ".join(f"{classes} {name}".split()).lower()
    return words if len(words) <= _WORDS_CHARS else words[: _WORDS_CHARS + 1].rpartition(" ")[0] or words[:_WORDS_CHARS]


class Layout:
    """The blocks of a page, as `walk` meets them."""

    def __init__(self, hidden: set[int], anchors: set[int], max_depth: int) -> None:
        self.elements: list[tuple[int | None, str, str]] = []
        self._firsts: list[int] = []  # of each element: its first block
        self._gaps: list[int] = []  # of each block: what parts it from the one before
        self._blocks: list[tuple[str, str, int, int, int]] = []  # indent, text, element, code points in links, depth
        self._hidden, self._anchors, self._max_depth = hidden, anchors, max_depth
        # The elements that are open, with their kinds; those of them that are blocks, with their indices where they
        # hold text, else -1.
        self._nodes: list[LexborNode] = []
        self._kinds: list[int] = []
        self._open: list[LexborNode] = []
        self._found: list[int] = []
        # The run of inline text, and which of its pieces stand in a link.
        self._run: list[str] = []
        self._linked: set[int] = set()
        self._links = self._kept = 0
        self._broken = False
        self._gap = _NEXT
        self._lists = [OpenList(None)]
        self._rows: list[OpenRow] = []

    def walk(self, node: LexborNode) -> None:  # noqa: PLR0912 - one loop over all nodes, in which calls would cost
        """Lays out an element with all that it holds.

        Raises: LimitError for elements nested deeper than the limit.
        """
        nodes, kinds, run, hidden = self._nodes, self._kinds, self._run, self._hidden
        kind_of, text, max_depth = KINDS.get, TEXT, self._max_depth
        while True:
            tag = node.tag_id
            if tag == text:
                piece = node.text_content or ""
                if not piece.isspace() or run or self._kept:
                    if self._links:
                        self._linked.add(len(run))
                    run.append(piece)
            else:
                kind = kind_of(tag, UNKNOWN)
                if kind != HIDDEN and not (hidden and node.mem_id in hidden):
                    child = node.first_child
                    if kind:
                        if kind > 0:
                            if run:
                                self._flush()
                            self._open.append(node)
                            self._found.append(-1)
                            if kind == PARAGRAPH:
                                self._gap = _APART
                            elif not self._gap:
                                self._gap = _NEXT
                        if kind not in PLAIN:
                            kind = self._begin(kind, node)
                    if child is not None and kind != HIDDEN:
                        nodes.append(node)
                        kinds.append(kind)
                        if len(nodes) > max_depth:
                            raise LimitError("dom-depth", f"elements are nested deeper than {max_depth}")
                        node = child
                        continue
                    if kind:
                        self._end(kind, node)
            following = node.next
            while following is None:
                if not nodes:
                    return
                node = nodes.pop()
                kind = kinds.pop()
                if kind:
                    self._end(kind, node)
                following = node.next
            node = following

    def _begin(self, kind: int, node: LexborNode) -> int:
        """What an element does where it begins, beyond ending the run of inline text; and its kind."""
        if kind == LINK:
            self._links += node.mem_id not in self._anchors
        elif kind == BREAK:
            self._run.append(_FEED)
            self._broken = True
        elif kind == BOXED:
            if self._run:
                self._run.append(" ")
        elif kind == LIST:
            if len(self._lists) == 1:
                self._gap = _APART
            self._lists.append(OpenList(node))
        elif kind == ITEM:
            self._lists[-1].begin(node, self._gap)
        elif kind == ROW:
            self._rows.append(OpenRow(len(self._blocks), self._gap))
        elif kind == CELL and self._rows:
            self._rows[-1].cell = len(self._blocks)
        elif kind == KEPT:
            self._kept += 1
            self._gap = _APART
        elif kind == UNKNOWN:
            return odd_kind(node)
        return kind

    def _end(self, kind: int, node: LexborNode) -> None:
        """What an element does where it ends."""
        if kind < 0:
            if kind == LINK:
                self._links -= node.mem_id not in self._anchors
            elif kind == BOXED and self._run:
                self._run.append(" ")
            return
        if self._run:
            self._flush()
        self._open.pop()
        index = self._found.pop()
        if kind == PARAGRAPH:
            self._gap = _APART
            return
        if not self._gap:
            self._gap = _NEXT
        if kind == DIVISION:
            if index >= 0 and len(self._blocks) - self._firsts[index] > 1:
                self._gaps[self._firsts[index]] = self._gap = _APART
        elif kind != LINE:
            self._end_part(kind, index)

    def _end_part(self, kind: int, index: int) -> None:
        """What ends with a list, an item, a row, a cell, or an element that keeps its white space."""
        if kind == ITEM:
            current = self._lists[-1]
            current.marker = ""
            self._gap = current.gap if index < 0 else _NEXT
            if index >= 0:
                self._gaps[self._firsts[index]] = current.gap
        elif kind == LIST:
            self._lists.pop()
            self._gap = _APART if len(self._lists) == 1 else _NEXT
        elif kind == CELL:
            if self._rows and index >= 0:
                cell = self._blocks[self._rows[-1].cell :]
                if len(cell) > 1 or "\n" in cell[0][1]:
                    self._rows[-1].flat = False
        elif kind == ROW:
            row = self._rows.pop()
            if index >= 0:
                self._gaps[row.first] = row.gap
                self._gap = _NEXT
                if row.flat:
                    self._gaps[row.first + 1 :] = [_BESIDE] * (len(self._blocks) - row.first - 1)
        else:
            self._kept -= 1
            self._gap = _APART

    def _flush(self) -> None:
        """Ends the run of inline text: it becomes no block, one, or several that two `<br>` part."""
        run, linked = self._run, self._linked
        if self._kept:
            self._emit_kept("".join(run).replace(_FEED, "\n"))
        elif self._broken:
            self._emit_lines()
        else:
            text = _collapsed(run[0] if len(run) == 1 else "".join(run))
            if text:
                n_linked = 0
                if linked:
                    n_linked = len(text) if len(linked) == len(run) else self._n_linked(text, 0, len(run))
                self._emit(text, n_linked)
        run.clear()
        if linked:
            linked.clear()
        self._broken = False

    def _n_linked(self, text: str, start: int, end: int) -> int:
        """Code points within links of the text that these pieces of the run became."""
        run = self._run
        n = 0
        plain = False
        for i in range(start, end):
            if i in self._linked:
                n += len(_collapsed(run[i]))
            elif not plain:
                plain = not run[i].isspace()
        return min(n, len(text)) if plain else len(text)

    def _emit_lines(self) -> None:
        """The blocks of a run with line feeds."""
        run = self._run
        lines: list[str] = []
        linked = start = 0
        for end in [*(i for i, piece in enumerate(run) if piece == _FEED), len(run)]:
            line = _collapsed("".join(run[start:end]))
            if line:
                lines.append(line)
                linked += self._n_linked(line, start, end) if self._linked else 0
            if lines and (not line or end == len(run)):
                self._emit("\n".join(lines), linked)
                lines, linked = [], 0
            if not line and end < len(run):
                self._gap = _APART
            start = end + 1

    def _emit_kept(self, text: str) -> None:
        """The block of a run that keeps its white space; what stands before its first character parts it."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        bare = text.strip()
        if bare:
            lead = text[: len(text) - len(text.lstrip())].rpartition("\n")[2]
            linked = self._n_linked(bare, 0, len(self._run)) if self._linked else 0
            self._emit(bare, linked, lead)

    def _emit(self, text: str, linked: int, lead: str = "") -> None:
        """One block, where the walk stands."""
        owner = self._found[-1]
        if owner < 0:
            owner = self._owner()
        lists = self._lists
        depth = len(lists) - 1
        indent = lead
        if depth or lists[0].marker:
            margin = "  " * min(depth, _MAX_INDENT)
            if "\n" in text:
                text = text.replace("\n", "\n" + margin)
            if lists[-1].marker:
                text = lists[-1].marker + text
                margin = margin[2:]
                for outer in lists:
                    outer.marker = ""
            indent = margin + lead
        self._blocks.append((indent, text, owner, linked, depth))
        self._gaps.append(self._gap)
        self._gap = _BESIDE

    def _owner(self) -> int:
        """Index of the innermost open block-level element, which joins the elements with all that it stands in."""
        found = self._found
        at = len(found)
        while at and found[at - 1] < 0:
            at -= 1
        index = len(self.elements)
        parent = found[at - 1] if at else None
        first = len(self._blocks)
        for node in self._open[at:]:
            given = node.attributes
            words = ""
            if given and ("class" in given or "id" in given):
                words = _words((given.get("class") or "")[:_READ_CHARS], (given.get("id") or "")[:_READ_CHARS])
            self.elements.append((parent, NAMES[node.tag_id], words))
            self._firsts.append(first)
            found[at] = parent = index
            at += 1
            index += 1
        return index - 1

    def text(self) -> tuple[str, list[tuple[int, int, int, int, int]]]:
        """The text of all that was walked, and its blocks."""
        parts: list[str] = []
        blocks = []
        start = 0
        for gap, (indent, text, element, linked, depth) in zip(self._gaps, self._blocks, strict=True):
            before = (_GAPS[gap] + indent if gap else _GAPS[gap]) if parts else indent
            parts += before, text
            start += len(before)
            end = start + len(text)
            blocks.append((start, end, element, linked, depth))
            start = end
        return "".join(parts), blocks
