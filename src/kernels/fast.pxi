"""The quick path: an exact, native, aligned array of float32 or float64, or what becomes one; of options, a mask of its shape, weights
of its shape and type, and an output of its type that has the result's shape and is the array itself or lies apart from all that
is read. Anything else is answered with None and left to the general path."""

cdef extern from "numpy/arrayobject.h":
    object PyArray_Scalar(void *data, cnp.PyArray_Descr *descr, object base)

cdef enum:
    NEAR = 1024           # bytes of a row that are fetched before they are read
    LISTED = 1000         # elements of a list below which to make an array of it twice would take little

cdef Distances further_on  # in the same row
further_on.next = NEAR
further_on.result = 0


cdef inline bint is_short_list(object a):
    """Whether it is a list of a few numbers, or a tuple: what is longer is left to those who have to make an array of it anyway."""
    return (type(a) is list or type(a) is tuple) and 0 < len(a) < LISTED and isinstance(a[0], (float, int))


cdef inline object readied(object a):
    """What NumPy makes of a list of a few numbers, and float64 of a few whole ones; anything else itself."""
    if is_short_list(a):
        a = np.asarray(a)
    if (type(a) is cnp.ndarray and cnp.PyArray_TYPE(<cnp.ndarray>a) <= cnp.NPY_ULONGLONG
            and cnp.PyArray_SIZE(<cnp.ndarray>a) < SMALL):
        a = a.astype(np.float64)
    return a


cdef inline bint is_native(object a):
    """Whether kernels can read it."""
    cdef int type_number
    if type(a) is not cnp.ndarray:
        return False
    type_number = cnp.PyArray_TYPE(<cnp.ndarray>a)
    return ((type_number == cnp.NPY_DOUBLE or type_number == cnp.NPY_FLOAT)
            and cnp.PyArray_ISNOTSWAPPED(<cnp.ndarray>a) and cnp.PyArray_ISALIGNED(<cnp.ndarray>a))


cdef inline bint quick(object a, Py_ssize_t below=SMALL):
    return (is_native(a) and cnp.PyArray_NDIM(<cnp.ndarray>a) > 0
            and 0 < cnp.PyArray_SIZE(<cnp.ndarray>a) < below)


cdef inline bint same_shape(cnp.ndarray a, cnp.ndarray b):
    cdef int d
    if cnp.PyArray_NDIM(a) != cnp.PyArray_NDIM(b):
        return False
    for d in range(cnp.PyArray_NDIM(a)):
        if cnp.PyArray_DIM(a, d) != cnp.PyArray_DIM(b, d):
            return False
    return True


cdef inline bint quick_mask(cnp.ndarray a, object where):
    return where is None or (type(where) is cnp.ndarray and cnp.PyArray_TYPE(<cnp.ndarray>where) == cnp.NPY_BOOL
                             and same_shape(a, where))


cdef inline bint quick_weight(cnp.ndarray a, object b):
    return (quick(b) and cnp.PyArray_TYPE(<cnp.ndarray>b) == cnp.PyArray_TYPE(a) and same_shape(a, b))


cdef inline bint takes(object out, cnp.ndarray a, object where):
    """Whether results of a's type can go to `out`, but for its shape and what it shares with a."""
    return (is_native(out) and cnp.PyArray_TYPE(<cnp.ndarray>out) == cnp.PyArray_TYPE(a)
            and cnp.PyArray_ISWRITEABLE(<cnp.ndarray>out) and (where is None or apart(out, where)))


cdef inline bint quick_out(cnp.ndarray a, object out, object where):
    """Whether results of a's shape can."""
    return takes(out, a, where) and same_shape(a, out) and (
        out is a or (cnp.PyArray_ISONESEGMENT(<cnp.ndarray>out) and apart(out, a)))


cdef inline unsigned long long axis_bit(object axis, int ndim):
    """An axis as a bit; 0 for what is none."""
    cdef int overflow
    cdef long k
    if type(axis) is not int:
        return 0
    k = PyLong_AsLongAndOverflow(axis, &overflow)
    if k < 0:
        k += ndim
    return 1ull << k if not overflow and 0 <= k < ndim else 0


