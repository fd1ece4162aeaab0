"""Repeats: the join is exact, the star holds, stories are whole, and what says something else stays apart."""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.repeats import Folded, Item, Pair, fold, guard, join, length_class, over_threshold, relation
from broadsheet.text import words

THRESHOLD = Fraction(7, 10)


def item(number: int, text: str, kind: str = "article", **values: object) -> Item:
    role = {"article": "main", "comment": "comment", "teaser": "teaser"}[kind]
    base = Item(id=f"{number:032x}", kind=kind, role=role, text=text)
    if kind == "comment":
        base = replace(base, thread="harbour", author="Ada")
    return replace(base, **values)  # type: ignore[arg-type]


def relations(folded: Folded) -> list[tuple[str, str]]:
    return [(pair.relation, pair.decision) for pair in folded.pairs]


# ---- the definition, written out over all pairs ------------------------------------------------------------------


def grams(text: str) -> set[str]:
    found = words(text)
    return {" ".join(found[i : i + 3]) for i in range(len(found) - 2)}


def brute_force(items: list[Item], threshold: Fraction) -> set[tuple[str, str, int, int]]:
    pairs = set()
    for x, y in combinations(items, 2):
        n_x, n_y = len(words(x.text)), len(words(y.text))
        if n_x >= 10 and n_y >= 10:
            a, b = sorted((x, y), key=lambda z: (len(words(z.text)), len(grams(z.text)), z.id))
            shared = len(grams(a.text) & grams(b.text))
            if Fraction(shared, len(grams(a.text))) >= threshold:
                pairs.add((a.id, b.id, shared, len(grams(a.text))))
        elif n_x and words(x.text) == words(y.text):
            mine, yours = ((z.kind == "comment", z.kind == "comment" and (z.thread, z.author)) for z in (x, y))
            if mine == yours and not (x.kind == "comment" and x.thread is None):
                pairs.add((min(x.id, y.id), max(x.id, y.id), n_x, n_x))
    return pairs


BITS = (
    "a b c d e f g h i j k l",
    "m n o p q r s t u v",
    "not 5 a b",
    "12 c d. e",
    "a b c",
    "x",
    "y z 7 8",
    "$5.",
)


@st.composite
def corpora(draw: st.DrawFn) -> list[Item]:
    """Records over a few phrases, so that most overlap."""
    body = st.lists(st.sampled_from(BITS), max_size=6).map(" ".join)
    rows = draw(
        st.lists(
            st.tuples(
                body,
                st.sampled_from(["article", "article", "teaser", "comment"]),
                st.sampled_from(["s", "t", None]),
                st.sampled_from(["t", "u", None]),
                st.sampled_from(["2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z", None]),
                st.sampled_from([True, False, False, False]),
                st.sampled_from([True, False, False]),
            ),
            max_size=9,
        )
    )
    numbers = draw(st.permutations(range(len(rows))))
    return [
        item(n, text, kind, source=source, thread=thread, captured=captured, published=published, truncated=cut)
        for n, (text, kind, source, thread, captured, published, cut) in zip(numbers, rows, strict=True)
    ]


THRESHOLDS = st.sampled_from([Fraction(n, 20) for n in range(10, 20)])
SCOPES = st.sampled_from(["global", "per-source"])


@given(corpora(), THRESHOLDS)
def test_the_join_misses_no_pair(items: list[Item], threshold: Fraction) -> None:
    """The pairs over the threshold are those of the definition, with its counts, each once."""
    found = list(over_threshold(items, threshold))
    assert set(found) == brute_force(items, threshold)
    assert len(found) == len(set(found))


@given(st.lists(st.lists(st.sampled_from("abcdefg"), min_size=10, max_size=60), max_size=12), THRESHOLDS)
def test_the_join_counts_what_is_shared(texts: list[list[str]], threshold: Fraction) -> None:
    """Over texts of very few words, where every shingle is common, the join is exact too."""
    sets = [grams(" ".join(text)) for text in texts]
    expected = {}
    for i, j in combinations(range(len(texts)), 2):
        n_a = min((len(texts[i]), len(sets[i])), (len(texts[j]), len(sets[j])))[1]
        if len(sets[i] & sets[j]) >= threshold * n_a:
            expected[i, j] = len(sets[i] & sets[j])
    assert join(texts, threshold).shared == expected


