"""The arrays that are measured: random ones of many shapes, and real ones from handwritten digits."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture

# Values of a random array come from a pool of this many normal ones, so that the exact sum of ten million
# exponentials is the exact sum of a few thousand, each so many times.
POOL = 4096
SCALE = 10


@dataclass(frozen=True)
class Input:
    label: str
    shape: tuple
    axis: int | tuple | None
    make: Callable  # dtype -> array
    group: str = "random"

    @property
    def size(self):
        return int(np.prod(self.shape))

    @property
    def length(self):
        """How many elements one reduction takes."""
        return (
            int(np.prod(np.array(self.shape)[np.atleast_1d(self.axis)]))
            if self.axis is not None
            else self.size
        )


def random(shape, axis=None, layout="C"):
    """A random input; layout C, F, or 'every second' for every second column of a wider array."""
    words = [str(shape)]
    if axis is not None:
        words.append(f"axis {axis}")
    if layout != "C":
        words.append(layout)
    return Input(" ".join(words), shape, axis, lambda dtype: _random(shape, layout, np.dtype(dtype)))


def _random(shape, layout, dtype):
    rng = np.random.default_rng(20240229)
    wide = (*shape[:-1], 2 * shape[-1]) if layout == "every second" else shape
    x = _pool(dtype)[rng.integers(POOL, size=wide, dtype=np.uint16)]
    if layout == "every second":
        return x[..., ::2]
    return np.asfortranarray(x) if layout == "F" else x


@cache
def _pool(dtype):
    return (np.random.default_rng(1797).standard_normal(POOL) * SCALE).astype(dtype)


def digits():
    """What meets a classifier and a mixture of the 1797 handwritten digits: ten numbers for each."""
    sources = {
        "digits logits": _logits,
        "digits log-probabilities": _log_probabilities,
        "digits mixture": _likelihoods,
    }
    return [
        Input(label, (1797, 10), -1, lambda dtype, source=source: source().astype(dtype), "real")
        for label, source in sources.items()
    ]


@cache
def _pixels():
    pixels, labels = load_digits(return_X_y=True)
    return pixels / 16, labels


@cache
def _logits():
    """The classes' scores by a logistic regression."""
    pixels, labels = _pixels()
    return LogisticRegression(max_iter=300).fit(pixels, labels).decision_function(pixels)


@cache
def _log_probabilities():
    """The same, normalised: a row's logsumexp is 0 but for the rounding of its elements."""
    x = _logits()
    top = x.max(axis=1, keepdims=True)
    return x - top - np.log(np.exp(x - top).sum(axis=1, keepdims=True))


@cache
def _likelihoods():
    """log(weight) + log(density) by component of a Gaussian mixture, whose logsumexp is the likelihood."""
    pixels, _ = _pixels()
    mixture = GaussianMixture(10, covariance_type="diag", reg_covar=1e-3, random_state=0).fit(pixels)
    distances = (pixels[:, None] - mixture.means_) ** 2 / mixture.covariances_
    norms = np.log(2 * np.pi * mixture.covariances_)
    return np.log(mixture.weights_) - (distances + norms).sum(axis=2) / 2
