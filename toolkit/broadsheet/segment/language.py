"""Language and script of a text, from Unicode ranges and votes of function words; nothing is downloaded."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from broadsheet.segment import chars
from broadsheet.segment.chars import LOWER, OPEN, QUOTE, UPPER, WIDE, Codes, Kinds
from broadsheet.segment.lines import Bools, Hashes, Ints, tokens_of

SAMPLE_CHARS = 4000
"""Code points that are read; more do not change the answer of texts in one language."""
MIN_SHARE = 0.07
"""Share of a text's words that must be function words of a language before it is named."""
MIN_VOTES = 2.0
"""Votes needed whatever the length; a word shared by n languages casts 1/n of a vote in each."""
MIN_LEAD = 1.25
"""How many times the votes of the runner-up the winner needs."""

# Per script the commonest function words of the languages that are told apart within it.
WORDS: dict[str, dict[str, str]] = {
    "Latn": {
        "en": (
            "the of and to in is that for it was with as his on be at by i this had not are but from "
            "or have an they which one you were all she there would their we him been has when who "
            "will more if out so what up"
        ),
        "de": (
            "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es "
            "an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen "
            "so zum war haben nur oder aber ich"
        ),
        "fr": (
            "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il "
            "sont avec ou son aux mais comme nous sa ses cette je vous elle leur été être ont même "
            "fait c'est si tout on d'un d'une"
        ),
        "es": (
            "de la que el en y a los se del las un por con no una su para es al lo como más o pero "
            "sus le ya este sí porque esta entre cuando muy sin sobre también me hasta hay donde "
            "quien desde todo nos fue ha son"
        ),
        "it": (
            "di e il la che in a per un è del non le si con una i da al sono della come più ma nel "
            "anche alla gli lo dei ha se dal delle su o nella questo loro ed ai era essere ci stato "
            "hanno quando degli io mi"
        ),
        "pt": (
            "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao "
            "ele das tem à seu sua ou ser quando muito há nos já está eu também só pelo pela até isso "
            "ela entre era depois são"
        ),
        "nl": (
            "de het een van en in is dat op te zijn met voor niet aan er die om ook als bij maar dan "
            "nog naar door wordt heeft ze uit over worden werd hij wat meer tot wel kan deze was "
            "hebben ik zo deze dit geen"
        ),
        "pl": (
            "w i na z się nie do to że o jest jak po co za od ale przez przy dla są tym już tylko był "
            "jego jej ma oraz tak które który może pod ze czy tego było ich być bardzo ja"
        ),
        "tr": (
            "ve bir bu da de için ile çok daha gibi ne olarak olan o kadar sonra var ama en ki her mi "
            "değil ise olduğu ya iki diye şey ben göre ancak mı tarafından yok böyle bunun"
        ),
    },
    "Cyrl": {
        "ru": (
            "и в не на что с по как а то он это к но из у за от о же для все так его вы бы только был "
            "мы они она было быть при или уже еще ещё до если когда нет ни чтобы её ее их были этого "
            "себя который которые я"
        ),
        "uk": (
            "і в не на що з та до у за як це його але від він по про для так є то же й ще бути був "
            "було який які вже чи або коли щоб їх вони ми її цього також після через навіть лише вона "
            "із зі"
        ),
    },
    "Arab": {
        "ar": (
            "في من على إلى أن عن التي الذي هذا هذه مع ما كان لا بعد كما قد ذلك بين لم هو هي كل وقد "
            "حيث أو غير خلال إن ولا عند حتى منذ ثم أكثر وفي كانت"
        ),
        "fa": (
            "و در به از که این را با است برای آن یک می خود تا کرد بر هم نیز شد ها او ما اما یا شده "
            "بود باید دو هر کرده پس دارد اند های کند شود"
        ),
    },
    "Deva": {
        "hi": (
            "के में की है और से का को पर ने यह भी एक नहीं कि इस हैं था कर तो ही वह लिए हो या थे गया "
            "अपने साथ बाद जो थी तक किया कहा दिया"
        ),
    },
}
ONE_LANGUAGE = {"Grek": "el", "Hebr": "he", "Jpan": "ja", "Hani": "zh", "Kore": "ko", "Thai": "th"}
"""Scripts in which one of the listed languages is written, or nearly always; the script alone names it."""

