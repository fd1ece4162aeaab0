"""A release without what is withdrawn: shards that are touched are written anew, all others taken over as files."""

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from broadsheet.batches import Row, cut, to_rows
from broadsheet.columns import column
from broadsheet.contract import LEDGER_CONFIGS, Contract, error_at
from broadsheet.export import lines_there, read_quarantine, write_arrow, write_shard
from broadsheet.privacy import masks_in
from broadsheet.release.masks import WITHDRAWN, Plan, masked_page, quoted, spans_of
from broadsheet.release.residue import Residue
from broadsheet.release.sealed import write_quarantine
from broadsheet.release.select import Selection

_SOUGHT: Final = {
    "record": ("id", "parent_id"),
    "segment": ("page_id",),
    "pair": ("a", "b"),
    "page": ("page_id",),
}
"""The columns by which rows of each kind are known to be touched."""


@dataclass(frozen=True, slots=True)
class Without:
    """What was written, for the manifest."""

    tables: list[dict[str, Any]]
    manifest: dict[str, Any]
    """What else changes in the manifest."""


class _Writing:
    """Rows as they are without what goes, and what is counted on the way."""

    def __init__(self, tables: Selection, plan: Plan) -> None:
        self.plan = plan
        rows = [*tables.rows(["segments"], {"page_id": plan.segments}, ["page_id", "start", "end", "outcome", "role"])]
        self.spans = spans_of(plan.segments, rows)
        self.outcomes: Counter[str] = Counter()
        self.chars: Counter[str] = Counter()
        self.gone: Counter[str] = Counter()
        """Pairs that go, by `fold` or `keep` and relation."""
        self.n_tied = 0
        self.stories: Counter[str] = Counter()
        self.masks: Counter[str] = Counter()
        """Masks of privacy that go, by kind."""
        pages = {*plan.segments, *plan.claiming}
        self.ids = {"record": plan.canonical, "segment": {*plan.segments}, "pair": plan.ids, "page": pages}

    def rows(self, kind: str, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows of a kind that stay, as they stay. Lazy."""
        change = {"record": self._record, "segment": self._segment, "pair": self._pair, "page": self._page}[kind]
        return (made for row in rows if (made := change(row)) is not None)

    def _record(self, row: Row) -> Row | None:
        if row["id"] in self.plan.canonical:
            self.stories[row["story"]] += 1
            return None
        return {**row, "parent_id": None} if row["parent_id"] in self.plan.canonical else row

    def _segment(self, row: Row) -> Row:
        if row["start"] not in self.plan.segments.get(row["page_id"], ()):
            return row
        self.outcomes[row["outcome"]] += 1
        self.chars[row["outcome"]] += row["end"] - row["start"]
        return {**row, "outcome": WITHDRAWN, "record_id": None, "canonical_id": None, "relation": None}

    def _pair(self, row: Row) -> Row | None:
        if row["a"] not in self.plan.ids and row["b"] not in self.plan.ids:
            return row
        self.gone[f"{'folded' if row['decision'] == 'fold' else 'kept'}_{row['relation']}"] += 1
        self.n_tied += row["relation"] != "none"
        return None

    def _page(self, row: Row) -> Row:
        id_ = row["page_id"]
        is_main = id_ in self.plan.mains or id_ in self.plan.claiming
        if id_ not in self.ids["page"]:
            return row
        made = masked_page(row, self.spans.get(id_, ()), is_main)
        if made["text"] is not None:
            self.masks.update(masks_in(row["given"] or row["text"]))
            self.masks.subtract(masks_in(made["text"]))
        return made


def write_without(
    release: Path, manifest: Mapping[str, Any], contract: Contract, plan: Plan, residue: Residue, staged: Path
) -> Without:
    """Writes the tables and the quarantine of a release, less what the plan says, into `staged`.

    Shards in which nothing goes are the same files (links, where the system has them). Memory: a row group.

    Raises: ReleaseError where a file of the release is damaged.
    """
    writing = _Writing(Selection(release, manifest), plan)
    written = [_table(release, table, contract, writing, staged) for table in manifest["tables"]]
    tables = [table for table in written if table["n_rows"]]
    if "arrow" in manifest["configuration"]["export"]["formats"]:
        write_arrow(staged, tables)
    rows = [row for row in read_quarantine(release) if (row["page_id"], row["start"]) not in plan.rejected]
    n_gone = sum(1 for row in read_quarantine(release)) - len(rows)
    rows = [_without_content(row) if _holds(row, residue) else row for row in rows]
    write_quarantine(staged, rows)
    return Without(tables, _facts(manifest, contract, plan, writing, rows, n_gone))


def _holds(row: Row, residue: Residue) -> bool:
    return row["page_id"] is None and residue.count_in(quoted(row)) > 0


def _without_content(row: Row) -> Row:
    """A line that was no record, without what it was."""
    note = error_at("", "not-kept", "the line holds what was withdrawn")
    errors = [{**row["errors"][0], "message": "withdrawn"}, note]
    return {**row, "raw": None, "raw_base64": None, "errors": errors}


def _table(
    release: Path, table: Mapping[str, Any], contract: Contract, writing: _Writing, staged: Path
) -> dict[str, Any]:
    """Writes one table; what the manifest says of it."""
    kind = LEDGER_CONFIGS.get(table["config"], "record")
    columns = contract.columns(table["config"])
    digest, n_rows, n_bytes = hashlib.sha256(), 0, 0
    files: dict[str, list[str]] = {name: [] for name in table["files"]}
    for number, path in enumerate(table["files"]["parquet"]):
        paths = {name: of[number] for name, of in table["files"].items()}
        if _is_touched(release / path, _SOUGHT[kind], writing.ids[kind]):
            batches = cut(writing.rows(kind, _rows(release / path)), columns)
            written = write_shard({n: staged / p for n, p in paths.items()}, batches, columns)
            pieces: Iterable[bytes | memoryview] = (lines.data for lines in written)
        else:
            for one in paths.values():
                _take_over(release / one, staged / one)
            pieces = lines_there(release, {name: [one] for name, one in paths.items()})
        for data in pieces:
            digest.update(data)
            n_bytes += len(data)
        n_there = pq.read_metadata(staged / paths["parquet"]).num_rows
        n_rows += n_there
        for name, one in paths.items():
            if n_there:
                files[name].append(one)
            else:
                (staged / one).unlink()
    sums = {"n_rows": n_rows, "n_bytes": n_bytes, "logical_digest": digest.hexdigest()}
    return {"config": table["config"], "split": table["split"], **sums, "files": files}


def _is_touched(path: Path, names: Sequence[str], ids: Collection[str]) -> bool:
    sought = column([*ids], pa.string())
    found = pq.read_table(path, columns=list(names), use_threads=False)
    return any(pc.any(pc.is_in(found.column(name), value_set=sought)).as_py() for name in names)


def _rows(path: Path) -> Iterator[Row]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(1024, use_threads=False):
            yield from to_rows(batch)


def _take_over(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, target)
    except OSError:  # another file system, or one without links
        shutil.copyfile(file, target)


def _facts(
    manifest: Mapping[str, Any],
    contract: Contract,
    plan: Plan,
    writing: _Writing,
    rejections: Sequence[Row],
    n_rejected: int,
) -> dict[str, Any]:
    """What changes in the manifest, but for version, tables and digest."""
    ledger = {**manifest["ledger"], "outcome": dict(manifest["ledger"]["outcome"])}
    before = ledger["outcome"].pop(WITHDRAWN, [0, 0])
    for outcome, n in writing.outcomes.items():
        left = [ledger["outcome"][outcome][0] - n, ledger["outcome"][outcome][1] - writing.chars[outcome]]
        ledger["outcome"][outcome] = left
        before = [before[0] + n, before[1] + writing.chars[outcome]]
    ledger["outcome"] = {name: of for name, of in sorted({**ledger["outcome"], WITHDRAWN: before}.items()) if of[0]}
    ledger["n_valid"] -= plan.n_appearances
    ledger["n_rejected"] -= n_rejected
    ledger["n_unique"] -= len(plan.ids)
    ledger["n_canonical"] -= len(plan.canonical)
    ledger["n_folded"] -= len(plan.ids) - len(plan.canonical)
    ledger["n_withdrawn"] = ledger.get("n_withdrawn", 0) + plan.n_appearances + n_rejected
    reasons: Counter[str] = Counter()
    invalid: Counter[str] = Counter()
    for row in rejections:
        reasons.update({contract.rule(error) for error in (row["errors"] if row["page_id"] else row["errors"][:1])})
        invalid[row["path"]] += row["page_id"] is not None
    files = [{**file, "n_invalid": invalid[file["path"]]} for file in manifest["inputs"]["files"]]
    repeats = {name: n - writing.gone[name] for name, n in manifest["repeats"].items()}
    stories = {story: n - writing.stories[story] for story, n in manifest["large_stories"].items()}
    certificate = manifest["certificate"]
    masks = {kind: n - writing.masks[kind] for kind, n in manifest.get("masks", {}).items()}
    return {
        **({"masks": {kind: n for kind, n in masks.items() if n}} if "masks" in manifest else {}),
        "ledger": ledger,
        "inputs": {**manifest["inputs"], "files": files},
        "rejections": dict(sorted(reasons.items())),
        "repeats": {name: n for name, n in repeats.items() if n},
        "certificate": {**certificate, "n_pairs": certificate["n_pairs"] - writing.n_tied},
        "large_stories": {story: n for story, n in stories.items() if n},
    }
