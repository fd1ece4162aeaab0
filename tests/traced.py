"""Traces each number of a release's documents to the measure or the place in the manifest that it is taken from.

The documents are parsed as a reader would: a table cell is compared with the cell of its measure, the numbers of a
caveat are looked for in the measures that it cites, those of a picture in the measure below it, those of an answer in
the measures that the answer refers to. Only what is printed as code is passed over.
"""

import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from selectolax.lexbor import LexborHTMLParser, LexborNode

from broadsheet import describe

NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*")
_HASH = re.compile(r"\b(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b…?")
_ADDRESS = re.compile(r"(?:https?:|urn:|sha256:)\S+")
_FIXED = (
    "Percentages stand only where the whole is 20 or more.",
    "Hashes and ids of texts under 10 words",
    "word 3-grams",
    "SHA-256",
    "under Apache-2.0.",
)
"""What templates say of rules and names: no figure of a release."""
_PICTURES: Mapping[str, Sequence[str]] = {"balance": ("records", "sources")}
"""Further measures whose numbers a picture shows: sums over what it draws."""
_AXES = {"naming": {"0", "50", "100"}, "words_apart": {"0.05"}}
"""The ends of an axis, and from which p on a bar is pale."""


def numbers(value: Any) -> Iterator[str]:
    """All numbers in a JSON value, those inside of texts and keys, too; no addresses and no hashes."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from (*numbers(key), *numbers(inner))
    elif isinstance(value, list | tuple):
        yield from (number for inner in value for number in numbers(inner))
    elif value is not None:
        yield from NUMBER.findall(_HASH.sub("", _ADDRESS.sub("", str(value))))


@dataclass(frozen=True)
class Release:
    """What the numbers of a release's documents may be taken from."""

    root: Path

    @cached_property
    def measures(self) -> Mapping[str, Any]:
        """`measures.json`."""
        return json.loads((self.root / "measures.json").read_text("utf-8"))  # type: ignore[no-any-return]

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """`manifest.json`."""
        return json.loads((self.root / "manifest.json").read_text("utf-8"))  # type: ignore[no-any-return]

    @cached_property
    def told(self) -> set[str]:
        """What the manifest says of the whole release: no answers, no single files, but how many there are."""
        files = self.manifest["inputs"]["files"]
        rest = {k: v for k, v in self.manifest.items() if k not in {"inputs", "tables", "configuration"}}
        config = {k: v for k, v in self.manifest["configuration"].items() if k not in {"answers", "lexicon"}}
        faults = [sum(bool(file["error"]) for file in files), sum(bool(file["n_damaged"]) for file in files)]
        large = self.manifest["large_stories"]
        counts = [len(files), *faults, len(large), len((self.manifest["base"] or {}).get("held", []))]
        kept = self.manifest["ledger"]["n_rejected"] + self.manifest["ledger"]["n_unreadable"]
        return {*numbers([rest, config, counts, kept, (config.get("released") or "")[:4]])}

    @cached_property
    def described(self) -> set[str]:
        """What the schemas that it ships say of fields."""
        files = sorted((self.root / "schema").glob("*.json"))
        return {*numbers([json.loads(file.read_text("utf-8")) for file in files])}

    def of(self, *names: str) -> set[str]:
        """The numbers of measures: rows, n, what is missing, and what their own texts say."""
        return {*numbers([{k: v for k, v in self.measures[name].items() if k != "query"} for name in names])}

    def answer(self, id_: str) -> set[str]:
        """The numbers that the answer to a question may hold: those that it says itself, and what it refers to."""
        given = (self.manifest["configuration"].get("answers") or {}).get(id_, "")
        raw = json.dumps(given, ensure_ascii=False)
        names = re.findall(r"(?:\{\{\s*|\")([a-z_]+)(?:\[[^\]]*\])?\.[a-z_]+", raw)
        return {*numbers(re.sub(r"\{\{.*?\}\}", "", raw)), *self.of(*(name for name in names if name in self.measures))}

    def caveat(self, names: Sequence[str]) -> set[str]:
        """The numbers that a caveat may hold which cites these measures; one that cites none is about the whole."""
        if names:
            return self.of(*names) | self.told
        left_out = sum("left_out" in measured for measured in self.measures.values())
        return self.told | {str(left_out), str(len(self.measures))}


