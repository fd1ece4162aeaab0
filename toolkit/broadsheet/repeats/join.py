"""The exact join: every pair of texts of which the shorter one is contained in the longer one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from broadsheet.repeats.relate import EXTRA_PROBES, Shingle, shingles


@dataclass(frozen=True, slots=True)
class Joined:
    """What the join found over texts 0 … n-1."""

    n_shingles: list[int]
    """Distinct shingles of each text."""
    shared: dict[tuple[int, int], int]
    """Distinct shingles in common of each pair (i, j), i < j, that reaches the threshold."""
    n_candidates: int
    """Pairs that were compared in full."""


class ManyMeetingsError(Exception):
    """Very many texts have each other's rarest shingles: they say much the same, in few words."""


def join(texts: Sequence[Sequence[str]], threshold: Fraction, most_meetings: int | None = None) -> Joined:
    """Every pair of texts with shared / n_a >= threshold, A having fewer words, then fewer distinct shingles.

    `texts` are lists of words, each of three or more. No pair is missed: if A shares `need` of its n shingles
    with B, then among any n - need + 1 + e of them at least 1 + e are B's. The rarest are looked up, for a
    small e, and who is met that often is compared in full. A shingle that stands in one text only can meet
    nothing and is dropped once it is counted; most are such.

    Memory: about 150 bytes per distinct shingle and 100 per shingle that stands in several texts.

    Raises: ManyMeetingsError where shingles that are looked up stand in more texts, all in all, than `most_meetings`.
    """
    n_texts_with: Counter[Shingle] = Counter()
    sets = [shingles(text) for text in texts]
    for found in sets:
        n_texts_with.update(found)
    n_shingles = [len(found) for found in sets]
    common = sorted((n, s) for s, n in n_texts_with.items() if n > 1)
    rank = {shingle: i for i, (_, shingle) in enumerate(common)}
    ranked = [sorted(rank[s] for s in found if s in rank) for found in sets]
    del sets, n_texts_with, common, rank

    index: dict[int, list[int]] = {}
    members: dict[int, set[int]] = {}
    shared: dict[tuple[int, int], int] = {}
    n_candidates = n_meetings = 0
    for i in sorted(range(len(texts)), key=lambda i: (len(texts[i]), n_shingles[i], i), reverse=True):
        mine = ranked[i]
        need = -(-n_shingles[i] * threshold.numerator // threshold.denominator)
        n_probes = len(mine) - need + 1
        n_extra = min(EXTRA_PROBES, need - 1)
        met: Counter[int] = Counter()
        for shingle in mine[: n_probes + n_extra] if n_probes > 0 else ():
            others = index.get(shingle, ())
            met.update(others)
            n_meetings += len(others)
        if most_meetings is not None and n_meetings > most_meetings:
            raise ManyMeetingsError
        candidates = [j for j, n in met.items() if n > n_extra]
        members[i] = set(mine)
        for j in candidates:
            n = len(members[i] & members[j])
            if n >= need:
                shared[min(i, j), max(i, j)] = n
        n_candidates += len(candidates)
        for shingle in mine:
            index.setdefault(shingle, []).append(i)
    return Joined(n_shingles, shared, n_candidates)
