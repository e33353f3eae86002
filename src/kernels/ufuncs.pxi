"""Elementwise functions as ufuncs. A loop hands contiguous blocks to the lanes, by way of a tile where operands are strided or
float16. Floating-point flags are left as they were found: no result, infinite and nan ones included, makes NumPy warn.

NumPy reduces and accumulates by the same loops, whose output is then their next input. That is known by the strides: such a
loop goes one element at a time, and logaddexp's runs on the states.
"""

cdef extern from "<fenv.h>" nogil:
    ctypedef struct fexcept_t:
        pass
    int FE_ALL_EXCEPT
    int fegetexceptflag(fexcept_t *flags, int which)
    int fesetexceptflag(const fexcept_t *flags, int which)

cdef extern from "flags.h" nogil:
    ctypedef struct flags_state:
        pass
    void flags_save(flags_state *state)
    void flags_restore(const flags_state *state)

cdef extern from "half.h" nogil:
    float half_to_float(cnp.npy_uint16 half)
    cnp.npy_uint16 float_to_half(float x)

cdef extern from "numpy/ufuncobject.h":
    ctypedef void (*Loop "PyUFuncGenericFunction")(char **args, const cnp.npy_intp *sizes, const cnp.npy_intp *steps,
                                                   void *data) noexcept nogil
    int PyUFunc_None
    int PyUFunc_IdentityValue
    object PyUFunc_FromFuncAndDataAndSignatureAndIdentity(
        Loop *loops, void **data, const char *types, int ntypes, int nin, int nout, int identity, const char *name,
        const char *doc, int unused, const char *signature, object identity_value)
    int PyUFunc_AddPromoter(object ufunc, object dtypes, object promoter) except -1

cdef extern from "numpy/ndarrayobject.h":
    ctypedef struct DType "PyArray_DTypeMeta":
        pass
    DType *PyArray_PromoteDTypeSequence(cnp.npy_intp n, DType **dtypes) except NULL

cdef extern from "Python.h":
    ctypedef int (*Promoter)(object ufunc, DType **given, DType **signature, DType **wanted) except -1
    object PyCapsule_New(void *pointer, const char *name, void *destructor)

ctypedef void (*UnaryF32)(ptrdiff_t n, const float *x, float *out) noexcept nogil
ctypedef void (*UnaryF64)(ptrdiff_t n, const double *x, double *out) noexcept nogil
ctypedef void (*BinaryF32)(ptrdiff_t n, const float *x, const float *y, float *out) noexcept nogil
ctypedef void (*BinaryF64)(ptrdiff_t n, const double *x, const double *y, double *out) noexcept nogil
ctypedef wide (*UnaryWide)(wide x) noexcept nogil
ctypedef wide (*BinaryWide)(wide x, wide y) noexcept nogil

cdef enum:
    UFUNC_TILE = 512      # elements gathered at a time
    HALF = 2              # bytes of a float16

cdef union Call:
    UnaryF32 unary_f32
    UnaryF64 unary_f64
    BinaryF32 binary_f32
    BinaryF64 binary_f64
    UnaryWide unary_wide
    BinaryWide binary_wide
    void *data


cdef inline void call_block(void *kernel, Py_ssize_t n, real **operand, int inputs) noexcept nogil:
    cdef Call call
    call.data = kernel
    if real is double:
        if inputs == 1:
            call.unary_f64(n, operand[0], operand[1])
        else:
            call.binary_f64(n, operand[0], operand[1], operand[2])
    elif inputs == 1:
        call.unary_f32(n, operand[0], operand[1])
    else:
        call.binary_f32(n, operand[0], operand[1], operand[2])


cdef inline void gather(const char *p, Py_ssize_t step, Py_ssize_t size, Py_ssize_t n, real *tile) noexcept nogil:
    """OUT tile[n]: elements of `size` bytes, `step` bytes apart."""
    cdef Py_ssize_t i
    if real is float and size == HALF:
        for i in range(n):
            tile[i] = half_to_float((<const cnp.npy_uint16 *>(p + i * step))[0])
    elif step == <Py_ssize_t>sizeof(real):
        memcpy(tile, p, n * sizeof(real))
    else:
        for i in range(n):
            tile[i] = (<const real *>(p + i * step))[0]


