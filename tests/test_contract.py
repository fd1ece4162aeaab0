"""The contract: types follow from the schemas, ids and digests cover what they say, and starting is quick."""

import hashlib
import json
import re
import resource
import subprocess
import sys
import tomllib
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sites import ARTICLE, ROOT, TEXTS, make_pages, run_python

from broadsheet import config
from broadsheet.batches import from_rows, to_rows
from broadsheet.cli import main
from broadsheet.contract import (
    KINDS,
    LEDGER_CONFIGS,
    OWN_FIELDS,
    RECORD_CONFIGS,
    SCHEMAS,
    Contract,
    arrow_schema,
    canonical_json,
    digest,
    features,
    record_id,
    schema,
    schema_path,
    utc,
    validator,
)
from broadsheet.errors import CallError

OURS = Contract.of(None)
SPACES = st.sampled_from(["  ", " \n", "\t", "\r\n", "\u00a0", "\u2003 ", "\u3000"])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
RECORD = st.fixed_dictionaries(
    {"role": st.sampled_from([*KINDS, None]), "text": TEXT, "title": st.none() | TEXT},
    optional={"author": st.none() | TEXT, "thread": st.none() | TEXT, "position": st.none() | st.integers(0, 99)},
)


@given(RECORD, SPACES, st.sampled_from(["NFC", "NFD"]))
def test_ids_ignore_white_space_and_unicode_form(record: dict[str, Any], space: str, form: str) -> None:
    """Other white space and another canonical form of title, text and author leave the id as it is."""

    def other(text: str | None) -> str | None:
        return text and space + space.join(unicodedata.normalize(form, text).split()) + space

    changed = {**record, **{name: other(record.get(name)) for name in ("title", "text", "author")}}
    assert record_id(changed) == record_id(record)
    assert re.fullmatch("[0-9a-f]{32}", record_id(record))


@given(RECORD, st.sampled_from(["text", "title", "author", "thread", "position", "role"]), TEXT)
def test_ids_tell_apart_what_differs(record: dict[str, Any], name: str, value: str) -> None:
    """Another title, text or kind is another id, and for comments also another author, thread or position."""
    changed = record | {name: value if name not in ("position", "role") else len(value)}
    if name == "role":
        changed["role"] = sorted(KINDS)[len(value) % len(KINDS)]

    def facts(of: Mapping[str, Any]) -> list[Any]:
        kind = KINDS[of.get("role") or "main"]
        shown = [" ".join(unicodedata.normalize("NFC", of.get(n) or "").split()) for n in ("title", "text", "author")]
        assume(shown[0] or not of.get("title"))
        given_author = shown[2] if of.get("author") else None
        comment = [given_author, of.get("thread"), of.get("position")] if kind == "comment" else []
        return [kind, shown[0] if of.get("title") else None, shown[1], *comment]

    assert (record_id(changed) == record_id(record)) == (facts(changed) == facts(record))


@pytest.mark.parametrize(
    ("one", "other"), [("It is 5²", "It is 52"), ("No.", "No"), ("May 1", "may 1"), ("ﬁn", "fin"), ("１２", "12")]
)
def test_ids_keep_case_punctuation_and_compatibility_forms(one: str, other: str) -> None:
    """Case, punctuation and compatibility forms count: one id is never two facts."""
    assert record_id({"text": one}) != record_id({"text": other})


ROW = dict.fromkeys(OURS.columns("articles").names) | {"text": "x", "truncated": False}


@pytest.mark.parametrize("name", ROW)
def test_content_digest_covers_exactly_the_own_fields(name: str) -> None:
    """A changed own field changes the digest; split, story, version, page and role of origin's ids do not."""
    changed = ROW | {name: "something else"}
    foreign = {"id", "kind", "page_id", "story", "split", "first_version", "content_digest", "parent_id"}
    foreign |= {"role", "url", "source", "captured"}
    assert (OURS.content_digest(changed) == OURS.content_digest(ROW)) == (name in foreign)
    assert set(OWN_FIELDS) == set(ROW) - foreign


