"""What differs between two releases: records one by one, schemas, figures, the ledger and the configuration.

A record is the same where its id is. It is *changed* where its content differs, *moved* where its split does, and
*relocated* where it says the same, but was found elsewhere or is tied to something else. One that is in one release
alone was *added* or *removed*, unless another stands for it on the other side: then it was *unfolded* or *folded*. The
version in which a record first appeared never counts, since it only repeats the number of a release.

What two schemas have in common is compared: a new field changes no record that was there without it.
"""

from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from broadsheet.batches import Row, to_rows
from broadsheet.contract import LEDGER_CONFIGS, RECORD_CONFIGS, canonical_json
from broadsheet.contract import diff as schemas
from broadsheet.errors import ReleaseError
from broadsheet.release import sides
from broadsheet.release.sides import PLACE, Setting, Side

KINDS: Final = ("added", "removed", "changed", "moved", "folded", "unfolded", "relocated")
"""What may have become of a record; one that is in both releases may be several of these."""
_COUNTED: Final = ("split", "role", "source", "language")


class Shift(NamedTuple):
    """How many records have a value in both releases."""

    by: str
    value: str
    old: int
    new: int
    old_share: Fraction
    new_share: Fraction

    def to_json(self) -> dict[str, Any]:
        """The shift, shares rounded to 6 places."""
        shares = {"old_share": round(float(self.old_share), 6), "new_share": round(float(self.new_share), 6)}
        return {**self._asdict(), **shares}


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs; lists hold the first `limit` of each, by id, and everything is counted."""

    old: Mapping[str, str]
    """Name, version and logical digest."""
    new: Mapping[str, str]
    records: Sequence[Mapping[str, Any]]
    """A row a config: `config`, rows in `old` and `new`, how many are in both (`common`), and of each kind."""
    lists: Mapping[str, Sequence[Row]]
    """By kind: id, config and split, and what there is to say of it."""
    fields: Mapping[str, Mapping[str, int]]
    """Of changed and relocated records: how many differ in which field."""
    schema: Sequence[tuple[str, schemas.Change]]
    """What changed in which schema: `record`, or of the rows of a release `rows/segment` and so on."""
    ledger: Sequence[Mapping[str, Any]]
    """A row a table of the ledger: `config`, rows in `old` and `new`, and whether they are `equal`."""
    shifts: Sequence[Shift]
    n_shifts: int
    settings: Sequence[Setting]
    """What changed in the configuration."""
    versions: Sequence[Setting]
    """Programs and definitions of which other versions decided."""
    inputs: Counter[str] = field(default_factory=Counter)
    """Files `added`, `removed` and `changed`, by path."""
    others: Sequence[str] = ()
    """Other parts of the manifest that differ."""

    def named(self, version: str) -> "Difference":
        """The difference with another number for the new release, whose rows are the same but for that."""
        return replace(self, new={**self.new, "version": version})

    def count(self, kind: str) -> int:
        """How many records of all configs became this."""
        return sum(row[kind] for row in self.records)

    def counts(self) -> dict[str, int]:
        """How many records of all configs became what."""
        return {kind: self.count(kind) for kind in KINDS}

    def to_json(self) -> dict[str, Any]:
        """The difference as `--json` prints it."""
        return {
            "old": dict(self.old),
            "new": dict(self.new),
            "counts": self.counts(),
            "records": [dict(row) for row in self.records],
            **{kind: list(self.lists[kind]) for kind in KINDS},
            "fields": {kind: dict(of) for kind, of in self.fields.items()},
            "schema": [
                {"of": of, **change._asdict(), "breaking": change.breaking, "message": schemas.message(change)}
                for of, change in self.schema
            ],
            "ledger": [dict(row) for row in self.ledger],
            "n_shifts": self.n_shifts,
            "shifts": [shift.to_json() for shift in self.shifts],
            "configuration": [entry._asdict() for entry in self.settings],
            "versions": [entry._asdict() for entry in self.versions],
            "inputs": {kind: self.inputs[kind] for kind in ("added", "removed", "changed")},
            "others": list(self.others),
        }


def diff(old: Side, new: Side, *, limit: int) -> Difference:
    """What differs between two releases.

    Reads of the records their ids, digests and places, and more only of what differs. Memory: about 450 bytes a record
    of the largest config of `old`, and as much a record that differs.

    Raises: ReleaseError where a file is damaged.
    """
    compared = [_compare(old, new, config) for config in RECORD_CONFIGS]
    shifts = _shifts(_sum(c.old_tally for c in compared), _sum(c.new_tally for c in compared))
    return Difference(
        old=_named(old),
        new=_named(new),
        records=[c.counts() for c in compared],
        lists={kind: _listed(compared, kind, (old, new), limit) for kind in KINDS},
        fields={kind: _most(_sum(c.fields[kind] for c in compared)) for kind in ("changed", "relocated")},
        schema=[*sides.schema_changes(old, new)],
        ledger=[sides.ledger(old, new, config) for config in LEDGER_CONFIGS],
        shifts=shifts[:limit],
        n_shifts=len(shifts),
        settings=sides.settings(old.manifest["configuration"], new.manifest["configuration"]),
        versions=sides.settings(old.manifest["versions"], new.manifest["versions"]),
        inputs=sides.inputs(old, new),
        others=[*sides.others(old, new)],
    )


def _named(side: Side) -> dict[str, str]:
    return {name: side.manifest[name] for name in ("name", "version", "logical_digest")}


@dataclass(slots=True)
class _Compared:
    """One config of both releases."""

    config: str
    n_old: int
    n_new: int
    old_tally: Counter[tuple[str, Any]]
    new_tally: Counter[tuple[str, Any]]
    common: int = 0
    found: dict[str, list[Row]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    fields: dict[str, Counter[str]] = field(default_factory=lambda: {"changed": Counter(), "relocated": Counter()})

    def counts(self) -> dict[str, Any]:
        kinds = {kind: len(self.found[kind]) for kind in KINDS}
        return {"config": self.config, "old": self.n_old, "new": self.n_new, "common": self.common, **kinds}


class _Entry(NamedTuple):
    """A record as far as it is compared with its other self."""

    content: bytes
    place: bytes
    split: str


def _compare(old: Side, new: Side, config: str) -> _Compared:
    """Finds each record of one release in the other. Holds the ids and digests of `old`, where files differ."""
    done = _Compared(config, old.n_rows(config), new.n_rows(config), _tally(old, config), _tally(new, config))
    same = sides.same_files(old, new, config)
    shared = None if old.own == new.own else [name for name in old.own if name in new.own]
    kept: dict[bytes, _Entry | None] = {}
    for id_, entry in _entries(old, new, config, shared, same):
        if id_ in kept:
            raise _twice(old, id_)
        kept[id_] = entry
    done.common = done.n_old - len(kept)
    came: dict[bytes, str] = {}
    for id_, entry in _entries(new, old, config, shared, same):
        before = kept.get(id_)
        if id_ in came or (before is None and id_ in kept):
            raise _twice(new, id_)
        if before is None:
            came[id_] = entry.split
            continue
        kept[id_] = None
        done.common += 1
        row = {"id": id_.hex(), "config": config, "split": entry.split}
        if before.content != entry.content:
            done.found["changed"].append(row)
        elif before.place != entry.place:
            done.found["relocated"].append(row)
        if before.split != entry.split:
            done.found["moved"].append({**row, "from": before.split})
    if same:
        _once(old, new, config, same, (kept, came))
    gone = {id_: entry.split for id_, entry in kept.items() if entry is not None}
    for kind, names in (("changed", [*old.own]), ("relocated", PLACE)):
        _name_fields(old, new, done, kind, [name for name in names if name in new.own or name in PLACE])
    for ids, side, without, within in ((gone, new, "removed", "folded"), (came, old, "added", "unfolded")):
        _follow(side, done, {id_.hex(): split for id_, split in ids.items()}, without, within)
    return done


def _twice(side: Side, id_: bytes) -> ReleaseError:
    return ReleaseError(f"{side.path}: is damaged: record {id_.hex()} stands twice; run `broadsheet verify`")


def _once(old: Side, new: Side, config: str, same: set[Path], ids: tuple[Container[bytes], ...]) -> None:
    """Raises: ReleaseError where one of the ids, of the sides' other files, stands in a file that both have, too."""
    tables = (table for table in old.manifest["tables"] if table["config"] == config)
    others = {old.path / name for table in tables for name in table["files"]["parquet"]} - same
    for batch in old.tables.batches([config], ["id"], others):
        for id_ in (_id(old, text) for text in batch.column(0).to_pylist()):
            for side, others_of in zip((old, new), ids, strict=True):
                if id_ in others_of:
                    raise _twice(side, id_)


