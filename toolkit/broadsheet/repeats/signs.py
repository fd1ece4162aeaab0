"""A sentence as signs: its words, each with what it says: a number, a date, a unit, a negation."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from broadsheet.repeats.lexicon import DATES, NEGATIONS, NUMBERS
from broadsheet.text import words


class Sign(NamedTuple):
    """One word of a sentence."""

    word: str
    kind: str
    """`number`, `date`, `unit`, `negation` or empty."""
    value: str
    """What it says: equal for "twelve" and "12", for "Mar" and "March"."""


# Currency signs of Unicode's category Sc, and the signs of proportion.
_UNIT = "$%\u2030\xa2-\xa5\u058f\u060b\u09f2\u09f3\u0e3f\u17db\u20a0-\u20cf\ufdfc\ufe69\uff04\uffe0\uffe1\uffe5\uffe6"

_HAN = "一二三四五六七八九十"

# What is read before words are cut, because it consists of several words or of none.
_SPECIAL = re.compile(
    rf"""
    (?P<clock>
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
  | (?P<unit> (?:(?<!\w)[+\-\u2212])? [{_UNIT}] )
  | (?P<negation> ませんでした | ません | なかった | ない | なく | 않\w* )
    """,
    re.VERBOSE | re.IGNORECASE,
)


def signs(sentence: str) -> list[Sign]:
    """The signs of a sentence in order: its words, and units, which are no words. No clock times."""
    found: list[Sign] = []
    start = 0
    for match in _SPECIAL.finditer(sentence):
        found += map(_sign, words(sentence[start : match.start()]))
        start = match.end()
        kind = match.lastgroup or ""
        if kind == "clock":
            continue
        shown = unicodedata.normalize("NFKC", match.group()).replace("\u2212", "-")
        value = "-".join(words(re.sub(r"[./-]", " ", shown))) if kind == "date" else shown
        found.append(Sign(shown, kind, value))
    found += map(_sign, words(sentence[start:]))
    return found


@lru_cache(maxsize=1 << 15)
def _sign(word: str) -> Sign:
    if word in NUMBERS:
        return Sign(word, "number", NUMBERS[word])
    if word in DATES:
        return Sign(word, "date", DATES[word])
    if word in NEGATIONS or word.endswith("n't") or word.startswith("n'"):
        return Sign(word, "negation", "not")
    if any(map(str.isdigit, word)):
        return Sign(word, "number", word)
    if len(word) == 1 and word.isnumeric():
        return Sign(word, "number", f"{unicodedata.numeric(word):.4g}")
    return Sign(word, "", word)
