"""A release is pushed whole and under its version, or not at all: to a stand-in for the Hub, and by fsspec."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from hub import TOKEN, Hub, served
from sites import ARTICLE, build_pages, make_pages, snapshot

from broadsheet.build import Built
from broadsheet.errors import CallError, ReleaseError
from broadsheet.release.manifest import write_sums
from broadsheet.release.push import parcel, push
from broadsheet.release.readmit import readmit
from broadsheet.release.verify import BROKEN, KEPT, UNCHECKABLE, verify

REPO = "ines/harbour"
TARGET = f"hf://datasets/{REPO}"
REJECTED = "quarantine/rejected.jsonl.gz"
RECORDS = f'{json.dumps({"text": ARTICLE})}\n{{"text": ""}}\nno JSON\n'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_pages(tmp_path / "in", {"a.txt": ARTICLE, "r.jsonl": RECORDS})


@pytest.fixture
def release(site: Path, tmp_path: Path) -> Built:
    return build_pages(site, tmp_path / "out")


@pytest.fixture
def hub() -> Iterator[Hub]:
    with served() as found:
        yield found


def run(hub: Hub, tmp_path: Path, *arguments: str, token: str = TOKEN) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own: whether the network is there is decided when the library is imported.

    Whatever it prints, the token is not in it.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")} | {
        "HF_ENDPOINT": hub.url,
        "HF_TOKEN": token,
        "HF_HOME": str(tmp_path / "hf"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "NO_PROXY": "127.0.0.1",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "broadsheet", "push", *arguments],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert TOKEN not in ran.stdout + ran.stderr
    return ran


def verdicts(release: Path) -> dict[str, str]:
    return {v.promise.partition(":")[0]: v.verdict for v in verify(release)}


def test_a_push_is_one_commit_and_a_tag(hub: Hub, release: Built, tmp_path: Path) -> None:
    """The tag is the version; what is fetched keeps every promise that does not need the quarantine; twice is once."""
    ran = run(hub, tmp_path, str(release.path), TARGET)
    assert (ran.returncode, ran.stdout[:6]) == (0, "pushed"), ran.stderr
    repo = hub.repos[REPO]
    assert [summary for _, summary in repo.log] == ["initial commit", "Release 0.1.0"]
    assert repo.tags == {"0.1.0": repo.head}
    fetched = hub.write(REPO, "0.1.0", tmp_path / "fetched")
    found = verdicts(fetched)
    left = {"checksums": UNCHECKABLE, "schema": UNCHECKABLE, "nothing is lost": UNCHECKABLE}
    assert found == dict.fromkeys(found, KEPT) | left
    sent = {path for path in snapshot(fetched) if (fetched / path).is_file()}
    there = {path for path in snapshot(release.path) if (release.path / path).is_file()}
    assert there - sent == {REJECTED}
    assert all((fetched / path).read_bytes() == (release.path / path).read_bytes() for path in sent)
    n_before = len(hub.asked)
    again = run(hub, tmp_path, str(release.path), TARGET)
    assert (again.returncode, "is there already, with equal content" in again.stdout) == (0, True), again.stderr
    assert set(hub.asked[n_before:]) <= {"create", "refs", "tree"}
    assert len(repo.log) == 2
    with pytest.raises(ReleaseError, match="was sealed and is not here"):
        readmit(fetched)


def test_with_the_quarantine_everything_goes(hub: Hub, release: Built, tmp_path: Path) -> None:
    """Asked for, the quarantine goes too, and every promise is kept there; a version that lacks it never gets it."""
    for repo in ("ines/with", "ines/without"):
        flag = ["--with-quarantine"] if repo == "ines/with" else []
        assert run(hub, tmp_path, str(release.path), f"hf://datasets/{repo}", *flag, "--private").returncode == 0
    assert set(verdicts(hub.write("ines/with", "0.1.0", tmp_path / "whole")).values()) == {KEPT}
    assert hub.repos["ines/with"].private
    refused = run(hub, tmp_path, str(release.path), "hf://datasets/ines/without", "--with-quarantine")
    assert (refused.returncode, "without the quarantine" in refused.stderr) == (1, True)
    fetched = hub.write("ines/without", "0.1.0", tmp_path / "fetched")
    with pytest.raises(ReleaseError, match="missing"):
        parcel(fetched, with_quarantine=True)
    assert REJECTED not in parcel(fetched).files


def test_what_was_fetched_and_then_lost_is_broken(release: Built, tmp_path: Path) -> None:
    """Only the quarantine may be missing, and only where it was sealed: no other file, nor a seal without it."""
    push(release.path, str(tmp_path / "copies"))
    copy = tmp_path / "copies/0.1.0"
    assert BROKEN not in verdicts(copy).values()
    write_sums(copy)
    assert {name for name, verdict in verdicts(copy).items() if verdict == BROKEN} == {"files", "nothing is lost"}
    (release.path / "jsonl/articles/train-00000-of-00001.jsonl.gz").unlink()
    assert verdicts(release.path)["checksums"] == BROKEN
    with pytest.raises(ReleaseError, match="is not as it was sealed"):
        parcel(release.path)


@pytest.mark.parametrize(("route", "after"), [("upload", 1), ("commit", 0), ("tag", 0), ("refs", 0)])
def test_an_interrupted_push_goes_on(hub: Hub, release: Built, tmp_path: Path, route: str, after: int) -> None:
    """Wherever it fails, the next push ends it: one commit, one tag, and no content is uploaded twice."""
    hub.failing = {route: after}
    failed = run(hub, tmp_path, str(release.path), TARGET)
    assert (failed.returncode, "push again to go on" in failed.stderr) == (1, True), failed.stdout + failed.stderr
    assert "***" in failed.stderr or "refused" not in failed.stderr
    repo = hub.repos[REPO]
    assert repo.tags == {}
    kept = set(hub.objects)
    assert run(hub, tmp_path, str(release.path), TARGET).returncode == 0
    assert [summary for _, summary in repo.log] == ["initial commit", "Release 0.1.0"]
    assert repo.tags == {"0.1.0": repo.head}
    assert hub.count("upload") == len(hub.objects) + (route == "upload")
    assert kept <= set(hub.objects)


def test_other_content_under_a_tag_is_refused(hub: Hub, site: Path, release: Built, tmp_path: Path) -> None:
    """A version is never rewritten; the next one takes the place of the files of the one before on the branch."""
    assert run(hub, tmp_path, str(release.path), TARGET, "--with-quarantine").returncode == 0
    repo = hub.repos[REPO]
    (site / "b.txt").write_text(ARTICLE.replace("bridge", "ferry").replace("office", "captain"), "utf-8")
    (site / "r.jsonl").unlink()
    other = build_pages(site, tmp_path / "other")
    refused = run(hub, tmp_path, str(other.path), TARGET)
    assert (refused.returncode, "never rewritten; pass a new --version" in refused.stderr) == (1, True)
    assert len(repo.log) == 2
    repo.add(repo.at("main") | {"pictures/own.png": b"somebody's"}, "a picture")
    second = build_pages(site, tmp_path / "second", version="1.0.0")
    assert run(hub, tmp_path, str(second.path), TARGET).returncode == 0
    there = {path for path in snapshot(second.path) if (second.path / path).is_file()}
    assert set(repo.at("main")) == there | {".gitattributes", "pictures/own.png"}
    assert REJECTED in repo.at("0.1.0")
    assert list(repo.tags) == ["0.1.0", "1.0.0"]


def test_who_may_not_push(hub: Hub, release: Built, tmp_path: Path) -> None:
    """A wrong token is told with what to do, and is not shown."""
    refused = run(hub, tmp_path, str(release.path), TARGET, token="hf_wrong_token")
    assert (refused.returncode, "log in with" in refused.stderr) == (1, True)
    assert "hf_wrong_token" not in refused.stdout + refused.stderr


def test_a_dry_run_asks_nobody(hub: Hub, release: Built, tmp_path: Path) -> None:
    """It lists each file with its size, names what stays, and sends nothing."""
    ran = run(hub, tmp_path, str(release.path), TARGET, "--dry-run")
    assert (ran.returncode, hub.asked) == (0, [])
    for path, n_bytes in parcel(release.path).sizes().items():
        assert any(line.split()[:2] == [f"{n_bytes:,}", path] for line in ran.stdout.splitlines())
    assert "stays here  quarantine/rejected.jsonl.gz" in ran.stdout
    as_json = run(hub, tmp_path, str(release.path), TARGET, "--dry-run", "--json", "--with-quarantine")
    found = json.loads(as_json.stdout)
    assert found["files"][REJECTED] == (release.path / REJECTED).stat().st_size
    assert found["left_out"] == []


@pytest.mark.parametrize(
    "target",
    ["hf://ines/harbour", "hf://datasets/harbour", "hf://models/ines/harbour", "hf://datasets/a/b@v1", "nope://x"],
)
def test_wrong_targets(release: Built, target: str) -> None:
    """What is no dataset's repository, and what nothing opens, is a wrong call."""
    with pytest.raises(CallError):
        push(release.path, target)


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    fs = fsspec.filesystem("memory")
    yield fs
    fs.rm("/", recursive=True)


