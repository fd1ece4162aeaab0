"""Everything is traceable: what a release knows of a record is shown, all of it, from whichever side one asks."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import click
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from damage import Damaged
from reading import json_lines
from sites import ARTICLE, ROOT, build_pages, json_rows, make_pages

from broadsheet.build import Built
from broadsheet.cli import main
from broadsheet.cli.trace import lines
from broadsheet.contract import record_id
from broadsheet.errors import ReleaseError
from broadsheet.release import ties
from broadsheet.release.reasons import Content, why
from broadsheet.release.trace import Compared, Trace, trace

RECORD_CONFIGS = ("articles", "comments", "teasers")
ALL = sys.maxsize
Row = dict[str, Any]


def run(*arguments: object) -> Any:
    return CliRunner().invoke(main, ["trace", *map(str, arguments)])


def text_of(traced: Trace) -> str:
    return click.unstyle("\n".join(lines(traced)))


def ids(release: Path) -> list[str]:
    """Every record that appears, folded or not."""
    return sorted({row["record_id"] for row in json_rows(release, "segments") if row["record_id"]})


MILL = (
    "The old mill at Orrin will turn again on 3 March with 12 new paddles, the council said. "
    "Carpenters from two villages have worked on the wheel since the river froze last winter. "
    "Visitors can watch from the footbridge, which was built when the railway came through. "
    "Bread baked from its flour is sold at the gate, and the miller will not raise the price. "
)
LAMPS = (
    "Street lamps along the quay stay dark after midnight to spare the birds that rest there. "
    "Shopkeepers had asked for them to burn until two, since their customers walk home late. "
    "A trial of six weeks showed no more accidents than before, the harbour master reported. "
)
EEL = "احتفل سكان المدينة القديمة بعودة الفوانيس إلى الرصيف بعد غياب طويل دام ثلاث سنوات كاملة بسبب أعمال الترميم."
THREAD = "https://www.courier.example/mill"
SAID = "I walked past the mill this morning and the wheel was turning, slowly, as my father used to say."
GIVEN: list[Row] = [
    {"id": "mill", "text": MILL, "title": "Mill turns again", "url": THREAD, "role": "main", "language": "en",
     "captured": "2026-03-01T08:00:00Z"},
    {"id": "exact", "text": MILL.replace(". ", "! ")},
    {"id": "near", "text": MILL.replace("footbridge", "meadow").replace("the gate", "the door")},
    {"id": "trimmed", "text": MILL[: MILL.index("Visitors")]},
    {"id": "embedded", "text": MILL[MILL.index("Carpenters") : MILL.index("Bread")]},
    {"id": "number", "text": MILL.replace("12 new", "48 new")},
    {"id": "date", "text": MILL.replace("3 March", "3 May")},
    {"id": "negation", "text": MILL.replace("will not raise", "will raise")},
    {"id": "lamps", "text": LAMPS, "title": "Lamps stay dark", "captured": "2026-03-01T08:00:00Z"},
    {"id": "titled", "text": LAMPS, "title": "Lamps stay lit until 4"},
    {"id": "miss", "text": LAMPS[: LAMPS.index("A trial")] + "It will rain tomorrow over all of the northern bays, "
                           "and boats should stay in the harbour until the wind has turned south again, say men."},
    {"id": "eel", "text": EEL + " " + EEL.replace("ثلاث", "خمس"), "language": "ar"},
    {"id": "eel-2", "text": EEL + " " + EEL.replace("ثلاث", "خمس").replace("الترميم", "البناء"), "language": "ar"},
    {"id": "alone", "text": "Nobody else has written this sentence, and nobody will, which is why it stands here."},
    {"id": "c0", "role": "comment", "text": SAID, "thread": THREAD, "position": 0, "author": "Dora",
     "captured": "2026-03-01T08:00:00Z"},
    {"id": "c0-again", "role": "comment", "text": SAID + "..", "thread": THREAD, "position": 3, "author": "Dora"},
    {"id": "c1", "role": "comment", "text": "Well said.", "thread": THREAD, "position": 1, "reply_to": 0,
     "author": "Ed"},
    {"id": "c2", "role": "comment", "text": SAID + "!", "thread": THREAD, "position": 2, "author": "Fay"},
]  # fmt: skip


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the records above, and of one article on three pages; not to be changed."""
    rows = [{"role": "main", **row} for row in GIVEN]
    pages = {f"{n}.txt": f"{ARTICLE}\nNumber {n}.\n".replace("Number 1", "") for n in (1, 2, 3)}
    site = make_pages(tmp_path_factory.mktemp("in"), {"r.jsonl": json_lines(rows), **pages})
    return build_pages(site, tmp_path_factory.mktemp("out")).path


