"""Sizes and layouts that take each way through the kernels: staged, folded, fused, streamed, cut into parts.

The oracle is NumPy's extended precision, which has digits to spare for results that are not near 0.
"""

import layouts
import numpy as np
import pytest

import stablemath_core as sm

BOUND = {"logsumexp": 1.0, "softmax": 2.0, "log_softmax": 2.0}

# shape and axis: short rows, columns, few columns; parts of long rows, of few columns, across axes;
# columns whose results lie in many pages; of tall columns
CASES = [
    ((300, 3), 1),
    ((300, 10), 1),
    ((40, 127), 1),
    ((70, 68), 1),
    ((6, 3000), 1),
    ((3000, 40), 0),
    ((2000, 2), 0),
    ((2003, 7), 0),
    ((1029, 31), 0),
    ((7, 300, 5), 1),
    ((190_000,), 0),
    ((270_000,), 0),
    ((40_001, 10), 0),
    ((9000, 30), 0),
    ((3, 90_000), 1),
    ((8, 40, 700), (0, 2)),
    ((9, 30, 90), (0, 2)),
    ((230, 1001), (0, 1)),
    ((600, 500), 0),
    ((50, 5300), 0),
    ((1030, 200), 0),
    ((3, 1500, 50), 1),
]


LAYOUTS = {
    name: layouts.LAYOUTS[name]
    for name in ("C", "fortran", "every second", "last axis reversed", "byte-swapped")
}

VALUES = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "wide": lambda rng, shape: 30 * rng.normal(size=shape),
    "far": lambda rng, shape: 1e4 + 300 * rng.normal(size=shape),
    "whole numbers": lambda rng, shape: rng.integers(-9, 9, shape),
    "alike": lambda rng, shape: np.round(5 + rng.normal(size=shape)),
    "rising": lambda rng, shape: np.sort(30 * rng.normal(size=shape), axis=0),
}

needs_extended = pytest.mark.skipif(
    np.finfo(np.longdouble).eps > 2.0**-62, reason="no extended precision on this platform"
)


def summed(terms, axis):
    """Their sum along contiguous memory, where NumPy adds by pairs: its own error stays far below an ulp."""
    axes = axis if isinstance(axis, tuple) else (axis,)
    last = np.moveaxis(terms, axes, range(-len(axes), 0))
    kept = last.shape[: terms.ndim - len(axes)]
    return np.expand_dims(np.ascontiguousarray(last).reshape(*kept, -1).sum(axis=-1), axis)


def exact(x, axis):
    """logsumexp, softmax and log_softmax in extended precision, the maximum kept apart from the rest."""
    x = x.astype(np.longdouble)
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = x - x.max(axis=axis, keepdims=True)
        terms = np.exp(difference)
        equal = np.count_nonzero(difference == 0, axis=axis, keepdims=True)
        rest = summed(np.where(difference == 0, 0, terms), axis) + (equal - 1)
        log = np.log1p(rest)
        return {
            "logsumexp": np.squeeze(x.max(axis=axis, keepdims=True) + log, axis),
            "softmax": terms / (1 + rest),
            "log_softmax": difference - log,
        }


def assert_within(name, computed, expected):
    shown = np.isfinite(expected)
    unit = np.spacing(np.abs(expected.astype(computed.dtype))).astype(np.longdouble)
    kind = np.finfo(computed.dtype)
    # near 0, and where results are subnormal, others test
    shown &= np.abs(expected) > (1e-3 if name == "logsumexp" else 4 * kind.tiny)
    error = np.abs(computed[shown] - expected[shown]) / unit[shown]
    assert error.max(initial=0) <= BOUND[name]
    np.testing.assert_array_equal(computed[~np.isfinite(expected)], expected[~np.isfinite(expected)])


def assert_all_within(layout, x, axis, expected):
    laid = LAYOUTS[layout](x)
    for name, values in expected.items():
        assert_within(name, np.asarray(getattr(sm, name)(laid, axis=axis)), np.asarray(values))


@needs_extended
@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize(("shape", "axis"), CASES, ids=str)
def test_every_path(shape, axis, values, dtype, rng):
    x = VALUES[values](rng, shape).astype(dtype)
    expected = exact(x, axis)
    for layout in LAYOUTS:
        assert_all_within(layout, x, axis, expected)


@needs_extended
@pytest.mark.parametrize("values", ["normal", "alike"])
@pytest.mark.parametrize(
    ("shape", "axis"), [((1030, 1100), 0), ((700, 3100), 0), ((9, 120, 2000), 1)], ids=str
)
def test_tall_and_many(shape, axis, values, dtype, rng):
    """More columns than states are carried together, cut into parts with equal maxima and without."""
    x = VALUES[values](rng, shape).astype(dtype)
    assert_all_within("C", x, axis, exact(x, axis))


@needs_extended
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("shape", "axis"), CASES, ids=str)
def test_down_to_the_least_numbers(shape, axis, layout, dtype, rng):
    """Shares from 1 down to 0 through all of the subnormal range."""
    kind = np.finfo(dtype)
    depth = 3 - np.log(kind.smallest_subnormal.astype(np.longdouble))
    x = (-depth * rng.random(shape)).astype(dtype)
    x[rng.random(shape) < 0.01] = -np.inf
    first = tuple(0 if i in np.atleast_1d(axis) else slice(None) for i in range(x.ndim))
    x[first] = 0
    computed, expected = sm.softmax(LAYOUTS[layout](x), axis=axis), exact(x, axis)["softmax"]
    assert (expected < kind.tiny).sum() > 20
    unit = np.spacing(expected.astype(dtype)).astype(np.longdouble)
    assert (np.abs(computed - expected) / unit).max() <= BOUND["softmax"]
    deep = expected < kind.tiny * 2.0**-10  # so few digits that only the last rounding counts
    assert (np.abs(computed - expected)[deep] <= 0.51 * kind.smallest_subnormal.astype(np.longdouble)).all()


