"""The memory of a large result, kept for the next one of its size: to clear fresh memory takes the system as long as to fill it takes
the kernels.

What is kept is told to the system as nobody's: it may take it whenever it runs short (pages.h). It goes at the latest when a
large result of another size is asked for."""

cdef extern from "pages.h" nogil:
    bint pages_missing(const char *start, const char *end)
    void pages_prepare(const char *start, const char *end, const char *first, const char *last)
    bint pages_spare(const char *start, const char *end)
    ptrdiff_t pages_cached()

cdef extern from "numpy/arrayobject.h" nogil:
    ctypedef struct PyDataMemAllocator:
        void *ctx
        void *(*malloc)(void *ctx, size_t size) noexcept nogil
        void *(*calloc)(void *ctx, size_t number, size_t size) noexcept nogil
        void *(*realloc)(void *ctx, void *start, size_t size) noexcept nogil
        void (*free)(void *ctx, void *start, size_t size) noexcept nogil
    ctypedef struct PyDataMem_Handler:
        char name[127]
        unsigned char version
        PyDataMemAllocator allocator

cdef extern from "numpy/arrayobject.h":
    object PyArray_NewLikeArray(cnp.ndarray prototype, cnp.NPY_ORDER order, cnp.PyArray_Descr *descr, int subok)
    object PyDataMem_GetHandler()
    object PyDataMem_SetHandler(PyObject *handler)
    PyObject *PyDataMem_DefaultHandler

cdef enum:
    # bytes of an array from which its memory is fresh; the C library keeps what is smaller for the next
    FRESH = 33554432

cdef struct Kept:
    void *start  # or NULL
    size_t size

cdef Kept kept  # guarded by the interpreter's lock, which NumPy holds where it allocates
cdef PyDataMem_Handler *numpys = <PyDataMem_Handler *>PyCapsule_GetPointer(<object>PyDataMem_DefaultHandler, b"mem_handler")
cdef PyDataMem_Handler keeper = numpys[0]


cdef void keep(void *start, size_t size) noexcept nogil:
    """This (NULL: nothing) instead of what is kept."""
    cdef Kept old = kept
    kept.start, kept.size = start, size
    if old.start != NULL:
        numpys.allocator.free(numpys.allocator.ctx, old.start, old.size)


cdef void *take(void *ctx, size_t size) noexcept nogil:
    cdef void *start = kept.start
    if start != NULL and kept.size == size:
        kept.start = NULL
        return start
    keep(NULL, 0)
    return numpys.allocator.malloc(ctx, size)


cdef void give(void *ctx, void *start, size_t size) noexcept nogil:
    if size >= FRESH and pages_spare(<char *>start, <char *>start + size):
        keep(start, size)
    else:
        numpys.allocator.free(ctx, start, size)


def forget_memory():
    """Returns to the system what is kept; how many bytes that were."""
    cdef size_t size = kept.size if kept.start != NULL else 0
    keep(NULL, 0)
    return size


strcpy(keeper.name, b"stablemath_core")
keeper.allocator.malloc = take
keeper.allocator.free = give
keeper_capsule = PyCapsule_New(&keeper, b"mem_handler", NULL)


cdef inline cnp.NPY_ORDER order_like(cnp.ndarray a):
    """The memory order of an output: that of a, if a has one."""
    cdef int d
    for d in range(cnp.PyArray_NDIM(a)):
        if cnp.PyArray_STRIDE(a, d) == 0:
            return cnp.NPY_CORDER
    return cnp.NPY_KEEPORDER


cdef inline cnp.ndarray new_like(cnp.ndarray x, cnp.PyArray_Descr *descr=NULL):
    """An empty array like x; NULL: of x's dtype, which a small call has no time to ask for."""
    Py_XINCREF(<PyObject *>descr)
    return PyArray_NewLikeArray(x, order_like(x), descr, 0)


cdef cnp.ndarray result_like(cnp.ndarray x, cnp.PyArray_Descr *descr=NULL):
    """The same. A large one's memory may have been one's before, and is kept for the next; but not where the caller has
    told NumPy to allocate in a way of its own."""
    cdef Py_ssize_t size = cnp.PyArray_ITEMSIZE(x) if descr == NULL else (<cnp.dtype>descr).itemsize
    if (cnp.PyArray_SIZE(x) * size < FRESH
            or PyDataMem_GetHandler() is not <object>PyDataMem_DefaultHandler):
        return new_like(x, descr)
    before = PyDataMem_SetHandler(<PyObject *>keeper_capsule)
    try:
        return new_like(x, descr)
    finally:
        PyDataMem_SetHandler(<PyObject *>before)


def empty_like(cnp.ndarray x, cnp.dtype dtype):
    """numpy.empty_like, for a result."""
    return result_like(x, <cnp.PyArray_Descr *>dtype)
