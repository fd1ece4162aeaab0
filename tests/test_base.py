"""A build that goes on from a release changes nothing of it and adds what is new, however it is asked."""

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from damage import Damaged
from sites import ARTICLE, json_rows, make_pages, rejections, snapshot, sums

from broadsheet import config
from broadsheet.batches import file_sha256
from broadsheet.build import Built, build
from broadsheet.cli import main
from broadsheet.contract import LEDGER_CONFIGS, RECORD_CONFIGS
from broadsheet.errors import CallError, ReleaseError
from broadsheet.release.changes import compare
from broadsheet.release.manifest import load
from broadsheet.release.verify import KEPT, verify
from broadsheet.repeats import Item
from broadsheet.repeats.grow import Settled, grow_table
from broadsheet.repeats.table import table_of

Row = dict[str, Any]
SPLIT = {"test": 0.5, "train": 0.5}
SEEDS = range(6)
WORDS = [a + b + c for a in "bdfgklmnprst" for b in "aeiou" for c in ("lan", "ro", "mit", "sek", "du")]


class Writer:
    """Records that repeat, contain, update and answer one another, and those that are in nothing."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.articles: list[list[str]] = []
        self.n_comments = 0

    def sentence(self) -> str:
        return " ".join(self.rng.choices(WORDS, k=self.rng.randint(7, 12))).capitalize() + "."

    def article(self) -> Row:
        rng = self.rng
        kind = rng.choice(["new", "new", "copy", "cut", "quotes", "both", "edit", "figure", "short"])
        old = [rng.choice(self.articles) for _ in range(2)] if self.articles else []
        match kind if old else "new":
            case "copy":
                found = old[0]
            case "cut":
                found = old[0][: max(1, len(old[0]) - 2)]
            case "quotes":
                found = [self.sentence(), self.sentence(), *old[0], self.sentence()]
            case "both":
                found = [self.sentence(), *old[0], *old[1]]
            case "edit":
                found = [*old[0][:-1], old[0][-1].replace("a", "o")]
            case "figure":
                found = [*old[0], f"It was seen {rng.randint(2, 9)} times by {rng.randint(2, 9)} men at the pier."]
            case "short":
                found = [" ".join(rng.choices(WORDS[:3], k=3)) + "."]
            case _:
                found = [self.sentence() for _ in range(rng.randint(3, 6))]
        self.articles.append(found)
        number = len(self.articles)
        return {
            "id": f"a{number}",
            "text": " ".join(found),
            "title": rng.choice([None, "Of the pier"]),
            "url": f"https://paper{number % 3}.example/{number % 12}",
            "captured": f"2026-03-{1 + rng.randint(0, 20):02d}T00:00:00Z",
            "role": rng.choice(["main", "main", "sidebar", "teaser"]),
        }

    def comment(self) -> Row:
        rng = self.rng
        position = rng.randint(0, 5)
        text = rng.choice([self.sentence(), "Well said!", " ".join(rng.choice(self.articles or [["No."]]))])
        answers = {"reply_to": rng.randint(0, position - 1)} if position and rng.random() < 0.6 else {}
        thread = rng.choice([None, *(f"https://paper{i % 3}.example/{i}" for i in range(12))])
        about = {"thread": thread, "author": rng.choice("AB"), "position": position, **answers}
        return {"role": "comment", "text": text, **about}

    def records(self, n: int) -> list[Row]:
        return [self.article() if self.rng.random() < 0.75 else self.comment() for _ in range(n)]


def lines(records: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def pages(rng: random.Random, records: list[Row]) -> dict[str, str]:
    """Pages of the records' texts, some with a second article, as a text extractor writes them."""
    texts = [r["text"] for r in records if len(r["text"]) > 200]
    made = {}
    for i in range(4):
        body = "\n\n".join(rng.choice(texts).replace(". ", ".\n\n") for _ in range(2)) if texts else ""
        made[f"{rng.random()}-{i}.txt"] = f"{ARTICLE}\n\n\n\nThe news from pier {i}\n\nBy Ines Holm\n\n{body}\n"
    return made


def settings(**values: Any) -> config.Config:
    return config.load(None, {"name": "site", "version": "auto", "split": SPLIT, **values})


def grow(base: Built | Path, paths: list[Path], out: Path, **options: Any) -> Built:
    path = base if isinstance(base, Path) else base.path
    return build(paths, settings(), base=path, out=out, n_workers=options.pop("n_workers", 1), **options)


