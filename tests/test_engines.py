"""The engine that decides what is valid: the official suite, a second engine, hostile schemas and values."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from engines import Case, places, python_pattern, reference, schemas_and_values, suite, values
from hypothesis import given, settings
from hypothesis import strategies as st
from profiles import schemas_with_records
from sites import ARTICLE, limited, make_pages

from broadsheet.contract import Contract, schema
from broadsheet.contract.checks import MAX_COPIED, MESSAGE_CHARS, compiled, errors_of
from broadsheet.contract.extend import DIALECT, extended
from broadsheet.contract.profile import FORMATS, keyword_faults
from broadsheet.contract.references import Fault, inlined
from broadsheet.errors import CallError
from broadsheet.partway import validate_files

Json = Any

# The official suite

REFUSED = {
    "$ref away": 120,  # to other documents, and to anchors
    "$ref in a circle": 11,
    "$ref to nothing": 6,  # against the `$id` of a schema inside
    "$schema: another dialect": 9,
    "$dynamicRef": 6,
    "contentSchema": 8,
    "dependencies": 36,  # of older drafts
    "format": 7,  # unknown
    "formats are asserted here": 19,  # where the suite takes them as annotations
    "patternProperties": 88,
    "prefixItems": 88,
    "unevaluatedItems": 32,
    "unknown-keyword": 4,
}
"""How many of the suite's values are not tried: what the profile refuses first in their schemas."""
N_TRIED = 1472
OTHERWISE = {
    "optional/ecmascript-regex": 11,  # Python has neither `\c` nor `\p`
    "optional/format/date-time": 2,  # leap seconds, which RFC 3339 has
    "optional/format/ecmascript-regex": 1,  # `\a`, which ECMA 262 has not
    "optional/format/email": 5,  # for the reference, all that holds an @ is an address
    "optional/format/time": 6,  # leap seconds
}
"""How often the reference engine goes against the suite; ours never does."""


def in_place(case: Case) -> tuple[dict[str, Json], str | None]:
    """The schema of a case without references, and why the profile refuses it, if it does."""
    whole = case.schema if isinstance(case.schema, dict) else {"allOf": [case.schema]}
    if whole.get("$schema", DIALECT) != DIALECT:
        return whole, "$schema: another dialect"
    faults: list[Fault] = []
    found = inlined(whole, faults)
    if faults:
        what = faults[0].what
        return found, f"$ref {'in a circle' if 'circle' in what else 'to nothing' if 'nothing' in what else 'away'}"
    for fault in keyword_faults(found):
        return found, fault.at.rpartition("/")[2]
    return found, None


def test_the_official_suite() -> None:
    """Every value of the suite whose schema is in the profile gets its verdict, references being in place."""
    refused: Counter[str] = Counter()
    otherwise: Counter[str] = Counter()
    n_tried = 0
    wrong = []
    for case in suite():
        whole, reason = in_place(case)
        if reason:
            refused[reason] += len(case.values)
            continue
        ours, theirs = compiled(whole), reference(whole)
        for told, value, is_valid in case.values:
            if "only an annotation" in told:
                refused["formats are asserted here"] += 1
                continue
            n_tried += 1
            if ours.is_valid(value) != is_valid:
                wrong.append((case.name, told))
            try:
                otherwise[case.name.partition(":")[0]] += theirs.is_valid(value) != is_valid
            except re.error:  # no pattern of Python
                otherwise[case.name.partition(":")[0]] += 1
    assert wrong == []
    assert (dict(refused), n_tried) == (REFUSED, N_TRIED)
    assert dict(+otherwise) == OTHERWISE


def test_the_suite_has_every_format() -> None:
    """Each format that is checked has its cases in the suite."""
    named = {case.schema["format"] for case in suite() if isinstance(case.schema, dict) and "format" in case.schema}
    assert named >= FORMATS


# The reference engine

