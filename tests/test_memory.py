"""Memory decides how a build goes about its work, and nothing of what comes out."""

import gc
import json
import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sites import make_pages, sums

from broadsheet import build as way
from broadsheet import config, measure, memory
from broadsheet.batches import require_intact
from broadsheet.engine import local
from broadsheet.errors import CallError, ReleaseError
from broadsheet.memory import LEAST_BYTES, MIB, Budget, size_of
from broadsheet.release.work import kept_buckets
from broadsheet.repeats import compare, parents_of
from broadsheet.repeats.bodies import Bodies
from broadsheet.repeats.shelf import Shelf
from broadsheet.repeats.stored import Ids, Stored, Writer

Row = dict[str, Any]

# Sizes

SIZES = {"2GB": 2 * 10**9, "1.5 GiB": 3 << 29, "512MiB": 512 << 20, "800000000": 800_000_000, "300m": 300_000_000}


@pytest.mark.parametrize("text", SIZES)
def test_sizes_are_read(text: str) -> None:
    """Decimal and binary units, and bytes."""
    assert size_of(text) == SIZES[text]


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "1e9", "2 GB and more", "nan", "1iB", "١GB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    """The message shows what was given, and an example."""
    with pytest.raises(CallError, match="is no size of memory: expected one such as"):
        size_of(text)


def test_too_little_is_refused() -> None:
    """A budget that the libraries alone exceed is told, and none follows from it."""
    with pytest.raises(CallError, match="a build needs 300 MiB at least"):
        Budget.of("200MB")
    assert Budget.of(LEAST_BYTES).n_bytes == LEAST_BYTES


def test_what_follows_from_a_budget() -> None:
    """With more memory nothing gets less; with little of it, one process with small buckets does everything."""
    budgets = [Budget.of(n * MIB).among(8) for n in (300, 400, 600, 1000, 2000, 8000, 64_000)]
    workers = [budget.n_workers for budget in budgets]
    assert workers == sorted(workers)
    assert (workers[0], workers[-1]) == (1, 8)
    for name in ("join_bytes", "measures_bytes", "fold_bytes"):
        assert (found := [getattr(budget, name)() for budget in budgets]) == sorted(found)
    alone = [budget.among(1).bucket_bytes() for budget in budgets]
    assert alone == sorted(alone)
    assert (alone[0], alone[-1]) == (6 * MIB, memory.BUCKET_BYTES)
    assert all(budget.bucket_bytes() >= 4 * MIB for budget in budgets)


def test_control_groups_limit_the_machine(tmp_path: Path) -> None:
    """The smallest limit of the groups around a process, of version 2 or 1; `max` is none."""
    for path, text in {
        "memory.max": "max",
        "a/memory.max": "900",
        "a/b/memory.max": "max",
        "memory/memory.limit_in_bytes": "800",
        "memory/x/memory.limit_in_bytes": "9223372036854771712",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text + "\n", "utf-8")
    own = tmp_path / "own"
    own.write_text("4:memory:/x\n3:cpu:/a\n0::/a/b\n", "utf-8")
    assert sorted(memory._limits(tmp_path, own)) == [800, 900, 9223372036854771712]
    assert list(memory._limits(tmp_path, tmp_path / "none")) == []
    assert memory.machine_bytes() > 0


# Buckets


def test_a_resumed_build_keeps_its_cut_unless_it_is_too_coarse(tmp_path: Path) -> None:
    """Work that was begun is of no use in another cut; only less memory asks for one."""
    assert [kept_buckets(tmp_path, n) for n in (4, 2, 3, 8, 4)] == [4, 4, 4, 8, 8]
    for damage in ("", "x", "-3", "0", "9" * 30, "65"):
        (tmp_path / "buckets").write_text(damage, "utf-8")
        assert kept_buckets(tmp_path, 8) == 8
    assert kept_buckets(tmp_path, 5) == 8


def test_a_file_is_hashed_once_while_it_stays(tmp_path: Path) -> None:
    """Changed content is noticed though the file was found right before, also where its size stays."""
    file = tmp_path / "file"
    file.write_bytes(b"one")
    sha256 = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    require_intact(str(file), sha256)
    file.write_bytes(b"two")
    with pytest.raises(ReleaseError, match="changed since it was written"):
        require_intact(str(file), sha256)


# Arrays that wait


@given(st.lists(st.lists(st.integers(0, 2**64 - 1), max_size=20), max_size=12), st.integers(0, 400))
@settings(max_examples=40, deadline=None)
def test_a_shelf_gives_back_what_it_was_given(arrays: list[list[int]], room: int) -> None:
    """Whether they are held or written, and after they have become shorter."""
    shelf = Shelf(room, None)
    kept = [np.array(array, np.uint64) for array in arrays]
    slots = [shelf.put(array.copy()) for array in kept]
    assert all((shelf.get(slot) == array).all() for slot, array in zip(slots, kept, strict=True))
    for slot, array in zip(slots, kept, strict=True):
        shelf.back(slot, array[: len(array) // 2])
    assert [shelf.get(slot).tolist() for slot in slots] == [array[: len(array) // 2] for array in arrays]
    held = sum(slot.held.nbytes for slot in slots if slot.held is not None)
    assert shelf.room_bytes == room - held >= 0
    shelf.clear()


def test_a_join_without_room_finds_the_same() -> None:
    """Counters for a hundredth of the shingles, and rounds of a few texts: the same pairs, in files and in ranges."""
    pytest.importorskip("numba")
    from broadsheet.repeats.compiled import Join

    rng = random.Random(7)
    words = [f"w{n}" for n in range(3000)]
    texts = [" ".join(rng.choices(words, k=300)) for _ in range(500)]
    texts += [" ".join(rng.choice(texts).split()[: rng.randint(160, 300)]) for _ in range(100)]
    bodies = Bodies.of(pa.array(texts))
    found = []
    for memory_bytes in (1 << 30, 1 << 18, 1):
        work = Join(bodies, 2, memory_bytes)
        work.digest()
        found.append(work.pairs(Fraction(1, 2)).tolist())
    assert work._range_bits > 0, "there must be more than one range"
    assert len(found[0]) >= 95
    assert found[1] == found[0]
    assert found[2] == found[0]


# Unique records in files

NAMES = ("page_id", "id", "start")
PAGE_IDS = [f"{n:064x}" for n in range(4)]


@st.composite
def unique_rows(draw: st.DrawFn) -> list[tuple[Row, Row]]:
    """Records and their rows of `UNIQUE`, by id: comments in threads that answer one another, and articles."""
    made = []
    for n in range(draw(st.integers(0, 12))):
        role = draw(st.sampled_from(["comment", "comment", "main", "sidebar", "teaser"]))
        pages = sorted(draw(st.sets(st.sampled_from(PAGE_IDS), min_size=1, max_size=3)))
        roles = ["comment"] if role == "comment" else ["main", "sidebar", "teaser"]
        small = st.one_of(st.none(), st.integers(0, 3))
        record = {
            "role": role,
            "text": draw(st.sampled_from(["", "Ebb", "Flut 😀", "\ud800 tide"])),
            "title": draw(st.sampled_from([None, "Über", "Tide"])),
            "truncated": draw(st.booleans()),
            "source": draw(st.sampled_from([None, "a.example", "b.example"])),
            "captured": draw(st.sampled_from([None, "2026-01-01T00:00:00Z", "2025-01-01T00:00:00Z"])),
            "thread": draw(st.sampled_from([None, "https://a.example/1", "u"])) if role == "comment" else None,
            "author": draw(st.sampled_from([None, "Nel", "Oda"])) if role == "comment" else None,
            "position": draw(small),
            "reply_to": draw(small),
        }
        row = {
            "id": f"{n:032x}",
            "page_id": draw(st.sampled_from(pages)),
            "start": 0,
            "names": draw(st.lists(st.sampled_from(["a.example/1", "u", "x"]), unique=True)),
            "appearances": [{"page_id": page, "start": 0, "role": draw(st.sampled_from(roles))} for page in pages],
        }
        made.append((record, row))
    return made


def stored(folder: Path, made: list[tuple[Row, Row]], cut: int) -> Stored:
    """The records, written as two buckets and read again."""
    buckets = []
    for number, part in enumerate((made[:cut], made[cut:])):
        writer = Writer()
        for record, row in part:
            writer.add(record, row)
        buckets.append(writer.commit(*(folder / f"{name}{number}" for name in ("items", "marks", "texts"))))
    return Stored.read(buckets)


def tied_before(made: list[tuple[Row, Row]], parents: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What the definition says of ties, record by record."""
    from broadsheet.text import address

    yield from parents.items()
    comments = [(record, row) for record, row in made if record["role"] == "comment"]
    for record, row in comments:
        pages = {appearance["page_id"] for appearance in row["appearances"]}
        for other_record, other in made:
            mains = {a["page_id"] for a in other["appearances"] if a["role"] == "main"}
            is_reply = other_record["role"] == "comment" and record["thread"] == other_record["thread"]
            if is_reply and record["thread"] is not None:
                yield row["id"], other["id"]
            if pages & mains or (mains and record["thread"] and address(record["thread"]) in other["names"]):
                yield row["id"], other["id"]


