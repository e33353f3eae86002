/* Error-free arithmetic on single doubles, for the few that are not worth a register. */
#ifndef STABLEMATH_SCALAR_H
#define STABLEMATH_SCALAR_H

/* What rounding took from p = a * b, without an FMA (Dekker). */
static inline double product_error(double a, double b, double p)
{
    double t = a * 134217729.0, high_a = t - (t - a), low_a = a - high_a;
    double u = b * 134217729.0, high_b = u - (u - b), low_b = b - high_b;
    return ((high_a * high_b - p) + high_a * low_b + low_a * high_b) + low_a * low_b;
}

static inline double scalar_two_sum(double a, double b, double *error)
{
    double s = a + b, part = s - a;
    *error = (a - (s - part)) + (b - part);
    return s;
}

/* Adds a + b + c to IN/OUT sum[3], error-free in the first two parts. */
static inline void triple_accumulate(double *sum, double a, double b, double c)
{
    const double terms[3] = {a, b, c};
    for (int from = 0; from < 3; from++) {
        double x = terms[from];
        for (int i = from; i < 3; i++) {
            sum[i] = scalar_two_sum(sum[i], x, &x);
        }
    }
}

/* Moves what cancelled: afterwards the first of IN/OUT sum[3] is the sum to half an ulp. */
static inline void triple_normalise(double *sum)
{
    for (int pass = 0; pass < 2; pass++) {
        double s = scalar_two_sum(sum[1], sum[2], &sum[2]);
        sum[0] = scalar_two_sum(sum[0], s, &sum[1]);
    }
}

#endif