DIFFERENCES: dict[str, tuple[dict[str, Json], Json, bool]] = {
    "leap second in a date-time (RFC 3339, 5.6)": ({"format": "date-time"}, "2016-12-31T23:59:60Z", True),
    "leap second in a time": ({"format": "time"}, "23:59:60Z", True),
    "year 0 (RFC 3339, 1)": ({"format": "date"}, "0000-01-01", True),
    "year 0 in a date-time": ({"format": "date-time"}, "0000-01-01T00:00:00Z", True),
    "line feed behind a date-time": ({"format": "date-time"}, "2026-03-14T09:30:00Z\n", False),
    "line feed behind a time": ({"format": "time"}, "09:30:00Z\n", False),
    "line feed behind a hostname": ({"format": "hostname"}, "a\n", False),
    "line feed behind a URI": ({"format": "uri"}, "https://x.example\n", False),
    "days after years (RFC 3339, A)": ({"format": "duration"}, "P1Y2D", False),
    "fraction in a duration": ({"format": "duration"}, "PT1.5S", False),
    "duration less than nothing": ({"format": "duration"}, "P-1D", False),
    "address without a host (RFC 5321, 4.1.2)": ({"format": "email"}, "ann@", False),
    "address with a space": ({"format": "email"}, "a b@c.example", False),
    "address in brackets": ({"format": "email"}, "<ann@x.example>", False),
    "address with a letter beyond ASCII": ({"format": "email"}, "é@x.example", False),
    "international address without a host (RFC 6531)": ({"format": "idn-email"}, "é@", False),
    "hostname with a dot at the end": ({"format": "hostname"}, "x.example.", False),
    "hostname in no Punycode (RFC 5891, 4.4)": ({"format": "hostname"}, "xn--X", False),
    "operator kept for later (RFC 6570, 2.2)": ({"format": "uri-template"}, "{=a}", True),
    "percent sign alone in a template": ({"format": "uri-template"}, "%zz", False),
    "digit beyond ASCII in a UUID": ({"format": "uuid"}, "٣81d4fae-7dec-11d0-a765-00a0c91e6bf6", False),
    "digit beyond ASCII in a pointer": ({"format": "relative-json-pointer"}, "٣", False),
    "regular expression of Python alone": ({"format": "regex"}, "(?P<n>a)", False),
    "regular expression of ECMA 262 alone": ({"format": "regex"}, r"\p{L}", True),
    "multiple in integers beyond 2**53": ({"multipleOf": 2.5}, 2**63 - 1, False),
    "multiple in large floats": ({"multipleOf": 3}, -1e300, False),
}
"""Where the engines differ: schema, value, and our verdict, which is right by the document that is named."""


@pytest.mark.parametrize("name", DIFFERENCES)
def test_known_differences_are_still_there(name: str) -> None:
    """Where the reference engine is known to be wrong, ours is right, and it still is wrong."""
    asked, value, is_valid = DIFFERENCES[name]
    assert (compiled(asked).is_valid(value), reference(asked).is_valid(value)) == (is_valid, not is_valid)


PATTERNS: dict[str, tuple[str, str, bool]] = {
    "a dot takes other line ends than the line feed": ("^.$", "\r", True),
    "a dot takes the line separator": ("^.$", "\u2028", True),
    "word boundaries know letters beyond ASCII": (r"a\b", "aé", False),
}
"""Where our engine does not match as ECMA 262 says: pattern, value, and our verdict, which is wrong."""


@pytest.mark.parametrize("name", PATTERNS)
def test_known_faults_of_patterns_are_still_there(name: str) -> None:
    """What is documented as another meaning than that of ECMA 262 still is one."""
    pattern, value, is_valid = PATTERNS[name]
    assert compiled({"pattern": pattern}).is_valid(value) == is_valid


ECMA = (
    (r"^\d$", "٣", False), (r"^[\d]$", "٣", False), (r"^[\D]$", "٣", True), (r"^\w$", "é", False),
    (r"^[\W]$", "é", True), (r"^\s$", "\ufeff", True), (r"^\s$", "\x1c", False), (r"^[\s]$", "\x85", False),
    (r"^\S$", "\ufeff", False), ("^a$", "a\n", False), ("^b", "a\nb", False), (r"^\u0041$", "A", True),
    (r"^\u{1F600}$", "\U0001f600", True), ("^.$", "\U0001f600", True), (r"^\p{L}$", "é", True),
    (r"^\cA$", "\x01", True), (r"^[a&&b]$", "&", True), (r"^[a-z--b]$", "b", True), ("^[a[b]$", "[", True),
    ("(?<n>a)", "a", True), (r"^\/\-$", "/-", True),
)  # fmt: skip


