"""What changed between two releases is computed record by record, and decides the version number."""

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from damage import Damaged
from hypothesis import given
from hypothesis import strategies as st
from reading import json_lines
from sites import build_pages, make_pages, sums

from broadsheet.batches import cut, write_batches
from broadsheet.build import Built
from broadsheet.cli import main
from broadsheet.contract import RECORD_CONFIGS, Contract, schema
from broadsheet.errors import ReleaseError
from broadsheet.export import write_table
from broadsheet.release.changes import compare
from broadsheet.release.diff import KINDS, Difference, diff
from broadsheet.release.manifest import logical_digest
from broadsheet.release.sides import Side
from broadsheet.release.verify import BROKEN, KEPT, UNCHECKABLE, verify
from broadsheet.release.versions import Level, before, beside, judge, step

Row = dict[str, Any]
ALL = 1_000
CHANGED = "what changed"

# Made-up releases: what became of each of a few records, by its number.

RECORD = st.fixed_dictionaries(
    {
        "content": st.integers(0, 1),
        "split": st.sampled_from(["test", "train"]),
        "source": st.sampled_from(["a.example", "b.example", None]),
    }
)
FATES = st.dictionaries(st.integers(0, 11), st.one_of(RECORD, st.sampled_from(["folded"])), max_size=12)
CONFIGS = list(RECORD_CONFIGS)


def id_of(number: int) -> str:
    """Ids in no order of the numbers, some with leading zeros."""
    return f"{number * 0x5BD1E995 % 0x1_0000_0000:032x}"


def record_row(number: int, fate: Mapping[str, Any]) -> Row:
    row: Row = dict.fromkeys(Contract.of(None).columns("articles").names)
    row |= {"id": id_of(number), "kind": RECORD_CONFIGS[CONFIGS[number % 3]], "role": "main", "text": "x"}
    row |= {"author": f"author {fate['content']}", "source": fate["source"], "split": fate["split"]}
    row |= {"truncated": False, "page_id": "0" * 64, "story": id_of(number), "first_version": "0.1.0"}
    return row | {"content_digest": Contract.of(None).content_digest(row)}


def segment_row(number: int, canonical: int) -> Row:
    row: Row = dict.fromkeys(Contract.of(None).columns("segments").names)
    row |= {"page_id": f"{number:064x}", "start": 0, "end": 1, "role": "main", "parts": [], "outcome": "occurrence"}
    row |= {"record_id": id_of(number), "canonical_id": id_of(canonical), "relation": "near", "language": "en"}
    return row | {"truncated": False, "confidence": 1.0}


def canonical_of(fates: Mapping[int, Any]) -> int | None:
    """The record that stands for the folded ones."""
    return min((number for number, fate in fates.items() if fate != "folded"), default=None)


def side(folder: Path, fates: Mapping[int, Any], version: str = "0.1.0") -> Side:
    """A release of these fates, as far as it is compared."""
    rows: dict[tuple[str, str], list[Row]] = {}
    for number, fate in fates.items():
        if fate != "folded":
            key = CONFIGS[number % 3], fate["split"]
            rows.setdefault(key, []).append(record_row(number, fate) | {"first_version": version})
    target = canonical_of(fates)
    folded = [segment_row(number, target) for number, fate in fates.items() if fate == "folded" and target is not None]
    if folded:
        rows["segments", "full"] = folded
    numbers = count()
    tables = []
    for (config, split), of in sorted(rows.items()):
        columns = Contract.of(None).columns(config)
        of.sort(key=lambda row: row.get("id") or row["page_id"])
        file = write_batches(folder / f"{next(numbers)}.arrow", cut(of, columns), columns).to_json()
        spec = {"config": config, "split": split, "files": [file], "bucket": None, "contract": None}
        tables.append(write_table(spec | {"root": str(folder), "formats": ["parquet"]}))
    same: Row = {
        "base": None,
        "configuration": {},
        "versions": {},
        "inputs": {"files": [], "skipped": {}, "unknown_properties": {}},
    }
    same |= {name: {} for name in ("ledger", "rejections", "repeats", "certificate", "large_stories")}
    manifest = {"name": "made", "version": version, "logical_digest": logical_digest(tables), "tables": tables, **same}
    return Side(folder, manifest, Contract.of(None), schema("release")["$defs"])


