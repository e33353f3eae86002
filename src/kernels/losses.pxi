"""Losses of rows of logits, and their gradients, from the states of all classes but one.

That one, apart, is the label or, where several classes have a share in the target, the largest. With z the distance by which
logsumexp of the others lies above it, its surprisal is softplus(z), and the surprisal of class k is larger by one - x[k]: two
terms of one sign. Likewise a gradient is sigmoid(z) times softmax of the others, and what they gain the one apart loses. No
probability near 1 is ever formed, so none has to be subtracted from 1.
"""

from libc.math cimport exp

cdef enum:
    # kinds of rows
    REGULAR = 0
    INFINITE = 1          # the largest of the others is: the gradient needs a look at every element
    VOID = 2              # ignored or without a possible class: no gradient
    PIECE = 512           # elements taken at a time where there are no rows

cdef struct Target:
    const double *weight  # of each class, or NULL for ones
    double share          # of the label; WEIGHT has the shares of all classes, if there is more
    double scale          # of the gradient

cdef struct LossBatch:
    Py_ssize_t label[BATCH]      # -1 where the row counts for nothing or has no label
    Py_ssize_t apart[BATCH]
    unsigned char row[BATCH]     # its kind
    double one[BATCH]
    double surprisal[BATCH]
    double slope[BATCH]          # the probability of the others
    double factor[BATCH]         # reals: what softmax of the others is multiplied by, in two parts
    double factor_low[BATCH]
    double logit[BATCH]          # reals: the ones apart, while columns are read
    double sum[4][BATCH]         # what rows_target sums, of columns
    double others_share[BATCH]   # of the target
    double own_share[BATCH]


cdef inline char *entry(const Layout *layout, const Place *p, int which, Py_ssize_t c, Py_ssize_t k) noexcept nogil:
    """Where row c of a batch at p has its element k."""
    return p.at[which] + c * layout.across.stride[which] + k * layout.along.stride[which]


cdef inline double number(const char *p, real kind) noexcept nogil:
    cdef real x
    memcpy(&x, p, sizeof(real))
    return x


cdef inline const real *read_block(const Place *at, const Dim *d, int which, Py_ssize_t n, real *buffer) noexcept nogil:
    """The next n elements of an operand, where they lie or gathered; NULL where there is none."""
    cdef Py_ssize_t i
    if at.at[which] == NULL or (d.stride[which] == sizeof(real) and <size_t>at.at[which] % sizeof(real) == 0):
        return <const real *>at.at[which]
    for i in range(n):
        memcpy(&buffer[i], at.at[which] + i * d.stride[which], sizeof(real))
    return buffer


