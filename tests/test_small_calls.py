"""Plain small arrays take a way of their own, past the checks of arguments: to the same results as others."""

import itertools

import layouts
import numpy as np
import pytest
from closeness import assert_identical

import stablemath_core as sm

inf, nan = np.inf, np.nan

LAYOUTS = {name: layouts.LAYOUTS[name] for name in ("C", "fortran", "every second", "last axis reversed")}

CASES = [((1,), 0), ((10,), None), ((10,), -1), ((300,), 0), ((7, 12), 0), ((7, 12), 1), ((7, 12), None)] + [
    ((3, 40, 5), axis) for axis in (0, 1, -1, None, (0, 2), (-1, 1))
]


def values(rng, shape, dtype):
    """Random numbers, in part of the arrays with what is not finite among them; each with every layout."""
    x = (rng.normal(size=shape) * 5).astype(dtype)
    masked = x.copy()
    masked.flat[:: max(2, x.size // 3)] = -inf
    odd = [masked.copy() for _ in range(2)]
    for array, number in zip(odd, (inf, nan), strict=True):
        array.flat[x.size // 2] = number
    return itertools.product((x, masked, *odd), LAYOUTS.values())


def assert_all_identical(got, expected):
    pairs = (got, expected) if isinstance(got, tuple) else ((got,), (expected,))
    for one, other in zip(*pairs, strict=True):
        assert type(one) is type(other)
        assert_identical(one, other)


@pytest.mark.parametrize(("shape", "axis"), CASES, ids=str)
def test_as_with_a_dtype_that_is_told(shape, axis, dtype, rng):
    for x, layout in values(rng, shape, dtype):
        laid, told = layout(x), {"dtype": dtype}
        for function in (sm.logsumexp, sm.logmeanexp):
            for keepdims in (False, True):
                expected = function(laid, axis, keepdims=keepdims, **told)
                assert_all_identical(function(laid, axis, keepdims=keepdims), expected)
        for function in (sm.softmax, sm.log_softmax):
            assert_identical(function(laid, axis), function(laid, axis, **told))
        for options in ({}, {"reverse": True}, {"exclusive": True}):
            if isinstance(axis, int):
                expected = sm.logcumsumexp(laid, axis, **options, **told)
                assert_identical(sm.logcumsumexp(laid, axis, **options), expected)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("return_sign", [False, True])
@pytest.mark.parametrize(("shape", "axis"), CASES, ids=str)
def test_weights_as_with_a_dtype_that_is_told(shape, axis, return_sign, keepdims, dtype, rng):
    for x, layout in values(rng, shape, dtype):
        weights = rng.choice([-2, -1, 0, 0.5, 1, 3], shape).astype(dtype)
        for b in (weights, np.abs(weights)):
            for where in (None, rng.random(shape) < 0.8):
                arguments = layout(x), axis, layout(b), keepdims, return_sign
                expected = sm.logsumexp(*arguments, where=where, dtype=dtype)
                assert_all_identical(sm.logsumexp(*arguments, where=where), expected)


def test_weights_that_are_no_array_of_the_shape(dtype, rng):
    x = rng.normal(size=(4, 6)).astype(dtype)
    expected = sm.logsumexp(x, 1, np.full_like(x, 2))
    for kind, shape in ((dtype, ()), (dtype, 6), (dtype, (4, 1)), (np.int8, (4, 6)), (">f4", (4, 6))):
        b = np.full(shape, 2, kind)
        assert_identical(sm.logsumexp(x, 1, b), expected)
    assert_identical(sm.logsumexp(x, 1, [2] * 6), sm.logsumexp(x, 1, np.full(6, 2)))
    assert sm.logsumexp(x.astype(np.float32), 1, np.full((4, 6), 2.0)).dtype == np.float64


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_a_given_output(axis, dtype, rng):
    for x, layout in values(rng, (9, 11), dtype):
        laid = layout(x)
        expected = sm.logsumexp(laid, axis)
        wide = np.zeros(2 * np.size(expected), dtype)
        for out in (np.full(np.shape(expected), 7, dtype), wide[::2].reshape(np.shape(expected))):
            assert sm.logsumexp(laid, axis, out=out) is out
            assert_identical(out, expected)
        assert not wide[1::2].any()


def test_an_output_that_is_read_or_has_another_dtype(dtype, rng):
    x = rng.normal(size=(6, 600)).astype(dtype)
    expected, read = sm.logsumexp(x, 0), np.array(x)
    assert_identical(sm.logsumexp(read, 0, out=read[2, ::-1]), expected)
    wider = np.empty(600, np.longdouble)
    np.testing.assert_array_equal(sm.logsumexp(x, 0, out=wider), expected)
    mask = np.ones((6, 600), bool)
    with pytest.raises(TypeError, match="bool"):
        sm.logsumexp(x, 0, out=mask[0], where=mask)


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.bool_, ">i2"])
def test_whole_numbers_as_float64(kind, rng):
    x = rng.integers(0, 9, (6, 8)).astype(kind)
    real = x.astype(np.float64)
    for function in (sm.logsumexp, sm.logmeanexp, sm.softmax, sm.log_softmax, sm.logsumexp_and_softmax):
        assert_all_identical(function(x, axis=1), function(real, axis=1))
    assert_identical(sm.logcumsumexp(x, 0), sm.logcumsumexp(real, 0))
    assert_identical(sm.logsumexp(real, 0, x), sm.logsumexp(real, 0, real))
    assert_identical(sm.LogSumExp(0).update(x).mean, sm.LogSumExp(0).update(real).mean)
    single = real.astype(np.float32)
    for a, b in ((single, x), (x, single)):
        dtype = np.result_type(kind, np.float32)
        assert_identical(sm.logsumexp(a, 0, b), sm.logsumexp(a.astype(dtype), 0, b.astype(dtype)))
    assert_identical(sm.softmax(x, out=np.empty((6, 8))), sm.softmax(real))


@pytest.mark.parametrize(
    "axis", [(0, 0), (0, -2), (2,), 2, -3, 2**70, (2**70,), (-(2**70),), (0.0,), True, (True,), [0]]
)
def test_axes_that_are_none(axis):
    for function in (sm.logsumexp, sm.logmeanexp, sm.softmax, sm.logcumsumexp, sm.logsumexp_and_softmax):
        with pytest.raises((TypeError, ValueError, OverflowError), match=r"axis|axes|an integer|too large"):
            function(np.zeros((2, 3)), axis=axis)


LISTS = [[], (), [[], []], [1, 2], (1.0, 2.0), [True, 0.5], [[1.0], (2.0,)], [np.float32(1)], [[0.5, 2]]]


@pytest.mark.parametrize("given", LISTS, ids=str)
def test_lists_as_the_arrays_they_make(given):
    array = np.asarray(given)
    for function in (sm.logsumexp, sm.logmeanexp, sm.logcumsumexp):
        assert_all_identical(function(given), function(array))
    assert_all_identical(sm.logsumexp(given, b=given), sm.logsumexp(array, b=array))
    assert_all_identical(sm.LogSumExp().update(given).value, sm.LogSumExp().update(array).value)
    if array.size:
        assert_all_identical(sm.softmax(given), sm.softmax(array))
        assert_all_identical(sm.logsumexp_and_softmax(given), sm.logsumexp_and_softmax(array))


@pytest.mark.parametrize("given", [[[1.0, 2.0], [3.0]], [None], [1.0, object()]], ids=["ragged", "None", "?"])
def test_lists_that_are_no_arrays_of_numbers(given):
    message = "inhomogeneous|must hold real or complex numbers, not object"
    for function in (sm.logsumexp, sm.logmeanexp, sm.softmax, sm.logcumsumexp, sm.LogSumExp().update):
        with pytest.raises((TypeError, ValueError), match=message):
            function(given)


@pytest.mark.parametrize(("shape", "axis"), CASES, ids=str)
def test_a_state_as_with_a_mask_that_hides_nothing(shape, axis, dtype, rng):
    for x, layout in values(rng, shape, dtype):
        quick, slow = sm.LogSumExp(axis), sm.LogSumExp(axis, dtype)
        for scale in (1, 3):
            quick.update(layout(x * dtype.type(scale)))
            slow.update(layout(x * dtype.type(scale)), where=True)
        for name in ("value", "sign", "mean", "count"):
            assert_all_identical(getattr(quick, name), getattr(slow, name))


def test_a_state_of_another_dtype_than_its_blocks():
    state = sm.LogSumExp(dtype=np.float32).update(np.zeros(3)).update(np.zeros(3, np.float32))
    assert state.value.dtype == np.float32
    state = sm.LogSumExp().update(np.zeros(3, np.float32)).update(np.zeros(3))
    assert state.value.dtype == np.float64
    np.testing.assert_allclose(state.value, np.log(6), rtol=2.0**-25)


def test_a_state_of_blocks_with_and_without_weights(dtype, rng):
    x = (rng.normal(size=(4, 30)) * 3).astype(dtype)
    b = rng.random((4, 30)).astype(dtype)
    weighted = (sm.LogSumExp(0).update(x, b), sm.LogSumExp(0).update(x))
    expected = sm.logmeanexp(np.concatenate([x, x]), 0, np.concatenate([b, np.ones_like(b)]))
    for state in (sm.LogSumExp(0).update(x, b).update(x), sm.LogSumExp(0).update(x).update(x, b)):
        np.testing.assert_allclose(state.mean, expected, rtol=4 * np.finfo(dtype).eps)
        np.testing.assert_array_equal(state.count, 8)
        for one, other in ((0, 1), (1, 0)):
            assert_identical((weighted[one] + weighted[other]).mean, state.mean)
    assert sm.LogSumExp().mean == -inf


def probabilities(rng, shape, dtype):
    shares = rng.random(shape) + 0.01
    return (shares / shares.sum()).astype(dtype)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(("shape", "axis"), [case for case in CASES if isinstance(case[1], int)], ids=str)
def test_losses_as_with_options_that_change_nothing(shape, axis, reduction, dtype, rng):
    rows = np.delete(shape, axis)
    for x, layout in values(rng, shape, dtype):
        classes = rng.integers(0, shape[axis], rows)
        for labels in (
            classes,
            classes.tolist(),
            classes.astype(np.uint8),
            layout(probabilities(rng, shape, dtype)),
        ):
            options = {"axis": axis, "reduction": reduction, "return_grad": True}
            got = sm.softmax_cross_entropy(layout(x), labels, **options)
            expected = sm.softmax_cross_entropy(layout(x), labels, label_smoothing=np.float64(0), **options)
            assert_all_identical(got, expected)
            assert_all_identical(
                sm.softmax_cross_entropy(layout(x), labels, axis=axis, reduction=reduction), got[0]
            )


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("shape", [(1,), (10,), (7, 12), (3, 40, 5)], ids=str)
def test_single_logits_as_with_weights_that_change_nothing(shape, reduction, dtype, rng):
    for x, layout in values(rng, shape, dtype):
        targets = layout(rng.random(shape).round(1).astype(dtype))
        options = {"reduction": reduction, "return_grad": True}
        got = sm.sigmoid_cross_entropy(layout(x), targets, **options)
        assert_all_identical(got, sm.sigmoid_cross_entropy(layout(x), targets, weight=1, **options))
        assert_all_identical(sm.sigmoid_cross_entropy(layout(x), targets, reduction=reduction), got[0])
