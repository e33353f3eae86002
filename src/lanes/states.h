/* States: for each reduction its maximum m and, in two doubles, the sum of its exponentials under the reference of m; or of
   all but one maximum, the others, apart (lifted by OTHERS_LIFT), so that a tail keeps its digits however small it is. */

/* exp(m) under m's own reference, lifted, in two parts: to their last digits, by the table that has them. */
INLINE vec peak_of(vec m, vec *low)
{
    reference ref = reference_of(m);
    vec rest, power = power_and_rest(vmax(ref.least, m - ref.shift), exact_magic(ref), &rest);
    vec term = vfma(power, rest, power);
    *low = vfma(power, rest, power - term);
    return term;
}

/* OUT as doubles: the maxima themselves, and exp(m) under m's own reference in two parts. */
static void states_peaks(ptrdiff_t n, const REAL *m, double *maximum, double *high, double *low)
{
    STRIPS(i, n, {
        vec rest, at = vload_first(m + i, count, 0), term = peak_of(at, &rest);
        vstore_double(maximum + i, at, 1, count);
        vstore_double(high + i, term, UNLIFT, count);
        vstore_double(low + i, rest, UNLIFT, count);
    });
}

/* Moves sums IN/OUT high[n] + low[n] from the references of maxima `from` to those of the larger (or equal) maxima `to`;
   sums more than DEPTH below become 0. */
static void states_rescale(ptrdiff_t n, const REAL *from, const REAL *to, double *high, double *low)
{
    STRIPS(i, n, {
        REAL a[LANES], b[LANES];
        vec old_m = vload_first(from + i, count, 0), new_m = vload_first(to + i, count, 0);
        if (!vany(vless(old_m, new_m) & vless(vsplat(-INFINITE), old_m))) /* what had only -inf has a sum of 0 */
            continue;
        reference old = reference_of(old_m), new = reference_of(new_m);
        vmask near = vless(new_m - old_m, vsplat(DEPTH));
        vec y = vselect(near, old.shift - new.shift, vsplat(0));
        vec magic = vselect(near, vsplat(MAGIC + HEADROOM) + (new.magic - old.magic), vsplat(MAGIC));
        vec rest, power = vselect(near, power_and_rest(y, magic, &rest), vsplat(0));
        vec factor = vfma(power, rest, power);
        vstore(a, factor);
        vstore(b, vfma(power, rest, power - factor));
        for (ptrdiff_t k = 0; k < count; k++) {
            double h = high[i + k], f = (double)a[k], p = h * f;
            low[i + k] = (low[i + k] * f + (h * (double)b[k] + product_error(h, f, p))) * (double)UNLIFT;
            high[i + k] = p * (double)UNLIFT;
        }
    });
}

/* The same for sums of others: where the maximum rises, the old one joins them. */
static void states_absorb(ptrdiff_t n, const REAL *from, const REAL *to, double *high, double *low)
{
    STRIPS(i, n, {
        REAL a[LANES], b[LANES];
        vec at = vload_first(from + i, count, 0);
        vmask joins = vless(at, vload_first(to + i, count, 0)) & vless(vsplat(-INFINITE), at);
        if (!vany(joins))
            continue;
        vec rest, term = peak_of(at, &rest);
        vstore(a, vselect(joins, term, vsplat(0)));
        vstore(b, vselect(joins, rest, vsplat(0)));
        for (ptrdiff_t k = 0; k < (count < LANES ? count : LANES); k++) {
            double error, lift = OTHERS_LIFT * (double)UNLIFT;
            high[i + k] = scalar_two_sum(high[i + k], (double)a[k] * lift, &error);
            low[i + k] += (double)b[k] * lift + error;
        }
    });
    states_rescale(n, from, to, high, low);
}

/* Sums of others IN/OUT high[n] + low[n] become sums of all. */
static void states_whole(ptrdiff_t n, const REAL *m, double *high, double *low)
{
    STRIPS(i, n, {
        REAL a[LANES], b[LANES];
        vec rest, term = peak_of(vload_first(m + i, count, 0), &rest);
        vstore(a, term);
        vstore(b, rest);
        for (ptrdiff_t k = 0; k < (count < LANES ? count : LANES); k++) {
            double error;
            high[i + k] = scalar_two_sum((double)a[k] * (double)UNLIFT, high[i + k] / OTHERS_LIFT, &error);
            low[i + k] = low[i + k] / OTHERS_LIFT + ((double)b[k] * (double)UNLIFT + error);
        }
    });
}

/* OUT as doubles: the maxima themselves, and the shift and the power of two of their references. */
static void states_origins(ptrdiff_t n, const REAL *m, double *maximum, double *shift, double *power)
{
    STRIPS(i, n, {
        vec at = vload_first(m + i, count, 0);
        reference ref = reference_of(at);
        vstore_double(maximum + i, at, 1, count);
        vstore_double(shift + i, ref.shift, 1, count);
        vstore_double(power + i, vsplat(SCALED_MAGIC + HEADROOM) - ref.magic, 1, count);
    });
}

/* Sums IN high[count] + low[count], times `factor`, a power of two, in two parts. */
INLINE vec load_sums(const double *high, const double *low, ptrdiff_t count, double factor, vec *rest)
{
#if BITS == 64
    return fast_two_sum(vload_first(high, count, 0) * vsplat(factor), vload_first(low, count, 0) * vsplat(factor),
                        rest);
#else
#if WIDENS
    if (count >= LANES) {
        narrow first[2], second[2];
        for (int k = 0; k < 2; k++) {
            wide x, y;
            memcpy(&x, high + k * (LANES / 2), sizeof x);
            memcpy(&y, low + k * (LANES / 2), sizeof y);
            x = (x + y) * factor;
            first[k] = vnarrow(x);
            second[k] = vnarrow(x - vwiden(first[k]));
        }
        *rest = vjoin(second[0], second[1]);
        return vjoin(first[0], first[1]);
    }
#endif
    REAL first[LANES] = {0}, second[LANES] = {0};
    for (ptrdiff_t k = 0; k < (count < LANES ? count : LANES); k++) {
        const double x = (high[k] + low[k]) * factor;
        first[k] = (REAL)x;
        second[k] = (REAL)(x - (double)first[k]);
    }
    *rest = vload(second);
    return vload(first);
#endif
}

/* OUT inverse[n] + inverse_low[n]: 1 / (S sum), the headroom taken out, of each; nan where there is no softmax (m = -inf, inf). */
static void states_inverse(ptrdiff_t n, const REAL *m, const double *high, const double *low, REAL *inverse,
                           REAL *inverse_low)
{
    const vec unscale = vsplat(CONSTANT(UNSCALE0)), unlift = vsplat(UNLIFT);
    STRIPS(i, n, {
        vec rest, b, error, sum = load_sums(high + i, low + i, count, 1, &rest);
        vec a = inverse_lifted(vload_first(m + i, count, 0), sum, rest, &b), whole = two_product(a, unscale, &error);
        vec part = vfma(b, unscale, vfma(a, vsplat(CONSTANT(UNSCALE1)), error));
        vstore_first(inverse + i, whole * unlift, count);
        vstore_first(inverse_low + i, part * unlift, count);
    });
}
