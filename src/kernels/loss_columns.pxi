"""Losses of short rows, or of classes along another axis: a tile of logits and, where classes have shares, one of the targets, so
that lanes are reductions. See losses.pxi.
"""


cdef inline bint whole(const Layout *layout, Py_ssize_t width, real kind) noexcept nogil:
    """Whether a batch is one tile, packed once."""
    return layout.along.n * width * <Py_ssize_t>sizeof(real) <= TILE


cdef inline Py_ssize_t tile_rows(Py_ssize_t width, real kind) noexcept nogil:
    return <Py_ssize_t>(TILE // sizeof(real)) // width


cdef void find_largest(const Layout *layout, Workspace *ws, LossBatch *batch, Place at, Py_ssize_t width,
                       real kind) noexcept nogil:
    """Sets the largest of each column apart; of columns with nan, some element."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef Py_ssize_t n = layout.along.n, done = 0, block, c
    cdef real *m = <real *>batch.logit
    cdef real *where = <real *>ws.raised
    for c in range(width):
        m[c] = -INFINITY
        batch.apart[c] = 0
    while done < n:
        block = min(n - done, tile_rows[real](width, kind))
        pack[real](layout, &at, &layout.along, &layout.across, block, width, <real *>ws.buffer)
        lanes.columns_largest(block, width, <real *>ws.buffer, width, m, where)
        for c in range(width):
            if where[c] >= 0:
                batch.apart[c] = done + <Py_ssize_t>where[c]
        move(&at, &layout.along, block)
        done += block


cdef inline void take_apart(LossBatch *batch, Py_ssize_t done, Py_ssize_t rows, Py_ssize_t width, real *x,
                            real *targets) noexcept nogil:
    """Reads the ones apart that are in this tile, and takes them out of it."""
    cdef Py_ssize_t c, at
    for c in range(width):
        if done <= batch.apart[c] < done + rows:
            at = (batch.apart[c] - done) * width + c
            batch.one[c] = (<real *>batch.logit)[c] = x[at]
            x[at] = -INFINITY
            if targets != NULL:
                targets[at] = 0


cdef void add_other_columns(const Layout *layout, Workspace *ws, LossBatch *batch, Place at, Py_ssize_t width,
                            real kind) noexcept nogil:
    """The states of all classes but the one apart and, where classes have shares, the sums of these."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef Py_ssize_t n = layout.along.n, done = 0, block
    cdef real *x = <real *>ws.buffer
    cdef real *targets = <real *>(ws.buffer + SCRATCH) if at.at[WEIGHT] != NULL else NULL
    cdef Distances ahead = nowhere
    cdef Py_ssize_t targets_ahead = 0
    if whole[real](layout, width, kind):
        ahead.next = from_buffer(x, layout, &at, A, width)
        targets_ahead = from_buffer(targets, layout, &at, WEIGHT, width)
    if targets != NULL:
        find_largest[real](layout, ws, batch, at, width, kind)
        memset(batch.sum, 0, sizeof(batch.sum))
    clear[real](ws, width, kind)
    while done < n:
        block = min(n - done, tile_rows[real](width, kind))
        if targets == NULL or block < n:
            pack[real](layout, &at, &layout.along, &layout.across, block, width, x)
        if targets != NULL:
            pack_weights[real](&at, &layout.along, &layout.across, block, width, targets)
        take_apart[real](batch, done, block, width, x, targets)
        if targets != NULL:
            lanes.columns_target(block, width, x, targets, width, targets_ahead, <real *>batch.logit, &batch.sum[0][0], BATCH)
        add_block[real](ws, 0, block, width, x, width, False, ahead, done == 0, SUM_ALL)
        move(&at, &layout.along, block)
        done += block


cdef void emit_column_gradients(const Layout *layout, const Target *target, Workspace *ws, const LossBatch *batch, Place at,
                                Py_ssize_t width, real kind) noexcept nogil:
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef Py_ssize_t n = layout.along.n, done = 0, block, c, out_step = width, ahead = 0  # to what is written next
    cdef real *x = <real *>ws.buffer
    cdef real *out = x
    cdef real *targets = <real *>(ws.buffer + SCRATCH) if at.at[WEIGHT] != NULL else NULL
    cdef bint packed = whole[real](layout, width, kind)
    while done < n:
        block = min(n - done, tile_rows[real](width, kind))
        if not packed:
            pack[real](layout, &at, &layout.along, &layout.across, block, width, x)
            if targets != NULL:
                pack_weights[real](&at, &layout.along, &layout.across, block, width, targets)
        if layout.direct_out:
            out = <real *>at.at[OUT]
            out_step = layout.along.stride[OUT] // <Py_ssize_t>sizeof(real)
            ahead = (width if block == n else block * out_step) * <Py_ssize_t>sizeof(real)
        elif block == n:
            ahead = from_buffer(out, layout, &at, OUT, 0)
        lanes.columns_slope(block, width, x, width, <real *>ws.m, <real *>ws.inverse, <real *>ws.inverse_low,
                            <real *>batch.factor, <real *>batch.factor_low, targets, <real>target.scale, out, out_step, ahead)
        if targets != NULL:
            for c in range(width):
                subtract_label[real](target, batch.label[c], done, block, out + c, out_step)
        if not layout.direct_out:
            unpack[real](layout, &at, &layout.along, &layout.across, block, width, out, 0)
        move(&at, &layout.along, block)
        done += block
