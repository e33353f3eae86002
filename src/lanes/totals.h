/* Totals: a register of sums of exponentials, of the lanes of a row (rows.h) or of neighbouring columns (columns.h).

   A term is power (1 + rest). The powers go to `sum`, which starts at BIAS, so that none has a larger exponent and the error of
   an addition comes out of three operations (fast two-sum) into `low`. The products power * rest, some 20 to 40 times smaller, go
   to `part`, which joins `sum` every SETTLE additions, before its own rounding errors can pile up. So a sum carries
   little more than the errors of the exponentials: `accuracy` in src/kernels/lanes.pxi counts it.

   Where the others are summed apart from the maximum, any of them may be the largest and all may be tiny: no bias, and
   the error of an addition in five operations. Such sums stay lifted, by OTHERS_LIFT for either type. */

#ifndef SETTLE
#define SETTLE 8
/* Whether products alternate between two parts, which halves how many of them follow each other. */
#define IN_PAIRS(apart) (BITS == 32 || (apart)) /* float32 adds the two plainly before they join the sum */
/* Additions to a lane until it is folded into a double: those of errors have errors too, which may all have one sign. */
#define SPAN 1024
#endif

typedef struct {
    vec sum, low, part, other;
} total;

INLINE total total_empty(int apart)
{
    total t = {vsplat(apart ? 0 : BIAS), vsplat(0), vsplat(0), vsplat(0)};
    return t;
}

INLINE void total_add(total *t, vec power, vec rest, int apart)
{
    vec error;
    t->sum = apart ? ordered_two_sum(t->sum, power, &error) : fast_two_sum(t->sum, power, &error);
    t->low += error;
    vec part = t->part;
    t->part = vfma(power, rest, IN_PAIRS(apart) ? t->other : part);
    t->other = part;
}

INLINE void total_settle(total *t, int apart)
{
    vec error;
    t->sum = fast_two_sum(t->sum, BITS == 32 ? t->part + t->other : t->part, &error);
    t->low += error;
    if (BITS == 64 && IN_PAIRS(apart)) {
        t->sum = fast_two_sum(t->sum, t->other, &error);
        t->low += error;
    }
    t->part = t->other = vsplat(0);
}

/* The first `count` lanes, -inf in the others and where they equal `top`; their number grows by them. */
INLINE vec term_without(const REAL *x, ptrdiff_t count, vec top, ivec *number)
{
    vec at = vload_first(x, count, -(REAL)INFINITY);
    if (!number)
        return at;
    ivec here = vequal(at, top);
    *number -= here;
    return vselect(here, vsplat(-INFINITE), at);
}

/* `terms` (a constant) registers of `count` lanes, each `step` elements behind the last, into the total, but for what equals `top`
   (see term_without; `number` NULL: nothing is left out); the exponentials stored where asked. The next term is reduced before this one is
   summed: neither waits for the other, and the processor does not look far enough ahead to find that by itself. */
INLINE void total_terms(ptrdiff_t terms, ptrdiff_t count, const REAL *x, ptrdiff_t step, distances ahead, reference ref,
                        int shifted, int apart, vec top, ivec *number, REAL *out, ptrdiff_t out_step, int keep,
                        total *t)
{
    reduced next = reduced_term(term_without(x, count, top, number), ref, shifted);
    for (ptrdiff_t k = 0; k < terms; k++) {
        const reduced at = next;
        if (k + 1 < terms)
            next = reduced_term(term_without(x + (k + 1) * step, count, top, number), ref, shifted);
        vprefetch(x + k * step, ahead.next);
        if (apart || (keep && ahead.result))
            vprefetch(x + k * step, ahead.result);
        vec rest, power = power_of_reduced(at, &rest);
        total_add(t, power, rest, apart);
        if (keep)
            vstore_first(out + k * out_step, vfma(power, rest, power), count);
    }
}
