"""Times validation against a bare loop of the two libraries below it: CPU seconds, medians of alternating rounds.

    python bench/validate.py

The bare loop parses each line with orjson and asks jsonschema-rs whether it is valid: no hygiene, no reasons, no types.
Two workers against one are timed by the wall. Libraries that only this script needs are imported where they are used,
since every worker imports the script.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from broadsheet.batches import BATCH_ROWS, from_rows
from broadsheet.contract import Contract, schema
from broadsheet.partway import validate_files
from broadsheet.read.found import Given, Source
from broadsheet.read.records import Fields
from broadsheet.read.task import read_items

N_RECORDS: Final = 40_000
COPIES: Final = 30
"""Times that the records are written for the two workers, whose start takes as long as some thousand records."""


def records() -> list[dict[str, Any]]:
    """Article records of 1 to 2 kB, a third of which are not ASCII."""
    import crawl

    writer = crawl.Writer(1)
    return [
        {
            "id": f"a{i}",
            "url": f"https://site{i % 7}.example/{i}",
            "title": " ".join(writer.words(7)).capitalize(),
            "text": writer.article(writer.rng.randint(2, 5)) + (" – naïve" if i % 3 == 0 else ""),
            "author": writer.name(),
            "language": "en",
            "published": f"2026-01-{1 + i % 28:02d}T00:00:00Z",
            "captured": f"2026-02-{1 + i % 28:02d}T12:30:00Z",
        }
        for i in range(N_RECORDS)
    ]


def bare(path: Path) -> int:
    """The number of valid lines, by the two libraries alone."""
    import jsonschema_rs

    validator = jsonschema_rs.validator_for(
        dict(schema("record")), validate_formats=True, pattern_options=jsonschema_rs.RegexOptions()
    )
    with path.open("rb") as lines:
        return sum(validator.is_valid(orjson.loads(line)) for line in lines)


def items(path: Path) -> Iterator[Any]:
    """What our reader yields of a file."""
    with path.open("rb") as file:
        yield from read_items(Source(file, path.stat().st_size), "jsonl", Fields({}))


def checked(path: Path) -> int:
    """The number of valid lines: read, screened and checked."""
    contract = Contract.of(None)
    return sum(not contract.check(item.value, item.record) for item in items(path) if isinstance(item, Given))


def converted(path: Path) -> int:
    """The number of valid lines: read, screened, checked, and turned into Arrow columns."""
    contract = Contract.of(None)
    n_rows, held = 0, []
    for item in items(path):
        if isinstance(item, Given) and not contract.check(item.value, item.record):
            held.append(item.value)
            if len(held) == BATCH_ROWS:
                n_rows += from_rows(held, contract.rows).num_rows
                held = []
    return n_rows + from_rows(held, contract.rows).num_rows


def reference(path: Path, n: int) -> float:
    """CPU seconds per record of `jsonschema`, on the first `n`."""
    import jsonschema

    validator = jsonschema.Draft202012Validator(
        schema("record"), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    with path.open("rb") as lines:
        parsed = [orjson.loads(line) for _, line in zip(range(n), lines, strict=False)]
    started = time.process_time()
    assert all(validator.is_valid(record) for record in parsed)
    return (time.process_time() - started) / n


def against_bare(name: str, path: Path) -> Iterator[str]:
    """Lines of the table for one file."""
    from read import timed

    jobs: dict[str, Callable[[], Any]] = {
        "bare loop": lambda: bare(path),
        "read, screened, checked": lambda: checked(path),
        "and turned into Arrow": lambda: converted(path),
        "broadsheet validate": lambda: validate_files([path], n_workers=1),
    }
    assert {bare(path), checked(path), converted(path)} == {N_RECORDS}
    seconds = timed(jobs)
    yield f"{name}: {path.stat().st_size / N_RECORDS:,.0f} bytes a record"
    for job, found in seconds.items():
        yield (
            f"  {job:<26}{N_RECORDS / found:>12,.0f} records/s {found / N_RECORDS * 1e6:>7.2f} µs each"
            f"{seconds['bare loop'] / found:>7.2f} × the bare loop"
        )


def two_workers(path: Path) -> str:
    """How much faster two workers are than one, by the wall; medians of alternating rounds."""
    walls: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(3):
        for n_workers, times in walls.items():
            started = time.perf_counter()
            validate_files([path], n_workers=n_workers)
            times.append(time.perf_counter() - started)
    one, two = (statistics.median(walls[n]) for n in (1, 2))
    return f"two workers: {path.stat().st_size / 1e6:,.0f} MB in {two:.2f} s, one {one:.2f} s: {one / two:.2f} ×"


def main() -> None:
    """Prints what it finds."""
    rows = records()
    with tempfile.TemporaryDirectory() as folder:
        compact, spaced, large = (Path(folder, f"{name}.jsonl") for name in ("compact", "spaced", "large"))
        compact.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
        spaced.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        large.write_bytes(compact.read_bytes() * COPIES)
        for name, path in (("compact JSON", compact), ("Python's json", spaced)):
            for line in against_bare(name, path):
                sys.stdout.write(f"{line}\n")
        sys.stdout.write(f"jsonschema: {1 / reference(compact, 2000):,.0f} records/s\n")
        sys.stdout.write(f"{two_workers(large)}\n")


if __name__ == "__main__":
    main()
