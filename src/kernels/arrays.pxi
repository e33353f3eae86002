"""What is asked of NumPy's arrays: where they lie, their parts, and those of one number a reduction. Axes are bits of a number."""

cdef enum:
    DIMS = 64


cdef inline Py_ssize_t stride_of(cnp.ndarray array, int axis):
    return cnp.PyArray_STRIDE(array, axis) if array is not None else 0


cdef inline Py_ssize_t span_along(cnp.ndarray array, int axis):
    """Bytes from one element to the next along an axis, in whatever direction."""
    cdef Py_ssize_t stride = cnp.PyArray_STRIDE(array, axis)
    return -stride if stride < 0 else stride


cdef inline unsigned long long every_axis(int ndim):
    """All axes; 0 for the most that NumPy has, which the quick path leaves to the general one, and that makes them fewer."""
    return (1ull << ndim) - 1 if ndim < DIMS else 0


cdef unsigned long long axes_mask(axes) except? 0:
    cdef unsigned long long bits = 0
    cdef int axis
    for axis in axes:
        bits |= 1ull << axis
    return bits


cdef int kept_shape(cnp.ndarray a, unsigned long long axes, bint keepdims, cnp.npy_intp *shape):
    """OUT shape: that of one number a reduction; returns of how many dimensions."""
    cdef int d, kept = 0
    for d in range(cnp.PyArray_NDIM(a)):
        if keepdims or not axes >> d & 1:
            shape[kept] = 1 if axes >> d & 1 else cnp.PyArray_DIM(a, d)
            kept += 1
    return kept


cdef cnp.ndarray kept_array(cnp.ndarray a, unsigned long long axes, int type_number):
    """An empty array for one number a reduction."""
    cdef cnp.npy_intp shape[DIMS]
    cdef int kept = kept_shape(a, axes, False, shape)
    return cnp.PyArray_EMPTY(kept, shape, type_number, 0)


cdef cnp.ndarray planes_of(cnp.ndarray a, unsigned long long axes, Py_ssize_t number):
    """An empty array for as many doubles a reduction, a plane each."""
    cdef cnp.npy_intp shape[DIMS + 1]
    cdef int kept = kept_shape(a, axes, False, shape + 1)
    shape[0] = number
    return cnp.PyArray_EMPTY(kept + 1, shape, cnp.NPY_DOUBLE, 0)


cdef struct Part:  # of an array, or of several that have this axis
    int axis
    Py_ssize_t start, n


cdef struct Extent:
    const char *start
    const char *end


cdef inline Py_ssize_t length_of(cnp.ndarray a, int axis, const Part *part):
    """That of an axis of an array, or of its part (NULL: all)."""
    return part.n if part != NULL and part.axis == axis else cnp.PyArray_DIM(a, axis)


cdef inline Extent extent_of(cnp.ndarray a, const Part *part=NULL):
    """From the first byte of an array, or of its part, to behind the last."""
    cdef Extent e
    cdef Py_ssize_t reach
    cdef int d
    e.start = cnp.PyArray_BYTES(a)
    if part != NULL:
        e.start += part.start * cnp.PyArray_STRIDE(a, part.axis)
    e.end = e.start + cnp.PyArray_ITEMSIZE(a)
    for d in range(cnp.PyArray_NDIM(a)):
        reach = (length_of(a, d, part) - 1) * cnp.PyArray_STRIDE(a, d)
        if reach < 0:
            e.start += reach
        else:
            e.end += reach
    return e


cdef inline Py_ssize_t bytes_over(cnp.ndarray a):
    """How many bytes an array lies over."""
    cdef Extent e = extent_of(a)
    return e.end - e.start


cdef inline bint apart(cnp.ndarray a, cnp.ndarray b):
    """Whether one of two arrays ends before the other begins, so that they share no memory."""
    cdef Extent first = extent_of(a), second = extent_of(b)
    return first.end <= second.start or second.end <= first.start
