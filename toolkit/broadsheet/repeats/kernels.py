"""The compiled join: shingles of many texts, how common each is, who probes for whom, and what two share."""

import numpy as np

from broadsheet.repeats.jit import kernel, load8, prefetch
from broadsheet.repeats.relate import COMMONEST
from broadsheet.repeats.tokens import cut_words, fold_text

_AHEAD = 32  # hashes, about, whose counters the memory is asked for while those before them are looked at
_OPENING_BYTES = 12  # of a word, about, where those that a text begins with are wanted

_A, _B, _C = np.uint64(0x452821E638D01377), np.uint64(0xBE5466CF34E90C6D), np.uint64(0xC0AC29B7C97C50DD)
_0, _1, _27, _29, _31, _35, _37 = (np.uint64(n) for n in (0, 1, 27, 29, 31, 35, 37))


@kernel
def _mixed(x):
    x = (x ^ (x >> _31)) * _A
    x = (x ^ (x >> _29)) * _B
    return x ^ (x >> _31)


@kernel
def _absorbed(one, other, eight):
    """Two hashes of a sequence with one member more, from those of the sequence."""
    one = (one ^ eight) * _B
    other = (other + ((eight << _37) | (eight >> _27))) * _C
    return one ^ (one >> _29), other ^ (other >> _35)


@kernel
def power_of_two(n):
    """The smallest power of two that is at least `n` and 16."""
    size = 16
    while size < n:
        size *= 2
    return size


@kernel
def _add(found, table, mask):
    """Puts a hash, which is not 0, into an open table of hashes; True if it was not there."""
    at = np.uintp((found >> _1) & mask)
    while table[at] != _0:
        if table[at] == found:
            return False
        at = (at + np.uintp(1)) & np.uintp(mask)
    table[at] = found
    return True


@kernel
def digest(words, n, table, out):
    """Two hashes of the sequence words[:n], and the number of its distinct shingles, whose hashes go to `out`.

    Their order is that of their first places. `table` is work space of twice as many hashes, and 16 at
    least; the more it has, up to four times as many, the fewer are in the way of others.
    """
    first, second = _A, _C
    for i in range(n):
        first, second = _absorbed(first, second, words[i])
    size = min(power_of_two(4 * n), len(table))
    table[:size] = 0
    mask = np.uint64(size - 1)
    n_out = 0
    for i in range(n - 2):
        w, x, y = words[np.uintp(i)], words[np.uintp(i + 1)], words[np.uintp(i + 2)]
        found = _mixed(w * _B + ((x << _29) | (x >> _35)) * _C + ((y << _37) | (y >> _27))) | _1
        if _add(found, table, mask):
            out[n_out] = found
            n_out += 1
    return _mixed(first), _mixed(second ^ first), n_out


@kernel
def hash_texts(data, starts, ends, first, second):
    """Writes two hashes of the bytes of each text data[start:end]."""
    for k in range(len(starts)):
        i, end = starts[k], ends[k]
        # Two of each, of every other eight bytes: the processor need not wait for the one to go on with the other.
        one, other = _A ^ np.uint64(end - i), _C
        one_more, other_more = _B, _A
        while i + 16 <= end:
            eight, eight_more = load8(data, i), load8(data, i + 8)
            one, other = _absorbed(one, other, eight)
            one_more, other_more = _absorbed(one_more, other_more, eight_more)
            i += 16
        while i < end:
            eight = _0
            for place in range(min(8, end - i)):
                eight |= np.uint64(data[i + place]) << np.uint64(8 * place)
            one, other = _absorbed(one, other, eight)
            i += 8
        one, other = _absorbed(one, other, one_more)
        one, other = _absorbed(one, other, other_more)
        first[k], second[k] = _mixed(one), _mixed(other ^ one)


