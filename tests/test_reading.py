"""Reading: whatever holds it, the same content becomes the same page, and everything that was seen is accounted for."""

import gzip
import hashlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from reading import (
    ARC_HEAD,
    COMPRESSIONS,
    Read,
    arc_record,
    csv_text,
    json_lines,
    parquet,
    warc_record,
)
from sites import ARTICLE, make_pages

from broadsheet.cli import main
from broadsheet.errors import CallError, InputError
from broadsheet.export.quarantine import REJECTED, read_quarantine, write_rejections
from broadsheet.read import files, formats, listed, plan, renumbered, sink, storage
from broadsheet.read.found import Limits

HTML = [
    """<!DOCTYPE html><html lang="en"><head><title>Swing bridge closes</title>
<link rel="canonical" href="https://courier.example/bridge"><meta property="article:published_time"
content="2026-03-14T10:30:00+01:00"></head><body><nav><ul><li><a href="/">Home</a></li></ul></nav><article>
<h1>Swing bridge closes for a week</h1><p>The bridge over the inner basin closes on Monday, the office said.</p>
</article><aside class="related"><h2>Herring fair</h2><p>The fair begins on Saturday – as ever.</p></aside>
</body></html>""",
    '<html lang="el"><body><p>Το πλοίο έφτασε στο λιμάνι το πρωί.</p><script>var hidden = 1</script></body></html>',
    "<p>昨日、港に船が着いた。<p>e\u0301 \U0001f600",
]
TEXTS = [
    ARTICLE,
    "Το πλοίο έφτασε στο λιμάνι το πρωί.\r\n\r\nΔεύτερη γραμμή\n",
    "昨日、港に船が着いた。\n\x0b \u2028e\u0301",
]
RECORDS: list[dict[str, Any]] = [
    {
        "id": "r1",
        "url": "https://wire.example/1",
        "title": "Crane falls",
        "text": 'A crane fell, "they" said.\nBy noon.',
    },
    {"id": "r2", "url": None, "title": "NA", "text": "Το πλοίο, e\u0301 \U0001f600;\r\n1\u20442"},
    {"id": "r3", "url": "https://www.wire.example/3", "title": None, "text": "昨日、港に船が着いた。"},
    {"id": "r4", "url": "https://wire.example/4", "title": "0012", "text": "null"},
    {"id": "r5", "url": "x", "title": "true", "text": "NaN"},
]

Make = Callable[[Callable[[bytes], bytes]], bytes]


def _each(records: list[bytes]) -> Make:
    """An archive in which every record is compressed for itself."""
    return lambda compress: b"".join(map(compress, records))


def _whole(raw: bytes) -> Make:
    return lambda compress: compress(raw)


HTML_RECORDS = [warc_record(page.encode(), url=f"https://a.example/{i}") for i, page in enumerate(HTML)]
ARCHIVES: dict[str, Make] = {
    "each.warc": _each(HTML_RECORDS),
    "whole.warc": _whole(b"".join(HTML_RECORDS)),
    "each.arc": _each(
        [ARC_HEAD, *(arc_record(page.encode(), url=f"https://a.example/{i}") for i, page in enumerate(HTML))]
    ),
}
WETS: dict[str, Make] = {
    "each.wet": _each(
        [warc_record(text.encode(), url=f"https://a.example/{i}", kind="conversion") for i, text in enumerate(TEXTS)]
    ),
}
TABLES: dict[str, Make] = {
    "records.jsonl": _whole(json_lines(RECORDS)),
    "records.ndjson": _whole(b"\xef\xbb\xbf" + json_lines(RECORDS).replace(b"\n", b"\r\n")),
    "records.json": _whole(json.dumps(RECORDS, indent=2).encode()),
    "records.csv": _whole(csv_text(RECORDS)),
    "records.parquet": _whole(parquet(RECORDS)),
}


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("name", [*ARCHIVES, *WETS, *TABLES, "html", "txt"])
def test_the_same_content_gives_the_same_pages_in_every_format_and_compression(
    tmp_path: Path, name: str, compression: str
) -> None:
    """A table of formats by compressions: pages, texts, evidence and claims are those of the plain files."""
    compress = COMPRESSIONS[compression]
    made = {**ARCHIVES, **WETS, **TABLES}
    if name in made:
        make_pages(tmp_path / "in", {name + compression: made[name](compress)})
    else:
        texts = HTML if name == "html" else TEXTS
        make_pages(
            tmp_path / "in", {f"{i}.{name}{compression}": compress(text.encode()) for i, text in enumerate(texts)}
        )
    found = Read([tmp_path / "in"], tmp_path / "work")
    if name in TABLES:
        plain = make_pages(tmp_path / "plain", {"r.jsonl": json_lines(RECORDS)})
    else:
        ending, texts = ("txt", TEXTS) if name == "txt" or name in WETS else ("html", HTML)
        plain = make_pages(tmp_path / "plain", {f"{i}.{ending}": text for i, text in enumerate(texts)})
    expected = Read([plain], tmp_path / "other")
    assert not found.failed
    assert found.rejected == []
    assert len(found.pages) == len(expected.pages) == (len(RECORDS) if name in TABLES else 3)
    # An archive's HTTP headers are asked before the markup: that alone may differ.
    drop = {"decided_by"} if name in ARCHIVES else set()
    assert [{k: v for k, v in p.items() if k not in drop} for p in found.contents()] == [
        {k: v for k, v in p.items() if k not in drop} for p in expected.contents()
    ]
    if name in ARCHIVES or name in WETS:
        assert sorted(p["captures"][0]["url"] for p in found.pages) == [f"https://a.example/{i}" for i in range(3)]
        assert {p["captures"][0]["captured"] for p in found.pages} == {"2026-03-15T12:00:00Z"}
    if name in TABLES:
        lines = {p["given"]: p["captures"][0]["line"] for p in found.pages}
        # In CSV a record may take several lines, and the first is the header.
        assert sorted(lines.values()) == ([2, 4, 6, 7, 8] if "csv" in name else [1, 2, 3, 4, 5])


