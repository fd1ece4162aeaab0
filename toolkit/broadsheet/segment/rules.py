"""Every rule of the segmenter, with its weight and what it means, and the scores that follow from them.

Weights are in one unit, roughly log odds against `boilerplate`, which scores 0 everywhere. Positive
speaks for a reading of a block, negative against it. To tune the segmenter, change numbers in `RULES`,
`MOVES` and `STARTS` only.
"""

from __future__ import annotations

from broadsheet.segment.blocks import Block

RULES: dict[str, tuple[float, str]] = {
    # Prose: is this block somebody's sentences?
    "prose_word": (0.13, "each word over or under `prose_zero`"),
    "prose_zero": (11.0, "words at which length speaks neither way"),
    "prose_min": (-1.2, "the most that shortness can take away"),
    "prose_max": (3.2, "the most that length can give"),
    "prose_stop": (0.9, "ends like a sentence"),
    "prose_open": (-0.7, "ends like no sentence"),
    "prose_trail": (0.3, "ends in a colon or an ellipsis: leads on"),
    "prose_inner": (0.5, "a sentence ends inside"),
    "prose_lower": (0.4, "mostly words in lower case, as running text has"),
    "prose_capital": (-0.9, "mostly capitalised words, as names and links have"),
    "prose_symbols": (-1.0, "many signs that prose does not use: code, addresses"),
    "prose_repeats": (-2.5, "the same short line stands elsewhere on the page"),
    "prose_menu": (-2.0, "several items side by side in one line, or a copyright sign"),
    "prose_rows": (-1.5, "several short lines as one block"),
    # Head of an article
    "title_length": (1.3, "at least 7 words, as headlines have; 18 at most"),
    "title_short": (-0.5, "each word under 7"),
    "title_long": (-0.3, "each word over 18"),
    "title_stop": (-1.8, "ends in a full stop, colon or ellipsis"),
    "title_gap": (
        1.8,
        "each blank line more before it than is usual, or than in the text after it; two at most",
    ),
    "title_no_gap": (-0.7, "no more blank lines before it than usual"),
    "title_first": (0.0, "the first visible block of the page"),
    "title_leads": (0.5, "a longer line, a byline or a larger gap follows"),
    "title_leads_not": (-0.3, "none of them follows"),
    "title_repeats": (-3.0, "the same line stands elsewhere on the page"),
    "title_twice": (-0.5, "a longer line that stands there just twice, as a headline and a link to it do"),
    "title_marked": (-3.0, "begins with a bullet or number, or is indented under one"),
    "title_menu": (-2.5, "items side by side in one line, a copyright sign, or signs as code has"),
    "title_dated": (-1.5, "carries a date"),
    "title_name": (-0.6, "looks like a bare name"),
    "dek_share": (0.5, "share of the prose score that a summary gets"),
    "dek_max": (1.2, "the most that prose can give a summary"),
    "dek_alone": (-2.2, "neither a byline nor a larger gap follows"),
    "dek_open": (-0.8, "short, and without a final stop"),
    "dek_followed": (1.3, "a byline or a larger gap follows"),
    "dek_unlike": (-3.0, "over 70 words, or marked"),
    "byline_name": (1.2, "each point of `Block.name`"),
    "byline_no_name": (-3.0, "no name to be seen"),
    "byline_repeats": (-2.0, "the same line stands elsewhere on the page"),
    "byline_dated": (0.6, "a date beside the name"),
    "meta_dated": (1.4, "a date or clock time before the body"),
    "meta_twins": (0.4, "dated, and built like another line of the page"),
    "head_marked": (-2.0, "a bullet or number before a byline or such a line"),
    "meta_short": (-0.7, "a short line before the body"),
    "meta_word": (-0.3, "each word over 6 of such a line"),
    "meta_long": (-3.0, "a long line before the body"),
    "head_gap": (-0.6, "a larger gap before an undated line of the head"),
    "lead_gap": (0.5, "a larger gap between head and body"),
    "lead_short": (-2.0, "a body that would begin with under 8 words"),
    # Body of an article
    "body_gap": (-1.2, "each blank line more than usual inside the body, three at most"),
    "subhead": (-0.9, "a short line that leads on to prose"),
    "subhead_long": (-0.3, "each word over 9"),
    "subhead_stop": (-0.5, "it ends like a sentence"),
    "subhead_repeats": (-1.5, "it stands elsewhere on the page"),
    "subhead_dated": (-0.8, "it carries a date"),
    "item_short": (-0.35, "a short list item"),
    "item_prose": (0.5, "share of the prose score that a list item gets"),
    "item_unmarked": (-1.4, "no bullet, number or owner"),
    "item_attached": (-0.6, "no blank line before it, where paragraphs have one"),
    "item_code": (-0.3, "many signs that prose does not use: code"),
    "body_twins": (-1.5, "a dated short line built like another line of the page"),
    "rows": (-1.0, "several short lines as one block: code, verse, a table"),
    "end_name": (0.4, "each point of `Block.name`, for a name that closes an article"),
    "end_dated": (1.8, "a dated line built like another line of the page"),
    "end_other": (-1.1, "another short line that closes an article"),
    "end_unlike": (-3.0, "long, marked, or standing elsewhere on the page"),
    "prompt": (-0.05, "each block of an interruption"),
    "prompt_prose": (-0.6, "share of the prose score that counts against an interruption"),
    # Teasers
    "teaser_title": (0.6, "share of the title score, gaps aside"),
    "teaser_title_long": (0.8, "at least 5 words: longer than most subheads"),
    "teaser_title_stop": (-0.8, "ends like a sentence, as the questions of an interview do"),
    "excerpt": (0.75, "share of the prose score"),
    "excerpt_max": (3.0, "the most that prose can give an excerpt"),
    "excerpt_cut": (2.2, "an excerpt that ends in an ellipsis"),
    "excerpt_long": (-2.0, "over 150 words"),
    "excerpt_short": (-0.25, "each word under 10, unless it ends in an ellipsis"),
    "teaser_listed": (2.6, "a list item with indented text under it: takes back most of `title_marked`"),
    # Comments
    "speaks": (0.3, "a short list item with indented text under it"),
    "speaker_dated": (1.6, "with a date or clock time"),
    "speaker_template": (1.6, "whose last word ends other such items too"),
    "speaker_name": (0.7, "as short as a name"),
    "speaker_long": (-1.0, "longer than a name, and without a date"),
    "speaker_none": (-8.0, "not such an item"),
    "stamp": (1.6, "an unmarked short line with a clock time, of which the page has several"),
    "speaker_above_stamp": (0.8, "a line of a few words over such a dated one"),
    "unsigned": (0.9, "a marked paragraph inside a thread, without an author line"),
    "unsigned_prose": (0.5, "share of the prose score for such a paragraph"),
    "reply_text": (0.6, "least score of text indented under a comment's head"),
    "reply_owned": (0.4, "text indented under an item"),
    "reply_cut": (-1.0, "ends in an ellipsis, as excerpts do"),
    "reply_stray": (0.4, "share of the prose score for text outside every item, on a page with dated heads"),
    "reply_loose": (0.8, "share of the prose score for text under an unmarked head"),
    "reply_outside": (-5.0, "text that is not indented under any item, in a marked thread"),
    "interlude": (0.3, "a short repeated line between comments"),
}
W = {name: weight for name, (weight, _) in RULES.items()}

