"""Withdrawal: nothing of a record is left, nothing else changes, and it does not come back."""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from damage import Damaged, Rows
from sites import ARTICLE, HARBOUR, build_harbour, build_pages, json_rows, make_pages, snapshot, sums
from test_standoff import contents, runs, verdicts

from broadsheet import build as way
from broadsheet import config, share
from broadsheet.build import Built, Event
from broadsheet.errors import BroadsheetError, CallError, ReleaseError
from broadsheet.release import residue
from broadsheet.release.blocklist import Blocklist
from broadsheet.release.changes import compare
from broadsheet.release.manifest import load
from broadsheet.release.masks import MASK
from broadsheet.release.trace import trace
from broadsheet.release.verify import BROKEN, KEPT, verify
from broadsheet.release.withdraw import Wanted, Withdrawn, beside, purge, withdraw
from broadsheet.text import words

STORM = "https://courier.example/harbour/2026/03/storm-breaks-moorings"
WHY = "asked by a reader"
N = 13


@pytest.fixture
def dataset(harbour: Built, tmp_path: Path) -> Path:
    """A dataset with the example site's release as its one version, to be changed as one likes."""
    shutil.copytree(harbour.path.parent, tmp_path / "out" / "harbour")
    return tmp_path / "out" / "harbour"


def take(dataset: Path, **wanted: Any) -> Withdrawn:
    return withdraw(dataset, Wanted(**wanted), reason=WHY, date="2026-11-27")


def texts_of(release: Path, ids: set[str]) -> list[str]:
    """Every text on a page of records with these canonical records."""
    pages = {page["page_id"]: page["text"] for page in json_rows(release, "pages")}
    return [
        "\n".join(pages[row["page_id"]][p["start"] : p["end"]] for p in row["parts"] if p["part"] == "body")
        for row in json_rows(release, "segments")
        if row["canonical_id"] in ids
    ]


def test_nothing_is_left_but_what_is_listed(harbour: Built, dataset: Path) -> None:
    """No file has 13 words in a row of the record or its repeats, outside of the kept records that are listed."""
    found = take(dataset, urls=[STORM])
    gone = {row["id"] for row in found.records}
    source = {run for text in texts_of(harbour.path, gone) for run in runs(text, N)}
    assert len(source) > 200
    listed = {row["id"] for row in found.quotations}
    assert listed
    quoted = {
        run
        for row in json_rows(harbour.path, "segments")
        if row["canonical_id"] in listed
        for text in texts_of(harbour.path, {row["canonical_id"]})
        for run in runs(text, N)
    }
    assert source & quoted
    for path, text in contents(found.path).items():
        assert not (source - quoted) & runs(text, N), path


def test_a_record_that_nothing_quotes_is_gone_from_everywhere(harbour: Built, dataset: Path) -> None:
    """Zero runs of 13 words are left in any file, and nothing is to be decided."""
    articles = json_rows(harbour.path, "articles")
    found = take(dataset, ids=[next(row["id"] for row in articles if "knot" in row["text"].lower())])
    assert found.quotations == []
    source = {run for text in texts_of(harbour.path, {r["id"] for r in found.records}) for run in runs(text, N)}
    assert len(source) > 50
    assert not [path for path, text in contents(found.path).items() if source & runs(text, N)]


def test_masks_keep_every_offset(harbour: Built, dataset: Path) -> None:
    """Pages are as long as they were; what is masked is the segments that went, and nothing else differs."""
    found = take(dataset, urls=[STORM])
    before = {page["page_id"]: page["text"] for page in json_rows(harbour.path, "pages")}
    after = {page["page_id"]: page["text"] for page in json_rows(found.path, "pages")}
    gone = [row for row in json_rows(found.path, "segments") if row["outcome"] == "withdrawn"]
    assert len(gone) >= 2
    for id_, text in after.items():
        assert len(text) == len(before[id_])
        spans = [(row["start"], row["end"]) for row in gone if row["page_id"] == id_]
        for at, (old, new) in enumerate(zip(before[id_], text, strict=True)):
            inside = any(start <= at < end for start, end in spans)
            assert new == (MASK if inside and not old.isspace() else old)
    assert found.n_pages == len({row["page_id"] for row in gone})


