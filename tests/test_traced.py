"""Every number in every document is taken from a measure or the manifest, in releases built here and in those kept."""

import json
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sites import ROOT, build_pages, make_pages
from traced import NUMBER, untraced

from broadsheet.build import Built
from broadsheet.release.changes import compare

DOCUMENTS = (
    "DATASHEET.md", "README.md", "jsonl/README.md", "datasheet.html", "croissant.json", "CITATION.cff", "CITATION.bib",
    "datacite.json", "CHANGES.md", "LICENSE",
)  # fmt: skip
KEPT = {"harbour": ROOT / "dist/harbour/0.1.0", "aleppo-standoff": ROOT / "dist/aleppo-standoff/0.1.0"}
_CODE = {
    "md": r"\A---\n.*?\n---\n|^(`{3,}).*?^\1$|`[^`\n]*`|^### \w+|^\| field .*?\n\n",
    "html": r"<(style|script|pre|code).*?</\1>|<[^>]*>",
    "json": r'\A.*?(?="name")|^ *"(@\w+|sha256|encodingFormat|contentUrl|name|fileObject|schemaVersion|\w+Uri|prov:type'
            r'|doi|identifier)".*?$|"(@id|arrayShape)".*?$',
    "cff": r"cff-version.*?$",
}  # fmt: skip
"""What in a document is no figure: code, markup, names of fields and of what they are bound to."""
_NAMES = r"https?:[^\s<]+|(?:sha256:|urn:)[^\s<]+|\b[0-9a-f]{8,}\b|SHA-256"
N_ALTERED = 60


@pytest.fixture(params=["harbour", "records", "pictured", *(f"dist/{name}" for name in KEPT)])
def release(request: pytest.FixtureRequest) -> Path:
    """A release built here, or one that the repository holds."""
    kind, _, name = request.param.rpartition("/")
    return KEPT[name] if kind else request.getfixturevalue(name).path


def test_every_number_in_every_document_is_traced(release: Path) -> None:
    """Tables, prose, pictures and their labels, caveats, answers, sizes: each number is where it says it is from."""
    there = [path for path in DOCUMENTS if (release / path).exists()]
    assert {"DATASHEET.md", "README.md", "datasheet.html", "croissant.json", "CHANGES.md"} <= set(there)
    assert {path: untraced(release, path) for path in there} == {path: [] for path in there}


def _altered(text: str, kind: str) -> Iterator[str]:
    """The text with one number in it altered, a sample of all that a reader takes for figures."""
    passed = [m.span() for m in re.finditer(f"{_CODE.get(kind, '(?!)')}|{_NAMES}", text, re.DOTALL | re.MULTILINE)]
    ends = [m.end() for m in NUMBER.finditer(text) if not any(start <= m.start() < end for start, end in passed)]
    for end in random.Random(7).sample(ends, min(len(ends), N_ALTERED)):
        yield f"{text[:end]}907{text[end:]}"


@pytest.mark.parametrize("name", KEPT)
def test_whichever_number_is_altered_is_found(name: str, tmp_path: Path) -> None:
    """Of the documents kept, one number after the other is altered by hand; each time it is told."""
    root = tmp_path / "copy"
    shutil.copytree(KEPT[name], root)
    altered = 0
    for path in DOCUMENTS:
        if not (root / path).exists():
            continue
        text = (root / path).read_text("utf-8")
        for other in _altered(text, path.rpartition(".")[2]):
            (root / path).write_text(other, "utf-8")
            assert untraced(root, path), _difference(text, other)
            altered += 1
        (root / path).write_text(text, "utf-8")
    assert altered > 200


def _difference(text: str, other: str) -> str:
    at = next(k for k, (a, b) in enumerate(zip(text, other, strict=False)) if a != b)
    return other[max(0, at - 80) : at + 40]


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("DATASHEET.md", r"\d+ of 32 articles of a known source", "31 of 32 articles of a known source"),
        ("DATASHEET.md", r"\| comment \| 22 \|", "| comment | 23 |"),
        ("DATASHEET.md", r"16 of 50 questions", "17 of 50 questions"),
        ("README.md", r"\| articles \| train \| 23 \|", "| articles | train | 32 |"),
        ("README.md", r"num_examples: 203", "num_examples: 302"),
        ("datasheet.html", r"<desc id=\"cluster_sizes-d\">1 ×: 39", '<desc id="cluster_sizes-d">1 ×: 93'),
        ("datasheet.html", r"59 of 99</text>", "69 of 99</text>"),
        ("datasheet.html", r"<td class=\"n\">30075</td>", '<td class="n">30076</td>'),
        ("croissant.json", r"\"contentSize\": \"\d", '"contentSize": "10'),
        ("croissant.json", r"15 pages, 15 captures|\d+ pages, \d+ captures", "24 pages, 24 captures"),
        ("CHANGES.md", r"\| pages \| 23 \|", "| pages | 32 |"),
        ("CITATION.cff", r"version: 0\.1\.0\n", "version: 0.9.0\n"),
    ],
)
def test_a_number_planted_by_hand_is_found(harbour: Built, tmp_path: Path, path: str, old: str, new: str) -> None:
    """Also one that is right elsewhere: a number must stand in the measure that is cited for it."""
    shutil.copytree(harbour.path, tmp_path / "copy")
    file = tmp_path / "copy" / path
    text = file.read_text("utf-8")
    planted, n = re.subn(old, lambda _: new, text, count=1)
    assert n == 1
    file.write_text(planted, "utf-8")
    assert untraced(tmp_path / "copy", path)


def test_what_changed_tells_no_number_of_its_own(tmp_path: Path) -> None:
    """CHANGES.md of a later version: each number is one of the difference as `diff --json` prints it."""
    releases = []
    for version, n in (("0.1.0", 12), ("0.2.0", 17)):
        lines = "".join(json.dumps({"text": f"Notice {k} of the harbour, and no more."}) + "\n" for k in range(n))
        site = make_pages(tmp_path / version, {"rows.jsonl": lines})
        releases.append(build_pages(site, tmp_path / "out", name="site", version=version).path)
    found = compare(*releases, limit=100)
    assert untraced(releases[1], "CHANGES.md", found) == []
    file = releases[1] / "CHANGES.md"
    file.write_text(file.read_text("utf-8").replace("| 17 |", "| 19 |"), "utf-8")
    assert untraced(releases[1], "CHANGES.md", found)
