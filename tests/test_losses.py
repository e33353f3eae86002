"""The losses: against mpmath, finite differences, and at the edges."""

import mpmath
import numpy as np
import pytest

import stablemath_core as sm

inf, nan = np.inf, np.nan
FLOATS = ["float32", "float64", "longdouble"]
# The twin that serves longdouble gives some digits away.
ULPS = {"float32": 4, "float64": 4, "longdouble": 32}


def ulps(got, exact):
    """The largest error of an array in ulp of the exact values (mpf)."""
    got = np.asarray(got)
    tiny = np.finfo(got.dtype).smallest_subnormal
    worst = 0.0
    for value, want in zip(got.ravel(), exact, strict=True):
        ulp = max(np.spacing(np.abs(got.dtype.type(float(want)))), tiny)
        error = abs(as_mpf(value) - want) / as_mpf(ulp)
        worst = max(worst, float(error))
    return worst


def as_mpf(value):
    """Exactly: a longdouble too, of which some have 113 bits, those of three doubles."""
    total = mpmath.mpf(0)
    for _ in range(3):
        high = float(value)
        total += mpmath.mpf(high)
        value = value - type(value)(high)
    return total


def surprisals(row):
    """-log softmax of a row; the others are summed without the one, however small they are beside it."""
    terms = [mpmath.exp(as_mpf(x)) for x in row]
    return [mpmath.log1p(mpmath.fsum(terms[:i] + terms[i + 1 :]) / t) for i, t in enumerate(terms)]


def softmax_exact(row):
    terms = [mpmath.exp(as_mpf(x)) for x in row]
    return [t / mpmath.fsum(terms) for t in terms]


@pytest.fixture(autouse=True)
def digits():
    with mpmath.workdps(60):
        yield


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("scale", [0.1, 1, 10, 100])
@pytest.mark.parametrize("shape", [(40, 2), (40, 10), (6, 100)])
def test_class_labels_to_the_last_digits(shape, scale, dtype, rng):
    x = (rng.normal(size=shape) * scale).astype(dtype)
    y = rng.integers(shape[1], size=shape[0])
    y[::3] = x[::3].argmax(axis=1)
    losses, gradient = sm.softmax_cross_entropy(x, y, reduction="none", return_grad=True)
    assert losses.dtype == gradient.dtype == dtype
    exact = [surprisals(row)[label] for row, label in zip(x, y, strict=True)]
    assert ulps(losses, exact) <= ULPS[dtype]
    slopes = []
    for row, label in zip(x, y, strict=True):
        p = softmax_exact(row)
        p[label] = -mpmath.fsum(p[:label] + p[label + 1 :])
        slopes += p
    assert ulps(gradient, slopes) <= ULPS[dtype]
    assert ulps(sm.softmax_cross_entropy(x, y), [mpmath.fsum(exact) / len(exact)]) <= ULPS[dtype]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_sure_and_right_logit_keeps_its_tail(dtype):
    deepest = 80 if dtype == "float32" else 700
    for tail in np.linspace(0, deepest, 29).astype(dtype):
        x = np.array([[tail, 0, -1], [-1, tail, 0]], dtype)
        losses, gradient = sm.softmax_cross_entropy(x, [0, 1], reduction="none", return_grad=True)
        exact = [surprisals(x[0])[0]] * 2
        assert ulps(losses, exact) <= ULPS[dtype]
        p = softmax_exact(x[0])
        assert ulps(gradient[0], [-(p[1] + p[2]), p[1], p[2]]) <= ULPS[dtype]


@pytest.mark.parametrize("dtype", FLOATS)
def test_many_small_losses_beside_a_large_one(dtype):
    x = np.zeros((128, 2), dtype)
    x[0, 1] = np.log(np.expm1(1.0))
    x[1:, 0] = 36.8
    exact = [mpmath.fsum(surprisals(row)[0] for row in x)]
    loss = sm.softmax_cross_entropy(x, np.zeros(128, int), reduction="sum")
    assert ulps(loss, exact) <= ULPS[dtype]
    loss = sm.sigmoid_cross_entropy(x[:, 0] - x[:, 1], np.ones(128), reduction="sum")
    assert ulps(loss, exact) <= ULPS[dtype]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("classes", [2, 3])
