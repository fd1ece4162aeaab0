"""Who reads a bucket gets what was written, and does not read the others."""

from pathlib import Path

import pyarrow as pa
import pytest

from broadsheet import batches
from broadsheet.batches import File, read_batches, write_batches
from broadsheet.errors import ReleaseError

SCHEMA = pa.schema([("id", pa.string()), ("n", pa.list_(pa.int64()))])
ROWS = [[{"id": "a", "n": [1, 2]}, {"id": "ä", "n": None}], [], [{"id": "c" * 5000, "n": []}], [{"id": None, "n": [9]}]]


@pytest.fixture
def file(tmp_path: Path) -> File:
    """A file of four buckets, one of them empty."""
    parts = [pa.RecordBatch.from_pylist(rows, schema=SCHEMA) for rows in ROWS]
    return write_batches(tmp_path / "x.arrow", parts, SCHEMA)


def read(file: File, bucket: int) -> list[dict[str, object]]:
    (batch,) = read_batches([file.to_json()], bucket)
    assert batch.schema == SCHEMA
    batch.validate(full=True)
    rows: list[dict[str, object]] = batch.to_pylist()
    return rows


def test_a_bucket_is_read_without_the_others(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each bucket comes back as it was written, and no file is hashed whole for it."""

    def hashed(_path: Path, _digest: str) -> bool:
        raise AssertionError("the whole file is read")

    monkeypatch.setattr(batches, "is_intact", hashed)
    assert [read(file, i) for i in range(4)] == ROWS


@pytest.mark.parametrize("sums", ["missing", "empty", "cut", "of another file", "flipped"])
def test_digests_that_do_not_fit_decide_nothing(file: File, tmp_path: Path, sums: str) -> None:
    """Then the digest of the whole file is asked, and the rows are the same."""
    path = tmp_path / "x.arrow.sums"
    content = path.read_bytes()
    path.unlink()
    if sums == "flipped":
        for at in range(len(content)):
            path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
            assert [read(file, i) for i in range(4)] == ROWS, at
    elif sums != "missing":
        path.write_bytes({"empty": b"", "cut": content[:-20], "of another file": bytes(16) + content[16:]}[sums])
    assert [read(file, i) for i in range(4)] == ROWS


def test_a_changed_bucket_is_noticed_by_who_reads_it(file: File) -> None:
    """Whichever byte of a batch or of the schema before it was changed; no reader takes a changed one for its own."""
    path = Path(file.path)
    content = path.read_bytes()
    for at in range(0, len(content), 7):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        noticed = 0
        for bucket, rows in enumerate(ROWS):
            try:
                assert read(file, bucket) == rows
            except ReleaseError as error:
                assert "changed since it was written" in str(error)
                noticed += 1
        is_of_a_batch = b"c" * 100 in content[at - 100 : at + 200]
        assert noticed or not is_of_a_batch
    path.write_bytes(content[:-1])
    assert [read(file, i) for i in range(4)] == ROWS  # what was cut off is of no bucket


def test_a_file_that_is_gone_is_told(file: File) -> None:
    """As such, whatever lies beside it."""
    Path(file.path).unlink()
    with pytest.raises(FileNotFoundError):
        read(file, 0)


def test_one_batch_needs_no_digests(tmp_path: Path) -> None:
    """A file of one batch has that of the whole."""
    write_batches(tmp_path / "y.arrow", [pa.RecordBatch.from_pylist(ROWS[0], schema=SCHEMA)], SCHEMA)
    assert [path.name for path in tmp_path.iterdir()] == ["y.arrow"]


def test_another_file_in_its_place_is_noticed(file: File) -> None:
    """A whole file, digests and all, that is not the one that the reader was told of is none of its buckets."""
    for bucket in range(4):
        with pytest.raises(ReleaseError, match="changed since it was written"):
            read(File(file.path, "0" * 64), bucket)
