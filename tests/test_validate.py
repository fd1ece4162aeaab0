"""Validation without building, limits of rejection, and readmission: what is told, and that nothing is lost."""

import gzip
import json
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sites import ARTICLE, build_pages, json_rows, make_pages, rejections, sums
from test_bad_input import GOOD, OTHER, Done, call
from test_records import LINES, content

from broadsheet import build as way
from broadsheet import config, partway
from broadsheet.contract import Example, Tally
from broadsheet.errors import CallError, ReleaseError
from broadsheet.read import files
from broadsheet.release.readmit import readmit
from broadsheet.release.verify import KEPT, verify

SHORT = {"properties": {"title": {"minLength": 12}, "desk": {"type": "string", "enum": ["quay", "town"]}}}
LONG = {"properties": {"title": {"minLength": 3}, "desk": {"type": "string"}}}
RECORDS = [
    {"text": GOOD, "title": "A mill becomes a museum", "desk": "quay"},
    {"text": OTHER, "title": "Ferry", "desk": "quay"},
    {"text": "No ferry, no bus, and no word of either from the office on the pier.", "title": "Pier", "desk": "sea"},
    {"text": "", "title": "An empty one, alas"},
]
BAD_LINES = ["{'text': 'a'}", "[]", '{"text": "\\ud800"}']


def write_lines(folder: Path, **files_: list[Any]) -> Path:
    """The folder, with a file of JSON lines a keyword; text stands for itself."""
    lines = {name: [one if isinstance(one, str) else json.dumps(one) for one in of] for name, of in files_.items()}
    return make_pages(folder, {f"{name}.jsonl": "".join(f"{line}\n" for line in of) for name, of in lines.items()})