@pytest.mark.parametrize(("pattern", "value", "is_valid"), ECMA)
def test_patterns_mean_what_ecma_262_says(pattern: str, value: str, is_valid: bool) -> None:
    """Classes are ASCII, `$` is the very end, `&&` and `--` in classes are characters, white space is Unicode's."""
    assert compiled({"pattern": pattern}).is_valid(value) == is_valid


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", r"(a)\1", r"(?<n>a)\k<n>", "(?i)a", "(?x)a b", "(?P<n>a)", "a++", "(?>a)",
        r"\Aa\z", r"\h", r"\a", r"\x{41}", r"\U00000041", "a{,2}", "x{2", "[[:alpha:]]", r"\b{start}", "(", "[", "*",
        "a" * 100_000 + "(", "(((a{1,1000}){1,1000}){1,1000})",
    ],
)  # fmt: skip
def test_patterns_of_one_engine_are_refused(pattern: str) -> None:
    """A pattern that is none of ECMA 262, or cannot be matched in linear time, is named by its place, in short."""
    with pytest.raises(CallError) as refused:
        compiled({"properties": {"a/b": {"type": "string", "pattern": pattern}}})
    assert str(refused.value).startswith("/properties/a~1b/pattern: ")
    assert len(str(refused.value)) < MESSAGE_CHARS + 100


def test_all_faults_of_a_schema_are_told() -> None:
    """What is no JSON Schema is named with all its places at once."""
    with pytest.raises(CallError) as refused:
        compiled({"minLength": -1, "properties": {"a": {"pattern": "(", "required": "a"}}})
    places = [line.partition(": ")[0] for line in str(refused.value).splitlines()]
    assert sorted(places) == ["/minLength", "/properties/a/pattern", "/properties/a/required"]


def told(errors: list[tuple[str, str]]) -> tuple[bool, set[str]]:
    """Whether there are errors, and where; of unevaluated properties only where nothing else is wrong.

    What is evaluated where something failed is nobody's business: the engines differ.
    """
    others = {at for at, keyword in errors if keyword != "unevaluatedProperties"}
    return bool(errors), others or {at for at, _ in errors}


def is_exact(asked: Json, value: Json) -> bool:
    """Whether no difference of the engines is in play: multiples of large numbers."""
    large = any(number in json.dumps(value) for number in ("922337", "e+", "900719"))
    return not (large and "multipleOf" in json.dumps(asked))


@given(schemas_and_values())
@settings(max_examples=400)
def test_the_engines_agree(given: tuple[dict[str, Json], Json]) -> None:
    """Both find errors in the same values, and at the same places, whatever the schema asks."""
    asked, value = given
    if is_exact(asked, value):
        ours = [(error["pointer"], error["keyword"]) for error in errors_of(compiled(asked), value)]
        assert told(ours) == told(places(asked, value))


@given(schemas_with_records(), st.data())
@settings(max_examples=40)
def test_the_engines_agree_on_records(own: tuple[dict[str, Json], list[dict[str, Json]]], data: st.DataObject) -> None:
    """For a schema of the user's own, references and all, both find the same records wrong."""
    whole = extended(own[0])
    ours, theirs = compiled(whole), reference(whole)
    for record in own[1]:
        name = data.draw(st.sampled_from([*record, "title", "position"]))
        broken = record | {name: data.draw(values(depth=1))}
        for value in (record, broken, {key: item for key, item in record.items() if key != name}):
            if is_exact(whole, value):
                errors = [error["pointer"] for error in errors_of(ours, value)]
                assert bool(errors) != theirs.is_valid(value), (whole, value, errors)


def test_errors_are_placed_by_the_very_key() -> None:
    """Keys that are empty, or numbers with zeros or a plus before, stand in JSON Pointers as they are."""
    asked = compiled({"additionalProperties": {"additionalProperties": {"items": {"type": "string"}}}})
    value = {"": {"": [0]}, "01": {"a": [0, 1], "": [2]}, "1": {"+1": ["", 3]}, "+1": {"007": [4]}, "a": {"/": [5]}}
    places = [error["pointer"] for error in errors_of(asked, value)]
    assert places == ["/+1/007/0", "///0", "/01//0", "/01/a/0", "/01/a/1", "/1/+1/1", "/a/~1/0"]
    large = {"": {"007": [0] * 10 + [""] * MAX_COPIED}}
    assert [error["pointer"] for error in errors_of(asked, large)] == ["//007/0"]


