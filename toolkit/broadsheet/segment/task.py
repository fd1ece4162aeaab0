"""The task of segmentation: one bucket of pages to their segments and to the records that these become."""

from collections import Counter
from pathlib import Path
from typing import Any

from broadsheet.batches import CANDIDATES, read_batches, write_batches
from broadsheet.segment.stage import SEGMENTS, candidates, segment


def segment_pages(spec: dict[str, Any]) -> dict[str, Any]:
    """Commits the segments of one bucket's pages, and the records before validation.

    Spec: pages, out_segments, out_candidates. Result: the two files, and the numbers of segments by role and
    of candidate records.
    Memory: the segments of one bucket.
    """
    segments, records = [], []
    roles: Counter[str] = Counter()
    for pages in read_batches([spec["pages"]]):
        for batch in segment([pages]):
            roles.update(batch.column("role").to_pylist())
            segments.append(batch)
            records.append(candidates(pages, batch))
    return {
        "segments": write_batches(Path(spec["out_segments"]), segments, SEGMENTS).to_json(),
        "candidates": write_batches(Path(spec["out_candidates"]), records, CANDIDATES).to_json(),
        "roles": dict(roles),
        "n_candidates": sum(batch.num_rows for batch in records),
    }
