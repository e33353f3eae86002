"""Families of rows on which a logsumexp or a softmax loses digits, each for its own reason.

A family is a function (rng, rows, n, dtype) -> array (rows, n) of that dtype.
"""

import functools

import numpy as np
from scipy.special import logsumexp

DTYPES = ("float32", "float64")


def normal(rng, rows, n, dtype, scale=1.0):
    return (rng.normal(0, scale, (rows, n))).astype(dtype)


def all_equal(rng, rows, n, dtype):
    return np.repeat(rng.normal(0, 10, (rows, 1)).astype(dtype), n, axis=1)


def one_dominates(rng, rows, n, dtype):
    x = rng.normal(0, 5, (rows, n))
    x[np.arange(rows), rng.integers(n, size=rows)] += rng.uniform(10, _depth(dtype), rows)
    return x.astype(dtype)


def tiny_tail(rng, rows, n, dtype):
    """The maximum is 0, the rest far below."""
    x = rng.uniform(-_depth(dtype), -5, (rows, 1)) + rng.normal(0, 2, (rows, n))
    x[np.arange(rows), rng.integers(n, size=rows)] = 0
    return x.astype(dtype)


def log_probabilities(rng, rows, n, dtype):
    """Normalised, so that the result is as close to 0 as roundings leave it."""
    x = rng.normal(0, rng.uniform(0.1, 8, (rows, 1)), (rows, n))
    return (x - logsumexp(x, axis=-1, keepdims=True)).astype(dtype)


def crossing_zero(rng, rows, n, dtype):
    """The result on either side of 0, near and nearer."""
    x = rng.normal(0, rng.uniform(0.1, 20, (rows, 1)), (rows, n))
    result = rng.choice([-1, 1], (rows, 1)) * 10 ** rng.uniform(-18, 0, (rows, 1))
    return (x - logsumexp(x, axis=-1, keepdims=True) + result).astype(dtype)


def near_powers_of_two(rng, rows, n, dtype):
    """The sum of exp(x - max), or the result, close to a power of two."""
    x = rng.normal(0, 1, (rows, n))
    of_sum = rng.integers(2, size=(rows, 1)) == 0
    power = 2.0 ** rng.integers(-3, 8, (rows, 1))
    tail = np.log(np.maximum(2.0 ** rng.integers(0, 8, (rows, 1)) - 1, 2.0**-20))
    x[:, 0] = -np.inf
    x = x - logsumexp(x, axis=-1, keepdims=True) + tail
    x[:, 0] = np.maximum(0, x[:, 1:].max(axis=1))
    return np.where(of_sum, x, x - logsumexp(x, axis=-1, keepdims=True) + power).astype(dtype)


def huge(rng, rows, n, dtype):
    x = rng.uniform(-1, 1, (rows, n)) * np.finfo(dtype).max
    x[:, 0] = np.nextafter(x[:, -1], 0)
    return x.astype(dtype)


def subnormal(rng, rows, n, dtype):
    return (rng.integers(-9, 9, (rows, n)) * np.finfo(dtype).smallest_subnormal).astype(dtype)


def any_magnitude(rng, rows, n, dtype):
    limit = -np.log10(float(np.finfo(dtype).tiny))
    return (rng.choice([-1, 1], (rows, n)) * 10 ** rng.uniform(-limit, 3, (rows, n))).astype(dtype)


def with_minus_infinity(rng, rows, n, dtype):
    x = rng.normal(0, 10, (rows, n))
    x[rng.random((rows, n)) < 0.4] = -np.inf
    x[:, 0] = rng.normal(0, 10, rows)
    return rng.permuted(x, axis=1).astype(dtype)


def whole_numbers(rng, rows, n, dtype):
    return rng.integers(-30, 30, (rows, n)).astype(dtype)


def ascending(rng, rows, n, dtype):
    return np.sort(normal(rng, rows, n, dtype, 20.0), axis=-1)


def descending(rng, rows, n, dtype):
    return ascending(rng, rows, n, dtype)[:, ::-1]


def steep(rng, rows, n, dtype):
    """Every step larger than what the exponential holds."""
    return np.cumsum(rng.exponential(2 * _depth(dtype), (rows, n)), axis=-1).astype(dtype)


def edge_of_underflow(rng, rows, n, dtype):
    """Elements whose softmax is about to become subnormal, or 0."""
    last = np.log(float(np.finfo(dtype).smallest_subnormal))
    x = rng.uniform(last - 2, last + 40, (rows, n)) + rng.normal(0, 3, (rows, 1))
    x[:, :1] = rng.choice([0, 1], (rows, 1)) * rng.normal(0, 3, (rows, 1))
    return x.astype(dtype)


def tail_against_maximum(rng, rows, n, dtype):
    """A maximum as far below 0 as the tiny tail lifts the result."""
    x = rng.uniform(-_depth(dtype), -20, (rows, 1)) + rng.normal(0, 2, (rows, n))
    x[:, 0] = 0
    x[:, 0] = -np.exp(x[:, 1:]).sum(axis=1) * 2 ** rng.normal(0, 1, rows)
    return x.astype(dtype)


def _depth(dtype):
    """How far below the maximum an exponential still counts."""
    return 90 if np.dtype(dtype) == np.float32 else 700


FAMILIES = {
    **{
        f"normal_{scale:g}": functools.partial(normal, scale=scale)
        for scale in (0.1, 1, 10, 100, 1e3, 1e4, 1e5)
    },
    **{
        family.__name__: family
        for family in (
            all_equal,
            one_dominates,
            tiny_tail,
            log_probabilities,
            crossing_zero,
            near_powers_of_two,
            huge,
            subnormal,
            any_magnitude,
            with_minus_infinity,
            whole_numbers,
            ascending,
            descending,
            steep,
            edge_of_underflow,
            tail_against_maximum,
        )
    },
}
