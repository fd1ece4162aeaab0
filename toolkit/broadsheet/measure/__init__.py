"""Measures: every figure in a document is a named query over the release's own Parquet, run by DuckDB."""

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from broadsheet.measure.tables import statements
from broadsheet.measure.topics import refuse_topic

__all__ = ["Query", "measure", "queries", "refuse_topic", "statements", "to_json"]

_HEAD: Final = re.compile(r"^-- ([a-z-]+): (.+)\n", re.MULTILINE)
_MEMORY_BYTES: Final = 2 << 30
"""What DuckDB may use if nobody says otherwise; beyond it, it writes to disk."""

_IN_PAGES: Final = "CREATE TEMP TABLE in_pages AS"
_PIECE_PAGES: Final = 4096

_HELD_BYTES: Final = 32 << 20
"""JSON bytes of all tables from which they are not read into memory first."""


@dataclass(frozen=True, slots=True)
class Query:
    """A named query, with what must be known to read its result.

    `over` is the relation whose rows are n, `missing` the condition for those without what is measured; `then` names
    a function of `chance` or `words` that its rows go through, `persons` says what is not shown of single persons,
    `needs` what it cannot do without: it is left out where a standoff release has none.
    """

    name: str
    title: str
    unit: str
    denominator: str
    may: str
    may_not: str
    source: str
    over: str
    missing: str | None
    then: str | None
    persons: str | None
    needs: str | None
    sql: str


@cache
def queries() -> Sequence[Query]:
    """All queries, in the order of their files' names."""
    folder = resources.files("broadsheet.measure") / "queries"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda f: f.name)
    return [_query(file.name.removesuffix(".sql"), file.read_text("utf-8")) for file in files]


def _query(name: str, text: str) -> Query:
    head = dict(_HEAD.findall(text))
    given = {key: head[key] for key in ("title", "unit", "denominator", "may", "source", "over")}
    return Query(
        name=name.partition("-")[2],
        may_not=head["may-not"],
        missing=head.get("missing"),
        then=head.get("then"),
        persons=head.get("persons"),
        needs=head.get("needs"),
        sql=_HEAD.sub("", text).strip().removesuffix(";"),
        **given,
    )


def measure(
    root: Path, manifest: Mapping[str, Any], memory_bytes: int | None = None, work: Path | None = None
) -> dict[str, Any]:
    """The results of all queries over the Parquet below `root`, by name: the query with its head, n, columns and rows.

    The manifest says which tables there are, what was rejected, and which lexicon serves. Values are integers, text
    and numbers of at most three decimals, so that results are equal everywhere; null is what is not shown. What does
    not fit into `memory_bytes` goes into the folder `work`, or where the system keeps temporary files.
    """
    import duckdb

    limit = memory_bytes or _MEMORY_BYTES
    while True:
        try:
            return _measured(root, manifest, limit, work)
        except duckdb.OutOfMemoryException:  # some of its steps cannot go to disk: better too much than nothing
            if limit >= _MEMORY_BYTES:
                raise
            limit *= 2


def _measured(root: Path, manifest: Mapping[str, Any], memory_bytes: int, work: Path | None) -> dict[str, Any]:
    import duckdb

    with (
        tempfile.TemporaryDirectory(dir=work, prefix=".measures-") as folder,
        duckdb.connect(config={"memory_limit": f"{memory_bytes >> 10}KiB", "temp_directory": folder}) as connection,
    ):
        connection.execute("SET TimeZone = 'UTC'")
        held = sum(table.get("n_bytes", _HELD_BYTES) for table in manifest["tables"]) < _HELD_BYTES
        if held:  # several threads would take longer to find to one another than they save
            connection.execute("SET threads = 1")
        for statement in statements(root, manifest, held=held):
            if statement.startswith(_IN_PAGES) and not held:
                _in_pieces(connection, statement)
            else:
                connection.execute(statement)
        counted = _counted(connection)
        return {
            query.name: _left_out(query, counted[query.name][0])
            if query.needs and "standoff" in manifest
            else _result(connection, query, *counted[query.name])
            for query in queries()
        }


def _in_pieces(connection: Any, statement: str) -> None:
    """Makes the table of what stands in pages, a few thousand of them at a time, since it holds their texts.

    The statement is what a reader types: it finds other views under the names of the two tables that it asks.
    """
    numbered = "SELECT page_id, row_number() OVER (ORDER BY page_id) AS n FROM pages"
    ends = connection.execute(f"SELECT page_id FROM ({numbered}) WHERE n % {_PIECE_PAGES} = 0 ORDER BY 1").fetchall()  # noqa: S608
    bounds = ["", *(id_ for (id_,) in ends), "~"]  # ids are of letters and figures
    connection.execute("CREATE SCHEMA piece; SET search_path = 'piece,main'")
    for first, last in pairwise(bounds):
        for name in ("pages", "segments"):
            inside = f"page_id > '{first}' AND page_id <= '{last}'"
            connection.execute(f"CREATE OR REPLACE VIEW piece.{name} AS FROM main.{name} WHERE {inside}")
        connection.execute(statement)
        statement = statement.replace(_IN_PAGES, "INSERT INTO in_pages")
    connection.execute("SET search_path = 'main'; DROP SCHEMA piece CASCADE")


def _counted(connection: Any) -> dict[str, tuple[int, int | None]]:
    """By query n and how many of these lack what is measured; a query for each relation."""
    by_relation: dict[str, list[Query]] = {}
    for query in queries():
        by_relation.setdefault(query.over, []).append(query)
    found: dict[str, tuple[int, int | None]] = {}
    for over, its in by_relation.items():
        lacks = [f"count(*) FILTER (WHERE {query.missing})" if query.missing else "NULL" for query in its]
        n, *missing = connection.execute(f"SELECT count(*), {', '.join(lacks)} FROM {over}").fetchone()  # noqa: S608 - ours
        found |= {query.name: (n, lack) for query, lack in zip(its, missing, strict=True)}
    return found


def _result(connection: Any, query: Query, n: int, missing: int | None) -> dict[str, Any]:
    cursor = connection.execute(query.sql)
    columns = [column[0] for column in cursor.description or ()]
    rows = [list(row) for row in cursor.fetchall()]
    if query.then:
        from broadsheet.measure import chance, words

        function = {"bootstrap": chance.bootstrap, "words_apart": words.words_apart}[query.then]
        columns, rows = function(columns, rows)
    return _told(query, n, missing, columns, rows)


def _left_out(query: Query, n: int) -> dict[str, Any]:
    """A measure of a release without texts that cannot be taken: a zero would be a figure."""
    return _told(query, n, None, [], []) | {"left_out": f"it needs {query.needs}, which this release does not hold"}


def _told(query: Query, n: int, missing: int | None, columns: list[str], rows: list[list[Any]]) -> dict[str, Any]:
    return {
        "title": query.title,
        "unit": query.unit,
        "denominator": query.denominator,
        "may": query.may,
        "may_not": query.may_not,
        "source": query.source,
        "over": query.over,
        "n": n,
        "missing_where": query.missing,
        "missing": missing,
        "persons": query.persons,
        "query": query.sql,
        "then": query.then,
        "columns": columns,
        "rows": rows,
    }


def to_json(measures: Mapping[str, Any]) -> str:
    """The measures as `measures.json` holds them."""
    return json.dumps(measures, ensure_ascii=False, indent=1) + "\n"