def compared(one: Mapping[int, Any], other: Mapping[int, Any]) -> tuple[Difference, Difference]:
    """The difference from one to the other, and back."""
    with tempfile.TemporaryDirectory() as folder:
        old, new = (side(Path(folder, name), fates) for name, fates in (("old", one), ("new", other)))
        return diff(old, new, limit=ALL), diff(new, old, limit=ALL)


def ids(found: Difference, kind: str) -> set[str]:
    return {row["id"] for row in found.lists[kind]}


def rows_of(fates: Mapping[int, Any]) -> dict[str, Any]:
    """The records that have a row."""
    return {id_of(number): fate for number, fate in fates.items() if fate != "folded"}


def folded_in(fates: Mapping[int, Any]) -> set[str]:
    there = canonical_of(fates) is not None
    return {id_of(number) for number, fate in fates.items() if fate == "folded" and there}


@given(FATES, FATES)
def test_every_record_is_told_as_what_became_of_it(one: dict[int, Any], other: dict[int, Any]) -> None:
    """Added, removed, changed, moved, folded, unfolded and relocated are what the two lists of records say."""
    found, _ = compared(one, other)
    old, new = rows_of(one), rows_of(other)
    both = old.keys() & new.keys()
    expected = {
        "added": new.keys() - old.keys() - folded_in(one),
        "unfolded": (new.keys() - old.keys()) & folded_in(one),
        "removed": old.keys() - new.keys() - folded_in(other),
        "folded": (old.keys() - new.keys()) & folded_in(other),
        "changed": {id_ for id_ in both if old[id_]["content"] != new[id_]["content"]},
        "moved": {id_ for id_ in both if old[id_]["split"] != new[id_]["split"]},
        "relocated": {
            id_
            for id_ in both
            if old[id_]["content"] == new[id_]["content"] and old[id_]["source"] != new[id_]["source"]
        },
    }
    assert {kind: ids(found, kind) for kind in KINDS} == expected
    assert found.counts() == {kind: len(of) for kind, of in expected.items()}
    assert {tuple(row["fields"]) for row in found.lists["changed"]} <= {("author",)}
    assert {tuple(row["fields"]) for row in found.lists["relocated"]} <= {("source",)}
    assert {row["from"] for row in found.lists["moved"] if row["split"] == "test"} <= {"train"}
    target = canonical_of(other)
    assert {row["canonical_id"] for row in found.lists["folded"]} <= {id_of(target or 0)}
    assert {row["relation"] for row in found.lists["folded"]} <= {"near"}


@given(FATES, FATES)
def test_numbers_add_up(one: dict[int, Any], other: dict[int, Any]) -> None:
    """Of each config, what is in both and what is in one alone are all rows; shifts are the counts of both sides."""
    found, _ = compared(one, other)
    for row in found.records:
        assert row["old"] == row["common"] + row["removed"] + row["folded"]
        assert row["new"] == row["common"] + row["added"] + row["unfolded"]
        assert row["changed"] + row["relocated"] <= row["common"] >= row["moved"]
    assert sum(row["old"] for row in found.records) == len(rows_of(one))
    for by in ("split", "source"):
        for shift in found.shifts:
            if shift.by == by:
                told = [sum((f[by] or "(unknown)") == shift.value for f in rows_of(of).values()) for of in (one, other)]
                assert [shift.old, shift.new] == told


@given(FATES, FATES)
def test_the_way_back_is_the_mirror(one: dict[int, Any], other: dict[int, Any]) -> None:
    """Added there is removed here, folded there unfolded here, changed in the same fields; shifts change their sign."""
    there, back = compared(one, other)
    mirror = {"added": "removed", "removed": "added", "folded": "unfolded", "unfolded": "folded"}
    for kind in KINDS:
        assert ids(there, kind) == ids(back, mirror.get(kind, kind))
    assert there.fields == back.fields
    assert there.new == back.old
    assert [(s.by, s.value, s.old, s.new) for s in there.shifts] == [(s.by, s.value, s.new, s.old) for s in back.shifts]


