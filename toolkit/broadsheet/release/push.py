"""Pushing: a release to where others get it, whole and under its version, or not at all.

The files go as they are; what is left out is listed in SHA256SUMS all the same, so that a signature stays valid and
`verify` tells what is missing there. A version that is there with other content is refused.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from broadsheet.batches import file_sha256
from broadsheet.errors import BroadsheetError, CallError, ReleaseError
from broadsheet.export.quarantine import REJECTED
from broadsheet.read import public
from broadsheet.release import manifest as seal
from broadsheet.release.signing import signatures

HUB: Final = "hf://"
_LAST: Final = (seal.SUMS, seal.MANIFEST)
"""What says that a release is whole comes when it is, and `manifest.json` last of all."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What would go: files by their paths in the release, each with its place here and its size in bytes."""

    release: Path
    version: str
    files: Mapping[str, Path]
    left_out: Sequence[str]
    """Sealed files that stay here."""

    def sizes(self) -> dict[str, int]:
        """Bytes by path."""
        return {path: file.stat().st_size for path, file in self.files.items()}


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did."""

    where: str
    version: str
    sent: Sequence[str]
    """Paths of the files that went; none where all were there already."""
    parcel: Parcel

    @property
    def new(self) -> bool:
        """False where the version was there already with equal content."""
        return bool(self.sent)


def parcel(release: Path, *, with_quarantine: bool = False) -> Parcel:
    """What of a release would go. The quarantine holds what was refused, so that it goes only when asked for.

    A signature that lies beside the release goes as `SHA256SUMS.sig`.

    Raises: ReleaseError where the folder is no release, is not as it was sealed, or lacks the quarantine asked for.
    """
    seal.sealed(release, but=None if with_quarantine else REJECTED)
    paths = seal.files(release)
    left_out = [path for path in paths if path == REJECTED and not with_quarantine]
    files = {path: release / path for path in paths if path not in left_out}
    for signature in signatures(release)[:1]:
        files[seal.SIGNATURE] = signature
    first = {path: file for path, file in files.items() if path not in _LAST}
    return Parcel(release, seal.load(release)["version"], first | {path: files[path] for path in _LAST}, left_out)


def push(
    release: Path,
    target: str,
    *,
    with_quarantine: bool = False,
    private: bool = False,
    tell: Callable[[str], object] = lambda _line: None,
) -> Pushed:
    """Pushes a release to `hf://datasets/USER/NAME`, or into the folder of its version below an fsspec URL or path.

    A push that was interrupted is taken up by the next one: what is there already, with equal content, stays. A
    version that is there whole is a success. `private` is for repositories that are made by this.

    Raises: CallError for a wrong target; ReleaseError where the release is not as it was sealed, where the version is
    there with other content, or where the target refuses.
    """
    what = parcel(release, with_quarantine=with_quarantine)
    if target.startswith(HUB):
        from broadsheet.release.hub import push_to_hub

        return push_to_hub(what, target, private=private, tell=tell)
    if private:
        raise CallError(f"--private is for {HUB}datasets/…; who may read {public(target)} is decided there")
    return _push_to_files(what, target, tell)


def _push_to_files(what: Parcel, target: str, tell: Callable[[str], object]) -> Pushed:
    """A push to any storage that fsspec opens. A file is compared by its content where it is there before the end."""
    import fsspec

    try:
        fs, root = fsspec.core.url_to_fs(target)
    except (ImportError, ValueError, OSError) as error:
        raise CallError(f"{public(target)}: cannot be opened: {error}") from None
    folder = f"{root.rstrip('/')}/{what.version}"
    is_here = "file" in (fs.protocol if isinstance(fs.protocol, tuple) else (fs.protocol,))
    if is_here and Path(folder).resolve().is_relative_to(what.release.resolve()):
        raise CallError(f"{target} lies in the release, which never changes; name another target")
    shown = f"{public(target).rstrip('/')}/{what.version}"
    try:
        return _push_files(what, fs, folder, shown, tell)
    except BroadsheetError:
        raise
    except Exception as error:  # storages raise errors of their own: whatever it is, the version is not whole there
        raise ReleaseError(f"{shown}: {public(str(error))}; it is not whole there; push again to go on") from error


def _push_files(what: Parcel, fs: Any, folder: str, shown: str, tell: Callable[[str], object]) -> Pushed:
    if fs.exists(f"{folder}/{seal.MANIFEST}"):
        _check_whole(what, fs, folder, shown)
        return Pushed(shown, what.version, [], what)
    sent = []
    for path, file in what.files.items():
        there = f"{folder}/{path}"
        if not (fs.exists(there) and _is_equal(fs, there, file)):
            fs.makedirs(there.rpartition("/")[0], exist_ok=True)
            fs.put_file(str(file), there)
            sent.append(path)
            tell(path)
    return Pushed(shown, what.version, sent, what)


def _check_whole(what: Parcel, fs: Any, folder: str, shown: str) -> None:
    """Raises: ReleaseError where the version that is there is not this release, by its checksums and all sizes."""
    if fs.cat_file(f"{folder}/{seal.SUMS}") != what.files[seal.SUMS].read_bytes():
        raise ReleaseError(f"{shown} exists with other content: releases are never rewritten; pass a new --version")
    for path, n_bytes in what.sizes().items():
        is_there = fs.exists(f"{folder}/{path}")
        if path == REJECTED and not is_there:
            raise ReleaseError(without_quarantine(shown))
        if path != seal.SIGNATURE and not (is_there and fs.size(f"{folder}/{path}") == n_bytes):
            raise ReleaseError(f"{shown} is there, but damaged: {path}; remove it there and push again")


def without_quarantine(shown: str) -> str:
    """What is said where a version is there without the quarantine that is to go."""
    return f"{shown} exists without the quarantine, and is never rewritten; leave --with-quarantine out"


def _is_equal(fs: Any, there: str, file: Path) -> bool:
    """Whether a file that an interrupted push has left is whole."""
    if fs.size(there) != file.stat().st_size:
        return False
    with fs.open(there, "rb") as one:
        return hashlib.file_digest(one, "sha256").hexdigest() == file_sha256(file)
