/* Elementwise functions on contiguous blocks: the same length in and out, and the output may be an input.

   All are built from exp and log in two parts, the second beyond the last digit of the first, so that a result is
   rounded once or little more. exp(y) for y <= 0 is lifted by the headroom where its subnormal values are results. */

/* exp(y + y_low) 2^(what magic says) = power (1 + rest + rest_low), |rest| < 0.022; y_low is below an ulp of y.
   Unlike the rest of power_and_rest, this one is accurate relative to itself. */
INLINE vec exp_parts(vec y, vec y_low, vec magic, vec *rest, vec *rest_low)
{
    vec shifted = vfma(y, vsplat(LOG2E), magic);
    vec r = reduce(y, shifted - magic), square = r * r;
    ivec index = as_int(shifted);
#if BITS == 64
    vec poly = exp_polynomial(r, square);
#else /* the terms of exp itself: 2^-29 of rest */
    vec poly = vfma(vfma(vsplat(1.0f / 24), r, vsplat(1.0f / 6)), r, vsplat(0.5f));
#endif
    *rest = fast_two_sum(r, vfma(square, poly, vlookup(POWER_REST, index)) + y_low, rest_low);
    return as_real(as_int(vlookup(POWER, index)) + shift_left(index, EXPONENT_SHIFT));
}

/* exp(y + y_low) LIFT in two parts, for y <= 0; far below, it stays at a negligible value. */
INLINE vec decay(vec y, vec y_low, vec *low)
{
    vec rest, power = power_and_rest(vmax(vsplat(-DEPTH), y), vsplat(MAGIC + HEADROOM), &rest);
    rest += y_low;
    vec high = vfma(power, rest, power);
    *low = vfma(power, rest, power - high);
    return high;
}

/* scale exp(y + y_low) - 1 in two parts, scale 1 or 2, relative to itself; OUT tiny: exp(y) LIFT, rounded. */
INLINE vec exp_less_one(vec y, vec y_low, vec scale, vec *low, vec *tiny)
{
    vec rest, rest_low, error, base_low, product_low;
    vec power = exp_parts(vmax(vsplat(-DEPTH), y), y_low, vsplat(MAGIC + HEADROOM), &rest, &rest_low);
    *tiny = vfma(power, rest, power);
    power *= scale * vsplat(UNLIFT);
    vec product = two_product(power, rest, &product_low), base = two_sum(power, vsplat(-1), &base_low);
    vec high = two_sum(base, product, &error);
    *low = error + ((product_low + power * rest_low) + base_low);
    return high;
}

/* log(1 + t + t_low) in two parts, for 0 <= t <= 1: at most one power of two to take out. */
INLINE vec log_of_one_plus(vec t, vec t_low, vec *low)
{
    vec nl, dl, hl, tail;
    ivec large = vless(vsplat((REAL)0.41421356), t);
    vec n = fast_two_sum(vselect(large, vsplat(-1), vsplat(0)), t, &nl);
    vec d = fast_two_sum(vselect(large, vsplat(3), vsplat(2)), t, &dl);
    vec h = atanh_twice(n, nl + t_low, d, dl + t_low, &hl);
    vec sum = fast_two_sum(vselect(large, vsplat(LN2_PART0), vsplat(0)), h, &tail);
    *low = tail + (hl + vselect(large, vsplat(LN2_TAIL), vsplat(0)));
    return sum;
}

/* log(u + u_low) in two parts, for any u > 0 that is finite. */
INLINE vec log_any(vec u, vec u_low, vec *low)
{
    ivec small = vless(u, vsplat(UNLIFT)); /* the others are halved: the largest have an exponent out of range */
    vec lift = vselect(small, vsplat(LIFT), vsplat((REAL)0.5)), power = vselect(small, vsplat(-HEADROOM), vsplat(1));
    return log_parts(u * lift, u_low * lift, vsplat(0), power, low);
}

/* `inside` where x > 0, -inf at 0, nan elsewhere. */
INLINE vec log_domain(vec x, vec inside)
{
    ivec positive = vless(vsplat(0), x), negative = vless(x, vsplat(0));
    vec outside = vselect(negative, vsplat((REAL)NAN), vsplat(-INFINITE)) + x;
    return vselect(positive, inside, outside);
}

INLINE vec expit_of(vec x)
{
    vec low, dl, high = decay(-vabs(x), vsplat(0), &low);
    ivec negative = vless(x, vsplat(0));
    vec d = fast_two_sum(vsplat(1), high * vsplat(UNLIFT), &dl);
    dl += low * vsplat(UNLIFT);
    vec n = vselect(negative, high, vsplat(1)), nl = vselect(negative, low, vsplat(0));
    vec inverse = vsplat(1) / d, q = n * inverse;
    q += (residual(n, q, d) + (nl - q * dl)) * inverse;
    return q * vselect(negative, vsplat(UNLIFT), vsplat(1));
}