def test_gradients_of_a_weighted_mean(classes, dtype, rng):
    for _ in range(8):
        x = rng.normal(size=(38, classes)).astype(dtype)
        y = rng.integers(classes, size=38)
        weight = rng.random(classes)
        loss, gradient = sm.softmax_cross_entropy(x, y, weight=weight, return_grad=True)
        own = [as_mpf(each) / mpmath.fsum(weight[y]) for each in weight[y]]
        exact = mpmath.fsum(surprisals(row)[k] * w for row, k, w in zip(x, y, own, strict=True))
        assert ulps(loss, [exact]) <= 4
        slopes = []
        for row, label, w in zip(x, y, own, strict=True):
            p = softmax_exact(row)
            p[label] = -mpmath.fsum(p[:label] + p[label + 1 :])
            slopes += [w * each for each in p]
        assert ulps(gradient, slopes) <= 4


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("scale", [1, 30])
@pytest.mark.parametrize("options", [{}, {"label_smoothing": 0.125}, {"weighted": True}])
def test_probabilities_to_the_last_digits(options, scale, dtype, rng):
    x = (rng.normal(size=(12, 7)) * scale).astype(dtype)
    t = rng.dirichlet(np.ones(7), size=12).astype(dtype)
    t[0] = np.eye(7)[x[0].argmax()]
    share = 1 - options.get("label_smoothing", 0)
    weight = np.array([1, 2, 0.5, 3, 1, 0, 4]) if "weighted" in options else None
    losses = sm.softmax_cross_entropy(
        x, t, weight=weight, reduction="none", label_smoothing=options.get("label_smoothing", 0)
    )
    exact = []
    for row, target in zip(x, t, strict=True):
        target = [as_mpf(each) * share + (1 - share) / mpmath.mpf(7) for each in target]
        if weight is not None:
            target = [each * mpmath.mpf(float(w)) for each, w in zip(target, weight, strict=True)]
        exact.append(mpmath.fsum(a * b for a, b in zip(target, surprisals(row), strict=True)))
    assert ulps(losses, exact) <= ULPS[dtype]


@pytest.mark.parametrize("classes", [40, 130, 300, 700])
def test_the_class_that_dominates_is_found_wherever_it_is(classes, dtype, rng):
    """Its small loss keeps its digits only if no term beside it cancels."""
    x = rng.normal(size=(12, classes)).astype(dtype)
    row, place = np.arange(12), np.append([0, classes - 1], rng.integers(classes, size=10))
    x[row, place] = 30
    targets = np.zeros_like(x)
    targets[row, place] = 1
    expected = [surprisals(values)[k] for values, k in zip(x, place, strict=True)]
    losses = sm.softmax_cross_entropy(x, targets, reduction="none")
    assert ulps(losses, expected) <= ULPS[np.dtype(dtype).name]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("smoothing", [0.05, 0.1, 1e-6, 1e-17])
@pytest.mark.parametrize("kind", ["classes", "probabilities"])
def test_no_smoothing_is_too_little(kind, smoothing, dtype):
    x = np.array([100, 0, 0, 0], dtype)
    labels = 0 if kind == "classes" else np.eye(4, dtype=dtype)[0]
    loss, gradient = sm.softmax_cross_entropy(x, labels, label_smoothing=smoothing, return_grad=True)
    spread = mpmath.mpf(smoothing) / 4
    small, likely = surprisals(x)[0], softmax_exact(x)
    assert ulps(loss, [small + 300 * spread]) <= ULPS[dtype]
    slopes = [likely[1] - spread] * 3
    assert ulps(gradient, [-mpmath.fsum(slopes), *slopes]) <= ULPS[dtype]


def derivative(function, x):
    """The central differences of a function of an array, in mpmath."""
    h = mpmath.mpf(10) ** -25
    x = [as_mpf(each) for each in x]
    result = []
    for i in range(len(x)):
        up, down = list(x), list(x)
        up[i] += h
        down[i] -= h
        result.append((function(up) - function(down)) / (2 * h))
    return result


def softmax_loss_exact(row, target):
    total = mpmath.log(mpmath.fsum(mpmath.exp(x) for x in row))
    return mpmath.fsum(t * (total - x) for x, t in zip(row, target, strict=True))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["classes", "smoothed", "probabilities"])
