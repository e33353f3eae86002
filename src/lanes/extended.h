/* Sums of exponentials in three doubles, relative error below 2^-130, for results that nearly cancel.

   exp(y) = 2^(k/256) (1 + p): y is reduced by ln 2 in four parts, p = r + r^2 / 2 + r^3 q(r) with q in pairs (double-double), the
   table holds three doubles an entry, and the product keeps every part above 2^-160. */

typedef struct {
    vec a, b; /* a + b, |b| at most half an ulp of a */
} pair;

typedef struct {
    vec a, b, c;
} triple;

INLINE pair pair_multiply(pair x, pair y)
{
    vec error, p = two_product(x.a, y.a, &error);
    pair out;
    error += x.a * y.b + x.b * y.a;
    out.a = fast_two_sum(p, error, &out.b);
    return out;
}

/* constant + x, where the constant is the larger */
INLINE pair pair_add(const double *constant, pair x)
{
    vec error, s = fast_two_sum(vsplat(constant[0]), x.a, &error);
    pair out;
    out.a = fast_two_sum(s, error + (x.b + vsplat(constant[1])), &out.b);
    return out;
}

/* y - steps ln 2, steps a multiple of 1/256 */
INLINE triple extended_reduce(vec y, vec steps)
{
    vec e0, e1, e2, last_low;
    vec r = y - steps * vsplat(LN2_FINE0);
    vec last = two_product(steps, vsplat(LN2_FINE3), &last_low);
    vec s = two_sum(r, -(steps * vsplat(LN2_FINE1)), &e0);
    s = two_sum(s, -(steps * vsplat(LN2_FINE2)), &e1);
    s = two_sum(s, -last, &e2);
    triple out;
    vec t = two_sum(e0, e1, &e0);
    t = two_sum(t, e2, &e1);
    out.a = fast_two_sum(s, t, &t);
    out.b = fast_two_sum(t, (e0 + e1) - last_low, &out.c);
    return out;
}

/* exp(r) - 1; relative to r it is off by 2^-66 r^6 + 2^-105 r^2 at most where r is one double. */
INLINE triple extended_rest(triple r)
{
    vec poly = vsplat(INVERSE_FACTORIAL[9][0]), e0, e1, e2, e3, e4, e5, aa_low, ab_low;
    vec aa = two_product(r.a, r.a, &aa_low), ab = two_product(r.a, r.b, &ab_low);
    for (int i = 8; i >= 5; i--)
        poly = vfma(poly, r.a, vsplat(INVERSE_FACTORIAL[i][0]));
    pair x = {r.a, r.b}, square = {aa, aa_low + (ab + ab)}, q = {poly, vsplat(0)};
    for (int i = 4; i >= 1; i--)
        q = pair_add(INVERSE_FACTORIAL[i], pair_multiply(q, x));
    pair cube = pair_multiply(pair_multiply(square, x), q);
    triple out;
    vec s = fast_two_sum(vsplat(0.5) * aa, cube.a, &e0);
    out.a = fast_two_sum(r.a, s, &e1);
    s = two_sum(r.b, e1, &e2);
    s = two_sum(s, vsplat(0.5) * aa_low, &e3);
    s = two_sum(s, ab, &e4);
    out.b = two_sum(s, e0, &e5);
    out.c = (r.c + cube.b) + (ab_low + r.a * r.c + vsplat(0.5) * r.b * r.b) + ((e2 + e3) + (e4 + e5));
    return out;
}