@given(corpora(), THRESHOLDS, SCOPES, st.randoms())
def test_the_order_of_the_input_does_not_matter(
    items: list[Item], threshold: Fraction, scope: str, rng: random.Random
) -> None:
    """Records and ties in any order give the same pairs, canonicals and stories."""
    ties = [(x.id, y.id) for x, y in zip(items[::3], items[1::3], strict=False)]
    shuffled = rng.sample(items, len(items))
    expected = fold(items, ties, threshold=threshold, scope=scope)
    assert fold(shuffled, [(y, x) for x, y in reversed(ties)], threshold=threshold, scope=scope) == expected


@settings(max_examples=200)
@given(corpora(), THRESHOLDS, SCOPES)
def test_the_star(items: list[Item], threshold: Fraction, scope: str) -> None:
    """Each member was compared with its own canonical; no unpublished canonical could fold into one before it."""
    folded = fold(items, threshold=threshold, scope=scope)
    by_id = {x.id: x for x in items}

    def above(parent: str | None) -> str | None:
        return folded.canonical[parent][0] if parent in folded.canonical else parent

    over = {frozenset(pair[:2]) for pair in over_threshold(items, threshold)}
    evidence = {frozenset((pair.a, pair.b)): pair for pair in folded.pairs}
    kept = {id_ for id_, (canonical, _) in folded.canonical.items() if id_ == canonical}
    assert folded.canonical.keys() == by_id.keys()
    for id_, (canonical, name) in folded.canonical.items():
        assert canonical in kept
        assert (name is None) == (id_ == canonical)
        if name is None:
            continue
        pair = evidence[frozenset((id_, canonical))]
        assert (pair.relation, pair.guard, pair.decision) == (name, None, "fold")
        assert frozenset((id_, canonical)) in over
        assert not by_id[id_].published
        assert may_fold(by_id[id_], by_id[canonical], scope, above)
    assert sum(pair.decision == "fold" for pair in folded.pairs) == len(items) - len(kept)
    for x, y in combinations(kept, 2):
        a, b = sorted((by_id[x], by_id[y]), key=lambda z: (len(words(z.text)), len(grams(z.text)), z.id))
        if frozenset((x, y)) in over and may_fold(a, b, scope, above) and not (a.published or b.published):
            name = relation(words(a.text), words(b.text))
            is_cut = b.truncated or b.kind == "teaser"
            foldable = name in ("exact", "near") or (name == "trimmed" and not (a.kind == "article" and is_cut))
            assert not foldable or guard(a.text, b.text)


def may_fold(x: Item, y: Item, scope: str, above: Callable[[str | None], str | None]) -> bool:
    if scope == "per-source" and x.source != y.source:
        return False
    if "comment" not in (x.kind, y.kind):
        return True
    same = (x.kind, x.thread, x.author, above(x.parent)) == (y.kind, y.thread, y.author, above(y.parent))
    return same and x.thread is not None


@given(corpora(), THRESHOLDS)
def test_stories_are_whole(items: list[Item], threshold: Fraction) -> None:
    """Stories are the components over every pair over the threshold and the ties, named by their smallest id."""
    ties = [(x.id, y.id) for x, y in zip(items[::4], items[1::4], strict=False)]
    component = {x.id: {x.id} for x in items}
    for a, b in [pair[:2] for pair in brute_force(items, threshold)] + ties:
        merged = component[a] | component[b]
        for id_ in merged:
            component[id_] = merged
    folded = fold(items, ties, threshold=threshold)
    assert folded.story == {id_: min(members) for id_, members in component.items()}


