"""trafilatura: the main article of each page with what is told of it, a JSON line each.

    python extract.py FOLDER OUT.jsonl

Settings: its own, with metadata; pages over the processors by a pool of two, as its documentation advises.
"""

import sys
from multiprocessing import Pool
from pathlib import Path

import orjson
import trafilatura

FIELDS = ("title", "author", "date", "url", "hostname")


def article(path: Path) -> bytes:
    """The line of one page; empty where no article is found."""
    found = trafilatura.bare_extraction(path.read_bytes(), with_metadata=True)
    if found is None or not found.text:
        return b""
    row = {"id": path.stem, "text": found.text} | {name: getattr(found, name) for name in FIELDS}
    return orjson.dumps(row) + b"\n"


def main() -> None:
    """Reads, extracts, writes."""
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    with Pool(2) as pool, target.open("wb") as file:
        file.writelines(pool.imap(article, sorted(source.rglob("*.html")), 16))


if __name__ == "__main__":
    main()
