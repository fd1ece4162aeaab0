"""Plants each bug of this folder in a copy of the tree and says whether the tests catch it.

A planted bug is a file `<name>.patch`: lines `law: …` (what it breaks) and `tests: …` (arguments of pytest), then a
unified diff against the root of the repository. It is caught when its tests, which pass on the tree as it is, fail
with it planted: pytest ends with code 1. Anything else is a fault of the patch or a gap in the tests.

    python tests/planted/run.py [NAME …]

Exit code 0 when every bug was caught, 1 when one survived or a patch no longer fits, 2 for an unknown name.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent
ROOT: Final = FOLDER.parents[1]
TIMEOUT_S: Final = 300
"""For the tests that a bug names."""
CLEAN_TIMEOUT_S: Final = 3600
"""For all files of tests that any bug names, which are most of the suite."""


@dataclass(frozen=True, slots=True)
class Bug:
    """One planted bug: its patch, the law that it breaks, and the tests that must notice."""

    name: str
    patch: Path
    law: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a bug: `caught`, `survived`, or what is wrong with the patch or the tests."""

    bug: Bug
    verdict: str
    seconds: float
    detail: str = ""


def load(patch: Path) -> Bug:
    """The bug in a patch file, from the lines before its diff.

    Raises: ValueError where the header lacks something.
    """
    head = patch.read_text("utf-8").partition("\n--- ")[0]
    fields = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    if not {"law", "tests"} <= fields.keys():
        raise ValueError(f"{patch.name}: expected the lines `law: …` and `tests: …` before the diff")
    return Bug(patch.stem, patch, fields["law"], tuple(shlex.split(fields["tests"])))


def copy_tree(target: Path) -> None:
    """Copies what git tracks and what it would: the tree as it is, without environments and caches."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in sorted(set(listed.stdout.decode().split("\0")) - {""}):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target / name)


def environment(tree: Path) -> dict[str, str]:
    """The environment in which `import broadsheet` imports the copy."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    return inherited | {"PYTHONPATH": str(tree / "toolkit"), "PYTHONDONTWRITEBYTECODE": "1"}


def run(tree: Path, *arguments: str, timeout_s: float = TIMEOUT_S) -> subprocess.CompletedProcess[str]:
    """Runs Python in a copy of the tree."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env=environment(tree),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=timeout_s,
        check=False,
    )


def imported(tree: Path) -> Path:
    """Where `import broadsheet` comes from in a copy of the tree."""
    return Path(run(tree, "-c", "import broadsheet; print(broadsheet.__file__)").stdout.strip())


def passes(tree: Path, bugs: Iterable[Bug]) -> bool:
    """True where the files of tests that the bugs name pass on the copy without any bug; prints what does not."""
    files = sorted({argument for bug in bugs for argument in bug.tests if argument.startswith("tests/")})
    options = ("-q", "--no-header", "-p", "no:cacheprovider", "-n", "2")
    ran = run(tree, "-m", "pytest", *options, *files, timeout_s=CLEAN_TIMEOUT_S)
    if ran.returncode:
        print(ran.stdout[-3000:], ran.stderr[-3000:])
    return ran.returncode == 0


def plant(bug: Bug, clean: Path) -> Outcome:
    """Plants one bug in a copy of the clean copy and runs its tests there."""
    started = time.monotonic()

    def outcome(verdict: str, detail: str = "") -> Outcome:
        return Outcome(bug, verdict, time.monotonic() - started, detail)

    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        tree = Path(folder, "tree")
        # What Numba keeps of a kernel knows nothing of changes in others that it calls.
        patched = re.findall(r"^\+\+\+ b/(\S+)$", bug.patch.read_text("utf-8"), re.MULTILINE)
        is_compiled = any("repeats.jit import" in (clean / name).read_text("utf-8") for name in patched)
        shutil.copytree(clean, tree, ignore=shutil.ignore_patterns("*.nb?") if is_compiled else None)
        # Outside of a repository `git apply` takes the folder as it is; without --3way nothing is guessed.
        applied = subprocess.run(
            ["git", "apply", "--whitespace=nowarn", str(bug.patch)],
            cwd=tree,
            env={**os.environ, "GIT_CEILING_DIRECTORIES": folder},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if applied.returncode:
            return outcome("does not apply", applied.stderr)
        if imported(tree) != tree / "toolkit" / "broadsheet" / "__init__.py":
            return outcome("not imported", str(imported(tree)))
        try:
            options = ("-q", "-x", "--no-header", "-p", "no:cacheprovider", "--hypothesis-profile=planted")
            ran = run(tree, "-m", "pytest", *options, *bug.tests)
        except subprocess.TimeoutExpired:
            return outcome("timed out")
    if ran.returncode == 1:
        return outcome("caught")
    return outcome(
        "survived" if ran.returncode == 0 else f"pytest ended with {ran.returncode}", ran.stdout + ran.stderr
    )


def main() -> int:
    """Plants the bugs named, or all; the exit code."""
    bugs = {patch.stem: load(patch) for patch in sorted(FOLDER.glob("*.patch"))}
    parser = argparse.ArgumentParser(description="Plant bugs and see the tests catch them.")
    parser.add_argument("names", nargs="*", help="bugs to plant; by default all")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (default: 2)")
    given = parser.parse_args()
    unknown = sorted(set(given.names) - bugs.keys())
    if unknown:
        parser.error(f"no such bug: {', '.join(unknown)}; known are {', '.join(bugs)}")
    started = time.monotonic()
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        clean = Path(folder, "clean")
        copy_tree(clean)
        chosen = [bugs[name] for name in given.names or bugs]
        if imported(clean) != clean / "toolkit" / "broadsheet" / "__init__.py" or not passes(clean, chosen):
            print("the tests do not pass on the tree as it is, so that no bug can be told from it")
            return 1
        width = max(map(len, bugs))
        with ThreadPoolExecutor(given.jobs) as pool:
            for found in pool.map(lambda bug: plant(bug, clean), chosen):
                outcomes.append(found)
                print(
                    f"{found.bug.name:<{width}}  {found.verdict:<9} {found.seconds:5.1f} s  {found.bug.law}", flush=True
                )
    missed = [found for found in outcomes if found.verdict != "caught"]
    for found in missed:
        print(f"\n--- {found.bug.name}: {found.verdict} ({shlex.join(found.bug.tests)})\n{found.detail[-3000:]}")
    print(f"\n{len(outcomes) - len(missed)} of {len(outcomes)} caught in {time.monotonic() - started:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
