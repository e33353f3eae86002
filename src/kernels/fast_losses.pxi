"""The quick path of the losses, as fast.pxi has it of the reductions: classes, or targets of the logits' shape and type; no weights."""


cdef inline object number_like(cnp.ndarray a, double x):
    """x as a scalar of a's type."""
    cdef float single = <float>x
    if cnp.PyArray_TYPE(a) == cnp.NPY_DOUBLE:
        return PyArray_Scalar(&x, cnp.PyArray_DESCR(a), a)
    return PyArray_Scalar(&single, cnp.PyArray_DESCR(a), a)


cdef bint are_classes(object labels, cnp.ndarray a, unsigned long long axes, Py_ssize_t classes):
    """Whether these are a class for each reduction of a, none of them beyond the last."""
    cdef const cnp.npy_intp *label
    cdef Py_ssize_t i
    if (type(labels) is not cnp.ndarray or cnp.PyArray_TYPE(<cnp.ndarray>labels) != cnp.NPY_INTP
            or not cnp.PyArray_ISCARRAY_RO(<cnp.ndarray>labels) or not has_kept_shape(labels, a, axes)):
        return False
    label = <const cnp.npy_intp *>cnp.PyArray_DATA(<cnp.ndarray>labels)
    for i in range(cnp.PyArray_SIZE(<cnp.ndarray>labels)):
        if not 0 <= label[i] < classes:
            return False
    return True


def fast_cross_entropy(logits, labels, axis, reduction, return_grad):
    """The loss of plain logits, and the gradient where asked; or None."""
    cdef cnp.ndarray array, loss, gradient = None, targets = None
    cdef unsigned long long axes
    cdef Py_ssize_t classes, rows
    cdef bint mean = reduction == "mean"
    cdef double total
    cdef int index
    array = plain(logits, axis, &axes)
    if array is None or type(axis) is not int:
        return None
    index = axis if axis >= 0 else axis + cnp.PyArray_NDIM(array)
    classes = cnp.PyArray_DIM(array, index)
    rows = cnp.PyArray_SIZE(array) // classes
    if is_short_list(labels):
        labels = np.asarray(labels)
    if quick_weight(array, labels):
        labels, targets = None, labels
    elif not are_classes(labels, array, axes, classes):
        return None
    loss = kept_array(array, axes, cnp.NPY_DOUBLE)
    if return_grad:
        gradient = new_like(array)
    cross_entropy(array, index, labels, None, targets, 1, 1.0 / rows if mean else 1, loss, gradient)
    if reduction == "none":
        result = unwrapped(rounded_like(array, axes, loss))
    else:
        total = compensated_sum(loss)
        result = number_like(array, total / rows if mean else total)
    return (result, gradient) if return_grad else result


def fast_binary_cross_entropy(x, targets, reduction, return_grad):
    """The same of single logits."""
    cdef cnp.ndarray array, loss = None, gradient = None
    cdef Py_ssize_t n
    cdef bint mean = reduction == "mean"
    cdef double total
    x, targets = readied(x), readied(targets)
    if not quick(x) or not quick_weight(x, targets):
        return None
    array = x
    n = cnp.PyArray_SIZE(array)
    if reduction == "none":
        loss = new_like(array)
    if return_grad:
        gradient = new_like(array)
    total = binary_cross_entropy(array, targets, None, None, 1.0 / n if mean else 1, loss, gradient)
    result = loss if loss is not None else number_like(array, total / n if mean else total)
    return (result, gradient) if return_grad else result
