"""Trains the segmenter: writes toolkit/broadsheet/segment/{text,html}.weights.json.

    python bench/train/fit.py FOLDER [--sites N] [--bags N] [--epochs N] [--holdout K] [--only text|html] [--out FOLDER]

FOLDER holds the labelled pages (gold.jsonl, html/), which are not part of this repository: the development set of WCXB
(CC BY 4.0). From its texts sites are made up, with every role and structure; its pages themselves tell what a main text
looks like in the wild. `--holdout K` leaves every fifth page out, from the K-th on, and scores these.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.append(str(Path(__file__).resolve().parents[1]))

import crf
import pieces as raw
import real
import sites
from gate_pages import ROOT, bodies, scorer
from samples import of_real, of_site

from broadsheet.segment import Page, segment_pages
from broadsheet.segment.states import MOVES, STATES
from broadsheet.segment.weights import BORDERS, KINDS, SCALE, from_json

_USUAL: Final = {"text": {"sites": 1500, "bags": 3, "epochs": 6}, "html": {"sites": 450, "bags": 2, "epochs": 8}}
"""What the shipped weights were made with."""
OUT: Final = ROOT / "toolkit" / "broadsheet" / "segment"


def to_json(model: crf.Model, kind: str) -> dict[str, object]:
    """The model as whole numbers."""
    features = {
        name: np.rint(table * SCALE).astype(int).tolist()
        for (name, _), table in zip(KINDS[kind], model.tables, strict=True)
    }
    moves = [[round(model.moves[b][a, c] * SCALE) for a, c in sorted(MOVES)] for b in range(BORDERS[kind])]
    return {
        "trained_on": "pages made up by bench/train from texts of the WCXB development set, and its article pages",
        "licence_of_the_texts": "CC BY 4.0",
        "states": list(STATES),
        "features": features,
        "moves": moves,
    }


def write(path: Path, data: dict[str, object]) -> None:
    """One line a row of weights."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text.replace("]],", "]],\n").replace('{"', '{\n"', 1) + "\n", "utf-8")


def score_left_out(pages: Sequence[real.Real], data: dict[str, object], kind: str) -> None:
    """Prints how well main texts are found on pages that were not trained on."""
    rules = scorer("eval_main")
    model = from_json(kind, data)
    total = 0.0
    for page in pages:
        view = page.page if kind == "html" else Page(page.text)
        (cut,) = segment_pages([view], model=lambda _: model)
        text = bodies(view.text, (segment for segment in cut if segment.role == "main"))
        total += rules.score(text, page.gold["main_text"])[2]
    print(f"{kind}: left out {len(pages)}, F1 {total / len(pages):.4f}")


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sites", type=int)
    parser.add_argument("--bags", type=int, help="models whose mean is taken, each from sites of its own")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--holdout", type=int)
    parser.add_argument("--only", choices=["text", "html"])
    parser.add_argument("--l2", type=float, default=5e-6)
    parser.add_argument("--out", type=Path, default=OUT)
    return parser.parse_args()


def main() -> None:
    """Fits and writes."""
    asked = arguments()
    pages = list(real.load(asked.folder))
    ids = sorted(page.id for page in pages)
    left_out = set(ids[asked.holdout :: 5]) if asked.holdout is not None else set()
    if not left_out:
        asked.out.mkdir(parents=True, exist_ok=True)
    trained = [page for page in pages if page.id not in left_out]
    texts = raw.load_pieces(asked.folder, without=left_out)
    for kind in [asked.only] if asked.only else ["text", "html"]:
        models: list[crf.Model] = []
        usual = {name: getattr(asked, name) or n for name, n in _USUAL[kind].items()}
        for bag in range(usual["bags"]):
            rng = random.Random(7 + bag)
            samples = of_real(trained, kind)
            n_real = len(samples)
            for i in range(usual["sites"]):
                samples += of_site(sites.site(texts, rng, rng.choice([5, 8, 12, 16, 24])), kind, f"site{i}", rng)
            n_lines = sum(s.bins.shape[1] for s in samples)
            print(f"{kind} {bag}: {n_real} real and {len(samples) - n_real} made-up pages, {n_lines} lines", flush=True)
            settings = crf.Settings(epochs=usual["epochs"], l2=asked.l2, seed=bag)
            models.append(crf.fit(samples, [len(b) for _, b in KINDS[kind]], BORDERS[kind], settings=settings))
            data = to_json(crf.mean(models), kind)
            if not left_out:
                write(asked.out / f"{kind}.weights.json", data)
        if left_out:
            score_left_out([page for page in pages if page.id in left_out], data, kind)


if __name__ == "__main__":
    main()
