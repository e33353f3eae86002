/* Along: `width` rows of n numbers, row c at x + c * step and contiguous, each a reduction of its own. The arrays of states
   (maximum m, sum in two parts) have a member per row. */

/* Adds all lanes over S, the headroom taken out or made OTHERS_LIFT, to IN/OUT high + low. */
INLINE void row_fold(vec sum, vec rest, int sums, double *high, double *low)
{
    const double lift = sums == SUM_OTHERS ? OTHERS_LIFT * (double)UNLIFT : (double)UNLIFT;
    const double factor = lift * UNSCALE;
#if BITS == 64
    sum = lanes_sum(sum, rest, &rest);
    double error, whole = vlane(sum), product = whole * factor;
    *low += vlane(rest) * factor + (product_error(whole, factor, product) + whole * (lift * UNSCALE_LOW));
    *high = scalar_two_sum(*high, product, &error);
    *low += error;
#else
    (void)low; /* a double holds all of a float32 sum */
    *high += vsum_wide(sum, rest) * factor;
#endif
}

/* The largest of IN x[n], in all lanes; elements that are nan may hide others, as their sum will be nan anyway. */
INLINE vec row_largest(ptrdiff_t n, const REAL *x)
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

/* Raises IN/OUT m[width] to the largest of each row. */
static void rows_maximum(ptrdiff_t n, ptrdiff_t width, const REAL *x, ptrdiff_t step, REAL *m)
{
    for (ptrdiff_t c = 0; c < width; c++, x += step) {
        const REAL largest = vlane(row_largest(n, x));
        m[c] = largest > m[c] ? largest : m[c];
    }
}

/* Where in IN x[n] the first element equal to m is; n where none is. */
static ptrdiff_t row_find(ptrdiff_t n, const REAL *x, REAL m)
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

/* Some of a row into the total, where `number` counts without those equal to `top`; the exponentials stored where asked. */
INLINE void row_groups(ptrdiff_t n, const REAL *x, distances ahead, reference ref, int shifted, int sums, vec top,
                       ivec *number, REAL *out, int keep, total *t)
{
    const ptrdiff_t out_step = keep ? LANES : 0;
    ptrdiff_t i = 0;
    for (; i + SETTLE <= n / LANES; i += SETTLE) {
        total_terms(SETTLE, LANES, LANES, x + i * LANES, LANES, ahead, ref, shifted, sums, sums == SUM_ROUGHLY, top,
                    number, out + i * out_step, out_step, keep, t);
        total_settle(t, sums);
    }
    if (i * LANES == n)
        return;
    if (i + PLAINLY <= n / LANES) {
        total_terms(PLAINLY, LANES, LANES, x + i * LANES, LANES, ahead, ref, shifted, sums, sums == SUM_ROUGHLY, top,
                    number, out + i * out_step, out_step, keep, t);
        i += PLAINLY;
    }
    const ptrdiff_t terms = (n + LANES - 1) / LANES - i, left = n - (i + terms - 1) * LANES;
    total_terms(terms, LANES, left, x + i * LANES, LANES, ahead, ref, shifted, sums, 0, top, number, out + i * out_step,
                out_step, keep, t);
    total_settle(t, sums);
}

/* One pass over a row, SPAN registers of it at most, and the exponentials (lifted by the headroom) stored where asked. The groups from
   `start` to `end` hold what is equal to m, and one such element is left out. */
INLINE total row_pass(ptrdiff_t n, const REAL *x, distances ahead, vec top, reference ref, int shifted, int sums,
                      ptrdiff_t start, ptrdiff_t end, REAL *out, int keep)
{
    total t = total_empty(sums);
    if (sums == SUM_OTHERS && start < end) {
        ivec number = isplat(0);
        row_groups(start, x, ahead, ref, shifted, sums, top, NULL, out, 0, &t);
        row_groups(end - start, x + start, ahead, ref, shifted, sums, top, &number, out, 0, &t);
        const INT times = vcount(number);
        if (times > 1)
            total_add_equal(&t, top, ref, vwhere(vfew(1), isplat(times - 1)));
        n -= end;
        x += end;
    }
    row_groups(n, x, ahead, ref, shifted, sums, top, NULL, out, keep, &t);
    t.sum -= vsplat(BIAS(sums));
    return t;
}

/* The same for a row of any length: OUT what each lane has, in two parts. Returns whether any of what is stored may be small. */
INLINE int row_spans(ptrdiff_t n, const REAL *x, distances ahead, vec top, reference ref, int shifted, int sums,
                     ptrdiff_t start, ptrdiff_t end, REAL *out, int keep, vec *sum, vec *rest)
{
    int small = 0;
    for (ptrdiff_t i = 0; i < n; i += SPAN * LANES) {
        const ptrdiff_t some = n - i < SPAN * LANES ? n - i : SPAN * LANES;
        const int here = i <= start && start < i + some; /* a span has whole groups */
        const total t = row_pass(some, x + i, ahead, top, ref, shifted, sums, here ? start - i : 0, here ? end - i : 0,
                                 keep ? out + i : out, keep);
        vec error = vsplat(0);
        *sum = i == 0 ? t.sum : two_sum(*sum, t.sum, &error);
        *rest = i == 0 ? t.low : *rest + (t.low + error);
        small |= keep && is_small(t.least);
    }
    return small;
}

