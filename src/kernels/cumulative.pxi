"""logcumsumexp: a running state for each of a batch of lines, a block at a time. Lines are packed, so that any axis is one
contiguous direction here; arithmetic is float64 for either type.

A block is summed under one reference. Sums are floating-point, so prefixes far below the block's maximum keep their digits, as long
as the maximum before the block is within REACH of it; other blocks (and those with nan or inf) go element by element. While
prefixes are so close to 0 that two doubles do not settle them, the line carries its sum in three doubles too.
"""

cdef enum:
    LINES = 32            # lines carried together: a tile of them takes SCRATCH bytes at most
    SCAN = 256            # elements of a block
    REACH = 500           # how far a maximum may rise within a block before early prefixes lose digits

cdef struct Line:
    double m
    double sum[2]
    double extended[3]
    int has_extended
    double last           # the value before the block, for exclusive sums


cdef void scan_singly(Line *line, const double *x, Py_ssize_t n, double *value, unsigned char *care) noexcept nogil:
    """A block, element by element."""
    cdef Accuracy bound = accuracy(1, False, True, True)
    cdef double high, low, shift, power, same
    cdef Py_ssize_t i
    for i in range(n):
        if isnan(x[i]) or isnan(line.m):
            line.m = NAN
        elif x[i] > line.m:
            if line.m != -INFINITY:
                f64.states_rescale(1, &line.m, &x[i], &line.sum[0], &line.sum[1])
            line.m = x[i]
        care[i] = 0
        value[i] = line.m
        if fabs(line.m) < INFINITY:
            f64.scan_sum(1, &x[i], line.m, line.sum, &high, &low)
            f64.states_origins(1, &line.m, &same, &shift, &power)
            f64.states_values(1, &line.m, &shift, &power, &high, &low, &bound, &value[i], &care[i])


cdef void scan_block(Line *line, const double *x, Py_ssize_t n, bint single, double *value,
                     unsigned char *care) noexcept nogil:
    """Values of all prefixes that end in a block, and which of them need care."""
    cdef double high[SCAN]
    cdef double low[SCAN]
    cdef double m[SCAN]
    cdef double shift[SCAN]
    cdef double power[SCAN]
    cdef double largest = line.m
    cdef Accuracy bound = accuracy(1, False, True, not single)
    cdef Py_ssize_t i = 0
    while i < n and line.m == -INFINITY:
        scan_singly(line, x + i, 1, value + i, care + i)
        i += 1
    x, value, care, n, largest = x + i, value + i, care + i, n - i, line.m
    if n == 0:
        return
    if f64.scan_probe(n, x, &largest) or not fabs(line.m) < INFINITY or largest - line.m > REACH:
        scan_singly(line, x, n, value, care)
        return
    if largest > line.m:
        f64.states_rescale(1, &line.m, &largest, &line.sum[0], &line.sum[1])
        line.m = largest
    f64.scan_sum(n, x, line.m, line.sum, high, low)
    f64.states_origins(1, &line.m, &m[0], &shift[0], &power[0])
    for i in range(1, n):
        m[i], shift[i], power[i] = m[0], shift[0], power[0]
    f64.states_values(n, m, shift, power, high, low, &bound, value, care)


cdef void extend_from_start(const Layout *layout, Place line_start, Py_ssize_t n, double *extended,
                            real kind) noexcept nogil:
    """OUT extended[3]: the sum of the first n exponentials of a line."""
    cdef Layout prefix = layout[0]
    cdef double x[CHUNK]
    cdef Py_ssize_t count
    prefix.along.n = n
    extended[0] = extended[1] = extended[2] = 0
    if n == 0:
        return
    cdef RowReader reader = read_row(&prefix, line_start)
    count = next_chunk[real](&reader, x, NULL, kind)
    while count > 0:
        f64.extended_sum(count, x, NULL, 0, 0, extended)
        count = next_chunk[real](&reader, x, NULL, kind)


