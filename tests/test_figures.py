"""Figures that tutorials on the log-sum-exp trick print, and what their formulas come to here."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal, assert_array_max_ulp

import stablemath_core as sm

THIRDS = [1 / 3, 1 / 3, 1 / 3]


def cross_entropy(logits, label):
    return -sm.log_softmax(np.array(logits, float))[label]


def logistic_loss(x, z):
    """max(x, 0) - x z + log(1 + exp(-|x|)), as the logsumexp of the two classes' logits."""
    return sm.logsumexp([0.0, x]) - x * z


def test_exponentials_leave_the_doubles():
    with np.errstate(over="ignore", under="ignore"):
        assert_array_equal(np.exp([1000.0, 1000.0, 1000.0]), [math.inf] * 3)
        assert np.exp(709.783) == math.inf
        assert np.exp(709.78) < math.inf
        assert np.exp(-746.0) == 0
    assert sm.logsumexp([709.783, 709.783]) == 709.783 + math.log(2)
    assert sm.logsumexp([-746.0, -746.0]) == -746 + math.log(2)


def test_three_thousands():
    x = np.array([1000.0, 1000.0, 1000.0])
    assert sm.logsumexp(x) == 1001.0986122886682
    assert_allclose(np.exp(x - sm.logsumexp(x)), THIRDS, rtol=1e-12)
    assert_array_equal(sm.softmax(np.zeros(3)), THIRDS)
    for shift in (1000.0, -1000.0):
        assert_array_max_ulp(sm.softmax(np.full(3, shift)), np.array(THIRDS), maxulp=1)
    assert cross_entropy(x, 0) == math.log(3)


def test_one_to_four():
    assert_allclose(sm.softmax([1, 2, 3, 4]), [0.0320586, 0.08714432, 0.23688282, 0.64391426], atol=5e-9)


@pytest.mark.parametrize("x", [[600.0, 700.0, 800.0], [-1000.0, -900.0, -800.0]])
def test_hundreds_apart(x):
    assert_allclose(sm.softmax(x), [1.38389653e-87, 3.72007598e-44, 1], rtol=1e-8)
    with np.errstate(all="ignore"):
        naive = np.exp(x) / np.exp(x).sum()
    assert np.isnan(naive).any()


def test_log_softmax_keeps_what_is_left_of_one():
    result = sm.log_softmax([700.0, 800.0, 900.0, 1000.0])
    assert_allclose(result, [-300, -200, -100, -math.exp(-100)], rtol=1e-15)
    assert result[3] == pytest.approx(-3.72e-44, rel=1e-3)


def test_log_softmax_is_the_element_less_the_logsumexp(rng):
    x = rng.normal(0, 5, 50)
    assert_allclose(sm.log_softmax(x), x - sm.logsumexp(x), rtol=1e-13)


def test_classifier_outputs():
    assert sm.logsumexp([11, 12, -1000, 5, 10, 0.001]) == 12.408216490736713
    assert sm.logsumexp([-1000, 1000, -1000, 5, 10, 0.001]) == 1000
    x = np.array([-100, 1000, -100, 5, 10, 0.001])
    assert sm.softmax(x).sum() == 1
    assert_array_equal(sm.softmax(x), [0, 1, 0, 0, 0, 0])
    with np.errstate(all="ignore"):
        assert np.isnan(np.exp(x) / np.exp(x).sum()).any()


@pytest.mark.parametrize("x", [0.0, 0.5, -3.0, 30.0, -30.0, 800.0, -800.0])
@pytest.mark.parametrize("z", [0.0, 0.3, 1.0])
def test_logistic_loss(x, z):
    stable = max(x, 0) - x * z + math.log1p(math.exp(-abs(x)))
    assert logistic_loss(x, z) == pytest.approx(stable, rel=1e-13, abs=1e-12)
    if abs(x) < 10:
        y = sm.softmax([0.0, x])[1]
        assert logistic_loss(x, z) == pytest.approx(
            -(z * math.log(y) + (1 - z) * math.log(1 - y)), rel=1e-8, abs=1e-8
        )


def test_negative_log_likelihood_as_surprisal():
    """The rarer, the more surprising; a certain event not at all."""
    surprisal = -sm.log_softmax([0.0, 1.0, 50.0])
    assert (np.diff(surprisal) < 0).all()
    assert 0 < surprisal[2] < 1e-20


def test_over_a_chosen_dimension_or_all(rng):
    x = rng.normal(size=(3, 4))
    assert sm.logsumexp(x, axis=1).shape == (3,)
    assert sm.logsumexp(x, axis=1, keepdims=True).shape == (3, 1)
    assert sm.logsumexp(x) == pytest.approx(sm.logsumexp(sm.logsumexp(x, axis=0)), rel=1e-15)


def test_bounds_of_the_soft_maximum(rng):
    for n in (1, 2, 10, 1000):
        x = rng.normal(0, 10, n)
        assert x.max() <= sm.logsumexp(x) <= x.max() + math.log(n) + 1e-14


def test_convex(rng):
    """Of a point between two others, at most the mean of theirs."""
    x, y = rng.normal(0, 3, (2, 200, 6))
    for t in (0.25, 0.5, 0.9):
        between = sm.logsumexp(t * x + (1 - t) * y, axis=1)
        chord = t * sm.logsumexp(x, axis=1) + (1 - t) * sm.logsumexp(y, axis=1)
        assert (between <= chord + 1e-12).all()


def test_softmax_tends_to_the_index_of_the_maximum():
    x = np.array([1.0, 3.0, 2.0])
    assert_allclose(sm.softmax(x * 100), [0, 1, 0], atol=1e-30)
    assert sm.logsumexp(x * 100) / 100 == pytest.approx(3.0)
