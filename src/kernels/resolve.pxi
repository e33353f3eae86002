"""The rare reductions whose plain sum does not settle the last digit (see values.h for the bound), taken again with care.

    maximum inf             the row is searched for nan
    dominated               the sum of the others relative to their own largest term
    any other               the sum in float64, the maximum apart
    result close to zero    the sum less 1, in three doubles (src/lanes/excess.h)
    cancelled beyond that   integers of any size, in Python (`set_exact`)
"""

cdef enum:
    CHUNK = 1024          # elements copied at a time, as doubles
    WANT_VALUE = 1
    WANT_LOG = 2
    LIFTED = 800          # the power of two by which sums that may be subnormal are lifted

# a log below this says that one element dominates: taking it from the sum would leave too few digits
cdef double DOMINATED = 2.0 ** -30

cdef object exact = None
cdef object exact_excess = None


def set_exact(logsumexp, excess):
    """Takes the functions that settle what the kernels cannot: (values, weights or None) -> (value, sign), and (values, lift) ->
    2^lift times how much the sum of the exponentials exceeds 1, in three parts."""
    global exact, exact_excess
    exact, exact_excess = logsumexp, excess


cdef struct RowReader:
    const Layout *layout
    Place place           # of the outer position
    Odometer outer
    Py_ssize_t done
    int finished


cdef inline void begin_row(RowReader *reader, const Layout *layout, Place p) noexcept nogil:
    """Before the first element of the reduction at p."""
    reader.layout = layout
    reader.place = p
    reader.done = reader.finished = 0
    memset(&reader.outer, 0, layout.reduced * sizeof(Py_ssize_t))


cdef inline void count_read(RowReader *reader, Py_ssize_t count) noexcept nogil:
    reader.done += count
    if reader.done == reader.layout.along.n:
        reader.done = 0
        reader.finished = not advance(&reader.outer, reader.layout.reduced, reader.layout.outer_reduced, &reader.place)


cdef Py_ssize_t next_chunk(RowReader *reader, double *x, double *weight, real kind) noexcept nogil:
    """OUT x[CHUNK], weight[CHUNK] (where not NULL): the next elements of the reduction as doubles, hidden ones as -inf with
    weight 0; returns how many, 0 after the last."""
    cdef const Layout *layout = reader.layout
    cdef Place at = reader.place
    cdef Py_ssize_t i, count
    cdef bint shown
    cdef real element
    if reader.finished:
        return 0
    count = min(<Py_ssize_t>CHUNK, layout.along.n - reader.done)
    move(&at, &layout.along, reader.done)
    if (at.at[MASK] == NULL and layout.regular and layout.along.stride[A] == sizeof(real)
            and (weight == NULL or (layout.along.stride[WEIGHT] == sizeof(real)
                                    and <size_t>at.at[WEIGHT] % sizeof(real) == 0))):
        for i in range(count):
            x[i] = (<const real *>at.at[A])[i]
        if weight != NULL:
            for i in range(count):
                weight[i] = (<const real *>at.at[WEIGHT])[i]
        count_read(reader, count)
        return count
    for i in range(count):
        shown = at.at[MASK] == NULL or (at.at[MASK] + i * layout.along.stride[MASK])[0] != 0
        load(at.at[A] + i * layout.along.stride[A], layout.swapped, &element)
        x[i] = element if shown else -INFINITY
        if weight != NULL:
            load(at.at[WEIGHT] + i * layout.along.stride[WEIGHT], 0, &element)
            weight[i] = element if shown else 0
    count_read(reader, count)
    return count


cdef bint row_has_nan(const Layout *layout, Place p, real kind) noexcept nogil:
    cdef Py_ssize_t i
    cdef RowReader reader
    begin_row(&reader, layout, p)
    cdef double x[CHUNK]
    cdef Py_ssize_t n = next_chunk[real](&reader, x, NULL, kind)
    while n > 0:
        for i in range(n):
            if isnan(x[i]):
                return True
        n = next_chunk[real](&reader, x, NULL, kind)
    return False


cdef inline double divide_pairs(double a, double a_low, double b, double b_low, double *low) noexcept nogil:
    """(a + a_low) / (b + b_low), in two parts."""
    cdef double q = a / b
    low[0] = ((a - q * b) - product_error(q, b, q * b) + (a_low - q * b_low)) / b
    return q


