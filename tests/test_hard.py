"""The hard set: nothing that says something else folds, and of the planted copies as many do as are pinned."""

import json
from collections.abc import Iterator

import hard
import pytest
from hard_apart import APART, NOT_PROMISED
from hard_copies import COPIES
from hard_teasers import N_ARTICLES, collection
from prose import article

from broadsheet.repeats import Item, fold, guard, relation
from broadsheet.repeats.names import changed_names
from broadsheet.text import words

PINNED = json.loads(hard.PINNED.read_text("utf-8"))


def test_the_set_is_large_and_pinned_whole() -> None:
    """Every kind of pair is pinned, there are over 10,000 pairs, and over a third of them must stay apart."""
    n_pairs = {kind: sum(row["pairs"] for row in pinned["counts"].values()) for kind, pinned in PINNED.items()}
    assert list(PINNED) == hard.kinds()
    assert sum(n_pairs.values()) >= 10_000
    assert 3 * sum(n_pairs[kind] for kind in APART) >= sum(n_pairs.values())


@pytest.mark.parametrize("kind", [kind for kind in APART if kind not in NOT_PROMISED])
def test_no_wrong_fold(kind: str) -> None:
    """No pair that must stay apart has one canonical."""
    assert [(o.case.a.text, o.case.b.text) for o in hard.outcomes(kind) if o.folded] == []


@pytest.mark.parametrize("kind", COPIES)
def test_copies_fold(kind: str) -> None:
    """Of each kind of copy no fewer fold than are pinned, by length and language, with the guard and without."""
    counts, pinned = hard.measured(kind), PINNED[kind]["counts"]
    assert hard.digest(kind) == PINNED[kind]["sha256"]
    assert counts.keys() == pinned.keys()
    worse = {name: row for name, row in counts.items() if any(row[n] < pinned[name][n] for n in row)}
    assert worse == {}


@pytest.mark.parametrize("kind", NOT_PROMISED)
def test_what_is_not_promised_is_pinned_too(kind: str) -> None:
    """No more of those pairs fold than are pinned."""
    counts, pinned = hard.measured(kind), PINNED[kind]["counts"]
    assert hard.digest(kind) == PINNED[kind]["sha256"]
    assert {name: row for name, row in counts.items() if row["folded"] > pinned[name]["folded"]} == {}


@pytest.mark.parametrize("tongue", N_ARTICLES)
def test_an_excerpt_is_tied_to_its_article_and_to_no_other(tongue: str) -> None:
    """Of all excerpts of ten words and more 99 % are of one story with their article, and none with another one."""
    items, of = collection(tongue)
    story = fold(items).story
    articles = [item.id for item in items if item.id not in of]
    tied = sum(story[excerpt] == story[whole] for excerpt, whole in of.items())
    owners = {story[id_]: id_ for id_ in articles}
    assert len(owners) == len(articles)
    assert [e for e, whole in of.items() if owners.get(story[e], whole) != whole] == []
    assert 100 * tied >= 99 * len(of)


FILLER = "The harbour office published its plan early. Boats will leave from the new quay. Tickets stay cheap."

UPDATES = [
    ("One sailor came back to the old pier.", "Two sailors came back to the old pier.", "number: one | two"),
    ("Ein Boot liegt im Hafen.", "Fünf Boote liegen im Hafen.", "number: ein | fünf"),
    ("They hired twenty-five people for the pier.", "They hired twenty-six people for the pier.", "number: twenty five | twenty six"),
    ("Der Hafen hat dreiundzwanzig Boote.", "Der Hafen hat zweiunddreißig Boote.", "number: dreiundzwanzig | zweiunddreissig"),
    ("Vinieron once barcos al puerto.", "Vinieron doce barcos al puerto.", "number: once | doce"),
    ("港で二十三隻の船が沈んだ。", "港で三十二隻の船が沈んだ。", "number: 二十三 | 三十二"),
    ("The pier cost 5 million dollars.", "The pier cost 5 million euros.", "number: dollars | euros"),
    ("It was minus 5 degrees at the pier.", "It was 5 degrees at the pier.", "number: minus 5 | 5"),
    ("It was –5 degrees at the pier.", "It was 5 degrees at the pier.", "number: -5 | 5"),
    ("It sold 5 boats for $7 each.", "It sold 7 boats for $5 each.", "number: 5 | 7"),
    ("Sandham – Lowley 24:23 (12:10)", "Sandham – Lowley 24:22 (12:10)", "number: 23 | 22"),
    ("The A7 road is closed.", "The A9 road is closed.", "number: a7 | a9"),
    ("The hall has 40 m² of floor.", "The hall has 40 m³ of floor.", "number: m2 | m3"),
    ("عاد قارب واحد إلى الميناء.", "عاد قارب خمسة إلى الميناء.", "number: واحد | خمسة"),
]  # fmt: skip

