"""Rows of a release that hold certain ids: only the columns and row groups that may have them are read."""

import bisect
import functools
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from broadsheet.batches import Row, to_rows
from broadsheet.columns import column
from broadsheet.errors import ReleaseError
from broadsheet.release.bloom import key_of, may_hold

_BATCH_ROWS: Final = 1024
# A row group is read in this thread alone: where a command ends a moment after Arrow has started threads of its own,
# the process is sometimes aborted (4 of 88 lookups on a busy machine; 0 of 88 without them).
_MOST_FILTERED: Final = 64
"""Ids of which Bloom filters are asked: of more, some stand nearly everywhere."""
_MOST: Final = "g"
"""Behind every digit of an id."""

Ids = Mapping[str, Collection[str]]
"""The ids that are looked for, by column; a row is wanted if any of its columns has one of them."""


class Selection:
    """The tables of a release, to select rows from. Memory: the columns that are searched, of one row group."""

    def __init__(self, release: Path, manifest: Mapping[str, Any]) -> None:
        """Reads nothing yet."""
        self.release, self._tables = release, manifest["tables"]
        self._footers: dict[Path, pq.FileMetaData] = {}

    def rows(self, configs: Collection[str], wanted: Ids, columns: Sequence[str] | None = None) -> Iterator[Row]:
        """The rows of the configs with one of the ids, in the order of the tables; all columns, or those named. Lazy.

        Raises: ReleaseError where a file is damaged.
        """
        sought = {name: sorted(ids) for name, ids in wanted.items() if ids}
        if not sought:
            return
        keys = {name: [key_of(id_) for id_ in ids] for name, ids in sought.items() if len(ids) <= _MOST_FILTERED}
        for path, file, descriptor in self._opened(configs):
            with _told(path):
                _require(path, file, [*sought, *(columns or ())])
                leaves = {name: _leaf(file, name) for name in sought}
                for group in range(file.num_row_groups):
                    chunks = file.metadata.row_group(group)
                    near = {
                        name: ids
                        for name, ids in sought.items()
                        if _may_hold(chunk := chunks.column(leaves[name]), ids[0], ids[-1], ids)
                        and (name not in keys or may_hold(descriptor, chunk, keys[name]))
                    }
                    if near:
                        yield from _matching(file, group, near, columns)

    def batches(
        self, configs: Collection[str], columns: Sequence[str], without: Collection[Path] = ()
    ) -> Iterator[pa.RecordBatch]:
        """All rows of the configs, in the order of the tables: the columns named, which alone are read. Lazy.

        Files that are left out are those of the paths `without`. Raises: ReleaseError where a file is damaged.
        """
        for path, file in self._files(configs):
            if path not in without:
                with _told(path):
                    _require(path, file, columns)
                    yield from file.iter_batches(_BATCH_ROWS, columns=columns, use_threads=False)

    def starting(self, configs: Collection[str], name: str, prefix: str) -> set[str]:
        """The ids in a column that begin with the prefix, of hexadecimal digits.

        Raises: ReleaseError where a file is damaged.
        """
        found: set[str] = set()
        for path, file in self._files(configs):
            with _told(path):
                _require(path, file, [name])
                leaf = _leaf(file, name)
                for group in range(file.num_row_groups):
                    if _may_hold(file.metadata.row_group(group).column(leaf), prefix, prefix + _MOST):
                        ids = file.read_row_group(group, columns=[name], use_threads=False).column(name)
                        found.update(pc.unique(ids.filter(pc.starts_with(ids, prefix))).to_pylist())
        return found

    def captured(self, name: str, text: str) -> Iterator[Row]:
        """The id and captures of each page with a capture whose `url` or `path` has the text in it, in any case. Lazy.

        Raises: ReleaseError where a file is damaged.
        """
        names = ["page_id", "captures"]
        for path, file in self._files(["pages"]):
            with _told(path):
                _require(path, file, names)
                for group in range(file.num_row_groups):
                    # Of the captures only what is searched, as far as nothing is found.
                    captures = file.read_row_group(
                        group, columns=[f"captures.list.element.{name}"], use_threads=False
                    ).column("captures")
                    captures = captures.combine_chunks()
                    values = pc.struct_field(pc.list_flatten(captures), name)
                    mask = pc.match_substring(values, text, ignore_case=True)
                    if pc.any(mask).as_py():
                        rows = pc.unique(pc.list_parent_indices(captures).filter(mask))
                        found = file.read_row_group(group, columns=names, use_threads=False).take(rows)
                        for batch in found.to_batches(_BATCH_ROWS):
                            yield from to_rows(batch)

    def _files(self, configs: Collection[str]) -> Iterator[tuple[Path, pq.ParquetFile]]:
        for path, file, _ in self._opened(configs):
            yield path, file

    def _opened(self, configs: Collection[str]) -> Iterator[tuple[Path, pq.ParquetFile, int]]:
        """The files of the configs, each as Parquet and as what the system opened."""
        for table in self._tables:
            for name in table["files"]["parquet"] if table["config"] in configs else ():
                path = self.release / name
                with _told(path):
                    if not stat.S_ISREG(path.stat().st_mode):
                        raise OSError("is no regular file")  # a pipe could keep its reader for ever
                    opened = path.open("rb")
                with opened:
                    with _told(path):
                        footer = self._footers.get(path)
                        file = pq.ParquetFile(opened, metadata=footer, page_checksum_verification=True)
                        self._footers[path] = file.metadata
                    yield path, file, opened.fileno()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turns what goes wrong with a file into a message with its name."""
    try:
        yield
    except (OSError, ValueError, LookupError, pa.ArrowException) as error:
        reason = (isinstance(error, OSError) and error.strerror) or str(error).partition("\n")[0]
        raise ReleaseError(f"{path}: is damaged: {reason}; `broadsheet verify` says what is not as sealed") from None


def _require(path: Path, file: pq.ParquetFile, columns: Sequence[str]) -> None:
    missing = sorted(set(columns) - set(file.schema_arrow.names))
    if missing:
        raise ReleaseError(f"{path}: is damaged: lacks the columns {', '.join(missing)}; run `broadsheet verify`")


def _may_hold(chunk: pq.ColumnChunkMetaData, low: str, high: str, ids: Sequence[str] | None = None) -> bool:
    """False where the statistics say that no value of a column lies in a range, or is one of the sorted ids."""
    statistics = chunk.statistics
    if statistics is None or not statistics.has_min_max:
        return True
    if statistics.max < low or statistics.min > high:
        return False
    if ids is None:
        return True
    at = bisect.bisect_left(ids, statistics.min)
    return at < len(ids) and bool(ids[at] <= statistics.max)


def _leaf(file: pq.ParquetFile, name: str) -> int:
    """The place of a column among the leaves of the nested ones."""
    schema = file.schema
    return next(i for i in range(len(schema)) if schema.column(i).path == name)


def _matching(file: pq.ParquetFile, group: int, wanted: Ids, columns: Sequence[str] | None) -> Iterator[Row]:
    """The wanted rows of a row group; the other columns are read only where there are any."""
    keys = file.read_row_group(group, columns=list(wanted), use_threads=False)
    hits = [pc.is_in(keys.column(name), value_set=column([*ids], pa.string())) for name, ids in wanted.items()]
    mask = functools.reduce(pc.or_, hits)
    found = pc.indices_nonzero(mask)
    if len(found):
        for batch in file.read_row_group(group, columns=columns, use_threads=False).take(found).to_batches(_BATCH_ROWS):
            yield from to_rows(batch)