def test_one_content_under_several_addresses_is_one_page_with_several_captures(tmp_path: Path) -> None:
    """Equal bytes in a file, an archive and a packed file are one page, and each capture says where it was."""
    page = HTML[0].encode()
    records = [warc_record(page, url=f"https://a.example/{i}") for i in range(2)]
    make_pages(
        tmp_path / "in",
        {"a.html": page, "b.html.gz": gzip.compress(page, mtime=0), "c.warc.gz": b"".join(map(gzip.compress, records))},
    )
    found = Read([tmp_path / "in"], tmp_path / "work")
    (only,) = found.pages
    assert [(c["path"], c["url"], c["offset"] is None) for c in only["captures"]] == [
        ("c.warc.gz", "https://a.example/0", False),
        ("c.warc.gz", "https://a.example/1", False),
        ("a.html", None, True),
        ("b.html.gz", None, True),
    ]
    assert sum(page["n_captures"] for page in found.steps.pages) == 4


LIES: dict[str, tuple[str, bytes]] = {
    "a.txt": ("html", HTML[0].encode()),
    "b.txt": ("txt", gzip.compress(TEXTS[0].encode(), mtime=0)),
    "c.html": ("warc", b"".join(HTML_RECORDS)),
    "d.json": ("parquet", parquet(RECORDS)),
    "e.json": ("jsonl", json_lines(RECORDS)),
    "g.warc.gz": ("warc", b"".join(HTML_RECORDS)),
    "h.jsonl": ("warc", ARC_HEAD + arc_record(HTML[0].encode(), url="https://a.example/")),
}


@pytest.mark.parametrize("name", LIES)
def test_the_content_decides_where_the_name_lies(tmp_path: Path, name: str) -> None:
    """A wrong ending does not make another format of a file."""
    format_, raw = LIES[name]
    found = Read([make_pages(tmp_path / "in", {name: raw})], tmp_path / "work")
    assert found.files[name]["format"] == format_
    assert found.pages
    assert not found.failed
    assert not found.rejected


def test_the_format_can_be_forced(tmp_path: Path) -> None:
    """What looks like markup is read as text where the caller says so."""
    found = Read([make_pages(tmp_path / "in", {"a.html": HTML[0]})], tmp_path / "work", format="txt")
    assert [page["text"] for page in found.pages] == [HTML[0]]


@pytest.mark.parametrize(
    "raw", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), b"%PDF-1.7\n%\xe2\xe3", b"PK\3\4" + bytes(40)]
)
def test_a_file_that_is_no_text_fails_by_its_kind(tmp_path: Path, raw: bytes) -> None:
    """Pictures and documents under the name of a page are named, and the others are read."""
    found = Read([make_pages(tmp_path / "in", {"a.txt": raw, "b.txt": ARTICLE})], tmp_path / "work")
    assert list(found.failed) == ["a.txt"]
    assert "not text" in found.failed["a.txt"]
    assert len(found.pages) == 1


def _spread(tmp_path: Path) -> Path:
    return make_pages(
        tmp_path / "in",
        {"x/1.txt": "one", "x/y/2.txt.gz": gzip.compress(b"two", mtime=0), "z/3.html": "<p>three", "z/4.jpg": b"4"},
    )


