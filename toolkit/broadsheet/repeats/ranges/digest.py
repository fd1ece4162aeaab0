"""Texts to words and shingles, and these to what other texts have of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

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
    n = len(bodies)
    words: dict[str, exchange.Array] = {name: np.empty(n, type_) for name, type_ in _WORDS.items()}
    words["who"] = exchange.addresses(spec["number"], np.arange(n))
    n_words, n_shingles = np.empty(n, np.int64), np.zeros(n, np.int64)
    at: list[npt.NDArray[np.int32]] = []
    hashes: list[Hashes] = []
    for first, sizes, found in _digested(bodies, words, n_words):
        at.append(np.repeat(np.arange(first, first + len(sizes), dtype=np.int32), sizes))
        hashes.append(found)
        n_shingles[first : first + len(sizes)] = sizes
    is_first = np.ones(n, np.bool_)
    is_first[_repeated(words["first"], words["second"])] = False
    n_shingles[~is_first] = 0
    shingles: dict[str, exchange.Array] = exchange.joined(
        ({"at": places, "hash": found} for places, found in zip(at, hashes, strict=True)), SHINGLES
    )
    own = is_first[shingles["at"]]
    shingles = {name: array[own] for name, array in shingles.items()}
    digests = {"n_words": n_words, "n_shingles": n_shingles, "first": words["first"]}
    of_words, of_shingles = (exchange.ranges(each, spec["n"]) for each in (words["first"], shingles["hash"]))
    return {
        "digests": exchange.write(spec["out_digests"], digests),
        "words": exchange.deal(spec["out_words"], words, of_words, spec["n"]),
        "shingles": exchange.deal(spec["out_shingles"], shingles, of_shingles, spec["n"]),
    }


SHINGLES: Final = {"at": np.int32, "hash": np.uint64}
"""Places of texts in their bucket, and their shingles."""


def _digested(bodies: Bodies, words: Mapping[str, exchange.Array], n_words: Ints) -> Iterator[tuple[int, Ints, Hashes]]:
    """Of each part its first place, the number of shingles of each text, and these; words are written to the arrays."""
    digester, work = Digester(), Work()
    for stored in bodies.parts:
        part = stored.loaded()
        rows = slice(part.first, part.first + len(part.starts))
        kernels.hash_texts(part.data, part.starts, part.ends, words["bytes_first"][rows], words["bytes_second"][rows])
        found = digester.digest(work, part, np.arange(len(part.starts)))
        words["first"][rows], words["second"][rows], n_words[rows] = found.first, found.second, found.n_words
        yield part.first, np.diff(found.bounds), found.hashes[: found.bounds[-1]].copy()


def _firsts(first: Hashes, second: Hashes) -> Ints:
    """For each row the first one of the same two hashes."""
    order = np.lexsort((second, first))  # stable: rows of equal hashes stand in their order
    new = np.ones(len(order), np.bool_)
    new[1:] = (np.diff(first[order]) != 0) | (np.diff(second[order]) != 0)
    found = np.empty(len(order), np.int64)
    found[order] = order[new][np.cumsum(new) - 1]
    return found


def _repeated(first: Hashes, second: Hashes) -> Ints:
    """The rows whose two hashes an earlier one has."""
    return np.flatnonzero(_firsts(first, second) != np.arange(len(first)))


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
