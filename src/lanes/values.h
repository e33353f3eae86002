/* From states to results, in float64 for either type. */

/* OUT inverse[n] + inverse_low[n]: 1 / sum, times `unlift`, which takes the headroom out; nan where the row has no softmax (m = -inf, inf). */
static void states_inverse(ptrdiff_t n, const double *m, const double *high, const double *low, double unlift, double *inverse,
                           double *inverse_low)
{
    STRIPS(i, n, {
        vec error, h = vload_first(high + i, count, 1), l = vload_first(low + i, count, 0);
        ivec finite = vless(vabs(vload_first(m + i, count, 0)), vsplat(INFINITE));
        vec a = vsplat(1) / h, p = two_product(a, h, &error);
        vec b = (((vsplat(1) - p) - error) - a * l) * a;
        a = vselect(finite, a, vsplat(NAN));
        vstore_first(inverse + i, a * vsplat(unlift), count);
        vstore_first(inverse_low + i, b * vsplat(unlift), count);
    });
}

/* OUT log[n] = log1p(rest) and value[n] = m + log1p(rest), where rest is the sum without its peak, over the peak.

   Sum and peak together carry a relative error `relative`, the rest an absolute one `absolute` more; the log inherits at most
   q / (1 + q) <= min(q, (1 + q) / 4, 1) of the first. OUT care[n] says which results that bound does not settle to within 0.4
   ulp of the result's type (`spacing` times the power of two below the result): bit 0 the value, bit 1 the log; both
   where the maximum is inf, whose sum cannot tell inf from nan. */
static void states_finish(ptrdiff_t n, const double *m, const double *high, const double *low, const double *peak,
                          const double *peak_low, const struct accuracy *accuracy, double *value, double *log,
                          unsigned char *care)
{
    const vec relative = vsplat(accuracy->relative), absolute = vsplat(accuracy->absolute);
    const vec tolerance = vsplat(0.4 * accuracy->spacing), quarter = vsplat(0.25);
    const ivec exponent = as_int(vsplat(INFINITY)); /* all its bits set */
    STRIPS(i, n, {
        vec at = vload_first(m + i, count, 0), p = vload_first(peak + i, count, 1), error, product_low, tail;
        vec sum = vload_first(high + i, count, 1), nan_or_zero = sum * vsplat(0);
        vec top = two_sum(sum, -p, &error);
        top = fast_two_sum(top, error + (vload_first(low + i, count, 0) - vload_first(peak_low + i, count, 0)), &error);
        vec inverse = vsplat(1) / p, q = top * inverse, product = two_product(q, p, &product_low);
        vec ql = (((top - product) - product_low) + (error - q * vload_first(peak_low + i, count, 0))) * inverse;
        vec l = log1p_parts(q, ql, &tail) + nan_or_zero;
        vec v = two_sum(at, l, &error);
        ivec bottom = vless(at, vsplat(-MAX_FINITE)), top_most = vless(vsplat(MAX_FINITE), at);
        vec result = vselect(bottom, at + sum, v + (error + tail));
        l += tail;
        vec share = vmin(vmin(vabs(q), quarter + quarter * vabs(q)), vsplat(1));
        vec bound = share * relative + absolute;
        ivec loose = vless(tolerance * as_real(as_int(result) & exponent), bound) & isplat(1);
        loose |= vless(tolerance * as_real(as_int(l) & exponent), bound) & isplat(2);
        loose = (loose & ~bottom) | (top_most & isplat(3));
        vstore_first(value + i, result, count);
        vstore_first(log + i, l, count);
        INT bits[LANES];
        memcpy(bits, &loose, sizeof bits);
        for (ptrdiff_t k = 0; k < count; k++)
            care[i + k] = (unsigned char)bits[k];
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
