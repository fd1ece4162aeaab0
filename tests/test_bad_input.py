"""What the clumsy and the hostile user get: a message and an exit code, never a traceback, a hang or half a release."""

from __future__ import annotations

import gzip
import json
import os
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sites import ARTICLE, make_pages

from broadsheet import engine
from broadsheet.cli import main, signals
from broadsheet.cli.report import Reporter
from broadsheet.errors import BroadsheetError
from broadsheet.steps import Event

GOOD = "A mill on the river was bought by the town last week, and it is to become a museum of boats and of their crews."
OTHER = "Forty passengers waited at the pier in the rain for a ferry that never came, and the office would not say why."
COMMAND = [sys.executable, "-m", "broadsheet"]


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


def call(*args: object) -> Done:
    """The outcome of a command in this process; what is no message and no exit code but an exception fails the test."""
    result = CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=True)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        pytest.fail(f"traceback: {type(result.exception).__name__}: {str(result.exception)[:300]}")
    return Done(result.exit_code, result.stdout, result.stderr)


def spawn(*args: object, prefix: tuple[str, ...] = (), timeout: float = 60) -> Done:
    """The outcome of a command in a process of its own with little memory; a hang or a traceback fails the test."""
    try:
        done = subprocess.run(
            [*prefix, *COMMAND, *map(os.fsdecode, map(_path, args))],
            capture_output=True,
            timeout=timeout,
            check=False,
            preexec_fn=_little_memory,
        )
    except subprocess.TimeoutExpired:
        pytest.fail(f"hangs: {args}")
    out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    assert "Traceback" not in err, err[-600:]
    return Done(done.returncode, out, err)


def _path(arg: object) -> str | bytes:
    return arg if isinstance(arg, str | bytes) else str(arg)


def _little_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


def build(folder: Path, out: Path, *options: object) -> Done:
    """The outcome of building the dataset x."""
    done = call("build", folder, "--name", "x", "--out", out, *options)
    kept = {Path(name) for name in re.findall(r"what was done is kept in (\S+), and the next build", done.err)}
    assert {path for path in leftovers(out) if not kept & {path, *path.parents}} == set()
    return done


def leftovers(out: Path) -> list[Path]:
    """Work folders and half-written files below the output."""
    return [path for path in out.rglob(".*") if path.name != ".gitignore"] if out.is_dir() else []


def rows(release: Path, config: str) -> list[dict[str, Any]]:
    """The rows of a config, all splits."""
    return [
        json.loads(line)
        for path in sorted((release / "jsonl" / config).glob("*.gz"))
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]


def quarantine(release: Path) -> list[tuple[int | None, list[tuple[str, str]]]]:
    """Line, and pointer and keyword of each error, of all rejections."""
    lines = gzip.decompress((release / "quarantine/rejected.jsonl.gz").read_bytes()).splitlines()
    found = [json.loads(line) for line in lines]
    return [(row["line"], [(e["pointer"], e["keyword"]) for e in row["errors"]]) for row in found]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A folder with one good page."""
    return make_pages(tmp_path / "in", {"good.txt": ARTICLE})


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An output folder that does not exist yet."""
    return tmp_path / "out"


