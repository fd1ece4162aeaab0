"""The words that people who write templates use for the parts of a page, and the tags that say the same.

They are the same whatever language a page is in; none is a phrase that a page shows.
"""

from __future__ import annotations

import functools
import re
from typing import Final

VOCABULARY: Final = {
    "comment": "comment comments reply replies respond response discussion feedback disqus reviews guestbook",
    "author": "author byline vcard writer user username avatar contributor fn commenter creator poster",
    "time": "date time posted published timestamp updated datetime permalink pubdate",
    "meta": "meta metadata info details stats postmeta entrymeta",
    "title": "title headline heading hed titre",
    "text": "content body text prose copy richtext wysiwyg markdown",
    "story": "entry story article post hentry main news blogpost single",
    "excerpt": "teaser excerpt summary card preview snippet blurb tile",
    "dek": "dek subtitle standfirst intro lede lead subhead kicker subheading deck",
    "aside": "sidebar aside rail widget secondary complementary tertiary side sidecol",
    "nav": "nav menu navigation navbar breadcrumb breadcrumbs pager pagination toc paging submenu menuitem prevnext",
    "footer": "footer colophon copyright legal bottom foot",
    "header": "header masthead banner topbar logo branding head",
    "related": "related recommend recommended recommendations more also popular trending latest recent similar next "
    "previous mostread yarpp outbrain taboola",
    "share": "share social follow sharing like tweet facebook sharedaddy addthis socials twitter",
    "tags": "tag tags category categories cat label labels topic topics keyword keywords taxonomy",
    "prompt": "newsletter subscribe signup cta promo ad ads advert advertisement sponsor sponsored donate paywall "
    "cookie cookies consent gdpr modal popup subscription dialog alert notice optin",
    "caption": "caption credit figure image gallery photo picture media",
    "form": "form search login input button btn submit field fieldset",
    "list": "list grid feed loop archive items results blogroll",
    "quote": "quote pullquote blockquote cite",
    "bio": "bio about profile authorbox",
    "ping": "pingback pingbacks trackback trackbacks pings ping",
    "hidden": "hidden visually sr screenreader hide skip offscreen",
}
_TAGS: Final = {
    "nav": "nav", "header": "header", "footer": "footer", "aside": "aside", "form": "form", "button": "form",
    "figure": "caption", "figcaption": "caption", "blockquote": "quote", "fieldset": "form", "label": "form",
    "address": "author", "dialog": "prompt", "menu": "nav",
}  # fmt: skip
_REGIONS: Final = ("<article>", "<main>", "<section>", "<table>", "<li>")
_REGION_TAGS: Final = {
    "article": "<article>", "main": "<main>", "section": "<section>", "table": "<table>", "td": "<table>", "li": "<li>",
}  # fmt: skip
FLAGS: Final = (*VOCABULARY, *_REGIONS)
BIT: Final = {name: 1 << i for i, name in enumerate(FLAGS)}
_WHOLE: Final = {word: BIT[name] for name, words in VOCABULARY.items() for word in words.split()}
_INSIDE: Final = tuple((word, bit) for word, bit in _WHOLE.items() if len(word) >= 5)
_WORD: Final = re.compile("[a-z]+")


@functools.lru_cache(maxsize=1 << 16)
def flags_of(tag: str, names: str) -> int:
    """The flags of one element, a bit each."""
    bits = BIT.get(_REGION_TAGS.get(tag, ""), 0) | BIT.get(_TAGS.get(tag, ""), 0)
    for word in set(_WORD.findall(names)):
        bit = _WHOLE.get(word)
        if bit is None and len(word) > 5:
            bit = 0
            for stem, found in _INSIDE:
                if stem in word:
                    bit |= found
        bits |= bit or 0
    return bits
