"""`verify` finds every promise kept on releases as built, and names the promise that a planted damage breaks."""

import json
import shutil
from pathlib import Path

import pytest
from damage import Damaged, Rows
from damages import CHECKSUMS, DAMAGES, EDITS, FILES, FOLDS, FORMATS, LEAK, LOST, NUMBERS, SCHEMA, TRACE, Damage
from sites import build_harbour, build_pages, make_pages

from broadsheet.build import Built
from broadsheet.contract import Contract
from broadsheet.errors import ReleaseError
from broadsheet.export.quarantine import REJECTED
from broadsheet.release.manifest import write_sums
from broadsheet.release.verify import BROKEN, KEPT, UNCHECKABLE, verify


def broken(release: Path) -> set[str]:
    """The promises that are broken, by the words before the colon."""
    return {v.promise.partition(":")[0] for v in verify(release) if v.verdict == BROKEN}


def test_built_releases_keep_all_promises(harbour: Built, records: Built) -> None:
    """Every promise is kept by the example site's release and by that of a user's own records."""
    for built in (harbour, records):
        verdicts = verify(built.path)
        assert {v.promise: v.faults for v in verdicts if v.verdict != KEPT} == {}
        assert len(verdicts) == 11


def test_a_copy_sealed_again_keeps_all_promises(harbour: Built, records: Built, tmp_path: Path) -> None:
    """Sealing an unchanged release again breaks nothing, so that what the tests below find is the damage itself."""
    for built in (harbour, records):
        damaged = Damaged(built.path, tmp_path / built.manifest["name"])
        for config in ("articles", "comments", "teasers", "segments", "pairs", "pages"):
            damaged.change(config, lambda rows: rows)
        assert broken(damaged.reseal()) == set()


def name(case: tuple[Damage, set[str]]) -> str:
    return case[0].__name__


@pytest.mark.parametrize("case", DAMAGES, ids=name)
def test_damages_sealed_again_break_their_promises(
    harbour: Built, tmp_path: Path, case: tuple[Damage, set[str]]
) -> None:
    """A release that was damaged and sealed again breaks the promises that the damage concerns, and no others."""
    damage, promises = case
    damaged = Damaged(harbour.path, tmp_path)
    damage(damaged)
    assert broken(damaged.reseal()) == promises


@pytest.mark.parametrize("case", EDITS, ids=name)
def test_edits_of_documents_sealed_again_break_their_promises(
    harbour: Built, tmp_path: Path, case: tuple[Damage, set[str]]
) -> None:
    """A number or word changed in a document or in the measures, sealed again, is found."""
    edit, promises = case
    damaged = Damaged(harbour.path, tmp_path)
    edit(damaged)
    assert broken(damaged.reseal(documents=False)) == promises


def test_an_arrow_folder_that_no_table_names_is_found(harbour: Built, tmp_path: Path) -> None:
    """A config or split under `arrow/` that the manifest does not know would be loaded by tools and checked by none."""
    for extra in ("arrow/extra/train", "arrow/articles/extra"):
        release = tmp_path / extra.replace("/", "-")
        shutil.copytree(harbour.path, release)
        shutil.copytree(release / "arrow/articles/train", release / extra)
        write_sums(release)
        assert broken(release) == {FILES}


def test_a_rejection_dropped_from_the_quarantine_is_found(records: Built, tmp_path: Path) -> None:
    """Each rejected record and each line that is none is in the quarantine: one fewer, or no file, is a loss."""
    damaged = Damaged(records.path, tmp_path / "line")
    damaged.lines(REJECTED, lambda lines: lines[:-1])
    assert broken(damaged.reseal()) == {LOST}
    damaged = Damaged(records.path, tmp_path / "file")
    (damaged.path / REJECTED).unlink()
    assert broken(damaged.reseal()) == {LOST, FILES}


def test_a_rejection_without_its_reason_is_found(records: Built, tmp_path: Path) -> None:
    """A line of the quarantine that lacks its reasons breaks the schema of rejections."""

    def change(lines: list[bytes]) -> list[bytes]:
        row = json.loads(lines[0])
        del row["errors"]
        return [json.dumps(row).encode() + b"\n", *lines[1:]]

    damaged = Damaged(records.path, tmp_path)
    damaged.lines(REJECTED, change)
    assert broken(damaged.reseal()) == {SCHEMA, LOST}


@pytest.mark.parametrize("damage", ["changed", "missing", "added"])
def test_unsealed_changes_break_the_checksums(harbour: Built, tmp_path: Path, damage: str) -> None:
    """A file that was changed, removed or added after sealing is named."""
    path = Damaged(harbour.path, tmp_path).reseal()
    file = path / "CHANGES.md" if damage != "added" else path / "NOTES.md"
    if damage == "missing":
        file.unlink()
    else:
        file.write_text("something else\n", "utf-8")
    faults = {v.promise.partition(":")[0]: v.faults for v in verify(path)}[CHECKSUMS]
    assert any(file.name in fault for fault in faults)


