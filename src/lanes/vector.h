/* What a vector register can do. Parameters of the inclusion: SET (its name), LEVEL (see lanes.c), BYTES (of a register),
   TYPE (f64 or f32), REAL, INT, UINT, BITS. LANES == 1 is plain C for compilers without vector extensions. */

#if LEVEL == LEVEL_SCALAR
#define LANES 1
typedef REAL vec;
typedef INT ivec;
#else
#define LANES ((int)(BYTES / sizeof(REAL)))
typedef REAL vec __attribute__((vector_size(BYTES)));
typedef INT ivec __attribute__((vector_size(BYTES)));
#endif

/* What holds in which lanes, to be joined by & | ~: a bit each where the set has registers for those, else all ones or all zeros
   in each lane. */
#if LEVEL == LEVEL_AVX512
typedef LANE_MASK vmask;
#else
typedef ivec vmask;
#endif

INLINE vec vload(const REAL *p)
{
    vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void vstore(REAL *p, vec v)
{
    memcpy(p, &v, sizeof v);
}

INLINE ivec as_int(vec v)
{
    ivec bits;
    memcpy(&bits, &v, sizeof v);
    return bits;
}

INLINE vec as_real(ivec bits)
{
    vec v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

INLINE vec vsplat(REAL a)
{
#if LEVEL == LEVEL_SCALAR
    return a;
#else
    return a - (vec){0};
#endif
}

INLINE ivec isplat(INT a)
{
#if LEVEL == LEVEL_SCALAR
    return a;
#else
    return a - (ivec){0};
#endif
}

/* Shifts by a constant; the left one drops high bits, the right one keeps the sign. */
INLINE ivec shift_left(ivec v, int count)
{
#if LEVEL == LEVEL_SCALAR
    return (INT)((UINT)v << count);
#else
    return v << count;
#endif
}

INLINE ivec shift_right(ivec v, int count)
{
    return v >> count;
}

/* Whole numbers of less than SIGNIFICAND bits as reals: not every set converts those of 64 bits. */
INLINE vec to_real(ivec v)
{
    const vec whole = vsplat(ROUND_TO_WHOLE);
    return as_real(as_int(whole) + v) - whole;
}

/* A comparison with nan is false. */
INLINE vmask vless(vec a, vec b)
{
#if LEVEL == LEVEL_AVX512
    return COMPARISON(_mm512_cmp_)(a, b, _CMP_LT_OS);
#elif LEVEL == LEVEL_SCALAR
    return -(INT)(a < b);
#else
    return a < b;
#endif
}

INLINE vmask vequal(vec a, vec b)
{
#if LEVEL == LEVEL_AVX512
    return COMPARISON(_mm512_cmp_)(a, b, _CMP_EQ_OQ);
#elif LEVEL == LEVEL_SCALAR
    return -(INT)(a == b);
#else
    return a == b;
#endif
}

INLINE vec vselect(vmask mask, vec yes, vec no)
{
#if LEVEL == LEVEL_AVX512
    return INTRINSIC(_mm512_mask_mov_)(no, mask, yes);
#else
    return as_real((mask & as_int(yes)) | (~mask & as_int(no)));
#endif
}

/* v where the mask holds, 0 elsewhere. */
INLINE ivec vwhere(vmask mask, ivec v)
{
#if LEVEL == LEVEL_AVX512
    return as_int(INTRINSIC(_mm512_maskz_mov_)(mask, as_real(v)));
#else
    return mask & v;
#endif
}

/* v, one more where the mask holds. */
INLINE ivec vcount_up(ivec v, vmask mask)
{
#if LEVEL == LEVEL_AVX512 && BITS == 64
    return (ivec)_mm512_mask_add_epi64((__m512i)v, mask, (__m512i)v, (__m512i)isplat(1));
#elif LEVEL == LEVEL_AVX512
    return (ivec)_mm512_mask_add_epi32((__m512i)v, mask, (__m512i)v, (__m512i)isplat(1));
#else
    return v - mask;
#endif
}

INLINE int vany(vmask mask)
{
#if LEVEL == LEVEL_AVX512
    return mask != 0;
#elif LEVEL == LEVEL_AVX2
    return INTRINSIC(_mm256_movemask_)(as_real(mask)) != 0;
#elif LEVEL == LEVEL_SSE2
    return INTRINSIC(_mm_movemask_)(as_real(mask)) != 0;
#else
    INT lane[LANES], any = 0;
    memcpy(lane, &mask, sizeof lane);
    for (int i = 0; i < LANES; i++)
        any |= lane[i];
    return any != 0;
#endif
}

/* Whether any lane holds, seldom so, for a branch that stays one: GCC 12 has made of one in a loop a choice between registers whose
   mask held in the first lane alone. */
INLINE int seldom(vmask mask)
{
    if (!vany(mask))
        return 0;
#if defined(__GNUC__)
    __asm__ volatile("");
#endif
    return 1;
}

INLINE vec vabs(vec v)
{
    return as_real(as_int(v) & isplat((INT)(((UINT)-1) >> 1)));
}

/* a > b ? a : b, so the second where either is nan: the processor's own rule. */
INLINE vec vmax(vec a, vec b)
{
#if LEVEL == LEVEL_AVX512
    return INTRINSIC(_mm512_max_)(a, b);
#elif LEVEL == LEVEL_AVX2
    return INTRINSIC(_mm256_max_)(a, b);
#elif LEVEL == LEVEL_SSE2
    return INTRINSIC(_mm_max_)(a, b);
#else
    return vselect(vless(b, a), a, b);
#endif
}

INLINE vec vmin(vec a, vec b)
{
#if LEVEL == LEVEL_AVX512
    return INTRINSIC(_mm512_min_)(a, b);
#elif LEVEL == LEVEL_AVX2
    return INTRINSIC(_mm256_min_)(a, b);
#elif LEVEL == LEVEL_SSE2
    return INTRINSIC(_mm_min_)(a, b);
#else
    return vselect(vless(a, b), a, b);
#endif
}

/* a * b + c, rounded once where the set has the instruction, twice elsewhere. */
INLINE vec vfma(vec a, vec b, vec c)
{
#if LEVEL == LEVEL_AVX512
    return INTRINSIC(_mm512_fmadd_)(a, b, c);
#elif LEVEL == LEVEL_AVX2
    return INTRINSIC(_mm256_fmadd_)(a, b, c);
#elif LEVEL == LEVEL_NEON && BITS == 64
    return vfmaq_f64(c, a, b);
#elif LEVEL == LEVEL_NEON
    return vfmaq_f32(c, a, b);
#else
    return a * b + c;
#endif
}

/* c - a * b, likewise. */
INLINE vec vfnma(vec a, vec b, vec c)
{
#if LEVEL == LEVEL_AVX512
    return INTRINSIC(_mm512_fnmadd_)(a, b, c);
#elif LEVEL == LEVEL_AVX2
    return INTRINSIC(_mm256_fnmadd_)(a, b, c);
#else
    return vfma(-a, b, c);
#endif
}

/* Entry (index & mask) of a table, whatever the type of its entries. */
INLINE vec vlookup_in_memory(const void *table, ivec index, int mask)
{
    const char *base = table;
    INT lane[LANES];
    REAL entry[LANES];
    memcpy(lane, &index, sizeof lane);
    for (int i = 0; i < LANES; i++)
        memcpy(&entry[i], base + (lane[i] & mask) * sizeof(REAL), sizeof(REAL));
    return vload(entry);
}

/* Entry (index & 15) of a table of 16. */
INLINE vec vlookup(const void *table, ivec index)
{
#if LEVEL == LEVEL_AVX512 && BITS == 64
    const double *entry = table;
    return _mm512_permutex2var_pd(_mm512_loadu_pd(entry), (__m512i)index, _mm512_loadu_pd(entry + 8));
#elif LEVEL == LEVEL_AVX512
    return _mm512_permutexvar_ps((__m512i)index, _mm512_loadu_ps(table));
#elif LEVEL == LEVEL_AVX2 && BITS == 32
    const float *entry = table;
    __m256 low = _mm256_permutevar8x32_ps(_mm256_loadu_ps(entry), (__m256i)index);
    __m256 high = _mm256_permutevar8x32_ps(_mm256_loadu_ps(entry + 8), (__m256i)index);
    return _mm256_blendv_ps(low, high, (__m256)shift_left(index, 28)); /* bit 3 to the sign */
#else
    return vlookup_in_memory(table, index, 15);
#endif
}

/* Entry (index & 7) of a table of eight: a permutation of one register, which takes nothing from the multipliers as one of two may. */
INLINE vec vlookup_scaled(const void *table, ivec index)
{
#if LEVEL == LEVEL_AVX512 && BITS == 64
    return _mm512_permutexvar_pd((__m512i)index, _mm512_loadu_pd(table));
#elif LEVEL == LEVEL_AVX512
    const __m512i entries = _mm512_broadcast_i64x4(_mm256_loadu_si256(table)); /* twice */
    return (vec)_mm512_permutexvar_epi32((__m512i)index, entries);
#elif LEVEL == LEVEL_AVX2 && BITS == 32
    return _mm256_permutevar8x32_ps(_mm256_loadu_ps(table), (__m256i)index);
#elif LEVEL == LEVEL_AVX2
    const float *half = table; /* of an entry: four of them in a register */
    const __m256 twice = _mm256_moveldup_ps((__m256)shift_left(index, 1));
    const __m256i halves = (__m256i)_mm256_or_ps(twice, (__m256)_mm256_set1_epi64x((int64_t)1 << 32));
    const __m256 low = _mm256_permutevar8x32_ps(_mm256_loadu_ps(half), halves);
    const __m256 high = _mm256_permutevar8x32_ps(_mm256_loadu_ps(half + 8), halves);
    return _mm256_blendv_pd((__m256d)low, (__m256d)high, (__m256d)shift_left(index, 61)); /* bit 2 to the sign */
#else
    return vlookup_in_memory(table, index, 7);
#endif
}

/* The first `count` lanes (count < LANES). */
INLINE vmask vfew(ptrdiff_t count)
{
#if LEVEL == LEVEL_AVX512
    return (LANE_MASK)((1u << count) - 1);
#elif LEVEL == LEVEL_SCALAR
    return -(INT)(0 < count);
#else
    INT lane[LANES];
    ivec v;
    for (int i = 0; i < LANES; i++)
        lane[i] = i;
    memcpy(&v, lane, sizeof v);
    return v < isplat((INT)count);
#endif
}

/* The first `count` lanes of memory (count < LANES), `fill` in the others: reads nothing beyond. */
INLINE vec vload_some(const REAL *p, ptrdiff_t count, REAL fill)
{
#if LEVEL == LEVEL_AVX512
    return INTRINSIC(_mm512_mask_loadu_)(vsplat(fill), vfew(count), p);
#elif LEVEL == LEVEL_AVX2
    const vmask few = vfew(count);
    return vselect(few, INTRINSIC(_mm256_maskload_)(p, (__m256i)few), vsplat(fill));
#else
    REAL lane[LANES];
    for (int i = 0; i < LANES; i++)
        lane[i] = fill;
    for (ptrdiff_t i = 0; i < count; i++)
        lane[i] = p[i];
    return vload(lane);
#endif
}

INLINE void vstore_some(REAL *p, vec v, ptrdiff_t count)
{
#if LEVEL == LEVEL_AVX512
    INTRINSIC(_mm512_mask_storeu_)(p, vfew(count), v);
#elif LEVEL == LEVEL_AVX2
    INTRINSIC(_mm256_maskstore_)(p, (__m256i)vfew(count), v);
#else
    REAL lane[LANES];
    vstore(lane, v);
    for (ptrdiff_t i = 0; i < count; i++)
        p[i] = lane[i];
#endif
}

/* The first `count` lanes of v, `fill` in the others; all of it from LANES on. */
INLINE vec vfirst(vec v, ptrdiff_t count, REAL fill)
{
    return count >= LANES ? v : vselect(vfew(count), v, vsplat(fill));
}

/* A store that goes around the caches; p aligned to a register. The processor orders it with this thread's own, and the pool's locks,
   whose instructions wait for all stores, with those of the caller. */
INLINE void vstream(REAL *p, vec v)
{
#if LEVEL == LEVEL_AVX512
    INTRINSIC(_mm512_stream_)(p, v);
#elif LEVEL == LEVEL_AVX2
    INTRINSIC(_mm256_stream_)(p, v);
#elif LEVEL == LEVEL_SSE2
    INTRINSIC(_mm_stream_)(p, v);
#else
    vstore(p, v);
#endif
}

/* Brings what lies `ahead` bytes behind p into the cache, if there is anything; 0 is as good as nothing. */
INLINE void vprefetch(const REAL *p, ptrdiff_t ahead)
{
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch((const void *)((uintptr_t)p + (uintptr_t)ahead));
#else
    (void)p, (void)ahead;
#endif
}

/* The lanes whose bytes in memory, one a lane, are not 0. */
INLINE vmask vbytes(const char *p)
{
#if LEVEL == LEVEL_AVX512 && BITS == 64
    __m128i bytes = _mm_loadl_epi64((const __m128i *)p);
    return (vmask)_mm_test_epi8_mask(bytes, bytes);
#elif LEVEL == LEVEL_AVX512
    __m128i bytes = _mm_loadu_si128((const __m128i *)p);
    return _mm_test_epi8_mask(bytes, bytes);
#elif LEVEL == LEVEL_AVX2 && BITS == 64
    int bytes;
    memcpy(&bytes, p, sizeof bytes);
    return (ivec)_mm256_cvtepi8_epi64(_mm_cvtsi32_si128(bytes)) != isplat(0);
#elif LEVEL == LEVEL_AVX2
    return (ivec)_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)p)) != isplat(0);
