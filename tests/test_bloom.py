"""Bloom filters: as pyarrow writes them, asked by us. What stands in a column is never denied."""

import os
import random
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from broadsheet.export.shards import parquet_writer
from broadsheet.release.bloom import key_of, may_hold


def asked(file: Path, value: Sequence[str]) -> list[bool]:
    """Whether each value may stand in the first column of the first row group."""
    chunk = pq.read_metadata(file).row_group(0).column(0)
    with file.open("rb") as opened:
        return [may_hold(opened.fileno(), chunk, [key_of(one)]) for one in value]


def written(file: Path, values: Sequence[str | None], name: str = "story") -> Path:
    """A file of one column and row group, written as releases are."""
    table = pa.table({name: pa.array(values, pa.string())})
    with parquet_writer(file, table.schema, max(1, len(values))) as writer:
        writer.write_table(table)
    return file


@pytest.mark.parametrize("n", [1, 2, 31, 1000, 40_000])
def test_what_stands_there_is_never_denied_and_most_else_is(tmp_path: Path, n: int) -> None:
    """Of ids, empty text, texts in other scripts and nulls; one in twenty of other ids may be let through."""
    draw = random.Random(n)
    values = [f"{draw.getrandbits(128):032x}" for _ in range(n)] + ["", "öffentlich", "公報", "a" * 1000]
    file = written(tmp_path / "one.parquet", [*values, None])
    assert all(asked(file, values))
    assert sum(asked(file, [f"{draw.getrandbits(128):032x}" for _ in range(2000)])) < 200
    chunk = pq.read_metadata(file).row_group(0).column(0)
    with file.open("rb") as opened:
        absent = next(one for one in map(str, range(10_000)) if not asked(file, [one])[0])
        assert may_hold(opened.fileno(), chunk, [key_of(absent), key_of(values[0])])
        assert not may_hold(opened.fileno(), chunk, [])


def test_a_column_without_a_filter_may_hold_anything(tmp_path: Path) -> None:
    """What rows are sorted by has statistics instead."""
    file = written(tmp_path / "one.parquet", ["x"], "id")
    assert asked(file, ["x", "y"]) == [True, True]


def test_a_filter_that_is_cut_off_is_an_error(tmp_path: Path) -> None:
    """It would deny what is there."""
    file = written(tmp_path / "one.parquet", ["x"])
    chunk = pq.read_metadata(file).row_group(0).column(0)
    os.truncate(file, chunk.bloom_filter_offset + chunk.bloom_filter_length - 1)
    with file.open("rb") as opened, pytest.raises(OSError, match="Bloom filter lies behind its end"):
        may_hold(opened.fileno(), chunk, [key_of("x")])
