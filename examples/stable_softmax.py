"""Where softmax overflows and underflows, log_softmax as surprisal, and the gradient of logsumexp.

python examples/stable_softmax.py
"""

import numpy as np

import stablemath_core as sm

print("softmax([1, 2, 3, 4])            ", sm.softmax([1, 2, 3, 4]))

with np.errstate(all="ignore"):
    print("exp(709.782), exp(709.783)       ", np.exp(709.782), np.exp(709.783))
    print("exp(-745), exp(-746)             ", np.exp(-745.0), np.exp(-746.0))
for x in ([600, 700, 800], [-1000, -900, -800]):
    print(f"softmax({x})".ljust(33), sm.softmax(x))

print("log_softmax([700, 800, 900, 1000])", sm.log_softmax([700, 800, 900, 1000]))
print("  its last element, -exp(-100):   ", sm.log_softmax([700, 800, 900, 1000])[-1])

# The surprisal of the right class is the loss that training minimises: the negative log likelihood.
logits = np.array([[2.0, 0.5, -1.0], [0.0, 3.0, 0.1]])
labels = np.array([0, 2])
surprisal = -sm.log_softmax(logits, axis=1)
print("surprisal of each class\n", surprisal)
print("mean of the labels' surprisals   ", surprisal[[0, 1], labels].mean())
print("softmax_cross_entropy            ", sm.softmax_cross_entropy(logits, labels))

# The gradient of logsumexp is softmax; it is convex, so no chord runs below it.
value, gradient = sm.logsumexp_and_softmax(logits[0])
h = 1e-6
differences = [
    (sm.logsumexp(logits[0] + h * e) - sm.logsumexp(logits[0] - h * e)) / (2 * h) for e in np.eye(3)
]
print("gradient of logsumexp            ", gradient)
print("by differences                   ", np.array(differences))
a, b = logits
print("convex:", sm.logsumexp((a + b) / 2), "<=", (sm.logsumexp(a) + sm.logsumexp(b)) / 2)

# Over one dimension or over all, kept or dropped.
x = np.arange(6.0).reshape(2, 3)
print("axis=1                           ", sm.logsumexp(x, axis=1))
print("axis=1, keepdims                 ", sm.logsumexp(x, axis=1, keepdims=True).tolist())
print("all                              ", sm.logsumexp(x))
