"""A record schema of the user's own: its properties are columns in every format, reader and document."""

import csv
import gzip
import importlib.util
import io
import json
import random
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import own
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import test_contract
import test_formats as formats
import yaml
from jsonschema import Draft202012Validator
from sites import ARTICLE, ROOT, json_rows, rejections, sums, tables

from broadsheet.build import Built
from broadsheet.contract import RECORD_CONFIGS, Contract
from broadsheet.release.verify import KEPT, verify

Rows = formats.Rows


@pytest.fixture(scope="session")
def gazette(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The release of the made-up gazette in all formats. Not to be changed: copy it."""
    return own.build(tmp_path_factory.mktemp("gazette") / "in")


def exact(value: Any) -> Any:
    """A value that only equals what is of the same type and digits: 1 is not 1.0, and 0.0 is not -0.0."""
    if isinstance(value, dict):
        return {key: exact(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [exact(inner) for inner in value]
    if isinstance(value, datetime):
        assert value.tzinfo is not None
        value = value.astimezone(UTC).replace(tzinfo=None)
    return type(value).__name__, repr(value)


def extras(rows: Rows) -> dict[str, dict[str, Any]]:
    """The extras of the rows by the ids that the records came with."""
    return {row["given_id"]: {name: row[name] for name in own.TYPES} for row in rows}


def record_rows(release: Path) -> Rows:
    return json_rows(release, *RECORD_CONFIGS)


# What records say is what rows hold


def test_rows_hold_what_the_records_said(gazette: Built) -> None:
    """Each extra of each record is in its row: times in UTC, maps by their keys, null where there was none."""
    found = extras(record_rows(gazette.path))
    assert not rejections(gazette.path)
    assert exact(found) == exact(own.ROWS)
    assert all(list(row)[-len(own.TYPES) :] == list(own.SCHEMA["properties"]) for row in record_rows(gazette.path))
    for row in record_rows(gazette.path):
        for ship in filter(None, [row["ship"]]):
            assert list(ship) == list(own.SCHEMA["properties"]["ship"]["properties"])


def test_records_hold_what_formats_stumble_over(gazette: Built) -> None:
    """In one split a column is null throughout, in one a list always empty; some columns are null in all records."""
    rows = record_rows(gazette.path)
    for (part, name), cases in own.ONLY.items():
        where = {repr(row[name]) for row in rows if row["split"] == part}
        assert where and where <= {repr(row) for _, row in cases}, (part, name)
    for name in own.TYPES:
        assert all(row[name] is None for row in rows) == name.startswith("never")
    for name, cases in own.CASES.items():
        seen = {repr(row[name]) for row in rows}
        assert {repr(row) for _, row in cases} <= seen, name


def test_tables_without_rows_are_left_out(gazette: Built) -> None:
    """No teaser fell to `dev` and no two records are alike: no such split, no such config."""
    found = set(tables(gazette.path))
    assert ("teasers", "dev") not in found and ("teasers", "test") in found
    assert not any(config == "pairs" for config, _ in found)
    for folder in (gazette.path, gazette.path / "jsonl"):
        head = yaml.safe_load((folder / "README.md").read_text("utf-8").split("---\n")[1])
        configs = {entry["config_name"]: {file["split"] for file in entry["data_files"]} for entry in head["configs"]}
        assert {(config, split) for config, splits in configs.items() for split in splits} == found
    assert not list(gazette.path.rglob("*pairs*"))
    assert not (gazette.path / "arrow" / "teasers" / "dev").exists()


def by_pandas_as_arrow(release: Path, config: str, split: str) -> Rows:
    """Pandas with Arrow's types; with its own, integers become floats where a column has nulls."""
    import pandas as pd

    files = formats.parquet_files(release, config, split)
    found = pd.concat([pd.read_parquet(file, dtype_backend="pyarrow") for file in files])
    return [{name: formats.plain(value) for name, value in row.items()} for row in found.to_dict("records")]


@pytest.mark.parametrize(
    "reader", [reader for reader in formats.READERS if reader is not formats.by_pandas] + [by_pandas_as_arrow]
)
def test_readers_give_the_same_rows(gazette: Built, reader: formats.Reader) -> None:
    """Value by value and type by type a reader gives what the JSON lines hold, of built-in columns and extras."""
    for config, split in tables(gazette.path):
        rows = formats.expected(gazette.path, config, split)
        assert rows
        assert exact(reader(gazette.path, config, split)) == exact(rows), f"{config}/{split}"


def test_lists_that_begin_with_null(gazette: Built, harbour: Built, tmp_path: Path) -> None:
    """Lists of nulls and lists that begin with one are right in Parquet and arrow; the card of the JSON lines warns."""
    release = own.build(tmp_path, {"1.jsonl": own.jsonl(own.NULLS)}, split={"train": 1}).path
    rows = formats.expected(release, "articles", "train")
    assert {row["given_id"]: row["soundings"] for row in rows} == {row["id"]: row["soundings"] for row in own.NULLS}
    for reader in (formats.by_datasets, formats.by_datasets_streaming, formats.by_load_from_disk, formats.by_polars):
        assert exact(reader(release, "articles", "train")) == exact(rows)
    warning = "The elements of lists in `soundings` may be null."
    assert warning in (gazette.path / "jsonl" / "README.md").read_text("utf-8")
    assert "may be null" not in (harbour.path / "jsonl" / "README.md").read_text("utf-8")


def as_floats(value: Any) -> Any:
    """A value in which every integer is a float."""
    if isinstance(value, dict):
        return {key: as_floats(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_floats(inner) for inner in value]
    return float(value) if type(value) is int else value


def test_pandas_types_of_its_own_change_integers_alone(gazette: Built) -> None:
    """By default pandas makes floats of integers that have nulls beside them; all else is as it was."""
    for config, split in tables(gazette.path):
        rows = formats.expected(gazette.path, config, split)
        found = formats.by_pandas(gazette.path, config, split)
        assert exact(as_floats(found)) == exact(as_floats(rows)), f"{config}/{split}"


# Types and documents


def test_columns_have_the_types_of_the_profile(gazette: Built) -> None:
    """The contract's columns, and those in the Parquet files, have the types written down by hand."""
    contract = Contract.extending(own.SCHEMA)
    for config, split in tables(gazette.path):
        if config in RECORD_CONFIGS:
            (file,) = formats.parquet_files(gazette.path, config, split)
            for found in (contract.columns(config), pq.read_schema(file)):
                assert found.names[-len(own.TYPES) :] == list(own.TYPES)
                assert {name: formats.shape(found.field(name).type) for name in own.TYPES} == {
                    name: formats.shape(type_) for name, type_ in own.TYPES.items()
                }


def feature(type_: pa.DataType) -> dict[str, Any]:
    """What a card's YAML must say of a type, by its documentation."""
    if pa.types.is_list(type_):
        inner = feature(type_.value_type)
        return {"list": next(iter(inner.values())) if "list" not in inner else inner}
    if pa.types.is_struct(type_):
        return {"struct": [{"name": field.name, **feature(field.type)} for field in type_]}
    names = {"double": "float64", "date32[day]": "date32", "timestamp[us, tz=UTC]": "timestamp[us, tz=UTC]"}
    return {"dtype": names.get(str(type_), str(type_))}


@pytest.mark.parametrize("folder", [".", "jsonl"])
def test_cards_name_the_types_of_the_files(gazette: Built, folder: str) -> None:
    """The features in the YAML of both cards are, column by column, the types of the Parquet files."""
    import datasets

    head = yaml.safe_load((gazette.path / folder / "README.md").read_text("utf-8").split("---\n")[1])
    infos = {info["config_name"]: info["features"] for info in head["dataset_info"]}
    for config, split in tables(gazette.path):
        types = pq.read_schema(formats.parquet_files(gazette.path, config, split)[0])
        assert infos[config] == [{"name": field.name, **feature(field.type)} for field in types]
        formats.check_types(datasets.Features._from_yaml_list(infos[config]).arrow_schema, config, gazette.path)


def test_release_keeps_all_promises(gazette: Built) -> None:
    """`broadsheet verify` finds every promise kept."""
    assert {verdict.promise: verdict.verdict for verdict in verify(gazette.path)} == {
        verdict.promise: KEPT for verdict in verify(gazette.path)
    }


def test_card_describes_the_extras(gazette: Built) -> None:
    """The card's table has each extra and each property inside, with what it means and what is asked of it."""
    lines = (gazette.path / "README.md").read_text("utf-8").splitlines()
    for name, value in own.SCHEMA["properties"].items():
        (line,) = [line for line in lines if line.startswith(f"| `{name}` |")]
        assert value["description"] in line
    for path, meaning, asked in (
        ("section", "Part of the paper.", '"weather, tides"'),
        ("berth", "Berth, as on the plan.", 'pattern `"^[A-Z]{1,2}[0-9]{0,3}$"`'),
        ("Höhe", "Level in cm.", "minimum `-32768`, maximum `32767`"),
        ("tags", "Words for it.", "maxItems `9`"),
        ("crew[].home port.berths", "How many berths.", "maximum `9999`"),
        ("ship.calls[].port.founded", "Day of its charter.", "date or null"),
        ("words[].value", "How often.", "maximum `30000`"),
        ("ports[].value.name", "Its name.", "minLength `1`"),
    ):
        (line,) = [line for line in lines if line.startswith(f"| `{path}` |")]
        assert meaning in line and asked in line


def test_release_ships_schemas_that_hold(gazette: Built) -> None:
    """The release's schemas have the extras; rows are valid by the one of rows, and wrong values are not."""
    record, release = (
        json.loads((gazette.path / "schema" / f"{name}.schema.json").read_text("utf-8"))
        for name in ("record", "release")
    )
    for name, value in own.SCHEMA["properties"].items():
        assert record["properties"][name]["description"] == value["description"]
        assert release["$defs"]["record"]["properties"][name]["description"] == value["description"]
    assert record["properties"]["berth"] == own.SCHEMA["properties"]["berth"]
    assert "desk" in record["required"]
    rows = Draft202012Validator(
        {**release["$defs"]["record"], "$defs": release["$defs"]}, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    for row in record_rows(gazette.path):
        assert not list(rows.iter_errors(row))
    wrong = {"berth": "a1", "Höhe": 32768, "words": [{"key": "a"}], "desk": 1, "date": "1.5.2026", "crew": [{}]}
    row = record_rows(gazette.path)[0]
    for name, value in wrong.items():
        assert {error.path[0] for error in rows.iter_errors(row | {name: value})} == {name}, name


# Order, and other formats


def test_order_of_input_does_not_matter(gazette: Built, tmp_path: Path) -> None:
    """The same files in another order give equal bytes; the same records in other files give equal record rows."""
    names = list(own.in_files())
    for order in (names[::-1], names[1:] + names[:1]):
        again = own.build(tmp_path / "".join(order), {name: own.in_files()[name] for name in order})
        assert sums(again.path) == sums(gazette.path)
    shuffled = random.Random(5).sample(own.RECORDS, len(own.RECORDS))
    again = own.build(tmp_path / "shuffled", {"all.jsonl": own.jsonl(shuffled)})
    for name in RECORD_CONFIGS:
        assert json_rows(again.path, name) == json_rows(gazette.path, name)


def as_csv(records: Any = own.RECORDS) -> bytes:
    """The records as a table: JSON in the cells of arrays and objects, no cell where there is none."""
    names = list(dict.fromkeys(name for record in records for name in record))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    for record in records:
        cells = (record.get(name) for name in names)
        writer.writerow([cell if isinstance(cell, str) else "" if cell is None else json.dumps(cell) for cell in cells])
    return out.getvalue().encode()


def test_extras_survive_csv(gazette: Built, tmp_path: Path) -> None:
    """From CSV come the same rows, but that an empty text is none: the format cannot tell the two apart."""
    found = own.build(tmp_path, {"records.csv": as_csv()})
    assert not rejections(found.path)
    told = {id_: {name: None if value == "" else value for name, value in row.items()} for id_, row in own.ROWS.items()}
    assert told != own.ROWS
    assert exact(extras(record_rows(found.path))) == exact(told)
    assert tables(found.path) == tables(gazette.path)


def native(name: str, type_: pa.DataType) -> pa.DataType:
    """The type that a program which knows nothing of us would give a column."""
    if name not in own.MAPS:
        return type_
    entry = type_.value_type
    return pa.map_(pa.string(), entry.field("value").type)


def as_native(value: Any, type_: pa.DataType) -> Any:
    """A value of a record as Python has it for Arrow."""
    if value is None or value is own.ABSENT:
        return None
    if pa.types.is_map(type_):
        return [(key, as_native(inner, type_.item_type)) for key, inner in value.items()]
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return [as_native(inner, type_.value_type) for inner in value]
    if pa.types.is_struct(type_):
        return {field.name: as_native(value.get(field.name), field.type) for field in type_}
    if pa.types.is_timestamp(type_):
        return datetime.fromisoformat(value)
    if pa.types.is_date(type_):
        return date.fromisoformat(value)
    return int(value) if pa.types.is_integer(type_) else value


def as_parquet(**other: pa.DataType) -> bytes:
    """The records as Parquet with real types, or some columns with `other` ones."""
    columns = {}
    for name in ("id", "role", "text", "url"):
        columns[name] = pa.array([record[name] for record in own.RECORDS], pa.string())
    for name, type_ in own.TYPES.items():
        type_ = other.get(name) or native(name, type_)
        columns[name] = pa.array([as_native(record.get(name), type_) for record in own.RECORDS], type_)
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


OTHER_TYPES: dict[str, dict[str, pa.DataType]] = {
    "as they are": {},
    "date64": {"date": pa.date64(), "holidays": pa.large_list(pa.date64())},
    "timestamps for dates": {"date": pa.timestamp("ms"), "holidays": pa.list_(pa.timestamp("us", "Europe/Paris"))},
    "dictionaries": {"section": pa.dictionary(pa.int8(), pa.string()), "tags": pa.list_(pa.large_string())},
    "structs for maps": {"words": pa.struct([(key, pa.int64()) for key in [*own.ODD, "b", "a", "B"]])},
}


@pytest.mark.parametrize("kind", OTHER_TYPES)
def test_extras_survive_parquet(gazette: Built, tmp_path: Path, kind: str) -> None:
    """From Parquet with types of its own come the same rows, whatever types programs give to dates, texts and maps."""
    if kind == "timestamps for dates":
        OTHER_TYPES[kind]["holidays"] = pa.list_(pa.timestamp("us"))
    found = own.build(tmp_path, {"records.parquet": as_parquet(**OTHER_TYPES[kind])}, export={"formats": ["jsonl"]})
    assert not rejections(found.path)
    assert exact(extras(record_rows(found.path))) == exact(own.ROWS)
    assert tables(found.path) == tables(gazette.path)


def test_times_that_are_no_dates_are_refused(tmp_path: Path) -> None:
    """A timestamp that is no midnight is not cut to a date."""
    noon = pa.array([datetime(2026, 3, 14, 12), datetime(2026, 3, 14)], pa.timestamp("s"))
    texts = ["A ship came in at noon.", "Nothing came in all night."]
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": texts, "desk": ["day", "night"], "date": noon}), sink)
    found = own.build(tmp_path, {"records.parquet": sink.getvalue()})
    assert [row["date"] for row in record_rows(found.path)] == ["2026-03-14"]
    assert [(e["pointer"], e["keyword"]) for row in rejections(found.path) for e in row["errors"]] == [
        ("/date", "format")
    ]


def test_names_that_are_aliases_elsewhere_are_the_schemas(tmp_path: Path) -> None:
    """Where the schema has a `date` of its own, a record's `date` is that, and not the time of publication."""
    record = {"text": "The tide was early.", "desk": "day", "date": "2026-03-14", "timestamp": "2026-03-15 10:00"}
    (row,) = record_rows(own.build(tmp_path, {"1.jsonl": own.jsonl([record])}).path)
    assert (row["date"], row["published"], row["captured"]) == ("2026-03-14", None, "2026-03-15T10:00:00Z")


# Pages


HTML = "<html><body><article><h1>Ferry stays in</h1><p>" + "</p><p>".join(ARTICLE.split("\n\n")[2:]) + "</p></article>"


def test_records_of_pages_have_no_extras(tmp_path: Path) -> None:
    """What is cut from pages has null in every extra, and passes where none but nullable ones are required."""
    pages = {
        "1.txt": ARTICLE.encode(),
        "2.html": HTML.replace("northern", "southern").encode(),
    }
    found = own.build(tmp_path, pages | own.in_files(1))
    rows = [row for row in record_rows(found.path) if row["given_id"] is None]
    assert rows
    assert all(row[name] is None for row in rows for name in own.TYPES)
    assert not rejections(found.path)
    assert {verdict.verdict for verdict in verify(found.path)} == {KEPT}


def test_records_of_pages_lack_required_extras(tmp_path: Path) -> None:
    """Where an extra is required that may not be null, all that is cut from pages goes to quarantine, and says why."""
    schema = own.SCHEMA | {"required": ["desk", "section"]}
    pages = {"1.txt": ARTICLE.encode(), "2.html": HTML.encode()}
    given = [{"text": "The tide was early.", "section": "sea"}]
    found = own.build(tmp_path, pages | {"1.jsonl": own.jsonl(given)}, schema)
    assert [(row["section"], row["given_id"]) for row in record_rows(found.path)] == [("sea", None)]
    refused = rejections(found.path)
    assert {row["path"].rpartition("/")[2] for row in refused} == {"1.txt", "2.html"}
    for row in refused:
        assert [(error["pointer"], error["keyword"]) for error in row["errors"]] == [("", "required")]
        assert "section" in row["errors"][0]["message"]


# The checker of other versions of `datasets`


def checker() -> Any:
    """The script that runs inside the environments of `make test-compat`."""
    spec = importlib.util.spec_from_file_location("check", ROOT / "tests" / "compat" / "check.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("file", sorted((ROOT / "requirements" / "compat").glob("*.in")), ids=lambda file: file.stem)
def test_packages_of_other_versions_are_locked(file: Path) -> None:
    """What an environment of another version of `datasets` holds is pinned with hashes, that version among it."""
    test_contract.test_requirements_are_locked_with_hashes(f"compat/{file.stem}")
    assert f"datasets=={file.stem}" in file.read_text("utf-8").splitlines()


@pytest.mark.parametrize("way", ["parquet", "parquet, streamed", "jsonl", "jsonl, streamed", "arrow"])
def test_checker_of_versions_finds_nothing_with_this_one(gazette: Built, way: str) -> None:
    """With the `datasets` that is installed here, each way of loading gives the rows of the JSON lines."""
    assert dict(checker().check(gazette.path, way)) == {"/".join(table): [] for table in tables(gazette.path)}


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        ("tags", b'"tags":[]', b'"tags":null', "tags: row"),
        ("geo.lat", b'"geo.lat":-0.0', b'"geo.lat":0.0', "geo.lat: row"),
        ("date", b'"date":"1969-12-31"', b'"date":"1970-01-01"', "date: row"),
    ],
)
def test_checker_of_versions_sees_differences(
    gazette: Built, tmp_path: Path, name: str, old: bytes, new: bytes, fault: str
) -> None:
    """A value that is another in the JSON lines is a fault: null for an empty list, a sign of zero, a day."""

    release = tmp_path / "release"
    shutil.copytree(gazette.path, release)
    changed = []
    for file in (release / "jsonl").rglob("*.jsonl.gz"):
        raw = gzip.decompress(file.read_bytes())
        if old in raw:
            changed.append(f"{file.parent.name}/{file.name.partition('-')[0]}")
            file.write_bytes(gzip.compress(raw.replace(old, new)))
    assert changed
    found = {table: faults for table, faults in checker().check(release, "parquet") if faults}
    assert sorted(found) == sorted(changed)
    assert all(len(faults) == 1 and faults[0].startswith(fault) for faults in found.values())
