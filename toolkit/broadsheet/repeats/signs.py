"""A sentence as signs: its words, each with what it says: a number, a date, a unit, a negation."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from broadsheet.repeats.lexicon import DATES, MINUS, NEGATIONS, NUMBERS, ONE, UNITS
from broadsheet.text import words


class Sign(NamedTuple):
    """One word of a sentence."""

    word: str
    kind: str
    """`number`, `code` (letters with a number behind them, such as f16), `date`, `unit`, `negation`,
    `one` (which may be an article) or empty."""
    value: str
    """What it says: equal for "twelve" and "12", for "Mar" and "March", for "%" and "percent"."""


VALUES = frozenset(("number", "code", "date", "unit"))
"""The kinds of signs that have a value."""
_MASKED = VALUES - {"unit"}

# Currency signs of Unicode's category Sc, and the signs of proportion.
_UNIT = "$%\u2030\xa2-\xa5\u058f\u060b\u09f2\u09f3\u0e3f\u17db\u20a0-\u20cf\ufdfc\ufe69\uff04\uffe0\uffe1\uffe5\uffe6"

_HAN = "一二三四五六七八九十"
_HAN_DIGITS = {char: i for i, char in enumerate("〇一二三四五六七八九")}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "萬": 10_000, "億": 10**8, "亿": 10**8}
_HAN_NUMERALS = "".join((*_HAN_DIGITS, *_HAN_SCALES))
_KATAKANA_UNITS = {"ドル": "$", "ユーロ": "€", "ポンド": "£", "パーセント": "%"}

# What is read before words are cut, because it consists of several words or of none.
BEGINS = rf"[\d+\-\u2212{_UNIT}{_HAN_NUMERALS}月火水木金土日星周週礼禮午上下まな않ドユポパ]"
_SPECIAL = re.compile(
    rf"""
    (?= {BEGINS} )  # nothing begins otherwise
    (?: (?P<score>  # two of them, the second in brackets: 24:23 (12:10)
        (?<![\d:.,]) \d{{1,3}} : \d{{1,3}} \s? \( \d{{1,3}} : \d{{1,3}} [^()\n]{{0,40}} \)
    )
  | (?P<clock>
        (?<![\d:.,]) (?:[01]?\d|2[0-4]) [:\uff1a] [0-5]\d (?:[:\uff1a][0-5]\d)? (?![.,:]?\d)
      | (?<![\d:.,]) (?:[01]?\d|2[0-4]) (?:[.:][0-5]\d)? \s?
        (?: a\.m\b | p\.?m\b | uhr\b | am\b (?!\s+[A-ZÄÖÜ\d]) )
      | (?<![\d:.,]) (?:[01]?\d|2[0-4]) \s? h \s? [0-5]\d \b
      | (?:午前|午後|上午|下午)? (?<!\d) \d{{1,2}}
        (?: [時时] (?!間) (?:\d{{1,2}}分|半)? | [点點] (?:\d{{1,2}}分|半) )
    )
  | (?P<date>
        (?<![\d.,/-]) \d{{1,4}} (?P<separator>[./-]) \d{{1,2}} (?P=separator) \d{{1,4}} (?!\d)
      | (?<!\d) (?:\d{{1,2}}|[{_HAN}]{{1,2}}) 月 (?: (?:\d{{1,2}}|[{_HAN}]{{1,3}}) 日 )?
      | (?<!\d) \d{{1,2}} 월 (?: \s? \d{{1,2}} 일 )?
      | [月火水木金土日] 曜日?
      | (?:星期|周|週|礼拜|禮拜) [一二三四五六日天]
    )
  | (?P<number> [{_HAN_NUMERALS}]{{2,}} )
  | (?P<unit> (?:(?<!\w)[+\-\u2212])? [{_UNIT}] | {"|".join(_KATAKANA_UNITS)} )
  | (?P<negation> ませんでした | ません | なかった | ない | なく | 않\w* ) )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# All that is read specially in ASCII has one of these: not a figure that stands for itself.
_ASCII_SPECIAL = re.compile(r"[0-9$%](?:(?<=[$%])|[:/-]|\.[0-9]|\s?[aphuAPHU])")
_ANY_SPECIAL = re.compile(BEGINS, re.IGNORECASE)
KNOWN = frozenset((*NUMBERS, *DATES, *UNITS, *NEGATIONS, *ONE))
JOINING = MINUS | {word for word, value in NUMBERS.items() if len(value) == 2 and value[1] == "0" and value != "10"}

_MINUS_DASH = re.compile(
    r"(?<![\w\u2013])(?<!\d\s)(?:[\u2012\u2013]|マイナス)(?=\d)|(?<=[ぁ-んァ-ヶ一-龯])マイナス(?=\d)"
)
FORMAT = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")


class Sentence:
    """A sentence as it is compared with others; what most sentences are never asked for is made when they are."""

    __slots__ = ("_mask", "_signs", "kinds", "words")

    def __init__(self, text: str) -> None:
        plain = _plain_words(text)
        self._signs: Sequence[Sign] | None = None
        self._mask: tuple[tuple[str, ...], frozenset[str]] | None = None
        if plain is not None and text.isascii() and JOINING.isdisjoint(plain):
            self.words = tuple(plain)
            told = [sign_of(word).kind for word in plain if word in KNOWN or not word.isalpha()]
            self.kinds = frozenset(told) - _NO_KIND if told else _NO_KINDS
            return
        self._signs = _signs(text, plain)
        self.words = tuple([sign.word for sign in self._signs])
        """The words, with units."""
        self.kinds = frozenset([sign.kind for sign in self._signs]) - _NO_KIND
        """The kinds of its signs."""

    @property
    def signs(self) -> Sequence[Sign]:
        """The signs, in order."""
        if self._signs is None:
            self._signs = [sign_of(word) for word in self.words]
        return self._signs

    @property
    def masked(self) -> tuple[str, ...]:
        """The words without what may change: no negations or units, values by their kind only."""
        return self._masks()[0]

    @property
    def mask(self) -> frozenset[str]:
        """The distinct ones of `masked`."""
        return self._masks()[1]

    def _masks(self) -> tuple[tuple[str, ...], frozenset[str]]:
        if self._mask is None:
            found = masked(self.signs) if self.kinds else self.words
            self._mask = found, frozenset(found)
        return self._mask


