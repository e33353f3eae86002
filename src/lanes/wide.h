/* Numbers of either type as doubles. */

#if BITS == 32 && WIDENS
/* Half a register of floats and a register of doubles, as many. */
typedef REAL narrow __attribute__((vector_size(BYTES / 2)));
typedef double wide __attribute__((vector_size(BYTES)));

INLINE wide vwiden(narrow v)
{
#if LEVEL == LEVEL_AVX512 /* which GCC would convert by quarters */
    return _mm512_cvtps_pd(v);
#else
    return __builtin_convertvector(v, wide);
#endif
}

INLINE narrow vnarrow(wide v)
{
#if LEVEL == LEVEL_AVX512
    return _mm512_cvtpd_ps(v);
#else
    return __builtin_convertvector(v, narrow);
#endif
}

/* A register of two halves: from memory it would wait for both to be stored. */
INLINE vec vjoin(narrow lower, narrow upper)
{
#if LEVEL == LEVEL_AVX512
    return _mm512_insertf32x8(_mm512_castps256_ps512(lower), upper, 1);
#elif LEVEL == LEVEL_AVX2
    return _mm256_set_m128(upper, lower);
#else
    const narrow both[2] = {lower, upper};
    vec v;
    memcpy(&v, both, sizeof v);
    return v;
#endif
}

/* a + b in double, of the lower or the upper half of the lanes. */
INLINE wide vadd_half(vec a, vec b, int upper)
{
#if LEVEL == LEVEL_AVX512
    narrow x = upper ? _mm512_extractf32x8_ps(a, 1) : _mm512_castps512_ps256(a);
    narrow y = upper ? _mm512_extractf32x8_ps(b, 1) : _mm512_castps512_ps256(b);
#else
    narrow x, y;
    memcpy(&x, (const REAL *)&a + upper * (LANES / 2), sizeof x);
    memcpy(&y, (const REAL *)&b + upper * (LANES / 2), sizeof y);
#endif
    return vwiden(x) + vwiden(y);
}
#endif

#if BITS == 32
/* IN/OUT to[LANES] += (a + b) * factor, lane by lane in double; where the compiler can, by registers, as GCC does not find them
   in the loop. */
INLINE void vadd_wide(double *to, vec a, vec b, double factor)
{
#if WIDENS
    for (int upper = 0; upper < 2; upper++, to += LANES / 2) {
        wide sum;
        memcpy(&sum, to, sizeof sum);
        sum += vadd_half(a, b, upper) * factor;
        memcpy(to, &sum, sizeof sum);
    }
#else
    REAL x[LANES], y[LANES];
    vstore(x, a);
    vstore(y, b);
    for (int k = 0; k < LANES; k++)
        to[k] += ((double)x[k] + (double)y[k]) * factor;
#endif
}
#endif

/* The first `count` lanes as doubles times `factor`. */
INLINE void vstore_double(double *p, vec v, double factor, ptrdiff_t count)
{
#if BITS == 64
    vstore_first(p, v * vsplat(factor), count);
#else
    REAL lane[LANES];
    vstore(lane, v);
    for (ptrdiff_t i = 0; i < (count < LANES ? count : LANES); i++)
        p[i] = (double)lane[i] * factor;
#endif
}
