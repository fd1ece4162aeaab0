"""Records of the user's own in every format: equal records are read alike, and no byte of a file goes missing."""

import csv
import gzip
import io
import json
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from broadsheet import strict
from broadsheet.contract import Contract, canonical_json, instant, utc
from broadsheet.errors import CallError
from broadsheet.read import records
from broadsheet.read.delimited import read_delimited
from broadsheet.read.found import Damaged, Given, Item, Limits, Lines, Rejected, Skipped, Source, Warned
from broadsheet.read.json_array import looks_like, read_json
from broadsheet.read.jsonl import read_jsonl
from broadsheet.read.parquet import read_parquet, row_groups
from broadsheet.read.records import Fields, UnreadableFile, as_time, body_of, place_of
from broadsheet.text import source_of

Reader = Callable[[Source, Fields], Iterator[Item]]
PLAIN = Fields()


class Trickle(io.BytesIO):
    """A file that gives a few bytes at a time, so that everything stands on a border once."""

    def __init__(self, raw: bytes, most: int) -> None:
        super().__init__(raw)
        self._most = most

    def read(self, n: int | None = -1) -> bytes:
        return super().read(self._most if n is None or n < 0 else min(n, self._most))


def items(reader: Reader, raw: bytes, fields: Fields = PLAIN, *, most: int = 0, **source: Any) -> list[Item]:
    """What the reader yields of the bytes, given to it at most `most` at a time."""
    file = Trickle(raw, most) if most else io.BytesIO(raw)
    return list(reader(Source(file, len(raw), **source), fields))


def total(found: Iterable[Item]) -> int:
    """The bytes of content that the items account for."""
    return sum(item.n_bytes for item in found if not isinstance(item, Lines | Warned | Damaged))


def givens(found: Iterable[Item]) -> list[str]:
    """The records among the items."""
    return [item.record.decode() for item in found if isinstance(item, Given)]


# Every format

SAME: list[dict[str, Any]] = [
    {
        "id": "a1",
        "text": 'Two lines,\nand a "quoted" one; with é, …, 日本 and \U0001f600.',
        "url": "https://www.a.example/1",
    },
    {"id": "a2", "text": "x\ty\\ \u2028", "source": "b.example", "captured": "2026-03-14T09:30:00Z", "title": None},
    {
        "id": "c1",
        "text": "Well said.",
        "role": "comment",
        "thread": "a1",
        "position": 3,
        "depth": 0,
        "truncated": False,
    },
    {"id": "d1", "text": "d", "date": "2026-03-14", "truncated": True, "position": 2147483647, "more": "kept"},
]
COLUMNS = sorted({name for record in SAME for name in record})


def as_jsonl(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=n % 2 == 0).encode() + b"\n" for n, row in enumerate(rows))


def as_csv(rows: list[dict[str, Any]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([{name: row.get(name) for name in COLUMNS} for row in rows]), sink)
    return sink.getvalue()


FORMATS: dict[str, tuple[Reader, bytes]] = {
    "jsonl": (read_jsonl, as_jsonl(SAME)),
    "jsonl, mark, CRLF": (read_jsonl, b"\xef\xbb\xbf" + as_jsonl(SAME).replace(b"\n", b"\r\n")),
    "array": (read_json, json.dumps(SAME).encode()),
    "array, set out": (read_json, b"\xef\xbb\xbf" + json.dumps(SAME, indent=2, ensure_ascii=False).encode()),
    "objects": (read_json, "\n".join(json.dumps(row, indent=1) for row in SAME).encode()),
    "csv": (read_delimited, as_csv(SAME)),
    "csv, mark": (read_delimited, as_csv(SAME, ";", "utf-8-sig")),
    "tsv": (read_delimited, as_csv(SAME, "\t")),
    "csv, UTF-16": (read_delimited, as_csv(SAME, ",", "utf-16")),
    "parquet": (read_parquet, as_parquet(SAME)),
}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "none": bytes,
    "gzip": gzip.compress,
    "zstd": lambda raw: pa.Codec("zstd").compress(raw, asbytes=True),
}


@pytest.mark.parametrize(
    ("format_", "compression"), [(f, c) for f in FORMATS for c in PACKERS if f != "parquet" or c == "none"]
)
def test_equal_records_are_read_alike(format_: str, compression: str) -> None:
    """From every format, compressed or not, the same records come with the same values."""
    reader, raw = FORMATS[format_]
    found = items(reader, PACKERS[compression](raw), compression=compression)
    named = [{"published" if name == "date" else name: value for name, value in row.items()} for row in SAME]
    named[3]["published"] = "2026-03-14T00:00:00Z"
    expected = [canonical_json({k: v for k, v in row.items() if v is not None}) for row in named]
    assert givens(found) == expected
    assert [(body_of(item.value), *place_of(item.value)) for item in found if isinstance(item, Given)] == [
        (SAME[0]["text"], "https://www.a.example/1", "a.example", None),
        (SAME[1]["text"], None, "b.example", "2026-03-14T09:30:00Z"),
        ("Well said.", None, None, None),
        ("d", None, None, None),
    ]
    assert not [item for item in found if isinstance(item, Rejected | Damaged)]
    assert format_ == "parquet" or total(found) == len(raw)