def test_gradient_by_differences(kind, dtype, rng):
    x = (rng.normal(size=(5, 4)) * 3).astype(dtype)
    weight = np.array([0.5, 1, 2, 4])
    if kind == "probabilities":
        labels = rng.dirichlet(np.ones(4), size=5).astype(dtype)
        target, options, size = labels * weight, {}, 5
    else:
        labels = np.array([0, 3, 1, 1, 2])
        share = 0.75 if kind == "smoothed" else 1.0
        target = (share * np.eye(4)[labels] + (1 - share) / 4) * weight
        if kind == "smoothed":
            target = share * np.eye(4)[labels] * weight + (1 - share) / 4 * weight
        options, size = {"label_smoothing": 1 - share}, weight[labels].sum()
    loss, gradient = sm.softmax_cross_entropy(x, labels, weight=weight, return_grad=True, **options)
    close = {"rtol": 8 * np.finfo(dtype).eps, "atol": np.finfo(dtype).eps}
    for row, t, slopes in zip(x, target, gradient, strict=True):
        t = [mpmath.mpf(float(each)) for each in t]
        expected = derivative(lambda x, t=t: softmax_loss_exact(x, t), row)
        np.testing.assert_allclose(slopes, np.array(expected, dtype) / dtype_of(size, dtype), **close)
    total = sum(
        softmax_loss_exact([as_mpf(v) for v in row], list(map(float, t)))
        for row, t in zip(x, target, strict=True)
    )
    np.testing.assert_allclose(loss, float(total / size), rtol=8 * np.finfo(dtype).eps)


def dtype_of(number, dtype):
    return np.dtype(dtype).type(number)


def sigmoid_loss_exact(x, z):
    return z * mpmath.log1p(mpmath.exp(-x)) + (1 - z) * mpmath.log1p(mpmath.exp(x))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("scale", [0.1, 1, 10, 40])
def test_sigmoid_to_the_last_digits(scale, dtype, rng):
    x = (rng.normal(size=300) * scale).astype(dtype)
    z = rng.random(300).astype(dtype)
    z[:200] = rng.integers(2, size=200)
    losses, gradient = sm.sigmoid_cross_entropy(x, z, reduction="none", return_grad=True)
    assert losses.dtype == gradient.dtype == dtype
    exact = [sigmoid_loss_exact(as_mpf(a), as_mpf(b)) for a, b in zip(x, z, strict=True)]
    assert ulps(losses, exact) <= ULPS[dtype]
    assert ulps(sm.sigmoid_cross_entropy(x, z), [mpmath.fsum(exact) / 300]) <= ULPS[dtype]
    slopes = [
        (1 - 2 * as_mpf(b)) / (1 + mpmath.exp((2 * as_mpf(b) - 1) * as_mpf(a)))
        for a, b in zip(x[:200], z[:200], strict=True)
    ]
    assert ulps(gradient[:200], slopes) <= ULPS[dtype]
    slopes = [1 / (1 + mpmath.exp(-as_mpf(a))) - as_mpf(b) for a, b in zip(x[200:], z[200:], strict=True)]
    # An mpf becomes a longdouble by way of a double.
    eps = max(np.finfo(dtype).eps, 2.0**-53)
    np.testing.assert_allclose(gradient[200:], np.array(slopes, dtype), rtol=0, atol=2 * eps)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sigmoid_gradient_by_differences(dtype, rng):
    x = (rng.normal(size=9) * 3).astype(dtype)
    z, weight, pos = (rng.random(9).astype(dtype) for _ in range(3))
    _, gradient = sm.sigmoid_cross_entropy(x, z, weight=weight, pos_weight=pos, return_grad=True)
    for a, b, w, p, slope in zip(x, z, weight, pos, gradient, strict=True):
        b, w, p = as_mpf(b), as_mpf(w), as_mpf(p)

        def loss(x, b=b, w=w, p=p):
            return (
                w * (p * b * mpmath.log1p(mpmath.exp(-x[0])) + (1 - b) * mpmath.log1p(mpmath.exp(x[0]))) / 9
            )

        np.testing.assert_allclose(slope, float(derivative(loss, [a])[0]), rtol=0, atol=np.finfo(dtype).eps)


# The edges.


@pytest.mark.parametrize("dtype", ["float16", *FLOATS])
def test_sigmoid_at_the_edges(dtype):
    x = np.array([inf, -inf, inf, -inf, nan, 0], dtype)
    z = np.array([1, 0, 0, 1, 1, 1])
    losses, gradient = sm.sigmoid_cross_entropy(x, z, reduction="none", return_grad=True)
    assert losses.dtype == gradient.dtype == dtype
    np.testing.assert_array_equal(losses[:5], [0, 0, inf, inf, nan])
    np.testing.assert_array_equal(gradient, [0, 0, 1, -1, nan, -0.5])
    assert sm.sigmoid_cross_entropy(x, z, weight=[1, 1, 0, 0, 0, 1]) == losses[5] / dtype_of(6, dtype)