@kernel
def digest_texts(data, spans, alphabet, least, work, found):
    """Digests texts: of each its number of words, hashes of their sequence, and bounds of its shingles in `out`.

    `spans` are two int64[n], where the texts start and end in `data`; `work` a buffer of bytes, one of words, and a
    table; `found` are n_words, first, second, bounds (int64[n + 1]) and out. n_words is -1 for a text that `words`
    must cut; texts of under `least` words have no shingles here.
    """
    starts, ends = spans
    buffer, words, table = work
    n_words, first, second, bounds, out = found
    bounds[0] = 0
    for i in range(len(starts)):
        at = bounds[i]
        bounds[i + 1] = at
        n_bytes = fold_text(data, starts[i], ends[i], alphabet, buffer)
        if n_bytes < 0:
            n_words[i] = -1
            continue
        n = cut_words(buffer, n_bytes, words)
        if at + n > len(out):
            n_words[i] = -1
            continue
        n_words[i] = n
        first[i], second[i], n_shingles = digest(words, n, table, out[at:])
        if n >= least:
            bounds[i + 1] = at + n_shingles


@kernel
def enroll(rows, hashes, slots, equal):
    """Sets `equal` of each row to the first row that came with the same hashes; `hashes` are two uint64[n].

    `slots` is an open table of rows, -1 where empty, with room for twice as many.
    """
    first, second = hashes
    mask = np.uint64(len(slots) - 1)
    for row in rows:
        at = np.uintp(first[row] & mask)
        while slots[at] >= 0 and (first[slots[at]] != first[row] or second[slots[at]] != second[row]):
            at = (at + np.uintp(1)) & np.uintp(mask)
        if slots[at] < 0:
            slots[at] = row
        equal[row] = slots[at]


@kernel
def pick(bounds, which, hashes, out_bounds, out):
    """Copies the hashes of the texts `which` together."""
    at = 0
    out_bounds[0] = 0
    for k in range(len(which)):
        i = which[k]
        n = bounds[i + 1] - bounds[i]
        for place in range(n):
            out[at + place] = hashes[bounds[i] + place]
        at += n
        out_bounds[k + 1] = at


@kernel
def count(hashes, counters, shift):
    """Counts hashes, each in the four bits that its upper bits name."""
    n = len(hashes)
    for k in range(n):
        prefetch(counters, np.intp(hashes[min(k + _AHEAD, n - 1)] >> shift >> _1))
        slot = hashes[k] >> shift
        at, half = np.uintp(slot >> _1), (slot & _1) * np.uint64(4)
        known = counters[at]
        if (known >> np.uint8(half)) & 15 < COMMONEST:
            counters[at] = known + np.uint8(_1 << half)


@kernel
def select(bounds, hashes, counting, needs, work, probes):
    """Drops the shingles that stand in one text only, in place, and says by which of the others a text is looked for.

    `needs` are two int64[n]: how many shingles another text must share, and how many probes may have to be met beyond
    the first: none that is for the commonest shingles alone, since each is met in a share of all texts, and to meet
    them would take a time that grows by the square of their number. `probes` are two int64[n]: how many of a text's
    shingles are its probes, which are the first and rarest, and how many of these are beyond the least; both are 0
    where too few are left. `work` are work space: a byte and a hash for each shingle of the longest text, and
    int64[COMMONEST + 2]. The number of all hashes that are left comes back.
    """
    counters, shift = counting
    need, most = needs
    n_probes, extras = probes
    found, kept, levels = work
    to = 0
    for i in range(len(need)):
        levels[:] = 0
        start, n = bounds[i], bounds[i + 1] - bounds[i]
        bounds[i] = to
        # Looked up in a loop without branches, so that the processor waits for many counters at a time.
        for k in range(n):
            prefetch(counters, np.intp(hashes[min(start + k + _AHEAD, len(hashes) - 1)] >> shift >> _1))
            slot = hashes[start + k] >> shift
            found[k] = (counters[np.uintp(slot >> _1)] >> np.uint8((slot & _1) * np.uint64(4))) & 15
        n_left = 0
        for k in range(n):
            level = np.int64(found[k])
            kept[n_left] = hashes[start + k]
            found[n_left] = level
            n_left += level > 1
            levels[level + 1] += 1
        levels[1] = levels[2] = 0  # those in one text only are dropped
        for level in range(1, COMMONEST + 2):
            levels[level] += levels[level - 1]
        least = n_left - need[i] + 1 if n_left else 0
        extras[i] = max(0, min(most[i], levels[COMMONEST] - least)) if least > 0 else 0
        n_probes[i] = max(0, least + extras[i])
        for k in range(n_left):  # sorted by how common they are
            level = np.int64(found[k])
            hashes[to + levels[level]] = kept[k]
            levels[level] += 1
        to += n_left
    bounds[len(need)] = to
    return to


