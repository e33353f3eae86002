"""Reductions that are done at once, or planned one by one and then done by several threads, without the interpreter's lock. Other
work for threads comes as Python functions."""

cdef extern from "pool.h" nogil:
    ctypedef void (*pool_task)(void *context, ptrdiff_t index) noexcept nogil
    void pool_prepare(int helpers)
    void pool_run(ptrdiff_t n, pool_task task, void *context, int helpers)
    ptrdiff_t pool_helped()
    void pool_forget()

cdef struct Job:
    Layout layout
    int wanted
    bint double_precision
    int status
    bint fresh             # whether memory is to be asked for
    Extent written, whole  # its part of the output, and that


cdef enum:
    RELEASE = 20000  # elements from which releasing the GIL pays; a contiguous row of fewer is taken without a plan (fast.pxi)
    # bytes of memory that a call's input and output take together from which the output goes around the caches: it would not stay
    # there, and writing through them means reading first; for an input that is packed, so that nothing fetches meanwhile what
    # is written next, half as many
    BEYOND_CACHE = 41943040
    ALIGNED_FROM = 16  # registers from which a row is stored from a register's boundary on (vector.h), as it must be to do so
    # bytes that an input lies over from which its columns are better read row by row than in batches that stay in cache
    BEYOND_BATCHES = 8388608


cdef Py_ssize_t largest_cache = pages_cached()


