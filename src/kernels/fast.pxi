"""The quick path: an exact, native, aligned array of float32 or float64, no options but axis and keepdims. Anything else is
answered with None and left to the general path."""

cdef extern from "numpy/arrayobject.h":
    object PyArray_Scalar(void *data, cnp.PyArray_Descr *descr, object base)
    object PyArray_NewLikeArray(cnp.ndarray prototype, cnp.NPY_ORDER order, void *descr, int subok)

cdef enum:
    RELEASE = 20000       # elements from which releasing the GIL pays
    SMALL = 200000        # elements from which the general path may use threads

cdef inline bint quick(object a):
    cdef int type_number
    if type(a) is not cnp.ndarray:
        return False
    type_number = cnp.PyArray_TYPE(<cnp.ndarray>a)
    return ((type_number == cnp.NPY_DOUBLE or type_number == cnp.NPY_FLOAT)
            and cnp.PyArray_ISNOTSWAPPED(<cnp.ndarray>a) and cnp.PyArray_ISALIGNED(<cnp.ndarray>a)
            and cnp.PyArray_NDIM(<cnp.ndarray>a) > 0 and 0 < cnp.PyArray_SIZE(<cnp.ndarray>a) < SMALL)


cdef unsigned long long quick_axes(cnp.ndarray a, object axis):
    """The axes as bits; 0 where the general path must judge them."""
    cdef int ndim = cnp.PyArray_NDIM(a)
    cdef Py_ssize_t k
    if axis is None:
        return (1ull << ndim) - 1
    if type(axis) is not int:
        return 0
    try:
        k = axis
    except OverflowError:
        return 0
    if k < 0:
        k += ndim
    return 1ull << k if 0 <= k < ndim else 0


cdef object row_value(cnp.ndarray a, real kind):
    """logsumexp of a whole contiguous array by the shortest way; None where it needs care."""
    if real is double:
        lanes = f64
    else:
        lanes = f32
    cdef const real *x = <const real *>cnp.PyArray_DATA(a)
    cdef Py_ssize_t n = cnp.PyArray_SIZE(a)
    cdef Accuracy bound = accuracy(n, False, real is double, real is double)
    cdef double sum[2]
    cdef double m, shift, power, value
    cdef unsigned char care
    cdef real largest = lanes.rows_maximum(n, x), result
    sum[0] = sum[1] = 0
    lanes.rows_sum(n, x, largest, sum)
    lanes.states_origins(1, &largest, &m, &shift, &power)
    f64.states_values(1, &m, &shift, &power, &sum[0], &sum[1], &bound, &value, &care)
    if care & WANT_VALUE:
        return None
    result = <real>value
    return PyArray_Scalar(&result, cnp.PyArray_DESCR(a), a)


def fast_logsumexp(a, axis, keepdims):
    """logsumexp of a plain array, or None."""
    cdef cnp.ndarray array, out
    cdef unsigned long long axes
    cdef Py_ssize_t shape[DIMS]
    cdef Layout layout
    cdef int d, kept = 0, ndim
    if not quick(a):
        return None
    array = a
    axes = quick_axes(array, axis)
    if axes == 0 or type(keepdims) is not bool:
        return None
    ndim = cnp.PyArray_NDIM(array)
    if axes == (1ull << ndim) - 1 and not keepdims and cnp.PyArray_IS_C_CONTIGUOUS(array) and cnp.PyArray_SIZE(array) <= 2048:
        result = row_value[double](array, 0) if cnp.PyArray_TYPE(array) == cnp.NPY_DOUBLE else row_value[float](array, 0)
        if result is not None:
            return result
    for d in range(ndim):
        if not axes >> d & 1:
            shape[kept] = cnp.PyArray_DIM(array, d)
            kept += 1
    out = cnp.PyArray_EMPTY(kept, <cnp.npy_intp *>shape, cnp.PyArray_TYPE(array), 0)
    plan(&layout, array, axes, None, None, None, out, None, None)
    dispatch(&layout, array, DO_VALUE)
    if keepdims:
        for d in range(ndim):
            shape[d] = 1 if axes >> d & 1 else cnp.PyArray_DIM(array, d)
        return out.reshape([shape[d] for d in range(ndim)])
    return out if kept else PyArray_Scalar(cnp.PyArray_DATA(out), cnp.PyArray_DESCR(out), out)


cdef object quick_like(object a, object axis, int wanted):
    cdef cnp.ndarray array, out
    cdef unsigned long long axes
    cdef Layout layout
    if not quick(a):
        return None
    array = a
    axes = quick_axes(array, axis)
    if axes == 0:
        return None
    out = PyArray_NewLikeArray(array, cnp.NPY_KEEPORDER, NULL, 0)
    plan(&layout, array, axes, None, None, out, None, None, None)
    dispatch(&layout, array, wanted)
    return out


def fast_softmax(a, axis):
    """softmax of a plain array, or None."""
    if type(a) is cnp.ndarray and (a.size == 1 or type(axis) is int and -a.ndim <= axis < a.ndim and a.shape[axis] == 1):
        return None
    return quick_like(a, axis, DO_SOFTMAX)


def fast_log_softmax(a, axis):
    """log_softmax of a plain array, or None."""
    return quick_like(a, axis, DO_LOG_SOFTMAX)