def _tally(side: Side, config: str) -> Counter[tuple[str, Any]]:
    """How many records have each value of what is measured; under the config's own name and no value, all."""
    tally: Counter[tuple[str, Any]] = Counter()
    for batch in side.tables.batches([config], [*_COUNTED, "published"]):
        tally[config, ""] += batch.num_rows
        columns = [(name, batch.column(name)) for name in _COUNTED]
        for name, values in [*columns, ("published", _months(batch.column("published")))]:
            for value, n in zip(*(part.to_pylist() for part in pc.value_counts(values).flatten()), strict=True):
                tally[name, value] += n
    if tally[config, ""] != side.n_rows(config):
        told = f"{config} has {tally[config, '']:,} rows, not {side.n_rows(config):,}"
        raise ReleaseError(f"{side.path}: is damaged: {told}; run `broadsheet verify`")
    return tally


def _entries(
    side: Side, other: Side, config: str, shared: Sequence[str] | None, same: Collection[Path]
) -> Iterator[tuple[bytes, _Entry]]:
    """The id of each record with what is compared, but for the files that both sides have.

    With `shared`, content is what the records hold in these fields; else the digest that the rows hold tells.
    """
    columns = list(dict.fromkeys(["id", "split", *PLACE, *(shared or ["content_digest"])]))
    for batch in side.tables.batches([config], columns, same):
        places = zip(*(_plain(batch.column(name)) for name in PLACE), strict=True)
        contents = (
            (value.encode() for value in batch.column("content_digest").to_pylist())
            if shared is None
            else (_mark(_values(row, side, other, shared)) for row in to_rows(batch.select(shared)))
        )
        splits = batch.column("split").to_pylist()
        for id_, content, place, split in zip(batch.column("id").to_pylist(), contents, places, splits, strict=True):
            yield _id(side, id_), _Entry(_mark(content), _mark(place), split)