cdef unsigned long long quick_axes(cnp.ndarray a, object axis):
    """The axes as bits; 0 where the general path must judge them."""
    cdef int ndim = cnp.PyArray_NDIM(a)
    cdef unsigned long long bit, bits = 0
    if axis is None:
        return every_axis(ndim)
    if type(axis) is int:
        return axis_bit(axis, ndim)
    if type(axis) is not tuple:
        return 0
    for each in <tuple>axis:
        bit = axis_bit(each, ndim)
        if bit == 0 or bits & bit:
            return 0
        bits |= bit
    return bits


cdef cnp.ndarray plain(object a, object axis, unsigned long long *axes, Py_ssize_t below=SMALL):
    """The array that is to be reduced, of so few elements, and OUT axes as bits; None where the general path must judge them."""
    a = readied(a)
    if not quick(a, below):
        return None
    axes[0] = quick_axes(a, axis)
    return a if axes[0] != 0 else None


cdef inline bint row_settles(Py_ssize_t n, const real *x, real largest, int sums, double *value) noexcept:
    """OUT value: logsumexp of a contiguous row from its sum; whether that settles it."""
    if real is double:
        rows = &f64.rows
    else:
        rows = &f32.rows
    cdef double high = 0, low = 0, m, shift, power
    cdef unsigned char care
    if sums == SUM_ROUGHLY:
        rows.roughly(n, 1, x, 0, further_on, &largest, &high, &low)
    else:
        rows.sum(n, 1, x, 0, further_on, &largest, &high, &low)
    take_values[real](1, &largest, &high, &low, n, sums, &m, &shift, &power, value, &care)
    return not care & WANT_VALUE


cdef object row_value(cnp.ndarray a, real kind):
    """logsumexp of a whole contiguous array by the shortest way; None where it needs care."""
    cdef const real *x = <const real *>cnp.PyArray_DATA(a)
    cdef Py_ssize_t n = cnp.PyArray_SIZE(a)
    cdef double value
    cdef real largest = largest_of(n, x), result
    if not ((n >= MANY and row_settles[real](n, x, largest, SUM_ROUGHLY, &value))
            or row_settles[real](n, x, largest, SUM_ALL, &value)):
        return None
    result = <real>value
    return PyArray_Scalar(&result, cnp.PyArray_DESCR(a), a)


cdef bint row_like(cnp.ndarray a, cnp.ndarray out, int wanted, real kind) noexcept:
    """OUT out: softmax or log_softmax of a whole contiguous array by the shortest way; whether it does not need care."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef const real *x = <const real *>cnp.PyArray_DATA(a)
    cdef real *result = <real *>cnp.PyArray_DATA(out)
    cdef Py_ssize_t n = cnp.PyArray_SIZE(a)
    if wanted != DO_SOFTMAX:
        return lanes.row_log_softmax(n, x, further_on, least_settled[real](n, 0), result) == 0
    lanes.row_softmax(n, x, further_on, result)
    return True


cdef inline bint is_one_row(cnp.ndarray a, unsigned long long axes, object where):
    return (where is None and axes == every_axis(cnp.PyArray_NDIM(a)) and cnp.PyArray_IS_C_CONTIGUOUS(a)
            and cnp.PyArray_SIZE(a) < RELEASE)


cdef bint has_kept_shape(cnp.ndarray array, cnp.ndarray a, unsigned long long axes):
    """Whether an array has one number a reduction of a."""
    cdef cnp.npy_intp shape[DIMS]
    cdef int d, kept = kept_shape(a, axes, False, shape)
    if cnp.PyArray_NDIM(array) != kept:
        return False
    for d in range(kept):
        if cnp.PyArray_DIM(array, d) != shape[d]:
            return False
    return True


cdef bint kept_out(cnp.ndarray a, unsigned long long axes, object out, object where):
    """Whether one number a reduction can go to `out`."""
    return takes(out, a, where) and apart(out, a) and has_kept_shape(out, a, axes)


cdef cnp.ndarray rounded_like(cnp.ndarray a, unsigned long long axes, cnp.ndarray value):
    """Doubles, one a reduction, in a's type."""
    cdef cnp.ndarray single
    if cnp.PyArray_TYPE(a) == cnp.NPY_DOUBLE:
        return value
    single = kept_array(a, axes, cnp.NPY_FLOAT)
    store_each[float](<char *>cnp.PyArray_DATA(single), sizeof(float), cnp.PyArray_SIZE(value),
                      <const double *>cnp.PyArray_DATA(value), 0)
    return single


