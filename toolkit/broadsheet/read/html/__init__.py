"""HTML pages as visible text with block structure, and what pages say of themselves."""

from broadsheet.read.html.render import PARSER, RENDERER, Rendered, render

__all__ = ["PARSER", "RENDERER", "Rendered", "render"]