def digests(built: Built) -> dict[str, str]:
    return {f"{t['config']}/{t['split']}": t["logical_digest"] for t in built.manifest["tables"]}


def rows(built: Built, *configs: str) -> dict[str, str]:
    """The rows, by place and as JSON: what may not change, as it is read without code of the project."""
    keys = {"segments": ("page_id", "start"), "pairs": ("a", "b"), "pages": ("page_id",)}
    return {
        f"{name} {[row[key] for key in keys.get(name, ('id',))]}": json.dumps(row)
        for name in configs or (*RECORD_CONFIGS, *LEDGER_CONFIGS)
        for row in json_rows(built.path, name)
    }


def broken(built: Built) -> list[Any]:
    return [(v.promise, v.verdict, v.faults) for v in verify(built.path) if v.verdict != KEPT]


def site(folder: Path, seed: int) -> tuple[Path, list[Path]]:
    """A folder with what is published first, and two parts of what comes later; all three hold pages and records."""
    writer = Writer(seed)
    parts = []
    for name, n in (("old", 60), ("new1", 25), ("new2", 25)):
        records = writer.records(n)
        bad = lines([{"text": "", "title": name}]) + ("no record\n" if seed % 2 else "")
        parts.append(make_pages(folder / name, {"r.jsonl": lines(records) + bad, **pages(writer.rng, records)}))
    return parts[0], parts[1:]


@dataclass(frozen=True)
class Grown:
    """A site, the release of its first part, and that which goes on from it with the others."""

    old: Path
    new: list[Path]
    first: Built
    grown: Built


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Grown]:
    """One for each seed, made when it is asked for. Not to be changed: copy them."""

    class Sites(Sequence[Grown]):
        def __len__(self) -> int:
            return len(SEEDS)

        @cache  # noqa: B019  one object a module
        def __getitem__(self, seed: Any) -> Any:
            if seed not in SEEDS:
                raise IndexError
            folder = tmp_path_factory.mktemp("base")
            old, new = site(folder / "in", seed)
            first = build([old], settings(), out=folder / "dist", n_workers=1)
            return Grown(old, new, first, grow(first, new, folder / "dist"))

    return Sites()


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_that_was_published_changes(sites: Sequence[Grown], seed: int) -> None:
    """All promises are kept, every row stays as it was, and the step is MINOR, since records were added only."""
    first, grown = sites[seed].first, sites[seed].grown
    assert broken(grown) == []
    assert rows(first).items() <= rows(grown).items()
    nothing = dict.fromkeys(["removed", "changed", "moved", "folded", "unfolded", "relocated"], 0)
    stated = dict(grown.manifest["changes"])
    assert stated.pop("added") == len(rows(grown, *RECORD_CONFIGS)) - len(rows(first, *RECORD_CONFIGS)) > 0
    since = {"since": "0.1.0", "logical_digest": first.manifest["logical_digest"], "level": "minor"}
    assert stated == nothing | since
    assert grown.manifest["version"] == "0.2.0"
    assert {k: v for k, v in grown.manifest["base"].items() if k in {"version", "logical_digest"}} == {
        "version": "0.1.0", "logical_digest": first.manifest["logical_digest"],
    }  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_growing_gives_the_same_however_it_is_asked(sites: Sequence[Grown], tmp_path: Path, seed: int) -> None:
    """New pages alone or with all that was published, in any order, by any number of workers: one result."""
    old, new, first, grown = sites[seed].old, sites[seed].new, sites[seed].first, sites[seed].grown
    again = grow(first, [*new[::-1], old], tmp_path)
    assert digests(again) == digests(grown)
    lineage = dict(again.manifest["base"])
    assert lineage.pop("n_pages_again") == first.manifest["ledger"]["n_captures"]
    assert lineage | {"n_pages_again": 0} == grown.manifest["base"]
    if seed == 0:
        assert sums(grow(first, new[::-1], tmp_path / "two", n_workers=2).path) == sums(grown.path)


