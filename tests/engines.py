"""The reference engine, schemas and values for both engines, and the official test suite of JSON Schema."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from sites import ROOT

from broadsheet.contract.profile import FORMATS
from broadsheet.contract.references import LISTS, MAPS, SINGLE, pointer

Json = Any

# The reference

SPACE = "\\t\\n\\v\\f\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
"""White space of ECMA 262 (section 12.2 and 12.3), where Python takes U+001C to U+001F and leaves U+FEFF."""
CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": SPACE}


def python_pattern(pattern: str) -> str:
    r"""A pattern of ECMA 262 in Python's dialect: `$` is the very end, `\d` and `\w` are ASCII.

    >>> python_pattern("^[\\d.]\\D$")
    '^[0-9.][^0-9]\\Z'
    """

    def other(part: re.Match[str]) -> str:
        text = part[0]
        if text == "$":
            return r"\Z"
        if text[0] == "[":
            return re.sub(r"\\(.)", lambda escape: CLASSES.get(escape[1], escape[0]), text)
        name = text[-1]
        if name.lower() not in CLASSES:
            return text
        return f"[{'^' if name.isupper() else ''}{CLASSES[name.lower()]}]"

    return re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]|\$", other, pattern)


def _pattern_errors(_validator: Json, pattern: str, value: Json, _schema: Json) -> Iterator[ValidationError]:
    if isinstance(value, str) and not re.search(python_pattern(pattern), value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


_CHECKS = extend(Draft202012Validator, {"pattern": _pattern_errors})


def reference(schema: Mapping[str, Json]) -> Draft202012Validator:
    """The reference engine with a schema: it asserts formats, fetches nothing, and takes patterns as ECMA 262 does."""
    return _CHECKS(_told(schema), registry=Registry(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _told(schema: Json) -> Json:
    """The schema with `false` as `{"not": {}}` where the reference would not say which value it refuses."""
    if schema is False:
        return {"not": {}}
    if not isinstance(schema, Mapping):
        return schema
    told = dict(schema)
    for keyword, value in schema.items():
        if keyword in MAPS:
            told[keyword] = {name: _told(inner) for name, inner in value.items()}
        elif keyword in LISTS:
            told[keyword] = [_told(inner) for inner in value]
        elif (keyword in SINGLE and not keyword.endswith("Properties")) or (
            keyword in SINGLE and isinstance(value, Mapping)
        ):
            told[keyword] = _told(value)
    return told


def places(schema: Mapping[str, Json], value: Json) -> list[tuple[str, str]]:
    """JSON Pointer and keyword of all errors that the reference engine finds in a value."""
    errors = reference(schema).iter_errors(value)
    return [(pointer(*error.absolute_path), str(error.validator)) for error in errors]


# Schemas of the profile, and values

NAMES = ("a", "b", "c", "a/b", "~", "é", "", "01")
NUMBERS = (
    0, 0.0, -0.0, 1, 1.0, -1, 2, 3, 0.5, 1.5, -2.5, 7, 10, 2**31, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63),
    2.0**53, 2.0**63, 1e300, -1e300, 5e-324,
)  # fmt: skip
TEXTS = (
    "", "a", "b", "ab", "aab", "abc", "A", "_", "0", "42", "4 2", " ", "\t", "a\n", "\n", "\u00a0", "\ufeff", "é", "٣",
    "e\u0301", "\U0001f600", "\U0001f600\U0001f600", "a/b", "~", "null", "2026-03-14", "2026-02-30", "09:30:00Z",
    "2026-03-14T09:30:00Z", "2026-03-14t09:30:00.5+01:00", "2026-03-14 09:30:00Z", "PT1H", "P1W", "ann@x.example",
    "x.example", "https://x.example/a?b#c", "//x.example", "127.0.0.1", "::1", "/a/0", "0#", "{a}", "(", "x{2",
    "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
)  # fmt: skip
PATTERNS = (
    "^a", "b$", "^$", "^a*$", "a|b", "^[a-z]+$", r"^\d+$", r"\D", r"^\w+$", r"\W", r"^\s*$", r"\S", r"^[\d ]+$",
    "^(a+)+$", r"^a{1,2}b?$", "é", r"[^a]", r"\$", r"^(\w+\s?)*$",
)  # fmt: skip
KINDS = ("string", "integer", "number", "boolean", "array", "object")


@st.composite
def schemas(draw: st.DrawFn, depth: int = 3, *, typed: bool = True) -> dict[str, Json]:
    """Schemas of the keywords in the profile; `typed` ones have one type, null apart, as values of columns have."""
    kinds = KINDS if depth else KINDS[:4]
    kind = draw(st.sampled_from(kinds))
    schema: dict[str, Json] = {}
    if typed or draw(st.booleans()):
        schema["type"] = draw(st.sampled_from([kind, [kind, "null"]]))
    if draw(st.integers(0, 9)) == 0:
        schema |= draw(
            _of(values(depth=1)).map(lambda found: {"enum": found}) | values(depth=1).map(lambda v: {"const": v})
        )
    schema |= draw(_asked(kind, depth))
    if depth and draw(st.integers(0, 2)) == 0:
        schema |= draw(_applied(depth - 1))
    return schema


def _of(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[list[Json]]:
    return st.lists(inner, min_size=1, max_size=3)


def _some(**keywords: st.SearchStrategy[Json]) -> st.SearchStrategy[dict[str, Json]]:
    """Each keyword with a chance of its own: mostly few, sometimes all."""
    return st.fixed_dictionaries({}, optional=keywords)


def _asked(kind: str, depth: int) -> st.SearchStrategy[dict[str, Json]]:
    """Keywords that ask something of a value of a kind."""
    few, number = st.integers(0, 3), st.sampled_from(NUMBERS)
    if kind == "string":
        return _some(
            minLength=few,
            maxLength=few,
            pattern=st.sampled_from(PATTERNS),
            format=st.sampled_from(sorted(FORMATS)),
        )
    if kind in ("integer", "number"):
        return _some(
            minimum=number,
            maximum=number,
            exclusiveMinimum=number,
            exclusiveMaximum=number,
            multipleOf=st.sampled_from([1, 2, 3, 0.5, 1.0, 2.5]),
        )
    if kind == "array":
        return _some(
            items=schemas(depth - 1) | st.just(False),
            minItems=few,
            maxItems=few,
            uniqueItems=st.booleans(),
            contains=schemas(depth - 1, typed=False),
            minContains=few,
            maxContains=few,
        )
    if kind == "object":
        names = st.lists(st.sampled_from(NAMES), max_size=3, unique=True)
        closed = st.booleans() | schemas(depth - 1)
        return _some(
            properties=st.dictionaries(st.sampled_from(NAMES), schemas(depth - 1), max_size=3),
            required=names,
            additionalProperties=closed,
            unevaluatedProperties=closed,
            propertyNames=_asked("string", 0),
            minProperties=few,
            maxProperties=few,
            dependentRequired=st.dictionaries(st.sampled_from(NAMES), names, max_size=2),
            dependentSchemas=st.dictionaries(st.sampled_from(NAMES), schemas(depth - 1, typed=False), max_size=2),
        )
    return st.just({})


def _applied(depth: int) -> st.SearchStrategy[dict[str, Json]]:
    """Applicators, whose schemas may be `true` or `false` and need no type."""
    inner = st.one_of(schemas(depth, typed=False), st.booleans())
    branches = {"allOf": _of(inner), "anyOf": _of(inner), "oneOf": _of(inner), "not": inner}
    return _some(**branches, **{"if": inner, "then": inner, "else": inner})


def values(depth: int = 2) -> st.SearchStrategy[Json]:
    """Any JSON of the texts, numbers and names above."""
    plain = st.one_of(st.none(), st.booleans(), st.sampled_from(NUMBERS), st.sampled_from(TEXTS))
    if not depth:
        return plain
    inner = values(depth - 1)
    names = st.sampled_from((*NAMES, *TEXTS))
    return st.one_of(plain, st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3))


@st.composite
def near(draw: st.DrawFn, schema: Json) -> Json:
    """Values near to what a schema asks: mostly of its type and of what it names, each part sometimes anything."""
    if not isinstance(schema, Mapping) or draw(st.integers(0, 9)) == 0:
        return draw(values())
    if "enum" in schema or "const" in schema:
        return draw(st.sampled_from(schema.get("enum", [schema.get("const")])))
    kinds = schema.get("type", "object" if "properties" in schema else "array" if "items" in schema else None)
    kind = draw(st.sampled_from(kinds)) if isinstance(kinds, list) else kinds
    if kind == "object":
        named = schema.get("properties", {})
        names = draw(st.lists(st.sampled_from((*NAMES, *named, *schema.get("required", ()))), max_size=4, unique=True))
        return {name: draw(near(named.get(name, schema.get("additionalProperties")))) for name in names}
    if kind == "array":
        items = schema.get("items", schema.get("contains"))
        return [draw(near(items)) for _ in range(draw(st.integers(0, 4)))]
    pools: dict[Json, st.SearchStrategy[Json]] = {
        "string": st.sampled_from(TEXTS),
        "boolean": st.booleans(),
        "integer": st.sampled_from(NUMBERS),
        "number": st.sampled_from(NUMBERS),
        "null": st.none(),
    }
    return draw(pools.get(kind, values()))


@st.composite
def schemas_and_values(draw: st.DrawFn) -> tuple[dict[str, Json], Json]:
    """A schema, and a value that may be valid under it."""
    schema = draw(schemas())
    return schema, draw(near(schema))


# The suite


class Case(NamedTuple):
    """A schema of the suite, and the values that it says are valid or not."""

    name: str
    """File and description."""
    schema: Json
    values: tuple[tuple[str, Json, bool], ...]
    """Description, value, and whether it is valid."""


def suite() -> list[Case]:
    """The official test suite of JSON Schema for draft 2020-12, as the source archive of `jsonschema` carries it.

    The archive is the one that is locked; it is kept in `build/`. Skips the test where no index can be reached.
    """
    found: list[Case] = []
    with tarfile.open(_archive()) as archive:
        for member in sorted(archive.getmembers(), key=lambda member: member.name):
            _, tests, name = member.name.partition("/json/tests/draft2020-12/")
            if tests and member.name.endswith(".json"):
                file = archive.extractfile(member)
                assert file
                for group in json.loads(file.read()):
                    tests = tuple((test["description"], test["data"], test["valid"]) for test in group["tests"])
                    found.append(Case(f"{name.removesuffix('.json')}: {group['description']}", group["schema"], tests))
    return found


def _archive() -> Path:
    """The locked source archive of `jsonschema`."""
    lock = (ROOT / "requirements/dev.txt").read_text("utf-8")
    pin = re.search(r"^jsonschema==(\S+) \\\n((?:    --hash=sha256:\S+(?: \\)?\n)+)", lock, re.MULTILINE)
    assert pin, "jsonschema is not locked"
    hashes = re.findall("sha256:([0-9a-f]{64})", pin[2])
    file = ROOT / "build" / f"jsonschema-{pin[1]}.tar.gz"
    if not file.is_file():
        file.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".suite-") as folder:
            _downloaded(Path(folder), pin[1], hashes).replace(file)
    assert hashlib.sha256(file.read_bytes()).hexdigest() in hashes, f"{file} is not what was locked: remove it"
    return file


_BACKEND = """\
from pathlib import Path

