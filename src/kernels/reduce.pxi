"""The reductions and what is built on their states: one driver, told which results are wanted."""

cdef enum:
    # what a run is to do
    DO_VALUE = 1          # logsumexp to VALUE
    DO_SOFTMAX = 2        # to OUT
    DO_LOG_SOFTMAX = 4    # to OUT
    DO_LOAD = 8           # states come from STATE instead of the data
    DO_SAVE = 16          # states go to STATE
    DO_LOG = 32           # log of the sum over its largest term to VALUE
    DO_GIVEN = 64         # that log comes from VALUE

cdef inline void store(char *p, real x) noexcept nogil:
    memcpy(p, &x, sizeof(real))


cdef bint fits_fused(const Layout *layout, Py_ssize_t width, real kind) noexcept nogil:
    """Whether the exponentials of a batch can be stored and normalised while they stay in cache."""
    cdef Py_ssize_t rows = 1 if layout.rows else width
    cdef Py_ssize_t room = FUSED if layout.direct and layout.direct_out else TILE
    return layout.reduced == 0 and layout.along.n * rows * <Py_ssize_t>sizeof(real) <= room


cdef inline bint resident(const Layout *layout, Py_ssize_t width, real kind) noexcept nogil:
    """Whether the packed tile of a batch is all of it, so that the buffer still holds it after `accumulate`."""
    return layout.reduced == 0 and layout.along.n * width * <Py_ssize_t>sizeof(real) <= TILE


cdef void softmax_fused(const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, real kind) noexcept nogil:
    """Softmax with one exponential an element: maxima, exponentials stored and summed, normalised."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef real *m = <real *>ws.m
    cdef real *inverse = <real *>ws.inverse
    cdef real *low = <real *>ws.inverse_low
    cdef real *buffer = <real *>ws.buffer
    cdef real *out
    cdef real *x
    cdef Py_ssize_t n = layout.along.n, step = width, out_step = width, c
    cdef real pair[2]
    cdef double sum[2]
    cdef Place at
    clear[real](ws, width, kind)
    if layout.rows:
        for c in range(width):
            at = p
            move(&at, &layout.across, c)
            x = <real *>at.at[A]
            if not layout.direct:
                pack[real](layout, &at, &layout.across, &layout.along, 1, n, buffer)
                x = buffer
            out = <real *>at.at[OUT] if layout.direct_out else buffer
            m[0] = lanes.rows_maximum(n, x)
            sum[0] = sum[1] = 0
            lanes.rows_store(n, x, m[0], out, sum)
            ws.high[0], ws.low[0] = sum[0], sum[1]
            invert[real](ws, 1, kind)
            pair[0], pair[1] = inverse[0], low[0]
            lanes.rows_normalise(n, out, pair)
            if not layout.direct_out:
                unpack[real](layout, &at, &layout.across, &layout.along, 1, n, buffer, 0)
        return
    x = <real *>p.at[A]
    if layout.direct:
        step = layout.along.stride[A] // <Py_ssize_t>sizeof(real)
    else:
        pack[real](layout, &p, &layout.along, &layout.across, n, width, buffer)
        x = buffer
    out = buffer
    if layout.direct_out:
        out = <real *>p.at[OUT]
        out_step = layout.along.stride[OUT] // <Py_ssize_t>sizeof(real)
    lanes.columns_maximum(n, width, x, step, m)
    lanes.columns_store(n, width, x, step, m, out, out_step, ws.high, ws.low)
    invert[real](ws, width, kind)
    lanes.columns_normalise(n, width, out, out_step, inverse, low)
    if not layout.direct_out:
        unpack[real](layout, &p, &layout.along, &layout.across, n, width, buffer, 0)


cdef void emit_row(const Layout *layout, Workspace *ws, Place *at, Py_ssize_t c, Py_ssize_t n, int wanted, bint stream,
                   real kind) noexcept nogil:
    """One block of one reduction: softmax or log_softmax from its state."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef real pair[2]
    cdef real *x = <real *>at.at[A]
    cdef real *out = <real *>at.at[OUT]
    pair[0], pair[1] = (<real *>ws.inverse)[c], (<real *>ws.inverse_low)[c]
    if not layout.direct:
        x = <real *>ws.buffer
        pack[real](layout, at, &layout.across, &layout.along, 1, n, x)
    if not layout.direct_out:
        out = <real *>ws.buffer
    if wanted & DO_SOFTMAX:
        lanes.rows_exponentiate(n, x, (<real *>ws.m)[c], pair, out, stream)
    else:
        lanes.rows_subtract(n, x, (<real *>ws.m)[c], pair[0], out)
    if not layout.direct_out:
        unpack[real](layout, at, &layout.across, &layout.along, 1, n, out, 0 if wanted & DO_SOFTMAX else <real>-INFINITY)


