/* Across: a tile of `rows` x `width` numbers, row r at x + r * step, each column a reduction of its own; the lanes of a
   register are neighbouring columns. The arrays of states (maximum m, sum in two parts) have a member per column. */

/* Rows of a tile that are read or written strip by strip, before those that follow: each may lie in a page of its own, and more
   pages than this are not found again by the next strip. */
#ifndef PAGES
#define PAGES 32
#endif

/* Raises IN/OUT m[width] to the largest of each column: wide rows, which may come from afar, as they lie; narrow ones
   by columns, so that no maximum waits for the last to be stored. */
static void columns_maximum(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, REAL *m)
{
    if (width >= 8 * LANES && rows > PAGES)
        for (ptrdiff_t r = 0; r < rows; r++, x += step)
            STRIPS(c, width,
                   vstore_first(m + c, vmax(vload_first(m + c, count, 0), vload_first(x + c, count, 0)), count););
    else
        for (ptrdiff_t start = 0; start < rows; start += PAGES) {
            const ptrdiff_t end = rows - start < PAGES ? rows : start + PAGES;
            STRIPS(c, width, {
                vec largest = vload_first(m + c, count, 0);
                for (ptrdiff_t r = start; r < end; r++)
                    largest = vmax(largest, vload_first(x + r * step + c, count, 0));
                vstore_first(m + c, largest, count);
            });
        }
}

/* Adds the first `count` lanes over S, the headroom taken out or made OTHERS_LIFT, to IN/OUT high[count] + low[count]. */
INLINE void columns_fold(total t, int sums, double *high, double *low, ptrdiff_t count)
{
    const double lift = sums == SUM_OTHERS ? OTHERS_LIFT * (double)UNLIFT : (double)UNLIFT;
    t.sum -= vsplat(BIAS(sums));
#if BITS == 64
    vec factor = vsplat(lift * UNSCALE), product_low, error, product = two_product(t.sum, factor, &product_low);
    vec rest = vfma(t.low, factor, vfma(t.sum, vsplat(lift * UNSCALE_LOW), product_low));
    vstore_first(high, two_sum(vload_first(high, count, 0), product, &error), count);
    vstore_first(low, vload_first(low, count, 0) + (error + rest), count);
#else
    (void)low; /* a double holds all of a float32 sum */
    if (count >= LANES) {
        vadd_wide(high, t.sum, t.low, lift * UNSCALE);
        return;
    }
    double all[LANES] = {0};
    vadd_wide(all, t.sum, t.low, lift * UNSCALE);
    for (int k = 0; k < count; k++)
        high[k] += all[k];
#endif
}

/* Some rows of one strip into the total, where asked without those equal to `top`; the exponentials stored where asked. */
INLINE void columns_strip(ptrdiff_t rows, ptrdiff_t count, const REAL *x, ptrdiff_t step, distances ahead,
                          reference ref, int shifted, int sums, vec top, ivec *number, REAL *out, ptrdiff_t out_step,
                          int keep, total *t)
{
    ptrdiff_t r = 0;
    if (sums != SUM_OTHERS)
        number = NULL;
    for (; r + SETTLE <= rows; r += SETTLE) {
        total_terms(SETTLE, count, count, x + r * step, step, ahead, ref, shifted, sums, sums == SUM_ROUGHLY, top,
                    number, out + r * out_step, out_step, keep, t);
        total_settle(t, sums);
    }
    if (r == rows)
        return;
    total_terms(rows - r, count, count, x + r * step, step, ahead, ref, shifted, sums, 0, top, number,
                out + r * out_step, out_step, keep, t);
    total_settle(t, sums);
}