def test_any_storage(release: Built, memory: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    """The manifest comes last, so that a push that was cut off is no release; the next one goes on."""
    sent: list[str] = []
    put = type(memory).put_file

    def failing(fs: object, local: str, there: str, **given: object) -> object:
        if len(sent) == 4:
            put(fs, local, there, **given)
            memory.pipe_file(there, memory.cat_file(there)[:-1] + b"?")  # cut off within the file
            raise TimeoutError("gone")
        sent.append(there)
        return put(fs, local, there, **given)

    with monkeypatch.context() as patched:
        patched.setattr(type(memory), "put_file", failing)
        with pytest.raises(ReleaseError, match="not whole there; push again"):
            push(release.path, "memory://copies/site")
    assert not memory.exists("/copies/site/0.1.0/manifest.json")
    told: list[str] = []
    done = push(release.path, "memory://copies/site", tell=told.append)
    assert done.new
    assert told == list(done.sent)
    assert told[-2:] == ["SHA256SUMS", "manifest.json"]
    assert len(told) == len(parcel(release.path).files) - 4
    for path, file in parcel(release.path).files.items():
        assert memory.cat_file(f"/copies/site/0.1.0/{path}") == file.read_bytes()
    assert not push(release.path, "memory://copies/site").new
    with pytest.raises(ReleaseError, match="without the quarantine"):
        push(release.path, "memory://copies/site", with_quarantine=True)
    memory.pipe_file("/copies/site/0.1.0/README.md", b"changed")
    with pytest.raises(ReleaseError, match=r"damaged: README\.md"):
        push(release.path, "memory://copies/site")
    memory.pipe_file("/copies/site/0.1.0/SHA256SUMS", b"changed")
    with pytest.raises(ReleaseError, match="never rewritten"):
        push(release.path, "memory://copies/site")


def test_a_folder(release: Built, tmp_path: Path) -> None:
    """Paths and `file://` are storages, too; the release itself is none."""
    for target in (str(tmp_path / "one"), f"file://{tmp_path}/two"):
        assert push(release.path, target, with_quarantine=True).new
    for name in ("one", "two"):
        assert set(verdicts(tmp_path / name / "0.1.0").values()) == {KEPT}
    before = snapshot(release.path)
    with pytest.raises(CallError, match="lies in the release"):
        push(release.path, str(release.path / "copies"))
    with pytest.raises(CallError, match="--private"):
        push(release.path, str(tmp_path / "one"), private=True)
    assert snapshot(release.path) == before
