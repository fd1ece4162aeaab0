"""Keyed hashes: what stands for a short text, which whoever knows the hash could find by trying."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from broadsheet.errors import CallError, ReleaseError

LEAST_BYTES: Final = 16
LEAST_WORDS: Final = 200
"""Words of all pages from which a key may follow from them: fewer could be tried."""


@dataclass(frozen=True, slots=True)
class Key:
    """What texts are hashed with."""

    secret: bytes
    kind: str
    """`private`, or `derived` from the texts."""

    def token(self, value: str, digits: int = 32) -> str:
        """What stands for the value: so many hexadecimal digits."""
        return hmac.new(self.secret, value.encode(), hashlib.sha256).hexdigest()[:digits]

    @property
    def check(self) -> str:
        """By which the key is known again; it tells nothing of it."""
        return self.token("broadsheet")


def private(file: Path) -> Key:
    """The key in a file: its bytes.

    Raises: CallError where it cannot be read or is too short to be secret.
    """
    try:
        secret = file.read_bytes().strip()
    except OSError as error:
        raise CallError(f"{file}: cannot be read: {error.strerror}") from None
    if len(secret) < LEAST_BYTES:
        raise CallError(f"{file}: a key has {LEAST_BYTES} bytes or more, and this {len(secret)}: it could be tried")
    return Key(secret, "private")


def derived(texts: Iterable[tuple[str, int]]) -> Key:
    """The key that follows from the texts of all pages and their numbers of words, whatever their order.

    Who has all of them knows what it hides; who lacks one cannot make it.

    Raises: ReleaseError where there are so few words that they could be tried.
    """
    marks, n_words = [], 0
    for text, n in texts:
        marks.append(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
        n_words += n
    if n_words < LEAST_WORDS:
        raise ReleaseError(
            f"the pages have {n_words} words altogether, and a key that follows from fewer than {LEAST_WORDS} could be "
            "tried; pass one of your own with --key"
        )
    return Key(hashlib.sha256(b"broadsheet standoff 1\n" + b"".join(sorted(marks))).digest(), "derived")
