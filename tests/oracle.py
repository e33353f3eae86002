"""Exact results, to far more digits than a double has, and errors measured in ulp against them.

Reductions are summed as integers, of which mpmath gives the exponentials and the logarithm;
elementwise functions are mpmath's, at a precision doubled until two agree.
"""

import functools
import math

import mpmath
import numpy as np
from mpmath.libmp import from_man_exp
from mpmath.libmp.libelefun import exp_fixed, ln2_fixed

BITS = 200  # of every exponential
POINT = 1074  # every double is an integer in units of 2**-1074
FINE = 1500  # bits after the point of a sum: what is smaller rounds to 0 in any dtype
DIGITS = 120  # kept of a result, in bits


class Exact:
    """An array of numbers (high + low) 2**exponent; high may be infinite."""

    def __init__(self, high, low, exponent):
        self.high, self.low, self.exponent = high, low, exponent

    @classmethod
    def of_integers(cls, numbers, exponents):
        """Of pairs n, e that stand for n 2**e; a float n (infinite) for itself."""
        parts = [_split(n, e) for n, e in zip(numbers, exponents, strict=True)]
        high, low, exponent = zip(*parts, strict=True)
        return cls(np.array(high), np.array(low), np.array(exponent, np.int64))

    @classmethod
    def of_mpf(cls, numbers):
        pairs = [_integer_of_mpf(number) for number in numbers]
        return cls.of_integers(*zip(*pairs, strict=True))

    @classmethod
    def stacked(cls, rows):
        return cls(*(np.stack([getattr(row, name) for row in rows]) for name in ("high", "low", "exponent")))

    def reshape(self, *shape):
        return Exact(*(each.reshape(*shape) for each in (self.high, self.low, self.exponent)))

    def __float__(self):
        return float(np.ldexp(self.high, np.clip(self.exponent, -5000, 5000)).item())


def ulp_error(computed, exact):
    """How many units in the last place of its exact value, in its own dtype, each element is off.

    The unit of a value below the dtype's smallest normal number is its smallest subnormal;
    of a value that rounds to infinity, infinity is right.
    """
    computed = np.asarray(computed)
    kind = np.finfo(computed.dtype)
    with np.errstate(all="ignore"):
        value = np.ldexp(computed.astype(np.float64), -exact.exponent)
        difference = np.abs((value - exact.high) - exact.low)
        mantissa, binade = np.frexp(exact.high)
        # a number just below a power of two belongs to the binade below
        below = (np.abs(mantissa) == 0.5) & (exact.low * mantissa < 0)
        unit = binade - below - 1 - kind.nmant
        unit = np.maximum(unit, kind.minexp - kind.nmant - exact.exponent)
        error = np.ldexp(difference, -unit)
        error = np.where(exact.high == 0, np.ldexp(difference, kind.nmant - kind.minexp), error)
        size = np.abs(np.ldexp(exact.high, exact.exponent))
        overflows = size >= np.ldexp(1 - 0.25 * float(kind.eps), kind.maxexp)
        right = overflows & np.isinf(value) & (np.sign(value) == np.sign(exact.high))
    return np.where(right, 0.0, np.where(np.isnan(error), np.inf, error))


def is_subnormal(exact, dtype):
    """Where the exact value lies below the dtype's smallest normal number."""
    with np.errstate(all="ignore"):
        size = np.frexp(exact.high)[1] + exact.exponent
    return (exact.high == 0) | (size <= np.finfo(dtype).minexp)


def reductions(x):
    """The logsumexp, softmax and log_softmax of a row of finite numbers and -inf, one number among them."""
    x = np.asarray(x, np.float64).ravel()
    distinct, place, count = np.unique(x, return_inverse=True, return_counts=True)
    integers = [None if v == -math.inf else _integer(v) for v in distinct.tolist()]
    bits = BITS
    while (results := _reductions(integers, count.tolist(), bits)) is None:
        bits *= 2
    value, softmax, log_softmax = results
    value = Exact.of_integers([value], [-FINE]).reshape(())
    softmax, log_softmax = (Exact.of_integers(*each) for each in (softmax, log_softmax))
    return value, *(Exact(r.high[place], r.low[place], r.exponent[place]) for r in (softmax, log_softmax))


