"""Times segmentation: bare text, HTML against trafilatura on the same pages, growth, and pages made to be slow.

    python bench/segment.py [--pages FOLDER] [--large]

CPU seconds of one process, medians of five runs that take turns. `--pages` names a folder of HTML pages (also gzipped)
to time beside the made-up ones; `--large` goes on to 100,000 pages. trafilatura is no dependency: TRAFILATURA_PYTHON
names a Python that has it, which times itself.
"""

import argparse
import gzip
import json
import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import crawl
import web

from broadsheet.read.decode import decode
from broadsheet.read.found import Limits
from broadsheet.read.html import render
from broadsheet.segment import Page, segment_pages

RUNS: Final = 5
TRAFILATURA: Final = """
import json, sys, time, trafilatura
pages = [json.loads(line) for line in sys.stdin]
trafilatura.extract(pages[0])
for _ in range(RUNS):
    start = time.process_time()
    for page in pages:
        trafilatura.extract(page)
    print(time.process_time() - start, flush=True)
"""


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def median(work: Callable[[], object], runs: int = RUNS) -> float:
    """The median of several calls, after one that is not counted."""
    work()
    return statistics.median(cpu(work) for _ in range(runs))


def parsed(html: str) -> Page:
    """A page as segmentation reads it."""
    rendered = render(html, Limits())
    return Page(rendered.text, rendered.elements, rendered.blocks)


def against_trafilatura(name: str, pages: Sequence[str]) -> None:
    """Pages a second from HTML to segments, rendering included, and as a ratio to trafilatura's."""
    ours = median(lambda: segment_pages([parsed(page) for page in pages]))
    alone = [parsed(page) for page in pages]
    cut = median(lambda: segment_pages(alone))
    print(
        f"HTML, {name}: {len(pages) / ours:.0f} pages a CPU second (segmentation alone {len(pages) / cut:.0f})", end=""
    )
    python = os.environ.get("TRAFILATURA_PYTHON")
    if not python:
        print("; no trafilatura to compare with")
        return
    lines = "".join(json.dumps(page) + "\n" for page in pages)
    command = [python, "-c", TRAFILATURA.replace("RUNS", str(RUNS))]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    theirs = statistics.median(map(float, done.stdout.split()))
    print(f"; trafilatura {len(pages) / theirs:.0f}; ratio {theirs / ours:.2f}")


def growth(sizes: Sequence[int]) -> None:
    """CPU milliseconds a page and peak memory for crawls of these sizes, repetition counted, in batches of 1,000."""
    from broadsheet.segment import consensus
    from broadsheet.segment.consensus import Crawl
    from broadsheet.segment.pages import count, vote
    from broadsheet.segment.repetition import merged

    for size in sizes:
        start = time.process_time()
        batches, most = range(0, size, 1000), min(1000, size)
        parts = []
        for first in batches:
            made = [Page(text) for text in crawl.pages(most, seed=first)]
            start += cpu(lambda first=first, most=most: crawl.pages(most, seed=first))
            parts.append(count(made, ["site"] * len(made)))
        table = merged(parts, least=2)
        said = []
        for first in batches:
            made = [Page(text) for text in crawl.pages(most, seed=first)]
            start += cpu(lambda first=first, most=most: crawl.pages(most, seed=first))
            said.append(vote(made, ["site"] * len(made), table)[0])
        known = Crawl(table, consensus.merged(said, least=2))
        for first in batches:
            made = [Page(text) for text in crawl.pages(most, seed=first)]
            start += cpu(lambda first=first, most=most: crawl.pages(most, seed=first))
            segment_pages(made, ["site"] * len(made), crawl=known)
        seconds = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{size} pages: {1000 * seconds / size:.2f} ms a page, {len(table.keys)} repeated keys, "
            f"peak so far {peak:.0f} MB"
        )


def slow() -> None:
    """How time grows when pages that are hard are doubled."""
    shapes = {
        "short lines": "ab\n",
        "one block": "word ",
        "items": "• x\n",
        "no spaces": "港",
        "emoji": "😀\n",
        "gaps": "a\n\n\n",
    }
    for name, unit in shapes.items():
        once, twice = (median(lambda n=n, unit=unit: segment_pages([Page(unit * n)]), 3) for n in (100_000, 200_000))
        print(f"{name}: 100,000 in {once:.2f} s, doubled {twice / once:.2f} x")


def main() -> None:
    """Prints a line a figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--large", action="store_true")
    asked = parser.parse_args()
    texts = crawl.pages(1000)
    size = sum(len(text.encode()) for text in texts) / 1e6
    pages = [Page(text) for text in texts]
    print(f"bare text: {size / median(lambda: segment_pages(pages)):.1f} MB a CPU second ({size:.1f} MB, 1,000 pages)")
    against_trafilatura("made-up", [web.html(text, i) for i, text in enumerate(texts[:100])])
    if asked.pages:
        files = sorted(asked.pages.glob("*.htm*"))
        raw = [gzip.decompress(f.read_bytes()) if f.suffix == ".gz" else f.read_bytes() for f in files]
        against_trafilatura(asked.pages.name, [decode(page, html=True).text for page in raw])
    growth([1_000, 10_000, 100_000] if asked.large else [1_000, 10_000])
    slow()


if __name__ == "__main__":
    main()
