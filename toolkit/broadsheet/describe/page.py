"""`datasheet.html`: the datasheet to look at, in one file without scripts that needs no other.

Its policy forbids every script and every load. Values are escaped, and each stands in an element of its own direction.
"""

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any, Final

from broadsheet.describe import licenses
from broadsheet.describe.answers import Answer, answers, is_draft, open_ids, questions, reopened, resolved
from broadsheet.describe.caveats import caveats
from broadsheet.describe.citation import bibtex, citation_line, plain
from broadsheet.describe.datasheet import FIGURES, program_answers
from broadsheet.describe.facts import Facts, count_text, no_rows, shown
from broadsheet.describe.pictures import PICTURES
from broadsheet.measure import statements

_LONGEST: Final = 300
"""Characters of a value that the page shows."""


def page(facts: Facts) -> str:
    """The page."""
    title = f"{_value(facts.title)} {facts.config['version']}"
    head = f"{_attribute(facts.title)} {facts.config['version']}: datasheet"
    body = [
        '<a class="skip" href="#know">What to know before use</a>',
        f"<h1>{title}</h1>",
        f"<p>{_value(facts.config['description'], 5000)}</p>" if facts.config.get("description") else "",
        _status(facts),
        _contents(),
        '<h2 id="know">What to know before use</h2>',
        _caveats(facts),
        '<h2 id="look">To look at</h2>',
        *_figures(facts),
        *_questions(facts),
        '<h2 id="cite">How to cite</h2>',
        f"<p>{_value(citation_line(facts), 2000)}</p><pre>{escape(bibtex(facts))}</pre>",
        '<h2 id="run">How to run the queries</h2>',
        "<p>In the release’s folder, in DuckDB, before any of them.</p>",
        f"<details><summary>Statements</summary><pre>{escape(_setup(facts))}</pre></details>",
    ]
    return _FRAME.format(
        title=head, style=_style(), linked=_linked(facts), body="\n".join(part for part in body if part)
    )


_FRAME: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
{style}</style>
<script type="application/ld+json">
{linked}
</script>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


@cache
def _style() -> str:
    return (resources.files("broadsheet.describe") / "page.css").read_text("utf-8")


def _value(value: object, longest: int = _LONGEST) -> str:
    """A value of the data as text with a direction of its own, cut where it is long."""
    line = plain(str(value)[: 4 * longest])
    return f"<bdi>{escape(line if len(line) <= longest else line[: longest - 1] + '…')}</bdi>"


def _attribute(value: object) -> str:
    return escape(plain(str(value)[:_LONGEST]), quote=True)


def _setup(facts: Facts) -> str:
    return "SET TimeZone = 'UTC';\n" + "\n".join(statements(Path(), facts.manifest))


def _status(facts: Facts) -> str:
    waiting, n_all = open_ids(facts), len(questions())
    said = f"{n_all - len(waiting)} of {n_all} questions are answered"
    if not waiting:
        return f'<p class="status">{said}.</p>'
    links = ", ".join(f'<a href="#{id_}">{id_}</a>' for id_ in waiting)
    return f'<p class="draft">DRAFT. {said}; open: {links}.</p>'


def _contents() -> str:
    sections = list(dict.fromkeys(question.section for question in questions()))
    links = [("know", "What to know"), ("look", "To look at"), *((s.lower(), s) for s in sections), ("cite", "Cite")]
    items = "".join(f'<li><a href="#{id_}">{name}</a></li>' for id_, name in links)
    return f'<nav aria-label="Contents"><ul>{items}</ul></nav>'


def _caveats(facts: Facts) -> str:
    items = "".join(
        f'<li class="{caveat.severity}"><p><b>{caveat.severity}</b> {_value(caveat.statement, 1000)}</p>'
        f"<p>{_template(caveat.advice)}</p>"
        + (f'<p class="claims">From {_links(caveat.measures)}.</p>' if caveat.measures else "")
        + "</li>"
        for caveat in caveats(facts)
    )
    return f'<ul class="caveats">{items}</ul>'


def _links(names: tuple[str, ...]) -> str:
    return ", ".join(f'<a href="#m-{name}">{name}</a>' for name in names)


def _figures(facts: Facts) -> list[str]:
    found = []
    for name, draw in PICTURES.items():
        picture = draw(facts)
        measured = facts.measures[name]
        caption = f'<figcaption><a href="#m-{name}">{escape(measured["title"])}</a> {escape(measured["unit"])}; '
        caption += f"{count_text(measured)}. May not say {_template(measured['may_not'])}.</figcaption>"
        if picture:
            found.append(f"<figure>{caption}{picture}</figure>")
        else:
            nothing = f"left out: {measured['left_out']}" if "left_out" in measured else "nothing to show"
            found.append(f'<p class="open">{escape(measured["title"])}: {nothing}; {count_text(measured)}.</p>')
    return found


