"""Masks cover what they are to cover, and nothing else; no file of a release holds what they cover, or who comments."""

import base64
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import phonenumbers
import pyarrow.parquet as pq
import pytest
from damage import Damaged
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat as Form
from phonenumbers import PhoneNumberType as Type
from sites import ARTICLE, TEXTS, build_pages, json_rows, make_pages, rejections, sums

from broadsheet import config
from broadsheet.build import Built, Event, build
from broadsheet.errors import CallError
from broadsheet.privacy import AUTHOR, MASKS, Masker, Privacy, hide_authors
from broadsheet.release.verify import BROKEN, KEPT, verify

KEY = "a key of this test, which is long enough"
ALL = ["email", "phone", "handle", "ip"]
E, P, H, IP = (MASKS[kind] for kind in ALL)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", KEY)


def masker(*kinds: str, regions: tuple[str, ...] = (), authors: str = "keep") -> Masker:
    return Masker(Privacy(tuple(sorted(kinds or ALL)), regions, authors, None, "TEST_KEY"))


@pytest.mark.parametrize(
    ("kind", "covered"),
    [
        ("email", "anna.kern+news@mail.example"),
        ("email", "jörg@bücher.example"),
        ("email", "почта@пример.рф"),
        ("email", "用户@例子.公司"),
        ("email", "anna＠mail.example"),
        ("email", "anna%40mail.example"),
        ("email", "anna [at] mail [dot] example"),
        ("email", "anna(at)mail.example"),
        ("phone", "+49 30 901820"),
        ("phone", "+1 (212) 555-0123"),
        ("phone", "+44 (0)20 7946 0018"),
        ("phone", "0049 30 901820"),
        ("phone", "+963 11 231 2345"),
        ("phone", "٠٠٩٦٣ ١١ ٢٣١ ٢٣٤٥"),
        ("phone", "＋81 3-3201-3331"),
        ("handle", "@anna_k"),
        ("handle", "@张三"),
        ("handle", "@anna@social.example"),
        ("ip", "203.0.113.77"),
        ("ip", "2001:db8::ff00:42:8329"),
        ("ip", "::ffff:192.0.2.1"),
    ],
)
def test_what_is_covered(kind: str, covered: str) -> None:
    """What is to be masked is, at any end of a text and of a line, in brackets and before a full stop."""
    mask = MASKS[kind] * len(covered)
    for frame in ("{}", "See {}.", "({})", "a line\n{}\nanother", "سطر {} آخر", "“{}”, she said", "One: {}; two: {}"):
        expected = frame.replace("{}", mask)
        assert masker(kind).text(frame.replace("{}", covered)) == expected


UNTOUCHED = """\
2016-03-15 10:30, 15.03.2016, 3/15/2016 and 15. 3. 2016 at 10:30:45; 2010-2014, 2015 2016 2017 2018
1 234 567 890 euros, $1,234,567.00, 12.345.678,90 €, 3.141592653589, +12,345 people, +3.5 %, -5 to +15 000 000
ISBN 978-3-16-148410-0, 0-306-40615-2, ISSN 2049-3630, 36.202105, 37.134260 and 36.202105 37.134260
version 1.2.3.4, v2.0.1.5, Chrome 99.0.4844.51, 10.0.19041.1, § 4.3.2.1, 1.2.3
@media (max-width: 600px) { a { b: c } } @font-face @Override public void run() @types/node @angular/core
logo@2x.png, lodash@4.17.21, root@localhost, 5 @ 3 euros, @5pm, 10 @ 20
std::vector<a::b>, 00:1A:2B:3C:4D:5E, 12:30:45, ratio 1:2:3, Genesis 1:2
912 345 678 people, a population of 22 530 746 on 185 180 km2, case 2016/12345, page 1234567, No. 12345678"""


