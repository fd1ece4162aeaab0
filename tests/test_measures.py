"""Measures: what each counts, against figures worked out on paper; what is not shown; what chance says."""

import datetime
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheets import article, measured, own_contract, page, rows_of, segment

from broadsheet.contract import Contract
from broadsheet.describe.datasheet import FIGURES
from broadsheet.errors import CallError
from broadsheet.measure import chance, queries, refuse_topic, statements
from broadsheet.measure.lexicon import KINDS, ours, rows
from broadsheet.measure.tables import CONFIGS
from broadsheet.measure.words import words_apart


def test_every_measure_says_what_it_may_and_may_not_claim_and_stands_in_the_datasheet_once() -> None:
    """No figure without title, unit, denominator, source and limits; none that the datasheet does not show."""
    for query in queries():
        said = (query.title, query.unit, query.denominator, query.may, query.may_not, query.source, query.over)
        assert all(text.strip() for text in said), query.name
    assert Counter(name for names in FIGURES.values() for name in names) == Counter(query.name for query in queries())


def test_concentration_is_that_of_the_textbook(tmp_path: Path) -> None:
    """Of 3, 1 and 1 articles the largest source has 3, HHI is 10,000 × 11/25, the effective number 25/11."""
    sources = ["a.example"] * 3 + ["b.example", "c.example", None]
    found = measured(tmp_path, articles=[article(k, source=source) for k, source in enumerate(sources)])
    (row,) = [row for row in rows_of(found, "source_concentration") if row["counted"] == "articles"]
    assert row == {
        "counted": "articles", "n": 5, "sources": 3, "largest": "a.example", "n_of_largest": 3,
        "percent_of_largest": None, "hhi": 4400, "effective_sources": 2.27,
    }  # fmt: skip
    assert (found["source_concentration"]["n"], found["source_concentration"]["missing"]) == (6, 1)


def test_percentages_stand_only_where_the_whole_is_20_or_more(tmp_path: Path) -> None:
    """Of 19 records no share is told, of 20 it is."""
    for n, percent in ((19, None), (20, 100.0)):
        found = measured(tmp_path / str(n), articles=[article(k) for k in range(n)])
        assert rows_of(found, "languages") == [{"language": "en", "records": n, "percent": percent}]


def test_authors_of_under_5_articles_are_not_named(tmp_path: Path) -> None:
    """Four articles of one author are counted but not listed, five are listed."""
    found = measured(tmp_path, articles=[article(k, author="Ada Brenn" if k < 5 else "Bo Lind") for k in range(9)])
    assert found["authors"]["rows"] == [["Ada Brenn", 5, 0]]
    (row,) = rows_of(found, "author_concentration")
    assert (row["articles"], row["authors"], row["by_commonest_author"]) == (9, 2, 5)
    few = [
        article(k, author="Bo Lind" if k < 4 else "Ada Brenn" if k < 7 else f"A{k}", text="Bo Lind") for k in range(24)
    ]
    (row,) = rows_of(measured(tmp_path / "few", articles=few), "author_concentration")
    told = (row["by_commonest_author"], row["percent_by_commonest_author"], row["others_that_name_commonest_author"])
    assert told == (None, None, 20)


def test_numbers_under_5_about_one_commenter_are_not_shown(tmp_path: Path) -> None:
    """The commonest name's number of comments is shown from 5 on."""
    for n, shown in ((4, None), (5, 5)):
        comments = [article(k, kind="comment", role="comment", author="Dora", thread="t") for k in range(n)]
        (row,) = rows_of(measured(tmp_path / str(n), comments=comments), "comments_by")
        assert (row["comments"], row["by_commonest_name"]) == (n, shown)


SPOKEN = "The rebels left. “The terrorists are gone,” said Ada Brenn. Rebels and militants, rebelsome, had seized it."


