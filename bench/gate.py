"""Scores segmentation and holds the figures against the floors in tests/floors.json: `make gate`.

The example site is always scored; the labelled real pages only where they lie beside the repository. A figure below
its floor, or a corpus that is not the one that was measured, ends with exit code 1. Figures without a floor explain
the others or compare with them.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import gate_main
import gate_sites
from gate_pages import ROOT, SHARED, Figures, Page, json_lines, scorer, segment_pages

from broadsheet.segment import Segment

SITE: Final = ROOT / "examples" / "harbour"
FLOORS: Final = ROOT / "tests" / "floors.json"


def corpus_digest(folder: Path, files: list[Path]) -> str:
    """SHA-256 of what `sha256sum` prints for the files in their order, paths relative to the folder."""
    lines = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder).as_posix()}\n"
        for file in sorted(files)
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def harbour() -> dict[str, Any]:
    """Figures on the example site: characters in the right role, and articles found with overlap 0.9 or more."""
    truth: dict[str, list[dict[str, Any]]] = {}
    for row in json_lines((SITE / "truth.jsonl").read_text("utf-8")):
        truth.setdefault(row["page"], []).append(row)
    right = total = found = articles = exact = segments = 0
    captures = {row["path"]: row for row in json_lines((SITE / "pages.jsonl").read_text("utf-8"))}
    sites = [captures[page]["url"].split("/")[2] if captures[page]["url"] else "" for page in truth]
    cuts = segment_pages([Page((SITE / page).read_bytes().decode()) for page in truth], sites)
    for rows, cut in zip(truth.values(), cuts, strict=True):
        roles = [segment.role for segment in cut for _ in range(segment.start, segment.end)]
        for row in rows:
            total += row["end"] - row["start"]
            right += sum(role == row["role"] for role in roles[row["start"] : row["end"]])
        segments += len(rows)
        exact += len({(r["start"], r["end"], r["role"]) for r in rows} & {(s.start, s.end, s.role) for s in cut})
        gold = list(_articles((r["article"], r["start"], r["end"]) for r in rows))
        ours = list(_articles((s.article, s.start, s.end) for s in cut))
        articles += len(gold)
        found += sum(any(len(g & o) >= 0.9 * len(g | o) for o in ours) for g in gold)
    return {
        "role_accuracy_chars": round(right / total, 4),
        "articles_found": round(found / articles, 4),
        "segments_exact": round(exact / segments, 4),
    }


def _articles(runs: Iterator[tuple[int | None, int, int]]) -> Iterator[set[int]]:
    """The code points of each article."""
    by_number: dict[int, set[int]] = {}
    for number, start, end in runs:
        if number is not None:
            by_number.setdefault(number, set()).update(range(start, end))
    yield from by_number.values()


def seeds() -> dict[str, Any]:
    """Figures on the labelled real pages, by the scorer that lies with them."""
    texts = {file.name: file.read_bytes().decode() for file in sorted((SHARED / "seeds").glob("*.txt"))}
    cuts = segment_pages([Page(text) for text in texts.values()])
    rows = [
        _by_line(name, text, segment) for (name, text), cut in zip(texts.items(), cuts, strict=True) for segment in cut
    ]
    gold: dict[str, dict[int, dict[str, Any]]] = {}
    for line in json_lines((SHARED / "gold" / "lines.jsonl").read_text("utf-8")):
        gold.setdefault(line["file"], {})[line["line"]] = line
    labelled = list(json_lines((SHARED / "gold" / "segments.jsonl").read_text("utf-8")))
    lines = {name: text.split("\n") for name, text in texts.items()}
    scored = scorer("eval_seeds").score(gold, lines, rows, labelled)
    articles, comments = scored["articles"], scored["comments"]
    return {
        "line_accuracy": scored["line_acc"],
        "articles_found": round(articles["iou90"] / articles["gold"], 4),
        **{
            f"comments_{name}": round(comments[name] / comments["gold"], 4)
            for name in ("exact_span", "author", "depth", "reply_to")
        },
    }


def _by_line(name: str, text: str, segment: Segment) -> dict[str, Any]:
    """The segment with its first and last line, from 1, as the scorer wants it: empty lines behind it belong to it."""
    last = text[: segment.end].removesuffix("\n")
    return {
        "file": name,
        "start_line": text.count("\n", 0, segment.start) + 1,
        "end_line": last.count("\n") + 1,
        "role": segment.role,
        "article": segment.article,
        "author": segment.author,
        "depth": segment.depth,
        "reply_to": segment.reply_to,
    }


@dataclass(frozen=True, slots=True)
class Corpus:
    """How a corpus is scored, which files it has, and the folder that their paths are relative to."""

    score: Callable[[], Figures]
    folder: Path
    files: Callable[[], list[Path]]
    floored: bool = True


def corpora() -> dict[str, Corpus]:
    """All corpora by name, whether or not they are there."""
    sites, wcxb = gate_sites, gate_main
    found = {
        "harbour": Corpus(lambda: Figures(harbour()), SITE, lambda: [*SITE.glob("pages/*.txt"), SITE / "truth.jsonl"]),
        "seeds": Corpus(
            lambda: Figures(seeds()), SHARED, lambda: [*SHARED.glob("seeds/*.txt"), *SHARED.glob("gold/*.jsonl")]
        ),
    }
    for form in ("html", "txt"):
        files = partial(sites.files, form)
        found[f"sites_{form}"] = Corpus(partial(sites.score, form, alone=False), sites.SITES, files)
        found[f"sites_{form}_alone"] = Corpus(partial(sites.score, form, alone=True), sites.SITES, files, floored=False)
    found["wcxb_html"] = Corpus(wcxb.score_html, wcxb.WCXB, wcxb.files)
    found["wcxb_txt"] = Corpus(wcxb.score_txt, wcxb.WCXB, wcxb.files)
    return found


def check(name: str, figures: Figures, pinned: dict[str, Any]) -> bool:
    """Prints a line a figure; whether none is below its floor."""
    kept = True
    for measure, value in figures.floored.items():
        floor = pinned.get(measure)
        below = floor is not None and value < floor
        kept &= not below
        told = "" if floor is None else f"   floor {floor:.4f}{'   BELOW' if below else ''}"
        print(f"{name:<17}{measure:<34}{value:>9.4f}{told}")
    for measure, value in figures.shown.items():
        print(f"{name:<17}{measure:<34}{value:>9.4f}   shown")
    for measure in _measures(pinned) - figures.floored.keys():
        print(f"{name:<17}{measure:<34}     none   floor {pinned[measure]:.4f}   is no longer measured")
    return kept


def _measures(pinned: dict[str, Any]) -> set[str]:
    """The keys of a corpus's floors that are figures."""
    return {key for key, value in pinned.items() if isinstance(value, int | float)}


