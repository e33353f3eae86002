"""The logarithm of a weighted sum of exponentials, correctly rounded, by integers of any size.

    log|S / D|,   S = sum of w_k exp(x_k)   over distinct x_k, with rational w_k and D none of them zero

That S is not zero, nor log|S / D| a double or midway between two of them (but for one term of
weight D or -D, whose logarithm is x itself): an equation S = +-D exp(y) with rational y would
be a linear relation between exponentials of distinct algebraic numbers, and by the theorem
of Lindemann and Weierstrass there is none.  So Ziv's loop ends: enclose log|S / D| at some
precision, and double the precision until both ends of the interval round to one double.

At precision p numbers are integers in units of 2**-p:

- exp(x) = 2**q exp(r) with q, r = divmod(x, log 2), where log 2 has as many more bits as
  the largest x has before its point; then r is right to a unit, whatever the size of x;
- a unit of S is 2**(top - p), where 2**top exceeds |w_k| 2**q_k for every k.  A term is
  computed to 8 units; one with |w_k| exp(x_k) below a unit is left out, by no more;
- A units in all, off by at most 8 n, enclose log|S| by |log(1 + t)| <= 2 |t| for |t| <= 1/2;
- log|D| is off by no more than that of A.

By how much a sum of exponentials exceeds 1 is such a sum with one more term, -exp(0).
"""

import functools
import math

_POINT = 1074  # every double is an integer in units of 2**-1074
_ONE = 1 << _POINT
_FIRST_PRECISION = 128
_GUARD = 32
_EXCESS_DIGITS = 136  # bits of an excess that are right


def logsumexp(values, weights=None, divisors=(1.0,)):
    """log|S / D| correctly rounded, and the sign of S / D; D is the sum of the divisors.

    All are finite doubles; a value may be -inf, and weights are 1 if not given.  A sum S of
    nothing gives -inf and 0; another one over 0, inf and the sign of S.
    """
    weights = [1.0] * len(values) if weights is None else weights
    terms = _joined(zip(values, map(_integer, weights), strict=True))
    divisor = sum(map(_integer, divisors))
    if not terms:
        return -math.inf, 0.0
    if len(terms) == 1 and abs(terms[0][1]) == abs(divisor):
        x, w = terms[0]
        return x / _ONE, _sign(w) * _sign(divisor)
    precision = _FIRST_PRECISION
    while (result := _rounded(terms, divisor or _ONE, precision)) is None:
        precision *= 2
    return result if divisor else (math.inf, result[1])


def excess(values, lift):
    """sum exp(x) - 1, times 2**lift, in three doubles that do not overlap."""
    terms = _joined([*((x, _ONE) for x in values), (0.0, -_ONE)])
    if not terms:
        return 0.0, 0.0, 0.0
    precision = _FIRST_PRECISION
    while True:
        units, top = _sum(terms, precision)
        if abs(units) >= len(terms) << (_EXCESS_DIGITS + 3):
            return _three_doubles(units, top - precision - _POINT + lift)
        precision *= 2


def _joined(pairs):
    """Terms (x, w) as integers, one for each x; w is one already."""
    sums = {}
    for x, w in pairs:
        if x != -math.inf:
            sums[x] = sums.get(x, 0) + w
    return [(_integer(x), w) for x, w in sums.items() if w]


def _three_doubles(n, exponent):
    """n 2**exponent, cut off."""
    parts = []
    for _ in range(3):
        cut = max(n.bit_length() - 53, 0)
        parts.append(math.ldexp(n >> cut, exponent + cut))
        n -= n >> cut << cut
    return tuple(parts)


def _fine(terms, p):
    """Bits after the point of log 2 that leave p of them to what the largest x is beyond its multiples."""
    return p + _GUARD + max(max(abs(x) for x, _ in terms).bit_length() - _POINT, 0)


def _sum(terms, p):
    """S in units of 2**(top - p), off by 8 a term, and top."""
    fine = _fine(terms, p)
    log2 = _log2(fine)
    parts = []
    for x, w in terms:
        q, r = divmod(_shifted(x, fine - _POINT), log2)
        parts.append((q, r >> (fine - p), w))
    top = max(q + w.bit_length() for q, _, w in parts)
    units = 0
    for q, r, w in parts:
        if q + w.bit_length() >= top - p:
            units += _shifted(w * _exp(r, p), q - top)
    return units, top


def _rounded(terms, divisor, p):
    """The result from precision p, or None if that does not settle it."""
    units, top = _sum(terms, p)
    if abs(units) <= 16 * len(terms):
        return None
    fine = _fine(terms, p)
    error = 32 + (len(terms) << (p + 4)) // abs(units)
    value, power = _log_of_integer(abs(units), p)
    value_below, power_below = _log_of_integer(abs(divisor), p)
    value += ((power - power_below - p + top) * _log2(fine) >> (fine - p)) - value_below
    # the quotient of two integers is correctly rounded, subnormal or not
    low, high = (value - error) / (1 << p), (value + error) / (1 << p)
    return (low + 0.0, _sign(units) * _sign(divisor)) if low == high else None


def _log_of_integer(n, p):
    """log(n / 2**power) to eight units, where that is from 1 to 2, and the power."""
    power = n.bit_length() - 1
    return _log(_shifted(n, p - power), p), power


def _integer(x):
    """The double x in units of 2**-1074."""
    numerator, denominator = x.as_integer_ratio()
    return numerator << (_POINT + 1 - denominator.bit_length())


def _sign(n):
    return 1.0 if n > 0 else -1.0


def _shifted(n, bits):
    return n << bits if bits >= 0 else n >> -bits


def _exp(r, p):
    """exp(r) to two units, for |r| <= 1: a Taylor series of r / 2**halvings, squared so many times.

    Every squaring doubles the relative error, which the additional bits make up for.
    """
    halvings = math.isqrt(p)
    bits = p + halvings + _GUARD
    r <<= _GUARD
    total = term = 1 << bits
    k = 1
    while term not in (0, -1):
        term = (term * r >> bits) // k
        total += term
        k += 1
    for _ in range(halvings):
        total = total * total >> bits
    return total >> (bits - p)


def _log(a, p):
    """log(a) to eight units, for 1 <= a < 2: Halley's iteration, every step trebling the digits."""
    y = _shifted(int(math.ldexp(math.log(a / (1 << p)), 53)), p - 53)
    right = 48
    while right < p:
        power = _exp(y, p)
        y += ((a - power) << (p + 1)) // (a + power)
        right *= 3
    return y


@functools.lru_cache(maxsize=4)
def _log2(p):
    """log(2) to a unit, by 18 artanh(1/26) - 2 artanh(1/4801) + 8 artanh(1/8749)."""
    bits = p + _GUARD
    parts = ((18, 26), (-2, 4801), (8, 8749))
    return sum(factor * _artanh_of_inverse(n, bits) for factor, n in parts) >> _GUARD


def _artanh_of_inverse(n, p):
    total, power, k = 0, (1 << p) // n, 1
    while power:
        total += power // k
        power //= n * n
        k += 2
    return total
