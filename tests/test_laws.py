"""Laws of the way from pages to rows: nothing is lost, and neither order nor cuts nor workers matter."""

import json
import os
import random
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sites import ARTICLE, HARBOUR, TEXTS, build_harbour, build_pages, json_rows, make_pages, run_python, sums

from broadsheet import batches, config
from broadsheet import build as way
from broadsheet.batches import from_rows, to_rows
from broadsheet.build import Built
from broadsheet.contract import Contract, arrow_schema, page_id, schema
from broadsheet.read import files
from broadsheet.segment.stage import candidates, segment
from broadsheet.validate import checked

RECORDS = ("articles", "comments", "teasers")
Row = dict[str, Any]


def page_row(text: str, number: int = 0) -> Row:
    """A page as reading leaves it."""
    raw = text.encode()
    capture = {"path": f"{number}.txt", "line": None, "url": None, "source": None, "captured": None}
    return {
        "page_id": page_id(raw),
        "format": "txt",
        "encoding": "utf-8",
        "n_bytes": len(raw),
        "n_replaced": 0,
        "text": text,
        "given": None,
        "claims": [],
        "captures": [capture],
    }


def check_tiling(text: str, segments: Sequence[Row]) -> None:
    """The segments tile the text without empty ones, and the parts of each tile it."""
    assert "".join(text[row["start"] : row["end"]] for row in segments) == text
    cursor = 0
    for row in segments:
        assert row["start"] == cursor < row["end"]
        for part in row["parts"]:
            assert part["start"] == cursor < part["end"]
            cursor = part["end"]
        assert row["end"] == cursor
    assert cursor == len(text)


@given(st.lists(TEXTS, max_size=4))
@settings(max_examples=250)
@example([""])
@example(["\x00", " ", "\r\n", "\U0001f600"])
@example([file.read_bytes().decode() for file in sorted((HARBOUR / "pages").iterdir())])
def test_stages_lose_no_character(texts: list[str]) -> None:
    """Segments tile every page, parts tile segments, and each segment that is no boilerplate is in one candidate."""
    pages = from_rows([page_row(text, i) for i, text in enumerate(dict.fromkeys(texts))], arrow_schema(schema("page")))
    (cut,) = segment([pages])
    by_page: dict[str, list[Row]] = defaultdict(list)
    for row in to_rows(cut):
        by_page[row["page_id"]].append(row)
    for page in to_rows(pages):
        check_tiling(page["text"], by_page.pop(page["page_id"], []))
    assert not by_page
    used = [(row["page_id"], start) for row in to_rows(candidates(pages, cut)) for start in row["starts"]]
    expected = [(row["page_id"], row["start"]) for row in to_rows(cut) if row["role"] != "boilerplate"]
    assert sorted(used) == sorted(expected)


@given(st.lists(TEXTS, max_size=4))
@settings(max_examples=25)
@example(["", " ", "\r\n", "x\r\ny", "\U0001f600"])
def test_builds_lose_no_character(texts: list[str]) -> None:
    """The release of any set of pages has each page's whole text, tiled, and a ledger that accounts for all of it."""
    with tempfile.TemporaryDirectory() as folder:
        pages = {f"{i}.txt": text for i, text in enumerate([*texts, ARTICLE])}
        built = build_pages(make_pages(Path(folder, "in"), pages), Path(folder, "out"))
        segments, rows = (json_rows(built.path, name) for name in ("segments", "pages"))
        records = {row["id"]: row for row in json_rows(built.path, *RECORDS)}
    failed = {file["path"] for file in built.failed}
    read = {name: text.removeprefix("\ufeff") for name, text in pages.items() if name not in failed}
    assert all("\x00" in pages[name] or "\x01" <= min(pages[name]) < " " for name in failed)
    found = {capture["path"]: row["text"] for row in rows for capture in row["captures"]}
    assert found == read
    outcomes: dict[str, list[int]] = {}
    for row in rows:
        of = [segment for segment in segments if segment["page_id"] == row["page_id"]]
        check_tiling(row["text"], of)
        for one in of:
            count = outcomes.setdefault(one["outcome"], [0, 0])
            count[0], count[1] = count[0] + 1, count[1] + one["end"] - one["start"]
            assert (one["canonical_id"] in records) == (one["outcome"] in ("canonical", "occurrence"))
            assert (one["outcome"] == "boilerplate") == (one["role"] == "boilerplate")
    ledger = built.manifest["ledger"]
    assert ledger["outcome"] == outcomes
    assert ledger["n_captures"] == len(read)
    assert ledger["n_pages"] == len({pages[name] for name in read})
    assert ledger["n_chars"] == sum(len(row["text"]) for row in rows)
    assert ledger["n_canonical"] == len(records)


