/* Elementwise functions on contiguous blocks: the same length in and out, and the output may be an input.

   All are built from exp and log, in two parts where an addition may cancel, the second beyond the last digit of the
   first. Each has a formula name_of for arguments in the middle of the range and another, name_far, for the rest:
   extremes, infinities, what is outside the domain. Which one serves an element depends on that element alone. */

/* exp(y + y_low) = power (1 + rest + rest_low), |rest| < 0.022; y_low is below an ulp of y and may be NULL.
   Unlike the rest of power_and_rest, this one is accurate relative to itself. */
INLINE vec exp_parts(vec y, const vec *y_low, vec *rest, vec *rest_low)
{
    vec shifted = vfma(y, vsplat(LOG2E), vsplat(MAGIC)), steps = shifted - vsplat(MAGIC), r = reduce(y, steps);
#if !HAS_FMA
    r -= steps * vsplat(LN2_LAST); /* beside log 2 it counts */
#endif
    vec square = r * r;
    ivec index = as_int(shifted);
#if BITS == 64
    vec poly = exp_polynomial(EXP_COEFFICIENT, EXP_DEGREE, r, square);
#else /* the terms of exp itself: 2^-29 of rest */
    vec poly = vfma(vfma(vsplat(1.0f / 24), r, vsplat(1.0f / 6)), r, vsplat(0.5f));
#endif
    vec beyond = vfma(square, poly, vlookup(POWER_REST, index));
    *rest = fast_two_sum(r, y_low ? beyond + vfma(*y_low, r, *y_low) : beyond, rest_low);
    return as_real(as_int(vlookup(POWER, index)) + shift_left(index, EXPONENT_SHIFT));
}

/* exp(y + y_low) in two parts, for -PARTS_DEPTH <= y <= 0; y_low may be NULL. */
INLINE vec decay_near(vec y, const vec *y_low, vec *low)
{
    vec rest, power = power_and_rest(y, vsplat(MAGIC), &rest);
    if (y_low)
        rest += vfma(*y_low, rest, *y_low);
    vec high = vfma(power, rest, power);
    *low = vfma(power, rest, power - high);
    return high;
}

/* exp(y + y_low) LIFT in two parts, for any y <= 0; far below, it stays at a negligible value. */
INLINE vec decay(vec y, vec y_low, vec *low)
{
    vec rest, power = power_and_rest(vmax(vsplat(-DEPTH), y), vsplat(MAGIC + HEADROOM), &rest);
    rest += vfma(y_low, rest, y_low);
    vec high = vfma(power, rest, power);
    *low = vfma(power, rest, power - high);
    return high;
}

/* exp(y) for y < 0, subnormal results rounded once more. */
INLINE vec exp_far(vec y)
{
    vec rest, power = power_and_rest(vmax(vsplat(-DEPTH), y), vsplat(MAGIC + HEADROOM), &rest);
    return vfma(power, rest, power) * vsplat(UNLIFT);
}

/* exp(y + y_low) - 1 in two parts relative to itself, for |y| <= PARTS_DEPTH; y_low may be NULL. `positive`, a constant, is
   the sign of y. */
INLINE vec exp_less_one(vec y, const vec *y_low, int positive, vec *low)
{
    const vec minus_one = vsplat(-1);
    vec rest, rest_low, base_low, power = exp_parts(y, y_low, &rest, &rest_low);
    vec base = positive ? fast_two_sum(power, minus_one, &base_low) : fast_two_sum(minus_one, power, &base_low);
    vec high = fast_product_sum(power, rest, base, low);
    *low = base_low + vfma(power, rest_low, *low);
    return high;
}

/* log(1 + t + t_low) in two parts, for 0 <= t <= 1: at most one power of two to take out. */
INLINE vec log_of_one_plus(vec t, vec t_low, vec *low)
{
    vec nl, dl, hl, tail;
    vmask large = vless(vsplat((REAL)0.41421356), t);
    vec n = fast_two_sum(vselect(large, vsplat(-1), vsplat(0)), t, &nl);
    vec d = fast_two_sum(vselect(large, vsplat(3), vsplat(2)), t, &dl);
    nl += t_low;
    vec h = atanh_twice(n, &nl, d, dl + t_low, &hl);
    vec sum = fast_two_sum(vselect(large, vsplat(LN2_PART0), vsplat(0)), h, &tail);
    *low = tail + (hl + vselect(large, vsplat(LN2_TAIL), vsplat(0)));
    return sum;
}