@needs_extended
@pytest.mark.parametrize("others", [1, 3, 70, 3000])
@pytest.mark.parametrize("axis", [0, 1])
def test_tails_down_to_the_least_numbers(others, axis, dtype):
    """log_softmax of a maximum that stands beside a tail, from the digits of 1 down to 0."""
    kind = np.finfo(dtype)
    gap = np.linspace(1, 10 - np.log(kind.smallest_subnormal.astype(np.longdouble)), 200).astype(dtype)
    x = np.zeros((len(gap), others + 1), dtype)
    x[:, 1:] = -gap[:, None]
    x = np.moveaxis(x, 1, axis)
    computed, expected = (
        np.take(sm.log_softmax(x, axis=axis), 0, axis),
        np.take(exact(x, axis)["log_softmax"], 0, axis),
    )
    unit = np.spacing(np.abs(expected.astype(dtype))).astype(np.longdouble)
    assert (np.abs(computed - expected) / unit).max() <= BOUND["log_softmax"]
    assert (computed[expected == 0] == 0).all()
    value = np.asarray(sm.logsumexp(x, axis=axis))
    assert (np.abs(value + expected) / unit).max() <= BOUND["log_softmax"]


@needs_extended
@pytest.mark.parametrize(("shape", "axis"), CASES, ids=str)
def test_every_path_masked(shape, axis, dtype, rng):
    x = (30 * rng.normal(size=shape)).astype(dtype)
    where = rng.random(shape) < 0.7
    where |= x == x.max(axis=axis, keepdims=True)  # a row fully masked is tested elsewhere
    hidden = np.where(where, x, -np.inf)
    x[~where] = np.nan
    for name, expected in exact(hidden, axis).items():
        assert_within(name, np.asarray(getattr(sm, name)(x, axis=axis, where=where)), np.asarray(expected))


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("shape", "axis"), CASES, ids=str)
def test_every_path_in_place_and_into_strides(shape, axis, layout, masked, dtype, rng):
    x = (30 * rng.normal(size=shape)).astype(dtype)
    where = rng.random(shape) < 0.7 if masked else None
    kind = np.finfo(dtype)
    for function in (sm.softmax, sm.log_softmax):
        expected = function(x, axis=axis, where=where)
        out = LAYOUTS[layout](np.zeros_like(x))
        assert function(x, axis=axis, out=out, where=where) is out
        np.testing.assert_allclose(out, expected, rtol=4 * kind.eps, atol=4 * kind.smallest_subnormal)
        out[...] = x
        assert function(out, axis=axis, out=out, where=where) is out
        np.testing.assert_allclose(out, expected, rtol=4 * kind.eps, atol=4 * kind.smallest_subnormal)


def number_of_reductions(shape, axis):
    axes = axis if isinstance(axis, tuple) else (axis,)
    return int(np.prod([n for i, n in enumerate(shape) if i not in axes]))


ONE_BY_ONE = [(-np.inf,), (np.inf,), (np.nan,)]
SPECIAL_CASES = [
    (*case, values)
    for case in CASES
    for values in [(-np.inf, np.inf, np.nan), *ONE_BY_ONE]
    if number_of_reductions(*case) >= len(values)
]


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(("shape", "axis", "values"), SPECIAL_CASES, ids=str)
def test_special_values_on_every_path(shape, axis, values, masked, dtype, rng):
    """The first reductions of -inf alone, with inf or with nan leave the others as they are."""
    axes = axis if isinstance(axis, tuple) else (axis,)
    kept = [n for i, n in enumerate(shape) if i not in axes]
    index = np.arange(number_of_reductions(shape, axis)).reshape(kept)
    x = rng.normal(size=shape).astype(dtype)
    where = rng.random(shape) < 0.7 if masked else np.ones(shape, bool)
    functions = sm.softmax, sm.log_softmax
    given = where if masked else None
    plain = [function(x, axis=axis, where=given) for function in functions]

    first = tuple(0 if i in axes else slice(None) for i in range(x.ndim))
    place = np.broadcast_to(np.expand_dims(index, axes), shape)
    for which, value in enumerate(values):
        if value == -np.inf:
            x[place == which] = value
        else:
            x[first] = np.where(index == which, value, x[first])
            where[first] = where[first] | (index == which)
    results = [function(x, axis=axis, where=given) for function in functions]

    untouched = place >= len(values)
    for result, before in zip(results, plain, strict=True):
        np.testing.assert_array_equal(result[untouched], before[untouched])
    for which, value in enumerate(values):
        if value != np.inf:
            assert all(np.isnan(result[(place == which) & where]).all() for result in results)
    assert (results[0][~where] == 0).all()
    assert (results[1][~where] == -np.inf).all()
    reduced = np.ravel(sm.logsumexp(x, axis=axis, where=given))
    np.testing.assert_array_equal(reduced[: len(values)], values)


def test_value_and_softmax_are_those_of_the_functions(dtype, rng):
    kind = np.finfo(dtype)
    for shape, axis in CASES:
        x = (30 * rng.normal(size=shape)).astype(dtype)
        value, softmax = sm.logsumexp_and_softmax(x, axis=axis)
        np.testing.assert_allclose(value, sm.logsumexp(x, axis=axis), rtol=kind.eps)
        np.testing.assert_allclose(
            softmax, sm.softmax(x, axis=axis), rtol=4 * kind.eps, atol=4 * kind.smallest_subnormal
        )
