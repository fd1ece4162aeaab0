"""Which sentences of one text stand against which of another, compiled: the groups of `aligned`.

The sentences of a side are the columns of int64[7, n], `told`: which of the text's it is, its signs, and hashes.
"""

import numpy as np

from broadsheet.repeats.align import MAX_SENTENCES
from broadsheet.repeats.compiled_signs import CODE, DATE, KIND, NEGATION, NUMBER, UNIT, WORD
from broadsheet.repeats.jit import kernel
from broadsheet.repeats.kernels import power_of_two

WHICH, FIRST, COUNT, WORDS, MASKED, MASK_FIRST, MASK_COUNT = range(7)
"""The rows of `told`: the sentence's number; its first sign and how many it has; hashes of its words and of its masked
words; where in `masks` the distinct ones of these are, and how many."""

PARTNER, OWNER, CHAIN, FLAG = range(4)
"""The rows of a side's notes, int64[4, n]: the partner of each sentence, whom it joined, and work space."""

_MASK = np.array([0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179, 0x428A2F98D728AE22, 0x7137449123EF65CD], np.int64)
_B, _29 = np.uint64(0xBE5466CF34E90C6D), np.uint64(29)


@kernel
def chained(found, x):
    """A hash of a sequence with one member more, from that of the sequence."""
    known = (np.uint64(found) ^ np.uint64(x)) * _B
    known ^= known >> _29
    return np.int64(known * _B)


@kernel
def masked_word(signs, k):
    """What a sign is among the masked words of its sentence, never 0; 0 for one that is not among them."""
    kind = signs[KIND, k]
    if kind == NEGATION or kind == UNIT:
        return 0
    if kind == NUMBER or kind == CODE or kind == DATE:
        return _MASK[kind]
    return signs[WORD, k] | (signs[WORD, k] == 0)


@kernel
def add_masks(told, n, signs, masks, n_masks, table):
    """Writes the masks of a side's sentences, and comes back with how many words there are in `masks` then."""
    for s in range(n):
        size = power_of_two(2 * told[COUNT, s])
        table[:size] = 0
        found, first = 1, n_masks
        for k in range(told[FIRST, s], told[FIRST, s] + told[COUNT, s]):
            word = masked_word(signs, k)
            if word != 0:
                found = chained(found, word)
                if _add(word, table, size):
                    masks[n_masks] = word
                    n_masks += 1
        told[MASKED, s], told[MASK_FIRST, s], told[MASK_COUNT, s] = found, first, n_masks - first
    return n_masks


@kernel
def _find(word, table, size):
    """Where a word is in an open table, or would be."""
    at = word & (size - 1)
    while table[at] != 0 and table[at] != word:
        at = (at + 1) & (size - 1)
    return at


@kernel
def _add(word, table, size):
    """Puts a word into a table; True if it was not there."""
    at = _find(word, table, size)
    is_new = table[at] == 0
    table[at] = word
    return is_new


@kernel
def pair_equal(a, b, of_a, of_b, work):
    """Sets the partners of equal members of two rows, first with first, second with second; -1 for others."""
    slots, heads, chain = work
    size = power_of_two(2 * len(b))
    slots[:size] = -1
    of_b[:] = -1
    for j in range(len(b) - 1, -1, -1):
        at = b[j] & (size - 1)
        while slots[at] >= 0 and b[slots[at]] != b[j]:
            at = (at + 1) & (size - 1)
        chain[j] = -1
        if slots[at] >= 0:
            chain[j] = heads[at]
        else:
            slots[at] = j
        heads[at] = j
    for i in range(len(a)):
        of_a[i] = -1
        at = a[i] & (size - 1)
        while slots[at] >= 0 and b[slots[at]] != a[i]:
            at = (at + 1) & (size - 1)
        if slots[at] >= 0 and heads[at] >= 0:
            j = heads[at]
            heads[at] = chain[j]
            of_a[i], of_b[j] = j, i


@kernel
def pair_overlapping(told, sizes, notes, masks, work, scored):
    """Pairs the sentences without partners that share half of their words, as `aligned` does; False for lack of room.

    `work` are the open table of words, heads, how many sentences have each, chains of those that do (two rows), and how
    many words each sentence of B shares (two rows). `scored` are a score, float64[m], and a pair, int64[2, m].
    """
    n_rest, size = _add_rest(told[1], sizes[1], notes[1], masks, work)
    n = 0
    for i in range(sizes[0]):
        if notes[0, PARTNER, i] < 0:
            _count_shared(told[0], i, masks, n_rest, size, work)
            n = _score(told, i, sizes[1], work[4], n, scored)
            if n < 0:
                return False
    _sort(scored[0], scored[1], n, told)
    for k in range(n):
        i, j = scored[1][0, k], scored[1][1, k]
        if notes[0, PARTNER, i] < 0 and notes[1, PARTNER, j] < 0:
            notes[0, PARTNER, i], notes[1, PARTNER, j] = j, i
    return True


@kernel
def _add_rest(told, n, notes, masks, work):
    """Writes which sentences of B without partners have which words; how many they are, and the size of the table."""
    table, heads, n_with, chains, shared = work
    n_words = n_rest = 0
    for j in range(n):
        if notes[PARTNER, j] < 0:
            n_words += told[MASK_COUNT, j]
            n_rest += 1
    size = power_of_two(2 * n_words)
    table[:size] = 0
    n_chained = 0
    for j in range(n):
        shared[0, j] = shared[1, j] = 0
        if notes[PARTNER, j] >= 0:
            continue
        for k in range(told[MASK_FIRST, j], told[MASK_FIRST, j] + told[MASK_COUNT, j]):
            at = _find(masks[k], table, size)
            if table[at] == 0:
                table[at], heads[at], n_with[at] = masks[k], -1, 0
            chains[0, n_chained], chains[1, n_chained] = heads[at], j
            heads[at] = n_chained
            n_with[at] += 1
            n_chained += 1
    return n_rest, size