cdef Py_ssize_t largest(const Layout *layout, const Place *p, Py_ssize_t c, real kind) noexcept nogil:
    """Where the largest element of row c is; of rows with nan, some element."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef Py_ssize_t n = layout.along.n, done = 0, best = 0, block
    cdef Place at = p[0]
    cdef real buffer[PIECE]
    cdef const real *x
    cdef real most, top = -INFINITY
    move(&at, &layout.across, c)
    while done < n:
        block = min(n - done, <Py_ssize_t>PIECE)
        x = read_block[real](&at, &layout.along, A, block, buffer)
        most = largest_of(block, x)
        if most > top:
            top, best = most, done + lanes.row_find(block, x, most)
        move(&at, &layout.along, block)
        done += block
    return best


cdef void set_apart(const Layout *layout, LossBatch *batch, const Place *p, Py_ssize_t width, real kind) noexcept nogil:
    cdef Py_ssize_t c, label = -1
    for c in range(width):
        batch.row[c] = REGULAR
        if p.at[SIGN] != NULL:
            memcpy(&label, entry(layout, p, SIGN, c, 0), sizeof(label))
            if label < 0:
                batch.row[c] = VOID
        batch.label[c] = label
        batch.apart[c] = max(label, 0)
        if layout.rows:
            if p.at[WEIGHT] != NULL:
                batch.apart[c] = largest[real](layout, p, c, kind)
            batch.one[c] = number[real](entry(layout, p, A, c, batch.apart[c]), kind)


cdef void add_other_rows(const Layout *layout, Workspace *ws, const LossBatch *batch, Place p, Py_ssize_t width,
                         real kind) noexcept nogil:
    """The states of all classes but the one apart, of copies without it: of as many rows at once as there is room for, or of the block
    that holds it."""
    cdef Py_ssize_t n = layout.along.n, room = TILE // sizeof(real), c = 0, some = max(1, room // n), block, done, k, gap
    cdef real *buffer = <real *>ws.buffer
    cdef real *x
    cdef Place at
    clear[real](ws, width, kind)
    while c < width:
        some = min(some, width - c)
        at = p
        done = 0
        while done < n:
            block = min(n - done, room)
            x = <real *>at.at[A]
            if not layout.direct or block == n or 0 <= batch.apart[c] - done < block:
                x = buffer
                pack[real](layout, &at, &layout.across, &layout.along, some, block, buffer)
                for k in range(some):
                    gap = batch.apart[c + k] - done
                    if 0 <= gap < block:
                        buffer[k * block + gap] = -INFINITY
            add_block[real](ws, c, block, some, x, block, True, nowhere, done == 0, SUM_ALL)
            move(&at, &layout.along, block)
            done += block
        move(&p, &layout.across, some)
        c += some


cdef void set_infinite(const Layout *layout, LossBatch *batch, const Place *p, Py_ssize_t c, double m, double sum,
                       real kind) noexcept nogil:
    """Surprisal and slope of a row in which the one apart or the largest of the others, m, is infinite or nan."""
    cdef Py_ssize_t k, infinite = 0
    cdef double x, one = batch.one[c]
    cdef bint has_nan = isnan(one) or (isnan(sum) and m != INFINITY)
    if batch.row[c] == REGULAR and not fabs(m) < INFINITY:
        batch.row[c] = VOID if one == -INFINITY and m == -INFINITY and not has_nan else INFINITE
    if one == INFINITY or m == INFINITY:
        for k in range(layout.along.n):
            x = number[real](entry(layout, p, A, c, k), kind)
            has_nan |= isnan(x)
            infinite += x == INFINITY
    if has_nan or (one == INFINITY and infinite > 1):
        batch.surprisal[c] = batch.slope[c] = NAN
    elif one == INFINITY:
        batch.surprisal[c] = batch.slope[c] = 0
    elif m == -INFINITY:
        batch.surprisal[c] = NAN if one == -INFINITY else 0
        batch.slope[c] = 0
    else:
        batch.surprisal[c] = INFINITY
        batch.slope[c] = NAN if infinite > 1 else 1


cdef void set_surprisals(const Layout *layout, Workspace *ws, LossBatch *batch, const Place *p, Py_ssize_t width,
                         real kind) noexcept nogil:
    if real is double:
        lanes, surprisals = f64, f64.surprisals
    else:
        lanes, surprisals = f32, f64.surprisals_single
    cdef Py_ssize_t c
    lanes.states_peaks(width, <real *>ws.m, ws.maximum, ws.peak, ws.peak_low)
    cdef bint odd = surprisals(width, batch.one, ws.maximum, ws.high, ws.low, ws.peak, ws.peak_low, batch.surprisal,
                               batch.slope if p.at[OUT] != NULL else NULL)
    for c in range(width if odd else 0):
        if not (fabs(ws.maximum[c]) < INFINITY and fabs(batch.one[c]) < INFINITY):
            set_infinite[real](layout, batch, p, c, ws.maximum[c], ws.high[c], kind)


cdef inline double in_one(double sum, double low) noexcept nogil:
    """A sum in two parts; the second of an infinite one is nan."""
    return sum + low if fabs(sum) < INFINITY else sum


cdef inline double label_share(const Target *target, Py_ssize_t label) noexcept nogil:
    return target.share * (target.weight[label] if target.weight != NULL else 1.0)


cdef inline double share_of(const Layout *layout, const Target *target, const LossBatch *batch, const Place *p, Py_ssize_t c,
                            Py_ssize_t k, real kind) noexcept nogil:
    """The share of class k in the target of row c."""
    cdef double share = number[real](entry(layout, p, WEIGHT, c, k), kind) if p.at[WEIGHT] != NULL else 0.0
    return share + label_share(target, k) if k == batch.label[c] else share


cdef double loss_of_others(const Layout *layout, const Target *target, const LossBatch *batch, const Place *p, Py_ssize_t c,
                           double *shares, real kind) noexcept nogil:
    """What the target has in other classes than the one apart: OUT shares; and what these cost more than the one."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef Py_ssize_t n = layout.along.n, done = 0, block, label = batch.label[c], apart = batch.apart[c]
    cdef Place at = p[0]
    cdef real x[PIECE]
    cdef real share[PIECE]
    cdef double sum[4]
    cdef int k
    move(&at, &layout.across, c)
    for k in range(4):
        sum[k] = 0 if layout.rows else batch.sum[k][c]
    while layout.rows and done < n:
        block = 1
        if done != apart:
            block = min((apart if done < apart else n) - done, <Py_ssize_t>PIECE)
            lanes.rows_target(block, read_block[real](&at, &layout.along, A, block, x),
                              read_block[real](&at, &layout.along, WEIGHT, block, share), <real>batch.one[c], sum)
        move(&at, &layout.along, block)
        done += block
    if label >= 0 and label != apart and label_share(target, label) != 0:
        sum[0] += label_share(target, label)
        sum[2] += label_share(target, label) * (batch.one[c] - number[real](entry(layout, p, A, c, label), kind))
    shares[0] = sum[0] + sum[1]
    return in_one(sum[2], sum[3])


