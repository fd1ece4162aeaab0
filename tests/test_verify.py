"""`verify` finds every promise kept on releases as built, and names the promise that a planted damage breaks."""

import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from damage import Damaged, Rows
from sites import build_harbour, build_pages, make_pages

from broadsheet.build import Built
from broadsheet.contract import Contract
from broadsheet.errors import ReleaseError
from broadsheet.release.manifest import write_sums
from broadsheet.release.verify import BROKEN, KEPT, UNCHECKABLE, verify

CHECKSUMS, FILES, SCHEMA = "checksums", "files", "schema"
LOST, TRACE, FOLDS, LEAK = "nothing is lost", "everything is traceable", "nothing is folded that differs", "no leak"
REJECTED = "quarantine/rejected.jsonl.gz"
FORMATS, NUMBERS = "all formats are equal", "every number can be recomputed"
CHANGED = "what changed"


def broken(release: Path) -> set[str]:
    """The promises that are broken, by the words before the colon."""
    return {v.promise.partition(":")[0] for v in verify(release) if v.verdict == BROKEN}


def test_built_releases_keep_all_promises(harbour: Built, records: Built) -> None:
    """Every promise is kept by the example site's release and by that of a user's own records."""
    for built in (harbour, records):
        verdicts = verify(built.path)
        assert {v.promise: v.faults for v in verdicts if v.verdict != KEPT} == {}
        assert len(verdicts) == 10


def test_a_copy_sealed_again_keeps_all_promises(harbour: Built, records: Built, tmp_path: Path) -> None:
    """Sealing an unchanged release again breaks nothing, so that what the tests below find is the damage itself."""
    for built in (harbour, records):
        damaged = Damaged(built.path, tmp_path / built.manifest["name"])
        for config in ("articles", "comments", "teasers", "segments", "pairs", "pages"):
            damaged.change(config, lambda rows: rows)
        assert broken(damaged.reseal()) == set()


Damage = Callable[[Damaged], None]
DAMAGES: list[tuple[Damage, set[str]]] = []


def breaks(*promises: str) -> Callable[[Damage], Damage]:
    """Registers a damage with the promises that it breaks: these at least."""

    def register(damage: Damage) -> Damage:
        DAMAGES.append((damage, set(promises)))
        return damage

    return register


def first_article(damaged: Damaged) -> str:
    return damaged.rows("articles")[0]["id"]


def change_record(damaged: Damaged, **values: object) -> None:
    """Changes the first article and its digest of content."""
    id_ = first_article(damaged)

    def change(rows: Rows) -> None:
        for row in rows:
            if row["id"] == id_:
                row.update(values)
                row["content_digest"] = Contract.of(None).content_digest(row)

    damaged.change("articles", change)


@breaks(FORMATS)
def a_row_dropped_in_json_lines(damaged: Damaged) -> None:
    damaged.lines("jsonl/articles/train-00000-of-00001.jsonl.gz", lambda lines: lines[1:])


@breaks(FORMATS)
def a_null_written_as_empty_text_in_json_lines(damaged: Damaged) -> None:
    path = "jsonl/articles/train-00000-of-00001.jsonl.gz"
    damaged.lines(path, lambda lines: [line.replace(b'"published":null', b'"published":""') for line in lines])


@breaks(FORMATS)
def a_value_changed_in_parquet(damaged: Damaged) -> None:
    file = damaged.path / "data/segments/full-00000-of-00001.parquet"
    found = pq.read_table(file)
    index = found.schema.get_field_index("confidence")
    values = [0.123, *found.column("confidence").to_pylist()[1:]]
    pq.write_table(found.set_column(index, found.schema.field(index), [values]), file)


@breaks(LOST)
def a_bound_between_two_segments_moved(damaged: Damaged) -> None:
    """The segments still tile the page, but their parts do not tile them."""

    def change(rows: Rows) -> None:
        one, two = next((x, y) for x, y in pairwise(rows) if x["page_id"] == y["page_id"])
        one["end"] -= 1
        two["start"] -= 1

    damaged.change("segments", change)


@breaks(TRACE)
def a_body_that_begins_a_character_late(damaged: Damaged) -> None:
    """All parts still tile their segment."""

    def change(rows: Rows) -> None:
        for row in rows:
            for one, two in pairwise(row["parts"]):
                if row["outcome"] == "canonical" and two["part"] == "body" and two["end"] - two["start"] > 5:
                    one["end"] += 1
                    two["start"] += 1
                    return

    damaged.change("segments", change)


