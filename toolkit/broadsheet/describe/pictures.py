"""Pictures of measures as SVG: no script, no file, no font of their own; colours and letters follow the page.

Every value is escaped and stripped of what turns text around; long ones are cut. A picture never is the only place of a
figure: the page shows the table below it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final

from broadsheet.describe.citation import plain
from broadsheet.describe.facts import Facts

WIDTH: Final = 440
"""So narrow that letters can still be read where a phone shows the whole width."""
_LABEL: Final = 140
"""Where labels end and bars begin."""
_END: Final = 112
"""Room for what stands behind the longest bar."""
_ROW: Final = 22
_TOP: Final = 8
_LONGEST: Final = 19
_ROLES: Final = ("main", "sidebar", "teaser", "comment", "boilerplate")
_MOST_ROWS: Final = 15
_MOST_SERIES: Final = 7
"""Colours of the page's style, without that of what is left over."""


def _cut(text: object, longest: int = _LONGEST) -> str:
    """The text on one line, cut where it is long."""
    line = plain(str(text)[: longest * 4])
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _text(x: float, y: float, text: object, *, anchor: str = "start", cls: str = "") -> str:
    kind = f' class="{cls}"' if cls else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{kind}>{escape(_cut(text, 60))}</text>'


def _rect(x: float, y: float, width: float, height: float, cls: str, tip: str) -> str:
    return (
        f'<rect x="{round(x, 1):g}" y="{round(y, 1):g}" width="{round(width, 1):g}" height="{height:g}" class="{cls}">'
        f"<title>{escape(plain(tip))}</title></rect>"
    )


