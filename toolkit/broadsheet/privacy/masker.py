"""Masks and keyed hashes: what a text, an address, a record and a name become."""

import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, partial
from json import dumps, loads
from typing import Any, Final

from broadsheet.errors import CallError
from broadsheet.privacy.settings import Privacy
from broadsheet.text import collapse

Span = tuple[int, int]

MASKS: Final = {"email": "\u2593", "phone": "\u2588", "handle": "\u2592", "ip": "\u2591"}
"""The character that each code point becomes, by kind, so that a mask tells what it covers."""
AUTHOR: Final = "\u2599"
"""What stands for the letters of a name in the head of a comment."""
_INSTEAD: Final = {ord(char): "\u25a0" for char in (*MASKS.values(), AUTHOR)}
"""What such characters of the texts themselves become, so that nothing looks like a mask that is none."""
MASKED: Final = re.compile(f"[{''.join(MASKS.values())}{AUTHOR}]")
"""Finds the characters of masks."""
_RUNS: Final = {kind: re.compile(f"{char}+") for kind, char in {**MASKS, "comment_author": AUTHOR}.items()}
_ADDRESS: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*:)?//(?:(?P<user>[^/?#@]*)@)?(?P<host>[^/?#]*)")
_ESCAPES: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\(.)|[^\\]+|\\", re.DOTALL)
_ADDRESSES: Final = frozenset({"url", "thread"})
"""Properties of records that hold the address of a page."""
_ARTICLES: Final = frozenset({"main", "sidebar", "teaser"})


def masks_in(text: str) -> Iterator[str]:
    """The kind of each mask in a text: one a run of its character."""
    if MASKED.search(text):
        for kind, run in _RUNS.items():
            for _ in run.finditer(text):
                yield kind


