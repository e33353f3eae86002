"""Memory for workspaces, which begins with a line of the caches: a register that lies across two of them costs two accesses, and large
blocks of the C library begin 16 bytes behind one. A few are kept for the calls that follow: of a workspace that comes and goes
beside a result, the C library hands both back to the system each time, and this clears them each time."""

cdef extern from "pool.h" nogil:
    void *pool_exchange(void **place, void *value)

cdef enum:
    LINE = 64  # bytes
    SPARES = 8

cdef void *spares[SPARES]


cdef char *allocate_lines(Py_ssize_t size) noexcept nogil:
    """So many bytes; NULL where there is no memory. The byte before them tells how far behind the C library's block they begin."""
    cdef char *block = <char *>malloc(size + LINE)
    if block == NULL:
        return NULL
    cdef int offset = LINE - <int>(<size_t>block % LINE)
    block[offset - 1] = <char>offset
    return block + offset


cdef void free_lines(void *start) noexcept nogil:
    """What `allocate_lines` has given, or NULL."""
    if start != NULL:
        free(<char *>start - (<char *>start - 1)[0])


cdef void *take_spare() noexcept nogil:
    """One that is kept, which is all of one size; NULL where there is none."""
    cdef void *start = NULL
    cdef Py_ssize_t i = 0
    while start == NULL and i < SPARES:
        start = pool_exchange(&spares[i], NULL)
        i += 1
    return start


cdef void *leave_spare(void *start) noexcept nogil:
    """Keeps it; returns what there is no place for, or NULL."""
    cdef Py_ssize_t i = 0
    while start != NULL and i < SPARES:
        start = pool_exchange(&spares[i], start)
        i += 1
    return start


cdef inline char *behind(void *start, Py_ssize_t size) noexcept nogil:
    """Where the next line begins behind what begins with one and has that size."""
    return <char *>start + (size + LINE - 1) // LINE * LINE
