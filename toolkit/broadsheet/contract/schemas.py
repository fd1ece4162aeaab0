"""The JSON Schemas under `schema/`: written by hand, public, and the source of all types."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

SCHEMAS: Final = ("page", "segment", "record", "release", "config", "manifest")
RECORD_CONFIGS: Final = {"articles": "article", "comments": "comment", "teasers": "teaser"}
"""Configs of record rows, with the kind of record that each holds; the first is the default config."""
LEDGER_CONFIGS: Final = {"segments": "segment", "pairs": "pair", "pages": "page"}
"""Configs of the ledger, each with one split for everything, and the row that each holds."""
LEDGER_SPLIT: Final = "full"
"""The split of the ledger's configs, which no record split divides. (`all` is a keyword of `datasets`.)"""
KINDS: Final = {"main": "article", "sidebar": "article", "teaser": "teaser", "comment": "comment"}
"""Kind of the record that a segment of each role becomes; boilerplate becomes none."""

Json = Any


def schema_path(name: str) -> Path:
    """The file of one of the schemas named in `SCHEMAS`: in the wheel, or in a checkout beside `toolkit/`."""
    packaged = Path(str(resources.files("broadsheet"))) / "schema"
    folder = packaged if packaged.is_dir() else Path(__file__).resolve().parents[3] / "schema"
    return folder / f"{name}.schema.json"


@cache
def schema(name: str) -> Mapping[str, Json]:
    """One of the schemas in `SCHEMAS`, parsed; `release#record` names a definition inside one."""
    file, _, definition = name.partition("#")
    loaded: dict[str, Json] = json.loads(schema_path(file).read_text("utf-8"))
    return loaded["$defs"][definition] if definition else loaded