SEGMENTS = "data/segments/full-00000-of-00001.parquet"
CUT_SHORT = {
    SEGMENTS: {CHECKSUMS, SCHEMA, LOST, TRACE, FOLDS, FORMATS, NUMBERS},
    "jsonl/segments/full-00000-of-00001.jsonl.gz": {CHECKSUMS, FORMATS},
    REJECTED: {CHECKSUMS, LOST},
    "measures.json": {CHECKSUMS, NUMBERS},
}


@pytest.mark.parametrize("path", CUT_SHORT)
@pytest.mark.parametrize("keep", [0, 30, -30])
def test_files_cut_short_are_broken_promises_and_no_crashes(
    records: Built, tmp_path: Path, path: str, keep: int
) -> None:
    """A file cut short breaks every promise that needs it, and `verify` reports that instead of failing."""
    release = Damaged(records.path, tmp_path).reseal()
    file = release / path
    file.write_bytes(file.read_bytes()[:keep])
    assert CUT_SHORT[path] <= broken(release)


def test_a_folder_without_manifest_is_no_release(harbour: Built, tmp_path: Path) -> None:
    """Without a manifest there is nothing to verify, and the error says what is missing."""
    damaged = Damaged(harbour.path, tmp_path)
    (damaged.path / "manifest.json").unlink()
    with pytest.raises(ReleaseError, match=r"no release: manifest\.json"):
        verify(damaged.path)


def test_a_fault_counts_though_something_else_is_uncheckable(tmp_path: Path) -> None:
    """Without page texts some checks end early; what they found until then is a broken promise all the same."""
    built = build_harbour(tmp_path / "out", export={"page_texts": False})
    assert {v.verdict for v in verify(built.path)} == {KEPT, UNCHECKABLE}
    damaged = Damaged(built.path, tmp_path / "damaged")

    def change(rows: Rows) -> None:
        rows[0]["content_digest"] = "0" * 64

    damaged.change("articles", change)
    assert broken(damaged.reseal()) == {TRACE}


def test_a_row_in_two_splits_is_found(harbour: Built, tmp_path: Path) -> None:
    """The same record in two tables is in one too many."""
    damaged = Damaged(harbour.path, tmp_path)
    row = damaged.rows("teasers")[0]

    def change(rows: Rows) -> Rows:
        known = {found["id"] for found in rows}
        return sorted([*rows, *([] if row["id"] in known else [row])], key=lambda found: str(found["id"]))

    damaged.change("teasers", change)
    assert {SCHEMA, FORMATS} <= broken(damaged.reseal())


def test_a_file_that_no_release_has_is_found(harbour: Built, tmp_path: Path) -> None:
    """A file beside those of a release, or a schema that is another one, is no part of it."""
    damaged = Damaged(harbour.path, tmp_path / "extra")
    (damaged.path / "extra.csv").write_text("a,b\n")
    assert broken(damaged.reseal()) == {FILES}
    damaged = Damaged(harbour.path, tmp_path / "schema")
    (damaged.path / "schema/release.schema.json").write_text("{}")
    assert broken(damaged.reseal()) == {SCHEMA}
    damaged = Damaged(harbour.path, tmp_path / "record")
    damaged.text("schema/record.schema.json", '"minLength": 1', '"minLength": 2')
    assert broken(damaged.reseal()) == {SCHEMA}
    damaged = Damaged(harbour.path, tmp_path / "none")
    (damaged.path / "schema/record.schema.json").write_text("{}")
    assert SCHEMA in broken(damaged.reseal())


def test_alike_records_in_two_stories_are_found(tmp_path: Path) -> None:
    """Stories that are whole, well named and where their hash puts them still leak if their texts are alike."""
    notice = "All boats must leave the inner basin by Friday noon, since the dredger needs the whole of its width."
    around = "Nothing else was said that evening, though the hall was full and the tea had long gone cold by then."
    lines = [json.dumps({"text": text}) for text in (notice, f"{around} {notice} {around.upper()}")]
    folder = make_pages(tmp_path / "in", {"x.jsonl": "\n".join(lines)})
    built = build_pages(folder, tmp_path / "out")
    assert [row["relation"] for row in Damaged(built.path, tmp_path / "look").rows("pairs")] == ["embedded"]
    damaged = Damaged(built.path, tmp_path / "damaged")

    def change(rows: Rows) -> None:
        for row in rows:
            row["story"] = row["id"]

    damaged.change("articles", change)
    assert broken(damaged.reseal()) == {LEAK}


def test_a_swapped_byline_or_standfirst_is_found(harbour: Built, tmp_path: Path) -> None:
    """What a record says of its head is what stands in the parts of its page."""
    for name in ("byline", "dek"):
        damaged = Damaged(harbour.path, tmp_path / name)

        def change(rows: Rows, name: str = name) -> None:
            row = next((row for row in rows if row[name]), None)
            if row:  # in one table at least, as is asked below
                row[name] = "Somebody else"
                row["content_digest"] = Contract.of(None).content_digest(row)

        assert any(row[name] for row in damaged.rows("articles"))
        damaged.change("articles", change)
        assert broken(damaged.reseal()) == {TRACE}
