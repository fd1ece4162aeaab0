"""Loads releases with several versions of `datasets`, each in an environment of its own, and says what differs.

    python tests/compat/run.py [VERSION …]
    python tests/compat/run.py --lock

Releases are built with this environment: the example site's, one with a record schema that has properties of every
kind, and one with lists that begin with null. Each is loaded in every way that `check.py` knows, and all rows are
compared with the JSON lines. A difference that `EXPECTED` does not explain fails, and so does an explanation that
explains nothing any more. The environments lie in `build/compat/` and are made anew when their pins in
`requirements/compat/` change, which needs the package index; the newest version is the one of
`requirements/runtime.txt`. `--lock` writes the pins from what the `.in` files ask for. Python is 3.11, the newest that
has wheels of everything that old.

Exit code 0 when all is as expected, 1 when not.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PINS: Final = ROOT / "requirements" / "compat"
BUILD: Final = ROOT / "build" / "compat"
CHECK: Final = Path(__file__).with_name("check.py")
UV: Final = Path(sys.executable).with_name("uv")
WAYS: Final = ("parquet", "parquet, streamed", "jsonl", "jsonl, streamed", "arrow")


@dataclass(frozen=True, slots=True)
class Expected:
    """A difference that is known, and whose it is."""

    why: str
    versions: tuple[str, ...]
    ways: tuple[str, ...]
    releases: tuple[str, ...]
    pattern: str
    """Of `config/split: fault`, from the beginning."""


_BEFORE_4: Final = ("2.16.1", "2.21.0", "3.6.0")
EXPECTED: Final = (
    Expected(
        "The folder arrow/ is written by datasets 5, which calls lists `List`: only datasets from 4.0 knows the word.",
        _BEFORE_4,
        ("arrow",),
        ("harbour", "gazette", "nulls"),
        r".*: (TypeError: must be called with a dataclass type|ValueError: Feature type 'List' not found)",
    ),
    Expected(
        "Streaming JSON lines, datasets before 3 gives what the JSON reader guessed, and not the card's types: dates "
        "and times in UTC come as times without a zone.",
        ("2.16.1", "2.21.0"),
        ("jsonl, streamed",),
        ("harbour", "gazette", "nulls"),
        r"[^:]*: [^:]*: row [^:]*, a time without zone for '",
    ),
    Expected(
        "pyarrow's reader of JSON loses nulls that a list begins with (apache/arrow#51305, huggingface/datasets#5531): "
        "loading fails, crashes or, before datasets 5, gives other lists; the card in jsonl/ warns of it.",
        (*_BEFORE_4, "4.0.0", "4.4.2"),
        ("jsonl", "jsonl, streamed"),
        ("nulls",),
        r"articles/train: (soundings: row|ArrowInvalid: .*list offset|ArrowIndexError|the process ended: -6)",
    ),
)


def environments(wanted: Sequence[str]) -> dict[str, Path]:
    """The pins of each version, oldest first."""
    runtime = ROOT / "requirements" / "runtime.txt"
    found = {file.stem: file for file in PINS.glob("*.txt")} | {pinned(runtime): runtime}
    unknown = [version for version in wanted if version not in found]
    if unknown:
        sys.exit(f"unknown: {', '.join(unknown)}; known are {', '.join(found)}")
    order = sorted(found, key=lambda version: [int(part) for part in version.split(".")])
    return {version: found[version] for version in order if not wanted or version in wanted}


def pinned(pins: Path) -> str:
    """The version of `datasets` in a lock file."""
    match = re.search(r"^datasets==(\S+)", pins.read_text("utf-8"), re.MULTILINE)
    if not match:
        sys.exit(f"{pins}: pins no `datasets`")
    return match[1]


def python_of(version: str, pins: Path) -> Path:
    """The interpreter of an environment with just these packages; made where it is not there."""
    folder = BUILD / version
    made = folder / "pins.txt"
    if made.exists() and made.read_bytes() == pins.read_bytes():
        return folder / "bin" / "python"
    shutil.rmtree(folder, ignore_errors=True)
    python = str(folder / "bin" / "python")
    if UV.exists():
        run(str(UV), "venv", "--quiet", "--python", "3.11", str(folder))
        run(str(UV), "pip", "sync", "--quiet", "--require-hashes", "--python", python, str(pins))
    else:
        run(sys.executable, "-m", "venv", str(folder))
        run(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(pins))
    shutil.copyfile(pins, made)
    return Path(python)


def run(*command: str) -> None:
    """Runs a command; where it fails, so does this script."""
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"failed: {' '.join(command)}")


def releases() -> dict[str, Path]:
    """The releases, built anew by this environment."""
    sys.path.insert(0, str(ROOT / "tests"))
    import own
    import sites

    out = BUILD / "releases"
    shutil.rmtree(out, ignore_errors=True)
    return {
        "harbour": sites.build_harbour(out / "harbour", export={"formats": ["parquet", "jsonl", "arrow"]}).path,
        "gazette": own.build(out / "gazette").path,
        "nulls": own.build(out / "nulls", {"1.jsonl": own.jsonl(own.NULLS)}, split={"train": 1}).path,
    }


def differences(python: Path, release: Path, way: str, home: Path) -> Iterator[str]:
    """What differs when a release is loaded in one way, as `config/split: fault`.

    A table that makes the process crash is one more difference, and those behind it are checked by another process.
    """
    manifest = json.loads((release / "manifest.json").read_text("utf-8"))
    waiting = [f"{table['config']}/{table['split']}" for table in manifest["tables"]]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "PYTHON"))}
    kept |= {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    while waiting:
        command = [str(python), str(CHECK), str(release), way, *waiting]
        ran = subprocess.run(command, env=kept, capture_output=True, encoding="utf-8", errors="replace", check=False)
        # Old versions print words of their own.
        for line in filter(lambda line: line.startswith('{"table"'), ran.stdout.splitlines()):
            found = json.loads(line)
            waiting.remove(found["table"])
            yield from (f"{found['table']}: {fault}" for fault in found["faults"])
        if waiting:
            yield f"{waiting.pop(0)}: the process ended: {ran.returncode}: {ran.stderr.strip().splitlines()[-1:]}"


def explained(version: str, way: str, release: str, difference: str) -> Expected | None:
    """What explains a difference, if anything does."""
    for known in EXPECTED:
        here = version in known.versions and way in known.ways and release in known.releases
        if here and re.match(known.pattern, difference):
            return known
    return None


def check_all(versions: dict[str, Path]) -> int:
    """Prints the table and what stands behind it; the exit code."""
    built = releases()
    failed: list[str] = []
    used: dict[Expected, set[str]] = {known: set() for known in EXPECTED}
    print(f"{'datasets':10}{'release':10}{''.join(f'{way:20}' for way in WAYS)}")
    for version, pins in versions.items():
        python = python_of(version, pins)
        for name, release in built.items():
            cells = []
            for way in WAYS:
                home = BUILD / "home"
                shutil.rmtree(home, ignore_errors=True)
                cell = "ok"
                for difference in differences(python, release, way, home):
                    known = explained(version, way, name, difference)
                    if known:
                        used[known].add(version)
                        cell = cell if cell == "FAIL" else f"expected ({EXPECTED.index(known) + 1})"
                    else:
                        failed.append(f"{version}, {name}, {way}: {difference}")
                        cell = "FAIL"
                cells.append(f"{cell:20}")
            print(f"{version:10}{name:10}{''.join(cells)}", flush=True)
    for number, known in enumerate(EXPECTED, 1):
        print(f"({number}) {known.why}")
        stale = [version for version in known.versions if version in versions and version not in used[known]]
        failed += [f"{version}: ({number}) is expected, but is not so any more" for version in stale]
    print(*failed, sep="\n", end="\n" if failed else "")
    return 1 if failed else 0


def lock() -> int:
    """Pins what the `.in` files ask for, with hashes."""
    for asked in sorted(PINS.glob("*.in")):
        options = ["--quiet", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-header"]
        options += [
            "--no-annotate",
            "--no-emit-index-url",
            "--no-emit-find-links",
            "--output-file",
            str(asked.with_suffix(".txt")),
        ]
        run(str(UV), "pip", "compile", *options, str(asked))
    return 0


if __name__ == "__main__":
    sys.exit(lock() if sys.argv[1:] == ["--lock"] else check_all(environments(sys.argv[1:])))