def test_newcomers_of_every_fate_are_in_the_sites_of_these_tests(sites: Sequence[Grown]) -> None:
    """Newcomers fold, stand, tie, answer, contain and are held in the sites that the laws are shown on."""
    fates: Counter[str] = Counter()
    for one in sites:
        first, grown = one.first, one.grown
        came = json_rows(grown.path, "segments")[len(json_rows(first.path, "segments")) :]
        fates.update(row["outcome"] for row in came)
        fates["tied"] += len(grown.manifest["base"]["tied_stories"])
        known = {row["id"]: row["first_version"] for row in json_rows(grown.path, *RECORD_CONFIGS)}
        stories = {row["story"] for row in json_rows(first.path, *RECORD_CONFIGS)}
        for row in json_rows(grown.path, *RECORD_CONFIGS):
            fates["joined"] += row["first_version"] == "0.2.0" and row["story"] in stories
            fates["answers"] += row["first_version"] == "0.2.0" and known.get(row["parent_id"]) == "0.1.0"
        for pair in json_rows(grown.path, "pairs"):
            if known.get(pair["a"]) == "0.1.0" and known.get(pair["b"]) == "0.2.0":
                fates[f"inside, {pair['relation']} {pair['decision']}"] += 1
    wanted = ["canonical", "occurrence", "held", "joined", "answers", "tied", "quarantine"]
    wanted += ["inside, embedded keep", "inside, trimmed keep"]
    assert {fate: fates[fate] for fate in wanted if fates[fate] < 2} == {}


# ---- what is held ------------------------------------------------------------------------------------------------

ONE = "The mole at Orrin was lengthened by the masons of the northern yard in the spring of that year. "
TWO = "Nobody has seen the ferry to Vell since the ice came, and the post goes over the hills on foot now. "


def published(folder: Path, **values: Any) -> tuple[Built, dict[str, str]]:
    """A release of articles in both splits, and one id of each."""
    texts = [ONE, TWO, *(f"{ARTICLE[300 + 9 * i : 700 + 7 * i]} Of pier {i}." for i in range(3))]
    make_pages(folder / "old", {"r.jsonl": lines({"text": text, "title": f"Of {i}"} for i, text in enumerate(texts))})
    for seed in range(40):  # which split a story is in, its id decides: look for one where the two texts are apart
        shares = settings(split={"test": (seed + 1) / 64, "train": (63 - seed) / 64}, **values)
        built = build([folder / "old"], shares, out=folder / f"dist{seed}", n_workers=1)
        found = {row["text"]: (row["split"], row["id"]) for row in json_rows(built.path, "articles")}
        if found[ONE][0] != found[TWO][0]:
            return built, dict([found[ONE], found[TWO]])
    raise AssertionError("no shares put the two articles into two splits")


def again(built: Built, texts: Mapping[str, str], name: str, **options: Any) -> Built:
    """What comes of further records, given by name of title."""
    folder = built.path.parents[1]
    make_pages(folder / name, {"n.jsonl": lines({"text": text, "title": title} for title, text in texts.items())})
    configured = settings(split=built.manifest["configuration"]["split"])
    return build([folder / name], configured, base=built.path, out=folder, n_workers=1, **options)


def test_a_record_that_would_tie_two_splits_together_is_held(tmp_path: Path) -> None:
    """It is in no split, with the reason in manifest, datasheet, changes, trace and ledger; its page is there."""
    first, ends = published(tmp_path)
    grown = again(first, {"Digest": ONE + TWO, "New": ARTICLE}, "new")
    ((held,), released) = (grown.manifest["base"]["held"], json_rows(grown.path, "articles"))
    assert {end["split"]: end["id"] for end in held["ties"]} == ends
    assert "Digest" not in {row["title"] for row in released} and "New" in {row["title"] for row in released}
    (segment,) = (row for row in json_rows(grown.path, "segments") if row["outcome"] == "held")
    assert (segment["record_id"], segment["canonical_id"], segment["relation"]) == (held["id"], None, None)
    assert grown.manifest["ledger"]["n_held"] == 1 and grown.manifest["ledger"]["outcome"]["held"][0] == 1
    assert broken(grown) == []
    for document in ("DATASHEET.md", "README.md", "CHANGES.md"):
        text = (grown.path / document).read_text("utf-8")
        assert ("`" + held["id"] in text) if document == "CHANGES.md" else "1 records that came after" in text
    told = CliRunner().invoke(main, ["trace", str(grown.path), held["id"]])
    assert told.exit_code == 1 and all(id_ in told.output for id_ in ends.values())
    kept = CliRunner().invoke(main, ["trace", str(grown.path), ends["test"]])
    assert (kept.exit_code == 0 and f"{held['id'][:12]} is held" in kept.output.replace("\n", " ")) or held[
        "id"
    ] in kept.output


