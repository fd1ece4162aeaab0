"""Builds a made-up crawl several times as large as the memory given, and measures what the build holds.

The crawl is page texts in WET archives, so that all of its bytes are text; with `--kind html` the same pages with
scripts and furniture around them in WARC archives, 35 kB each; with `--kind records` articles as JSON lines. What is
measured is the sum of the resident set sizes (RSS) of all processes of the build, read from /proc ten times a second:
shared libraries count in each of them, and so do the pages of files that are mapped. Ratios are to `--memory`. The
build's own temporary files lie beside the crawl, on disk.

    python bench/memory.py --memory 400MB --times 5 --folder /var/tmp
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import crawl

from broadsheet import config
from broadsheet.build import Event, build
from broadsheet.memory import size_of

EVERY_S: Final = 0.1
ARCHIVE_BYTES: Final = 32 << 20


def write_crawl(folder: Path, n_bytes: int, kind: str = "text", seed: int = 0) -> int:
    """Writes files of `n_bytes` in all and a page more at most; the number of pages."""
    folder.mkdir(parents=True)
    records, ending = {"text": (_conversions, "warc.wet"), "html": (_responses, "warc"), "records": (_lines, "jsonl")}[
        kind
    ]
    records = records(seed)
    n_pages = size = number = 0
    while size < n_bytes:
        with (folder / f"crawl-{number:05d}.{ending}").open("wb") as file:
            number += 1
            end = size + ARCHIVE_BYTES
            while size < min(end, n_bytes):
                size += file.write(next(records))
                n_pages += 1
    return n_pages


def _conversions(seed: int) -> Iterator[bytes]:
    for i, text in enumerate(crawl.stream(sys.maxsize, seed)):
        yield _record(i, "conversion", "text/plain", text.encode())


def _responses(seed: int) -> Iterator[bytes]:
    rng = random.Random(seed)
    for i, text in enumerate(crawl.stream(sys.maxsize, seed)):
        script = "".join(f"var v{rng.randrange(10**9)}={rng.random()};" for _ in range(800))
        links = "".join(f'<li class="menu-item"><a href="/section/{n}">Section {n}</a></li>' for n in range(40))
        blocks = "".join(
            f'<div class="block"><h2>{title}</h2><p class="byline">{byline}</p>{_paragraphs(body)}</div>'
            for title, byline, body in _articles(text)
        )
        page = (
            f"<!DOCTYPE html><html><head><title>Page {i}</title><script>{script}</script></head>"
            f'<body><nav><ul>{links}</ul></nav><main class="content">{blocks}</main></body></html>'
        )
        http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        yield _record(i, "response", "application/http; msgtype=response", http + page.encode())


def _paragraphs(body: str) -> str:
    return "".join(f"<p>{part}</p>" for part in body.split("\n\n"))


def _articles(text: str) -> Iterator[tuple[str, str, str]]:
    """Title, byline and body of each article of a page."""
    blocks = text.split("\n\n\n\n")
    for head, body in zip(blocks[::2], blocks[1::2], strict=False):
        title, _, byline = head.partition("\n\n")
        yield title, byline, body


def _lines(seed: int) -> Iterator[bytes]:
    for i, text in enumerate(crawl.stream(sys.maxsize, seed)):
        for n, (title, byline, body) in enumerate(_articles(text)):
            record = {"url": f"https://site{i % 7}.example/{i}/{n}", "title": title, "byline": byline, "text": body}
            yield json.dumps(record).encode() + b"\n"


def _record(i: int, kind: str, media: str, body: bytes) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{UUID(int=i)}>\r\n"
        f"WARC-Target-URI: https://site{i % 7}.example/{i}\r\nWARC-Date: 2026-01-{1 + i % 28:02d}T00:00:00Z\r\n"
        f"Content-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def measure(folder: Path, memory: str | None, n_workers: int | None) -> dict[str, Any]:
    """Builds the crawl in `folder`, in a process of its own, and says what it held at most, by stage."""
    command = [sys.executable, __file__, "--build", str(folder), *(["--memory", memory] if memory else [])]
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    child = subprocess.Popen(
        [*command, *(["--workers", str(n_workers)] if n_workers else [])], stdout=subprocess.PIPE, text=True
    )
    lines: list[str] = []

    def follow() -> None:
        for line in child.stdout or ():
            lines.append(line)  # noqa: PERF402 - as each comes

    reader = threading.Thread(target=follow)
    reader.start()
    peaks: dict[str, int] = {}
    while child.poll() is None:
        stage = next((line.strip() for line in reversed(lines) if not line.startswith("{")), "start")
        peaks[stage] = max(peaks.get(stage, 0), held_bytes(child.pid))
        time.sleep(EVERY_S)
    reader.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if child.returncode:
        raise SystemExit(f"the build ended with {child.returncode}")
    result = json.loads(lines[-1])
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "peak_mb": round(max(peaks.values()) / 1e6),
        "peaks_mb": {stage: round(n / 1e6) for stage, n in peaks.items()},
        "cpu_s": round(cpu_s, 1),
        "wall_s": round(time.monotonic() - started, 1),
        **result,
    }


def held_bytes(pid: int) -> int:
    """The resident set sizes of a process and of all below it, added up."""
    of: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208 - ten times a second
        if entry.isdecimal():
            try:
                parent = int(Path("/proc", entry, "stat").read_text("utf-8").rpartition(")")[2].split()[1])
            except OSError:
                continue
            of.setdefault(parent, []).append(int(entry))
    left, n_pages = [pid], 0
    while left:
        process = left.pop()
        left += of.get(process, [])
        try:
            n_pages += int(Path("/proc", str(process), "statm").read_text("utf-8").split()[1])
        except OSError:
            continue
    return n_pages * resource.getpagesize()


def _build(folder: Path, memory: str | None, n_workers: int | None) -> None:
    """The process that is measured: builds, and prints a line when a stage begins, and what came out."""
    last = ""

    def tell(event: Event) -> None:
        nonlocal last
        if event.stage != last:
            last = event.stage
            print(last, flush=True)

    out = folder.with_name("dist")
    built = build(
        [folder], config.load(None, {"name": "bench"}), out=out, memory=memory, n_workers=n_workers, report=tell
    )
    digest, ledger = built.manifest["logical_digest"], built.manifest["ledger"]
    print(json.dumps({"logical_digest": digest, "n_pages": ledger["n_pages"], "n_unique": ledger["n_unique"]}))


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory")
    parser.add_argument("--times", type=float, default=5)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--folder", type=Path, help="where to put the crawl and the work")
    parser.add_argument("--mb", type=float, help="size of the crawl, in place of --times")
    parser.add_argument("--kind", choices=["text", "html", "records"], default="text")
    parser.add_argument("--build", type=Path)
    given = parser.parse_args()
    if given.build:
        _build(given.build, given.memory, given.workers)
        return
    n_bytes = int(given.mb * 1e6) if given.mb else int(given.times * size_of(given.memory))
    with tempfile.TemporaryDirectory(dir=given.folder) as temporary:
        folder = Path(temporary) / "crawl"
        write_crawl(folder, n_bytes, given.kind)
        found = measure(folder, given.memory, given.workers)
    limit = size_of(given.memory) if given.memory else None
    ratios = {"crawl_to_memory": round(n_bytes / limit, 2), "peak_to_memory": round(found["peak_mb"] * 1e6 / limit, 3)}
    print(
        json.dumps(
            {
                "kind": given.kind,
                "memory": given.memory,
                "crawl_mb": round(n_bytes / 1e6),
                **(ratios if limit else {}),
                **found,
            }
        )
    )


if __name__ == "__main__":
    main()