def test_fifty_on_both_sides():
    losses, gradient = sm.sigmoid_cross_entropy([50.0, -50.0], [1, 0], reduction="none", return_grad=True)
    expected = 1.9287498479639178e-22
    np.testing.assert_allclose(losses, expected, rtol=4e-16)
    np.testing.assert_allclose(gradient, [-expected, expected], rtol=4e-16)
    for x in ([0.0, -50.0], [50.0, 0.0]):
        loss, gradient = sm.softmax_cross_entropy(x, 0, return_grad=True)
        np.testing.assert_allclose(loss, expected, rtol=4e-16)
        np.testing.assert_allclose(gradient, [-expected, expected], rtol=4e-16)


@pytest.mark.parametrize("dtype", ["float16", *FLOATS])
@pytest.mark.parametrize("classes", [3, 100, 300])
def test_softmax_at_the_edges(classes, dtype):
    """Rows of a few special logits, padded by impossible classes."""
    rows = [
        # logits, label, loss, gradient
        ([0, -inf, -inf], 0, 0, [0, 0, 0]),
        ([-inf, 0, -inf], 0, inf, [-1, 1, 0]),
        ([inf, 0, -inf], 0, 0, [0, 0, 0]),
        ([inf, 0, -inf], 1, inf, [1, -1, 0]),
        ([-inf, -inf, -inf], 0, nan, [0, 0, 0]),
        ([inf, inf, 0], 0, nan, [nan, nan, nan]),
        ([nan, 0, 0], 1, nan, [nan, nan, nan]),
        ([0, nan, 0], 1, nan, [nan, nan, nan]),
        ([inf, nan, 0], 0, nan, [nan, nan, nan]),
        ([nan, inf, 0], 0, nan, [nan, nan, nan]),
    ]
    x = np.full((len(rows), classes), -inf, dtype)
    x[:, :3] = [row[0] for row in rows]
    for laid, axis in ((x, 1), (np.ascontiguousarray(x.T), 0)):
        losses, gradient = sm.softmax_cross_entropy(
            laid, [row[1] for row in rows], axis=axis, reduction="none", return_grad=True
        )
        np.testing.assert_array_equal(losses, [row[2] for row in rows])
        gradient = gradient if axis else gradient.T
        for got, row in zip(gradient, rows, strict=True):
            np.testing.assert_array_equal(got[:3], row[3])
        targets = np.eye(classes)[[row[1] for row in rows]].astype(dtype)
        losses, soft = sm.softmax_cross_entropy(
            laid, targets if axis else targets.T, axis=axis, reduction="none", return_grad=True
        )
        np.testing.assert_array_equal(losses, [row[2] for row in rows])
        np.testing.assert_array_equal((soft if axis else soft.T)[:8], gradient[:8])


def test_an_impossible_class_of_no_probability():
    x = np.array([[0.0, -inf, 0.0]])
    loss, gradient = sm.softmax_cross_entropy(x, [[0.5, 0.0, 0.5]], return_grad=True)
    np.testing.assert_allclose(loss, np.log(2))
    np.testing.assert_array_equal(gradient, [[0, 0, 0]])
    assert sm.softmax_cross_entropy(x, [[0.5, 0.25, 0.25]]) == inf
    assert sm.softmax_cross_entropy(x, [0], label_smoothing=0.1) == inf
    assert np.isfinite(sm.softmax_cross_entropy(x, [0], label_smoothing=0.1, weight=[1, 0, 1]))


def test_one_class():
    losses, gradient = sm.softmax_cross_entropy(np.ones((4, 1)), [0] * 4, reduction="none", return_grad=True)
    assert losses.tolist() == [0] * 4
    assert gradient.tolist() == [[0]] * 4


