"""Signatures over SHA256SUMS, made and checked by `ssh-keygen`, which knows passphrases, agents and hardware keys.

A signature is no part of what is sealed: it covers the checksums, which cover everything else. One that is made with
the release lies in it as `SHA256SUMS.sig`. One that is made later lies beside the version, as `<version>.sig`: a
release never changes, nor does its folder.
"""

import functools
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from broadsheet.batches import commit
from broadsheet.errors import CallError, ReleaseError
from broadsheet.release import manifest as seal

NAMESPACE: Final = "file"
"""What ssh-keygen(1) says for files; a signature for another purpose is none for this one."""


def sign(content: bytes, key: Path) -> bytes:
    """The signature of a content, as SSH writes it (PROTOCOL.sshsig of OpenSSH), by the key in a file.

    The key is that of a private key, or the public key of one that an agent holds. It is copied nowhere.

    Raises: CallError where there is no such key, or it cannot be used.
    """
    if not key.is_file():
        raise CallError(f"{key}: no such key; make one with: ssh-keygen -t ed25519 -f {key}")
    ran = _run(["-Y", "sign", "-n", NAMESPACE, "-f", str(key)], content)
    if ran.returncode or not ran.stdout.startswith(b"-----BEGIN SSH SIGNATURE-----"):
        raise CallError(f"{key}: does not sign: {_said(ran)}")
    return ran.stdout


def write_signature(staged: Path, key: Path) -> None:
    """Signs the sealed folder of a release that is not yet published. Raises: CallError as `sign` does."""
    (staged / seal.SIGNATURE).write_bytes(sign((staged / seal.SUMS).read_bytes(), key))


def sign_release(release: Path, key: Path, out: Path | None = None) -> Path:
    """The file with a signature for a published release: `out`, or beside its folder; the folder stays as it is.

    Raises: CallError where the key cannot be used or the file is there or lies in the release; ReleaseError where the
    folder is no release or not as it was sealed, or the file cannot be written.
    """
    content = seal.sealed(release)
    target = out or beside(release)
    if target.resolve().is_relative_to(release.resolve()):
        raise CallError(f"{target} lies in the release, which never changes; name another place with --out")
    if os.path.lexists(target):
        raise CallError(f"{target} is there; it is kept; name another place with --out")
    signature = sign(content, key)
    try:
        commit(target, functools.partial(_write, content=signature), durable=True)
    except OSError as error:
        raise ReleaseError(f"{target}: cannot be written: {error.strerror}; name another place with --out") from None
    return target


def beside(release: Path) -> Path:
    """Where a signature that was made later lies."""
    folder = release.resolve()
    return folder.parent / f"{folder.name}.sig"


def signatures(release: Path) -> list[Path]:
    """The signatures that a release has, in its folder or beside it."""
    return [path for path in (release / seal.SIGNATURE, beside(release)) if path.is_file()]


def faults(release: Path, signers: Path, signature: Path | None = None) -> Iterator[str]:
    """Why no signature of a release is by one of the allowed signers (ssh-keygen(1), ALLOWED SIGNERS); none if one is.

    With `signature`, that one alone is looked at.

    Raises: CallError where the file of signers cannot be read, or there is no ssh-keygen: that nobody signed is not
    what follows from that.
    """
    try:
        lines = signers.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CallError(f"{signers}: cannot be read: {getattr(error, 'strerror', error)}") from None
    if any(line.split()[:1] and line.split()[0].startswith(("ssh-", "ecdsa-", "sk-")) for line in lines):
        raise CallError(f"{signers}: a line of allowed signers begins with who signs: `name {lines[0][:20]}…`")
    found = signatures(release) if signature is None else [signature]
    reasons = [_fault(release, signers, path) for path in found]
    if not found:
        yield f"no signature: neither {release / seal.SIGNATURE} nor {beside(release)}"
    elif all(reasons):
        yield from (f"{path}: {reason}" for path, reason in zip(found, reasons, strict=True))


def _fault(release: Path, signers: Path, signature: Path) -> str | None:
    """Why a signature is not by one of the signers over the checksums; None if it is."""
    ran = _run(["-Y", "find-principals", "-s", str(signature), "-f", str(signers)])
    names = ran.stdout.decode("utf-8", "replace").splitlines()
    if ran.returncode or not names:
        return f"is by none of the signers in {signers}: {_said(ran)}"
    content = (release / seal.SUMS).read_bytes()
    for name in names:
        common = ["-Y", "verify", "-n", NAMESPACE, "-f", str(signers), "-s", str(signature)]
        ran = _run([*common, "-I", name], content)
        if not ran.returncode:
            return None
    return f"is by {names[0]}, but not over {seal.SUMS} as it is: {_said(ran)}"


def _run(arguments: Sequence[str], given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Runs ssh-keygen; it asks for passphrases on the terminal, not here."""
    try:
        return subprocess.run(["ssh-keygen", *arguments], input=given, capture_output=True, check=False)  # noqa: S603, S607
    except OSError:
        raise CallError("there is no ssh-keygen; it comes with OpenSSH: apt-get install openssh-client") from None


def _said(ran: subprocess.CompletedProcess[bytes]) -> str:
    """What ssh-keygen said last."""
    lines = (ran.stderr or ran.stdout).decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else f"ssh-keygen ended with {ran.returncode}"


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