@pytest.fixture
def powerless() -> tuple[str, ...]:
    """What makes a command obey file permissions, even for root."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("root ignores permissions, and setpriv, which would change that, is missing")
    caps = "-dac_override,-dac_read_search"
    prefix = ("setpriv", f"--bounding-set={caps}", f"--inh-caps={caps}")
    if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
        pytest.skip("root ignores permissions, and setpriv may not change that here")
    return prefix


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A function that gives a folder on a disk of a size."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = False

    def mount(options: str) -> Path:
        nonlocal mounted
        if os.geteuid() != 0 or shutil.which("mount") is None:
            pytest.skip("only root can mount a small tmpfs")
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("a tmpfs cannot be mounted here")
        mounted = True
        return folder

    yield mount
    if mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


# What is to be read


def test_no_input_is_a_wrong_call(tmp_path: Path, out: Path) -> None:
    """Without paths, or with paths that are not there, the message names all that is missing; nothing is made."""
    hint = "no input: name files or folders"
    for command in (("build", "--name", "x", "--out", out), ("validate",)):
        assert call(*command) == Done(2, "", f"Error: {hint}, or set `input.paths` in dataset.toml\n")
    assert call("segment") == Done(2, "", f"Error: {hint}\n")
    a, b = tmp_path / "a", tmp_path / "b"
    for command in (("build", "--name", "x", "--out", out), ("segment",), ("validate",)):
        assert call(*command, a, b) == Done(2, "", f"Error: no such file or folder: {a}\nno such file or folder: {b}\n")
    assert not out.exists()


def test_a_folder_without_pages_says_what_was_expected_and_found(tmp_path: Path, out: Path) -> None:
    """An empty folder, and one of other files, fail with what was looked for and what is there."""
    empty, others = make_pages(tmp_path / "e", {}), make_pages(tmp_path / "o", {"a.pdf": b"%PDF", ".b.txt": "b"})
    known = ".txt .html .htm .xhtml .warc .wet .wat .arc .jsonl .ndjson .json .csv .tsv .parquet"
    expected = f"no pages: expected files of {known}, plain or with .gz or .zst, found"
    assert build(empty, out) == Done(1, "", f"Error: {empty}: {expected} nothing\n")
    assert build(others, out) == Done(1, "", f"Error: {others}: {expected} 1 .pdf, 1 hidden\n")
    assert not out.exists()


BAD_FILES: dict[str, tuple[bytes | str, str]] = {
    "dangling link": ("/nowhere/at/all", "cannot be read: No such file or directory"),
    "link to itself": ("bad.txt", "cannot be read: Too many levels of symbolic links"),
    "NULs": (bytes(1000), "is binary data, not text"),
    "every byte": (bytes(range(256)) * 50, "is binary data, not text"),
    "gzip": (gzip.compress(os.urandom(3000)), "is binary data, not text"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_is_named_and_the_others_are_released(page: Path, out: Path, kind: str) -> None:
    """A file that is unreadable or no text costs exit code 1 and a line that names it, and no other file."""
    content, error = BAD_FILES[kind]
    bad = page / "bad.txt"
    bad.symlink_to(content) if isinstance(content, str) else bad.write_bytes(content)
    done = build(page, out, "--json")
    assert (done.code, done.err) == (1, f"Error: bad.txt: {error}; fix or drop the file\n")
    assert json.loads(done.out)["failed"] == [{"path": "bad.txt", "error": error}]
    assert [row["text"][:16] for row in rows(out / "x/0.1.0", "articles")] == ["The swing bridge"]
    assert call("segment", page, "--quiet").err == f"Error: bad.txt: {error}; fix or drop the file\n"


def test_what_is_no_regular_file_never_hangs(page: Path, out: Path) -> None:
    """A FIFO, and a link to an endless device, are reported as files that cannot be read; the page is released."""
    os.mkfifo(page / "fifo.txt")
    (page / "zero.txt").symlink_to("/dev/zero")
    (page / "folder.txt").mkdir()
    done = spawn("build", page, "--name", "x", "--out", out)
    assert done.code == 1
    assert "Error: fifo.txt: " in done.err
    assert "Error: zero.txt: " in done.err
    assert len(rows(out / "x/0.1.0", "articles")) == 1
    assert leftovers(out) == []


def test_files_without_permission_are_named(page: Path, out: Path, powerless: tuple[str, ...]) -> None:
    """What may not be read is a failed file beside others, and a message without a traceback when named alone."""
    make_pages(page / "sub", {"b.txt": OTHER})
    (page / "a.txt").write_text(OTHER)
    (page / "a.txt").chmod(0)
    (page / "sub").chmod(0)
    try:
        done = spawn("build", page, "--name", "x", "--out", out, prefix=powerless)
        alone = spawn("build", page / "sub/b.txt", "--name", "x", "--out", out, prefix=powerless)
    finally:
        (page / "sub").chmod(0o755)
    assert done.code == 1
    assert "Error: a.txt: cannot be read: Permission denied; fix or drop the file\n" in done.err
    assert "sub: cannot be read: Permission denied" in done.err, "a folder that cannot be listed is lost in silence"
    assert alone.code in (1, 2)
    assert "Permission denied" in alone.err


def test_encodings_are_recorded_and_the_text_is_whole(tmp_path: Path, out: Path) -> None:
    """UTF-16 and UTF-8 with a mark, and windows-1252, give the same text; the encoding stands in the pages table."""
    text = "Der Rat der Stadt hat beschlossen, dass die Brücke über den Fluss nicht mehr gebaut wird, sagte er.\n"
    folder = make_pages(
        tmp_path / "in",
        {
            "u16.txt": text.encode("utf-16"),
            "u8.txt": b"\xef\xbb\xbf" + text.encode(),
            "l1.txt": text.encode("latin-1"),
            "odd.txt": text.encode("utf-16") + b"x",
        },
    )
    assert build(folder, out).code == 0
    pages = {row["captures"][0]["path"]: row for row in rows(out / "x/0.1.0", "pages")}
    assert {name: (row["encoding"], row["n_replaced"]) for name, row in pages.items()} == {
        "u16.txt": ("utf-16-le", 0),
        "u8.txt": ("utf-8-sig", 0),
        "l1.txt": ("cp1252", 0),
        "odd.txt": ("utf-16-le", 1),
    }
    assert {row["text"] for name, row in pages.items() if name != "odd.txt"} == {text}


@pytest.mark.parametrize(
    ("content", "n"),
    [(b"", 0), (b" \n\t\n", 1), (b"\xff\xfe", 0), (b"\n" * 20_000, 1)],
    ids=["empty", "white", "mark", "lines"],
)
def test_pages_without_words_are_no_release(tmp_path: Path, out: Path, content: bytes, n: int) -> None:
    """An empty page and one of white space are read, and nothing is published."""
    done = build(make_pages(tmp_path / "in", {"a.txt": content}), out)
    assert (done.code, done.err) == (
        1,
        "Error: nothing to release: no valid record in pages: 1, "
        f"segments: {n}, boilerplate: {n}, rejected records: 0; nothing was published\n",
    )
    assert not (out / "x/0.1.0").exists()


def test_odd_but_whole_pages_are_released_and_verified(tmp_path: Path, out: Path) -> None:
    """Emoji alone, one long line, very many short lines and odd file names lose no character."""
    names = {"a b.txt": "😀🎉 " * 300, "new\nline.txt": "word and " * 50_000, 'q"😀.txt': "a line\n" * 8_000}
    folder = make_pages(tmp_path / "in put", {**names, "good.txt": ARTICLE})
    assert build(folder, out).code == 0
    pages = {row["captures"][0]["path"]: row["text"] for row in rows(out / "x/0.1.0", "pages")}
    assert pages == {**names, "good.txt": ARTICLE}
    assert call("verify", out / "x/0.1.0", "--quiet") == Done(0, "", "")


def test_names_that_are_no_utf_8_are_reported_not_fatal(page: Path, out: Path) -> None:
    """A file whose name or ending is no UTF-8 neither ends the build nor keeps other files out."""
    for name in (b"bad-\xff.txt", b"other.\xfe"):
        Path(os.fsdecode(os.path.join(os.fsencode(page), name))).write_text(GOOD)  # noqa: PTH118 (bytes)
    done = spawn("build", page, "--name", "x", "--out", out)
    assert done.code in (0, 1)
    assert "The swing bridge" in {row["text"][:16] for row in rows(out / "x/0.1.0", "articles")}


# Records of a user's own

LINES: dict[str, list[tuple[str, str]]] = {
    '{"text": "broken': [("", "syntax")],
    "{'text': 'a'}": [("", "syntax")],
    '{"text": "a",}': [("", "syntax")],
    '{"text": "a"} {"text": "b"}': [("", "syntax")],
    "\0\0\0": [("", "syntax")],
    "[1, 2]": [("", "not-an-object")],
    "5": [("", "not-an-object")],
    "null": [("", "not-an-object")],
    '{"text": "a\\u0000b"}': [("/text", "nul")],
    '{"text": "a", "title": "\\u0000", "x": {"y": ["\\u0000"]}}': [("/title", "nul"), ("/x/y/0", "nul")],
    '{"text": NaN}': [("", "not-finite")],
    '{"text": "a", "x": -Infinity}': [("", "not-finite")],
    '{"text": "a", "x": 1e999}': [("", "not-finite")],
    '{"text": "a", "x": ' + "9" * 5000 + "}": [("", "big-integer")],
    '{"text": "a", "position": 9223372036854775808}': [("", "big-integer")],
    '{"text": "a", "text": "b"}': [("", "duplicate-key")],
    '{"text": "\\ud800 alone"}': [("", "surrogate")],
    '{"\\udfff": 1, "text": "a"}': [("", "surrogate")],
    "[" * 10_000 + "]" * 10_000: [("", "depth")],
    '{"text": "a", "x": ' + "[" * 200 + "]" * 200 + "}": [("", "depth")],
    "{}": [("", "required")],
    '{"text": null, "title": "b"}': [("", "required")],
    '{"text": 5}': [("/text", "type")],
    '{"text": ["a"]}': [("/text", "type")],
    '{"text": ""}': [("/text", "minLength"), ("/text", "pattern")],
    '{"text": " \\n\\u2003"}': [("/text", "pattern")],
    '{"text": "a", "title": 5}': [("/title", "type")],
    '{"text": "a", "id": ""}': [("/id", "minLength")],
    '{"text": "a", "url": 7, "source": ""}': [("/source", "minLength"), ("/url", "type")],
    '{"text": "a", "language": "English"}': [("/language", "pattern")],
    '{"text": "a", "truncated": 1}': [("/truncated", "type")],
    '{"text": "a", "role": "editorial"}': [("/role", "enum")],
    '{"text": "a", "role": 3}': [("/role", "enum"), ("/role", "type")],
    '{"text": "a", "role": "comment", "position": -1}': [("/position", "minimum")],
    '{"text": "a", "role": "comment", "position": true}': [("/position", "type")],
    '{"text": "a", "role": "comment", "depth": 2147483648}': [("/depth", "maximum")],
    '{"text": "a", "published": "2026-02-30T00:00:00Z"}': [("/published", "format")],
    '{"text": "a", "published": "2026-01-01T00:00:00"}': [("/published", "format")],
    '{"text": "a", "published": "2016-12-31T23:59:60Z"}': [("/published", "unfit")],
    '{"text": "a", "captured": "yesterday"}': [("/captured", "format")],
}
"""Lines that must rest in quarantine, each with the pointers and keywords of its errors."""


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_bad_lines_rest_in_quarantine_with_their_reasons(tmp_path: Path, out: Path, end: bytes) -> None:
    """Every bad line is kept with its number and all its reasons; mark, blank lines and line ends are no faults."""
    lines = [json.dumps({"text": GOOD}), "", *LINES, "  ", json.dumps({"text": OTHER, "more": 1})]
    content = b"\xef\xbb\xbf" + end.join(line.encode() for line in lines) + end
    done = build(make_pages(tmp_path / "in", {"r.jsonl": content}), out, "--json")
    assert (done.code, done.err) == (0, "")
    release = out / "x/0.1.0"
    expected = [(number, errors) for number, errors in enumerate(LINES.values(), 3)]
    assert [(line, sorted(set(errors))) for line, errors in quarantine(release)] == expected
    assert sorted(row["text"] for row in rows(release, "articles")) == sorted((GOOD, OTHER))
    assert json.loads(done.out)["stages"]["valid"]["unknown_properties"] == {"more": 1}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("captured", "2026-01-01T00:00:00"),
        ("published", "2026-01-01T00:00:00Z\n"),
        ("language", "en\n"),
        ("script", "Latn\n"),
        ("role", ["main"]),
        ("role", {}),
    ],
)
def test_one_bad_value_never_ends_the_build(tmp_path: Path, out: Path, field: str, value: object) -> None:
    """A value that the schema lets pass and later steps cannot take is a rejection at its place, not a traceback."""
    lines = [{"text": OTHER, field: value}, {"text": GOOD}]
    done = build(make_pages(tmp_path / "in", {"r.jsonl": "\n".join(map(json.dumps, lines))}), out)
    assert done.code == 0
    ((line, errors),) = quarantine(out / "x/0.1.0")
    assert (line, {pointer for pointer, _ in errors}) == (1, {f"/{field}"})
    assert [row["text"] for row in rows(out / "x/0.1.0", "articles")] == [GOOD]


@pytest.mark.parametrize(("given", "position"), [("1.0", 1), ("1e2", 100), ("-0.0", 0)])
def test_whole_numbers_may_be_written_as_floats(tmp_path: Path, out: Path, given: str, position: int) -> None:
    """For JSON Schema 1.0 is an integer (validation, 6.1.1), so it becomes one in the row."""
    line = f'{{"text": "{GOOD}", "role": "comment", "position": {given}}}'
    assert build(make_pages(tmp_path / "in", {"r.jsonl": line}), out).code == 0
    found = [row["position"] for row in rows(out / "x/0.1.0", "comments")]
    assert [(n, type(n)) for n in found] == [(position, int)]


def comment(position: int, reply_to: int | None) -> str:
    """A comment of one thread, as a line."""
    text = f"Comment number {position} is about the boat that was late, and about what happened {position} days later."
    return json.dumps({"role": "comment", "thread": "t", "text": text, "position": position, "reply_to": reply_to})


def test_replies_never_lead_in_a_circle(tmp_path: Path, out: Path) -> None:
    """Comments that answer each other, themselves or nobody are kept, and every chain of parents ends."""
    lines = [comment(0, 1), comment(1, 2), comment(2, 0), comment(3, 3), comment(4, 99), comment(5, 4)]
    assert build(make_pages(tmp_path / "in", {"r.jsonl": "\n".join(lines)}), out).code == 0
    found = rows(out / "x/0.1.0", "comments")
    parents = {row["id"]: row["parent_id"] for row in found}
    by_position = {row["position"]: row for row in found}
    assert sorted(by_position) == [0, 1, 2, 3, 4, 5]
    assert by_position[3]["parent_id"] is None
    assert by_position[4]["parent_id"] is None
    assert by_position[5]["parent_id"] == by_position[4]["id"]
    for id_ in parents:
        seen: list[str | None] = []
        step: str | None = id_
        while step is not None:
            assert step not in seen, "parents lead in a circle"
            seen.append(step)
            step = parents[step]


def test_records_of_all_roles_load_with_datasets(tmp_path: Path, out: Path) -> None:
    """A user's own articles, comments and teasers, with a rejected line, are what `load_dataset` gives."""
    import datasets

    records = [
        {"id": "a", "text": GOOD, "title": "Mill", "url": "https://e.example/a"},
        {"role": "teaser", "text": OTHER, "truncated": True},
        {"role": "comment", "text": "Well said.", "thread": "https://e.example/a", "position": 0},
    ]
    lines = "\n".join([*map(json.dumps, records), "nonsense"])
    assert build(make_pages(tmp_path / "in", {"r.jsonl": lines}), out, "--workers", 2).code == 0
    loaded = {
        config: datasets.load_dataset(str(out / "x/0.1.0"), config, split="train")["text"][:]
        for config in ("articles", "teasers", "comments")
    }
    assert loaded == {"articles": [GOOD], "teasers": [OTHER], "comments": ["Well said."]}


