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
    DO_APART = 128        # those states hold the others apart
    DO_STORE = 256        # the exponentials to OUT, if they stay in cache
    DO_STORED = 512       # they are in OUT, under the reference of the maxima in VALUE
    DO_ROUGHLY = 1024     # those states are rough sums, and what they do not settle stays open
    DO_PACK = 2048        # what has to be packed to OUT, where a row lies as one piece

    WRITES = DO_SOFTMAX | DO_LOG_SOFTMAX | DO_STORE

cdef inline int row_for(int wanted, cnp.ndarray a):
    """Registers from which a contiguous row is taken as it lies. To transpose results back is worth it for softmax of what caches hold."""
    if wanted & ~DO_VALUE == DO_SOFTMAX and cnp.PyArray_NBYTES(a) <= NEARBY:
        return READ_ROW
    return WRITTEN_ROW if wanted & WRITES else READ_ROW


cdef inline void store(char *p, real x) noexcept nogil:
    memcpy(p, &x, sizeof(real))


cdef void store_each(char *p, Py_ssize_t stride, Py_ssize_t n, const double *x, real kind) noexcept nogil:
    cdef Py_ssize_t i
    if stride == sizeof(real) and <size_t>p % sizeof(real) == 0:
        for i in range(n):
            (<real *>p)[i] = <real>x[i]
    else:
        for i in range(n):
            store[real](p + i * stride, <real>x[i])


cdef void emit_block(const Layout *layout, Workspace *ws, Place *at, Py_ssize_t c, Py_ssize_t n, Py_ssize_t width, int wanted,
                     real kind) noexcept nogil:
    """One block of `width` reductions from c on: softmax or log_softmax from their maxima and inverse sums or logs."""
    if real is double:
        shape = &f64.rows if layout.rows else &f64.columns
    else:
        shape = &f32.rows if layout.rows else &f32.columns
    cdef const Dim *outer = outer_of(layout)
    cdef const Dim *inner = inner_of(layout)
    cdef Py_ssize_t rows = width if layout.rows else n, columns = n if layout.rows else width
    cdef Py_ssize_t step = columns, out_step = columns, size = sizeof(real)
    cdef real *m = <real *>ws.m + c
    cdef real *inverse = <real *>ws.inverse + c
    cdef real *x = <real *>ws.buffer
    cdef real *out = <real *>ws.buffer
    if layout.direct:
        x, step = <real *>at.at[A], outer.stride[A] // size
    else:
        pack[real](layout, at, outer, inner, rows, columns, x)
    if layout.direct_out:
        out, out_step = <real *>at.at[OUT], outer.stride[OUT] // size
    if wanted & DO_SOFTMAX:
        shape.exponentiate(n, width, x, step, m, inverse, <real *>ws.inverse_low + c, out, out_step, layout.stream)
    else:
        shape.subtract(n, width, x, step, m, inverse, out, out_step, layout.stream)
    if not layout.direct_out:
        unpack[real](layout, at, outer, inner, rows, columns, out, 0 if wanted & DO_SOFTMAX else <real>-INFINITY)