@given(FATES)
def test_nothing_differs_from_itself(fates: dict[int, Any]) -> None:
    """Equal releases differ in nothing, whatever number the rows of the second one hold."""
    with tempfile.TemporaryDirectory() as folder:
        old, new = side(Path(folder, "old"), fates), side(Path(folder, "new"), fates, "0.2.0")
        found = diff(old, new, limit=ALL)
    assert found.counts() == dict.fromkeys(KINDS, 0)
    assert (found.n_shifts, list(found.schema), list(found.settings)) == (0, [], [])
    assert judge(found) == (Level.NONE, ())


@given(FATES, FATES, st.integers(0, 3))
def test_limits_cut_lists_and_not_counts(one: dict[int, Any], other: dict[int, Any], limit: int) -> None:
    """A shorter list is the beginning of the whole one."""
    with tempfile.TemporaryDirectory() as folder:
        old, new = side(Path(folder, "old"), one), side(Path(folder, "new"), other)
        whole, short = diff(old, new, limit=ALL), diff(old, new, limit=limit)
    assert short.counts() == whole.counts()
    assert all(short.lists[kind] == whole.lists[kind][:limit] for kind in KINDS)
    assert (short.shifts, short.n_shifts) == (whole.shifts[:limit], whole.n_shifts)


def test_a_record_that_stands_twice_is_damage(tmp_path: Path) -> None:
    """An id in two splits of one side is an error with the side and the id, and never counted as something else."""
    fate = {"content": 0, "split": "train", "source": None}
    sound, twice = side(tmp_path / "a", {0: fate}), side(tmp_path / "b", {0: fate, 3: fate | {"split": "test"}})
    rows = [record_row(0, fate | {"split": "test"})]
    columns = Contract.of(None).columns("articles")
    file = write_batches(tmp_path / "rows.arrow", cut(rows, columns), columns).to_json()
    spec = {"config": "articles", "split": "test", "files": [file], "bucket": None, "contract": None}
    for table in twice.manifest["tables"]:
        if table["split"] == "test":
            table.update(write_table(spec | {"root": str(twice.path), "formats": ["parquet"]}))
    for pair in ((sound, twice), (twice, sound)):
        with pytest.raises(ReleaseError, match=rf"{twice.path}: is damaged: record {id_of(0)} stands twice"):
            diff(*pair, limit=ALL)


def test_steps_and_order(tmp_path: Path) -> None:
    """Every step gives the next number, below 1.0.0, too; which version is before one follows from the numbers."""
    assert [step("1.4.9", level) for level in Level] == ["1.4.9", "1.4.10", "1.5.0", "2.0.0"]
    assert [step("0.0.9", level) for level in Level] == ["0.0.9", "0.0.10", "0.1.0", "1.0.0"]
    for name in ("0.9.0", "0.10.0", "2.0.0", "notes", ".work-1", "01.0.0"):
        make_pages(tmp_path / name, {"manifest.json": "{}"})
    assert [before(beside(tmp_path), version) for version in ("0.9.0", "0.9.1", "1.0.0", "2.0.1")] == [
        None, "0.9.0", "0.10.0", "2.0.0"
    ]  # fmt: skip


# Built releases.

TEXTS = (
    "The ferry to Orrin will leave at six from now on, since the tide is too low for it at seven in the winter.",
    "Bakers in the old town mix chestnut flour into their bread, as their grandmothers did when grain was dear.",
    "A lamp of the northern lighthouse was lit by hand last week after its motor had failed for the second time.",
    "Children of both villages painted the new school bus, which will carry them over the pass from next month.",
)
LONGER = " Nobody on the pier had heard of it before the notice was put up, and two men came with their carts in vain."
OWN = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}


def rows() -> list[Row]:
    return [
        {"id": f"r{i}", "text": text, "role": "main", "url": f"https://news.example/{i}"}
        for i, text in enumerate(TEXTS)
    ]


def build(folder: Path, given: list[Row], own: Row | None = None, **settings: Any) -> Built:
    """A release of the records in `folder/dist/site`."""
    if own is not None:
        (folder / "own.json").write_text(json.dumps(OWN | own), "utf-8")
        settings["schema"] = str(folder / "own.json")
    return build_pages(make_pages(folder / "in", {"r.jsonl": json_lines(given)}), folder / "dist", **settings)


def changed(**values: Any) -> Callable[[], list[Row]]:
    """The records, the first of which has other values."""
    return lambda: [rows()[0] | values, *rows()[1:]]


