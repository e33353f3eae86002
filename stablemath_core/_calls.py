"""The general path of a call, from its arguments to its result.

`_arguments` makes the operands, `_threads` shares the rows out, `_kernels` (or, for
dtypes without a kernel, `_plain`) computes them, and `deliver` hands the result over in
the shape and dtype asked for.
"""

import math

import numpy as np

from . import _arguments, _exact, _kernels, _plain
from ._quiet import quiet
from ._threads import by_rows

# Dimensions of an array up to which there is room, among the 64 that NumPy has, for three more.
_ROOMY = 61

# The error of a total, relative to its reference, for each of its terms: none is larger than 2.
_TOTAL = 2.0**-117

# The kernels call them for the rare row or prefix that their own extended precision cannot settle.
_kernels.set_exact(_exact.logsumexp, _exact.excess)


def log_of_total(a, axis, b, keepdims, return_sign, out, where, dtype, mean):
    """log|S| and the sign of S, the sum or the mean of b * exp(a)."""
    a, b, where, dtype = _arguments.operands(a, b, where, dtype, name="a", strict=True)
    a, b, where = (each if each is None else np.atleast_1d(each) for each in (a, b, where))
    axes = _arguments.axes(axis, a.ndim)
    shape = tuple(1 if i in axes else n for i, n in enumerate(a.shape) if keepdims or i not in axes)
    out, out_sign = _arguments.pair(out, "value, sign") if return_sign else (out, None)
    value_dtype = np.zeros(0, dtype).real.dtype if return_sign else dtype
    _arguments.check_out(out, shape, value_dtype, "out[0]" if return_sign else "out")
    _arguments.check_out(out_sign, shape, dtype, "out[1]")

    inputs = [a, b, where]
    computed = _arguments.computed_in(dtype)
    squeezed = tuple(axes) if keepdims else ()
    value = _target(out, shape, computed, inputs).squeeze(squeezed)
    sign = None
    if return_sign or b is not None or mean or dtype.kind == "c":
        sign = _target(out_sign, shape, computed, inputs).squeeze(squeezed)
    if 0 in a.shape:
        value[...] = -np.inf
        if sign is not None:
            sign[...] = 0
    else:
        _logs(*_with_room(axes, inputs, (value, sign)), mean)
    if sign is not None and dtype.kind != "c":
        sign[np.isnan(value)] = np.nan
        if not return_sign:
            value[sign < 0] = np.nan
    if not return_sign:
        return deliver(value.reshape(shape), dtype, out)
    return (
        deliver(value.real.reshape(shape), value_dtype, out),
        deliver(sign.reshape(shape), dtype, out_sign),
    )


def _logs(axes, a, b, where, value, sign, mean):
    """OUT value, sign (or None), of the kept shape."""
    engine = _engine(a)
    if mean:
        _means(axes, a, b, where, value, sign)
    elif b is None and a.dtype.kind != "c":
        _reduce("logsumexp", axes, a, where, value)
        if sign is not None:
            sign[...] = value != -np.inf
    else:

        def call(a, b, where, value, sign):
            return engine.weighted_logsumexp(a, b, axes, value, sign, where)

        by_rows(call, axes, (a, b, where), (value, sign))


def _means(axes, a, b, where, value, sign):
    """OUT value, sign: of sum(b exp(a)) / sum(b)."""
    if _engine(a) is _plain:
        _plain.logmeanexp(a, b, axes, value, sign, where)
        return
    if b is None:
        logs = _unweighted_means(axes, a, where)
        signs = np.array(logs != -np.inf, np.float64)
        open_rows = _maybe_rounded_twice(axes, a, where, logs)
    else:
        counts = _counts(axes, a, where)
        sums, weights = _totals_of(axes, a, b, where), _weights_of(axes, a, b, where)
        logs, signs = logs_of_totals(sums, weights)
        open_rows = _open(sums, weights, counts, logs, value.dtype)
    _settle_means(open_rows, axes, a, b, where, logs, signs)
    with quiet():
        value[...], sign[...] = logs, signs


def _settle_means(rows, axes, a, b, where, logs, signs):
    """IN/OUT logs, signs: those of the rows that a mask selects, by integers."""
    for row in map(tuple, np.argwhere(rows)):
        kept = iter(row)
        place = tuple(slice(None) if i in axes else next(kept) for i in range(a.ndim))
        shown = slice(None) if where is None else where[place].ravel()
        values = np.ravel(a[place])[shown].tolist()
        weights = [1.0] * len(values) if b is None else np.ravel(b[place])[shown].tolist()
        logs[row], signs[row] = _exact.logsumexp(values, weights, weights)


