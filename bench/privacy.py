"""Times masking: CPU seconds a kind, over made-up articles with and without what is masked, medians of rounds.

python bench/privacy.py
"""

import os
import statistics
import time
from typing import Final

from crawl import Writer

from broadsheet.privacy import MASKS, Masker, Privacy

N_ARTICLES: Final = 4000
ROUNDS: Final = 5
SPRINKLED: Final = (
    "Call +49 30 901820 before noon.",
    "Write to anna.kern@mail.example today.",
    "It came from 203.0.113.77 at 10:30 on 2016-03-15.",
    "@anna_k was the first to say so, on 15.03.2016, for 1 234 567 euros.",
)


def main() -> None:
    """Prints a line a kind and text."""
    os.environ["BENCH_KEY"] = "k" * 32
    writer = Writer(1)
    plain = [writer.article(4) for _ in range(N_ARTICLES)]
    sown = [f"{text}\n{SPRINKLED[i % len(SPRINKLED)]}" for i, text in enumerate(plain)]
    print(f"{N_ARTICLES} articles, {sum(map(len, plain)) / 1e6:.1f} MB; MB/s of CPU, without and with what is masked")
    for kinds in (*([kind] for kind in MASKS), list(MASKS)):
        masker = Masker(Privacy(tuple(sorted(kinds)), ("DE", "US"), "keep", None, "BENCH_KEY"))
        rates = []
        for texts in (plain, sown):
            masker.text("Call +49 30 901820, 030 901820, (212) 555-0123.")  # numbering plans are read once
            times = []
            for _ in range(ROUNDS):
                start = time.process_time()
                for text in texts:
                    masker.text(text)
                times.append(time.process_time() - start)
            rates.append(sum(len(text.encode()) for text in texts) / 1e6 / statistics.median(times))
        print(f"{'+'.join(kinds):<24} {rates[0]:6.1f} {rates[1]:6.1f}")


if __name__ == "__main__":
    main()
