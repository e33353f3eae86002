/* Along: one row, contiguous in memory.

   A sum of exponentials is kept in two parts. `sum` starts at BIAS, which no term exceeds, so that the error of each
   addition comes out of three operations (fast two-sum); `low` takes those errors and the rounding errors of the terms
   themselves. So a sum carries the relative error of the polynomial alone, some 2^-56 (float64) or 2^-28 (float32). */

typedef struct {
    vec sum, low;
} total;

INLINE total total_empty(void)
{
    total t = {vsplat(BIAS), vsplat(0)};
    return t;
}

/* Adds power (1 + rest) and returns it, rounded. */
INLINE vec total_add(total *t, vec power, vec rest)
{
    vec error, term = vfma(power, rest, power);
    t->sum = fast_two_sum(t->sum, term, &error);
    t->low += error + vfma(power, rest, power - term);
    return term;
}

/* Adds the first `count` lanes, the headroom taken out, to IN/OUT high + low: member k to high[k * stride]. */
INLINE void total_fold(total t, double *high, double *low, ptrdiff_t stride, ptrdiff_t count)
{
    REAL sum[LANES], rest[LANES];
    vstore(sum, t.sum - vsplat(BIAS));
    vstore(rest, t.low);
    for (ptrdiff_t k = 0; k < count; k++) {
        double *h = high + k * stride, *l = low + k * stride;
        double term = (double)sum[k] * (double)UNLIFT, s = *h + term, part = s - *h;
        *l += ((*h - (s - part)) + (term - part)) + (double)rest[k] * (double)UNLIFT;
        *h = s;
    }
}

/* The largest of IN x[n]; elements that are nan may hide others, as their sum will be nan anyway. */
static REAL rows_maximum(ptrdiff_t n, const REAL *x)
{
    vec a = vsplat(-(REAL)INFINITY), b = a, c = a, d = a;
    ptrdiff_t i = 0;
    for (; i + 4 * LANES <= n; i += 4 * LANES) {
        a = vmax(a, vload(x + i));
        b = vmax(b, vload(x + i + LANES));
        c = vmax(c, vload(x + i + 2 * LANES));
        d = vmax(d, vload(x + i + 3 * LANES));
    }
    for (; i + LANES <= n; i += LANES)
        a = vmax(a, vload(x + i));
    if (i < n)
        b = vmax(b, vload_some(x + i, n - i, -(REAL)INFINITY));
    REAL lane[LANES], largest;
    vstore(lane, vmax(vmax(a, b), vmax(c, d)));
    largest = lane[0];
    for (int k = 1; k < LANES; k++)
        largest = lane[k] > largest ? lane[k] : largest;
    return largest;
}

/* One pass over a row: the sum of its exponentials and, where asked, the exponentials (lifted by the headroom) stored. */
INLINE void rows_pass(ptrdiff_t n, const REAL *x, REAL m, REAL *out, int keep, double *sum)
{
    reference ref = reference_of(vsplat(m));
    total t = total_empty();
    STRIPS(i, n, {
        vec rest, power = exponential(vload_first(x + i, count, -(REAL)INFINITY), ref, &rest);
        vec term = total_add(&t, power, rest);
        if (keep)
            vstore_first(out + i, term, count);
    });
    total_fold(t, sum, sum + 1, 0, LANES);
}

/* Adds the exponentials of IN x[n] under the reference of m to IN/OUT sum[2]. */
static void rows_sum(ptrdiff_t n, const REAL *x, REAL m, double *sum)
{
    rows_pass(n, x, m, NULL, 0, sum);
}

/* The same, and OUT out[n] keeps the lifted exponentials; out may be x. */
static void rows_store(ptrdiff_t n, const REAL *x, REAL m, REAL *out, double *sum)
{
    rows_pass(n, x, m, out, 1, sum);
}

/* A lifted exponential over the sum, given the sum's inverse in two parts; one rounding, never above 1. */
INLINE vec quotient(vec term, vec inverse, vec inverse_low)
{
    return vmin(vsplat(1), vfma(term, inverse, term * inverse_low));
}

/* IN/OUT out[n]: lifted exponentials become softmax; inverse[2] from states_inverse. */
static void rows_normalise(ptrdiff_t n, REAL *out, const REAL *inverse)
{
    vec high = vsplat(inverse[0]), low = vsplat(inverse[1]);
    STRIPS(i, n, vstore_first(out + i, quotient(vload_first(out + i, count, 0), high, low), count););
}

INLINE void rows_exponentiate_pass(ptrdiff_t n, const REAL *x, REAL m, const REAL *inverse, REAL *out, int stream)
{
    reference ref = reference_of(vsplat(m));
    vec high = vsplat(inverse[0]), low = vsplat(inverse[1]);
    STRIPS(i, n, {
        vec rest, power = exponential(vload_first(x + i, count, 0), ref, &rest);
        vec value = quotient(vfma(power, rest, power), high, low);
        if (stream && count == LANES)
            vstream(out + i, value);
        else
            vstore_first(out + i, value, count);
    });
}

/* OUT out[n]: softmax of IN x[n] from its maximum and inverse sum; to the bit what rows_store and rows_normalise give.
   With `stream` the output goes around the caches. */
static void rows_exponentiate(ptrdiff_t n, const REAL *x, REAL m, const REAL *inverse, REAL *out, int stream)
{
    ptrdiff_t lead = (ptrdiff_t)((0 - (uintptr_t)out) % sizeof(vec) / sizeof(REAL));
    if (!stream || (uintptr_t)out % sizeof(REAL) != 0 || lead >= n) {
        rows_exponentiate_pass(n, x, m, inverse, out, 0);
        return;
    }
    rows_exponentiate_pass(lead, x, m, inverse, out, 0);
    rows_exponentiate_pass(n - lead, x + lead, m, inverse, out + lead, 1);
}

/* OUT out[n] = (IN x[n] - m) - log: log_softmax; out may be x. Both differences have one sign: nothing cancels. */
static void rows_subtract(ptrdiff_t n, const REAL *x, REAL m, REAL log, REAL *out)
{
    vec a = vsplat(m), b = vsplat(log);
    STRIPS(i, n, vstore_first(out + i, (vload_first(x + i, count, 0) - a) - b, count););
}