# Fields

MAPPED = [
    ({}, {"text": "t", "timestamp": 5}, {"text": "t", "captured": "1970-01-01T00:00:05Z"}),
    ({}, {"timestamp": "x", "date": "y"}, {"captured": "x", "published": "y"}),
    ({}, {"timestamp": 5, "captured": "as it is"}, {"timestamp": 5, "captured": "as it is"}),
    ({}, {"timestamp": 5, "captured": None}, {"captured": "1970-01-01T00:00:05Z"}),
    ({}, {"published": "2026-03-14 09:30"}, {"published": "2026-03-14 09:30"}),
    ({"published": "published"}, {"published": "2026-03-14 09:30"}, {"published": "2026-03-14T09:30:00Z"}),
    ({"captured": "when"}, {"when": 5, "timestamp": 6}, {"captured": "1970-01-01T00:00:05Z", "timestamp": 6}),
    ({"title": "date"}, {"date": "d"}, {"title": "d"}),
    ({"text": "content"}, {"content": "c"}, {"text": "c"}),
    ({"text": "content"}, {"content": "c", "text": "t"}, {"text": "c", "text_": "t"}),
    ({"text": "content"}, {"content": None, "text": "t", "text_": "u"}, {"text__": "t", "text_": "u"}),
    ({"text": "dek", "dek": "text"}, {"text": "a", "dek": "b"}, {"text": "b", "dek": "a"}),
    ({"text": "body", "title": "body"}, {"body": "b"}, {"text": "b", "title": "b"}),
]


