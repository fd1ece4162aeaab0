"""The JSON Schemas under `schema/`: written by hand, public, and the source of all types."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

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


@cache
def validator(name: str) -> "Validator":
    """A validator of documents, of which there is one a run, by the schema `name`; it fetches nothing.

    Its errors hold the part of the schema that failed, so that messages can name what would be right. Records, of
    which there are millions, are checked by `checks`.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
    from referencing import Registry

    # `extend` has no types.
    checks: type[Draft202012Validator] = extend(Draft202012Validator, {"pattern": _pattern_errors})  # type: ignore[no-untyped-call]
    return checks(schema(name), registry=Registry(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _pattern_errors(_validator: Json, pattern: str, value: Json, _schema: Json) -> "Iterator[ValidationError]":
    """`pattern` with `$` as ECMA 262 has it: the very end, where Python also takes the place before a line feed."""
    from jsonschema import ValidationError

    if isinstance(value, str) and not re.search(pattern.replace("$", r"\Z"), value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")
