"""Splits: every story goes whole to one split, by a hash of its id; a story too large for that goes to train."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from broadsheet.batches import DECISIONS, Row, bucket_of, from_rows, read_batches, stream_rows, write_batches
from broadsheet.columns import column, texts_of
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
    """Commits the fates of all records, in the order of their ids, with the split of each record's story added.

    Spec: fates (files, in that order), pairs (files), shares (name to number), n_buckets, out; of a build with a base
    also `base`, what that decided: large, its large stories, n_canonical, its number of records, and continued, its
    stories that new records belong to. Result: the file, a batch a bucket of ids; the stories that were too large to be
    placed by hash, with their numbers of records; and the certificate: how many pairs over the threshold there are, and
    how many of them lie across splits.
    Memory: the decisions of a bucket, and about 100 bytes a record.
    """
    exact = shares(spec["shares"])
    base = spec.get("base") or {"large": {}, "n_canonical": 0, "continued": []}
    sizes, n_canonical = _story_sizes(spec["fates"])
    for story in base["continued"]:
        sizes.pop(story, None)  # where it is was decided when it was published
    large = {**base["large"], **large_stories(sizes, n_canonical + base["n_canonical"])}
    splits = _Splits(exact, large)
    decided = splits.decided(stream_rows(read_batches(spec["fates"])), spec["n_buckets"])
    decisions = write_batches(Path(spec["out"]), decided, DECISIONS).to_json()
    return {
        "certificate": splits.certificate(read_batches(spec["pairs"])),
        "decisions": decisions,
        "large_stories": large if len(exact) > 1 else {},
    }


def _story_sizes(fates: Sequence[Sequence[str]]) -> tuple[dict[str, int], int]:
    """The stories of several canonical records, with their numbers, and the number of all such records.

    Records that were published, which have no page of their own here, are none of these.
    """
    stories = [np.empty(0, "S1")]
    for batch in read_batches(fates):
        own = pc.and_(pc.equal(batch.column("id"), batch.column("canonical_id")), batch.column("page_id").is_valid())
        stories.append(texts_of(batch.filter(own).column("story")))
    found, n = np.unique(np.concatenate(stories), return_counts=True)
    large = n > 1
    names = [story.decode() for story in found[large].tolist()]
    return dict(zip(names, n[large].tolist(), strict=True)), int(n.sum())


_NONE: Final = -1


class _Splits:
    """The split of each record, as it is decided; remembers them: 1 byte a record, and its id."""

    def __init__(self, exact: Mapping[str, Fraction], large: Collection[str]) -> None:
        self._exact, self._large = exact, large
        self._codes: dict[str | None, int] = {None: _NONE}
        self._codes |= {name: code for code, name in enumerate(exact)}
        self._ids = [np.empty(0, "S1")]
        self._of = [np.empty(0, np.int8)]

    def decided(self, rows: Iterable[Row], n_buckets: int) -> Iterator[pa.RecordBatch]:
        """The rows, which come in the order of their ids, with their splits, a batch a bucket."""
        given = iter(rows)
        row = next(given, None)
        for bucket in range(n_buckets):
            held = []
            while row is not None and bucket_of(row["id"], n_buckets) == bucket:
                story = row["story"]
                split = split_of(story, self._exact, self._large) if story is not None else None
                held.append(row | {"split": split})
                row = next(given, None)
            batch = from_rows(held, DECISIONS)
            self._ids.append(texts_of(batch.column("id")))
            self._of.append(np.array([self._codes[row["split"]] for row in held], np.int8))
            yield batch

    def certificate(self, pairs: Iterable[pa.RecordBatch]) -> dict[str, int]:
        """How many pairs are over the threshold, and how many of them lie across splits."""
        ids, of = np.concatenate(self._ids), np.concatenate(self._of)
        counts = {"n_pairs": 0, "n_across": 0}
        for batch in pairs:
            tied = batch.filter(pc.invert(pc.equal(batch.column("relation"), _UNTIED)))
            if tied.num_rows:
                a, b = (of[np.searchsorted(ids, texts_of(tied.column(name)))] for name in "ab")
                counts["n_pairs"] += tied.num_rows
                counts["n_across"] += int(((a != b) & (a != _NONE) & (b != _NONE)).sum())
        return counts


_UNTIED: Final = column(["none"], pa.string())[0]
