"""A dataset in which every text that anybody can give is hostile: records, pages, names, schema, settings, answers."""

import json
from pathlib import Path
from typing import Any

from sites import ARTICLE, ROOT, build_pages, make_pages

from broadsheet import describe
from broadsheet.build import Built

HOSTILE = [
    "</script><script>alert(1)</script>", "{{ pages.pages }} {% raw %}", "---\nlicense: mit\n---", "``` ` ```",
    "=cmd|' /C calc'!A0", "\u202eesrever\u2066", "<img src=x onerror=alert(1)>", "| a | b |\n|---|---|",
    "]](javascript:x)", "<!--", "]]>", "${x} #{x} <%= x %>", "@misc{x,\n  title = {y},", "\ufeff\u200b\u2028\u0085",
    "%\\input{/etc/passwd}}{", "'; DROP TABLE articles; --", "&lt;b&gt; &amp;", "\u0000".replace("\0", "\x1b[2J"), "no",
    "!!python/object/apply:os.system [x]", "*a &a", "- a: b # c", '"', "'", "\\", "$x^2_1$",
]  # fmt: skip
EVERY = " ".join(HOSTILE)
FREE = EVERY.replace("{{ pages.pages }}", "{ { pages.pages } }")
"""For answers, in which two braces ask for a figure."""
FIELDS = [f"</script>{{{{x}}}}|`{quote} {number}" for number, quote in enumerate("\"'*:")]
"""Names of properties of the user's own: a text, a list of texts, a number, an object."""
MEMBERS = ("where", "a 'b", '<i>"', "$..*")
WORDS = [" ".join(f"word{k}{n}" for n in range(30)) for k in range(len(HOSTILE))]


def own_schema() -> dict[str, Any]:
    """A schema whose names, titles, descriptions, patterns and constants are hostile."""
    described = {"title": EVERY, "description": EVERY, "$comment": EVERY, "examples": [EVERY]}
    kinds: list[dict[str, Any]] = [
        {"type": "string", "enum": [*HOSTILE, EVERY]}, {"type": "array", "items": {**described, "type": "string"}},
        {"type": "integer"},
        {"type": "object", "properties": {name: {"type": "string"} for name in MEMBERS}, "additionalProperties": False},
    ]  # fmt: skip
    return {**described, "properties": {name: described | kind for name, kind in zip(FIELDS, kinds, strict=True)}}


def _records() -> list[dict[str, Any]]:
    """Every text field of a record, some of them repeated; for each value, so that each is in each field."""
    schema = json.loads((ROOT / "schema/record.schema.json").read_text("utf-8"))
    free = [
        name
        for name, field in schema["properties"].items()
        if "string" in field["type"] and not {"enum", "pattern", "format"} & field.keys()
    ]
    found: list[dict[str, Any]] = []
    for k, value in enumerate(HOSTILE):
        text = f"{value} The rebels came, he said, in storm and flood. {WORDS[k]} “{value}” said Ada {value}."
        base = dict.fromkeys(free, value) | {"language": "en", "published": "2026-01-02T00:00:00Z", FIELDS[0]: value,
                                             "captured": "2026-01-03T00:00:00Z", FIELDS[1]: HOSTILE,
                                             FIELDS[3]: dict.fromkeys(MEMBERS, value)}  # fmt: skip
        found += [
            base | {"id": f"{value}{n}", "text": f"{text} {n}{k}{WORDS[k][::-1]}{n}", FIELDS[2]: n} for n in range(6)
        ]
        comment = {"role": "comment", "position": k, "text": f"{WORDS[k]} {value} 0"}
        found += [base | comment, {"text": "", "title": value}, {**base, FIELDS[0]: "none of these", "text": "x"}]
    found[0]["title"] = "x" * 1_000_000 + EVERY
    return found


def _page() -> str:
    claims = "".join(
        f'<meta property="{name}" content="{EVERY.replace("&", "&amp;").replace(chr(34), "&quot;")}">'
        for name in ("og:site_name", "og:title", "author", "og:description", "og:url", "article:published_time")
    )
    linked = json.dumps({"@type": "NewsArticle", "headline": EVERY, "author": EVERY}).replace("<", "\\u003c")
    body = "".join(f"<p>{paragraph}</p>" for paragraph in ARTICLE.split("\n\n"))
    escaped = EVERY.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<html lang="en"><head>{claims}<title>{escaped}</title><script type="application/ld+json">{linked}</script>'
        f"</head><body><article><h1>{escaped}</h1>{body}<p>{escaped}</p></article></body></html>"
    )


def build_hostile(folder: Path) -> Built:
    """The release below `folder`."""
    names = [f"{value.replace('/', '_').replace(chr(10), '_')}.txt" for value in HOSTILE if value != "\\"]
    pages: dict[str, str | bytes] = {
        name: ARTICLE.replace("bridge", f"bridge{k}") + f"\n\nVia {HOSTILE[k]}\n" for k, name in enumerate(names)
    }
    pages |= {"rows.jsonl": "".join(json.dumps(row) + "\n" for row in _records()), "<page>.html": _page()}
    told = [{"path": name, "url": f"https://{k}.example/{EVERY}", "source": EVERY} for k, name in enumerate(names)]
    site = make_pages(folder / "site", pages | {"=cmd.csv": 'text,author\n"a ""b"" c",=1+1\n'})
    (folder / "about.jsonl").write_text("".join(json.dumps(row) + "\n" for row in told), "utf-8")
    (folder / "own.schema.json").write_text(json.dumps(own_schema()), "utf-8")
    answers: dict[str, Any] = {question.id: FREE for question in describe.questions()}
    answers["M2"] = {"status": "unknown", "reason": FREE, "by": FREE}
    answers["M3"] = {"status": "not_applicable", "reason": FREE, "by": FREE, "date": "2026-01-31"}
    answers["C1"] = {"status": "answered", "text": "{{ pages.pages }} " + FREE, "by": FREE, "seen": {"pages.pages": 1}}
    terms = {EVERY: ["rebels"], **{value: [value] for value in HOSTILE if value.strip()}}
    return build_pages(
        site, folder / "out", name="hostile", released="2026-01-31", title=EVERY + "x" * 1_000_000, description=EVERY,
        authors=[{"name": value} for value in HOSTILE], keywords=HOSTILE, split={"no": 0.7, "true": 0.3},
        answers=answers, url="https://h.example/a'(b)*;--&=cmd", schema=str(folder / "own.schema.json"),
        identifier="10.1234/</script>{{x}}`]](x)<b>*_|%\\", topic=FIELDS[1], synthetic=False,
        lexicon={"language": "en", "name": {EVERY: terms, "</script>": {"-": ["militants"]}},
                 "report": {EVERY: {EVERY: ["said"]}}, "topic": {EVERY: {"{{a}}": ["storm"], "`": ["flood"]}}},
        input={"metadata": str(folder / "about.jsonl"), "fields": {"dek": "dek"}},
    )  # fmt: skip