def own_schema(file: Path, schema: dict[str, Any]) -> Path:
    file.write_text(json.dumps(schema), "utf-8")
    return file


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Two files of records: one valid, the others not, under the stricter schema."""
    return write_lines(tmp_path / "in", a=[*RECORDS[:2], *BAD_LINES], b=RECORDS[2:])


@pytest.fixture
def strict(tmp_path: Path) -> Path:
    return own_schema(tmp_path / "short.schema.json", SHORT)


RULES = {
    ": syntax": (1, "a.jsonl", 3),
    ": not-an-object": (1, "a.jsonl", 4),
    ": surrogate": (1, "a.jsonl", 5),
    "/title: minLength": (2, "a.jsonl", 2),
    "/desk: enum": (1, "b.jsonl", 1),
    "/text: minLength": (1, "b.jsonl", 2),
    "/text: pattern": (1, "b.jsonl", 2),
}


# validate


def test_rejections_are_told_by_rule_and_by_file(site: Path, strict: Path) -> None:
    """Each rule comes with its number and its first example, the commonest first, and each file with its number."""
    done = call("validate", site, "--schema", strict, "--json")
    assert (done.code, done.err) == (1, "")
    found = json.loads(done.out)
    assert {rule["rule"]: (rule["n"], rule["path"], rule["line"]) for rule in found["rules"]} == RULES
    assert found["rules"][0]["rule"] == "/title: minLength"
    assert found["rules"][0]["message"] == '"Ferry" is shorter than 12 characters'
    assert found["files"] == {"a.jsonl": 4, "b.jsonl": 2}
    assert (found["valid"], found["rejected"], found["unreadable"]) == (1, 6, 3)

    printed = call("validate", site, "--schema", strict).out.splitlines()
    assert printed[1] == "valid     1 of 7 records   (quarantine: 6)"
    assert printed[2] == '          2 × /title: minLength   e.g. a.jsonl:2: "Ferry" is shorter than 12 characters'
    assert printed[-1] == "          in 2 files: a.jsonl 4, b.jsonl 2"


@given(st.lists(LINES, min_size=1, max_size=10))
@settings(max_examples=40)
@example([b'{"text": "a"}', b'{"text": "a"}', b'{"text": 5}', b'{"text": 5}'])
def test_validation_alone_and_a_build_reject_the_same(lines: list[bytes]) -> None:
    """A build counts each distinct record once, `validate` each line; what they reject, and why, is the same."""
    lines = [line for line in lines if line.strip()]
    with tempfile.TemporaryDirectory() as folder:
        site = make_pages(Path(folder, "in"), {"r.jsonl": b"\n".join([b'{"text": "x"}', *lines])})
        file = Path(folder, "rejected.jsonl")
        found = partway.validate_files([site], rejected=file, n_workers=1)
        alone = [json.loads(line) for line in file.read_text("utf-8").split("\n") if line] if file.exists() else []
        built = build_pages(site, Path(folder, "out"))
        kept = rejections(built.path)
        by_rule = built.manifest["rejections"]
    assert found["valid"] + found["rejected"] == len(lines) + 1
    assert len(alone) == found["rejected"] == found["files"].get("r.jsonl", 0)
    assert set(by_rule) == {rule["rule"] for rule in found["rules"]}
    once = {row["page_id"] or row["line"]: row for row in reversed(alone)}
    assert sorted(once.values(), key=lambda row: row["line"]) == kept
    (report,) = built.manifest["inputs"]["files"]
    assert len(once) == len(kept) == report["n_rejected"] + report["n_invalid"]


def test_rejected_records_go_into_a_file_whole(site: Path, strict: Path, tmp_path: Path) -> None:
    """`--rejected` holds what the quarantine of a build would hold, plain or gzipped by its name."""
    plain, packed = tmp_path / "r.jsonl", tmp_path / "r.jsonl.gz"
    for file in (plain, packed):
        assert call("validate", site, "--schema", strict, "--quiet", "--rejected", file) == Done(1, "", "")
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    done = call("build", site, "--schema", strict, "--name", "x", "--out", tmp_path / "out", "--quiet")
    assert done == Done(0, "", "")
    assert rejections(tmp_path / "out/x/0.1.0") == [json.loads(line) for line in plain.read_text("utf-8").splitlines()]
    assert call("validate", write_lines(tmp_path / "good", a=RECORDS[:1]), "--quiet", "--rejected", plain).code == 0
    assert not plain.exists()


def test_places_do_not_depend_on_how_files_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are counted in the file, whatever parts it is read in, in examples and in what is rejected."""
    records = [*RECORDS, *BAD_LINES] * 30
    random.Random(1).shuffle(records)
    site = write_lines(tmp_path / "in", a=records)

    def found(file: Path) -> tuple[dict[str, Any], bytes]:
        return partway.validate_files([site], rejected=file, n_workers=1), file.read_bytes()

    whole = found(tmp_path / "whole")
    monkeypatch.setattr(files, "SLICE_BYTES", 500)
    assert found(tmp_path / "cut") == whole
    assert whole[0]["valid"] + whole[0]["rejected"] == len(records)


def test_pages_and_records_are_checked_together(tmp_path: Path) -> None:
    """Pages are cut and their records checked, beside records that are checked as they come."""
    site = write_lines(tmp_path / "in", a=RECORDS[:1])
    make_pages(site, {"p.txt": ARTICLE})
    needs = own_schema(tmp_path / "own.json", {"properties": {"desk": {"type": "string"}}, "required": ["desk"]})
    found = json.loads(call("validate", site, "--schema", needs, "--json").out)
    assert (found["valid"], found["files"], found["rules"][0]["rule"]) == (1, {"p.txt": 1}, ": required")
    assert found["stages"]["read"]["pages"] == 1 and found["stages"]["read"]["records"] == 1
    assert (found["stages"]["segments"]["segments"] > 0, found["rejected"]) == (True, 1)


