/* exp(x) relative to a power of two near the largest exponential: reduce, approximate, reconstruct.

   A reference stands for a maximum m. It is a number `shift` and an integer k with exp(m) = 2^k exp(shift) times something
   in [1, 2]; terms are taken as exp(x - shift) 2^(HEADROOM - k). The shift is 0 (k does all the work: x itself is reduced,
   so x - m is never rounded) unless |m| > SHIFT_ABOVE; then it is m rounded to a multiple of 1/2, and x - shift is
   exact for every x that is not negligible (Sterbenz). A reference is a function of m alone, so states that hold the
   same maximum have the same reference, and sums move between references by exact powers of two (or, in the
   shifted case, by factors that at least halve from one to the next, so that their errors do not pile up).

   Sums of exponentials, and softmax, take them times S, a number for which the table S 2^(j/8) has no entry far from exact: one part an
   entry does, where 2^(j/16), the table for what has to be better, needs two. What leaves a sum is divided by S.

   HEADROOM lifts terms out of the subnormal range, where bit arithmetic on exponents fails; DEPTH is how far below the maximum
   terms count for anything, even as subnormal results of softmax. */

typedef struct {
    vec shift; /* subtracted from x */
    vec magic; /* added to (x - shift) log2(e), rounds it to a step of the table and moves the exponent by HEADROOM - k */
    vec least; /* x - shift is raised to this: -inf and far values become negligible, never wrap round */
} reference;

INLINE reference reference_of(vec m)
{
    const vec half = vsplat(ROUND_TO_HALF), whole = vsplat(ROUND_TO_WHOLE);
    reference ref;
    ref.shift = vsplat(0);
    if (seldom(~vless(vabs(m), vsplat(SHIFT_ABOVE)))) {
        m = vselect(vless(vabs(m), vsplat(INFINITE)), m, vsplat(0));
        vec near_half = vselect(vless(vabs(m), vsplat(HALVES_BELOW)), (m + half) - half, m);
        ref.shift = vselect(vless(vsplat(SHIFT_ABOVE), vabs(m)), near_half, vsplat(0));
    }
    vec rest = m - ref.shift;
    vec k = (rest * vsplat(LOG2E) - vsplat((REAL)0.5) + whole) - whole;
    ref.magic = vsplat(SCALED_MAGIC + HEADROOM) - k;
    ref.least = rest - vsplat(DEPTH);
    return ref;
}

/* Whether any lane has a shift. */
INLINE int is_shifted(reference ref)
{
    return vany(vless(vsplat(0), vabs(ref.shift)));
}

/* What power_and_rest takes as magic for the same steps of the exponent. */
INLINE vec exact_magic(reference ref)
{
    return (ref.magic - vsplat(SCALED_MAGIC)) + vsplat(MAGIC);
}

/* y - steps ln 2, exact but for one rounding of the (small) result; steps is a multiple of 1/16 or 1/8. */
INLINE vec reduce(vec y, vec steps)
{
#if HAS_FMA
    return vfnma(steps, vsplat(LN2_FULL1), vfnma(steps, vsplat(LN2_FULL0), y));
#elif BITS == 64
    return (y - steps * vsplat(LN2_PART0)) - steps * vsplat(LN2_PART1);
#else
    return ((y - steps * vsplat(LN2_PART0)) - steps * vsplat(LN2_PART1)) - steps * vsplat(LN2_PART2);
#endif
}

/* The same, but float32 with one product less: steps ln 2 is off by 2^-28.5 of itself. */
INLINE vec reduce_roughly(vec y, vec steps)
{
#if BITS == 64
    return reduce(y, steps);
#elif HAS_FMA
    return vfnma(steps, vsplat(LN2_FULL0), y);
#else
    return (y - steps * vsplat(LN2_PART0)) - steps * vsplat(LN2_TAIL);
#endif
}

/* The polynomial of a degree that is a constant, by halves, so that no addition waits long for another. */
INLINE vec exp_polynomial(const REAL *c, int degree, vec r, vec square)
{
    vec low = vfma(vsplat(c[1]), r, vsplat(c[0]));
    if (degree == 1)
        return low;
    if (degree == 2)
        return vfma(vsplat(c[2]), square, low);
    vec high = vfma(vsplat(c[5]), r, vsplat(c[4]));
    return vfma(vfma(high, square, vfma(vsplat(c[3]), r, vsplat(c[2]))), square, low);
}

/* exp(y) 2^(what magic says) = power (1 + rest), |rest| < 0.022. */
INLINE vec power_and_rest(vec y, vec magic, vec *rest)
{
    vec shifted = vfma(y, vsplat(LOG2E), magic);
    vec r = reduce(y, shifted - magic);
    ivec index = as_int(shifted);
    vec square = r * r, poly = exp_polynomial(EXP_COEFFICIENT, EXP_DEGREE, r, square);
    *rest = r + vfma(square, poly, vlookup(POWER_REST, index));
    return as_real(as_int(vlookup(POWER, index)) + shift_left(index, EXPONENT_SHIFT));
}

/* An element under a reference, reduced: what is left of it beside a number of steps of the table. */
typedef struct {
    vec rest, steps; /* steps as a sum with the reference's magic number */
} reduced;

/* nan stays nan. `shifted` 0, a constant, says that the shift is 0; `roughly`, likewise, that fewer digits will do. */
INLINE reduced reduced_term(vec x, reference ref, int shifted, int roughly)
{
    vec y = vmax(ref.least, shifted ? x - ref.shift : x), steps = vfma(y, vsplat(LOG2E), ref.magic);
    return (reduced){roughly ? reduce_roughly(y, steps - ref.magic) : reduce(y, steps - ref.magic), steps};
}

/* S exp(x) = power (1 + rest) for that element x, |rest| < 0.045; roughly, float32 by a shorter polynomial. */
INLINE vec power_of_reduced(reduced x, int roughly, vec *rest)
{
    vec square = x.rest * x.rest;
    ivec index = as_int(x.steps);
    vec poly = roughly ? exp_polynomial(ROUGH_COEFFICIENT, ROUGH_DEGREE, x.rest, square)
                       : exp_polynomial(SCALED_COEFFICIENT, EXP_DEGREE, x.rest, square);
    *rest = vfma(square, poly, x.rest);
    return as_real(as_int(vlookup_scaled(SCALED_POWER, index)) + shift_left(index, SCALED_SHIFT));
}

INLINE vec exponential(vec x, reference ref, int shifted, vec *rest)
{
    return power_of_reduced(reduced_term(x, ref, shifted, 0), 0, rest);
}
