"""Methods of the ufuncs: reductions and accumulations, in sequence or by states, and what they refuse."""

import itertools
import math
import subprocess
import sys
import textwrap

import numpy as np
import oracle
import pytest

import stablemath_core as sm

inf, nan = np.inf, np.nan


@pytest.mark.parametrize("step", [1, 3, -1])
@pytest.mark.parametrize("size", [0, 1, 2, 100, 5000])
def test_reduce_is_logsumexp(step, size, dtype, rng):
    x = (rng.normal(size=size * abs(step)).astype(dtype) * 20)[::step]
    got = sm.logaddexp.reduce(x)
    assert got.dtype == dtype
    exact = sm.logsumexp(x)
    np.testing.assert_allclose(got, exact, rtol=2 * float(np.finfo(dtype).eps))


def test_reduce_close_to_zero(dtype, rng):
    """Probabilities that sum to 1: the result is all rounding, and right."""
    for size in (2, 10, 1000):
        x = sm.log_softmax(rng.normal(size=size).astype(dtype))
        exact, *_ = oracle.reductions(x)
        assert oracle.ulp_error(sm.logaddexp.reduce(x), exact) <= 1


def test_reduce_of_axes(dtype, rng):
    x = rng.normal(size=(5, 6, 7)).astype(dtype)
    for axis in (0, 1, 2, (0, 2), None):
        np.testing.assert_allclose(sm.logaddexp.reduce(x, axis=axis), sm.logsumexp(x, axis=axis), rtol=1e-5)
    np.testing.assert_allclose(sm.logaddexp.reduce([1.0, 2.0], initial=3.0), sm.logsumexp([1.0, 2.0, 3.0]))
    assert sm.logaddexp.identity == sm.logaddexp.reduce([]) == -inf
    assert sm.logaddexp.reduce(np.arange(3)).dtype == np.float64
    assert sm.logaddexp.reduce(np.ones(70000, np.float16)).dtype == np.float16


@pytest.mark.parametrize("special", [inf, -inf, nan])
def test_reduce_of_special_values(special, dtype):
    x = np.zeros(50, dtype)
    x[20] = special
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(sm.logaddexp.reduce(x), sm.logsumexp(x))
        np.testing.assert_array_equal(sm.logaddexp.accumulate(x), sm.logcumsumexp(x))


def test_accumulate_is_logcumsumexp(dtype, rng):
    x = rng.normal(size=(20, 300)).astype(dtype) * 5
    for axis in (0, 1):
        got = sm.logaddexp.accumulate(x, axis=axis)
        assert got.dtype == dtype
        np.testing.assert_array_equal(got, sm.logcumsumexp(x, axis=axis))
    np.testing.assert_array_equal(sm.logaddexp.accumulate(x[:, ::3]), sm.logcumsumexp(x[:, ::3], axis=0))
    np.testing.assert_allclose(
        sm.logaddexp.reduceat(x[0], [0, 100]), [sm.logsumexp(h) for h in np.split(x[0], [100])]
    )


STEPS = {
    "logsubexp": lambda x, y: x + math.log(-math.expm1(y - x)),
    "xlogy": lambda x, y: x * math.log(y),
}


def running(name, size, code, rng):
    """Elements that a function can be applied to one after another, and each result, rounded to the type."""
    noise = rng.uniform(-0.2, 0.2, size)
    x = (np.exp(1 + noise) if name == "xlogy" else 0.5 - math.log(2 * size) + noise).astype(code)
    x[0] = 0.5
    steps = itertools.accumulate(x, lambda so_far, y: x.dtype.type(STEPS[name](float(so_far), float(y))))
    return x, np.array(list(steps))


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("size", [1, 2, 3, 33, 600])
@pytest.mark.parametrize("code", "efdg")
def test_one_after_another(name, size, code, rng):
    """A result is the first argument of the next, whatever the layout."""
    function = getattr(sm, name)
    x, expected = running(name, size, code, rng)
    apart, out = np.zeros(3 * size, code)[::-3], np.full(size, 99, code)
    apart[...] = x
    block = np.stack([x, x, x])
    tolerance = 40 * float(np.finfo("d" if code == "g" else code).eps)
    for got, wanted in [
        (function.reduce(x), expected[-1]),
        (function.reduce(apart), expected[-1]),
        (function.reduce(x[1:], initial=x[0]), expected[-1]),
        (function.reduce(block, axis=1), expected[[-1, -1, -1]]),
        (function.reduce(block.T, axis=0), expected[[-1, -1, -1]]),
        (function.reduceat(np.tile(x, 2), [0, size]), expected[[-1, -1]]),
        (function.accumulate(apart), expected),
        (function.accumulate(x, out=out), expected),
        (function.accumulate(block, axis=1)[2], expected),
        (function.accumulate(block.T, axis=0)[:, 2], expected),
        (function.accumulate(apart, out=apart), expected),
        (function.accumulate(x, out=x), expected),
    ]:
        assert got.dtype == np.dtype(code)
        np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited until no copy fits")
