"""scipy's own tests of the three functions, run with ours in their place.

scipy ships them inside its wheel.  Their classes become test classes of this module;
the fixtures they expect of scipy's conftest are the two below, for NumPy alone.
"""

import pytest

import stablemath_core as sm

pytest.importorskip("scipy")

from scipy._lib.array_api_compat import numpy as numpy_namespace
from scipy.special.tests import test_logsumexp as scipy_tests

TestScipyLogSumExp = scipy_tests.TestLogSumExp
TestScipySoftmax = scipy_tests.TestSoftmax
TestScipyLogSoftmax = scipy_tests.TestLogSoftmax


@pytest.fixture
def xp():
    return numpy_namespace


@pytest.fixture
def devices():
    return ["cpu", None]


@pytest.fixture
def warnings_are_errors():
    """Off: the tests' own references warn."""


@pytest.fixture(autouse=True)
def ours_swapped_in(monkeypatch):
    for name in ("logsumexp", "softmax", "log_softmax"):
        monkeypatch.setattr(scipy_tests, name, getattr(sm, name))


def test_the_suite_runs_ours():
    assert scipy_tests.logsumexp is sm.logsumexp
    assert "scipy" not in scipy_tests.softmax.__module__
