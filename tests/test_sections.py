"""Articles of many sections: what stands under the page's own title is one article, and what does not is none of it."""

from collections.abc import Sequence

import numpy as np
import pytest

from broadsheet.read.found import Limits
from broadsheet.read.html import render
from broadsheet.segment import Page
from broadsheet.segment.sections import join_sections
from broadsheet.segment.settle import Line
from broadsheet.segment.tree import Trees

SAID = "The river rose by two metres during the night, and by dawn the lower meadow had become a lake again."
"""A paragraph that is long enough to count as text."""
MENU = "<ul>" + "".join(f"<li><a href='/{n}'>Place {n}</a></li>" for n in range(20)) + "</ul>"


def read(html: str, *states: str) -> list[str]:
    """The states of a page's lines as they settle, from those given for its lines in order."""
    rendered = render(f"<title>The five mills</title>{html}", Limits())
    titles = [value for name, value, _ in rendered.claims if name == "title"]
    page = Page(rendered.text, rendered.elements, rendered.blocks, titles)
    shown = [page.text[start:end] for start, end, *_ in page.blocks]
    assert len(shown) == len(states), shown
    words = [len(text.split()) for text in shown]
    tree = Trees([page], np.array(words, np.float64), np.array([n > 9 for n in words])).tree(0)
    lines = [
        Line(start, start, end, 0, 0, n, state, 100)
        for (start, end, *_), n, state in zip(page.blocks, words, states, strict=True)
    ]
    settled = join_sections(lines, tree, list(range(len(lines))))
    assert [line._replace(state="") for line in settled] == [line._replace(state="") for line in lines]
    return [line.state for line in settled]


def article(*sections: str, title: str = "<h1>The five mills</h1>") -> str:
    return f"<main>{title}<div><p>{SAID}</p>{''.join(sections)}</div></main>"


def section(head: str = "<h2>Upper mill</h2>", more: str = "") -> str:
    return f"<section>{head}{more}<p>{SAID}</p></section>"


@pytest.mark.parametrize(
    "states",
    [("title", "lead"), ("teaser_title", "excerpt"), ("speaker", "text"), ("unsigned", "text")],
)
def test_headings_under_the_title_are_subheads(states: Sequence[str]) -> None:
    """Whatever its chain was read as, a section under the page's own title is a part of its article."""
    assert read(article(section(), section()), "title", "lead", *states, *states) == [
        "title", "lead", "subhead", "body", "subhead", "body"
    ]  # fmt: skip


def test_what_stands_between_sections_interrupts() -> None:
    """Lines of no reading between two sections of an article interrupt it, so that it keeps one number."""
    html = article(section(), "<ul><li><a href='/x'>Book</a></li></ul>", section())
    states = ("title", "lead", "title", "lead", "boilerplate", "title", "lead")
    assert read(html, *states) == ["title", "lead", "subhead", "body", "prompt", "subhead", "body"]


def test_what_stands_side_by_side_with_paragraphs_is_of_the_article() -> None:
    """Short lines in the element that holds the paragraphs are items of the article, but for links."""
    lines = [f"<p>{SAID}</p>", "<p>Place: Orrin</p>", f"<p>{SAID}</p>", "<p><a href='/x'>Buy a ticket</a></p>"]
    html = article(*lines, f"<p>{SAID}</p>")
    states = ("title", "lead", "body", "prompt", "body", "prompt", "body")
    assert read(html, *states) == ["title", "lead", "body", "item", "body", "prompt", "body"]


def test_a_first_heading_that_was_overlooked() -> None:
    """A page's only heading of the first rank is its title, where sections follow; without any it stays what it was."""
    html = article(section(), section())
    states = ("boilerplate", "lead", "title", "lead", "title", "lead")
    assert read(html, *states) == ["title", "body", "subhead", "body", "subhead", "body"]
    apart = f"<h1>The five mills</h1><aside>{section()}</aside>"
    assert read(apart, "boilerplate", "title", "lead") == ["boilerplate", "title", "lead"]


@pytest.mark.parametrize(
    "html",
    [
        pytest.param(article(section("<h2><a href='/x'>Upper mill</a></h2>")), id="a linked heading"),
        pytest.param(article(section("<h1>Upper mill</h1>")), id="a heading of the same rank"),
        pytest.param(article() + f"<aside>{section()}</aside>", id="outside of the content"),
        pytest.param(article(f"<aside>{section()}</aside>"), id="an aside"),
        pytest.param(article(f"<div class='related'>{section()}</div>"), id="what is named related"),
        pytest.param(MENU + article(title="") + section(), id="no heading of the first rank"),
    ],
)
def test_what_is_no_section(html: str) -> None:
    """Links, headings of the same rank, and what the tree or its names put apart stay what they were."""
    before = [*["boilerplate"] * 20, "lead"] if html.startswith(MENU) else ["title", "lead"]
    assert read(html, *before, "title", "lead") == [*before, "title", "lead"]


def test_signed_articles_of_a_list_stay_apart() -> None:
    """What has a byline under its own heading is an article, though it stands below the page's title."""
    signed = section(more="<p>By Hanna Voss</p>")
    states = ("title", "lead", "title", "byline", "lead", "title", "byline", "lead")
    assert read(article(signed, signed), *states) == list(states)
