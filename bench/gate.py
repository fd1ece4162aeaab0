"""Scores segmentation and holds the figures against the floors in tests/floors.json: `make gate`.

The example site is always scored; the labelled real pages only where they lie beside the repository. A figure below
its floor, or a corpus that is not the one that was measured, ends with exit code 1.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from broadsheet.segment import Segment, segment_text

ROOT: Final = Path(__file__).resolve().parents[1]
SITE: Final = ROOT / "examples" / "harbour"
SHARED: Final = ROOT.parent / "shared"
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
    for line in (SITE / "truth.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        truth.setdefault(row["page"], []).append(row)
    right = total = found = articles = exact = segments = 0
    for page, rows in truth.items():
        text = (SITE / page).read_bytes().decode()
        cut = segment_text(text)
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
    rows = []
    for file in sorted((SHARED / "seeds").glob("*.txt")):
        text = file.read_bytes().decode()
        rows += [_by_line(file.name, text, segment) for segment in segment_text(text)]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as predicted:
        predicted.write("".join(json.dumps(row) + "\n" for row in rows))
        predicted.flush()
        command = [sys.executable, "../shared/eval/eval_seeds.py", predicted.name]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    scored = json.loads(done.stdout)
    articles, comments = scored["articles"], scored["comments"]
    return {
        "line_accuracy": scored["line_acc"],
        "articles_found": round(articles["iou90"] / articles["gold"], 4),
        "comments_right": round(comments["reply_to"] / comments["gold"], 4),
    }


def _by_line(name: str, text: str, segment: Segment) -> dict[str, Any]:
    """The segment with its first and last line, from 1, as the scorer wants it."""
    last = text[: segment.end].rstrip("\n")
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


def main() -> int:
    """Prints a line a figure; 1 where a floor is missed."""
    floors = json.loads(FLOORS.read_text("utf-8"))
    corpora = {"harbour": (harbour, SITE, [*SITE.glob("pages/*.txt"), SITE / "truth.jsonl"])}
    if (SHARED / "gold").is_dir():
        corpora["seeds"] = (seeds, SHARED, [*SHARED.glob("seeds/*.txt"), *SHARED.glob("gold/*.jsonl")])
    else:
        print("seeds     not beside the repository: not scored")
    failed = 0
    for name, (score, folder, files) in corpora.items():
        pinned = floors[name]
        if corpus_digest(folder, files) != pinned["corpus_sha256"]:
            print(f"{name:<10}corpus is not the one that was measured")
            failed = 1
        for measure, value in score().items():
            floor = pinned[measure]
            failed |= value < floor
            print(f"{name:<10}{measure:<20}{value:>8.4f}   floor {floor:.4f}{'   BELOW' if value < floor else ''}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
