"""The quarantine: rejected records, whole and with their reasons, as a file of the release."""

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from broadsheet.batches import Row, read_batches, stream_rows, to_rows
from broadsheet.contract import arrow_schema, schema
from broadsheet.export.jsonl import GzipLines
from broadsheet.lines import json_line

REJECTED: Final = "quarantine/rejected.jsonl.gz"
_KEYS: Final = ["path", "line", "offset", "page_id", "start"]
_REJECTION: Final = arrow_schema(schema("release#rejection"))


def write_rejections(target: Path, files: Sequence[Sequence[str]], bases: Sequence[int]) -> int:
    """Writes the rejections in the committed files as JSON lines, by path, place, page and start; their number.

    They are gzipped where the target's name ends in `.gz`. `bases` are the numbers of lines that stand before those of
    each file. No target is written where nothing was rejected. Memory: where the rejections are, and a batch of them.
    """
    keys: list[tuple[str, int, int, str, int, int, int]] = []
    for number, file in enumerate(files):
        rows = stream_rows(batch.select(_KEYS) for batch in read_batches([file]))
        for at, row in enumerate(rows):
            path, line, offset, page_id, start = (row[name] for name in _KEYS)
            line = line + bases[number] if line else 0
            keys.append((path, line, offset or 0, page_id or "", start or 0, number, at))
    if keys:
        target.parent.mkdir(parents=True, exist_ok=True)
        lines = GzipLines(target) if target.suffix == ".gz" else target.open("wb")
        tables = [pa.Table.from_batches(read_batches([file]), schema=_REJECTION) for file in files]
        for key in sorted(keys):
            (row,) = to_rows(tables[key[-2]].slice(key[-1], 1))
            lines.write(json_line(row | {"line": key[1] or None}))
        lines.close()
    return len(keys)


def read_quarantine(root: Path) -> Iterator[Row]:
    """The rejections below `root`, in order; none where there is no such file. Lazy."""
    if (root / REJECTED).exists():
        with gzip.open(root / REJECTED) as lines:
            yield from map(json.loads, lines)
