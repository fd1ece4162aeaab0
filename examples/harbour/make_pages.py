#!/usr/bin/env python3
"""Write the harbour site from `source/`: flat pages, their capture list and the ground truth of their segments.

    python make_pages.py            writes pages/*.txt, pages.jsonl and truth.jsonl
    python make_pages.py --check    writes nothing; exits 1 if the committed files differ

A source page is the page's own text with directives between its lines. A directive line starts with `@@ ` and is no
part of the page:

    @@ url URL    @@ source NAME    @@ captured TIME    @@ language CODE    @@ newline crlf
                            the front matter, before the first segment; `newline` may be left out
    @@ segment ROLE [key=value ...]
                            starts a segment, which runs to the next one. Keys: `article`, `work`, `relation`, `of`,
                            `truncated=yes`, `language`; for a comment `author`, `depth`, `reply_to`
    @@ part KIND            what the next lines are: title, dek, byline, body or meta. A segment starts with body, a
                            boilerplate segment with meta
    @@ part mark+KIND       the same, but the next line begins with a bullet or number that is a part of its own:
                            `byline` in a comment, `meta` elsewhere

Every visible line is one part, without its indent; all white space between such lines is `space`. Offsets are Unicode
code points into the page as stored, so a CRLF line end counts as two.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
FRONT_MATTER = ("url", "source", "captured", "language", "newline")
REQUIRED = ("url", "source", "captured", "language")
ROLES = ("main", "sidebar", "teaser", "comment", "boilerplate")
PARTS = ("title", "dek", "byline", "body", "meta")
RELATIONS = ("original", "exact", "near", "trimmed", "update", "embedded")
KEYS = ("article", "work", "relation", "of", "truncated", "language", "author", "depth", "reply_to")


class SourceError(ValueError):
    """A source page that breaks the rules above; the message starts with file and line."""


@dataclass
class Part:
    """A run of a segment."""

    kind: str
    start: int
    end: int


@dataclass
class Segment:
    """A run of a page, with what its directive says of it."""

    role: str
    keys: dict[str, str]
    start: int
    parts: list[Part] = field(default_factory=list)


@dataclass
class Page:
    """One page: its text, and what stands where in it."""

    slug: str
    front: dict[str, str] = field(default_factory=dict)
    text: str = ""
    segments: list[Segment] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Where the page is written, relative to the site's folder."""
        return f"pages/{self.slug}.txt"

    def add(self, kind: str, text: str) -> None:
        """Append `text` as one part; white space joins the white space before it."""
        if not text:
            return
        start = len(self.text)
        self.text += text
        parts = self.segments[-1].parts
        if kind == "space" and parts and parts[-1].kind == "space":
            parts[-1].end = len(self.text)
        else:
            parts.append(Part(kind, start, len(self.text)))


def parse(slug: str, source: str) -> Page:
    """The page that an annotated source describes.

    Raises: SourceError, at the first line that breaks a rule.
    """
    page = Page(slug)
    kind, marked = "body", False
    for number, line in enumerate(source.removesuffix("\n").split("\n"), 1):
        try:
            if not line.startswith("@@ "):
                add_line(page, line, kind, marked)
                marked = marked and not line.strip()
                continue
            verb, _, rest = line[3:].partition(" ")
            if verb == "segment":
                start_segment(page, rest)
                kind, marked = "meta" if page.segments[-1].role == "boilerplate" else "body", False
            elif verb == "part":
                marked, kind = rest.startswith("mark+"), one_of("part", rest.removeprefix("mark+"), PARTS)
            else:
                page.front[one_of("directive", verb, FRONT_MATTER)] = rest
        except ValueError as error:
            raise SourceError(f"{slug}.page:{number}: {error}") from None
    if missing := [key for key in REQUIRED if key not in page.front]:
        raise SourceError(f"{slug}.page:1: front matter lacks {', '.join(missing)}")
    check_tiling(page)
    check_replies(page)
    return page


def one_of(what: str, value: str, known: tuple[str, ...]) -> str:
    """`value`, which must be one of `known`."""
    if value not in known:
        raise ValueError(f"unknown {what} {value!r}; known: {', '.join(known)}")
    return value


def start_segment(page: Page, rest: str) -> None:
    """Open the segment that `ROLE key=value ...` announces."""
    role, *pairs = shlex.split(rest)
    keys = dict(pair.split("=", 1) for pair in pairs)
    for key in keys:
        one_of("key", key, KEYS)
    if "relation" in keys:
        one_of("relation", keys["relation"], RELATIONS)
    if ("work" in keys) != ("relation" in keys) or ("work" in keys) != (role in ROLES[:3]):
        raise ValueError("an article or teaser names its work and relation, and nothing else does")
    page.segments.append(Segment(one_of("role", role, ROLES), keys, len(page.text)))