#else
    INT lane[LANES];
    ivec bits;
    for (int i = 0; i < LANES; i++)
        lane[i] = -(INT)(p[i] != 0);
    memcpy(&bits, lane, sizeof bits);
    return bits;
#endif
}

/* Stores the lanes that the mask selects side by side and returns how many; writes a whole register. */
INLINE int vpack(REAL *p, vec v, vmask mask)
{
#if LEVEL == LEVEL_AVX512
    vstore(p, INTRINSIC(_mm512_maskz_compress_)(mask, v));
    return __builtin_popcount(mask);
#else
    INT bits[LANES];
    REAL lane[LANES];
    int count = 0;
    memcpy(bits, &mask, sizeof bits);
    vstore(lane, v);
    for (int i = 0; i < LANES; i++) {
        p[count] = lane[i];
        count += bits[i] & 1;
    }
    return count;
#endif
}

/* The same for any count: a whole register from LANES on. */
INLINE vec vload_first(const REAL *p, ptrdiff_t count, REAL fill)
{
    return count >= LANES ? vload(p) : vload_some(p, count, fill);
}

INLINE void vstore_first(REAL *p, vec v, ptrdiff_t count)
{
    if (count >= LANES)
        vstore(p, v);
    else
        vstore_some(p, v, count);
}