@pytest.mark.parametrize("ids", ["ab", "ba"])
def test_the_longest_first_are_let_in_whatever_the_ids(ids: str) -> None:
    """Of two newcomers that only together tie two splits, the one that comes later in the order of folding is held."""
    shared = "".join(f"There are {i} of them at the {i}th pier in the lee. " for i in range(9))
    more = "".join(f"Of the {i} other ones nobody knew any more than that. " for i in range(6))
    texts = [ONE, TWO, f"{ONE}{shared}{more}", f"{TWO}{shared}"]
    numbers = ["1" * 32, "2" * 32, *(id_ * 32 for id_ in ids)]
    items = [
        Item(id=id_, kind="article", role="main", text=text, published=i < 2)
        for i, (id_, text) in enumerate(zip(numbers, texts, strict=True))
    ]
    newcomers = sorted(items[2:], key=lambda item: item.id)
    known = Settled([0, 1], ["train", "test"], np.arange(2))
    grown = grow_table(table_of([*items[:2], *newcomers]), known, [], threshold=Fraction(7, 10), scope="global")
    assert [([*items[:2], *newcomers][row].text, ends[0]) for row, ends in grown.held.items()] == [(texts[3], 1)]


def test_what_was_held_stays_held(tmp_path: Path) -> None:
    """A held record that comes again, and one that repeats it, are held in the next version, too."""
    first, _ = published(tmp_path)
    grown = again(first, {"Digest": ONE + TWO}, "new")
    last = again(grown, {"Digest": ONE + TWO, "Digest again": ONE + TWO + "So it is.", "New": ARTICLE}, "last")
    held = {held["id"] for held in last.manifest["base"]["held"]}
    assert len(held) == 2 and held > {held["id"] for held in grown.manifest["base"]["held"]}
    assert last.manifest["ledger"]["n_held"] == 2
    assert last.manifest["version"] == "0.3.0"
    assert broken(last) == []
    assert rows(first).items() <= rows(grown).items() <= rows(last).items()


def test_a_published_record_inside_a_longer_newcomer_stays(tmp_path: Path) -> None:
    """The newcomer is longer and whole, but what was published stands for itself, linked and in one split with it."""
    first, ends = published(tmp_path)
    grown = again(
        first, {"Longer": ONE + "".join(f"There are {i} of them at the {i}th pier. " for i in range(9))}, "new"
    )
    found = {row["title"]: row for row in json_rows(grown.path, "articles")}
    assert found["Of 0"]["first_version"] == "0.1.0" and found["Longer"]["first_version"] == "0.2.0"
    assert {ends[found["Longer"]["split"]], found["Longer"]["story"]} == {found["Of 0"]["id"]}
    (pair,) = (row for row in json_rows(grown.path, "pairs") if {row["a"], row["b"]} >= {found["Longer"]["id"]})
    assert (pair["a"], pair["relation"], pair["decision"]) == (found["Of 0"]["id"], "trimmed", "keep")


# ---- what is taken over, and what may be gone on from ---------------------------------------------------------------


def test_shards_of_the_base_are_taken_over_as_files(sites: Sequence[Grown]) -> None:
    """The first shards of each table are the base's, byte for byte; all load, in the order of the versions."""
    import datasets

    first, grown = sites[0].first, sites[0].grown
    before = {file_sha256(path) for path in first.path.rglob("*-of-*")}
    tables = {(t["config"], t["split"]): t for t in first.manifest["tables"]}
    for table in grown.manifest["tables"]:
        old = tables.get((table["config"], table["split"]))
        for format_, paths in table["files"].items():
            taken = len(old["files"][format_]) if old else 0
            found = [file_sha256(grown.path / path) in before for path in paths]
            assert found == [True] * taken + [False] * (len(paths) - taken)
        loaded = datasets.load_dataset(str(grown.path), table["config"], split=table["split"])
        assert loaded.num_rows == table["n_rows"]
        if table["config"] in RECORD_CONFIGS:
            order = [(row["first_version"], row["id"]) for row in loaded]
            assert order == sorted(order)


