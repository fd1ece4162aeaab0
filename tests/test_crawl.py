"""Laws of repetition: what stands on several pages of a site is evidence, however these are cut, ordered or run."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import Read
from sites import ARTICLE, HARBOUR, LINES, build_pages, json_rows, make_pages
from test_laws import cut_small, page_row

from broadsheet import partway
from broadsheet.batches import from_rows
from broadsheet.contract import arrow_schema, schema
from broadsheet.read.found import Limits
from broadsheet.read.html import render
from broadsheet.segment import Page, Segment, consensus, segment_pages
from broadsheet.segment.pages import count, crawl_of, vote
from broadsheet.segment.repetition import Keys, merged
from broadsheet.segment.stage import pages_of, sites_of

Row = dict[str, Any]
PAGE = arrow_schema(schema("page"))
TEXTS = st.lists(st.lists(LINES, max_size=12).map("\n".join), max_size=6)
SITES = st.sampled_from(["a.example", "b.example", ""])

HEAD = ["The Orrin Post", "Start", "Valley", "Weather", "Subscribe now for 3 euros a month and read all of it"]
SIDE = [
    "A bakery on wheels for the upper valley",
    "Bread will come by lorry on Tuesdays and Fridays, the miller said, as long as the road is open.",
]
STORIES = [
    "The river rose by two metres during the night, and by dawn the lower meadow had become a lake.",
    "Farmers moved their cattle to the chapel yard, where the children could feed them before school.",
    "The council will meet on Monday to decide whether the old sluice should be opened for the first time.",
    "Two men walked down to the river, and the dog, who knew better, stayed at home with the sheep.",
]


def crawl() -> dict[str, str]:
    """Pages of a made-up site that repeat a head and a sidebar."""
    return {
        f"post/{i}.txt": "\n\n".join([*HEAD, f"Number {i} of the valley", story, STORIES[i - 1], *SIDE, "Imprint"])
        + "\n"
        for i, story in enumerate(STORIES)
    }


def same(one: Keys, other: Keys) -> bool:
    pairs = ((one.keys, other.keys), (one.n_pages, other.n_pages), (one.n_chars, other.n_chars))
    return all(np.array_equal(a, b) for a, b in pairs)


@given(st.lists(st.tuples(st.lists(LINES, max_size=12).map("\n".join), SITES), max_size=7), st.data())
def test_counts_add_up_in_any_order(found: list[tuple[str, str]], data: st.DataObject) -> None:
    """Pages counted in any parts and order give the same keys: sorted, each once, with all their pages."""
    pages, sites = [Page(text) for text, _ in found], [site for _, site in found]
    whole = count(pages, sites)
    assert np.all(whole.keys[1:] > whole.keys[:-1])
    order = data.draw(st.permutations(range(len(pages))))
    cut = data.draw(st.integers(0, len(pages)))
    parts = [count([pages[i] for i in part], [sites[i] for i in part]) for part in (order[:cut], order[cut:])]
    assert same(merged(parts), whole)
    assert same(merged([merged(parts, least=2)]), merged([whole], least=2))


@given(st.lists(st.tuples(st.lists(LINES, max_size=12).map("\n".join), SITES), max_size=7), st.data())
def test_votes_add_up_in_any_order(found: list[tuple[str, str]], data: st.DataObject) -> None:
    """Pages that vote in any parts and order give the same votes, none of which speaks for more than the best state."""
    pages, sites = [Page(text) for text, _ in found], [site for _, site in found]
    table = merged([count(pages, sites)], least=2)
    whole, _ = vote(pages, sites, table)
    assert np.all(whole.keys[1:] > whole.keys[:-1])
    assert np.all(whole.behind <= 0)
    assert np.all(whole.behind >= consensus.FLOOR * whole.n_lines[:, None])
    order = data.draw(st.permutations(range(len(pages))))
    cut = data.draw(st.integers(0, len(pages)))
    parts = [vote([pages[i] for i in part], [sites[i] for i in part], table)[0] for part in (order[:cut], order[cut:])]
    added = consensus.merged(parts)
    for name in ("keys", "n_lines", "behind"):
        assert np.array_equal(getattr(added, name), getattr(whole, name))


@given(TEXTS, st.data())
def test_pages_are_read_alike_whichever_stand_beside_them(texts: list[str], data: st.DataObject) -> None:
    """With what one crawl tells, pages one by one, or in another order, get the segments that they get together."""
    pages = [Page(text) for text in texts]
    sites = data.draw(st.lists(SITES, min_size=len(pages), max_size=len(pages)))
    crawl = crawl_of(pages, sites)
    together = segment_pages(pages, sites)
    assert segment_pages(pages, sites, crawl=crawl) == together
    assert [segment_pages([page], [site], crawl=crawl)[0] for page, site in zip(pages, sites, strict=True)] == together
    order = data.draw(st.permutations(range(len(pages))))
    assert segment_pages([pages[i] for i in order], [sites[i] for i in order]) == [together[i] for i in order]


def test_pages_are_read_again_as_they_were_weighed() -> None:
    """Pages that were weighed when they voted get the segments that they get when they are measured again."""
    texts = list(crawl().values())
    marked = ["".join(f"<div><p>{line}</p></div>" for line in text.split("\n\n")) for text in texts]
    rendered = [render(html, Limits()) for html in marked]
    pages = [*map(Page, texts), *(Page(page.text, page.elements, page.blocks) for page in rendered)]
    sites = ["a.example"] * len(pages)
    table = merged([count(pages, sites)], least=2)
    votes, weighed = vote(pages, sites, table)
    assert len(weighed) == 2, "bare texts and pages with markup are weighed apart"
    known = consensus.Crawl(table, votes)
    cut = segment_pages(pages, sites, crawl=known, known=iter(weighed))
    assert cut == segment_pages(pages, sites, crawl=known)
    assert len({segment.role for of in cut for segment in of}) > 1
    with pytest.raises(ValueError, match=r"lines were weighed of pages that have"):
        segment_pages(pages[1:], sites[1:], crawl=known, known=iter(weighed))


@given(TEXTS, TEXTS)
def test_sites_do_not_touch_each_other(one: list[str], other: list[str]) -> None:
    """The pages of a site get the segments that they get without the other site."""
    a, b = [Page(text) for text in one], [Page(text) for text in other]
    together = segment_pages([*a, *b], ["a.example"] * len(a) + ["b.example"] * len(b))
    assert together == segment_pages(a, ["a.example"] * len(a)) + segment_pages(b, ["b.example"] * len(b))


@given(TEXTS)
def test_a_site_of_one_page_is_read_alone(texts: list[str]) -> None:
    """A page without others of its site gets the segments of a page that is given alone."""
    pages = [Page(text) for text in texts]
    assert segment_pages(pages, [f"{i}.example" for i in range(len(pages))]) == segment_pages(pages)


def segments(folder: Path, **how: Any) -> list[Row]:
    """What `broadsheet segment` writes for a folder."""
    lines: list[bytes] = []
    assert partway.segment_files([folder], lines.append, **how) == []
    return [json.loads(line) for line in lines]


def by_path(rows: Sequence[Row]) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row["page"], []).append((row["start"], row["end"], row["role"], row["confidence"]))
    return found


def bounds(cut: Sequence[Segment]) -> list[tuple[Any, ...]]:
    return [(s.start, s.end, s.role, s.confidence) for s in cut]


def expected(pages: dict[str, str], *, is_crawl: bool) -> dict[str, list[tuple[Any, ...]]]:
    sites = [path.rpartition("/")[0] for path in pages] if is_crawl else None
    cuts = segment_pages([Page(text) for text in pages.values()], sites)
    return {path: bounds(cut) for path, cut in zip(pages, cuts, strict=True)}


@pytest.mark.parametrize("n_buckets", [1, 2, 7])
@pytest.mark.parametrize("n_workers", [1, 2])
def test_tasks_count_what_pages_count_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_buckets: int, n_workers: int
) -> None:
    """Through files, in any number of buckets and by any number of workers, a crawl is cut as in memory."""
    cut_small(monkeypatch, n_buckets)
    pages = crawl() | {f"else/{i}.txt": text.replace("valley", "dale") for i, text in enumerate(crawl().values())}
    found = by_path(segments(make_pages(tmp_path, pages), n_workers=n_workers))
    assert found == expected(pages, is_crawl=True) != expected(pages, is_crawl=False)


def test_a_page_alone_is_no_crawl(tmp_path: Path) -> None:
    """A single page is cut as its text alone, and nothing is counted for it."""
    pages = dict([*crawl().items()][:1])
    assert by_path(segments(make_pages(tmp_path / "in", pages))) == expected(pages, is_crawl=False)
    read = Read([tmp_path / "in"], tmp_path / "work")
    read.steps.segment()
    assert not (tmp_path / "work" / "keys").exists()


def test_records_are_no_evidence(tmp_path: Path) -> None:
    """Records of the user's own change nothing in how the pages beside them are cut, in whatever buckets they are."""
    pages = crawl()
    alone = by_path(segments(make_pages(tmp_path / "one", pages)))
    given = [{"text": text, "title": str(i), "source": "post"} for i, text in enumerate(pages.values())]
    records = "".join(json.dumps(record) + "\n" for record in given)
    with_records = by_path(segments(make_pages(tmp_path / "two", pages | {"post/records.jsonl": records})))
    assert len(with_records.pop("post/records.jsonl")) == 4
    assert with_records == alone


