"""How close two results are, for tests against another implementation."""

import numpy as np

# Relative differences that the other implementations' own errors account for.
TOLERANCE = {"e": 4e-3, "f": 1e-4, "d": 1e-11, "g": 1e-14, "F": 1e-4, "D": 1e-11, "G": 1e-14}


def assert_same(got, expected, rtol=None):
    """The same kind of object, dtype and shape, and values as close as can be asked."""
    assert type(got) is type(expected)
    assert got.dtype == expected.dtype
    assert got.shape == expected.shape
    assert got.dtype.isnative
    rtol = TOLERANCE[got.dtype.char] if rtol is None else rtol
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=rtol / 5)


def assert_identical(got, expected):
    """The same bits, nan for nan."""
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(np.signbit(got.real), np.signbit(expected.real))


def outcome(function, *arguments, **options):
    """The result of a call, or the kind of error that it raises."""
    try:
        return function(*arguments, **options)
    except Exception as error:
        kinds = (np.exceptions.AxisError, OverflowError, TypeError, ValueError)
        return next((kind for kind in kinds if isinstance(error, kind)), type(error))