/* Where the groups begin, OUT *end where they end, that hold what is equal to m, the maximum since `from`: a short row is not
   searched for it. */
INLINE ptrdiff_t row_groups_of(ptrdiff_t n, const REAL *x, REAL from, REAL m, ptrdiff_t *end)
{
    const ptrdiff_t group = SETTLE * LANES;
    ptrdiff_t start = 0;
    *end = n;
    if (!(from < m))
        *end = 0;
    else if (n > 2 * group) {
        start = row_find(n, x, m) / group * group;
        *end = n - start < group ? n : start + group;
    }
    return start;
}

INLINE int rows_pass(ptrdiff_t n, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead, const REAL *from,
                     const REAL *m, int sums, REAL *out, ptrdiff_t out_step, int keep, double *high, double *low)
{
    REAL shift[LANES], magic[LANES], least[LANES]; /* of references, as many as a register holds at once */
    int small = 0, shifted = 0;
    for (ptrdiff_t c = 0; c < width; c++, x += step, out += out_step) {
        const vec top = vsplat(m[c]);
        reference ref;
        if (width == 1) {
            ref = reference_of(top);
            shifted = is_shifted(ref);
        } else {
            if (c % LANES == 0) {
                ref = reference_of(vload_first(m + c, width - c, 0));
                shifted = is_shifted(ref);
                vstore(shift, ref.shift);
                vstore(magic, ref.magic);
                vstore(least, ref.least);
            }
            ref.shift = vsplat(shift[c % LANES]);
            ref.magic = vsplat(magic[c % LANES]);
            ref.least = vsplat(least[c % LANES]);
        }
        vec sum = vsplat(0), rest = sum;
        ptrdiff_t end = 0, start = sums == SUM_OTHERS ? row_groups_of(n, x, from[c], m[c], &end) : 0;
        small |= shifted ? row_spans(n, x, ahead, top, ref, 1, sums, start, end, out, keep, &sum, &rest)
                         : row_spans(n, x, ahead, top, ref, 0, sums, start, end, out, keep, &sum, &rest);
        row_fold(sum, rest, sums, high + c, low + c);
    }
    return small;
}

/* Adds the exponentials of each row under the reference of IN m[width] to IN/OUT high[width] + low[width]. `ahead`: see lanes.h. */
static void rows_sum(ptrdiff_t n, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead, const REAL *m,
                     double *high, double *low)
{
    rows_pass(n, width, x, step, ahead, NULL, m, SUM_ALL, NULL, 0, 0, high, low);
}

/* The same with fewer digits (totals.h). */
static void rows_roughly(ptrdiff_t n, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead, const REAL *m,
                         double *high, double *low)
{
    rows_pass(n, width, x, step, ahead, NULL, m, SUM_ROUGHLY, NULL, 0, 0, high, low);
}

/* Adds them as rows_sum does, and OUT out keeps the lifted exponentials; out may be x. Returns whether any may be small. */
static int rows_store(ptrdiff_t n, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead, const REAL *m,
                      REAL *out, ptrdiff_t out_step, double *high, double *low)
{
    return rows_pass(n, width, x, step, ahead, NULL, m, SUM_ALL, out, out_step, 1, high, low);
}

/* Adds to sums of others. Where IN m[width] exceeds IN from[width], the maximum so far, it is in this row: one element equal
   to it is left out. */
static void rows_others(ptrdiff_t n, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead, const REAL *from,
                        const REAL *m, double *high, double *low)
{
    rows_pass(n, width, x, step, ahead, from, m, SUM_OTHERS, NULL, 0, 0, high, low);
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
    vmask subnormal = vless(lifted, least);
    vec bits = as_real(as_int(lifted + least) - as_int(least));
    return vselect(subnormal, bits, vselect(subnormal, least, lifted) * vsplat(UNLIFT));
}

/* 1 over a lifted sum, likewise in two parts; nan where there is no softmax (m = -inf, inf). */
INLINE vec inverse_lifted(vec m, vec sum, vec rest, vec *low)
{
    const vec one = vsplat(1), inverse = one / sum;
    *low = vfnma(inverse, rest, residual(one, inverse, sum)) * inverse;
    return inverse + (m - m);
}

/* A lifted exponential over the sum, given the sum's inverse in two parts; never above 1. `small`: whether any is. */
INLINE vec quotient(vec term, vec inverse, vec inverse_low, int small)
{
    return vmin(vsplat(1), small ? small_product_of_parts(term, inverse, inverse_low)
                                 : product_of_parts(term, inverse, inverse_low));
}