def _maybe_rounded_twice(axes, a, where, logs):
    """Which logs may have been rounded as a subnormal number before; not those of zeros alone."""
    near = np.abs(logs) < _kernels.TINY
    if near.any():
        near &= np.any(a, axis=axes, where=True if where is None else where)
    return near


def _open(sums, weights, counts, logs, dtype):
    """Where finite totals of so many terms do not settle the logs of their quotients."""
    with quiet():
        error = _TOTAL * counts * (1 / np.abs(sums[1]) + 1 / np.abs(weights[1]))
        settled = np.isfinite(logs) & (error <= 0.2 * np.finfo(dtype).eps * np.abs(logs))
    return ~settled & np.isfinite(sums[:2]).all(axis=0) & np.isfinite(weights[:2]).all(axis=0)


def _unweighted_means(axes, a, where):
    """log(mean(exp(a))) of each row, in float64."""
    counts = _counts(axes, a, where).astype(np.float64)
    logs, state = np.empty(counts.shape), np.empty((*counts.shape, 3))

    def call(a, where, logs, counts, state):
        _kernels.means(a, axes, logs, counts, _planes_first(state), where)

    by_rows(call, axes, (a, where), (logs, counts, state))
    logs[counts == 0] = -np.inf
    return logs


def totals(axes, a, b, where):
    """The totals sum(b exp(a)) and sum(b) (None for b None), and how many elements count; of the kept shape.

    A total is its four planes, an array of shape (4, *kept).
    """
    weights = None if b is None else _weights_of(axes, a, b, where)
    return _totals_of(axes, a, b, where), weights, _counts(axes, a, where)


def totals_of_counts(counts):
    """The totals of as many weights of one; relative to exp(0), or empty."""
    result = np.zeros((4, *counts.shape))
    result[0, ...][counts == 0] = -np.inf
    result[1] = counts
    return result


def added_totals(total, other):
    """A new total of what both are of."""
    result = total.copy()
    _kernels.add_totals(result.reshape(4, -1), other.reshape(4, -1))
    return result


def logs_of_totals(total, divisor=None):
    """log|total / divisor| and its sign, in float64."""
    value = np.empty(total.shape[1:])
    sign = np.empty(total.shape[1:])
    divisor = None if divisor is None else divisor.reshape(4, -1)
    _kernels.logs_of_totals(total.reshape(4, -1), value.reshape(-1), sign.reshape(-1), divisor)
    return value, sign


def _counts(axes, a, where):
    """How many elements of each row count."""
    if where is None:
        return np.full(_kept_shape(axes, a), math.prod(a.shape[i] for i in axes))
    return np.asarray(where.sum(axis=axes))


def _totals_of(axes, a, b, where):
    result = np.zeros((4, *_kept_shape(axes, a)))
    if 0 in a.shape:
        result[0] = -np.inf
        return result
    axes, a, b, where, planes = _with_room(axes, (a, b, where), (_planes_last(result),))

    def call(a, b, where, planes):
        _kernels.totals(a, axes, _planes_first(planes), where, b)

    by_rows(call, axes, (a, b, where), (planes,))
    return result


def _weights_of(axes, a, b, where):
    """The totals of the weights."""
    return _totals_of(axes, np.broadcast_to(np.zeros((), b.dtype), a.shape), b, where)


def _planes_last(planes):
    return planes.transpose(*range(1, planes.ndim), 0)


def _planes_first(planes):
    return planes.transpose(-1, *range(planes.ndim - 1))


def _kept_shape(axes, a):
    return tuple(n for i, n in enumerate(a.shape) if i not in axes)


def normalised(name, x, axis, out, where, dtype):
    """The softmax or log_softmax (`name`) of x."""
    x, _, where, dtype = _arguments.operands(x, None, where, dtype)
    axes = _nonempty_axes(axis, x)
    _arguments.check_out(out, x.shape, dtype)
    result = _target_like(out, dtype, x, where)
    if x.size:
        axes, x, where, filled = _with_room(axes, (x, where, result))
        _reduce(name, axes, x, where, None, filled)
    return deliver(result, dtype, out)


