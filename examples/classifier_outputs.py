"""The outputs of a multi-class classifier: numbers of any size, probabilities that sum to one.

python examples/classifier_outputs.py
"""

import numpy as np

import stablemath_core as sm


def naive(x):
    with np.errstate(all="ignore"):
        return np.exp(x) / np.exp(x).sum()


outputs = np.array([-100, 1000, -100, 5, 10, 0.001])
print("outputs        ", outputs)
print("naive softmax  ", naive(outputs))
print("softmax        ", sm.softmax(outputs), "sum:", sm.softmax(outputs).sum())
print("log_softmax    ", sm.log_softmax(outputs))

# logsumexp is a smooth maximum: close to the largest, more so the further that one is ahead.
for x in ([11, 12, -1000, 5, 10, 0.001], [-1000, 1000, -1000, 5, 10, 0.001]):
    print(f"logsumexp({x}) = {sm.logsumexp(x)}")

# What each class would cost, were it the right one.
for label in range(len(outputs)):
    print(f"loss if {label} is right: {sm.softmax_cross_entropy(outputs, label):g}")