def test_patterns_lists_and_folders_find_the_same_files(tmp_path: Path) -> None:
    """A folder, a pattern across folders, and a list of patterns name the same inputs."""
    folder = _spread(tmp_path)
    (tmp_path / "list.txt").write_text("# a comment\nin/x/**/*.txt*\n\nin/z/3.html\n", "utf-8")
    ways = [[folder], [f"{folder}/*/*", f"{folder}/x/y/*.gz"], listed(str(tmp_path / "list.txt"))]
    names = [[item.path for item in plan(way).inputs] for way in ways]
    assert names[0] == names[2]
    assert [Path(path).name for path in names[0]] == ["1.txt", "2.txt.gz", "3.html"]
    assert [Path(path).name for path in names[1]] == ["1.txt", "2.txt.gz", "3.html", "4.jpg"]  # named, so it is read


@pytest.mark.parametrize("wrong", ["nowhere/*.txt", "nowhere", "memory://nowhere", "memory://nowhere/*.txt", "zzz://x"])
def test_what_names_nothing_is_a_wrong_call(wrong: str) -> None:
    """A path, pattern or URL that leads nowhere is said at once."""
    with pytest.raises(CallError, match=r"nowhere|zzz"):
        plan([wrong])


def test_what_is_left_out_is_so_by_whatever_name(tmp_path: Path) -> None:
    """A file that is no input is none under its own name, under that of a link to it, and in a linked folder."""
    folder = make_pages(tmp_path / "in", {"a.jsonl": ARTICLE, "own.json": "{}", "deep/own.json": "{}"})
    (folder / "b.json").symlink_to(folder / "own.json")
    (folder / "c.jsonl").symlink_to(folder / "a.jsonl")
    (tmp_path / "linked").symlink_to(folder)
    found = plan([tmp_path / "linked"], exclude=[folder / "own.json"])
    assert [item.name for item in found.inputs] == ["a.jsonl", "c.jsonl", "deep/own.json"]
    assert found.skipped == {}


def test_a_url_is_read_as_its_files_are(tmp_path: Path) -> None:
    """A folder, a pattern and a file in memory give the pages of the same files on disk, under their URLs."""
    folder = _spread(tmp_path)
    memory = fsspec.filesystem("memory")
    memory.put(str(folder), "/made/in", recursive=True)
    try:
        expected = Read([folder], tmp_path / "w0").contents()
        for number, way in enumerate(
            (["memory://made/in"], ["memory://made/in/x/**/*.txt*", "memory://made/in/z/3.html"]), 1
        ):
            found = Read(way, tmp_path / f"w{number}")
            assert found.contents() == expected
            assert sorted(found.files) == [
                "memory://made/in/x/1.txt",
                "memory://made/in/x/y/2.txt.gz",
                "memory://made/in/z/3.html",
            ]
    finally:
        memory.rm("/made", recursive=True)


def test_names_in_a_release_hold_no_password() -> None:
    """What a URL holds before its host is for the storage alone."""
    assert storage.public("s3://key:secret@bucket/a.txt") == "s3://bucket/a.txt"


def _lines(n: int) -> list[dict[str, Any]]:
    rng = random.Random(n)
    return [{"id": f"i{i}", "text": "x" * rng.randint(0, 300) + " é"} for i in range(n)]


def _big(tmp_path: Path) -> Path:
    """Files that are cut: JSON lines with bad ones among them, a WARC of members, a plain one, Parquet."""
    good = json_lines(_lines(60)).split(b"\n")
    good[7:7] = [b"{broken", b"", b"  ", b'{"text": "\xff"}']
    pages = [warc_record(f"<p>page {i} {'y' * (i * 7 % 90)}".encode(), url=f"https://a.example/{i}") for i in range(40)]
    return make_pages(
        tmp_path / "big",
        {
            "a.jsonl": b"\n".join(good),
            "b.warc.gz": b"".join(gzip.compress(page, mtime=0) for page in pages),
            "c.warc": b"".join(pages),
            "d.parquet": parquet(_lines(30)),
            "e.txt": "small",
        },
    )


@pytest.mark.parametrize("slice_bytes", [150, 700, 4096])
def test_cutting_large_files_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slice_bytes: int) -> None:
    """Slices of any size give the same pages, captures, lines, rejections and reports as whole files."""
    folder = _big(tmp_path)
    whole = Read([folder], tmp_path / "w0")
    monkeypatch.setattr(files, "SLICE_BYTES", slice_bytes)
    parts = Read([folder], tmp_path / "w1")
    assert len(parts.steps.slices) > len(whole.steps.slices) + 4
    assert parts.pages == whole.pages
    assert parts.files == whole.files
    assert [row["raw"] for row in parts.rejected] == [row["raw"] for row in whole.rejected] == ["{broken", None]
    assert {page["captures"][0]["line"] for page in whole.pages if page["format"] == "record"} >= {1, 60, 64}


