"""What the guard decides of two texts, compiled, up to the sentences of which something may differ.

Each step is that of `guard`, in its order. A kernel that says that nothing differs is sure of it; where it is not, it
hands the sentences over. `work` are, in this order, for texts of so many bytes, sentences (m) and signs (t):

    flowing, uint8[2, …]      the bodies of both texts       notes, int64[2, 4, m]     see `compiled_align`
    sentences, int64[2, 3, m]   see `compiled_body`          tables, int64[5, …]       open tables of 2 t and more
    told, int64[2, 7, m]        see `compiled_align`         masks, int64[t]           see `compiled_align`
    signs, int64[5, t]          see `compiled_signs`         chains, int64[2, t], shared, int64[2, m]: space
    pool, uint8[…]              the words of signs           scored, found             space, and what is found
"""

import numpy as np

from broadsheet.repeats.compiled_align import (
    CHAIN,
    COUNT,
    FIRST,
    FLAG,
    MASKED,
    PARTNER,
    WHICH,
    WORDS,
    add_masks,
    chained,
    group,
    join_neighbours,
    pair_equal,
    pair_overlapping,
)
from broadsheet.repeats.compiled_body import (
    END,
    HASH,
    START,
    cut_sentences,
    flow,
    has_end_mark,
    is_dotted,
    may_have_dateline,
    next_figure,
    pages_lack,
    without_figures,
)
from broadsheet.repeats.compiled_signs import AT, KIND, NEGATION, NUMBER, ONE, SIZE, UNIT, VALUE, WORD, read_signs
from broadsheet.repeats.guard import MAX_NEGATION_WORDS
from broadsheet.repeats.jit import kernel

IN_PYTHON, NOTHING, UNREAD, SETTLED, UNKNOWN = -1, 0, 1, 2, 3
"""How far two texts are: `guard` must decide; nothing differs; sentences must be read by `signs`; all is said; pages of
letters are lacking, or a text may have a dateline, so that it must be said where it ends."""

N_SENTENCES, N_TOLD, N_SIGNS, N_BYTES, N_FOUND, IS_MORE = 0, 2, 4, 5, 6, 7
"""The places of `state`, int64[8]: sentences, and those that are told of, both for each side; signs; bytes of the pool;
what is found; and whether more was found than there was room for."""

ALIGNED, REPEATED = 0, 1
"""What is found, int64[n, 5]: which of the two, and the first and last sentence of A and of B."""

_VALUES = np.arange(NUMBER, UNIT + 1)


@kernel
def outline(texts, skips, tables, met, work, state):
    """Cuts two texts into sentences, sets aside those in both, reads the signs of the others; how far they are then.

    `texts` are data, start and end of each; `skips` how many bytes its dateline has, or -1. `met` is bool[4352]: where
    pages are lacking, which.
    """
    flowing, sentences, told, signs, pool, notes, slots, _, _, _, _, _ = work
    letters = tables[1]
    if not _are_known(texts, skips, letters, met):
        return UNKNOWN
    for side in range(2):
        data, start, end = texts[side]
        n = flow(data, start + max(skips[side], 0), end, letters, flowing[side])
        if n < 0:
            return IN_PYTHON
        state[N_SENTENCES + side] = cut_sentences(flowing[side], n, letters, sentences[side])
    n_a, n_b = state[N_SENTENCES], state[N_SENTENCES + 1]
    a, b = sentences[0, HASH, :n_a], sentences[1, HASH, :n_b]
    pair_equal(a, b, notes[0, PARTNER, :n_a], notes[1, PARTNER, :n_b], (slots[0], slots[1], notes[1, CHAIN]))
    state[N_SIGNS] = state[N_BYTES] = state[N_FOUND] = state[IS_MORE] = 0
    for side in range(2):
        n = 0
        for k in range(state[N_SENTENCES + side]):
            if notes[side, PARTNER, k] < 0:
                told[side, WHICH, n] = k
                n += 1
        state[N_TOLD + side] = n
    if state[N_TOLD + 1] == 0:
        return NOTHING
    if state[N_TOLD] == 0:  # nothing stands against anything
        _find_repeated(letters, work, state)
        return SETTLED if state[N_FOUND] else NOTHING
    is_read = True
    for side in range(2):
        for k in range(state[N_TOLD + side]):
            which, told[side, FIRST, k] = told[side, WHICH, k], state[N_SIGNS]
            told[side, COUNT, k], state[N_SIGNS], state[N_BYTES] = read_signs(
                flowing[side],
                (sentences[side, START, which], sentences[side, END, which]),
                tables,
                (state[N_SIGNS], state[N_BYTES]),
                (signs, pool),
            )
            is_read &= told[side, COUNT, k] >= 0
    return settle(letters, work, state) if is_read else UNREAD