def test_validate_says_by_exit_code_what_it_found(tmp_path: Path) -> None:
    """`validate` ends with 1 on a rejected line, 0 without one; --quiet prints nothing, --json one object."""
    bad = make_pages(tmp_path / "bad", {"r.jsonl": '{"text": 5}\nx\n{"text": "a"}'})
    good = make_pages(tmp_path / "good", {"r.jsonl": '{"text": "a"}'})
    assert call("validate", "--quiet", bad) == Done(1, "", "")
    assert call("validate", "--quiet", good) == Done(0, "", "")
    found = json.loads(call("validate", "--json", bad).out)
    assert (found["valid"], found["rejected"], found["unreadable"]) == (1, 2, 1)
    assert {rule["rule"]: (rule["n"], rule["line"]) for rule in found["rules"]} == {
        "/text: type": (1, 1),
        ": syntax": (1, 2),
    }


# Options and configuration


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--bogus"], "No such option '--bogus'"),
        (["--workers", "0"], "0 is not in the range x>=1"),
        (["--workers", "two"], "'two' is not a valid integer"),
        (["--formats", "parquet,csv"], 'export.formats.1: "csv" is not one of "parquet", "jsonl" or "arrow"'),
        (["--formats", ""], "formats"),
        (["--formats", "jsonl,jsonl"], "export.formats: "),
        (["--version", "1.2"], "version: '1.2'"),
        (["--version", "../../etc"], "version: '../../etc'"),
        (["--version", ""], "version: ''"),
        (["--name", "a/b"], "name: 'a/b'"),
        (["--name", ".."], "name: '..'"),
        (["--name", "a\n"], "name: 'a\\n'"),
        (["--config", "nowhere.toml"], "nowhere.toml: cannot be read: No such file or directory"),
        (["--config", "/"], "/: cannot be read: Is a directory"),
    ],
)
def test_wrong_options_are_wrong_calls(page: Path, out: Path, options: list[str], message: str) -> None:
    """A wrong option ends with exit code 2 and names the value, before anything is read or written."""
    done = build(page, out, *options)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert not out.exists()


