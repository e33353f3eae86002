"""Every way an array can lie in memory gives the same numbers as its C-contiguous copy."""

import itertools

import numpy as np
import pytest
from closeness import assert_identical
from layouts import LAYOUTS

import stablemath_core as sm

SHAPES = [(1,), (5,), (100,), (3000,), (7, 3), (3, 7), (300, 3), (2, 40, 9), (40, 2, 17), (2, 3, 4, 5)]


def all_axes(ndim):
    yield None
    for count in range(1, ndim + 1):
        yield from itertools.combinations(range(ndim), count)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_layouts(shape, layout, name, dtype, rng):
    function = getattr(sm, name)
    x = (rng.normal(size=shape) * 10).astype(dtype)
    x.ravel()[:: max(3, x.size // 5)] = -np.inf
    laid = LAYOUTS[layout](x)
    for axis in all_axes(x.ndim):
        np.testing.assert_allclose(
            function(laid, axis=axis),
            function(x, axis=axis),
            rtol=4 * np.finfo(dtype).eps,
            err_msg=f"axis={axis}",
        )


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(50,), (7, 3), (300, 3), (3, 300)], ids=str)
def test_layouts_of_weights_and_masks(shape, layout, dtype, rng):
    x, b = rng.normal(size=(2, *shape)).astype(dtype)
    where = rng.random(shape) < 0.7
    lay = LAYOUTS[layout]
    laid = lay(x)
    rtol = 1e-4 if dtype == np.float32 else 1e-13
    for axis in all_axes(x.ndim):
        got = sm.logsumexp(laid, axis, lay(b), return_sign=True, where=lay(where))
        expected = sm.logsumexp(x, axis, b, return_sign=True, where=where)
        np.testing.assert_allclose(got, expected, rtol=rtol)
        for function in (sm.logsumexp, sm.softmax, sm.log_softmax):
            np.testing.assert_allclose(
                function(laid, axis, where=lay(where)), function(x, axis, where=where), rtol=rtol
            )


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("axis", [0, 1, None])
def test_layouts_of_running_sums(layout, axis, dtype, rng):
    x = rng.normal(size=(40, 30)).astype(dtype)
    for options in ({}, {"reverse": True}, {"exclusive": True}):
        np.testing.assert_allclose(
            sm.logcumsumexp(LAYOUTS[layout](x), axis, **options),
            sm.logcumsumexp(x, axis, **options),
            rtol=4 * np.finfo(dtype).eps,
            atol=4 * np.finfo(dtype).eps,
        )


@pytest.mark.parametrize("shape", [(4, 6), (300, 200), (3, 1000), (1000, 3)])
def test_broadcast_input(shape, name, dtype, rng):
    function = getattr(sm, name)
    for part in ((shape[1],), (shape[0], 1), (1, 1)):
        x = np.broadcast_to(rng.normal(size=part).astype(dtype), shape)
        for axis in (None, 0, 1):
            np.testing.assert_allclose(
                function(x, axis=axis), function(x.copy(), axis=axis), rtol=4 * np.finfo(dtype).eps
            )


@pytest.mark.parametrize("axis", [None, 0, 1, 2, (0, 2), (0, 1), (1, 2)])
def test_many_dimensions_against_the_joined_axis(axis, name, dtype, rng):
    x = rng.normal(size=(6, 50, 11)).astype(dtype)
    axes = tuple(range(3)) if axis is None else np.atleast_1d(axis).tolist()
    rows = np.moveaxis(x, axes, range(-len(axes), 0))
    joined = rows.reshape(*rows.shape[: 3 - len(axes)], -1)
    got = getattr(sm, name)(x, axis=axis)
    expected = getattr(sm, name)(np.ascontiguousarray(joined), axis=-1)
    if name != "logsumexp":
        got = np.moveaxis(got, axes, range(-len(axes), 0)).reshape(joined.shape)
    np.testing.assert_allclose(got, expected, rtol=4 * np.finfo(dtype).eps)


