"""Sums of exponentials next to 1: confident log-probabilities above all, whose largest is minus the rest."""

from fractions import Fraction

import mpmath
import numpy as np
import oracle
import pytest

import stablemath_core as sm
from stablemath_core import _exact, _kernels

GAPS = (3, 6, 10, 20, 30, 60, 100, 200, 400, 600, 690, 700)
BITS = 2600  # squares of the smallest exponentials, and digits of these


def exact_logs(x):
    """The logsumexp of each prefix of x, rounded to far more digits than a double has."""
    with mpmath.workprec(BITS):
        return oracle.Exact.of_mpf(oracle.prefixes(x, range(1, len(x) + 1), BITS))


def taken(exact, where):
    return oracle.Exact(exact.high[where], exact.low[where], exact.exponent[where])


def largest_beside(rest):
    """The log of 1 less the exponentials of the rest."""
    with mpmath.workprec(BITS):
        return mpmath.log1p(-mpmath.fsum(mpmath.exp(mpmath.mpf(float(v))) for v in rest))


def lines(gap, n, dtype, rng):
    """Lines whose first element is about what brings them to 1, and some in which it is not."""
    dtype = np.dtype(dtype).type
    rest = (rng.normal(size=n) - gap).astype(dtype)
    m = dtype(largest_beside(rest))
    firsts = [m, np.nextafter(m, dtype(-1)), np.nextafter(m, dtype(1)), m * dtype(1.001), dtype(0), -m]
    for first in firsts:
        yield np.append(first, rest)
    yield np.append(m, np.full(n, rest[0]))
    yield np.append([dtype(np.log(dtype(0.5)))] * 2, rest[1:])
    yield np.append(m, np.sort(rest)[::-1])


def cancelling(gap, n):
    """Each element takes what the sum lacks of 1 down to its own rounding error, some 2^-47 of it."""
    with mpmath.workprec(BITS):
        x = [float(largest_beside([-gap]))]
        lack = -mpmath.expm1(mpmath.mpf(x[0]))
        while len(x) < n:
            x.append(np.nextafter(float(mpmath.log(lack)), -np.inf))
            lack -= mpmath.exp(mpmath.mpf(float(x[-1])))
    return np.array(x)


@pytest.fixture
def handed():
    """How many elements were handed to integer arithmetic, call by call."""
    counts = []

    def counted(function):
        def call(values, *others):
            counts.append(len(values))
            return function(values, *others)

        return call

    _kernels.set_exact(counted(_exact.logsumexp), counted(_exact.excess))
    yield counts
    _kernels.set_exact(_exact.logsumexp, _exact.excess)


def assert_within_an_ulp(got, exact):
    assert (oracle.ulp_error(got, exact) <= 1).all()


@pytest.mark.parametrize("gap", GAPS)
def test_rows(gap, dtype, rng, handed):
    x = np.array(list(lines(gap, 12, dtype, rng)))
    last = oracle.Exact.stacked([taken(exact_logs(row), -1) for row in x])
    for got in (
        sm.logsumexp(x, axis=1),
        sm.logsumexp(x[:, ::-1], axis=1),
        sm.logsumexp(np.ascontiguousarray(x.T), axis=0),
        np.array([sm.logsumexp(row) for row in x]),
    ):
        assert_within_an_ulp(got, last)
    assert len(handed) <= 4


@pytest.mark.parametrize("gap", GAPS)
def test_running_sums(gap, dtype, rng, handed):
    for x in lines(gap, 12, dtype, rng):
        for line in (x, x[::-1].copy()):
            exact = exact_logs(line)
            both = np.stack([line, line], 1)
            for got in (
                sm.logcumsumexp(line),
                sm.logcumsumexp(line[::-1], reverse=True)[::-1],
                sm.logcumsumexp(np.append(line, line[:1]), exclusive=True)[1:],
                sm.logcumsumexp(both, axis=0)[:, 1],
                sm.logaddexp.accumulate(line),
            ):
                assert_within_an_ulp(got, exact)
    assert sum(handed) <= 10 * x.size


@pytest.mark.parametrize("shape", [(50, 300), (300, 7)])
def test_normalised_rows_need_no_integers(shape, dtype, rng, handed):
    for gap in GAPS:
        z = rng.normal(size=shape)
        z[:, 0] += gap
        sm.logsumexp(sm.log_softmax(z.astype(dtype), axis=1), axis=1)
    assert len(handed) <= shape[0] // 10


@pytest.mark.parametrize("descending", [True, False])
def test_long_confident_lines(descending, rng, handed):
    z = np.sort(np.append(rng.normal(size=20_000), 60.0))
    x = np.sort(sm.log_softmax(z))
    sm.logcumsumexp(x[::-1] if descending else x)
    sm.logcumsumexp(np.append(0.0, z[:-1] - 60))
    assert sum(handed) <= 4 * x.size


@pytest.mark.parametrize("gap", [2, 20, 69, 300, 500])
def test_cancelling_ever_further(gap, handed):
    x = cancelling(gap, 8)
    exact = exact_logs(x)
    got = sm.logcumsumexp(x)
    assert_within_an_ulp(got, exact)
    assert_within_an_ulp(sm.logsumexp(x), taken(exact, -1))
    assert 2 <= len(handed) <= 6


def test_what_follows_a_cancelled_prefix_is_relative_to_it(rng, handed):
    """Long lines that stay where they have cancelled take a few integer sums, not one a prefix."""
    x = np.append(cancelling(69, 4), rng.normal(size=3000) - 400)
    got = sm.logcumsumexp(x)
    assert_within_an_ulp(got[::100], taken(exact_logs(x), slice(None, None, 100)))
    assert 1 <= len(handed) <= 3


@pytest.mark.parametrize(
    "values", [[], [0.0], [-0.0, -np.inf], [0.0, -800.0], [0.0, 0.0], [-1e-300, -690.0], [-0.5, -0.9]]
)
def test_excess(values):
    with mpmath.workprec(BITS):
        exact = mpmath.fsum(mpmath.exp(mpmath.mpf(v)) for v in values) - 1
        got = mpmath.fsum(mpmath.mpf(part) for part in _exact.excess(values, 800)) / mpmath.mpf(2) ** 800
        assert abs(got - exact) <= abs(exact) * mpmath.mpf(2) ** -134


@pytest.mark.parametrize(
    "a", [[1e-300, 2e-300], 1e-300, [-1e-300] * 3, [[1e-300, 2e-300], [4e-300, -5e-300]]]
)
def test_means_far_below_the_digits_of_one(a):
    mean = float(sum(map(Fraction, np.ravel(a).tolist())) / np.size(a))  # as exp(x) is 1 + x there
    assert sm.logmeanexp(a) == mean
    assert sm.logmeanexp(a, keepdims=True).ravel() == [mean]
    assert sm.logmeanexp(a, where=True) == mean


def test_subnormal_means_are_rounded_once():
    smallest = np.finfo(float).smallest_subnormal
    rows = np.array([[5, -1, -1], [1, 0, 0], [2, 2, 1], [-7, -7, 2], [1, -1, 0]]) * smallest
    expected = np.array([1, 0, 2, -4, 0]) * smallest
    np.testing.assert_array_equal(sm.logmeanexp(rows, axis=1), expected)
    shown = np.array([True, True, False])
    expected = np.array([2, 1, 2, -7, 0]) * smallest  # a half and a little go up
    np.testing.assert_array_equal(sm.logmeanexp(rows, axis=1, where=shown), expected)