def test_everything_agrees_with_a_withdrawal(dataset: Path) -> None:
    """`verify`, `diff`, `trace`, the number and the index tell the same."""
    old = dataset / "0.1.0"
    found = take(dataset, urls=[STORM])
    assert found.version == "1.0.0"
    assert {*verdicts(verify(found.path)).values()} == {KEPT}
    gone = [row["id"] for row in found.records]
    told = compare(old, found.path, limit=100)
    assert told["level"] == "major"
    assert [row["id"] for row in told["removed"]] == gone
    assert {kind: n for kind, n in told["counts"].items() if n} == {"removed": len(gone)}
    assert f"`{gone[0]}`" in (found.path / "CHANGES.md").read_text("utf-8")
    with pytest.raises(ReleaseError, match="no record"):
        trace(found.path, gone[0])
    assert trace(old, gone[0]).to_json()
    index = json.loads((dataset / "index.json").read_text("utf-8"))
    assert [version["version"] for version in index["versions"]] == ["0.1.0", "1.0.0"]
    assert {*gone} <= {one["id"] for one in index["withdrawn"]}
    assert {(one["since"], one["reason"], one["date"]) for one in index["withdrawn"]} == {("1.0.0", WHY, "2026-11-27")}
    assert not {"title", "text"} & {name for one in index["withdrawn"] for name in one}


def test_repeats_go_with_their_record(harbour: Built, dataset: Path) -> None:
    """The id of a repeat withdraws the record that stands for it, and all else that this stands for."""
    repeat = next(r for r in json_rows(harbour.path, "segments") if r["relation"] == "trimmed")
    found = take(dataset, ids=[repeat["record_id"]])
    assert [row["id"] for row in found.records] == [repeat["canonical_id"]]
    left = {row["record_id"] for row in json_rows(found.path, "segments")}
    assert not left & {repeat["record_id"], repeat["canonical_id"]}
    pairs = {pair[side] for pair in json_rows(found.path, "pairs") for side in "ab"}
    assert not pairs & {repeat["record_id"], repeat["canonical_id"]}


def test_an_author_is_withdrawn_with_all_records(harbour: Built, dataset: Path) -> None:
    """In any case of letters; answers to a comment stay, and answer nothing."""
    comments = json_rows(harbour.path, "comments")
    answered = {row["parent_id"] for row in comments}
    parent = next(row for row in comments if row["id"] in answered)
    found = take(dataset, authors=[parent["author"].upper()])
    expected = {
        row["id"]
        for row in json_rows(harbour.path, "articles", "comments", "teasers")
        if row["author"] == parent["author"]
    }
    assert {row["id"] for row in found.records} == expected
    after = {row["id"]: row for row in json_rows(found.path, "comments")}
    orphans = [row["id"] for row in comments if row["parent_id"] in expected and row["id"] not in expected]
    assert orphans
    assert {after[id_]["parent_id"] for id_ in orphans} == {None}
    assert {*verdicts(verify(found.path)).values()} == {KEPT}


def test_splits_and_stories_stay_what_they_were(harbour: Built, dataset: Path) -> None:
    """Also where the record goes whose id is that of its story."""
    articles = json_rows(harbour.path, "articles")
    stories = [row["story"] for row in articles]
    head = next(row for row in articles if row["story"] == row["id"] and stories.count(row["id"]) > 1)
    found = take(dataset, ids=[head["id"]])
    before = {row["id"]: (row["story"], row["split"]) for row in articles}
    after = {row["id"]: (row["story"], row["split"]) for row in json_rows(found.path, "articles")}
    assert after == {id_: of for id_, of in before.items() if id_ != head["id"]}
    assert {*verdicts(verify(found.path)).values()} == {KEPT}


def test_untouched_shards_are_the_same_files(dataset: Path) -> None:
    """Tables in which nothing goes are taken over, and not written again."""
    found = take(dataset, urls=[STORM])
    for path in ("data/comments/train-00000-of-00001.parquet", "jsonl/comments/train-00000-of-00001.jsonl.gz"):
        assert (found.path / path).stat().st_ino == (dataset / "0.1.0" / path).stat().st_ino