/* The same rounded, within 1.6 ulp. */
INLINE vec log_of_one_plus_rounded(vec t, vec t_low)
{
    const vec zero = vsplat(0), one = vsplat(1), half = vsplat((REAL)0.5);
    vmask large = vless(vsplat((REAL)0.41421356), t);
    vec f = vselect(large, half * (t - one), t), fl = vselect(large, half, one) * t_low;
    vec beyond = log_beyond(f, &fl, fl + vselect(large, vsplat(LN2_TAIL), zero));
    return vselect(large, vsplat(LN2_PART0), zero) + (f + beyond);
}

/* log(u) for any u: subnormal numbers are lifted, the others halved, since the largest have an exponent out of range. */
INLINE vec log_far(vec u, vec *low)
{
    vmask small = vless(u, vsplat(UNLIFT)), positive = vless(vsplat(0), u), negative = vless(u, vsplat(0));
    vec lift = vselect(small, vsplat(LIFT), vsplat((REAL)0.5)), rest;
    vec log = log_single(u * lift, vselect(small, vsplat(-HEADROOM), vsplat(1)), &rest);
    log = fast_two_sum(log, rest, low);
    vec edge = vselect(negative, vsplat((REAL)NAN), vsplat(-INFINITE)) + u; /* 0 or nan */
    vmask regular = positive & vless(u, vsplat(INFINITE));
    *low = vselect(regular, *low, vsplat(0));
    return vselect(regular, log, vselect(positive, u, edge));
}

/* 1 / (1 + exp(-x)), the sum and the quotient corrected. */
INLINE vec expit_of(vec x)
{
    vec rest, power = power_and_rest(-x, vsplat(MAGIC), &rest);
    vec al, a = two_sum(vsplat(1), power, &al);
    vec d = vfma(power, rest, a), dl = vfma(power, rest, a - d) + al;
    vec q = vsplat(1) / d;
    return vfma(vfnma(q, dl, residual(vsplat(1), q, d)), q, q);
}

INLINE vec expit_far(vec x)
{
    return vselect(vless(x, vsplat(0)), exp_far(x), vsplat(1));
}

INLINE vec softplus_of(vec x)
{
    vec low, high = decay_near(-vabs(x), NULL, &low);
    return vmax(vsplat(0), x) + log_of_one_plus_rounded(high, low);
}

INLINE vec softplus_far(vec x)
{
    return vselect(vless(x, vsplat(0)), exp_far(x), x);
}

INLINE vec log_expit_of(vec x)
{
    return -softplus_of(-x);
}

INLINE vec log_expit_far(vec x)
{
    return -softplus_far(-x);
}

/* An ulp of the difference does no harm, as its logarithm is small only where the second part counts. */
INLINE vec log1mexp_of(vec x)
{
    vec rest, power = power_and_rest(x, vsplat(MAGIC), &rest), base_low;
    vec base = fast_two_sum(vsplat(1), -power, &base_low), u = vfnma(power, rest, base);
    return log_rounded(u, base_low + vfnma(power, rest, base - u));
}

INLINE vec log1mexp_far(vec x)
{
    vec low, log = log_far(-x, &low);
    return vselect(vless(x, vsplat(-1)), -exp_far(x), log + low);
}

INLINE vec logexpm1_of(vec x)
{
    vec low, u = exp_less_one(x, NULL, 1, &low);
    return log_rounded(u, low);
}

INLINE vec logexpm1_far(vec x)
{
    vec low, log = log_far(x, &low);
    return vselect(vless(vsplat(1), x), x, log + low);
}

/* log(x / (1 - x)) = e log 2 + 2 atanh(s), s = (u - v) / (u + v) for u = x 2^-e and v = 1 - x. The bits of x and of v, read as whole
   numbers, are as good as their logarithms, to 0.086; e is the whole part of the difference. So it is 0 where x is near 1/2, s is
   2 x - 1 there without a rounding, and elsewhere nothing cancels. */
