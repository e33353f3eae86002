"""The losses in every layout, along every axis, and with any number of threads."""

import layouts
import numpy as np
import pytest

import stablemath_core as sm


@pytest.mark.parametrize("shape", [(3000, 3), (500, 70), (3, 40000), (1, 5), (4, 5000)])
def test_every_layout_gives_the_same(shape, dtype, rng):
    x = (rng.normal(size=shape) * 3).astype(dtype)
    y = rng.integers(shape[1], size=shape[0])
    y[::2] = x[::2].argmax(axis=1)
    t = rng.dirichlet(np.ones(shape[1]), size=shape[0]).astype(dtype)
    close = {"rtol": 16 * np.finfo(dtype).eps, "atol": np.finfo(dtype).eps}
    wide = np.zeros((shape[0], 2 * shape[1]), dtype)
    wide[:, ::2] = x
    swapped = x.astype(x.dtype.newbyteorder())
    for labels in (y, t):
        kept = np.transpose(labels) if labels is t else labels
        expected = sm.softmax_cross_entropy(
            x.astype(np.longdouble), labels, reduction="none", return_grad=True
        )
        for laid in (x, np.asfortranarray(x), wide[:, ::2], x[:, ::-1][:, ::-1], swapped):
            got = sm.softmax_cross_entropy(laid, labels, reduction="none", return_grad=True)
            np.testing.assert_allclose(got[0], expected[0].astype(dtype), **close)
            np.testing.assert_allclose(got[1], expected[1].astype(dtype), **close)
        for laid in (x.T, np.ascontiguousarray(x.T)):
            got = sm.softmax_cross_entropy(laid, kept, axis=0, reduction="none", return_grad=True)
            np.testing.assert_allclose(got[0], expected[0].astype(dtype), **close)
            np.testing.assert_allclose(got[1].T, expected[1].astype(dtype), **close)


LAYOUTS = {
    name: layouts.LAYOUTS[name]
    for name in (
        "C",
        "fortran",
        "every second",
        "part of wider rows",
        "reversed",
        "byte-swapped",
        "unaligned",
    )
}


@pytest.mark.parametrize("targets", LAYOUTS)
@pytest.mark.parametrize("logits", LAYOUTS)
@pytest.mark.parametrize("shape", [(7, 300), (70, 500), (1500, 20)])
def test_classes_along_the_first_axis(shape, logits, targets, dtype, rng):
    x = (rng.normal(size=shape) * 3).astype(dtype)
    x[0, ::3] = x[:, ::3].max(axis=0)  # the largest twice
    t = rng.dirichlet(np.ones(shape[0]), size=shape[1]).T.astype(dtype)
    t[x.argmax(axis=0)[5:], np.arange(5, shape[1])] = 0
    options = {"axis": 0, "reduction": "none"}
    expected = sm.softmax_cross_entropy(x.astype(np.longdouble), t, return_grad=True, **options)
    laid = LAYOUTS[logits](x), LAYOUTS[targets](t)
    loss, gradient = sm.softmax_cross_entropy(*laid, return_grad=True, **options)
    eps = np.finfo(dtype).eps
    for each in (loss, sm.softmax_cross_entropy(*laid, **options)):
        np.testing.assert_allclose(each, expected[0].astype(dtype), rtol=16 * eps)
    np.testing.assert_allclose(gradient, expected[1].astype(dtype), rtol=16 * eps, atol=4 * eps)
    np.testing.assert_array_equal(laid[0], x)
    np.testing.assert_array_equal(laid[1], t)


