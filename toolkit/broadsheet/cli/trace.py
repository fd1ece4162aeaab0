"""`broadsheet trace`: a record with its appearances, folds, kept pairs and story, for people."""

import os
import sys
from collections.abc import Iterator
from typing import Any, Final

import click

from broadsheet.cli.report import WIDTH, n, shown

_MARKS: Final = {"delete": ("[-", "-]", "red"), "insert": ("{+", "+}", "green")}
_TIES: Final = {
    "reply": "one answers the other",
    "page": "a comment and the main article of its page",
    "thread": "comments of one thread",
    "address": "an article and a comment on it",
    "unknown": "tied through records that are not looked at here",
}
_IN: Final = " " * WIDTH


def print_trace(trace: Any) -> None:
    """Prints what a release knows of a record (`broadsheet.release.trace.Trace`)."""
    colour = None if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else False
    for line in lines(trace):
        click.echo(line, color=colour)


def lines(trace: Any) -> Iterator[str]:
    """The lines to print; what differs is coloured, which `click.unstyle` takes away."""
    yield from _record(trace)
    yield from _appearances(trace)
    yield from _folds(trace)
    yield from _kept(trace)
    yield from _story(trace)


def _head(head: str, text: str) -> str:
    return f"{head:<{WIDTH}}{text}"


def _record(trace: Any) -> Iterator[str]:
    record, found = trace.record, trace.found
    what = "the main article of that page" if record.role == "main" else "the only record of that page"
    state = "canonical" if record.id == record.canonical_id else f"folded into {record.canonical_id}"
    yield f"{record.id}   {record.kind}   {state}"
    if found.by in {"page", "url", "path"}:
        others = f", on which {n(found.n_others, 'other record')} stand" if found.n_others > 1 else ""
        others = ", on which 1 other record stands" if found.n_others == 1 else others
        yield _head("asked", f"{found.by} {shown(trace.asked)}: {what}{others}")
    for name, value in record.fields.items():
        if value is not None:
            yield _head(name, f" {_text(str(value))}" if len(name) >= WIDTH else _text(str(value)))
    if record.begins:
        yield _head("text", _text(record.begins))
    words = "" if record.n_words is None else f"   {n(record.n_words, 'word')}"
    yield _head("in", f"{shown(trace.name)} {trace.version}   {record.role}   split {record.split}{words}")
    yield _head("story", f"{record.story}   first in version {record.first_version}")


def _appearances(trace: Any) -> Iterator[str]:
    total = sum(len(page.segments) for page in trace.pages)
    yield _head("appears", f"on {n(len(trace.pages), 'page')}, in {n(total, 'segment')}")
    for page in trace.pages:
        yield f"{_IN}{page.format} page {page.page_id}"
        for capture in page.captures:
            yield f"{_IN}  {_capture(capture)}"
        for segment in page.segments:
            number = "" if segment.article is None else f" {segment.article}"
            relation = f" {segment.relation}" if segment.relation else ""
            own = "" if segment.record_id == trace.record.id else f"   as {segment.record_id}"
            yield (
                f"{_IN}    {f'{segment.start:,}–{segment.end:,}':<16}{segment.role + number:<12}"
                f"{segment.outcome}{relation}   confidence {segment.confidence:.2f}{own}"
            )


def _capture(capture: Any) -> str:
    line = f":{capture['line']}" if capture["line"] is not None else ""
    place = f"{line} at byte {capture['offset']:,}" if capture["offset"] is not None else line
    facts = [f"{shown(capture['path'])}{place}", *(shown(str(capture[x])) for x in ("url", "captured") if capture[x])]
    return "   ".join(facts)


def _folds(trace: Any) -> Iterator[str]:
    if not trace.n_folds:
        return
    into = trace.record.id != trace.record.canonical_id
    yield _head("folded", "into another record" if into else n(trace.n_folds, "record"))
    for one in trace.folds:
        yield from _compared(trace, one)
    yield from _more(trace.n_folds, trace.folds)