def renamed(site: Path, folder: Path) -> dict[str, str]:
    """Copies a site so that its files list in reverse order; the old paths by the new ones."""
    names = sorted(path.name for path in (site / "pages").iterdir())
    new = {name: f"{len(names) - i:03d}-page.txt" for i, name in enumerate(names)}
    for old, name in new.items():
        make_pages(folder / "pages", {name: (site / "pages" / old).read_bytes()})
    lines = [json.loads(line) for line in (site / "pages.jsonl").read_text("utf-8").splitlines()]
    for line in lines:
        line["path"] = f"pages/{new[Path(line['path']).name]}"
    (folder / "pages.jsonl").write_text("".join(json.dumps(line) + "\n" for line in reversed(lines)), "utf-8")
    shutil.copyfile(site / "dataset.toml", folder / "dataset.toml")
    return {f"pages/{name}": f"pages/{old}" for old, name in new.items()}


def test_file_names_and_order_do_not_matter(harbour: Built, tmp_path: Path) -> None:
    """Files renamed so that they list the other way round give the same rows, up to the paths of captures."""
    old = renamed(HARBOUR, tmp_path / "site")
    other = build_harbour(tmp_path / "out", site=tmp_path / "site")
    for name in (*RECORDS, "segments", "pairs"):
        assert json_rows(other.path, name) == json_rows(harbour.path, name)
    pages = json_rows(other.path, "pages")
    for row in pages:
        for capture in row["captures"]:
            capture["path"] = old[capture["path"]]
    assert pages == json_rows(harbour.path, "pages")


def test_order_of_captures_does_not_matter(tmp_path: Path) -> None:
    """One content under several names and addresses takes its facts from its earliest capture, wherever that lists."""
    captures = [("2026-05-02T00:00:00Z", "https://b.example/1"), ("2026-05-01T00:00:00Z", "https://a.example/1")]
    found = []
    for number, order in enumerate((captures, captures[::-1])):
        folder = make_pages(tmp_path / f"{number}", {f"{i}.txt": ARTICLE for i in range(2)})
        lines = [{"path": f"{i}.txt", "url": url, "captured": at} for i, (at, url) in enumerate(order)]
        make_pages(folder, {"pages.jsonl": "".join(json.dumps(line) + "\n" for line in lines)})
        found.append(json_rows(build_pages(folder, tmp_path / f"out{number}").path, *RECORDS))
    assert found[0] == found[1]
    assert {row["source"] for row in found[0]} == {"a.example"}
    assert {row["captured"] for row in found[0]} == {"2026-05-01T00:00:00Z"}


@pytest.mark.parametrize("earliest", [0, 1, 2])
def test_a_record_is_taken_from_its_earliest_page(tmp_path: Path, earliest: int) -> None:
    """Of pages with one article the one captured first is where the record is taken from, whatever its id or name."""
    texts = [ARTICLE, ARTICLE.rstrip(), "\n\n" + ARTICLE]
    days = [1 if i == earliest else 9 - i for i in range(3)]
    lines = [
        {"path": f"{i}.txt", "url": f"https://{i}.example/", "captured": f"2026-05-0{day}T00:00:00Z"}
        for i, day in enumerate(days)
    ]
    folder = make_pages(tmp_path / "in", {f"{i}.txt": text for i, text in enumerate(texts)})
    make_pages(folder, {"pages.jsonl": "".join(json.dumps(line) + "\n" for line in lines)})
    built = build_pages(folder, tmp_path / "out")
    (row,) = json_rows(built.path, *RECORDS)
    assert (row["source"], row["captured"]) == (f"{earliest}.example", "2026-05-01T00:00:00Z")
    assert row["page_id"] == page_id(texts[earliest].encode())
    outcomes = sorted(segment["outcome"] for segment in json_rows(built.path, "segments"))
    assert outcomes == ["canonical", "occurrence", "occurrence"]


def test_order_of_records_does_not_matter(records_file: Path, records: Built, tmp_path: Path) -> None:
    """Lines of records in another order and in several files give the same rows of records, segments and pairs."""
    lines = (records_file / "records.jsonl").read_bytes().splitlines(keepends=True)
    random.Random(7).shuffle(lines)
    half = len(lines) // 2
    site = {"b.jsonl": b"".join(lines[:half]), "a/c.ndjson": b"".join(lines[half:])}
    other = build_pages(
        make_pages(tmp_path / "in", site), tmp_path / "out", name="given", split={"train": 0.5, "dev": 0.5}
    )
    for name in (*RECORDS, "segments", "pairs"):
        assert json_rows(other.path, name) == json_rows(records.path, name)


@given(st.lists(TEXTS, max_size=6))
def test_batch_cuts_do_not_matter(texts: list[str]) -> None:
    """Stages give the same rows for batches of one row as for one batch."""
    page_schema = arrow_schema(schema("page"))
    rows = [page_row(text, i) for i, text in enumerate(dict.fromkeys([*texts, ARTICLE]))]
    whole, single = [from_rows(rows, page_schema)], [from_rows([row], page_schema) for row in rows]

    def through(pages: list[Any]) -> tuple[list[Row], list[Row]]:
        cut = list(segment(pages))
        found = [candidates(page, of) for page, of in zip(pages, cut, strict=True)]
        records = checked((row for batch in found for row in to_rows(batch)), Contract.of(None))
        return [r for b in cut for r in to_rows(b)], [{**row, "errors": errors} for row, _, errors in records]

    assert through(whole) == through(single)


