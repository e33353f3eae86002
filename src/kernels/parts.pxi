"""Parts of large reductions, for threads (`jobs`): a state of each, merged, and results from the states and the part's data. States
are [maximum, sum, low part of the sum] (states.pxi); what the sums are of is one of these."""

ALL, OTHERS, ROUGHLY = 0, DO_APART, DO_ROUGHLY
TALL = TALLEST


def states(cnp.ndarray a, axes, cnp.ndarray state, int sums, cnp.ndarray where=None, cnp.ndarray out=None,
           Jobs jobs=None):
    """OUT state[3, kept] (float64): the states of a over axes. Where `out` (a's shape, no memory of it) is given and the layout
    allows, it keeps the exponentials for `softmax_from`; returns whether it does."""
    return reduce_into(a, axes_mask(axes), where, out, None, state,
                       DO_SAVE | sums | (0 if out is None else DO_STORE), jobs) != 0


def logsumexp_from(cnp.ndarray a, axes, cnp.ndarray state, int sums, cnp.ndarray out, cnp.ndarray where=None):
    """OUT out[kept]: logsumexp from states of a over axes; returns whether they settle it. Where a sum that is not rough does not
    settle the last digit, the data serve."""
    return reduce_into(a, axes_mask(axes), where, None, out, state, DO_VALUE | DO_LOAD | sums) != 0 or sums != DO_ROUGHLY


def softmax_from(cnp.ndarray a, axes, cnp.ndarray state, cnp.ndarray maxima, cnp.ndarray out, cnp.ndarray where=None,
                 Jobs jobs=None):
    """OUT out: softmax of a, a part of the data whose sums are told; IN/OUT out where `maxima`[kept] (float64, or None), those of
    the part, say that it holds the part's exponentials."""
    reduce_into(a, axes_mask(axes), where, out, maxima, state, DO_SOFTMAX | DO_LOAD | (0 if maxima is None else DO_STORED), jobs)


def logs_from(cnp.ndarray a, axes, cnp.ndarray state, cnp.ndarray log, cnp.ndarray where=None):
    """OUT log[kept]: what log_softmax subtracts beside the maximum, from states of a over axes, apart."""
    reduce_into(a, axes_mask(axes), where, None, log, state, DO_LOG | DO_LOAD)


def log_softmax_from(cnp.ndarray a, axes, cnp.ndarray state, cnp.ndarray log, cnp.ndarray out, cnp.ndarray where=None,
                     Jobs jobs=None):
    """OUT out: log_softmax of a, a part of the data that the states and logs tell of."""
    reduce_into(a, axes_mask(axes), where, out, log, state, DO_LOG_SOFTMAX | DO_LOAD | DO_GIVEN, jobs)


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


def merge(cnp.ndarray states, cnp.ndarray whole, int sums, bint single):
    """OUT whole[3, kept], C order float64: the states IN states[parts, 3, kept], WIDE parts at most, added; of float32 data where
    `single`."""
    cdef Py_ssize_t parts = cnp.PyArray_DIM(states, 0), n = cnp.PyArray_SIZE(whole) // 3
    cdef const double *s = <const double *>cnp.PyArray_DATA(states)
    cdef double *out = <double *>cnp.PyArray_DATA(whole)
    cdef int of = SUM_OTHERS if sums == DO_APART else SUM_ALL
    cdef Workspace *ws = <Workspace *>malloc(sizeof(Workspace))
    if ws == NULL:
        raise MemoryError("no memory to merge the states of a reduction's shares")
    with nogil:
        if single:
            merge_columns[float](s, parts, n, out, of, ws, 0)
        else:
            merge_columns[double](s, parts, n, out, of, ws, 0)
    free(ws)
