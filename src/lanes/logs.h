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

/* OUT log[n] of sums of others under maxima m. IN/OUT care[n]: 2 where that leaves it open, of a q that is something but less than
   `least`; 3 where the maximum is inf, whose sum cannot tell inf from nan. */
static void states_logs(ptrdiff_t n, const REAL *m, const double *high, const double *low, REAL least, REAL *log,
                        unsigned char *care)
{
    const vec open_below = vsplat(least) * vsplat(LIFT);
    REAL inverse[8 * LANES], inverse_low[8 * LANES];
    for (ptrdiff_t start = 0, end; start < n; start = end) {
        end = n - start < 8 * LANES ? n : start + 8 * LANES;
        /* in two loops: in one each strip waited for the one before */
        STRIPS_FROM(i, start, end, {
            vec rest, term = inverse_peak(vmax(vload_first(m + i, count, 0), vsplat(-MAX_FINITE)), &rest);
            vstore(inverse + (i - start), term);
            vstore(inverse_low + (i - start), rest);
        });
        STRIPS_FROM(i, start, end, {
            vec factor = vload(inverse + (i - start)), factor_low = vload(inverse_low + (i - start)), rest, error;
            vec sum = load_sums(high + i, low + i, count, (double)LIFT / OTHERS_LIFT, &rest);
            vec lifted = two_product(sum, factor, &error),
                lifted_low = vfma(sum, factor_low, vfma(rest, factor, error));
            vstore_first(log + i, log1p_lifted(lifted, lifted_low), count);
            vmask open = vless(lifted, open_below) & ~vless(lifted, vsplat(LIFTED_NOTHING));
            vmask top = vless(vsplat(MAX_FINITE), vload_first(m + i, count, 0));
            if (vany(open | top))
                store_care(care + i, vwhere(open, isplat(2)) | vwhere(top, isplat(3)), count);
        });
    }
}
