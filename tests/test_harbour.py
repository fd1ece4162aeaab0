"""The example site against its ground truth: one canonical a cluster, whole stories, and floors of quality."""

import hashlib
import json
from collections import Counter, defaultdict
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sites import HARBOUR, by_id, json_rows

from broadsheet.build import Built
from broadsheet.repeats import over_threshold
from broadsheet.repeats.records import Item
from broadsheet.text import collapse, words

FLOORS = json.loads((Path(__file__).parent / "floors.json").read_text("utf-8"))["harbour"]
RECORDS = ("articles", "comments", "teasers")
RELATIONS = ("exact", "near", "trimmed", "embedded", "update")
Row = dict[str, Any]


@cache
def truth() -> dict[str, list[Row]]:
    """The ground truth by path."""
    pages = defaultdict(list)
    for line in (HARBOUR / "truth.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        pages[row["page"]].append(row)
    return dict(pages)


def segments_by_path(release: Path) -> dict[str, list[Row]]:
    """The segments that were found, by path; a page with two captures has two paths."""
    of = defaultdict(list)
    for row in json_rows(release, "segments"):
        of[row["page_id"]].append(row)
    return {c["path"]: of[page["page_id"]] for page in json_rows(release, "pages") for c in page["captures"]}


def test_floors_were_measured_on_this_corpus() -> None:
    """The floors stand beside the hash of the pages and the truth on which they were measured."""
    files = sorted([*(HARBOUR / "pages").iterdir(), HARBOUR / "truth.jsonl"])
    lines = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(HARBOUR).as_posix()}\n" for file in files
    ]
    assert hashlib.sha256("".join(lines).encode()).hexdigest() == FLOORS["corpus_sha256"]


def roles(segments: list[Row]) -> list[str]:
    """The role of every character."""
    return [row["role"] for row in segments for _ in range(row["end"] - row["start"])]


def test_roles_reach_their_floor(harbour: Built) -> None:
    """The share of characters with the true role is not lower than it was."""
    found = segments_by_path(harbour.path)
    pairs = [pair for path, rows in truth().items() for pair in zip(roles(rows), roles(found[path]), strict=True)]
    right = sum(one == other for one, other in pairs)
    assert Fraction(right, len(pairs)) >= Fraction(str(FLOORS["role_accuracy_chars"])), f"{right / len(pairs):.5f}"


def exact_key(path: str, row: Row) -> tuple[Any, ...]:
    """What a segment that was found must have in common with the true one: place, role and where its body lies."""
    body = [(part["start"], part["end"]) for part in row["parts"] if part["part"] == "body"]
    return path, row["start"], row["end"], row["role"], (body[0][0], body[-1][1]) if body else None


def matched(release: Path) -> dict[tuple[str, int], Row]:
    """For each first segment of a work in the truth, by path and start: the segment found that is exactly it."""
    found = {exact_key(path, row): row for path, rows in segments_by_path(release).items() for row in rows}
    first: dict[tuple[str, Any], Row] = {}
    for path, rows in truth().items():
        for row in rows:
            if row["work"] is not None:
                first.setdefault((path, row["article"] if row["article"] is not None else ("at", row["start"])), row)
    return {
        (path, row["start"]): found[exact_key(path, row)]
        for (path, _), row in first.items()
        if exact_key(path, row) in found
    }


def relation_of(one: Row, other: Row, pairs: dict[frozenset[str], Row]) -> str | None:
    """How two segments that were found relate, by their ids, their pair, or their fold into one record."""
    if one["record_id"] == other["record_id"]:
        return "exact"
    pair = pairs.get(frozenset((one["record_id"], other["record_id"])))
    if pair:
        return pair["relation"]
    return one["relation"] if one["canonical_id"] == other["canonical_id"] else None


def test_relations_of_the_truth_come_out(harbour: Built) -> None:
    """Where both segments were found exactly, their relation is the true one; not fewer come so far than before."""
    pairs = {frozenset((row["a"], row["b"])): row for row in json_rows(harbour.path, "pairs")}
    segments = matched(harbour.path)
    originals = defaultdict(list)
    for path, rows in truth().items():
        for row in rows:
            if row["relation"] in ("original", "embedded") and (path, row["start"]) in segments:
                originals[row["work"]].append(segments[path, row["start"]])
    asked, found, wrong = Counter(), Counter(), []
    for path, rows in truth().items():
        seen = set()
        for row in rows:
            key = row["article"] if row["article"] is not None else ("at", row["start"])
            if row["relation"] not in RELATIONS or key in seen:
                continue
            seen.add(key)
            asked[row["relation"]] += 1
            one = segments.get((path, row["start"]))
            others = originals[row["of"] or row["work"]] if row["relation"] == "embedded" else originals[row["work"]]
            names = {relation_of(one, other, pairs) for other in others} if one else set()
            if row["relation"] in names:
                found[row["relation"]] += 1
            elif names:
                wrong.append(f"{path}:{row['start']} {row['relation']} {row['work']}: {sorted(map(str, names))}")
    counts = {name: [found[name], asked[name]] for name in RELATIONS}
    for name, (n, of) in FLOORS["relations"].items():
        assert counts[name][1] == of
        assert counts[name][0] >= n, counts
    assert wrong == []
    assert set(FLOORS["relations"]) == set(RELATIONS)


