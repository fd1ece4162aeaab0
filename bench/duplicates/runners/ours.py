"""Broadsheet: lines to an Arrow table, folded, the canonical lines as they stood.

    python ours.py IN.jsonl OUT.jsonl

Settings: none; containment of word 3-grams from 0.7 with the guard, as a build has it. Every record is folded as an
article, so that the thread and the author of comments do not limit what folds. Lines are never parsed twice: those that
stay are written from the file in memory.
"""

import mmap
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.json as pa_json
from numpy.typing import NDArray

from broadsheet import repeats

MAX_PLAIN_BYTES = 60_000_000
"""Largest file for the plain Python that stands in where there is no fold of tables."""


def read(path: Path) -> pa.Table:
    """The records with all columns that folding knows."""
    fields = pa.schema([(name, pa.string()) for name in ("id", "text", "title", "source")])
    table = pa_json.read_json(
        path,
        pa_json.ReadOptions(block_size=1 << 23),
        pa_json.ParseOptions(explicit_schema=fields, unexpected_field_behavior="ignore"),
    )
    n = table.num_rows
    same = {"kind": "article", "role": "main", "truncated": False, "published": False}
    for name, value in same.items():
        table = table.append_column(name, pa.repeat(value, n))
    for name in ("captured", "thread", "author", "parent"):
        table = table.append_column(name, pa.nulls(n, pa.string()))
    return table


def canonicals(path: Path) -> NDArray[np.int64]:
    """The row of the canonical of each row."""
    table = read(path)
    fold_table: Any = getattr(repeats, "fold_table", None)
    if fold_table is not None:
        return np.asarray(fold_table(table).canonical)
    if path.stat().st_size > MAX_PLAIN_BYTES:
        sys.exit("this version has no fold of tables: its plain Python is for small files")
    rows = {id_: row for row, id_ in enumerate(table["id"].to_pylist())}
    folded = repeats.fold(repeats.Item(**row) for row in table.to_pylist())
    return np.array([rows[folded.canonical[id_][0]] for id_ in rows], dtype=np.int64)


def line_ends(data: mmap.mmap) -> NDArray[np.int64]:
    """Where each line ends, its newline included; in pieces, so that no second file's worth of memory is needed."""
    view = np.frombuffer(data, dtype=np.uint8)
    starts = range(0, len(view), 1 << 24)
    ends = np.concatenate([np.flatnonzero(view[at : at + (1 << 24)] == 10) + (at + 1) for at in starts])
    return ends if len(ends) and ends[-1] == len(view) else np.append(ends, len(view))


def write(source: Path, target: Path, keep: NDArray[np.bool_]) -> None:
    """The lines that stay; neighbours in one piece."""
    with source.open("rb") as file, target.open("wb") as out:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        bounds = np.concatenate(([0], line_ends(data)))
        edges = np.flatnonzero(np.diff(np.concatenate(([False], keep, [False])).astype(np.int8)))
        view = memoryview(data)
        for first, last in edges.reshape(-1, 2).tolist():
            out.write(view[bounds[first] : bounds[last]])


def main() -> None:
    """Reads, folds, writes."""
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    canonical = canonicals(source)
    write(source, target, canonical == np.arange(len(canonical)))


if __name__ == "__main__":
    main()
