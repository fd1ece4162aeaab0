"""Daft: reads, normalises and sketches in its engine; it ships no banding, so that is NumPy of ours; the engine writes.

Settings: its `normalize` with all that it can do, which is twice as fast as a pattern for words, word 3-grams, 126
hashes by xxh3 in 18 bands of 7. Rows that share a band are compared with the first row of that band, and join its set
if the estimate is 0.7 or more.
"""

import os
import shutil
from pathlib import Path

import lines
import numpy as np
from numpy.typing import NDArray

os.environ["DAFT_PROGRESS_BAR"] = "0"
os.environ["DAFT_ANALYTICS_ENABLED"] = "0"
os.environ["DO_NOT_TRACK"] = "true"

N_BANDS, N_ROWS, THRESHOLD = 18, 7, 0.7
MIX = np.uint64(0x9E3779B97F4A7C15)


def band_keys(sketches: NDArray[np.uint32], band: int) -> NDArray[np.uint64]:
    """One number per row for its hashes in a band."""
    keys = np.zeros(len(sketches), dtype=np.uint64)
    for column in range(band * N_ROWS, (band + 1) * N_ROWS):
        keys = (keys ^ sketches[:, column]) * MIX
        keys ^= keys >> np.uint64(29)
    return keys


def joined(sketches: NDArray[np.uint32]) -> list[bool]:
    """Whether each row stays."""
    n = len(sketches)
    found = []
    for band in range(N_BANDS):
        keys = band_keys(sketches, band)
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        first = order[np.repeat(starts, np.diff(np.r_[starts, n]))]
        differ = first != order
        found.append(first[differ] * n + order[differ])
    pairs = np.stack(np.divmod(np.unique(np.concatenate(found)), n), axis=1)
    sets = lines.Sets(n)
    for start in range(0, len(pairs), 100_000):
        part = pairs[start : start + 100_000]
        equal = np.count_nonzero(sketches[part[:, 0]] == sketches[part[:, 1]], axis=1)
        for a, b in part[equal >= THRESHOLD * N_BANDS * N_ROWS].tolist():
            sets.join(a, b)
    return sets.keep()


def main() -> None:
    """Reads, sketches, joins, writes."""
    import daft
    from daft.functions import minhash, normalize

    source, target = lines.arguments()
    table = daft.read_json(str(source)).collect()
    words = normalize(daft.col("text"), remove_punct=True, lowercase=True, nfd_unicode=True, white_space=True)
    sketched = table.select(
        minhash(words, num_hashes=N_BANDS * N_ROWS, ngram_size=3, hash_function="xxhash3_64").alias("sketch")
    )
    column = sketched.to_arrow()["sketch"].combine_chunks()
    sketches = column.flatten().to_numpy(zero_copy_only=False).reshape(-1, N_BANDS * N_ROWS)
    keep = joined(sketches)
    kept = daft.from_arrow(table.to_arrow().filter(keep))
    folder = Path(f"{target}.parts")
    kept.write_json(str(folder))
    with target.open("wb") as out:
        for part in sorted(folder.glob("*.json*")):
            with part.open("rb") as file:
                shutil.copyfileobj(file, out)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
