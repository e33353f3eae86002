"""States: the maximum and the sum of exponentials of each reduction of a batch, kept while its blocks come by."""

cdef enum:
    BATCH = 256           # reductions carried together
    WIDE = 1024           # the same of columns that are read block by block: each row in few pieces, as these lie in a page each
    AGAIN = 4096          # elements of reductions that are taken again at once
    TILE = 16384          # bytes of a block that is read twice: it stays in the first-level cache
    FUSED = 262144        # bytes of a batch whose exponentials are stored and then normalised in the second level
    STRETCH = 256         # bytes of a row, which may lie in a page of its own, that a batch of columns takes at least
    TALLEST = 1024        # elements of a column, FUSED // STRETCH, beyond which too few fit
    AT_HAND = 96          # pages, one for each element of a column, that a processor finds again at once
    DEEP = 32             # rows of a block of columns at least: what a block costs beside its elements is then little
    SPREAD = 1048576      # bytes over which results of columns lie from which they may be written once only
    STREAMS = 40          # rows, each in pages of its own, that are more than a processor's own prefetching follows
    STATES = WIDE + 8     # for them in a workspace, where arrays then begin in different sets of a cache
    SPARE_ROOM = 163840   # bytes of the buffer of a workspace that is kept for the next call: 2 SCRATCH, and a batch of losses
    MANY = 64             # elements from which a logsumexp is taken to be far enough from 0 for rough sums: log(64) is

cdef struct Workspace:
    # arrays of reals, each room for doubles
    double m[STATES]
    double raised[STATES]
    double inverse[STATES]
    double inverse_low[STATES]
    # sums under the reference of m, and what comes of them
    double high[STATES]
    double low[STATES]
    double maximum[STATES]
    double peak[STATES]      # or the shift of the reference
    double peak_low[STATES]  # or its power of two
    double value[STATES]
    double log[STATES]
    double again[AGAIN]    # elements of reductions that need care
    unsigned char care[STATES]
    char *buffer           # TILE or FUSED bytes
    Py_ssize_t beside      # bytes from where this batch lies to where the next does, 0 where they are staged
    Py_ssize_t next_stage  # bytes from the elements staged in the buffer to those staged next, 0 where there are none
    Py_ssize_t unstaged    # bytes from there to where the output comes to lie, 0 where it does so in another order
    bint writes_later      # whether the output is written after the sums, and the cache holds it till then
    bint small             # whether any of the exponentials that are kept may be small (totals.h)
    bint unsettled         # whether rough sums leave a value open
    bint packs_to_out      # whether what is packed goes where its results will be, instead of to the buffer
    Py_ssize_t room        # of the buffer

cdef Workspace *new_workspace(Py_ssize_t room) noexcept nogil:
    """One with a buffer of so many bytes; NULL where there is no memory."""
    cdef Workspace *ws = NULL
    if room <= SPARE_ROOM:
        room = SPARE_ROOM
        ws = <Workspace *>take_spare()
    if ws == NULL:
        ws = <Workspace *>allocate_lines(sizeof(Workspace) + LINE + room)
    if ws == NULL:
        return NULL
    ws.room = room
    ws.buffer = behind(ws, sizeof(Workspace))
    ws.next_stage = ws.unstaged = 0
    ws.unsettled = ws.packs_to_out = False
    return ws


cdef void free_workspace(Workspace *ws) noexcept nogil:
    """One of these, or NULL."""
    if ws != NULL and ws.room == SPARE_ROOM:
        ws = <Workspace *>leave_spare(ws)
    free_lines(ws)


cdef void clear(Workspace *ws, Py_ssize_t width, real kind) noexcept nogil:
    cdef Py_ssize_t c
    cdef real *m = <real *>ws.m
    for c in range(width):
        m[c] = -INFINITY
    memset(ws.high, 0, width * sizeof(double))
    memset(ws.low, 0, width * sizeof(double))