def test_a_release_of_a_crawl_has_its_segments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build cuts pages as `segment` does, with the evidence of all of them, and its bytes do not tell of buckets."""
    pages = crawl() | {"article.txt": ARTICLE}
    folder = make_pages(tmp_path / "in", pages)
    built = build_pages(folder, tmp_path / "one")
    cut_small(monkeypatch, 5)
    assert (build_pages(folder, tmp_path / "two").path / "SHA256SUMS").read_bytes() == (
        built.path / "SHA256SUMS"
    ).read_bytes()
    paths = {row["page_id"]: row["captures"][0]["path"] for row in json_rows(built.path, "pages")}
    found = by_path([row | {"page": paths[row["page_id"]]} for row in json_rows(built.path, "segments")])
    assert found == by_path(segments(folder))


CAPTURE = {"path": "in/a.txt", "line": None, "offset": None, "url": None, "source": None, "captured": None}
CLAIM = {"name": "url", "value": "https://www.claimed.example/x", "where": "link:canonical"}


@pytest.mark.parametrize(
    ("captures", "claims", "site"),
    [
        ([{}], [], "in"),
        ([{"path": "a.txt"}], [], ""),
        ([{"path": "in/crawl.warc.gz", "offset": 7}], [], "in/crawl.warc.gz"),
        ([{"path": "in/pages.jsonl", "line": 3}], [], "in/pages.jsonl"),
        ([{"url": "https://www.Courier.example:8080/a/b"}], [], "courier.example"),
        ([{}, {"url": "https://courier.example/a"}], [], "courier.example"),
        ([{}], [CLAIM], "claimed.example"),
        ([{"url": "https://courier.example/a"}], [CLAIM], "courier.example"),
        ([{"url": "no address"}], [], "in"),
        ([{"source": "The Courier"}], [], "The Courier"),
        ([{"path": "in/b.txt"}, {"path": "zoo/a.txt"}], [], "in"),
    ],
)
def test_the_site_of_a_page(captures: list[Row], claims: list[Row], site: str) -> None:
    """A page belongs to the host of its address, else its claimed one, else its source, else its folder or file."""
    row = page_row("x") | {"captures": [CAPTURE | capture for capture in captures], "claims": claims}
    assert sites_of(from_rows([row], PAGE)) == [site]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=4))
@settings(max_examples=30)
def test_rows_become_what_segmentation_reads(sizes: list[tuple[int, int]]) -> None:
    """Page rows in any slice of a batch give the texts, elements, blocks and claims that they hold."""
    rows, pages = [], []
    for i, (n, m) in enumerate(sizes):
        elements = [(None if j == 0 else j - 1, "div" if j else "p", f"n{i % 2}") for j in range(n)]
        blocks = [(j, j + 1, 0, j, i) for j in range(m)]
        claims = [{"name": name, "value": f"{name}{i}", "where": "w"} for name in ("title", "author", "url")]
        rows.append(
            page_row(f"text {i}")
            | {"elements": [dict(zip(("parent", "tag", "names"), e, strict=True)) for e in elements]}
            | {
                "blocks": [
                    dict(zip(("start", "end", "element", "link_chars", "list_depth"), b, strict=True)) for b in blocks
                ]
            }
            | {"claims": claims}
        )
        pages.append(Page(f"text {i}", elements, blocks, [f"title{i}"], [f"author{i}"]))
    batch = from_rows(rows, PAGE)
    assert [*map(in_rows, pages_of(batch))] == [*map(in_rows, pages)]
    assert [*map(in_rows, pages_of(batch.slice(1)))] == [*map(in_rows, pages[1:])]


def in_rows(page: Page) -> tuple[object, ...]:
    elements = [(parent, *page.elements.sort(at)) for at, parent in enumerate(page.elements.parents.tolist())]
    return page.text, elements, page.blocks.tolist(), page.titles, page.authors


def test_the_example_site_is_cut_as_a_crawl() -> None:
    """The pages of the example site are those of a crawl: what repeats on them changes how they are cut."""
    with tempfile.TemporaryDirectory() as folder:
        read = Read([HARBOUR / "pages"], Path(folder, "work"))
        batch = from_rows(read.pages, PAGE)
    pages, sites = pages_of(batch), sites_of(batch)
    assert segment_pages(pages, sites) != segment_pages(pages)
