/* One translation unit for every instruction set: the template is included once for each, inside a region that the compiler may
   fill with that set's instructions, and leaves a table of function pointers. Nothing else knows of instruction sets.
   To add one: a level here, its overrides in vector.h, an inclusion, an entry in SETS and a test in lanes_runnable. */

#include "lanes.h"
#include "coefficients.h"
#include "names.h"
#include "scalar.h"
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error "arithmetic of more digits than its type has breaks the error-free sums: 32-bit x86 needs -msse2 -mfpmath=sse"
#endif

#define LEVEL_SCALAR 0 /* one lane, any C99 compiler */
#define LEVEL_SSE2 1
#define LEVEL_AVX2 2
#define LEVEL_AVX512 3
#define LEVEL_NEON 4

#if defined(__GNUC__) || defined(__clang__)
#define INLINE static inline __attribute__((always_inline, unused))
#else
#define INLINE static __inline
#endif

#if defined(__GNUC__) && defined(__x86_64__)
#define ON_X86 1
#include <immintrin.h>
#elif defined(__GNUC__) && defined(__aarch64__)
#define ON_ARM 1
#include <arm_neon.h>
#endif

#if defined(__clang__) || __GNUC__ >= 12
#define SHUFFLE __builtin_shufflevector
/* Whether a register holds the four numbers that are shuffled: a compiler takes wider vectors to pieces. */
#define SHUFFLES (2 * BYTES >= BITS)
#else
#define SHUFFLES 0
#endif

/* Whether half a register of float32 becomes one of doubles by a builtin. */
#if defined(__clang__) || __GNUC__ >= 9
#define WIDENS (LEVEL != LEVEL_SCALAR)
#else
#define WIDENS 0
#endif

#define INTRINSIC_PASTE(prefix, suffix) prefix##suffix
#define INTRINSIC_EXPAND(prefix, suffix) INTRINSIC_PASTE(prefix, suffix)
#define INTRINSIC(prefix) INTRINSIC_EXPAND(prefix, PACKED)
#define COMPARISON(prefix) INTRINSIC_EXPAND(INTRINSIC(prefix), _mask)

#define LANES_MEMBERS                                                                                                  \
    {rows_maximum, rows_sum, rows_roughly, rows_others, rows_store, rows_normalise, rows_exponentiate, rows_subtract}, \
        {columns_maximum, columns_sum,       columns_roughly,      columns_others,                                     \
         columns_store,   columns_normalise, columns_exponentiate, columns_subtract},                                  \
        states_peaks, states_rescale, states_absorb, states_whole, states_origins, states_inverse, rows_weighted,      \
        row_softmax, row_log_softmax, columns_softmax, columns_divide, columns_logs, states_logs, tile_gather,         \
        tile_hide, tile_select

#define ELEMENTWISE_MEMBERS                                                                                            \
    expit, softplus, log_expit, log1mexp, logexpm1, logit, entr, logcosh, logaddexp, logsubexp, xlogy

#define LOSS_MEMBERS row_find, rows_target, rows_slope, columns_largest, columns_target, columns_slope, logistic

#if ON_X86

#define LEVEL LEVEL_SSE2
#define SET baseline
#define BYTES 16
#define HAS_FMA 0
#include "template.h"

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#define LEVEL LEVEL_AVX2
#define SET avx2
#define BYTES 32
#define HAS_FMA 1
#include "template.h"
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#if !defined(__APPLE__)
#define WITH_AVX512 1
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))),                   \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")
#endif
#define LEVEL LEVEL_AVX512
#define SET avx512
#define BYTES 64
#define HAS_FMA 1
#include "template.h"
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

#elif ON_ARM

#define LEVEL LEVEL_NEON
#define SET neon
#define BYTES 16
#define HAS_FMA 1
#include "template.h"

#else

#define LEVEL LEVEL_SCALAR
#define SET scalar
#define BYTES 8
#define HAS_FMA 0
#include "template.h"

#endif

static const struct lanes_set SETS[] = {
#if ON_X86
    {"baseline", 16, &table_baseline_f64, &table_baseline_f32},
    {"avx2", 32, &table_avx2_f64, &table_avx2_f32},
#if WITH_AVX512
    {"avx512", 64, &table_avx512_f64, &table_avx512_f32},
#endif
#elif ON_ARM
    {"neon", 16, &table_neon_f64, &table_neon_f32},
#else
    {"scalar", 8, &table_scalar_f64, &table_scalar_f32},
#endif
};

const struct lanes_set *lanes_built(int index)
{
    return index < (int)(sizeof SETS / sizeof SETS[0]) ? &SETS[index] : NULL;
}

int lanes_runnable(int index)
{
#if ON_X86
    __builtin_cpu_init();
    if (SETS[index].bytes == 32)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (SETS[index].bytes == 64)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#endif
    return lanes_built(index) != NULL;
}

const char *lanes_compiler(void)
{
#if defined(__clang__)
    return "clang " __clang_version__;
#elif defined(__GNUC__)
    return "gcc " __VERSION__;
#else
    return "unknown";
#endif
}
