"""Which sentences of one text stand against which of another."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence

from broadsheet.repeats.signs import Sentence

MAX_SENTENCES = 64  # a word in more sentences than that does not help to align them

Sentences = Mapping[int, Sentence]
"""Some sentences of a text by their places in it."""

Mask = frozenset[str]


def aligned(a: Sentences, b: Sentences) -> Iterator[tuple[list[int], list[int]]]:
    """Places of sentences that stand against each other: first those equal but for values, then by shared words.

    One to one, lazily; then a sentence without a partner joins a neighbour whose partner contains it, since
    one text may have a full stop where the other has none.
    """
    left, right = list(a), list(b)
    found = _equal([a[i].masked for i in left], [b[j].masked for j in right])
    pairs = {left[i]: right[j] for i, j in found.items()}
    yield from (([i], [j]) for i, j in pairs.items())
    masks_a, masks_b = {i: a[i].mask for i in left}, {j: b[j].mask for j in right}
    taken = set(pairs.values())
    rest_b = {j: mask for j, mask in masks_b.items() if j not in taken}
    pairs |= _overlapping({i: mask for i, mask in masks_a.items() if i not in pairs}, rest_b)
    owners = {j: i for i, j in pairs.items()}
    more_a = _neighbours(masks_a, pairs, masks_b)
    more_b = _neighbours(masks_b, owners, masks_a)
    for i, j in sorted(pairs.items()):
        if j in rest_b or more_a[i] or more_b[j]:
            yield sorted([i, *more_a[i]]), sorted([j, *more_b[j]])


def unpaired(a: Sequence[Hashable], b: Sequence[Hashable]) -> tuple[list[int], list[int]]:
    """Places of what is left of two rows when equal members are paired, first with first."""
    of_a, of_b = frozenset(a), frozenset(b)
    if len(of_a) == len(a) and len(of_b) == len(b):
        return [i for i, key in enumerate(a) if key not in of_b], [j for j, key in enumerate(b) if key not in of_a]
    pairs = _equal(a, b)
    taken = set(pairs.values())
    return [i for i in range(len(a)) if i not in pairs], [j for j in range(len(b)) if j not in taken]


def _equal(a: Sequence[Hashable], b: Sequence[Hashable]) -> dict[int, int]:
    """Pairs of equal members, first with first, second with second."""
    places = defaultdict(list)
    for j in reversed(range(len(b))):
        places[b[j]].append(j)
    return {i: places[key].pop() for i, key in enumerate(a) if places.get(key)}


def _overlapping(a: dict[int, Mask], b: dict[int, Mask]) -> dict[int, int]:
    """Pairs that share half of their words, or three quarters of the shorter one's; most similar first."""
    bit = {word: 1 << k for k, word in enumerate(frozenset().union(*b.values()))}
    helpful = sum(bit[word] for word in _helpful(b)) if len(b) > MAX_SENTENCES else -1
    others = [(j, sum([bit[word] for word in mask]), len(mask)) for j, mask in b.items()]
    scored = []
    for i, mask in a.items():
        mine, size = sum([bit[word] for word in mask if word in bit]), len(mask)
        for j, other, n in others:
            n_shared = (mine & other).bit_count()
            if (2 * n_shared < n and 2 * n_shared < size) or not mine & other & helpful:
                continue
            n_min, n_sum = min(size, n), size + n
            if 4 * n_shared >= n_sum or (n_min >= 3 and 4 * n_shared >= 3 * n_min):
                scored.append((-2 * n_shared / n_sum, abs(i - j), i, j))
    pairs: dict[int, int] = {}
    taken = set()
    for _, _, i, j in sorted(scored):
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return pairs


def _helpful(masks: Mapping[int, Mask]) -> Mask:
    """The words that are in few enough sentences."""
    n_with = Counter(word for mask in masks.values() for word in mask)
    return frozenset(word for word, n in n_with.items() if n <= MAX_SENTENCES)


def _neighbours(masks: dict[int, Mask], partners: dict[int, int], others: dict[int, Mask]) -> dict[int, list[int]]:
    """For each aligned sentence the ones beside it, without a gap, whose words its partner has, too.

    A sentence that has no partner joins only by words that are not accounted for by those it would join.
    """
    owners = {i: i for i in masks if i in partners}
    covered = {i: masks[i] for i in owners}
    for step, order in ((1, sorted(masks)), (-1, sorted(masks, reverse=True))):
        for i in order:
            owner = owners.get(i - step)
            if i in owners or owner is None:
                continue
            more = masks[i] - covered[owner]
            if len(more) >= 2 and 4 * len(more & others[partners[owner]]) >= 3 * len(more):
                owners[i] = owner
                covered[owner] |= masks[i]
    joined = defaultdict(list)
    for i, owner in owners.items():
        if i != owner:
            joined[owner].append(i)
    return joined
