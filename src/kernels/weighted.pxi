"""Sums with weights: of most rows in their own type; of others, and of any sign and size, one at a time in float64."""


cdef double log_of(double shift, double power, double high, double low, double *result_low) noexcept nogil:
    """log((high + low) 2^power) + shift for high > 0, in two parts."""
    cdef int g
    cdef double z = 2 * frexp(high, &g), q, q_low, l, l_low, e0, e1, s
    power += g - 1
    q = z - 1
    q_low = ldexp(low, 1 - g)
    f64.log1p_pairs(1, &q, &q_low, &l, &l_low)
    s = two_sum(shift, power * LN2_HIGH, &e0)
    s = two_sum(s, l, &e1)
    result_low[0] = (e0 + e1) + (l_low + power * LN2_LOW)
    return s


cdef double log_of_sum(double shift, double power, const double *sum, double *result_low) noexcept nogil:
    """log(|sum| 2^power) + shift for a sum in three parts; through log1p where that is close to 0."""
    cdef double sign = -1 if sum[0] < 0 else 1, a, b, c, d, error
    a, b, c = sign * sum[0], sign * sum[1], sign * sum[2]
    if shift == 0 and fabs(power) <= 60:
        a, b, c = ldexp(a, <int>power), ldexp(b, <int>power), ldexp(c, <int>power)
        if 0.5 < a < 2:
            d = two_sum(a - 1, b, &error)
            d = two_sum(d, error + c, &error)
            f64.log1p_pairs(1, &d, &error, &a, result_low)
            return a
        power = 0
    return log_of(shift, power, a, b + c, result_low)


cdef double infinite_term(double x, double b) noexcept nogil:
    """b exp(x) if it is not finite, else 0."""
    cdef double term = b if fabs(x) < INFINITY else b * (0 if x == -INFINITY else x)
    return term if term - term != 0 else 0


cdef double infinite_sum(const Layout *layout, Place p, real kind) noexcept nogil:
    """The sum of the terms of a reduction that are not finite: inf, -inf or nan, and 0 where there are none."""
    cdef RowReader reader
    begin_row(&reader, layout, p)
    cdef double x[CHUNK]
    cdef double b[CHUNK]
    cdef double total = 0
    cdef Py_ssize_t i, n = next_chunk[real](&reader, x, b, kind)
    while n > 0:
        for i in range(n):
            if b[i] != 0:
                total += infinite_term(x[i], b[i])
        n = next_chunk[real](&reader, x, b, kind)
    return total


cdef bint weighted_settles(const double *sum, const double *parts, double error, double *value, double *sign,
                           real kind) noexcept nogil:
    """The log and the sign of a signed sum in parts, whose error is a share of that of magnitudes (see weighted_sum); whether to the last
    digit."""
    cdef double low
    if not sum[2] * error < 0.25 * fabs(parts[0]):
        return False
    sign[0] = -1.0 if parts[0] < 0 else 1.0
    value[0] = log_of_sum(sum[3], sum[4], parts, &low) + low
    return settled[real](value[0], error * sum[2] / fabs(parts[0]), kind)


