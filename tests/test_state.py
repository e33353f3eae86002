"""LogSumExp: any split, any order of merging, the same answer as at once."""

import copy
import functools
import pickle

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stablemath_core as sm

inf, nan = np.inf, np.nan
PRECISION = 1300  # bits: the smallest float beside the largest term


@functools.cache
def exact(values, weights):
    """log|sum of b exp(x)|, its sign, and the logarithm of the mean, in extended precision."""
    with mpmath.workprec(PRECISION):
        values = [mpmath.mpf(x) for x in values]
        weights = [mpmath.mpf(b) for b in weights]
        total = mpmath.fsum(b * mpmath.exp(x) for x, b in zip(values, weights, strict=True))
        weight = mpmath.fsum(weights)
        value = mpmath.log(abs(total)) if total else -mpmath.inf
        mean = mpmath.log(abs(total / weight)) if total and weight else value
        if total and weights and not weight:
            mean = mpmath.inf
        return value, int(mpmath.sign(total)), mean


def ulps(got, true):
    """The error of `got` in units of its dtype's last place."""
    if not mpmath.isfinite(true) or not np.isfinite(got):
        return 0 if float(true) == float(got) else inf
    spacing = np.spacing(np.abs(got.dtype.type(float(true))))
    with mpmath.workprec(PRECISION):
        return float(abs(mpmath.mpf(float(got)) - true) / mpmath.mpf(float(spacing)))


def assert_within(state, values, weights=None, bound=1.0):
    weights = np.ones(len(values)) if weights is None else weights
    value, sign, mean = exact(tuple(map(float, values)), tuple(map(float, weights)))
    assert ulps(state.value, value) <= bound
    # A mean near 0 is right to as many digits after the point, not in its last.
    assert ulps(state.mean, mean) <= bound or abs(state.mean - mean) <= np.finfo(state.value.dtype).eps / 4
    assert state.sign == sign
    assert state.count == len(values)


def of(*blocks, **options):
    return functools.reduce(sm.LogSumExp.update, blocks, sm.LogSumExp(**options))


def test_empty():
    state = sm.LogSumExp()
    assert (state.value, state.sign, state.count, state.mean) == (-inf, 0, 0, -inf)
    assert type(state.value) is np.float64
    assert type(sm.LogSumExp(dtype=np.float32).value) is np.float32
    for nothing in (state.update([]), state.update([1.0], where=[False]), state.merge(state)):
        assert (nothing.value, nothing.sign, nothing.count) == (-inf, 0, 0)
    assert sm.LogSumExp(axis=0).update(np.ones((0, 3))).value.tolist() == [-inf] * 3


FAMILIES = {
    "normal": lambda rng, n: rng.normal(size=n),
    "wide": lambda rng, n: rng.normal(size=n) * 300,
    "far": lambda rng, n: rng.normal(size=n) * 1e5,
    "huge": lambda rng, n: rng.choice([-1.0, 1.0], n) * 10 ** rng.uniform(0, 300, n),
    "high": lambda rng, n: 1e4 + rng.normal(size=n) * 100,
    "about the shift": lambda rng, n: 8192 + rng.normal(size=n) * 2,
    "equal": lambda rng, n: np.full(n, rng.normal()),
    "one dominates": lambda rng, n: np.r_[0.0, np.full(n - 1, -50.0)],
    "log-probabilities": lambda rng, n: sm.log_softmax(rng.normal(size=n) * 3),
    "the total close to 1": lambda rng, n: -np.log(n) + rng.normal(size=n) * 1e-9,
    "the mean close to 1": lambda rng, n: rng.normal(size=n) * 1e-12,
    "sorted": lambda rng, n: np.sort(rng.normal(size=n) * 50),
    "sorted down": lambda rng, n: -np.sort(rng.normal(size=n) * 50),
}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("n", [2, 3, 10, 300])
def test_any_split_is_within_an_ulp(family, n, dtype, rng):
    with np.errstate(over="ignore"):
        x = FAMILIES[family](rng, n).astype(dtype)
    x = x[np.isfinite(x)]
    places = np.sort(rng.integers(0, x.size + 1, 5))
    blocks = np.split(x, places)
    assert_within(of(*blocks), x)
    assert_within(of(*blocks[::-1]), x)
    assert_within(of(x), x)
    assert_within(sum((of(each) for each in blocks), sm.LogSumExp()), x)
    left, right = of(*blocks[:3]), of(*blocks[3:])
    assert_within(left + right, x)
    assert_within(right + left, x)


