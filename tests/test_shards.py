"""Tables in several shards: a task a shard, whose bytes are those that one task writes, in any order, at any time."""

import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sites import make_pages, sums

from broadsheet import build as way
from broadsheet import config
from broadsheet.batches import from_rows, write_batches
from broadsheet.contract import Contract
from broadsheet.engine import Engine, local
from broadsheet.engine.local import Progress, Result, Spec, Task
from broadsheet.export import lines_there, parts, shards, stated, write_part, write_table
from broadsheet.lines import json_line
from broadsheet.read import files
from broadsheet.release.verify import KEPT, verify

Row = dict[str, Any]

GROUP_BYTES, SHARD_BYTES = 2_000, 5_000
PAIRS = Contract.of(None).columns("pairs")
WORDS = ("harbour", "bridge", "ferry", "basin", "pillar", "mast", "lamp", "sheet", "forge", "yard", "tide", "bearing")


def shrink() -> None:
    """Lets a few rows fill a group, and a few groups a shard, in this process."""
    shards.GROUP_BYTES, shards.SHARD_BYTES = GROUP_BYTES, SHARD_BYTES  # type: ignore[misc]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small shards, slices and buckets, so that a shard has rows of several buckets, and a bucket of several shards."""
    monkeypatch.setattr(shards, "GROUP_BYTES", GROUP_BYTES)
    monkeypatch.setattr(shards, "SHARD_BYTES", SHARD_BYTES)
    monkeypatch.setattr(files, "SLICE_BYTES", 20_000)
    monkeypatch.setattr(files.Plan, "n_buckets", lambda _plan, _bytes: 7)


# ---- one table ------------------------------------------------------------------------------------------------------


def shards_of(rows: Sequence[Row]) -> list[list[list[Row]]]:
    """The rows by shard and group: a line that fills one ends it."""
    found: list[list[list[Row]]] = []
    in_group, in_shard = GROUP_BYTES, SHARD_BYTES
    for row in rows:
        if in_group >= GROUP_BYTES:
            if in_shard >= SHARD_BYTES:
                found.append([])
                in_shard = 0
            found[-1].append([])
            in_group = 0
        found[-1][-1].append(row)
        in_group += len(json_line(row))
        in_shard += len(json_line(row))
    return found


def pair(number: int, length: int) -> Row:
    """A row of the table of pairs, about so long."""
    values = {"string": "x", "int64": number, "double": 0.5}
    row = {field.name: values[str(field.type)] for field in PAIRS}
    return row | {"a": f"{number:08x}", "b": "b" * length, "guard": None}


