"""Ids and digests: hashes of content, computed in one way everywhere."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from broadsheet import strict
from broadsheet.contract.schemas import KINDS
from broadsheet.text import collapse

Json = Any


def canonical_json(value: Json) -> str:
    """The one JSON text of a value: sorted keys, no white space, no escapes but the needed ones."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def digest(value: Json) -> str:
    """SHA-256 of a value's canonical JSON, in hex."""
    return hashlib.sha256(_canonical(value)).hexdigest()


def _canonical(value: Json) -> bytes:
    """`canonical_json` in UTF-8, mostly five times as fast."""
    try:
        return strict.canonical(value)
    except TypeError:  # large integers in schemas, and what is no plain list or dict
        return canonical_json(value).encode()


def page_id(raw: bytes) -> str:
    """The id of a page: SHA-256 of its bytes, so that `sha256sum` on the file shows it too."""
    return hashlib.sha256(raw).hexdigest()


def record_id(record: Mapping[str, Json], scope: str = "global") -> str:
    """The id of a record: 128 bits over kind, title and text, for comments also thread, author and position.

    White space and Unicode form (NFC) do not count; case, punctuation and everything else do, so the titles and
    texts of two records with one id never differ in a fact. In scope `per-source` the source counts, too, since
    there equal texts of two sources are two records.
    """
    kind = KINDS[record.get("role") or "main"]
    title = record.get("title")
    parts: list[Json] = [kind, collapse(title) if title else None, collapse(record["text"])]
    if kind == "comment":
        author = record.get("author")
        parts += [record.get("thread"), collapse(author) if author else None, record.get("position")]
    if scope == "per-source":
        parts.append({"source": record.get("source")})
    return digest(parts)[:32]
