/* Sums of terms b exp(x) along rows whose weights b, of either sign, lie within 2^WEIGHT_RANGE of each other, and 0. weighted.h has
   the others. Powers are lifted further until the largest product lies near 2^WEIGHT_RANGE, so that of no product that counts
   the second part is subnormal. */

typedef struct {
    REAL largest, least, most; /* of x with a weight, and of the weights' sizes */
    int differ;                /* whether any weight is negative */
} extent;

INLINE extent extent_of(ptrdiff_t n, const REAL *x, const REAL *b)
{
    const vec infinite = vsplat(INFINITE), zero = vsplat(0);
    vec largest = -infinite, least = infinite, most = zero;
    vmask negative = vfew(0);
    STRIPS(i, n, {
        vec w = vload_first(b + i, count, 0), size = vabs(w);
        negative |= vless(w, zero);
        vmask counts = vless(zero, size);
        largest = vmax(largest, vselect(counts, vload_first(x + i, count, 0), -infinite));
        least = vmin(least, vselect(counts, size, infinite));
        most = vmax(most, size);
    });
    return (extent){vlane(vlargest(largest)), -vlane(vlargest(-least)), vlane(vlargest(most)), vany(negative)};
}

/* Some terms into the total, which has no bias, and their sizes where these differ (a constant). Where x exceeds `top` its weight is 0. */
INLINE void total_add_weighted(ptrdiff_t n, const REAL *x, const REAL *b, reference ref, vec top, int differ, total *t,
                               vec *size)
{
    vec error;
    STRIPS(i, n, {
        vec rest, product_low, power = exponential(vmin(top, vload_first(x + i, count, 0)), ref, 1, &rest);
        vec product = two_product(power, vload_first(b + i, count, 0), &product_low);
        t->sum = two_sum(t->sum, product, &error);
        t->low += error + product_low;
        t->part = vfma(product, rest, t->part);
        if (differ)
            *size += vabs(product);
    });
    t->sum = two_sum(t->sum, t->part, &error);
    t->low += error;
    t->part = vsplat(0);
}

/* Adds those of a row to IN/OUT high + low and size, lifted by OTHERS_LIFT. */
INLINE void row_add_weighted(ptrdiff_t n, const REAL *x, const REAL *b, reference ref, vec top, int differ,
                             double *high, double *low, double *size)
{
    double none = 0;
    for (ptrdiff_t start = 0; start < n; start += SPAN * LANES) {
        const ptrdiff_t end = n - start < SPAN * LANES ? n : start + SPAN * LANES;
        total t = total_empty(SUM_OTHERS), sizes = t;
        for (ptrdiff_t i = start; i < end; i += SETTLE * LANES)
            total_add_weighted(end - i < SETTLE * LANES ? end - i : SETTLE * LANES, x + i, b + i, ref, top, differ, &t,
                               &sizes.sum);
        row_fold(t.sum, t.low, SUM_OTHERS, high, low);
        if (differ)
            row_fold(sizes.sum, sizes.low, SUM_OTHERS, size, &none);
    }
    if (!differ)
        *size = *high;
}

/* The power of two at or below a positive normal number; far outside for others. */
INLINE int exponent_of(REAL a)
{
    INT bits;
    memcpy(&bits, &a, sizeof bits);
    return (int)(bits >> SIGNIFICAND) - (BITS == 64 ? 1023 : 127);
}

/* OUT, for each of `width` rows: its maximum, and the sum of its terms high + low and that of their sizes, over 2^power[c] and under
   exp(shift[c]). A size of inf says that the row has to be summed otherwise. */
static void rows_weighted(ptrdiff_t n, ptrdiff_t width, const REAL *x, ptrdiff_t step, const REAL *b, ptrdiff_t b_step,
                          double *maximum, double *shift, double *power, double *high, double *low, double *size)
{
    for (ptrdiff_t c = 0; c < width; c++, x += step, b += b_step) {
        const extent all = extent_of(n, x, b);
        const int lift = WEIGHT_RANGE - exponent_of(all.most);
        maximum[c] = shift[c] = power[c] = high[c] = low[c] = 0;
        size[c] = INFINITY;
        if (!(exponent_of(all.most) - exponent_of(all.least) < WEIGHT_RANGE && LEAST_LIFT <= lift &&
              lift <= MOST_LIFT && -INFINITE < all.largest && all.largest < INFINITE))
            continue;
        reference ref = reference_of(vsplat(all.largest));
        maximum[c] = (double)all.largest;
        shift[c] = (double)vlane(ref.shift);
        power[c] = (SCALED_MAGIC + HEADROOM) - (double)vlane(ref.magic) - lift;
        ref.magic += vsplat((REAL)lift);
        size[c] = 0;
        BY_FLAG(differ, all.differ,
                row_add_weighted(n, x, b, ref, vsplat(all.largest), differ, &high[c], &low[c], &size[c]););
        high[c] /= OTHERS_LIFT;
        low[c] /= OTHERS_LIFT;
        size[c] /= OTHERS_LIFT;
    }
}
