"""The check that a release has all that it goes on from, as it was."""

from collections.abc import Iterator
from pathlib import Path

from broadsheet.batches import file_sha256
from broadsheet.errors import ReleaseError
from broadsheet.release import manifest as seal
from broadsheet.release.opened import Opened, UncheckableError
from broadsheet.release.versions import order


def continued(release: Opened) -> Iterator[str]:
    """What of the base is not as it was: its shards are the release's first ones, byte for byte.

    Raises: UncheckableError where the base is not beside the release.
    """
    base, version = release.manifest["base"], release.manifest["version"]
    if base is None:
        return
    if order(version) <= order(base["version"]):
        yield f"version {version} does not follow {base['version']}, which it goes on from"
    path = release.path.resolve().parent / base["version"]
    try:
        before = seal.load(path)
    except ReleaseError as error:
        raise UncheckableError(f"version {base['version']}, which it goes on from, is not beside it: {error}") from None
    if (before["version"], before["logical_digest"]) != (base["version"], base["logical_digest"]):
        raise UncheckableError(f"{path} is not the version {base['version']} that it goes on from")
    own = {(table["config"], table["split"]): table for table in release.manifest["tables"]}
    for table in before["tables"]:
        name = f"{table['config']}/{table['split']}"
        mine = own.get((table["config"], table["split"]))
        if mine is None:
            yield f"{name}: is in version {base['version']}, and no more"
            continue
        for format_, paths in table["files"].items():
            yield from _changed(release.path, mine["files"].get(format_, []), path, paths)
        old, new = (of.get("runs", [of["n_rows"]]) for of in (table, mine))
        if new[: len(old)] != old or len(new) > len(old) + 1:
            yield f"{name}: came as {new} rows, where version {base['version']} has {old}"
    earlier = {held["id"] for held in (before["base"] or {}).get("held", ())}
    lost = sorted(earlier - {held["id"] for held in base["held"]})
    yield from (f"record {id_}: was held, and is no more" for id_ in lost)


def _changed(new: Path, ours: list[str], old: Path, theirs: list[str]) -> Iterator[str]:
    """Shards that are not what they were."""
    for i, path in enumerate(theirs):
        if i >= len(ours) or file_sha256(new / ours[i]) != file_sha256(old / path):
            yield f"{path}: is not taken over as it was"
