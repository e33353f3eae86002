"""The plain NumPy twin of the compiled kernels.

Every function here has the name, the arguments and the special values of its
namesake in ``_kernels``, for any floating or complex dtype.  It serves the dtypes
that have no kernel (longdouble, complex) and, run in longdouble, is the tests'
second opinion on those that have one.  It favours clearness over speed and copies
its input, but gives away no digits that its own precision can hold:

- the rounding error of ``x - max`` is kept and folded into the exponential;
- one occurrence of the maximum stays out of the sum, ``rest = sum(exp(x - max)) - 1``,
  so that ``max + log1p(rest)`` keeps a tail far below one;
- weights join the maximum as ``log|b|``, so that no weight over- or underflows.
"""

import numpy as np

from ._quiet import quiet


def logsumexp(a, axes, out, where=None, divisor=None):
    """OUT out: log(sum(exp(a))) over `axes`, of the kept shape."""
    weighted_logsumexp(a, None, axes, out, None, where, divisor)


def weighted_logsumexp(a, b, axes, out, sign, where=None, divisor=None):
    """OUT out, sign: log|S| (complex: log S) and S/|S| of S = sum(b * exp(a)).

    Both have the kept shape.  `divisor`, of the kept shape, divides S.
    """
    with quiet():
        x = _rows(a, axes)
        w = None if b is None else _rows(b, axes)
        absent = False if w is None else w == 0
        if where is not None:
            absent = absent | ~_rows(where, axes)
        x = np.where(absent, -np.inf, x)
        w = None if w is None else np.where(absent, 1, w)

        top = _top(x.real if w is None else x.real + np.log(np.abs(w)))
        peak = _pick(x, top)
        scale = np.ones((), x.dtype) if w is None else _pick(w, top)
        # A row without elements has nothing to shift by.
        terms = _ratio(x, np.where(np.isneginf(peak.real), 0, peak), w, scale)
        np.put_along_axis(terms, top, 0, axis=-1)
        rest = terms.sum(axis=-1)
        scale = np.broadcast_to(scale, peak.shape)[..., 0]
        value, phase = _log(peak[..., 0], scale, rest, divisor)

        odd = ~np.isfinite(value) & _any_infinite(x, w)
        if odd.any():
            direct = _sum_by_infinities(x, w)
            value = np.where(odd, _log_of(direct), value)
            phase = np.where(odd, np.sign(direct), phase)
        out[...] = value
        if sign is not None:
            sign[...] = phase


def logmeanexp(a, b, axes, out, sign, where=None):
    """OUT out, sign: as weighted_logsumexp (b may be None), of sum(b * exp(a)) / sum(b)."""
    with quiet():
        weights = np.ones_like(a) if b is None else b
        present = weights != 0 if where is None else where & (weights != 0)
        total = np.where(present, weights, 0).sum(axis=axes)
        # No elements have no weight: their mean is the empty sum.
        total = np.where(present.any(axis=axes), total, 1)
    weighted_logsumexp(a, b, axes, out, sign, where, total)


def softmax(a, axes, out, where=None):
    """OUT out: exp(a) / sum(exp(a)), of a's shape; masked elements give 0."""
    with quiet():
        x, present = _present(a, axes, where)
        top = _top(x.real)
        powers = _ratio(x, _pick(x, top))
        result = powers / powers.sum(axis=-1, keepdims=True)
        _put_rows(out, axes, np.where(present, result, 0))


def log_softmax(a, axes, out, where=None):
    """OUT out: a - log(sum(exp(a))), of a's shape; masked elements give -inf."""
    with quiet():
        x, present = _present(a, axes, where)
        top = _top(x.real)
        peak = _pick(x, top)
        shifted, error = difference(x, peak)
        terms = exp(shifted, error)
        np.put_along_axis(terms, top, 0, axis=-1)
        rest = terms.sum(axis=-1, keepdims=True)
        # Beside an infinite maximum every finite element has probability zero.
        rest = np.where(np.isposinf(peak.real), 0, rest)
        result = (shifted - _log1p(rest)) + error
        _put_rows(out, axes, np.where(present, result, -np.inf))


