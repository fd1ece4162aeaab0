"""The low-level functions of text: words, collapsed text, bodies, sentences, sources."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.text import (
    _ALPHABET,
    _ANY_WORD,
    _ASCII_WORD,
    _RAISED,
    _mark_raised,
    collapse,
    join_body,
    sentences,
    source_of,
    words,
)

# Any text at all, lone surrogates included, and text that is dense in what the tokeniser must decide about.
ANY = st.text(st.characters(), max_size=60)
DENSE = st.text(
    st.sampled_from(list("ab5 2.,:'’+-−^²⁻½٣٫é\u0301\u3099东かクกे\u200b\u00a0\u2003\r\n\x00½Ⅳ㎏.…!。😀")),
    max_size=40,
)
TEXTS = ANY | DENSE


@given(TEXTS)
def test_words_do_not_depend_on_white_space_or_composition(text: str) -> None:
    """Any text has words, and collapsing or decomposing it changes none of them."""
    assert words(collapse(text)) == words(text)
    assert words(unicodedata.normalize("NFD", text)) == words(text)


@given(TEXTS)
def test_words_are_what_the_pattern_finds(text: str) -> None:
    """A text cut at its spaces first has the words that the pattern of words finds in the whole of it."""
    if text.isascii():
        assert words(text) == _ASCII_WORD.findall(text.lower())
    else:
        marked = _RAISED.sub(_mark_raised, unicodedata.normalize("NFC", text))
        assert words(text) == _ANY_WORD.findall(unicodedata.normalize("NFC", marked.translate(_ALPHABET)))


@given(TEXTS)
def test_a_word_is_one_word(text: str) -> None:
    """Each word, read alone, is itself."""
    for word in words(text):
        assert words(word) == [word]


@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_the_ascii_path_equals_the_general_path(text: str) -> None:
    """A text has the same words whether or not something that is not ASCII follows it."""
    assert words(text + " é") == [*words(text), "é"]


@given(TEXTS)
def test_case_and_outer_punctuation_do_not_matter(text: str) -> None:
    """Quotation marks around a text and full stops behind it change no word."""
    assert words(f"« {text} ».") == words(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("?! … —", []),
        ("5² 52 5^2", ["5^2", "52", "5^2"]),
        ("10⁻⁶ and 10²³", ["10^-6", "and", "10^23"]),
        ("km² CO₂", ["km2", "co2"]),
        ("5₂ 5½ ½", ["5", "2", "5", "0.5", "0.5"]),
        ("-5 −5 +5 (−5) \uff0d5", ["-5", "-5", "+5", "-5", "-5"]),
        ("2016-17 F-16 F16 --4", ["2016", "17", "f", "16", "f16", "4"]),
        ("1,000.25 1’000 3.5. 4, 1 000", ["1,000.25", "1'000", "3.5", "4", "1", "000"]),
        (".5 v.5 -.5", [".5", "v", "5", "-.5"]),
        ("18:30 5km 1990s 3rd", ["18:30", "5", "km", "1990", "s", "3", "rd"]),
        ("١٢٫٥ ४५ ５２ ๑๒", ["12.5", "45", "52", "12"]),
        ("don't DON’T dogs' 'tis", ["don't", "don't", "dogs", "tis"]),
        ("Straße STRASSE ﬁn Ⅳ", ["strasse", "strasse", "fin", "iv"]),
        ("ΟΔΟΣ οδός", ["οδοσ", "οδόσ"]),
        ("in\u00adfor\u200dmation", ["information"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("كِتَاب كتـــاب", ["كِتَاب", "كتاب"]),
        ("東京で5人 ﾃﾞﾀ", ["東", "京", "で", "5", "人", "デ", "タ"]),
        ("気温は−5度", ["気", "温", "は", "-5", "度"]),
        ("ไทย", ["ไ", "ท", "ย"]),
        ("5㎏ ①② 30℃", ["5", "kg", "1", "2", "30", "c"]),
        ("5\ufe0f\u20e3 \u0301a 👍🏽", ["5", "a"]),
        ("x@example.org/a_b", ["x", "example", "org", "a", "b"]),
    ],
)
def test_words_of(text: str, expected: list[str]) -> None:
    """Words of chosen cases."""
    assert words(text) == expected


@given(TEXTS)
def test_collapse_keeps_all_but_white_space(text: str) -> None:
    """Collapsing is idempotent and loses nothing but white space and composition."""
    collapsed = collapse(text)
    assert collapse(collapsed) == collapsed
    assert collapsed == " ".join(unicodedata.normalize("NFC", text).split())


@given(st.text(st.characters(max_codepoint=127)) | st.text(" \t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x7fa"))
def test_collapse_of_ascii_is_that_of_any_text(text: str) -> None:
    """What is quicker for ASCII gives what Python itself takes for white space."""
    assert collapse(text) == " ".join(text.split())


def test_collapse_of() -> None:
    """Symbols, signs, case and compatibility characters stay."""
    assert collapse(" A\u00a0 \r\n“5²”\u2003−$5\te\u0301 ") == "A “5²” −$5 é"


@given(ANY, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60))))
def test_a_body_is_its_slices(text: str, spans: list[tuple[int, int]]) -> None:
    """A body is the slices in the given order with one line feed between any two; one whole slice is the text."""
    assert join_body(text, spans) == "\n".join(text[start:end] for start, end in spans)
    assert join_body(text, [(0, len(text))]) == text


@given(TEXTS)
def test_sentences_lose_only_white_space(text: str) -> None:
    """Sentences hold all of a text but white space; none is empty or begins or ends with it."""
    found = sentences(text)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(sentence and sentence == sentence.strip() for sentence in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "It cost 3.50. “Why?” he asked… No one knew",
            ["It cost 3.50.", "“Why?”", "he asked…", "No one knew"],
        ),
        ("Am 3. Mai kam J. Doe. Er blieb.", ["Am 3. Mai kam J. Doe.", "Er blieb."]),
        ("一つ。二つ！三つ？", ["一つ。", "二つ！", "三つ？"]),
        ("واحد؟ اثنان۔ ثلاثة", ["واحد؟", "اثنان۔", "ثلاثة"]),
        ("एक। दो", ["एक।", "दो"]),
        ("one\r\ntwo\u2028three", ["one", "two", "three"]),
        ("", []),
    ],
)
def test_sentences_of(text: str, expected: list[str]) -> None:
    """Sentences of chosen cases."""
    assert sentences(text) == expected


@given(ANY)
def test_any_text_may_be_asked_for_its_source(text: str) -> None:
    """No text makes `source_of` raise."""
    source = source_of(text)
    assert source is None or source


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user@WWW.Harbour.Example:8080/a?b#c", "harbour.example"),
        ("http://news.harbour.example./", "news.harbour.example"),
        ("//harbour.example/x", "harbour.example"),
        ("https://www.example/", "www.example"),
        ("harbour.example/x", None),
        ("mailto:a@harbour.example", None),
        ("http://[broken", None),
        ("", None),
    ],
)
def test_source_of(url: str, expected: str | None) -> None:
    """Sources of chosen URLs."""
    assert source_of(url) == expected
