"""Damaged and hostile input: reading never crashes or hangs, loses no byte, and brings everything that is intact.

Every case is made from a seed; `make fuzz` runs more of them.
"""

import gzip
import hashlib
import json
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import pytest
from reading import ARC_HEAD, COMPRESSIONS, arc_record, csv_text, json_lines, parquet, warc_record
from sites import limited

from broadsheet.batches import read_batches, stream_rows
from broadsheet.contract import canonical_json
from broadsheet.read.compression import Chunk, chunks
from broadsheet.read.found import Limits, Source
from broadsheet.read.task import read_slice

N_BATCHES: Final = 30
N_CASES: Final = int(os.environ.get("FUZZ_CASES", "70"))

WORDS: Final = [
    "crane",
    "Δεύτερη",
    "船が",
    "e\u0301",
    "“quoted”",
    "\\",
    '"',
    "12.5",
    "\u2028",
    "\U0001f600",
    "über",
    "{",
    "</p>",
]


def rows(rng: random.Random) -> list[dict[str, Any]]:
    """Records of a user's own, all different."""
    return [
        {"id": f"{i}", "title": rng.choice(WORDS), "text": " ".join(rng.choices(WORDS, k=rng.randint(1, 60))) + f" {i}"}
        for i in range(rng.randint(1, 12))
    ]


def page(rng: random.Random, i: int) -> bytes:
    """A page in one of several encodings."""
    encoding = rng.choice(["utf-8", "utf-8", "utf-8", "cp1252", "utf-16", "shift_jis"])
    body = "".join(f"<p class=x>{' '.join(rng.choices(WORDS, k=9))}" for _ in range(rng.randint(0, 9)))
    return f"<!doctype html><title>{i}</title><ul><li>{i}</ul>{body}".encode(encoding, "replace")


Made = tuple[bytes, list[bytes]]
"""Content, and pieces of it that are read wherever they stand whole."""


def _jsonl(rng: random.Random) -> Made:
    lines = json_lines(rows(rng)).splitlines(keepends=True)
    return b"".join(lines), lines


def _warc(rng: random.Random) -> Made:
    records = [warc_record(page(rng, i), url=f"https://a.example/{i}") for i in range(rng.randint(1, 8))]
    return b"".join(records), records


def _arc(rng: random.Random) -> Made:
    records = [arc_record(page(rng, i), url=f"https://a.example/{i}") for i in range(rng.randint(1, 8))]
    return ARC_HEAD + b"".join(records), []


KINDS: Final[Mapping[str, Callable[[random.Random], Made]]] = {
    "a.jsonl": _jsonl,
    "a.warc": _warc,
    "a.arc": _arc,
    "a.wet": lambda rng: (
        b"".join(warc_record(page(rng, i), url=f"https://a.example/{i}", kind="conversion") for i in range(4)),
        [],
    ),
    "a.json": lambda rng: (json.dumps(rows(rng), indent=rng.choice([None, 1])).encode(), []),
    "a.csv": lambda rng: (csv_text(rows(rng)), []),
    "a.parquet": lambda rng: (parquet(rows(rng)), []),
    "a.html": lambda rng: (page(rng, 0), []),
    "a.txt": lambda rng: ("\n".join(rng.choices(WORDS, k=50)).encode(), []),
}


def cut(raw: bytes, rng: random.Random) -> bytes:
    """Ends early."""
    return raw[: rng.randrange(len(raw) + 1)]


def beheaded(raw: bytes, rng: random.Random) -> bytes:
    """Begins late."""
    return raw[rng.randrange(min(len(raw), 200) + 1) :]


def flipped(raw: bytes, rng: random.Random) -> bytes:
    """Some bytes are others."""
    changed = bytearray(raw)
    for _ in range(rng.choice([1, 1, 3, 30])):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def inserted(raw: bytes, rng: random.Random) -> bytes:
    """Something stands in between."""
    what = rng.choice(
        [
            b"\0",
            b"\0" * 500,
            b"\n",
            b"\r",
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b"WARC/1.0\r\n",
            b'{"',
            b"\x1f\x8b\x08",
            b"\xe9",
        ]
    )
    at = rng.randrange(len(raw) + 1)
    return raw[:at] + what + raw[at:]


def gone(raw: bytes, rng: random.Random) -> bytes:
    """Something is missing."""
    at = rng.randrange(len(raw) + 1)
    return raw[:at] + raw[at + rng.choice([1, 7, 400]) :]


def doubled(raw: bytes, rng: random.Random) -> bytes:
    """It stands there twice, one way or another."""
    at = rng.randrange(len(raw) + 1)
    return raw[:at] + raw + raw[at:] if rng.random() < 0.5 else raw + raw


