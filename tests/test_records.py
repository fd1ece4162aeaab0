"""Records of the user's own: what comes in is valid or rejected, and what is rejected is kept whole with reasons."""

import base64
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sites import ARTICLE, build_pages, json_rows, make_pages, rejections

from broadsheet import partway
from broadsheet.build import Built, Event
from broadsheet.contract import RECORD_CONFIGS, canonical_json, schema
from broadsheet.release.verify import KEPT, verify
from broadsheet.strict import UnreadableError, loads

GOOD = b'{"text": "Lorries must take the northern road, which is longer."}\n'

NAMES = st.sampled_from(list(schema("record")["properties"]))
TIMES = st.sampled_from(
    [
        "2026-03-14T09:30:00Z", "2026-03-14T09:30:00.1234567Z", "2026-03-14t09:30:00z", "2016-12-31T23:59:60Z",
        "0000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-03-14T09:30:00Z\n", "2026-03-14T09:30:00+01:00",
        "2026-03-14 09:30:00Z", "9999-12-31T23:59:59.999999Z", "٢٠٢٦-03-14T09:30:00Z", "yesterday",
    ]
)  # fmt: skip
STRINGS = st.one_of(
    st.sampled_from(["", " ", "x", "main", "comment", "teaser", "boilerplate", "en", "und", "Latn", "\x00", "\ufeff"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    TIMES,
)
NUMBERS = st.one_of(
    st.sampled_from([0, -1, 1, 5.0, 1.5, -0.0, 1e300, 2**31 - 1, 2**31, 2**63 - 1, -(2**63)]), st.integers(-9, 9)
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, STRINGS)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(STRINGS, inner, max_size=3), max_leaves=6
)
OBJECTS = st.one_of(
    st.dictionaries(NAMES | STRINGS, VALUES, max_size=6),
    st.fixed_dictionaries(
        {"text": STRINGS},
        optional={
            "role": st.sampled_from(["main", "sidebar", "teaser", "comment", None]),
            "thread": STRINGS,
            "position": NUMBERS,
            "depth": NUMBERS,
            "reply_to": NUMBERS,
            "published": TIMES,
            "captured": TIMES,
            "url": STRINGS,
        },
    ),
)
LINES = st.one_of(
    OBJECTS.map(lambda value: json.dumps(value).encode()),
    OBJECTS.map(lambda value: json.dumps(value, ensure_ascii=False, indent=None).encode()),
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=20).filter(lambda raw: b"\n" not in raw and raw.strip()),
    st.sampled_from(
        [
            b'{"text": NaN}', b'{"text": "x", "position": Infinity}', b'{"text": "x", "position": -Infinity}',
            b'{"text": 1e999}', b'{"text": "x", "text": "y"}', b'{"text": "x", "a": {"b": 1, "b": 2}}',
            b'{"text": "\\ud800"}', b'{"\\udfff": "x", "text": "x"}', b'{"text": "x", "a": 99999999999999999999}',
            b'{"text": "x", "a": ' + b"9" * 5000 + b"}", b'{"text": "x", "a": ' + b"[" * 70 + b"]" * 70 + b"}",
            b"[" * 100_000, b'{"text": "cut', b"{}", b"[]", b"null", b'"text"', b'{"text": "\xff"}', b"\xef\xbb\xbf{}",
            b'{"text": "\x01"}', b'{"text": "x"} {"text": "y"}', b'{"text": "x",}', b"{'text': 'x'}",
            b"\x00", b"\xc2\x85",
        ]
    ),
)  # fmt: skip


def content(line: bytes) -> str | None:
    """The canonical JSON of a line that is a record, or None; null is absent."""
    try:
        return canonical_json({name: value for name, value in loads(line).items() if value is not None})
    except UnreadableError:
        return None