@pytest.mark.parametrize("line", UNTOUCHED.split("\n"))
def test_what_stays(line: str) -> None:
    """Dates, prices, coordinates, numbers of books and versions, style sheets and code stay as they are."""
    assert masker(regions=("DE", "US", "FR", "SY", "PT")).text(line, "www.courier.example") == line


def test_every_region() -> None:
    """Numbers with a country code are masked in every region that has a plan; without one, those of given regions."""
    plain, n_known, n_national = masker("phone"), 0, 0
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        own = masker("phone", regions=(region,))
        for type_ in (Type.FIXED_LINE, Type.MOBILE):
            number = phonenumbers.example_number_for_type(region, type_)
            if number is None:
                continue
            for form in (Form.INTERNATIONAL, Form.E164):
                written = phonenumbers.format_number(number, form)
                assert plain.text(f"Ask at {written} now.") == f"Ask at {P * len(written)} now.", region
            written = phonenumbers.format_number(number, Form.NATIONAL)
            if len(phonenumbers.national_significant_number(number)) >= 6:
                assert plain.text(f"Tel.: {written}") == f"Tel.: {P * len(written)}", region
            n_known += 1
            n_national += own.text(f"Ask at {written} now.") == f"Ask at {P * len(written)} now."
    assert n_known == 489
    assert n_national >= 442  # others are written like any figure of thousands


def test_the_host_tells_the_region() -> None:
    """A page of a country's domain may write numbers as its country does; others of that form stay."""
    assert masker("phone").text("030/901820 heute", "kurier.de") == f"{P * 10} heute"
    assert masker("phone").text("030/901820 heute", "kurier.example") == "030/901820 heute"


@given(TEXTS, st.sampled_from(["anna@mail.example", "+49 30 901820", "203.0.113.77", "@anna_k"]), st.integers(0, 300))
def test_masks_keep_length_and_place(text: str, secret: str, at: int) -> None:
    """Whatever stands around it is as it was, at its place."""
    before, behind = text[:at] + " ", " " + text[at:]
    masked = masker().text(before + secret + behind)
    assert len(masked) == len(before + secret + behind)
    assert secret not in masked
    assert masked[len(before)] in MASKS.values()


def test_nothing_looks_like_a_mask_that_is_none() -> None:
    """Characters of masks in the texts themselves become another one, so that masks can be counted."""
    assert masker().text(f"[{E}{P}{H}{IP}{AUTHOR}]") == "[■■■■■]"


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("https://news.example/2016/03/15/5551234567-story?id=4915112345678", None),
        ("https://203.0.113.7/story", None),
        ("https://news.example/?to=anna%40mail.example&n=1", f"https://news.example/?to={E * 19}&n=1"),
        ("https://social.example/@anna_k/12", f"https://social.example/{H * 7}/12"),
        ("https://anna:secret@news.example/1", f"https://{AUTHOR * 11}@news.example/1"),
        ("mailto:anna@mail.example", f"mailto:{E * 17}"),
        ("tel:+4930901820", f"tel:{P * 11}"),
    ],
)
def test_addresses(url: str, masked: str | None) -> None:
    """Addresses keep their host and their figures, and lose who is named in them."""
    assert masker().address(url) == (masked or url)


def test_texts_in_records() -> None:
    """However deep a text lies in a record, it is masked; names of properties too, and two never become one."""
    record = {"text": "x", "contact": {"ways": ["anna@mail.example", {"anna@mail.example": 1, "emil@mail.example": 2}]}}
    masked = masker("email").record(record, None)
    assert masked == {"text": "x", "contact": {"ways": [E * 17, {E * 17: 1, f"{E * 17}_": 2}]}}


def test_what_escapes_hide() -> None:
    """In what was meant as JSON, escapes neither hide what is masked nor become a part of it."""
    raw = r'{"text": "Tel:\n+49 30 901820\nanna@mail.example anna\u0040mail.example \\ \u00e9"'
    assert masker().json_text(raw) == (rf'{{"text": "Tel:\n{P * 13}\n{E * 17} {E * 22} \\ \u00e9"')


