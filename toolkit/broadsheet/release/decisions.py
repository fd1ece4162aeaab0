"""Checks of what was decided: folds, stories, splits."""

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction

from broadsheet.batches import Row
from broadsheet.release.opened import Opened, UncheckableError
from broadsheet.release.unique import wrong_shares
from broadsheet.release.versions import order
from broadsheet.repeats import RULE, SHORT_WORDS, Item, fold, guard_records, over_threshold, relation, shingles
from broadsheet.split import large_stories, shares, split_of
from broadsheet.text import words

FOLDING = ("exact", "near", "trimmed")


def folds(release: Opened) -> Iterator[str]:
    """Records that were folded wrongly or not at all, and evidence that the texts do not give."""
    settings = release.manifest["configuration"]["repeats"]
    threshold = Fraction(str(settings["threshold"]))
    yield from _wrong_counts(release)
    decided = {tuple(sorted((p["a"], p["b"]))) for p in release.pairs if p["decision"] == "fold"}
    for id_, target in release.canonical.items():
        if target is not None and id_ != target and tuple(sorted((id_, target))) not in decided:
            yield f"record {id_}: folded into {target}, with which it was not compared"
    release.require_texts()
    yield from wrong_shares(release)
    rules = release.manifest["versions"]["repeats"]
    if rules != RULE:
        raise UncheckableError(f"decided by rules {rules}; this program has {RULE}")
    alone = fold(release.alone, threshold=threshold, scope=settings["scope"])
    for id_, (target, name) in alone.canonical.items():
        if target != id_:
            yield f"record {id_}: is a repeat ({name}) of {target}, and both are in the release"
    there = {(pair["a"], pair["b"]) for pair in release.pairs}
    for found in alone.pairs:
        if found.relation in {"near", "trimmed", "embedded", "update"} and not _told(found.a, found.b, there, release):
            yield f"pair {found.a} {found.b}: {found.relation}, is not among the pairs"
    for pair in release.pairs:
        if pair["a"] not in release.items or pair["b"] not in release.items:
            yield f"pair {pair['a']} {pair['b']}: a record of it appears nowhere"
        else:
            yield from _wrong_evidence(pair, release.items, release.canonical, threshold)


def _told(a: str, b: str, there: set[tuple[str, str]], release: Opened) -> bool:
    """True where the pair, or one of records with the very words of its two, is among the pairs.

    Of records with equal words only the first stands in pairs with others.
    """
    if (a, b) in there:
        return True
    in_a, in_b = words(release.records[a]["text"]), words(release.records[b]["text"])
    return any(
        x in release.items
        and y in release.items
        and [words(release.items[x].text), words(release.items[y].text)] in ([in_a, in_b], [in_b, in_a])
        for x, y in there
    )


def _wrong_counts(release: Opened) -> Iterator[str]:
    found: Counter[str] = Counter()
    for pair in release.pairs:
        found[f"{'folded' if pair['decision'] == 'fold' else 'kept'}_{pair['relation']}"] += 1
    told = {name: n for name, n in release.manifest["repeats"].items() if name.startswith(("folded_", "kept_"))}
    if dict(found) != told:
        yield f"the manifest counts {told}; the pairs are {dict(found)}"


def _wrong_evidence(
    pair: Row, items: Mapping[str, Item], canonical: Mapping[str, str | None], threshold: Fraction
) -> Iterator[str]:
    """What is wrong with one row of the evidence, recomputed from the two texts."""
    at = f"pair {pair['a']} {pair['b']}"
    a, b = items[pair["a"]], items[pair["b"]]
    a_words, b_words = words(a.text), words(b.text)
    in_a, in_b = shingles(a_words), shingles(b_words)
    if len(a_words) < SHORT_WORDS:
        shared, n_a, n_b = len(a_words) * (a_words == b_words), len(a_words), len(b_words)
    else:
        shared, n_a, n_b = len(in_a & in_b), len(in_a), len(in_b)
    if (shared, n_a, n_b) != (pair["shared"], pair["n_a"], pair["n_b"]):
        yield f"{at}: shares {shared} of {n_a} and {n_b}, not {pair['shared']} of {pair['n_a']} and {pair['n_b']}"
        return
    if pair["containment"] != round(shared / n_a, 6):
        yield f"{at}: containment is {shared / n_a:.6f}, not {pair['containment']}"
    name = relation(a_words, b_words) if Fraction(shared, n_a) >= threshold else "none"
    fired = guard_records(a, b) if name in FOLDING else None
    name = "update" if fired else name
    if (name, fired) != (pair["relation"], pair["guard"]):
        yield f"{at}: is {name} ({fired}), not {pair['relation']} ({pair['guard']})"
    if pair["decision"] == "fold":
        if name not in FOLDING:
            yield f"{at}: was folded although it is {name}"
        if pair["b"] != canonical.get(pair["a"]) and pair["a"] != canonical.get(pair["b"]):
            yield f"{at}: was folded, but neither is the canonical of the other"
        if (a.kind == "comment") != (b.kind == "comment"):
            yield f"{at}: a comment was folded with what is none"


