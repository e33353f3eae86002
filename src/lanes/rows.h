/* Along: one row, contiguous in memory. */

/* Adds all lanes over S, the headroom taken out or made OTHERS_LIFT, to IN/OUT out[2], in double. */
INLINE void total_fold(total t, int sums, double *out)
{
    const double lift = sums == SUM_OTHERS ? OTHERS_LIFT * (double)UNLIFT : (double)UNLIFT;
    const double factor = lift * UNSCALE;
    t.sum -= vsplat(BIAS(sums));
#if BITS == 64
    double error, low, high = lanes_sum(t.sum, t.low, &low), product = high * factor;
    low = low * factor + (product_error(high, factor, product) + high * (lift * UNSCALE_LOW));
    out[0] = scalar_two_sum(out[0], product, &error);
    out[1] += low + error;
#else
    out[0] += vsum_wide(t.sum, t.low) * factor; /* a double holds all of a float32 sum */
#endif
}

/* The largest of IN x[n]; elements that are nan may hide others, as their sum will be nan anyway. */
static REAL rows_maximum(ptrdiff_t n, const REAL *x)
{
    vec a = vsplat(-(REAL)INFINITY), b = a, c = a, d = a;
    ptrdiff_t i = 0;
    if (n >= ALIGNED_FROM && to_boundary(x) > 0) { /* what overlaps counts twice, which changes no maximum */
        a = vload(x);
        i = to_boundary(x);
    }
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
    return vlargest(vmax(vmax(a, b), vmax(c, d)));
}

/* Up to SETTLE registers of a row into the total, where `number` counts without those equal to `top`; the exponentials stored
   where asked. */
INLINE void rows_group(ptrdiff_t n, const REAL *x, distances ahead, reference ref, int shifted, int sums, vec top,
                       ivec *number, REAL *out, int keep, total *t)
{
    if (n == SETTLE * LANES)
        total_terms(SETTLE, LANES, x, LANES, ahead, ref, shifted, sums, top, number, out, LANES, keep, t);
    else
        STRIPS(i, n,
               total_terms(1, count, x + i, 0, ahead, ref, shifted, sums, top, number, keep ? out + i : NULL, 0, keep,
                           t););
    total_settle(t, sums);
}

/* One pass over a row but for the element at `skip`: the sum of its exponentials and, where asked, the exponentials (lifted
   by the headroom) stored. Returns whether any of these may be small. */
INLINE int rows_pass(ptrdiff_t n, const REAL *x, distances ahead, reference ref, int shifted, int sums, ptrdiff_t skip,
                     REAL *out, int keep, double *sum)
{
    enum { GROUP = SETTLE * LANES };
    const vec none = vsplat(0);
    total t = total_empty(sums);
    ptrdiff_t i = 0;
    if (sums == SUM_OTHERS && skip < n) {
        /* all before the group of that element, then the group without it: all but one of those equal to it come back */
        const vec top = vsplat(x[skip]);
        for (; i + GROUP <= skip; i += GROUP)
            rows_group(GROUP, x + i, ahead, ref, shifted, sums, none, NULL, out, 0, &t);
        const ptrdiff_t count = n - i < GROUP ? n - i : GROUP;
        ivec number = vonly((skip - i) % LANES);
        rows_group(count, x + i, ahead, ref, shifted, sums, top, &number, out, 0, &t);
        total_add_equal(&t, top, ref, number);
        i += count;
    }
    for (; i + GROUP <= n; i += GROUP)
        rows_group(GROUP, x + i, ahead, ref, shifted, sums, none, NULL, keep ? out + i : NULL, keep, &t);
    if (i < n)
        rows_group(n - i, x + i, ahead, ref, shifted, sums, none, NULL, keep ? out + i : NULL, keep, &t);
    total_fold(t, sums, sum);
    return keep && is_small(t.least);
}

INLINE int rows_choose(ptrdiff_t n, const REAL *x, distances ahead, REAL m, int sums, ptrdiff_t skip, REAL *out,
                       int keep, double *sum)
{
    reference ref = reference_of(vsplat(m));
    return is_shifted(ref) ? rows_pass(n, x, ahead, ref, 1, sums, skip, out, keep, sum)
                           : rows_pass(n, x, ahead, ref, 0, sums, skip, out, keep, sum);
}

/* The same by spans. */
INLINE int rows_spans(ptrdiff_t n, const REAL *x, distances ahead, REAL m, int sums, ptrdiff_t skip, REAL *out,
                      int keep, double *sum)
{
    int small = 0;
    for (ptrdiff_t i = 0; i < n; i += SPAN * LANES) {
        ptrdiff_t some = n - i < SPAN * LANES ? n - i : SPAN * LANES;
        ptrdiff_t at = i <= skip && skip < i + some ? skip - i : some;
        small |= rows_choose(some, x + i, ahead, m, sums, at, keep ? out + i : NULL, keep, sum);
    }
    return small;
}

/* Adds the exponentials of IN x[n] under the reference of m to IN/OUT sum[2]. `ahead`: see lanes.h. */
static void rows_sum(ptrdiff_t n, const REAL *x, distances ahead, REAL m, double *sum)
{
    rows_spans(n, x, ahead, m, SUM_ALL, n, NULL, 0, sum);
}