_NO_KIND = frozenset(("",))
_NO_KINDS: frozenset[str] = frozenset()


def masked(found: Sequence[Sign]) -> tuple[str, ...]:
    """The words of signs without what may change, as `Sentence.masked`."""
    kept = (sign for sign in found if sign.kind not in ("negation", "unit"))
    return tuple([f"#{sign.kind}" if sign.kind in _MASKED else sign.word for sign in kept])


def _plain_words(sentence: str) -> list[str] | None:
    """The words of a sentence in which each is a sign of its own; None of another one."""
    if sentence.isascii():
        return None if _ASCII_SPECIAL.search(sentence) else words(sentence)
    return None if _ANY_SPECIAL.search(sentence) else words(FORMAT.sub("", sentence))


def signs(sentence: str) -> Sequence[Sign]:
    """The signs of a sentence in order: its words, and units, which are no words. No clock times."""
    return _signs(sentence, _plain_words(sentence))


def _signs(sentence: str, plain: Sequence[str] | None) -> Sequence[Sign]:
    if plain is not None:
        return _joined([sign_of(word) for word in plain])
    if not sentence.isascii():
        sentence = _MINUS_DASH.sub("-", FORMAT.sub("", sentence))
    found: list[Sign] = []
    start = 0
    for match in _SPECIAL.finditer(sentence):
        found += map(sign_of, words(sentence[start : match.start()]))
        start = match.end()
        found += _special(match.lastgroup or "", match.group())
    found += map(sign_of, words(sentence[start:]))
    return _joined(found)


def _special(kind: str, text: str) -> list[Sign]:
    if kind == "clock":
        return []
    if kind == "score":
        return [Sign(word, "number", word) for word in re.findall(r"\d+", text)]
    shown = unicodedata.normalize("NFKC", text).replace("\u2212", "-")
    if kind == "date":
        return [Sign(shown, kind, _date(shown))]
    if kind == "number":
        return [Sign(shown, kind, _han_value(shown))]
    return [Sign(shown, kind, _KATAKANA_UNITS.get(shown, shown))]


def _date(shown: str) -> str:
    return shown[0] + "曜" if shown[1:2] == "曜" else "-".join(words(re.sub(r"[./-]", " ", shown)))


def _han_value(numeral: str) -> str:
    """The value of a numeral such as 二十三; of one written as digits, those digits.

    >>> [_han_value(numeral) for numeral in ("二十三", "三千五百", "十二万", "二〇三一")]
    ['23', '3500', '120000', '2031']
    """
    if all(char in _HAN_DIGITS for char in numeral):
        return "".join(str(_HAN_DIGITS[char]) for char in numeral)
    total = section = digit = 0
    for char in numeral:
        scale = _HAN_SCALES.get(char)
        if scale is None:
            digit = 10 * digit + _HAN_DIGITS[char]
        elif scale < 10_000:
            section += (digit or 1) * scale
            digit = 0
        else:
            total += (section + digit or 1) * scale
            section = digit = 0
    return str(total + section + digit)


def _joined(found: list[Sign]) -> list[Sign]:
    """The same with "minus 5" and "twenty five" as one sign each."""
    if JOINING.isdisjoint([sign.word for sign in found]):
        return found
    joined: list[Sign] = []
    for sign in found:
        last = joined[-1] if joined else None
        if last and last.word in MINUS and sign.kind == "number" and sign.value[0].isdigit():
            joined[-1] = Sign(f"{last.word} {sign.word}", "number", f"-{sign.value}")
        elif last and last.kind == "number" and last.word in NUMBERS and _adds(last, sign):
            unit = "1" if sign.word in ONE else sign.value
            joined[-1] = Sign(f"{last.word} {sign.word}", "number", str(int(last.value) + int(unit)))
        else:
            joined.append(sign)
    return joined


def _adds(ten: Sign, unit: Sign) -> bool:
    if ten.value not in ("20", "30", "40", "50", "60", "70", "80", "90"):
        return False
    return unit.word == "one" or (unit.word in NUMBERS and len(unit.value) == 1)


@lru_cache(maxsize=1 << 15)
def sign_of(word: str) -> Sign:
    """The sign that a word is by itself."""
    if word in NUMBERS:
        return Sign(word, "number", NUMBERS[word])
    if word in DATES:
        return Sign(word, "date", DATES[word])
    if word in UNITS:
        return Sign(word, "unit", UNITS[word])
    if word in NEGATIONS or word.endswith("n't") or word.startswith("n'"):
        return Sign(word, "negation", "not")
    if word in ONE:
        return Sign(word, "one", word)
    if any(map(str.isdigit, word)):
        if not word[0].isalpha():
            return Sign(word, "number", word)
        # A digit between letters is a letter misread.
        return Sign(word, "code" if re.fullmatch(r"\D+\d+", word) else "", word)
    if len(word) == 1 and word.isnumeric():
        return Sign(word, "number", _han_value(word) if word in _HAN_NUMERALS else f"{unicodedata.numeric(word):.4g}")
    return Sign(word, "", word)