def logsumexp_and_softmax(a, axes, value, out, where=None):
    """OUT value, out: logsumexp of the kept shape and softmax of a's shape."""
    logsumexp(a, axes, value, where)
    softmax(a, axes, out, where)


def logcumsumexp(a, axis, out, reverse=False, exclusive=False):
    """OUT out: the logsumexp of every prefix along `axis`, of a's shape.

    The states (max, rest) of all prefixes at once: after step k, each covers its
    last 2**k elements, so log2(n) merges of whole arrays do what n would.
    """
    with quiet():
        x = np.moveaxis(a, axis, -1)
        x = x[..., ::-1] if reverse else x
        if exclusive:
            first = np.full_like(x[..., :1], -np.inf)
            x = np.concatenate([first, x[..., :-1]], axis=-1)
        peak, rest = x.copy(), np.zeros_like(x)
        step = 1
        while step < x.shape[-1]:
            peak[..., step:], rest[..., step:] = _merge(
                peak[..., :-step], rest[..., :-step], peak[..., step:], rest[..., step:]
            )
            step *= 2
        result = peak + _log1p(rest)
        np.moveaxis(out, axis, -1)[...] = result[..., ::-1] if reverse else result


def _merge(peak, rest, other_peak, other_rest):
    """The state of two sets together, from the state (max, rest) of each."""
    swap = (other_peak.real > peak.real) | np.isnan(other_peak.real)
    high, low = np.where(swap, other_peak, peak), np.where(swap, peak, other_peak)
    rest_high = np.where(swap, other_rest, rest)
    rest_low = np.where(swap, rest, other_rest)
    scale = exp(*difference(low, high))
    # Equal infinities have no difference: two empty states stay empty, and two
    # infinite ones infinite.
    scale = np.where(np.isinf(high.real) & (low.real == high.real), 0, scale)
    return high, rest_high + (1 + rest_low) * scale


def _rows(x, axes):
    """x with `axes` moved last and joined into one."""
    last = tuple(range(-len(axes), 0))
    x = np.moveaxis(x, axes, last)
    return x.reshape((*x.shape[: x.ndim - len(axes)], -1))


def _put_rows(out, axes, rows):
    """The inverse of _rows: write `rows` into `out`."""
    last = tuple(range(-len(axes), 0))
    view = np.moveaxis(out, axes, last)
    view[...] = rows.reshape(view.shape)


def _present(a, axes, where):
    """The rows of a with masked elements made -inf, and where a row has elements.

    A row without any is all zeros, so that no nan arises; its results are replaced.
    """
    x = _rows(a, axes)
    if where is None:
        return x, np.True_
    present = _rows(where, axes)
    empty = ~present.any(axis=-1, keepdims=True)
    return np.where(present, x, np.where(empty, 0, -np.inf)).astype(x.dtype), present


def _top(x):
    """The index of the largest element (the first nan, if any) of each row."""
    return np.argmax(x, axis=-1, keepdims=True)


def _pick(x, index):
    return np.take_along_axis(x, index, axis=-1)


def difference(x, y):
    """x - y rounded, and the rounding error (zero where the difference is not finite)."""
    high = x - y
    back = high - x
    error = (x - (high - back)) - (y + back)
    return high, np.where(np.isfinite(high), error, 0)


def exp(high, low):
    """exp(high + low) for a small `low`."""
    power = np.exp(high)
    return np.where(low == 0, power, power + power * low)


def _ratio(x, peak, w=None, scale=None):
    """w exp(x) / (scale exp(peak)), neither quotient over- nor underflowing alone."""
    shift, error = difference(x, peak)
    if w is None:
        return exp(shift, error)
    # The weights' powers of two go into the exponent, where they can meet the
    # elements' own before exp takes them out of range.
    exponents = _exponent(w) - _exponent(scale)
    total, residue = _sum(shift, exponents * _LN2_HIGH)
    error = error + residue + exponents * _LN2_LOW.astype(x.real.dtype)
    total, error = _sum(total, np.where(np.isfinite(total), error, 0))
    power = exp(total, np.where(np.isfinite(total), error, 0))
    return _mantissa(w) / _mantissa(scale) * power


