/* Running sums of exponentials, in float64: every prefix of a block as a sum in two or three doubles. */

/* Terms of IN x[n] under the reference of m, in two parts, the headroom taken out: OUT high[n] + low[n]. */
static void scan_terms(ptrdiff_t n, const double *x, double m, double *high, double *low)
{
    reference ref = reference_of(vsplat(m));
    STRIPS(i, n, {
        vec rest, power = exponential(vload_first(x + i, count, 0), ref, 1, &rest), term = vfma(power, rest, power);
        vstore_double(high + i, term, UNLIFT, count);
        vstore_double(low + i, vfma(power, rest, power - term), UNLIFT, count);
    });
}

/* Raises IN/OUT m to the largest of IN x[n]; returns whether any is nan or inf. */
static int scan_probe(ptrdiff_t n, const double *x, double *m)
{
    ivec odd = isplat(0);
    double largest = rows_maximum(n, x);
    STRIPS(i, n, odd |= ~vless(vload_first(x + i, count, 0), vsplat(INFINITY)););
    if (largest > *m)
        *m = largest;
    return vany(odd);
}

/* OUT high[n] + low[n]: the sums of all exponentials up to each of IN x[n], under the reference of m, which no element exceeds;
   IN/OUT sum[2] is what came before and with them. Four quarters at once, so that few additions wait for another. */
static void scan_sum(ptrdiff_t n, const double *x, double m, double *sum, double *high, double *low)
{
    enum { AT_ONCE = 4 };
    const ptrdiff_t quarter = n / AT_ONCE;
    double h[AT_ONCE] = {0}, l[AT_ONCE] = {0}, error;
    scan_terms(n, x, m, high, low);
    for (ptrdiff_t i = 0; i < quarter; i++)
        for (int k = 0; k < AT_ONCE; k++) {
            const ptrdiff_t at = k * quarter + i;
            h[k] = high[at] = scalar_two_sum(h[k], high[at], &error);
            l[k] = low[at] = l[k] + (low[at] + error);
        }
    for (int k = 0; k < AT_ONCE; k++) {
        double *hk = high + k * quarter, *lk = low + k * quarter;
        vec before = vsplat(sum[0]), before_low = vsplat(sum[1]), e;
        STRIPS(i, quarter, {
            vec all = two_sum(before, vload_first(hk + i, count, 0), &e);
            vstore_first(lk + i, vload_first(lk + i, count, 0) + (before_low + e), count);
            vstore_first(hk + i, all, count);
        });
        if (quarter > 0) {
            sum[0] = hk[quarter - 1];
            sum[1] = lk[quarter - 1];
        }
    }
    for (ptrdiff_t i = AT_ONCE * quarter; i < n; i++) {
        sum[0] = high[i] = scalar_two_sum(sum[0], high[i], &error);
        sum[1] = low[i] = sum[1] + (low[i] + error);
    }
}

/* The same in three doubles, relative to 1: OUT q[n] + q_low[n] is each sum less 1. */
static void scan_extended(ptrdiff_t n, const double *x, double *sum, double *q, double *q_low)
{
    STRIPS(i, n, {
        REAL a[LANES], b[LANES], c[LANES];
        triple t = extended_term(vload_first(x + i, count, -INFINITY), vsplat(1), isplat(0), 0, 0);
        vstore(a, t.a);
        vstore(b, t.b);
        vstore(c, t.c);
        for (ptrdiff_t k = 0; k < count; k++) {
            double error, d;
            triple_accumulate(sum, a[k], b[k], c[k]);
            d = scalar_two_sum(sum[0] - 1, sum[1], &error);
            q[i + k] = scalar_two_sum(d, error + sum[2], &q_low[i + k]);
        }
    });
}
