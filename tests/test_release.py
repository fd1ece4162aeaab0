"""A release never changes: it appears whole or not at all, and a version is never rewritten."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from sites import ARTICLE, ROOT, build_pages, json_rows, make_pages, run_python, snapshot, sums

from broadsheet import config
from broadsheet.build import Built, build
from broadsheet.cli import main
from broadsheet.engine import Progress, Task, local
from broadsheet.engine.local import Result, Spec
from broadsheet.errors import InputError, ReleaseError
from broadsheet.release.manifest import compose, sum_faults, write_sums
from broadsheet.release.verify import KEPT, verify

PAGES = {f"{i}.txt": ARTICLE.replace("eleven", f"{i + 2}0") for i in range(4)} | {"4.txt": "x\r\ny"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of a few pages."""
    return make_pages(tmp_path / "in", PAGES)


def test_building_again_gives_equal_bytes_and_says_so(site: Path, tmp_path: Path) -> None:
    """A second build succeeds, says that nothing was published, and changes no file, not even a time of change."""
    first = build_pages(site, tmp_path / "dist")
    before = snapshot(tmp_path / "dist")
    second = build_pages(site, tmp_path / "dist")
    assert (first.published, second.published) == (True, False)
    assert second.path == first.path
    assert second.manifest == first.manifest
    after = snapshot(tmp_path / "dist")
    del before["site"], after["site"]  # the folder in which the work folder came and went
    assert after == before
    assert sums(build_pages(site, tmp_path / "elsewhere").path) == sums(first.path)


def test_equal_rows_in_other_bytes_are_the_same_release(records_file: Path, tmp_path: Path) -> None:
    """Where another machine compressed the files otherwise, the version is there, untouched; other rows are refused."""
    arguments = ["build", str(records_file), "--name", "given", "--out", str(tmp_path)]

    def told() -> str:
        write_sums(release)
        before = sums(release)
        output = CliRunner().invoke(main, arguments).output
        assert sums(release) == before
        return output

    assert CliRunner().invoke(main, arguments).exit_code == 0
    release = tmp_path / "given" / "0.1.0"
    table = next(iter(release.glob("data/articles/*.parquet")))
    pq.write_table(pq.read_table(table), table, compression="snappy")
    lines = [next(iter(release.glob("jsonl/articles/*.gz"))), release / "quarantine" / "rejected.jsonl.gz"]
    for file in lines:
        file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()), 1))
    assert "was there already, and holds the same rows" in told()
    for file in lines:
        whole = file.read_bytes()
        file.write_bytes(gzip.compress(gzip.decompress(whole).replace(b"harbour", b"hArbour").replace(b"r2", b"r9")))
        assert "exists with other content" in told()
        file.write_bytes(whole)
    table.write_bytes(table.read_bytes()[:100])
    assert "exists with other content" in told()


def test_what_is_damaged_before_it_is_sealed_is_found(site: Path, tmp_path: Path) -> None:
    """The checksums of tables are those of the tasks that wrote them: a byte that changed since is no part of them."""
    damaged: list[str] = []

    def run(task: Task, specs: Sequence[Spec], progress: Progress | None = None) -> list[Result]:
        results = local(1)(task, specs, progress)
        for path, _ in (file for result in results for file in result.get("written", ())):
            if "/jsonl/pages/" in path:  # no measure is taken from it
                whole = Path(path).read_bytes()
                Path(path).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
                damaged.append(path)
        return results

    built = build([site], config.load(None, {"name": "site"}), out=tmp_path / "dist", run=run)
    (name,) = (Path(path).name for path in damaged)
    assert list(sum_faults(built.path)) == [f"jsonl/pages/{name}: content changed"]


def test_checksums_are_those_of_the_files(site: Path, tmp_path: Path) -> None:
    """`sha256sum --check`, which knows nothing of the project, accepts every file of a release and misses none."""
    path = build_pages(site, tmp_path / "dist").path
    ran = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=path, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stdout
    files = {p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file()} - {"SHA256SUMS"}
    assert {line.partition("  ")[2] for line in sums(path).splitlines()} == files