def test_messages_show_no_regular_expressions(page: Path, out: Path) -> None:
    """A wrong name or version is answered with an example of a right one, not with a pattern."""
    for option, value in (("--version", "v1"), ("--name", "My Data")):
        assert "[0-9" not in build(page, out, option, value).err


TOMLS: list[tuple[str | bytes, list[str]]] = [
    ("name = ", ["no TOML", "Invalid value"]),
    (b"\xff\xfe", ["no TOML"]),
    ("", ["the dataset has no name; pass --name, or set `name` in dataset.toml"]),
    ("name = 5", ['name: 5 is not of type "string"']),
    ('name = "a/b"', ["name: 'a/b'"]),
    ('name = "x\\n"', ["name: 'x\\n'"]),
    ('name = "x"\nversion = "1.0.0\\n"', ["version: '1.0.0\\n'"]),
    ('name = "x"\nversion = "1.2"', ["version: '1.2'"]),
    ('name = "x"\nversion = 1.2', ['version: 1.2 is not of type "string"']),
    ('name = "x"\nfoo = 1\n[repeats]\ntreshold = 1', ["'foo'", "known are name, version", "'treshold'", "threshold, "]),
    ('name = "x"\n[repeats]\nthreshold = nan', ["repeats.threshold"]),
    ('name = "x"\n[repeats]\nthreshold = 0.2', ["repeats.threshold: 0.2 is less than the minimum of 0.5"]),
    ('name = "x"\n[repeats]\nscope = "no"', ['repeats.scope: "no" is not one of "global" or "per-source"']),
    ('name = "x"\n[split]\ntrain = 0.5\ntest = 0.4', ["add up to 0.9, not to 1"]),
    ('name = "x"\n[split]\ntrain = nan', ["split.train"]),
    ('name = "x"\n[split]\nall = 1.0', ["split: 'all' is not allowed here"]),
    ('name = "x"\n[split]\n"a b" = 1.0', ['split: "a b"']),
    ('name = "x"\n[split]\n', ["split: "]),
    ('name = "x"\nreleased = "soon"', ['released: "soon" is not a "date"']),
    ('name = "x"\n[answers]\nM99 = "x"', ["M99"]),
    ('name = "x"\n[answers]\nQ1 = "x"', ["Q1"]),
    ('name = "x"\n[input]\npaths = ["nowhere"]', ["no such file or folder", "nowhere"]),
    ('name = "x"\n[input]\npaths = ["."]\nmetadata = "nowhere.jsonl"', ["nowhere.jsonl: cannot be read as metadata"]),
    ('name = "x"\n[input]\npaths = ["."]\nmetadata = "a\\u0000"', ["metadata"]),
    ('name = "x"\n[export]\nformats = ["csv"]', ['export.formats.0: "csv"']),
    ("a = " + "[" * 5000 + "]" * 5000, ["no TOML"]),
]