@given(unique_rows(), st.integers(0, 12))
@settings(max_examples=60, deadline=None)
def test_stored_records_are_the_records(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[Row, Row]], cut: int
) -> None:
    """Texts, titles, parents and stories come out of the files as they follow from the records themselves."""
    found = stored(tmp_path_factory.mktemp("stored"), made, cut)
    columns, n = found.columns, len(made)
    texts = [record["text"].encode("utf-8", "replace") for record, _ in made]
    assert [columns.bodies.raw(row) for row in range(n)] == texts
    loaded = [part.loaded().raw(i) for part in columns.bodies.parts for i in range(len(part.starts))]
    assert loaded == texts
    assert [columns.title(row) for row in range(n)] == [record["title"] for record, _ in made]
    assert list(Ids(found.ids)) == [row["id"] for _, row in made]
    parents = parents_of([row for _, row in made], {row["id"]: record for record, row in made})
    assert [int(row) for row in columns.parent] == [
        int(parents[row["id"]], 16) if row["id"] in parents else -1 for _, row in made
    ]
    expected = [[int(a, 16), int(b, 16)] for a, b in tied_before(made, parents)]
    assert components(n, found.ties.tolist()) == components(n, expected)
    for name in ("thread", "author", "source"):
        codes, values = getattr(columns, name).tolist(), [record[name] for record, _ in made]
        pairs = [(x, y) for x in range(n) for y in range(n)]
        assert [codes[x] == codes[y] for x, y in pairs] == [values[x] == values[y] for x, y in pairs]
        assert [code == -1 for code in codes] == [value is None for value in values]