@kernel
def _are_known(texts, skips, letters, met):
    """Whether there are all pages of letters that the texts need, and it is known where their datelines end."""
    known = True
    for side in range(2):
        data, start, end = texts[side]
        if pages_lack(data, start, end, letters, met):
            known = False
        else:
            known &= skips[side] >= 0 or not may_have_dateline(data, start, end, letters)
    return known


@kernel
def settle(letters, work, state):
    """Finds the sentences of which something may differ, when the signs of all that are told of are there."""
    flowing, sentences, told, signs, _, notes, slots, _, chains, _, _, _ = work
    for side in range(2):
        _keep_worded(told[side], side, state, signs)
    differs = _sides_can_differ(told, state, signs, chains)
    if not differs and not _has_figures(flowing[1], sentences[1], told[1], state[N_TOLD + 1], letters):
        return NOTHING
    n_a, n_b = state[N_TOLD], state[N_TOLD + 1]
    a, b = told[0, WORDS, :n_a], told[1, WORDS, :n_b]
    pair_equal(a, b, notes[0, PARTNER, :n_a], notes[1, PARTNER, :n_b], (slots[0], slots[1], notes[1, CHAIN]))
    for side in range(2):
        for k in range(state[N_TOLD + side]):
            notes[side, FLAG, k] = notes[side, PARTNER, k] >= 0
        _drop(told[side], notes[side], side, state)
    if differs:
        _flag_beginnings(letters, work, state, 0)
        _flag_beginnings(letters, work, state, 1)
        _drop(told[0], notes[0], 0, state)
        _drop(told[1], notes[1], 1, state)
        if _sides_can_differ(told, state, signs, chains) and not _find_aligned(letters, work, state):
            return IN_PYTHON
    _find_repeated(letters, work, state)
    return SETTLED if state[N_FOUND] else NOTHING


@kernel
def _keep_worded(told, side, state, signs):
    """Drops the sentences without words, and writes a hash of the words of each other one."""
    n = 0
    for k in range(state[N_TOLD + side]):
        if told[COUNT, k] == 0:
            continue
        told[WHICH, n], told[FIRST, n], told[COUNT, n] = told[WHICH, k], told[FIRST, k], told[COUNT, k]
        found = 1
        for s in range(told[FIRST, n], told[FIRST, n] + told[COUNT, n]):
            found = chained(found, signs[WORD, s])
        told[WORDS, n] = found
        n += 1
    state[N_TOLD + side] = n


@kernel
def _drop(told, notes, side, state):
    """Drops the sentences that are flagged."""
    n = 0
    for k in range(state[N_TOLD + side]):
        if not notes[FLAG, k]:
            told[WHICH, n], told[FIRST, n], told[COUNT, n] = told[WHICH, k], told[FIRST, k], told[COUNT, k]
            n += 1
    state[N_TOLD + side] = n


@kernel
def _sides_can_differ(told, state, signs, chains):
    """Whether sentences that are told of could say something else than some of the other side."""
    n_a = _gather(told[0], (0, state[N_TOLD] - 1), signs, chains[0], True)
    n_b = _gather(told[1], (0, state[N_TOLD + 1] - 1), signs, chains[1], True)
    return _can_differ(signs, chains[0, :n_a], chains[1, :n_b])


