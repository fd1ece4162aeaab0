"""Hostile values in every field that anybody can fill: each document is what its format says, and nothing runs."""

import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
import yaml
from hostile import EVERY, FIELDS, HOSTILE
from sites import ROOT, json_rows
from test_croissant import _conforms, _counts

from broadsheet.build import Built
from broadsheet.describe.citation import plain
from broadsheet.release.verify import KEPT, verify

FORMATS = ROOT / "tests/formats"
ELEMENTS = {
    "html", "head", "meta", "title", "link", "style", "script", "body", "main", "a", "h1", "h2", "h3", "p", "nav", "ul",
    "li", "b", "bdi", "code", "em", "br", "figure", "figcaption", "div", "svg", "desc", "text", "rect", "path",
    "circle", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "pre",
}  # fmt: skip
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\x1b]")


class _Page(HTMLParser):
    """The tags of a page, and its texts without code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._inside: list[str] = []
        self.texts: list[str] = []
        self.tags: list[tuple[str, Mapping[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "br", "rect", "path", "circle"}:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not {"style", "script", "pre", "code"} & set(self._inside):
            self.texts.append(data)


class _Strict(yaml.SafeLoader):
    """Refuses a key that stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), keys
        return super().construct_mapping(node, deep=deep)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(pairs) == len(dict(pairs)), "a key stands twice"
    return dict(pairs)


def _json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_once, parse_constant=pytest.fail)


