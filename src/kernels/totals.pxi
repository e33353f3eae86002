"""Totals: sums of b exp(x) held in three doubles, exact to some 2^-100 of their largest term, so that whatever is added to one or
divides it, even the logarithm of what nearly cancels comes out right. They are what LogSumExp keeps and what a mean divides.

A total is four numbers: m, about the largest x + log|b|, and three parts of the sum relative to

    reference of m      2^power with power = floor(m / log 2), or exp(m rounded to halves) where |m| > SHIFTED

which are functions of m alone. The empty total is (-inf, 0, 0, 0); an infinite or nan one has m = inf and the sign, or nan, as sum.
"""

cdef enum:
    SHIFTED = 8192
    FAR = 900             # binary digits below which a term is nothing beside another

cdef struct Total:
    double m
    double sum[3]

cdef struct Reference:
    double shift
    double power


cdef Reference total_reference(double m) noexcept nogil:
    cdef Reference at
    at.shift = at.power = 0
    if fabs(m) <= SHIFTED:
        at.power = floor(m * 1.4426950408889634)
    elif fabs(m) < INFINITY:
        at.shift = floor(2 * m + 0.5) / 2 if fabs(m) < 2.0 ** 51 else m
    return at


cdef void add_part(double *sum, double x) noexcept nogil:
    """Adds to IN/OUT sum[3] and leaves it normalised."""
    cdef double error
    sum[0] = two_sum(sum[0], x, &error)
    sum[1] = two_sum(sum[1], error, &error)
    sum[2] += error
    sum[0] = two_sum(sum[0], sum[1], &sum[1])
    sum[1] = two_sum(sum[1], sum[2], &sum[2])


cdef void add_product(double *sum, double x, double y) noexcept nogil:
    cdef double p = x * y
    add_part(sum, p)
    add_part(sum, product_error(x, y, p))


cdef void rescale_total(Total *total, double m) noexcept nogil:
    """Moves a finite total to the reference of a larger m."""
    cdef Reference old = total_reference(total.m), new = total_reference(m)
    cdef double shift = old.shift - new.shift, power = old.power - new.power
    cdef double factor[3]
    cdef double product[3]
    cdef int i, j
    total.m = m
    if shift * 1.4426950408889634 + power < -FAR:
        memset(total.sum, 0, sizeof(total.sum))
    elif shift == 0:
        for i in range(3):
            total.sum[i] = ldexp(total.sum[i], <int>power)
    else:
        memset(factor, 0, sizeof(factor))
        memset(product, 0, sizeof(product))
        f64.extended_sum(1, &shift, NULL, 0, -power, factor)
        for i in range(3):
            for j in range(3 - i):
                add_product(product, total.sum[i], factor[j])
        memcpy(total.sum, product, sizeof(product))


cdef void add_total(Total *into, Total other) noexcept nogil:
    cdef int i
    if other.m == -INFINITY:
        return
    if into.m == -INFINITY or other.m == INFINITY > into.m:
        into[0] = other
    elif into.m == INFINITY:
        if other.m == INFINITY and other.sum[0] != into.sum[0]:
            into.sum[0] = NAN
    else:
        rescale_total(into, max(into.m, other.m))
        rescale_total(&other, into.m)
        for i in range(3):
            add_part(into.sum, other.sum[i])


cdef double infinite_term(double x, double b) noexcept nogil:
    """b exp(x) if it is not finite, else 0."""
    cdef double term = b if fabs(x) < INFINITY else b * (0 if x == -INFINITY else x)
    return term if term - term != 0 else 0


cdef Total total_of_row(const Layout *layout, Place p, real kind) noexcept nogil:
    """The total of one reduction."""
    cdef Py_ssize_t i, n
    cdef RowReader reader = read_row(layout, p)
    cdef double x[CHUNK]
    cdef double b[CHUNK]
    cdef double *weight = b if layout.start.at[WEIGHT] != NULL else NULL
    cdef double odd = 0, largest
    cdef Reference at
    cdef Total total
    total.m = -INFINITY
    memset(total.sum, 0, sizeof(total.sum))
    n = next_chunk[real](&reader, x, weight, kind)
    while n > 0:
        for i in range(n):
            if weight == NULL:
                odd += infinite_term(x[i], 1)
            elif b[i] != 0:
                odd += infinite_term(x[i], b[i])
        largest = f64.rows_maximum(n, x) if weight == NULL else f64.weighted_maximum(n, x, b)
        total.m = max(total.m, largest)
        n = next_chunk[real](&reader, x, weight, kind)
    if odd != 0:
        total.m = INFINITY
        total.sum[0] = NAN if isnan(odd) else 1 if odd > 0 else -1
    elif total.m > -INFINITY:
        at = total_reference(total.m)
        reader = read_row(layout, p)
        n = next_chunk[real](&reader, x, weight, kind)
        while n > 0:
            f64.extended_sum(n, x, weight, at.shift, at.power, total.sum)
            n = next_chunk[real](&reader, x, weight, kind)
    return total