def test_an_archive_within_an_archive_is_not_cut_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a stored WARC looks like a place to cut, the file is read in one piece, and nothing comes twice."""
    inner = b"".join(warc_record(f"<p>inner {i}".encode(), url=f"https://in.example/{i}") for i in range(9))
    outer = (
        warc_record(b"<p>first", url="https://a.example/1")
        + warc_record(inner, url="https://a.example/2", http="application/warc")
        + warc_record(b"<p>last", url="https://a.example/3")
    )
    folder = make_pages(tmp_path / "in", {"a.warc": outer})
    monkeypatch.setattr(files, "SLICE_BYTES", 600)
    found = Read([folder], tmp_path / "work")
    assert sorted(page["text"] for page in found.pages) == ["first", "last"]
    assert found.files["a.warc"]["skipped"] == {
        "type application/warc": [1, found.files["a.warc"]["content"]["skipped"]]
    }
    assert sum(found.files["a.warc"]["content"].values()) == len(outer)


def test_every_byte_and_record_is_accounted_for(tmp_path: Path) -> None:
    """Of each file: stored bytes are read or damaged, content is read, rejected or skipped, and records too."""
    folder = _big(tmp_path)
    packed = gzip.compress(json_lines(_lines(50)), mtime=0)
    (folder / "f.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    found = Read([folder], tmp_path / "work")
    plain = [file for file in found.files.values() if file["compression"] == "none" and file["format"] != "parquet"]
    assert len(plain) == 3
    for file in plain:
        assert sum(file["content"].values()) + file["n_damaged_bytes"] == file["n_bytes"]
    assert list(found.failed) == ["f.jsonl.gz"]
    assert "damaged at byte" in found.failed["f.jsonl.gz"]
    assert found.files["f.jsonl.gz"]["n_pages"] > 5
    assert found.files["a.jsonl"]["skipped"]["blank"][0] == 0
    assert (found.files["a.jsonl"]["n_pages"], found.files["a.jsonl"]["n_rejected"]) == (60, 2)


def _run(*arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments))


def test_a_damaged_file_is_told_and_the_rest_is_released(tmp_path: Path) -> None:
    """The exit code says that a file was not read whole, and a message where; the release holds what could be read."""
    packed = gzip.compress(json_lines(_lines(50)), mtime=0)
    folder = make_pages(tmp_path / "in", {"a.jsonl.gz": packed[:-20], "b.txt": ARTICLE})
    ran = _run("build", str(folder), "--name", "cut", "--out", str(tmp_path / "dist"))
    assert ran.exit_code == 1
    assert "a.jsonl.gz: damaged at byte" in ran.output
    assert (tmp_path / "dist/cut/0.1.0/SHA256SUMS").exists()
    assert _run("verify", str(tmp_path / "dist/cut/0.1.0"), "--quiet").exit_code == 0


@pytest.mark.parametrize("bad", [b'{"text": "a b c"}\n{broken\n', b"\x1f\x8b\x08\0cut"])
def test_strict_stops_at_the_first_fault(tmp_path: Path, bad: bytes) -> None:
    """With --strict nothing is published where something could not be read."""
    folder = make_pages(tmp_path / "in", {"a.jsonl": bad, "b.txt": ARTICLE})
    ran = _run("build", str(folder), "--name", "strict", "--out", str(tmp_path / "dist"), "--strict")
    assert ran.exit_code == 1
    assert "a.jsonl" in ran.output
    assert "nothing was done" in ran.output
    assert not list((tmp_path / "dist").rglob("SHA256SUMS"))


def test_fields_of_other_names_are_read_as_ours(tmp_path: Path) -> None:
    """A mapping on the command line or in dataset.toml names the user's fields; C4's need none."""
    theirs = [
        {
            "docid": "7",
            "content": ARTICLE,
            "timestamp": "2019-04-25T12:57:54Z",
            "url": "https://a.example/7",
            "score": 1,
        }
    ]
    folder = make_pages(tmp_path / "in", {"a.jsonl": json_lines(theirs)})
    ran = _run(
        *("build", str(folder), "--name", "c4", "--out", str(tmp_path / "dist")),
        *("--text-field", "content", "--id-field", "docid"),
    )
    assert ran.exit_code == 0, ran.output
    assert "left out, as the schema does not name them: score (1)" in ran.output
    toml = 'name = "c4"\n[input]\npaths = ["a.jsonl"]\nfields = {text = "content", id = "docid"}\n'
    (folder / "dataset.toml").write_text(toml, "utf-8")
    again = _run("build", str(folder), "--out", str(tmp_path / "two"))
    assert again.exit_code == 0, again.output
    for out in ("dist", "two"):
        lines = gzip.decompress(next((tmp_path / out / "c4/0.1.0/jsonl/articles").glob("*.gz")).read_bytes())
        row = json.loads(lines)
        assert (row["given_id"], row["text"], row["captured"]) == ("7", ARTICLE, "2019-04-25T12:57:54Z")
    wrong = _run("build", str(folder), "--field", "txt=content", "--out", str(tmp_path / "no"))
    assert wrong.exit_code == 2
    assert "txt" in wrong.output


def test_kept_bytes_give_the_pages_back(tmp_path: Path) -> None:
    """With --keep-bytes a release holds the original bytes of every page, and verify reads them again."""
    pages = {
        "a.html": HTML[0].encode(),
        "b.txt": ARTICLE.encode("utf-16"),
        "c.html": b"<p>broken \xff\xc3 bytes</p>" + HTML[1].encode(),
    }
    folder = make_pages(tmp_path / "in", pages)
    ran = _run("build", str(folder), "--name", "kept", "--out", str(tmp_path / "dist"), "--keep-bytes")
    assert ran.exit_code == 0, ran.output
    import base64

    lines = gzip.decompress(next((tmp_path / "dist/kept/0.1.0/jsonl/pages").glob("*.gz")).read_bytes()).splitlines()
    kept = {row["captures"][0]["path"]: base64.b64decode(row["raw_base64"]) for row in map(json.loads, lines)}
    assert kept == pages
    verified = _run("verify", str(tmp_path / "dist/kept/0.1.0"))
    assert verified.exit_code == 0, verified.output


def test_a_saved_page_says_where_and_when_it_was_published(tmp_path: Path) -> None:
    """Without metadata a record's address and time are those that its page claims, and the claims are released."""
    body = "".join(f"<p>{line}</p>" for line in ARTICLE.split("\n\n")[2:])
    page = HTML[0].replace("</article>", f"{body}</article>")
    ran = _run(
        "build", str(make_pages(tmp_path / "in", {"a.html": page})), "--name", "saved", "--out", str(tmp_path / "dist")
    )
    assert ran.exit_code == 0, ran.output
    release = tmp_path / "dist/saved/0.1.0"
    rows = [
        json.loads(line)
        for f in (release / "jsonl/articles").glob("*.gz")
        for line in gzip.decompress(f.read_bytes()).splitlines()
    ]
    main_row = next(row for row in rows if row["role"] == "main")
    assert (main_row["url"], main_row["source"]) == ("https://courier.example/bridge", "courier.example")
    assert main_row["published"] == "2026-03-14T09:30:00Z"
    (page_line,) = gzip.decompress(next((release / "jsonl/pages").glob("*.gz")).read_bytes()).splitlines()
    assert {"name": "url", "value": "https://courier.example/bridge", "where": "link:canonical"} in json.loads(
        page_line
    )["claims"]


