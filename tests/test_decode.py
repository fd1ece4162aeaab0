"""Bytes to text: which encoding is taken and why, what is counted, and that nothing fails."""

import codecs
import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.read.binary import binary_kind
from broadsheet.read.decode import Decoded, codec_of, decode, encode, round_trips, text_in

GERMAN = "Der Rat der Stadt hat beschlossen, dass die Brücke über den Fluß nicht größer gebaut wird, sagte er früh. "
FRENCH = "Le conseil a décidé que le pont ne sera pas fermé cet été, mais la création d’un bac reste à l’étude. "
RUSSIAN = "Городской совет решил во вторник, что старый мост останется открытым ещё на год, сообщили в порту. "
TEXTS = {
    "cp1250": "Město rozhodlo, že starý most zůstane ještě rok otevřený, než zjistí, kolik by stála oprava. ",
    "iso8859-2": "Rada miasta postanowiła, że stary most będzie rok otwarty, zanim ustalą, ile kosztuje część. ",
    "cp1251": RUSSIAN,
    "cp1252": FRENCH,
    "cp1253": "Το συμβούλιο αποφάσισε ότι η παλιά γέφυρα θα μείνει ανοιχτή για έναν χρόνο ακόμη, είπε το λιμάνι. ",
    "cp1254": "Belediye meclisi, eski köprünün bir yıl daha açık kalmasına karar verdi; işçiler şimdi ölçüm yapıyor. ",
    "cp1255": "מועצת העיר החליטה ביום שלישי שהגשר הישן יישאר פתוח עוד שנה, כך נמסר ממשרד הנמל. ",
    "cp1256": "قرر مجلس المدينة يوم الثلاثاء أن يبقى الجسر القديم مفتوحا سنة أخرى كما قال مكتب الميناء. ",
    "cp1257": "Miesto taryba antradienį nusprendė, kad senasis tiltas dar metus liks atviras, pranešė uosto žmonės. ",
    "koi8-r": RUSSIAN,
    "koi8-u": "Міська рада вирішила у вівторок, що старий міст залишиться відкритим ще на рік, повідомили в її порту. ",
    "iso8859-5": RUSSIAN,
    "mac-roman": "Der Bürgermeister möchte die schöne Brücke über den Fluß für die Schüler öffnen, erklärte er. ",
    "cp874": "สภาเมืองตัดสินใจเมื่อวันอังคารว่าสะพานเก่าจะเปิดต่อไปอีกหนึ่งปี สำนักงานท่าเรือกล่าว ",
    "cp932": "市議会は火曜日、古い橋をもう一年開けておくことを決めた。港湾事務所がそう述べた。",
    "euc_jp": "市議会は火曜日、古い橋をもう一年開けておくことを決めた。港湾事務所がそう述べた。",
    "iso2022_jp_ext": "市議会は火曜日、古い橋をもう一年開けておくことを決めた。港湾事務所がそう述べた。",
    "gb18030": "市议会星期二决定，旧桥再开放一年，工程师将研究修理需要多少钱，港务局这样说。",
    "cp950": "市議會星期二決定，舊橋再開放一年，工程師將研究修理需要多少錢，港務局這樣說。",
    "cp949": "시의회는 화요일에 낡은 다리를 일 년 더 열어 두기로 결정했다고 항만 사무소가 밝혔다. ",
}
HEAD = '<!DOCTYPE html><html><head><title>x</title>{}</head><body><div class="main"><p>'


def case(text: str, codec: str, **given: object) -> tuple[bytes, dict[str, object]]:
    return text.encode(codec), given


def page(declaration: str, text: str, codec: str, **given: object) -> tuple[bytes, dict[str, object]]:
    return (HEAD.format(declaration) + text).encode(codec), {"html": True, **given}


