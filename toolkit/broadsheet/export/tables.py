"""A table of a release in its formats: shards of Parquet and of JSON lines, cut by size alone.

One task writes the first shard of a table. It makes the JSON lines of all rows, since their digest is one over all of
them in order; so it learns on the way where the other shards begin, which are then a task each. Making lines and
hashing them is a fifth of what writing a table takes: the rest is compression.
"""

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from zlib_ng import gzip_ng

from broadsheet.batches import File, file_sha256, process_name, read_batches
from broadsheet.contract import Contract
from broadsheet.export.shards import WRITERS, shards, write_pieces, write_shard
from broadsheet.lines import json_lines

PATTERNS: Final = {"parquet": "data/{config}/{shard}.parquet", "jsonl": "jsonl/{config}/{shard}.jsonl.gz"}
"""Where each format's shards lie in a release; a shard is `<split>-00000-of-00001`."""
FORMATS: Final = frozenset(WRITERS)
"""The formats that tables are written in."""


def write_table(spec: dict[str, Any]) -> dict[str, Any]:
    """Writes the shards of one table into a release that is being built, or those that it is asked for.

    Spec: config, split, contract, files, bucket (batch of each file, or null for all), formats, root; base, a table of
    another release with the folder that it lies in (`root`), whose shards are taken over as they are, before the new
    ones; `n_shards`, how many of the new ones are written, by default all. Result: config, split, numbers of rows and
    of bytes of their JSON lines, the logical digest (SHA-256 of these lines), the paths by format, and the files as
    committed (`written`); no files where no rows are; where rows were added to a base's, also the number of rows that
    came with each release (`runs`). Of each shard that is left to `write_part`, `left` tells where it is (`parts`).
    """
    root, config, split = Path(spec["root"]), spec["config"], spec["split"]
    schema = Contract.of(spec["contract"]).columns(config)
    rows = _Rows(spec["files"], spec["bucket"])
    base, n_own = spec.get("base"), spec.get("n_shards")
    digest: Any = None
    n_rows = n_bytes = 0
    written: list[dict[str, Path]] = []
    left: list[dict[str, Any]] = []
    for number, shard in enumerate(shards(rows, schema)):
        digest = digest or _begun(base)
        start, before = rows.place(n_rows), n_rows
        if n_own is None or number < n_own:
            written.append(_hidden(root, f"{config}-{split}-{number}", spec["formats"]))
            found = write_pieces(written[-1], shard, schema)
        else:
            found = (piece.lines for piece in shard)
        for lines in found:
            digest.update(lines.data)
            n_bytes += len(lines.data)
            n_rows += len(lines)
        if len(written) <= number:
            left.append({**start, "stop": rows.file + 1, "n_rows": n_rows - before})
    copied = _copied(base, root, spec["formats"])
    files = _names(config, split, spec["formats"], len(copied) + len(written) + len(left))
    told = {
        "n_rows": n_rows,
        "n_bytes": n_bytes,
        "logical_digest": digest.hexdigest() if digest else hashlib.sha256().hexdigest(),
    }
    return {
        "config": config,
        "split": split,
        **(_added(base, told) if base else told),
        "files": files,
        "written": _placed(root, files, 0, [*copied, *written]),
        "left": left,
    }


def stated(table: Mapping[str, Any]) -> dict[str, Any]:
    """What the manifest says of a table: the result of `write_table` without what concerns the tasks alone."""
    return {name: value for name, value in table.items() if name not in ("written", "left")}


class _Rows:
    """The batches of a table, and where the one at hand is. Iterated once."""

    def __init__(self, files: Sequence[Sequence[str]], bucket: int | None) -> None:
        self._files, self._bucket = files, bucket
        self.file = self._batch = self._before = 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        n_rows = 0
        for number, file in enumerate(self._files):
            for of_file, batch in enumerate(read_batches([file], self._bucket, mapped=False)):
                self.file, self._batch, self._before = number, of_file, n_rows
                n_rows += batch.num_rows
                yield batch

    def place(self, number: int) -> dict[str, int]:
        """Where the row of that number is, which is in the batch at hand: its file, batch and row."""
        return {"file": self.file, "batch": self._batch, "row": number - self._before}