@kernel
def _gather(told, span, signs, order, only_kinds):
    """Writes the numbers of the signs of some sentences to `order`, of all or of those of a kind; how many they are."""
    n = 0
    for k in range(span[0], span[1] + 1):
        for s in range(told[FIRST, k], told[FIRST, k] + told[COUNT, k]):
            if not only_kinds or signs[KIND, s]:
                order[n] = s
                n += 1
    return n


@kernel
def _can_differ(signs, a, b):
    """Whether any part of some signs could say something else than any part of others, as the guard has it."""
    held_a = held_b = 0
    for s in a:
        held_a |= 1 << signs[KIND, s]
    for s in b:
        held_b |= 1 << signs[KIND, s]
    if (held_a | held_b) >> NEGATION & 1:
        return True
    if (held_a >> NUMBER & held_b >> ONE & 1) or (held_a >> ONE & held_b >> NUMBER & 1):
        return True
    for kind in _VALUES:
        if held_a & held_b & 1 << kind and not (_all_say(signs, a, kind, a) and _all_say(signs, b, kind, a)):
            return True
    return False


@kernel
def _all_say(signs, which, kind, model):
    """Whether all signs of a kind say what the first of that kind in a model says."""
    first = 0
    while signs[KIND, model[first]] != kind:
        first += 1
    value = signs[VALUE, model[first]]
    for s in which:
        if signs[KIND, s] == kind and signs[VALUE, s] != value:
            return False
    return True


@kernel
def _flag_beginnings(letters, work, state, side):
    """Flags the sentences of a side that break off and up to there are equal to one of the other side."""
    flowing, sentences, told, signs, pool, notes, _, _, _, _, _, _ = work
    other = 1 - side
    last, other_last = state[N_SENTENCES + side] - 1, state[N_SENTENCES + other] - 1
    for k in range(state[N_TOLD + side]):
        which = told[side, WHICH, k]
        start, end = sentences[side, START, which], sentences[side, END, which]
        dotted = is_dotted(flowing[side], start, end, letters)
        notes[side, FLAG, k] = 0
        if not dotted and (which != last or has_end_mark(flowing[side], start, end, letters)):
            continue
        cut = told[side, FIRST, k], told[side, COUNT, k]
        for j in range(state[N_TOLD + other]):
            whole = told[other, FIRST, j], told[other, COUNT, j]
            if _begins(signs, pool, cut, whole, (dotted, told[other, WHICH, j] == other_last)):
                notes[side, FLAG, k] = 1
                break


@kernel
def _begins(signs, pool, cut, whole, how):
    """Whether a sentence was made by a cut from another, as the guard has it; they are the first sign and how many."""
    dotted, is_last = how
    n, n_whole = cut[1], whole[1]
    if n > n_whole:
        return False
    for k in range(n - 1):
        if signs[WORD, cut[0] + k] != signs[WORD, whole[0] + k]:
            return False
    old, new = cut[0] + n - 1, whole[0] + n - 1
    if signs[SIZE, old] > signs[SIZE, new]:
        return False
    for k in range(signs[SIZE, old]):
        if pool[signs[AT, old] + k] != pool[signs[AT, new] + k]:
            return False
    if dotted:
        return True
    if signs[WORD, old] != signs[WORD, new] and (signs[KIND, old] or signs[KIND, new]):
        return n_whole > n
    if not is_last or n_whole - n > MAX_NEGATION_WORDS:
        return True
    for s in range(new + 1, whole[0] + n_whole):
        if signs[KIND, s] == NEGATION:
            return False
    return True


