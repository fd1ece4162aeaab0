"""Measures: every figure in a document is a named query over the release's own Parquet, run by DuckDB."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from broadsheet.contract import LEDGER_CONFIGS, RECORD_CONFIGS, Contract

CONFIGS: Final = (*RECORD_CONFIGS, *LEDGER_CONFIGS)
_HEAD: Final = re.compile(r"^-- (title|unit|note): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Query:
    """A named query: what it counts, in which unit, and what to mind when reading it."""

    name: str
    title: str
    unit: str
    note: str
    sql: str


@cache
def queries() -> Sequence[Query]:
    """All queries, in the order of their files' names."""
    folder = resources.files("broadsheet.measure") / "queries"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda f: f.name)
    return [_query(file.name.removesuffix(".sql"), file.read_text("utf-8")) for file in files]


def _query(name: str, text: str) -> Query:
    head = dict(_HEAD.findall(text))
    sql = _HEAD.sub("", text).strip().removesuffix(";")
    return Query(name.partition("-")[2], head["title"], head["unit"], head.get("note", ""), sql)


def views(root: Path, present: Sequence[str]) -> list[str]:
    """The statements that give the queries their tables: a view per config, empty where the release has none.

    With `root` the empty path, what a reader types in the release's folder.
    """
    statements = []
    for config in CONFIGS:
        if config in present:
            pattern = f"{_literal(root.as_posix())}/data/{config}/*.parquet".removeprefix("./")
            statements.append(f"CREATE VIEW {config} AS FROM read_parquet('{pattern}');")
        else:
            fields = Contract.of(None).columns(config)
            columns = ", ".join(f'NULL::{_sql_type(f.type)} AS "{f.name}"' for f in fields)
            statements.append(f"CREATE VIEW {config} AS SELECT {columns} WHERE false;")
    return statements


def _literal(path: str) -> str:
    """The path inside a quoted glob, standing for itself alone."""
    return re.sub(r"([\[*?])", r"[\1]", path).replace("'", "''")


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


def measure(root: Path, present: Sequence[str]) -> dict[str, Any]:
    """The results of all queries over the Parquet below `root`, by name: title, unit, note, query, columns, rows.

    Present: the configs that the release has. Values are integers and text, so that results are equal everywhere.
    """
    import duckdb

    results: dict[str, Any] = {}
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for statement in views(root, present):
            connection.execute(statement)
        for query in queries():
            cursor = connection.execute(query.sql)
            columns = [column[0] for column in cursor.description or ()]
            rows = [list(row) for row in cursor.fetchall()]
            results[query.name] = {
                "title": query.title,
                "unit": query.unit,
                "note": query.note,
                "query": query.sql,
                "columns": columns,
                "rows": rows,
            }
    return results


def to_json(measures: Mapping[str, Any]) -> str:
    """The measures as `measures.json` holds them."""
    return json.dumps(measures, ensure_ascii=False, indent=1) + "\n"