def test_one_after_another_where_no_copy_fits():
    """logaddexp without the row that its best digits take: a running sum, and a sum close to 0."""
    code = """
        import resource, numpy as np, stablemath_core as sm
        n = 2**20
        x, out, expected = np.zeros(n), np.empty(n), np.log(np.arange(1, n + 1))
        shares = np.full(n, -np.log(n))
        with open("/proc/self/statm") as sizes:
            used = int(sizes.read().split()[0]) * resource.getpagesize()
        unlimited = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (used + 2**22, unlimited[1]))
        sm.logaddexp.accumulate(x, out=out)
        total = sm.logaddexp.reduce(shares)
        resource.setrlimit(resource.RLIMIT_AS, unlimited)
        print(np.allclose(out, expected, rtol=0, atol=1e-9), abs(total) < 1e-9)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split() == ["True", "True"], done.stderr


NO_REAL_NUMBERS = {
    "complex": np.array([1j, 2]),
    "bytes": np.array([b"1", b"2"]),
    "text": np.array(["1", "2"]),
    "dates": np.array(["2000", "2001"], "M8[s]"),
    "times": np.array([1, 2], "m8[s]"),
    "objects": np.array([None, 2.0], object),
    "records": np.array([(1.0,), (2.0,)], [("field", float)]),
}


METHODS = {
    "call": lambda x: sm.logaddexp(1.0, x),
    "outer": lambda x: sm.logaddexp.outer(x, x),
    "reduce": lambda x: sm.logaddexp.reduce(x),
    "reduce_to_out": lambda x: sm.logaddexp.reduce(x, out=np.zeros(())),
    "accumulate": lambda x: sm.logaddexp.accumulate(x),
    "reduceat": lambda x: sm.logaddexp.reduceat(x, [0, 1]),
    "at_with": lambda x: sm.logaddexp.at(np.zeros(2), [0, 1], x),
    "at": lambda x: sm.expit.at(x, [0]),
}


@pytest.mark.parametrize("values", NO_REAL_NUMBERS.values(), ids=NO_REAL_NUMBERS)
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_methods_refuse_what_is_no_real_number(method, values):
    """NumPy's casting rule lets anything pass in methods, though not in calls."""
    before = values.copy()
    with pytest.raises(TypeError, match="must be real numbers, not "):
        method(values)
    np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize("kind", "?bBhHiIlLqQefdg")
def test_methods_take_real_numbers(kind):
    values = np.array([0, 1, 1], kind)
    expected = np.logaddexp.accumulate(values.astype(float))
    rtol = 1e-3 if kind == "e" else 1e-6
    np.testing.assert_allclose(sm.logaddexp.accumulate(values), expected, rtol=rtol)
    np.testing.assert_allclose(sm.logaddexp.reduce(values), expected[-1], rtol=rtol)
    target = np.zeros(1)
    sm.logaddexp.at(target, [0, 0], values[1:])
    np.testing.assert_allclose(target, expected[-1:], rtol=rtol)


def test_methods_cast_where_dtype_asks_for_it():
    values = [1, 2.5]
    assert sm.logaddexp.reduce(np.array(values, object), dtype=float) == np.logaddexp(*values)