# The readings of a block.
STATES = (
    "boilerplate", "title", "dek", "byline", "head_meta", "lead", "body", "subhead", "item", "prompt", "end",
    "teaser_title", "teaser_meta", "excerpt", "speaker", "stamp", "text", "loose", "unsigned", "interlude",
)  # fmt: skip
ARTICLE = frozenset({"title", "dek", "byline", "head_meta", "lead", "body", "subhead", "item", "end"})
TEASER = frozenset({"teaser_title", "teaser_meta", "excerpt"})
COMMENT = frozenset({"speaker", "stamp", "text", "loose", "unsigned", "interlude"})

STARTS: dict[str, float] = {
    "boilerplate": 0.0, "title": -5.0, "lead": -4.8, "teaser_title": -3.0, "excerpt": -4.5, "speaker": -4.0,
}  # fmt: skip
"""Cost of a page that begins with a reading."""
OPEN_ENDS: frozenset[str] = frozenset(
    {"title", "dek", "byline", "head_meta", "subhead", "prompt", "teaser_title", "teaser_meta", "stamp"}
)
"""Readings with which no page ends, since something has to follow them."""

_LEAVE_ARTICLE = {
    "boilerplate": -0.8, "title": -4.3, "teaser_title": -3.6, "excerpt": -6.0, "speaker": -3.5,
}  # fmt: skip
_LEAVE_TEASER = {"boilerplate": -0.3, "title": -5.0, "teaser_title": -1.0, "speaker": -4.0}
_LEAVE_COMMENT = {"boilerplate": -0.5, "title": -5.0, "teaser_title": -3.5, "speaker": 0.0, "unsigned": 0.0}
MOVES: dict[str, dict[str, float]] = {
    "boilerplate": {
        "boilerplate": 0.0, "title": -5.0, "lead": -7.0, "teaser_title": -2.5, "excerpt": -3.5,
        "speaker": -3.0,
    },
    "title": {"title": -3.0, "dek": 0.0, "byline": 0.0, "head_meta": 0.0, "lead": 0.0},
    "dek": {"dek": -3.5, "byline": 0.0, "head_meta": 0.0, "lead": 0.0, "prompt": -3.0},
    "byline": {"byline": -2.5, "head_meta": -0.3, "lead": 0.0, "prompt": -3.0},
    "head_meta": {"head_meta": -1.0, "byline": -1.2, "lead": 0.0},
    "lead": {
        "body": 0.0, "subhead": 0.0, "item": 0.0, "prompt": -1.0, "end": -2.0,
        **{state: cost - 2.0 for state, cost in _LEAVE_ARTICLE.items()},
    },
    "body": {"body": 0.0, "subhead": 0.0, "item": 0.0, "prompt": -1.0, "end": -0.5, **_LEAVE_ARTICLE},
    "subhead": {"body": 0.0, "item": 0.0, "subhead": -0.6, "prompt": -2.0},
    "item": {
        "body": 0.0, "subhead": 0.0, "item": 0.0, "prompt": -1.0, "end": -1.0, **_LEAVE_ARTICLE,
        "title": -5.0,
    },
    "prompt": {"prompt": 0.0, "body": -2.0},
    "end": {"end": -1.0, **_LEAVE_ARTICLE},
    "teaser_title": {"teaser_meta": 0.0, "excerpt": 0.0},
    "teaser_meta": {"teaser_meta": -1.0, "excerpt": 0.0},
    "excerpt": {"excerpt": -2.5, **_LEAVE_TEASER},
    "speaker": {"stamp": 0.0, "text": 0.0, "loose": 0.0, "speaker": -1.5, "boilerplate": -2.0},
    "stamp": {"text": 0.0, "loose": 0.0},
    "loose": {"loose": -0.8, "interlude": 0.0, **_LEAVE_COMMENT},
    "text": {"text": 0.0, "interlude": 0.0, **_LEAVE_COMMENT},
    "unsigned": {"text": 0.0, "interlude": 0.0, **_LEAVE_COMMENT},
    "interlude": {"interlude": -0.5, **_LEAVE_COMMENT},
}  # fmt: skip
"""Cost of one reading after another; a pair that is not listed does not occur."""


