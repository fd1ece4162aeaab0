"""The compiled tokeniser and join give what the definitions in plain Python give."""

import dataclasses
import itertools
import random
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.repeats import Item, compare, fold, fold_table, join
from broadsheet.repeats.bodies import Bodies
from broadsheet.text import words

pytest.importorskip("numba", reason="the compiled join needs Numba: the extra `fast`")

from broadsheet.repeats import kernels
from broadsheet.repeats.compiled import Join
from broadsheet.repeats.digests import Digester, Work, hash_words
from broadsheet.repeats.relate import COMMONEST

TRICKY = (
    "aZz09 .,:'’+-−^²₂⁻⁺½٣٫é\u0301\u0316\u20e3\u0345\u093c\u094dक東か\u3099\u200b\ufe0f"
    "\u00a0\n\x00ⅣßİŉﬃΣ㍿\u0640😀각\u1161\u212a"
)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
DENSE = st.text(st.sampled_from(TRICKY), max_size=40)
PLAIN = st.text(st.sampled_from("aB09 .,:'’+-^é東٣"), max_size=60)


def column(texts: Sequence[str], cuts: Sequence[int] = (), type_: pa.DataType | None = None) -> pa.ChunkedArray:
    """The texts in chunks, each a slice of an array with strangers around it."""
    bounds = [0, *sorted(min(cut, len(texts)) for cut in cuts), len(texts)]
    type_ = type_ or pa.string()
    chunks = [pa.array(["5²", *texts[i:j], "é"], type_).slice(1, j - i) for i, j in itertools.pairwise(bounds)]
    return pa.chunked_array(chunks, type_)


def openings(texts: Sequence[str], n_words: int) -> list[list[int]]:
    found = Digester().openings(Bodies.of(column(texts)), np.arange(len(texts)), n_words)
    return [row.tolist() for row in found]


def expected_openings(texts: Sequence[str], n_words: int) -> list[list[int]]:
    found = [words(text)[:n_words] for text in texts]
    hashes = iter(hash_words([word for text in found for word in text]).tolist())
    return [[next(hashes) for _ in text] + [0] * (n_words - len(text)) for text in found]


@given(st.lists(ANY | DENSE | PLAIN, max_size=8))
def test_words_are_the_words_of_the_definition(texts: list[str]) -> None:
    """The hash of each word of any text is that of the word which `words` yields, and there are no others."""
    assert openings(texts, 64) == expected_openings(texts, 64)


def is_of_its_own(char: str) -> bool:
    name = unicodedata.name(char, "")
    regular = ("CJK UNIFIED", "HANGUL SYL", "TANGUT", "KHITAN", "NUSHU", "EGYPTIAN")
    return char < "\u3000" or (name != "" and not name.startswith(regular))


def test_every_code_point_is_read_as_defined() -> None:
    """Each code point alone, between letters, behind a digit and before one gives the words of the definition."""
    codes = (code for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)
    for chunk in iter(lambda: list(itertools.islice(codes, 1 << 16)), []):
        # Ideographs, syllables of Hangul, and code points that are not assigned are sampled.
        texts = [
            f"a{c}b 5{c}7" for c in map(chr, chunk) if unicodedata.category(c) not in ("Cn", "Co") or ord(c) % 256 == 0
        ]
        assert openings(texts, 8) == expected_openings(texts, 8)


def test_pairs_of_tricky_code_points() -> None:
    """Each two of the tricky characters, alone and between a digit and a letter, give the words of the definition."""
    texts = [f"{a}{b} 5{a}{b}z{b}5{a}" for a, b in itertools.product(TRICKY, repeat=2)]
    assert openings(texts, 16) == expected_openings(texts, 16)


def test_bytes_that_are_no_text_are_never_read_past() -> None:
    """A text that ends inside a code point is handed to Python, which refuses it."""
    offsets, data = pa.array([0, 2], pa.int32()), b"a\xe3"
    broken = pa.StringArray.from_buffers(1, offsets.buffers()[1], pa.py_buffer(data))
    with pytest.raises(UnicodeDecodeError):
        Join(Bodies.of(broken), 1, None).digest()