@pytest.mark.parametrize(("content", "parts"), TOMLS, ids=range(len(TOMLS)))
def test_wrong_configurations_are_wrong_calls(page: Path, out: Path, content: str | bytes, parts: list[str]) -> None:
    """Every fault of a dataset.toml ends with exit code 2 and a message that names place and value."""
    (page / "dataset.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    done = call("build", page, "--out", out)
    assert (done.code, done.out) == (2, "")
    assert [part for part in parts if part not in done.err] == []
    assert not out.exists()


def test_a_configuration_with_a_byte_order_mark_is_read(page: Path, out: Path) -> None:
    """Editors that put a mark before UTF-8 do not make a dataset.toml unreadable."""
    (page / "dataset.toml").write_bytes(b'\xef\xbb\xbfname = "x"\n')
    assert call("build", page, "--out", out).code == 0


METADATA: list[tuple[str | bytes, list[str]]] = [
    ("x\n[1]\n5\nnull\n{}", [f"pages.jsonl:{n}: " for n in (1, 2, 3, 4, 5)]),
    ('{"path": "good.txt", "foo": 1}', ["pages.jsonl:1: unknown foo; known are path, url, source, captured"]),
    ('{"path": 5}', ["pages.jsonl:1: path must be text"]),
    ('{"path": "good.txt", "url": 5}', ["pages.jsonl:1: url must be text"]),
    (
        '{"path": "good.txt", "captured": "soon"}',
        ["pages.jsonl:1: captured: 'soon' is no RFC 3339 time in UTC, such as 2026"],
    ),
    ('{"path": "good.txt", "captured": "2026-02-30T00:00:00Z"}', ["pages.jsonl:1: ", "captured"]),
    ('{"path": "good.txt", "url": "\\ud800"}', ["pages.jsonl:1: ", "surrogate"]),
    ('{"path": "good.txt", "source": "\\ud800"}', ["pages.jsonl:1: ", "surrogate"]),
    ('{"path": "good.txt", "url": ""}', ["pages.jsonl:1: ", "url"]),
    ('{"path": "good.txt", "source": ""}', ["pages.jsonl:1: ", "source"]),
    ('{"path": "a", "path": "good.txt"}', ["pages.jsonl:1: ", "twice"]),
    ('{"path": "good.txt", "url": "https://a.example/"}\n{"path": "./good.txt"}', ["pages.jsonl:2: ", "good.txt"]),
    ("[" * 10_000, ["pages.jsonl:1: "]),
    (b"\xff\xfe", ["pages.jsonl:1: ", "UTF-8"]),
]


@pytest.mark.parametrize(("content", "parts"), METADATA, ids=range(len(METADATA)))
def test_wrong_metadata_is_a_wrong_call(page: Path, out: Path, content: str | bytes, parts: list[str]) -> None:
    """Every faulty line of pages.jsonl is named with what is wrong, and nothing of Python's own words."""
    (page / "pages.jsonl").write_bytes(content if isinstance(content, bytes) else content.encode())
    done = build(page, out)
    assert (done.code, done.out) == (2, "")
    assert [part for part in parts if part not in done.err] == []
    assert [word for word in ("sequence item", "object is not", "codec can't encode") if word in done.err] == []


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbf{"path": "good.txt", "source": "s"}\r\n',
        b'\n{"path": "good.txt", "source": "s"}\n  \n',
        '{"path": "good.txt", "source": "s", "url": null}\n{"path": "gone\u2028.txt"}'.encode(),
    ],
    ids=["mark", "blank lines", "line separator"],
)
def test_metadata_may_have_what_records_may_have(page: Path, out: Path, content: bytes) -> None:
    """A mark, blank lines, CRLF and line separators inside strings are no faults in pages.jsonl either."""
    (page / "pages.jsonl").write_bytes(content)
    done = build(page, out)
    assert (done.code, done.err) == (0, "")
    assert [row["source"] for row in rows(out / "x/0.1.0", "articles")] == ["s"]


def test_metadata_of_files_outside_are_counted_and_not_read(page: Path, out: Path) -> None:
    """Lines about files that are not among the inputs read nothing and are counted."""
    (page / "pages.jsonl").write_text('{"path": "/etc/hostname"}\n{"path": "../../up.txt"}\n')
    done = build(page, out, "--json")
    facts = json.loads(done.out)["stages"]["read"]
    assert (done.code, facts["files"], facts["unused_metadata"]) == (0, 1, 2)


# Where the release goes


def test_output_that_is_a_file_is_named(page: Path, tmp_path: Path) -> None:
    """An output, dataset or version that is a file stays as it is, and the message names it."""
    for path, out in (("o1", "o1"), ("o2/x", "o2"), ("o3/x/0.1.0", "o3")):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("mine")
        done = build(page, tmp_path / out, "--quiet")
        assert (done.code, done.out) == (1, "")
        assert str(file) in done.err
        assert "nothing was published" in done.err or "is no release" in done.err
        assert file.read_text() == "mine"
        assert "SHA256SUMS" not in done.err, "names a file that nobody wrote"