def test_one_canonical_a_cluster(harbour: Built) -> None:
    """What folds into a record that is in the release folds into it directly; a canonical folds into nothing."""
    records = by_id(json_rows(harbour.path, *RECORDS))
    folds = {frozenset((r["a"], r["b"])): r for r in json_rows(harbour.path, "pairs") if r["decision"] == "fold"}
    canonical: dict[str, str] = {}
    for row in json_rows(harbour.path, "segments"):
        if row["record_id"]:
            assert canonical.setdefault(row["record_id"], row["canonical_id"]) == row["canonical_id"]
            assert row["canonical_id"] in records
    assert {id_ for id_, target in canonical.items() if id_ == target} == set(records)
    folded = {frozenset(item) for item in canonical.items() if item[0] != item[1]}
    assert folded == set(folds)
    assert len(folded) > 20
    for pair in folds.values():
        assert pair["relation"] in ("exact", "near", "trimmed")
        assert pair["guard"] is None


def test_no_two_records_repeat_each_other(harbour: Built) -> None:
    """No two records in the release are equal in words; what is contained in another is in its story and split."""
    records = by_id(json_rows(harbour.path, *RECORDS))
    names = ("id", "kind", "role", "text", "truncated", "source", "captured", "thread", "author")
    items = [Item(**{name: row[name] for name in names}) for row in records.values()]
    found = list(over_threshold(items, Fraction(7, 10)))
    assert found
    for a, b, _, _ in found:
        one, other = records[a], records[b]
        assert (one["story"], one["split"]) == (other["story"], other["split"])
        assert words(one["text"]) != words(other["text"]) or "comment" in (one["kind"], other["kind"])


def test_stories_are_not_divided(harbour: Built) -> None:
    """All records of a story, replies and the comments of a page's article among them, lie in one split."""
    splits = defaultdict(set)
    for row in json_rows(harbour.path, *RECORDS):
        splits[row["story"]].add(row["split"])
    assert all(len(found) == 1 for found in splits.values())
    assert len({split for found in splits.values() for split in found}) > 1
    assert max(Counter(row["story"] for row in json_rows(harbour.path, *RECORDS)).values()) > 5


def test_texts_come_from_the_pages(harbour: Built) -> None:
    """Each record's text is its body parts on its home page, joined by line feeds."""
    pages = {row["page_id"]: row["text"] for row in json_rows(harbour.path, "pages")}
    bodies = defaultdict(list)
    for row in json_rows(harbour.path, "segments"):
        if row["outcome"] == "canonical":
            text = pages[row["page_id"]]
            bodies[row["record_id"]] += [text[p["start"] : p["end"]] for p in row["parts"] if p["part"] == "body"]
    records = by_id(json_rows(harbour.path, *RECORDS))
    assert {id_: "\n".join(parts) for id_, parts in bodies.items()} == {
        id_: row["text"] for id_, row in records.items()
    }
    assert all(collapse(row["text"]) for row in records.values())


def test_every_role_relation_and_outcome_occurs(harbour: Built) -> None:
    """The example site exercises every role, every relation and a second capture, so that laws mean something."""
    segments = json_rows(harbour.path, "segments")
    assert {row["role"] for row in segments} == {"main", "sidebar", "teaser", "comment", "boilerplate"}
    assert {row["outcome"] for row in segments} >= {"canonical", "occurrence", "boilerplate"}
    assert {row["relation"] for row in json_rows(harbour.path, "pairs")} >= set(RELATIONS)
    assert max(len(row["captures"]) for row in json_rows(harbour.path, "pages")) == 2
    ledger = harbour.manifest["ledger"]
    assert (ledger["n_captures"], ledger["n_pages"]) == (24, 23)


@pytest.mark.parametrize("name", sorted(truth()))
def test_truth_is_about_these_pages(name: str) -> None:
    """The truth tiles the pages as they are stored, so that scores by character mean what they say."""
    text = (HARBOUR / name).read_bytes().decode("utf-8")
    cursor = 0
    for row in truth()[name]:
        assert row["start"] == cursor < row["end"]
        cursor = row["end"]
    assert cursor == len(text)
