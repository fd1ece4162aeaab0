"""HTML pages become their visible text with block structure, whatever stands in them.

`BROADSHEET_UPDATE=1 pytest tests/test_html.py` writes the golden files anew: only when `RENDERER` moves too.
"""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sites import limited

from broadsheet.read.found import LimitError, Limits
from broadsheet.read.html import RENDERER, Rendered, render

GOLDEN = Path(__file__).parent / "golden" / "html"
LIMITS = Limits()


def _text(html: str) -> str:
    return render(html, LIMITS).text


def _check(page: Rendered) -> None:
    """The blocks tile what is visible, and their elements are a forest in document order."""
    end = 0
    for start, stop, element, linked, depth in page.blocks:
        assert page.text[end:start].strip() == ""
        assert start < stop
        block = page.text[start:stop]
        assert block == block.strip()
        assert 0 <= element < len(page.elements)
        assert 0 <= linked <= len(block)
        assert depth >= 0
        end = stop
    assert page.text[end:] == ""
    for i, (parent, tag, words) in enumerate(page.elements):
        assert parent is None or 0 <= parent < i
        assert tag == tag.lower()
        assert words == " ".join(words.split())
        assert len(words) <= 200
    held = {element for _, _, element, _, _ in page.blocks}
    for i in range(len(page.elements) - 1, -1, -1):
        assert i in held
        parent = page.elements[i][0]
        if parent is not None:
            held.add(parent)
    assert len(set(page.claims)) == len(page.claims)
    json.dumps([page.text, page.claims, page.elements], ensure_ascii=False).encode()


@pytest.mark.parametrize("page", sorted(GOLDEN.glob("*.html")), ids=lambda page: page.stem)
def test_golden(page: Path) -> None:
    """Made-up pages become, code point by code point, what they became when this renderer was released."""
    found = render(page.read_text(encoding="utf-8"), LIMITS)
    _check(found)
    now: dict[str, Any] = {
        "renderer": RENDERER,
        "text": found.text.split("\n"),
        "elements": [list(element) for element in found.elements],
        "blocks": [list(block) for block in found.blocks],
        "claims": [list(claim) for claim in found.claims],
    }
    expected = page.with_suffix(".json")
    if os.environ.get("BROADSHEET_UPDATE"):
        lines = [f' "renderer": {json.dumps(RENDERER)}']
        for key in ("text", "elements", "blocks", "claims"):
            rows = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in now[key])
            lines.append(f' "{key}": [\n{rows}\n ]')
        expected.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    assert now == json.loads(expected.read_text(encoding="utf-8"))