LIMITED: dict[str, tuple[str, bytes, str]] = {
    "page_bytes": ("a.txt", b"x" * 2000, "page-size"),
    "line_bytes": ("a.jsonl", b'{"text": "' + b"x" * 2000 + b'"}\n', "size"),
    "dom_depth": ("a.html", b"<div>" * 1500, "dom-depth"),
    "dom_tags": ("a.html", b"<i></i>" * 1500, "dom-tags"),
}


@pytest.mark.parametrize("limit", LIMITED)
def test_each_limit_refuses_by_a_code_of_its_own(tmp_path: Path, limit: str) -> None:
    """What a limit forbids is rejected, not read; the bytes are accounted for."""
    name, raw, code = LIMITED[limit]
    found = Read([make_pages(tmp_path / "in", {name: raw})], tmp_path / "work", limits=Limits(**{limit: 1000}))
    assert found.pages == []
    assert [row["errors"][0]["keyword"] for row in found.rejected] == [code]
    assert sum(found.files[name]["content"].values()) == len(raw)
    assert Read([tmp_path / "in"], tmp_path / "other", limits=Limits(**{limit: 10**6})).rejected == []


@pytest.mark.parametrize("limit", ["expanded_bytes", "ratio"])
@pytest.mark.parametrize("compression", [".gz", ".zst"])
def test_a_bomb_is_not_unpacked(tmp_path: Path, limit: str, compression: str) -> None:
    """What grows beyond a limit is cut there, and named."""
    bomb = COMPRESSIONS[compression]((b'{"text": "a"}' + b" " * 9999 + b"\n") * 12_000)
    limits = Limits(**({"expanded_bytes": 1 << 20} if limit == "expanded_bytes" else {"ratio": 20}))
    found = Read([make_pages(tmp_path / "in", {f"a.jsonl{compression}": bomb})], tmp_path / "work", limits=limits)
    (error,) = found.failed.values()
    assert limit.split("_", maxsplit=1)[0] in error
    assert len(found.pages) == 1  # one content, many captures
    most = (1 << 20) if limit == "expanded_bytes" else (64 << 20)
    assert sum(found.files[f"a.jsonl{compression}"]["content"].values()) <= most + (2 << 20)