def _questions(facts: Facts) -> list[str]:
    known, given, again = program_answers(facts), answers(facts.config), reopened(facts)
    found, section = [], ""
    for question in questions():
        if question.section != section:
            section = question.section
            found.append(f'<h2 id="{section.lower()}">{section}</h2>')
        found.append(f'<h3 id="{question.id}">{question.id}. {escape(question.question)}</h3>')
        if question.id in known:
            found.append(f"<p>{_template(known[question.id])}</p>")
        found += [_measure(facts, name) for name in FIGURES.get(question.id, ())]
        if question.id in given:
            found.append(_answer(facts, given[question.id]))
            if question.id in again:
                found.append(f'<p class="open">Open again: {_value(again[question.id])}.</p>')
        elif question.by != "program":
            half = " in full" if question.id in known or question.id in FIGURES else ""
            found.append(f'<p class="open">Open: only a person can answer this{half}.</p>')
    return found


def _template(text: str) -> str:
    """Text of ours, in which backticks are code and lines that begin with a dash are items."""
    pieces = escape(text, quote=False).replace("\n- ", "<br>– ").split("`")
    return "".join(f"<code>{piece}</code>" if k % 2 else piece for k, piece in enumerate(pieces))


def _answer(facts: Facts, answer: Answer) -> str:
    status = "" if answer.status == "answered" else f"<em>{answer.status.replace('_', ' ').capitalize()}.</em> "
    signed = ", ".join(_value(part) for part in (answer.by, answer.date) if part)
    return f"<p>{status}{_value(resolved(facts, answer), 20_000)}</p>" + (
        f'<p class="who">{signed}</p>' if signed else ""
    )


def _measure(facts: Facts, name: str) -> str:
    """A measure, to be opened: what it may say, its table, its query."""
    found = facts.measures[name]
    persons = f" Of persons: {_template(found['persons'])}." if found["persons"] else ""
    then = f"\n-- then {found['then']}()" if found["then"] else ""
    head = f"{escape(found['title'])} ({escape(found['unit'])}; {count_text(found)})"
    return (
        f"<details><summary>{head}</summary>"
        f'<p class="claims" id="m-{name}">Of {_template(found["denominator"])}; from {_template(found["source"])}. '
        f"May say {_template(found['may'])}. May not say {_template(found['may_not'])}.{persons}</p>"
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(found["title"])}">{_table(found)}</div>'
        f"<pre>-- {name}\n{escape(found['query'])}{then}</pre></details>"
    )


def _table(found: Mapping[str, Any]) -> str:
    if not found["rows"]:
        return f"<p>{escape(no_rows(found))}</p>"
    head = "".join(f'<th scope="col">{escape(column.replace("_", " "))}</th>' for column in found["columns"])
    rows = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in found["rows"])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(value: object) -> str:
    if value is None or isinstance(value, int | float):
        return f'<td class="n">{shown(value)}</td>'
    return f"<td>{_value(value)}</td>"


def _linked(facts: Facts) -> str:
    """The release for search engines, as schema.org has it: JSON in which nothing can end the element."""
    config = facts.config
    (dates,) = facts.rows("dates")
    entry: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": plain(facts.title)[:_LONGEST],
        "description": ("DRAFT. " if is_draft(facts) else "") + plain(config.get("description") or facts.title)[:5000],
        "version": config["version"],
        "identifier": config.get("identifier") or f"sha256:{facts.manifest['logical_digest']}",
        "creator": [{"@type": "Organization", "name": plain(a["name"])} for a in config.get("authors") or ()],
        "measurementTechnique": f"Broadsheet {facts.manifest['versions']['broadsheet']}",
        "variableMeasured": [found["title"] for found in facts.measures.values()],
        "conditionsOfAccess": "The rights in the texts stay with their owners.",
    }
    if config.get("license"):
        entry["license"] = licenses.url(config["license"]) or config["license"]
    if config.get("url"):
        entry["url"] = config["url"]
    if config.get("released"):
        entry["datePublished"] = config["released"]
    if config.get("keywords"):
        entry["keywords"] = [plain(word) for word in config["keywords"]]
    if dates["first_published"] != "(none)":
        entry["temporalCoverage"] = f"{dates['first_published']}/{dates['last_published']}"
    text = json.dumps(entry, ensure_ascii=False, indent=1)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
