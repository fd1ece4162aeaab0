"""The blocklist: keyed hashes of what was withdrawn, so that it stays out of later builds and can be read by nobody."""

import functools
import json
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from broadsheet.batches import commit
from broadsheet.errors import CallError
from broadsheet.release.runs import runs_of
from broadsheet.text import words

THRESHOLD: Final = Fraction(7, 10)
"""Containment of the shorter text's word 3-grams from which a text is what was withdrawn."""
LEAST_SHARE: Final = Fraction(1, 2)
"""Of a longer text's words that a withdrawn one must have, for both to be one: else it is a quotation."""
SHORT_WORDS: Final = 10
_SHINGLE: Final = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One text that was withdrawn."""

    n_words: int
    whole: str
    """Hash of all its words."""
    shingles: frozenset[str]
    """Hashes of its word 3-grams; none of a text under 10 words."""


class Blocklist:
    """A file of hashes and the key that made them; private, since the key is in it."""

    def __init__(self, file: Path, key: bytes, rows: list[dict[str, Any]]) -> None:
        self.file, self._key, self._rows = file, key, rows
        self._ids: set[str] = set()
        self._spared: set[str] = set()
        self._entries: list[Entry] = []
        self._holding: defaultdict[str, list[int]] = defaultdict(list)
        """The entries with each shingle."""
        for row in rows:
            self._ids.update(row["ids"])
            self._spared.update(row["spared"])
            self._index(Entry(t["n_words"], t["whole"], frozenset(t["shingles"])) for t in row["texts"])

    def _index(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            for shingle in entry.shingles:
                self._holding[shingle].append(len(self._entries))
            self._entries.append(entry)

    @classmethod
    def at(cls, file: Path) -> "Blocklist":
        """The blocklist in a file, or an empty one where there is none.

        Raises: CallError where it cannot be read or is none.
        """
        try:
            found = json.loads(file.read_text("utf-8"))
            made = cls(file, bytes.fromhex(found["key"]), found["withdrawn"])
            made.tombstones()
        except (FileNotFoundError, NotADirectoryError):
            return cls(file, secrets.token_bytes(32), [])
        except (OSError, ValueError, LookupError, TypeError) as error:
            hint = "restore it: without it what was withdrawn comes back"
            raise CallError(f"{file}: is no blocklist: {error}; {hint}") from None
        return made

    def __len__(self) -> int:
        return len(self._entries)

    def tombstones(self) -> list[dict[str, Any]]:
        """What a release may tell of what was withdrawn: id, since, reason and date, in order of the ids."""
        names = ("since", "reason", "date")
        found = {id_: {"id": id_, **{name: row[name] for name in names}} for row in self._rows for id_ in row["ids"]}
        return [found[id_] for id_ in sorted(found)]

    def add(self, texts: Iterable[str], marks: Mapping[str, Any]) -> None:
        """Adds texts, and writes the file, for its owner alone; what is in it already is not added again.

        `marks` are the `ids`, those of kept records that are alike (`spared`), the first version without them
        (`since`), the `reason` and the `date`.
        """
        made = {entry.whole: entry for entry in map(self._entry, texts)}
        known = {entry.whole for entry in self._entries}
        new = [entry for whole, entry in sorted(made.items()) if whole not in known]
        if not new and self._ids.issuperset(marks["ids"]):
            return
        listed = [{"n_words": e.n_words, "whole": e.whole, "shingles": sorted(e.shingles)} for e in new]
        self._rows.append({**marks, "texts": listed})
        self._ids.update(marks["ids"])
        self._spared.update(marks["spared"])
        self._index(new)
        value = {"key": self._key.hex(), "withdrawn": self._rows}
        commit(self.file, functools.partial(_write, text=json.dumps(value, indent=1) + "\n"), durable=True)

    def matches(self, id_: str, text: str) -> bool:
        """True for a record that was withdrawn: by its id, or as a near or shortened copy, or a longer one.

        A longer text is one of which the withdrawn one is half or more. Texts under 10 words are known by their ids
        alone: other people say the same. What was alike when the other was withdrawn, and was kept, stays.
        """
        if id_ in self._ids or id_ in self._spared:
            return id_ in self._ids
        made = self._entry(text)
        shared = Counter(number for shingle in made.shingles for number in self._holding.get(shingle, ()))
        for number, n in shared.items():
            entry = self._entries[number]
            short, long = sorted((len(made.shingles), len(entry.shingles)))
            is_longer = len(entry.shingles) < len(made.shingles)
            if n >= THRESHOLD * short and not (is_longer and short < LEAST_SHARE * long):
                return True
        return False

    def _entry(self, text: str) -> Entry:
        found = words(text)
        shingles = runs_of(found, _SHINGLE) if len(found) >= SHORT_WORDS else iter(())
        return Entry(len(found), self._hash(" ".join(found), 16), frozenset(self._hashes(shingles)))

    def _hashes(self, shingles: Iterator[str]) -> Iterator[str]:
        return (self._hash(shingle, 8) for shingle in shingles)

    def _hash(self, text: str, n_bytes: int) -> str:
        return blake2b(text.encode(), digest_size=n_bytes, key=self._key).hexdigest()


def _write(path: Path, text: str) -> None:
    path.touch(0o600)
    path.write_text(text, "utf-8")
