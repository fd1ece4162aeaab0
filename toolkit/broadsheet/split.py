"""Splits: every story goes whole to one split, by a hash of its id; a story too large for that goes to train."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from broadsheet.batches import DECISIONS, cut, read_batches, stream_rows, write_batches
from broadsheet.errors import CallError

LARGE_SHARE: Final = Fraction(1, 20)
"""A story of more than this share of all records would unbalance any split but the largest."""


def shares(configured: Mapping[str, float]) -> dict[str, Fraction]:
    """The splits' shares as exact fractions, in order of their names.

    Raises: CallError unless they add up to 1.
    """
    exact = {name: Fraction(str(share)) for name, share in sorted(configured.items())}
    if sum(exact.values()) != 1:
        raise CallError(f"split: the shares {dict(configured)} add up to {float(sum(exact.values()))}, not to 1")
    return exact


def large_stories(sizes: Mapping[str, int], n_all: int | None = None) -> dict[str, int]:
    """The stories, with their numbers of records, that are too large a share of all records to be placed by hash.

    All are those of the sizes, unless their number is given.
    """
    n_all = sum(sizes.values()) if n_all is None else n_all
    return {story: n for story, n in sorted(sizes.items()) if n > 1 and n > LARGE_SHARE * n_all}


def split_of(story: str, exact: Mapping[str, Fraction], large: Collection[str] = ()) -> str:
    """The split of a story: the first whose running share exceeds the story's place, a hash of its id, in [0, 1).

    Large stories go to `train`, or to the largest split where there is none of that name.
    """
    if story in large:
        return "train" if "train" in exact else max(exact, key=lambda name: (exact[name], name))
    hash_ = hashlib.sha256(f"split {story}".encode()).digest()
    place = Fraction(int.from_bytes(hash_[:8], "big"), 1 << 64)
    running = Fraction(0)
    for name, share in exact.items():
        running += share
        if place < running:
            return name
    raise AssertionError("shares add up to 1, so some split was found")


def split_records(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits the fates of all records with the split of each record's story added.

    Spec: fates, pairs, shares (name to number), out; of a build with a base also `base`, what that decided: large, its
    large stories, n_canonical, its number of records, and continued, its stories that new records belong to. Result:
    the file, the stories that were too large to be placed by hash, with their numbers of records, and the certificate:
    how many pairs over the threshold there are, and how many of them lie across splits.
    """
    exact = shares(spec["shares"])
    rows = list(stream_rows(read_batches([spec["fates"]])))
    base = spec.get("base") or {"large": {}, "n_canonical": 0, "continued": []}
    canonical = [row for row in rows if row["canonical_id"] == row["id"] and row["page_id"] is not None]
    sizes = Counter(row["story"] for row in canonical)
    n_all = len(canonical) + base["n_canonical"]
    for story in base["continued"]:
        sizes.pop(story, None)  # where it is was decided when it was published
    large = {**base["large"], **large_stories(sizes, n_all)}
    for row in rows:
        row["split"] = split_of(row["story"], exact, large) if row["story"] is not None else None
    of = {row["id"]: row["split"] for row in rows}
    tied = [row for row in stream_rows(read_batches([spec["pairs"]])) if row["relation"] != "none"]
    return {
        "certificate": {
            "n_pairs": len(tied),
            "n_across": sum(len({of[row["a"]], of[row["b"]]} - {None}) > 1 for row in tied),
        },
        "decisions": write_batches(Path(spec["out"]), cut(rows, DECISIONS), DECISIONS).to_json(),
        "large_stories": large if len(exact) > 1 else {},
    }