INLINE int columns_pass(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead,
                        const REAL *from, const REAL *m, int sums, REAL *out, ptrdiff_t out_step, int keep,
                        double *high, double *low)
{
    int small = 0;
    STRIPS(c, width, {
        vec top = vload_first(m + c, count, 0), apart_from = top;
        reference ref = reference_of(top);
        ivec number = isplat(0);
        if (sums == SUM_OTHERS) {
            /* the maximum is here where it has risen; all but one of those equal to it come back */
            vmask risen = vless(vload_first(from + c, count, 0), top);
            number = vwhere(risen, isplat(-1));
            apart_from = vselect(risen, top, vsplat((REAL)NAN));
        }
        for (ptrdiff_t r = 0; r < rows; r += SPAN) {
            const ptrdiff_t some = rows - r < SPAN ? rows - r : SPAN;
            const REAL *from_x = x + r * step + c;
            REAL *to = keep ? out + r * out_step + c : NULL;
            total t = total_empty(sums);
            if (is_shifted(ref))
                columns_strip(some, count, from_x, step, ahead, ref, 1, sums, apart_from, &number, to, out_step, keep,
                              &t);
            else
                columns_strip(some, count, from_x, step, ahead, ref, 0, sums, apart_from, &number, to, out_step, keep,
                              &t);
            if (sums == SUM_OTHERS && r + some == rows)
                total_add_equal(&t, top, ref, number);
            columns_fold(t, sums, high + c, low + c, count);
            small |= keep && is_small(t.least);
        }
    });
    return small;
}

/* Adds the exponentials of each column under the reference of IN m[width] to IN/OUT high[width] + low[width]. */
static void columns_sum(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead, const REAL *m,
                        double *high, double *low)
{
    columns_pass(rows, width, x, step, ahead, NULL, m, SUM_ALL, NULL, 0, 0, high, low);
}

/* The same with fewer digits (totals.h). */
static void columns_roughly(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead,
                            const REAL *m, double *high, double *low)
{
    columns_pass(rows, width, x, step, ahead, NULL, m, SUM_ROUGHLY, NULL, 0, 0, high, low);
}

/* Adds them as columns_sum does, and OUT out keeps the lifted exponentials; out may be x. Returns whether any may be small. */
static int columns_store(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead, const REAL *m,
                         REAL *out, ptrdiff_t out_step, double *high, double *low)
{
    int small = 0;
    for (ptrdiff_t r = 0; r < rows; r += PAGES)
        small |= columns_pass(rows - r < PAGES ? rows - r : PAGES, width, x + r * step, step, ahead, NULL, m, SUM_ALL,
                              out + r * out_step, out_step, 1, high, low);
    return small;
}

/* Adds to sums of others. Where IN m[width] exceeds IN from[width], the maximum so far, it is among these rows: one
   element equal to it is left out. */
static void columns_others(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead,
                           const REAL *from, const REAL *m, double *high, double *low)
{
    columns_pass(rows, width, x, step, ahead, from, m, SUM_OTHERS, NULL, 0, 0, high, low);
}

/* Whether registers of all rows lie at boundaries. */
INLINE int columns_aligned(const REAL *p, ptrdiff_t step)
{
    return (uintptr_t)p % sizeof(vec) == 0 && (size_t)step * sizeof(REAL) % sizeof(vec) == 0;
}

/* OUT out: lifted exponentials IN x become softmax; the inverse in two parts; out may be x. `small` and `stream`: see rows.h. `fetch`:
   whether the eighth row from each is fetched. */
static void columns_divide(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, const REAL *inverse,
                           const REAL *inverse_low, REAL *out, ptrdiff_t out_step, int small, int stream, int fetch)
{
    const ptrdiff_t ahead = 8 * out_step * (ptrdiff_t)sizeof(REAL);
    BY_FLAG(some_small, small, BY_STREAM(stream && columns_aligned(out, out_step), {
                for (ptrdiff_t r = 0; r < rows; r++, x += step, out += out_step) {
                    const int fetches = fetch && !streams && r + 8 < rows;
                    STRIPS(c, width, {
                        vec a = vload_first(inverse + c, count, 0), b = vload_first(inverse_low + c, count, 0);
                        vec term = vload_first(x + c, count, LIFT);
                        if (fetches)
                            vprefetch(out + c, ahead);
                        vstore_or_stream(out + c, quotient(term, a, b, some_small && is_small(term)), count, streams);
                    });
                }
            }););
}

/* The same in place. */
static void columns_normalise(ptrdiff_t rows, ptrdiff_t width, REAL *x, ptrdiff_t step, const REAL *inverse,
                              const REAL *inverse_low, int small)
{
    columns_divide(rows, width, x, step, inverse, inverse_low, x, step, small, 0, 0);
}

