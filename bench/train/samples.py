"""Samples to train on, made from real pages and from the pages of made-up sites."""

from __future__ import annotations

import dataclasses
import random
import re
import textwrap
from collections.abc import Sequence
from typing import Final

import crf
import numpy as np
import real
import sites

from broadsheet.read.found import Limits
from broadsheet.read.html import render
from broadsheet.segment import Page
from broadsheet.segment.measured import Measured
from broadsheet.segment.pages import count, site_hashes
from broadsheet.segment.repetition import Keys, merged
from broadsheet.segment.states import INDEX, STATES
from broadsheet.segment.weights import KINDS

MAX_LINES: Final = 700


def rows(measured: Measured, k: int) -> slice:
    """The lines of one page."""
    return slice(int(measured.lines.bounds[k]), int(measured.lines.bounds[k + 1]))


def sample(measured: Measured, k: int, allowed: Sequence[frozenset[str]], weight: float = 1.0) -> crf.Sample | None:
    """One page as a sample; None where it is too long, or its lines are not those that states are given for."""
    at = rows(measured, k)
    mask = np.zeros((len(allowed), len(STATES)), np.bool_)
    for i, states in enumerate(allowed):
        mask[i, [INDEX[s] for s in states]] = True
    if not 0 < len(mask) <= MAX_LINES or len(mask) != at.stop - at.start or not crf.is_possible(mask):
        return None
    return crf.Sample(measured.bins[:, at].copy(), measured.borders[at].copy(), mask, weight)


def shown(measured: Measured, k: int) -> list[str]:
    """The visible lines of one page."""
    lines = measured.lines
    at, origin = rows(measured, k), int(lines.page_starts[k])
    text = measured.pages[k].text
    return [
        text[a - origin : b + 1 - origin]
        for a, b in zip(lines.first[at].tolist(), lines.last[at].tolist(), strict=True)
    ]


def without_case(s: crf.Sample, kind: str) -> crf.Sample:
    """The sample as if its language were unknown and its script had no case."""
    names = [name for name, _ in KINDS[kind]]
    bins = s.bins.copy()
    bins[names.index("function words")] = 0
    bins[names.index("small words")] = 0
    begin = bins[names.index("begins with")]
    begin[begin <= 1] = 2
    return crf.Sample(bins, s.borders, s.allowed, s.weight)


def of_real(pages: Sequence[real.Real], kind: str) -> list[crf.Sample]:
    """Samples of real pages, each as it is and as if in another script."""
    found = []
    zero = site_hashes([""])
    for page in pages:
        views = [page.page] if kind == "html" else [Page(page.text), Page(page.page.text)]
        for view in views:
            if not view.text.strip():
                continue
            measured = Measured([view], zero, None)
            made = sample(measured, 0, real.allowed(shown(measured, 0), page.gold), weight=6.0)
            if made:
                found += [made, without_case(made, kind)] if page.id[-1] in "05" else [made]
    return found


def _leaves(measured: Measured, k: int, page: sites.Made) -> list[int] | None:
    """The leaf that each visible line of a rendered page is of."""
    found = []
    at = 0
    flat = ["".join(leaf.text.split()) for leaf in page.leaves]
    for line in shown(measured, k):
        bare = "".join(line.split())
        for i in range(at, min(at + 6, len(flat))):
            if flat[i] and (flat[i] in bare or (len(bare) > 3 and bare in flat[i])):
                at = i
                break
        else:
            return None
        found.append(at)
        inside = bare
        while at < len(flat) and flat[at] and flat[at] in inside:
            inside = inside.replace(flat[at], "", 1)
            at += 1
    return found


