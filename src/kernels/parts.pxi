"""Parts of large reductions, for threads (`jobs`): a state of each, merged, and results from the states and the part's data. States
are [maximum, sum, low part of the sum] (states.pxi); what the sums are of is one of these."""

ALL, OTHERS, ROUGHLY = 0, DO_APART, DO_ROUGHLY


def states(cnp.ndarray a, axes, cnp.ndarray state, int sums, cnp.ndarray where=None, cnp.ndarray out=None,
           Jobs jobs=None):
    """OUT state[3, kept] (float64): the states of a over axes. Where `out` (a's shape, no memory of it) is given and the layout
    allows, it keeps the exponentials for `softmax_from`; returns whether it does."""
    return reduce_into(a, axes, where, out, None, state,
                       DO_SAVE | sums | (0 if out is None else DO_STORE), jobs) != 0


def logsumexp_from(cnp.ndarray a, axes, cnp.ndarray state, int sums, cnp.ndarray out, cnp.ndarray where=None):
    """OUT out[kept]: logsumexp from states of a over axes; returns whether they settle it. Where a sum that is not rough does not
    settle the last digit, the data serve."""
    return reduce_into(a, axes, where, None, out, state, DO_VALUE | DO_LOAD | sums) != 0 or sums != DO_ROUGHLY


def softmax_from(cnp.ndarray a, axes, cnp.ndarray state, cnp.ndarray maxima, cnp.ndarray out, cnp.ndarray where=None,
                 Jobs jobs=None):
    """OUT out: softmax of a, a part of the data whose sums are told; IN/OUT out where `maxima`[kept] (float64, or None), those of
    the part, say that it holds the part's exponentials."""
    reduce_into(a, axes, where, out, maxima, state, DO_SOFTMAX | DO_LOAD | (0 if maxima is None else DO_STORED), jobs)


def logs_from(cnp.ndarray a, axes, cnp.ndarray state, cnp.ndarray log, cnp.ndarray where=None):
    """OUT log[kept]: what log_softmax subtracts beside the maximum, from states of a over axes, apart."""
    reduce_into(a, axes, where, None, log, state, DO_LOG | DO_LOAD)


def log_softmax_from(cnp.ndarray a, axes, cnp.ndarray state, cnp.ndarray log, cnp.ndarray out, cnp.ndarray where=None,
                     Jobs jobs=None):
    """OUT out: log_softmax of a, a part of the data that the states and logs tell of."""
    reduce_into(a, axes, where, out, log, state, DO_LOG_SOFTMAX | DO_LOAD | DO_GIVEN, jobs)


cdef void merge_state(real *m, double *high, double *low, real other, double added, double added_low,
                      bint apart) noexcept nogil:
    """Adds a state to another."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef real top = other if other > m[0] else m[0]
    cdef double same, peak, peak_low, error
    if not apart:
        lanes.states_rescale(1, m, &top, high, low)
        lanes.states_rescale(1, &other, &top, &added, &added_low)
    elif m[0] != other:
        lanes.states_absorb(1, m, &top, high, low)
        lanes.states_absorb(1, &other, &top, &added, &added_low)
    elif top != -INFINITY:
        lanes.states_peaks(1, &top, &same, &peak, &peak_low)
        high[0] = two_sum(high[0], peak * OTHERS_LIFT, &error)
        low[0] += peak_low * OTHERS_LIFT + error
    high[0] = two_sum(high[0], added, &error)
    low[0] += added_low + error
    m[0] = top


def merge(cnp.ndarray into, cnp.ndarray other, int sums, bint single):
    """IN/OUT into[3, n], IN other[3, n], C order float64: states of the same reductions, of float32 data where `single`."""
    cdef Py_ssize_t n = cnp.PyArray_DIM(into, 1), i
    cdef double *s = <double *>cnp.PyArray_DATA(into)
    cdef const double *t = <const double *>cnp.PyArray_DATA(other)
    cdef bint apart = sums == DO_APART
    cdef float m
    with nogil:
        for i in range(n):
            if single:
                m = <float>s[i]
                merge_state[float](&m, &s[n + i], &s[2 * n + i], <float>t[i], t[n + i], t[2 * n + i], apart)
                s[i] = m
            else:
                merge_state[double](&s[i], &s[n + i], &s[2 * n + i], t[i], t[n + i], t[2 * n + i], apart)