def prepare_metadata_for_build_wheel(folder, settings=None):
    info = Path(folder, "jsonschema-{version}.dist-info")
    info.mkdir()
    info.joinpath("METADATA").write_text("Metadata-Version: 2.1\\nName: jsonschema\\nVersion: {version}\\n")
    return info.name
"""


def _downloaded(folder: Path, version: str, hashes: list[str]) -> Path:
    """The source archive, fetched by pip as it is set up here.

    pip asks the archive's build tool for its metadata. One of our own answers, in three lines, so that neither unlocked
    tools are fetched nor code of the archive is run.
    """
    (folder / "hatchling").mkdir()
    (folder / "hatchling/__init__.py").touch()
    (folder / "hatchling/build.py").write_text(_BACKEND.format(version=version))
    locked = folder / "locked.txt"
    locked.write_text(f"jsonschema=={version} {' '.join(f'--hash=sha256:{value}' for value in hashes)}\n")
    options = ["--no-deps", "--no-build-isolation", "--no-binary=:all:", "--require-hashes", "--retries=1"]
    ran = subprocess.run(
        [sys.executable, "-m", "pip", "download", *options, f"--requirement={locked}", f"--dest={folder}"],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    if "No module named pip" in ran.stderr or "No matching distribution found" in ran.stderr:
        pytest.skip(f"the test suite of JSON Schema cannot be fetched: {ran.stderr.strip().splitlines()[-1]}")
    assert ran.returncode == 0, ran.stderr
    return folder / f"jsonschema-{version}.tar.gz"