/* Results follow, which go around the caches where `stream` says so. What is read and written next is fetched so many bytes ahead, as
   the processor's own prefetching does not bring it as far as the first-level cache. */
#ifndef ROW_AHEAD
#define ROW_AHEAD 2048
#endif

/* Lifted exponentials IN/OUT x[n] become softmax; `small`: whether any may be. What does not fill a register at either end is done
   with its neighbours, read before these are written: a load behind a store of some lanes would wait for it to leave the processor. */
INLINE void row_divide(ptrdiff_t n, REAL *x, vec inverse, vec inverse_low, int small)
{
    if (n < LANES) {
        const vec term = vload_some(x, n, LIFT);
        vstore_some(x, quotient(term, inverse, inverse_low, small && is_small(term)), n);
        return;
    }
    const ptrdiff_t lead = n < ALIGNED_FROM ? 0 : to_boundary(x), end = n - (n - lead) % LANES;
    BY_FLAG(some_small, small, {
        const vec first = vload(x), last = vload(x + n - LANES);
        for (ptrdiff_t i = lead; i < end; i += LANES) {
            vprefetch(x + i, ROW_AHEAD);
            const vec term = vload(x + i);
            vstore(x + i, quotient(term, inverse, inverse_low, some_small && is_small(term)));
        }
        if (lead > 0)
            vstore(x, quotient(first, inverse, inverse_low, some_small && is_small(first)));
        if (end < n)
            vstore(x + n - LANES, quotient(last, inverse, inverse_low, some_small && is_small(last)));
    });
}

/* OUT out: softmax of IN x[n], a row by itself, whose sum need not leave its register. */
static void row_softmax(ptrdiff_t n, const REAL *x, distances ahead, REAL *out)
{
    const vec top = row_largest(n, x);
    const reference ref = reference_of(top);
    vec low, sum = vsplat(0), rest = sum;
    int small;
    BY_FLAG(shifted, is_shifted(ref),
            small = row_spans(n, x, ahead, top, ref, shifted, SUM_ALL, 0, 0, out, 1, &sum, &rest););
    sum = lanes_sum(sum, rest, &rest);
    const vec inverse = inverse_lifted(top, sum, rest, &low);
    row_divide(n, out, inverse, low, small);
}

/* Lifted exponentials become softmax row by row; IN inverse[width] + inverse_low[width] from states_inverse. */
static void rows_normalise(ptrdiff_t n, ptrdiff_t width, REAL *x, ptrdiff_t step, const REAL *inverse,
                           const REAL *inverse_low, int small)
{
    for (ptrdiff_t c = 0; c < width; c++, x += step)
        row_divide(n, x, vsplat(inverse[c]), vsplat(inverse_low[c]), small);
}

/* OUT out: softmax of IN x from maxima and inverse sums; to the bit what rows_store and rows_normalise give. */
static void rows_exponentiate(ptrdiff_t n, ptrdiff_t width, const REAL *x, ptrdiff_t step, const REAL *m,
                              const REAL *inverse, const REAL *inverse_low, REAL *out, ptrdiff_t out_step, int stream)
{
    BY_STREAM(stream && is_aligned_by_strips(n, out), {
        for (ptrdiff_t c = 0; c < width; c++, x += step, out += out_step) {
            const reference ref = reference_of(vsplat(m[c]));
            const vec high = vsplat(inverse[c]), low = vsplat(inverse_low[c]);
            STRIPS_ALIGNED(i, n, out, {
                vprefetch(x + i, ROW_AHEAD);
                if (!streams)
                    vprefetch(out + i, ROW_AHEAD);
                vec rest, power = exponential(vload_first(x + i, count, 0), ref, 1, &rest);
                vec term = vfma(power, rest, power);
                vstore_or_stream(out + i, quotient(term, high, low, is_small(term)), count, streams);
            });
        }
    });
}

/* OUT out[n] = (IN x - m) - log: log_softmax; out may be x. Both differences have one sign: nothing cancels. `streams` is a constant. */
INLINE void row_subtract(ptrdiff_t n, const REAL *x, vec m, vec log, REAL *out, int streams)
{
    STRIPS_ALIGNED(i, n, out, {
        vprefetch(x + i, ROW_AHEAD);
        if (!streams)
            vprefetch(out + i, ROW_AHEAD);
        vstore_or_stream(out + i, (vload_first(x + i, count, 0) - m) - log, count, streams);
    });
}

/* The same row by row. */
static void rows_subtract(ptrdiff_t n, ptrdiff_t width, const REAL *x, ptrdiff_t step, const REAL *m, const REAL *log,
                          REAL *out, ptrdiff_t out_step, int stream)
{
    BY_STREAM(stream && is_aligned_by_strips(n, out), {
        for (ptrdiff_t c = 0; c < width; c++, x += step, out += out_step)
            row_subtract(n, x, vsplat(m[c]), vsplat(log[c]), out, streams);
    });
}
