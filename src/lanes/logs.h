/* From sums of others to what log_softmax subtracts, log(1 + q), q their quotient by the largest term; in the type itself. */

/* OUT care[count]: the lowest byte of each lane. */
INLINE void store_care(unsigned char *care, ivec bits, ptrdiff_t count)
{
    INT lane[LANES];
    memcpy(lane, &bits, sizeof lane);
    for (ptrdiff_t k = 0; k < (count < LANES ? count : LANES); k++)
        care[k] = (unsigned char)lane[k];
}

/* 1 over the largest term under its own reference, from 1/2 to 1, in two parts. */
INLINE vec inverse_peak(vec m, vec *low)
{
    reference ref = reference_of(m);
    vec rest, magic = (vsplat(SCALED_MAGIC + HEADROOM) - ref.magic) + vsplat(MAGIC);
    vec power = power_and_rest(ref.shift - m, magic, &rest), term = vfma(power, rest, power);
    *low = vfma(power, rest, power - term);
    return term;
}

/* The same over S. */
INLINE vec inverse_scaled_peak(vec m, vec *low)
{
    const vec unscale = vsplat(CONSTANT(UNSCALE0));
    vec part, error, peak = inverse_peak(m, &part), term = two_product(peak, unscale, &error);
    *low = vfma(part, unscale, peak * vsplat(CONSTANT(UNSCALE1))) + error;
    return term;
}

/* What is less, lifted by LIFT, rounds to 0. */
#define LIFTED_NOTHING (LIFT * SMALLEST * (REAL)0.25)

/* log(1 + q) rounded, from q >= 0 lifted by LIFT: within 0.9 ulp, a subnormal result within 1.

   Of a q below BEYOND_DIGITS it is q - q^2 / 2, taken while that is lifted; else e log 2 + log(1 + f). */
INLINE vec log1p_lifted(vec lifted, vec lifted_low)
{
    const vec unlift = vsplat(UNLIFT), zero = vsplat(0), half = vsplat((REAL)0.5);
    vmask little = vless(lifted, vsplat(LIFT * BEYOND_DIGITS)), none = vless(lifted, vsplat(LIFTED_NOTHING));
    vec q = vmax(vsplat(1), lifted) * unlift, scale, e, error, tail; /* no subnormal number, and nan as it is */
    vec u = ordered_two_sum(vsplat(1), q, &error), f = split_exponent(u, &scale, &e) - vsplat(1);
    vec fl = vfma(vselect(little, zero, lifted_low), unlift, error) * scale;
    vec sum = fast_two_sum(e * vsplat(LN2_PART0), f, &tail);
    vec far = sum + (tail + vfma(e, vsplat(LN2_TAIL), log_beyond(f, &fl, fl)));
    vec near = lifted + vfnma(lifted, q * half, lifted_low);
    return vselect(little, vselect(none, zero, near) * unlift, far);
}

/* log(1 + q) of a lifted sum of others, times a factor that takes it to q; OUT where that leaves it open, and where the maximum is inf. */
INLINE vec log_of_others(vec m, vec sum, vec rest, vec factor, vec factor_low, vec open_below, vmask *open, vmask *top)
{
    vec error, lifted = two_product(sum, factor, &error);
    *open = vless(lifted, open_below) & ~vless(lifted, vsplat(LIFTED_NOTHING));
    *top = vless(vsplat(MAX_FINITE), m);
    return log1p_lifted(lifted, vfma(sum, factor_low, vfma(rest, factor, error)));
}

/* OUT log[n] of sums of others under maxima m: doubles, or registers of totals as they are (`whole`, a constant, says that it is not these).
   See states_logs. */