TOPIC = {"properties": {"topic": {"type": "string", "description": "What it is about."}}}
NARROW = {"properties": {"topic": {"type": "string", "description": "What it is about.", "maxLength": 9}}}
HALVES = {"split": {"train": 0.5, "test": 0.5}}
RULES: dict[str, tuple[Callable[[], list[Row]], Row, Row, str, str]] = {
    "equal": (rows, {}, {}, "0.1.0", ""),
    "documentation": (rows, {}, {"title": "Another title"}, "0.1.1", ""),
    "added": (lambda: [*rows(), {"id": "r9", "text": TEXTS[0][4:60] + LONGER}], {}, {}, "0.2.0", ""),
    "relocated": (changed(url="https://other.example/0"), {}, {}, "0.2.0", ""),
    "optional field": (changed(topic="sea"), {}, {"own": TOPIC}, "0.2.0", ""),
    "removed": (lambda: rows()[1:], {}, {}, "1.0.0", "1 record was removed (removed "),
    "changed": (changed(author="Dora"), {}, {}, "1.0.0", "1 record was changed (changed "),
    "moved": (rows, {}, HALVES, "1.0.0", " moved to "),
    "folded": (changed(text=TEXTS[0] + LONGER), {}, {}, "1.0.0", "1 record was "),
    "schema": (rows, {"own": TOPIC}, {"own": NARROW}, "1.0.0", "the schema broke (1 change)"),
    "format": (rows, {}, {"export": {"formats": ["parquet"]}}, "1.0.0", "formats went: jsonl"),
    "page texts": (rows, {}, {"export": {"page_texts": False}}, "1.0.0", "the texts of the pages went"),
}


@pytest.mark.parametrize("case", RULES)
def test_the_number_follows_from_what_changed(tmp_path: Path, case: str) -> None:
    """`auto` gives the smallest version that the rules allow; one step less is refused with the reason."""
    given, first, second, version, refused = RULES[case]
    old = build(tmp_path, rows(), **first)
    assert old.path.name == "0.1.0"
    for too_small in ["0.1.1", "0.9.0"] if version == "1.0.0" else ["0.1.1"] if version == "0.2.0" else []:
        with pytest.raises(ReleaseError, match=r"too small a step after 0\.1\.0: ") as error:
            build(tmp_path, given(), **second, version=too_small)
        assert refused in str(error.value)
        assert f"the smallest version allowed is {version}; nothing was published: pass --version {version}" in str(
            error.value
        )
        assert not (tmp_path / "dist/site" / too_small).exists()
    new = build(tmp_path, given(), **second, version="auto")
    assert (new.path.name, new.published) == (version, case != "equal")
    assert new.manifest["version"] == new.manifest["configuration"]["version"] == version
    assert {verdict.verdict for verdict in verify(new.path)} - {UNCHECKABLE} == {KEPT}
    again = build(tmp_path, given(), **second, version="auto")
    assert (again.path, again.published) == (new.path, False)
    if case != "equal":
        stated = new.manifest["changes"]
        assert stated["since"] == "0.1.0"
        assert step("0.1.0", Level[stated["level"].upper()]) == version
        larger = build(tmp_path, given(), **second, version="7.0.0")
        same = {"since": version, "logical_digest": new.manifest["logical_digest"], "level": "none"}
        assert larger.manifest["changes"] == same | dict.fromkeys(KINDS, 0)


def test_a_folded_record_is_told_with_its_canonical(tmp_path: Path) -> None:
    """A record for which a longer one stands now is folded and not removed; the way back unfolds it."""
    old = build(tmp_path, rows())
    new = build(tmp_path, [*rows(), {"id": "r9", "text": TEXTS[0] + LONGER, "role": "main"}], version="auto")
    assert new.path.name == "1.0.0"
    found, back = compare(old.path, new.path, limit=ALL), compare(new.path, old.path, limit=ALL)
    (folded,), (added,) = found["folded"], found["added"]
    assert (folded["canonical_id"], folded["relation"]) == (added["id"], "trimmed")
    assert back["unfolded"] == [folded]
    assert found["removed"] == []
    assert "into `" + added["id"] in (new.path / "CHANGES.md").read_text("utf-8")