def untraced(root: Path, path: str, compared: Mapping[str, Any] | None = None) -> list[str]:
    """Where in the document of that path a number stands that nothing gives, a text a place.

    `compared` is the difference from the version before, for a CHANGES.md that tells one.
    """
    release, text = Release(root), (root / path).read_text("utf-8")
    if path.endswith(".html"):
        return list(_page(release, text))
    if path == "croissant.json":
        return list(_croissant(release, json.loads(text)))
    if path == "CHANGES.md" and compared:
        shares = [f"{100 * shift[share]:.1f}" for shift in compared["shifts"] for share in ("old_share", "new_share")]
        return list(_strange(release.told | {*numbers([compared, shares])}, _prose(text), path))
    if path.endswith(".md"):
        return list(_markdown(release, text))
    fixed = {"1.2.0"} if path.endswith(".cff") else {"4"} if path == "datacite.json" else set()
    value = {"cff": yaml.safe_load, "json": json.loads}.get(path.rpartition(".")[2], str)(text)
    return list(_strange(release.told | fixed, value, path))


def _strange(known: set[str], value: Any, where: str) -> Iterator[str]:
    texts = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    for fixed in _FIXED:
        texts = texts.replace(fixed, "")
    strange = [number for number in numbers(texts) if number not in known]
    if strange:
        yield f"{where}: {', '.join(strange)} in {texts[:200]!r}"


def _prose(markdown: str) -> str:
    return _plain(re.sub(r"`[^`\n]*`", "", markdown))


def _plain(markdown: str) -> str:
    return html.unescape(re.sub(r"\\([^\w\s])", r"\1", markdown)).strip()