INLINE vec logit_of(vec x)
{
    vec v_low, v = fast_two_sum(vsplat(1), -x, &v_low);
    ivec towards_zero = vwhere(vless(x, v), isplat(((INT)1 << SIGNIFICAND) - 1));
    ivec e = shift_right(as_int(x) - as_int(v) + towards_zero, SIGNIFICAND);
    vec u = as_real(as_int(x) - shift_left(e, SIGNIFICAND));
    vec s = ((u - v) - v_low) / (u + v), square = vfma(s, s, vsplat(TINY));
    vec beyond = square * log_terms(LOG_WIDE_COEFFICIENT, LOG_WIDE_DEGREE, square);
    return vfma(to_real(e), vsplat(LN2_FULL0), vfma(s, beyond, s + s));
}

INLINE vec logit_far(vec x)
{
    vec low, log = log_far(x, &low), edge = vselect(vless(vsplat(1), x), vsplat((REAL)NAN), vsplat(INFINITE));
    return vselect(vless(x, vsplat((REAL)0.5)), log + low, edge + vsplat(0) * x);
}

/* factor * log(x), rounded once. */
INLINE vec times_log(vec factor, vec x)
{
    vec scale, e, tail, z = split_exponent(x, &scale, &e), f = z - vsplat(1);
    vec high = fast_two_sum(e * vsplat(LN2_PART0), f, &tail),
        low = log_beyond(f, NULL, vfma(e, vsplat(LN2_TAIL), tail));
    return vfma(factor, high, factor * low);
}

INLINE vec times_log_far(vec factor, vec x)
{
    vec low, high = log_far(x, &low), product = factor * high;
    return vselect(vless(vabs(product), vsplat(INFINITE)), vfma(factor, high, factor * low), product);
}

INLINE vec xlogy_of(vec x, vec y)
{
    return times_log(x, y);
}

INLINE vec xlogy_far(vec x, vec y)
{
    vmask zero = ~(vless(x, vsplat(0)) | vless(vsplat(0), x)) & vless(vabs(x), vsplat(1));
    return vselect(zero & (vless(y, vsplat(0)) | vless(vsplat(-1), y)), vsplat(0), times_log_far(x, y));
}

INLINE vec entr_of(vec x)
{
    return times_log(-x, x);
}

INLINE vec entr_far(vec x)
{
    vmask positive = vless(vsplat(0), x), negative = vless(x, vsplat(0));
    return vselect(positive, times_log_far(-x, x), vselect(negative, vsplat(-INFINITE), x + vsplat(0)));
}

/* 2 atanh(tanh(x / 2)^2), where tanh(x / 2) = (1 - t) / (1 + t) and t = exp(-|x|); from 7/8 on |x| - log 2 + log(1 + t^2). */
INLINE vec logcosh_of(vec x)
{
    vec low, nl, dl, square_low, base_low, log_low, error, size = vabs(x);
    vec u = exp_less_one(-vmin(vsplat(24), size), NULL, 0, &low); /* t - 1, beyond that t^2 is nothing beside |x| */
    vmask large = vless(vsplat((REAL)0.875), size);
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
    vec log = atanh_twice(square, &square_low, d, dl, &log_low);
    vec base = two_sum(vselect(large, size, vsplat(0)), vselect(large, vsplat(-LN2_FULL0), vsplat(0)), &base_low);
    base_low -= vselect(large, vsplat(LN2_FULL1), vsplat(0));
    vec result = two_sum(base, log, &error);
    return result + (error + (base_low + log_low));
}

INLINE vec logcosh_far(vec x)
{
    return (vabs(x) - vsplat(LN2_FULL0)) - vsplat(LN2_FULL1);
}

/* Whether the result of an addition with `log` cancelled so far, to this share of it, that its last digits are in doubt. */
INLINE vmask cancelled(vec result, vec log, vec share)
{
    return vless(vabs(result), vabs(log) * share);
}

/* hi + log, the infinite and nan ones kept. */
INLINE vec add_far(vec hi, vec log, vec log_low, vec share, vmask *care)
{
    vec error, sum = two_sum(hi, log, &error);
    sum = vselect(vless(vabs(sum), vsplat(INFINITE)), sum + (error + log_low), sum);
    *care = cancelled(sum, log, share) & vless(vsplat(LEAST_CANCELLING), vabs(log));
    return sum;
}