# First code point of each range, and its script; None ends a range.
_RANGES: list[tuple[int, str | None]] = [
    (0x41, "Latn"), (0x5B, None), (0x61, "Latn"), (0x7B, None), (0xAA, "Latn"), (0xAB, None), (0xBA, "Latn"),
    (0xBB, None), (0xC0, "Latn"), (0xD7, None), (0xD8, "Latn"), (0xF7, None), (0xF8, "Latn"), (0x2B9, None),
    (0x370, "Grek"), (0x400, "Cyrl"), (0x530, "Armn"), (0x590, "Hebr"), (0x600, "Arab"), (0x700, "Syrc"),
    (0x750, "Arab"), (0x780, "Thaa"), (0x7C0, None), (0x8A0, "Arab"), (0x900, "Deva"), (0x980, "Beng"),
    (0xA00, "Guru"), (0xA80, "Gujr"), (0xB00, "Orya"), (0xB80, "Taml"), (0xC00, "Telu"), (0xC80, "Knda"),
    (0xD00, "Mlym"), (0xD80, "Sinh"), (0xE00, "Thai"), (0xE80, "Laoo"), (0xF00, "Tibt"), (0x1000, "Mymr"),
    (0x10A0, "Geor"), (0x1100, "Hang"), (0x1200, "Ethi"), (0x13A0, None), (0x1780, "Khmr"), (0x1800, "Mong"),
    (0x18B0, None), (0x1E00, "Latn"), (0x1F00, "Grek"), (0x2000, None), (0x3041, "Kana"), (0x3100, None),
    (0x3131, "Hang"), (0x3190, None), (0x31F0, "Kana"), (0x3200, None), (0x3400, "Hani"), (0x4DC0, None),
    (0x4E00, "Hani"), (0xA000, None), (0xAC00, "Hang"), (0xD7B0, None), (0xF900, "Hani"), (0xFB00, "Latn"),
    (0xFB07, None), (0xFB1D, "Hebr"), (0xFB50, "Arab"), (0xFE00, None), (0xFE70, "Arab"), (0xFEFF, None),
    (0xFF21, "Latn"), (0xFF3B, None), (0xFF41, "Latn"), (0xFF5B, None), (0xFF66, "Kana"), (0xFFA0, None),
    (0x20000, "Hani"), (0x32000, None),
]  # fmt: skip


def _voters() -> dict[str, dict[str, tuple[str, ...]]]:
    table: dict[str, dict[str, tuple[str, ...]]] = {}
    for script, languages in WORDS.items():
        words: dict[str, list[str]] = {}
        for language, listed in languages.items():
            for word in set(listed.split()):
                words.setdefault(word, []).append(language)
        table[script] = {word: tuple(sorted(spoken)) for word, spoken in words.items()}
    return table


_VOTERS = _voters()
_LISTED: Final = frozenset(word for voters in _VOTERS.values() for word in voters)


def is_function_word(word: str) -> bool:
    """Whether a word is one of the commonest function words of a listed language, in any case."""
    return word.casefold() in _LISTED


_LANGUAGES: Final = tuple(language for languages in WORDS.values() for language in languages)
_SCRIPTS: Final = (None, *sorted({script for _, script in _RANGES if script}))
_LATIN: Final = _SCRIPTS.index("Latn")
_KANA, _HAN, _HANGUL = (_SCRIPTS.index(name) for name in ("Kana", "Hani", "Hang"))
_NAMED_ANEW: Final = {"Kana": "Jpan", "Hang": "Kore"}
_CAST: Final = 2520
"""What a word casts in whole numbers: all that two to nine languages can share without a rest."""
_HASHED: Final = 8
"""Code points of a word that its hash looks at."""
_LARGEST: Final = (1 << 64) - 1
_SHORT_WORDS: Final = tuple(sorted({word for voters in _VOTERS.values() for word in voters if len(word) <= _HASHED}))
_MASKS: Final = np.array([0, *(_LARGEST >> (64 - 8 * size) for size in range(1, 9))], np.uint64)
_OF_PLANE: Final = tuple(map(np.uint64, (1, 0x9E3779B97F4A7C15, 0xD1B54A32D192ED03)))
_OF_SIZE: Final = np.uint64(0x2545F4914F6CDD1D)
_SLOT_BITS: Final = 18


def _script_table() -> npt.NDArray[np.uint8]:
    """The index into `_SCRIPTS` of every code point."""
    table = np.zeros(0x110000, np.uint8)
    for (first, script), (behind, _) in pairwise([*_RANGES, (0x110000, None)]):
        table[first:behind] = _SCRIPTS.index(script)
    return table


_SCRIPT: Final = _script_table()


