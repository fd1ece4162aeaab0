"""All formats are equal: the same rows with the same values and types in every reader that the documents name."""

import math
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sites import ARTICLE, build_harbour, build_pages, json_rows, make_pages, tables

from broadsheet.batches import cut
from broadsheet.build import Built
from broadsheet.contract import Contract
from broadsheet.export import shards as writing
from broadsheet.release.verify import KEPT, verify

Rows = list[dict[str, Any]]
Reader = Callable[[Path, str, str], Rows]


def typed(value: Any, type_: pa.DataType) -> Any:
    """A value of a JSON line as its Arrow type has it in Python."""
    if value is None:
        return None
    if pa.types.is_list(type_):
        return [typed(item, type_.value_type) for item in value]
    if pa.types.is_struct(type_):
        return {field.name: typed(value[field.name], field.type) for field in type_}
    if pa.types.is_timestamp(type_):
        assert value.endswith("Z")
        return datetime.fromisoformat(value.removesuffix("Z")).replace(tzinfo=UTC)
    if pa.types.is_date(type_):
        return date.fromisoformat(value)
    kinds = {"string": str, "bool": bool, "double": float | int}
    assert isinstance(value, kinds.get(str(type_), int))
    return value


def columns_of(release: Path, config: str) -> pa.Schema:
    """The columns of a config by the record schema in the release (or in that beside `jsonl`), ours or the user's."""
    folder = release.parent if release.name == "jsonl" else release
    return Contract.load(folder / "schema" / "record.schema.json").columns(config)


def expected(release: Path, config: str, split: str) -> Rows:
    """The rows of a table by the JSON lines, read by gzip and json, as Python has the contract's types."""
    types = columns_of(release, config)
    rows = [row for row in json_rows(release, config) if row.get("split", split) == split]
    for row in rows:
        assert list(row) == types.names
    return [{name: typed(row[name], types.field(name).type) for name in row} for row in rows]


def parquet_files(release: Path, config: str, split: str) -> list[str]:
    return sorted(map(str, (release / "data" / config).glob(f"{split}-*.parquet")))


def by_pyarrow(release: Path, config: str, split: str) -> Rows:
    found = pa.concat_tables([pq.read_table(file) for file in parquet_files(release, config, split)])
    assert found.schema.equals(columns_of(release, config))
    return found.to_pylist()


def shape(type_: pa.DataType) -> Any:
    """A type without what some readers do not know: nullability, and what the items of lists are called."""
    if pa.types.is_list(type_):
        return [shape(type_.value_type)]
    if pa.types.is_struct(type_):
        return {field.name: shape(field.type) for field in type_}
    return str(type_)


def check_types(found: pa.Schema, config: str, release: Path | None = None) -> None:
    """The columns have the names, order and types of the contract: that of the release, if one is named, or ours."""
    types = columns_of(release, config) if release else Contract.of(None).columns(config)
    assert {field.name: shape(field.type) for field in found} == {field.name: shape(field.type) for field in types}
    assert found.names == types.names


def by_datasets(release: Path, config: str, split: str) -> Rows:
    import datasets

    found = datasets.load_dataset(str(release), config, split=split)
    check_types(found.features.arrow_schema, config, release)
    return found.to_list()


def by_datasets_streaming(release: Path, config: str, split: str) -> Rows:
    import datasets

    found = datasets.load_dataset(str(release), config, split=split, streaming=True)
    check_types(found.features.arrow_schema, config, release)
    return list(found)


def by_datasets_jsonl(release: Path, config: str, split: str) -> Rows:
    return by_datasets(release / "jsonl", config, split)


def by_datasets_jsonl_streaming(release: Path, config: str, split: str) -> Rows:
    return by_datasets_streaming(release / "jsonl", config, split)


def by_load_from_disk(release: Path, config: str, split: str) -> Rows:
    import datasets

    found = datasets.load_from_disk(str(release / "arrow" / config))[split]
    check_types(found.features.arrow_schema, config, release)
    return found.to_list()