cdef double weighted_value(const Layout *layout, Place p, double *sign, real kind) noexcept nogil:
    """log|sum of b exp(x)| and its sign."""
    cdef double relative = 2.0 ** -57  # of terms in two parts: the reduction and the polynomial, and as much again for the sum
    cdef RowReader reader
    begin_row(&reader, layout, p)
    cdef double x[CHUNK]
    cdef double b[CHUNK]
    cdef double sum[5]
    cdef double extended[3]
    cdef double m = -INFINITY, value, low
    cdef bint here = layout.reduced == 0 and layout.along.n <= CHUNK  # whether x and b hold all of it then
    cdef Py_ssize_t n = next_chunk[real](&reader, x, b, kind)
    while n > 0:
        low = f64.weighted_maximum(n, x, b)
        m = low if low > m else m
        n = next_chunk[real](&reader, x, b, kind)
    memset(sum, 0, sizeof(sum))
    memset(extended, 0, sizeof(extended))
    if here:
        n = layout.along.n
    else:
        begin_row(&reader, layout, p)
        n = next_chunk[real](&reader, x, b, kind)
    while n > 0:
        f64.weighted_sum(n, x, b, m, sum)
        n = next_chunk[real](&reader, x, b, kind)
    if fabs(m) == INFINITY or sum[0] - sum[0] != 0:
        value = infinite_sum[real](layout, p, kind)
        sign[0] = NAN if isnan(value) else 1 if value > 0 else -1 if value < 0 else 0
        return fabs(value) if value != 0 else -INFINITY
    extended[0] = two_sum(sum[0], sum[1], &extended[1])
    if weighted_settles[real](sum, extended, relative, &value, sign, kind):
        return value
    memset(extended, 0, sizeof(extended))
    begin_row(&reader, layout, p)
    n = next_chunk[real](&reader, x, b, kind)
    while n > 0:
        f64.extended_sum(n, x, b, sum[3], sum[4], extended)
        n = next_chunk[real](&reader, x, b, kind)
    triple_normalise(extended)
    if weighted_settles[real](sum, extended, EXTENDED, &value, sign, kind):
        return value
    return call_exactly[real](layout, p, True, sign, kind)


cdef struct WeightedBatch:
    double maximum[BATCH]
    double shift[BATCH]
    double power[BATCH]
    double high[BATCH]
    double low[BATCH]
    double size[BATCH]
    double value[BATCH]
    unsigned char care[BATCH]


cdef inline Accuracy weighted_accuracy(bint double_sum) noexcept nogil:
    """Of sums of one sign but for a hundredth; a product's rounding counts as one addition more, of which SETTLE follow each other in
    either type."""
    cdef Accuracy a
    a.relative = 1.02 * (TERM_F64 + 9 * ADDITION_F64 if double_sum else TERM_F32 + 9 * ADDITION_F32 + ERRORS_F32)
    a.absolute = 0
    a.tolerance = TOLERANCE_F64 if double_sum else TOLERANCE_F32
    return a


cdef inline void put_weighted(const Layout *layout, Place *at, double value, double sign, real kind) noexcept nogil:
    """Both of a reduction; IN/OUT at: on to the next."""
    store[real](at.at[VALUE], <real>value)
    store[real](at.at[SIGN], <real>sign)
    move(at, &layout.across, 1)


cdef double value_of_row(const Layout *layout, const WeightedBatch *w, Py_ssize_t c, Place at, double relative, double *sign,
                         real kind) noexcept nogil:
    """Value and sign of row c, whose terms differ in sign or leave it open."""
    cdef double sum[5]
    cdef double parts[3]
    cdef double value
    sum[2], sum[3], sum[4] = w.size[c], w.shift[c], w.power[c]
    parts[0], parts[1], parts[2] = w.high[c], w.low[c], 0
    if w.size[c] < INFINITY and weighted_settles[real](sum, parts, relative, &value, sign, kind):
        return value
    return weighted_value[real](layout, at, sign, kind)


cdef void weigh_rows(const Layout *layout, WeightedBatch *w, Place at, Py_ssize_t width, const real *x, Py_ssize_t step,
                     const real *b, Py_ssize_t b_step, real kind) noexcept nogil:
    """The values and signs of `width` reductions from `at` on, which lie as rows at x, their weights at b; a row that its sum does not
    settle, or whose sum is not positive, by itself."""
    if real is double:
        lanes, states_values = f64, f64.states_values
    else:
        lanes, states_values = f32, f64.states_values_single
    cdef Accuracy bound = weighted_accuracy(real is double)
    cdef Py_ssize_t c
    cdef double value, sign
    lanes.rows_weighted(layout.along.n, width, x, step, b, b_step, w.maximum, w.shift, w.power, w.high, w.low, w.size)
    states_values(width, w.maximum, w.shift, w.power, w.high, w.low, &bound, w.value, w.care)
    for c in range(width):
        value, sign = w.value[c], 1
        if w.care[c] & WANT_VALUE or not w.high[c] >= 0.99 * w.size[c]:
            value = value_of_row[real](layout, w, c, at, bound.relative, &sign, kind)
        put_weighted[real](layout, &at, value, sign, kind)