def rewritten(pinned: dict[str, Any], digest: str, figures: Figures) -> dict[str, Any]:
    """The floors of a corpus with new figures; all that is no figure stays."""
    other = {key: value for key, value in pinned.items() if key not in _measures(pinned) | {"corpus_sha256"}}
    return {"corpus_sha256": digest, **figures.floored, **other}


def main() -> int:
    """Prints a line a figure; 1 where a floor is missed."""
    known = corpora()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=known, default=list(known), metavar="NAME", help=", ".join(known))
    parser.add_argument("--verbose", action="store_true", help="print what is wrong, page by page")
    parser.add_argument("--write", action="store_true", help="make the figures the floors")
    asked = parser.parse_args()
    floors = json.loads(FLOORS.read_text("utf-8"))
    failed = False
    for name in known:
        if name not in asked.only:
            continue
        corpus, began = known[name], time.perf_counter()
        files = corpus.files()
        there = [file for file in files if file.is_file()]
        if not there or len(there) < len(files):
            print(f"{name:<17}{'is incomplete' if there else 'not beside the repository'}: not scored")
            failed |= bool(there)
            continue
        pinned, digest = floors.get(name, {}), corpus_digest(corpus.folder, files)
        if not asked.write and pinned.get("corpus_sha256", digest) != digest:
            print(f"{name:<17}corpus is not the one that was measured")
            failed = True
        figures = corpus.score()
        failed |= not check(name, figures, pinned) and not asked.write
        if asked.verbose and figures.details:
            print(*(f"    {line}" for line in figures.details), sep="\n")
        if corpus.floored:
            floors[name] = rewritten(pinned, digest, figures)
        print(f"{name:<17}{time.perf_counter() - began:.1f} s", flush=True)
    if asked.write:
        FLOORS.write_text(json.dumps(floors, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
