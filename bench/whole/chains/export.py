"""datasets: the unique articles in splits, as Parquet and as JSON lines.

python export.py IN.jsonl OUT
"""

import json
import sys
from pathlib import Path


def main() -> None:
    """Loads, splits, writes."""
    from datasets import load_dataset

    source, out = sys.argv[1], Path(sys.argv[2])
    out.mkdir()
    whole = load_dataset("json", data_files=source, split="train", cache_dir=str(out / "cache"))
    parts = whole.train_test_split(test_size=0.1, seed=0)
    for name, part in parts.items():
        part.to_parquet(out / f"{name}.parquet")
        part.to_json(out / f"{name}.jsonl.gz", compression="gzip")
    (out / "facts.json").write_text(json.dumps({"n_rows": len(whole)}), "utf-8")


if __name__ == "__main__":
    main()
