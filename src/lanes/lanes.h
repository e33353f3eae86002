/* The tables of kernels on contiguous blocks: one table an instruction set, chosen at run time. */
#ifndef STABLEMATH_LANES_H
#define STABLEMATH_LANES_H

#include <stddef.h>

/* What a sum of exponentials can be trusted with: see values.h. */
struct accuracy {
    double relative, absolute, tolerance;
};

/* What a sum of exponentials is of: all terms; all but one maximum, which is kept apart; or all, without the digits that a
   logarithm far from 0 loses anyway. */
enum sums { SUM_ALL, SUM_OTHERS, SUM_ROUGHLY };
#define OTHERS_LIFT 0x1p200 /* by which sums of others are lifted, doubles for either type */
#define EXCESS_LIFT 800     /* the power of two by which sums less 1 are lifted (excess.h) */

/* Bytes from each element that is summed to what is wanted later and fetched meanwhile: the element read next, and, where a second
   pass will write it (log_softmax), the result; 0 where there is none. */
typedef struct {
    ptrdiff_t next, result;
} distances;

/* Kernels of either type; each is described where it is defined. */

/* Of one shape (rows.h, columns.h): `width` reductions of n elements each, rows or columns, `step` from row to row. */
#define SHAPE_KERNELS(REAL)                                                                                            \
    void (*maximum)(ptrdiff_t n, ptrdiff_t width, const REAL *x, ptrdiff_t step, REAL *m);                             \
    void (*sum)(ptrdiff_t n, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead, const REAL *m,           \
                double *high, double *low);                                                                            \
    void (*roughly)(ptrdiff_t n, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead, const REAL *m,       \
                    double *high, double *low);                                                                        \
    void (*others)(ptrdiff_t n, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead, const REAL *from,     \
                   const REAL *m, double *high, double *low);                                                          \
    int (*store)(ptrdiff_t n, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead, const REAL *m,          \
                 REAL *out, ptrdiff_t out_step, double *high, double *low);                                            \
    void (*normalise)(ptrdiff_t n, ptrdiff_t width, REAL *x, ptrdiff_t step, const REAL *inverse,                      \
                      const REAL *inverse_low, int small);                                                             \
    void (*exponentiate)(ptrdiff_t n, ptrdiff_t width, const REAL *x, ptrdiff_t step, const REAL *m,                   \
                         const REAL *inverse, const REAL *inverse_low, REAL *out, ptrdiff_t out_step, int stream);     \
    void (*subtract)(ptrdiff_t n, ptrdiff_t width, const REAL *x, ptrdiff_t step, const REAL *m, const REAL *log,      \
                     REAL *out, ptrdiff_t out_step, int stream)

struct shape_f32 {
    SHAPE_KERNELS(float);
};

struct shape_f64 {
    SHAPE_KERNELS(double);
};

/* On states and tiles (states.h, tiles.h). */
#define LANES_KERNELS(REAL)                                                                                            \
    void (*states_peaks)(ptrdiff_t n, const REAL *m, double *maximum, double *high, double *low);                      \
    void (*states_rescale)(ptrdiff_t n, const REAL *from, const REAL *to, double *high, double *low);                  \
    void (*states_absorb)(ptrdiff_t n, const REAL *from, const REAL *to, double *high, double *low);                   \
    void (*states_whole)(ptrdiff_t n, const REAL *m, double *high, double *low);                                       \
    void (*states_origins)(ptrdiff_t n, const REAL *m, double *maximum, double *shift, double *power);                 \
    void (*states_inverse)(ptrdiff_t n, const REAL *m, const double *high, const double *low, REAL *inverse,           \
                           REAL *inverse_low);                                                                         \
    void (*rows_weighted)(ptrdiff_t n, ptrdiff_t width, const REAL *x, ptrdiff_t step, const REAL *b,                  \
                          ptrdiff_t b_step, double *maximum, double *shift, double *power, double *high, double *low,  \
                          double *size);                                                                               \
    void (*row_softmax)(ptrdiff_t n, const REAL *x, distances ahead, REAL *out);                                       \
    int (*row_log_softmax)(ptrdiff_t n, const REAL *x, distances ahead, REAL least, REAL *out);                        \
    void (*columns_softmax)(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead, REAL *m,  \
                            REAL *inverse, REAL *inverse_low, double *high, double *low, REAL *kept,                   \
                            ptrdiff_t kept_step, REAL *out, ptrdiff_t out_step, int stream);                           \
    void (*columns_divide)(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, const REAL *inverse,        \
                           const REAL *inverse_low, REAL *out, ptrdiff_t out_step, int small, int stream, int fetch);  \
    void (*columns_logs)(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead, REAL *m,     \
                         REAL least, REAL *log, REAL *rest, unsigned char *care);                                      \
    void (*states_logs)(ptrdiff_t n, const REAL *m, const double *high, const double *low, REAL least, REAL *log,      \
                        unsigned char *care);                                                                          \
    void (*tile_gather)(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t x_row, ptrdiff_t x_column,           \
                        REAL *out, ptrdiff_t out_row);                                                                 \
    void (*tile_hide)(ptrdiff_t rows, ptrdiff_t width, const char *mask, ptrdiff_t mask_row, ptrdiff_t mask_column,    \
                      REAL *out, REAL hidden);                                                                         \
    void (*tile_select)(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t x_row, const char *mask,             \
                        ptrdiff_t mask_row, REAL hidden, REAL *out, ptrdiff_t out_row)