LAYOUT = {
    "paragraphs": ("<p>a<p>b<h2>c</h2>d", "a\n\nb\n\nc\n\nd"),
    "white space collapses across inline elements": ("<p> a <b> b</b>\n\t<i>c </i> d", "a b c d"),
    "other spaces stay": ("<p>a\u00a0\u00a0b\u2003 \u2003c\u200bd", "a\u00a0\u00a0b\u2003 \u2003c\u200bd"),
    "but not at the ends": ("<p>\u00a0a\u3000</p><p>&nbsp;</p>", "a"),
    "a break is a line feed": ("<p>a <br> b<br/>c", "a\nb\nc"),
    "two breaks part blocks": ("<div>a<br><br>b<br> <br><br>c<br></div>", "a\n\nb\n\nc"),
    "an empty line of a division": ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
    "divisions stand on lines": ("<div>a</div><div>b</div>", "a\nb"),
    "divisions of several blocks stand apart": (
        "<div><div>a</div><div>b</div></div><div><div>c</div><div>d</div></div>",
        "a\nb\n\nc\nd",
    ),
    "text among blocks": ("<div>a<p>b</p>c <b>d</b><div>e</div>f</div>", "a\n\nb\n\nc d\ne\nf"),
    "blocks in inline elements": ("<span>a<div>b</div>c</span>", "a\nb\nc"),
    "lists": ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>", "• a\n• b\n  • c\n• d"),
    "numbers": ("<ol start=3><li>a<li value=-7>b<li>c<li value=x>d</ol>", "3. a\n-7. b\n-6. c\n-5. d"),
    "numbers backwards": (
        "<ol reversed><li>a<li>b</ol><ol reversed start=9><li>a<li>b</ol>",
        "2. a\n1. b\n\n9. a\n8. b",
    ),
    "what follows in an item": ("<ul><li>a<br>b<p>c<p>d<li>e</ul>", "• a\n  b\n\n  c\n\n  d\n• e"),
    "paragraphs in items": ("<p>x<ul><li><p>a</p><li><p>b</p></ul>y", "x\n\n• a\n• b\n\ny"),
    "an item that begins with a list": ("<ul><li><ul><li>a</ul>b</ul>", "  • a\n  b"),
    "items without a list": ("<div><li>a<li>b</div>", "• a\n• b"),
    "rows": ("<table><tr><td>a<td><p>b</p><td><tr><th>c<td>d</table>e", "a\tb\nc\td\n\ne"),
    "cells of several lines": ("<table><tr><td>a<br>b<td>c</table>", "a\nb\nc"),
    "cells of several blocks": ("<table><tr><td><p>a<p>b<td>c</table>", "a\n\nb\n\nc"),
    "definitions": ("<dl><dt>a<dd>b<dt>c<dd>d</dl>", "a\nb\nc\nd"),
    "kept white space": ("<p>x<pre>\n  a\n\n   b  c\n</pre>y", "x\n\n  a\n\n   b  c\n\ny"),
    "kept white space in an item": ("<ul><li><pre>a\n b</pre></ul>", "• a\n   b"),
    "line ends": ("<pre>a\r\nb\rc&#13;d</pre>", "a\nb\nc\nd"),
    "a rule": ("a<hr>b", "a\n\nb"),
    "controls": ("<button>a</button><button>b</button><label>c</label><legend>d</legend>", "a b c\nd"),
    "word breaks": ("a<wbr>b&shy;c", "ab\u00adc"),
    "visible": (
        "<figure><figcaption>a</figcaption></figure><details><summary>b</summary>c</details><p aria-hidden=true>d",
        "a\n\nb\nc\n\nd",
    ),
}


@pytest.mark.parametrize(("html", "text"), LAYOUT.values(), ids=LAYOUT)
def test_layout(html: str, text: str) -> None:
    """Each element does to the text around it what browsers do, in lines."""
    page = render(html, LIMITS)
    _check(page)
    assert page.text == text


HIDDEN = [
    "<script>x</script>", "<style>x</style>", "<template>x</template>",
    "<svg><text>x</text><svg>x</svg></svg>", "<iframe>x</iframe>", "<p hidden>x", "<p hidden=until-found><b>x</b>",
    "<p style='display:none'>x", "<p style='color:red; DISPLAY : None'>x", "<p style='visibility:hidden'>x",
    "<dialog>x</dialog>", "<datalist><option>x</datalist>", "<select><optgroup label=x><option>x</select>",
    "<!-- x -->", "<input value=x>", "<input type=hidden value=x>", "<img alt=x title=x>", "<video>x</video>",
    "<canvas>x</canvas>", "<div popover>x</div>", "<ruby><rp>x</rp></ruby>", "<object><param value=x></object>",
    "<title>x</title>", "<math><annotation>x</annotation></math>", "<meta content=x>", "<noframes>x</noframes>",
    "<div hidden><div hidden>x</div><p>x</div>", "<?x x?>", "<![CDATA[x]]>", "<p style='display:block;display:none'>x",
]  # fmt: skip


@pytest.mark.parametrize("html", HIDDEN)
def test_hidden(html: str) -> None:
    """What no reader sees is no text, wherever it stands."""
    assert _text(html) == ""
    assert re.findall("[a-z]", _text(f"<div>a{html}</div>b")) == ["a", "b"]
    assert re.findall("[a-z]", _text(f"<ul><li>a<li>{html}</ul>b")) == ["a", "b"]


SHOWN = [
    "<p style='display:none;display:block'>x", "<p style='--display:none'>x", "<dialog open>x</dialog>",
    "<div hidden id='S:1f'>x</div>", "<textarea>x</textarea>", "<p data-hidden class=hidden>x", "<p title=hidden>x",
    "<unknown-tag>x</unknown-tag>",
]  # fmt: skip