def test_pages_that_were_published_change_nothing(sites: Sequence[Grown], tmp_path: Path) -> None:
    """With nothing new the release itself comes back, whole files or single pages given again alike."""
    first, old = sites[0].first, sites[0].old
    before = snapshot(first.path)
    assert grow(first, [old], tmp_path).path == first.path
    some = make_pages(tmp_path / "some", {"x.txt": next(old.glob("*.txt")).read_bytes()})
    there = grow(first, [some], tmp_path)
    assert (there.path, there.published, there.manifest) == (first.path, False, first.manifest)
    assert snapshot(first.path) == before and not list((tmp_path / "site").glob("[!.]*"))
    told = CliRunner().invoke(
        main,
        ["build", str(some), "--base", str(first.path), "--version", "auto", "--name", "site", "--out", str(tmp_path)],
    )
    assert told.exit_code == 2 and "split.train is 0.5 there, and 1.0 here" in told.output


def test_a_release_elsewhere_may_be_gone_on_from(sites: Sequence[Grown], tmp_path: Path) -> None:
    """The version follows the base's, with which it is compared; what needs that beside it is uncheckable."""
    first, new = sites[1].first, sites[1].new
    grown = grow(first, new, tmp_path)
    assert sums(grown.path) == sums(sites[1].grown.path)
    assert {verdict for _, verdict, _ in broken(grown)} == {"uncheckable"}


def _text_less(folder: Path) -> Path:
    old, _ = site(folder / "in", 0)
    values = settings(export={"formats": ["parquet", "jsonl"], "page_texts": False})
    return build([old], values, out=folder, n_workers=1).path


