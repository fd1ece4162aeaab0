"""Texts that are contained in others: looked for by their rare shingles, met by range, counted in full by bucket."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from broadsheet.batches import read_batches
from broadsheet.repeats.bodies import Ints
from broadsheet.repeats.ranges import exchange
from broadsheet.repeats.relate import COMMONEST, extra_probes, needed

_LOOKUPS: Final = {"hash": np.uint64, "who": np.int64, "size": np.int64, "first": np.uint64, "is_probe": np.int8}
"""Shingles that several texts have: whose each is, what orders texts from short to long, and whether it is a probe."""
_MET: Final = dict.fromkeys(("a", "b", "n"), np.int64)
"""How many probes of text a the longer text b has, by their addresses; in several rows where ranges say so."""
_GIVEN: Final = {"a": np.int64, "b": np.int64, "need": np.int64, "n_hashes": np.int64}
_LEVEL_BITS: Final = 4
_MEETINGS: Final = 1 << 22
"""Of a probe and a text that has its shingle, how many are held before they are summed up."""


def select_probes(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits the shingles of a bucket's texts that other texts have, and deals them to ranges, some as probes.

    Spec: digests, shingles (the bucket's own files), equal, levels (files of all ranges), number (the bucket's),
    threshold (as text), n (of ranges), out_survivors, out_lookups. Result: the two files. Survivors are places, sorted,
    and their shingles, the probes among them first.
    If A shares `need` of its n shingles with B, then among any n - need + 1 + e of them at least 1 + e are B's: the
    rarest of those that any other text has are A's probes, unless too few are left for A to be contained in anything;
    `e` is such that no commonest shingle is a probe for its sake.
    Memory: 60 bytes for each shingle of the bucket that other texts have.
    """
    digests = exchange.read(spec["digests"])
    standing = np.ones(len(digests["n_words"]), np.bool_)
    for found in exchange.gather(spec["equal"], spec["number"]):
        standing[exchange.places(found["who"][found["who"] != found["equal"]])] = False
    levels = exchange.gather(spec["levels"], spec["number"])
    left = exchange.joined(_left(spec["shingles"], levels, standing), {"order": np.int64, "hash": np.uint64})
    order = np.argsort(left["order"])
    at, hashes = left["order"][order] >> _LEVEL_BITS, left["hash"][order]
    n_left = np.bincount(at, minlength=len(standing))
    need = needed(digests["n_shingles"], Fraction(spec["threshold"]))
    rare = left["order"][order] & (1 << _LEVEL_BITS) - 1 < COMMONEST
    n_rare = np.bincount(at[rare], minlength=len(standing))
    least = n_left - need + 1
    n_probes = least + np.clip(n_rare - least, 0, extra_probes(need))
    n_probes[(n_left < need) | (n_left == 0)] = 0
    place = np.arange(len(at)) - (np.cumsum(n_left) - n_left)[at]
    is_probe = (place < n_probes[at]).astype(np.int8)
    size = digests["n_words"] << 32 | digests["n_shingles"]
    lookups = {
        "hash": hashes,
        "who": exchange.addresses(spec["number"], at),
        "size": size[at],
        "first": digests["first"][at],
        "is_probe": is_probe,
    }
    return {
        "survivors": exchange.write(spec["out_survivors"], {"at": at, "hash": hashes, "is_probe": is_probe}),
        "lookups": exchange.deal(spec["out_lookups"], lookups, exchange.ranges(hashes, spec["n"]), spec["n"]),
    }


def _left(
    shingles: Sequence[str], levels: Iterable[Mapping[str, exchange.Array]], standing: npt.NDArray[np.bool_]
) -> Iterator[dict[str, exchange.Array]]:
    """The shingles that several texts have, of texts that stand for their equals, range by range.

    Their order is by places, and of each place from rare to common.
    """
    for own, told in zip(map(exchange.arrays_of, read_batches([shingles])), levels, strict=True):
        at, level = own["at"], told["level"]
        left = (level > 1) & standing[at]
        yield {"order": at[left].astype(np.int64) << _LEVEL_BITS | level[left], "hash": own["hash"][left]}


