"""where, out, dtype, weights and signs, on every function that takes them."""

import numpy as np
import pytest
from closeness import assert_identical

import stablemath_core as sm

inf, nan = np.inf, np.nan
MASKABLE = ("logsumexp", "softmax", "log_softmax", "logmeanexp", "logsumexp_and_softmax")
ELEMENTWISE = ("softmax", "log_softmax", "logcumsumexp")
# What a masked element's result is.
ABSENT = {"softmax": 0, "log_softmax": -inf}


@pytest.fixture(params=MASKABLE)
def maskable(request):
    return request.param


@pytest.fixture(params=ELEMENTWISE)
def elementwise(request):
    return getattr(sm, request.param)


def pairs(result):
    return result if isinstance(result, tuple) else (result,)


def close(dtype):
    return {"rtol": 8 * np.finfo(dtype).eps, "atol": 0}


# where


@pytest.mark.parametrize("shape", [(1, 40), (30, 3), (7, 100), (3, 3000)])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_a_masked_row_is_the_row_without_the_masked(shape, share, maskable, dtype, rng):
    x = (rng.normal(size=shape) * 5).astype(dtype)
    where = rng.random(shape) < share
    where[0, 0] = True
    x[~where] = rng.choice([nan, inf, -inf, 3e38, 7], np.count_nonzero(~where))
    function = getattr(sm, maskable)
    for laid_x, laid_where, axis in ((x, where, 1), (x.T.copy(), where.T, 0)):
        results = pairs(function(laid_x, axis=axis, where=laid_where))
        for i, row in enumerate(where):
            if not row.any():
                continue
            for got, expected in zip(results, pairs(function(x[i][row])), strict=True):
                part = np.take(got, i, axis=min(1 - axis, got.ndim - 1))
                if np.ndim(part):
                    masked = ABSENT.get(maskable, 0)
                    assert np.all(part[~row] == masked)
                    part = part[row]
                np.testing.assert_allclose(part, expected, **close(dtype))


def test_fully_masked_rows(dtype):
    x = np.array([[nan, inf, 1.0], [1.0, 2.0, 3.0]], dtype)
    where = np.array([[False] * 3, [True] * 3])
    value, sign = sm.logsumexp(x, 1, where=where, return_sign=True)
    assert value[0] == -inf
    assert sign.tolist() == [0, 1]
    assert sm.logsumexp(x, 1, where=where)[0] == -inf
    assert sm.logsumexp(x, 1, x, where=where)[0] == -inf
    assert sm.logmeanexp(x, 1, where=where)[0] == -inf
    assert np.all(sm.softmax(x, 1, where=where)[0] == 0)
    assert np.all(sm.log_softmax(x, 1, where=where)[0] == -inf)
    value, gradient = sm.logsumexp_and_softmax(x, 1, where=where)
    assert value[0] == -inf
    assert np.all(gradient[0] == 0)
    assert sm.logsumexp(x, where=False) == -inf
    assert np.all(sm.softmax(x, where=False) == 0)


def test_unmasked_special_values_stay(maskable, dtype):
    """Masking changes what is absent, not what the rest means."""
    for row in ([inf, 1.0], [-inf, -inf], [nan, 1.0], [inf, inf]):
        x = np.array([*row, 5.0], dtype)
        got = pairs(getattr(sm, maskable)(x, where=[True, True, False]))
        expected = pairs(getattr(sm, maskable)(x[:2]))
        for one, other in zip(got, expected, strict=True):
            np.testing.assert_array_equal(one[:2] if np.ndim(one) else one, other)


@pytest.mark.parametrize(
    ("shape", "mask"),
    [((3,), (4, 3)), ((4, 3), (3,)), ((4, 1), (3,)), ((4, 3), ()), ((), (3,)), ((2, 1, 3), (4, 1))],
)
def test_masks_broadcast_either_way(shape, mask, maskable, rng):
    x, where = rng.normal(size=shape), np.asarray(rng.random(mask) < 0.6)
    both = np.broadcast_shapes(shape, mask)
    function = getattr(sm, maskable)
    for axis in (None, -1, 0):
        got = pairs(function(x, axis=axis, where=where))
        full = np.broadcast_to(x, both).copy(), np.broadcast_to(where, both).copy()
        for one, other in zip(got, pairs(function(full[0], axis=axis, where=full[1])), strict=True):
            assert_identical(one, other)
        if maskable == "softmax":
            assert got[0].shape == both


