"""The documents of a release: each number from a measure, hostile values inert, drafts stamped, answers kept honest."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from click.testing import CliRunner
from sheets import article, measured, page, segment
from sites import ARTICLE, ROOT, build_pages, make_pages

from broadsheet import config, describe
from broadsheet.build import Built, build
from broadsheet.cli import main
from broadsheet.contract import Contract
from broadsheet.describe.caveats import caveats
from broadsheet.errors import CallError, ReleaseError

CFF = json.loads((ROOT / "tests/formats/cff-1.2.0.schema.json").read_text("utf-8"))


# Front matter


class _Strict(yaml.SafeLoader):
    """Refuses a key that stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), keys
        return super().construct_mapping(node, deep=deep)


def test_the_cards_front_matter_keeps_to_the_closed_lists(harbour: Built, records: Built) -> None:
    """No key twice; sizes and languages of the Hub's lists, versions and codes as text."""
    import datasets.utils.metadata as hub

    sizes = json.loads((Path(hub.__file__).parent / "resources/size_categories.json").read_text("utf-8"))
    languages = json.loads((Path(hub.__file__).parent / "resources/languages.json").read_text("utf-8"))
    for built in (harbour, records):
        text = (built.path / "README.md").read_text("utf-8").split("---\n")[1]
        front = yaml.load(text, Loader=_Strict)
        assert set(front["size_categories"]) <= set(sizes)
        assert set(front["language"]) <= set(languages)
        assert all(isinstance(c["version"], str) for c in front["configs"])


@pytest.mark.parametrize(
    ("spdx", "hub", "cff"),
    [
        ("CC-BY-4.0", "cc-by-4.0", {"license": "CC-BY-4.0"}),
        ("odbl-1.0", "odbl", {"license": "ODbL-1.0"}),
        ("Etalab-2.0", "other", {"license-url": "https://spdx.org/licenses/Etalab-2.0.html"}),
        ("LicenseRef-Own", "other", {}),
    ],
)
def test_licences_have_their_name_in_each_document(tmp_path: Path, spdx: str, hub: str, cff: Mapping[str, str]) -> None:
    """One table tells SPDX and the Hub's names; CITATION.cff stays valid with each."""
    site = make_pages(tmp_path / "site", {"a.txt": ARTICLE})
    built = build_pages(site, tmp_path / "out", license=spdx, authors=[{"name": "Ada Brenn"}])
    front = yaml.safe_load((built.path / "README.md").read_text("utf-8").split("---\n")[1])
    assert front["license"] == hub
    entry = yaml.safe_load((built.path / "CITATION.cff").read_text("utf-8"))
    assert {key: value for key, value in entry.items() if key.startswith("license")} == cff
    assert not list(jsonschema_rs.Draft7Validator(CFF, validate_formats=True).iter_errors(entry))


# Drafts and answers

ALL = {q.id: "Told at length, and by hand." for q in describe.questions() if q.by != "program"}
STAMPED = (
    "README.md",
    "DATASHEET.md",
    "datasheet.html",
    "CITATION.cff",
    "CITATION.bib",
    "croissant.json",
    "datacite.json",
)


def _site(folder: Path, text: str, answers: str = "") -> config.Config:
    make_pages(folder / "pages", {"a.txt": ARTICLE})
    head = 'name = "site"\nauthors = [{ name = "A" }]\nreleased = 2026-01-31'
    (folder / "dataset.toml").write_text(f'{head}\n{text}\n[input]\npaths = ["pages"]\n')
    (folder / "datasheet.toml").write_text(answers)
    return config.load(folder / "dataset.toml")


def _toml(answers: Mapping[str, str]) -> str:
    return "".join(f"{id_} = {json.dumps(text)}\n" for id_, text in answers.items())


def _says_draft(file: Path) -> bool:
    """Whether a document says so of itself; a description holds the BibTeX entry, which says it of itself, too."""
    text = file.read_text("utf-8")
    return json.loads(text)["description"].startswith("DRAFT") if file.name == "croissant.json" else "DRAFT" in text


def test_a_draft_is_stamped_on_every_document_and_a_final_release_on_none(tmp_path: Path) -> None:
    """One open question stamps all documents; with every question answered nothing says draft."""
    for name, answers in (("draft", {"M1": "Told."}), ("final", ALL)):
        built = build([], _site(tmp_path / name, "", _toml(answers)), out=tmp_path / name)
        stamped = {path for path in STAMPED if _says_draft(built.path / path)}
        assert stamped == (set(STAMPED) if name == "draft" else set())


