"""A linear-chain conditional random field with some states known and others left open, fitted with numpy alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from broadsheet.segment.states import ENDS, MOVES, STARTS, STATES

N = len(STATES)
Floats = npt.NDArray[np.float64]


@dataclass
class Sample:
    """One page: bins `uint16[features, n]`, the border before each line, and the states that each line may have."""

    bins: npt.NDArray[np.uint16]
    borders: npt.NDArray[np.int64]
    allowed: npt.NDArray[np.bool_]
    weight: float = 1.0


@dataclass
class Model:
    """Weights: a table a feature, `float64[bins, states]`, and moves, `float64[borders, states, states]`."""

    tables: list[Floats]
    moves: Floats


@dataclass(frozen=True)
class Settings:
    """How a model is fitted: passes over the pages, shrinkage, share of features left out a step, random seed."""

    epochs: int = 10
    l2: float = 2e-6
    drop: float = 0.15
    seed: int = 0


_BATCH_LINES = 6000
_MAY = np.zeros((N, N))
for _a, _b in MOVES:
    _MAY[_a, _b] = 1.0
_START = np.array([float(s in STARTS) for s in range(N)])
_END = np.array([float(s in ENDS) for s in range(N)])


def _forward(
    emit: Floats, borders: npt.NDArray[np.int64], moves: Floats, active: Sequence[int]
) -> tuple[Floats, Floats]:
    """Scaled sums over the paths to each state, `[t, b, s]`, and log of what they were scaled by, `[b]`."""
    alpha = np.zeros_like(emit)
    log = np.zeros(emit.shape[1])
    row = _START * emit[0]
    for t, k in enumerate(active):
        if t:
            row = row[:k]
            reached = np.zeros_like(row)
            for b in range(len(moves)):
                here = borders[t, :k] == b
                if here.any():
                    reached[here] = row[here] @ moves[b]
            row = reached * emit[t, :k]
        total = row.sum(axis=1, keepdims=True)
        total[total == 0] = 1e-300
        row = row / total
        log[:k] += np.log(total[:, 0])
        alpha[t, :k] = row
    return alpha, log


def _marginals(
    emit: Floats, borders: npt.NDArray[np.int64], moves: Floats, sizes: npt.NDArray[np.int64]
) -> tuple[Floats, Floats, Floats]:
    """State marginals `[t, b, s]`, summed transition marginals `[borders, s, s]`, and log of the sum over paths, `[b]`.

    `emit`: factors `[t, b, s]`, pages sorted longest first; `moves`: factors.
    """
    steps, n_pages, _ = emit.shape
    active = [int((sizes > t).sum()) for t in range(steps)]
    alpha, log = _forward(emit, borders, moves, active)
    beta = np.zeros((n_pages, N))
    gamma = np.zeros_like(emit)
    pairs = np.zeros_like(moves)
    for t in range(steps - 1, -1, -1):
        k = active[t]
        longer = active[t + 1] if t + 1 < steps else 0
        if longer:
            onward = beta[:longer] * emit[t + 1, :longer]
            rest = np.zeros((longer, N))
            for b in range(len(moves)):
                here = borders[t + 1, :longer] == b
                if here.any():
                    rest[here] = onward[here] @ moves[b].T
            norm = (alpha[t, :longer] * rest).sum(axis=1, keepdims=True)
            norm[norm == 0] = 1e-300
            for b in range(len(moves)):
                here = borders[t + 1, :longer] == b
                if here.any():
                    pairs[b] += (alpha[t, :longer][here] / norm[here]).T @ onward[here]
            beta[:longer] = rest / norm
        if longer < k:
            last = alpha[t, longer:k] * _END
            total = last.sum(axis=1, keepdims=True)
            total[total == 0] = 1e-300
            log[longer:k] += np.log(total[:, 0])
            beta[longer:k] = _END / total
        gamma[t, :k] = alpha[t, :k] * beta[:k]
    return gamma, pairs * moves, log


def _batch(samples: Sequence[Sample], model: Model, kept: npt.NDArray[np.float64]) -> tuple[list[Floats], float]:
    """The gradients of all weights, in their order, and the loss, of some pages."""
    samples = sorted(samples, key=lambda s: -s.bins.shape[1])
    sizes = np.array([s.bins.shape[1] for s in samples])
    steps, n_pages = int(sizes[0]), len(samples)
    at = [np.arange(size) for size in sizes]
    scores = np.zeros((steps, n_pages, N))
    borders = np.full((steps, n_pages), -1)
    open_ = np.zeros((steps, n_pages, N))
    bins = np.concatenate([s.bins for s in samples], axis=1)
    t = np.concatenate(at)
    b = np.repeat(np.arange(n_pages), sizes)
    flat = np.zeros((bins.shape[1], N))
    for table, column, share in zip(model.tables, bins, kept, strict=True):
        if share:
            flat += table[column] * share
    flat -= flat.max(axis=1, keepdims=True)
    scores[t, b] = np.exp(flat)
    borders[t, b] = np.concatenate([s.borders for s in samples])
    open_[t, b] = np.concatenate([s.allowed for s in samples])
    moves = np.exp(model.moves) * _MAY
    free, free_pairs, free_log = _marginals(scores, borders, moves, sizes)
    held, held_pairs, held_log = _marginals(scores * open_, borders, moves, sizes)
    bad = held_log < -600 * 1.0 - 5.0 * sizes * 10
    weight = np.array([s.weight for s in samples]) * ~bad
    rest = (free - held)[t, b] * weight[b][:, None]
    gradients = []
    for table, column, share in zip(model.tables, bins, kept, strict=True):
        grad = np.zeros_like(table)
        gradients.append(grad)
        if not share:
            continue
        for s in range(N):
            grad[:, s] = np.bincount(column, rest[:, s] * share, len(table))
    gradients.append((free_pairs - held_pairs) * _MAY)
    return gradients, float(((free_log - held_log) * weight).sum())


def _groups(samples: Sequence[Sample]) -> list[list[int]]:
    """Batches of pages of like length, as places in the samples."""
    groups: list[list[int]] = []
    held: list[int] = []
    for i in sorted(range(len(samples)), key=lambda i: samples[i].bins.shape[1]):
        held.append(i)
        if len(held) * samples[i].bins.shape[1] > _BATCH_LINES:
            groups.append(held)
            held = []
    return [*groups, held] if held else groups


def fit(
    samples: Sequence[Sample],
    sizes: Sequence[int],
    n_borders: int,
    *,
    settings: Settings,
    say: Callable[[str], None] = print,
) -> Model:
    """The model that makes the allowed states likeliest, by Adam over batches of pages of like length."""
    epochs, l2, drop = settings.epochs, settings.l2, settings.drop
    rng = np.random.default_rng(settings.seed)
    model = Model([np.zeros((size, N)) for size in sizes], np.zeros((n_borders, N, N)))
    weights = [*model.tables, model.moves]
    first = [np.zeros_like(w) for w in weights]
    second = [np.zeros_like(w) for w in weights]
    groups = _groups(samples)
    mean, n_mean = [np.zeros_like(w) for w in weights], 0
    step = 0
    for epoch in range(epochs):
        start = time.time()
        loss = 0.0
        rate = 0.05 * (1 - epoch / epochs) ** 2 + 0.001
        for g in rng.permutation(len(groups)):
            chosen = [samples[i] for i in groups[g]]
            n_lines = sum(s.bins.shape[1] for s in chosen)
            kept = (rng.random(len(sizes)) >= drop) / (1 - drop)
            gradients, value = _batch(chosen, model, kept)
            loss += value
            step += 1
            for w, gradient, m, v in zip(weights, gradients, first, second, strict=True):
                gradient = gradient / n_lines + l2 * w
                m += 0.1 * (gradient - m)
                v += 0.01 * (gradient**2 - v)
                w -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-6)
            if epoch * 2 >= epochs:  # the mean of many steps is steadier than the last one
                n_mean += 1
                for w, m in zip(weights, mean, strict=True):
                    m += (w - m) / n_mean
        say(f"epoch {epoch}  loss a page {loss / len(samples):.3f}  {time.time() - start:.0f} s")
    return Model(mean[:-1], mean[-1])


def is_possible(allowed: npt.NDArray[np.bool_]) -> bool:
    """Whether any sequence of states goes through what each line allows."""
    reached = (_START > 0) & allowed[0]
    for states in allowed[1:]:
        reached = (reached @ _MAY > 0) & states
    return bool((reached & (_END > 0)).any())


def mean(models: Sequence[Model]) -> Model:
    """The mean of some models: scores are sums of weights, so it scores as they do on average."""
    tables = zip(*(model.tables for model in models), strict=True)
    return Model([np.mean(table, axis=0) for table in tables], np.mean([model.moves for model in models], axis=0))
