# cython: language_level=3, autotestdict=False
"""The public reductions: scipy's conventions in, kernels' results out.

Each function tries the kernels' quick path for a plain small array first, then takes
the general one through `_calls`.  This module is compiled as it stands: that takes the
arguments of a small call apart in half the time.
"""

from . import _calls, _kernels, _lazy

_fast_logcumsumexp = _kernels.fast_logcumsumexp
_fast_logmeanexp = _kernels.fast_logmeanexp
_fast_logsumexp = _kernels.fast_logsumexp
_fast_logsumexp_and_softmax = _kernels.fast_logsumexp_and_softmax
_fast_weighted_logsumexp = _kernels.fast_weighted_logsumexp
_fast_softmax = _kernels.fast_softmax
_fast_log_softmax = _kernels.fast_log_softmax


def logsumexp(a, axis=None, b=None, keepdims=False, return_sign=False, *, out=None, where=None, dtype=None):
    """The logarithm of the sum of the exponentials, ``log(sum(b * exp(a)))``.

    A drop-in for `scipy.special.logsumexp`.

    Parameters
    ----------
    a : array_like
        Real or complex numbers.
    axis : None, int or tuple of ints, optional
        Axes summed over; None means all, ``()`` none.
    b : array_like, optional
        Weights, broadcast against `a` (either may be the larger).  They may be
        negative, and of any size; a weight of zero hides its element, even inf or nan.
    keepdims : bool, optional
        Keep the summed axes with length one.
    return_sign : bool, optional
        Return also the sign of the sum, and the logarithm of its absolute value.
    out : ndarray, or a pair of them with `return_sign`, optional
        Where to write the result: of its shape, and of a dtype that holds it safely.
    where : array_like of bool, optional
        Elements that count, broadcast against `a` (either may be the larger); a masked
        element is as absent, even inf or nan.
    dtype : dtype, optional
        The dtype computed in and returned.  Default: the operands' common dtype, and
        float64 for integers and bool.

    Returns
    -------
    value : ndarray or scalar
        Of the shape of `a`, `b` and `where` broadcast together, on which `axis` counts,
        without the axes summed over; a NumPy scalar if none is left.
    sign : ndarray or scalar
        With `return_sign` only: 1, 0, -1, or the phase of a complex sum.

    Raises
    ------
    numpy.exceptions.AxisError
        If an axis is out of range.
    TypeError
        If `axis` is no integer, an array is masked, a matrix or of a dtype that holds
        no numbers (text and dates become float64, as in scipy), or `out` cannot hold
        the result.
    ValueError
        If an axis is repeated, shapes do not broadcast, `out` has the wrong shape, or
        text is no number.

    See Also
    --------
    softmax : its gradient.
    logsumexp_and_softmax : both at once.
    logmeanexp, logcumsumexp
    LogSumExp : the same over data that come in pieces.

    Notes
    -----
    The error is at most 1 ulp for float32 and float64 (float16: computed in float32
    and rounded), on every axis and for every layout.  A sum of no elements is -inf
    with sign 0.  A negative sum gives nan, unless `return_sign`.  An element inf gives
    inf, nan gives nan; neither warns.

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham: Accurately computing the log-sum-exp and
    softmax functions.  IMA Journal of Numerical Analysis 41 (2021).

    Examples
    --------
    >>> import numpy as np
    >>> import stablemath_core as sm
    >>> sm.logsumexp([1000.0, 1000.0, 1000.0])
    np.float64(1001.0986122886682)
    >>> sm.logsumexp([1000.0, 0.0], b=[1.0, -3.0], return_sign=True)
    (np.float64(1000.0), np.float64(1.0))
    >>> sm.logsumexp([[1.0, 2.0], [3.0, np.nan]], axis=1, where=[[True, True], [True, False]])
    array([2.31326169, 3.        ])
    """
    if dtype is None and b is None and not return_sign:
        result = _fast_logsumexp(a, axis, keepdims, out, where)
        if result is not None:
            return result
        if out is None and where is None and _lazy.is_lazy(a):
            return _lazy.reduced(logsumexp, a, axis, keepdims)
    elif dtype is None and b is not None and out is None:
        result = _fast_weighted_logsumexp(a, axis, b, keepdims, return_sign, where)
        if result is not None:
            return result
    return _calls.log_of_total(a, axis, b, keepdims, return_sign, out, where, dtype, mean=False)