@given(
    st.binary(max_size=400),
    st.sampled_from(["a.txt", "a.html", "a.jsonl", "a.json", "a.csv", "a.warc", "a.parquet", "a.warc.gz"]),
)
def test_any_bytes_under_any_name_are_read_or_reported(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, name: str
) -> None:
    """Whatever a file holds, reading ends, and what was not read is named."""
    tmp_path = tmp_path_factory.mktemp("any")
    found = Read([make_pages(tmp_path / "in", {name: raw})], tmp_path / "work")
    (file,) = found.files.values()
    assert file["n_bytes"] == len(raw)
    if not file["error"] and file["compression"] == "none":
        assert sum(file["content"].values()) + file["n_damaged_bytes"] == len(raw)


def test_nothing_to_read_says_what_could_be(tmp_path: Path) -> None:
    """An empty folder is told with the endings that are known."""
    with pytest.raises(InputError, match=r"\.warc"):
        plan([make_pages(tmp_path / "in", {"a.jpg": b""})])


RUSSIAN = "Совет города решил во вторник, что старый мост останется открытым ещё год, сообщили в порту. "


def test_the_charset_of_the_headers_decides(tmp_path: Path) -> None:
    """What an archived response declares is taken before what its page declares, and before detection."""
    page = f"<meta charset=cp1251><p>{RUSSIAN}".encode("koi8-r")
    raw = warc_record(page, url="https://a.example/1", http="text/html; charset=KOI8-R")
    (found,) = Read([make_pages(tmp_path / "in", {"a.warc": raw})], tmp_path / "work").pages
    assert (found["encoding"], found["decided_by"], found["text"]) == ("koi8-r", "http", RUSSIAN.strip())


def test_a_warning_is_told_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A digest that does not match stands in the report on the file, in whichever part it is."""
    good = warc_record(HTML[0].encode(), url="https://a.example/1")
    bad = good.replace(b"WARC-Type:", b"WARC-Payload-Digest: sha1:" + b"A" * 32 + b"\r\nWARC-Type:", 1)
    folder = make_pages(tmp_path / "in", {"a.warc": good + bad})
    for number, size in enumerate((files.SLICE_BYTES, len(good))):
        monkeypatch.setattr(files, "SLICE_BYTES", size)
        found = Read([folder], tmp_path / f"w{number}")
        file = found.files["a.warc"]
        assert (len(found.pages), file["n_warnings"]) == (1, 1)
        assert file["warnings"] == [{"offset": len(good), "reason": f"payload digest does not match sha1:{'A' * 32}"}]


def test_damage_in_a_later_part_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was cut fails by damage in any of its parts, with the number of stored bytes that gave nothing."""
    members = [gzip.compress(warc_record(b"<p>%d" % i, url=f"https://a.example/{i}"), mtime=0) for i in range(6)]
    raw = b"".join([*members[:4], bytes(500), *members[4:], b"tail"])
    folder = make_pages(tmp_path / "in", {"a.warc.gz": raw})
    at = sum(map(len, members[:4]))
    damaged = [
        {"offset": at, "n_bytes": 500, "reason": "no gzip data"},
        {"offset": len(raw) - 4, "n_bytes": 4, "reason": "no gzip data"},
    ]
    for number, size in enumerate((files.SLICE_BYTES, 300)):
        monkeypatch.setattr(files, "SLICE_BYTES", size)
        found = Read([folder], tmp_path / f"w{number}")
        file = found.files["a.warc.gz"]
        assert len(found.steps.slices) > number
        assert (file["n_damaged"], file["n_damaged_bytes"], file["damaged"]) == (2, 504, damaged)
        assert found.failed["a.warc.gz"].startswith(f"damaged at byte {at} (500 bytes)")
        assert "1 more" in found.failed["a.warc.gz"]
        assert len(found.pages) == 6


@pytest.mark.parametrize("slice_bytes", [150, 700, 8 << 20])
def test_rejected_lines_keep_their_numbers_in_cut_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slice_bytes: int
) -> None:
    """The quarantine names a bad line by its number in the file, however the file was cut."""
    lines = json_lines(_lines(60)).split(b"\n")
    lines[37:37] = [b"{broken", b"", b'{"text": "\xff"}']
    folder = make_pages(tmp_path / "in", {"a.jsonl": b"\n".join(lines)})
    monkeypatch.setattr(files, "SLICE_BYTES", slice_bytes)
    found = Read([folder], tmp_path / "work")
    write_rejections(tmp_path / REJECTED, *renumbered(found.steps.slices, "rejected"))
    assert [row["line"] for row in read_quarantine(tmp_path)] == [38, 40]