COPIES_ALIKE = [
    ("It was −5 degrees at the pier.", "It was –5 degrees at the pier."),
    ("It was −5 degrees at the pier.", "It was minus 5 degrees at the pier."),
    ("They hired twenty-five people.", "They hired 25 people."),
    ("It rose by 5 % in a year.", "It rose by 5 percent in a year."),
    ("It costs 5 € at the quay.", "It costs 5 euros at the quay."),
    ("会は木曜日に開かれる。", "会は木曜\u200b日に開かれる。"),
    ("The mi1lion gulls of the f1rm sat on the pier.", "The million gulls of the firm sat 0n the pier."),
    ("港で二十三隻の船が沈んだ。", "港で23隻の船が沈んだ。"),
]


@pytest.mark.parametrize(("old", "new", "evidence"), UPDATES)
def test_what_changes_a_value_is_an_update(old: str, new: str, evidence: str) -> None:
    """A value in words, a unit, a code, a score, or two values exchanged are seen, alone and in a text."""
    assert (guard(old, new), guard(f"{FILLER}\n{old}", f"{FILLER}\n{new}")) == (evidence, evidence)


@pytest.mark.parametrize(("old", "new"), COPIES_ALIKE)
def test_another_spelling_is_no_update(old: str, new: str) -> None:
    """Another spelling of the same value, and letters misread as digits, are no update, either way round."""
    texts = f"{FILLER}\n{old}", f"{FILLER}\n{new}"
    assert (guard(*texts), guard(*texts[::-1])) == (None, None)


def cuts() -> Iterator[tuple[str, str]]:
    whole = "The pier was closed for 1250 days after the storm, and not one boat could land there. Nobody sailed."
    yield "The pier was closed for 12", whole
    yield "The pier was closed for 12…", whole
    yield "The pier was closed for 12… Read more", whole
    yield "The pier was closed for 1250 days after the storm, and", whole
    yield "The pier was closed for 1250 days after the storm, and no", whole


@pytest.mark.parametrize(("cut", "whole"), cuts())
def test_what_a_cut_left_of_a_word_is_no_change(cut: str, whole: str) -> None:
    """A text that breaks off inside a figure, or before a negation, says nothing else."""
    assert guard(cut, whole) is None


def test_a_text_without_an_end_mark_is_not_cut_for_that() -> None:
    """Without dots, a figure at the end must go on in a longer sentence, and a late negation counts."""
    assert guard("Sandham beat Lowley by 1", "Sandham beat Lowley by 12") == "number: 1 | 12"
    assert guard("Der Rat billigt den Plan", "Der Rat billigt den Plan nicht") == "negation: | nicht"


def test_what_was_added_is_aligned_only_if_it_repeats_a_sentence() -> None:
    """A repeated sentence with another figure is an update; another sentence, or one of a list, is none."""
    hurt = "The storm hurt {} people near the old pier."
    first = f"{FILLER} {hurt.format(12)}"
    assert guard(first, f"{first} {hurt.format(14)}") == "number: 12 | 14"
    assert guard(first, f"{first} The police counted 14 people there.") is None
    listed = f"{first} {hurt.format(13)}"
    assert guard(listed, f"{listed} {hurt.format(14)}") is None


def test_a_sentence_with_a_date_is_no_dateline() -> None:
    """A first line that is a sentence counts, also where names have no case; so does a calendar."""
    rest = "وصلت القوارب إلى الميناء في الصباح."
    assert guard(f"وصل 28 قاربا قبل مارس 2030.\n{rest}", f"وصل 20 قاربا قبل مارس 2030.\n{rest}") == "number: 28 | 20"
    days = "Quay Fair, 3 March\nPier Ball, 4 March\nNet Sale, 5 March\nBoat Race, 6 March"
    assert guard(days, days.replace("3", "9")) == "number: 3 | 9"


def test_an_article_late_in_a_digest_is_no_beginning_of_it() -> None:
    """A run of words in common at the beginning does not make a cut-off copy of what stands elsewhere."""
    common = "in the town of sand".split()
    inside = common + [f"a{i}x" for i in range(40)]
    digest = common + [f"b{i}x" for i in range(40)] + inside
    assert (relation(inside, digest), relation(inside, inside + digest)) == ("embedded", "trimmed")


def test_changed_names_are_found_where_names_have_case() -> None:
    """A name against a name is found, a word against a word is not; the pair folds all the same."""
    old, new = f"{FILLER} Then Ada Moor rowed out.", f"{FILLER} Then Bo Quill rowed out."
    pair: list[Item] = [article(1, old), article(2, new)]
    assert changed_names(old, new) == "Ada Moor | Bo Quill"
    assert changed_names(old, old.replace("rowed", "sailed")) is None
    assert len(words(old)) == len(words(new))
    assert [p.decision for p in fold(pair).pairs] == ["fold"]


def test_changed_names_of_the_set_are_found() -> None:
    """Of the changed names in cased scripts nine in ten are found, and in copies with edited words almost none."""
    cased = [c for c in hard.cases("name changed") if c.tongue not in ("ar", "ja")]
    edited = [c for c in hard.cases("words edited: 5 %") if c.tongue not in ("ar", "ja", "de")]
    found = [sum(changed_names(c.a.text, c.b.text) is not None for c in cases) for cases in (cased, edited)]
    assert (10 * found[0] >= 9 * len(cased), found[1]) == (True, 0)