@cache
def ask(release: Path, name: str) -> Trace:
    """Everything on a record; releases do not change."""
    return trace(release, name, limit=ALL)


def id_of(release: Path, given_id: str) -> str:
    """The id of a record of the user's own; folded ones have none in any table."""
    pages = {row["page_id"] for row in json_rows(release, "pages")
             if row["given"] and json.loads(row["given"])["id"] == given_id}  # fmt: skip
    return next(row["record_id"] for row in json_rows(release, "segments") if row["page_id"] in pages)


# ---- laws, over every record of the example site and of the records above ----------------------------------------


@pytest.fixture(params=["harbour", "given"])
def release(request: pytest.FixtureRequest) -> Path:
    found = request.getfixturevalue(request.param)
    return found.path if isinstance(found, Built) else Path(found)


def test_appearances_are_the_segments_of_the_record(release: Path) -> None:
    """For every record: exactly the rows of `segments` that it stands for; for a folded one, exactly its own rows."""
    rows = json_rows(release, "segments")
    captures = {row["page_id"]: row["captures"] for row in json_rows(release, "pages")}
    for id_ in ids(release):
        traced = ask(release, id_)
        name = "canonical_id" if traced.record.canonical_id == id_ else "record_id"
        expected = [
            (row["page_id"], *(row[x] for x in ("record_id", "start", "end", "role", "article", "outcome", "relation",
                                                 "confidence")))
            for row in rows if row[name] == id_
        ]  # fmt: skip
        found = [
            (page.page_id, s.record_id, s.start, s.end, s.role, s.article, s.outcome, s.relation, s.confidence)
            for page in traced.pages
            for s in page.segments
        ]
        assert found == expected
        assert [page.captures for page in traced.pages] == [captures[page.page_id] for page in traced.pages]


def test_every_pair_is_told_once_and_from_both_sides(release: Path) -> None:
    """Whatever was compared with a record, or with what it stands for, is told: as fold or kept pair."""
    pairs = {(row["a"], row["b"]): row for row in json_rows(release, "pairs")}
    canonical = {row["record_id"]: row["canonical_id"] for row in json_rows(release, "segments") if row["record_id"]}
    sides: Counter[tuple[str, str]] = Counter()
    for id_ in ids(release):
        traced = ask(release, id_)
        own = {x for x in canonical if canonical[x] == id_} or {id_}
        expected = {key for key in pairs if own & {*key}}
        told = [(one.pair["a"], one.pair["b"]) for one in (*traced.folds, *traced.kept)]
        assert sorted(told) == sorted(expected)
        assert all(one.pair == pairs[one.pair["a"], one.pair["b"]] for one in (*traced.folds, *traced.kept))
        assert {one.other for one in traced.folds} == (own - {id_} if canonical[id_] == id_ else {canonical[id_]})
        for one in traced.kept:
            assert canonical[one.own] == traced.record.canonical_id != canonical[one.other] == one.other_canonical
            if canonical[id_] == id_:
                sides[one.pair["a"], one.pair["b"]] += 1
    kept = [key for key, row in pairs.items() if row["decision"] == "keep" and len({canonical[x] for x in key}) == 2]
    assert sides == dict.fromkeys(kept, 2)


