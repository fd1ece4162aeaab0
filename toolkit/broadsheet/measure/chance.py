"""Figures that need chance, from a seed: integers only, so that they are the same on every machine and version."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
N_DRAWS: Final = 999
SEED: Final = 20_161_122
FEWEST: Final = 5
"""Clusters below which no interval is given."""
LEAST_WHOLE: Final = 20
"""Denominators below which numbers stand alone, without a percentage."""


def words(seed: int, n: int) -> Words:
    """`uint64[n]`: SplitMix64 of the counters 1 to n. Source: Steele, Lea and Flood (2014), section 5."""
    with np.errstate(over="ignore"):
        z = (np.arange(1, n + 1, dtype=np.uint64) + np.uint64(seed)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def draws(n: int, n_times: int = N_DRAWS, seed: int = SEED) -> npt.NDArray[np.int64]:
    """`int64[n_times, n]`: in each row how often each of n clusters is drawn when n are drawn with replacement."""
    picked = ((words(seed, n * n_times) >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32)
    rows = np.repeat(np.arange(n_times, dtype=np.int64) * n, n)
    return np.bincount(rows + picked.astype(np.int64), minlength=n * n_times).reshape(n_times, n)


def relabelled(labels: npt.NDArray[np.bool_], n_times: int, seed: int = SEED) -> npt.NDArray[np.bool_]:
    """`bool[n_times, n]`: the labels in random orders."""
    n = len(labels)
    keys = words(seed, n * n_times).reshape(n_times, n)
    return labels[np.argsort(keys, axis=1, kind="stable")]


def bootstrap(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[list[str], list[list[Any]]]:
    """By group the sums of `part` and `whole`, their ratio in percent, and its 95 % interval over drawn clusters.

    The columns are those of the group, then `cluster`, `part` and `whole`. No percentage where the whole is under 20,
    no interval where there are under 5 clusters. Groups without any part are left out where the whole is under 20.
    """
    groups: dict[tuple[Any, ...], list[tuple[int, int]]] = {}
    for *group, _, part, whole in rows:
        groups.setdefault(tuple(group), []).append((int(part), int(whole)))
    names = [*columns[:-3], "part", "whole", "percent", "low", "high"]
    found: list[list[Any]] = []
    for key, pairs in groups.items():
        part, whole = (sum(pair[k] for pair in pairs) for k in (0, 1))
        if part or whole >= LEAST_WHOLE:
            percent = round(100 * part / whole, 1) if whole >= LEAST_WHOLE else None
            low, high = (None, None) if percent is None else _interval([p for p in pairs if p[1]])
            found.append([*key, part, whole, percent, low, high])
    return names, found


def _interval(pairs: Sequence[tuple[int, int]]) -> tuple[float | None, float | None]:
    """The ratio's 25th and 975th of 999 draws, in percent; none where clusters are few."""
    if len(pairs) < FEWEST:
        return None, None
    drawn = draws(len(pairs)) @ np.array(pairs, np.int64)
    # Rounded down to tenths of a percent in integers; a draw without any whole cannot be, for each pair has one.
    tenths = np.sort(drawn[:, 0] * 1000 // drawn[:, 1])
    return float(tenths[24]) / 10, float(tenths[974]) / 10
