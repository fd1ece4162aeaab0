"""Records of the user's own, whatever they are stored in: which of their fields are ours, and what is read of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from broadsheet.contract import Contract, utc_of
from broadsheet.contract.profile import Type
from broadsheet.errors import CallError
from broadsheet.read.found import Given, Rejected
from broadsheet.strict import UnreadableError, canonical, parsed
from broadsheet.text import source_of

ALIASES: Final = {"timestamp": "captured", "date": "published"}
"""Names that data sets give to properties of ours: understood without being told, unless the schema has them."""


class UnreadableFile(ValueError):  # noqa: N818 - said of a file, as `UnreadableError` of a line
    """A file of which no record can be read; the message goes into the report on the file."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Which fields of the user's records are ours: `names` has our name and then theirs, as in {"text": "content"}.

    Each property of the record schema is also understood under its own name, and `ALIASES` where a record has no such
    property. A name in `names` decides alone: with the mapping above, `content` is the text of every record, also of
    those that have none. What such a record calls `text` stays in it as `text_` (with as many `_` as make it a new
    name), one more property that is not ours: listed, not lost, and not taken for something else.

    Raises: CallError where a name is none of the record schema's.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    contract: Contract = field(default_factory=lambda: Contract.of(None))
    text: str = field(init=False)
    """Their name for the text."""
    watched: frozenset[str] = field(init=False)
    """Names of theirs for which a record must be looked at: others keep their names."""

    def __post_init__(self) -> None:
        properties = self.contract.members
        unknown = sorted(self.names.keys() - properties.keys())
        if unknown:
            raise CallError(f"no fields of the schema: {', '.join(unknown)}; known are {', '.join(properties)}")
        aliases = (alias for alias, our in ALIASES.items() if our not in self.names and alias not in properties)
        object.__setattr__(self, "text", self.names.get("text", "text"))
        object.__setattr__(self, "watched", frozenset((*self.names, *self.names.values(), *aliases)))

    def our_name(self, name: str) -> str | None:
        """Our name for a field of theirs, aliases apart; None where it is none of ours."""
        ours = (our for our, their in self.names.items() if their == name)
        return next(ours, name if name in self.contract.members and name not in self.names else None)

    def type_of(self, name: str) -> Type | None:
        """The type of the values of a field of theirs; None where it is none of ours."""
        our = self.our_name(name)
        return self.contract.members[our].type if our else None

    def kind(self, name: str) -> str:
        """The kind of value (`profile.Type`) of a field of theirs; `string` where it is none of ours."""
        type_ = self.type_of(name)
        return type_.kind if type_ else "string"

    def converted(self, our: str, value: Any) -> Any:
        """The value of a field of ours that came under another name: times get our form."""
        return as_time(value) if self.contract.members[our].type.kind == "instant" else value


def given(record: dict[str, Any], line: int, n_bytes: int, fields: Fields) -> Given:
    """The record under our names, without properties that are null: absent and null are the same.

    `record` holds what `strict.loads` gives. Times that come under another name than ours get our form where they can
    be read as times (`as_time`); what cannot stays, so that validation says why the record is refused.
    """
    record = _ours(record, fields)
    return Given(record, canonical(record), line, n_bytes)


def read_record(raw: bytes, line: int, n_bytes: int, fields: Fields) -> Given | Rejected:
    """What the JSON of one record gives."""
    try:
        record, out = parsed(raw, fields.text)
    except UnreadableError as error:
        return Rejected(error.code, str(error), raw, n_bytes, line)
    if None in record.values() or type(record.get("id")) is int or not fields.watched.isdisjoint(record):
        return given(record, line, n_bytes, fields)
    return Given(record, out, line, n_bytes)


def body_of(record: Mapping[str, Any]) -> str:
    """The record's text, or nothing where that is none."""
    text = record.get("text")
    return text if type(text) is str else ""


def place_of(record: Mapping[str, Any]) -> tuple[str | None, str | None, str | None]:
    """Address, source and time of capture that a record states, before anybody has checked it."""
    url, captured = record.get("url"), record.get("captured")
    if type(url) is not str or not url:
        url = None
    source = _source(url) if url else None
    if source is None:
        source = record.get("source") or None
        if type(source) is not str:
            source = None
    return url, source, _captured(captured) if type(captured) is str else None


