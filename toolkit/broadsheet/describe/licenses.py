"""Licences of compilations: SPDX identifiers and what the Hub calls them, in one table."""

from typing import Final

_KNOWN: Final = {
    "Apache-2.0": "apache-2.0",
    "MIT": "mit",
    "CC0-1.0": "cc0-1.0",
    "CC-BY-4.0": "cc-by-4.0",
    "CC-BY-SA-4.0": "cc-by-sa-4.0",
    "CC-BY-NC-4.0": "cc-by-nc-4.0",
    "CC-BY-ND-4.0": "cc-by-nd-4.0",
    "CC-BY-NC-SA-4.0": "cc-by-nc-sa-4.0",
    "CC-BY-NC-ND-4.0": "cc-by-nc-nd-4.0",
    "CC-BY-3.0": "cc-by-3.0",
    "ODC-By-1.0": "odc-by",
    "ODbL-1.0": "odbl",
    "PDDL-1.0": "pddl",
    "CDLA-Permissive-1.0": "cdla-permissive-1.0",
    "CDLA-Permissive-2.0": "cdla-permissive-2.0",
    "CDLA-Sharing-1.0": "cdla-sharing-1.0",
}
"""By SPDX identifier the Hub's; a licence that the Hub does not know is `other` there, with a name and a link."""
_BY_LOWER: Final = {spdx.lower(): (spdx, hub) for spdx, hub in _KNOWN.items()}


def hub_id(spdx: str) -> str | None:
    """What the Hub calls a licence; None where it does not know it."""
    known = _BY_LOWER.get(spdx.lower())
    return known[1] if known else None


def spdx_id(given: str) -> str:
    """The identifier in the letters of SPDX, as far as we know it."""
    known = _BY_LOWER.get(given.lower())
    return known[0] if known else given


def is_in_cff(given: str) -> bool:
    """Whether the Citation File Format 1.2.0 has the identifier, as far as we know."""
    return given.lower() in _BY_LOWER and given.lower() != "cdla-permissive-2.0"


def url(given: str) -> str | None:
    """Where the licence's text is; None for one of the makers' own."""
    return None if given.startswith("LicenseRef-") else f"https://spdx.org/licenses/{spdx_id(given)}.html"
