"""The baseline, and the filter put before the others: the first of each byte-identical text stays.

    python exact.py IN.jsonl OUT.jsonl

Runs in Broadsheet's own environment. Keeps 16 bytes a text, reads line by line.
"""

import sys
from hashlib import blake2b
from pathlib import Path

import orjson


def main() -> None:
    """Writes the lines whose text has not been seen."""
    seen: set[bytes] = set()
    with Path(sys.argv[1]).open("rb") as lines, Path(sys.argv[2]).open("wb") as out:
        for line in lines:
            key = blake2b(orjson.loads(line)["text"].encode(), digest_size=16).digest()
            if key not in seen:
                seen.add(key)
                out.write(line)


if __name__ == "__main__":
    main()
