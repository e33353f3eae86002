"""The tables of kernels in src/lanes, as Cython sees them, and the one in use."""

cdef extern from "scalar.h" nogil:
    double product_error(double a, double b, double p)
    double two_sum "scalar_two_sum" (double a, double b, double *error)
    void triple_normalise(double *sum)

cdef extern from "lanes.h" nogil:
    ctypedef struct Accuracy "struct accuracy":
        double relative
        double absolute
        double tolerance

    cdef enum:
        SUM_ALL
        SUM_OTHERS
        SUM_ROUGHLY
        EXCESS_LIFT

    double OTHERS_LIFT

    ctypedef struct Distances "distances":
        ptrdiff_t next
        ptrdiff_t result

    ctypedef struct ShapeF64 "struct shape_f64":
        void (*maximum)(ptrdiff_t n, ptrdiff_t width, const double *x, ptrdiff_t step, double *m) noexcept nogil
        void (*sum)(ptrdiff_t n, ptrdiff_t width, const double *x, ptrdiff_t step, Distances ahead, const double *m,
                    double *high, double *low) noexcept nogil
        void (*roughly)(ptrdiff_t n, ptrdiff_t width, const double *x, ptrdiff_t step, Distances ahead, const double *m,
                        double *high, double *low) noexcept nogil
        void (*others)(ptrdiff_t n, ptrdiff_t width, const double *x, ptrdiff_t step, Distances ahead, const double *old,
                       const double *m, double *high, double *low) noexcept nogil
        int (*store)(ptrdiff_t n, ptrdiff_t width, const double *x, ptrdiff_t step, Distances ahead, const double *m,
                     double *out, ptrdiff_t out_step, double *high, double *low) noexcept nogil
        void (*normalise)(ptrdiff_t n, ptrdiff_t width, double *x, ptrdiff_t step, const double *inverse,
                          const double *inverse_low, int small) noexcept nogil
        void (*exponentiate)(ptrdiff_t n, ptrdiff_t width, const double *x, ptrdiff_t step, const double *m,
                             const double *inverse, const double *inverse_low, double *out, ptrdiff_t out_step,
                             int stream) noexcept nogil
        void (*subtract)(ptrdiff_t n, ptrdiff_t width, const double *x, ptrdiff_t step, const double *m, const double *log,
                         double *out, ptrdiff_t out_step, int stream) noexcept nogil

    ctypedef struct LanesF64 "struct lanes_f64":
        ShapeF64 rows
        ShapeF64 columns
        void (*states_peaks)(ptrdiff_t n, const double *m, double *maximum, double *high, double *low) noexcept nogil
        void (*states_rescale)(ptrdiff_t n, const double *old, const double *new, double *high, double *low) noexcept nogil
        void (*states_absorb)(ptrdiff_t n, const double *old, const double *new, double *high, double *low) noexcept nogil
        void (*states_whole)(ptrdiff_t n, const double *m, double *high, double *low) noexcept nogil
        void (*states_origins)(ptrdiff_t n, const double *m, double *maximum, double *shift,
                               double *power) noexcept nogil
        void (*states_inverse)(ptrdiff_t n, const double *m, const double *high, const double *low, double *inverse,
                               double *inverse_low) noexcept nogil
        void (*rows_weighted)(ptrdiff_t n, ptrdiff_t width, const double *x, ptrdiff_t step, const double *b, ptrdiff_t b_step,
                              double *maximum, double *shift, double *power, double *high, double *low,
                              double *size) noexcept nogil
        void (*row_softmax)(ptrdiff_t n, const double *x, Distances ahead, double *out) noexcept nogil
        int (*row_log_softmax)(ptrdiff_t n, const double *x, Distances ahead, double least, double *out) noexcept nogil
        void (*columns_softmax)(ptrdiff_t rows, ptrdiff_t width, const double *x, ptrdiff_t step, Distances ahead, double *m,
                                double *inverse, double *inverse_low, double *high, double *low, double *kept,
                                ptrdiff_t kept_step, double *out, ptrdiff_t out_step, int stream) noexcept nogil
        void (*columns_divide)(ptrdiff_t rows, ptrdiff_t width, const double *x, ptrdiff_t step, const double *inverse,
                               const double *inverse_low, double *out, ptrdiff_t out_step, int small, int stream,
                               int fetch) noexcept nogil
        void (*columns_logs)(ptrdiff_t rows, ptrdiff_t width, const double *x, ptrdiff_t step, Distances ahead, double *m, double least,
                             double *log, double *rest, unsigned char *care) noexcept nogil
        void (*states_logs)(ptrdiff_t n, const double *m, const double *high, const double *low, double least, double *log,
                            unsigned char *care) noexcept nogil
        void (*tile_gather)(ptrdiff_t rows, ptrdiff_t width, const double *x, ptrdiff_t x_row, ptrdiff_t x_column,
                            double *out, ptrdiff_t out_row) noexcept nogil
        void (*tile_hide)(ptrdiff_t rows, ptrdiff_t width, const char *mask, ptrdiff_t mask_row,
                          ptrdiff_t mask_column, double *out, double hidden) noexcept nogil
        void (*tile_select)(ptrdiff_t rows, ptrdiff_t width, const double *x, ptrdiff_t x_row, const char *mask,
                            ptrdiff_t mask_row, double hidden, double *out, ptrdiff_t out_row) noexcept nogil
        void (*states_values)(ptrdiff_t n, const double *m, const double *shift, const double *power,
                              const double *high, const double *low, const Accuracy *accuracy, double *value,
                              unsigned char *care) noexcept nogil
        void (*states_finish)(ptrdiff_t n, const double *m, const double *high, const double *low, const double *peak,
                           const double *peak_low, const Accuracy *accuracy, double *value, double *log,
                           unsigned char *care) noexcept nogil
        void (*states_values_single)(ptrdiff_t n, const double *m, const double *shift, const double *power,
                                     const double *high, const double *low, const Accuracy *accuracy, double *value,
                                     unsigned char *care) noexcept nogil
        void (*log1p_pairs)(ptrdiff_t n, const double *q, const double *q_low, double *result, double *result_low) noexcept nogil
        double (*weighted_maximum)(ptrdiff_t n, const double *x, const double *b) noexcept nogil
        void (*weighted_sum)(ptrdiff_t n, const double *x, const double *b, double m, double *sum) noexcept nogil
        void (*extended_sum)(ptrdiff_t n, const double *x, const double *b, double shift, double exponent, double *sum) noexcept nogil
        void (*excess_sum)(ptrdiff_t n, const double *x, double *sum) noexcept nogil
        void (*excess_scan)(ptrdiff_t n, const double *x, ptrdiff_t first, double *sum, double *excess, double *size,
                            double *log) noexcept nogil
        void (*excess_log)(const double *sum, double *excess, double *size, double *log) noexcept nogil
        void (*excess_columns)(ptrdiff_t rows, ptrdiff_t width, const double *x, double *excess, double *size,
                               double *log) noexcept nogil
        void (*scan_sums)(ptrdiff_t rows, ptrdiff_t width, const double *x, const double *m, double *sum,
                          double *low) noexcept nogil
        void (*scan_values)(ptrdiff_t rows, ptrdiff_t width, const double *m, int plain, double near, double *before,
                            double *before_low, double *value, const double *low, unsigned char *found) noexcept nogil
        void (*scan_widen)(ptrdiff_t n, const float *x, double *out) noexcept nogil
        void (*scan_narrow)(ptrdiff_t n, const double *x, float *out) noexcept nogil
        void (*logistic)(ptrdiff_t n, const double *x, const double *target, const double *positive, const double *weight,
                         double scale, double *loss, double *gradient, double *sum) noexcept nogil
        ptrdiff_t (*row_find)(ptrdiff_t n, const double *x, double m) noexcept nogil
        void (*rows_target)(ptrdiff_t n, const double *x, const double *target, double one, double *sum) noexcept nogil
        void (*rows_slope)(ptrdiff_t n, const double *x, double m, const double *inverse, const double *factor,
                           const double *target, double scale, double *out) noexcept nogil
        void (*columns_largest)(ptrdiff_t rows, ptrdiff_t width, const double *x, ptrdiff_t step, ptrdiff_t ahead, double *m,
                                double *where) noexcept nogil
        void (*columns_target)(ptrdiff_t rows, ptrdiff_t width, const double *x, ptrdiff_t step, const double *target,
                               ptrdiff_t target_step, ptrdiff_t ahead, const double *one, const double *where, double *sum,
                               ptrdiff_t span) noexcept nogil
        void (*columns_slope)(ptrdiff_t rows, ptrdiff_t width, const double *x, ptrdiff_t step, const double *m,
                              const double *inverse, const double *inverse_low, const double *factor, const double *factor_low,
                              const double *target, ptrdiff_t target_step, double scale, double *out, ptrdiff_t out_step,
                              ptrdiff_t ahead) noexcept nogil
        void (*compensated_sum)(ptrdiff_t n, const double *x, double *sum) noexcept nogil
        int (*surprisals)(ptrdiff_t n, const double *one, const double *m, const double *high, const double *low,
                          const double *peak, const double *peak_low, double *surprisal, double *slope) noexcept nogil
        int (*surprisals_single)(ptrdiff_t n, const double *one, const double *m, const double *high, const double *low,
                                 const double *peak, const double *peak_low, double *surprisal, double *slope) noexcept nogil
        # elementwise, called through a ufunc's data
        void *expit
        void *softplus
        void *log_expit
        void *log1mexp
        void *logexpm1
        void *logit
        void *entr
        void *logcosh
        void *logaddexp
        void *logsubexp
        void *xlogy

    ctypedef struct ShapeF32 "struct shape_f32":
        void (*maximum)(ptrdiff_t n, ptrdiff_t width, const float *x, ptrdiff_t step, float *m) noexcept nogil
        void (*sum)(ptrdiff_t n, ptrdiff_t width, const float *x, ptrdiff_t step, Distances ahead, const float *m,
                    double *high, double *low) noexcept nogil
        void (*roughly)(ptrdiff_t n, ptrdiff_t width, const float *x, ptrdiff_t step, Distances ahead, const float *m,
                        double *high, double *low) noexcept nogil
        void (*others)(ptrdiff_t n, ptrdiff_t width, const float *x, ptrdiff_t step, Distances ahead, const float *old,
                       const float *m, double *high, double *low) noexcept nogil
        int (*store)(ptrdiff_t n, ptrdiff_t width, const float *x, ptrdiff_t step, Distances ahead, const float *m,
                     float *out, ptrdiff_t out_step, double *high, double *low) noexcept nogil
        void (*normalise)(ptrdiff_t n, ptrdiff_t width, float *x, ptrdiff_t step, const float *inverse,
                          const float *inverse_low, int small) noexcept nogil
        void (*exponentiate)(ptrdiff_t n, ptrdiff_t width, const float *x, ptrdiff_t step, const float *m,
                             const float *inverse, const float *inverse_low, float *out, ptrdiff_t out_step,
                             int stream) noexcept nogil
        void (*subtract)(ptrdiff_t n, ptrdiff_t width, const float *x, ptrdiff_t step, const float *m, const float *log,
                         float *out, ptrdiff_t out_step, int stream) noexcept nogil

    ctypedef struct LanesF32 "struct lanes_f32":
        ShapeF32 rows
        ShapeF32 columns
        void (*states_peaks)(ptrdiff_t n, const float *m, double *maximum, double *high, double *low) noexcept nogil
        void (*states_rescale)(ptrdiff_t n, const float *old, const float *new, double *high, double *low) noexcept nogil
        void (*states_absorb)(ptrdiff_t n, const float *old, const float *new, double *high, double *low) noexcept nogil
        void (*states_whole)(ptrdiff_t n, const float *m, double *high, double *low) noexcept nogil
        void (*states_origins)(ptrdiff_t n, const float *m, double *maximum, double *shift,
                               double *power) noexcept nogil
        void (*states_inverse)(ptrdiff_t n, const float *m, const double *high, const double *low, float *inverse,
                               float *inverse_low) noexcept nogil
        void (*rows_weighted)(ptrdiff_t n, ptrdiff_t width, const float *x, ptrdiff_t step, const float *b, ptrdiff_t b_step,
                              double *maximum, double *shift, double *power, double *high, double *low,
                              double *size) noexcept nogil
        void (*row_softmax)(ptrdiff_t n, const float *x, Distances ahead, float *out) noexcept nogil
        int (*row_log_softmax)(ptrdiff_t n, const float *x, Distances ahead, float least, float *out) noexcept nogil
        void (*columns_softmax)(ptrdiff_t rows, ptrdiff_t width, const float *x, ptrdiff_t step, Distances ahead, float *m,
                                float *inverse, float *inverse_low, double *high, double *low, float *kept,
                                ptrdiff_t kept_step, float *out, ptrdiff_t out_step, int stream) noexcept nogil
        void (*columns_divide)(ptrdiff_t rows, ptrdiff_t width, const float *x, ptrdiff_t step, const float *inverse,
                               const float *inverse_low, float *out, ptrdiff_t out_step, int small, int stream,
                               int fetch) noexcept nogil
        void (*columns_logs)(ptrdiff_t rows, ptrdiff_t width, const float *x, ptrdiff_t step, Distances ahead, float *m, float least,
                             float *log, float *rest, unsigned char *care) noexcept nogil
        void (*states_logs)(ptrdiff_t n, const float *m, const double *high, const double *low, float least, float *log,
                            unsigned char *care) noexcept nogil
        void (*tile_gather)(ptrdiff_t rows, ptrdiff_t width, const float *x, ptrdiff_t x_row, ptrdiff_t x_column,
                            float *out, ptrdiff_t out_row) noexcept nogil
        void (*tile_hide)(ptrdiff_t rows, ptrdiff_t width, const char *mask, ptrdiff_t mask_row,
                          ptrdiff_t mask_column, float *out, float hidden) noexcept nogil
        void (*tile_select)(ptrdiff_t rows, ptrdiff_t width, const float *x, ptrdiff_t x_row, const char *mask,
                            ptrdiff_t mask_row, float hidden, float *out, ptrdiff_t out_row) noexcept nogil
        void (*logistic)(ptrdiff_t n, const float *x, const float *target, const float *positive, const float *weight,
                         float scale, float *loss, float *gradient, double *sum) noexcept nogil
        ptrdiff_t (*row_find)(ptrdiff_t n, const float *x, float m) noexcept nogil
        void (*rows_target)(ptrdiff_t n, const float *x, const float *target, float one, double *sum) noexcept nogil
        void (*rows_slope)(ptrdiff_t n, const float *x, float m, const float *inverse, const float *factor,
                           const float *target, float scale, float *out) noexcept nogil
        void (*columns_largest)(ptrdiff_t rows, ptrdiff_t width, const float *x, ptrdiff_t step, ptrdiff_t ahead, float *m,
                                float *where) noexcept nogil
        void (*columns_target)(ptrdiff_t rows, ptrdiff_t width, const float *x, ptrdiff_t step, const float *target,
                               ptrdiff_t target_step, ptrdiff_t ahead, const float *one, const float *where, double *sum,
                               ptrdiff_t span) noexcept nogil
        void (*columns_slope)(ptrdiff_t rows, ptrdiff_t width, const float *x, ptrdiff_t step, const float *m,
                              const float *inverse, const float *inverse_low, const float *factor, const float *factor_low,
                              const float *target, ptrdiff_t target_step, float scale, float *out, ptrdiff_t out_step,
                              ptrdiff_t ahead) noexcept nogil
        # elementwise, called through a ufunc's data
        void *expit
        void *softplus
        void *log_expit
        void *log1mexp
        void *logexpm1
        void *logit
        void *entr
        void *logcosh
        void *logaddexp
        void *logsubexp
        void *xlogy

    ctypedef struct LanesSet "struct lanes_set":
        const char *name
        int bytes
        const LanesF64 *f64
        const LanesF32 *f32

    const LanesSet *lanes_built(int index)
    int lanes_runnable(int index)
    const char *lanes_compiler()

