"""The contract of records: what they must be, and what they are in rows; ours, or extended by the user's own schema."""

import json
from codecs import BOM_UTF8
from collections.abc import Mapping
from errno import EINVAL
from functools import cached_property, lru_cache
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, Final

from broadsheet import strict
from broadsheet.contract.checks import Error, compiled, error_at, errors_of, in_order
from broadsheet.contract.extend import extended
from broadsheet.contract.ids import digest
from broadsheet.contract.profile import Member, Type, members_of
from broadsheet.contract.references import pointer
from broadsheet.contract.rows import row_schema_of, standoff_release
from broadsheet.contract.schemas import LEDGER_CONFIGS, SCHEMAS, schema
from broadsheet.contract.types import arrow_fields, arrow_schema
from broadsheet.contract.values import UnfitError, has_members, is_common, is_same, nul_pointers, row_value, stripped
from broadsheet.errors import CallError

if TYPE_CHECKING:
    import pyarrow as pa

Json = Any
Schema = Mapping[str, Json]

_OURS: Final = frozenset(schema("record")["properties"])
PLACE: Final = ("role", "url", "source", "captured")
"""Properties of a record that tell where and when it was found."""
OWN_FIELDS: Final = (
    *(name for name in schema("record")["properties"] if name not in {"id", "reply_to", *PLACE}),
    "given_id",
)
"""The fields of ours in a record row that belong to the record itself; `content_digest` covers these and the extras.

Where it was found is not among them: that may change with every further capture of the same page.
"""


MAX_BYTES: Final = 1 << 20
"""Largest file of a user's own schema: what is compiled may take some hundred times its size."""
_INSTANT: Final = Type("instant")
_KNOWN_RULES, _KNOWN_CHARS = 4096, 200
"""So many rules of places with so short pointers are told once; no result depends on it."""
_STANDOFF: Final = "$standoff"
"""Holds the record's schema where tasks are told of a standoff release; no keyword of JSON Schema."""


