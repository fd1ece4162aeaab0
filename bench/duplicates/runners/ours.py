"""Broadsheet: lines to an Arrow table, folded, the canonical lines as they stood.

    python ours.py IN.jsonl OUT.jsonl

Settings: containment of word 3-grams from 0.7 with the guard, as a build has it. Beside the texts the comparison may
hold as much as the file has, 64 MiB at least: some of the shingles wait in a file, and the texts are looked for in
several rounds. Every record is folded as an article, so that the thread and the author of comments do not limit
what folds. Lines are never parsed twice: those that stay are copied from file to file.
"""

import gc
import os
import sys
from array import array
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from broadsheet import repeats

_READ_BYTES = 1 << 18  # at a time: by default Python reads lines in pieces of 8 KB, a call each


def read(path: Path) -> tuple[pa.Table, NDArray[np.int64]]:
    """What folding looks at, every record as an article, and where each line ends.

    Ids, titles, sources, and texts as a dictionary, so that one that stands on many pages is held once.
    """
    numbers: dict[int, int] = {}
    texts, bounds, which, ends = bytearray(), array("q", [0]), array("i"), array("q", [0])
    columns = {name: (bytearray(), array("q", [0])) for name in ("id", "title", "source")}
    n = 0
    with path.open("rb", buffering=_READ_BYTES) as lines:
        for line in lines:
            record = orjson.loads(line)
            text = record["text"].encode()
            number = numbers.setdefault(xxh3_64_intdigest(text), n)
            if number < n:
                start, end = bounds[number : number + 2]
                if end - start != len(text) or not texts.startswith(text, start):
                    number = n  # another text of the same hash
            if number == n:
                texts += text
                bounds.append(len(texts))
                n += 1
            which.append(number)
            ends.append(ends[-1] + len(line))
            for name, (data, edges) in columns.items():
                data += record[name].encode()
                edges.append(len(data))
    indices = pa.Array.from_buffers(pa.int32(), len(which), [None, pa.py_buffer(which)])
    table = pa.table(
        {
            "text": pa.DictionaryArray.from_arrays(indices, strings(texts, bounds)),
            **{name: strings(*column) for name, column in columns.items()},
        }
    )
    return table, np.frombuffer(ends, np.int64)


def strings(data: bytearray, bounds: "array[int]") -> pa.Array:
    """A column of strings that lie one behind the other. If one gave it a list, Arrow would import pandas to ask."""
    return pa.Array.from_buffers(pa.large_string(), len(bounds) - 1, [None, pa.py_buffer(bounds), pa.py_buffer(data)])


def write(source: Path, target: Path, bounds: NDArray[np.int64], keep: NDArray[np.bool_]) -> None:
    """The lines that stay; neighbours in one piece, which the kernel copies from file to file."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], keep, [False])).astype(np.int8)))
    with source.open("rb") as file, target.open("wb") as out:
        for start, end in bounds[edges.reshape(-1, 2)].tolist():
            while start < end:
                start += os.sendfile(out.fileno(), file.fileno(), start, end - start)


def main() -> None:
    """Reads, folds, writes."""
    gc.disable()  # nothing here makes cycles; to look for them in all that was imported took a twentieth of the time
    pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own holds 40 MB for the little that is made here
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    table, bounds = read(source)
    canonical = repeats.fold_table(table, memory_bytes=max(64 << 20, source.stat().st_size)).canonical
    write(source, target, bounds, canonical == np.arange(len(canonical)))
    gc.freeze()  # else Python looks for cycles in everything once more as it ends


if __name__ == "__main__":
    main()
