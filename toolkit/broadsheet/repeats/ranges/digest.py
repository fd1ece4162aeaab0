"""Texts to words and shingles, and these to what other texts have of them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from broadsheet.repeats import kernels
from broadsheet.repeats.bodies import Bodies, Ints
from broadsheet.repeats.digests import Digester, Hashes, Work
from broadsheet.repeats.ranges import exchange
from broadsheet.repeats.stored import items_of, texts_of_buckets

_WORDS: Final = {"who": np.int64} | dict.fromkeys(("first", "second", "bytes_first", "bytes_second"), np.uint64)
"""Hashes of the words of a text and of its bytes, 128 bits each."""
_SPREAD: Final = np.uint64(0xD6E8FEB86659FD93)


def digest_records(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits what is known of each text of a bucket by itself, and deals its words and shingles to ranges of hashes.

    Spec: stored (the bucket's, of `unique_records`), number (the bucket's), n (of ranges), out_digests, out_words,
    out_shingles. Result: the three files. Digests are n_words, n_shingles (distinct ones, of the first of equal texts
    of the bucket that has 10 words or more; else 0) and a hash of the words, by place.
    Memory: 12 bytes for each shingle of the bucket.
    """
    bodies, _ = texts_of_buckets([(items_of(spec["stored"]), spec["stored"])])
    n, n_ranges = len(bodies), spec["n"]
    words: dict[str, exchange.Array] = {name: np.empty(n, type_) for name, type_ in _WORDS.items()}
    words["who"] = exchange.addresses(spec["number"], np.arange(n))
    n_words, n_shingles = np.empty(n, np.int64), np.zeros(n, np.int64)
    held: list[list[dict[str, exchange.Array]]] = [[] for _ in range(n_ranges)]
    for places, sizes, hashes in _digested(bodies, words, n_words):
        n_shingles[places] = sizes
        shingles: dict[str, exchange.Array] = {"at": np.repeat(places.astype(np.int32), sizes), "hash": hashes}
        order, bounds = exchange.dealt(exchange.ranges(hashes, n_ranges), n_ranges)
        for pieces, (start, end) in zip(held, pairwise(bounds), strict=True):
            pieces.append({name: array[order[start:end]] for name, array in shingles.items()})
    held.reverse()
    digests = {"n_words": n_words, "n_shingles": n_shingles, "first": words["first"]}
    of_words = exchange.ranges(words["first"], n_ranges)
    return {
        "digests": exchange.write(spec["out_digests"], digests),
        "words": exchange.deal(spec["out_words"], words, of_words, n_ranges),
        "shingles": exchange.write_each(
            spec["out_shingles"], (exchange.joined(held.pop(), _SHINGLES) for _ in range(n_ranges))
        ),
    }


_SHINGLES: Final = {"at": np.int32, "hash": np.uint64}
"""Places of texts in their bucket, and their shingles."""


def _digested(
    bodies: Bodies, words: Mapping[str, exchange.Array], n_words: Ints
) -> Iterator[tuple[Ints, Ints, Hashes]]:
    """The shingles of texts that no earlier one equals, part by part: places, how many each has, and these, lazily.

    What is known of all texts is written to the arrays.
    """
    digester, work = Digester(), Work()
    equal = np.empty(len(bodies), np.int64)
    slots = np.full(kernels.power_of_two(2 * len(bodies)), -1, np.int32)
    for stored in bodies.parts:
        part = stored.loaded()
        rows = np.arange(part.first, part.first + len(part.starts))
        of = slice(part.first, part.first + len(rows))
        kernels.hash_texts(part.data, part.starts, part.ends, words["bytes_first"][of], words["bytes_second"][of])
        found = digester.digest(work, part, rows - part.first)
        words["first"][of], words["second"][of], n_words[of] = found.first, found.second, found.n_words
        kernels.enroll(rows, (words["first"], words["second"]), slots, equal)
        new = np.flatnonzero(equal[of] == rows)
        sizes = np.diff(found.bounds)[new]
        bounds, hashes = np.empty(len(new) + 1, np.int64), np.empty(int(sizes.sum()), np.uint64)
        kernels.pick(found.bounds, new, found.hashes, bounds, hashes)
        yield rows[new], sizes, hashes


def _firsts(first: Hashes, second: Hashes) -> Ints:
    """For each row the first one of the same two hashes."""
    order = np.lexsort((second, first))  # stable: rows of equal hashes stand in their order
    new = np.ones(len(order), np.bool_)
    new[1:] = (np.diff(first[order]) != 0) | (np.diff(second[order]) != 0)
    found = np.empty(len(order), np.int64)
    found[order] = order[new][np.cumsum(new) - 1]
    return found


def count_range(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits which texts are equal and how many texts have each shingle, of one range of hashes, dealt to buckets.

    Spec: words, shingles (files of all buckets), number (the range's), n (of buckets), out_equal, out_levels. Result:
    the two files. Equal are texts whose words are, and same whose bytes are: of each the first one stands for all, and
    those that are not their own are told. Levels are how many texts have a shingle, 15 at most, in the order of the
    bucket's shingles; two that share a counter are taken for commoner than they are, which costs time and no result.
    Memory: the words and shingles of the range.
    """
    words = exchange.joined(exchange.gather(spec["words"], spec["number"]), _WORDS)
    who = words["who"]
    equal, same = (who[_firsts(words[f"{of}first"], words[f"{of}second"])] for of in ("", "bytes_"))
    told = (equal != who) | (same != who)
    standing = {"who": who[told], "equal": equal[told], "same": same[told]}
    return {
        "equal": exchange.deal(spec["out_equal"], standing, exchange.buckets(who[told]), spec["n"]),
        "levels": _levels(spec["out_levels"], spec["shingles"], spec["number"]),
    }


EQUAL: Final = dict.fromkeys(("who", "equal", "same"), np.int64)
"""Addresses of texts and of those that stand for them."""


def _levels(path: str, files: Sequence[Sequence[str]], number: int) -> list[str]:
    # By the lower bits: in a range the upper ones are alike.
    hashes = [found["hash"] * _SPREAD for found in exchange.gather(files, number)]
    size = kernels.power_of_two(4 * sum(map(len, hashes)))
    counters, shift = np.zeros(size // 2, np.uint8), np.uint64(65 - size.bit_length())
    for each in hashes:
        kernels.count(each, counters, shift)

    def level(of: Hashes) -> exchange.Array:
        slots = of >> shift
        half = ((slots & np.uint64(1)) << np.uint64(2)).astype(np.uint8)
        found: exchange.Array = (counters[slots >> np.uint64(1)] >> half) & np.uint8(15)
        return found

    return exchange.write_each(path, ({"level": level(each)} for each in hashes))