def value_and_softmax(x, axis, out, where):
    """logsumexp and softmax of x."""
    x, _, where, dtype = _arguments.operands(x, None, where)
    axes = _nonempty_axes(axis, x)
    shape = _kept_shape(axes, x)
    out, out_softmax = _arguments.pair(out, "value, softmax")
    _arguments.check_out(out, shape, dtype, "out[0]", dtype_is_given=False)
    _arguments.check_out(out_softmax, x.shape, dtype, "out[1]", dtype_is_given=False)
    value = _target(out, shape, _arguments.computed_in(dtype), [x, where])
    result = _target_like(out_softmax, dtype, x, where)
    if x.size:
        axes, x, where, filled, kept = _with_room(axes, (x, where, result), (value,))
        _reduce("logsumexp_and_softmax", axes, x, where, kept, filled)
    return deliver(value, dtype, out), deliver(result, dtype, out_softmax)


def running(a, axis, reverse, exclusive, out, dtype):
    """The logsumexp of every prefix of a."""
    a, _, _, dtype = _arguments.operands(a, dtype=dtype, name="a", foreign="", maskable=False)
    a = a.reshape(-1) if axis is None else a
    axis = 0 if axis is None else _arguments.axis_index(axis, max(a.ndim, 1), "None or an integer")
    _arguments.check_out(out, a.shape, dtype)
    result = _target_like(out, dtype, a)
    if a.size:
        x, filled = np.atleast_1d(a), result.reshape(1) if a.ndim == 0 else result
        kernel = _engine(x).logcumsumexp

        def call(x, filled):
            kernel(x, axis, filled, reverse, exclusive)

        by_rows(call, (axis,), (x,), (), (filled,))
    return deliver(result, dtype, out)


def _engine(x):
    return _kernels if x.dtype.char in "fd" else _plain


def _reduce(name, axes, x, where, value=None, result=None):
    """OUT value (kept shape), result (x's shape): what the function `name` gives of them."""
    engine = _engine(x)
    kernel = getattr(engine, name)
    kept = () if value is None else (value,)
    full = () if result is None else (result,)
    if engine is _kernels:
        kernel(x, axes, *kept, *full, where)
    else:
        by_rows(lambda x, where, *outputs: kernel(x, axes, *outputs, where), axes, (x, where), kept, full)


def _nonempty_axes(axis, x):
    if x.ndim == 0:
        # NumPy takes 0 and -1 for a scalar's axis, though not in a tuple.
        _arguments.axes(axis, 0 if isinstance(axis, tuple) else 1)
        return ()
    axes = _arguments.axes(axis, x.ndim)
    if any(x.shape[i] == 0 for i in axes):
        raise ValueError(f"softmax of no elements: an axis summed over has length 0 in {x.shape}")
    return axes


def _with_room(axes, arrays, kept=()):
    """The axes, arrays and `kept` ones (which lack the axes), so that there is an axis and room for more.

    No axes at all become one of length one, added last.  Of nearly as many dimensions as
    NumPy has, most can only have length one; those that are not summed over go.
    """
    shape = arrays[0].shape
    if len(shape) > _ROOMY:
        ones = tuple(i for i, n in enumerate(shape) if n == 1 and i not in axes)
        axes = tuple(i - sum(each < i for each in ones) for i in axes)
        arrays = [each if each is None else each.squeeze(ones) for each in arrays]
        kept = [each if each is None else each.squeeze() for each in kept]
    if not axes:
        axes = (arrays[0].ndim,)
        arrays = [each if each is None else each[..., np.newaxis] for each in arrays]
    return axes, *arrays, *kept


def _target(out, shape, dtype, inputs):
    """`out` if a kernel may write there, else a new array."""
    if _arguments.writable_as_is(out, dtype, *inputs):
        return out
    return np.empty(shape, dtype)


def _target_like(out, dtype, x, *inputs):
    """The same for an elementwise result; a new one has x's memory order, if it has one."""
    dtype = _arguments.computed_in(dtype)
    if _arguments.writable_as_is(out, dtype, *inputs, in_place=x):
        return out
    return _kernels.empty_like(x, dtype)


def deliver(result, dtype, out):
    """The result in its dtype: `out` itself, an array, or a scalar for no dimensions."""
    if out is None:
        return _rounded(result, dtype)[()] if result.ndim == 0 else _rounded(result, dtype)
    # What was computed in `out` is there, but for the real part of a complex number.
    if result.dtype != out.dtype or not np.may_share_memory(result, out):
        out[...] = _rounded(result, dtype)
    return out


def _rounded(result, dtype):
    if result.dtype == dtype:
        return result
    with quiet():
        return result.astype(dtype)
