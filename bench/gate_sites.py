"""Scores segmentation on the two labelled blogs: articles, comments, teasers, and where articles begin and end."""

import gzip
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from gate_pages import SHARED, Figures, Page, bodies, html_of, json_lines, page_of, scorer, segment_pages

from broadsheet.segment import Segment

SITES: Final = SHARED / "sites"
NAMES: Final = ("postlibertarian", "sametmax")
THRESHOLDS: Final = (0.8, 0.95)
MIN_TOKENS: Final = 30
"""Of an article that counts, as the scorer has it."""
MINOR: Final = (("comment", 0.8, 5), ("teaser", 0.6, 8))
"""Role, threshold and fewest tokens of what is no article, as the scorer has them."""

Row = dict[str, Any]


def files(form: str) -> list[Path]:
    """The files of the corpus in one form, `html` or `txt`."""
    found = [path for name in NAMES for path in (SITES / name / form).rglob("*") if path.is_file()]
    return [*found, *(SITES / name / other for name in NAMES for other in ("gt.jsonl.gz", "meta.json"))]


@cache
def _truth() -> list[tuple[str, Row]]:
    """Site and true segments of every page."""
    return [
        (name, row)
        for name in NAMES
        for row in json_lines(gzip.decompress((SITES / name / "gt.jsonl.gz").read_bytes()).decode())
    ]


@cache
def _pages(form: str) -> list[Page]:
    """Every page in one form, in the order of the truth."""
    if form == "txt":
        return [Page((SITES / site / row["txt"]).read_bytes().decode()) for site, row in _truth()]
    return [page_of(html_of((SITES / site / "html" / row["page"]).read_bytes())) for site, row in _truth()]


def predictions(text: str, segments: Sequence[Segment]) -> Iterator[Row]:
    """A page's articles, each with all its segments, its comments and its teasers, as the scorer wants them."""
    grouped: dict[tuple[str, int], list[Segment]] = {}
    for i, segment in enumerate(segments):
        if segment.role == "boilerplate":
            continue
        joined = segment.role in ("main", "sidebar") and segment.article is not None
        key = ("article", segment.article) if joined and segment.article is not None else ("alone", i)
        grouped.setdefault(key, []).append(segment)
    for group in grouped.values():
        title = next((segment.title for segment in group if segment.title), None)
        yield {"role": group[0].role, "text": bodies(text, group), "title": title}


def score(form: str, *, alone: bool) -> Figures:
    """Figures on both sites in one form; each page alone, or with repetition counted per site."""
    rules = scorer("eval_sites")
    pages = _pages(form)
    cut = segment_pages(pages, None if alone else [site for site, _ in _truth()])
    predicted: dict[str, dict[str, list[Row]]] = defaultdict(dict)
    for (site, row), page, segments in zip(_truth(), pages, cut, strict=True):
        predicted[site][row["page"]] = list(predictions(page.text, segments))
    scored = {
        thr: [rules.evaluate(predicted[site], str(SITES), site, MIN_TOKENS, thr) for site in NAMES]
        for thr in THRESHOLDS
    }
    found, also = _figures(rules, scored)
    details = [line for site, row in _truth() for line in _about(rules, site, row, predicted[site][row["page"]])]
    return Figures({}, found | also, details) if alone else Figures(found, also, details)


def _figures(rules: ModuleType, scored: dict[float, list[Row]]) -> tuple[dict[str, float], dict[str, float]]:
    """The figures that have floors, and those that explain them."""
    found: dict[str, float] = {}
    also: dict[str, float] = {}
    for thr, results in scored.items():
        whole = rules.summary(results)
        found[f"article_f1_micro_{thr * 100:.0f}"] = whole["micro_article"]["f1"]
        found[f"article_f1_macro_{thr * 100:.0f}"] = whole["macro_article_f1"]
    whole = rules.summary(scored[THRESHOLDS[0]])
    found["comment_f1_macro"] = whole["macro_comment_f1"] or 0.0
    found["teaser_f1_macro"] = whole["macro_teaser_f1"] or 0.0
    for result in scored[THRESHOLDS[0]]:
        site, edges = result["site"], result["boundary"]
        found |= {f"start_ok_{site}": edges["start_ok"], f"end_ok_{site}": edges["end_ok"]}
        for kind, of in result["by_kind"].items():
            also |= {f"{site}_{kind}_p": of["p"], f"{site}_{kind}_r": of["r"]}
        also |= {f"{site}_{role}_{x}": result[role][x] for role in ("comment", "teaser") for x in "pr"}
        also[f"{site}_role_accuracy"] = result["role_acc"] or 0.0
    return found, also


def _about(rules: ModuleType, site: str, row: Row, predicted: list[Row]) -> list[str]:
    """What is wrong on one page, a line each; no line for a page that is right."""
    lines = [*_wrong_articles(rules, row, predicted)]
    for role, threshold, fewest in MINOR:
        true = [
            rules.Seg(s, role == "teaser")
            for s in row["segments"]
            if s["role"] == role and not s.get("weak") and len(rules.tk(s["text"])) >= fewest
        ]
        ours = [rules.Seg(s) for s in predicted if s["role"] == role]
        lines += _unmatched(rules, role, [p for p in ours if p.n >= fewest], true, threshold)
    return [f"{site} {row['kind']} {row['page']}", *lines] if lines else []


def _wrong_articles(rules: ModuleType, row: Row, predicted: list[Row]) -> Iterator[str]:
    """True articles missed or met with loose edges, and predicted ones that are none, by the scorer's exceptions."""
    true = [rules.Seg(s, True) for s in row["segments"] if s["role"] in rules.ART]
    small = [s for s in true if s.n < MIN_TOKENS]
    small += [rules.Seg(s, True) for s in row["segments"] if s["role"] == "teaser" and (s.get("coverage") or 0) >= 0.6]
    true = [s for s in true if s.n >= MIN_TOKENS]
    ours = [rules.Seg(s) for s in predicted if s["role"] in rules.ART]
    matched = [(i, j, x) for i, j, x in rules.match(ours, true)[0] if x >= THRESHOLDS[0]]
    used = {i for i, _, _ in matched}
    counted = [
        p
        for i, p in enumerate(ours)
        if i in used or (p.n >= MIN_TOKENS and not any(rules.sim(p, s) >= 0.5 for s in small))
    ]
    yield from _unmatched(rules, "article", counted, true, THRESHOLDS[0])
    for i, j, x in matched:
        if x < THRESHOLDS[1]:
            yield f"   loose  article {x:.2f} ours  {_preview(ours[i])}"
            yield f"                       truth {_preview(true[j])}"


def _unmatched(rules: ModuleType, what: str, ours: list[Any], true: list[Any], threshold: float) -> Iterator[str]:
    """Lines of true segments that were missed, with the best match, and of predicted ones that are wrong."""
    pairs, best = rules.match(ours, true)
    right = [(i, j) for i, j, x in pairs if x >= threshold]
    for j, seg in enumerate(true):
        if j not in {j for _, j in right}:
            yield f"   missed {what:<8}{best[j]:.2f} {_preview(seg)}"
    for i, seg in enumerate(ours):
        if i not in {i for i, _ in right}:
            near = max((rules.sim(seg, s) for s in true), default=0.0)
            yield f"   wrong  {what:<8}{near:.2f} {_preview(seg)}"


def _preview(seg: Any) -> str:
    """How many tokens a segment has, and its beginning and end."""
    text = " ".join(str(seg.d["text"]).split())
    return f"{seg.n:>5}  {text if len(text) <= 110 else f'{text[:65]} […] {text[-40:]}'}"
