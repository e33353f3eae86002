"""scipy's own tests of expit, logit and log_expit, run with ours in their place."""

import pytest

import stablemath_core as sm

pytest.importorskip("scipy")

from scipy.special.tests import test_logit as scipy_tests

TestScipyLogit = scipy_tests.TestLogit
TestScipyExpit = scipy_tests.TestExpit
TestScipyLogExpit = scipy_tests.TestLogExpit


@pytest.fixture(autouse=True)
def ours_swapped_in(monkeypatch):
    for name in ("logit", "expit", "log_expit"):
        monkeypatch.setattr(scipy_tests, name, getattr(sm, name))


def test_the_suite_runs_ours():
    assert scipy_tests.expit is sm.expit
