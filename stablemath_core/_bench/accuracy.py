"""The exact results, and how far each implementation's are from them, in units in the last place."""

import mpmath
import numpy as np

# The given floats are exact; so are their sums of exponentials, to far more digits than are compared.
exact = mpmath.MPContext()
exact.prec = 320

# About how many elements of an input are compared.
SAMPLE = 5000


class Reference:
    """The exact results for a sample of an input's rows: a row is what one reduction takes.

    x: the input; axis: as the functions take it.
    """

    def __init__(self, x, axis, exponentials):
        self.axes = tuple(range(x.ndim)) if axis is None else tuple(np.atleast_1d(axis) % x.ndim)
        rows = self._rows(x)
        self.picked = _spread(rows.shape[0], max(1, SAMPLE // rows.shape[1]))
        self.elements = _spread(rows.shape[1], SAMPLE)
        answers = [self._row(row, exponentials) for row in rows[self.picked]]
        self.answers = {name: np.array([each[name] for each in answers]) for name in answers[0]}

    def _rows(self, x):
        rows = np.moveaxis(x, self.axes, range(-len(self.axes), 0))
        return rows.reshape(-1, np.prod(rows.shape[-len(self.axes) :], dtype=int))

    def _row(self, row, exponentials):
        values, counts = np.unique(row, return_counts=True)
        terms = [exponentials(value) for value in values.tolist()]
        weighted = [term * count for term, count in zip(terms, counts.tolist(), strict=True)]
        # A tail may be smaller than the maximum by more digits than are carried here: it is summed apart.
        rest = (exact.fsum(weighted[:-1]) + terms[-1] * (int(counts[-1]) - 1)) / terms[-1]
        top, above = exact.mpf(float(values[-1])), exact.log1p(rest)
        total = exact.fsum(weighted)
        places = np.searchsorted(values, row[self.elements])
        distinct = np.unique(places)
        each = np.searchsorted(distinct, places)
        softmax = np.array([_pair(terms[i] / total) for i in distinct])
        log_softmax = np.array([_pair((exact.mpf(float(values[i])) - top) - above) for i in distinct])
        return {"logsumexp": [_pair(top + above)], "softmax": softmax[each], "log_softmax": log_softmax[each]}

    def error(self, function, result):
        """The largest error of a result, in ulp of the exact one."""
        result = np.asarray(result)
        if function == "logsumexp":
            got = result.reshape(-1, 1)[self.picked]
        else:
            got = self._rows(result)[self.picked][:, self.elements]
        return float(ulps(got, self.answers[function]).max())


def ulps(got, answers):
    """got: floats; answers: (..., 2) of float64, whose sums are the exact results."""
    high, low = answers[..., 0], answers[..., 1]
    with np.errstate(all="ignore"):
        unit = np.spacing(np.abs(high.astype(got.dtype)))
        errors = np.abs((got.astype(np.float64) - high) - low) / unit.astype(np.float64)
    return np.where(np.isnan(errors), np.inf, errors)


class Exponentials(dict):
    """Exact exponentials, each computed once; call it."""

    def __missing__(self, value):
        self[value] = exact.exp(exact.mpf(value))
        return self[value]

    __call__ = dict.__getitem__


def _pair(value):
    high = float(value)
    return high, float(value - exact.mpf(high))


def _spread(size, count):
    """At most so many indices, spread evenly."""
    return np.unique(np.linspace(0, size - 1, min(size, count)).astype(np.intp))
