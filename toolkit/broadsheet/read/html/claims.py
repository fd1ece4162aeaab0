"""What a page says of itself: title, address, language, author, dates, site, description.

Every distinct claim is kept as it is written, with the place where it stood; which of them to believe is decided
elsewhere. Sources: Open Graph (ogp.me), Dublin Core in HTML (DCMI 2008), Highwire (`citation_…`), schema.org as
JSON-LD and as `itemprop` of `<meta>` and `<time>`, HTML's own `<title>`, `<link rel=canonical>` and `lang`.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from selectolax.lexbor import LexborNode

from broadsheet.strict import MAX_DEPTH

_VALUE_CHARS: Final = 2000
_MAX_CLAIMS: Final = 1000
"""A page that says more of itself is cut off here."""
_MAX_TIMES: Final = 50
"""So many unmarked times are looked at."""
CLAIMANTS: Final = 'html[lang],title,meta[content],link[rel~="canonical" i],time,script[type^="application/ld+json" i]'
"""Selects the elements that may make a claim."""
_META: Final = {
    "title": (
        "og:title twitter:title title headline dc.title dcterms.title citation_title parsely-title sailthru.title"
    ),
    "url": "og:url twitter:url parsely-link dc.identifier.uri",
    "language": "og:locale content-language language dc.language dcterms.language citation_language inlanguage",
    "author": (
        "author article:author og:article:author dc.creator dcterms.creator citation_author parsely-author "
        "sailthru.author byl"
    ),
    "published": (
        "article:published_time og:published_time og:article:published_time datepublished dc.date dc.date.issued "
        "dc.date.created dcterms.date dcterms.issued dcterms.created citation_publication_date citation_date "
        "citation_online_date parsely-pub-date sailthru.date pubdate publishdate publish-date publish_date date"
    ),
    "modified": (
        "article:modified_time og:updated_time og:modified_time og:article:modified_time datemodified "
        "dc.date.modified dcterms.modified last-modified lastmod revised"
    ),
    "site": "og:site_name application-name citation_journal_title",
    "description": "description og:description twitter:description dc.description dcterms.description",
}
_META_NAMES: Final = {key: name for name, keys in _META.items() for key in keys.split()}
_KEYS: Final = ("name", "property", "itemprop", "http-equiv")
_ITEM_DATES: Final = {"datepublished": "published", "datecreated": "published", "datemodified": "modified"}
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_OPENING: Final = re.compile(r"(?:\s*(?:/[/*]\s*)?<!\[CDATA\[)?[^\[{]*")
"""What may stand before JSON: old pages hide it from readers of XML."""
_JSON_PIECE: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_SUBJECT: Final = re.compile(r"(?:Article|Posting|Page|Report|Review|NewsArticle)\Z")
_LD_NAMES: Final = (
    ("headline", "title"),
    ("name", "title"),
    ("url", "url"),
    ("inLanguage", "language"),
    ("datePublished", "published"),
    ("dateModified", "modified"),
    ("description", "description"),
)

Claim = tuple[str, str, str]


def claims_of(nodes: Iterable[LexborNode]) -> list[Claim]:
    """The claims (name, value, where) of a page in document order, each once; the nodes are what `CLAIMANTS` selects.

    Of `<time>`, what is marked by `pubdate` or `itemprop` counts, and the first within the header of an article.
    """
    found: dict[Claim, None] = {}
    titled = False
    n_times = 0
    for node in nodes:
        tag = node.tag
        claims: Iterator[Claim] = iter(())
        if tag == "meta":
            claims = _of_meta(node)
        elif tag == "html":
            claims = iter([("language", node.attributes.get("lang") or "", "html:lang")])
        elif tag == "link":
            claims = iter([("url", node.attributes.get("href") or "", "link:canonical")])
        elif tag == "script":
            claims = _of_json(node.text(strip=False))
        elif tag == "title" and not titled and node.parent is not None and node.parent.tag in ("head", "body"):
            titled = True
            claims = iter([("title", node.text(strip=False), "title")])
        elif tag == "time":
            name = _time_name(node)
            if name is None and n_times < _MAX_TIMES:
                n_times += 1
                if _heads_article(node):
                    n_times, name = _MAX_TIMES, "published"
            claims = _of_time(node, name)
        for name, value, where in claims:
            clean = _SURROGATE.sub("\ufffd", " ".join(value[: 4 * _VALUE_CHARS].split())[:_VALUE_CHARS].rstrip())
            if clean:
                found[name, clean, where] = None
        if len(found) > _MAX_CLAIMS:
            break
    return list(found)[:_MAX_CLAIMS]


def _of_meta(node: LexborNode) -> Iterator[Claim]:
    given = node.attributes
    for attribute in _KEYS:
        for key in (given.get(attribute) or "")[:_VALUE_CHARS].lower().split():
            name = _META_NAMES.get(key)
            if name:
                yield name, given.get("content") or "", f"meta:{key}"


def _time_name(node: LexborNode) -> str | None:
    """What a `<time>` is marked to be."""
    given = node.attributes
    if "pubdate" in given:
        return "published"
    marks = (given.get("itemprop") or "")[:_VALUE_CHARS].lower().split()
    return next((_ITEM_DATES[mark] for mark in marks if mark in _ITEM_DATES), None)


def _of_time(node: LexborNode, name: str | None) -> Iterator[Claim]:
    if name:
        value = node.attributes.get("datetime")
        yield (name, value, "time:datetime") if value else (name, node.text(strip=False), "time:text")


def _heads_article(node: LexborNode) -> bool:
    """Whether an element stands in a `<header>` within an `<article>`."""
    above = node.parent
    header = False
    while above is not None:
        header = header or above.tag == "header"
        if above.tag == "article":
            return header
        above = above.parent
    return False


def _nests(text: str) -> bool:
    """Whether JSON is nested deeper than is read: counted here, since the parser's own limit moves with its caller."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth = 0
    for piece in _JSON_PIECE.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(piece[0], 0)
        if depth > MAX_DEPTH:
            return True
    return False