def test_patterns_of_the_reference_are_those_of_ecma_262() -> None:
    """What stands in for ECMA 262 in the reference engine is right, but for what Python does not have at all."""
    lacking = re.compile(r"\\[pcu/]|\?<n|\[\\[DWS]|--|&&|\[b")
    wrong = [
        (pattern, value)
        for pattern, value, is_valid in ECMA
        if not lacking.search(pattern) and bool(re.search(python_pattern(pattern), value)) != is_valid
    ]
    assert wrong == []


# References that lead away


def test_references_fetch_and_read_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A schema that refers to a web address or a file is refused, though it is there; no server hears of it."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "other.json"
    file.write_text("{}")
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    accepted = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            web = f"http://127.0.0.1:{server.stdout.readline().split()[5]}/"
            away = [f"{web}{file.name}", f"{web[5:]}{file.name}", file.as_uri(), file.name, str(file), "urn:x:y"]
            with limited():
                for to in away:
                    references = ({"$ref": to}, {"$dynamicRef": to}, {"$id": web, "$ref": to})
                    inside = [{"properties": {"a": {"type": "string", "allOf": [asked]}}} for asked in references]
                    for take, whole in product((compiled, Contract.extending), (*references, *inside)):
                        with suppress(CallError):
                            take(whole)
                            accepted.append((take, whole))
        finally:
            server.terminate()
        heard = server.communicate()[1]
    assert accepted == []
    assert "GET" not in heard


# Time and depth