def test_old_versions_are_never_changed(dataset: Path) -> None:
    """A withdrawal only adds; it says which versions still hold the record."""
    before = snapshot(dataset / "0.1.0")
    found = take(dataset, urls=[STORM])
    assert snapshot(dataset / "0.1.0") == before
    assert found.still == ["0.1.0"]


def test_boilerplate_and_rejected_records_with_a_run_go_too(tmp_path: Path) -> None:
    """A page may hold the text where it is no record, and the quarantine where it was none."""
    long = next(line for line in ARTICLE.splitlines() if line.startswith("The bearings"))
    rows = [
        {"text": ARTICLE, "id": "a"},
        {"text": f"Another text about something else altogether. {long}", "id": "b", "language": "none at all"},
        {"text": "A third text that is by itself, and says nothing of what the others say, which is well.", "id": "c"},
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows) + f"no JSON at all: {long}\n"
    built = build_pages(make_pages(tmp_path / "in", {"r.jsonl": lines}), tmp_path / "out")
    article = next(row for row in json_rows(built.path, "articles") if row["given_id"] == "a")
    found = take(built.path.parent, ids=[article["id"]])
    source = runs(ARTICLE, N)
    assert not [path for path, text in contents(found.path).items() if source & runs(text, N)]
    left = [
        json.loads(line)
        for line in gzip.decompress((found.path / "quarantine" / "rejected.jsonl.gz").read_bytes()).splitlines()
    ]
    assert [(row["line"], row["raw"], [error["keyword"] for error in row["errors"]][-1]) for row in left] == [
        (4, None, "not-kept")
    ]
    assert {*verdicts(verify(found.path)).values()} == {KEPT}
    ledger = json.loads((found.path / "manifest.json").read_text("utf-8"))["ledger"]
    assert (ledger["n_withdrawn"], ledger["n_rejected"], ledger["n_unreadable"]) == (2, 0, 1)


def test_a_second_withdrawal_adds_to_the_first(dataset: Path) -> None:
    """Tombstones, masks and the ledger add up over versions."""
    first = take(dataset, urls=[STORM])
    second = take(dataset, ids=[first.quotations[0]["id"]])
    assert second.version == "2.0.0"
    assert {*verdicts(verify(second.path)).values()} == {KEPT}
    index = json.loads((dataset / "index.json").read_text("utf-8"))
    since = {one["id"]: one["since"] for one in index["withdrawn"]}
    assert (since[first.records[0]["id"]], since[second.records[0]["id"]]) == ("1.0.0", "2.0.0")


def test_what_was_withdrawn_stays_out_of_later_builds(dataset: Path) -> None:
    """The same pages built again give no version with the record; nothing of it is in any file, and all is kept."""
    found = take(dataset, urls=[STORM])
    gone = {row["id"] for row in found.records}
    source = {run for text in texts_of(dataset / "0.1.0", gone) for run in runs(text, N)}
    listed = {run for text in texts_of(found.path, {r["id"] for r in found.quotations}) for run in runs(text, N)}
    told: list[Event] = []
    settings = config.load(HARBOUR / config.FILE, {"version": "auto", "title": "Again"})
    built = way.build([], settings, out=dataset.parent, n_workers=1, report=told.append)
    assert built.published
    assert [event.facts for event in told if event.stage == "kept out"] == [{"records": len(gone)}]
    rows = json_rows(built.path, "articles", "comments", "teasers")
    assert not gone & {row["id"] for row in rows}
    assert not [path for path, text in contents(built.path).items() if (source - listed) & runs(text, N)]
    assert {*verdicts(verify(built.path)).values()} == {KEPT}


def test_a_copy_of_what_was_withdrawn_stays_out(tmp_path: Path) -> None:
    """A near copy or a shortened one on a page that was never read before is kept out; another text is not."""
    other = "The tide table for the week is out, and the harbour office says that it is printed on paper which floats."
    folder = make_pages(
        tmp_path / "in", {"r.jsonl": json.dumps({"text": ARTICLE}) + "\n" + json.dumps({"text": other})}
    )
    built = build_pages(folder, tmp_path / "out")
    article = next(row for row in json_rows(built.path, "articles") if len(row["text"]) > 500)
    take(built.path.parent, ids=[article["id"]])
    near, cut = ARTICLE.replace("Walkers", "People"), ARTICLE[:700]
    for number, text in enumerate((near, cut), 2):
        lines = json.dumps({"text": text}) + "\n" + json.dumps({"text": other}) + "\n"
        (folder / "r.jsonl").write_text(lines, "utf-8")
        again = build_pages(folder, tmp_path / "out", version=f"{number}.0.0")
        assert [row["text"] for row in json_rows(again.path, "articles")] == [other]
        assert {*verdicts(verify(again.path)).values()} == {KEPT}


