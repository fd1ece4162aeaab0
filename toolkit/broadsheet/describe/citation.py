"""How a release is cited: CITATION.cff, BibTeX, DataCite, a line of text; and LICENSE."""

import json
import re
import unicodedata
from typing import Any, Final

import yaml

from broadsheet.describe import licenses
from broadsheet.describe.answers import is_draft
from broadsheet.describe.facts import Facts

_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


_DOI_IN_CFF: Final = re.compile(r"10\.[0-9]{4,9}(\.[0-9]+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+")
"""The DOIs that the format takes; others are DOIs, too."""


def plain(text: object) -> str:
    """The text on one line, without control characters and without what turns its direction."""
    return " ".join(_CONTROLS.sub(" ", str(text)).split())


def citation(facts: Facts) -> str:
    """CITATION.cff in format 1.2.0. The configuration must name an author, whom the format asks for."""
    config = facts.config
    entry: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below.",
        "type": "dataset",
        "title": facts.title,
        "version": config["version"],
        "authors": [
            {"name": a["name"], **({"orcid": f"https://orcid.org/{a['orcid']}"} if a.get("orcid") else {})}
            for a in config["authors"]
        ],
    }
    if config.get("identifier"):
        known = _DOI_IN_CFF.fullmatch(config["identifier"])
        other = {"identifiers": [{"type": "other", "value": config["identifier"]}]}
        entry |= {"doi": config["identifier"]} if known else other
    if config.get("url"):
        entry["url"] = config["url"]
    if config.get("license") and licenses.url(config["license"]):
        # The format has a closed list of identifiers, of 2021; for one that may not be in it, its address stands.
        in_list = licenses.is_in_cff(config["license"])
        key, value = ("license", licenses.spdx_id) if in_list else ("license-url", licenses.url)
        entry[key] = value(config["license"])
    if config.get("released"):
        entry["date-released"] = config["released"]
    if config.get("description"):
        entry["abstract"] = config["description"]
    if config.get("keywords"):
        entry["keywords"] = list(config["keywords"])
    draft = "# DRAFT: questions of the datasheet are open.\n" if is_draft(facts) else ""
    return draft + yaml.safe_dump(entry, sort_keys=False, allow_unicode=True, width=1000)


def citation_line(facts: Facts) -> str:
    """The release in one line, as lists of references have it."""
    config = facts.config
    authors = ", ".join(plain(author["name"]) for author in config.get("authors") or ()) or "Unknown authors"
    year = f" ({config['released'][:4]})" if config.get("released") else " (no date)"
    where = f" https://doi.org/{config['identifier']}" if config.get("identifier") else ""
    where = where or (f" {config['url']}" if config.get("url") else "")
    digest = facts.manifest["logical_digest"][:16]
    return (
        f"{authors}{year}. {plain(facts.title)} (version {config['version']}) [data set], rows sha256:{digest}….{where}"
    )


def bibtex(facts: Facts) -> str:
    """A BibTeX entry, in ASCII as far as names are."""
    config = facts.config
    fields = {
        "author": " and ".join(f"{{{_tex(author['name'])}}}" for author in config.get("authors") or ()),
        "title": f"{{{_tex(facts.title)}}}",
        "year": (config.get("released") or "")[:4],
        "version": config["version"],
        "doi": config.get("identifier", ""),
        "url": config.get("url", ""),
        "note": f"Data set; rows sha256:{facts.manifest['logical_digest']}",
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    draft = "% DRAFT: questions of the datasheet are open.\n" if is_draft(facts) else ""
    return f"{draft}@misc{{{config['name']}-{config['version']},\n{lines}}}\n"


_TEX: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",  # not a brace behind a backslash: BibTeX counts that one, too
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def _tex(text: str) -> str:
    """The text for TeX, without commands and always with as many closing as opening braces."""
    return "".join(_TEX.get(c, f"\\{c}" if c in "#$%&_" else c) for c in unicodedata.normalize("NFC", plain(text)))


def datacite(facts: Facts) -> str:
    """`datacite.json`: the fields that a DOI asks for, in DataCite's schema 4.5."""
    config = facts.config
    released = config.get("released")
    entry: dict[str, Any] = {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "creators": [
            {
                "name": plain(author["name"]),
                **(
                    {
                        "nameIdentifiers": [
                            {
                                "nameIdentifier": f"https://orcid.org/{author['orcid']}",
                                "nameIdentifierScheme": "ORCID",
                                "schemeUri": "https://orcid.org",
                            }
                        ]
                    }
                    if author.get("orcid")
                    else {}
                ),
            }
            for author in config["authors"]
        ],
        "titles": [{"title": plain(facts.title)}],
        "publisher": {"name": plain(config["authors"][0]["name"])},
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Dataset"},
        "version": config["version"],
    }
    if config.get("identifier"):
        entry["doi"] = config["identifier"]
    if released:
        entry["publicationYear"] = released[:4]
        entry["dates"] = [{"date": released, "dateType": "Issued"}]
    if config.get("license"):
        rights = {"rights": licenses.spdx_id(config["license"])}
        if licenses.url(config["license"]):
            rights |= {
                "rightsUri": str(licenses.url(config["license"])),
                "rightsIdentifier": licenses.spdx_id(config["license"]),
                "rightsIdentifierScheme": "SPDX",
                "schemeUri": "https://spdx.org/licenses/",
            }
        entry["rightsList"] = [rights]
    text = ("DRAFT. " if is_draft(facts) else "") + plain(config.get("description") or facts.title)
    entry["descriptions"] = [{"description": text, "descriptionType": "Abstract"}]
    if config.get("keywords"):
        entry["subjects"] = [{"subject": plain(word)} for word in config["keywords"]]
    return json.dumps(entry, ensure_ascii=False, indent=1) + "\n"


def license_text(facts: Facts) -> str:
    """LICENSE: what is licensed, and what cannot be."""
    spdx = facts.config.get("license")
    stated = "No licence has been stated for the compilation."
    if spdx:
        stated = f"The compilation (selection, arrangement, ledger and documents) is under {spdx}."
        if licenses.url(spdx):
            stated += f"\n{licenses.url(spdx)}"
    return (
        f"{' '.join(facts.title.split())} {facts.config['version']}\n\n{stated}\n\n"
        "The texts and names in it belong to their authors and publishers. Nothing here grants rights in them.\n"
    )