cdef inline void scatter(char *p, Py_ssize_t step, Py_ssize_t size, Py_ssize_t n, const real *tile) noexcept nogil:
    cdef Py_ssize_t i
    if real is float and size == HALF:
        for i in range(n):
            (<cnp.npy_uint16 *>(p + i * step))[0] = float_to_half(tile[i])
    else:
        for i in range(n):
            (<real *>(p + i * step))[0] = tile[i]


cdef inline bint feeds_back(char **args, const cnp.npy_intp *steps) noexcept nogil:
    """Whether each result of a binary loop is the first operand of the next: in place at step 0 (a reduction), else one step
    ahead (an accumulation). In all else NumPy keeps the output apart from what is still to be read."""
    return steps[0] == steps[2] and args[2] == args[0] + steps[0]


cdef void run_elementwise(char **args, Py_ssize_t n, const cnp.npy_intp *steps, void *kernel, int inputs,
                          Py_ssize_t size, real kind) noexcept nogil:
    """A loop over elements of `size` bytes, computed as reals: contiguous operands where they lie, others through a tile. Of
    results that feed back, none is read before it is written."""
    cdef real tile[3][UFUNC_TILE]
    cdef real *operand[3]
    cdef bint direct[3]
    cdef bint whole = True
    cdef int i
    cdef Py_ssize_t done = 0, count, room = UFUNC_TILE
    for i in range(inputs + 1):
        direct[i] = size == <Py_ssize_t>sizeof(real) and steps[i] == size
        whole = whole and direct[i]
    if inputs == 2 and feeds_back(args, steps):
        room = 1
    elif whole:
        room = n
    while done < n:
        count = min(n - done, room)
        for i in range(inputs + 1):
            operand[i] = <real *>(args[i] + done * steps[i]) if direct[i] else tile[i]
            if i < inputs and not direct[i]:
                gather(args[i] + done * steps[i], steps[i], size, count, tile[i])
        call_block(kernel, count, operand, inputs)
        if not direct[inputs]:
            scatter(args[inputs] + done * steps[inputs], steps[inputs], size, count, tile[inputs])
        done += count


cdef inline void guarded(char **args, Py_ssize_t n, const cnp.npy_intp *steps, void *kernel, int inputs,
                         Py_ssize_t size, real kind) noexcept nogil:
    cdef flags_state flags
    flags_save(&flags)
    run_elementwise[real](args, n, steps, kernel, inputs, size, kind)
    flags_restore(&flags)


cdef void unary_half(char **args, const cnp.npy_intp *sizes, const cnp.npy_intp *steps, void *data) noexcept nogil:
    guarded[float](args, sizes[0], steps, data, 1, HALF, 0)


cdef void unary_f32(char **args, const cnp.npy_intp *sizes, const cnp.npy_intp *steps, void *data) noexcept nogil:
    guarded[float](args, sizes[0], steps, data, 1, sizeof(float), 0)


cdef void unary_f64(char **args, const cnp.npy_intp *sizes, const cnp.npy_intp *steps, void *data) noexcept nogil:
    guarded[double](args, sizes[0], steps, data, 1, sizeof(double), 0)


cdef void unary_wide(char **args, const cnp.npy_intp *sizes, const cnp.npy_intp *steps, void *data) noexcept nogil:
    cdef fexcept_t flags
    cdef Py_ssize_t i
    cdef Call call
    call.data = data
    fegetexceptflag(&flags, FE_ALL_EXCEPT)
    for i in range(sizes[0]):
        (<wide *>(args[1] + i * steps[1]))[0] = call.unary_wide((<wide *>(args[0] + i * steps[0]))[0])
    fesetexceptflag(&flags, FE_ALL_EXCEPT)


cdef void binary_half(char **args, const cnp.npy_intp *sizes, const cnp.npy_intp *steps, void *data) noexcept nogil:
    guarded[float](args, sizes[0], steps, data, 2, HALF, 0)


cdef void binary_f32(char **args, const cnp.npy_intp *sizes, const cnp.npy_intp *steps, void *data) noexcept nogil:
    guarded[float](args, sizes[0], steps, data, 2, sizeof(float), 0)


cdef void binary_f64(char **args, const cnp.npy_intp *sizes, const cnp.npy_intp *steps, void *data) noexcept nogil:
    guarded[double](args, sizes[0], steps, data, 2, sizeof(double), 0)


