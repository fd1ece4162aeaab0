"""JSON lines of record batches: those of their rows, however the batches are cut."""

import gzip
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sites import TEXTS

from broadsheet import lines as made
from broadsheet.batches import from_rows, to_rows
from broadsheet.export import jsonl, shards
from broadsheet.lines import Lines, json_line, json_lines

Row = dict[str, Any]

_PART = pa.struct([("kind", pa.string()), ("at", pa.int64()), ("tags", pa.list_(pa.string()))])
COLUMNS = pa.schema(
    [
        ("id", pa.string()),
        ("n", pa.int32()),
        ("share", pa.float64()),
        ("is_cut", pa.bool_()),
        ("found", pa.timestamp("us", tz="UTC")),
        ("day", pa.date32()),
        ("parts", pa.list_(_PART)),
        ("never", pa.string()),
        ("place", pa.struct([("text", pa.string()), ("line", pa.int16())])),
    ]
)
TIMES = st.sampled_from(["2026-01-02T03:04:05Z", "0001-01-01T00:00:00.000001Z", "1969-12-31T23:59:59.900000Z"])
FINITE = st.floats(allow_nan=False, allow_infinity=False)
PARTS = st.fixed_dictionaries(
    {"kind": st.none() | TEXTS, "at": st.none() | st.integers(0, 9), "tags": st.none() | st.lists(TEXTS, max_size=2)}
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "id": TEXTS | st.sampled_from(["", "a", '"', "\\", "\x00\x1f\x7f", "\u2028", "\U0001f600"]),
            "n": st.none() | st.integers(-(2**31), 2**31 - 1),
            "share": st.none()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.sampled_from([1e-05, 1e16, -0.0]),
            "is_cut": st.none() | st.booleans(),
            "found": st.none() | TIMES,
            "day": st.none() | st.sampled_from(["2026-01-02", "0001-01-01"]),
            "parts": st.none() | st.lists(st.none() | PARTS, max_size=2),
            "never": st.none(),
            "place": st.none() | st.fixed_dictionaries({"text": TEXTS, "line": st.none() | st.integers(0, 9)}),
        }
    ),
    max_size=4,
)


@given(ROWS)
def test_lines_of_a_batch_are_those_of_its_rows(rows: list[Row]) -> None:
    """Whatever slice of a batch, its lines are those of its rows, which come back from it as they were."""
    whole = from_rows(rows, COLUMNS)
    for start, stop in combinations(range(len(rows) + 1), 2):
        batch, wanted = whole.slice(start, stop - start), rows[start:stop]
        assert to_rows(batch) == wanted
        expected = [json_line(row) for row in to_rows(from_rows(wanted, COLUMNS))]
        for slice_bytes in (1, 1 << 20):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(made, "SLICE_BYTES", slice_bytes)
                pieces = list(json_lines(batch))
            assert [row for part, _ in pieces for row in to_rows(part)] == wanted
            assert [len(lines) for _, lines in pieces] == [part.num_rows for part, _ in pieces]
            assert [line for _, lines in pieces for line in split(lines)] == expected


def split(lines: Lines) -> list[bytes]:
    return [bytes(lines.part(i, i + 1).data) for i in range(len(lines))]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_no_line(value: float) -> None:
    """JSON has no name for what is not finite: neither a row nor a batch that holds it has lines."""
    batch = from_rows([{"share": value}], pa.schema([("share", pa.float64())]))
    for write in (lambda: json_line({"share": value}), lambda: list(json_lines(batch))):
        with pytest.raises(ValueError, match=r"finite|JSON"):
            write()


@given(st.lists(st.integers(0, 40), max_size=12), st.data())
def test_members_end_by_the_lines_alone(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], data: st.DataObject
) -> None:
    """A file of JSON lines is the same, whether its lines come one by one or many at once."""
    rows = [{"text": "x" * n} for n in lengths]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    one, many = (tmp_path_factory.getbasetemp() / name for name in ("one.gz", "many.gz"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "MEMBER_BYTES", 50)
        by_line, at_once = jsonl.GzipLines(one), jsonl.GzipLines(many)
        for row in rows:
            by_line.write(json_line(row))
        for start, end in zip([0, *cuts], [*cuts, len(rows)], strict=True):
            for _, lines in json_lines(from_rows(rows[start:end], pa.schema([("text", pa.string())]))):
                at_once.write_lines(lines)
        by_line.close()
        at_once.close()
    assert many.read_bytes() == one.read_bytes()
    assert gzip.decompress(many.read_bytes()) == b"".join(map(json_line, rows))


@given(st.lists(st.integers(0, 60), min_size=1, max_size=20), st.integers(1, 7))
def test_groups_end_by_the_rows_alone(tmp_path_factory: pytest.TempPathFactory, lengths: list[int], size: int) -> None:
    """A row group ends with the line that makes it full, however the rows are cut into batches."""
    rows = [{"text": "x" * n} for n in lengths]
    columns = pa.schema([("text", pa.string())])
    expected: list[list[Row]] = [[]]
    for row in rows:
        if sum(len(json_line(held)) for held in expected[-1]) >= 100:
            expected.append([])
        expected[-1].append(row)
    file = tmp_path_factory.getbasetemp() / "groups.parquet"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "GROUP_BYTES", 100)
        batches = [from_rows(rows[i : i + size], columns) for i in range(0, len(rows), size)]
        lines = b"".join(piece.data for piece in shards.write_shard({"parquet": file}, batches, columns))
    assert lines == b"".join(map(json_line, rows))
    with pq.ParquetFile(file) as found:
        assert [found.read_row_group(i).to_pylist() for i in range(found.num_row_groups)] == expected


def test_a_batch_without_rows_has_no_lines(tmp_path: Path) -> None:
    """A table without rows is an empty file of lines, and a row without members an empty object."""
    assert list(json_lines(from_rows([], COLUMNS))) == []
    empty = pa.RecordBatch.from_arrays([pa.array([{}, None], pa.struct([]))], ["a"])
    assert [bytes(lines.data) for _, lines in json_lines(empty)] == [b'{"a":{}}\n{"a":null}\n']
