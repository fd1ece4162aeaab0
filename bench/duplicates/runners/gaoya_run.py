"""gaoya: `MinHashStringIndex` with its own analyzer; the first of each set of mutual finds stays.

Settings: threshold 0.7 (it checks candidates by their estimate), words, lower case, 3-grams, 126 hashes of 32 bits in
18 bands of 7, bulk insertion and bulk query on all cores.
"""

import lines
from gaoya.minhash import MinHashStringIndex

BATCH = 8192


def main() -> None:
    """Reads, indexes, queries, writes."""
    source, target = lines.arguments()
    raw, texts = lines.read(source)
    index = MinHashStringIndex(
        hash_size=32, jaccard_threshold=0.7, num_bands=18, band_size=7, analyzer="word", lowercase=True,
        ngram_range=(3, 3), id_container="smallvec",
    )  # fmt: skip
    index.par_bulk_insert_docs(list(range(len(texts))), texts)
    sets = lines.Sets(len(raw))
    for start in range(0, len(texts), BATCH):
        for i, found in enumerate(index.par_bulk_query(texts[start : start + BATCH])):
            for other in found:
                sets.join(start + i, other)
    lines.write(target, raw, sets.keep())


if __name__ == "__main__":
    main()