class Contract:
    """The schema of records in force, and what follows from it."""

    def __init__(self, record: Schema, *, standoff: bool = False) -> None:
        """Takes a schema that `extend.extended` made, or ours; with `standoff`, rows may lack their texts.

        Raises: CallError where it cannot be compiled.
        """
        self.record, self.is_standoff = record, standoff
        self._validator = compiled(record)  # first: what is no JSON Schema has no types
        self.members: Mapping[str, Member] = {member.name: member for member in members_of(record)}
        self.extras = tuple(name for name in self.members if name not in _OURS)
        """The user's own properties."""
        self._nested = [m for m in self.members.values() if has_members(m.type)]
        self._lost = [m.name for m in self.members.values() if m.is_required and m.type.nullable]
        self._absent: dict[str, Json] = dict.fromkeys((*schema("record")["properties"], *self.extras))
        self._has_forms = bool(self._lost or self._nested)
        self._converted = [
            (m.name, _INSTANT if m.type.kind == "instant" else m.type, pointer(m.name))
            for m in self.members.values()
            if not is_same(m.type)
        ]

    @classmethod
    def extending(cls, own: Json) -> "Contract":
        """Ours, extended by a schema of the user's own.

        Raises: CallError with everything in it that is outside the profile, a line each.
        """
        return cls(extended(own))

    @classmethod
    def load(cls, file: Path) -> "Contract":
        """Ours, extended by the schema in a file.

        Raises: CallError with everything that is wrong with it, a line each.
        """
        try:
            return cls.extending(strict.loads(_content(file)))
        except OSError as error:
            raise CallError(f"{file}: cannot be read: {error.strerror}") from None
        except strict.UnreadableError as error:
            raise CallError(f"{file}: no JSON object: {error}") from None
        except CallError as error:
            raise CallError("\n".join(f"{file}: {line}" for line in str(error).splitlines())) from None

    @staticmethod
    def of(record: Schema | None) -> "Contract":
        """The contract that `to_json` gave, compiled once a process."""
        # Not canonical JSON: the order of properties is that of the columns.
        return _of(None if record is None else json.dumps(record, ensure_ascii=False))

    def to_json(self) -> Schema | None:
        """The contract as engines pass it to tasks: None for ours."""
        record = self.record if self.record is not schema("record") else None
        return {_STANDOFF: record} if self.is_standoff else record

    def standoff(self) -> "Contract":
        """The same with the rows of a standoff release."""
        return Contract.of(Contract(self.record, standoff=True).to_json())

    def full(self) -> "Contract":
        """The same with the rows of a release with texts."""
        return Contract.of(Contract(self.record).to_json())

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the record schema's canonical JSON."""
        return digest(self.record)

    def check(self, record: dict[str, Json], text: str | bytes) -> list[Error]:
        """Every reason why a record may not enter a release; none means that it holds a row's values from now on.

        `text` is the record's canonical JSON. A null is an absent property: it goes, unless one is required.
        """
        if None in record.values():
            for name in [name for name, value in record.items() if value is None]:
                del record[name]
        if self._has_forms:
            self._strip(record)
        errors = errors_of(self._validator, record)
        # Most texts have no escape at all, which is told sooner than that they have none of NUL.
        if isinstance(text, bytes):
            text = "\\u0000" if b"\\" in text and b"\\u0000" in text else ""
        if "\\u0000" in text:
            errors += (error_at(at, "nul", "NUL, which many programs take for an end") for at in nul_pointers(record))
        if errors:
            return in_order(errors)
        for name, type_, at in self._converted:
            if name in record and not (type_ is _INSTANT and is_common(record[name])):
                try:
                    record[name] = row_value(type_, record[name], at)
                except UnfitError as unfit:
                    errors.append(error_at(unfit.pointer, "unfit", str(unfit)))
        return errors

    def _strip(self, record: dict[str, Json]) -> None:
        """Gives the record the one form among those that only differ in null and absent."""
        for name in self._lost:
            record.setdefault(name, None)
        for member in self._nested:
            if member.name in record:
                record[member.name] = stripped(member.type, record[member.name])

    def rule(self, error: Error) -> str:
        """What an error breaks, whatever element or key of open maps it is in: `<JSON Pointer>: <keyword>`."""
        at = error["pointer"], error["keyword"]
        found = self._rules.get(at)
        if found is None:
            found = self._rule(*at)
            if len(self._rules) < _KNOWN_RULES and len(at[0]) <= _KNOWN_CHARS:
                self._rules[at] = found
        return found

    @cached_property
    def _rules(self) -> dict[tuple[str, str], str]:
        """Rules that were told already, by pointer and keyword: those of a crawl are few."""
        return {}

    def _rule(self, pointer: str, keyword: str) -> str:
        steps = pointer.split("/")[1:]
        shown: list[str] = []
        type_: Type | None = Type("struct", members=tuple(self.members.values()))
        for step in steps:
            name = step.replace("~1", "/").replace("~0", "~")
            is_open = type_ is None or type_.kind != "struct"
            shown.append("*" if is_open else step)
            type_ = type_ and (type_.item or next((m.type for m in type_.members if m.name == name), None))
        return f"{''.join(f'/{step}' for step in shown)}: {keyword}"

    def row_of(self, record: Mapping[str, Json], found: Mapping[str, Json]) -> dict[str, Json]:
        """The own fields and extras of a checked record, every one present: absent ones null or their default.

        What the record does not say is taken from the candidate's row: address, source and time of the `capture`, and
        the `language` and `script` that were found.
        """
        capture = found["capture"]
        row = {**self._absent, **record}
        if len(row) > len(self._absent):
            row = {name: row[name] for name in self._absent}  # properties that the schema does not name
        row["given_id"] = row.pop("id")
        row["parent_id"] = None
        row["role"] = row["role"] or "main"
        row["language"] = row["language"] or found["language"]
        row["script"] = row["script"] or found["script"]
        row["truncated"] = row["truncated"] or False
        row["url"] = row["url"] or capture["url"]
        row["captured"] = row["captured"] or capture["captured"]
        row["source"] = capture["source"] or row["source"]
        return row

    def content_digest(self, row: Mapping[str, Json]) -> str:
        """SHA-256 over the record's own fields; nothing that later pages or versions could change is in it."""
        return digest({name: row[name] for name in (*OWN_FIELDS, *self.extras)})

    def documents(self) -> dict[str, Schema]:
        """The schemas that a release ships, by the names in `SCHEMAS`."""
        return {name: schema(name) for name in SCHEMAS} | {"record": self.record, "release": self.release}

    @cached_property
    def release(self) -> Schema:
        """The schema of a release's rows: ours, with the extras behind the columns of records."""
        ours = standoff_release() if self.is_standoff else schema("release")
        if not self.extras:
            return ours
        extras = {
            name: row_schema_of(self.record["properties"][name], self.members[name].nullable or self.is_standoff)
            for name in self.extras
        }
        row = ours["$defs"]["record"]
        row = {**row, "properties": {**row["properties"], **extras}, "required": [*row["required"], *extras]}
        return {**ours, "$defs": {**ours["$defs"], "record": row}}

    def row_schema(self, config: str) -> Schema:
        """The JSON Schema of the rows of a release's config, such as `articles` or `pairs`."""
        found: Schema = self.release["$defs"][LEDGER_CONFIGS.get(config, "record")]
        return found

    @cached_property
    def rows(self) -> "pa.Schema":
        """The Arrow schema of checked records themselves, outside of releases."""
        return arrow_fields(self.members.values())

    def columns(self, config: str) -> "pa.Schema":
        """The Arrow schema of the rows of a release's config."""
        return arrow_schema(self.row_schema(config))


def _content(file: Path) -> bytes:
    """The bytes of a schema's file. Raises: OSError where it is no regular file; CallError where it is too large."""
    state = file.stat()
    if not S_ISREG(state.st_mode):
        raise OSError(EINVAL, "is no regular file")
    if state.st_size > MAX_BYTES:
        raise CallError(f"{state.st_size:,} bytes; a schema has at most {MAX_BYTES:,}")
    return file.read_bytes().removeprefix(BOM_UTF8)


@lru_cache(8)
def _of(record: str | None) -> Contract:
    value: Json = None if record is None else json.loads(record)
    is_standoff = value is not None and _STANDOFF in value
    value = value[_STANDOFF] if is_standoff else value
    return Contract(schema("record") if value is None else value, standoff=is_standoff)
