"""What persons answered to the datasheet's questions, what is open, and what must be looked at again."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from broadsheet.describe.facts import Facts
from broadsheet.errors import CallError, ReleaseError

_REFERENCE: Final = re.compile(r"\{\{\s*([a-z_]+)((?:\[[^\[\]{}]*\])?)\.([a-z_]+)\s*\}\}")
_BRACES: Final = re.compile(r"\{\{.*?\}\}")
_NUMBER: Final = re.compile(r"(?<![\w.,/:-])[0-9]+(?:[.,][0-9]+)*(?![\w/:-])")
MOVED: Final = 0.1
"""By which part of itself a watched figure may move before the answer is open again."""
LEFT_OUT: Final = "not told here"
"""Stands for a figure of a measure that a standoff release leaves out."""
_TYPED_FROM: Final = 10
"""Smaller numbers in an answer are taken for words."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the datasheet, in our words; `by` says whether program, person or both can answer it."""

    id: str
    section: str
    question: str
    by: str


@cache
def questions() -> Sequence[Question]:
    """The 50 questions in their order."""
    text = (resources.files("broadsheet.describe") / "questions.json").read_text("utf-8")
    return [Question(**entry) for entry in json.loads(text)]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: `status` is answered, unknown or not_applicable; `seen` are the figures that it watches."""

    id: str
    status: str
    text: str
    by: str | None
    date: str | None
    seen: Mapping[str, float]


def answers(config: Mapping[str, Any]) -> dict[str, Answer]:
    """The answers of a configuration by question; a text alone is one that was answered."""
    found = {}
    for id_, given in (config.get("answers") or {}).items():
        whole: Mapping[str, Any] = {"status": "answered", "text": given} if isinstance(given, str) else given
        text = whole.get("text") or whole.get("reason") or ""
        found[id_] = Answer(id_, whole["status"], text, whole.get("by"), whole.get("date"), whole.get("seen") or {})
    return found


def unanswered(config: Mapping[str, Any]) -> list[str]:
    """The questions that wait for a person, as far as the configuration alone tells."""
    given = answers(config)
    return [q.id for q in questions() if q.by != "program" and q.id not in given]


def reopened(facts: Facts) -> dict[str, str]:
    """By question why an answer must be looked at again: a figure that it watches moved by over a tenth."""
    found = {}
    for answer in answers(facts.config).values():
        moved = []
        for reference, then in answer.seen.items():
            now = value_of(facts, reference, answer.id)
            if now == LEFT_OUT:
                continue
            if not isinstance(now, int | float) or abs(now - then) > MOVED * abs(then):
                moved.append(f"{reference} was {then:g} and is {now}")
        if moved:
            found[answer.id] = "; ".join(moved)
    return found


def open_ids(facts: Facts) -> list[str]:
    """The questions that wait for a person, those among them that an answer no more fits."""
    waiting = {*unanswered(facts.config), *reopened(facts)}
    return [question.id for question in questions() if question.id in waiting]


def is_draft(facts: Facts) -> bool:
    """Whether a question is open: every document says so then."""
    return bool(open_ids(facts))


def resolved(facts: Facts, answer: Answer) -> str:
    """The answer's text with the figures that it refers to, such as `{{pages.captures}}`.

    Raises: CallError where it refers to what no measure has.
    """
    text = _REFERENCE.sub(lambda m: str(value_of(facts, f"{m[1]}{m[2]}.{m[3]}", answer.id)), answer.text)
    left = _BRACES.search(text)
    if left:
        raise CallError(
            f"answers.{answer.id}: {left[0]}: expected {{{{measure.column}}}} or {{{{measure[row].column}}}}"
        )
    return text


def value_of(facts: Facts, reference: str, id_: str) -> Any:
    """The figure that a reference names: a measure, its row by the values of its first columns, and a column.

    Raises: CallError where there is none.
    """
    match = _REFERENCE.fullmatch("{{" + reference + "}}")
    at = f"answers.{id_}: {reference}"
    if not match:
        raise CallError(f"{at}: expected measure.column or measure[row].column")
    name, key, column = match[1], match[2][1:-1], match[3]
    if name not in facts.measures:
        raise CallError(f"{at}: no such measure; known are {', '.join(facts.measures)}")
    if "left_out" in facts.measures[name]:
        return LEFT_OUT
    wanted = [part.strip() for part in key.split(",")] if key else []
    rows = [row for row in facts.rows(name) if [str(value) for value in row.values()][: len(wanted)] == wanted]
    if column in {"n", "missing"} and not wanted:
        return facts.measures[name][column]
    if len(rows) != 1:
        raise CallError(f"{at}: {len(rows)} rows are meant, expected one; name its first columns in brackets")
    if column not in rows[0]:
        raise CallError(f"{at}: no such column; known are {', '.join(rows[0])}, n, missing")
    return rows[0][column]


def by_hand(facts: Facts) -> dict[str, list[str]]:
    """By question the numbers in its answer that a measure gives: the next release would leave them stale."""
    figures = {
        str(value)
        for found in facts.measures.values()
        for value in (found["n"], found["missing"], *(value for row in found["rows"] for value in row))
        if isinstance(value, int | float) and value >= _TYPED_FROM
    }
    found = {}
    for answer in answers(facts.config).values():
        text = _BRACES.sub("", answer.text)
        typed = [n for n in _NUMBER.findall(text) if n.replace(",", "") in figures]
        if typed:
            found[answer.id] = typed
    return found


def refuse_open(config: Mapping[str, Any]) -> None:
    """Raises: ReleaseError where a final release is asked for and questions wait for a person."""
    if config.get("final") and (waiting := unanswered(config)):
        raise ReleaseError(
            f"{len(waiting)} questions of the datasheet are open: {', '.join(waiting)}; nothing was published; answer "
            "them (`unknown` and `not_applicable` are answers, too, with a reason), or build without --final"
        )


def refuse_stale(facts: Facts) -> None:
    """Raises: ReleaseError where a final release is asked for and an answer does not fit its figures."""
    if not facts.config.get("final"):
        return
    faults = [f"{id_} is open again: {why}" for id_, why in reopened(facts).items()]
    faults += [f"{id_} holds {', '.join(n)} by hand: refer to the measure" for id_, n in by_hand(facts).items()]
    if faults:
        raise ReleaseError(f"{'; '.join(faults)}; nothing was published")