@pytest.mark.parametrize("html", SHOWN)
def test_shown(html: str) -> None:
    """What a browser shows is text, also what React streams out of place."""
    assert _text(html) == "x"


def test_links() -> None:
    """The code points of a block that stand inside links are counted, white space at a link's ends apart."""
    html = (
        "<p>ab <a href=x> c d </a> e<p><a href=x>abc</a> <p><a name=x>abc</a>"
        "<a href=x><p>ab</p></a><ul><li><a href>xy</a></ul>"
    )
    page = render(html, LIMITS)
    assert [(page.text[a:b], n) for a, b, _, n, _ in page.blocks] == [
        ("ab c d e", 3), ("abc", 3), ("abc", 0), ("ab", 2), ("• xy", 2),
    ]  # fmt: skip
    broken = render("<p><a href=x>ab<br>cd</a> e<br><br>f", LIMITS)
    assert [(broken.text[a:b], n) for a, b, _, n, _ in broken.blocks] == [("ab\ncd e", 4), ("f", 0)]


def test_elements() -> None:
    """Elements that hold text are named with their classes and ids; inline ones and empty ones are not."""
    html = (
        '<body class="Home page"><div></div><ARTICLE ID=Main class=" A\n b "><x-y class=no><p>a</p></x-y></ARTICLE>'
        f"<ol class=comments><li class={'c' * 300} id=c1>b</ol><aside class='{'word ' * 80}'>c</aside>"
    )
    page = render(html, LIMITS)
    assert page.elements == [
        (None, "html", ""),
        (0, "body", "home page"),
        (1, "article", "a b main"),
        (2, "p", ""),
        (1, "ol", "comments"),
        (4, "li", "c" * 200),
        (1, "aside", " ".join(["word"] * 40)),
    ]
    assert [block[2] for block in page.blocks] == [3, 5, 6]
    assert [block[4] for block in page.blocks] == [0, 1, 0]


LD = '<script type="application/ld+json">{}</script>'
CLAIMS = {
    "title": ("<title> A \n b </title><svg><title>c</title></svg>", [("title", "A b", "title")]),
    "language": ("<html lang=pt-BR>", [("language", "pt-BR", "html:lang")]),
    "canonical": ("<link rel='x CANONICAL' href=/a><link rel=next href=/b>", [("url", "/a", "link:canonical")]),
    "meta": (
        '<meta property="og:title" content="A &amp; b"><meta NAME=Author content=c>'
        "<meta itemprop=dateModified content=d>",
        [("title", "A & b", "meta:og:title"), ("author", "c", "meta:author"), ("modified", "d", "meta:datemodified")],
    ),
    "two names": (
        '<meta name="description" property="og:description" content="a">',
        [("description", "a", "meta:description"), ("description", "a", "meta:og:description")],
    ),
    "each once": ('<meta name=author content="a "><meta name=author content=" a">', [("author", "a", "meta:author")]),
    "empty": ('<meta name=author content=" "><title></title><html lang="">', []),
    "long": (f"<meta name=author content={'a' * 9000}>", [("author", "a" * 2000, "meta:author")]),
    "json-ld": (
        LD.format(
            '{"@type": "NewsArticle", "headline": "a", "author": {"name": ["b", "c"]}, "datePublished": "d",'
            ' "comment": {"@type": "SocialMediaPosting", "headline": "no"}, "wordCount": 3, "description": null}'
        ),
        [
            ("title", "a", "json-ld:headline"),
            ("published", "d", "json-ld:datePublished"),
            ("author", "b", "json-ld:author"),
            ("author", "c", "json-ld:author"),
        ],
    ),
    "json-ld of something else": (LD.format('{"@type": "Recipe", "name": "a"}'), []),
    "json-ld in a wrapper": (
        LD.format('//<![CDATA[\n{"@type": "BlogPosting", "headline": "a\nb"};\n//]]>'),
        [("title", "a b", "json-ld:headline")],
    ),
    "json-ld of half a character": (
        LD.format(r'{"@type": "BlogPosting", "headline": "a\ud800"}'),
        [("title", "a\ufffd", "json-ld:headline")],
    ),
    "broken json-ld": (LD.format('{"@type": "BlogPosting", "headline": "a"') + LD.format("NaN") + LD.format(""), []),
    "deep json-ld": (LD.format('{"@graph":' * 65 + "[]" + "}" * 65) + LD.format("[" * 100_000), []),
    "marked time": (
        "<time datetime=a itemprop=datePublished>x</time><time pubdate>y z</time><time datetime=b>",
        [("published", "a", "time:datetime"), ("published", "y z", "time:text")],
    ),
    "time of the article": (
        "<time datetime=a></time><article><header><time datetime=b></time><time datetime=c></time></header></article>",
        [("published", "b", "time:datetime")],
    ),
}


