"""The elementwise ufuncs: error against exact results, special values, dtypes, layouts."""

import importlib.util
import operator
import pickle
from pathlib import Path

import numpy as np
import oracle
import pytest

import stablemath_core as sm

ONE = ("expit", "softplus", "log_expit", "log1mexp", "logexpm1", "logit", "entr", "logcosh")
TWO = ("logaddexp", "logsubexp", "xlogy")
# What the documentation promises, in ulp, and one smallest subnormal number in results below the normal ones.
BOUND = dict.fromkeys(ONE + TWO, 2.0) | {"expit": 1.0, "logaddexp": 1.5}
if sm.show_config("dicts")["instruction_sets"]["chosen"] not in ("baseline", "scalar"):  # it has an FMA
    BOUND |= {"entr": 1.5, "xlogy": 1.5}
SIZE = 300
inf, nan = np.inf, np.nan


def spread(rng, low, high, size=SIZE):
    """Numbers whose logarithms to base 2 are spread evenly."""
    return np.exp2(rng.uniform(low, high, size))


def around(rng, centre, size=SIZE):
    """Numbers at all distances from a point, down to a few ulp."""
    return centre * (1 + rng.choice([-1, 1], size) * spread(rng, -52, -2, size))


def signed(rng, x):
    return x * rng.choice([-1, 1], x.size)


def real_line(rng):
    scales = [rng.normal(size=SIZE) * scale for scale in (0.1, 1, 10, 100)]
    return np.concatenate([*scales, signed(rng, spread(rng, -1074, 9)), rng.uniform(-745, -670, SIZE)])


def positive(rng):
    near = [around(rng, at) for at in (np.log(2), 1.0, 0.35, 40.0)]
    return np.concatenate([np.abs(real_line(rng)), rng.uniform(0, 2, SIZE), spread(rng, -1074, 1024), *near])


def probability(rng):
    return np.concatenate(
        [rng.uniform(size=SIZE), spread(rng, -1074, -1), 1 - spread(rng, -53, -1), around(rng, 0.5)]
    )


ARGUMENTS = {
    "expit": real_line,
    "softplus": real_line,
    "log_expit": lambda rng: -real_line(rng),
    "logcosh": real_line,
    "log1mexp": lambda rng: -np.minimum(positive(rng), 2000),
    "logexpm1": positive,
    "logit": probability,
    "entr": positive,
}


def pairs(rng):
    """Pairs x, y: at several scales, far apart, close together, and with logaddexp(x, y) close to 0."""
    x = [rng.normal(size=SIZE) * scale for scale in (0.01, 1, 30, 1000)]
    y = [rng.normal(size=SIZE) * scale for scale in (0.01, 1, 30, 1000)]
    for low, high in ((-60, -1), (-1070, -1), (-8, -0.6)):
        x.append(-spread(rng, low, high))
        y.append(np.log(-np.expm1(x[-1])) * (1 + rng.normal(size=SIZE) * spread(rng, -60, -1)))
    x.append(rng.normal(size=SIZE) * 3)
    y.append(x[-1] * (1 + spread(rng, -53, 0)))
    return np.concatenate(x), np.concatenate(y)


def ordered_pairs(rng):
    """Pairs x > y for logsubexp, with results close to 0 too."""
    x, y = pairs(rng)
    more = spread(rng, -60, 5.2)
    x = np.concatenate([x, more, more])
    y = np.concatenate([y, *(np.log(-np.expm1(-more)) * (1 + tilt) + more for tilt in (0, 1e-9))])
    for low in (-1015, -120):  # an x far below 1, and an exp(y) that cancels some of it
        tiny = spread(rng, low, -5)
        x = np.concatenate([x, tiny])
        y = np.concatenate([y, np.log(tiny) + np.log1p(signed(rng, spread(rng, -14, -0.1)))])
    x, y = np.maximum(x, y), np.minimum(x, y)
    return x[x > y], y[x > y]


def factor_pairs(rng):
    y = positive(rng)
    return signed(rng, spread(rng, -1074, 1000, y.size)), y


TWO_ARGUMENTS = {"logaddexp": pairs, "logsubexp": ordered_pairs, "xlogy": factor_pairs}


