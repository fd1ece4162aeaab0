"""Laws of segmentation, and whole made-up pages with the roles they should get."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sites import limited

from broadsheet.segment import Segment, detect, segment_text
from broadsheet.segment.threads import author_of, places

ROLES = {"main", "sidebar", "teaser", "comment", "boilerplate"}
PARTS = {"title", "dek", "byline", "body", "meta", "space"}

LINES = st.sampled_from(
    [
        "", "", "", " ", "\t", "  • Dora writes", "    The ferry was late again, and nobody told us why.",
        "  1. Emil, 3 May 2021, 10:42", "The mill at Orrin", "By Hanna Voss",
        "Two men walked down to the river, and the dog, who knew better, stayed at home.", "Mehr lesen",
        "Der Rat hat gestern beschlossen, dass die Brücke nicht mehr gebaut wird.", "…", "Weiter…",
        "كتب المراسل أن السفينة وصلت إلى الميناء في الصباح.",
        "昨日、港に船が着いた。", "\x00", "e\u0301a\u0308",
        "\U0001f600 \U00020000", "a\u2028b", "© 2020", "12.5.2020", "\u200f", "x\rx",
        "def f(x): return {x: [x]}",
    ]
)  # fmt: skip
PAGES = st.one_of(
    st.text(max_size=300),
    st.lists(LINES, max_size=40).map("\n".join),
    st.lists(LINES, max_size=25).map("\r\n".join),
    st.text(alphabet="\n\r\t \x00\u2028\u3000.•1ab…", max_size=200),
)


def check_tiling(text: str, segments: list[Segment]) -> None:
    cursor = 0
    for segment in segments:
        assert segment.start == cursor < segment.end
        inner = cursor
        for part in segment.parts:
            assert part.start == inner < part.end
            assert part.part in PARTS
            if part.part == "space":
                assert text[part.start : part.end].isspace()
            elif part.part == "body":
                line = text[part.start : part.end]
                assert line == line.strip()
                assert "\n" not in line
            inner = part.end
        assert inner == segment.end
        cursor = segment.end
    assert cursor == len(text)


@given(PAGES)
@settings(max_examples=250, deadline=None)
def test_segments_tile_the_page_and_parts_tile_the_segments(text: str) -> None:
    """Every character of any page is in exactly one segment and in exactly one part of it."""
    check_tiling(text, segment_text(text))


@given(PAGES)
@settings(max_examples=150, deadline=None)
def test_facts_agree_with_roles(text: str) -> None:
    """Articles alone have numbers, in order of appearance; comments alone have places; at most one main."""
    segments = segment_text(text)
    numbers = [s.article for s in segments if s.article is not None]
    assert list(dict.fromkeys(numbers)) == list(range(len(set(numbers))))
    assert len({s.article for s in segments if s.role == "main"}) <= 1
    comments = [s for s in segments if s.role == "comment"]
    assert [s.position for s in comments] == list(range(len(comments)))
    for segment in segments:
        assert segment.role in ROLES
        assert (segment.article is not None) == (segment.role in {"main", "sidebar"})
        assert (segment.position is None) == (segment.depth is None) == (segment.role != "comment")
        assert 0 <= segment.confidence <= 1
        if segment.role == "boilerplate":
            assert {part.part for part in segment.parts} <= {"meta", "space"}
    for comment in comments:
        assert comment.reply_to is None or comment.reply_to < (comment.position or 0)
        assert (comment.depth == 0) == (comment.reply_to is None)


@given(PAGES)
@settings(max_examples=60, deadline=None)
def test_the_same_text_gives_the_same_segments(text: str) -> None:
    """Segmentation is a function of the text alone."""
    assert segment_text(text) == segment_text("".join(list(text)))


@given(st.text(alphabet=" \n\t\r\u2028\u3000\xa0", min_size=1, max_size=50))
def test_white_space_is_one_boilerplate_segment(text: str) -> None:
    """A page of only white space is one boilerplate segment; an empty one has none."""
    (segment,) = segment_text(text)
    assert (segment.role, [part.part for part in segment.parts]) == ("boilerplate", ["space"])
    assert segment_text("") == []


@pytest.mark.parametrize(
    ("unit", "times"),
    [
        ("word\n\n", 8_000), ("The tide came in and took the boats away. ", 60_000), ("x", 1_000_000),
        ("  1. Ivo writes\n\n    It rained here, too.\n\n", 2_000), (" |.", 300_000), ("9", 300_000),
        ("ab\n", 60_000), ("\n", 500_000), ("港", 300_000), ("Ab ", 300_000), ("…", 300_000),
    ],
    ids=["gaps", "line", "word", "thread", "signs", "digits", "attached", "blank", "han", "names", "dots"],
)  # fmt: skip
def test_monotonous_pages_end_in_good_time(unit: str, times: int) -> None:
    """A page may be made of whatever: each takes a second or two, and hours if its time grew with its square."""
    with limited():
        assert segment_text(unit * (4 * times))


PROSE_EN = [
    "The river rose by two metres during the night, and by dawn the lower meadow had become a lake.",
    "Farmers moved their cattle to the chapel yard, where the children could feed them before school.",
    "“We have seen it higher,” said Berta Quill, who keeps the lock, “but never in June or so brown.”",
    "The council will meet on Monday to decide whether the old sluice should be opened for the first time.",
]
PROSE_DE = [
    "Der Fluss stieg in der Nacht um zwei Meter, und am Morgen war aus der unteren Wiese ein See geworden.",
    "Die Bauern brachten ihr Vieh auf den Hof der Kapelle, wo die Kinder es vor der Schule füttern durften.",
    "Der Rat will am Montag darüber entscheiden, ob die alte Schleuse zum ersten Mal geöffnet werden soll.",
]
PROSE_RU = [
    "Ночью река поднялась на два метра, и к утру нижний луг превратился в большое озеро с мутной водой.",
    "Крестьяне перевели скот во двор часовни, где детям разрешили кормить его перед школой каждый день.",
    "Совет соберётся в понедельник, чтобы решить, нужно ли открыть старый шлюз впервые за сорок лет.",
]
PROSE_AR = [
    "ارتفع النهر في الليل مترين، وفي الصباح صار المرج الأسفل بحيرة كبيرة لا يعبرها أحد إلا بالقارب.",
    "نقل الفلاحون ماشيتهم إلى ساحة المسجد القديم، حيث سمح للأطفال أن يطعموها قبل الذهاب إلى المدرسة.",
    "يجتمع المجلس يوم الاثنين ليقرر هل تفتح البوابة القديمة لأول مرة منذ أربعين سنة أم تبقى مغلقة.",
]
PROSE_JA = [
    "川の水は夜のあいだに二メートルも上がり、明け方には下の牧草地がすっかり湖のようになっていた。",
    "農家の人びとは牛を礼拝堂の庭に移し、子どもたちは学校へ行く前にえさをやることを許された。",
    "町議会は月曜日に集まり、古い水門を四十年ぶりに開けるかどうかを決めることになっている。",
]


def page(*blocks: str) -> str:
    return "\n\n".join(blocks) + "\n"


def shape(text: str) -> list[tuple[str, str]]:
    """Role and first visible line of every segment."""
    segments = segment_text(text)
    check_tiling(text, segments)
    return [(s.role, text[s.start : s.end].strip().split("\n")[0]) for s in segments]


@pytest.mark.parametrize(
    ("language", "menu", "title", "byline", "prose", "tail"),
    [
        (
            "en", ["Start", "Valley", "Weather"], "Lower meadow under water after a night of rain",
            "By Noor Tindall", PROSE_EN, ["Print", "Send", "Imprint"],
        ),
        (
            "de", ["Start", "Tal", "Wetter"], "Untere Wiese steht nach einer Regennacht unter Wasser",
            "Von Jutta Behr", PROSE_DE, ["Drucken", "Senden", "Impressum"],
        ),
        (
            "ru", ["Главная", "Долина", "Погода"], "Нижний луг оказался под водой после ночного ливня",
            "Нора Тихонова", PROSE_RU, ["Печать", "Отправить", "Контакты"],
        ),
        (
            "ar", ["الرئيسية", "الوادي", "الطقس"], "المرج الأسفل تحت الماء بعد ليلة من المطر الغزير",
            "", PROSE_AR, ["طباعة", "إرسال", "اتصل"],
        ),
        (
            "ja", ["ホーム", "谷", "天気"], "一晩の雨で下の牧草地が水につかり湖のようになった",
            "", PROSE_JA, ["印刷", "送信", "会社"],
        ),
    ],
)  # fmt: skip
def test_one_article_between_menus(
    language: str, menu: list[str], title: str, byline: str, prose: list[str], tail: list[str]
) -> None:
    """An article is found between short lines, with title, author and language, in any script."""
    text = page(*menu, "\n" + title, *([byline] if byline else []), *prose, "\n" + tail[0], *tail[1:])
    assert shape(text) == [("boilerplate", menu[0]), ("main", title), ("boilerplate", tail[0])]
    article = segment_text(text)[1]
    assert (article.title, article.language) == (title, language)
    assert article.byline == (byline or None)
    if byline:
        assert article.author == " ".join(byline.split()[-2:])
    assert [text[p.start : p.end] for p in article.parts if p.part == "body"] == prose


def test_two_articles_with_subheads_and_a_list() -> None:
    """A larger gap and a head start a second article; subheads, lists and quotations do not."""
    first, second = (
        "Lower meadow under water after a night of rain",
        "A bakery on wheels for the upper valley",
    )
    text = page(
        first, "By Noor Tindall", *PROSE_EN[:2], "What the lock keeper saw", PROSE_EN[2],
        "  • two boats\n  • nine sheep, all of them dry\n  • the roof of a henhouse", PROSE_EN[3],
        "\n\n" + second, "Bread will come by lorry on Tuesdays and Fridays.", "Ilse Marrow",
        "\n\n" + PROSE_EN[1],
        *PROSE_EN[2:], PROSE_EN[0],
    )  # fmt: skip
    assert shape(text) == [("main", first), ("sidebar", second)]
    main, sidebar = segment_text(text)
    assert (main.article, main.author, sidebar.article, sidebar.author) == (
        0,
        "Noor Tindall",
        1,
        "Ilse Marrow",
    )
    assert sidebar.dek == "Bread will come by lorry on Tuesdays and Fridays."


def test_a_row_of_teasers() -> None:
    """Titles with one cut-off paragraph each are teasers, one by one."""
    titles = ["Ferry gets a new engine after the summer", "School choir invited to the island",
              "Why the lamp on the north pier is green", "Three hives stolen from a garden"]  # fmt: skip
    blocks = [block for i, title in enumerate(titles) for block in (title, PROSE_EN[i][:70].rsplit(" ", 1)[0] + "…")]
    text = page("Valley Post", "Start", "Archive", *blocks, "Imprint", "Contact")
    assert [row for row in shape(text) if row[0] == "teaser"] == [("teaser", title) for title in titles]
    assert all(s.truncated for s in segment_text(text) if s.role == "teaser")


def test_a_thread_with_replies() -> None:
    """A numbered thread gives authors, nesting and parents; a comment without an author line is one, too."""
    text = page(
        "Lower meadow under water after a night of rain", *PROSE_EN,
        "\n  1. Wanda writes\n\n     My cellar is full. Has anybody a pump to lend for two days?",
        "    • Tobias writes\n\n      I have one. Come and fetch it after six, the dog is tied up.",
        "      • Wanda writes\n\n        Thank you!",
        "  2. The sluice should have been opened years ago, and everybody on the council knows it very well.",
        "  3. Old Hand writes\n\n     We have seen it higher.\n\n     In my time nobody minded wet feet.",
        "Thread locked",
    )  # fmt: skip
    found = segment_text(text)
    assert [s.role for s in found] == ["main"] + ["comment"] * 5 + ["boilerplate"]
    assert [(s.author, s.depth, s.reply_to) for s in found if s.role == "comment"] == [
        ("Wanda", 0, None), ("Tobias", 1, 0), ("Wanda", 2, 1), (None, 0, None), ("Old Hand", 0, None),
    ]  # fmt: skip


def test_a_flat_thread_with_dates() -> None:
    """A name over a line with date and clock time, several times, heads comments without any marks."""
    remarks = [("Gesine", "Das Wasser stand bei uns bis zur dritten Stufe, so hoch war es noch nie."),
               ("Arno P.", "Und wer bezahlt mir jetzt den Keller? Der Rat sicher nicht."),
               ("Wiebke", "Die Schleuse hätte man schon vor Jahren öffnen müssen.")]  # fmt: skip
    thread = [f"{name}\n0{i + 3}.06.2021, 1{i}:42\n{said}" for i, (name, said) in enumerate(remarks)]
    text = page("Untere Wiese steht nach einer Regennacht unter Wasser", *PROSE_DE, *thread)
    comments = [s for s in segment_text(text) if s.role == "comment"]
    assert [s.author for s in comments] == [name for name, _ in remarks]
    bodies = [[text[p.start : p.end] for p in s.parts if p.part == "body"] for s in comments]
    assert bodies == [[said] for _, said in remarks]


def test_a_short_page_with_one_paragraph_has_a_main() -> None:
    """A lone paragraph of prose is an article, even without a title."""
    assert [s.role for s in segment_text(PROSE_EN[0] + "\n")] == ["main"]


def test_one_line_per_paragraph() -> None:
    """An article without any blank line, under a menu, is found whole."""
    text = "\n".join(["Start", "Valley", "Lower meadow under water after a night of rain", *PROSE_EN, "Imprint"])
    main = next(s for s in segment_text(text) if s.role == "main")
    assert [text[p.start : p.end] for p in main.parts if p.part == "body"] == PROSE_EN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" ".join(PROSE_EN), ("en", "Latn")),
        (" ".join(PROSE_DE), ("de", "Latn")),
        (" ".join(PROSE_RU), ("ru", "Cyrl")),
        (" ".join(PROSE_AR), ("ar", "Arab")),
        (PROSE_JA[0], ("ja", "Jpan")),
        ("La rivière est montée dans la nuit et les enfants ne vont pas à l'école.", ("fr", "Latn")),
        ("El río subió por la noche y los niños no van a la escuela, pero hay pan.", ("es", "Latn")),
        ("Ο ποταμός ανέβηκε τη νύχτα.", ("el", "Grek")),
        ("강물이 밤새 불어났다.", ("ko", "Kore")),
        ("河水一夜之间上涨了两米。", ("zh", "Hani")),
        ("แม่น้ำสูงขึ้นในคืนนี้", ("th", "Thai")),
        ("Orrin Vale", ("und", "Latn")),
        ("12:30 – 14:00", ("und", None)),
        ("", ("und", None)),
    ],
)
def test_language_and_script(text: str, expected: tuple[str, str | None]) -> None:
    """Language follows script and function words, and is open where both say too little."""
    assert detect(text) == expected


def test_places_follow_indents() -> None:
    """The parent of a comment is the nearest earlier one with a smaller indent."""
    assert [tuple(place) for place in places([2, 4, 4, 6, 2, 0])] == [
        (0, None), (1, 0), (1, 0), (2, 2), (0, None), (0, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("byline", "author"),
    [
        ("By Ann Reed", "Ann Reed"), ("Ann Reed", "Ann Reed"), ("von Karl Meier", "Karl Meier"),
        ("Par Zoé Martin, 3 mai 2019", "Zoé Martin"), ("Ludwig van Beek", "Ludwig van Beek"),
        ("Written by Ida Holm", "Ida Holm"), ("12 May 2020", None),
    ],
)  # fmt: skip
def test_author_of_a_byline(byline: str, author: str | None) -> None:
    """A byline's lead-in and date are not part of the name."""
    assert author_of(byline) == author