/* 2^(index/256) (1 + p), the integer part of the exponent added as bits */
INLINE triple extended_power(ivec index, triple p)
{
    INT at[LANES];
    REAL entry[3][LANES];
    memcpy(at, &index, sizeof at);
    for (int i = 0; i < LANES; i++)
        for (int part = 0; part < 3; part++)
            entry[part][i] = POWER_FINE[at[i] & 255][part];
    vec ta = vload(entry[0]), tb = vload(entry[1]), tc = vload(entry[2]);
    vec e_aa, e_ab, e_ba, e0, e1, e2, e3, e4;
    vec aa = two_product(ta, p.a, &e_aa), ab = two_product(ta, p.b, &e_ab), ba = two_product(tb, p.a, &e_ba);
    vec tail = (e_ab + e_ba) + (ta * p.c + tb * p.b + tc * p.a);
    triple out;
    out.a = fast_two_sum(ta, aa, &e0);
    vec s = two_sum(tb, e0, &e1);
    s = two_sum(s, e_aa, &e2);
    s = two_sum(s, ab, &e3);
    out.b = two_sum(s, ba, &e4);
    out.c = tc + (tail + ((e1 + e2) + (e3 + e4)));
    return out;
}

INLINE void extended_add(triple *sum, triple x)
{
    vec e0, e1, e2;
    sum->a = two_sum(sum->a, x.a, &e0);
    sum->b = two_sum(sum->b, x.b, &e1);
    sum->b = two_sum(sum->b, e0, &e2);
    sum->c += x.c + (e1 + e2);
}

INLINE triple extended_select(vmask mask, triple yes, triple no)
{
    triple out = {vselect(mask, yes.a, no.a), vselect(mask, yes.b, no.b), vselect(mask, yes.c, no.c)};
    return out;
}

/* weight exp(x - shift) 2^-exponent, the weight given as mantissa and exponent. Terms below 2^-900 count for nothing. Where
   `one` is not NULL and the exponential next to 1, 1 is taken off, and one is 1 there. */
INLINE triple extended_term(vec x, vec mantissa, ivec weight, double shift, double exponent, vec *one)
{
    const vec magic = vsplat(MAGIC_FINE - exponent), least = vsplat((exponent - 900) * 0.69314718055994530942);
    vec y = x - vsplat(shift), e0, e1, error;
    vmask absent = vless(y + exponent_log(weight), least) | ~weight_counts(mantissa);
    y = vselect(absent, vsplat(0), y);
    vec shifted = vfma(y, vsplat(LOG2E), magic), steps = shifted - magic;
    triple rest = extended_rest(extended_reduce(y, steps)), t = extended_power(as_int(shifted), rest);
    if (one) {
        vmask near = ~(vless(vsplat(0), vabs(steps)) | absent);
        *one = vselect(near, vsplat(1), vsplat(0));
        t = extended_select(near, rest, t);
    }
    ivec whole = shift_right(as_int(shifted) - as_int(vsplat(MAGIC_FINE)), 8);
    vec scale = as_real(shift_left(whole + weight + isplat(1023), SIGNIFICAND)) * mantissa;
    scale = vselect(absent, vsplat(0), scale);
    triple out;
    out.a = two_product(t.a, scale, &e0);
    out.b = two_product(t.b, scale, &e1);
    out.b = two_sum(out.b, e0, &error);
    out.c = t.c * scale + (e1 + error);
    return out;
}

/* Adds to IN/OUT sum[3] the terms IN b[n] exp(IN x[n] - shift) 2^-exponent, b NULL standing for ones. x - shift must be
   exact and within 10^4 of 0 or negligible. */
static void extended_sum(ptrdiff_t n, const double *x, const double *b, double shift, double exponent, double *sum)
{
    triple all = {vsplat(0), vsplat(0), vsplat(0)};
    STRIPS(i, n, {
        ivec e = isplat(0);
        vec w = vsplat(1);
        if (b)
            w = weight_exponent(vload_first(b + i, count, 0), &e);
        extended_add(&all, extended_term(vload_first(x + i, count, -INFINITY), w, e, shift, exponent, NULL));
    });
    REAL a[LANES], c[LANES], d[LANES];
    vstore(a, all.a);
    vstore(c, all.b);
    vstore(d, all.c);
    for (int k = 0; k < LANES; k++)
        triple_accumulate(sum, a[k], c[k], d[k]);
    triple_normalise(sum);
}