def _ours(record: dict[str, Any], fields: Fields) -> dict[str, Any]:
    record = {name: value for name, value in record.items() if value is not None}
    if fields.watched.isdisjoint(record):
        return _with_text_id(record)
    names = fields.names
    theirs = set(names.values())
    found = {our: fields.converted(our, record[their]) for our, their in names.items() if their in record}
    rest = {name: value for name, value in record.items() if name not in theirs}
    for alias, our in ALIASES.items():
        if alias in rest and our not in rest and our not in names and alias not in fields.contract.members:
            found[our] = fields.converted(our, rest.pop(alias))
    for name in names:
        if name in rest:
            free = f"{name}_"
            while free in record:
                free += "_"
            found[free] = rest.pop(name)
    return _with_text_id(rest | found)


def _with_text_id(record: dict[str, Any]) -> dict[str, Any]:
    """The record with its id as text: tables mostly number their rows."""
    return record | {"id": str(record["id"])} if type(record.get("id")) is int else record


_HOST = re.compile(r"https?://[A-Za-z0-9.-]+/")
# Crawls name the same hosts over and over: cached, they cost a tenth.
_source_of = lru_cache(1 << 16)(source_of)


def _source(url: str) -> str | None:
    """`source_of` the URL."""
    host = _HOST.match(url)
    return _source_of(host.group()) if host else source_of(url)


def _captured(text: str) -> str | None:
    """`utc_of` the text, or None where it is no time; validation of the record then says so."""
    try:
        return utc_of(text)
    except (ValueError, OverflowError):
        return None


_ISO = re.compile(
    r"(?P<year>\d{4})(?P<dash>-?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d)"
    r"(?:[Tt ](?P<hour>\d\d)(?P<colon>:?)(?P<minute>\d\d)(?:(?P=colon)(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r" ?(?:(?P<zone>Z|z|UTC|GMT)|(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?)?)?",
    re.ASCII,
)
_DIGITS = re.compile(r"\d{8}(?:\d{6})?", re.ASCII)
_NUMBER = re.compile(r"-?\d{9,13}(?:\.\d+)?", re.ASCII)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def as_time(value: Any) -> Any:
    """The time in our form, RFC 3339 in UTC to the microsecond; what cannot be read as a time, as it is.

    ISO 8601 with an offset is converted, without one it is in UTC; a date is its midnight. Numbers are seconds since
    1970, milliseconds beyond 1e11; so is text of 9 to 13 digits, since CSV has nothing else. Integers and texts of 8 or
    14 digits are `YYYYMMDD` and, as archives of the web write it, `YYYYMMDDhhmmss`: no page is of 1970 or of 2300.

    >>> as_time("2026-03-14T10:30:00.250+01:00"), as_time("2026-03-14"), as_time(1773480600), as_time("yesterday")
    ('2026-03-14T09:30:00.250000Z', '2026-03-14T00:00:00Z', '2026-03-14T09:30:00Z', 'yesterday')
    """
    if type(value) not in (str, int, float):
        return value
    text = str(value).strip()
    if _DIGITS.fullmatch(text):
        text = f"{text[:8]}T{text[8:] or '000000'}"
    iso = _ISO.fullmatch(text)
    try:
        if iso:
            return time_form(_of_iso(iso))
        if type(value) is not str:
            return time_form(_since_epoch(value))
        if _NUMBER.fullmatch(text):
            return time_form(_since_epoch(float(text) if "." in text else int(text)))
    except (ValueError, OverflowError):
        pass
    return value


def _since_epoch(value: float) -> datetime:
    return EPOCH + (timedelta(milliseconds=value) if abs(value) > 1e11 else timedelta(seconds=value))


def _of_iso(iso: re.Match[str]) -> datetime:
    year, month, day = int(iso["year"]), int(iso["month"]), int(iso["day"])
    fraction = int(f"{iso['fraction'] or '':0<6}"[:6])
    time = datetime(
        year, month, day, int(iso["hour"] or 0), int(iso["minute"] or 0), int(iso["second"] or 0), fraction, UTC
    )
    offset = timedelta(hours=int(iso["hours"] or 0), minutes=int(iso["minutes"] or 0))
    return time + offset if iso["sign"] == "-" else time - offset


def time_form(time: datetime) -> str:
    """Our form of a time in UTC, as `contract.utc` gives it."""
    return time.replace(tzinfo=None).isoformat() + "Z"