META = '<meta charset="{}">'
RULES = {
    "nothing": (b"", {}, "utf-8", "utf-8"),
    "ASCII": (b"Rat\r\n\r\n", {}, "utf-8", "utf-8"),
    "UTF-8": (*case(GERMAN, "utf-8"), "utf-8", "utf-8"),
    "marks come first": (b"\xef\xbb\xbf" + GERMAN.encode(), {"declared": "koi8-r"}, "utf-8-sig", "bom"),
    "UTF-16 mark": (b"\xff\xfe" + GERMAN.encode("utf-16-le"), {"declared": "utf-8"}, "utf-16-le", "bom"),
    "UTF-32 mark": (b"\xff\xfe\0\0" + GERMAN.encode("utf-32-le"), {}, "utf-32-le", "bom"),
    "UTF-16 by NULs": (*case(GERMAN, "utf-16-be"), "utf-16be", "detected"),
    "UTF-16 by NULs against a server": (*case(GERMAN, "utf-16-le", declared="utf-8"), "utf-16le", "detected"),
    "UTF-32 by NULs": (*case(GERMAN, "utf-32-le"), "utf-32le", "detected"),
    "UTF-16 declared": (*case(RUSSIAN, "utf-16-le", declared="utf-16"), "utf-16le", "http"),
    "UTF-16 declared over bytes without NUL": (*case("Rat", "ascii", declared="utf-16"), "utf-8", "utf-8"),
    "HTTP": (*case(RUSSIAN, "koi8-r", declared=" KOI8-R"), "koi8-r", "http"),
    "HTTP over meta": (*page(META.format("cp1251"), RUSSIAN, "koi8-r", declared="koi8-r"), "koi8-r", "http"),
    "meta": (*page("<META  charset = koi8-r >", RUSSIAN, "koi8-r"), "koi8-r", "meta"),
    "meta, as of old": (
        *page("<meta content='text/html; charset=koi8-r' http-equiv=Content-Type />", RUSSIAN, "koi8-r"),
        "koi8-r",
        "meta",
    ),
    "XML": (b'<?xml version="1.0" encoding="koi8-r"?>' + RUSSIAN.encode("koi8-r"), {"html": True}, "koi8-r", "meta"),
    "meta in a comment": (*page("<!-- <meta charset=koi8-r> -->", RUSSIAN, "cp1251"), "cp1251", "detected"),
    "meta of another kind": (
        *page('<meta name=description content="charset=koi8-r">', RUSSIAN, "cp1251"),
        "cp1251",
        "detected",
    ),
    "meta of no HTML": (*case("<meta charset=koi8-r>" + RUSSIAN, "cp1251"), "cp1251", "detected"),
    "meta says UTF-16": (*page(META.format("utf-16"), GERMAN, "utf-8"), "utf-8", "meta"),
    "unknown": (*page(META.format("utf-7"), GERMAN, "utf-8", declared="none"), "utf-8", "utf-8"),
    "first known": (*page(META.format("x") + META.format("koi8-r"), RUSSIAN, "koi8-r"), "koi8-r", "meta"),
    "UTF-8 under Latin-1": (*page(META.format("iso-8859-1"), "Fluß", "utf-8"), "utf-8", "utf-8"),
    "UTF-8 under Greek": (*case(TEXTS["cp1253"], "utf-8", declared="iso-8859-7"), "utf-8", "utf-8"),
    "Latin-1 under UTF-8": (*page(META.format("utf-8"), GERMAN, "latin-1"), "cp1252", "detected"),
    "Cyrillic under UTF-8": (*page(META.format("utf-8"), RUSSIAN, "cp1251"), "cp1251", "detected"),
    "Cyrillic under a server's Latin-1": (*case(RUSSIAN, "cp1251", declared="iso-8859-1"), "cp1251", "detected"),
    "the same with the truth in meta": (
        *page(META.format("koi8-r"), RUSSIAN, "koi8-r", declared="iso-8859-1"),
        "koi8-r",
        "meta",
    ),
    "Shift_JIS under EUC-JP": (*case(TEXTS["cp932"], "cp932", declared="euc-jp"), "cp932", "detected"),
    "Greek with Windows quotes": (
        *case(f"«{TEXTS['cp1253']}» “Ναι” – ’", "cp1253", declared="iso-8859-7"),
        "cp1253",
        "http",
    ),
    "Hong Kong": (*case(TEXTS["cp950"] + "佢哋嘅", "big5hkscs", declared="big5"), "big5hkscs", "http"),
    "one letter": (b"caf\xe9", {}, "cp1252", "detected"),
    "quotes only": (*case("“It’s the town’s bridge” – so they’d say… " * 9, "cp1252"), "cp1252", "detected"),
    "shifts": (bytes(range(128, 256)) * 9, {}, "cp1252", "fallback"),
}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_decides(name: str) -> None:
    """Mark, declaration, UTF-8, detection, fallback: the first that holds, and what contradicts the bytes does not."""
    raw, settings, encoding, decided_by = RULES[name]
    found = decode(raw, **settings)  # type: ignore[arg-type]
    assert (found.encoding, found.decided_by) == (encoding, decided_by)
    if found.decided_by != "fallback":
        assert found.n_replaced == 0
        assert round_trips(raw, found)