def logmeanexp(a, axis=None, b=None, keepdims=False, return_sign=False, *, out=None, where=None, dtype=None):
    """The logarithm of the mean of the exponentials, ``log(mean(exp(a)))``.

    With weights, of their weighted mean ``sum(b * exp(a)) / sum(b)``; with a mask, of
    the mean over the unmasked elements.

    Parameters
    ----------
    a, axis, b, keepdims, return_sign, out, where, dtype
        As for `logsumexp`.

    Returns
    -------
    value, sign
        As for `logsumexp`.

    Raises
    ------
    AxisError, TypeError, ValueError
        As `logsumexp` does.

    Notes
    -----
    The division happens before the logarithm, so nothing cancels: the error is at most
    1 ulp for float32 and float64.  The mean of no elements is -inf with sign 0.
    Weights that cancel out to a total of zero give an infinite mean.

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham: Accurately computing the log-sum-exp and
    softmax functions.  IMA Journal of Numerical Analysis 41 (2021).

    Examples
    --------
    >>> import stablemath_core as sm
    >>> sm.logmeanexp([1000.0, 1000.0, 1000.0])
    np.float64(1000.0)
    >>> sm.logmeanexp([0.0, 1e-10])
    np.float64(5.000000000125e-11)
    """
    if b is None and out is None and where is None and dtype is None and not return_sign:
        result = _fast_logmeanexp(a, axis, keepdims)
        if result is not None:
            return result
    return _calls.log_of_total(a, axis, b, keepdims, return_sign, out, where, dtype, mean=True)


def softmax(x, axis=None, *, out=None, where=None, dtype=None):
    """The softmax function, ``exp(x) / sum(exp(x))``.

    A drop-in for `scipy.special.softmax`.

    Parameters
    ----------
    x : array_like
        Real or complex numbers.
    axis : None, int or tuple of ints, optional
        Axes over which the result sums to one; None means all.
    out : ndarray, optional
        Where to write the result: of its shape, and of a dtype that holds it safely.
        It may be `x` itself or overlap it.
    where : array_like of bool, optional
        Elements that count, broadcast against `x` (either may be the larger).
    dtype : dtype, optional
        The dtype computed in and returned.  Default: that of `x`, and float64 for
        integers and bool.

    Returns
    -------
    ndarray or scalar
        Of the shape of `x`, in `x`'s memory order; with `where`, of the shape of the two
        broadcast together, on which `axis` counts.

    Raises
    ------
    numpy.exceptions.AxisError
        If an axis is out of range.
    TypeError
        If `axis` is no integer, `x` is a masked array or of a dtype that holds no
        numbers, or `out` cannot hold the result.
    ValueError
        If an axis is repeated or of length zero, shapes do not broadcast, or `out` has
        the wrong shape.

    See Also
    --------
    log_softmax, logsumexp_and_softmax

    Notes
    -----
    The error is at most 2 ulp in each element for float32 and float64 (where the result
    is subnormal, one smallest subnormal more).  A masked element gives 0, and so does
    a row without any other.  A row with inf, or of -inf alone, gives nan.

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham: Accurately computing the log-sum-exp and
    softmax functions.  IMA Journal of Numerical Analysis 41 (2021).

    Examples
    --------
    >>> import stablemath_core as sm
    >>> sm.softmax([1000.0, 1000.0, 1000.0, 1000.0])
    array([0.25, 0.25, 0.25, 0.25])
    >>> sm.softmax([[1.0, 1.0, 7.0], [2.0, 2.0, 2.0]], axis=-1, where=[True, True, False])
    array([[0.5, 0.5, 0. ],
           [0.5, 0.5, 0. ]])
    """
    if dtype is None:
        result = _fast_softmax(x, axis, out, where)
        if result is not None:
            return result
        if out is None and where is None and _lazy.is_lazy(x):
            return _lazy.along(softmax, x, axis)
    return _calls.normalised("softmax", x, axis, out, where, dtype)


