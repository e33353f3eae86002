"""What Python calls for a reduction, in shares where it is large: of whole rows or columns, or parts of long ones, whose states are merged
in order. Where it is cut depends on shape and strides alone, so that the bits of a result do not depend on the number of threads. Nothing
here is left to the interpreter, whose own memory a kernel has just driven from the caches."""

cdef enum:
    # elements below which a call stays with its caller: cutting it and waking a thread takes as long as some 1e5 elements,
    # or longer
    SMALL = 200000
    # elements of a share, at most while there are no more shares than MOST_SHARES: small enough to even out threads of unequal speed,
    # large beside the microseconds that planning it takes
    SHARE = 250000
    MOST_SHARES = 64
    FEW_ROWS = 8        # rows below which they are cut themselves
    NARROW_SHARE = 16   # columns of a share, side by side in memory, at least
    SHORTEST = 384      # bytes of a share that lie side by side at least, as each such piece may lie in a page of its own
    WHOLE_ROW = 4096    # bytes of a row from which a piece of it is as good as all of it
    ENOUGH = 8          # shares beyond which more are not worth smaller pieces
    FEW_STATES = 128    # elements of a tall column for each of the states that its parts have
    # bytes of a row whose exponentials are stored with its states, not taken again, which eight at once are from half as many
    STORED_ROW = 16777216

THRESHOLD = SMALL

cdef struct Cut:
    int axis  # or -1: whole
    Py_ssize_t shares


