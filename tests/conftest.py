"""Fixtures shared by the tests.

Which instruction set's table they run on is the environment's business (STABLEMATH_ISA);
the Makefile runs the whole suite once for each.
"""

import numpy as np
import pytest

import stablemath_core as sm
from stablemath_core._bench.peers import FUNCTIONS


def pytest_configure(config):
    # Marks that scipy's and NumPy's own tests carry.
    for mark in ("array_api_backends", "skip_xp_backends", "xfail_xp_backends", "thread_unsafe", "slow"):
        config.addinivalue_line("markers", f"{mark}: of scipy's or NumPy's conftest")


@pytest.fixture
def rng():
    return np.random.default_rng(20240229)


@pytest.fixture(params=FUNCTIONS)
def name(request):
    """The name of one of scipy's three functions."""
    return request.param


@pytest.fixture
def ours(name):
    return getattr(sm, name)


@pytest.fixture
def theirs(name):
    return getattr(pytest.importorskip("scipy.special"), name)


@pytest.fixture(params=["float32", "float64"])
def dtype(request):
    """A dtype with kernels of its own."""
    return np.dtype(request.param)


@pytest.fixture(params=["float16", "float32", "float64", "longdouble", "complex64", "complex128"])
def any_dtype(request):
    return np.dtype(request.param)


@pytest.fixture(autouse=True)
def warnings_are_errors(recwarn):
    """No call under test may warn, but where the test itself expects it."""
    yield
    assert not [str(each.message) for each in recwarn if each.category is RuntimeWarning]