def add_line(page: Page, line: str, kind: str, marked: bool) -> None:
    """Append one line of page text: indent, visible text and line end."""
    if not page.segments:
        raise ValueError("page text before the first segment")
    if line.startswith("@@"):
        raise ValueError("a directive starts with '@@ '")
    visible = line.strip()
    indent = line[: line.index(visible)] if visible else ""
    page.add("space", indent)
    if marked and visible:
        mark, gap, visible = re.match(r"(\S+)(\s+)(.*)", visible).groups()  # type: ignore[union-attr]
        page.add("byline" if page.segments[-1].role == "comment" else "meta", mark)
        page.add("space", gap)
    page.add(kind, visible)
    newline = "\r\n" if page.front.get("newline") == "crlf" else "\n"
    page.add("space", (line if not visible else line[len(line.rstrip()) :]) + newline)


def check_tiling(page: Page) -> None:
    """Segments tile the page, and the parts of each tile it in turn.

    Raises: SourceError.
    """
    at = 0
    for segment in page.segments:
        if segment.start != at or not segment.parts:
            raise SourceError(f"{page.slug}.page: the segment at {segment.start} is empty or leaves a gap")
        for part in segment.parts:
            if part.start != at or part.end <= at:
                raise SourceError(f"{page.slug}.page: parts leave a gap at {at}")
            if (part.kind == "space") != page.text[part.start : part.end].isspace():
                raise SourceError(f"{page.slug}.page: {part} is not what it says")
            at = part.end
    if at != len(page.text):
        raise SourceError(f"{page.slug}.page: segments end at {at} of {len(page.text)}")


def check_replies(page: Page) -> None:
    """Every reply names an earlier comment of the page that stands one level higher.

    Raises: SourceError.
    """
    depths: list[int] = []
    for segment in page.segments:
        if segment.role != "comment":
            continue
        depth, parent = int(segment.keys["depth"]), segment.keys.get("reply_to")
        if (depth == 0) != (parent is None) or (parent is not None and depths[int(parent) :][:1] != [depth - 1]):
            raise SourceError(f"{page.slug}.page: comment {len(depths)} has no parent at depth {depth - 1}")
        depths.append(depth)


def capture_row(page: Page) -> dict[str, str]:
    """The page's line in pages.jsonl."""
    return {"path": page.path, **{key: page.front[key] for key in ("url", "source", "captured")}}


def truth_rows(page: Page) -> Iterator[dict[str, object]]:
    """The page's lines in truth.jsonl: one per segment, in the page's order."""
    for segment in page.segments:
        keys = segment.keys

        def text_of(kind: str, segment: Segment = segment) -> str | None:
            lines = [page.text[part.start : part.end] for part in segment.parts if part.kind == kind]
            return "\n".join(lines) or None

        def number(key: str, keys: dict[str, str] = keys) -> int | None:
            return int(keys[key]) if key in keys else None

        yield {
            "page": page.path,
            "start": segment.start,
            "end": segment.parts[-1].end,
            "role": segment.role,
            "article": number("article"),
            "parts": [{"part": part.kind, "start": part.start, "end": part.end} for part in segment.parts],
            "title": text_of("title"),
            "dek": text_of("dek"),
            "byline": None if segment.role == "comment" else text_of("byline"),
            "author": keys.get("author"),
            "depth": number("depth"),
            "reply_to": number("reply_to"),
            "language": keys.get("language", page.front["language"]),
            "truncated": keys.get("truncated") == "yes",
            "work": keys.get("work"),
            "relation": keys.get("relation"),
            "of": keys.get("of"),
        }


def generate() -> dict[str, bytes]:
    """Every generated file, by its path below this folder.

    Raises: SourceError.
    """
    sources = sorted((HERE / "source").glob("*.page"))
    pages = [parse(path.stem, path.read_bytes().decode()) for path in sources]
    files = {page.path: page.text.encode() for page in pages}
    files["pages.jsonl"] = json_lines(capture_row(page) for page in pages)
    files["truth.jsonl"] = json_lines(row for page in pages for row in truth_rows(page))
    return files


def json_lines(rows: Iterator[dict[str, str]] | Iterator[dict[str, object]]) -> bytes:
    """The rows as JSON Lines in UTF-8."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def main() -> int:
    """Write or check the generated files; the exit code."""
    parser = argparse.ArgumentParser(description="Write the harbour site's pages and ground truth from source/.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the files on disk differ")
    check_only = parser.parse_args().check
    try:
        files = generate()
    except SourceError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    on_disk = {path.relative_to(HERE).as_posix(): path.read_bytes() for path in HERE.glob("pages/*.txt")}
    on_disk |= {name: (HERE / name).read_bytes() for name in ("pages.jsonl", "truth.jsonl") if (HERE / name).exists()}
    differing = sorted(name for name in files.keys() | on_disk if files.get(name) != on_disk.get(name))
    if check_only:
        for name in differing:
            print(f"{name} differs from what source/ gives; run make_pages.py", file=sys.stderr)
        return 1 if differing else 0
    (HERE / "pages").mkdir(exist_ok=True)
    for name in differing:
        if name in files:
            (HERE / name).write_bytes(files[name])
        else:
            (HERE / name).unlink()
    print(f"{len(files) - 2} pages; {len(differing)} files changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