def test_the_most_dimensions(name, dtype):
    x = np.arange(8.0, dtype=dtype).reshape((2, 1, 2, 1, 2) + (1,) * 27)
    expected = getattr(sm, name)(np.arange(8.0, dtype=dtype))
    assert_identical(np.ravel(getattr(sm, name)(x)), np.ravel(expected))
    assert getattr(sm, name)(x, axis=31).shape == (x.shape[:31] if name == "logsumexp" else x.shape)
    x = x.reshape((2, 1, 2, 1, 2) + (1,) * 59)
    np.testing.assert_allclose(np.ravel(getattr(sm, name)(x)), np.ravel(expected), rtol=1e-6)


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_most_dimensions_and_no_axis(order, any_dtype, rng):
    x = np.array(rng.normal(size=(2, 3, 1, 4) + (1,) * 60), any_dtype, order=order)
    where = x.real > 0
    masked = np.where(where, x, -np.inf)
    for function, whole, kept in (
        (sm.logsumexp, x, masked),
        (sm.logmeanexp, x, masked),
        (sm.softmax, np.ones_like(x), where),
        (sm.log_softmax, np.zeros_like(x), np.where(where, any_dtype.type(0), -np.inf)),
    ):
        got = function(x, axis=())
        np.testing.assert_allclose(got, whole, rtol=1e-3 if any_dtype == "f2" else 1e-6)
        np.testing.assert_allclose(function(x, axis=(), where=where), kept, rtol=1e-3)
        out = np.empty_like(x)
        assert function(x, axis=(), out=out) is out
        np.testing.assert_array_equal(out, got)
        if function in (sm.softmax, sm.log_softmax):
            assert got.strides == x.strides
    value, gradient = sm.logsumexp_and_softmax(x, ())
    np.testing.assert_allclose(value, x, rtol=1e-3)
    np.testing.assert_allclose(gradient, 1, rtol=1e-6)
    for function in (sm.logsumexp, sm.logmeanexp):
        value, sign = function(x, (), np.ones_like(x), return_sign=True)
        np.testing.assert_allclose(value, x.real, rtol=1e-3)
        assert value.shape == sign.shape == x.shape


@pytest.mark.parametrize("shape", [(300_000,), (1000, 300), (4, 5)], ids=str)
@pytest.mark.parametrize("axis", [0, -1])
def test_the_most_dimensions_and_one_axis(shape, axis, rng):
    x = rng.normal(size=shape)
    for dtype, rtol in (("f4", 1e-5), ("f8", 1e-12), ("g", 1e-12)):
        exact = x.astype(dtype).astype(np.longdouble)
        total = np.log(np.exp(exact).sum(axis=axis, keepdims=True))
        many = x.astype(dtype).reshape((1,) * (64 - len(shape)) + shape)
        place = axis if axis else 64 - len(shape)
        value, gradient = sm.logsumexp_and_softmax(many, place)
        assert value.shape == tuple(n for i, n in enumerate(many.shape) if i != place % 64)
        for got, expected in (
            (value, total),
            (sm.logsumexp(many, place), total),
            (sm.logmeanexp(many, place), total - np.log(shape[axis])),
            (gradient, np.exp(exact - total)),
            (sm.softmax(many, place), np.exp(exact - total)),
            (sm.log_softmax(many, place), exact - total),
        ):
            np.testing.assert_allclose(got.ravel(), expected.ravel(), rtol=rtol)


@pytest.mark.parametrize("order", ["C", "F"])
def test_memory_order_of_the_result_follows_the_input(order, rng):
    x = np.array(rng.normal(size=(5, 6, 7)), order=order)
    for function in (sm.softmax, sm.log_softmax):
        for axis in (None, 0, 1, 2):
            assert function(x, axis=axis).strides == x.strides
    rolled = np.moveaxis(x, 0, 1)
    assert sm.softmax(rolled, axis=1).strides == rolled.strides


@pytest.mark.parametrize("length", [*range(1, 70), 255, 256, 257, 1023, 1024, 1025, 4097])
def test_every_length(length, name, dtype, rng):
    """Rows of any length, whole vectors or not, never see what lies beside them."""
    wide = np.full((3, length + 40), np.inf, dtype)
    wide[:, 20:-20] = rng.normal(size=(3, length)) * 3
    rows = wide[:, 20:-20]
    function = getattr(sm, name)
    rtol = 4 * np.finfo(dtype).eps
    np.testing.assert_allclose(function(rows, axis=1), function(rows.copy(), axis=1), rtol=rtol)
    for row, together in zip(rows, function(rows, axis=1), strict=True):
        np.testing.assert_allclose(function(row), together, rtol=rtol)
    columns = np.ascontiguousarray(rows.T)
    across = function(columns, axis=0)
    if name != "logsumexp":
        across = across.T
    np.testing.assert_allclose(across, function(rows, axis=1), rtol=rtol)


@pytest.mark.parametrize("width", [1, 2, 3, 5, 8, 10, 17, 23, 33, 50, 300])
@pytest.mark.parametrize("height", [9, 70, 501, 1600])
def test_every_width_of_columns(height, width, name, dtype, rng):
    x = rng.normal(size=(height, width)).astype(dtype)
    function = getattr(sm, name)
    across = function(x, axis=0)
    for column in range(width):
        np.testing.assert_allclose(
            across[..., column], function(x[:, column].copy()), rtol=4 * np.finfo(dtype).eps
        )