@st.composite
def families(draw: st.DrawFn) -> list[Item]:
    """Copies of one text of sixty words: cut off, with other words and figures; some twice, by two sources."""
    edits = st.lists(st.tuples(st.integers(0, 59), st.sampled_from(["x", "y", "5", "6"])), max_size=3)
    rows = draw(st.lists(st.tuples(edits, st.sampled_from([60, 60, 52, 45]), st.sampled_from("st")), max_size=9))
    items = []
    for number, (changes, n_words, source) in enumerate(rows):
        text = [f"{'abcdef'[i % 6]}{chr(97 + i // 6)}" for i in range(60)]
        for place, word in changes:
            text[place] = word
        items.append(item(number, " ".join(text[:n_words]), source=source))
    return items


def joined(ids: Iterable[str], pairs: Iterable[frozenset[str]]) -> dict[str, frozenset[str]]:
    """Who is tied to each by pairs."""
    found = {id_: frozenset([id_]) for id_ in ids}
    for pair in pairs:
        together = frozenset.union(*(found[id_] for id_ in pair))
        found |= dict.fromkeys(together, together)
    return found


@settings(max_examples=200)
@given(corpora() | families(), THRESHOLDS, SCOPES)
def test_the_evidence_is_complete(items: list[Item], threshold: Fraction, scope: str) -> None:
    """It ties what is over the threshold, and has each two such records for which no third one stands.

    Of records of equal words one stands for all in pairs with others.
    """
    folded = fold(items, threshold=threshold, scope=scope)
    pairs = {frozenset((p.a, p.b)) for p in folded.pairs if p.relation != "none"}
    over = {frozenset(pair[:2]) for pair in over_threshold(items, threshold)}
    assert pairs <= over
    assert joined(folded.story, pairs) == joined(folded.story, over)
    of = {id_: canonical for id_, (canonical, _) in folded.canonical.items()}
    decided = {pair for pair in over if len({of[id_] for id_ in pair}) == 2 or any(of[id_] == id_ for id_ in pair)}
    assert pairs <= decided
    said = {x.id: tuple(words(x.text)) for x in items}
    if len(set(said.values())) == len(items):
        assert pairs == decided
    told = {frozenset(said[id_] for id_ in pair) for pair in pairs}
    for pair in over:
        if all(of[id_] == id_ for id_ in pair):
            assert frozenset(said[id_] for id_ in pair) in told


def test_a_published_record_folds_into_nothing() -> None:
    """The published record stays, even the shorter one; a longer newcomer stays too, and both are linked."""
    long = " ".join(f"w{chr(97 + i)}" for i in range(26))
    short = " ".join(long.split()[:15])
    folded = fold([item(1, long), item(2, short, published=True)])
    assert relations(folded) == [("trimmed", "keep")]
    assert folded.story == {f"{1:032x}": f"{1:032x}", f"{2:032x}": f"{1:032x}"}
    assert fold([item(1, long), item(2, long, published=True)]).canonical[f"{1:032x}"] == (
        f"{2:032x}",
        "exact",
    )


# ---- what stays apart, and what does not -------------------------------------------------------------------------

FILLER = "The harbour office published its plan early. Boats will leave from the new quay. Tickets stay cheap."

