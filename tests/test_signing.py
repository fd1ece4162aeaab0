"""Signatures over a release's checksums, by the real ssh-keygen: made, checked, and found wrong where they are."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from sites import ARTICLE, build_pages, make_pages, snapshot, sums

from broadsheet import config
from broadsheet.build import Built, build
from broadsheet.cli import main
from broadsheet.errors import CallError, ReleaseError
from broadsheet.release.manifest import write_sums
from broadsheet.release.signing import beside, sign_release
from broadsheet.release.verify import BROKEN, KEPT, SIGNED, verify

pytestmark = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="no ssh-keygen: apt-get install openssh-client"
)


def make_key(folder: Path, name: str, *, passphrase: str = "") -> Path:
    key = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", key], check=True)
    return key


def allow(folder: Path, *keys: Path) -> Path:
    """A file of allowed signers, each called as its key."""
    lines = [f"{key.name} {key.with_suffix('.pub').read_text('utf-8')}" for key in keys]
    target = folder / "-".join(["allowed", *(key.name for key in keys)])
    target.write_text("".join(lines), "utf-8")
    return target


def signed(release: Path, signers: Path, signature: Path | None = None) -> str:
    """The verdict on the signature; all other promises are kept."""
    verdicts = verify(release, signers=signers, signature=signature)
    assert {v.promise for v in verdicts if v.verdict != KEPT} <= {SIGNED}
    (verdict,) = (v for v in verdicts if v.promise == SIGNED)
    return verdict.verdict if verdict.verdict == KEPT else verdict.faults[0]


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    return make_key(tmp_path, "ann"), make_key(tmp_path, "bob")


def make(tmp_path: Path, *, sign: Path | None = None) -> Built:
    folder = make_pages(tmp_path / "in", {"a.txt": ARTICLE})
    return build([folder], config.load(None, {"name": "site"}), out=tmp_path / "out", sign=sign)


def test_a_build_signs_what_it_publishes(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    """The signature lies in the release, ssh-keygen accepts it, and nothing else differs from a build without."""
    ann, bob = keys
    release = make(tmp_path, sign=ann).path
    assert signed(release, allow(tmp_path, ann, bob)) == KEPT
    assert signed(release, allow(tmp_path, ann)) == KEPT
    assert f"is by none of the signers in {tmp_path / 'allowed-bob'}" in signed(release, allow(tmp_path, bob))
    ran = subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-n", "file", "-I", "ann", "-f", allow(tmp_path, ann), "-s",
         release / "SHA256SUMS.sig"],
        stdin=(release / "SHA256SUMS").open("rb"), check=False,
    )  # fmt: skip
    assert ran.returncode == 0
    plain = build_pages(tmp_path / "in", tmp_path / "plain")
    assert sums(plain.path) == sums(release)
    assert "SHA256SUMS" not in sums(release)
    held = b"".join(path.read_bytes() for path in release.rglob("*") if path.is_file())
    assert str(ann).encode() not in held
    assert ann.read_bytes().splitlines()[2] not in held


def test_a_release_that_is_there_is_signed_beside(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    """Signing later changes nothing in the folder; a signature that is there is kept."""
    ann, bob = keys
    release = make(tmp_path).path
    before = snapshot(release)
    assert signed(release, allow(tmp_path, ann)).startswith("no signature")
    assert sign_release(release, ann) == beside(release) == tmp_path / "out/site/0.1.0.sig"
    assert snapshot(release) == before
    assert signed(release, allow(tmp_path, ann)) == KEPT
    with pytest.raises(CallError, match="is there; it is kept"):
        sign_release(release, bob)
    other = sign_release(release, bob, tmp_path / "bob.sig")
    assert signed(release, allow(tmp_path, bob)) != KEPT
    assert signed(release, allow(tmp_path, bob), other) == KEPT
    with pytest.raises(CallError, match="lies in the release"):
        sign_release(release, bob, release / "SHA256SUMS.sig")
    assert snapshot(release) == before
    index = json.loads((tmp_path / "out/site/index.json").read_text("utf-8"))
    assert [version["version"] for version in index["versions"]] == ["0.1.0"]


def test_building_again_signs_what_has_no_signature(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    """An equal build with a key leaves the release as it is, and signs it beside, once."""
    ann, bob = keys
    release = make(tmp_path).path
    before = snapshot(release)
    assert not make(tmp_path, sign=ann).published
    assert snapshot(release) == before
    once = beside(release).read_bytes()
    make(tmp_path, sign=bob)
    assert beside(release).read_bytes() == once
    assert signed(release, allow(tmp_path, ann)) == KEPT


def test_changed_checksums_are_not_what_was_signed(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    """Who changes a file and seals it again breaks the signature, and nothing but that."""
    ann, _ = keys
    release = make(tmp_path, sign=ann).path
    (release / "README.md").write_text("changed", "utf-8")
    write_sums(release)
    verdicts = {v.promise.partition(":")[0]: v for v in verify(release, signers=allow(tmp_path, ann))}
    assert verdicts["checksums"].verdict == KEPT
    assert verdicts["signed"].verdict == BROKEN
    assert "is by ann, but not over SHA256SUMS as it is" in verdicts["signed"].faults[0]
    with pytest.raises(ReleaseError, match="is not as it was sealed"):
        (release / "README.md").write_text("changed again", "utf-8")
        sign_release(release, ann)


def test_a_signature_for_another_purpose_is_none(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    """What was signed as a message, or is no signature at all, does not count."""
    ann, _ = keys
    release = make(tmp_path).path
    shutil.copyfile(release / "SHA256SUMS", tmp_path / "copy")
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "email", "-f", ann, tmp_path / "copy"], check=True)
    assert signed(release, allow(tmp_path, ann), tmp_path / "copy.sig") != KEPT
    (tmp_path / "none.sig").write_bytes(b"no signature")
    assert signed(release, allow(tmp_path, ann), tmp_path / "none.sig") != KEPT


def test_any_other_file_still_belongs_to_no_release(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    """The name of the signature is the only one that checksums do not cover."""
    release = make(tmp_path, sign=keys[0]).path
    (release / "data.sig").write_bytes(b"")
    broken = {v.promise.partition(":")[0] for v in verify(release) if v.verdict == BROKEN}
    assert broken == {"checksums", "files"}


def test_keys_that_do_not_sign(tmp_path: Path, keys: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing, locked or foreign key is told before anything is built, and nothing is published."""
    monkeypatch.setenv("SSH_ASKPASS", "false")
    monkeypatch.setenv("SSH_ASKPASS_REQUIRE", "force")  # nobody sits at the terminal of a test
    locked = make_key(tmp_path, "locked", passphrase="long and secret")
    (tmp_path / "text").write_text("no key", "utf-8")
    for key, message in (
        (tmp_path / "none", "no such key"),
        (locked, "does not sign"),
        (tmp_path / "text", "does not sign"),
    ):
        with pytest.raises(CallError, match=message):
            make(tmp_path, sign=key)
        assert not (tmp_path / "out").exists()
    release = make(tmp_path, sign=keys[0]).path
    with pytest.raises(CallError, match="begins with who signs"):
        verify(release, signers=keys[0].with_suffix(".pub"))
    with pytest.raises(CallError, match="cannot be read"):
        verify(release, signers=tmp_path / "nobody")