@kernel
def _count_shared(told, i, masks, n_rest, size, work):
    """Counts the words that a sentence of A shares with each of B, and notes which share one that helps."""
    table, heads, n_with, chains, shared = work
    for k in range(told[MASK_FIRST, i], told[MASK_FIRST, i] + told[MASK_COUNT, i]):
        at = _find(masks[k], table, size)
        if table[at] == 0:
            continue
        helps = n_rest <= MAX_SENTENCES or n_with[at] <= MAX_SENTENCES
        link = heads[at]
        while link >= 0:
            shared[0, chains[1, link]] += 1
            shared[1, chains[1, link]] |= helps
            link = chains[0, link]


@kernel
def _score(told, i, n_b, shared, n, scored):
    """Adds the pairs of a sentence of A that share enough to the `n` that are scored; how many they are, or -1."""
    for j in range(n_b):
        n_shared, helps = shared[0, j], shared[1, j]
        if n_shared == 0:
            continue
        shared[0, j] = shared[1, j] = 0
        n_min = min(told[0, MASK_COUNT, i], told[1, MASK_COUNT, j])
        n_sum = told[0, MASK_COUNT, i] + told[1, MASK_COUNT, j]
        if helps and (4 * n_shared >= n_sum or (n_min >= 3 and 4 * n_shared >= 3 * n_min)):
            if n >= len(scored[0]):
                return -1
            scored[0][n] = -2 * n_shared / n_sum
            scored[1][0, n], scored[1][1, n] = i, j
            n += 1
    return n


@kernel
def _is_before(scores, pairs, x, y, told):
    if scores[x] != scores[y]:
        return scores[x] < scores[y]
    far_x = abs(told[0, WHICH, pairs[0, x]] - told[1, WHICH, pairs[1, x]])
    far_y = abs(told[0, WHICH, pairs[0, y]] - told[1, WHICH, pairs[1, y]])
    if far_x != far_y:
        return far_x < far_y
    if pairs[0, x] != pairs[0, y]:
        return pairs[0, x] < pairs[0, y]
    return pairs[1, x] < pairs[1, y]


@kernel
def _swap(scores, pairs, x, y):
    scores[x], scores[y] = scores[y], scores[x]
    pairs[0, x], pairs[0, y] = pairs[0, y], pairs[0, x]
    pairs[1, x], pairs[1, y] = pairs[1, y], pairs[1, x]


@kernel
def _sort(scores, pairs, n, told):
    """Sorts pairs, most similar first, by a heap in place."""
    for start in range(n // 2 - 1, -1, -1):
        _sift(scores, pairs, start, n, told)
    for end in range(n - 1, 0, -1):
        _swap(scores, pairs, 0, end)
        _sift(scores, pairs, 0, end, told)


@kernel
def _sift(scores, pairs, at, n, told):
    while 2 * at + 1 < n:
        child = 2 * at + 1
        if child + 1 < n and _is_before(scores, pairs, child, child + 1, told):
            child += 1
        if not _is_before(scores, pairs, at, child, told):
            return
        _swap(scores, pairs, at, child)
        at = child


@kernel
def join_neighbours(told, sizes, notes, side, masks, tables):
    """Sets whom each sentence of a side belongs to: itself, if it has a partner; one beside it; or -1."""
    n = sizes[side]
    for k in range(n):
        notes[side, OWNER, k] = k if notes[side, PARTNER, k] >= 0 else -1
    for step in (1, -1):
        for number in range(n):
            k = number if step == 1 else n - 1 - number
            before = k - step
            if notes[side, OWNER, k] >= 0 or before < 0 or before >= n:
                continue
            owner = notes[side, OWNER, before]
            is_beside = told[side, WHICH, before] == told[side, WHICH, k] - step
            if is_beside and owner >= 0 and _joins(told, n, notes, (side, k, owner), masks, tables):
                notes[side, OWNER, k] = owner


@kernel
def _joins(told, n, notes, place, masks, tables):
    """Whether the words of a sentence that its neighbour's do not account for are mostly the partner's."""
    side, k, owner = place
    covered, others = tables
    n_covered = 0
    first, last = group(notes, side, owner, n)
    for m in range(first, last + 1):
        n_covered += told[side, MASK_COUNT, m]
    size = power_of_two(2 * n_covered)
    covered[:size] = 0
    for m in range(first, last + 1):
        for at in range(told[side, MASK_FIRST, m], told[side, MASK_FIRST, m] + told[side, MASK_COUNT, m]):
            _add(masks[at], covered, size)
    partner = notes[side, PARTNER, owner]
    other_first, other_n = told[1 - side, MASK_FIRST, partner], told[1 - side, MASK_COUNT, partner]
    other_size = power_of_two(2 * other_n)
    others[:other_size] = 0
    for at in range(other_first, other_first + other_n):
        _add(masks[at], others, other_size)
    n_more = n_shared = 0
    for at in range(told[side, MASK_FIRST, k], told[side, MASK_FIRST, k] + told[side, MASK_COUNT, k]):
        if covered[_find(masks[at], covered, size)] == 0:
            n_more += 1
            n_shared += others[_find(masks[at], others, other_size)] != 0
    return n_more >= 2 and 4 * n_shared >= 3 * n_more


@kernel
def group(notes, side, owner, n):
    """The first and the last of the sentences that belong together with one."""
    first = last = owner
    while first > 0 and notes[side, OWNER, first - 1] == owner:
        first -= 1
    while last + 1 < n and notes[side, OWNER, last + 1] == owner:
        last += 1
    return first, last