def of_site(made: Sequence[sites.Made], kind: str, name: str, rng: random.Random) -> list[crf.Sample]:
    """Samples of a made-up site: its pages as part of a crawl, or each alone."""
    if kind == "text":
        width = rng.randint(58, 90) if rng.random() < 0.1 else 0
        made = [bare(page, rng) if page.main >= 0 and rng.random() < 0.15 else page for page in made]
        made = [wrapped(page, width) for page in made] if width else made
        pages = [Page(page.text) for page in made]
    else:
        pages = []
        share = rng.choice([0.0, 0.5, 1.0, 1.0, 1.0, 1.0])
        known: dict[str, str] = {}
        for page in made:
            rendered = render(page.html, Limits())
            for _, _, names_ in rendered.elements:  # templates whose names say nothing, or only some of them something
                known.setdefault(names_, names_ if rng.random() < share else "")
            elements = [(parent, tag, known[names_]) for parent, tag, names_ in rendered.elements]
            titles = tuple(v for n, v, _ in rendered.claims if n == "title")
            pages.append(Page(rendered.text, elements, rendered.blocks, titles))
    names = [name] * len(pages)
    table: Keys | None = merged([count(pages, names)], least=2) if rng.random() < 0.6 else None
    found = []
    for page, view in zip(made, pages, strict=True):
        measured = Measured([view], site_hashes([name]), table)
        leaves = page.text_leaves if kind == "text" else _leaves(measured, 0, page)
        if leaves is None:
            continue
        labels = repaired([page.leaves[i].label for i in leaves], [page.article[i] for i in leaves])
        if kind == "html" and "unsigned" in labels and rng.random() < 0.9:
            continue  # templates that show comments say whose they are; nearly all without names are bare texts
        got = sample(measured, 0, [frozenset({label}) for label in labels])
        if got:
            found.append(got)
    return found


def bare(page: sites.Made, rng: random.Random) -> sites.Made:
    """The page with little more than its article, as cleaned texts are; often only the article's beginning."""
    numbers = [page.article[leaf] for leaf in page.text_leaves]
    own = [i for i, number in enumerate(numbers) if number == page.main]
    if len(own) < 2:
        return page
    heads = sum(page.leaves[page.text_leaves[i]].label in ("title", "dek", "byline", "head_meta") for i in own)
    last = len(own) if rng.random() < 0.5 else min(len(own), heads + rng.randint(1, 6))
    kept = set(own[:last])
    for side in (range(own[0]), range(own[-1] + 1, len(numbers))):
        free = [i for i in side if numbers[i] < 0 and page.leaves[page.text_leaves[i]].label == "boilerplate"]
        n = rng.choice([0, 0, 1, 3, 6])
        kept.update(free[-n:] if side.start == 0 and n else free[:n])
    text, at = [], -1
    for line in page.text.split("\n"):
        at += bool(line.strip())
        if not line.strip() or at in kept:
            text.append(line)
    squeezed = re.sub(r"\n{7,}", "\n\n\n", "\n".join(text)).strip("\n")
    return dataclasses.replace(page, text=squeezed, text_leaves=[page.text_leaves[i] for i in sorted(kept)])


def wrapped(page: sites.Made, width: int) -> sites.Made:
    """The page with long lines broken, as in mail and old plain texts; the rows of list items hang."""
    text, leaves = [], []
    left = iter(page.text_leaves)
    for line in page.text.split("\n"):
        if not line.strip():
            text.append(line)
            continue
        leaf = next(left)
        bare = line.lstrip()
        indent = line[: len(line) - len(bare)]
        hang = indent + "  " if bare[:2] in ("• ", "- ", "* ", "· ", "– ") else indent
        rows = textwrap.wrap(bare, width, initial_indent=indent, subsequent_indent=hang, break_on_hyphens=False) or [
            line
        ]
        text += rows
        leaves += [leaf] * len(rows)
    return dataclasses.replace(page, text="\n".join(text), text_leaves=leaves)


def repaired(labels: list[str], article: list[int]) -> list[str]:
    """Labels in which each article that begins without a head begins with a lead, line breaks in a leaf or not."""
    out = list(labels)
    for i, label in enumerate(labels):
        before = out[i - 1] if i else ""
        if label == "lead" and before in ("lead", "body", "item", "subhead") and article[i] == article[i - 1]:
            out[i] = "body"
        if label == "title" and before in ("dek", "byline", "head_meta"):
            out[i] = "head_meta"
        if label == "speaker" and before == "speaker":
            out[i] = "stamp"
        if label == "unsigned" and before == "unsigned":
            out[i] = "text"
    return out