def test_weights_with_a_mask(rng, dtype):
    x, b = rng.normal(size=(2, 20, 9)).astype(dtype)
    where = rng.random((20, 9)) < 0.5
    got = sm.logsumexp(x, 1, b, where=where, return_sign=True)
    expected = sm.logsumexp(x, 1, np.where(where, b, 0), return_sign=True)
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("where", [[1, 0], np.array([1.0, 0.0]), "yes", np.array([None, 1])])
def test_masks_that_are_no_masks(where, maskable):
    with pytest.raises(TypeError, match="where must be boolean"):
        getattr(sm, maskable)([1.0, 2.0], where=where)


def test_masks_that_do_not_broadcast(maskable):
    with pytest.raises(ValueError, match=r"\(2,\).*where \(3,\)"):
        getattr(sm, maskable)([1.0, 2.0], where=[True, False, True])


def test_rare_dtypes_are_masked_too(maskable):
    where = np.array([True, False, True])
    for kind in ("e", "g", "F", "D"):
        x = np.array([1, nan, 2], kind)
        got = pairs(getattr(sm, maskable)(x, where=where))
        expected = pairs(getattr(sm, maskable)(x[where]))
        for one, other in zip(got, expected, strict=True):
            assert one.dtype == other.dtype
            np.testing.assert_allclose(one[where] if np.ndim(one) else one, other, rtol=1e-3)


# out


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 2), ()])
@pytest.mark.parametrize("keepdims", [False, True])
def test_out_of_reductions(axis, keepdims, dtype, rng):
    x = rng.normal(size=(4, 5, 6)).astype(dtype)
    for function in (sm.logsumexp, sm.logmeanexp):
        expected = function(x, axis, keepdims=keepdims)
        out = np.full(np.shape(expected), 7, dtype)
        assert function(x, axis, keepdims=keepdims, out=out) is out
        assert_identical(out, expected)
        results = function(x, axis, -x, keepdims, True)
        out = np.full_like(results[0], 7), np.full_like(results[1], 7)
        got = function(x, axis, -x, keepdims, True, out=out)
        assert got[0] is out[0]
        assert got[1] is out[1]
        for one, other in zip(out, results, strict=True):
            assert_identical(one, other)


def test_out_of_elementwise_functions(elementwise, dtype, rng):
    x = rng.normal(size=(40, 50)).astype(dtype)
    for axis in (0, 1, None) if elementwise is not sm.logcumsumexp else (0, 1):
        expected = elementwise(x, axis=axis)
        for out in (np.empty_like(x), np.empty_like(x.T).T, np.empty((80, 100), dtype)[::2, ::-2]):
            assert elementwise(x, axis=axis, out=out) is out
            # Another layout may be another way through the kernels.
            np.testing.assert_allclose(out, expected, rtol=4 * np.finfo(dtype).eps)


def test_out_of_a_wider_or_swapped_dtype(elementwise, rng):
    x = rng.normal(size=(4, 5)).astype(np.float32)
    expected = elementwise(x, axis=1)
    for kind in (">f4", "f8", "g", "c16"):
        out = np.empty(x.shape, kind)
        assert elementwise(x, axis=1, out=out) is out
        np.testing.assert_array_equal(out, expected)
    value = np.empty(4, ">f8")
    assert sm.logsumexp(x, 1, out=value) is value
    np.testing.assert_array_equal(value, sm.logsumexp(x, 1))


