"""What a set of kept records is worth against the planted families."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import orjson
from corpus import COPIES, KINDS, LURES
from numpy.typing import NDArray

REPEATED: Final = "exact"
PARTS: Final = (REPEATED, *COPIES)
"""The kinds of copies of which recall is told."""


@dataclass(frozen=True, slots=True)
class Truth:
    """By row: its family, its kind (a place in `KINDS`), the first row with the very same text."""

    family: NDArray[np.int64]
    kind: NDArray[np.int8]
    first: NDArray[np.int64]
    like: NDArray[np.int64]
    """Pairs: family of a lure, family that it resembles."""

    @classmethod
    def of(cls, folder: Path) -> "Truth":
        """The truth beside a corpus."""
        with np.load(folder / "truth.npz") as held:
            return cls(held["family"], held["kind"], held["first"], held["like"])


@dataclass(frozen=True, slots=True)
class Score:
    """How good a removal is."""

    n_kept: int
    recall: float
    """Removed of what a family could lose: all its records but one. 1 if nothing could be removed."""
    precision: float
    """Removed without the loss of a family, of all removed. 1 if nothing was removed."""
    wrong: int
    """Families of which no record is left."""
    shortened: int
    """Families of which only trimmed or cut copies are left."""
    recall_by_kind: dict[str, float]
    wrong_by_kind: dict[str, int]
    """By kind of the lure; `other` for texts that resemble none."""


def kept_rows(path: Path, n: int) -> NDArray[np.bool_]:
    """Which rows stand in a file of kept lines.

    Raises: ValueError if a record stands twice.
    """
    kept = np.zeros(n, dtype=np.bool_)
    n_lines = 0
    with path.open("rb") as lines:
        for line in lines:
            kept[int(orjson.loads(line)["id"][1:])] = True
            n_lines += 1
    if n_lines != np.count_nonzero(kept):
        raise ValueError(f"{path}: {n_lines} lines, but {np.count_nonzero(kept)} records")
    return kept


def score(truth: Truth, kept: NDArray[np.bool_]) -> Score:
    """The score of a removal.

    Of each family one kept record is right, the best by kind; every other one is missed, under its own kind.
    """
    n_families = int(truth.family.max()) + 1
    sizes = np.bincount(truth.family, minlength=n_families)
    left = np.bincount(truth.family[kept], minlength=n_families)
    n_removable = int(np.maximum(sizes - 1, 0).sum())
    n_missed = int(np.maximum(left - 1, 0).sum())
    gone = (sizes > 0) & (left == 0)
    wrong, n_removed = int(gone.sum()), int(len(kept) - kept.sum())
    whole = ~np.isin(truth.kind, [KINDS.index(kind) for kind in ("trimmed", "cut")])
    n_whole = np.bincount(truth.family[kept & whole], minlength=n_families)
    return Score(
        n_kept=int(kept.sum()),
        recall=1 - n_missed / n_removable if n_removable else 1.0,
        precision=1 - wrong / n_removed if n_removed else 1.0,
        wrong=wrong,
        shortened=int(((left > 0) & (n_whole == 0)).sum()),
        recall_by_kind=_recall_by_kind(truth, kept),
        wrong_by_kind=_wrong_by_kind(truth, gone),
    )


def _recall_by_kind(truth: Truth, kept: NDArray[np.bool_]) -> dict[str, float]:
    texts, n_kept = np.unique(truth.first[kept], return_counts=True)
    texts = texts[np.lexsort((truth.kind[texts], truth.family[texts]))]
    family = truth.family[texts]
    missed = truth.kind[texts[1:][family[1:] == family[:-1]]]
    repeated = truth.first != np.arange(len(truth.first))
    counts = {REPEATED: (int((n_kept - 1).sum()), int(repeated.sum()))}
    for part in COPIES:
        number = KINDS.index(part)
        counts[part] = int((missed == number).sum()), int(((truth.kind == number) & ~repeated).sum())
    return {part: 1 - lost / n for part, (lost, n) in counts.items() if n}


def _wrong_by_kind(truth: Truth, gone: NDArray[np.bool_]) -> dict[str, int]:
    """Where a text is gone in favour of a lure that resembles it, the lure's kind counts."""
    kind = np.zeros(len(gone), dtype=np.int8)
    lures = np.isin(truth.kind, [KINDS.index(lure) for lure in LURES])
    kind[truth.family[lures]] = truth.kind[lures]
    for lure in reversed(LURES):  # what resembles two lures counts under the first
        like = truth.like[kind[truth.like[:, 0]] == KINDS.index(lure)]
        kind[like[:, 1]] = KINDS.index(lure)
    found = {lure: int(np.count_nonzero(gone & (kind == KINDS.index(lure)))) for lure in LURES}
    return found | {"other": int(gone.sum()) - sum(found.values())}
