"""text-dedup: its MinHash command as documented, then its dataset as JSON lines, which is what `datasets` writes.

Settings: threshold 0.7, word 3-grams, 126 permutations in 18 bands of 7, xxh3, two processes; no check of candidates
exists in this version.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Runs the command and writes lines."""
    source, target = sys.argv[1:3]
    work = Path(f"{target}.work")
    shutil.rmtree(work, ignore_errors=True)
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(work / "cache"), "TQDM_DISABLE": "1"}
    settings = {
        "path": "json", "data_files": source, "split": "train", "cache_dir": str(work / "cache"),
        "output": str(work / "out"), "column": "text", "threshold": "0.7", "ngram": "3", "num_perm": "126", "b": "18",
        "r": "7", "hash_func": "xxh3", "num_proc": "2", "batch_size": "10000", "min_length": "1",
    }  # fmt: skip
    options = [part for name, value in settings.items() for part in (f"--{name}", value)]
    subprocess.run([sys.executable, "-m", "text_dedup.minhash", *options], env=environment, check=True)
    from datasets import load_from_disk

    load_from_disk(str(work / "out")).to_json(target, lines=True, force_ascii=False)
    shutil.rmtree(work)


if __name__ == "__main__":
    main()
