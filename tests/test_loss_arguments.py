"""The losses' arguments: dtypes, what is not written, and every error."""

import numpy as np
import pytest

import stablemath_core as sm

nan = np.nan


def test_integer_logits_and_targets():
    loss = sm.sigmoid_cross_entropy([3, -2], [True, False])
    assert loss.dtype == np.float64
    assert sm.sigmoid_cross_entropy(np.float32([3, -2]), [True, False]).dtype == np.float32
    assert sm.softmax_cross_entropy(np.array([[1, 2], [3, 4]], np.int8), [0, 1]).dtype == np.float64
    for kind in "bBhHiIlLqQ":
        assert sm.softmax_cross_entropy([[1.0, 2.0]], np.array([1], kind)) == sm.softmax_cross_entropy(
            [1.0, 2.0], 1
        )


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_reductions_are_scalars(reduction, dtype):
    x = np.ones((2, 3), dtype)
    for loss in (
        sm.softmax_cross_entropy(x, [0, 1], reduction=reduction),
        sm.sigmoid_cross_entropy(x, x, reduction=reduction),
    ):
        assert type(loss) is dtype.type
    assert type(sm.softmax_cross_entropy(x[0], 1, reduction="none")) is dtype.type


def test_inputs_are_not_written(dtype, rng):
    x = rng.normal(size=(50, 6)).astype(dtype)
    y = rng.integers(6, size=50)
    t = rng.dirichlet(np.ones(6), size=50).astype(dtype)
    copies = [each.copy() for each in (x, y, t)]
    for each in (x, y, t):
        each.flags.writeable = False
    sm.softmax_cross_entropy(x, y, label_smoothing=0.1, return_grad=True, ignore_index=2)
    sm.softmax_cross_entropy(x, t, return_grad=True)
    sm.sigmoid_cross_entropy(x, t, return_grad=True)
    for each, copy in zip((x, y, t), copies, strict=True):
        np.testing.assert_array_equal(each, copy)


X = np.zeros((4, 3))


@pytest.mark.parametrize(
    ("labels", "options", "kind", "message"),
    [
        ([0, 1, 3, 2], {}, ValueError, "label 3 at 2 is not a class: there are 3, from 0 to 2"),
        ([0, -1, 1, 2], {}, ValueError, "label -1 at 1"),
        ([0, -100, 1, 2], {"ignore_index": 255}, ValueError, "label -100 at 1"),
        (np.array([2**64 - 1, 0, 0, 0], np.uint64), {}, ValueError, "label 18446744073709551615 at 0"),
        ([0, 1, 2], {}, ValueError, r"\(3,\).*\(4,\)"),
        (np.zeros((4, 3), int), {}, ValueError, "probabilities must be floating"),
        (np.zeros((4, 2)), {}, ValueError, r"\(4, 2\).*\(4, 3\)"),
        ([0.0, 1.0, 2.0, 0.0], {}, TypeError, "class labels must be integers"),
        ([True] * 4, {}, TypeError, "bool"),
        (["a"] * 4, {}, TypeError, "labels must be integers"),
        (np.ma.array([0, 1, 2, 0]), {}, TypeError, "ignore_index"),
        (np.zeros((4, 3)), {"ignore_index": 0}, ValueError, "not for probabilities"),
        ([0] * 4, {"ignore_index": 0.5}, TypeError, "ignore_index"),
        ([0] * 4, {"ignore_index": True}, TypeError, "ignore_index"),
        ([0] * 4, {"reduction": "avg"}, ValueError, "'mean', 'sum' or 'none', not 'avg'"),
        ([0] * 4, {"reduction": None}, ValueError, "not None"),
        ([0] * 4, {"label_smoothing": 1.5}, ValueError, "from 0 to 1"),
        ([0] * 4, {"label_smoothing": nan}, ValueError, "from 0 to 1"),
        ([0] * 4, {"label_smoothing": 10**400}, ValueError, "from 0 to 1"),
        ([0] * 4, {"label_smoothing": None}, TypeError, "label_smoothing .* from 0 to 1, not NoneType"),
        ([0] * 4, {"label_smoothing": [0.1]}, TypeError, "label_smoothing .* not list"),
        ([0] * 4, {"label_smoothing": np.ones(1)}, TypeError, "label_smoothing .* not numpy.ndarray"),
        ([0] * 4, {"label_smoothing": 1j}, TypeError, "label_smoothing .* not complex"),
        ([0] * 4, {"label_smoothing": "0.1"}, TypeError, "label_smoothing .* not str"),
        ([0] * 4, {"weight": [1, 2]}, ValueError, r"weight has shape \(2,\)"),
        ([0] * 4, {"weight": [1j, 2, 3]}, TypeError, "weight must hold real numbers"),
        ([0] * 4, {"weight": np.ma.ones(3)}, TypeError, r"pass weight\.filled"),
        ([0] * 4, {"axis": 2}, np.exceptions.AxisError, "2"),
        ([0] * 4, {"axis": (0,)}, TypeError, "axis must be an integer, not tuple"),
        ([0] * 4, {"axis": None}, TypeError, "axis must be an integer, not NoneType"),
        ([0] * 4, {"axis": 2**31}, np.exceptions.AxisError, "2147483648"),
    ],
)
def test_errors_of_softmax(labels, options, kind, message):
    with pytest.raises(kind, match=message):
        sm.softmax_cross_entropy(X, labels, **options)


@pytest.mark.parametrize(
    ("logits", "targets", "options", "kind", "message"),
    [
        (X, np.zeros((3, 4)), {}, ValueError, r"\(3, 4\).*\(4, 3\)"),
        (X, np.zeros(3), {}, ValueError, "targets"),
        (X, X, {"weight": np.ones(5)}, ValueError, "weight has shape"),
        (X, X, {"pos_weight": np.ones((2, 4, 3))}, ValueError, "pos_weight has shape"),
        (X, X, {"reduction": "Mean"}, ValueError, "'Mean'"),
        (X * 1j, X, {}, TypeError, "real"),
        (X, X * 1j, {}, TypeError, "targets"),
        (X, [["a"] * 3] * 4, {}, TypeError, "targets"),
        (np.ma.array(X), X, {}, TypeError, r"logits is a masked array.* pass logits\.filled"),
        (X, np.ma.array(X), {}, TypeError, r"targets is a masked array.* pass targets\.filled"),
        (X, X, {"weight": np.ma.array(X)}, TypeError, r"pass weight\.filled"),
    ],
)
def test_errors_of_sigmoid(logits, targets, options, kind, message):
    with pytest.raises(kind, match=message):
        sm.sigmoid_cross_entropy(logits, targets, **options)


def test_no_classes():
    with pytest.raises(ValueError, match="no classes"):
        sm.softmax_cross_entropy(np.empty((3, 0)), [0, 0, 0])
    with pytest.raises(np.exceptions.AxisError):
        sm.softmax_cross_entropy(1.0, 0)