UPDATES = [
    ("The storm sank 12 boats near the pier.", "The storm sank 48 boats near the pier.", "number: 12 | 48"),
    ("Twelve boats sank near the pier.", "Fourteen boats sank near the pier.", "number: twelve | fourteen"),
    ("It costs $5 million.", "It costs €5 million.", "number: $ | €"),
    ("It was −5 degrees at the pier.", "It was 5 degrees at the pier.", "number: -5 | 5"),
    ("The tank holds 5² units.", "The tank holds 52 units.", "number: 5^2 | 52"),
    ("The level rose by 1.5 metres.", "The level rose by 15 metres.", "number: 1.5 | 15"),
    ("The vote is on 3 March.", "The vote is on 3 April.", "date: march | april"),
    ("The vote is on 03/04/2031.", "The vote is on 07/04/2031.", "date: 03/04/2031 | 07/04/2031"),
    ("The mayor did not resign.", "The mayor did resign.", "negation: not |"),
    ("The mayor doesn’t agree.", "The mayor does agree.", "negation: doesn't |"),
    ("Der Rat hat den Plan nicht gebilligt.", "Der Rat hat den Plan gebilligt.", "negation: nicht |"),
    ("Die Sitzung ist am Montag im Hafen.", "Die Sitzung ist am Freitag im Hafen.", "date: montag | freitag"),
    ("Le conseil a approuvé ce projet.", "Le conseil n'a pas approuvé ce projet.", "negation: | n'a pas"),
    ("La réunion a lieu en mars au port.", "La réunion a lieu en avril au port.", "date: mars | avril"),
    ("Ο δήμαρχος δεν δέχτηκε την πρόταση.", "Ο δήμαρχος δέχτηκε την πρόταση.", "negation: δεν |"),
    ("Το λιμάνι ανοίγει τον Μάρτιο.", "Το λιμάνι ανοίγει τον Απρίλιο.", "date: μάρτιο | απρίλιο"),
    ("غرق ١٢ قاربا قرب الميناء.", "غرق ٤٨ قاربا قرب الميناء.", "number: 12 | 48"),
    ("لم يوافق المجلس على الخطة.", "يوافق المجلس على الخطة.", "negation: لم |"),
    ("港で12隻の船が沈んだ。", "港で48隻の船が沈んだ。", "number: 12 | 48"),
    ("市長は計画を承認した。", "市長は計画を承認しなかった。", "negation: | なかった"),
    ("会議は3月5日に開かれる。", "会議は4月5日に開かれる。", "date: 3月5日 | 4月5日"),
]

COPIES = [
    ("The match starts at 18:30.", "The match starts at 19:45."),
    ("The match starts at 6.30 pm.", "The match starts at 7pm."),
    ("12 people watched. The quay was full.", "The quay was full."),
    ("Nobody was not there. The quay was full.", "The quay was full."),
    ("Twelve boats came in.", "12 boats came in."),
    ("It is in Mar in town.", "It is in March in town."),
    (
        "The mayor, who had not been there when the old boat sank, said so.",
        "The mayor said so.",
    ),
]


@pytest.mark.parametrize(("old", "new", "evidence"), UPDATES)
def test_what_says_something_else_is_an_update(old: str, new: str, evidence: str) -> None:
    """A changed figure, date or negation in an aligned sentence is kept apart, with its evidence."""
    assert guard(old, new) == evidence
    assert guard(f"{FILLER} {old}", f"{FILLER} {new}") == evidence
    body = " ".join([FILLER] * 2)
    folded = fold([item(1, f"{body} {old}"), item(2, f"{body} {new}")])
    assert relations(folded) == [("update", "keep")]
    assert set(folded.story.values()) == {f"{1:032x}"}


@pytest.mark.parametrize(("old", "new"), COPIES)
def test_what_says_the_same_does_not_fire(old: str, new: str) -> None:
    """Clock times, missing sentences and clauses, and other spellings of a value are no update, either way round."""
    assert guard(f"{old} {FILLER}", f"{new} {FILLER}") is None
    assert guard(f"{new} {FILLER}", f"{old} {FILLER}") is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SANDHAVEN, 12 March (Quaynews) — ", "LOWMOUTH, 13 April — "),
        ("Sandhaven, 12. März (qn) – ", ""),
        ("12 March 2031\n", "Published Monday 14 March 2031 18:30\n"),
        ("【港町、3月5日】", ""),
    ],
)
def test_datelines_never_fire(old: str, new: str) -> None:
    """Place, date and agency at the very start do not matter; the same words as part of a sentence do."""
    assert guard(old + FILLER, new + FILLER) is None
    assert guard("On 12 March — a Friday — he left.", "On 19 March — a Friday — he left.") == "number: 12 | 19"
    assert guard("The toll rose to 12 — they said.", "The toll rose to 48 — they said.") == "number: 12 | 48"


