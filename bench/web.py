"""Made-up web pages: the crawl's texts in the markup that news sites wrap them in, and archives of them."""

import gzip
import io
from html import escape
from typing import Final

import crawl

_SCRIPT: Final = (
    "<script>" + "window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments)}" * 40 + "</script>"
)
_STYLE: Final = "<style>" + ".teaser__title,.nav > li:hover{margin:0 0 1rem;color:#123456}\n" * 60 + "</style>"


def html(text: str, number: int, writer: crawl.Writer | None = None) -> str:
    """One page: head, navigation, the article, the other blocks as aside, footer, scripts.

    The words of its links are those of `writer`, or else of one for this page alone, which takes long to make.
    """
    writer = writer or crawl.Writer(number)
    main, *asides = text.strip("\n").split("\n\n\n\n")
    links = "".join(
        f'<li class="menu-item menu-item-{i}"><a href="/{word}/"><span>{word.capitalize()}</span></a></li>'
        for i, word in enumerate(writer.words(30))
    )
    cards = "".join(
        f'<div class="card card--small"><a href="/{i}" class="card__link"><img src="/{i}.webp" alt="">'
        f'<h3 class="card__title">{escape(" ".join(writer.words(7)))}</h3></a>'
        f'<span class="card__meta">{i} min</span></div>'
        for i in range(12)
    )
    aside = "".join(f'<aside class="widget related">{_article(block)}</aside>' for block in asides)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Page {number}</title>{_STYLE}{_SCRIPT}'
        f'<link rel="canonical" href="https://site.example/{number}"><meta property="og:title" content="Page {number}">'
        '</head><body class="post-template">'
        f'<header class="site-header"><nav><ul class="menu">{links}</ul></nav></header>'
        f'<main id="content"><article class="post hentry">{_article(main)}</article></main>{aside}'
        f'<section class="more">{cards}</section><footer><p>Contact &amp; imprint</p></footer>{_SCRIPT}</body></html>'
    )


def _article(text: str) -> str:
    title, *paragraphs = (part for part in text.split("\n\n") if part.strip())
    body = "".join(
        f'<p class="wp-block-paragraph">{escape(part.strip())} <a href="/{i}"><em>more</em></a></p>'
        for i, part in enumerate(paragraphs)
    )
    return f'<h1 class="entry-title">{escape(title)}</h1><div class="entry-content">{body}</div>'


def warc(pages: list[bytes]) -> bytes:
    """A WARC of the pages, a gzip member a record."""
    out = io.BytesIO()
    for number, page in enumerate(pages):
        http = (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(page)
            + page
        )
        head = (
            "WARC/1.0\r\nWARC-Type: response\r\n"
            f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012d}>\r\n"
            f"WARC-Date: 2026-03-14T09:30:00Z\r\nWARC-Target-URI: https://site.example/{number}\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
        )
        out.write(gzip.compress(head.encode() + http + b"\r\n\r\n", 6, mtime=0))
    return out.getvalue()