def check(name, dtype, arguments):
    """Every finite argument within the bound."""
    with np.errstate(all="ignore"):
        arguments = [a.astype(dtype) for a in arguments]
    keep = np.logical_and.reduce([np.isfinite(a) & (a != 0) for a in arguments])
    if name == "logit":
        keep &= arguments[0] < 1
    if name == "logsubexp":
        keep &= arguments[0] > arguments[1]
    arguments = [a[keep] for a in arguments]
    exact = oracle.elementwise(name, *arguments)
    error = oracle.ulp_error(getattr(sm, name)(*arguments), exact)
    error -= oracle.is_subnormal(exact, dtype)
    worst = error.argmax()
    assert error[worst] <= BOUND[name], [float(a[worst]).hex() for a in arguments]


@pytest.mark.parametrize("name", ONE)
def test_error_of_one_argument(name, dtype, rng):
    check(name, dtype, [ARGUMENTS[name](rng)])


@pytest.mark.parametrize("name", TWO)
def test_error_of_two_arguments(name, dtype, rng):
    check(name, dtype, TWO_ARGUMENTS[name](rng))


@pytest.mark.parametrize("kind", "efdg")
def test_infinity_beside_the_largest_number(kind):
    real, largest = np.dtype(kind).type, np.finfo(kind).max
    assert sm.logsubexp(real(inf), largest) == inf
    assert sm.logaddexp(real(-inf), -largest) == -largest
    assert sm.logaddexp(real(inf), largest) == inf


@pytest.mark.parametrize("name", ONE)
def test_floats_at_regular_steps(name):
    """A sample of what tools/exhaustive.py checks: all floats."""
    path = Path(__file__).parent.parent / "tools" / "exhaustive.py"
    spec = importlib.util.spec_from_file_location("exhaustive", path)
    exhaustive = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(exhaustive)
    error, where = exhaustive.worst(name, 2003)
    assert error <= BOUND[name], float(where).hex()


SPECIAL = {
    "expit": [(-inf, 0.0), (-0.0, 0.5), (inf, 1.0), (1e300, 1.0)],
    "softplus": [(-inf, 0.0), (inf, inf), (1e300, 1e300), (-1e300, 0.0)],
    "log_expit": [(-inf, -inf), (inf, -0.0), (-1e300, -1e300)],
    "log1mexp": [
        (-inf, -0.0),
        (0.0, -inf),
        (-0.0, -inf),
        (1.0, nan),
        (inf, nan),
        (-5e-324, -744.4400719213812),
    ],
    "logexpm1": [(-inf, nan), (-1.0, nan), (0.0, -inf), (-0.0, -inf), (inf, inf), (1e300, 1e300)],
    "logit": [
        (-inf, nan),
        (-1.0, nan),
        (0.0, -inf),
        (-0.0, -inf),
        (0.5, 0.0),
        (1.0, inf),
        (2.0, nan),
        (inf, nan),
    ],
    "entr": [(-inf, -inf), (-1.0, -inf), (0.0, 0.0), (-0.0, 0.0), (1.0, -0.0), (inf, -inf), (1e307, -inf)],
    "logcosh": [(-inf, inf), (inf, inf), (0.0, 0.0), (-0.0, 0.0), (1e300, 1e300)],
}
SPECIAL_PAIRS = {
    "logaddexp": [
        *((inf, y, inf) for y in (inf, -inf, 1.0)),
        (-inf, -inf, -inf),
        (-inf, 1.0, 1.0),
        (1.0, -inf, 1.0),
        (-inf, -0.0, 0.0),
        (1e308, 1e308, 1e308),
    ],
    "logsubexp": [
        (inf, inf, nan),
        (inf, 1.0, inf),
        (inf, -inf, inf),
        (1.0, inf, nan),
        (-inf, -inf, -inf),
        (-inf, 1.0, nan),
        (1.0, -inf, 1.0),
        (1.0, 1.0, -inf),
        (1.0, 2.0, nan),
        (0.0, -0.0, -inf),
        (1e308, -1e308, 1e308),
    ],
    "xlogy": [
        *((zero, y, 0.0) for zero in (0.0, -0.0) for y in (-inf, -1.0, 0.0, 2.0, inf)),
        (1.0, 0.0, -inf),
        (-1.0, 0.0, inf),
        (1.0, -1.0, nan),
        (inf, 1.0, nan),
        (inf, 2.0, inf),
        (2.0, inf, inf),
        (-2.0, inf, -inf),
    ],
}


