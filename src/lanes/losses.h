/* Losses on logits. */

/* factor * x, where a factor of 0 hides inf and nan. */
INLINE vec hiding(vec factor, vec x)
{
    return vselect(vless(vabs(factor), vsplat(SMALLEST)), vsplat(0), factor * x);
}

/* Adds all lanes to IN/OUT out[2]; the rest, which is nan where the sum is inf, to the second alone. */
INLINE void add_lanes(vec sum, vec rest, double *out)
{
    double error;
#if BITS == 64
    sum = lanes_sum(sum, rest, &rest);
    const double low = vlane(rest), high = vlane(sum);
#else
    const double low = vsum_wide(rest, vsplat(0)), high = vsum_wide(sum, vsplat(0));
#endif
    out[0] = scalar_two_sum(out[0], high, &error);
    out[1] += low + error;
}

/* What a target has in some classes, and what these cost more than the one apart, each in two parts. */
typedef struct {
    vec shares, shares_low, costs, costs_low;
} target_sums;

INLINE target_sums target_empty(void)
{
    target_sums sums = {vsplat(0), vsplat(0), vsplat(0), vsplat(0)};
    return sums;
}

/* Adds the two elements, rounded once together: half as many exact additions, and less than an ulp. */
INLINE void target_add(target_sums *sums, vec one, vec x, vec share, vec next_x, vec next_share)
{
    vec error, cost = hiding(share, one - x) + hiding(next_share, one - next_x);
    sums->shares = two_sum(sums->shares, share + next_share, &error);
    sums->shares_low += error;
    sums->costs = two_sum(sums->costs, cost, &error);
    sums->costs_low += error;
}

/* Adds to IN/OUT sum[4] in two parts each: the shares IN target[n], and what they cost, target * (one - IN x[n]). */
static void rows_target(ptrdiff_t n, const REAL *x, const REAL *target, REAL one, double *sum)
{
    target_sums sums = target_empty();
    const vec apart = vsplat(one), none = vsplat(0);
    ptrdiff_t done = 0;
    for (; done + 2 * LANES <= n; done += 2 * LANES)
        target_add(&sums, apart, vload(x + done), vload(target + done), vload(x + done + LANES),
                   vload(target + done + LANES));
    STRIPS(i, n - done, {
        target_add(&sums, apart, vload_first(x + done + i, count, 0), vload_first(target + done + i, count, 0), apart,
                   none);
    });
    add_lanes(sums.shares, sums.shares_low, sum);
    add_lanes(sums.costs, sums.costs_low, sum + 2);
}

/* Raises IN/OUT m[width] to the largest of each column of a tile. OUT where[width]: its row, -1 where no row is larger. What lies
   `ahead` bytes behind is fetched. */
static void columns_largest(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, ptrdiff_t ahead, REAL *m,
                            REAL *where)
{
    STRIPS(c, width, {
        vec largest = vload_first(m + c, count, 0), best = vsplat(-1), row = vsplat(0);
        for (ptrdiff_t r = 0; r < rows; r++) {
            vprefetch(x + r * step + c, ahead);
            vec at = vload_first(x + r * step + c, count, 0);
            vmask larger = vless(largest, at);
            largest = vselect(larger, at, largest);
            best = vselect(larger, row, best);
            row += vsplat(1);
        }
        vstore_first(m + c, largest, count);
        vstore_first(where + c, best, count);
    });
}

/* Adds a register in two parts to IN/OUT sum[count] + sum_low[count]. */
INLINE void add_columns(vec high, vec low, double *sum, double *sum_low, ptrdiff_t count)
{
    REAL highs[LANES], lows[LANES];
    vstore(highs, high);
    vstore(lows, low);
    for (ptrdiff_t k = 0; k < (count < LANES ? count : LANES); k++) {
#if BITS == 64
        double error;
        sum[k] = scalar_two_sum(sum[k], highs[k], &error);
        sum_low[k] += lows[k] + error;
#else
        sum[k] += (double)highs[k];
        sum_low[k] += (double)lows[k];
#endif
    }
}

/* rows_target for each column of a tile, but for its row IN where[width], if there is one such; the members of IN/OUT sum `span` apart.
   What lies `ahead` bytes behind the targets is fetched. */
