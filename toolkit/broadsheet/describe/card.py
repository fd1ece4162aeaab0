"""The Hugging Face dataset card: YAML that makes every config and split load, and a page that says what they are."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import yaml

from broadsheet.contract import LEDGER_SPLIT, RECORD_CONFIGS, digest, features
from broadsheet.describe import licenses
from broadsheet.describe.answers import is_draft
from broadsheet.describe.citation import bibtex, citation_line
from broadsheet.describe.datasheet import caveat_table, code, status
from broadsheet.describe.facts import Facts, escape, measure_table, table
from broadsheet.describe.fields import fields_table

if TYPE_CHECKING:
    import pyarrow as pa

SIZES: Final = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"),
                (10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"), (1_000_000_000, "100M<n<1B"))  # fmt: skip


def card(facts: Facts) -> str:
    """The release's README.md. Loads every config by `datasets.load_dataset` on the release's folder."""
    return _front_matter(facts, "parquet", "") + _body(facts)


def jsonl_card(facts: Facts) -> str:
    """README.md of the folder `jsonl/`, which makes it load by itself: one folder has one file format in `datasets`."""
    text = (
        f"# {escape(facts.title)} {facts.config['version']}, as JSON lines\n\n"
        "The same rows as the Parquet files beside this folder, one JSON object a line, gzipped. "
        "SHA-256 of a table's unpacked lines is its logical digest in `manifest.json`. `datasets` guesses types when "
        "it reads JSON: a text column in which every value looks like a date may come back rewritten; the Parquet "
        "files hold the types.\n"
    )
    shifted = [field.name for field in facts.contract.columns(facts.configs[0]) if _has_null_elements(field.type)]
    if shifted:
        text += (
            f"\nThe elements of lists in {', '.join(f'`{name}`' for name in shifted)} may be null. Where a list begins "
            "with null, the reader of JSON in `datasets` loses that (apache/arrow#51305): loading fails or, before "
            "version 5, gives other lists. Load the Parquet files.\n"
        )
    return _front_matter(facts, "jsonl", "jsonl/") + text


def _has_null_elements(type_: "pa.DataType") -> bool:
    """Whether lists in a type hold null beside other elements."""
    import pyarrow as pa

    if pa.types.is_list(type_):
        return bool(type_.value_field.nullable) or _has_null_elements(type_.value_type)
    return pa.types.is_struct(type_) and any(_has_null_elements(field.type) for field in type_.fields)


def _front_matter(facts: Facts, format_: str, below: str) -> str:
    version = facts.config["version"]
    n_records = sum(t["n_rows"] for t in facts.tables if t["config"] in RECORD_CONFIGS)
    head: dict[str, Any] = {"pretty_name": facts.title, **_license(facts.config.get("license"))}
    languages = [row[0] for row in facts.measures["languages"]["rows"] if row[0] != "und"]
    if languages:
        head["language"] = sorted({language.partition("-")[0] for language in languages})
    head["size_categories"] = [next((name for limit, name in SIZES if n_records < limit), "n>1B")]
    head["configs"] = [_config(facts, config, version, format_, below) for config in facts.configs]
    head["dataset_info"] = [_info(facts, config, version) for config in facts.configs]
    text = yaml.dump(head, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{text}---\n\n"


class _Dumper(yaml.SafeDumper):
    """Quotes every text value, so that no version becomes a number and no language code a truth value."""


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = text.replace("_", "").replace("-", "").replace("/", "").isalpha() and text.lower() not in _YAML_WORDS
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_YAML_WORDS: Final = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])
_Dumper.add_representer(str, _quoted)


def _license(spdx: str | None) -> dict[str, str]:
    if not spdx:
        return {"license": "unknown"}
    hub = licenses.hub_id(spdx)
    if hub:
        return {"license": hub}
    return {"license": "other", "license_name": spdx.lower(), "license_link": "LICENSE"}


def _config(facts: Facts, config: str, version: str, format_: str, below: str) -> dict[str, Any]:
    tables = [t for t in facts.tables if t["config"] == config]
    entry: dict[str, Any] = {"config_name": config}
    if config == facts.configs[0]:
        entry["default"] = True
    entry["version"] = version
    # For a local folder the loader's cache key holds the folder's name and this YAML but not the files; without
    # the digest a second release of the same name would load the first one's rows.
    entry["description"] = f"sha256:{config_digest(tables)}"
    entry["data_files"] = [
        {"split": t["split"], "path": [path.removeprefix(below) for path in t["files"][format_]]} for t in tables
    ]
    return entry


def config_digest(tables: Sequence[Mapping[str, Any]]) -> str:
    """One digest for all splits of a config, from their logical digests."""
    return digest({t["split"]: t["logical_digest"] for t in tables})


def _info(facts: Facts, config: str, version: str) -> dict[str, Any]:
    splits = [
        {"name": t["split"], "num_bytes": t["n_bytes"], "num_examples": t["n_rows"]}
        for t in facts.tables
        if t["config"] == config
    ]
    return {
        "config_name": config,
        "version": version,
        "features": features(facts.contract.columns(config)),
        "splits": splits,
        "dataset_size": sum(split["num_bytes"] for split in splits),
    }


def _body(facts: Facts) -> str:
    config = facts.config
    default = facts.configs[0]
    shown = [(t["config"], t["split"], t["n_rows"]) for t in facts.tables]
    path = f"dist/{config['name']}/{config['version']}"
    parts = [
        f"# {escape(facts.title)} {config['version']}\n",
        f"{status(facts)}\n" if is_draft(facts) else "",
        f"{escape(config['description'])}\n" if config.get("description") else "",
        "## What to know before use\n",
        caveat_table(facts) + "\n",
        "## Load it\n",
        f'```python\nimport datasets\n\n{default} = datasets.load_dataset("{path}")  # this folder\n```\n',
        table(("config", "split", "rows"), shown) + "\n",
        "Articles, comments and teasers are the records, each once. `segments`, `pairs` and `pages` are the ledger "
        "from which every record can be traced to all pages on which it stood; since one page holds stories of "
        f"several splits, each of these has the single split `{LEDGER_SPLIT}`.\n",
        "`DATASHEET.md`, and with pictures `datasheet.html`, tells how the dataset was made, measures it, and shows "
        "which questions are still open.\n",
        "## Fields of a record\n",
        _fields(facts),
        "\n## Measures\n",
        measure_table(facts, "sources"),
        measure_table(facts, "languages"),
        "## Cite it\n",
        f"{escape(citation_line(facts))}\n",
        code("bibtex", bibtex(facts)),
    ]
    return "\n".join(part for part in parts if part)


def _fields(facts: Facts) -> str:
    row = facts.contract.row_schema("articles")
    ours = {name: value for name, value in row["properties"].items() if name not in facts.contract.extras}
    rows = [f"| `{name}` | {value['description']} |" for name, value in ours.items()]
    parts = ["\n".join(["| field | meaning |", "|---|---|", *rows])]
    if facts.contract.extras:
        extras = {name: row["properties"][name] for name in facts.contract.extras}
        parts.append("Fields of this dataset's own schema, `schema/record.schema.json`:")
        parts.append(fields_table({"properties": extras}))
    return "\n\n".join(parts)