def test_a_folder_says_itself_by_which_schema(site: Path, tmp_path: Path) -> None:
    """`validate` and `build` follow the folder's dataset.toml: schema, field names, limit; the schema is no input."""
    records = [{**record, "rubric": record.get("desk")} for record in RECORDS[:1]]
    site = write_lines(tmp_path / "own", a=[{k: v for k, v in r.items() if k != "desk"} for r in records])
    own_schema(site / "my.schema.json", SHORT | {"required": ["desk"]})
    (site / "dataset.toml").write_text(
        'name = "own"\nschema = "my.schema.json"\nmax_rejected = "0%"\n'
        '[input]\npaths = ["."]\nfields = { desk = "rubric" }\n',
        "utf-8",
    )
    found = json.loads(call("validate", site, "--json").out)
    assert (found["valid"], found["rejected"], found["failed"]) == (1, 0, [])
    assert call("build", site, "--out", tmp_path / "out", "--quiet") == Done(0, "", "")
    (row,) = json_rows(tmp_path / "out/own/0.1.0", "articles")
    assert row["desk"] == "quay"
    manifest = json.loads((tmp_path / "out/own/0.1.0/manifest.json").read_text("utf-8"))
    assert manifest["configuration"]["schema"] == "my.schema.json"
    assert [file["path"] for file in manifest["inputs"]["files"]] == ["a.jsonl"]
    assert {verdict.verdict for verdict in verify(tmp_path / "out/own/0.1.0", reference=True)} == {KEPT}


def test_faults_of_a_schema_are_a_wrong_call(site: Path, tmp_path: Path) -> None:
    """Every fault of the user's schema is named with its place, by every command that takes one."""
    properties = {"a": {"type": ["string", "integer"]}, "split": {"type": "string"}}
    own = own_schema(tmp_path / "own.json", {"properties": properties, "x": 1})
    for command in (["build", site, "--name", "x", "--out", tmp_path / "out"], ["validate", site]):
        done = call(*command, "--schema", own)
        assert (done.code, done.out) == (2, "")
        assert f"{own}: /properties/a: string or integer" in done.err
        assert "/x: is not in the profile" in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"propertees": {}}, "/propertees: is not in the profile; is 'properties' meant?"),
        ({"properties": {"a": {"tpye": "string"}}}, "/properties/a/tpye: is not in the profile; is 'type' meant?"),
        ({"patternProperties": {}}, "/patternProperties: is not in the profile\n"),
        (
            {"properties": {"a": {"type": "str"}}},
            '/properties/a/type: "str": a type is one or several of array, boolean',
        ),
    ],
)
def test_typing_errors_are_told_with_what_may_be_meant(tmp_path: Path, schema: dict[str, Any], said: str) -> None:
    """A keyword or type that is nearly a known one is named with that, or with those that are known."""
    done = call("schema", "check", own_schema(tmp_path / "own.json", schema))
    assert (done.code, done.out) == (1, "")
    assert said in done.err


@pytest.mark.parametrize("option", [["--schema", "own.json"], ["--to", "json"], ["--rows", "pages"]])
def test_options_of_printing_do_not_go_with_other_commands(tmp_path: Path, option: list[str]) -> None:
    """`schema` takes no option that its subcommand would not follow."""
    own = own_schema(tmp_path / "own.json", SHORT)
    done = call("schema", *option, "check", own)
    assert (done.code, done.out) == (2, "")
    assert "do not go with `check`" in done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--field", "desk=a", "--field", "desk=b"], "Error: --field desk: is 'a' and 'b'; name one field of yours\n"),
        (["--text-field", "a", "--field", "text=b"], "Error: --field text: is 'a' and 'b'; name one field of yours\n"),
    ],
)
def test_a_field_has_one_name(site: Path, strict: Path, options: list[str], said: str) -> None:
    """Two names of the user's for one property are a wrong call, whatever options give them."""
    assert call("validate", site, "--schema", strict, *options) == Done(2, "", said)