def hash_words(codes: Codes, kinds: Kinds, starts: Ints, ends: Ints) -> Hashes:
    """A hash of each token, in lower case and without signs at its ends; 0 for tokens of over eight code points.

    Each byte of the code points goes in as a number of eight such bytes: one look-up a token instead of eight.
    """
    if not len(starts):
        return np.zeros(0, np.uint64)
    starts, ends = starts.copy(), ends.copy()
    rows = np.flatnonzero(chars.is_sign(kinds[ends - 1]) & (ends - starts > 1))
    ends[rows] -= 1
    rows = rows[chars.is_sign(kinds[ends[rows] - 1]) & (ends[rows] - starts[rows] > 1)]
    ends[rows] -= 1
    rows = np.flatnonzero(chars.is_sign(kinds[starts]) & (ends - starts > 1))
    starts[rows] += 1
    size = ends - starts
    short = size <= _HASHED
    mask = _MASKS.take(size, mode="clip")
    total = size.astype(np.uint64) * _OF_SIZE
    for plane, factor in zip(chars.planes(codes), _OF_PLANE, strict=False):
        eight = np.ndarray((len(codes),), "<u8", plane.data, 0, (1,))  # the eight bytes from each place on
        total += (eight[starts] & mask) * factor
    return total * short


@functools.cache
def _function_words() -> tuple[Hashes, npt.NDArray[np.int32]]:
    """The hashes of all function words, and what each casts for each language: `int32[words + 1, languages]`.

    Those with an apostrophe follow once more with a typographic one.
    """
    words = [*_SHORT_WORDS]
    words += [word.replace("'", "’") for word in words if "'" in word]
    codes = chars.codes_of(" ".join(words))
    sizes = np.array([len(word) for word in words], np.int64)
    ends = np.cumsum(sizes + 1) - 1
    votes = np.zeros((len(words) + 1, len(_LANGUAGES)), np.int32)
    for i, word in enumerate(words):
        for voters in _VOTERS.values():
            spoken = voters.get(word.replace("’", "'"), ())
            for language in spoken:
                votes[i, _LANGUAGES.index(language)] = _CAST // len(spoken)
    return np.append(hash_words(codes, chars.kinds_of(codes), ends - sizes, ends), np.uint64(0)), votes


@functools.cache
def _slots() -> tuple[np.uint64, npt.NDArray[np.uint16]]:
    """A table of function words without collisions, and the factor whose product's highest bits are a hash's place."""
    hashes = _function_words()[0][:-1]
    factor = 0x9E3779B97F4A7C15
    while True:
        places = _slot(hashes, np.uint64(factor))
        if len(np.unique(places)) == len(places):
            break
        factor = (factor * 0x5851F42D4C957F2D + 2) & _LARGEST | 1
    table = np.full(1 << _SLOT_BITS, len(hashes), np.uint16)
    table[places] = np.arange(len(hashes))
    return np.uint64(factor), table


def _slot(hashes: Hashes, factor: np.uint64) -> Ints:
    return (hashes * factor >> np.uint64(64 - _SLOT_BITS)).astype(np.int64)