def cases():
    for name, values in SPECIAL.items():
        yield from ((name, (x,), result) for x, result in [*values, (nan, nan)])
    for name, values in SPECIAL_PAIRS.items():
        yield from ((name, (x, y), result) for x, y, result in values)
        yield from ((name, arguments, nan) for arguments in ((nan, 1.0), (1.0, nan), (nan, nan), (0.0, nan)))


@pytest.mark.parametrize(("name", "arguments", "result"), list(cases()), ids=str)
@pytest.mark.parametrize("size", [1, 37])
def test_special_values(name, arguments, result, size):
    """Among others too, and without a word from NumPy."""
    with np.errstate(all="raise"):
        got = getattr(sm, name)(*(np.full(size, a) for a in arguments))
    np.testing.assert_array_equal(got, result)
    if name != "xlogy" and result == 0:
        np.testing.assert_array_equal(np.signbit(got), np.signbit(result))


@pytest.mark.parametrize("name", [*ONE, "xlogy"])
@pytest.mark.parametrize("code", "efdg")
def test_agrees_with_scipy(name, code, rng):
    special = pytest.importorskip("scipy.special")
    if not hasattr(special, name) or (code == "g" and name in ("entr", "xlogy")):
        pytest.skip("not in scipy")
    values = np.array([-inf, -50, -1, -0.0, 0, 1e-3, 0.3, 0.5, 0.9, 1, 2, 30, inf, nan], code)
    arguments = np.meshgrid(values, values) if name == "xlogy" else [values]
    with np.errstate(all="ignore"):
        expected = getattr(special, name)(*arguments)
    got = getattr(sm, name)(*arguments)
    assert got.dtype == np.dtype(code)
    np.testing.assert_allclose(
        got, expected, rtol=8 * float(np.finfo(code).eps), atol=1e-7 if code == "e" else 0
    )


@pytest.mark.parametrize("name", ONE + TWO)
def test_long_double_agrees_with_double(name, rng):
    arguments = TWO_ARGUMENTS[name](rng) if name in TWO else [ARGUMENTS[name](rng)]
    arguments = [a[np.abs(a) < 600] if name in ONE else np.clip(a, -600, 600) for a in arguments]
    got = getattr(sm, name)(*(a.astype(np.longdouble) for a in arguments))
    assert got.dtype == np.longdouble
    np.testing.assert_allclose(got.astype(float), getattr(sm, name)(*arguments), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ONE + TWO)
def test_half_is_rounded_from_single(name):
    """For every float16, in one argument."""
    x = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    arguments = (x,) if name in ONE else (x, np.float16(0.75))
    function = getattr(sm, name)
    with np.errstate(all="ignore"):
        expected = function(*(a.astype(np.float32) for a in arguments)).astype(np.float16)
    got = function(*arguments)
    assert got.dtype == np.float16
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("kind", "?bBhHiIlLqQ")
def test_integers_are_computed_as_double(kind):
    values = np.array([0, 1], kind)
    for name in ONE:
        np.testing.assert_array_equal(getattr(sm, name)(values), getattr(sm, name)(values.astype(float)))
        assert getattr(sm, name)(values).dtype == np.float64
    for other in (values, np.int16(3), 2, 2.5, True):
        assert sm.logaddexp(values, other).dtype == np.float64


def test_types_of_pairs():
    single, half, small = (np.ones(2, kind) for kind in ("f", "e", "b"))
    assert sm.logaddexp(single, 1.0).dtype == sm.logaddexp(1, single).dtype == np.float32
    assert sm.logaddexp(single, small).dtype == sm.logaddexp(single, half).dtype == np.float32
    assert sm.logaddexp(half, 1.0).dtype == np.float16
    assert sm.logaddexp(single, np.ones(2)).dtype == np.float64
    assert sm.expit(single, dtype=np.float64).dtype == np.float64
    assert isinstance(sm.expit(0.5), np.float64)


