"""Any layout as nested loops: outer kept axes, one inner kept axis (`across`), outer reduced axes, one inner
reduced axis (`along`). Axes are sorted by stride and joined where memory allows, so that the two inner ones are the
tightest; a contiguous `along` or `across` is read where it lies, anything else is packed a tile at a time.
"""

cdef enum:
    SCRATCH = 65536  # bytes behind a tile's start at which another begins, and which it may take
    FOLDED = 256     # columns at most that narrow ones are folded into
    FUSED_ROW = 2097152  # bytes of a row whose exponentials stay in the second-level cache, as little else needs it
    # registers, and bytes, from which a contiguous row is taken as it lies, not transposed with its neighbours
    WRITTEN_ROW = 4  # where results are as many, which would have to be transposed back
    READ_ROW = 8     # elsewhere: the last register, seldom full, counts for more
    LONG_ROW = 16    # of losses without gradients, which read a row more often, and of all else
    LEAST_ROW = 128
    NEARBY = 2097152     # bytes of an array that the caches hold together with its results
    NARROW = 8       # columns below which rows are packed one by one
    # operands
    A = 0          # IN, elementwise
    MASK = 1       # IN, elementwise
    WEIGHT = 2     # IN, elementwise
    OUT = 3        # OUT, elementwise
    VALUE = 4      # OUT, one for each reduction
    SIGN = 5       # OUT, one for each reduction
    STATE = 6      # IN or OUT, one for each reduction
    OPERANDS = 7

cdef struct Dim:
    Py_ssize_t n
    Py_ssize_t stride[OPERANDS]  # bytes

cdef struct Place:
    char *at[OPERANDS]

cdef struct Layout:
    int kept
    int reduced
    Dim across
    Dim along
    Place start
    Py_ssize_t plane         # bytes between the maxima, the sums and their low parts of STATE
    int rows                 # whether reductions are taken row by row, else tiles of columns at once
    int direct               # whether A is read where it lies
    int direct_out           # whether OUT is written where it lies
    int swapped              # whether the order of bytes in A is foreign
    int regular              # whether A can be read as reals, not only as bytes
    int regular_out          # whether OUT can be written so
    int stream               # whether its last writing goes around the caches
    int far                  # whether A is part of what the caches do not hold
    void *exception          # raised where it could not be, for `checked`; owned
    void **failed            # where to put one: the same of the layout this is a copy of, NULL where nobody will look
    Dim outer_kept[DIMS]     # the last, for `inner_layout`
    Dim outer_reduced[DIMS]


cdef inline void move(Place *p, const Dim *d, Py_ssize_t steps) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(OPERANDS):
        p.at[i] += d.stride[i] * steps


cdef inline Py_ssize_t distance(const void *start, const void *end) noexcept nogil:
    """Bytes between two addresses, of one object or not."""
    return <Py_ssize_t>(<size_t>end - <size_t>start)


cdef inline Py_ssize_t span(const Dim *d) noexcept nogil:
    """Bytes of A from one to the next, in whatever direction."""
    return -d.stride[A] if d.stride[A] < 0 else d.stride[A]


cdef inline const Dim *outer_of(const Layout *layout) noexcept nogil:
    """From row to row of a block, which are reductions or what these take from."""
    return &layout.across if layout.rows else &layout.along


cdef inline const Dim *inner_of(const Layout *layout) noexcept nogil:
    """Along such a row."""
    return &layout.along if layout.rows else &layout.across


cdef inline void inner_layout(Layout *inner, const Layout *layout) noexcept nogil:
    """OUT inner: the two inner loops alone, where none is reduced outside of them; nine tenths of a layout are room for others."""
    memcpy(inner, layout, <const char *>layout.outer_kept - <const char *>layout)
    inner.kept = inner.reduced = 0


cdef inline Py_ssize_t elements(const Layout *layout) noexcept nogil:
    """How many one reduction takes."""
    cdef Py_ssize_t n = layout.along.n
    cdef int d
    for d in range(layout.reduced):
        n *= layout.outer_reduced[d].n
    return n


cdef struct Odometer:
    Py_ssize_t index[DIMS]


cdef int advance(Odometer *o, int count, const Dim *dims, Place *p) noexcept nogil:
    """Moves p to the next position of the nested loops; 0 after the last."""
    cdef int d = count - 1
    while d >= 0:
        o.index[d] += 1
        if o.index[d] < dims[d].n:
            move(p, &dims[d], 1)
            return 1
        move(p, &dims[d], 1 - dims[d].n)
        o.index[d] = 0
        d -= 1
    return 0