def test_changes_of_a_first_version(tmp_path: Path) -> None:
    """A first version says that all is new; `auto` gives it the number that projects begin with."""
    built = build(tmp_path, rows(), version="auto")
    assert built.path.name == "0.1.0"
    assert built.manifest["changes"] is None
    text = (built.path / "CHANGES.md").read_text("utf-8")
    assert text.startswith("# Changes\n\n## 0.1.0\n\nNo earlier version was beside this one")
    assert "| articles | 4 |" in text
    alone = build_pages(tmp_path / "in", tmp_path / "elsewhere", version="0.1.0")
    assert sums(alone.path) == sums(built.path)


def test_the_same_earlier_version_gives_the_same_bytes(tmp_path: Path) -> None:
    """CHANGES.md, manifest and all else of a later version depend on the inputs and the earlier version alone."""
    other = tmp_path / "other"
    for folder in (tmp_path, other):
        build(folder, rows())
        build(folder, rows()[:-1], version="auto" if folder == other else "1.0.0")
    assert sums(tmp_path / "dist/site/1.0.0") == sums(other / "dist/site/1.0.0")
    index = json.loads((other / "dist/site/index.json").read_text("utf-8"))
    first, second = index["versions"]
    assert first["changes"] is None
    assert (second["version"], second["changes"]["since"], second["changes"]["removed"]) == ("1.0.0", "0.1.0", 1)
    text = (other / "dist/site/1.0.0/CHANGES.md").read_text("utf-8")
    assert "MAJOR: 1 record was removed" in text
    assert "| articles | 4 | 3 | 3 | 1 |" in text