def test_a_version_with_other_content_is_never_touched(page: Path, out: Path) -> None:
    """An equal build succeeds and says so; other content, even an empty folder, stays as it is."""
    assert build(page, out).code == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    again = build(page, out, "--json")
    assert (again.code, json.loads(again.out)["published"]) == (0, False)
    (page / "more.txt").write_text(OTHER)
    target = out / "x/0.1.0"
    error = f"Error: {target} exists with other content: releases are never rewritten; pass a new --version\n"
    assert build(page, out, "--quiet") == Done(1, "", error)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    (out / "x/0.2.0").mkdir()
    assert "0.2.0" in build(page, out, "--quiet", "--version", "0.2.0").err
    assert list((out / "x/0.2.0").iterdir()) == []


def test_building_a_folder_into_itself_twice_is_equal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`init` and `build .` in one folder, the first thing that anyone does, can be repeated: releases are no input."""
    folder = make_pages(tmp_path / "site", {"good.txt": ARTICLE})
    monkeypatch.chdir(folder)
    assert call("init").code == 0
    assert call("build", ".", "--quiet") == Done(0, "", "")
    assert call("build", ".", "--quiet") == Done(0, "", "")
    assert json.loads(Path("dist/site/0.1.0/manifest.json").read_text())["inputs"]["skipped"] == {}


@pytest.mark.parametrize(
    "manifest", ["no JSON", "{}", "[]", '{"version": "abc", "logical_digest": "", "base": null}'], ids=range(4)
)
def test_a_damaged_neighbour_never_makes_the_message_lie(page: Path, out: Path, manifest: str) -> None:
    """Beside a damaged version, either nothing is published, or the new one is there, in the index, and not denied."""
    make_pages(out / "x/0.0.9", {"manifest.json": manifest})
    done = build(page, out)
    there = (out / "x/0.1.0").exists()
    assert there != ("nothing was published" in done.err)
    assert "0.0.9" in done.err
    if there:
        assert [v["version"] for v in json.loads((out / "x/index.json").read_text())["versions"]] == ["0.1.0"]


def test_an_index_that_cannot_be_written_is_not_called_unpublished(page: Path, out: Path) -> None:
    """Where the release appeared and only index.json failed, the message does not say that nothing was published."""
    (out / "x/index.json").mkdir(parents=True)
    done = build(page, out)
    assert done.code == 1
    assert "index.json" in done.err
    assert (out / "x/0.1.0").exists() != ("nothing was published" in done.err)


def test_output_without_permission_is_named(page: Path, out: Path, powerless: tuple[str, ...]) -> None:
    """Where the output may not be written, the message says where, why and what to do; nothing is left."""
    out.mkdir()
    out.chmod(0o555)
    done = spawn("build", page, "--name", "x", "--out", out, "--quiet", prefix=powerless)
    error = f"Error: {out}/x: cannot be written: Permission denied; nothing was published; name another"
    assert (done.code, done.out) == (1, "")
    assert done.err == f"{error} place with --out\n"
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("options", [f"size={n}k" for n in (20, 60, 120, 160, 200, 240)] + ["size=2m,nr_inodes=20"])
def test_a_full_disk_publishes_all_or_nothing(page: Path, small_disk: Callable[[str], Path], options: str) -> None:
    """Wherever the disk gets full, there is a whole release or none, the message says which; with room, it goes on."""
    disk = small_disk(options)
    done = build(page, disk, "--quiet")
    target = disk / "x/0.1.0"
    assert target.exists() != ("nothing was published" in done.err)
    if target.exists():
        assert call("verify", target, "--quiet").code == 0
    else:
        assert done.code == 1
        assert "No space left on device" in done.err
        assert "Detail: [errno" not in done.err
    mount = ["mount", "-o", "remount,size=20m,nr_inodes=10k", str(disk)]
    subprocess.run(mount, capture_output=True, check=True)
    assert build(page, disk, "--quiet") == Done(0, "", "")
    assert build(page, disk.parent / "undisturbed", "--quiet") == Done(0, "", "")
    assert (target / "SHA256SUMS").read_bytes() == (disk.parent / "undisturbed/x/0.1.0/SHA256SUMS").read_bytes()
    assert sorted(path.name for path in (disk / "x").iterdir()) == ["0.1.0", "index.json"]


def test_segment_to_a_place_that_cannot_be_written(page: Path, tmp_path: Path) -> None:
    """`segment --out` onto a folder or below a file fails with its name; a failing run keeps an earlier file."""
    folder, file = tmp_path / "folder", tmp_path / "file"
    folder.mkdir()
    file.write_text("old")
    done = call("segment", page, "--out", folder, "--quiet")
    assert (done.code, done.err) == (
        1,
        f"Error: {folder}: cannot be written: Is a directory; nothing was written; name another place with --out\n",
    )
    assert f"Error: {file}: cannot be written: " in call("segment", page, "--out", file / "x", "--quiet").err
    assert call("segment", tmp_path / "nowhere", "--out", file).code == 2
    assert file.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder", "in"]


def test_segment_never_replaces_a_device_or_a_link(page: Path, tmp_path: Path) -> None:
    """`segment --out` leaves a FIFO a FIFO, a device a device and a link a link: as root, /dev/null may not vanish."""
    os.mkfifo(tmp_path / "fifo")
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("")
    link.symlink_to(real)
    # Some reader, so that writing to the FIFO cannot hang.
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    try:
        call("segment", page, "--out", tmp_path / "fifo", "--quiet")
    finally:
        os.close(reader)
    assert stat.S_ISFIFO((tmp_path / "fifo").lstat().st_mode)
    assert call("segment", page, "--out", link, "--quiet").code == 0
    assert link.is_symlink()
    assert real.stat().st_size > 0


def test_temporary_space_that_is_full_is_named(
    page: Path, small_disk: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`segment` and `validate` say where the temporary files could not be written, and do not blame the output."""
    disk = small_disk("size=8k")
    monkeypatch.setattr("tempfile.tempdir", str(disk))
    for command in (("segment", page), ("validate", page), ("segment", page, "--out", page / "out.jsonl")):
        done = call(*command)
        assert done.code == 1
        assert "No space left on device" in done.err
        assert "out.jsonl" not in done.err