cdef struct Batches:
    # the kept positions of a layout, some neighbours at a time
    Odometer outer
    Place row         # where the inner kept axis begins
    Place at          # the next batch, `done` behind that
    Py_ssize_t done
    bint more         # whether there is one


cdef inline void begin(Batches *batches, const Layout *layout) noexcept nogil:
    memset(&batches.outer, 0, sizeof(Odometer))
    batches.row = batches.at = layout.start
    batches.done = 0
    batches.more = True


cdef inline Py_ssize_t next_batch(Batches *batches, const Layout *layout, Py_ssize_t width) noexcept nogil:
    """Moves on by so many; how many bytes of A."""
    cdef const char *before = batches.at.at[A]
    move(&batches.at, &layout.across, width)
    batches.done += width
    if batches.done == layout.across.n:
        batches.more = advance(&batches.outer, layout.kept, layout.outer_kept, &batches.row)
        batches.at = batches.row
        batches.done = 0
    return distance(before, batches.at.at[A])


cdef int sort_and_join(Dim *dims, int count) noexcept:
    """Orders axes from the widest stride to the tightest and joins neighbours; returns how many remain."""
    cdef int i, j, k, left = 0
    cdef Dim d
    for i in range(count):
        if dims[i].n == 1:
            continue
        d = dims[i]
        j = left
        while j > 0 and span(&dims[j - 1]) < span(&d):
            dims[j] = dims[j - 1]
            j -= 1
        dims[j] = d
        left += 1
    i = 0
    for j in range(1, left):
        for k in range(OPERANDS):
            if dims[i].stride[k] != dims[j].stride[k] * dims[j].n:
                break
        else:
            dims[j].n *= dims[i].n
            dims[i] = dims[j]
            continue
        i += 1
        dims[i] = dims[j]
    return i + 1 if left else 0


cdef Dim take_inner(Dim *dims, int *count) noexcept:
    """The tightest axis, taken off; of length 1 where there is none."""
    cdef Dim d
    if count[0] == 0:
        memset(&d, 0, sizeof(Dim))
        d.n = 1
        return d
    count[0] -= 1
    return dims[count[0]]


cdef inline void set_operand(Layout *layout, int which, cnp.ndarray array):
    layout.start.at[which] = cnp.PyArray_BYTES(array) if array is not None else NULL


cdef int plan(Layout *layout, cnp.ndarray a, unsigned long long axes, cnp.ndarray mask, cnp.ndarray weight,
              cnp.ndarray out, cnp.ndarray value, cnp.ndarray sign, cnp.ndarray state,
              int long_row=LONG_ROW, const Part *part=NULL) except -1:
    """Fills the layout: elementwise operands have a's shape, the others that of its kept axes (states, planes first). Contiguous rows are
    taken as they lie from `long_row` registers on. Of the operands only a part, where one is given."""
    cdef int axis, kept = 0, reduced = 0, size = cnp.PyArray_ITEMSIZE(a)
    cdef Dim d, parted
    memset(&d, 0, sizeof(Dim))
    memset(&parted, 0, sizeof(Dim))
    for axis in range(cnp.PyArray_NDIM(a)):
        d.n = length_of(a, axis, part)
        d.stride[A] = cnp.PyArray_STRIDE(a, axis)
        d.stride[MASK] = stride_of(mask, axis)
        d.stride[WEIGHT] = stride_of(weight, axis)
        d.stride[OUT] = stride_of(out, axis)
        if axes >> axis & 1:
            d.stride[VALUE] = d.stride[SIGN] = d.stride[STATE] = 0
            layout.outer_reduced[reduced] = d
            reduced += 1
        else:
            d.stride[VALUE] = stride_of(value, kept)
            d.stride[SIGN] = stride_of(sign, kept)
            d.stride[STATE] = stride_of(state, kept + 1)
            layout.outer_kept[kept] = d
            kept += 1
        if part != NULL and part.axis == axis:
            parted = d
    set_operand(layout, A, a)
    set_operand(layout, MASK, mask)
    set_operand(layout, WEIGHT, weight)
    set_operand(layout, OUT, out)
    set_operand(layout, VALUE, value)
    set_operand(layout, SIGN, sign)
    set_operand(layout, STATE, state)
    if part != NULL:
        move(&layout.start, &parted, part.start)
    layout.plane = stride_of(state, 0)
    layout.kept = sort_and_join(layout.outer_kept, kept)
    layout.reduced = sort_and_join(layout.outer_reduced, reduced)
    layout.across = take_inner(layout.outer_kept, &layout.kept)
    layout.along = take_inner(layout.outer_reduced, &layout.reduced)
    layout.swapped = not cnp.PyArray_ISNOTSWAPPED(a)
    layout.regular = not layout.swapped and cnp.PyArray_ISALIGNED(a)
    layout.regular_out = out is not None and cnp.PyArray_ISALIGNED(out)
    layout.stream = layout.far = 0
    layout.exception = NULL
    layout.failed = &layout.exception
    choose_shape(layout, size, max(LEAST_ROW, long_row * register_bytes), layout.regular and mask is None)
    return 0