def test_out_of_a_complex_sums_size_and_phase():
    a = np.array([[1 + 2j, 3 - 1j], [-2j, 0.5]])
    total = np.exp(a).sum(axis=1)
    for kinds in ("DD", "dD", "GG"):
        out = tuple(np.full(2, 7, kind) for kind in kinds)
        sm.logsumexp(a, 1, return_sign=True, out=out)
        np.testing.assert_allclose(out[0], np.log(np.abs(total)), rtol=1e-15)
        np.testing.assert_allclose(out[1], total / np.abs(total), rtol=1e-15)


def test_in_place(elementwise, any_dtype, rng):
    for axis in (0, 1):
        for layout in (np.array, np.asfortranarray, lambda x: x.repeat(2, 1)[:, ::2]):
            x = layout((rng.normal(size=(60, 70)) * 5).astype(any_dtype))
            expected = elementwise(x, axis=axis)
            assert elementwise(x, axis=axis, out=x) is x
            np.testing.assert_array_equal(x, expected)


def test_large_in_place(elementwise, dtype, rng):
    """Larger than the caches and shared between threads."""
    x = (rng.normal(size=(40, 20_000)) * 5).astype(dtype)
    for axis in (0, 1):
        y = x.copy()
        elementwise(y, axis=axis, out=y)
        assert_identical(y, elementwise(x, axis=axis))
    y = x.copy()
    mask = rng.random(x.shape) < 0.5
    sm.softmax(y, 1, out=y, where=mask)
    assert_identical(y, sm.softmax(x, 1, where=mask))


@pytest.mark.parametrize("shift", [-70, -3, -1, 1, 2, 64])
def test_overlapping_out(shift, elementwise, dtype, rng):
    raw = rng.normal(size=(10, 400)).astype(dtype)
    middle = slice(100, 300), slice(100 + shift, 300 + shift)
    for views in (
        lambda y: (y[:, middle[0]], y[:, middle[1]]),
        lambda y: (y[:, middle[0]], y[:, middle[1]][:, ::-1]),
        lambda y: (y[1:, middle[0]], y[:-1, middle[1]]),
        lambda y: (y[:, :20].reshape(10, 20)[:, :10], y[:, :10].T),
    ):
        for axis in (0, 1):
            buffer = raw.copy()
            x, out = views(buffer)
            expected = elementwise(x.copy(), axis=axis)
            assert elementwise(x, axis=axis, out=out) is out
            assert_identical(out, expected)


def test_a_reduction_into_its_own_input(dtype, rng):
    x = rng.normal(size=(6, 7)).astype(dtype)
    expected = sm.logsumexp(x, 0)
    assert_identical(sm.logsumexp(x, 0, out=x[3]), expected)
    x = rng.normal(size=(6, 7)).astype(dtype)
    b = rng.random((6, 7)).astype(dtype)
    expected = sm.logsumexp(x, 0, b)
    assert_identical(sm.logsumexp(x, 0, b, out=b[0]), expected)


def test_value_and_softmax_in_place(dtype, rng):
    x = rng.normal(size=(60, 70)).astype(dtype)
    value, gradient = sm.logsumexp_and_softmax(x, 1)
    assert (np.abs(value - sm.logsumexp(x, 1)) <= np.spacing(np.abs(value))).all()
    assert_identical(gradient, sm.softmax(x, 1))
    out = np.empty(60, dtype), x
    got = sm.logsumexp_and_softmax(x, 1, out=out)
    assert got[0] is out[0]
    assert got[1] is x
    assert_identical(got[0], value)
    assert_identical(x, gradient)
    got = sm.logsumexp_and_softmax(gradient, 0, out=(None, gradient))
    assert got[1] is gradient


BAD_OUT = [
    (np.zeros(3), ValueError, "shape"),
    (np.zeros((2, 1)), ValueError, "shape"),
    (np.zeros(2, int), TypeError, "int"),
    (np.zeros(2, np.float32), TypeError, "float32"),
    ([0.0, 0.0], TypeError, "numpy.ndarray"),
    (np.ma.zeros(2), TypeError, "numpy.ndarray"),
    (np.broadcast_to(0.0, (2,)), ValueError, "read-only"),
]