def test_rejections_replace_nothing_that_is_read(site: Path, strict: Path, tmp_path: Path) -> None:
    """`--rejected` on an input, the schema or the configuration is a wrong call, and leaves it as it is."""
    config_file = site / "dataset.toml"
    config_file.write_text('name = "x"\n', "utf-8")
    (tmp_path / "link.jsonl").symlink_to(site / "a.jsonl")
    for out in (site / "a.jsonl", tmp_path / "link.jsonl", strict, config_file):
        before = out.read_bytes()
        named = [site] if out == config_file else [site / "a.jsonl", site / "b.jsonl"]
        done = call("validate", *named, "--schema", strict, "--rejected", out)
        error = f"Error: {out} is read here, and would be replaced; name another place with --rejected\n"
        assert done == Done(2, "", error)
        assert out.read_bytes() == before


def test_segments_replace_no_page(tmp_path: Path) -> None:
    """`segment --out` on a page that is named is a wrong call, and leaves it as it is."""
    page = make_pages(tmp_path / "in", {"p.txt": ARTICLE}) / "p.txt"
    before = page.read_bytes()
    done = call("segment", page, "--out", page)
    assert done == Done(2, "", f"Error: {page} is read here, and would be replaced; name another place with --out\n")
    assert page.read_bytes() == before


def test_where_rejections_cannot_be_written_its_option_is_named(site: Path) -> None:
    """What cannot be written says which option names another place."""
    done = call("validate", site, "--quiet", "--rejected", site / "a.jsonl" / "r.jsonl")
    assert (done.code, done.out) == (1, "")
    assert done.err.endswith("; nothing was written; name another place with --rejected\n")


def test_what_the_schema_does_not_name_is_told(tmp_path: Path) -> None:
    """Properties of valid records that no schema names are counted by `validate` as by a build, and verified."""
    from damage import Damaged
    from test_verify import LOST, broken

    records = [RECORDS[0] | {"mood": 1}, {"text": OTHER, "mood": 2}, {"text": "", "odd": 3}]
    site = write_lines(tmp_path / "in", a=records)
    found = json.loads(call("validate", site, "--json").out)
    assert found["unknown_properties"] == {"desk": 1, "mood": 2}
    built = build_pages(site, tmp_path / "out")
    assert built.manifest["inputs"]["unknown_properties"] == found["unknown_properties"]
    damaged = Damaged(built.path, tmp_path / "damaged")
    damaged.manifest["inputs"]["unknown_properties"]["mood"] = 1
    assert LOST in broken(damaged.reseal())


@pytest.mark.parametrize(
    "time", ["2026-03-14T10:30:00.250+01:00", "2026-03-14t09:30:00.25z", "2026-03-14T04:00:00.25-05:30"]
)
def test_times_of_any_offset_are_kept_in_utc(tmp_path: Path, time: str) -> None:
    """A date-time is the same instant however it is written, in rows and in captures."""
    site = write_lines(tmp_path / "in", a=[RECORDS[0] | {"published": time, "captured": time}])
    built = build_pages(site, tmp_path / "out")
    (row,), (page,) = json_rows(built.path, "articles"), json_rows(built.path, "pages")
    assert row["published"] == row["captured"] == "2026-03-14T09:30:00.250000Z"
    assert page["captures"][0]["captured"] == row["captured"]
    assert {verdict.verdict for verdict in verify(built.path, reference=True)} == {KEPT}


def test_a_configuration_may_lie_elsewhere(site: Path, strict: Path, tmp_path: Path) -> None:
    """`validate` takes a dataset.toml from anywhere, and needs no name in it."""
    file = tmp_path / "elsewhere.toml"
    file.write_text(f'schema = "{strict.name}"\nmax_rejected = 6\n', "utf-8")
    found = json.loads(call("validate", site, "--config", file, "--json").out)
    assert (found["valid"], found["rejected"]) == (1, 6)
    assert call("validate", site, "--config", file, "--quiet") == Done(0, "", "")


# Limits