def test_equal_words_go_through_the_guard() -> None:
    """Two texts of equal words that differ in currency are an update; a third folds into the one it equals."""
    texts = [f"{FILLER} It costs {sign}5 today." for sign in "$€€"]
    folded = fold([item(i, text) for i, text in enumerate(texts)])
    ids = [f"{i:032x}" for i in range(3)]
    assert words(texts[0]) == words(texts[1])
    assert folded.canonical == {ids[0]: (ids[0], None), ids[1]: (ids[1], None), ids[2]: (ids[1], "exact")}
    assert relations(folded) == [("update", "keep"), ("update", "keep"), ("exact", "fold")]


def test_relations() -> None:
    """Equal, within a quarter, beginning together, elsewhere inside."""
    text = [f"w{i}" for i in range(100)]
    dateline = ["sandhaven", "monday", "quaynews"]
    assert relation(text, text) == "exact"
    assert relation(text[:80], text) == "near"
    assert relation(text[:79], text) == "trimmed"
    assert relation(dateline + text[:60], text) == "trimmed"
    assert relation(text[:60], dateline + text) == "trimmed"
    assert relation(text[20:80], text) == "embedded"
    with pytest.raises(ValueError, match="shorter text first"):
        relation(text, text[:10])


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_length_classes(a: int, b: int) -> None:
    """A longer text is never in a lower class, and one that is over a quarter longer is in a higher one."""
    a, b = sorted((a, b))
    assert length_class(a) <= length_class(b)
    assert length_class(a) < length_class(b) or 4 * b <= 5 * a


def test_a_teaser_folds_into_its_article_and_a_quotation_does_not() -> None:
    """The pairs, canonicals and stories of an article, its teaser, a quotation from it and a stranger."""
    text = f"{FILLER} Ada Quill rows out each dawn and mends her nets before the gulls come back to the sheds again."
    quoted = "Ada Quill rows out each dawn and mends her nets before the gulls come"
    folded = fold(
        [
            item(1, text),
            item(2, " ".join(text.split()[:14]), "teaser", truncated=True),
            item(3, quoted, "comment"),
            item(4, "Quite another text about gardens, hills and the slow trains that run between them."),
        ]
    )
    one, two, three, four = (f"{i:032x}" for i in range(1, 5))
    n = len(grams(text))
    assert folded == Folded(
        pairs=[
            Pair(two, one, "trimmed", 12, 12, n, None, "fold"),
            Pair(three, one, "embedded", 12, 12, n, None, "keep"),
        ],
        canonical={one: (one, None), two: (one, "trimmed"), three: (three, None), four: (four, None)},
        story={one: one, two: one, three: one, four: four},
        n_candidates=2,
    )


def test_an_article_is_not_folded_into_what_is_cut() -> None:
    """A shorter article stays beside a longer cut-off copy, but a near one of the same class folds."""
    text = " ".join(f"w{i}x" for i in range(60))
    short = " ".join(text.split()[:40])
    assert relations(fold([item(1, text, truncated=True), item(2, short)])) == [("trimmed", "keep")]
    near = " ".join(text.split()[:58])
    assert fold([item(1, text, truncated=True), item(2, near)]).canonical[f"{1:032x}"] == (
        f"{2:032x}",
        "near",
    )


@pytest.mark.parametrize("text", ["Well said!", "Well said, and I hope that the whole council reads each word of it."])
def test_comments_fold_within_one_thread_author_and_parent(text: str) -> None:
    """The same words of another author, thread or parent, or of an unknown thread, stay; the same comment folds."""
    base = item(1, text, "comment")
    for other in ({"author": "Bo"}, {"thread": "quay"}, {"parent": "x"}, {"thread": None}, {}):
        folded = fold([base, replace(base, id=f"{2:032x}", **other)])
        assert folded.canonical[f"{2:032x}"] == ((f"{2:032x}", None) if other else (base.id, "exact"))
        tied = len(words(text)) >= 10 or not other or "parent" in other
        assert (len(set(folded.story.values())) == 1) == tied
    assert relations(fold([base, item(2, text)])) == ([("exact", "keep")] if len(words(text)) >= 10 else [])


