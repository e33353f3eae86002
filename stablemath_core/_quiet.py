"""Floating-point warnings that would be false alarms."""

import numpy as np


def quiet():
    """Overflow to inf and underflow to 0 are right answers here, and nan comes out only
    where the input asks for it."""
    return np.errstate(all="ignore")
