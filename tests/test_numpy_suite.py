"""NumPy's own tests of logaddexp, run with ours in its place."""

import pytest

import stablemath_core as sm

numpy_tests = pytest.importorskip("numpy._core.tests.test_umath")

TestNumpyLogAddExp = numpy_tests.TestLogAddExp


class Namespace:
    """NumPy, but for logaddexp."""

    logaddexp = sm.logaddexp

    def __getattr__(self, name):
        import numpy

        return getattr(numpy, name)


@pytest.fixture(autouse=True)
def ours_swapped_in(monkeypatch):
    monkeypatch.setattr(numpy_tests, "np", Namespace())


def test_the_suite_runs_ours():
    assert numpy_tests.np.logaddexp is sm.logaddexp