@pytest.mark.parametrize("dtype", FLOATS)
def test_what_leaves_the_range_is_no_error(dtype):
    largest, tiny = np.finfo(dtype).max, np.finfo(dtype).smallest_subnormal
    x = np.array([largest, largest, largest])
    with np.errstate(all="raise"):
        assert sm.softmax_cross_entropy(np.stack([x, 0 * x], 1), [1, 1, 1], reduction="sum") == inf
        assert sm.sigmoid_cross_entropy(x, [0, 0, 0], reduction="sum") == inf
        targets = np.array([tiny, tiny, 1], dtype)
        for options in ({"label_smoothing": 0.5}, {"weight": [0.25, 1, 1]}):
            loss = sm.softmax_cross_entropy(np.zeros(3, dtype), targets, **options)
            assert ulps(loss, [mpmath.log(3)]) <= 4
        loss = sm.sigmoid_cross_entropy(np.array([0, 0], dtype), np.array([1e-40, 1e-320]))
        assert ulps(loss, [mpmath.log(2)]) <= 4
        assert sm.sigmoid_cross_entropy(np.zeros(3, dtype), np.zeros(3), weight=[tiny, 0, 0]) == 0


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("smoothing", [0, 0.25])
@pytest.mark.parametrize("power", [-1070, -140, 140, 1022])
def test_a_mean_does_not_depend_on_the_size_of_weights(power, smoothing, dtype, rng):
    x = rng.normal(size=(6, 3)).astype(dtype)
    y = [0, 1, 2, 2, 1, 7]
    options = {"label_smoothing": smoothing, "ignore_index": 7, "return_grad": True}
    expected = sm.softmax_cross_entropy(x, y, weight=[1, 2, 3], **options)
    got = sm.softmax_cross_entropy(x, y, weight=np.ldexp([1.0, 2.0, 3.0], power), **options)
    for each, want in zip(got, expected, strict=True):
        np.testing.assert_array_equal(each, want)
    assert np.all(np.isfinite(expected[1]))


def test_a_weight_that_is_alone_in_a_mean(dtype):
    loss, gradient = sm.softmax_cross_entropy(
        np.zeros((2, 2), dtype), [0, 0], weight=[1e-310, 1], return_grad=True
    )
    assert loss == dtype.type(np.log(2))
    assert gradient.tolist() == [[-0.25, 0.25]] * 2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_of_a_mean_as_far_apart_as_floats_are(dtype):
    for x in ([1, 2, 3], [0, 0, 0], [3, 0, 0]):
        x = np.array(x, dtype)
        with np.errstate(all="raise"):
            loss, gradient = sm.softmax_cross_entropy(
                x, 0, weight=[1e-300, 1, 1e300], label_smoothing=0.1, return_grad=True
            )
        assert loss == inf
        np.testing.assert_array_equal(gradient, [inf, inf, -inf])
    loss = sm.softmax_cross_entropy(
        np.array([100, 100, 0], dtype), 0, weight=[1e-30, 1, 1], label_smoothing=1e-20
    )
    share = (mpmath.log(2) * 2 + 100) * mpmath.mpf(1e-20) / (3 * mpmath.mpf(1e-30))
    assert ulps(loss, [share + mpmath.log(2)]) <= 4


def test_a_weight_lifts_small_probabilities():
    """float32 alone: sums of others are doubles, which have them, and so are weights."""
    x = np.array([0, -100, 0], np.float32)
    loss, gradient = sm.softmax_cross_entropy(x, 2, weight=[1, 1, 1e20], reduction="sum", return_grad=True)
    p = softmax_exact(x)
    assert ulps(gradient, [p[0] * 10**20, p[1] * 10**20, -(p[0] + p[1]) * 10**20]) <= 4
    loss, gradient = sm.softmax_cross_entropy(x[:2], 0, weight=[1e30, 1], reduction="sum", return_grad=True)
    p = mpmath.mpf(1e30) * softmax_exact(x[:2])[1]
    assert ulps(gradient, [-p, p]) <= 4
    assert ulps(loss, [p]) <= 4


def test_an_infinite_weight_gives_an_infinite_gradient(dtype):
    for classes in (3, 300):
        x = np.zeros((2, classes), dtype)
        loss, gradient = sm.softmax_cross_entropy(
            x, [0, 1], weight=[inf] + [1] * (classes - 1), reduction="sum", return_grad=True
        )
        assert loss == inf
        np.testing.assert_array_equal(gradient[0], [-inf] + [inf] * (classes - 1))
        assert np.all(np.isfinite(gradient[1]))


def test_no_rows():
    for labels in ([], np.empty(0, np.int8), np.empty((0, 3))):
        loss, gradient = sm.softmax_cross_entropy(np.empty((0, 3)), labels, return_grad=True)
        assert np.isnan(loss)
        assert gradient.shape == (0, 3)
        assert sm.softmax_cross_entropy(np.empty((0, 3)), labels, reduction="sum") == 0
    assert np.isnan(sm.sigmoid_cross_entropy([], []))
    assert sm.sigmoid_cross_entropy([], [], reduction="sum") == 0
    loss, gradient = sm.softmax_cross_entropy([[1.0, 2.0]], [7], ignore_index=7, return_grad=True)
    assert np.isnan(loss)
    assert gradient.tolist() == [[0, 0]]
