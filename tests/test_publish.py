"""Publishing: one builder of a version at a time, all of a release on the disk before its name, one index for all."""

import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from sites import ARTICLE, build_pages, make_pages, run_python, sums

from broadsheet import build as way
from broadsheet.batches import to_disk
from broadsheet.errors import ReleaseError
from broadsheet.release import manifest, publish
from broadsheet.release.lock import BusyError, held


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of one page."""
    return make_pages(tmp_path / "in", {"0.txt": ARTICLE})


# Locks

HOLD = """\
import sys, time
from pathlib import Path
from broadsheet.release.lock import held
with held(Path(sys.argv[1]), "build of site 0.1.0"):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_build_of_a_version_is_told_who_runs(site: Path, tmp_path: Path) -> None:
    """While a process holds the lock, builds of its version name it and touch nothing; of another version they run.

    Killed, it holds nothing any more.
    """
    dataset = tmp_path / "out" / "site"
    dataset.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", HOLD, str(dataset / ".lock-0.1.0")], stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            message = rf"^another build of site 0\.1\.0 is running \(pid {holder.pid}\); wait until it has ended$"
            with pytest.raises(ReleaseError, match=message):
                build_pages(site, tmp_path / "out")
            assert [path.name for path in dataset.iterdir()] == [".lock-0.1.0"]
            assert build_pages(site, tmp_path / "out", version="0.2.0").published
        finally:
            holder.kill()
    assert (dataset / ".lock-0.1.0").exists()
    assert build_pages(site, tmp_path / "out").published
    assert sorted(path.name for path in dataset.iterdir()) == ["0.1.0", "0.2.0", "index.json"]


def test_a_lock_has_one_holder(tmp_path: Path) -> None:
    """Of many who take, hold and free a lock at the same time no two ever hold it, though its file comes and goes."""
    inside, worst, rounds = [0], [0], 40

    def work() -> None:
        for _ in range(rounds):
            with held(tmp_path / "lock", "test", wait_s=60):
                inside[0] += 1
                worst[0] = max(worst[0], inside[0])
                time.sleep(0)
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (worst, list(tmp_path.iterdir())) == ([1], [])


def test_a_lock_on_a_gone_file_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who opened the file of a holder that then went tries again: the lock stands on the file that others can see."""
    path = tmp_path / "lock"
    flock, opened = fcntl.flock, []

    def late(descriptor: int, operation: int) -> None:
        opened.append(descriptor)
        if len(opened) <= 2:
            path.unlink()
        if len(opened) == 2:
            path.touch()
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    with held(path, "test"):
        assert len(opened) == 3
        assert os.path.samestat(os.fstat(opened[-1]), path.lstat())
        with pytest.raises(BusyError), held(path, "test"):
            pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_is_freed_on_the_way_out(tmp_path: Path) -> None:
    """An error inside frees it; its file's content never matters; a holder elsewhere is named with its machine."""
    lock = tmp_path / "lock"
    lock.write_bytes(b"\xff old")
    with pytest.raises(KeyError), held(lock, "test"):
        raise KeyError
    with held(lock, "test"):
        lock.write_text("77 otherhost", "utf-8")
        with (
            pytest.raises(BusyError, match=r"another test is running \(pid 77 on otherhost\); wait"),
            held(lock, "test"),
        ):
            pass
        lock.write_bytes(b"\xff")
        with pytest.raises(BusyError, match=r"another test is running; wait"), held(lock, "test"):
            pass
    assert not lock.exists()


SERVING = """\
import os, sys, time
from broadsheet.engine import local
def wait(spec):
    print(os.getpid(), flush=True)
    time.sleep(600)
if __name__ == "__main__":
    local(2)(wait, [{}, {}])
"""