def test_the_story_is_whole_and_every_tie_holds(release: Path) -> None:
    """The members are the story's other records, and the tie of each is one that the rows of the release state."""
    records = {row["id"]: row for row in json_rows(release, *RECORD_CONFIGS)}
    segments = [row for row in json_rows(release, "segments") if row["record_id"]]
    canonical = {row["record_id"]: row["canonical_id"] for row in segments}
    on = {
        role: {(r["canonical_id"], r["page_id"]) for r in segments if r["role"] == role} for role in ("main", "comment")
    }
    pairs = {(row["a"], row["b"], row["relation"]) for row in json_rows(release, "pairs") if row["relation"] != "none"}
    kinds = set()
    for id_ in records:
        traced = ask(release, id_)
        expected = {x for x, row in records.items() if row["story"] == records[id_]["story"]} - {id_}
        assert {one.id for one in traced.members} == expected
        assert traced.n_members == len(expected) == len(traced.members)
        reached = {id_}
        for one in traced.members:
            assert one.to in {id_, *expected}
            x, y = records[one.id], records[one.to or ""]
            kinds.add(one.by)
            match one.by:
                case "reply":
                    assert y["id"] == x["parent_id"] or x["id"] == y["parent_id"]
                case "pair":
                    assert one.pair in pairs
                    assert {canonical[i] for i in (one.pair or ())[:2]} == {x["id"], y["id"]}
                case "thread":
                    assert x["thread"] == y["thread"] is not None
                case "page":
                    pages = {p for i, p in on["main"] if i == x["id"]} & {p for i, p in on["comment"] if i == y["id"]}
                    pages |= {p for i, p in on["main"] if i == y["id"]} & {p for i, p in on["comment"] if i == x["id"]}
                    assert pages
                case _:
                    assert one.by == "address"
                    assert {x["kind"], y["kind"]} == {"article", "comment"}
            reached.add(one.id)
    assert kinds >= {"pair", "reply", "thread"}


def texts_in(value: Any) -> Iterator[Any]:
    """All leaves of a JSON value."""
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list):
        for one in value:
            yield from texts_in(one)
    else:
        yield value


def test_the_json_is_what_the_text_shows(release: Path) -> None:
    """Every id, place, reason and differing word of the one stands in the other."""
    for id_ in ids(release):
        json_run, text_run = run(release, id_, "--json", "--limit", 0), run(release, id_, "--limit", 0)
        assert (json_run.exit_code, text_run.exit_code) == (0, 0)
        found, text = json.loads(json_run.stdout), text_run.stdout
        assert found == json.loads(json.dumps(ask(release, id_).to_json()))
        hexes = {
            one for leaf in texts_in(found) if isinstance(leaf, str) for one in re.findall(r"\b[0-9a-f]{32,64}\b", leaf)
        }
        assert set(re.findall(r"\b[0-9a-f]{32,64}\b", text)) == hexes
        for page in found["pages"]:
            for segment in page["segments"]:
                assert f"{segment['start']:,}–{segment['end']:,}" in text
            for capture in page["captures"]:
                assert all(capture[name] in text for name in ("path", "url", "captured") if capture[name])
        for one in (*found["folds"], *found["kept"]):
            assert one["why"] in text
            pair = one["pair"]
            assert f"{pair['relation']}   {pair['shared']:,} of {pair['n_a']:,} | {pair['n_b']:,}" in text
            assert pair["guard"] is None or pair["guard"] in text
            for diff in (one["text_diff"], one["title_diff"]):
                for place in diff["places"] if diff else ():
                    for part in place["runs"]:
                        mark = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}[part["op"]]
                        assert mark.format(part["text"]) in text
        headed = dict(re.findall(r"(?m)^(appears|folded|kept|with) +(.*)$", text))
        assert re.findall(r"\d+", headed["appears"]) == [
            str(len(found["pages"])), str(sum(len(page["segments"]) for page in found["pages"]))
        ]  # fmt: skip
        assert ("kept" in headed) == bool(found["n_kept"])
        assert ("folded" in headed) == bool(found["n_folds"])


def keys_in(value: Any) -> Iterator[str]:
    """All names of properties of a JSON value; `fields` are those of records."""
    for name, inner in value.items() if isinstance(value, dict) else ():
        yield name
        yield from keys_in(inner) if name != "fields" else ()
    for inner in value if isinstance(value, list) else ():
        yield from keys_in(inner)


def test_the_json_is_documented_and_its_order_is_fixed(release: Path) -> None:
    """Every property is in `docs/trace.md`; two records have the same ones at the top, in the same order."""
    documented = set(re.findall(r"`(\w+)`", (ROOT / "docs/trace.md").read_text("utf-8")))
    orders = set()
    for id_ in ids(release)[::5]:
        found = json.loads(run(release, id_, "--json").stdout)
        assert set(keys_in(found)) <= documented
        orders.add((*found,))
    assert len(orders) == 1


# ---- what is said of each relation ---------------------------------------------------------------------------------


def one_of(release: Path, given_id: str, other: str) -> Compared:
    """What is told of one record when another is traced, or what stands for it."""
    id_ = id_of(release, other)
    traced = ask(release, id_of(release, given_id))
    return next(x for x in (*traced.folds, *traced.kept) if x.other == id_ and x.own == traced.record.id)