@pytest.mark.parametrize("html", [False, True])
@pytest.mark.parametrize("codec", TEXTS)
def test_encodings_are_detected(codec: str, html: bool) -> None:
    """A few sentences, plain or in markup, give their text back in every encoding that old pages were written in."""
    text = HEAD.format("<script>var a = 'b';</script>") * html + TEXTS[codec] * 3
    raw = text.encode(codec)
    found = decode(raw, html=html)
    assert (found.text, found.decided_by, found.n_replaced) == (text, "detected", 0)
    assert encode(found.text, found.encoding) == raw


@pytest.mark.parametrize("codec", TEXTS)
def test_declared_encodings_are_read(codec: str) -> None:
    """A declaration under the codec's own name is believed where the bytes are so."""
    raw = TEXTS[codec].encode(codec)
    declared = {"iso2022_jp_ext": "iso-2022-jp"}.get(codec, codec)
    assert decode(raw, declared=declared) == Decoded(TEXTS[codec], codec, "http", 0)


LABELS = {
    "utf-8": "UTF-8 utf8 unicode-1-1-utf-8",
    "cp1252": "latin1 ISO-8859-1 iso_8859-1:1987 ascii us-ascii ansi_x3.4-1968 windows-1252 x-cp1252 csISOLatin1 l1",
    "cp1250": "windows-1250 cp1250 x-cp1250",
    "cp1251": "windows-1251 win-1251 CP1251",
    "cp1254": "iso-8859-9 latin5 windows-1254",
    "cp874": "tis-620 iso-8859-11 windows-874",
    "iso8859-2": "iso-8859-2 latin2 iso_8859-2:1987 csisolatin2",
    "iso8859-8": "iso-8859-8-i visual",
    "iso8859-13": "iso-8859-13",
    "iso8859-15": "iso-8859-15 latin9",
    "iso8859-16": "iso-8859-16",
    "koi8-r": "koi8 cskoi8r",
    "koi8-u": "koi8-u koi8-ru",
    "gb18030": "gb2312 GBK x-gbk gb_2312-80 gb18030 csgb2312",
    "cp950": "big5 Big5-HKSCS cn-big5 x-x-big5",
    "cp932": "shift_jis x-sjis windows-31j ms_kanji csshiftjis",
    "euc_jp": "euc-jp x-euc-jp",
    "iso2022_jp_ext": "iso-2022-jp csiso2022jp",
    "cp949": "euc-kr ks_c_5601-1987 korean windows-949",
    "mac-roman": "macintosh x-mac-roman",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "utf-16le": "utf-16 UTF-16LE unicode",
    "utf-16be": "utf-16be",
    None: "utf-7 hz-gb-2312 iso-2022-kr iso-2022-cn replacement x-user-defined none rot13 idna - é",
}


@pytest.mark.parametrize(("codec", "label"), [(c, label) for c, labels in LABELS.items() for label in labels.split()])
def test_labels_are_those_of_browsers(codec: str | None, label: str) -> None:
    """A label means what the Encoding Standard says, as a codec of Python; traps and unknown ones mean nothing."""
    assert codec_of(label) == codec
    assert codec is None or codecs.lookup(codec)