def test_without_ssh_keygen_nothing_counts_as_checked(
    tmp_path: Path, keys: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where signatures cannot be checked that is an error, and never a promise kept."""
    release, signers = make(tmp_path, sign=keys[0]).path, allow(tmp_path, keys[0])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CallError, match="openssh-client"):
        verify(release, signers=signers)


def test_commands(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    """`build --sign`, `sign` and `verify --signer` do the same, with exit codes 0, 1 and 2."""
    ann, bob = keys
    folder = make_pages(tmp_path / "in", {"a.txt": ARTICLE})
    run = CliRunner().invoke
    arguments = ["build", str(folder), "--name", "site", "--out", str(tmp_path / "out"), "--sign", str(ann)]
    assert run(main, arguments).exit_code == 0
    release = str(tmp_path / "out/site/0.1.0")
    assert run(main, ["sign", release, "--key", str(bob)]).exit_code == 0
    for key in keys:
        checked = run(main, ["verify", release, "--signer", str(allow(tmp_path, key))])
        assert (checked.exit_code, "kept        signed" in checked.output) == (0, True)
    carl = make_key(tmp_path, "carl")
    assert run(main, ["verify", release, "--signer", str(allow(tmp_path, carl))]).exit_code == 1
    assert run(main, ["verify", release, "--signature", str(ann)]).exit_code == 2