WRONG: dict[str, tuple[Callable[[Path], Any], dict[str, Any], str]] = {
    "no release": (lambda path: shutil.rmtree(path / "data") or (path / "manifest.json").unlink(), {}, "no release"),
    "damaged": (lambda path: (path / "data/pages").rename(path / "data/page"), {}, "damaged"),
    "no sums": (lambda path: (path / "SHA256SUMS").unlink(), {}, "damaged"),
    "threshold": (lambda _: None, {"repeats": {"threshold": 0.8, "scope": "global"}}, "repeats.threshold is 0.7 there"),
    "scope": (lambda _: None, {"repeats": {"threshold": 0.7, "scope": "per-source"}}, "repeats.scope"),
    "splits": (lambda _: None, {"split": {"test": 0.1, "train": 0.9}}, "split.test is 0.5 there, and 0.1 here"),
    "name": (lambda _: None, {"name": "other"}, "it is of site, not of other"),
    "version": (lambda _: None, {"version": "0.1.0"}, "version 0.1.0 does not follow 0.1.0"),
    "formats": (lambda _: None, {"export": {"formats": ["parquet"], "page_texts": True}}, "export.formats"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_may_not_be_gone_on_from_is_refused(sites: Sequence[Grown], tmp_path: Path, wrong: str) -> None:
    """A base that is none, damaged, or made by other rules is refused with what is wrong, and nothing appears."""
    damage, values, message = WRONG[wrong]
    base = tmp_path / "base"
    shutil.copytree(sites[0].first.path, base)
    damage(base)
    with pytest.raises((CallError, ReleaseError)) as raised:
        build(sites[0].new, settings(**values), base=base, out=tmp_path / "out", n_workers=1)
    assert message in str(raised.value)
    assert not (tmp_path / "out").exists()


def test_a_base_by_other_rules_or_without_texts_is_refused(
    sites: Sequence[Grown], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts of folded records must be there to be compared; and pages are cut by one segmenter."""
    bare = _text_less(tmp_path / "bare")
    values = settings(export={"formats": ["parquet", "jsonl"], "page_texts": False})
    with pytest.raises(ReleaseError, match="holds no page texts"):
        build(sites[0].new, values, base=bare, out=tmp_path / "bare", n_workers=1)
    assert [path.name for path in (tmp_path / "bare/site").glob("[!.]*")].count("0.1.0") == 1
    monkeypatch.setattr("broadsheet.build.SEGMENTER", "0")
    with pytest.raises(CallError, match=r"its segmenter is .*, and 0 here"):
        grow(sites[0].first, sites[0].new, tmp_path / "out")


def test_a_build_that_was_interrupted_goes_on(sites: Sequence[Grown], tmp_path: Path) -> None:
    """Finished tasks are not run again, and the result is that of a build without interruption."""
    told: list[Any] = []

    def stop(event: Any) -> None:
        told.append(event)
        if event.stage == "repeats" and event.facts is not None:
            raise KeyboardInterrupt

    first, new = sites[2].first, sites[2].new
    with pytest.raises(KeyboardInterrupt):
        grow(first, new, tmp_path, report=stop)
    resumed: list[Any] = []
    grown = grow(first, new, tmp_path, report=resumed.append)
    assert sums(grown.path) == sums(sites[2].grown.path)
    assert next(event.facts for event in resumed if event.stage == "resumed")["done"] > 5


def test_quarantine_of_base_and_newcomers_is_one(sites: Sequence[Grown]) -> None:
    """Rejected records of both are there, in the order of their places; those of files given again are there once."""
    first, grown = sites[1].first, sites[1].grown
    old, new = ([json.dumps(row) for row in rejections(one.path)] for one in (first, grown))
    assert set(old) < set(new) and len(set(new)) == len(new) == 3 * len(old)


def test_two_versions_differ_in_what_was_added_only(sites: Sequence[Grown]) -> None:
    """`diff` calls nothing removed, changed or moved; and knows held records."""
    found = compare(sites[0].first.path, sites[0].grown.path, limit=5)
    assert found["level"] == "minor"
    assert {kind: n for kind, n in found["counts"].items() if n} == {"added": found["counts"]["added"]}
    held = next(one for one in sites if one.grown.manifest["base"]["held"])
    assert "base.held" in compare(held.first.path, held.grown.path, limit=5)["others"]
    assert load(held.grown.path)["base"]["held"] == held.grown.manifest["base"]["held"]


# ---- damages that verify finds, sealed again first ------------------------------------------------------------------


def unname_held(damaged: Damaged) -> None:
    damaged.manifest["base"]["held"] = []


def release_held(damaged: Damaged) -> None:
    """Says of a segment that it is boilerplate, and takes it from the ledger."""

    def change(found: list[Row]) -> None:
        for row in found:
            row.update({"outcome": "boilerplate", "record_id": None} if row["outcome"] == "held" else {})

    damaged.change("segments", change)


def cut_anew(damaged: Damaged) -> None:
    def change(found: list[Row]) -> None:
        found[0]["confidence"] /= 2

    damaged.change("segments", change)


def move_published(damaged: Damaged) -> None:
    row = next(row for row in damaged.rows("articles") if row["first_version"] == "0.1.0" and row["split"] == "test")
    damaged.move(row["id"], "train")


def untie(damaged: Damaged) -> None:
    damaged.manifest["base"]["tied_stories"] = {}


def tie_across(damaged: Damaged) -> None:
    test, train = (next(r["story"] for r in damaged.rows("articles") if r["split"] == name) for name in SPLIT)
    damaged.manifest["base"]["tied_stories"][test] = train


def reorder(damaged: Damaged) -> None:
    damaged.change("pages", lambda found: found[::-1])


def follow_nothing(damaged: Damaged) -> None:
    damaged.manifest["version"] = damaged.manifest["configuration"]["version"] = "0.1.0"


DAMAGES: dict[str, tuple[Callable[[Damaged], None], str]] = {
    "held records unnamed": (unname_held, "nothing is lost"),
    "held record released": (release_held, "nothing is lost"),
    "published page cut anew": (cut_anew, "what was published stays"),
    "published record moved": (move_published, "what was published stays"),
    "tied stories untied": (untie, "no leak"),
    "stories of two splits tied": (tie_across, "no leak"),
    "rows in another order": (reorder, "schema"),
    "a version that does not follow": (follow_nothing, "what was published stays"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_verify_finds_what_is_not_as_it_was_published(sites: Sequence[Grown], tmp_path: Path, damage: str) -> None:
    """Damages to what only a release with a base has break the promise that they concern."""
    change, promise = DAMAGES[damage]
    grown = next(
        s.grown for s in sites if s.grown.manifest["base"]["held"] and s.grown.manifest["base"]["tied_stories"]
    )
    shutil.copytree(grown.path.parent / "0.1.0", tmp_path / "0.1.0")
    damaged = Damaged(grown.path, tmp_path)
    change(damaged)
    damaged.reseal()
    found = [v.promise.partition(":")[0] for v in verify(damaged.path) if v.verdict == "broken"]
    assert promise in found
    assert "checksums" not in found
