"""Releases without texts: nothing of the pages is in them, and the user's own captures complete them."""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from damage import Damaged, Row, Rows
from sites import ARTICLE, HARBOUR, build_pages, json_rows, make_pages, sums
from test_signing import allow, make_key

from broadsheet import build as way
from broadsheet import config, share
from broadsheet.build import Built
from broadsheet.errors import BroadsheetError, CallError, ReleaseError
from broadsheet.release import keys
from broadsheet.release.told import Words
from broadsheet.release.verify import BROKEN, KEPT, SIGNED, STANDOFF, UNCHECKABLE, verify
from broadsheet.text import words

KEY = keys.Key(b"a secret of the tests", "private")
TRACEABLE = "everything is traceable: ids, places, offsets and texts agree"
FOLDS = "nothing is folded that differs: every decision holds"
LEAKS = "no leak: nothing in one split repeats in another"


@pytest.fixture(scope="module")
def bare(harbour: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example site's release without texts. Not to be changed: copy it."""
    return share.dehydrate(harbour.path, out=tmp_path_factory.mktemp("bare")).path


@pytest.fixture(scope="module")
def bare_records(records: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of records of a user's own without texts. Not to be changed: copy it."""
    return share.dehydrate(records.path, out=tmp_path_factory.mktemp("bare"), key=KEY).path


def contents(release: Path) -> dict[str, str]:
    """What every file of a release says, unpacked: values of Parquet and Arrow as JSON, all others as text."""
    found = {}
    for path in sorted(path for path in release.rglob("*") if path.is_file()):
        if path.suffix == ".parquet":
            text = json.dumps(pq.read_table(path).to_pylist(), ensure_ascii=False, default=str)
        elif path.suffix == ".arrow":
            with pa.memory_map(str(path)) as source:
                text = json.dumps(pa.ipc.open_stream(source).read_all().to_pylist(), ensure_ascii=False, default=str)
        else:
            data = path.read_bytes()
            text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
        found[path.relative_to(release).as_posix()] = text
    return found


def runs(text: str, n: int) -> set[tuple[str, ...]]:
    """The runs of n words of a text."""
    found = words(text)
    return {tuple(found[i : i + n]) for i in range(len(found) - n + 1)}


def verdicts(found: list[Any]) -> dict[str, str]:
    return {verdict.promise: verdict.verdict for verdict in found}


def of_pages(release: Path) -> set[tuple[str, ...]]:
    """The runs of five words of all pages of a release with texts."""
    return {run for page in json_rows(release, "pages") for run in runs(page["text"], 5)}


def names(release: Path) -> set[str]:
    """The words of all titles, standfirsts, bylines and authors of a release with texts, each of two words or more."""
    rows = json_rows(release, "articles", "comments", "teasers")
    said = {row[name] for row in rows for name in ("title", "dek", "byline", "author")} - {None}
    return {one for one in (" ".join(words(text)) for text in said) if " " in one}


def named_in(said: set[str], text: str) -> list[str]:
    plain = f" {' '.join(words(text.replace('-', ' ')))} "
    return [one for one in said if f" {one} " in plain]


def test_no_file_has_five_words_in_a_row_of_a_page(harbour: Built, bare: Path) -> None:
    """Neither in Parquet, Arrow, packed lines or documents, nor in a name of a file."""
    source = of_pages(harbour.path)
    assert len(source) > 5000
    said = contents(bare)
    assert said.keys() >= {"datasheet.html", "croissant.json", "CITATION.bib", "datacite.json", "measures.json"}
    for path, text in said.items():
        assert not source & runs(f"{text}\n{path}", 5), path


def test_no_file_has_a_title_or_a_name(harbour: Built, bare: Path) -> None:
    """Titles, standfirsts, bylines and authors are in no file, nor are addresses and paths that spell them."""
    assert len(names(harbour.path)) > 40
    for path, text in contents(bare).items():
        assert not named_in(names(harbour.path), text), path


def test_measures_that_need_texts_are_left_out_and_others_are_equal(harbour: Built, bare: Path) -> None:
    """What cannot be counted without texts is no zero; what counts rows is the same, but for lengths of texts."""
    full, found = (json.loads((path / "measures.json").read_text("utf-8")) for path in (harbour.path, bare))
    left_out = {name for name, measure in found.items() if "left_out" in measure}
    assert left_out >= {"naming", "quoted", "words_apart", "authors", "personal_patterns", "upstream", "publishers"}
    assert not [name for name in left_out if found[name]["rows"]]
    assert not [name for name in full if "left_out" in full[name]]
    lengths = {"code points of articles"}
    for name in full.keys() - left_out - {"inflation_by_source"}:  # whose interval is drawn by ids
        rows = [row for row in full[name]["rows"] if row[0] not in lengths]
        assert len(rows) == len(found[name]["rows"]), name
        for row, other in zip(rows, found[name]["rows"], strict=True):
            assert all(b in {a, None} for a, b in zip(row, other, strict=True)), name
    for document in ("DATASHEET.md", "datasheet.html", "README.md"):
        text = (bare / document).read_text("utf-8")
        assert f"{len(left_out)} of {len(found)} measures are left out" in text, document
    for document in ("DATASHEET.md", "datasheet.html"):
        assert "eft out: it needs the texts" in (bare / document).read_text("utf-8")


def test_answers_that_refer_to_what_is_left_out_say_so(tmp_path: Path) -> None:
    """An answer keeps its words where its figure is not told, and is not open again for that."""
    folder = make_pages(tmp_path / "in", {"a.txt": ARTICLE})
    reference = "personal_patterns[article].mail_addresses"
    answer = {"status": "answered", "text": f"Found: {{{{{reference}}}}}.", "seen": {reference: 0}}
    built = build_pages(folder, tmp_path / "out", answers={"C12": answer})
    assert "Found: 0." in (built.path / "DATASHEET.md").read_text("utf-8")
    bare = share.dehydrate(built.path, key=KEY).path
    text = (bare / "DATASHEET.md").read_text("utf-8")
    assert "Found: not told here." in text
    assert "Open again" not in text
    assert BROKEN not in verdicts(verify(bare)).values()


def test_hashes_of_short_texts_are_keyed(harbour: Built, bare: Path) -> None:
    """Whoever guesses a short comment cannot find it by its id, its digest or the hash of its page."""
    rows = json_rows(harbour.path, "articles", "comments", "teasers")
    short = {row[name] for row in rows if len(words(row["text"])) < 10 for name in ("id", "content_digest")}
    assert short
    everything = "".join(contents(bare).values())
    assert not [hash_ for hash_ in short if hash_ in everything]
    long = {row["id"] for row in rows if len(words(row["text"])) >= 10}
    assert all(id_ in everything for id_ in long)


def test_hashes_of_short_pages_are_keyed(records: Built, bare_records: Path) -> None:
    """A record of the user's own is a page, whose hash may be guessed, too."""
    said = contents(bare_records)
    everything = "".join(said.values())
    rows = "".join(text for path, text in said.items() if path != "datasheet.html")  # which has ids of its own
    pages = json_rows(records.path, "pages")
    short = {page["page_id"] for page in pages if len(words(page["text"])) < 10}
    assert short
    assert not [id_ for id_ in short if id_ in everything]
    for row in json_rows(records.path, "articles", "comments", "teasers"):
        assert json.dumps(row["text"]) not in everything
        assert row["given_id"] is None or f'"{row["given_id"]}"' not in rows


def test_rejected_records_are_without_their_content(bare_records: Path) -> None:
    """The quarantine says where they stood and which rules they break, and quotes nothing."""
    lines = gzip.decompress((bare_records / "quarantine" / "rejected.jsonl.gz").read_bytes()).splitlines()
    rows = [json.loads(line) for line in lines]
    assert len(rows) > 5
    assert {(row["raw"], row["raw_base64"]) for row in rows} == {(None, None)}
    assert {error["message"] for row in rows for error in row["errors"]} == {"not told"}
    assert {error["keyword"] for row in rows for error in row["errors"]} > {"minLength"}


def test_the_same_pages_give_the_same_bytes(harbour: Built, bare: Path, tmp_path: Path) -> None:
    """The release with the texts is restored byte for byte, in all formats."""
    made, found = share.hydrate(bare, [HARBOUR], out=tmp_path)
    assert (found.same_rows, found.same_bytes, found.report.differing) == (True, True, [])
    assert made.path == tmp_path / "harbour" / "0.1.0"
    assert sums(made.path) == sums(harbour.path)


@pytest.mark.parametrize("key", [None, KEY])
def test_records_are_restored_with_and_without_the_key(
    records: Built, records_file: Path, bare_records: Path, tmp_path: Path, key: keys.Key | None
) -> None:
    """Short records are found by their hash, or by their place; so are rejected lines."""
    made, found = share.hydrate(bare_records, [records_file], out=tmp_path, key=key)
    assert found.same_bytes
    assert sums(made.path) == sums(records.path)


def test_own_numeric_fields_stay_and_texts_go(tmp_path: Path) -> None:
    """Of a user's own fields those of numbers, dates and truth values are published; all are restored."""
    schema = {"properties": {"score": {"type": "number"}, "topic": {"type": "string"}, "seen": {"type": "boolean"}}}
    lines = [{"text": f"{ARTICLE} {i}", "score": i / 2, "topic": f"Bridge {i}", "seen": i > 1} for i in range(1, 4)]
    folder = make_pages(tmp_path / "in", {"r.jsonl": "".join(json.dumps(line) + "\n" for line in lines)})
    (folder / "own.json").write_text(json.dumps(schema), "utf-8")
    built = build_pages(folder / "r.jsonl", tmp_path / "out", schema=str(folder / "own.json"))
    bare = share.dehydrate(built.path)
    rows = json_rows(bare.path, "articles")
    assert {(row["score"], row["topic"], row["seen"]) for row in rows} == {
        (row["score"], None, row["seen"]) for row in json_rows(built.path, "articles")
    }
    _, found = share.hydrate(bare.path, [folder / "r.jsonl"], out=tmp_path / "again")
    assert found.same_bytes


def test_verify_says_what_it_cannot_check_and_checks_it_with_pages(bare: Path) -> None:
    """What needs texts is uncheckable, the rest is kept; with the pages all is kept."""
    found = verdicts(verify(bare))
    needs = {TRACEABLE, FOLDS, LEAKS}
    assert {promise for promise, verdict in found.items() if verdict == UNCHECKABLE} == needs
    assert {verdict for promise, verdict in found.items() if promise not in needs} == {KEPT}
    assert {*verdicts(share.verify(bare, [HARBOUR])).values()} == {KEPT}


def test_verify_without_the_key_says_so(bare_records: Path, records_file: Path) -> None:
    """Keyed hashes cannot be made again without the key; with it they are."""
    found = verdicts(share.verify(bare_records, [records_file]))
    assert [promise for promise, verdict in found.items() if verdict != KEPT] == [STANDOFF]
    assert found[STANDOFF] == UNCHECKABLE
    assert {*verdicts(share.verify(bare_records, [records_file], key=KEY)).values()} == {KEPT}


def shift(rows: Rows) -> None:
    """Moves the end of a part by one character into the next."""
    row = next(row for row in rows if row["role"] == "main" and row["outcome"] == "canonical")
    at = next(i for i, part in enumerate(row["parts"]) if part["part"] == "body")
    row["parts"][at]["end"] -= 1
    row["parts"][at + 1]["start"] -= 1


def miscount(rows: Rows) -> None:
    rows[0]["n_words"] += 1


def misplace(rows: Rows) -> None:
    row = next(row for row in rows if row["anchor"])
    row["anchor"] = "0" * 32


def other_evidence(rows: Rows) -> None:
    rows[0]["shared"] -= 1
    rows[0]["containment"] = round(rows[0]["shared"] / rows[0]["n_a"], 6)


@pytest.mark.parametrize(
    ("config", "change", "promise"),
    [
        ("segments", shift, TRACEABLE),
        ("pairs", other_evidence, FOLDS),
        ("articles", miscount, STANDOFF),
        ("segments", misplace, STANDOFF),
    ],
)
def test_verify_with_pages_finds_damages(
    bare: Path, tmp_path: Path, config: str, change: Callable[[Rows], None], promise: str
) -> None:
    """What only the texts tell is found wrong with the texts, however well it was sealed again."""
    damaged = Damaged(bare, tmp_path)
    damaged.change(config, change)
    path = damaged.reseal()
    assert BROKEN not in verdicts(verify(path)).values()
    assert verdicts(share.verify(path, [HARBOUR]))[promise] == BROKEN


def title(rows: Rows) -> None:
    rows[0]["title"] = "Bridge reopens"


def claim(rows: Rows) -> None:
    rows[0]["claims"] = [{"name": "title", "value": "Bridge reopens", "where": "title"}]


def words_that_differ(rows: Rows) -> None:
    row = next(row for row in rows if row["guard"])
    row["guard"] = f"{row['guard']}: 12 | 14"


@pytest.mark.parametrize(("config", "change"), [("articles", title), ("pages", claim), ("pairs", words_that_differ)])
def test_verify_finds_what_should_be_hidden(
    bare: Path, tmp_path: Path, config: str, change: Callable[[Rows], None]
) -> None:
    """A title, a claim or a quotation that came back into a release without texts is found, without any page."""
    damaged = Damaged(bare, tmp_path)
    damaged.change(config, change)
    assert verdicts(verify(damaged.reseal()))[STANDOFF] == BROKEN


def test_records_are_found_in_captures_that_differ_elsewhere(harbour: Built, bare: Path, tmp_path: Path) -> None:
    """A page with other white space and more below gives its records to the letter; one that is gone is named."""
    site = tmp_path / "site"
    shutil.copytree(HARBOUR, site)
    changed, gone = site / "pages" / "07-storm-boats.txt", site / "pages" / "10-council-parking.txt"
    changed.write_text(changed.read_text("utf-8").replace("\n\n", "\n \n") + "\nAnd one more line.\n", "utf-8")
    gone.unlink()
    made, found = share.hydrate(bare, [site], out=tmp_path / "out")
    assert not found.same_rows
    assert made.path.parent.name == "harbour-standoff"
    full = json_rows(harbour.path, "pages")
    lost = {p["page_id"] for p in full if {c["path"][6:8] for c in p["captures"]} & {"07", "10"}}
    assert {page["page_id"] for page in found.report.missing} == lost
    articles = json_rows(harbour.path, "articles")
    storm = next(
        row for row in articles if (row["title"] or "").startswith("Storm") and "counted 12 boats" in row["text"]
    )
    again = {row["id"]: row for row in json_rows(made.path, "articles")}
    assert found.report.elsewhere[storm["id"]]
    assert {n: again[storm["id"]][n] for n in ("title", "author", "text")} == {
        n: storm[n] for n in ("title", "author", "text")
    }
    assert BROKEN not in verdicts(verify(made.path)).values()


def test_words_that_differ_in_signs_alone_are_told_apart(bare: Path, tmp_path: Path) -> None:
    """A capture with other quotation marks gives the words, and the report says that signs differ."""
    site = tmp_path / "site"
    shutil.copytree(HARBOUR, site)
    page = site / "pages" / "07-storm-boats.txt"
    page.write_text(page.read_text("utf-8").replace("“", '"').replace("”", '"').replace(",", " ,"), "utf-8")
    made, found = share.hydrate(bare, [site], out=tmp_path / "out")
    inexact = [id_ for id_, is_exact in found.report.elsewhere.items() if not is_exact]
    assert inexact
    assert made.manifest["standoff"]["approximate"] == sorted(inexact)
    assert BROKEN not in verdicts(verify(made.path)).values()


@pytest.mark.parametrize("parity", [0, 1])
def test_other_words_are_not_taken(harbour: Built, bare: Path, tmp_path: Path, parity: int) -> None:
    """A capture in which words of a record differ does not give it, whichever of its lines they are in."""
    site = tmp_path / "site"
    shutil.copytree(HARBOUR, site)
    page = site / "pages" / "18-knot-museum.txt"
    lines = page.read_text("utf-8").split("\n\n")
    changed = [line.replace(" the ", " a ") if i % 2 == parity else line for i, line in enumerate(lines)]
    page.write_text("\n\n".join(changed), "utf-8")
    made, _ = share.hydrate(bare, [site], out=tmp_path / "out")
    full = {row["id"]: row["text"] for row in json_rows(harbour.path, "articles")}
    rows = json_rows(made.path, "articles")
    assert [row for row in rows if row["text"] is None]
    assert all(words(row["text"]) == words(full[row["id"]]) for row in rows if row["text"] is not None)


def test_datasets_loads_a_release_without_texts(bare: Path) -> None:
    """Every config loads, with its null columns and the numbers that stand for them."""
    import datasets

    for table in ("articles", "comments", "teasers", "segments", "pairs", "pages"):
        loaded = datasets.load_dataset(str(bare), table)
        for name, split in loaded.items():
            assert len(split) == len(json_rows(bare, table)) or name != "full"
    articles = datasets.load_dataset(str(bare), split="train")
    assert {*articles["text"]} == {None}
    assert min(articles["n_words"]) >= 10


def test_trace_tells_what_it_can(bare: Path) -> None:
    """Places, folds and pairs are told without a word of the texts, and why no texts are compared."""
    from click.testing import CliRunner

    from broadsheet.cli import main

    update = next(pair for pair in json_rows(bare, "pairs") if pair["relation"] == "update")
    first = min(update["a"], update["b"])
    said = CliRunner().invoke(main, ["trace", str(bare), update["a"]]).output
    assert "stands against another; so both are kept." in said
    assert f"no comparison: the release holds no page texts, where the text of {first} stood" in said


def test_seeds_as_facts_and_figures(shared: Path, tmp_path: Path) -> None:
    """The real pages: no five words and no name of them are in any file, and they complete it byte for byte."""
    seeds = shared / "seeds"
    about = {"authors": [{"name": "The makers"}], "released": "2026-11-27"}
    built = build_pages(seeds, tmp_path, name="seeds", **about)
    bare = share.dehydrate(built.path).path
    source = of_pages(built.path)
    said = contents(bare)
    assert said.keys() >= {"datasheet.html", "croissant.json", "CITATION.bib", "datacite.json", "measures.json"}
    for path, text in said.items():
        assert not source & runs(f"{text}\n{path}", 5), path
        assert not named_in(names(built.path), text), path
    _, found = share.hydrate(bare, [seeds], out=tmp_path / "again")
    assert found.same_bytes
    assert {*verdicts(share.verify(bare, [seeds])).values()} == {KEPT}


def test_a_configuration_that_quotes_a_page_publishes_nothing(tmp_path: Path) -> None:
    """What a publisher writes may hold five words of a page by chance or by mistake: then it is named."""
    folder = make_pages(tmp_path / "in", {"a.txt": ARTICLE})
    built = build_pages(folder, tmp_path / "out", description="How the swing bridge over the inner basin closes.")
    with pytest.raises(ReleaseError, match="“the swing bridge over the”, 5 words"):
        share.dehydrate(built.path)
    assert not (tmp_path / "out" / "site-standoff" / "0.1.0").exists()


def test_what_cannot_be_shared_or_completed_is_told(bare: Path, harbour: Built, tmp_path: Path) -> None:
    """Each wrong call says what is wrong and what to do."""
    few = make_pages(tmp_path / "in", {"a.jsonl": '{"text": "A short text"}\n'})
    textless = build_pages(make_pages(tmp_path / "b", {"a.txt": ARTICLE}), tmp_path, export={"page_texts": False})
    other = make_pages(tmp_path / "c", {"a.txt": ARTICLE})
    secret = tmp_path / "key"
    secret.write_bytes(b"short")
    calls: list[tuple[Callable[[], object], type[BroadsheetError], str]] = [
        (lambda: share.dehydrate(bare), ReleaseError, "standoff release already"),
        (lambda: share.dehydrate(harbour.path, name="harbour"), CallError, "another --name"),
        (lambda: share.dehydrate(textless.path), ReleaseError, "holds no page texts"),
        (lambda: share.dehydrate(build_pages(few, tmp_path, name="few").path), ReleaseError, "--key"),
        (lambda: share.hydrate(harbour.path, [HARBOUR], out=tmp_path), ReleaseError, "no standoff release"),
        (lambda: share.hydrate(bare, [other], out=tmp_path), ReleaseError, "none of its 23 pages"),
        (lambda: keys.private(secret), CallError, "16 bytes or more"),
        (lambda: keys.private(tmp_path / "none"), CallError, "cannot be read"),
    ]
    for call, error, message in calls:
        with pytest.raises(error, match=message):
            call()


def test_a_damaged_release_is_not_shared(harbour: Built, tmp_path: Path) -> None:
    """Texts are taken out of what was sealed, and of nothing else."""
    copy = tmp_path / "0.1.0"
    shutil.copytree(harbour.path, copy)
    (copy / "LICENSE").write_text("mine", "utf-8")
    with pytest.raises(ReleaseError, match="is damaged: LICENSE: content changed"):
        share.dehydrate(copy)


def page(text: str, **given: str) -> Row:
    return {"text": text, "given": json.dumps(given) if given else None, "claims": []}


@pytest.mark.parametrize(
    ("place", "tells"),
    [
        ("https://courier.example/2026/03/14/8842.html", False),
        ("https://courier.example/news?id=12", False),
        ("000_220155298eb68476.txt", False),
        ("https://courier.example/2026/bridge.html", True),
        ("https://courier.example/hafen-bruecke", True),
        ("https://courier.example/holm/12", True),
        ("pages/swing_bridge.txt", True),
        ("pages/Swing%20bridge.txt", True),
        ("pages/橋が閉まる.txt", True),
    ],
)
def test_places_that_tell_are_hidden(place: str, tells: bool) -> None:
    """An address or path stays where no word of a title or name is in it, and no two words make a title."""
    of = Words(page("The swing bridge closes on Monday."), ["Bridge closes", "By Ines Holm"])
    assert of.are_in(place) is tells


def test_build_standoff_leaves_no_texts_behind(tmp_path: Path) -> None:
    """The release with the texts is gone when the other is published."""
    folder = make_pages(tmp_path / "in", {"a.txt": ARTICLE})
    settings = config.load(None, {"name": "site"})
    _, made = share.build_standoff([folder], settings, out=tmp_path / "out")
    assert made.path == tmp_path / "out" / "site-standoff" / "0.1.0"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["site-standoff"]
    with pytest.raises(CallError, match="by its number"):
        share.build_standoff([folder], config.load(None, {"name": "s", "version": "auto"}), out=tmp_path / "out")


def test_build_standoff_refuses_what_cannot_be_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is masked, or goes on from a release, is told before the build, and of releases that are there."""
    monkeypatch.setenv("TEST_KEY", "a key of this test, which is long enough")
    folder = make_pages(tmp_path / "in", {"a.txt": f"{ARTICLE}\n\nWrite to ines@harbour.example at once.\n"})
    privacy = {"masks": ["email"], "key_env": "TEST_KEY"}
    masked = build_pages(folder, tmp_path / "masked", privacy=privacy)
    first = build_pages(folder, tmp_path / "out")
    more = make_pages(tmp_path / "more", {"b.txt": ARTICLE.replace("bridge", "ferry").replace("Monday", "Sunday")})
    settings = config.load(None, {"name": "site", "version": "0.2.0"})
    grown = way.build([more], settings, base=first.path, out=tmp_path / "out", n_workers=1)
    hiding = config.load(None, {"name": "site", "privacy": privacy})
    calls: list[tuple[Callable[[], object], type[BroadsheetError], str]] = [
        (lambda: share.dehydrate(masked.path), ReleaseError, r"is masked \(privacy\)"),
        (lambda: share.dehydrate(grown.path), ReleaseError, r"goes on from version 0.1.0 \(--base\)"),
        (lambda: share.build_standoff([folder], hiding, out=tmp_path / "o"), CallError, "what .privacy. masks"),
        (
            lambda: share.build_standoff([folder], settings, out=tmp_path / "o", base=first.path),
            CallError,
            "cannot be combined with --base",
        ),
    ]
    for call, error, message in calls:
        with pytest.raises(error, match=message):
            call()
    assert not (tmp_path / "o").exists()
    assert not list(tmp_path.glob("*/*-standoff/0*"))


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen: apt-get install openssh-client")
def test_build_standoff_signs_what_it_publishes(tmp_path: Path) -> None:
    """The signature is that of the release without texts, and `verify` takes it with and without the pages."""
    folder = make_pages(tmp_path / "in", {"a.txt": ARTICLE})
    ann = make_key(tmp_path, "ann")
    settings = config.load(None, {"name": "site"})
    _, made = share.build_standoff([folder], settings, out=tmp_path / "out", sign=ann)
    signers = allow(tmp_path, ann)
    assert verdicts(verify(made.path, signers=signers))[SIGNED] == KEPT
    assert verdicts(share.verify(made.path, [folder], signers=signers))[SIGNED] == KEPT


def test_a_release_that_was_pushed_without_its_quarantine_is_not_completed(
    bare_records: Path, records_file: Path, tmp_path: Path
) -> None:
    """What is missing is named."""
    copy = tmp_path / "0.1.0"
    shutil.copytree(bare_records, copy)
    shutil.rmtree(copy / "quarantine")
    with pytest.raises(ReleaseError, match=r"quarantine/rejected\.jsonl\.gz was sealed and is not here"):
        share.hydrate(copy, [records_file], out=tmp_path / "out")


def test_the_commands_say_what_they_did(bare: Path, harbour: Built, tmp_path: Path) -> None:
    """`dehydrate`, `hydrate` and `verify --pages` print what became of it; an incomplete one ends with 1."""
    from click.testing import CliRunner

    from broadsheet.cli import main

    def call(*arguments: object) -> tuple[int, str]:
        done = CliRunner().invoke(main, [*map(str, arguments)])
        return done.exit_code, done.output

    assert call("dehydrate", harbour.path, "--out", tmp_path) == (
        0,
        f"released  {tmp_path / 'harbour-standoff' / '0.1.0'}\n",
    )
    again = tmp_path / "again"
    code, said = call("hydrate", bare, "--pages", HARBOUR, "--out", again)
    assert (code, said.splitlines()) == (
        0,
        ["pages     23 of 23 have their text again", f"released  {again / 'harbour' / '0.1.0'}   every byte"],
    )
    code, said = call("hydrate", bare, "--pages", HARBOUR / "pages" / "01-bridge-reopens.txt", "--out", again)
    assert (code, "and 2 more; --json shows all" in said, "not as it was" in said) == (1, True, True)
    assert call("hydrate", bare)[0] == 2
    assert call("verify", bare, "--pages", HARBOUR, "--quiet") == (0, "")
