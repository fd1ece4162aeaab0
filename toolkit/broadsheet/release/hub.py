"""Pushing to the Hugging Face Hub: one commit, and a tag that is the version."""

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from broadsheet.batches import file_sha256
from broadsheet.errors import BroadsheetError, CallError, ReleaseError
from broadsheet.export.quarantine import REJECTED
from broadsheet.release import manifest as seal
from broadsheet.release.push import HUB, Parcel, Pushed, without_quarantine

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_TARGET: Final = re.compile(r"hf://datasets/(?P<repo>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)/?", re.ASCII)
_OPTIONAL: Final = frozenset({REJECTED, seal.SIGNATURE})
"""Files of a release that a tag may have or lack: what is sealed is the same."""
_DEFAULT_BRANCH: Final = "main"
Told = Callable[[str], object]


def push_to_hub(what: Parcel, target: str, *, private: bool, tell: Told) -> Pushed:
    """Pushes a release into a dataset repository, which is made where there is none, and tags the commit.

    Contents that were uploaded before are not uploaded again, and where the commit stands already only the tag is
    made. Files of an earlier release that this one has not go from the branch; its tag keeps them. Files that no
    release has brought stay.

    Raises: CallError for a wrong target; ReleaseError where the tag is there with other content or the Hub refuses.
    """
    found = _TARGET.fullmatch(target)
    if not found:
        raise CallError(f"{target}: expected {HUB}datasets/USER/NAME, without a revision: the tag is the version")
    from huggingface_hub import HfApi
    from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]

    disable_progress_bars()
    with _hub_errors(target):
        return _push(HfApi(), found["repo"], what, private=private, tell=tell)


def _push(api: "HfApi", repo: str, what: Parcel, *, private: bool, tell: Told) -> Pushed:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    where = f"{HUB}datasets/{repo}@{what.version}"
    # Without a wish, what the account or organisation has as its default.
    api.create_repo(repo, repo_type="dataset", private=private or None, exist_ok=True)
    refs = api.list_repo_refs(repo, repo_type="dataset")
    tags = {tag.name: tag.target_commit for tag in refs.tags}
    if what.version in tags:
        _check_tag(_tree(api, repo, tags[what.version]), where, what)
        return Pushed(where, what.version, [], what)
    head = next((branch.target_commit for branch in refs.branches if branch.name == _DEFAULT_BRANCH), None)
    there = _tree(api, repo, head) if head else {}
    adds = [path for path, file in what.files.items() if not _is_there(there.get(path), file)]
    gone = _earlier(api, repo, head, there) - what.files.keys() if head else set()
    if adds or gone:
        for path in adds:
            tell(path)
        commit = api.create_commit(
            repo,
            [
                *(CommitOperationAdd(path, str(what.files[path])) for path in adds),
                *(CommitOperationDelete(path) for path in sorted(gone)),
            ],
            commit_message=f"Release {what.version}",
            repo_type="dataset",
            revision=_DEFAULT_BRANCH,
            parent_commit=head,
        )
        head = commit.oid
    api.create_tag(repo, tag=what.version, revision=head, repo_type="dataset")
    return Pushed(where, what.version, adds or list(what.files), what)


def _tree(api: "HfApi", repo: str, revision: str) -> dict[str, Any]:
    """The files of a revision by path."""
    from huggingface_hub.hf_api import RepoFile

    found = api.list_repo_tree(repo, recursive=True, revision=revision, repo_type="dataset")
    return {entry.path: entry for entry in found if isinstance(entry, RepoFile)}


def _is_there(entry: Any, file: Path) -> bool:
    """Whether a file of a revision has the content of one here: by SHA-256, or as git hashes what it holds itself."""
    if entry is None or entry.size != file.stat().st_size:
        return False
    if entry.lfs is not None:
        return bool(entry.lfs.sha256 == file_sha256(file))
    content = file.read_bytes()
    return bool(entry.blob_id == hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest())


def _check_tag(there: Mapping[str, Any], where: str, what: Parcel) -> None:
    """Raises: ReleaseError where a tag is not this release."""
    if not _is_there(there.get(seal.SUMS), what.files[seal.SUMS]):
        raise ReleaseError(f"{where} exists with other content: releases are never rewritten; pass a new --version")
    wrong = [
        path for path, file in what.files.items() if path not in _OPTIONAL and not _is_there(there.get(path), file)
    ]
    if wrong:
        raise ReleaseError(f"{where} exists, but {wrong[0]} is not what was sealed; pass a new --version")
    if REJECTED in what.files and REJECTED not in there:
        raise ReleaseError(without_quarantine(where))


def _earlier(api: "HfApi", repo: str, head: str, there: Mapping[str, Any]) -> set[str]:
    """The files of the branch that an earlier release brought."""
    if seal.SUMS not in there:
        return set()
    with tempfile.TemporaryDirectory(prefix="broadsheet-") as folder:
        api.hf_hub_download(repo, seal.SUMS, repo_type="dataset", revision=head, local_dir=folder)
        listed = seal.sums(Path(folder))
    return {seal.SUMS, *_OPTIONAL, *listed} & there.keys()


@contextmanager
def _hub_errors(target: str) -> Iterator[None]:
    """Says of failures of the Hub what they are; a token that a message might hold is not in it."""
    from huggingface_hub import get_token
    from huggingface_hub.utils import HfHubHTTPError  # type: ignore[attr-defined]

    # Errors of the library that carries requests: which one it is depends on the version.
    errors: tuple[type[BaseException], ...] = (
        HfHubHTTPError,
        *HfHubHTTPError.__bases__,
        OSError,
        ValueError,
        RuntimeError,
    )
    try:
        yield
    except BroadsheetError:
        raise
    except errors as error:
        reason = " ".join(str(error.__cause__ or error).split()) or type(error).__name__
        token = get_token()
        if token:
            reason = reason.replace(token, "***")
        status = getattr(getattr(error, "response", None), "status_code", None)
        hint = "log in with: hf auth login" if status in (401, 403) else "push again to go on where it stopped"
        raise ReleaseError(f"{target}: {reason[:500]}; {hint}") from None
