"""What a record says of the page that it was found on."""

import re
from collections.abc import Mapping
from typing import Any

from broadsheet.contract.times import instant
from broadsheet.text import source_of

Json = Any


def capture_of(page: Mapping[str, Json]) -> dict[str, Json]:
    """What a record says of its page: the first capture, with the first address and source that any capture knows.

    Where no capture knows an address, that which the page claims for itself is taken.
    """
    captures = page["captures"]
    known = {name: next((c[name] for c in captures if c[name]), None) for name in ("url", "source")}
    if not known["url"]:
        claimed = (claim["value"] for claim in page["claims"] if claim["name"] == "url")
        known["url"] = next((url for url in claimed if re.match(r"https?://[^/?#]+", url)), None)
        known["source"] = known["source"] or (source_of(known["url"]) if known["url"] else None)
    return {**captures[0], **known}


def claimed_time(page: Mapping[str, Json], name: str) -> str | None:
    """The first time that a page claims under a name (`published`, `modified`) and that is an instant, in UTC."""
    times = (instant(claim["value"]) for claim in page["claims"] if claim["name"] == name)
    return next((time for time in times if time), None)