N = 200_000
SLOW: dict[str, tuple[dict[str, Json], Callable[[], Json], int]] = {
    "pattern, nested": ({"pattern": "^(a+)+$"}, lambda: "a" * 1_000_000 + "!", 1),
    "pattern, optional": ({"pattern": r"^(\w+\s?)*$"}, lambda: "a" * 1_000_000 + "!", 1),
    "pattern, alternatives": ({"pattern": "^(a|a)*$"}, lambda: "a" * 1_000_000 + "!", 1),
    "pattern, matched": ({"pattern": r"^(\w+\s?)*$"}, lambda: "a " * 2_000_000, 0),
    "pattern, counted": ({"pattern": "^(a{0,30}){0,30}b$"}, lambda: "a" * 100_000, 1),
    "format": ({"format": "email"}, lambda: "a." * 1_000_000 + "@", 1),
    "format, addresses": ({"format": "uri"}, lambda: "http://" + "[" * 1_000_000, 1),
    "format, hosts": ({"format": "idn-hostname"}, lambda: "ä." * 200_000, 1),
    "format, templates": ({"format": "uri-template"}, lambda: "{a,b}" * 200_000 + "{", 1),
    "format, expressions": ({"format": "regex"}, lambda: "(a|" * 20_000, 1),
    "unique": ({"uniqueItems": True}, lambda: [{"a": i, "b": [i]} for i in range(N)], 0),
    "unique but for one": ({"uniqueItems": True}, lambda: [[i] for i in [*range(N), N - 1]], 1),
    "unique, mixed": ({"uniqueItems": True}, lambda: [x for i in range(N // 4) for x in (i, i + 0.5, str(i), [i])], 0),
    "names": ({"propertyNames": {"maxLength": 2}}, lambda: {f"p{i}": i for i in range(N)}, 1),
    "many properties": ({"maxProperties": 9}, lambda: {f"p{i}": i for i in range(N)}, 1),
    "other properties": ({"additionalProperties": False}, lambda: {f"p{i}": i for i in range(N)}, 1),
    "properties left": (
        {"unevaluatedProperties": False, "allOf": [{"properties": {"a": {}}}]},
        lambda: {f"p{i}": i for i in range(N)}, 1,
    ),
    "errors": ({"properties": {"a": {"items": {"type": "string"}}}}, lambda: {"a": [0] * 10_000}, 10_000),
    "more errors": ({"properties": {"a": {"items": {"type": "string"}}}}, lambda: {"a": [0] * 1_000_000}, 1),
    "words": ({"items": {"enum": [f"w{i}" for i in range(500)]}}, lambda: ["x"] * 10_000, 10_000),
    "missing of much": (
        {"required": [f"p{i}" for i in range(100)]}, lambda: {"text": "x" * 10_000_000, "more": [1] * 10_000}, 1,
    ),
    "contained": ({"contains": {"const": -1}}, lambda: [*range(N)], 1),
}  # fmt: skip
"""Schema, value, and number of errors, of what grows with the square in a careless engine."""


@pytest.mark.parametrize("name", SLOW)
def test_large_values_are_judged_in_time(name: str) -> None:
    """Long strings, large arrays and objects, and many errors, end; messages stay short."""
    asked, value, n_errors = SLOW[name]
    with limited():
        errors = errors_of(compiled(asked), value())
    assert len(errors) == n_errors
    assert all(len(error["message"]) <= MESSAGE_CHARS for error in errors)


def test_small_values_have_all_their_errors() -> None:
    """What is no larger than records are has every error listed, however long its text; more has its first."""
    asked = compiled({"required": ["a", "b"], "properties": {"text": {"maxLength": 1}, "n": {"type": "string"}}})
    found = [len(errors_of(asked, {"text": "x" * n, "n": 1})) for n in (2, 200_000, 16 * MAX_COPIED)]
    assert found == [4, 4, 1]


def test_deep_values_and_schemas_are_judged() -> None:
    """A record nested as deep as is allowed, under a schema as deep as is allowed, is judged as any other."""
    with limited():
        inner: dict[str, Json] = {"type": "string"}
        value: Json = "x"
        for _ in range(30):
            inner, value = {"type": "array", "items": inner}, [value]
        contract = Contract.extending({"properties": {"deep": inner}})
        found = [contract.check({"text": "x", "deep": v}, "") for v in (value, [value])]
    assert [[error["keyword"] for error in errors] for errors in found] == [[], ["type"]]


def validated(folder: Path, line: bytes) -> tuple[int, dict[str, Any]]:
    """Exit code and findings of `broadsheet validate` on a good record, a line, and another good record."""
    good = json.dumps({"text": ARTICLE}).encode()
    site = make_pages(folder, {"x.jsonl": good + b"\n" + line + b"\n" + good.replace(b"bridge", b"ferry") + b"\n"})
    command = [sys.executable, "-m", "broadsheet", "validate", str(site), "--json", "--workers", "1"]
    with limited():
        ran = subprocess.run(command, capture_output=True, check=False)
    assert b"Traceback" not in ran.stderr
    return ran.returncode, json.loads(ran.stdout)


DEEP: dict[str, tuple[Callable[[], bytes], str]] = {
    "arrays": (lambda: b'{"text": "x", "a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "depth"),
    "objects": (lambda: b'{"text": "x", "a": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}", "depth"),
    "arrays without end": (lambda: b'{"text": "x", "a": ' + b"[" * 50_000, "depth"),
    "just too deep": (lambda: b'{"text": "x", "a": ' + b"[" * 65 + b"]" * 65 + b"}", "depth"),
    "long": (lambda: b'{"text": "' + b"x" * (64 << 20) + b'"}', "size"),
    "digits": (lambda: b'{"text": "x", "a": ' + b"9" * 1_000_000 + b"}", "big-integer"),
}


@pytest.mark.parametrize("name", DEEP)
def test_lines_that_exhaust_parsers_are_rejected(tmp_path: Path, name: str) -> None:
    """A line nested 50,000 deep, or beyond the limit of size, is one rejection with its code; the process lives."""
    line, code = DEEP[name]
    exit_code, found = validated(tmp_path, line())
    assert exit_code == 1
    assert (found["valid"], found["rejected"], found["unreadable"]) == (2, 1, 1)
    assert [(rule["rule"], rule["line"]) for rule in found["rules"]] == [(f": {code}", 2)]


# Schemas that are none

WIDE = {"properties": {f"p{i}": {"type": "string", "minLength": 1} for i in range(150_000)}}
BAD_SCHEMAS: dict[str, Callable[[], bytes]] = {
    "deep": lambda: b'{"properties":{"a":' + b'{"not":' * 50_000 + b"{}" + b"}" * 50_000 + b"}}",
    "deep and cut": lambda: b'{"properties":{"a":' + b'{"not":' * 50_000,
    "deep list": lambda: b'{"properties":{"a":{"enum":' + b"[" * 50_000 + b"]" * 50_000 + b"}}}",
    "deeper than schemas": lambda: b'{"properties":{"a":' + b'{"not":' * 40 + b"{}" + b"}" * 40 + b"}}",
    "50 MB in one name": lambda: b'{"' + b"x" * 50_000_000 + b'":1}',
    "150,000 properties": lambda: json.dumps(WIDE).encode(),
    "key twice": lambda: b'{"properties":{"a":{"type":"string"},"a":{"type":"string"}}}',
    "key twice, spelt otherwise": lambda: b'{"properties":{"a":{"type":"string","\\u0074ype":"string"}}}',
    "NUL": lambda: b'{"properties":{"a":{"type":"string\0"}}}',
    "NUL in a name": lambda: b'{"properties":{"a\\u0000":{"type":"string"}}}',
    "surrogate in a name": lambda: b'{"properties":{"a\\ud800":{"type":"string"}}}',
    "no UTF-8": lambda: b'{"properties":{"\xff":{"type":"string"}}}',
    "UTF-16": lambda: '{"properties":{"a":{"type":"string"}}}'.encode("utf-16"),
    "NaN": lambda: b'{"properties":{"a":{"type":"number","minimum":NaN}}}',
    "beyond floats": lambda: b'{"properties":{"a":{"type":"number","minimum":1e400}}}',
    "array": lambda: b"[]",
    "null": lambda: b"null",
    "empty": lambda: b"",
    "comma": lambda: b'{"properties":{"a":{"type":"string"},}}',
}


@pytest.mark.parametrize("name", BAD_SCHEMAS)
def test_files_that_are_no_schema_are_a_wrong_call(tmp_path: Path, name: str) -> None:
    """Whatever the file holds, the error names it, is short, and comes in time."""
    file = tmp_path / "own.json"
    file.write_bytes(BAD_SCHEMAS[name]())
    with limited(), pytest.raises(CallError) as refused:
        Contract.load(file)
    lines = str(refused.value).splitlines()
    assert lines and all(line.startswith(f"{file}: ") for line in lines)


@pytest.mark.parametrize("keyword", ["description", "title", "$comment"])
def test_large_schemas_are_a_wrong_call(tmp_path: Path, keyword: str) -> None:
    """A schema of 50 MB is refused before it is read, also where only its words are many."""
    file = tmp_path / "own.json"
    file.write_bytes(b'{"properties":{"a":{"type":"string","%s":"%s"}}}' % (keyword.encode(), b"x" * 50_000_000))
    with limited(), pytest.raises(CallError):
        Contract.load(file)


def test_what_is_no_file_is_no_schema(tmp_path: Path) -> None:
    """A folder and a missing file are named, with the reason."""
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(CallError, match=f"^{path}: cannot be read: "):
            Contract.load(path)


# What is no JSON, or not everybody's

HYGIENE: dict[str, tuple[bytes, str]] = {
    "NaN": (b'{"text": "x", "a": NaN}', ": not-finite"),
    "Infinity": (b'{"text": "x", "a": [Infinity]}', ": not-finite"),
    "-Infinity": (b'{"text": "x", "a": {"b": -Infinity}}', ": not-finite"),
    "1e400": (b'{"text": "x", "a": 1e400}', ": not-finite"),
    "-1e400": (b'{"text": "x", "a": -1e400}', ": not-finite"),
    "beyond int64": (b'{"text": "x", "a": 9223372036854775808}', ": big-integer"),
    "beyond int64, below": (b'{"text": "x", "a": [-9223372036854775809]}', ": big-integer"),
    "beyond uint64": (b'{"text": "x", "a": 18446744073709551616}', ": big-integer"),
    "key twice": (b'{"text": "x", "text": "x"}', ": duplicate-key"),
    "key twice, nested": (b'{"text": "x", "a": [{"b": 1, "b": 1}]}', ": duplicate-key"),
    "key twice, escaped": (b'{"text": "x", "t\\u0065xt": "y"}', ": duplicate-key"),
    "key twice, escaped and nested": (b'{"text": "x", "a": {"/": 1, "\\/": 1}}', ": duplicate-key"),
    "surrogate": (b'{"text": "\\ud800"}', ": surrogate"),
    "surrogate, nested": (b'{"text": "x", "a": ["\\udc00\\ud800"]}', ": surrogate"),
    "surrogate in a key": (b'{"text": "x", "\\udfff": 1}', ": surrogate"),
    "surrogate in UTF-8": (b'{"text": "\xed\xa0\x80"}', ": encoding"),
    "overlong": (b'{"text": "\xc0\xaf"}', ": encoding"),
    "NUL": (b'{"text": "a\\u0000b"}', "/text: nul"),
    "NUL, nested": (b'{"text": "x", "a": ["\\u0000"]}', "/a/*: nul"),
    "NUL in a key": (b'{"text": "x", "a\\u0000": 1}', ": nul"),
    "NUL as it is": (b'{"text": "a\0b"}', ": syntax"),
    "mark": (b'\xef\xbb\xbf{"text": "x"}', ": syntax"),
    "comma": (b'{"text": "x",}', ": syntax"),
    "comma in an array": (b'{"text": "x", "a": [1,]}', ": syntax"),
    "single quotes": (b"{'text': 'x'}", ": syntax"),
    "no quotes": (b'{text: "x"}', ": syntax"),
    "comment": (b'{"text": "x"} // x', ": syntax"),
    "zero before": (b'{"text": "x", "a": 01}', ": syntax"),
    "plus": (b'{"text": "x", "a": +1}', ": syntax"),
    "two values": (b'{"text": "x"} {"text": "y"}', ": syntax"),
    "array": (b'[{"text": "x"}]', ": not-an-object"),
    "text": (b'"text"', ": not-an-object"),
}


def rules(folder: Path, *lines: bytes) -> tuple[int, dict[str, int]]:
    """How many records are valid, and how many break each rule."""
    site = make_pages(folder, {"x.jsonl": b"\n".join(lines)})
    found = validate_files([site], n_workers=1)
    assert (found["failed"], found["valid"] + found["rejected"]) == ([], len(lines))
    return found["valid"], {rule["rule"]: rule["n"] for rule in found["rules"]}


def test_each_fault_has_its_code(tmp_path: Path) -> None:
    """JSON that parsers read differently, or that tables cannot hold, is rejected, and its code says why."""
    good = b'{"text": "Lorries must take the northern road."}'
    found = {name: rules(tmp_path / str(i), good, line) for i, (name, (line, _)) in enumerate(HYGIENE.items())}
    assert found == {name: (1, {rule: 1}) for name, (_, rule) in HYGIENE.items()}


def test_what_is_json_is_taken(tmp_path: Path) -> None:
    """A mark before the first line, the ends of int64, large floats, pairs of surrogates and escapes are no faults."""
    lines = [
        b'\xef\xbb\xbf{"text": "a"}',
        b'{"text": "b", "a": [9223372036854775807, -9223372036854775808]}',
        b'{"text": "c", "a": [1e308, -0.0, 5e-324, 1e-400]}',
        b'{"text": "\\ud83d\\ude00"}',
        b'{"text": "\\u0001\\u001f\\\\u0000"}',
        b'{"text": "d", "a": {"b": 1}, "b": {"b": 1}}\r',
    ]
    assert rules(tmp_path / "in", *lines) == (len(lines), {})


def check_shape(error: Mapping[str, Json]) -> None:
    """An error has the four members that the schema of rejections asks for."""
    assert errors_of(compiled(schema("release#rejection")["properties"]["errors"]["items"]), dict(error)) == []


def test_errors_have_the_shape_of_rejections() -> None:
    """Errors of every keyword, of small values and of large ones, fit into quarantine."""
    asked = compiled({"required": ["b"], "properties": {"a": {"items": False}}, "additionalProperties": False})
    for value in ({"a": [1], "c": 1}, {"a": [1] * 200_000, "c": 1}):
        errors = errors_of(asked, value)
        assert errors
        for error in errors:
            check_shape(error)
