"""Softmax with one exponential an element: the maxima first, then the exponentials, stored where the result will be and summed,
then normalised, all while they stay in cache."""

cdef enum:
    FEW = 65536          # bytes of columns whose exponentials are kept at once
    WRITTEN_SOON = 2048  # bytes behind what is written of a row that are fetched to be written next

cdef struct Run:
    const Layout *layout
    int wanted
    int sums              # what they are of
    bint roughly          # whether rough ones are tried before
    Py_ssize_t batch      # reductions carried together
    bint staged           # whether all of a batch is packed into the buffer first, and its output unpacked from there
    Py_ssize_t fold       # how many rows of a few columns make one of many
    Layout inner          # of what is staged or folded
    bint at_once          # whether columns go through one kernel from their maxima to what their results are made of


cdef inline void spread(real *x, Py_ssize_t n, Py_ssize_t times) noexcept nogil:
    """Repeats IN/OUT x[n]."""
    cdef Py_ssize_t i
    for i in range(n, n * times):
        x[i] = x[i - n]


cdef bint fits_fused(const Run *run, const Layout *layout, Py_ssize_t width, real kind) noexcept nogil:
    """Whether the exponentials of a row, or of a batch of columns, stay in cache."""
    cdef Py_ssize_t size = elements(layout) * <Py_ssize_t>sizeof(real)
    if run.fold > 1:
        return run.inner.direct_out and size * width <= FUSED_ROW
    return layout.direct_out and (run.staged or (size <= FUSED_ROW if layout.rows
                                                 else size * max(width, run.batch) <= FUSED))