def test_the_content_of_a_record_decides_where_its_type_lies(tmp_path: Path) -> None:
    """An archived picture that is said to be a page is skipped as a picture, and its bytes are accounted for."""
    raw = warc_record(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), url="https://a.example/1")
    found = Read([make_pages(tmp_path / "in", {"a.warc": raw})], tmp_path / "work")
    assert found.pages == []
    assert found.files["a.warc"]["skipped"] == {"type text, but is a PNG image": [1, len(raw)]}


def test_one_content_read_in_two_ways_is_the_same_page_in_any_order(tmp_path: Path) -> None:
    """Equal bytes that are read as HTML and as text give one page, which does not depend on the names."""
    pages = []
    for names in (("a.html", "b.txt"), ("b.html", "a.txt")):
        raw = b"<i>Crane falls</i>, they said."
        found = Read([make_pages(tmp_path / names[0], dict.fromkeys(names, raw))], tmp_path / f"w{names[0]}")
        pages += found.contents()
    assert [page["format"] for page in pages] == ["html", "html"]
    assert pages[0] == pages[1]


def test_what_a_task_holds_decides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice that is committed in several files gives the same pages and rejections."""
    folder = _big(tmp_path)
    whole = Read([folder], tmp_path / "w0")
    monkeypatch.setattr(sink, "HELD_BYTES", 500)
    often = Read([folder], tmp_path / "w1")
    assert sum(len(result["pages"]) for result in often.steps.slices) > 9
    assert (often.pages, often.rejected, often.files) == (whole.pages, whole.rejected, whole.files)


def test_metadata_say_what_a_file_does_not(tmp_path: Path) -> None:
    """The address, source and time of a saved page are those of its metadata."""
    line = {"path": "a.txt", "url": "https://www.a.example/1", "captured": "2026-03-14T09:30:00Z"}
    folder = make_pages(tmp_path / "in", {"a.txt": ARTICLE, "pages.jsonl": json.dumps(line) + "\n"})
    (page,) = Read([folder], tmp_path / "work").pages
    (capture,) = page["captures"]
    assert [capture[name] for name in ("url", "source", "captured")] == [
        line["url"], "a.example", line["captured"],
    ]  # fmt: skip


def test_the_hash_of_a_file_covers_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file in parts, too, whose first part is read by one task and says what all of it is."""
    raw = json_lines([{"text": "x" * 30_000 + f" {i}"} for i in range(100)])
    folder = make_pages(tmp_path / "in", {"a.jsonl": raw})
    monkeypatch.setattr(files, "SLICE_BYTES", 700_000)
    found = Read([folder], tmp_path / "work")
    assert len(found.steps.slices) > 3
    assert found.files["a.jsonl"]["sha256"] == hashlib.sha256(raw).hexdigest()


def test_many_comments_before_no_tag_cost_no_time(tmp_path: Path) -> None:
    """A page of nothing but comments is told to be HTML or not at once (this took for ever)."""
    raw = b"<!-- a -->\n" * 5000
    for name, end in (("a.html", b"<p>text"), ("a.txt", b"text"), ("b.txt", b"<html><p>text")):
        found = Read([make_pages(tmp_path / name, {name: raw + end})], tmp_path / f"w{name}{len(end)}")
        assert found.files[name]["format"] == ("html" if b"<html>" in end or name == "a.html" else "txt")


@pytest.mark.parametrize("limits", [{}, {"line_bytes": 2000, "page_bytes": 2000}])
def test_what_is_not_kept_says_so_and_verifies(tmp_path: Path, limits: dict[str, int]) -> None:
    """Where a rejection holds no content its row says why, and `verify` knows the difference."""
    document = json.dumps([{"id": f"{i}", "text": f"text {i} " * 50} for i in range(300)]).encode()
    first = bytearray(gzip.compress(document[:60_000], mtime=0))
    middle = len(first) // 2
    first[middle : middle + 9] = b"\xaa" * 9
    garbage = warc_record(b"<p>one", url="https://a.example/1") + b"x" * 8000
    folder = make_pages(
        tmp_path / "in",
        {
            "a.json.gz": bytes(first) + gzip.compress(document[60_000:], mtime=0),
            "b.json": b'[{"text": "good"}, {"text": "' + b"x" * 3000,
            "c.warc": garbage + warc_record(b"y" * 3000, url="https://a.example/2"),
            "d.txt": ARTICLE,
        },
    )
    toml = 'name = "kept"\n[input]\npaths = ["."]\n'
    toml += f"limits = {{ {', '.join(f'{name} = {n}' for name, n in limits.items())} }}\n" if limits else ""
    (folder / "dataset.toml").write_text(toml, "utf-8")
    assert _run("build", str(folder), "--out", str(tmp_path / "dist")).exit_code == 1
    release = tmp_path / "dist/kept/0.1.0"
    verified = _run("verify", str(release))
    assert verified.exit_code == 0, verified.output
    bare = [row for row in read_quarantine(release) if row["raw"] is None and row["raw_base64"] is None]
    assert bare
    assert all(row["errors"][-1]["keyword"] == "not-kept" for row in bare)