def plain(value: Any) -> Any:
    """A value of pandas as plain Python."""
    import pandas as pd

    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if hasattr(value, "tolist") and not isinstance(value, pd.Timestamp):
        value = value.tolist()
    if isinstance(value, list):
        return [plain(item) for item in value]
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def by_pandas(release: Path, config: str, split: str) -> Rows:
    import pandas as pd

    found = pd.concat([pd.read_parquet(file) for file in parquet_files(release, config, split)])
    return [{name: plain(value) for name, value in row.items()} for row in found.to_dict("records")]


def by_polars(release: Path, config: str, split: str) -> Rows:
    import polars as pl

    found = pl.read_parquet(parquet_files(release, config, split))
    for field in columns_of(release, config):
        if pa.types.is_timestamp(field.type):
            assert found.schema[field.name] == pl.Datetime("us", "UTC")
    return found.to_dicts()


def by_duckdb(release: Path, config: str, split: str) -> Rows:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.read_parquet(parquet_files(release, config, split)).to_arrow_table()
    check_types(found.schema, config, release)
    return found.to_pylist()


READERS: list[Reader] = [
    by_pyarrow,
    by_datasets,
    by_datasets_streaming,
    by_datasets_jsonl,
    by_datasets_jsonl_streaming,
    by_load_from_disk,
    by_pandas,
    by_polars,
    by_duckdb,
]


@pytest.fixture(params=["harbour", "records"])
def release(request: pytest.FixtureRequest) -> Built:
    """Each of the two releases."""
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("reader", READERS)
def test_readers_give_the_same_rows(release: Built, reader: Reader) -> None:
    """Row by row and value by value a reader gives what the JSON lines hold: null for null, time for time."""
    for config, split in tables(release.path):
        rows = expected(release.path, config, split)
        assert rows
        assert reader(release.path, config, split) == rows, f"{config}/{split}"


def test_the_rows_compared_hold_what_readers_stumble_over(harbour: Built, records: Built) -> None:
    """The releases compared have columns of nulls only, empty lists, words like `NULL`, fractions of seconds."""
    rows = json_rows(records.path, "articles", "comments", "teasers")
    assert any(all(row[name] is None for row in json_rows(records.path, "teasers")) for name in rows[0])
    assert any(row["published"] is None for row in rows) and any(row["published"] for row in rows)
    assert any(row["parts"] == [] for row in json_rows(records.path, "segments"))
    assert {"NULL", "Well said."} <= {row["text"] for row in rows}
    assert {"NA", "", None} <= {row["title"] for row in rows}
    assert any("\x1f" in row["text"] and "\U0001f600" in row["text"] for row in rows)
    assert {"2026-03-14T09:30:00.500000Z", "0001-01-01T00:00:00Z"} <= {row["published"] for row in rows}
    assert len(tables(harbour.path)) >= 6


def test_default_config_is_articles(harbour: Built) -> None:
    """`load_dataset` without a config gives the articles in all their splits, and lists every config."""
    import datasets

    found = datasets.load_dataset(str(harbour.path))
    assert set(found) == {split for config, split in tables(harbour.path) if config == "articles"}
    assert {split: found[split].num_rows for split in found} == {
        split: len(expected(harbour.path, "articles", split)) for split in found
    }
    names = {config for config, _ in tables(harbour.path)}
    assert set(datasets.get_dataset_config_names(str(harbour.path))) == names


def test_one_cache_keeps_releases_apart(tmp_path: Path) -> None:
    """Two releases of one name and version in different places, loaded in one cache, give each its own rows."""
    import datasets

    texts = [ARTICLE, ARTICLE.replace("northern", "southern")]
    releases = [
        build_pages(make_pages(tmp_path / f"in{i}", {"1.txt": text}), tmp_path / f"out{i}").path
        for i, text in enumerate(texts)
    ]
    found = [[row["text"] for row in datasets.load_dataset(str(path), split="train")] for path in releases]
    lines = [
        [row["text"] for row in datasets.load_dataset(str(path / "jsonl"), "articles", split="train")]
        for path in releases
    ]
    assert [len(rows) for rows in found] == [1, 1]
    assert "northern" in found[0][0] and "southern" in found[1][0]
    assert lines == found