def test_a_final_release_with_open_questions_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    """The message names them, and nothing is published; unknown with a reason is an answer."""
    with pytest.raises(ReleaseError, match=r"41 questions of the datasheet are open: M1, .*nothing was published"):
        build([], _site(tmp_path / "a", "final = true"), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    answers = _toml({id_: text for id_, text in ALL.items() if id_ != "M3"})
    answers += '[M3]\nstatus = "unknown"\nreason = "Nobody asked at the time."\n'
    built = build([], _site(tmp_path / "b", "final = true", answers), out=tmp_path / "out")
    assert "*Unknown.* Nobody asked at the time." in (built.path / "DATASHEET.md").read_text("utf-8")


def test_references_become_figures_and_wrong_ones_are_refused(tmp_path: Path) -> None:
    """A figure in an answer is that of its measure in every document; an unknown measure, row or column is named."""
    text = "It holds {{records[article, train].code_points}} code points on {{pages.pages}} page of {{pages.n}}."
    built = build([], _site(tmp_path / "a", "", _toml({"M1": text})), out=tmp_path / "out")
    n = json.loads((built.path / "measures.json").read_text("utf-8"))["records"]["rows"][0][3]
    told = f"It holds {n} code points on 1 page of 1."
    for path in ("DATASHEET.md", "datasheet.html"):
        assert told in (built.path / path).read_text("utf-8")
    wrong = {"{{nothing.n}}": "no such measure", "{{pages.size}}": "no such column", "{{records[x].n}}": "0 rows",
             "{{pages}}": "expected {{measure.column}}"}  # fmt: skip
    for k, (reference, message) in enumerate(wrong.items()):
        with pytest.raises(CallError, match=re.escape(message)):
            build([], _site(tmp_path / f"w{k}", "", _toml({"M1": reference})), out=tmp_path / f"o{k}")


def _answer(seen: float) -> str:
    return f'[C3]\nstatus = "answered"\ntext = "All of it."\nseen = {{ "pages.code_points" = {seen} }}\n'


def test_an_answer_reopens_when_a_figure_that_it_watches_moved(tmp_path: Path) -> None:
    """Within a tenth the answer stands; beyond, the question is open again, and a final release is refused."""
    n = len(ARTICLE)
    for name, seen, is_open in (("near", n * 1.09, False), ("far", n * 1.3, True)):
        built = build([], _site(tmp_path / name, "", _answer(seen)), out=tmp_path / name)
        sheet = (built.path / "DATASHEET.md").read_text("utf-8")
        assert (f"is {n}" in sheet and "Open again" in sheet) is is_open
        assert ("C3" in sheet.split("open: ")[1].split("\n")[0]) is is_open
    others = _toml({id_: text for id_, text in ALL.items() if id_ != "C3"})
    with pytest.raises(ReleaseError, match=r"C3 is open again: pages\.code_points was"):
        build([], _site(tmp_path / "no", "final = true", others + _answer(n * 2)), out=tmp_path / "no")


def test_a_figure_typed_by_hand_is_refused_in_a_final_release(tmp_path: Path) -> None:
    """A number in an answer that a measure gives must be a reference to it."""
    answers = _toml(ALL | {"M1": f"It holds {len(ARTICLE)} code points."})
    with pytest.raises(ReleaseError, match=f"M1 holds {len(ARTICLE)} by hand"):
        build([], _site(tmp_path / "a", "final = true", answers), out=tmp_path / "out")


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ('M1 = "TODO"', "answers.M1: 'TODO' is no answer"),
        ('M1 = "[More Information Needed]"', "is no answer"),
        ('[M1]\nstatus = "unknown"', "unknown without a reason"),
        ('[M1]\nstatus = "answered"\nreason = "x"', "answered without a text"),
        ('[M1]\nstatus = "not_applicable"\nreason = "n/a"', "'n/a' is no answer"),
        ('Z9 = "x"', "Z9"),
    ],
)
def test_what_is_no_answer_is_refused(tmp_path: Path, answers: str, message: str) -> None:
    """Placeholders, missing reasons and unknown questions are named."""
    with pytest.raises(CallError, match=re.escape(message)):
        _site(tmp_path, "", answers)


def test_one_question_answered_in_both_files_is_refused(tmp_path: Path) -> None:
    """Two answers to one question are no answer."""
    with pytest.raises(CallError, match=r"M1: answered in .*dataset\.toml, too"):
        _site(tmp_path, 'answers = { M1 = "x" }', 'M1 = "y"')