def parts(spec: Mapping[str, Any], table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The specs of `write_part` for the shards of a table that `write_table` with that spec left to it."""
    kept = {name: spec[name] for name in ("config", "split", "root", "contract", "bucket", "formats")}
    n_shards = len(table["files"]["parquet"]) if table["left"] else 0
    for number, place in enumerate(table["left"], n_shards - len(table["left"])):
        files = spec["files"][place["file"] : place["stop"]]
        of = {name: place[name] for name in ("batch", "row", "n_rows")}
        yield {**kept, "files": files, **of, "number": number, "n_shards": n_shards}


def write_part(spec: dict[str, Any]) -> dict[str, Any]:
    """Writes one of several shards of a table into a release that is being built.

    Spec: config, split, contract, root, formats as of `write_table`; number and n_shards, which the shard's name tells;
    files and bucket, of which it holds `n_rows` rows from `row` in `batch` of the first file on. Result: the files as
    committed (`written`).
    """
    root, config, split = Path(spec["root"]), spec["config"], spec["split"]
    schema = Contract.of(spec["contract"]).columns(config)
    hidden = _hidden(root, f"{config}-{split}-{spec['number']}", spec["formats"])
    batches = read_batches(spec["files"], spec["bucket"], first=spec["batch"], mapped=False)
    for _ in write_shard(hidden, _run(batches, spec["row"], spec["n_rows"]), schema):
        pass
    files = _names(config, split, spec["formats"], spec["n_shards"])
    return {"written": _placed(root, files, spec["number"], [hidden])}


def _run(batches: Iterable[pa.RecordBatch], start: int, n_rows: int) -> Iterator[pa.RecordBatch]:
    """So many rows from `start` in the first batch on. Lazy."""
    for batch in batches:
        part = batch.slice(start, n_rows)
        yield part
        start, n_rows = 0, n_rows - part.num_rows
        if not n_rows:
            return


def _begun(base: Mapping[str, Any] | None) -> Any:
    """The digest of the base's rows, to go on with."""
    digest = hashlib.sha256()
    for data in lines_there(Path(base["root"]), base["files"]) if base else ():
        digest.update(data)
    return digest


def lines_there(root: Path, files: Mapping[str, Sequence[str]]) -> Iterator[bytes | memoryview]:
    """The JSON lines of shards that lie below `root`, in pieces; they are made where the release has none. Lazy."""
    if "jsonl" in files:
        for path in files["jsonl"]:
            with gzip_ng.open(root / path) as file:
                while data := file.read(1 << 20):
                    yield data
        return
    for path in files["parquet"]:
        with pq.ParquetFile(root / path) as parquet:
            for batch in parquet.iter_batches(1024, use_threads=False):
                for _, lines in json_lines(batch):
                    yield lines.data


def _hidden(root: Path, name: str, formats: Iterable[str]) -> dict[str, Path]:
    """Where a shard is written, under a name that nobody sees.

    A process that lives on when its build has died must not write into what the next build writes.
    """
    return {of: root / f".{name}.{of}.{process_name()}" for of in formats}


def _copied(base: Mapping[str, Any] | None, root: Path, formats: Sequence[str]) -> list[dict[str, Path]]:
    """Copies of a base's shards, hidden: nothing that was published may be shared and changed."""
    if not base:
        return []
    copies: list[dict[str, Path]] = []
    for i in range(len(base["files"]["parquet"])):
        copies.append(_hidden(root, f"{base['config']}-{base['split']}-base-{i}", formats))
        for name, path in copies[-1].items():
            shutil.copyfile(Path(base["root"]) / base["files"][name][i], path)
    return copies


def _added(base: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of a base's table with new rows behind its own."""
    if not found["n_rows"]:
        return {name: base[name] for name in (*found, "runs") if name in base}
    runs = [*base.get("runs", [base["n_rows"]]), found["n_rows"]]
    sums = {name: base[name] + found[name] for name in ("n_rows", "n_bytes")}
    return {**found, **sums, "runs": runs}


def _names(config: str, split: str, formats: Iterable[str], n_shards: int) -> dict[str, list[str]]:
    """The paths of all shards of a table in a release, by format; a name holds its number and how many there are."""
    names = [f"{split}-{i:05d}-of-{n_shards:05d}" for i in range(n_shards)]
    return {of: [PATTERNS[of].format(config=config, shard=name) for name in names] for of in formats if names}


def _placed(
    root: Path, files: Mapping[str, Sequence[str]], first: int, shards: Sequence[Mapping[str, Path]]
) -> list[list[str]]:
    """Gives shards that were written their names, from that number on; the files as committed."""
    placed: dict[str, list[Path]] = {name: [] for name in files}
    for number, hidden in enumerate(shards, first):
        for name, path in hidden.items():
            target = root / files[name][number]
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
            placed[name].append(target)
    return [File(str(path), file_sha256(path)).to_json() for paths in placed.values() for path in paths]