cdef void scan_line(const Layout *layout, Place line_start, Line *line, Py_ssize_t done, Py_ssize_t n, double *x,
                    double *value, real kind) noexcept nogil:
    """One block of one line, with care where needed; IN x[n], OUT value[n]."""
    cdef unsigned char care[SCAN]
    cdef double q[SCAN]
    cdef double q_low[SCAN]
    cdef double sign, low, high
    cdef Layout prefix
    cdef Py_ssize_t i, needed = 0
    scan_block(line, x, n, real is float, value, care)
    for i in range(n):
        if care[i] & WANT_VALUE and fabs(value[i]) < 1:
            needed = i + 1
    if needed == 0:  # prefixes only grow: once past 0 they stay past it
        line.has_extended = False
        return
    if not line.has_extended:
        extend_from_start[real](layout, line_start, done, line.extended, kind)
    line.has_extended = needed == n
    f64.scan_extended(needed, x, line.extended, q, q_low)
    for i in range(needed):
        if care[i] & WANT_VALUE:
            f64.log1p_pairs(1, &q[i], &q_low[i], &high, &low)
            value[i] = high + low
            if not settled[real](value[i], EXTENDED, kind):
                prefix = layout[0]
                prefix.along.n = done + i + 1
                value[i] = call_exactly[real](&prefix, line_start, False, &sign, kind)


cdef void scan_lines(const Layout *layout, Place p, Py_ssize_t width, bint exclusive, real *tile,
                     real kind) noexcept nogil:
    """A batch of lines from p on, block by block."""
    cdef Line line[LINES]
    cdef double x[SCAN]
    cdef double value[SCAN]
    cdef double *from_tile
    cdef Py_ssize_t c, i, n, done = 0
    cdef Place at = p, line_start
    memset(line, 0, sizeof(line))
    for c in range(width):
        line[c].m = line[c].last = -INFINITY
    while done < layout.along.n:
        n = min(layout.along.n - done, <Py_ssize_t>SCAN)
        pack[real](layout, &at, &layout.across, &layout.along, width, n, tile)
        for c in range(width):
            from_tile = x
            if real is double:
                from_tile = tile + c * n
            else:
                for i in range(n):
                    x[i] = tile[c * n + i]
            line_start = p
            move(&line_start, &layout.across, c)
            scan_line[real](layout, line_start, &line[c], done, n, from_tile, value, kind)
            if exclusive:
                tile[c * n] = <real>line[c].last
                for i in range(1, n):
                    tile[c * n + i] = <real>value[i - 1]
                line[c].last = value[n - 1]
            else:
                for i in range(n):
                    tile[c * n + i] = <real>value[i]
        unpack[real](layout, &at, &layout.across, &layout.along, width, n, tile, 0)
        move(&at, &layout.along, n)
        done += n


cdef int run_cumulative(const Layout *layout, bint exclusive, real kind) noexcept nogil:
    cdef real *tile = <real *>malloc(2 * SCRATCH)
    if tile == NULL:
        return -1
    cdef Odometer outer
    cdef Place p = layout.start, at
    cdef Py_ssize_t done
    memset(&outer, 0, sizeof(Odometer))
    while True:
        at = p
        done = 0
        while done < layout.across.n:
            scan_lines[real](layout, at, min(<Py_ssize_t>LINES, layout.across.n - done), exclusive, tile, kind)
            move(&at, &layout.across, min(<Py_ssize_t>LINES, layout.across.n - done))
            done += LINES
        if not advance(&outer, layout.kept, layout.outer_kept, &p):
            break
    free(tile)
    return 0


def logcumsumexp(cnp.ndarray a, int axis, cnp.ndarray out, bint reverse=False, bint exclusive=False):
    """OUT out: logsumexp of each prefix of a along axis (of each suffix where `reverse`; without the element itself where
    `exclusive`). Where out may share memory with a, a is copied first: care may need elements that are already replaced."""
    cdef Layout layout
    cdef int status
    if np.may_share_memory(a, out):
        a = a.copy()
    if reverse:
        backwards = (slice(None),) * axis + (slice(None, None, -1),)
        a, out = a[backwards], out[backwards]
    plan(&layout, a, 1ull << axis, None, None, out, None, None, None)
    if cnp.PyArray_TYPE(a) == cnp.NPY_DOUBLE:
        with nogil:
            status = run_cumulative[double](&layout, exclusive, 0)
    else:
        with nogil:
            status = run_cumulative[float](&layout, exclusive, 0)
    if status < 0:
        raise MemoryError("no memory for the tile of a running sum")