/* lo - hi <= 0 in two parts, inf - inf being 0; no less than -DEPTH. */
INLINE vec distance(vec lo, vec hi, vec *low)
{
    vec error, d = two_sum(lo, -vmin(vsplat(MAX_FINITE), vmax(vsplat(-MAX_FINITE), hi)), &error);
    *low = vselect(vless(vabs(d), vsplat(DEPTH)), error, vsplat(0));
    return vmax(vsplat(-DEPTH), vmin(vsplat(0), d));
}

INLINE vec logaddexp_of(vec x, vec y, REAL share, vmask *care)
{
    vec hi = vmax(x, y), lo = vmin(y, x), d_low, low, log_low, error;
    vec d = two_sum(lo, -hi, &d_low), high = decay_near(d, &d_low, &low);
    vec log = log_of_one_plus(high, low, &log_low), sum = two_sum(hi, log, &error);
    sum += error + log_low;
    *care = cancelled(sum, log, vsplat(share));
    return sum;
}

INLINE vec logaddexp_far(vec x, vec y, REAL share, vmask *care)
{
    vec hi = vmax(x, y), lo = vmin(y, x), d_low, low, log_low, d = distance(lo, hi, &d_low);
    /* beside more than 1 no further than where it is nothing, so that it is not subnormal */
    vec high = decay(vmax(vselect(vless(vsplat(1), vabs(hi)), vsplat(-2 * FAR), vsplat(-DEPTH)), d), d_low, &low);
    vec log = log_of_one_plus(high * vsplat(UNLIFT), low * vsplat(UNLIFT), &log_low);
    return add_far(hi, log, log_low, vsplat(share), care);
}

/* The share for the difference: a logarithm that cancels an x near 0 is -exp(y - x), of which one part only is had beyond the digits
   of 1. Any cancelling leaves that too short. */
INLINE vec share_beside(vec x, REAL share)
{
    return vselect(vless(x, vsplat(BEYOND_DIGITS)), vsplat(1), vsplat(share));
}

INLINE vec logsubexp_of(vec x, vec y, REAL share, vmask *care)
{
    vec d_low, low, log_low, error, d = two_sum(y, -x, &d_low), u = exp_less_one(d, &d_low, 0, &low);
    vec log = log_pair(-u, -low, &log_low), sum = two_sum(x, log, &error);
    sum += error + log_low;
    *care = cancelled(sum, log, share_beside(x, share));
    return sum;
}

/* Close together or far away: x + log(x - y) or x - exp(y - x). */
INLINE vec logsubexp_far(vec x, vec y, REAL share, vmask *care)
{
    vec d_low, low, log_low, d = distance(y, x, &d_low);
    vec near_d = vmax(vsplat(-PARTS_DEPTH), d), u = exp_less_one(near_d, &d_low, 0, &low);
    vmask close = vless(vsplat(-UNLIFT), d), away = vless(d, vsplat(-PARTS_DEPTH));
    vec close_log = log_far(-d, &log_low), middle_low, log = log_pair(-u, -low, &middle_low);
    log = vselect(close, close_log, vselect(away, -exp_far(d), log));
    log_low = vselect(close, log_low, vselect(away, vsplat(0), middle_low));
    vec result = add_far(x, log, log_low, share_beside(x, share), care);
    vmask apart = vless(y, x), equal = ~vless(x, y) & vless(x, vsplat(INFINITE)) & vless(y, vsplat(INFINITE));
    *care &= apart;
    result = vselect(vless(x, vsplat(INFINITE)), result, x); /* the distance from inf to the largest number being 0 */
    return vselect(apart, result, vselect(equal, vsplat(-INFINITE), vsplat((REAL)NAN)));
}

INLINE vmask is_far(vec x)
{
    return vless(vsplat(PARTS_DEPTH), vabs(x));
}

/* All but the numbers between low and high, nan among them. */
INLINE vmask is_outside(REAL low, vec x, REAL high)
{
    return ~(vless(vsplat(low), x) & vless(x, vsplat(high)));
}