cdef void emit_columns(const Layout *layout, Workspace *ws, Place *at, Py_ssize_t rows, Py_ssize_t width, int wanted,
                       real kind) noexcept nogil:
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef Py_ssize_t step = width, out_step = width
    cdef real *x = <real *>ws.buffer
    cdef real *out = <real *>ws.buffer
    if layout.direct:
        x = <real *>at.at[A]
        step = layout.along.stride[A] // <Py_ssize_t>sizeof(real)
    elif not (resident[real](layout, width, kind) and not wanted & DO_LOAD):
        pack[real](layout, at, &layout.along, &layout.across, rows, width, x)
    if layout.direct_out:
        out = <real *>at.at[OUT]
        out_step = layout.along.stride[OUT] // <Py_ssize_t>sizeof(real)
    if wanted & DO_SOFTMAX:
        lanes.columns_exponentiate(rows, width, x, step, <real *>ws.m, <real *>ws.inverse, <real *>ws.inverse_low,
                                   out, out_step)
    else:
        lanes.columns_subtract(rows, width, x, step, <real *>ws.m, <real *>ws.inverse, out, out_step)
    if not layout.direct_out:
        unpack[real](layout, at, &layout.along, &layout.across, rows, width, out,
                     0 if wanted & DO_SOFTMAX else <real>-INFINITY)