def test_naming_counts_whole_words_in_both_voices(tmp_path: Path) -> None:
    """Words count once each in the voice in which they stand; not inside of longer words, nor in other languages."""
    texts = [article(1, text=SPOKEN, source="a.example"), article(2, text="rebels", language="de", source="a.example")]
    found = measured(tmp_path, articles=texts)
    told = {(row["term"], row["voice"]): (row["part"], row["whole"]) for row in rows_of(found, "naming")}
    assert told == {
        ("rebels", "narrator"): (2, 3), ("militants", "narrator"): (1, 3), ("terrorists", "quotation"): (1, 1),
        ("seized", "narrator"): (1, 1),
    }  # fmt: skip
    assert (found["naming"]["n"], found["naming"]["missing"]) == (2, 1)
    assert found["report_verbs"]["rows"] == [["a.example", "plain", "said", 1]]
    assert rows_of(found, "quotations") == [
        {"source": "a.example", "articles": 1, "quotations": 1, "percent_of_code_points": 24.3}
    ]


def test_speakers_are_named_from_5_quotations_on(tmp_path: Path) -> None:
    """Who is quoted in five articles is listed, who is in four is not."""
    other = SPOKEN.replace("Ada Brenn", "Bo Lind")
    found = measured(tmp_path, articles=[article(k, text=SPOKEN if k < 5 else other) for k in range(9)])
    assert found["quoted"]["rows"] == [["Ada Brenn", 5, 5]]


def test_a_lexicon_of_ones_own_takes_the_place_of_ours(tmp_path: Path) -> None:
    """Its language, its terms, forms of several words and of letters beyond ASCII."""
    lexicon = {"language": "de", "name": {"Männer": {"übel": ["Übeltäter", "üble Kerle"]}}}
    articles = [article(1, text="Die Übeltäter. Üble Kerle, rebels!", language="de"), article(2, text="rebels")]
    found = measured(tmp_path, {"lexicon": lexicon}, articles=articles)
    assert [(row["term"], row["part"]) for row in rows_of(found, "naming")] == [("übel", 2)]
    assert found["naming"]["missing"] == 1


def test_a_lexicon_without_words_measures_nothing(tmp_path: Path) -> None:
    """No words, no rows, no error."""
    found = measured(tmp_path, {"lexicon": {"language": "en"}}, articles=[article(1, text=SPOKEN)])
    assert (found["naming"]["rows"], found["report_verbs"]["rows"]) == ([], [])


def test_each_form_of_our_lexicon_belongs_to_one_term() -> None:
    """No form counts twice."""
    given_forms = [form for kind in KINDS for terms in ours()[kind].values() for f in terms.values() for form in f]
    assert len(given_forms) == len(set(given_forms)) == len(rows(ours()))


def test_inflation_counts_appearances_over_distinct_records(tmp_path: Path) -> None:
    """A record on three pages of a source counts three times there before folding, once after; terms likewise."""
    first = article(1)
    repeats = [segment(k, 0, 9, record_id=first["id"], canonical_id=first["id"], outcome="occurrence") for k in (2, 3)]
    found = measured(
        tmp_path,
        articles=[article(1, text="the rebels", source="a.example")],
        segments=[segment(1, 0, 9), *repeats],
        pages=[page(k, "the rebels", "a.example") for k in (1, 2, 3)],
    )
    (row,) = rows_of(found, "inflation_by_source")
    assert (row["source"], row["part"], row["whole"]) == ("a.example", 3, 1)
    assert rows_of(found, "inflation_by_term")[0]["with_repeats"] == 3
    assert rows_of(found, "cluster_sizes") == [{"appearances": "3 to 5", "records": 1, "all_appearances": 3}]


EMPTY: dict[str, Any] = {"tables": [], "rejections": {}, "configuration": {}}
STORM = "A storm came, and the flood behind it."


def _topics(found: dict[str, Any]) -> list[tuple[str, int, int]]:
    return [(row["topic"], row["part"], row["whole"]) for row in rows_of(found, "inflation_by_topic")]


