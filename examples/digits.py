"""Train a classifier of handwritten digits, by the stable losses and by the textbook's formulas.

    python examples/digits.py [--plot curve.png]

The model is multi-class logistic regression: ten logits, linear in the 64 pixels.
scipy.optimize minimises the mean cross entropy over scikit-learn's bundled images. The
textbook's exp overflows once a logit passes 709, and the logarithm of a probability that
underflowed is -inf: from there on all is nan. `softmax_cross_entropy` goes on, and its
gradient is right to the last digits.
"""

import argparse
import time

import numpy as np
from scipy.optimize import minimize
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import stablemath_core as sm

CLASSES = 10


def stable(logits, labels):
    return sm.softmax_cross_entropy(logits, labels, return_grad=True)


def naive(logits, labels):
    rows = np.arange(len(labels))
    with np.errstate(all="ignore"):
        powers = np.exp(logits)
        probabilities = powers / powers.sum(axis=1, keepdims=True)
        loss = -np.log(probabilities[rows, labels]).mean()
    probabilities[rows, labels] -= 1
    return loss, probabilities / len(labels)


def train(loss, images, labels, start):
    """The weights found, and the loss after each step."""
    curve = []

    def objective(flat):
        value, gradient = loss(images @ flat.reshape(-1, CLASSES), labels)
        return value, (images.T @ gradient).ravel()

    def record(intermediate_result):
        curve.append(intermediate_result.fun)

    found = minimize(
        objective, start.ravel(), jac=True, method="L-BFGS-B", callback=record, options={"maxiter": 60}
    )
    return found.x.reshape(-1, CLASSES), curve or [found.fun]


def accuracy(weights, images, labels):
    return np.mean((images @ weights).argmax(axis=1) == labels)


def draw(curves, path):
    try:
        import matplotlib
    except ImportError:
        print(f"matplotlib is not installed: no {path}")
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4), layout="constrained")
    for name, curve in curves.items():
        axes.semilogy(curve, label=f"{name}: nan" if np.isnan(curve[-1]) else name)
    axes.set(xlabel="step", ylabel="mean cross entropy", title="Handwritten digits")
    axes.legend()
    figure.savefig(path)
    print(f"the curve is in {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--plot", metavar="FILE", help="draw the loss curves there (needs matplotlib)")
    options = parser.parse_args()

    images, labels = load_digits(return_X_y=True)
    # Grey values as a camera gives them, up to 240 and never rescaled: logits of some hundreds to begin with.
    images = np.column_stack([16 * images, np.ones(len(images))])
    seen, unseen, seen_labels, unseen_labels = train_test_split(
        images, labels, random_state=0, stratify=labels
    )
    start = np.random.default_rng(0).normal(scale=0.3, size=(images.shape[1], CLASSES))

    curves = {}
    for name, loss in (("naive", naive), ("stable", stable)):
        begun = time.perf_counter()
        weights, curves[name] = train(loss, seen, seen_labels, start)
        spent = time.perf_counter() - begun
        print(
            f"{name:>6}: loss {curves[name][-1]:.4f} in {spent:.2f} s, steps: {len(curves[name])}; "
            f"{accuracy(weights, unseen, unseen_labels):.1%} of {len(unseen)} unseen digits are read right"
        )
    if options.plot:
        draw(curves, options.plot)


if __name__ == "__main__":
    main()
