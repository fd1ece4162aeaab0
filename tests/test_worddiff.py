"""Texts compared word by word: nothing is invented, nothing is hidden without being counted, long texts stay cheap."""

import random
import time
from itertools import pairwise

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sites import TEXTS

from broadsheet.cli.trace import difference
from broadsheet.release import worddiff
from broadsheet.release.worddiff import MOST_PLACES, compare, opcodes
from broadsheet.text import collapse, words

WORDS = st.lists(st.sampled_from("abcdefg"), max_size=60)


def shown(first: str, second: str) -> list[str]:
    return [click.unstyle(line) for line in difference(compare(first, second))]


@given(WORDS, WORDS)
def test_edits_make_the_one_of_the_other(a: list[str], b: list[str]) -> None:
    """The edits tile both sides, equal runs are equal, no two runs of one kind meet, and changes change something."""
    edits = list(opcodes(a, b))
    assert [w for op, i, j, _, _ in edits for w in a[i:j]] == a
    assert [w for op, _, _, i, j in edits for w in b[i:j]] == b
    assert all(a[i:j] == b[k:m] for op, i, j, k, m in edits if op == "equal")
    assert all(i < j or k < m for _, i, j, k, m in edits)
    assert all(x[0] != y[0] for x, y in pairwise(edits))


@given(TEXTS, TEXTS)
def test_a_comparison_counts_what_it_shows(first: str, second: str) -> None:
    """Turned round it is its mirror image; equal words are never called changed; what is shown stands in the texts."""
    forth, back = compare(first, second), compare(second, first)
    assert (forth.basis, forth.n_uncompared) == (back.basis, 0)
    assert (forth.basis == "none") == (collapse(first) == collapse(second)) == (not forth.n_places)
    if words(first) == words(second):
        assert forth.basis != "words"
    assert bool(forth.n_places) == bool(forth.n_deleted + forth.n_inserted)
    assert len(forth.places) == min(forth.n_places, MOST_PLACES)
    plain = [" ".join(text.split()) for text in (first, second)]
    for run in (run for place in forth.places for run in place.runs):
        for part in run.text.split(" … ") if run.n_words > worddiff.LONG else [run.text]:
            assert part in plain[run.op == "insert"]


@given(st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=12))
def test_a_text_does_not_differ_from_itself(parts: list[str]) -> None:
    """White space is no difference; a word more is one, in its place."""
    text = " ".join(parts)
    assert shown(text, "\n\n".join(parts)) == ["the texts are equal"]
    assert shown(text, f"{text} zebra")[-1].endswith("{+zebra+}")
    assert shown(f"zebra {text}", text)[0].startswith("[-zebra-] ")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("It was not sold, they said.", "It was sold, they said.", ["It was [-not-] sold, they said."]),
        ("Twelve men came – and left.", "Twelve boats came – and left.", ["Twelve [-men-]{+boats+} came – and left."]),
        ("It cost $5.", "It cost €5!", ["all words are equal; these differ in signs, case or form:",
                                        "It cost [-$5.-]{+€5!+}"]),
        ("A well-kept mill.", "A well kept mill.", ["all words are equal; these differ in signs, case or form:",
                                                    "A [-well-kept-]{+well kept+} mill."]),
        ("港の大時計が鳴る。", "港の小時計が鳴る。", ["港の[-大-]{+小+}時計が鳴る。"]),
        ("وصلت ثلاث سفن", "وصلت أربع سفن", ["وصلت [-ثلاث-]{+أربع+} سفن"]),
        ("one\u202etwo three", "one\u202etwo four", ["one\\u202etwo [-three-]{+four+}"]),
        ("a \x1b[31mred", "a blue", ["a [-\\x1b[31mred-]{+blue+}"]),
        ("", "a b", ["{+a b+}"]),
        ("a b", "", ["[-a b-]"]),
    ],
)  # fmt: skip
def test_what_is_shown(first: str, second: str, expected: list[str]) -> None:
    """The original spelling, no space where a script has none, and nothing that a terminal would obey."""
    assert shown(first, second) == expected


def test_only_changed_places_are_shown() -> None:
    """Five words around each place; places that are near are one; of long runs the ends, with their number of words."""
    plain = [f"w{i}" for i in range(100)]
    changed = [*plain]
    changed[20] = changed[26] = "x"
    changed[60] = "y"
    assert shown(" ".join(plain), " ".join(changed)) == [
        "… w15 w16 w17 w18 w19 [-w20-]{+x+} w21 w22 w23 w24 w25 [-w26-]{+x+} w27 w28 w29 w30 w31 …",
        "… w55 w56 w57 w58 w59 [-w60-]{+y+} w61 w62 w63 w64 w65 …",
    ]
    assert shown(" ".join(plain), " ".join(plain[:50])) == [
        "… w45 w46 w47 w48 w49 [-w50 w51 w52 w53 w54 w55 w56 w57 … w92 w93 w94 w95 w96 w97 w98 w99-] (50 words)"
    ]
    every = [word if i % 12 else "z" for i, word in enumerate(plain * 2)]
    assert shown(" ".join(plain * 2), " ".join(every))[-1] == "and 9 places more"


def test_long_texts_are_compared_quickly_and_the_cut_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """40,000 words with a change in every hundred take seconds; what is beyond the limit is counted and said."""
    chance = random.Random(7)
    common = [f"c{i}" for i in range(300)]
    first = [chance.choice(common) for _ in range(40_000)]
    second = [f"new{i}" if i % 100 == 50 else word for i, word in enumerate(first)]
    started = time.monotonic()
    found = compare(" ".join(first), " ".join(second))
    assert time.monotonic() - started < 20
    assert (found.n_deleted, found.n_inserted, found.n_places) == (400, 400, 400)
    low = compare(" ".join(["a", "b"] * 20_000), " ".join(["b", "b", "a"] * 13_000))
    assert time.monotonic() - started < 40
    assert low.n_equal + low.n_deleted == 40_000
    monkeypatch.setattr(worddiff, "MOST_WORDS", 10)
    lines = shown(" ".join(first[:30]), " ".join(first[:25]))
    assert lines == ["only so much was compared: 35 words at the ends were not"]
