"""The readings that a line of a page can have, and which may follow which."""

from __future__ import annotations

from typing import Final

STATES: Final = (
    "boilerplate", "title", "dek", "byline", "head_meta", "lead", "body", "subhead", "item", "prompt", "end",
    "teaser_title", "teaser_meta", "excerpt", "speaker", "stamp", "text", "unsigned", "interlude",
)  # fmt: skip
INDEX: Final = {name: i for i, name in enumerate(STATES)}
HEAD: Final = frozenset({"title", "dek", "byline", "head_meta"})
BODY: Final = frozenset({"lead", "body", "subhead", "item"})
ARTICLE: Final = HEAD | {"lead", "body", "subhead", "item", "end"}
TEASER: Final = frozenset({"teaser_title", "teaser_meta", "excerpt"})
COMMENT: Final = frozenset({"speaker", "stamp", "text", "unsigned", "interlude"})
FAMILIES: Final = ("boilerplate", "article", "teaser", "comment")
FAMILY: Final = tuple(
    "article" if s in ARTICLE else "teaser" if s in TEASER else "comment" if s in COMMENT else "boilerplate"
    for s in STATES
)
"""The family of each state; an article's interruption is boilerplate."""

_AFTER_ARTICLE: Final = "boilerplate title lead teaser_title speaker"
_AFTER_COMMENT: Final = "boilerplate title lead teaser_title speaker unsigned"
_MOVES: Final = {
    "boilerplate": "boilerplate title lead teaser_title speaker unsigned",
    "title": "title dek byline head_meta lead",
    "dek": "dek byline head_meta lead",
    "byline": "byline head_meta dek lead",
    "head_meta": "head_meta byline dek lead",
    "lead": f"body subhead item prompt end {_AFTER_ARTICLE}",
    "body": f"body subhead item prompt end {_AFTER_ARTICLE}",
    "subhead": "subhead body item prompt",
    "item": f"body subhead item prompt end {_AFTER_ARTICLE}",
    "prompt": "prompt body subhead item",
    "end": f"end {_AFTER_ARTICLE}",
    "teaser_title": "teaser_title teaser_meta excerpt",
    "teaser_meta": "teaser_meta excerpt boilerplate title lead teaser_title speaker",
    "excerpt": "excerpt teaser_meta boilerplate title lead teaser_title speaker",
    "speaker": "stamp text speaker",
    "stamp": "stamp text speaker",
    "text": f"text interlude {_AFTER_COMMENT}",
    "unsigned": f"text interlude {_AFTER_COMMENT}",
    "interlude": f"interlude {_AFTER_COMMENT}",
}
MOVES: Final = frozenset((INDEX[a], INDEX[b]) for a, after in _MOVES.items() for b in after.split())
"""The pairs of states that may follow one another."""
STARTS: Final = frozenset(INDEX[s] for s in ("boilerplate", "title", "lead", "teaser_title", "speaker", "unsigned"))
ENDS: Final = frozenset(
    INDEX[s]
    for s in ("boilerplate", "lead", "body", "item", "end", "teaser_meta", "excerpt", "text", "unsigned", "interlude")
)
NEVER: Final = -(1 << 24)
"""The score of what must not be."""
