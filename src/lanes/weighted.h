/* Weighted sums, in float64: terms b exp(x), b of either sign and any size. The exponent of b is added to that of exp(x)
   as an integer, so that neither has to be representable by itself. */

/* b without its exponent, in [1, 2) or 0, inf, nan; the exponent apart. */
INLINE vec weight_exponent(vec b, ivec *exponent)
{
    vmask small = vless(vabs(b), vsplat(0x1p-1022));
    b = vselect(small, b * vsplat(0x1p54), b);
    ivec field = shift_right(as_int(vabs(b)), SIGNIFICAND);
    vmask regular = vless(vsplat(0), vabs(b)) & vless(vabs(b), vsplat(INFINITY));
    ivec e = vwhere(regular, field - isplat(1023));
    *exponent = e - vwhere(small & regular, isplat(54));
    return as_real(as_int(b) - shift_left(e, SIGNIFICAND));
}

/* log 2^exponent, rounded */
INLINE vec exponent_log(ivec exponent)
{
    return to_real(exponent) * vsplat(0.69314718055994530942);
}

/* Where a weight counts: all but 0, so nan too. */
INLINE vmask weight_counts(vec w)
{
    return ~vless(vabs(w), vsplat(0x1p-1074));
}

/* The largest of x + log|b| to within log 2, -inf for b = 0; inf where x is, unless b = 0. */
static double weighted_maximum(ptrdiff_t n, const double *x, const double *b)
{
    vec largest = vsplat(-(REAL)INFINITY);
    STRIPS(i, n, {
        ivec e;
        vec w = weight_exponent(vload_first(b + i, count, 0), &e);
        vec log = vload_first(x + i, count, 0) + exponent_log(e);
        largest = vmax(largest, vselect(weight_counts(w), log, vsplat(-(REAL)INFINITY)));
    });
    return vlane(vlargest(largest));
}

/* Adds to IN/OUT sum[0..2] the terms IN b[n] exp(IN x[n]) under the reference of m = weighted_maximum: the signed sum in two
   parts and the sum of magnitudes; OUT sum[3], sum[4] are the reference's shift and power of two. Elements of weight 0 count for
   nothing, inf and nan included. */
static void weighted_sum(ptrdiff_t n, const double *x, const double *b, double m, double *sum)
{
    reference ref = reference_of(vsplat(m));
    vec high = vsplat(0), low = vsplat(0), size = vsplat(0);
    STRIPS(i, n, {
        ivec e;
        vec rest, error, product_low;
        vec w = weight_exponent(vload_first(b + i, count, 0), &e);
        vec y = vload_first(x + i, count, 0) - ref.shift;
        vmask finite = vless(vabs(w), vsplat(INFINITY)), negligible = vless(y + exponent_log(e), ref.least);
        vmask absent = (negligible & finite) | ~weight_counts(w);
        vec power = power_and_rest(vselect(absent, vsplat(0), y), exact_magic(ref), &rest);
        power = as_real(as_int(power) + shift_left(e, SIGNIFICAND)) * vsplat(UNLIFT);
        w = vselect(absent, vsplat(0), w);
        power = vselect(absent, vsplat(0), power);
        vec term = vfma(power, rest, power), term_low = vfma(power, rest, power - term);
        vec p = two_product(term, w, &product_low);
        high = two_sum(high, p, &error);
        low += error + (product_low + term_low * w);
        size += vabs(p);
    });
    vec none;
    double error;
    high = lanes_sum(high, low, &low);
    sum[0] = scalar_two_sum(sum[0], vlane(high), &error);
    sum[1] += error + vlane(low);
    sum[2] += vlane(lanes_sum(size, vsplat(0), &none));
    sum[3] = vlane(ref.shift);
    sum[4] = (SCALED_MAGIC + HEADROOM) - vlane(ref.magic);
}