INLINE vec softplus_of(vec x)
{
    vec low, log_low, error, high = decay(-vabs(x), vsplat(0), &low);
    vec log = log_of_one_plus(high * vsplat(UNLIFT), low * vsplat(UNLIFT), &log_low);
    vec sum = two_sum(vmax(vsplat(0), x), log, &error);
    vec far = vselect(vless(x, vsplat(0)), high * vsplat(UNLIFT), x);
    return vselect(vless(vsplat(FAR), vabs(x)), far, sum + (error + log_low));
}

INLINE vec log_expit_of(vec x)
{
    return -softplus_of(-x);
}

INLINE vec log1mexp_of(vec x)
{
    vec low, tiny, log_low, u = exp_less_one(x, vsplat(0), vsplat(1), &low, &tiny);
    vec log = log_any(-u, -low, &log_low);
    log = vselect(vless(x, vsplat(-FAR)), tiny * vsplat(-UNLIFT), log + log_low);
    return log_domain(-x, log);
}

/* Up to 0.35 by log(exp(x) - 1), to 1 by log(2 exp(x - log 2) - 1), from there by x + log(1 - exp(-x)). */
INLINE vec logexpm1_of(vec x)
{
    vec y_low, low, tiny, log_low, error;
    ivec middle = vless(vsplat((REAL)0.35), x), large = vless(vsplat(1), x);
    vec y = two_sum(x - vsplat(LN2_FULL0), vsplat(-LN2_FULL1), &y_low);
    y = vselect(large, -x, vselect(middle, y, x));
    middle &= ~large;
    vec u = exp_less_one(y, vselect(middle, y_low, vsplat(0)), vselect(middle, vsplat(2), vsplat(1)), &low, &tiny);
    u = vselect(large, -u, u);
    vec log = log_any(u, vselect(large, -low, low), &log_low);
    vec sum = two_sum(vselect(large, x, vsplat(0)), log, &error);
    return log_domain(x, vselect(vless(vsplat(FAR), x), x, sum + (error + log_low)));
}

/* log of the quotient x / (1 - x), which is taken in two parts. */
INLINE vec logit_of(vec x)
{
    vec rest_low, low, rest = fast_two_sum(vsplat(1), -x, &rest_low);
    vec inverse = vsplat(1) / rest, q = x * inverse;
    vec log = log_any(q, (residual(x, q, rest) - q * rest_low) * inverse, &low);
    vec from_one = vselect(vless(rest, vsplat(0)), vsplat((REAL)NAN), vsplat(INFINITE));
    return log_domain(x, vselect(vless(vsplat(0), rest), log + low, from_one));
}

/* factor * log(x), rounded once. */
INLINE vec times_log(vec factor, vec x)
{
    vec low, rest, high = log_any(x, vsplat(0), &rest);
    high = log_domain(x, fast_two_sum(high, rest, &low));
    high = vselect(vless(x, vsplat(INFINITE)), high, x);
    vec product = factor * high;
    return vselect(vless(vabs(product), vsplat(INFINITE)), vfma(factor, high, factor * low), product);
}

INLINE vec xlogy_of(vec x, vec y)
{
    ivec zero = ~(vless(x, vsplat(0)) | vless(vsplat(0), x)) & vless(vabs(x), vsplat(1));
    return vselect(zero & (vless(y, vsplat(0)) | vless(vsplat(-1), y)), vsplat(0), times_log(x, y));
}

INLINE vec entr_of(vec x)
{
    vec positive = times_log(-x, x);
    return vselect(vless(vsplat(0), x), positive, vselect(vless(x, vsplat(0)), vsplat(-INFINITE), x + vsplat(0)));
}

/* 2 atanh(tanh(x / 2)^2), where tanh(x / 2) = (1 - t) / (1 + t) and t = exp(-|x|); from 7/8 on |x| - log 2 + log(1 + t^2). */
INLINE vec logcosh_of(vec x)
{
    vec low, tiny, nl, dl, square_low, base_low, log_low, error, size = vabs(x);
    vec u = exp_less_one(-size, vsplat(0), vsplat(1), &low, &tiny); /* t - 1 */
    ivec large = vless(vsplat((REAL)0.875), size);
    vec one = vselect(large, vsplat(1), vsplat(0)), two = vsplat(2);
    vec t = fast_two_sum(one, u, &nl); /* t or t - 1 */
    nl += low;
    vec square = two_product(t, t, &square_low);
    square_low += (t + t) * nl;
    vec sum = fast_two_sum(two, u, &dl); /* 1 + t */
    dl += low;
    vec whole = two_product(sum, sum, &error);
    dl = error + (sum + sum) * dl;
    vec d = fast_two_sum(vselect(large, two, whole), vselect(large, square, vsplat(0)), &error);
    dl = vselect(large, error + square_low, dl);
    vec log = atanh_twice(square, square_low, d, dl, &log_low);
    vec base = two_sum(vselect(large, size, vsplat(0)), vselect(large, vsplat(-LN2_FULL0), vsplat(0)), &base_low);
    base_low -= vselect(large, vsplat(LN2_FULL1), vsplat(0));
    vec result = two_sum(base, log, &error);
    vec far = (size - vsplat(LN2_FULL0)) - vsplat(LN2_FULL1);
    return vselect(vless(vsplat(FAR), size), far, result + (error + (base_low + log_low)));
}