def test_no_password_reaches_a_release(tmp_path: Path) -> None:
    """What a configuration or a message holds before a host, or as a signature, is in no file of the release."""
    folder = make_pages(tmp_path / "in", {"a.txt": ARTICLE})
    url = "http://user:s3cret@127.0.0.1:9/a.txt?X-Signature=s3cret"
    (folder / "dataset.toml").write_text(
        f'name = "p"\ndescription = "from {url}"\n[input]\npaths = ["a.txt"]\n', "utf-8"
    )
    assert _run("build", str(folder), "--out", str(tmp_path / "dist")).exit_code == 0
    for file in (tmp_path / "dist/p/0.1.0").rglob("*"):
        assert file.is_dir() or b"s3cret" not in file.read_bytes(), file
    refused = _run("build", url, "--name", "x", "--out", str(tmp_path / "no"))
    assert refused.exit_code == 2
    assert "s3cret" not in refused.output


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("s3://key:secret@bucket/a.txt", "s3://bucket/a.txt"),
        ("simplecache::http://u:p@h/a", "simplecache::http://h/a"),
        ("http://u:p/w@h/x", "http://h/x"),
        ("https://token@h/x?id=7&token=1#part", "https://h/x?id=7&token=#part"),
        ("abfs://container@account/x", "abfs://container@account/x"),
        ("not found: http://u:p@h/a b", "not found: http://h/a b"),
        ("a?b#c@d", "a?b#c@d"),
    ],
)
def test_what_is_secret_in_a_url_is_left_out(secret: str, shown: str) -> None:
    """Users, passwords and signatures go; what tells one file from another stays."""
    assert storage.public(secret) == shown


def test_a_file_that_changes_while_it_is_read_ends_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read then is neither what was there nor what is there."""
    folder = make_pages(tmp_path / "in", {"a.txt": ARTICLE})
    of = formats.format_of

    def grown(head: bytes, name: str) -> str:
        with (folder / "a.txt").open("ab") as file:
            file.write(b"more")
        return of(head, name)

    monkeypatch.setattr(formats, "format_of", grown)
    with pytest.raises(InputError, match=r"a\.txt: changed while it was read"):
        Read([folder], tmp_path / "work")


def test_links_are_read_under_their_own_names(tmp_path: Path) -> None:
    """A cache of links to blobs is read by the links' endings, and metadata know each link for itself."""
    make_pages(tmp_path / "blobs", {"abc": csv_text(RECORDS), "def": ARTICLE})
    folder = make_pages(tmp_path / "snap", {"pages.jsonl": '{"path": "b.txt", "url": "https://a.example/b"}\n'})
    (folder / "x.csv").symlink_to("../blobs/abc")
    (folder / "a.txt").symlink_to("../blobs/def")
    (folder / "b.txt").symlink_to("../blobs/def")
    (folder / "more").symlink_to("../blobs")
    for number, way in enumerate(([folder], [f"{folder}/*.csv", folder / "a.txt", folder / "b.txt"])):
        found = Read(way, tmp_path / f"w{number}")
        assert {name: file["format"] for name, file in found.files.items()} == {
            "a.txt": "txt",
            "b.txt": "txt",
            "x.csv": "csv",
        }
    found = Read([folder], tmp_path / "again")
    (page,) = (page for page in found.pages if page["format"] == "txt")
    assert [(c["path"], c["url"]) for c in page["captures"]] == [("b.txt", "https://a.example/b"), ("a.txt", None)]
    assert found.steps.plan.skipped == {"linked folders": 1}


def test_a_number_may_be_an_id(tmp_path: Path) -> None:
    """Tables mostly number their rows: an integer becomes its digits, in every format."""
    rows = [{"id": 5, "text": ARTICLE}]
    for name, raw in (("a.jsonl", json_lines(rows)), ("a.parquet", parquet(rows)), ("a.csv", csv_text(rows))):
        (page,) = Read([make_pages(tmp_path / name, {name: raw})], tmp_path / f"w{name}").pages
        assert json.loads(page["given"])["id"] == "5"


@pytest.mark.parametrize(
    "text", ["[link](x) and more", "{ once upon a time", "WARC/1.0 is a format", "PAR1 is its magic"]
)
def test_text_that_begins_like_another_format_is_text(tmp_path: Path, text: str) -> None:
    """A few characters that a format begins with do not make it."""
    folder = make_pages(tmp_path / "in", {"notes.md": text, "notes.txt": text})
    found = Read([folder / "notes.md", folder / "notes.txt"], tmp_path / "work")
    assert {file["format"] for file in found.files.values()} == {"txt"}
    assert [page["text"] for page in found.pages] == [text]
