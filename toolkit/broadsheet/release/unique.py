"""What the records of a release were before they were folded, and checks of what was decided from that."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from broadsheet.batches import Row
from broadsheet.contract import capture_of
from broadsheet.release.opened import Opened, UncheckableError
from broadsheet.repeats import best_of, parents_of


def _unique(release: Opened) -> dict[str, Row]:
    """Every record that appears, by id: what its best appearance says of its place, and on which pages it stands.

    Raises: UncheckableError where the release does not hold the records that its user gave.
    """
    found: dict[str, list[Row]] = {}
    for id_, members in release.groups:
        found.setdefault(id_, []).append(_instance(release, id_, members))
    rows = {}
    for id_, instances in found.items():
        pages = [{"page_id": instance["page_id"]} for instance in instances]
        rows[id_] = best_of(instances) | {"appearances": pages}
    return rows


def _instance(release: Opened, id_: str, members: list[Row]) -> Row:
    first, page = members[0], release.pages[members[0]["page_id"]]
    capture = capture_of(page)
    row: dict[str, Any] = {"id": id_, "page_id": page["page_id"], "start": first["start"]}
    if page["format"] == "record":
        if page["given"] is None:
            raise UncheckableError("the release holds no records as they were given")
        return row | release.contract.row_of(json.loads(page["given"]), {**first, "capture": capture})
    target = release.records.get(first["canonical_id"])
    row |= {name: first[name] for name in ("role", "position", "reply_to")}
    row |= {name: capture[name] for name in ("source", "captured")}
    # Comments fold within one thread only.
    return row | {"truncated": members[-1]["truncated"], "thread": target and target["thread"]}


def wrong_parents(release: Opened) -> Iterator[str]:
    """Comments that answer another record than their place in the thread says.

    Those that were published before keep the parent that they had then, though it may have come only later; and of a
    comment without a parent nothing is told where some are held, since it may answer one of these.
    """
    unique = _unique(release)
    parents = parents_of(unique.values(), unique)
    for id_, row in release.records.items():
        if release.manifest["base"] and row["first_version"] != release.manifest["version"]:
            continue
        if release.held and row["parent_id"] is None:
            continue
        parent = parents.get(id_)
        expected = release.canonical[parent] if parent else None
        if id_ in unique and row["parent_id"] != expected:
            yield f"record {id_}: answers {row['parent_id']}; by its thread it answers {expected}"


def wrong_shares(release: Opened) -> Iterator[str]:
    """Sources of which another share was folded than the manifest says.

    With a base the share is of what was known of its records when they were published, which is not known any more;
    so it is of what was there before a withdrawal.
    """
    if release.manifest["base"] or "withdrawn" in release.manifest:
        return
    all_, folded = Counter[str](), Counter[str]()
    for id_, row in _unique(release).items():
        if row["source"] is not None:
            all_[row["source"]] += 1
            folded[row["source"]] += release.canonical[id_] != id_
    expected = {source: round(n / all_[source], 6) for source, n in sorted(folded.items()) if n}
    if expected != release.manifest["folded_share"]:
        yield f"the folded shares are {expected}, not {release.manifest['folded_share']}"