cdef object handed_over(cnp.ndarray result, cnp.ndarray a, unsigned long long axes, bint keepdims):
    """One number a reduction, in the shape that is asked for."""
    cdef cnp.npy_intp shape[DIMS]
    cdef int d, kept
    if not keepdims:
        return unwrapped(result)
    kept = kept_shape(a, axes, True, shape)
    return result.reshape([shape[d] for d in range(kept)])


cdef inline object unwrapped(cnp.ndarray a):
    """An array of no dimensions as a scalar."""
    return a if cnp.PyArray_NDIM(a) else PyArray_Scalar(cnp.PyArray_DATA(a), cnp.PyArray_DESCR(a), a)


def fast_logsumexp(a, axis, keepdims, out, where):
    """logsumexp of a plain array, or None."""
    cdef unsigned long long axes
    cdef cnp.ndarray value, array = plain(a, axis, &axes, PY_SSIZE_T_MAX)
    if array is None or type(keepdims) is not bool or not quick_mask(array, where):
        return None
    if out is not None:
        if keepdims or not kept_out(array, axes, out, where):
            return None
        value = out
    else:
        if not keepdims and is_one_row(array, axes, where):
            result = (row_value[double](array, 0) if cnp.PyArray_TYPE(array) == cnp.NPY_DOUBLE
                      else row_value[float](array, 0))
            if result is not None:
                return result
        value = kept_array(array, axes, cnp.PyArray_TYPE(array))
    reduce_array(array, axes, where, None, value, DO_VALUE)
    return out if out is not None else handed_over(value, array, axes, keepdims)


cdef void without_negative(cnp.ndarray value, cnp.ndarray sign, real kind) noexcept:
    """IN/OUT value: nan for the logarithms of negative sums."""
    cdef real *v = <real *>cnp.PyArray_DATA(value)
    cdef const real *s = <const real *>cnp.PyArray_DATA(sign)
    cdef Py_ssize_t i
    for i in range(cnp.PyArray_SIZE(value)):
        if s[i] < 0:
            v[i] = NAN


def fast_weighted_logsumexp(a, axis, b, keepdims, return_sign, where):
    """logsumexp of a plain array with weights, and the sign where asked, or None."""
    cdef unsigned long long axes
    cdef cnp.ndarray value, sign, array = plain(a, axis, &axes)
    b = readied(b)
    if array is None or type(keepdims) is not bool or not quick_mask(array, where) or not quick_weight(array, b):
        return None
    value = kept_array(array, axes, cnp.PyArray_TYPE(array))
    sign = kept_array(array, axes, cnp.PyArray_TYPE(array))
    weigh(array, b, axes, value, sign, where)
    if return_sign:
        return handed_over(value, array, axes, keepdims), handed_over(sign, array, axes, keepdims)
    if cnp.PyArray_TYPE(array) == cnp.NPY_DOUBLE:
        without_negative[double](value, sign, 0)
    else:
        without_negative[float](value, sign, 0)
    return handed_over(value, array, axes, keepdims)