def crlf(raw: bytes, _rng: random.Random) -> bytes:
    """Went through a system with other line ends."""
    return raw.replace(b"\n", b"\r\n")


def marked(raw: bytes, rng: random.Random) -> bytes:
    """Begins with a byte order mark, right or wrong."""
    return rng.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0"]) + raw


def mixed(raw: bytes, rng: random.Random) -> bytes:
    """Some lines are in another encoding."""
    lines = raw.split(b"\n")
    for i in range(len(lines)):
        if rng.random() < 0.3:
            lines[i] = (
                lines[i].decode("utf-8", "replace").encode(rng.choice(["cp1252", "utf-16", "shift_jis"]), "replace")
            )
    return b"\n".join(lines)


def untouched(raw: bytes, _rng: random.Random) -> bytes:
    """As it should be."""
    return raw


DAMAGES: Final = (cut, beheaded, flipped, inserted, gone, doubled, crlf, marked, mixed, untouched)


class Outcome:
    """What the task of reading made of one file; checks the laws of accounting on the way."""

    def __init__(self, folder: Path, name: str, raw: bytes, **limits: int) -> None:
        (folder / name).write_bytes(raw)
        spec = {
            "inputs": [{"path": str(folder / name), "name": name, "metadata": {}, "start": 0, "end": -1}],
            "n_buckets": 1,
            "out": str(folder / "out.arrow"),
            "rejected": str(folder / "rejected.arrow"),
            "format": None,
            "fields": {},
            "limits": asdict(Limits(**limits)),
            "keep_bytes": False,
            "strict": False,
        }
        with limited():
            result = read_slice(spec)
        (self.file,) = result["files"]
        self.pages = list(stream_rows(read_batches(result["pages"])))
        self.rejected = list(stream_rows(read_batches(result["rejected"])))
        self._check(folder / name, raw, Limits(**limits))

    def _check(self, path: Path, raw: bytes, limits: Limits) -> None:
        file = self.file
        assert file["n_bytes"] == len(raw)
        assert file["sha256"] == hashlib.sha256(raw).hexdigest() or (file["error"] and file["sha256"] is None)
        assert (file["n_pages"], file["n_rejected"]) == (len(self.pages), len(self.rejected))
        content = sum(file["content"].values())
        assert file["n_damaged_bytes"] <= len(raw)
        if file["error"] or file["format"] == "parquet":
            assert file["error"] or file["content"]["read"] == sum(p["n_bytes"] for p in self.pages)
        else:
            with path.open("rb") as opened:
                got = list(chunks(Source(opened, len(raw), file["compression"], limits=limits)))
            assert content == sum(len(item.data) for item in got if isinstance(item, Chunk))
            if file["compression"] == "none":
                assert content == len(raw)


@pytest.mark.parametrize("batch", range(N_BATCHES))
def test_damaged_input_is_read_as_far_as_it_is_whole(tmp_path: Path, batch: int) -> None:
    """Of {N_BATCHES} x {N_CASES} damaged files every byte is accounted for, and every intact piece is read."""
    for case in range(N_CASES):
        rng = random.Random(batch * 1_000_003 + case)
        name = list(KINDS)[case % len(KINDS)]
        raw, pieces = KINDS[name](rng)
        compression = rng.choice(list(COMPRESSIONS))
        compress = COMPRESSIONS[compression]
        if pieces and compression and rng.random() < 0.5:
            pieces = [compress(piece) for piece in pieces]
            raw = b"".join(pieces)
        else:
            raw = compress(raw)
            pieces = [] if compression else pieces
        before = rng.choice([cut, mixed, crlf, untouched]) if not compression else untouched
        damaged = rng.choice(DAMAGES)(before(raw, rng), rng)
        outcome = Outcome(tmp_path, name + compression, damaged)
        if not outcome.file["error"]:
            _check_pieces(outcome, damaged, pieces, f"batch {batch}, case {case}: {name}{compression}")


def _check_pieces(outcome: Outcome, raw: bytes, pieces: list[bytes], what: str) -> None:
    """Lines and members that the damage spared have become pages."""
    found = {row["given"] or (row["capture"]["url"]) for row in outcome.pages}
    lines = set(raw.split(b"\n"))
    for piece in pieces:
        plain = gzip.decompress(piece) if piece[:2] == b"\x1f\x8b" else piece
        if outcome.file["format"] == "jsonl" and outcome.file["compression"] == "none":
            if piece.rstrip(b"\n") in lines and not raw.startswith(b"\xff\xfe") and not raw.startswith(b"\xfe\xff"):
                assert canonical_json(json.loads(piece)) in found, what
        elif outcome.file["format"] == "warc" and outcome.file["compression"] == "gzip" and piece in raw:
            url = plain.split(b"WARC-Target-URI: ")[1].split(b"\r\n")[0].decode()
            assert url in found, what