def prose_score(block: Block) -> float:
    """How much a block reads as somebody's sentences; 0 for a doubtful one."""
    rows = len(block.lines)
    per_row = block.words / rows if rows > 1 and not block.stop else block.words
    score = min(max(W["prose_word"] * (per_row - W["prose_zero"]), W["prose_min"]), W["prose_max"])
    if block.ellipsis or block.colon:
        score += W["prose_trail"]
    else:
        score += W["prose_stop"] if block.stop else W["prose_open"]
    if block.inner:
        score += W["prose_inner"]
    if block.lower >= 0.55:
        score += W["prose_lower"]
    elif 0 <= block.lower < 0.35 and block.words >= 3:
        score += W["prose_capital"]
    if block.symbols:
        score += W["prose_symbols"]
    if block.repeats > 1:
        score += W["prose_repeats"]
    if block.menu:
        score += W["prose_menu"]
    if rows > 3 and per_row < 8:
        score += W["prose_rows"]
    return score


def _title(block: Block) -> float:
    words = block.words
    score = W["title_length"]
    if words < 7:
        score += W["title_short"] * (7 - words)
    elif words > 18:
        score += W["title_long"] * (words - 18)
    ending = block.lines[-1].text[-1]
    if (block.stop and ending not in "?!？！؟") or block.colon or block.ellipsis:
        score += W["title_stop"]
    if block.repeats > 1:
        score += W["title_twice"] if block.repeats == 2 and words >= 5 else W["title_repeats"]
    if block.marker or block.owner >= 0 or len(block.lines) > 2:
        score += W["title_marked"]
    if block.dated or block.clock:
        score += W["title_dated"]
    if block.menu or block.symbols:
        score += W["title_menu"]
    if block.name >= 1.5 and words <= 3:
        score += W["title_name"]
    return score


