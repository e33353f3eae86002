/* log(exp(x) + exp(y)) and log(exp(x) - exp(y)) where they come close to 0: the terms cancel, and their last digits are all
   of the result. Such pairs are rare but not very (one in thirty of normally distributed ones), so they are put
   aside and settled many at a time: float32 ones in float64, float64 ones in three doubles. */

#ifndef NEAR_ZERO_ROOM
#define NEAR_ZERO_ROOM 128
#define NEAR_ZERO_SPAN ((ptrdiff_t)1 << 30) /* elements that an index reaches */
#endif

typedef struct {
    ptrdiff_t count;
    REAL at[NEAR_ZERO_ROOM + LANES]; /* indices, as bits */
    REAL x[NEAR_ZERO_ROOM + LANES], y[NEAR_ZERO_ROOM + LANES];
} near_zero;

#if BITS == 64

/* exp(y), or exp(y) - 1 where `less_one`, relative to itself; |y| at most 706. */
INLINE triple extended_exp(vec y, int less_one)
{
    vec shifted = vfma(y, vsplat(LOG2E), vsplat(MAGIC_FINE)), steps = shifted - vsplat(MAGIC_FINE);
    triple rest = extended_rest(extended_reduce(y, steps)), t = extended_power(as_int(shifted), rest);
    ivec exponent = shift_right(as_int(shifted) - as_int(vsplat(MAGIC_FINE)), 8);
    vec scale = as_real(shift_left(exponent + isplat(1023), SIGNIFICAND));
    t.a *= scale;
    t.b *= scale;
    t.c *= scale;
    if (less_one) {
        const triple minus_one = {vsplat(-1), vsplat(0), vsplat(0)};
        vmask far = vless(vsplat(0), vabs(steps));
        extended_add(&t, minus_one);
        t = extended_select(far, t, rest);
    }
    return t;
}

INLINE triple extended_product(triple x, triple y)
{
    vec e0, e1, e2, e3, e4;
    vec aa = two_product(x.a, y.a, &e0), ab = two_product(x.a, y.b, &e1), ba = two_product(x.b, y.a, &e2);
    vec b = two_sum(ab, ba, &e3);
    triple out = {aa, two_sum(b, e0, &e4), vsplat(0)};
    out.c = (x.a * y.c + x.b * y.b + x.c * y.a) + ((e1 + e2) + (e3 + e4));
    return out;
}

INLINE triple extended_negative(triple x)
{
    triple out = {-x.a, -x.b, -x.c};
    return out;
}

/* OUT out[n] for IN x[n], y[n]. The sum less 1 is exp(x) - 1 + exp(y), the difference less 1 likewise, or
   exp(x) (1 - exp(y - x)) - 1 where x is so large that y - x is exact. */
static void near_zero_logs(ptrdiff_t n, const double *x, const double *y, int subtract, double *out)
{
    STRIPS(i, n, {
        vec first = vload_first(x + i, count, 0), second = vload_first(y + i, count, 0), error, low;
        vec a = vmax(first, second), b = vmax(vmin(first, second), vsplat(-706));
        triple sum = extended_exp(a, 1), small = extended_exp(b, 0);
        if (subtract) {
            const triple minus_one = {vsplat(-1), vsplat(0), vsplat(0)};
            triple product = extended_product(extended_exp(a, 0), extended_exp(vmax(b - a, vsplat(-706)), 1));
            product = extended_negative(product);
            extended_add(&product, minus_one);
            extended_add(&sum, extended_negative(small));
            sum = extended_select(vless(vsplat(4), a), product, sum);
        } else {
            extended_add(&sum, small);
        }
        vec q = two_sum(sum.a, sum.b, &error);
        q = two_sum(q, error + sum.c, &low);
        vec log = log1p_parts(q, low, &low);
        vstore_first(out + i, log + low, count);
    });
}

#endif

/* Settles what was put aside: OUT out[at]. */
static void near_zero_settle(near_zero *pairs, int subtract, REAL *out)
{
    double result[NEAR_ZERO_ROOM];
#if BITS == 64
    near_zero_logs(pairs->count, pairs->x, pairs->y, subtract, result);
#else
    double x[NEAR_ZERO_ROOM], y[NEAR_ZERO_ROOM];
    for (ptrdiff_t k = 0; k < pairs->count; k++) {
        x[k] = pairs->x[k];
        y[k] = pairs->y[k];
    }
    logs_in_double(pairs->count, x, y, subtract, result);
#endif
    for (ptrdiff_t k = 0; k < pairs->count; k++) {
        INT index;
        memcpy(&index, &pairs->at[k], sizeof index);
        out[index] = (REAL)result[k];
    }
    pairs->count = 0;
}

/* Puts the lanes of `care` aside, which belong to out[i...]. */
INLINE void near_zero_add(near_zero *pairs, vmask care, vec x, vec y, ptrdiff_t i, int subtract, REAL *out)
{
    INT lane[LANES];
    ivec index;
    if (pairs->count > NEAR_ZERO_ROOM - LANES)
        near_zero_settle(pairs, subtract, out);
    for (int k = 0; k < LANES; k++)
        lane[k] = k;
    memcpy(&index, lane, sizeof index);
    vpack(pairs->x + pairs->count, x, care);
    vpack(pairs->y + pairs->count, y, care);
    pairs->count += vpack(pairs->at + pairs->count, as_real(index + isplat((INT)i)), care);
}