cdef void binary_wide(char **args, const cnp.npy_intp *sizes, const cnp.npy_intp *steps, void *data) noexcept nogil:
    cdef fexcept_t flags
    cdef Py_ssize_t i
    cdef Call call
    call.data = data
    fegetexceptflag(&flags, FE_ALL_EXCEPT)
    for i in range(sizes[0]):
        (<wide *>(args[2] + i * steps[2]))[0] = call.binary_wide(
            (<wide *>(args[0] + i * steps[0]))[0], (<wide *>(args[1] + i * steps[1]))[0])
    fesetexceptflag(&flags, FE_ALL_EXCEPT)


cdef Layout one_row(const real *x, Py_ssize_t n) noexcept nogil:
    """The layout of a contiguous row."""
    cdef Layout layout
    memset(&layout, 0, sizeof(Layout))
    layout.across.n = 1
    layout.along.n = n
    layout.along.stride[A] = sizeof(real)
    layout.start.at[A] = <char *>x
    layout.rows = layout.direct = layout.regular = layout.regular_out = 1
    return layout


cdef real *row_with_first(const char *first, const char *x, Py_ssize_t step, Py_ssize_t size, Py_ssize_t n,
                          real kind) noexcept nogil:
    """A copy of `first` and IN x[n] in one row, to be freed; NULL where there is no memory."""
    cdef real *row = <real *>malloc((n + 1) * sizeof(real))
    if row != NULL:
        gather(first, 0, size, 1, row)
        gather(x, step, size, n, row + 1)
    return row


cdef bint reduce_logaddexp(char **args, Py_ssize_t n, const cnp.npy_intp *steps, Py_ssize_t size,
                           real kind) noexcept nogil:
    """IN/OUT *args[0]: the running result and args[1][n] in one state; whether that could be done."""
    cdef Workspace ws
    cdef Layout layout
    cdef char buffer[TILE]
    cdef real *block = <real *>buffer
    cdef real result
    cdef Py_ssize_t room = TILE // sizeof(real), done = min(n, room - 1), count
    clear[real](&ws, 1, kind)
    gather(args[0], 0, size, 1, block)
    gather(args[1], steps[1], size, done, block + 1)
    add_row[real](&ws, 0, done + 1, block)
    while done < n:
        count = min(n - done, room)
        if size == <Py_ssize_t>sizeof(real) == steps[1]:
            block = <real *>(args[1] + done * size)
        else:
            gather(args[1] + done * steps[1], steps[1], size, count, block)
        add_row[real](&ws, 0, count, block)
        done += count
    finish_values[real](&ws, 1, n + 1, SUM_ALL, kind)
    result = <real>ws.value[0]
    if ws.care[0] & WANT_VALUE:
        block = row_with_first[real](args[0], args[1], steps[1], size, n, kind)
        if block == NULL:
            return False
        layout = one_row(block, n + 1)
        layout.start.at[VALUE] = <char *>&result
        if run[real](&layout, DO_VALUE, kind) < 0:
            free(block)
            return False
        free(block)
    scatter(args[0], 0, size, 1, &result)
    return True


cdef bint accumulate_logaddexp(char **args, Py_ssize_t n, const cnp.npy_intp *steps, Py_ssize_t size,
                               real kind) noexcept nogil:
    """OUT args[2][n]: running sums after *args[0], of args[1][n]; whether that could be done. float16 results are
    rounded from a row apart, others written where they belong, *args[0] once more too."""
    cdef real *row = row_with_first[real](args[0], args[1], steps[1], size, n, kind)
    cdef bint apart = size != <Py_ssize_t>sizeof(real)
    cdef Layout layout
    cdef real *out = NULL
    cdef int status = -1
    if row == NULL:
        return False
    layout = one_row(row, n + 1)
    layout.start.at[OUT] = args[0]
    layout.along.stride[OUT] = steps[2]
    if apart:
        out = <real *>malloc((n + 1) * sizeof(real))
        layout.start.at[OUT] = <char *>out
        layout.along.stride[OUT] = sizeof(real)
    if out != NULL or not apart:
        status = run_cumulative[real](&layout, kind)
    if status >= 0 and apart:
        scatter(args[2], steps[2], size, n, out + 1)
    free(row)
    free(out)
    return status >= 0


cdef inline void guarded_logaddexp(char **args, Py_ssize_t n, const cnp.npy_intp *steps, void *kernel,
                                   Py_ssize_t size, real kind) noexcept nogil:
    cdef flags_state flags
    cdef bint done = False
    flags_save(&flags)
    if n > 1 and feeds_back(args, steps):
        if steps[0] == 0:
            done = reduce_logaddexp[real](args, n, steps, size, kind)
        else:
            done = accumulate_logaddexp[real](args, n, steps, size, kind)
    if not done:
        run_elementwise[real](args, n, steps, kernel, 2, size, kind)
    flags_restore(&flags)


