"""What it costs to go on from a release: `build --base` with 1 % new pages against the full build of all pages.

CPU seconds of one process, a build each in a process of its own. Bytes are those of the data files (Parquet, JSON
lines): new by file, of contents that the base has in no file; new by chunk, of content-defined chunks (about 64 KB,
as storage that shares them between versions cuts files) that the base has nowhere. The arguments are numbers of pages.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import crawl
import numpy as np

CHUNK_BITS: Final = 16
SPLIT: Final = {"train": 0.8, "validation": 0.1, "test": 0.1}
_GEAR: Final = np.random.default_rng(1).integers(0, 1 << 63, 256, np.uint64)
_BUILD: Final = """
import json, resource, sys
from pathlib import Path
from broadsheet import config
from broadsheet.build import build
pages, out, base, split = sys.argv[1:]
settings = config.load(None, {"name": "bench", "version": "auto", "split": json.loads(split)})
built = build([Path(pages)], settings, out=Path(out), n_workers=1, base=Path(base) if base else None)
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([str(built.path), used.ru_utime + used.ru_stime, used.ru_maxrss * 1024]))
"""


def build(pages: Path, out: Path, base: str = "") -> tuple[Path, float, int]:
    """The release of some pages, and the CPU seconds and peak bytes of making it."""
    command = [sys.executable, "-c", _BUILD, str(pages), str(out), base, json.dumps(SPLIT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    path, seconds, n_bytes = json.loads(done.stdout.splitlines()[-1])
    return Path(path), seconds, n_bytes


def data(release: Path) -> Iterator[bytes]:
    """The contents of a release's data files."""
    for folder in ("data", "jsonl"):
        for path in sorted((release / folder).rglob("*")):
            if path.suffix in {".parquet", ".gz"}:
                yield path.read_bytes()


def chunks(content: bytes) -> Iterator[bytes]:
    """Content-defined chunks: a chunk ends where a hash of its last 64 bytes ends in zeros.

    Source: Xia et al., FastCDC, USENIX ATC 2016: the gear hash, without its bounds on sizes.
    """
    hashes = _GEAR[np.frombuffer(content, np.uint8)]
    for width in (1, 2, 4, 8, 16, 32):
        hashes[width:] += hashes[:-width] << np.uint64(width)
    ends = np.flatnonzero(hashes >> np.uint64(64 - CHUNK_BITS) == 0) + 1
    start = 0
    for end in [*ends.tolist(), len(content)]:
        if end > start:
            yield content[start:end]
        start = end


def new_bytes(base: Path, release: Path) -> dict[str, float]:
    """The shares of a release's data that its base does not have, by file and by chunk."""
    files = {hashlib.sha256(content).digest() for content in data(base)}
    known = {hashlib.sha256(chunk).digest() for content in data(base) for chunk in chunks(content)}
    total = by_file = by_chunk = 0
    for content in data(release):
        total += len(content)
        by_file += 0 if hashlib.sha256(content).digest() in files else len(content)
        by_chunk += sum(len(chunk) for chunk in chunks(content) if hashlib.sha256(chunk).digest() not in known)
    return {"mb": round(total / 1e6, 2), "by_file": round(by_file / total, 4), "by_chunk": round(by_chunk / total, 4)}


def measure(n_pages: int) -> dict[str, Any]:
    """The costs for a base of `n_pages`."""
    n_new = n_pages // 100
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        crawl.write(folder / "all", n_pages + n_new)
        for part in ("old", "new"):
            (folder / part / "pages").mkdir(parents=True)
            shutil.copyfile(folder / "all/pages.jsonl", folder / part / "pages.jsonl")
        for number, path in enumerate(sorted((folder / "all/pages").iterdir())):
            shutil.copyfile(path, folder / ("old" if number < n_pages else "new") / "pages" / path.name)
        base, base_s, _ = build(folder / "old", folder / "dist")
        _, full_s, full_bytes = build(folder / "all", folder / "full")
        grown, grown_s, grown_bytes = build(folder / "new", folder / "dist", str(base))
        again, again_s, _ = build(folder / "all", folder / "again", str(base))
        digests = [json.loads((path / "manifest.json").read_text("utf-8"))["logical_digest"] for path in (grown, again)]
        return {
            "pages": n_pages,
            "new_pages": n_new,
            "cpu_s": {name: round(s, 2) for name, s in (("base", base_s), ("full", full_s), ("grown", grown_s))},
            "ratio_to_full": round(grown_s / full_s, 3),
            "ratio_with_all_pages_given": round(again_s / full_s, 3),
            "same_digest": digests[0] == digests[1],
            "peak_mb": {"full": round(full_bytes / 1e6), "grown": round(grown_bytes / 1e6)},
            "new_data": new_bytes(base, grown),
        }


if __name__ == "__main__":
    sizes = [int(argument) for argument in sys.argv[1:]] or [2_000, 20_000]
    for size in sizes:
        print(json.dumps(measure(size)), flush=True)
