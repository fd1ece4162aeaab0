"""Archives: equal pages from every container, damage that costs only what it hit, and the accounting of every byte."""

import gzip
import io
import random
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest
from archives import (
    CONTAINERS,
    TIME,
    URL,
    Read,
    arc,
    each_gzip,
    each_zstd,
    expand,
    http,
    page,
    read,
    record,
    response,
    sha1,
    six,
    source,
    zstd,
)
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.read.compression import compression_of
from broadsheet.read.found import Content, Damaged, Item, Limits, Overrun, Rejected, Skipped, Warned
from broadsheet.read.warc import cuts, read_warc

PAGES = [(URL % n, page(n), "html", TIME, "utf-8") for n in (1, 2, 3)]


def pages(found: Read) -> list[tuple[Any, ...]]:
    return [(c.url, c.raw, c.format, c.captured, c.charset) for c in found.of(Content)]


@pytest.mark.parametrize("name", CONTAINERS)
@pytest.mark.parametrize("make", [six, arc])
def test_containers_hold_equal_pages(name: str, make: Callable[[], list[bytes]]) -> None:
    """Whatever the container, the pages are the same, nothing is damaged, and the compression is known by its magic."""
    compression, pack = CONTAINERS[name]
    raw = pack(make())
    found = read(raw, compression)
    assert compression_of(raw[:4]) == compression
    assert pages(found) == PAGES
    assert found.of(Damaged, Warned, Rejected, Overrun) == []
    assert found.reasons == (["warcinfo", "request", "metadata"] if make is six else ["warcinfo"])


def test_offsets_are_where_records_begin() -> None:
    """A page says at which stored byte its record begins, and how many bytes of content it took."""
    records = six()
    for raw, compression, sizes in (
        (b"".join(records), "none", [len(r) for r in records]),
        (each_gzip(records), "gzip", [len(each_gzip([r])) for r in records]),
    ):
        starts = [sum(sizes[:i]) for i in range(6)]
        found = read(raw, compression)
        assert [c.offset for c in found.of(Content)] == starts[2:5]
        assert [c.n_bytes for c in found.of(Content)] == [len(r) for r in records[2:5]]


def test_versions_and_line_ends() -> None:
    """WARC 0.17 to 1.1 are read, with bare line feeds, folded fields and addresses in angle brackets too."""
    whole = response(1)
    for version in (b"0.17", b"0.18", b"1.1"):
        assert pages(read(whole.replace(b"WARC/1.0", b"WARC/" + version, 1))) == PAGES[:1]
    bare = record("response", http(page(1)), eol=b"\n", WARC_Target_URI=f"<{URL % 1}>")
    assert pages(read(bare)) == PAGES[:1]
    folded = whole.replace(b"WARC-Target-URI: ", b"warc-target-uri :\r\n  ", 1)
    assert pages(read(folded)) == PAGES[:1]
    part = response(1, WARC_Date="2026-03")
    assert read(part).of(Content)[0].captured == "2026-03-01T00:00:00Z"
    assert read(response(1, WARC_Date="2026-03-14T10:30:00+01:00")).of(Content)[0].captured == TIME
    nonsense = read(response(1, WARC_Date="soon"))
    assert nonsense.of(Content)[0].captured is None
    assert nonsense.warnings == ["its date 'soon' is no time"]


NO_PAGES = {
    "status 404": record("response", http(b"<p>gone", "404 Not Found")),
    "type image/png": record("response", http(b"\x89PNG", Content_Type="Image/PNG")),
    "type unknown": record("response", http(b"\0\1\2", Content_Type=None)),
    "encoding x": record("response", http(b"...", Content_Encoding="X")),
    "revisit": record("revisit", http(b"")),
    "continuation": record("continuation", b"more", WARC_Segment_Number="2"),
    "type application/pdf": record("resource", b"%PDF", Content_Type="application/pdf"),
    "type text/dns": record("response", b"20260314 ...", Content_Type="text/dns"),
    "type text/html": record("conversion", page(1), Content_Type="text/html"),
    "novelty": record("Novelty", b""),
}


