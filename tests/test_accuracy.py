"""The promise: logsumexp within 1 ulp, softmax and log_softmax within 2, on every input and layout."""

import functools
import itertools
import json
import pathlib
import zlib

import layouts
import mpmath
import numpy as np
import oracle
import pytest
import scipy.special
from families import DTYPES, FAMILIES

import stablemath_core as sm

BOUND = {"logsumexp": 1.0, "softmax": 2.0, "log_softmax": 2.0, "logcumsumexp": 1.0}

# (rows, length): below a vector, about one, several, a block of the sum, several blocks.
SHAPES = (
    (40, 2),
    (30, 3),
    (20, 5),
    (20, 10),
    (12, 17),
    (12, 33),
    (8, 64),
    (8, 129),
    (6, 300),
    (2, 1000),
    (1, 5000),
)
LONG = ("normal_1", "normal_100", "log_probabilities", "tiny_tail")

WORST = json.loads((pathlib.Path(__file__).parent / "data" / "worst_rows.json").read_text())


@functools.cache
def blocks(family, dtype):
    """Pairs of an array (rows, n) and the exact results of its rows."""
    rng = np.random.default_rng(zlib.crc32(family.encode()))
    return [measured(FAMILIES[family](rng, rows, n, dtype)) for rows, n in SHAPES]


def measured(x):
    results = [oracle.reductions(row) for row in x]
    exact = (oracle.Exact.stacked(each) for each in zip(*results, strict=True))
    return x, dict(zip(("logsumexp", "softmax", "log_softmax"), exact, strict=True))


def repeated(exact, times):
    return oracle.Exact(*(np.concatenate([each] * times) for each in (exact.high, exact.low, exact.exponent)))


def check(name, computed, exact, x):
    """computed[i] belongs to the row x[i]."""
    error = oracle.ulp_error(computed, exact)
    # a result in the subnormal range may be off by one smallest subnormal more
    allowed = BOUND[name] + (oracle.is_subnormal(exact, computed.dtype) if name != "logsumexp" else 0)
    if (error <= allowed).all():
        return
    at = np.unravel_index(np.argmax(error - allowed), error.shape)
    row = x[at[0]]
    shown = [float(each).hex() for each in row] if len(row) <= 40 else row
    pytest.fail(f"{name}: {error[at]:.3f} ulp at {at}, computed {computed[at]!r}, row of {len(row)}: {shown}")


# Each makes an array of which the given axis holds the rows, and puts a result of that shape back into rows.
def last_axis(x):
    return x, -1, lambda r: r


def first_axis(x):
    return np.ascontiguousarray(x.T), 0, np.transpose


def fortran_order(x):
    return np.asfortranarray(x), 1, lambda r: r


def every_second(x):
    wide = np.full((2 * x.shape[0], 2 * x.shape[1]), 1e3, x.dtype)
    wide[::2, ::2] = x
    return wide[::2, ::2], 1, lambda r: r


def reversed_columns(x):
    return np.ascontiguousarray(x.T[::-1])[::-1], 0, np.transpose


def byte_swapped(x):
    return x.astype(x.dtype.newbyteorder()), 1, lambda r: r


def unaligned(x):
    return layouts.LAYOUTS["unaligned"](x), 1, lambda r: r


def middle_axis(x):
    outer = 2 - len(x) % 2
    cube = np.ascontiguousarray(x.reshape(outer, -1, x.shape[1]).swapaxes(1, 2))
    return cube, 1, lambda r: r.swapaxes(1, 2).reshape(x.shape) if r.ndim == 3 else r.reshape(-1)


def first_and_last(x):
    """Every row on two axes, the others' between them."""
    outer = 2 - x.shape[1] % 2
    cube = np.ascontiguousarray(x.reshape(len(x), outer, -1).swapaxes(0, 1))
    return cube, (0, 2), lambda r: r.swapaxes(0, 1).reshape(x.shape) if r.ndim == 3 else r


LAYOUTS = (
    last_axis,
    first_axis,
    fortran_order,
    every_second,
    reversed_columns,
    byte_swapped,
    unaligned,
    middle_axis,
    first_and_last,
)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("family", FAMILIES)
def test_families_in_every_layout(family, dtype):
    for x, exact in blocks(family, dtype):
        for layout in LAYOUTS:
            array, axis, back = layout(x)
            for name in exact:
                check(name, back(getattr(sm, name)(array, axis=axis)), exact[name], x)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("family", FAMILIES)