cdef void pass_over_some(const Layout *layout, Workspace *ws, Place at, Py_ssize_t c, Py_ssize_t some, Py_ssize_t beside,
                         bint stores, real kind) noexcept nogil:
    """Some reductions, from c on, which is at `at`, as far as they are contiguous. What is read next lies `beside` bytes further."""
    if real is double:
        shape = &f64.rows if layout.rows else &f64.columns
    else:
        shape = &f32.rows if layout.rows else &f32.columns
    cdef const Dim *outer = outer_of(layout)
    cdef const Dim *inner = inner_of(layout)
    cdef Py_ssize_t n = layout.along.n, size = sizeof(real), room = n, done = 0, block, step, out_step
    cdef Py_ssize_t further = min(n * size, <Py_ssize_t>WRITTEN_SOON) if layout.rows else some * size  # written next
    cdef Distances ahead = nowhere
    cdef real *m = <real *>ws.m + c
    cdef real *x
    if not layout.direct:
        room = TILE // size if layout.rows else max(1, SCRATCH // size // some)
    while done < n:
        block = min(n - done, room)
        x, step = <real *>at.at[A], outer.stride[A]
        if layout.direct:
            ahead.next = next_block(layout, ws, x, &at, done, block, beside)
        else:
            x, step = <real *>(at.at[OUT] if ws.packs_to_out else ws.buffer), (block if layout.rows else some) * size
            if not stores or not ws.packs_to_out:
                pack[real](layout, &at, outer, inner, some if layout.rows else block, step // size, x)
        if not stores:
            shape.maximum(block, some, x, step // size, m)
        else:
            out_step = outer.stride[OUT]
            ahead.result = ws.unstaged
            if ws.unstaged == 0 and (step == out_step or layout.rows and some == 1):
                ahead.result = distance(x, at.at[OUT]) + further
            ws.small |= shape.store(block, some, x, step // size, ahead, m, <real *>at.at[OUT], out_step // size,
                                    ws.high + c, ws.low + c)
        done += block
        if done < n:
            move(&at, &layout.along, block)


cdef void pass_over(const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, bint stores, real kind) noexcept nogil:
    """Raises the maxima to those of all elements; or takes the sums, with the exponentials to OUT."""
    cdef Odometer outer
    cdef Place at
    cdef Py_ssize_t c, at_once = 1 if layout.rows and not layout.direct else width
    cdef Py_ssize_t beside = width * layout.across.stride[A] if layout.rows else ws.beside
    memset(&outer, 0, sizeof(Odometer))
    while True:
        at = p
        for c in range(width // at_once):
            pass_over_some[real](layout, ws, at, c, at_once, beside, stores, kind)
            move(&at, &layout.across, at_once)
        if not advance(&outer, layout.reduced, layout.outer_reduced, &p):
            return


cdef Place folded_tail(const Run *run, const Layout *layout, Place p) noexcept nogil:
    """Where the rows begin that the folding leaves over."""
    move(&p, &layout.along, layout.along.n - layout.along.n % run.fold)
    return p


cdef void tail_of(const Run *run, const Layout *layout, Layout *tail) noexcept nogil:
    """OUT tail: the layout of these rows."""
    inner_layout(tail, &run.inner)
    tail.across.n = layout.across.n
    tail.along = layout.along
    tail.along.n = layout.along.n % run.fold


cdef void store_exponentials(const Run *run, const Layout *layout, Workspace *ws, Place p, Py_ssize_t width,
                             real kind) noexcept nogil:
    """The states of a batch, and its exponentials to OUT."""
    cdef real *m = <real *>ws.m
    cdef Py_ssize_t i
    cdef double error
    cdef Layout tail
    cdef Place left
    clear[real](ws, width * run.fold, kind)
    ws.small = False
    if run.fold == 1:
        pass_over[real](layout, ws, p, width, False, kind)
        pass_over[real](layout, ws, p, width, True, kind)
        return
    tail_of(run, layout, &tail)
    left = folded_tail(run, layout, p)
    pass_over[real](&run.inner, ws, p, width * run.fold, False, kind)
    pass_over[real](&tail, ws, left, width, False, kind)
    for i in range(width, width * run.fold):
        m[i % width] = max(m[i % width], m[i])
    spread[real](m, width, run.fold)
    pass_over[real](&run.inner, ws, p, width * run.fold, True, kind)
    for i in range(width, width * run.fold):
        ws.high[i % width] = two_sum(ws.high[i % width], ws.high[i], &error)
        ws.low[i % width] += ws.low[i] + error
    pass_over[real](&tail, ws, left, width, True, kind)


cdef void normalise(const Run *run, const Layout *layout, Workspace *ws, Place p, Py_ssize_t width,
                    real kind) noexcept nogil:
    """The exponentials in OUT become softmax."""
    if real is double:
        shape = &f64.rows if layout.rows and run.fold == 1 else &f64.columns
    else:
        shape = &f32.rows if layout.rows and run.fold == 1 else &f32.columns
    cdef const Dim *rows = outer_of(layout)
    cdef real *inverse = <real *>ws.inverse
    cdef real *low = <real *>ws.inverse_low
    cdef Odometer outer
    cdef Py_ssize_t size = sizeof(real)
    cdef real *out
    if run.fold > 1:
        spread[real](inverse, width, run.fold)
        spread[real](low, width, run.fold)
        out = <real *>p.at[OUT]
        shape.normalise(run.inner.along.n, width * run.fold, out, width * run.fold, inverse, low, ws.small)
        out = <real *>folded_tail(run, layout, p).at[OUT]
        shape.normalise(layout.along.n % run.fold, width, out, width, inverse, low, ws.small)
        return
    memset(&outer, 0, sizeof(Odometer))
    while True:
        shape.normalise(layout.along.n, width, <real *>p.at[OUT], rows.stride[OUT] // size, inverse, low, ws.small)
        if not advance(&outer, layout.reduced, layout.outer_reduced, &p):
            return


cdef void hide(const Run *run, const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, real hidden) noexcept nogil:
    """Puts `hidden` where the mask hides an element of OUT, written where it lies. Packed as -inf these come out so by
    themselves, except where a reduction has no result that is finite (an inverse or log that is not)."""
    cdef Odometer outer
    cdef Py_ssize_t c, i
    cdef Place first, at
    if p.at[MASK] == NULL or not (run.inner.direct_out if run.fold > 1 else layout.direct_out):
        return
    for c in range(width):
        if fabs((<real *>ws.inverse)[c]) < INFINITY and (<real *>ws.m)[c] > -INFINITY:
            continue
        first = p
        move(&first, &layout.across, c)
        memset(&outer, 0, sizeof(Odometer))
        while True:
            at = first
            for i in range(layout.along.n):
                if at.at[MASK][0] == 0:
                    memcpy(at.at[OUT], &hidden, sizeof(real))
                move(&at, &layout.along, 1)
            if not advance(&outer, layout.reduced, layout.outer_reduced, &first):
                break


cdef inline bint is_tall(Py_ssize_t n) noexcept nogil:
    """Whether of columns of n a line's width is more than stays in the first-level cache, or nearly so where it takes several registers."""
    return n * LINE > (FEW if register_bytes >= LINE else FEW // 2)


cdef void softmax_tall(const Layout *layout, Workspace *ws, const Place *p, Py_ssize_t width, real kind) noexcept nogil:
    """Softmax of a batch of such columns, one kernel after the other."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef Py_ssize_t n = layout.along.n, size = sizeof(real), step = layout.along.stride[A] // size
    cdef Distances ahead = nowhere
    cdef real *m = <real *>ws.m
    cdef real *x = <real *>p.at[A]
    cdef real *kept = <real *>ws.buffer
    clear[real](ws, width, kind)
    ahead.next = next_block(layout, ws, x, p, 0, n, ws.beside)
    lanes.columns.maximum(n, width, x, step, m)
    ws.small = lanes.columns.store(n, width, x, step, ahead, m, kept, width, ws.high, ws.low)
    invert[real](ws, width, kind)
    lanes.columns_divide(n, width, kept, width, <real *>ws.inverse, <real *>ws.inverse_low, <real *>p.at[OUT],
                         layout.along.stride[OUT] // size, ws.small, layout.stream, True)


cdef void softmax_few(const Run *run, const Layout *layout, Workspace *ws, const Place *p, Py_ssize_t first, Py_ssize_t width,
                      real kind) noexcept nogil:
    """Softmax, and the states where a value is wanted, of a few columns of a batch, from `first` on, which are at p. What is staged, and
    not wanted any more, makes room for the exponentials."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef Py_ssize_t n = layout.along.n, size = sizeof(real), kept_step = width
    cdef Py_ssize_t step = layout.along.stride[A] // size, out_step = layout.along.stride[OUT] // size
    cdef Distances ahead
    cdef double *high = ws.high + first if run.wanted & DO_VALUE else NULL
    cdef real *x = <real *>p.at[A]
    cdef real *kept = <real *>ws.buffer
    if run.staged and run.wanted & DO_VALUE:
        kept, kept_step = <real *>p.at[OUT], out_step
    elif run.staged:
        kept, kept_step = x, step
    ahead.next = next_block(layout, ws, x, p, 0, n, ws.beside)
    ahead.result = ws.unstaged
    if step == out_step and p.at[A] != p.at[OUT] and not layout.stream:
        ahead.result = distance(x, p.at[OUT]) + register_bytes - 1
    lanes.columns_softmax(n, width, x, step, ahead, <real *>ws.m + first, <real *>ws.inverse + first,
                          <real *>ws.inverse_low + first, high, ws.low + first, kept, kept_step, <real *>p.at[OUT],
                          out_step, layout.stream)


cdef void softmax_columns(const Run *run, const Layout *layout, Workspace *ws, Place p, Py_ssize_t width,
                          real kind) noexcept nogil:
    """The same of a batch of columns."""
    cdef Py_ssize_t most = width, done = 0, some, parts, line = LINE // <Py_ssize_t>sizeof(real)
    if not run.staged:
        if is_tall(layout.along.n):
            softmax_tall[real](layout, ws, &p, width, kind)
            return
        most = max(<Py_ssize_t>1, FEW // LINE // layout.along.n) * line
        parts = (width + most - 1) // most
        most = (width + parts * line - 1) // (parts * line) * line  # as many in each
    if run.wanted & DO_VALUE:
        clear[real](ws, width, kind)
    while done < width:
        some = min(most, width - done)
        softmax_few[real](run, layout, ws, &p, done, some, kind)
        move(&p, &layout.across, some)
        done += some


cdef void softmax_fused(const Run *run, const Layout *layout, Workspace *ws, Place p, Py_ssize_t width,
                        real kind) noexcept nogil:
    cdef Py_ssize_t at_once = width, done = 0
    if run.at_once:
        softmax_columns[real](run, layout, ws, p, width, kind)
        hide[real](run, layout, ws, p, width, 0)
        return
    if layout.rows and run.fold == 1:  # several short ones, so that none waits for the inverse of the one before
        at_once = max(1, TILE // <Py_ssize_t>sizeof(real) // elements(layout))
    while done < width:
        at_once = min(at_once, width - done)
        store_exponentials[real](run, layout, ws, p, at_once, kind)
        invert[real](ws, at_once, kind)
        normalise[real](run, layout, ws, p, at_once, kind)
        hide[real](run, layout, ws, p, at_once, 0)
        move(&p, &layout.across, at_once)
        done += at_once


cdef bint move_inverses(const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, real kind) noexcept nogil:
    """Makes the inverse sums ready for exponentials under the reference of the maxima in VALUE (float64); whether a power of
    two, and not too small a one, does that for all of them."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef real *inverse = <real *>ws.inverse
    cdef real *low = <real *>ws.inverse_low
    cdef real *stored = <real *>ws.raised
    cdef Py_ssize_t c
    # below it the low part of an inverse would lose digits
    cdef double scale, least = 2.0 ** -1000 if real is double else 2.0 ** -110
    for c in range(width):
        stored[c] = <real>(<double *>(p.at[VALUE] + c * layout.across.stride[VALUE]))[0]
    lanes.states_origins(width, <real *>ws.m, ws.maximum, ws.peak, ws.peak_low)
    lanes.states_origins(width, stored, ws.maximum, ws.value, ws.log)
    for c in range(width):
        if not (fabs(ws.maximum[c]) < INFINITY and ws.peak[c] == 0 and ws.value[c] == 0
                and inverse[c] * ldexp(1, <int>(ws.log[c] - ws.peak_low[c])) >= least):
            return False
    for c in range(width):
        scale = ldexp(1, <int>(ws.log[c] - ws.peak_low[c]))
        inverse[c] *= <real>scale
        low[c] *= <real>scale
    return True