def _meta(block: Block) -> float:
    if block.dated or block.clock:
        return W["meta_dated"] + (W["meta_twins"] if block.twins > 1 else 0.0)
    if block.words > 14:
        return W["meta_long"]
    return W["meta_short"] + W["meta_word"] * max(block.words - 6, 0)


def _head(block: Block, prose: float, title: float) -> tuple[float, ...]:
    """Scores of `title`, `dek`, `byline`, `head_meta` and `lead`."""
    if block.first:
        title += W["title_first"]
    elif block.excess > 0 or block.rise > 0:
        title += W["title_gap"] * min(max(block.excess, block.rise), 2)
    else:
        title += W["title_no_gap"]
    leads = block.next_words >= 8 or block.next_excess > 0 or block.next_name >= 1
    title += W["title_leads"] if leads else W["title_leads_not"]
    dek = min(W["dek_share"] * prose, W["dek_max"])
    dek += W["dek_followed"] if block.next_name >= 1 or block.next_excess > 0 else W["dek_alone"]
    if not block.stop and block.words < 16:
        dek += W["dek_open"]
    if block.words > 70 or block.marker:
        dek += W["dek_unlike"]
    gap = W["head_gap"] if block.excess > 0 and not block.dated else 0.0
    byline = W["byline_name"] * block.name if block.name else W["byline_no_name"]
    if block.repeats > 1:
        byline += W["byline_repeats"]
    meta = _meta(block) + gap
    if block.dated or block.clock:
        byline += W["byline_dated"]
    if block.marker:
        byline += W["head_marked"]
        meta += W["head_marked"]
    lead = min(prose, 4.0) + (W["lead_gap"] if block.excess > 0 else 0.0)
    if block.words < 8:
        lead += W["lead_short"]
    return title, dek, byline, meta, lead