@pytest.mark.parametrize(("names", "theirs", "ours"), MAPPED)
def test_fields_under_other_names(names: dict[str, str], theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    """A mapping decides alone, an alias helps where nothing of ours is there, and what is displaced stays."""
    (found, _) = items(read_jsonl, json.dumps(theirs).encode(), Fields(names))
    assert isinstance(found, Given)
    assert found.record.decode() == canonical_json(ours)
    assert body_of(found.value) == ours.get("text", "")


@given(
    st.dictionaries(st.sampled_from(COLUMNS), st.sampled_from([*COLUMNS, "x", "y"]), max_size=4).filter(
        lambda names: not {"date", "more"} & set(names)
    ),
    st.dictionaries(st.sampled_from([*COLUMNS, "x", "y", "text_"]), st.integers(0, 9) | st.none(), max_size=8),
)
def test_no_value_is_lost_under_another_name(names: dict[str, str], theirs: dict[str, Any]) -> None:
    """Whatever is mapped to what, every value of a record is in what is read of it, and nothing else is."""
    (found, _) = items(read_jsonl, json.dumps(theirs).encode(), Fields(names))
    assert isinstance(found, Given)
    ours = list(json.loads(found.record).values())
    times = [as_time(value) for value in theirs.values()]
    for value in theirs.values():
        assert value is None or value in ours or as_time(value) in ours or str(value) in ours  # an id is text
    known = [*theirs.values(), *times, *map(str, theirs.values())]
    assert all(value in known for value in ours)


def test_fields_that_are_none_of_ours() -> None:
    """A mapping to a property that does not exist is a wrong call that names those that do."""
    with pytest.raises(CallError, match="no fields of the schema: body, txt; known are id, role"):
        Fields({"txt": "content", "body": "x"})


@pytest.mark.parametrize(
    ("value", "time"),
    [
        ("2026-03-14T10:30:00.250+01:00", "2026-03-14T09:30:00.250000Z"),
        ("2026-03-14", "2026-03-14T00:00:00Z"),
        ("20260314T093000Z", "2026-03-14T09:30:00Z"),
        (20260314093000, "2026-03-14T09:30:00Z"),
        ("20260314", "2026-03-14T00:00:00Z"),
        ("2026-03-14 09:30:01,5 UTC", "2026-03-14T09:30:01.500000Z"),
        (1773480600, "2026-03-14T09:30:00Z"),
        ("1773480600", "2026-03-14T09:30:00Z"),
        (-1.5, "1969-12-31T23:59:58.500000Z"),
        (1773480600123, "2026-03-14T09:30:00.123000Z"),
        ("2026-02-30", None),
        ("2026-03-14T09:30:60Z", None),
        ("yesterday", None),
        (True, None),
        (1e300, None),
        ([1], None),
        ("٢٠٢٦-03-14", None),
        ("0001-01-01T00:00:00+05:00", None),
    ],
)
def test_times_that_can_be_read(value: Any, time: str | None) -> None:
    """Times of other forms get ours; what is no time stays as it is."""
    assert as_time(value) == (value if time is None else time)
    assert time is None or utc(time) == as_time(time) == time


HOSTS = st.sampled_from(
    ["a.example", "www.a.example", "WWW.A.Example.", "www.", "a..b", "-", "a:80", "u@a.b", "ä.b", "[::1]", ""]
)


@given(
    st.sampled_from(["http://", "https://", "HTTP://", " http://", "//", ""]),
    HOSTS,
    st.text("/?#:@[]\t ab%ä", max_size=6),
)
def test_sources_are_those_of_the_one_function(scheme: str, host: str, rest: str) -> None:
    """The quick way to a URL's source gives what `source_of` gives."""
    url = scheme + host + rest
    (found, _) = items(read_jsonl, json.dumps({"url": url}).encode())
    assert isinstance(found, Given)
    assert place_of(found.value)[1] == (source_of(url) if url else None)


@given(
    st.from_regex(
        r"(20[0-9]{2}|٢٠٢٦|0000)-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{0,8})?(Z|[+-]0[0-9]:30)\n?",
        fullmatch=True,
    )
)
def test_captures_are_those_of_the_one_function(text: str) -> None:
    """The quick way to a record's time of capture gives what Python's own reading gives, or nothing."""
    try:
        expected = utc(text) if text.endswith("Z") else instant(text) if text.isascii() and text[-1] == "0" else None
    except ValueError:
        expected = None
    (found, _) = items(read_jsonl, json.dumps({"captured": text}).encode())
    assert isinstance(found, Given)
    assert place_of(found.value)[2] == expected


# The fast way and the strict way

STRINGS = st.one_of(
    st.sampled_from(['""', '"text"', '"a"', '"\\u0061"', '":"', '"\\u003a"', '"\\\\u003a"', '"\\ud83d\\ude00"']),
    st.sampled_from(['"\\u0000\\u001f\\b\\f\\n\\r\\t\\/"', '"\x7f\u2028\U0001f600é"', '"' + ": x\\n" * 40 + '"']),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8).map(json.dumps),
    st.text(':"\\u03a', max_size=8).map(lambda text: json.dumps(text, ensure_ascii=False)),
)
INTEGERS = "-9223372036854775808 -9223372036854775809 9223372036854775807 9223372036854775808 18446744073709551616"
FLOATS = "-0.0 0.0 1.0 1e5 1E-7 1e16 1e22 0.1e-400 1.7976931348623157e308 5e-324 99999999999999999999.5 1e999"
NUMBERS = st.one_of(
    st.sampled_from(f"0 -0 1 123456789012345678 18446744073709551615 {INTEGERS} {FLOATS}".split()),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(2**65), 2**65).map(str),
)
GOOD = st.one_of(STRINGS, NUMBERS, st.sampled_from(["true", "false", "null"]))
WRONG = st.sampled_from(
    ['"\\', '"\\x"', '"\t"', '"\\ud800"', "nul", "", "NaN", "Infinity", "-Infinity", "01", "1.", ".5"]
)
SPACES = st.sampled_from(["", "", "", " ", "\n", "\t\r "])
NO_SPACES = st.sampled_from(["\u00a0", "\x0b", ",", ""])


def _array(values: list[str]) -> str:
    return f"[{','.join(values)}]"


def _object(values: st.SearchStrategy[str], spaces: st.SearchStrategy[str] = SPACES) -> st.SearchStrategy[str]:
    member = st.tuples(spaces, STRINGS, spaces, st.just(":"), spaces, values, spaces).map("".join)
    return st.lists(member, max_size=4).map(lambda members: f"{{{','.join(members)}}}")