@given(st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31, 23, 59, 59)))
def test_times_have_one_form(time: datetime) -> None:
    """A time in UTC keeps its value, is written one way, and survives Arrow and back."""
    text = utc(time.isoformat() + "Z")
    assert datetime.fromisoformat(text.removesuffix("Z")) == time
    assert utc(text) == text == utc(f"{time.isoformat(timespec='microseconds')}000Z")
    types = pa.schema([("time", pa.timestamp("us", tz="UTC"))])
    batch = from_rows([{"time": text}], types)
    assert batch.to_pylist() == [{"time": time.replace(tzinfo=UTC)}]
    assert to_rows(batch) == [{"time": text}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-14T09:30:00Z", "2026-03-14T09:30:00Z"),
        ("2026-03-14T09:30:00.000Z", "2026-03-14T09:30:00Z"),
        ("2026-03-14T09:30:00.5Z", "2026-03-14T09:30:00.500000Z"),
        ("2026-03-14T09:30:00.1234569Z", "2026-03-14T09:30:00.123456Z"),
    ],
)
def test_fractions_of_seconds(text: str, expected: str) -> None:
    """A fraction has six digits or is left out; further digits are cut off, never rounded up."""
    assert utc(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "2026-03-14", "2026-03-14T09:30Z", "2026-03-14T09:30:00", "2026-03-14T09:30:00+00:00", "2026-02-30T00:00:00Z",
     "2026-03-14T24:01:00Z", "2026-03-14T09:30:60Z", "2026-03-14T09:30:00Z\n", "2026-03-14t09:30:00Z"],
)  # fmt: skip
def test_what_is_no_time_in_utc_is_refused(text: str) -> None:
    """Dates, local times, offsets, leap seconds and impossible days are no times in UTC."""
    with pytest.raises(ValueError, match=r"RFC 3339|range|must be|isoformat"):
        utc(text)


CONFIGS = [*RECORD_CONFIGS, *LEDGER_CONFIGS]


def expected_type(value: Mapping[str, Any]) -> pa.DataType:
    """The type by the table in the documentation, written again."""
    types = value["type"] if isinstance(value["type"], list) else [value["type"]]
    (name,) = set(types) - {"null"}
    match name:
        case "array":
            return pa.list_(pa.field("element", expected_type(value["items"]), nullable=False))
        case "object":
            return pa.struct([expected_field(*item) for item in value["properties"].items()])
        case "integer":
            return pa.int32() if value.get("maximum") == 2147483647 else pa.int64()
        case "string" if value.get("format") == "date-time":
            return pa.timestamp("us", tz="UTC")
    return {"string": pa.string(), "number": pa.float64(), "boolean": pa.bool_()}[name]


def expected_field(name: str, value: Mapping[str, Any]) -> pa.Field:
    """A column: nullable exactly where the schema lets null in."""
    return pa.field(name, expected_type(value), nullable="null" in value["type"])


@pytest.mark.parametrize("name", CONFIGS)
def test_columns_follow_from_the_schemas(name: str) -> None:
    """Each row schema has exactly its properties as columns, in order, typed and nullable as documented."""
    found = OURS.columns(name)
    expected = pa.schema([expected_field(*item) for item in OURS.row_schema(name)["properties"].items()])
    assert found.equals(expected)
    assert sorted(OURS.row_schema(name)["required"]) == sorted(OURS.row_schema(name)["properties"])
    assert OURS.row_schema(name)["additionalProperties"] is False


@pytest.mark.parametrize("name", CONFIGS)
def test_features_follow_from_the_columns(name: str) -> None:
    """The features of the card, read by `datasets`, have the columns' names and types."""
    import datasets
    from test_formats import check_types

    found = datasets.Features._from_yaml_list(features(OURS.columns(name)))
    check_types(found.arrow_schema, name)


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_schemas_and_say_what_all_means(name: str) -> None:
    """Every schema is valid JSON Schema, fetches nothing, and describes every property."""
    Draft202012Validator.check_schema(schema(name))

    def undescribed(value: Mapping[str, Any], at: str) -> list[str]:
        inner = {**value.get("properties", {}), **value.get("$defs", {})}
        inner |= {"items": value["items"]} if "items" in value else {}
        found = [f"{at}/{key}" for key, of in inner.items() if "description" not in of and "$ref" not in of]
        return found + [fault for key, of in inner.items() for fault in undescribed(of, f"{at}/{key}")]

    assert undescribed(schema(name), "") == []
    assert "http:" not in re.sub(r'"\$schema": "[^"]+"', "", json.dumps(schema(name)).replace("https:", "http:"))