def test_replies_fold_when_what_they_answer_folds() -> None:
    """Two captures of a thread give two copies of a comment and two of its reply: one of each stays."""
    comment = item(1, "Nobody asked the people of the quay.", "comment")
    again = replace(comment, id=f"{2:032x}")
    reply = replace(item(3, "They were asked twice.", "comment"), parent=comment.id)
    same = replace(reply, id=f"{4:032x}", parent=again.id)
    folded = fold([same, reply, again, comment])
    assert folded.canonical[again.id] == (comment.id, "exact")
    assert folded.canonical[same.id] == (reply.id, "exact")


def test_a_changed_figure_in_the_title_is_an_update() -> None:
    """Equal texts under titles with different figures stay apart; titles that differ otherwise do not matter."""
    eight, nine, other = (
        replace(item(i, FILLER), title=title)
        for i, title in enumerate(("Polls open at 8 offices", "Polls open at 9 offices", "All about the polls"))
    )
    assert [pair.guard for pair in fold([eight, nine]).pairs] == ["title number: 8 | 9"]
    assert relations(fold([eight, other])) == [("exact", "fold")]


def test_per_source_keeps_each_source_its_own() -> None:
    """Copies of two sources stay in scope `per-source`, and are one story all the same."""
    items = [
        item(1, FILLER, source="a.example"),
        item(2, FILLER, source="b.example"),
        item(3, FILLER, source="b.example"),
    ]
    one, two, three = (x.id for x in items)
    assert fold(items).canonical == {one: (one, None), two: (one, "exact"), three: (one, "exact")}
    folded = fold(items, scope="per-source")
    assert folded.canonical == {one: (one, None), two: (two, None), three: (two, "exact")}
    assert set(folded.story.values()) == {one}


def test_copies_are_not_compared_all_with_all() -> None:
    """The evidence grows with the number of copies, not with its square, even where none of equal words may fold."""
    items = [item(i, FILLER, "comment", author=str(i)) for i in range(300)]
    folded = fold([*items, item(300, FILLER + " One sentence more.")])
    assert len(folded.pairs) == 300
    assert len(set(folded.story.values())) == 1


def test_what_is_folded_into_one_record_is_no_evidence_beside_it() -> None:
    """Of fifty texts that are all alike there are as many folds as repeats, and no other pairs."""
    texts = [FILLER.replace("the", f"the{'x' * i}", 1) for i in range(50)]
    folded = fold([item(i, text) for i, text in enumerate(texts)])
    assert len(set(texts)) == 50
    assert relations(folded) == [("near", "fold")] * 49
    assert folded.n_candidates == 50 * 49 // 2


def test_two_that_stay_are_told_even_where_their_equals_are_folded_into_one() -> None:
    """Of one source a third record stands for both texts; of the other both stay, and what differs is evidence."""
    whole = f"{FILLER} Nobody has said yet who is going to pay for it."
    one, two = (f"{FILLER} {n} came back to the old pier." for n in ("One sailor", "Two sailors"))
    items = [item(0, whole, source="s"), *(item(i, text, source="s") for i, text in enumerate((one, two), 1))]
    items += [item(i, text, source="t") for i, text in enumerate((one, two), 3)]
    folded = fold(items, threshold=Fraction(6, 10), scope="per-source")
    of = [int(folded.canonical[x.id][0], 16) for x in items]
    assert of == [0, 0, 0, 3, 4]
    assert [(int(p.a, 16), int(p.b, 16)) for p in folded.pairs if p.relation == "update"] == [(3, 4)]


