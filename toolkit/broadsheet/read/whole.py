"""Files that are read whole: pages, and packed files whose reader must be able to seek."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO, cast

from broadsheet.read.compression import Chunk, chunks
from broadsheet.read.found import Content, Damaged, Item, Rejected, Source


def read_whole(source: Source, format_: str) -> Iterator[Item]:
    """The file as one page, as far as it can be decompressed; of a page over the limit, that it is.

    Memory: the page.
    """
    held: list[bytes] = []
    n_bytes = 0
    for item in chunks(source):
        if isinstance(item, Chunk):
            n_bytes += len(item.data)
            if n_bytes <= source.limits.page_bytes:
                held.append(item.data)
            else:
                held.clear()
        elif isinstance(item, Damaged):
            yield item
    if n_bytes > source.limits.page_bytes:
        message = f"{n_bytes} bytes; a page has at most {source.limits.page_bytes} (`input.limits.page_bytes`)"
        yield Rejected("page-size", message, None, n_bytes)
    else:
        yield Content(b"".join(held), format_, n_bytes)


def read_unpacked(source: Source, read: Callable[[Source], Iterator[Item]]) -> Iterator[Item]:
    """What `read` finds in the file, which is unpacked beforehand where it is compressed.

    Memory: what `read` needs; the unpacked file lies on disk.
    """
    if source.compression == "none":
        yield from read(source)
        return
    with tempfile.TemporaryFile() as file:
        for item in chunks(source):
            if isinstance(item, Chunk):
                file.write(item.data)
            elif isinstance(item, Damaged):
                yield item
        n_bytes = file.tell()
        file.seek(0)
        for found in read(replace(source, file=cast(BinaryIO, file), n_bytes=n_bytes, compression="none")):
            if isinstance(found, Damaged):  # its place is none in the stored file, of which every byte was unpacked
                found = Damaged(0, 0, f"{found.reason} (at byte {found.offset} when unpacked)")
            yield found
