"""Which records belong to one story, and who folds them: the one task that knows something of all records."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np

from broadsheet.batches import read_batches
from broadsheet.columns import numbers_of
from broadsheet.repeats.bodies import Ints
from broadsheet.repeats.ranges import exchange
from broadsheet.repeats.ranges.meet import PAIRS
from broadsheet.repeats.relate import needed
from broadsheet.repeats.star import components
from broadsheet.repeats.stored import KIND_CODES, items_of, threads_of
from broadsheet.repeats.texts import groups_of

TIED: Final = dict.fromkeys(
    ("who", "unit", "story", "equal", "same", "thread", "author", "parent", "has_partner"), np.int64
)
"""Records that have others in their story or are compared with others. Story, equal, same and parent (-1 for none) are
addresses, thread and author codes, equal where the values are."""


def tie_records(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits the story of each record that has others in it, and deals whole stories to units of about one size.

    Spec: stored (of all buckets), digests, pairs (the same), equal (files of all ranges), threshold (as text), n (of
    units), out_tied. Result: the file, a batch a bucket, and the number of records in the largest story. Two stories
    with a near miss between them go to one unit. A story is never divided: one that has most of the corpus makes a unit
    that does.
    Memory: about 200 bytes a record, 24 a mark, 24 a pair.
    """
    read = [(items_of(bucket), bucket) for bucket in spec["stored"]]
    rows = _Rows([batch.num_rows for batch, _ in read])
    kind = np.concatenate([np.empty(0, np.int64), *(KIND_CODES[numbers_of(b.column("role"))] for b, _ in read)])
    threads = threads_of(read)
    del read
    equal, same = _standing(spec["equal"], rows)
    n_words, n_shingles = _counts(spec["digests"])
    group = groups_of(kind, (threads.thread, threads.author), n_words, equal)
    found = exchange.joined(map(exchange.arrays_of, read_batches(spec["pairs"])), PAIRS)
    pairs = np.stack([rows.of(found["a"]), rows.of(found["b"])], axis=1)
    is_over = found["shared"] >= needed(n_shingles, Fraction(spec["threshold"]))[pairs[:, 0]]
    firsts = np.unique(group, return_index=True)[1][group]
    own = np.arange(rows.n)
    alike = np.stack([own, firsts], axis=1)[firsts != own]
    story = components(rows.n, np.concatenate([alike, pairs[is_over], threads.ties]))
    has_partner = np.bincount(group, minlength=1)[group] > 1
    has_partner[pairs.ravel()] = True
    together = [np.stack([own, story], axis=1)[story != own], pairs]  # near misses, too, have both in one unit
    unit = _units(components(rows.n, np.concatenate(together)), spec["n"])
    many = np.flatnonzero(unit >= 0)
    parent = threads.parent[many]
    told = {
        "who": rows.addresses[many],
        "unit": unit[many],
        "story": rows.addresses[story[many]],
        "equal": rows.addresses[equal[many]],
        "same": rows.addresses[same[many]],
        "thread": threads.thread[many],
        "author": threads.author[many],
        "parent": np.where(parent >= 0, rows.addresses[parent], -1),
        "has_partner": has_partner[many].astype(np.int64),
    }
    return {
        "tied": exchange.deal(spec["out_tied"], told, exchange.buckets(told["who"]), len(spec["stored"])),
        "largest_story": int(np.bincount(story, minlength=1).max()),
    }


class _Rows:
    """Addresses and rows, which are numbers from 0 on in the same order."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self._firsts = np.append(0, np.cumsum(sizes))
        self.n = int(self._firsts[-1])
        each = [exchange.addresses(bucket, np.arange(n)) for bucket, n in enumerate(sizes)]
        self.addresses: Ints = np.concatenate([np.empty(0, np.int64), *each])

    def of(self, addresses: Ints) -> Ints:
        """The rows at addresses."""
        return self._firsts[exchange.buckets(addresses)] + exchange.places(addresses)


def _standing(files: Iterable[Sequence[str]], rows: _Rows) -> tuple[Ints, Ints]:
    """The row that stands for each one's words, and the one that stands for its bytes."""
    equal, same = np.arange(rows.n), np.arange(rows.n)
    for found in map(exchange.arrays_of, read_batches(files)):
        who = rows.of(found["who"])
        equal[who], same[who] = rows.of(found["equal"]), rows.of(found["same"])
    return equal, same


def _counts(files: Iterable[Sequence[str]]) -> tuple[Ints, Ints]:
    names = dict.fromkeys(("n_words", "n_shingles"), np.int64)
    found = exchange.joined(map(exchange.read, files), names)
    return found["n_words"], found["n_shingles"]


def _units(component: Ints, n_units: int) -> Ints:
    """The unit of each row, by its component; -1 of those that are alone. Units get about as many rows each."""
    sizes = np.bincount(component, minlength=1)
    sizes[sizes == 1] = 0
    before = np.cumsum(sizes) - sizes
    unit = before * n_units // max(1, int(sizes.sum()))
    return np.where(sizes[component] > 0, unit[component], -1)
