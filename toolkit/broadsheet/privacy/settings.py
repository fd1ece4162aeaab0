"""What a configuration says about privacy, and the key that its hashes are keyed with."""

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from broadsheet.errors import CallError

MIN_KEY_CHARS: Final = 32
"""Shortest key: names are few, so that whoever can guess a key can try them all."""
_HINT: Final = 'make one with: python3 -c "import secrets; print(secrets.token_hex(32))"'


@dataclass(frozen=True, slots=True)
class Privacy:
    """Settings of privacy that are in force. The key itself is never among them: only where it is."""

    masks: tuple[str, ...]
    """Kinds of `MASKS`, sorted."""
    regions: tuple[str, ...]
    """ISO 3166 codes of regions whose phone numbers are looked for without a country code, too."""
    comment_authors: str
    """`keep`, `pseudonym` or `drop`."""
    key_file: str | None
    key_env: str | None

    @classmethod
    def of(cls, given: Mapping[str, Any] | None, folder: Path) -> "Privacy | None":
        """The settings in a configuration's table `privacy`, with the key's file below `folder`; None of none.

        Raises: CallError where a key is missing, named twice or too short, or a region is unknown.
        """
        given = given or {}
        masks = tuple(sorted(given.get("masks", ())))
        authors = given.get("comment_authors", "keep")
        if not masks and authors == "keep":
            return None
        file, variable = given.get("key_file"), given.get("key_env")
        if (file is None) == (variable is None):
            raise CallError(f"privacy: name either key_file or key_env, which hold the key of its hashes; {_HINT}")
        regions = tuple(sorted(given.get("phone_regions", ())))
        if "phone" in masks:
            from broadsheet.privacy.phones import check_regions

            check_regions(regions)
        found = cls(masks, regions, authors, str((folder / file).absolute()) if file else None, variable)
        found.key()
        return found

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Privacy":
        """The settings that `to_json` gave."""
        return Privacy(**{**value, "masks": tuple(value["masks"]), "regions": tuple(value["regions"])})

    def to_json(self) -> dict[str, Any]:
        """The settings as engines pass them to tasks: each of which reads the key for itself."""
        names = ("masks", "regions", "comment_authors", "key_file", "key_env")
        return {name: list(v) if isinstance(v := getattr(self, name), tuple) else v for name in names}

    def key(self) -> bytes:
        """The key. Raises: CallError where it cannot be had or is too short."""
        return _key(self.key_file, self.key_env)

    def fingerprint(self) -> str:
        """What tells that two builds had one key; for work folders, never for a release."""
        return hmac.digest(self.key(), b"fingerprint", "sha256").hex()


def _key(file: str | None, variable: str | None) -> bytes:
    where = file or f"the environment variable {variable}"
    if file is not None:
        try:
            text = Path(file).read_bytes().strip()
        except (OSError, ValueError) as error:
            raise CallError(f"{file}: the key cannot be read: {getattr(error, 'strerror', error)}; {_HINT}") from None
    else:
        text = os.environb.get((variable or "").encode(), b"").strip()
        if not text:
            raise CallError(f"{where} holds no key; {_HINT}")
    if len(text) < MIN_KEY_CHARS:
        raise CallError(f"{where}: the key has {len(text)} characters; at least {MIN_KEY_CHARS}, by chance; {_HINT}")
    return hashlib.sha256(text).digest()
