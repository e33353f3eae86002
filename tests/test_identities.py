"""What must hold of logsumexp and softmax for every row, as properties."""

import math

import mpmath
import numpy as np
import oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import stablemath_core as sm

settings.register_profile("identities", deadline=None, max_examples=120, derandomize=True, database=None)
pytestmark = pytest.mark.filterwarnings("error")
thorough = settings.get_profile("identities")

LENGTHS = st.one_of(st.integers(1, 20), st.sampled_from([31, 64, 65, 257, 1025]))
DTYPES = st.sampled_from([np.dtype("float32"), np.dtype("float64")])


@st.composite
def rows(draw, largest=1e3, dtypes=DTYPES, lengths=LENGTHS):
    """A row of finite numbers, often with equal, special or far-apart elements."""
    dtype = draw(dtypes)
    width = 8 * dtype.itemsize
    element = st.floats(-largest, largest, width=width)
    return draw(arrays.arrays(dtype, draw(lengths), elements=element, fill=element))


def ulps(count, value):
    """So many units in the last place of value's elements."""
    return count * np.spacing(np.abs(value))


@thorough
@given(rows(), st.integers(-60, 60))
def test_shift(x, k):
    """f(x + c) = f(x) + c, for c that leaves the differences of the elements exact."""
    whole = np.round(x)
    c = x.dtype.type(k)
    exact = oracle.reductions(whole + c)[0]
    assert oracle.ulp_error(sm.logsumexp(whole + c), exact) <= 1
    shifted, plain = sm.logsumexp(whole + c), sm.logsumexp(whole)
    assert abs(shifted - (plain + c)) <= ulps(2, shifted) + ulps(2, plain) + ulps(1, c)
    for function in (sm.softmax, sm.log_softmax):
        assert (np.abs(function(whole + c) - function(whole)) <= ulps(4, function(whole))).all()


@thorough
@given(rows(largest=2.0**100))
def test_between_the_maximum_and_log_n_above(x):
    value = sm.logsumexp(x)
    above = np.float64(x.max()) + math.log(len(x))
    assert x.max() <= value
    assert value <= above + ulps(2, value)


@thorough
@given(rows(), st.randoms(use_true_random=False))
def test_permutation(x, random):
    order = list(range(len(x)))
    random.shuffle(order)
    assert abs(sm.logsumexp(x[order]) - sm.logsumexp(x)) <= ulps(2, sm.logsumexp(x))
    softmax, permuted = sm.softmax(x), sm.softmax(x[order])
    assert (np.abs(permuted - softmax[order]) <= ulps(4, softmax[order])).all()


@thorough
@given(rows(), st.data())
def test_monotone_in_each_element(x, data):
    i = data.draw(st.integers(0, len(x) - 1))
    larger = x.copy()
    larger[i] += x.dtype.type(data.draw(st.floats(0, 100, width=32)))
    before, after = sm.logsumexp(x), sm.logsumexp(larger)
    assert after >= before - ulps(2, before)


@thorough
@given(rows())
def test_softmax_is_a_distribution(x):
    p = sm.softmax(x)
    assert (p >= 0).all()
    assert (p <= 1).all()
    assert abs(math.fsum(p.tolist()) - 1) <= (len(x) + 2) * np.finfo(x.dtype).eps


@thorough
@given(rows(largest=2.0**100))
def test_log_softmax_is_not_positive(x):
    assert (sm.log_softmax(x) <= 0).all()


@thorough
@given(rows())
def test_exponentials_of_log_softmax(x):
    """exp(log_softmax) = softmax, to what rounding the logarithm makes of it."""
    logs, p = sm.log_softmax(x).astype(np.longdouble), sm.softmax(x)
    kind = np.finfo(x.dtype)
    relative = kind.eps * (2 * np.abs(logs) + 3)
    with np.errstate(under="ignore"):
        assert (np.abs(np.exp(logs) - p) <= relative * p + 4 * kind.smallest_subnormal).all()