@pytest.mark.parametrize("limit", ["6", "7", "85.72%", "100%"])
def test_a_limit_that_is_kept_changes_nothing(site: Path, strict: Path, tmp_path: Path, limit: str) -> None:
    """Up to the limit a release is published, and has the bytes that it would have without one."""
    options = ["--schema", strict, "--name", "x", "--quiet", "--out"]
    assert call("build", site, *options, tmp_path / "a", "--max-rejected", limit) == Done(0, "", "")
    assert call("build", site, *options, tmp_path / "b") == Done(0, "", "")
    assert sums(tmp_path / "a/x/0.1.0") == sums(tmp_path / "b/x/0.1.0")
    assert call("validate", site, "--schema", strict, "--quiet", "--max-rejected", limit).code == 0


@pytest.mark.parametrize("limit", ["0", "5", "0%", "85.71%"])
def test_over_the_limit_nothing_is_published(site: Path, strict: Path, tmp_path: Path, limit: str) -> None:
    """Over the limit a build fails, says how many were rejected and why, and leaves no release."""
    done = call("build", site, "--schema", strict, "--name", "x", "--out", tmp_path / "out", "--max-rejected", limit)
    assert done.code == 1
    assert "6 of 7 records were rejected: 2 × /title: minLength, 1 × " in done.err
    assert "nothing was published; `broadsheet validate --rejected FILE` writes them out" in done.err
    assert list((tmp_path / "out/x").iterdir()) == []
    assert call("validate", site, "--schema", strict, "--quiet", "--max-rejected", limit).code == 1


@pytest.mark.parametrize("limit", ["", "-1", "1.5", "x%", "%", "1%%", "1e3", "٣", "9" * 5000, "9" * 5000 + "%"])
def test_what_is_no_limit_is_a_wrong_call(site: Path, tmp_path: Path, limit: str) -> None:
    """A limit is a whole number, or a share with a per cent sign."""
    for command in (["build", site, "--name", "x", "--out", tmp_path / "out"], ["validate", site]):
        assert call(*command, f"--max-rejected={limit}").code == 2
    with pytest.raises(CallError, match="expected a number, or a share"):
        way.limit(limit)


def test_a_wrong_limit_is_told_before_anything_is_read(site: Path, tmp_path: Path) -> None:
    """A build says at once that its limit is none, and begins nothing."""
    done = call("build", site, "--name", "x", "--out", tmp_path / "out", "--max-rejected", "1.5")
    assert (done.code, done.out) == (2, "")
    assert not (tmp_path / "out").exists()


# Readmission


def test_readmission_says_what_passes_now(site: Path, strict: Path, tmp_path: Path) -> None:
    """Under a loosened schema the records that it was too strict for pass; the others say why they do not."""
    call("build", site, "--schema", strict, "--name", "x", "--out", tmp_path / "out", "--quiet")
    release, fixed = tmp_path / "out/x/0.1.0", own_schema(tmp_path / "long.json", LONG)
    before = sums(release)
    done = call("readmit", release, "--schema", fixed, "--json")
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out)
    assert (found["records"], found["passing"]) == (6, 2)
    assert [(place["path"], place["line"], place["passes"]) for place in found["places"]] == [
        ("a.jsonl", 2, True), ("a.jsonl", 3, False), ("a.jsonl", 4, False), ("a.jsonl", 5, False),
        ("b.jsonl", 1, True), ("b.jsonl", 2, False),
    ]  # fmt: skip
    assert {rule["rule"] for rule in found["rules"]} == {
        ": syntax", ": not-an-object", ": surrogate", "/text: minLength", "/text: pattern",
    }  # fmt: skip
    printed = call("readmit", release, "--schema", fixed).out
    assert printed.startswith("readmit   2 of 6 rejected records pass now\n")
    assert sums(release) == before


