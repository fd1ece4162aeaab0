"""A made-up corpus of segmented records with planted families of copies, of any size.

    python bench/duplicates/corpus.py FOLDER --pages 2000

Each page has one main article and some sidebars, most of which have stood on an earlier page. Words follow Zipf's law
over a made-up vocabulary in which no word is a figure, a date or a negation of any language that the guard knows. What
is planted, by kind of the record:

- `original`: a text of its own.
- `form`: the words of an original, but other lines, quotation marks and capitals.
- `light`, `medium`, `heavy`: an original with 1 to 2, 3 to 5 and 6 to 8 % of its words replaced, dropped or added.
- `trimmed`: a wire copy, the first 50 to 85 % of an original's sentences behind a dateline.
- `cut`: an original broken off inside a word after 50 to 85 %, and "…".
- `figures`: an original in which figures alone have changed: says something else, so it must stay.
- `quote`: a text of its own that quotes at length what another quotes.
- `template`: a text of its own in the fixed phrases of its series.

Any of them but lures may be repeated byte by byte in later records. A family is what one record may stand for: an
original and its copies; each lure is a family of its own. The same arguments give the same bytes.
"""

import argparse
import json
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson

from broadsheet.repeats.lexicon import DATES, NEGATIONS, NUMBERS

VOCABULARY: Final = 100_000
CONSONANTS: Final = (*"bcdfghjklmnpqrstvwxz", "br", "ch", "cl", "dr", "pl", "sh", "st", "th", "tr")
VOWELS: Final = ("a", "e", "i", "o", "u", "ai", "ea", "ou")
ENDINGS: Final = ("", "", "n", "r", "s", "l", "t")

ORIGINALS_PER_PAGE: Final = 1.62
COPIES_PER_PAGE: Final = {
    "form": 0.05, "light": 0.09, "medium": 0.08, "heavy": 0.07, "trimmed": 0.10, "cut": 0.06, "figures": 0.07,
    "quote": 0.05, "template": 0.05,
}  # fmt: skip
EXACT_PER_PAGE: Final = 1.53
"""So that about 41 % of the records are byte-identical to an earlier one."""
EDITS: Final = {"light": (0.01, 0.02), "medium": (0.03, 0.05), "heavy": (0.06, 0.08)}
COPIES: Final = ("form", "light", "medium", "heavy", "trimmed", "cut")
LURES: Final = ("figures", "quote", "template")
KINDS: Final = ("original", *COPIES, *LURES)
"""In the order in which one record of a family is best kept."""

Words = list[str]
Sentence = list[str]


@dataclass(slots=True)
class Article:
    """A text before it is written: paragraphs of sentences of words, without capitals and full stops."""

    title: str
    paragraphs: list[list[Sentence]]
    source: str = ""

    def n_words(self) -> int:
        """How many words it has."""
        return sum(len(sentence) for paragraph in self.paragraphs for sentence in paragraph)


@dataclass(slots=True)
class Record:
    """One record with what is planted in it."""

    text: str
    title: str
    source: str
    kind: str
    family: int
    like: int = -1
    """Of a lure: the family that it resembles."""