def _nested(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(values, lambda v: st.lists(v, max_size=3).map(_array) | _object(v), max_leaves=6)


VALUES = _nested(GOOD)
JSON_TEXTS = st.one_of(_object(GOOD), _object(VALUES), _object(_nested(GOOD | WRONG), SPACES | NO_SPACES), VALUES)
LONG = json.dumps('Lorries: \\ " é must take the northern road. ' * 5)
DEEP = '{"a":' + "[" * 63 + "{}" + "]" * 63 + "}"


@given(JSON_TEXTS)
@settings(max_examples=500)
@example('{"":0,"":0}')
@example('{"a":1,"a":2}')
@example('{"a":1,"\\u0061":2}')
@example('{"a":{"b":1,"b":2}}')
@example('{"a":"\\u003a\\u003a","a":1,"b":"x"}')
@example('{"a":1,"a":2,"b":"\\u003a"}')
@example('{"a":[{"":0,"":0}],"f":1E5}')
@example(f'{{"text": {LONG}, "a":1, "a":2}}')
@example(f'{{"text": {LONG}, "a":"\\u003a", "a":2}}')
@example(f'{{"text": {LONG}, "text": {LONG}}}')
@example(f'{{"a":{{"text":{LONG}}}, "text": {LONG}, "f": 0.1}}')
@example(DEEP)
@example(DEEP.replace("{}", "[1]"))
@example(DEEP.replace("{}", '[{"a":1}]'))
@example('{"a":9223372036854775808}')
@example('{"a":[-9223372036854775809]}')
@example('{"a":18446744073709551616}')
@example('{"a":-0}')
@example('{"a":-0.0}')
@example('{"a":1e16,"b":0.00001,"c":-9223372036854775809}')
@example('\ufeff{"a":1}')
def test_the_fast_way_gives_what_the_strict_way_gives(text: str) -> None:
    """Whatever JSON a line holds, it is the same record with the same canonical JSON, or refused by the same code."""
    line = text.encode()
    try:
        record = strict.loads(line)
    except strict.UnreadableError as error:
        with pytest.raises(strict.UnreadableError) as raised:
            strict.parsed(line)
        assert (raised.value.code, str(raised.value)) == (error.code, str(error))
        return
    found, out = strict.parsed(line)
    assert canonical_json(found) == canonical_json(record) == out.decode() == strict.canonical(record).decode()


@pytest.mark.parametrize(
    "dump", [{"separators": (",", ":"), "ensure_ascii": False}, {"ensure_ascii": False}, {}, {"indent": 1}]
)
def test_usual_records_take_the_fast_way(dump: dict[str, Any]) -> None:
    """Records as programs write them need no strict reading, with numbers, lists and colons too: else all is slow."""
    record = {
        "text": "Lorries: é \\ … " * 30,
        "url": "https://a.example/",
        "n": 3,
        "score": 0.5,
        "tags": ["a", {"b": 1e-9}],
    }
    assert strict._proven(json.dumps(record, **dump).encode(), "text") is not None


# JSON Lines

BAD = {
    "syntax": b'{"text": "cut',
    "encoding": b'{"text": "\xff"}',
    "not-finite": b'{"text": NaN}',
    "big-integer": b'{"a": 9223372036854775808}',
    "surrogate": b'{"text": "\\ud800"}',
    "duplicate-key": b'{"a": 1, "a": 1}',
    "depth": b'{"a": ' + b"[" * 70 + b"]" * 70 + b"}",
    "not-an-object": b"[]",
}


def test_each_bad_line_is_rejected_alone() -> None:
    """A line of each kind is kept as it stands under its code and number, between two that are read."""
    lines = [line for bad in BAD.values() for line in (b'{"text": "x"}', bad)]
    found = items(read_jsonl, b"\n".join([*lines, b'{"text": "y"}', b"", b" \r"]))
    rejected = [item for item in found if isinstance(item, Rejected)]
    assert [(item.code, item.raw, item.n_bytes, item.line) for item in rejected] == [
        (code, raw, len(raw) + 1, 2 * n + 2) for n, (code, raw) in enumerate(BAD.items())
    ]
    assert givens(found) == ['{"text":"x"}'] * len(BAD) + ['{"text":"y"}']
    assert found[-2:] == [Skipped("blank", 3, is_record=False), Lines(2 * len(BAD) + 3)]


CONTENT = st.lists(
    st.sampled_from(
        [b'{"text":"x"}', b'{"a": 1}', b"\n", b"\n", b"\r\n", b" ", b"\xef\xbb\xbf", b"\xff", b"[1]", b'{"t', b"\0"]
    ),
    max_size=25,
).map(b"".join)


def merged(found: Iterable[Item]) -> tuple[list[Item], int, int, int]:
    """Items without what parts tell for themselves: bytes and lines of all, blank bytes, and the rest."""
    found = list(found)
    blank = sum(item.n_bytes for item in found if isinstance(item, Skipped))
    lines = sum(item.n for item in found if isinstance(item, Lines))
    rest = [item._replace(line=0) for item in found if isinstance(item, Given | Rejected)]
    return rest, total(found), blank, lines


@given(CONTENT, st.lists(st.integers(0, 80), max_size=6), st.integers(1, 9), st.integers(5, 40))
@settings(max_examples=300)
def test_parts_tile_a_file(raw: bytes, cuts: list[int], most: int, line_bytes: int) -> None:
    """However a file is cut into parts and its bytes arrive, the items are the same and add up to its bytes."""
    limits = Limits(line_bytes=line_bytes)
    whole = items(read_jsonl, raw, limits=limits)
    bounds = [0, *sorted(min(cut, len(raw)) for cut in cuts), len(raw)]
    parts = [
        item
        for start, end in pairwise(bounds)
        for item in items(read_jsonl, raw, start=start, end=end, limits=limits, most=most)
    ]
    assert total(whole) == len(raw)
    assert merged(parts) == merged(whole)
    assert merged(items(read_jsonl, gzip.compress(raw), compression="gzip", limits=limits)) == merged(whole)
    numbers = [item.line for item in whole if isinstance(item, Given | Rejected)]
    assert numbers == sorted(set(numbers))


def test_long_lines_are_passed_over() -> None:
    """A line over the limit is counted, not held, wherever it stands, and its neighbours are read."""
    for most, line in ((0, b"x" * 99), (7, b"x" * 99), (7, b'{"text":"x"}' * 9)):
        raw = b'{"text":"a"}\n' + line + b'\n{"text":"b"}\n' + line
        found = items(read_jsonl, raw, limits=Limits(line_bytes=20), most=most)
        n = len(line)
        assert [item for item in found if isinstance(item, Rejected)] == [
            Rejected("size", f"{n + 1} bytes in a line; at most 20", None, n + 1, 2),
            Rejected("size", f"{n} bytes in a line; at most 20", None, n, 4),
        ]
        assert givens(found) == ['{"text":"a"}', '{"text":"b"}']
    exact = items(read_jsonl, b'{"text":"a"}\n', limits=Limits(line_bytes=12))
    assert givens(exact) == ['{"text":"a"}']


def _damaged_gzip(raw: bytes) -> bytes:
    """Two members of the bytes' halves, of which the first breaks off."""
    first = gzip.compress(raw[: len(raw) // 2])
    return first[: len(first) // 2] + gzip.compress(raw[len(raw) // 2 :])


def test_damage_joins_no_lines() -> None:
    """Lines on both sides of damage are read, half lines are rejected each for itself, and the damage is passed on."""
    chance = random.Random(1)
    rows = [{"text": f"{n} {chance.random()}"} for n in range(4000)]
    raw = as_jsonl(rows)
    found = items(read_jsonl, _damaged_gzip(raw), compression="gzip")
    assert sum(isinstance(item, Damaged) for item in found) >= 1
    assert set(givens(found)) <= {canonical_json(row) for row in rows}
    assert len(givens(found)) > 2000
    assert 1 <= sum(isinstance(item, Rejected) for item in found) <= 2
    array = items(read_json, _damaged_gzip(b"[" + raw.replace(b"\n", b",\n")), compression="gzip")
    assert givens(array)[:900] == [canonical_json(row) for row in rows[:900]]
    assert [item.code for item in array if isinstance(item, Rejected)][-1] == "syntax"


# JSON documents


@given(
    st.lists(
        st.sampled_from(
            [
                b'{"text":"]\\"}"}',
                b'{"a":[{}]}',
                b"[",
                b"]",
                b"{",
                b"}",
                b",",
                b" ",
                b"1",
                b'"s,"',
                b'"',
                b"\\",
                b"x",
                b"\n",
                b"\xff",
            ]
        ),
        max_size=20,
    ).map(b"".join),
    st.integers(1, 9),
    st.integers(4, 40),
)
@settings(max_examples=300)
@example(b'["\\', 1, 40)
def test_a_document_in_pieces_is_the_same_document(raw: bytes, most: int, line_bytes: int) -> None:
    """Whatever a document holds and however it arrives, the items are the same and add up to its bytes."""
    limits = Limits(line_bytes=line_bytes)
    whole = items(read_json, raw, limits=limits)
    assert total(whole) == len(raw)
    assert items(read_json, raw, limits=limits, most=most) == whole


@given(
    st.lists(
        st.dictionaries(
            st.text(max_size=4),
            st.text(max_size=6) | st.integers(-9, 9) | st.lists(st.text('{}[],"\\', max_size=4), max_size=3),
            min_size=1,
            max_size=3,
        )
    ),
    st.sampled_from([None, 0, 2]),
    st.integers(1, 30),
)
def test_elements_are_what_the_document_holds(rows: list[dict[str, Any]], indent: int | None, most: int) -> None:
    """The elements of any array are those that parsing it whole gives."""
    raw = json.dumps(rows, indent=indent, ensure_ascii=False).encode("utf-8", "replace")
    expected = [canonical_json(row) for row in json.loads(raw)]
    whose = [name for row in rows for name in row if name in ("date", "timestamp")]
    assert whose or givens(items(read_json, raw, most=most)) == expected


def test_what_stands_between_elements_is_rejected() -> None:
    """Scalars, arrays and garbage are rejected with the number of their place; the elements around them are read."""
    raw = b'[{"text":"a"}, 5, "s, t", [{"b":1}], x, {"text":"b"} } {"text":"c"}, {"te'
    found = items(read_json, raw)
    assert [(item.code, item.raw, item.line) for item in found if isinstance(item, Rejected)] == [
        ("not-an-object", b"5", 2),
        ("not-an-object", b'"s, t"', 3),
        ("not-an-object", b'[{"b":1}]', 4),
        ("syntax", b"x", 5),
        ("syntax", b"}", 7),
        ("syntax", b'{"te', 9),
    ]
    assert [(body_of(item.value), item.line) for item in found if isinstance(item, Given)] == [
        ("a", 1),
        ("b", 6),
        ("c", 8),
    ]
    assert total(found) == len(raw)


def test_large_elements_are_passed_over() -> None:
    """An element over the limit is counted and not held; those around it are read."""
    raw = b'[{"text":"a"},{"text":"' + b"x" * 99 + b'"},{"text":"b"}]'
    for most in (0, 7):
        found = items(read_json, raw, limits=Limits(line_bytes=20), most=most)
        assert [item[:4] for item in found if isinstance(item, Rejected)] == [
            ("size", "an element of over 20 bytes", None, 111)
        ]
        assert givens(found) == ['{"text":"a"}', '{"text":"b"}']
        assert total(found) == len(raw)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"[", "json"),
        (b"", "jsonl"),
        (b'{"a":1}\n{"a":2}\n', "jsonl"),
        (b'\xef\xbb\xbf\n{"a":1}\n', "jsonl"),
        (b'{"a":1', "jsonl"),
        (b'{\n "a": 1\n}\n', "json"),
        (b'{"a": {\n}\n}\n', "json"),
        (b'{"a": bad\n{"a":2}\n', "jsonl"),
        (b"text", "jsonl"),
        (b"\n\0,\0\n", "jsonl"),
        (b"[1]\n{}", "jsonl"),
        (b"[1]\n", "json"),
        (b'[\n{"a":1}\n]', "json"),
    ],
)
def test_lines_are_told_from_documents(head: bytes, kind: str) -> None:
    """The beginning of a file tells JSON Lines from a document."""
    assert looks_like(head) == kind


# Delimited text


def test_rows_that_cannot_be_read() -> None:
    """Each bad row is rejected by its code and first line, with a mark too few as well; the others are read."""
    raw = b'text,url,position,truncated\na,"b\nc",3,True\n\nx,y\n"q"z,1,2,3\nm,,o,p\n\0,,,\n"open,1,2\na,b,1.0,0\n'
    found = items(read_delimited, raw)
    assert [(item.code, item.raw, item.line) for item in found if isinstance(item, Rejected)] == [
        ("cells", b"x,y", 5),
        ("syntax", b'"q"z,1,2,3', 6),
        ("syntax", b"\0,,,", 8),
        ("syntax", b'"open,1,2', 9),
    ]
    assert [(item.record.decode(), item.line) for item in found if isinstance(item, Given)] == [
        ('{"position":3,"text":"a","truncated":true,"url":"b\\nc"}', 2),
        ('{"position":"o","text":"m","truncated":"p"}', 7),
        ('{"position":1,"text":"a","truncated":false,"url":"b"}', 10),
    ]
    assert total(found) == len(raw)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b",text\n0,x\n", "column 1 has no name"),
        (b"text,a,a\n", "columns given twice: 'a'"),
        (b'"text\n', "its header cannot be read"),
        ("text,url\n".encode("utf-16-le"), "NUL"),
        (b"x" * 200, "200 bytes in a line"),
    ],
)
def test_tables_without_a_header_to_go_by(raw: bytes, reason: str) -> None:
    """A header that does not name every column once makes the file unreadable, and the message says why."""
    with pytest.raises(UnreadableFile, match=reason):
        items(read_delimited, raw, limits=Limits(line_bytes=100))