def test_the_command_lists_what_is_open(tmp_path: Path) -> None:
    """In a folder that `init` wrote all that wait for a person; in a release with what moved; as JSON the same."""
    run = CliRunner()
    assert run.invoke(main, ["init", str(tmp_path / "new")]).exit_code == 0
    listed = run.invoke(main, ["datasheet", "--open", str(tmp_path / "new")]).output.splitlines()
    assert len(listed) == 42
    assert listed[-1] == "50 questions: 41 open, 9 program"
    built = build([], _site(tmp_path / "a", "", _answer(1)), out=tmp_path / "out")
    shown = run.invoke(main, ["datasheet", "--open", str(built.path)]).output
    assert "open again     C3 " in shown
    assert f"pages.code_points was 1 and is {len(ARTICLE)}" in shown
    found = json.loads(run.invoke(main, ["datasheet", "--json", str(built.path)]).output)["questions"]
    assert [row["id"] for row in found] == [question.id for question in describe.questions()]
    assert run.invoke(main, ["datasheet", str(tmp_path)]).exit_code == 1


def test_what_init_writes_can_be_uncommented(tmp_path: Path) -> None:
    """Every question stands there; with all of them filled in, the final release is built."""
    run = CliRunner()
    make_pages(tmp_path / "site", {"a.txt": ARTICLE})
    run.invoke(main, ["init", str(tmp_path / "site")])
    file = tmp_path / "site" / "datasheet.toml"
    file.write_text(re.sub(r'^# ([A-Z]\d+) = ""$', r'\1 = "Told at length."', file.read_text(), flags=re.MULTILINE))
    done = run.invoke(main, ["build", str(tmp_path / "site"), "--final", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "DRAFT" not in (tmp_path / "out/site/0.1.0/README.md").read_text("utf-8")


# Caveats


def _known(tmp_path: Path, **tables: Any) -> describe.Facts:
    ledger = {"n_rejected": 0, "n_unreadable": 0}
    settings: dict[str, Any] = {"license": "MIT"}
    manifest = {"base": None, "configuration": settings, "inputs": {"files": []}, "ledger": ledger, "large_stories": {}}
    return describe.Facts(manifest, measured(tmp_path, **tables), Contract.of(None))


def _told(facts: describe.Facts) -> dict[str, tuple[str, str]]:
    return {caveat.id: (caveat.severity, caveat.statement) for caveat in caveats(facts)}


def test_caveats_say_who_dominates(tmp_path: Path) -> None:
    """One source over half, one author over a quarter who is named elsewhere: with the numbers, gravest first."""
    articles = [article(k, source="a.example" if k < 9 else "b.example", author="Ada Brenn" if k < 5 else f"Writer {k}",
                        text="Ada Brenn was asked." if k >= 10 else "Nothing.") for k in range(15)]  # fmt: skip
    facts = _known(tmp_path, articles=articles)
    told = _told(facts)
    assert told["one-source"][1].startswith("9 of 15 articles of a known source come from a.example")
    assert told["one-author"] == (
        "medium", "One author wrote 5 of the 15 articles with a byline, and is named in 5 others.",
    )  # fmt: skip
    assert told["few-articles"][0] == "high"
    order = [("high", "medium", "low").index(caveat.severity) for caveat in caveats(facts)]
    assert order == sorted(order)
    assert all(name in facts.measures for caveat in caveats(facts) for name in caveat.measures)


def test_caveats_that_nothing_shows_are_not_told(tmp_path: Path) -> None:
    """Many sources, many authors, dated articles: none of the caveats about them."""
    import datetime

    at = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    articles = [
        article(k, source=f"s{k % 10}.example", author=f"Writer {k}", published=at, captured=at) for k in range(40)
    ]
    told = _told(_known(tmp_path, articles=articles))
    assert set(told) == {"rights", "by-program"}


def test_caveats_tell_of_sources_that_name_the_same_differently(tmp_path: Path) -> None:
    """Intervals that do not meet are a caveat, with both counts; equal words are none."""
    words = ["rebels", "terrorists"]
    for name, one, other, is_told in (("apart", 0, 1, True), ("alike", 0, 0, False)):
        articles = [
            article(k, source="ab"[k % 2] + ".example", text=f"{words[one if k % 2 else other]} came twice")
            for k in range(80)
        ]
        told = _told(_known(tmp_path / name, articles=articles))
        assert ("naming" in told) is is_told


def test_a_sidebar_that_is_younger_is_a_grave_caveat(tmp_path: Path) -> None:
    """The years are told."""
    runs = [
        [{"part": "meta", "start": s, "end": s + 4}, {"part": "body", "start": s + 5, "end": s + 10}] for s in (0, 10)
    ]
    other = article(2)["id"]
    segments = [segment(1, 0, 10, parts=runs[0]),
                segment(1, 10, 20, role="sidebar", parts=runs[1], record_id=other, canonical_id=other)]  # fmt: skip
    facts = _known(
        tmp_path, articles=[article(1), article(2)], segments=segments, pages=[page(1, "2016 body\n2025 text\n")]
    )
    assert _told(facts)["younger-sidebars"] == (
        "high", "1 of 1 dated sidebars are younger than the main article beside them, by up to 9 years.",
    )  # fmt: skip
