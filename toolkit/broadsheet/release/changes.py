"""Versions from differences: which release a new one is compared with, which number it may have, and CHANGES.md."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from broadsheet import __version__, describe
from broadsheet.config import DEFAULTS
from broadsheet.errors import ReleaseError
from broadsheet.release import manifest as seal
from broadsheet.release import versions
from broadsheet.release.diff import KINDS, Difference, diff
from broadsheet.release.opened import Opened, UncheckableError
from broadsheet.release.sides import Side
from broadsheet.release.versions import AUTO, Level

LIMIT: Final = 100
"""Records of each kind, and shifts, that CHANGES.md lists."""
FIRST: Final[str] = DEFAULTS["version"]
"""The version that `auto` gives where there is none."""
_NAMED: Final = 3
"""Records that a refusal names, of each kind."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A release beside the version before it: what the manifest and CHANGES.md tell of the two."""

    stated: Mapping[str, Any] | None
    """`changes` of the manifest."""
    found: Mapping[str, Any] | None
    """The difference as JSON, with the step that it asks for; None for a first version, and where `text` is kept."""
    text: str | None = None
    """CHANGES.md of a version that is there already, where the one that it was compared with is not."""

    @classmethod
    def of(cls, old: Side, found: Difference) -> "Comparison":
        """What a difference from an earlier release tells."""
        verdict = versions.judge(found)
        since = {"since": old.manifest["version"], "logical_digest": old.manifest["logical_digest"]}
        stated = {**since, "level": verdict.level.name.lower(), **found.counts()}
        return cls(stated, {**verdict.to_json(), **found.to_json()})

    def document(self, facts: describe.Facts) -> str:
        """CHANGES.md."""
        return self.text if self.text is not None else describe.changes(facts, self.found)


NONE: Final = Comparison(None, None)
"""Of a first version."""


def compare(old: Path, new: Path, *, limit: int) -> dict[str, Any]:
    """What differs between two releases, as JSON, with the step that it asks for (`level`) and why (`reasons`).

    Raises: ReleaseError where a folder is no release, or a file of it is damaged.
    """
    found = diff(Side.of(old), Side.of(new), limit=limit)
    return {**versions.judge(found).to_json(), **found.to_json()}


def there(dataset: Path, base: Path | None = None) -> dict[str, Path]:
    """The versions that a new one may be compared with, in order: those of a dataset's folder, and a base elsewhere."""
    found = {name: dataset / name for name in versions.beside(dataset)}
    if base is not None:
        found.setdefault(seal.load(base)["version"], base)
    return dict(sorted(found.items(), key=lambda entry: versions.order(entry[0])))


def assumed(earlier: Mapping[str, Path], version: str) -> str:
    """The version to build with until the difference is known: of `auto`, that after records were added."""
    if version != AUTO:
        return version
    return versions.step([*earlier][-1], Level.MINOR) if earlier else FIRST


def decide(new: Side, dataset: Path, earlier: Mapping[str, Path], version: str) -> tuple[str, Comparison]:
    """The version of a release that is being built, and what it is compared with: one of the earlier ones (`there`).

    `auto` is the smallest step above the latest version that the rules allow, or that version itself where all is
    equal. A version that is there already is compared with what it was compared with before, so that building it again
    gives the same; another with the highest smaller one beside it.

    Raises: ReleaseError where the version is too small for what differs, or the earlier one is damaged.
    """
    if version == AUTO:
        if not earlier:
            return FIRST, NONE
        last = [*earlier][-1]
        latest = _earlier(earlier[last], last)
        found = _compared(latest, new)
        level = versions.judge(found).level
        if level is not Level.NONE:
            version = versions.step(last, level)
            return version, Comparison.of(latest, found.named(version))
        version = last
    known = _known(dataset / version)
    if known is not None:
        return version, _again(new, dataset, version, known)
    before = versions.before(earlier, version)
    if before is None:
        return version, NONE
    old = _earlier(earlier[before], before)
    found = _compared(old, new)
    _require(dataset / version, before, found)
    return version, Comparison.of(old, found)


def _earlier(path: Path, version: str) -> Side:
    """Raises: ReleaseError where that release is damaged: no number can follow from it then."""
    try:
        side = Side.of(path)
    except ReleaseError as error:
        raise ReleaseError(
            f"{error}; what changed since {version} decides the version, so nothing was published"
        ) from None
    if side.manifest["version"] != version:
        raise ReleaseError(f"{side.path} holds version {side.manifest['version']}; nothing was published")
    return side