/* OUT out[n]: name_far where the condition on `a` holds, name_of elsewhere; `fill` is no far number. */
#define ONE_ARGUMENT(name, fill, condition)                                                                            \
    static void name(ptrdiff_t n, const REAL *x, REAL *out)                                                            \
    {                                                                                                                  \
        STRIPS(i, n, {                                                                                                 \
            vec a = vload_first(x + i, count, (REAL)(fill));                                                           \
            vmask far = condition;                                                                                     \
            vec value = name##_of(vselect(far, vsplat((REAL)(fill)), a));                                              \
            if (seldom(far))                                                                                           \
                value = vselect(far, name##_far(a), value);                                                            \
            vstore_first(out + i, value, count);                                                                       \
        });                                                                                                            \
    }

ONE_ARGUMENT(expit, 0, is_far(a))
ONE_ARGUMENT(softplus, 0, is_far(a))
ONE_ARGUMENT(log_expit, 0, is_far(a))
ONE_ARGUMENT(logcosh, 0, is_far(a))
ONE_ARGUMENT(log1mexp, -1, is_outside(-PARTS_DEPTH, a, -UNLIFT))
ONE_ARGUMENT(logexpm1, 1, is_outside(UNLIFT, a, PARTS_DEPTH))
ONE_ARGUMENT(logit, 0.5, is_outside(UNLIFT, a, 1))
ONE_ARGUMENT(entr, 0.5, is_outside(UNLIFT, a, LIFT))

static void xlogy(ptrdiff_t n, const REAL *x, const REAL *y, REAL *out)
{
    STRIPS(i, n, {
        vec a = vload_first(x + i, count, 1), b = vload_first(y + i, count, (REAL)0.5);
        vmask far = is_outside(UNLIFT, vabs(a), LIFT) | is_outside(UNLIFT, b, LIFT);
        vec value = xlogy_of(vselect(far, vsplat(1), a), vselect(far, vsplat((REAL)0.5), b));
        if (seldom(far))
            value = vselect(far, xlogy_far(a, b), value);
        vstore_first(out + i, value, count);
    });
}

/* The same for two, where results close to 0 are put aside. */
#define TWO_LOGARITHMS(name, subtract, condition)                                                                      \
    INLINE void name##_pass(ptrdiff_t n, const REAL *x, const REAL *y, REAL share, REAL *out)                          \
    {                                                                                                                  \
        near_zero pairs;                                                                                               \
        pairs.count = 0;                                                                                               \
        STRIPS(i, n, {                                                                                                 \
            vec a = vload_first(x + i, count, 1), b = vload_first(y + i, count, 0);                                    \
            vmask care, far_care, far = vless(vsplat(PARTS_DEPTH / 2), vmax(vabs(a), vabs(b))) | (condition);          \
            vec value = name##_of(vselect(far, vsplat(1), a), vselect(far, vsplat(0), b), share, &care);               \
            if (seldom(far)) {                                                                                         \
                value = vselect(far, name##_far(a, b, share, &far_care), value);                                       \
                care = (far & far_care) | (~far & care);                                                               \
            }                                                                                                          \
            vstore_first(out + i, value, count);                                                                       \
            if (vany(care))                                                                                            \
                near_zero_add(&pairs, care, a, b, i, subtract, out);                                                   \
        });                                                                                                            \
        if (pairs.count > 0)                                                                                           \
            near_zero_settle(&pairs, subtract, out);                                                                   \
    }                                                                                                                  \
                                                                                                                       \
    static void name(ptrdiff_t n, const REAL *x, const REAL *y, REAL *out)                                             \
    {                                                                                                                  \
        for (ptrdiff_t i = 0; i < n; i += NEAR_ZERO_SPAN)                                                              \
            name##_pass(n - i < NEAR_ZERO_SPAN ? n - i : NEAR_ZERO_SPAN, x + i, y + i, (REAL)0.0625, out + i);         \
    }

TWO_LOGARITHMS(logaddexp, 0, vfew(0))
TWO_LOGARITHMS(logsubexp, 1, ~vless(b, a - vsplat(UNLIFT)))

#if BITS == 64
/* Either of the two, for what float32 puts aside: far fewer digits will do. */
static void logs_in_double(ptrdiff_t n, const double *x, const double *y, int subtract, double *out)
{
    if (subtract)
        logsubexp_pass(n, x, y, 0x1p-28, out);
    else
        logaddexp_pass(n, x, y, 0x1p-28, out);
}
#endif

#undef ONE_ARGUMENT
#undef TWO_LOGARITHMS