cdef void emit(const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, int wanted, bint stream,
               real kind) noexcept nogil:
    """Softmax or log_softmax of a batch from its states: the blocks once more."""
    cdef Odometer outer
    cdef Py_ssize_t n = layout.along.n, block, done, c, c_end = width if layout.rows else 1
    cdef Py_ssize_t room = max(1, <Py_ssize_t>(TILE // sizeof(real)) // (1 if layout.rows else width))
    cdef Place at
    cdef real *inverse = <real *>ws.inverse
    memset(&outer, 0, sizeof(Odometer))
    if wanted & DO_SOFTMAX:
        invert[real](ws, width, kind)
    else:
        for c in range(width):
            inverse[c] = <real>ws.log[c]
    while True:
        for c in range(c_end):
            at = p
            move(&at, &layout.across, c)
            done = 0
            while done < n:
                block = min(n - done, room)
                if layout.rows:
                    emit_row[real](layout, ws, &at, c, block, wanted, stream, kind)
                else:
                    emit_columns[real](layout, ws, &at, block, width, wanted, kind)
                move(&at, &layout.along, block)
                done += block
        if not advance(&outer, layout.reduced, layout.outer_reduced, &p):
            return


cdef void given_logs(const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, real kind) noexcept nogil:
    cdef real log
    cdef Py_ssize_t c
    for c in range(width):
        load(p.at[VALUE] + c * layout.across.stride[VALUE], 0, &log)
        ws.log[c] = log


cdef void run_batch(const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, int wanted, bint stream,
                    real kind) noexcept nogil:
    cdef Py_ssize_t c
    cdef int care = 0
    if wanted == DO_SOFTMAX and fits_fused[real](layout, width, kind):
        softmax_fused[real](layout, ws, p, width, kind)
        return
    if wanted & DO_LOAD:
        load_states[real](layout, ws, p, width, kind)
    else:
        accumulate[real](layout, ws, p, width, (wanted & (DO_LOG_SOFTMAX | DO_SAVE)) != 0, kind)
    if wanted & DO_SAVE:
        save_states[real](layout, ws, p, width, kind)
    if wanted & DO_VALUE:
        care |= WANT_VALUE
    if wanted & DO_GIVEN:
        given_logs[real](layout, ws, p, width, kind)
    elif wanted & (DO_LOG_SOFTMAX | DO_LOG):
        care |= WANT_LOG
    if care:
        finish_with_care[real](layout, ws, p, width, care, kind)
    if wanted & DO_VALUE:
        for c in range(width):
            store[real](p.at[VALUE] + c * layout.across.stride[VALUE], <real>ws.value[c])
    if wanted & DO_LOG:
        for c in range(width):
            store[real](p.at[VALUE] + c * layout.across.stride[VALUE], <real>ws.log[c])
    if wanted & (DO_SOFTMAX | DO_LOG_SOFTMAX):
        emit[real](layout, ws, p, width, wanted, stream, kind)


cdef Py_ssize_t batch_width(const Layout *layout, int wanted, real kind) noexcept nogil:
    """How many reductions to carry at once: for tiles as many as leave some rows to a block."""
    cdef Py_ssize_t tile = TILE // sizeof(real), n = layout.along.n, room = FUSED // sizeof(real)
    if layout.rows:
        return BATCH
    if wanted == DO_SOFTMAX and layout.direct and layout.direct_out and n * 32 <= room:
        return min(<Py_ssize_t>BATCH, max(32, room // 2 // n // 16 * 16))
    return min(<Py_ssize_t>BATCH, tile // n // 16 * 16 if n * 16 <= tile else tile // 16)


cdef int run(const Layout *layout, int wanted, real kind) noexcept nogil:
    """Everything for one layout; -1 where there is no memory for the workspace."""
    cdef Workspace *ws = <Workspace *>malloc(sizeof(Workspace) + 2 * SCRATCH)
    if ws == NULL:
        return -1
    ws.buffer = <char *>ws + sizeof(Workspace)
    cdef Odometer outer
    cdef Place p = layout.start, at
    cdef Py_ssize_t batch = batch_width[real](layout, wanted, kind), done
    cdef bint stream = (layout.direct_out and layout.start.at[A] != layout.start.at[OUT]
                        and layout.along.n * <Py_ssize_t>sizeof(real) >= STREAM)
    memset(&outer, 0, sizeof(Odometer))
    while True:
        at = p
        done = 0
        while done < layout.across.n:
            run_batch[real](layout, ws, at, min(batch, layout.across.n - done), wanted, stream, kind)
            move(&at, &layout.across, min(batch, layout.across.n - done))
            done += batch
        if not advance(&outer, layout.kept, layout.outer_kept, &p):
            break
    free(ws)
    return 0


cdef int dispatch(Layout *layout, cnp.ndarray a, int wanted) except -1:
    """Runs for a's type, the GIL released where that pays."""
    cdef int status
    cdef bint double_precision = cnp.PyArray_TYPE(a) == cnp.NPY_DOUBLE
    if cnp.PyArray_SIZE(a) < RELEASE:
        status = run[double](layout, wanted, 0) if double_precision else run[float](layout, wanted, 0)
    else:
        with nogil:
            status = run[double](layout, wanted, 0) if double_precision else run[float](layout, wanted, 0)
    if status < 0:
        raise MemoryError("no memory for the workspace of a reduction")
    return 0


cdef unsigned long long axes_mask(axes) except? 0:
    cdef unsigned long long bits = 0
    cdef int axis
    for axis in axes:
        bits |= 1ull << axis
    return bits


cdef void reduce_into(cnp.ndarray a, axes, cnp.ndarray mask, cnp.ndarray out, cnp.ndarray value, cnp.ndarray state,
                      int wanted) except *:
    cdef Layout layout
    plan(&layout, a, axes_mask(axes), mask, None, out, value, None, state)
    dispatch(&layout, a, wanted)


def logsumexp(cnp.ndarray a, axes, cnp.ndarray out, cnp.ndarray where=None):
    """OUT out[kept]: logsumexp of a over axes."""
    reduce_into(a, axes, where, None, out, None, DO_VALUE)


def softmax(cnp.ndarray a, axes, cnp.ndarray out, cnp.ndarray where=None):
    """OUT out: softmax of a over axes; out may be a. Of single elements it is exactly 1, not only to an ulp."""
    if all(a.shape[axis] == 1 for axis in axes):
        log_softmax(a, axes, out, where)
        np.exp(out, out=out)
        return
    reduce_into(a, axes, where, out, None, None, DO_SOFTMAX)


def log_softmax(cnp.ndarray a, axes, cnp.ndarray out, cnp.ndarray where=None):
    """OUT out: log_softmax of a over axes; out may be a."""
    reduce_into(a, axes, where, out, None, None, DO_LOG_SOFTMAX)


def logsumexp_and_softmax(cnp.ndarray a, axes, cnp.ndarray value, cnp.ndarray out, cnp.ndarray where=None):
    """OUT value[kept], out: both from one state; out may be a."""
    reduce_into(a, axes, where, out, value, None, DO_VALUE | DO_SOFTMAX)


def states(cnp.ndarray a, axes, cnp.ndarray state, cnp.ndarray where=None):
    """OUT state[3, kept] (float64): maxima, sums and low parts of the sums of a over axes."""
    reduce_into(a, axes, where, None, None, state, DO_SAVE)


def logsumexp_from(cnp.ndarray a, axes, cnp.ndarray state, cnp.ndarray out, cnp.ndarray where=None):
    """OUT out[kept]: logsumexp from states of a over axes; the data serve where a state does not settle the last digit."""
    reduce_into(a, axes, where, None, out, state, DO_VALUE | DO_LOAD)


def softmax_from(cnp.ndarray a, axes, cnp.ndarray state, cnp.ndarray out, cnp.ndarray where=None):
    """OUT out: softmax of a, a part of the data that the states tell of."""
    reduce_into(a, axes, where, out, None, state, DO_SOFTMAX | DO_LOAD)


def logs_from(cnp.ndarray a, axes, cnp.ndarray state, cnp.ndarray log, cnp.ndarray where=None):
    """OUT log[kept]: what log_softmax subtracts beside the maximum, from states of a over axes."""
    reduce_into(a, axes, where, None, log, state, DO_LOG | DO_LOAD)


def log_softmax_from(cnp.ndarray a, axes, cnp.ndarray state, cnp.ndarray log, cnp.ndarray out, cnp.ndarray where=None):
    """OUT out: log_softmax of a, a part of the data that the states and logs tell of."""
    reduce_into(a, axes, where, out, log, state, DO_LOG_SOFTMAX | DO_LOAD | DO_GIVEN)


def merge(cnp.ndarray into, cnp.ndarray other, bint single):
    """IN/OUT into[3, n], IN other[3, n], C order float64: states of the same reductions, of float32 data where `single`."""
    cdef Py_ssize_t n = cnp.PyArray_DIM(into, 1), i
    cdef double *s = <double *>cnp.PyArray_DATA(into)
    cdef const double *t = <const double *>cnp.PyArray_DATA(other)
    cdef double m, high, low, error
    cdef float old, new
    with nogil:
        for i in range(n):
            m = t[i] if t[i] > s[i] else s[i]
            high, low = t[n + i], t[2 * n + i]
            if single:
                new = <float>m
                old = <float>s[i]
                f32.states_rescale(1, &old, &new, &s[n + i], &s[2 * n + i])
                old = <float>t[i]
                f32.states_rescale(1, &old, &new, &high, &low)
            else:
                f64.states_rescale(1, &s[i], &m, &s[n + i], &s[2 * n + i])
                f64.states_rescale(1, &t[i], &m, &high, &low)
            s[i] = m
            s[n + i] = two_sum(s[n + i], high, &error)
            s[2 * n + i] += low + error