def _sum(x, y):
    """x + y rounded, and the rounding error."""
    high = x + y
    back = high - x
    return high, (x - (high - back)) + (y - back)


def _exponent(w):
    """The power of two that brings |w| into [1/2, 1), as a float of w's precision."""
    return np.frexp(np.abs(w))[1].astype(w.real.dtype)


def _mantissa(w):
    power = -np.frexp(np.abs(w))[1]
    if np.iscomplexobj(w):
        return np.ldexp(w.real, power) + 1j * np.ldexp(w.imag, power)
    return np.ldexp(w, power)


# log(2) in two parts: the first, of 8 bits, times any exponent (15 bits) is exact.
_LN2_HIGH = np.float32(177 / 256)
_LN2_LOW = np.longdouble("0.00174093055994530941723212145817656808")


def _log1p(rest):
    """log(1 + rest); NumPy's own takes the real part of a complex one by log."""
    if not np.iscomplexobj(rest):
        return np.log1p(rest)
    return _complex(_log_abs1p(rest), np.arctan2(rest.imag, 1 + rest.real))


def _log_abs1p(rest):
    """log|1 + rest|, right to the last digits for a small `rest` and near rest = -2."""
    if not np.iscomplexobj(rest):
        return np.log1p(np.where(rest < -1, -2 - rest, rest))
    x, y = rest.real, rest.imag
    near = np.log1p(x * (2 + x) + y * y) / 2
    far = np.log(np.hypot(1 + x, y))
    return np.where(np.hypot(x, y) < 0.5, near, far)


def _log(peak, scale, rest, divisor):
    """log and sign of exp(peak) * scale * (1 + rest) / divisor; the sign is a phase."""
    below = np.ones_like(scale) if divisor is None else divisor
    logs = _log_abs1p(rest) + np.log(np.abs(scale))
    logs = logs if divisor is None else logs - np.log(np.abs(below))
    phase = np.sign(scale) * np.sign(1 + rest) * np.sign(np.where(below == 0, 1, below))
    if np.iscomplexobj(rest):
        phase = phase * np.exp(1j * peak.imag)
        phase = np.where(phase == 0, 0, phase)
        return _complex(peak.real + logs, _in_half_open(np.arctan2(phase.imag, phase.real))), phase
    # Where the factor is near one, as in a mean of nearly equal terms, its logarithms
    # would cancel; its distance from one need not.
    excess = (scale - below + scale * rest) / below
    logs = np.where(np.abs(excess) < 0.25, np.log1p(excess), logs)
    phase = np.where(np.isneginf(peak), 0, phase)
    return np.where(phase == 0, -np.inf, peak + logs), phase


def _any_infinite(x, w):
    """Whether a row holds an infinity or nan; a real -inf is only an absent element."""
    odd = ~np.isfinite(x) if np.iscomplexobj(x) else np.isnan(x) | np.isposinf(x)
    return (odd if w is None else odd | ~np.isfinite(w)).any(axis=-1)


def _sum_by_infinities(x, w):
    """The sum of w exp(x) where an infinity or nan decides it, by C's rules for them."""
    if w is None:
        return np.exp(np.where(np.isfinite(x), -np.inf, x)).sum(axis=-1)
    finite = np.isfinite(x)
    terms = w * np.exp(np.where(finite, 0, x))
    return np.where(finite & np.isfinite(w), 0, terms).sum(axis=-1)


def _log_of(total):
    if not np.iscomplexobj(total):
        return np.log(np.abs(total))
    value = np.log(total)
    return _complex(value.real, _in_half_open(value.imag))


def _complex(real, imag):
    """real + 1j * imag, infinities untouched."""
    result = np.empty(real.shape, np.result_type(real, 1j))
    result.real, result.imag = real, imag
    return result


def _in_half_open(angle):
    """The same direction, with -pi turned to pi."""
    return np.where(angle <= -np.pi, -angle, angle)