/* high + low of hi + log, the infinite and nan ones kept; OUT care: where it cancelled, and the last digits are in doubt. */
INLINE vec log_added(vec hi, vec log, vec log_low, ivec *care)
{
    vec error, sum = two_sum(hi, log, &error), size = vabs(log);
    sum = vselect(vless(vabs(sum), vsplat(INFINITE)), sum + (error + log_low), sum);
    *care = vless(vabs(sum), size * vsplat((REAL)0.0625)) & vless(vsplat(LEAST_CANCELLING), size);
    return sum;
}

/* lo - hi <= 0 in two parts, inf - inf being 0. */
INLINE vec distance(vec lo, vec hi, vec *low)
{
    vec error, d = two_sum(lo, -vmin(vsplat(MAX_FINITE), vmax(vsplat(-MAX_FINITE), hi)), &error);
    *low = vselect(vless(vabs(d), vsplat(DEPTH)), error, vsplat(0));
    return vmin(vsplat(0), d);
}

INLINE vec logaddexp_of(vec x, vec y, ivec *care)
{
    vec hi = vmax(x, y), lo = vmin(y, x), d_low, low, log_low;
    vec d = distance(lo, hi, &d_low), high = decay(d, d_low, &low);
    vec log = log_of_one_plus(high * vsplat(UNLIFT), low * vsplat(UNLIFT), &log_low);
    return log_added(hi, log, log_low, care);
}

INLINE vec logsubexp_of(vec x, vec y, ivec *care)
{
    vec d_low, low, tiny, log_low, d = distance(y, x, &d_low);
    vec u = exp_less_one(d, d_low, vsplat(1), &low, &tiny);
    vec log = log_any(-u, -low, &log_low);
    ivec far = vless(d, vsplat(-FAR));
    log = vselect(far, tiny * vsplat(-UNLIFT), log);
    log_low = vselect(far, vsplat(0), log_low);
    vec result = log_added(x, log, log_low, care);
    ivec apart = vless(y, x), equal = ~vless(x, y) & vless(x, vsplat(INFINITE)) & vless(y, vsplat(INFINITE));
    *care &= apart;
    return vselect(apart, result, vselect(equal, vsplat(-INFINITE), vsplat((REAL)NAN)));
}

#define ONE_ARGUMENT(name)                                                                                             \
    static void name(ptrdiff_t n, const REAL *x, REAL *out)                                                            \
    {                                                                                                                  \
        STRIPS(i, n, vstore_first(out + i, name##_of(vload_first(x + i, count, 0)), count););                          \
    }

ONE_ARGUMENT(expit)
ONE_ARGUMENT(softplus)
ONE_ARGUMENT(log_expit)
ONE_ARGUMENT(log1mexp)
ONE_ARGUMENT(logexpm1)
ONE_ARGUMENT(logit)
ONE_ARGUMENT(entr)
ONE_ARGUMENT(logcosh)

static void xlogy(ptrdiff_t n, const REAL *x, const REAL *y, REAL *out)
{
    STRIPS(i, n, {
        vec a = vload_first(x + i, count, 0), b = vload_first(y + i, count, 0);
        vstore_first(out + i, xlogy_of(a, b), count);
    });
}

#define TWO_LOGARITHMS(name, subtract)                                                                                 \
    static void name(ptrdiff_t n, const REAL *x, const REAL *y, REAL *out)                                             \
    {                                                                                                                  \
        near_zero pairs;                                                                                               \
        pairs.count = 0;                                                                                               \
        STRIPS(i, n, {                                                                                                 \
            ivec care;                                                                                                 \
            vec a = vload_first(x + i, count, 0), b = vload_first(y + i, count, 0);                                    \
            vstore_first(out + i, name##_of(a, b, &care), count);                                                      \
            if (vany(care))                                                                                            \
                near_zero_add(&pairs, care, vmax(a, b), vmin(a, b), i, subtract, out);                                 \
        });                                                                                                            \
        if (pairs.count > 0)                                                                                           \
            near_zero_settle(&pairs, subtract, out);                                                                   \
    }

TWO_LOGARITHMS(logaddexp, 0)
TWO_LOGARITHMS(logsubexp, 1)

#if BITS == 64
/* Either of the two, for what float32 puts aside. */
static void logs_in_double(ptrdiff_t n, const double *x, const double *y, int subtract, double *out)
{
    if (subtract)
        logsubexp(n, x, y, out);
    else
        logaddexp(n, x, y, out);
}
#endif

#undef ONE_ARGUMENT
#undef TWO_LOGARITHMS
