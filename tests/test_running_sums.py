"""logcumsumexp where its tiles meet: long lines, all kinds of columns together, what no tile takes whole."""

import mpmath
import numpy as np
import oracle
import pytest
from families import FAMILIES
from numpy import inf, nan

import stablemath_core as sm

# around a part, a row of parts, a tile and two of them
LENGTHS = (1, 15, 16, 17, 100, 1023, 1024, 1025, 1039, 1040, 2100)


def check(x, got, ends):
    for end, exact in zip(ends, oracle.prefixes(x, ends), strict=True):
        value = got[end - 1]
        if exact == -mpmath.inf:
            assert value == -inf
        else:
            assert abs(mpmath.mpf(float(value)) - exact) <= float(np.spacing(abs(x.dtype.type(exact))))


@pytest.mark.parametrize(
    "family", ["normal_1", "normal_100", "log_probabilities", "crossing_zero", "descending"]
)
def test_long_lines(family, dtype, rng):
    """The first prefixes, and those whose sum hardly grows any more."""
    x = FAMILIES[family](rng, 1, 30_000, dtype)[0]
    check(x, sm.logcumsumexp(x), [1, 2, 60, *range(1000, 1100, 9), *range(20_000, 30_000, 99)])


@pytest.mark.parametrize("rise", [300, 450, 520, 700, 3000])
@pytest.mark.parametrize("axis", [0, 1])
def test_rises_within_a_tile(rise, axis, dtype, rng):
    """Early prefixes keep their digits, however far the maximum of their tile is above them."""
    x = rng.normal(size=(20, 1500)).astype(dtype)
    x[:, 700:] += rise
    x[::3, 1200:] += rise
    x[1::2, 100:690] = -inf
    got = sm.logcumsumexp(np.ascontiguousarray(x.T), 0).T if axis == 0 else sm.logcumsumexp(x, 1)
    for i in (0, 1, 2, 3, 19):
        check(x[i], got[i], [1, 50, 150, 650, 699, 700, 701, 702, 1199, 1201, 1500])


def columns_of_every_kind(n, width, dtype, rng):
    x = (rng.normal(size=(n, width)) * 2).astype(dtype)
    x[: n // 2, 1] = -inf
    x[n // 3, 2] = nan
    x[n // 4, 3] = inf
    x[n // 2, 4] = 5000
    x[:, 5] = np.log(np.full(n, 1 / n))  # comes up to 0
    x[:, 6] = -inf
    x[n // 2 :, 7] = 1e30
    x[n - 2 :, 8] = [-inf, nan]
    return x


@pytest.mark.parametrize("width", [9, 70])
@pytest.mark.parametrize("reverse", [False, True])
def test_columns_of_every_kind(width, reverse, dtype, rng):
    """Neighbours do not disturb each other."""
    x = columns_of_every_kind(200, width, dtype, rng)
    got = sm.logcumsumexp(x, 0, reverse=reverse)
    ordered = np.s_[::-1] if reverse else np.s_[:]
    for c in range(width):
        column, result = x[ordered, c], got[ordered, c]
        special = np.isnan(column) | (column == inf)
        clean = int(np.argmax(special)) if special.any() else column.size
        if clean:
            check(column, result, sorted({1, clean // 3 + 1, clean // 2 + 1, clean - clean // 20}))
        last = np.where(np.cumsum(np.isnan(column[clean:])) > 0, nan, inf)
        np.testing.assert_array_equal(result[clean:], last)


@pytest.mark.parametrize("length", LENGTHS)
def test_directions_and_places_agree(length, dtype, rng):
    x = (rng.normal(size=length) * 3).astype(dtype)
    got = sm.logcumsumexp(x)
    np.testing.assert_array_equal(sm.logcumsumexp(x[::-1], reverse=True)[::-1], got)
    np.testing.assert_array_equal(sm.logcumsumexp(np.append(x, x[:1]), exclusive=True), [-inf, *got])
    np.testing.assert_array_equal(
        sm.logcumsumexp(np.append(x, x[:1])[::-1], reverse=True, exclusive=True)[::-1], [-inf, *got]
    )
    again = x.copy()
    assert sm.logcumsumexp(again, out=again) is again
    np.testing.assert_array_equal(again, got)
    apart = np.zeros((length, 2), dtype)[:, 0]
    np.testing.assert_array_equal(sm.logcumsumexp(x, out=apart), got)


@pytest.mark.parametrize("distance", [1, 63, 1023, 1100])
def test_nothing_between_a_sum_and_a_far_rise(distance, dtype):
    """A sum that the reference of a later maximum cannot hold is not forgotten before that maximum."""
    x = np.full(distance + 3, -inf, dtype)
    x[0] = 2
    x[-2] = 1000
    expected = [2.0] * (distance + 1) + [1000.0] * 2
    np.testing.assert_array_equal(sm.logcumsumexp(x), expected)
    np.testing.assert_array_equal(sm.logcumsumexp(np.tile(x, (10, 1)).T.copy(), 0)[:, 7], expected)