@given(st.lists(LINES, min_size=1, max_size=12))
@settings(max_examples=150)
@example([b'{"text": "x", "role": "comment", "position": 5.0, "depth": 1e0}'])
@example([b'{"text": "x", "published": "2016-12-31T23:59:60Z"}'])
@example([b'{"text": "x", "published": "2026-03-14T09:30:00Z\\n"}'])
@example([b'{"text": "x", "published": "0000-01-01T00:00:00Z"}'])
@example([b'{"text": "x", "captured": "2026-03-14t09:30:00Z"}'])
@example([b'{"text": "x", "language": "en\\n"}'])
def test_what_comes_in_is_valid_or_rejected(lines: list[bytes]) -> None:
    """Each line is valid or rejected, whatever JSON it is; rejected are those that are no records, too."""
    lines = [line for line in lines if line.strip()]
    facts: dict[str, Any] = {}

    def report(event: Event) -> None:
        facts[event.stage] = event.facts or {}

    with tempfile.TemporaryDirectory() as folder:
        site = make_pages(Path(folder), {"records.jsonl": b"\n".join([b"", *lines, b"\r"])})
        found = partway.validate_files([site], n_workers=1, report=report)
    contents = [content(line) for line in lines]
    assert found["failed"] == []
    assert found["unreadable"] == contents.count(None)
    assert facts["read"]["records"] + found["unreadable"] == len(lines)
    assert found["valid"] + found["rejected"] == len(lines)
    assert sum(rule["n"] for rule in found["rules"]) >= found["rejected"]


@given(st.lists(LINES, max_size=8))
@settings(max_examples=25)
def test_what_is_rejected_rests_whole_in_the_quarantine(lines: list[bytes]) -> None:
    """The quarantine has each rejected record and each unreadable line, unchanged, with pointer, keyword, message."""
    lines = [line for line in lines if line.strip()]
    with tempfile.TemporaryDirectory() as folder:
        site = make_pages(Path(folder, "in"), {"records.jsonl": b"\n".join([GOOD.strip(), *lines])})
        built = build_pages(site, Path(folder, "out"))
        rejected = rejections(built.path)
        rows = json_rows(built.path, *RECORD_CONFIGS)
        segments = json_rows(built.path, "segments")
    contents = {content(line) for line in lines} - {None}
    check = Draft202012Validator(schema("release#rejection"))
    unreadable, refused = [], []
    for row in rejected:
        assert list(check.iter_errors(row)) == []
        assert row["errors"]
        assert all(error["keyword"] and error["message"] for error in row["errors"])
        if row["page_id"] is None:
            raw = base64.b64decode(row["raw_base64"]) if row["raw"] is None else row["raw"].encode()
            assert raw == [GOOD.strip(), *lines][row["line"] - 1]
            unreadable.append(raw)
        else:
            refused.append(row["raw"])
    assert sorted(unreadable) == sorted(line for line in lines if content(line) is None)
    assert len(set(refused)) == len(refused)
    assert set(refused) <= contents
    released = len(contents | {content(GOOD)}) - len(refused)
    assert sum(segment["outcome"] in ("canonical", "occurrence") for segment in segments) == released
    assert len(rows) == sum(segment["outcome"] == "canonical" for segment in segments) <= released


def test_reasons_name_place_keyword_and_value(records: Built) -> None:
    """Every fault of a record is given at once, by JSON Pointer and keyword; every bad line has its code."""
    found = {
        row["line"]: [(error["pointer"], error["keyword"]) for error in row["errors"]]
        for row in rejections(records.path)
    }
    assert found == {
        8: [("/text", "minLength"), ("/text", "pattern")],
        9: [("/language", "pattern"), ("/published", "format")],
        10: [("", "required")],
        11: [("", "not-an-object")],
        12: [("", "not-finite")],
        13: [("", "duplicate-key")],
        14: [("", "syntax")],
        15: [("", "encoding")],
        16: [("", "surrogate")],
    }
    ledger = records.manifest["ledger"]
    assert (ledger["n_candidates"], ledger["n_valid"], ledger["n_rejected"], ledger["n_unreadable"]) == (10, 7, 3, 6)
    assert records.manifest["inputs"]["unknown_properties"] == {"more": 1}


