"""Integer arithmetic, for rows that no fixed precision settles: correctly rounded, whatever it is given."""

import itertools
import math

import mpmath
import numpy as np
import oracle
import pytest

import stablemath_core as sm
from stablemath_core import _exact, _kernels

INF = math.inf
TINY = 5e-324
HUGE = 1.7976931348623157e308


def expected(values, weights=None, divisors=(1.0,)):
    """By mpmath, at a precision where nothing in these tests cancels altogether."""
    weights = [1.0] * len(values) if weights is None else weights
    with mpmath.workprec(5000):
        terms = [mpmath.mpf(b) * mpmath.exp(mpmath.mpf(x)) for x, b in zip(values, weights, strict=True)]
        total = mpmath.fsum(terms)
        divisor = mpmath.fsum(mpmath.mpf(each) for each in divisors)
        if not total:
            return -INF, 0.0
        if not divisor:
            return INF, float(mpmath.sign(total))
        total /= divisor
        log = mpmath.log(abs(total))
        sign, mantissa, exponent, _ = log._mpf_
    # Python's quotient of integers is correctly rounded, below the smallest normal number too
    magnitude = int(mantissa) << exponent if exponent > 0 else int(mantissa) / (1 << -exponent)
    return (-1) ** sign * float(magnitude), float(mpmath.sign(total))


CASES = {
    "nothing": ([], None),
    "only minus infinity": ([-INF, -INF], None),
    "one": ([-3.7], None),
    "one, negative": ([2.5], [-1.0]),
    "one, weighted": ([2.5], [3.0]),
    "one, weight near one": ([0.0], [1 + 2**-52]),
    "minus infinity counts for nothing": ([-INF, 1.0, 2.0], [5.0, 1.0, 1.0]),
    "equal ones gather": ([1.0, 1.0, 1.0], [0.1, 0.2, 0.7]),
    "equal ones cancel": ([1.0, 1.0], [1e300, -1e300]),
    "zeros of both signs are equal": ([0.0, -0.0, 1.0], [1.0, -1.0, 1.0]),
    "weights out of range of each other": ([3.0, 3.0, 3.0], [1e300, 1e-300, -1e300]),
    "left after cancelling": ([1000.0, 1000.0, 1.0], [1.0, -1.0, 1.0]),
    "close together": ([1e-20, 0.0], [1.0, -1.0]),
    "closest together": ([TINY, 0.0], [1.0, -1.0]),
    "second difference": ([0.0, TINY, 2 * TINY], [1.0, -2.0, 1.0]),
    "far apart, weights far apart": ([0.0, -800.0], [1e-300, 1e300]),
    "sum of weights out of range": ([0.0, 0.0], [HUGE, HUGE]),
    "result just above zero": ([0.0, -700.0], None),
    "result subnormal": ([0.0, -740.0], None),
    "result just below zero": ([0.0, -700.0], [1.0, -1.0]),
    "weight just above one": ([0.0, 0.0], [1.0, TINY]),
    "halves": ([math.log(0.5)] * 2, None),
    "smallest weights": ([0.0, 1.0], [TINY, -TINY]),
    "many terms out of reach": ([float(-10 * k) for k in range(200)], None),
    "digits of e": ([1.0, 0.0, 0.0], [1.0, -math.e, -1.4456468917292502e-16]),
}


@pytest.mark.parametrize("case", CASES)
def test_against_mpmath(case):
    values, weights = CASES[case]
    assert _exact.logsumexp(values, weights) == expected(values, weights)


def test_at_random(rng):
    for _ in range(100):
        n = int(rng.integers(1, 8))
        values = rng.normal(0, 1, n) * 10 ** rng.uniform(-20, 2.5, n)
        weights = rng.normal(0, 1, n) * 10 ** rng.uniform(-300, 300, n)
        values, weights = values.tolist(), weights.tolist()
        assert _exact.logsumexp(values, weights) == expected(values, weights)
        assert _exact.logsumexp(values) == expected(values)


