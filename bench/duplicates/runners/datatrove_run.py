"""datatrove: its four MinHash stages with `LocalPipelineExecutor`, two tasks and two workers.

    python datatrove_run.py IN.jsonl OUT.jsonl [plain]

Settings: word 3-grams, 18 buckets of 7 hashes of 64 bits (126 in all), its text normalisation but for figures, which
stay as they are; English, whose tokenizer is spaCy's rules, which need no model. With `plain` its whitespace tokenizer
takes the place of spaCy's. No check of candidates exists. Its tasks are cut by file, so the input is halved first.
"""

import logging
import shutil
import sys
from itertools import islice
from pathlib import Path
from typing import Any

N_TASKS = 2


def halves(source: Path, folder: Path) -> None:
    """The lines of a file in two files."""
    folder.mkdir(parents=True)
    n = sum(1 for _ in source.open("rb"))
    with source.open("rb") as lines:
        for part in range(N_TASKS):
            with (folder / f"{part}.jsonl").open("wb") as out:
                out.writelines(islice(lines, -(-n // N_TASKS)))


def run(steps: list[Any], tasks: int, logs: Path) -> None:
    """One stage."""
    from datatrove.executor import LocalPipelineExecutor

    LocalPipelineExecutor(pipeline=steps, tasks=tasks, workers=min(N_TASKS, tasks), logging_dir=str(logs)).run()


def main() -> None:
    """Runs the stages and joins what they have written."""
    from datatrove.pipeline.dedup import MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter
    from datatrove.utils.hashing import HashConfig
    from datatrove.utils.text import TextNormConfig
    from datatrove.utils.typeshelper import Languages
    from datatrove.utils.word_tokenizers import WhitespaceTokenizer
    from loguru import logger

    logger.remove()
    logging.disable(logging.WARNING)
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    work = Path(f"{target}.work")
    shutil.rmtree(work, ignore_errors=True)
    halves(source, work / "in")
    config = MinhashConfig(
        n_grams=3,
        num_buckets=18,
        hashes_per_bucket=7,
        hash_config=HashConfig(precision=64),
        norm_config=TextNormConfig(norm_numbers=False),
    )
    language: Any = WhitespaceTokenizer() if sys.argv[3:] == ["plain"] else Languages.english
    reader = JsonlReader(str(work / "in"))
    run([reader, MinhashDedupSignature(str(work / "sigs"), config, language)], N_TASKS, work / "l1")
    run([MinhashDedupBuckets(str(work / "sigs"), str(work / "pairs"), config=config)], 18, work / "l2")
    run([MinhashDedupCluster(str(work / "pairs"), str(work / "remove"), config=config)], 1, work / "l3")
    writer = JsonlWriter(str(work / "out"), compression=None)
    run([reader, MinhashDedupFilter(str(work / "remove")), writer], N_TASKS, work / "l4")
    with target.open("wb") as out:
        for part in sorted((work / "out").glob("*.jsonl")):
            with part.open("rb") as file:
                shutil.copyfileobj(file, out)
    shutil.rmtree(work)


if __name__ == "__main__":
    main()