def test_topics_are_told_by_two_terms_and_counted_by_appearances(tmp_path: Path) -> None:
    """An article has a topic where two different terms of it stand: one term twice, or two forms of it, are none."""
    texts = [STORM, STORM, "Storm after storm, storms.", "The court heard of a storm.", "Storm. Flood. Court. Judge."]
    articles = [article(k, text=text, language="de" if k == 1 else "en") for k, text in enumerate(texts)]
    first = articles[0]["id"]
    again = [segment(k, 0, 9, record_id=first, canonical_id=first, outcome="occurrence") for k in (7, 8)]
    found = measured(
        tmp_path, articles=articles, segments=[*(segment(k, 0, 9) for k in range(5)), *again],
        pages=[page(k, "", "a.example") for k in (0, 1, 2, 3, 4, 7, 8)],
    )  # fmt: skip
    assert _topics(found) == [("courts", 1, 1), ("weather", 4, 2)]
    assert (found["inflation_by_topic"]["n"], found["inflation_by_topic"]["missing"]) == (5, 3)


@pytest.mark.parametrize("given", [["sea", "desk sport"], '"sea"'])
def test_topics_of_ones_own_are_a_text_or_a_list(tmp_path: Path, given: object) -> None:
    """The property that the configuration names tells topics as they are written, whatever stands in them."""
    contract = own_contract({"be'at": {"type": "array", "items": {"type": "string"}} if isinstance(given, list)
                             else {"type": "string"}})  # fmt: skip
    found = measured(
        tmp_path, {"topic": "be'at"}, contract, articles=[article(1) | {"be'at": given}],
        segments=[segment(1, 0, 9)], pages=[page(1, "")],
    )  # fmt: skip
    told = [(row["told_by"], row["topic"]) for row in rows_of(found, "inflation_by_topic")]
    assert told == [("the field be'at", topic) for topic in sorted([given] if isinstance(given, str) else given)]
    assert found["inflation_by_topic"]["missing"] == 0


def test_a_topic_that_no_property_tells_is_refused() -> None:
    """The message names the properties that would do: texts and lists of texts of the user's own."""
    contract = own_contract({"desk": {"type": "string"}, "n": {"type": "integer"}})
    refuse_topic("desk", contract)
    for name in ("n", "title", "nothing"):
        with pytest.raises(CallError, match=f"topic: '{name}' is no property .* known are desk"):
            refuse_topic(name, contract)
    with pytest.raises(CallError, match="known are none: name a schema"):
        refuse_topic("desk", Contract.of(None))