/* The same with fewer digits (totals.h). */
static void rows_roughly(ptrdiff_t n, const REAL *x, distances ahead, REAL m, double *sum)
{
    rows_spans(n, x, ahead, m, SUM_ROUGHLY, n, NULL, 0, sum);
}

/* Adds them as rows_sum does, and OUT out[n] keeps the lifted exponentials; out may be x. Returns whether any may be small. */
static int rows_store(ptrdiff_t n, const REAL *x, distances ahead, REAL m, REAL *out, double *sum)
{
    return rows_spans(n, x, ahead, m, SUM_ALL, n, out, 1, sum);
}

/* Adds the exponentials of IN x[n] without element `skip` (n: with all) to a sum of others. */
static void rows_others(ptrdiff_t n, const REAL *x, distances ahead, REAL m, ptrdiff_t skip, double *sum)
{
    rows_spans(n, x, ahead, m, SUM_OTHERS, skip, NULL, 0, sum);
}

/* Where in IN x[n] the first element equal to m is; n where none is. */
static ptrdiff_t rows_find(ptrdiff_t n, const REAL *x, REAL m)
{
    const vec a = vsplat(m);
    ptrdiff_t i = 0;
    while (i + 4 * LANES <= n && !vany(vequal(vload(x + i), a) | vequal(vload(x + i + LANES), a) |
                                       vequal(vload(x + i + 2 * LANES), a) | vequal(vload(x + i + 3 * LANES), a)))
        i += 4 * LANES;
    while (i + LANES <= n && !vany(vequal(vload(x + i), a)))
        i += LANES;
    while (i < n && x[i] != m)
        i++;
    return i;
}

/* term (inverse + inverse_low), rounded once. */
INLINE vec product_of_parts(vec term, vec inverse, vec inverse_low)
{
#if HAS_FMA
    return vfma(term, inverse, term * inverse_low);
#else
    vec error, p = two_product(term, inverse, &error);
    return p + (error + term * inverse_low);
#endif
}

/* The same where it may be subnormal, or 0: lifted, and rounded to whole multiples of the least number by an addition, as some
   processors take a hundred cycles for an operation with a subnormal result. */
INLINE vec small_product_of_parts(vec term, vec inverse, vec inverse_low)
{
    const vec lift = vsplat(LIFT), least = vsplat(RESULT_BITS);
    vec lifted = product_of_parts(term, inverse * lift, inverse_low * lift);
    ivec subnormal = vless(lifted, least);
    vec bits = as_real(as_int(lifted + least) - as_int(least));
    return vselect(subnormal, bits, vselect(subnormal, least, lifted) * vsplat(UNLIFT));
}

/* A lifted exponential over the sum, given the sum's inverse in two parts; never above 1. `small`: whether any is. */
INLINE vec quotient(vec term, vec inverse, vec inverse_low, int small)
{
    return vmin(vsplat(1), small ? small_product_of_parts(term, inverse, inverse_low)
                                 : product_of_parts(term, inverse, inverse_low));
}

/* Results follow, which go around the caches where `stream` says so. */

/* OUT out[n]: lifted exponentials IN x[n] become softmax; inverse[2] from states_inverse; `small`: whether any may be; out may be x. */
static void rows_normalise(ptrdiff_t n, const REAL *x, const REAL *inverse, REAL *out, int small, int stream)
{
    const vec high = vsplat(inverse[0]), low = vsplat(inverse[1]);
    BY_FLAG(some_small, small, BY_STREAM(stream && is_aligned_by_strips(n, out), STRIPS_ALIGNED(i, n, out, {
                                             vec term = vload_first(x + i, count, LIFT);
                                             vec value = quotient(term, high, low, some_small && is_small(term));
                                             vstore_or_stream(out + i, value, count, streams);
                                         });););
}

/* OUT out[n]: softmax of IN x[n] from its maximum and inverse sum; to the bit what rows_store and rows_normalise give. */
static void rows_exponentiate(ptrdiff_t n, const REAL *x, REAL m, const REAL *inverse, REAL *out, int stream)
{
    reference ref = reference_of(vsplat(m));
    vec high = vsplat(inverse[0]), low = vsplat(inverse[1]);
    BY_STREAM(stream && is_aligned_by_strips(n, out), STRIPS_ALIGNED(i, n, out, {
                  vec rest, power = exponential(vload_first(x + i, count, 0), ref, 1, &rest);
                  vec term = vfma(power, rest, power);
                  vstore_or_stream(out + i, quotient(term, high, low, is_small(term)), count, streams);
              }););
}

/* OUT out[n] = (IN x[n] - m) - log: log_softmax; out may be x. Both differences have one sign: nothing cancels. */
static void rows_subtract(ptrdiff_t n, const REAL *x, REAL m, REAL log, REAL *out, int stream)
{
    vec a = vsplat(m), b = vsplat(log);
    BY_STREAM(stream && is_aligned_by_strips(n, out), STRIPS_ALIGNED(i, n, out, {
                  vec value = (vload_first(x + i, count, 0) - a) - b;
                  vstore_or_stream(out + i, value, count, streams);
              }););
}