@pytest.mark.parametrize("name", SCHEMAS)
def test_patterns_mean_the_same_everywhere(name: str) -> None:
    """`$` in a pattern is an anchor, which every dialect takes for the very end: a line feed after it is refused."""
    patterns = re.findall(r'"pattern": "((?:[^"\\\\]|\\\\.)+)"', schema_path(name).read_text("utf-8"))
    for pattern in map(json.loads, (f'"{text}"' for text in patterns)):
        assert "$" not in pattern[:-1], pattern
        assert "\\d" not in pattern and "\\w" not in pattern, pattern
    assert validator("record").is_valid({"text": "x", "language": "en"})
    assert not validator("record").is_valid({"text": "x", "language": "en\n"})


def test_types_outside_the_profile_are_refused() -> None:
    """A property that has no Arrow type is named by its path."""
    with pytest.raises(CallError, match=r"/properties/a/items/properties/b: string or integer"):
        arrow_schema(
            {
                "properties": {
                    "a": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"b": {"type": ["string", "integer"]}}},
                    }
                }
            }
        )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXT, JSON, max_size=5))
def test_canonical_json_is_one_text_a_value(value: dict[str, Any]) -> None:
    """Canonical JSON reads back as the value, does not depend on the order of keys, and decides the digest."""
    text = canonical_json(value)
    assert json.loads(text) == value
    assert canonical_json(dict(reversed(value.items()))) == text
    assert digest(value) == digest(json.loads(text)) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("value", [1e-05, [1e16, -0.0], {"a": [{"b": 0.1}, 2**70]}, (1e22, "x"), "", None])
def test_a_digest_is_that_of_canonical_json(value: Any) -> None:
    """The digest of any value is the SHA-256 of its canonical JSON, and what is not finite has none."""
    assert digest(value) == hashlib.sha256(canonical_json(value).encode()).hexdigest()
    with pytest.raises(ValueError, match="JSON"):
        digest([value, float("inf")])


@given(st.lists(TEXTS, max_size=5), st.lists(st.none() | st.integers(0, 2**31 - 1), max_size=5))
def test_rows_survive_batches(texts: list[str], numbers: list[int | None]) -> None:
    """Rows turned into a batch and back are the same rows, null for null and character for character."""
    types = pa.schema([("text", pa.string()), ("number", pa.int32()), ("texts", pa.list_(pa.string()))])
    rows = [{"text": t, "number": n, "texts": texts} for t, n in zip([None, *texts], numbers, strict=False)]
    assert to_rows(from_rows(rows, types)) == rows


def requirement(line: str) -> str:
    return line.partition("#")[0].strip()


