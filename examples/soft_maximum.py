"""Softmax is a soft argmax, logsumexp the soft maximum: shifts, bounds and temperature.

python examples/soft_maximum.py
"""

import math

import numpy as np

import stablemath_core as sm

for x in ([1000.0, 1000.0, 1000.0], [-1000.0, -1000.0, -1000.0]):
    print(f"softmax({x}) = {sm.softmax(x)}")
print(
    "cross entropy with any label:",
    sm.softmax_cross_entropy([1000.0, 1000.0, 1000.0], 0),
    "= log 3 =",
    math.log(3),
)

x = np.array([1.0, 3.0, 2.5, -4.0])
print("\nmax(x) <= logsumexp(x) <= max(x) + log n:")
print(" ", x.max(), "<=", sm.logsumexp(x), "<=", x.max() + math.log(len(x)))
print("equal elements reach the upper bound:", sm.logsumexp(np.zeros(4)), "=", math.log(4))

print("\nthe colder, the closer to the maximum and to its place:")
for temperature in (10, 1, 0.1, 0.001):
    soft_maximum = temperature * sm.logsumexp(x / temperature)
    print(f"  T = {temperature:<6} {soft_maximum:<20} {sm.softmax(x / temperature).round(4)}")