def test_quotients(rng):
    for spread in (0, 1, 30, 300):
        for _ in range(40):
            n = int(rng.integers(1, 6))
            values = (rng.normal(0, 1, n) * 10 ** rng.uniform(-80, 1)).tolist()
            weights = (rng.normal(0, 1, n) * 10 ** rng.uniform(-spread, spread, n)).tolist()
            assert _exact.logsumexp(values, weights, weights) == expected(values, weights, weights)
    assert _exact.logsumexp([1.0, 0.0], [1.0, -1.0], [1.0, -1.0]) == (INF, 1.0)
    assert _exact.logsumexp([0.0, 1.0], [1.0, -1.0], [2.0, -2.0]) == (INF, -1.0)
    assert _exact.logsumexp([0.3, 0.3], [1.0, 2.0], [5.0, -2.0]) == (0.3, 1.0)
    assert _exact.logsumexp([0.3], [1.0], [-1.0]) == (0.3, -1.0)


def test_small_integers(rng):
    """Many equal values and weights that add up to zero."""
    for _ in range(100):
        values = rng.integers(-2, 3, 6).astype(float).tolist()
        weights = rng.integers(-2, 3, 6).astype(float).tolist()
        assert _exact.logsumexp(values, weights) == expected(values, weights)


@pytest.mark.parametrize(
    ("values", "result"),
    [
        ([HUGE], HUGE),
        ([HUGE, HUGE], HUGE),
        ([-HUGE, -HUGE], -HUGE),
        ([HUGE, -HUGE], HUGE),
        ([1e308, 1e300, 0.0, TINY], 1e308),
        ([2.0**60, 2.0**60], 2.0**60),
        ([-TINY, -800.0], -TINY),
        ([-(2.0**-1000), -HUGE], -(2.0**-1000)),
        ([0.0, -800.0], 0.0),
        ([0.0, -HUGE], 0.0),
        ([0.0, -745.0], TINY),
        ([0.0], 0.0),
    ],
)
def test_huge_and_small(values, result):
    assert _exact.logsumexp(values) == (result, 1.0)
    assert _exact.logsumexp(values, [-1.0] * len(values)) == (result, -1.0)


def test_order_does_not_matter():
    values, weights = [0.3, -0.1, 700.0, 1e-9], [1.0, -2.0, 1e-300, 3.0]
    results = {
        _exact.logsumexp([values[i] for i in order], [weights[i] for i in order])
        for order in itertools.permutations(range(4))
    }
    assert len(results) == 1


def test_long_rows_are_settled_in_time(rng):
    x = rng.normal(0, 10, 3000)
    x -= _exact.logsumexp(x.tolist())[0]
    value, sign = _exact.logsumexp(x.tolist())
    assert sign == 1
    assert oracle.ulp_error(np.float64(value), oracle.reductions(x)[0]) <= 0.5


# Calls that need it for every row.
NEEDS = {
    "rows": lambda x: sm.logsumexp(x, axis=1),
    "weighted": lambda x: sm.logsumexp(x, axis=1, b=np.ones_like(x)),
    "running sums": lambda x: sm.logcumsumexp(x, axis=1),
    "mean": lambda x: sm.logmeanexp(x[:, :1] * 1e-300, axis=1, b=[[1.0, -1e-20]]),
}


@pytest.mark.parametrize("call", NEEDS)
@pytest.mark.parametrize("rows", [3, 150_000], ids=["alone", "shared out"])
def test_what_interrupts_it_is_raised(call, rows, monkeypatch):
    """No number takes the place of a result that could not be found."""

    def interrupted(*args):
        raise KeyboardInterrupt

    with mpmath.workprec(300):
        second = -69.0
        first = math.log1p(-math.exp(second)) * (1 + 1e-15)
        lack = 1 - mpmath.exp(first) - mpmath.exp(second)
        x = np.tile([first, second, float(mpmath.log(lack))], (rows, 1))
    usual, excess = _exact.logsumexp, _exact.excess
    monkeypatch.setattr(_exact, "logsumexp", interrupted)
    monkeypatch.setattr(_exact, "excess", interrupted)
    _kernels.set_exact(interrupted, interrupted)
    try:
        with pytest.raises(KeyboardInterrupt):
            NEEDS[call](x)
    finally:
        _kernels.set_exact(usual, excess)
    monkeypatch.undo()
    NEEDS[call](x[:3])
