/* Logarithms as a sum of two parts: relative error below 2^-58 (float64), 2^-29 (float32), also where the result is tiny;
   and, in half the operations, rounded ones. A square has TINY added, so that it is not subnormal, which some processors
   are slow at (a hundred cycles an operation).
   u = 2^e (1 + f) with 1 + f in [1/sqrt 2, sqrt 2]; log(1 + f) = 2 atanh(f / (2 + f)). */

INLINE vec split_exponent(vec u, vec *scale_down, vec *exponent)
{
    const ivec low = as_int(vsplat((REAL)0.70710678118654752440));
    ivec e = shift_right(as_int(u) - low, SIGNIFICAND);
    *exponent = to_real(e);
    *scale_down = as_real(as_int(vsplat(1)) - shift_left(e, SIGNIFICAND));
    return as_real(as_int(u) - shift_left(e, SIGNIFICAND));
}

/* The polynomial by even and odd terms, so that no addition waits long for another. */
INLINE vec log_polynomial(vec square)
{
    const REAL *c = LOG_COEFFICIENT;
#if LOG_DEGREE > 2
    vec fourth = square * square;
    vec even = vfma(vfma(vfma(vsplat(c[6]), fourth, vsplat(c[4])), fourth, vsplat(c[2])), fourth, vsplat(c[0]));
    vec odd = vfma(vfma(vfma(vsplat(c[7]), fourth, vsplat(c[5])), fourth, vsplat(c[3])), fourth, vsplat(c[1]));
    return vfma(odd, square, even);
#else
    return vfma(vfma(vsplat(c[2]), square, vsplat(c[1])), square, vsplat(c[0]));
#endif
}

/* 2 atanh((n + nl) / (d + dl)), the quotient at most (sqrt 2 - 1) / (sqrt 2 + 1) in size; nl may be NULL. */
INLINE vec atanh_twice(vec n, const vec *nl, vec d, vec dl, vec *result_low)
{
    vec inverse = vsplat(1) / d, s = n * inverse;
    vec rest = nl ? residual(n, s, d) + *nl : residual(n, s, d);
    vec sl = vfnma(s, dl, rest) * inverse;
    vec square = vfma(s, s, vsplat(TINY)), poly = log_polynomial(square);
    *result_low = vfma(s, square * poly, sl + sl);
    return s + s;
}

/* e log 2 + log(1 + f + fl), e whole; fl may be NULL. */
INLINE vec log_reduced(vec f, const vec *fl, vec e, vec *result_low)
{
    vec dl, hl, tail, d = fast_two_sum(vsplat(2), f, &dl);
    vec h = atanh_twice(f, fl, d, fl ? dl + *fl : dl, &hl);
    vec sum = fast_two_sum(e * vsplat(LN2_PART0), h, &tail);
    *result_low = tail + (hl + e * vsplat(LN2_TAIL));
    return sum;
}

/* A polynomial of a degree that is a constant. */
INLINE vec log_terms(const REAL *c, int degree, vec square)
{
    vec sum = vsplat(c[degree]);
    for (int k = degree - 1; k >= 0; k--)
        sum = vfma(sum, square, vsplat(c[k]));
    return sum;
}

/* log(1 + f + fl) = f + what is returned, given `last`, fl and what else is to be added; fl may be NULL. That is a sixth of
   the whole at most, so its own rounding errors, those of a quotient among them that nothing corrects, stay below a
   third of an ulp. */
INLINE vec log_beyond(vec f, const vec *fl, vec last)
{
    vec s = f / (vsplat(2) + f), square = vfma(s, s, vsplat(TINY));
    vec whole = fl ? vfma(vsplat(2), *fl, f) : f; /* the derivative by f, nearly */
    vec poly = log_terms(LOG_SHORT_COEFFICIENT, LOG_SHORT_DEGREE, square);
    return vfnma(s, vfnma(square, poly, whole), last);
}

/* log(u + low) rounded, within 1.5 ulp. */
INLINE vec log_rounded(vec u, vec low)
{
    vec scale, e, z = split_exponent(u, &scale, &e), f = z - vsplat(1), fl = low * scale;
    return vfma(e, vsplat(LN2_FULL0), f + log_beyond(f, &fl, fl));
}

/* log(u 2^power) rounded, within 1.5 ulp of it and of power log(2). */
INLINE vec log_scaled(vec u, vec power)
{
    vec scale, e, z = split_exponent(u, &scale, &e), f = z - vsplat(1);
    return vfma(e + power, vsplat(LN2_FULL0), f + log_beyond(f, NULL, vsplat(0)));
}

/* log((u + low + lowest) 2^power), u in the normal range, each part below the last digits of that before it; lowest may be
   NULL. */
INLINE vec log_parts(vec u, vec low, const vec *lowest, vec power, vec *result_low)
{
    vec scale, e, fl, z = split_exponent(u, &scale, &e), f = fast_two_sum(z - vsplat(1), low * scale, &fl);
    if (lowest)
        fl += *lowest * scale;
    return log_reduced(f, &fl, e + power, result_low);
}

/* The same for u in two parts, and for a single number. */
INLINE vec log_pair(vec u, vec low, vec *result_low)
{
    vec scale, e, fl, z = split_exponent(u, &scale, &e), f = fast_two_sum(z - vsplat(1), low * scale, &fl);
    return log_reduced(f, &fl, e, result_low);
}

INLINE vec log_single(vec u, vec power, vec *result_low)
{
    vec scale, e, z = split_exponent(u, &scale, &e);
    return log_reduced(z - vsplat(1), NULL, e + power, result_low);
}

/* log(1 + q) for q > -1 given in two parts. */
INLINE vec log1p_parts(vec high, vec low, vec *result_low)
{
    vec error, rest, u = two_sum(vsplat(1), high, &error);
    rest = two_sum(error, low, &low);
    return log_parts(u, rest, &low, vsplat(0), result_low);
}