def test_a_near_miss_is_evidence_but_no_tie() -> None:
    """Two texts that share over half of the shingles of the shorter one are listed and stay two stories."""
    common, a, b = ([f"{c}{i}x" for i in range(12)] for c in "abc")
    folded = fold([item(1, " ".join(common + a[:6])), item(2, " ".join(common + b[:7]))])
    one, two = f"{1:032x}", f"{2:032x}"
    assert folded.pairs == [Pair(one, two, "none", 10, 16, 17, None, "keep")]
    assert folded.story == {one: one, two: two}


def test_lists_of_scores_stay_apart() -> None:
    """Low-entropy lists whose rows differ in figures only are updates of each other, never folded."""
    rng = random.Random(7)
    tables = [
        "\n".join(f"Harbour {t} beat Quay {t + 1} by {rng.randint(0, 9)} to {rng.randint(0, 9)}." for t in range(12))
        for _ in range(20)
    ]
    folded = fold([item(i, table) for i, table in enumerate(tables)], threshold=Fraction(1, 2))
    assert all(name is None for _, name in folded.canonical.values())


def hard_pairs() -> list[tuple[str, str, bool]]:
    """Pairs of texts, and whether they say the same: made from invented sentences and small edits."""
    rng = random.Random(20)
    who = ["The mayor", "A captain", "The council", "One sailor", "Her office", "The port board"]
    did = ["approved", "inspected", "described", "repaired", "closed", "praised"]
    what = ["the northern quay", "a row of sheds", "the ferry line", "two old cranes", "the fish market"]
    when = ["in March", "on Monday", "after 14 days", "with 230 guests", "for 7.5 million crowns", "at 18:30"]
    pairs = []
    for _ in range(60):
        body = [f"{rng.choice(who)} {rng.choice(did)} {rng.choice(what)} {rng.choice(when)} again." for _ in range(8)]
        i = rng.randrange(8)

        def edited(old: str, new: str, i: int = i, body: list[str] = body) -> str:
            return " ".join([*body[:i], f"Then the crew {new} the hull, as Ida Moor said.", *body[i:]]).replace(
                old, new
            )

        base = edited("\0", "did check 31 parts of")
        pairs += [
            (base, edited("\0", "did check 13 parts of"), False),
            (base, edited("\0", "did not check 31 parts of"), False),
            (base, edited("\0", "did never check 31 parts of"), False),
            (base.replace("Ida", "on Friday Ida"), base.replace("Ida", "on Sunday Ida"), False),
            (base, edited("\0", "did check 31 separate parts of"), True),
            (base, base.upper().replace(",", " –"), True),
            (base, "SANDHAVEN, 3 May (Quaynews) — " + base, True),
            (base, " ".join(base.split()[:60]) + " …", True),
            (base, base + " In all 99 people had not come.", True),
            (base, base.replace("18:30", "19:00"), True),
        ]
    return pairs


def test_no_wrong_fold_in_the_hard_set() -> None:
    """Of some hundred small edits none that changes a figure, date or negation folds, and all others do."""
    wrong = [
        (a, b)
        for a, b, same in hard_pairs()
        if any(name for _, name in fold([item(1, a), item(2, b)]).canonical.values()) != same
    ]
    assert wrong == []


def test_wrong_calls_are_refused_with_all_their_faults() -> None:
    """A wrong call lists every fault that it has."""
    items = [item(1, FILLER), item(1, FILLER), replace(item(2, FILLER), kind="poem", role="hero")]
    with pytest.raises(ValueError, match=r"stands twice.*kind 'poem'.*role 'hero'.*tie") as refusal:
        fold(items, [("x", "y")], threshold=Fraction(3, 2), scope="all")
    assert "threshold 3/2" in str(refusal.value)
    assert "scope 'all'" in str(refusal.value)


def test_nothing_folds_to_nothing() -> None:
    """No records give no results; empty texts never pair."""
    assert fold([]) == Folded([], {}, {})
    folded = fold([item(1, ""), item(2, " …")])
    assert (folded.pairs, len(set(folded.story.values()))) == ([], 2)
