"""CITATION.cff and LICENSE of a release."""

from typing import Any

import yaml

from broadsheet.describe.facts import Facts


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
    if config.get("license") and not config["license"].startswith("LicenseRef-"):
        entry["license"] = config["license"]
    if config.get("released"):
        entry["date-released"] = config["released"]
    if config.get("description"):
        entry["abstract"] = config["description"]
    return yaml.safe_dump(entry, sort_keys=False, allow_unicode=True, width=1000)


def license_text(facts: Facts) -> str:
    """LICENSE: what is licensed, and what cannot be."""
    spdx = facts.config.get("license")
    stated = "No licence has been stated for the compilation."
    if spdx:
        stated = f"The compilation (selection, arrangement, ledger and documents) is under {spdx}."
        if not spdx.startswith("LicenseRef-"):
            stated += f"\nhttps://spdx.org/licenses/{spdx}.html"
    return (
        f"{' '.join(facts.title.split())} {facts.config['version']}\n\n{stated}\n\n"
        "The texts and names in it belong to their authors and publishers. Nothing here grants rights in them.\n"
    )
