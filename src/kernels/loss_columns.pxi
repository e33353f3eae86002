"""Losses of short rows, or of classes along another axis: a tile of logits, packed, and, where classes have shares, one of the targets,
where it lies or packed, so that lanes are reductions. See losses.pxi.
"""


cdef inline bint whole(const Layout *layout, Py_ssize_t width, real kind) noexcept nogil:
    """Whether a batch is one tile, packed once."""
    return layout.along.n * width * <Py_ssize_t>sizeof(real) <= TILE


cdef inline Py_ssize_t tile_rows(Py_ssize_t width, real kind) noexcept nogil:
    return <Py_ssize_t>(TILE // sizeof(real)) // width


cdef inline bint lies(const Layout *layout, const Place *at, int which, real kind) noexcept nogil:
    """Whether columns of an operand are read where they lie."""
    cdef Py_ssize_t size = sizeof(real)
    return (layout.across.stride[which] == size and layout.along.stride[which] % size == 0
            and <size_t>at.at[which] % sizeof(real) == 0)


cdef inline bint alike(const Layout *layout, const Place *at, real kind) noexcept nogil:
    """Whether logits and targets lie alike, with one distance between them."""
    return (layout.along.stride[A] == layout.along.stride[WEIGHT] and lies[real](layout, at, A, kind)
            and lies[real](layout, at, WEIGHT, kind))


cdef inline const real *targets_of(const Layout *layout, Workspace *ws, const Place *at, Py_ssize_t rows, Py_ssize_t width,
                                   bint packed, Py_ssize_t *step, real kind) noexcept nogil:
    """A tile of targets, where it lies or behind the logits, packed where it is not yet; NULL where there are none. OUT step."""
    cdef real *buffer = <real *>(ws.buffer + SCRATCH)
    step[0] = width
    if at.at[WEIGHT] == NULL:
        return NULL
    if lies[real](layout, at, WEIGHT, kind):
        step[0] = layout.along.stride[WEIGHT] // <Py_ssize_t>sizeof(real)
        return <real *>at.at[WEIGHT]
    if not packed:
        pack_weights[real](at, &layout.along, &layout.across, rows, width, buffer)
    return buffer


cdef void find_largest(const Layout *layout, Workspace *ws, LossBatch *batch, Place at, Py_ssize_t width,
                       real kind) noexcept nogil:
    """Sets the largest of each column apart; of columns with nan, some element. Targets that lie as the logits do are fetched."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef Py_ssize_t n = layout.along.n, done = 0, block, c, step = width, ahead = 0
    cdef bint here = lies[real](layout, &at, A, kind)
    cdef real *x = <real *>ws.buffer
    cdef real *m = <real *>batch.logit
    cdef real *where = <real *>ws.raised
    if here:
        step = layout.along.stride[A] // <Py_ssize_t>sizeof(real)
        if alike[real](layout, &at, kind):
            ahead = distance(at.at[A], at.at[WEIGHT])
    for c in range(width):
        m[c] = -INFINITY
        batch.apart[c] = 0
    while done < n:
        block = min(n - done, tile_rows[real](width, kind))
        if here:
            x = <real *>at.at[A]
        else:
            pack[real](layout, &at, &layout.along, &layout.across, block, width, x)
        lanes.columns_largest(block, width, x, step, ahead, m, where)
        for c in range(width):
            if where[c] >= 0:
                batch.apart[c] = done + <Py_ssize_t>where[c]
        move(&at, &layout.along, block)
        done += block


cdef inline void take_apart(LossBatch *batch, Py_ssize_t done, Py_ssize_t rows, Py_ssize_t width, real *x) noexcept nogil:
    """Reads the ones apart that are in this tile, and takes them out of it."""
    cdef Py_ssize_t c, row
    for c in range(width):
        row = batch.apart[c] - done
        if 0 <= row < rows:
            batch.one[c] = x[row * width + c]
            x[row * width + c] = -INFINITY


cdef inline void read_shares(LossBatch *batch, Py_ssize_t done, Py_ssize_t rows, Py_ssize_t width, const real *targets,
                             Py_ssize_t step, real *where) noexcept nogil:
    """Reads the shares of those apart. OUT where: in which row of this tile they are, or would be."""
    cdef Py_ssize_t c, row
    for c in range(width):
        row = batch.apart[c] - done
        where[c] = <real>row
        if 0 <= row < rows:
            batch.own_share[c] = targets[row * step + c]


cdef void add_other_columns(const Layout *layout, Workspace *ws, LossBatch *batch, Place at, Py_ssize_t width,
                            real kind) noexcept nogil:
    """The states of all classes but the one apart and, where classes have shares, the sums of these."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef Py_ssize_t n = layout.along.n, done = 0, block, target_step, targets_ahead = 0
    cdef bint has_targets = at.at[WEIGHT] != NULL, all_alike = has_targets and alike[real](layout, &at, kind)
    cdef real *x = <real *>ws.buffer
    cdef const real *targets
    cdef Distances ahead = nowhere
    if whole[real](layout, width, kind):
        ahead.next = from_buffer(x, layout, &at, A, width)
    if has_targets:
        find_largest[real](layout, ws, batch, at, width, kind)
        memset(batch.sum, 0, sizeof(batch.sum))
    clear[real](ws, width, kind)
    while done < n:
        block = min(n - done, tile_rows[real](width, kind))
        if not has_targets or block < n or lies[real](layout, &at, A, kind):
            pack[real](layout, &at, &layout.along, &layout.across, block, width, x)
        targets = targets_of[real](layout, ws, &at, block, width, False, &target_step, kind)
        take_apart[real](batch, done, block, width, x)
        if has_targets:
            read_shares[real](batch, done, block, width, targets, target_step, <real *>ws.raised)
            if all_alike:  # the next logits
                targets_ahead = next_block(layout, ws, targets, &at, done, block, ws.beside)
            elif block == n:
                targets_ahead = from_buffer(targets, layout, &at, WEIGHT, width)
            lanes.columns_target(block, width, x, width, targets, target_step, targets_ahead, <real *>batch.logit,
                                 <real *>ws.raised, &batch.sum[0][0], BATCH)
        add_block[real](ws, 0, block, width, x, width, False, ahead, done == 0, SUM_ALL)
        move(&at, &layout.along, block)
        done += block


cdef void emit_column_gradients(const Layout *layout, const Target *target, Workspace *ws, const LossBatch *batch, Place at,
                                Py_ssize_t width, real kind) noexcept nogil:
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef Py_ssize_t n = layout.along.n, done = 0, block, c, target_step, out_step = width, ahead = 0  # to what is written next
    cdef real *x = <real *>ws.buffer
    cdef real *out = x
    cdef const real *targets
    cdef bint packed = whole[real](layout, width, kind)
    while done < n:
        block = min(n - done, tile_rows[real](width, kind))
        if not packed:
            pack[real](layout, &at, &layout.along, &layout.across, block, width, x)
        targets = targets_of[real](layout, ws, &at, block, width, packed, &target_step, kind)
        if layout.direct_out:
            out = <real *>at.at[OUT]
            out_step = layout.along.stride[OUT] // <Py_ssize_t>sizeof(real)
            ahead = (width if block == n else block * out_step) * <Py_ssize_t>sizeof(real)
        elif block == n:
            ahead = from_buffer(out, layout, &at, OUT, 0)
        lanes.columns_slope(block, width, x, width, <real *>ws.m, <real *>ws.inverse, <real *>ws.inverse_low,
                            <real *>batch.factor, <real *>batch.factor_low, targets, target_step, <real>target.scale, out, out_step,
                            ahead)
        if targets != NULL:
            for c in range(width):
                subtract_label[real](target, batch.label[c], done, block, out + c, out_step)
        if not layout.direct_out:
            unpack[real](layout, &at, &layout.along, &layout.across, block, width, out, 0)
        move(&at, &layout.along, block)
        done += block