def _cells(line: str) -> list[str]:
    return [_plain(cell) for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def _shown(value: Any) -> str:
    return "–" if value is None else " ".join(str(value).split())


def _head(measured: Mapping[str, Any]) -> str:
    lacking = "" if measured["missing"] is None else f"; {measured['missing']} of them without it"
    return f"({measured['unit']}; n = {measured['n']}{lacking})"


def _said(measured: Mapping[str, Any]) -> set[str]:
    return {*numbers([measured[key] for key in ("denominator", "source", "may", "may_not", "persons")])}


def _status(release: Release, text: str, n_questions: int) -> Iterator[str]:
    match = re.search(r"(\d+) of (\d+) questions are answered(?:; open: ([^.]*))?", text)
    waiting = [id_ for id_ in (match[3] or "").split(", ") if id_] if match else []
    if not match or (int(match[1]), int(match[2])) != (n_questions - len(waiting), n_questions):
        yield f"status: {text!r}"


def _caveats(release: Release, text: str) -> Iterator[tuple[str, str, set[str]]]:
    """By caveat what is the case, what to do, and the numbers that the measures it cites give."""
    for line in re.findall(r"^\| (?:high|medium|low) \|.*", text, re.MULTILINE):
        _, statement, evidence, advice = _cells(line)
        names = [name for name in re.findall(r"`(\w+)`", evidence) if name in release.measures]
        yield statement, advice, release.caveat(names)


def _markdown(release: Release, text: str) -> Iterator[str]:  # noqa: PLR0912 - a case a kind of block
    """DATASHEET.md, README.md and a first CHANGES.md, block by block."""
    by_title = {measured["title"]: measured for measured in release.measures.values()}
    front, _, body = text.partition("\n---\n") if text.startswith("---\n") else ("", "", text)
    if front:
        yield from _front_matter(release, yaml.safe_load(front))
    body = re.sub(r"^(`{3,}).*?^\1$", "", body, flags=re.DOTALL | re.MULTILINE)
    measured: Mapping[str, Any] | None = None
    question, n_questions = "", len(describe.questions())
    for block in re.split(r"\n\s*\n", body.strip()):
        where, first = f"{question or 'text'}", block.splitlines()[0] if block else ""
        if match := re.match(r"### ([A-Z]\d+)\. ", first):
            question, measured = match[1], None
        elif first.startswith("#"):
            measured = None
            yield from _strange(release.told, _plain(first), "title")
        elif match := re.match(r"\*\*(.+?)\*\* (\(.*\))$", first):
            measured = by_title[_plain(match[1])]
            if _plain(match[2]) != _head(measured):
                yield f"{where}: {first!r} is not {_head(measured)!r}"
        elif "questions are answered" in first:
            yield from _status(release, block, n_questions)
        elif first.startswith("| severity"):
            for statement, advice, known in _caveats(release, block):
                yield from _strange(known, [statement, advice], "caveat")
        elif first.startswith(("| field |", "| property |")):
            yield from _strange(release.described, block, "fields")
        elif first.startswith("|"):
            rows = [_cells(line) for line in block.splitlines()[2:]]
            expected = [[_shown(v) for v in row] for row in measured["rows"]] if measured else _sizes(release, first)
            yield from _unequal(rows, expected, measured["title"] if measured else "sizes")
        elif measured and re.match(r"Of |\*(No rows|Left out)", first):
            yield from _strange(_said(measured), block, measured["title"])
        else:
            yield from _strange(release.told | release.answer(question), _prose(block), where)


def _unequal(rows: list[list[str]], expected: list[list[str]], where: str) -> Iterator[str]:
    yield from (f"{where}: {row} is not {other}" for row, other in zip(rows, expected, strict=False) if row != other)
    if len(rows) != len(expected):
        yield f"{where}: {len(rows)} rows of {len(expected)}"


def _sizes(release: Release, head: str) -> list[list[str]]:
    """The rows of each table as the manifest has them: by config and split, or by config."""
    tables = release.manifest["tables"]
    if "split" in head:
        return [[table["config"], table["split"], str(table["n_rows"])] for table in tables]
    names = list(dict.fromkeys(table["config"] for table in tables))
    return [[name, str(sum(table["n_rows"] for table in tables if table["config"] == name))] for name in names]


def _front_matter(release: Release, front: Mapping[str, Any]) -> Iterator[str]:
    sizes = {(t["config"], t["split"]): (t["n_rows"], t["n_bytes"]) for t in release.manifest["tables"]}
    told = {
        (info["config_name"], split["name"]): (split["num_examples"], split["num_bytes"])
        for info in front["dataset_info"]
        for split in info["splits"]
    }
    totals = {
        info["config_name"]: info["dataset_size"] - sum(s["num_bytes"] for s in info["splits"])
        for info in front["dataset_info"]
    }
    if told != sizes or any(totals.values()):
        yield f"front matter: {told} is not {sizes}"
    names = {path for table in release.manifest["tables"] for paths in table["files"].values() for path in paths}
    paths = {path for config in front["configs"] for file in config["data_files"] for path in file["path"]}
    if not paths <= names | {name.removeprefix("jsonl/") for name in names}:
        yield f"front matter: {paths - names}"


def _page(release: Release, text: str) -> Iterator[str]:
    """`datasheet.html`: what stands outside of measures, pictures and caveats is read as answers."""
    tree = LexborHTMLParser(text)
    (linked,) = tree.css("script")
    titles = [measured["title"] for measured in release.measures.values()]
    yield from _strange(release.told | release.of("dates") | {*numbers(titles)}, json.loads(linked.text()), "JSON-LD")
    for node in tree.css("style, script, pre, code"):
        node.decompose()
    for details in tree.css("details"):
        if found := details.css_first("[id^=m-]"):
            yield from _opened(release.measures[str(found.id)[2:]], details)
    for figure in tree.css("figure"):
        link = figure.css_first("figcaption a")
        name = str(link.attributes["href"])[3:] if link else ""
        caption = figure.css_first("figcaption")
        yield from _strange(release.of(name), _texts(caption) if caption else "", f"caption of {name}")
        for node in figure.css("text, title, desc"):
            for piece in _texts(node).split("; ") if node.tag == "desc" else [_texts(node)]:
                yield from _drawn(release, name, piece)
    for item in tree.css(".caveats li"):
        names = [str(link.attributes["href"])[3:] for link in item.css("a")]
        yield from _strange(release.caveat(names), _texts(item), "caveat")
    for node in tree.css(".draft, .status"):
        yield from _status(release, _texts(node), len(tree.css("h3")))
    for node in tree.css("details, figure, .caveats, .draft, .status, nav"):
        node.decompose()
    yield from _answers(release, tree)


def _answers(release: Release, tree: LexborHTMLParser) -> Iterator[str]:
    """What is left of the page: titles, answers, and pictures that have nothing to show."""
    question = ""
    for node in tree.css("title, h1, h2, h3, main p"):
        if node.tag == "h3":
            question = str(node.id)
        open_ = re.fullmatch(r"(.*): (?:nothing to show|left out: .*); (n = .*)\.", _texts(node))
        measured = next((m for m in release.measures.values() if open_ and m["title"] == open_[1]), None)
        if measured and open_:
            if open_[2] not in _head(measured):
                yield f"picture: {_texts(node)!r} is not {_head(measured)!r}"
        else:
            yield from _strange(release.told | release.answer(question), _texts(node), question or node.tag or "")


def _drawn(release: Release, name: str, text: str) -> Iterator[str]:
    """A label, tip or piece of a description of a picture: all numbers in it stand in one row of its measure."""
    found = {*numbers(text)} - _AXES.get(name, set())
    rows = [row for of in (name, *_PICTURES.get(name, ())) for row in release.measures[of]["rows"]]
    if not any(found <= {*numbers(row)} for row in rows):
        yield f"picture {name}: {text!r} is in no row"


def _texts(node: LexborNode) -> str:
    return " ".join(node.text(separator=" ").split())


def _opened(measured: Mapping[str, Any], details: LexborNode) -> Iterator[str]:
    summary = _texts(details.css("summary")[0])
    if summary != f"{measured['title']} {_head(measured)}":
        yield f"{measured['title']}: {summary!r} is not {_head(measured)!r}"
    yield from _strange(_said(measured), " ".join(_texts(p) for p in details.css("p")), measured["title"])
    rows = [[_texts(cell) for cell in row.css("td")] for row in details.css("tbody tr")]
    expected = [[_cut(_shown(value)) for value in row] for row in measured["rows"]]
    yield from _unequal(rows, expected, measured["title"])


def _cut(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:299]}…"