/* OUT m[width]: the largest of each column. */
INLINE void columns_largest_of(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, REAL *m)
{
    STRIPS(c, width, vstore_first(m + c, vsplat(-INFINITE), count););
    columns_maximum(rows, width, x, step, m);
}

/* OUT out: softmax of columns few enough to stay in the first-level cache with what is kept of them. OUT, for each: the maximum m and what its
   lifted exponentials, in OUT kept, were multiplied by. Adds these to IN/OUT high[width] + low[width] too, unless NULL. kept may
   be x or out, and out may be x. `stream`: see rows.h. */
static void columns_softmax(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead, REAL *m,
                            REAL *inverse, REAL *inverse_low, double *high, double *low, REAL *kept,
                            ptrdiff_t kept_step, REAL *out, ptrdiff_t out_step, int stream)
{
    int small = 0;
    columns_largest_of(rows, width, x, step, m);
    STRIPS(c, width, {
        const vec top = vload_first(m + c, count, 0);
        const reference ref = reference_of(top);
        vec rest, part;
        total t = total_empty(SUM_ALL);
        BY_FLAG(shifted, is_shifted(ref),
                columns_strip(rows, count, x + c, step, ahead, ref, shifted, SUM_ALL, top, NULL, kept + c, kept_step, 1,
                              &t););
        small |= is_small(t.least);
        if (high)
            columns_fold(t, SUM_ALL, high + c, low + c, count);
        vec sum = fast_two_sum(t.sum - vsplat(BIAS(SUM_ALL)), t.low, &rest);
        vstore_first(inverse + c, inverse_lifted(top, sum, rest, &part), count);
        vstore_first(inverse_low + c, part, count);
    });
    columns_divide(rows, width, kept, kept_step, inverse, inverse_low, out, out_step, small, stream,
                   kept != out && ahead.result == 0);
}

/* OUT out: softmax of IN x from maxima and inverse sums; to the bit what columns_store and columns_normalise give. The rows that
   follow, as many, are fetched meanwhile, and so are those of out. */
static void columns_exponentiate(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, const REAL *m,
                                 const REAL *inverse, const REAL *inverse_low, REAL *out, ptrdiff_t out_step,
                                 int stream)
{
    const distances ahead = {rows * step * (ptrdiff_t)sizeof(REAL), rows * out_step * (ptrdiff_t)sizeof(REAL)};
    BY_STREAM(stream && columns_aligned(out, out_step), {
        STRIPS(c, width, {
            reference ref = reference_of(vload_first(m + c, count, 0));
            vec a = vload_first(inverse + c, count, 0), b = vload_first(inverse_low + c, count, 0);
            for (ptrdiff_t r = 0; r < rows; r++) {
                const REAL *from = x + r * step + c;
                REAL *to = out + r * out_step + c;
                vprefetch(from, ahead.next);
                if (!streams)
                    vprefetch(to, ahead.result);
                vec rest, power = exponential(vload_first(from, count, 0), ref, 1, &rest);
                vec term = vfma(power, rest, power);
                vstore_or_stream(to, quotient(term, a, b, is_small(term)), count, streams);
            }
        });
    });
}

/* OUT out = (IN x - m) - log, column by column: log_softmax; out may be x. The eighth row from each is fetched meanwhile, but none beyond
   a few rows: what follows these, if anything, was fetched with them while they were summed. */
static void columns_subtract(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, const REAL *m,
                             const REAL *log, REAL *out, ptrdiff_t out_step, int stream)
{
    const distances ahead = {8 * step * (ptrdiff_t)sizeof(REAL), 8 * out_step * (ptrdiff_t)sizeof(REAL)};
    BY_STREAM(stream && (columns_aligned(out, out_step) || is_aligned_by_strips(width, out)), {
        for (ptrdiff_t r = 0; r < rows; r++, x += step, out += out_step) {
            const int fetches = rows > 16 || r + 8 < rows;
            STRIPS_ALIGNED(c, width, out, {
                if (fetches)
                    vprefetch(x + c, ahead.next);
                if (fetches && !streams)
                    vprefetch(out + c, ahead.result);
                vec difference = vload_first(x + c, count, 0) - vload_first(m + c, count, 0);
                vstore_or_stream(out + c, difference - vload_first(log + c, count, 0), count, streams);
            });
        }
    });
}
