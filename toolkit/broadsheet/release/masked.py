"""Checks of what privacy has masked."""

from collections import Counter
from collections.abc import Iterator

from broadsheet.privacy import masks_in
from broadsheet.release.opened import Opened


def wrong_masks(release: Opened) -> Iterator[str]:
    """Masks of which the manifest counts others; and bytes beside masked texts. Without page texts nothing is found."""
    if not release.privacy:
        return
    found: Counter[str] = Counter()
    for page_id, page in release.pages.items():
        if page["text"] is None:
            return
        found.update(masks_in(page["given"] or page["text"]))
        if page["raw_base64"] is not None:
            yield f"page {page_id[:12]}: its bytes hold what is masked in its text"
    if found != release.manifest["masks"]:
        yield f"masks are {dict(found)}, not {release.manifest['masks']}"
