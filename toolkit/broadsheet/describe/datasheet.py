"""DATASHEET.md: the questions of Gebru et al., "Datasheets for Datasets" (2021), answered or shown as open."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from broadsheet.describe.facts import Facts, escape, measure_table
from broadsheet.measure import views


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


def datasheet(facts: Facts) -> str:
    """The datasheet: what the program knows, what persons answered, and what is open, by section."""
    answers = facts.config.get("answers") or {}
    known = _program_answers(facts)
    open_ids = [q.id for q in questions() if q.by != "program" and q.id not in answers]
    n_all = len(questions())
    parts = [
        f"# Datasheet: {escape(facts.title)} {facts.config['version']}\n",
        f"{'**DRAFT.** ' if open_ids else ''}{n_all - len(open_ids)} of {n_all} questions are answered"
        + (f"; open: {', '.join(open_ids)}.\n" if open_ids else ".\n"),
        "Every figure below stands in `measures.json` and is the result of the query printed with it, over the "
        "Parquet files of this release. To run one, type in the release's folder:\n",
        "```sql\n" + "\n".join(views(Path(), facts.configs)) + "\n```\n",
    ]
    section = ""
    for question in questions():
        if question.section != section:
            section = question.section
            parts.append(f"## {section}\n")
        parts.append(f"### {question.id}. {question.question}\n")
        if question.id in known:
            parts.append(known[question.id] + "\n")
        if question.id in answers:
            parts.append(f"{escape(answers[question.id])}\n")
        elif question.by != "program":
            parts.append(f"*Open: only a person can answer this{' in full' if question.id in known else ''}.*\n")
    return "\n".join(part for part in parts if part)


def _kept(config: Mapping[str, Any]) -> str:
    return " and original bytes" if (config.get("input") or {}).get("keep_bytes") else ""


def _program_answers(facts: Facts) -> dict[str, str]:
    """What the data and the build tell, by question id."""
    config = facts.config
    repeats = config["repeats"]
    program = f"Broadsheet {facts.manifest['versions']['broadsheet']}"

    def figures(*names: str) -> str:
        return "\n".join(measure_table(facts, name) for name in names)

    notes = "".join(f"\n- {escape(note)}" for note in facts.notes)
    return {
        "C1": "A row of `articles`, `comments` or `teasers` is one text, however often it was repeated. "
        "The rows of `segments`, `pairs` and `pages` say where each stood and how it was decided.\n\n"
        + figures("segments_by_role"),
        "C2": figures("records", "pages"),
        "C4": "Texts are runs of the pages' own characters, not normalised; roles, titles, bylines, languages and "
        "relations are derived by the program.",
        "C6": "Publication dates are those of records of the user's own, and for the main article of an HTML page that "
        "which its markup claims.\n\n" + figures("dates"),
        "C7": "Replies (`parent_id`), stories (`story`), occurrences (`segments`) and compared records (`pairs`).\n\n"
        + figures("occurrences", "pairs"),
        "C8": "Records that are tied by a likeness, a reply or a thread are one story, and a story is in one split, "
        "chosen by a hash of its id.\n\n" + figures("stories"),
        "C9": "Roles and bounds are a program's judgement from the form of the text."
        + notes
        + "\n\n"
        + figures("confidence", "sources", "languages"),
        **({"C14": "\n\n".join(map(escape, facts.hidden))} if facts.hidden else {}),
        "L5": "Capture times are as the input's metadata and archives give them.",
        "P1": f"{program} decoded each page, made text of HTML by keeping every visible block, cut each "
        "page into segments that tile it, validated every record against `schema/record.schema.json`, and folded "
        "repeats: texts whose shorter one's word 3-grams are contained in "
        f"the other by at least {repeats['threshold']}, scope {repeats['scope']}, if lengths or beginnings agree "
        "and no figure, date or negation differs.\n\n" + figures("formats", "segments_by_outcome"),
        "P2": f"The pages' texts{_kept(config)} are in the table `pages`; rejected records, whole and with reasons, "
        "are in `quarantine/`."
        if config["export"]["page_texts"]
        else "The pages' texts are not in this release; rejected records are in `quarantine/`.",
        "P3": f"{program}, under Apache-2.0. `manifest.json` holds the configuration and the rules' versions.",
        "D3": config.get("released") or "No date of release was stated.",
        "D4": escape(config["license"]) if config.get("license") else "No licence was stated.",
        "X3": "In `CHANGES.md` of each version, and in `index.json` beside the versions.",
    }