def _compared(old: Side, new: Side) -> Difference:
    """Raises: ReleaseError where the earlier one is damaged."""
    try:
        return diff(old, new, limit=LIMIT)
    except ReleaseError as error:
        raise ReleaseError(f"{error}; nothing was published") from None


def _known(target: Path) -> Mapping[str, Any] | None:
    """The manifest of a version that is there already; None where it is not, or damaged, which publishing tells."""
    try:
        return seal.load(target)
    except ReleaseError:
        return None


def _again(new: Side, dataset: Path, version: str, known: Mapping[str, Any]) -> Comparison:
    """What a version that is there already tells of the one before it."""
    stated = known["changes"]
    if stated is None:
        return NONE
    try:
        old = Side.of(dataset / stated["since"])
    except ReleaseError:
        old = None
    if old is not None and old.manifest["logical_digest"] == stated["logical_digest"]:
        return Comparison.of(old, diff(old, new, limit=LIMIT).named(version))
    try:
        return Comparison(stated, None, seal.text_of(dataset / version / describe.CHANGES))
    except (OSError, ValueError):
        return Comparison(stated, None, "")  # nothing is equal to a release without it


def _require(target: Path, before: str, found: Difference) -> None:
    """Raises: ReleaseError where the target's version is too small a step for what differs."""
    verdict = versions.judge(found)
    smallest = versions.step(before, verdict.level)
    if versions.order(target.name) >= versions.order(smallest):
        return
    name = verdict.level.name
    reasons = [reason.what for reason in verdict.reasons if reason.level == verdict.level]
    named = [
        f"{kind} {', '.join(row['id'] for row in found.lists[kind][:_NAMED])}"
        + (f" and {found.count(kind) - _NAMED:,} more" if found.count(kind) > _NAMED else "")
        for kind in KINDS
        if found.count(kind)
        and verdict.level is (Level.MINOR if kind in {"added", "unfolded", "relocated"} else Level.MAJOR)
    ]
    ids = f" ({'; '.join(named)})" if named else ""
    raise ReleaseError(
        f"{target}: too small a step after {before}: {'; '.join(reasons)}{ids}; that asks for a {name} step, so the "
        f"smallest version allowed is {smallest}; nothing was published: pass --version {smallest}, or --version {AUTO}"
    )


def check(release: Opened) -> Iterator[str]:
    """What CHANGES.md and the manifest tell of the version before, where it is not so; and a number that is too small.

    Raises: UncheckableError where the version before is not beside the release.
    """
    stated, version = release.manifest["changes"], release.manifest["version"]
    comparison = NONE
    if stated is not None:
        smallest = versions.step(stated["since"], Level[stated["level"].upper()])
        if versions.order(version) < versions.order(smallest) or versions.order(version) <= versions.order(
            stated["since"]
        ):
            yield f"{version} is too small a step after {stated['since']} for a {stated['level'].upper()} step"
        old = _beside(release, stated)
        new = Side(release.path, release.manifest, release.contract, Side.of(release.path).rows)
        try:
            comparison = Comparison.of(old, diff(old, new, limit=LIMIT))
        except ReleaseError as error:
            if str(error).startswith(str(old.path)):
                raise UncheckableError(f"the version before is damaged: {error}") from None
            raise
        for name, value in (comparison.stated or {}).items():
            if stated[name] != value:
                yield f"{seal.MANIFEST}: changes: {name} is {value}, not {stated[name]}"
    written = release.manifest["versions"]["broadsheet"]
    if written != __version__:
        raise UncheckableError(f"{describe.CHANGES} was written by version {written}; this is {__version__}")
    text = comparison.document(describe.Facts(release.manifest, {}, release.contract))
    if (release.path / describe.CHANGES).read_text("utf-8") != text:
        yield f"{describe.CHANGES}: is not what the two versions give"


def _beside(release: Opened, stated: Mapping[str, Any]) -> Side:
    """The version before. Raises: UncheckableError where it is not beside the release, or not as it was."""
    since = stated["since"]
    path = release.path.resolve().parent / since
    try:
        old = Side.of(path)
    except ReleaseError as error:
        raise UncheckableError(f"version {since}, with which it was compared, is not beside it: {error}") from None
    if (old.manifest["version"], old.manifest["logical_digest"]) != (since, stated["logical_digest"]):
        raise UncheckableError(f"{path} is not the version {since} with which it was compared")
    return old