def test_by_its_own_schema_a_release_readmits_nothing(site: Path, strict: Path, tmp_path: Path) -> None:
    """What was rejected is rejected again by the same schema, for the same reasons."""
    call("build", site, "--schema", strict, "--name", "x", "--out", tmp_path / "out", "--quiet")
    found = readmit(tmp_path / "out/x/0.1.0")
    assert (found["records"], found["passing"]) == (6, 0)
    manifest = json.loads((tmp_path / "out/x/0.1.0/manifest.json").read_text("utf-8"))
    assert {rule["rule"]: rule["n"] for rule in found["rules"]} == manifest["rejections"]


def test_readmission_keeps_the_reasons_of_what_cannot_be_read_again(tmp_path: Path) -> None:
    """Rows of CSV, and lines that were not kept, are rejected for the reasons of the release, each once."""
    site = make_pages(tmp_path / "in", {"c.csv": "text,desk\nonly\na,b,c\nfine words,quay\n"})
    write_lines(site, a=[{"text": GOOD}, {"text": "long " * 500}])
    (site / "dataset.toml").write_text(
        'name = "x"\n[input]\npaths = ["."]\n[input.limits]\nline_bytes = 1000\n', "utf-8"
    )
    call("build", site, "--out", tmp_path / "out", "--quiet")
    release = tmp_path / "out/x/0.1.0"
    rules = {rule["rule"]: rule["n"] for rule in readmit(release)["rules"]}
    assert rules == json.loads((release / "manifest.json").read_text("utf-8"))["rejections"]
    assert rules == {": cells": 2, ": size": 1}


def test_the_next_version_holds_what_was_readmitted(site: Path, strict: Path, tmp_path: Path) -> None:
    """A build by the fixed schema has the records that passed, from the same input or from what readmission wrote."""
    pages = make_pages(site, {"p.txt": ARTICLE})
    options = ["--name", "x", "--quiet", "--out", tmp_path / "out"]
    call("build", pages, "--schema", strict, "--version", "1.0.0", *options)
    fixed, passing = own_schema(tmp_path / "long.json", LONG), tmp_path / "passing.jsonl"
    call("readmit", tmp_path / "out/x/1.0.0", "--schema", fixed, "--out", passing)
    readmitted = [json.loads(line) for line in passing.read_text("utf-8").splitlines()]
    assert [record["title"] for record in readmitted] == ["Ferry", "Pier"]
    call("build", pages, "--schema", fixed, "--version", "2.0.0", *options)
    call("build", passing, "--schema", fixed, "--version", "3.0.0", *options)
    again = {row["id"]: row["content_digest"] for row in json_rows(tmp_path / "out/x/2.0.0", "articles")}
    alone = {row["id"]: row["content_digest"] for row in json_rows(tmp_path / "out/x/3.0.0", "articles")}
    before = {row["id"]: row["content_digest"] for row in json_rows(tmp_path / "out/x/1.0.0", "articles")}
    assert len(alone) == 2 and again == before | alone


def test_records_of_pages_are_readmitted_too(tmp_path: Path) -> None:
    """What segmentation made of a page rests in quarantine as a record, and passes when the schema lets it."""
    needs = own_schema(tmp_path / "own.json", {"properties": {"desk": {"type": "string"}}, "required": ["desk"]})
    site = make_pages(tmp_path / "in", {"p.txt": ARTICLE})
    write_lines(site, a=RECORDS[:1])
    call("build", site, "--schema", needs, "--name", "x", "--out", tmp_path / "out", "--quiet")
    free = own_schema(tmp_path / "free.json", {"properties": {"desk": {"type": "string"}}})
    call("readmit", tmp_path / "out/x/0.1.0", "--schema", free, "--out", tmp_path / "passing.jsonl")
    (record,) = map(json.loads, (tmp_path / "passing.jsonl").read_text("utf-8").splitlines())
    assert record["role"] == "main"
    assert all(line in ARTICLE for line in record["text"].splitlines())