def _reductions(integers, count, bits):
    """As numbers in units of 2**-FINE, or with exponents; None if `bits` are too few."""
    top = integers[-1]
    log2 = ln2_fixed(bits)
    lowest = -(FINE << bits)
    total, powers = 0, []
    for x, n in zip(integers, count, strict=True):
        distance = lowest - 1 if x is None else _shifted(x - top, bits - POINT)
        power = 0
        if distance == 0:
            power = 1 << FINE
        elif distance > lowest:
            q, r = divmod(distance, log2)
            power = _shifted(exp_fixed(r, bits, log2), FINE - bits + q)
        powers.append(power)
        total += n * power
    log = _log_of(total, bits)
    value = (top << (FINE - POINT)) + log
    if top and abs(value).bit_length() < FINE - bits + DIGITS:
        return None
    softmax = [(p << DIGITS + 10) // total for p in powers]
    # A small quotient keeps its digits by a division of its own.
    pairs = []
    for p, quotient in zip(powers, softmax, strict=True):
        shift = DIGITS + 10
        if p and quotient.bit_length() < DIGITS:
            shift += DIGITS + total.bit_length() - p.bit_length()
            quotient = (p << shift) // total
        pairs.append((quotient, -shift))
    logs = [-math.inf if x is None else ((x - top) << (FINE - POINT)) - log for x in integers]
    return value, tuple(zip(*pairs, strict=True)), (logs, [-FINE] * len(logs))


def prefixes(x, ends, bits=300):
    """The logsumexp of each x[:end], as mpf; ends ascend."""
    with mpmath.workprec(bits):
        total, done, logs = mpmath.mpf(0), 0, []
        for end in ends:
            total += mpmath.fsum(mpmath.exp(float(v)) for v in x[done:end])
            done = end
            logs.append(mpmath.log(total) if total else -mpmath.inf)
        return logs


def weighted(x, b):
    """log|sum of b exp(x)| as an Exact and the sign of the sum, of finite numbers."""
    x, b = (np.asarray(each, np.float64).ravel().tolist() for each in (x, b))

    def at_current_precision():
        total = mpmath.fsum(mpmath.mpf(w) * mpmath.exp(mpmath.mpf(v)) for v, w in zip(x, b, strict=True))
        return mpmath.log(abs(total)) if total else mpmath.ninf, mpmath.sign(total)

    # weights of both signs may cancel down to any of their terms
    value, sign = _agreed(at_current_precision, 250 if min(b) >= 0 else 3000)
    return Exact.of_mpf([value]).reshape(()), float(sign)


def elementwise(name, *arguments):
    """The function `name` of FUNCTIONS on arrays of finite numbers."""
    function = FUNCTIONS[name]
    results = []
    for each in zip(*(np.asarray(a, np.float64).ravel().tolist() for a in arguments), strict=True):
        call = functools.partial(_at_precision, function, each)
        results.append(_agreed(call)[0])
    return Exact.of_mpf(results).reshape(np.shape(arguments[0]))


def _at_precision(function, arguments):
    return (function(*(mpmath.mpf(a) for a in arguments)),)


def _agreed(function, bits=250):
    """The result of a function (a tuple, the first a number) at a precision that more does not change."""
    with mpmath.workprec(bits):
        last = function()
    while bits < 20000:
        bits *= 2
        with mpmath.workprec(bits):
            result = function()
            if result[0] == last[0] or abs(result[0] - last[0]) < mpmath.ldexp(abs(result[0]), -DIGITS):
                return result
        last = result
    return last


def _logaddexp(x, y):
    return max(x, y) + mpmath.log1p(mpmath.exp(-abs(x - y)))


def _log1mexp(x):
    if not x:
        return mpmath.ninf
    return mpmath.log(-mpmath.expm1(x)) if x > -1 else mpmath.log1p(-mpmath.exp(x))


def _logcosh(x):
    if abs(x) < 1:
        return mpmath.log1p(2 * mpmath.sinh(x / 2) ** 2)
    return abs(x) + mpmath.log1p(mpmath.expm1(-2 * abs(x)) / 2)


def _entr(x):
    return -x * mpmath.log(x) if x else mpmath.mpf(0)


FUNCTIONS = {
    "logaddexp": _logaddexp,
    "logsubexp": lambda x, y: x + _log1mexp(y - x),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "logexpm1": lambda x: mpmath.log(mpmath.expm1(x)),
    "log1mexp": _log1mexp,
    "expit": lambda x: 1 / (1 + mpmath.exp(-x)),
    "log_expit": lambda x: -mpmath.log1p(mpmath.exp(-x)),
    "logit": lambda x: mpmath.log(x) - mpmath.log1p(-x),
    "xlogy": lambda x, y: x * mpmath.log(y) if x else mpmath.mpf(0),
    "entr": _entr,
    "logcosh": _logcosh,
}


def _integer(x):
    numerator, denominator = x.as_integer_ratio()
    return numerator << (POINT + 1 - denominator.bit_length())


def _shifted(n, bits):
    return n << bits if bits >= 0 else n >> -bits


def _log_of(total, bits):
    """The logarithm of a sum, both in units of 2**-FINE."""
    with mpmath.workprec(bits):
        log = mpmath.log(mpmath.mp.make_mpf(from_man_exp(total, -FINE)))
    n, exponent = _integer_of_mpf(log)
    return _shifted(n, exponent + FINE)


def _integer_of_mpf(number):
    if mpmath.isinf(number):
        return float(number), 0
    sign, mantissa, exponent, _ = number._mpf_
    return (-int(mantissa) if sign else int(mantissa)), exponent


def _split(n, exponent):
    if isinstance(n, float):
        return n, 0.0, 0
    if n == 0:
        return 0.0, 0.0, 0
    excess = n.bit_length() - DIGITS
    n = _shifted(n, -excess)
    high = float(n)
    # exp(-1e300) is as good as any number too small for all dtypes
    return high, float(n - int(high)), max(exponent + excess, -(10**6))