@pytest.mark.parametrize("reason", NO_PAGES)
def test_what_is_no_page_says_why(reason: str) -> None:
    """A record that is well and no page is skipped whole, with its reason."""
    assert read(NO_PAGES[reason]).items == [Skipped(reason, len(NO_PAGES[reason]))]


def test_pages_of_other_records() -> None:
    """Resources and conversions of text are pages; without a type, HTML is known by its beginning."""
    raw = record("resource", page(1), Content_Type="text/html", WARC_Target_URI=URL % 1)
    raw += record("conversion", b"Nur Text.\n", Content_Type="text/plain", WARC_Target_URI=URL % 2)
    raw += record("response", http(page(3), Content_Type=None), WARC_Target_URI=URL % 3)
    assert [(c.format, c.raw) for c in read(raw).of(Content)] == [
        ("html", page(1)),
        ("txt", b"Nur Text.\n"),
        ("html", page(3)),
    ]


def deflated(body: bytes, wbits: int) -> bytes:
    coder = zlib.compressobj(wbits=wbits)
    return coder.compress(body) + coder.flush()


CODINGS = {
    "gzip": gzip.compress,
    "X-Gzip": lambda body: gzip.compress(body[:100]) + gzip.compress(body[100:]),
    "deflate": lambda body: deflated(body, 15),
    "Deflate": lambda body: deflated(body, -15),
    "br": brotli.compress,
    "zstd": zstd.compress,
    "gzip, br": lambda body: brotli.compress(gzip.compress(body)),
    "identity": bytes,
}