cdef void add_block(Workspace *ws, Py_ssize_t c, Py_ssize_t n, Py_ssize_t width, const real *x, Py_ssize_t step, bint rows,
                    Distances ahead, bint first, int sums) noexcept nogil:
    """Adds a block to `width` reductions from c on, its rows or its columns: the online maxima, then the sums. All of these are empty
    before the first."""
    if real is double:
        lanes, shape = f64, &f64.rows if rows else &f64.columns
    else:
        lanes, shape = f32, &f32.rows if rows else &f32.columns
    cdef real *m = <real *>ws.m + c
    cdef real *raised = <real *>ws.raised + c
    cdef double *high = ws.high + c
    cdef double *low = ws.low + c
    memcpy(raised, m, width * sizeof(real))
    shape.maximum(n, width, x, step, raised)
    if not first and memcmp(raised, m, width * sizeof(real)) != 0:
        if sums == SUM_OTHERS:
            lanes.states_absorb(width, m, raised, high, low)
        else:
            lanes.states_rescale(width, m, raised, high, low)
    if sums == SUM_OTHERS:
        shape.others(n, width, x, step, ahead, m, raised, high, low)
    elif sums == SUM_ROUGHLY:
        shape.roughly(n, width, x, step, ahead, raised, high, low)
    else:
        shape.sum(n, width, x, step, ahead, raised, high, low)
    memcpy(m, raised, width * sizeof(real))


cdef inline void add_row(Workspace *ws, Py_ssize_t c, Py_ssize_t n, const real *x) noexcept nogil:
    """Adds a contiguous block to the sum of all of reduction c."""
    add_block[real](ws, c, n, 1, x, 0, True, nowhere, (<real *>ws.m)[c] == -INFINITY, SUM_ALL)


cdef inline real largest_of(Py_ssize_t n, const real *x) noexcept nogil:
    """The largest element of a contiguous row; of one with nan, some element or -inf."""
    cdef real m = -INFINITY
    if real is double:
        f64.rows.maximum(n, 1, x, 0, &m)
    else:
        f32.rows.maximum(n, 1, x, 0, &m)
    return m


cdef inline bint all_at_once(const Layout *layout, Py_ssize_t width, real kind) noexcept nogil:
    """Whether columns are read where they lie and stay in cache from their maximum to their sum."""
    return layout.direct and layout.along.n * width * <Py_ssize_t>sizeof(real) <= FUSED


cdef inline Py_ssize_t next_block(const Layout *layout, const Workspace *ws, const void *x, const Place *at,
                                  Py_ssize_t done, Py_ssize_t block, Py_ssize_t beside) noexcept nogil:
    """Bytes from x, where the block at `at`, from element `done` on, lies or is packed, to the end of the first register of the one
    read next: further along, or at the start of what lies `beside`; or what is staged next. Of the two lines that a register
    may lie in the first was fetched with the register before."""
    cdef Py_ssize_t ahead = distance(x, at.at[A]) + register_bytes - 1
    if ws.next_stage != 0:
        return ws.next_stage
    if done + block < layout.along.n:
        return ahead + block * layout.along.stride[A]
    return ahead + beside - done * layout.along.stride[A]


cdef inline Py_ssize_t from_buffer(const void *buffer, const Layout *layout, const Place *at, int which,
                                   Py_ssize_t further) noexcept nogil:
    """Bytes from a buffer to an operand of so many reductions further on; 0 where reductions do not follow each other."""
    cdef Py_ssize_t step = layout.across.stride[which]
    return distance(buffer, at.at[which]) + further * step if step == layout.along.n * layout.along.stride[which] else 0


cdef inline Py_ssize_t to_results(const Layout *layout, const Workspace *ws, const void *x, const Place *at,
                                  Py_ssize_t step) noexcept nogil:
    """Bytes from x, which is `at` or what is packed from there, `step` bytes from row to row, to where its results will be
    written, likewise; 0 where they lie otherwise."""
    if not ws.writes_later or not layout.direct_out or layout.stream or layout.along.stride[OUT] != step:
        return 0
    return distance(x, at.at[OUT]) + ws.unstaged + register_bytes - 1