def test_properties_of_ones_own_may_have_any_name(tmp_path: Path) -> None:
    """Every word of every query is a property of the user's own, and the figures are the same."""
    words = {word for query in queries() for word in re.findall(r"[a-z_]{1,30}", query.sql)}
    words |= {word for line in statements(Path(), EMPTY) for word in re.findall(r"[a-z_]{1,30}", line)}
    ours_ = {name for config in CONFIGS for name in Contract.of(None).columns(config).names}
    contract = own_contract(
        {word: {"type": "string"} for word in sorted(words - ours_ - {"byline", "dek", "reply_to"})}
    )
    assert len(contract.extras) > 200
    text = SPOKEN + " " + STORM + " mail@x.example"
    tables: dict[str, Any] = {
        "articles": [article(k, text=text, source=f"{'ab'[k % 2]}.example", author="Ada Brenn") for k in range(30)],
        "comments": [article(k, kind="comment", text="No.", thread="t", author="Dora") for k in range(40, 46)],
        "segments": [segment(k // 2, 0, 9) for k in range(30)],
        "pages": [page(k, text, "a.example") for k in range(15)],
    }
    plain = measured(tmp_path / "plain", **tables)
    for row in tables["articles"] + tables["comments"]:
        row |= dict.fromkeys(contract.extras, "x")
    assert measured(tmp_path / "own", None, contract, **tables) == plain


def test_stories_are_inflated_by_what_was_shown_again(tmp_path: Path) -> None:
    """Two records of one story on five pages of two sources; a story shown once a record is not listed."""
    one, two, three = (article(k, story="s" if k < 3 else "t") for k in (1, 2, 3))
    again = [segment(k, 0, 9, record_id=one["id"], canonical_id=one["id"], outcome="occurrence") for k in (4, 5, 6)]
    found = measured(
        tmp_path, articles=[one, two, three], segments=[*(segment(k, 0, 9) for k in (1, 2, 3)), *again],
        pages=[page(k, "", "b.example" if k == 6 else "a.example") for k in range(1, 7)],
    )  # fmt: skip
    assert rows_of(found, "inflation_by_story") == [
        {"story": "s", "records": 2, "appearances": 5, "percent": None, "pages": 5, "sources": 2}
    ]


def test_texts_are_asked_once_for_all(tmp_path: Path) -> None:
    """What one reading of the texts finds is what each measure needs: lengths, addresses of pages, others' names."""
    links = "By hand, https://x.example and http://y.example."
    articles = [article(k, text=links if k == 1 else "Ada Brenn wrote this.", author="Ada Brenn") for k in range(1, 7)]
    articles += [article(10 + k, text="Ada Brenn said 10.0.0.1 or 1.2.3 is none.", author="Bo Lind") for k in range(5)]
    found = measured(tmp_path, articles=articles, comments=[article(4, kind="comment", text="Ada Brenn!")])
    (row,) = rows_of(found, "author_concentration")
    assert (row["by_commonest_author"], row["others_that_name_commonest_author"]) == (6, 5)
    assert found["links"]["rows"] == [["article", 1, 2], ["comment", 0, 0]]
    assert [row["ip_addresses"] for row in rows_of(found, "personal_patterns")] == [5, 0]
    length = len(links) + 5 * len("Ada Brenn wrote this.") + 5 * len(articles[-1]["text"])
    assert found["records"]["rows"] == [["article", "train", 11, length], ["comment", "train", 1, 10]]


def test_sidebars_are_younger_by_the_years_beside_them(tmp_path: Path) -> None:
    """The latest year in the lines beside the body, main article against sidebar; the body does not count."""
    text = "3 May 2016\nbody of 2030\n4 June 2025\nmore text\n"
    parts = [[("meta", 0, 10), ("body", 11, 23)], [("meta", 24, 35), ("body", 36, 45)]]
    runs = [[{"part": p, "start": s, "end": e} for p, s, e in each] for each in parts]
    other = article(2)["id"]
    segments = [segment(1, 0, 24, parts=runs[0]),
                segment(1, 24, 46, role="sidebar", parts=runs[1], record_id=other, canonical_id=other)]  # fmt: skip
    found = measured(tmp_path, articles=[article(1), article(2)], segments=segments, pages=[page(1, text)])
    assert rows_of(found, "younger_sidebars") == [{"pairs": 1, "younger": 1, "most_years_younger": 9}]


def test_upstream_is_what_a_line_names(tmp_path: Path) -> None:
    """A line that begins with via names a publisher; a sentence with the word does not."""
    texts = ["Via The Quay Post…\nbody", "They went via the bridge.", "Source: Harbour Wire\n", "Sources say so"]
    found = measured(
        tmp_path,
        articles=[article(k) for k in range(4)],
        segments=[segment(k, 0, len(text)) for k, text in enumerate(texts)],
        pages=[page(k, text) for k, text in enumerate(texts)],
    )
    assert found["upstream"]["rows"] == [["Harbour Wire", 1, 1], ["The Quay Post", 1, 1]]
    assert (found["upstream"]["n"], found["upstream"]["missing"]) == (4, 2)


def test_ages_and_months(tmp_path: Path) -> None:
    """Days from publication to capture fall into their bins; articles without both dates are missing."""
    at = datetime.datetime(2026, 3, 10, 12, tzinfo=datetime.UTC)
    days = [-1, 0, 1, 7, 8, 366]
    articles = [article(k, captured=at, published=at - datetime.timedelta(days=d)) for k, d in enumerate(days)]
    found = measured(tmp_path, articles=[*articles, article(9, captured=at)])
    assert found["ages"]["rows"] == [
        ["captured before it was published", 1], ["same day", 1], ["1 to 7 days", 2], ["8 to 30 days", 1],
        ["over 365 days", 1],
    ]  # fmt: skip
    assert (found["ages"]["n"], found["ages"]["missing"]) == (7, 1)


def test_patterns_of_personal_data_are_counted(tmp_path: Path) -> None:
    """One of each kind is one; a plain number or time is none."""
    text = "ada@quay.example or @ada_b, +44 20 7946 0958, from 192.0.2.7; at 10:30 on 3.4.2020, 5 men."
    found = measured(tmp_path, articles=[article(1, text=text)])
    assert found["personal_patterns"]["rows"] == [["article", 1, 1, 1, 1]]


def test_many_sources_are_gathered(tmp_path: Path) -> None:
    """The 50 largest sources are named, all others are one row."""
    found = measured(tmp_path, articles=[article(k, source=f"s{k % 60:02}.example") for k in range(110)])
    named = {row["source"]: row["records"] for row in rows_of(found, "sources")}
    assert len(named) == 51
    assert named["(other sources)"] == 10


def test_an_empty_release_measures_nothing_and_fails_nowhere(tmp_path: Path) -> None:
    """Without any table every measure has its columns."""
    assert all(result["columns"] for result in measured(tmp_path).values())


@given(st.integers(1, 40), st.integers(0, 2**40))
def test_draws_take_n_of_n_and_relabelling_keeps_the_labels(n: int, seed: int) -> None:
    """Each draw takes as many clusters as there are; each relabelling has as many of each label."""
    assert (chance.draws(n, 20, seed).sum(axis=1) == n).all()
    labels = np.arange(n) % 3 == 0
    assert (chance.relabelled(labels, 20, seed).sum(axis=1) == labels.sum()).all()


def test_chance_is_the_same_everywhere() -> None:
    """SplitMix64's first words for the seed 0, and the draws that follow from them."""
    first = chance.words(0, 2).tolist()
    assert first == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4]
    assert chance.draws(4, 2).tolist() == [[2, 2, 0, 0], [2, 1, 1, 0]]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=5, max_size=30))
