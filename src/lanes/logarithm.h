/* log(1 + q) for q > -1 given in two parts, as a sum of two parts: relative error below 2^-58 (float64), 2^-29 (float32),
   also where q is tiny. 1 + q = 2^e (1 + f) with 1 + f in [1/sqrt 2, sqrt 2); log(1 + f) = 2 atanh(f / (2 + f)). */

INLINE vec split_exponent(vec u, vec *scale_down, vec *exponent)
{
    const ivec low = as_int(vsplat((REAL)0.70710678118654752440));
    const vec whole = vsplat(ROUND_TO_WHOLE);
    ivec e = shift_right(as_int(u) - low, SIGNIFICAND);
    *exponent = as_real(as_int(whole) + e) - whole;
    *scale_down = as_real(as_int(vsplat(1)) - shift_left(e, SIGNIFICAND));
    return as_real(as_int(u) - shift_left(e, SIGNIFICAND));
}

INLINE vec log1p_parts(vec high, vec low, vec *result_low)
{
    vec error, scale, e, fl, dl, pl, tail;
    vec u = two_sum(vsplat(1), high, &error);
    vec z = split_exponent(u, &scale, &e);
    vec f = fast_two_sum(z - vsplat(1), (error + low) * scale, &fl);
    vec d = fast_two_sum(vsplat(2), f, &dl);
    vec inverse = vsplat(1) / d, s = f * inverse;
    vec p = two_product(s, d, &pl);
    vec sl = (((f - p) - pl) + (fl - s * (dl + fl))) * inverse;
    vec square = s * s;
    vec poly = vsplat(LOG_COEFFICIENT[LOG_DEGREE]);
    for (int i = LOG_DEGREE - 1; i >= 0; i--)
        poly = vfma(poly, square, vsplat(LOG_COEFFICIENT[i]));
    vec sum = fast_two_sum(e * vsplat(LN2_PART0), s + s, &tail);
    *result_low = tail + (vfma(s * square, poly, sl + sl) + e * vsplat(LN2_TAIL));
    return sum;
}