def _http(body: bytes, coding: str) -> bytes:
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {coding}\r\n\r\n".encode() + body
    head = "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: x\r\nWARC-Date: 2026-03-15T12:00:00Z\r\n"
    head += f"Content-Length: {len(block)}\r\n\r\n"
    return head.encode() + block + b"\r\n\r\n"


_MIB: Final = 1 << 20
HOSTILE: Final[Mapping[str, Callable[[], tuple[str, bytes]]]] = {
    "a line of 100 MB": lambda: (
        "a.jsonl",
        b'{"text":"good 1"}\n{"text":"' + b"x" * (100 * _MIB) + b'"}\n{"text":"good 2"}\n',
    ),
    "a line of 100 MB, packed": lambda: (
        "a.jsonl.gz",
        gzip.compress(b'{"text":"' + b"x" * (100 * _MIB) + b'"}\n{"text":"good 2"}\n', 1),
    ),
    "100 MB without a line end": lambda: ("a.csv", b"text\n" + b'"' + b"x" * (100 * _MIB)),
    "an element of 100 MB": lambda: ("a.json", b'[{"text":"' + b"x" * (100 * _MIB) + b'"},{"text":"good 2"}]'),
    "nested lists": lambda: ("a.jsonl", b"[" * 5_000_000 + b"\n" + b'{"a":' * 1_000_000 + b"\n"),
    "nested elements of a JSON array": lambda: ("a.json", b"[" * 5_000_000),
    "10,000 nested div": lambda: ("a.html", b"<div>" * 10_000 + b"x"),
    "10,000 nested b": lambda: ("a.html", b"<b>" * 10_000 + b"x"),
    "10,000 nested font, paragraphs": lambda: ("a.html", b"<p><font size=1>" * 10_000 + b"x"),
    "10,000 nested tables": lambda: ("a.html", b"<table><tr><td>" * 10_000 + b"x"),
    "10,000 nested lists of HTML": lambda: ("a.html", b"<ul><li>" * 10_000 + b"x"),
    "10,000 nested svg": lambda: ("a.html", b"<svg><desc>" * 10_000 + b"x"),
    "angle brackets": lambda: ("a.html", b"<" * (8 * _MIB)),
    "unclosed comment": lambda: ("a.html", b"<p>a<!--" + b"-" * (8 * _MIB)),
    "one attribute": lambda: ("a.html", b'<p class="' + b"a " * (4 * _MIB) + b'">x'),
    "many attributes": lambda: ("a.html", b"<p " + b" ".join(b"a%d" % i for i in range(20_000)) + b">x"),
    "entities": lambda: ("a.html", b"&amp" * (2 * _MIB)),
    "NULs": lambda: ("a.html", b"<p>a" + b"\0" * (8 * _MIB)),
    "a gzip bomb": lambda: ("a.txt.gz", gzip.compress(bytes(700 * _MIB), 9)),
    "a zstd bomb": lambda: ("a.txt.zst", COMPRESSIONS[".zst"](bytes(1500 * _MIB))),
    "a bomb of JSON": lambda: ("a.jsonl.gz", gzip.compress(b" \n" * (300 * _MIB), 9)),
    "a bomb within HTTP": lambda: ("a.warc", _http(gzip.compress(bytes(300 * _MIB), 9), "gzip") * 2),
    "bombs within bombs": lambda: (
        "a.warc.gz",
        gzip.compress(_http(gzip.compress(gzip.compress(bytes(200 * _MIB))), "gzip, gzip")),
    ),
    "a million members": lambda: ("a.txt.gz", gzip.compress(b"") * 200_000),
    "a million magics": lambda: ("a.txt.gz", b"\x1f\x8b\x08" * (_MIB)),
    "headers without end": lambda: ("a.warc", b"WARC/1.0\r\n" + b"A: b\r\n" * _MIB),
    "a huge length": lambda: (
        "a.warc",
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99999999999999999999\r\n\r\n" + _http(b"x", "identity"),
    ),
    "many records": lambda: ("a.warc", b"WARC/1.0\r\n\r\n" * 100_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_ends_in_good_time_and_is_accounted_for(tmp_path: Path, name: str) -> None:
    """Neither size, depth nor compression exhausts reading; what is good beside it is read."""
    file_name, raw = HOSTILE[name]()
    outcome = Outcome(tmp_path, file_name, raw)
    if b"good 2" in raw or name.endswith("packed"):
        assert any("good 2" in page["text"] for page in outcome.pages)
    if b"good 1" in raw:
        assert any("good 1" in page["text"] for page in outcome.pages)
    if "bomb" in name and file_name not in ("a.warc", "a.warc.gz"):
        assert outcome.file["n_damaged"] or outcome.rejected or outcome.file["error"]