@pytest.mark.parametrize("change", ["page", "setting", "foreign"])
def test_other_content_under_a_version_is_refused(site: Path, tmp_path: Path, change: str) -> None:
    """Another page, another setting or a foreign folder in the place is an error, and everything stays as it was."""
    out = tmp_path / "dist"
    settings = {"title": "Another title"} if change == "setting" else {}
    if change == "foreign":
        make_pages(out / "site" / "0.1.0", {"notes.txt": "mine"})
    else:
        build_pages(site, out)
    if change == "page":
        make_pages(site, {"0.txt": ARTICLE + "One more sentence, which was not there before.\n"})
    before = snapshot(out)
    other = r"0\.1\.0 exists with other content: releases are never rewritten; pass a new --version"
    with pytest.raises(ReleaseError, match=r"is no release; move it away" if change == "foreign" else other):
        build_pages(site, out, **settings)
    after = snapshot(out)
    del before["site"], after["site"]
    assert after == before
    build_pages(site, out, version="1.0.0", **settings)
    after = snapshot(out)
    assert {name: after[name] for name in before if name != "site/index.json"} == {
        name: content for name, content in before.items() if name != "site/index.json"
    }


@pytest.mark.parametrize("damage", ["changed", "missing", "added"])
def test_a_damaged_release_is_not_called_equal(site: Path, tmp_path: Path, damage: str) -> None:
    """Building a version again whose files are no longer as they were sealed names the file and changes nothing."""
    path = build_pages(site, tmp_path / "dist").path
    file = path / ("NOTES.md" if damage == "added" else "DATASHEET.md")
    if damage == "missing":
        file.unlink()
    else:
        file.write_text("something else", "utf-8")
    before = snapshot(path)
    with pytest.raises(ReleaseError, match=rf"is there, but damaged: {file.name}: .*; move it away and build again"):
        build_pages(site, tmp_path / "dist")
    assert snapshot(path) == before


def test_the_index_lists_every_version_in_order(site: Path, tmp_path: Path) -> None:
    """The index names each version with its digest, by the numbers of the versions and not their letters."""
    digests = {}
    for version in ("0.10.0", "0.9.0", "1.0.0"):
        digests[version] = build_pages(site, tmp_path, version=version).manifest["logical_digest"]
    index = json.loads((tmp_path / "site" / "index.json").read_text("utf-8"))
    found = [(entry["version"], entry["logical_digest"]) for entry in index["versions"]]
    assert found == [(version, digests[version]) for version in ("0.9.0", "0.10.0", "1.0.0")]


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    """A build without a valid record, without pages, or without room is an error, after which no version is there."""
    with pytest.raises(ReleaseError, match=r"nothing to release: .*; nothing was published"):
        build_pages(make_pages(tmp_path / "empty", {"1.txt": " "}), tmp_path / "dist")
    assert list((tmp_path / "dist" / "site").iterdir()) == []
    with pytest.raises(InputError, match="no pages: expected"):
        build_pages(make_pages(tmp_path / "none", {"1.png": "x"}), tmp_path / "dist")
    site = make_pages(tmp_path / "in", {"1.txt": ARTICLE})
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises(ReleaseError, match="cannot be written"):
        build_pages(site, tmp_path / "file")
    assert list((tmp_path / "dist" / "site").iterdir()) == []


def test_files_that_cannot_be_read_stop_no_other(site: Path, tmp_path: Path) -> None:
    """A file that is no text is named with its error in the outcome and the manifest; the others are released."""
    make_pages(site, {"bad.txt": b"\x89PNG\r\n\x1a\n\x00\x00\x00\xff", "sub/ü.txt": ARTICLE.replace("week", "month")})
    built = build_pages(site, tmp_path / "dist")
    assert built.failed == [{"path": "bad.txt", "error": "is a PNG image, not text"}]
    files = {file["path"]: file["error"] for file in built.manifest["inputs"]["files"]}
    assert files == {**dict.fromkeys([*PAGES, "sub/ü.txt"]), "bad.txt": "is a PNG image, not text"}
    paths = {capture["path"] for row in json_rows(built.path, "pages") for capture in row["captures"]}
    assert paths == {*PAGES, "sub/ü.txt"}
    assert {verdict.verdict for verdict in verify(built.path)} == {KEPT}


LEDGER = ["n_captures", "n_chars", "n_candidates", "n_valid", "n_rejected", "n_unreadable", "n_unique", "n_canonical"]


@pytest.mark.parametrize("name", LEDGER)
def test_a_ledger_that_does_not_add_up_is_an_error(harbour: Built, name: str) -> None:
    """A manifest is not even made where any one count says that something was lost or came from nowhere."""
    given = {key: harbour.manifest[key] for key in ("versions", "inputs", "ledger", "certificate", "tables")}
    manifest = compose(settings=harbour.manifest["configuration"], **given)
    assert manifest["ledger"] == harbour.manifest["ledger"]
    wrong = {**given["ledger"], name: given["ledger"][name] - 1}
    with pytest.raises(ReleaseError, match=r"the ledger does not add up: .*; nothing was published"):
        compose(settings=harbour.manifest["configuration"], **{**given, "ledger": wrong})


