"""The contract: the JSON Schemas, the Arrow schemas and features that follow from them, ids and digests.

The schemas under `schema/` are written by hand and public. Types are derived from a small profile of JSON Schema
2020-12 and never written twice:

| JSON Schema | Arrow | Hugging Face |
|---|---|---|
| string | string | string |
| string, format date-time | timestamp[us, UTC] | timestamp[us, tz=UTC] |
| integer (maximum 2147483647) | int64 (int32) | int64 (int32) |
| number, boolean | float64, bool | float64, bool |
| array of T | list<T> | list |
| closed object | struct | list of fields |
| null in `type` or `enum` | nullable | - |
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from broadsheet.errors import CallError
from broadsheet.text import collapse, source_of

if TYPE_CHECKING:
    import pyarrow as pa
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

SCHEMAS: Final = ("page", "segment", "record", "release", "config", "manifest")
RECORD_CONFIGS: Final = {"articles": "article", "comments": "comment", "teasers": "teaser"}
"""Configs of record rows, with the kind of record that each holds; the first is the default config."""
LEDGER_CONFIGS: Final = {"segments": "segment", "pairs": "pair", "pages": "page"}
"""Configs of the ledger, each with one split for everything, and the row that each holds."""
LEDGER_SPLIT: Final = "full"
"""The split of the ledger's configs, which no record split divides. (`all` is a keyword of `datasets`.)"""
KINDS: Final = {"main": "article", "sidebar": "article", "teaser": "teaser", "comment": "comment"}
"""Kind of the record that a segment of each role becomes; boilerplate becomes none."""

Json = Any


def schema_path(name: str) -> Path:
    """The file of one of the schemas named in `SCHEMAS`: in the wheel, or in a checkout beside `toolkit/`."""
    packaged = Path(str(resources.files("broadsheet"))) / "schema"
    folder = packaged if packaged.is_dir() else Path(__file__).resolve().parents[2] / "schema"
    return folder / f"{name}.schema.json"


@cache
def schema(name: str) -> Mapping[str, Json]:
    """One of the schemas in `SCHEMAS`, parsed; `release#record` names a definition inside one."""
    file, _, definition = name.partition("#")
    loaded: dict[str, Json] = json.loads(schema_path(file).read_text("utf-8"))
    return loaded["$defs"][definition] if definition else loaded


@cache
def row_schema(config: str) -> Mapping[str, Json]:
    """The JSON Schema of the rows of a release's config, such as `articles` or `pairs`."""
    return schema(f"release#{LEDGER_CONFIGS.get(config, 'record')}")


@cache
def validator(name: str) -> "Validator":
    """A validator for the schema `name` that asserts formats and fetches nothing."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
    from referencing import Registry

    # `extend` has no types.
    checks: type[Draft202012Validator] = extend(Draft202012Validator, {"pattern": _pattern_errors})  # type: ignore[no-untyped-call]
    return checks(schema(name), registry=Registry(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _pattern_errors(_validator: Json, pattern: str, value: Json, _schema: Json) -> "Iterator[ValidationError]":
    """`pattern` with `$` as ECMA 262 has it: the very end, where Python also takes the place before a line feed."""
    from jsonschema import ValidationError

    if isinstance(value, str) and not re.search(pattern.replace("$", r"\Z"), value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def arrow_schema(schema: Mapping[str, Json], without: Sequence[str] = ()) -> "pa.Schema":
    """The Arrow schema of a closed object's schema, its columns in the order of the properties.

    Raises: CallError naming the path of a property that the profile above does not cover.
    """
    import pyarrow as pa

    return pa.schema(
        [_field(name, value, f"/{name}") for name, value in schema["properties"].items() if name not in without]
    )


def _field(name: str, schema: Mapping[str, Json], path: str) -> "pa.Field":
    import pyarrow as pa

    nullable = "null" in _types(schema)
    return pa.field(name, _arrow_type(schema, path), nullable=nullable)


def _types(schema: Mapping[str, Json]) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def _arrow_type(schema: Mapping[str, Json], path: str) -> "pa.DataType":
    import pyarrow as pa

    kinds = [t for t in _types(schema) if t != "null"]
    match kinds:
        case ["string"]:
            return pa.timestamp("us", tz="UTC") if schema.get("format") == "date-time" else pa.string()
        case ["integer"]:
            return pa.int32() if schema.get("maximum", 2**63) < 2**31 else pa.int64()
        case ["number"]:
            return pa.float64()
        case ["boolean"]:
            return pa.bool_()
        case ["array"]:
            return pa.list_(_field("element", schema["items"], f"{path}/items"))
        case ["object"]:
            return pa.struct([_field(n, s, f"{path}/{n}") for n, s in schema["properties"].items()])
    raise CallError(f"{path}: type {schema.get('type')!r} has no Arrow type; one type, and null, is what counts")


def features(schema: "pa.Schema") -> list[dict[str, Json]]:
    """The Hugging Face features of an Arrow schema, in the form that a dataset card's YAML holds."""
    return [{"name": field.name, **_feature(field.type)} for field in schema]


def _feature(type_: "pa.DataType") -> dict[str, Json]:
    import pyarrow as pa

    if pa.types.is_list(type_):
        inner = _feature(type_.value_type)
        return {"list": inner.get("struct", inner.get("dtype", inner))}
    if pa.types.is_struct(type_):
        return {"struct": [{"name": f.name, **_feature(f.type)} for f in type_.fields]}
    if pa.types.is_timestamp(type_):
        return {"dtype": f"timestamp[{type_.unit}, tz={type_.tz}]"}
    return {"dtype": {"double": "float64"}.get(str(type_), str(type_))}