class Masker:
    """Puts masks into what is read, by the settings in force. Deterministic: equal text and key, equal result."""

    def __init__(self, settings: Privacy, key: bytes | None = None) -> None:
        """Reads the key, unless it is given. Raises: CallError where it cannot be had."""
        self.settings = settings
        self._key = key or settings.key()

    @staticmethod
    def of(settings: Mapping[str, Any] | None) -> "Masker | None":
        """The masker of settings that `Privacy.to_json` gave, made once a process; None of none."""
        return None if settings is None else _masker(dumps(settings), Privacy.from_json(settings).key())

    def text(self, text: str, host: str | None = None) -> str:
        """The text with masks, as long as it was. `host` tells the region of phone numbers without a country code."""
        if MASKED.search(text):
            text = text.translate(_INSTEAD)
        for kind in self.settings.masks:
            text = _covered(text, self._spans(kind, text, host), MASKS[kind])
        return text

    def _spans(self, kind: str, text: str, host: str | None) -> Iterator[Span]:
        # Compiling what finds them takes longer than a small build may, most of which mask nothing.
        if kind != "phone":
            from broadsheet.privacy import find

            return {"email": find.emails, "handle": find.handles, "ip": find.ips}[kind](text)
        from broadsheet.privacy.phones import phones, region_of

        region = region_of(host)
        return phones(text, (region, *self.settings.regions) if region else self.settings.regions)

    def address(self, url: str) -> str:
        """The address of a page, or a path, with masks: who is named in it is masked, the host stays.

        Numbers count as those of phones with a country code alone: addresses are full of others.
        """
        found = _ADDRESS.match(url)
        if not found:
            return self._in_address(url)
        head = found[0]
        if found["user"] and self.settings.masks:
            head = head[: found.start("user")] + AUTHOR * len(found["user"]) + head[found.end("user") :]
        return head + self._in_address(url[found.end() :])

    def _in_address(self, text: str) -> str:
        if MASKED.search(text):
            text = text.translate(_INSTEAD)
        for kind in self.settings.masks:
            spans = self._spans(kind, text, None)
            wanted = ((a, b) for a, b in spans if kind != "phone" or text[a] in "+\uff0b")
            text = _covered(text, wanted, MASKS[kind])
        return text

    def claims(self, claims: Iterable[tuple[str, str, str]], host: str | None) -> list[tuple[str, str, str]]:
        """What a page says of itself (name, value, where), with masks."""
        return [
            (name, self.address(value) if name == "url" else self.text(value, host), where)
            for name, value, where in claims
        ]

    def record(self, record: Mapping[str, Any], host: str | None) -> dict[str, Any]:
        """A record of the user's own, under our names, with masks in all its texts and names of properties."""
        inside = partial(self._value, host=host)
        masked: dict[str, Any] = {}
        for name, value in record.items():
            is_address = name in _ADDRESSES and isinstance(value, str)
            masked[self._name(name, masked)] = self.address(value) if is_address else inside(value)
        author = record.get("author")
        role = record.get("role") or "main"
        # A role that is none is refused later on, and rests in quarantine with what it says.
        if not (isinstance(role, str) and role in _ARTICLES):
            self._hide(masked, author, host)
        return masked

    def _hide(self, masked: dict[str, Any], author: Any, host: str | None) -> None:
        """Hides who wrote a comment, where that is wanted, or where masks would make two of them one."""
        name = author if isinstance(author, str) else dumps(author, sort_keys=True)
        is_hidden = self.settings.comment_authors != "keep"
        if author is not None and (is_hidden or masked["author"] != author):
            masked["author"] = self.pseudonym(name, host)
        byline = masked.get("byline")
        if is_hidden and isinstance(byline, str):
            shown = self.text(author, host) if isinstance(author, str) else ""
            hidden = byline.replace(shown, AUTHOR * len(shown)) if shown else byline
            masked["byline"] = hidden if hidden != byline else AUTHOR * len(byline)

    def _value(self, value: Any, host: str | None) -> Any:
        if isinstance(value, str):
            return self.text(value, host)
        if isinstance(value, list):
            return [self._value(inner, host) for inner in value]
        if isinstance(value, dict):
            masked: dict[str, Any] = {}
            for name, inner in value.items():
                masked[self._name(name, masked)] = self._value(inner, host)
            return masked
        return value

    def _name(self, name: str, taken: Mapping[str, Any]) -> str:
        """The name of a property with masks: another one than those that are taken."""
        masked = self.text(name)
        while masked in taken:
            masked += "_"
        return masked

    def json_text(self, text: str) -> str:
        """What was meant as JSON and is none, with masks, also where escapes part or hide what they cover."""
        shadow: list[str] = []
        places: list[Span] = []
        for piece in _ESCAPES.finditer(text):
            start, end = piece.span()
            if piece[1] or piece[2]:
                shadow.append(chr(int(piece[1], 16)) if piece[1] else piece[2] if piece[2] in '"\\/' else " ")
                places.append((start, end))
            else:
                shadow.append(piece[0])
                places += ((i, i + 1) for i in range(start, end))
        seen = "".join(shadow)
        masked = self.text(seen)
        pieces: list[str] = []
        for was, now, (start, end) in zip(seen, masked, places, strict=True):
            pieces.append(text[start:end] if was == now else now * (end - start))
        return "".join(pieces)

    def check_names(self, names: Iterable[str]) -> None:
        """Raises: CallError where the names of inputs, by which releases call them, show what is to be masked."""
        wrong = [name for name in names if self.address(name) != name]
        if wrong:
            shown = ", ".join(wrong[:5]) + (f" and {len(wrong) - 5} more" if len(wrong) > 5 else "")
            raise CallError(
                f"a release names its inputs, and these names show what it is to mask: {shown}; rename them"
            )

    def page_id(self, raw: bytes) -> str:
        """The id of a page: a keyed hash of its bytes, since a plain one would let anybody try what a mask covers."""
        return hmac.digest(self._key, b"page\0" + raw, "sha256").hex()

    def pseudonym(self, name: str, host: str | None) -> str:
        """What stands for the author of comments: the same for one name on one site, and another on every other."""
        told = f"author\0{(host or '').lower()}\0{collapse(name)}"
        return f"author-{hmac.digest(self._key, told.encode('utf-8', 'surrogatepass'), 'sha256').hex()[:16]}"


@lru_cache(8)
def _masker(settings: str, key: bytes) -> Masker:
    return Masker(Privacy.from_json(loads(settings)), key)


def _covered(text: str, spans: Iterable[Span], char: str) -> str:
    """The text with the spans covered."""
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        pieces += (text[at:start], char * (end - start))
        at = end
    return "".join((*pieces, text[at:])) if at else text