@kernel
def _find_aligned(letters, work, state):
    """Finds the aligned sentences of which something may differ; False if there is too much to align."""
    _, _, told, signs, _, notes, slots, masks, chains, shared, scored, _ = work
    n_a, n_b = state[N_TOLD], state[N_TOLD + 1]
    n_masks = add_masks(told[0], n_a, signs, masks, 0, slots[0])
    add_masks(told[1], n_b, signs, masks, n_masks, slots[0])
    a, b = told[0, MASKED, :n_a], told[1, MASKED, :n_b]
    pair_equal(a, b, notes[0, PARTNER, :n_a], notes[1, PARTNER, :n_b], (slots[0], slots[1], notes[1, CHAIN]))
    for j in range(n_b):
        notes[1, FLAG, j] = notes[1, PARTNER, j] < 0
    for i in range(n_a):
        j = notes[0, PARTNER, i]
        if j >= 0:
            _find(letters, work, state, (i, i), (j, j))
    if not pair_overlapping(told, (n_a, n_b), notes, masks, (slots[0], slots[1], slots[2], chains, shared), scored):
        return False
    join_neighbours(told, (n_a, n_b), notes, 0, masks, (slots[0], slots[1]))
    join_neighbours(told, (n_a, n_b), notes, 1, masks, (slots[0], slots[1]))
    for i in range(n_a):
        j = notes[0, PARTNER, i]
        if j >= 0:
            olds, news = group(notes, 0, i, n_a), group(notes, 1, j, n_b)
            if notes[1, FLAG, j] or olds[0] < olds[1] or news[0] < news[1]:
                _find(letters, work, state, olds, news)
    return True


@kernel
def _find(letters, work, state, olds, news):
    """Adds two aligned groups of sentences to what is found, unless their signs leave no doubt.

    Words in common at the ends change nothing; if what is between cannot differ, no edit in it can.
    """
    flowing, sentences, told, signs, _, _, _, _, chains, _, _, _ = work
    n_a, n_b = _gather(told[0], olds, signs, chains[0], False), _gather(told[1], news, signs, chains[1], False)
    a, b = chains[0, :n_a], chains[1, :n_b]
    if not _can_differ(signs, a, b):
        return
    last = told[0, WHICH, olds[1]]
    if not is_dotted(flowing[0], sentences[0, START, last], sentences[0, END, last], letters):
        first, end = 0, 0
        while first < min(n_a, n_b) and _are_equal(signs, a[first], b[first]):
            first += 1
        while end < min(n_a, n_b) - first and _are_equal(signs, a[n_a - 1 - end], b[n_b - 1 - end]):
            end += 1
        if not _can_differ(signs, a[first : n_a - end], b[first : n_b - end]):
            return
    _add(work, state, ALIGNED, (told[0, WHICH, olds[0]], last, told[1, WHICH, news[0]], told[1, WHICH, news[1]]))


@kernel
def _are_equal(signs, s, t):
    return signs[WORD, s] == signs[WORD, t] and signs[KIND, s] == signs[KIND, t] and signs[VALUE, s] == signs[VALUE, t]


@kernel
def _add(work, state, what, place):
    found = work[11]
    n = state[N_FOUND]
    if n == len(found):
        state[IS_MORE] = 1
        return
    found[n, 0] = what
    for k in range(4):
        found[n, 1 + k] = place[k]
    state[N_FOUND] = n + 1


@kernel
def _has_figures(flowing, sentences, told, n, letters):
    for k in range(n):
        which = told[WHICH, k]
        if next_figure(flowing, sentences[START, which], sentences[END, which], letters) < sentences[END, which]:
            return True
    return False


@kernel
def _find_repeated(letters, work, state):
    """Finds sentences of B with figures that are told of and are like one of A, and like one only, but for figures."""
    flowing, sentences, told, _, _, notes, _, _, _, _, _, _ = work
    n_a = -1
    for k in range(state[N_TOLD + 1]):
        which = told[1, WHICH, k]
        found, has_figure = without_figures(flowing[1], sentences[1, START, which], sentences[1, END, which], letters)
        if not has_figure:
            continue
        if n_a < 0:
            n_a = 0
            for i in range(state[N_SENTENCES]):
                other, has_figure = without_figures(flowing[0], sentences[0, START, i], sentences[0, END, i], letters)
                if has_figure:
                    notes[0, CHAIN, n_a], notes[0, FLAG, n_a] = other, i
                    n_a += 1
        n_like, like = 0, 0
        for i in range(n_a):
            if notes[0, CHAIN, i] == found:
                n_like, like = n_like + 1, notes[0, FLAG, i]
        if n_like == 1:
            _add(work, state, REPEATED, (like, like, which, which))
