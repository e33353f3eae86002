/* Logarithms as a sum of two parts: relative error below 2^-58 (float64), 2^-29 (float32), also where the result is tiny.
   u = 2^e (1 + f) with 1 + f in [1/sqrt 2, sqrt 2]; log(1 + f) = 2 atanh(f / (2 + f)). */

INLINE vec split_exponent(vec u, vec *scale_down, vec *exponent)
{
    const ivec low = as_int(vsplat((REAL)0.70710678118654752440));
    const vec whole = vsplat(ROUND_TO_WHOLE);
    ivec e = shift_right(as_int(u) - low, SIGNIFICAND);
    *exponent = as_real(as_int(whole) + e) - whole;
    *scale_down = as_real(as_int(vsplat(1)) - shift_left(e, SIGNIFICAND));
    return as_real(as_int(u) - shift_left(e, SIGNIFICAND));
}

/* 2 atanh((n + nl) / (d + dl)), the quotient at most (sqrt 2 - 1) / (sqrt 2 + 1) in size. */
INLINE vec atanh_twice(vec n, vec nl, vec d, vec dl, vec *result_low)
{
    vec inverse = vsplat(1) / d, s = n * inverse;
    vec sl = (residual(n, s, d) + (nl - s * dl)) * inverse;
    vec square = s * s;
    vec poly = vsplat(LOG_COEFFICIENT[LOG_DEGREE]);
    for (int i = LOG_DEGREE - 1; i >= 0; i--)
        poly = vfma(poly, square, vsplat(LOG_COEFFICIENT[i]));
    *result_low = vfma(s * square, poly, sl + sl);
    return s + s;
}

/* log((u + low + lowest) 2^power), u in the normal range, each part below the last digits of that before it. */
INLINE vec log_parts(vec u, vec low, vec lowest, vec power, vec *result_low)
{
    vec scale, e, fl, dl, hl, tail;
    vec z = split_exponent(u, &scale, &e);
    vec f = fast_two_sum(z - vsplat(1), low * scale, &fl);
    fl += lowest * scale;
    vec d = fast_two_sum(vsplat(2), f, &dl);
    vec h = atanh_twice(f, fl, d, dl + fl, &hl);
    e += power;
    vec sum = fast_two_sum(e * vsplat(LN2_PART0), h, &tail);
    *result_low = tail + (hl + e * vsplat(LN2_TAIL));
    return sum;
}

/* log(1 + q) for q > -1 given in two parts. */
INLINE vec log1p_parts(vec high, vec low, vec *result_low)
{
    vec error, rest, u = two_sum(vsplat(1), high, &error);
    rest = two_sum(error, low, &low);
    return log_parts(u, rest, low, vsplat(0), result_low);
}
