"""What may be wrong in a release that was sealed again after it was damaged, and the promises that must break.

`docs/verify.md` lists them.
"""

from collections.abc import Callable
from itertools import pairwise

import pyarrow.parquet as pq
from damage import Damaged, Rows

from broadsheet.contract import Contract

CHECKSUMS, FILES, SCHEMA = "checksums", "files", "schema"
LOST, TRACE, FOLDS, LEAK = "nothing is lost", "everything is traceable", "nothing is folded that differs", "no leak"
FORMATS, NUMBERS = "all formats are equal", "every number can be recomputed"
CHANGED = "what changed"


Damage = Callable[[Damaged], None]
DAMAGES: list[tuple[Damage, set[str]]] = []
EDITS: list[tuple[Damage, set[str]]] = []
"""The damages after which the documents are left as they are; after the others they are written anew."""


def breaks(*promises: str, documents: bool = True) -> Callable[[Damage], Damage]:
    """Registers a damage with the promises that it breaks: these, and no others."""

    def register(damage: Damage) -> Damage:
        (DAMAGES if documents else EDITS).append((damage, set(promises)))
        return damage

    return register


def set_in(damaged: Damaged, config: str, which: Callable[[dict], object], **values: object) -> None:
    """Changes the first row of a config for which `which` says so; a record's digest of content follows."""
    done = False

    def change(rows: Rows) -> None:
        nonlocal done
        for row in [] if done else rows:
            if which(row):
                row.update(values)
                if "content_digest" in row:
                    row["content_digest"] = Contract.of(None).content_digest(row)
                done = True
                return

    damaged.change(config, change)
    assert done


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


@breaks(LOST, TRACE)
def a_page_without_its_last_character(damaged: Damaged) -> None:
    def change(rows: Rows) -> None:
        rows[0]["text"] = rows[0]["text"][:-1]

    damaged.change("pages", change)


@breaks(LOST, TRACE, FOLDS, LEAK)
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


@breaks(LOST, TRACE, LEAK)
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


@breaks(LEAK, LOST, TRACE)
def an_update_moved_to_another_split(damaged: Damaged) -> None:
    one, _ = kept_pair(damaged, "update")
    damaged.move(one["id"], "validation" if one["split"] == "train" else "train")


@breaks(LEAK, LOST, TRACE)
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


@breaks(FOLDS, TRACE, LEAK)
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


@breaks(FOLDS, TRACE, LEAK)
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


@breaks(SCHEMA)
def rows_out_of_order(damaged: Damaged) -> None:
    damaged.change("articles", lambda rows: rows[::-1])


@breaks(SCHEMA)
def a_row_that_stands_twice(damaged: Damaged) -> None:
    damaged.change("articles", lambda rows: [rows[0], *rows])


@breaks(TRACE)
def a_record_with_the_address_of_another_page(damaged: Damaged) -> None:
    set_in(damaged, "articles", lambda row: row["url"], url="https://courier.example/elsewhere")


@breaks(TRACE)
def a_record_with_another_source(damaged: Damaged) -> None:
    set_in(damaged, "articles", lambda row: row["source"], source="elsewhere.example")


@breaks(TRACE)
def a_record_with_another_time_of_capture(damaged: Damaged) -> None:
    set_in(damaged, "articles", lambda row: row["captured"], captured="2020-01-01T00:00:00Z")


@breaks(TRACE)
def a_record_with_another_language(damaged: Damaged) -> None:
    set_in(damaged, "articles", lambda row: row["language"] == "en", language="fr")


@breaks(TRACE)
def a_main_article_called_a_sidebar(damaged: Damaged) -> None:
    set_in(damaged, "articles", lambda row: row["role"] == "main", role="sidebar")


@breaks(TRACE)
def a_cut_teaser_called_whole(damaged: Damaged) -> None:
    set_in(damaged, "teasers", lambda row: row["truncated"], truncated=False)


@breaks(TRACE)
def a_comment_at_another_place_of_its_thread(damaged: Damaged) -> None:
    set_in(damaged, "comments", lambda row: True, position=77)