def _svg(name: str, title: str, told: str, height: float, parts: Iterable[str]) -> str:
    """A picture with what a screen reader says of it."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(plain(told))}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _bars(name: str, title: str, rows: Sequence[tuple[str, int, str]], cls: str = "c0") -> str:
    """A bar a row: label, number, what stands at its end."""
    most = max((n for _, n, _ in rows), default=0) or 1
    parts = []
    for k, (label, n, end) in enumerate(rows):
        y = _TOP + k * _ROW
        width = (WIDTH - _LABEL - _END) * n / most
        parts += [
            _label(label, y),
            _rect(_LABEL, y + 2, width, _ROW - 6, cls, f"{label}: {end}"),
            _text(_LABEL + width + 6, y + 14, end),
        ]
    told = "; ".join(f"{label}: {end}" for label, _, end in rows)
    return _svg(name, title, told, _TOP * 2 + len(rows) * _ROW, parts)


def _label(label: str, y: float, x: float = _LABEL) -> str:
    return _text(x - 8, y + 14, _cut(label), anchor="end")


def cut_pages(facts: Facts) -> str | None:
    """Each page as a strip, from its first to its last code point, in the colours of the roles."""
    pages: dict[str, list[dict[str, Any]]] = {}
    for row in facts.rows("cut_pages"):
        pages.setdefault(row["page"], []).append(row)
    if not pages:
        return None
    parts, y, left = _legend(_ROLES), 30.0, 84.0
    for page, segments in pages.items():
        parts.append(_label(page, y, left))
        scale = (WIDTH - left - 2) / max(1, segments[-1]["end"])
        for row in segments:
            width = (row["end"] - row["start"]) * scale
            tip = f"{row['role']}, {row['code_points']} code points from {row['start']}"
            x = left + row["start"] * scale
            parts.append(_rect(x, y + 2, max(0.5, width - 0.7), _ROW - 6, f"c{_ROLES.index(row['role'])}", tip))
            if width > 11:
                letter = row["role"][0]
                parts.append(f'<text x="{round(x + width / 2, 1):g}" y="{y + 14:g}" class="in">{letter}</text>')
        y += _ROW
    told = "; ".join(f"page {page}: {', '.join(row['role'] for row in rows[:20])}" for page, rows in pages.items())
    return _svg("cut_pages", "How pages were cut, from top to end", told, y + _TOP, parts)


def _legend(names: Sequence[str]) -> list[str]:
    parts, x = [], 2.0
    for k, name in enumerate(names):
        parts += [f'<rect x="{x:g}" y="6" width="12" height="12" class="c{k}"/>', _text(x + 17, 16, name)]
        x += 32 + 7 * len(name)
    return parts


def inflation(facts: Facts) -> str | None:
    """By source, appearances over distinct records."""
    rows = sorted(facts.rows("inflation_by_source"), key=lambda row: (-row["part"], row["source"]))[:_MOST_ROWS]
    if not rows:
        return None
    most = max(row["part"] for row in rows)
    parts, y = _legend(("distinct records", "repeats")), 30.0
    for row in rows:
        scale = (WIDTH - _LABEL - _END) / most
        distinct, repeats = row["whole"] * scale, (row["part"] - row["whole"]) * scale
        end = f"{row['whole']} of {row['part']}"
        parts += [
            _label(row["source"], y),
            _rect(_LABEL, y + 2, distinct, _ROW - 6, "c0", f"{row['source']}: {row['whole']} distinct records"),
            _rect(_LABEL + distinct, y + 2, repeats, _ROW - 6, "c1", f"{row['source']}: {row['part']} appearances"),
            _text(_LABEL + distinct + repeats + 6, y + 14, end),
        ]
        y += _ROW
    told = "; ".join(f"{row['source']}: {row['whole']} distinct of {row['part']} appearances" for row in rows)
    return _svg("inflation_by_source", "What was folded, by source", told, y + _TOP, parts)


def clusters(facts: Facts) -> str | None:
    """How many records appeared how often."""
    rows = [(f"{row['appearances']} ×", row["records"], str(row["records"])) for row in facts.rows("cluster_sizes")]
    return _bars("cluster_sizes", "Records by the number of their appearances", rows) if rows else None


def times(facts: Facts) -> str | None:
    """A dot a month of publication and of capture; its area is the number of articles."""
    rows = facts.rows("published_captured")
    if not rows:
        return None
    at = [(_months(row["published"]), _months(row["captured"]), row["articles"]) for row in rows]
    first = min(min(x, y) for x, y, _ in at)
    last = max(max(x, y) for x, y, _ in at)
    left, top, size, most = 84.0, 40.0, 300.0, max(n for _, _, n in at)
    scale, end = size / max(1, last - first), top + size
    parts = [
        f'<path d="M{left:g} {top:g}V{end:g}H{left + size:g}" class="axis"/>',
        f'<path d="M{left:g} {end:g}L{left + size:g} {top:g}" class="grid"/>',
        _text(left, end + 18, _month(first)),
        _text(left + size, end + 18, _month(last), anchor="end"),
        _text(left + size / 2, end + 18, "published", anchor="middle"),
        _text(left - 8, end, _month(first), anchor="end"),
        _text(left - 8, top + 10, _month(last), anchor="end"),
        _text(left - 8, top + size / 2, "captured", anchor="end"),
        _text(left, 14, "above the line: captured after publication"),
    ]
    tips = [f"published {row['published']}, captured {row['captured']}: {row['articles']}" for row in rows]
    for (x, y, n), tip in zip(at, tips, strict=True):
        radius = round(2 + 8 * (n / most) ** 0.5, 1)
        parts.append(
            f'<circle cx="{round(left + (x - first) * scale, 1):g}" cy="{round(end - (y - first) * scale, 1):g}" '
            f'r="{radius:g}" class="c0 see"><title>{escape(tip)}</title></circle>'
        )
    return _svg("published_captured", "Publication against capture", "; ".join(tips[:20]), end + 30, parts)


def _months(month: str) -> int:
    year, _, number = month.partition("-")
    return int(year) * 12 + int(number) - 1


def _month(months: int) -> str:
    return f"{months // 12:04d}-{months % 12 + 1:02d}"


def _share(percent: float) -> float:
    """Where a share stands on an axis from 0 to 100."""
    return _LABEL + (WIDTH - _LABEL - 22) * percent / 100


def naming(facts: Facts) -> str | None:
    """By family and source a dot at the share of each term in the narrator's voice, with its interval."""
    rows = [row for row in facts.rows("naming") if row["voice"] == "narrator" and row["percent"] is not None]
    if not rows:
        return None
    parts, y, family, term = [], 0.0, None, None
    rows.sort(key=lambda row: (row["family"], row["term"], row["source"]))
    for row in rows[: 4 * _MOST_ROWS]:
        if row["family"] != family:
            family, term = row["family"], None
            parts.append(_text(2, y + 18, family, cls="head"))
            y += 24
            parts += [f'<path d="M{_share(p):g} {y + 18:g}v6" class="axis"/>' for p in (0, 25, 50, 75, 100)]
            parts += [_text(_share(p), y + 14, f"{p} %", anchor="middle") for p in (0, 50, 100)]
        if row["term"] != term:
            parts.append(_text(2, y + (14 if term is None else 16), row["term"]))
            term, y = row["term"], y + 24
        parts += [
            _label(row["source"], y, _LABEL - 6),
            f'<path d="M{_LABEL} {y + 10:g}H{_share(100):g}" class="rule"/>',
        ]
        if row["low"] is not None:
            parts.append(f'<path d="M{_share(row["low"]):.1f} {y + 10:g}H{_share(row["high"]):.1f}" class="range"/>')
        interval = "" if row["low"] is None else f", {row['low']} to {row['high']}"
        tip = f"{row['term']}, {row['source']}: {row['percent']} %{interval}; {row['part']} of {row['whole']}"
        parts.append(
            f'<circle cx="{_share(row["percent"]):.1f}" cy="{y + 10:g}" r="5" class="c0">'
            f"<title>{escape(plain(tip))}</title></circle>"
        )
        y += _ROW
    told = "; ".join(f"{row['source']} calls {row['part']} of {row['whole']} {row['term']}" for row in rows[:20])
    return _svg("naming", "How the same actors are called, in the narrator's voice", told, y + _TOP, parts)


