/* Error-free transformations: the rounded result and, exactly, what rounding took. */

INLINE vec two_sum(vec a, vec b, vec *error)
{
    vec s = a + b, part = s - a;
    *error = (a - (s - part)) + (b - part);
    return s;
}

/* The same in half the operations, where |a| >= |b| or a == 0. */
INLINE vec fast_two_sum(vec a, vec b, vec *error)
{
    vec s = a + b;
    *error = b - (s - a);
    return s;
}

/* The same where neither is negative, in five. */
INLINE vec ordered_two_sum(vec a, vec b, vec *error)
{
    vec s = a + b;
    *error = vmin(a, b) - (s - vmax(a, b));
    return s;
}

/* Without an FMA by Dekker's split: exact while |a|, |b| stay below the largest number over 2^(half the significand). */
INLINE vec two_product(vec a, vec b, vec *error)
{
    vec p = a * b;
#if HAS_FMA
    *error = vfma(a, b, -p);
#else
    const vec split = vsplat(BITS == 64 ? (REAL)134217729.0 : (REAL)4097.0);
    vec t = a * split, high_a = t - (t - a), low_a = a - high_a;
    vec u = b * split, high_b = u - (u - b), low_b = b - high_b;
    *error = ((high_a * high_b - p) + high_a * low_b + low_a * high_b) + low_a * low_b;
#endif
    return p;
}

/* a * b + c likewise, where |c| >= 2 |a * b| or c == 0. */
INLINE vec fast_product_sum(vec a, vec b, vec c, vec *error)
{
#if HAS_FMA
    vec s = vfma(a, b, c);
    *error = vfma(a, b, c - s);
#else
    vec p_error, p = two_product(a, b, &p_error), s = fast_two_sum(c, p, error);
    *error += p_error;
#endif
    return s;
}

/* n - s d for a quotient s = n / d but for its rounding errors: exact. */
INLINE vec residual(vec n, vec s, vec d)
{
#if HAS_FMA
    return vfnma(s, d, n);
#else
    vec error, p = two_product(s, d, &error);
    return (n - p) - error;
#endif
}

/* The sum of all lanes of high + low, in each, in two parts, nearly to the last digit of the second. */
INLINE vec lanes_sum(vec high, vec low, vec *sum_low)
{
    vec error;
    for (int half = LANES / 2; half > 0; half /= 2) {
        high = two_sum(high, vexchange(high, half), &error);
        low = (low + vexchange(low, half)) + error; /* the same in both */
    }
    *sum_low = low;
    return high;
}
