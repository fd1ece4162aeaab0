"""Words that set one source apart from the others: a ranking, and what relabelling says of chance.

Source: Monroe, Colaresi and Quinn, "Fightin' Words" (2008), section 3.3: log-odds ratio with an informative Dirichlet
prior. Its z takes the words of a text for independent, which they are not: on five texts nearly any division gives as
many large ones. So z ranks here, and p comes from dealing the labels of whole texts anew.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from broadsheet.measure.chance import relabelled

PRIOR: Final = 500
"""The words that the prior counts as, in the proportions of the whole sample."""
N_RELABELLED: Final = 199
N_SOURCES: Final = 3
N_WORDS: Final = 10
FEWEST_TEXTS: Final = 2
"""Texts that a source, and the others together, must have at least."""
IN_TEXTS: Final = 3
"""Texts in which a word must stand."""
MOST_WORDS: Final = 2000
LARGE: Final = 1.96

Floats = npt.NDArray[np.float64]
COLUMNS: Final = ["source", "rank", "word", "uses", "uses_in_others", "in_texts", "z", "p", "texts", "other_texts",
                  "words_of_large_z", "after_relabelling_from", "to"]  # fmt: skip


def words_apart(_columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[list[str], list[list[Any]]]:
    """For the largest sources the words that are most frequent in them against all others.

    Rows are id, source and words of a text. `p` is the share of relabellings in which some word's z is as large, so
    that it holds for the best of so many words, too. The last three columns tell how many words have a z beyond 1.96,
    and how many after relabelling (from the 3rd to the 97th hundredth of relabellings).
    """
    counts, vocabulary = _counts([row[2] for row in rows])
    sources = np.array([row[1] for row in rows])
    sizes = Counter(row[1] for row in rows)
    found: list[list[Any]] = []
    for source, n in sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[:N_SOURCES]:
        if len(vocabulary) > 1 and min(n, len(rows) - n) >= FEWEST_TEXTS:
            found += _apart(source, sources == source, counts, vocabulary)
    return list(COLUMNS), found


def _counts(texts: Sequence[Sequence[str]]) -> tuple[Floats, list[str]]:
    """`float64[texts, words]`, and the words: the commonest of those that stand in several texts."""
    in_texts: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for text in texts:
        in_texts.update(set(text))
        total.update(text)
    kept = sorted((word for word, n in in_texts.items() if n >= IN_TEXTS), key=lambda word: (-total[word], word))
    vocabulary = kept[:MOST_WORDS]
    place = {word: k for k, word in enumerate(vocabulary)}
    counts = np.zeros((len(texts), len(vocabulary)))
    for row, text in zip(counts, texts, strict=True):
        for word, n in Counter(text).items():
            if word in place:
                row[place[word]] = n
    return counts, vocabulary


def _apart(source: str, mine: npt.NDArray[np.bool_], counts: Floats, vocabulary: list[str]) -> list[list[Any]]:
    labels = np.vstack([mine[None, :], relabelled(mine, N_RELABELLED)]).astype(np.float64)
    z = _z(labels @ counts, counts.sum(axis=0))
    largest = z[1:].max(axis=1)
    large = (np.abs(z) > LARGE).sum(axis=1)
    dealt = np.sort(large[1:])
    ours = counts[mine].sum(axis=0)
    others = counts.sum(axis=0) - ours
    in_texts = (counts > 0).sum(axis=0)
    best = sorted(range(len(vocabulary)), key=lambda k: (-z[0, k], vocabulary[k]))[:N_WORDS]
    n = int(mine.sum())
    spread = [int(large[0]), int(dealt[len(dealt) * 3 // 100]), int(dealt[len(dealt) * 97 // 100])]
    return [
        [source, rank, vocabulary[k], int(ours[k]), int(others[k]), int(in_texts[k]), round(float(z[0, k]), 2),
         round((1 + int((largest >= z[0, k]).sum())) / (1 + N_RELABELLED), 3), n, len(mine) - n, *spread]
        for rank, k in enumerate((k for k in best if z[0, k] > 0), 1)
    ]  # fmt: skip


def _z(ours: Floats, total: Floats) -> Floats:
    """`float64[labellings, words]`: rounded, so that the last bits of a logarithm decide nothing."""
    prior = PRIOR * total / total.sum()
    others = total - ours
    a, b = ours + prior, others + prior
    n_a, n_b = ours.sum(axis=1, keepdims=True) + PRIOR, others.sum(axis=1, keepdims=True) + PRIOR
    ratio = np.log(a / (n_a - a)) - np.log(b / (n_b - b))
    z: Floats = np.round(ratio / np.sqrt(1 / a + 1 / b), 6)
    return z