ctypedef fused real:
    float
    double

# What a sum of exponentials can be trusted with, relative (docs/numerics.md). A term: its entry of the table, the polynomial and
# two roundings of numbers below 2^-4. An addition of a product, of which half of SETTLE follow each other at most, and one of the two
# parts: half an ulp of what is 0.0443 of the sum. A peak: two roundings of numbers below 2^-5.
cdef double TERM_F64 = 2.0 ** -61.03 + 2.0 ** -58.3 + 2.0 ** -57
cdef double TERM_F32 = 2.0 ** -28.43 + 2.0 ** -32.4 + 2.0 ** -28
# Roughly: three plain additions of powers, in float32 two and a shorter polynomial. With log 2 in one part (float32) a term is off by
# LOG2_F32 |x|, and the sum by LOG2_F32 (|value| + log(n)) at most, as in the mean over the terms, each counted as often as it
# weighs, m - x is at most log(n) - (value - m). From 8 on a value is allowed more than that, so 8 stands for it.
cdef double ROUGH_F64 = 3 * 2.0 ** -53
cdef double ROUGH_F32 = 2.0 ** -25.2 + 2 * 2.0 ** -24
cdef double LOG2_F32 = 2.0 ** -28.43
cdef double ADDITION_F64 = 0.0443 * 2.0 ** -53
cdef double ADDITION_F32 = 0.0443 * 2.0 ** -24
cdef double PEAK_F64 = 2.0 ** -58
cdef double PEAK_F32 = 2.0 ** -29
# The errors of additions are summed with errors, too: in float32 these begin to count with SPAN additions to a lane.
cdef double ERRORS_F32 = 2.0 ** -30
# Each of the others that is further below the maximum than DEPTH may count as exp(-DEPTH), a power of two, with room.
cdef int LOST_F64 = -1090
cdef int LOST_F32 = -158
# What they may leave open of a result, in ulp: with the last rounding and, for float64, that of the logarithm, less than one.
cdef double TOLERANCE_F64 = 0.45 * 2.0 ** -52
cdef double TOLERANCE_F32 = 0.495 * 2.0 ** -23