@pytest.mark.parametrize("sizes", [1, 300])
@pytest.mark.parametrize("signed", [False, True])
def test_weights(signed, sizes, rng):
    x = rng.normal(size=200) * 5
    b = 10 ** rng.uniform(-sizes, sizes, 200)
    if signed:
        b *= rng.choice([-1, 1], 200)
    state = sm.LogSumExp()
    for part in np.split(np.arange(200), [20, 50, 51, 180]):
        state.update(x[part], b[part])
    assert_within(state, x, b)


def test_totals_that_cancel():
    """What is added in one block is taken away in another, and the rest is right."""
    state = sm.LogSumExp().update([40.0, 1.0], b=[1.0, 1.0]).update([40.0], b=[-1.0])
    assert (state.value, state.sign) == (1.0, 1)
    state = of([0.0]).update([1e-20], b=[-1.0])
    assert_within(state, [0.0, 1e-20], [1, -1])
    state.update([0.0], b=[-1.0]).update([1e-20])
    assert (state.value, state.sign) == (-inf, 0)


# Beside a maximum of 0, terms between 2**-900 and the smallest float are lost.
values = (
    st.floats(-600, 1e3)
    | st.floats(1e3, 1e300)
    | st.floats(-1e300, -1e3)
    | st.sampled_from([-inf, 0.0, 8192.0, -8192.5])
)
blocks = st.lists(st.lists(values, max_size=6), min_size=1, max_size=6)


@settings(deadline=None, max_examples=200, derandomize=True, database=None)
@given(blocks, st.randoms(use_true_random=False))
def test_merging_is_associative_and_commutative_within_the_bound(blocks, random):
    x = [each for block in blocks for each in block]
    states = [of(block) for block in blocks]
    while len(states) > 1:
        random.shuffle(states)
        states.append(states.pop() + states.pop())
    assert_within(states[0], x)


@settings(deadline=None, max_examples=100, derandomize=True, database=None)
@given(st.lists(st.sampled_from([inf, -inf, nan, 1.0, 800.0]), max_size=5), st.integers(0, 5))
def test_special_values(x, place):
    state = of(x[:place]) + of(x[place:])
    np.testing.assert_allclose(state.value, sm.logsumexp(x), rtol=1e-15)
    np.testing.assert_array_equal(state.sign, sm.logsumexp(x, return_sign=True)[1])
    np.testing.assert_allclose(state.mean, sm.logmeanexp(x), rtol=1e-15)


def test_infinite_weights():
    assert np.isnan(of([inf]).update([inf], b=[-1.0]).value)
    state = sm.LogSumExp().update([inf, 1.0], b=[-2.0, 1.0])
    assert (state.value, state.sign) == (inf, -1)
    state = sm.LogSumExp().update([inf, nan, 1.0], b=[0.0, 0.0, 2.0])
    assert state.value == sm.logsumexp(1.0, b=2.0)


@pytest.mark.parametrize("axis", [0, 1, -1, (0, 2), (1, 2), (), None])
def test_axes(axis, rng):
    x, b = rng.normal(size=(2, 12, 5, 7))
    where = rng.random((12, 5, 7)) < 0.7
    state, masked, weighted = (sm.LogSumExp(axis) for _ in range(3))
    whole = sm.logsumexp(x, axis)
    if axis in (0, None, (0, 2)):
        parts = [slice(0, 3), slice(3, 4), slice(4, 12)]
        blocks = [(x[each], b[each], where[each]) for each in parts]
    else:
        blocks = [(x, b, where)]
    for each, weights, mask in blocks:
        state.update(each)
        masked.update(each, where=mask)
        weighted.update(each, weights)
    np.testing.assert_allclose(state.value, whole, rtol=1e-15)
    np.testing.assert_allclose(state.mean, sm.logmeanexp(x, axis), rtol=1e-14)
    np.testing.assert_allclose(masked.value, sm.logsumexp(x, axis, where=where), rtol=1e-15)
    np.testing.assert_array_equal(masked.count, where.sum(axis=axis))
    value, sign = sm.logsumexp(x, axis, b, return_sign=True)
    np.testing.assert_allclose(weighted.value, value, rtol=1e-12)
    np.testing.assert_array_equal(weighted.sign, sign)
    assert type(state.value) is type(whole)


def test_large_blocks(dtype, rng):
    x = rng.normal(size=(300, 2000)).astype(dtype)
    for axis in (None, 0, 1):
        np.testing.assert_allclose(
            of(x, axis=axis).value, sm.logsumexp(x, axis), rtol=2 * np.finfo(dtype).eps
        )
    with sm.num_threads(1):
        alone = of(x, axis=0).value
    with sm.num_threads(4):
        np.testing.assert_array_equal(of(x, axis=0).value, alone)