cdef void choose_shape(Layout *layout, int size, Py_ssize_t long_row, bint plain) noexcept:
    """Along or across, where the data lies or packed."""
    cdef bint along = layout.along.stride[A] == size or layout.along.n == 1
    cdef bint across = layout.across.stride[A] == size
    cdef bint is_long = layout.along.n * size >= long_row
    if along and (is_long or layout.across.n < NARROW):
        layout.rows, layout.direct = 1, plain and layout.across.stride[A] % size == 0
    elif plain and across and layout.across.n >= NARROW and layout.along.stride[A] % size == 0:
        layout.rows, layout.direct = 0, 1
    elif is_long and span(&layout.along) <= span(&layout.across):
        layout.rows, layout.direct = 1, 0
    else:
        layout.rows, layout.direct = layout.across.n < NARROW, 0
    cdef const Dim *inner = inner_of(layout)
    layout.direct_out = (layout.regular_out and outer_of(layout).stride[OUT] % size == 0
                         and (inner.stride[OUT] == size or inner.n == 1))


cdef bint runs_on(const Layout *layout, int which, Py_ssize_t size) noexcept nogil:
    """Whether the rows of an operand follow each other without gaps, if it is there at all."""
    return layout.start.at[which] == NULL or (layout.across.stride[which] == size and
                                              layout.along.stride[which] == layout.across.n * size)


cdef Py_ssize_t fold_of(const Layout *layout, bint writes, Py_ssize_t size) noexcept nogil:
    """How many rows of a few columns to take as one of many; 1 where they have to stay as they are."""
    cdef Py_ssize_t columns = layout.across.n, fold = 8
    if columns <= 16:
        fold = FOLDED // columns // 16 * 16
    if (1 < columns < 32 and layout.along.n >= 8 * fold and layout.reduced == 0 and not layout.swapped
            and runs_on(layout, A, size) and runs_on(layout, MASK, 1)
            and (not writes or runs_on(layout, OUT, size))):
        return fold
    return 1


cdef void widen(Layout *layout, Py_ssize_t fold, bint plain, bint writes) noexcept nogil:
    """Takes `fold` rows as one."""
    cdef int i
    layout.across.n *= fold
    layout.along.n //= fold
    for i in range(OPERANDS):
        layout.along.stride[i] *= fold
    layout.rows, layout.direct = 0, plain
    layout.direct_out = writes and layout.regular_out


cdef inline void load(const char *p, int swapped, real *x) noexcept nogil:
    cdef char byte[8]
    cdef int i, size = sizeof(real)
    if swapped:
        for i in range(size):
            byte[i] = p[size - 1 - i]
        memcpy(x, byte, sizeof(real))
    else:
        memcpy(x, p, sizeof(real))


cdef inline bint in_steps(const Dim *outer, const Dim *inner, int which, Py_ssize_t size) noexcept nogil:
    """Whether both strides are whole numbers of elements."""
    return outer.stride[which] % size == 0 and inner.stride[which] % size == 0


