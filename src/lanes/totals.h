/* Totals: a register of sums of exponentials, of the lanes of a row (rows.h) or of neighbouring columns (columns.h).

   A term is power (1 + rest). The powers go to `sum`, which starts at BIAS, so that none has a larger exponent and the error of
   an addition comes out of three operations (fast two-sum) into `low`. The products power * rest, some 20 times smaller, go
   to two parts in turn, which join `sum` every SETTLE additions, before their own rounding errors can pile up. So a sum carries
   little more than the errors of the exponentials: `accuracy` in src/kernels/lanes.pxi counts it.

   Where the others are summed apart from the maximum, any of them may be the largest and all may be tiny: no bias, and
   the error of an addition in five operations. Such sums stay lifted, by OTHERS_LIFT for either type.

   Roughly, the powers of PLAINLY terms are added plainly before they go to `sum`, which costs some roundings and saves an eighth of the
   operations (float32, whose polynomial is then shorter: a quarter). `sums`, a constant, says which of the three it is. */

#ifndef SETTLE
#define SETTLE 8
#define PLAINLY 4
/* Whether the two parts are added plainly before they join the sum. */
#define JOINED(sums) (BITS == 32 || (sums) != SUM_OTHERS)
/* No power, or sum of a few, exceeds it. */
#define BIAS(sums) ((REAL)((sums) == SUM_OTHERS ? 0 : (sums) == SUM_ALL ? 2 : 2 * PLAINLY) * LIFT)
/* Additions to a lane until it is folded into a double: those of errors have errors too, which may all have one sign. */
#define SPAN 1024
#endif

typedef struct {
    vec sum, low, part, other;
    vec least; /* of the terms that are stored */
} total;

/* Whether any lane of these lifted exponentials is so small that its share may be subnormal, or the second part of that. */
INLINE int is_small(vec term)
{
    return vany(vless(term, vsplat(SMALL_TERM)));
}

INLINE total total_empty(int sums)
{
    total t = {vsplat(BIAS(sums)), vsplat(0), vsplat(0), vsplat(0), vsplat(LIFT)};
    return t;
}

INLINE void total_add_power(total *t, vec power, int sums)
{
    vec error;
    t->sum = sums == SUM_OTHERS ? ordered_two_sum(t->sum, power, &error) : fast_two_sum(t->sum, power, &error);
    t->low += error;
}

/* Power k of a group roughly: four in turn, or by twos for float32, which has fewer digits to spare. */
INLINE void total_add_plainly(total *t, ptrdiff_t k, vec power, vec *several, vec *waiting)
{
    if (k % PLAINLY == 0)
        *several = power;
    else if (BITS == 64 || k % PLAINLY == 1)
        *several += power;
    else if (k % PLAINLY == 2)
        *waiting = power;
    else
        *several += *waiting + power;
    if (k % PLAINLY == PLAINLY - 1)
        total_add_power(t, *several, SUM_ROUGHLY);
}

/* Products go to either part in turn, which halves how many of them follow each other. */
INLINE void total_add_rest(total *t, vec power, vec rest)
{
    vec part = t->part;
    t->part = vfma(power, rest, t->other);
    t->other = part;
}

INLINE void total_settle(total *t, int sums)
{
    vec error;
    t->sum = fast_two_sum(t->sum, JOINED(sums) ? t->part + t->other : t->part, &error);
    t->low += error;
    if (!JOINED(sums)) {
        t->sum = fast_two_sum(t->sum, t->other, &error);
        t->low += error;
    }
    t->part = t->other = vsplat(0);
}

/* The first `count` lanes, -inf in the others and where they equal `top`, which `number` counts. */
INLINE vec term_without(const REAL *x, ptrdiff_t count, vec top, ivec *number)
{
    vec at = vload_first(x, count, -(REAL)INFINITY);
    if (!number)
        return at;
    vmask here = vequal(at, top);
    *number = vcount_up(*number, here);
    return vselect(here, vsplat(-INFINITE), at);
}

/* A term, reduced from x, into the total; the exponential, as many lanes of it as `count` says, stored where asked. Returns its power,
   which has yet to be added. What lies ahead is fetched. */
INLINE vec total_take(reduced at, ptrdiff_t count, const REAL *x, distances ahead, int sums, REAL *out, int keep,
                      total *t)
{
    vprefetch(x, ahead.next);
    if (sums == SUM_OTHERS || (keep && ahead.result))
        vprefetch(x, ahead.result);
    vec rest, power = power_of_reduced(at, sums == SUM_ROUGHLY, &rest);
    total_add_rest(t, power, rest);
    if (keep) {
        vec term = vfma(power, rest, power);
        t->least = vmin(t->least, vfirst(term, count, LIFT));
        vstore_first(out, term, count);
    }
    return power;
}

/* `terms` registers of `count` lanes, the last of `left`, each `step` elements behind the one before, into the total, but for what equals
   `top` (see term_without; `number` NULL: nothing is left out); the exponentials stored where asked. `plainly`: powers are added in
   groups of PLAINLY, of which `terms` is a multiple. The next term is reduced before this one is summed: neither waits for the other,
   and the processor does not look far enough ahead to find that by itself. */
INLINE void total_terms(ptrdiff_t terms, ptrdiff_t count, ptrdiff_t left, const REAL *x, ptrdiff_t step,
                        distances ahead, reference ref, int shifted, int sums, int plainly, vec top, ivec *number,
                        REAL *out, ptrdiff_t out_step, int keep, total *t)
{
    const int roughly = sums == SUM_ROUGHLY;
    vec several = vsplat(0), waiting = several;
    if (terms == 0)
        return;
    reduced next = reduced_term(term_without(x, terms == 1 ? left : count, top, number), ref, shifted, roughly);
    for (ptrdiff_t k = 0; k < terms; k++, x += step, out += out_step) {
        const reduced at = next;
        if (k + 1 < terms)
            next =
                reduced_term(term_without(x + step, k + 2 == terms ? left : count, top, number), ref, shifted, roughly);
        vec power = total_take(at, k + 1 == terms ? left : count, x, ahead, sums, out, keep, t);
        if (plainly)
            total_add_plainly(t, k, power, &several, &waiting);
        else
            total_add_power(t, power, sums);
    }
}

/* Adds exp(top) as many times as `number` says. */
INLINE void total_add_equal(total *t, vec top, reference ref, ivec number)
{
    vec times = to_real(number), rest, product_low, error;
    if (!vany(vless(vsplat(0), times)))
        return;
    vec power = exponential(top, ref, 1, &rest), product = two_product(power, times, &product_low);
    t->sum = two_sum(t->sum, product, &error);
    t->low += error + vfma(product, rest, product_low);
}