@pytest.fixture(scope="session")
def plain_harbour(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The checksums of the example site's release in the default formats."""
    return sums(build_harbour(tmp_path_factory.mktemp("plain")).path)


def test_rows_per_batch_do_not_matter(plain_harbour: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build whose every batch has one row gives the same bytes."""
    monkeypatch.setattr(batches.cut, "__defaults__", (1,))
    assert sums(build_harbour(tmp_path).path) == plain_harbour


def cut_small(monkeypatch: pytest.MonkeyPatch, n_buckets: int) -> None:
    """Makes slices of a few pages each, and several buckets."""
    monkeypatch.setattr(files, "SLICE_BYTES", 9000)
    monkeypatch.setattr(files.Plan, "n_buckets", lambda _plan, _bytes: n_buckets)


@pytest.mark.parametrize("n_buckets", [1, 2, 7])
def test_slices_and_buckets_do_not_matter(
    plain_harbour: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_buckets: int
) -> None:
    """A build in many slices and buckets gives the same bytes as in one."""
    cut_small(monkeypatch, n_buckets)
    assert sums(build_harbour(tmp_path).path) == plain_harbour


def test_worker_count_does_not_matter(plain_harbour: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build by two processes over several slices and buckets gives the same bytes as by one."""
    cut_small(monkeypatch, 3)
    assert sums(build_harbour(tmp_path, n_workers=2).path) == plain_harbour


BUILD = "import sys; from broadsheet.cli import main; main(['build', '--quiet', *sys.argv[1:]])"


def test_surroundings_do_not_matter(tmp_path: Path) -> None:
    """Hash seed, time zone, local date, locale, encoding, umask and working folder leave no trace in the bytes."""
    site = tmp_path / "site"
    shutil.copytree(HARBOUR, site)
    settings = (site / "dataset.toml").read_text("utf-8")
    (site / "dataset.toml").write_text(settings.replace('title = "', 'title = "Größere Häfen, 港, '), "utf-8")
    # The local dates of these zones always differ; the second has ASCII as its preferred encoding.
    one = {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"}
    two = {"PYTHONHASHSEED": "4242", "TZ": "Etc/GMT+12", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    ran = run_python(BUILD, str(site), "--out", str(tmp_path / "one"), **one)
    assert ran.returncode == 0, ran.stderr
    (tmp_path / "beside").mkdir()
    command = [os.path.relpath(site, tmp_path / "beside"), "--out", "two"]
    ran = run_python("import os; os.umask(0o077); " + BUILD, *command, cwd=tmp_path / "beside", **two)
    assert ran.returncode == 0, ran.stderr
    release = tmp_path / "one/harbour/0.1.0"
    assert "Größere Häfen, 港" in (release / "README.md").read_text("utf-8")
    assert sums(release) == sums(tmp_path / "beside/two/harbour/0.1.0")
    assert sums(release) == sums(build_harbour(tmp_path / "three", site=site).path)


def test_how_files_are_listed_and_dated_does_not_matter(
    plain_harbour: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order in which a file system lists names, and the times of its files, leave no trace in the bytes."""
    site = tmp_path / "site"
    shutil.copytree(HARBOUR, site)
    for i, path in enumerate(sorted(site.rglob("*"))):
        os.utime(path, (i * 86_400, i * 86_400))
    scandir, listdir = os.scandir, os.listdir

    class Backwards(list[Any]):
        """The entries of a folder, as `os.scandir` gives them."""

        def __enter__(self) -> "Backwards":
            return self

        def __exit__(self, *_: object) -> None:
            self.clear()

        def __next__(self) -> Any:
            if not self:
                raise StopIteration
            return self.pop(0)

    def scanned(*where: Any) -> Backwards:
        with scandir(*where) as found:
            return Backwards(sorted(found, key=lambda entry: entry.name, reverse=True))

    monkeypatch.setattr(os, "scandir", scanned)
    monkeypatch.setattr(os, "listdir", lambda *where: sorted(listdir(*where), reverse=True))
    assert sums(build_harbour(tmp_path, site=site).path) == plain_harbour


def test_the_order_in_which_inputs_are_named_does_not_matter(tmp_path: Path) -> None:
    """The pages of a site named one by one, in any order and twice, give the bytes of the folder that holds them."""
    pages = make_pages(tmp_path / "in", {f"{i}.txt": ARTICLE.replace("eleven", f"{i + 2}0") for i in range(4)})
    whole = sums(build_pages(pages, tmp_path / "whole").path)
    named = [pages / f"{i}.txt" for i in (2, 0, 3, 1, 2)]
    built = way.build(named, config.load(None, {"name": "site"}), out=tmp_path / "named", n_workers=1)
    assert sums(built.path) == whole
