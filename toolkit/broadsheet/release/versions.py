"""Version numbers of a dataset: their order, which lie beside a release, and which number a difference asks for."""

import re
from collections.abc import Iterable, Iterator
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from broadsheet.contract.diff import is_breaking
from broadsheet.release.manifest import MANIFEST

if TYPE_CHECKING:
    from broadsheet.release.diff import Difference

AUTO: Final = "auto"
"""What stands for the smallest version that the rules allow."""
_VERSION: Final = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")


class Level(IntEnum):
    """How large a step between two versions is; NONE is no step at all."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


class Reason(NamedTuple):
    """One thing that differs, and the step that it asks for."""

    level: Level
    what: str


class Verdict(NamedTuple):
    """The step that a difference asks for: the largest among its reasons."""

    level: Level
    reasons: tuple[Reason, ...]

    def to_json(self) -> dict[str, Any]:
        """The verdict as documents and `--json` have it."""
        reasons = [{"level": reason.level.name.lower(), "what": reason.what} for reason in self.reasons]
        return {"level": self.level.name.lower(), "reasons": reasons}


def order(version: str) -> tuple[int, ...]:
    """What versions are ordered by: their numbers.

    >>> order("0.10.0") > order("0.9.0")
    True
    """
    return tuple(int(number) for number in version.split("."))


def step(version: str, level: Level) -> str:
    """The smallest version that is such a step above another. Versions below 1.0.0 follow the same rules.

    >>> [step("0.1.2", level) for level in Level]
    ['0.1.2', '0.1.3', '0.2.0', '1.0.0']
    """
    major, minor, patch = order(version)
    return {
        Level.NONE: version,
        Level.PATCH: f"{major}.{minor}.{patch + 1}",
        Level.MINOR: f"{major}.{minor + 1}.0",
        Level.MAJOR: f"{major + 1}.0.0",
    }[level]


def beside(dataset: Path) -> list[str]:
    """The versions in a dataset's folder, in order, damaged ones too."""
    names = (path.parent.name for path in dataset.glob(f"*/{MANIFEST}"))
    return sorted((name for name in names if _VERSION.fullmatch(name)), key=order)


def before(names: Iterable[str], version: str) -> str | None:
    """The highest of some versions that is smaller than `version`; None where none is."""
    smaller = [name for name in names if order(name) < order(version)]
    return max(smaller, key=order, default=None)


def judge(found: "Difference") -> Verdict:
    """The step that a difference asks for, with every reason, the largest first.

    MAJOR: a record was removed, folded, changed or moved to another split, the schema broke, or a format or the pages'
    texts went. MINOR: anything else in the rows. PATCH: the same rows. NONE: the same in everything but the number.
    """
    reasons = sorted(_reasons(found), key=lambda reason: -reason.level)
    return Verdict(max((reason.level for reason in reasons), default=Level.NONE), tuple(reasons))


_RECORDS: Final = (
    ("removed", Level.MAJOR, "was removed", "were removed"),
    ("folded", Level.MAJOR, "was folded into another", "were folded into others"),
    ("changed", Level.MAJOR, "was changed", "were changed"),
    ("moved", Level.MAJOR, "moved to another split", "moved to other splits"),
    ("added", Level.MINOR, "was added", "were added"),
    ("unfolded", Level.MINOR, "stands for itself now", "stand for themselves now"),
    ("relocated", Level.MINOR, "says the same from another place", "say the same from other places"),
)


def _reasons(found: "Difference") -> Iterator[Reason]:
    for kind, level, one, many in _RECORDS:
        n = found.count(kind)
        if n:
            yield Reason(level, f"1 record {one}" if n == 1 else f"{n:,} records {many}")
    changes = [change for _, change in found.schema]
    broken = sum(change.breaking for change in changes)
    wider = sum(not change.breaking and change.kind != "described" for change in changes)
    if is_breaking(changes):
        yield Reason(Level.MAJOR, f"the schema broke ({broken:,} {'change' if broken == 1 else 'changes'})")
    if wider:
        yield Reason(Level.MINOR, f"the schema lets in more ({wider:,} {'change' if wider == 1 else 'changes'})")
    if len(changes) > broken + wider:
        yield Reason(Level.PATCH, "descriptions in the schema changed")
    yield from _of_settings(found)
    tables = [table["config"] for table in found.ledger if not table["equal"]]
    if tables:
        yield Reason(Level.MINOR, f"the ledger differs: {', '.join(tables)}")
    if found.inputs.total():
        yield Reason(Level.PATCH, "the inputs changed")
    if found.versions:
        yield Reason(Level.PATCH, f"made with other versions of {', '.join(entry.name for entry in found.versions)}")
    if found.others:
        yield Reason(Level.PATCH, f"other facts of the manifest changed: {', '.join(found.others)}")


def _of_settings(found: "Difference") -> Iterator[Reason]:
    """What the configuration asks for: mostly documentation, but formats and texts are what consumers load."""
    for entry in found.settings:
        if entry.name == "export.formats":
            gone, came = ({*one} - {*other} for one, other in ((entry.old, entry.new), (entry.new, entry.old)))
            if gone:
                yield Reason(Level.MAJOR, f"formats went: {', '.join(sorted(gone))}")
            if came:
                yield Reason(Level.MINOR, f"formats were added: {', '.join(sorted(came))}")
        elif entry.name == "export.page_texts" and entry.old:
            yield Reason(Level.MAJOR, "the texts of the pages went")
    named = [entry.name for entry in found.settings]
    if named:
        yield Reason(Level.PATCH, f"the configuration changed: {', '.join(named)}")