/* The same around the caches where asked (a constant); p is then at a register's boundary, if the register is whole. */
INLINE void vstore_or_stream(REAL *p, vec v, ptrdiff_t count, int stream)
{
    if (stream && count >= LANES)
        vstream(p, v);
    else
        vstore_first(p, v, count);
}

/* Runs the statements for i = 0, LANES, 2 LANES, ... below n, where `count` elements are to be done: LANES, a constant to
   the compiler, but for the last strip. */
#ifndef STRIPS
#define STRIPS(i, n, ...) STRIPS_FROM(i, 0, n, __VA_ARGS__)
#define STRIPS_FROM(i, start, n, ...)                                                                                  \
    do {                                                                                                               \
        ptrdiff_t i = (start);                                                                                         \
        for (; i + LANES <= (n); i += LANES) {                                                                         \
            const ptrdiff_t count = LANES;                                                                             \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
        if (i < (n)) {                                                                                                 \
            const ptrdiff_t count = (n) - i;                                                                           \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    } while (0)
/* The same with a shorter strip first, so that the others begin at a register's boundary at p and touch one cache line each,
   which halves what a simple loop waits for the cache; large arrays of NumPy begin 16 bytes behind such a boundary. Not worth it
   below ALIGNED_FROM elements. */
#define ALIGNED_FROM (16 * LANES)
#define STRIPS_ALIGNED(i, n, p, ...)                                                                                   \
    do {                                                                                                               \
        const ptrdiff_t lead = (n) < ALIGNED_FROM ? 0 : to_boundary(p);                                                \
        if (lead > 0) {                                                                                                \
            const ptrdiff_t i = 0, count = lead;                                                                       \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
        STRIPS_FROM(i, lead, n, __VA_ARGS__);                                                                          \
    } while (0)
/* Runs the statements where `flag` is a constant that says what the condition does. */
#define BY_FLAG(flag, condition, ...)                                                                                  \
    do {                                                                                                               \
        if (condition) {                                                                                               \
            const int flag = 1;                                                                                        \
            __VA_ARGS__                                                                                                \
        } else {                                                                                                       \
            const int flag = 0;                                                                                        \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    } while (0)
#define BY_STREAM(condition, ...) BY_FLAG(streams, condition, __VA_ARGS__)
#endif

/* Elements from p to the next boundary of a register; 0 where none lies there. */
INLINE ptrdiff_t to_boundary(const REAL *p)
{
    const uintptr_t beyond = (uintptr_t)p % sizeof(vec);
    return beyond == 0 || beyond % sizeof(REAL) != 0 ? 0 : (ptrdiff_t)((sizeof(vec) - beyond) / sizeof(REAL));
}

/* Whether STRIPS_ALIGNED begins at a boundary. */
INLINE int is_aligned_by_strips(ptrdiff_t n, const REAL *p)
{
    return n >= ALIGNED_FROM && (uintptr_t)p % sizeof(REAL) == 0;
}