def test_intervals_lie_within_what_clusters_can_give(pairs: list[tuple[int, int]]) -> None:
    """An interval is ordered and within the least and the largest ratio of a cluster; small wholes have none."""
    rows_ = [["g", str(k), part, whole] for k, (part, whole) in enumerate(pairs)]
    _, found = chance.bootstrap(["group", "cluster", "part", "whole"], rows_)
    if not sum(part for part, _ in pairs) and sum(whole for _, whole in pairs) < 20:
        assert found == []
        return
    ((_, part, whole, percent, low, high),) = found
    assert (part, whole) == (sum(p for p, _ in pairs), sum(w for _, w in pairs))
    if whole < 20:
        assert (percent, low, high) == (None, None, None)
    else:
        ratios = [100 * p / w for p, w in pairs]
        assert min(ratios) - 0.1 <= low <= high <= max(ratios)


def test_no_interval_from_under_5_clusters() -> None:
    """Four clusters have a percentage and no interval, five have both."""
    for n, has in ((4, False), (5, True)):
        _, ((*_, percent, low, high),) = chance.bootstrap(
            ["cluster", "part", "whole"], [[str(k), 3, 10] for k in range(n)]
        )
        assert (percent, low, high) == ((30.0, 30.0, 30.0) if has else (30.0, None, None))


def _texts(n: int, extra: str) -> list[list[object]]:
    rng = np.random.default_rng(3)
    words = np.array([f"w{k:02}" for k in range(60)])
    texts = [[f"{k:02}", "a" if k % 2 else "b", rng.choice(words, 80).tolist()] for k in range(n)]
    for text in texts[1::2]:
        text[2] += [extra] * 6 if extra else []  # type: ignore[operator]
    return texts


def test_words_apart_find_what_was_planted_and_nothing_where_nothing_is() -> None:
    """A word that one source alone uses comes first with a small p; sources of equal words have no small p at all."""
    columns, found = words_apart([], _texts(40, "harbour"))
    best = dict(zip(columns, found[0], strict=True))
    assert (best["source"], best["word"], best["p"]) == ("a", "harbour", 0.005)
    columns, found = words_apart([], _texts(40, ""))
    assert min(dict(zip(columns, row, strict=True))["p"] for row in found) > 0.05


def test_on_five_texts_no_p_is_small() -> None:
    """Three texts against two can be relabelled in ten ways only: whatever z says, no p is under a tenth."""
    columns, found = words_apart([], _texts(5, "harbour"))
    assert found
    assert min(dict(zip(columns, row, strict=True))["p"] for row in found) > 0.05