def log_softmax(x, axis=None, *, out=None, where=None, dtype=None):
    """The logarithm of the softmax function, ``x - log(sum(exp(x)))``.

    A drop-in for `scipy.special.log_softmax`.

    Parameters
    ----------
    x, axis, out, where, dtype
        As for `softmax`.

    Returns
    -------
    ndarray or scalar
        Of the shape and memory order that `softmax` gives.

    Raises
    ------
    AxisError, TypeError, ValueError
        As `softmax` does.

    See Also
    --------
    softmax, logsumexp

    Notes
    -----
    The error is at most 2 ulp in each element for float32 and float64 (where the result
    is subnormal, one smallest subnormal more), the largest element's included: its result
    is the tail that the others leave, however small.
    A masked element gives -inf, and so does a row without any other.  A row of -inf
    alone gives nan; beside one inf, finite elements give -inf and the inf nan.

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham: Accurately computing the log-sum-exp and
    softmax functions.  IMA Journal of Numerical Analysis 41 (2021).

    Examples
    --------
    >>> import stablemath_core as sm
    >>> sm.log_softmax([0.0, 0.0])
    array([-0.69314718, -0.69314718])
    >>> sm.log_softmax([0.0, -50.0])[0]
    np.float64(-1.9287498479639178e-22)
    """
    if dtype is None:
        result = _fast_log_softmax(x, axis, out, where)
        if result is not None:
            return result
        if out is None and where is None and _lazy.is_lazy(x):
            return _lazy.along(log_softmax, x, axis)
    return _calls.normalised("log_softmax", x, axis, out, where, dtype)


def logsumexp_and_softmax(x, axis=None, *, out=None, where=None):
    """logsumexp and its gradient softmax, from one pass over the maximum and the sum.

    Parameters
    ----------
    x : array_like
        Real or complex numbers.
    axis : None, int or tuple of ints, optional
        Axes summed over; None means all.
    out : pair of ndarray, optional
        Where to write the value and the softmax; either may be None.  The second may
        be `x` itself or overlap it.
    where : array_like of bool, optional
        Elements that count, broadcast against `x` (either may be the larger).

    Returns
    -------
    value : ndarray or scalar
        ``logsumexp(x, axis, where=where)``, but for the last digit, which may be another
        of those within an ulp.
    gradient : ndarray or scalar
        ``softmax(x, axis, where=where)``.

    Raises
    ------
    AxisError, TypeError, ValueError
        As `softmax` does.

    Notes
    -----
    Error bounds and special values are those of the two functions.

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham: Accurately computing the log-sum-exp and
    softmax functions.  IMA Journal of Numerical Analysis 41 (2021).

    Examples
    --------
    >>> import stablemath_core as sm
    >>> value, gradient = sm.logsumexp_and_softmax([1000.0, 1000.0])
    >>> value, gradient
    (np.float64(1000.6931471805599), array([0.5, 0.5]))
    """
    if out is None:
        result = _fast_logsumexp_and_softmax(x, axis, where)
        if result is not None:
            return result
    return _calls.value_and_softmax(x, axis, out, where)


def logcumsumexp(a, axis=-1, *, reverse=False, exclusive=False, out=None, dtype=None):
    """The logsumexp of every prefix, ``log(cumsum(exp(a)))``.

    Parameters
    ----------
    a : array_like
        Real or complex numbers.
    axis : int or None, optional
        The axis run along; None means all elements as one row, in C order.
    reverse : bool, optional
        Run from the end: the logsumexp of every suffix.
    exclusive : bool, optional
        Leave an element out of its own prefix, so that the first result is -inf.
    out : ndarray, optional
        Where to write the result: of its shape, and of a dtype that holds it safely.
        It may be `a` itself or overlap it.
    dtype : dtype, optional
        The dtype computed in and returned.  Default: that of `a`, and float64 for
        integers and bool.

    Returns
    -------
    ndarray or scalar
        Of the shape of `a` (of one axis, if `axis` is None).

    Raises
    ------
    AxisError, TypeError, ValueError
        As `softmax` does.

    Notes
    -----
    The error is at most 1 ulp for every prefix in float32 and float64.  Special values
    are those of logsumexp of the prefix.

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham: Accurately computing the log-sum-exp and
    softmax functions.  IMA Journal of Numerical Analysis 41 (2021).

    T. J. Dekker: A floating-point technique for extending the available precision.
    Numerische Mathematik 18 (1971).

    Examples
    --------
    >>> import stablemath_core as sm
    >>> sm.logcumsumexp([1000.0, 1000.0, 1000.0])
    array([1000.        , 1000.69314718, 1001.09861229])
    >>> sm.logcumsumexp([0.0, 0.0, 0.0], reverse=True, exclusive=True)
    array([0.69314718, 0.        ,       -inf])
    """
    if dtype is None:
        result = _fast_logcumsumexp(a, axis, reverse, exclusive, out)
        if result is not None:
            return result
    return _calls.running(a, axis, reverse, exclusive, out, dtype)