def meet_range(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits which texts' probes stand in which longer texts, of one range of hashes, dealt to the shorter's buckets.

    Spec: lookups (files of all buckets), number (the range's), n (of buckets), out_met. Result: the file.
    Memory: 40 bytes for each shingle of the range that several texts have, 24 for each two texts that meet in it.
    """
    found = exchange.joined(exchange.gather(spec["lookups"], spec["number"]), _LOOKUPS)
    order = np.argsort(found["hash"])
    found = {name: array[order] for name, array in found.items()}
    probes = np.flatnonzero(found["is_probe"])
    starts, ends = (np.searchsorted(found["hash"], found["hash"][probes], side) for side in ("left", "right"))
    met = exchange.joined(_meetings(found, probes, starts, ends), _MET)
    return {"met": exchange.deal(spec["out_met"], met, exchange.buckets(met["a"]), spec["n"])}


def _meetings(found: Mapping[str, exchange.Array], probes: Ints, starts: Ints, ends: Ints) -> Iterator[dict[str, Ints]]:
    """The texts that meet, summed up now and then. Of a probe those that have its shingle are `starts` to `ends`."""
    who, size, first = found["who"], found["size"], found["first"]
    until = np.cumsum(ends - starts)
    start = 0
    while start < len(probes):
        before = until[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(until, before + _MEETINGS, "right")))
        n = (ends - starts)[start:stop]
        a = np.repeat(probes[start:stop], n)
        b = np.arange(len(a)) - np.repeat(np.cumsum(n) - n, n) + np.repeat(starts[start:stop], n)
        # As the join in one task orders texts, for which the address of a record is its row.
        is_last = (first[a] < first[b]) | ((first[a] == first[b]) & (who[a] < who[b]))
        longer = (size[a] < size[b]) | ((size[a] == size[b]) & is_last)
        yield _summed(who[a[longer]], who[b[longer]], np.ones(int(longer.sum()), np.int64))
        start = stop


def _summed(a: Ints, b: Ints, n: Ints) -> dict[str, Ints]:
    """Each two texts once, with the sum of what rows say of them."""
    order = np.lexsort((b, a))
    a, b = a[order], b[order]
    firsts = np.flatnonzero(np.append(True, (a[1:] != a[:-1]) | (b[1:] != b[:-1]))) if len(a) else order
    return {"a": a[firsts], "b": b[firsts], "n": np.add.reduceat(n[order], firsts) if len(a) else n}


def gather_candidates(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits whose probes were met often enough, with all shingles to look for, dealt to the longer texts' buckets.

    Spec: met (files of all ranges), digests, survivors (the bucket's own), number (the bucket's), threshold (as
    text), n (of buckets), out_candidates, out_sought. Result: the two files: candidates, and their shingles.
    Memory: the survivors of the bucket, and what a candidate's text has of them once for each of its candidates.
    """
    met = exchange.joined(exchange.gather(spec["met"], spec["number"]), _MET)
    met = _summed(met["a"], met["b"], met["n"])
    need = needed(exchange.read(spec["digests"])["n_shingles"], Fraction(spec["threshold"]))
    survivors = exchange.read(spec["survivors"])
    bounds, hashes = _bounded(survivors, len(need))
    n_probes = np.bincount(survivors["at"], survivors["is_probe"], len(need))
    extra = n_probes - (np.diff(bounds) - need + 1)
    at = exchange.places(met["a"])
    often = met["n"] > extra[at]
    a, b, at = met["a"][often], met["b"][often], at[often]
    order, ends = exchange.dealt(exchange.buckets(b), spec["n"])
    a, b, at = a[order], b[order], at[order]
    n_hashes = (bounds[1:] - bounds[:-1])[at]
    candidates = {"a": a, "b": b, "need": need[at], "n_hashes": n_hashes}

    def each() -> Iterator[dict[str, exchange.Array]]:
        for start, end in pairwise(ends):
            n = n_hashes[start:end]
            places = np.arange(int(n.sum())) + np.repeat(bounds[at[start:end]] - (np.cumsum(n) - n), n)
            yield {"hash": hashes[places]}

    return {
        "candidates": exchange.write_each(
            spec["out_candidates"],
            ({name: array[start:end] for name, array in candidates.items()} for start, end in pairwise(ends)),
        ),
        "sought": exchange.write_each(spec["out_sought"], each()),
    }


def _bounded(survivors: Mapping[str, exchange.Array], n: int) -> tuple[Ints, npt.NDArray[np.uint64]]:
    """The bounds of each text's shingles in the hashes of all."""
    return np.append(0, np.cumsum(np.bincount(survivors["at"], minlength=n))), survivors["hash"]


def verify_pairs(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits every pair over the threshold whose longer text is in a bucket: a, b and shared.

    Spec: candidates, sought (files of all buckets), survivors (the bucket's own), number (the bucket's), out_pairs.
    Result: the file.
    """
    from broadsheet.repeats.kernels import count_shared, power_of_two

    candidates = exchange.joined(exchange.gather(spec["candidates"], spec["number"]), _GIVEN)
    sought = exchange.joined(exchange.gather(spec["sought"], spec["number"]), {"hash": np.uint64})["hash"]
    of = exchange.places(candidates["b"])
    bounds, hashes = _bounded(exchange.read(spec["survivors"]), int(of.max(initial=0)) + 1)
    shared = np.empty(len(of), np.int64)
    table = np.empty(power_of_two(2 * int(np.diff(bounds).max(initial=0))), np.uint64)
    given = np.append(0, np.cumsum(candidates["n_hashes"])), sought
    order = np.argsort(of, kind="stable")
    count_shared((bounds, hashes), (of, order), given, candidates["need"], table, shared)
    found = shared >= 0
    pairs = {"a": candidates["a"][found], "b": candidates["b"][found], "shared": shared[found]}
    return {"pairs": exchange.write(spec["out_pairs"], pairs)}


PAIRS: Final = dict.fromkeys(("a", "b", "shared"), np.int64)
"""Pairs over the threshold, by their addresses; a is the shorter text."""