def test_encodings_of_tables() -> None:
    """A table of windows-1252 is read as such and says so; a stray line of it in UTF-8 is rejected."""
    warned, *found = items(read_delimited, "text;url\ncafé;x\nabc;y".encode("cp1252"))
    assert warned == Warned(0, "no UTF-8: read as windows-1252")
    assert givens(found) == ['{"text":"café","url":"x"}', '{"text":"abc","url":"y"}']
    mixed = items(read_delimited, "text\ncafé\nnaïve\n".encode() + b"caf\xe9\n")
    assert [item for item in mixed if isinstance(item, Rejected)] == [
        Rejected("encoding", "byte 3 is no utf-8", b"caf\xe9", 5, 4)
    ]
    lone = items(read_delimited, "text\n\ud800\n".encode("utf-16", "surrogatepass"))
    assert [item.code for item in lone if isinstance(item, Rejected)] == ["surrogate"]


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=6)


@given(
    st.lists(st.tuples(CELLS, CELLS), max_size=6),
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.integers(1, 9),
)
def test_what_csv_writes_is_read_back(rows: list[tuple[str, str]], delimiter: str, encoding: str, most: int) -> None:
    """Any cells, quoted as the standard library quotes them, come back as they were; empty ones are absent."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("text", "dek"), *rows])
    raw = text.getvalue().encode(encoding)
    found = items(read_delimited, raw, most=most)
    expected = [{name: cell for name, cell in zip(("text", "dek"), row, strict=True) if cell} for row in rows]
    assert givens(found) == [canonical_json(row) for row in expected]
    assert total(found) == len(raw)


@given(
    st.lists(
        st.sampled_from(
            [b"a", b",", b'"', b'""', b"\n", b"\n", b"\r\n", b"\xe9", "é".encode(), b"\0", b"xxxxxxxxxxxx"]
        ),
        max_size=25,
    ).map(b"".join),
    st.sampled_from(["utf-8", "utf-16-le"]),
    st.integers(1, 9),
)
@settings(max_examples=200)
def test_no_byte_of_a_table_goes_missing(raw: bytes, encoding: str, most: int) -> None:
    """Whatever follows the header and however it arrives, the items are the same and add up to the file."""
    raw = ("text,url\n" if encoding == "utf-8" else "\ufefftext,url\n").encode(encoding) + raw
    limits = Limits(line_bytes=20)
    whole = items(read_delimited, raw, limits=limits)
    assert total(whole) == len(raw)
    assert items(read_delimited, raw, limits=limits, most=most) == whole


# Parquet


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, **options)
    return sink.getvalue()


TIME = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
TYPES: dict[str, tuple[pa.Array, Any]] = {
    "large": (pa.array(["é"], pa.large_string()), "é"),
    "view": (pa.array(["é"], pa.string_view()), "é"),
    "dictionary": (pa.array(["é"]).dictionary_encode(), "é"),
    "small": (pa.array([-3], pa.int8()), -3),
    "unsigned": (pa.array([2**63 - 1], pa.uint64()), 2**63 - 1),
    "float": (pa.array([0.1], pa.float32()), 0.10000000149011612),
    "boolean": (pa.array([True]), True),
    "null": (pa.nulls(1), None),
    "zoned": (pa.array([TIME], pa.timestamp("us", "Europe/Berlin")), "2026-03-14T09:30:00Z"),
    "naive": (
        pa.array([TIME.replace(tzinfo=None, microsecond=5000)], pa.timestamp("ms")),
        "2026-03-14T09:30:00.005000Z",
    ),
    "nanoseconds": (pa.array([1_999], pa.timestamp("ns")), "1970-01-01T00:00:00.000001Z"),
    "far": (pa.array([2**61], pa.timestamp("us")), 2**61),
    "date": (pa.array([date(2026, 3, 14)]), "2026-03-14T00:00:00Z"),
    "date64": (pa.array([date(2026, 3, 14)], pa.date64()), "2026-03-14T00:00:00Z"),
    "time of day": (pa.array([34_200_000], pa.time32("ms")), "09:30:00.000"),
    "duration": (pa.array([90], pa.duration("s")), 90),
    "decimal": (pa.array([Decimal("1.50")]), "1.50"),
    "binary": (pa.array([b"\xff"]), "/w=="),
    "fixed": (pa.array([b"\xff"], pa.binary(1)), "/w=="),
    "list": (pa.array([[1.5, None]]), [1.5, None]),
    "dates": (pa.array([[date(2026, 3, 14)]], pa.list_(pa.date32(), 1)), ["2026-03-14T00:00:00Z"]),
    "struct": (pa.array([{"b": [{"c": None}], "a": b"\xff"}]), {"b": [{"c": None}], "a": "/w=="}),
    "map": (pa.array([[("k", ["v"])]], pa.map_(pa.string(), pa.list_(pa.string()))), {"k": ["v"]}),
}


@pytest.mark.parametrize("type_", TYPES)
def test_types_of_columns(type_: str) -> None:
    """A value of each type becomes JSON as the module says, also behind and before rows that are null."""
    array, value = TYPES[type_]
    empty = pa.nulls(2, array.type) if type_ != "dictionary" else pa.nulls(2, pa.string()).dictionary_encode()
    raw = parquet({"x": pa.concat_arrays([empty, array, empty]), "text": ["a", "b", "c", "d", "e"]})
    expected = [{"text": letter} for letter in "abcde"]
    if value is not None:
        expected[2] |= {"x": value}
    assert givens(items(read_parquet, raw)) == [canonical_json(row) for row in expected]


@pytest.mark.parametrize(
    "array",
    [
        pa.array([[(1, 2)]], pa.map_(pa.int8(), pa.int8())),
        pa.array([{"x": [(1, 2)]}], pa.struct([("x", pa.map_(pa.int8(), pa.int8()))])),
    ],
)
def test_types_without_json(array: pa.Array) -> None:
    """A column of another type makes the file unreadable, by its name."""
    with pytest.raises(UnreadableFile, match=r"column x\b.* has no JSON"):
        items(read_parquet, parquet({"x": array}))


def test_rows_that_are_no_records() -> None:
    """What JSON cannot hold rejects its row alone, with the row's number and the rest of it."""
    bad = pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff"], pa.binary()).buffers())
    columns = {
        "text": pa.chunked_array([pa.array(["a", "b", "c"]), bad, pa.array(["e"])]).combine_chunks(),
        "f": [0.5, float("nan"), None, 1.5, -0.0],
        "n": pa.array([1, 2, 2**63, 4, 5], pa.uint64()),
    }
    found = items(read_parquet, parquet(columns))
    assert [(item.code, item.line) for item in found if isinstance(item, Rejected)] == [
        ("not-finite", 2),
        ("big-integer", 3),
        ("encoding", 4),
    ]
    rejected = [item.raw for item in found if isinstance(item, Rejected)]
    assert rejected[0] == b'{"text": "b", "f": "[\\n  nan\\n]", "n": 2}'
    assert [(item.record.decode(), item.line) for item in found if isinstance(item, Given)] == [
        ('{"f":0.5,"n":1,"text":"a"}', 1),
        ('{"f":-0.0,"n":5,"text":"e"}', 5),
    ]