def test_an_integer_may_be_written_with_a_fraction_of_zero(tmp_path: Path) -> None:
    """A place of 1.0, an integer to JSON Schema, comes out as 1, in the row and in what the reply answers."""
    record = {"role": "comment", "thread": "t", "author": "Ines", "position": 0.0, "depth": 0}
    reply = {**record, "position": 1, "reply_to": 0.0, "depth": 1.0}
    lines = [json.dumps({**record, "text": "So it is."}), json.dumps({**reply, "text": "Is it?"})]
    built = build_pages(make_pages(tmp_path / "in", {"x.jsonl": "\n".join(lines)}), tmp_path / "out")
    rows = {row["text"]: row for row in json_rows(built.path, "comments")}
    assert (rows["So it is."]["position"], rows["Is it?"]["depth"]) == (0, 1)
    assert rows["Is it?"]["parent_id"] == rows["So it is."]["id"]


def test_records_keep_their_fields(records: Built) -> None:
    """Fields come out as given, absent ones null; times in one form; a reply names its parent; ids are computed."""
    rows = {row["given_id"]: row for row in json_rows(records.path, *RECORD_CONFIGS)}
    assert set(rows) == {"a1", "a3", "a4", "c1", "c2"}  # a2 is an exact copy of a1, and t1 its beginning
    first = rows["a1"]
    assert first["published"] == "2026-03-14T09:30:00Z"
    assert first["captured"] == "2026-03-14T10:00:00.123456Z"
    assert first["source"] == "courier.example"
    assert rows["a3"]["source"] == "-"
    assert rows["c2"]["parent_id"] == rows["c1"]["id"]
    assert rows["c1"]["story"] == rows["c2"]["story"] == first["story"]
    assert rows["a4"]["text"] == ' \x1f\u2028"quoted", \\ and \U0001f600 e\u0301 \u202bספינה \r\n '


@given(OBJECTS)
def test_reading_a_record_changes_nothing(value: dict[str, Any]) -> None:
    """What is read strictly equals what Python's own parser reads, and its canonical JSON reads back the same."""
    assume(all(-(2**63) <= n < 2**63 for n in value.values() if isinstance(n, int)))
    line = json.dumps(value, ensure_ascii=False).encode()
    read = loads(line)
    assert read == json.loads(line)
    assert loads(canonical_json(read).encode()) == read


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"a": NaN}', "not-finite"),
        (b'{"a": -Infinity}', "not-finite"),
        (b'{"a": 1e400}', "not-finite"),
        (b'{"a": 9223372036854775808}', "big-integer"),
        (b'{"a": ' + b"1" * 6000 + b"}", "big-integer"),
        (b'{"a": 1, "a": 1}', "duplicate-key"),
        (b'{"b": [{"a": 1, "a": 1}]}', "duplicate-key"),
        (b'{"a": "\\udc00"}', "surrogate"),
        (b'{"\\ud800": 1}', "surrogate"),
        (b'{"a": ' + b"[" * 65 + b"]" * 65 + b"}", "depth"),
        (b"[" * 200_000, "depth"),
        (b'{"a": "\xff"}', "encoding"),
        (b"{", "syntax"),
        (b"", "syntax"),
        (b"3", "not-an-object"),
    ],
)
def test_what_other_tools_choke_on_is_no_record(line: bytes, code: str) -> None:
    """JSON that parsers read differently, or that Arrow cannot hold, is refused with one word that says why."""
    with pytest.raises(UnreadableError) as refused:
        loads(line)
    assert refused.value.code == code


STORY = "The old swing bridge will be closed to lorries from Monday until the masons have mended its western pier."


def records_in(folder: Path, *records: dict[str, Any]) -> Path:
    """A folder with a file of records."""
    return make_pages(folder, {"x.jsonl": "\n".join(json.dumps(record) for record in records)})


def kept(built: Built) -> bool:
    """True where every promise of a release is kept."""
    return all(verdict.verdict == KEPT for verdict in verify(built.path))


def test_per_source_keeps_equal_texts_of_two_sources(tmp_path: Path) -> None:
    """In scope `per-source` no source loses a text that another has, too; they are one story all the same."""
    pages = [{"title": "Bridge", "text": STORY, "url": f"https://{source}.example/1"} for source in "abb"]
    built = build_pages(records_in(tmp_path / "in", *pages), tmp_path / "out", repeats={"scope": "per-source"})
    rows = json_rows(built.path, "articles")
    assert sorted(row["source"] for row in rows) == ["a.example", "b.example"]
    assert len({row["story"] for row in rows}) == 1
    assert kept(built)