def test_utf8_stays_with_some_broken_bytes() -> None:
    """A declared UTF-8 keeps its text about broken bytes, which are counted; undeclared it takes more of it."""
    raw = GERMAN.encode() * 3 + b"\xff\xfe" + b"\xe4\xb8" + GERMAN.encode()
    expected = GERMAN * 3 + "\ufffd" * 3 + GERMAN
    assert decode(raw, declared="utf-8") == Decoded(expected, "utf-8", "http", 4)
    assert decode(raw) == Decoded(expected, "utf-8", "detected", 4)
    half = "ü".encode() * 3 + b"\xff" * 3
    assert decode(half, declared="utf-8").encoding == "utf-8"
    assert decode(half).encoding != "utf-8"


def test_undefined_bytes_are_counted() -> None:
    """The five bytes that windows-1252 lacks are replaced and counted, in whatever way it was chosen."""
    raw = GERMAN.encode("cp1252") * 4 + b"\x81"
    assert decode(raw, declared="latin1") == Decoded(GERMAN * 4 + "\ufffd", "cp1252", "http", 1)
    assert decode(raw) == Decoded(GERMAN * 4 + "\ufffd", "cp1252", "detected", 1)
    assert not round_trips(raw, decode(raw))


def test_odd_ends_are_counted() -> None:
    """Half a code unit at the end is as many bytes as it is."""
    assert decode(GERMAN.encode("utf-16") + b"x") == Decoded(GERMAN + "\ufffd", "utf-16-le", "bom", 1)
    assert decode(b"\xff\xfe\0\0" + "a".encode("utf-32-le") + b"xyz").n_replaced == 3


def test_marks_inside_the_text_stay() -> None:
    """Only the first mark goes; a replacement character that the page holds itself is not counted."""
    raw = codecs.BOM_UTF8 * 2 + "�".encode()
    assert decode(raw) == Decoded("\ufeff\ufffd", "utf-8-sig", "bom", 0)
    assert round_trips(raw, decode(raw))


def test_what_east_asian_codecs_write_otherwise_is_told() -> None:
    """Two byte sequences for one character: the text is right, its bytes do not come back, `round_trips` says so."""
    doubled = TEXTS["cp932"].encode("cp932") + b"\xed\x40\xfa\x5c"
    found = decode(doubled, declared="shift_jis")
    assert (found.text, found.n_replaced) == (TEXTS["cp932"] + "纊纊", 0)
    assert not round_trips(doubled, found)
    escapes = b"\x1b(B" + TEXTS["cp932"].encode("iso2022_jp")
    assert decode(escapes).text == TEXTS["cp932"]
    assert not round_trips(escapes, decode(escapes))


def test_only_a_sample_is_judged_and_all_is_read() -> None:
    """The sample lies about the first byte that is no UTF-8, however far from the start; the whole page is decoded."""
    raw = b"The council met. " * 30_000 + RUSSIAN.encode("cp1251") * 2000
    found = decode(raw, html=True)
    assert (found.encoding, found.n_replaced, len(found.text)) == ("cp1251", 0, len(raw))


BYTES = st.one_of(
    st.binary(max_size=300),
    st.lists(
        st.sampled_from([*b"<a>=\"' \x1b$B(\n\x00", *b"\xff\xfe\xef\xbb\xbf\xc3\xa9\x81\xe4\xb8"]), max_size=80
    ).map(bytes),
    st.tuples(st.text(max_size=60), st.sampled_from([*TEXTS, "utf-8", "utf-16", "utf-32", "utf-7", "gb18030"])).map(
        lambda t: t[0].encode(t[1], "ignore")
    ),
    st.binary(max_size=60).map(lambda raw: b"<?xml encoding='euc-kr'?><meta charset=" + raw),
)
DECLARED = st.one_of(st.none(), st.text(max_size=9), st.sampled_from(sorted(filter(None, LABELS))))