def _kept(trace: Any) -> Iterator[str]:
    if trace.n_kept:
        yield _head("kept", f"apart in {n(trace.n_kept, 'pair')}")
        for one in trace.kept:
            yield from _compared(trace, one)
        yield from _more(trace.n_kept, trace.kept)


def _more(total: int, told: Any) -> Iterator[str]:
    if total > len(told):
        yield f"{_IN}and {total - len(told):,} more; --limit 0 shows all"


def _figures(pair: Any) -> str:
    guard = f"   {shown(pair['guard'])}" if pair["guard"] else ""
    shared = f"{pair['shared']:,} of {pair['n_a']:,} | {pair['n_b']:,}"
    return f"{pair['relation']}   {shared}   containment {pair['containment']:.3f}{guard}"


def _compared(trace: Any, one: Any) -> Iterator[str]:
    """A pair: the other record, the figures, the reason, and what differs."""
    yield f"{_IN}{one.other}   {one.kind}{_named(one)}"
    ours = "" if one.own == trace.record.id else f"   with {one.own}, which was folded into this"
    yield f"{_IN}  {_figures(one.pair)}{ours}"
    if one.other_canonical not in {one.other, trace.record.canonical_id}:
        yield f"{_IN}  folded into {one.other_canonical}"
    yield f"{_IN}  {_text(one.why)}"
    if one.title_diff is not None:
        for line in difference(one.title_diff):
            yield f"{_IN}    title: {line}"
    if one.text_diff is None:
        yield f"{_IN}    no comparison: {one.missing}"
    else:
        for line in difference(one.text_diff):
            yield f"{_IN}    {line}"


def difference(diff: Any) -> Iterator[str]:
    """A line a place in which two texts differ; `[-…-]` stands in the first alone, `{+…+}` in the second alone."""
    if diff.basis == "none":
        yield "the texts are equal"
        return
    if diff.basis == "signs":
        yield "all words are equal; these differ in signs, case or form:"
    for place in diff.places:
        yield _place(place)
    if diff.n_places > len(diff.places):
        yield f"and {n(diff.n_places - len(diff.places), 'place')} more"
    if diff.n_uncompared:
        yield f"only so much was compared: {n(diff.n_uncompared, 'word')} at the ends were not"


def _place(place: Any) -> str:
    parts = [] if place.begins else ["… "]
    before = ""
    for run in place.runs:
        if run.spaced and before and not (before == "delete" and run.op == "insert"):
            parts.append(" ")
        text = shown(run.text, 10_000)
        if run.op == "equal":
            parts.append(text)
        else:
            left, right, colour = _MARKS[run.op]
            left_out = f" ({n(run.n_words, 'word')})" if " … " in run.text else ""
            parts.append(click.style(f"{left}{text}{right}", fg=colour) + left_out)
        before = run.op
    return "".join([*parts, "" if place.ends else " …"])


def _story(trace: Any) -> Iterator[str]:
    yield _head(
        "with", f"{n(trace.n_members, 'other record')} in its story" if trace.n_members else "no other in its story"
    )
    for one in trace.members:
        yield f"{_IN}{one.id}   {one.kind}   {shown(one.split)}{_named(one)}"
        yield f"{_IN}  {_tied(trace, one)}"
    yield from _more(trace.n_members, trace.members)


def _tied(trace: Any, one: Any) -> str:
    told = _TIES.get(one.by)
    if one.pair is not None:
        a, b, relation = one.pair
        told = f"{a} and {b} are alike ({relation})"
    through = f", through {one.to}" if one.to not in {None, trace.record.canonical_id} else ""
    return f"{one.by}: {told}{through}"


def _named(one: Any) -> str:
    """A record's title, or else how its text begins."""
    begins = f"   “{_text(one.begins)}”" if one.begins else ""
    return f"   {_text(one.title)}" if one.title else begins


def _text(text: str) -> str:
    return shown(" ".join(text.split()))