def test_replies_of_two_captures_of_a_thread_are_one(tmp_path: Path) -> None:
    """Where a comment folds, so do the copies of its reply: what is released keeps its own promise."""
    thread = {"role": "comment", "thread": "t", "author": "Ann"}
    records = (
        {**thread, "text": STORY, "position": 0},
        {**thread, "text": f"{STORY[:-1]}!", "position": 5},
        {**thread, "author": "Bob", "text": f"So {STORY.lower()}", "position": 1, "reply_to": 0},
        {**thread, "author": "Bob", "text": f"So, {STORY.lower()}", "position": 6, "reply_to": 5},
    )
    built = build_pages(records_in(tmp_path / "in", *records), tmp_path / "out")
    assert len(json_rows(built.path, "comments")) == 2
    assert kept(built)


def test_a_comment_is_tied_to_its_article_by_every_name_of_it(tmp_path: Path) -> None:
    """Of two copies of an article one stays; comments on either are in its story."""
    records = (
        {"id": "a", "text": STORY},
        {"id": "b", "text": STORY, "url": "http://www.x.example/b/"},
        *({"role": "comment", "text": f"No {t}!", "thread": t} for t in ("a", "b", "https://x.example/b#c")),
    )
    built = build_pages(records_in(tmp_path / "in", *records), tmp_path / "out")
    assert len({row["story"] for row in json_rows(built.path, *RECORD_CONFIGS)}) == 1


def test_what_a_folded_record_said_is_still_there(tmp_path: Path) -> None:
    """The page of a record of the user's own holds it whole, though only one of its copies is a row."""
    one, two = {"id": "a", "text": STORY, "author": "Ann"}, {"id": "b", "text": STORY, "author": "Bob"}
    built = build_pages(records_in(tmp_path / "in", one, two), tmp_path / "out")
    assert len(json_rows(built.path, "articles")) == 1
    found = sorted((json.loads(row["given"]) for row in json_rows(built.path, "pages")), key=lambda r: str(r["id"]))
    assert found == [one, two]


def test_another_capture_changes_no_record(tmp_path: Path) -> None:
    """An earlier capture at another form of the address changes where a page was found, not what it said."""
    text = f"The bridge is closed\n\nBy Ann Reed\n\n{STORY}\n\n{STORY} Really.\n"
    rows = []
    for captures in (["https://x.example/p"], ["https://x.example/p", "http://www.x.example/p/#top"]):
        folder = tmp_path / f"{len(captures)}"
        files = {f"{i}.txt": text for i in range(len(captures))}
        lines = [
            json.dumps({"path": f"{i}.txt", "url": url, "captured": f"202{6 - i}-01-01T00:00:00Z"})
            for i, url in enumerate(captures)
        ]
        built = build_pages(make_pages(folder / "in", files | {"pages.jsonl": "\n".join(lines)}), folder / "out")
        rows.append({(row["id"], row["content_digest"]) for row in json_rows(built.path, "articles")})
    assert rows[0] == rows[1] != set()


def test_metadata_are_no_records_wherever_they_lie(tmp_path: Path) -> None:
    """`pages.jsonl` in a folder below describes the pages there; what `input.metadata` names is not read as records."""
    line = json.dumps({"path": "p.txt", "url": "https://x.example/p"})
    folder = make_pages(tmp_path / "in", {"sub/p.txt": ARTICLE, "sub/pages.jsonl": line})
    built = build_pages(folder, tmp_path / "out")
    assert [row["source"] for row in json_rows(built.path, "articles")] == ["x.example"]
    (folder / "sub/pages.jsonl").rename(folder / "sub/known.jsonl")
    named = build_pages(folder, tmp_path / "named", input={"metadata": str(folder / "sub/known.jsonl")})
    assert json_rows(named.path, "articles") == json_rows(built.path, "articles")