def fast_logmeanexp(a, axis, keepdims):
    """logmeanexp of a plain array, or None."""
    cdef unsigned long long axes
    cdef cnp.ndarray value, counts, array = plain(a, axis, &axes)
    cdef Py_ssize_t i
    if array is None or type(keepdims) is not bool:
        return None
    value, counts = kept_array(array, axes, cnp.NPY_DOUBLE), kept_array(array, axes, cnp.NPY_DOUBLE)
    counts.fill(cnp.PyArray_SIZE(array) // cnp.PyArray_SIZE(counts))
    run_states_and_totals(array, axes, None, None, value, counts, planes_of(array, axes, 3))
    for i in range(cnp.PyArray_SIZE(value)):
        if fabs((<double *>cnp.PyArray_DATA(value))[i]) < ROUNDED_TWICE:
            return None
    return handed_over(rounded_like(array, axes, value), array, axes, keepdims)


def fast_totals(x, axis, dtype):
    """A plain array's own dtype (`dtype`, unless that is None) and the totals and the numbers of what is reduced; or None."""
    cdef unsigned long long axes
    cdef cnp.ndarray total, counts, array = plain(x, axis, &axes)
    if array is None or not (dtype is None or (<cnp.dtype>dtype).type_num == cnp.PyArray_TYPE(array)):
        return None
    total, counts = planes_of(array, axes, 4), kept_array(array, axes, cnp.NPY_INTP)
    counts.fill(cnp.PyArray_SIZE(array) // cnp.PyArray_SIZE(counts))
    run_states_and_totals(array, axes, None, None, None, None, total)
    return array.dtype, total, counts


def fast_logcumsumexp(a, axis, reverse, exclusive, out):
    """logcumsumexp of a plain array, or None."""
    cdef unsigned long long axes
    cdef cnp.ndarray array = plain(a, axis, &axes)
    if array is None or type(axis) is not int:
        return None
    if out is None:
        out = new_like(array)
    elif not quick_out(array, out, None):
        return None
    logcumsumexp(array, axis if axis >= 0 else axis + cnp.PyArray_NDIM(array), out, reverse, exclusive)
    return out


cdef inline bint of_ones(cnp.ndarray a, unsigned long long axes):
    """Whether all these axes have length 1."""
    cdef int d
    for d in range(cnp.PyArray_NDIM(a)):
        if axes >> d & 1 and cnp.PyArray_DIM(a, d) != 1:
            return False
    return True


cdef object quick_like(object a, object axis, object out, object where, int wanted):
    cdef unsigned long long axes
    cdef cnp.ndarray array = plain(a, axis, &axes, PY_SSIZE_T_MAX)
    if array is None or not quick_mask(array, where) or (wanted == DO_SOFTMAX and of_ones(array, axes)):
        return None
    if out is None:
        out = result_like(array)
    elif not quick_out(array, out, where):
        return None
    if is_one_row(array, axes, where) and cnp.PyArray_IS_C_CONTIGUOUS(<cnp.ndarray>out) and (
            row_like[double](array, out, wanted, 0) if cnp.PyArray_TYPE(array) == cnp.NPY_DOUBLE
            else row_like[float](array, out, wanted, 0)):
        return out
    reduce_array(array, axes, where, out, None, wanted)
    return out


def fast_softmax(a, axis, out, where):
    """softmax of a plain array, or None."""
    return quick_like(a, axis, out, where, DO_SOFTMAX)


def fast_log_softmax(a, axis, out, where):
    """log_softmax of a plain array, or None."""
    return quick_like(a, axis, out, where, DO_LOG_SOFTMAX)


def fast_logsumexp_and_softmax(a, axis, where):
    """Both of a plain array, or None."""
    cdef unsigned long long axes
    cdef cnp.ndarray value, array = plain(a, axis, &axes, PY_SSIZE_T_MAX)
    if array is None or not quick_mask(array, where) or of_ones(array, axes):
        return None
    value, out = kept_array(array, axes, cnp.PyArray_TYPE(array)), result_like(array)
    reduce_array(array, axes, where, out, value, DO_VALUE | DO_SOFTMAX)
    return unwrapped(value), out