@thorough
@given(rows(), st.integers(0, 1100))
def test_states_merge(x, cut):
    """The state of two parts, merged, is the state of both."""
    cut = min(cut, len(x))
    parts = [sm.LogSumExp(dtype=x.dtype), sm.LogSumExp(dtype=x.dtype)]
    parts[0].update(x[:cut])
    parts[1].update(x[cut:])
    exact = oracle.reductions(x)[0]
    for merged in (parts[0] + parts[1], parts[1] + parts[0]):
        assert oracle.ulp_error(merged.value, exact) <= 1
        assert merged.count == len(x)


@thorough
@given(rows(lengths=st.integers(1, 20)))
def test_gradient(x):
    """The derivative of logsumexp is softmax: central differences, in precision for the smallest doubles."""
    p = sm.softmax(x)
    step = mpmath.mpf(2) ** -60
    with mpmath.workprec(1300):
        exact = [mpmath.mpf(float(each)) for each in x]
        terms = [mpmath.exp(each) for each in exact]
        total = mpmath.fsum(terms)
        for i in {0, len(x) // 2, int(np.argmax(x))}:
            up = mpmath.log(total + terms[i] * mpmath.expm1(step))
            down = mpmath.log(total + terms[i] * mpmath.expm1(-step))
            slope = float((up - down) / (2 * step))
            assert (
                abs(float(p[i]) - slope)
                <= ulps(3, x.dtype.type(slope)) + np.finfo(x.dtype).smallest_subnormal
            )


@thorough
@given(rows())
def test_weights_of_one_change_nothing(x):
    value, weighted = sm.logsumexp(x), sm.logsumexp(x, b=np.ones_like(x))
    assert abs(weighted - value) <= ulps(1, value)
    assert oracle.ulp_error(weighted, oracle.reductions(x)[0]) <= 1


@thorough
@given(rows(largest=100), st.integers(1, 5))
def test_whole_weights_are_repetitions(x, times):
    repeated = sm.logsumexp(np.repeat(x, times))
    weighted = sm.logsumexp(x, b=np.full_like(x, times))
    assert abs(weighted - repeated) <= ulps(2, repeated)


@thorough
@given(rows(dtypes=st.just(np.dtype("float32"))))
def test_float32_is_float64_rounded(x):
    wide = x.astype(np.float64)
    for function, bound in ((sm.logsumexp, 1), (sm.softmax, 2), (sm.log_softmax, 2)):
        with np.errstate(under="ignore"):
            rounded = function(wide).astype(np.float32)
        assert (np.abs(function(x) - rounded) <= ulps(bound + 1, rounded)).all()


@thorough
@given(rows())
def test_value_and_gradient_are_the_two_functions(x):
    value, gradient = sm.logsumexp_and_softmax(x)
    assert abs(value - sm.logsumexp(x)) <= ulps(1, value)
    assert (np.abs(gradient - sm.softmax(x)) <= ulps(2, gradient)).all()


@thorough
@given(rows())
def test_the_last_prefix_is_the_whole(x):
    value = sm.logsumexp(x)
    assert abs(sm.logcumsumexp(x)[-1] - value) <= ulps(2, value)
    assert sm.logcumsumexp(x)[0] == x[0]


@thorough
@given(rows())
def test_the_mean_is_log_n_less(x):
    mean = sm.logmeanexp(x)
    assert x.min() <= mean + ulps(1, mean)
    assert mean <= x.max() + ulps(1, mean)
    difference = np.float64(sm.logsumexp(x)) - np.float64(mean) - math.log(len(x))
    assert abs(difference) <= ulps(2, sm.logsumexp(x)) + ulps(2, mean) + 1e-15


@thorough
@given(rows())
def test_the_same_bits_every_time(x):
    for function in (sm.logsumexp, sm.softmax, sm.log_softmax):
        np.testing.assert_array_equal(function(x), function(x.copy()))
