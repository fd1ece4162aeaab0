"""Folding as many tasks: whatever the buckets, rows and counts are those that one task gives."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sites import ARTICLE, make_pages, sums

from broadsheet import build as way
from broadsheet import config, memory
from broadsheet.batches import UNIQUE, Row, bucket_of, from_rows, read_batches, stream_rows, write_batches
from broadsheet.engine import local
from broadsheet.engine.local import Progress, Result, Spec, Task
from broadsheet.repeats.stored import Writer
from broadsheet.repeats.task import fold_records

pytest.importorskip("numba", reason="texts of many records are compared by compiled code: the extra `fast`")

from broadsheet.folding import Folding

Made = list[tuple[Row, Row]]

BITS = (
    "ebb and flood at the pier",
    "the harbour master counts 12 boats",
    "not a sail in sight",
    "a b c d e f g h i j k l",
    "m n o p q r s t u v",
    "12 c d. e",
    "48 c d. e",
    "x",
    "$5.",
    "5.",
)


def made_up(draw: Any, n: int) -> Made:
    """Records over a few phrases, most of which overlap, with their rows of `UNIQUE`, in the order of their ids.

    `draw` chooses one of several values.
    """
    made = []
    pages = [f"{page:064x}" for page in range(5)]
    taken = set()
    for _ in range(n):
        id_ = f"{draw(range(1 << 8)):02x}{draw(range(1 << 16)):030x}"
        if id_ in taken:
            continue
        taken.add(id_)
        role = draw(["comment", "comment", "main", "sidebar", "teaser"])
        page = draw(pages)
        record = {
            "role": role,
            "text": " ".join(draw(BITS) for _ in range(draw(range(6)))),
            "title": draw([None, "Tide 5", "Tide 7"]),
            "truncated": draw([False, False, True]),
            "source": draw([None, "a.example", "b.example"]),
            "captured": draw([None, "2026-01-01T00:00:00Z", "2025-01-01T00:00:00Z"]),
            "thread": draw([None, "t", "t", "u"]) if role == "comment" else None,
            "author": draw([None, "Nel", "Oda"]) if role == "comment" else None,
            "position": draw([None, 0, 1, 2]),
            "reply_to": draw([None, None, 0, 1]),
        }
        row = {
            "id": id_,
            "record": "{}",
            "page_id": page,
            "start": draw(range(3)),
            "names": draw([[], ["t"], ["u", "x"]]),
            "appearances": [{"page_id": page, "start": 0, "role": role}],
        }
        made.append((record, row))
    return sorted(made, key=lambda each: str(each[1]["id"]))


def unique(folder: Path, made: Made, n_buckets: int) -> list[dict[str, Any]]:
    """What `unique_records` tells of the records, in so many buckets."""
    results = []
    for bucket in range(n_buckets):
        own = [each for each in made if bucket_of(each[1]["id"], n_buckets) == bucket]
        writer = Writer()
        for record, row in own:
            writer.add(record, row)
        stored = writer.commit(*(folder / f"{name}{bucket}" for name in ("items", "marks", "texts")))
        rows = from_rows([row for _, row in own], UNIQUE)
        file = write_batches(folder / f"unique{bucket}", [rows], UNIQUE).to_json()
        results.append({"stored": stored, "unique": file, "n_records": len(own)})
    return results


def told(folded: dict[str, Any]) -> dict[str, Any]:
    """What folding says, with the rows of its files."""
    rows = {name: list(stream_rows(read_batches(folded[name]))) for name in ("pairs", "fates")}
    return {name: value for name, value in folded.items() if name != "path"} | rows


def as_one(folder: Path, made: Made, threshold: Fraction, scope: str) -> dict[str, Any]:
    """What one task says of the records."""
    (result,) = unique(folder, made, 1)
    out = {name: str(folder / name) for name in ("pairs", "fates")}
    spec = {"stored": [result["stored"]], "files": [result["unique"]], "threshold": str(threshold), "scope": scope}
    return told(fold_records(spec | out))


def as_many(folder: Path, made: Made, n_buckets: int, threshold: Fraction, scope: str) -> dict[str, Any]:
    """What many tasks say of them."""
    run = local(1)
    folding = Folding(
        lambda task, specs: run(task, list(specs)),
        lambda name, number: str(folder / f"{name}{number}"),
        unique(folder, made, n_buckets),
    )
    return told(folding.fold(str(threshold), scope))


THRESHOLDS = st.sampled_from([Fraction(n, 20) for n in range(8, 20)])
SCOPES = st.sampled_from(["global", "per-source"])


@settings(max_examples=100, deadline=None)
@given(st.data(), st.integers(0, 14), st.integers(1, 5), THRESHOLDS, SCOPES)
def test_many_tasks_say_what_one_says(
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    n_records: int,
    n_buckets: int,
    threshold: Fraction,
    scope: str,
) -> None:
    """Pairs, fates, counts, shares and crowds of any records in any number of buckets."""
    made = made_up(lambda values: data.draw(st.sampled_from(values)), n_records)
    folder = tmp_path_factory.mktemp("folded")
    assert as_many(folder / "many", made, n_buckets, threshold, scope) == as_one(folder / "one", made, threshold, scope)


def families(rng: random.Random) -> Iterator[str]:
    """Texts of a few hundred words: copies with words changed, ends cut off or others added, or all but the same."""
    words = [f"w{n}" for n in range(2000)]
    for _ in range(60):
        text = rng.choices(words, k=rng.randint(20, 300))
        yield " ".join([*text, "$5."])
        for _ in range(rng.randint(0, 6)):
            rate = rng.choice([0, 0.02, 0.1])
            copy = [rng.choice(words) if rng.random() < rate else word for word in text]
            first, last = rng.choice([(0, 1), (0, 0.6), (0.2, 1), (0, 0.9)])
            copy = copy[int(first * len(copy)) : max(1, int(last * len(copy)))]
            end = rng.choice([["€5."], ["$5."], rng.choices(words, k=30), rng.choices(words, k=200)])
            yield " ".join(copy + end)  # as words, the two are equal


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("threshold", [Fraction(1, 3), Fraction(1, 2), Fraction(7, 10), Fraction(19, 20)])
def test_no_pair_is_lost_between_ranges(tmp_path: Path, seed: int, threshold: Fraction) -> None:
    """Of texts long enough to be looked for by several probes in several ranges, in several orders of ids."""
    rng = random.Random(seed)
    made = made_up(rng.choice, 400)
    for (record, _), text in zip(made, families(rng), strict=False):
        record["text"] = text
    expected = as_one(tmp_path / "one", made, threshold, "global")
    assert expected["counts"]["n_candidates"] > 100
    assert as_many(tmp_path / "many", made, 7, threshold, "global") == expected


def test_a_build_by_many_tasks_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one worker and with two."""
    words = ("eleven", "twelve", "thirty", "ninety", "sixty", "eighty")
    pages = {f"{i:02}/{word}.txt": f"{ARTICLE.replace('eleven', word)}\n\n{i}" for i in range(5) for word in words}
    site = make_pages(tmp_path / "site", pages)
    monkeypatch.setattr(memory, "BUCKET_BYTES", 5_000)

    def built(name: str, fold_bytes: int, n_workers: int) -> str:
        monkeypatch.setattr(memory, "FOLD_BYTES", fold_bytes)
        engine, n_tasks = local(n_workers), Counter[str]()

        def run(task: Task, specs: Sequence[Spec], progress: Progress | None = None) -> list[Result]:
            n_tasks[getattr(task, "task", task).__name__] += len(specs)
            return engine(task, specs, progress)

        path = way.build([site], config.load(None, {"name": "site"}), out=tmp_path / name, run=run).path
        assert (n_tasks["fold_unit"] > 1, n_tasks["fold_records"]) == (not fold_bytes, bool(fold_bytes))
        return sums(path)

    expected = built("one", 1 << 30, 1)
    assert built("many", 0, 1) == expected
    assert built("spread", 0, 2) == expected
