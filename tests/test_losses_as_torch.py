"""The losses and their gradients are torch's, where torch is installed."""

import numpy as np
import pytest

import stablemath_core as sm


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def compare(torch, theirs, x, ours):
    x = torch.tensor(x, requires_grad=True)
    loss = theirs(x)
    loss.sum().backward()
    eps = np.finfo(x.detach().numpy().dtype).eps
    np.testing.assert_allclose(ours[0], loss.detach().numpy(), rtol=64 * eps, atol=16 * eps)
    np.testing.assert_allclose(ours[1], x.grad.numpy(), rtol=64 * eps, atol=16 * eps)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignore", [None, 2, -100])
def test_class_labels_as_torch(ignore, weighted, smoothing, reduction, dtype, torch, rng):
    x = rng.normal(size=(30, 5)).astype(dtype)
    y = rng.integers(5, size=30)
    if ignore == -100:
        y[::4] = -100
    weight = (rng.random(5) + 0.1).astype(dtype) if weighted else None
    options = {} if ignore is None else {"ignore_index": ignore}
    ours = sm.softmax_cross_entropy(
        x, y, weight=weight, label_smoothing=smoothing, reduction=reduction, return_grad=True, **options
    )

    def theirs(x):
        return torch.nn.functional.cross_entropy(
            x,
            torch.tensor(y),
            weight=None if weight is None else torch.tensor(weight),
            label_smoothing=smoothing,
            reduction=reduction,
            **options,
        )

    compare(torch, theirs, x, ours)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("weighted", [False, True])
def test_probabilities_as_torch(weighted, smoothing, reduction, dtype, torch, rng):
    x = rng.normal(size=(7, 5, 6)).astype(dtype)
    t = rng.dirichlet(np.ones(5), size=(7, 6)).transpose(0, 2, 1).astype(dtype)
    weight = (rng.random(5) + 0.1).astype(dtype) if weighted else None
    ours = sm.softmax_cross_entropy(
        x, t, axis=1, weight=weight, label_smoothing=smoothing, reduction=reduction, return_grad=True
    )

    def theirs(x):
        return torch.nn.functional.cross_entropy(
            x,
            torch.tensor(t),
            weight=None if weight is None else torch.tensor(weight),
            label_smoothing=smoothing,
            reduction=reduction,
        )

    compare(torch, theirs, x, ours)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("positive", [False, True])
def test_sigmoid_as_torch(positive, weighted, reduction, dtype, torch, rng):
    x = (rng.normal(size=(20, 6)) * 4).astype(dtype)
    z = rng.random((20, 6)).astype(dtype)
    weight = rng.random((20, 1)).astype(dtype) if weighted else None
    pos_weight = rng.random(6).astype(dtype) if positive else None
    ours = sm.sigmoid_cross_entropy(
        x, z, weight=weight, pos_weight=pos_weight, reduction=reduction, return_grad=True
    )

    def theirs(x):
        return torch.nn.functional.binary_cross_entropy_with_logits(
            x,
            torch.tensor(z),
            weight=None if weight is None else torch.tensor(weight),
            pos_weight=None if pos_weight is None else torch.tensor(pos_weight),
            reduction=reduction,
        )

    compare(torch, theirs, x, ours)