cdef inline bint lies_in_rows(const Layout *layout, const Place *at, int which, Py_ssize_t size) noexcept nogil:
    return (<size_t>at.at[which] % size == 0 and layout.across.stride[which] % size == 0
            and (layout.along.stride[which] == size or layout.along.n == 1))


cdef bint run_weighted_rows(const Layout *layout, Place at, char *buffer, real kind) noexcept nogil:
    """All reductions that are side by side from `at` on, where they lie if that is in rows, others packed into the buffer; False where
    they do not fit there."""
    cdef WeightedBatch w
    cdef const Dim *along = &layout.along
    cdef const Dim *across = &layout.across
    cdef Py_ssize_t n = along.n, size = sizeof(real), most = BATCH, done = 0, width, step = n, b_step = n
    cdef real *packed = <real *>buffer
    cdef real *packed_weights = <real *>(buffer + FUSED)
    cdef const real *x
    cdef const real *b
    cdef bint direct = at.at[MASK] == NULL and layout.regular and lies_in_rows(layout, &at, A, size)
    cdef bint b_direct = lies_in_rows(layout, &at, WEIGHT, size)
    if not (direct and b_direct):
        if n * size > FUSED:
            return False
        most = min(most, max(1, FUSED // 2 // size // n))
    if direct:
        step = across.stride[A] // size
    if b_direct:
        b_step = across.stride[WEIGHT] // size
    while done < across.n:
        width = min(most, across.n - done)
        x, b = <const real *>at.at[A], <const real *>at.at[WEIGHT]
        if not direct:
            x = packed
            pack[real](layout, &at, across, along, width, n, packed)
        if not b_direct:
            b = packed_weights
            pack_weights[real](&at, across, along, width, n, packed_weights)
        weigh_rows[real](layout, &w, at, width, x, step, b, b_step, kind)
        move(&at, across, width)
        done += width
    return True


cdef int run_weighted(const Layout *layout, real kind) noexcept nogil:
    """-1 where there is no memory for the buffer."""
    cdef Odometer outer
    cdef Place p = layout.start, at
    cdef double sign, value
    cdef char *buffer = <char *>allocate_lines(2 * FUSED)
    if buffer == NULL:
        return -1
    memset(&outer, 0, sizeof(Odometer))
    while True:
        if layout.reduced > 0 or layout.along.n == 0 or not run_weighted_rows[real](layout, p, buffer, kind):
            at = p
            for _ in range(layout.across.n):
                value = weighted_value[real](layout, at, &sign, kind)
                put_weighted[real](layout, &at, value, sign, kind)
        if not advance(&outer, layout.kept, layout.outer_kept, &p):
            break
    free_lines(buffer)
    return 0


cdef weigh(cnp.ndarray a, cnp.ndarray b, unsigned long long axes, cnp.ndarray out, cnp.ndarray sign, cnp.ndarray where):
    """OUT out[kept], sign[kept]: log|sum of b exp(a)| over axes (as bits), and the sign of the sum."""
    cdef Layout layout
    cdef int status
    plan(&layout, a, axes, where, b, None, out, sign, None)
    with nogil:
        if cnp.PyArray_TYPE(a) == cnp.NPY_DOUBLE:
            status = run_weighted[double](&layout, 0)
        else:
            status = run_weighted[float](&layout, 0)
    checked(&layout, status)


def weighted_logsumexp(cnp.ndarray a, cnp.ndarray b, axes, cnp.ndarray out, cnp.ndarray sign, cnp.ndarray where=None):
    """The same."""
    weigh(a, b, axes_mask(axes), out, sign, where)
