"""The quarantine: rejected records, whole and with their reasons, as a file of the release."""

import gzip
import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from broadsheet.batches import BATCH_ROWS, Row, read_batches
from broadsheet.columns import column
from broadsheet.export.jsonl import GzipLines
from broadsheet.lines import json_lines

REJECTED: Final = "quarantine/rejected.jsonl.gz"
_KEYS: Final = ["path", "line", "offset", "page_id", "start"]
_RAW: Final = ["raw", "raw_base64"]
_HELD_BYTES: Final = 4 << 20
_Key = tuple[tuple[str, int, int, str, int], int, int, int]
"""Path, line, offset, page and start of a rejection, by which they are sorted; its batch and row; its bytes."""


def write_rejections(target: Path, files: Sequence[Sequence[str]], bases: Sequence[int]) -> int:
    """Writes the rejections in the committed files as JSON lines, by path, place, page and start; their number.

    They are gzipped where the target's name ends in `.gz`. `bases` are the numbers of lines that stand before those of
    each file. No target is written where nothing was rejected. Memory: where the rejections are, and 4 MB of them, or
    one.
    """
    batches: list[pa.RecordBatch] = []
    keys: list[_Key] = []
    for base, file in zip(bases, files, strict=True):
        for batch in read_batches([file]):
            columns = (batch.column(name).to_pylist() for name in _KEYS)
            sizes = (pc.binary_length(batch.column(name)).to_pylist() for name in _RAW)
            for at, (path, line, offset, page_id, start, *n_bytes) in enumerate(zip(*columns, *sizes, strict=True)):
                place = (path, line + base if line else 0, offset or 0, page_id or "", start or 0)
                keys.append((place, len(batches), at, max(map(int, filter(None, n_bytes)), default=0)))
            batches.append(batch)
    if keys:
        target.parent.mkdir(parents=True, exist_ok=True)
        keys.sort()
        found = (lines for group in _groups(keys) for _, lines in json_lines(_gathered(batches, group)))
        if target.suffix == ".gz":
            gzipped = GzipLines(target)
            for lines in found:
                gzipped.write_lines(lines)
            gzipped.close()
        else:
            with target.open("wb") as plain:
                plain.writelines(lines.data for lines in found)
    return len(keys)


def _groups(keys: Sequence[_Key]) -> Iterator[Sequence[_Key]]:
    """Runs of keys whose rejections are held together."""
    start = size = 0
    for i, (*_, n_bytes) in enumerate(keys):
        if i > start and (size + n_bytes > _HELD_BYTES or i - start == BATCH_ROWS):
            yield keys[start:i]
            start, size = i, 0
        size += n_bytes
    yield keys[start:]


def _gathered(batches: Sequence[pa.RecordBatch], group: Sequence[_Key]) -> pa.RecordBatch:
    """The rejections of a group, in its order, each with the number of its line in its file."""
    order = sorted(range(len(group)), key=lambda i: group[i][1:3])
    parts = [
        batches[number].take(column([group[i][2] for i in rows], pa.int64()))
        for number, rows in groupby(order, lambda i: group[i][1])
    ]
    places = [0] * len(order)
    for at, i in enumerate(order):
        places[i] = at
    found = pa.Table.from_batches(parts).combine_chunks().to_batches()[0].take(column(places, pa.int64()))
    lines = column([place[1] or None for place, *_ in group], found.schema.field("line").type)
    return found.set_column(found.schema.get_field_index("line"), found.schema.field("line"), lines)


def read_quarantine(root: Path) -> Iterator[Row]:
    """The rejections below `root`, in order; none where there is no such file. Lazy."""
    if (root / REJECTED).exists():
        with gzip.open(root / REJECTED) as lines:
            yield from map(json.loads, lines)