def test_workers_go_with_their_parent(tmp_path: Path) -> None:
    """Where a build is killed, its workers end, too: they would go on with what nobody waits for."""
    script = tmp_path / "script.py"
    script.write_text(SERVING, "utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pids = [int(process.stdout.readline()) for _ in range(2)]
        process.kill()
        try:
            # It ends when the last process that could write has ended.
            assert select.select([process.stdout], [], [], 30)[0]
            assert process.stdout.read() == ""
        finally:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


# What is on the disk


def inode(path: int | Path) -> tuple[int, int]:
    state = os.stat(path)  # noqa: PTH116  of open files, too
    return state.st_dev, state.st_ino


def test_all_is_on_the_disk_before_it_has_a_name(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file and folder of the release is synced, then renamed, then the folders that name it, then the index.

    Between its sync and the rename nothing is written: each file has the content that was synced.
    """
    synced: dict[tuple[int, int], bytes] = {}
    order: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        real(descriptor)
        is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
        synced[inode(descriptor)] = os.pread(descriptor, 1 << 20, 0) if is_file else b""
        order.append(Path(f"/proc/self/fd/{descriptor}").resolve().name)

    def rename(staged: Path, target: Path) -> None:
        found = [staged, *staged.rglob("*")]
        assert len(found) > 15
        assert {path.name for path in found if inode(path) not in synced} == set()
        assert all(synced[inode(path)] == path.read_bytes() for path in found if path.is_file())
        staged.rename(target)
        order.append("renamed")

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(way, "publish", partial(publish.publish, rename=rename))
    build_pages(site, tmp_path / "made" / "out")
    assert order[:3] == ["made", "out", tmp_path.name] or set(order[:3]) == {tmp_path.name, "made", "out"}
    behind = order[order.index("renamed") + 1 :]
    assert [name if name == "site" else name[:12] for name in behind] == ["site", ".index.json.", "site"]
    assert synced[inode(tmp_path / "made/out/site/index.json")] == (tmp_path / "made/out/site/index.json").read_bytes()


def test_what_could_not_be_synced_is_written_anew(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failing fsync the staged files go, since the system may have dropped what it will call written."""
    inodes: list[int] = []

    def fail(path: Path) -> None:
        if path.name == "SHA256SUMS":
            inodes.extend(file.stat().st_ino for file in path.parent.rglob("*.parquet"))
            raise OSError(5, "Input/output error", str(path))
        to_disk(path)

    with monkeypatch.context() as patch:
        patch.setattr(publish, "to_disk", fail)
        with pytest.raises(ReleaseError, match=r"SHA256SUMS: cannot be written: Input/output error; nothing was pub"):
            build_pages(site, tmp_path / "out")
    assert inodes
    assert not list((tmp_path / "out").rglob("*.parquet"))
    assert build_pages(site, tmp_path / "out").published


@pytest.mark.parametrize("failing", ["site", "index.json"])
def test_a_failure_behind_the_rename_is_not_called_unpublished(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """Where the release is there and its folder or index could not be brought to the disk, the message says so."""

    def fail(path: Path, *_: object, **__: object) -> None:
        if path.name == failing:
            raise OSError(5, "Input/output error", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(publish, "to_disk" if failing == "site" else "commit", fail)
        with pytest.raises(ReleaseError, match=r"0\.1\.0 is published, but .*index\.json could not be written: Input"):
            build_pages(site, tmp_path / "out")
    assert not build_pages(site, tmp_path / "out").published
    assert sorted(path.name for path in (tmp_path / "out/site").iterdir()) == ["0.1.0", "index.json"]


# The index


def test_builds_of_many_versions_write_one_index(site: Path, tmp_path: Path) -> None:
    """Versions that are published at the same moment are all listed, whoever writes last."""
    release = build_pages(site, tmp_path / "one").path
    dataset = tmp_path / "out" / "site"
    dataset.mkdir(parents=True)
    staged = []
    for n in range(12):
        copy = tmp_path / f"staged{n}"
        shutil.copytree(release, copy)
        content = json.loads((copy / "manifest.json").read_text("utf-8"))
        (copy / "manifest.json").write_text(manifest.to_json(content | {"version": f"0.{n}.0"}), "utf-8")
        staged.append((copy, dataset / f"0.{n}.0"))
    threads = [threading.Thread(target=publish.publish, args=pair) for pair in staged]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    index = json.loads((dataset / "index.json").read_text("utf-8"))
    assert [entry["version"] for entry in index["versions"]] == [f"0.{n}.0" for n in range(12)]
    assert sorted(path.name for path in dataset.iterdir() if path.name.startswith(".")) == []


def test_an_index_is_written_from_what_is_seen_under_its_lock(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build that looked before another published, and writes after it, does not drop the other from the index."""
    build_pages(site, tmp_path / "out")
    look, looked = publish._index, threading.Event()
    index_file = tmp_path / "out/site/index.json"

    def slow(dataset: Path) -> tuple[str, list[str]]:
        found = look(dataset)
        if threading.current_thread() is not threading.main_thread():
            looked.set()
            until = time.monotonic() + 60
            while not (dataset / "0.2.0").exists() and time.monotonic() < until:
                time.sleep(0.01)
            until = time.monotonic() + 1  # for the other to write, if nothing keeps it from that
            while not (index_file.exists() and "0.2.0" in index_file.read_text("utf-8")) and time.monotonic() < until:
                time.sleep(0.01)
        return found

    monkeypatch.setattr(publish, "_index", slow)
    thread = threading.Thread(target=publish._list, args=(tmp_path / "out/site/0.1.0",))
    index_file.unlink()
    thread.start()
    looked.wait(60)
    build_pages(site, tmp_path / "out", version="0.2.0")
    thread.join()
    index = json.loads((tmp_path / "out/site/index.json").read_text("utf-8"))
    assert [entry["version"] for entry in index["versions"]] == ["0.1.0", "0.2.0"]


# Failures of the system at every call

FAULTY = """\
import errno, json, os, sys
from pathlib import Path
from broadsheet import build, config
from broadsheet.errors import BroadsheetError
from broadsheet.release import manifest

site, out, first, step = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
EVENTS = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.listdir", "os.scandir", "fcntl.flock"}
left = None  # calls that still succeed; None: all do

def count(what):
    global left
    if left is not None:
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC if left % 2 else errno.EACCES, "injected", what)

def hook(event, given):
    if left is not None and event in EVENTS:
        path = given[0]
        if event == "fcntl.flock" or isinstance(path, (str, bytes, os.PathLike)) and str(out) in os.fsdecode(path):
            count(event)

real = os.fsync
def fsync(descriptor):
    count("fsync")
    real(descriptor)

os.fsync = fsync
sys.addaudithook(hook)

def run(at):
    return build.build([site], config.load(None, {"name": "site"}), out=out / str(at), n_workers=1)

whole = (run("whole").path / "SHA256SUMS").read_bytes()
done = []
at, failed = first, True
while failed:
    left = at
    try:
        run(at)
        failed = left < 0
        end = "succeeded"
    except BroadsheetError as error:
        end = str(error)
    finally:
        left = None
    dataset = out / str(at) / "site"
    target, index = dataset / "0.1.0", dataset / "index.json"
    assert not target.exists() or not list(manifest.sum_faults(target)), at
    assert not index.exists() or json.loads(index.read_text()), at
    assert end == "succeeded" or target.exists() != ("nothing was published" in end), (at, end)
    assert end != "succeeded" or target.exists(), at
    again = run(at)
    assert (again.path / "SHA256SUMS").read_bytes() == whole, at
    assert sorted(p.name for p in dataset.iterdir()) == ["0.1.0", "index.json"], (at, sorted(dataset.iterdir()))
    done.append(at)
    at += step
print(len(done), at)
"""


def test_a_failure_at_any_call_leaves_all_or_nothing(site: Path, tmp_path: Path) -> None:
    """Whichever call to the system is the first to fail, of those that open, make, rename, remove, lock or sync:

    what is visible is nothing or the whole release, the index is JSON, the message says which of both, and the next
    build gives the bytes of an undisturbed one and leaves nothing hidden. FAULTS=all tries every call.
    """
    first, step = (0, 1) if os.environ.get("FAULTS") == "all" else (3, 17)
    ran = run_python(FAULTY, str(site), str(tmp_path / "out"), str(first), str(step))
    assert ran.returncode == 0, ran.stderr
    n_done, n_calls = map(int, ran.stdout.split())
    assert n_calls > 150 and n_done >= n_calls // step - 1


SMALL = """\
import resource, signal, sys
from pathlib import Path
from broadsheet import build, config
from broadsheet.errors import ReleaseError

def run(out):
    settings = config.load(None, {"name": "site"})
    return build.build([Path(sys.argv[1])], settings, out=Path(sys.argv[2], out), n_workers=1)

whole = run("whole").path
sizes = sorted({file.stat().st_size - 1 for file in whole.rglob("*") if file.is_file()} | {0, 100})
for size in sizes[::2]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        run(str(size))
    except ReleaseError as error:
        assert "File too large" in str(error) and "nothing was published" in str(error), str(error)
    else:
        raise SystemExit(f"no file was larger than {size}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert [p.name[:6] for p in Path(sys.argv[2], str(size), "site").iterdir()] in ([".work-"], []), size
    assert (run(str(size)).path / "SHA256SUMS").read_bytes() == (whole / "SHA256SUMS").read_bytes()
print(len(sizes[::2]))
"""


def test_files_that_may_not_grow_leave_nothing(site: Path, tmp_path: Path) -> None:
    """With a limit on the size of files just under that of each file of a release, so that writing it fails partway,
    nothing is published, and the next build goes on to the same bytes."""
    ran = run_python(SMALL, str(site), str(tmp_path / "out"))
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 5


def test_a_killed_builder_frees_its_lock(site: Path, tmp_path: Path) -> None:
    """A build killed while it holds the lock keeps nobody from building that version."""
    code = (
        "import os, sys; from pathlib import Path; from broadsheet import build, config\n"
        "die = lambda event: os.kill(os.getpid(), 9) if event.stage == 'split' else None\n"
        "build.build([Path(sys.argv[1])], config.load(None, {'name': 'site'}), out=Path(sys.argv[2]), report=die)"
    )
    ran = run_python(code, str(site), str(tmp_path / "out"))
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    hidden = sorted(path.name[:6] for path in (tmp_path / "out/site").iterdir())
    assert hidden == [".lock-", ".work-"]
    assert sums(build_pages(site, tmp_path / "out").path) == sums(build_pages(site, tmp_path / "other").path)
    assert sorted(path.name for path in (tmp_path / "out/site").iterdir()) == ["0.1.0", "index.json"]