cdef void logaddexp_half(char **args, const cnp.npy_intp *sizes, const cnp.npy_intp *steps, void *data) noexcept nogil:
    guarded_logaddexp[float](args, sizes[0], steps, data, HALF, 0)


cdef void logaddexp_f32(char **args, const cnp.npy_intp *sizes, const cnp.npy_intp *steps, void *data) noexcept nogil:
    guarded_logaddexp[float](args, sizes[0], steps, data, sizeof(float), 0)


cdef void logaddexp_f64(char **args, const cnp.npy_intp *sizes, const cnp.npy_intp *steps, void *data) noexcept nogil:
    guarded_logaddexp[double](args, sizes[0], steps, data, sizeof(double), 0)


cdef object common_type(Py_ssize_t n, DType **types):
    cdef DType *common = PyArray_PromoteDTypeSequence(n, types)
    cdef object found = <object>common
    Py_DECREF(found)
    return found


cdef int demand_real(object ufunc, DType *given) except -1:
    """What has no real floating type in common with float64 is no real number. NumPy leaves that to the casting rule, which
    lets anything pass in methods."""
    cdef DType *types[2]
    types[0], types[1] = given, <DType *>DOUBLE
    try:
        is_real = common_type(2, types) in FLOATING
    except TypeError:
        is_real = False
    if not is_real:
        raise TypeError(f"arguments of {ufunc.__name__} must be real numbers, not {(<object>given).type.__name__}")
    return 0


cdef int promote(object ufunc, DType **given, DType **signature, DType **wanted) except -1:
    """Types without a loop of their own: what the inputs have in common if that is a real floating type, else float64. So
    integers and bool, float16's worth of them included, are computed as float64. Complex numbers and what is no number are
    refused, but where `dtype=` asks for a cast."""
    cdef DType *inputs[2]
    cdef int i, known = 0
    cdef object chosen
    for i in range(ufunc.nin):
        if given[i] != NULL:
            if signature[ufunc.nin] == NULL:
                demand_real(ufunc, given[i])
            inputs[known] = given[i]
            known += 1
    chosen = common_type(known, inputs)
    if chosen not in FLOATING:
        chosen = DOUBLE
    for i in range(ufunc.nargs):
        Py_INCREF(chosen if signature[i] == NULL else <object>signature[i])
        wanted[i] = <DType *>chosen if signature[i] == NULL else signature[i]
    return 0


CODES = "efdg"
FLOATING = tuple([type(np.dtype(code)) for code in CODES])
DOUBLE = type(np.dtype("d"))

cdef enum:
    MOST_UFUNCS = 16
    TYPES = 4

cdef Loop unary_loops[TYPES]
cdef Loop binary_loops[TYPES]
cdef Loop logaddexp_loops[TYPES]
cdef void *ufunc_data[MOST_UFUNCS][TYPES]
cdef int ufuncs_made = 0
cdef list ufunc_texts = []  # what the ufuncs point to

unary_loops[:] = [unary_half, unary_f32, unary_f64, unary_wide]
binary_loops[:] = [binary_half, binary_f32, binary_f64, binary_wide]
logaddexp_loops[:] = [logaddexp_half, logaddexp_f32, logaddexp_f64, binary_wide]


cdef object make_ufunc(name, Loop *loops, int inputs, void *single, void *precise, void *scalar, identity, doc):
    global ufuncs_made
    cdef void **data = ufunc_data[ufuncs_made]
    cdef bytes name_text = name.encode(), doc_text = doc.encode()
    cdef bytes types = bytes([np.dtype(code).num for code in CODES for _ in range(inputs + 1)])
    data[0] = data[1] = single
    data[2], data[3] = precise, scalar
    ufuncs_made += 1
    ufunc_texts.extend([name_text, doc_text, types])
    ufunc = PyUFunc_FromFuncAndDataAndSignatureAndIdentity(
        loops, data, types, TYPES, inputs, 1, PyUFunc_None if identity is None else PyUFunc_IdentityValue, name_text,
        doc_text, 0, NULL, identity)
    capsule = PyCapsule_New(<void *>promote, "numpy._ufunc_promoter", NULL)
    PyUFunc_AddPromoter(ufunc, (np.dtype,) * (inputs + 1), capsule)
    return ufunc