@pytest.mark.parametrize("classes", [3, 70, 1500])
def test_special_values_along_the_first_axis(classes, dtype):
    inf, nan = np.inf, np.nan
    columns = [
        [0, 0, 0],
        [0, -inf, 0],
        [-inf, -inf, 1],
        [-inf, -inf, -inf],
        [inf, 0, 0],
        [0, inf, inf],
        [inf, -inf, 0],
        [nan, 0, 0],
        [0, nan, inf],
        [50, -50, 0],
        [700, -700, -700],
    ]
    x = np.full((classes, len(columns)), -inf, dtype)
    x[[0, classes // 2, -1]] = np.transpose(columns)
    for share in ([1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.25, 0.25]):
        t = np.zeros_like(x)
        t[[0, classes // 2, -1]] = np.asarray(share, dtype)[:, np.newaxis]
        kwargs = {"axis": 0, "reduction": "none", "return_grad": True}
        got = sm.softmax_cross_entropy(x, t, **kwargs)
        expected = sm.softmax_cross_entropy(x.astype(np.longdouble), t, **kwargs)
        for each, want in zip(got, expected, strict=True):
            np.testing.assert_allclose(each, want.astype(dtype), rtol=1e-5, atol=np.finfo(dtype).eps)


@pytest.mark.parametrize("shape", [(20, 700), (20, 7), (3, 5000)])
def test_smoothing_and_weights_in_every_layout(shape, dtype, rng):
    x = (rng.normal(size=shape) * 3).astype(dtype)
    y = rng.integers(shape[1], size=shape[0])
    options = {
        "weight": rng.random(shape[1]),
        "label_smoothing": 0.25,
        "ignore_index": int(y[0]),
        "reduction": "none",
        "return_grad": True,
    }
    expected = sm.softmax_cross_entropy(x.astype(np.longdouble), y, **options)
    close = {"rtol": 16 * np.finfo(dtype).eps, "atol": 4 * np.finfo(dtype).eps}
    for laid in (x, np.asfortranarray(x), np.ascontiguousarray(x[:, ::-1])[:, ::-1]):
        for got, want in zip(sm.softmax_cross_entropy(laid, y, **options), expected, strict=True):
            np.testing.assert_allclose(got, want.astype(dtype), **close)


def test_more_dimensions(dtype, rng):
    x = rng.normal(size=(4, 6, 5)).astype(dtype)
    y = rng.integers(6, size=(4, 5))
    got = sm.softmax_cross_entropy(x, y, axis=1, reduction="none")
    expected = -np.take_along_axis(sm.log_softmax(x, axis=1), y[:, np.newaxis], 1)[:, 0]
    np.testing.assert_allclose(got, expected, rtol=8 * np.finfo(dtype).eps)
    assert sm.softmax_cross_entropy(x, y, axis=-2) == sm.softmax_cross_entropy(x, y, axis=1)


def test_threads_do_not_change_bits(dtype, rng):
    x = rng.normal(size=(4001, 300)).astype(dtype)
    y = rng.integers(300, size=4001)
    z = rng.random(x.shape)
    results = []
    for n in (1, 2, 3):
        with sm.num_threads(n):
            results.append(
                [
                    *sm.softmax_cross_entropy(x, y, return_grad=True),
                    *sm.sigmoid_cross_entropy(x, z, return_grad=True),
                ]
            )
    for other in results[1:]:
        for got, expected in zip(other, results[0], strict=True):
            np.testing.assert_array_equal(got, expected)


def test_sigmoid_layouts(dtype, rng):
    x = rng.normal(size=(37, 41)).astype(dtype)
    z = rng.random((37, 41)).astype(dtype)
    expected = sm.sigmoid_cross_entropy(x, z, reduction="none", return_grad=True)
    for take in (np.asfortranarray, lambda a: a[::-1][::-1], lambda a: np.repeat(a, 2, axis=1)[:, ::2]):
        got = sm.sigmoid_cross_entropy(take(x), take(z), reduction="none", return_grad=True)
        for each, want in zip(got, expected, strict=True):
            np.testing.assert_array_equal(each, want)
    weight = rng.random(41)
    np.testing.assert_allclose(
        sm.sigmoid_cross_entropy(x, z, weight=weight, reduction="sum"),
        (weight.astype(dtype) * expected[0]).sum(dtype=float),
        rtol=1e-6,
    )
    assert sm.sigmoid_cross_entropy(x, 1) == sm.sigmoid_cross_entropy(x, np.ones((37, 41)))