def test_the_same_call_gives_the_same_bits(name, dtype, rng):
    x = rng.normal(size=(777, 33)).astype(dtype)
    for axis in (None, 0, 1):
        assert_identical(getattr(sm, name)(x, axis=axis), getattr(sm, name)(x.copy(), axis=axis))


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize(
    ("shape", "axis"),
    [
        *(((5000, 300), 0), ((300, 300), 0), ((7, 2100, 150), 1), ((150, 900), 1)),
        # too few elements for shares, which may be too narrow to be parted
        *(((1300, 150), 0), ((2, 1100, 90), 1)),
    ],
)
def test_bits_do_not_depend_on_the_address(shape, axis, step, name, dtype, rng):
    """Columns are parted where cache lines end, which must not show."""
    wide = (*shape[:-1], step * shape[-1])
    near_one = rng.normal(size=wide) + 0.7 - np.log(shape[axis])  # of results, which so show what sums lose
    x = near_one.astype(dtype)
    raw = np.empty(x.nbytes + 128, np.uint8)
    results = []
    for beyond in (0, 16, 32, 48):
        start = -raw.ctypes.data % 64 + beyond
        view = raw[start : start + x.nbytes].view(dtype).reshape(wide)
        view[...] = x
        results.append(getattr(sm, name)(view[..., ::step], axis=axis))
    for result in results[1:]:
        assert_identical(result, results[0])


def in_a_file(x, folder):
    return np.memmap(folder / "result", x.dtype, "w+", shape=x.shape)


def inside_a_larger_array(x, folder):
    return np.full((len(x) + 2, x.shape[1]), 7, x.dtype)[1:-1]


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize(
    ("shape", "place"),
    [((3, 2_800_001), None), ((1030, 8200), in_a_file), ((1030, 8200), inside_a_larger_array)],
)
def test_results_of_many_pages(shape, name, place, dtype, rng, tmp_path):
    """Fresh memory is asked for before it is written: nothing else may change, in place least of all."""
    function = getattr(sm, name)
    x = rng.standard_normal(shape, dtype)
    with sm.num_threads(2):
        result = function(x, axis=1, out=None if place is None else place(x, tmp_path))
    if result.base is not None and place is inside_a_larger_array:
        np.testing.assert_array_equal(result.base[[0, -1]], 7)
    for i in (0, len(x) // 2, len(x) - 1):
        row = x[i].astype(np.longdouble)
        sums = np.log(np.sum(np.exp(row - row.max()))) + row.max()
        expected = np.exp(row - sums) if name == "softmax" else row - sums
        np.testing.assert_allclose(result[i], expected, rtol=4 * np.finfo(dtype).eps)
    with sm.num_threads(2):
        assert_identical(function(x, axis=1, out=x), np.asarray(result))
    assert_identical(x, np.asarray(result))


@pytest.mark.parametrize("n", [100, 1201, 50_257])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_rows_around_the_caches(name, n, dtype, rng):
    """Rows whose first lines, or all, hold parts of others: these are written like any."""
    function = getattr(sm, name)
    x = rng.standard_normal((3_300_000 // n, n), dtype)
    inside = np.full(x.size + 2, 7, dtype)
    out = inside[1:-1].reshape(x.shape)
    function(x, axis=1, out=out)
    for i in (0, 1, len(x) - 1):
        np.testing.assert_allclose(out[i], function(x[i]), rtol=2 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(inside[[0, -1]], 7)
    with sm.num_threads(2):
        assert_identical(function(x, axis=1), out)


@pytest.mark.parametrize("axis", [0, 1, None])
@pytest.mark.parametrize("columns", [1200, 1201])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_results_around_the_caches(name, columns, axis, dtype, rng):
    """Of an input with gaps, so large with its result that that is not written through the caches."""
    function = getattr(sm, name)
    x = rng.standard_normal((1500, 2 * columns), dtype)[:, ::2]
    expected = function(x.copy(), axis=axis)
    result = function(x, axis=axis)
    np.testing.assert_allclose(result, expected, rtol=4 * np.finfo(dtype).eps)
    with sm.num_threads(2):
        inside = np.full((1502, columns), 7, dtype)
        assert_identical(function(x, axis=axis, out=inside[1:-1]), result)
    np.testing.assert_array_equal(inside[[0, -1]], 7)