SECRETS = ["anna.kern@mail.example", "+49 30 901820", "203.0.113.77", "@anna_k", "2001:db8::42"]
NAMES = ["Dora Mead", "Emil Sand", "Ada Vole"]
TALK = """
Comments (3)

Dora Mead
3 May 2021, 10:42
The ferry was late again, and nobody told us why it was so late. Mail me at anna.kern@mail.example, I mean it.

Emil Sand
3 May 2021, 11:42
Dora Mead is right. The harbour office never tells anybody anything, and we have been waiting for weeks now.

Dora Mead
3 May 2021, 12:02
Thank you, Emil Sand, somebody had to say it, and the office has to read it one day or another, I hope.
"""


def records(*, secret: str) -> bytes:
    thread = "https://www.courier.example/1"
    rows: list[dict[str, Any]] = [
        {"id": secret, "text": f"Whoever knows more may write to {secret} or call +49 30 901820.", "title": secret},
        {"text": "", "author": secret, "byline": f"By {secret}", "dek": "203.0.113.77", secret: 1},
        {"text": "Too short a text?", "url": f"https://x.example/@anna_k/1?m={secret}", "language": secret},
        *({"role": "comment", "author": NAMES[i % 2], "byline": f"{NAMES[i % 2]}, 3 May", "thread": thread,
           "text": "Well said, well said.", "position": i} for i in range(4)),
        {"role": "comment", "author": "Ada Vole", "text": "", "thread": thread},
        {"role": "comment", "byline": "Ada Vole, 3 May", "text": "Who am I?", "thread": thread, "position": 9},
        {"role": "Comment", "author": "Ada Vole", "text": "A role that is none."},
    ]  # fmt: skip
    broken = (
        f'{{"text": "cut off {secret}\n'
        f'{{"{secret}": 1, "{secret}": 2}}\n'
        '{"text": "Tel:\\n+49 30 901820 anna.kern\\u0040mail.example", "author": "Ada Vole"\n'
    )
    return (
        b"".join(json.dumps(row).encode() + b"\n" for row in rows) + broken.encode() + b"\xff anna.kern@mail.example\n"
    )


def page_html(secret: str) -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in ARTICLE.split("\n\n")[2:])
    return (
        f'<html><head><title>Storm {secret}</title><meta name="author" content="Ines Holm, {secret}">'
        f'<link rel="canonical" href="https://news.example/?to={secret}"><meta name="description" content="@anna_k">'
        f'</head><body><h1>A storm at the mole</h1>{body}<p>Tips by <a href="mailto:{secret}">mail</a>, to @anna_k or '
        f"from 203.0.113.77 and 2001:db8::42.</p></body></html>"
    )


def site(folder: Path) -> Path:
    secret = SECRETS[0]
    html = page_html(secret).replace("storm", "gale").encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    warc = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2021-05-03T00:00:00Z\r\n"
        b"WARC-Target-URI: https://news.example/?to=anna.kern@mail.example\r\nContent-Type: application/http\r\n"
        b"WARC-Payload-Digest: sha1:AAAA\r\nContent-Length: %d\r\n\r\n" % len(head + html)
    ) + head + html + b"\r\n\r\n"  # fmt: skip
    return make_pages(
        folder,
        {
            "one.txt": ARTICLE.replace("He expects", f"Write to {secret} or call +49 30 901820. He expects"),
            "two.txt": ARTICLE.replace("bridge", "ferry").replace("Ines", "Ida") + TALK,
            "three.html": page_html(secret),
            "four.warc": warc,
            "five.jsonl": records(secret=secret),
            "pages.jsonl": json.dumps({"path": "one.txt", "source": "the desk of @anna_k"}),
        },
    )


def built(folder: Path, out: Path, **privacy: Any) -> Built:
    given = {"masks": ALL, "key_env": "TEST_KEY", **privacy}
    return build_pages(folder, out, privacy=given, export={"formats": ["parquet", "jsonl", "arrow"]})