def test_without_its_blocklist_nothing_is_built(dataset: Path) -> None:
    """Else what was withdrawn would come back in silence."""
    take(dataset, urls=[STORM])
    list_ = beside(dataset)
    list_.rename(list_.with_name("moved.json"))
    with pytest.raises(CallError, match="would come back; name it with --blocklist"):
        build_harbour(dataset.parent, version="auto")
    with pytest.raises(CallError, match="would come back; name it with --blocklist"):
        way.build([HARBOUR], config.load(None, {"name": "new"}), out=dataset.parent, blocklist=list_)


def test_the_blocklist_is_private_and_tells_nothing(dataset: Path) -> None:
    """It is for its owner alone, outside of the dataset, and holds no word: each has hashes of its own."""
    found = take(dataset, urls=[STORM])
    file = beside(dataset)
    assert file.stat().st_mode & 0o777 == 0o600
    assert dataset not in file.parents
    assert not runs("".join(texts_of(dataset / "0.1.0", {r["id"] for r in found.records})), 3) & runs(
        file.read_text("utf-8"), 3
    )
    one, two = (Blocklist.at(file.with_name(name)) for name in ("one.json", "two.json"))
    for each in (one, two):
        each.add([ARTICLE], {"ids": ["0" * 32], "spared": [], "since": "1.0.0", "reason": WHY, "date": None})
    hashes = [
        {*json.loads(each.file.read_text("utf-8"))["withdrawn"][0]["texts"][0]["shingles"]} for each in (one, two)
    ]
    assert not hashes[0] & hashes[1]


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"key": "x", "withdrawn": []}', '{"key": "00", "withdrawn": [{"ids": ["1"]}]}']
)
def test_a_damaged_blocklist_is_an_error(tmp_path: Path, content: str) -> None:
    """It is never taken for an empty one."""
    file = tmp_path / "list.json"
    file.write_text(content, "utf-8")
    with pytest.raises(CallError, match=r"is no blocklist: .*comes back"):
        Blocklist.at(file)


def test_short_texts_are_known_by_their_id_alone(tmp_path: Path) -> None:
    """Other people may say the same in four words."""
    blocked = Blocklist.at(tmp_path / "list.json")
    blocked.add(
        ["Well said, and thanks."], {"ids": ["0" * 32], "spared": [], "since": "1.0.0", "reason": WHY, "date": None}
    )
    assert blocked.matches("0" * 32, "Well said, and thanks.")
    assert not blocked.matches("1" * 32, "Well said, and thanks.")


def test_purge_removes_versions_whole_and_says_so(dataset: Path) -> None:
    """The index keeps that over later builds; a version that refers to a purged one is uncheckable, not broken."""
    found = take(dataset, urls=[STORM])
    purge(dataset, ["0.1.0"], reason=WHY, date="2026-11-28")
    assert sorted(path.name for path in dataset.iterdir()) == ["1.0.0", "index.json"]
    assert BROKEN not in verdicts(verify(found.path)).values()
    take(dataset, ids=[found.quotations[0]["id"]])
    index = json.loads((dataset / "index.json").read_text("utf-8"))
    assert [version["version"] for version in index["versions"]] == ["1.0.0", "2.0.0"]
    assert [(one["version"], one["reason"], one["date"]) for one in index["purged"]] == [("0.1.0", WHY, "2026-11-28")]


