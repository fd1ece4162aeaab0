"""Verification: what a release promises, recomputed from its own files."""

import stat
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from broadsheet.errors import ReleaseError
from broadsheet.release import changes, decisions, signing, standoff, structure, traceable
from broadsheet.release import manifest as seal
from broadsheet.release.continued import continued
from broadsheet.release.opened import Opened, UncheckableError

KEPT: Final = "kept"
BROKEN: Final = "broken"
UNCHECKABLE: Final = "uncheckable"
MAX_FAULTS: Final = 20
"""Faults named per promise; the others are counted."""

CHECKS: Final[Mapping[str, Callable[[Opened], Iterator[str]]]] = {
    "checksums: every file is as it was sealed": structure.checksums,
    "files: every file belongs to the release": structure.files,
    "schema: every row is valid, once and in order": structure.rows,
    "nothing is lost: segments tile pages, the ledger adds up": structure.nothing_lost,
    "everything is traceable: ids, places, offsets and texts agree": traceable.agree,
    "nothing is folded that differs: every decision holds": decisions.folds,
    "no leak: nothing in one split repeats in another": decisions.no_leak,
    "all formats are equal": structure.formats,
    "every number can be recomputed": structure.numbers,
    "what was published stays: the version that it goes on from is in it as it was": continued,
    "what changed: CHANGES.md and the number follow from the version before": changes.check,
}
"""The promises, and what finds the faults of each."""
STANDOFF: Final = "no text: what the pages say is in no file"
"""What a release without texts promises besides."""
SIGNED: Final = "signed: one of the allowed signers signed the checksums"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One promise, whether it is kept, and why not."""

    promise: str
    verdict: str
    faults: tuple[str, ...] = ()


def verify(
    release: Path, *, reference: bool = False, signers: Path | None = None, signature: Path | None = None
) -> list[Verdict]:
    """A verdict for each promise of a release folder. Memory: its rows.

    With `reference`, rows are checked by the reference implementation of JSON Schema, too. With `signers`, a file of
    allowed signers, one of them must have signed: in `signature`, or where signatures of releases are (`signing`).

    Raises: ReleaseError where the folder is no release; CallError where signatures cannot be checked.
    """
    opened = Opened(release, seal.load(release), reference=reference)
    odd = [path for path in seal.files(release) if not stat.S_ISREG((release / path).lstat().st_mode)]
    if odd:
        # Opening a pipe or a device could keep the checks for ever.
        first, *others = CHECKS
        named = tuple(f"{path}: is no regular file" for path in odd)
        return [Verdict(first, BROKEN, named), *(Verdict(promise, UNCHECKABLE, named) for promise in others)]
    every = {**CHECKS, STANDOFF: standoff.hidden_faults} if opened.is_standoff else CHECKS
    verdicts = [_verdict(promise, check, opened) for promise, check in every.items()]
    if signers is not None:
        faults = tuple(signing.faults(release, signers, signature))
        verdicts.append(Verdict(SIGNED, BROKEN if faults else KEPT, faults))
    return verdicts


def combined(
    own: Sequence[Verdict], completed: Sequence[Verdict], faults: Iterable[str], missing: str | None = None
) -> list[Verdict]:
    """The verdicts of a standoff release, where what it could not tell itself is told by the release with the texts.

    `faults` are those of the promise that it makes besides, and `missing` is why that cannot be checked.
    """
    of = {verdict.promise: verdict for verdict in completed}
    found = []
    for verdict in own:
        other = of.get(verdict.promise, Verdict(verdict.promise, KEPT))
        if verdict.promise == STANDOFF:
            named = (*verdict.faults, *faults)[:MAX_FAULTS]
            kept = Verdict(verdict.promise, UNCHECKABLE, (missing,)) if missing else Verdict(verdict.promise, KEPT)
            found.append(Verdict(verdict.promise, BROKEN, named) if named else kept)
        elif other.verdict == BROKEN:
            found.append(Verdict(verdict.promise, BROKEN, other.faults))
        else:
            found.append(other if verdict.verdict == UNCHECKABLE and "--pages" in "".join(verdict.faults) else verdict)
    return found


def partly(own: Sequence[Verdict], restored: Sequence[Verdict], reason: str) -> list[Verdict]:
    """The verdicts of a standoff release of which only some pages are at hand.

    `restored` are those of the release with the texts that are there.
    """
    broken = {verdict.promise: verdict for verdict in restored if verdict.verdict == BROKEN}
    return [
        broken.get(v.promise, Verdict(v.promise, UNCHECKABLE, (reason,))) if "--pages" in "".join(v.faults) else v
        for v in own
    ]


def _verdict(promise: str, check: Callable[[Opened], Iterator[str]], opened: Opened) -> Verdict:
    """What a check found; faults that it found before it came upon what it cannot check count all the same."""
    import duckdb

    # A damaged file may break any assumption of the checks: that, too, is a broken promise.
    plain = (OSError, EOFError, LookupError, AttributeError, TypeError, ValueError, RecursionError)
    damages = (*plain, zlib.error, duckdb.Error, ReleaseError)
    faults: dict[str, None] = {}
    reason: tuple[str, ...] = ()
    try:
        for fault in check(opened):
            faults[fault] = None
    except UncheckableError as missing:
        reason = (str(missing),)
    except damages as error:
        faults[f"cannot be checked: {type(error).__name__}: {error}"] = None
    shown = [*faults][:MAX_FAULTS]
    if len(faults) > MAX_FAULTS:
        shown.append(f"and {len(faults) - MAX_FAULTS} more")
    if faults:
        return Verdict(promise, BROKEN, (*shown, *reason))
    return Verdict(promise, UNCHECKABLE if reason else KEPT, reason)