/* Elementwise functions of either type (elementwise.h); the output may be an input. */
#define LANES_ELEMENTWISE(REAL)                                                                                        \
    void (*expit)(ptrdiff_t n, const REAL *x, REAL *out);                                                              \
    void (*softplus)(ptrdiff_t n, const REAL *x, REAL *out);                                                           \
    void (*log_expit)(ptrdiff_t n, const REAL *x, REAL *out);                                                          \
    void (*log1mexp)(ptrdiff_t n, const REAL *x, REAL *out);                                                           \
    void (*logexpm1)(ptrdiff_t n, const REAL *x, REAL *out);                                                           \
    void (*logit)(ptrdiff_t n, const REAL *x, REAL *out);                                                              \
    void (*entr)(ptrdiff_t n, const REAL *x, REAL *out);                                                               \
    void (*logcosh)(ptrdiff_t n, const REAL *x, REAL *out);                                                            \
    void (*logaddexp)(ptrdiff_t n, const REAL *x, const REAL *y, REAL *out);                                           \
    void (*logsubexp)(ptrdiff_t n, const REAL *x, const REAL *y, REAL *out);                                           \
    void (*xlogy)(ptrdiff_t n, const REAL *x, const REAL *y, REAL *out)

/* Losses of either type (losses.h). */
#define LANES_LOSSES(REAL)                                                                                             \
    ptrdiff_t (*row_find)(ptrdiff_t n, const REAL *x, REAL m);                                                         \
    void (*rows_target)(ptrdiff_t n, const REAL *x, const REAL *target, REAL one, double *sum);                        \
    void (*rows_slope)(ptrdiff_t n, const REAL *x, REAL m, const REAL *inverse, const REAL *factor,                    \
                       const REAL *target, REAL scale, REAL *out);                                                     \
    void (*columns_largest)(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, ptrdiff_t ahead, REAL *m,  \
                            REAL *where);                                                                              \
    void (*columns_target)(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, const REAL *target,         \
                           ptrdiff_t target_step, ptrdiff_t ahead, const REAL *one, const REAL *where, double *sum,    \
                           ptrdiff_t span);                                                                            \
    void (*columns_slope)(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, const REAL *m,               \
                          const REAL *inverse, const REAL *inverse_low, const REAL *factor, const REAL *factor_low,    \
                          const REAL *target, ptrdiff_t target_step, REAL scale, REAL *out, ptrdiff_t out_step,        \
                          ptrdiff_t ahead);                                                                            \
    void (*logistic)(ptrdiff_t n, const REAL *x, const REAL *target, const REAL *positive, const REAL *weight,         \
                     REAL scale, REAL *loss, REAL *gradient, double *sum)

struct lanes_f32 {
    struct shape_f32 rows, columns;
    LANES_KERNELS(float);
    LANES_ELEMENTWISE(float);
    LANES_LOSSES(float);
};

struct lanes_f64 {
    struct shape_f64 rows, columns;
    LANES_KERNELS(double);
    LANES_ELEMENTWISE(double);
    LANES_LOSSES(double);
    void (*states_values)(ptrdiff_t n, const double *m, const double *shift, const double *power, const double *high,
                          const double *low, const struct accuracy *accuracy, double *value, unsigned char *care);
    void (*states_finish)(ptrdiff_t n, const double *m, const double *high, const double *low, const double *peak,
                          const double *peak_low, const struct accuracy *accuracy, double *value, double *log,
                          unsigned char *care);
    void (*states_values_single)(ptrdiff_t n, const double *m, const double *shift, const double *power,
                                 const double *high, const double *low, const struct accuracy *accuracy, double *value,
                                 unsigned char *care);
    void (*log1p_pairs)(ptrdiff_t n, const double *q, const double *q_low, double *result, double *result_low);
    double (*weighted_maximum)(ptrdiff_t n, const double *x, const double *b);
    void (*weighted_sum)(ptrdiff_t n, const double *x, const double *b, double m, double *sum);
    void (*extended_sum)(ptrdiff_t n, const double *x, const double *b, double shift, double exponent, double *sum);
    void (*excess_sum)(ptrdiff_t n, const double *x, double *sum);
    void (*excess_scan)(ptrdiff_t n, const double *x, ptrdiff_t first, double *sum, double *excess, double *size,
                        double *log);
    void (*excess_log)(const double *sum, double *excess, double *size, double *log);
    void (*excess_columns)(ptrdiff_t rows, ptrdiff_t width, const double *x, double *excess, double *size, double *log);
    void (*scan_sums)(ptrdiff_t rows, ptrdiff_t width, const double *x, const double *m, double *sum, double *low);
    void (*scan_values)(ptrdiff_t rows, ptrdiff_t width, const double *m, int plain, double near, double *before,
                        double *before_low, double *value, const double *low, unsigned char *found);
    void (*scan_widen)(ptrdiff_t n, const float *x, double *out);
    void (*scan_narrow)(ptrdiff_t n, const double *x, float *out);
    void (*compensated_sum)(ptrdiff_t n, const double *x, double *sum);
    int (*surprisals)(ptrdiff_t n, const double *one, const double *m, const double *high, const double *low,
                      const double *peak, const double *peak_low, double *surprisal, double *slope);
    int (*surprisals_single)(ptrdiff_t n, const double *one, const double *m, const double *high, const double *low,
                             const double *peak, const double *peak_low, double *surprisal, double *slope);
};

struct lanes_set {
    const char *name;
    int bytes; /* of a register */
    const struct lanes_f64 *f64;
    const struct lanes_f32 *f32;
};

/* The sets built into this binary, least first; NULL after the last. */
const struct lanes_set *lanes_built(int index);
/* Whether this processor can run it. */
int lanes_runnable(int index);
/* The compiler that built them. */
const char *lanes_compiler(void);

#endif