def test_the_next_version_in_the_same_place_is_not_the_first_from_the_cache(tmp_path: Path) -> None:
    """Version 1, then version 2 in its folder, loaded in one cache: the second gives its own rows."""
    import datasets

    pages = {f"{i}.txt": ARTICLE.replace("northern", word) for i, word in enumerate(("southern", "western", "eastern"))}
    place = tmp_path / "latest"
    for version, n_pages in (("1.0.0", 2), ("2.0.0", 3)):
        site = make_pages(tmp_path / f"in{version}", dict(list(pages.items())[:n_pages]))
        built = build_pages(site, tmp_path / f"out{version}", version=version, repeats={"threshold": 1.0})
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(built.path, place)
        expected_texts = sorted(row["text"] for row in json_rows(place, "articles"))
        assert len(expected_texts) == n_pages
        for folder, config in ((place, "articles"), (place / "jsonl", "articles"), (place, None)):
            for streaming in (False, True):
                found = datasets.load_dataset(str(folder), config, split="train", streaming=streaming)
                assert sorted(row["text"] for row in found) == expected_texts


def all_parquet(release: Path) -> Iterator[Path]:
    """The Parquet files of a release."""
    files = sorted(release.rglob("*.parquet"))
    assert files
    yield from files


def check_parquet(file: Path) -> None:
    """The file is as the Hub and its viewer read it best."""
    found = pq.ParquetFile(file)
    assert b"huggingface" not in (found.schema_arrow.metadata or {})
    assert not any(field.metadata and b"huggingface" in field.metadata for field in found.schema_arrow)
    for i in range(found.metadata.num_row_groups):
        group = found.metadata.row_group(i)
        assert group.total_byte_size < 100 << 20
        for j in range(group.num_columns):
            column = group.column(j)
            assert column.compression == "ZSTD"
            assert column.has_offset_index
            assert column.has_column_index or column.statistics is None or not column.statistics.has_min_max


def test_parquet_files_are_as_viewers_want_them(release: Built) -> None:
    """Parquet files carry no metadata of `datasets`, are zstd, have page indexes and row groups under 100 MB."""
    for file in all_parquet(release.path):
        check_parquet(file)


def test_shards_hold_the_same_rows(harbour: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables in many shards and row groups have the same logical digests, keep all promises and load the same."""
    monkeypatch.setattr(writing, "GROUP_BYTES", 2_000)
    monkeypatch.setattr(writing, "SHARD_BYTES", 9_000)
    sharded = build_harbour(tmp_path)
    assert len(parquet_files(sharded.path, "segments", "full")) > 3
    assert sharded.manifest["logical_digest"] == harbour.manifest["logical_digest"]
    assert {verdict.verdict for verdict in verify(sharded.path)} == {KEPT}
    for reader in (by_datasets, by_datasets_jsonl, by_polars):
        for config, split in tables(sharded.path):
            assert reader(sharded.path, config, split) == expected(harbour.path, config, split)
    for file in all_parquet(sharded.path):
        check_parquet(file)


def test_large_groups_end_before_the_limit(tmp_path: Path) -> None:
    """Texts that make a row group of the usual size leave it under 100 MB."""
    text = "Lorries must take the northern road, which is longer. \u00e9\U0001f600" * 4000
    pages = [{"n": i, "text": f"{i} {text}"} for i in range(85)]
    assert sum(len(row["text"].encode()) for row in pages) > writing.GROUP_BYTES
    schema = pa.schema([("n", pa.int64()), ("text", pa.string())])
    assert [*writing.write_shard({"parquet": tmp_path / "x.parquet"}, cut(pages, schema), schema)]
    assert pq.read_metadata(tmp_path / "x.parquet").num_row_groups == 2
    check_parquet(tmp_path / "x.parquet")


def test_formats_are_those_asked_for(tmp_path: Path) -> None:
    """A release holds the formats that were configured, and Parquet always, since its numbers come from there."""
    for formats in (["parquet"], ["jsonl"], ["parquet", "jsonl"]):
        path = build_harbour(tmp_path / "-".join(formats), export={"formats": formats}).path
        assert (path / "data").is_dir()
        assert (path / "jsonl").is_dir() == ("jsonl" in formats)
        assert not (path / "arrow").exists()
