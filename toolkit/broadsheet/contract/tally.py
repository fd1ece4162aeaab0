"""Rejections counted: by rule, each with its first example, and by file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Json = Any


class Example(NamedTuple):
    """A rejection that shows a rule; the smallest is the first."""

    path: str
    line: int
    """0 where the file has no lines."""
    offset: int
    """0 where the file is no archive."""
    message: str


class Tally:
    """How many records were rejected. Adding and merging in any order gives the same."""

    def __init__(self) -> None:
        """Nothing was rejected yet."""
        self.rules: dict[str, tuple[int, Example]] = {}
        """By rule, `<JSON Pointer>: <keyword>`: the number of records that break it, and the first of them."""
        self.files: Counter[str] = Counter()
        """By file: the number of records."""

    def add(self, example: Example, errors: Sequence[tuple[str, str]]) -> None:
        """Counts one record, with its errors: rule and message of each. The example's own message is not looked at."""
        self.files[example.path] += 1
        # Of several errors by one rule the first counts; errors come sorted.
        for rule, message in reversed(dict(reversed(errors)).items()):
            self._count(rule, 1, Example(*example[:3], message))

    def _count(self, rule: str, n: int, example: Example) -> None:
        known = self.rules.get(rule)
        self.rules[rule] = (known[0] + n, min(known[1], example)) if known else (n, example)

    def merge(self, other: "Tally", n_before: int = 0) -> None:
        """Adds what another counted, in a part of a file that so many lines stand before."""
        self.files += other.files
        for rule, (n, example) in other.rules.items():
            self._count(rule, n, example._replace(line=example.line + n_before) if example.line else example)

    def commonest(self) -> list[dict[str, Json]]:
        """The rules with their first examples, commonest first, then by name."""
        found = sorted(self.rules.items(), key=lambda item: (-item[1][0], item[0]))
        return [
            {
                "rule": rule,
                "n": n,
                "message": first.message,
                "path": first.path,
                "line": first.line or None,
                "offset": first.offset or None,
            }
            for rule, (n, first) in found
        ]

    def to_json(self) -> dict[str, Json]:
        """The tally as engines pass it between tasks."""
        return {"rules": {rule: [n, *example] for rule, (n, example) in self.rules.items()}, "files": dict(self.files)}

    @classmethod
    def of(cls, value: Mapping[str, Json]) -> "Tally":
        """What `to_json` gave."""
        tally = cls()
        tally.rules = {rule: (n, Example(*example)) for rule, (n, *example) in value["rules"].items()}
        tally.files = Counter(value["files"])
        return tally