class Words:
    """The tokens of some text as words, and the languages that they speak for."""

    def __init__(self, codes: Codes, kinds: Kinds, starts: Ints, ends: Ints) -> None:
        """`starts`, `ends`: of the tokens, in `codes`."""
        self._codes, self._kinds, self._starts = codes, kinds, starts
        self.hashes = hash_words(codes, kinds, starts, ends)
        known = _function_words()[0]
        factor, table = _slots()
        self._which = table[_slot(self.hashes, factor)]
        self._votes: Bools = (known.take(self._which, mode="clip") == self.hashes) & (self.hashes != 0)
        self.function: Bools = self._votes & (self._which < len(_SHORT_WORDS))
        """Whether each token is a function word as it is listed."""
        head = kinds[starts]
        rows = np.flatnonzero(((head == OPEN) | (head == QUOTE)) & (ends - starts > 1))
        head[rows] = kinds[starts[rows] + 1]
        self.head: Kinds = head
        """The kind that each token begins with, opening quotes and brackets aside."""
        self.plain: Bools = (head >= LOWER) & (head <= WIDE)
        """Whether each token begins with a letter."""

    def tell(self, first: Ints, behind: Ints) -> list[tuple[str, str | None]]:
        """Language and script of some runs of code points, as `detect` tells them."""
        if not len(first):
            return []
        scripts = self._scripts(first, behind)
        function = np.flatnonzero(self._votes)
        rows, of = _within(self._starts[function], first, behind)
        cast = np.zeros((len(first), len(_LANGUAGES)), np.int64)
        if len(rows):
            begins = np.flatnonzero(np.append(True, of[1:] != of[:-1]))
            votes = _function_words()[1][self._which[function[rows]]]
            cast[of[begins]] = np.add.reduceat(votes, begins, dtype=np.int64)
        words = np.diff(np.searchsorted(self._starts[self.plain], np.stack((first, behind), axis=1)), axis=1)[:, 0]
        cast[~_SPOKEN[scripts]] = 0
        best = cast.argmax(axis=1)
        most = cast.max(axis=1)
        cast[np.arange(len(best)), best] = 0
        sure = (most >= np.maximum(MIN_VOTES, MIN_SHARE * words) * _CAST) & (most >= MIN_LEAD * cast.max(axis=1))
        told: list[tuple[str, str | None]] = []
        for script, language, is_sure in zip(scripts.tolist(), best.tolist(), sure.tolist(), strict=True):
            name = _SCRIPTS[script]
            name = _NAMED_ANEW.get(name, name) if name else None
            told.append((ONE_LANGUAGE.get(name or "") or (_LANGUAGES[language] if is_sure else "und"), name))
        return told

    def _scripts(self, first: Ints, behind: Ints) -> Ints:
        """The index into `_SCRIPTS` of the script that most letters of each run are in; 0 without letters.

        Han with kana is told as kana.
        """
        n = len(_SCRIPTS)
        letters = np.zeros(len(self._codes) + 1, np.uint8)
        letters[:-1] = (self._kinds == LOWER) | (self._kinds == UPPER)
        large = np.flatnonzero(self._codes > 0x7F)
        letters[large] = 0
        edges = np.stack((first, behind), axis=1).ravel()
        latin = np.add.reduceat(letters, edges, dtype=np.int64)[::2]
        latin[first == behind] = 0
        of_large = _SCRIPT[self._codes[large]]
        rows, of = _within(large, first, behind)
        counts = np.bincount(of * n + of_large[rows], minlength=len(first) * n).reshape(-1, n)
        counts[:, 0] = 0
        counts[:, _LATIN] += latin
        both = counts[:, _KANA] + counts[:, _HAN]
        japanese = counts[:, _KANA] * 20 > both
        counts[:, _HAN] = np.where(japanese, 0, counts[:, _HAN])
        counts[:, _KANA] = np.where(japanese, both, counts[:, _KANA])
        most: Ints = counts.argmax(axis=1)
        return most


def _spoken() -> Bools:
    """Which languages can be told apart in each script: `bool[scripts, languages]`."""
    spoken = np.zeros((len(_SCRIPTS), len(_LANGUAGES)), np.bool_)
    for script, languages in WORDS.items():
        spoken[_SCRIPTS.index(script), [_LANGUAGES.index(language) for language in languages]] = True
    return spoken


_SPOKEN: Final = _spoken()


def _within(places: Ints, first: Ints, behind: Ints) -> tuple[Ints, Ints]:
    """Of some ascending places those within each run, as rows of them, and the run of each."""
    low, high = np.searchsorted(places, first), np.searchsorted(places, behind)
    sizes = high - low
    of = np.repeat(np.arange(len(first)), sizes)
    rows = np.arange(len(of)) + np.repeat(low - np.cumsum(sizes) + sizes, sizes)
    return rows, of


_AT_ONCE: Final = 256
"""Texts of which one array of code points is made: a megabyte for the processor's cache, where they are long."""


def detect(text: str) -> tuple[str, str | None]:
    """ISO 639-1 language, or `und` without enough evidence, and ISO 15924 script of a text.

    Reads the first 4,000 code points. The script is the one that most letters are in; Han with kana is `Jpan`, Hangul
    `Kore`, other Han `Hani`. `detect("")` is `("und", None)`.
    """
    (told,) = detect_all([text])
    return told


def detect_all(texts: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    """`detect` of each text, many at once: for short ones several times as quick. Lazy; holds `_AT_ONCE` of them."""
    rest = iter(texts)
    while some := [text[:SAMPLE_CHARS] for text in islice(rest, _AT_ONCE)]:
        codes = chars.codes_of("\n".join(some))  # a line end is in no token
        kinds = chars.kinds_of(codes)
        behind = np.cumsum([len(text) + 1 for text in some]) - 1
        first = behind - [len(text) for text in some]
        yield from Words(codes, kinds, *tokens_of(kinds)).tell(first, behind)