def test_dtypes():
    for kind in ("e", "f", "d"):
        assert of(np.ones(3, kind)).value.dtype == kind
        assert of([1, 2, 3], dtype=kind).value.dtype == kind
    assert of([1, 2]).value.dtype == np.float64
    assert of(np.ones(2, "f"), np.ones(2)).value.dtype == np.float64
    assert (of(np.ones(2, "f")) + of(np.ones(2, "e"))).value.dtype == np.float32
    assert of(np.ones(70000, "e")).value == np.float16(1 + np.log(70000))
    for order in "<>":
        state = sm.LogSumExp(axis=0, dtype=np.dtype("f4").newbyteorder(order))
        for each in (state.value, state.update(np.ones((2, 3))).value, state.sign, state.mean):
            assert each.dtype.isnative
            assert each.dtype == np.float32
    for kind in ("g", "F", "D", int, "U1"):
        with pytest.raises(TypeError):
            sm.LogSumExp(dtype=kind)
    for block in ([1j], np.ones(2, "g"), [None], np.ma.ones(2)):
        with pytest.raises(TypeError):
            sm.LogSumExp().update(block)


def test_a_mean_of_float32_near_zero():
    x = np.full(3, np.float32(1e-10))
    assert abs(float(of(x).mean) - 1e-10) <= 2.0**-25


def test_shapes_that_do_not_fit():
    state = of(np.ones((2, 3)), axis=0)
    before = state.value
    for bad in (np.ones((2, 4)), np.ones(3)):
        with pytest.raises(ValueError, match=r"shape \(3,\)"):
            state.update(bad)
    with pytest.raises(ValueError, match="shape"):
        state.merge(of([1.0]))
    with pytest.raises(np.exceptions.AxisError):
        sm.LogSumExp(axis=2).update(np.ones((2, 2)))
    with pytest.raises(TypeError, match="merge"):
        state.merge(3.0)
    with pytest.raises(TypeError):
        state + 3.0
    np.testing.assert_array_equal(state.value, before)
    assert (sm.LogSumExp(axis=0) + state).count.tolist() == [2, 2, 2]


@pytest.mark.parametrize("axis", [1.0, "0", [0], True, (1.0,)])
def test_axes_that_cannot_be(axis):
    with pytest.raises(TypeError, match="axis"):
        sm.LogSumExp(axis=axis)


PICKLES = [lambda s, n=n: pickle.loads(pickle.dumps(s, n)) for n in range(pickle.HIGHEST_PROTOCOL + 1)]


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, *PICKLES])
def test_copies_and_pickles(twin, rng):
    for state in (sm.LogSumExp(), of(rng.normal(size=(4, 3)), axis=0, dtype="f4"), of([1.0])):
        other = twin(state)
        assert repr(other) == repr(state)
        before = np.copy(state.value)
        other.update(np.ones((2, 3) if np.ndim(before) else 2))
        np.testing.assert_array_equal(state.value, before)
        assert np.all(other.value != before)


def test_sums_are_new_and_in_place_sums_are_not():
    left, right = of([1.0]), of([2.0])
    total = left + right
    assert total.count == 2
    assert left.count == right.count == 1
    same = left
    same += right
    assert same is left
    assert left.count == 2
    assert left.merge(right) is left
    assert left.count == 3


class Named(sm.LogSumExp):
    __slots__ = ("name",)


def test_sums_of_subclasses_are_of_the_subclass():
    left = Named().update([1.0])
    left.name = "left"
    total = left + of([2.0])
    assert type(total) is Named
    assert total.name == "left"
    assert total.count == 2
    assert left.count == 1


def test_results_are_the_callers_own():
    state = of(np.ones((2, 3)), axis=0)
    state.value[...] = 7
    state.count[...] = 7
    assert state.count.tolist() == [2, 2, 2]
    assert state.value[0] == pytest.approx(1 + np.log(2))


def test_repr_tells():
    assert repr(sm.LogSumExp()) == "LogSumExp(axis=None, dtype=None, count=0, value=-inf)"
    assert repr(of([0.0, 0.0])) == f"LogSumExp(axis=None, dtype=float64, count=2, value={np.log(2)})"
    text = repr(of(np.zeros((1, 2)), axis=0, dtype="f4"))
    assert text == "LogSumExp(axis=0, dtype=float32, shape=(2,), count=[1 1], value=[0. 0.])"
    assert len(repr(of(np.zeros((2, 1000)), axis=0))) < 300