def test_a_comment_answers_on_its_own_page(tmp_path: Path) -> None:
    """Of two comments at the position that is answered, the one of the same page; else the first of them."""
    made = []
    places = [(0, 0, None), (1, 0, None), (1, 1, 0), (2, 1, 0), (0, 1, 0)]
    for n, (page, position, reply_to) in enumerate(places):
        record = {"role": "comment", "text": f"Ebb {n}", "title": None, "truncated": False, "source": None}
        record |= {"captured": None, "thread": "u", "author": "Nel", "position": position, "reply_to": reply_to}
        seen = [{"page_id": PAGE_IDS[page], "start": 0, "role": "comment"}]
        made.append((record, {"id": f"{n:032x}", "page_id": PAGE_IDS[page], "names": [], "appearances": seen}))
    assert stored(tmp_path, made, 2).columns.parent.tolist() == [-1, -1, 1, 0, 0]


def components(n: int, edges: list[list[int]]) -> list[int]:
    """The smallest member of each one's component, slowly."""
    of = list(range(n))
    for _ in range(n):
        for a, b in edges:
            of[a] = of[b] = min(of[a], of[b])
    return of


# Builds


def crawl_of(folder: Path) -> Path:
    """Pages that repeat sidebars and carry comments, for a few buckets of some thousand bytes."""
    rng = random.Random(3)
    words = [
        "harbour",
        "quay",
        "tide",
        "rope",
        "anchor",
        "lantern",
        "gull",
        "mast",
        "ferry",
        "herring",
        "net",
        "dock",
        "slip",
        "crane",
        "fog",
        "bell",
    ]

    def article(n: int) -> str:
        return " ".join(rng.choices(words, k=n)).capitalize() + f", {rng.randint(2, 900)} of them."

    sidebars = [article(60) for _ in range(4)]
    made = {
        f"{n}.txt": f"{article(7)}\n\n{article(90)}\n\n{article(80)}\n\n\n\n{rng.choice(sidebars)}\n" for n in range(16)
    }
    comments = [
        {"text": article(20), "role": "comment", "thread": f"t{n % 3}", "position": n // 3, "author": "Nel"}
        | ({"reply_to": n // 3 - 1} if n >= 3 else {})
        for n in range(12)
    ]
    made["c.jsonl"] = "".join(json.dumps(comment) + "\n" for comment in comments)
    return make_pages(folder, made)


def build(pages: Path, out: Path, **how: Any) -> str:
    made = config.load(None, {"name": "site", "split": {"train": 0.5, "test": 0.5}})
    return sums(way.build([pages], made, out=out, **how).path)


def test_the_bytes_do_not_depend_on_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One bucket or several, everything held or nothing: the same release, byte for byte."""
    pages = crawl_of(tmp_path / "in")
    whole = build(pages, tmp_path / "whole")
    monkeypatch.setattr(Budget, "bucket_bytes", lambda _: 4000)
    monkeypatch.setattr(Budget, "join_bytes", lambda _: 1)
    if compare.find_spec("numba"):
        monkeypatch.setattr(compare, "COMPILED_BYTES", 1)
    assert build(pages, tmp_path / "little", memory="400MB") == whole


def test_a_build_goes_on_with_other_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done with less memory is done with more."""
    pages = crawl_of(tmp_path / "in")
    whole = build(pages, tmp_path / "whole")

    def stop(event: Any) -> None:
        if event.stage == "split":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(pages, tmp_path / "out", memory="400MB", report=stop)
    n_done = len(list(tmp_path.glob("out/site/.work-*/done/*.json")))
    assert n_done >= 10
    told: list[int] = []

    def go_on(event: Any) -> None:
        if event.stage == "resumed" and event.facts:
            told.append(event.facts["done"])

    assert build(pages, tmp_path / "out", memory="4GB", report=go_on) == whole
    assert told == [n_done]


def test_what_stands_in_pages_is_found_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rows, whether all pages are looked at together or two at a time."""
    text = (
        "Harbour news\n\nThe quay at Ormsund is closed for the crane {}, and nobody knows. " + "It is a long way. " * 30
    )
    pages = make_pages(tmp_path / "in", {f"{n}.txt": text.format(n) for n in range(7)})
    release = way.build([pages], config.load(None, {"name": "site"}), out=tmp_path / "out").path
    manifest = json.loads((release / "manifest.json").read_text("utf-8"))

    def found(make: Callable[[Any, str], object]) -> list[Any]:
        with duckdb.connect() as connection:
            for statement in measure.statements(release, manifest):
                if statement.startswith(measure._IN_PAGES):
                    make(connection, statement)
                    rows: list[Any] = connection.execute("FROM in_pages ORDER BY ALL").fetchall()
                    return rows
                connection.execute(statement)
        raise AssertionError("there is such a table")

    whole = found(lambda connection, statement: connection.execute(statement))
    assert len({row[0] for row in whole}) == 7
    for n_pages in (1, 2, 7, 8):
        monkeypatch.setattr(measure, "_PIECE_PAGES", n_pages)
        assert found(measure._in_pieces) == whole


def test_measures_take_more_memory_rather_than_fail(tmp_path: Path) -> None:
    """A limit within which nothing can be counted is exceeded."""
    pages = make_pages(tmp_path / "in", {"a.txt": "The quay at Ormsund is closed for the crane. " * 9})
    release = way.build([pages], config.load(None, {"name": "site"}), out=tmp_path / "out").path
    manifest = json.loads((release / "manifest.json").read_text("utf-8"))
    assert measure.measure(release, manifest, MIB) == measure.measure(release, manifest)


def test_tasks_run_with_few_collections_and_leave_none_of_it() -> None:
    """Python looks for cycles less often while a task runs, and as often as before when it has ended in an error."""
    before, seen = gc.get_threshold(), []

    def task(spec: dict[str, Any]) -> dict[str, Any]:
        seen.append(gc.get_threshold())
        raise ValueError(spec["why"])

    with pytest.raises(ValueError, match="no room"):
        local(1)(task, [{"why": "no room"}])
    assert gc.get_threshold() == before
    assert seen[0] > before