def test_a_release_without_texts_follows_a_withdrawal(dataset: Path, tmp_path: Path) -> None:
    """It is made of the version without the record, and a user's own captures do not bring that back."""
    found = take(dataset, urls=[STORM])
    bare = share.dehydrate(found.path).path
    shutil.copytree(dataset / "0.1.0", tmp_path / "again" / "harbour" / "0.1.0")
    made, again = share.hydrate(bare, [HARBOUR], out=tmp_path / "again")
    assert (again.same_rows, again.same_bytes) == (True, True)
    everything = "".join(contents(bare).values())
    assert not [row["id"] for row in found.records if row["id"] in everything]
    assert json_rows(made.path, "pages") == json_rows(found.path, "pages")


def unmask(rows: Rows) -> None:
    row = next(row for row in rows if MASK in row["text"])
    row["text"] = row["text"].replace(MASK, "x", 1)


def bring_back(rows: Rows) -> None:
    row = next(row for row in rows if row["outcome"] == "withdrawn" and row["role"] != "boilerplate")
    row["outcome"] = "quarantine"


@pytest.mark.parametrize(("config", "change"), [("pages", unmask), ("segments", bring_back)])
def test_verify_finds_what_is_not_withdrawn(
    dataset: Path, tmp_path: Path, config: str, change: Callable[[Rows], None]
) -> None:
    """A letter under a mask, and a withdrawn record that is something else, break a promise."""
    damaged = Damaged(take(dataset, urls=[STORM]).path, tmp_path)
    damaged.change(config, change)
    assert BROKEN in verdicts(verify(damaged.reseal())).values()


def test_another_file_with_a_run_is_an_error(tmp_path: Path) -> None:
    """A description that quotes the record stops the withdrawal, and names the file."""
    line = next(line for line in ARTICLE.splitlines() if line.startswith("The bearings"))
    other = {"b.jsonl": json.dumps({"text": "A text that stands by itself, about nothing that the other is about."})}
    folder = make_pages(tmp_path / "in", {"a.txt": ARTICLE, **other})
    built = build_pages(folder, tmp_path / "out", description=line)
    article = next(row for row in json_rows(built.path, "articles") if row["text"].startswith("The swing"))
    with pytest.raises(ReleaseError, match=r"\.(md|json|cff): would hold 13 words in a row"):
        take(built.path.parent, ids=[article["id"]])
    assert sorted(path.name for path in built.path.parent.iterdir()) == ["0.1.0", "index.json"]


def test_base_and_withdrawals_exclude_each_other(dataset: Path, tmp_path: Path) -> None:
    """What goes on from a release has all of it as it was: so a withdrawal from it, and it after one, are refused."""
    rest = make_pages(tmp_path / "more", {"b.txt": ARTICLE})
    settings = config.load(HARBOUR / config.FILE, {"version": "0.2.0"})
    grown = way.build([rest], settings, base=dataset / "0.1.0", out=dataset.parent, n_workers=1)
    with pytest.raises(ReleaseError, match=r"0.2.0: goes on from version 0.1.0 \(--base\)"):
        take(dataset, urls=[STORM])
    shutil.rmtree(grown.path)
    found = take(dataset, urls=[STORM])
    before = snapshot(dataset)
    for base in (dataset / "0.1.0", found.path):
        settings = config.load(HARBOUR / config.FILE, {"version": "7.0.0"})
        with pytest.raises(CallError, match="--base cannot go on where records were withdrawn"):
            way.build([rest], settings, base=base, out=dataset.parent, n_workers=1)
    assert snapshot(dataset) == before


