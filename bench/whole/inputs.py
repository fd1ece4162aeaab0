"""The same made-up crawl in the three forms that a build is given: bare texts, web pages, and records cut already.

Each lies in a folder of its own under build/bench and is made once; the same size gives the same files.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

import crawl
import web

WORK: Final = Path(__file__).parents[2] / "build" / "bench"
FOLDER_PAGES: Final = 1000
FILE_RECORDS: Final = 5000


def made(kind: str, n_pages: int) -> Path:
    """The folder of a crawl of `n_pages` in one form, written unless it is there."""
    folder = WORK / f"{kind}-{n_pages}"
    if not (folder / "facts.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        n_files, n_bytes = _written(folder / "in", n_pages, KINDS[kind])
        facts = {"n_pages": n_pages, "n_files": n_files, "n_bytes": n_bytes}
        (folder / "facts.json").write_text(json.dumps(facts), "utf-8")
    return folder


def _written(root: Path, n_pages: int, files: Callable[[int], Iterator[tuple[str, str]]]) -> tuple[int, int]:
    n_files = n_bytes = 0
    for name, text in files(n_pages):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        n_bytes += path.write_bytes(text.encode())
        n_files += 1
    return n_files, n_bytes


def texts(n: int) -> Iterator[tuple[str, str]]:
    """Pages as a text extractor writes them."""
    for i, text in enumerate(crawl.stream(n)):
        yield f"{i // FOLDER_PAGES:04d}/{i:07d}.txt", text


def pages(n: int) -> Iterator[tuple[str, str]]:
    """Pages in the markup that news sites wrap them in."""
    writer = crawl.Writer(1)
    for i, text in enumerate(crawl.stream(n)):
        yield f"{i // FOLDER_PAGES:04d}/{i:07d}.html", web.html(text, i, writer)


def records(n: int) -> Iterator[tuple[str, str]]:
    """The articles of the pages, a record an article, as JSON lines."""
    held: list[str] = []
    n_files = 0
    for i, text in enumerate(crawl.stream(n)):
        held += [json.dumps(record, ensure_ascii=False) + "\n" for record in _articles(text, i)]
        if len(held) >= FILE_RECORDS:
            yield f"{n_files:05d}.jsonl", "".join(held)
            held, n_files = [], n_files + 1
    if held:
        yield f"{n_files:05d}.jsonl", "".join(held)


def _articles(text: str, number: int) -> Iterator[dict[str, Any]]:
    # A byline is followed by the same run of empty lines as an article: what has a byline begins one.
    parts = [part.strip() for part in text.split("\n\n") if part.strip()]
    starts = [i - 1 for i, part in enumerate(parts) if part.startswith("By ") and len(part) < 60]
    for start, end in zip(starts, [*starts[1:], len(parts) - 1], strict=True):
        yield {
            "url": f"https://site{number % 7}.example/{number}",
            "title": parts[start],
            "author": parts[start + 1].removeprefix("By "),
            "text": "\n".join(parts[start + 2 : end]),
            "captured": f"2026-01-{1 + number % 28:02d}T00:00:00Z",
        }


KINDS: Final = {"text": texts, "html": pages, "records": records}
