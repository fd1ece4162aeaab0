"""The steps of the way: which files each stage's task reads and commits. `build` knows their order."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from itertools import accumulate, repeat
from pathlib import Path
from typing import Any

from broadsheet import engine, export, read
from broadsheet.batches import Row, read_batches, stream_rows
from broadsheet.contract import LEDGER_CONFIGS, LEDGER_SPLIT, RECORD_CONFIGS, Tally
from broadsheet.measure.task import ASKED, measure_release, read_measures
from broadsheet.memory import Budget
from broadsheet.release.work import keep_only, kept_buckets
from broadsheet.repeats.task import fold_records, unique_records
from broadsheet.segment.explain import Explained, explain_rows
from broadsheet.segment.stage import body_of
from broadsheet.segment.task import (
    count_repetition,
    crawl_of,
    merge_repetition,
    merge_votes,
    segment_pages,
    vote_on_lines,
)
from broadsheet.split import split_records
from broadsheet.validate import validate_records

Results = list[dict[str, Any]]
Files = list[list[str]]


@dataclass(frozen=True, slots=True)
class Event:
    """What a build tells while it runs: the stage, how far it is, and when it is done, what it did."""

    stage: str
    done: int = 0
    total: int = 0
    unit: str = "tasks"
    """What `done` and `total` count: `tasks` or `bytes`."""
    facts: Mapping[str, Any] | None = None
    """Counts, once the stage is done; None while it runs."""


Report = Callable[[Event], None]


class Steps:
    """Each method is one step; it reads what the steps before it left in the attributes that it names.

    Results lie in the work folder; attributes hold what the tasks told of them.
    """

    def __init__(
        self, found: read.Plan, work: Path, run: engine.Engine, report: Report, budget: Budget | None = None
    ) -> None:
        """Takes what was planned, an empty folder, an engine, whom to tell, and what memory there is."""
        self.plan, self.work = found, work
        self._engine, self._report = run, report
        self.budget = budget or Budget.of(None)
        self.n_buckets = kept_buckets(work, found.n_buckets(self.budget.bucket_bytes()))
        self.known: list[str] | None = None
        """The file of the ids of pages that were published (`read.KNOWN`); these are not read again."""
        self.record_tables: Results = []
        self.ledger_tables: Results = []
        self.digests: dict[str, str] = {}
        """SHA-256 of the files of tables by path, as the tasks that wrote them told."""

    def _run(self, stage: str, task: engine.Task, specs: Iterable[dict[str, Any]]) -> Results:
        return self._engine(task, list(specs), lambda done, total: self._report(Event(stage, done, total)))

    def tell(self, stage: str, **facts: Any) -> dict[str, Any]:
        """Reports what a stage did; the facts come back."""
        self._report(Event(stage, facts=facts))
        return facts

    def _file(self, name: str, number: int = 0) -> str:
        return str(self.work / name / f"{number:05d}.arrow")

    def _read(self, slices: Sequence[Sequence[read.Input]], spec: Mapping[str, Any], first: int = 0) -> Results:
        """The results of reading slices, told of in bytes."""
        done = [0, *accumulate(sum(item.share for item in slice_) for slice_ in slices)]
        return self._engine(
            read.read_slice,
            [
                {
                    "inputs": [item.to_json() for item in slice_],
                    "n_buckets": self.n_buckets,
                    "out": self._file("read", i),
                    "rejected": self._file("unreadable", i),
                    **spec,
                }
                for i, slice_ in enumerate(slices, first)
            ],
            lambda n, _: self._report(Event("read", done[n], done[-1], unit="bytes")),
        )

    def read(self, reading: read.Reading, *, check: bool = False) -> None:
        """Files to pages: `slices` (a result a slice), `files` (a report a file) and `pages` (a result a bucket).

        `contract` is what records are to be, from here on. With `check`, records of the user's own are checked at once
        and become no pages.
        """
        spec = {**reading.to_json(), "check": check, "known": self.known}
        self.contract = reading.contract
        self.privacy = spec["privacy"]
        slices = self.plan.slices(reading.format)
        self.slices = self._read(slices, spec)
        overrun = {file["path"] for result in self.slices for file in result["files"] if file["overrun"]}
        if overrun:  # rare: an archive in an archive looked like a place to cut; those files are read in one piece
            kept = [result for result in self.slices if result["files"][0]["path"] not in overrun]
            whole = [[item] for item in self.plan.inputs if item.name in overrun]
            self.slices = kept + self._read(whole, spec, first=len(slices))
        self.files = read.file_reports(self.slices, self.plan.failed)
        n_records = total(self.slices, "n_valid") + total(self.files, "n_invalid")
        has_pages = not check or total(self.files, "n_pages") > n_records
        files, bases = read.renumbered(self.slices, "pages")
        self.pages = self._run(
            "pages",
            read.merge_pages,
            (
                {"files": files, "bases": bases, "bucket": i, "out": self._file("pages", i)}
                for i in range(self.n_buckets if has_pages else 0)
            ),
        )
        self.tell(
            "read",
            files=len(self.files),
            records=n_records,
            bytes=total(self.files, "n_bytes"),
            captures=total(self.pages, "n_captures"),
            pages=total(self.pages, "n_pages"),
            empty=total(self.pages, "n_empty"),
            passed_over=read.passed_over(self.files),
            warnings=total(self.files, "n_warnings"),
            skipped=dict(self.plan.skipped),
            unused_metadata=self.plan.unused_metadata,
            failed=self.failed,
        )

    @property
    def failed(self) -> Results:
        """Files that could not be read, or not whole: `path` and `error`."""
        return [
            {"path": file["path"], "error": file["error"] or read.damage(file)}
            for file in self.files
            if file["error"] or file["n_damaged"]
        ]

    def segment(self) -> None:
        """Pages to segments and candidate records: `cut`, a result a bucket."""
        (keys, repeated), (voted, votes) = self._crawl()
        self.cut = self._run(
            "segments",
            segment_pages,
            (
                {
                    "pages": page["pages"],
                    "repeated": repeated,
                    "votes": votes,
                    "own_repeated": keys[i]["keys"] if repeated else None,
                    "own_votes": voted[i]["votes"] if votes else None,
                    "weighed": voted[i]["weighed"] if votes else None,
                    "privacy": self.privacy,
                    "out_pages": self._file("hidden", i),
                    "out_segments": self._file("segments", i),
                    "out_candidates": self._file("candidates", i),
                }
                for i, page in enumerate(self.pages)
            ),
        )
        self.pages = [page | {"pages": cut["pages"]} for page, cut in zip(self.pages, self.cut, strict=True)]
        roles = _counter(self.cut, "roles")
        self.tell("segments", segments=roles.total(), **roles)

    def _crawl(self) -> tuple[tuple[Results, Files], tuple[Results, Files]]:
        """Pages to what repeats on their sites, and to how all pages read it: a result a bucket, and files of ranges.

        None where nothing can repeat.
        """
        if sum(file["n_pages"] for file in self.files if file["format"] not in read.RECORD_FORMATS) < 2:
            return ([], []), ([], [])
        keys, repeated = self._by_range("keys", count_repetition, "repeated", merge_repetition, repeat({}))
        known = (
            {"own": own["keys"], "repeated": repeated, "out_weighed": self._file("weighed", i)}
            for i, own in enumerate(keys)
        )
        return (keys, repeated), self._by_range("votes", vote_on_lines, "voted", merge_votes, known)

    def _by_range(
        self, name: str, of_pages: engine.Task, merged: str, of_range: engine.Task, known: Iterable[dict[str, Any]]
    ) -> tuple[Results, Files]:
        """What every bucket of pages tells of keys, a result a bucket, and the files of all ranges of these.

        `known` is what the task of each bucket knows beside its pages.
        """
        specs = (
            {"pages": page["pages"], "n_buckets": self.n_buckets, "out": self._file(name, i), **more}
            for i, (page, more) in enumerate(zip(self.pages, known, strict=False))
        )
        told = self._run("segments", of_pages, specs)
        files = [result[name] for result in told]
        ranges = ({"files": files, "bucket": i, "out": self._file(merged, i)} for i in range(self.n_buckets))
        return told, [result[merged] for result in self._run("segments", of_range, ranges)]

    def segment_rows(self, *, runs: bool = False) -> Iterator[Row]:
        """The segments with their texts, once for each path of their page; by path and start within a bucket.

        A text is the record's: the body without titles and the like; of boilerplate, or where `runs`, the run itself.
        """
        for page_file, cut in zip(self.pages, self.cut, strict=True):
            pages = {row["page_id"]: row for row in stream_rows(read_batches([page_file["pages"]]))}
            of: dict[str, list[Row]] = {id_: [] for id_ in pages}
            for row in stream_rows(read_batches([cut["segments"]])):
                of[row["page_id"]].append(row)
            found = sorted((c["path"], c["line"] or 0, id_) for id_, page in pages.items() for c in page["captures"])
            for path, _, id_ in found:
                for row in of[id_]:
                    yield {"page": path, **row, "text": _text_of(pages[id_]["text"], row, runs)}

    def explained(self) -> Iterator[tuple[str, str, list[Explained] | None]]:
        """Each page's path, text and explained lines (`segment.explain`), in the order of `segment_rows`."""
        (_, repeated), (_, votes) = self._crawl()
        crawl = crawl_of(repeated, votes)
        for page_file in self.pages:
            for batch in read_batches([page_file["pages"]]):
                found = {id_: (text, lines) for id_, text, lines in explain_rows(batch, crawl)}
                captures = zip(batch.column("page_id").to_pylist(), batch.column("captures").to_pylist(), strict=True)
                for path, _, id_ in sorted((c["path"], c["line"] or 0, id_) for id_, of in captures for c in of):
                    yield path, *found[id_]

    def validate(self, scope: str = "global") -> dict[str, Any]:
        """Candidates to valid and rejected records: `valid`, a result a bucket. The counts come back."""
        self.valid = self._run(
            "valid",
            validate_records,
            (
                {
                    "candidates": cut["candidates"],
                    "contract": self.contract.to_json(),
                    "n_buckets": self.n_buckets,
                    "scope": scope,
                    "privacy": self.privacy,
                    "out_records": self._file("records", i),
                    "out_rejected": self._file("rejected", i),
                    "out_settled": self._file("settled", i),
                }
                for i, cut in enumerate(self.cut)
            ),
        )
        self.tally = Tally()
        for result in self.valid:
            self.tally.merge(Tally.of(result["tally"]))
        for file in self.files:
            file["n_invalid"] += self.tally.files[file["path"]]
        for result, n_before in zip(self.slices, read.lines_before(self.slices), strict=True):
            self.tally.merge(Tally.of(result["tally"]), n_before)
        n_valid = total(self.valid, "n_valid") + total(self.slices, "n_valid")
        return self.tell(
            "valid",
            valid=n_valid,
            rejected=self.tally.files.total(),
            unreadable=total(self.files, "n_rejected"),
            rules=self.tally.commonest(),
            files=dict(sorted(self.tally.files.items(), key=lambda file: (-file[1], file[0]))),
            unknown_properties=self.unknown(),
        )

    def fold(self, threshold: float, scope: str) -> None:
        """Valid records to unique ones, and these to what stands for what: `unique` a result a bucket, `folded`."""
        self._merge()
        n_text_bytes = sum(Path(result["stored"]["texts"][0]).stat().st_size for result in self.unique)
        if n_text_bytes > self.budget.fold_bytes() and find_spec("numba"):
            from broadsheet.folding import Folding  # compiled code, which takes half a second to load

            folding = Folding(partial(self._run, "repeats"), self._file, self.unique)
            self._folded(folding.fold(str(threshold), scope))
        else:
            self._fold(fold_records, {"threshold": str(threshold), "scope": scope})

    def _merge(self) -> None:
        """Equal records to unique ones: `unique`."""
        records = [result["records"] for result in self.valid]
        self.unique = self._run(
            "repeats",
            unique_records,
            (
                {
                    "files": records,
                    "bucket": i,
                    "out": self._file("unique", i),
                    **{f"out_{name}": self._file(name, i) for name in ("items", "marks", "texts")},
                }
                for i in range(self.n_buckets)
            ),
        )

    def _fold(self, task: engine.Task, spec: Mapping[str, Any]) -> None:
        """Folds unique records by one task, which may tell how many of them were there before."""
        files, stored = ([result[name] for result in self.unique] for name in ("unique", "stored"))
        out = {name: self._file(name) for name in ("pairs", "fates")}
        whole = {"files": files, "stored": stored, **spec, **out, engine.MEMORY: self.budget.join_bytes()}
        self._folded(self._run("repeats", task, [whole])[0])

    def _folded(self, folded: dict[str, Any]) -> None:
        self.folded = folded
        n_new = total(self.unique, "n_records") - self.folded.get("n_again", 0)
        repeated = total(self.unique, "n_instances") - n_new
        told = {name: self.folded[name] for name in ("path", "folded_share", "crowds")}
        self.tell("repeats", repeated=repeated, **told, **self.folded["counts"])

    def split(self, shares: Mapping[str, float]) -> None:
        """Fates to decisions: `divided`."""
        spec = {
            "fates": self.folded["fates"],
            "pairs": self.folded["pairs"],
            "shares": dict(shares),
            "n_buckets": self.n_buckets,
            "out": self._file("decisions"),
        }
        self.divided = self._run("split", split_records, [spec])[0]

    def assemble_records(self, splits: Sequence[str], version: str) -> None:
        """Decisions to the rows of records, in which the version stands: `records`, a result a bucket."""
        decisions = self.divided["decisions"]
        self.records = self._run(
            "export",
            export.assemble_records,
            (
                {
                    "unique": result["unique"],
                    "contract": self.contract.to_json(),
                    "decisions": decisions,
                    "bucket": i,
                    "splits": list(splits),
                    "version": version,
                    "privacy": self.privacy,
                    "out": self._file("rows", i),
                }
                for i, result in enumerate(self.unique)
            ),
        )

    def assemble_pages(self, page_texts: bool) -> None:
        """Decisions to the rows of the ledger: `paged`, a result a bucket."""
        decisions = self.divided["decisions"]
        self.paged = self._run(
            "export",
            export.assemble_pages,
            (
                {
                    "pages": page["pages"],
                    "segments": cut["segments"],
                    "settled": valid["settled"],
                    "decisions": decisions,
                    "page_texts": page_texts,
                    "privacy": self.privacy,
                    "out_pages": self._file("page_rows", i),
                    "out_segments": self._file("segment_rows", i),
                }
                for i, (page, cut, valid) in enumerate(zip(self.pages, self.cut, self.valid, strict=True))
            ),
        )

    def export_records(self, staged: Path, splits: Sequence[str], formats: Sequence[str]) -> None:
        """Rows of records to the files of a release in `staged`, in place of those that are there: `record_tables`."""
        for table in self.record_tables:
            for path in (path for paths in table["files"].values() for path in paths):
                (staged / path).unlink()
        names = [(config, split) for config, split in export.table_names(splits) if config in RECORD_CONFIGS]
        files = [result["rows"] for result in self.records]
        self.record_tables = self._export(
            staged, formats, [(name, of, files, bucket) for bucket, (name, of) in enumerate(names)]
        )

    def export_ledger(self, staged: Path, formats: Sequence[str]) -> None:
        """Rows of the ledger to the files of a release in `staged`: `ledger_tables`."""
        files = {
            "segments": [result["segments"] for result in self.paged],
            "pairs": self.folded["pairs"],
            "pages": [result["pages"] for result in self.paged],
        }
        self.ledger_tables = self._export(
            staged, formats, [(name, LEDGER_SPLIT, files[name], None) for name in LEDGER_CONFIGS]
        )

    def _export(
        self, staged: Path, formats: Sequence[str], tables: Sequence[tuple[str, str, list[Any], int | None]]
    ) -> Results:
        """The tables that have rows; of each: config, split, files, and the batch of these."""
        specs = [
            {
                "config": name,
                "split": of,
                "root": str(staged),
                "contract": self.contract.to_json(),
                "files": files,
                "bucket": bucket,
                # Measures and cards are made from the Parquet files, so these are always there.
                "formats": sorted(export.FORMATS & {"parquet", *formats}),
                "base": self._base_table(name, of),
                "n_shards": 1,
            }
            for name, of, files, bucket in tables
        ]
        found = self._run("export", export.write_table, specs)
        left = [part for spec, table in zip(specs, found, strict=True) for part in export.parts(spec, table)]
        written = [*found, *(self._run("export", export.write_part, left) if left else ())]
        files = (file for result in written for file in result["written"])
        self.digests |= {Path(path).relative_to(staged).as_posix(): sha256 for path, sha256 in files}
        return [export.stated(table) for table in found if table["n_rows"]]

    def _base_table(self, _config: str, _split: str) -> dict[str, Any] | None:
        """The table of a base that one continues."""
        return None

    @property
    def tables(self) -> Results:
        """The tables of the release that have rows."""
        return [*self.record_tables, *self.ledger_tables]

    def complete(self, staged: Path, formats: Sequence[str]) -> None:
        """What is written once the tables stand: the Arrow folders, where they are wanted, and the quarantine.

        What else lies in `staged` goes.
        """
        keep_only(staged, {path for table in self.tables for paths in table["files"].values() for path in paths})
        if "arrow" in formats:
            export.write_arrow(staged, self.tables)
        self.write_rejected(staged / export.REJECTED)

    def measure(self, staged: Path, manifest: Mapping[str, Any]) -> Mapping[str, Any]:
        """The measures of the release in `staged`."""
        asked = {name: manifest[name] for name in ASKED}
        spec = {"root": str(staged), "manifest": asked, "out": str(self.work / "measures" / "measures.json")}
        (done,) = self._run("measures", measure_release, [spec | {engine.MEMORY: self.budget.measures_bytes()}])
        return read_measures(done["measures"])

    def write_rejected(self, file: Path) -> None:
        """Every rejected record, with its reasons, as JSON lines into a file; none where nothing was rejected."""
        self._write_rejected(file, [])

    def _write_rejected(self, file: Path, before: Sequence[list[str]]) -> None:
        found, bases = read.renumbered(self.slices, "rejected")
        checked = [*before, *(result["rejected"] for result in self.valid)]
        export.write_rejections(file, [*found, *checked], [*bases, *(0 for _ in checked)])

    def ledger(self) -> dict[str, Any]:
        """Where everything went, each number from the step that knows it."""
        folded = {name: n for name, n in self.folded["counts"].items() if name.startswith("folded_")}
        return {
            "n_captures": total(self.pages, "n_captures"),
            "n_pages": total(self.pages, "n_pages"),
            "n_empty": total(self.pages, "n_empty"),
            "n_chars": total(self.pages, "n_chars"),
            **{name: read.merged(result[name] for result in self.paged) for name in ("outcome", "role")},
            "n_candidates": total(self.cut, "n_candidates"),
            "n_valid": total(self.valid, "n_valid"),
            "n_rejected": total(self.valid, "n_rejected"),
            "n_unreadable": total(self.files, "n_rejected"),
            "n_unique": total(self.unique, "n_records"),
            "n_canonical": sum(table["n_rows"] for table in self.tables if table["config"] in RECORD_CONFIGS),
            "n_folded": sum(folded.values()),
        }

    def found(self) -> dict[str, Any]:
        """What the manifest tells of inputs, ledger, decisions and tables."""
        return {
            "inputs": {
                # The hash of a file would let anybody try what the masks cover.
                "files": [
                    file | ({"sha256": None} if self.privacy else {})
                    for file in sorted(self.files, key=lambda file: str(file["path"]))
                ],
                "skipped": dict(self.plan.skipped),
                "unknown_properties": self.unknown(),
            },
            "record_schema": self.contract.digest,
            "rejections": {rule: n for rule, (n, _) in sorted(self.tally.rules.items())},
            "repeats": {name: n for name, n in self.folded["counts"].items() if n},
            "folded_share": self.folded["folded_share"],
            "large_stories": self.divided["large_stories"],
            "ledger": self.ledger(),
            "certificate": self.divided["certificate"],
            **({"masks": self.masks()} if self.privacy else {}),
            "tables": self.tables,
        }

    def masks(self) -> dict[str, int]:
        """The masks in the texts of pages and the records of users' own, by kind."""
        return dict(sorted(_counter(self.paged, "masks").items()))

    def unknown(self) -> dict[str, int]:
        """The properties of users' records that the schema does not name, with the number of records that have them."""
        return dict(sorted(_counter([*self.slices, *self.valid], "unknown").items()))


def _text_of(text: str, segment: Row, is_run: bool) -> str:
    """The text of a segment of the page's text."""
    if is_run or segment["role"] == "boilerplate":
        return text[segment["start"] : segment["end"]]
    return body_of(text, [segment])


def total(results: Iterable[Mapping[str, Any]], name: str) -> int:
    """The sum of one count over results."""
    return sum(result[name] for result in results)


def _counter(results: Iterable[Mapping[str, Any]], name: str) -> Counter[str]:
    return sum((Counter(result[name]) for result in results), Counter())