@pytest.mark.parametrize(("html", "claims"), CLAIMS.values(), ids=CLAIMS)
def test_claims(html: str, claims: list[tuple[str, str, str]]) -> None:
    """What a page says of itself is kept as it is written, with its place; what is no claim is not."""
    assert render(html, LIMITS).claims == claims


REFUSED = {
    "div": ("<div>" * 10_000, "dom-depth"),
    "many div": ("<div>" * 79_000, "dom-depth"),
    "many ends": ("<b>" + "</p>" * 1_000_001, "dom-tags"),
    "few div": ("<div>" * 600, "dom-depth"),
    "b": ("<b>" * 30_000, "dom-depth"),
    "lists": ("<ul><li>" * 10_000, "dom-depth"),
    "tables": ("<table><tr><td>" * 10_000, "dom-depth"),
    "tags": ("<p>x" * 1_000_001, "dom-tags"),
    "attributes": ("<p " + " ".join(f"a{i}" for i in range(100_000)) + ">", "dom-tags"),
    "attributes of an end": ("</p " + " ".join(f"a{i}" for i in range(100_000)) + ">", "dom-tags"),
    "names": ("".join(f"<a{i}></a{i}>" for i in range(60_000)), "dom-tags"),
    "opened anew": ("<p>" + "".join(f"<b id={i}>" for i in range(400)) + "</p>" + "<p>x</p>" * 20_000, "dom-tags"),
}


@pytest.mark.parametrize(("html", "code"), REFUSED.values(), ids=REFUSED)
def test_limits(html: str, code: str) -> None:
    """A page that would take a parser minutes is refused."""
    with limited(), pytest.raises(LimitError) as refused:
        render(html, LIMITS)
    assert refused.value.code == code


def test_limits_are_given() -> None:
    """Both limits hold at the numbers that are passed."""
    assert render("<p>a" * 20, Limits(dom_tags=20)).text
    with pytest.raises(LimitError):
        render("<p>a" * 21, Limits(dom_tags=20))
    assert render("<div>" * 7 + "a", Limits(dom_depth=9)).text == "a"
    with pytest.raises(LimitError):
        render("<div>" * 8 + "a", Limits(dom_depth=9))


BIG = {
    "paragraphs": "<p>x" * 50_000,
    "open fonts": "<font size=2><p>x</p>" * 400 + "<p>y</p>" * 5_000,
    "balanced": "<div><p>a <b>b</b><ul><li>c<li>d</ul></div>" * 20_000,
    "less than": "<" * 2_000_000,
    "breaks": "<p>" + "<a href=x>x</a>y<br>" * 20_000,
    "open attributes": "<div class='" * 3_000,
    "options": "<select>" + "<option>x" * 30_000,
    "table": "<table>" + "<tr><td>x<td>y" * 20_000,
    "json": LD.format("[" + '{"@type": "Article", "name": "x"},' * 20_000 + "1]"),
    "one attribute": "<p class='" + "ab " * 500_000 + "'>x",
}


@pytest.mark.parametrize("html", BIG.values(), ids=BIG)
def test_big_pages(html: str) -> None:
    """Large pages without depth are read, each in a second or two."""
    with limited():
        _check(render(html, LIMITS))