def diffs(compared: Compared) -> list[str]:
    from broadsheet.cli.trace import difference

    assert compared.text_diff is not None
    return [click.unstyle(line) for line in difference(compared.text_diff)]


def test_folds_are_explained(given: Path) -> None:
    """An exact, a near and a trimmed copy: each with its reason in a sentence, and with the words that differ."""
    exact, near, trimmed = (one_of(given, "mill", name) for name in ("exact", "near", "trimmed"))
    assert exact.why == "Both have the same words."
    assert diffs(exact)[0] == "all words are equal; these differ in signs, case or form:"
    assert "the council [-said.-]{+said!+} Carpenters" in diffs(exact)[1]
    assert diffs(near) == [
        "… Visitors can watch from the [-footbridge,-]{+meadow,+} which was built when the …",
        "… flour is sold at the [-gate,-]{+door,+} and the miller will not …",
    ]
    assert re.fullmatch(
        r"\d+ of the \d+ word triples of \w{6} stand in \w{6}, and the longer has at most a quarter more words\.",
        near.why,
    )
    short = id_of(given, "trimmed")[:6]
    assert trimmed.why.startswith("All ")
    assert trimmed.why.endswith(f"and begin where it begins: {short} is a shortened copy.")
    assert diffs(trimmed)[0].startswith("… the river froze last winter. [-Visitors can watch")


def test_a_folded_record_is_told_from_its_side(given: Path) -> None:
    """What became of it, why, and the words of what stands for it as those of the other side."""
    id_ = id_of(given, "trimmed")
    traced = ask(given, id_)
    assert traced.record.canonical_id == id_of(given, "mill") != id_
    assert [one.other for one in traced.folds] == [traced.record.canonical_id]
    assert diffs(traced.folds[0])[0].startswith("… the river froze last winter. {+Visitors can watch")
    assert f"{id_}   article   folded into {traced.record.canonical_id}\n" in text_of(traced)


@pytest.mark.parametrize(
    ("name", "reason", "differs"),
    [
        (
            "number",
            "One figure stands against another: “12” in {a}, “48” in {b}; so both are kept.",
            "with [-12-]{+48+} new",
        ),
        (
            "date",
            "One date stands against another: “march” in {a}, “may” in {b}; so both are kept.",
            "3 [-March-]{+May+} with",
        ),
        (
            "negation",
            "One side has a negation and the other has none: “not” in {a}, none in {b}; so both are kept.",
            "will [-not-] raise",
        ),
    ],
)
def test_updates_are_told_with_their_evidence(given: Path, name: str, reason: str, differs: str) -> None:
    """The figure, date or negation that kept the two apart, on its side, and in its place in the texts."""
    told = one_of(given, "mill", name)
    assert told.pair["relation"] == "update"
    mill, other = id_of(given, "mill")[:6], id_of(given, name)[:6]
    sentence = reason.format(a=mill, b=other)
    assert told.why in {sentence, re.sub(r": (.*), (.*);", r": \2, \1;", sentence)}
    assert any(differs in line for line in diffs(told))
    back = one_of(given, name, "mill")
    assert (back.why, back.pair) == (told.why, told.pair)


def test_titles_that_say_something_else_are_told(given: Path) -> None:
    """Where the titles kept two equal texts apart, or differ at all, they are compared, too."""
    told = one_of(given, "lamps", "titled")
    assert told.text_diff is not None and told.title_diff is not None
    assert told.text_diff.basis == "none"
    assert "title: Lamps stay [-dark-]{+lit until 4+}" in text_of(ask(given, id_of(given, "lamps")))


def test_a_changed_name_is_told_of_a_fold() -> None:
    """Two texts that were folded though a name differs say so; equal names, and texts that are not there, do not."""
    said = "The council met until late, and {} told everybody that the bridge would stay where it is."
    pair = {"a": "a" * 32, "b": "b" * 32, "decision": "fold", "relation": "near", "shared": 9, "n_a": 10, "n_b": 10}

    def told(one: str | None, other: str | None) -> str:
        sides = [
            Content(id_ * 32, "article", "main", "b" * 32, None, name and said.format(name), {})
            for id_, name in (("a", one), ("b", other))
        ]
        return why(pair, *sides, {})

    assert told("Ada Moor", "Bo Quill").endswith(
        " A name may have changed, which decides nothing: “Ada Moor” in aaaaaa, “Bo Quill” in bbbbbb."
    )
    for names in (("Ada Moor", "Ada Moor"), ("Ada Moor", None), (None, "Bo Quill")):
        assert "name" not in told(*names)