def contents(release: Path) -> dict[str, str]:
    """All that can be read in a release: every file as text, unpacked, and the values of tables."""
    found: dict[str, str] = {}
    for path in sorted(p for p in release.rglob("*") if p.is_file()):
        raw = path.read_bytes()
        if path.suffix == ".gz":
            raw = gzip.decompress(raw)
        text = raw.decode("utf-8", "replace")
        if path.suffix == ".parquet":
            rows = pq.read_table(path).to_pylist()
            text = "\n".join(json.dumps(row, default=str, ensure_ascii=False) for row in rows)
        found[path.relative_to(release).as_posix()] = text + text.replace("\\\\", "\\").replace("\\u0040", "@")
    return found


@pytest.mark.parametrize("authors", ["keep", "pseudonym", "drop"])
def test_nothing_that_is_masked_is_in_the_release(tmp_path: Path, authors: str) -> None:
    """No file holds it: no text, claim, address, field, rejection, message or name; nor who comments, nor the key.

    And every promise is kept.
    """
    release = built(site(tmp_path / "in"), tmp_path / "out", comment_authors=authors)
    assert {v.promise: v.faults for v in verify(release.path) if v.verdict != KEPT} == {}
    hidden = SECRETS + (NAMES if authors != "keep" else []) + [KEY, "TEST_KEY", base64.b64encode(b"anna.kern").decode()]
    for name, text in contents(release.path).items():
        assert [secret for secret in hidden if secret in text] == [], name
    assert len(rejections(release.path)) == 8
    assert release.manifest["configuration"]["privacy"] == {"masks": ALL, "comment_authors": authors}
    assert min(release.manifest["masks"][kind] for kind in ALL) > 0
    sheet = (release.path / "DATASHEET.md").read_text("utf-8")
    assert f"{release.manifest['masks']['email']} e-mail addresses" in sheet
    assert "at least" in sheet


