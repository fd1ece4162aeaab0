"""What it costs to read one small batch of an exchanged file: microseconds of CPU, printed as JSON.

A build reads as many in each exchange as it has slices times buckets, however few bytes stand in each.
"""

import json
import tempfile
import time
from pathlib import Path
from typing import Final

import pyarrow as pa

from broadsheet.batches import UNIQUE, read_batches, write_batches

N_BUCKETS: Final = 1000
ROUNDS: Final = 5


def main() -> None:
    """Writes a file of a thousand buckets and reads each."""
    with tempfile.TemporaryDirectory() as folder:
        empty = pa.RecordBatch.from_pylist([], schema=UNIQUE)
        file = write_batches(Path(folder) / "x.arrow", [empty] * N_BUCKETS, UNIQUE).to_json()
        seconds = []
        for _ in range(ROUNDS):
            started = time.process_time()
            for bucket in range(N_BUCKETS):
                next(read_batches([file], bucket))
            seconds.append(time.process_time() - started)
    print(json.dumps({"us_a_batch": sorted(seconds)[ROUNDS // 2] / N_BUCKETS * 1e6}))


if __name__ == "__main__":
    main()