def test_embedded_texts_and_near_misses_are_told(given: Path) -> None:
    """Why a text inside another stays, and by how much a near miss misses."""
    embedded = one_of(given, "mill", "embedded")
    assert embedded.why.endswith("stands inside a longer text, as a quotation or a part of a digest does.")
    miss = one_of(given, "lamps", "miss")
    assert miss.pair["relation"] == "none"
    assert f"or {miss.pair['containment']:.1%}: a near miss, since 70% are needed." in miss.why


def test_comments_fold_and_stay_apart_for_reasons(given: Path) -> None:
    """One's own repeated comment folds; a stranger's equal one is kept, with the reason; replies are tied."""
    own = one_of(given, "c0", "c0-again")
    assert (own.pair["relation"], own.pair["decision"]) == ("exact", "fold")
    stranger = one_of(given, "c0", "c2")
    assert stranger.why.endswith("but they are comments of two authors.")
    ties_of = {one.id: one.by for one in ask(given, id_of(given, "c0")).members}
    assert ties_of[id_of(given, "c1")] == "reply"
    assert ties_of[id_of(given, "mill")] == "address"
    assert ties_of[id_of(given, "c2")] == "pair"


def test_why_like_texts_stay_apart(tmp_path: Path) -> None:
    """Other sources where these count, other threads, an unknown one, a comment and an article."""
    first = {"captured": "2026-03-01T08:00:00Z"}
    comment = {"role": "comment", "text": SAID, "author": "Dora"}
    rows = [
        {"id": "a", "text": MILL, "url": "https://a.example/1", **first},
        {"id": "b", "text": MILL, "url": "https://b.example/1"},
        {"id": "c", **comment, "thread": "one", "position": 0, **first},
        {"id": "d", **comment, "thread": "two", "position": 0},
        {"id": "e", **comment},
        {"id": "f", "text": LAMPS, **first},
        {"id": "g", "role": "comment", "text": LAMPS, "thread": "one", "position": 1, "author": "Ed"},
    ]
    site = make_pages(tmp_path / "in", {"r.jsonl": json_lines([{"role": "main", **row} for row in rows])})
    release = build_pages(site, tmp_path, repeats={"scope": "per-source"}).path
    reasons = {
        ("a", "b"): "but their sources are a.example and b.example, and this build folds within one source only.",
        ("c", "d"): "but they are comments of two threads.",
        ("c", "e"): "but a comment whose thread is not known is folded into none.",
        ("f", "g"): "but a comment is never folded with what is none.",
    }
    for (one, other), reason in reasons.items():
        whys = [one_of(release, one, other).why, one_of(release, other, one).why]
        assert whys[0] == whys[1]
        assert whys[0].endswith(reason) or sorted(reason.split()) == sorted(whys[0].split()[-len(reason.split()) :])


def test_an_article_on_many_pages(given: Path) -> None:
    """Each page with its place, and each appearance as what it is there."""
    traced = ask(given, "1.txt")
    assert sorted(page.captures[0]["path"] for page in traced.pages) == ["1.txt", "2.txt", "3.txt"]
    assert Counter(s.outcome for page in traced.pages for s in page.segments) == {"canonical": 1, "occurrence": 2}
    assert "appears   on 3 pages, in 3 segments\n" in text_of(traced)


def test_text_from_right_to_left_is_shown_in_its_order(given: Path) -> None:
    """Differing words of an Arabic text stand in the order of the text, unchanged."""
    assert any("[-الترميم.-]{+البناء.+}" in line for line in diffs(one_of(given, "eel", "eel-2")))


def test_a_record_without_repeats_says_so(given: Path) -> None:
    """No folds, no kept pairs, no story: three lines fewer, and one that says it."""
    text = text_of(ask(given, "alone"))
    assert "appears   on 1 page, in 1 segment\n" in text
    assert text.endswith("with      no other in its story")
    assert not re.search(r"(?m)^(folded|kept|compared)", text)