def test_masked_releases_can_be_withdrawn_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Masks of privacy that go with a record are counted no more, and a later build with the key leaves it out, too."""
    monkeypatch.setenv("TEST_KEY", "a key of this test, which is long enough")
    other = ARTICLE.replace("bridge", "gondola").replace("Monday", "Sunday").replace("basin", "pier")
    mails = "Write to ines@harbour.example at once, or to the office of the port by the old crane.\n"
    pages = {"a.txt": f"{ARTICLE.rstrip()} {mails}", "b.txt": f"{other.rstrip()} {mails.replace('ines', 'holm')}"}
    folder = make_pages(tmp_path / "in", pages)
    privacy = {"masks": ["email"], "key_env": "TEST_KEY"}
    built = build_pages(folder, tmp_path / "out", privacy=privacy)
    assert built.manifest["masks"] == {"email": 2}
    row = next(row for row in json_rows(built.path, "articles") if "gondola" in row["text"])
    found = take(tmp_path / "out" / "site", ids=[row["id"]])
    assert load(found.path)["masks"] == {"email": 1}
    assert {*verdicts(verify(found.path)).values()} == {KEPT}
    again = build_pages(folder, tmp_path / "out", privacy=privacy, version="auto", title="Again")
    assert again.manifest["masks"] == {"email": 1}
    assert not [path for path, text in contents(again.path).items() if "gondola" in text]
    assert {*verdicts(verify(again.path)).values()} == {KEPT}


def test_wrong_calls_publish_nothing(dataset: Path, tmp_path: Path) -> None:
    """Each says what is wrong, and leaves the dataset as it was."""
    bare = share.dehydrate(dataset / "0.1.0", out=tmp_path / "bare").path
    before = snapshot(dataset)
    calls: list[tuple[Callable[[], object], type[BroadsheetError], str]] = [
        (lambda: take(dataset, ids=["0" * 32]), ReleaseError, "no record has the id 0000"),
        (lambda: take(dataset, urls=["https://nowhere.example/1"]), ReleaseError, "no main article has the address"),
        (lambda: take(dataset, authors=["Nobody"]), ReleaseError, "no record has the author 'Nobody'"),
        (lambda: take(dataset), CallError, "--id, --url or --author"),
        (lambda: take(tmp_path / "none", urls=[STORM]), ReleaseError, "holds no version"),
        (lambda: take(bare.parent, urls=[STORM]), ReleaseError, "is without texts"),
        (lambda: withdraw(dataset, Wanted(urls=[STORM]), reason=" "), CallError, "say why with --reason"),
        (
            lambda: withdraw(dataset, Wanted(urls=[STORM]), reason=WHY, version="0.2.0"),
            ReleaseError,
            "too small a step",
        ),
        (lambda: purge(dataset, ["0.1.0"], reason=WHY), CallError, "is the latest version"),
        (lambda: purge(dataset, ["7.0.0"], reason=WHY), CallError, "has no version 7.0.0"),
    ]
    for call, error, message in calls:
        with pytest.raises(error, match=message):
            call()
    after = snapshot(dataset)
    assert {name: data for name, (_, data) in after.items()} == {name: data for name, (_, data) in before.items()}


@pytest.mark.parametrize(
    "change",
    [
        str,
        str.upper,
        lambda text: text.replace("bridge", "bri\u00addge"),
        lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
        lambda text: text.replace("\n", "  \r\n\u2028"),
        lambda text: text.replace("ff", "\ufb00").replace("fi", "\ufb01"),
    ],
)
def test_the_quick_look_misses_no_run(change: Callable[[str], str]) -> None:
    """However the words are spelled, a text that has a run is looked at."""
    of = residue.Residue([ARTICLE])
    changed = change(ARTICLE)
    assert words(changed) == words(ARTICLE)
    assert of.may_be_in(changed)
    assert of.count_in(changed) == len(of.runs)
    assert not of.may_be_in("Nothing of that stands here, and nothing else either.")


def test_the_same_withdrawal_gives_the_same_bytes(harbour: Built, tmp_path: Path) -> None:
    """Keys are in no release: two people who withdraw the same publish the same."""
    found = []
    for name in ("one", "two"):
        shutil.copytree(harbour.path.parent, tmp_path / name / "harbour")
        found.append(sums(take(tmp_path / name / "harbour", urls=[STORM]).path))
    assert found[0] == found[1]


def test_the_command_says_what_it_did(dataset: Path) -> None:
    """It lists what went, what is to be decided, and which versions still hold it; wrong dates are refused."""
    from click.testing import CliRunner

    from broadsheet.cli import main

    def call(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["withdraw", str(dataset), "--reason", WHY, *arguments])
        return done.exit_code, done.output

    assert call("--url", STORM, "--date", "2026-13-01")[0] == 2
    code, said = call("--url", STORM)
    lines = said.splitlines()
    assert code == 0
    assert [line[:10].strip() for line in lines] == ["withdrawn", "masked", "decide", "released", "still in"]
    assert "1 repeat" in lines[0] and "0.1.0; --purge" in lines[-1]
    assert call("--purge", "0.1.0") == (0, "purged    0.1.0\n")