def test_a_leak_is_an_error(harbour: Built) -> None:
    """A manifest is not made where a pair of repeats lies across splits."""
    given = {key: harbour.manifest[key] for key in ("versions", "inputs", "ledger", "tables")}
    with pytest.raises(ReleaseError, match="1 pairs of repeats lie across splits; nothing was published"):
        compose(settings=harbour.manifest["configuration"], **given, certificate={"n_pairs": 9, "n_across": 1})


# A build that kills itself, as a power cut would, at the moment that its first argument names.
KILLED = """\
import os, signal, sys
from functools import partial
from pathlib import Path
from broadsheet import batches, build, config
from broadsheet.release import publish

moment, site, out = sys.argv[1:]
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
def after(function):
    def run(*given):
        function(*given)
        die()
    return run
def nth(function, n):
    def run(*given):
        run.left -= 1
        return function(*given) if run.left else die()
    run.left = n
    return run

match moment.split():
    case ["replace", n]:
        Path.replace = nth(Path.replace, int(n))
    case ["describe"]:
        build.sealed = die
    case ["seal"]:
        build.seal.write_sums = die
    case ["sync"]:
        publish.sync = die
    case ["rename"]:
        build.publish = partial(publish.publish, rename=die)
    case ["renamed"]:
        build.publish = partial(publish.publish, rename=after(os.rename))
build.build([Path(site)], config.load(None, {"name": "site"}), out=Path(out), n_workers=1)
"""


def visible(folder: Path) -> list[str]:
    """What a user sees in the folder of a dataset: hidden names are none of it."""
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith(".")) if folder.exists() else []


@pytest.mark.parametrize("moment", ["replace 1", "replace 4", "replace 9", "describe", "seal", "sync", "rename"])
def test_a_killed_build_leaves_nothing_visible(site: Path, tmp_path: Path, moment: str) -> None:
    """Killed anywhere before the rename, a build leaves no version; the next one gives the undisturbed bytes."""
    ran = run_python(KILLED, moment, str(site), str(tmp_path / "dist"))
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert visible(tmp_path / "dist" / "site") == []
    again = build_pages(site, tmp_path / "dist")
    assert again.published
    assert sums(again.path) == sums(build_pages(site, tmp_path / "undisturbed").path)
    assert visible(tmp_path / "dist" / "site") == ["0.1.0", "index.json"]


def test_a_build_killed_after_the_rename_has_published(site: Path, tmp_path: Path) -> None:
    """Killed between rename and index, the release is whole; the next build says so and lists it."""
    ran = run_python(KILLED, "renamed", str(site), str(tmp_path / "dist"))
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    release = tmp_path / "dist" / "site" / "0.1.0"
    assert {verdict.verdict for verdict in verify(release)} == {KEPT}
    assert visible(release.parent) == ["0.1.0"]
    assert not build_pages(site, tmp_path / "dist").published
    assert visible(release.parent) == ["0.1.0", "index.json"]


def test_builds_killed_at_any_time_leave_nothing_or_all(site: Path, tmp_path: Path) -> None:
    """Whenever a build is killed by the clock, what is visible then is nothing or the whole release."""
    whole = build_pages(site, tmp_path / "undisturbed").path
    command = [sys.executable, "-m", "broadsheet", "build", str(site), "--name", "site", "--quiet", "--out"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    started = time.monotonic()
    assert subprocess.run([*command, str(tmp_path / "timed")], env=environment, check=False).returncode == 0
    duration = time.monotonic() - started
    for tenths in (5, 6, 7, 8, 9):
        out = tmp_path / f"{tenths}"
        with subprocess.Popen([*command, str(out)], env=environment) as process:
            time.sleep(duration * tenths / 10)
            process.kill()
        if visible(out / "site"):
            assert sums(out / "site" / "0.1.0") == sums(whole)
        assert sums(build_pages(site, out).path) == sums(whole)


def test_a_release_can_be_moved(site: Path, tmp_path: Path) -> None:
    """A release copied elsewhere keeps all its promises, and no file of it names a place on this machine."""
    path = build_pages(site, tmp_path / "dist").path
    shutil.copytree(path, tmp_path / "moved")
    assert {verdict.verdict for verdict in verify(tmp_path / "moved")} == {KEPT}
    places = [str(tmp_path).encode(), str(ROOT).encode(), str(Path.home()).encode() + b"/"]
    for file in (p for p in path.rglob("*") if p.is_file()):
        assert not any(place in file.read_bytes() for place in places), file