class Writer:
    """Makes words, sentences, articles and their copies; all depends on the seed."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.vocabulary = _vocabulary(self.rng)
        weights = 1.0 / (np.arange(VOCABULARY) + 1.0)
        self._steps = np.cumsum(weights) / weights.sum()

    def words(self, n: int) -> Words:
        """`n` words."""
        ranks = np.minimum(np.searchsorted(self._steps, self.rng.random(n)), VOCABULARY - 1)
        vocabulary = self.vocabulary
        return [vocabulary[rank] for rank in ranks.tolist()]

    def sentences(self, n_words: int) -> list[Sentence]:
        """Sentences of 8 to 26 words, about `n_words` in all; some have a figure, some a name."""
        words = self.words(n_words)
        lengths = self.rng.integers(8, 27, n_words // 8 + 1).tolist()
        chances = self.rng.random((len(lengths), 2)).tolist()
        figures = self.rng.integers(2, 9000, len(lengths)).tolist()
        made, at = [], 0
        for length, (figure, name), value in zip(lengths, chances, figures, strict=True):
            if at >= n_words:
                break
            sentence = words[at : at + length]
            at += length
            if figure < 0.2 and len(sentence) > 4:
                sentence.insert(len(sentence) // 2, str(value))
            if name < 0.3 and len(sentence) > 5:
                sentence[3] = sentence[3].capitalize()
                sentence[4] = sentence[4].capitalize()
            made.append(sentence)
        return made

    def title(self) -> str:
        """A headline without figures."""
        return " ".join(self.words(int(self.rng.integers(5, 10)))).capitalize()

    def article(self, n_words: int, source: str) -> Article:
        """An article of about `n_words`."""
        return Article(self.title(), self.paragraphs(self.sentences(n_words)), source)

    def paragraphs(self, sentences: list[Sentence]) -> list[list[Sentence]]:
        """Paragraphs of 1 to 5 sentences."""
        made, at = [], 0
        while at < len(sentences):
            n = int(self.rng.integers(1, 6))
            made.append(sentences[at : at + n])
            at += n
        return made

    def edited(self, article: Article, share: float) -> Article:
        """A copy with `share` of its words replaced, dropped or added; figures stay as they are."""
        copy = [[list(sentence) for sentence in paragraph] for paragraph in article.paragraphs]
        places = [
            (p, s, w)
            for p, paragraph in enumerate(copy)
            for s, sentence in enumerate(paragraph)
            for w, word in enumerate(sentence)
            if not word[0].isdigit()
        ]
        n = max(1, round(share * article.n_words()))
        chosen = sorted(self.rng.choice(len(places), size=min(n, len(places)), replace=False).tolist(), reverse=True)
        new, what = self.words(n), self.rng.random(n).tolist()
        for number, chance, word in zip(chosen, what, new, strict=False):
            p, s, w = places[number]
            if chance < 0.6:
                copy[p][s][w] = word
            elif chance < 0.8 and len(copy[p][s]) > 4:
                del copy[p][s][w]
            else:
                copy[p][s].insert(w, word)
        return Article(article.title, copy, article.source)

    def trimmed(self, article: Article) -> Article:
        """The first 50 to 85 % of the sentences."""
        sentences = [sentence for paragraph in article.paragraphs for sentence in paragraph]
        keep = max(2, round(len(sentences) * self._between(0.5, 0.85)))
        return Article(article.title, self.paragraphs(sentences[:keep]), article.source)

    def refigured(self, article: Article) -> Article | None:
        """A copy in which up to three figures have changed; None if there are none."""
        copy = [[list(sentence) for sentence in paragraph] for paragraph in article.paragraphs]
        places = [
            (sentence, w)
            for paragraph in copy
            for sentence in paragraph
            for w, word in enumerate(sentence)
            if word.isdigit()
        ]
        if not places:
            return None
        for number in self.rng.choice(len(places), size=min(3, len(places)), replace=False).tolist():
            sentence, w = places[number]
            sentence[w] = str(int(sentence[w]) + int(self.rng.integers(1, 500)))
        return Article(article.title, copy, article.source)

    def quoting(self, article: Article, source: str) -> Article | None:
        """A text of its own that quotes a fifth of another at most, which is a third to a half of its words."""
        sentences = [sentence for paragraph in article.paragraphs for sentence in paragraph]
        n = len(sentences) // 5
        if n < 2:
            return None
        first = int(self.rng.integers(0, len(sentences) - n))
        quoted = [list(sentence) for sentence in sentences[first : first + n]]
        n_own = int(sum(map(len, quoted)) * self._between(1.0, 2.0))
        own = self.sentences(n_own)
        half = len(own) // 2
        return Article(self.title(), [*self.paragraphs(own[:half]), quoted, *self.paragraphs(own[half:])], source)

    def form(self, text: str) -> str:
        """The same words with other lines, quotation marks and spaces."""
        lines = text.split("\n\n")
        return "\n".join(f"\u201c{line}\u201d" if i % 3 == 1 else line for i, line in enumerate(lines)) + "\n"

    def cut(self, text: str) -> str:
        """The beginning of a text, broken off inside a word."""
        end = int(len(text) * self._between(0.5, 0.85))
        while end > 1 and not (text[end - 1].isalpha() and text[end].isalpha()):
            end -= 1
        return text[:end] + "…"

    def dateline(self) -> str:
        """Place and agency, as a wire copy begins."""
        place, agency = self.words(2)
        return f"{place.upper()} ({agency.capitalize()}) — "

    def n_words(self, median: int, least: int) -> int:
        """A length, log-normal about the median."""
        return int(np.clip(median * np.exp(0.55 * self.rng.standard_normal()), least, 6000))

    def chance(self) -> float:
        """A number from 0 to 1."""
        return float(self.rng.random())

    def _between(self, low: float, high: float) -> float:
        return low + (high - low) * self.chance()


class Templates:
    """Series of texts that share fixed phrases, which are about half of each."""

    def __init__(self, writer: Writer, n: int) -> None:
        self._writer = writer
        self._series = [writer.sentences(200) for _ in range(n)]

    def text(self, number: int, source: str) -> Article:
        """A text in the phrases of a series: as many words of its own between them."""
        made = []
        for fixed in self._series[number % len(self._series)]:
            made += [list(fixed), self._writer.words(len(fixed) + 2)]
        return Article(self._writer.title(), self._writer.paragraphs(made), source)


def _vocabulary(rng: np.random.Generator) -> list[str]:
    """Distinct made-up words, the commonest first and short; none has a meaning for the guard."""
    known = {*NUMBERS, *DATES, *NEGATIONS}
    found: dict[str, None] = {}
    for n_syllables, until in ((1, 300), (2, 20_000), (3, 80_000), (4, VOCABULARY)):
        while len(found) < until:
            parts = rng.random((4096, n_syllables, 3)).tolist()
            for syllables in parts:
                word = "".join(
                    CONSONANTS[int(c * len(CONSONANTS))] + VOWELS[int(v * len(VOWELS))] + ENDINGS[int(e * len(ENDINGS))]
                    for c, v, e in syllables
                )
                if word not in known and len(found) < until:
                    found[word] = None
    return list(found)


def written(article: Article) -> str:
    """The text: a paragraph a line, an empty line between them."""
    return "\n\n".join(
        " ".join(f"{sentence[0].capitalize()} {' '.join(sentence[1:])}." for sentence in paragraph)
        for paragraph in article.paragraphs
    )


def articles(n_pages: int, seed: int = 0) -> list[Record]:
    """The records of `n_pages` pages, about 3.8 a page."""
    writer = Writer(seed)
    n_sources = max(4, n_pages // 100)
    bases: list[Article] = []
    originals: list[Record] = []
    for number in range(round(n_pages * ORIGINALS_PER_PAGE)):
        is_main = number < n_pages
        source = f"site{number % n_sources}.example"
        article = writer.article(writer.n_words(530, 100) if is_main else writer.n_words(345, 50), source)
        bases.append(article)
        originals.append(Record(written(article), article.title, source, "original", number))
    copies = _copies(writer, n_pages, bases)
    pool = originals + [record for record in copies if record.kind not in LURES]
    return _placed(writer, originals, copies, pool, round(n_pages * EXACT_PER_PAGE))


def _copies(writer: Writer, n_pages: int, bases: list[Article]) -> list[Record]:
    """What is derived from the originals, and the lures."""
    made: list[Record] = []
    family = len(bases)
    templates = Templates(writer, max(2, n_pages // 400))
    for kind, per_page in COPIES_PER_PAGE.items():
        for number in range(round(n_pages * per_page)):
            base = int(writer.rng.integers(len(bases)))
            source = f"site{int(writer.rng.integers(max(4, n_pages // 100)))}.example"
            if kind == "template":
                derived: Article | None = templates.text(number, source)
            elif kind == "quote":
                derived = writer.quoting(bases[base], source)
            else:
                derived = _derived(writer, kind, bases[base])
            if derived is None:
                continue
            text = written(derived)
            if kind == "trimmed" and writer.chance() < 0.7:
                text = writer.dateline() + text
            elif kind in ("form", "cut"):
                text = getattr(writer, kind)(text)
            is_lure = kind in LURES
            like = base if is_lure and kind != "template" else -1
            made.append(Record(text, derived.title, source, kind, family if is_lure else base, like))
            family += is_lure
    return made


def _derived(writer: Writer, kind: str, article: Article) -> Article | None:
    """A copy of an article before it is written."""
    if kind == "figures":
        return writer.refigured(article)
    if kind == "trimmed":
        return writer.trimmed(article)
    if kind in EDITS:
        low, high = EDITS[kind]
        return writer.edited(article, low + (high - low) * writer.chance())
    return article


def _placed(
    writer: Writer, originals: list[Record], copies: list[Record], pool: list[Record], n_exact: int
) -> list[Record]:
    """All records in the order of the crawl; some sidebars stand on very many pages."""
    n = len(originals)
    entries = [(place, record) for place, record in zip(writer.rng.random(n).tolist(), originals, strict=True)]
    entries += [(place, record) for place, record in zip(writer.rng.random(len(copies)).tolist(), copies, strict=True)]
    popular = (len(pool) * writer.rng.random(n_exact) ** 2.5).astype(np.int64).tolist()
    order = writer.rng.permutation(len(pool)).tolist()
    entries += [(place, pool[order[i]]) for place, i in zip(writer.rng.random(n_exact).tolist(), popular, strict=True)]
    entries.sort(key=lambda entry: entry[0])
    return [record for _, record in entries]


def comments(n: int, seed: int = 0) -> Iterator[Record]:
    """`n` short texts of 20 to 40 words: 85 % of their own, 6 % byte-identical, 9 % with one or two edits."""
    writer = Writer(seed)
    recent: list[tuple[str, int]] = []
    for start in range(0, n, 10_000):
        size = min(10_000, n - start)
        lengths = writer.rng.integers(20, 41, size).tolist()
        words = writer.words(sum(lengths))
        chances = writer.rng.random((size, 4)).tolist()
        at = 0
        for i, (length, chance) in enumerate(zip(lengths, chances, strict=True)):
            own = words[at : at + length]
            at += length
            text, kind, family = f"{' '.join(own).capitalize()}.", "original", start + i
            if chance[0] < 0.15 and recent:
                text, family = recent[int(chance[1] * len(recent))]
                if chance[0] < 0.09:
                    changed = text.split(" ")
                    changed[1 + int(chance[2] * (len(changed) - 2))] = own[0]
                    text, kind = " ".join(changed), "light"
            elif chance[3] < 0.2:
                recent.append((text, family))
            yield Record(text, "", "site.example", kind, family)


def alike(n: int, shared: float, seed: int = 0) -> Iterator[Record]:
    """`n` texts of about 110 shingles that share a template and draw the rest from a small pool of phrases.

    `shared` is the share of the template in each text's words. Every text is a family of its own.
    """
    writer = Writer(seed)
    pool = [" ".join(writer.words(4)) for _ in range(100)]
    n_phrases = round(112 * (1 - shared) / 4)
    template = " ".join(writer.words(112 - 4 * n_phrases)).capitalize()
    for number in range(n):
        chosen = writer.rng.choice(len(pool), size=n_phrases, replace=False).tolist()
        yield Record(f"{template} {' '.join(pool[i] for i in chosen)}.", "", "site.example", "original", number)


def write(records: Iterable[Record], folder: Path) -> dict[str, Any]:
    """Writes `records.jsonl` and `truth.npz`; what stands in them, in numbers.

    The truth holds, by row: `family`, `kind` (a place in `KINDS`), `first` (the first row with this very text); and
    the pairs `like` (family of a lure, family that it resembles).
    """
    folder.mkdir(parents=True, exist_ok=True)
    families, kinds, first, likes = array("q"), array("b"), array("q"), []
    rows: dict[bytes, int] = {}
    places = {kind: place for place, kind in enumerate(KINDS)}
    n_bytes = 0
    with (folder / "records.jsonl").open("wb") as file:
        for number, record in enumerate(records):
            fields = {"id": f"r{number:08d}", "text": record.text, "title": record.title, "source": record.source}
            n_bytes += file.write(orjson.dumps(fields) + b"\n")
            families.append(record.family)
            kinds.append(places[record.kind])
            key = blake2b(record.text.encode(), digest_size=16).digest()
            first.append(rows.setdefault(key, number))
            if record.like >= 0:
                likes.append((record.family, record.like))
    family = np.array(families, dtype=np.int64)
    numbers = np.array(kinds, dtype=np.int8)
    like = np.array(likes, dtype=np.int64).reshape(-1, 2)
    np.savez(folder / "truth.npz", family=family, kind=numbers, first=np.array(first, dtype=np.int64), like=like)
    facts = {
        "made_by": version(),
        "n_records": len(kinds),
        "n_bytes": n_bytes,
        "n_families": len(np.unique(family)),
        "n_repeated": len(kinds) - len(rows),
        "kinds": {kind: int(np.count_nonzero(numbers == place)) for kind, place in places.items()},
    }
    (folder / "facts.json").write_text(json.dumps(facts), "utf-8")
    return facts


def version() -> str:
    """What a corpus depends on but its arguments: this file and NumPy."""
    return f"{blake2b(Path(__file__).read_bytes(), digest_size=8).hexdigest()} numpy {np.__version__}"


def main() -> None:
    """Writes a corpus and prints what stands in it."""
    parser = argparse.ArgumentParser(description="Write a corpus of records with planted copies.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    print(json.dumps(write(articles(arguments.pages, arguments.seed), arguments.folder)))


if __name__ == "__main__":
    main()
