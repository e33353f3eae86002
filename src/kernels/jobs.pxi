"""Reductions as Python asks for them: done at once, or planned one by one and then done by several threads, without the
interpreter's lock. Other work for threads comes as Python functions."""

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
    # bytes that an input lies over from which its columns are better read row by row than in batches that stay in cache
    BEYOND_BATCHES = 8388608


cdef inline int run_either(const Layout *layout, int wanted, bint double_precision) noexcept nogil:
    return run[double](layout, wanted, 0) if double_precision else run[float](layout, wanted, 0)


cdef void do_job(void *jobs, ptrdiff_t index) noexcept nogil:
    cdef Job *job = <Job *>jobs + index
    if job.fresh:
        pages_prepare(job.written.start, job.written.end, job.whole.start, job.whole.end)
    job.status = run_either(&job.layout, job.wanted, job.double_precision)


cdef class Jobs:
    """Reductions that are planned, with room for `room` of them. They write to memory of their own. Where x and out are given, the
    jobs read and write parts of these."""

    cdef Job *jobs
    cdef bint fresh, stream, far
    cdef Extent whole  # of out
    cdef Py_ssize_t count, room
    cdef list arrays  # kept alive

    def __cinit__(self, Py_ssize_t room, cnp.ndarray x=None, cnp.ndarray out=None):
        self.jobs = <Job *>malloc(room * sizeof(Job))
        if self.jobs == NULL:
            raise MemoryError("no memory for the plan of a reduction's shares")
        self.room, self.arrays, self.fresh, self.stream, self.far = room, [], False, False, False
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
            self.stream = bytes + bytes_over(x) >= BEYOND_CACHE // (1 if cnp.PyArray_ISONESEGMENT(x) else 2)

    def __dealloc__(self):
        cdef Py_ssize_t i
        for i in range(self.count):
            Py_XDECREF(<PyObject *>self.jobs[i].layout.exception)
        free(self.jobs)

    cdef Job *add(self, tuple arrays) except NULL:
        """The next, yet to be filled, which reads and writes the arrays."""
        if self.count == self.room:
            raise IndexError(f"no room for more than {self.room} reductions")
        self.arrays.append(arrays)
        self.jobs[self.count].layout.exception = NULL
        self.count += 1
        return &self.jobs[self.count - 1]

    def run(self, int threads):
        """Does all; returns which of them have stored their exponentials."""
        cdef Py_ssize_t i
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


cdef unsigned long long axes_mask(axes) except? 0:
    cdef unsigned long long bits = 0
    cdef int axis
    for axis in axes:
        bits |= 1ull << axis
    return bits


cdef int reduce_into(cnp.ndarray a, unsigned long long axes, cnp.ndarray mask, cnp.ndarray out, cnp.ndarray value, cnp.ndarray state,
                     int wanted, Jobs jobs=None) except -1:
    """What is wanted of a over axes (as bits), at once or as one of the jobs. Returns whether the exponentials were stored."""
    cdef Layout layout
    cdef Job *job
    if jobs is None:
        plan(&layout, a, axes, mask, None, out, value, None, state, row_for(wanted))
        return dispatch(&layout, a, wanted)
    job = jobs.add((a, mask, out, value, state))
    job.wanted, job.double_precision = wanted, cnp.PyArray_TYPE(a) == cnp.NPY_DOUBLE
    job.fresh, job.whole = jobs.fresh and cnp.PyArray_ISONESEGMENT(out), jobs.whole
    if job.fresh:
        job.written = extent_of(out)
    plan(&job.layout, a, axes, mask, None, out, value, None, state, row_for(wanted))
    job.layout.stream, job.layout.far = jobs.stream and job.layout.direct_out, jobs.far
    return 0


def logsumexp(cnp.ndarray a, axes, cnp.ndarray out, cnp.ndarray where=None, Jobs jobs=None):
    """OUT out[kept]: logsumexp of a over axes."""
    reduce_into(a, axes_mask(axes), where, None, out, None, DO_VALUE, jobs)


def softmax(cnp.ndarray a, axes, cnp.ndarray out, cnp.ndarray where=None, Jobs jobs=None):
    """OUT out: softmax of a over axes; out may be a. Of single elements it is exactly 1, not only to an ulp."""
    if all(a.shape[axis] == 1 for axis in axes):
        log_softmax(a, axes, out, where)
        np.exp(out, out=out)
        return
    reduce_into(a, axes_mask(axes), where, out, None, None, DO_SOFTMAX, jobs)


def log_softmax(cnp.ndarray a, axes, cnp.ndarray out, cnp.ndarray where=None, Jobs jobs=None):
    """OUT out: log_softmax of a over axes; out may be a."""
    reduce_into(a, axes_mask(axes), where, out, None, None, DO_LOG_SOFTMAX, jobs)


def logsumexp_and_softmax(cnp.ndarray a, axes, cnp.ndarray value, cnp.ndarray out, cnp.ndarray where=None, Jobs jobs=None):
    """OUT value[kept], out: both from one state; out may be a."""
    reduce_into(a, axes_mask(axes), where, out, value, None, DO_VALUE | DO_SOFTMAX, jobs)
