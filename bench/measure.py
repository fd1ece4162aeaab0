"""Times the measures over a generated release, and as a ratio to one full scan of its Parquet in the same run.

Only the tables are made, no release: records of made-up words (Zipf), of 12 sources, a third of them repeated on
another page. CPU seconds and peak memory of one process; the first argument is the number of articles.
"""

import functools
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from broadsheet.contract import Contract
from broadsheet.measure import measure

GROUP = 20_000
WORDS = 160


def write(root: Path, n: int) -> dict[str, Any]:
    """Writes the tables below `root`; the part of a manifest that measuring reads."""
    rng = np.random.default_rng(7)
    letters = np.array(list("abcdefghijklmnoprstuvwy"))
    vocabulary = np.array(["".join(rng.choice(letters, k)) for k in rng.integers(2, 11, 20_000)])
    vocabulary[50:90] = ["said", "rebels", "government", "regime", "militants", "seized", "claimed", "told"] * 5
    files: dict[str, list[str]] = {"articles": [], "segments": [], "pages": []}
    writers: dict[str, pq.ParquetWriter] = {}
    for name, paths in files.items():
        path = f"data/{name}/train-00000-of-00001.parquet"
        (root / path).parent.mkdir(parents=True)
        paths.append(path)
        writers[name] = pq.ParquetWriter(root / path, Contract.of(None).columns(name), compression="zstd")
    for start in range(0, n, GROUP):
        # In the order of their ids, which are spread like hashes, as a release's rows are.
        ids = [f"{(start + k) * (2**32 // n):08x}{start + k:024x}" for k in range(min(GROUP, n - start))]
        drawn = np.minimum(rng.zipf(1.3, (len(ids), WORDS)), len(vocabulary)) - 1
        texts = [" ".join(row[:70]) + '. “' + " ".join(row[70:90]) + "”, said Ada Brenn. " + " ".join(row[90:]) + "."
                 for row in vocabulary[drawn]]  # fmt: skip
        _add(writers, ids, texts, rng)
    for writer in writers.values():
        writer.close()
    return {
        "tables": [{"config": name, "split": "train", "files": {"parquet": paths}} for name, paths in files.items()],
        "rejections": {},
        "configuration": {},
    }


def _add(writers: dict[str, pq.ParquetWriter], ids: list[str], texts: list[str], rng: np.random.Generator) -> None:
    n = len(ids)
    sources = [f"s{k % 12}.example" for k in rng.integers(0, 60, n)]
    page_ids = [id_ * 2 for id_ in ids]
    blank: dict[str, Any] = {name: [None] * n for name in Contract.of(None).columns("articles").names}
    articles = blank | {
        "id": ids, "kind": ["article"] * n, "role": ["main"] * n, "text": texts, "language": ["en"] * n,
        "script": ["Latn"] * n, "source": sources, "author": [f"Writer {k}" for k in rng.integers(0, 4000, n)],
        "published": rng.integers(1_400_000_000, 1_700_000_000, n).astype("datetime64[s]").tolist(),
        "captured": rng.integers(1_700_000_000, 1_750_000_000, n).astype("datetime64[s]").tolist(),
        "truncated": [False] * n, "page_id": page_ids, "story": ids, "split": ["train"] * n,
        "first_version": ["1.0.0"] * n, "content_digest": page_ids,
    }  # fmt: skip
    # What a page shows of the article, and in a third of the cases a repeat of another one.
    twice = [ids[k] if k % 3 else ids[k // 3] for k in range(n)]
    ends = [len(text) for text in texts]
    parts = [[{"part": "byline", "start": 0, "end": 12}, {"part": "body", "start": 12, "end": end}] for end in ends]
    empty: dict[str, Any] = {name: [None] * n for name in Contract.of(None).columns("segments").names}
    segments = empty | {
        "page_id": page_ids, "start": [0] * n, "end": ends, "role": ["main"] * n, "article": [0] * n, "parts": parts,
        "outcome": ["canonical"] * n, "record_id": twice, "canonical_id": twice, "language": ["en"] * n,
        "truncated": [False] * n, "confidence": [0.9] * n,
    }  # fmt: skip
    captures = [
        [{"path": "x", "line": None, "offset": None, "url": None, "source": source, "captured": None}]
        for source in sources
    ]
    nothing: dict[str, Any] = {name: [None] * n for name in Contract.of(None).columns("pages").names}
    pages = nothing | {
        "page_id": page_ids, "format": ["txt"] * n, "encoding": ["utf-8"] * n, "decided_by": ["utf-8"] * n,
        "n_bytes": ends, "n_replaced": [0] * n, "n_chars": ends, "text": texts, "claims": [[]] * n,
        "captures": captures,
    }  # fmt: skip
    for name, columns in (("articles", articles), ("segments", segments), ("pages", pages)):
        schema = Contract.of(None).columns(name)
        arrays = [pa.array(columns[field.name], field.type) for field in schema]
        writers[name].write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))


def scan(root: Path) -> None:
    """Reads every column of every table once."""
    import duckdb

    with duckdb.connect(config={"threads": 1}) as connection:
        for folder in sorted((root / "data").iterdir()):
            connection.execute(f"SELECT max(hash(t)) FROM read_parquet('{folder}/*.parquet') AS t").fetchall()


def timed(work: Any) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    for size in [int(argument) for argument in sys.argv[1:]] or [100_000]:
        with tempfile.TemporaryDirectory() as folder:
            made = write(Path(folder), size)
            n_bytes = sum(file.stat().st_size for file in Path(folder).rglob("*.parquet"))
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            scan_wall, scan_cpu = timed(functools.partial(scan, Path(folder)))
            wall, cpu = timed(functools.partial(measure, Path(folder), made))
            print(
                json.dumps(
                    {
                        "articles": size,
                        "parquet_mb": round(n_bytes / 1e6),
                        "wall_s": round(wall, 1),
                        "cpu_s": round(cpu, 1),
                        "scan_cpu_s": round(scan_cpu, 1),
                        "ratio_to_scan": round(cpu / scan_cpu, 1),
                        "peak_mb_before": round(before / 1e3),
                        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
                    }
                ),
                flush=True,
            )
