"""Totals: sums of b exp(x) held in three doubles, which can be added to and divided by exactly. They are what LogSumExp
keeps and what a weighted mean divides. Where the logarithm may come out close to 0 the sum itself is taken to some 2^-100 of
its largest term, else from the states (states.pxi).

A total is four numbers: m, about the largest x + log|b|, and three parts of the sum relative to

    reference of m      2^power with power = floor(m / log 2), or exp(m rounded to halves) where |m| > SHIFTED

which are functions of m alone. The empty total is (-inf, 0, 0, 0); an infinite or nan one has m = inf and as sum the sign, or
nan.
"""

cdef enum:
    SHIFTED = 8192
    FAR = 900             # binary digits below which a term is nothing beside another

# a mean's logarithm below it may have been rounded twice, as a subnormal number before
cdef double ROUNDED_TWICE = 1e-290
TINY = ROUNDED_TWICE

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
    triple_normalise(sum)


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


cdef Total total_of_row(const Layout *layout, Place p, real kind) noexcept nogil:
    """The total of one reduction."""
    cdef Py_ssize_t i, n
    cdef RowReader reader
    begin_row(&reader, layout, p)
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
        largest = largest_of(n, x) if weight == NULL else f64.weighted_maximum(n, x, b)
        total.m = max(total.m, largest)
        n = next_chunk[real](&reader, x, weight, kind)
    if odd != 0:
        total.m = INFINITY
        total.sum[0] = NAN if isnan(odd) else 1 if odd > 0 else -1
    elif total.m > -INFINITY:
        at = total_reference(total.m)
        begin_row(&reader, layout, p)
        n = next_chunk[real](&reader, x, weight, kind)
        while n > 0:
            f64.extended_sum(n, x, weight, at.shift, at.power, total.sum)
            n = next_chunk[real](&reader, x, weight, kind)
        triple_normalise(total.sum)
    return total


cdef double ratio_of_state(double m, double high, double low, double *ratio_low, real kind) noexcept nogil:
    """The sum of a state of finite m, with its others apart (states.pxi), over exp(m), in two parts."""
    cdef real largest = <real>m
    cdef double same, peak, peak_low, q, error
    if real is double:
        f64.states_peaks(1, &largest, &same, &peak, &peak_low)
    else:
        f32.states_peaks(1, &largest, &same, &peak, &peak_low)
    q = divide_pairs(high / OTHERS_LIFT, low / OTHERS_LIFT, peak, peak_low, ratio_low)
    q = two_sum(1, q, &error)
    ratio_low[0] += error
    return q


cdef Total total_of_state(double m, double high, double low, real kind) noexcept nogil:
    """The total of a state of finite m, with what the state itself is short of exactness."""
    cdef double power[3]
    cdef double q, q_low
    cdef Reference at = total_reference(m)
    cdef Total total
    cdef int i
    total.m = m
    memset(total.sum, 0, sizeof(total.sum))
    memset(power, 0, sizeof(power))
    f64.extended_sum(1, &m, NULL, at.shift, at.power, power)
    q = ratio_of_state[real](m, high, low, &q_low, kind)
    for i in range(3):
        add_product(total.sum, power[i], q)
        add_product(total.sum, power[i], q_low)
    return total


cdef bint may_come_to_one(const Total *total, real kind) noexcept nogil:
    """Whether what is added yet can make this a total whose logarithm is so close to 0 that a state's sum does not settle it."""
    cdef Reference at = total_reference(total.m)
    cdef double most = 1.3 if real is double else 1.7  # above exp(0.25) and exp(0.5): see mean_of_row
    return at.shift == 0 and fabs(at.power) < 64 and ldexp(total.sum[0], <int>at.power) < most


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
    """log|total / divisor| and its sign; no divisor (NULL, or the empty total) is 1, a finite total over 0 infinite."""
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


cdef inline double *plane_of(const Layout *layout, Place p, int i) noexcept nogil:
    return <double *>(p.at[STATE] + i * layout.plane)


cdef bint usable_state(const Layout *layout, Place p) noexcept nogil:
    """Whether the state at p is of plain numbers: inf as maximum may hide nan."""
    return fabs(plane_of(layout, p, 0)[0]) < INFINITY and not isnan(plane_of(layout, p, 1)[0])


cdef void set_total(const Layout *layout, Place p, real kind) noexcept nogil:
    """Sets the total at p; without weights from the state that is there already, where this will do."""
    cdef Total total
    cdef int i
    total.m = NAN
    if layout.start.at[WEIGHT] == NULL and usable_state(layout, p):
        total = total_of_state[real](plane_of(layout, p, 0)[0], plane_of(layout, p, 1)[0], plane_of(layout, p, 2)[0],
                                     kind)
        if may_come_to_one[real](&total, kind):
            total.m = NAN
    if isnan(total.m):
        total = total_of_row[real](layout, p, kind)
    plane_of(layout, p, 0)[0] = total.m
    for i in range(3):
        plane_of(layout, p, i + 1)[0] = total.sum[i]


