"""Language and script of a text, from Unicode ranges and votes of function words; nothing is downloaded."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter

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
_STARTS = [start for start, _ in _RANGES]
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ASCII_LETTERS = re.compile(r"[A-Za-z]")


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


def is_function_word(word: str) -> bool:
    """Whether a word is one of the commonest function words of a listed language, in any case."""
    folded = word.casefold()
    return any(folded in voters for voters in _VOTERS.values())


def script_of(text: str) -> str | None:
    """ISO 15924 code of the script most letters of the text's beginning are in; None without letters.

    Han with kana is `Jpan`, Hangul `Kore`, other Han `Hani`.
    """
    sample = text[:SAMPLE_CHARS]
    counts: Counter[str] = Counter()
    latin = len(_ASCII_LETTERS.findall(sample))
    if latin:
        counts["Latn"] = latin
    if not sample.isascii():
        for char, n in Counter(sample).items():
            if char >= "\x80":
                place = bisect_right(_STARTS, ord(char)) - 1
                script = _RANGES[place][1] if place >= 0 else None
                if script is not None:
                    counts[script] += n
    if counts["Kana"] * 20 > counts["Hani"] + counts["Kana"]:
        counts["Jpan"] = counts.pop("Kana") + counts.pop("Hani", 0)
    if counts["Hang"]:
        counts["Kore"] = counts.pop("Hang")
    counts = +counts
    return min(counts, key=lambda code: (-counts[code], code)) if counts else None


def detect(text: str) -> tuple[str, str | None]:
    """ISO 639-1 language, or `und` without enough evidence, and ISO 15924 script of a text.

    Reads the first 4,000 code points. `detect("")` is `("und", None)`.
    """
    script = script_of(text)
    if script is None:
        return "und", None
    if script in ONE_LANGUAGE:
        return ONE_LANGUAGE[script], script
    voters = _VOTERS.get(script)
    if voters is None:
        return "und", script
    words = _WORD.findall(text[:SAMPLE_CHARS].lower().replace("’", "'"))
    votes: dict[str, float] = {}
    for word in words:
        for language in voters.get(word, ()):
            votes[language] = votes.get(language, 0.0) + 1 / len(voters[word])
    ranked = sorted(((n, language) for language, n in votes.items()), reverse=True)
    if not ranked or ranked[0][0] < max(MIN_VOTES, MIN_SHARE * len(words)):
        return "und", script
    if len(ranked) > 1 and ranked[0][0] < MIN_LEAD * ranked[1][0]:
        return "und", script
    return ranked[0][1], script