def test_readmission_of_what_is_no_release_is_a_message(site: Path, strict: Path, tmp_path: Path) -> None:
    """A folder without manifest, a damaged quarantine, and an output that cannot be written end with a message."""
    assert call("readmit", tmp_path).code == 1
    call("build", site, "--schema", strict, "--name", "x", "--out", tmp_path / "out", "--quiet")
    release = tmp_path / "out/x/0.1.0"
    assert call("readmit", release, "--out", tmp_path / "no" / "where").code == 1
    kept = release / "quarantine/rejected.jsonl.gz"
    for damage in (kept.read_bytes()[:-20], b"x", gzip.compress(b"[]\n"), gzip.compress(b'{"raw": 1}\n')):
        kept.write_bytes(damage)
        with pytest.raises(ReleaseError, match="quarantine is damaged"):
            readmit(release)
    (release / "schema/record.schema.json").write_text("{")
    assert call("readmit", release).code == 1


def test_readmission_replaces_neither_release_nor_schema(site: Path, strict: Path, tmp_path: Path) -> None:
    """`readmit --out` into the release, or on the schema, is a wrong call that changes nothing."""
    call("build", site, "--schema", strict, "--name", "x", "--out", tmp_path / "out", "--quiet")
    release = tmp_path / "out/x/0.1.0"
    before, schema = sums(release), strict.read_bytes()
    for out in (release / "passing.jsonl", release / "manifest.json", strict):
        assert call("readmit", release, "--schema", strict, "--out", out).code == 2
    assert (sums(release), strict.read_bytes()) == (before, schema)
    assert {verdict.verdict for verdict in verify(release)} == {KEPT}


@pytest.mark.parametrize(
    "damage",
    [
        "", "[]", "5", "null", "{}", '{"a": NaN}', '"\\ud800"', "[" * 9999,
        '{"properties": {"a": 5}}', '{"properties": {"a": {"enum": 5}}}', '{"properties": {"a": {"allOf": 5}}}',
        '{"properties": {}, "required": 5}', '{"properties": {"a": {"type": [[]]}}}',
        '{"properties": {"a": {"type": "object", "properties": 5}}}',
        '{"properties": {"a": {"type": "integer", "minimum": "a", "maximum": "b"}}}',
    ],
)  # fmt: skip
def test_a_damaged_schema_of_a_release_is_a_message(tmp_path: Path, damage: str) -> None:
    """Whatever stands where a release has its schema, commands end with its name and no traceback."""
    site = write_lines(tmp_path / "in", a=RECORDS[:1])
    call("build", site, "--name", "x", "--out", tmp_path / "out", "--quiet")
    release = tmp_path / "out/x/0.1.0"
    file = release / "schema/record.schema.json"
    file.write_text(damage, "utf-8")
    for command in (["readmit", release], ["schema", "diff", release, release]):
        done = call(*command)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(f"Error: {file}: is damaged: ")
    assert call("verify", release).code == 1
    file.unlink()
    assert call("schema", "diff", release, release) == Done(
        1, "", f"Error: {file}: cannot be read: No such file or directory\n"
    )


def test_a_quarantine_nested_too_deeply_is_a_message(site: Path, tmp_path: Path) -> None:
    """A quarantine that no parser can follow is damage, to `readmit` and to `verify`."""
    call("build", site, "--name", "x", "--out", tmp_path / "out", "--quiet")
    release = tmp_path / "out/x/0.1.0"
    (release / "quarantine/rejected.jsonl.gz").write_bytes(gzip.compress(b"[" * 99_999))
    done = call("readmit", release)
    assert (done.code, done.out) == (1, "")
    assert "its quarantine is damaged" in done.err
    assert call("verify", release, "--quiet") == Done(1, "", "")


# Tallies


EXAMPLES = st.builds(Example, st.sampled_from(["a", "b"]), st.integers(0, 9), st.integers(0, 3), st.just(""))
ERRORS = st.lists(st.tuples(st.sampled_from(["/a: type", "/b: enum", ": required"]), st.text(max_size=3)), min_size=1)


