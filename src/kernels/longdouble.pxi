"""The elementwise functions for long double: one number at a time by the C library, its digits more than make up for the plain formulas."""

from libc.math cimport expl, expm1l, log1pl, logl, sinhl, coshl, fabsl

ctypedef long double wide

cdef wide LN2_WIDE = logl(2)


cdef wide expit_wide(wide x) noexcept nogil:
    cdef wide t = expl(-fabsl(x))
    return t / (1 + t) if x < 0 else 1 / (1 + t)


cdef wide softplus_wide(wide x) noexcept nogil:
    return (x if x > 0 else 0) + log1pl(expl(-fabsl(x)))


cdef wide log_expit_wide(wide x) noexcept nogil:
    return -softplus_wide(-x)


cdef wide log1mexp_wide(wide x) noexcept nogil:
    return log1pl(-expl(x)) if x < -LN2_WIDE else logl(-expm1l(x))


cdef wide logexpm1_wide(wide x) noexcept nogil:
    return x + log1mexp_wide(-x) if x > 1 else logl(expm1l(x))


cdef wide logit_wide(wide x) noexcept nogil:
    return log1pl((2 * x - 1) / (1 - x)) if 0.25 < x < 0.75 else logl(x / (1 - x))


cdef wide entr_wide(wide x) noexcept nogil:
    return -INFINITY if x < 0 else 0 if x == 0 else -x * logl(x)


cdef wide logcosh_wide(wide x) noexcept nogil:
    x = fabsl(x)
    if x > 1:
        return x + (log1pl(expl(-2 * x)) - LN2_WIDE)
    return log1pl(2 * sinhl(x / 2) * sinhl(x / 2))


cdef wide logaddexp_wide(wide x, wide y) noexcept nogil:
    if x == y:
        return x + LN2_WIDE
    return (x if x > y else y) + log1pl(expl(-fabsl(x - y)))


cdef wide logsubexp_wide(wide x, wide y) noexcept nogil:
    if x == y and x < INFINITY:
        return -INFINITY
    return x + log1mexp_wide(y - x)


cdef wide xlogy_wide(wide x, wide y) noexcept nogil:
    return 0 if x == 0 and y == y else x * logl(y)