def _of_json(text: str) -> Iterator[Claim]:
    """The claims of a JSON-LD script; of a broken one none."""
    start = _OPENING.match(text)
    if start is None or _nests(text):
        return
    try:
        root = json.JSONDecoder(strict=False).raw_decode(text, start.end())[0]
    except (ValueError, RecursionError):
        return
    things = list(_things(root))
    named = {thing["@id"]: thing for thing in things if isinstance(thing.get("@id"), str) and "name" in thing}
    for thing in things:
        yield from _of_thing(thing, named)


def _things(root: Any) -> Iterator[dict[str, Any]]:
    """The objects that a script is about, in order: what is listed, not what is mentioned."""
    pending = [root]
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending.extend(reversed(value))
        elif isinstance(value, dict):
            yield value
            pending.extend(value[key] for key in ("mainEntity", "mainEntityOfPage", "@graph") if key in value)


def _strings(value: Any) -> Iterator[str]:
    """The string that a value is, or the strings in a list of them."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield one


def _called(value: Any, named: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The names of a person or publisher, or of several: strings, objects, or references to objects."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            known = one if "name" in one else named.get(str(one.get("@id")), {})
            yield from _strings(known.get("name"))
        elif isinstance(one, str):
            yield one


def _of_thing(thing: dict[str, Any], named: dict[str, dict[str, Any]]) -> Iterator[Claim]:
    types = list(_strings(thing.get("@type")))
    if "WebSite" in types:
        for value in _strings(thing.get("name")):
            yield "site", value, "json-ld:name"
    if not any(_SUBJECT.search(type_) for type_ in types):
        return
    for key, name in _LD_NAMES:
        for value in _strings(thing.get(key)):
            yield name, value, f"json-ld:{key}"
    page = thing.get("mainEntityOfPage")
    for value in _strings(page.get("@id") if isinstance(page, dict) else page):
        yield "url", value, "json-ld:mainEntityOfPage"
    for value in _called(thing.get("author"), named):
        yield "author", value, "json-ld:author"
    for value in _called(thing.get("publisher"), named):
        yield "site", value, "json-ld:publisher"
