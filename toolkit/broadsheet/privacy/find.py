"""Where e-mail addresses, handles and IP addresses stand in a text. Each function gives spans in order, disjoint."""

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

Span = tuple[int, int]

_AT: Final = re.compile("[@\uff20\ufe6b]|%40")
# RFC 5322's atoms, and letters of every script (RFC 6531).
_LOCAL: Final = re.compile(r"[\w!#$%&'*+\-=?^`{|}~](?:[\w.!#$%&'*+\-=?^`{|}~]*[\w!#$%&'*+\-=?^`{|}~])?\Z")
_QUOTED: Final = re.compile(r'"[^"\n\\]{1,64}"\Z')
_DOMAIN: Final = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?:xn--[a-z0-9-]{2,59}|[^\W\d_]{2,24})(?![\w-])", re.I)
_LITERAL: Final = re.compile(r"\[(?:IPv6:)?[0-9A-Fa-f:.]{3,45}\]")
_FILES: Final = re.compile(r"png|jpe?g|gif|webp|svg|avif|css|js|json|html?|php|pdf|ico", re.IGNORECASE)
"""What ends a file's name, such as that of a picture for large screens: `logo@2x.png`."""
_SPOKEN: Final = re.compile(
    r"(?<![\w.])[\w.+-]{1,64}\s?[\[({<]\s?(?:at|ät|arroba|chez|@)\s?[\])}>]\s?"
    r"(?:[\w-]{1,63}(?:\s?[\[({<]\s?(?:dot|punkt|point|punto)\s?[\])}>]\s?|\.))+[^\W\d_]{2,24}(?!\w)",
    re.IGNORECASE,
)
_SPOKEN_AT: Final = re.compile(r"[\[({<]\s?(?:at|ät|arroba|chez|@)\s?[\])}>]", re.IGNORECASE)
_LOCAL_CHARS: Final = 64


def emails(text: str) -> Iterator[Span]:
    """E-mail addresses, also of other scripts, percent-encoded, or written `name [at] host [dot] org`."""
    found: list[Span] = []
    is_there = any(sign in text for sign in ("@", "%40", "\uff20", "\ufe6b"))
    for at in _AT.finditer(text) if is_there else ():
        begin = max(at.start() - _LOCAL_CHARS, 0, found[-1][1] if found else 0)
        before = text[begin : at.start()]
        local = _QUOTED.search(before) or _LOCAL.search(before)
        domain = _DOMAIN.match(text, at.end())
        if domain and _FILES.fullmatch(domain[0].rpartition(".")[2]):
            continue
        domain = domain or _LITERAL.match(text, at.end())
        if local and domain:
            start = begin + local.start()
            # What a sign begins in an address, or a scheme, is none of the name.
            name = re.match(r"(?:[\w.-]*[=?&]|mailto:|['`{|]+)+(?=\w)", text[start : at.start()])
            found.append((start + (name.end() if name else 0), domain.end()))
    if _SPOKEN_AT.search(text):
        spoken = (match.span() for match in _SPOKEN.finditer(text))
        found += [span for span in spoken if not any(a < span[1] and span[0] < b for a, b in found)]
        found.sort()
    yield from found


# Not within words, behind another sign or as part of a name of packages (`@types/node`).
_HANDLE: Final = re.compile(
    r"(?<![\w@\uff20!#$%&*+=^`{|}~-])[@\uff20](?!\d{1,2}(?:[ap]m|h)?(?!\w))(?P<name>\w(?:[\w.-]{0,62}\w)?)"
    r"(?:@(?P<host>(?:[^\W_][\w-]{0,62}\.)+[^\W\d_]{2,24}))?"
)
_CODE: Final = re.compile(
    r"media|import|charset|font-.*|keyframes|supports|page|namespace|layer|container|property|counter-style|document|"
    r"viewport|apply|include|mixin|extend|tailwind|use|forward|function|returns?|param|throws|author|see|since|-webkit.*|"
    r"deprecated|version|example|link|private|public|override|test|autowired|bean|component|entity|staticmethod|"
    r"classmethod|abstractmethod|dataclass|cached_property|contextmanager|suppresswarnings|functionalinterface|"
    r"safevarargs|nullable|notnull|interface|protocol|synthesize|implementation|end|selector|autoreleasepool",
    re.IGNORECASE,
)
"""Words behind `@` in style sheets, decorators, annotations and comments of code."""


def handles(text: str) -> Iterator[Span]:
    """Names behind `@`, of any script, with the host that may follow (`@anna@social.example`)."""
    if "@" not in text and "\uff20" not in text:
        return
    for match in _HANDLE.finditer(text):
        start, end = match.span()
        if match["host"] is None:
            if _CODE.fullmatch(match["name"]):
                continue
            behind = text[end : end + 2]
            before = text[start - 1 : start]
            if before != "/" and behind[:1] == "/" and behind[1:].isalnum():
                continue
            if before not in ("", " ") and behind[:1] in ("(", ";", "{"):
                continue
        yield start, end


_IPV4: Final = re.compile(
    r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\w|\.\d)", re.ASCII
)
_VERSION: Final = re.compile(
    r"(?:\b(?:v|ver|vers|version|versión|versione|versie|release|build|firmware|revision|rev|update|chrome|firefox|"
    r"safari|android|windows|ios|sdk|driver|section|chapter|para|article|art)|§|версия|версії|版本|バージョン|الإصدار)"
    r"[.:]?\s{0,2}\Z",
    re.IGNORECASE,
)
_TWO_COLONS: Final = re.compile(r":[0-9A-Fa-f]{0,4}:")
_THREE_POINTS: Final = re.compile(r"\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]")
_COLONS: Final = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{0,36}", re.ASCII)


def ips(text: str) -> Iterator[Span]:
    """Addresses of IPv4 and IPv6, with validity decided by `ipaddress`; numbers of versions are none."""
    found: list[Span] = []
    if _TWO_COLONS.search(text):
        for match in _COLONS.finditer(text):
            written = match[0].rstrip(".")
            written = written[:-1] if written.endswith(":") and not written.endswith("::") else written
            if _is_ipv6(written):
                found.append((match.start(), match.start() + len(written)))
    for match in _IPV4.finditer(text) if _THREE_POINTS.search(text) else ():
        if any(a <= match.start() < b for a, b in found):
            continue
        if not _VERSION.search(text[max(match.start() - 16, 0) : match.start()]):
            found.append(match.span())
    yield from sorted(found)


def _is_ipv6(text: str) -> bool:
    """True for an address; `a::b` of program code, and `::` alone, are none to anybody who reads them."""
    if sum(char.isdigit() for char in text) < 1 or len(text) < 6:
        return False
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True
