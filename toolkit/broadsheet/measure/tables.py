"""The tables that the queries ask, as the statements that a reader types, too."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from broadsheet.contract import LEDGER_CONFIGS, RECORD_CONFIGS, Contract
from broadsheet.measure import lexicon as words
from broadsheet.measure.topics import own_topics

CONFIGS: Final = (*RECORD_CONFIGS, *LEDGER_CONFIGS)


def statements(root: Path, manifest: Mapping[str, Any], *, held: bool = False) -> list[str]:
    """What gives the queries their tables: a view per config, empty where the release has none, and what follows.

    With `root` the empty path, what a reader types in the release's folder. With `held` the rows are read into memory
    once, which is quicker for small tables; the results are the same.
    """
    present = {table["config"] for table in manifest["tables"]}
    kind = "TEMP TABLE" if held else "VIEW"
    given = [_given(config, root, kind, present=config in present) for config in CONFIGS]
    union = " UNION ALL BY NAME ".join(f"FROM {config}" for config in RECORD_CONFIGS)
    lexicon = manifest["configuration"].get("lexicon") or words.ours()
    return [
        *given,
        f"CREATE VIEW records AS {union};",
        _values("rejections", "rule, n", [(rule, n) for rule, n in manifest["rejections"].items()]),
        _values("lexicon", "kind, family, term, form, language", words.rows(lexicon)),
        own_topics(manifest),
        *_setup(),
    ]


@cache
def _setup() -> Sequence[str]:
    """The statements of our own files."""
    folder = resources.files("broadsheet.measure") / "setup"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return [part.strip() + ";" for file in files for part in file.read_text("utf-8").split(";\n") if part.strip()]


def _given(config: str, root: Path, kind: str, *, present: bool) -> str:
    if present:
        pattern = f"{_glob(root.as_posix())}/data/{config}/*.parquet".removeprefix("./")
        return f"CREATE {kind} {config} AS FROM read_parquet({_literal(pattern)});"
    fields = Contract.of(None).columns(config)
    columns = ", ".join(f'NULL::{_sql_type(field.type)} AS "{field.name}"' for field in fields)
    return f"CREATE {kind} {config} AS SELECT {columns} WHERE false;"


def _values(table: str, columns: str, rows: Sequence[Sequence[Any]]) -> str:
    """A table of given rows; without rows its columns but the last are text, and the last is a number."""
    if not rows:
        names = columns.split(", ")
        typed = ", ".join(f"NULL::{'BIGINT' if name == 'n' else 'VARCHAR'} AS {name}" for name in names)
        return f"CREATE TEMP TABLE {table} AS SELECT {typed} WHERE false;"
    lines = ",\n  ".join(f"({', '.join(_literal(value) for value in row)})" for row in rows)
    return f"CREATE TEMP TABLE {table} AS FROM (VALUES\n  {lines}) AS given({columns});"


def _literal(value: object) -> str:
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _glob(path: str) -> str:
    """The path as a pattern that stands for itself alone."""
    return re.sub(r"([\[*?])", r"[\1]", path)


def _sql_type(type_: Any) -> str:
    import pyarrow as pa

    if pa.types.is_list(type_):
        return f"{_sql_type(type_.value_type)}[]"
    if pa.types.is_struct(type_):
        fields = ", ".join(f'"{field.name}" {_sql_type(field.type)}' for field in type_.fields)
        return f"STRUCT({fields})"
    names = {
        "string": "VARCHAR",
        "int32": "INTEGER",
        "int64": "BIGINT",
        "double": "DOUBLE",
        "bool": "BOOLEAN",
    }
    return names.get(str(type_), "TIMESTAMPTZ")