def test_parts_of_parquet_are_row_groups() -> None:
    """Rows keep their numbers whichever row groups are read; the sizes that planning needs come from the footer."""
    raw = parquet({"text": [str(n) for n in range(10)], "content": ["x"] * 10}, row_group_size=3)
    assert [n for n, _ in row_groups(io.BytesIO(raw))] == [3, 3, 3, 1]
    whole = items(read_parquet, raw)
    assert [item.line for item in whole if isinstance(item, Given)] == list(range(1, 11))
    parts = [item for n in range(4) for item in items(read_parquet, raw, start=n, end=n + 1)]
    assert parts == whole
    large = items(read_parquet, raw, limits=Limits(line_bytes=10))
    assert [item.code for item in large if isinstance(item, Rejected)] == ["size"] * 10
    mapped = items(read_parquet, raw, Fields({"text": "content"}), start=3)
    assert mapped == [Given({"text_": "9", "text": "x"}, b'{"text":"x","text_":"9"}', 10, 24)]


def test_damaged_parquet() -> None:
    """A row group that cannot be read is named with its rows, and the next is read; without its footer, none is."""
    raw = bytearray(parquet({"text": [f"{n} text" for n in range(30)]}, row_group_size=10, write_page_checksum=True))
    metadata = pq.ParquetFile(io.BytesIO(bytes(raw))).metadata.row_group(1).column(0)
    start = metadata.dictionary_page_offset
    raw[start + 40] ^= 0xFF
    found = items(read_parquet, bytes(raw))
    (damaged,) = [item for item in found if isinstance(item, Damaged)]
    assert (damaged.offset, damaged.n_bytes) == (start, metadata.total_compressed_size)
    assert damaged.reason.startswith("row group 1, rows 11 to 20: ")
    assert [item.line for item in found if isinstance(item, Given)] == [*range(1, 11), *range(21, 31)]
    for cut in (raw[:-20], b"", b"PAR1" + b"x" * 20 + b"PAR1"):
        with pytest.raises(UnreadableFile, match="is no whole Parquet file"):
            items(read_parquet, bytes(cut))


def test_the_modules_agree_on_aliases() -> None:
    """Each alias stands for a time of ours and is none of our names."""
    members = Contract.of(None).members
    assert set(records.ALIASES.values()) == {name for name, member in members.items() if member.type.kind == "instant"}
    assert not set(records.ALIASES) & set(members)