def test_no_digest_of_what_is_masked_is_in_the_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can try what a mask covers: the hash of no input, page or record is there, neither its own nor in part."""
    folder = site(tmp_path / "in")
    release = built(folder, tmp_path / "out", comment_authors="pseudonym")
    whole = "\n".join(contents(release.path).values())
    raw = [path.read_bytes() for path in folder.iterdir()]
    raw += [line for content in raw for line in content.splitlines()]
    raw += [text.encode() for text in (*SECRETS, *NAMES)]
    for content in raw:
        if content:
            assert hashlib.sha256(content).hexdigest() not in whole
    for name in NAMES:
        assert hashlib.sha256(name.encode()).hexdigest()[:16] not in whole
    monkeypatch.setenv("TEST_KEY", KEY[::-1])
    other = built(folder, tmp_path / "other", comment_authors="pseudonym")
    for config_, name in (("pages", "page_id"), ("comments", "author")):
        one, two = ({row[name] for row in json_rows(made.path, config_)} - {None} for made in (release, other))
        assert one
        assert one.isdisjoint(two)


def _talk(release: Built) -> list[tuple[str, int]]:
    """The comments that are left, and how often each appears; which of equal ones is left, their ids decide."""
    n_of: dict[str, int] = {}
    for row in json_rows(release.path, "segments"):
        if row["record_id"] is not None:
            n_of[row["canonical_id"]] = n_of.get(row["canonical_id"], 0) + 1
    rows = json_rows(release.path, "comments")
    return sorted((row["text"][-24:], n_of[row["id"]]) for row in rows)


def test_folding_is_that_of_the_names(tmp_path: Path) -> None:
    """Equal words of one person fold and those of two do not, whatever becomes of the names."""
    folder = site(tmp_path / "in")
    found = {how: built(folder, tmp_path / how, comment_authors=how, masks=[]) for how in ("pseudonym", "drop")}
    found["keep"] = built(folder, tmp_path / "keep", comment_authors="keep", masks=["ip"])
    talk = {how: _talk(release) for how, release in found.items()}
    assert talk["keep"] == talk["pseudonym"] == talk["drop"]
    assert [text for text, _ in talk["keep"]].count("Well said, well said.") == 2
    authors = {how: {row["author"] for row in json_rows(one.path, "comments")} for how, one in found.items()}
    assert authors["keep"] == {"Dora Mead", "Emil Sand", None}
    assert authors["drop"] == {None}
    named = authors["pseudonym"] - {None}
    assert len(named) == 2
    assert all(str(author).startswith("author-") for author in named)


def test_heads_of_comments() -> None:
    """A name goes from the head, and as a whole word from comments and boilerplate; without a name the byline goes."""
    kinds = [
        ("Emil Sand", "comment", "byline"),
        ("Emil Sand: so said Emil Sandberg.", "comment", "body"),
        ("Anonymous, May", "comment", "byline"),
        ("Emil Sand was here", "boilerplate", "meta"),
        ("By Emil Sand", "main", "byline"),
    ]
    rows: list[dict[str, Any]] = []
    at = 0
    for line, role, part in kinds:
        place = {"start": at, "end": at + len(line)}
        author = "Emil Sand" if not rows else None
        rows.append(
            {**place, "role": role, "author": author, "title": None, "dek": None, "parts": [{"part": part, **place}]}
        )
        at += len(line) + 1
    hidden = hide_authors(masker(authors="pseudonym"), "0", "\n".join(line for line, _, _ in kinds), None, rows)
    name = AUTHOR * 9
    assert hidden.split("\n") == [
        name, f"{name}: so said Emil Sandberg.", AUTHOR * 14, f"{name} was here", "By Emil Sand"
    ]  # fmt: skip
    assert rows[0]["author"].startswith("author-")
    assert rows[2]["byline"] == AUTHOR * 14


def test_masked_names_stay_two(tmp_path: Path) -> None:
    """Two who comment under names that masks cover, equally long, are not taken for one."""
    thread = "https://www.courier.example/1"
    rows = [
        {"role": "comment", "author": author, "text": "Well said, well said.", "thread": thread, "position": i}
        for i, author in enumerate(("@anna", "@emil", "@anna"))
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    release = built(make_pages(tmp_path / "in", {"a.jsonl": lines}), tmp_path / "out")
    assert len(json_rows(release.path, "comments")) == 2


def test_the_same_bytes(tmp_path: Path) -> None:
    """Neither the workers nor where the key lies decide a byte; and a key among the inputs is none of them."""
    folder = site(tmp_path / "in")
    one = built(folder, tmp_path / "one", comment_authors="pseudonym")
    (folder / "key.txt").write_text(f"{KEY}\n")
    (folder / config.FILE).write_text(
        'name = "site"\ninput.paths = ["."]\n[export]\nformats = ["parquet", "jsonl", "arrow"]\n[privacy]\n'
        'masks = ["email", "phone", "handle", "ip"]\ncomment_authors = "pseudonym"\nkey_file = "key.txt"\n'
    )
    settings = config.load(folder / config.FILE, {"input": {"paths": ["."]}})
    two = build([], settings, out=tmp_path / "two", n_workers=2)
    assert one.manifest["logical_digest"] == two.manifest["logical_digest"]
    assert [file["path"] for file in one.manifest["inputs"]["files"]] == [
        file["path"] for file in two.manifest["inputs"]["files"]
    ]
    again = built(folder, tmp_path / "again", comment_authors="pseudonym")
    assert "key.txt" in {file["path"] for file in again.manifest["inputs"]["files"]}  # unless the key lies there
    (folder / "key.txt").unlink()
    (folder / config.FILE).unlink()
    assert sums(built(folder, tmp_path / "third", comment_authors="pseudonym").path) == sums(one.path)


def test_another_key_goes_on_from_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an interrupted build has left under one key is none of a build under another; and the key is not in it."""
    folder = site(tmp_path / "in")

    def stop(event: Event) -> None:
        if event.stage == "repeats":
            raise KeyboardInterrupt

    privacy = {"masks": ALL, "comment_authors": "pseudonym", "key_env": "TEST_KEY"}
    settings = config.load(None, {"name": "site", "privacy": privacy})
    with pytest.raises(KeyboardInterrupt):
        build([folder], settings, out=tmp_path / "out", report=stop)
    (left,) = (tmp_path / "out/site").glob(".work-*")
    held = [path.read_bytes() for path in left.rglob("*") if path.is_file()]
    assert held
    assert not any(KEY.encode() in content for content in held)
    monkeypatch.setenv("TEST_KEY", KEY[::-1])
    other = build([folder], settings, out=tmp_path / "out")
    assert sums(other.path) == sums(build([folder], settings, out=tmp_path / "fresh").path)