# Interruptions


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages that take a second to build."""
    text = " ".join(f"word{n}" for n in range(25))
    return make_pages(tmp_path_factory.mktemp("many"), {f"{n}.txt": f"{n} {text} {n}." for n in range(1500)})


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_what_is_done(many: Path, out: Path, sent: signal.Signals) -> None:
    """Ctrl-C, SIGTERM and SIGHUP in the middle of a build end it without traceback, lock or release; it can go on."""
    args = [*COMMAND, "build", str(many), "--name", "x", "--out", str(out)]
    with subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 60
        while not list(out.glob("x/.work-*/done/*")) and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(sent)
        _, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "Traceback" not in err
    (left,) = (out / "x").iterdir()
    assert left.name.startswith(".work-0.1.0-")
    shutil.rmtree(left)


class Lossy:
    """Gets Ctrl-C while it is destroyed, where Python reports an exception and goes on."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_that_a_destructor_swallows_is_heeded() -> None:
    """What was lost ends the command at its next event; a command that begins after it knows nothing of it."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    report = Reporter(quiet=True, as_json=False)
    try:
        signals.listen()
        Lossy()
        with pytest.raises(KeyboardInterrupt):
            report(Event("read"))
        signals.listen()
        report(Event("read"))
    finally:
        signals.listen()
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_reader_that_goes_away_is_no_fault_of_the_output(page: Path, out: Path) -> None:
    """With standard output closed early, as by `head`, nobody is told to make room, and nothing is half there."""
    for args in (["build", page, "--name", "x", "--out", out], ["segment", page], ["validate", page]):
        read, write = os.pipe()
        os.close(read)
        with os.fdopen(write, "wb") as closed:
            command = [*COMMAND, *map(str, args)]
            done = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
        assert done.stderr == ""
        assert done.returncode in (0, 1)
    assert leftovers(out) == []


def test_output_that_gets_full_is_a_message(page: Path) -> None:
    """Standard output on a full device is reported as such, without a traceback."""
    if not Path("/dev/full").is_char_device():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("wb") as full:
        command = [*COMMAND, "segment", str(page)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def _die(_spec: dict[str, Any]) -> dict[str, Any]:
    os._exit(9)


def test_a_worker_that_is_killed_is_a_message(tmp_path: Path) -> None:
    """A worker that the system ends, mostly for want of memory, is an error that says so, not a bug of ours."""
    with pytest.raises(BroadsheetError, match="worker"):
        engine.local(2)(_die, [{}, {}])


def test_two_builds_at_once(page: Path, out: Path) -> None:
    """Of two builds of a version at once one is published whole, and the other says that the first runs, or ran."""

    def start(folder: Path, version: str) -> subprocess.Popen[str]:
        options = ["--name", "x", "--out", str(out), "--version", version, "--quiet"]
        return subprocess.Popen([*COMMAND, "build", str(folder), *options], stderr=subprocess.PIPE, text=True)

    equal = [start(page, "0.1.0"), start(page, "0.1.0")]
    other = make_pages(page.parent / "other", {"b.txt": OTHER})
    unequal = [start(page, "1.0.0"), start(other, "1.0.0")]
    ends = [(process.communicate(timeout=60)[1], process.returncode) for process in (*equal, *unequal)]
    target = out / "x/1.0.0"
    busy = r"Error: another build of x (?:0\.1|1\.0)\.0 is running \(pid [0-9]+\); wait until it has ended\n"
    late = f"Error: {target} exists with other content: releases are never rewritten; pass a new --version\n"
    for pair in (ends[:2], ends[2:]):
        assert ("", 0) in pair
    for err, code in ends:
        assert (err, code) in {("", 0), (late, 1)} or (re.fullmatch(busy, err) and code == 1)
    assert (late, 1) not in ends[:2]
    assert sorted(path.name for path in (out / "x").iterdir()) == ["0.1.0", "1.0.0", "index.json"]
    assert [v["version"] for v in json.loads((out / "x/index.json").read_text())["versions"]] == ["0.1.0", "1.0.0"]
    assert call("verify", target, "--quiet").code == 0


# What is no release, or no whole one


def test_what_is_no_release_is_an_error(page: Path, tmp_path: Path) -> None:
    """A folder, a file and a missing path are no release: exit code 1, and the path and the missing file are named."""
    for path in (page, page / "good.txt", tmp_path / "nowhere"):
        for command in (["verify"], ["inspect"], ["verify", "--json"], ["inspect", "--json"]):
            done = call(*command, path)
            assert (done.code, done.out) == (1, "")
            assert done.err.startswith(f"Error: {path}: no release: manifest.json: ")


def _changed(**changes: object) -> Callable[[Path], object]:
    def change(release: Path) -> None:
        manifest = json.loads((release / "manifest.json").read_text())
        (release / "manifest.json").write_text(json.dumps(manifest | changes))

    return change


def _written(path: str, content: bytes | None) -> Callable[[Path], object]:
    """A function that gives the first file of the pattern in a release other content; None cuts it short."""

    def change(release: Path) -> None:
        file = next(iter(sorted(release.glob(path))), release / path)
        file.write_bytes(file.read_bytes()[:100] if content is None else content)

    return change


def _removed(pattern: str) -> Callable[[Path], object]:
    def change(release: Path) -> None:
        for path in sorted(release.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return change


MANIFESTS: dict[str, Callable[[Path], object]] = {
    "no JSON": _written("manifest.json", b"nope"),
    "no UTF-8": _written("manifest.json", b"\xff\xfe"),
    "an array": _written("manifest.json", b"[]"),
    "null": _written("manifest.json", b"null"),
    "an empty object": _written("manifest.json", b"{}"),
    "nested too deep": _written("manifest.json", b"[" * 100_000),
    "tables null": _changed(tables=None),
    "tables of numbers": _changed(tables=[5]),
    "ledger null": _changed(ledger=None),
    "inputs null": _changed(inputs=None),
}
DAMAGES: dict[str, Callable[[Path], object]] = {
    "no tables": _changed(tables=[]),
    "truncated Parquet": _written("data/articles/*", None),
    "empty Parquet": _written("data/articles/*", b""),
    "garbage Parquet": _written("data/articles/*", b"PAR1" + b"x" * 200 + b"PAR1"),
    "missing Parquet": _removed("data/articles/*"),
    "no data": _removed("data"),
    "foreign Parquet": _written("data/articles/zzz.parquet", b"x"),
    "truncated gzip": _written("jsonl/articles/*", None),
    "garbage gzip": _written("jsonl/articles/*", b"no gzip"),
    "no sums": _removed("SHA256SUMS"),
    "sums no UTF-8": _written("SHA256SUMS", b"\xff\xfe"),
    "measures an array": _written("measures.json", b"[]"),
    "measures no JSON": _written("measures.json", b"x"),
    "README no UTF-8": _written("README.md", b"\xff"),
    "dangling link": lambda release: (release / "link").symlink_to("/nowhere"),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small release. Not to be changed: copy it."""
    folder = tmp_path_factory.mktemp("whole")
    assert build(make_pages(folder / "in", {"good.txt": ARTICLE}), folder / "out").code == 0
    return folder / "out/x/0.1.0"