def _id(side: Side, text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ReleaseError(f"{side.path}: is damaged: {text[:40]!r} is no id; run `broadsheet verify`") from None


def _mark(value: object) -> bytes:
    """16 bytes that stand for a value within this comparison."""
    data = value if isinstance(value, bytes) else repr(value).encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=16).digest()


def _plain(values: pa.Array) -> list[Any]:
    """The values of a column, times as numbers, since only equality counts."""
    found: list[Any] = (values.cast(pa.int64()) if pa.types.is_timestamp(values.type) else values).to_pylist()
    return found


def _months(times: pa.Array) -> pa.Array:
    """The month of each time, as `2026-03`."""
    return pc.strftime(times.cast(pa.timestamp("us")), format="%Y-%m", locale="C")


def _values(row: Row, side: Side, other: Side, shared: Sequence[str]) -> bytes:
    """What a row holds in the fields that both schemas have, and within these."""
    return canonical_json([_within(row[name], side.own[name], other.own[name]) for name in shared]).encode()


def _within(value: Any, own: pa.DataType, other: pa.DataType) -> Any:
    """The value without what the other type has no place for."""
    if value is None:
        return None
    if pa.types.is_struct(own) and pa.types.is_struct(other):
        there = {inner.name: inner.type for inner in other.fields}
        return {f.name: _within(value[f.name], f.type, there[f.name]) for f in own.fields if f.name in there}
    if pa.types.is_list(own) and pa.types.is_list(other):
        return [_within(item, own.value_type, other.value_type) for item in value]
    return value


def _name_fields(old: Side, new: Side, done: _Compared, kind: str, names: Sequence[str]) -> None:
    """Names the fields in which records differ; holds a few bytes a field of these records."""
    rows = {row["id"]: row for row in done.found[kind]}
    columns = ["id", *names]

    def marks(side: Side, other: Side) -> Iterator[tuple[str, list[bytes]]]:
        for row in side.tables.rows([done.config], {"id": rows}, columns):
            yield (
                row["id"],
                [_mark(_values(row, side, other, [name]) if name in side.own else row[name])[:8] for name in names],
            )

    before = dict(marks(old, new))
    for id_, after in marks(new, old):
        differing = [name for name, one, two in zip(names, before[id_], after, strict=True) if one != two]
        rows[id_]["fields"] = differing
        done.fields[kind].update(differing)


def _follow(side: Side, done: _Compared, ids: Mapping[str, str], without: str, within: str) -> None:
    """Tells of records that one release lacks whether another stands for them there."""
    into: dict[str, tuple[str, str]] = {}
    for row in side.tables.rows(["segments"], {"record_id": ids}, ["record_id", "canonical_id", "relation"]):
        id_, canonical = row["record_id"], row["canonical_id"]
        if canonical is not None and canonical != id_:
            found = canonical, row["relation"]
            into[id_] = min(into.get(id_, found), found)
    for id_, split in ids.items():
        row = {"id": id_, "config": done.config, "split": split}
        if id_ in into:
            canonical, relation = into[id_]
            done.found[within].append({**row, "canonical_id": canonical, "relation": relation})
        else:
            done.found[without].append(row)


def _sum(counters: Iterable[Counter[Any]]) -> Counter[Any]:
    return sum(counters, Counter())


def _most(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items(), key=lambda one: (-one[1], one[0])))


def _listed(compared: Sequence[_Compared], kind: str, sides: tuple[Side, Side], limit: int) -> list[Row]:
    """The first of what became this, by id, with titles."""
    found = sorted((row for c in compared for row in c.found[kind]), key=lambda row: str(row["id"]))[:limit]
    side = sides[0] if kind in {"removed", "folded"} else sides[1]
    titles = {
        row["id"]: row["title"]
        for row in side.tables.rows(RECORD_CONFIGS, {"id": {row["id"] for row in found}}, ["id", "title"])
    }
    return [{**row, "title": titles[row["id"]]} for row in found]


def _shifts(old: Counter[tuple[str, Any]], new: Counter[tuple[str, Any]]) -> list[Shift]:
    """What is counted differently, the largest shifts of shares first."""
    n_old, n_new = (sum(tally[config, ""] for config in RECORD_CONFIGS) for tally in (old, new))
    found = []
    for by, value in old.keys() | new.keys():
        n, m = old[by, value], new[by, value]
        if n != m:
            name, shown = ("config", by) if by in RECORD_CONFIGS else (by, "(unknown)" if value is None else value)
            found.append(Shift(name, shown, n, m, Fraction(n, max(n_old, 1)), Fraction(m, max(n_new, 1))))
    return sorted(found, key=lambda s: (-abs(s.new_share - s.old_share), -abs(s.new - s.old), s.by, s.value, s.old))
