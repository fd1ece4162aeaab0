"""A made-up data set with a record schema of its own: every kind of property, and values that formats stumble over."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from broadsheet import build as way
from broadsheet import config

Json = Any

SCHEMA: Final[dict[str, Json]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Reports of a harbour gazette",
    "description": "Articles, comments and teasers, with what the gazette notes beside them.",
    "type": "object",
    "$defs": {
        "port": {
            "description": "A port as the gazette names it.",
            "type": "object",
            "properties": {
                "name": {"description": "Its name.", "type": "string", "minLength": 1},
                "founded": {"description": "Day of its charter.", "type": "string", "format": "date"},
                "berths": {"description": "How many berths.", "type": "integer", "minimum": 0, "maximum": 9999},
            },
            "required": ["name"],
            "additionalProperties": False,
        }
    },
    "properties": {
        "section": {"description": "Part of the paper.", "enum": ["sea", "town", "weather, tides"]},
        "berth": {"description": "Berth, as on the plan.", "type": "string", "pattern": "^[A-Z]{1,2}[0-9]{0,3}$"},
        "seen at": {"description": "When the ship was seen.", "type": ["string", "null"], "format": "date-time"},
        "date": {"description": "Day of print.", "type": "string", "format": "date"},
        "Höhe": {"description": "Level in cm.", "type": "integer", "minimum": -32768, "maximum": 32767},
        "tonnage": {"description": "Tons.", "type": ["integer", "null"], "minimum": -(2**31), "maximum": 2**31 - 1},
        "serial": {"description": "Number in the log.", "anyOf": [{"type": "integer"}, {"type": "null"}]},
        "geo.lat": {"description": "Latitude, or what was noted.", "type": "number"},
        "is-front": {"description": "Whether on the front page.", "type": "boolean"},
        "港": {"description": "Name of the port in Japanese.", "oneOf": [{"type": "null"}, {"type": "string"}]},
        "grade": {"description": "Grade by the desk.", "enum": ["A", "B", None]},
        "desk": {"description": "Desk; must be said, if only that it is not known.", "type": ["string", "null"]},
        "clock": {"description": "Time of day.", "type": "string", "format": "time"},
        "tags": {
            "description": "Words for it.",
            "type": "array",
            "items": {"description": "A word.", "type": "string"},
            "maxItems": 9,
        },
        "soundings": {
            "description": "Depths.",
            "type": ["array", "null"],
            "items": {"description": "Depth in cm, or no ground.", "type": ["integer", "null"]},
        },
        "holidays": {
            "description": "Days without print.",
            "type": "array",
            "items": {"description": "A day.", "type": "string", "format": "date"},
        },
        "tracks": {
            "description": "Courses.",
            "type": "array",
            "items": {
                "description": "A course.",
                "type": "array",
                "items": {"description": "Degrees.", "type": "number"},
            },
        },
        "crew": {
            "description": "Who was aboard.",
            "type": "array",
            "items": {
                "description": "A sailor.",
                "type": "object",
                "properties": {
                    "name": {"description": "Name.", "type": "string"},
                    "born": {"description": "Day of birth.", "type": "string", "format": "date"},
                    "share": {"description": "Share of the catch.", "type": ["number", "null"]},
                    "home port": {"$ref": "#/$defs/port"},
                },
                "required": ["name", "share"],
                "additionalProperties": False,
            },
        },
        "ship": {
            "description": "The ship.",
            "type": "object",
            "properties": {
                "name": {"description": "Name.", "type": "string"},
                "flag": {"description": "Flag.", "type": "string", "enum": ["NO", "yes", "1e5"]},
                "hull": {
                    "description": "Hull.",
                    "type": "object",
                    "properties": {
                        "length": {"description": "Metres.", "type": "number"},
                        "is_steel": {"description": "Whether of steel.", "type": "boolean"},
                    },
                    "additionalProperties": False,
                },
                "calls": {
                    "description": "Calls at ports.",
                    "type": "array",
                    "items": {
                        "description": "A call.",
                        "type": "object",
                        "properties": {
                            "at": {"description": "When.", "type": "string", "format": "date-time"},
                            "port": {"description": "Where.", "allOf": [{"$ref": "#/$defs/port"}]},
                        },
                        "additionalProperties": False,
                    },
                },
            },
            "required": ["name"],
            "additionalProperties": False,
        },
        "words": {
            "description": "How often words stand in it.",
            "type": "object",
            "additionalProperties": {"description": "How often.", "type": "integer", "minimum": 0, "maximum": 30000},
            "maxProperties": 12,
        },
        "ports": {
            "description": "Ports by call sign.",
            "type": ["object", "null"],
            "additionalProperties": {"anyOf": [{"$ref": "#/$defs/port"}, {"type": "null"}]},
        },
        "never": {"description": "Said of none.", "type": "string"},
        "never listed": {
            "description": "Lists said of none.",
            "type": "array",
            "items": {"description": "A port.", "$ref": "#/$defs/port"},
        },
        "never mapped": {
            "description": "Maps said of none.",
            "type": "object",
            "additionalProperties": {"description": "When.", "type": "string", "format": "date-time"},
        },
    },
    "required": ["desk"],
}
"""A schema as a user would write it."""


def _struct(**types: pa.DataType) -> pa.StructType:
    return pa.struct([(name.replace("_port", " port"), type_) for name, type_ in types.items()])


def _map(value: pa.DataType) -> pa.ListType:
    return pa.list_(_struct(key=pa.string(), value=value))


_TIME: Final = pa.timestamp("us", tz="UTC")
_PORT: Final = _struct(name=pa.string(), founded=pa.date32(), berths=pa.int16())
TYPES: Final[dict[str, pa.DataType]] = {
    "section": pa.string(),
    "berth": pa.string(),
    "seen at": _TIME,
    "date": pa.date32(),
    "Höhe": pa.int16(),
    "tonnage": pa.int32(),
    "serial": pa.int64(),
    "geo.lat": pa.float64(),
    "is-front": pa.bool_(),
    "港": pa.string(),
    "grade": pa.string(),
    "desk": pa.string(),
    "clock": pa.string(),
    "tags": pa.list_(pa.string()),
    "soundings": pa.list_(pa.int64()),
    "holidays": pa.list_(pa.date32()),
    "tracks": pa.list_(pa.list_(pa.float64())),
    "crew": pa.list_(_struct(name=pa.string(), born=pa.date32(), share=pa.float64(), home_port=_PORT)),
    "ship": _struct(
        name=pa.string(),
        flag=pa.string(),
        hull=_struct(length=pa.float64(), is_steel=pa.bool_()),
        calls=pa.list_(_struct(at=_TIME, port=_PORT)),
    ),
    "words": _map(pa.int16()),
    "ports": _map(_PORT),
    "never": pa.string(),
    "never listed": pa.list_(_PORT),
    "never mapped": _map(_TIME),
}
"""The types that the columns of the extras must have, written again by hand."""
MAPS: Final = ("words", "ports", "never mapped")

ABSENT: Final = object()


def _port(name: str, founded: str | None = None, berths: int | None = None) -> dict[str, Json]:
    return {"name": name, "founded": founded, "berths": berths}


def _map_row(**values: Json) -> list[dict[str, Json]]:
    return [{"key": key, "value": value} for key, value in values.items()]


_NONE: Final = ((ABSENT, None), (None, None))
_HULL: Final = {"length": None, "is_steel": None}
_SHIP: Final = {"name": "Ida", "flag": None, "hull": None, "calls": None}
ODD: Final = {
    "\U00010000": 1, "\uffee": 2, "": 3, " ": 4, "key": 5, "value": 6, "a.b": 7, "null": 0, "é": 30000, "/~": 9,
}  # fmt: skip
CASES: Final[dict[str, tuple[tuple[Json, Json], ...]]] = {
    "section": (("sea", "sea"), ("town", "town"), ("weather, tides", "weather, tides"), *_NONE),
    "berth": (("NA", "NA"), ("A1", "A1"), *_NONE, ("E5", "E5")),
    "seen at": (
        ("2026-03-14T10:30:00.250+01:00", "2026-03-14T09:30:00.250000Z"),
        ("2026-03-14T09:30:00Z", "2026-03-14T09:30:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
        ("9999-12-31T23:59:59.123456Z", "9999-12-31T23:59:59.123456Z"),
        ("2026-01-01t00:15:00.1-00:30", "2026-01-01T00:45:00.100000Z"),
        *_NONE,
    ),
    "date": (
        ("2026-03-14", "2026-03-14"), ("1969-12-31", "1969-12-31"), ("0001-01-01", "0001-01-01"),
        ("9999-12-31", "9999-12-31"), ("2024-02-29", "2024-02-29"), ("1970-01-01", "1970-01-01"), *_NONE,
    ),
    "Höhe": ((-32768, -32768), (32767, 32767), (0, 0), (5.0, 5), *_NONE),
    "tonnage": ((-(2**31), -(2**31)), (2**31 - 1, 2**31 - 1), (0, 0), (7.0, 7), *_NONE),
    "serial": ((-(2**63), -(2**63)), (2**63 - 1, 2**63 - 1), (2**53 + 1, 2**53 + 1), (0, 0), *_NONE),
    "geo.lat": (
        (1e-7, 1e-7), (0.1, 0.1), (-0.0, -0.0), (1, 1.0), (1.7976931348623157e308, 1.7976931348623157e308),
        (5e-324, 5e-324), (-0.1 - 0.2, -0.30000000000000004), (0, 0.0), *_NONE,
    ),
    "is-front": ((True, True), (False, False), *_NONE),
    "港": (("横浜", "横浜"), ("", ""), ("null", "null"), ("NaN", "NaN"), *_NONE, ("e\u0301 \u202bחיפה\u202c",) * 2),
    "grade": (("A", "A"), (None, None), ("B", "B"), (ABSENT, None)),
    "desk": (("night", "night"), (None, None), ("false", "false")),
    "clock": (("09:30:00Z", "09:30:00Z"), ("23:59:59.5+01:00", "23:59:59.5+01:00"), *_NONE),
    "tags": ((["a", "NULL", "", "nan"],) * 2, ([], []), *_NONE, (["2026-03-14"],) * 2, (["ü\n,\"", " "],) * 2),
    "soundings": (
        ([1, None, -(2**63), 2**63 - 1],) * 2, ([], []), *_NONE, ([None], [None]), ([2.0, 3], [2, 3]),
    ),
    "holidays": ((["1969-12-25", "0001-01-01"],) * 2, ([], []), *_NONE, (["2026-12-25"],) * 2),
    "tracks": (([[1, 0.5], [], [-0.0]], [[1.0, 0.5], [], [-0.0]]), ([], []), ([[]], [[]]), *_NONE, ([[1e-7]],) * 2),
    "crew": (
        (
            [
                {"name": "Ada", "share": 1, "born": "1968-02-29", "home port": {"name": "Ea", "founded": "0900-05-01"}},
                {"name": "Bo", "share": None, "home port": None},
            ],
            [
                {"name": "Ada", "born": "1968-02-29", "share": 1.0, "home port": _port("Ea", "0900-05-01")},
                {"name": "Bo", "born": None, "share": None, "home port": None},
            ],
        ),
        ([], []),
        *_NONE,
        ([{"name": "", "share": 0.1, "born": None}], [{"name": "", "born": None, "share": 0.1, "home port": None}]),
    ),
    "ship": (
        ({"name": "Ida"}, _SHIP),
        (
            {"name": "Ida", "flag": "NO", "hull": {}, "calls": []},
            {"name": "Ida", "flag": "NO", "hull": _HULL, "calls": []},
        ),
        (
            {
                "name": "null",
                "flag": None,
                "hull": {"length": 12, "is_steel": False},
                "calls": [
                    {"at": "2026-03-14T10:30:00+01:00", "port": {"name": "Orrin", "berths": 9999}},
                    {"at": "1901-01-01T00:00:00.5Z"},
                    {},
                    {"port": None, "at": None},
                ],
            },
            {
                "name": "null",
                "flag": None,
                "hull": {"length": 12.0, "is_steel": False},
                "calls": [
                    {"at": "2026-03-14T09:30:00Z", "port": _port("Orrin", None, 9999)},
                    {"at": "1901-01-01T00:00:00.500000Z", "port": None},
                    {"at": None, "port": None},
                    {"at": None, "port": None},
                ],
            },
        ),
        *_NONE,
        ({"name": "Ida", "flag": "yes", "hull": None, "calls": None}, _SHIP | {"flag": "yes"}),
    ),
    "words": (
        (ODD, [{"key": key, "value": ODD[key]} for key in sorted(ODD)]),
        ({}, []),
        *_NONE,
        ({"b": 1, "a": 2.0, "B": 3}, _map_row(B=3, a=2, b=1)),
    ),
    "ports": (
        (
            {"ZZ": {"name": "Orrin", "founded": "1066-10-14", "berths": 0}, "AA": None, "MM": {"name": "Lund"}},
            _map_row(AA=None, MM=_port("Lund"), ZZ=_port("Orrin", "1066-10-14", 0)),
        ),
        ({}, []),
        *_NONE,
        ({"": {"name": "x", "berths": None}}, [{"key": "", "value": _port("x")}]),
        ({"value": None, "key": None}, _map_row(key=None, value=None)),
    ),
    "never": _NONE,
    "never listed": _NONE,
    "never mapped": _NONE,
}  # fmt: skip
"""Of each extra the values that records have, and what rows must hold of them."""

ONLY: Final[dict[tuple[str, str], tuple[tuple[Json, Json], ...]]] = {
    ("dev", "berth"): _NONE,
    ("dev", "seen at"): _NONE,
    ("dev", "Höhe"): _NONE,
    ("dev", "ship"): _NONE,
    ("dev", "crew"): (([], []),),
    ("dev", "words"): (({}, []),),
    ("dev", "tracks"): (([[]], [[]]), ([], [])),
    ("test", "is-front"): _NONE,
    ("test", "date"): _NONE,
    ("test", "ports"): _NONE,
    ("test", "tags"): (([], []),),
    ("test", "holidays"): (([], []), (None, None)),
    ("test", "soundings"): (([None], [None]),),
}
"""What extras are in all records of one split."""

SPLITS: Final = {"train": 0.5, "dev": 0.25, "test": 0.25}
STORIES: Final[tuple[tuple[str, str, str], ...]] = (
    ("train", "main", "The swing bridge closes for a week while its bearings are changed."),
    ("train", "main", "Two cranes were sold to a yard up the coast, which paid in timber."),
    ("train", "main", "Nobody knows who painted the lighthouse green on Sunday night."),
    ("train", "main", "Herring came late this year, and the smokehouses stand empty."),
    ("train", "main", "A dog crossed the frozen basin and was met with applause."),
    ("train", "main", "The pilots' choir sings in the customs hall on the last Friday of May."),
    ("train", "main", "Fog held eleven ships at the roads; the ferry turned back twice."),
    ("train", "main", "Council members want the old ropewalk kept as a covered market."),
    ("train", "main", "Divers found a cannon below the north pier and left it there."),
    ("dev", "main", "Salt prices doubled within a month, merchants told this paper."),
    ("train", "main", "An owl has moved into the belfry of the seamen's church."),
    ("dev", "main", "Tugs may no longer wait in front of the grain silo after dark."),
    ("train", "main", "School children measured the tide and were right to the centimetre."),
    ("train", "main", "The net makers' guild votes on its first woman as master."),
    ("train", "main", "Ice closed the inner channel before noon; sledges carried the mail."),
    ("train", "main", "A bottle with a letter from 1911 was handed to the archive."),
    ("dev", "main", "Rain ruined half of the regatta, and a heron the other half."),
    ("train", "main", "Oyster beds west of the mole will be mapped again in autumn."),
    ("test", "sidebar", "How the tide gauge works, and why it was once wrong for nine years."),
    ("dev", "sidebar", "The harbour in figures: berths, bollards, gulls."),
    ("train", "comment", "Well said."),
    ("test", "comment", "My grandfather rowed that channel every winter."),
    ("train", "comment", "And who pays for the paint?"),
    ("train", "comment", "Heron wins, again!"),
    ("dev", "comment", "I saw the owl, too; it was enormous."),
    ("train", "comment", "Timber? In this weather?"),
    ("train", "comment", "Please print the tide table on page one."),
    ("train", "comment", "Bring back the steam ferry."),
    ("train", "comment", "Gulls are uncountable."),
    ("train", "comment", "Nine years, and nobody looked at it."),
    ("train", "comment", "It was I who painted it."),
    ("train", "comment", "More dogs, fewer cannons."),
    ("test", "main", "A barge lost nine thousand oranges off the point."),
    ("dev", "main", "The clock on the customs house strikes thirteen again."),
    ("test", "main", "Pilot boats get new engines and keep their old whistles."),
    ("test", "main", "Two sisters have run the chandlery since the great flood."),
    ("test", "main", "Swimmers asked for a ladder, and got a committee."),
    ("train", "main", "The dredger Marten starts at the eastern lock on Thursday."),
    ("test", "main", "Eels are back in the mill race, anglers report."),
    ("test", "main", "A brass band played on the breakwater until the tide rose."),
    ("train", "comment", "Thirteen is the right time somewhere."),
    ("dev", "comment", "Oranges for everyone."),
    ("train", "teaser", "Ladders and committees: a short history …"),
    ("train", "teaser", "Sunday supplement: all knots of the coast …"),
    ("test", "teaser", "Tomorrow: what the divers did not tell …"),
    ("train", "teaser", "Inside: a map of every bollard …"),
    ("train", "teaser", "Letters: the green light …"),
    ("test", "teaser", "Tide tables for June …"),
)
"""Split, role and text of each record. No teaser falls to `dev`; no two records are alike, so there are no pairs."""


def _made() -> Iterator[tuple[dict[str, Json], dict[str, Json]]]:
    """Each record, and the extras of its row."""
    for number, (split, role, text) in enumerate(STORIES):
        row: dict[str, Json] = {}
        record = {"id": f"r{number}", "role": role, "text": text, "url": f"https://www.gazette.example/{number}"}
        for offset, (name, cases) in enumerate(CASES.items()):
            cases = ONLY.get((split, name), cases)
            given, row[name] = cases[(number + offset) % len(cases)]
            if given is not ABSENT:
                record[name] = given
        yield record, row


MADE: Final = tuple(_made())
RECORDS: Final = tuple(record for record, _ in MADE)
ROWS: Final = {record["id"]: row for record, row in MADE}
"""The extras that the row of each record must have, by the record's id."""