@kernel
def _filter_shift(n_probes, shift):
    """The shift that leaves a bit of the filter of a hash: of some 16 a probe, since more would be further to fetch."""
    size = np.uint64(64) - shift
    while size > np.uint64(16) and (np.int64(1) << np.int64(size - _1)) >= 16 * n_probes:
        size -= _1
    return np.uint64(64) - size


@kernel
def build(probing, share, index, filter_):
    """Adds one share of the probes to the index; shares may be added at the same time.

    `share` is (which, of how many), a power of two. `index` are an open table, int32[m], of the numbers of the latest
    probes of hashes plus 1, m twice the number of probes or more; the hash of each probe, uint64[n]; and for each the
    next one of its hash, or -1, and its text: int32[n, 2]. `probing` are the bounds of each text's hashes, those of its
    probes, and all hashes. `filter_` is a bit for each value of a hash's upper bits, and the shift that leaves these.
    """
    bounds, probe_bounds, hashes = probing
    number, n_shares = share
    table, keys, chains = index
    bits, shift = filter_[0], _filter_shift(len(keys), filter_[1])
    size = np.uint64(len(table) // n_shares)
    base = np.uint64(number) * size
    for i in range(len(bounds) - 1):
        for k in range(probe_bounds[i], probe_bounds[i + 1]):
            place = bounds[i] + k - probe_bounds[i]
            ahead = hashes[min(place + _AHEAD, len(hashes) - 1)]
            prefetch(table, np.intp(base + ((ahead >> _1) & (size - _1))))
            found = hashes[place]
            slot = found >> shift
            # Shares are ranges of the upper bits, so that no two write to the same byte of the filter.
            if (slot * np.uint64(n_shares)) >> (np.uint64(64) - shift) != np.uint64(number):
                continue
            bits[np.uintp(slot >> np.uint64(3))] |= np.uint8(_1 << (slot & np.uint64(7)))
            at = (found >> _1) & (size - _1)
            while table[np.uintp(base + at)] != 0 and keys[table[np.uintp(base + at)] - 1] != found:
                at = (at + _1) & (size - _1)
            keys[k] = found
            chains[k, 0] = table[np.uintp(base + at)] - 1
            chains[k, 1] = i
            table[np.uintp(base + at)] = k + 1


@kernel
def _meet(hashes, index, n_shares, filter_, work):
    """Counts in `met` how many probes of each indexed text are among the hashes; those met at all go to `touched`."""
    table, keys, chains = index
    bits, shift = filter_[0], _filter_shift(len(keys), filter_[1])
    met, touched, passed = work
    size = np.uint64(len(table) // n_shares)
    # Steps of their own, each of which looks at many places, none of which depends on what stands at another, so that
    # the processor waits for all of them at once.
    n, n_passed = len(hashes), 0
    for k in range(n):
        prefetch(bits, np.intp(hashes[min(k + _AHEAD, n - 1)] >> shift >> np.uint64(3)))
        slot = hashes[k] >> shift
        passed[np.uintp(n_passed)] = hashes[k]
        n_passed += np.int64((bits[np.uintp(slot >> np.uint64(3))] >> np.uint8(slot & np.uint64(7))) & 1)
    n_found = 0
    for k in range(n_passed):
        found = passed[np.uintp(k)]
        base = (((found >> shift) * np.uint64(n_shares)) >> (np.uint64(64) - shift)) * size
        at = (found >> _1) & (size - _1)
        while table[np.uintp(base + at)] != 0 and keys[np.uintp(table[np.uintp(base + at)] - 1)] != found:
            at = (at + _1) & (size - _1)
        passed[np.uintp(n_found)] = np.uint64(table[np.uintp(base + at)])
        n_found += passed[np.uintp(n_found)] != _0
    n = 0
    for place in range(n_found):
        prefetch(chains, 2 * np.intp(passed[min(place + _AHEAD, n_found - 1)]) - 2)
        k = np.int64(passed[np.uintp(place)]) - 1
        while k >= 0:
            i = np.int64(chains[np.uintp(k), 1])
            if met[np.uintp(i)] == 0:
                touched[np.uintp(n)] = i
                n += 1
            met[np.uintp(i)] += 1
            k = np.int64(chains[np.uintp(k), 0])
    return n


@kernel
def _shared(hashes, need, table, mask):
    """How many hashes are in a table, if that is at least `need`; else -1."""
    may_miss = len(hashes) - need
    n = 0
    for found in hashes:
        at = np.uintp((found >> _1) & mask)
        while table[at] != _0 and table[at] != found:
            at = (at + np.uintp(1)) & np.uintp(mask)
        if table[at] == found:
            n += 1
        else:
            may_miss -= 1
            if may_miss < 0:
                return -1
    return n


@kernel
def probe(unit, first, probing, index, filter_, state):
    """Finds which indexed texts are contained in the texts of a unit, from its text `first` on.

    `unit` are numbers, bounds and hashes of its texts. `probing` are numbers, bounds, hashes, needs and extras of
    the indexed ones. `state` are ranks and base flags by number, then work space of the thread: met, touched, passed,
    table, out (int64[n, 3]: the shorter, the longer, shared). Comes back with the text at which it stopped, because
    `out` has no room for all that this text met; how many rows are in `out`; how many pairs were compared in full.
    """
    numbers, unit_bounds, unit_hashes = unit
    owners, bounds, hashes, needs, extras = probing
    ranks, is_base, met, touched, passed, table, out = state
    n_out, n_compared = 0, 0
    for t in range(first, len(numbers)):
        mine = unit_hashes[unit_bounds[t] : unit_bounds[t + 1]]
        n_met = _meet(mine, index[0], index[1], filter_, (met, touched, passed))
        rank, in_base = ranks[numbers[t]], is_base[numbers[t]]
        n = 0
        for k in range(n_met):
            i = touched[k]
            enough = met[i] > extras[i] and ranks[owners[i]] < rank and not (in_base and is_base[owners[i]])
            met[i] = 0
            if enough:
                touched[n] = i
                n += 1
        if n_out + n > len(out):
            return t, n_out, n_compared
        if n == 0:
            continue
        size = power_of_two(2 * len(mine))
        table[:size] = 0
        mask = np.uint64(size - 1)
        for found in mine:
            _add(found, table, mask)
        for k in range(n):
            i = touched[k]
            shared = _shared(hashes[bounds[i] : bounds[i + 1]], needs[i], table, mask)
            if shared >= 0:
                out[n_out, 0], out[n_out, 1], out[n_out, 2] = owners[i], numbers[t], shared
                n_out += 1
        n_compared += n
    return len(numbers), n_out, n_compared


@kernel
def count_shared(texts, pairs, given, needs, table, shared):
    """Counts how many hashes of each list that is given are those of a text; -1 where that is less than is needed.

    `texts` are bounds and hashes of all texts; `pairs` the text of each list, and the order of the lists, by texts;
    `given` are bounds and hashes of the lists. `table` is work space of twice as many hashes as the longest text has.
    """
    bounds, hashes = texts
    of, order = pairs
    given_bounds, sought = given
    held, mask = -1, np.uint64(0)
    for k in order:
        if of[k] != held:
            held = of[k]
            start, end = bounds[held], bounds[held + 1]
            size = power_of_two(2 * (end - start))
            table[:size] = 0
            mask = np.uint64(size - 1)
            for found in hashes[start:end]:
                _add(found, table, mask)
        shared[k] = _shared(sought[given_bounds[k] : given_bounds[k + 1]], needs[k], table, mask)


@kernel
def openings(data, spans, alphabet, work, out, done):
    """Writes the hashes of each text's first words to a row of `out` (uint64[n, k]).

    Sets `done` (bool[n]) to False for the texts that `words` must cut. Words do not go on behind a space, so that the
    beginning of a text up to one is enough, if it has as many words.
    """
    starts, ends = spans
    buffer, words = work
    for i in range(len(starts)):
        end = min(starts[i] + _OPENING_BYTES * out.shape[1], ends[i])
        while end < ends[i] and data[end] != 32:
            end += 1
        n_bytes = fold_text(data, starts[i], end, alphabet, buffer)
        n = cut_words(buffer, n_bytes, words) if n_bytes >= 0 else 0
        if n < out.shape[1] and end < ends[i]:
            n_bytes = fold_text(data, starts[i], ends[i], alphabet, buffer)
            n = cut_words(buffer, n_bytes, words) if n_bytes >= 0 else 0
        done[i] = n_bytes >= 0
        for k in range(min(n, out.shape[1])):
            out[i, k] = words[k]
