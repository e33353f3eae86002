"""The logistic loss of a logit: the formula as it stands, its stable form, and both ends.

python examples/logistic_loss.py
"""

import numpy as np

import stablemath_core as sm


def naive(x, z):
    with np.errstate(all="ignore"):
        y = 1 / (1 + np.exp(-x))
        return -(z * np.log(y) + (1 - z) * np.log(1 - y))


def rearranged(x, z):
    return np.maximum(x, 0) - x * z + np.log1p(np.exp(-np.abs(x)))


logits = np.array([0.5, 50.0, -50.0, 800.0, -800.0])
targets = np.array([1, 1, 0, 1, 1])

print("softmax overflows where its logarithm, x - logsumexp(x), need not:")
x = np.array([1000.0, 1001.0, 1002.0])
with np.errstate(all="ignore"):
    print("  exp(x) / sum(exp(x))  ", np.exp(x) / np.exp(x).sum())
print("  softmax(x)            ", sm.softmax(x))
print("  x - logsumexp(x)      ", x - sm.logsumexp(x))
print("  log_softmax(x)        ", sm.log_softmax(x))

print("\nthe logistic loss, -log y for target 1 and -log(1 - y) for target 0:")
losses, gradient = sm.sigmoid_cross_entropy(logits, targets, reduction="none", return_grad=True)
print("   logit  target         naive    max(x,0)-xz+..   sigmoid_cross_entropy      gradient")
for row in zip(
    logits, targets, naive(logits, targets), rearranged(logits, targets), losses, gradient, strict=True
):
    print("{:8.1f} {:7d} {:13.6g} {:17.6g} {:23.6g} {:13.6g}".format(*row))