@breaks(LOST)
def a_page_without_its_last_segment(damaged: Damaged) -> None:
    def change(rows: Rows) -> Rows:
        last = max(i for i, row in enumerate(rows) if row["outcome"] == "boilerplate")
        return rows[:last] + rows[last + 1 :]

    damaged.change("segments", change)


@breaks(LOST)
def a_part_shifted_over_its_neighbour(damaged: Damaged) -> None:
    def change(rows: Rows) -> None:
        row = next(row for row in rows if row["outcome"] == "boilerplate" and len(row["parts"]) > 1)
        row["parts"][1]["start"] -= 1

    damaged.change("segments", change)


@breaks(LOST)
def a_number_of_the_ledger_edited(damaged: Damaged) -> None:
    damaged.manifest["ledger"]["outcome"]["boilerplate"][0] += 1
    damaged.manifest["ledger"]["role"]["boilerplate"][0] += 1


@breaks(LOST)
def a_page_without_its_last_character(damaged: Damaged) -> None:
    def change(rows: Rows) -> None:
        rows[0]["text"] = rows[0]["text"][:-1]

    damaged.change("pages", change)


@breaks(LOST, TRACE)
def a_page_left_out(damaged: Damaged) -> None:
    damaged.change("pages", lambda rows: rows[1:])


@breaks(TRACE)
def a_text_edited(damaged: Damaged) -> None:
    change_record(damaged, text=damaged.rows("articles")[0]["text"] + " So they say.")


@breaks(TRACE)
def a_title_edited(damaged: Damaged) -> None:
    change_record(damaged, title="Another title")


@breaks(TRACE)
def a_digest_of_content_edited(damaged: Damaged) -> None:
    def change(rows: Rows) -> None:
        for row in rows[:1]:
            row["content_digest"] = "0" * 64

    damaged.change("articles", change)


@breaks(LOST, TRACE)
def a_record_dropped_everywhere(damaged: Damaged) -> None:
    """The manifest's tables say so too; only its ledger and the segments still know the record."""
    folded = next(row for row in damaged.rows("segments") if row["relation"] == "trimmed")
    gone = folded["canonical_id"]
    damaged.change("articles", lambda rows: [row for row in rows if row["id"] != gone])
    damaged.change("teasers", lambda rows: [row for row in rows if row["id"] != gone])


def kept_pair(damaged: Damaged, relation: str) -> tuple[dict, dict]:
    """Two articles in the release that are kept apart although one is over the threshold in the other."""
    articles = {row["id"]: row for row in damaged.rows("articles")}
    return next(
        (articles[pair["a"]], articles[pair["b"]])
        for pair in damaged.rows("pairs")
        if pair["relation"] == relation and pair["a"] in articles and pair["b"] in articles
    )


@breaks(LEAK)
def an_update_moved_to_another_split(damaged: Damaged) -> None:
    one, _ = kept_pair(damaged, "update")
    damaged.move(one["id"], "validation" if one["split"] == "train" else "train")


@breaks(LEAK)
def an_embedded_text_in_another_story_and_split(damaged: Damaged) -> None:
    """A story of its own for one of two alike texts hides the leak from a check of stories alone."""
    one, _ = kept_pair(damaged, "embedded")
    damaged.move(one["id"], "validation" if one["split"] == "train" else "train")

    def change(rows: Rows) -> None:
        for row in rows:
            if row["id"] == one["id"]:
                row["story"] = row["id"]

    damaged.change("articles", change)


@breaks(LEAK, FORMATS)
def a_split_that_says_another_than_its_table(damaged: Damaged) -> None:
    story_sizes: dict[str, int] = {}
    for row in damaged.rows("articles", "comments", "teasers"):
        story_sizes[row["story"]] = story_sizes.get(row["story"], 0) + 1

    def change(rows: Rows) -> None:
        for row in rows:
            if row["split"] == "train" and story_sizes[row["story"]] == 1:
                row["split"] = "validation"
                return

    damaged.change("articles", change)


