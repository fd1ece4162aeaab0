"""`broadsheet segment --explain`: why each line of a page was read as it was, for people."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Final

import click

from broadsheet.cli.report import n, shown

COLUMNS: Final = 100
MOST: Final = {"for": 2, "against": 1, "around": 2}
"""Pieces of evidence that are shown: in the line itself, for its reading and against it, and in what stands around."""


def explanation(path: str, text: str, lines: Sequence[Any] | None) -> Iterator[str]:
    """The lines to print for a page whose visible lines are explained (`segment.explain.Explained`).

    Each is at most `COLUMNS` wide.
    """
    yield _cut(shown(path), COLUMNS)
    if lines is None:
        yield "      a record of your own: one segment, whatever its lines are like"
        return
    if not lines:
        yield "      no visible text"
        return
    for line in lines:
        segment = line.role if line.article is None else f"{line.role} {line.article}"
        lead = f"{line.margin / 100:+6.2f} over {_words(line.rival)}"
        head = f"{line.number:>4}  {_words(line.state):<12}  {segment:<11}  {lead:<25}  "
        head += "" if line.settled == line.state else f"[settled as {_words(line.settled)}]  "
        yield head + _cut(shown(text[line.start : line.end]), COLUMNS - len(head))
        strongest, rest = _strongest(line.evidence)
        for one in strongest:
            yield _cut(f"      {one.points / 100:+6.2f}  {one.about}: {one.found}", COLUMNS)
        if rest:
            yield f"      {sum(one.points for one in rest) / 100:+6.2f}  {n(len(rest), 'other piece')} of evidence"


def print_explanation(path: str, text: str, lines: Sequence[Any] | None) -> None:
    """Prints what `explanation` says of a page, and an empty line."""
    for line in explanation(path, text, lines):
        click.echo(line)
    click.echo()


def _strongest(evidence: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """What is shown of the evidence, and what is only added up; both in their order."""
    left = dict(MOST)
    strongest: list[Any] = []
    rest: list[Any] = []
    for one in evidence:
        kind = "around" if one.source != "line" else "for" if one.points > 0 else "against"
        left[kind] -= 1
        (strongest if left[kind] >= 0 else rest).append(one)
    return strongest, rest


def _words(state: str) -> str:
    return state.replace("_", " ")


def _cut(text: str, columns: int) -> str:
    """The text, shortened to so many columns of a terminal; a sign of East Asian scripts takes two, a mark none."""
    widths = [_width(char) for char in text]
    if sum(widths) <= columns:
        return text
    used = 1
    for i, width in enumerate(widths):
        used += width
        if used > columns:
            return f"{text[:i]}…"
    return text


def _width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