cdef inline Accuracy accuracy(Py_ssize_t n, int sums, bint double_sum, bint double_result) noexcept nogil:
    """Of sums of n terms in either type, for results in either type; of others apart as their quotient by the peak."""
    cdef Accuracy a
    cdef bint joined = sums != SUM_OTHERS or not double_sum
    cdef double additions = min((n + 1) // 2, 4) + joined
    a.relative = TERM_F64 + additions * ADDITION_F64 if double_sum else TERM_F32 + additions * ADDITION_F32
    a.absolute = 0
    if sums == SUM_ROUGHLY:
        a.relative += ROUGH_F64 if double_sum else ROUGH_F32 + (8 + log(n)) * LOG2_F32
    if sums == SUM_OTHERS:
        a.relative += PEAK_F64 if double_sum else PEAK_F32
        a.absolute = ldexp(n, LOST_F64 if double_sum else LOST_F32)
    if n > 64 and not double_sum:
        a.relative += ERRORS_F32
    a.tolerance = TOLERANCE_F64 if double_result else TOLERANCE_F32
    return a


cdef inline real least_settled(Py_ssize_t n, real kind) noexcept nogil:
    """Of n others over the peak, from where on, as numbers, their absolute error is nothing beside their last digit."""
    if real is double:
        return ldexp(n, LOST_F64 + 55) if n > 2 ** 14 else 0
    else:
        return ldexp(n, LOST_F32 + 26) if n > 2 ** 7 else 0


# The relative error of sums in three doubles (extended.h), with room.
cdef double EXTENDED = 2.0 ** -130

# ln 2 in two parts, the first of which is exact times an integer below 2^20
cdef double LN2_HIGH = 0.69314718055994530942 - 0.69314718055994530942 % 2.0 ** -32
cdef double LN2_LOW = 0.69314718055994530942 - LN2_HIGH + 2.3190468138462996e-17

cdef Distances nowhere  # zeros: nothing is to be fetched

cdef const LanesF64 *f64
cdef const LanesF32 *f32
cdef const char *chosen_name
cdef Py_ssize_t register_bytes


cdef list set_names(bint runnable):
    cdef int i = 0
    names = []
    while lanes_built(i) != NULL:
        if not runnable or lanes_runnable(i):
            names.append(lanes_built(i).name.decode())
        i += 1
    return names


cdef choose(wanted):
    """Takes the table named, or the best that runs where none is."""
    global f64, f32, chosen_name, register_bytes
    runnable = set_names(True)
    if wanted and wanted not in runnable:
        raise ImportError(
            f"STABLEMATH_ISA={wanted!r} is not an instruction set that this build has and this processor runs; "
            f"choose one of {', '.join(runnable)}, or leave it unset"
        )
    cdef int index = set_names(False).index(wanted or runnable[len(runnable) - 1])
    f64, f32 = lanes_built(index).f64, lanes_built(index).f32
    chosen_name, register_bytes = lanes_built(index).name, lanes_built(index).bytes


def config():
    """What was built, what runs here and what is in use."""
    return {
        "built": set_names(False),
        "runnable": set_names(True),
        "chosen": chosen_name.decode(),
        "compiler": lanes_compiler().decode(),
    }
