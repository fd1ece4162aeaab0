"""DATASHEET.md: the questions of Gebru et al., "Datasheets for Datasets" (2021), answered or shown as open."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from broadsheet.describe.answers import Answer, answers, open_ids, questions, reopened, resolved
from broadsheet.describe.caveats import caveats
from broadsheet.describe.citation import bibtex, citation_line
from broadsheet.describe.facts import Facts, escape, measure_table
from broadsheet.measure import statements

FIGURES: Final[Mapping[str, Sequence[str]]] = {
    "C1": ["segments_by_role", "cut_pages"],
    "C2": ["records", "pages", "totals"],
    "C3": ["pages_by_source", "sources", "source_concentration", "languages", "scripts"],
    "C6": ["missing_fields", "dates"],
    "C7": ["occurrences", "pairs"],
    "C8": ["stories", "balance"],
    "C9": [
        "confidence",
        "quarantine",
        "cluster_sizes",
        "largest_clusters",
        "inflation_by_source",
        "inflation_by_topic",
        "inflation_by_story",
    ],
    "C10": ["links", "upstream"],
    "C11": ["personal_patterns"],
    "C13": ["naming", "inflation_by_term", "report_verbs", "words_apart"],
    "C14": ["authors", "author_concentration", "comments_by", "quotations", "quoted"],
    "L1": ["publishers"],
    "L5": ["ages", "published_captured", "younger_sidebars"],
    "P1": ["formats", "segments_by_outcome"],
}
"""The measures that help to answer a question; each stands at one."""


def datasheet(facts: Facts) -> str:
    """The datasheet: what to know first, then what the program knows, what persons answered, and what is open."""
    known = program_answers(facts)
    given = answers(facts.config)
    again = reopened(facts)
    parts = [
        f"# Datasheet: {escape(facts.title)} {facts.config['version']}\n",
        f"{status(facts)}\n",
        "## What to know before use\n",
        caveat_table(facts),
        "\nEvery figure below stands in `measures.json` and is the result of the query printed with it, over the "
        "Parquet files of this release; the last section holds what must be run before. A dash is a cell that is not "
        "shown or not defined. Percentages stand only where the whole is 20 or more.\n",
    ]
    section = ""
    for question in questions():
        if question.section != section:
            section = question.section
            parts.append(f"## {section}\n")
        parts.append(f"### {question.id}. {question.question}\n")
        if question.id in known:
            parts.append(known[question.id] + "\n")
        parts += [measure_table(facts, name) for name in FIGURES.get(question.id, ())]
        if question.id in given:
            parts.append(_answer(facts, given[question.id]))
            if question.id in again:
                parts.append(f"*Open again: {escape(again[question.id])}.*\n")
        elif question.by != "program":
            half = question.id in known or question.id in FIGURES
            parts.append(f"*Open: only a person can answer this{' in full' if half else ''}.*\n")
    parts += ["## How to cite\n", f"{escape(citation_line(facts))}\n", code("bibtex", bibtex(facts))]
    parts += [
        "## How to run the queries\n",
        "In the release's folder, in DuckDB; a query that ends in `then` goes on through the function of that name in "
        "`broadsheet.measure`, whose draws come from a fixed seed.\n",
        code("sql", "SET TimeZone = 'UTC';\n" + "\n".join(statements(Path(), facts.manifest)) + "\n"),
    ]
    return "\n".join(part for part in parts if part)


def status(facts: Facts) -> str:
    """How many questions are answered, and which are open."""
    waiting, n_all = open_ids(facts), len(questions())
    said = f"{n_all - len(waiting)} of {n_all} questions are answered"
    return f"**DRAFT.** {said}; open: {', '.join(waiting)}." if waiting else f"{said}."


def caveat_table(facts: Facts) -> str:
    """The caveats with severity, evidence and what to do."""
    lines = ["| severity | what is the case | evidence | what to do |", "|---|---|---|---|"]
    for caveat in caveats(facts):
        evidence = ", ".join(f"`{name}`" for name in caveat.measures) or "`manifest.json`"
        lines.append(f"| {caveat.severity} | {escape(caveat.statement)} | {evidence} | {caveat.advice} |")
    return "\n".join(lines)


def code(language: str, text: str) -> str:
    """The text as a block of code that nothing in it can end."""
    fence = "`" * 3
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}{fence}\n"


def _answer(facts: Facts, answer: Answer) -> str:
    """The answer with its status, and who gave it when."""
    text = escape(resolved(facts, answer))
    if answer.status != "answered":
        text = f"*{answer.status.replace('_', ' ').capitalize()}.* {text}"
    signed = ", ".join(escape(part) for part in (answer.by, answer.date) if part)
    return f"{text}\n" + (f"\n({signed})\n" if signed else "")


def _kept(config: Mapping[str, Any]) -> str:
    return " and original bytes" if (config.get("input") or {}).get("keep_bytes") else ""


def program_answers(facts: Facts) -> dict[str, str]:
    """What the data and the build tell, by question id, as Markdown."""
    config = facts.config
    repeats = config["repeats"]
    program = f"Broadsheet {facts.manifest['versions']['broadsheet']}"
    notes = "".join(f"\n- {escape(note)}" for note in facts.notes)
    return {
        "C1": "A row of `articles`, `comments` or `teasers` is one text, however often it was repeated. "
        "The rows of `segments`, `pairs` and `pages` say where each stood and how it was decided.",
        "C2": "As counted here.",
        "C4": "Texts are runs of the pages' own characters, not normalised; roles, titles, bylines, languages and "
        "relations are derived by the program.",
        "C6": "Publication dates are those of records of the user's own, and for the main article of an HTML page that "
        "which its markup claims.",
        "C7": "Replies (`parent_id`), stories (`story`), occurrences (`segments`) and compared records (`pairs`).",
        "C8": "Records that are tied by a likeness, a reply or a thread are one story, and a story is in one split, "
        "chosen by a hash of its id.",
        "C9": "Roles and bounds are a program's judgement from the form of the text." + notes,
        **({"C14": "\n\n".join(map(escape, facts.hidden))} if facts.hidden else {}),
        "L5": "Capture times are as the input's metadata and archives give them.",
        "P1": f"{program} decoded each page, made text of HTML by keeping every visible block, cut each "
        "page into segments that tile it, validated every record against `schema/record.schema.json`, and folded "
        "repeats: texts whose shorter one's word 3-grams are contained in "
        f"the other by at least {repeats['threshold']}, scope {repeats['scope']}, if lengths or beginnings agree "
        "and no figure, date or negation differs.",
        "P2": f"The pages' texts{_kept(config)} are in the table `pages`; rejected records, whole and with reasons, "
        "are in `quarantine/`."
        if config["export"]["page_texts"]
        else "The pages' texts are not in this release; rejected records are in `quarantine/`.",
        "P3": f"{program}, under Apache-2.0. `manifest.json` holds the configuration and the rules' versions.",
        "D3": config.get("released") or "No date of release was stated.",
        "D4": f"The compilation: {escape(config['license'])}. The texts: whatever their owners say."
        if config.get("license")
        else "No licence was stated.",
        "X3": "In `CHANGES.md` of each version, and in `index.json` beside the versions.",
    }