def test_many_short_rows_and_whole_arrays(family, dtype):
    for x, exact in blocks(family, dtype):
        rows, n = x.shape
        if n <= 20:
            # enough rows for whole tiles, and a rest
            times = 333 // rows
            tall = np.tile(x, (times, 1))
            for name in exact:
                function = getattr(sm, name)
                check(name, function(tall, axis=1), repeated(exact[name], times), tall)
                columns = np.ascontiguousarray(tall.T)
                check(name, function(columns, axis=0).T, repeated(exact[name], times), tall)
        for i, row in enumerate(x[:3]):
            for name in exact:
                result = getattr(sm, name)(row if n % 2 else row.reshape(2, -1))
                own = oracle.Exact(*(each[i : i + 1] for each in vars(exact[name]).values()))
                check(name, result.reshape(own.high.shape), own, x[i : i + 1])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("family", LONG)
def test_long_rows(family, dtype, rng):
    x = FAMILIES[family](rng, 1, 100_000, dtype)
    x, exact = measured(x)
    for name in exact:
        function = getattr(sm, name)
        check(name, function(x, axis=1), exact[name], x)
        check(name, np.asarray(function(x)).reshape(exact[name].high.shape), exact[name], x)
        # as some columns among others, along the first axis
        beside = np.ascontiguousarray(np.repeat(x.T, 3, axis=1))
        beside[:, 1] = beside[::-1, 1]
        result = function(beside, axis=0)
        check(name, result[..., :1].T, exact[name], x)
        assert np.array_equal(result[..., 2], result[..., 0])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("family", FAMILIES)
def test_value_and_softmax_at_once(family, dtype):
    for x, exact in blocks(family, dtype)[::3]:
        value, gradient = sm.logsumexp_and_softmax(x, axis=1)
        check("logsumexp", value, exact["logsumexp"], x)
        check("softmax", gradient, exact["softmax"], x)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("target", [0.01, 0.4, -1.9, 2.1, -3.9, 4.0, -4.1, 7.9, -8.1, 100.0])
def test_logsumexp_of_many_near_and_far_from_zero(target, dtype):
    """How many digits a sum needs depends on where its logarithm comes to lie."""
    rng = np.random.default_rng(zlib.crc32(str(target).encode()))
    for n in (64, 300, 3001, 300_000):
        x = rng.choice(rng.normal(size=5), n)
        x = (x + (target - np.log(np.exp(x).sum()))).astype(dtype)
        exact = oracle.reductions(x)[0].reshape(1)
        hidden = np.append(x, np.full(1, 1000, dtype))
        for value in (
            sm.logsumexp(x),
            sm.logsumexp(np.tile(x, (2, 1)), axis=1)[0],
            sm.logsumexp(np.stack([x, x, x], axis=1), axis=0)[1],
            sm.logsumexp(np.repeat(x, 2)[::2]),
            sm.logsumexp(hidden, where=hidden < 1000),
        ):
            check("logsumexp", value.reshape(1), exact, [x])