static void columns_target(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, const REAL *target,
                           ptrdiff_t target_step, ptrdiff_t ahead, const REAL *one, const REAL *where, double *sum,
                           ptrdiff_t span)
{
    STRIPS(c, width, {
        target_sums sums = target_empty();
        const vec apart = vload_first(one + c, count, 0), here = vload_first(where + c, count, -1), none = vsplat(0);
        vec row = none;
        const REAL *at = x + c;
        const REAL *share_at = target + c;
        for (ptrdiff_t left = rows; left > 0; left -= 2, at += 2 * step, share_at += 2 * target_step) {
            const int two = left > 1;
            vprefetch(share_at, ahead);
            vprefetch(share_at + target_step, ahead);
            vec share = vload_first(share_at, count, 0),
                next = two ? vload_first(share_at + target_step, count, 0) : none;
            share = vselect(vequal(row, here), none, share);
            next = vselect(vequal(row + vsplat(1), here), none, next);
            target_add(&sums, apart, vload_first(at, count, 0), share, two ? vload_first(at + step, count, 0) : apart,
                       next);
            row += vsplat(2);
        }
        add_columns(sums.shares, sums.shares_low, sum + c, sum + span + c, count);
        add_columns(sums.costs, sums.costs_low, sum + 2 * span + c, sum + 3 * span + c, count);
    });
}

/* Multiplies an inverse, IN/OUT in two parts as for `quotient`, by factor + factor_low. A term times it has yet to be multiplied by
   what is returned: a power of two that keeps what comes before within the range of floats, or a factor that is infinite, as the
   parts of an infinite product would be inf and nan. */
INLINE vec multiply_inverse(vec factor, vec factor_low, vec *inverse, vec *inverse_low)
{
    const vec one = vsplat(1), lift = vsplat(LIFT), unlift = vsplat(UNLIFT), infinite = vsplat(INFINITE);
    vmask small = vless(vabs(factor), one), finite = vless(vabs(factor), infinite);
    vec before = vselect(small, one, unlift), times = vselect(finite, factor * before, one), error;
    vec lifted = *inverse * lift;
    *inverse = two_product(lifted, times, &error);
    error += vfma(lifted, factor_low * before, *inverse_low * lift * times);
    *inverse_low = vselect(vless(vabs(error), infinite), error, vsplat(0));
    return vselect(finite, vselect(small, unlift, one), factor);
}

/* A lifted exponential times such an inverse: subnormal, if at all, only in the last step. */
INLINE vec multiple(vec term, vec inverse, vec inverse_low, vec last)
{
#if HAS_FMA
    return vfma(term, inverse, term * inverse_low) * last;
#else
    vec error, p = two_product(term, inverse, &error);
    return (p + (error + term * inverse_low)) * last;
#endif
}

/* Softmax of the others (as in rows_exponentiate) at elements x, times such an inverse; 0 at once for what lies deeper than terms count,
   as masked logits do, and the one apart that is out of its tile: of such products some processors take a hundred cycles for each. */
INLINE vec slope_at(vec x, reference ref, vec inverse, vec inverse_low, vec last)
{
    vec rest, power = exponential(x, ref, 1, &rest);
    power = vselect(vless(x, ref.shift + ref.least), vsplat(0), power);
    return multiple(vfma(power, rest, power), inverse, inverse_low, last);
}

/* OUT out[n]: softmax of the others times factor[2], less the target's shares, if any, times `scale`. */
static void rows_slope(ptrdiff_t n, const REAL *x, REAL m, const REAL *inverse, const REAL *factor, const REAL *target,
                       REAL scale, REAL *out)
{
    reference ref = reference_of(vsplat(m));
    vec high = vsplat(inverse[0]), low = vsplat(inverse[1]);
    const vec last = multiply_inverse(vsplat(factor[0]), vsplat(factor[1]), &high, &low);
    STRIPS_ALIGNED(i, n, out, {
        vprefetch(x + i, ROW_AHEAD);
        vprefetch(out + i, ROW_AHEAD);
        vec slope = slope_at(vload_first(x + i, count, 0), ref, high, low, last);
        if (target)
            slope -= vsplat(scale) * vload_first(target + i, count, 0);
        vstore_first(out + i, slope, count);
    });
}

