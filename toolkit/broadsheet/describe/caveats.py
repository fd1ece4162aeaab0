"""What to know before use: statements that follow from the measures, each with its evidence and what helps."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from broadsheet.describe.facts import Facts

SEVERITIES: Final = ("high", "medium", "low")
FEW: Final = 20
"""Articles under which shares say little."""


@dataclass(frozen=True, slots=True)
class Caveat:
    """One statement: how much it matters, whether it is a bias or a limit, the measures behind it, and what to do."""

    id: str
    severity: str
    kind: str
    statement: str
    measures: tuple[str, ...]
    advice: str


def caveats(facts: Facts) -> Sequence[Caveat]:
    """All that apply, the gravest first; nothing is told that no figure shows."""
    found = [caveat for check in _CHECKS for caveat in check(facts)]
    return sorted(found, key=lambda caveat: SEVERITIES.index(caveat.severity))


def _of(rows: Sequence[dict[str, Any]], **wanted: Any) -> dict[str, Any] | None:
    return next((row for row in rows if wanted.items() <= row.items()), None)


def _totals(facts: Facts) -> dict[str, Any]:
    (row,) = facts.rows("totals")
    return row


def _n(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _at_least(part: int, whole: int, share: float) -> bool:
    return whole > 0 and part >= share * whole


def _standoff(facts: Facts) -> Iterator[Caveat]:
    if "standoff" in facts.manifest:
        n = sum("left_out" in found for found in facts.measures.values())
        yield Caveat(
            "standoff", "high", "limitation",
            "No text, title or name is in this release: it says where each stands in pages that you must have. "
            "Hashes and ids of texts under 10 words are keyed, addresses and paths that would tell a title are hashed, "
            f"and {n} of {len(facts.measures)} measures are left out.",
            (), "Put the texts back from your own captures with the command broadsheet hydrate.",
        )  # fmt: skip


def _few_articles(facts: Facts) -> Iterator[Caveat]:
    n = _totals(facts)["articles"]
    if n < FEW:
        yield Caveat(
            "few-articles", "high", "limitation",
            f"It holds {_n(n, 'article')}: too few for shares, trends or comparisons.",
            ("records", "totals"), "Read them; do not count with them.",
        )  # fmt: skip


def _sources(facts: Facts) -> Iterator[Caveat]:
    row = _of(facts.rows("source_concentration"), counted="articles")
    n = facts.measures["source_concentration"]["n"]
    missing = facts.measures["source_concentration"]["missing"]
    if _at_least(missing, n, 0.2):
        yield Caveat(
            "unknown-sources", "high" if _at_least(missing, n, 0.5) else "medium", "limitation",
            f"The source of {missing} of {n} articles is not known.",
            ("source_concentration", "sources"), "Give pages their addresses in pages.jsonl and build again.",
        )  # fmt: skip
    if row and _at_least(row["n_of_largest"], row["n"], 0.5):
        yield Caveat(
            "one-source", "high", "bias",
            f"{row['n_of_largest']} of {row['n']} articles of a known source come from {row['largest']}; "
            f"the {row['sources']} sources weigh as much as {row['effective_sources']} of equal size.",
            ("source_concentration",), "Weight or sample by source, and report results by source.",
        )  # fmt: skip
    elif row and row["effective_sources"] < 5:
        yield Caveat(
            "few-sources", "medium", "bias",
            f"The {row['sources']} sources weigh as much as {row['effective_sources']} of equal size.",
            ("source_concentration",), "Report results by source; do not speak of the press at large.",
        )  # fmt: skip


def _authors(facts: Facts) -> Iterator[Caveat]:
    for row in facts.rows("author_concentration"):
        n, top = row["articles"], row["by_commonest_author"] or 0  # not told under 5
        named = row["others_that_name_commonest_author"]
        if top > 1 and _at_least(top, n, 0.25):
            also = f", and is named in {named} others" if named else ""
            yield Caveat(
                "one-author", "high" if _at_least(top, n, 0.5) else "medium", "bias",
                f"One author wrote {top} of the {n} articles with a byline{also}.",
                ("author_concentration",), "Do not take agreement between these articles for independent reports.",
            )  # fmt: skip


def _dates(facts: Facts) -> Iterator[Caveat]:
    n, missing = facts.measures["dates"]["n"], facts.measures["dates"]["missing"]
    if _at_least(missing, n, 0.2):
        yield Caveat(
            "undated", "medium", "limitation",
            f"{missing} of {n} records have no date of publication.",
            ("dates",), "Do not date a record by the capture of its page: they may be years apart.",
        )  # fmt: skip
    for row in facts.rows("younger_sidebars"):
        if row["younger"]:
            yield Caveat(
                "younger-sidebars", "high", "limitation",
                f"{row['younger']} of {row['pairs']} dated sidebars are younger than the main article beside them, "
                f"by up to {row['most_years_younger']} years.",
                ("younger_sidebars",), "Never give the texts of one page one date.",
            )  # fmt: skip
    early = _of(facts.rows("ages"), age="captured before it was published")
    if early:
        yield Caveat(
            "captured-early", "low", "limitation",
            f"{_n(early['articles'], 'article')} claimed a publication later than the capture of the page.",
            ("ages",), "Take dates of publication for claims.",
        )  # fmt: skip


def _inflation(facts: Facts) -> Iterator[Caveat]:
    rows = [row for row in facts.rows("inflation_by_source") if row["percent"] is not None and row["percent"] >= 150]
    if rows:
        most = max(rows, key=lambda row: (row["percent"], row["source"]))
        yield Caveat(
            "inflated", "medium", "bias",
            f"The pages of {most['source']} hold {most['part']} appearances of {most['whole']} records: counting pages "
            "instead of records overstates it.",
            ("inflation_by_source", "cluster_sizes"),
            "Count records; where exposure is meant, count the table segments, and say which.",
        )  # fmt: skip
    rows = [row for row in facts.rows("inflation_by_topic") if row["percent"] is not None and row["percent"] >= 150]
    if rows:
        most = max(rows, key=lambda row: (row["percent"], row["told_by"], row["topic"]))
        yield Caveat(
            "inflated-topic", "low", "bias",
            f"The {most['whole']} articles of the topic “{most['topic']}” ({most['told_by']}) appeared {most['part']} "
            "times: counting pages instead of records overstates it.",
            ("inflation_by_topic",), "Count records; say by what a topic was told.",
        )  # fmt: skip


def _upstream(facts: Facts) -> Iterator[Caveat]:
    n = _totals(facts)["segments_that_name_another_publisher"]
    if n:
        yield Caveat(
            "upstream", "medium", "bias",
            f"At least {_n(n, 'segment')} named another publisher as where it comes from.",
            ("upstream", "totals"), "Do not count a text that was taken over as a second report.",
        )  # fmt: skip


def _naming(facts: Facts) -> Iterator[Caveat]:
    """Two sources whose shares of one term have intervals that do not meet: the widest such gap."""
    rows = [row for row in facts.rows("naming") if row["voice"] == "narrator" and row["low"] is not None]
    gaps = [
        (a["low"] - b["high"], a, b)
        for a in rows
        for b in rows
        if (a["family"], a["term"]) == (b["family"], b["term"]) and a["low"] > b["high"]
    ]
    if gaps:
        _, a, b = max(gaps, key=lambda gap: (gap[0], gap[1]["term"], gap[1]["source"], gap[2]["source"]))
        yield Caveat(
            "naming", "medium", "bias",
            f"Sources name the same actors differently: of its mentions of “{a['family']}”, {a['source']} calls "
            f"{a['part']} of {a['whole']} “{a['term']}”, {b['source']} {b['part']} of {b['whole']}.",
            ("naming",), "Expect models and counts to take over the words of the larger source.",
        )  # fmt: skip


def _languages(facts: Facts) -> Iterator[Caveat]:
    found = facts.measures["languages"]
    if _at_least(found["missing"], found["n"], 0.1):
        yield Caveat(
            "undetermined-languages", "low", "limitation",
            f"The language of {found['missing']} of {found['n']} records was not determined.",
            ("languages",), "Do not read `und` as a language.",
        )  # fmt: skip
    lacking = facts.measures["naming"]
    if lacking["missing"]:
        yield Caveat(
            "words-of-one-language", "low", "limitation",
            f"{lacking['missing']} of {lacking['n']} articles are not in the lexicon's language: naming, report verbs "
            "and quotations are not measured in them.",
            ("naming", "report_verbs", "quotations"), "Name a lexicon of your own in dataset.toml.",
        )  # fmt: skip


def _segmentation(facts: Facts) -> Iterator[Caveat]:
    unsure, n = (_totals(facts)[name] for name in ("unsure_segments", "segments"))
    if unsure:
        yield Caveat(
            "unsure", "medium" if _at_least(unsure, n, 0.1) else "low", "limitation",
            f"The segmenter was unsure of {unsure} of {_n(n, 'segment')}.",
            ("confidence", "totals"), "Leave out segments of low confidence where bounds matter, or look at them.",
        )  # fmt: skip
    cut = sum(row["cut_off"] for row in facts.rows("missing_fields") if row["kind"] == "article")
    if cut:
        yield Caveat(
            "cut-off", "low", "limitation", f"The text of {_n(cut, 'article')} breaks off.",
            ("missing_fields",), "Leave out records whose field `truncated` is true where whole texts are needed.",
        )  # fmt: skip


def _persons(facts: Facts) -> Iterator[Caveat]:
    for row in facts.rows("comments_by"):
        yield Caveat(
            "comments", "medium", "limitation",
            f"It holds {_n(row['comments'], 'comment')} of readers, who were not asked; named: {row['with_author']}.",
            ("comments_by",), "Leave out the config `comments` where you can; never try to find out who wrote.",
        )  # fmt: skip
    n = _totals(facts)["personal_patterns"]
    if n:
        yield Caveat(
            "personal-data", "medium", "limitation",
            f"At least {_n(n, 'time')} a pattern of personal data was found in the texts.",
            ("personal_patterns", "totals"), "Mask them before training; there may be others.",
        )  # fmt: skip


def _splits(facts: Facts) -> Iterator[Caveat]:
    rows = facts.rows("balance")
    splits = {row["split"]: row["records"] for row in facts.rows("records") if row["kind"] == "article"}
    small = sorted(split for split, n in splits.items() if n < FEW)
    if len(splits) > 1 and small:
        named = ", ".join(f"{split} has {splits[split]}" for split in small)
        yield Caveat(
            "small-splits", "medium", "limitation", f"Splits of few articles: {named}.",
            ("records",), "Give results on them as numbers, or cut the splits otherwise.",
        )  # fmt: skip
    lacking = sorted(
        (row["source"], split)
        for row in rows
        for split in splits
        if row["source"] != "(unknown)" and not _of(rows, source=row["source"], split=split)
    )
    if lacking:
        source, split = lacking[0]
        yield Caveat(
            "unbalanced-splits", "low", "bias",
            f"The splits do not hold the same sources: {split} has no article of {source}.",
            ("balance",), "Report results by source.",
        )  # fmt: skip


def _words(facts: Facts) -> Iterator[Caveat]:
    rows = facts.rows("words_apart")
    weak = next((row for row in rows if row["words_of_large_z"] <= row["to"]), None)
    if weak:
        yield Caveat(
            "words-by-chance", "low", "limitation",
            f"Between the {weak['texts']} texts of {weak['source']} and the {weak['other_texts']} others "
            f"{weak['words_of_large_z']} words have a large z, and after relabelling the texts at random "
            f"{weak['after_relabelling_from']} to {weak['to']} have.",
            ("words_apart",), "Take the words that set sources apart for a reading list, not for a finding.",
        )  # fmt: skip


def _build(facts: Facts) -> Iterator[Caveat]:
    large = facts.manifest["large_stories"]
    if large:
        yield Caveat(
            "large-stories", "low", "limitation",
            f"{len(large)} of the stories were too large to be placed by hash and are whole in one split; the largest "
            f"has {_n(max(large.values()), 'record')}.",
            ("stories",), "Expect splits to differ from their shares.",
        )  # fmt: skip
    for number, note in enumerate(facts.damages):
        yield Caveat(f"build-{number + 1}", "medium", "limitation", note, ("quarantine",), "Look them up and decide.")


def _always(facts: Facts) -> Iterator[Caveat]:
    if not facts.config.get("license"):
        yield Caveat(
            "no-licence", "high", "limitation", "No licence has been stated for the compilation.", (),
            "Ask its makers before using or passing it on.",
        )  # fmt: skip
    yield Caveat(
        "rights", "medium", "limitation",
        "The rights in the texts stay with their owners, whatever the licence of the compilation.", (),
        "Check what your law lets you do with them.",
    )  # fmt: skip
    yield Caveat(
        "by-program", "medium", "limitation",
        "Roles, bounds, titles and authors were found by a program from the form of the text; each segment states its "
        "confidence.", ("confidence",), "Look at a sample before relying on them.",
    )  # fmt: skip


_CHECKS: Final[Sequence[Callable[[Facts], Iterator[Caveat]]]] = (
    _standoff, _few_articles, _sources, _authors, _dates, _inflation, _upstream, _naming, _languages, _segmentation,
    _persons, _splits, _words, _build, _always,
)  # fmt: skip