@breaks(FOLDS)
def a_fold_through_a_chain(damaged: Damaged) -> None:
    """A folded record whose canonical is one that it was never compared with."""
    pairs = {frozenset((pair["a"], pair["b"])) for pair in damaged.rows("pairs")}
    folded = next(row for row in damaged.rows("segments") if row["relation"] in ("near", "trimmed"))
    other = next(
        row["id"]
        for row in damaged.rows("articles")
        if frozenset((row["id"], folded["record_id"])) not in pairs and row["id"] != folded["canonical_id"]
    )

    def change(rows: Rows) -> None:
        for row in rows:
            if row["record_id"] == folded["record_id"]:
                row["canonical_id"] = other

    damaged.change("segments", change)


@breaks(FOLDS)
def a_fold_across_a_guard(damaged: Damaged) -> None:
    """An update that is declared a near copy and a fold."""

    def change(rows: Rows) -> None:
        pair = next(row for row in rows if row["relation"] == "update")
        pair.update(relation="near", guard=None, decision="fold")

    damaged.change("pairs", change)


@breaks(FOLDS)
def the_evidence_of_a_pair_edited(damaged: Damaged) -> None:
    def change(rows: Rows) -> None:
        rows[0]["shared"] -= 1

    damaged.change("pairs", change)


@breaks(FOLDS)
def a_fold_without_its_evidence(damaged: Damaged) -> None:
    damaged.change("pairs", lambda rows: [row for row in rows if row["decision"] != "fold"])


@breaks(SCHEMA)
def a_value_that_the_schema_forbids(damaged: Damaged) -> None:
    def change(rows: Rows) -> None:
        rows[0]["confidence"] = 1.5

    damaged.change("segments", change)


@breaks(SCHEMA)
def a_parquet_file_with_metadata_of_datasets(damaged: Damaged) -> None:
    file = damaged.path / "data/pairs/full-00000-of-00001.parquet"
    found = pq.read_table(file)
    pq.write_table(found.replace_schema_metadata({b"huggingface": b"{}"}), file)


@breaks(FILES)
def a_data_file_that_no_table_names(damaged: Damaged) -> None:
    source = damaged.path / "data/articles/train-00000-of-00001.parquet"
    (source.parent / "train-00001-of-00002.parquet").write_bytes(source.read_bytes())
    # The queries read `data/articles/*.parquet`: sealed with its own numbers, only the file itself is wrong.


def name(case: tuple[Damage, set[str]]) -> str:
    return case[0].__name__


@pytest.mark.parametrize("case", DAMAGES, ids=name)
def test_damages_sealed_again_break_their_promises(
    harbour: Built, tmp_path: Path, case: tuple[Damage, set[str]]
) -> None:
    """A release that was damaged and sealed again breaks the promises that the damage concerns, seals unbroken."""
    damage, promises = case
    damaged = Damaged(harbour.path, tmp_path)
    damage(damaged)
    found = broken(damaged.reseal())
    assert promises <= found
    assert not found & {CHECKSUMS, NUMBERS, FILES, SCHEMA, FORMATS} - promises


DOCUMENTS = {
    "README.md": ("| articles | train | ", "| articles | train | 1"),
    "measures.json": ('"rows": [\n', '"rows": [\n   [\n    7\n   ],\n'),
    "DATASHEET.md": ("Port Maren", "Port Marren"),
    "datasheet.html": ("25 of 32 articles", "24 of 32 articles"),
    "croissant.json": ("25 of 32 articles", "24 of 32 articles"),
    "CITATION.cff": ("0.1.0", "0.1.1"),
    "CITATION.bib": ("0.1.0", "0.1.1"),
    "datacite.json": ("0.1.0", "0.1.1"),
    "CHANGES.md": ("0.1.0", "0.1.1"),
    "LICENSE": ("Apache", "Apathy"),
    "jsonl/README.md": ("articles", "artikels"),
}


@pytest.mark.parametrize("path", DOCUMENTS)
def test_edited_documents_break_the_promise_of_numbers(harbour: Built, tmp_path: Path, path: str) -> None:
    """A number or word changed in a document or in the measures, sealed again, is found."""
    damaged = Damaged(harbour.path, tmp_path)
    damaged.text(path, *DOCUMENTS[path])
    assert broken(damaged.reseal(documents=False)) == {CHANGED if path == "CHANGES.md" else NUMBERS}


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
