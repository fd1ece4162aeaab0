"""The Arrow folders that `datasets.load_from_disk` reads, written by `datasets` itself from the release's Parquet."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

FOLDER: Final = "arrow"


def write_arrow(root: Path, tables: Sequence[dict[str, Any]]) -> list[str]:
    """Paths of what was written below `root`: `arrow/<config>` holds the config's splits as a `DatasetDict`.

    Tables: results of `write_table`, of which those with rows are written. Memory: one table.
    """
    import pyarrow.parquet as pq
    from datasets import Dataset, DatasetDict
    from datasets.utils.logging import disable_progress_bar, enable_progress_bar, is_progress_bar_enabled

    by_config: dict[str, dict[str, Dataset]] = {}
    for table in tables:
        if table["n_rows"]:
            data = pq.read_table([root / path for path in table["files"]["parquet"]])
            # The fingerprint is stored; by default it would be made from a random number.
            seed = f"{table['config']} {table['split']} {table['logical_digest']}"
            fingerprint = hashlib.sha256(seed.encode()).hexdigest()[:16]
            by_config.setdefault(table["config"], {})[table["split"]] = Dataset(data, fingerprint=fingerprint)
    shown = is_progress_bar_enabled()
    disable_progress_bar()
    try:
        for config, splits in by_config.items():
            DatasetDict(splits).save_to_disk(root / FOLDER / config, num_shards=dict.fromkeys(splits, 1))
    finally:
        if shown:
            enable_progress_bar()
    return sorted(p.relative_to(root).as_posix() for p in (root / FOLDER).rglob("*") if p.is_file())


def read_arrow(root: Path, config: str, split: str) -> Any:
    """The table of one config and split below `root`, as a `pyarrow.Table`, read without `datasets`."""
    import pyarrow as pa

    folder = root / FOLDER / config / split
    state = json.loads((folder / "state.json").read_text("utf-8"))
    tables = []
    for file in state["_data_files"]:
        with pa.memory_map(str(folder / file["filename"])) as source:
            tables.append(pa.ipc.open_stream(source).read_all())
    return pa.concat_tables(tables)
