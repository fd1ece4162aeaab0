"""What is in a release, at a glance."""

from pathlib import Path
from typing import Any

from broadsheet.release import manifest as seal


def inspect(release: Path) -> dict[str, Any]:
    """The facts of a release folder: name, version, digest, tables, ledger, and the size of its files in bytes.

    Raises: ReleaseError where the folder is no release.
    """
    manifest = seal.load(release)
    return {
        "path": str(release),
        **{name: manifest[name] for name in ("name", "version", "logical_digest", "versions", "ledger", "repeats")},
        "rejections": manifest["rejections"],
        "n_files": len(manifest["inputs"]["files"]),
        "failed": {
            file["path"]: file["error"] or f"{file['n_damaged_bytes']} bytes are damaged"
            for file in manifest["inputs"]["files"]
            if file["error"] or file["n_damaged"]
        },
        "tables": [
            {key: t[key] for key in ("config", "split", "n_rows", "logical_digest")} for t in manifest["tables"]
        ],
        "n_bytes": sum((release / path).lstat().st_size for path in seal.files(release)),
    }