def damaged(whole: Path, folder: Path, damage: Callable[[Path], object]) -> Path:
    """A damaged copy of a release."""
    copy = folder / "0.1.0"
    shutil.copytree(whole, copy)
    damage(copy)
    return copy


@pytest.mark.parametrize("damage", MANIFESTS)
def test_a_manifest_of_the_wrong_shape_is_an_error(whole: Path, tmp_path: Path, damage: str) -> None:
    """`inspect` names the release whose manifest it cannot use; `verify` does so too or calls promises broken."""
    release = damaged(whole, tmp_path, MANIFESTS[damage])
    inspected = call("inspect", release)
    assert inspected.code == 1
    assert inspected.err.startswith(f"Error: {release}: ")
    assert "manifest.json" in inspected.err
    verified = call("verify", release)
    assert verified.code == 1
    assert "broken" in verified.out or verified.err.startswith(f"Error: {release}: ")
    assert [word for word in ("TypeError", "KeyError", "subscriptable") if word in verified.out + verified.err] == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_release_is_judged_not_fatal(whole: Path, tmp_path: Path, damage: str) -> None:
    """`verify` gives its verdict on every promise, with exit code 1; `inspect` shows or says what it can."""
    release = damaged(whole, tmp_path, DAMAGES[damage])
    verified = call("verify", release, "--json")
    assert (verified.code, verified.err) == (1, "")
    verdicts = json.loads(verified.out)
    assert len(verdicts) == 11
    assert {v["promise"].partition(":")[0] for v in verdicts if v["verdict"] == "broken"} >= {"checksums"}
    assert call("inspect", release).code in (0, 1)


def test_verify_never_hangs_on_a_fifo(whole: Path, tmp_path: Path) -> None:
    """A FIFO in the place of a file of a release is a broken promise."""

    def damage(release: Path) -> None:
        (release / "README.md").unlink()
        os.mkfifo(release / "README.md")

    done = spawn("verify", damaged(whole, tmp_path, damage))
    assert done.code == 1
    assert "README.md" in done.out


# Beginning


def test_init_never_overwrites_and_what_it_writes_builds(tmp_path: Path, out: Path) -> None:
    """The dataset.toml of `init` builds as it is; a second `init` is refused, and the file stays."""
    folder = make_pages(tmp_path / "My Site", {"good.txt": ARTICLE})
    assert call("init", folder).code == 0
    written = (folder / "dataset.toml").read_text()
    assert call("init", folder) == Done(
        2, "", f"Error: {folder / 'dataset.toml'} exists; edit it, or name another folder\n"
    )
    assert (folder / "dataset.toml").read_text() == written
    assert call("build", folder, "--out", out, "--quiet") == Done(0, "", "")
    assert (out / "my-site/0.1.0").is_dir()


@pytest.mark.parametrize("name", ["Bad Name", "a/b", 'a"b', ""])
def test_init_with_a_wrong_name_writes_nothing(tmp_path: Path, name: str) -> None:
    """A wrong name is refused before anything is written, so that the next try is not refused too."""
    folder = tmp_path / "new"
    assert call("init", folder, "--name", name).code == 2
    assert not folder.exists()


def test_init_in_a_folder_with_any_name_gives_a_usable_one(tmp_path: Path) -> None:
    """A folder with a very long name, or one without a plain letter, gets a name that the dataset may have."""
    for folder in (tmp_path / ("a" * 150), tmp_path / "ÄÖ"):
        assert call("init", folder).code == 0


def test_init_in_an_impossible_place_is_a_message(page: Path, powerless: tuple[str, ...]) -> None:
    """A file in the way, and a folder that may not be entered, are messages that name the place."""
    assert call("init", page / "good.txt").code == 2
    assert "cannot be written: Not a directory" in call("init", page / "good.txt/x").err
    page.chmod(0)
    try:
        done = spawn("init", page / "new", prefix=powerless)
    finally:
        page.chmod(0o755)
    assert done.code == 1
    assert "Permission denied" in done.err