def test_requirements_are_those_of_the_project() -> None:
    """`requirements/runtime.in` names what pyproject.toml asks for, and what an editable install needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lines = (ROOT / "requirements" / "runtime.in").read_text("utf-8").splitlines()
    found = sorted(filter(None, map(requirement, lines)))
    building = [*project["build-system"]["requires"], "editables>=0.5"]
    assert found == sorted([*project["project"]["dependencies"], *building])


@pytest.mark.parametrize("name", ["runtime", "dev"])
def test_requirements_are_locked_with_hashes(name: str) -> None:
    """Every package that is asked for is pinned in the lock file, and every pin has a hash."""
    locked = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    pins = re.findall(r"^([A-Za-z0-9._-]+)==[^\\]*\\\n(    --hash=sha256:[0-9a-f]{64})", locked, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^[A-Za-z0-9._-]+==", locked, re.MULTILINE))
    asked = (ROOT / "requirements" / f"{name}.in").read_text("utf-8").splitlines()
    names = {re.match(r"[A-Za-z0-9_.-]+", line)[0].lower() for line in asked if re.match(r"[A-Za-z]", line)}
    assert {name.replace(".", "-") for name in names} <= {pin.lower() for pin, _ in pins}


LOADED = "import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
HEAVY = {"datasets", "numba", "pandas", "pyarrow", "duckdb", "numpy", "polars", "torch"}


def test_importing_loads_nothing_heavy() -> None:
    """`import broadsheet`, and the command line as far as `--help`, load none of the heavy libraries."""
    for line in ("import broadsheet", "import broadsheet.cli.main", "import broadsheet.config"):
        ran = run_python(f"{line}; {LOADED}")
        assert ran.returncode == 0, ran.stderr
        assert set(ran.stdout.split()) & HEAVY == set(), line


@pytest.mark.parametrize(("given", "told"), [(None, "1"), ("2", "2")])
def test_the_command_line_starts_no_threads_for_matrices(
    monkeypatch: pytest.MonkeyPatch, given: str | None, told: str
) -> None:
    """NumPy, which a command loads, has no threads that spin, unless its user asks for some."""
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    if given:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", given)
    threads = "len(os.listdir('/proc/self/task')) if os.path.exists('/proc/self/task') else 1"
    ran = run_python(f"import os, broadsheet.cli, numpy; print(os.environ['OPENBLAS_NUM_THREADS'], {threads})")
    assert ran.stdout.split()[0] == told, ran.stderr
    assert given or ran.stdout.split()[1] == "1"


def test_help_is_quick() -> None:
    """`broadsheet --help` takes under 1.5 s of processor time, usually a tenth of that."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run([sys.executable, "-m", "broadsheet", "--help"], capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert b"Commands:" in ran.stdout
    spent = timedelta(seconds=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert spent < timedelta(seconds=1.5)


@pytest.mark.parametrize("has_comments", [False, True])
def test_a_default_build_loads_neither_datasets_nor_pandas(tmp_path: Path, has_comments: bool) -> None:
    """A build in the default formats needs no `datasets`, pandas or `jsonschema`, which take longer than it."""
    captured = b'{"path": "1.txt", "url": "https://courier.example/1", "captured": "2026-03-14T10:00:00Z"}'
    site = make_pages(tmp_path / "in", {"1.txt": ARTICLE, "pages.jsonl": captured})
    if has_comments:  # which are tied to what they answer, and need files of their own
        site = ROOT / "examples/harbour/pages"
    code = f"from broadsheet.cli import main; main(sys.argv[1:], standalone_mode=False); {LOADED}"
    command = ["build", str(site), "--name", "site", "--quiet", "--out", str(tmp_path / "dist")]
    ran = run_python(f"import sys; {code}", *command)
    assert ran.returncode == 0, ran.stderr
    assert len(list((tmp_path / "dist/site").glob("*/data/comments"))) == has_comments
    loaded = set(ran.stdout.split())
    assert "pyarrow" in loaded
    assert loaded & {"datasets", "pandas", "torch", "polars", "numba", "jsonschema"} == set()


def commands(group: click.Group, above: str = "") -> dict[str, click.Command]:
    """All commands by their full names, those inside others too."""
    found = {}
    for name, command in group.commands.items():
        found[f"{above}{name}"] = command
        if isinstance(command, click.Group):
            found |= commands(command, f"{above}{name} ")
    return found


def test_the_tables_that_can_be_printed_are_those_of_releases() -> None:
    """`schema --rows` knows every config; it names them itself, since the contract takes too long for `--help`."""
    from broadsheet.cli.schema import CONFIGS as SHOWN

    assert tuple(CONFIGS) == SHOWN


@pytest.mark.parametrize("name", sorted(commands(main)))
def test_every_command_and_option_has_help(name: str) -> None:
    """Each command says what it does, and each option what it is for."""
    command = commands(main)[name]
    assert command.help and command.help.strip().endswith(".")
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


def test_configurations_name_all_faults_at_once(tmp_path: Path) -> None:
    """Every fault of a dataset.toml is named, an unknown key with the known ones."""
    file = tmp_path / "dataset.toml"
    file.write_text('name = "x"\nversion = "1"\ntypo = 1\n[repeats]\nthreshold = 2\n[split]\ntrain = 1.0\n', "utf-8")
    with pytest.raises(CallError) as refused:
        config.load(file)
    lines = str(refused.value).splitlines()
    assert len(lines) == 3
    assert any("typo" in line and "known are name" in line for line in lines)
    assert any("version" in line for line in lines) and any("repeats.threshold" in line for line in lines)
