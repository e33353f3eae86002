"""logcumsumexp: a running state for each of a batch of lines, a tile at a time; arithmetic is float64 for either type.

The columns of a tile are neighbouring lines, or consecutive parts of one; either way they are summed side by side, each from
nothing, under one reference a line. What comes before is added on the way to the logs (src/lanes/cumulative.h). Sums are
floating-point, so prefixes far below the tile's maximum keep their digits while the maximum rises by some 500 at most within a
tile; a line that rises further, or holds nan or inf, is taken again in pieces (scan_pieces). While prefixes are so close to 0
that two doubles do not settle them, the line carries its sum in three doubles too.
"""

cdef enum:
    LINES = 64            # lines carried together
    PARTS = 16            # parts of a line summed side by side
    ROOM = 1024           # elements of a tile: it stays in the first-level cache
    REACH = 400           # how far a piece may rise above its first prefix
    CLOSE = 1             # of scan_values: a value near 0
    ODD = 2               # a value that is nan, since it is or since its line rises too far

# |value| from which errors in a sum, 2^-57.5, and in its log are within 0.4 ulp, of either type; and float32's also those of sums and
# logs rounded to a double, 2^-51
cdef double NEAR_F64 = 2.0 ** -4
cdef double NEAR_F32 = 2.0 ** -33
cdef double NEAR_PLAIN = 2.0 ** -26

cdef double NEXT_TO_NOTHING = 2.0 ** -900  # a sum, lifted, that is not trusted but not nothing

cdef struct Running:
    # the maximum of each line and the sum under its reference, lifted; the sum is nan where the maximum is inf or nan
    double m[LINES]
    double sum[LINES]
    double low[LINES]

cdef struct Tile:
    double x[ROOM]
    double value[ROOM]
    double low[ROOM]
    # what precedes each part of a line
    double m[ROOM]
    double before[ROOM]
    double before_low[ROOM]
    unsigned char found[ROOM]  # in each column: CLOSE, ODD

cdef struct Extended:
    double sum[5]         # see src/lanes/excess.h
    int kept

cdef struct Scan:
    Running states[2]
    Extended extended[LINES]
    Tile tile
    Tile piece
    float narrow[ROOM]
    double x[ROOM]        # of one line in a tile
    double value[ROOM]
    double excess[ROOM]
    double size[ROOM]
    double log[ROOM]
    Running *running      # before a tile and after it
    Running *next


cdef void chain_parts(Tile *t, Py_ssize_t rows, Py_ssize_t width, const Running *running) noexcept nogil:
    """What precedes each part of a line: the line's sum, then the parts one by one."""
    cdef const double *total = t.value + (rows - 1) * width
    cdef const double *total_low = t.low + (rows - 1) * width
    cdef double sum = running.sum[0], low = running.low[0], error
    cdef Py_ssize_t c
    for c in range(width):
        t.before[c], t.before_low[c] = sum, low
        sum = two_sum(sum, total[c], &error)
        low += error + total_low[c]


cdef int all_found(const Tile *t, Py_ssize_t width) noexcept nogil:
    cdef int found = 0
    cdef Py_ssize_t c
    for c in range(width):
        found |= t.found[c]
    return found


cdef void scan_once(Tile *t, Py_ssize_t rows, Py_ssize_t width, bint parts, const Running *running, Running *next,
                    bint plain, double near) noexcept nogil:
    """OUT t.value: logs of all prefixes that end in t.x[rows][width], whose columns are lines, or parts of one; OUT next: what is
    running after it; OUT t.found: lines with an ODD column have to be taken again."""
    cdef Py_ssize_t c, lines = 1 if parts else width
    memcpy(next.m, running.m, lines * sizeof(double))
    memcpy(next.sum, running.sum, lines * sizeof(double))
    memcpy(next.low, running.low, lines * sizeof(double))
    if parts:
        f64.rows.maximum(rows * width, 1, t.x, 0, next.m)
    else:
        f64.columns.maximum(rows, width, t.x, width, next.m)
    f64.states_rescale(lines, running.m, next.m, next.sum, next.low)
    for c in range(lines):
        if next.sum[c] == 0 and running.m[c] > -INFINITY:
            next.sum[c] = NEXT_TO_NOTHING
    if not parts:
        f64.scan_sums(rows, width, t.x, next.m, t.value, t.low)
        f64.scan_values(rows, width, next.m, plain, near, next.sum, next.low, t.value, t.low, t.found)
        return
    for c in range(width):
        t.m[c] = next.m[0]
    f64.scan_sums(rows, width, t.x, t.m, t.value, t.low)
    chain_parts(t, rows, width, next)
    f64.scan_values(rows, width, t.m, plain, near, t.before, t.before_low, t.value, t.low, t.found)
    next.sum[0], next.low[0] = t.before[width - 1], t.before_low[width - 1]


cdef void scan_tile(Tile *t, Py_ssize_t rows, Py_ssize_t width, bint parts, const Running *running, Running *next,
                    bint single) noexcept nogil:
    """The same for results in either type: plainly for float32's where that does."""
    if single:
        scan_once(t, rows, width, parts, running, next, True, NEAR_PLAIN)
        if not all_found(t, width) & CLOSE:
            return
    scan_once(t, rows, width, parts, running, next, False, NEAR_F32 if single else NEAR_F64)


