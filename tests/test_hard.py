"""The hard set: nothing that says something else folds, and of the planted copies as many do as are pinned."""

import json

import hard
import pytest
from hard_apart import APART, NOT_PROMISED
from hard_copies import COPIES
from hard_teasers import N_ARTICLES, collection

from broadsheet.repeats import fold
from broadsheet.repeats.names import changed_names

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


def test_changed_names_of_the_set_are_found() -> None:
    """Of the changed names in cased scripts nine in ten are found, and in copies with edited words almost none."""
    cased = [c for c in hard.cases("name changed") if c.tongue not in ("ar", "ja")]
    edited = [c for c in hard.cases("words edited: 5 %") if c.tongue not in ("ar", "ja", "de")]
    found = [sum(changed_names(c.a.text, c.b.text) is not None for c in cases) for cases in (cased, edited)]
    assert (10 * found[0] >= 9 * len(cased), found[1]) == (True, 0)
