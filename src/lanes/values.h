/* From states to results, in float64 for either type. */

/* Results of which an absolute error of `bound` leaves more open than `tolerance` times the power of two below them. */
INLINE vmask is_loose(vec result, vec tolerance, vec bound)
{
    const ivec exponent = as_int(vsplat(INFINITY)); /* all its bits set */
    return vless(tolerance * as_real(as_int(result) & exponent), bound);
}

/* What log(1 + q) inherits from a relative error of q, at most the share q / (1 + q) <= min(q, (1 + q) / 4, 1), and an absolute. */
INLINE vec inherited(vec q, vec relative, vec absolute)
{
    const vec quarter = vsplat(0.25);
    return vmin(vmin(vabs(q), quarter + quarter * vabs(q)), vsplat(1)) * relative + absolute;
}

/* OUT value[n]: the log of each sum, from where its reference lies. OUT care[n] says which values a relative error of
   `relative` in the sum does not settle to within `tolerance` times the power of two below the result; bit 0. */
static void states_values(ptrdiff_t n, const double *m, const double *shift, const double *power, const double *high,
                          const double *low, const struct accuracy *accuracy, double *value, unsigned char *care)
{
    const vec bound = vsplat(accuracy->relative), tolerance = vsplat(accuracy->tolerance);
    STRIPS(i, n, {
        vec at = vload_first(m + i, count, 0), sum = vload_first(high + i, count, 1), error, tail;
        vec l = log_parts(sum, vload_first(low + i, count, 0), NULL, vload_first(power + i, count, 0), &tail);
        vec v = two_sum(vload_first(shift + i, count, 0), l + sum * vsplat(0), &error);
        vmask bottom = vless(at, vsplat(-MAX_FINITE)), top = vless(vsplat(MAX_FINITE), at);
        vec result = vselect(bottom, at + sum, v + (error + tail));
        vmask loose = is_loose(result, tolerance, bound);
        store_care(care + i, vwhere(loose & ~bottom, isplat(1)) | vwhere(top, isplat(3)), count);
        vstore_first(value + i, result, count);
    });
}

/* OUT log[n] = log1p(q) and value[n] = m + log1p(q), where q is the sum of the others (lifted) over the peak.

   q carries a relative error `relative` and an absolute one, `absolute`. OUT care[n] says which results these do not settle to
   within `tolerance`: bit 0 the value, bit 1 the log; both where the maximum is inf, whose sum cannot tell inf from nan. */
static void states_finish(ptrdiff_t n, const double *m, const double *high, const double *low, const double *peak,
                          const double *peak_low, const struct accuracy *accuracy, double *value, double *log,
                          unsigned char *care)
{
    const vec relative = vsplat(accuracy->relative), absolute = vsplat(accuracy->absolute);
    const vec tolerance = vsplat(accuracy->tolerance);
    const vec unlift = vsplat(1 / OTHERS_LIFT), little = vsplat(OTHERS_LIFT * 0x1p-64), zero = vsplat(0);
    const vec nothing = vsplat(OTHERS_LIFT * SMALLEST * 0.25); /* less rounds to 0, whatever its digits */
    STRIPS(i, n, {
        vec at = vload_first(m + i, count, 0), p = vload_first(peak + i, count, 1), error, product_low, tail;
        vec sum = vload_first(high + i, count, 1), nan_or_zero = sum * vsplat(0);
        vec inverse = vsplat(1) / p, lifted = sum * inverse, product = two_product(lifted, p, &product_low);
        vec rest = vload_first(low + i, count, 0) - lifted * vload_first(peak_low + i, count, 0);
        rest = (((sum - product) - product_low) + rest) * inverse;
        vmask linear = vless(lifted, little), none = vless(lifted, nothing);
        lifted = vselect(none, zero, lifted);
        rest = vselect(none, zero, rest);
        vec q = lifted * unlift, l = log1p_parts(vselect(linear, zero, q), vselect(linear, zero, rest) * unlift, &tail);
        l = vselect(linear, (lifted + rest) * unlift, l) + nan_or_zero; /* q, which may be subnormal: rounded once */
        tail = vselect(linear, zero, tail);
        vmask bottom = vless(at, vsplat(-MAX_FINITE)), top_most = vless(vsplat(MAX_FINITE), at);
        vec bound = inherited(q, relative, absolute), whole = l + tail;
        ivec loose = vwhere(is_loose(whole, tolerance, bound), isplat(2));
        vec v = two_sum(at, l, &error), result = vselect(bottom, at + nan_or_zero, v + (error + tail));
        bound += vselect(linear, vabs(q) * vsplat(0x1p-52), vsplat(0));
        loose |= vwhere(is_loose(result, tolerance, bound), isplat(1));
        vstore_first(value + i, result, count);
        vstore_first(log + i, whole, count);
        store_care(care + i, vwhere(~(bottom | none), loose) | vwhere(top_most, isplat(3)), count);
    });
}

/* states_values for float32 results: a logarithm in one part has digits to spare. */
static void states_values_single(ptrdiff_t n, const double *m, const double *shift, const double *power,
                                 const double *high, const double *low, const struct accuracy *accuracy, double *value,
                                 unsigned char *care)
{
    const vec bound = vsplat(accuracy->relative), tolerance = vsplat(accuracy->tolerance);
    STRIPS(i, n, {
        vec at = vload_first(m + i, count, 0), sum = vload_first(high + i, count, 1) + vload_first(low + i, count, 0);
        vec l = log_scaled(sum, vload_first(power + i, count, 0));
        vmask bottom = vless(at, vsplat(-FLT_MAX)), top = vless(vsplat(FLT_MAX), at);
        vec result = vselect(bottom, at + sum, vload_first(shift + i, count, 0) + (l + sum * vsplat(0)));
        vmask loose = is_loose(result, tolerance, bound);
        store_care(care + i, vwhere(loose & ~bottom, isplat(1)) | vwhere(top, isplat(3)), count);
        vstore_first(value + i, result, count);
    });
}

/* OUT result[n] + result_low[n] = log(1 + IN q[n] + q_low[n]). */
static void log1p_pairs(ptrdiff_t n, const double *q, const double *q_low, double *result, double *result_low)
{
    STRIPS(i, n, {
        vec low, high = log1p_parts(vload_first(q + i, count, 0), vload_first(q_low + i, count, 0), &low);
        vstore_first(result + i, high, count);
        vstore_first(result_low + i, low, count);
    });
}