cdef void emit(const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, int wanted, real kind) noexcept nogil:
    """The same of a batch: the blocks once more."""
    cdef Odometer outer
    cdef Py_ssize_t n = layout.along.n, room = TILE // sizeof(real), block, done, c, some = width
    cdef Place first, at
    if layout.rows:
        some = min(width, max(1, room // n))
    cdef Py_ssize_t at_once = max(1, room // some)
    memset(&outer, 0, sizeof(Odometer))
    while True:
        first = p
        c = 0
        while c < width:
            some = min(some, width - c)
            at = first
            done = 0
            while done < n:
                block = min(n - done, at_once)
                emit_block[real](layout, ws, &at, c, block, some, wanted, kind)
                done += block
                if done < n:
                    move(&at, &layout.along, block)
            move(&first, &layout.across, some)
            c += some
        if not advance(&outer, layout.reduced, layout.outer_reduced, &p):
            return


cdef void accumulate_folded(const Run *run, Workspace *ws, Place p, Py_ssize_t width, int sums, real kind) noexcept nogil:
    """The states of a few columns: of many, `fold` rows side by side, then of the rows that are left."""
    cdef const Layout *layout = run.layout
    cdef Py_ssize_t wide = width * run.fold, left = layout.along.n % run.fold
    cdef real *buffer
    accumulate[real](&run.inner, ws, p, wide, wide, sums, kind)
    fold_states[real](ws, width, run.fold, sums, kind)
    if left > 0:
        p = folded_tail(run, layout, p)
        buffer = <real *>p.at[A]
        if not layout.direct:
            buffer = <real *>ws.buffer
            pack[real](layout, &p, &layout.along, &layout.across, left, width, buffer)
        add_block[real](ws, 0, left, width, buffer, width, False, nowhere, False, sums)


cdef void emit_folded(const Run *run, Workspace *ws, Place p, Py_ssize_t width, real kind) noexcept nogil:
    cdef const Layout *layout = run.layout
    cdef Py_ssize_t left = layout.along.n % run.fold
    spread[real](<real *>ws.m, width, run.fold)
    spread[real](<real *>ws.inverse, width, run.fold)
    spread[real](<real *>ws.inverse_low, width, run.fold)
    emit[real](&run.inner, ws, p, width * run.fold, run.wanted, kind)
    if left > 0:
        p = folded_tail(run, layout, p)
        emit_block[real](layout, ws, &p, 0, left, width, run.wanted, kind)


cdef void given_logs(const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, real kind) noexcept nogil:
    """The logs over the largest terms from VALUE."""
    cdef real *log = <real *>ws.inverse
    cdef Py_ssize_t c
    for c in range(width):
        load(p.at[VALUE] + c * layout.across.stride[VALUE], 0, &log[c])


cdef void take_logs(const Run *run, const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, real kind) noexcept nogil:
    """The same from the data, where columns are taken at once, or from sums of others; some need care."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef real *m = <real *>ws.m
    cdef real *log = <real *>ws.inverse
    cdef real least = least_settled[real](elements(layout), 0)
    cdef Py_ssize_t c, some, size = sizeof(real), n = layout.along.n, step = layout.along.stride[A]
    memset(ws.care, 0, width)
    if run.at_once:
        ws.writes_later = writes_later(layout, &p, width, size)
        lanes.columns_logs(n, width, <real *>p.at[A], step // size,
                           of_columns(layout, ws, p.at[A], &p, 0, n, width, step, size), m, least, log,
                           <real *>ws.inverse_low, ws.care)
    else:
        lanes.states_logs(width, m, ws.high, ws.low, least, log, ws.care)
    some = count_open(ws, width, WANT_LOG)
    if some == 0:
        return
    for c in range(width):
        ws.maximum[c], ws.log[c] = m[c], log[c]
    settle[real](layout, ws, p, width, WANT_LOG, some, kind)
    for c in range(width):
        log[c] = <real>ws.log[c]


cdef inline void take_states(const Run *run, const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, int sums,
                             real kind) noexcept nogil:
    if run.fold > 1:
        accumulate_folded[real](run, ws, p, width, sums, kind)
    else:
        accumulate[real](layout, ws, p, width, run.batch, sums, kind)


cdef bint settles_roughly(const Run *run, const Layout *layout, Workspace *ws, Place p, Py_ssize_t width,
                          real kind) noexcept nogil:
    """logsumexp of a batch from rough sums; whether these settle it, but for a few that then are taken again."""
    take_states[real](run, layout, ws, p, width, SUM_ROUGHLY, kind)
    finish_values[real](ws, width, elements(layout), SUM_ROUGHLY, kind)
    cdef Py_ssize_t some = count_open(ws, width, WANT_VALUE)
    if some * 4 > width:
        return False
    settle[real](layout, ws, p, width, WANT_VALUE, some, kind)
    return True


cdef void write_results(const Run *run, const Layout *layout, Workspace *ws, Place p, Py_ssize_t width, bint stored,
                        real kind) noexcept nogil:
    """Softmax or log_softmax of a batch from its states and logs, or from exponentials that are stored."""
    cdef int wanted = run.wanted
    if wanted & DO_SOFTMAX:
        invert[real](ws, width, kind)
        if stored or (wanted & DO_STORED and move_inverses[real](layout, ws, p, width, kind)):
            if not stored:  # nobody has looked
                ws.small = True
            normalise[real](run, layout, ws, p, width, kind)
            hide[real](run, layout, ws, p, width, 0)
            return
    if run.fold > 1:
        emit_folded[real](run, ws, p, width, kind)
    else:
        emit[real](layout, ws, p, width, wanted, kind)
    hide[real](run, layout, ws, p, width, <real>-INFINITY if wanted & DO_LOG_SOFTMAX else 0)


cdef void run_batch(const Run *run, const Layout *layout, Workspace *ws, Place p, Py_ssize_t width,
                    real kind) noexcept nogil:
    """What is wanted of `width` reductions from p on, in the run's own layout or in that of its stage."""
    cdef Py_ssize_t c, some
    cdef int wanted = run.wanted
    # where a value may need another look at the data they have to be left alone
    cdef bint stores = (not wanted & DO_LOAD and not run.at_once and fits_fused[real](run, layout, width, kind) and
                        (wanted & DO_STORE or (wanted == DO_SOFTMAX | DO_VALUE and p.at[A] != p.at[OUT])))
    if (run.at_once and wanted & DO_SOFTMAX) or (wanted == DO_SOFTMAX and fits_fused[real](run, layout, width, kind)):
        softmax_fused[real](run, layout, ws, p, width, kind)
        wanted &= ~DO_SOFTMAX
        if not wanted:
            return
    if run.roughly and settles_roughly[real](run, layout, ws, p, width, kind):
        store_each[real](p.at[VALUE], layout.across.stride[VALUE], width, ws.value, kind)
        return
    if wanted & DO_LOAD:
        load_states[real](layout, ws, p, width, kind)
    elif stores:
        store_exponentials[real](run, layout, ws, p, width, kind)
    elif not run.at_once:
        take_states[real](run, layout, ws, p, width, run.sums, kind)
    if wanted & DO_SAVE:
        save_states[real](layout, ws, p, width, kind)
    if wanted & DO_VALUE:
        finish_values[real](ws, width, elements(layout), run.sums, kind)
        some = count_open(ws, width, WANT_VALUE)
        if wanted & DO_ROUGHLY:
            ws.unsettled |= some > 0
        else:
            settle[real](layout, ws, p, width, WANT_VALUE, some, kind)
        store_each[real](p.at[VALUE], layout.across.stride[VALUE], width, ws.value, kind)
    if wanted & DO_GIVEN:
        given_logs[real](layout, ws, p, width, kind)
    elif wanted & (DO_LOG_SOFTMAX | DO_LOG):
        take_logs[real](run, layout, ws, p, width, kind)
    if wanted & DO_LOG:
        for c in range(width):
            store[real](p.at[VALUE] + c * layout.across.stride[VALUE], (<real *>ws.inverse)[c])
    if wanted & (DO_SOFTMAX | DO_LOG_SOFTMAX):
        write_results[real](run, layout, ws, p, width, stores, kind)


cdef void run_staged(Run *run, Workspace *ws, Place p, Py_ssize_t width, real kind) noexcept nogil:
    """The same through the buffer, where all of the batch lies contiguous, and its output after it."""
    cdef const Layout *layout = run.layout
    cdef Py_ssize_t n = layout.along.n, rows = width if layout.rows else n, columns = n if layout.rows else width
    cdef Py_ssize_t size = sizeof(real)
    cdef const Dim *outer = outer_of(layout)
    cdef const Dim *inner = inner_of(layout)
    cdef Dim *inner_outer = &run.inner.across if layout.rows else &run.inner.along
    cdef Place at = p
    at.at[A] = ws.buffer
    inner_outer.stride[A] = columns * size
    if not layout.direct_out:
        at.at[OUT] = ws.buffer
        inner_outer.stride[OUT] = columns * size
    pack[real](layout, &p, outer, inner, rows, columns, <real *>ws.buffer)
    ws.beside = 0
    ws.next_stage = from_buffer(ws.buffer, layout, &p, A, width)
    if not layout.direct_out and layout.along.stride[OUT] == size:
        ws.unstaged = from_buffer(ws.buffer, layout, &p, OUT, 0)
    run_batch[real](run, &run.inner, ws, at, width, kind)
    if run.wanted & WRITES and not layout.direct_out:
        unpack[real](layout, &p, outer, inner, rows, columns, <real *>ws.buffer,
                     <real>-INFINITY if run.wanted & DO_LOG_SOFTMAX else 0)


cdef inline bint packs_to_out(const Layout *layout, int wanted) noexcept nogil:
    """Whether what is packed stays, for another reading, where its results will be. (A mask needs room beside what it hides.)"""
    return (wanted & (DO_STORE | DO_PACK) and layout.rows and not layout.direct and layout.direct_out
            and layout.start.at[MASK] == NULL)


cdef Py_ssize_t staged_width(const Layout *layout, int wanted, real kind) noexcept nogil:
    """How many reductions to stage at once; 0 where not even a few fit."""
    cdef Py_ssize_t size = sizeof(real), n = layout.along.n, least = 1 if layout.rows else 16, width = TILE // size // n
    cdef bint writes = (wanted & WRITES) != 0
    if layout.reduced > 0 or wanted & DO_LOAD or packs_to_out(layout, wanted):
        return 0
    if wanted & DO_SAVE and not layout.rows and span(&layout.across) < span(&layout.along):
        return 0  # they are read once, and lie side by side
    if width < least and (writes or not layout.rows):  # what would be packed twice stays in the second-level cache
        width = (FUSED_ROW // 2 if layout.rows else FUSED) // size // n
        if not layout.rows:
            width *= 2 if width * span(&layout.across) < 4 * STRETCH else 1
            if not writes and width * span(&layout.across) < 2 * STRETCH:
                return 0
    return min(<Py_ssize_t>BATCH, width // least * least)


cdef bint lies_over(Py_ssize_t least, const Layout *layout, int which, Py_ssize_t size) noexcept nogil:
    """Whether an operand lies over so many bytes, and pages, that these are not found again by the next batch."""
    cdef Py_ssize_t bytes = elements(layout) * layout.across.n * size
    cdef int d
    for d in range(layout.kept):
        bytes *= layout.outer_kept[d].n
    return max(bytes, layout.along.n * layout.along.stride[which]) >= least


cdef bint writes_once(const Layout *layout, Py_ssize_t size) noexcept nogil:
    """Whether results of columns, which lie in many pages, are better written once, row by row, than kept there meanwhile."""
    return (not layout.rows and layout.direct_out and layout.along.n >= STREAMS and lies_over(SPREAD, layout, OUT, size))


cdef bint in_batches(const Layout *layout, int wanted, Py_ssize_t size) noexcept nogil:
    """Whether columns are better read once, in batches that stay in cache from their maxima to their results. Of what comes from memory
    the pieces of rows that this takes cost more than whole rows in order, whose states are rescaled, and where eight exponentials are
    taken at once more than these twice; but less where columns are short, or where narrow registers make arithmetic dear."""
    cdef Py_ssize_t n = layout.along.n, most = TALLEST
    if layout.far and n * layout.across.n * size > FUSED:
        if not wanted & (DO_SOFTMAX | DO_STORE):
            most = AT_HAND if register_bytes >= LINE // 2 else TALLEST // 2
        elif register_bytes >= 8 * size:
            most = TALLEST // 2
        return n <= most
    return n <= most or (n * 16 <= FUSED // size and not lies_over(2 * SPREAD, layout, A, size))


cdef Py_ssize_t batch_width(const Layout *layout, int wanted, real kind) noexcept nogil:
    """How many reductions to carry at once, read where they lie or a block at a time."""
    cdef Py_ssize_t tile = TILE // sizeof(real), n = layout.along.n, room = FUSED // sizeof(real)
    cdef bint writes = (wanted & WRITES) != 0
    if layout.rows:
        return max(1, min(<Py_ssize_t>BATCH, room // n)) if writes else <Py_ssize_t>BATCH
    if layout.direct and not wanted & (DO_LOAD | DO_SAVE) and in_batches(layout, wanted, sizeof(real)):
        if not (writes and writes_once(layout, sizeof(real))):
            room = min(64 * n, room)
        return min(<Py_ssize_t>BATCH, max(tile, room) // n // 16 * 16)
    if layout.direct:
        return min(<Py_ssize_t>WIDE, layout.across.n)
    return min(<Py_ssize_t>BATCH, tile // n // 16 * 16 if n * 16 <= tile else tile // 16)


cdef bint takes_at_once(const Run *run, const Layout *layout, real kind) noexcept nogil:
    """Whether results are of columns that can be taken from their maxima to their sums, and of data that nobody reads after softmax."""
    cdef Py_ssize_t n = layout.along.n
    if layout.rows or layout.reduced > 0:
        return False
    if run.wanted == DO_LOG_SOFTMAX:
        return n <= TALLEST and (run.staged or all_at_once[real](layout, run.batch, kind))
    if run.wanted != DO_SOFTMAX and (run.wanted != DO_SOFTMAX | DO_VALUE or not layout.direct_out
                                     or layout.start.at[A] == layout.start.at[OUT]):
        return False
    return run.staged or (layout.direct and layout.direct_out and in_batches(layout, run.wanted, sizeof(real)))


cdef void choose_way(Run *run, real kind) noexcept nogil:
    """Staged, folded or as it lies."""
    cdef const Layout *layout = run.layout
    cdef Py_ssize_t size = sizeof(real)
    cdef bint writes = (run.wanted & WRITES) != 0
    run.staged = run.at_once = False
    run.fold = fold_of(layout, writes, size)
    if run.fold > 1:
        inner_layout(&run.inner, layout)
        widen(&run.inner, run.fold, layout.regular and layout.start.at[MASK] == NULL, writes)
        run.batch = layout.across.n
        return
    run.batch = staged_width[real](layout, run.wanted, kind)
    run.staged = run.batch > 0 and not (layout.direct and (layout.direct_out or not writes))
    if not run.staged:
        run.batch = batch_width[real](layout, run.wanted, kind)
    run.at_once = takes_at_once[real](run, layout, kind)
    if not run.staged:
        return
    inner_layout(&run.inner, layout)
    run.inner.direct = run.inner.regular = run.inner.direct_out = run.inner.regular_out = 1
    run.inner.swapped = 0
    run.inner.along.stride[A] = run.inner.across.stride[A] = size
    if not layout.direct_out:
        run.inner.along.stride[OUT] = run.inner.across.stride[OUT] = size


cdef Py_ssize_t next_width(const Run *run, const Place *p, Py_ssize_t done, real kind) noexcept nogil:
    """How many reductions to carry next, from p on. Where a register is as wide as a cache line, columns are parted where lines end, so
    that registers of all rows that are whole lines apart lie in one line each, and without a few left over at the end. Narrower
    ones gain less from that than their shorter last strips cost. Where results go around the caches or are written once it is
    their lines, for any register, as these must be written whole."""
    cdef const Layout *layout = run.layout
    cdef Py_ssize_t size = sizeof(real), step = layout.across.stride[A]
    cdef Py_ssize_t left = layout.across.n - done, width = min(run.batch, left)
    if layout.rows or width == left:
        return width
    if layout.stream or (run.at_once and writes_once(layout, size)):
        return width - (<Py_ssize_t>(<size_t>p.at[OUT] % LINE) // size if done == 0 else 0)
    if register_bytes < LINE or not (layout.direct or run.staged):
        return width
    if not 0 < step <= LINE // 2:
        return width
    if done == 0:
        return width - <Py_ssize_t>(<size_t>p.at[A] % LINE) // step
    if not run.staged and (left - width) * size < LINE and left <= BATCH and layout.along.n * left * size <= FUSED:
        return left
    return width


cdef int run(const Layout *layout, int wanted, real kind) noexcept nogil:
    """Everything for one layout; returns -1 where there is no memory, else whether OUT holds the exponentials, or what had to be
    packed, if that was wanted, or, of rough states, whether they settle the values."""
    cdef Run run
    cdef Py_ssize_t buffer = TILE
    run.layout, run.wanted = layout, wanted
    run.sums = SUM_ROUGHLY if wanted & DO_ROUGHLY else SUM_OTHERS if wanted & (DO_LOG_SOFTMAX | DO_LOG | DO_APART) else SUM_ALL
    run.roughly = wanted == DO_VALUE and elements(layout) >= MANY
    choose_way[real](&run, kind)
    cdef const Layout *here = layout
    if run.at_once and wanted & DO_SOFTMAX and is_tall(layout.along.n):
        buffer = FUSED
    if run.staged:
        here = &run.inner
        buffer = max(buffer, run.batch * layout.along.n * <Py_ssize_t>sizeof(real))
    cdef Workspace *ws = new_workspace(max(buffer, <Py_ssize_t>(2 * SCRATCH)))
    if ws == NULL:
        return -1
    ws.packs_to_out = packs_to_out(layout, wanted)
    cdef Batches batches
    cdef Place at
    cdef Py_ssize_t width
    begin(&batches, layout)
    while batches.more:
        at = batches.at
        width = next_width[real](&run, &at, batches.done, kind)
        ws.beside = next_batch(&batches, layout, width)
        if run.staged:
            run_staged[real](&run, ws, at, width, kind)
        else:
            run_batch[real](&run, here, ws, at, width, kind)
    cdef bint settled_all = not ws.unsettled
    free_workspace(ws)
    if wanted & DO_ROUGHLY:
        return settled_all
    if wanted & DO_PACK:
        return packs_to_out(layout, wanted)
    # staged for the sake of the output, they would have to be packed again
    return (wanted & DO_STORE and (layout.direct_out or run.fold > 1) and fits_fused[real](&run, here, run.batch, kind))