def cut_up(rows: Sequence[Row], n_files: int, n_batches: int, rng: random.Random) -> list[list[pa.RecordBatch]]:
    """The rows in files of as many batches, of any sizes, none included."""
    cuts = sorted(rng.randint(0, len(rows)) for _ in range(n_files * n_batches - 1))
    batches = [from_rows(rows[a:b], PAIRS) for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    return [batches[i : i + n_batches] for i in range(0, len(batches), n_batches)]


def written(spec: Spec, root: Path, rng: random.Random) -> Result:
    """The table as a build writes it: the first shard, and then the others in some order."""
    table = write_table({**spec, "root": str(root), "n_shards": 1})
    left = list(parts({**spec, "root": str(root)}, table))
    for part in rng.sample(left, len(left)):
        write_part(part)
    return stated(table)


def content(root: Path) -> dict[str, bytes]:
    """All files below a folder, hidden ones too."""
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@given(
    st.integers(0, 60),
    st.integers(1, 4),
    st.integers(1, 4),
    st.booleans(),
    st.integers(0, 999),
)
def test_shards_by_many_tasks_are_those_by_one(
    tmp_path_factory: pytest.TempPathFactory,
    n_rows: int,
    n_files: int,
    n_batches: int,
    by_bucket: bool,
    seed: int,
) -> None:
    """Names, bytes, counts and digest, however rows lie in files and batches; groups and shards end by lines alone."""
    rng = random.Random(seed)
    rows = [pair(number, rng.choice([0, 10, 400, 900, 3_000])) for number in range(n_rows)]
    folder = tmp_path_factory.mktemp("table")
    made = []
    for number, batches in enumerate(cut_up(rows, n_files, 1 if by_bucket else n_batches, rng)):
        others = [from_rows(rows, PAIRS)] * by_bucket
        made.append(write_batches(folder / f"{number}.arrow", [*others, *batches, *others], PAIRS).to_json())
    spec = {"config": "pairs", "split": "full", "files": made, "bucket": 1 if by_bucket else None}
    spec |= {"contract": None, "formats": ["jsonl", "parquet"]}
    one, many = folder / "one", folder / "many"
    for root in (one, many):
        root.mkdir()
    whole = write_table({**spec, "root": str(one)})
    assert written(spec, many, rng) == stated(whole)
    assert (content(many), whole["left"]) == (content(one), [])
    expected = shards_of(rows)
    assert [len(paths) for paths in whole["files"].values()] == [len(expected)] * 2 * bool(rows)
    for path, groups in zip(whole["files"].get("parquet", ()), expected, strict=True):
        assert path.endswith(f"-of-{len(expected):05d}.parquet")
        with pq.ParquetFile(many / path) as file:
            assert [file.read_row_group(i).to_pylist() for i in range(file.num_row_groups)] == groups
    told = [b"".join(lines_there(many, {name: of})) for name, of in whole["files"].items()]
    assert told == [b"".join(map(json_line, rows))] * len(told)
    assert whole["logical_digest"] == hashlib.sha256(b"".join(told[:1])).hexdigest()
    assert (whole["n_rows"], whole["n_bytes"]) == (len(rows), len(b"".join(told[:1])))


# ---- builds ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Small:
    """A task whose process has small shards, too."""

    task: Task

    def __call__(self, spec: Spec) -> Result:
        shrink()
        return self.task(spec)


class Watched:
    """An engine that writes shards with so many workers, tells how often each task ran, and may be stopped in one."""

    def __init__(self, n_workers: int = 1, *, alone: bool = False, stop: str = "") -> None:
        self._engine, self._alone, self._stop = local(n_workers), alone, stop
        self.n = Counter[str]()

    def __call__(self, task: Task, specs: Sequence[Spec], progress: Progress | None = None) -> list[Result]:
        name = getattr(task, "task", task).__name__
        self.n[name] += len(specs)
        if self._alone:
            specs = [{key: value for key, value in spec.items() if key != "n_shards"} for spec in specs]
        if name == self._stop and specs:
            self._engine(Small(task), specs[:2], progress)
            raise KeyboardInterrupt
        if name != "write_part":
            return local(1)(task, specs, progress)
        return self._engine(Small(task), specs, progress)


def site(folder: Path, seed: int, n: int = 40) -> Path:
    """Pages of their own words, which repeat nothing."""
    rng = random.Random(seed)

    def page() -> str:
        sentences = (" ".join(rng.choices(WORDS, k=12)).capitalize() + f" {rng.random():.6f}." for _ in range(9))
        return f"{' '.join(rng.choices(WORDS, k=4)).capitalize()}\n\n{' '.join(sentences)}\n"

    return make_pages(folder, {f"{seed}-{i:02}.txt": page() for i in range(n)})


def build(inputs: Path, out: Path, run: Engine, **more: Any) -> way.Built:
    settings = config.load(None, {"name": "site", "version": more.pop("version", "1.0.0")})
    return way.build([inputs], settings, out=out, run=run, **more)


def n_shards(built: way.Built) -> dict[str, int]:
    return {f"{t['config']}/{t['split']}": len(t["files"]["parquet"]) for t in built.manifest["tables"]}


def test_workers_do_not_decide_the_shards(tmp_path: Path) -> None:
    """One, two and three processes give the bytes and digests that one task a table gives; all promises are kept."""
    pages = site(tmp_path / "in", 1)
    alone = build(pages, tmp_path / "alone", Watched(alone=True))
    assert min(n_shards(alone)[name] for name in ("articles/train", "segments/full", "pages/full")) > 3
    for n_workers in (1, 2, 3):
        watched = Watched(n_workers)
        made = build(pages, tmp_path / f"{n_workers}", watched)
        assert sums(made.path) == sums(alone.path)
        assert watched.n["write_part"] == sum(n_shards(made).values()) - len(n_shards(made))
    assert [(v.promise, v.faults) for v in verify(made.path) if v.verdict != KEPT] == []


def test_shards_that_are_written_are_not_written_again(tmp_path: Path) -> None:
    """A build stopped among shards goes on with the rest; one that was damaged meanwhile is written anew, alone."""
    pages = site(tmp_path / "in", 1)
    whole = Watched()
    expected = sums(build(pages, tmp_path / "whole", whole).path)
    with pytest.raises(KeyboardInterrupt):
        build(pages, tmp_path / "out", Watched(stop="write_part"))
    (second,) = (tmp_path / "out" / "site").glob(".work-*/release/data/segments/full-00001-of-*.parquet")
    second.write_bytes(second.read_bytes()[:-1])
    rest = Watched()
    assert sums(build(pages, tmp_path / "out", rest).path) == expected
    assert rest.n["write_part"] == whole.n["write_part"] - 1  # two were done


def test_growing_adds_several_shards(tmp_path: Path) -> None:
    """Behind those of a base, which stay as they are; with the bytes and digests of one task a table."""
    first = build(site(tmp_path / "old", 1), tmp_path / "out", Watched())
    new = site(tmp_path / "new", 2)
    alone = build(new, tmp_path / "alone", Watched(alone=True), base=first.path, version="1.1.0")
    many = build(new, tmp_path / "out", Watched(), base=first.path, version="1.1.0")
    assert sums(many.path) == sums(alone.path)
    before, after = n_shards(first), n_shards(many)
    assert all(after[name] > before[name] + 1 for name in ("articles/train", "segments/full", "pages/full"))
    for name in ("data/pages", "jsonl/pages"):
        old, grown = (sorted((built.path / name).iterdir()) for built in (first, many))
        assert [file.read_bytes() for file in old] == [file.read_bytes() for file in grown[: len(old)]]
    assert [(v.promise, v.faults) for v in verify(many.path) if v.verdict != KEPT] == []
