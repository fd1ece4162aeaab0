"""The sentences of a text's body: behind its dateline, over lines that were wrapped."""

import re
from collections import Counter
from functools import cached_property, lru_cache

from broadsheet.repeats.lexicon import DATES
from broadsheet.repeats.signs import Sentence, signs
from broadsheet.text import UNSPACED, sentences

WRAPPED_CHARS = 50  # a line of that length that ends without an end mark was wrapped, not ended
DATELINE_CHARS = 100
_DATELINE_WORDS = 12
_ENDED_WORDS = 2  # "Sandhaven, 3 Mar." has an end mark, too
_DATELINES = 3  # more of them are a calendar
_DATELINE_UNCASED = 4  # where names cannot be told by their case, fewer other words are let through

_U = "".join(f"{chr(first)}-{chr(last)}" for first, last in UNSPACED)
ENDED_MARKS = ".!?。！？؟۔।…"
END_CLOSERS = r"\s\"'”’»›)\]）」』】"
_END = re.compile(rf"[{ENDED_MARKS}][{END_CLOSERS}]*\Z")


class Body:
    """The sentences of one text, which is compared with many others if it is a canonical."""

    def __init__(self, text: str) -> None:
        self.raw = body_sentences(text)
        """As they were written, without a dateline before them."""
        self._read: dict[int, Sentence] = {}
        self._has_figure: dict[int, bool] = {}

    def sentence(self, i: int) -> Sentence:
        """The words of sentence `i`."""
        if i not in self._read:
            self._read[i] = Sentence(self.raw[i])
        return self._read[i]

    def has_figure(self, i: int) -> bool:
        """Whether there is a digit in sentence `i`."""
        if i not in self._has_figure:
            self._has_figure[i] = _FIGURE.search(self.raw[i]) is not None
        return self._has_figure[i]

    @cached_property
    def figureless(self) -> Counter[str]:
        """How many of those with figures are equal but for these."""
        return Counter(figureless(raw) for raw in self.raw if _FIGURE.search(raw))


_FIGURE = re.compile(r"\d[\d.,]*")


def figureless(sentence: str) -> str:
    """A sentence with the same figure in the place of each."""
    return _FIGURE.sub("0", sentence)


@lru_cache(maxsize=1 << 10)
def body_of(text: str) -> Body:
    """The sentences of a text."""
    return Body(text)


def body_sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text as they were written, without a dateline before them."""
    lines = text[dateline_chars(text) :].split("\n")
    flowing = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        flowing.append(line)
        if not (following and _is_wrapped(line, following)):
            flowing.append("\n")
        elif not re.match(f"[{_U}]", following):
            flowing.append(" ")
    return tuple(sentences("".join(flowing)))


def _is_wrapped(line: str, following: str) -> bool:
    if len(line) <= WRAPPED_CHARS and not following.lstrip()[:1].islower():
        return False
    last = line.rstrip()[-1:]
    return last.isalnum() or last in (",", ";", "-")


def is_ended(sentence: str) -> bool:
    """Whether a sentence has an end mark at its end."""
    return _END.search(sentence) is not None


_DATELINE = re.compile(
    r"\s*(?:【(?P<a>[^】\n]{1,60})】|\[(?P<b>[^\]\n]{1,60})\]|[（(](?P<c>[^）)\n]{1,60})[）)]"
    rf"|(?P<dashed>[^\n]{{1,{DATELINE_CHARS}}}?)(?:\s*[—–]|\s--?\s)|(?P<line>[^\n]{{1,{DATELINE_CHARS}}})\n)\s*"
)


def dateline_chars(text: str) -> int:
    """How many characters of a text are place, date and agency before it begins; 0 if it begins at once."""
    end = n_lines = 0
    text += "\n"
    while end < 200 and (after := _behind_dateline(text, end, must_be_dated=False)):
        end = after
        n_lines += 1
    following = text.find("\n", end) + 1
    is_calendar = (
        n_lines > _DATELINES
        or end >= len(text)
        or (following and _behind_dateline(text, following, must_be_dated=True))
    )
    return 0 if is_calendar else end


def _behind_dateline(text: str, start: int, *, must_be_dated: bool) -> int | None:
    """Where a dateline ends that begins there."""
    match = _DATELINE.match(text, start)
    if not match:
        return None
    found = next(group for group in match.groups() if group is not None)
    if not _is_dateline(found, must_be_dated=must_be_dated or match.lastgroup == "line"):
        return None
    return match.end()


def _is_dateline(text: str, *, must_be_dated: bool) -> bool:
    plain = re.sub(r"[（(][^）)]*[）)]", " ", text)
    names = re.findall(r"\w+", plain)
    small = [name.casefold() for name in names if len(name) > 3 and name.islower()]
    if not DATES.keys() >= set(small):
        return False  # most sentences, before their signs are read
    found = signs(plain)
    if must_be_dated and is_ended(plain) and sum(not sign.kind for sign in found) > _ENDED_WORDS:
        return False  # a sentence on a line of its own
    is_dated = any(sign.kind == "date" for sign in found)
    numbers = [sign.value for sign in found if sign.kind == "number"]
    if not names or len(found) > _DATELINE_WORDS or (must_be_dated and not is_dated):
        return False
    if any(sign.kind in ("negation", "unit") for sign in found) or (numbers and not is_dated) or len(numbers) > 2:
        return False
    if any(not (n.isdecimal() and (int(n) <= 31 or len(n) == 4)) for n in numbers):
        return False
    if len(names[0]) <= 2 and names[0].istitle():
        return False  # "On 12 March - …" begins a sentence
    uncased = [sign for sign in found if not sign.kind and sign.word[0].isalpha() and not _has_case(sign.word)]
    if len(uncased) > _DATELINE_UNCASED * (3 if re.search(f"[{_U}]", plain) else 1):
        return False
    return {sign.word for sign in found if sign.kind == "date"}.issuperset(small)


def _has_case(word: str) -> bool:
    return word.upper() != word.lower()