def no_leak(release: Opened) -> Iterator[str]:
    """Repeats across splits, and stories that are divided or not where their hash puts them."""
    yield from _wrong_stories(release)
    tied = sum(pair["relation"] != "none" for pair in release.pairs)
    if release.manifest["certificate"] != {"n_pairs": tied, "n_across": 0}:
        yield f"the certificate is {release.manifest['certificate']}; there are {tied} pairs over the threshold"
    release.require_texts()
    threshold = Fraction(str(release.manifest["configuration"]["repeats"]["threshold"]))
    alone = {id_: release.item(row) for id_, row in release.records.items()}
    yield from _leaks(release, alone, threshold)
    inside = {id_: item for id_, item in release.items.items() if id_ not in release.held}
    yield from _leaks(release, inside, threshold)


def _leaks(release: Opened, items: Mapping[str, Item], threshold: Fraction) -> Iterator[str]:
    """Pairs over the threshold, found anew, whose canonical records lie in two splits or two stories."""
    tied = _tied(release)
    for a, b, shared, n_a in over_threshold(items.values(), threshold):
        one, other = (release.records[release.canonical.get(id_) or id_] for id_ in (a, b))
        short = min(len(words(items[id_].text)) for id_ in (a, b)) < SHORT_WORDS
        if one["split"] != other["split"] and not short:
            yield f"record {a} ({one['split']}) has {shared} of {n_a} shingles in {b} ({other['split']})"
        if not _is_one(tied, one, other):
            yield f"records {a} and {b} are alike, but their stories differ"


def _tied(release: Opened) -> Mapping[str, str]:
    """Stories that were published apart and that later records tie together, by name: the smallest of each."""
    tied: Mapping[str, str] = (release.manifest["base"] or {}).get("tied_stories", {})
    return tied


def _is_one(tied: Mapping[str, str], one: Row, other: Row) -> bool:
    """True where two records are of one story, or of stories that were tied together later."""
    first, second = (tied.get(row["story"], row["story"]) for row in (one, other))
    return bool(first == second)


def _wrong_large(release: Opened, members: Mapping[str, list[Row]]) -> Iterator[str]:
    """Stories that no hash placed, where the manifest names others."""
    version, told = release.manifest["version"], release.manifest["large_stories"]
    if "withdrawn" in release.manifest:  # they were placed by their sizes before
        large = {story: len(members.get(story, ())) for story in told}
        expected = told
    else:
        # Where the stories of earlier versions are was decided by their sizes then.
        new = {story: len(rows) for story, rows in members.items() if all(r["first_version"] == version for r in rows)}
        divided = len(release.manifest["configuration"]["split"]) > 1
        large = large_stories(new, len(release.records)) if divided else {}
        expected = {story: n for story, n in told.items() if story in new}
    if large != expected or not told.keys() <= members.keys():
        yield f"large stories are {large}, not {told}"


def _wrong_stories(release: Opened) -> Iterator[str]:
    members: dict[str, list[Row]] = {}
    for row in release.records.values():
        members.setdefault(row["story"], []).append(row)
    exact = shares(release.manifest["configuration"]["split"])
    yield from _wrong_large(release, members)
    large = release.manifest["large_stories"]
    gone = {one["id"] for one in release.manifest.get("withdrawn", ())}
    for story, rows in members.items():
        if release.is_standoff and any(row["n_words"] < SHORT_WORDS for row in rows):
            continue  # the ids of short texts are keyed, and decide nothing
        since = min((row["first_version"] for row in rows), key=order)
        if story != min(row["id"] for row in rows if row["first_version"] == since) and story not in gone:
            yield f"story {story}: is not the smallest id of its first records"
    tied = _tied(release)
    for story, other in tied.items():
        if {row["split"] for row in members.get(story, ())} != {row["split"] for row in members.get(other, ())}:
            yield f"story {story}: is tied to story {other}, which is in another split"
    for story, rows in members.items():
        expected = split_of(story, exact, large)
        for row in rows:
            if row["split"] != expected:
                yield f"record {row['id']}: its story belongs to {expected}, not to {row['split']}"
    for id_, row in release.records.items():
        parent = release.records.get(row["parent_id"])
        if row["parent_id"] and (parent is None or not _is_one(tied, parent, row)):
            yield f"record {id_}: answers {row['parent_id']}, which is not in its story"