def _croissant(release: Release, found: Mapping[str, Any]) -> Iterator[str]:
    found_caveats = _caveats(release, (release.root / "DATASHEET.md").read_text("utf-8"))
    caveats = {f"{statement} {advice}".replace("`", ""): known for statement, advice, known in found_caveats}
    for file in found["distribution"]:
        content = (release.root / file["contentUrl"]).read_bytes()
        if (file["contentSize"], file["sha256"]) != (f"{len(content)} B", hashlib.sha256(content).hexdigest()):
            yield f"file {file['@id']}: {file['contentSize']}"
    for name in ("rai:dataBiases", "rai:dataLimitations"):
        for text in found[name]:
            yield from _strange(caveats.get(text.replace("`", ""), set()), text, name)
    shown = [[f"{row[1]} pages", f"{row[2]} captures"] for row in release.measures["pages_by_source"]["rows"]]
    yield from _unequal([e["sc:description"].split(", ") for e in found["prov:wasDerivedFrom"]], shown, "sources")
    yield from _strange(release.of("dates"), found["rai:dataCollectionTimeframe"], "timeframe")
    answered = {number for question in describe.questions() for number in release.answer(question.id)}
    rest = {key: value for key, value in found.items() if key not in
            {"@context", "distribution", "recordSet", "rai:dataBiases", "rai:dataLimitations", "prov:wasDerivedFrom",
             "rai:dataCollectionTimeframe", "conformsTo"}}  # fmt: skip
    yield from _strange(release.told | answered, [re.sub(r"`[^`]*`", "", v) if isinstance(v, str) else _without_types(v)
                                                  for v in rest.values()], "text")  # fmt: skip
    for records in found["recordSet"]:
        text, _, path = records.get("description", "").partition(", from ")
        if path and path.removesuffix(".") not in {file["@id"] for file in found["distribution"]}:
            yield f"{records['@id']}: no such file: {path}"
        said = [text, [field.get("description") for field in records["field"]]]
        yield from _strange(release.described, said, records["@id"])


def _without_types(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_types(inner) for key, inner in value.items() if key not in {"prov:type", "@type"}}
    return [_without_types(inner) for inner in value] if isinstance(value, list) else value