cdef double sum_of_others(const Layout *layout, Place p, double m, double *rest_low, int *power,
                          real kind) noexcept nogil:
    """The sum of exp(x - m) over all but one element equal to the maximum m, in two parts, times 2^power: relative to the
    largest of these, so that nothing of a tiny tail is lost, and LIFTED where it may be subnormal."""
    cdef Py_ssize_t i
    cdef RowReader reader
    begin_row(&reader, layout, p)
    cdef double x[CHUNK]
    cdef double second = -INFINITY, largest, middle, factor, factor_low, peak, peak_low, same, error, q
    cdef double sum[2]
    cdef Py_ssize_t n, equal = 0
    sum[0] = sum[1] = 0
    power[0] = 0
    n = next_chunk[real](&reader, x, NULL, kind)
    while n > 0:
        for i in range(n):
            if x[i] == m:
                equal += 1
                x[i] = -INFINITY
        largest = largest_of(n, x)
        if largest > second:
            f64.states_rescale(1, &second, &largest, &sum[0], &sum[1])
            second = largest
        f64.rows.sum(n, 1, x, 0, nowhere, &second, &sum[0], &sum[1])
        n = next_chunk[real](&reader, x, NULL, kind)
    if second == -INFINITY:
        rest_low[0] = 0
        return equal - 1
    if m - second > 600 and equal == 1:
        power[0] = LIFTED
        middle = second + 0.5 * (m - second)
        f64.states_rescale(1, &second, &middle, &sum[0], &sum[1])
        sum[0], sum[1] = ldexp(sum[0], LIFTED // 2), ldexp(sum[1], LIFTED // 2)
        factor, factor_low = ldexp(1, LIFTED // 2), 0
        f64.states_rescale(1, &middle, &m, &factor, &factor_low)
        sum[1] = sum[1] * factor + (sum[0] * factor_low + product_error(sum[0], factor, sum[0] * factor))
        sum[0] *= factor
    else:
        f64.states_rescale(1, &second, &m, &sum[0], &sum[1])
    f64.states_peaks(1, &m, &same, &peak, &peak_low)
    q = divide_pairs(sum[0], sum[1], peak, peak_low, rest_low)
    q = two_sum(equal - 1, q, &error)
    rest_low[0] += error
    return q


cdef bint near_zero_settles(const Layout *layout, Place p, double *log, real kind) noexcept nogil:
    """OUT log: of sum exp(x) where that is close to 1; whether to the last digit."""
    cdef RowReader reader
    begin_row(&reader, layout, p)
    cdef double x[CHUNK]
    cdef double sum[5]
    cdef double excess, size
    cdef Py_ssize_t n = next_chunk[real](&reader, x, NULL, kind)
    memset(sum, 0, sizeof(sum))
    while n > 0:
        f64.excess_sum(n, x, sum)
        n = next_chunk[real](&reader, x, NULL, kind)
    f64.excess_log(sum, &excess, &size, log)
    return settled[real](excess, EXTENDED * size, kind)


cdef tuple terms_of(const Layout *layout, Place p, bint weighted, real kind):
    """The values of a reduction that count for anything, and their weights or None."""
    cdef Py_ssize_t i
    cdef RowReader reader
    begin_row(&reader, layout, p)
    cdef double x[CHUNK]
    cdef double b[CHUNK]
    values, weights = [], []
    while (n := next_chunk[real](&reader, x, b if weighted else NULL, kind)) > 0:
        for i in range(n):
            if x[i] != -INFINITY and not (weighted and b[i] == 0):
                values.append(x[i])
                weights.append(b[i] if weighted else 1.0)
    return values, weights if weighted else None


cdef void keep_thread_state() noexcept nogil:
    """Gives this thread a state of Python's for good. To make and drop one at every call would take a lock of the interpreter's
    without holding it; a child forked at that moment finds it taken for ever."""
    if PyGILState_GetThisThreadState() == NULL:
        PyGILState_Ensure()
        PyEval_SaveThread()


cdef keep_exception(const Layout *layout, error):
    """For the call to raise; the inner loop of a ufunc can but report it."""
    if layout.failed == NULL:
        PyErr_SetObject(type(error), error)
        PyErr_WriteUnraisable("logaddexp")
    elif layout.failed[0] == NULL:
        Py_INCREF(error)
        layout.failed[0] = <void *>error


cdef int checked(Layout *layout, int status) except -1:
    """Raises what stopped a reduction, else returns its status."""
    if layout.exception != NULL:
        error = <object>layout.exception
        Py_DECREF(error)
        layout.exception = NULL
        raise error
    if status < 0:
        raise MemoryError("no memory for the workspace of a reduction")
    return status


cdef double call_exactly(const Layout *layout, Place p, bint weighted, double *sign, real kind) noexcept nogil:
    """The value and the sign of a reduction by integer arithmetic."""
    keep_thread_state()
    with gil:
        try:
            value, s = exact(*terms_of[real](layout, p, weighted, kind))
            sign[0] = s
            return value
        except BaseException as error:
            keep_exception(layout, error)
            sign[0] = NAN
            return NAN


cdef void excess_exactly(const Layout *layout, Place p, double *sum, real kind) noexcept nogil:
    """OUT sum[5]: by integer arithmetic, relative to nothing but the excess itself."""
    keep_thread_state()
    with gil:
        try:
            sum[0], sum[1], sum[2] = exact_excess(terms_of[real](layout, p, False, kind)[0], EXCESS_LIFT)
        except BaseException as error:
            keep_exception(layout, error)
            sum[0] = sum[1] = sum[2] = NAN
    sum[3], sum[4] = 1, fabs(sum[0])


cdef bint settled(double value, double bound, real kind) noexcept nogil:
    """Whether an absolute error of `bound` leaves the value within half an ulp."""
    cdef double tolerance = 0.5 * (TOLERANCE_F64 if real is double else TOLERANCE_F32)
    return bound <= tolerance * fabs(value)


cdef void others_in_double(const Layout *layout, Place p, double m, double *sum, real kind) noexcept nogil:
    """OUT sum[2]: the others of the reduction at p, whose maximum is m, in float64."""
    cdef RowReader reader
    begin_row(&reader, layout, p)
    cdef double x[CHUNK]
    cdef double before = -INFINITY, now = -INFINITY
    cdef Py_ssize_t n = next_chunk[real](&reader, x, NULL, kind)
    sum[0] = sum[1] = 0
    while n > 0:
        f64.rows.maximum(n, 1, x, 0, &now)
        f64.rows.others(n, 1, x, 0, nowhere, &m if now < m else &before, &m, &sum[0], &sum[1])
        before = now
        n = next_chunk[real](&reader, x, NULL, kind)


cdef void sum_in_double(const Layout *layout, Workspace *ws, Place p, Py_ssize_t c, real kind) noexcept nogil:
    """Value, log and care of reduction c from a sum of others in float64."""
    cdef Accuracy bound = accuracy(layout.along.n, SUM_OTHERS, True, real is double)
    cdef double sum[2]
    cdef double same
    others_in_double[real](layout, p, ws.maximum[c], sum, kind)
    f64.states_peaks(1, &ws.maximum[c], &same, &ws.peak[c], &ws.peak_low[c])
    f64.states_finish(1, &ws.maximum[c], &sum[0], &sum[1], &ws.peak[c], &ws.peak_low[c], &bound, &ws.value[c],
                      &ws.log[c], &ws.care[c])


cdef void resolve(const Layout *layout, Workspace *ws, Place p, Py_ssize_t c, int wanted, real kind) noexcept nogil:
    """Sets value and log of reduction c, at p, of which `wanted` need care."""
    cdef double m = ws.maximum[c], rest, rest_low, log, log_low, error, value
    cdef double relative = accuracy(layout.along.n, SUM_OTHERS, True, True).relative
    cdef int power
    if m == INFINITY:
        ws.log[c] = NAN if row_has_nan[real](layout, p, kind) else 0
        ws.value[c] = m + ws.log[c]
        return
    sum_in_double[real](layout, ws, p, c, kind)
    if not ws.care[c] & wanted:
        return
    if ws.log[c] < DOMINATED:
        rest = sum_of_others[real](layout, p, m, &rest_low, &power, kind)
        if power != 0:  # log(1 + rest) is rest; results are rounded once
            ws.log[c] = ldexp(rest + rest_low, -power)
            error = 0
            value = two_sum(ldexp(m, power), rest, &error) if fabs(m) < 1e-200 else INFINITY
            value += error + rest_low
            ws.value[c] = ldexp(value, -power) if value < INFINITY else m
            # a maximum as far below 0 as the rest is above may leave too little of them
            if settled[real](value, rest * relative, kind):
                return
        else:
            f64.log1p_pairs(1, &rest, &rest_low, &log, &log_low)
            ws.log[c] = log + log_low
            value = two_sum(m, log, &error)
            ws.value[c] = value + (error + log_low)
            if settled[real](ws.value[c], min(rest, 1.0) * relative, kind):
                return
    if wanted & WANT_VALUE and not near_zero_settles[real](layout, p, &ws.value[c], kind):
        ws.value[c] = call_exactly[real](layout, p, False, &error, kind)


cdef struct Again:
    # reductions of a batch that need care, side by side
    Py_ssize_t n
    Py_ssize_t column[BATCH]
    double m[BATCH]
    double none[BATCH]    # -inf
    double high[BATCH]
    double low[BATCH]
    double peak[BATCH]
    double peak_low[BATCH]
    double value[BATCH]
    double log[BATCH]
    unsigned char care[BATCH]


cdef void gather_again(const Layout *layout, Workspace *ws, Place p, Again *again, real kind) noexcept nogil:
    """Their elements as doubles to ws.again[along][n], hidden ones as -inf."""
    cdef Py_ssize_t r, j, step
    cdef real element
    for r in range(layout.along.n):
        for j in range(again.n):
            step = again.column[j]
            load(p.at[A] + step * layout.across.stride[A], layout.swapped, &element)
            if p.at[MASK] != NULL and (p.at[MASK] + step * layout.across.stride[MASK])[0] == 0:
                element = -INFINITY
            ws.again[r * again.n + j] = element
        move(&p, &layout.along, 1)


cdef void resolve_together(const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, int wanted, real kind) noexcept nogil:
    """Settles what it can of the reductions that need care: float32 ones by a sum in float64, then those close to 0 by one in
    three doubles. Short ones only, and finite: as many as there is room for."""
    cdef Again again
    cdef Accuracy bound = accuracy(layout.along.n, SUM_OTHERS, True, real is double)
    cdef Py_ssize_t c, j, n = layout.along.n
    again.n = 0
    for c in range(width):
        if ws.care[c] & wanted and ws.maximum[c] < INFINITY and again.n < BATCH and (again.n + 1) * n <= AGAIN:
            again.column[again.n] = c
            again.m[again.n], again.none[again.n] = ws.maximum[c], -INFINITY
            again.value[again.n], again.care[again.n] = ws.value[c], ws.care[c]
            again.high[again.n] = again.low[again.n] = 0
            again.n += 1
    if layout.reduced > 0 or again.n < 4:
        return
    gather_again[real](layout, ws, p, &again, kind)
    if real is float:
        f64.columns.others(n, again.n, ws.again, again.n, nowhere, again.none, again.m, again.high, again.low)
        f64.states_peaks(again.n, again.m, again.m, again.peak, again.peak_low)
        f64.states_finish(again.n, again.m, again.high, again.low, again.peak, again.peak_low, &bound, again.value,
                          again.log, again.care)
        for j in range(again.n):
            if not again.care[j] & wanted:
                c = again.column[j]
                ws.value[c], ws.log[c], ws.care[c] = again.value[j], again.log[j], 0
    c = 0
    for j in range(again.n):
        c += again.care[j] & wanted == WANT_VALUE and fabs(again.value[j]) < 0.5
    if c < 4:
        return
    # the sums under the maximum are done with: their places take the excesses and sizes
    f64.excess_columns(n, again.n, ws.again, again.high, again.low, again.log)
    for j in range(again.n):
        c = again.column[j]
        if (again.care[j] & wanted == WANT_VALUE and fabs(again.log[j]) < 0.5
                and settled[real](again.high[j], EXTENDED * again.low[j], kind)):
            ws.value[c], ws.care[c] = again.log[j], 0


cdef const unsigned char[STATES] no_care


cdef Py_ssize_t count_open(const Workspace *ws, Py_ssize_t width, int wanted) noexcept nogil:
    """Of how many of a batch that needs care."""
    cdef Py_ssize_t c, some = 0
    if memcmp(ws.care, no_care, width) != 0:
        for c in range(width):
            some += ws.care[c] & wanted != 0
    return some


cdef void settle(const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, int wanted, Py_ssize_t some,
                 real kind) noexcept nogil:
    """These, `some` of them, with care."""
    cdef Py_ssize_t c
    cdef Place at
    if some == 0:
        return
    if some >= 4:
        resolve_together[real](layout, ws, p, width, wanted, kind)
    for c in range(width):
        if ws.care[c] & wanted:
            at = p
            move(&at, &layout.across, c)
            resolve[real](layout, ws, at, c, wanted, kind)