def logs_of_prefixes(row):
    """The exact logsumexp of every prefix."""
    first = int(np.argmax(row > -np.inf))
    nothing = [oracle.Exact.of_integers([-np.inf], [0]).reshape(())] * first
    return oracle.Exact.stacked(
        nothing + [oracle.reductions(row[:k])[0] for k in range(first + 1, len(row) + 1)]
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_prefix(family, dtype, rng):
    for n in (3, 20, 50):
        x = FAMILIES[family](rng, 2, n, dtype)
        exact = oracle.Exact.stacked([logs_of_prefixes(row) for row in x])
        check("logcumsumexp", sm.logcumsumexp(x, axis=1), exact, x)
        check("logcumsumexp", sm.logcumsumexp(np.ascontiguousarray(x.T), axis=0).T, exact, x)
        check("logcumsumexp", sm.logcumsumexp(x[:, ::-1], axis=1, reverse=True)[:, ::-1], exact, x)


@pytest.mark.parametrize(
    "family", [name for name in FAMILIES if name not in ("huge", "steep", "normal_1e+05")]
)
def test_float16(family, rng):
    """Rounded once more than float32's results: half an ulp, and what float32 was off."""
    for rows, n in ((20, 3), (5, 40), (1, 3000)):
        with np.errstate(over="ignore"):
            x = FAMILIES[family](rng, rows, n, "float32").astype(np.float16)
        x, exact = measured(np.where(np.isposinf(x), np.finfo(np.float16).max, x))
        for name in exact:
            error = oracle.ulp_error(getattr(sm, name)(x, axis=1), exact[name])
            assert error.max() <= 0.501, name


def test_float16_of_many():
    assert sm.logsumexp(np.zeros(70_000, np.float16)) == np.float16(np.log(70_000))
    assert (sm.softmax(np.zeros(70_000, np.float16)) == np.float16(1 / 70_000)).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_worst_rows_a_search_found(dtype):
    for case in WORST:
        if case["dtype"] == dtype:
            x = np.array([[float.fromhex(each) for each in case["row"]]], dtype)
            x, exact = measured(np.repeat(x, 4, axis=0))
            for layout in (last_axis, first_axis, every_second):
                array, axis, back = layout(x)
                for name in exact:
                    check(name, back(getattr(sm, name)(array, axis=axis)), exact[name], x)


# Where scipy is known to lose digits: the measure must see it, or it would see nothing.
@pytest.mark.parametrize(
    ("name", "family", "dtype", "at_least"),
    [
        ("softmax", "normal_100", "float64", 50),
        ("softmax", "normal_10", "float32", 5),
        ("log_softmax", "one_dominates", "float64", 1e10),
        ("log_softmax", "tiny_tail", "float32", 1e6),
        ("logsumexp", "log_probabilities", "float64", 1e10),
        ("logsumexp", "crossing_zero", "float32", 1e3),
    ],
)
def test_the_measure_sees_errors(name, family, dtype, at_least):
    worst = max(
        oracle.ulp_error(getattr(scipy.special, name)(x, axis=1), exact[name]).max()
        for x, exact in blocks(family, dtype)
    )
    assert worst > at_least


def weighted_rows(rng, count):
    """Rows and weights of any size and sign, in part of them nearly all of the sum cancelling."""
    for i in range(count):
        n = int(rng.integers(1, 30))
        x = rng.normal(0, 10 ** rng.uniform(-2, 2.5), n)
        b = 10 ** rng.uniform(-300, 300, n) if i % 2 else rng.uniform(0, 3, n)
        if i % 3:
            b = b * rng.choice([-1, 1], n)
        if i % 5 == 0:
            x, b = np.append(x, x), np.append(b, -b)
            x[0] = np.nextafter(x[0], 9)
        yield x, b


def test_weights_of_any_size_and_sign(rng):
    for x, b in weighted_rows(rng, 150):
        exact, sign = oracle.weighted(x, b)
        value, computed_sign = sm.logsumexp(x, b=b, return_sign=True)
        assert computed_sign == sign, (x, b)
        check("logsumexp", value.reshape(1), exact.reshape(1), x[np.newaxis])


@pytest.mark.parametrize("name", ["normal_1", "log_probabilities", "crossing_zero", "tiny_tail"])
def test_weights_of_one_change_nothing(name, rng):
    for x, exact in blocks(name, "float64")[:6]:
        check("logsumexp", sm.logsumexp(x, axis=1, b=np.ones_like(x)), exact["logsumexp"], x)


def test_weights_that_cancel_in_a_state_and_a_mean(rng):
    """A state keeps 2^-100 of its largest term, however much of its sum cancels; a mean its last digit."""
    for _ in range(300):
        n = int(rng.integers(1, 6))
        x, b = np.repeat(rng.normal(0, 2, n), 2), np.repeat(rng.normal(size=n), 2)
        b[1::2] *= -(1 + rng.choice([0, 2.0**-52, 1e-12], n))
        x, b = np.append(x, -rng.uniform(20, 45)), np.append(b, 1.0)
        order = rng.permutation(len(x))
        exact, sign = oracle.weighted(x, b)
        state = sm.LogSumExp().update(x[order], b=b[order])
        assert state.sign == sign
        check("logsumexp", np.reshape(state.value, 1), exact.reshape(1), x[np.newaxis])
        value, computed_sign = sm.logmeanexp(x[order], b=b[order], return_sign=True)
        with mpmath.workprec(400):
            mean = mpmath.fsum(w * mpmath.exp(v) for v, w in zip(x.tolist(), b.tolist(), strict=True))
            mean /= mpmath.fsum(b.tolist())
            exact_mean = oracle.Exact.of_mpf([mpmath.log(abs(mean))])
        assert computed_sign == mpmath.sign(mean)
        check("logsumexp", value.reshape(1), exact_mean, x[np.newaxis])


@pytest.mark.parametrize("dtype", DTYPES)
def test_weighted_means_close_to_zero(dtype, rng):
    for scale in (1e-3, 1e-9, 1e-18, 1e-25, 1e-34):
        for _ in range(20):
            x = (rng.normal(size=5) * scale).astype(dtype)
            b = (rng.uniform(size=5) * 10 ** rng.uniform(-8, 8, 5)).astype(dtype)
            with mpmath.workprec(600):
                pairs = zip(x.tolist(), b.tolist(), strict=True)
                mean = mpmath.fsum(w * mpmath.expm1(v) for v, w in pairs) / mpmath.fsum(b.tolist())
                exact = oracle.Exact.of_mpf([mpmath.log1p(mean)])
            check("logsumexp", sm.logmeanexp(x, b=b).reshape(1), exact, x[np.newaxis])


def test_weights_in_float32(rng):
    for _ in range(80):
        n = int(rng.integers(1, 30))
        x = rng.normal(0, 10 ** rng.uniform(-2, 2), n).astype(np.float32)
        b = (rng.choice([-1, 1], n) * 10 ** rng.uniform(-38, 38, n)).astype(np.float32)
        exact, sign = oracle.weighted(x, b)
        value, computed_sign = sm.logsumexp(x, b=b, return_sign=True)
        assert computed_sign == sign
        assert value.dtype == np.float32
        check("logsumexp", value.reshape(1), exact.reshape(1), x[np.newaxis])


# by how many powers of two weights lie apart, and the largest of these
WEIGHTS = {
    "float32": [*itertools.product((0, 39, 41), (-60, -20, 0, 72))],
    "float64": [*itertools.product((0, 99, 101), (-650, 0, 230))],
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 2, 9, 40, 200, 2000])
def test_weights_close_and_far_apart(n, dtype, rng):
    """Up to and beyond what one sum in the type itself can take, of one sign and of two; one weight of 0
    beside an element larger than all that count. Rows and columns, and rows that share their weights."""
    rows = 2 if n < 100 else 1
    for i, (span, most) in enumerate(WEIGHTS[dtype][:: 1 if n < 1000 else 5]):
        x = rng.normal(0, rng.choice([1, 30, 300]), (rows, n)) + rng.choice([0, 5000])
        b = np.ldexp(rng.uniform(1, 2, (rows, n)), rng.integers(most - span, most + 1, (rows, n)))
        if i % 2:
            b *= rng.choice([-1, 1], b.shape)
        if n > 2:
            b[:, 1], x[:, 1] = 0, rng.choice([np.inf, 1e4, -np.inf])
        x, b = x.astype(dtype), b.astype(dtype)
        by_row = sm.logsumexp(x, axis=1, b=b, return_sign=True)
        by_column = sm.logsumexp(x.T.copy(), axis=0, b=b.T.copy(), return_sign=True)
        shared = sm.logsumexp(x, axis=1, b=b[0], return_sign=True)
        for row in range(rows):
            for results, w in ((by_row, by_column), b[row]), ((shared,), b[0]):
                exact, exact_sign = oracle.weighted(x[row, w != 0], w[w != 0])
                for value, sign in results:
                    assert sign[row] == exact_sign
                    check("logsumexp", value[row : row + 1], exact.reshape(1), x[row : row + 1])


