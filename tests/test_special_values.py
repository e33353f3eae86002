"""Infinities, nan, zeros, the largest and the smallest numbers: every combination, against scipy."""

import itertools
import warnings

import numpy as np
import pytest
import scipy.special

import stablemath_core as sm

inf, nan = np.inf, np.nan


def specials(dtype):
    kind = np.finfo(dtype)
    finite = (0.0, 1.5, kind.max, kind.tiny, kind.smallest_subnormal)
    return [sign * each for each in finite for sign in (1, -1)] + [inf, -inf, nan]


def by_scipy(name, x, **options):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return getattr(scipy.special, name)(x, **options)


def assert_alike(got, expected, dtype):
    """The same numbers, to scipy's own accuracy: it loses log_softmax's digits next to 0."""
    assert got.dtype == expected.dtype == dtype
    eps = np.finfo(dtype).eps
    # not assert_allclose: to it a huge number is far from the next
    with np.errstate(all="ignore"):
        close = np.abs(got - expected) <= 8 * eps * (1 + np.abs(expected))
    same = (got == expected) | (np.isnan(got) & np.isnan(expected)) | close
    if not same.all():
        at = np.argwhere(~same)[0]
        pytest.fail(f"{(~same).sum()} differ, the first at {at}: {got[tuple(at)]}, {expected[tuple(at)]}")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("length", [1, 2, 3])
def test_every_combination(name, ours, length, dtype):
    rows = np.array(list(itertools.product(specials(dtype), repeat=length)), dtype)
    expected = by_scipy(name, rows.astype(np.float32) if dtype == "float16" else rows, axis=1)
    with np.errstate(over="ignore"):
        expected = expected.astype(dtype)
    assert_alike(ours(rows, axis=1), expected, dtype)
    columns = np.ascontiguousarray(rows.T)
    assert_alike(ours(columns, axis=0).T, expected, dtype)
    for row, each in zip(rows[::7], expected[::7], strict=True):
        assert_alike(np.asarray(ours(row)), np.asarray(each), dtype)


@pytest.mark.parametrize("length", [8, 33, 200, 3000])
def test_pairs_among_many(name, ours, dtype, length, rng):
    """Two special values anywhere in a row of others, in the vectors, in the tail, in different blocks."""
    pairs = list(itertools.product(specials(dtype), repeat=2))
    rows = rng.normal(0, 3, (len(pairs), length)).astype(dtype)
    for row, pair in zip(rows, pairs, strict=True):
        row[rng.choice(length, 2, replace=False)] = pair
    expected = by_scipy(name, rows, axis=1)
    assert_alike(ours(rows, axis=1), expected, dtype)
    assert_alike(ours(np.asfortranarray(rows), axis=1), expected, dtype)


def test_signs_of_zero(ours, theirs, dtype):
    for row in ([0.0], [-0.0], [-0.0, -inf], [0.0, -inf], [-inf, -inf], [-800.0, 0.0]):
        x = np.array(row, dtype)
        with np.errstate(all="ignore"):
            got, expected = np.asarray(ours(x)), np.asarray(theirs(x))
        zero = (got == 0) & (expected == 0)
        np.testing.assert_array_equal(np.signbit(got)[zero], np.signbit(expected)[zero])


def total(a, b):
    """log|S| and the sign of S = sum of b exp(a) by its definition, a weight of zero hiding its element."""
    with np.errstate(all="ignore"):
        terms = np.where(b == 0, 0, b * np.exp(np.asarray(a, np.longdouble)))
        s = terms.sum(axis=-1)
        return np.log(np.abs(s)), np.sign(s)


def test_every_combination_of_weights(dtype):
    values = (inf, -inf, nan, 0.0, 2.0)
    weights = (0.0, -0.0, 1.0, -1.0, 3.0, inf, -inf, nan)
    pairs = np.array(list(itertools.product(itertools.product(values, weights), repeat=2)), dtype)
    a, b = pairs[..., 0], pairs[..., 1]
    value, sign = sm.logsumexp(a, axis=1, b=b, return_sign=True)
    expected_value, expected_sign = total(a, b)
    assert_alike(value, expected_value.astype(dtype), dtype)
    np.testing.assert_array_equal(sign, expected_sign)
    np.testing.assert_array_equal(sm.logsumexp(a, axis=1, b=b), np.where(sign < 0, nan, value))


@pytest.mark.parametrize("weight", [1.0, -1.0, 3.0])
def test_weights_against_scipy(weight, dtype):
    rows = np.array(list(itertools.product((inf, -inf, nan, 0.0, 2.0), repeat=3)), dtype)
    b = np.array([1.0, 2.0, weight], dtype)
    ours = sm.logsumexp(rows, axis=1, b=b, return_sign=True)
    theirs = by_scipy("logsumexp", rows, axis=1, b=b, return_sign=True)
    for got, expected in zip(ours, theirs, strict=True):
        assert_alike(got, expected, dtype)


def test_largest_and_smallest_weights(dtype):
    kind = np.finfo(dtype)
    for x, b in itertools.product((-800.0, -1.0, 0.0, 80.0), (kind.max, kind.tiny, kind.smallest_subnormal)):
        expected = dtype.type(x + np.log(np.longdouble(b)))
        for weights in ([b, 0.0], [-0.0, b], [b / 2, b / 2] if b > 1 else [b, 0.0]):
            value = sm.logsumexp(np.array([x, x], dtype), b=np.array(weights, dtype))
            assert abs(value - expected) <= np.spacing(abs(expected))