def _inside(block: Block, prose: float) -> tuple[float, ...]:
    """Scores of `body`, `subhead`, `item`, `prompt` and `end`."""
    gap = W["body_gap"] * min(block.excess, 3) if block.excess > 0 else 0.0
    rows = len(block.lines) > 3
    subhead = W["subhead"] + gap
    if block.words > 9:
        subhead += W["subhead_long"] * (block.words - 9)
    if block.stop:
        subhead += W["subhead_stop"]
    if block.repeats > 1:
        subhead += W["subhead_repeats"]
    if block.dated or block.clock:
        subhead += W["subhead_dated"]
    if block.marker or block.owner >= 0:
        item = max(W["item_short"], W["item_prose"] * prose) + gap
    else:
        item = (W["rows"] if rows else W["item_unmarked"]) + gap
        if block.symbols:
            item = W["item_code"]
        elif block.excess < 0:
            item = W["item_attached"]
    prompt = W["prompt"] + min(W["prompt_prose"] * prose, 0.0)
    end = W["end_name"] * block.name if block.name >= 1.5 else W["end_other"]
    if block.twins > 1:
        end = W["end_dated"]
        gap += W["body_twins"]
    if block.words > 20 or (block.words > 10 and block.twins < 2) or block.repeats > 1 or block.marker:
        end += W["end_unlike"]
    return min(prose, 4.0) + gap, subhead, item, prompt, end + gap / 2


def _teaser(block: Block, prose: float, title: float) -> tuple[float, ...]:
    """Scores of `teaser_title`, `teaser_meta` and `excerpt`."""
    head = W["teaser_title"] * title + (W["teaser_title_long"] if block.words >= 5 else 0.0)
    if block.stop:
        head += W["teaser_title_stop"]
    if block.heads:
        head += W["teaser_listed"]
    meta = _meta(block)
    text = min(W["excerpt"] * prose, W["excerpt_max"])
    if block.ellipsis and block.words >= 8:
        text += W["excerpt_cut"]
    if block.words > 150:
        text += W["excerpt_long"]
    elif block.words < 10 and not block.ellipsis:
        text += W["excerpt_short"] * (10 - block.words)
    return head, meta, text


def _comment(block: Block, prose: float) -> tuple[float, ...]:
    """Scores of `speaker`, `stamp`, `text`, `loose`, `unsigned` and `interlude`."""
    speaker = stamp = unsigned = W["speaker_none"]
    signed = block.dated or block.clock
    if block.speaks:
        speaker = W["speaks"]
        speaker += W["speaker_dated"] if signed or block.next_dated else 0.0
        speaker += W["speaker_template"] if block.template else 0.0
        if block.name or block.colon or block.words <= 4:
            speaker += W["speaker_name"]
        elif not signed:
            speaker += W["speaker_long"]
    elif not block.marker and block.same_shape > 1 and block.words <= 12:
        if block.clock and block.name:
            speaker = W["stamp"]
        elif block.next_dated and block.words <= 4 and (block.name or not block.stop):
            speaker = W["speaker_above_stamp"]
    elif block.marker and block.words > 8:
        unsigned = W["unsigned"] + W["unsigned_prose"] * max(prose, 0.0)
    if signed and block.words <= 12 and not block.marker:
        stamp = W["stamp"] if block.clock else W["stamp"] / 2
    if block.owner >= 0:
        text = max(W["reply_text"], min(prose, 4.0)) + W["reply_owned"]
        text += W["reply_cut"] if block.ellipsis else 0.0
    elif block.same_shape > 1 and not block.marker:
        text = W["reply_stray"] * prose
    else:
        text = W["reply_outside"]
    loose = W["speaker_none"] if block.marker else W["reply_loose"] * prose
    interlude = W["interlude"] if block.repeats > 1 and block.words <= 6 else W["speaker_none"]
    return speaker, stamp, text, loose, unsigned, interlude


def score(block: Block) -> tuple[float, ...]:
    """One score for each of `STATES`, in their order."""
    prose = prose_score(block)
    title = _title(block)
    return (
        0.0, *_head(block, prose, title), *_inside(block, prose), *_teaser(block, prose, title),
        *_comment(block, prose),
    )  # fmt: skip