NULLS: Final = tuple(
    {"id": f"n{number}", "text": f"Soundings of ship {name}.", "desk": None, "soundings": soundings}
    for number, (name, soundings) in enumerate(
        (
            ("Ida", [None, None]),
            ("Marten", [None, 1, 2]),
            ("Orrin", [None, None, 3]),
            ("Heron", []),
            ("Dora", [None, 4]),
        )
    )
)
"""Records with lists that begin with null, which the reader of JSON in `datasets` gets wrong."""


def jsonl(records: Iterable[Mapping[str, Json]] = RECORDS) -> bytes:
    """The records as JSON lines."""
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def in_files(n_files: int = 3) -> dict[str, bytes]:
    """The records in files, by their names."""
    return {f"{i}.jsonl": jsonl(RECORDS[i::n_files]) for i in range(n_files)}


def write_config(folder: Path, schema: Mapping[str, Json] = SCHEMA) -> Path:
    """A `dataset.toml` in the folder, which names the schema beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gazette.schema.json").write_text(json.dumps(schema, ensure_ascii=False, indent=2), "utf-8")
    splits = "".join(f"{name} = {share}\n" for name, share in SPLITS.items())
    text = f'name = "gazette"\nschema = "gazette.schema.json"\n[split]\n{splits}'
    (folder / config.FILE).write_text(text + '[export]\nformats = ["parquet", "jsonl", "arrow"]\n', "utf-8")
    return folder / config.FILE


def build(
    folder: Path, files: Mapping[str, bytes] | None = None, schema: Mapping[str, Json] = SCHEMA, **settings: Json
) -> way.Built:
    """A release of the files, by default of the records, below a new folder; files are given in the mapping's order."""
    file = write_config(folder, schema)
    paths = []
    for name, raw in (in_files() if files is None else files).items():
        paths.append(folder / name)
        paths[-1].write_bytes(raw)
    return way.build(paths, config.load(file, settings), out=folder / "dist", n_workers=1)
