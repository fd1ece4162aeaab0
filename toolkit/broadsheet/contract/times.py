"""Times as rows hold them: RFC 3339 in UTC, in one form."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

_UTC: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z", re.ASCII)
_COMMON: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")
_RFC_3339: Final = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?(?:[Zz]|([+-]\d\d:\d\d))", re.ASCII)


def utc(text: str) -> str:
    """An RFC 3339 time in UTC as rows hold it: seconds, and a fraction (at most six digits) only where not zero.

    Raises: ValueError when the text is no such time.

    >>> utc("2026-03-14T09:30:00.000Z")
    '2026-03-14T09:30:00Z'
    """
    match = _UTC.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is no RFC 3339 time in UTC, such as 2026-03-14T09:30:00Z")
    datetime.fromisoformat(match[1])
    return f"{match[1]}{_fraction(match[2])}Z"


def _quick(text: str) -> str | None:
    """The text where it is a time just as rows hold it, without a fraction; None where a closer look must decide.

    Crawls name the same days over and over: with these known, a time takes a third.
    """
    match = _COMMON.fullmatch(text)
    return text if match and _is_day(match[1]) else None


@lru_cache(4096)
def _is_day(day: str) -> bool:
    try:
        return bool(datetime.fromisoformat(day))
    except ValueError:
        return False


def utc_of(text: str) -> str:
    """Any RFC 3339 time as rows hold it; its offset is applied, and not kept.

    Raises: ValueError for what is no such time, and for leap seconds, which few programs can hold; OverflowError for
    times whose year in UTC is not 1 to 9999.

    >>> utc_of("2026-03-14T10:30:00.250+01:00")
    '2026-03-14T09:30:00.250000Z'
    """
    if _quick(text):
        return text
    match = _RFC_3339.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is no RFC 3339 time, such as 2026-03-14T09:30:00Z")
    time = datetime.fromisoformat(f"{match[1]}T{match[2]}{match[4] or '+00:00'}").astimezone(UTC)
    return f"{time.replace(tzinfo=None).isoformat()}{_fraction(match[3])}Z"


def _fraction(digits: str | None) -> str:
    """Six digits, or none where they are zero; further digits are cut off."""
    known = (digits or ".")[1:7].rstrip("0")
    return f".{known:0<6}" if known else ""


def instant(text: str) -> str | None:
    """An ISO 8601 time with its offset, in UTC as rows hold it; None for anything else, as for a date alone.

    >>> instant("2026-03-14T10:30:00+01:00")
    '2026-03-14T09:30:00Z'
    """
    try:
        time = datetime.fromisoformat(text.strip())
        return utc(time.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z") if time.tzinfo else None
    except (ValueError, OverflowError):
        return None