cdef void set_factors(const Target *target, LossBatch *batch, Py_ssize_t width, real kind) noexcept nogil:
    """By what softmax of the others is multiplied in each row's gradient."""
    cdef Py_ssize_t c
    cdef double shares, product, error
    cdef real *factor = <real *>batch.factor
    cdef real *factor_low = <real *>batch.factor_low
    for c in range(width):
        shares = target.scale * (batch.others_share[c] + batch.own_share[c])
        product = shares * batch.slope[c]
        factor[c] = <real>product
        error = product - factor[c]
        if real is double:
            error = product_error(shares, batch.slope[c], product)
        factor_low[c] = <real>error


cdef inline double add_surprisal(const LossBatch *batch, Py_ssize_t c, double loss) noexcept nogil:
    """To what the others cost more than the one apart, what that one costs, for all shares."""
    cdef double shares = batch.others_share[c] + batch.own_share[c]
    return loss + shares * batch.surprisal[c] if shares != 0 else loss


cdef inline void set_label_losses(const Layout *layout, const Target *target, LossBatch *batch, const Place *p,
                                  Py_ssize_t width) noexcept nogil:
    """Those of labels alone, which all count the same."""
    cdef Py_ssize_t c
    cdef double loss
    for c in range(width):
        loss = target.share * batch.surprisal[c] if batch.label[c] >= 0 else 0
        memcpy(entry(layout, p, VALUE, c, 0), &loss, sizeof(loss))
    if p.at[OUT] != NULL:
        memset(batch.others_share, 0, width * sizeof(double))
        for c in range(width):
            batch.own_share[c] = target.share if batch.label[c] >= 0 else 0


cdef inline void set_column_losses(const Layout *layout, LossBatch *batch, const Place *p, Py_ssize_t width) noexcept nogil:
    """Those of shares alone, whose sums were taken with the states."""
    cdef Py_ssize_t c
    cdef double loss
    for c in range(width):
        batch.others_share[c] = batch.sum[0][c] + batch.sum[1][c]
        loss = add_surprisal(batch, c, in_one(batch.sum[2][c], batch.sum[3][c]))
        memcpy(entry(layout, p, VALUE, c, 0), &loss, sizeof(loss))


cdef void set_losses(const Layout *layout, const Target *target, LossBatch *batch, const Place *p, Py_ssize_t width,
                     real kind) noexcept nogil:
    """The losses; the target's shares in the others and in the one apart."""
    cdef Py_ssize_t c
    cdef double loss
    if p.at[WEIGHT] == NULL and target.weight == NULL:
        set_label_losses(layout, target, batch, p, width)
        return
    if p.at[WEIGHT] != NULL and p.at[SIGN] == NULL and not layout.rows:
        set_column_losses(layout, batch, p, width)
        return
    for c in range(width):
        loss = batch.others_share[c] = batch.own_share[c] = 0
        if p.at[SIGN] == NULL or batch.label[c] >= 0:
            if p.at[WEIGHT] != NULL:
                loss = loss_of_others[real](layout, target, batch, p, c, &batch.others_share[c], kind)
            batch.own_share[c] = share_of[real](layout, target, batch, p, c, batch.apart[c], kind)
        loss = add_surprisal(batch, c, loss)
        memcpy(entry(layout, p, VALUE, c, 0), &loss, sizeof(loss))


cdef void emit_apart(const Layout *layout, const Target *target, const LossBatch *batch, const Place *p, Py_ssize_t c,
                     double m, real kind) noexcept nogil:
    """What a row's gradient needs beside softmax of the others: the class apart; all of it where the row is not regular."""
    cdef Py_ssize_t k
    cdef double loses = (batch.others_share[c] + batch.own_share[c]) * batch.slope[c], value
    if batch.row[c] != REGULAR:
        for k in range(layout.along.n):
            value = 0
            if batch.row[c] == INFINITE:
                value = loses if isnan(m) or number[real](entry(layout, p, A, c, k), kind) == INFINITY else loses * 0
                value = target.scale * (value - share_of[real](layout, target, batch, p, c, k, kind))
            store[real](entry(layout, p, OUT, c, k), <real>value)
    if batch.row[c] != VOID:
        value = batch.others_share[c] - loses
        if batch.slope[c] > 0.5 and batch.others_share[c] > batch.own_share[c]:  # both terms are large: by its probability
            value = (batch.others_share[c] + batch.own_share[c]) * exp(-batch.surprisal[c]) - batch.own_share[c]
        value *= target.scale
        store[real](entry(layout, p, OUT, c, batch.apart[c]), <real>value)