def test_building_again_is_equal_whatever_came_beside(tmp_path: Path) -> None:
    """A version built again is compared with what it was compared with before: also where a version between came
    later, and where the earlier one is gone."""
    build(tmp_path, rows())
    build(tmp_path, rows(), version="3.0.0")
    build(tmp_path, rows()[:-1], version="2.0.0")
    assert before(beside(tmp_path / "dist/site"), "3.0.0") == "2.0.0"
    again = build(tmp_path, rows(), version="3.0.0")
    assert (again.published, again.manifest["changes"]["since"]) == (False, "0.1.0")
    shutil.move(tmp_path / "dist/site/0.1.0", tmp_path / "away")
    assert not build(tmp_path, rows(), version="3.0.0").published
    with pytest.raises(ReleaseError, match=r"3\.0\.0 exists with other content"):
        build(tmp_path, rows()[:-1], version="3.0.0")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of two versions: in 1.0.0 a record was removed, one changed and one added. Not to be changed."""
    folder = tmp_path_factory.mktemp("two")
    build(folder, rows())
    build(
        folder, [*changed(author="Dora")()[:-1], {"id": "new", "text": LONGER.strip()}], version="1.0.0", title="Other"
    )
    return folder / "dist/site"


def verdict(release: Path) -> Any:
    return next(found for found in verify(release) if found.promise.startswith(CHANGED))


def copied(two: Path, folder: Path) -> Damaged:
    """The second version, to be damaged, beside the first."""
    shutil.copytree(two / "0.1.0", folder / "0.1.0")
    return Damaged(two / "1.0.0", folder)


def test_a_sound_later_version_keeps_the_promise(two: Path, tmp_path: Path) -> None:
    """Beside its predecessor the promise is kept, also where the two were moved together."""
    assert verdict(two / "1.0.0").verdict == KEPT
    assert verdict(copied(two, tmp_path).path).verdict == KEPT


@pytest.mark.parametrize("name", ["text", "count", "level", "since"])
def test_what_is_told_of_changes_is_recomputed(two: Path, tmp_path: Path, name: str) -> None:
    """An edited CHANGES.md, number, step or version that allows no such step, sealed again, breaks the promise."""
    damaged = copied(two, tmp_path)
    match name:
        case "text":
            damaged.text("CHANGES.md", "1 record was removed", "2 records were removed")
        case "count":
            damaged.manifest["changes"]["removed"] = 7
        case "level":
            damaged.manifest["changes"]["level"] = "minor"
        case "since":
            damaged.manifest["version"] = "0.5.0"
    assert verdict(damaged.reseal(documents=False)).verdict == BROKEN


@pytest.mark.parametrize("name", ["gone", "other", "damaged", "damaged rows"])
def test_without_the_version_before_it_is_uncheckable(two: Path, tmp_path: Path, name: str) -> None:
    """Where the version before is gone, another or damaged, the verdict says so and calls nothing broken."""
    shutil.copytree(two, tmp_path / "site")
    old = tmp_path / "site/0.1.0"
    match name:
        case "gone":
            shutil.rmtree(old)
        case "other":
            build(tmp_path / "b", rows()[:2])
            shutil.rmtree(old)
            shutil.copytree(tmp_path / "b/dist/site/0.1.0", old)
        case "damaged":
            (old / "manifest.json").write_text("{}", "utf-8")
        case "damaged rows":
            (old / "data/articles/train-00000-of-00001.parquet").write_bytes(b"PAR1")
    found = verdict(tmp_path / "site/1.0.0")
    assert found.verdict == UNCHECKABLE
    assert "0.1.0" in found.faults[0]


@pytest.mark.parametrize("name", ["manifest.json", "data/articles/train-00000-of-00001.parquet"])
def test_nothing_follows_a_damaged_version(two: Path, tmp_path: Path, name: str) -> None:
    """Where the version before is damaged, nothing is published, and the message names it."""
    shutil.copytree(two / "1.0.0", tmp_path / "dist/site/1.0.0")
    (tmp_path / "dist/site/1.0.0" / name).write_bytes(b"PAR1")
    for version in ("2.0.0", "auto"):
        with pytest.raises(ReleaseError, match=r"site/1\.0\.0.*nothing was published"):
            build(tmp_path, rows(), version=version)


# The command.


def run(*arguments: object) -> Any:
    return CliRunner().invoke(main, ["diff", *map(str, arguments)])


def test_the_command_tells_what_differs(two: Path) -> None:
    """Text, JSON and Markdown tell the same difference; either version may be named by its number."""
    old, new = two / "0.1.0", two / "1.0.0"
    found = compare(old, new, limit=20)
    assert json.loads(run(old, new, "--json").output) == found
    assert run(old, "1.0.0").output == run(old, new).output == run("0.1.0", new).output
    text = run(old, new).output
    assert text.startswith("site 0.1.0 → site 1.0.0   step: major\n")
    for kind, n in (("added", 1), ("removed", 1), ("changed", 1)):
        assert found["counts"][kind] == n
        assert f"{kind:<10}{found[kind][0]['id']}" in text
    assert "changed: author 1" in text
    assert "settings  title: none → Other" in text
    assert run(old, new, "--markdown").output == (new / "CHANGES.md").read_text("utf-8").partition("1.0.0\n\n")[2]


def test_exit_codes_of_the_command(two: Path, tmp_path: Path) -> None:
    """0 compared, with --exit-code 1 where they differ; 1 not found or damaged, without a traceback; 2 a wrong call."""
    old, new = two / "0.1.0", two / "1.0.0"
    assert (run(old, new).exit_code, run(old, old).exit_code) == (0, 0)
    assert (run(old, new, "--exit-code").exit_code, run(old, old, "--exit-code").exit_code) == (1, 0)
    assert (run(old).exit_code, run(old, new, "--json", "--markdown").exit_code) == (2, 2)
    assert run(old, tmp_path / "nowhere").exit_code == 1
    for name in (
        "schema/release.schema.json",
        "schema/record.schema.json",
        "data/articles/train-00000-of-00001.parquet",
    ):
        copy = tmp_path / name.replace("/", "-") / "1.0.0"
        shutil.copytree(new, copy)
        file = copy / name
        for damage in (
            partial(file.write_bytes, b"{}"),
            partial(file.write_bytes, file.read_bytes()[:99]),
            file.unlink,
        ):
            damage()
            done = run(old, copy)
            assert done.exit_code == 1, done.output
            assert str(copy) in done.output
            assert isinstance(done.exception, SystemExit)


def test_lists_are_limited(two: Path) -> None:
    """With --limit records are cut and counted; 0 shows all."""
    done = run(two / "0.1.0", two / "1.0.0", "--limit", 1, "--json").output
    assert (len(json.loads(done)["shifts"]), json.loads(done)["counts"]["removed"]) == (1, 1)
    whole = json.loads(run(two / "0.1.0", two / "1.0.0", "--limit", 0, "--json").output)
    assert len(whole["shifts"]) == whole["n_shifts"] > 1