cdef void pack(const Layout *layout, const Place *p, const Dim *outer, const Dim *inner, Py_ssize_t rows,
               Py_ssize_t width, real *buffer) noexcept nogil:
    """OUT buffer[rows][width], C order: the block of A at p, -inf where the mask hides it. A masked tile that has to be
    transposed is masked first, beside the buffer, where both lie in one direction (see SCRATCH)."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef Py_ssize_t r, c, size = sizeof(real)
    cdef const real *x = <const real *>p.at[A]
    cdef bint masked = p.at[MASK] != NULL, plain = layout.regular and in_steps(outer, inner, A, size)
    cdef real *scratch = buffer + SCRATCH // sizeof(real)
    if masked and plain and inner.stride[A] == size and inner.stride[MASK] == 1:
        lanes.tile_select(rows, width, x, outer.stride[A] // size, p.at[MASK], outer.stride[MASK], -INFINITY, buffer,
                          width)
        return
    if masked and plain and outer.stride[A] == size and outer.stride[MASK] == 1 and rows * width * size <= SCRATCH:
        lanes.tile_select(width, rows, x, inner.stride[A] // size, p.at[MASK], inner.stride[MASK], -INFINITY, scratch,
                          rows)
        lanes.tile_gather(rows, width, scratch, 1, rows, buffer, width)
        return
    if plain:
        lanes.tile_gather(rows, width, x, outer.stride[A] // size, inner.stride[A] // size, buffer, width)
    elif inner.stride[A] == size and not layout.swapped:
        for r in range(rows):
            memcpy(buffer + r * width, p.at[A] + r * outer.stride[A], width * size)
    else:
        for r in range(rows):
            for c in range(width):
                load(p.at[A] + r * outer.stride[A] + c * inner.stride[A], layout.swapped, &buffer[r * width + c])
    if masked:
        lanes.tile_hide(rows, width, p.at[MASK], outer.stride[MASK], inner.stride[MASK], buffer, -INFINITY)


cdef void pack_weights(const Place *p, const Dim *outer, const Dim *inner, Py_ssize_t rows, Py_ssize_t width,
                       real *buffer) noexcept nogil:
    """OUT buffer[rows][width]: the block of WEIGHT at p."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef Py_ssize_t r, c, size = sizeof(real)
    cdef const char *x = p.at[WEIGHT]
    if inner.stride[WEIGHT] == size:
        for r in range(rows):
            memcpy(buffer + r * width, x + r * outer.stride[WEIGHT], width * size)
    elif in_steps(outer, inner, WEIGHT, size) and <size_t>x % size == 0:
        lanes.tile_gather(rows, width, <const real *>x, outer.stride[WEIGHT] // size, inner.stride[WEIGHT] // size,
                          buffer, width)
    else:
        for r in range(rows):
            for c in range(width):
                memcpy(&buffer[r * width + c], x + r * outer.stride[WEIGHT] + c * inner.stride[WEIGHT], sizeof(real))


cdef void unpack(const Layout *layout, const Place *p, const Dim *outer, const Dim *inner, Py_ssize_t rows,
                 Py_ssize_t width, real *buffer, real hidden) noexcept nogil:
    """buffer[rows][width] to the block of OUT at p, `hidden` where the mask hides it."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef Py_ssize_t r, c, size = sizeof(real)
    cdef real *out = <real *>p.at[OUT]
    cdef real *scratch = buffer + SCRATCH // sizeof(real)
    cdef bint masked = p.at[MASK] != NULL, plain = layout.regular_out and in_steps(outer, inner, OUT, size)
    if masked and plain and inner.stride[OUT] == size and inner.stride[MASK] == 1:
        lanes.tile_select(rows, width, buffer, width, p.at[MASK], outer.stride[MASK], hidden, out,
                          outer.stride[OUT] // size)
        return
    if masked and plain and outer.stride[OUT] == size and outer.stride[MASK] == 1 and rows * width * size <= SCRATCH:
        lanes.tile_gather(width, rows, buffer, 1, width, scratch, rows)
        lanes.tile_select(width, rows, scratch, rows, p.at[MASK], inner.stride[MASK], hidden, out,
                          inner.stride[OUT] // size)
        return
    if masked:
        lanes.tile_hide(rows, width, p.at[MASK], outer.stride[MASK], inner.stride[MASK], buffer, hidden)
    if plain and inner.stride[OUT] == size:
        lanes.tile_gather(rows, width, buffer, width, 1, out, outer.stride[OUT] // size)
    elif inner.stride[OUT] == size:
        for r in range(rows):
            memcpy(p.at[OUT] + r * outer.stride[OUT], buffer + r * width, width * size)
    elif plain and inner.stride[OUT] == -size:
        lanes.tile_gather(rows, width, buffer + width - 1, width, -1, out - (width - 1), outer.stride[OUT] // size)
    elif plain and outer.stride[OUT] == size:
        lanes.tile_gather(width, rows, buffer, 1, width, out, inner.stride[OUT] // size)
    elif plain and outer.stride[OUT] == -size:
        lanes.tile_gather(width, rows, buffer + (rows - 1) * width, 1, -width, out - (rows - 1),
                          inner.stride[OUT] // size)
    else:
        for r in range(rows):
            for c in range(width):
                memcpy(p.at[OUT] + r * outer.stride[OUT] + c * inner.stride[OUT], &buffer[r * width + c], sizeof(real))