@pytest.mark.parametrize(("out", "kind", "message"), BAD_OUT)
def test_bad_out_is_refused_and_untouched(out, kind, message):
    before = np.array(out, copy=True)
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    for call in (
        lambda: sm.logsumexp(x, 1, out=out),
        lambda: sm.logmeanexp(x, 1, out=out),
        lambda: sm.softmax(x[0], out=out),
        lambda: sm.log_softmax(x[0], out=out),
        lambda: sm.logcumsumexp(x[0], out=out),
        lambda: sm.logsumexp(x, 1, return_sign=True, out=(out, np.zeros(2))),
        lambda: sm.logsumexp(x, 1, return_sign=True, out=(np.zeros(2), out)),
        lambda: sm.logsumexp_and_softmax(x, 1, out=(out, np.empty((2, 2)))),
    ):
        with pytest.raises(kind, match=message):
            call()
    np.testing.assert_array_equal(out, before)


def test_a_dtype_is_advised_where_there_is_one_to_pass():
    x, out = np.ones(2), np.zeros(2, np.float32)
    for function in (sm.softmax, sm.log_softmax, sm.logcumsumexp):
        with pytest.raises(TypeError, match="pass dtype=float32"):
            function(x, out=out)
    with pytest.raises(TypeError) as caught:
        sm.logsumexp_and_softmax(x, out=(None, out))
    assert "pass dtype" not in str(caught.value)
    with pytest.raises(TypeError) as caught:
        sm.softmax(x * 1j, out=out)
    assert "pass dtype" not in str(caught.value)


def test_an_error_leaves_out_untouched():
    out = np.full(2, 7.0)
    for options in ({"axis": 5}, {"axis": (0, 0)}, {"where": [1, 0]}, {"dtype": int}):
        with pytest.raises((TypeError, ValueError)):
            sm.softmax([1.0, 2.0], out=out, **options)
    assert out.tolist() == [7.0, 7.0]


@pytest.mark.parametrize("out", [np.zeros(2), (np.zeros(2),), (np.zeros(2),) * 3, [np.zeros(2)] * 2])
def test_out_must_be_a_pair_for_two_results(out):
    x = np.ones((2, 3))
    with pytest.raises(TypeError, match="pair"):
        sm.logsumexp(x, 1, return_sign=True, out=out)
    with pytest.raises(TypeError, match="pair"):
        sm.logsumexp_and_softmax(x, 1, out=out)


def test_the_two_of_a_pair_must_not_overlap():
    both = np.zeros(3)
    with pytest.raises(ValueError, match="overlap"):
        sm.logsumexp(np.ones((2, 3)), 1, return_sign=True, out=(both[:2], both[1:]))


# dtype


def test_dtype_is_the_computations_and_the_results(name, any_dtype, rng):
    x = rng.normal(size=(3, 4))
    got = getattr(sm, name)(x, axis=1, dtype=any_dtype)
    expected = getattr(sm, name)(x.astype(any_dtype), axis=1)
    assert_identical(got, expected)
    assert got.dtype == any_dtype


def test_dtype_widens(rng):
    x = rng.normal(size=100).astype(np.float32)
    assert sm.logsumexp(x, dtype=np.float64) == sm.logsumexp(x.astype(float))
    assert sm.logsumexp(np.ones(3, np.int8), dtype="f4").dtype == np.float32
    assert sm.logcumsumexp(x, dtype="f8").dtype == np.float64
    assert sm.logmeanexp(x, dtype=">f8").dtype == np.dtype("=f8")
    out = np.empty(100, np.float32)
    sm.softmax(x.astype(float), dtype=np.float32, out=out)
    assert_identical(out, sm.softmax(x))


@pytest.mark.parametrize("bad", [int, "i8", bool, object, "U3", "M8[s]"])
def test_dtypes_that_cannot_be(name, bad):
    with pytest.raises(TypeError, match="dtype must be"):
        getattr(sm, name)([1.0, 2.0], dtype=bad)
    with pytest.raises(TypeError, match="complex"):
        getattr(sm, name)([1j], dtype=float)