/* The same for each column of a tile. What lies `ahead` bytes behind each result is written next, and fetched. */
static void columns_slope(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, const REAL *m,
                          const REAL *inverse, const REAL *inverse_low, const REAL *factor, const REAL *factor_low,
                          const REAL *target, ptrdiff_t target_step, REAL scale, REAL *out, ptrdiff_t out_step,
                          ptrdiff_t ahead)
{
    STRIPS(c, width, {
        reference ref = reference_of(vload_first(m + c, count, 0));
        vec high = vload_first(inverse + c, count, 0), low = vload_first(inverse_low + c, count, 0);
        const vec last =
            multiply_inverse(vload_first(factor + c, count, 0), vload_first(factor_low + c, count, 0), &high, &low);
        for (ptrdiff_t r = 0; r < rows; r++) {
            vec slope = slope_at(vload_first(x + r * step + c, count, 0), ref, high, low, last);
            if (target)
                slope -= vsplat(scale) * vload_first(target + r * target_step + c, count, 0);
            vprefetch(out + r * out_step + c, ahead);
            vstore_first(out + r * out_step + c, slope, count);
        }
    });
}

/* Binary cross entropy: OUT loss[n] and gradient[n] (times `scale`), each of them or NULL; the losses' sum is added to IN/OUT sum[2].
   IN x[n]: logits; target[n]; positive[n] and weight[n]: what multiplies the positive target's term and all, or NULL. Of the two terms
   z softplus(-x) + (1 - z) softplus(x) one is softplus(-|x|), the other larger by |x|. */
static void logistic(ptrdiff_t n, const REAL *x, const REAL *target, const REAL *positive, const REAL *weight,
                     REAL scale, REAL *loss, REAL *gradient, double *sum)
{
    const vec one = vsplat(1), unlift = vsplat(UNLIFT);
    vec all = vsplat(0), all_low = all;
    STRIPS(i, n, {
        vec at = vload_first(x + i, count, 0), z = vload_first(target + i, count, 0), size = vabs(at), low, error;
        vmask negative = vless(at, vsplat(0));
        vec yes = positive ? z * vload_first(positive + i, count, 0) : z, no = one - z;
        vec right = vselect(negative, no, yes),
            wrong = vselect(negative, yes, no); /* share of the sign of x, and of the other */
        vec high = decay(-size, vsplat(0), &low), tail = high * unlift;
        vec small = vselect(vless(vsplat(FAR), size), tail, log_of_one_plus_rounded(tail, low * unlift));
        vec value = hiding(right, small) + hiding(wrong, size + small);
        vec w = weight ? vload_first(weight + i, count, 0) : one;
        if (weight)
            value = hiding(w, value);
        if (loss)
            vstore_first(loss + i, value, count);
        if (gradient) {
            vec likely = one / (one + tail);
            vec slope = wrong * likely - right * (high * likely * unlift); /* of the loss by |x| */
            vstore_first(gradient + i, vselect(negative, -slope, slope) * (w * vsplat(scale)), count);
        }
        if (count < LANES) {
            REAL lane[LANES];
            vstore(lane, value);
            value = vload_some(lane, count, 0);
        }
        all = two_sum(all, value, &error);
        all_low += error;
    });
    add_lanes(all, all_low, sum);
}

#if BITS == 64

/* Adds to IN/OUT sum[2], in two parts: x[n]. */
static void compensated_sum(ptrdiff_t n, const double *x, double *sum)
{
    vec all = vsplat(0), all_low = all, error;
    STRIPS(i, n, {
        all = two_sum(all, vload_first(x + i, count, 0), &error);
        all_low += error;
    });
    add_lanes(all, all_low, sum);
}

/* Softmax cross entropy, in doubles for either type. Of a row one class stands apart from the others. Its surprisal, -log softmax, is
   softplus of the distance by which logsumexp of the others lies above it, and nothing cancels in that, however near to 0 it is. */

/* IN one[n]: the logits apart; the others' states as in states_finish. OUT surprisal[n], and slope[n] (or NULL): the sum of the
   others' probabilities. Where `one` and `m` are finite, within 2 ulp; returns whether any of them is not. */
