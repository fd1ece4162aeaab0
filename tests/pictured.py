"""A made-up dataset in which every picture of the datasheet has something to show, also long names and many sources."""

import json
import random
from pathlib import Path

from sites import build_pages, make_pages

from broadsheet.build import Built

SOURCES = [f"{name}.example" for name in (
    "courier", "wire", "the-harbour-and-tidelands-evening-messenger", "quay", "bay", "pier", "mole", "reef", "sound"
)]  # fmt: skip
CALLED = ("rebels", "militants", "fighters")
ANSWERS = {"C3": "All {{pages.pages}} pages that nine made-up sites had in 2024.", "M1": "To show pictures."}


def rows() -> list[dict[str, object]]:
    """Records of nine sources, which call the same people differently; dated, and some of them repeated."""
    chance = random.Random(11)
    words = ["".join(chance.choices("abdeghiklmnoprstuv", k=chance.randint(3, 8))) for _ in range(900)]
    found: list[dict[str, object]] = []
    for k in range(150):
        source = SOURCES[min(k % 13, 8)]
        own = CALLED[2 if k % 5 == 0 else SOURCES.index(source) % 2]
        body = " ".join(chance.sample(words, 60))
        text = f"The {own} came, and other {own} went. “We saw the {own},” said Ada Brenn. {body} storm flood."
        month = k % 24
        row = {
            "text": text, "url": f"https://{source}/{k}", "language": "en", "title": f"Notice {k}",
            "published": f"{2022 + month // 12}-{month % 12 + 1:02d}-03T00:00:00Z",
            "captured": f"2024-{1 + k % 9:02d}-01T10:00:00Z",
        }  # fmt: skip
        found.append(row)
        again = range(2 + k % 3) if k % 7 == 0 else ()
        found += [row | {"text": f"{text} More{n}.", "url": f"https://{source}/{k}/{n}"} for n in again]
    return found


def build_pictured(out: Path) -> Built:
    """The release below `out`, in three splits."""
    site = make_pages(out / "site", {"rows.jsonl": "".join(json.dumps(row) + "\n" for row in rows())})
    return build_pages(
        site, out / "out", name="pictured", title="Nine papers, a made-up example", released="2026-01-31",
        authors=[{"name": "Ada Brenn"}], split={"train": 0.7, "validation": 0.2, "test": 0.1}, answers=ANSWERS,
    )  # fmt: skip