cdef void scan_pieces(Scan *s, Py_ssize_t c, Py_ssize_t n, bint single) noexcept nogil:
    """OUT s.value[n], s.next: line c of a tile, IN s.x[n], in pieces that do not rise further than sums reach; each is a row of
    parts of one element."""
    cdef Running before, after
    cdef double m = s.running.m[c], top
    cdef Py_ssize_t i = 0, end
    before.m[0], before.sum[0], before.low[0] = m, s.running.sum[c], s.running.low[c]
    while i < n:
        end = i + 1
        if m < INFINITY and s.x[i] < INFINITY:
            top = max(m, s.x[i]) + REACH
            while end < n and s.x[end] <= top:
                end += 1
            memcpy(s.piece.x, s.x + i, (end - i) * sizeof(double))
            scan_tile(&s.piece, 1, end - i, True, &before, &after, single)
            memcpy(s.value + i, s.piece.value, (end - i) * sizeof(double))
            before.m[0], before.sum[0], before.low[0] = after.m[0], after.sum[0], after.low[0]
            m = after.m[0]
        else:
            m = NAN if isnan(m) or isnan(s.x[i]) else INFINITY
            before.m[0], before.sum[0] = m, NAN
            s.value[i] = m
        i = end
    s.next.m[c], s.next.sum[c], s.next.low[c] = m, before.sum[0], before.low[0]


cdef void extend_from_start(const Layout *layout, Place line_start, Py_ssize_t n, double *extended,
                            real kind) noexcept nogil:
    """OUT extended[5]: the sum of the first n exponentials of a line."""
    cdef Layout prefix = layout[0]
    cdef double x[CHUNK]
    cdef Py_ssize_t count
    memset(extended, 0, 5 * sizeof(double))
    if n == 0:
        return
    prefix.along.n = n
    cdef RowReader reader
    begin_row(&reader, &prefix, line_start)
    count = next_chunk[real](&reader, x, NULL, kind)
    while count > 0:
        f64.excess_sum(count, x, extended)
        count = next_chunk[real](&reader, x, NULL, kind)


cdef Py_ssize_t take_settled(Scan *s, Py_ssize_t start, Py_ssize_t end, double near, real kind) noexcept nogil:
    """IN/OUT s.value[start...]: those near 0 from s.log; returns where the first stands that this does not settle, or end."""
    cdef Py_ssize_t i
    for i in range(start, end):
        if fabs(s.value[i]) < near:
            if not settled[real](s.excess[i], EXTENDED * s.size[i], kind):
                return i
            s.value[i] = s.log[i]
    return end


cdef void settle_close(const Layout *layout, Place line_start, Scan *s, Py_ssize_t c, Py_ssize_t done, Py_ssize_t n,
                       real kind) noexcept nogil:
    """IN/OUT s.value[n], of s.x[n], of line c: those near 0 once more, in three doubles. Where a prefix cancels beyond these, its
    excess is taken exactly, and later errors are relative to that: each such excess is below 2^-74 of the one before, so
    there are no more than a few in a line."""
    cdef double *sum = s.extended[c].sum
    cdef double near = NEAR_F64 if real is double else NEAR_F32
    cdef Layout prefix = layout[0]
    cdef Py_ssize_t i, first = n, needed = 0
    for i in range(n):
        if fabs(s.value[i]) < near:
            first = min(first, i)
            needed = i + 1
    if needed > 0 and not s.extended[c].kept:
        extend_from_start[real](layout, line_start, done, sum, kind)
    s.extended[c].kept = needed == n  # prefixes only grow: once past 0 they stay past it
    i = 0
    while i < needed:
        f64.excess_scan(needed - i, s.x + i, first - i, sum, s.excess + i, s.size + i, s.log + i)
        i = take_settled[real](s, i, needed, near, kind)
        if i < needed:
            prefix.along.n = done + i + 1
            excess_exactly[real](&prefix, line_start, sum, kind)
            f64.excess_log(sum, s.excess + i, s.size + i, s.value + i)
            i += 1


cdef void resolve_line(const Layout *layout, Place p, Scan *s, Py_ssize_t c, Py_ssize_t done, Py_ssize_t n, int found,
                       real kind) noexcept nogil:
    """IN/OUT s.value[n], of s.x[n]: values of the line c of those from p on, after `done` others, in which `found` was found."""
    if found & ODD:
        scan_pieces(s, c, n, real is float)
    if found or s.extended[c].kept:
        move(&p, &layout.across, c)
        settle_close[real](layout, p, s, c, done, n, kind)


