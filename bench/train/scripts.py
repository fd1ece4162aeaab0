"""The writing of a made site: a cipher of its script, and dates, names and phrases that go with it."""

import random
import re
import zlib
from collections.abc import Callable
from typing import Final

SCRIPTS: Final = ("german", "accented", "cyrillic", "greek", "arabic", "hebrew", "devanagari", "han", "thai")
_WORD: Final = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ]+(?:['’][A-Za-z]+)?")
_VOWELS: Final = "aeiou"
_CONSONANTS: Final = "bcdfghjklmnpqrstvwxyz"
_LETTERS: Final = {  # vowels, consonants
    "german": ("aeiouäöü", "bcdfghklmnprstwzchvj"),
    "accented": ("aeiouáéíóúèêâ", "bcdfglmnpqrstvçñ"),
    "cyrillic": ("аеиоуыэюя", "бвгджзклмнпрстфхцчшщйь"),
    "greek": ("αεηιουωάίό", "βγδζθκλμνξπρστφχψς"),
    "arabic": ("اويا", "بتثجحخدذرزسشصضطظعغفقكلمنه"),
    "hebrew": ("אויה", "בגדזחטכלמנספצקרשת"),
}
_DEVANAGARI: Final = ("अइउएओआईऐ", ["", "ा", "ि", "ी", "ु", "े", "ो", "ै"], "कखगघचछजझटठडढणतथदधनपफबभमयरलवशषसह")
_THAI: Final = ("อ", ["", "า", "ี", "ุ", "ิ", "ะ", "ู", "ั"], "กขคงจฉชซดตถทธนบปผพฟภมยรลวสหอ")
_MONTHS: Final = {
    "english": ["January February March April May June July August September October November December"],
    "german": [
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "januari februari maart april mei juni juli augustus september oktober november december",
        "januar februar marts april maj juni juli august september oktober november december",
        "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta"
        " marraskuuta joulukuuta",
    ],
    "accented": [
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
        "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    ],
    "cyrillic": [
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
        "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    ],
    "greek": [
        "Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου Οκτωβρίου"
        " Νοεμβρίου Δεκεμβρίου"
    ],
    "arabic": ["يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر"],
    "hebrew": ["בינואר בפברואר במרץ באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר בנובמבר בדצמבר"],
    "devanagari": ["जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर"],
    "thai": ["มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม"],
}
_DAYS: Final = {
    "english": [
        "{M} {d}, {y}",
        "{d} {M} {y}",
        "{M3} {d}, {y}",
        "{d} {M3} {y}",
        "{m}/{d}/{y}",
        "{W}, {M} {d}, {y}",
        "{W} {d} {M} {y}",
        "{M} {d}{th}, {y}",
        "{mm}/{dd}/{yy}",
    ],
    "german": ["{d}. {M} {y}", "{d}. {M3}. {y}", "{W}, {d}. {M} {y}", "{d} {M} {y}"],
    "accented": ["{d} {M} {y}", "{d} de {M} de {y}", "{W} {d} {M} {y}", "{M} {d}, {y}", "{d} {M3}. {y}"],
    "cyrillic": ["{d} {M} {y}", "{d} {M} {y} г.", "{d} {M3} {y}"],
    "han": ["{y}年{m}月{d}日", "{y}年{mm}月{dd}日", "{y}-{m}-{d}"],
    "other": ["{d} {M} {y}", "{d} {M}, {y}", "{M} {d}, {y}"],
    "digits": [
        "{y}-{mm}-{dd}",
        "{dd}/{mm}/{y}",
        "{dd}.{mm}.{y}",
        "{y}/{mm}/{dd}",
        "{d}.{m}.{y}",
        "{dd}-{mm}-{y}",
        "{y}.{mm}.{dd}",
        "{d}/{m}/{yy}",
    ],
}
_TIMES: Final = ["{H}:{mi}", "{h}:{mi} am", "{h}:{mi} PM", "{H}.{mi}", "{H}h{mi}", "{H}:{mi}:{mi}", "{h}:{mi}pm"]
_JOINS: Final = {
    "english": [", ", " at ", " ", " - ", " | ", " @ "],
    "german": [", ", " um ", " kl. ", " ", " - ", " om "],
    "accented": [", ", " à ", " a las ", " alle ", " às ", " - "],
    "cyrillic": [" в ", ", ", " "],
    "greek": [" στις ", ", ", " "],
    "arabic": [" الساعة ", " - ", "، "],
    "hebrew": [" בשעה ", ", ", " "],
}
_LEADS: Final = {
    "english": ["By", "by", "Written by", "Posted by", "Author:", "Words:", "Words by", "Text:", "Reported by", "BY"],
    "german": ["Von", "von", "Door", "Av", "av", "Af", "Autor:", "Text:", "Tekst:", "Kirjoittaja", "Skrevet av"],
    "accented": ["Par", "par", "Por", "por", "Di", "di", "De", "Od", "Autor:", "Auteur :", "Autore:", "Yazan:"],
    "cyrillic": ["От", "Автор:", "Текст:", "Автор", "Од", "Пише:"],
    "greek": ["Του", "Από", "Γράφει ο", "Συντάκτης:"],
    "arabic": ["بقلم", "كتب", "بواسطة", "كتبت", "بقلم:"],
    "hebrew": ["מאת", "על ידי", "מאת:"],
    "devanagari": ["द्वारा", "लेखक:", "लेखक -"],
    "han": ["作者：", "文／", "作者", "撰文：", "记者", "文："],
    "thai": ["โดย", "เขียนโดย", "ผู้เขียน:"],
}
_VERBS: Final = {
    "english": ["says", "said", "wrote", "writes", "commented", "replied", "posted", "says:", "said:", "responds"],
    "german": ["sagt", "schreibt", "schrieb", "zegt", "skriver", "sagde", "meint", "sier:", "sagt:", "sanoo"],
    "accented": ["dit", "a dit", "dice", "escribió", "ha scritto", "disse", "dit :", "dijo", "pisze:", "diyor ki"],
    "cyrillic": ["пишет", "говорит", "сказал", "написал:", "каже"],
    "greek": ["λέει", "έγραψε", "είπε:"],
    "arabic": ["يقول", "كتب", "قال:"],
    "hebrew": ["אומר", "כתב", "הגיב:"],
    "devanagari": ["कहते हैं", "ने लिखा"],
    "han": ["说：", "说道：", "写道", "说"],
    "thai": ["กล่าวว่า", "พูดว่า"],
}
_FINALS: Final = {"devanagari": "।", "han": "。"}


class Script:
    """How one site is written; the same word is always written the same."""

    def __init__(self, name: str, rng: random.Random) -> None:
        self.name = name
        self._salt = str(rng.random())
        self._known: dict[str, str] = {}
        self._map: dict[str, str] = {}
        if name in _LETTERS:
            vowels, consonants = ([*letters] for letters in _LETTERS[name])
            rng.shuffle(vowels)
            rng.shuffle(consonants)
            self._map = {c: vowels[n % len(vowels)] for n, c in enumerate(_VOWELS)}
            self._map |= {c: consonants[n % len(consonants)] for n, c in enumerate(_CONSONANTS)}
        elif name in ("devanagari", "thai"):
            consonants = list((_DEVANAGARI if name == "devanagari" else _THAI)[2])
            rng.shuffle(consonants)
            self._map = {c: consonants[n % len(consonants)] for n, c in enumerate(_CONSONANTS)}

    def _hash(self, word: str) -> int:
        return zlib.crc32((self._salt + word).encode())

    def _word(self, word: str) -> str:
        low = word.lower()
        if self.name == "han":
            n = self._hash(low)
            return "".join(
                chr(0x4E00 + (n * (k * 2 + 3) >> 4) % 3500) for k in range(1 + n % (2 if len(low) < 6 else 3))
            )
        if self.name in ("devanagari", "thai"):
            return self._syllables(low)
        drop = self.name in ("arabic", "hebrew")
        made = "".join(
            self._map.get(c, "" if not c.isalpha() else self._map["n"])
            for n, c in enumerate(low)
            if not (drop and c in _VOWELS and n % 3 and len(low) > 3)
        )
        if not drop and (word[0].isupper() or (self.name == "german" and len(low) > 4 and self._hash(low) % 3 == 0)):
            made = made.upper() if word.isupper() and len(word) > 1 else made[:1].upper() + made[1:]
        return made

    def _syllables(self, low: str) -> str:
        alone, signs, _ = _DEVANAGARI if self.name == "devanagari" else _THAI
        made, open_ = "", False
        for c in low:
            if c in _VOWELS:
                n = _VOWELS.index(c)
                made += signs[n + len(low) % 3] if open_ else alone[n % len(alone)]
                open_ = False
            elif c in self._map:
                made += self._map[c]
                open_ = True
        return made or "क"

    def _replace(self, match: re.Match[str]) -> str:
        word = match[0]
        if word not in self._known:
            self._known[word] = self._word(word) or word
        return self._known[word]

    def write(self, text: str) -> str:
        """The text in this script."""
        if self.name == "english":
            return text
        text = _WORD.sub(self._replace, text)
        if self.name == "arabic":
            text = text.replace(",", "،").replace("?", "؟").replace(";", "؛")
        elif self.name == "devanagari":
            text = re.sub(r"(?<=[\u0900-\u097f\"”)])\.(?=\s|$)", "।", text)
        elif self.name == "thai":
            text = re.sub(r"(?<=[\u0e00-\u0e7f]) (?=[\u0e00-\u0e7f])", "", text)
            text = re.sub(r"(?<=[\u0e00-\u0e7f])[.,](?=\s|$)", "", text)
        elif self.name == "han":
            for old, new in ((", ", "，"), (". ", "。"), ("? ", "？"), ("! ", "！"), (": ", "："), ("; ", "；")):
                text = re.sub(rf"(?<=[\u4e00-\u9fff\d”\")])\{old[0]}(?: |$)", new, text)
            text = re.sub(r"(?<=[\u4e00-\u9fff，。？！：；”]) | (?=[\u4e00-\u9fff])", "", text)
        return " ".join(text.split()) or "…"

    def choice(self, table: dict[str, list[str]], rng: random.Random) -> str:
        """One of a table's entries for this script."""
        return rng.choice(table.get(self.name) or table.get("other") or table["english"])

    def lead(self, rng: random.Random) -> str:
        """The word before an author's name; in a fifth of the sites there is none, in some it is invented."""
        return "" if rng.random() < 0.2 else self.choice(_LEADS, rng)

    def verb(self, rng: random.Random, words: list[str]) -> str:
        """The word after a commenter's name: a usual one, or any word at all."""
        if rng.random() < 0.4:
            return self.write(rng.choice(words)) + rng.choice(["", "", ":"])
        return self.choice(_VERBS, rng)


def dates(script: Script, rng: random.Random, words: list[str], *, clock: float) -> Callable[[], str]:
    """A maker of dates of one format; `clock` is the chance that it holds the time of day too."""
    months = rng.choice(_MONTHS.get(script.name) or _MONTHS["english"]).split()
    if rng.random() < 0.15 and script.name != "english":
        months = [script.write(word) for word in rng.sample(words, 12)]
    weekdays = [script.write(rng.choice(words)) for _ in range(7)]
    if script.name == "english":
        weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    day = script.choice(_DAYS, rng) if rng.random() < 0.65 else rng.choice(_DAYS["digits"])
    timed = rng.random() < clock
    if timed:
        join = rng.choice(_JOINS.get(script.name, [" ", ", ", " - "]))
        day = f"{day}{join}{rng.choice(_TIMES if script.name == 'english' else [_TIMES[0], *_TIMES[3:6]])}"

    def made() -> str:
        d, m, y, h, mi = (rng.randint(*s) for s in ((1, 28), (1, 12), (2003, 2025), (1, 12), (0, 59)))
        return day.format(
            d=d, m=m, y=y, dd=f"{d:02}", mm=f"{m:02}", yy=f"{y % 100:02}", M=months[m - 1], M3=months[m - 1][:3],
            W=weekdays[d % 7], th={1: "st", 2: "nd", 3: "rd"}.get(d % 10 if d // 10 != 1 else 0, "th"),
            h=h, H=f"{(h * 2) % 24:02}", mi=f"{mi:02}",
        )  # fmt: skip

    return made


_STARTS: Final = [
    "b",
    "br",
    "c",
    "d",
    "dr",
    "f",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "st",
    "t",
    "tr",
    "v",
    "w",
    "z",
    "sh",
    "ch",
    "th",
]
_ENDS: Final = [
    "a",
    "o",
    "e",
    "i",
    "n",
    "s",
    "r",
    "l",
    "x",
    "y",
    "na",
    "ra",
    "ko",
    "en",
    "er",
    "in",
    "on",
    "as",
    "is",
    "us",
    "ta",
    "la",
    "ton",
    "sen",
    "ski",
    "ez",
]


def _invented(rng: random.Random) -> str:
    word = "".join(rng.choice(_STARTS) + rng.choice("aeiou") for _ in range(rng.choice([1, 1, 2])))
    return (word + rng.choice(_ENDS)).capitalize()


def full_name(script: Script, rng: random.Random) -> str:
    """A made author's name of one to three words, or with initials."""
    parts = [script.write(_invented(rng)) for _ in range(rng.choice([2, 2, 2, 2, 3, 1]))]
    if len(parts) > 1 and rng.random() < 0.12 and script.name in ("english", "german", "accented", "cyrillic", "greek"):
        parts[-2 if len(parts) > 2 else 0] = parts[0][:1] + "."
    return ("" if script.name == "han" else " ").join(parts)


def handle(script: Script, rng: random.Random) -> str:
    """A made commenter's name, of many shapes."""
    shape = rng.random()
    if shape < 0.4:
        return full_name(script, rng)
    if shape < 0.55:
        return script.write(_invented(rng))
    base = _invented(rng)
    if rng.random() < 0.5 and script.name != "english":
        base = script.write(base)
    shapes = [
        base.lower(), f"{base.lower()}{rng.randint(1, 2020)}", f"{base}_{_invented(rng)}",
        f"{base[:1]}.{base[1:2].upper()}.",
        f"{base.lower()} {_invented(rng).lower()}", f"{base}{_invented(rng)}", f"{base} {base[:1]}.", base.upper(),
        f"@{base.lower()}", f"{base.lower()}.{rng.choice(['com', 'net', 'de'])}", f"{base}{rng.randint(1, 99)}",
        f"The {base}", f"{base} & {_invented(rng)}", f"{base} ({_invented(rng)})",
    ]  # fmt: skip
    return rng.choice(shapes)
