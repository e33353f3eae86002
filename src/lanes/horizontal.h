/* What the lanes of one register make together. */

/* v with the lanes exchanged that lie `half`, a power of two, apart; a constant, once the loop around is unrolled. */
INLINE vec vexchange(vec v, int half)
{
#if LEVEL == LEVEL_AVX512 && BITS == 64
    return half == 4   ? _mm512_shuffle_f64x2(v, v, 0x4E)
           : half == 2 ? _mm512_shuffle_f64x2(v, v, 0xB1)
                       : _mm512_permute_pd(v, 0x55);
#elif LEVEL == LEVEL_AVX512
    return half == 8   ? _mm512_shuffle_f32x4(v, v, 0x4E)
           : half == 4 ? _mm512_shuffle_f32x4(v, v, 0xB1)
           : half == 2 ? _mm512_permute_ps(v, 0x4E)
                       : _mm512_permute_ps(v, 0xB1);
#elif LEVEL == LEVEL_AVX2 && BITS == 64
    return half == 2 ? _mm256_permute2f128_pd(v, v, 1) : _mm256_permute_pd(v, 5);
#elif LEVEL == LEVEL_AVX2
    return half == 4   ? _mm256_permute2f128_ps(v, v, 1)
           : half == 2 ? _mm256_permute_ps(v, 0x4E)
                       : _mm256_permute_ps(v, 0xB1);
#else
    REAL lane[LANES], other[LANES];
    vstore(lane, v);
    for (int i = 0; i < LANES; i++)
        other[i] = lane[i ^ half];
    return vload(other);
#endif
}

/* The first lane. */
INLINE REAL vlane(vec v)
{
    REAL first;
    memcpy(&first, &v, sizeof first);
    return first;
}

/* The largest lane, in each. */
INLINE vec vlargest(vec v)
{
    for (int half = LANES / 2; half > 0; half /= 2)
        v = vmax(v, vexchange(v, half));
    return v;
}

/* The sum of all lanes. */
INLINE INT vcount(ivec v)
{
    INT first;
    for (int half = LANES / 2; half > 0; half /= 2)
        v += as_int(vexchange(as_real(v), half));
    memcpy(&first, &v, sizeof first);
    return first;
}

#if BITS == 32
/* The sum of all lanes of a + b in double, neighbours last. */
INLINE double vsum_wide(vec a, vec b)
{
#if LEVEL == LEVEL_AVX512 && WIDENS
    return _mm512_reduce_add_pd(vadd_half(a, b, 0) + vadd_half(a, b, 1));
#else
    double all[LANES] = {0};
    vadd_wide(all, a, b, 1);
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int k = 0; k < half; k++)
            all[k] += all[k + half];
    return all[0];
#endif
}
#endif