def test_off_by_default(tmp_path: Path) -> None:
    """Without a word in the configuration nothing is masked, and the manifest speaks of no masks."""
    release = build_pages(make_pages(tmp_path / "in", {"a.txt": ARTICLE + "\nanna@mail.example\n"}), tmp_path / "out")
    assert "masks" not in release.manifest
    assert "anna@mail.example" in json_rows(release.path, "pages")[0]["text"]


def test_a_count_of_masks_is_checked(tmp_path: Path) -> None:
    """`verify` counts the masks, and finds bytes that would show what they cover."""
    release = built(site(tmp_path / "in"), tmp_path / "out")
    wrong = Damaged(release.path, tmp_path / "wrong")
    wrong.manifest["masks"]["email"] += 1
    kept = Damaged(release.path, tmp_path / "kept")
    kept.change("pages", lambda rows: [row | {"raw_base64": "QQ=="} for row in rows])
    for damaged in (wrong, kept):
        broken = {v.promise.partition(":")[0] for v in verify(damaged.reseal()) if v.verdict == BROKEN}
        assert broken == {"nothing is lost"}


@pytest.mark.parametrize(
    ("privacy", "message"),
    [
        ({"masks": ["email"]}, "name either key_file or key_env"),
        ({"masks": ["email"], "key_env": "TEST_KEY", "key_file": "k"}, "name either key_file or key_env"),
        ({"comment_authors": "drop"}, "name either key_file or key_env"),
        ({"masks": ["email"], "key_env": "NO_SUCH_KEY"}, "NO_SUCH_KEY holds no key"),
        ({"masks": ["email"], "key_file": "no-such-key"}, "no-such-key: the key cannot be read"),
        ({"masks": ["email"], "key_env": "SHORT_KEY"}, "the key has 5 characters; at least 32"),
        ({"masks": ["phone"], "key_env": "TEST_KEY", "phone_regions": ["XX"]}, "unknown XX"),
        ({"masks": ["names"], "key_env": "TEST_KEY"}, "names"),
        ({"comment_authors": "hide"}, "hide"),
    ],
)
def test_wrong_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, privacy: dict[str, Any], message: str) -> None:
    """A missing, short or doubly named key, an unknown region or kind: each is said before anything is read."""
    monkeypatch.setenv("SHORT_KEY", "short")
    folder = make_pages(tmp_path / "in", {"a.txt": ARTICLE})
    with pytest.raises(CallError, match=message):
        build_pages(folder, tmp_path / "out", privacy=privacy)
    assert not (tmp_path / "out").exists()


def test_what_would_show_all_the_same(tmp_path: Path) -> None:
    """Original bytes and names of files would show what is masked: both are refused."""
    folder = make_pages(tmp_path / "in", {"anna@mail.example.txt": ARTICLE})
    with pytest.raises(CallError, match=r"anna@mail.example.txt; rename"):
        built(folder, tmp_path / "out")
    with pytest.raises(CallError, match="keep_bytes"):
        build_pages(folder, tmp_path / "out", privacy={"masks": ALL, "key_env": "TEST_KEY"}, input={"keep_bytes": True})