static int surprisals(ptrdiff_t n, const double *one, const double *m, const double *high, const double *low,
                      const double *peak, const double *peak_low, double *surprisal, double *slope)
{
    vmask odd = vfew(0);
    STRIPS(i, n, {
        vec at = vload_first(m + i, count, 0), p = vload_first(peak + i, count, 1), error, product_low, tail;
        vec apart = vload_first(one + i, count, 0);
        /* the others relative to their largest: 1 + q + ql */
        vec top = two_sum(vload_first(high + i, count, 1), -p, &error);
        top = fast_two_sum(top, error + (vload_first(low + i, count, 0) - vload_first(peak_low + i, count, 0)), &error);
        vec inverse = vsplat(1) / p, q = top * inverse, product = two_product(q, p, &product_low);
        vec ql = (((top - product) - product_low) + (error - q * vload_first(peak_low + i, count, 0))) * inverse;
        /* the smaller of the two, over the larger, lifted */
        vec d = two_sum(apart, -at, &error), rest;
        vmask above = vless(vsplat(0), d);
        vec y_low = vselect(above, -error, error);
        vec power = power_and_rest(vmax(vsplat(-DEPTH), -vabs(d)), vsplat(MAGIC + HEADROOM), &rest);
        rest += vfma(rest, y_low, y_low);
        vec t = vfma(power, rest, power), tl = vfma(power, rest, power - t);
        /* what is added to 1 under the logarithm: (1 + q) t for the larger apart, q + t for the smaller */
        vec factor = vselect(above, t, vsplat(1)), added = vselect(above, t, t * vsplat(UNLIFT));
        vec scaled = two_product(q, factor, &product_low);
        vec u = two_sum(added, scaled, &top);
        vec ul = top + (product_low + vselect(above, vfma(t, ql, tl * (vsplat(1) + q)), vfma(tl, vsplat(UNLIFT), ql)));
        vec unlift = vselect(above, vsplat(UNLIFT), vsplat(1));
        u *= unlift;
        ul *= unlift;
        vec whole_low, whole = two_sum(vsplat(1), u, &whole_low);
        whole_low += ul;
        vec log = log_pair(whole, whole_low, &tail), below = vselect(above, vsplat(0), -d);
        vec sum_low, sum = two_sum(below, log, &sum_low);
        tail -= vselect(above, vsplat(0), error);
        vstore_first(surprisal + i, sum + (sum_low + tail), count);
        odd |= ~vless(vabs(apart) + vabs(at), vsplat(INFINITE));
        if (!slope)
            continue;
        /* the others over all: u or 1 + q, over 1 + u */
        vec others_low, others = two_sum(vsplat(1), q, &others_low);
        others = vselect(above, u, others);
        others_low = vselect(above, ul, others_low + ql);
        inverse = vsplat(1) / whole;
        vec part = others * inverse;
        part += (residual(others, part, whole) + (others_low - part * whole_low)) * inverse;
        vstore_first(slope + i, part, count);
    });
    return vany(odd);
}

/* The same for float32 logits: one part has digits to spare. */
static int surprisals_single(ptrdiff_t n, const double *one, const double *m, const double *high, const double *low,
                             const double *peak, const double *peak_low, double *surprisal, double *slope)
{
    const vec whole = vsplat(1), unlift = vsplat(UNLIFT);
    vmask odd = vfew(0);
    STRIPS(i, n, {
        vec at = vload_first(m + i, count, 0), apart = vload_first(one + i, count, 0), rest, error;
        vec p = vload_first(peak + i, count, 1) + vload_first(peak_low + i, count, 0);
        /* the others relative to their largest, and the smaller of the two over the larger */
        vec others = (vload_first(high + i, count, 1) + vload_first(low + i, count, 0)) / p, d = apart - at;
        vec power = power_and_rest(vmax(vsplat(-DEPTH), -vabs(d)), vsplat(MAGIC + HEADROOM), &rest);
        vec t = vfma(power, rest, power);
        vmask above = vless(vsplat(0), d);
        vec u = vselect(above, others * t * unlift, vfma(t, unlift, others - whole));
        vec sum = ordered_two_sum(whole, u, &error);
        vstore_first(surprisal + i, log_rounded(sum, error) - vselect(above, vsplat(0), d), count);
        odd |= ~vless(vabs(apart) + vabs(at), vsplat(INFINITE));
        if (slope)
            vstore_first(slope + i, vselect(above, u, others) / sum, count);
    });
    return vany(odd);
}

#endif