cdef void add_rows(const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, bint first, int sums,
                   real kind) noexcept nogil:
    """Adds rows: as many as stay in cache from their maxima to their sums, so that none waits for its own; or one, a block at a time."""
    cdef Py_ssize_t n = layout.along.n, size = sizeof(real), room = TILE // size, block, done, some, c = 0
    cdef Py_ssize_t at_once = max(1, (room // 2 if ws.writes_later else room) // n) if layout.direct else 1
    cdef bint alike = layout.across.stride[A] == layout.across.stride[OUT]  # one distance to the results of all
    cdef Distances ahead
    cdef Place at
    cdef real *x
    while c < width:
        some = min(at_once, width - c)
        at = p
        done = 0
        while done < n:
            block = min(n - done, room)
            x = <real *>at.at[A]
            if not layout.direct:
                x = <real *>(at.at[OUT] if ws.packs_to_out else ws.buffer)
                pack[real](layout, &at, &layout.across, &layout.along, 1, block, x)
            ahead.next = next_block(layout, ws, x, &at, done, block, some * layout.across.stride[A])
            ahead.result = to_results(layout, ws, x, &at, size) if some == 1 or alike else 0
            add_block[real](ws, c, block, some, x, layout.across.stride[A] // size, True, ahead, first and done == 0, sums)
            move(&at, &layout.along, block)
            done += block
        move(&p, &layout.across, some)
        c += some


cdef inline Distances of_columns(const Layout *layout, const Workspace *ws, const void *x, const Place *at, Py_ssize_t done,
                                 Py_ssize_t block, Py_ssize_t width, Py_ssize_t step, Py_ssize_t size) noexcept nogil:
    """From x, a block of columns at `at` or what is packed from there, to what is wanted after it."""
    cdef Py_ssize_t n = layout.along.n
    # to fetch the next columns too, where they are not those beside, is worth it for a few rows only, if results are fetched then
    cdef Py_ssize_t beside = width * size if ws.writes_later and n >= STREAMS else ws.beside
    cdef Distances ahead = nowhere
    if layout.direct:
        ahead.next = next_block(layout, ws, x, at, done, block, beside)
    # results that lie in many pages, but in long pieces, are fetched as they are written: row by row the processor sees them coming
    if not (layout.direct and n >= STREAMS and width * size > 2 * STRETCH):
        ahead.result = to_results(layout, ws, x, at, step)
    return ahead


cdef void add_tiles(const Layout *layout, Workspace *ws, Place at, Py_ssize_t width, Py_ssize_t room, bint first, int sums,
                    real kind) noexcept nogil:
    """Adds columns, at most `room` rows at a time."""
    cdef Py_ssize_t n = layout.along.n, size = sizeof(real), step = layout.along.stride[A], block, done = 0
    cdef Distances ahead
    cdef real *x
    while done < n:
        block = min(n - done, room)
        x = <real *>at.at[A]
        if not layout.direct:
            x, step = <real *>ws.buffer, width * size
            pack[real](layout, &at, &layout.along, &layout.across, block, width, x)
        ahead = of_columns(layout, ws, x, &at, done, block, width, step, size)
        add_block[real](ws, 0, block, width, x, step // size, False, ahead, first and done == 0, sums)
        move(&at, &layout.along, block)
        done += block


cdef inline bint writes_later(const Layout *layout, const Place *p, Py_ssize_t width, Py_ssize_t size) noexcept nogil:
    """Whether output of so many reductions is written after their sums, and the cache holds it till then."""
    return p.at[OUT] != NULL and elements(layout) * width * size <= FUSED_ROW


cdef void accumulate(const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, Py_ssize_t batch, int sums,
                     real kind) noexcept nogil:
    """The states of `width` reductions from p on: every outer position, a block at a time. Where blocks end depends on the `batch` that
    all calls but the first and the last carry, so that the bits of a result do not depend on where an array begins."""
    cdef Odometer outer
    cdef Py_ssize_t n = layout.along.n, size = sizeof(real)
    cdef Py_ssize_t most = max(width, batch)
    cdef Py_ssize_t room = max(<Py_ssize_t>DEEP, 4 * TILE // size // most) if layout.direct else max(1, TILE // size // most)
    if all_at_once[real](layout, most, kind):
        room = n
    cdef bint first = True
    ws.writes_later = writes_later(layout, &p, width, size)
    memset(&outer, 0, sizeof(Odometer))
    clear[real](ws, width, kind)
    while True:
        if layout.rows:
            add_rows[real](layout, ws, p, width, first, sums, kind)
        else:
            add_tiles[real](layout, ws, p, width, room, first, sums, kind)
        first = False
        if not advance(&outer, layout.reduced, layout.outer_reduced, &p):
            return


cdef void fold_states(Workspace *ws, Py_ssize_t width, Py_ssize_t groups, int sums, real kind) noexcept nogil:
    """The states of `width` columns from those of `groups` times as many, which lie side by side."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef real *m = <real *>ws.m
    cdef real *top = <real *>ws.raised
    cdef Py_ssize_t g, c, at, ties
    cdef double error
    memcpy(top, m, width * sizeof(real))
    for at in range(width, width * groups):
        if m[at] > top[at % width]:
            top[at % width] = m[at]
    for g in range(groups):
        at = g * width
        if sums == SUM_OTHERS:
            lanes.states_absorb(width, m + at, top, &ws.high[at], &ws.low[at])
        else:
            lanes.states_rescale(width, m + at, top, &ws.high[at], &ws.low[at])
        if g > 0:
            for c in range(width):
                ws.high[c] = two_sum(ws.high[c], ws.high[at + c], &error)
                ws.low[c] += ws.low[at + c] + error
    if sums == SUM_OTHERS:  # of equal maxima all but one are others
        lanes.states_peaks(width, top, ws.maximum, ws.peak, ws.peak_low)
        for c in range(width):
            ties = 0
            for g in range(groups):
                ties += m[g * width + c] == top[c]
            if ties > 1 and top[c] != -INFINITY:
                ws.high[c] = two_sum(ws.high[c], (ties - 1) * ws.peak[c] * OTHERS_LIFT, &error)
                ws.low[c] += (ties - 1) * ws.peak_low[c] * OTHERS_LIFT + error
    memcpy(m, top, width * sizeof(real))


cdef void make_whole(Workspace *ws, Py_ssize_t width, real kind) noexcept nogil:
    """Sums of others become sums of all."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    lanes.states_whole(width, <real *>ws.m, ws.high, ws.low)


cdef inline void take_values(Py_ssize_t n, const real *m, const double *high, const double *low, Py_ssize_t additions,
                             int sums, double *maximum, double *shift, double *power, double *value,
                             unsigned char *care) noexcept nogil:
    """OUT value[n], and care[n]: the logs of sums (of all) of so many additions under the references of IN m[n]; the other three
    are workspace."""
    cdef Accuracy bound = accuracy(additions, sums, real is double, real is double)
    if real is double:
        f64.states_origins(n, m, maximum, shift, power)
        f64.states_values(n, maximum, shift, power, high, low, &bound, value, care)
    else:
        f32.states_origins(n, m, maximum, shift, power)
        f64.states_values_single(n, maximum, shift, power, high, low, &bound, value, care)


cdef void finish_values(Workspace *ws, Py_ssize_t width, Py_ssize_t additions, int sums, real kind) noexcept nogil:
    """Value of each state and which of them need care."""
    take_values[real](width, <real *>ws.m, ws.high, ws.low, additions, sums, ws.maximum, ws.peak, ws.peak_low, ws.value,
                      ws.care)


cdef inline void invert(Workspace *ws, Py_ssize_t width, real kind) noexcept nogil:
    """1 / sum of each state in two reals, ready for lifted exponentials."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    lanes.states_inverse(width, <real *>ws.m, ws.high, ws.low, <real *>ws.inverse, <real *>ws.inverse_low)


cdef void load_states(const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, real kind) noexcept nogil:
    cdef Py_ssize_t c
    cdef real *m = <real *>ws.m
    cdef double *state
    for c in range(width):
        state = <double *>(p.at[STATE] + c * layout.across.stride[STATE])
        m[c] = <real>state[0]
        ws.high[c] = (<double *>(<char *>state + layout.plane))[0]
        ws.low[c] = (<double *>(<char *>state + 2 * layout.plane))[0]


cdef void save_states(const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, real kind) noexcept nogil:
    cdef Py_ssize_t c
    cdef real *m = <real *>ws.m
    cdef double *state
    for c in range(width):
        state = <double *>(p.at[STATE] + c * layout.across.stride[STATE])
        state[0] = m[c]
        (<double *>(<char *>state + layout.plane))[0] = ws.high[c]
        (<double *>(<char *>state + 2 * layout.plane))[0] = ws.low[c]
