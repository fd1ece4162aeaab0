"""Has Numba compile what folding needs, so that no measured build pays for it: the code stays beside the package.

The first build after an installation does pay, once: some 25 CPU seconds where many texts repeat.
"""

import json
import random
import time

import pyarrow as pa

from broadsheet.repeats import fold_table

N_PAIRS = 1500
"""The guard is compiled from 1,000 pairs on, the join from 4 MB of text on."""
N_WORDS = 260


def main() -> None:
    """Folds made-up texts of which each is there twice, the second time with another figure."""
    rng = random.Random(1)
    texts = []
    for i in range(N_PAIRS):
        words = [f"word{rng.randrange(5000)}" for _ in range(N_WORDS)]
        texts += [" ".join([*words, f"on day {i}.", *words[:9]]), " ".join([*words, f"on day {i + 1}.", *words[:9]])]
    started = time.process_time()
    folded = fold_table(pa.table({"id": [f"{i:08x}" for i in range(len(texts))], "text": texts}))
    print(json.dumps({"path": folded.path, "cpu_s": time.process_time() - started}))


if __name__ == "__main__":
    main()