@given(raw=BYTES, html=st.booleans(), declared=DECLARED)
def test_any_bytes_are_decoded(raw: bytes, html: bool, declared: str | None) -> None:
    """Whatever the bytes: no error, twice the same, a text of bounded length, and no silent loss."""
    found = decode(raw, html=html, declared=declared)
    assert found == decode(raw, html=html, declared=declared)
    assert text_in(raw, found.encoding) == found.text
    assert len(found.text) <= 2 * len(raw)
    assert found.n_replaced <= len(raw)
    assert (found.n_replaced > 0) <= ("\ufffd" in found.text)
    assert found.decided_by in {"bom", "http", "meta", "utf-8", "detected", "fallback"}
    assert not (found.n_replaced and round_trips(raw, found))
    many = {"cp932", "cp949", "cp950", "big5hkscs", "gb18030", "euc_jp", "euc_jis_2004"}
    if not found.n_replaced and found.encoding not in many and not found.encoding.startswith("iso2022"):
        assert encode(found.text, found.encoding) == raw
    binary_kind(raw)


def utf8_runs(raw: bytes) -> list[int]:
    """Lengths of the maximal subparts that are no UTF-8 (Unicode 3.9, table 3-7), counted without a codec."""
    seconds = {0xE0: (0xA0, 0xBF), 0xED: (0x80, 0x9F), 0xF0: (0x90, 0xBF), 0xF4: (0x80, 0x8F)}
    runs, at = [], 0
    while at < len(raw):
        lead = raw[at]
        size = 1 if lead < 0x80 else 2 if 0xC2 <= lead < 0xE0 else 3 if 0xE0 <= lead < 0xF0 else 4
        if 0x80 <= lead < 0xC2 or lead > 0xF4:
            runs.append(1)
            at += 1
            continue
        limits = [seconds.get(lead, (0x80, 0xBF)), (0x80, 0xBF), (0x80, 0xBF)][: size - 1]
        tail = zip(raw[at + 1 : at + size], limits, strict=False)
        n = 1 + sum(1 for _ in itertools.takewhile(lambda t: t[1][0] <= t[0] <= t[1][1], tail))
        if n < size:
            runs.append(n)
        at += n
    return runs


@given(
    st.lists(
        st.sampled_from([b"a", "ü".encode(), "中".encode(), "😀".encode(), *(bytes([c]) for c in range(128, 256))])
    )
)
def test_counts_are_exact_for_utf8(pieces: list[bytes]) -> None:
    """Every byte that is no UTF-8 is counted once, and every maximal run of them is one U+FFFD."""
    raw = codecs.BOM_UTF8 + b"".join(pieces)
    runs = utf8_runs(raw)
    found = decode(raw)
    assert (found.n_replaced, found.text.count("\ufffd")) == (sum(runs), len(runs))


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "a PNG image"),
        (b"\xff\xd8\xff\xe0", "a JPEG image"),
        (b"RIFF\1\0\0\0WEBPVP8 ", "a WebP image"),
        (b"%PDF-1.7\n%", "a PDF document"),
        (b"PK\3\4\x14\0", "a ZIP archive (as office documents and e-books are)"),
        (b"\x7fELF\2\1\1\0", "an ELF program"),
        (b"\x1f\x8b\x08\0", "a gzip file"),
        (b"PAR1\x15\0", "a Parquet file"),
        (bytes(1000), "binary data"),
        (bytes(range(256)) * 50, "binary data"),
        (b"\1\2" + b"a" * 17, "binary data"),
        (b"\0" + b"caf\xe9 " * 50, "binary data"),
        (b"", None),
        (b"PAR1 is a road.", None),
        (b"MZ was her name.", None),
        (b"\1" + b"a" * 19, None),
        (b"caf\0e", "binary data"),
        ("ein\0Wort und noch über eines".encode(), None),
        (GERMAN.encode("utf-16"), None),
        (GERMAN.encode("utf-16-le"), None),
        (GERMAN.encode("utf-32-be"), None),
        *((text.encode(codec), None) for codec, text in TEXTS.items()),
    ],
)
def test_binary_content_is_named(head: bytes, kind: str | None) -> None:
    """Signatures are named, other binary data is told from text, and no text is taken for it."""
    assert binary_kind(head) == kind


def test_compressed_data_is_binary() -> None:
    """Random bytes, of which control characters are just about a tenth, are binary all the same."""
    chance = random.Random(0)
    assert {binary_kind(b"x" + chance.randbytes(1 << 16)) for _ in range(50)} == {"binary data"}