def words(facts: Facts) -> str | None:
    """Per source its words by z; those that relabelling gives as well are pale."""
    rows = facts.rows("words_apart")
    if not rows:
        return None
    most = max(row["z"] for row in rows) or 1
    key = '<rect x="2" y="6" width="12" height="12" class="c0 pale"/>'
    parts, y, source = [key, _text(19, 16, "pale: p over 0.05, as large in relabelled texts")], 22.0, None
    for row in rows:
        if row["source"] != source:
            source = row["source"]
            head = f"{_cut(source, 34)}: {row['texts']} texts against {row['other_texts']}"
            parts.append(_text(2, y + 18, head, cls="head"))
            y += 26
        width = (WIDTH - _LABEL - _END) * row["z"] / most
        likely = row["p"] > 0.05
        end = f"z {row['z']}, p {row['p']}"
        parts += [
            _label(row["word"], y),
            _rect(_LABEL, y + 2, width, _ROW - 6, "c0 pale" if likely else "c0", f"{row['word']}: {end}"),
            _text(_LABEL + width + 6, y + 14, end),
        ]
        y += _ROW
    told = "; ".join(f"{row['source']}: {row['word']}, {row['uses']} uses" for row in rows)
    return _svg("words_apart", "Words that set a source apart", told, y + _TOP, parts)


def balance(facts: Facts) -> str | None:
    """A bar a split, divided by source."""
    rows = facts.rows("balance")
    if not rows:
        return None
    by_source: dict[str, int] = {}
    for row in rows:
        by_source[row["source"]] = by_source.get(row["source"], 0) + row["articles"]
    shown = sorted(by_source, key=lambda source: (-by_source[source], source))[:_MOST_SERIES]
    names = [*shown, *(["all others"] if len(by_source) > len(shown) else [])]
    parts, y, splits = [], 8.0, sorted({row["split"] for row in rows})
    for split in splits:
        its: Mapping[str, int] = {row["source"]: row["articles"] for row in rows if row["split"] == split}
        whole, x = sum(its.values()), float(_LABEL)
        counts = [its.get(source, 0) for source in shown]
        counts += [whole - sum(counts)] if len(names) > len(shown) else []
        parts.append(_label(f"{split} ({whole})", y))
        for k, n in enumerate(counts):
            width = (WIDTH - _LABEL - 2) * n / whole
            if n:
                tip = f"{split}, {names[k]}: {n}" if names[k] in its else f"{split}, {names[k]}"
                parts.append(_rect(x, y + 2, max(0.5, width - 1), _ROW - 6, f"c{k}", tip))
            x += width
        y += _ROW
    for k, name in enumerate(names):
        of = f" ({by_source[name]})" if name in by_source else ""
        parts.append(f'<rect x="{_LABEL}" y="{y + 6:g}" width="12" height="12" class="c{k}"/>')
        parts.append(_text(_LABEL + 18, y + 16, f"{_cut(name, 28)}{of}"))
        y += 18
    told = "; ".join(f"{row['split']}: {row['articles']} of {row['source']}" for row in rows[:40])
    return _svg("balance", "How sources are spread over the splits", told, y + _TOP, parts)


PICTURES: Final[Mapping[str, Callable[[Facts], str | None]]] = {
    "cut_pages": cut_pages,
    "inflation_by_source": inflation,
    "cluster_sizes": clusters,
    "published_captured": times,
    "naming": naming,
    "words_apart": words,
    "balance": balance,
}
"""By measure the picture of it; it is None where there is nothing to show."""
