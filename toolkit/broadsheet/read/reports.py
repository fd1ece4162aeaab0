"""What reading tells of each file, put together from what it tells of slices and parts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from broadsheet.read.task import MAX_NAMED, report

Results = list[dict[str, Any]]


def lines_before(slices: Results) -> Iterator[int]:
    """For each slice, the number of lines in earlier parts of its file."""
    path, base = None, 0
    for result in slices:
        first = result["files"][0]
        if first["path"] != path:
            path, base = first["path"], 0
        yield base
        base += first["n_lines"]


def renumbered(slices: Results, name: str) -> tuple[list[Any], list[int]]:
    """The slices' files of one kind, and for each the number of lines in earlier parts of the same file."""
    found = [(file, base) for result, base in zip(slices, lines_before(slices), strict=True) for file in result[name]]
    return [file for file, _ in found], [base for _, base in found]


_SUMMED = ("n_pages", "n_rejected", "n_invalid", "n_damaged", "n_damaged_bytes", "n_warnings")


def file_reports(slices: Results, unopened: Mapping[str, str]) -> Results:
    """A report a file, from those of its parts; and what could not be opened at all."""
    files: dict[str, dict[str, Any]] = {}
    for part in (file for result in slices for file in result["files"]):
        part = {name: value for name, value in part.items() if name not in ("n_lines", "overrun")}
        known = files.setdefault(part["path"], part)
        if known is part:
            continue
        for name in _SUMMED:
            known[name] += part[name]
        for name in ("damaged", "warnings"):
            known[name] = (known[name] + part[name])[:MAX_NAMED]
        known["content"] = {name: n + part["content"][name] for name, n in known["content"].items()}
        known["skipped"] = merged((known["skipped"], part["skipped"]))
        known["sha256"] = known["sha256"] or part["sha256"]
        known["error"] = known["error"] or part["error"]
    for name, error in unopened.items():
        files[name] = report(name) | {"error": error}
    return list(files.values())


def damage(file: Mapping[str, Any]) -> str:
    """What is wrong with a file that was read in part."""
    first = file["damaged"][0]
    more = f"; and {file['n_damaged'] - 1} more" if file["n_damaged"] > 1 else ""
    return f"damaged at byte {first['offset']} ({first['n_bytes']} bytes): {first['reason']}{more}; the rest was read"


def passed_over(files: Results) -> dict[str, int]:
    """Records of archives that are no pages, by reason."""
    found = merged(file["skipped"] for file in files)
    return {reason: n for reason, (n, _) in sorted(found.items(), key=lambda kind: (-kind[1][0], kind[0])) if n}


def merged(counts: Iterable[Mapping[str, Sequence[int]]]) -> dict[str, list[int]]:
    """Pairs of numbers by name, added up."""
    merged: dict[str, list[int]] = {}
    for bucket in counts:
        for name, (n, n_chars) in bucket.items():
            known = merged.setdefault(name, [0, 0])
            merged[name] = [known[0] + n, known[1] + n_chars]
    return dict(sorted(merged.items()))
