"""datasketch: `MinHash.update_batch` over our shingles in two processes, then `MinHashLSH`, first of each set stays.

Settings: 126 permutations in 18 bands of 7, 32-bit hashes of xxh32, as its documentation shows; what shares a band with
an earlier row and is estimated at 0.7 or more joins its set.
"""

from multiprocessing import Pool

import lines
import xxhash
from datasketch import LeanMinHash, MinHash, MinHashLSH

N_BANDS, N_ROWS, THRESHOLD = 18, 7, 0.7


def sketch(text: str) -> LeanMinHash:
    """The signature of a text."""
    found = MinHash(num_perm=N_BANDS * N_ROWS, hashfunc=xxhash.xxh32_intdigest)
    found.update_batch([shingle.encode() for shingle in lines.shingles(text)])
    return LeanMinHash(found)


def main() -> None:
    """Reads, sketches, joins, writes."""
    source, target = lines.arguments()
    raw, texts = lines.read(source)
    with Pool(2) as pool:
        sketches = pool.map(sketch, texts, chunksize=64)
    index = MinHashLSH(num_perm=N_BANDS * N_ROWS, params=(N_BANDS, N_ROWS))
    sets = lines.Sets(len(raw))
    for row, found in enumerate(sketches):
        for other in index.query(found):
            if found.jaccard(sketches[other]) >= THRESHOLD:
                sets.join(other, row)
        index.insert(row, found, check_duplication=False)
    lines.write(target, raw, sets.keep())


if __name__ == "__main__":
    main()
