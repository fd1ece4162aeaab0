"""What is done without building: pages cut, explained or shown, and records checked; nothing is published."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from broadsheet import config, engine, read
from broadsheet.batches import Row, commit
from broadsheet.build import DEFAULT_READING, own_files, planned, read_as, silent, workers_for, writing
from broadsheet.errors import CallError
from broadsheet.lines import json_line
from broadsheet.memory import Budget
from broadsheet.segment.explain import Explained
from broadsheet.steps import Report, Results, Steps, total

__all__ = [
    "MAX_SHOWN",
    "explain_files",
    "reading_pages",
    "segment_files",
    "spare",
    "validate_files",
    "write_segments",
    "write_shown",
]


@contextlib.contextmanager
def _partway(found: read.Plan, n_workers: int | None, report: Report) -> Iterator[Steps]:
    """The steps over what was planned, in a work folder that goes when they are done."""
    with (
        writing(Path(tempfile.gettempdir()), "nothing was done", "TMPDIR"),
        tempfile.TemporaryDirectory(prefix="broadsheet-") as folder,
    ):
        budget = Budget.of(None).among(workers_for(found, n_workers))
        yield Steps(found, Path(folder), engine.local(budget.n_workers), report, budget)


@contextlib.contextmanager
def reading_pages(inputs: Sequence[Path | str], reading: read.Reading) -> Iterator[Steps]:
    """The steps after reading files, in a work folder that goes when they are done; silent, in this process.

    Raises: CallError, InputError; ReleaseError where work files cannot be written.
    """
    with _partway(read.plan(inputs, format_=reading.format), 1, silent) as steps:
        steps.read(reading)
        yield steps


def spare(out: Path, used: Iterable[Path], option: str) -> None:
    """Raises: CallError where the output is one of the files that are read, which it would replace."""
    for path in used if os.path.lexists(out) else ():
        with contextlib.suppress(OSError):  # what cannot be found is told where it is read or written
            if path.samefile(out):
                raise CallError(f"{out} is read here, and would be replaced; name another place with {option}")


def segment_files(
    inputs: Sequence[Path | str],
    write: Callable[[bytes], object],
    *,
    reading: read.Reading = DEFAULT_READING,
    n_workers: int | None = None,
    report: Report = silent,
    runs: bool = False,
) -> Results:
    """Cuts pages into segments and writes a JSON line for each (`schema/segment.schema.json`).

    A segment's text is that of its record, and of boilerplate the run itself; with `runs` it is the run itself of all,
    so that the texts of a page, joined, are the page's. The files that could not be read (`path`, `error`) come back.

    Raises: CallError, InputError; ReleaseError where work files or lines cannot be written.
    """
    found = read.plan(inputs, format_=reading.format)
    with _partway(found, n_workers, report) as steps:
        return _write_segments(steps, write, reading, runs=runs)


def _write_segments(steps: Steps, write: Callable[[bytes], object], reading: read.Reading, *, runs: bool) -> Results:
    steps.read(reading)
    steps.segment()
    for row in steps.segment_rows(runs=runs):
        write(json_line(row))
    return steps.failed


def write_segments(
    inputs: Sequence[Path | str],
    out: Path,
    *,
    reading: read.Reading = DEFAULT_READING,
    n_workers: int | None = None,
    report: Report = silent,
    runs: bool = False,
) -> Results:
    """Like `segment_files`, into the file `out`, which appears when it is whole, and is not read itself.

    A device or pipe is written into as it is.

    Raises: CallError, InputError; ReleaseError where it cannot be written.
    """
    failed: Results = []
    target = out.resolve()
    found = read.plan(inputs, exclude=[target], format_=reading.format)
    spare(target, [Path(item.path) for item in found.inputs], "--out")

    def write(path: Path) -> None:
        with path.open("wb") as file, _partway(found, n_workers, report) as steps:
            failed.extend(_write_segments(steps, file.write, reading, runs=runs))

    with writing(out, "nothing was written"):
        _put(target, write)
    return failed


def _put(target: Path, write: Callable[[Path], None]) -> None:
    """Writes a file that appears when it is whole; a device or pipe is written into as it is."""
    if target.exists() and not target.is_file():
        write(target)
    else:
        commit(target, write)


def explain_files(
    inputs: Sequence[Path | str],
    tell: Callable[[str, str, Sequence[Explained] | None], object],
    *,
    reading: read.Reading = DEFAULT_READING,
    n_workers: int | None = None,
    report: Report = silent,
) -> Results:
    """Tells of each page its path, its text and why each visible line is read as it is (`segment.explain`).

    The lines are None for a record of the user's own. The files that could not be read (`path`, `error`) come back.

    Raises: CallError, InputError; ReleaseError where work files cannot be written.
    """
    found = read.plan(inputs, format_=reading.format)
    with _partway(found, n_workers, report) as steps:
        steps.read(reading)
        for path, text, lines in steps.explained():
            tell(path, text, lines)
        return steps.failed


MAX_SHOWN: Final = 50
"""Pages that one document shows."""


def write_shown(
    inputs: Sequence[Path | str],
    out: Path,
    show: Callable[[Iterable[Row]], str],
    *,
    reading: read.Reading = DEFAULT_READING,
    n_workers: int | None = None,
    report: Report = silent,
) -> Results:
    """Writes into `out` the document that `show` makes of the rows of all segments, whose texts are their runs.

    It appears when it is whole; where no page could be read, none does. The files that could not be read (`path`,
    `error`) come back.

    Raises: CallError, also where there are more than `MAX_SHOWN` pages or `out` is a file that is read; InputError;
    ReleaseError where it cannot be written.
    """
    target = out.resolve()
    found = read.plan(inputs, exclude=[target], format_=reading.format)
    spare(target, [Path(item.path) for item in found.inputs], "--html")
    with _partway(found, n_workers, report) as steps:
        steps.read(reading)
        n_pages = total(steps.pages, "n_captures")
        if n_pages > MAX_SHOWN:
            raise CallError(f"{n_pages:,} pages: at most {MAX_SHOWN} can be shown in one document; name fewer files")
        if n_pages:
            steps.segment()
            document = show(steps.segment_rows(runs=True)).encode()

            def write(path: Path) -> None:
                path.write_bytes(document)

            with writing(out, "nothing was written", "--html"):
                _put(target, write)
        return steps.failed


def validate_files(
    inputs: Sequence[Path | str],
    settings: config.Config | None = None,
    *,
    reading: read.Reading | None = None,
    rejected: Path | None = None,
    n_workers: int | None = None,
    report: Report = silent,
) -> dict[str, Any]:
    """What validation finds in records, or in those that pages become, without building.

    Counts: valid, rejected, of these unreadable; the rejected ones by rule (each with its first example) and by file;
    and the files that could not be read. How to read, and what records are to be, says `reading`, by default as the
    settings have it. `rejected` names a file of JSON lines for the rejected records, gzipped if it ends in `.gz`.

    Raises: CallError, also where `rejected` is a file that is read; InputError; ReleaseError where it cannot be
    written.
    """
    exclude = [rejected] if rejected else []
    if settings is not None:
        reading = reading or read_as(settings)
        found = planned(inputs, settings, [*exclude, *own_files(settings)])
    else:
        reading = reading or DEFAULT_READING
        found = read.plan(inputs, exclude=exclude, format_=reading.format)
    if rejected:
        own = [settings.folder / config.FILE, *own_files(settings)] if settings else []
        spare(rejected, [*(Path(item.path) for item in found.inputs), *own], "--rejected")
    with _partway(found, n_workers, report) as steps:
        steps.read(reading, check=True)
        steps.segment()
        counts = steps.validate()
        if rejected:
            with writing(rejected, "nothing was written", "--rejected"):
                if not counts["rejected"] and rejected.is_file():
                    rejected.unlink()  # what another run left there would be taken for this one's
                steps.write_rejected(rejected)
        return {**counts, "record_schema": reading.contract.digest, "failed": steps.failed}