cdef void scan_parts(const Layout *layout, Place p, Scan *s, Py_ssize_t done, Py_ssize_t rows, Py_ssize_t width,
                     real kind) noexcept nogil:
    """s.value[] of s.x[]: the next rows * width elements of the line at p, as a tile of its parts."""
    cdef int found = ODD
    if s.running.m[0] < INFINITY:
        f64.tile_gather(rows, width, s.x, 1, rows, s.tile.x, width)
        scan_tile(&s.tile, rows, width, True, s.running, s.next, real is float)
        f64.tile_gather(width, rows, s.tile.value, 1, width, s.value, rows)
        found = all_found(&s.tile, width)
    resolve_line[real](layout, p, s, 0, done, rows * width, found, kind)


cdef void scan_columns(const Layout *layout, Place p, Scan *s, Py_ssize_t done, Py_ssize_t rows, Py_ssize_t width,
                       real kind) noexcept nogil:
    """s.tile.value[] of s.tile.x[]: the next rows of the lines from p on."""
    cdef Py_ssize_t c, r
    scan_tile(&s.tile, rows, width, False, s.running, s.next, real is float)
    for c in range(width):
        if s.tile.found[c] or s.extended[c].kept:
            for r in range(rows):
                s.x[r], s.value[r] = s.tile.x[r * width + c], s.tile.value[r * width + c]
            resolve_line[real](layout, p, s, c, done, rows, s.tile.found[c], kind)
            for r in range(rows):
                s.tile.value[r * width + c] = s.value[r]


cdef void scan_block(const Layout *layout, Place p, Scan *s, Py_ssize_t lines, Py_ssize_t done, Py_ssize_t n,
                     real kind) noexcept nogil:
    """The next n elements of `lines` lines from p on, after `done` others: parts of a single one, or columns."""
    cdef bint parts = layout.rows
    cdef double *x = &s.x[0] if parts else &s.tile.x[0]
    cdef double *value = &s.value[0] if parts else &s.tile.value[0]
    cdef const Dim *outer = &layout.across if parts else &layout.along
    cdef const Dim *inner = &layout.along if parts else &layout.across
    cdef Py_ssize_t rows = 1 if parts else n, width = n if parts else lines
    cdef Place at = p
    move(&at, &layout.along, done)
    if real is double:
        pack[real](layout, &at, outer, inner, rows, width, x)
    else:
        pack[real](layout, &at, outer, inner, rows, width, s.narrow)
        f64.scan_widen(rows * width, s.narrow, x)
    if parts:
        scan_parts[real](layout, p, s, done, max(1, n // PARTS), min(n, <Py_ssize_t>PARTS), kind)
    else:
        scan_columns[real](layout, p, s, done, n, lines, kind)
    s.running, s.next = s.next, s.running
    if real is double:
        unpack[real](layout, &at, outer, inner, rows, width, value, 0)
    else:
        f64.scan_narrow(rows * width, value, s.narrow)
        unpack[real](layout, &at, outer, inner, rows, width, s.narrow, 0)


cdef void scan_lines(const Layout *layout, Place p, Py_ssize_t lines, Scan *s, real kind) noexcept nogil:
    """A batch of lines from p on, block by block."""
    cdef Py_ssize_t c, n, done = 0
    for c in range(lines):
        s.running.m[c] = -INFINITY
        s.running.sum[c] = s.running.low[c] = 0
        s.extended[c].kept = False
    while done < layout.along.n:
        n = min(layout.along.n - done, <Py_ssize_t>ROOM // lines)
        if layout.rows and n > PARTS:
            n -= n % PARTS
        scan_block[real](layout, p, s, lines, done, n, kind)
        done += n


cdef int run_cumulative(const Layout *layout, real kind) noexcept nogil:
    cdef Scan *s = <Scan *>allocate_lines(sizeof(Scan))
    if s == NULL:
        return -1
    s.running, s.next = &s.states[0], &s.states[1]
    cdef Batches batches
    cdef Place at
    cdef Py_ssize_t lines, most = 1 if layout.rows else LINES
    begin(&batches, layout)
    while batches.more:
        at = batches.at
        lines = min(most, layout.across.n - batches.done)
        next_batch(&batches, layout, lines)
        scan_lines[real](layout, at, lines, s, kind)
    free_lines(s)
    return 0


def logcumsumexp(cnp.ndarray a, int axis, cnp.ndarray out, bint reverse=False, bint exclusive=False):
    """OUT out: logsumexp of each prefix of a along axis (of each suffix where `reverse`; without the element itself where
    `exclusive`). Where out may share memory with a, a is copied first: care may need elements that are already replaced."""
    cdef Layout layout
    cdef int status
    before = (slice(None),) * axis
    if np.may_share_memory(a, out):
        a = a.copy()
    if reverse:
        a, out = a[before + (slice(None, None, -1),)], out[before + (slice(None, None, -1),)]
    if exclusive:
        out[before + (slice(1),)] = -INFINITY
        a, out = a[before + (slice(-1),)], out[before + (slice(1, None),)]
        if a.size == 0:
            return
    plan(&layout, a, 1ull << axis, None, None, out, None, None, None)
    if cnp.PyArray_TYPE(a) == cnp.NPY_DOUBLE:
        with nogil:
            status = run_cumulative[double](&layout, 0)
    else:
        with nogil:
            status = run_cumulative[float](&layout, 0)
    checked(&layout, status)