cdef inline Py_ssize_t shares_of(cnp.ndarray a):
    return min(<Py_ssize_t>MOST_SHARES, max(<Py_ssize_t>2, (cnp.PyArray_SIZE(a) + SHARE - 1) // SHARE))


cdef Py_ssize_t shares_along(cnp.ndarray a, int axis, Py_ssize_t piece, Py_ssize_t most) noexcept:
    """How many shares of so many bytes side by side an axis gives, `most` at most."""
    cdef Py_ssize_t n = cnp.PyArray_DIM(a, axis), span = span_along(a, axis)
    return max(<Py_ssize_t>1, min(shares_of(a), most, n, n * span // piece if span > 0 else n))


cdef Cut cut_of(cnp.ndarray a, unsigned long long axes, Py_ssize_t most=MOST_SHARES) noexcept:
    """One of the axes and how many shares it gives: the outermost in memory of those long enough, so that a share is one piece of it."""
    cdef Cut cut
    cdef int d
    cdef Py_ssize_t worth, best = 0, reach = -1
    cut.axis, cut.shares = -1, 1
    if cnp.PyArray_SIZE(a) < SMALL:
        return cut
    for d in range(cnp.PyArray_NDIM(a)):
        if not axes >> d & 1 or cnp.PyArray_DIM(a, d) <= 1:
            continue
        worth = max(shares_along(a, d, WHOLE_ROW, most), min(<Py_ssize_t>ENOUGH, shares_along(a, d, SHORTEST, most)))
        if worth > best or (worth == best and span_along(a, d) > reach):
            best, reach, cut.axis = worth, span_along(a, d), d
    if cut.axis >= 0:
        cut.shares = shares_along(a, cut.axis, SHORTEST, most)
    return cut


cdef Part part_of(const Cut *cut, cnp.ndarray a, Py_ssize_t i) noexcept:
    """The share i of an axis that is cut."""
    cdef Part part
    cdef Py_ssize_t n = cnp.PyArray_DIM(a, cut.axis)
    part.axis, part.start = cut.axis, n * i // cut.shares
    part.n = n * (i + 1) // cut.shares - part.start
    return part


def cut_along(cnp.ndarray x, axes):
    """One of `axes` and the (start, stop) of x's shares along it; None: not to be cut."""
    cdef Cut cut = cut_of(x, axes_mask(axes))
    cdef Part part
    cdef Py_ssize_t i
    cdef list bounds = []
    if cut.axis < 0:
        return None
    for i in range(cut.shares):
        part = part_of(&cut, x, i)
        bounds.append((part.start, part.start + part.n))
    return cut.axis, bounds


cdef Cut long_rows(cnp.ndarray a, unsigned long long axes) noexcept:
    """How to cut the rows themselves of an array that has but a few of them. Columns side by side in memory are cut, too, if they are so
    tall that they are read row by row anyway: rows in one piece are read at twice the speed of rows in four."""
    cdef Py_ssize_t kept = 1, height = 1, n
    cdef int d, outermost = -1, innermost = -1
    for d in range(cnp.PyArray_NDIM(a)):
        n = cnp.PyArray_DIM(a, d)
        if axes >> d & 1:
            height *= n
        else:
            kept = max(kept, n)
        if n > 1 and (outermost < 0 or span_along(a, d) >= span_along(a, outermost)):
            outermost = d
        if n > 1 and (innermost < 0 or span_along(a, d) < span_along(a, innermost)):
            innermost = d
    if not axes >> outermost & 1:
        return cut_of(a, axes if kept < FEW_ROWS else 0)
    if kept < NARROW_SHARE * shares_of(a):
        return cut_of(a, axes)
    if (not axes >> innermost & 1 and cnp.PyArray_STRIDE(a, innermost) == cnp.PyArray_ITEMSIZE(a) and height > TALLEST
            and cnp.PyArray_NBYTES(a) < WHOLE_ROW * height * shares_of(a)):
        return cut_of(a, axes, height // FEW_STATES)
    return cut_of(a, 0)


cdef void merge_columns(const double *states, Py_ssize_t parts, Py_ssize_t n, double *whole, int sums, Workspace *ws,
                        real kind) noexcept nogil:
    """As many of n reductions at a time as there is room for the states of all their parts."""
    cdef real *m = <real *>ws.m
    cdef const double *state
    cdef Py_ssize_t done = 0, width, g, c
    while done < n:
        width = min(n - done, WIDE // parts)
        for g in range(parts):
            state = states + g * 3 * n + done
            for c in range(width):
                m[g * width + c] = <real>state[c]
                ws.high[g * width + c], ws.low[g * width + c] = state[n + c], state[2 * n + c]
        fold_states[real](ws, width, parts, sums, kind)
        for c in range(width):
            whole[done + c], whole[n + done + c], whole[2 * n + done + c] = m[c], ws.high[c], ws.low[c]
        done += width


cdef cnp.ndarray merged(cnp.ndarray states, Py_ssize_t parts, cnp.ndarray a, unsigned long long axes, int sums):
    """The states of a over axes from those of its parts, one after the other."""
    cdef cnp.ndarray whole = planes_of(a, axes, 3)
    cdef const double *s = <const double *>cnp.PyArray_DATA(states)
    cdef double *out = <double *>cnp.PyArray_DATA(whole)
    cdef Py_ssize_t n = cnp.PyArray_SIZE(whole) // 3
    cdef int of = SUM_OTHERS if sums == DO_APART else SUM_ALL
    cdef bint single = cnp.PyArray_TYPE(a) == cnp.NPY_FLOAT
    cdef Workspace *ws = new_workspace(0)
    if ws == NULL:
        raise MemoryError("no memory to merge the states of a reduction's shares")
    with nogil:
        if single:
            merge_columns[float](s, parts, n, out, of, ws, 0)
        else:
            merge_columns[double](s, parts, n, out, of, ws, 0)
    free_workspace(ws)
    return whole


cdef tuple states_of(cnp.ndarray a, unsigned long long axes, cnp.ndarray mask, cnp.ndarray out, const Cut *cut, int sums):
    """The states [maximum, sum, low part of the sum] (states.pxi) of the shares of a over axes; the same merged; which shares have left
    their exponentials in `out` (or None) or, of sums apart, what they had to pack."""
    cdef Jobs jobs = Jobs(cut.shares)
    cdef Py_ssize_t i
    cdef int wanted = DO_SAVE | sums | (0 if out is None else DO_PACK if sums == DO_APART else DO_STORE)
    cdef Part part
    cdef cnp.ndarray states = planes_of(a, axes, 3 * cut.shares)
    for i in range(cut.shares):
        part = part_of(cut, a, i)
        jobs.add(a, axes, mask, out, None, states[3 * i:3 * i + 3], wanted, &part)
    left = jobs.run()
    return states, merged(states, cut.shares, a, axes, sums), left


cdef bint is_better_stored(cnp.ndarray out):
    """Whether the exponentials of rows that are cut are, or what is packed, until the sums of all parts are known."""
    return cnp.PyArray_NBYTES(out) <= STORED_ROW // (2 if register_bytes >= 8 * cnp.PyArray_ITEMSIZE(out) else 1)


cdef int reduce_long(cnp.ndarray a, unsigned long long axes, cnp.ndarray mask, cnp.ndarray out, cnp.ndarray value, int wanted,
                     const Cut *cut) except -1:
    """What is wanted of rows that are cut."""
    cdef Jobs jobs
    cdef Py_ssize_t i
    cdef int sums = DO_APART if wanted & DO_LOG_SOFTMAX else DO_ROUGHLY if out is None else 0
    cdef bint stores = out is not None and is_better_stored(out) and apart(a, out)
    cdef Part part
    states, whole, left = states_of(a, axes, mask, out if stores else None, cut, sums)
    if wanted & DO_VALUE and not reduce_into(a, axes, mask, None, value, whole, DO_VALUE | DO_LOAD | sums) and sums:
        # Rough sums do not settle all.
        _, whole, _ = states_of(a, axes, mask, None, cut, 0)
        reduce_into(a, axes, mask, None, value, whole, DO_VALUE | DO_LOAD)
    if out is None:
        return 0
    cdef cnp.ndarray source = out if wanted & DO_LOG_SOFTMAX and all(left) else a
    jobs = Jobs(cut.shares, source, out)
    if wanted & DO_LOG_SOFTMAX:
        value = kept_array(a, axes, cnp.PyArray_TYPE(a))
        reduce_into(a, axes, mask, None, value, whole, DO_LOG | DO_LOAD)
    for i in range(cut.shares):
        part = part_of(cut, a, i)
        if wanted & DO_LOG_SOFTMAX:
            jobs.add(source, axes, mask, out, value, whole, DO_LOG_SOFTMAX | DO_LOAD | DO_GIVEN, &part)
        elif left[i]:
            jobs.add(a, axes, mask, out, states[3 * i, ...], whole, DO_SOFTMAX | DO_LOAD | DO_STORED, &part)
        else:
            jobs.add(a, axes, mask, out, None, whole, DO_SOFTMAX | DO_LOAD, &part)
    jobs.run()
    return 0


cdef int reduce_array(cnp.ndarray a, unsigned long long axes, cnp.ndarray mask, cnp.ndarray out, cnp.ndarray value,
                      int wanted) except -1:
    """What is wanted of a over axes, in shares where it is large."""
    cdef Jobs jobs
    cdef Cut cut
    cdef Part part
    cdef Py_ssize_t i
    if cnp.PyArray_SIZE(a) < SMALL:
        return reduce_into(a, axes, mask, out, value, None, wanted)
    cut = long_rows(a, axes)
    if cut.axis >= 0:
        return reduce_long(a, axes, mask, out, value, wanted, &cut)
    cut = cut_of(a, every_axis(cnp.PyArray_NDIM(a)) & ~axes)
    jobs = Jobs(cut.shares, a, out)
    for i in range(cut.shares):
        if cut.axis >= 0:
            part = part_of(&cut, a, i)
        jobs.add(a, axes, mask, out, value, None, wanted, &part if cut.axis >= 0 else NULL)
    jobs.run()
    return 0


def logsumexp(cnp.ndarray a, axes, cnp.ndarray out, cnp.ndarray where=None):
    """OUT out[kept]: logsumexp of a over axes."""
    reduce_array(a, axes_mask(axes), where, None, out, DO_VALUE)


def softmax(cnp.ndarray a, axes, cnp.ndarray out, cnp.ndarray where=None):
    """OUT out: softmax of a over axes; out may be a. Of single elements it is exactly 1, not only to an ulp."""
    if all(a.shape[axis] == 1 for axis in axes):
        log_softmax(a, axes, out, where)
        np.exp(out, out=out)
        return
    reduce_array(a, axes_mask(axes), where, out, None, DO_SOFTMAX)


def log_softmax(cnp.ndarray a, axes, cnp.ndarray out, cnp.ndarray where=None):
    """OUT out: log_softmax of a over axes; out may be a."""
    reduce_array(a, axes_mask(axes), where, out, None, DO_LOG_SOFTMAX)


def logsumexp_and_softmax(cnp.ndarray a, axes, cnp.ndarray value, cnp.ndarray out, cnp.ndarray where=None):
    """OUT value[kept], out: both from one state; out may be a."""
    reduce_array(a, axes_mask(axes), where, out, value, DO_VALUE | DO_SOFTMAX)