cdef inline void subtract_label(const Target *target, Py_ssize_t label, Py_ssize_t first, Py_ssize_t n, real *out,
                                Py_ssize_t step) noexcept nogil:
    """Takes the label's share from n classes of a gradient, from the `first` on."""
    if first <= label < first + n:
        out[(label - first) * step] -= <real>(target.scale * label_share(target, label))


cdef void emit_row_gradient(const Layout *layout, const Target *target, Workspace *ws, const LossBatch *batch, Place at,
                            Py_ssize_t c, real kind) noexcept nogil:
    """at: the place of row c."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef Py_ssize_t n = layout.along.n, done = 0, block
    cdef real *shares = <real *>(ws.buffer + SCRATCH)
    cdef real *x
    cdef real *out
    cdef real inverse[2]
    cdef real factor[2]
    inverse[0], inverse[1] = (<real *>ws.inverse)[c], (<real *>ws.inverse_low)[c]
    factor[0], factor[1] = (<real *>batch.factor)[c], (<real *>batch.factor_low)[c]
    while done < n:
        block = min(n - done, <Py_ssize_t>(TILE // sizeof(real)))
        x, out = <real *>at.at[A], <real *>at.at[OUT]
        if not layout.direct:
            x = <real *>ws.buffer
            pack[real](layout, &at, &layout.across, &layout.along, 1, block, x)
        if not layout.direct_out:
            out = <real *>ws.buffer
        lanes.rows_slope(block, x, (<real *>ws.m)[c], inverse, factor,
                         read_block[real](&at, &layout.along, WEIGHT, block, shares), <real>target.scale, out)
        if at.at[WEIGHT] != NULL:
            subtract_label[real](target, batch.label[c], done, block, out, 1)
        if not layout.direct_out:
            unpack[real](layout, &at, &layout.across, &layout.along, 1, block, out, 0)
        move(&at, &layout.along, block)
        done += block


cdef void emit_gradients(const Layout *layout, const Target *target, Workspace *ws, const LossBatch *batch, const Place *p,
                         Py_ssize_t width, real kind) noexcept nogil:
    cdef Py_ssize_t c
    cdef Place at
    invert[real](ws, width, kind)
    if not layout.rows:
        emit_column_gradients[real](layout, target, ws, batch, p[0], width, kind)
    for c in range(width):
        if layout.rows and batch.row[c] == REGULAR:
            at = p[0]
            move(&at, &layout.across, c)
            emit_row_gradient[real](layout, target, ws, batch, at, c, kind)
        emit_apart[real](layout, target, batch, p, c, ws.maximum[c], kind)


cdef int run_losses(const Layout *layout, const Target *target, real kind) noexcept nogil:
    """Everything for one layout; -1 where there is no memory for the workspace."""
    cdef Workspace *ws = new_workspace(sizeof(LossBatch) + LINE + 2 * SCRATCH)
    if ws == NULL:
        return -1
    cdef LossBatch *batch = <LossBatch *>ws.buffer
    ws.buffer = behind(batch, sizeof(LossBatch))
    cdef Batches batches
    cdef Place at
    cdef Py_ssize_t most = min(<Py_ssize_t>BATCH, batch_width[real](layout, 0, kind)), width
    if layout.rows:  # what is read twice stays in cache
        most = min(<Py_ssize_t>BATCH, max(1, FUSED // <Py_ssize_t>sizeof(real) // layout.along.n))
    begin(&batches, layout)
    while batches.more:
        at = batches.at
        width = min(most, layout.across.n - batches.done)
        ws.beside = next_batch(&batches, layout, width)
        set_apart[real](layout, batch, &at, width, kind)
        if layout.rows:
            add_other_rows[real](layout, ws, batch, at, width, kind)
        else:
            add_other_columns[real](layout, ws, batch, at, width, kind)
        set_surprisals[real](layout, ws, batch, &at, width, kind)
        set_losses[real](layout, target, batch, &at, width, kind)
        if at.at[OUT] != NULL:
            set_factors[real](target, batch, width, kind)
            emit_gradients[real](layout, target, ws, batch, &at, width, kind)
    free_workspace(ws)
    return 0


def cross_entropy(cnp.ndarray a, int axis, cnp.ndarray labels, cnp.ndarray weight, cnp.ndarray targets, double share,
                  double scale, cnp.ndarray loss, cnp.ndarray gradient):
    """OUT loss[kept] (float64), gradient (a's shape, times `scale`; or None).

    A row's loss is the sum of its classes' surprisals, each times `targets` (a's shape and dtype, or None), and the label's once more
    times `share` and its class's `weight` (float64, or None). labels[kept] (intp, or None) of -1: the row counts for nothing.
    """
    cdef Layout layout
    cdef Target target
    cdef int status
    target.weight = <const double *>cnp.PyArray_DATA(weight) if weight is not None else NULL
    target.share, target.scale = share, scale
    plan(&layout, a, 1ull << axis, None, targets, gradient, loss, labels, None,
         LONG_ROW if gradient is None else WRITTEN_ROW if targets is None else READ_ROW)
    if not layout.rows:
        layout.direct = 0
    with nogil:
        if cnp.PyArray_TYPE(a) == cnp.NPY_DOUBLE:
            status = run_losses[double](&layout, &target, 0)
        else:
            status = run_losses[float](&layout, &target, 0)
    if status < 0:
        raise MemoryError("no memory for the workspace of a loss")


cdef inline real *write_block(const Place *at, const Dim *d, int which, real *buffer) noexcept nogil:
    """Where the next elements of an output go first: to its place or to a buffer."""
    return <real *>at.at[which] if at.at[which] == NULL or d.stride[which] == sizeof(real) else buffer


cdef inline void scatter_block(const Place *at, const Dim *d, int which, Py_ssize_t n, const real *buffer) noexcept nogil:
    cdef Py_ssize_t i
    if buffer != NULL and <const char *>buffer != at.at[which]:
        for i in range(n):
            memcpy(at.at[which] + i * d.stride[which], &buffer[i], sizeof(real))


cdef double run_logistic(const Layout *layout, double scale, real kind) noexcept nogil:
    """The sum of the losses: logits A, targets WEIGHT, weights MASK (of positive targets) and SIGN, outputs VALUE and OUT."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef Odometer outer
    cdef Place p = layout.start, at
    cdef const Dim *d = &layout.across
    cdef Py_ssize_t done, n
    cdef double sum[2]
    cdef real buffer[6][PIECE]
    cdef real *loss
    cdef real *gradient
    sum[0] = sum[1] = 0
    memset(&outer, 0, sizeof(Odometer))
    while True:
        at = p
        done = 0
        while done < d.n:
            n = min(d.n - done, <Py_ssize_t>PIECE)
            loss, gradient = write_block[real](&at, d, VALUE, buffer[4]), write_block[real](&at, d, OUT, buffer[5])
            lanes.logistic(n, read_block[real](&at, d, A, n, buffer[0]), read_block[real](&at, d, WEIGHT, n, buffer[1]),
                           read_block[real](&at, d, MASK, n, buffer[2]), read_block[real](&at, d, SIGN, n, buffer[3]),
                           <real>scale, loss, gradient, sum)
            scatter_block[real](&at, d, VALUE, n, loss)
            scatter_block[real](&at, d, OUT, n, gradient)
            move(&at, d, n)
            done += n
        if not advance(&outer, layout.kept, layout.outer_kept, &p):
            return in_one(sum[0], sum[1])


def binary_cross_entropy(cnp.ndarray x, cnp.ndarray targets, cnp.ndarray pos_weight, cnp.ndarray weight, double scale,
                         cnp.ndarray loss, cnp.ndarray gradient):
    """OUT loss, gradient (times `scale`); returns the sum of the losses. All have one shape and dtype; all but x and targets may
    be None."""
    cdef Layout layout
    cdef double sum
    plan(&layout, x, 0, pos_weight, targets, gradient, loss, weight, None)
    with nogil:
        if cnp.PyArray_TYPE(x) == cnp.NPY_DOUBLE:
            sum = run_logistic[double](&layout, scale, 0)
        else:
            sum = run_logistic[float](&layout, scale, 0)
    return sum


def compensated_sum(cnp.ndarray x):
    """The sum of float64s that lie side by side, as if rounded once."""
    cdef double sum[2]
    sum[0] = sum[1] = 0
    with nogil:
        f64.compensated_sum(cnp.PyArray_SIZE(x), <const double *>cnp.PyArray_DATA(x), sum)
    return in_one(sum[0], sum[1])