def _leaves(schema: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The texts that a schema lets people write, by path."""
    if "string" in (schema.get("type") or ()) and not {"enum", "pattern", "format"} & schema.keys():
        yield at, schema
    for name, inner in schema.get("properties", {}).items():
        yield from _leaves(inner, f"{at}.{name}")
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), Mapping):
            yield from _leaves(schema[keyword], f"{at}.*")


def _values(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield from (pair for key, inner in value.items() for pair in _values(inner, f"{at}.{key}"))
        yield from (pair for inner in value.values() for pair in _values(inner, f"{at}.*"))
    elif isinstance(value, list):
        yield from (pair for inner in value for pair in _values(inner, f"{at}.*"))
    elif isinstance(value, str):
        yield at, value


OTHER_TEXTS = {
    ".input.paths.*", ".input.metadata", ".input.files_from", ".input.fields.*", ".schema", ".privacy.key_file",
    ".lexicon.language",
}  # fmt: skip
"""What of the configuration names files and languages; the files' names are hostile, too."""


def test_every_text_that_people_can_write_is_hostile_here(hostile: Built) -> None:
    """Every free text of the configuration and of a record, claims of pages, names of files: none is left out."""
    written = set()
    for at, value in _values(hostile.manifest["configuration"]):
        if any(part in value for part in ("</script>", "--&=cmd")):
            written.add(at)
    config = json.loads((ROOT / "schema/config.schema.json").read_text("utf-8"))
    assert {at for at, _ in _leaves(config)} - OTHER_TEXTS - written == set()
    record = json.loads((ROOT / "schema/record.schema.json").read_text("utf-8"))
    rows = json_rows(hostile.path, "articles", "comments")
    given = {name for row in rows for name, value in row.items() if value == HOSTILE[0] or value == f"{HOSTILE[0]}0"}
    held = {".reply_to": "parent_id", ".id": "given_id"}
    assert {held.get(at, at[1:]) for at, _ in _leaves(record)} - given - {"text"} == set()
    pages = json_rows(hostile.path, "pages")
    assert {claim["name"] for page in pages for claim in page["claims"] if "onerror" in claim["value"]} >= {
        "title", "site", "author", "description",
    }  # fmt: skip
    assert any("onerror" in capture["path"] for page in pages for capture in page["captures"])
    assert any("{{x}}" in field for field in rows[0])


def test_html_is_ours_alone(hostile: Built) -> None:
    """No element, attribute or address but ours; one JSON element, which is JSON; no character turns text around."""
    text = (hostile.path / "datasheet.html").read_text("utf-8")
    page = _Page(text)
    assert {tag for tag, _ in page.tags} <= ELEMENTS
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    assert scripts == [{"type": "application/ld+json"}]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert {(attributes.get("href") or "#")[0] for tag, attributes in page.tags if tag == "a"} == {"#"}
    assert {attributes["src"] for _, attributes in page.tags if "src" in attributes} == set()
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    linked = re.search(r'<script type="application/ld\+json">\n(.*?)\n</script>', text, re.DOTALL)
    assert linked
    told = _json(linked[1])
    assert (told["@type"], told["description"]) == ("Dataset", f"DRAFT. {plain(EVERY)}")
    assert not TURNING.search("".join(page.texts))
    assert len(text) < 3_000_000


HEADS = r"#{1,3} (Datasheet: |[MCLPUDX]\d+\. |What to know|Motivation$|Composition$|Collection$|Preprocessing$|Uses$"
HEADS += r"|Distribution$|Maintenance$|How to |Load it$|Fields of a record$|Measures$|Cite it$|Changes$|0\.1\.0 "
HEADS += r"|&lt;/script)"


@pytest.mark.parametrize("name", ["DATASHEET.md", "README.md", "jsonl/README.md", "CHANGES.md"])
def test_markdown_is_ours_alone(hostile: Built, name: str) -> None:
    """No HTML, link, fence or headline but ours, and every row of a table has the cells of its head."""
    text = (hostile.path / name).read_text("utf-8")
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    text = re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    prose = re.sub(r"(?<!\\)`[^`\n]*`", "", text)
    assert not re.search(r"<[a-z/!?]", prose, re.IGNORECASE)
    assert not re.search(r"(?<!\\)\]\(", prose)
    assert not re.search(r"^(---|===|\* |\+ |>|```|~~~|    )", prose, re.MULTILINE)
    heads = [line for line in prose.splitlines() if line.startswith("#")]
    assert heads
    assert not [head[:80] for head in heads if not re.match(HEADS, head)]
    for block in re.findall(r"(?:^\|.*\n)+", prose, re.MULTILINE):
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(cells) == 1, block[:200]


@pytest.mark.parametrize("name", ["README.md", "jsonl/README.md"])
def test_front_matter_says_what_it_would_without_them(hostile: Built, name: str) -> None:
    """YAML of text, numbers, lists and tables; no key twice; every config, split and field."""
    text = (hostile.path / name).read_text("utf-8")
    front = yaml.load(text.split("\n---\n")[0], Loader=_Strict)
    assert front["license"] == "unknown"
    configs = ["articles", "comments", "segments", "pairs", "pages"]
    assert [c["config_name"] for c in front["configs"]] == configs
    assert front["pretty_name"].startswith(HOSTILE[0])
    assert {split["name"] for info in front["dataset_info"] for split in info["splits"]} == {"no", "true", "full"}
    assert {field["name"] for field in front["dataset_info"][0]["features"]} >= set(FIELDS)


def test_citations_are_valid(hostile: Built) -> None:
    """CITATION.cff holds them unchanged and keeps to its format's schema; so does DataCite's JSON, version 4.5."""
    cff = yaml.load((hostile.path / "CITATION.cff").read_text("utf-8"), Loader=_Strict)
    assert [author["name"] for author in cff["authors"]] == HOSTILE
    assert cff["keywords"] == HOSTILE
    schema = json.loads((FORMATS / "cff-1.2.0.schema.json").read_text("utf-8"))
    assert not list(jsonschema_rs.Draft7Validator(schema, validate_formats=True).iter_errors(cff))
    datacite = _json((hostile.path / "datacite.json").read_text("utf-8"))
    schema = json.loads((FORMATS / "datacite-4.5.schema.json").read_text("utf-8"))
    assert not [error.message[:200] for error in jsonschema.Draft201909Validator(schema).iter_errors(datacite)]
    assert datacite["types"]["resourceTypeGeneral"] == "Dataset"


def _bibtex(text: str) -> dict[str, str]:
    """The fields of the one entry of a file, as BibTeX reads them: it counts a brace behind a backslash, too."""
    text = re.sub(r"\A%.*\n", "", text)
    head = re.match(r"@misc\{([a-z0-9.-]+),\n", text)
    assert head
    at, found = head.end(), {}
    while (field := re.compile(r"  ([a-z]+) = \{").match(text, at)) is not None:
        at, depth = field.end(), 1
        while depth:
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        found[field[1]] = text[field.end() : at - 1]
        assert text[at : at + 2] == ",\n"
        at += 2
    assert text[at:] == "}\n"
    return found


def test_bibtex_is_one_entry(hostile: Built) -> None:
    """Every field ends where it should, and holds no command but those that stand for a letter."""
    fields = _bibtex((hostile.path / "CITATION.bib").read_text("utf-8"))
    assert fields.keys() == {"author", "title", "year", "version", "doi", "url", "note"}
    commands = set(re.findall(r"\\([a-z]+|.)", fields["title"] + fields["author"]))
    letters = {"textbackslash", "textbraceleft", "textbraceright", "textasciitilde", "textasciicircum"}
    assert commands <= {*letters, "#", "$", "%", "&", "_"}
    assert len(fields["author"].split("} and {")) == len(HOSTILE)


@pytest.mark.filterwarnings("ignore")
def test_json_ld_is_valid_and_every_record_is_generated(hostile: Built) -> None:
    """No key twice, the shapes hold, no id twice, and the reference reader finds as many records as there are."""
    found = _json((hostile.path / "croissant.json").read_text("utf-8"))
    assert found["description"].endswith(plain(EVERY))
    assert not TURNING.search(json.dumps({k: v for k, v in found.items() if k != "recordSet"}, ensure_ascii=False))
    assert _conforms(hostile.path / "croissant.json")
    expected = {f"{table['config']}-{table['split']}": table["n_rows"] for table in hostile.manifest["tables"]}
    assert _counts(hostile.path) == {"splits": 3, **expected}


def test_the_other_files_are_what_they_say(hostile: Built) -> None:
    """Measures, manifest and schemas are JSON without a key given twice; the licence is text on a few lines."""
    for file in [*hostile.path.glob("*.json"), *hostile.path.glob("schema/*.json")]:
        _json(file.read_text("utf-8"))
    assert len((hostile.path / "LICENSE").read_text("utf-8").splitlines()) < 10


def test_a_hostile_release_is_verified(hostile: Built) -> None:
    """The documents and figures are what the rows give, whatever stands in them."""
    assert {(verdict.verdict, verdict.faults) for verdict in verify(hostile.path)} == {(KEPT, ())}