def test_lists_are_cut_and_counted(given: Path) -> None:
    """With a limit the first of each list are told, and how many there are; appearances are always all."""
    whole, cut = ask(given, "mill"), trace(given, "mill", limit=1)
    assert (cut.n_folds, cut.n_kept, cut.n_members) == (len(whole.folds), len(whole.kept), len(whole.members))
    assert (cut.folds, cut.kept, cut.members) == (whole.folds[:1], whole.kept[:1], whole.members[:1])
    assert cut.pages == whole.pages
    assert f"          and {len(whole.kept) - 1} more; --limit 0 shows all\n" in run(given, "mill", "--limit", 1).stdout


def test_a_large_story_is_counted(given: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a story that is too large to look for ways in, members are told with direct ties, or as not looked at."""
    whole = ask(given, "c1")
    monkeypatch.setattr(ties, "MOST", 2)
    cut = trace(given, "c1", limit=2)
    assert (cut.n_members, len(cut.members)) == (whole.n_members, 2)
    assert {one.id for one in cut.members} < {one.id for one in whole.members}


def test_without_page_texts_it_is_said(tmp_path: Path) -> None:
    """Where pages have no texts, folded records have none: all but the words is told, and why."""
    site = make_pages(tmp_path / "in", {"r.jsonl": json_lines(GIVEN[:8])})
    release = build_pages(site, tmp_path, export={"page_texts": False, "formats": ["parquet", "jsonl"]}).path
    traced = ask(release, "mill")
    assert traced.folds and all(one.text_diff is None for one in traced.folds)
    text = text_of(traced)
    for one in traced.folds:
        assert f"no comparison: the release holds no page texts, where the text of {one.other} stood" in text
    assert any(one.text_diff is not None for one in traced.kept)
    folded = ask(release, traced.folds[0].other)
    assert (folded.record.n_words, folded.record.begins) == (None, None)


def test_interrupted_articles_are_whole(harbour: Built) -> None:
    """The text of a folded record is all of its body, wherever a page interrupts it."""
    for id_ in ids(harbour.path):
        traced = ask(harbour.path, id_)
        for one in (*traced.folds, *traced.kept):
            assert one.text_diff is not None
            if one.pair["relation"] == "exact":
                assert one.text_diff.basis != "words"


def test_many_row_groups_and_files_change_nothing(given: Path, tmp_path: Path) -> None:
    """However the rows of a release are cut into row groups, and whatever their statistics say, they are found."""
    release = tmp_path / "release"
    shutil.copytree(given, release)
    for number, file in enumerate(sorted((release / "data").rglob("*.parquet"))):
        pq.write_table(pq.read_table(file), file, row_group_size=1 + number % 3, write_statistics=number % 4 != 3)
    for id_ in ids(given):
        assert replace(ask(release, id_), path=str(given)) == ask(given, id_)
        assert ask(release, id_[:9]).found.id == id_


# ---- how a record is named -------------------------------------------------------------------------------------------


def test_a_record_is_found_by_many_names(harbour: Built, given: Path) -> None:
    """Id, beginning of an id in any case, page id, address in any form, path, end of a path, own id."""
    record = next(row for row in json_rows(harbour.path, "articles") if row["role"] == "main" and row["url"])
    page = next(row for row in json_rows(harbour.path, "pages") if row["page_id"] == record["page_id"])
    url, path = page["captures"][0]["url"], page["captures"][0]["path"]
    names = {
        record["id"]: "id", record["id"][:6]: "prefix", f"{record['id'][:12].upper()}…": "prefix",
        page["page_id"]: "page",
        url: "url", f"{url.replace('https://', 'http://www.')}/#comments": "url",
        path: "path", path.split("/")[-1]: "path",
    }  # fmt: skip
    for name, by in names.items():
        found = ask(harbour.path, name).found
        assert (found.id, found.by) == (record["id"], by), name
    assert ask(given, "lamps").found.by == "given_id"
    assert "asked     path" in run(harbour.path, path).stdout


def test_names_that_mean_none_or_many(harbour: Built, given: Path, tmp_path: Path) -> None:
    """Exit code 1 with what to do, and with the candidates if any; 2 for a beginning that is too short."""
    for name in ("zzz", "f" * 32, "", "https://nowhere.example/x", "0" * 64):
        ran = run(harbour.path, name)
        assert (ran.exit_code, ran.stdout) == (1, "")
        assert f"no record, page address or path is {name!r}" in ran.stderr
    assert run(harbour.path, "abc").exit_code == 2
    assert run(harbour.path).exit_code == 2
    assert run(harbour.path, "abcdef", "--limit", -1).exit_code == 2
    many = run(given, "r.jsonl")
    assert many.exit_code == 1
    assert "'r.jsonl' may mean" in many.stderr
    assert set(re.findall(r"(?m)^  ([0-9a-f]{32}) ", many.stderr)) <= set(ids(given))
    assert run(tmp_path, "abcdef").exit_code == 1


def test_an_ambiguous_beginning_lists_its_records(tmp_path: Path) -> None:
    """Two ids that begin alike: each beginning that has both is refused with both, a longer one is taken."""
    seen: dict[str, str] = {}
    for number in range(100_000):
        text = f"Boat number {number} lay at the quay until the fog had lifted and then went out."
        id_ = record_id({"role": "main", "title": None, "text": text})
        if id_[:6] in seen:
            break
        seen[id_[:6]] = text
    rows = [{"text": seen[id_[:6]]}, {"text": text}]
    release = build_pages(make_pages(tmp_path / "in", {"r.jsonl": json_lines(rows)}), tmp_path).path
    ran = run(release, id_[:6])
    assert ran.exit_code == 1
    both = re.findall(r"(?m)^  ([0-9a-f]{32}) ", ran.stderr)
    assert both == ids(release) and len(both) == 2
    assert "may mean 2 records; name one by its id" in ran.stderr
    n = next(n for n in range(6, 33) if both[0][:n] != both[1][:n])
    assert ask(release, id_[:n]).found.id == id_


# ---- releases that are damaged, and terminals ----------------------------------------------------------------------


@pytest.mark.parametrize("table", ["segments", "pages", "pairs", "articles"])
@pytest.mark.parametrize("damage", ["missing", "garbage", "cut", "column", "bit"])
def test_a_damaged_table_is_named(given: Path, tmp_path: Path, table: str, damage: str) -> None:
    """Missing, no Parquet, cut off, without its columns or with one bit changed: exit code 1 and its name."""
    release = tmp_path / "release"
    shutil.copytree(given, release)
    file = next((release / "data" / table).glob("*.parquet"))
    if damage == "missing":
        file.unlink()
    elif damage == "column":
        whole = pq.read_table(file)
        pq.write_table(whole.rename_columns([f"x{name}" for name in whole.column_names]), file)
    elif damage == "bit":
        chunk = pq.read_metadata(file).row_group(0).column(0)
        content = bytearray(file.read_bytes())
        content[(chunk.dictionary_page_offset or chunk.data_page_offset) + chunk.total_compressed_size - 3] ^= 1
        file.write_bytes(content)
    else:
        file.write_bytes(b"PAR1 nothing" if damage == "garbage" else file.read_bytes()[:-40])
    ran = run(release, id_of(given, "mill"))
    assert ran.exit_code == 1
    assert ran.stderr.startswith(f"Error: {file}: is damaged: ")
    assert "verify" in ran.stderr


@pytest.mark.parametrize("table", ["segments", "pages", "pairs", "articles"])
def test_rows_that_are_gone_are_named(given: Path, tmp_path: Path, table: str) -> None:
    """Where the rows of a table that the record needs are gone, that is said and nothing is made up."""
    damaged = Damaged(given, tmp_path)
    damaged.change(
        table, lambda rows: rows[:1] if table != "articles" else [r for r in rows if r["given_id"] != "mill"]
    )
    (damaged.path / "manifest.json").write_text(json.dumps(damaged.manifest), "utf-8")
    with pytest.raises(ReleaseError, match=r"is damaged: .* verify|no record"):
        ask(damaged.path, id_of(given, "mill"))


@pytest.mark.parametrize("setting", [{}, {"NO_COLOR": "1"}])
def test_colour_is_for_terminals_that_want_it(given: Path, setting: dict[str, str]) -> None:
    """On a terminal what differs is coloured, brackets and all; NO_COLOR and pipes get none."""
    command = [sys.executable, "-m", "broadsheet", "trace", str(given), "mill"]
    outer, inner = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | setting
    with subprocess.Popen(command, stdout=inner, env=environment) as process:
        os.close(inner)
        got = b""
        while True:
            try:
                block = os.read(outer, 1 << 16)
            except OSError:  # how a terminal says that its other side is closed
                break
            if not block:
                break
            got += block
    os.close(outer)
    assert process.returncode == 0
    assert (b"\x1b[31m[-12-]" in got) == (not setting)
    assert b"[-12-]" in got
    assert "\x1b" not in run(given, "mill").stdout
