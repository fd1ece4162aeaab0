"""The compiled guard says what the guard without shortcuts says, of every pair of texts."""

from collections.abc import Iterable, Sequence
from itertools import islice
from random import Random

import hard
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_guard import plain_guard
from test_guard import COPIES_ALIKE, UPDATES, cuts, scrambled

from broadsheet.repeats import guard
from broadsheet.repeats.bodies import Bodies
from broadsheet.repeats.body import body_sentences
from broadsheet.repeats.signs import signs

pytest.importorskip("numba", reason="the compiled guard needs Numba: the extra `fast`")

from broadsheet.repeats.compiled_guard import CompiledGuard

Pair = tuple[str, str]


def judged(pairs: Sequence[Pair]) -> list[str | None]:
    """What the compiled guard says of pairs of texts."""
    bodies = Bodies.of(pa.array([text for pair in pairs for text in pair], pa.large_string()))
    compiled = CompiledGuard()
    return [compiled.guard(bodies, 2 * k, 2 * k + 1) for k in range(len(pairs))]


def unlike(pairs: Iterable[Pair]) -> list[Pair]:
    """The pairs of which it says something else than the plain guard."""
    both_ways = [pair for a, b in pairs for pair in ((a, b), (b, a))]
    return [pair for pair, fired in zip(both_ways, judged(both_ways), strict=True) if fired != plain_guard(*pair)]


@pytest.mark.parametrize("kind", hard.kinds())
def test_the_hard_set_is_judged_alike(kind: str) -> None:
    """Every sixth pair of the hard set, in seven languages."""
    assert unlike((case.a.text, case.b.text) for case in islice(hard.cases(kind), 0, None, 6)) == []


def test_scrambled_texts_are_judged_alike() -> None:
    """Texts full of values, of which many are an update and many are none."""
    random = Random(2)
    pairs = [scrambled(random) for _ in range(3000)]
    assert unlike(pairs) == []
    assert 300 <= sum(fired is not None for fired in judged(pairs)) <= 2700


def test_what_the_guard_is_tested_by_is_judged_alike() -> None:
    """The examples of what is an update and of what is none."""
    assert unlike([(old, new) for old, new, _ in UPDATES] + [*COPIES_ALIKE, *cuts()]) == []


# What the kernels look at: ends of sentences and of lines, signs about figures, and what few texts have.
PIECES = st.sampled_from(
    """The boats|went out|and no one came back|to the old pier.|for $5|12 people|5 p.m.|5 patients|at 10.30 Uhr|20 h 30
    |1.5|3-2|2019-20|4.5.2030|10:30|24:23 (12:10)|f16|f35|5%|6 %|£7|−5|–5|twenty|five|minus|one|a|two|not|didn't|n'est
    |march|Mar|4 May|J.|p. 5.|Dr.|…|[...]|...|?|!|.)|。|港で二十隻|船が3隻|沈んだ|не|пять|٣|٤|½|²|ǆ|Ǆungla|é|e\u0301
    |\u00ad|\u200b|\u00a0|\u2003|\u3000|“Quay,”|‘no’|(12)|1,000|1 000|5\u00a0€|+$3|-%|x_1.|\u1163|ที่นี่|한국 5월|#5|0|00"""
    .replace("\n    ", "")
    .split("|")
)  # fmt: skip
GAPS = st.sampled_from([" ", " ", " ", ". ", ".\n", "\n", "\n\n", "\r\n", "", ", ", "; ", "…\n", " — ", "\u2028", "\v"])
TEXTS = st.lists(st.tuples(PIECES, GAPS), max_size=24).map(lambda found: "".join(map("".join, found)))


@st.composite
def pairs_of_texts(draw: st.DrawFn) -> Pair:
    """Two texts that have pieces in common."""
    common, more = draw(st.lists(st.tuples(PIECES, GAPS), max_size=16)), draw(st.lists(TEXTS, min_size=2, max_size=2))
    texts = []
    for k in range(2):
        kept = [part for part in common if draw(st.integers(0, 9)) > k]
        at = draw(st.integers(0, len(kept)))
        texts.append(
            "".join(map("".join, kept[:at])) + more[k] * draw(st.booleans()) + "".join(map("".join, kept[at:]))
        )
    return texts[0], texts[1]


@given(st.lists(pairs_of_texts(), min_size=1, max_size=6))
def test_any_two_texts_are_judged_alike(pairs: list[Pair]) -> None:
    """Texts of pieces that are read in special ways, with sentences and lines that end in all ways."""
    assert unlike(pairs) == []


@given(st.lists(st.tuples(TEXTS | st.text(max_size=40), st.text(st.sampled_from("a5.\n !?"), max_size=30)), max_size=6))
def test_texts_of_any_characters_are_judged_alike(pairs: list[Pair]) -> None:
    """Texts of any code points, and texts that are hardly more than punctuation."""
    assert unlike(pairs) == []


def test_long_lists_are_judged_alike() -> None:
    """More sentences that may differ, or more likenesses, than there is room for go to the plain guard."""
    names = [x + y for x in "bcdfghjklm" for y in "bcdfghjklm"]
    moved = "\n".join(f"The {name} boat carried one crate and {k} men." for k, name in enumerate(names))
    alike = "\n".join(
        f"Pier number {name} of the old {'harbour' * (k % 2)} quay has gulls." for k, name in enumerate(names)
    )
    pairs = [
        (moved, moved.replace("one crate and", "a crate and")),
        (moved, moved.replace(" men", " people").replace("carried one", "bore one")),
        (alike + "\nNot 5.", alike.replace("gulls", "no terns")),
    ]
    assert unlike(pairs) == []


def test_sentences_are_cut_as_the_guard_cuts_them() -> None:
    """Full stops behind figures and initials end no sentence, dots do, and "No." is a negation."""
    text = "No. 12 J. Doe sold 5 boats.\nIt rained… The end"
    assert body_sentences(text) == ("No.", "12 J. Doe sold 5 boats.", "It rained…", "The end")
    assert [sign.kind for sign in signs("No. 12")] == ["negation", "number"]
    assert guard(text, text.replace("5", "6")) == judged([(text, text.replace("5", "6"))])[0] == "number: 5 | 6"
