"""The plain NumPy twin of the kernels of losses, for dtypes that have none.

One logit of a row is kept apart from the others: the label or, where several classes have
a share, the largest. Its surprisal, minus the logarithm of its probability, is softplus of
the distance by which logsumexp of the others lies above it. Nothing cancels in it, however
close to one that probability is.
"""

import numpy as np

from ._plain import difference, exp
from ._quiet import quiet


def cross_entropy(a, axis, labels, weight, targets, share, scale, loss, gradient):
    """OUT loss (kept shape), gradient (a's shape, times `scale`; or None).

    A row's loss is the sum of its classes' surprisals, each times `targets` (a's shape, or
    None) and the label's once more times `share` and its class's `weight` (or None); labels
    (kept shape, or None) of -1 say that the row counts for nothing.
    """
    with quiet():
        x = np.moveaxis(a, axis, -1)
        ignored = None if labels is None else labels < 0
        label = None if labels is None else np.where(ignored, 0, labels)[..., np.newaxis]
        apart = label if targets is None else np.argmax(x, axis=-1, keepdims=True)
        surprisal, slope, shares = _apart(x, apart)
        each = np.zeros_like(x) if targets is None else np.moveaxis(targets, axis, -1).copy()
        if label is not None:
            own = share * (1 if weight is None else weight[label])
            np.put_along_axis(each, label, np.take_along_axis(each, label, -1) + own, -1)
        own = np.take_along_axis(each, apart, -1)[..., 0]
        np.put_along_axis(each, apart, 0, -1)
        total = each.sum(axis=-1) + own
        further = _hiding(each, np.take_along_axis(x, apart, -1) - x).sum(axis=-1)
        loss[...] = _hiding(total, surprisal) + further
        if ignored is not None:
            loss[ignored] = 0
        if gradient is None:
            return
        rows = (total * slope)[..., np.newaxis] * shares - each
        others = each.sum(axis=-1)
        # Where both terms are large the probability of the one apart serves better.
        by_share = (slope > 0.5) & (others > own)
        one = np.where(by_share, total * np.exp(-surprisal) - own, others - total * slope)
        np.put_along_axis(rows, apart, one[..., np.newaxis], -1)
        rows[np.isneginf(x).all(axis=-1)] = 0
        if ignored is not None:
            rows[ignored] = 0
        np.moveaxis(gradient, axis, -1)[...] = rows * scale


def _apart(x, apart):
    """Of the class `apart` of each row: surprisal, one minus probability, and softmax of the others."""
    one = np.take_along_axis(x, apart, -1)[..., 0]
    others = x.copy()
    np.put_along_axis(others, apart, -np.inf, -1)
    top = others.max(axis=-1)
    terms = exp(*difference(others, np.where(np.isneginf(top), 0, top)[..., np.newaxis]))
    total = terms.sum(axis=-1)
    d, error = difference(one, top)
    power = exp(-np.abs(d), np.where(d > 0, -error, error))
    ratio = np.where(d > 0, total * power, (total - 1) + power)
    surprisal = np.log1p(ratio) + np.where(d > 0, 0, -d)
    slope = np.where(d > 0, ratio, total) / (1 + ratio)
    shares = terms / total[..., np.newaxis]

    # Infinities: one of them is certain, two are as undecided as no possible class.
    nan = np.isnan(one) | np.isnan(top)
    certain = (one == np.inf) & (top < np.inf)
    impossible = (one < np.inf) & (top == np.inf)
    lost = np.isneginf(one) & np.isneginf(top)
    alone = np.isneginf(top) & ~lost
    several = np.isposinf(x).sum(axis=-1) > 1
    surprisal = np.select([nan, certain | alone, impossible, lost], [np.nan, 0, np.inf, np.nan], surprisal)
    slope = np.select([nan | several, certain | alone | lost, impossible], [np.nan, 0, 1], slope)
    shares = np.where(np.isneginf(top)[..., np.newaxis], 0, shares)
    shares = np.where(np.isposinf(top)[..., np.newaxis], np.isposinf(others), shares)
    return surprisal, slope, shares


def binary_cross_entropy(x, targets, pos_weight, weight, scale, loss, gradient):
    """OUT loss, gradient (times `scale`), each of x's shape or None; returns the sum of the losses."""
    with quiet():
        negative = 1 - targets
        positive = targets if pos_weight is None else targets * pos_weight
        power = np.exp(-np.abs(x))
        least = np.log1p(power)
        losses = _hiding(positive, np.maximum(-x, 0) + least) + _hiding(negative, np.maximum(x, 0) + least)
        losses = losses if weight is None else _hiding(weight, losses)
        if loss is not None:
            loss[...] = losses
        if gradient is not None:
            likely, unlikely = 1 / (1 + power), power / (1 + power)
            slopes = negative * np.where(x < 0, unlikely, likely) - positive * np.where(
                x < 0, likely, unlikely
            )
            gradient[...] = (slopes if weight is None else weight * slopes) * scale
        return losses.sum(dtype=np.result_type(x.dtype, np.float64))


def compensated_sum(x):
    """The sum; what adding pairs of pairs gives away is little beside the losses' own errors."""
    return x.sum()


def _hiding(factor, x):
    """factor * x, where a factor of zero hides inf and nan."""
    return np.where(factor == 0, 0, factor * x)