def canonical_json(value: Json) -> str:
    """The one JSON text of a value: sorted keys, no white space, no escapes but the needed ones."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def digest(value: Json) -> str:
    """SHA-256 of a value's canonical JSON, in hex."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def page_id(raw: bytes) -> str:
    """The id of a page: SHA-256 of its bytes, so that `sha256sum` on the file shows it too."""
    return hashlib.sha256(raw).hexdigest()


def record_id(record: Mapping[str, Json], scope: str = "global") -> str:
    """The id of a record: 128 bits over kind, title and text, for comments also thread, author and position.

    White space and Unicode form (NFC) do not count; case, punctuation and everything else do, so the titles and
    texts of two records with one id never differ in a fact. In scope `per-source` the source counts, too, since
    there equal texts of two sources are two records.
    """
    kind = KINDS[record.get("role") or "main"]
    title = record.get("title")
    parts: list[Json] = [kind, collapse(title) if title else None, collapse(record["text"])]
    if kind == "comment":
        author = record.get("author")
        parts += [record.get("thread"), collapse(author) if author else None, record.get("position")]
    if scope == "per-source":
        parts.append({"source": record.get("source")})
    return digest(parts)[:32]


_PLACE: Final = ("role", "url", "source", "captured")
"""Properties of a record that tell where and when it was found."""
OWN_FIELDS: Final = (
    *(name for name in schema("record")["properties"] if name not in {"id", "reply_to", *_PLACE}),
    "given_id",
)
"""The fields of a record row that belong to the record itself: what `content_digest` covers.

Where it was found is not among them: that may change with every further capture of the same page.
"""


def content_digest(row: Mapping[str, Json]) -> str:
    """SHA-256 over the record's own fields; nothing that later pages or versions could change is in it."""
    return digest({name: row[name] for name in OWN_FIELDS})


_UTC = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z")


def utc(text: str) -> str:
    """An RFC 3339 time in UTC as rows hold it: seconds, and a fraction (at most six digits) only where not zero.

    Raises: ValueError when the text is no such time.

    >>> utc("2026-03-14T09:30:00.000Z")
    '2026-03-14T09:30:00Z'
    """
    from datetime import datetime

    match = _UTC.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is no RFC 3339 time in UTC, such as 2026-03-14T09:30:00Z")
    datetime.fromisoformat(match[1])
    fraction = (match[2] or ".")[1:7].rstrip("0")
    return f"{match[1]}.{fraction:0<6}Z" if fraction else f"{match[1]}Z"


def capture_of(page: Mapping[str, Json]) -> dict[str, Json]:
    """What a record says of its page: the first capture, with the first address and source that any capture knows.

    Where no capture knows an address, that which the page claims for itself is taken.
    """
    captures = page["captures"]
    known = {name: next((c[name] for c in captures if c[name]), None) for name in ("url", "source")}
    if not known["url"]:
        claimed = (claim["value"] for claim in page["claims"] if claim["name"] == "url")
        known["url"] = next((url for url in claimed if re.match(r"https?://[^/?#]+", url)), None)
        known["source"] = known["source"] or (source_of(known["url"]) if known["url"] else None)
    return {**captures[0], **known}


def claimed_time(page: Mapping[str, Json], name: str) -> str | None:
    """The first time that a page claims under a name (`published`, `modified`) and that is an instant, in UTC."""
    times = (instant(claim["value"]) for claim in page["claims"] if claim["name"] == name)
    return next((time for time in times if time), None)


def instant(text: str) -> str | None:
    """An ISO 8601 time with its offset, in UTC as rows hold it; None for anything else, as for a date alone.

    >>> instant("2026-03-14T10:30:00+01:00")
    '2026-03-14T09:30:00Z'
    """
    from datetime import UTC, datetime

    try:
        time = datetime.fromisoformat(text.strip())
        return utc(time.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z") if time.tzinfo else None
    except (ValueError, OverflowError):
        return None


def normalised(record: Mapping[str, Json], found: Mapping[str, Json]) -> dict[str, Json]:
    """A valid record with every own field present: absent ones null or their default, times in one form.

    What the record does not say is taken from the candidate's row: address, source and time of the `capture`, and
    the `language` and `script` that were found.
    """
    capture = found["capture"]
    row = {name: _whole(record.get(name), name) for name in (*OWN_FIELDS, *_PLACE)}
    for name in ("published", "captured"):
        time = row[name]
        row[name] = utc(time) if time else None
    return row | {
        "role": row["role"] or "main",
        "language": row["language"] or found["language"],
        "script": row["script"] or found["script"],
        "truncated": row["truncated"] or False,
        "given_id": record.get("id"),
        "parent_id": None,
        "reply_to": _whole(record.get("reply_to"), "reply_to"),
        **{name: row[name] or capture[name] for name in ("url", "captured")},
        "source": capture["source"] or row["source"],
    }


def _whole(value: Json, name: str) -> Json:
    """The value; of an integer property that was written as 1.0, which JSON Schema allows, the integer."""
    integer = "integer" in _types(schema("record")["properties"].get(name, {}))
    return int(value) if integer and isinstance(value, float) else value
