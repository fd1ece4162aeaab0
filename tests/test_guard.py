"""The guard: what is a change of a value, and what only looks like one."""

from collections.abc import Iterator
from itertools import islice
from random import Random

import hard
import pytest
from plain_guard import plain_guard
from prose import article

from broadsheet.repeats import Item, fold, guard, relation
from broadsheet.repeats.names import changed_names
from broadsheet.text import words

FILLER = "The harbour office published its plan early. Boats will leave from the new quay. Tickets stay cheap."

UPDATES = [
    ("One sailor came back to the old pier.", "Two sailors came back to the old pier.", "number: one | two"),
    ("Ein Mann blieb im Hafen.", "Drei Mann blieben im Hafen.", "number: ein | drei"),
    ("They hired twenty-five men.", "They hired twenty-six men.", "number: twenty five | twenty six"),
    ("Es sind dreiundzwanzig Boote.", "Es sind zweiunddreißig Boote.", "number: dreiundzwanzig | zweiunddreissig"),
    ("Vinieron once barcos al puerto.", "Vinieron doce barcos al puerto.", "number: once | doce"),
    ("港で二十三隻の船が沈んだ。", "港で三十二隻の船が沈んだ。", "number: 二十三 | 三十二"),
    ("The pier cost 5 million dollars.", "The pier cost 5 million euros.", "number: dollars | euros"),
    ("It was minus 5 degrees at the pier.", "It was 5 degrees at the pier.", "number: minus 5 | 5"),
    ("It was –5 degrees at the pier.", "It was 5 degrees at the pier.", "number: -5 | 5"),
    ("It sold 5 boats for $7 each.", "It sold 7 boats for $5 each.", "number: 5 | 7"),
    ("Cod of $5 million against €7 million in May.", "Cod of €7 million against $5 million in May.", "number: 5 | 7"),
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


@pytest.mark.parametrize(("cut", "whole"), [*cuts()])
def test_what_a_cut_left_of_a_word_is_no_change(cut: str, whole: str) -> None:
    """A text that breaks off inside a figure, or before a negation, says nothing else."""
    assert guard(cut, whole) is None


def test_a_text_without_an_end_mark_is_not_cut_for_that() -> None:
    """Without dots, a figure at the end must go on in a longer sentence, and a late negation counts."""
    assert guard("Sandham beat Lowley by 1", "Sandham beat Lowley by 12") == "number: 1 | 12"
    assert guard("Der Rat billigt den Plan", "Der Rat billigt den Plan nicht") == "negation: | nicht"


def test_a_sentence_that_moved_is_found_by_its_words() -> None:
    """A figure that changed in a sentence that stands elsewhere, in slightly other words, is an update."""
    old = "The harbour office moved 12 old boats to the new quay. Tickets stay cheap for all guests of it."
    new = "Tickets stay cheap for all guests of it. The harbour office quickly moved 48 old boats to the new quay."
    assert guard(old, new) == "number: 12 | 48"


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
    fees = "Harbour fees rose on {} March — nobody paid them."
    assert guard(fees.format(12), fees.format(13)) == "number: 12 | 13"
    days = "Quay Fair, 3 March\nPier Ball, 4 March\nNet Sale, 5 March\nBoat Race, 6 March"
    assert guard(days, days.replace("3", "9")) == "number: 3 | 9"


def test_an_article_late_in_a_digest_is_no_beginning_of_it() -> None:
    """A run of words in common at the beginning does not make a cut-off copy of what stands elsewhere."""
    common = ["in", "the", "town", "of", "sand"]
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


@pytest.mark.parametrize("kind", hard.kinds())
def test_shortcuts_change_nothing_in_the_hard_set(kind: str) -> None:
    """Every third pair of the hard set is judged as without shortcuts, either way round."""
    pairs = [(case.a.text, case.b.text) for case in islice(hard.cases(kind), 0, None, 3)]
    pairs += [(b, a) for a, b in pairs]
    assert [(a, b) for a, b in pairs if guard(a, b) != plain_guard(a, b)] == []


PHRASES = (
    "The harbour office moved {} old boats to the new quay", "{} sailors did {} come back on {} in {}",
    "Tickets stay cheap for all {} guests of it", "It sold {} boats for ${} each", "one {} more", "J. Doe said {}",
    "Sandhaven, {} — Nobody sailed", "{} of {} were {}", "港で{}隻の船が{}沈んだ",
)  # fmt: skip
FILLERS = ("12", "13", "not", "one", "a", "two", "twenty", "march", "april", "5%", "6%", "twelve", "f16", "f35", "no",
           "", "boats", "-5", "minus", "10:30", "10 a.m.", "4.5.2026", "24:23 (12:10)", "二十三", "didn't")  # fmt: skip


def scrambled(random: Random) -> tuple[str, str]:
    """A text of a few phrases with values in them, and a copy with words replaced, dropped, added, exchanged or cut."""
    made = [phrase.format(*random.choices(FILLERS, k=4)) for phrase in random.choices(PHRASES, k=random.randint(1, 7))]
    text = "".join(phrase + random.choice([". ", ".\n", "\n\n", "! ", "… ", ", "]) for phrase in made)
    found = text.split(" ")
    for _ in range(random.randint(0, 3)):
        i, j = random.randrange(len(found)), random.randrange(len(found))
        change = random.choice(["replace", "drop", "add", "exchange"])
        if change == "replace":
            found[i] = random.choice(FILLERS)
        elif change == "drop" and len(found) > 1:
            del found[i]
        elif change == "add":
            found.insert(i, random.choice((*FILLERS, "gull")))
        else:
            found[i], found[j] = found[j], found[i]
    copy = " ".join(found)
    if random.random() < 0.3:
        copy = copy[: random.randint(len(copy) // 2, len(copy))] + random.choice(["", "…"])
    return text, copy


def test_shortcuts_change_nothing_in_scrambled_texts() -> None:
    """Of 6,000 pairs of texts full of values, which often are no update, each is judged as without shortcuts."""
    random = Random(1)
    pairs = [scrambled(random) for _ in range(6000)]
    found = [guard(a, b) for a, b in pairs]
    assert [pair for pair, fired in zip(pairs, found, strict=True) if fired != plain_guard(*pair)] == []
    assert 600 <= sum(fired is not None for fired in found) <= 5400


def test_words_of_many_sentences_align_nothing() -> None:
    """Sentences whose common words stand in over 64 each are aligned by a rarer word, and not without one."""
    names = [x + y for x in "bcdfghjklm" for y in "bcdfghjklm"]
    line = "The old pier had {} boats {} {}."
    old = " ".join(line.format(100 + k, name, "gull") for k, name in enumerate(names))
    apart = " ".join(line.format(500 + k, f"{name}a", "tern") for k, name in enumerate(names))
    alike = " ".join(line.format(500 + k, name, "tern") for k, name in enumerate(names))
    assert (guard(old, apart), plain_guard(old, apart)) == (None, None)
    assert guard(old, alike) == plain_guard(old, alike) == "number: 100 | 500"