def test_bfloat16():
    bfloat16 = np.dtype(pytest.importorskip("ml_dtypes").bfloat16)
    x = np.arange(6).reshape(2, 3).astype(bfloat16)
    for function in (sm.logsumexp, sm.softmax, sm.log_softmax):
        got = function(x, axis=1)
        assert got.dtype == bfloat16
        expected = function(x.astype(np.float32), axis=1).astype(bfloat16)
        np.testing.assert_array_equal(got.astype(float), expected.astype(float))


# b and return_sign


def test_weights_of_one_change_nothing(any_dtype, rng):
    a = rng.normal(size=(30, 20)).astype(any_dtype)
    np.testing.assert_allclose(
        sm.logsumexp(a, 1, np.ones_like(a)), sm.logsumexp(a, 1), rtol=4 * np.finfo(any_dtype).eps
    )


def test_signs(any_dtype, rng):
    a = rng.normal(size=(40, 5)).astype(any_dtype)
    b = rng.normal(size=(40, 5)).astype(any_dtype)
    value, sign = sm.logsumexp(a, 1, b, return_sign=True)
    assert value.dtype == a.real.dtype
    assert sign.dtype == a.dtype
    back = sign * np.exp(value)
    direct = (b * np.exp(a)).sum(axis=1)
    atol = 40 * np.finfo(any_dtype).eps
    np.testing.assert_allclose(back, direct, atol=atol, rtol=atol)
    if any_dtype.kind == "f":
        plain = sm.logsumexp(a, 1, b)
        np.testing.assert_array_equal(np.isnan(plain), sign < 0)
        np.testing.assert_array_equal(plain[sign > 0], value[sign > 0])


def test_the_sign_without_weights(dtype):
    x = np.array([[1, 2], [-inf, -inf], [nan, 1], [inf, 1]], dtype)
    value, sign = sm.logsumexp(x, 1, return_sign=True)
    np.testing.assert_array_equal(sign, np.array([1, 0, nan, 1], dtype))
    np.testing.assert_array_equal(value, sm.logsumexp(x, 1))


# logmeanexp


def test_means(any_dtype, rng):
    a = rng.normal(size=(30, 20)).astype(any_dtype)
    wide = a.astype(np.clongdouble if any_dtype.kind == "c" else np.longdouble)
    rtol = {"e": 2e-3, "f": 1e-6, "F": 1e-5}.get(any_dtype.char, 1e-13)
    expected = np.log(np.exp(wide).mean(axis=1))
    np.testing.assert_allclose(sm.logmeanexp(a, 1), expected, rtol=rtol, atol=rtol)
    b = rng.random((30, 20)).astype(any_dtype)
    expected = np.log((b * np.exp(wide)).sum(axis=1) / b.sum(axis=1))
    np.testing.assert_allclose(sm.logmeanexp(a, 1, b), expected, rtol=rtol, atol=rtol)
    where = rng.random((30, 20)) < 0.8
    expected = np.log(np.exp(wide).mean(axis=1, where=where))
    np.testing.assert_allclose(sm.logmeanexp(a, 1, where=where), expected, rtol=rtol, atol=rtol)


def test_means_do_not_cancel(dtype):
    tiny = np.finfo(dtype).eps / 8
    for n in (1, 3, 1000):
        assert sm.logmeanexp(np.full(n, tiny, dtype)) == dtype.type(tiny)
        assert sm.logmeanexp(np.zeros(n, dtype)) == 0
    got = sm.logmeanexp(np.array([tiny, 0], dtype))
    assert got == pytest.approx(tiny / 2, rel=2 * float(np.finfo(dtype).eps))
    got = sm.logmeanexp(np.array([tiny, 0, 5], dtype), b=[1, 3, 0])
    assert got == pytest.approx(tiny / 4, rel=2 * float(np.finfo(dtype).eps))


