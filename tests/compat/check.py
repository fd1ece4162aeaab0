"""Loads a release with the `datasets` of this environment and compares all rows with the JSON lines. Imports no more.

    python check.py RELEASE WAY [CONFIG/SPLIT …]

Prints a JSON object a table, as soon as it is checked, with everything that is wrong: a table that makes the process
crash is the first that is missing. `HF_HOME` should be a fresh folder, and `HF_HUB_OFFLINE` be set.
"""

import gzip
import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

SHOWN_CHARS = 160
"""Longest value that a fault quotes."""


def check(release, way, names=()):
    """What is wrong with each table (or those named `config/split`) when loaded in one of `WAYS`: name, faults."""
    for table in json.loads((release / "manifest.json").read_text("utf-8"))["tables"]:
        name = f"{table['config']}/{table['split']}"
        if not names or name in names:
            yield name, faults_of(release, table, WAYS[way])


def faults_of(release, table, load):
    """What is wrong with a table; of each column the first fault."""
    try:
        faults = dict(reversed(list(compare(release, table, load))))
    except Exception as error:  # whatever the library raises is what is reported
        return [told(error)]
    return [f"{column}: {fault}" for column, fault in sorted(faults.items())]


def told(error):
    """What an error says, in a line; of errors that wrap another, the innermost."""
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {shown(str(error).strip().partition(chr(10))[0])}"


def shown(text):
    """The text, cut where it is long."""
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 1]}…"


def loading(folder, *, streaming=False):
    """What loads a table from a folder of a release, all at once or row by row."""

    def load(release, config, split):
        import datasets

        found = datasets.load_dataset(str(release / folder), config, split=split, streaming=streaming)
        return found.features, list(found)

    return load


def by_load_from_disk(release, config, split):
    """Loads a table from the folder `arrow`."""
    import datasets

    found = datasets.load_from_disk(str(release / "arrow" / config))[split]
    return found.features, list(found)


WAYS = {
    "parquet": loading(""),
    "parquet, streamed": loading("", streaming=True),
    "jsonl": loading("jsonl"),
    "jsonl, streamed": loading("jsonl", streaming=True),
    "arrow": by_load_from_disk,
}


def compare(release, table, load):
    """How types and rows as loaded differ from the Parquet files and the JSON lines: column and fault."""
    import pyarrow.parquet as pq

    features, rows = load(release, table["config"], table["split"])
    found = features.arrow_schema
    types = pq.read_schema(release / table["files"]["parquet"][0])
    if found.names != types.names:
        yield "", f"columns {found.names}, not {types.names}"
    for field in types:
        if field.name in found.names and shape(found.field(field.name).type) != shape(field.type):
            yield field.name, f"type {found.field(field.name).type}, not {field.type}"
    lines = []
    for path in table["files"]["jsonl"]:
        lines += map(json.loads, gzip.decompress((release / path).read_bytes()).splitlines())
    if not len(rows) == len(lines) == table["n_rows"]:
        yield "", f"{len(rows)} rows, not {len(lines)}"
    for number, (row, line) in enumerate(zip(rows, lines, strict=False)):
        if list(row) != list(line):
            yield "", f"row {number} has {list(row)}, not {list(line)}"
        for name, value in line.items():
            fault = difference(row.get(name), value)
            if fault:
                yield name, f"row {number}{fault}"


def shape(type_):
    """An Arrow type without nullability and without what the items of lists are called."""
    import pyarrow as pa

    if pa.types.is_list(type_):
        return [shape(type_.value_type)]
    if pa.types.is_struct(type_):
        return {type_.field(i).name: shape(type_.field(i).type) for i in range(type_.num_fields)}
    return str(type_)


def difference(found, line, at=""):
    """The first place in which a loaded value is not that of a JSON line, and how; None where there is none.

    Values differ that are of different types, and so do 0.0 and -0.0. Times and dates are text in JSON lines.
    """
    if isinstance(line, dict) and isinstance(found, dict) and list(line) == list(found):
        inner = ((found[key], value, f"{at}.{key}") for key, value in line.items())
    elif isinstance(line, list) and isinstance(found, list) and len(line) == len(found):
        inner = ((value, line[i], f"{at}[{i}]") for i, value in enumerate(found))
    elif isinstance(found, datetime) and found.tzinfo is None and found.isoformat() in (line[:-1], f"{line}T00:00:00"):
        return f"{at}, a time without zone for {line!r}"
    else:
        told = text_of(found)
        is_same = type(told) is type(line) and repr(told) == repr(line)
        return None if is_same else f"{at}, {shown(repr(found))} for {shown(repr(line))}"
    return next(filter(None, (difference(*each) for each in inner)), None)


def text_of(value):
    """Times with a zone and dates as JSON lines have them, all else as it is."""
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return value.isoformat() if type(value) is date else value


if __name__ == "__main__":
    for checked, faults in check(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]):
        print(json.dumps({"table": checked, "faults": faults}), flush=True)