TAGS = """
a abbr address article aside audio b blockquote body br button caption center code col dd details dialog dir div dl dt
em fieldset figure font footer form frameset h1 h6 head header hr html i iframe img input li link main marquee math
menu meta mi nav nobr noscript object ol optgroup option p plaintext pre rp rt ruby script section select small span
style summary svg table tbody td template textarea tfoot th thead time title tr u ul video x-y xmp
""".split()  # noqa: SIM905 - a list of one a line would be a page
ATTRIBUTES = [
    "",
    " hidden",
    " class='A b'",
    " id=c",
    " style='display:none'",
    " href=x",
    " start=2",
    " value=3",
    " open",
    ' x="',
]
PIECES = st.one_of(
    st.builds(lambda tag, given: f"<{tag}{given}>", st.sampled_from(TAGS), st.sampled_from(ATTRIBUTES)),
    st.sampled_from(TAGS).map(lambda tag: f"</{tag}>"),
    st.sampled_from(
        [
            "<",
            "</",
            "<!--",
            "-->",
            "<!",
            "&",
            "&amp;",
            "&#0;",
            "&#xD800;",
            "&nbsp;",
            "\0",
            " ",
            "\n",
            "\r\n",
            ">",
            "]]>",
        ]
    ),
    st.text(max_size=8),
    st.sampled_from(["text", "सत्य", "שלום", "e\u0301", "日本", "😀", "\u2028", "\x1c", "\v"]),
)
SOUP = st.lists(PIECES, max_size=60).map("".join)


@given(st.one_of(st.text(), st.text(alphabet=st.characters(codec=None, categories=None)), SOUP))
def test_any_text(html: str) -> None:
    """Whatever is read, blocks tile the visible text; and twice gives the same."""
    page = render(html, LIMITS)
    _check(page)
    assert render(html, LIMITS) == page


@given(SOUP)
def test_depth_of_the_caller(html: str) -> None:
    """The outcome does not depend on how deep the caller stands."""
    page = render(html, LIMITS)
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(_stack_depth() + 60)
        assert render(html, LIMITS) == page
    finally:
        sys.setrecursionlimit(limit)


def _stack_depth() -> int:
    frame, depth = sys._getframe(), 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1
    return depth


INLINE = st.recursive(
    st.none(),
    lambda inside: st.tuples(
        st.sampled_from(["b", "span", "font", "x-y", "code", "button"]), st.lists(inside, max_size=3)
    ),
    max_leaves=6,
)
FLOW = st.recursive(
    st.one_of(INLINE, st.tuples(st.sampled_from(["p", "h2", "pre", "dt"]), st.lists(INLINE, max_size=3))),
    lambda inside: st.one_of(
        st.tuples(
            st.sampled_from(["div", "section", "ul", "ol", "li", "td", "blockquote", "#hidden"]),
            st.lists(inside, max_size=4),
        ),
    ),
    max_leaves=25,
)


def _write(tree: Any, seen: list[str], hidden: bool, n: list[int]) -> str:
    """The HTML of a tree whose texts are numbered; `seen` takes those that are visible."""
    if tree is None:
        n[0] += 1
        if not hidden:
            seen.append(f"w{n[0]}")
        return f" w{n[0]}" if n[0] % 2 else f"w{n[0]}<!-- x --> "
    tag, children = tree
    hidden = hidden or tag == "#hidden"
    inside = "".join(_write(child, seen, hidden, n) for child in children)
    if tag == "td":
        return f"<table><tr><td>{inside}</td></tr></table>"
    return f"<div hidden>{inside}</div>" if tag == "#hidden" else f"<{tag}>{inside}</{tag}>"


@given(st.lists(FLOW, max_size=5))
def test_no_text_is_lost(trees: list[Any]) -> None:
    """All visible texts of a well-formed page stand in the rendered one, in order; hidden ones do not."""
    seen: list[str] = []
    n = [0]
    html = "".join(_write(tree, seen, False, n) for tree in trees)
    page = render(html, LIMITS)
    _check(page)
    assert re.findall(r"w\d+", page.text) == seen
    assert [word for a, b, *_ in page.blocks for word in re.findall(r"w\d+", page.text[a:b])] == seen


def test_what_is_for_readers_without_scripts_is_shown() -> None:
    """No script runs here: forums serve whole threads in `<noscript>`, and nothing else of them."""
    found = render("<body><div id=app></div><noscript><article><p>A thread.</p></article></noscript><p>After.", LIMITS)
    assert found.text == "A thread.\n\nAfter."
    assert ("article", "") in {(tag, names) for _, tag, names in found.elements}