def test_means_of_nothing():
    assert sm.logmeanexp([]) == -inf
    value, sign = sm.logmeanexp(np.ones((0, 3)), 0, return_sign=True)
    assert value.tolist() == [-inf] * 3
    assert sign.tolist() == [0] * 3
    assert sm.logmeanexp([1.0, nan], b=[0, 0]) == -inf
    assert sm.logmeanexp([-inf, -inf]) == -inf
    assert sm.logmeanexp([inf, 0.0]) == inf


def test_means_with_signs():
    value, sign = sm.logmeanexp([0.0, 1.0], b=[3.0, -1.0], return_sign=True)
    assert value == pytest.approx(np.log((3 - np.e) / 2), rel=1e-15)
    assert sign == 1
    value, sign = sm.logmeanexp([0.0, 2.0], b=[3.0, -1.0], return_sign=True)
    assert value == pytest.approx(np.log((np.e**2 - 3) / 2), rel=1e-15)
    assert sign == -1
    assert np.isnan(sm.logmeanexp([0.0, 2.0], b=[3.0, -1.0]))


# logcumsumexp


@pytest.mark.parametrize("axis", [0, 1, 2, -1, None])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("exclusive", [False, True])
def test_prefixes(axis, reverse, exclusive, any_dtype, rng):
    a = (rng.normal(size=(4, 9, 5)) * 5).astype(any_dtype)
    got = sm.logcumsumexp(a, axis, reverse=reverse, exclusive=exclusive)
    rows = a.reshape(-1) if axis is None else np.moveaxis(a, axis, -1)
    got = got if axis is None else np.moveaxis(got, axis, -1)
    assert got.dtype == any_dtype
    assert got.shape == rows.shape
    rtol = 8 * np.finfo(any_dtype).eps
    for i in range(rows.shape[-1]):
        part = rows[..., i + exclusive :] if reverse else rows[..., : i + 1 - exclusive]
        np.testing.assert_allclose(got[..., i], sm.logsumexp(part, axis=-1), rtol=rtol, atol=rtol)


@pytest.mark.parametrize("length", [1, 2, 7, 64, 1000, 20_000])
def test_long_prefixes(length, dtype, rng):
    a = (rng.normal(size=length) * 3).astype(dtype)
    got = sm.logcumsumexp(a)
    for i in {0, 1, length // 3, length - 1} & set(range(length)):
        assert got[i] == pytest.approx(sm.logsumexp(a[: i + 1]), rel=2 * float(np.finfo(dtype).eps))
    columns = np.stack([a, a[::-1]], axis=1)
    np.testing.assert_allclose(sm.logcumsumexp(columns, 0)[:, 0], got, rtol=2 * np.finfo(dtype).eps)


def test_special_prefixes(dtype):
    a = np.array([-inf, 1, -inf, 2, inf, -inf, 3, nan, 1, inf], dtype)
    expected = [sm.logsumexp(a[: i + 1]) for i in range(a.size)]
    np.testing.assert_allclose(sm.logcumsumexp(a), expected, rtol=2 * np.finfo(dtype).eps)
    expected = [sm.logsumexp(a[i:]) for i in range(a.size)]
    np.testing.assert_allclose(sm.logcumsumexp(a, reverse=True), expected)


def test_prefixes_of_scalars_and_of_nothing():
    assert sm.logcumsumexp(3.0) == 3.0
    assert type(sm.logcumsumexp(3.0)) is np.float64
    assert sm.logcumsumexp([]).shape == (0,)
    assert sm.logcumsumexp(np.ones((0, 3))).shape == (0, 3)
    assert sm.logcumsumexp([5.0], exclusive=True).tolist() == [-inf]
    for axis, kind in ((2, ValueError), (1.0, TypeError), ((0,), TypeError), (True, TypeError)):
        with pytest.raises(kind):
            sm.logcumsumexp(np.ones((2, 2)), axis)
    with pytest.raises(TypeError, match="axis must be None or an integer, not tuple"):
        sm.logcumsumexp([1.0], (0,))
    with pytest.raises(TypeError, match=r"pass a\.filled"):
        sm.logcumsumexp(np.ma.ones(3))
