"""How far the datasheet of a release, or of a dataset that is to be built, is answered."""

import json
from pathlib import Path
from typing import Any

from broadsheet import config
from broadsheet.describe import Facts, answers, by_hand, questions, reopened
from broadsheet.errors import ReleaseError
from broadsheet.release import manifest as seal
from broadsheet.release.opened import shipped_contract


def state(path: Path) -> list[dict[str, Any]]:
    """For each question its id, section, text, who can answer it, its status and what is wrong with its answer.

    The status is `program`, `answered`, `unknown`, `not_applicable`, `open`, or `open again` where a figure that the
    answer watches has moved. `path` is a release, or a folder with a dataset.toml, whose figures are not known yet.

    Raises: CallError, ReleaseError where it is neither.
    """
    again: dict[str, str] = {}
    typed: dict[str, list[str]] = {}
    if (path / config.FILE).is_file():
        values = config.load(path / config.FILE).values
    else:
        facts = _facts(path)
        values, again, typed = facts.config, reopened(facts), by_hand(facts)
    given = answers(values)
    found = []
    for question in questions():
        answer = given.get(question.id)
        waits = "program" if question.by == "program" else "open"
        faults = [again[question.id]] if question.id in again else []
        faults += [f"{number} is typed by hand: refer to the measure" for number in typed.get(question.id, ())]
        found.append(
            {
                "id": question.id,
                "section": question.section,
                "question": question.question,
                "by": question.by,
                "status": "open again" if question.id in again else answer.status if answer else waits,
                "faults": faults,
            }
        )
    return found


def _facts(release: Path) -> Facts:
    manifest = seal.load(release)
    try:
        measures = json.loads(seal.text_of(release / seal.MEASURES))
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{release / seal.MEASURES}: cannot be read: {error}") from None
    return Facts(manifest, measures, shipped_contract(release))
