"""The hard set: over 10,000 made-up pairs of texts, each with the truth whether the two may fold, and how they do.

    python tests/hard.py [--write | --seed TEXT]

Prints what was measured as tables in Markdown; `--write` pins it in `tests/hard.json`.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from hard_apart import APART
from hard_copies import COPIES
from prose import Case

from broadsheet.repeats import fold

PINNED: Final = Path(__file__).with_name("hard.json")
LENGTHS: Final = {12: 36, 25: 36, 50: 36, 120: 36, 300: 16, 800: 8}
"""Words of a text, and how many pairs of each kind have it in English."""
OTHER_LENGTHS: Final = {25: 12, 120: 12}
OTHER_TONGUES: Final = ("de", "fr", "es", "ru", "ar", "ja")

Row = dict[str, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a pair. `update`: the guard kept apart what would have folded."""

    case: Case
    folded: bool
    update: bool
    tied: bool


def kinds() -> list[str]:
    """The names of all kinds of pairs: copies first."""
    return [*COPIES, *APART]


def cases(kind: str, seed: str = "") -> Iterator[Case]:
    """All pairs of a kind, always the same for a seed."""
    make = COPIES.get(kind) or APART[kind]
    for tongue in ("en", *OTHER_TONGUES):
        for n_words, n in (LENGTHS if tongue == "en" else OTHER_LENGTHS).items():
            for number in range(n):
                case = make(f"{seed}{kind} {tongue} {n_words} {number}", n_words, tongue)
                if case:
                    yield case


@cache
def outcomes(kind: str, seed: str = "") -> list[Outcome]:
    """What folding makes of each pair of a kind."""
    return [_outcome(case) for case in cases(kind, seed)]


def _outcome(case: Case) -> Outcome:
    folded = fold([case.a, case.b])
    return Outcome(
        case,
        folded=len({canonical for canonical, _ in folded.canonical.values()}) == 1,
        update=any(pair.relation == "update" for pair in folded.pairs),
        tied=len(set(folded.story.values())) == 1,
    )


def row(found: Iterable[Outcome]) -> Row:
    """Counts over pairs: all, folded, folded or kept apart by the guard alone, of one story."""
    found = list(found)
    return {
        "pairs": len(found),
        "folded": sum(o.folded for o in found),
        "unguarded": sum(o.folded or o.update for o in found),
        "tied": sum(o.tied for o in found),
    }


def measured(kind: str, seed: str = "") -> dict[str, Row]:
    """The counts of a kind by length (English) and tongue, where it has pairs."""
    found = outcomes(kind, seed)
    groups = {str(n): [o for o in found if o.case.tongue == "en" and o.case.n_words == n] for n in LENGTHS}
    groups |= {tongue: [o for o in found if o.case.tongue == tongue] for tongue in OTHER_TONGUES}
    return {name: row(group) for name, group in groups.items() if group}


def digest(kind: str) -> str:
    """SHA-256 of the texts of a kind."""
    total = hashlib.sha256()
    for o in outcomes(kind):
        total.update(f"{o.case.a.text}\0{o.case.b.text}\0".encode())
    return total.hexdigest()


def _total(rows: Iterable[Row]) -> Row:
    rows = list(rows)
    return {name: sum(r[name] for r in rows) for name in rows[0]}


def _share(counts: Row | None, name: str = "folded") -> str:
    return f"{100 * counts[name] / counts['pairs']:.1f}" if counts else "–"


def tables(rows: dict[str, dict[str, Row]]) -> str:
    """What was measured, in Markdown: copies found in per cent, then what must stay apart, in pairs."""
    columns = [*map(str, LENGTHS), *OTHER_TONGUES]
    lines = [
        f"| copies | pairs | {' | '.join(columns)} | all | without guard | false updates |",
        "|" + "---|" * (len(columns) + 5),
    ]
    copies = {kind: rows[kind] for kind in COPIES}
    copies["all"] = {c: _total(r[c] for r in copies.values() if c in r) for c in columns}
    for kind, by_group in copies.items():
        total = _total(by_group.values())
        cells = [_share(by_group.get(column)) for column in columns]
        lines.append(
            f"| {kind} | {total['pairs']} | {' | '.join(cells)} | {_share(total)} | {_share(total, 'unguarded')} "
            f"| {total['unguarded'] - total['folded']} |"
        )
    lines += ["", "| apart | pairs | folded | would fold without guard | of one story |", "|---|---|---|---|---|"]
    for kind in APART:
        total = _total(rows[kind].values())
        lines.append(f"| {kind} | {total['pairs']} | {total['folded']} | {total['unguarded']} | {total['tied']} |")
    return "\n".join(lines)


def main() -> int:
    """Measures all kinds and prints the tables; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="pin what was measured")
    parser.add_argument("--seed", default="", help="make another set, to see that nothing is fitted to this one")
    given = parser.parse_args()
    if given.write and given.seed:
        parser.error("what is pinned is the set without a seed")
    rows = {kind: measured(kind, given.seed) for kind in kinds()}
    print(tables(rows))
    if given.write:
        pinned = {kind: {"sha256": digest(kind), "counts": rows[kind]} for kind in rows}
        lines = ",\n".join(f"  {json.dumps(kind)}: {json.dumps(value)}" for kind, value in pinned.items())
        PINNED.write_text(f"{{\n{lines}\n}}\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