INLINE void logs_of(ptrdiff_t n, const REAL *m, int whole, const double *high, const double *low, const REAL *sum,
                    const REAL *rest, REAL least, REAL *log, unsigned char *care)
{
    const vec open_below = vsplat(least) * vsplat(LIFT);
    REAL inverse[8 * LANES], inverse_low[8 * LANES];
    for (ptrdiff_t start = 0, end; start < n; start = end) {
        end = n - start < 8 * LANES ? n : start + 8 * LANES;
        /* in two loops: in one each strip waited for the one before */
        STRIPS_FROM(i, start, end, {
            const vec at = vmax(vload_first(m + i, count, 0), vsplat(-MAX_FINITE));
            vec part, term = whole ? inverse_peak(at, &part) : inverse_scaled_peak(at, &part);
            vstore(inverse + (i - start), term);
            vstore(inverse_low + (i - start), part);
        });
        STRIPS_FROM(i, start, end, {
            vec factor = vload(inverse + (i - start)), factor_low = vload(inverse_low + (i - start)), part, a;
            if (whole)
                a = load_sums(high + i, low + i, count, (double)LIFT / OTHERS_LIFT, &part);
            else
                a = fast_two_sum(vload_first(sum + i, count, 0), vload_first(rest + i, count, 0), &part);
            vmask open, top;
            vec at = vload_first(m + i, count, 0);
            vstore_first(log + i, log_of_others(at, a, part, factor, factor_low, open_below, &open, &top), count);
            if (vany(open | top))
                store_care(care + i, vwhere(open, isplat(2)) | vwhere(top, isplat(3)), count);
        });
    }
}

/* OUT log[n] of sums of others under maxima m. IN/OUT care[n]: 2 where that leaves it open, of a q that is something but less than
   `least`; 3 where the maximum is inf, whose sum cannot tell inf from nan. */
static void states_logs(ptrdiff_t n, const REAL *m, const double *high, const double *low, REAL least, REAL *log,
                        unsigned char *care)
{
    logs_of(n, m, 1, high, low, NULL, NULL, least, log, care);
}

/* The same of columns of SPAN elements at most, from their maxima on: OUT m, too; rest is workspace. */
static void columns_logs(ptrdiff_t rows, ptrdiff_t width, const REAL *x, ptrdiff_t step, distances ahead, REAL *m,
                         REAL least, REAL *log, REAL *rest, unsigned char *care)
{
    columns_largest_of(rows, width, x, step, m);
    STRIPS(c, width, {
        const vec top = vload_first(m + c, count, 0);
        const vmask finite = vless(vsplat(-INFINITE), top);
        const reference ref = reference_of(top);
        ivec number = vwhere(finite, isplat(-1));
        total t = total_empty(SUM_OTHERS);
        BY_FLAG(shifted, is_shifted(ref),
                columns_strip(rows, count, x + c, step, ahead, ref, shifted, SUM_OTHERS,
                              vselect(finite, top, vsplat((REAL)NAN)), &number, NULL, 0, 0, &t););
        total_add_equal(&t, top, ref, number);
        vstore_first(log + c, t.sum, count);
        vstore_first(rest + c, t.low, count);
    });
    logs_of(width, m, 0, NULL, NULL, log, rest, least, log, care);
}

/* OUT out: log_softmax of IN x[n], a row by itself; returns whether, instead, it needs care. */
static int row_log_softmax(ptrdiff_t n, const REAL *x, distances ahead, REAL least, REAL *out)
{
    const vec m = row_largest(n, x);
    if (!(vlane(m) > -INFINITE))
        return 1;
    const reference ref = reference_of(m);
    vec part, factor = inverse_scaled_peak(m, &part), sum = vsplat(0), rest = sum;
    ptrdiff_t end, start = row_groups_of(n, x, -INFINITE, vlane(m), &end);
    BY_FLAG(shifted, is_shifted(ref),
            row_spans(n, x, ahead, m, ref, shifted, SUM_OTHERS, start, end, NULL, 0, &sum, &rest););
    sum = lanes_sum(sum, rest, &rest);
    sum = fast_two_sum(sum, rest, &rest); /* elements equal to m leave some of theirs there */
    vmask open, top;
    vec log = log_of_others(m, sum, rest, factor, part, vsplat(least) * vsplat(LIFT), &open, &top);
    if (vany(open | top))
        return 1;
    row_subtract(n, x, m, log, out, 0);
    return 0;
}