cdef double mean_of_state(double m, const double *others, double count) noexcept nogil:
    """log(sum / count) of a state of float64 and finite m, with its others apart."""
    cdef double q_low, log, log_low
    cdef double q = ratio_of_state[double](m, others[0], others[1], &q_low, 0), r = q / count
    cdef double r_low = ((q - r * count) - product_error(r, count, r * count) + q_low) / count
    log = log_of(m, 0, r, r_low, &log_low)
    return log + log_low


cdef double mean_of_row(const Layout *layout, Place p, double count, real kind) noexcept nogil:
    """log(sum of exp(x) / count), where the state at p, as others are, does not settle it."""
    cdef double least = 0.25 if real is double else 1e-9  # half an ulp of which is more than `accuracy`
    cdef double value, sign
    cdef double sum[2]
    cdef double m = plane_of(layout, p, 0)[0]
    cdef Total divisor
    if usable_state(layout, p):
        if real is double:
            sum[0] = plane_of(layout, p, 1)[0]
            sum[1] = plane_of(layout, p, 2)[0]
        else:
            others_in_double[real](layout, p, m, sum, kind)
        value = mean_of_state(m, sum, count)
        if fabs(value) >= least:
            return value
    memset(&divisor, 0, sizeof(Total))
    divisor.sum[0] = count
    return log_of_total(total_of_row[real](layout, p, kind), &divisor, &sign)


cdef inline double count_at(const Layout *layout, Place p, Py_ssize_t c) noexcept nogil:
    return (<double *>(p.at[SIGN] + c * layout.across.stride[SIGN]))[0]


cdef void set_means(const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, real kind) noexcept nogil:
    """Some logarithms of means to VALUE, from the states in STATE and counts in SIGN."""
    cdef Py_ssize_t c
    cdef double count, mean, product
    cdef Place at = p
    load_states[real](layout, ws, p, width, kind)
    make_whole[real](ws, width, kind)
    for c in range(width):
        count = count_at(layout, p, c)
        mean = ws.high[c] / count
        product = mean * count
        ws.low[c] = ((ws.high[c] - product) - product_error(mean, count, product) + ws.low[c]) / count
        ws.high[c] = mean
    finish_values[real](ws, width, elements(layout), SUM_OTHERS, kind)
    for c in range(width):
        if ws.care[c] & WANT_VALUE:
            ws.value[c] = mean_of_row[real](layout, at, count_at(layout, p, c), kind)
        move(&at, &layout.across, 1)
    store_each[double](p.at[VALUE], layout.across.stride[VALUE], width, ws.value, 0)


cdef void set_totals(const Layout *layout, Place p, Py_ssize_t width, real kind) noexcept nogil:
    """As many totals to STATE."""
    for _ in range(width):
        set_total[real](layout, p, kind)
        move(&p, &layout.across, 1)


cdef int run_totals(const Layout *layout, bint mean, real kind) noexcept nogil:
    """Totals, or logarithms of means; returns -1 where there is no memory."""
    cdef Odometer outer
    cdef Place p = layout.start, at
    cdef Py_ssize_t done, width
    cdef Workspace *ws = NULL  # for means
    if mean:
        ws = new_workspace(0)
        if ws == NULL:
            return -1
    memset(&outer, 0, sizeof(Odometer))
    while True:
        at = p
        done = 0
        while done < layout.across.n:
            width = min(<Py_ssize_t>BATCH, layout.across.n - done)
            if mean:
                set_means[real](layout, ws, at, width, kind)
            else:
                set_totals[real](layout, at, width, kind)
            move(&at, &layout.across, width)
            done += width
        if not advance(&outer, layout.kept, layout.outer_kept, &p):
            break
    free_workspace(ws)
    return 0


cdef run_states_and_totals(cnp.ndarray a, unsigned long long axes, cnp.ndarray where, cnp.ndarray b, cnp.ndarray value, cnp.ndarray counts,
                           cnp.ndarray state):
    cdef Layout layout
    cdef bint mean = value is not None, double_precision = cnp.PyArray_TYPE(a) == cnp.NPY_DOUBLE
    cdef int status
    if b is None:
        reduce_into(a, axes, where, None, None, state, DO_SAVE | DO_APART)
    plan(&layout, a, axes, where, b, None, value, counts, state)
    with nogil:
        status = run_totals[double](&layout, mean, 0) if double_precision else run_totals[float](&layout, mean, 0)
    checked(&layout, status)


def totals(cnp.ndarray a, axes, cnp.ndarray total, cnp.ndarray where=None, cnp.ndarray b=None):
    """OUT total[4, kept]: the totals of b exp(a) over axes; float64, as all the following."""
    run_states_and_totals(a, axes_mask(axes), where, b, None, None, total)


def means(cnp.ndarray a, axes, cnp.ndarray value, cnp.ndarray counts, cnp.ndarray state, cnp.ndarray where=None):
    """OUT value[kept]: log(sum of exp(a) over axes / IN counts[kept]); state[3, kept] is workspace."""
    run_states_and_totals(a, axes_mask(axes), where, None, value, counts, state)


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
    """OUT value[n], sign[n]: log|total / divisor| and its sign, of IN total[4, n], divisor[4, n]; all in C order."""
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
