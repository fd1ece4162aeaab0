"""rensa: `RMinHashDeduplicator` over our shingles; what is estimated at 0.7 or more to an earlier kept row goes.

Settings: threshold 0.7, 128 permutations (its fast path wants a power of two) in 32 bands of 4: it checks candidates
by their estimate, so that many bands cost time and no precision.
"""

import lines
from rensa import RMinHash, RMinHashDeduplicator

BATCH = 2048


def main() -> None:
    """Reads, sketches, filters, writes."""
    source, target = lines.arguments()
    raw, texts = lines.read(source)
    index = RMinHashDeduplicator(0.7, 128, True, 32)
    keep: list[bool] = []
    for start in range(0, len(texts), BATCH):
        shingles = [lines.shingles(text) for text in texts[start : start + BATCH]]
        sketches = RMinHash.from_token_sets(shingles, num_perm=128, seed=42)
        keep += index.add_pairs([(str(start + i), sketch) for i, sketch in enumerate(sketches)])
    lines.write(target, raw, keep)


if __name__ == "__main__":
    main()
