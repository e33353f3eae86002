"""Being scipy's drop-in: what is the same, and what is better on purpose."""

import datetime
import warnings

import numpy as np
import pytest
from closeness import assert_same, outcome

import stablemath_core as sm

special = pytest.importorskip("scipy.special")
inf, nan = np.inf, np.nan


def compare(name, *arguments, **options):
    """Ours against scipy's on one call: the same result or the same kind of error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = outcome(getattr(special, name), *arguments, **options)
    got = outcome(getattr(sm, name), *arguments, **options)
    if isinstance(expected, type):
        assert got is expected
    elif isinstance(expected, tuple):
        for one, other in zip(got, expected, strict=True):
            assert_same(one, other)
    else:
        assert_same(got, expected)


AXES = [
    *(None, 0, 1, 2, -1, -2, -3, (0, 1), (2, 0), (-1, 1), (0, 1, 2), (), np.int64(1)),
    *(np.int8(-1), np.array(1), 3, -4, (0, 3), (0, 0), (1, -2), 1.0, np.float64(1), True),
    *(np.True_, "0", 2**70, (2**70,), (1.0,), (True,), (None,), [0], [0, 1], range(2)),
]


@pytest.mark.parametrize("axis", AXES, ids=repr)
def test_axis(name, axis, rng):
    compare(name, rng.normal(size=(2, 3, 4)), axis=axis)


@pytest.mark.parametrize("axis", [2**31, -(2**31) - 1, 2**63 - 1, (0, 2**40), (-(2**40),)], ids=repr)
def test_an_axis_beyond_c_integers_is_out_of_bounds(axis):
    x = np.ones((2, 3))
    functions = [sm.logsumexp, sm.softmax, sm.log_softmax, sm.logmeanexp, sm.logsumexp_and_softmax]
    for function in functions if isinstance(axis, tuple) else [*functions, sm.logcumsumexp]:
        with pytest.raises(np.exceptions.AxisError):
            function(x, axis=axis)
    with pytest.raises(np.exceptions.AxisError):
        sm.LogSumExp(axis).update(x)


@pytest.mark.parametrize("keepdims", [True, False, 1, 0, np.True_])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), ()])
def test_keepdims(axis, keepdims, rng):
    compare("logsumexp", rng.normal(size=(2, 3, 4)), axis, keepdims=keepdims)


SCALARS = [1, 1.5, True, 2 + 1j, np.float32(1.5), np.float16(2), np.int8(3), np.array(1.5)]


@pytest.mark.parametrize("axis", [None, 0, -1, (), (0,), 1, -2])
@pytest.mark.parametrize("x", SCALARS, ids=repr)
def test_scalars(name, x, axis):
    if name == "log_softmax" and not isinstance(x, (np.generic, np.ndarray)):
        x = np.asarray(x)  # scipy's fails on some of Python's own scalars
    if name != "logsumexp" and np.asarray(x).dtype.kind in "bi":
        x = np.asarray(x, float)  # scipy's wraps around or refuses
    compare(name, x, axis=axis)


@pytest.mark.parametrize("axis", [None, 0, ()])
def test_scalars_keepdims(axis):
    compare("logsumexp", 1.5, axis, keepdims=True)


def test_full_reductions_are_numpy_scalars(any_dtype):
    x = np.ones((2, 3), any_dtype)
    assert type(sm.logsumexp(x)) is any_dtype.type
    assert type(sm.logsumexp(x, axis=(0, 1))) is any_dtype.type
    assert type(sm.softmax(any_dtype.type(1))) is any_dtype.type


LIKE = [
    *([1.0, 2.0], (1, 2), [[1.0], [2.0]], [], [True, False], range(3), [1j, 2], "a", ["a"], None),
    *([None], [[1, 2], [3]], np.array([1, 2], object), [10**30], 10**30, object(), {"a": 1}),
    *(memoryview(np.arange(3.0)), [np.float32(1), np.float32(2)], [[np.float32(1)], [2]]),
    *(b"a", np.array(["1"], object), [datetime.date(2020, 1, 1)]),
    *(np.array([18262], "M8[D]"), np.array([7], "m8[s]"), np.array(["1", "2.5"]), ["1"], "1.5"),
    [b"1"],
]


@pytest.mark.parametrize("x", LIKE, ids=lambda x: repr(x).split(" at 0x")[0][:40])
def test_array_likes(name, x):
    if name == "log_softmax" and (x is None or type(x) in (object, int, dict)):
        pytest.skip("scipy stumbles over its own code here")
    if name != "logsumexp" and type(x) is list and x == [True, False]:
        x = [1.0, 0.0]  # scipy's refuses
    compare(name, x)


def test_strings_of_any_length_are_refused(name):
    # What scipy's logsumexp does with them depends on NumPy's version.
    with pytest.raises(TypeError):
        getattr(sm, name)(np.array(["1"], np.dtypes.StringDType()))


@pytest.mark.parametrize("kind", "?bBhHiIlLqQ")
def test_integers(kind, rng):
    x = rng.integers(0, 2 if kind == "?" else 100, (3, 4)).astype(kind)
    compare("logsumexp", x, axis=1)
    for name in ("softmax", "log_softmax"):
        assert_same(getattr(sm, name)(x, axis=1), getattr(special, name)(x.astype(float), axis=1))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "i2", "i8", "c8", "c16", "g", "G"])
def test_dtypes_of_either_byte_order(name, kind, order, rng):
    x = (rng.normal(size=(3, 4)) * 4).astype(np.dtype(kind).newbyteorder(order))
    if name != "logsumexp" and kind == "i2":
        x = x.astype("i8")  # scipy's gives float32
    if name != "logsumexp" and kind.startswith("i"):
        x = x.astype(np.dtype(float).newbyteorder(order))
    compare(name, x, axis=1)
    compare(name, x)


PAIRS = [(a, b) for a in "?bhiqefdgFDG" for b in "?bHqefdgFDG"]


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_promotion_with_weights(a, b):
    x, w = np.array([2, 1, 0]).astype(a), np.array([1, 3, 2]).astype(b)
    compare("logsumexp", x, b=w)
    compare("logsumexp", x, b=w, return_sign=True)


@pytest.mark.parametrize("kind", "efdgFD")
@pytest.mark.parametrize("b", [2, 2.0, True, [2, 1], [2.0, 1.0], np.float64(2), np.int64(2), 2j])
def test_promotion_with_python_weights(kind, b):
    compare("logsumexp", np.array([1, 2], kind), b=b)


@pytest.mark.parametrize("kind", ["m8[s]", "M8[s]"])
def test_weights_that_are_dates(kind):
    compare("logsumexp", [1.0, 2.0], b=np.array([1, 2], kind))


@pytest.mark.parametrize("b", [["1", "2"], [b"1", b"2"], [None, 1.0]])
def test_weights_that_are_no_numbers(b):
    theirs = pytest.importorskip("scipy.special")
    with pytest.raises(TypeError):
        theirs.logsumexp([1.0, 2.0], b=b)
    with pytest.raises(TypeError, match="b must hold real or complex numbers"):
        sm.logsumexp([1.0, 2.0], b=b)


@pytest.mark.parametrize("a", [1, 1.0, [1, 2], np.float32(1)])
@pytest.mark.parametrize("b", [np.float32([1, 2]), np.float16([1, 2]), 2, [1, 2.0]])
def test_promotion_of_python_operands(a, b):
    compare("logsumexp", a, b=b)


@pytest.mark.parametrize(
    ("shape", "weights"),
    [((4, 1, 2, 1), (3, 1, 5)), ((3,), (2, 3)), ((2, 3), (3,)), ((2, 3), ()), ((), (2, 3)), ((1,), (4,))],
)
@pytest.mark.parametrize("axis", [None, 0, -1])
def test_weights_broadcast(shape, weights, axis, rng):
    a, b = rng.normal(size=shape), rng.normal(size=weights)
    compare("logsumexp", a, axis, b, return_sign=True)
    compare("logsumexp", a, axis, b)
    compare("logsumexp", a, axis, np.abs(b), keepdims=True)


def test_weights_that_do_not_broadcast():
    compare("logsumexp", np.ones(3), b=np.ones(2))
    with pytest.raises(ValueError, match=r"a \(3,\), b \(2,\)"):
        sm.logsumexp(np.ones(3), b=np.ones(2))


@pytest.mark.parametrize(
    "shape", [(0,), (0, 3), (3, 0), (2, 0, 3)], ids=lambda shape: "x".join(map(str, shape))
)
@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 1), ()], ids=repr)
def test_empty_softmax(shape, axis):
    for name in ("softmax", "log_softmax"):
        compare(name, np.ones(shape), axis=axis)


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_empty_logsumexp_over_one_axis(axis):
    compare("logsumexp", np.ones((2, 0, 3)), axis=axis)
    compare("logsumexp", np.ones((2, 0, 3)), axis=axis, keepdims=True)


VALUES = [0.0, -0.0, 1.0, -700.0, 1e300, -1e300, inf, -inf, nan]


@pytest.mark.parametrize("second", VALUES)
@pytest.mark.parametrize("first", VALUES)
def test_special_values(name, first, second, dtype):
    if dtype == np.float32 and 1e300 in (abs(first), abs(second)):
        return
    compare(name, np.array([first, second], dtype))
    compare(name, np.array([first, second, 0.5], dtype))
    compare(name, np.array([[first, second], [second, first], [1, 2]], dtype), axis=0)
    compare(name, np.array([[first, second], [second, first], [1, 2]], dtype), axis=1)


@pytest.mark.parametrize("length", [1, 7, 33, 100, 5000])
@pytest.mark.parametrize("special_value", [inf, -inf, nan])
def test_special_values_anywhere_in_a_row(name, length, special_value, dtype, rng):
    for place in {0, length // 2, length - 1}:
        x = rng.normal(size=length).astype(dtype)
        x[place] = special_value
        compare(name, x)
        compare(name, np.stack([x, x[::-1]], axis=1), axis=0)


@pytest.mark.parametrize("a", [[inf], [-inf], [inf, 0], [-inf, 0], [nan, 0], [inf, -inf]])
@pytest.mark.parametrize("b", [1.0, -1.0, 2.5])
def test_infinities_with_weights(a, b):
    compare("logsumexp", a, b=b, return_sign=True)
    compare("logsumexp", a, b=b)


@pytest.mark.parametrize("b", [[inf, 1], [1, -inf], [nan, 1], [inf, -inf], [inf, inf]])
def test_weights_that_are_not_finite(b):
    compare("logsumexp", [0.5, 1.0], b=b, return_sign=True)


def test_signs(rng):
    a, b = rng.normal(size=(50, 6)), rng.normal(size=(50, 6))
    compare("logsumexp", a, 1, b, return_sign=True)
    compare("logsumexp", a, 1, b)
    compare("logsumexp", a, 1, None, True, True)
    assert np.isnan(sm.logsumexp([0.0, 1.0], b=[1, -1]))


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex(dtype, rng):
    a = (rng.normal(size=(20, 7)) * 5 + 40j * rng.normal(size=(20, 7))).astype(dtype)
    b = rng.normal(size=(20, 7)) + 1j * rng.normal(size=(20, 7))
    for options in ({}, {"b": b.astype(dtype)}, {"b": b.real}, {"return_sign": True}):
        compare("logsumexp", a, axis=1, **options)
    compare("softmax", a, axis=1)
    assert np.all(sm.logsumexp(a, axis=1).imag <= np.pi)
    assert np.all(sm.logsumexp(a, axis=1).imag > -np.pi)


def test_the_phase_of_nothing_is_zero():
    for b in ([-100, 100], [100, -100]):
        compare("logsumexp", [1 + 0.4j] * 2, b=b)
        value, sign = sm.logsumexp([1 + 0.4j] * 2, b=b, return_sign=True)
        assert (value, sign) == (-np.inf, 0)
        assert not np.signbit([sign.real, sign.imag]).any()


def test_scalars_beyond_the_dtype_do_not_warn():
    with np.errstate(all="raise"):
        assert np.isnan(sm.softmax(1e300, dtype="f4"))
        assert sm.logsumexp(np.float32([1]), b=1e300) == np.inf


def test_the_phase_of_a_negative_real_total_is_pi():
    assert sm.logsumexp([1j * np.pi]).imag == np.pi
    assert sm.logsumexp([-1j * np.pi]).imag in (-np.nextafter(np.pi, 0), -np.pi, np.pi)
    assert sm.logsumexp(np.array([0j]), b=[complex(-1, -0.0)]).imag == np.pi


def test_matrix():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        x = np.matrix([[1.0, 2.0], [3.0, 4.0]])
        for name in ("logsumexp", "softmax", "log_softmax"):
            compare(name, x)
            compare(name, x, axis=1)


def test_torch_and_jax_tensors_become_arrays(name, rng):
    x = rng.normal(size=(3, 4)).astype(np.float32)
    expected = getattr(sm, name)(x, axis=1)
    torch = pytest.importorskip("torch")
    got = getattr(sm, name)(torch.from_numpy(x), axis=1)
    assert type(got) is np.ndarray
    np.testing.assert_array_equal(got, expected)
    with pytest.raises(RuntimeError, match="grad"):
        getattr(sm, name)(torch.from_numpy(x).requires_grad_())


def test_dask_arrays_stay_lazy(name, rng):
    dask_array = pytest.importorskip("dask.array")
    x = rng.normal(size=(60, 50)) * 10
    lazy = dask_array.from_array(x, chunks=(20, 15))
    for axis in (None, 0, -1, (0, 1), (1, 0)):
        got = getattr(sm, name)(lazy, axis=axis)
        assert isinstance(got, dask_array.Array)
        expected = getattr(sm, name)(x, axis=axis)
        assert got.shape == expected.shape
        assert got.dtype == expected.dtype
        np.testing.assert_allclose(got.compute(), expected, rtol=1e-15)
    if name == "logsumexp":
        got = sm.logsumexp(lazy, axis=1, keepdims=True)
        np.testing.assert_allclose(got.compute(), sm.logsumexp(x, axis=1, keepdims=True), rtol=1e-15)


@pytest.mark.parametrize("keepdims", [False, True])
def test_dask_arrays_of_any_number(any_dtype, keepdims, rng):
    dask_array = pytest.importorskip("dask.array")
    x = (rng.normal(size=(6, 7)) * 3).astype(any_dtype)
    if any_dtype.kind == "c":
        x += 3j * rng.normal(size=(6, 7))
    lazy = dask_array.from_array(x, chunks=(4, 3))
    for axis in (None, 0, -1, (0, 1), ()):
        got = sm.logsumexp(lazy, axis, keepdims=keepdims)
        assert isinstance(got, dask_array.Array)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = special.logsumexp(x, axis, keepdims=keepdims)
        assert got.shape == expected.shape
        assert got.dtype == expected.dtype
        assert_same(got.compute(), expected)


@pytest.mark.parametrize("kind", [object, "V8"])
def test_dask_arrays_of_no_numbers_are_refused_at_once(name, kind):
    dask_array = pytest.importorskip("dask.array")
    x = np.zeros(4, kind)
    messages = []
    for each in (x, dask_array.from_array(x, chunks=2)):
        with pytest.raises(TypeError) as refusal:
            getattr(sm, name)(each)
        messages.append(str(refusal.value))
    assert messages[0] == messages[1]


def test_dask_arrays_of_text():
    dask_array = pytest.importorskip("dask.array")
    x = np.array(["1", "2.5", "-3"])
    lazy = dask_array.from_array(x, chunks=2)
    assert_same(sm.logsumexp(lazy).compute(), special.logsumexp(x))
    with pytest.raises(TypeError, match="x must hold real or complex numbers"):
        sm.softmax(lazy)


# Better on purpose.


def test_log_softmax_keeps_the_tail_of_the_maximum():
    assert sm.log_softmax([0.0, -50.0])[0] == pytest.approx(-np.exp(-50), rel=1e-15)


@pytest.mark.parametrize("kind", "?bBhHiIqQ")
def test_softmax_of_integers_is_float64(kind):
    x = np.array([1, 0] if kind == "?" else [np.iinfo(kind).max, np.iinfo(kind).min], kind)
    for name in ("softmax", "log_softmax"):
        function = getattr(sm, name)
        got = function(x)
        assert got.dtype == np.float64
        np.testing.assert_array_equal(got, function(x.astype(float)))


def test_float16_of_many_elements():
    x = np.zeros(70000, np.float16)
    assert sm.logsumexp(x) == np.float16(np.log(70000))
    np.testing.assert_array_equal(sm.softmax(x), np.float16(1 / 70000))
    np.testing.assert_array_equal(sm.log_softmax(x), np.float16(-np.log(70000)))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([0, -800], [1e-300, 1e300], -800 + 300 * np.log(10)),
        ([0, 0], [1e308, 1e308], np.log(2) + 308 * np.log(10)),
        ([1e-20, 0], [1, -1], -20 * np.log(10)),
        ([1000, 1000, 1], [1, -1, 1], 1),
        ([0, 0], [5e-324, 5e-324], -1073 * np.log(2)),
        ([-1000, 1000], [1e308, -1e-308], 1000 - 308 * np.log(10)),
    ],
)
def test_weights_of_any_size(a, b, expected):
    value, sign = sm.logsumexp(a, b=b, return_sign=True)
    assert value == pytest.approx(expected, rel=1e-14)
    assert sign == (-1 if b[1] == -1e-308 else 1)
    assert sm.logsumexp([a], axis=0, b=[b], return_sign=True)[0].tolist() == pytest.approx(
        [x + np.log(abs(w)) for x, w in zip(a, b, strict=True)], rel=1e-14
    )


@pytest.mark.parametrize("a", [[inf], [nan, nan], [-inf, nan], [1.0, inf]])
def test_zero_weight_hides_everything(a):
    value, sign = sm.logsumexp(a, b=np.zeros(len(a)), return_sign=True)
    assert (value, sign) == (-inf, 0)
    value, sign = sm.logsumexp([*a, 2.0], b=[*np.zeros(len(a)), 1.0], return_sign=True)
    assert (value, sign) == (2.0, 1)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 3)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_empty_reductions(shape, keepdims):
    for axis in (None, tuple(range(len(shape))), shape.index(0), ()):
        expected = np.add.reduce(np.ones(shape), axis=axis, keepdims=keepdims)
        value, sign = sm.logsumexp(np.ones(shape), axis, None, keepdims, True)
        assert value.shape == sign.shape == expected.shape
        assert np.all(value == -inf)
        assert np.all(sign == 0)
        assert np.all(sm.logsumexp(np.ones(shape), axis, keepdims=keepdims) == -inf)


def test_masked_arrays_are_refused_with_help(name):
    x = np.ma.array([1.0, 2.0], mask=[False, True])
    with pytest.raises(TypeError, match="where="):
        getattr(sm, name)(x)
    with pytest.raises(TypeError, match="where is a masked array"):
        getattr(sm, name)(x.data, where=np.ma.array([True, False], mask=False))
    if name == "logsumexp":
        with pytest.raises(TypeError, match="b is a masked array"):
            sm.logsumexp(x.data, b=x)
    where = ~np.ma.getmaskarray(x)
    assert np.all(np.isfinite(sm.softmax(x.data, where=where)))


def test_no_floating_point_error_is_raised(name, any_dtype):
    rows = [[0, -1000], [inf, 0], [-inf, -inf], [nan, 1], [1000, -1000], [inf, inf], [-inf, 3]]
    x = np.array(rows).astype(any_dtype)
    with np.errstate(all="raise"):
        for each in x:
            getattr(sm, name)(each)
        getattr(sm, name)(x, axis=0)
        getattr(sm, name)(x, axis=1)
        if name == "logsumexp":
            sm.logsumexp(x, b=-2.5, axis=1, return_sign=True)
            sm.logsumexp(x, b=np.array([inf, -inf]).astype(any_dtype), axis=1)
            sm.logmeanexp(x, axis=1)


def test_no_error_of_what_underflows_in_a_cast():
    small = np.array([1e-40, 1e-300, 0])
    with np.errstate(all="raise"):
        assert sm.logmeanexp(np.float32([1e-40, -1e-40, 0])) == 0
        weighted = sm.logsumexp(np.zeros(3), b=small, dtype="f4")
        assert sm.LogSumExp(dtype="f4").update(small).value == np.float32(np.log(3))
        values = [sm.logsumexp(small, dtype=kind) for kind in "efF"]
        shares = [sm.softmax(small, dtype=kind) for kind in "efF"]
    assert weighted == np.float32(np.log(float(np.float32(1e-40))))
    for value, share, dtype in zip(values, shares, map(np.dtype, "efF"), strict=True):
        assert_same(value, dtype.type(np.log(3)))
        assert_same(share, np.full(3, 1 / 3, dtype))


def test_float32_along_the_first_axis_is_as_accurate():
    x = np.full((1_000_000, 3), 0.1, np.float32)
    exact = np.float64(np.float32(0.1)) + np.log(1e6)
    got = sm.logsumexp(x, axis=0)
    assert np.all(np.abs(got - exact) <= np.spacing(np.float32(exact)))


def test_inputs_are_never_written(name, any_dtype, rng):
    x = rng.normal(size=(4, 5)).astype(any_dtype)
    before = x.copy()
    x.flags.writeable = False
    getattr(sm, name)(x)
    getattr(sm, name)(x, axis=0)
    if name == "logsumexp":
        sm.logsumexp(x, b=x)
    np.testing.assert_array_equal(x, before)
