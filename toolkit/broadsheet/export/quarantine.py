"""The quarantine: rejected records, whole and with their reasons, as a file of the release."""

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from broadsheet.batches import Row, json_line, read_batches, stream_rows
from broadsheet.export.jsonl import GzipLines

REJECTED: Final = "quarantine/rejected.jsonl.gz"


def write_quarantine(root: Path, files: Sequence[Sequence[str]]) -> int:
    """Writes the rejections in the committed files below `root`, by path, line, page and start; their number.

    No file is written where nothing was rejected. Memory: all rejections.
    """
    rows = sorted(
        stream_rows(read_batches(files)),
        key=lambda row: (row["path"], row["line"] or 0, row["page_id"] or "", row["start"] or 0),
    )
    if rows:
        (root / REJECTED).parent.mkdir()
        lines = GzipLines(root / REJECTED)
        for row in rows:
            lines.write(json_line(row))
        lines.close()
    return len(rows)


def read_quarantine(root: Path) -> Iterator[Row]:
    """The rejections below `root`, in order; none where there is no such file. Lazy."""
    if (root / REJECTED).exists():
        with gzip.open(root / REJECTED) as lines:
            yield from map(json.loads, lines)