@breaks(TRACE)
def a_reply_to_nobody(damaged: Damaged) -> None:
    set_in(damaged, "comments", lambda row: row["parent_id"], parent_id=None)


@breaks(TRACE)
def a_comment_by_somebody_else(damaged: Damaged) -> None:
    set_in(damaged, "comments", lambda row: True, author="Somebody else")


@breaks(LOST, TRACE)
def a_segment_with_another_role(damaged: Damaged) -> None:
    set_in(damaged, "segments", lambda row: row["outcome"] == "canonical" and row["role"] == "main", role="sidebar")


@breaks(LEAK)
def a_story_under_another_name(damaged: Damaged) -> None:
    set_in(damaged, "articles", lambda row: True, story="0" * 32)


@breaks(FOLDS, LEAK)
def a_kept_pair_left_out(damaged: Damaged) -> None:
    damaged.change("pairs", lambda rows: [row for row in rows if row["relation"] != "embedded"])


@breaks(TRACE)
def a_fold_called_another_relation(damaged: Damaged) -> None:
    set_in(damaged, "segments", lambda row: row["relation"] == "trimmed", relation="near")


@breaks(LEAK)
def a_certificate_over_fewer_pairs(damaged: Damaged) -> None:
    damaged.manifest["certificate"]["n_pairs"] -= 1


@breaks(FOLDS)
def a_source_that_lost_less_than_it_did(damaged: Damaged) -> None:
    damaged.manifest["folded_share"]["wire.example"] = 0.1


@breaks(FOLDS)
def a_count_of_folds_edited(damaged: Damaged) -> None:
    damaged.manifest["repeats"]["folded_near"] += 1


@breaks(LOST, TRACE)
def an_input_file_left_out(damaged: Damaged) -> None:
    damaged.manifest["inputs"]["files"].pop()


@breaks(SCHEMA, TRACE)
def a_record_first_seen_in_a_later_version(damaged: Damaged) -> None:
    set_in(damaged, "articles", lambda row: True, first_version="7.0.0")


@breaks(NUMBERS, documents=False)
def a_number_of_the_card_edited(damaged: Damaged) -> None:
    damaged.text("README.md", "| articles | train | ", "| articles | train | 1")


@breaks(NUMBERS, documents=False)
def a_number_of_the_measures_edited(damaged: Damaged) -> None:
    damaged.text("measures.json", '"rows": [\n', '"rows": [\n   [\n    7\n   ],\n')


@breaks(NUMBERS, documents=False)
def a_word_of_the_datasheet_edited(damaged: Damaged) -> None:
    damaged.text("DATASHEET.md", "Port Maren", "Port Marren")


@breaks(NUMBERS, documents=False)
def a_number_of_the_datasheet_as_a_page_edited(damaged: Damaged) -> None:
    damaged.text("datasheet.html", "25 of 32 articles", "24 of 32 articles")


@breaks(NUMBERS, documents=False)
def a_number_of_the_croissant_edited(damaged: Damaged) -> None:
    damaged.text("croissant.json", "25 of 32 articles", "24 of 32 articles")


@breaks(NUMBERS, documents=False)
def a_version_in_the_bibtex_edited(damaged: Damaged) -> None:
    damaged.text("CITATION.bib", "0.1.0", "0.1.1")


@breaks(NUMBERS, documents=False)
def a_version_for_datacite_edited(damaged: Damaged) -> None:
    damaged.text("datacite.json", "0.1.0", "0.1.1")


@breaks(NUMBERS, documents=False)
def a_version_in_the_citation_edited(damaged: Damaged) -> None:
    damaged.text("CITATION.cff", "0.1.0", "0.1.1")


@breaks(NUMBERS, documents=False)
def another_licence(damaged: Damaged) -> None:
    damaged.text("LICENSE", "Apache", "Apathy")


@breaks(NUMBERS, documents=False)
def a_split_that_the_card_of_the_json_lines_does_not_load(damaged: Damaged) -> None:
    damaged.text("jsonl/README.md", "articles", "artikels")


@breaks(CHANGED, documents=False)
def another_version_in_the_changes(damaged: Damaged) -> None:
    damaged.text("CHANGES.md", "0.1.0", "0.1.1")
