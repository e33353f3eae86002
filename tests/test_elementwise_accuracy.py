"""The elementwise functions' promise: 2 ulp, for arguments of every size and where their results cross 0."""

import zlib

import numpy as np
import oracle
import pytest
from families import DTYPES

import stablemath_core as sm

N = 150
LOG2 = np.log(2.0)


def reals(rng):
    """Doubles of every kind: some would over- or underflow as float32, and are dropped there."""
    size = 10 ** rng.uniform(-320, 308, N)
    return np.concatenate(
        [
            rng.normal(0, 1, N),
            rng.normal(0, 20, N),
            rng.normal(0, 300, N),
            rng.uniform(-1e-3, 1e-3, N),
            rng.choice([-1, 1], N) * size,
            rng.choice([-1, 1], N) * 10 ** rng.uniform(-45, 38, N),
        ]
    )


def near(rng, point):
    return point + rng.normal(0, 1, 2 * N) * 10 ** rng.uniform(-16, -1, 2 * N)


def positive(rng, point):
    return np.abs(np.concatenate([reals(rng), near(rng, point)]))


def pairs(rng):
    """Far apart, close together, and on either side of where logaddexp is 0."""
    x = reals(rng)
    y = np.where(rng.random(x.size) < 0.5, x + near(rng, 0)[: x.size // 3].repeat(3), rng.permutation(x))
    low = -rng.exponential(1, N)
    return np.concatenate([x, low]), np.concatenate([y, np.log1p(-np.exp(low))])


def between_0_and_1(rng):
    small = 10 ** rng.uniform(-320, 0, 2 * N)
    return np.concatenate([rng.random(N), small, 1 - 10 ** rng.uniform(-16, 0, N), near(rng, 0.5)])


def descending_pairs(rng):
    x, y = pairs(rng)
    return np.maximum(x, y), np.minimum(x, y)


ARGUMENTS = {
    "logaddexp": pairs,
    "logsubexp": descending_pairs,
    "softplus": lambda rng: (reals(rng),),
    "logexpm1": lambda rng: (positive(rng, LOG2),),
    "log1mexp": lambda rng: (-positive(rng, LOG2),),
    "expit": lambda rng: (reals(rng),),
    "log_expit": lambda rng: (reals(rng),),
    "logit": lambda rng: (between_0_and_1(rng),),
    "xlogy": lambda rng: (reals(rng), np.resize(positive(rng, 1.0), 6 * N)),
    "entr": lambda rng: (positive(rng, 1.0),),
    "logcosh": lambda rng: (reals(rng),),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", ARGUMENTS)
def test_within_two_ulp(function, dtype):
    rng = np.random.default_rng(zlib.crc32(function.encode()))
    with np.errstate(over="ignore", under="ignore"):
        arguments = [each.astype(dtype) for each in ARGUMENTS[function](rng)]
    keep = np.logical_and.reduce([np.isfinite(each) for each in arguments])
    if function == "logit":
        keep &= (arguments[0] > 0) & (arguments[0] < 1)
    elif function == "logsubexp":
        keep &= arguments[0] > arguments[1]
    elif function not in ("logaddexp", "softplus", "expit", "log_expit", "logcosh"):
        keep &= arguments[-1] != 0
    arguments = [each[keep] for each in arguments]
    computed = getattr(sm, function)(*arguments)
    assert computed.dtype == dtype
    error = oracle.ulp_error(computed, oracle.elementwise(function, *arguments))
    worst = int(error.argmax())
    assert error[worst] <= 2, ([float(each[worst]).hex() for each in arguments], computed[worst])
