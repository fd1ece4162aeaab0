"""The guard over Arrow columns, compiled: what `guard` says, with Python for those sentences only that differ."""

from functools import lru_cache
from typing import Any

import numpy as np

from broadsheet.repeats import guard_kernels, tokens
from broadsheet.repeats.alphabet import Alphabet
from broadsheet.repeats.bodies import Bodies, Ints
from broadsheet.repeats.body import dateline_chars
from broadsheet.repeats.compiled_align import COUNT, FIRST, WHICH
from broadsheet.repeats.compiled_body import END, START, may_have_dateline
from broadsheet.repeats.compiled_signs import KINDS, lexicon
from broadsheet.repeats.digests import hash_words
from broadsheet.repeats.guard import difference, guard, is_cut, merged, refigured
from broadsheet.repeats.kernels import power_of_two
from broadsheet.repeats.letters import Letters
from broadsheet.repeats.signs import Sentence

_N_FOUND = 64  # sentences that may differ; whoever has more is looked at in Python if none of them does
_N_SCORED = 1 << 14  # likenesses of sentences that are held; whoever has more is looked at in Python


class CompiledGuard:
    """The guard between rows of columns of texts, for one thread at a time.

    Holds 50 times the size of the longest text, as far as it is needed, and 200 bytes a text that may have a dateline.
    Words and sentences are compared by 64 bits of hash. Two words that collide would be taken for one, which could
    hide a change of one into the other; sentences likewise: for n words in two sentences below n**2 / 2**65.
    """

    def __init__(self) -> None:
        self._alphabet, self._letters, self._lexicon = Alphabet(), Letters(), lexicon()
        self._met = np.zeros(len(self._letters.pages), np.bool_)
        self._tables = self._covering()
        self._state = np.zeros(8, np.int64)
        self._n_bytes = 0
        self._work: tuple[Any, ...] = ()
        self._fit(1 << 12, 0)
        self._skips: dict[tuple[int, int], int] = {}

    def guard(self, bodies: Bodies, a: int, b: int) -> str | None:
        """The evidence on the texts of two rows, A the shorter."""
        texts = bodies.span(a), bodies.span(b)
        keys = (id(bodies), a), (id(bodies), b)
        self._fit(*[end - start for _, start, end in texts])
        skips = self._skips.get(keys[0], -1), self._skips.get(keys[1], -1)
        how_far = self._outline(texts, skips)
        if how_far == guard_kernels.UNKNOWN:
            if self._met.any():
                self._tables = self._covering()
            skips = self._skip(keys[0], *texts[0]), self._skip(keys[1], *texts[1])
            how_far = self._outline(texts, skips)
        if how_far == guard_kernels.UNREAD:
            how_far = guard_kernels.IN_PYTHON
            if self._read():
                how_far = guard_kernels.settle(self._tables[1], self._work, self._state)
        if how_far == guard_kernels.NOTHING:
            return None
        if how_far == guard_kernels.SETTLED:
            fired = self._said()
            if fired or not self._state[guard_kernels.IS_MORE]:
                return fired
        return guard(bodies.text(a), bodies.text(b))

    def _outline(self, texts: tuple[Any, ...], skips: tuple[int, ...]) -> int:
        return int(guard_kernels.outline(texts, skips, self._tables, self._met, self._work, self._state))

    def _skip(self, key: tuple[int, int], data: Any, start: int, end: int) -> int:
        """How many bytes the dateline of a text has."""
        known = self._skips.get(key)
        if known is None:
            known = 0
            if may_have_dateline(data, start, end, self._tables[1]):
                text = data[start:end].tobytes().decode()
                known = len(text[: dateline_chars(text)].encode())
            self._skips[key] = known
        return known

    def _covering(self) -> tuple[Any, ...]:
        """The tables with the pages that were met."""
        self._letters.cover(self._met)
        alphabet = self._alphabet.cover(self._met)
        self._met[:] = False
        return alphabet, (self._letters.pages, self._letters.bits), self._lexicon

    def _fit(self, a_bytes: int, b_bytes: int) -> None:
        """Makes room for two texts; what is not written to is never held."""
        longest = max(a_bytes, b_bytes)
        if longest <= self._n_bytes:
            return
        self._n_bytes = n = 2 * longest
        n_sentences, n_signs = n // 2 + 2, 2 * n + 64  # a sentence takes two bytes, but for the last, and a sign one
        self._work = (
            np.empty((2, n + tokens.PADDING), np.uint8),
            np.empty((2, 3, n_sentences), np.int64),
            np.empty((2, 7, n_sentences), np.int64),
            np.empty((5, n_signs), np.int64),
            np.empty(2 * n_signs + (1 << 12), np.uint8),
            np.empty((2, 4, n_sentences), np.int64),
            np.empty((3, power_of_two(2 * n_signs)), np.int64),
            np.empty(n_signs, np.int64),
            np.empty((2, n_signs), np.int64),
            np.empty((2, n_sentences), np.int64),
            (np.empty(_N_SCORED, np.float64), np.empty((2, _N_SCORED), np.int64)),
            np.empty((_N_FOUND, 5), np.int64),
        )

    def _text(self, side: int, which: int) -> str:
        flowing, sentences = self._work[0], self._work[1]
        return str(flowing[side, sentences[side, START, which] : sentences[side, END, which]].tobytes(), "utf-8")

    def _read(self) -> bool:
        """Adds the signs of the sentences that only Python reads; False if there is no room for them."""
        told, signs, pool = self._work[2:5]
        state = self._state
        for side in range(2):
            n_told = state[guard_kernels.N_TOLD + side]
            for k in np.flatnonzero(told[side, COUNT, :n_told] < 0).tolist():
                found, sizes, written = _read(self._text(side, told[side, WHICH, k]))
                n, at = int(state[guard_kernels.N_SIGNS]), int(state[guard_kernels.N_BYTES])
                n_more = found.shape[1]
                if n + n_more > signs.shape[1] or at + len(written) > len(pool):
                    return False
                signs[:3, n : n + n_more] = found
                signs[3, n : n + n_more] = at + np.cumsum(sizes) - sizes
                signs[4, n : n + n_more] = sizes
                pool[at : at + len(written)] = np.frombuffer(written, np.uint8)
                told[side, FIRST, k], told[side, COUNT, k] = n, n_more
                state[guard_kernels.N_SIGNS], state[guard_kernels.N_BYTES] = n + n_more, at + len(written)
        return True

    def _said(self) -> str | None:
        """The evidence in the first of the sentences found in which there is some."""
        for what, *places in self._work[-1][: self._state[guard_kernels.N_FOUND]].tolist():
            olds = [self._text(0, which) for which in range(places[0], places[1] + 1)]
            news = [self._text(1, which) for which in range(places[2], places[3] + 1)]
            old, new = (merged([Sentence(text) for text in side]) for side in (olds, news))
            is_aligned = what == guard_kernels.ALIGNED
            fired = difference(old, new, is_cut(olds[-1])) if is_aligned else refigured(old, new)
            if fired:
                return fired
        return None


@lru_cache(maxsize=1 << 12)
def _read(text: str) -> tuple[Ints, Ints, bytes]:
    """The signs of a sentence: word, kind and value, int64[3, n]; the bytes of each word, and all words in one."""
    found = Sentence(text).signs
    written = [sign.word.encode() for sign in found]
    rows = (
        hash_words([sign.word for sign in found]).view(np.int64),
        np.array([KINDS.index(sign.kind) for sign in found], np.int64),
        hash_words([sign.value for sign in found]).view(np.int64),
    )
    return np.stack(rows), np.array([len(word) for word in written], np.int64), b"".join(written)