cdef void run_totals(const Layout *layout, real kind) noexcept nogil:
    cdef Odometer outer
    cdef Place p = layout.start, at
    cdef Total total
    cdef int i
    memset(&outer, 0, sizeof(Odometer))
    while True:
        at = p
        for _ in range(layout.across.n):
            total = total_of_row[real](layout, at, kind)
            (<double *>at.at[STATE])[0] = total.m
            for i in range(3):
                (<double *>(at.at[STATE] + (i + 1) * layout.plane))[0] = total.sum[i]
            move(&at, &layout.across, 1)
        if not advance(&outer, layout.kept, layout.outer_kept, &p):
            return


cdef Total quotient(Total total, Total divisor) noexcept nogil:
    """total / divisor without its reference; divisor.sum[0] is not 0."""
    cdef double rest[3]
    cdef double q
    cdef int i, j
    memcpy(rest, total.sum, sizeof(rest))
    memset(total.sum, 0, sizeof(total.sum))
    for i in range(3):
        q = rest[0] / divisor.sum[0]
        for j in range(3):
            add_product(rest, -q, divisor.sum[j])
        add_part(total.sum, q)
    return total


cdef double sign_of(Total total) noexcept nogil:
    return total.sum[0] if total.m == INFINITY else (total.sum[0] > 0) - (total.sum[0] < 0)


cdef double log_of_total(Total total, const Total *divisor, double *sign) noexcept nogil:
    """log|total / divisor| and its sign; no divisor (NULL, or the empty total) is 1, and a finite total over 0 infinite."""
    cdef Reference at = total_reference(total.m), below
    cdef bint divided = divisor != NULL and divisor.m > -INFINITY
    cdef double low, value, divisor_sign = sign_of(divisor[0]) if divided else 1
    cdef int exponent, i
    sign[0] = sign_of(total) * (1 if divisor_sign == 0 else divisor_sign)
    if isnan(sign[0]) or (divided and total.m == INFINITY == divisor.m):
        sign[0] = NAN
        return NAN
    if sign[0] == 0 or (divided and divisor.m == INFINITY):
        sign[0] = 0
        return -INFINITY
    if total.m == INFINITY or divisor_sign == 0:
        return INFINITY
    if divided:
        below = total_reference(divisor.m)
        total = quotient(total, divisor[0])
        at.shift -= below.shift
        at.power -= below.power
    # Near 1 as near as can be, whatever the reference: there the logarithm goes by the difference from 1.
    frexp(total.sum[0], &exponent)
    at.power += exponent
    for i in range(3):
        total.sum[i] = ldexp(total.sum[i], -exponent)
    value = log_of_sum(at.shift, at.power, total.sum, &low)
    return value + low


def totals(cnp.ndarray a, axes, cnp.ndarray total, cnp.ndarray where=None, cnp.ndarray b=None):
    """OUT total[4, kept] (float64): the totals of b exp(a) over axes."""
    cdef Layout layout
    plan(&layout, a, axes_mask(axes), where, b, None, None, None, total)
    if cnp.PyArray_TYPE(a) == cnp.NPY_DOUBLE:
        with nogil:
            run_totals[double](&layout, 0)
    else:
        with nogil:
            run_totals[float](&layout, 0)


cdef Total load_total(const double *data, Py_ssize_t n, Py_ssize_t i) noexcept nogil:
    cdef Total total
    cdef int k
    total.m = data[i]
    for k in range(3):
        total.sum[k] = data[(k + 1) * n + i]
    return total


def add_totals(cnp.ndarray into, cnp.ndarray other):
    """IN/OUT into[4, n], IN other[4, n], both C order float64."""
    cdef Py_ssize_t n = cnp.PyArray_DIM(into, 1), i
    cdef double *data = <double *>cnp.PyArray_DATA(into)
    cdef const double *added = <const double *>cnp.PyArray_DATA(other)
    cdef Total total
    cdef int k
    with nogil:
        for i in range(n):
            total = load_total(data, n, i)
            add_total(&total, load_total(added, n, i))
            data[i] = total.m
            for k in range(3):
                data[(k + 1) * n + i] = total.sum[k]


def logs_of_totals(cnp.ndarray total, cnp.ndarray value, cnp.ndarray sign, cnp.ndarray divisor=None):
    """OUT value[n], sign[n]: log|total / divisor| and its sign, of IN total[4, n], divisor[4, n]; all C order float64."""
    cdef Py_ssize_t n = cnp.PyArray_DIM(total, 1), i
    cdef const double *data = <const double *>cnp.PyArray_DATA(total)
    cdef const double *below = <const double *>cnp.PyArray_DATA(divisor) if divisor is not None else NULL
    cdef double *values = <double *>cnp.PyArray_DATA(value)
    cdef double *signs = <double *>cnp.PyArray_DATA(sign)
    cdef Total d
    with nogil:
        for i in range(n):
            if below != NULL:
                d = load_total(below, n, i)
            values[i] = log_of_total(load_total(data, n, i), &d if below != NULL else NULL, &signs[i])