@pytest.mark.parametrize("value", [1j, "1.5", None, np.datetime64("2000-01-01")])
def test_what_is_no_real_number_is_refused(value):
    with pytest.raises(TypeError):
        sm.expit(value)


def test_small_floats_of_others():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    x = np.array([0.0, 1.0], ml_dtypes.bfloat16)
    np.testing.assert_allclose(sm.logaddexp(x, 1.0), np.logaddexp([0.0, 1.0], 1.0))
    np.testing.assert_allclose(sm.logaddexp.reduce(x), np.logaddexp(0.0, 1.0))


@pytest.mark.parametrize("name", ONE + TWO)
@pytest.mark.parametrize("size", [0, 1, 7, 16, 33, 1030])
def test_layouts_give_the_same_bits(name, size, dtype, rng):
    function, inputs = getattr(sm, name), 1 + (name in TWO)
    wide = rng.normal(size=(3, 4 * size)).astype(dtype) * 300
    whole = [np.abs(row[::2]).copy() for row in wide[:inputs]]
    expected = function(*whole)
    np.testing.assert_array_equal(function(*(np.abs(row)[::2] for row in wide[:inputs])), expected)
    np.testing.assert_array_equal(function(*(a[::-1] for a in whole))[::-1], expected)
    np.testing.assert_array_equal(function(*(a.astype(a.dtype.newbyteorder()) for a in whole)), expected)
    unaligned = np.empty(wide.itemsize * 2 * size + 1, np.uint8)[1:].view(dtype)
    unaligned[...] = whole[0]
    np.testing.assert_array_equal(function(unaligned, *whole[1:]), expected)
    one_by_one = [function(*each) for each in zip(*whole, strict=True)]
    np.testing.assert_array_equal(np.array(one_by_one, dtype), expected)
    for position in range(inputs):
        copies = [a.copy() for a in whole]
        assert function(*copies, out=copies[position]) is copies[position]
        np.testing.assert_array_equal(copies[position], expected)
    strided = wide[2, ::2]
    function(*whole, out=strided)
    np.testing.assert_array_equal(strided, expected)


def test_broadcasting_where_and_outer(rng):
    x, y = rng.normal(size=(4, 1)), rng.normal(size=5)
    np.testing.assert_allclose(sm.logaddexp(x, y), np.logaddexp(x, y))
    np.testing.assert_allclose(sm.logaddexp.outer(x[:, 0], y), np.logaddexp(x, y))
    out = np.zeros(5)
    sm.softplus(y, out=out, where=y > 0)
    np.testing.assert_array_equal(out, np.where(y > 0, sm.softplus(y), 0))
    target = np.zeros(2)
    sm.logaddexp.at(target, [0, 0, 1], [1.0, 2.0, 3.0])
    np.testing.assert_allclose(target, [np.log(1 + np.exp(1) + np.exp(2)), np.log1p(np.exp(3))])


@pytest.mark.parametrize(
    ("there", "back"), [("expit", "logit"), ("softplus", "logexpm1"), ("log1mexp", "log1mexp")]
)
def test_inverses(there, back, rng):
    x = -np.abs(rng.normal(size=1000))
    np.testing.assert_allclose(getattr(sm, back)(getattr(sm, there)(x)), x, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", ["expit", "softplus", "log_expit"])
def test_monotone(name, dtype):
    x = np.linspace(-120, 50, 200001).astype(dtype)
    assert (np.diff(getattr(sm, name)(x)) >= 0).all()


@pytest.mark.parametrize("name", ONE + TWO)
def test_ufunc_manners(name):
    function = getattr(sm, name)
    assert type(function) is np.ufunc
    assert function.__name__ == name
    assert function.nin == 1 + (name in TWO)
    assert len(function.types) == 4
    assert pickle.loads(pickle.dumps(function)) is function


def test_array_types_of_others(rng):
    masked = np.ma.masked_greater(rng.normal(size=5), 0)
    assert isinstance(sm.expit(masked), np.ma.MaskedArray)
    dask = pytest.importorskip("dask.array")
    lazy = dask.from_array(rng.normal(size=10), chunks=5)
    assert isinstance(operator.methodcaller("compute")(sm.softplus(lazy)), np.ndarray)