@given(st.lists(st.tuples(EXAMPLES, ERRORS.map(sorted))), st.randoms(), st.integers(0, 9))
def test_tallies_do_not_depend_on_order(found: list[Any], order: random.Random, cut: int) -> None:
    """Counts and first examples are the same however rejections are ordered, cut and merged."""

    def tally(items: list[Any]) -> Tally:
        one = Tally()
        for item in items:
            one.add(*item)
        return one

    shuffled = list(found)
    order.shuffle(shuffled)
    merged = tally(shuffled[:cut])
    merged.merge(Tally.of(json.loads(json.dumps(tally(shuffled[cut:]).to_json()))))
    whole = tally(found)
    assert (merged.commonest(), merged.files) == (whole.commonest(), whole.files)
    assert whole.files.total() == len(found)
    assert all(rule["n"] == sum(rule["rule"] in dict(errors) for _, errors in found) for rule in whole.commonest())


def test_a_changed_tally_breaks_a_promise(site: Path, strict: Path, tmp_path: Path) -> None:
    """`verify` counts the quarantine again, by rule and by file."""
    from damage import Damaged
    from test_verify import LOST, broken

    call("build", site, "--schema", strict, "--name", "x", "--out", tmp_path / "out", "--quiet")
    for place, name in ((["rejections"], "/desk: enum"), (["inputs", "files", 0], "n_invalid")):
        damaged = Damaged(tmp_path / "out/x/0.1.0", tmp_path / name.strip("/").replace(" ", ""))
        at: Any = damaged.manifest
        for step in place:
            at = at[step]
        at[name] += 1
        assert LOST in broken(damaged.reseal(documents=False))


def test_lines_and_contents_agree() -> None:
    """The examples above mean what they say: three lines are no records."""
    assert [content(line.encode()) for line in BAD_LINES] == [None] * 3
    assert config.load(None, {"name": "x", "max_rejected": "1%"}).get("max_rejected") == "1%"


CHANGES: dict[str, tuple[Any, str]] = {
    "raw": ('{"text":"Something else."}', "its content is not that of page"),
    "line": (99, "was not captured there"),
    "schema": ("0" * 64, "was not rejected by the schema that the manifest names"),
    "page_id": ("0" * 64, "is not there"),
    "path": ("z.jsonl", "its rows are not in the order of their places"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_rejection_breaks_a_promise(site: Path, strict: Path, tmp_path: Path, name: str) -> None:
    """`verify` holds each rejected record against its page, its place and the schema that refused it."""
    from damage import Damaged

    call("build", site, "--schema", strict, "--name", "x", "--out", tmp_path / "out", "--quiet")
    damaged = Damaged(tmp_path / "out/x/0.1.0", tmp_path / "damaged")
    rows = rejections(damaged.path)
    value, said = CHANGES[name]
    next(row for row in rows if row["page_id"])[name] = value
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (damaged.path / "quarantine/rejected.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    damaged.reseal()
    assert said in "\n".join(fault for verdict in verify(damaged.path) for fault in verdict.faults)


def test_reasons_that_the_schema_does_not_give_break_a_promise(site: Path, strict: Path, tmp_path: Path) -> None:
    """`verify` asks the schema again: reasons that two rejected records have swapped are found, though counts agree."""
    from damage import Damaged

    call("build", site, "--schema", strict, "--name", "x", "--out", tmp_path / "out", "--quiet")
    damaged = Damaged(tmp_path / "out/x/0.1.0", tmp_path / "damaged")
    rows = rejections(damaged.path)
    one, *_, other = (row for row in rows if row["page_id"])
    one["errors"], other["errors"] = other["errors"], one["errors"]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (damaged.path / "quarantine/rejected.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    damaged.reseal()
    faults = [fault for verdict in verify(damaged.path) for fault in verdict.faults]
    assert sum("it breaks other rules than its reasons say" in fault for fault in faults) == 2
