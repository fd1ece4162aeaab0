"""`dataset.toml`: what a build needs to know that no page tells."""

import datetime
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from broadsheet.contract import schema, validator
from broadsheet.errors import CallError
from broadsheet.strict import has_surrogate

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

FILE: Final = "dataset.toml"
ANSWERS: Final = "datasheet.toml"
"""The answers to the datasheet's questions, in a file of their own beside the configuration."""
FILES: Final = (FILE, ANSWERS)
"""What is no page, wherever it lies."""
DEFAULTS: Final[Mapping[str, Any]] = {
    "version": "0.1.0",
    "repeats": {"threshold": 0.7, "scope": "global"},
    "split": {"train": 1.0},
    "export": {"formats": ["parquet", "jsonl"], "page_texts": True},
}
_REPLACED: Final = ("split",)
"""Tables that a configuration replaces whole; of the others it replaces single keys."""

_PLACEHOLDER: Final = re.compile(
    r"[\W_]*(?:to ?do|tbd|tba|tbc|fix ?me|x+|n\W*a|null|unknown|not applicable|\.*|lorem ipsum.*"
    r"|(?:more information )?needed|to be (?:done|added|written|determined)|fill (?:me )?in|placeholder)?[\W_]*",
    re.IGNORECASE | re.DOTALL,
)
"""What stands where an answer should, and is none."""


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration with all defaults filled in, and the folder that its paths are relative to."""

    values: Mapping[str, Any]
    folder: Path

    def __getitem__(self, key: str) -> Any:
        """The value of a key that every configuration has."""
        return self.values[key]

    def get(self, key: str) -> Any:
        """The value of a key, or None."""
        return self.values.get(key)


def load(file: Path | None, overrides: Mapping[str, Any] | None = None) -> Config:
    """The configuration in `file`, or the defaults, with the overrides that are not None put over it.

    Raises: CallError with every fault of the file, one a line.
    """
    given = _toml(file) if file is not None else {}
    folder = file.parent if file is not None else Path()
    if file is not None and (folder / ANSWERS).is_file():
        given["answers"] = _answers(given.get("answers", {}), folder / ANSWERS, file)
    values = _merge(_plain(given), {k: v for k, v in (overrides or {}).items() if v is not None})
    if isinstance(values.get("lexicon"), str):
        values["lexicon"] = _plain(_toml(folder / values["lexicon"]))
    _check(values, str(file) if file else "configuration")
    return Config(_merge(dict(DEFAULTS), values), folder)


def _toml(file: Path) -> dict[str, Any]:
    """What a file says. Raises: CallError where it cannot be read."""
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise CallError(f"{file}: cannot be read: {error.strerror}") from None
    except RecursionError:
        raise CallError(f"{file}: no TOML for us: nested too deeply") from None
    except ValueError as error:  # tomllib's own, and UnicodeDecodeError
        raise CallError(f"{file}: no TOML: {error}") from None


def _answers(given: Any, file: Path, beside: Path) -> Any:
    """The answers of a configuration and of the file beside it. Raises: CallError where both answer one question."""
    own = _toml(file)
    twice = sorted(own.keys() & given.keys()) if isinstance(given, Mapping) else []
    if twice:
        raise CallError(f"{file}: {', '.join(twice)}: answered in {beside}, too; leave one out")
    return {**given, **own} if isinstance(given, Mapping) else given


def _plain(value: Any) -> Any:
    """The value with TOML's dates as text."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else value


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping) and key not in _REPLACED
        merged[key] = {**merged[key], **value} if both else value
    return merged


def _odd(value: Any, at: str = "") -> Iterator[str]:
    """Where a value holds what no path, document or fraction can: NUL, bytes that are no UTF-8, infinities, NaN."""
    if isinstance(value, Mapping | list):
        for key, inner in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from _odd(inner, f"{at}.{key}" if at else str(key))
    elif (isinstance(value, float) and not math.isfinite(value)) or (
        isinstance(value, str) and ("\0" in value or has_surrogate(value))
    ):
        yield at


def _check(values: Mapping[str, Any], where: str) -> None:
    if "name" not in values:
        raise CallError(f"{where}: the dataset has no name; pass --name, or set `name` in {FILE}")
    faults = [f"{where}: {at}: holds NUL, NaN, an infinity or what is no UTF-8" for at in _odd(values)]
    for error in [] if faults else validator("config").iter_errors(values):
        at = ".".join(str(step) for step in error.instance_path)
        faults.append(f"{where}: {at or 'top level'}: {_fault(error)}")
    faults += [f"{where}: {fault}" for fault in ([] if faults else _bad_answers(values.get("answers") or {}))]
    if faults:
        raise CallError("\n".join(sorted(faults)))


def _bad_answers(answers: Mapping[str, Any]) -> Iterator[str]:
    """Answers that say nothing, or lack what their status asks for."""
    for id_, given in answers.items():
        whole = {"status": "answered", "text": given} if isinstance(given, str) else given
        needed = "text" if whole["status"] == "answered" else "reason"
        if needed not in whole:
            yield f"answers.{id_}: {whole['status']} without a {needed}; add one, or leave the answer out"
        elif _PLACEHOLDER.fullmatch(whole[needed]):
            yield f"answers.{id_}: {whole[needed]!r} is no answer; leave it out, or say `unknown` with a reason"


def _fault(error: "ValidationError") -> str:
    """What is wrong, and what would be right."""
    rules: Any = schema("config")
    for step in error.schema_path[:-1]:
        rules = rules[step]
    given: Any = error.instance
    if error.kind.name == "additionalProperties":
        known = rules.get("properties", {})
        wrong = sorted(str(key) for key in given if key not in known)
        return f"unknown {', '.join(map(repr, wrong))}; known are {', '.join(known)}"
    if error.kind.name == "pattern" and "examples" in rules:
        return f"{given!r} is not of the form of {rules['examples'][0]!r}"
    if error.kind.name == "propertyNames":
        error = error.kind.as_dict()["error"]
    return f"{error.instance!r} is not allowed here" if error.kind.name == "not" else error.message


def find(paths: tuple[Path | str, ...]) -> Path | None:
    """The configuration file in the one folder given, by default the current one, or None.

    Raises: CallError where the folder may not be entered.
    """
    if len(paths) > 1:
        return None
    file = Path(*paths) / FILE
    try:
        return file if file.is_file() else None
    except OSError as error:
        raise CallError(f"{file}: cannot be read: {error.strerror}") from None