@pytest.mark.parametrize("coding", CODINGS)
def test_content_codings(coding: str) -> None:
    """Codings are undone; of a broken body what came before is kept with a warning, and nothing at all is rejected."""
    body = page(1) * 40
    coded = CODINGS[coding](body)
    assert read(record("response", http(coded, Content_Encoding=coding))).of(Content)[0].raw == body
    if coding == "identity":
        return
    cut = read(record("response", http(coded[: len(coded) // 2], Content_Encoding=coding)))
    if found := cut.of(Content):
        assert body.startswith(found[0].raw) and "breaks off" in cut.warnings[0]
    else:
        assert cut.codes == ["content-encoding"]
    junk = read(record("response", http(b"\x07" * 50, Content_Encoding=coding)))
    assert junk.codes == ["content-encoding"]
    # Crawlers undo codings and leave the header.
    plain = read(record("response", http(body, Content_Encoding=coding.partition(",")[0])))
    assert plain.of(Content)[0].raw == body
    assert plain.warnings == [f"said to be {coding.partition(',')[0].lower()} and is not"]


def test_damaged_coding_gives_what_came_before() -> None:
    """A flipped byte within a coded body costs what is behind it, not what is before."""
    body = b"".join(page(n) for n in range(60))
    coded = bytearray(gzip.compress(body))
    coded[len(coded) // 2 : len(coded) // 2 + 40] = b"\xff" * 40
    found = read(record("response", http(bytes(coded), Content_Encoding="gzip")))
    raw = found.of(Content)[0].raw
    assert len(raw) > len(body) // 3 and body[: len(body) // 3] == raw[: len(body) // 3]
    assert found.warnings[0].startswith("gzip content is damaged")


def chunked(body: bytes, size: int = 100) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;name=value\r\n%b\r\n" % (len(p), p) for p in parts) + b"0\r\nTrailer: x\r\n\r\n"


def test_chunked() -> None:
    """Chunked framing is undone; where it is wrong, the body is kept as it stands, with a warning."""
    body = page(1)

    def got(sent: bytes) -> tuple[bytes, list[str]]:
        found = read(record("response", http(sent, Transfer_Encoding="chunked")))
        return found.of(Content)[0].raw, found.warnings

    sent = chunked(body)
    assert got(sent) == (body, [])
    assert got(body) == (body, ["said to be chunked and is not"])
    second = sent.index(b"64;", 10)
    wrong = sent[:second] + b"60" + sent[second + 2 :]
    assert got(wrong) == (body[:100] + wrong[second:], ["chunked body has a wrong chunk length"])
    cut = sent[: sent.index(b"0\r\nTrailer")]
    assert got(cut) == (body, ["chunked body ends without its last chunk"])
    assert got(sent[:150])[0].startswith(body[:100])
    both = chunked(gzip.compress(body))
    found = read(record("response", http(both, Transfer_Encoding="chunked", Content_Encoding="gzip")))
    assert found.of(Content)[0].raw == body


def test_digests() -> None:
    """Digests are compared in every spelling; one that does not match costs a warning and no page."""
    import hashlib

    body = page(1)
    for good in (
        sha1(body),
        sha1(body).lower(),
        "sha1:" + hashlib.sha1(body).hexdigest(),
        "SHA-256:" + hashlib.sha256(body).hexdigest().upper(),
        "md5:" + hashlib.md5(body).hexdigest(),
        "sha256:" + __import__("base64").b32encode(hashlib.sha256(body).digest()).decode(),
        "novelty:xyz",
    ):
        assert read(response(1, WARC_Payload_Digest=good)).warnings == []
    for bad in (sha1(b"?"), "sha1:", "sha1:\u00e9", "md5:" + hashlib.md5(b"").hexdigest()):
        found = read(response(1, WARC_Payload_Digest=bad))
        assert found.warnings == [f"payload digest does not match {bad}"]
        assert pages(found) == PAGES[:1]
    assert read(response(1, WARC_Block_Digest=sha1(b""))).warnings == [f"block digest does not match {sha1(b'')}"]
    sent = chunked(body)
    for content in (sent, body):
        block = http(sent, Transfer_Encoding="chunked")
        assert read(record("response", block, WARC_Payload_Digest=sha1(content))).warnings == []


def test_truncated_by_the_crawler() -> None:
    """What a crawler cut is a page, and says so."""
    found = read(response(1, WARC_Truncated="length"))
    assert (found.warnings, found.urls) == (["truncated by the crawler: length"], [URL % 1])


# Damage


def survivors(found: Read) -> set[str | None]:
    bodies = {URL % number: page(number) for number in (1, 2, 3)}
    return {c.url for c in found.of(Content) if c.raw == bodies.get(c.url or "")}


def n_whole(found: Read) -> int:
    """How many of the six records arrived: pages unhurt, and the other three kinds."""
    others = {"warcinfo", "request", "metadata"} & set(found.reasons)
    return len(survivors(found)) + len(others)


def damages(stored: bytes, rng: random.Random) -> Iterator[bytes]:
    """A stored record, damaged in several ways."""
    yield b""
    for share in (0.1, 0.5, 0.9):
        yield stored[: int(len(stored) * share)]
        yield stored[int(len(stored) * share) :]
    yield stored + rng.randbytes(300)
    yield rng.randbytes(300) + stored
    yield bytes(len(stored))
    for at in range(rng.randrange(50), len(stored), 50):
        yield stored[:at] + bytes([stored[at] ^ rng.randrange(1, 256)]) + stored[at + 1 :]


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("name", ["plain", "gzip a record", "zstd a record"])
def test_damage_costs_only_the_record_that_it_hits(name: str, number: int) -> None:
    """However one record is damaged as it is stored, the five others arrive, and every byte is accounted for."""
    compression, pack = CONTAINERS[name]
    stored = [pack([r]) for r in six()]
    for damaged in damages(stored[number], random.Random(number)):
        raw = b"".join([*stored[:number], damaged, *stored[number + 1 :]])
        assert n_whole(read(raw, compression)) >= 5


WRECKS: dict[str, Callable[[bytes], bytes]] = {
    "no version": lambda r: r.replace(b"WARC/1.0", b"WORC/1.0", 1),
    "no length": lambda r: r.replace(b"Content-Length:", b"Content-Longth:", 1),
    "negative": lambda r: r.replace(b"Content-Length: ", b"Content-Length: -", 1),
    "words": lambda r: r.replace(b"Content-Length: ", b"Content-Length: about ", 1),
    "no type": lambda r: r.replace(b"WARC-Type:", b"WARC-Tope:", 1),
    "huge": lambda r: r.replace(b"Content-Length: ", b"Content-Length: 99999999", 1),
    "endless": lambda r: r.replace(b"Content-Length: ", b"Content-Length: " + b"9" * 400, 1),
    "longer": lambda r: r.replace(b"Content-Length: ", b"Content-Length: 1", 1),
    "shorter": lambda r: r.replace(b"Content-Length: ", b"Content-Length: 0", 1)[:-80] + b"\r\n\r\n",
    "no headers": lambda r: r.partition(b"\r\n\r\n")[2],
    "garbage before": lambda r: b"GARBAGE" * 9 + r,
    "garbage after": lambda r: r + b"\0GARBAGE" * 9,
    "no line ends": lambda r: r.rstrip(b"\r\n"),
}


@pytest.mark.parametrize("wreck", WRECKS)
@pytest.mark.parametrize("name", ["plain", "gzip a record", "gzip a file", "gzip anyhow", "zstd a file"])
def test_wrecked_records(name: str, wreck: str) -> None:
    """A record that is written wrongly, in a container that is well, costs itself and is reported."""
    compression, pack = CONTAINERS[name]
    for number in range(6):
        records = six()
        records[number] = WRECKS[wreck](records[number])
        found = read(pack(records), compression, Limits(page_bytes=1 << 20))
        assert n_whole(found) >= 5, number
        assert found.of(Damaged, Overrun) == []
        if wreck not in ("no line ends",):
            assert found.of(Rejected, Warned)
        for rejected in found.of(Rejected):
            assert rejected.raw is not None and len(rejected.raw) == rejected.n_bytes


def test_codes_of_rejections() -> None:
    """What is wrong has a code of its own."""

    def code(raw: bytes, page_bytes: int = 1 << 20) -> list[str]:
        return read(raw, limits=Limits(page_bytes=page_bytes)).codes

    assert code(WRECKS["no length"](response(1))) == ["header"]
    assert code(WRECKS["huge"](response(1))) == ["truncated"]
    assert code(response(1)[:-300]) == ["truncated"]
    assert code(b"<html>not an archive</html>") == ["garbage"]
    assert code(record("response", b"no HTTP at all")) == ["header"]
    assert code(response(1) + response(2, b"<p>" + bytes(9000)), 8000) == ["page-size"]


def test_large_records_are_passed_over() -> None:
    """A record over the limit is one rejection without its bytes, and what follows is read; so is large garbage."""
    limits = Limits(page_bytes=100_000)
    large = response(7, bytes(5_000_000))
    for compression, pack in CONTAINERS.values():
        records = [response(1), large, response(2), b"#" * 3_000_000, response(3)]
        found = read(pack(records), compression, limits)
        assert survivors(found) == {URL % 1, URL % 2, URL % 3}
        sizes = [(r.code, r.raw, r.n_bytes) for r in found.of(Rejected)]
        assert sizes == [("page-size", None, len(large)), ("garbage", None, 3_000_000)]


def test_bombs() -> None:
    """Neither an archive nor a coded body becomes more than the limits allow; what came before stays."""
    for compression, pack in (("gzip", each_gzip), ("zstd", each_zstd)):
        raw = pack([response(1), bytes(66 << 20), response(2)])
        content, damage = expand(raw, compression)
        assert (64 << 20) - (1 << 20) <= len(content) <= 64 << 20
        assert [d.reason for d in damage] == ["ratio: the file grows more than 500 times"]
        few = Limits(expanded_bytes=1 << 20)
        content, damage = expand(raw, compression, few)
        assert len(content) <= 1 << 20
        assert [d.reason for d in damage] == ["expanded: the file becomes more than 1048576 bytes"]
        assert survivors(read(raw, compression, few)) == {URL % 1}
    for coding in ("gzip", "deflate", "br", "zstd"):
        raw = record("response", http(CODINGS[coding](bytes(3 << 20)), Content_Encoding=coding))
        assert read(raw, limits=Limits(page_bytes=1 << 20)).codes == ["page-size"]


def test_doubtful_members() -> None:
    """A checksum that does not match costs its trailer; the content is given, and the reason names the member."""
    stored = [each_gzip([r]) for r in six()]
    at = sum(map(len, stored[:2]))
    end = at + len(stored[2])
    for flipped, why in ((-8, "incorrect data check"), (-1, "incorrect length check")):
        raw = bytearray(b"".join(stored))
        raw[end + flipped] ^= 1
        found = read(bytes(raw), "gzip")
        assert pages(found) == PAGES
        reason = f"the gzip member at {at} is damaged: {why}: its contents are doubtful"
        assert found.of(Damaged) == [Damaged(end - 8, 8, reason)]


def test_trailing_bytes() -> None:
    """Zeros behind the last member are padding, as long as nothing follows; anything else is damage."""
    whole = each_gzip(six())
    assert expand(whole + bytes(600_000), "gzip") == (b"".join(six()), [])
    tail = expand(whole + b"tail", "gzip")[1]
    assert tail == [Damaged(len(whole), 4, "no gzip data")]
    hole = expand(whole + bytes(600_000) + whole, "gzip")
    assert hole == (b"".join(six()) * 2, [Damaged(len(whole), 600_000, "no gzip data")])


@pytest.mark.parametrize("pack", [each_gzip, each_zstd])
def test_long_members_give_what_came_before(pack: Callable[[list[bytes]], bytes]) -> None:
    """Of a member of several megabytes, nearly everything before the damage is given, and what follows it whole."""
    long = b"".join(page(n) for n in range(1500))
    stored = pack([long])
    flipped = bytearray(stored)
    flipped[len(stored) // 2 : len(stored) // 2 + 200] = b"\xff" * 200
    content, damage = expand(bytes(flipped) + pack([b"end"]), "gzip" if pack is each_gzip else "zstd")
    assert content.endswith(b"end") and len(damage) == 1
    n_equal = next(i for i, (a, b) in enumerate(zip(content, long, strict=False)) if a != b or i == len(content) - 4)
    assert n_equal > len(long) // 2 - (300 << 10)
    assert abs(damage[0].offset + damage[0].n_bytes - len(stored)) == 0


@given(st.data())
def test_accounting_under_random_damage(data: st.DataObject) -> None:
    """Whatever is done to a file, damage is in order and inside it, all content is given, and reading is repeatable."""
    name = data.draw(st.sampled_from(sorted(CONTAINERS)))
    compression, pack = CONTAINERS[name]
    raw = bytearray(pack(six()))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw)))
        n = data.draw(st.sampled_from([0, 1, 2, 30, 1000]))
        raw[start : start + n] = data.draw(st.binary(max_size=40))
    found = read(bytes(raw), compression)
    assert found == read(bytes(raw), compression)
    if not any(d.n_bytes for d in found.of(Damaged)) and compression == "none":
        assert expand(bytes(raw), compression)[0] == raw


# Parts


def in_parts(raw: bytes, compression: str, size: int) -> tuple[list[int], list[Item]]:
    places = cuts(io.BytesIO(raw), compression, len(raw), size)
    items: list[Item] = []
    for start, end in zip(places, [*places[1:], -1], strict=True):
        items += read_warc(source(raw, compression, start, end))
    return places, items


@pytest.mark.parametrize("name", CONTAINERS)
@pytest.mark.parametrize("make", [six, arc])
def test_parts_are_the_whole(name: str, make: Callable[[], list[bytes]]) -> None:
    """However large the parts are, together they give what the uncut file gives."""
    compression, pack = CONTAINERS[name]
    raw = pack(make())
    whole = list(read_warc(source(raw, compression)))
    n_cuts = set()
    for size in (1, 17, 100, 333, 1000, 2500, len(raw), len(raw) + 1):
        places, items = in_parts(raw, compression, size) if size > 1 or len(raw) < 9000 else ([0], whole)
        assert places == sorted(set(places)) and places[0] == 0
        assert items == whole
        n_cuts.add(len(places))
    assert max(n_cuts) == (len(make()) if name in ("plain", "gzip a record", "gzip padded") else 1)


@pytest.mark.parametrize("name", ["plain", "gzip a record"])
def test_parts_of_damaged_files(name: str) -> None:
    """The same holds where records are damaged: each part finds its next record, up to its end."""
    compression, pack = CONTAINERS[name]
    for number in range(6):
        stored = [pack([r]) for r in six()]
        for damaged in list(damages(stored[number], random.Random(number)))[::3]:
            raw = b"".join([*stored[:number], damaged, *stored[number + 1 :]])
            _, items = in_parts(raw, compression, 500)
            assert n_whole(Read(items)) >= 5
            assert not any(isinstance(item, Overrun) for item in items)
            whole = read(raw, compression)
            assert [i for i in items if isinstance(i, Content)] == whole.of(Content)


def test_an_archive_in_an_archive_is_an_overrun() -> None:
    """A cut within a record that holds an archive is found out, and the uncut file is read as it should be."""
    rng = random.Random(1)
    for compression, pack, inner in (
        ("none", CONTAINERS["plain"][1], b"".join(six())),
        # Stored, as what is compressed already mostly is.
        (
            "gzip",
            lambda records: b"".join(gzip.compress(r, 0) for r in records),
            rng.randbytes(60_000) + each_gzip(six()),
        ),
    ):
        holder = record("resource", inner, Content_Type="application/warc")
        raw = pack([response(1), holder, response(2)])
        whole = read(raw, compression)
        assert whole.urls == [URL % 1, URL % 2]
        first = len(pack([response(1)]))
        wished = first + (62_000 if compression == "gzip" else 1000)
        places = cuts(io.BytesIO(raw), compression, len(raw), wished)
        assert first < places[1] < len(pack([response(1), holder]))
        items = list(read_warc(source(raw, compression, 0, places[1])))
        assert isinstance(items[-1], Overrun) and items[-1].offset > places[1]


# Real archives


@pytest.mark.shared
def test_real_archives_have_the_records_that_warcio_finds(shared: Path) -> None:
    """Number, kinds, statuses and addresses of the records are those that warcio finds."""
    pytest.importorskip("warcio")
    from warcio.archiveiterator import ArchiveIterator

    files = sorted((shared / "warc").glob("*.gz"))
    assert len(files) == 7
    for file in files:
        raw = file.read_bytes()
        found = read(raw, "gzip")
        expected = []
        pages = []
        # warcio wants members to begin where records do; of one file they do not.
        content = raw if "clipped" in file.name else gzip.decompress(raw)
        for entry in ArchiveIterator(io.BytesIO(content), check_digests=False):
            expected.append(entry.rec_type)
            headers = entry.http_headers
            type_ = (headers or entry.rec_headers).get_header("Content-Type") or ""
            status = headers.get_statuscode() if headers and entry.rec_type == "response" else "200"
            body = entry.content_stream().read()
            if entry.rec_type in ("response", "resource", "conversion") and status == "200" and "text/" in type_:
                pages.append((entry.rec_headers.get_header("WARC-Target-URI"), body))
        records = [i for i in found.of(Content, Rejected, Skipped) if not isinstance(i, Skipped) or i.is_record]
        assert len(records) == len(expected), file
        if "clipped" in file.name:
            assert found.codes == ["truncated"]
            assert [d.reason for d in found.of(Damaged)] == ["the gzip member at 0 breaks off"]
            continue
        assert found.codes == [] and found.of(Damaged) == []
        assert [(c.url, c.raw) for c in found.of(Content)] == pages, file


@pytest.mark.shared
def test_real_archives_in_parts(shared: Path) -> None:
    """Cut anyhow, compressed or not, real archives give what they give uncut."""
    for file in sorted((shared / "warc").glob("*.gz")):
        raw = file.read_bytes()
        whole = read(raw, "gzip").items
        assert {len(in_parts(raw, "gzip", size)[0]) for size in (500, 5000)} != {1} or len(raw) < 20_000
        for size in (500, 5000, 50_000):
            assert in_parts(raw, "gzip", size)[1] == whole
        content = expand(raw, "gzip")[0]
        whole = read(content).items
        for size in (500, 5000, 50_000):
            assert in_parts(content, "none", size)[1] == whole
