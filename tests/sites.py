"""What tests build releases from, and how they look at them: small page folders, the example site, row readers."""

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from broadsheet import build as way
from broadsheet import config

ROOT = Path(__file__).resolve().parents[1]
HARBOUR = ROOT / "examples" / "harbour"
SHARED = ROOT.parent / "shared"

ARTICLE = """\
Swing bridge closes for a week

By Ines Holm

The swing bridge over the inner basin closes on Monday for a week, the harbour office said. Lorries must take \
the northern road, which is longer by eleven kilometres and has been repaired since the spring.

Walkers may still cross from six in the morning until the last ferry has left, the office said, and cyclists may \
push their bicycles. Work on the bearings is to end before the herring fair begins on the following Saturday.

The bearings were last changed when the bridge was built, and two of them have worn through on the side that \
faces the sea. A smith from the northern shore has forged new ones, which lie in the yard under a sheet until \
the tide is low enough.

“We would rather close it for a week than have it close by itself,” said the bridge keeper, who has turned it by \
hand since the motor failed in the winter. He expects the new motor to arrive with the next boat, and has \
cleared a place for it.

Boats with masts can pass at night, when the bridge is left open between eleven and five. Skippers are asked to \
show a lamp and to keep to the eastern pillar, since the men have left their rafts and their tools along the \
western one.
"""
"""A page that always becomes a valid record, so that a build with it has something to release."""

LINES = st.sampled_from(
    [
        "", "", " ", "\t", "\u00a0\u2003", "The mill at Orrin", "By Hanna Voss", "Subscribe now for 3 euros a month",
        "  • Dora writes", "  1. Emil, 3 May 2021, 10:42", "    The ferry was late again, and nobody told us why.",
        "Two men walked down to the river, and the dog, who knew better, stayed at home.", "Read more…",
        "Der Rat hat gestern beschlossen, dass die Brücke nicht mehr gebaut wird.", "…", "© 2020", "12.5.2020",
        "كتب المراسل أن السفينة وصلت إلى الميناء في الصباح.", "ספינה הגיעה אל הנמל בבוקר.", "昨日、港に船が着いた。",
        "e\u0301a\u0308o\u0308", "\u200f\u202b", "\U0001f600 \U00020000", "a\u2028b\u0085c", "\x00", "x\ry", "\ufeff",
        "5² and 5₂, −5.20 and ½", "NULL", "nan",
    ]
)  # fmt: skip
"""Lines of every kind that a page may hold: right-to-left, combining marks, NUL, 4-byte characters, white space."""

TEXTS = st.one_of(
    st.just(""),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    st.lists(LINES, max_size=30).map("\n".join),
    st.lists(LINES, max_size=20).map("\r\n".join),
    st.text(alphabet="\n\r\t \u2028\u3000.•1ab…", max_size=150),
)
"""Texts of pages: empty, any characters, lines with either line end, almost only white space."""


def make_pages(folder: Path, pages: Mapping[str, str | bytes]) -> Path:
    """The folder, with a file a page."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return folder


def build_pages(folder: Path, out: Path, *, n_workers: int = 1, **settings: Any) -> way.Built:
    """A release of a folder without dataset.toml."""
    return way.build([folder], config.load(None, {"name": "site", **settings}), out=out, n_workers=n_workers)


def build_harbour(out: Path, *, site: Path = HARBOUR, n_workers: int = 1, **settings: Any) -> way.Built:
    """A release of the example site."""
    return way.build([], config.load(site / config.FILE, settings), out=out, n_workers=n_workers)


def tables(release: Path) -> list[tuple[str, str]]:
    """Every (config, split) of a release."""
    manifest = json.loads((release / "manifest.json").read_text("utf-8"))
    return [(table["config"], table["split"]) for table in manifest["tables"]]


def json_rows(release: Path, *configs: str) -> list[dict[str, Any]]:
    """The rows of the configs in all their splits, read from the JSON lines without any code of the project."""
    rows = []
    for name in configs:
        for file in sorted((release / "jsonl" / name).glob("*.jsonl.gz")):
            rows += [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    return rows


def rejections(release: Path) -> list[dict[str, Any]]:
    """The lines of the quarantine; none where there is no such file."""
    file = release / "quarantine" / "rejected.jsonl.gz"
    if not file.exists():
        return []
    return [json.loads(line) for line in gzip.decompress(file.read_bytes()).split(b"\n") if line]


def sums(release: Path) -> str:
    """The checksums of a release's files: equal sums are equal bytes."""
    return (release / "SHA256SUMS").read_text("utf-8")


def snapshot(folder: Path) -> dict[str, tuple[int, bytes | None]]:
    """Time of change and bytes of everything below a folder, hidden files too."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
        for path in sorted(folder.rglob("*"))
    }


def run_python(
    code: str, *arguments: str, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter that runs the code; its output is text."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def by_id(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Record rows by their ids."""
    return {row["id"]: row for row in rows}


MAX_S = 60
"""After so long work counts as hanging: many times what the slowest takes, and never asked of a clock otherwise."""


class Hanging(BaseException):
    """A case did not end; nothing that reads files may take this for an error of its own."""


@contextmanager
def limited() -> Iterator[None]:
    """Ends a case that hangs."""

    def end(_number: int, _frame: Any) -> None:
        raise Hanging(f"no end after {MAX_S} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(MAX_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