cdef inline Py_ssize_t beyond_cache(const Layout *layout, int wanted) noexcept:
    """Those bytes; fewer for rows whose results are written but once, in a pass that memory alone holds up."""
    if wanted & DO_LOG_SOFTMAX and layout.rows and largest_cache > 0:
        return min(<Py_ssize_t>BEYOND_CACHE, largest_cache // 8 * 3)
    return BEYOND_CACHE


cdef inline int run_either(const Layout *layout, int wanted, bint double_precision) noexcept nogil:
    return run[double](layout, wanted, 0) if double_precision else run[float](layout, wanted, 0)


cdef void do_job(void *jobs, ptrdiff_t index) noexcept nogil:
    cdef Job *job = <Job *>jobs + index
    if job.fresh:
        pages_prepare(job.written.start, job.written.end, job.whole.start, job.whole.end)
    job.status = run_either(&job.layout, job.wanted, job.double_precision)


cdef object count_threads  # how many a call may use


def set_threads(function):
    """`function()` tells how many threads the next call may use."""
    global count_threads
    count_threads = function


cdef inline bint is_one_piece(cnp.ndarray a, const Part *part):
    """Whether such a part of an array that is one piece is one, too."""
    return part == NULL or span_along(a, part.axis) * cnp.PyArray_DIM(a, part.axis) == cnp.PyArray_NBYTES(a)


cdef inline bint streamable(const Layout *layout, Py_ssize_t size) noexcept:
    """Whether what is written can go around the caches; what cannot is better fetched before."""
    return layout.direct_out and (not layout.rows or layout.along.n * size >= ALIGNED_FROM * register_bytes)


cdef class Jobs:
    """Reductions that are planned, with room for `room` of them. They write to memory of their own, and whoever plans them keeps what
    they read and write. Where x and out are given, the jobs read and write parts of these."""

    cdef Job *jobs
    cdef bint fresh, far
    cdef Extent whole         # of out
    cdef Py_ssize_t together  # bytes of x and out, to be held against BEYOND_CACHE
    cdef Py_ssize_t count

    def __cinit__(self, Py_ssize_t room, cnp.ndarray x=None, cnp.ndarray out=None):
        self.jobs = <Job *>malloc(room * sizeof(Job))
        if self.jobs == NULL:
            raise MemoryError("no memory for the plan of a reduction's shares")
        self.fresh, self.far, self.together = False, False, 0
        if x is not None:
            self.far = bytes_over(x) >= BEYOND_BATCHES
        if out is not None:
            self.choose_writing(x, out)

    cdef void choose_writing(self, cnp.ndarray x, cnp.ndarray out):
        cdef Py_ssize_t bytes = cnp.PyArray_NBYTES(out)
        if not apart(x, out):
            return
        self.whole = extent_of(out)
        if bytes >= FRESH and cnp.PyArray_ISONESEGMENT(out) and pages_missing(self.whole.start, self.whole.end):
            self.fresh = True  # so that the caches will hold it when it is written
        else:
            self.together = (bytes + bytes_over(x)) * (1 if cnp.PyArray_ISONESEGMENT(x) else 2)

    def __dealloc__(self):
        cdef Py_ssize_t i
        for i in range(self.count):
            Py_XDECREF(<PyObject *>self.jobs[i].layout.exception)
        free(self.jobs)

    cdef int add(self, cnp.ndarray a, unsigned long long axes, cnp.ndarray mask, cnp.ndarray out, cnp.ndarray value,
                 cnp.ndarray state, int wanted, const Part *part) except -1:
        """The next: what is wanted of a part of a over axes."""
        cdef Job *job = &self.jobs[self.count]
        job.wanted, job.double_precision = wanted, cnp.PyArray_TYPE(a) == cnp.NPY_DOUBLE
        job.fresh, job.whole = self.fresh and is_one_piece(out, part), self.whole
        if job.fresh:
            job.written = extent_of(out, part)
        plan(&job.layout, a, axes, mask, None, out, value, None, state, row_for(wanted, a), part)
        job.layout.far = self.far
        job.layout.stream = (self.together >= beyond_cache(&job.layout, wanted)
                             and streamable(&job.layout, cnp.PyArray_ITEMSIZE(a)))
        self.count += 1

    cdef list run(self):
        """Does all; returns of which `run` said yes."""
        cdef Py_ssize_t i
        cdef int threads = count_threads()
        pool_prepare(<int>min(self.count, threads) - 1)
        with nogil:
            pool_run(self.count, do_job, self.jobs, threads - 1)
        return [checked(&self.jobs[i].layout, self.jobs[i].status) != 0 for i in range(self.count)]


cdef void call_task(void *context, ptrdiff_t index) noexcept nogil:
    keep_thread_state()
    with gil:
        tasks, failures = <object>context
        try:
            tasks[index]()
        except BaseException as error:
            failures.append(error)


def run_tasks(list tasks, int threads):
    """Calls every function of the list, each on one of so many threads, this one among them; returns the exceptions."""
    failures = []
    context = tasks, failures
    cdef Py_ssize_t n = len(tasks)
    pool_prepare(<int>min(n, threads) - 1)
    with nogil:
        pool_run(n, call_task, <void *>context, threads - 1)
    return failures


def helped():
    """How many shares of calls other threads than the caller's have taken."""
    return pool_helped()


def forget_threads():
    """In a forked child: they did not come along."""
    pool_forget()


cdef int dispatch(Layout *layout, cnp.ndarray a, int wanted) except -1:
    """Runs for a's type, the GIL released where that pays. Returns whether the exponentials were stored."""
    cdef int status
    cdef bint double_precision = cnp.PyArray_TYPE(a) == cnp.NPY_DOUBLE
    if cnp.PyArray_SIZE(a) < RELEASE:
        status = run_either(layout, wanted, double_precision)
    else:
        with nogil:
            status = run_either(layout, wanted, double_precision)
    return checked(layout, status)


cdef int reduce_into(cnp.ndarray a, unsigned long long axes, cnp.ndarray mask, cnp.ndarray out, cnp.ndarray value, cnp.ndarray state,
                     int wanted) except -1:
    """What is wanted of a over axes, at once. Returns whether the exponentials were stored."""
    cdef Layout layout
    plan(&layout, a, axes, mask, None, out, value, None, state, row_for(wanted, a))
    return dispatch(&layout, a, wanted)