# ---- the join ----------------------------------------------------------------------------------------------------

THRESHOLDS = [Fraction(1, 2), Fraction(7, 10), Fraction(4, 5), Fraction(19, 20)]


def compiled(
    texts: pa.ChunkedArray, threshold: Fraction, n_threads: int = 1, memory_bytes: int | None = None
) -> tuple[list[list[int]], dict[tuple[int, int], int]]:
    """Rows with equal words, and what the first rows of such share where that is over the threshold."""
    work = Join(Bodies.of(texts), n_threads, memory_bytes)
    digests = work.digest()
    groups: dict[int, list[int]] = {}
    for row, equal in enumerate(digests.equal.tolist()):
        groups.setdefault(equal, []).append(row)
    pairs = work.pairs(threshold)
    shared = {}
    for a, b, n in pairs.tolist():
        sizes = [(digests.n_words[row], digests.n_shingles[row]) for row in (a, b)]
        assert sizes[0] <= sizes[1]
        i, j = sorted((groups[a][0], groups[b][0]))
        shared[i, j] = n
    assert len(shared) == len(pairs)
    assert work.n_candidates >= len(pairs)
    return sorted(groups.values()), shared


def plain(texts: Sequence[str], threshold: Fraction) -> tuple[list[list[int]], dict[tuple[int, int], int]]:
    """The same by the join in plain Python."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for row, text in enumerate(texts):
        groups.setdefault(tuple(words(text)), []).append(row)
    long = [(found, rows[0]) for found, rows in groups.items() if len(found) >= 10]
    joined = join([found for found, _ in long], threshold)
    return sorted(groups.values()), {(long[i][1], long[j][1]): n for (i, j), n in joined.shared.items()}


CORPORA = st.lists(
    st.lists(st.sampled_from(["a b c d e f g", "H i j", "x", "東京", "é 5²", "n\u0303 o p", "1.5 -2"]), max_size=9).map(
        " ".join
    ),
    max_size=14,
)


@given(
    CORPORA,
    st.sampled_from(THRESHOLDS),
    st.lists(st.integers(0, 14), max_size=3),
    st.integers(1, 3),
    st.sampled_from([None, 1, 4096]),
    st.sampled_from([pa.string(), pa.large_string()]),
)
def test_the_compiled_join_is_the_plain_join(
    texts: list[str],
    threshold: Fraction,
    cuts: list[int],
    n_threads: int,
    memory_bytes: int | None,
    type_: pa.DataType,
) -> None:
    """Groups and pairs are those of the plain join, however the column is cut, in any threads and memory."""
    assert compiled(column(texts, cuts, type_), threshold, n_threads, memory_bytes) == plain(texts, threshold)


def likely_texts(n: int, seed: int = 3) -> list[str]:
    """Made-up texts of many lengths; half are edited, cut, extended or recased copies of others."""
    rng = random.Random(seed)
    vocabulary = [f"{a}{b}{c}" for a in "bdfgklmn" for b in "aeiouéö" for c in ("", "n", "ss", "东", "’s")]
    weights = list(itertools.accumulate(1 / (rank + 2.7) for rank in range(len(vocabulary))))
    texts: list[list[str]] = []
    while len(texts) < n:
        if texts and rng.random() < 0.5:
            text = list(rng.choice(texts))
            for _ in range(rng.choice([0, 0, 1, 3, 9])):
                text[rng.randrange(len(text))] = str(rng.randrange(99))
            start = rng.choice([0, 0, len(text) // 4])
            text = text[start : rng.choice([len(text), max(start + 1, len(text) * 2 // 3)])]
        else:
            text = rng.choices(vocabulary, cum_weights=weights, k=rng.choice([3, 12, 25, 40, 120]))
        texts.append(text)
    return [rng.choice([" ", ", ", "\n"]).join(text) for text in texts]


@pytest.fixture(scope="module")
def corpus() -> list[str]:
    """Some 10,000 texts."""
    return likely_texts(10_000)


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_ten_thousand_texts(corpus: list[str], threshold: Fraction) -> None:
    """On many texts of all kinds the compiled join finds what the plain one finds, in one round and in many."""
    expected = plain(corpus, threshold)
    assert len(expected[1]) > 1000
    assert compiled(column(corpus, [17, 5000]), threshold, 2) == expected
    assert compiled(column(corpus), threshold, 2, 1 << 18) == expected


def test_candidates_do_not_depend_on_threads_or_cuts(corpus: list[str]) -> None:
    """The number of pairs that were compared is a fact of the texts."""
    counts = set()
    for cuts, n_threads in (((), 1), ((100, 4000), 2), ((7,), 3)):
        work = Join(Bodies.of(column(corpus, cuts)), n_threads, None)
        work.digest()
        work.pairs(Fraction(1, 2))
        counts.add(work.n_candidates)
    assert len(counts) == 1


@pytest.mark.parametrize(("need", "n_probes", "n_extra"), [(40, 29, 8), (34, 30, 3), (31, 30, 0), (25, 36, 0)])
def test_the_commonest_shingles_are_looked_for_only_where_they_must_be(need: int, n_probes: int, n_extra: int) -> None:
    """Forty texts share thirty shingles; each has thirty others, rare ones, with one other text."""
    shingles = np.random.default_rng(1).integers(0, 1 << 64, (21, 30), np.uint64, endpoint=False)
    rare, common = shingles[:20], shingles[20]
    hashes = np.concatenate([np.concatenate([common, own, common, own]) for own in rare])
    counters, shift = np.zeros(1 << 23, np.uint8), np.uint64(40)
    kernels.count(hashes, counters, shift)
    n, bounds = 40, np.arange(0, 60 * 40 + 1, 60)
    n_probed, extras = np.empty(n, np.int64), np.empty(n, np.int64)
    space = np.empty(60, np.uint8), np.empty(60, np.uint64), np.empty(COMMONEST + 2, np.int64)
    needs = np.full(n, need), np.full(n, 8)
    assert kernels.select(bounds, hashes, (counters, shift), needs, space, (n_probed, extras)) == len(hashes)
    assert set(zip(n_probed.tolist(), extras.tolist(), strict=True)) == {(n_probes, n_extra)}
    probes = [hashes[start : start + n_probes] for start in bounds[:-1].tolist()]
    assert [int(np.isin(each, common).sum()) for each in probes] == [max(0, n_probes - 30)] * n


def test_each_of_the_bytes_tells_texts_apart() -> None:
    """Texts of one length that differ in one character are different ones, wherever it stands."""
    texts = [before * "a" + "b" + (n - 1 - before) * "a" for n in range(1, 50) for before in range(n)]
    work = Join(Bodies.of(pa.array(texts)), 1, None)
    assert work.digest().same.tolist() == list(range(len(texts)))


def test_texts_of_the_same_bytes_are_one(corpus: list[str]) -> None:
    """Of equal texts one stands for all, also in a dictionary, which holds each text once, and says the same."""
    texts = random.Random(3).choices(corpus[:400], k=1500)
    spread = pa.chunked_array([pa.array(texts[:9]).dictionary_encode(), pa.array(texts[9:]).dictionary_encode()])
    work = Join(Bodies.of(spread), 2, None)
    work.digest()
    same = work.digests.same.tolist()
    assert [texts[row] for row in same] == texts
    assert len(set(same)) == len(set(texts))
    assert compiled(spread, Fraction(1, 2), 2) == plain(texts, Fraction(1, 2))
    with_none = pa.array(["a", None, "a", "b"]).dictionary_encode()
    assert [Bodies.of(with_none).text(row) for row in range(4)] == ["a", "", "a", "b"]


@given(st.lists(st.text("ab\0", max_size=20), max_size=30))
def test_bytes_are_told_apart(texts: list[str]) -> None:
    """Texts are set aside for equal ones exactly if their bytes are equal, whatever their length and place."""
    work = Join(Bodies.of(column(texts, [3])), 1, None)
    work.digest()
    assert [texts.index(texts[row]) for row in work.digests.same.tolist()] == [texts.index(text) for text in texts]
    assert len(set(work.digests.same.tolist())) == len(set(texts))


def test_a_base_is_not_joined_with_itself(corpus: list[str]) -> None:
    """With a base only pairs of two base texts are missing, and they are not compared."""
    texts = corpus[:2000]
    is_base = np.arange(len(texts)) % 2 == 0

    def run(base: np.ndarray[tuple[int], np.dtype[np.bool_]] | None) -> tuple[set[tuple[int, ...]], int]:
        work = Join(Bodies.of(column(texts)), 1, None)
        work.digest()
        return {tuple(pair) for pair in work.pairs(Fraction(1, 2), base).tolist()}, work.n_candidates

    (alone, n_alone), (with_base, n_with_base) = run(None), run(is_base)
    assert with_base == {pair for pair in alone if not (is_base[pair[0]] and is_base[pair[1]])}
    assert n_with_base < n_alone


def test_work_space_fits_any_text() -> None:
    """Texts that grow when they are folded, and long ones among short ones, have room."""
    texts = ["㍿" * 500, "x", "ﷺ" * 300, "1a" * 2000, "½" * 999]
    work = Work()
    work.fit(1, 1)
    assert openings(texts, 40) == expected_openings(texts, 40)
    assert compiled(column(texts), Fraction(1, 2)) == plain(texts, Fraction(1, 2))


# ---- folding by either path --------------------------------------------------------------------------------------


def records_of(texts: Sequence[str], seed: int) -> list[Item]:
    """Records of all kinds over the texts, some of which are edited in what the guard looks at."""
    rng = random.Random(seed)
    items = []
    for text in texts:
        kind = rng.choice(["article", "article", "teaser", "comment"])
        is_comment = kind == "comment"
        role = {"article": rng.choice(["main", "sidebar"]), "teaser": "teaser", "comment": "comment"}[kind]
        item = Item(
            id=f"{rng.getrandbits(128):032x}",
            kind=kind,
            role=role,
            text=text + rng.choice(["", "", "!", " Not so.", " On 12 March.", " It costs $5."]),
            title=rng.choice([None, "Polls open at 8", "Polls open at 9"]),
            truncated=rng.random() < 0.1,
            source=rng.choice([None, "a.example", "b.example"]),
            captured=rng.choice([None, "2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z"]),
            thread=rng.choice([None, "quay"]) if is_comment else None,
            author=rng.choice([None, "Ada"]),
            parent=rng.choice([None, "gone", rng.choice(items).id]) if is_comment and items else None,
            published=rng.random() < 0.1,
        )
        items.append(item)
    return items


@pytest.mark.parametrize("scope", ["global", "per-source"])
def test_folding_is_the_same_by_either_path(monkeypatch: pytest.MonkeyPatch, scope: str) -> None:
    """Canonicals, evidence and stories do not depend on which join compared the texts."""
    items = records_of([*likely_texts(600), "", "…", *["Well said!"] * 9], seed=5)
    ties = [(x.id, y.id) for x, y in zip(items[::9], items[1::9], strict=False)]
    expected = fold(items, ties, scope=scope)
    assert len({pair.relation for pair in expected.pairs}) == 6
    monkeypatch.setattr(compare, "COMPILED_BYTES", 0)
    assert fold(items, ties, scope=scope) == expected
    shuffled = random.Random(1).sample(items, len(items))
    assert fold(shuffled, ties[::-1], scope=scope) == expected


def test_little_text_that_is_all_alike_is_compared_by_compiled_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few bytes may be much to compare: the plain path gives up where shingles meet very many texts."""
    start = " ".join(f"w{i}x" for i in range(30))
    table = pa.table(
        {"id": [f"{i:04}" for i in range(60)], "text": [f"{start} and the end is {i}x" for i in range(60)]}
    )
    plainly = fold_table(table)
    monkeypatch.setattr(compare, "MOST_MEETINGS", 60 * 59 // 2)
    folded = fold_table(table)
    assert (plainly.path, folded.path) == ("plain", "compiled")
    assert (folded.canonical.tolist(), folded.counts) == (plainly.canonical.tolist(), plainly.counts)
    assert plainly.counts["n_candidates"] == 60 * 59 // 2
    monkeypatch.setattr(compare, "find_spec", lambda _: None)
    assert fold_table(table).path == "no-numba"
    monkeypatch.setattr(compare, "MOST_MEETINGS", 60 * 59 * 20)
    assert fold_table(table).path == "plain"


def test_a_table_is_folded_as_its_records_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """`fold_table` says by rows what `fold` says by ids, and counts what the manifest tells."""
    monkeypatch.setattr(compare, "COMPILED_BYTES", 0)
    items = records_of(likely_texts(200, seed=8), seed=8)
    names = [field.name for field in dataclasses.fields(Item)]
    table = pa.table({name: [getattr(item, name) for item in items] for name in names})
    table = pa.concat_tables([table.slice(0, 7), table.slice(7)])
    ties = np.array([[0, 1], [2, 3]])
    folded = fold_table(table, ties, n_threads=2, memory_bytes=1 << 16)
    expected = fold(items, [(items[0].id, items[1].id), (items[2].id, items[3].id)])
    ids = [item.id for item in items]
    assert list(folded.evidence.pairs(ids)) == expected.pairs
    assert [ids[row] for row in folded.canonical.tolist()] == [expected.canonical[id_][0] for id_ in ids]
    assert [ids[row] for row in folded.story.tolist()] == [expected.story[id_] for id_ in ids]
    assert folded.path == "compiled"
    clusters = Counter(canonical for canonical, _ in expected.canonical.values())
    assert folded.counts["n_candidates"] == expected.n_candidates >= 20
    assert folded.counts["largest_cluster"] == max(clusters.values())
    assert folded.counts["largest_story"] == max(Counter(expected.story.values()).values())
    mine = [item for item in items if item.source == "a.example"]
    share = sum(expected.canonical[item.id][1] is not None for item in mine) / len(mine)
    assert folded.folded_share["a.example"] == round(share, 6)


def test_a_table_needs_ids_and_texts_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records are main articles where the table does not say otherwise; what is wrong with one is told at once."""
    text = " ".join(f"w{i}x" for i in range(20))
    folded = fold_table(pa.table({"id": ["b", "a", "c"], "text": [text, text, "x"], "more": [1, 2, 3]}))
    assert (folded.canonical.tolist(), folded.story.tolist(), folded.path) == ([1, 1, 2], [1, 1, 2], "plain")
    with pytest.raises(ValueError, match="no column text"):
        fold_table(pa.table({"id": ["a"]}))
    with pytest.raises(ValueError, match=r"stands twice.*record a: no text.*tie 0 9"):
        fold_table(pa.table({"id": ["a", "a"], "text": ["x", None]}), np.array([[0, 9]]))
    monkeypatch.setattr(compare, "COMPILED_BYTES", 0)
    monkeypatch.setattr(compare, "find_spec", lambda name: None)
    assert fold_table(pa.table({"id": ["a"], "text": [text]})).path == "no-numba"


def test_a_small_build_does_not_start_numba() -> None:
    """Folding a few records imports no compiler."""
    code = (
        "import sys; from broadsheet.repeats import Item, fold; import broadsheet.build;"
        "fold([Item('a', 'article', 'main', 'x'), Item('b', 'article', 'main', 'x')]);"
        "assert not {'numba', 'llvmlite', 'pandas'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