@pytest.mark.parametrize("family", ["normal_10", "log_probabilities", "crossing_zero", "tiny_tail"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_state_of_pieces(family, dtype, rng):
    """The bound holds whatever the pieces of the data, and whatever the order they are merged in."""
    for x, exact in blocks(family, dtype):
        for i, row in enumerate(x[:2]):
            cuts = np.sort(rng.integers(0, len(row) + 1, 3))
            states = [sm.LogSumExp(dtype=dtype) for _ in range(4)]
            for state, piece in zip(states, np.split(row, cuts), strict=True):
                state.update(piece)
            merged = (states[3] + states[1]) + (states[0] + states[2])
            own = oracle.Exact(*(each[i : i + 1] for each in vars(exact["logsumexp"]).values()))
            check("logsumexp", np.asarray(merged.value).reshape(1), own, x[i : i + 1])


@pytest.mark.parametrize("n", [4, 64, 2048])
@pytest.mark.parametrize("dtype", DTYPES)
def test_results_where_a_state_just_settles_them(n, dtype, rng):
    """Means, and values of streams, on both sides of the magnitude below which they are taken again."""
    for target in (*rng.uniform(0.2, 1.2, 12), 0.2499, 0.2501, 0.4999, 0.5001):
        x = rng.normal(size=n)
        x = (x - scipy.special.logsumexp(x) + rng.choice([-1, 1]) * target).astype(dtype)
        raised = (x.astype(np.float64) + np.log(n)).astype(dtype)
        for computed, row, weight in (
            (sm.logmeanexp(raised), raised, 1 / n),
            (sm.logsumexp(x), x, 1),
            (sm.LogSumExp(dtype=dtype).update(x[: n // 3]).update(x[n // 3 :]).value, x, 1),
        ):
            exact, _ = oracle.weighted(row, np.full(n, weight))
            check("logsumexp", np.asarray(computed).reshape(1), exact.reshape(1), row[np.newaxis])
